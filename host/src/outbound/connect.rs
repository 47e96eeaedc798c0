//! Makes connections, to allowed addresses only.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::networks::NetworkPolicy;

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Resolves, judges, connects.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) policy: NetworkPolicy,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the URL has no host")]
    NoHost,
    #[error("cannot resolve the host: {0}")]
    Resolve(io::Error),
    #[error("the address is in a blocked network")]
    Blocked,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("timed out")]
    Timeout,
}

impl Connector {
    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, ConnectError> {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let resolved: Vec<_> = tokio::net::lookup_host((name, port))
            .await
            .map_err(ConnectError::Resolve)?
            .collect();
        let mut last = if resolved.is_empty() {
            ConnectError::Resolve(io::Error::other("no address"))
        } else {
            ConnectError::Blocked
        };
        for address in resolved {
            if !self.policy.allows(name, address) {
                tracing::warn!(host = name, %address, "outbound connection refused: blocked network");
                continue;
            }
            match tokio::time::timeout(ATTEMPT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = ConnectError::Io(error),
                Err(_) => last = ConnectError::Timeout,
            }
        }
        Err(last)
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let host = uri.host().ok_or(ConnectError::NoHost)?;
            let default = if uri.scheme_str() == Some("https") {
                443
            } else {
                80
            };
            connector
                .connect(host, uri.port_u16().unwrap_or(default))
                .await
                .map(TokioIo::new)
        })
    }
}
