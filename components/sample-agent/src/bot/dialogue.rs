//! From the conversation to the reply: what the customer wants now, and what was said before.
//!
//! The faults are deliberate and marked `FAULT n`, as the README numbers them.

use super::tools::{Status, create_ticket, lookup_order};
use super::{Message, Reply, Speaker, articles};
use serde_json::json;

/// The answer to a greeting.
pub const GREETING: &str = "Hello! I am Acme's support assistant. How can I help you today?";

/// FAULT 2: how many of the customer's turns, this one among them, an order id is remembered.
const ORDER_MEMORY: usize = 3;

/// Answers the customer's last message.
#[must_use]
pub fn answer(messages: &[Message]) -> Reply {
    let turns: Vec<&str> = messages
        .iter()
        .filter(|m| m.speaker == Speaker::User)
        .map(|m| m.text.as_str())
        .collect();
    let text = turns.last().copied().unwrap_or_default().trim();
    let lower = text.to_lowercase();
    let order = turns
        .iter()
        .rev()
        .take(ORDER_MEMORY)
        .find_map(|turn| order_id(turn));
    let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());

    if bare.is_empty() {
        return Reply::say("I am sorry, I did not catch that. Could you rephrase your question?");
    }
    if matches!(
        bare,
        "hello" | "hi" | "hey" | "good morning" | "good afternoon" | "good evening"
    ) {
        return Reply::say(GREETING);
    }
    if any(&["json"]) {
        return order_as_json(order);
    }
    if any(&[
        "ticket",
        "speak to a human",
        "talk to a human",
        "real person",
        "complain",
    ]) {
        return ticket(
            text,
            &lower,
            turns.iter().rev().find_map(|turn| email(turn)),
        );
    }
    if any(&["cancel"])
        && let Some(order) = &order
    {
        return cancel(order);
    }
    if any(&["e-mail", "email", "mail address"])
        && any(&["what", "which", "remember", "do you have", "repeat"])
    {
        return match turns.iter().rev().find_map(|turn| email(turn)) {
            Some(email) => Reply::say(format!("The e-mail address you gave me is {email}.")),
            None => Reply::say("You have not told me your e-mail address yet."),
        };
    }
    let about_order = any(&[
        "my order",
        "the order",
        "this order",
        "that order",
        "order status",
        "status",
        "where is",
        "track",
        "parcel",
        "package",
        "arrive",
        "order number",
    ]) && !any(&["packaging", "cancel"]);
    if let Some(order) = order_id(text).or_else(|| order.filter(|_| about_order)) {
        return look_up(&order, text);
    }
    if about_order {
        return Reply::say("Could you please tell me your order number? It looks like A1234.");
    }
    let reply = from_articles(text, &lower);
    if !reply.text.is_empty() {
        return reply;
    }
    if let Some(email) = email(text) {
        return Reply::say(format!(
            "Thank you, I have noted your e-mail address {email}. How can I help you?"
        ));
    }
    if any(&["thank", "bye"]) {
        return Reply::say("You are welcome! Is there anything else I can help you with?");
    }
    Reply::say(
        "I am sorry, I do not know the answer to that. Shall I open a ticket for our support team?",
    )
}

/// The first order id in a text: `A` and four digits, of any case.
fn order_id(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .find(|word| {
            let digits = word.strip_prefix(['A', 'a']).unwrap_or_default();
            digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
        })
        .map(str::to_ascii_uppercase)
}

/// The first e-mail address in a text.
fn email(text: &str) -> Option<&str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .find(|word| {
            word.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && domain.contains('.')
                    && !domain.contains('@')
                    && !domain.starts_with('.')
            })
        })
}

/// Calls `lookup_order`.
fn fetch(reply: &mut Reply, order: &str) -> Option<Status> {
    // FAULT 3: the digits of one order are turned round on the way to the tool.
    let asked = if order == "A1004" { "A1040" } else { order };
    let (status, output) = lookup_order(asked);
    reply.called("lookup_order", json!({ "order_id": asked }), output);
    status
}

fn not_found(order: &str) -> String {
    format!("I am sorry, order {order} was not found. Please check the order number.")
}

