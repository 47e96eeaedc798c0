//! What a file comes to, as it is put together: items are checked, get their keys, and share what all of them have.

use crate::note::Notes;
use crate::{AgentHint, EvalHint, Format, ImportError, Imported, MAX_ITEMS, value};
use assay_model::{
    Content, DatasetItem, DatasetSpec, FieldError, MetricSpec, PromptSpec, ScenarioSpec, ToolCall,
    Validate,
};
use serde_json::Value;
use std::collections::HashSet;

/// Most metrics of a campaign, and of an item.
const MAX_METRICS: usize = 50;

/// Most bytes of all items together: a template that is asked with every row comes to more than the file.
const MAX_BYTES: usize = 256 << 20;

/// Most prompts, scenarios and agents of one file.
const MAX_BESIDES: usize = 1000;

pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) notes: Notes,
    /// Metrics that the file says are those of every item.
    pub(crate) common: Vec<MetricSpec>,
    pub(crate) agents: Vec<AgentHint>,
    pub(crate) evals: Vec<EvalHint>,
    /// How many bytes all items may still have.
    room: usize,
    items: Vec<DatasetItem>,
    keys: HashSet<String>,
    prompts: Vec<PromptSpec>,
    scenarios: Vec<ScenarioSpec>,
}

impl Draft {
    /// Of a file of this name, after which the dataset is called until the file says otherwise.
    pub(crate) fn new(file: &str) -> Self {
        let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
        Self {
            name: value::name(stem, 150).unwrap_or_else(|| "dataset".to_owned()),
            description: String::new(),
            notes: Notes::default(),
            common: Vec::new(),
            agents: Vec::new(),
            evals: Vec::new(),
            room: MAX_BYTES,
            items: Vec::new(),
            keys: HashSet::new(),
            prompts: Vec::new(),
            scenarios: Vec::new(),
        }
    }

