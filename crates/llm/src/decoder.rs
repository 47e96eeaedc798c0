//! Server-sent events as they arrive, in pieces that may end anywhere: within a line, within a character.

use crate::stream::{is_events, unmarked};
use eventsource_stream::{EventStream, Eventsource as _};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{FutureExt as _, StreamExt as _};
use std::convert::Infallible;

type Piece = Result<Vec<u8>, Infallible>;

/// With so many bytes it is known whether a body is events: the longest name that it may begin with has no more.
const TELLS: usize = 6;

/// What the bytes so far are.
enum Kind {
    /// Too few to tell.
    Unknown(Vec<u8>),
    Events,
    /// One document, which is not followed.
    Document,
}

/// Takes bytes, gives the data of the events that are whole.
pub(crate) struct Decoder {
    kind: Kind,
    bytes: UnboundedSender<Piece>,
    events: EventStream<UnboundedReceiver<Piece>>,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        let (bytes, pieces) = unbounded();
        Self {
            kind: Kind::Unknown(Vec::new()),
            bytes,
            events: pieces.eventsource(),
        }
    }

    /// Takes the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        match &mut self.kind {
            Kind::Document => {}
            Kind::Events => self.push(bytes),
            Kind::Unknown(head) => {
                head.extend_from_slice(bytes);
                let body = unmarked(head);
                if is_events(body) {
                    let body = body.to_vec();
                    self.kind = Kind::Events;
                    self.push(&body);
                } else if body.trim_ascii_start().len() >= TELLS {
                    self.kind = Kind::Document;
                }
            }
        }
    }

    fn push(&self, bytes: &[u8]) {
        // The other end is ours: it is there.
        let _ = self.bytes.unbounded_send(Ok(bytes.to_vec()));
    }

    /// The data of the next event that is whole; `None` until more bytes come, and for good after bytes that are no UTF-8.
    pub(crate) fn next(&mut self) -> Option<String> {
        // Nothing is waited for: the pieces are here, or they are not.
        let event = self.events.next().now_or_never()??;
        event.ok().map(|event| event.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::events;

    fn decoded<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
        let mut decoder = Decoder::new();
        let mut all = Vec::new();
        for piece in pieces {
            decoder.feed(piece);
            all.extend(std::iter::from_fn(|| decoder.next()));
        }
        all
    }

    #[test]
    fn an_event_is_given_as_soon_as_it_is_whole() {
        let mut decoder = Decoder::new();
        decoder.feed(b"data: {\"a\":\xc3");
        assert_eq!(decoder.next(), None);
        decoder.feed(b"\xa9}\n");
        assert_eq!(decoder.next(), None);
        decoder.feed(b"\ndata: 2");
        assert_eq!(decoder.next().as_deref(), Some("{\"a\":\u{e9}}"));
        assert_eq!(decoder.next(), None);
    }

    #[test]
    fn a_document_is_not_followed() {
        for body in [&b"{\"data\": 1}\n\n"[..], b"[\n\ndata: x\n\n", b"oops, no"] {
            assert_eq!(decoded(body.chunks(1)), Vec::<String>::new());
            assert_eq!(decoded(body.chunks(100)), Vec::<String>::new());
        }
    }

    const PIECES: [&[u8]; 9] = [
        b"data: a",
        b"\xef\xbb\xbf",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b":",
        b"\xc3\xa9",
        b"event: x",
    ];

    proptest::proptest! {
        #[test]
        fn where_pieces_end_does_not_matter(
            body in proptest::collection::vec(proptest::sample::select(PIECES.as_slice()), 0..14),
            size in 1_usize..9,
        ) {
            let body = body.concat();
            let told = decoded(body.chunks(size));
            if is_events(&body) {
                // The whole reader takes a last event without its empty line as well.
                let whole = events(&body).unwrap();
                proptest::prop_assert!(whole.starts_with(&told), "{told:?} {whole:?}");
                proptest::prop_assert!(whole.len() <= told.len() + 1, "{told:?} {whole:?}");
            } else {
                proptest::prop_assert!(told.is_empty());
            }
        }

        #[test]
        fn nothing_is_too_strange(body in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let body = [b"data:".as_slice(), &body].concat();
            let _ = (decoded(body.chunks(1)), decoded(body.chunks(7)));
        }
    }
}
