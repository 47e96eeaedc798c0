//! The arguments of `assay run`, and the plan that they make.

use super::server::ServerArgs;
use crate::campaign::Plan;
use crate::dataset::Dataset;
use crate::metrics_arg;
use anyhow::{Context, Result, anyhow, bail};
use assay_model::{
    AgentKind, AgentSpec, AuthScheme, Capabilities, Gate, MetricKind, MetricSpec, ModelProvider,
    ModelSpec, Validate,
};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Arguments of `assay run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// The agent's URL, e.g. http://127.0.0.1:8000/v1/chat/completions.
    #[arg(long, value_name = "URL")]
    target: String,
    /// The items: a file in JSONL, JSON, CSV, TSV or YAML.
    #[arg(long, value_name = "FILE")]
    dataset: PathBuf,
    /// A metric, e.g. `exact_match`, `contains:30 days`, `regex:pattern=^\d+$` or `g_eval:criteria=...`. May be repeated.
    #[arg(long = "metric", value_name = "METRIC", value_parser = metrics_arg::parse)]
    metrics: Vec<MetricSpec>,
    /// A YAML or JSON file with a list of metrics.
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
    /// The protocol that the agent speaks.
    #[arg(long, default_value = "openai_chat")]
    kind: Kind,
    /// `model` of a request of OpenAI's or Anthropic's APIs.
    #[arg(long)]
    model: Option<String>,
    /// Instructions sent as the first message.
    #[arg(long, value_name = "TEXT")]
    system_prompt: Option<String>,
    /// For `http`: the JSON to post, with `{{ input }}` where the question goes; or @ and a file's name.
    #[arg(long, value_name = "JSON")]
    body_template: Option<String>,
    /// For `http`: JSON pointer to the answer, e.g. /data/answer.
    #[arg(long, value_name = "POINTER")]
    response_pointer: Option<String>,
    /// The agent answers by server-sent events.
    #[arg(long)]
    stream: bool,
    /// A further request header, `name: value`. Never a secret. May be repeated.
    #[arg(long = "header", value_name = "HEADER", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The environment variable that holds the agent's API key; sent as `Authorization: Bearer`.
    #[arg(long, value_name = "VARIABLE")]
    api_key_env: Option<String>,
    /// Send the API key in this header instead.
    #[arg(long, value_name = "NAME", requires = "api_key_env")]
    api_key_header: Option<String>,
    /// How long one answer of the agent may take, in milliseconds.
    #[arg(long, default_value_t = 60_000, value_name = "MS")]
    target_timeout_ms: u64,
    /// The judge's base URL, up to and including the API's version, e.g. /v1.
    #[arg(long, value_name = "URL", requires = "judge_model")]
    judge_url: Option<String>,
    /// The judge's model.
    #[arg(long, value_name = "MODEL", requires = "judge_url")]
    judge_model: Option<String>,
    /// The API that the judge speaks.
    #[arg(long, default_value = "openai_compatible", requires = "judge_url")]
    judge_provider: Provider,
    /// The environment variable that holds the judge's API key.
    #[arg(long, value_name = "VARIABLE", requires = "judge_url")]
    judge_api_key_env: Option<String>,
    /// How many items run at the same time.
    #[arg(long, default_value_t = 4, value_name = "N")]
    concurrency: u32,
    /// How often each item is run.
    #[arg(long, default_value_t = 1, value_name = "N")]
    repetitions: u32,
    /// Most turns of the user in one conversation.
    #[arg(long, default_value_t = 10, value_name = "N")]
    max_turns: u32,
    /// How often one call of the agent is tried before its item ends in error.
    #[arg(long, default_value_t = 3, value_name = "N")]
    max_attempts: u32,
    /// Passed to models that take one, so that a run can be repeated.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Least share of scored items that must pass, in [0, 1].
    #[arg(long, default_value_t = 1.0, value_name = "SHARE", value_parser = share)]
    gate: f64,
    /// Most share of items that may end in error, in [0, 1]; beyond it the result is inconclusive.
    #[arg(long, default_value_t = 0.1, value_name = "SHARE", value_parser = share)]
    max_error_rate: f64,
    /// End with exit code 4 once nothing goes on but that runs wait for a person or a signed request.
    #[arg(long)]
    no_wait: bool,
    /// The campaign's name. Default: the dataset's.
    #[arg(long)]
    name: Option<String>,
    /// What is written to standard output, or to `--out-file`.
    #[arg(long, default_value = "table")]
    pub(crate) output: Output,
    /// Write the result to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out_file: Option<PathBuf>,
}

/// The protocol that the agent speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// OpenAI's chat completions.
    #[value(name = "openai_chat", alias = "openai-chat")]
    OpenaiChat,
    /// OpenAI's Responses API.
    #[value(name = "openai_responses", alias = "openai-responses")]
    OpenaiResponses,
    /// Anthropic's Messages API; its key goes in `--api-key-header x-api-key`.
    #[value(name = "anthropic_messages", alias = "anthropic-messages")]
    AnthropicMessages,
    /// Agent2Agent over JSON-RPC.
    A2a,
    /// Any JSON over HTTP.
    Http,
}

impl From<Kind> for AgentKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::OpenaiChat => Self::OpenaiChat,
            Kind::OpenaiResponses => Self::OpenaiResponses,
            Kind::AnthropicMessages => Self::AnthropicMessages,
            Kind::A2a => Self::A2a,
            Kind::Http => Self::Http,
        }
    }
}

/// The API that a judge speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Provider {
    /// OpenAI's chat completions, as most servers and gateways speak them.
    #[value(name = "openai_compatible", alias = "openai-compatible")]
    OpenaiCompatible,
    /// OpenAI itself.
    Openai,
    /// Azure OpenAI.
    #[value(name = "azure_openai", alias = "azure-openai")]
    AzureOpenai,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
}

impl From<Provider> for ModelProvider {
    fn from(provider: Provider) -> Self {
        match provider {
            Provider::OpenaiCompatible => Self::OpenaiCompatible,
            Provider::Openai => Self::Openai,
            Provider::AzureOpenai => Self::AzureOpenai,
            Provider::Anthropic => Self::Anthropic,
            Provider::Gemini => Self::Gemini,
        }
    }
}

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// A table for people.
    Table,
    /// Everything, as JSON.
    Json,
    /// JUnit XML, for CI.
    Junit,
    /// Markdown, for a comment.
    Md,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("must be between 0 and 1".to_owned()),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("must be `name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl RunArgs {
    /// Reads the files and the environment, and checks all that can be checked without a server.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub(crate) fn plan(&self, env: impl Fn(&str) -> Option<String>) -> Result<Plan> {
        let dataset = Dataset::read(&self.dataset)?;
        let mut metrics = self.metrics.clone();
        if let Some(path) = &self.metrics_file {
            metrics.extend(metrics_arg::file(path)?);
        }
        let judge = self.judge(&env)?;
        settle(&mut metrics, &dataset, judge.is_some())?;
        let credential = self
            .api_key_env
            .as_deref()
            .map(|name| key(&env, name))
            .transpose()?;
        let name = self.name.clone().unwrap_or_else(|| dataset.name.clone());
        Ok(Plan {
            name,
            agent: self.agent()?,
            credential,
            dataset,
            metrics,
            judge,
            repetitions: self.repetitions,
            concurrency: self.concurrency,
            max_turns: self.max_turns,
            max_attempts: self.max_attempts,
            seed: self.seed,
            gate: Gate {
                min_pass_rate: self.gate,
                max_error_rate: self.max_error_rate,
            },
            waits: !self.no_wait,
        })
    }

    fn agent(&self) -> Result<AgentSpec> {
        let body_template = match self.body_template.as_deref() {
            None => serde_json::Value::Null,
            Some(text) => {
                let text = match text.strip_prefix('@') {
                    Some(path) => std::fs::read_to_string(path).map_err(|e| {
                        anyhow!("--body-template: {path}: {}", crate::files::plain(&e))
                    })?,
                    None => text.to_owned(),
                };
                serde_json::from_str(&text).context("--body-template is not JSON")?
            }
        };
        let auth = match (&self.api_key_env, &self.api_key_header) {
            (None, _) => AuthScheme::None {},
            (Some(_), None) => AuthScheme::Bearer {},
            (Some(_), Some(name)) => AuthScheme::Header { name: name.clone() },
        };
        let spec = AgentSpec {
            model: self.model.clone(),
            system_prompt: self.system_prompt.clone(),
            headers: self.headers.iter().cloned().collect::<BTreeMap<_, _>>(),
            body_template,
            response_pointer: self.response_pointer.clone(),
            stream: self.stream,
            auth,
            timeout_ms: self.target_timeout_ms,
            ..AgentSpec::new(short(&self.target), self.kind.into(), self.target.clone())
        };
        checked(spec, "target")
    }

    fn judge(
        &self,
        env: &impl Fn(&str) -> Option<String>,
    ) -> Result<Option<(ModelSpec, Option<String>)>> {
        let (Some(base_url), Some(model)) = (&self.judge_url, &self.judge_model) else {
            return Ok(None);
        };
        let spec = ModelSpec {
            name: short(&format!("{model} at {base_url}")),
            provider: self.judge_provider.into(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            model: model.clone(),
            temperature: 0.0,
            max_tokens: 1024,
            price: None,
            capabilities: Capabilities::default(),
            timeout_ms: 60_000,
            concurrency: 64,
            pace: None,
        };
        let key = self
            .judge_api_key_env
            .as_deref()
            .map(|name| key(env, name))
            .transpose()?;
        Ok(Some((checked(spec, "judge")?, key)))
    }
}

