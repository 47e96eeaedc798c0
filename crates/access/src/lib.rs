//! Who may do what: roles, permissions, API keys, and the tokens of people who signed in.
//!
//! No I/O and no clock. The matrix is a function, [`Role::grants`], so that a test can print it and a route table that
//! names a [`Permission`] a route is the whole access policy.

mod browser;
mod id_token;
mod jws;
mod key;
mod permission;
mod role;
mod token;

pub use browser::{
    cookie, csrf_cookie, csrf_holds, csrf_token, return_path, same_origin, session_cookie,
    sign_in_cookie,
};
pub use id_token::{Expected, Identity, TENANT, pkce_challenge, verify_id_token};
pub use jws::{Jwk, JwkSet, TokenError, looks_like_token};
pub use key::{ApiKeyPair, KeyError, hash_secret, secrets_equal};
pub use permission::{Permission, PermissionSet};
pub use role::{Grant, Role, RoleName, UnknownRole};
pub use token::{ACCESS_TOKEN_S, AccessClaims, CLOCK_SKEW_S, SigningKey, published, verify_access};
