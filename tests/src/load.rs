//! A load of spans by several connections, and the books of it: what was acknowledged, what was refused, what got no answer.

use crate::otlp::{Span, protobuf};
use crate::{Client, wait_for};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Spans of a batch, which are one trace.
pub const SPANS: u64 = 12;
/// Connections that send.
const CONNECTIONS: usize = 4;

/// What became of a batch.
#[derive(Debug, Default, Clone, Copy)]
struct Fate {
    acknowledged: bool,
    /// Answers that refused it.
    refused: u32,
    /// Times that it got no answer.
    unanswered: u32,
}

#[derive(Default)]
struct Shared {
    /// Where the platform is; it moves when it starts again.
    client: Mutex<Option<Client>>,
    next: AtomicU64,
    stopped: AtomicBool,
    pace: Duration,
    acknowledged: AtomicU64,
    refused: AtomicU64,
    unanswered: AtomicU64,
    fates: Mutex<BTreeMap<u64, Fate>>,
    /// Answers that no client could make sense of.
    odd: Mutex<Vec<String>>,
}

/// The load; it goes on until [`Load::end`].
pub struct Load {
    shared: Arc<Shared>,
    senders: Vec<JoinHandle<()>>,
}

/// The trace of a batch: its number, spread over the id.
fn trace(batch: u64) -> u128 {
    u128::from(batch + 1) << 64 | u128::from((batch + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn batch(number: u64) -> Vec<Span> {
    (1..=SPANS)
        .map(|id| {
            let span = Span::new(trace(number), id).text("input.value", format!("{number}/{id}"));
            if id == 1 { span } else { span.under(1) }
        })
        .collect()
}

impl Load {
    /// Begins to send; each connection waits so long between two batches.
    #[must_use]
    pub fn begin(client: Client, pace: Duration) -> Self {
        let shared = Arc::new(Shared {
            pace,
            ..Shared::default()
        });
        *shared.client.lock().expect("client") = Some(client);
        let senders = (0..CONNECTIONS)
            .map(|_| {
                let shared = shared.clone();
                std::thread::spawn(move || shared.send_until_stopped())
            })
            .collect();
        Self { shared, senders }
    }

    /// The platform is elsewhere now.
    pub fn move_to(&self, client: Client) {
        *self.shared.client.lock().expect("client") = Some(client);
    }

    /// Batches that were acknowledged so far.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.shared.acknowledged.load(Ordering::SeqCst)
    }

    /// Answers so far that refused a batch for now.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::SeqCst)
    }

    /// Requests so far that got no answer.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.shared.unanswered.load(Ordering::SeqCst)
    }

    /// Waits until so many more batches are acknowledged.
    pub fn wait(&self, more: u64) {
        let wanted = self.acknowledged() + more;
        wait_for("batches are acknowledged", 60, || {
            (self.acknowledged() >= wanted).then_some(())
        });
    }

    /// Waits until so many more batches are refused.
    pub fn wait_refused(&self, more: u64) {
        let wanted = self.refused() + more;
        wait_for("batches are refused", 60, || {
            (self.refused() >= wanted).then_some(())
        });
    }

    /// Stops, when what is under way has its answer; gives the books.
    ///
    /// # Panics
    /// When an answer was neither a success nor a refusal that says when to try again.
    #[must_use]
    pub fn end(self) -> Books {
        self.shared.stopped.store(true, Ordering::SeqCst);
        for sender in self.senders {
            sender.join().expect("a sender");
        }
        let odd = self.shared.odd.lock().expect("odd").clone();
        assert!(
            odd.is_empty(),
            "{} odd answers: {:?}",
            odd.len(),
            odd.first()
        );
        let fates = self.shared.fates.lock().expect("fates").clone();
        let books = Books { fates };
        eprintln!("{}", books.summary());
        books
    }
}

impl Shared {
    fn send_until_stopped(&self) {
        while !self.stopped.load(Ordering::SeqCst) {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            let body = protobuf(&batch(number));
            // An exporter sends again what it heard nothing good of; one that ends meanwhile does not.
            let persistent = number.is_multiple_of(2);
            while !self.send(number, &body) && persistent && !self.stopped.load(Ordering::SeqCst) {}
            std::thread::sleep(self.pace);
        }
    }

