//! A program that runs: at once, or in pieces, so that whoever runs it can see to others in between.

use crate::check::{engine, module};
use crate::failure::text;
use crate::wasi::{self, Host, TooMuchOutput};
use crate::{Failure, Limits, World};
use serde_json::Value;
use wasmi::errors::{ErrorKind, InstantiationError, MemoryError};
use wasmi::{
    Error, Store, StoreLimitsBuilder, TrapCode, TypedFunc, TypedResumableCall,
    TypedResumableCallOutOfFuel,
};

/// Most values of a table.
const MAX_TABLE: usize = 100_000;
/// Most tables.
const MAX_TABLES: usize = 4;
/// How deep an output may be nested: it is kept within other JSON.
const MAX_DEPTH: usize = 64;

/// What a program came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// The value that it wrote to its standard output.
    pub output: Value,
    /// What it wrote to its standard error, as far as that is kept.
    pub stderr: String,
    /// What it has spent, of [`Limits::fuel`].
    pub fuel: u64,
}

/// A program under way.
pub struct Execution {
    store: Store<Host>,
    next: Next,
    limits: Limits,
    /// Fuel that is not handed out yet.
    left: u64,
}

enum Next {
    Begin(TypedFunc<(), ()>),
    GoOn(TypedResumableCallOutOfFuel<()>),
}

/// What a piece of a run came to.
pub enum Progress {
    /// It is not over.
    More(Box<Execution>),
    /// It is over.
    Ended(Result<Ran, Failure>),
}

impl std::fmt::Debug for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Execution")
            .field("limits", &self.limits)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::More(execution) => f.debug_tuple("More").field(execution).finish(),
            Self::Ended(ended) => f.debug_tuple("Ended").field(ended).finish(),
        }
    }
}

/// Runs a program on an input.
///
/// # Errors
/// Why it came to no value.
pub fn run(bytes: &[u8], input: &Value, world: World, limits: Limits) -> Result<Ran, Failure> {
    let mut execution = Box::new(Execution::new(bytes, input, world, limits)?);
    loop {
        match execution.step(u64::MAX) {
            Progress::More(more) => execution = more,
            Progress::Ended(ended) => return ended,
        }
    }
}

impl Execution {
    /// Makes a program ready to run on an input. Nothing of it runs yet.
    ///
    /// # Errors
    /// It is no program, or has no room.
    pub fn new(bytes: &[u8], input: &Value, world: World, limits: Limits) -> Result<Self, Failure> {
        let engine = engine();
        let module = module(&engine, bytes)?;
        let growth = StoreLimitsBuilder::new()
            .memory_size(limits.memory)
            .memories(1)
            .table_elements(MAX_TABLE)
            .tables(MAX_TABLES)
            .instances(1)
            // Else a program would not know what to do, and say something else.
            .trap_on_grow_failure(true)
            .build();
        let input = input.to_string().into_bytes();
        let mut store = Store::new(&engine, Host::new(input, world, limits, growth));
        store.limiter(|host| &mut host.growth);
        let begin = |store: &mut Store<Host>| -> Result<TypedFunc<(), ()>, Error> {
            // Putting a program's data in place is part of its run.
            store.set_fuel(limits.fuel)?;
            let instance = wasi::linker(&engine)?.instantiate_and_start(&mut *store, &module)?;
            instance.get_typed_func(&*store, wasi::START)
        };
        match begin(&mut store) {
            Ok(start) => {
                let left = store.get_fuel().unwrap_or_default();
                hand_out(&mut store, 0);
                Ok(Self {
                    store,
                    next: Next::Begin(start),
                    limits,
                    left,
                })
            }
            Err(error) => Err(failure(&error, &store, limits)),
        }
    }

