//! Whether an address may be forwarded to: none that user-given URLs may not reach, and not this platform.
//!
//! A name that leads here by another way is not found out. Then what arrives bears the mark of what was forwarded, and
//! goes no further.

use assay_edge::outbound::check_url;
use assay_edge::{Ctx, Problem};
use assay_model::DestinationSpec;
use url::{Host, Url};

/// Refuses an address that may not be forwarded to.
pub(super) fn check(ctx: &Ctx, spec: &DestinationSpec) -> Result<(), Problem> {
    let endpoint = spec.endpoint();
    let url = check_url(&endpoint, &ctx.platform.config.private_targets)
        .map_err(|e| Problem::field("/url", e.to_string()))?;
    let here = [ctx.base_url(), ctx.platform.config.public_url.clone()];
    let here = here.iter().filter_map(|own| Url::parse(own).ok());
    if here.into_iter().any(|own| same_server(&own, &url)) {
        let message = "leads to this platform, which has these traces already";
        return Err(Problem::field("/url", message));
    }
    Ok(())
}

/// Scheme, host and port of a URL.
pub(super) fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

fn same_server(a: &Url, b: &Url) -> bool {
    let same_host = match (a.host(), b.host()) {
        (Some(a), Some(b)) => a == b || (is_loopback(&a) && is_loopback(&b)),
        _ => false,
    };
    same_host && a.port_or_known_default() == b.port_or_known_default()
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_unspecified(),
        Host::Ipv6(ip) => {
            let mapped = ip.to_ipv4_mapped();
            ip.is_loopback() || ip.is_unspecified() || mapped.is_some_and(|ip| ip.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_server_in_other_words() {
        let same = |a: &str, b: &str| same_server(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        for (a, b, expected) in [
            (
                "http://127.0.0.1:3210",
                "http://127.0.0.1:3210/v1/traces",
                true,
            ),
            ("http://127.0.0.1:3210", "http://localhost:3210/", true),
            ("http://127.0.0.1:3210", "http://[::1]:3210/", true),
            ("http://127.0.0.1:3210", "http://127.0.0.1:6006/", false),
            ("https://assay.example", "https://ASSAY.example:443/x", true),
            ("https://assay.example", "https://langfuse.example", false),
            ("https://assay.example", "http://assay.example", false),
        ] {
            assert_eq!(same(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn origins_hold_neither_path_nor_query() {
        assert_eq!(origin("https://X.example/a?key=b"), "https://x.example");
        assert_eq!(origin("no"), "");
    }
}
