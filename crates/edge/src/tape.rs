//! Calls that are written down, and answers that are taken from what was written down: by this a run can be played again, byte for
//! byte, without agents and models.
//!
//! A call is found again by its content: the task that it is made for, method, URL and body without the run's id, and the how
//! many-th such call of the task it is. Credentials are in none of these. What is kept is the answer, from which credentials were
//! taken out before, and how long it took.

use crate::dial::{DialError, classify};
use crate::kv::Kv;
use crate::outbound::{self, Incoming, Outgoing};
use crate::platform::Platform;
use crate::progress::Progress;
use crate::{Problem, clock};
use assay_model::{Recording, RunErrorKind, Timestamp};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Most bytes of an answer's body that are kept: 4 MiB.
const MAX_BODY: usize = 4 << 20;
/// Headers of answers that anybody reads.
const HEADERS: [&str; 3] = ["content-type", "mcp-session-id", "retry-after"];

/// The calls of one task, or of one part of it.
#[derive(Debug, Default)]
pub struct Tape {
    recording: Option<Recording>,
    /// How often each call was made.
    counts: RefCell<HashMap<String, u32>>,
    /// The keys that are written down for the place, once they are known.
    index: RefCell<Option<BTreeSet<String>>>,
}

/// A call that was made, or taken from the tape.
pub(crate) struct Took {
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) answer: Result<Incoming, DialError>,
}

/// An answer at rest.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// How long it took, in microseconds.
    took: i64,
    said: Said,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Body,
    },
    Nothing(DialError),
    /// The body has so many bytes.
    TooLarge(usize),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Base64(String),
}

impl Said {
    fn of(answer: &Result<Incoming, DialError>) -> Self {
        let incoming = match answer {
            Ok(incoming) => incoming,
            Err(e) => return Self::Nothing(e.clone()),
        };
        if incoming.body.len() > MAX_BODY {
            return Self::TooLarge(incoming.body.len());
        }
        let header = |name: &str| {
            let value = incoming.headers.get(name)?.to_str().ok()?;
            Some((name.to_owned(), value.to_owned()))
        };
        Self::Answer {
            status: incoming.status.as_u16(),
            headers: HEADERS.into_iter().filter_map(header).collect(),
            body: match std::str::from_utf8(&incoming.body) {
                Ok(text) => Body::Text(text.to_owned()),
                Err(_) => Body::Base64(STANDARD.encode(&incoming.body)),
            },
        }
    }

    /// The answer; `None` when what is kept is none.
    fn answer(self) -> Option<Result<Incoming, DialError>> {
        let (status, headers, body) = match self {
            Self::Answer {
                status,
                headers,
                body,
            } => (status, headers, body),
            Self::Nothing(e) => return Some(Err(e)),
            Self::TooLarge(_) => return None,
        };
        let headers = headers.into_iter().filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(&value).ok()?))
        });
        let body = match body {
            Body::Text(text) => text.into_bytes(),
            Body::Base64(text) => STANDARD.decode(text).ok()?,
        };
        Some(Ok(Incoming {
            status: StatusCode::from_u16(status).ok()?,
            headers: headers.collect::<HeaderMap>(),
            body: body.into(),
        }))
    }
}

impl Tape {
    /// A tape that neither records nor plays.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// The tape of a task.
    #[must_use]
    pub fn new(recording: Option<Recording>) -> Self {
        Self {
            recording,
            ..Self::default()
        }
    }