    /// Lets it go on for about so many instructions.
    #[must_use]
    pub fn step(self: Box<Self>, fuel: u64) -> Progress {
        let Self {
            mut store,
            next,
            limits,
            mut left,
        } = *self;
        let needed = match &next {
            Next::Begin(_) => 0,
            Next::GoOn(call) => call.required_fuel(),
        };
        let had = store.get_fuel().unwrap_or_default();
        let more = fuel.max(needed.saturating_sub(had)).max(1).min(left);
        if more == 0 || had.saturating_add(more) < needed {
            return Progress::Ended(Err(Failure::OutOfFuel(limits.fuel)));
        }
        left -= more;
        hand_out(&mut store, had.saturating_add(more));
        let called = match next {
            Next::Begin(start) => start.call_resumable(&mut store, ()),
            Next::GoOn(call) => call.resume(&mut store),
        };
        let owed = std::mem::take(&mut store.data_mut().owed);
        if owed > left {
            return Progress::Ended(Err(Failure::OutOfFuel(limits.fuel)));
        }
        left -= owed;
        let unspent = left.saturating_add(store.get_fuel().unwrap_or_default());
        let spent = limits.fuel.saturating_sub(unspent);
        Progress::Ended(match called {
            Ok(TypedResumableCall::OutOfFuel(call)) => {
                return Progress::More(Box::new(Self {
                    store,
                    next: Next::GoOn(call),
                    limits,
                    left,
                }));
            }
            Ok(TypedResumableCall::Finished(())) => value(&store, spent),
            Ok(TypedResumableCall::HostTrap(call)) => {
                stopped(call.host_error(), &store, limits, spent)
            }
            Err(error) => stopped(&error, &store, limits, spent),
        })
    }
}

fn hand_out(store: &mut Store<Host>, fuel: u64) {
    // It fails where fuel is not counted, which it is.
    let counted = store.set_fuel(fuel);
    debug_assert!(counted.is_ok());
}

/// What a program came to that did not return by itself.
fn stopped(error: &Error, store: &Store<Host>, limits: Limits, spent: u64) -> Result<Ran, Failure> {
    match error.i32_exit_status() {
        Some(0) => value(store, spent),
        _ => Err(failure(error, store, limits)),
    }
}

/// What a program has written.
fn value(store: &Store<Host>, spent: u64) -> Result<Ran, Failure> {
    let host = store.data();
    let stderr = text(&host.stderr);
    if host.output.trim_ascii().is_empty() {
        return Err(Failure::Silent { stderr });
    }
    let output: Value =
        serde_json::from_slice(&host.output).map_err(|e| Failure::NotJson(e.to_string()))?;
    if depth(&output) > MAX_DEPTH {
        return Err(Failure::TooDeep(MAX_DEPTH));
    }
    Ok(Ran {
        output,
        stderr,
        fuel: spent,
    })
}

/// How deep a value is nested. No value that was read is so deep that this could not be told.
fn depth(value: &Value) -> usize {
    let within: usize = match value {
        Value::Array(values) => values.iter().map(depth).max().unwrap_or(0),
        Value::Object(values) => values.values().map(depth).max().unwrap_or(0),
        _ => return 0,
    };
    within + 1
}

/// What an error of the interpreter means.
fn failure(error: &Error, store: &Store<Host>, limits: Limits) -> Failure {
    let stderr = text(&store.data().stderr);
    if let Some(code) = error.i32_exit_status() {
        return Failure::Exited { code, stderr };
    }
    if error.downcast_ref::<TooMuchOutput>().is_some() {
        return Failure::TooMuchOutput(limits.output);
    }
    if wants_memory(error.kind()) {
        return Failure::OutOfMemory(limits.memory);
    }
    match error.as_trap_code() {
        Some(TrapCode::OutOfFuel) => Failure::OutOfFuel(limits.fuel),
        _ => Failure::Trapped {
            what: error.to_string(),
            stderr,
        },
    }
}

fn wants_memory(error: &ErrorKind) -> bool {
    matches!(
        error,
        ErrorKind::TrapCode(TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory)
            | ErrorKind::Memory(
                MemoryError::ResourceLimiterDeniedAllocation | MemoryError::OutOfSystemMemory
            )
            | ErrorKind::Instantiation(InstantiationError::FailedToInstantiateMemory(_))
    )
}
