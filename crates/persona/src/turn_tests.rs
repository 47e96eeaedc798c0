//! Who speaks, and what ends a conversation.

use super::*;
use crate::play::max_calls;
use assay_model::PersonaSpec;
use proptest::prelude::*;

fn item(turns: &[&str]) -> DatasetItem {
    DatasetItem {
        turns: turns.iter().map(|t| (*t).into()).collect(),
        ..DatasetItem::default()
    }
}

fn scenario() -> ScenarioSpec {
    ScenarioSpec {
        name: "Refund".into(),
        goal: "get a refund".into(),
        persona: Some(PersonaSpec {
            name: "Ada".into(),
            ..PersonaSpec::default()
        }),
        ..ScenarioSpec::default()
    }
}

fn patient(patience: u32) -> ScenarioSpec {
    let mut scenario = scenario();
    if let Some(persona) = &mut scenario.persona {
        persona.patience = patience;
    }
    scenario
}

fn conversation(exchanges: &[(&str, &str)]) -> Vec<Message> {
    let both = |(user, answer): &(&str, &str)| {
        [
            Message::new(Role::User, *user),
            Message::new(Role::Assistant, *answer),
        ]
    };
    exchanges.iter().flat_map(both).collect()
}

fn answer(text: &str) -> Vec<Message> {
    conversation(&[("hi", text)])
}

fn say(text: &str) -> UserTurn {
    UserTurn::Say(Said::new(text))
}

/// What the user does in turn `turn` of `max`, without replies of a model.
fn at(
    item: &DatasetItem,
    scenario: Option<&ScenarioSpec>,
    messages: &[Message],
    turn: u32,
    max: u32,
) -> UserTurn {
    let turn = Turn {
        user_turns: turn,
        ..Turn::first(item, scenario, messages, max)
    };
    next(&turn, &[]).expect("no reply was read")
}

#[test]
fn scripts() {
    let check =
        |item: &DatasetItem, scenario: Option<&ScenarioSpec>, turn, max, expected: UserTurn| {
            assert_eq!(
                at(item, scenario, &answer("ok"), turn, max),
                expected,
                "turn {turn} of {max}"
            );
        };
    let single = DatasetItem {
        input: Some("q".into()),
        ..DatasetItem::default()
    };
    let (ended, most) = (
        UserTurn::Stop(StopReason::ScriptEnded),
        UserTurn::Stop(StopReason::MaxTurns),
    );
    check(&single, None, 0, 10, say("q"));
    check(&single, None, 1, 10, ended.clone());
    check(&single, None, 1, 1, ended.clone());
    check(&item(&["a", "b"]), None, 1, 10, say("b"));
    check(&item(&["a", "b"]), None, 1, 1, most.clone());
    check(&item(&[]), None, 0, 10, ended.clone());
    let scripted = ScenarioSpec {
        script: vec!["x".into(), "y".into()],
        max_turns: Some(1),
        ..scenario()
    };
    check(&scripted.to_item(), Some(&scripted), 0, 10, say("x"));
    check(&scripted.to_item(), Some(&scripted), 1, 10, most);
    check(&scripted.to_item(), Some(&scripted), u32::MAX, 10, ended);
}

#[test]
fn a_script_may_repeat_itself() {
    let scripted = ScenarioSpec {
        script: vec!["Where is it?".into(); 5],
        ..patient(1)
    };
    let round = ("Where is it?", "Please give me your order number.");
    let messages = conversation(&[round, round, round, round]);
    let turn = at(&scripted.to_item(), Some(&scripted), &messages, 4, 10);
    assert_eq!(turn, say("Where is it?"));
}

#[test]
fn personas() {
    let opened = ScenarioSpec {
        opening: Some("Hello!".into()),
        ..scenario()
    };
    assert_eq!(at(&item(&[]), Some(&opened), &[], 0, 10), say("Hello!"));
    assert!(matches!(
        at(&item(&[]), Some(&opened), &answer("ok"), 1, 10),
        UserTurn::Ask(_)
    ));
    assert!(matches!(
        at(&item(&[]), Some(&scenario()), &[], 0, 10),
        UserTurn::Ask(_)
    ));
    let limited = ScenarioSpec {
        max_turns: Some(3),
        ..scenario()
    };
    for (turn, max) in [(3, 10), (2, 2), (0, 0)] {
        let stop = at(&item(&[]), Some(&limited), &answer("ok"), turn, max);
        assert_eq!(stop, UserTurn::Stop(StopReason::MaxTurns));
    }
}

#[test]
fn the_agents_words_end_a_conversation() {
    let stopping = ScenarioSpec {
        stop_phrases: vec!["Have a GREAT day".into(), String::new()],
        end_phrases: vec!["This chat is closed".into()],
        ..scenario()
    };
    let check = |text: &str, turn, expected: Option<StopReason>| {
        let stopped = match at(&item(&[]), Some(&stopping), &answer(text), turn, 10) {
            UserTurn::Stop(reason) => Some(reason),
            _ => None,
        };
        assert_eq!(stopped, expected, "{text}");
    };
    check("Bye! have a great DAY.", 1, Some(StopReason::StopPhrase));
    check("Bye!", 1, None);
    // What stands in an item's history was said before this user came.
    check("have a great day", 0, None);
    check("THIS CHAT IS CLOSED.", 1, Some(StopReason::AgentEnded));
    // Who closes the chat ends it, whatever else is said.
    check(
        "Have a great day. This chat is closed.",
        1,
        Some(StopReason::AgentEnded),
    );
}

