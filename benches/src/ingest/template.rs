//! Bodies that are made once and sent many times, each time with ids and times that no body had before.
//!
//! To encode each body anew would cost the generator as much as the cheaper peers, on the processors that they share.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Traces of a body.
pub(crate) const TRACES: usize = 10;
/// Bytes of an id that are new in each body.
const FRESH: usize = 6;
/// Stands for the fresh bytes of a trace, with the trace's number in the last; no text holds it, for it is no UTF-8.
const MARK: [u8; FRESH] = [0xa5, 0x5a, 0xc3, 0x3c, 0x96, 0x60];
/// The upper half of a time that is to be set; the lower is by how many microseconds it is later than the first.
const TIME: u64 = 0x7a7b_7c7d << 32;
/// Stands for fresh bytes in hex within a text, before the trace's number.
const TEXT: &str = "@session@@";
/// The spans of a body are as old when it is sent.
const AGE: Duration = Duration::from_secs(2);

/// The fresh bytes of each trace of a body.
pub(crate) type Nonces = [[u8; FRESH]; TRACES];

/// Nonces that no one got before.
pub(crate) fn fresh() -> Nonces {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut first = NEXT.fetch_add(TRACES as u64, Relaxed);
    [(); TRACES].map(|()| {
        first += 1;
        scattered(first)
    })
}

/// As scattered as the random ids of tracers are, yet never the same twice: each step can be undone.
fn scattered(number: u64) -> [u8; FRESH] {
    const BITS: u64 = (1 << (8 * FRESH)) - 1;
    let mut n = number.wrapping_mul(0x9e37_79b9_7f4b) & BITS;
    n ^= n >> 23;
    n = n.wrapping_mul(0xbf58_476d_1ce5) & BITS;
    n ^= n >> 25;
    let [_, _, rest @ ..] = n.to_be_bytes();
    rest
}

/// The nonces that stand in a body which is not filled in.
pub(crate) fn marks() -> Nonces {
    std::array::from_fn(mark)
}

/// Stands for the fresh bytes of this trace.
pub(crate) fn mark(trace: usize) -> [u8; FRESH] {
    let [a, b, c, d, e, f] = MARK;
    [a, b, c, d, e, f + (trace % TRACES) as u8]
}

/// Stands for the fresh bytes of this trace, in hex, within a text.
pub(crate) fn text(trace: usize) -> String {
    format!("{TEXT}{:02}", trace % TRACES)
}

/// Stands for a time that is so much later than the first.
pub(crate) fn time(later: Duration) -> u64 {
    TIME | (later.as_micros() as u64 & 0xffff_ffff)
}

/// Nanoseconds since the epoch.
pub(crate) fn now_nanos() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |d| d.as_nanos() as u64)
}

#[derive(Clone, Copy)]
enum Patch {
    /// Fresh bytes of a trace.
    Id(usize),
    /// The same in hex.
    Hex(usize),
    /// A time, so many nanoseconds after the first.
    Time(u64),
}

/// A body and the places in it that are filled in each time.
pub(crate) struct Template {
    bytes: Vec<u8>,
    patches: Vec<(usize, Patch)>,
}

impl Template {
    /// Finds the places.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let [start @ .., _] = MARK;
        let hex = hex::encode(start);
        let mut patches = Vec::new();
        for at in 0..bytes.len() {
            let Some(rest) = bytes.get(at..) else { break };
            if let Some(patch) = patch(rest, &start, hex.as_bytes()) {
                patches.push((at, patch));
            }
        }
        Self { bytes, patches }
    }

    /// Bytes of a body.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Writes a body with these nonces, its times just past, over what `out` holds.
    pub(crate) fn fill(&self, nonces: &Nonces, out: &mut Vec<u8>) {
        let first = now_nanos().saturating_sub(AGE.as_nanos() as u64);
        let hex = nonces.map(hex::encode);
        out.clear();
        out.extend_from_slice(&self.bytes);
        for (at, patch) in &self.patches {
            let time;
            let new: &[u8] = match patch {
                Patch::Id(trace) => nonces.get(*trace).map_or(&[], |nonce| nonce),
                Patch::Hex(trace) => hex.get(*trace).map_or(&[], |text| text.as_bytes()),
                Patch::Time(later) => {
                    time = (first + later).to_le_bytes();
                    &time
                }
            };
            if let Some(old) = out.get_mut(*at..at + new.len()) {
                old.copy_from_slice(new);
            }
        }
    }
}

/// The place at the start of `rest`, if there is one.
fn patch(rest: &[u8], mark: &[u8], hex: &[u8]) -> Option<Patch> {
    let digit = |byte: u8| {
        let number = usize::from(byte.wrapping_sub(b'0'));
        (number < TRACES).then_some(number)
    };
    if let Some([trace, ..]) = rest.strip_prefix(mark) {
        return digit(trace.wrapping_sub(0x60).wrapping_add(b'0')).map(Patch::Id);
    }
    // The last byte of a mark in hex is `6` and the trace's number.
    if let Some([b'6', trace, ..]) = rest.strip_prefix(hex) {
        return digit(*trace).map(Patch::Hex);
    }
    if let Some([b'0', trace, ..]) = rest.strip_prefix(TEXT.as_bytes()) {
        return digit(*trace).map(Patch::Hex);
    }
    let number = u64::from_le_bytes(rest.first_chunk().copied()?);
    (number & (u64::MAX << 32) == TIME).then_some(Patch::Time((number & 0xffff_ffff) * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nonces_never_repeat() {
        let seen: HashSet<_> = (0..200_000).map(scattered).collect();
        assert_eq!(seen.len(), 200_000);
    }

    #[test]
    fn every_place_is_filled_in() {
        let mut bytes = b"id ".to_vec();
        bytes.extend(mark(3));
        bytes.extend(format!(" {} {} ", text(3), hex::encode(mark(4))).as_bytes());
        bytes.extend(time(Duration::from_micros(7)).to_le_bytes());
        let template = Template::new(bytes);
        let mut out = Vec::new();
        let mut nonces = marks();
        nonces[3] = [1, 2, 3, 4, 5, 6];
        nonces[4] = [0xff; FRESH];
        template.fill(&nonces, &mut out);
        assert_eq!(out.len(), template.len());
        assert_eq!(&out[3..9], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(&out[9..36], b" 010203040506 ffffffffffff ");
        let time = u64::from_le_bytes(out[36..].try_into().unwrap());
        let age = now_nanos() - time;
        assert!(age >= AGE.as_nanos() as u64 - 7000 && age < 60_000_000_000);
        template.fill(&fresh(), &mut out);
        assert!(!out.windows(5).any(|w| w == &MARK[..5]));
    }
}