fn look_up(order: &str, text: &str) -> Reply {
    let mut reply = Reply::default();
    reply.text = match fetch(&mut reply, order) {
        None => not_found(order),
        Some(Status::Shipped(tracking)) => {
            format!("Order {order} has been shipped. Your tracking number is {tracking}.")
        }
        Some(Status::Processing) => format!("Order {order} is processing and will ship soon."),
        Some(Status::Delivered) => format!("Order {order} has been delivered."),
        Some(Status::Cancelled) => format!("Order {order} has been cancelled."),
    };
    // A question of policy about the order is answered along with its status.
    let lower = text.to_lowercase();
    if ["return", "refund", "warranty", "guarantee"]
        .iter()
        .any(|word| lower.contains(word))
    {
        let policy = from_articles(text, &lower);
        if !policy.text.is_empty() {
            reply.text = format!("{} {}", reply.text, policy.text);
            reply.retrieval_context = policy.retrieval_context;
        }
    }
    reply
}

fn cancel(order: &str) -> Reply {
    let mut reply = Reply::default();
    reply.text = match fetch(&mut reply, order) {
        None => not_found(order),
        // FAULT 4: what has shipped cannot be cancelled.
        Some(Status::Shipped(_)) => format!("No problem, I have cancelled order {order} for you."),
        Some(Status::Processing) => {
            format!(
                "Order {order} is still processing. It can be cancelled before it ships, within 2 hours of placing it."
            )
        }
        Some(Status::Delivered) => {
            format!("Order {order} has already been delivered and can no longer be cancelled.")
        }
        Some(Status::Cancelled) => format!("Order {order} is already cancelled."),
    };
    reply
}

fn order_as_json(order: Option<String>) -> Reply {
    let Some(order) = order else {
        return Reply::say(json!({ "error": "order_id is missing" }).to_string());
    };
    let mut reply = Reply::default();
    let status = fetch(&mut reply, &order).map_or("not found", Status::as_str);
    reply.text = if order == "A1002" {
        // FAULT 5: no status.
        json!({ "order_id": order })
    } else {
        json!({ "order_id": order, "status": status })
    }
    .to_string();
    reply
}

fn ticket(text: &str, lower: &str, email: Option<&str>) -> Reply {
    let subject = subject(text);
    let priority = if ["urgent", "high priority", "immediately", "asap"]
        .iter()
        .any(|w| lower.contains(w))
    {
        "high"
    } else if lower.contains("low priority") {
        "low"
    } else {
        "normal"
    };
    let id = create_ticket(&subject);
    let contact = email
        .map(|e| format!(" We will write to {e}."))
        .unwrap_or_default();
    let mut reply = Reply::say(format!(
        "I have created ticket {id} for you with {priority} priority.{contact}"
    ));
    reply.called(
        "create_ticket",
        json!({ "subject": subject, "priority": priority }),
        json!({ "ticket_id": id }),
    );
    reply
}

/// What a ticket is about: what stands in quotes, else what follows `about`, else the whole message.
fn subject(text: &str) -> String {
    let quoted = text
        .split(['"', '“', '”'])
        .nth(1)
        .filter(|inner| !inner.trim().is_empty());
    // Byte offsets hold between the two: ASCII lower case does not change lengths.
    let about = text
        .to_ascii_lowercase()
        .find(" about ")
        .and_then(|at| text.get(at + " about ".len()..));
    let chosen = quoted
        .or(about)
        .unwrap_or(text)
        .trim()
        .trim_end_matches(['.', '!', '?']);
    chosen.chars().take(120).collect()
}

fn from_articles(text: &str, lower: &str) -> Reply {
    let found = articles::retrieve(text);
    let Some((best, score)) = found.first() else {
        return Reply::default();
    };
    let told = found.iter().take(2).filter(|(_, s)| *s >= score * 0.8);
    let texts: Vec<String> = told
        .map(|(article, _)| match article.id {
            // FAULT 1: the article says 2 years.
            "warranty" => article.text.replace("2 years", "1 year"),
            _ => article.text.to_owned(),
        })
        .collect();
    // FAULT 6: slow.
    let slow = best.id == "gift-cards" || lower.contains("gift card");
    Reply {
        text: texts.join(" "),
        retrieval_context: found
            .iter()
            .take(2)
            .map(|(article, _)| article.text.to_owned())
            .collect(),
        delay_ms: if slow { 700 } else { 0 },
        ..Reply::default()
    }
}
