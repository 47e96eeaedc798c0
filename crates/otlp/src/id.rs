//! Ids as text. What has none on the wire gets one derived from what it is, so that a request sent again writes the same.

use sha2::{Digest as _, Sha256};

/// A trace's or a span's id in hex.
pub(crate) fn hex_id(id: &[u8]) -> String {
    let mut digits = [0; 32];
    digits
        .get_mut(..id.len() * 2)
        .and_then(|digits| {
            hex::encode_to_slice(id, digits).ok()?;
            std::str::from_utf8(digits).ok()
        })
        .map_or_else(|| hex::encode(id), ToOwned::to_owned)
}

/// `digits` hex digits of a SHA-256 over `parts`, each preceded by its length, so that none can run into the next.
pub(crate) fn stable(parts: &[&[u8]], digits: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut id = hex::encode(hash.finalize());
    id.truncate(digits);
    id
}

/// The 16 bytes of a trace's id on the wire, and whether they are a digest: of an id that is not what [`hex_id`] writes.
pub(crate) fn trace_bytes(id: &str) -> (Vec<u8>, bool) {
    exact(id, 16).map_or_else(
        || {
            let parts: [&[u8]; 2] = [b"trace", id.as_bytes()];
            (digest(&parts, 16), true)
        },
        |bytes| (bytes, false),
    )
}

/// As [`trace_bytes`], the 8 bytes of a span's id. Some platforms hold span ids to be unique among all traces, so the
/// digest is of the trace's id as well.
pub(crate) fn span_bytes(trace: &str, id: &str) -> (Vec<u8>, bool) {
    exact(id, 8).map_or_else(
        || {
            let parts: [&[u8]; 3] = [b"span", trace.as_bytes(), id.as_bytes()];
            (digest(&parts, 8), true)
        },
        |bytes| (bytes, false),
    )
}

/// So many bytes that are in lower-case hex, and not all zero.
fn exact(id: &str, bytes: usize) -> Option<Vec<u8>> {
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if id.len() != bytes * 2 || !id.bytes().all(lower) {
        return None;
    }
    let decoded = hex::decode(id).ok()?;
    decoded.iter().any(|b| *b != 0).then_some(decoded)
}

/// All zero stands for no id; nobody will see a digest that is.
fn digest(parts: &[&[u8]], bytes: usize) -> Vec<u8> {
    hex::decode(stable(parts, bytes * 2)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{hex_id, span_bytes, stable, trace_bytes};

    #[test]
    fn ids_go_out_as_they_are_where_they_can() {
        let hex = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(trace_bytes(hex), (hex::decode(hex).unwrap(), false));
        for other in [
            "",
            "t-1",
            &hex.to_uppercase(),
            &hex[1..],
            &"0".repeat(32),
            "019ab4c2-7f3b-7c1a-9d55-2f6a1b0c4d3e",
        ] {
            let (bytes, digested) = trace_bytes(other);
            assert!(digested && bytes.len() == 16, "{other}");
            assert_eq!(trace_bytes(other), (bytes, true));
        }
        assert_ne!(trace_bytes("a"), trace_bytes("b"));
        let (bytes, digested) = span_bytes("t", "o");
        assert!(digested && bytes.len() == 8);
        assert_ne!(span_bytes("u", "o").0, bytes);
        assert!(!span_bytes("t", "00f067aa0ba902b7").1);
    }

    #[test]
    fn ids_of_any_length_are_hex() {
        assert_eq!(hex_id(&[]), "");
        assert_eq!(hex_id(&[0x0a, 0xff]), "0aff");
        assert_eq!(hex_id(&[0xab; 16]), "ab".repeat(16));
        assert_eq!(hex_id(&[0xab; 17]), "ab".repeat(17));
    }

    #[test]
    fn the_same_parts_give_the_same_id() {
        let id = stable(&[b"ab", b"c"], 16);
        assert_eq!(id, stable(&[b"ab", b"c"], 16));
        assert_ne!(id, stable(&[b"a", b"bc"], 16));
        assert_eq!(id.len(), 16);
        // Kept in stores: a change here writes everything anew.
        assert_eq!(id, "43ee655579de01ca");
    }
}
