//! What only this crate knows of a scenario: the templates, expressions and schedules of its graph, whether what they name is
//! there, its environment and its goal.

use crate::template;
use assay_environment::{check_environment, check_goal};
use assay_expression::Expression;
use assay_model::{
    Branches, NodeKind, RESERVED_VARIABLES, ScenarioGraph, ScenarioSpec, SecretHeader, Trigger,
    Validator, When,
};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::str::FromStr as _;

/// Checks the graph, the environment and the goal of a scenario, as far as it has them. The graph's shape has been checked by
/// itself.
pub fn check(scenario: &ScenarioSpec, v: &mut Validator) {
    if let Some(graph) = &scenario.graph {
        v.at("graph", |v| check_graph(graph, v));
    }
    check_world(scenario, v);
}

fn check_world(scenario: &ScenarioSpec, v: &mut Validator) {
    let Some(environment) = &scenario.environment else {
        let lost = scenario.goal_state.is_some();
        v.require(!lost, "goal_state", "needs an `environment`");
        return;
    };
    let mut alone = Validator::default();
    check_environment(&mut alone, environment);
    match (alone.finish(), &scenario.goal_state) {
        // What the goal's actions come to is known of a sound environment only.
        (Err(errors), _) => v.at("environment", |v| v.pointers(errors)),
        (Ok(()), Some(goal)) => v.at("goal_state", |v| check_goal(v, goal, environment)),
        (Ok(()), None) => {}
    }
    if let Some(graph) = &scenario.graph {
        v.at("graph", |v| v.at("nodes", |v| check_calls(graph, v)));
    }
}

/// Two answers at once would each begin with the same state, and only one could be kept.
fn check_calls(graph: &ScenarioGraph, v: &mut Validator) {
    let Ok(branches) = Branches::of(graph) else {
        return;
    };
    for (i, parallel) in graph.nodes.iter().enumerate() {
        let calls = graph.nodes.iter().filter(|node| {
            matches!(
                node.does,
                NodeKind::TargetCall {}
                    | NodeKind::Task { .. }
                    | NodeKind::Converse { .. }
                    | NodeKind::SubScenario { .. }
            )
        });
        let within = calls.filter_map(|node| branches.within.get(&node.id)?.get(&parallel.id));
        let several = within.collect::<BTreeSet<_>>().len() > 1;
        v.require(
            !several,
            &i.to_string(),
            "has more than one branch in which the agent answers; beside an `environment` it can be one",
        );
    }
}

fn check_graph(graph: &ScenarioGraph, v: &mut Validator) {
    let outputs = graph.nodes.iter().filter_map(|n| n.does.output());
    let inputs = graph.nodes.iter().flat_map(|n| match &n.does {
        NodeKind::SubScenario { inputs, .. } => inputs.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    });
    let known: BTreeSet<&str> = RESERVED_VARIABLES
        .into_iter()
        .chain(graph.variables.keys().map(String::as_str))
        .chain(outputs)
        .chain(inputs)
        .collect();
    v.at("nodes", |v| {
        for (i, node) in graph.nodes.iter().enumerate() {
            v.at(i, |v| v.at("does", |v| check_node(&node.does, &known, v)));
        }
    });
    v.at("edges", |v| {
        for (i, edge) in graph.edges.iter().enumerate() {
            if let Some(When::Expression(source)) = &edge.when {
                v.at(i, |v| expression("when", source, &known, v));
            }
        }
    });
}

fn check_node(kind: &NodeKind, known: &BTreeSet<&str>, v: &mut Validator) {
    let mut templates: Vec<(&str, &str)> = Vec::new();
    match kind {
        NodeKind::PersonaTurn { say, instructions } => {
            templates.extend(say.iter().map(|say| ("say", say.as_str())));
            templates.push(("instructions", instructions));
        }
        NodeKind::Task { instruction, .. } => templates.push(("instruction", instruction)),
        NodeKind::Tool {
            url, headers, body, ..
        } => {
            templates.push(("url", url));
            templates.extend(body.iter().map(|body| ("body", body.as_str())));
            v.at("headers", |v| {
                for (name, value) in headers {
                    // Between secrets stand templates of their own.
                    let each = |text: &str| -> Result<String, Infallible> {
                        template(name, text, known, v);
                        Ok(String::new())
                    };
                    if let Ok(None) = SecretHeader::of(name, value, each) {
                        template(name, value, known, v);
                    }
                }
            });
        }
        NodeKind::Transform { template, .. } => templates.push(("template", template)),
        NodeKind::WaitForPerson { question, .. } => templates.push(("question", question)),
        NodeKind::SubScenario { inputs, .. } => v.at("inputs", |v| {
            for (name, value) in inputs {
                template(name, value, known, v);
            }
        }),
        NodeKind::Code {
            expression: source,
            input,
            ..
        } => {
            for (field, source) in [("expression", source), ("input", input)] {
                if let Some(source) = source {
                    expression(field, source, known, v);
                }
            }
        }
        NodeKind::Loop { r#while, each, .. } => {
            for (field, source) in [("while", r#while), ("each", each)] {
                if let Some(source) = source {
                    expression(field, source, known, v);
                }
            }
        }
        NodeKind::Trigger {
            on: Trigger::Cron(schedule),
            ..
        } => {
            if let Err(message) = check_cron(schedule) {
                v.error("on", message);
            }
        }
        _ => {}
    }
    for (field, text) in templates {
        template(field, text, known, v);
    }
}

fn template(field: &str, text: &str, known: &BTreeSet<&str>, v: &mut Validator) {
    match template::names(text) {
        Err(fault) => v.error(field, format!("is no template: {fault}")),
        Ok(names) => unknown(field, names.iter().map(String::as_str), known, v),
    }
}

fn expression(field: &str, source: &str, known: &BTreeSet<&str>, v: &mut Validator) {
    match Expression::compile(source) {
        Err(fault) => v.error(field, format!("is no expression: {fault}")),
        Ok(expression) => {
            unknown(field, expression.variables(), known, v);
        }
    }
}

fn unknown<'n>(
    field: &str,
    names: impl Iterator<Item = &'n str>,
    known: &BTreeSet<&str>,
    v: &mut Validator,
) {
    for name in names.filter(|n| !known.contains(n)) {
        v.error(
            field,
            format!("names `{name}`, which neither `variables` nor any node sets"),
        );
    }
}

