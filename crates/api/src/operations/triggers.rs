//! What starts campaigns by itself, and scenarios before they are run: dry runs, imports, hooks, schedules.

use super::shapes::{PATCH, patch_as, property, secret_property, shown};
use crate::examples::{self, ID, TIME, with};
use crate::operation::Access::{Needs, Public};
use crate::operation::{Operation, Part};
use crate::schemas::Schemas;
use crate::types::Campaign;
use assay_access::Permission::{CampaignsRead, CampaignsRun, ResourcesRead, ResourcesWrite};
use assay_model::{ScenarioSpec, ScheduleSpec, Timestamp};
use assay_webhook::{Event, HookSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is taken to happen where only a call could tell.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Assumptions {
    /// By the id of a condition: which of its edges is taken, by its place among them; the one without `when` is the last.
    #[schemars(extend("maxProperties" = 1000))]
    ways: BTreeMap<String, u32>,
    /// By the id of a node that waits: the answer.
    #[schemars(extend("maxProperties" = 1000))]
    answers: BTreeMap<String, Value>,
    /// By the id of a node: what the agent, the server or the program answers.
    #[schemars(extend("maxProperties" = 1000))]
    replies: BTreeMap<String, String>,
    /// By the name of a metric: its score, in `[0, 1]`; else it passes.
    #[schemars(extend("maxProperties" = 1000))]
    scores: BTreeMap<String, f64>,
}

/// A dry run of a scenario that is saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct DryRunRequest {
    /// The version; the newest where none is named.
    #[serde(default)]
    #[schemars(range(min = 1))]
    version: Option<i64>,
    /// See `Assumptions`.
    #[serde(default)]
    ways: BTreeMap<String, u32>,
    #[serde(default)]
    answers: BTreeMap<String, Value>,
    #[serde(default)]
    replies: BTreeMap<String, String>,
    #[serde(default)]
    scores: BTreeMap<String, f64>,
}

/// A dry run of a scenario that is not saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct DryRunOf {
    scenario: ScenarioSpec,
    #[serde(default)]
    assumptions: Assumptions,
}

