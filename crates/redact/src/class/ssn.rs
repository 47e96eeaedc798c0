//! Social security numbers of the United States: `AAA-GG-SSSS`.

use super::groups::Groups;
use std::ops::Range;

pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let groups = Groups::of(text);
    let mut found = Vec::new();
    let mut i = 0;
    while i < groups.list.len() {
        if is_ssn(&groups, i) {
            found.extend(groups.span(i, i + 2));
            i += 3;
        } else {
            i += 1;
        }
    }
    found
}

/// Numbers that the Social Security Administration never gives are none: areas 000, 666 and 900 to 999, group 00, serial
/// 0000.
fn is_ssn(groups: &Groups<'_>, i: usize) -> bool {
    let (area, group, serial) = (groups.digits(i), groups.digits(i + 1), groups.digits(i + 2));
    let shape = area.len() == 3 && group.len() == 2 && serial.len() == 4;
    shape
        && matches!(groups.gap(i), Some("-" | " "))
        && groups.gap(i) == groups.gap(i + 1)
        && groups.alone(i, i + 2)
        && !matches!(area, "000" | "666")
        && !area.starts_with('9')
        && group != "00"
        && serial != "0000"
}

#[cfg(test)]
mod tests {
    use crate::class::Class::UsSsn;
    use crate::class::check::finds;

    #[test]
    fn numbers() {
        finds(UsSsn, "SSN: 123-45-6789.", &["123-45-6789"]);
        finds(UsSsn, "078 05 1120", &["078 05 1120"]);
        finds(
            UsSsn,
            "123-45-6789 and 234-56-7890",
            &["123-45-6789", "234-56-7890"],
        );
    }

    #[test]
    fn no_numbers() {
        for text in [
            "123456789",
            "000-12-3456",
            "666-12-3456",
            "912-12-3456",
            "123-00-4567",
            "123-45-0000",
            "123-45 6789",
            "1-123-45-6789",
            "123-45-6789-1",
            "x123-45-6789",
            "2024-01-2024",
            "123-456-7890",
        ] {
            finds(UsSsn, text, &[]);
        }
    }
}
