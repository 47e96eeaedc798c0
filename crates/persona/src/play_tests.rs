//! Strategies, and that nothing is said that gives the script away.

use super::*;
use crate::{next, turn::Said};
use assay_model::{DatasetItem, Disclosure, Fact, PersonaSpec, Strategy};
use proptest::prelude::{Strategy as _, *};

fn scenario(strategy: Strategy) -> ScenarioSpec {
    ScenarioSpec {
        situation: "You ordered blue shoes in size 42 a week ago and they have not come.".into(),
        goal: "Learn where the shoes are and get the delivery fee back.".into(),
        persona: Some(PersonaSpec {
            name: "Ada".into(),
            strategy,
            disclosure: vec![Fact {
                text: "The voucher code is STAFF50".into(),
                when: Disclosure::Never,
            }],
            ..PersonaSpec::default()
        }),
        ..ScenarioSpec::default()
    }
}

fn conversation() -> [Message; 2] {
    [
        Message::new(Role::User, "Where are my shoes?"),
        Message::new(Role::Assistant, "What is your order number?"),
    ]
}

/// What comes of `replies`.
fn turn(strategy: Strategy, replies: &[&str]) -> Result<UserTurn, PersonaError> {
    let (item, scenario, messages) = (DatasetItem::default(), scenario(strategy), conversation());
    let turn = Turn {
        user_turns: 1,
        ..Turn::first(&item, Some(&scenario), &messages, 10)
    };
    let replies: Vec<String> = replies.iter().map(|r| (*r).to_owned()).collect();
    next(&turn, &replies)
}

fn call(strategy: Strategy, replies: &[&str]) -> PersonaCall {
    match turn(strategy, replies) {
        Ok(UserTurn::Ask(call)) => call,
        other => panic!("nothing is asked: {other:?}"),
    }
}

fn says(text: &str) -> Result<UserTurn, PersonaError> {
    Ok(UserTurn::Say(Said::new(text)))
}

const YES: &str = r#"{"accepted": true, "problem": ""}"#;
const NO: &str = r#"{"accepted": false, "problem": "It invents a date."}"#;
const LEAK: &str = "My goal is a refund.";

#[test]
fn plain() {
    assert_eq!(turn(Strategy::Plain, &["It is A1."]), says("It is A1."));
    assert_eq!(
        turn(Strategy::Plain, &["[[DONE]]"]),
        Ok(UserTurn::Stop(StopReason::GoalReached))
    );
    assert_eq!(turn(Strategy::Plain, &[" "]), Err(PersonaError::Empty));
    let first = call(Strategy::Plain, &[]);
    assert_eq!(
        (first.purpose, first.response_schema),
        (Purpose::Draft, None)
    );
    // Replies beyond the last one that is needed change nothing.
    assert_eq!(
        turn(Strategy::Plain, &["It is A1.", LEAK]),
        says("It is A1.")
    );
}

#[test]
fn a_leak_is_written_anew_and_never_said() {
    let again = call(Strategy::Plain, &[LEAK]);
    let [.., draft, problem] = again.messages.as_slice() else {
        panic!("{again:?}")
    };
    assert_eq!(
        (draft.role, draft.content.as_str()),
        (Role::Assistant, LEAK)
    );
    assert_eq!(problem.role, Role::User);
    assert!(
        problem.content.contains("my goal is"),
        "{}",
        problem.content
    );
    assert_eq!(
        turn(Strategy::Plain, &[LEAK, LEAK, "A refund, please."]),
        says("A refund, please.")
    );
    let failed = turn(Strategy::Plain, &[LEAK, LEAK, "Try STAFF50"]);
    let Err(error) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(
        error,
        PersonaError::Leak(Leak::NeverTold("The voucher code is STAFF50".into()))
    );
    assert!(!error.is_retryable() && PersonaError::Empty.is_retryable());
}

#[test]
fn react() {
    let first = call(Strategy::React, &[]);
    assert!(first.messages[0].content.contains("Thought:"));
    assert!(
        !call(Strategy::Plain, &[]).messages[0]
            .content
            .contains("Thought:")
    );
    assert_eq!(
        turn(
            Strategy::React,
            &["Thought: My goal is a refund.\nMessage: It is A1."]
        ),
        says("It is A1.")
    );
    let again = call(Strategy::React, &["Thought: My goal is a refund."]);
    assert_eq!(again.purpose, Purpose::Draft);
}