    /// Takes an item that stands at `at`, or notes what is wrong with it. Without a key it gets that of its `index`.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn item(
        &mut self,
        at: &str,
        index: usize,
        mut item: DatasetItem,
    ) -> Result<(), ImportError> {
        if self.items.len() >= MAX_ITEMS {
            return Err(ImportError::TooMany);
        }
        let wanted = item.key.take();
        let given = wanted.as_deref().and_then(|key| value::name(key, 180));
        let base = given.unwrap_or_else(|| format!("item-{:06}", index + 1));
        let key = match self.keys.contains(&base) {
            true => free(&format!("{base} #{}", index + 1), &self.keys),
            false => base,
        };
        if wanted.as_ref().is_some_and(|wanted| *wanted != key) {
            let why = format!("it cannot be a key, or is there twice; it is `{key}` here");
            self.notes.changed(at, "the item's key", why);
        }
        item.key = Some(key.clone());
        // Their number is bounded, and noted, when all are known.
        let metrics = std::mem::take(&mut item.metrics);
        if item.turns.len() > 100 {
            let why = "a conversation of more than 100 turns cannot be an item";
            self.notes.dropped(at, "the item", why);
            return Ok(());
        }
        if item.tags.len() > MAX_METRICS {
            self.notes.dropped(at, "tags", "an item has at most 50");
            item.tags.truncate(MAX_METRICS);
        }
        if let Err(errors) = item.validate() {
            self.notes.dropped(at, "the item", words(&errors));
            return Ok(());
        }
        item.metrics = metrics;
        let left = self.room.checked_sub(size(&item));
        self.room = left.ok_or(ImportError::Expands)?;
        self.keys.insert(key);
        self.items.push(item);
        Ok(())
    }

    /// Takes a prompt, or notes what is wrong with it.
    pub(crate) fn prompt(&mut self, at: &str, mut prompt: PromptSpec) {
        let names: HashSet<String> = self.prompts.iter().map(|p| p.name.clone()).collect();
        prompt.name = free(&prompt.name, &names);
        match prompt.validate() {
            _ if self.prompts.len() >= MAX_BESIDES => {
                self.notes.dropped(at, "the prompt", "there are too many");
            }
            Err(errors) => self.notes.dropped(at, "the prompt", words(&errors)),
            Ok(()) => self.prompts.push(prompt),
        }
    }

    /// Takes a scenario, or notes what is wrong with it.
    pub(crate) fn scenario(&mut self, at: &str, mut scenario: ScenarioSpec) {
        let names: HashSet<String> = self.scenarios.iter().map(|s| s.name.clone()).collect();
        scenario.name = free(&scenario.name, &names);
        match scenario.validate() {
            _ if self.scenarios.len() >= MAX_BESIDES => {
                self.notes.dropped(at, "the scenario", "there are too many");
            }
            Err(errors) => self.notes.dropped(at, "the scenario", words(&errors)),
            Ok(()) => self.scenarios.push(scenario),
        }
    }

    /// Everything, with the metrics that all items share made the campaign's.
    pub(crate) fn finish(mut self, format: Format) -> Imported {
        let metrics = self.share();
        let taken: HashSet<String> = metrics
            .iter()
            .map(|m| m.display_name().to_owned())
            .collect();
        for item in &mut self.items {
            let dropped = item.metrics.len().saturating_sub(MAX_METRICS);
            if dropped > 0 {
                item.metrics.truncate(MAX_METRICS);
                let at = item.key.as_deref().unwrap_or_default();
                let what = format!("{dropped} metrics of item `{at}`");
                self.notes
                    .dropped("the file", what, "an item has at most 50");
            }
            tell_apart(&mut item.metrics, taken.clone());
        }
        self.agents.truncate(MAX_BESIDES);
        Imported {
            format,
            dataset: DatasetSpec {
                name: self.name,
                description: cut(self.description, 10_000),
                metadata: Value::Null,
            },
            items: self.items,
            metrics,
            prompts: self.prompts,
            scenarios: self.scenarios,
            agents: self.agents,
            evals: self.evals,
            notes: self.notes.finish(),
        }
    }

    /// Takes out of the items what each of them has. Of a lone item only what the file itself says of all.
    fn share(&mut self) -> Vec<MetricSpec> {
        let Some((first, others)) = self.items.split_first() else {
            let mut metrics = std::mem::take(&mut self.common);
            metrics.truncate(MAX_METRICS);
            tell_apart(&mut metrics, HashSet::new());
            return metrics;
        };
        let mut shared: Vec<MetricSpec> = Vec::new();
        for metric in &first.metrics {
            let everywhere = match others.is_empty() {
                true => self.common.contains(metric),
                false => others.iter().all(|item| item.metrics.contains(metric)),
            };
            if everywhere && !shared.contains(metric) && shared.len() < MAX_METRICS {
                shared.push(metric.clone());
            }
        }
        for item in &mut self.items {
            item.metrics.retain(|metric| !shared.contains(metric));
        }
        tell_apart(&mut shared, HashSet::new());
        shared
    }
}

/// About how many bytes an item takes.
fn size(item: &DatasetItem) -> usize {
    let content = |content: &Content| -> usize {
        let images = content.images().map(|image| image.url.len());
        content.len() + images.sum::<usize>()
    };
    let contents = item.input.iter().chain(&item.turns);
    let contents = contents.chain(&item.expected_output).chain(&item.context);
    let texts = contents
        .map(content)
        .chain(item.tags.iter().map(String::len));
    let calls = |calls: &[ToolCall]| -> usize {
        let one = |call: &ToolCall| call.name.len() + bytes(&call.input_parameters);
        calls.iter().map(one).sum()
    };
    let said = item
        .history
        .iter()
        .map(|m| content(&m.content) + calls(&m.tool_calls) + 32);
    let metrics = item.metrics.iter().map(|m| bytes(&m.params) + 64);
    let tools = item.expected_tools.as_deref().map_or(0, calls);
    256 + texts.chain(said).chain(metrics).sum::<usize>() + tools + bytes(&item.metadata)
}

