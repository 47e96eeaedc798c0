//! Making what was imported. Doing it twice makes nothing twice: items go by their keys, the rest by names and contents.

use crate::api::Client;
use crate::resources;
use anyhow::{Context, Result};
use assay_import::Imported;
use assay_model::LibraryMetricSpec;
use serde::Serialize;

/// What was made, or was there already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Made {
    /// The dataset, where there are items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dataset: Option<Named>,
    /// Metrics of the workspace's library.
    pub(crate) metrics: Vec<Named>,
    /// Prompts.
    pub(crate) prompts: Vec<Named>,
    /// Scenarios.
    pub(crate) scenarios: Vec<Named>,
}

/// Something on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Named {
    /// Its id.
    pub(crate) id: String,
    /// The name that was wanted; where another has it already, the server's has a digest behind it.
    pub(crate) name: String,
}

impl Made {
    /// A line for each of them.
    pub(crate) fn lines(&self) -> Vec<String> {
        let all = self
            .dataset
            .iter()
            .map(|one| ("dataset", one))
            .chain(self.metrics.iter().map(|one| ("metric", one)))
            .chain(self.prompts.iter().map(|one| ("prompt", one)))
            .chain(self.scenarios.iter().map(|one| ("scenario", one)));
        all.map(|(what, one)| format!("{what} `{}` {}", one.name, one.id))
            .collect()
    }
}

/// Makes a dataset with its items, metrics in the library, prompts and scenarios.
///
/// # Errors
/// When the server refuses or cannot be reached.
pub(crate) fn send(client: &Client, one: &Imported) -> Result<Made> {
    let mut made = Made::default();
    if !one.items.is_empty() {
        let id = resources::items(client, &one.dataset, &one.items)?;
        let name = one.dataset.name.clone();
        made.dataset = Some(Named { id, name });
    }
    let from = one.format.as_str();
    for metric in &one.metrics {
        let spec = LibraryMetricSpec {
            name: format!("{}: {}", one.dataset.name, metric.display_name())
                .chars()
                .take(200)
                .collect(),
            description: format!("Imported from {from}"),
            metric: metric.clone(),
            tags: vec!["imported".to_owned(), from.to_owned()],
        };
        let id = resources::same(client, "metric-library", &spec).context("metric")?;
        made.metrics.push(Named {
            id,
            name: spec.name,
        });
    }
    for prompt in &one.prompts {
        let id = resources::same(client, "prompts", prompt).context("prompt")?;
        let name = prompt.name.clone();
        made.prompts.push(Named { id, name });
    }
    for scenario in &one.scenarios {
        let id = resources::same(client, "scenarios", scenario).context("scenario")?;
        let name = scenario.name.clone();
        made.scenarios.push(Named { id, name });
    }
    Ok(made)
}
