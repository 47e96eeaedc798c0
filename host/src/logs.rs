//! What a component prints becomes log events, one per line.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

/// A line longer than this is cut.
const MAX_LINE: usize = 16 << 10;

/// A component's standard output or error.
#[derive(Clone)]
pub(crate) struct GuestLog {
    component: Arc<str>,
    error: bool,
    line: Arc<Mutex<Vec<u8>>>,
}

impl GuestLog {
    pub(crate) fn new(component: Arc<str>, error: bool) -> Self {
        Self {
            component,
            error,
            line: Arc::default(),
        }
    }

    fn write(&self, bytes: &[u8]) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = MAX_LINE.saturating_sub(line.len());
            line.extend_from_slice(piece.get(..piece.len().min(room)).unwrap_or_default());
            if piece.ends_with(b"\n") || line.len() >= MAX_LINE {
                self.emit(&line);
                line.clear();
            }
        }
    }

    fn emit(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let component = &*self.component;
        if self.error {
            tracing::warn!(target: "assay_host::guest", component, "{text}");
        } else {
            tracing::info!(target: "assay_host::guest", component, "{text}");
        }
    }
}

impl Drop for GuestLog {
    fn drop(&mut self) {
        // The last handle: what was printed without a line break.
        if Arc::strong_count(&self.line) == 1 {
            self.emit(&self.line.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl IsTerminal for GuestLog {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestLog {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for GuestLog {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
