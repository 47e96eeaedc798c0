//! Campaigns and runs.

use crate::compared::{CampaignComparison, GateJudged, GateRequest};
use crate::examples::{self, ID, with};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::types::{
    Campaign, CampaignResumed, CheckpointDiff, CheckpointShown, Comparison, ForkShown, ReplayFrom,
    Rerun, Run, RunAnswers, StateChange,
};
use assay_access::Permission::{CampaignsRead, CampaignsRun};
use assay_experiment::Change;
use assay_model::{CampaignSpec, ItemOutcome};
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let campaigns = Part {
        component: "orchestrator",
        tag: "Campaigns",
    };
    let runs = Part {
        component: "orchestrator",
        tag: "Runs",
    };
    let statuses = json!({
        "type": "string", "enum": ["queued", "running", "waiting_for_person", "paused", "passed", "failed", "error", "cancelled"],
    });
    vec![
        campaigns
            .op("create_campaign", "POST", "/api/v1/campaigns", Needs(CampaignsRun), 202, "Start a campaign")
            .about("One run for each item and repetition. Everything that the campaign names is frozen as it is now.")
            .body::<CampaignSpec>(examples::campaign_spec())
            .answer::<Campaign>(examples::campaign())
            .sends("Location")
            .idempotent()
            .problem_as(409, "The idempotency key was used for another campaign"),
        campaigns
            .op("list_campaigns", "GET", "/api/v1/campaigns", Needs(CampaignsRead), 200, "List campaigns")
            .about("Newest first, unless sorted otherwise. A cursor is good for the same sort and filters only.")
            .page::<Campaign>(examples::campaign())
            .query("sort", "By what, with `-` for the reverse.", json!({
                "type": "string", "default": "-created_at", "enum": ["name", "-name", "created_at", "-created_at"],
            }))
            .filter("name", "Only those of exactly that name.")
            .query("q", "Only those with this text in their name or a tag, in any case.", text(200))
            .query("status", "Only those that stand so; several with commas between them.", json!({
                "type": "string", "pattern": "^(queued|running|paused|completed|cancelled)(,(queued|running|paused|completed|cancelled))*$",
            }))
            .query("tag", "Only those with exactly this tag.", text(200))
            .query("uses", "Only those that name this agent, dataset, scenario, model or persona by its id; all of several with commas between them.", json!({
                "type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}(,[0-9A-Za-z_-]{1,64}){0,9}$",
            }))
            .query("created_by", "Only those that this one began.", text(200))
            .query("created_after", "Only those begun after this instant.", json!({"type": "string", "format": "date-time"}))
            .query("created_before", "Only those begun before this instant.", json!({"type": "string", "format": "date-time"})),
        campaigns
            .op("get_campaign", "GET", "/api/v1/campaigns/{id}", Needs(CampaignsRead), 200, "Get a campaign with its counts")
            .answer::<Campaign>(examples::campaign()),
        campaigns
            .op("cancel_campaign", "POST", "/api/v1/campaigns/{id}/cancel", Needs(CampaignsRun), 200, "Cancel what has not ended")
            .about("Runs that had ended keep their scores. A campaign that has ended stays as it is.")
            .answer::<Campaign>(examples::campaign())
            .without(422),
        campaigns
            .op("pause_campaign", "POST", "/api/v1/campaigns/{id}/pause", Needs(CampaignsRun), 200, "Pause a campaign")
            .about("No run begins any more; those that go on stop at their next step, and go on from there when it is resumed.")
            .answer::<Campaign>(with(examples::campaign(), json!({"status": "paused"})))
            .problem_as(409, "It has ended")
            .without(422),
        campaigns
            .op("resume_campaign", "POST", "/api/v1/campaigns/{id}/resume", Needs(CampaignsRun), 200, "Let a paused campaign go on")
            .body::<CampaignResumed>(json!({"budget": {"cost_usd": 20.0}}))
            .answer::<Campaign>(examples::campaign())
            .problem_as(409, "It is not paused"),
        campaigns
            .op("rerun_campaign", "POST", "/api/v1/campaigns/{id}/rerun", Needs(CampaignsRun), 202, "Run a campaign again, all of it or a part")
            .about("Agents, datasets and scenarios are as they are now. With `changed` runs of which nothing has changed take over their outcome.")
            .body::<Rerun>(json!({"only": "failed", "changes": {"name": "Support, second try"}}))
            .answer::<Campaign>(examples::campaign())
            .sends("Location")
            .idempotent()
            .problem_as(409, "The idempotency key was used for another campaign"),
        runs.op("list_runs", "GET", "/api/v1/campaigns/{id}/runs", Needs(CampaignsRead), 200, "List a campaign's runs")
            .about("In the order of the items.")
            .page::<ItemOutcome>(examples::outcome())
            .query("status", "Only runs that stand so.", statuses)
            .filter("agent_id", "Only runs of this agent, in all its versions.")
            .filter("persona_id", "Only runs that this persona plays.")
            .filter("item_key", "Only runs of this item, or of the scenario of this id."),
        campaigns.op("compare_campaigns", "GET", "/api/v1/campaigns/{id}/compare", Needs(CampaignsRead), 200, "Compare a campaign with a baseline, metric by metric")
            .about("Paired by item: repetitions of an item are their mean, and errors are counted and left out. Both must have ended.")
            .required_query("baseline", "The campaign to compare with.", json!({"type": "string", "minLength": 1, "maxLength": 200}))
            .filter("agent_id", "Only runs of this agent. Needed where the campaign has several.")
            .filter("baseline_agent_id", "The same of the baseline.")
            .query("level", "How sure intervals are; 0.95 where it is absent.", json!({"type": "number", "minimum": 0.5, "exclusiveMaximum": 1}))
            .query("scores", WHOSE, whose())
            .answer::<CampaignComparison>(json!({
                "baseline": compared("Support, main"), "candidate": compared("Support, try"), "level": 0.95, "scores": "effective", "metrics": [comparison()],
            }))
            .problem_as(409, "One of them has not ended"),
        campaigns.op("list_changes", "GET", "/api/v1/campaigns/{id}/changes", Needs(CampaignsRead), 200, "List how items fared beside a baseline, what got worse first")
            .page::<Change>(json!({
                "item_key": "refund-3", "direction": "worsened", "baseline": 1.0, "candidate": 0.0, "difference": -1.0,
                "baseline_runs": [ID], "candidate_runs": [ID],
            }))
            .required_query("baseline", "The campaign to compare with.", json!({"type": "string", "minLength": 1, "maxLength": 200}))
            .filter("metric", "The metric; whether runs pass as a whole where none is named.")
            .query("scores", WHOSE, whose())
            .query("direction", "Only items that went that way.", json!({"type": "string", "enum": ["improved", "worsened", "unchanged", "gone", "new"]}))
            .filter("agent_id", "Only runs of this agent. Needed where the campaign has several.")
            .filter("baseline_agent_id", "The same of the baseline.")
            .problem_as(409, "One of them has not ended"),
        campaigns.op("judge_campaign", "POST", "/api/v1/campaigns/{id}/gate", Needs(CampaignsRead), 200, "Judge a campaign by a gate")
            .about("A rule passes when all of its interval is good enough, and fails when none of it is; else it is inconclusive. Nothing is stored.")
            .body::<GateRequest>(json!({"gate": gate(), "baseline_id": ID}))
            .answer::<GateJudged>(json!({
                "candidate": compared("Support, try"), "baseline": compared("Support, main"), "scores": "effective", "report": {
                    "verdict": "PASS", "reason": "the blocking rule holds", "errors": 0, "runs": 34, "rules": [{
                        "rule": gate_rule(), "verdict": "PASS",
                        "reason": "the mean of `exact_match` went from 0.820 to 0.850, where it may fall by 0.020; the true difference lies between -0.010 and 0.070 by 34 items: good enough",
                        "value": 0.85, "baseline": 0.82, "interval": {"low": -0.01, "high": 0.07}, "items": 34, "items_needed": null,
                    }],
                },
            }))
            .problem_as(409, "One of them has not ended"),
        watched(
            campaigns.op("watch_campaign", "GET", "/api/v1/campaigns/{id}/events", Needs(CampaignsRead), 200, "Watch what happens in a campaign"),
            "The events of its runs with those of the campaign itself, in one order that is the same for all: `campaign_started`, `campaign_progress` with counts, `campaign_completed` or `campaign_cancelled`. They are told until seven days after its end.",
        ),
        watched(
            runs.op("watch_run", "GET", "/api/v1/runs/{id}/events", Needs(CampaignsRead), 200, "Watch what happens in a run"),
            "`run_started`, `run_forked`, `node_started`, `node_finished`, `node_retried`, `node_failed`, `user_said`, `user_stopped`, `agent_asked`, `tool_called`, `tool_answered`, `agent_answered`, `decided`, `scored`, `waiting`, `answered`, `state_edited`, `run_finished`. Of more than about 2000 events the newest are told.",
        ),
        runs.op("get_run", "GET", "/api/v1/runs/{id}", Needs(CampaignsRead), 200, "Get a run with its conversation")
            .answer::<Run>(run()),
        runs.op("list_checkpoints", "GET", "/api/v1/runs/{id}/checkpoints", Needs(CampaignsRead), 200, "List a run's checkpoints, newest first")
            .page::<CheckpointShown>(checkpoint())
            .problem_as(409, "The scenario that it played is not what it was"),
        runs.op("get_checkpoint", "GET", "/api/v1/runs/{id}/checkpoints/{checkpoint}", Needs(CampaignsRead), 200, "Get a run's state at a checkpoint")
            .answer::<CheckpointShown>(with(checkpoint(), json!({"values": {"messages": [], "vars": {"number": 3}}})))
            .problem_as(409, "The scenario that it played is not what it was"),
        runs.op("diff_checkpoints", "GET", "/api/v1/runs/{id}/diff", Needs(CampaignsRead), 200, "What changed between two checkpoints")
            .filter("from", "The earlier checkpoint; the parent of the later one where none is named.")
            .filter("to", "The later checkpoint; the newest where none is named.")
            .answer::<CheckpointDiff>(json!({
                "from": "00000006", "to": "00000007",
                "patch": [{"op": "replace", "path": "/vars/number", "value": 3}],
            }))
            .problem_as(409, "The run has no checkpoint yet"),
        runs.op("edit_state", "POST", "/api/v1/runs/{id}/state", Needs(CampaignsRun), 200, "Edit the state of a run that waits")
            .about("The run is paused then; `POST /api/v1/runs/{id}/resume` lets it go on. A run that has ended is forked instead.")
            .body::<StateChange>(json!({"values": {"vars": {"number": 4711}}, "as_node": "person"}))
            .answer::<CheckpointShown>(with(checkpoint(), json!({"values": {"messages": [], "vars": {"number": 4711}}})))
            .problem_as(409, "It does not wait for a person and is not paused"),
        runs.op("fork_run", "POST", "/api/v1/runs/{id}/fork", Needs(CampaignsRun), 202, "Go on from a checkpoint as another run")
            .about("The other run belongs to the same campaign, and is no part of its result.")
            .body::<StateChange>(json!({"checkpoint": "00000004", "overwrite": {"vars": {"number": 4711}}, "as_node": "begin"}))
            .answer::<Run>(fork())
            .sends("Location")
            .problem_as(409, "The run has no checkpoint yet"),
        runs.op("replay_run", "POST", "/api/v1/runs/{id}/replay", Needs(CampaignsRun), 202, "Do again what follows a checkpoint, as another run")
            .body::<ReplayFrom>(json!({"checkpoint": "00000004"}))
            .answer::<Run>(fork())
            .sends("Location")
            .problem_as(409, "The scenario that it played is not what it was"),
        runs.op("list_forks", "GET", "/api/v1/runs/{id}/forks", Needs(CampaignsRead), 200, "List a run's forks")
            .page::<ForkShown>(with(examples::outcome(), json!({"forked_at": "00000004"}))),
        runs.op("compare_runs", "GET", "/api/v1/runs/{id}/compare", Needs(CampaignsRead), 200, "Compare a run with another one")
            .required_query("with", "The other run, a fork as a rule.", json!({"type": "string", "minLength": 1, "maxLength": 200}))
            .answer::<Comparison>(json!({
                "run": with(examples::outcome(), json!({"path": ["ask", "answer", "more", "ask", "answer"]})),
                "with": with(examples::outcome(), json!({"path": ["ask", "answer"]})),
                "parted_at": "00000004",
                "patch": [{"op": "replace", "path": "/vars/number", "value": 4711}],
                "scores": [{"name": "known", "run": {"status": "failed", "score": 0.0, "reason": "It is not there."},
                    "with": {"status": "passed", "score": 1.0, "reason": "It is there."}}],
            }))
            .problem_as(409, "The scenario that one of them played is not what it was"),
        runs.op("answer_run", "POST", "/api/v1/runs/{id}/answers", Needs(CampaignsRun), 202, "Answer what a run asks")
            .about("It goes on then, where its campaign has room. What a person says in the place of the user is a text.")
            .body::<RunAnswers>(json!({"answer": "yes"}))
            .answer::<Run>(run())
            .problem_as(409, "It waits for nobody, or was answered already"),
        runs.op("resume_run", "POST", "/api/v1/runs/{id}/resume", Needs(CampaignsRun), 202, "Let a paused run go on")
            .answer::<Run>(run())
            .problem_as(409, "It is not paused")
            .without(422),
    ]
}

