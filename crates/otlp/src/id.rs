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

#[cfg(test)]
mod tests {
    use super::{hex_id, stable};

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
