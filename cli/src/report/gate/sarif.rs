//! SARIF 2.1.0, which code-scanning services read.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use super::{Judged, title};
use assay_experiment::gate::{Verdict, Weight};
use serde_json::{Value, json};

/// A document with a result for each rule that does not pass.
pub(super) fn document(judged: &Judged, file: &str) -> Value {
    let rules = &judged.report.rules;
    let described: Vec<Value> = rules
        .iter()
        .enumerate()
        .map(|(i, rule)| {
            json!({
                "id": format!("rule-{i}"), "name": title(rule),
                "shortDescription": {"text": title(rule)},
            })
        })
        .collect();
    let results: Vec<Value> = rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.verdict != Verdict::Pass)
        .map(|(i, rule)| {
            let level = match (rule.verdict, rule.rule.severity) {
                (Verdict::Fail, Weight::Blocking) => "error",
                _ => "warning",
            };
            json!({
                "ruleId": format!("rule-{i}"), "ruleIndex": i, "level": level,
                "message": {"text": rule.reason},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": {"startLine": 1}}}],
                "properties": {"verdict": rule.verdict, "value": rule.value, "baseline": rule.baseline, "interval": rule.interval},
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "assay", "version": env!("CARGO_PKG_VERSION"), "rules": described}},
            "results": results,
            "properties": {"verdict": judged.report.verdict, "reason": judged.report.reason, "campaign": judged.candidate.campaign_id},
        }],
    })
}

/// A path as a relative URI.
fn uri(file: &str) -> String {
    let text = file.replace('\\', "/");
    let part = |part: &str| -> String {
        url::form_urlencoded::byte_serialize(part.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    text.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::judged;
    use super::*;

    #[test]
    fn what_does_not_pass_is_a_result() {
        let document = document(&judged(), "ci gates/gate.yaml");
        let results = document["runs"][0]["results"].as_array().unwrap();
        let told: Vec<(&str, &str)> = results
            .iter()
            .map(|r| (r["ruleId"].as_str().unwrap(), r["level"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [("rule-1", "error"), ("rule-2", "warning")]);
        let at = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(at, "ci%20gates/gate.yaml");
        assert_eq!(
            document["runs"][0]["tool"]["driver"]["rules"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
    }
}