/// Whether a text is a cron schedule of five fields.
///
/// # Errors
/// What is wrong, for a person.
pub fn check_cron(schedule: &str) -> Result<(), String> {
    if schedule.split_whitespace().count() != 5 {
        return Err("must have the five fields of cron: minute, hour, day, month, weekday".into());
    }
    croner::Cron::from_str(schedule)
        .map(|_| ())
        .map_err(|e| format!("is no schedule: {e}"))
}

/// Whether a text names a time zone: as the IANA has them, `Europe/Berlin` for one, or `UTC`.
///
/// # Errors
/// What is wrong, for a person.
pub fn check_zone(zone: &str) -> Result<(), String> {
    zone_of(zone).map(|_| ())
}

fn zone_of(zone: &str) -> Result<chrono_tz::Tz, String> {
    chrono_tz::Tz::from_str(zone)
        .map_err(|_| "is no time zone of the IANA, such as `UTC` or `Europe/Berlin`".to_owned())
}

/// The next time that a schedule names after a time, both in microseconds since the epoch; the schedule goes by the clocks of
/// `zone`. Where those are put forward, a fixed time that they leave out is the first one after; where they are put back, a fixed
/// time comes once, and what comes every so many minutes goes on.
///
/// # Errors
/// What is wrong, for a person; also where there is no such time.
pub fn next_time(schedule: &str, zone: &str, after_micros: i64) -> Result<i64, String> {
    check_cron(schedule)?;
    let cron = croner::Cron::from_str(schedule).map_err(|e| e.to_string())?;
    let after = chrono::DateTime::from_timestamp_micros(after_micros)
        .ok_or_else(|| "the time is out of bounds".to_owned())?
        .with_timezone(&zone_of(zone)?);
    let next = cron
        .find_next_occurrence(&after, false)
        .map_err(|e| e.to_string())?;
    Ok(next.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::next_time;

    fn next(cron: &str, zone: &str, after: &str) -> String {
        let after = chrono::DateTime::parse_from_rfc3339(after).unwrap();
        let next = next_time(cron, zone, after.timestamp_micros()).unwrap();
        let next = chrono::DateTime::from_timestamp_micros(next).unwrap();
        next.format("%Y-%m-%dT%H:%MZ").to_string()
    }

    #[test]
    fn a_schedule_goes_by_the_clocks_of_its_zone() {
        let after = "2026-01-15T12:00:00Z";
        assert_eq!(next("0 3 * * *", "UTC", after), "2026-01-16T03:00Z");
        assert_eq!(
            next("0 3 * * *", "Europe/Berlin", after),
            "2026-01-16T02:00Z"
        );
        assert_eq!(next("0 3 * * *", "Asia/Tokyo", after), "2026-01-15T18:00Z");
        // It is Monday there already.
        assert_eq!(
            next("30 7 * * 1", "Asia/Ho_Chi_Minh", "2026-01-17T00:00:00Z"),
            "2026-01-19T00:30Z"
        );
        // Summer time.
        assert_eq!(
            next("0 3 * * *", "Europe/Berlin", "2026-07-01T12:00:00Z"),
            "2026-07-02T01:00Z"
        );
    }

    #[test]
    fn clocks_that_are_put_forward_or_back_leave_nothing_out_and_repeat_nothing() {
        // On 29 March 2026 there is no half past two in Berlin: three o'clock is one o'clock in UTC.
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"),
            "2026-03-29T01:00Z"
        );
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z"),
            "2026-03-30T00:30Z"
        );
        // On 25 October there are two.
        let first = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z");
        assert_eq!(first, "2026-10-25T00:30Z");
        assert_eq!(
            next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z"),
            "2026-10-26T01:30Z"
        );
        assert_eq!(
            next("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z"),
            "2026-10-25T01:00Z"
        );
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        for zone in ["", "Mars", "CEST", "+02:00", "Europe/", "UTC\0"] {
            assert!(next_time("0 3 * * *", zone, 0).is_err(), "{zone}");
        }
    }
}
