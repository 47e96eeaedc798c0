//! Who may do what: roles, permissions and API keys.
//!
//! No I/O and no clock. The matrix is a function, [`Role::grants`], so that a test can print it and a route table that
//! names a [`Permission`] a route is the whole access policy.

mod key;
mod role;

pub use key::{ApiKeyPair, KeyError, hash_secret, secrets_equal};
pub use role::{Permission, Role, UnknownRole};
