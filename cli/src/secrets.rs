//! What must stay secret and outlive the process: the platform's own keys, and the key pair of a local first run.

use crate::files;
use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Keys of the platform itself, in `secrets.toml`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    /// Encrypts stored credentials: 32 bytes, Base64.
    pub(crate) encryption_key: String,
    /// Signs calls between components.
    pub(crate) internal_key: String,
    /// Lets the first person in who has no account yet.
    pub(crate) setup_token: String,
}

impl Secrets {
    /// The keys in `dir`, made on first use.
    ///
    /// # Errors
    /// When the file is wrong or cannot be written.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let path = dir.join("secrets.toml");
        let comment = "Keys of this installation. Without `encryption_key`, stored credentials cannot be read again.";
        let (secrets, _) = files::read_or_make(&path, comment, || {
            Ok(Self {
                encryption_key: STANDARD.encode(random::<32>()?),
                internal_key: hex::encode(random::<32>()?),
                setup_token: hex::encode(random::<16>()?),
            })
        })?;
        check_encryption_key(&secrets.encryption_key)
            .with_context(|| format!("{}", path.display()))?;
        if secrets.internal_key.len() < 16 {
            bail!("{}: internal_key is too short", path.display());
        }
        Ok(secrets)
    }
}

/// Checks that each of a comma-separated list of keys is 32 bytes in Base64: the first seals, all open.
///
/// # Errors
/// A message without the key in it.
pub(crate) fn check_encryption_key(keys: &str) -> Result<()> {
    for key in keys.split(',').map(str::trim) {
        match STANDARD.decode(key) {
            Ok(bytes) if bytes.len() == 32 => {}
            Ok(bytes) => bail!(
                "encryption_key must be 32 bytes in Base64, but is {}",
                bytes.len()
            ),
            Err(_) => bail!("encryption_key must be 32 bytes in Base64"),
        }
    }
    Ok(())
}

/// A key pair of the HTTP API.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// Names the key; may be shown.
    pub(crate) public_key: String,
    /// Never shown.
    pub(crate) secret_key: String,
}

impl Credentials {
    /// The name of the file in the data folder.
    pub(crate) const FILE: &'static str = "credentials.toml";

    /// The key pair in `dir`, if there is one.
    ///
    /// # Errors
    /// When the file is wrong or cannot be read.
    pub(crate) fn stored(dir: &Path) -> Result<Option<Self>> {
        files::read_toml(&dir.join(Self::FILE))
    }

    /// Removes the key pair in `dir`.
    pub(crate) fn forget(dir: &Path) {
        let _ = std::fs::remove_file(dir.join(Self::FILE));
    }

    /// The key pair in `dir`, made on first use; and whether it is new.
    ///
    /// # Errors
    /// When the file is wrong or cannot be written.
    pub(crate) fn load(dir: &Path) -> Result<(Self, bool)> {
        let comment = "The key pair of the local owner, for `assay run` and the HTTP API.";
        files::read_or_make(&dir.join(Self::FILE), comment, || {
            Ok(Self {
                public_key: format!("pk-as-{}", hex::encode(random::<16>()?)),
                secret_key: format!("sk-as-{}", hex::encode(random::<32>()?)),
            })
        })
    }
}

/// What is said where a local key pair is needed and there is none.
pub(crate) const NO_KEYS: &str = "this installation has an owner already, whose key pair is not in the data folder: give \
                                  --public-key and --secret-key, or ASSAY_PUBLIC_KEY and ASSAY_SECRET_KEY";

/// `N` random bytes from the system.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| anyhow::anyhow!("the system gives no random bytes: {e}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let first = Secrets::load(dir.path()).unwrap();
        let again = Secrets::load(dir.path()).unwrap();
        assert_eq!(first.encryption_key, again.encryption_key);
        let (pair, new) = Credentials::load(dir.path()).unwrap();
        let (same, old) = Credentials::load(dir.path()).unwrap();
        assert!(new && !old && pair == same);
        assert!(pair.public_key.starts_with("pk-as-") && pair.secret_key.starts_with("sk-as-"));
    }

    #[test]
    fn a_short_key_is_refused_without_being_shown() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("secrets.toml"),
            "encryption_key = \"c2hvcnQ=\"\ninternal_key = \"0123456789abcdef\"\nsetup_token = \"x\"\n",
        )
        .unwrap();
        let message = format!("{:#}", Secrets::load(dir.path()).err().unwrap());
        assert!(
            message.contains("secrets.toml: encryption_key must be 32 bytes"),
            "{message}"
        );
        assert!(!message.contains("c2hvcnQ"), "{message}");
    }
}
