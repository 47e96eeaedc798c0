//! Secrets of a workspace: what a client says of one, and how headers name them.

use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names of secrets.
const NAME: &str = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";
/// Most hosts of one secret.
const MAX_HOSTS: usize = 20;

/// A secret as a client writes it. Its value is write-only and kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretSpec {
    /// What headers call it, as in `{{ secrets.weather }}`; unique in the workspace.
    #[schemars(regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// The hosts that it may be sent to, e.g. `api.example.com`: names or addresses, without a port. To change them takes
    /// the value.
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 253)))]
    pub hosts: Vec<String>,
}

impl Validate for SecretSpec {
    fn check(&self, v: &mut Validator) {
        v.require(
            is_name(&self.name),
            "name",
            "must be a name: 1 to 64 letters, digits and `_`, not a digit first",
        );
        v.longest("description", &self.description, 10_000);
        v.require(
            (1..=MAX_HOSTS).contains(&self.hosts.len()),
            "hosts",
            format!("must have 1 to {MAX_HOSTS} entries"),
        );
        v.at("hosts", |v| {
            for (i, host) in self.hosts.iter().enumerate() {
                // As URLs have it once they were parsed: `EXAMPLE.com` or `0x7f.1` would never be met.
                let parsed = url::Host::parse(host).map(|h| h.to_string());
                v.require(
                    parsed.is_ok_and(|h| h == *host && !h.ends_with('.') && !h.contains('*')),
                    &i.to_string(),
                    "must be a host alone, in small letters, as in `api.example.com`",
                );
            }
        });
    }
}

/// Whether a text can be the name of a secret.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    starts && text.len() <= 64 && text.bytes().all(plain)
}

/// A secret at rest, as whoever makes a call is handed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSecret {
    /// Its id.
    pub id: String,
    /// The hosts that it may be sent to.
    pub hosts: Vec<String>,
    /// The envelope of its value.
    pub envelope: String,
}

/// A part of a header's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderPart {
    /// Text that is sent as it is.
    Text(String),
    /// The name of the secret whose value is sent.
    Secret(String),
    /// The name of the secret that the body is signed with: the signature is sent, the secret is not.
    Signature(String),
}

/// A header whose value names secrets. The values are put in when the call is made, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretHeader {
    /// The header's name, in lower case.
    pub name: String,
    /// Its value.
    pub parts: Vec<HeaderPart>,
}

impl SecretHeader {
    /// No header, as HTTP/2 has it: what is put in is the path of the URL.
    pub const PATH: &'static str = ":path";

    /// The header, where its value names a secret; what stands between is a template of its own, for `render`. What a template
    /// comes to is text, whatever it says: no secret can be named from there.
    ///
    /// # Errors
    /// What `render` says.
    pub fn of<E>(
        name: &str,
        value: &str,
        mut render: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<Option<Self>, E> {
        let parts = parts(value);
        if !parts.iter().any(|p| matches!(p, HeaderPart::Secret(_))) {
            return Ok(None);
        }
        let render = |part| match part {
            HeaderPart::Text(template) => render(&template).map(HeaderPart::Text),
            other => Ok(other),
        };
        let parts = parts.into_iter().map(render);
        Ok(Some(Self {
            name: name.to_ascii_lowercase(),
            parts: parts.collect::<Result<_, E>>()?,
        }))
    }
}

/// The value of a header, split at `{{ secrets.name }}`. Whatever else has braces is text here.
fn parts(value: &str) -> Vec<HeaderPart> {
    let mut parts = Vec::new();
    let (mut text, mut rest) = (String::new(), value);
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let named = after.split_once("}}").and_then(|(inner, after)| {
            let name = inner.trim().strip_prefix("secrets.")?;
            is_name(name).then_some((name, after))
        });
        match named {
            Some((name, after)) => {
                if !text.is_empty() {
                    parts.push(HeaderPart::Text(std::mem::take(&mut text)));
                }
                parts.push(HeaderPart::Secret(name.to_owned()));
                rest = after;
            }
            None => {
                text.push_str("{{");
                rest = after;
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(HeaderPart::Text(text));
    }
    parts
}

/// Whether the value of a header names a secret.
pub(crate) fn names_secret(value: &str) -> bool {
    let parts = parts(value);
    parts.iter().any(|p| matches!(p, HeaderPart::Secret(_)))
}

/// The secrets that headers name, each with its JSON pointer below `at`.
pub(crate) fn named(at: &str, headers: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let of = |(name, value): (&String, &String)| {
        let pointer = format!("{at}/{name}");
        let parts = parts(value).into_iter();
        parts.filter_map(move |part| match part {
            HeaderPart::Secret(secret) => Some((pointer.clone(), secret)),
            HeaderPart::Text(_) | HeaderPart::Signature(_) => None,
        })
    };
    headers.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> HeaderPart {
        HeaderPart::Text(text.into())
    }

    fn secret(name: &str) -> HeaderPart {
        HeaderPart::Secret(name.into())
    }

    #[test]
    fn secrets_are_told_from_text() {
        let check = |value: &str, expected: &[HeaderPart]| assert_eq!(parts(value), expected);
        check("Bearer {{ secrets.a }}", &[text("Bearer "), secret("a")]);
        check(
            "{{secrets.a}}:{{ secrets.b_2 }};",
            &[secret("a"), text(":"), secret("b_2"), text(";")],
        );
        check("{{ name }} x", &[text("{{ name }} x")]);
        check("{{ {{ secrets.a }}", &[text("{{ "), secret("a")]);
        for none in [
            "",
            "plain",
            "{{ secrets }}",
            "{{ secrets. }}",
            "{{ secrets.a | upper }}",
            "{{ secrets.2 }}",
            "{{ secrets.a",
            "{{",
        ] {
            assert!(!names_secret(none), "{none}");
        }
    }

    #[test]
    fn what_a_template_comes_to_names_no_secret() {
        let forged = |_: &str| Ok::<_, ()>("{{ secrets.b }}".to_owned());
        let header = SecretHeader::of("X-Key", "{{ said }}{{ secrets.a }}", forged);
        let header = header.unwrap().unwrap();
        assert_eq!(header.name, "x-key");
        assert_eq!(header.parts, [text("{{ secrets.b }}"), secret("a")]);
        assert_eq!(SecretHeader::of("X-Key", "{{ said }}", forged), Ok(None));
    }

    #[test]
    fn names_every_wrong_field() {
        let spec = |name: &str, hosts: &[&str]| SecretSpec {
            name: name.into(),
            description: String::new(),
            hosts: hosts.iter().map(|&h| h.to_owned()).collect(),
        };
        let fields = |spec: SecretSpec| -> Vec<String> {
            let errors = spec.validate().err().unwrap_or_default();
            errors.into_iter().map(|e| e.field).collect()
        };
        let fine = [
            "api.example.com",
            "10.0.0.1",
            "[::1]",
            "xn--bcher-kva.example",
        ];
        assert!(fields(spec("weather", &fine)).is_empty());
        let wrong = [
            "EXAMPLE.com",
            "a.example:443",
            "https://a.example",
            "0x7f.1",
            "a.example.",
            "*.example",
            "",
        ];
        let found = fields(spec("2nd", &wrong));
        assert_eq!(found.len(), 1 + wrong.len(), "{found:?}");
        assert_eq!(found[..2], ["/name", "/hosts/0"]);
        assert_eq!(fields(spec("a", &[])), ["/hosts"]);
    }
}
