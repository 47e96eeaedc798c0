//! The WebAssembly engine and its clock.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use wasmtime::{
    Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig,
};

use crate::{Limits, StartError};

/// How long guest code runs before it lets others run.
const TICK: Duration = Duration::from_millis(10);
/// While instances exist but none has work.
const IDLE_TICK: Duration = Duration::from_millis(500);

/// Builds the engine: a pool of instances where the address space allows it, else one by one.
pub(crate) fn build(limits: &Limits) -> Result<Engine, StartError> {
    let mut config = base();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    Engine::new(&config)
        .or_else(|error| {
            tracing::warn!(%error, "no instance pool: instances are allocated one by one");
            Engine::new(&base())
        })
        .map_err(|e| StartError::Engine(crate::error::one_line(format!("{e:#}"))))
}

/// What compiled code depends on. The same for both ways of allocating.
fn base() -> Config {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    config.memory_init_cow(true);
    config
}

fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let count = limits.max_instances;
    let mut pool = PoolingAllocationConfig::default();
    // A component made by rustc has one core module of its own and a few adapters.
    pool.total_component_instances(count)
        .total_core_instances(count.saturating_mul(4))
        .total_memories(count)
        .total_tables(count.saturating_mul(2))
        .total_stacks(count)
        .max_memory_size(limits.max_memory_bytes)
        // Kept for the next instance rather than given back: a page fault costs more than clearing it.
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Advances the engine's epoch while guest code may run, and sleeps when there is none.
///
/// A running guest yields at each tick, so that a busy loop can neither starve its neighbours nor outlive its deadline.
pub(crate) struct Clock {
    shared: Arc<Shared>,
}

struct Shared {
    /// Instances that exist.
    alive: AtomicUsize,
    /// Instances with work.
    busy: AtomicUsize,
    stopped: AtomicBool,
    parked: Mutex<bool>,
    wake: Condvar,
}

impl Clock {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            alive: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            parked: Mutex::new(false),
            wake: Condvar::new(),
        });
        let (engine, ticker) = (engine.weak(), shared.clone());
        std::thread::Builder::new()
            .name("epoch".into())
            .spawn(move || tick(&engine, &ticker))?;
        Ok(Self { shared })
    }

    /// Counts an instance for as long as the returned value lives.
    pub(crate) fn instance(&self) -> Presence {
        self.shared.alive.fetch_add(1, Ordering::SeqCst);
        Presence {
            shared: self.shared.clone(),
            busy: AtomicBool::new(false),
        }
    }

    /// How many instances have work.
    pub(crate) fn busy(&self) -> usize {
        self.shared.busy.load(Ordering::SeqCst)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.shared.unpark();
    }
}

impl Shared {
    fn unpark(&self) {
        let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        if *parked {
            *parked = false;
            self.wake.notify_one();
        }
    }

    /// Sleeps until there is work or `limit` has passed.
    fn park(&self, limit: Option<Duration>) {
        let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        *parked = true;
        // Checked under the lock: whoever makes it true afterwards finds `parked` set.
        let no_work =
            || self.busy.load(Ordering::SeqCst) == 0 && !self.stopped.load(Ordering::SeqCst);
        if no_work() {
            let waiting = |parked: &mut bool| *parked;
            parked = match limit {
                Some(limit) => {
                    self.wake
                        .wait_timeout_while(parked, limit, waiting)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                None => self
                    .wake
                    .wait_while(parked, waiting)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
        *parked = false;
    }
}

fn tick(engine: &EngineWeak, shared: &Shared) {
    while !shared.stopped.load(Ordering::SeqCst) {
        if shared.busy.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(TICK);
        } else {
            // An idle instance may still have work of its own that nobody waits for: it gets a slow tick.
            let limit = (shared.alive.load(Ordering::SeqCst) > 0).then_some(IDLE_TICK);
            shared.park(limit);
        }
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
    }
}

/// An instance, as the clock sees it.
pub(crate) struct Presence {
    shared: Arc<Shared>,
    busy: AtomicBool,
}

impl Presence {
    pub(crate) fn set_busy(&self, busy: bool) {
        if self.busy.swap(busy, Ordering::SeqCst) == busy {
            return;
        }
        if !busy {
            self.shared.busy.fetch_sub(1, Ordering::SeqCst);
        } else if self.shared.busy.fetch_add(1, Ordering::SeqCst) == 0 {
            self.shared.unpark();
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.set_busy(false);
        self.shared.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_runs_only_while_there_is_work() {
        let engine = build(&Limits {
            max_instances: 4,
            ..Limits::default()
        })
        .unwrap();
        let clock = Clock::start(&engine).unwrap();
        let instance = clock.instance();
        assert_eq!(clock.busy(), 0);
        instance.set_busy(true);
        instance.set_busy(true);
        assert_eq!(clock.busy(), 1);
        drop(instance);
        assert_eq!(clock.busy(), 0);
        assert_eq!(clock.shared.alive.load(Ordering::SeqCst), 0);
    }
}
