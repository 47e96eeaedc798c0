//! Bodies as they come in, compressed or not, to plain ones no larger than a cap; and the way back.

use crate::DecodeError;
use flate2::write::MultiGzDecoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use std::io::{self, Read as _, Write};

/// Most that the output grows by at once, in bytes.
const STEP: usize = 1 << 20;

/// Takes a body piece by piece. Holds what has come out of it and no more than that: a piece of a bomb is not
/// inflated beyond the cap.
pub struct Inflater(Kind);

enum Kind {
    Plain(Capped),
    // Large beside the others.
    Gzip(Box<MultiGzDecoder<Capped>>),
    Zlib(Zlib),
}

impl Inflater {
    /// Of a body that is not compressed, of at most `max` bytes; `expected` are set aside at once.
    #[must_use]
    pub fn identity(max: usize, expected: usize) -> Self {
        Self(Kind::Plain(Capped {
            out: Vec::with_capacity(expected.min(max)),
            max,
            full: false,
        }))
    }

    /// Of gzip, all of its members, to at most `max` bytes.
    #[must_use]
    pub fn gzip(max: usize) -> Self {
        let out = Capped {
            out: Vec::new(),
            max,
            full: false,
        };
        Self(Kind::Gzip(Box::new(MultiGzDecoder::new(out))))
    }

    /// Of what HTTP calls deflate, a zlib stream, to at most `max` bytes.
    #[must_use]
    pub fn deflate(max: usize) -> Self {
        Self(Kind::Zlib(Zlib {
            stream: Decompress::new(true),
            out: Vec::new(),
            max,
            ended: false,
        }))
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// When the stream is damaged, or larger than the cap.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), DecodeError> {
        match &mut self.0 {
            Kind::Plain(out) => out.write_all(piece).map_err(|e| out.why(e)),
            Kind::Gzip(decoder) => {
                let written = decoder.write_all(piece).and_then(|()| decoder.flush());
                written.map_err(|e| decoder.get_ref().why(e))
            }
            Kind::Zlib(stream) => stream.push(piece),
        }
    }

    /// Bytes that have come out so far.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Kind::Plain(out) => out.out.len(),
            Kind::Gzip(decoder) => decoder.get_ref().out.len(),
            Kind::Zlib(stream) => stream.out.len(),
        }
    }

    /// Whether nothing has come out so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, when the last piece was taken.
    ///
    /// # Errors
    /// When the stream is damaged, cut off, or larger than the cap.
    pub fn finish(self) -> Result<Vec<u8>, DecodeError> {
        match self.0 {
            Kind::Plain(out) => Ok(out.out),
            Kind::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                finished.map_err(|e| decoder.get_ref().why(e))?;
                Ok(std::mem::take(&mut decoder.get_mut().out))
            }
            Kind::Zlib(stream) if stream.ended => Ok(stream.out),
            Kind::Zlib(_) => Err(DecodeError::Deflate("the stream is cut off".to_owned())),
        }
    }
}

/// Takes bytes up to a cap.
struct Capped {
    out: Vec<u8>,
    max: usize,
    full: bool,
}

impl Capped {
    fn why(&self, e: io::Error) -> DecodeError {
        if self.full {
            DecodeError::TooLarge(self.max)
        } else {
            DecodeError::Gzip(e)
        }
    }
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.max - self.out.len();
        if bytes.len() > left {
            self.full = true;
            return Err(io::Error::other("too large"));
        }
        if self.out.capacity() - self.out.len() < bytes.len() {
            let more = self.out.len().clamp(4096, STEP).min(left);
            self.out.reserve_exact(more.max(bytes.len()));
        }
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Zlib {
    stream: Decompress,
    out: Vec<u8>,
    max: usize,
    ended: bool,
}

impl Zlib {
    fn push(&mut self, mut piece: &[u8]) -> Result<(), DecodeError> {
        loop {
            if self.ended {
                return if piece.is_empty() {
                    Ok(())
                } else {
                    let message = "there are bytes after the end of the stream".to_owned();
                    Err(DecodeError::Deflate(message))
                };
            }
            // One byte beyond the cap tells that there is more.
            let left = self.max.saturating_add(1) - self.out.len();
            self.out
                .reserve_exact(self.out.len().clamp(4096, STEP).min(left));
            let (read, written) = (self.stream.total_in(), self.out.len());
            let status = self
                .stream
                .decompress_vec(piece, &mut self.out, FlushDecompress::None)
                .map_err(|e| DecodeError::Deflate(e.to_string()))?;
            if self.out.len() > self.max {
                return Err(DecodeError::TooLarge(self.max));
            }
            let read = usize::try_from(self.stream.total_in() - read).unwrap_or(usize::MAX);
            piece = piece.get(read..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            if !self.ended && read == 0 && self.out.len() == written {
                return Ok(());
            }
        }
    }
}

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
    let mut inflater = Inflater::gzip(max);
    inflater.push(body)?;
    inflater.finish()
}

/// Decompresses what HTTP calls deflate, a zlib stream, to at most `max` bytes.
///
/// # Errors
/// When the stream is damaged, cut off, followed by something else, or larger than `max`.
pub fn inflate(body: &[u8], max: usize) -> Result<Vec<u8>, DecodeError> {
    let mut inflater = Inflater::deflate(max);
    inflater.push(body)?;
    inflater.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

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
    fn pieces_of_any_size_make_the_same_whole_and_a_bomb_grows_no_further_than_the_cap() {
        let text: Vec<u8> = (0..40_000_u32).map(|i| (i / 7) as u8).collect();
        let two = [gzip(&text), gzip(b"and more")].concat();
        let whole = [text.as_slice(), b"and more"].concat();
        for size in [1, 7, 1000, usize::MAX] {
            let all = |mut inflater: Inflater, packed: &[u8]| {
                for piece in packed.chunks(size) {
                    inflater.push(piece).unwrap();
                }
                inflater.finish().unwrap()
            };
            assert!(all(Inflater::gzip(1 << 20), &two) == whole, "{size}");
            assert!(all(Inflater::deflate(1 << 20), &zlib(&text)) == text);
        }
        for (pack, mut inflater) in [
            (gzip as Pack, Inflater::gzip(1 << 20)),
            (zlib, Inflater::deflate(1 << 20)),
        ] {
            let bomb = pack(&vec![0; 50 << 20]);
            let pieces = bomb.chunks(100);
            let all = pieces.len();
            let taken = pieces.take_while(|piece| inflater.push(piece).is_ok());
            assert!(taken.count() < all / 40);
            assert!(inflater.len() <= (1 << 20) + 1, "{}", inflater.len());
        }
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
