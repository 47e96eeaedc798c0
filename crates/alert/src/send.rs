//! The request by which a channel is told.

use crate::words::{Note, subject, text};
use assay_llm::HttpCall;
use assay_model::{AlertChannel, AlertNews, MailService, SecretHeader, body_signature};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// How long the other side may take, in milliseconds.
const TIMEOUT_MS: u64 = 15_000;

/// The request. `id` is the same for every try of it, so that whoever gets it twice knows.
#[must_use]
pub fn request(channel: &AlertChannel, id: &str, note: &Note) -> HttpCall {
    let (media, body) = match channel {
        AlertChannel::Webhook { .. } => ("application/json", webhook(id, note).to_string()),
        AlertChannel::Slack { .. } => ("application/json", slack(note).to_string()),
        AlertChannel::Email {
            service, from, to, ..
        } => mail(*service, from, to, note),
    };
    let mut headers = vec![
        ("content-type".to_owned(), media.to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
        ("x-assay-notification".to_owned(), id.to_owned()),
    ];
    let mut secret_headers: Vec<SecretHeader> = channel.secret_path().into_iter().collect();
    let none = BTreeMap::new();
    for (name, value) in channel.headers().unwrap_or(&none) {
        let whole = |text: &str| Ok::<_, Infallible>(text.to_owned());
        match SecretHeader::of(name, value, whole) {
            Ok(Some(secret)) => secret_headers.push(secret),
            Ok(None) => {
                let name = name.to_ascii_lowercase();
                headers.retain(|(ours, _)| *ours != name);
                headers.push((name, value.clone()));
            }
        }
    }
    if let AlertChannel::Webhook {
        signing_secret: Some(name),
        ..
    } = channel
    {
        secret_headers.push(body_signature(name));
    }
    HttpCall {
        method: "POST",
        url: channel.url().to_owned(),
        headers,
        secret_headers,
        auth: None,
        body: body.into_bytes(),
        timeout_ms: TIMEOUT_MS,
    }
}

fn webhook(id: &str, note: &Note) -> Value {
    json!({
        "id": id,
        "type": format!("alert.{}", note.news.as_str()),
        "alert": {"id": note.alert_id, "name": note.name, "description": note.description, "severity": note.severity},
        "subject": subject(note),
        "message": note.sentence,
        "value": note.value,
        "samples": note.samples,
        "firing_since": note.firing_since,
        "at": note.at,
        "url": note.url,
    })
}

/// A text for who shows nothing else, and blocks of it. What has a meaning in Slack's texts is written as what it is.
fn slack(note: &Note) -> Value {
    let escaped = |text: &str| {
        let text = text.replace('&', "&amp;");
        text.replace('<', "&lt;").replace('>', "&gt;")
    };
    let clipped = |text: String| text.chars().take(2_900).collect::<String>();
    let sign = match note.news {
        AlertNews::Firing | AlertNews::Reminder => ":rotating_light:",
        AlertNews::Recovered => ":white_check_mark:",
        AlertNews::NoData => ":grey_question:",
        AlertNews::Test => ":wave:",
    };
    let (title, below) = (escaped(&subject(note)), escaped(&text(note)));
    let section =
        |text: String| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    json!({
        "text": title,
        "blocks": [section(clipped(format!("{sign} *{title}*"))), section(clipped(below))],
    })
}

fn mail(service: MailService, from: &str, to: &[String], note: &Note) -> (&'static str, String) {
    let (subject, text) = (subject(note), text(note));
    let body = match service {
        MailService::Resend => json!({"from": from, "to": to, "subject": subject, "text": text}),
        MailService::Postmark => {
            json!({"From": from, "To": to.join(", "), "Subject": subject, "TextBody": text})
        }
        MailService::Sendgrid => {
            let to: Vec<Value> = to.iter().map(|address| json!({"email": address})).collect();
            json!({
                "personalizations": [{"to": to}], "from": sender(from), "subject": subject,
                "content": [{"type": "text/plain", "value": text}],
            })
        }
        MailService::Mailgun => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("from", from);
            for address in to {
                form.append_pair("to", address);
            }
            form.append_pair("subject", &subject);
            form.append_pair("text", &text);
            return ("application/x-www-form-urlencoded", form.finish());
        }
    };
    ("application/json", body.to_string())
}

