//! Addresses of e-mail: a search from each `@` to both sides.

use std::ops::Range;

/// The longest domain there is, in bytes (RFC 1035). What is longer is cut, so that no text takes long.
const LONGEST: usize = 253;

/// Endings of file names that follow an `@` in the names of image files, and are no domains.
const FILES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "svg", "webp"];

pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let floor = found.last().map_or(0, |span| span.end);
        let (Some(left), Some(right)) = (text.get(floor..at), text.get(at + 1..)) else {
            continue;
        };
        let local = local_part(left);
        let domain = domain_length(right);
        // `git@host:path` is how repositories are named.
        let person = left
            .get(left.len() - local..)
            .is_some_and(|name| !name.is_empty() && name != "git");
        if person && domain > 0 {
            found.push(at - local..at + 1 + domain);
        }
    }
    found
}

/// How many bytes before the `@` are the name.
fn local_part(left: &str) -> usize {
    let start = left
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || "._%+-'".contains(*c))
        .last()
        .map_or(left.len(), |(i, _)| i);
    let run = left.get(start..).unwrap_or_default();
    let name = run.trim_start_matches(['.', '-', '\'', '%', '+']);
    if name.ends_with('.') { 0 } else { name.len() }
}

/// How many bytes after the `@` are a domain.
fn domain_length(right: &str) -> usize {
    let end = right
        .find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '.'))
        .unwrap_or(right.len());
    let end = right.floor_char_boundary(end.min(LONGEST));
    let mut domain = right.get(..end).unwrap_or_default();
    if let Some(empty) = domain.find("..") {
        domain = domain.get(..empty).unwrap_or_default();
    }
    // What does not end like a domain may be followed by something else: `a@example.org.2`.
    while let Some((rest, last)) = domain.rsplit_once('.') {
        // A dash may follow the address: `a@example.org-`.
        let top = last.split('-').next().unwrap_or_default();
        let top = if is_top(last) { last } else { top };
        if is_top(top) && is_name(rest) {
            return rest.len() + 1 + top.len();
        }
        domain = rest;
    }
    0
}

/// What stands before the top level. `1.0` of `package@1.0.beta` is a version; `163` of `a@163.com` is a name.
fn is_name(rest: &str) -> bool {
    let version = rest.contains('.') && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    !version && rest.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
}

fn is_top(label: &str) -> bool {
    let letters = label.chars().count() >= 2 && label.chars().all(char::is_alphabetic);
    (letters || label.starts_with("xn--"))
        && !FILES.iter().any(|file| label.eq_ignore_ascii_case(file))
}

#[cfg(test)]
mod tests {
    use crate::class::Class::Email;
    use crate::class::check::finds;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("Write to bob@example.com.", "bob@example.com"),
            (
                "<Ann.Lee+tag@mail.example.co.uk>",
                "Ann.Lee+tag@mail.example.co.uk",
            ),
            ("to=o'neil@example.ie&x", "o'neil@example.ie"),
            ("'bob@example.com'", "bob@example.com"),
            ("mailto:jörg@müller.de", "jörg@müller.de"),
            ("x@xn--mller-kva.de", "x@xn--mller-kva.de"),
            ("x@example.xn--p1ai", "x@example.xn--p1ai"),
            ("bob@example.org.2", "bob@example.org"),
            ("a@b.io...", "a@b.io"),
            ("bob@example.com-", "bob@example.com"),
            ("bob@example.com--x", "bob@example.com"),
            ("bob@163.com", "bob@163.com"),
            ("digit@example.com", "digit@example.com"),
            ("legit@example.com", "legit@example.com"),
        ] {
            finds(Email, text, &[expected]);
        }
        finds(
            Email,
            "a@x.org,b@y.org;c@z.org",
            &["a@x.org", "b@y.org", "c@z.org"],
        );
    }

    #[test]
    fn no_addresses() {
        for text in [
            "@property",
            "bob@localhost",
            "pkg@1.2.3",
            "pkg@1.0.beta-1",
            "logo@2x.png",
            "git@github.com:owner/repo.git",
            "a @ b.com",
            "mail me @home.",
            "x@-bad.com",
            "user@.com",
            "10 @ 5.50",
        ] {
            finds(Email, text, &[]);
        }
    }
}
