//! Addresses on the internet.

use super::groups::Groups;
use super::{begins_word, ends_word};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// The longest text of an IPv6 address, one with an IPv4 address at its end.
const V6_LONGEST: usize = 45;

pub(super) fn v4(text: &str) -> Vec<Range<usize>> {
    let groups = Groups::of(text);
    let mut found = Vec::new();
    let mut i = 0;
    while i + 3 < groups.list.len() {
        let joined = |i| groups.gap(i) == Some(".");
        let span = (joined(i) && joined(i + 1) && joined(i + 2) && stands_alone(&groups, i))
            .then(|| groups.span(i, i + 3))
            .flatten();
        match span {
            Some(span) if names_a_host_v4(text.get(span.clone())) => {
                found.push(span);
                i += 4;
            }
            _ => i += 1,
        }
    }
    found
}

/// No longer dotted number, such as an object identifier, and no part of a word, such as `v1.2.3.4`.
fn stands_alone(groups: &Groups<'_>, i: usize) -> bool {
    let (Some(first), Some(last)) = (groups.get(i), groups.get(i + 3)) else {
        return false;
    };
    begins_word(groups.text, first.start)
        && ends_word(groups.text, last.end)
        && groups.gap_before(i) != Some(".")
        && groups.gap(i + 3) != Some(".")
}

fn names_a_host_v4(text: Option<&str>) -> bool {
    text.and_then(|text| text.parse::<Ipv4Addr>().ok())
        .is_some_and(|a| !a.is_loopback() && !a.is_unspecified())
}

pub(super) fn v6(text: &str) -> Vec<Range<usize>> {
    let part = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let run = bytes
            .get(i..)
            .map_or(0, |rest| rest.iter().take_while(|b| part(b)).count());
        found.extend(v6_in(text, i..i + run));
        i += run + 1;
    }
    found
}

/// The addresses within a run of hex digits, colons and dots. Each begins the run or follows a colon of it.
fn v6_in(text: &str, run: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = run.start;
    while start < run.end {
        let rest = text.get(start..run.end).unwrap_or_default();
        let Some(first_colon) = rest.find(':') else {
            break;
        };
        match (begins_word(text, start) && promising(rest))
            .then(|| v6_at(text, start, run.end))
            .flatten()
        {
            Some(end) => {
                found.push(start..end);
                start = end;
            }
            None => start += first_colon + 1,
        }
    }
    found
}

/// Whether a range in use begins so: most runs of digits and colons are times.
fn promising(rest: &str) -> bool {
    match rest.find(':') {
        Some(0) => rest
            .get(..7)
            .is_some_and(|head| head.eq_ignore_ascii_case("::ffff:")),
        Some(4) => rest.starts_with(['2', '3', 'f', 'F']),
        _ => false,
    }
}

/// Where the address at `start` ends: the longest one within the run.
fn v6_at(text: &str, start: usize, limit: usize) -> Option<usize> {
    let longest = limit.min(start + V6_LONGEST);
    // No address has fewer than 4 characters here: `fe::` is in no range in use.
    (start + 5..=longest).rev().find(|end| {
        ends_word(text, *end)
            && text
                .get(start..*end)
                .and_then(|t| t.parse::<Ipv6Addr>().ok())
                .is_some_and(in_use)
    })
}

/// Global unicast, unique local, link local, multicast, IPv4-mapped. Anything else is more likely to be code, as `a[1::2]`
/// and `face::add` are.
fn in_use(address: Ipv6Addr) -> bool {
    let first = address.segments().first().copied().unwrap_or(0);
    matches!(first, 0x2000..=0x3fff | 0xfc00..=0xfdff | 0xfe80..=0xfebf | 0xff00..=0xffff)
        || address
            .to_ipv4_mapped()
            .is_some_and(|a| !a.is_loopback() && !a.is_unspecified())
}

#[cfg(test)]
mod tests {
    use crate::class::Class::{Ipv4, Ipv6};
    use crate::class::check::finds;

    #[test]
    fn v4_addresses() {
        for (text, expected) in [
            ("from 203.0.113.7.", "203.0.113.7"),
            ("10.0.0.1/24", "10.0.0.1"),
            ("http://192.168.1.20:8080/", "192.168.1.20"),
            ("ip=255.255.255.255", "255.255.255.255"),
        ] {
            finds(Ipv4, text, &[expected]);
        }
        finds(Ipv4, "1.1.1.1, 8.8.8.8 9", &["1.1.1.1", "8.8.8.8"]);
    }

    #[test]
    fn no_v4_addresses() {
        for text in [
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "v1.2.3.4",
            "1.2.3.4a",
            "Chrome/120.0.6099.109",
            "127.0.0.1 0.0.0.0",
            "01.02.03.04",
            "1. 2. 3. 4.",
        ] {
            finds(Ipv4, text, &[]);
        }
    }

    #[test]
    fn v6_addresses() {
        for (text, expected) in [
            ("2001:db8::1", "2001:db8::1"),
            (
                "ip:2001:db8:0:0:8:800:200c:417a.",
                "2001:db8:0:0:8:800:200c:417a",
            ),
            ("[2001:DB8::8:800]:443", "2001:DB8::8:800"),
            ("fe80::1%eth0", "fe80::1"),
            ("fd12:3456:789a::/48", "fd12:3456:789a::"),
            ("::ffff:203.0.113.7", "::ffff:203.0.113.7"),
            ("node:2001:db8::5: up", "2001:db8::5"),
        ] {
            finds(Ipv6, text, &[expected]);
        }
        finds(
            Ipv6,
            "2001:db8::1,2001:db8::2",
            &["2001:db8::1", "2001:db8::2"],
        );
    }

    #[test]
    fn no_v6_addresses() {
        for text in [
            "at 12:30:45",
            "a[1::2]",
            "face::add",
            "std::io::Read",
            "::1",
            "::",
            "00:1a:2b:3c:4d:5e",
            "x2001:db8::1",
            "2001:db8::12345",
            "2001:db8",
            "2024:11:24 10:00",
            ":::::::::::::::::::::::::",
        ] {
            finds(Ipv6, text, &[]);
        }
    }
}
