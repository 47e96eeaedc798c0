//! The HTTP client: pooled connections, TLS with the public roots, no redirects, every wait bounded.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::{
    connect::{ConnectError, Connector},
    networks::NetworkPolicy,
};

/// Spin's default for each of a request's timeouts.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// Shared by all components: what they may reach is judged before it is used.
pub(crate) struct Client(legacy::Client<HttpsConnector<Connector>, WasiBody>);

impl Client {
    pub(crate) fn new(policy: NetworkPolicy) -> Self {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let roots = rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(roots).with_no_client_auth());
        let tls = match tls {
            Ok(tls) => tls,
            // The provider is compiled in and has cipher suites for the default versions.
            Err(error) => unreachable!("{error}"),
        };
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(Connector { policy });
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .build(connector);
        Self(client)
    }

    pub(crate) async fn send(
        &self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        let options = options.unwrap_or(RequestOptions {
            connect_timeout: None,
            first_byte_timeout: None,
            between_bytes_timeout: None,
        });
        let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
        // A pooled client does not tell the two apart; their sum bounds both.
        let limit = options
            .connect_timeout
            .map_or(first_byte, |connect| first_byte.saturating_add(connect));
        let between = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
        let response = match tokio::time::timeout(limit, self.0.request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(describe(&error)),
            Err(_) => return Err(Error::HttpResponseTimeout),
        };
        Ok(response.map(|body| {
            PatientBody {
                body: Some(body.map_err(Error::from)),
                wait: None,
                limit: between,
            }
            .boxed_unsync()
        }))
    }
}

fn describe(error: &legacy::Error) -> Error {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<ConnectError>() {
            return match refused {
                ConnectError::NoHost => Error::HttpRequestUriInvalid,
                ConnectError::Resolve(_) => Error::DnsError {
                    rcode: Some("address not available".into()),
                    info_code: None,
                },
                ConnectError::Blocked => Error::DestinationIpProhibited,
                ConnectError::Timeout => Error::ConnectionTimeout,
                ConnectError::Io(_) => Error::ConnectionRefused,
            };
        }
        if let Some(tls) = tls_error(cause) {
            tracing::debug!(%tls, "outbound TLS");
            return match tls {
                rustls::Error::InvalidCertificate(_) => Error::TlsCertificateError,
                _ => Error::TlsProtocolError,
            };
        }
        source = cause.source();
    }
    if error.is_connect() {
        Error::ConnectionRefused
    } else {
        Error::HttpProtocolError
    }
}

/// A TLS error, also one wrapped in an `io::Error`, whose `source` would skip it.
fn tls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = error.downcast_ref() {
        return Some(tls);
    }
    tls_error(error.downcast_ref::<std::io::Error>()?.get_ref()?)
}

/// A response body that fails when nothing arrives for too long.
struct PatientBody<B> {
    /// Dropped, and its connection with it, when the wait is over.
    body: Option<B>,
    wait: Option<Pin<Box<Sleep>>>,
    limit: Duration,
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for PatientBody<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(context) {
            this.wait = None;
            return Poll::Ready(frame);
        }
        let limit = this.limit;
        let wait = this
            .wait
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + limit)));
        ready!(wait.as_mut().poll(context));
        this.body = None;
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}
