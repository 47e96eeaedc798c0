//! International bank account numbers (ISO 13616).

use super::{begins_word, byte, ends_word};
use std::ops::Range;

/// Countries with the lengths of their IBANs, from the SWIFT registry.
const LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29\
ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25\
MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25\
SV28TL23TN24TR26UA29VA22VG24XK20YE30";

pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (i, head) in text.as_bytes().windows(4).enumerate() {
        let [a, b, c, d] = head else {
            continue;
        };
        let shape = a.is_ascii_alphabetic()
            && b.is_ascii_alphabetic()
            && c.is_ascii_digit()
            && d.is_ascii_digit();
        if !shape || found.last().is_some_and(|last| i < last.end) || !begins_word(text, i) {
            continue;
        }
        if let Some(end) = iban_at(text, i) {
            found.push(i..end);
        }
    }
    found
}

fn length_of(country: &str) -> Option<usize> {
    let upper = country.to_ascii_uppercase();
    let at = LENGTHS
        .match_indices(&upper)
        .map(|(at, _)| at)
        .find(|at| at % 4 == 0)?;
    LENGTHS.get(at + 2..at + 4)?.parse().ok()
}

/// Where the IBAN that begins at `start` ends.
fn iban_at(text: &str, start: usize) -> Option<usize> {
    let length = length_of(text.get(start..start + 2)?)?;
    let mut digits = String::with_capacity(length);
    let mut i = start;
    while digits.len() < length {
        match byte(text, i) {
            b if b.is_ascii_alphanumeric() => digits.push(char::from(b)),
            // Printed in groups of four.
            b' ' | b'-'
                if digits.len().is_multiple_of(4) && byte(text, i + 1).is_ascii_alphanumeric() => {}
            _ => return None,
        }
        i += 1;
    }
    (ends_word(text, i) && checks_out(&digits)).then_some(i)
}

/// ISO 7064, mod 97-10: the first four characters go last, letters count from 10, the rest must be 1.
fn checks_out(iban: &str) -> bool {
    let (head, tail) = iban.split_at(4.min(iban.len()));
    let rest = tail.chars().chain(head.chars()).try_fold(0, |rest, c| {
        let value = c.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some((rest * shift + value) % 97)
    });
    rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class::Iban;
    use crate::class::check::finds;

    #[test]
    fn numbers() {
        for iban in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "de89 3704 0044 0532 0130 00",
            "GB29NWBK60161331926819",
            "GB29-NWBK-6016-1331-9268-19",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            finds(Iban, iban, &[iban]);
            finds(Iban, &format!("IBAN:{iban}."), &[iban]);
        }
        finds(
            Iban,
            "NO9386011117947 DE89370400440532013000",
            &["NO9386011117947", "DE89370400440532013000"],
        );
    }

    #[test]
    fn no_numbers() {
        for text in [
            "DE89370400440532013001",
            "XX89370400440532013000",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "ADE89370400440532013000",
            "DE89  3704 0044 0532 0130 00",
            "DE 89 370400440532013000",
        ] {
            finds(Iban, text, &[]);
        }
    }

    #[test]
    fn every_country_has_a_length() {
        assert_eq!(LENGTHS.len() % 4, 0);
        let entries: Vec<&str> = (0..LENGTHS.len() / 4)
            .map(|i| &LENGTHS[i * 4..i * 4 + 4])
            .collect();
        for entry in &entries {
            let length = length_of(&entry[..2]).unwrap();
            assert_eq!(entry[2..], length.to_string());
            assert!((15..=34).contains(&length), "{entry}");
        }
        assert!(entries.is_sorted());
    }
}
