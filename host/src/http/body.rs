//! Bodies on their way in and out.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi_http::{Error, WasiBody};

/// What became of a request's body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fate(Arc<AtomicU8>);

const FINE: u8 = 0;
const TOO_LARGE: u8 = 1;
const BROKEN: u8 = 2;

impl Fate {
    pub(crate) fn is_fine(&self) -> bool {
        self.0.load(Ordering::Relaxed) == FINE
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.0.load(Ordering::Relaxed) == TOO_LARGE
    }
}

/// A request's body that fails beyond its limit, and remembers it: the component may not tell.
pub(crate) struct Limited {
    inner: Lingering,
    left: u64,
    fate: Fate,
}

/// Most bytes, and most time, spent on what a client still sends after its answer.
const LINGER_BYTES: usize = 256 << 20;
const LINGER_TIME: Duration = Duration::from_secs(10);

/// A request's body that is read to its end, and thrown away, when nobody wants the rest: a client that sends before it
/// reads would lose its answer to a closed connection (nginx calls it lingering close).
pub(crate) struct Lingering(Option<Incoming>);

impl Lingering {
    pub(crate) fn new(body: Incoming) -> Self {
        Self(Some(body))
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(mut body) = self.0.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let discard = async move {
            let mut read = 0;
            while let Some(Ok(frame)) = body.frame().await {
                read += frame.data_ref().map_or(0, Bytes::len);
                if read > LINGER_BYTES {
                    break;
                }
            }
        };
        runtime.spawn(async move { tokio::time::timeout(LINGER_TIME, discard).await });
    }
}

impl Limited {
    pub(crate) fn new(inner: Incoming, limit: u64, fate: Fate) -> Self {
        Self {
            inner: Lingering::new(inner),
            left: limit,
            fate,
        }
    }
}

