//! What the environment says, as the application's variables.

use crate::secrets::{self, Credentials, Secrets};
use crate::sign;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;

/// Variables that an environment variable `ASSAY_<NAME>` sets as it is.
const PASSED: [&str; 24] = [
    "database_url",
    "clickhouse_url",
    "clickhouse_user",
    "clickhouse_password",
    "clickhouse_database",
    "clickhouse_ttl_days",
    "rate_limit_per_key",
    "rate_limit_failures",
    "trust_forwarded_for",
    "ingest_memory_mib",
    "spool_max_mib",
    "invitation_webhook_url",
    "invitation_webhook_secret",
    "google_client_id",
    "google_client_secret",
    "microsoft_tenant",
    "microsoft_client_id",
    "microsoft_client_secret",
    "oidc_name",
    "oidc_issuer",
    "oidc_client_id",
    "oidc_client_secret",
    "metric_components",
    "metric_key",
];

/// The four that together create a workspace on first start.
const INIT: [&str; 4] = [
    "init_workspace",
    "init_owner_email",
    "init_public_key",
    "init_secret_key",
];

/// Everything that the application is told at its start.
pub(crate) struct Settings {
    /// By name, as in the manifest.
    pub(crate) variables: BTreeMap<String, String>,
    /// Signs calls between components.
    pub(crate) internal_key: String,
    /// The key pair that the first start creates.
    pub(crate) credentials: Credentials,
    /// Whether the key pair was made just now.
    pub(crate) fresh: bool,
    /// Whether the key pair comes from the environment and is therefore stored nowhere.
    pub(crate) given: bool,
    /// Whether all data rests in the data folder, so that no other process may share it.
    pub(crate) embedded: bool,
}

impl Settings {
    /// From `env` (a look-up of environment variables) and the files in `dir`.
    ///
    /// # Errors
    /// When a variable is missing or malformed, or a file cannot be read or made.
    pub(crate) fn load(dir: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let env = |name: &str| {
            env(&format!("ASSAY_{}", name.to_ascii_uppercase())).filter(|v| !v.is_empty())
        };
        let init = init(&env)?;
        let mut secrets = Secrets::load(dir)?;
        if let Some(key) = env("encryption_key") {
            secrets::check_encryption_key(&key).context("ASSAY_ENCRYPTION_KEY")?;
            key.trim().clone_into(&mut secrets.encryption_key);
        }
        if let Some(key) = env("internal_key") {
            secrets.internal_key = key;
        }
        if let Some(token) = env("setup_token") {
            secrets.setup_token = token;
        }
        let mut variables: BTreeMap<String, String> = PASSED
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), env(name)?)))
            .collect();
        let given = init.is_some();
        let (init, fresh) = match init {
            Some(values) => (values, false),
            None => {
                let (pair, fresh) = Credentials::load(dir)?;
                (
                    [
                        "Default".to_owned(),
                        "owner@localhost".to_owned(),
                        pair.public_key,
                        pair.secret_key,
                    ],
                    fresh,
                )
            }
        };
        let [_, _, public_key, secret_key] = init.clone();
        variables.extend(INIT.iter().map(|n| (*n).to_owned()).zip(init));
        variables.insert("encryption_key".to_owned(), secrets.encryption_key);
        variables.insert("internal_key".to_owned(), secrets.internal_key.clone());
        variables.insert("setup_token".to_owned(), secrets.setup_token);
        if !variables.contains_key("metric_key") {
            // Components with the code of others know it: the key that it is made of, which opens far more, cannot be told from it.
            let key = sign::derived(&secrets.internal_key, "metric_key")?;
            variables.insert("metric_key".to_owned(), key);
        }
        let embedded = !variables.contains_key("database_url");
        Ok(Self {
            variables,
            internal_key: secrets.internal_key,
            credentials: Credentials {
                public_key,
                secret_key,
            },
            fresh,
            given,
            embedded,
        })
    }
}

/// The four values, or none of them.
fn init(env: &impl Fn(&str) -> Option<String>) -> Result<Option<[String; 4]>> {
    let names = |wanted: bool| {
        let list: Vec<String> = INIT
            .iter()
            .filter(|name| env(name).is_some() == wanted)
            .map(|name| format!("ASSAY_{}", name.to_ascii_uppercase()))
            .collect();
        list.join(", ")
    };
    match INIT.map(env) {
        [Some(a), Some(b), Some(c), Some(d)] => Ok(Some([a, b, c, d])),
        [None, None, None, None] => Ok(None),
        _ => bail!(
            "{} must be set too, because {} is",
            names(false),
            names(true)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(vars: &[(&str, &str)]) -> Result<Settings> {
        let dir = tempfile::tempdir().unwrap();
        Settings::load(dir.path(), |name| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_first_run_needs_nothing() {
        let s = load(&[]).unwrap();
        assert!(s.fresh && !s.given && s.embedded);
        assert_eq!(s.variables["init_workspace"], "Default");
        assert_eq!(s.variables["init_secret_key"], s.credentials.secret_key);
        assert!(!s.variables.contains_key("database_url"));
    }

    #[test]
    fn metrics_know_a_key_of_their_own() {
        let made = load(&[("ASSAY_INTERNAL_KEY", "key")]).unwrap();
        // printf metric_key | openssl dgst -sha256 -hmac key
        assert_eq!(
            made.variables["metric_key"],
            "bf765951483fa271a0836f7dfc01a1aad161f929c5b3827ce1215f2b725a4073"
        );
        let given = load(&[("ASSAY_METRIC_KEY", "mine")]).unwrap();
        assert_eq!(given.variables["metric_key"], "mine");
    }

    #[test]
    fn the_environment_wins() {
        let s = load(&[
            ("ASSAY_INIT_WORKSPACE", "Acme"),
            ("ASSAY_INIT_OWNER_EMAIL", "o@acme.example"),
            ("ASSAY_INIT_PUBLIC_KEY", "pk-as-1"),
            ("ASSAY_INIT_SECRET_KEY", "sk-as-1"),
            ("ASSAY_DATABASE_URL", "postgres://x"),
            ("ASSAY_CLICKHOUSE_USER", ""),
        ])
        .unwrap();
        assert!(s.given && !s.fresh && !s.embedded);
        assert_eq!(s.variables["init_workspace"], "Acme");
        assert_eq!(s.credentials.public_key, "pk-as-1");
        assert!(
            !s.variables.contains_key("clickhouse_user"),
            "empty is unset"
        );
    }

    #[test]
    fn half_an_initial_workspace_names_what_is_missing() {
        let message = load(&[
            ("ASSAY_INIT_WORKSPACE", "Acme"),
            ("ASSAY_INIT_SECRET_KEY", "sk-1"),
        ])
        .err()
        .unwrap();
        assert_eq!(
            message.to_string(),
            "ASSAY_INIT_OWNER_EMAIL, ASSAY_INIT_PUBLIC_KEY must be set too, because ASSAY_INIT_WORKSPACE, \
             ASSAY_INIT_SECRET_KEY is"
        );
    }

    #[test]
    fn a_bad_encryption_key_is_named() {
        let message = format!(
            "{:#}",
            load(&[("ASSAY_ENCRYPTION_KEY", "zzz")]).err().unwrap()
        );
        assert!(message.starts_with("ASSAY_ENCRYPTION_KEY: "), "{message}");
    }
}
