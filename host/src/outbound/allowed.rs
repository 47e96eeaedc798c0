//! `allowed_outbound_hosts`: `scheme://host[:port]`, each part with wildcards, as Spin reads it.

use std::net::IpAddr;

use http::Uri;
use ip_network::IpNetwork;
use url::Host;

/// What one component may reach.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedHosts(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    /// `None`: any.
    scheme: Option<String>,
    host: HostRule,
    port: PortRule,
}

#[derive(Clone, Debug)]
enum HostRule {
    Any,
    /// With its leading dot.
    Subdomain(String),
    Itself,
    Exactly(Host),
    Network(IpNetwork),
    /// `*.spin.internal`: the components of this application.
    Components(Vec<String>),
}

#[derive(Clone, Debug)]
enum PortRule {
    Any,
    /// First and last.
    Range(u16, u16),
}

impl AllowedHosts {
    /// `hosts` with all variables resolved. An entry that a variable left empty allows nothing.
    pub(crate) fn parse(hosts: &[String], components: &[String]) -> Result<Self, String> {
        let mut rules = Vec::new();
        for host in hosts {
            let host = host.trim();
            if host.is_empty() || host == "http://" || host == "https://" {
                continue;
            }
            rules.push(Rule::parse(host, components).map_err(|e| format!("`{host}`: {e}"))?);
        }
        Ok(Self(rules))
    }

    pub(crate) fn allows(&self, uri: &Uri) -> bool {
        let Some(host) = uri.host() else { return false };
        self.allows_parts(uri.scheme_str().unwrap_or("https"), host, uri.port_u16())
    }

    pub(crate) fn allows_parts(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        let Ok(host) = Host::parse(host) else {
            return false;
        };
        let Some(port) = port.or_else(|| default_port(scheme)) else {
            return false;
        };
        self.0.iter().any(|rule| rule.allows(scheme, &host, port))
    }

    /// Whether requests to the application itself are allowed.
    pub(crate) fn allows_self(&self) -> bool {
        let http = |rule: &Rule| {
            rule.scheme
                .as_deref()
                .is_none_or(|s| s == "http" || s == "https")
        };
        self.0
            .iter()
            .any(|rule| http(rule) && matches!(rule.host, HostRule::Any | HostRule::Itself))
    }
}

impl Rule {
    fn parse(text: &str, components: &[String]) -> Result<Self, String> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("must be `scheme://host[:port]`")?;
        if scheme != "*" && (scheme.is_empty() || !scheme.chars().all(char::is_alphabetic)) {
            return Err(format!("`{scheme}` is not a scheme"));
        }
        // A network has a slash, and an IPv6 address colons: both before a port is looked for.
        let (host, port) = match HostRule::parse(rest, components) {
            Ok(host) if !rest.is_empty() => (host, ""),
            _ => {
                let (host, port) = rest.rsplit_once(':').unwrap_or((rest, ""));
                let port = port.strip_suffix('/').unwrap_or(port);
                if port.contains('/') {
                    return Err("must not have a path".into());
                }
                (HostRule::parse(host, components)?, port)
            }
        };
        let port = PortRule::parse(port, scheme)?;
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host,
            port,
        })
    }

    fn allows(&self, scheme: &str, host: &Host, port: u16) -> bool {
        self.scheme.as_deref().is_none_or(|s| s == scheme)
            && self.host.allows(host)
            && self.port.allows(port)
    }
}

impl HostRule {
    fn parse(text: &str, components: &[String]) -> Result<Self, String> {
        let text = text.trim();
        match text {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Itself),
            _ => {}
        }
        if text.contains('/')
            && let Ok(network) = IpNetwork::from_str_truncate(text)
        {
            return Ok(Self::Network(network));
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.contains('/') {
            return Err("must not have a path".into());
        }
        if let Some(domain) = text.strip_prefix("*.") {
            if domain == "spin.internal" {
                return Ok(Self::Components(
                    components
                        .iter()
                        .map(|id| format!("{id}.{domain}"))
                        .collect(),
                ));
            }
            return match Host::parse(domain) {
                Ok(Host::Domain(domain)) if !domain.contains('*') => {
                    Ok(Self::Subdomain(format!(".{domain}")))
                }
                _ => Err(format!("`{domain}` is not a domain")),
            };
        }
        if text.contains('*') {
            return Err("a wildcard stands for the whole host or for its first part".into());
        }
        Host::parse(text)
            .map(Self::Exactly)
            .map_err(|e| format!("`{text}`: {e}"))
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Subdomain(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::Exactly(allowed), host) => allowed == host,
            (Self::Network(network), Host::Ipv4(ip)) => network.contains(IpAddr::V4(*ip)),
            (Self::Network(network), Host::Ipv6(ip)) => network.contains(IpAddr::V6(*ip)),
            (Self::Components(hosts), Host::Domain(domain)) => hosts.contains(domain),
            _ => false,
        }
    }
}