fn checked<T: Validate>(spec: T, what: &str) -> Result<T> {
    if let Err(errors) = spec.validate() {
        let list: Vec<String> = errors
            .iter()
            .map(|e| format!("{} {}", e.field.trim_start_matches('/'), e.message))
            .collect();
        bail!("{what}: {}", list.join("; "));
    }
    Ok(spec)
}

fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(180).collect()
}

fn key(env: &impl Fn(&str) -> Option<String>, name: &str) -> Result<String> {
    match env(name).filter(|v| !v.is_empty()) {
        Some(value) => Ok(value),
        None => bail!("the environment variable {name} is not set, or empty"),
    }
}

/// Gives the campaign a metric where the items ask for none, and checks that each metric can be computed.
fn settle(metrics: &mut Vec<MetricSpec>, dataset: &Dataset, judged: bool) -> Result<()> {
    if metrics.is_empty() && dataset.items.iter().any(|item| item.metrics.is_empty()) {
        let bare = || dataset.items.iter().filter(|item| item.metrics.is_empty());
        if bare().all(|item| item.expected_output.is_some()) {
            metrics.push(MetricSpec::of(MetricKind::ExactMatch));
        } else {
            let key = bare()
                .find(|i| i.expected_output.is_none())
                .and_then(|i| i.key.as_deref())
                .unwrap_or_default();
            bail!(
                "nothing says how to judge item `{key}`: give --metric (e.g. --metric 'contains:30 days'), \
                 --metrics-file, `metrics` in the dataset, or `expected_output` in each item for exact_match"
            );
        }
    }
    let all = metrics
        .iter()
        .chain(dataset.items.iter().flat_map(|item| &item.metrics));
    if let Some(metric) = all.into_iter().find(|m| m.kind.needs_judge() && !judged) {
        bail!(
            "metric `{}` asks a model: give --judge-url and --judge-model",
            metric.display_name()
        );
    }
    Ok(())
}

#[cfg(test)]
#[path = "run_args_tests.rs"]
mod tests;
