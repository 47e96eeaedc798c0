//! Errors that the caller sees. Each prints as one line.

use std::{net::SocketAddr, path::PathBuf};

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The manifest cannot be read or is not valid.
    #[error("{}: {message}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// The runtime configuration cannot be read or is not valid.
    #[error("{}: {message}", path.display())]
    RuntimeConfig {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// A required variable has no value, or a value is given for an unknown one.
    #[error("variables: {0}")]
    Variables(String),
    /// An option is not valid.
    #[error("{0}")]
    Options(String),
    /// A component's file is missing.
    #[error("component `{component}`: cannot read {}: {reason}", path.display())]
    ComponentFile {
        /// The component's id.
        component: String,
        /// Its `source`, resolved.
        path: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// A component is not one, or imports what this engine does not provide.
    #[error("component `{component}`: {reason}")]
    Component {
        /// The component's id.
        component: String,
        /// What the compiler or linker said.
        reason: String,
    },
    /// The data folder cannot be used.
    #[error("data folder {}: {reason}", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// Another process works on the data folder.
    #[error("data folder {} is in use by another process", path.display())]
    DataDirInUse {
        /// The folder.
        path: PathBuf,
    },
    /// A database file cannot be used.
    #[error("database {}: {reason}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// SQLite's message.
        reason: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {reason}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// The system's message.
        reason: String,
    },
    /// The WebAssembly engine could not be set up.
    #[error("engine: {0}")]
    Engine(String),
}

/// Why an in-process call got no response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is no such component.
    #[error("no component `{0}`")]
    NoSuchComponent(String),
    /// The component gave no response in time.
    #[error("component `{0}` did not respond in time")]
    Timeout(String),
    /// Too many instances are alive.
    #[error("no instance of component `{0}` is free")]
    Busy(String),
    /// The server is shutting down.
    #[error("shutting down")]
    Draining,
    /// The component trapped, or its response broke off.
    #[error("component `{component}` failed: {reason}")]
    Failed {
        /// The component's id.
        component: String,
        /// What happened.
        reason: String,
    },
}

/// Folds a message of several lines into one.
pub(crate) fn one_line(message: impl std::fmt::Display) -> String {
    let text = message.to_string();
    let mut out = String::with_capacity(text.len());
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push_str(": ");
        }
        out.push_str(part.trim_end_matches(':'));
    }
    out
}