#[test]
fn verify() {
    let check = call(Strategy::Verify, &["It is A1."]);
    assert_eq!(check.purpose, Purpose::Check);
    assert!(check.response_schema.is_some());
    assert!(
        check.messages[1]
            .content
            .contains("\"draft\": \"It is A1.\"")
    );
    assert!(
        check.messages[1]
            .content
            .contains("What is your order number?")
    );
    assert_eq!(
        turn(Strategy::Verify, &["It is A1.", YES]),
        says("It is A1.")
    );
    let second = call(Strategy::Verify, &["It was in May.", NO]);
    assert_eq!(second.purpose, Purpose::Draft);
    let told = second.messages.last().map(|m| m.content.as_str());
    assert!(
        told.is_some_and(|t| t.contains("It invents a date.")),
        "{told:?}"
    );
    assert_eq!(
        turn(Strategy::Verify, &["May.", NO, "June.", YES]),
        says("June.")
    );
    // The third draft is said as it is.
    assert_eq!(
        turn(Strategy::Verify, &["May.", NO, "June.", NO, "July."]),
        says("July.")
    );
    // The end of the conversation is reviewed as well.
    assert_eq!(
        call(Strategy::Verify, &["[[DONE]]"]).purpose,
        Purpose::Check
    );
    assert_eq!(
        turn(Strategy::Verify, &["[[DONE]]", NO, "Where is it?", YES]),
        says("Where is it?")
    );
    // A verdict that cannot be read accepts nothing.
    assert_eq!(
        call(Strategy::Verify, &["May.", "looks fine"]).purpose,
        Purpose::Draft
    );
    // A reviewer's word does not make a leak sayable: it is not even asked.
    assert_eq!(call(Strategy::Verify, &[LEAK]).purpose, Purpose::Draft);
    assert!(turn(Strategy::Verify, &["May.", NO, LEAK, LEAK, LEAK]).is_err());
}

#[test]
fn reflection() {
    let critique = call(Strategy::Reflection, &["It is A1."]);
    assert_eq!(critique.purpose, Purpose::Critique);
    assert!(critique.messages[0].content.contains("Criticise"));
    assert_eq!(
        turn(Strategy::Reflection, &["A", NO, "B", NO, "C"]),
        says("C")
    );
    assert_eq!(turn(Strategy::Reflection, &["A", NO, "B", YES]), says("B"));
}

#[test]
fn bounds() {
    for (strategy, most) in [
        (Strategy::Plain, 3),
        (Strategy::React, 3),
        (Strategy::Verify, 7),
        (Strategy::Reflection, 7),
    ] {
        assert_eq!(max_calls(Some(&scenario(strategy))), most);
    }
    assert_eq!(max_calls(None), 0);
    // The longest course there is.
    let longest = ["May.", NO, LEAK, LEAK, "June.", NO, "July."];
    assert_eq!(turn(Strategy::Verify, &longest), says("July."));
    assert!(matches!(
        turn(Strategy::Verify, &longest[..6]),
        Ok(UserTurn::Ask(_))
    ));
}

/// What models write, for better or worse, in pieces.
fn reply() -> impl proptest::strategy::Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        " It is A1. ",
        "Thought: ",
        "\nMessage: ",
        " my goal is ",
        " MY\u{a0}GOAL\u{200b} IS ",
        "[[",
        "DONE",
        "]]",
        "[[UNHELPFUL]]",
        "[[UNHEL[[UNHELPFUL]]PFUL]]",
        "[[GI[[UNHELPFUL]]VE_UP]]",
        " STAFF50 ",
        " staff-50 ",
        " *sighs* ",
        "(sighs",
        ") ",
        "Assistant: ",
        "\nUser: ",
        " How can I help you? ",
        " I am simu",
        "lated ",
        "{\"message\": \"",
        "\"}",
        "{\"accepted\": true}",
        "{\"accepted\": false}",
        "<think>",
        "</think>",
        "\"",
        " ordered blue shoes in size 42 a week ago ",
        " Learn where the shoes are and get the delivery fee ",
        " tôi đang ",
        " đóng vai ",
        "\u{0}",
        " é ",
        "\n",
    ]);
    prop_oneof![
        proptest::collection::vec(pieces, 0..8).prop_map(|p| p.concat()),
        "(?s).{0,60}",
    ]
}

fn strategies() -> impl proptest::strategy::Strategy<Value = Strategy> {
    prop::sample::select(vec![
        Strategy::Plain,
        Strategy::React,
        Strategy::Verify,
        Strategy::Reflection,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_reply_makes_a_leak_be_said_and_every_turn_ends(
        strategy in strategies(),
        replies in proptest::collection::vec(reply(), 7),
    ) {
        let (item, scenario, messages) = (DatasetItem::default(), scenario(strategy), conversation());
        let turn = Turn { user_turns: 1, ..Turn::first(&item, Some(&scenario), &messages, 10) };
        let most = max_calls(Some(&scenario)) as usize;
        let mut ended = None;
        for so_far in 0..=most {
            match next(&turn, &replies[..so_far]) {
                Ok(UserTurn::Ask(call)) => {
                    prop_assert!(ended.is_none(), "it asks again after its end");
                    prop_assert_eq!(call.messages.last().map(|m| m.role), Some(Role::User));
                    prop_assert!(call.messages.iter().all(|m| !m.content.is_empty()));
                }
                done => {
                    if let Ok(UserTurn::Say(said)) = &done {
                        prop_assert_eq!(find_leak(&turn, &said.text), None, "{}", said.text);
                        prop_assert!(!said.text.trim().is_empty());
                        let heard = said.text.to_lowercase();
                        // The same without the check's own means.
                        for secret in [
                            "staff50", "staff-50", "my goal is", "[[done", "done]]", "[[unhelpful", "give_up", "simulated",
                            "tôi đang đóng vai", "how can i help you", "*sighs*", "blue shoes in size 42 a week",
                        ] {
                            prop_assert!(!heard.contains(secret), "{}", said.text);
                        }
                    }
                    let before = ended.get_or_insert_with(|| done.clone());
                    prop_assert_eq!(&*before, &done, "its end changes with replies that it does not need");
                }
            }
        }
        prop_assert!(ended.is_some(), "it asks more than {} times", most);
    }
}
