//! Conditions of edges.

use crate::course::Course;
use crate::fields::State;
use assay_expression::{Expression, Variables};
use assay_model::{MetricKind, MetricSpec, Role, Sentiment, When};
use serde_json::{Value, json};

/// Whether a condition holds; `None` where a judge must say.
///
/// # Errors
/// An expression that cannot be computed, for a person.
pub(crate) fn holds(when: &When, state: &State, course: &Course) -> Result<Option<bool>, String> {
    let answer = state.last(Role::Assistant);
    let said = answer.map(|m| m.content.to_lowercase()).unwrap_or_default();
    let contains = |text: &String| answer.is_some() && said.contains(&text.to_lowercase());
    Ok(Some(match when {
        When::AnswerContains(text) => contains(text),
        When::AnswerContainsAny(texts) => texts.iter().any(contains),
        When::ToolCalled(tool) => {
            answer.is_some_and(|m| m.tool_calls.iter().any(|call| call.name == *tool))
        }
        When::TurnsAtLeast(turns) => state.user_turns >= *turns,
        // A metric that was not scored is not below anything.
        When::ScoreBelow { metric, value } => {
            let last = state.scores.iter().rev().find(|s| s.name == *metric);
            last.and_then(|s| s.score).is_some_and(|s| s < *value)
        }
        When::Expression(source) => is_true(source, &course.names(state))?,
        When::Sentiment(_) | When::Judge(_) => return Ok(None),
        When::Again {} => false,
    }))
}

/// An expression with the names that it needs.
fn prepared(source: &str, names: &Value) -> Result<(Expression, Variables), String> {
    let expression = Expression::compile(source).map_err(|e| e.to_string())?;
    let mut variables = Variables::new();
    for name in expression.variables() {
        if let Some(value) = names.get(name) {
            variables.set(name, value).map_err(|e| e.to_string())?;
        }
    }
    Ok((expression, variables))
}

/// Whether an expression is true.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn is_true(source: &str, names: &Value) -> Result<bool, String> {
    let (expression, variables) = prepared(source, names)?;
    expression
        .evaluate_bool(&variables)
        .map_err(|e| e.to_string())
}

/// What an expression comes to.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn value(source: &str, names: &Value) -> Result<Value, String> {
    let (expression, variables) = prepared(source, names)?;
    expression.evaluate(&variables).map_err(|e| e.to_string())
}

/// The metric by which a judge says whether a condition holds: it is passed where it does.
pub(crate) fn judged(when: &When, name: &str) -> Option<MetricSpec> {
    let (step, field) = match when {
        When::Judge(text) => (
            format!("Say 1 if this is true of the conversation, else 0: {text}"),
            "conversation",
        ),
        When::Sentiment(sentiment) => {
            let sounds = match sentiment {
                Sentiment::Positive => "positive: friendly, glad, encouraging",
                Sentiment::Neutral => "neutral: neither friendly nor unfriendly, a plain statement",
                Sentiment::Negative => "negative: cross, sad, discouraging or hostile",
            };
            let step = format!("Say 1 if the tone of the actual output is {sounds}; else 0.");
            (step, "actual_output")
        }
        _ => return None,
    };
    Some(MetricSpec {
        name: Some(name.to_owned()),
        params: json!({"evaluation_steps": [step], "fields": [field], "strict": true}),
        ..MetricSpec::of(MetricKind::GEval)
    })
}