    fn send(&self, number: u64, body: &[u8]) -> bool {
        let client = self.client.lock().expect("client").clone();
        let client = client.expect("a client");
        let headers = [("content-type", "application/x-protobuf")];
        let answer = client.try_send("POST", "/v1/traces", &headers, Some(body));
        let mut fates = self.fates.lock().expect("fates");
        let fate = fates.entry(number).or_default();
        let refused = match answer {
            Ok(answer) if answer.status == 200 && answer.text.is_empty() => {
                fate.acknowledged = true;
                self.acknowledged.fetch_add(1, Ordering::SeqCst);
                return true;
            }
            Ok(answer)
                if matches!(answer.status, 429 | 503) && answer.header("retry-after").is_some() =>
            {
                fate.refused += 1;
                self.refused.fetch_add(1, Ordering::SeqCst);
                true
            }
            Ok(answer) => {
                fate.refused += 1;
                let mut odd = self.odd.lock().expect("odd");
                odd.push(format!("{} {}", answer.status, answer.text));
                true
            }
            Err(_) => {
                fate.unanswered += 1;
                self.unanswered.fetch_add(1, Ordering::SeqCst);
                false
            }
        };
        drop(fates);
        // Not at once again: the platform is not there, or said so.
        std::thread::sleep(Duration::from_millis(if refused { 20 } else { 5 }));
        false
    }
}

/// What was sent, and what became of it.
pub struct Books {
    fates: BTreeMap<u64, Fate>,
}

impl Books {
    /// In one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |f: fn(&Fate) -> bool| self.fates.values().filter(|fate| f(fate)).count();
        format!(
            "{} batches: {} acknowledged, {} not; {} of all were refused, {} got no answer, at least once",
            self.fates.len(),
            count(|f| f.acknowledged),
            count(|f| !f.acknowledged),
            count(|f| f.refused > 0),
            count(|f| f.unanswered > 0),
        )
    }

    /// Spans that must be there.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.fates.values().filter(|f| f.acknowledged).count() as u64 * SPANS
    }

    /// Whether each batch was acknowledged.
    #[must_use]
    pub fn all_acknowledged(&self) -> bool {
        self.fates.values().all(|f| f.acknowledged)
    }

    /// Waits until what was acknowledged is stored, then compares the two: each acknowledged span is there exactly once;
    /// of what was not acknowledged a batch is there whole and once, or not at all; and nothing else is.
    ///
    /// # Panics
    /// When that is not so.
    pub fn compare(&self, client: &Client, seconds: u64) {
        let missing = |stored: &Stored| {
            let there = |number: &u64| stored.spans.contains_key(&trace_id(*number));
            let acknowledged = self.fates.iter().filter(|(_, f)| f.acknowledged);
            acknowledged.filter(|(n, _)| !there(n)).count()
        };
        let stored = wait_for("what was acknowledged is stored", seconds, || {
            let stored = Stored::read(client);
            (missing(&stored) == 0).then_some(stored)
        });
        let mut total = 0;
        for (number, fate) in &self.fates {
            let found = stored.spans.get(&trace_id(*number));
            let found = found.map(Vec::as_slice).unwrap_or_default();
            if found.is_empty() && !fate.acknowledged {
                continue;
            }
            let expected: Vec<(String, String)> = batch(*number)
                .iter()
                .map(|s| {
                    let input = s.attributes.first().map(|(_, v)| format!("{v:?}"));
                    (s.span_id(), input.unwrap_or_default())
                })
                .collect();
            let mut found: Vec<(String, String)> = found.to_vec();
            found.sort();
            assert_eq!(found, expected, "batch {number}: {fate:?}");
            total += found.len() as u64;
        }
        let all: u64 = stored.spans.values().map(|s| s.len() as u64).sum();
        assert_eq!(all, total, "spans that nobody sent");
        assert!(all >= self.acknowledged());
        assert_eq!(stored.counted, all, "what traces count and what is listed");
        eprintln!("{all} spans stored, {} acknowledged", self.acknowledged());
    }
}

fn trace_id(number: u64) -> String {
    format!("{:032x}", trace(number))
}

/// What the platform has of the load.
struct Stored {
    /// By trace: span and input, as often as they are listed.
    spans: HashMap<String, Vec<(String, String)>>,
    /// What the traces say that they have.
    counted: u64,
}

impl Stored {
    fn read(client: &Client) -> Self {
        let mut spans: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for o in pages(client, "/api/v1/observations") {
            let text = |field: &str| o[field].as_str().unwrap_or_default().to_owned();
            // What the load did not send is another's.
            if text("name").starts_with("span ") {
                let input = format!("Text({})", o["input"]);
                let of = spans.entry(text("trace_id")).or_default();
                of.push((text("id"), input));
            }
        }
        let counted = pages(client, "/api/v1/traces")
            .iter()
            .filter(|t| spans.contains_key(t["id"].as_str().unwrap_or_default()))
            .filter_map(|t| t["observation_count"].as_u64())
            .sum();
        Self { spans, counted }
    }
}

/// Every row of a list.
fn pages(client: &Client, path: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}?limit=200{cursor}"));
        if page.status == 503 {
            return Vec::new();
        }
        let page = page.expect(200);
        all.extend(page["data"].as_array().expect("data").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
