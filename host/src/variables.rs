//! `spin:variables@3.0.0`, and where the values come from.
//!
//! In order: the options, the runtime configuration's static provider, `SPIN_VARIABLE_<NAME>` in the environment, the manifest.

use std::collections::BTreeMap;

use wasmtime::component::{Accessor, HasSelf};

use crate::{
    StartError,
    bindings::spin::variables::variables::{Error, Host, HostWithStore},
    manifest::{Component, Manifest},
    state::State,
};

/// The application's variables, all resolved. Not `Debug`: they hold secrets.
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    pub(crate) fn resolve(
        manifest: &Manifest,
        options: &BTreeMap<String, String>,
        provided: &BTreeMap<String, String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        let unknown: Vec<&str> = options
            .keys()
            .filter(|name| !manifest.variables.contains_key(*name))
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            return Err(StartError::Variables(format!(
                "the manifest does not declare `{}`",
                unknown.join("`, `")
            )));
        }
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, variable) in &manifest.variables {
            let value = options
                .get(name)
                .or_else(|| provided.get(name))
                .cloned()
                .or_else(|| environment(&format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase())))
                .or_else(|| variable.default.clone());
            match value {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None => missing.push(name.as_str()),
            }
        }
        if missing.is_empty() {
            Ok(Self(values))
        } else {
            Err(StartError::Variables(format!(
                "no value for required `{}`; set SPIN_VARIABLE_{}",
                missing.join("`, `"),
                missing
                    .first()
                    .map(|name| name.to_ascii_uppercase())
                    .unwrap_or_default()
            )))
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What one component sees.
    pub(crate) fn of(&self, component: &Component) -> Result<BTreeMap<String, String>, StartError> {
        let mut out = BTreeMap::new();
        for (name, template) in &component.variables {
            let value = template.resolve(|name| self.get(name)).map_err(|e| {
                StartError::Variables(format!("component.{}.{name}: {e}", component.id))
            })?;
            out.insert(name.clone(), value);
        }
        Ok(out)
    }
}

impl Host for State {
    fn convert_error(&mut self, error: Error) -> wasmtime::Result<Error> {
        Ok(error)
    }
}

impl<T: Send> HostWithStore<T> for HasSelf<State> {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> Result<String, Error> {
        let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !well_formed {
            return Err(Error::InvalidName(name));
        }
        accessor
            .with(|mut access| access.get().component.variables.get(&name).cloned())
            .ok_or(Error::Undefined(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "app"
[variables]
a = { default = "from manifest" }
b = { required = true, secret = true }
[[trigger.http]]
route = "/"
component = "c"
[component.c]
source = "c.wasm"
variables = { both = "{{ a }}+{{ b }}" }
"#;

    fn resolve(options: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<String, String> {
        let manifest = Manifest::parse(MANIFEST).unwrap();
        let options = options
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let find = |name: &str| {
            environment
                .iter()
                .find(|(k, _)| *k == name)
                .map(|(_, v)| (*v).to_owned())
        };
        let values = Values::resolve(&manifest, &options, &BTreeMap::new(), find)
            .map_err(|e| e.to_string())?;
        let of = values
            .of(&manifest.components[0])
            .map_err(|e| e.to_string())?;
        Ok(of["both"].clone())
    }

    #[test]
    fn options_win_over_the_environment_and_that_over_the_manifest() {
        assert_eq!(resolve(&[("b", "1")], &[]).unwrap(), "from manifest+1");
        assert_eq!(
            resolve(&[("b", "1"), ("a", "0")], &[("SPIN_VARIABLE_A", "9")]).unwrap(),
            "0+1"
        );
        assert_eq!(
            resolve(&[], &[("SPIN_VARIABLE_B", "2"), ("SPIN_VARIABLE_A", "9")]).unwrap(),
            "9+2"
        );
    }

    #[test]
    fn missing_and_unknown_variables_are_named() {
        let missing = resolve(&[], &[]).unwrap_err();
        assert_eq!(
            missing,
            "variables: no value for required `b`; set SPIN_VARIABLE_B"
        );
        let unknown = resolve(&[("b", "1"), ("z", "1")], &[]).unwrap_err();
        assert_eq!(unknown, "variables: the manifest does not declare `z`");
    }
}
