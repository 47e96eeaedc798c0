//! Where a request comes from.

use crate::config::Config;
use http::HeaderMap;
use std::net::{IpAddr, Ipv6Addr};

/// The client's address without its port. The engine writes `spin-client-addr`; `x-forwarded-for` counts only where the
/// operator says that a proxy of theirs writes it, and then only its last entry, which that proxy added.
pub(crate) fn of(headers: &HeaderMap, config: &Config) -> Option<IpAddr> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if config.trust_forwarded_for {
        let all = headers.get_all("x-forwarded-for").iter();
        let last = all.filter_map(|v| v.to_str().ok()).next_back();
        if let Some(ip) = last.and_then(|v| parse(v.rsplit(',').next()?.trim())) {
            return Some(ip);
        }
    }
    parse(text("spin-client-addr")?)
}

/// An address, with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[');
    let bare = bare.split_once(']').map_or(bare, |(ip, _)| ip);
    let ip = bare
        .parse()
        .ok()
        .or_else(|| bare.rsplit_once(':')?.0.parse().ok())?;
    Some(match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        v4 => v4,
    })
}

/// Who is counted as one: an IPv4 address, or the network of 64 bits that one household or server gets.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling() {
        for (text, ip) in [
            ("127.0.0.1:4000", "127.0.0.1"),
            ("10.0.0.1", "10.0.0.1"),
            ("[::1]:80", "::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:10.0.0.1]:9", "10.0.0.1"),
        ] {
            assert_eq!(parse(text), ip.parse().ok(), "{text}");
        }
        assert_eq!(parse("unknown"), None);
    }

    #[test]
    fn a_house_is_one() {
        let [a, b] =
            ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"].map(|t| network(t.parse().unwrap()));
        assert_eq!(a, b);
        assert_ne!(a, network("2001:db8:0:2::1".parse().unwrap()));
    }
}
