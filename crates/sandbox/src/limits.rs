//! What a program may spend, and what it is told of the world.

/// What a program may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Instructions, about: what moves many bytes at once costs more.
    pub fuel: u64,
    /// Bytes of its memory.
    pub memory: usize,
    /// Bytes of its standard output.
    pub output: usize,
    /// Bytes that are kept of its standard error, the first ones.
    pub stderr: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 200_000_000,
            memory: 64 << 20,
            output: 1 << 20,
            stderr: 8 << 10,
        }
    }
}

/// What a program is told of the world: the same each time it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// What its clocks say, in nanoseconds since the epoch.
    pub now_ns: u64,
    /// What its random numbers follow from. They are none to keep a secret with.
    pub seed: u64,
}

impl Default for World {
    /// Midnight of 1 January 2000, UTC.
    fn default() -> Self {
        Self {
            now_ns: 946_684_800_000_000_000,
            seed: 0,
        }
    }
}
