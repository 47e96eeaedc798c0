//! Runs that wait for somebody: what they ask, and where they are answered.

use crate::api::{ApiError, Client, Page};
use crate::term;
use assay_model::CampaignSummary;
use serde::Deserialize;
use serde_json::Value;

/// Most runs that are looked at.
const MOST: usize = 10;
/// Most characters of a question.
const QUESTION: usize = 200;

#[derive(Deserialize)]
struct Listed {
    run_id: String,
}

#[derive(Deserialize)]
struct Run {
    #[serde(default)]
    waits: Vec<Asked>,
}

/// What a run waits for.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    question: Option<String>,
    /// When time itself answers.
    #[serde(default)]
    due: Option<Value>,
    /// Where a signed request goes.
    #[serde(default)]
    webhook: Option<Webhook>,
}

#[derive(Deserialize)]
struct Webhook {
    url: String,
}

/// What a campaign waits for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// What to say of it, a line a question.
    pub(crate) lines: Vec<String>,
    /// Whether some of it goes on by itself when its time has come.
    pub(crate) timed: bool,
}

impl Waiting {
    fn add(&mut self, base: &str, run: &str, asked: Asked) {
        let line = match (asked.due, asked.webhook, asked.question) {
            (Some(_), ..) => {
                self.timed = true;
                return;
            }
            (None, Some(webhook), _) => {
                format!("run {run} waits for a signed request: POST {}", webhook.url)
            }
            (None, None, question) => {
                let question = question.unwrap_or_default();
                let question = term::one_line(&question, QUESTION);
                format!(
                    "run {run} asks: {question} Answer it: POST {base}/api/v1/runs/{run}/answers"
                )
            }
        };
        self.lines.push(line);
    }
}

/// Whether nothing goes on in a campaign but that runs wait.
pub(crate) const fn is_idle(summary: &CampaignSummary) -> bool {
    summary.waiting_for_person > 0 && summary.running == 0 && summary.queued == 0
}

/// Looks at the runs of an idle campaign.
///
/// # Errors
/// When the server refuses something, or is away.
pub(crate) fn look(client: &Client, campaign: &str) -> Result<Waiting, ApiError> {
    let path = format!("/api/v1/campaigns/{campaign}/runs?status=waiting_for_person&limit={MOST}");
    let page: Page<Listed> = client.get(&path)?;
    let mut waiting = Waiting::default();
    for Listed { run_id } in page.data {
        let run: Run = client.get(&format!("/api/v1/runs/{run_id}"))?;
        for asked in run.waits {
            waiting.add(client.base(), &run_id, asked);
        }
    }
    if page.next_cursor.is_some_and(|next| !next.is_empty()) {
        let line = format!("further runs wait: GET {}{path}", client.base());
        waiting.lines.push(line);
    }
    Ok(waiting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn waiting(asked: Value) -> Waiting {
        let mut waiting = Waiting::default();
        let asked = serde_json::from_value(asked).unwrap();
        waiting.add("http://x", "r1", asked);
        waiting
    }

    #[test]
    fn who_is_to_answer_is_told_where() {
        let person =
            waiting(json!({"id": "q", "kind": "person", "node": "n", "question": "Is\nit?"}));
        let line = "run r1 asks: Is it? Answer it: POST http://x/api/v1/runs/r1/answers";
        assert_eq!((person.lines, person.timed), (vec![line.to_owned()], false));
        let hook = json!({"id": "q", "kind": "webhook", "node": "n", "webhook": {"url": "http://x/hooks/runs/r1", "secret": "s"}});
        let hook = waiting(hook);
        let line = "run r1 waits for a signed request: POST http://x/hooks/runs/r1";
        assert_eq!((hook.lines, hook.timed), (vec![line.to_owned()], false));
        let time = waiting(
            json!({"id": "q", "kind": "timer", "node": "n", "seconds": 9, "due": "2026-11-24T06:00:00Z"}),
        );
        assert_eq!((time.lines.len(), time.timed), (0, true));
    }

    #[test]
    fn a_campaign_in_which_something_goes_on_is_not_idle() {
        let of = |waiting_for_person, running, queued| CampaignSummary {
            waiting_for_person,
            running,
            queued,
            ..CampaignSummary::default()
        };
        assert!(is_idle(&of(1, 0, 0)));
        assert!(!is_idle(&of(1, 1, 0)) && !is_idle(&of(1, 0, 1)) && !is_idle(&of(0, 0, 0)));
    }
}
