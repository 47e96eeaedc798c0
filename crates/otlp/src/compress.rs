//! Compressed bodies to plain ones, no larger than a cap; and the way back.

use crate::DecodeError;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use std::io::Read as _;

/// Compresses to gzip, quickly rather than well.
#[must_use]
pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 + 64);
    // Reading from a slice and writing to a vector do not fail.
    let read = flate2::read::GzEncoder::new(body, Compression::fast()).read_to_end(&mut out);
    debug_assert!(read.is_ok());
    out
}

/// Decompresses gzip, all of its members, to at most `max` bytes.
///
/// # Errors
/// When the stream is damaged, cut off, or larger than `max`.
pub fn gunzip(body: &[u8], max: usize) -> Result<Vec<u8>, DecodeError> {
    let mut out = Vec::new();
    let cap = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::MultiGzDecoder::new(body)
        .take(cap)
        .read_to_end(&mut out)
        .map_err(DecodeError::Gzip)?;
    if out.len() > max {
        Err(DecodeError::TooLarge(max))
    } else {
        Ok(out)
    }
}

/// Decompresses what HTTP calls deflate, a zlib stream, to at most `max` bytes.
///
/// # Errors
/// When the stream is damaged, cut off, followed by something else, or larger than `max`.
pub fn inflate(body: &[u8], max: usize) -> Result<Vec<u8>, DecodeError> {
    // flate2's reader takes a stream that is cut off for a short one, so this asks for its end.
    let mut stream = Decompress::new(true);
    let mut out = Vec::new();
    loop {
        let read = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        let rest = body.get(read..).unwrap_or_default();
        let before = out.len();
        out.reserve(out.len().clamp(4096, 1 << 20));
        let status = stream
            .decompress_vec(rest, &mut out, FlushDecompress::None)
            .map_err(|e| DecodeError::Deflate(e.to_string()))?;
        if out.len() > max {
            return Err(DecodeError::TooLarge(max));
        }
        let read_more = stream.total_in() > read as u64;
        match status {
            Status::StreamEnd if stream.total_in() == body.len() as u64 => return Ok(out),
            Status::StreamEnd => {
                let message = "there are bytes after the end of the stream".to_owned();
                return Err(DecodeError::Deflate(message));
            }
            Status::Ok | Status::BufError if read_more || out.len() > before => {}
            Status::Ok | Status::BufError => {
                let message = "the stream is cut off".to_owned();
                return Err(DecodeError::Deflate(message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut e = GzEncoder::new(Vec::new(), Compression::best());
        e.write_all(data).unwrap();
        e.finish().unwrap()
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut e = ZlibEncoder::new(Vec::new(), Compression::best());
        e.write_all(data).unwrap();
        e.finish().unwrap()
    }

    type Pack = fn(&[u8]) -> Vec<u8>;
    type Unpack = fn(&[u8], usize) -> Result<Vec<u8>, DecodeError>;
    const BOTH: [(Pack, Unpack); 2] = [(gzip, gunzip), (zlib, inflate)];

    #[test]
    fn a_bomb_stops_at_the_cap() {
        for (pack, unpack) in BOTH {
            let bomb = pack(&vec![0; 50 << 20]);
            assert!(bomb.len() < 100_000);
            assert!(unpack(&bomb, 1 << 20).unwrap_err().is_too_large());
            assert_eq!(unpack(&pack(b"abc"), 3).unwrap(), b"abc");
            assert!(unpack(&pack(b"abcd"), 3).unwrap_err().is_too_large());
        }
    }

    #[test]
    fn large_and_empty_bodies_come_back_whole() {
        let large: Vec<u8> = (0..3_000_000_u32)
            .map(|i| (i.wrapping_mul(i) >> 7) as u8)
            .collect();
        for (pack, unpack) in BOTH {
            assert!(unpack(&pack(&large), 4 << 20).unwrap() == large);
            assert_eq!(unpack(&pack(b""), 10).unwrap(), b"");
        }
        assert!(gunzip(&super::gzip(&large), 4 << 20).unwrap() == large);
        assert_eq!(gunzip(&super::gzip(b""), 10).unwrap(), b"");
    }

    #[test]
    fn damaged_streams_are_errors() {
        for (pack, unpack) in BOTH {
            let whole = pack(b"some text that is long enough to be cut");
            for end in 1..whole.len() {
                let error = unpack(&whole[..end], 1000).unwrap_err();
                assert!(!error.is_too_large(), "cut at {end}");
            }
            assert!(unpack(b"not compressed", 1000).is_err());
        }
        // zlib ends with a checksum.
        let mut damaged = zlib(b"some text");
        *damaged.last_mut().unwrap() ^= 1;
        assert!(inflate(&damaged, 1000).is_err());
        let mut followed = zlib(b"some text");
        followed.push(0);
        assert!(inflate(&followed, 1000).is_err());
        assert!(inflate(b"", 1000).is_err());
    }
}
