//! Amounts of money in a text: `$12.50`, `12,50 €`, `EUR 1.299`, `£3`.

/// Signs and codes of currencies, and the code that each stands for.
const CURRENCIES: [(&str, &str); 6] = [
    ("$", "USD"),
    ("USD", "USD"),
    ("€", "EUR"),
    ("EUR", "EUR"),
    ("£", "GBP"),
    ("GBP", "GBP"),
];

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// As the text has it.
    pub shown: String,
    currency: &'static str,
    cents: u64,
}

impl Price {
    /// In units of the currency.
    pub fn amount(&self) -> f64 {
        self.cents as f64 / 100.0
    }

    /// Whether it is the same amount in the same currency, however it is written.
    pub fn same(&self, other: &Self) -> bool {
        (self.currency, self.cents) == (other.currency, other.cents)
    }
}

/// Every amount of money in a text, in its order.
pub fn prices(text: &str) -> Vec<Price> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let start = at + start;
        let rest = &text[start..];
        let number = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .map_or(rest, |end| &rest[..end])
            .trim_end_matches(['.', ',']);
        let end = start + number.len();
        let before = CURRENCIES
            .iter()
            .find(|(sign, _)| text[..start].trim_end_matches(' ').ends_with(sign));
        let after = CURRENCIES
            .iter()
            .find(|(sign, _)| text[end..].trim_start_matches(' ').starts_with(sign));
        if let Some((sign, currency)) = before.or(after)
            && let Some(cents) = cents(number)
        {
            let shown = match before {
                Some(_) => format!("{sign}{number}"),
                None => format!("{number} {sign}"),
            };
            found.push(Price {
                shown,
                currency,
                cents,
            });
        }
        at = end;
    }
    found
}

/// `1,299.50`, `1.299,50` and `1299.5` alike: what follows the last separator are cents where it has one or two digits.
fn cents(number: &str) -> Option<u64> {
    let (whole, part) = match number.rfind(['.', ',']) {
        Some(at) if number.len() - at <= 3 => (&number[..at], &number[at + 1..]),
        _ => (number, ""),
    };
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let whole: u64 = digits(whole).parse().ok()?;
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    whole.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_however_they_are_written() {
        let read = |text: &str| {
            let all = prices(text).into_iter();
            all.map(|p| (p.currency, p.cents)).collect::<Vec<_>>()
        };
        assert_eq!(read("$12.50"), [("USD", 1250)]);
        assert_eq!(read("12,50 €."), [("EUR", 1250)]);
        assert_eq!(
            read("EUR 1.299, or 1,299.5 EUR"),
            [("EUR", 129_900), ("EUR", 129_950)]
        );
        assert_eq!(read("£3 and 4 £"), [("GBP", 300), ("GBP", 400)]);
        assert_eq!(read("in 3 days, on page 12.50, 99999999999999999999 $"), []);
        assert_eq!(read("ünï $5 ünï"), [("USD", 500)]);
    }
}
