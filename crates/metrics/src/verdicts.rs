//! The dialogue that most metrics which ask a judge have: find statements, get a verdict on each, and have the score explained.

use crate::judge::{Judge, JudgeCall};
use crate::prompt::{list, object, question, text};
use crate::qag::{Verdict, qag_normalize};
use crate::text::clip;
use serde_json::{Value, json};

/// Most statements that are taken from a judge.
const MAX_STATEMENTS: usize = 200;

/// How many verdicts a question asks for. An answer with fewer leaves something unjudged, so that what was not looked at would count as
/// well as what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// One for each of so many things.
    Exactly(usize),
    /// The judge finds out itself how many there are.
    AtLeast(usize),
}

impl Wanted {
    fn check(self, got: usize) -> Result<(), String> {
        match self {
            Self::Exactly(asked) if got != asked => Err(format!(
                "`verdicts` must have {asked} entries, one for each, and has {got}"
            )),
            Self::AtLeast(least) if got < least => Err(format!(
                "`verdicts` must have at least {least} entries, and has {got}"
            )),
            _ => Ok(()),
        }
    }
}

/// A verdict and what the judge said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// Why, where the judge said.
    pub(crate) reason: Option<String>,
    /// What was judged, where the judge repeats it.
    pub(crate) statement: Option<String>,
}

/// Only the verdicts, as [`crate::qag_score`] takes them.
pub(crate) fn words(judgements: &[Judgement]) -> Vec<Option<Verdict>> {
    judgements.iter().map(|j| Some(j.verdict)).collect()
}

/// The reasons of verdicts that are among `failing`.
pub(crate) fn reasons(judgements: &[Judgement], failing: &[Verdict]) -> Vec<String> {
    let failed = judgements.iter().filter(|j| failing.contains(&j.verdict));
    failed
        .filter_map(|j| j.reason.clone().or_else(|| j.statement.clone()))
        .collect()
}

/// The schema of one verdict, an object with `verdict` and `reason`.
pub(crate) fn verdict_schema(borderline: bool) -> Value {
    let vocabulary: &[&str] = if borderline {
        &["yes", "no", "borderline"]
    } else {
        &["yes", "no"]
    };
    object(&[("verdict", json!({"enum": vocabulary})), ("reason", text())])
}

/// The schema of a list of verdicts.
pub(crate) fn verdicts_schema(borderline: bool) -> Value {
    object(&[("verdicts", list(&verdict_schema(borderline)))])
}

/// Reads one verdict.
///
/// Upstream drops a word outside of the vocabulary, so that a judge all of whose words are gives a full score. Here that is no answer.
///
/// # Errors
/// Where there is none, or its word is not in the vocabulary.
pub(crate) fn read_verdict(found: &Value, borderline: bool) -> Result<Judgement, String> {
    let word = found.get("verdict").and_then(Value::as_str);
    let word = word.ok_or("an object has no text `verdict`")?;
    let verdict = qag_normalize(word, borderline).ok_or_else(|| {
        let vocabulary = if borderline {
            "`yes`, `no` or `borderline`"
        } else {
            "`yes` or `no`"
        };
        format!(
            "a `verdict` must be {vocabulary}, and one is {}",
            json!(clip(word, 50))
        )
    })?;
    let said = |name: &str| found.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Judgement {
        verdict,
        reason: said("reason"),
        statement: said("statement"),
    })
}

/// Asks for a list of verdicts.
///
/// # Errors
/// As [`Judge::ask`].
pub(crate) async fn verdicts(
    judge: &Judge,
    call: JudgeCall,
    borderline: bool,
    wanted: Wanted,
) -> Result<Vec<Judgement>, String> {
    let read = |found: &Value| {
        let all = found.get("verdicts").and_then(Value::as_array);
        let all = all.ok_or("it has no list `verdicts`")?;
        wanted.check(all.len())?;
        let all = all.iter();
        all.map(|one| read_verdict(one, borderline)).collect()
    };
    judge.ask(call, |found, _| read(found)).await
}

/// Asks for a list of texts, which stands under `key`.
///
/// # Errors
/// As [`Judge::ask`].
pub(crate) async fn statements(
    judge: &Judge,
    schema_name: &'static str,
    key: &'static str,
    task: &str,
    material: &Value,
) -> Result<Vec<String>, String> {
    let schema = object(&[(key, list(&text()))]);
    let call = question(schema_name, task, material, schema);
    judge.ask(call, |found, _| read_texts(found, key)).await
}

/// Reads the list of texts that stands under `key`; of a long one, its beginning.
///
/// # Errors
/// Where there is none, or an entry is no text: left out, it would not be judged, and a list of nothing else would stand for nothing found.
pub(crate) fn read_texts(found: &Value, key: &str) -> Result<Vec<String>, String> {
    let all = found.get(key).and_then(Value::as_array);
    let all = all.ok_or_else(|| format!("it has no list `{key}`"))?;
    let texts: Option<Vec<&str>> = all.iter().map(Value::as_str).collect();
    let texts = texts.ok_or_else(|| format!("every entry of `{key}` must be a text"))?;
    Ok(texts
        .into_iter()
        .take(MAX_STATEMENTS)
        .map(str::to_owned)
        .collect())
}

/// Has a score explained that is fixed already. `what` says what the score means; `found` is what speaks against the case, or for
/// it, by name.
///
/// # Errors
/// As [`Judge::ask`].
pub(crate) async fn explain(
    judge: &Judge,
    schema_name: &'static str,
    what: &str,
    score: f64,
    found: &Value,
) -> Result<String, String> {
    let task = format!(
        "{what} Its score is {score:.2} of 1 and is final. Say in one or two concise sentences why the score is not higher, or, \
         where nothing speaks against the case, why it is as high as it is. Rely on the material alone."
    );
    let call = question(schema_name, &task, found, object(&[("reason", text())]));
    let read = |found: &Value| {
        let reason = found.get("reason").and_then(Value::as_str);
        reason
            .map(str::to_owned)
            .ok_or_else(|| "it has no text `reason`".to_owned())
    };
    judge.ask(call, |found, _| read(found)).await
}
