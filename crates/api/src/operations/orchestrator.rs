//! Campaigns and runs.

use crate::examples::{self, ID, with};
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use crate::types::{Campaign, Run};
use assay_access::Permission::{CampaignsRead, CampaignsRun};
use assay_model::{CampaignSpec, ItemOutcome};
use serde_json::json;

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
        "type": "string", "enum": ["queued", "running", "passed", "failed", "error", "cancelled"],
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
            .op("list_campaigns", "GET", "/api/v1/campaigns", Needs(CampaignsRead), 200, "List campaigns, newest first")
            .page::<Campaign>(examples::campaign())
            .filter("name", "Only those of exactly that name."),
        campaigns
            .op("get_campaign", "GET", "/api/v1/campaigns/{id}", Needs(CampaignsRead), 200, "Get a campaign with its counts")
            .answer::<Campaign>(examples::campaign()),
        campaigns
            .op("cancel_campaign", "POST", "/api/v1/campaigns/{id}/cancel", Needs(CampaignsRun), 200, "Cancel what has not ended")
            .about("Runs that had ended keep their scores. A campaign that has ended stays as it is.")
            .answer::<Campaign>(examples::campaign())
            .without(422),
        runs.op("list_runs", "GET", "/api/v1/campaigns/{id}/runs", Needs(CampaignsRead), 200, "List a campaign's runs")
            .about("In the order of the items.")
            .page::<ItemOutcome>(examples::outcome())
            .query("status", "Only runs that stand so.", statuses),
        runs.op("get_run", "GET", "/api/v1/runs/{id}", Needs(CampaignsRead), 200, "Get a run with its conversation")
            .answer::<Run>(with(examples::outcome(), json!({
                "campaign_id": ID,
                "steps": 4,
                "messages": [
                    {"role": "user", "content": "How long do refunds take?"},
                    {"role": "assistant", "content": "A refund takes 5 business days."},
                ],
                "stop_reason": "the script is played",
            }))),
    ]
}
