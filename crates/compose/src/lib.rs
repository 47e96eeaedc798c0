//! A metric of one's own, and the component that hosts it, made into one.
//!
//! The metric exports `assay:metric/scorer`, which the host imports (`wit/assay-metric`). What comes of both exports what the host exports, and
//! is a component of an application like any other. A metric may import of WASI what tells it nothing and lets it reach nothing where no
//! files, hosts or settings are granted; one that asks for more is refused here, so that what a metric cannot have is known before it runs.

mod bound;

use thiserror::Error;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, PlugError, plug};

/// What a metric exports.
pub const INTERFACE: &str = "assay:metric/scorer@0.1.0";

/// What a metric may import: packages of WASI 0.2, or single interfaces of them.
const ALLOWED: [&str; 5] = [
    "wasi:io/",
    "wasi:clocks/",
    "wasi:random/",
    "wasi:cli/",
    // Of files there are none, and a standard library asks all the same.
    "wasi:filesystem/",
];

/// Why there is no composition. The texts are for whoever made the metric.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// The bytes are no component.
    #[error("{0} is no WebAssembly component: {1}")]
    NoComponent(&'static str, String),
    /// It is something else.
    #[error("the metric does not export `{INTERFACE}`; it exports {0}")]
    NoScorer(String),
    /// It exports the interface's name with other types.
    #[error("what the metric exports as `{INTERFACE}` is not what wit/assay-metric says")]
    OtherTypes,
    /// It asks for what no metric is given.
    #[error("the metric imports {0}, which no metric is given: it reaches nothing outside")]
    Imports(String),
    /// It begins with more memory than it may have.
    #[error("the metric needs {wanted} bytes of memory from the beginning, and may have {bytes}")]
    Memory {
        /// What it needs.
        wanted: u64,
        /// What it may have.
        bytes: u64,
    },
    /// The two do not go together.
    #[error("the two cannot be composed: {0}")]
    Failed(String),
}

/// Composes `metric` into `host`. Each memory of the metric has at most `memory_bytes`: that is written into its bytes, so that it holds under
/// any engine.
///
/// # Errors
/// [`Refused`], in words.
pub fn compose(host: &[u8], metric: &[u8], memory_bytes: u64) -> Result<Vec<u8>, Refused> {
    let mut graph = CompositionGraph::new();
    let mut add = |what: &'static str, name: &str, bytes: &[u8]| {
        let package = Package::from_bytes(name, None, bytes.to_vec(), graph.types_mut());
        let package = package.map_err(|e| Refused::NoComponent(what, format!("{e:#}")))?;
        let failed = |e: &dyn std::error::Error| Refused::Failed(e.to_string());
        graph.register_package(package).map_err(|e| failed(&e))
    };
    let host = add("the host", "assay:host", host)?;
    // Read as it came first, so that what is wrong with it is said of it.
    add("the metric", "assay:given", metric)?;
    let metric = add(
        "the metric",
        "assay:custom",
        &bound::bounded(metric, memory_bytes)?,
    )?;

    let world = &graph.types()[graph[metric].ty()];
    let list = |names: Vec<&str>| match names.is_empty() {
        true => "nothing".to_owned(),
        false => names.join(", "),
    };
    if !world.exports.contains_key(INTERFACE) {
        let exports = world.exports.keys().map(String::as_str);
        return Err(Refused::NoScorer(list(exports.collect())));
    }
    let imports = world.imports.keys().map(String::as_str);
    let refused: Vec<&str> = imports.filter(|name| !is_allowed(name)).collect();
    if !refused.is_empty() {
        return Err(Refused::Imports(list(refused)));
    }

    plug(&mut graph, vec![metric], host).map_err(|e| match e {
        PlugError::NoPlugHappened => Refused::OtherTypes,
        PlugError::GraphError { source } => Refused::Failed(format!("{source:#}")),
    })?;
    let encoded = graph.encode(EncodeOptions::default());
    encoded.map_err(|e| Refused::Failed(e.to_string()))
}

/// Whether an import is one of WASI's that a metric may have.
fn is_allowed(import: &str) -> bool {
    let known = ALLOWED.iter().any(|package| import.starts_with(package));
    known
        && import
            .rsplit_once('@')
            .is_some_and(|(_, version)| version.starts_with("0.2."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: u64 = 64 << 20;

    /// A component that does nothing, with the imports and exports of that text.
    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(format!("(component {text})")).unwrap()
    }

    fn refusal(metric: &str) -> String {
        let host = component(&format!("(import \"{INTERFACE}\" (instance))"));
        compose(&host, &component(metric), MEMORY)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_is_no_metric_is_refused_in_words() {
        let host = component("");
        let module = wat::parse_str("(module)").unwrap();
        for bytes in [b"#!/bin/sh".as_slice(), &module] {
            let refused = compose(&host, bytes, MEMORY).unwrap_err().to_string();
            assert!(
                refused.starts_with("the metric is no WebAssembly component"),
                "{refused}"
            );
        }
        let other = "(instance $i) (export \"other:thing/face@1.0.0\" (instance $i))";
        assert_eq!(
            refusal(other),
            "the metric does not export `assay:metric/scorer@0.1.0`; it exports other:thing/face@1.0.0"
        );
        assert!(refusal("").ends_with("it exports nothing"));
    }

    #[test]
    fn what_no_metric_is_given_is_refused_by_name() {
        for import in [
            "wasi:http/outgoing-handler@0.2.0",
            "wasi:sockets/tcp@0.2.0",
            "spin:variables/variables@3.0.0",
            "spin:key-value/key-value@3.0.0",
            "wasi:cli/environment@0.3.0",
            "assay:metric/scorer@0.1.0",
        ] {
            let text = format!(
                "(import \"{import}\" (instance)) (instance $i) (export \"{INTERFACE}\" (instance $i))"
            );
            let refused = refusal(&text);
            assert!(refused.contains(import), "{import}: {refused}");
            assert!(refused.contains("reaches nothing"), "{refused}");
        }
    }

    #[test]
    fn a_scorer_takes_the_place_of_the_import() {
        let function = "(core module $m (func (export \"f\"))) (core instance $c (instantiate $m)) \
                        (func $f (canon lift (core func $c \"f\")))";
        let metric = component(&format!(
            "(import \"wasi:cli/environment@0.2.3\" (instance)) {function} \
             (instance $i (export \"run\" (func $f))) (export \"{INTERFACE}\" (instance $i))"
        ));
        let host = component(&format!(
            "(import \"{INTERFACE}\" (instance $s (export \"run\" (func)))) (alias export $s \"run\" (func $f)) \
             (instance $i (export \"run\" (func $f))) (export \"wasi:http/handler@0.3.0\" (instance $i))"
        ));
        let made = compose(&host, &metric, MEMORY).unwrap();
        let mut graph = CompositionGraph::new();
        let package = Package::from_bytes("a:b", None, made, graph.types_mut()).unwrap();
        let package = graph.register_package(package).unwrap();
        let world = &graph.types()[graph[package].ty()];
        let names = |of: Vec<&String>| of.into_iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(
            names(world.imports.keys().collect()),
            "wasi:cli/environment@0.2.3"
        );
        assert_eq!(
            names(world.exports.keys().collect()),
            "wasi:http/handler@0.3.0"
        );

        let other = component(&format!(
            "(import \"{INTERFACE}\" (instance $s (export \"run\" (func (param \"a\" u8))))) (export \"x\" (instance $s))"
        ));
        assert_eq!(compose(&other, &metric, MEMORY), Err(Refused::OtherTypes));
    }
}
