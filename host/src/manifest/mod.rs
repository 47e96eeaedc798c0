//! `spin.toml` version 2: the part that an HTTP application uses.
//!
//! What is known but not supported is an error that names it, if leaving it out would change what the application does,
//! and a warning otherwise.

mod schema;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use crate::{StartError, error::one_line, template::Template};

/// A manifest, checked.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) components: Vec<Component>,
    pub(crate) warnings: Vec<String>,
}

pub(crate) struct Variable {
    pub(crate) default: Option<String>,
    secret: bool,
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = if self.secret {
            Some("(secret)")
        } else {
            self.default.as_deref()
        };
        f.debug_tuple("Variable").field(&shown).finish()
    }
}

#[derive(Debug)]
pub(crate) struct Trigger {
    /// `None`: private, reachable by service chaining only.
    pub(crate) route: Option<String>,
    pub(crate) target: Target,
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    Component(String),
    Static(StaticResponse),
}

#[derive(Clone, Debug)]
pub(crate) struct StaticResponse {
    pub(crate) status: http::StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: bytes::Bytes,
}

#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) description: String,
    pub(crate) variables: BTreeMap<String, Template>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) allowed_outbound_hosts: Vec<Template>,
    pub(crate) key_value_stores: BTreeSet<String>,
    pub(crate) sqlite_databases: BTreeSet<String>,
    pub(crate) bounds: Bounds,
}

/// What a component may take, where that is less than others may: of `[component.<id>.tool.assay-host]`, which Spin passes over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The largest linear memory of an instance, in bytes.
    pub(crate) memory_bytes: Option<usize>,
    /// How long a request may go without a response.
    pub(crate) timeout: Option<Duration>,
    /// Whether an instance serves one request alone: nothing of it is left for the next.
    pub(crate) single_use: bool,
}

impl Bounds {
    fn read(said: &schema::Bounds) -> Result<Self, String> {
        let positive = |name: &str, zero: bool| match zero {
            true => Err(format!("tool.assay-host: `{name}` must be at least 1")),
            false => Ok(()),
        };
        positive("memory_mib", said.memory_mib == Some(0))?;
        positive("timeout_ms", said.timeout_ms == Some(0))?;
        let bytes = |mib: u32| usize::try_from(u64::from(mib) << 20).unwrap_or(usize::MAX);
        Ok(Self {
            memory_bytes: said.memory_mib.map(bytes),
            timeout: said.timeout_ms.map(Duration::from_millis),
            single_use: said.single_use,
        })
    }
}

impl Manifest {
    pub(crate) fn read(path: &Path) -> Result<Self, StartError> {
        let error = |message: String| StartError::Manifest {
            path: path.to_owned(),
            message,
        };
        let text = std::fs::read_to_string(path).map_err(|e| error(e.to_string()))?;
        Self::parse(&text).map_err(error)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        // The version first: a manifest of another version would fail with a misleading message.
        let table: toml::Table = toml::from_str(text).map_err(|e| toml_error(text, &e))?;
        match table
            .get("spin_manifest_version")
            .and_then(toml::Value::as_integer)
        {
            Some(2) => {}
            Some(other) => {
                return Err(format!(
                    "spin_manifest_version {other} is not supported, only 2 is"
                ));
            }
            None => return Err("spin_manifest_version = 2 is missing".into()),
        }
        let document: schema::Document = toml::from_str(text).map_err(|e| toml_error(text, &e))?;
        debug_assert_eq!(document.spin_manifest_version, 2);
        build(document)
    }
}

/// The message of a TOML error in one line, with the line it is about.
pub(crate) fn toml_error(text: &str, error: &toml::de::Error) -> String {
    let message = one_line(error.message());
    match error.span() {
        Some(span) => {
            let line = 1 + text
                .bytes()
                .take(span.start)
                .filter(|b| *b == b'\n')
                .count();
            format!("line {line}: {message}")
        }
        None => message,
    }
}

fn build(document: schema::Document) -> Result<Manifest, String> {
    let mut warnings = Vec::new();
    if !document.application.trigger.is_empty() {
        warnings.push("application.trigger is ignored".to_owned());
    }
    let mut variables = BTreeMap::new();
    for (name, variable) in document.variables {
        check_variable_name(&name).map_err(|e| format!("variables: {e}"))?;
        if variable.default.is_none() && !variable.required {
            return Err(format!(
                "variables.{name} needs either `default` or `required = true`"
            ));
        }
        variables.insert(
            name,
            Variable {
                default: variable.default,
                secret: variable.secret,
            },
        );
    }
    let mut components = Vec::new();
    for (id, component) in document.component {
        components.push(
            build_component(&id, component, &variables, &mut warnings)
                .map_err(|e| format!("component.{id}: {e}"))?,
        );
    }
    if document.trigger.http.is_empty() {
        return Err("no [[trigger.http]]: there is nothing to serve".into());
    }
    let mut triggers = Vec::new();
    for trigger in document.trigger.http {
        triggers.push(build_trigger(trigger, &components)?);
    }
    for component in &components {
        let used = triggers
            .iter()
            .any(|t| matches!(&t.target, Target::Component(id) if *id == component.id));
        if !used {
            warnings.push(format!(
                "component.{} has no trigger and cannot be reached; a chained one needs `route = {{ private = true }}`",
                component.id
            ));
        }
    }
    Ok(Manifest {
        name: document.application.name,
        version: document.application.version,
        variables,
        triggers,
        components,
        warnings,
    })
}

