//! A component whose memories may not grow beyond a limit, whatever engine runs it.

use crate::Refused;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, utils};
use wasm_encoder::{Component, MemoryType};
use wasmparser::Parser;

/// Bytes of a page as its logarithm, where a memory says nothing else.
const PAGE_LOG2: u32 = 16;

/// Writes a component anew, with an end for each memory that has none or a later one.
struct Bounded {
    /// Most bytes of a memory.
    bytes: u64,
    /// The largest memory, in bytes, that needs more than that from the beginning.
    wanted: Option<u64>,
}

impl Reencode for Bounded {
    type Error = Infallible;

    fn memory_type(
        &mut self,
        ty: wasmparser::MemoryType,
    ) -> Result<MemoryType, Error<Self::Error>> {
        let mut ty = utils::memory_type(self, ty);
        let page = ty.page_size_log2.unwrap_or(PAGE_LOG2);
        let most = self.bytes >> page;
        if ty.minimum > most {
            let bytes = ty.minimum.saturating_mul(1 << page);
            self.wanted = self.wanted.max(Some(bytes));
        }
        ty.maximum = Some(ty.maximum.map_or(most, |own| own.min(most)));
        Ok(ty)
    }
}

impl ReencodeComponent for Bounded {}

/// The same component, in which no memory has more than `bytes` bytes.
pub(crate) fn bounded(component: &[u8], bytes: u64) -> Result<Vec<u8>, Refused> {
    let mut bound = Bounded {
        bytes,
        wanted: None,
    };
    let mut out = Component::new();
    let parsed = bound.parse_component(&mut out, Parser::new(0), component);
    parsed.map_err(|e| Refused::NoComponent("the metric", e.to_string()))?;
    match bound.wanted {
        Some(wanted) => Err(Refused::Memory { wanted, bytes }),
        None => Ok(out.finish()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::Payload;

    /// The memories of a component's modules: their beginning and their end, in pages.
    fn memories(component: &[u8]) -> Vec<(u64, Option<u64>)> {
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(component) {
            if let Payload::MemorySection(section) = payload.unwrap() {
                let all = section.into_iter().map(|m| m.unwrap());
                found.extend(all.map(|m| (m.initial, m.maximum)));
            }
        }
        found
    }

    #[test]
    fn memories_end_where_they_must() {
        let text = "(component
            (core module (memory 2)) (core module (memory 1 5000)) (core module (memory 1 3))
            (component (core module (memory 4))))";
        let component = wat::parse_str(text).unwrap();
        let made = bounded(&component, 1 << 20).unwrap();
        let expected = [(2, Some(16)), (1, Some(16)), (1, Some(3)), (4, Some(16))];
        assert_eq!(memories(&made), expected);
        wasmparser::Validator::new().validate_all(&made).unwrap();
        assert_eq!(
            bounded(&component, 100_000),
            Err(Refused::Memory {
                wanted: 4 << 16,
                bytes: 100_000
            })
        );
    }
}
