//! Resting: what a platform holds and does when nobody uses it.

use crate::api::Api;
use crate::context::Context;
use crate::platform::COMPONENTS;
use crate::report::{Report, figure};
use anyhow::Result;
use serde_json::json;
use std::thread::sleep;
use std::time::Duration;

const REST: Duration = Duration::from_secs(20);
const WATCHED: Duration = Duration::from_secs(15);

pub(crate) fn bench(context: &Context) -> Result<Report> {
    let platform = context.platform()?;
    let started = platform.usage()?;
    let mut connection = platform.connect()?;
    for (_, call) in &COMPONENTS {
        connection.succeed(call)?;
    }
    // The simulator has no public route: a campaign reaches it.
    let api = Api::new(&platform);
    let url = format!("{}/sample-agent/v1/chat/completions", platform.url());
    let agent = json!({"name": "sample", "kind": "openai_chat", "url": url});
    let agent = api.create("/api/v1/agents", &agent)?;
    let dataset = api.dataset("one item", 1, "anything")?;
    let campaign = json!({
        "name": "one item", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}],
    });
    let campaign = api.create("/api/v1/campaigns", &campaign)?;
    api.finished(&campaign, Duration::from_secs(60))?;
    let used = platform.usage()?;
    drop(api);
    drop(connection);

    eprintln!("idle: {} s of rest", REST.as_secs());
    sleep(REST);
    let rested = platform.usage()?;
    eprintln!("idle: {} s of watching", WATCHED.as_secs());
    sleep(WATCHED);
    let after = platform.usage()?;
    platform.stop()?;

    let mut report = Report::new(
        "idle: memory and processor time of the process",
        &["when", "RSS MiB", "of it anonymous", "threads"],
    );
    for (when, usage) in [
        ("started", started),
        ("every component asked once, one campaign run", used),
        ("20 s later", rested),
        ("15 s after that", after),
    ] {
        report.row([
            when.to_owned(),
            figure(usage.rss_mib),
            figure(usage.anonymous_mib),
            usage.threads.to_string(),
        ]);
    }
    let busy = after.cpu_s - rested.cpu_s;
    let percent = 100.0 * busy / WATCHED.as_secs_f64();
    report.note(format!(
        "Processor time in the last {} s: {busy:.2} s, {percent:.2}% of one processor. What is not anonymous is mapped from files \
         (the program, compiled components, databases) and is given up when memory is short.",
        WATCHED.as_secs()
    ));
    report.below(
        "idle: RSS with all components loaded",
        rested.rss_mib,
        150.0,
        " MiB",
    );
    report.below("idle: processor time (rounds to 0%)", percent, 0.5, "%");
    Ok(report)
}
