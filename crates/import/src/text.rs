//! Bytes as text: UTF-8 and UTF-16 with or without a byte order mark, and Windows-1252, which spreadsheets still write.

use std::borrow::Cow;

/// How bytes were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16,
    Windows1252,
}

/// What the bytes 0x80 to 0x9F are in Windows-1252; those that it leaves open are the control characters of Latin-1.
const UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text, without a byte order mark. What is no UTF is taken for Windows-1252 where `guess` allows it.
///
/// # Errors
/// The line on which it is no text.
pub(crate) fn decode(bytes: &[u8], guess: bool) -> Result<(Cow<'_, str>, Encoding), u64> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            match std::str::from_utf8(bytes) {
                Ok(text) => Ok((Cow::Borrowed(text), Encoding::Utf8)),
                Err(_) if guess && !bytes.contains(&0) => Ok((
                    Cow::Owned(bytes.iter().map(|b| windows_1252(*b)).collect()),
                    Encoding::Windows1252,
                )),
                Err(e) => Err(line(bytes.get(..e.valid_up_to()).unwrap_or_default())),
            }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(Cow<'static, str>, Encoding), u64> {
    let (units, rest) = bytes.as_chunks::<2>();
    let units = units.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(bytes.len());
    for c in char::decode_utf16(units) {
        text.push(c.map_err(|_| line(text.as_bytes()))?);
    }
    if rest.is_empty() {
        Ok((Cow::Owned(text), Encoding::Utf16))
    } else {
        Err(line(text.as_bytes()))
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => UPPER
            .get(usize::from(byte - 0x80))
            .copied()
            .unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(byte),
    }
}

/// The number of the line that begins or goes on after `before`.
fn line(before: &[u8]) -> u64 {
    1 + before.iter().filter(|b| **b == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let is = |bytes: &[u8], text: &str, encoding| {
            let (found, how) = decode(bytes, true).unwrap();
            assert_eq!((found.as_ref(), how), (text, encoding));
        };
        is("ä\u{feff}".as_bytes(), "ä\u{feff}", Encoding::Utf8);
        is(b"\xEF\xBB\xBFa,b", "a,b", Encoding::Utf8);
        is(b"\xFF\xFEa\0\xE4\0", "aä", Encoding::Utf16);
        is(b"\xFE\xFF\0a\xD8\x3D\xDE\0", "a😀", Encoding::Utf16);
        is(
            b"caf\xE9 \x80 \x93x\x94",
            "café € “x”",
            Encoding::Windows1252,
        );
    }

    #[test]
    fn what_is_no_text_is_told_by_line() {
        assert_eq!(decode(b"a\nb\xFFc", false), Err(2));
        assert_eq!(decode(b"\x00\x01\xFF", true), Err(1));
        assert_eq!(decode(b"\xFF\xFEa\0\n\0\x3D\xD8", true), Err(2));
        assert_eq!(decode(b"\xFF\xFEa", true), Err(1));
    }
}
