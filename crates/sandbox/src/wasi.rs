//! What a program may ask of its host: WASI preview 1, of which three streams, a clock and random numbers are there. All other
//! functions are there to be linked, and do nothing.

use crate::memory::{self, Bytes};
use crate::{Limits, World};
use std::fmt;
use wasmi::{Caller, Engine, Error, FuncType, Linker, StoreLimits, Val, ValType};

/// The module that programs import.
pub(crate) const MODULE: &str = "wasi_snapshot_preview1";
/// The function that runs a program.
pub(crate) const START: &str = "_start";
/// The memory that addresses are in.
pub(crate) const MEMORY: &str = "memory";

/// What functions answer; 0 is success.
pub(crate) type Errno = i32;
const SUCCESS: Errno = 0;
/// There is no such file, or it cannot do that.
const BADF: Errno = 8;
/// An address is outside of the memory.
pub(crate) const FAULT: Errno = 21;
/// An argument is wrong.
const INVAL: Errno = 28;
/// That is not there.
const NOTSUP: Errno = 58;
/// A stream has no places.
const SPIPE: Errno = 70;

const STDIN: i32 = 0;
const STDOUT: i32 = 1;
const STDERR: i32 = 2;

/// Bytes that a function moves for the fuel of one instruction.
const BYTES_A_FUEL: u64 = 8;

/// Functions that do nothing: their parameters (`i` is 32 bits, `I` is 64), and what they answer.
const IDLE: [(&str, &str, Errno); 34] = [
    ("args_get", "ii", SUCCESS),
    ("environ_get", "ii", SUCCESS),
    ("fd_advise", "iIIi", BADF),
    ("fd_allocate", "iII", BADF),
    ("fd_datasync", "i", BADF),
    ("fd_fdstat_set_flags", "ii", BADF),
    ("fd_fdstat_set_rights", "iII", BADF),
    ("fd_filestat_get", "ii", BADF),
    ("fd_filestat_set_size", "iI", BADF),
    ("fd_filestat_set_times", "iIIi", BADF),
    ("fd_pread", "iiiIi", BADF),
    ("fd_prestat_dir_name", "iii", BADF),
    ("fd_prestat_get", "ii", BADF),
    ("fd_pwrite", "iiiIi", BADF),
    ("fd_readdir", "iiiIi", BADF),
    ("fd_renumber", "ii", BADF),
    ("fd_sync", "i", BADF),
    ("path_create_directory", "iii", BADF),
    ("path_filestat_get", "iiiii", BADF),
    ("path_filestat_set_times", "iiiiIIi", BADF),
    ("path_link", "iiiiiii", BADF),
    ("path_open", "iiiiiIIii", BADF),
    ("path_readlink", "iiiiii", BADF),
    ("path_remove_directory", "iii", BADF),
    ("path_rename", "iiiiii", BADF),
    ("path_symlink", "iiiii", BADF),
    ("path_unlink_file", "iii", BADF),
    ("poll_oneoff", "iiii", NOTSUP),
    ("proc_raise", "i", NOTSUP),
    ("sched_yield", "", SUCCESS),
    ("sock_accept", "iii", BADF),
    ("sock_recv", "iiiiii", BADF),
    ("sock_send", "iiiii", BADF),
    ("sock_shutdown", "ii", BADF),
];