    /// The tape of a part of the task, which may go on beside others: the calls of each are counted apart.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Self::new(self.recording.as_ref().map(|r| r.part(name)))
    }

    /// Whether answers are taken from it: then nobody is called.
    #[must_use]
    pub fn plays(&self) -> bool {
        self.recording.as_ref().is_some_and(|r| r.replays)
    }

    /// How long to wait between two calls, where `ms` is asked for: what is only played need not be waited for.
    #[must_use]
    pub fn wait_ms(&self, ms: u64) -> u64 {
        if self.plays() { 0 } else { ms }
    }

    /// When something began that ends now and began at `started`: as long ago as it took when it was recorded. What was not recorded
    /// took as long as it took.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn took(&self, started: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        let ended = clock::now();
        let Some(recording) = &self.recording else {
            return Ok((started, ended));
        };
        let key = key(&recording.place, &["took"]);
        let kv = Kv::open().await?;
        if recording.replays {
            let took: Option<i64> = kv.get(&key).await?;
            let started = took.map_or(started, |took| before(ended, took));
            return Ok((started, ended));
        }
        kv.set(&key, &micros(started, ended)).await?;
        Ok((started, ended))
    }

    /// Writes an answer down. Its key is written first, so that whoever deletes the recording finds it.
    async fn write<T: Serialize>(&self, place: &str, key: &str, kept: &T) -> Result<(), Problem> {
        let kv = Kv::open().await?;
        let at = index(place);
        let known = self.index.take();
        let mut keys = match known {
            Some(keys) => keys,
            None => kv.get(&at).await?.unwrap_or_default(),
        };
        if keys.insert(key.to_owned()) {
            kv.set(&at, &keys).await?;
        }
        self.index.replace(Some(keys));
        kv.set(key, kept).await
    }

    /// What was written down of something that the task does without a call; where nothing was, what it comes to now, which is written
    /// down. `parts` say what it is, whatever the run.
    ///
    /// # Errors
    /// Those of `make`, and when the store fails.
    pub async fn kept<T: Serialize + DeserializeOwned>(
        &self,
        parts: &[&str],
        make: impl AsyncFnOnce() -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let Some(recording) = &self.recording else {
            return make().await;
        };
        let parts: Vec<String> = parts.iter().map(|part| plain(recording, part)).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let key = key(&recording.place, &parts);
        if recording.replays {
            return match Kv::open().await?.get(&key).await? {
                Some(kept) => Ok(kept),
                None => make().await,
            };
        }
        let made = make().await?;
        self.write(&recording.place, &key, &made).await?;
        Ok(made)
    }

    /// The key of a call, and the call in words. Counts it.
    fn found(&self, recording: &Recording, call: &Outgoing) -> (String, String) {
        let url = plain(recording, &call.url);
        // Of bytes that are no text the id cannot be told.
        let body = match std::str::from_utf8(&call.body) {
            Ok(text) => hex::encode(Sha256::digest(plain(recording, text))),
            Err(_) => hex::encode(Sha256::digest(&call.body)),
        };
        let method = call.method.as_str();
        let content = key(&recording.place, &[method, &url, &body]);
        let mut counts = self.counts.borrow_mut();
        let count = counts.entry(content).or_default();
        *count += 1;
        let nth = count.to_string();
        let at = url.split(['?', '#']).next().unwrap_or_default();
        (
            key(&recording.place, &[method, &url, &body, &nth]),
            format!("{method} {at}, number {nth} of its kind in the task"),
        )
    }
}

/// A text without the run's id, which is another one each time.
fn plain(recording: &Recording, text: &str) -> String {
    text.replace(&recording.run_id, "{run}")
}

fn micros(started: Timestamp, ended: Timestamp) -> i64 {
    ended.micros().saturating_sub(started.micros()).max(0)
}

fn before(ended: Timestamp, took: i64) -> Timestamp {
    Timestamp::from_micros(ended.micros().saturating_sub(took))
}