/// A node on the path.
#[derive(Serialize, JsonSchema)]
struct Visit {
    /// The super-step, from 0; nodes of one step run at once.
    step: u32,
    /// The node; of a scenario within, after the ids of the nodes around it.
    node: String,
    /// What would happen.
    does: String,
    /// Whether that takes a call, or somebody who answers.
    calls: bool,
    /// Why the run would end in error here.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The path that a run would take.
#[derive(Serialize, JsonSchema)]
struct DryRun {
    /// The nodes, in order.
    path: Vec<Visit>,
    /// Whether it comes to an end.
    ends: bool,
    /// What the variables hold in the end.
    variables: Value,
}

/// A graph of React Flow.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its schema alone")]
struct ImportRequest {
    /// As the editor saves, exports or generates it: `nodes` and `edges`, and what stands beside them.
    source: Map<String, Value>,
    /// The scenario's name, in place of the source's own.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Whether the scenario is kept.
    #[serde(default)]
    save: bool,
}

/// Something that could not be taken over as it was.
#[derive(Serialize, JsonSchema)]
struct ImportNote {
    /// The node or edge: a JSON pointer in the source.
    at: String,
    /// The id that its node has, or would have, in the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    message: String,
}

/// What a graph comes to.
#[derive(Serialize, JsonSchema)]
struct ImportedScenario {
    scenario: ScenarioSpec,
    /// What could not be taken over as it was.
    notes: Vec<ImportNote>,
    /// The scenario that was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// What a hook has beside what was written.
#[derive(Serialize, JsonSchema)]
struct HookState {
    id: String,
    /// Where requests are sent.
    url: String,
    /// How many signing secrets there are; they are never shown.
    #[schemars(range(min = 1, max = 4))]
    secret_count: i64,
    /// Whether there is a token for statuses; it is never shown.
    has_token: bool,
    /// Counts changes; `ETag` is made from it.
    #[schemars(range(min = 1))]
    version: i64,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
}

/// What became of a delivery.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "read for its schema alone")]
enum HookOutcome {
    /// It came, and what became of it is not known: the same delivery, sent again, finds out.
    Received,
    /// It started a campaign.
    Started,
    /// It was not asked for.
    Ignored,
    /// The provider tried the hook out.
    Ping,
    /// Its campaign could not be started.
    Failed,
}

/// What a commit is told.
#[derive(Serialize, JsonSchema)]
struct HookStatus {
    /// What it shall be told: `pending`, `success`, `failure` or `error`.
    wanted: String,
    /// What it was told.
    told: Option<String>,
    #[schemars(range(min = 0))]
    attempts: i64,
    last_error: Option<String>,
    /// When the next try is; null when there is none.
    due_at: Option<Timestamp>,
}

/// What came to a hook.
#[derive(Serialize, JsonSchema)]
struct HookDelivery {
    id: String,
    /// The sender's name of it.
    delivery_id: String,
    received_at: Timestamp,
    /// How often it came again.
    #[schemars(range(min = 0))]
    repeats: i64,
    outcome: HookOutcome,
    reason: Option<String>,
    campaign_id: Option<String>,
    /// What happened, without payload and files.
    event: Option<Event>,
    status: Option<HookStatus>,
}

/// What came of a request: one of these.
#[derive(Serialize, JsonSchema)]
struct HookTaken {
    /// The campaign that it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_id: Option<String>,
    /// Whether it had started the campaign before.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<bool>,
    /// Why it started none.
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<String>,
    /// The provider tried the hook out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pong: Option<bool>,
}

/// A question that a request has answered.
#[derive(Serialize, JsonSchema)]
struct RunAnswered {
    run_id: String,
    question: String,
}

/// What a schedule has beside what was written.
#[derive(Serialize, JsonSchema)]
struct ScheduleState {
    id: String,
    /// Counts changes; `ETag` is made from it.
    #[schemars(range(min = 1))]
    version: i64,
    /// When it is due; null while it starts nothing.
    next_at: Option<Timestamp>,
    /// When it was due last.
    last_at: Option<Timestamp>,
    /// The campaign that it started last.
    last_campaign_id: Option<String>,
    /// Why the last one could not be started.
    last_error: Option<String>,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
}

/// A hook as a client writes it, with what is never shown.
fn hook(s: &mut Schemas) -> Map<String, Value> {
    let mut schema = s.input_object::<HookSpec>();
    let secrets = json!({
        "type": "array",
        "minItems": 1,
        "maxItems": 4,
        "items": {"type": "string", "minLength": 16, "maxLength": 500},
        "writeOnly": true,
        "description": "What requests are signed with; several while one is replaced. Write-only.",
    });
    property(&mut schema, "secrets", secrets, true);
    property(&mut schema, "token", secret_property(), false);
    schema
}

pub(super) fn operations() -> Vec<Operation> {
    let mut all = scenarios();
    all.extend(hooks());
    all.extend(schedules());
    all
}

fn hooks() -> Vec<Operation> {
    let part = Part {
        component: "orchestrator",
        tag: "Hooks",
    };
    let (list, one) = ("/api/v1/hooks", "/api/v1/hooks/{id}");
    let (read, write) = (Needs(CampaignsRead), Needs(CampaignsRun));
    let written = json!({
        "name": "Pushes to main", "provider": "github",
        "filter": {"events": ["push"], "branches": ["main"], "paths": ["prompts/**"]},
        "campaign": examples::campaign_spec(),
        "status": {"context": "assay/nightly"},
        "secrets": ["0f6a1b0c4d3e7f3b7c1a9d552f6a1b0c"], "token": "ghp_4711",
    });
    let spec = with(
        examples::campaign_spec(),
        json!({"max_turns": 10, "max_attempts": 3, "seed": 0}),
    );
    let mut example = with(
        written.clone(),
        json!({
            "campaign": spec, "enabled": true,
            "filter": {"events": ["push"], "branches": ["main"], "paths": ["prompts/**"], "drafts": false},
            "status": {"context": "assay/nightly", "kind": "commit_status"},
            "id": ID, "url": format!("https://assay.example/hooks/{ID}"), "secret_count": 1, "has_token": true, "version": 1,
            "created_by": ID, "created_at": TIME, "updated_by": ID, "updated_at": TIME,
        }),
    );
    if let Some(example) = example.as_object_mut() {
        example.remove("secrets");
        example.remove("token");
    }
    let answered = || shown::<HookSpec, HookState>("Hook");
    // There is always a secret.
    let patched = || patch_as("HookPatch", PATCH, |field| field != "secrets", hook);
    let rotated = json!({"secrets": ["9f86d081884c7d659a2feaa0c55ad015", "0f6a1b0c4d3e7f3b7c1a9d552f6a1b0c"]});
    vec![
        part.op("list_hooks", "GET", list, read, 200, "List hooks, newest first")
            .page_as(answered(), example.clone()),
        part.op("create_hook", "POST", list, write, 201, "Let another program start campaigns")
            .about("Requests that are signed with one of `secrets` start the campaign, where the filter allows the event. With \
                    `status` the commit is told how it went, with `token`. A workspace has at most 100 hooks.")
            .body_as(Box::new(|s| { let schema = hook(s); s.name_input("HookSpec", schema) }), written)
            .answer_as(answered(), example.clone())
            .sends("ETag")
            .sends("Location")
            .problem_as(409, "The name is taken, or there are as many as there may be"),
        part.op("get_hook", "GET", one, read, 200, "Get a hook")
            .answer_as(answered(), example.clone())
            .sends("ETag"),
        part.op("change_hook", "PATCH", one, write, 200, "Change a hook")
            .about("`secrets` is replaced as a whole: the new one and the old one first, the new one alone once the sender has it. \
                    The token is given again when statuses go to another server.")
            .takes("application/merge-patch+json", patched(), rotated.clone())
            .takes("application/json", patched(), rotated)
            .answer_as(answered(), example)
            .sends("ETag")
            .if_match()
            .problem_as(409, "The name is taken"),
        part.op("delete_hook", "DELETE", one, write, 204, "Delete a hook")
            .about("With what came to it. Campaigns that it started go on; their commits are told nothing more.")
            .if_match(),
        part.op("list_hook_deliveries", "GET", format!("{one}/deliveries"), read, 200, "List what came to a hook, newest first")
            .about("Within a day. What was not signed rightly is not kept.")
            .page::<HookDelivery>(json!({
                "id": ID, "delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958", "received_at": TIME, "repeats": 0,
                "outcome": "started", "reason": null, "campaign_id": ID,
                "event": {
                    "provider": "github", "kind": "push", "delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                    "body_sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    "repository": {"full_name": "acme/bot"}, "branch": "main",
                    "sha": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                    "draft": false, "from_fork": false, "deleted": false,
                },
                "status": {"wanted": "success", "told": "success", "attempts": 1, "last_error": null, "due_at": null},
            })),
        part.op("take_hook", "POST", "/hooks/{id}", Public, 202, "Take a signed request of another program")
            .about("GitHub's `X-Hub-Signature-256`; GitLab's `webhook-signature`, or `X-Gitlab-Token` where the secret is no signing \
                    token; else `Assay-Signature: t=<unix seconds>,v1=<hex>` of HMAC-SHA-256 over `<t>.<body>`, at most 300 s old. \
                    What came before starts nothing again. At most 1 MiB. A hook takes as many requests a minute as a key.")
            .body_as(Box::new(|_| json!({"type": "object", "description": "As its provider documents it; else any object."})),
                json!({"ref": "refs/heads/main", "sha": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}))
            .takes("application/x-www-form-urlencoded",
                Box::new(|_| json!({"type": "object", "properties": {"payload": {"type": "string"}}})), Value::Null)
            .answer::<HookTaken>(json!({"campaign_id": ID}))
            .also(200, "It came before, and had started this campaign")
            .problem_as(401, "There is no such hook, or the request is not signed for it")
            .problem_as(409, "The same request came twice at once")
            .problem(429)
            .without(415),
        part.op("answer_run_hook", "POST", "/hooks/runs/{id}", Public, 202, "Answer a run that waits for a signed request")
            .about("Signed as a generic hook is, with the `secret` that the run shows in `waits`. The body, any JSON, is the answer.")
            .filter("question", "Which of several; the `url` that the run shows names it.")
            .body_as(Box::new(|_| json!({"description": "Any JSON."})), json!({"approved": true}))
            .answer::<RunAnswered>(json!({"run_id": examples::TRACE, "question": "9f86d081884c7d659a2feaa0c55ad015"}))
            .problem_as(401, "There is no such run, or the request is not signed for it")
            .problem_as(409, "The run does not wait for this request, or no more")
            .problem(429)
            .without(415),
    ]
}

fn schedules() -> Vec<Operation> {
    let part = Part {
        component: "orchestrator",
        tag: "Schedules",
    };
    let (list, one) = ("/api/v1/schedules", "/api/v1/schedules/{id}");
    let (read, write) = (Needs(CampaignsRead), Needs(CampaignsRun));
    let written = json!({"name": "Nightly", "cron": "30 2 * * *", "time_zone": "Europe/Berlin", "campaign": examples::campaign_spec()});
    let spec = with(
        examples::campaign_spec(),
        json!({"max_turns": 10, "max_attempts": 3, "seed": 0}),
    );
    let example = with(
        written.clone(),
        json!({
            "campaign": spec, "enabled": true, "id": ID, "version": 1, "next_at": TIME, "last_at": TIME,
            "last_campaign_id": ID, "last_error": null, "created_by": ID, "created_at": TIME, "updated_by": ID, "updated_at": TIME,
        }),
    );
    let answered = || shown::<ScheduleSpec, ScheduleState>("Schedule");
    let spec_of = Schemas::input_object::<ScheduleSpec>;
    let patched = || patch_as("SchedulePatch", PATCH, |_| true, spec_of);
    let off = json!({"enabled": false});
    vec![
        part.op("list_schedules", "GET", list, read, 200, "List schedules, newest first")
            .page_as(answered(), example.clone()),
        part.op("create_schedule", "POST", list, write, 201, "Start campaigns by the clock")
            .about("At the times of `cron`, by the clocks of `time_zone`, to the minute. Where clocks are put forward, a time that they leave out \
                    is the first one after; where they are put back, it comes once. Times that are missed while the platform is down are made up for \
                    by one campaign. A workspace has at most 200 schedules.")
            .body::<ScheduleSpec>(written)
            .answer_as(answered(), example.clone())
            .sends("ETag")
            .sends("Location")
            .problem_as(409, "The name is taken, or there are as many as there may be"),
        part.op("get_schedule", "GET", one, read, 200, "Get a schedule")
            .answer_as(answered(), example.clone())
            .sends("ETag"),
        part.op("change_schedule", "PATCH", one, write, 200, "Change a schedule")
            .about("What was missed while it was not enabled is not made up for.")
            .takes("application/merge-patch+json", patched(), off.clone())
            .takes("application/json", patched(), off)
            .answer_as(answered(), example)
            .sends("ETag")
            .if_match()
            .problem_as(409, "The name is taken"),
        part.op("delete_schedule", "DELETE", one, write, 204, "Delete a schedule")
            .about("Campaigns that it started go on.")
            .if_match(),
        part.op("run_schedule", "POST", format!("{one}/run"), write, 202, "Start a schedule's campaign now")
            .about("Also of one that is not enabled. When it is due stays as it is.")
            .answer::<Campaign>(examples::campaign())
            .sends("Location")
            .idempotent(),
    ]
}

fn scenarios() -> Vec<Operation> {
    let part = Part {
        component: "resources",
        tag: "Scenarios",
    };
    let (read, write) = (Needs(ResourcesRead), Needs(ResourcesWrite));
    let path = json!({
        "path": [
            {"step": 0, "node": "ask", "does": "a model plays the persona", "calls": true},
            {"step": 1, "node": "answer", "does": "the agent is asked: Where is it?", "calls": true},
        ],
        "ends": true,
        "variables": {"number": 1},
    });
    vec![
        part.op("dry_run_scenario", "POST", "/api/v1/scenarios/{id}/dry-run", read, 200, "Show the path of a scenario without a call")
            .about("Node by node, under assumptions where only a call could tell. Nothing outside is asked, and nothing is kept.")
            .body::<DryRunRequest>(json!({"version": 3, "ways": {"found": 1}, "answers": {"person": "yes"}}))
            .answer::<DryRun>(path.clone()),
        part.op("dry_run_new_scenario", "POST", "/api/v1/scenarios/dry-run", read, 200, "Show the path of a scenario that is not saved")
            .about("Scenarios that it plays within are those of the workspace.")
            .body::<DryRunOf>(json!({"scenario": examples::scenario(), "assumptions": {"scores": {"contains": 0.0}}}))
            .answer::<DryRun>(path),
        part.op("import_scenario", "POST", "/api/v1/scenarios/import", write, 200, "Read a scenario from a graph of React Flow")
            .about("As the program that Assay replaces keeps it. What has no counterpart becomes a note that says what was done \
                    instead.")
            .body::<ImportRequest>(json!({
                "source": {
                    "name": "Late order",
                    "nodes": [
                        {"id": "1", "type": "customNode", "data": {"category": "start"}},
                        {"id": "2", "type": "customNode", "data": {"category": "end"}},
                    ],
                    "edges": [{"id": "e", "source": "1", "target": "2"}],
                },
                "save": true,
            }))
            .answer::<ImportedScenario>(json!({
                "scenario": examples::scenario(),
                "notes": [{"at": "/nodes/1", "node": "end", "message": "it has no result: the run's scores decide"}],
                "id": ID,
            }))
            .problem_as(409, "The name is taken"),
    ]
}
