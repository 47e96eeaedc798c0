//! Making sure that the server has what a campaign needs. Running the same command twice makes nothing twice.
//!
//! A name alone does not say that a stored agent is the wanted one. So a resource is looked up by name and compared; where a
//! different one has the name, or a secret makes comparing impossible, a name is used that carries a digest of the contents.

use crate::api::{ApiError, Client, Page};
use crate::dataset::Dataset;
use anyhow::{Context, Result};
use assay_model::{AgentSpec, DatasetItem, DatasetSpec, ModelSpec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Most items that one call may carry.
const MAX_ITEMS: usize = 1000;

/// Most bytes of items that are put into one call.
const MAX_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
struct Created {
    id: String,
}

/// The id of an agent that is as `spec` says.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub(crate) fn agent(client: &Client, spec: &AgentSpec, credential: Option<&str>) -> Result<String> {
    ensure(client, "agents", spec, ("credential", credential)).context("agent")
}

/// The id of a model that is as `spec` says.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub(crate) fn model(client: &Client, spec: &ModelSpec, api_key: Option<&str>) -> Result<String> {
    ensure(client, "models", spec, ("api_key", api_key)).context("judge model")
}

/// The id of a dataset that holds exactly these items, and the name it has.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub(crate) fn dataset(client: &Client, dataset: &Dataset) -> Result<(String, String)> {
    let fingerprint = dataset.fingerprint();
    let room = 200 - fingerprint.len() - 2;
    let name = format!(
        "{} @{fingerprint}",
        dataset.name.chars().take(room).collect::<String>()
    );
    let spec = DatasetSpec {
        name: name.clone(),
        description: String::new(),
        metadata: Value::Null,
    };
    let id = match find(client, "datasets", &name)? {
        Some(found) => found.id,
        None => create(client, "datasets", &serde_json::to_value(&spec)?, &name)?,
    };
    // Also when it is there already: an earlier upload may have been cut short, and the same items change nothing.
    upload(client, &id, &dataset.items)?;
    Ok((id, name))
}

/// The id of the dataset of this name, which has these items afterwards: those whose keys it has are replaced, and others that
/// it has stay.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub(crate) fn items(client: &Client, spec: &DatasetSpec, items: &[DatasetItem]) -> Result<String> {
    let id = match find(client, "datasets", &spec.name)? {
        Some(found) => found.id,
        None => create(client, "datasets", &serde_json::to_value(spec)?, &spec.name)
            .context("dataset")?,
    };
    upload(client, &id, items)?;
    Ok(id)
}

/// The id of a resource that is as `spec` says.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub(crate) fn same(client: &Client, collection: &str, spec: &impl Serialize) -> Result<String> {
    ensure(client, collection, spec, ("", None))
}

fn upload(client: &Client, dataset: &str, items: &[DatasetItem]) -> Result<()> {
    for chunk in chunks(items) {
        let body = serde_json::json!({ "items": chunk });
        let _: Value = client
            .put_all(&format!("/api/v1/datasets/{dataset}/items"), &body)
            .context("dataset items")?;
    }
    Ok(())
}

/// Splits items so that each call stays small.
fn chunks(items: &[DatasetItem]) -> Vec<&[DatasetItem]> {
    let mut out = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (i, item) in items.iter().enumerate() {
        let size = serde_json::to_vec(item).map_or(0, |v| v.len());
        if i > start && (i - start >= MAX_ITEMS || bytes + size > MAX_BYTES) {
            out.extend(items.get(start..i));
            (start, bytes) = (i, 0);
        }
        bytes += size;
    }
    out.extend(items.get(start..).filter(|rest| !rest.is_empty()));
    out
}

struct Found {
    id: String,
    fields: Map<String, Value>,
}

/// The resource of exactly this name.
fn find(client: &Client, collection: &str, name: &str) -> Result<Option<Found>, ApiError> {
    let query: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let page: Page<Map<String, Value>> =
        client.get(&format!("/api/v1/{collection}?name={query}&limit=50"))?;
    Ok(page.data.into_iter().find_map(|fields| {
        let id = fields.get("id")?.as_str()?.to_owned();
        (fields.get("name")?.as_str()? == name).then_some(Found { id, fields })
    }))
}

fn create(client: &Client, collection: &str, body: &Value, name: &str) -> Result<String> {
    match client.post::<Created>(&format!("/api/v1/{collection}"), body, None) {
        Ok(created) => Ok(created.id),
        // Someone else made it in between.
        Err(e) if e.status() == Some(409) => match find(client, collection, name)? {
            Some(found) => Ok(found.id),
            None => Err(e.into()),
        },
        Err(e) => Err(e.into()),
    }
}

fn ensure(
    client: &Client,
    collection: &str,
    spec: &impl Serialize,
    (field, secret): (&str, Option<&str>),
) -> Result<String> {
    let Value::Object(mut body) = serde_json::to_value(spec)? else {
        anyhow::bail!("is not an object")
    };
    let mut name = body
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let found = find(client, collection, &name)?;
    match found {
        Some(found) if secret.is_none() && covers(&found.fields, &body) => return Ok(found.id),
        None if secret.is_none() => {}
        _ => {
            name = format!(
                "{} ({})",
                name.chars().take(180).collect::<String>(),
                digest(&body, secret)
            );
            if let Some(found) = find(client, collection, &name)? {
                return Ok(found.id);
            }
            body.insert("name".to_owned(), Value::String(name.clone()));
        }
    }
    if let Some(secret) = secret {
        body.insert(field.to_owned(), Value::String(secret.to_owned()));
    }
    create(client, collection, &Value::Object(body), &name)
}

/// Whether `stored` has every field of `wanted`, with the same value.
fn covers(stored: &Map<String, Value>, wanted: &Map<String, Value>) -> bool {
    wanted
        .iter()
        .all(|(name, value)| stored.get(name) == Some(value))
}

/// Eight digits of the contents, the secret included: too few to tell anything of it.
fn digest(body: &Map<String, Value>, secret: Option<&str>) -> String {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_vec(body).unwrap_or_default());
    hash.update([0]);
    hash.update(secret.unwrap_or_default());
    hex::encode(hash.finalize()).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(input: String) -> DatasetItem {
        DatasetItem {
            input: Some(input.into()),
            ..DatasetItem::default()
        }
    }

    #[test]
    fn calls_are_bounded_in_items_and_bytes() {
        let many: Vec<_> = (0..2500).map(|i| item(i.to_string())).collect();
        assert_eq!(
            chunks(&many).iter().map(|c| c.len()).collect::<Vec<_>>(),
            [1000, 1000, 500]
        );
        let large: Vec<_> = (0..3).map(|_| item("x".repeat(700_000))).collect();
        assert_eq!(chunks(&large).len(), 3);
        assert!(chunks(&[]).is_empty());
    }

    #[test]
    fn a_stored_resource_may_have_more_fields() {
        let (stored, wanted) = (
            json!({"id": "1", "name": "a", "url": "u"}),
            json!({"name": "a", "url": "u"}),
        );
        assert!(covers(
            stored.as_object().unwrap(),
            wanted.as_object().unwrap()
        ));
        let other = json!({"name": "a", "url": "v"});
        assert!(!covers(
            stored.as_object().unwrap(),
            other.as_object().unwrap()
        ));
    }
}
