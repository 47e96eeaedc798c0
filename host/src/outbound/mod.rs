//! Requests that components make: what they may reach, and how it is reached.

mod allowed;
mod client;
mod connect;
mod networks;

use std::sync::{Arc, Weak};

use http::{Request, Response, Uri, header, uri::PathAndQuery};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

pub(crate) use self::{
    allowed::AllowedHosts, client::Client, connect::Connector, networks::NetworkPolicy,
};
use crate::{
    CallError,
    app::{App, ComponentInfo, Origin},
};

/// The domain of service chaining: `http://<component>.spin.internal`.
const CHAIN_SUFFIX: &str = ".spin.internal";
/// The host that SDKs without relative URLs use for requests to the application itself.
const SELF_HOST: &str = "self.alt";

/// The outgoing side of one instance.
pub(crate) struct Hooks {
    pub(crate) app: Weak<App>,
    pub(crate) component: Arc<ComponentInfo>,
}

type Finished = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Finished), Error>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _read: Finished,
    ) -> Sent {
        let (app, component) = (self.app.clone(), self.component.clone());
        Box::new(async move {
            let app = app.upgrade().ok_or(Error::ConnectionTerminated)?;
            let response = send(app, component, request, options).await?;
            Ok((response, Box::new(async { Ok(()) }) as Finished))
        })
    }
}

async fn send(
    app: Arc<App>,
    component: Arc<ComponentInfo>,
    mut request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<Response<WasiBody>, Error> {
    let host = request.uri().host().unwrap_or_default();
    if host.is_empty() || host == SELF_HOST {
        if !component.allowed_hosts.allows_self() {
            return Err(denied(&component, "self"));
        }
        let path = request
            .uri()
            .path_and_query()
            .cloned()
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        *request.uri_mut() = own_uri(&app, path)?;
        return app.route_internally(request).await.map_err(chain_error);
    }
    if !component.allowed_hosts.allows(request.uri()) {
        return Err(denied(&component, host));
    }
    if let Some(target) = host.strip_suffix(CHAIN_SUFFIX) {
        let target = target.to_owned();
        return app
            .invoke(&target, request, Origin::Chained)
            .await
            .map_err(chain_error);
    }
    // The client sets it from the URI; HTTP/2 servers may reject it.
    request.headers_mut().remove(header::HOST);
    app.services.client.send(request, options).await
}

fn own_uri(app: &App, path: PathAndQuery) -> Result<Uri, Error> {
    Uri::builder()
        .scheme("http")
        .authority(app.authority())
        .path_and_query(path)
        .build()
        .map_err(|_| Error::HttpRequestUriInvalid)
}

fn denied(component: &ComponentInfo, host: &str) -> Error {
    tracing::warn!(component = %component.id, host, "outbound request denied: not in allowed_outbound_hosts");
    Error::HttpRequestDenied
}

fn chain_error(error: CallError) -> Error {
    match error {
        CallError::NoSuchComponent(_) => Error::DestinationNotFound,
        CallError::Timeout(_) => Error::HttpResponseTimeout,
        CallError::Busy(_) => Error::ConnectionLimitReached,
        CallError::Draining => Error::ConnectionRefused,
        CallError::Failed { reason, .. } => Error::InternalError(Some(reason)),
    }
}
