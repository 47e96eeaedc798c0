//! Ids that clients compute on their own and compare with ours.

use crate::Invalid;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Characters of a media id.
const MEDIA_ID: usize = 22;
/// Hex digits of the id of a dataset run.
const RUN_ID: usize = 16;

/// Standard alphabet; clients may leave the padding out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The SHA-256 that a client sends as base64.
///
/// # Errors
/// When it is not 32 bytes in base64.
pub fn media_hash(sha256_base64: &str) -> Result<[u8; 32], Invalid> {
    let bytes = LENIENT.decode(sha256_base64.trim()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Invalid::new("sha256Hash", "must be a SHA-256 in base64"))
}

/// The id of a file by its hash. Clients compute the same and drop their upload when ours differs.
///
/// # Errors
/// When the hash is not 32 bytes in base64.
pub fn media_id(sha256_base64: &str) -> Result<String, Invalid> {
    let mut id = URL_SAFE_NO_PAD.encode(media_hash(sha256_base64)?);
    id.truncate(MEDIA_ID);
    Ok(id)
}

/// The SHA-256 of a file, as clients write it.
#[must_use]
pub fn sha256_base64(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// The id of a run over a dataset, which is the id of its experiment too. Clients compute the same from what they read,
/// so each byte matters: compact JSON in UTF-8, nothing escaped that need not be.
#[must_use]
pub fn dataset_run_id(project: &str, dataset: &str, run: &str) -> String {
    let text = json!(["langfuse-experiment-v1", project, dataset, run]).to_string();
    let mut id = hex::encode(Sha256::digest(text.as_bytes()));
    id.truncate(RUN_ID);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_are_none() {
        for wrong in ["", "x", "jXMWjiaEYRdLh", "!!!"] {
            assert_eq!(media_id(wrong).unwrap_err().field, "sha256Hash");
        }
        let padded = sha256_base64(b"a");
        assert_eq!(media_id(padded.trim_end_matches('=')), media_id(&padded));
    }

    /// Computed by the method of langfuse-python 5.0.4.
    #[test]
    fn runs_as_the_client_computes_them() {
        for (project, dataset, run, id) in [
            (
                "proj-test",
                "ds-ee4021b1",
                "run-e2e7b6ef",
                "2aa4b0294fcd2b3e",
            ),
            (
                "p",
                "d",
                "café 你好 \"q\" \\ \u{7f}\n\u{1}\u{1f600}</x>",
                "b895a8300e9f4d4e",
            ),
        ] {
            assert_eq!(dataset_run_id(project, dataset, run), id);
        }
    }
}
