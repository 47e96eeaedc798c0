//! Whether bytes are a program that can be run here.

use crate::wasi;
use wasmi::{
    CompilationMode, Config, EnforcedLimits, Engine, ExternType, FuncType, ImportType, Module,
};

/// Most bytes of a program: 2 MiB.
pub const MAX_BYTES: usize = 2 << 20;
/// Calls within calls, at most.
const MAX_CALLS: usize = 10_000;
/// Most bytes of the values of all these calls.
const MAX_STACK: usize = 4 << 20;
/// What a module in binary begins with.
const MAGIC: &[u8] = b"\0asm";
/// What follows it in a component: the version of the format, and the layer.
const COMPONENT_LAYER: &[u8] = &[1, 0];

/// Why bytes are no program that can be run here. Its text goes on from "the program", for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There are too many of them.
    #[error(
        "has {0} bytes; it may have {MAX_BYTES}. Names and debug information, which most of it may be, can be left out (`strip`)"
    )]
    TooLarge(usize),
    /// They are something else.
    #[error("is no WebAssembly module: it does not begin with `\\0asm`")]
    NotWasm,
    /// They are a component, which is another format.
    #[error("is a component; it must be a core module, as a compiler makes it for `wasm32-wasip1`")]
    Component,
    /// They are a module that breaks a rule.
    #[error("cannot be used: {0}")]
    Invalid(String),
    /// It does not export what a command must.
    #[error("exports no {0}; it must be a command of WASI preview 1, not a library")]
    Export(&'static str),
    /// It wants something of its host that it is not given; the first such thing.
    #[error("imports `{module}` `{name}`, {why}")]
    Import {
        /// The module that it wants it from.
        module: String,
        /// What it wants.
        name: String,
        /// What is wrong with that.
        why: &'static str,
    },
}

/// The interpreter. Each run has one of its own, since an engine keeps what it has ever translated.
pub(crate) fn engine() -> Engine {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        // A run whose fuel ends while a function is translated cannot go on: nothing is translated while it runs.
        .compilation_mode(CompilationMode::Eager)
        .enforced_limits(EnforcedLimits::strict())
        .ignore_custom_sections(true)
        .wasm_multi_memory(false)
        // It would run before anything is counted. No compiler makes commands with one.
        .allow_start_fn(false)
        .set_max_recursion_depth(MAX_CALLS)
        .set_max_stack_height(MAX_STACK)
        .set_max_cached_stacks(0);
    Engine::new(&config)
}

/// Whether `bytes` are a program that can be run here. Nothing of it is run.
///
/// # Errors
/// Why they are none.
pub fn check(bytes: &[u8]) -> Result<(), Refused> {
    module(&engine(), bytes).map(|_| ())
}

/// Reads a program.
pub(crate) fn module(engine: &Engine, bytes: &[u8]) -> Result<Module, Refused> {
    if bytes.len() > MAX_BYTES {
        return Err(Refused::TooLarge(bytes.len()));
    }
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(Refused::NotWasm);
    };
    if rest.get(2..4) == Some(COMPONENT_LAYER) {
        return Err(Refused::Component);
    }
    let invalid = |e: wasmi::Error| Refused::Invalid(e.to_string());
    // The interpreter reads and validates in one pass, and may panic at what it has read before it is found wrong.
    Module::validate(engine, bytes).map_err(invalid)?;
    let module = Module::new(engine, bytes).map_err(invalid)?;
    for import in module.imports() {
        if let Some(why) = unwanted(&import) {
            return Err(Refused::Import {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
                why,
            });
        }
    }
    let start = FuncType::new([], []);
    match module.get_export(wasi::START) {
        Some(ExternType::Func(ty)) if ty == start => {}
        _ => return Err(Refused::Export("function `_start` without parameters")),
    }
    match module.get_export(wasi::MEMORY) {
        Some(ExternType::Memory(_)) => Ok(module),
        _ => Err(Refused::Export("memory `memory`")),
    }
}

/// What is wrong with an import, if anything is.
fn unwanted(import: &ImportType<'_>) -> Option<&'static str> {
    if import.module() != wasi::MODULE {
        return Some("which is not there: it is given `wasi_snapshot_preview1` alone");
    }
    let ExternType::Func(wanted) = import.ty() else {
        return Some("which is a function");
    };
    match wasi::signature(import.name()) {
        None => Some("which is no function of WASI preview 1"),
        Some(given) if given != *wanted => Some("which takes or returns something else"),
        Some(_) => None,
    }
}