fn key(place: &str, parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in std::iter::once(place).chain(parts.iter().copied()) {
        // The length keeps two lists of parts from being one text.
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    format!("recorded/{}", hex::encode(hasher.finalize()))
}

/// The key of the list of all other keys of a place.
fn index(place: &str) -> String {
    key(place, &["index"])
}

/// Deletes what was written down at a place.
///
/// # Errors
/// When the store fails; then there is something left to delete.
pub async fn erase(place: &str) -> Result<(), Problem> {
    let kv = Kv::open().await?;
    let index = index(place);
    let keys: Option<BTreeSet<String>> = kv.get(&index).await?;
    for key in keys.into_iter().flatten() {
        kv.delete(&key).await?;
    }
    kv.delete(&key(place, &["took"])).await?;
    kv.delete(&index).await
}

fn internal(message: String, retryable: bool) -> DialError {
    DialError {
        kind: RunErrorKind::Internal,
        message,
        retryable,
        retry_after_ms: None,
        status: None,
    }
}

/// Makes a call, unless the tape has its answer: then nothing of it comes in.
pub(crate) async fn send(
    platform: &Platform,
    tape: &Tape,
    call: Outgoing,
    progress: &Progress,
) -> Took {
    let Some(recording) = &tape.recording else {
        return made(platform, call, progress).await;
    };
    let (key, name) = tape.found(recording, &call);
    if recording.replays {
        return played(&key, &name).await;
    }
    let took = made(platform, call, progress).await;
    let kept = Kept {
        took: micros(took.started, took.ended),
        said: Said::of(&took.answer),
    };
    match tape.write(&recording.place, &key, &kept).await {
        Ok(()) => took,
        // A run with a gap in it could not be played again.
        Err(_) => Took {
            answer: Err(internal(format!("could not be recorded: {name}"), true)),
            ..took
        },
    }
}

async fn made(platform: &Platform, call: Outgoing, progress: &Progress) -> Took {
    let started = clock::now();
    let answer = outbound::send(call, platform, progress).await;
    Took {
        started,
        ended: clock::now(),
        answer: answer.map_err(|e| classify(&e)),
    }
}

async fn played(key: &str, name: &str) -> Took {
    let kept: Result<Option<Kept>, Problem> = match Kv::open().await {
        Ok(kv) => kv.get(key).await,
        Err(e) => Err(e),
    };
    let ended = clock::now();
    let (took, answer) = match kept {
        Ok(Some(Kept { took, said })) => {
            let lost = || internal(format!("was recorded without its answer: {name}"), false);
            (took, said.answer().unwrap_or_else(|| Err(lost())))
        }
        Ok(None) => (0, Err(internal(format!("was not recorded: {name}"), false))),
        Err(_) => (
            0,
            Err(internal(
                format!("cannot be found in the recording: {name}"),
                true,
            )),
        ),
    };
    Took {
        started: before(ended, took),
        ended,
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use std::collections::BTreeMap;

    fn tape(run_id: &str, place: &str) -> Tape {
        Tape::new(Some(Recording {
            replays: true,
            place: place.into(),
            run_id: run_id.into(),
        }))
    }

    fn call(url: &str, body: &[u8]) -> Outgoing {
        Outgoing {
            method: Method::POST,
            url: url.into(),
            headers: vec![("authorization".into(), "secret".into())],
            credential: None,
            secret_headers: Vec::new(),
            secrets: BTreeMap::new(),
            body: body.to_vec(),
            timeout_ms: 5,
            max_bytes: 5,
        }
    }

    fn keys(tape: &Tape, calls: &[Outgoing]) -> Vec<String> {
        let recording = tape.recording.clone().unwrap();
        calls.iter().map(|c| tape.found(&recording, c).0).collect()
    }

    #[test]
    fn a_call_is_found_by_its_content_in_whatever_run() {
        let calls = |run: &str| {
            [
                call(
                    "https://a.example/x",
                    format!("{{\"run\": \"{run}\"}}").as_bytes(),
                ),
                call(&format!("https://a.example/{run}"), b""),
                call("https://a.example/x", b"\xff"),
            ]
        };
        let one = keys(&tape("11aa", "p"), &calls("11aa"));
        assert_eq!(one, keys(&tape("22bb", "p"), &calls("22bb")));
        let mut all = one.clone();
        all.extend(keys(&tape("11aa", "q"), &calls("11aa")));
        all.extend(keys(&tape("11aa", "p").part("metric"), &calls("11aa")));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 9, "another place is another call");
    }

    #[test]
    fn equal_calls_are_numbered() {
        let tape = tape("11aa", "p");
        let same = || call("https://a.example/x?token=1", b"a");
        let first = keys(&tape, &[same(), same()]);
        assert_ne!(first[0], first[1]);
        let recording = tape.recording.clone().unwrap();
        let (_, name) = tape.found(&recording, &same());
        assert_eq!(
            name,
            "POST https://a.example/x, number 3 of its kind in the task"
        );
    }

    #[test]
    fn answers_come_back_as_they_were() {
        let incoming = |body: &[u8]| Incoming {
            status: StatusCode::TOO_MANY_REQUESTS,
            headers: HeaderMap::from_iter([
                (http::header::RETRY_AFTER, HeaderValue::from_static("3")),
                (http::header::SET_COOKIE, HeaderValue::from_static("a=b")),
            ]),
            body: body.to_vec().into(),
        };
        for body in [b"words".as_slice(), b"\xff\x00"] {
            let said = Said::of(&Ok(incoming(body)));
            let text = serde_json::to_string(&said).unwrap();
            assert!(!text.contains("a=b"), "nobody reads it: {text}");
            let back: Said = serde_json::from_str(&text).unwrap();
            assert_eq!(back, said);
            let answer = back.answer().unwrap().unwrap();
            assert_eq!(answer.status, 429);
            assert_eq!(answer.headers["retry-after"], "3");
            assert_eq!(answer.body.as_ref(), body);
        }
        let refused = internal("may not be called".into(), false);
        let back = Said::of(&Err(refused.clone())).answer().unwrap();
        assert_eq!(back.unwrap_err(), refused);
        let large = Said::of(&Ok(incoming(&vec![0; MAX_BODY + 1])));
        assert_eq!(large, Said::TooLarge(MAX_BODY + 1));
        assert!(large.answer().is_none());
    }

    #[test]
    fn times_are_spans() {
        let at = Timestamp::from_micros;
        assert_eq!(micros(at(5), at(12)), 7);
        assert_eq!(micros(at(12), at(5)), 0, "a clock that was put back");
        assert_eq!(before(at(100), 7), at(93));
        assert_eq!(tape("r", "p").wait_ms(5), 0);
        assert_eq!(Tape::off().wait_ms(5), 5);
    }
}
