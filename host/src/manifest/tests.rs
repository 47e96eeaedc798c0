//! Manifests, good and bad, and what is said of each.

use super::*;

const GOOD: &str = r#"
spin_manifest_version = 2
[application]
name = "app"
[variables]
host = { default = "h" }
token = { required = true, secret = true }
[[trigger.http]]
route = "/..."
component = "one"
[[trigger.http]]
route = { private = true }
component = "two"
[[trigger.http]]
route = "/robots.txt"
static_response = { status_code = 200, headers = { content-type = "text/plain" }, body = "no" }
[component.one]
source = "one.wasm"
key_value_stores = ["default"]
allowed_outbound_hosts = ["https://{{ host }}"]
[component.one.variables]
where = "https://{{ host }}/x"
[component.one.build]
command = "cargo build"
[component.two]
source = "two.wasm"
"#;

#[track_caller]
fn check(change: (&str, &str), expected: &str) {
    assert!(GOOD.contains(change.0), "{}", change.0);
    let text = GOOD.replacen(change.0, change.1, 1);
    let error = Manifest::parse(&text).unwrap_err();
    assert!(error.contains(expected), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn a_good_manifest_is_read() {
    let manifest = Manifest::parse(GOOD).unwrap();
    assert_eq!(manifest.components.len(), 2);
    assert_eq!(manifest.triggers[1].route, None);
    assert_eq!(manifest.warnings, Vec::<String>::new());
}

#[test]
fn slips_are_named_in_one_line() {
    check(
        ("spin_manifest_version = 2", "spin_manifest_version = 1"),
        "version 1 is not supported",
    );
    check(
        ("spin_manifest_version = 2", ""),
        "spin_manifest_version = 2 is missing",
    );
    check(
        ("key_value_stores", "key_value_store"),
        "line 19: unknown field `key_value_store`",
    );
    check(("source = \"one.wasm\"", ""), "missing field `source`");
    check(
        (
            "source = \"one.wasm\"",
            "source = { url = \"x\", digest = \"y\" }",
        ),
        "must be a file",
    );
    check(
        ("component = \"two\"", "component = \"three\""),
        "no [component.three]",
    );
    check(
        ("{ private = true }", "{ private = false }"),
        "private = false",
    );
    check(("{ private = true }", "3"), "`route` is a pattern");
    check(
        ("{ default = \"h\" }", "{}"),
        "needs either `default` or `required = true`",
    );
    check(
        ("[\"https://{{ host }}\"]", "[\"https://{{ nope }}\"]"),
        "unknown variable `nope`",
    );
    check(("where =", "Where ="), "lower_snake_case");
    check(("[component.two]", "[component.two_x]"), "kebab-case");
    check(("[application]", "[application"), "line 3");
    check(
        (
            "source = \"two.wasm\"",
            "source = \"two.wasm\"\nfiles = [\"a\"]",
        ),
        "`files` is not supported",
    );
    check(
        (
            "[[trigger.http]]\nroute = \"/...\"",
            "[[trigger.redis]]\nroute = \"/...\"",
        ),
        "unknown field `redis`",
    );
    check(
        ("component = \"two\"", ""),
        "needs one of `component` and `static_response`",
    );
}

#[test]
fn a_component_without_trigger_is_a_warning() {
    let manifest = Manifest::parse(&format!(
        "{GOOD}\n[component.three]\nsource = \"3.wasm\"\nexclude_files = [\"x\"]"
    ))
    .unwrap();
    assert_eq!(manifest.warnings.len(), 2, "{:?}", manifest.warnings);
    assert!(manifest.warnings[0].contains("component.three.exclude_files is ignored"));
    assert!(manifest.warnings[1].contains("component.three has no trigger"));
}

#[test]
fn a_component_may_be_bounded() {
    let bounded = |table: &str| {
        let text = format!(
            "{GOOD}[component.two.tool.assay-host]\n{table}\n[component.two.tool.other]\nx = 1\n"
        );
        Manifest::parse(&text).map(|m| {
            m.components
                .into_iter()
                .find(|c| c.id == "two")
                .unwrap()
                .bounds
        })
    };
    assert_eq!(
        Manifest::parse(GOOD).unwrap().components[1].bounds,
        Bounds::default()
    );
    let all = bounded("memory_mib = 64\ntimeout_ms = 1500\nsingle_use = true").unwrap();
    let expected = Bounds {
        memory_bytes: Some(64 << 20),
        timeout: Some(std::time::Duration::from_millis(1500)),
        single_use: true,
    };
    assert_eq!(all, expected);
    for (table, words) in [
        ("memory_mib = 0", "`memory_mib` must be"),
        ("timeout_ms = 0", "`timeout_ms` must be"),
        ("memory_mib = -1", "expected u32"),
        ("memory = 1", "unknown field `memory`"),
        ("single_use = 1", "boolean"),
    ] {
        let error = bounded(table).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn bounds_take_and_never_give() {
    let limits = crate::Limits::default();
    let wide = Bounds {
        memory_bytes: Some(usize::MAX),
        timeout: Some(std::time::Duration::from_secs(1 << 30)),
        single_use: false,
    };
    let within = limits.within(&wide);
    assert_eq!(within.max_memory_bytes, limits.max_memory_bytes);
    assert_eq!(within.request_timeout, limits.request_timeout);
    assert_eq!(within.instance_requests, limits.instance_requests);
    let single = Bounds {
        single_use: true,
        ..Bounds::default()
    };
    assert_eq!(limits.within(&single).instance_requests, 1);
}
