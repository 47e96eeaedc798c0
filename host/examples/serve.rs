//! Serves an application, or `Hello, world!` without an engine: the two ends of a measurement.
//!
//! `serve <spin.toml> <component folder> <data folder> <address>` or `serve --bare <address>`

use std::{convert::Infallible, error::Error, net::SocketAddr, time::Instant};

use assay_host::{Options, Server};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["--bare", address] => bare(address.parse()?).await,
        [manifest, components, data, address] => {
            let mut options = Options::new(manifest, data);
            options.component_dir = Some(components.into());
            options.listen = address.parse()?;
            let start = Instant::now();
            let server = Server::start(options).await?;
            eprintln!("ready after {:?} at {}", start.elapsed(), server.addr());
            server
                .run_until(async {
                    _ = tokio::signal::ctrl_c().await;
                })
                .await;
            Ok(())
        }
        _ => Err(
            "serve <spin.toml> <component folder> <data folder> <address> | serve --bare <address>"
                .into(),
        ),
    }
}

async fn bare(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let answer = hyper::service::service_fn(|_| async {
                Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from_static(
                    b"Hello, world!",
                ))))
            });
            _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}