fn build_component(
    id: &str,
    component: schema::Component,
    known: &BTreeMap<String, Variable>,
    warnings: &mut Vec<String>,
) -> Result<Component, String> {
    check_kebab(id)?;
    let toml::Value::String(source) = component.source else {
        return Err("`source` must be a file; registries and URLs are not supported".into());
    };
    let unsupported = [
        ("files", !component.files.is_empty()),
        (
            "allowed_http_hosts",
            !component.allowed_http_hosts.is_empty(),
        ),
        ("ai_models", !component.ai_models.is_empty()),
        ("dependencies", !component.dependencies.is_empty()),
    ];
    if let Some((key, _)) = unsupported.iter().find(|(_, used)| *used) {
        return Err(format!("`{key}` is not supported"));
    }
    let ignored = [
        ("exclude_files", !component.exclude_files.is_empty()),
        ("profile", !component.profile.is_empty()),
        (
            "dependencies_inherit_configuration",
            component.dependencies_inherit_configuration.is_some(),
        ),
    ];
    warnings.extend(
        ignored
            .iter()
            .filter(|(_, used)| *used)
            .map(|(key, _)| format!("component.{id}.{key} is ignored")),
    );

    let template = |text: &str| -> Result<Template, String> {
        let template = Template::parse(text)?;
        template.resolve(|name| known.contains_key(name).then_some(""))?;
        Ok(template)
    };
    let mut variables = BTreeMap::new();
    for (name, value) in component.variables {
        check_variable_name(&name)?;
        variables.insert(
            name.clone(),
            template(&value).map_err(|e| format!("variables.{name}: {e}"))?,
        );
    }
    let allowed_outbound_hosts = component
        .allowed_outbound_hosts
        .iter()
        .map(|host| template(host))
        .collect::<Result<_, _>>()
        .map_err(|e| format!("allowed_outbound_hosts: {e}"))?;
    Ok(Component {
        id: id.to_owned(),
        source,
        bounds: Bounds::read(&component.tool.engine)?,
        description: component.description,
        variables,
        environment: component.environment,
        allowed_outbound_hosts,
        key_value_stores: component.key_value_stores.into_iter().collect(),
        sqlite_databases: component.sqlite_databases.into_iter().collect(),
    })
}

fn build_trigger(
    trigger: schema::HttpTrigger,
    components: &[Component],
) -> Result<Trigger, String> {
    let route = match trigger.route {
        schema::Route::Pattern(pattern) => Some(pattern),
        schema::Route::Private(schema::Private { private: true }) => None,
        schema::Route::Private(_) => {
            return Err("trigger.http: `route = { private = false }` is not a route".into());
        }
    };
    let name = route.clone().unwrap_or_else(|| "private".into());
    if let Some(executor) = trigger.executor
        && !matches!(executor.kind.as_str(), "http" | "spin")
    {
        return Err(format!(
            "trigger.http `{name}`: executor `{}` is not supported",
            executor.kind
        ));
    }
    let target = match (trigger.component, trigger.static_response) {
        (Some(toml::Value::String(id)), None) => {
            if !components.iter().any(|c| c.id == id) {
                return Err(format!(
                    "trigger.http `{name}`: there is no [component.{id}]"
                ));
            }
            Target::Component(id)
        }
        (Some(_), None) => {
            return Err(format!(
                "trigger.http `{name}`: an inline component is not supported"
            ));
        }
        (None, Some(response)) => Target::Static(
            build_static(response)
                .map_err(|e| format!("trigger.http `{name}`: static_response: {e}"))?,
        ),
        _ => {
            return Err(format!(
                "trigger.http `{name}` needs one of `component` and `static_response`"
            ));
        }
    };
    Ok(Trigger { route, target })
}

fn build_static(response: schema::StaticResponse) -> Result<StaticResponse, String> {
    let status = http::StatusCode::from_u16(response.status_code.unwrap_or(200))
        .map_err(|e| e.to_string())?;
    let mut headers = http::HeaderMap::new();
    for (name, value) in response.headers {
        let key = http::HeaderName::try_from(&name).map_err(|e| format!("header `{name}`: {e}"))?;
        headers.insert(
            key,
            http::HeaderValue::try_from(&value).map_err(|e| format!("header `{name}`: {e}"))?,
        );
    }
    Ok(StaticResponse {
        status,
        headers,
        body: response.body.unwrap_or_default().into(),
    })
}

/// Component ids are host names in service chaining: words of letters and digits, joined by single hyphens.
fn check_kebab(id: &str) -> Result<(), String> {
    let word = |w: &str| {
        w.starts_with(|c: char| c.is_ascii_alphabetic())
            && w.chars().all(|c| c.is_ascii_alphanumeric())
    };
    if id.split('-').all(word) {
        Ok(())
    } else {
        Err(format!("`{id}` is not a kebab-case id"))
    }
}

fn check_variable_name(name: &str) -> Result<(), String> {
    let word = |w: &str| {
        !w.is_empty()
            && w.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(word) {
        Ok(())
    } else {
        Err(format!("`{name}` is not a lower_snake_case name"))
    }
}

#[cfg(test)]
mod tests;