impl Body for Limited {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(inner) = self.inner.0.as_mut() else {
            return Poll::Ready(None);
        };
        let frame = match ready!(Pin::new(inner).poll_frame(context)) {
            None => return Poll::Ready(None),
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                self.fate.0.store(BROKEN, Ordering::Relaxed);
                return Poll::Ready(Some(Err(error.into())));
            }
        };
        let length = frame.data_ref().map_or(0, Bytes::len) as u64;
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                Poll::Ready(Some(Ok(frame)))
            }
            None => {
                self.left = 0;
                self.fate.0.store(TOO_LARGE, Ordering::Relaxed);
                Poll::Ready(Some(Err(Error::HttpRequestBodySize(None))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .0
            .as_ref()
            .map(Body::size_hint)
            .unwrap_or_default()
    }
}

/// A response's body, which holds the request's place until it is sent.
pub(crate) struct Outgoing {
    /// What was read of it ahead, to be sent first: data, then what came behind it.
    ahead: Option<Bytes>,
    next: Option<Result<Frame<Bytes>, Error>>,
    /// `None` when all of it was read ahead.
    rest: Option<WasiBody>,
    _place: Option<OwnedSemaphorePermit>,
}

/// How long a response's head waits for its body, and how much of the body is read meanwhile. A component writes its body
/// after it has returned the head; sent one by one they are two packets, two wake-ups of the client, and chunks where a
/// length would do.
const GATHER_TIME: Duration = Duration::from_millis(1);
const GATHER_BYTES: usize = 64 << 10;

impl Outgoing {
    pub(crate) fn new(inner: WasiBody) -> Self {
        Self {
            ahead: None,
            next: None,
            rest: Some(inner),
            _place: None,
        }
    }

    pub(crate) fn holding(mut self, place: OwnedSemaphorePermit) -> Self {
        self._place = Some(place);
        self
    }

    /// Reads a small body that is there at once to its end, so that its length is known. A body that takes its time, or is
    /// long, is sent as it comes.
    pub(crate) async fn gather(&mut self) {
        if self.size_hint().exact().is_some() {
            return;
        }
        // Dropped half-way it has lost nothing: each frame is kept as soon as it is there.
        _ = tokio::time::timeout(GATHER_TIME, self.read_ahead()).await;
    }

    async fn read_ahead(&mut self) {
        while let Some(rest) = &mut self.rest {
            let data = match rest.frame().await {
                None => {
                    self.rest = None;
                    return;
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => data,
                    Err(trailers) => {
                        self.next = Some(Ok(trailers));
                        return;
                    }
                },
                Some(Err(error)) => {
                    self.next = Some(Err(error));
                    return;
                }
            };
            let ahead = match self.ahead.take() {
                None => data,
                Some(before) => [before, data].concat().into(),
            };
            let enough = ahead.len() >= GATHER_BYTES;
            self.ahead = Some(ahead);
            if enough {
                return;
            }
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(ahead) = self.ahead.take() {
            return Poll::Ready(Some(Ok(Frame::data(ahead))));
        }
        if let Some(next) = self.next.take() {
            return Poll::Ready(Some(next));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_none()
            && self.next.is_none()
            && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let ahead = self.ahead.as_ref().map_or(0, Bytes::len) as u64;
        let mut hint = match &self.rest {
            None => SizeHint::with_exact(0),
            Some(rest) => rest.size_hint(),
        };
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + ahead);
        }
        hint.set_lower(hint.lower() + ahead);
        hint
    }
}

/// A body that is all there.
pub(crate) fn full(bytes: impl Into<Bytes>) -> WasiBody {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::StreamBody;

    /// A body of these frames without a known length; it never ends if it `hangs`.
    fn streamed(frames: Vec<Result<Frame<Bytes>, Error>>, hangs: bool) -> Outgoing {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        for frame in frames {
            sender.send(frame).unwrap();
        }
        let kept = hangs.then_some(sender);
        let stream = futures::stream::unfold((receiver, kept), |(mut receiver, kept)| async {
            receiver.recv().await.map(|frame| (frame, (receiver, kept)))
        });
        Outgoing::new(StreamBody::new(stream).boxed_unsync())
    }

    fn data(text: &'static str) -> Result<Frame<Bytes>, Error> {
        Ok(Frame::data(text.into()))
    }

    #[tokio::test]
    async fn a_small_body_is_read_to_its_end() {
        let mut body = streamed(vec![data("one "), data("two")], false);
        assert_eq!(body.size_hint().exact(), None);
        body.gather().await;
        assert_eq!(body.size_hint().exact(), Some(7));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "one two");
        let mut empty = streamed(vec![], false);
        empty.gather().await;
        assert!(empty.is_end_stream());
        assert_eq!(empty.size_hint().exact(), Some(0));
    }

    #[tokio::test]
    async fn a_body_that_takes_its_time_is_sent_as_it_comes() {
        let mut body = streamed(vec![data("one")], true);
        body.gather().await;
        assert_eq!(body.size_hint().exact(), None);
        assert_eq!(body.size_hint().lower(), 3);
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "one");
        assert!(!body.is_end_stream());
    }

    #[tokio::test]
    async fn a_long_body_is_not_held_in_memory() {
        let block = || Ok(Frame::data(vec![0; GATHER_BYTES].into()));
        let mut body = streamed(vec![block(), block(), block()], false);
        body.gather().await;
        assert_eq!(body.ahead.as_ref().unwrap().len(), GATHER_BYTES);
        let all = body.collect().await.unwrap().to_bytes();
        assert_eq!(all.len(), 3 * GATHER_BYTES);
    }

    #[tokio::test]
    async fn what_comes_behind_the_data_stays_behind_it() {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x", http::HeaderValue::from_static("y"));
        let mut body = streamed(
            vec![data("one"), Ok(Frame::trailers(trailers.clone()))],
            false,
        );
        body.gather().await;
        let all = body.collect().await.unwrap();
        assert_eq!(all.trailers(), Some(&trailers));
        assert_eq!(all.to_bytes(), "one");

        let mut broken = streamed(vec![data("one"), Err(Error::ConnectionTerminated)], false);
        broken.gather().await;
        assert_eq!(broken.size_hint().exact(), None);
        let frame = broken.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "one");
        assert!(broken.frame().await.unwrap().is_err());
    }
}