impl PortRule {
    fn parse(text: &str, scheme: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| format!("`{text}` is not a port"))
        };
        match text {
            "" => match default_port(scheme) {
                Some(port) => Ok(Self::Range(port, port)),
                None => Err(format!(
                    "the scheme `{scheme}` has no default port: name one"
                )),
            },
            "*" => Ok(Self::Any),
            _ => match text.split_once("..") {
                // The end is excluded, as in Spin.
                Some((first, end)) => {
                    Ok(Self::Range(number(first)?, number(end)?.saturating_sub(1)))
                }
                None => number(text).map(|port| Self::Range(port, port)),
            },
        }
    }

    fn allows(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Range(first, last) => (*first..=*last).contains(&port),
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(hosts: &[&str]) -> Result<AllowedHosts, String> {
        let hosts: Vec<String> = hosts.iter().map(|h| (*h).to_owned()).collect();
        AllowedHosts::parse(&hosts, &["one".into(), "two".into()])
    }

    #[track_caller]
    fn check(rule: &str, allowed: &[&str], refused: &[&str]) {
        let hosts = parse(&[rule]).unwrap();
        for uri in allowed {
            assert!(hosts.allows(&uri.parse().unwrap()), "{rule} allows {uri}");
        }
        for uri in refused {
            assert!(!hosts.allows(&uri.parse().unwrap()), "{rule} refuses {uri}");
        }
    }

    #[test]
    fn rules_allow_what_they_say() {
        check(
            "https://a.com",
            &["https://a.com/x", "https://a.com:443"],
            &["http://a.com", "https://a.com:444", "https://b.a.com"],
        );
        check(
            "https://*.a.com",
            &["https://b.a.com", "https://c.b.a.com"],
            &["https://a.com", "https://ba.com"],
        );
        check(
            "*://a.com:*",
            &["http://a.com", "https://a.com:9", "redis://a.com"],
            &["http://b.com"],
        );
        check(
            "http://127.0.0.1:8000..8002",
            &["http://127.0.0.1:8000", "http://127.0.0.1:8001"],
            &["http://127.0.0.1:8002"],
        );
        check(
            "http://10.0.0.0/8:*",
            &["http://10.1.2.3:5"],
            &["http://11.0.0.1:5"],
        );
        check(
            "http://10.0.0.0/8",
            &["http://10.1.2.3"],
            &["http://10.1.2.3:81"],
        );
        check(
            "http://[::1]:8080",
            &["http://[::1]:8080/"],
            &["http://[::1]/"],
        );
        check(
            "http://*.spin.internal",
            &["http://one.spin.internal/x"],
            &["http://three.spin.internal", "https://one.spin.internal"],
        );
        check(
            "http://two.spin.internal",
            &["http://two.spin.internal/x"],
            &["http://one.spin.internal"],
        );
        check(
            "*://*:*",
            &["http://x.com", "https://one.spin.internal"],
            &[],
        );
        check("http://self", &[], &["http://self.com", "http://127.0.0.1"]);
        check("http://a.com/", &["http://a.com"], &[]);
    }

    #[test]
    fn itself() {
        assert!(parse(&["http://self"]).unwrap().allows_self());
        assert!(parse(&["*://*:*"]).unwrap().allows_self());
        assert!(!parse(&["https://a.com"]).unwrap().allows_self());
        assert!(!parse(&["", "https://"]).unwrap().allows_self());
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            "a.com",
            "*",
            "http://a.com/x",
            "http://a.com:99/x",
            "http://a*.com",
            "ftp://a.com",
            "http://a.com:x",
            "ht!p://a.com",
        ] {
            assert!(parse(&[bad]).is_err(), "{bad}");
        }
    }
}
