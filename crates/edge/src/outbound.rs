//! Calls to the world: time limits, size limits, and no way into private networks through a user-given URL.
//!
//! A literal address is judged here; a name is judged again by the engine at connect time, on the address it resolved
//! to, so that a name that changes its mind in between (DNS rebinding) gains nothing. Redirects are not followed.

use crate::clock::{self, started};
use crate::config::PrivateTargets;
use crate::named_secrets::{Filled, Signed, fill};
use crate::platform::Platform;
use crate::progress::Progress;
use crate::secrets::{OpenError, Secret};
use assay_model::{SealedSecret, SecretHeader};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::{Either, select};
use http::{HeaderMap, Method, StatusCode};
use spin_sdk::http::FullBody;
use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::wasip3::http::types::ErrorCode;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::pin;
use std::time::Duration;
use url::{Host, Url};

/// A call to make.
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// The headers, without the credential.
    pub headers: Vec<(String, String)>,
    /// The credential, sealed; opened here and nowhere else.
    pub credential: Option<SealedHeader>,
    /// Headers that name secrets of the workspace; those are opened with the call.
    pub secret_headers: Vec<SecretHeader>,
    /// The secrets, sealed, by name.
    pub secrets: BTreeMap<String, SealedSecret>,
    /// The body.
    pub body: Vec<u8>,
    /// How long the whole exchange may take, in milliseconds.
    pub timeout_ms: u64,
    /// Most bytes the answer's body may have.
    pub max_bytes: usize,
}

/// A header whose secret rests in an envelope.
pub struct SealedHeader {
    /// The header's name.
    pub name: String,
    /// What stands before the secret, e.g. `Bearer `.
    pub prefix: &'static str,
    /// The user of Basic authentication: user and secret go out together, in base64.
    pub user: Option<String>,
    /// The place the envelope belongs to, e.g. `agents/<id>/credential`.
    pub place: String,
    /// The envelope.
    pub envelope: String,
}

/// What came back.
#[derive(Debug)]
pub struct Incoming {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why a call failed: what follows "the agent" or "the judge". The texts hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The URL is not one that may be called.
    #[error("may not be called: {0}")]
    Forbidden(String),
    /// No connection, or it broke.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// TLS failed.
    #[error("cannot be reached: TLS: {0}")]
    Tls(String),
    /// No whole answer in time.
    #[error("gave no answer within {0} ms")]
    Timeout(u64),
    /// The answer is larger than the cap.
    #[error("gave an answer larger than {0} bytes")]
    TooLarge(usize),
    /// What came back is not HTTP.
    #[error("gave an answer that is not HTTP: {0}")]
    Protocol(String),
    /// The stored credential cannot be opened.
    #[error("could not be called, its stored credential cannot be opened: {0}")]
    Credential(#[from] OpenError),
}

/// Proves that a user-given URL may be called.
///
/// # Errors
/// [`OutboundError::Forbidden`], with the reason.
pub fn check_url(url: &str, private: &PrivateTargets) -> Result<Url, OutboundError> {
    let forbidden = |text: String| Err(OutboundError::Forbidden(text));
    let parsed = match Url::parse(url) {
        Ok(parsed) => parsed,
        Err(e) => return forbidden(format!("`{url}` is not a URL: {e}")),
    };
    if !matches!(parsed.scheme(), "http" | "https") {
        return forbidden(format!("`{}` is not http or https", parsed.scheme()));
    }
    // The URL parser has already turned decimal, octal and hex spellings of IPv4 addresses into addresses.
    let (private_host, loopback) = match parsed.host() {
        None => return forbidden("the URL names no host".into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            if name.ends_with(".spin.internal") || name == "spin.internal" {
                return forbidden("components of the platform cannot be called".into());
            }
            let loopback = name == "localhost" || name.ends_with(".localhost");
            (
                loopback || name.ends_with(".internal") || name.ends_with(".local"),
                loopback,
            )
        }
        Some(Host::Ipv4(ip)) => (!is_public(ip.into()), ip.is_loopback()),
        Some(Host::Ipv6(ip)) => {
            let mapped = ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4);
            (!is_public(mapped), mapped.is_loopback())
        }
    };
    let allowed = match private {
        PrivateTargets::Denied => !private_host,
        PrivateTargets::Loopback => !private_host || loopback,
        PrivateTargets::All => true,
    };
    if allowed {
        Ok(parsed)
    } else {
        forbidden(format!(
            "`{}` is a private address; the operator can allow it with `allow_private_targets`",
            parsed.host_str().unwrap_or_default()
        ))
    }
}

/// Whether an address is of the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (b == 18 || b == 19);
            let protocol = a == 192 && b == 0 && c == 0;
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || shared
                || benchmark
                || protocol)
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            let unique_local = first & 0xfe00 == 0xfc00;
            let link_local = first & 0xffc0 == 0xfe80;
            let documentation = first == 0x2001 && second == 0x0db8;
            let embeds_v4 = first == 0x0064 && second == 0xff9b || first == 0x2002;
            !(ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || unique_local
                || link_local
                || documentation
                || embeds_v4
                || embedded_v4(ip).is_some())
        }
    }
}

fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    ip.to_ipv4().filter(|_| !ip.is_loopback())
}

/// Makes a call to a user-given URL. What comes in is in `progress` meanwhile.
///
/// # Errors
/// [`OutboundError`]; an HTTP status, whatever it is, is not an error here.
pub async fn send(
    mut out: Outgoing,
    platform: &Platform,
    progress: &Progress,
) -> Result<Incoming, OutboundError> {
    let mut url = check_url(&out.url, &platform.config.private_targets)?;
    if platform.config.is_own_store(&url) {
        let detail = "it is a store of the platform".to_owned();
        return Err(OutboundError::Forbidden(detail));
    }
    let signed = Signed {
        time_s: clock::now().micros() / 1_000_000,
        body: &out.body,
    };
    let Filled {
        headers,
        mut values,
    } = fill(
        &out.secret_headers,
        &out.secrets,
        &url,
        &platform.keyring,
        &signed,
    )?;
    for (name, value) in headers {
        // A path cannot lead to another host.
        if name == SecretHeader::PATH {
            url.set_path(&value);
        } else {
            out.headers.push((name, value));
        }
    }
    if let Some(sealed) = out.credential.take() {
        let secret = platform.keyring.open(&sealed.place, &sealed.envelope)?;
        let shown = match &sealed.user {
            Some(user) => Secret::new(STANDARD.encode(format!("{user}:{}", secret.expose()))),
            None => secret.clone(),
        };
        let value = format!("{}{}", sealed.prefix, shown.expose());
        out.headers.push((sealed.name, value));
        values.extend([shown, secret]);
    }
    for value in &values {
        if value.expose().len() >= SHORTEST_ECHO {
            progress.hide(value.expose());
        }
    }
    let mut incoming = send_unchecked(out, &url, progress).await?;
    for value in &values {
        incoming.body = without(incoming.body, value.expose());
    }
    Ok(incoming)
}

/// Shortest secret that is looked for in an answer: a shorter one would be found where it is none.
const SHORTEST_ECHO: usize = 6;

/// The answer without the credential that it was asked with: some servers show it in their errors, and what they say is kept
/// and shown.
fn without(body: Bytes, secret: &str) -> Bytes {
    if secret.len() < SHORTEST_ECHO {
        return body;
    }
    let escaped = serde_json::Value::from(secret).to_string();
    let escaped = escaped.trim_matches('"');
    let text = String::from_utf8_lossy(&body);
    if !text.contains(secret) && !text.contains(escaped) {
        return body;
    }
    let text = text.replace(escaped, "[credential]");
    Bytes::from(text.replace(secret, "[credential]"))
}

/// Makes a call to a URL that the operator configured, such as ClickHouse's.
///
/// # Errors
/// [`OutboundError`].
pub async fn send_to_configured(out: Outgoing) -> Result<Incoming, OutboundError> {
    let url =
        Url::parse(&out.url).map_err(|e| OutboundError::Forbidden(format!("not a URL: {e}")))?;
    send_unchecked(out, &url, &Progress::default()).await
}

async fn send_unchecked(
    out: Outgoing,
    url: &Url,
    progress: &Progress,
) -> Result<Incoming, OutboundError> {
    let (timeout_ms, max_bytes) = (out.timeout_ms, out.max_bytes);
    let exchange = pin!(exchange(out, url, progress));
    let deadline = pin!(spin_sdk::time::sleep(Duration::from_millis(timeout_ms)));
    match select(exchange, deadline).await {
        Either::Left((result, _)) => result.map_err(|e| match e {
            OutboundError::Timeout(_) => OutboundError::Timeout(timeout_ms),
            OutboundError::TooLarge(_) => OutboundError::TooLarge(max_bytes),
            e => e,
        }),
        Either::Right(_) => Err(OutboundError::Timeout(timeout_ms)),
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "chain and outbound are the two ways out"
)]
async fn exchange(
    out: Outgoing,
    url: &Url,
    progress: &Progress,
) -> Result<Incoming, OutboundError> {
    let mut request = http::Request::builder()
        .method(out.method)
        .uri(url.as_str());
    for (name, value) in &out.headers {
        request = request.header(name, value);
    }
    // Without a length the body would go out in chunks, which simple servers do not read.
    request = request.header(http::header::CONTENT_LENGTH, out.body.len());
    let request = request
        .body(FullBody::new(Bytes::from(out.body)))
        .map_err(|_| {
            OutboundError::Forbidden(
                "the request cannot be made: a header or the URL is not valid".into(),
            )
        })?;
    let response = started(spin_sdk::http::send(request))
        .await
        .map_err(classify)?;
    let (parts, body) = response.into_parts();
    let declared = parts
        .headers
        .get(http::header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|n| n > out.max_bytes) {
        return Err(OutboundError::TooLarge(out.max_bytes));
    }
    let mut stream = body.stream();
    progress.begins(parts.status.is_success());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(classify)?;
        if progress.len() + chunk.len() > out.max_bytes {
            return Err(OutboundError::TooLarge(out.max_bytes));
        }
        progress.came(&chunk);
    }
    Ok(Incoming {
        status: parts.status,
        headers: parts.headers,
        body: progress.whole(),
    })
}

