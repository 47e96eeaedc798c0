//! Server-sent events, as a browser's `EventSource` reads them.

use crate::Client;
use serde_json::Value;
use std::io::BufRead;

/// An event.
#[derive(Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// What it says.
    pub data: Value,
}

/// A stream of events.
pub struct Events(Box<dyn BufRead>);

impl Events {
    /// What a `GET` answers, after the event of that id.
    #[must_use]
    pub fn open(client: &Client, path: &str, last: Option<&str>) -> Self {
        let headers: Vec<(&str, &str)> = last.map(|id| ("last-event-id", id)).into_iter().collect();
        Self(client.stream(path, &headers))
    }

    /// What a `POST` answers.
    #[must_use]
    pub fn post(client: &Client, path: &str, body: &Value) -> Self {
        Self(client.stream_post(path, body))
    }

    /// Events up to one of that name; all that are left where there is none.
    ///
    /// # Panics
    /// When the stream breaks off.
    pub fn until(&mut self, name: &str) -> Vec<Event> {
        let mut all = Vec::new();
        while let Some(event) = self.read() {
            let found = event.name == name;
            all.push(event);
            if found {
                break;
            }
        }
        all
    }

    /// All that are left.
    ///
    /// # Panics
    /// When the stream breaks off.
    #[must_use]
    pub fn rest(mut self) -> Vec<Event> {
        self.until("")
    }

    /// The next one; `None` at `end`.
    fn read(&mut self) -> Option<Event> {
        let (mut name, mut id, mut data) = (String::new(), None, Value::Null);
        loop {
            let mut line = String::new();
            assert_ne!(
                self.0.read_line(&mut line).expect("a line"),
                0,
                "it broke off"
            );
            match line.trim_end().split_once(": ") {
                Some(("event", text)) => name = text.to_owned(),
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("data", text)) => data = serde_json::from_str(text).expect("JSON"),
                _ if line.trim_end().is_empty() && !name.is_empty() => break,
                _ => {}
            }
        }
        (name != "end").then_some(Event { name, id, data })
    }
}
