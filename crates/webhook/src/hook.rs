//! A hook as a client writes it: who sends, what starts a campaign, which one, and whether the commit is told how it went.

use crate::event::Provider;
use crate::filter::Filter;
use crate::status::check_api;
use assay_model::schema::NAME;
use assay_model::{CampaignSpec, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Most signing secrets at once: the one in use, and those that it replaces.
pub const MAX_SECRETS: usize = 4;
/// How long a signing secret may be, in bytes. A shorter one could be guessed.
pub const SECRET_LENGTHS: RangeInclusive<usize> = 16..=500;

const MAX_NAME: usize = 200;
const MAX_CONTEXT: usize = 100;

const fn on() -> bool {
    true
}

/// A hook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HookSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// Who sends.
    pub provider: Provider,
    /// Which events start a campaign.
    #[serde(default)]
    pub filter: Filter,
    /// The campaign that an event starts.
    pub campaign: CampaignSpec,
    /// How the commit is told; absent when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusSpec>,
    /// Whether it takes anything.
    #[serde(default = "on")]
    pub enabled: bool,
}

/// How a commit is told what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusSpec {
    /// The root of the API that the token is for, such as `https://gitlab.example.com/api/v4`; absent for the provider's cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2000))]
    pub api: Option<String>,
    /// The name under which later words replace earlier ones.
    #[serde(default = "context")]
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    pub context: String,
    /// What is written.
    #[serde(default)]
    pub kind: StatusKind,
}

fn context() -> String {
    "assay".to_owned()
}

/// What is written of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// A status, which any token can write.
    #[default]
    CommitStatus,
    /// A check run, which GitHub lets apps write.
    CheckRun,
}

impl Validate for HookSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, MAX_NAME);
        v.at("filter", |v| self.filter.check(v));
        v.at("campaign", |v| self.campaign.check(v));
        if let Some(status) = &self.status {
            v.require(
                self.provider != Provider::Generic,
                "status",
                "needs a hook of GitHub or GitLab",
            );
            v.at("status", |v| status.check_of(self.provider, v));
        }
    }
}

impl StatusSpec {
    fn check_of(&self, provider: Provider, v: &mut Validator) {
        v.name("context", &self.context, MAX_CONTEXT);
        if let Some(api) = &self.api
            && let Err(why) = check_api(api)
        {
            v.error("api", why);
        }
        v.require(
            self.kind != StatusKind::CheckRun || provider == Provider::Github,
            "kind",
            "is what only GitHub has",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn wrong(change: Value) -> Vec<String> {
        let mut hook = json!({
            "name": "Pushes", "provider": "github",
            "campaign": {"name": "c", "agent_id": "a", "dataset_id": "d"},
        });
        hook.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let hook: HookSpec = serde_json::from_value(hook).unwrap();
        let found = hook.validate().err().unwrap_or_default().into_iter();
        found.map(|e| e.field).collect()
    }

    #[test]
    fn every_part_is_checked() {
        assert_eq!(wrong(json!({})), [""; 0]);
        assert_eq!(wrong(json!({"status": {}})), [""; 0]);
        assert_eq!(wrong(json!({"status": {"kind": "check_run"}})), [""; 0]);
        assert_eq!(wrong(json!({"name": " "})), ["/name"]);
        assert_eq!(
            wrong(json!({"filter": {"branches": ["a[", "main"]}})),
            ["/filter/branches/0"]
        );
        assert_eq!(
            wrong(json!({"campaign": {"name": "c", "agent_id": "", "dataset_id": "d"}})),
            ["/campaign/agent_id"]
        );
        assert_eq!(
            wrong(json!({"provider": "generic", "status": {}})),
            ["/status"]
        );
        assert_eq!(
            wrong(json!({"provider": "gitlab", "status": {"kind": "check_run"}})),
            ["/status/kind"]
        );
        for api in [
            "x",
            "ftp://a.example",
            "https://user:p@a.example",
            "https://a.example?q=1",
        ] {
            assert_eq!(
                wrong(json!({"status": {"api": api}})),
                ["/status/api"],
                "{api}"
            );
        }
        assert_eq!(
            wrong(json!({"status": {"api": "https://ghe.example/api/v3", "context": ""}})),
            ["/status/context"]
        );
    }
}
