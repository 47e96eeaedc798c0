//! What the exchanges of a conversation say about its end: answers that do not help, and a conversation that goes round in
//! circles.
//!
//! Both are computed from the transcript alone, so that a turn taken twice comes to the same end.

use crate::text::{alike, words};
use crate::turn::Turn;
use assay_model::{Message, Role};

/// So many times the same, and a conversation goes round in circles.
const REPETITIONS: usize = 3;

/// The longest circle that is looked for, in exchanges.
const MAX_PERIOD: usize = 3;

/// Shorter answers, in words, may stand twice without being a repetition: `Yes.` answers many questions.
const SHORT: usize = 4;

/// Patience that never ends.
const ENDLESS: u32 = 10;

/// Words of the user with what the agent answered.
struct Exchange {
    user: Vec<String>,
    /// `None` when the agent had no turn.
    answer: Option<Vec<String>>,
}

/// The last `turns` exchanges: what stands before them is an item's history, in which another user spoke.
fn exchanges(messages: &[Message], turns: u32) -> Vec<Exchange> {
    let mut all: Vec<Exchange> = Vec::new();
    for message in messages {
        match (message.role, all.last_mut()) {
            (Role::User, _) => all.push(Exchange {
                user: words(&message.content),
                answer: None,
            }),
            (Role::Assistant, Some(last)) => last
                .answer
                .get_or_insert_default()
                .extend(words(&message.content)),
            _ => {}
        }
    }
    let turns = usize::try_from(turns).unwrap_or(usize::MAX);
    all.split_off(all.len().saturating_sub(turns))
}

/// How many answers in a row, up to the last one, did not help the user.
///
/// An answer does not help when it has no words, when it says what an earlier one said (a short one only in reply to the same
/// words of the user), or when the persona itself said so: `unhelpful_turns` of [`Turn`] names the turns in which the persona
/// marked the answer before them, and `marked` says that it marks the last one now. A turn of the user that the agent had no
/// chance to answer counts neither way.
pub(crate) fn unhelpful_in_a_row(turn: &Turn<'_>, marked: bool) -> u32 {
    let all = exchanges(turn.messages, turn.user_turns);
    let mut count = 0;
    let mut at = turn.user_turns;
    for (i, exchange) in all.iter().enumerate().rev() {
        // The persona speaks of this answer in the turn that follows it.
        let said_so = turn.unhelpful_turns.contains(&at) || (marked && at == turn.user_turns);
        at = at.saturating_sub(1);
        let Some(answer) = &exchange.answer else {
            continue;
        };
        let earlier = all.get(..i).unwrap_or_default();
        if !(said_so || answer.is_empty() || repeats(exchange, answer, earlier)) {
            break;
        }
        count += 1;
    }
    count
}

fn repeats(exchange: &Exchange, answer: &[String], earlier: &[Exchange]) -> bool {
    earlier.iter().any(|before| {
        before.answer.as_ref().is_some_and(|b| alike(b, answer))
            && (answer.len() >= SHORT || alike(&before.user, &exchange.user))
    })
}

/// Whether a person of this patience has had enough. Patience N puts up with N - 1 unhelpful answers in a row; 10 with any number.
pub(crate) const fn has_had_enough(patience: u32, unhelpful: u32) -> bool {
    patience < ENDLESS && unhelpful >= patience && unhelpful > 0
}

/// Whether the conversation goes round in circles: its last exchanges are the same one, two or three exchanges three times over,
/// both sides alike to the threshold of [`alike`].
pub(crate) fn goes_in_circles(turn: &Turn<'_>) -> bool {
    let most = u32::try_from(REPETITIONS * MAX_PERIOD).unwrap_or(u32::MAX);
    let all = exchanges(turn.messages, turn.user_turns.min(most));
    (1..=MAX_PERIOD).any(|period| {
        let Some(from) = all.len().checked_sub(REPETITIONS * period) else {
            return false;
        };
        let last = all.get(from..).unwrap_or_default();
        let later = last.get(period..).unwrap_or_default();
        last.iter().zip(later).all(|(a, b)| same(a, b))
    })
}

