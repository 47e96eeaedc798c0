//! Expressions that clients write, in the Common Expression Language (CEL): no I/O, no clock, no randomness.
//!
//! This crate is the one place that touches the crate `cel`. [`Expression::compile`] parses a text within limits,
//! [`Variables`] hold the JSON that it speaks of, [`Expression::evaluate`] gives JSON back. [`check_expression`] is for the
//! moment of saving: it names what is wrong with a field, unknown variables and functions included.
//!
//! # Bounds
//! CEL has no loops, but its macros nest and double: `[s].map(x, x + x).map(x, x + x)...` is as long as its value is small.
//! So every operation that copies or walks a value is paid for out of the budget of its [`Variables`], by the size of the
//! value, and so is every round of a macro. Text is measured before it is parsed ([`MAX_LENGTH`], [`MAX_NESTING`]), since
//! the parser and the interpreter descend into it. Results are bounded by [`MAX_RESULT`] and [`MAX_DEPTH`].
//!
//! # From JSON
//! | JSON | CEL |
//! |---|---|
//! | whole number that fits 64 bits with a sign | `int` |
//! | whole number that fits 64 bits only without a sign | `uint` |
//! | any other number | `double` |
//! | string, boolean, null, array, object | `string`, `bool`, `null_type`, `list`, `map` with string keys |
//!
//! # To JSON
//! | CEL | JSON |
//! |---|---|
//! | `int`, `uint` | whole number |
//! | `double` | number; NaN and the infinities are errors |
//! | `timestamp` | string, RFC 3339 in UTC, as `string(t)` gives |
//! | `duration` | string, seconds as in `"1.5s"`, as `string(d)` gives |
//! | `bytes` | string, base64 with padding |
//! | `type` | string, its name |
//! | `map` | object; other keys become their text, two keys of one text are an error |
//!
//! Times are strings in JSON and stay strings until an expression says `timestamp(s)` or `duration(s)`.
//!
//! # Beside the standard
//! - JSON does not tell 10 from 10.0, so `+`, `-`, `*` and `/` of an `int` or `uint` and a `double` give a `double`, where
//!   standard CEL knows no such operator. Two `int` stay `int`: `7 / 2` is 3.
//! - A macro goes through the keys of a map in their order, so that a result is the same each time.
//! - There are no optional values (`a.?b`) and no messages (`T{a: 1}`); `has(a.b)` is there.
//! - More functions: `sum`, `min`, `max` of a list, `round(x)` and `round(x, digits)`, `merge(map, map)`, and on strings
//!   `lowerAscii()`, `upperAscii()`, `trim()`, `split(separator)`, and `join(separator)` of a list.

mod arithmetic;
mod check;
mod error;
mod expression;
mod fuel;
mod functions;
mod json;
mod lower;
mod scan;
mod text;
mod variables;

pub use check::check_expression;
pub use error::{CompileError, EvaluateError};
pub use expression::Expression;
pub use variables::Variables;

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 4096;
/// How deep an expression may nest. Brackets, and operators in a row without `&&`, `||` or a comma between them, count one
/// each.
pub const MAX_NESTING: usize = 40;
/// How deep JSON may nest, of variables and of results.
pub const MAX_DEPTH: usize = 128;
/// The largest result, in bytes of JSON, about.
pub const MAX_RESULT: usize = 1 << 20;
/// What the evaluations over one set of variables may cost by default. A round of a macro costs 1 and another 1 for every 8
/// operations in it, a copied value 1 and another 1 for every 16 bytes of text in it.
pub const DEFAULT_BUDGET: u64 = 2_000_000;
