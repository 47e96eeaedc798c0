//! Links that open one file for an hour, for whoever has them.
//!
//! Either says whose file it is, because who follows it brings no key. A link to upload carries a random token of which
//! only a keyed hash is kept; a link to read is signed and kept nowhere.

use assay_access::{hash_secret, secrets_equal};
use assay_edge::{Problem, random_bytes};
use assay_model::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How long a link holds, in seconds.
const LIFE_S: i64 = 3_600;

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// What permits an upload: `<workspace>.<expiry in seconds>.<random>`. The kept hash is over all of it.
pub(super) struct Upload {
    workspace: String,
    expires_s: i64,
    random: String,
}

impl Upload {
    pub(super) fn issue(workspace: &str, now: Timestamp) -> Result<Self, Problem> {
        Ok(Self {
            workspace: workspace.to_owned(),
            expires_s: seconds(now) + LIFE_S,
            random: URL_SAFE_NO_PAD.encode(random_bytes::<32>()?),
        })
    }

    /// Reads a token that has not run out; [`Self::is_kept`] tells whether it is one of ours.
    pub(super) fn read(text: &str, now: Timestamp) -> Option<Self> {
        let (workspace, rest) = text.split_once('.')?;
        let (expires, random) = rest.split_once('.')?;
        let expires_s = expires.parse().ok()?;
        (seconds(now) < expires_s).then(|| Self {
            workspace: workspace.to_owned(),
            expires_s,
            random: random.to_owned(),
        })
    }

    pub(super) fn workspace(&self) -> &str {
        &self.workspace
    }

    pub(super) fn text(&self) -> String {
        format!("{}.{}.{}", self.workspace, self.expires_s, self.random)
    }

    pub(super) fn hash(&self, pepper: &[u8]) -> String {
        hash_secret(pepper, &format!("media/upload\n{}", self.text()))
    }

    /// Whether its hash is among those that are kept.
    pub(super) fn is_kept(&self, pepper: &[u8], hashes: &str) -> bool {
        let hash = self.hash(pepper);
        hashes
            .split_whitespace()
            .any(|kept| secrets_equal(kept, &hash))
    }
}

/// What permits reading.
pub(super) struct Read {
    /// Until when, in seconds since the epoch.
    pub(super) expires_s: i64,
    pub(super) signature: String,
}

impl Read {
    fn sign(pepper: &[u8], workspace: &str, id: &str, expires_s: i64) -> Self {
        let text = format!("media/read\n{workspace}\n{id}\n{expires_s}");
        Self {
            expires_s,
            signature: hash_secret(pepper, &text),
        }
    }

    pub(super) fn issue(pepper: &[u8], workspace: &str, id: &str, now: Timestamp) -> Self {
        Self::sign(pepper, workspace, id, seconds(now) + LIFE_S)
    }

    /// Whether a link is ours, for this file, and has not run out.
    pub(super) fn holds(&self, pepper: &[u8], workspace: &str, id: &str, now: Timestamp) -> bool {
        let ours = Self::sign(pepper, workspace, id, self.expires_s);
        seconds(now) < self.expires_s && secrets_equal(&ours.signature, &self.signature)
    }

    pub(super) const fn expires_at(&self) -> Timestamp {
        Timestamp::from_micros(self.expires_s.saturating_mul(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);
    const LATE: Timestamp = Timestamp::from_micros(1_000_000_000 + LIFE_S * 1_000_000);

    fn token(random: &str) -> Upload {
        Upload {
            workspace: "w".into(),
            expires_s: 1_000 + LIFE_S,
            random: random.into(),
        }
    }

    #[test]
    fn a_token_permits_what_it_was_made_for() {
        let kept = format!("{} {}", token("a").hash(b"k"), token("b").hash(b"k"));
        let read = |text: &str| Upload::read(text, NOW).is_some_and(|t| t.is_kept(b"k", &kept));
        for known in ["a", "b"] {
            assert!(read(&token(known).text()), "{known}");
        }
        for wrong in [
            "", "w", "w.4600", "w.4600.c", "w.9999.a", "v.4600.a", "w.x.a",
        ] {
            assert!(!read(wrong), "{wrong}");
        }
        let a = token("a");
        assert!(!a.is_kept(b"other", &kept));
        assert!(!a.is_kept(b"k", ""));
        assert!(Upload::read(&a.text(), LATE).is_none());
    }

    #[test]
    fn a_signature_is_for_one_file_and_one_hour() {
        let link = Read::issue(b"k", "w", "id", NOW);
        assert!(link.holds(b"k", "w", "id", NOW));
        assert!(!link.holds(b"k", "w", "id", LATE));
        assert!(!link.holds(b"k", "v", "id", NOW));
        assert!(!link.holds(b"k", "w", "other", NOW));
        assert!(!link.holds(b"other", "w", "id", NOW));
        let longer = Read {
            expires_s: link.expires_s + 1,
            signature: link.signature,
        };
        assert!(!longer.holds(b"k", "w", "id", NOW));
    }
}
