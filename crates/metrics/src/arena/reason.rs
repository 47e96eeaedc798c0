//! Why a contest ended as it did, by the contestants' own names.

use crate::judge::Judge;
use crate::prompt::{object, question, text};
use assay_model::{Ballot, ContestPlace};
use regex::{NoExpand, Regex};
use serde_json::{Map, Value, json};

/// The ballot's reason with the contestants' own names, as the judge writes it. Where it does not, the names are put in word by word.
pub(super) async fn rewritten(judge: &Judge, ballot: &Ballot) -> String {
    let names: Map<String, Value> = ballot
        .order
        .iter()
        .map(|place| (place.alias.clone(), json!(place.name)))
        .collect();
    let task = "Write the reason once more with each contestant called by its real name instead of the one that it has there. Change nothing else.";
    let material = json!({"reason": ballot.reason, "real names": names});
    let schema = object(&[("rewritten_reason", text())]);
    let call = question("RewrittenReason", task, &material, schema);
    let read = |found: &Value| {
        let said = found.get("rewritten_reason").and_then(Value::as_str);
        let said = said.ok_or("it has no text `rewritten_reason`")?;
        if said.trim().is_empty() {
            return Err("`rewritten_reason` must not be empty".to_owned());
        }
        match ballot.order.iter().find(|place| is_named(said, place)) {
            Some(place) => Err(format!("`rewritten_reason` still has `{}`", place.alias)),
            None => Ok(said.to_owned()),
        }
    };
    let asked = judge.ask(call, |found, _| read(found)).await;
    asked.unwrap_or_else(|_| unmasked(ballot))
}

/// What is told where the choices differ.
pub(super) fn of_disagreement(ballots: &[Ballot]) -> String {
    let told: Vec<String> = ballots
        .iter()
        .map(|ballot| {
            let order: Vec<&str> = ballot.order.iter().map(|p| p.name.as_str()).collect();
            let choice = ballot.winner.as_deref().unwrap_or("none of them");
            format!(
                "in the order {} it chose {choice}: {}",
                order.join(", "),
                unmasked(ballot)
            )
        })
        .collect();
    format!(
        "The judge's choice depends on the order in which it sees the contestants: {}",
        told.join(" But ")
    )
}

/// The ballot's reason, with the contestants' own names put in word by word.
fn unmasked(ballot: &Ballot) -> String {
    ballot
        .order
        .iter()
        .fold(ballot.reason.clone(), |text, place| match pattern(place) {
            Some(pattern) => pattern
                .replace_all(&text, NoExpand(&place.name))
                .into_owned(),
            None => text,
        })
}

fn is_named(text: &str, place: &ContestPlace) -> bool {
    pattern(place).is_some_and(|pattern| pattern.is_match(text))
}

/// The contestant's alias as a word.
fn pattern(place: &ContestPlace) -> Option<Regex> {
    Regex::new(&format!(r"\b{}\b", regex::escape(&place.alias))).ok()
}
