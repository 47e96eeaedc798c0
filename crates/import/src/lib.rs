//! Files of other evaluation tools as Assay's own data: datasets, metrics, prompts, scenarios, and what is known of the agent.
//!
//! [`import`] takes bytes and gives back what they say and [`Note`]s: what could not be carried over, where it stands and
//! why. Nothing is dropped silently. `docs/import.md` has a table a format of what becomes of what.
//!
//! *Invariants:* no bytes make it panic; a file, its items, its nesting and what its aliases and templates come to are
//! bounded; every item, metric, prompt and scenario that comes out is one that the API accepts.

mod deepeval;
mod detect;
mod draft;
mod langfuse;
mod metrics;
mod note;
mod openai_evals;
mod promptfoo;
mod python;
mod ragas;
mod records;
mod template;
mod text;
mod value;
mod yaml;

pub use note::{Effect, Note};

use assay_model::{AgentKind, DatasetItem, DatasetSpec, MetricSpec, PromptSpec, ScenarioSpec};
use draft::Draft;
use serde::{Deserialize, Serialize};

/// Largest file that is read: 64 MiB.
pub const MAX_FILE: usize = 64 << 20;

/// Most items of one dataset.
pub const MAX_ITEMS: usize = 100_000;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// promptfoo's `promptfooconfig.yaml`, and its tests in CSV, JSON, JSONL or YAML.
    Promptfoo,
    /// DeepEval's goldens and conversational goldens, in JSON, JSONL or CSV.
    Deepeval,
    /// Langfuse's dataset items: pages of its API, and exports in JSON, JSONL or CSV.
    Langfuse,
    /// Samples of OpenAI's evals in JSONL, rows of its Evals API, and the registry's YAML.
    OpenaiEvals,
    /// ragas' evaluation datasets, in CSV, JSONL or JSON.
    Ragas,
}

impl Format {
    /// Every format, in the order in which they are described.
    pub const ALL: [Self; 5] = [
        Self::Promptfoo,
        Self::Deepeval,
        Self::Langfuse,
        Self::OpenaiEvals,
        Self::Ragas,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promptfoo => "promptfoo",
            Self::Deepeval => "deepeval",
            Self::Langfuse => "langfuse",
            Self::OpenaiEvals => "openai_evals",
            Self::Ragas => "ragas",
        }
    }
}

/// How OpenAI's evals compare an answer with a sample's `ideal`: the class of the eval, which the samples do not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvalsClass {
    /// The answer begins with one of the ideals.
    Match,
    /// The answer contains one of the ideals.
    Includes,
    /// The same, in any case.
    IncludesIgnoreCase,
}

/// Reads a file that another names, by the path as it is written there; an error says in a few words why not.
pub type Files<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

/// A file to import.
pub struct Source<'a> {
    /// Its name, from which the dataset has its own where the file says none.
    pub name: &'a str,
    /// Its contents.
    pub bytes: &'a [u8],
    /// Whose it is; found out when absent.
    pub format: Option<Format>,
    /// The class of the eval, for samples of OpenAI's evals.
    pub class: Option<EvalsClass>,
    /// Where the files are that it names; without it they are noted as missing.
    pub files: Option<Files<'a>>,
}

impl<'a> Source<'a> {
    /// A file of which nothing more is known.
    #[must_use]
    pub const fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            name,
            bytes,
            format: None,
            class: None,
            files: None,
        }
    }

    /// A file that this one names.
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.files {
            None => Err("it is another file, which was not given".to_owned()),
            Some(read) => match read(path) {
                Ok(bytes) if bytes.len() > MAX_FILE => {
                    Err(format!("it has more than {} MiB", MAX_FILE >> 20))
                }
                found => found,
            },
        }
    }
}

/// What is known of the agent that was evaluated. An address and credentials are for a person to give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentHint {
    /// The provider as the file names it, e.g. `openai:gpt-4.1`.
    pub provider: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The kind of agent that it is in Assay; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AgentKind>,
    /// The model that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Where it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Samples that a registry of OpenAI's evals names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvalHint {
    /// The eval's name.
    pub name: String,
    /// The path of its samples, as the registry writes it.
    pub samples: String,
    /// How answers are compared.
    pub class: EvalsClass,
}

/// What a file comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// Whose file it is.
    pub format: Format,
    /// The dataset: its name, and what is said of it.
    pub dataset: DatasetSpec,
    /// Its items, each with a key that is unique and the same when the same file is read again.
    pub items: Vec<DatasetItem>,
    /// Metrics of every item: the campaign's.
    pub metrics: Vec<MetricSpec>,
    /// Prompts, with the variables that they had.
    pub prompts: Vec<PromptSpec>,
    /// Scenarios, of goldens that a simulated user plays.
    pub scenarios: Vec<ScenarioSpec>,
    /// The agents that were evaluated.
    pub agents: Vec<AgentHint>,
    /// Samples that are files of their own.
    pub evals: Vec<EvalHint>,
    /// What could not be carried over as it was.
    pub notes: Vec<Note>,
}

/// Why a file cannot be imported at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file is too large.
    #[error("it has {0} bytes; at most {MAX_FILE} are read")]
    TooLarge(usize),
    /// The file cannot be read as what it is; says where.
    #[error("{0}")]
    Syntax(String),
    /// Nothing in it tells whose it is; says what was looked for.
    #[error("{0}")]
    Unknown(String),
    /// It is not of the format that was named.
    #[error("not a file of {}: {why}", .format.as_str())]
    Wrong {
        /// The format that was named.
        format: Format,
        /// What is missing.
        why: String,
    },
    /// There are too many items.
    #[error("there are more than {MAX_ITEMS} items")]
    TooMany,
    /// What it says is far more than it has bytes.
    #[error("its items come to more than 256 MiB")]
    Expands,
}

/// Converts a file.
///
/// # Errors
/// When the file as a whole cannot be read; what is wrong with a part of it is a note.
pub fn import(source: &Source<'_>) -> Result<Imported, ImportError> {
    if source.bytes.len() > MAX_FILE {
        return Err(ImportError::TooLarge(source.bytes.len()));
    }
    let mut draft = Draft::new(source.name);
    let document = records::read(source.name, source.bytes, &mut draft.notes)?;
    let format = match source.format {
        Some(format) => format,
        None => detect::format(&document)?,
    };
    match format {
        Format::Promptfoo => promptfoo::convert(document, source, &mut draft)?,
        Format::Deepeval => deepeval::convert(document, &mut draft)?,
        Format::Langfuse => langfuse::convert(document, &mut draft)?,
        Format::OpenaiEvals => openai_evals::convert(document, source.class, &mut draft)?,
        Format::Ragas => ragas::convert(document, &mut draft)?,
    }
    Ok(draft.finish(format))
}
