//! Programs in WebAssembly. The bytes are given when one is made, and are kept apart from what is said of it.

use crate::resource::{Apart, Resource, id};
use assay_edge::db::Statement;
use assay_edge::{Ctx, Problem, Reply, programs, reply};
use assay_model::ProgramSpec;
use assay_sandbox::{MAX_BYTES, Refused, check};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The field with the bytes.
const WASM: &str = "wasm";

/// Programs.
pub(crate) struct Programs;

impl Resource for Programs {
    type Spec = ProgramSpec;
    const TABLE: &'static str = "programs";
    const NOUN: &'static str = "program";
    const KNOWN: &'static [&'static str] = &["size", "sha256"];

    fn name(spec: &ProgramSpec) -> &str {
        &spec.name
    }

    fn description(spec: &ProgramSpec) -> &str {
        &spec.description
    }

    fn apart(body: &mut Map<String, Value>) -> Result<Option<Apart>, Problem> {
        let bytes = bytes(body.remove(WASM))?;
        let mut known = Map::new();
        known.insert("size".into(), json!(bytes.len()));
        known.insert("sha256".into(), json!(hex::encode(Sha256::digest(&bytes))));
        let text = STANDARD.encode(&bytes);
        let keep = move |id: &str| {
            let sql =
                "INSERT INTO program_bytes (workspace_id, program_id, wasm) VALUES ($1, $2, $3)";
            Statement::new(sql, [id.into(), text.as_str().into()])
        };
        Ok(Some(Apart {
            known,
            keep: Box::new(keep),
        }))
    }

    fn unchanging(body: &Map<String, Value>) -> Result<(), Problem> {
        if body.contains_key(WASM) {
            return Err(wrong("never changes: make another program of it"));
        }
        Ok(())
    }
}

fn wrong(message: impl Into<String>) -> Problem {
    Problem::field("/wasm", message)
}

/// The bytes of a program, as a client gives them.
fn bytes(field: Option<Value>) -> Result<Vec<u8>, Problem> {
    let Some(field) = field else {
        return Err(wrong("is required: the bytes of the program, in base64"));
    };
    let Value::String(text) = field else {
        return Err(wrong(
            "must be a string: the bytes of the program, in base64",
        ));
    };
    // Before it is decoded: nobody wants more than that in memory.
    if text.len() / 4 * 3 > MAX_BYTES + 3 {
        return Err(wrong(Refused::TooLarge(text.len() / 4 * 3).to_string()));
    }
    let bytes = STANDARD
        .decode(&text)
        .map_err(|e| wrong(format!("is not base64: {e}")))?;
    check(&bytes).map_err(|why| wrong(why.to_string()))?;
    Ok(bytes)
}

/// `GET /api/v1/programs/{id}/wasm`: the bytes, as they were given.
pub(crate) async fn download(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, Programs::ID, Programs::NOUN)?;
    let db = ctx.db().await?;
    let bytes = programs::bytes(&db, id).await?;
    let bytes = bytes.ok_or_else(|| Problem::not_found(Programs::NOUN))?;
    let mut answer = reply::bytes(StatusCode::OK, "application/wasm", bytes);
    // No browser is to run it.
    answer.headers_mut().insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"program.wasm\""),
    );
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that does nothing.
    const NOTHING: &str = "AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs=";

    #[track_caller]
    fn refused(field: Option<Value>, words: &str) {
        let problem = bytes(field).unwrap_err().to_string();
        assert!(
            problem.contains("/wasm") && problem.contains(words),
            "{problem}"
        );
    }

    #[test]
    fn bytes_are_checked_before_they_are_kept() {
        assert_eq!(bytes(Some(json!(NOTHING))).unwrap().len(), 50);
        refused(None, "is required");
        refused(Some(json!(7)), "must be a string");
        refused(Some(json!("%")), "is not base64");
        refused(Some(json!("")), "is no WebAssembly module");
        refused(Some(json!("A".repeat(2_900_000))), "it may have 2097152");
        let large = STANDARD.encode(vec![0; MAX_BYTES + 1]);
        refused(Some(json!(large)), "it may have 2097152");
    }

    #[test]
    fn what_is_known_of_bytes_follows_from_them() {
        let mut body = Map::from_iter([("wasm".to_owned(), json!(NOTHING))]);
        let apart = Programs::apart(&mut body).unwrap().unwrap();
        assert!(body.is_empty());
        assert_eq!(
            Value::Object(apart.known),
            json!({
                "size": 50,
                "sha256": "87799c1b578e1ef444797b90bd09efe88f1af0b1810d578f9ccf03df9b1de499",
            })
        );
        let kept = (apart.keep)("an-id");
        assert_eq!(kept.params.len(), 2);
        let again = Map::from_iter([("wasm".to_owned(), json!(NOTHING))]);
        assert!(Programs::unchanging(&again).is_err());
    }
}
