//! Which addresses may be connected to.
//!
//! Judged on the address that a name has resolved to, right before the connection is made: a name that changes its
//! address after it was checked gains nothing.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ip_network::IpNetwork;

use crate::{Networks, runtime_config::OutboundNetworking};

/// The operator's policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct NetworkPolicy(Arc<Rules>);

#[derive(Debug, Default)]
struct Rules {
    block_private: bool,
    blocked: Vec<IpNetwork>,
    allowed: Vec<IpNetwork>,
    /// `host:port`, in lower case.
    trusted: Vec<String>,
}

impl NetworkPolicy {
    pub(crate) fn new(options: &Networks, config: &OutboundNetworking) -> Result<Self, String> {
        let mut rules = Rules {
            block_private: options.block_private,
            ..Rules::default()
        };
        for text in options.blocked.iter().chain(&config.block_networks) {
            if text == "private" {
                rules.block_private = true;
            } else {
                rules.blocked.push(network(text)?);
            }
        }
        for text in options.exceptions.iter().chain(&config.allow_networks) {
            match network(text) {
                Ok(network) => rules.allowed.push(network),
                Err(_) if text.contains(':') && !text.contains('/') => {
                    rules.trusted.push(text.to_ascii_lowercase())
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Self(Arc::new(rules)))
    }

    /// Whether `address`, which `host` resolved to, may be connected to.
    pub(crate) fn allows(&self, host: &str, address: SocketAddr) -> bool {
        let rules = &*self.0;
        let ip = canonical(address.ip());
        if !rules.blocks(ip) || rules.allowed.iter().any(|network| network.contains(ip)) {
            return true;
        }
        let host = host.to_ascii_lowercase();
        rules.trusted.iter().any(|trusted| {
            trusted
                .rsplit_once(':')
                .is_some_and(|(name, port)| name == host && port == address.port().to_string())
        })
    }
}

impl Rules {
    fn blocks(&self, ip: IpAddr) -> bool {
        (self.block_private && !is_public(ip))
            || self.blocked.iter().any(|network| network.contains(ip))
    }
}

fn is_public(ip: IpAddr) -> bool {
    // Translated and tunnelled addresses carry an IPv4 address that may be private.
    if let IpAddr::V6(v6) = ip {
        let s = v6.segments();
        let embedded = match s {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some((high, low)),
            _ => None,
        };
        if let Some((high, low)) = embedded {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            return is_public(IpAddr::from([a, b, c, d]));
        }
    }
    !ip.is_multicast() && IpNetwork::from(ip).is_global()
}

/// An IPv4 address written as IPv6 is that IPv4 address.
fn canonical(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => match v6.to_ipv4() {
            Some(v4) if !v6.is_loopback() && !v6.is_unspecified() => IpAddr::V4(v4),
            _ => ip,
        },
        IpAddr::V4(_) => ip,
    }
}

fn network(text: &str) -> Result<IpNetwork, String> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(IpNetwork::from(ip));
    }
    IpNetwork::from_str_truncate(text).map_err(|e| format!("network `{text}`: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(blocked: &[&str], exceptions: &[&str]) -> NetworkPolicy {
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        let options = Networks {
            block_private: false,
            blocked: strings(blocked),
            exceptions: strings(exceptions),
        };
        NetworkPolicy::new(&options, &OutboundNetworking::default()).unwrap()
    }

    fn allows(policy: &NetworkPolicy, host: &str, ip: &str, port: u16) -> bool {
        policy.allows(host, SocketAddr::new(ip.parse().unwrap(), port))
    }

    #[test]
    fn private_addresses_are_blocked_in_every_notation() {
        let policy = policy(&["private"], &[]);
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::10.0.0.1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
        ] {
            assert!(!allows(&policy, "evil.example", ip, 80), "{ip}");
        }
        for ip in [
            "93.184.216.34",
            "2606:2800:220:1::1",
            "::ffff:93.184.216.34",
            "64:ff9b::5db8:d822",
        ] {
            assert!(allows(&policy, "example.com", ip, 80), "{ip}");
        }
    }

    #[test]
    fn exceptions_are_by_network_or_by_name_and_port() {
        let policy = policy(
            &["private", "198.51.100.0/24"],
            &["127.0.0.1/32", "model.local:8080"],
        );
        assert!(allows(&policy, "any", "127.0.0.1", 1));
        assert!(allows(&policy, "Model.local", "10.0.0.5", 8080));
        assert!(!allows(&policy, "model.local", "10.0.0.5", 8081));
        assert!(!allows(&policy, "other.local", "10.0.0.5", 8080));
        assert!(!allows(&policy, "x", "198.51.100.7", 80));
    }

    #[test]
    fn without_rules_everything_is_allowed() {
        assert!(allows(&policy(&[], &[]), "x", "127.0.0.1", 80));
        let bad = Networks {
            blocked: vec!["nonsense".into()],
            ..Networks::default()
        };
        assert!(NetworkPolicy::new(&bad, &OutboundNetworking::default()).is_err());
    }
}
