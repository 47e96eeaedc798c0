//! Secrets of a workspace, put into the headers that name them: only here, and only for a host that a secret may be sent to.

use crate::db::ScopedDb;
use crate::guard::Actor;
use crate::outbound::OutboundError;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::{Keyring, Secret};
use crate::write_only::place;
use assay_access::{Permission, PermissionSet, hash_secret};
use assay_model::{HeaderPart, MetricSpec, SealedSecret, SecretHeader, SecretSpec};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// The table of secrets.
const TABLE: &str = "secrets";

/// Headers with the values of secrets in them, and those values, which are to be taken out of the answer.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) values: Vec<Secret>,
}

/// What a header may sign.
pub(crate) struct Signed<'a> {
    /// When, in seconds since 1970.
    pub(crate) time_s: i64,
    /// The request's body.
    pub(crate) body: &'a [u8],
}

impl Signed<'_> {
    /// `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>`: the time keeps a recorded call from being sent again.
    fn by(&self, secret: &str) -> String {
        let (time, body) = (self.time_s, String::from_utf8_lossy(self.body));
        let tag = hash_secret(secret.as_bytes(), &format!("{time}.{body}"));
        format!("t={time},v1={tag}")
    }
}

/// Refuses metrics that name secrets to whoever may not make what names them: agents, tools and metrics alike send a secret out, and
/// to run what somebody else has written is less than to say where a secret goes. `at` is the JSON pointer of the list.
///
/// # Errors
/// `forbidden`, with the fields that name secrets.
pub fn may_name(actor: &Actor, at: &str, metrics: &[MetricSpec]) -> Result<(), Problem> {
    let named = naming(actor.grant.permissions, at, metrics);
    if named.is_empty() {
        return Ok(());
    }
    let detail = "A metric that names secrets needs the permission `resources_write`.";
    let problem = Problem::new(ProblemKind::Forbidden, detail);
    let message = "names a secret, which needs the permission `resources_write`";
    let told = named.into_iter();
    Err(told.fold(problem, |p, field| p.naming(field, message)))
}

/// The fields that name secrets which whoever has these permissions may not name.
fn naming(permissions: PermissionSet, at: &str, metrics: &[MetricSpec]) -> Vec<String> {
    if permissions.has(Permission::ResourcesWrite) {
        return Vec::new();
    }
    let metrics = metrics.iter().enumerate();
    metrics
        .flat_map(|(i, metric)| {
            let secrets = metric.secrets().into_iter();
            secrets.map(move |(field, _)| format!("{at}/{i}{field}"))
        })
        .collect()
}

/// Those of `names` that the workspace has, sealed, by name.
///
/// # Errors
/// When the store fails.
pub async fn sealed(
    db: &ScopedDb,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, SealedSecret>, Problem> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!(
        "SELECT id, name, spec, credential FROM secrets \
         WHERE workspace_id = $1 AND deleted_at IS NULL AND credential IS NOT NULL AND name IN ({list})"
    );
    let rows = db.query(&sql, [json!(names).to_string().into()]).await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let sealed = SealedSecret {
            id: row.text("id")?,
            hosts: row.json::<SecretSpec>("spec")?.hosts,
            envelope: row.text("credential")?,
        };
        found.insert(row.text("name")?, sealed);
    }
    Ok(found)
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
    signed: &Signed<'_>,
) -> Result<Filled, OutboundError> {
    let mut filled = Filled::default();
    for header in headers {
        let mut value = String::new();
        for part in &header.parts {
            match part {
                HeaderPart::Text(text) => value.push_str(text),
                HeaderPart::Secret(name) | HeaderPart::Signature(name) => {
                    let sealed = allowed(name, secrets, url)?;
                    let secret = keyring.open(&place(TABLE, &sealed.id), &sealed.envelope)?;
                    match part {
                        HeaderPart::Signature(_) => value.push_str(&signed.by(secret.expose())),
                        _ => value.push_str(secret.expose()),
                    }
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

    #[test]
    fn to_name_a_secret_takes_more_than_to_evaluate() {
        let metric = |spec: serde_json::Value| serde_json::from_value(spec).unwrap();
        let metrics: [MetricSpec; 3] = [
            metric(json!({"kind": "webhook", "params": {"url": "https://a.example"}})),
            metric(
                json!({"kind": "webhook", "params": {"url": "https://a.example", "signing_secret": "s",
                "headers": {"Authorization": "Bearer {{ secrets.t }}"}}}),
            ),
            metric(json!({"kind": "contains", "params": {"values": ["{{ secrets.t }}"]}})),
        ];
        let all = Permission::ALL.iter().copied();
        let without: PermissionSet = all
            .clone()
            .filter(|p| *p != Permission::ResourcesWrite)
            .collect();
        assert_eq!(
            naming(without, "/metrics", &metrics),
            [
                "/metrics/1/params/headers/Authorization",
                "/metrics/1/params/signing_secret"
            ]
        );
        assert_eq!(naming(all.collect(), "/metrics", &metrics), [""; 0]);
    }

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
        let parts = vec![
            HeaderPart::Text("Bearer ".into()),
            HeaderPart::Secret(secret.into()),
        ];
        filled_with(url, parts)
    }

    fn filled_with(url: &str, parts: Vec<HeaderPart>) -> Result<Filled, String> {
        let header = SecretHeader {
            name: "authorization".into(),
            parts,
        };
        let url = Url::parse(url).unwrap();
        let signed = Signed {
            time_s: 1_700_000_000,
            body: br#"{"a":1}"#,
        };
        fill(&[header], &secrets(), &url, &keyring(), &signed).map_err(|e| e.to_string())
    }

    #[test]
    fn a_signature_is_sent_and_its_secret_is_not() {
        let sign = |url: &str| filled_with(url, vec![HeaderPart::Signature("weather".into())]);
        let filled = sign("https://api.example.com/").unwrap();
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac canary-value
        let expected =
            "t=1700000000,v1=eb55eb6f52ed64eb6b1a9f50574c2b00cd3bab94b01fd16db649906385574ebc";
        assert_eq!(filled.headers[0].1, expected);
        assert_eq!(filled.values[0].expose(), "canary-value");
        assert!(sign("https://example.com/").is_err());
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
