//! Schedules: campaigns that start by the clock.

use crate::schema::NAME;
use crate::{CampaignSpec, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const fn on() -> bool {
    true
}

fn utc() -> String {
    "UTC".to_owned()
}

/// A schedule as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// When, by the clocks of `time_zone`: the five fields of cron, which are minute, hour, day, month and weekday.
    #[schemars(length(min = 9, max = 200))]
    pub cron: String,
    /// By whose clocks: a name of the IANA's database of time zones, such as `Europe/Berlin`.
    #[serde(default = "utc")]
    #[schemars(length(min = 1, max = 64))]
    pub time_zone: String,
    /// The campaign that is started.
    pub campaign: CampaignSpec,
    /// Whether it starts anything.
    #[serde(default = "on")]
    pub enabled: bool,
}

impl Validate for ScheduleSpec {
    /// All but the grammar of `cron` and whether there is such a `time_zone`, which only who reads them knows.
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.require(
            (9..=200).contains(&self.cron.len()),
            "cron",
            "must have 9 to 200 characters",
        );
        v.at("campaign", |v| self.campaign.check(v));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_part_is_checked() {
        let schedule = |name: &str, cron: &str, agent: &str| -> ScheduleSpec {
            serde_json::from_value(json!({
                "name": name, "cron": cron,
                "campaign": {"name": "c", "agent_id": agent, "dataset_id": "d"},
            }))
            .unwrap()
        };
        let good = schedule("Nightly", "0 3 * * *", "a");
        assert!(good.enabled && good.validate().is_ok());
        let wrong = schedule("", "daily", "").validate().unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["/name", "/cron", "/campaign/agent_id"]);
    }
}
