//! Secrets of a workspace, put into the headers that name them: only here, and only for a host that a secret may be sent to.

use crate::outbound::OutboundError;
use crate::secrets::{Keyring, Secret};
use crate::write_only::place;
use assay_model::{HeaderPart, SealedSecret, SecretHeader};
use std::collections::BTreeMap;
use url::Url;

/// The table of secrets.
const TABLE: &str = "secrets";

/// Headers with the values of secrets in them, and those values, which are to be taken out of the answer.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) values: Vec<Secret>,
}

/// Opens the secrets that headers name.
///
/// # Errors
/// [`OutboundError`] when there is no such secret, when it may not be sent to the URL's host, or when it cannot be opened.
pub(crate) fn fill(
    headers: &[SecretHeader],
    secrets: &BTreeMap<String, SealedSecret>,
    url: &Url,
    keyring: &Keyring,
) -> Result<Filled, OutboundError> {
    let mut filled = Filled::default();
    for header in headers {
        let mut value = String::new();
        for part in &header.parts {
            match part {
                HeaderPart::Text(text) => value.push_str(text),
                HeaderPart::Secret(name) => {
                    let sealed = allowed(name, secrets, url)?;
                    let secret = keyring.open(&place(TABLE, &sealed.id), &sealed.envelope)?;
                    value.push_str(secret.expose());
                    filled.values.push(secret);
                }
            }
        }
        filled.headers.push((header.name.clone(), value));
    }
    Ok(filled)
}

fn allowed<'s>(
    name: &str,
    secrets: &'s BTreeMap<String, SealedSecret>,
    url: &Url,
) -> Result<&'s SealedSecret, OutboundError> {
    let forbidden = |why: String| Err(OutboundError::Forbidden(why));
    let Some(sealed) = secrets.get(name) else {
        return forbidden(format!("the workspace has no secret `{name}`"));
    };
    let host = url.host_str().unwrap_or_default();
    if sealed.hosts.iter().any(|h| h == host.trim_end_matches('.')) {
        return Ok(sealed);
    }
    forbidden(format!("the secret `{name}` may not be sent to `{host}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    fn keyring() -> Keyring {
        Keyring::parse(&STANDARD.encode([1; 32])).unwrap()
    }

    fn secrets() -> BTreeMap<String, SealedSecret> {
        let sealed = SealedSecret {
            id: "1".into(),
            hosts: vec!["api.example.com".into(), "[::1]".into()],
            envelope: keyring()
                .seal("secrets/1/credential", "canary-value")
                .unwrap(),
        };
        // The same envelope in another row.
        let moved = SealedSecret {
            id: "2".into(),
            ..sealed.clone()
        };
        BTreeMap::from([("weather".into(), sealed), ("moved".into(), moved)])
    }

    fn filled(url: &str, secret: &str) -> Result<Filled, String> {
        let header = SecretHeader {
            name: "authorization".into(),
            parts: vec![
                HeaderPart::Text("Bearer ".into()),
                HeaderPart::Secret(secret.into()),
            ],
        };
        let url = Url::parse(url).unwrap();
        fill(&[header], &secrets(), &url, &keyring()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_secret_is_put_in_for_its_hosts() {
        for url in [
            "https://api.example.com/v1",
            "https://API.example.com.:8443/",
            "http://[::1]:80/",
        ] {
            let filled = filled(url, "weather").unwrap();
            let expected = ("authorization".to_owned(), "Bearer canary-value".to_owned());
            assert_eq!(filled.headers, [expected], "{url}");
            assert_eq!(filled.values[0].expose(), "canary-value");
        }
    }

    #[test]
    fn anywhere_else_it_is_refused_in_words() {
        for url in [
            "https://example.com/",
            "https://api.example.com.evil.example/",
            "https://api.example.com@evil.example/",
            "https://evil.example/?api.example.com",
        ] {
            let why = filled(url, "weather").unwrap_err();
            assert!(why.contains("`weather` may not be sent to"), "{why}");
            assert!(!why.contains("canary"), "{why}");
        }
        let why = filled("https://api.example.com/", "other").unwrap_err();
        assert!(why.contains("has no secret `other`"), "{why}");
        let why = filled("https://api.example.com/", "moved").unwrap_err();
        assert!(why.contains("cannot be opened"), "{why}");
    }
}
