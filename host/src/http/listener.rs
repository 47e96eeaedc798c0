//! Accepts connections, and lets go of them in an orderly way.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::inbound::Inbound;

/// Serves until `stop` changes, then lets each connection finish the request it is at.
pub(crate) async fn serve(
    listener: TcpListener,
    inbound: Arc<Inbound>,
    mut stop: watch::Receiver<bool>,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(inbound.app.limits.header_timeout);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .max_concurrent_streams(256);
    let connections = GracefulShutdown::new();
    loop {
        let (stream, client) = tokio::select! {
            biased;
            _ = stop.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    survive(&error).await;
                    continue;
                }
            },
        };
        let connection = builder
            .serve_connection(
                TokioIo::new(prepare(stream)),
                service(inbound.clone(), client),
            )
            .into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%client, error, "connection ended");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

fn prepare(stream: TcpStream) -> TcpStream {
    // Responses are small and written whole: waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "set_nodelay");
    }
    stream
}

fn service(
    inbound: Arc<Inbound>,
    client: SocketAddr,
) -> impl hyper::service::Service<
    hyper::Request<hyper::body::Incoming>,
    Response = hyper::Response<super::body::Outgoing>,
    Error = std::convert::Infallible,
    Future: Send + 'static,
> {
    service_fn(move |request| {
        let inbound = inbound.clone();
        async move { Ok(inbound.handle(request, client).await) }
    })
}

/// A client that has gone is its own affair; too many open files pass, but not at once.
async fn survive(error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) {
        tracing::warn!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
