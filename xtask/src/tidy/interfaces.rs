//! What Spin 4.1 offers to a component: the world `spin:up/http-trigger@4.1.0`, as far as it is stable.

/// A package, the newest version that Spin has, and its interfaces.
struct Offer {
    package: &'static str,
    version: [u32; 3],
    interfaces: &'static [&'static str],
}

const fn offer(
    package: &'static str,
    version: [u32; 3],
    interfaces: &'static [&'static str],
) -> Offer {
    Offer {
        package,
        version,
        interfaces,
    }
}

const OFFERS: &[Offer] = &[
    offer(
        "wasi:cli",
        [0, 2, 6],
        &[
            "environment",
            "exit",
            "stdin",
            "stdout",
            "stderr",
            "terminal-input",
            "terminal-output",
            "terminal-stdin",
            "terminal-stdout",
            "terminal-stderr",
        ],
    ),
    offer("wasi:clocks", [0, 2, 6], &["monotonic-clock", "wall-clock"]),
    offer("wasi:filesystem", [0, 2, 6], &["types", "preopens"]),
    offer("wasi:http", [0, 2, 6], &["types", "outgoing-handler"]),
    offer("wasi:io", [0, 2, 6], &["error", "poll", "streams"]),
    offer(
        "wasi:random",
        [0, 2, 6],
        &["random", "insecure", "insecure-seed"],
    ),
    offer(
        "wasi:sockets",
        [0, 2, 6],
        &[
            "instance-network",
            "ip-name-lookup",
            "network",
            "tcp",
            "tcp-create-socket",
            "udp",
            "udp-create-socket",
        ],
    ),
    offer(
        "wasi:cli",
        [0, 3, 0],
        &[
            "environment",
            "exit",
            "types",
            "stdin",
            "stdout",
            "stderr",
            "terminal-input",
            "terminal-output",
            "terminal-stdin",
            "terminal-stdout",
            "terminal-stderr",
        ],
    ),
    offer(
        "wasi:clocks",
        [0, 3, 0],
        &["types", "monotonic-clock", "system-clock"],
    ),
    offer("wasi:filesystem", [0, 3, 0], &["types", "preopens"]),
    offer("wasi:http", [0, 3, 0], &["types", "client"]),
    offer(
        "wasi:random",
        [0, 3, 0],
        &["random", "insecure", "insecure-seed"],
    ),
    offer("wasi:sockets", [0, 3, 0], &["types", "ip-name-lookup"]),
    offer("spin:key-value", [3, 0, 0], &["key-value"]),
    offer("spin:mqtt", [3, 0, 0], &["mqtt"]),
    offer("spin:mysql", [3, 0, 0], &["mysql"]),
    offer("spin:postgres", [3, 0, 0], &["postgres"]),
    offer("spin:postgres", [4, 2, 0], &["postgres"]),
    offer("spin:redis", [3, 0, 0], &["redis"]),
    offer("spin:sqlite", [3, 1, 0], &["sqlite"]),
    offer("spin:variables", [3, 0, 0], &["variables"]),
    offer(
        "fermyon:spin",
        [2, 0, 0],
        &[
            "key-value",
            "llm",
            "mqtt",
            "mysql",
            "postgres",
            "rdbms-types",
            "redis",
            "sqlite",
            "variables",
        ],
    ),
];

/// Whether Spin can give this import: the same package and interface, and a version that the offered one is compatible with.
pub(super) fn is_offered(import: &str) -> bool {
    let Some((package, rest)) = import.split_once('/') else {
        return false;
    };
    let Some((interface, version)) = rest.split_once('@') else {
        return false;
    };
    let Some(wanted) = parse(version) else {
        return false;
    };
    OFFERS.iter().any(|offer| {
        offer.package == package
            && offer.interfaces.contains(&interface)
            && is_compatible(wanted, offer.version)
    })
}

/// Whether Spin's HTTP trigger knows how to call this export.
pub(super) fn is_http_handler(export: &str) -> bool {
    export == "wasi:http/handler@0.3.0" || export.starts_with("wasi:http/incoming-handler@0.2")
}

/// Plain numbers only: a pre-release is a promise of nothing.
fn parse(version: &str) -> Option<[u32; 3]> {
    let numbers: Vec<u32> = version
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    numbers.try_into().ok()
}

/// As package versions go: up to the first number that is not zero all must be equal, and the rest must not be newer. WASI 0.2 is an
/// exception: its later patches added nothing to these interfaces, and Spin's runtime links every 0.2.x to the one it has, so that a
/// library which was generated from 0.2.12 runs there.
fn is_compatible(wanted: [u32; 3], offered: [u32; 3]) -> bool {
    if let ([0, 2, _], [0, 2, _]) = (wanted, offered) {
        return true;
    }
    let fixed = offered.iter().position(|number| *number != 0).unwrap_or(2) + 1;
    wanted[..fixed] == offered[..fixed] && wanted <= offered
}

#[test]
fn only_what_spin_offers_is_offered() {
    for good in [
        "wasi:io/streams@0.2.6",
        "wasi:io/streams@0.2.0",
        "wasi:io/streams@0.2.12",
        "wasi:http/types@0.3.0",
        "wasi:http/client@0.3.0",
        "spin:key-value/key-value@3.0.0",
        "spin:sqlite/sqlite@3.1.0",
        "spin:sqlite/sqlite@3.0.0",
        "spin:postgres/postgres@4.2.0",
        "spin:postgres/postgres@4.0.0",
    ] {
        assert!(is_offered(good), "{good}");
    }
    for bad in [
        "wasi:io/streams@0.3.0",
        "wasi:http/client@0.3.1",
        "wasi:http/handler@0.3.0",
        "wasi:http/types@0.3.0-rc-2026-03-15",
        "wasi:nn/tensor@0.2.0-rc-2024-10-28",
        "spin:sqlite/sqlite@3.2.0",
        "spin:postgres/postgres@5.0.0",
        "spin:queue/queue@1.0.0",
        "env",
        "wasi:io/streams",
    ] {
        assert!(!is_offered(bad), "{bad}");
    }
    assert!(is_http_handler("wasi:http/handler@0.3.0"));
    assert!(!is_http_handler("wasi:http/handler@0.4.0") && !is_http_handler("wasi:cli/run@0.2.6"));
}