#[test]
fn patience_ends() {
    let ask = "Please give me your order number.";
    let messages = conversation(&[("a", ask), ("It is A1", ask), ("A1!", ask)]);
    let check = |patience, expected: bool| {
        let turn = at(&item(&[]), Some(&patient(patience)), &messages, 3, 10);
        let gave_up = turn == UserTurn::Stop(StopReason::GaveUp);
        assert_eq!(gave_up, expected, "patience {patience}");
    };
    check(1, true);
    check(2, true);
    check(3, false);
    check(10, false);
}

#[test]
fn a_mark_of_the_persona_counts_at_once() {
    let (item, scenario) = (item(&[]), patient(2));
    let messages = conversation(&[("a", "No."), ("b", "Never.")]);
    let turn = Turn {
        user_turns: 2,
        unhelpful_turns: &[1],
        ..Turn::first(&item, Some(&scenario), &messages, 10)
    };
    let reply = |text: &str| next(&turn, &[text.to_owned()]);
    assert_eq!(reply("Well then."), Ok(say("Well then.")));
    assert_eq!(
        reply("[[UNHELPFUL]] Well then."),
        Ok(UserTurn::Stop(StopReason::GaveUp))
    );
    // Without the earlier mark there is patience left, and the mark is given back.
    let turn = Turn {
        unhelpful_turns: &[],
        ..turn
    };
    let said = next(&turn, &["[[UNHELPFUL]] Well then.".to_owned()]);
    assert_eq!(
        said,
        Ok(UserTurn::Say(Said {
            text: "Well then.".into(),
            unhelpful: true
        }))
    );
}

#[test]
fn circles_end() {
    let round = ("Where is it?", "Please give me your order number.");
    let check = |rounds: usize, expected: bool| {
        let messages = conversation(&vec![round; rounds]);
        let turns = u32::try_from(rounds).unwrap();
        let turn = at(&item(&[]), Some(&patient(10)), &messages, turns, 10);
        let stopped = turn == UserTurn::Stop(StopReason::LoopDetected);
        assert_eq!(stopped, expected, "{rounds}");
    };
    check(2, false);
    check(3, true);
}

#[test]
fn a_person_is_asked() {
    let person = ScenarioSpec {
        played_by: PlayedBy::Person,
        situation: "The parcel is late.".into(),
        opening: Some("Hello!".into()),
        end_phrases: vec!["closed".into()],
        ..scenario()
    };
    assert_eq!(at(&item(&[]), Some(&person), &[], 0, 10), say("Hello!"));
    let (item, messages) = (item(&[]), answer("Which order?"));
    let turn = Turn {
        user_turns: 1,
        instructions: Some("the order's number"),
        ..Turn::first(&item, Some(&person), &messages, 10)
    };
    let Ok(UserTurn::AskPerson { prompt }) = next(&turn, &[]) else {
        panic!("no person is asked")
    };
    for part in [
        "Ada",
        "The parcel is late.",
        "get a refund",
        "the order's number",
        "Which order?",
    ] {
        assert!(prompt.contains(part), "{part}: {prompt}");
    }
    assert_eq!(
        at(&item, Some(&person), &answer("Closed."), 1, 10),
        UserTurn::Stop(StopReason::AgentEnded)
    );
    assert_eq!(
        at(&item, Some(&person), &messages, 1, 1),
        UserTurn::Stop(StopReason::MaxTurns)
    );
    assert_eq!(max_calls(Some(&person)), 0);
    // Nobody need say who the person is.
    let bare = ScenarioSpec {
        persona: None,
        opening: None,
        ..person
    };
    assert!(matches!(
        at(&item, Some(&bare), &[], 0, 10),
        UserTurn::AskPerson { .. }
    ));
}

#[test]
fn instructions_of_one_turn_reach_the_model() {
    let (item, scenario) = (item(&[]), scenario());
    let turn = Turn {
        instructions: Some("ask for the manager"),
        ..Turn::first(&item, Some(&scenario), &[], 10)
    };
    let Ok(UserTurn::Ask(with)) = next(&turn, &[]) else {
        panic!("nobody is asked")
    };
    let UserTurn::Ask(without) = at(&item, Some(&scenario), &[], 0, 10) else {
        panic!("nobody is asked")
    };
    assert!(with.messages[0].content.contains("ask for the manager"));
    assert!(!without.messages[0].content.contains("ask for the manager"));
    assert_eq!(
        with.prompt, without.prompt,
        "the user is the same in every turn"
    );
}

#[test]
fn reasons_have_one_name() {
    for reason in [
        StopReason::ScriptEnded,
        StopReason::MaxTurns,
        StopReason::StopPhrase,
        StopReason::AgentEnded,
        StopReason::GoalReached,
        StopReason::GaveUp,
        StopReason::LoopDetected,
    ] {
        assert_eq!(serde_json::json!(reason), reason.as_str());
    }
}

fn said() -> impl proptest::strategy::Strategy<Value = Message> {
    let roles = prop::sample::select(vec![Role::System, Role::User, Role::Assistant, Role::Tool]);
    (roles, "[a-c ]{0,6}").prop_map(|(role, text)| Message::new(role, text))
}

proptest! {
    #[test]
    fn any_conversation_has_a_next_turn(
        messages in proptest::collection::vec(said(), 0..30),
        user_turns in prop_oneof![0u32..20, Just(u32::MAX)],
        max_turns in prop_oneof![0u32..20, Just(u32::MAX)],
        patience in 0u32..12,
    ) {
        let (item, scenario) = (item(&[]), patient(patience));
        let turn = Turn { user_turns, ..Turn::first(&item, Some(&scenario), &messages, max_turns) };
        let done = next(&turn, &[]);
        prop_assert!(done.is_ok());
        if user_turns >= max_turns {
            prop_assert_eq!(done, Ok(UserTurn::Stop(StopReason::MaxTurns)));
        }
    }
}
