//! Contests with a judge that is scripted.

use super::*;
use crate::judge::JudgeCall;
use serde_json::json;

fn spec(names: &[&str], own: &Value) -> ContestSpec {
    let contestants: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "case": {"input": "q", "actual_output": format!("answer of {name}\"}}")}}))
        .collect();
    let mut spec = json!({"evaluation_steps": ["s"], "contestants": contestants, "seed": 7});
    for (name, value) in own.as_object().unwrap() {
        spec[name] = value.clone();
    }
    serde_json::from_value(spec).unwrap()
}

/// The aliases in a question, in order, each with the answer that stands there.
fn contestants(call: &JudgeCall) -> Vec<(String, String)> {
    let said = &call.messages[1].content;
    let material = said.split("The material as JSON:\n").nth(1).unwrap();
    let material: Value = serde_json::from_str(material.lines().next().unwrap()).unwrap();
    let all = material["contestants"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.map(|one| (text(&one["name"]), text(&one["case"]["actual_output"])))
        .collect()
}

/// The alias of whoever gave the answer of `name`.
fn alias(call: &JudgeCall, name: &str) -> String {
    let all = contestants(call);
    let wanted = format!("answer of {name}\"}}");
    all.into_iter().find(|(_, said)| *said == wanted).unwrap().0
}

fn play(
    spec: &ContestSpec,
    mut answer: impl FnMut(&JudgeCall) -> Result<Value, String>,
) -> (ContestResult, Vec<JudgeCall>) {
    let (mut contest, mut step) = Contest::start(spec);
    let (mut open, mut asked): (Vec<Asked>, Vec<JudgeCall>) = (Vec::new(), Vec::new());
    loop {
        match step {
            ContestStep::Done(result) => return (*result, asked),
            ContestStep::Ask(more) => open.extend(more),
        }
        let one = open.remove(0);
        let said = answer(&one.call).map(|content| ChatAnswer {
            content: content.to_string(),
            cost_usd: Some(0.5),
            ..ChatAnswer::default()
        });
        step = contest.answer(one.id, said);
        asked.push(one.call);
        assert!(asked.len() < 20);
    }
}

/// A judge that chooses by name, and puts real names into reasons.
fn choosing(call: &JudgeCall, name: &str) -> Result<Value, String> {
    Ok(match call.schema_name {
        "Winner" => {
            let alias = alias(call, name);
            json!({"winner": alias, "reason": format!("{alias} is best")})
        }
        "RewrittenReason" => json!({"rewritten_reason": format!("{name} is best")}),
        "Steps" => json!({"steps": ["s"]}),
        other => panic!("{other}"),
    })
}

#[test]
fn whoever_wins_in_both_orders_wins() {
    for name in ["gpt", "claude"] {
        let (result, asked) = play(&spec(&["gpt", "claude"], &json!({})), |c| choosing(c, name));
        assert_eq!(
            (result.status, result.winner.as_deref()),
            (ContestStatus::Won, Some(name))
        );
        assert_eq!(result.reason, format!("{name} is best"));
        assert_eq!((asked.len(), result.ballots.len(), result.seed), (3, 2, 7));
        assert_eq!(
            (result.cost_usd, result.judge_answers.len()),
            (Some(1.5), 3)
        );
        // The aliases keep their places, the contestants change theirs.
        let [one, other] = [contestants(&asked[0]), contestants(&asked[1])];
        assert_eq!((&one[0].0, &one[1].0), (&other[0].0, &other[1].0));
        assert_eq!((&one[0].1, &one[1].1), (&other[1].1, &other[0].1));
        // What was seen is what is told.
        let told: Vec<&str> = result.ballots[0]
            .order
            .iter()
            .map(|p| p.alias.as_str())
            .collect();
        assert_eq!(told, [one[0].0.as_str(), one[1].0.as_str()]);
    }
}

#[test]
fn a_judge_that_prefers_a_place_finds_no_winner() {
    for place in [0, 1] {
        let (result, asked) = play(&spec(&["gpt", "claude"], &json!({})), |call| {
            let alias = contestants(call).remove(place).0;
            Ok(json!({"winner": alias, "reason": format!("${alias}$ is first, {alias}ish")}))
        });
        assert_eq!((result.status, result.winner), (ContestStatus::Tied, None));
        assert_eq!(asked.len(), 2, "there is no reason to rewrite");
        let choices: Vec<&str> = result
            .ballots
            .iter()
            .map(|b| b.winner.as_deref().unwrap())
            .collect();
        assert_ne!(choices[0], choices[1]);
        for name in ["$gpt$ is first", "$claude$ is first"] {
            assert!(result.reason.contains(name), "{}", result.reason);
        }
    }
}

#[test]
fn ties_are_told() {
    let tie = json!({"winner": "tie", "reason": "they are the same"});
    let (result, _) = play(&spec(&["a1", "b1"], &json!({})), |call| {
        Ok(match call.schema_name {
            "Winner" => tie.clone(),
            _ => json!({"rewritten_reason": "all are the same"}),
        })
    });
    assert_eq!((result.status, result.winner), (ContestStatus::Tied, None));
    assert_eq!(result.reason, "all are the same");
    // One says tie, the other does not.
    let mut first = true;
    let (result, _) = play(&spec(&["a1", "b1"], &json!({})), |call| {
        if std::mem::take(&mut first) {
            return Ok(tie.clone());
        }
        choosing(call, "a1")
    });
    assert_eq!((result.status, result.winner), (ContestStatus::Tied, None));
    assert!(result.reason.contains("none of them"), "{}", result.reason);
}

#[test]
fn several_are_judged_in_an_order_of_the_seed() {
    let names = ["a1", "b1", "c1", "d1", "e1"];
    let order = |seed: u64| {
        let spec = spec(
            &names,
            &json!({"seed": seed, "evaluation_steps": [], "criteria": "c"}),
        );
        let (result, asked) = play(&spec, |c| choosing(c, "d1"));
        assert_eq!((result.winner.as_deref(), result.seed), (Some("d1"), seed));
        assert_eq!(asked.len(), 3, "steps, a choice, the reason");
        let order = result.ballots.into_iter().next().unwrap().order;
        let mut sorted: Vec<String> = order.iter().map(|p| p.name.clone()).collect();
        sorted.sort_unstable();
        assert_eq!(sorted, names);
        order
    };
    assert_eq!(order(1), order(1));
    let orders: Vec<Vec<ContestPlace>> = (0..20).map(order).collect();
    let first = |of: &dyn Fn(&ContestPlace) -> String| {
        let all: std::collections::BTreeSet<String> = orders.iter().map(|o| of(&o[0])).collect();
        all.len()
    };
    assert!(first(&|p| p.name.clone()) > 2 && first(&|p| p.alias.clone()) > 5);
}

#[test]
fn names_are_hidden_from_the_judge() {
    let mut spec = spec(&["Maple 4", "plain"], &json!({"fields": ["actual_output"]}));
    spec.contestants[0].case.actual_output = Some("Under the old OAK and the rowan.".into());
    spec.contestants[1].case.actual_output = Some("Nowhere.".into());
    let (_, asked) = play(&spec, |_| Err("busy".into()));
    let said = &asked[0].messages[1].content;
    for hidden in ["Maple", "plain", "\"q\""] {
        assert!(!said.contains(hidden), "{hidden}");
    }
    for seed in 0..200 {
        spec.seed = seed;
        let seen: Vec<Value> = spec
            .contestants
            .iter()
            .map(|c| own(&spec, &c.case))
            .collect();
        for round in masks::rounds(&spec, &seen) {
            assert!(
                round
                    .iter()
                    .all(|(alias, _)| !["Maple", "Oak", "Rowan"].contains(&alias))
            );
        }
    }
}

#[test]
fn a_reason_that_is_not_rewritten_gets_its_names_all_the_same() {
    for useless in [json!({"rewritten_reason": " "}), json!({}), json!(null)] {
        let mut rewrites = 0;
        let (result, _) = play(&spec(&["gpt $1", "claude"], &json!({})), |call| {
            if call.schema_name == "RewrittenReason" {
                rewrites += 1;
                return Ok(useless.clone());
            }
            choosing(call, "gpt $1")
        });
        assert_eq!((result.status, rewrites), (ContestStatus::Won, 2));
        assert_eq!(result.reason, "gpt $1 is best");
    }
    // One that keeps an alias is asked for once more.
    let mut masked = String::new();
    let (result, asked) = play(&spec(&["gpt", "claude"], &json!({})), |call| {
        if call.schema_name == "Winner" {
            masked = alias(call, "gpt");
        } else if call.messages.len() == 2 {
            return Ok(json!({"rewritten_reason": format!("{masked}, that is gpt")}));
        }
        choosing(call, "gpt")
    });
    assert_eq!((result.reason.as_str(), asked.len()), ("gpt is best", 4));
}

#[test]
fn an_error_is_no_choice() {
    let two = spec(&["gpt", "claude"], &json!({}));
    let (result, _) = play(&two, |_| Err("429".into()));
    assert_eq!((result.status, result.winner), (ContestStatus::Error, None));
    assert!(result.reason.contains("429") && result.ballots.is_empty());
    for useless in [
        json!({"winner": "nobody", "reason": "r"}),
        json!({"winner": "gpt", "reason": "r"}),
        json!({"winner": 1}),
        json!([]),
    ] {
        let (result, asked) = play(&two, |_| Ok(useless.clone()));
        assert_eq!(result.status, ContestStatus::Error, "{useless}");
        assert!(result.reason.contains("twice"), "{}", result.reason);
        assert!(asked.len() >= 2);
    }
    let alone = spec(&["gpt"], &json!({}));
    let (result, asked) = play(&alone, |_| Ok(json!({})));
    assert_eq!((result.status, asked.len()), (ContestStatus::Error, 0));
    assert!(result.reason.contains("/contestants"), "{}", result.reason);
}

#[test]
fn a_winner_is_whom_all_ballots_name() {
    assert_eq!(decide(&[Some(1)]), Some(1));
    assert_eq!(decide(&[Some(1), Some(1)]), Some(1));
    assert_eq!(decide(&[Some(1), Some(0)]), None);
    assert_eq!(decide(&[Some(1), None]), None);
    assert_eq!(decide(&[None, Some(1)]), None);
    assert_eq!(decide(&[None]), None);
    assert_eq!(decide(&[]), None);
}
