//! Spin's rules for `allowed_outbound_hosts`: `<scheme>://<host>[:<port>]`, each part perhaps `*`, variables allowed in braces.

use std::collections::BTreeMap;

/// The names used in `{{ ... }}`; an unclosed brace is an error.
pub(super) fn templates(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let (name, next) = after
            .split_once("}}")
            .ok_or_else(|| format!("{text:?}: a brace is not closed"))?;
        names.push(name.trim().to_owned());
        rest = next;
    }
    Ok(names)
}

/// Checks one entry as it is when every variable has its default. `None` stands for a required variable, whose value only the
/// operator knows. Spin leaves an entry out when its variable makes it empty (an optional endpoint), and refuses the whole application
/// when an entry turns out wrong.
pub(super) fn check(
    entry: &str,
    variables: &BTreeMap<String, Option<String>>,
) -> Result<(), String> {
    let names = templates(entry)?;
    let optional = !names.is_empty();
    let mut resolved = entry.to_owned();
    for name in names {
        let Some(default) = variables.get(&name) else {
            return Err(format!("{entry:?}: no variable {name:?}"));
        };
        let Some(default) = default else {
            return Ok(());
        };
        let start = resolved.find("{{").unwrap_or_default();
        let end = resolved.find("}}").map_or(resolved.len(), |at| at + 2);
        resolved.replace_range(start..end, default);
    }
    if optional && ["", "http://", "https://"].contains(&resolved.as_str()) {
        return Ok(());
    }
    address(resolved.trim()).map_err(|why| format!("{entry:?}: {why}"))
}

fn address(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("is empty".into());
    }
    let (scheme, rest) = text.split_once("://").ok_or("has no scheme")?;
    if scheme != "*" && (scheme.is_empty() || !scheme.chars().all(char::is_alphabetic)) {
        return Err("has a scheme that is no word".into());
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !host.contains('[') || host.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    if let Some(port) = port {
        let number = |text: &str| text.parse::<u16>().is_ok();
        let range = port
            .split_once("..")
            .is_some_and(|(from, to)| number(from) && number(to));
        if port != "*" && !number(port) && !range {
            return Err(format!("has the port {port:?}"));
        }
    } else if scheme == "*"
        || ![
            "http", "https", "postgres", "mysql", "redis", "mqtt", "mqtts",
        ]
        .contains(&scheme)
    {
        return Err("needs a port, since its scheme has no usual one".into());
    }
    if is_network(host) {
        return Ok(());
    }
    let name = host
        .strip_prefix("*.")
        .unwrap_or(if host == "*" { "any" } else { host });
    let name = name.strip_suffix('/').unwrap_or(name);
    if name.contains('/') {
        return Err("has a path".into());
    }
    if name.is_empty()
        || name.contains('*')
        || !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.:[]".contains(c))
    {
        return Err(format!("has the host {host:?}"));
    }
    Ok(())
}

/// `10.0.0.0/8`.
fn is_network(host: &str) -> bool {
    host.split_once('/').is_some_and(|(address, bits)| {
        address.parse::<std::net::IpAddr>().is_ok()
            && bits.parse::<u8>().is_ok_and(|bits| bits <= 128)
    })
}

#[test]
fn hosts_follow_spins_rules() {
    let variables = BTreeMap::from([
        ("host".to_owned(), Some("db.example".to_owned())),
        ("empty".to_owned(), Some(String::new())),
        (
            "with_path".to_owned(),
            Some("postgres://u@db/name".to_owned()),
        ),
        ("required".to_owned(), None),
    ]);
    for good in [
        "http://*.spin.internal",
        "https://*:*",
        "*://*:*",
        "https://api.example.com",
        "postgres://{{ host }}:5432",
        "{{ required }}",
        "{{ empty }}",
        "https://{{ empty }}",
        "http://self",
        "http://127.0.0.1:8000..9000",
        "*://10.0.0.0/8:*",
    ] {
        assert_eq!(check(good, &variables), Ok(()), "{good}");
    }
    for bad in [
        "",
        "*",
        "api.example.com",
        "https://api.example.com/v1",
        "https://api.*.com",
        "https://*.*.com",
        "https://host:port",
        "tcp://host",
        "postgres://{{ empty }}",
        "{{ with_path }}",
        "{{ unknown }}",
        "https://{{ host",
    ] {
        assert!(check(bad, &variables).is_err(), "{bad}");
    }
}
