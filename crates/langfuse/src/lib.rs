//! What Langfuse's clients write and read, without I/O.
//!
//! Clients write with [`ingestion::parse`] (batches of events) and [`score::parse_score`] (scores alone), and read what
//! [`show`] makes of the domain's types. [`query`] understands the parameters of their lists, [`ids`] makes the ids that
//! the clients compute on their own and compare with.
//!
//! Ids of clients are opaque: a UUID, 16 or 32 hex digits or anything else of at most [`MAX_ID`] characters. One wrong
//! event or score is refused with the name of its field, and its neighbours are kept.

mod body;
mod error;
pub mod ids;
pub mod ingestion;
pub mod query;
pub mod score;
pub mod show;

pub use error::{Invalid, error_body, error_name};

/// The longest id, in characters.
pub const MAX_ID: usize = 200;
