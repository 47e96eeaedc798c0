//! How the JSON encoding of OTLP spells values that serde would read differently.

use crate::proto::{AnyKind, AnyValue, ArrayValue, KvList};
use base64::Engine as _;
use serde::{Deserialize, Deserializer, de::Error as _};

/// `null` is the default.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    d: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// A hex id of any case. What is not hex becomes one byte, which no id is long enough with: the span is then rejected
/// with a reason rather than the whole request.
pub(crate) fn id<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
    let text = Option::<String>::deserialize(d)?.unwrap_or_default();
    Ok(hex::decode(text).unwrap_or_else(|_| vec![0]))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
}

/// A number or its decimal text. A float is read where it is whole, as general JSON encoders write `1e18`.
pub(crate) fn u64<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    match Option::<Number>::deserialize(d)? {
        None => Ok(0),
        Some(Number::Unsigned(n)) => Ok(n),
        Some(Number::Float(n)) if n.fract() == 0.0 && (0.0..1.8e19).contains(&n) => Ok(n as u64),
        Some(Number::Text(t)) => t
            .trim()
            .parse()
            .map_err(|_| D::Error::custom("not an unsigned 64-bit integer")),
        Some(_) => Err(D::Error::custom("not an unsigned 64-bit integer")),
    }
}

fn enumeration<'de, D: Deserializer<'de>>(d: D, names: &[&str]) -> Result<i32, D::Error> {
    match Option::<Number>::deserialize(d)? {
        None => Ok(0),
        Some(Number::Unsigned(n)) => i32::try_from(n).map_err(D::Error::custom),
        Some(Number::Signed(n)) => i32::try_from(n).map_err(D::Error::custom),
        Some(Number::Float(_)) => Err(D::Error::custom("not an enumeration value")),
        // The specification allows numbers only; general protobuf encoders write names.
        Some(Number::Text(t)) => {
            let known = names
                .iter()
                .position(|name| *name == t)
                .and_then(|i| i32::try_from(i).ok());
            Ok(known.unwrap_or(0))
        }
    }
}

/// `Status.code`.
pub(crate) fn status_code<'de, D: Deserializer<'de>>(d: D) -> Result<i32, D::Error> {
    enumeration(
        d,
        &["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"],
    )
}

/// `LogRecord.severityNumber`, whose names general protobuf encoders write as well.
pub(crate) fn severity<'de, D: Deserializer<'de>>(d: D) -> Result<i32, D::Error> {
    let mut names = vec!["SEVERITY_NUMBER_UNSPECIFIED".to_owned()];
    for name in ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] {
        names.extend(["", "2", "3", "4"].map(|n| format!("SEVERITY_NUMBER_{name}{n}")));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    enumeration(d, &names)
}

/// `Span.kind`.
pub(crate) fn span_kind<'de, D: Deserializer<'de>>(d: D) -> Result<i32, D::Error> {
    enumeration(
        d,
        &[
            "SPAN_KIND_UNSPECIFIED",
            "SPAN_KIND_INTERNAL",
            "SPAN_KIND_SERVER",
            "SPAN_KIND_CLIENT",
            "SPAN_KIND_PRODUCER",
            "SPAN_KIND_CONSUMER",
        ],
    )
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Spelled {
    #[serde(alias = "string_value")]
    string_value: Option<String>,
    #[serde(alias = "bool_value")]
    bool_value: Option<bool>,
    #[serde(alias = "int_value")]
    int_value: Option<Number>,
    #[serde(alias = "double_value")]
    double_value: Option<Number>,
    #[serde(alias = "array_value")]
    array_value: Option<ArrayValue>,
    #[serde(alias = "kvlist_value")]
    kvlist_value: Option<KvList>,
    #[serde(alias = "bytes_value")]
    bytes_value: Option<String>,
}

/// A value that does not fit the type it was sent as is kept as what it is: one odd attribute is no reason to refuse
/// a request of a thousand spans.
impl<'de> Deserialize<'de> for AnyValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let v = Spelled::deserialize(d)?;
        let value = if let Some(text) = v.string_value {
            Some(AnyKind::String(text))
        } else if let Some(truth) = v.bool_value {
            Some(AnyKind::Bool(truth))
        } else if let Some(number) = v.int_value {
            Some(int(number))
        } else if let Some(number) = v.double_value {
            Some(double(number))
        } else if let Some(list) = v.array_value {
            Some(AnyKind::Array(list))
        } else if let Some(entries) = v.kvlist_value {
            Some(AnyKind::KvList(entries))
        } else {
            v.bytes_value.map(bytes)
        };
        Ok(Self { value })
    }
}

fn int(number: Number) -> AnyKind {
    match number {
        Number::Unsigned(n) => {
            i64::try_from(n).map_or_else(|_| AnyKind::String(n.to_string()), AnyKind::Int)
        }
        Number::Signed(n) => AnyKind::Int(n),
        Number::Float(n) => AnyKind::Double(n),
        Number::Text(t) => t
            .trim()
            .parse()
            .map_or_else(|_| AnyKind::String(t), AnyKind::Int),
    }
}

fn double(number: Number) -> AnyKind {
    match number {
        Number::Unsigned(n) => AnyKind::Double(n as f64),
        Number::Signed(n) => AnyKind::Double(n as f64),
        Number::Float(n) => AnyKind::Double(n),
        Number::Text(t) => t
            .trim()
            .parse()
            .map_or_else(|_| AnyKind::String(t), AnyKind::Double),
    }
}

fn bytes(text: String) -> AnyKind {
    base64::engine::general_purpose::STANDARD
        .decode(&text)
        .map_or_else(|_| AnyKind::String(text), AnyKind::Bytes)
}