/// Functions that do something, with their parameters.
const BUSY: [(&str, &str); 12] = [
    ("args_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "iIi"),
    ("environ_sizes_get", "ii"),
    ("fd_close", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_read", "iiii"),
    ("fd_seek", "iIii"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("proc_exit", "i"),
    ("random_get", "ii"),
];

/// What the sandbox keeps of a program that runs.
pub(crate) struct Host {
    /// What is left of the input.
    input: Vec<u8>,
    read: usize,
    /// What it has written.
    pub(crate) output: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    max_output: usize,
    max_stderr: usize,
    now_ns: u64,
    random: u64,
    /// Fuel that functions took of what is not handed out yet.
    pub(crate) owed: u64,
    /// What it may grow to.
    pub(crate) growth: StoreLimits,
}

impl Host {
    pub(crate) fn new(input: Vec<u8>, world: World, limits: Limits, growth: StoreLimits) -> Self {
        Self {
            input,
            read: 0,
            output: Vec::new(),
            stderr: Vec::new(),
            max_output: limits.output,
            max_stderr: limits.stderr,
            now_ns: world.now_ns,
            random: world.seed,
            owed: 0,
            growth,
        }
    }

    /// SplitMix64: plain, and the same everywhere.
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// It wrote more than it may.
#[derive(Debug)]
pub(crate) struct TooMuchOutput;

impl fmt::Display for TooMuchOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too much output")
    }
}

impl wasmi::errors::HostError for TooMuchOutput {}

/// The type of a function, if it is one of WASI preview 1.
pub(crate) fn signature(name: &str) -> Option<FuncType> {
    let idle = IDLE.iter().map(|(name, params, _)| (*name, *params));
    let mut all = idle.chain(BUSY);
    let (name, params) = all.find(|(known, _)| *known == name)?;
    let params = params.bytes().map(|letter| match letter {
        b'I' => ValType::I64,
        _ => ValType::I32,
    });
    let result = (name != "proc_exit").then_some(ValType::I32);
    Some(FuncType::new(params.collect::<Vec<_>>(), result))
}

/// All functions that programs may import.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<Host>, Error> {
    let mut linker = Linker::new(engine);
    for (name, _, answer) in IDLE {
        if let Some(ty) = signature(name) {
            linker.func_new(MODULE, name, ty, move |_, _, results| {
                if let Some(result) = results.first_mut() {
                    *result = Val::I32(answer);
                }
                Ok(())
            })?;
        }
    }
    linker
        .func_wrap(MODULE, "args_sizes_get", sizes_of_none)?
        .func_wrap(MODULE, "environ_sizes_get", sizes_of_none)?
        .func_wrap(MODULE, "clock_res_get", clock_res_get)?
        .func_wrap(MODULE, "clock_time_get", clock_time_get)?
        .func_wrap(MODULE, "fd_close", |fd: i32| of_stream(fd, SUCCESS))?
        .func_wrap(MODULE, "fd_fdstat_get", fd_fdstat_get)?
        .func_wrap(MODULE, "fd_read", fd_read)?
        .func_wrap(MODULE, "fd_seek", |fd: i32, _: i64, _: i32, _: i32| {
            of_stream(fd, SPIPE)
        })?
        .func_wrap(MODULE, "fd_tell", |fd: i32, _: i32| of_stream(fd, SPIPE))?
        .func_wrap(MODULE, "fd_write", fd_write)?
        .func_wrap(MODULE, "proc_exit", |code: i32| -> Result<(), Error> {
            Err(Error::i32_exit(code))
        })?
        .func_wrap(MODULE, "random_get", random_get)?;
    Ok(linker)
}

/// An answer about one of the three streams; of other files there is none.
const fn of_stream(fd: i32, answer: Errno) -> Errno {
    match fd {
        STDIN | STDOUT | STDERR => answer,
        _ => BADF,
    }
}

const fn errno(done: Result<(), Errno>) -> Errno {
    match done {
        Ok(()) => SUCCESS,
        Err(errno) => errno,
    }
}

/// Takes fuel for what is done at once, however much that is. What is not there is owed.
fn take(caller: &mut Caller<'_, Host>, fuel: u64) -> Result<(), Error> {
    let left = caller.get_fuel()?;
    caller.set_fuel(left.saturating_sub(fuel))?;
    let host = caller.data_mut();
    host.owed = host.owed.saturating_add(fuel.saturating_sub(left));
    Ok(())
}

fn sizes_of_none(mut caller: Caller<'_, Host>, count: u32, bytes: u32) -> Result<Errno, Error> {
    let (mut memory, _) = memory::of(&mut caller)?;
    let none = 0_u32.to_le_bytes();
    Ok(errno(
        memory
            .put(count, &none)
            .and_then(|()| memory.put(bytes, &none)),
    ))
}

/// Of time that passes, and of that of the processor.
const fn is_clock(id: i32) -> bool {
    matches!(id, 0..=3)
}

fn clock_res_get(mut caller: Caller<'_, Host>, id: i32, to: u32) -> Result<Errno, Error> {
    if !is_clock(id) {
        return Ok(INVAL);
    }
    let (mut memory, _) = memory::of(&mut caller)?;
    Ok(errno(memory.put(to, &1_u64.to_le_bytes())))
}

fn clock_time_get(mut caller: Caller<'_, Host>, id: i32, _: i64, to: u32) -> Result<Errno, Error> {
    if !is_clock(id) {
        return Ok(INVAL);
    }
    let (mut memory, host) = memory::of(&mut caller)?;
    Ok(errno(memory.put(to, &host.now_ns.to_le_bytes())))
}

/// Neither a file nor a terminal, with the right to read or to write.
fn fd_fdstat_get(mut caller: Caller<'_, Host>, fd: i32, to: u32) -> Result<Errno, Error> {
    let rights: u64 = match fd {
        STDIN => 1 << 1,
        STDOUT | STDERR => 1 << 6,
        _ => return Ok(BADF),
    };
    let mut stat = [0; 24];
    for (to, from) in stat.iter_mut().skip(8).zip(rights.to_le_bytes()) {
        *to = from;
    }
    let (mut memory, _) = memory::of(&mut caller)?;
    Ok(errno(memory.put(to, &stat)))
}

fn fd_read(
    mut caller: Caller<'_, Host>,
    fd: i32,
    list: u32,
    count: u32,
    to: u32,
) -> Result<Errno, Error> {
    if fd != STDIN {
        return Ok(BADF);
    }
    let (mut memory, host) = memory::of(&mut caller)?;
    let (before, mut lists) = (host.read, 0);
    let mut fill = |memory: &mut Bytes<'_>| -> Result<(), Errno> {
        for index in 0..count {
            lists += 1;
            let rest = host.input.get(host.read..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let (at, len) = memory.buffer(list, index)?;
            let buffer = memory.get_mut(at, len)?;
            for (to, from) in buffer.iter_mut().zip(rest) {
                *to = *from;
            }
            host.read += rest.len().min(buffer.len());
        }
        let read = u32::try_from(host.read - before).unwrap_or(u32::MAX);
        memory.put(to, &read.to_le_bytes())
    };
    let answer = errno(fill(&mut memory));
    let bytes = u64::try_from(host.read - before).unwrap_or(u64::MAX);
    take(&mut caller, bytes / BYTES_A_FUEL + lists)?;
    Ok(answer)
}

fn fd_write(
    mut caller: Caller<'_, Host>,
    fd: i32,
    list: u32,
    count: u32,
    to: u32,
) -> Result<Errno, Error> {
    if fd != STDOUT && fd != STDERR {
        return Ok(BADF);
    }
    let (mut memory, host) = memory::of(&mut caller)?;
    let (mut written, mut kept, mut lists, mut too_much) = (0_u32, 0_u64, 0_u64, false);
    let mut drain = |memory: &mut Bytes<'_>| -> Result<(), Errno> {
        for index in 0..count {
            lists += 1;
            let (at, len) = memory.buffer(list, index)?;
            let bytes = memory.get(at, len)?;
            let (all, most) = match fd {
                STDOUT => (&mut host.output, host.max_output),
                _ => (&mut host.stderr, host.max_stderr),
            };
            let room = most.saturating_sub(all.len()).min(bytes.len());
            all.extend_from_slice(bytes.get(..room).unwrap_or_default());
            kept = kept.saturating_add(u64::try_from(room).unwrap_or(u64::MAX));
            if fd == STDOUT && room < bytes.len() {
                too_much = true;
                return Ok(());
            }
            // What is left out of the standard error counts as written: nobody waits for it.
            written = written.saturating_add(len);
        }
        memory.put(to, &written.to_le_bytes())
    };
    let answer = errno(drain(&mut memory));
    if too_much {
        return Err(Error::host(TooMuchOutput));
    }
    take(&mut caller, kept / BYTES_A_FUEL + lists)?;
    Ok(answer)
}

