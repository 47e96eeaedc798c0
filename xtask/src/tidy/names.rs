//! Spin's rules for names in a manifest.

/// Words of lower-case letters and digits, each beginning with a letter, joined by one delimiter.
fn words(id: &str, delimiter: char) -> bool {
    id.split(delimiter).all(|word| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}

/// A component's id. Spin would also take words in capitals; we do not, since ids are host names in local chaining.
pub(super) fn is_kebab(id: &str) -> bool {
    words(id, '-')
}

/// The label of a store.
pub(super) fn is_label(id: &str) -> bool {
    words(id, '-') || words(id, '_')
}

/// A variable. Both of Spin's rules: the manifest's (words begin with a letter) and the resolver's.
pub(super) fn is_variable(name: &str) -> bool {
    words(name, '_')
}

/// A route: absolute, `:name` for one segment, `...` only as the last one.
pub(super) fn is_route(route: &str) -> bool {
    let Some(rest) = route.strip_prefix('/') else {
        return false;
    };
    let segments: Vec<&str> = rest.split('/').collect();
    segments.iter().enumerate().all(|(index, segment)| {
        let last = index + 1 == segments.len();
        if segment.contains("...") {
            *segment == "..." && last
        } else {
            (last || !segment.is_empty()) && !segment.contains(['*', '?', '#', ' '])
        }
    })
}

#[test]
fn names_follow_spins_rules() {
    for good in ["a", "identity", "sample-agent", "v2-api"] {
        assert!(is_kebab(good), "{good}");
    }
    for bad in ["", "a_b", "a--b", "-a", "a-", "1a", "a-1", "Sample", "a.b"] {
        assert!(!is_kebab(bad), "{bad}");
    }
    for good in ["a", "abc", "a1b2c3", "database_url"] {
        assert!(is_variable(good), "{good}");
    }
    for bad in ["", "aX", "1bc", "_x", "x.y", "x_", "a__b", "x-y", "a_1"] {
        assert!(!is_variable(bad), "{bad}");
    }
    assert!(
        is_label("snake_case")
            && is_label("kebab-case")
            && !is_label("b@dlabel")
            && !is_label("a_b-c")
    );
    for good in [
        "/",
        "/...",
        "/api/v1/auth/...",
        "/users/:id",
        "/api/openapi.json",
    ] {
        assert!(is_route(good), "{good}");
    }
    for bad in ["", "api", "/a/.../b", "/a...", "/a//b", "/a/*"] {
        assert!(!is_route(bad), "{bad}");
    }
}
