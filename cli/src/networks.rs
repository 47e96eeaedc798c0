//! Which addresses the engine connects to. It judges what a name resolved to, so that a public name that leads to a private
//! address opens nothing.

use assay_host::Networks;
use std::collections::BTreeMap;

/// Addresses that the operator configured: they may be private.
const CONFIGURED: [&str; 4] = [
    "database_url",
    "clickhouse_url",
    "oidc_issuer",
    "invitation_webhook_url",
];

/// Private addresses are refused unless `allow_private`, or on loopback where the platform is on loopback itself.
pub(crate) fn policy(
    variables: &BTreeMap<String, String>,
    allow_private: bool,
    on_loopback: bool,
) -> Networks {
    let mut exceptions: Vec<String> = CONFIGURED
        .iter()
        .filter_map(|name| authority(variables.get(*name)?))
        .collect();
    if on_loopback {
        exceptions.extend(["127.0.0.0/8", "::1/128"].map(str::to_owned));
    }
    Networks {
        block_private: !allow_private,
        exceptions,
        ..Networks::default()
    }
}

/// `host:port` of a URL, as the engine compares it.
fn authority(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    let port = uri.port_u16().or(match uri.scheme_str()? {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" | "postgresql" => Some(5432),
        _ => None,
    })?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    Some(format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_refused_unless_the_operator_says_so() {
        let none = BTreeMap::new();
        let there = policy(&none, false, false);
        assert!(there.block_private && there.exceptions.is_empty());
        let here = policy(&none, false, true);
        assert_eq!(here.exceptions, ["127.0.0.0/8", "::1/128"]);
        assert!(!policy(&none, true, false).block_private);
    }

    #[test]
    fn what_is_configured_is_reached() {
        let variables = [
            ("database_url", "postgres://u:p@db.internal/assay"),
            ("clickhouse_url", "http://[fd00::7]:8123"),
            ("oidc_issuer", "https://login.example.com/x"),
        ];
        let variables = variables.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        assert_eq!(
            policy(&variables, false, false).exceptions,
            ["db.internal:5432", "fd00::7:8123", "login.example.com:443"]
        );
    }
}