fn classify(code: ErrorCode) -> OutboundError {
    use ErrorCode as E;
    match code {
        E::HttpRequestDenied | E::DestinationIpProhibited => {
            OutboundError::Forbidden(
                "its name leads to a private address; the operator can allow it with `allow_private_targets`".into(),
            )
        }
        E::ConnectionTimeout
        | E::HttpResponseTimeout
        | E::ConnectionReadTimeout
        | E::ConnectionWriteTimeout => OutboundError::Timeout(0),
        E::TlsCertificateError => OutboundError::Tls("the certificate is not valid".into()),
        E::TlsProtocolError | E::TlsAlertReceived(_) => {
            OutboundError::Tls("the handshake failed".into())
        }
        E::HttpResponseBodySize(_) => OutboundError::TooLarge(0),
        E::HttpProtocolError
        | E::HttpResponseIncomplete
        | E::HttpResponseHeaderSectionSize(_)
        | E::HttpResponseHeaderSize(_)
        | E::HttpResponseTransferCoding(_)
        | E::HttpResponseContentCoding(_) => OutboundError::Protocol(readable(&code)),
        E::ConnectionRefused => OutboundError::Unreachable("the connection was refused".into()),
        E::ConnectionTerminated => OutboundError::Unreachable("the connection was closed".into()),
        E::DestinationNotFound | E::DnsTimeout | E::DnsError(_) => {
            OutboundError::Unreachable("the host name cannot be resolved".into())
        }
        E::DestinationUnavailable | E::DestinationIpUnroutable => {
            OutboundError::Unreachable("there is no way to the host".into())
        }
        other => OutboundError::Unreachable(readable(&other)),
    }
}

/// `ErrorCode::HttpResponseIncomplete` as `http response incomplete`.
fn readable(code: &ErrorCode) -> String {
    let text = code.to_string();
    let name = text.trim_start_matches("ErrorCode::");
    let mut words = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, private: &PrivateTargets, ok: bool) {
        assert_eq!(check_url(url, private).is_ok(), ok, "{url} {private:?}");
    }

    #[test]
    fn private_addresses_in_every_spelling() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://[64:ff9b::a00:1]/",
            "http://[2002:a00:1::]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://metadata.google.internal/",
            "http://printer.local/",
        ] {
            check(url, &PrivateTargets::Denied, false);
        }
        check("https://api.example.com/v1", &PrivateTargets::Denied, true);
        check("http://8.8.8.8/", &PrivateTargets::Denied, true);
        check("http://[2606:4700::1111]/", &PrivateTargets::Denied, true);
    }

    #[test]
    fn loopback_can_be_allowed_alone() {
        check("http://127.0.0.1:8080/", &PrivateTargets::Loopback, true);
        check("http://localhost:8080/", &PrivateTargets::Loopback, true);
        check("http://[::1]:8080/", &PrivateTargets::Loopback, true);
        check("http://10.0.0.1/", &PrivateTargets::Loopback, false);
        check("http://169.254.169.254/", &PrivateTargets::Loopback, false);
        check("http://10.0.0.1/", &PrivateTargets::All, true);
    }

    #[test]
    fn echoed_credentials_are_taken_out() {
        let check = |body: &str, secret: &str, expected: &str| {
            let body = without(Bytes::from(body.to_owned()), secret);
            assert_eq!(body, expected.as_bytes());
        };
        check(
            "you sent Bearer sk-1234",
            "sk-1234",
            "you sent Bearer [credential]",
        );
        check("nothing of it", "sk-1234", "nothing of it");
        check(
            r#"{"got": "a\"bcdef"}"#,
            "a\"bcdef",
            r#"{"got": "[credential]"}"#,
        );
        check("abc", "abc", "abc");
        let body = without(Bytes::from_static(b"\xff sk-1234"), "sk-1234");
        assert!(!body.windows(7).any(|w| w == b"sk-1234"));
    }

    #[test]
    fn components_are_never_targets() {
        check(
            "http://identity.spin.internal/internal/boot",
            &PrivateTargets::All,
            false,
        );
        check(
            "http://identity.SPIN.internal./x",
            &PrivateTargets::All,
            false,
        );
        check("file:///etc/passwd", &PrivateTargets::All, false);
        check("gopher://x/", &PrivateTargets::All, false);
    }
}
