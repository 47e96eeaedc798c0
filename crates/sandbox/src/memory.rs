//! The memory of a program, as whoever serves it must see it: no address in it can be trusted.

use wasmi::{Caller, Error, Extern, Memory};

use crate::wasi::{Errno, FAULT, Host, MEMORY};

/// The bytes of a program's memory.
pub(crate) struct Bytes<'m>(&'m mut [u8]);

/// The memory of whoever calls, and what the sandbox keeps of it.
pub(crate) fn of<'c>(caller: &'c mut Caller<'_, Host>) -> Result<(Bytes<'c>, &'c mut Host), Error> {
    let memory: Option<Memory> = caller.get_export(MEMORY).and_then(Extern::into_memory);
    let memory = memory.ok_or_else(|| Error::new("it has no memory"))?;
    let (bytes, host) = memory.data_and_store_mut(caller);
    Ok((Bytes(bytes), host))
}

fn span(at: u32, len: u32) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(at).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    Some(start..end)
}

impl Bytes<'_> {
    /// `len` bytes from `at` on.
    pub(crate) fn get(&self, at: u32, len: u32) -> Result<&[u8], Errno> {
        span(at, len).and_then(|s| self.0.get(s)).ok_or(FAULT)
    }

    /// The same, to be written to.
    pub(crate) fn get_mut(&mut self, at: u32, len: u32) -> Result<&mut [u8], Errno> {
        span(at, len).and_then(|s| self.0.get_mut(s)).ok_or(FAULT)
    }

    /// Writes all of `bytes` at `at`.
    pub(crate) fn put(&mut self, at: u32, bytes: &[u8]) -> Result<(), Errno> {
        let len = u32::try_from(bytes.len()).map_err(|_| FAULT)?;
        self.get_mut(at, len)?.copy_from_slice(bytes);
        Ok(())
    }

    fn number(&self, at: u32) -> Result<u32, Errno> {
        let bytes = self.get(at, 4)?;
        bytes.try_into().map(u32::from_le_bytes).map_err(|_| FAULT)
    }

    /// The `index`-th of the buffers that are listed at `list`: where it is, and its length.
    pub(crate) fn buffer(&self, list: u32, index: u32) -> Result<(u32, u32), Errno> {
        let at = index.checked_mul(8).and_then(|by| list.checked_add(by));
        let at = at.ok_or(FAULT)?;
        let len = at.checked_add(4).ok_or(FAULT)?;
        Ok((self.number(at)?, self.number(len)?))
    }
}
