//! Redaction of what agents send, before it is stored: no I/O.
//!
//! A workspace writes a [`Policy`], a list of rules. [`Redactor::new`] compiles it once, and [`Redactor::batch`] applies
//! it in place. A rule is a pattern over text, a JSON pointer, or a built-in [`Class`] of personal data and secrets. What
//! it finds is masked (`[REDACTED:<rule>]`), hashed (`[HASH:<16 hex digits>]`, equal values stay equal), or removed.
//!
//! # What is looked at
//! Every string in the fields that a rule names, at any depth of JSON, and whole numbers as the text they are written as.
//! A string that is the text of a JSON object or array is read as that JSON, so that `"a\u0040example.com"` in it is
//! still an address and a pointer leads through it. Pointers go first, so that they hash what was sent; then the
//! other rules in the order of the policy, and again until nothing changes. Keys of objects are only ever changed by being
//! removed with their value.
//!
//! # Applying a policy twice
//! Marks that an earlier pass left are opaque: a rule sees a single character in their place. Thus `\d+` does not eat
//! into a hash, and redacting twice gives what redacting once gave. Only marks that the policy itself could have made count:
//! `[REDACTED:4111 1111 1111 1111]` hides nothing unless a rule has that name, which its alphabet rules out.
//!
//! # Why `regex-lite`
//! The crate runs inside a WebAssembly component, where each instance pays for its size and its start. `regex-lite` is
//! linear in the text as `regex` is, and has no Unicode tables and no lazy automata: its `\d`, `\w` and `\b` know ASCII
//! only. It is slow by comparison, and it has no literal search; so a pattern runs only over texts that hold a literal
//! that it cannot match without, where it has one. The built-in classes use no expressions: checksums and address parsing
//! need code anyway, and code can jump from one candidate to the next.

mod class;
mod gate;
mod json_text;
mod literal;
mod mark;
mod pointer;
mod policy;
mod redactor;
mod rule;
mod walk;

pub use class::Class;
pub use gate::{Gate, IngestPolicy};
pub use policy::{Action, Field, MAX_RULES, Policy, Rule, RuleKind};
pub use redactor::{Counts, Redactor};
