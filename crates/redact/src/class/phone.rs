//! Telephone numbers in the forms that tell them from other digits.

use super::groups::Groups;
use super::{before, begins_word, byte};
use std::ops::Range;

/// The most digits of an international number without its prefix (ITU-T E.164).
const E164: usize = 15;

pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let groups = Groups::of(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut i = 0;
    while i < groups.list.len() {
        let to = international(&groups, i)
            .or_else(|| north_american(&groups, i))
            .or_else(|| pairs(&groups, i))
            .or_else(|| trunk(&groups, i));
        match to.and_then(|to| Some((to, groups.span(i, to)?))) {
            Some((to, span)) => {
                found.push(opening(text, span.start)..span.end);
                i = to + 1;
            }
            None => i += 1,
        }
    }
    found
}

/// Takes in what belongs to the number before its first digit: `+` and `(`.
fn opening(text: &str, mut start: usize) -> usize {
    while matches!(before(text, start), b'+' | b'(') {
        start -= 1;
    }
    start
}

/// Whether a gap may stand within a number.
fn separates(gap: Option<&str>) -> bool {
    gap.is_some_and(|gap| {
        (1..=3).contains(&gap.chars().count())
            && gap.chars().all(|c| " -./()\u{a0}\u{2011}".contains(c))
    })
}

/// `+49 30 123456`, `+1 (555) 123-4567`, `+4930123456`, `0049 30 123456`.
fn international(groups: &Groups<'_>, from: usize) -> Option<usize> {
    let first = groups.get(from)?;
    let head = groups.digits(from);
    let start = opening(groups.text, first.start);
    let plus = byte(groups.text, start) == b'+' || before(groups.text, first.start) == b'+';
    let code = if plus { head } else { head.strip_prefix("00")? };
    // A prefix in digits must stand apart from the rest, or it would be any number that begins with zeros.
    let prefixed = plus || ((1..=3).contains(&code.len()) && separates(groups.gap(from)));
    let joined = matches!(groups.gap_before(from), Some("." | "-" | "/" | ":" | ","));
    if !prefixed
        || code.is_empty()
        || code.starts_with('0')
        || !begins_word(groups.text, start)
        || joined
    {
        return None;
    }
    // The North American plan has exactly ten digits after its code.
    let (least, most) = match code.starts_with('1') {
        true => (11, 11),
        false => (8, E164),
    };
    longest(groups, from, code.len(), most)
        .filter(|(_, digits)| *digits >= least)
        .map(|(to, _)| to)
}

/// How far a number goes that has `digits` in its first group and `most` at most, and how many digits it then has.
fn longest(groups: &Groups<'_>, from: usize, digits: usize, most: usize) -> Option<(usize, usize)> {
    let (mut to, mut total) = (from, digits);
    while separates(groups.gap(to)) && total + groups.digits(to + 1).len() <= most {
        to += 1;
        total += groups.digits(to).len();
    }
    let end = groups.get(to)?.end;
    (total <= most && !byte(groups.text, end).is_ascii_alphabetic()).then_some((to, total))
}

/// `(555) 123-4567`, `555-123-4567`, `1-555-123-4567`.
fn north_american(groups: &Groups<'_>, from: usize) -> Option<usize> {
    let area = if groups.digits(from) == "1" {
        from + 1
    } else {
        from
    };
    let valid = |i: usize| groups.digits(i).len() == 3 && !groups.digits(i).starts_with(['0', '1']);
    let gaps = (groups.gap(area)?, groups.gap(area + 1)?);
    let written = match gaps {
        ("-", "-") | (".", ".") | ("/", "-") | (" ", "-") => true,
        (") " | ")" | ")-", "-" | " " | ".") => {
            before(groups.text, groups.get(area)?.start) == b'('
        }
        // Without any mark it must not be a part of a longer list of numbers.
        (" ", " ") => groups.gap(area + 2) != Some(" ") && groups.gap_before(from) != Some(" "),
        _ => false,
    };
    let coded = area == from || matches!(groups.gap(from), Some("-" | "." | " " | " (" | "-("));
    (valid(area)
        && valid(area + 1)
        && groups.digits(area + 2).len() == 4
        && written
        && coded
        && groups.alone(from, area + 2))
    .then_some(area + 2)
}