fn random_get(mut caller: Caller<'_, Host>, at: u32, len: u32) -> Result<Errno, Error> {
    let (mut memory, host) = memory::of(&mut caller)?;
    let buffer = match memory.get_mut(at, len) {
        Ok(buffer) => buffer,
        Err(errno) => return Ok(errno),
    };
    for piece in buffer.chunks_mut(8) {
        for (to, from) in piece.iter_mut().zip(host.next_random().to_le_bytes()) {
            *to = from;
        }
    }
    take(&mut caller, u64::from(len) / BYTES_A_FUEL)?;
    Ok(SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmi::{Module, Store, StoreLimitsBuilder};

    #[test]
    fn all_of_preview_1_can_be_linked() {
        let idle = IDLE.iter().map(|(name, ..)| *name);
        let names: Vec<&str> = idle.chain(BUSY.iter().map(|(name, _)| *name)).collect();
        assert_eq!(names.len(), 46);
        let imports = names.iter().map(|name| {
            let ty = signature(name).unwrap();
            let word = |t: &ValType| if *t == ValType::I64 { "i64" } else { "i32" };
            let list = |types: &[ValType]| types.iter().map(word).collect::<Vec<_>>().join(" ");
            let (params, results) = (list(ty.params()), list(ty.results()));
            format!("(import \"{MODULE}\" \"{name}\" (func (param {params}) (result {results})))")
        });
        let text = format!("(module {})", imports.collect::<String>());
        let engine = Engine::default();
        let module = Module::new(&engine, wat::parse_str(text).unwrap()).unwrap();
        let growth = StoreLimitsBuilder::new().build();
        let host = Host::new(Vec::new(), World::default(), Limits::default(), growth);
        let mut store = Store::new(&engine, host);
        let linked = linker(&engine).unwrap();
        linked.instantiate_and_start(&mut store, &module).unwrap();
    }
}
