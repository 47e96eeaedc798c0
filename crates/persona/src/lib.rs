//! Simulated users, without any I/O: what the user says next, or what to ask the model that plays the user.
//!
//! [`next`] decides each turn from the conversation so far: a scripted user speaks word for word, a persona is asked through
//! [`PersonaCall`]s until [`next`], given the replies, has something to say. What a model wrote is said only when [`find_leak`]
//! finds nothing in it that gives the script away. The conversation ends for one of the [`StopReason`]s; a judge may end it as
//! well, asked by [`outcome_call`].

mod exchange;
mod leak;
mod outcome;
mod person;
mod phrases;
mod play;
mod prompt;
mod reply;
mod review;
mod secret;
mod text;
mod turn;

pub use leak::{Leak, find_leak};
pub use outcome::{Outcome, OutcomeCall, OutcomeError, outcome_call, read_outcome};
pub use person::read_person;
pub use play::{MAX_LEAKS, MAX_REVIEWS, PersonaCall, PersonaError, Purpose, max_calls};
pub use prompt::{PROMPT_VERSION, PromptStamp};
pub use turn::{Said, StopReason, Turn, UserTurn, next};