/// About how many bytes a value takes.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(s) => s.len() + 32,
        Value::Array(list) => list.iter().map(bytes).sum::<usize>() + 32,
        Value::Object(object) => {
            let fields = object
                .iter()
                .map(|(name, value)| name.len() + bytes(value) + 32);
            fields.sum::<usize>() + 32
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 32,
    }
}

/// Gives metrics of the same name a number each, from the second on.
fn tell_apart(metrics: &mut [MetricSpec], mut taken: HashSet<String>) {
    for metric in metrics {
        let name = free(metric.display_name(), &taken);
        if name != metric.display_name() {
            metric.name = Some(name.clone());
        }
        taken.insert(name);
    }
}

/// `name`, or `name 2` and so on where it is taken.
fn free(name: &str, taken: &HashSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    let base: String = name.chars().take(90).collect();
    let numbered = (2_u64..).map(|n| format!("{base} {n}"));
    let mut numbered = numbered.filter(|name| !taken.contains(name));
    numbered.next().unwrap_or_default()
}

/// Field errors in one line.
pub(crate) fn words(errors: &[FieldError]) -> String {
    let all: Vec<String> = errors
        .iter()
        .map(|e| format!("`{}` {}", e.field.trim_start_matches('/'), e.message))
        .collect();
    all.join("; ")
}

/// At most `max` bytes of a text, whole characters.
pub(crate) fn cut(mut text: String, max: usize) -> String {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::MetricKind;

    fn item(metrics: &[MetricSpec]) -> DatasetItem {
        DatasetItem {
            input: Some("x".into()),
            metrics: metrics.to_vec(),
            ..DatasetItem::default()
        }
    }

    #[test]
    fn what_all_items_have_is_the_campaigns() {
        let a = MetricSpec::of(MetricKind::ExactMatch);
        let b = MetricSpec {
            threshold: Some(0.5),
            ..a.clone()
        };
        let mut draft = Draft::new("dir/a b.csv");
        for (i, metrics) in [
            &[a.clone(), b.clone()][..],
            &[b.clone(), b.clone(), a.clone()],
            std::slice::from_ref(&a),
        ]
        .iter()
        .enumerate()
        {
            draft.item("x", i, item(metrics)).unwrap();
        }
        let done = draft.finish(Format::Ragas);
        assert_eq!((done.dataset.name.as_str(), done.metrics), ("a b", vec![a]));
        let names = |i: usize| {
            done.items[i]
                .metrics
                .iter()
                .map(|m| m.display_name().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(0), ["exact_match 2"]);
        assert_eq!(names(1), ["exact_match 2", "exact_match 3"]);
        assert!(names(2).is_empty());
    }

    #[test]
    fn keys_are_unique_and_stay() {
        let mut draft = Draft::new("");
        for (i, key) in [Some("a"), None, Some("a"), Some("\n")]
            .into_iter()
            .enumerate()
        {
            let key = key.map(str::to_owned);
            draft
                .item("x", i, DatasetItem { key, ..item(&[]) })
                .unwrap();
        }
        draft.item("line 9", 7, DatasetItem::default()).unwrap();
        let done = draft.finish(Format::Ragas);
        let keys: Vec<_> = done.items.iter().filter_map(|i| i.key.as_deref()).collect();
        assert_eq!(keys, ["a", "item-000002", "a #3", "item-000004"]);
        assert_eq!(done.notes.len(), 3, "{:?}", done.notes);
        assert_eq!(
            done.notes[2].to_string(),
            "line 9: the item: `input` is required unless `turns` is given"
        );
    }

    #[test]
    fn a_cut_leaves_whole_characters() {
        assert_eq!(cut("aé".into(), 2), "a");
        assert_eq!(cut("aé".into(), 3), "aé");
    }
}