/// Five pairs, the first of which begins with the trunk 0: `01 23 45 67 89`.
fn pairs(groups: &Groups<'_>, from: usize) -> Option<usize> {
    let gap = groups.gap(from)?;
    let to = from + 4;
    let regular = (from..=to).all(|i| groups.digits(i).len() == 2)
        && (from..to).all(|i| groups.gap(i) == Some(gap));
    let trunk = groups.digits(from);
    (regular
        && matches!(gap, " " | "." | "-")
        && groups.gap(to) != Some(gap)
        && trunk.starts_with('0')
        && trunk != "00"
        && groups.alone(from, to))
    .then_some(to)
}

/// An area code with the trunk 0, then the number in groups of at least three digits at first: `030 1234567`,
/// `(0171) 123 45 67`, `020 7946 0958`, `07911 123456`.
fn trunk(groups: &Groups<'_>, from: usize) -> Option<usize> {
    let area = groups.digits(from);
    if !(2..=5).contains(&area.len()) || !area.starts_with('0') || area.starts_with("00") {
        return None;
    }
    let bracket = before(groups.text, groups.get(from)?.start) == b'(';
    let parted = match groups.gap(from)? {
        " " | "-" | "/" | " / " | " - " => true,
        ") " | ")" | ")-" | ") / " => bracket,
        _ => false,
    };
    if !parted || groups.digits(from + 1).len() < 3 {
        return None;
    }
    let (mut to, mut total) = (from + 1, area.len() + groups.digits(from + 1).len());
    while to < from + 4
        && matches!(groups.gap(to), Some(" " | "-"))
        && groups.digits(to + 1).len() >= 2
        && total + groups.digits(to + 1).len() <= 12
    {
        to += 1;
        total += groups.digits(to).len();
    }
    ((9..=12).contains(&total) && groups.alone(from, to)).then_some(to)
}

#[cfg(test)]
mod tests {
    use crate::class::Class::Phone;
    use crate::class::check::finds;

    #[test]
    fn international_numbers() {
        for phone in [
            "+4930123456",
            "+49 30 123456",
            "+49 (0)30 123456-78",
            "+1 (555) 123-4567",
            "+1-555-123-4567",
            "+15551234567",
            "+44 20 7946 0958",
            "+91 98765 43210",
            "0049 30 123456",
            "001 555 123 4567",
        ] {
            finds(Phone, phone, &[phone]);
            finds(Phone, &format!("call {phone}, please"), &[phone]);
            finds(Phone, &format!("tel:{phone}."), &[phone]);
        }
    }

    #[test]
    fn national_numbers() {
        for phone in [
            "(555) 234-4567",
            "555-234-4567",
            "555.234.4567",
            "555 234 4567",
            "1-800-555-0199",
            "01 23 45 67 89",
            "06.12.34.56.78",
            "030 1234567",
            "030/1234567",
            "(0171) 123 45 67",
            "020 7946 0958",
            "07911 123456",
            "08 1234 5678",
        ] {
            finds(Phone, phone, &[phone]);
            finds(Phone, &format!("call {phone}, please"), &[phone]);
        }
        finds(
            Phone,
            "555-234-4567 or 555-234-9999",
            &["555-234-4567", "555-234-9999"],
        );
    }

    #[test]
    fn no_numbers() {
        for text in [
            "5551234567",
            "1732428000123456",
            "2024-01-15 10:30:00",
            "01.02.2024 10:30",
            "15/01/2024 12345678",
            "2024-11-24T10:00:00+02:00",
            "192.168.100.200",
            "1.234.567.89",
            "2.555.234.4567",
            "978-0-306-40615-7",
            "550e8400-e29b-41d4-a716-446655440000",
            "UTC+0200",
            "+12",
            "a+49 30 123456",
            "100 555 234 4567 200",
            "123-45-6789",
            "4111 1111 1111 1111",
            "0.555 234 4567",
            "price 1,555-234-4567",
            "12 34 56 78",
            "00 11 22 33 44",
            "+123456789012345678",
        ] {
            finds(Phone, text, &[]);
        }
    }
}