/// A stream of events, or a page of past ones.
fn watched(op: Operation, about: &str) -> Operation {
    let event: Make = Box::new(|_| {
        json!({
            "type": "object",
            "required": ["id", "event", "at"],
            "properties": {
                "id": {"type": "string", "description": "Names it within the stream: of two the one whose numbers are greater is the later one."},
                "event": {"type": "string", "description": "What kind."},
                "run_id": {"type": "string"},
                "campaign_id": {"type": "string"},
                "at": {"type": ["string", "null"], "format": "date-time", "description": "When, as far as that is known."},
                "node": {"type": "string"},
                "task": {"type": "string", "description": "One visit of the node."},
                "truncated": {"type": "boolean", "description": "Whether a text was cut after 2000 characters."},
            },
        })
    });
    let text: Make = Box::new(|_| json!({"type": "string"}));
    let about = format!(
        "{about} With `Accept: application/json` a page of what has happened, oldest first. Else server-sent events, each with its id, until `end`, after which nothing comes. A client that names the last event in `Last-Event-ID`, or in the parameter, goes on after it: nothing is lost and nothing comes twice. A stream ends after five minutes, and the client connects again. Of an agent that streams, `token` tells what it has said since the last one: `run_id`, `node`, `task`, `turn`, `offset` and `text`, which takes the place of all from the character `offset` on. It has no id, is not kept, and is in no page; `agent_answered` has the whole answer."
    );
    let example = json!({
        "id": "2.1", "event": "agent_asked", "run_id": examples::TRACE, "at": "2026-11-28T12:00:00.000000Z",
        "node": "answer", "task": "5d41402abc4b2a76b9719d911017c592", "text": "How long do refunds take?",
    });
    let sent = format!("event: agent_asked\nid: 2.1\ndata: {example}\n\n");
    op.about(&about)
        .page_as(event, example)
        .filter(
            "last_event_id",
            "The last event that was seen, for clients that cannot send the header.",
        )
        .gives("text/event-stream", text, json!(sent))
}

