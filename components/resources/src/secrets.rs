//! Secrets that headers of agents and scenarios name.

use crate::resource::Resource;
use crate::secret::Secret;
use assay_edge::Problem;
use assay_edge::db::ScopedDb;
use assay_model::{FieldError, SecretSpec};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(crate) use assay_edge::named_secrets::sealed;

/// Secrets.
pub(crate) struct Secrets;

impl Resource for Secrets {
    type Spec = SecretSpec;
    const TABLE: &'static str = "secrets";
    const NOUN: &'static str = "secret";
    const SECRET: Option<&'static str> = Some("value");

    fn name(spec: &SecretSpec) -> &str {
        &spec.name
    }

    fn description(spec: &SecretSpec) -> &str {
        &spec.description
    }

    /// There is always a value, and who has it sent elsewhere must know it.
    fn check_secret(
        old: Option<&Map<String, Value>>,
        new: &SecretSpec,
        secret: &Secret,
    ) -> Result<(), Problem> {
        let hosts = old.and_then(|old| old.get("hosts"));
        let message = match (secret, old) {
            (Secret::Set(_), _) => return Ok(()),
            (Secret::Clear, _) => "cannot be removed; delete the secret",
            (Secret::Keep, None) => "is required",
            (Secret::Keep, Some(_)) if hosts == Some(&json!(new.hosts)) => return Ok(()),
            (Secret::Keep, Some(_)) => "is required where `hosts` changes",
        };
        Err(Problem::field("/value", message))
    }
}

/// What is said of those that the workspace does not have.
pub(crate) async fn missing(
    db: &ScopedDb,
    named: Vec<(String, String)>,
) -> Result<Vec<FieldError>, Problem> {
    let names = named.iter().map(|(_, name)| name.clone()).collect();
    let found = sealed(db, &names).await?;
    let missing = named
        .into_iter()
        .filter(|(_, name)| !found.contains_key(name));
    let told = missing.map(|(field, name)| gone(field, &name));
    Ok(told.collect())
}

/// What is said of one that the workspace does not have.
pub(crate) fn gone(field: String, name: &str) -> FieldError {
    FieldError {
        field,
        message: format!("names `{name}`, which is no secret of this workspace"),
    }
}

/// The names of the secrets in a specification as it is kept.
pub(crate) fn named<R: Resource>(spec: &Value) -> BTreeSet<String> {
    let spec = serde_json::from_value::<R::Spec>(spec.clone());
    let named = spec.map_or_else(|_| Vec::new(), |spec| R::secrets(&spec));
    named.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_secret_sent_elsewhere_must_know_it() {
        let spec = |host: &str| SecretSpec {
            name: "weather".into(),
            description: String::new(),
            hosts: vec![host.into()],
        };
        let old = Map::from_iter([("hosts".to_owned(), json!(["a.example"]))]);
        let check = |old, host: &str, secret: &Secret, ok: bool| {
            let checked = Secrets::check_secret(old, &spec(host), secret);
            assert_eq!(checked.is_ok(), ok, "{host}");
            for error in checked.err().iter().flat_map(Problem::errors) {
                assert_eq!(error.field, "/value");
            }
        };
        let set = Secret::Set("value".into());
        check(None, "a.example", &set, true);
        check(None, "a.example", &Secret::Keep, false);
        check(Some(&old), "a.example", &Secret::Keep, true);
        check(Some(&old), "b.example", &Secret::Keep, false);
        check(Some(&old), "b.example", &set, true);
        check(Some(&old), "a.example", &Secret::Clear, false);
    }
}
