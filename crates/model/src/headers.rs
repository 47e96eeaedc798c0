//! Request headers that a client wants to be sent with calls to its own server.

use crate::Validator;
use crate::secret::names_secret;
use std::collections::BTreeMap;

/// Headers the platform sets itself.
const RESERVED: [&str; 8] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
    "x-assay-internal",
];

/// At most 50, with names and values that HTTP takes, and none that the platform sets or that is one of `also`.
pub(crate) fn check(v: &mut Validator, headers: &BTreeMap<String, String>, also: &[&str]) {
    let why = "is set by the platform; use `auth`";
    check_all(v, headers, also, why, |_, _| false);
}

/// The same for a server that takes no credential of ours: what proves the caller names a secret of the workspace.
pub fn check_shown(v: &mut Validator, headers: &BTreeMap<String, String>, also: &[&str]) {
    let why = "is set by the platform, or would hold a secret, and headers are shown again: name a secret of the \
               workspace, as in `Bearer {{ secrets.name }}`";
    check_all(v, headers, also, why, |name, value| {
        name == "authorization" && names_secret(value)
    });
}

fn check_all(
    v: &mut Validator,
    headers: &BTreeMap<String, String>,
    also: &[&str],
    reserved: &'static str,
    may: impl Fn(&str, &str) -> bool,
) {
    v.require(headers.len() <= 50, "", "must have at most 50 entries");
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        let token = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        v.require(token, name, "is not a header name");
        v.require(
            may(&lower, value)
                || !RESERVED.contains(&lower.as_str()) && !also.contains(&lower.as_str()),
            name,
            reserved,
        );
        v.require(
            value.bytes().all(|b| (32..127).contains(&b)),
            name,
            "must be printable ASCII",
        );
    }
}

/// The name of the header that carries a credential.
pub(crate) fn check_auth_name(v: &mut Validator, name: &str) {
    let token = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    v.require(token, "name", "is not a header name");
}
