//! What the model is told, and what it is not.

use super::*;
use assay_model::{DatasetItem, Fact};
use proptest::prelude::{Strategy as _, *};

fn fact(text: &str, when: Disclosure) -> Fact {
    Fact {
        text: text.into(),
        when,
    }
}

fn scenario() -> ScenarioSpec {
    ScenarioSpec {
        situation: "The parcel is late.".into(),
        goal: "a refund".into(),
        persona: Some(PersonaSpec {
            name: "Ada".into(),
            description: "buys much".into(),
            language: "de".into(),
            ..PersonaSpec::default()
        }),
        ..ScenarioSpec::default()
    }
}

fn messages_of(scenario: &ScenarioSpec, conversation: &[Message]) -> Vec<Message> {
    let item = DatasetItem::default();
    persona_messages(
        &Turn::first(&item, Some(scenario), conversation, 10),
        scenario,
    )
}

#[test]
fn roles_are_swapped() {
    let conversation = [
        Message::new(Role::System, "secret of the agent"),
        Message::new(Role::User, "hi"),
        Message::new(Role::Tool, "{}"),
        Message::new(Role::Assistant, " "),
    ];
    let messages = messages_of(&scenario(), &conversation);
    let roles: Vec<Role> = messages.iter().map(|m| m.role).collect();
    assert_eq!(
        roles,
        [Role::System, Role::User, Role::Assistant, Role::User]
    );
    assert_eq!(messages[2].content, "hi");
    assert_eq!(messages[3].content, "(no answer)");
    assert!(
        !messages
            .iter()
            .any(|m| m.content.contains("secret of the agent"))
    );
}

#[test]
fn instructions_tell_who_and_what() {
    let mut scenario = scenario();
    if let Some(persona) = &mut scenario.persona {
        persona.traits = vec!["curt".into(), "proud".into()];
        persona.mood = "worried".into();
        persona.tone = "dry".into();
        persona.style = "no capitals".into();
        persona.goals = vec!["be heard".into()];
        persona.knowledge = "paid by card".into();
    }
    let text = instructions(&scenario, Some(" the order's number "));
    for part in [
        "Ada",
        "buys much",
        "curt, proud",
        "worried",
        "dry",
        "no capitals",
        "The parcel is late.",
        "a refund",
        "- be heard",
        "paid by card",
        "The language you speak:\nde\n",
        "What you are after in your next message:\nthe order's number\n",
        DONE,
        GIVE_UP,
        UNHELPFUL,
    ] {
        assert!(text.contains(part), "{part}");
    }
    let bare = instructions(&ScenarioSpec::default(), Some(" "));
    for title in ["Who you are", "Facts", "Your mood", "next message:\n"] {
        assert!(!bare.contains(title), "{title}");
    }
    assert!(bare.contains("the language in which your situation is told"));
}

#[test]
fn facts_keep_their_order_and_their_time() {
    let mut scenario = scenario();
    if let Some(persona) = &mut scenario.persona {
        persona.disclosure = vec![
            fact("The parcel is blue", Disclosure::Upfront),
            fact("The order is A1", Disclosure::WhenAsked),
            fact("The street is wrong", Disclosure::Reluctantly),
            fact("It was stolen", Disclosure::Never),
        ];
    }
    let text = instructions(&scenario, None);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    let order = [
        at("1. The parcel is blue (tell it unasked"),
        at("2. The order is A1 (tell it only when"),
        at("3. The street is wrong (do not tell it when you are first asked"),
        at("4. It was stolen (never tell it"),
    ];
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn patience_is_told() {
    let told = |patience| {
        rules(&PersonaSpec {
            patience,
            ..PersonaSpec::default()
        })
    };
    assert!(told(1).contains("no patience"));
    assert!(told(3).contains("after 3 answers"));
    assert!(told(5).contains("after 5 answers"));
    assert!(told(9).contains("after 9 answers"));
    assert!(!told(10).contains(GIVE_UP));
    assert!((1..=10).all(|p| told(p).contains(UNHELPFUL)));
}

#[test]
fn the_stamp_is_of_the_user_and_not_of_the_turn() {
    let one = stamp(&scenario());
    assert_eq!((one.version.as_str(), one.hash.len()), (PROMPT_VERSION, 64));
    assert_eq!(stamp(&scenario()), one);
    let mut other = scenario();
    other.goal = "a new one".into();
    assert_ne!(stamp(&other).hash, one.hash);
    // What does not reach the model makes nobody another one.
    let mut tagged = scenario();
    tagged.tags = vec!["x".into()];
    assert_eq!(stamp(&tagged), one);
    let strategies = [
        assay_model::Strategy::Plain,
        assay_model::Strategy::React,
        assay_model::Strategy::Verify,
        assay_model::Strategy::Reflection,
    ];
    let hashes: std::collections::BTreeSet<String> =
        strategies.map(|s| stamp(&varied(5, s)).hash).into();
    assert_eq!(hashes.len(), strategies.len());
}

/// A scenario whose prompt has every part.
fn varied(patience: u32, strategy: assay_model::Strategy) -> ScenarioSpec {
    let text = |field: &str| field.to_owned();
    let whens = [
        Disclosure::Upfront,
        Disclosure::WhenAsked,
        Disclosure::Reluctantly,
        Disclosure::Never,
    ];
    ScenarioSpec {
        situation: text("situation"),
        goal: text("goal"),
        persona: Some(PersonaSpec {
            name: text("name"),
            description: text("description"),
            goals: vec![text("goal")],
            traits: vec![text("trait")],
            mood: text("mood"),
            language: text("language"),
            tone: text("tone"),
            style: text("style"),
            patience,
            knowledge: text("knowledge"),
            disclosure: whens.map(|when| fact("fact", when)).into(),
            strategy,
            ..PersonaSpec::default()
        }),
        ..ScenarioSpec::default()
    }
}

#[test]
fn the_words_of_a_version_stay_as_they_are() {
    let of = |strategy| (1..=10).map(move |p| stamp(&varied(p, strategy)).hash);
    let hashes: Vec<String> = of(assay_model::Strategy::Plain)
        .chain(of(assay_model::Strategy::React))
        .chain(of(assay_model::Strategy::Verify))
        .chain(of(assay_model::Strategy::Reflection))
        .chain([stamp(&ScenarioSpec::default()).hash])
        .collect();
    let all = hex::encode(Sha256::digest(hashes.concat()));
    assert_eq!(
        (PROMPT_VERSION, all.as_str()),
        (
            "2",
            "8d5e2728ac13bb8fce49f230f0d08d8d7891c98d4112d012364a590f3e70b9e4"
        ),
        "the words changed: raise PROMPT_VERSION, and then pin their hash here"
    );
}

fn said() -> impl proptest::strategy::Strategy<Value = Message> {
    let roles = prop::sample::select(vec![Role::System, Role::User, Role::Assistant, Role::Tool]);
    (roles, ".{0,20}").prop_map(|(role, text)| Message::new(role, text))
}

proptest! {
    #[test]
    fn the_model_is_always_asked_as_the_assistant(conversation in proptest::collection::vec(said(), 0..150)) {
        let messages = messages_of(&scenario(), &conversation);
        prop_assert_eq!(messages[0].role, Role::System);
        prop_assert_eq!(messages[messages.len() - 1].role, Role::User);
        prop_assert!(messages.len() <= MAX_MESSAGES + 3);
        prop_assert!(messages.iter().all(|m| !m.content.is_empty()));
    }
}
