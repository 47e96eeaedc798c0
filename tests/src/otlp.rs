//! Spans as clients write them, in both encodings of OTLP. Written by hand, so that the tests do not believe what the
//! product believes.

use serde_json::{Value, json};

/// A value of an attribute.
#[derive(Debug, Clone)]
pub enum Attribute {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
}

/// A span.
#[derive(Debug, Clone)]
pub struct Span {
    /// The trace's id; 16 bytes unless it is to be refused.
    pub trace: Vec<u8>,
    /// Its own id; 8 bytes unless it is to be refused.
    pub id: Vec<u8>,
    /// The parent's id; none for a root.
    pub parent: Vec<u8>,
    /// What it is called.
    pub name: String,
    /// Nanoseconds since the epoch.
    pub start: u64,
    /// Nanoseconds since the epoch.
    pub end: u64,
    /// What is known of it.
    pub attributes: Vec<(String, Attribute)>,
}

/// 2026-11-20T10:00:00Z.
pub const NANOS: u64 = 1_795_168_800_000_000_000;

impl Span {
    /// A span of a second, by the numbers of trace and span, neither 0.
    #[must_use]
    pub fn new(trace: u128, id: u64) -> Self {
        Self {
            trace: trace.to_be_bytes().to_vec(),
            id: id.to_be_bytes().to_vec(),
            parent: Vec::new(),
            name: format!("span {id}"),
            start: NANOS,
            end: NANOS + 1_000_000_000,
            attributes: Vec::new(),
        }
    }

    /// With a parent.
    #[must_use]
    pub fn under(mut self, parent: u64) -> Self {
        self.parent = parent.to_be_bytes().to_vec();
        self
    }

    /// From and to, in nanoseconds since the epoch.
    #[must_use]
    pub const fn between(mut self, start: u64, end: u64) -> Self {
        (self.start, self.end) = (start, end);
        self
    }

    /// With one more attribute.
    #[must_use]
    pub fn with(mut self, key: &str, value: Attribute) -> Self {
        self.attributes.push((key.to_owned(), value));
        self
    }

    /// With one more attribute of text.
    #[must_use]
    pub fn text(self, key: &str, value: impl Into<String>) -> Self {
        self.with(key, Attribute::Text(value.into()))
    }

    /// The trace's id as it is read back.
    #[must_use]
    pub fn trace_id(&self) -> String {
        hex(&self.trace)
    }

    /// Its own id as it is read back.
    #[must_use]
    pub fn span_id(&self) -> String {
        hex(&self.id)
    }

    /// In OTLP's JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let value = |value: &Attribute| match value {
            Attribute::Text(text) => json!({"stringValue": text}),
            Attribute::Int(n) => json!({"intValue": n.to_string()}),
            Attribute::Double(n) if n.is_finite() => json!({"doubleValue": n}),
            Attribute::Double(n) if n.is_nan() => json!({"doubleValue": "NaN"}),
            Attribute::Double(n) if *n < 0.0 => json!({"doubleValue": "-Infinity"}),
            Attribute::Double(_) => json!({"doubleValue": "Infinity"}),
        };
        let attributes: Vec<Value> = self
            .attributes
            .iter()
            .map(|(key, v)| json!({"key": key, "value": value(v)}))
            .collect();
        json!({
            "traceId": hex(&self.trace), "spanId": hex(&self.id), "parentSpanId": hex(&self.parent), "name": self.name,
            "startTimeUnixNano": self.start.to_string(), "endTimeUnixNano": self.end.to_string(), "attributes": attributes,
        })
    }

    /// In protobuf: the message `Span`.
    #[must_use]
    pub fn protobuf(&self) -> Vec<u8> {
        let mut out = Vec::new();
        field(&mut out, 1, &self.trace);
        field(&mut out, 2, &self.id);
        if !self.parent.is_empty() {
            field(&mut out, 4, &self.parent);
        }
        field(&mut out, 5, self.name.as_bytes());
        fixed64(&mut out, 7, self.start);
        fixed64(&mut out, 8, self.end);
        for (key, value) in &self.attributes {
            let mut any = Vec::new();
            match value {
                Attribute::Text(text) => field(&mut any, 1, text.as_bytes()),
                Attribute::Int(n) => {
                    any.push(3 << 3);
                    varint(&mut any, n.cast_unsigned());
                }
                Attribute::Double(n) => fixed64(&mut any, 4, n.to_bits()),
            }
            let mut pair = Vec::new();
            field(&mut pair, 1, key.as_bytes());
            field(&mut pair, 2, &any);
            field(&mut out, 9, &pair);
        }
        out
    }
}

/// A request of these spans, of one resource and scope, in protobuf.
#[must_use]
pub fn protobuf(spans: &[Span]) -> Vec<u8> {
    let spans: Vec<Vec<u8>> = spans.iter().map(Span::protobuf).collect();
    protobuf_of(&spans)
}

/// A request of messages that are already encoded, whatever they are.
#[must_use]
pub fn protobuf_of(spans: &[Vec<u8>]) -> Vec<u8> {
    let mut scope = Vec::new();
    for span in spans {
        field(&mut scope, 2, span);
    }
    let (mut resource, mut request) = (Vec::new(), Vec::new());
    field(&mut resource, 2, &scope);
    field(&mut request, 1, &resource);
    request
}

/// A request of these spans in JSON.
#[must_use]
pub fn json(spans: &[Span]) -> Value {
    json_of(spans.iter().map(Span::json).collect())
}

/// A request of spans in JSON, whatever they are.
#[must_use]
pub fn json_of(spans: Vec<Value>) -> Value {
    json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
}

/// A length-delimited field.
pub fn field(out: &mut Vec<u8>, tag: u64, bytes: &[u8]) {
    varint(out, tag << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn fixed64(out: &mut Vec<u8>, tag: u64, value: u64) {
    varint(out, tag << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// What a success in protobuf tells of rejected spans: how many, and why; 0 and nothing when it tells nothing.
///
/// # Panics
/// When it is no such answer.
#[must_use]
pub fn rejected(mut answer: &[u8]) -> (u64, String) {
    fn read(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let (first, rest) = bytes.split_first().expect("a number");
            *bytes = rest;
            value |= u64::from(first & 0x7f) << shift;
            shift += 7;
            if first & 0x80 == 0 {
                return value;
            }
        }
    }
    let (mut count, mut why) = (0, String::new());
    if answer.is_empty() {
        return (count, why);
    }
    assert_eq!(read(&mut answer), 1 << 3 | 2, "partial_success");
    assert_eq!(read(&mut answer), answer.len() as u64);
    while !answer.is_empty() {
        match read(&mut answer) {
            0x08 => count = read(&mut answer),
            0x12 => {
                let length = usize::try_from(read(&mut answer)).expect("a length");
                let (text, rest) = answer.split_at(length);
                why = String::from_utf8(text.to_vec()).expect("text");
                answer = rest;
            }
            tag => panic!("field {tag}"),
        }
    }
    (count, why)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
