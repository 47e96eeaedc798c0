//! The repository's own checks, as tests.