fn run() -> serde_json::Value {
    with(
        examples::outcome(),
        json!({
            "campaign_id": ID,
            "steps": 4,
            "messages": [
                {"role": "user", "content": "How long do refunds take?"},
                {"role": "assistant", "content": "A refund takes 5 business days."},
            ],
            "stop_reason": "script_ended",
            "variables": {},
        }),
    )
}

fn fork() -> serde_json::Value {
    with(
        run(),
        json!({"forked_from": examples::TRACE, "forked_at": "00000004"}),
    )
}

fn checkpoint() -> serde_json::Value {
    json!({
        "id": "00000007",
        "parent": "00000006",
        "source": "loop",
        "step": 6,
        "metadata": {"at": "2026-11-28T12:00:00.000000Z"},
        "next": ["person"],
        "tasks": [{"id": "5d41402abc4b2a76b9719d911017c592", "node": "person",
            "questions": [{"id": "9f86d081884c7d659a2feaa0c55ad015", "value": {"kind": "person", "node": "person", "question": "Go on?"}, "asked": 0}]}],
    })
}

/// What is said of whose scores are compared.
const WHOSE: &str = "Whose scores: people's where they said otherwise and machines' elsewhere, machines' alone, or people's alone.";

fn whose() -> Value {
    json!({"type": "string", "enum": ["effective", "machine", "human"], "default": "effective"})
}