fn same(a: &Exchange, b: &Exchange) -> bool {
    let answers = match (&a.answer, &b.answer) {
        (Some(a), Some(b)) => alike(a, b),
        _ => false,
    };
    answers && alike(&a.user, &b.user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::DatasetItem;

    fn conversation(exchanges: &[(&str, &str)]) -> Vec<Message> {
        let both = |(user, answer): &(&str, &str)| {
            [
                Message::new(Role::User, *user),
                Message::new(Role::Assistant, *answer),
            ]
        };
        exchanges.iter().flat_map(both).collect()
    }

    fn turn<'a>(item: &'a DatasetItem, messages: &'a [Message], user_turns: u32) -> Turn<'a> {
        Turn {
            user_turns,
            ..Turn::first(item, None, messages, 100)
        }
    }

    const ASK: &str = "Please give me your order number.";

    #[test]
    fn unhelpful_answers() {
        let item = DatasetItem::default();
        let check = |exchanges: &[(&str, &str)], turns, marks: &[u32], marked, expected| {
            let messages = conversation(exchanges);
            let turn = Turn {
                unhelpful_turns: marks,
                ..turn(&item, &messages, turns)
            };
            assert_eq!(
                unhelpful_in_a_row(&turn, marked),
                expected,
                "{exchanges:?} {marks:?}"
            );
        };
        check(&[], 0, &[], false, 0);
        check(&[("a", ASK)], 1, &[], false, 0);
        check(&[("a", ASK), ("A1", ASK)], 2, &[], false, 1);
        check(&[("a", ASK), ("A1", ASK), ("b", ASK)], 3, &[], false, 2);
        // Alternating is repeating as well.
        let other = "I do not understand what you mean.";
        check(
            &[("a", ASK), ("b", other), ("c", ASK), ("d", other)],
            4,
            &[],
            false,
            2,
        );
        // A new answer ends the row.
        check(
            &[("a", ASK), ("A1", ASK), ("b", "It was shipped.")],
            3,
            &[],
            false,
            0,
        );
        // A short answer is the same only to the same question.
        check(
            &[("Is it red?", "Yes."), ("Is it new?", "Yes.")],
            2,
            &[],
            false,
            0,
        );
        check(
            &[("Is it red?", "Yes."), ("Is it red?", "Yes.")],
            2,
            &[],
            false,
            1,
        );
        check(&[("a", " "), ("b", "...")], 2, &[], false, 2);
        // What the persona said of answers: turn 1 speaks of the first one, and the turn that is being taken of the last one.
        check(&[("a", "No."), ("b", "Never.")], 2, &[1], false, 0);
        check(&[("a", "No."), ("b", "Never.")], 2, &[1], true, 2);
        check(&[("a", "No."), ("b", "Never.")], 2, &[1, 2], false, 2);
        check(&[("a", "No."), ("b", "Never.")], 2, &[2], false, 1);
        // The first exchange is history.
        check(&[("a", ASK), ("A1", ASK)], 1, &[], false, 0);
    }

    #[test]
    fn a_turn_without_an_answer_counts_neither_way() {
        let item = DatasetItem::default();
        let mut messages = conversation(&[("a", ASK), ("A1", ASK)]);
        messages.push(Message::new(Role::User, "Hello?"));
        assert_eq!(unhelpful_in_a_row(&turn(&item, &messages, 3), false), 1);
        assert!(!goes_in_circles(&turn(&item, &messages, 3)));
    }

    #[test]
    fn patience() {
        for (patience, unhelpful, enough) in [
            (1, 0, false),
            (1, 1, true),
            (5, 4, false),
            (5, 5, true),
            (9, 9, true),
            (10, 10, false),
            (10, u32::MAX, false),
            (0, 0, false),
        ] {
            assert_eq!(
                has_had_enough(patience, unhelpful),
                enough,
                "{patience} {unhelpful}"
            );
        }
    }

    #[test]
    fn circles() {
        let item = DatasetItem::default();
        let check = |exchanges: &[(&str, &str)], turns, expected| {
            let messages = conversation(exchanges);
            assert_eq!(
                goes_in_circles(&turn(&item, &messages, turns)),
                expected,
                "{exchanges:?}"
            );
        };
        let (a, b) = (("Where is it?", ASK), ("I told you.", "Sorry, once more?"));
        check(&[], 0, false);
        check(&[a, a], 2, false);
        check(&[a, a, a], 3, true);
        check(&[("WHERE is it", ASK), a, ("Where  is it?!", ASK)], 3, true);
        check(&[b, a, a, a], 4, true);
        check(&[a, a, a, b], 4, false);
        check(&[a, b, a, b, a, b], 6, true);
        check(&[a, b, a, b, a], 5, false);
        // The user says something else each time: the agent is unhelpful, but nobody goes in circles.
        check(&[("a", ASK), ("b", ASK), ("c", ASK)], 3, false);
        // Two of the three are history.
        check(&[a, a, a], 1, false);
        check(&[a, a, a], u32::MAX, true);
    }
}
