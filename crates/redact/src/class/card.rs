//! Numbers of payment cards.

use super::groups::Groups;
use super::{before, begins_word, byte, ends_word};
use std::ops::Range;

pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let groups = Groups::of(text);
    let mut found = Vec::new();
    let mut i = 0;
    while i < groups.list.len() {
        match card_at(&groups, i) {
            Some(to) => {
                found.extend(groups.span(i, to));
                i = to + 1;
            }
            None => i += 1,
        }
    }
    found
}

/// The last group of the card that begins with group `from`: the longest one that checks out.
fn card_at(groups: &Groups<'_>, from: usize) -> Option<usize> {
    let first = groups.get(from)?;
    let text = groups.text;
    let fraction = before(text, first.start) == b'.'
        && first
            .start
            .checked_sub(2)
            .is_some_and(|i| byte(text, i).is_ascii_digit());
    if !begins_word(text, first.start) || fraction {
        return None;
    }
    let gap = groups.gap(from);
    let mut digits = String::new();
    let mut best = None;
    for to in from.. {
        let group = groups.digits(to);
        // Cards are written in one piece or in groups of 3 to 7, all with the same gap.
        if to > from && !(3..=7).contains(&group.len()) {
            break;
        }
        digits.push_str(group);
        if digits.len() > 19 {
            break;
        }
        let end = groups.get(to).map_or(0, |g| g.end);
        if ends_word(text, end) && is_card(&digits) {
            best = Some(to);
        }
        let next = groups.gap(to);
        if next != gap || !matches!(next, Some(" " | "-")) || (to == from && first.len() > 7) {
            break;
        }
    }
    best
}

/// Issuer, length and check digit.
fn is_card(digits: &str) -> bool {
    let prefix = |n: usize| {
        digits
            .get(..n)
            .and_then(|p| p.parse::<u32>().ok())
            .unwrap_or(0)
    };
    let length = digits.len();
    let issued = match (prefix(1), prefix(2), prefix(3), prefix(4)) {
        // Visa.
        (4, ..) => matches!(length, 13 | 16 | 19),
        // Mastercard.
        (_, 51..=55, ..) | (_, _, _, 2221..=2720) => length == 16,
        // American Express.
        (_, 34 | 37, ..) => length == 15,
        // JCB.
        (_, _, _, 3528..=3589) => (16..=19).contains(&length),
        // Diners Club.
        (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) => (14..=19).contains(&length),
        // Discover, UnionPay, Maestro.
        (6, ..) => (16..=19).contains(&length),
        (_, 50 | 56..=58, ..) => (13..=19).contains(&length),
        _ => false,
    };
    issued && luhn(digits)
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b.saturating_sub(b'0'));
            match (i % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use crate::class::Class::CreditCard;
    use crate::class::check::finds;

    #[test]
    fn cards() {
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "5555555555554444",
            "2223003122003222",
            "3782 822463 10005",
            "378282246310005",
            "6011111111111117",
            "3056 930902 5904",
            "3530111333300000",
            "4222222222222",
            "6304000000000000",
        ] {
            finds(CreditCard, card, &[card]);
            finds(CreditCard, &format!("card: {card}, thanks"), &[card]);
        }
        finds(
            CreditCard,
            "order 12 4111 1111 1111 1111 2027",
            &["4111 1111 1111 1111"],
        );
    }

    #[test]
    fn no_cards() {
        for text in [
            "4111111111111112",
            "1732428000123456",
            "0.4111111111111111",
            "a4111111111111111",
            "4111111111111111f",
            "9999999999999995",
            "41111111111111111111111",
            "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
            "4111 1111-1111 1111",
            "id 550e8400-e29b-41d4-a716-446655440000",
        ] {
            finds(CreditCard, text, &[]);
        }
    }
}
