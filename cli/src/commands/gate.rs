//! `assay gate`: whether a change may go out.

use super::blocking;
use super::run::{cannot_write, probe};
use super::server::{self, ServerArgs};
use crate::api::Client;
use crate::exit::Exit;
use crate::named::find;
use crate::report::gate::{Judged, Output};
use crate::term;
use anyhow::{Context, Result, anyhow, bail};
use assay_experiment::gate::{Gate, Verdict};
use assay_model::Validate;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Largest gate that is read, in bytes.
const MAX_GATE: u64 = 1 << 20;

/// Arguments of `assay gate`.
///
/// A campaign is named by its id, or as `name:NAME`: the newest of that name that has ended.
#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// The campaign to judge: its id, or `name:NAME` for the newest of that name that has ended.
    #[arg(value_name = "CAMPAIGN")]
    campaign: String,
    /// The gate: a file in YAML or JSON.
    #[arg(long, value_name = "FILE")]
    gate: PathBuf,
    /// The campaign that it is compared with, named in the same way.
    #[arg(long, value_name = "CAMPAIGN")]
    baseline: Option<String>,
    /// Which agent's runs, by its id, where the campaign has several.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// The same of the baseline.
    #[arg(long, value_name = "ID", requires = "baseline")]
    baseline_agent: Option<String>,
    /// Whose scores count where people corrected a machine's.
    #[arg(long, default_value = "effective")]
    scores: Scores,
    /// What an inconclusive gate comes to: exit code 3, 1 or 0.
    #[arg(long, default_value = "tell")]
    inconclusive: Policy,
    /// What is written to standard output, or to `--out-file`.
    #[arg(long, default_value = "text")]
    output: Output,
    /// Write the result to this file. The terminal shows the text as well.
    #[arg(long, value_name = "FILE")]
    out_file: Option<PathBuf>,
}

/// Whose scores count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scores {
    /// People's where they said otherwise, machines' elsewhere.
    Effective,
    /// Machines' alone.
    Machine,
    /// People's alone: only what they said otherwise.
    Human,
}

impl Scores {
    const fn name(self) -> &'static str {
        match self {
            Self::Effective => "effective",
            Self::Machine => "machine",
            Self::Human => "human",
        }
    }
}

/// What to do where nothing is shown either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Policy {
    /// Exit code 3.
    Tell,
    /// Exit code 1, as if the gate had failed.
    Fail,
    /// Exit code 0, as if it had passed.
    Pass,
}

impl Policy {
    const fn exit(self, verdict: Verdict) -> Exit {
        match (verdict, self) {
            (Verdict::Pass, _) | (Verdict::Inconclusive, Self::Pass) => Exit::Pass,
            (Verdict::Fail, _) | (Verdict::Inconclusive, Self::Fail) => Exit::Quality,
            (Verdict::Inconclusive, Self::Tell) => Exit::Inconclusive,
        }
    }
}

/// Judges, and tells.
///
/// # Errors
/// When nothing could be judged; the message is one line.
pub(crate) async fn gate(args: GateArgs) -> Result<Exit> {
    let gate = read(&args.gate)?;
    if gate.needs_baseline() && args.baseline.is_none() {
        bail!("--baseline is required: a rule compares with one (`not_worse_by`)");
    }
    if let Some(path) = &args.out_file {
        probe(path)?;
    }
    let (client, platform) = server::connect(&args.server).await?;
    let asked = (
        args.campaign,
        args.baseline,
        args.agent,
        args.baseline_agent,
    );
    let scores = args.scores;
    let judged = blocking(move || judge(&client, &gate, asked, scores)).await;
    if let Some(platform) = platform {
        platform.shutdown().await;
    }
    let judged = judged?;
    let name = args.gate.display().to_string();
    let text = judged.render(args.output, &name)?;
    match &args.out_file {
        Some(path) => {
            std::fs::write(path, text).map_err(|e| cannot_write(path, &e))?;
            term::out(judged.render(Output::Text, &name)?.trim_end());
            term::note(format!("result written to {}", path.display()));
        }
        None => term::out(text.trim_end()),
    }
    Ok(args.inconclusive.exit(judged.report.verdict))
}

type Asked = (String, Option<String>, Option<String>, Option<String>);

fn judge(client: &Client, gate: &Gate, asked: Asked, scores: Scores) -> Result<Judged> {
    let (campaign, baseline, agent, baseline_agent) = asked;
    let id = find(client, &campaign)?;
    let baseline = baseline.map(|b| find(client, &b)).transpose()?;
    let body = json!({
        "gate": gate, "baseline_id": baseline, "agent_id": agent, "baseline_agent_id": baseline_agent,
        "scores": scores.name(),
    });
    Ok(client.post(&format!("/api/v1/campaigns/{id}/gate"), &body, None)?)
}

/// A gate from a file.
fn read(path: &Path) -> Result<Gate> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .map_err(|e| anyhow!("{shown} cannot be read: {}", crate::files::plain(&e)))?
        .len();
    if size > MAX_GATE {
        bail!("{shown} is larger than a gate may be ({MAX_GATE} bytes)");
    }
    let text = std::fs::read_to_string(path)
        .map_err(|e| anyhow!("{shown} cannot be read: {}", crate::files::plain(&e)))?;
    // JSON is YAML as well.
    let gate: Gate = serde_yaml_ng::from_str(&text).with_context(|| shown.to_string())?;
    gate.validate().map_err(|errors| {
        let all: Vec<String> = errors
            .iter()
            .map(|e| format!("`{}` {}", e.field, e.message))
            .collect();
        anyhow!("{shown}: {}", all.join("; "))
    })?;
    Ok(gate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_file_is_checked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gate.yaml");
        let check = |text: &str, wanted: Option<&str>| {
            std::fs::write(&path, text).unwrap();
            match (read(&path), wanted) {
                (Ok(_), None) => {}
                (Err(e), Some(words)) => assert!(format!("{e:#}").contains(words), "{e:#}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        };
        check("rules:\n  - metric: m\n    not_worse_by: 0.02\n", None);
        check(r#"{"rules": [{"at_least": 0.5}]}"#, None);
        check("rules: []", Some("`/rules` must not be empty"));
        check("rules:\n  - metric: m", Some("/rules/0/at_least"));
        check("rules:\n  - atleast: 1", Some("unknown field"));
        check("rules: [", Some("gate.yaml"));
        assert!(format!("{:#}", read(&dir.path().join("none")).unwrap_err()).contains("none"));
    }

    #[test]
    fn a_policy_decides_only_what_is_open() {
        for policy in [Policy::Tell, Policy::Fail, Policy::Pass] {
            assert_eq!(policy.exit(Verdict::Pass), Exit::Pass);
            assert_eq!(policy.exit(Verdict::Fail), Exit::Quality);
        }
        let open = Verdict::Inconclusive;
        let exits = [Policy::Tell, Policy::Fail, Policy::Pass].map(|p| p.exit(open).code());
        assert_eq!(exits, [3, 1, 0]);
    }
}
