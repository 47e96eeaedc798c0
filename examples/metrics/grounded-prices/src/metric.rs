//! The interface `assay:metric`.

use exports::assay::metric::scorer::{Description, Error, Guest, Outcome};
use serde_json::{Value, json};

wit_bindgen::generate!({ path: "../../../wit/assay-metric", world: "metric" });

struct GroundedPrices;

impl Guest for GroundedPrices {
    fn describe() -> Description {
        Description {
            name: "Grounded prices".to_owned(),
            description: "The share of the prices in the answer that occur in what the agent was given: facts, what it retrieved, \
                          what its tools told it, and the question."
                .to_owned(),
            required_fields: vec!["actual_output".to_owned()],
            params_schema: json!({
                "type": "object",
                "properties": {
                    "from": {"type": "number", "minimum": 0, "default": 0, "description": "Prices below it are passed over."},
                },
                "additionalProperties": false,
            })
            .to_string(),
        }
    }

    fn score(case_json: String, params_json: String) -> Result<Outcome, Error> {
        let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|e| e.to_string());
        let case = read(&case_json).map_err(Error::Failed)?;
        let params = read(&params_json).map_err(Error::Params)?;
        let verdict = crate::score(&case, params["from"].as_f64().unwrap_or(0.0));
        Ok(Outcome {
            score: verdict.score,
            reason: verdict.reason,
            breakdown: Vec::new(),
        })
    }
}

export!(GroundedPrices);