/// A sender as SendGrid has it: the name apart.
fn sender(from: &str) -> Value {
    let named = from.strip_suffix('>').and_then(|rest| rest.split_once('<'));
    match named {
        Some((name, address)) if !name.trim().is_empty() => {
            json!({"email": address, "name": name.trim()})
        }
        Some((_, address)) => json!({"email": address}),
        None => json!({"email": from}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tests::note;
    use assay_model::HeaderPart;

    fn of(channel: Value) -> (HttpCall, String) {
        let channel: AlertChannel = serde_json::from_value(channel).unwrap();
        let call = request(&channel, "n1", &note(AlertNews::Firing));
        let body = String::from_utf8(call.body.clone()).unwrap();
        (call, body)
    }

    #[test]
    fn a_webhook_is_signed_and_says_what_it_is() {
        let (call, body) = of(json!({
            "type": "webhook", "url": "https://example.com/hook", "signing_secret": "s",
            "headers": {"X-Team": "chat", "authorization": "Bearer {{ secrets.t }}"},
        }));
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&body["id"], &body["type"]),
            (&json!("n1"), &json!("alert.firing"))
        );
        assert_eq!(body["alert"]["severity"], "critical");
        assert_eq!(body["value"], 0.5);
        assert!(
            call.headers
                .contains(&("x-team".to_owned(), "chat".to_owned()))
        );
        assert!(
            call.headers
                .iter()
                .all(|(_, value)| !value.contains("secrets"))
        );
        let names: Vec<&str> = call
            .secret_headers
            .iter()
            .map(|h| h.name.as_str())
            .collect();
        assert_eq!(names, ["authorization", "x-assay-signature"]);
        assert_eq!(
            call.secret_headers[1].parts,
            [HeaderPart::Signature("s".into())]
        );
    }

    #[test]
    fn slack_is_told_in_its_own_words() {
        let (call, body) = of(
            json!({"type": "slack", "url": "https://hooks.slack.com/services/{{ secrets.slack }}"}),
        );
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["text"], "[critical] Firing: Answers  got worse");
        let said = body["blocks"][1]["text"]["text"].as_str().unwrap();
        assert!(said.contains("&lt;prompts&gt; &amp; models"), "{said}");
        assert_eq!(call.secret_headers[0].name, SecretHeader::PATH);
    }

    #[test]
    fn each_service_has_its_letter() {
        let mail = |service: &str| {
            of(json!({
                "type": "email", "service": service, "url": "https://mail.example.com/", "from": "Assay <a@example.com>",
                "to": ["b@example.com", "c@example.com"], "headers": {"authorization": "Bearer {{ secrets.mail }}"},
            }))
            .1
        };
        let json = |service: &str| serde_json::from_str::<Value>(&mail(service)).unwrap();
        let resend = json("resend");
        assert_eq!(resend["from"], "Assay <a@example.com>");
        assert_eq!(resend["to"], json!(["b@example.com", "c@example.com"]));
        let sendgrid = json("sendgrid");
        assert_eq!(
            sendgrid["from"],
            json!({"email": "a@example.com", "name": "Assay"})
        );
        assert_eq!(
            sendgrid["personalizations"][0]["to"][1]["email"],
            "c@example.com"
        );
        assert_eq!(json("postmark")["To"], "b@example.com, c@example.com");
        let form = mail("mailgun");
        assert!(
            form.starts_with(
                "from=Assay+%3Ca%40example.com%3E&to=b%40example.com&to=c%40example.com&subject="
            ),
            "{form}"
        );
    }
}
