//! What requests of a hook are signed with: several while one is replaced. They are opened to check a signature, and nowhere
//! else.

use assay_edge::{Platform, Problem};
use assay_webhook::{MAX_SECRETS, SECRET_LENGTHS};
use serde_json::{Map, Value, json};

/// Takes the write-only field out of a body, so that it reaches neither the specification nor a message. `None` when it is
/// not there.
pub(super) fn take(body: &mut Map<String, Value>) -> Result<Option<Vec<String>>, Problem> {
    let Some(field) = body.remove("secrets") else {
        return Ok(None);
    };
    let count = || {
        let message = format!("must be a list of 1 to {MAX_SECRETS} secrets");
        Problem::field("/secrets", message)
    };
    let Value::Array(list) = field else {
        return Err(count());
    };
    if !(1..=MAX_SECRETS).contains(&list.len()) {
        return Err(count());
    }
    let secrets = list.into_iter().enumerate().map(|(i, value)| match value {
        Value::String(secret)
            if SECRET_LENGTHS.contains(&secret.len())
                && secret.bytes().all(|b| b.is_ascii_graphic() || b == b' ') =>
        {
            Ok(secret)
        }
        _ => {
            let (least, most) = (SECRET_LENGTHS.start(), SECRET_LENGTHS.end());
            let message = format!("must have {least} to {most} characters of printable ASCII");
            Err(Problem::field(format!("/secrets/{i}"), message))
        }
    });
    secrets.collect::<Result<_, _>>().map(Some)
}

fn place(id: &str) -> String {
    format!("hooks/{id}/secrets")
}

/// The envelope of a hook's secrets.
pub(super) fn seal(platform: &Platform, id: &str, secrets: &[String]) -> Result<String, Problem> {
    let text = json!(secrets).to_string();
    platform.keyring.seal(&place(id), &text)
}

/// The secrets of a hook.
pub(super) fn open(platform: &Platform, id: &str, sealed: &str) -> Result<Vec<String>, Problem> {
    let opened = platform.keyring.open(&place(id), sealed);
    let opened = opened.map_err(Problem::internal)?;
    serde_json::from_str(opened.expose()).map_err(|_| Problem::internal("secrets that are no list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(value: Value) -> Result<Option<Vec<String>>, Problem> {
        let mut body = Map::from_iter([("secrets".to_owned(), value)]);
        let taken = take(&mut body);
        assert!(body.is_empty());
        taken
    }

    #[test]
    fn one_to_four_that_cannot_be_guessed() {
        assert!(take(&mut Map::new()).unwrap().is_none());
        let long = "0123456789abcdef";
        assert_eq!(taken(json!([long])).unwrap().unwrap(), [long]);
        assert_eq!(
            taken(json!([long, long, long, long]))
                .unwrap()
                .unwrap()
                .len(),
            4
        );
        for (wrong, field) in [
            (json!([]), "/secrets"),
            (json!(null), "/secrets"),
            (json!(long), "/secrets"),
            (json!([long, long, long, long, long]), "/secrets"),
            (json!(["too-short-secret", "s3cret"]), "/secrets/1"),
            (json!(["with a line\nbreak in it"]), "/secrets/0"),
            (json!([7]), "/secrets/0"),
        ] {
            let problem = taken(wrong).unwrap_err();
            assert_eq!(problem.errors()[0].field, field);
            assert!(!problem.to_string().contains("s3cret"));
        }
    }
}
