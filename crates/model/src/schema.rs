//! What the derived JSON Schemas share: the patterns that [`Validator`](crate::Validator) enforces, as far as a schema can.

use schemars::{Schema, SchemaGenerator, json_schema};

/// A name: not blank, without control characters.
pub const NAME: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
/// Text that is more than white space.
pub const NOT_BLANK: &str = r"\S";
/// An absolute address.
pub const HTTP_URL: &str = "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]";

/// Anything that the client wants to keep: an object, or null.
pub fn object_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["object", "null"]})
}