fn gate_rule() -> Value {
    json!({"metric": "exact_match", "statistic": "mean", "not_worse_by": 0.02, "min_items": 30, "severity": "blocking"})
}

fn gate() -> Value {
    json!({
        "rules": [gate_rule()],
        "level": 0.95, "max_error_share": 0.05,
    })
}

fn compared(name: &str) -> Value {
    json!({"campaign_id": ID, "name": name, "agent_id": ID, "agent_version": 1, "runs": 34, "overridden": 1})
}

fn comparison() -> Value {
    json!({
        "metric": "exact_match", "pairs": 34, "clusters": null,
        "baseline": {"mean": 0.82, "pass_rate": 0.82, "alone": 0, "errors": 0},
        "candidate": {"mean": 0.85, "pass_rate": 0.85, "alone": 0, "errors": 0},
        "difference": 0.03, "standard_error": 0.02, "interval": {"low": -0.01, "high": 0.07},
        "bootstrap": {"low": 0.0, "high": 0.09}, "p": 0.32, "p_adjusted": 0.32, "correlation": 0.9, "effect": 0.17,
        "detectable": 0.08, "discordant": {"gained": 1, "lost": 0, "p_exact": 1.0, "p_mid": 0.5},
        "improved": 1, "worsened": 0,
    })
}

/// A parameter to compare with.
fn text(max: u32) -> serde_json::Value {
    json!({"type": "string", "minLength": 1, "maxLength": max})
}
