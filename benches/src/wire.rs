//! One HTTP/1.1 connection that knows when the last byte of an answer came in.
//!
//! A client library would add a pool, a resolver and its own first-use costs to figures of a millisecond.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longer than anything that is measured here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request.
#[derive(Clone)]
pub(crate) struct Call {
    /// The method.
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) path: &'static str,
    /// A JSON body; empty for none.
    pub(crate) body: &'static str,
}

impl Call {
    /// `GET` of a path.
    pub(crate) const fn get(path: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            body: "",
        }
    }

    /// `POST` of JSON to a path.
    pub(crate) const fn post(path: &'static str, body: &'static str) -> Self {
        Self {
            method: "POST",
            path,
            body,
        }
    }
}

/// An open connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    authorization: String,
}

impl Connection {
    /// Connects; `authorization` goes with each request.
    pub(crate) fn open(addr: SocketAddr, authorization: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream: BufReader::new(stream),
            authorization: authorization.to_owned(),
        })
    }

    /// Sends a request and reads the whole answer. Gives the status and how long it took.
    pub(crate) fn exchange(&mut self, call: &Call) -> Result<(u16, Duration)> {
        let request = format!(
            "{} {} HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{}",
            call.method,
            call.path,
            self.authorization,
            call.body.len(),
            call.body
        );
        let began = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = read_answer(&mut self.stream, &mut std::io::sink())
            .with_context(|| format!("{} {}", call.method, call.path))?;
        Ok((status, began.elapsed()))
    }

    /// `POST` of a body of any type. Gives the status.
    pub(crate) fn post(&mut self, path: &str, media_type: &str, body: &[u8]) -> Result<u16> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\ncontent-type: {media_type}\r\n\
             content-length: {}\r\n\r\n",
            self.authorization,
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        read_answer(&mut self.stream, &mut std::io::sink()).with_context(|| format!("POST {path}"))
    }

    /// `GET` of a path. Gives the body and how long it took; anything but success is an error that shows the body.
    pub(crate) fn get(&mut self, path: &str) -> Result<(Vec<u8>, Duration)> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\n\r\n",
            self.authorization
        );
        let mut body = Vec::new();
        let began = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status =
            read_answer(&mut self.stream, &mut body).with_context(|| format!("GET {path}"))?;
        let took = began.elapsed();
        if !(200..300).contains(&status) {
            let said: String = String::from_utf8_lossy(&body).chars().take(300).collect();
            bail!("GET {path} was answered {status}: {said}");
        }
        Ok((body, took))
    }

    /// Like [`Self::exchange`], and anything but success is an error.
    pub(crate) fn succeed(&mut self, call: &Call) -> Result<Duration> {
        let (status, took) = self.exchange(call)?;
        if !(200..300).contains(&status) {
            bail!("{} {} was answered {status}", call.method, call.path);
        }
        Ok(took)
    }
}

/// Reads one answer to its end, its body into `to`, and gives its status.
fn read_answer(from: &mut impl BufRead, to: &mut impl Write) -> Result<u16> {
    let head = read_line(from)?;
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .with_context(|| format!("no status in `{head}`"))?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let line = read_line(from)?.to_ascii_lowercase();
        match line.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse()?,
            Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
            Some(_) => {}
            None if line.is_empty() => break,
            None => bail!("no header: `{line}`"),
        }
    }
    if !chunked {
        copy(from, length, to)?;
        return Ok(status);
    }
    loop {
        let size = u64::from_str_radix(read_line(from)?.trim(), 16)?;
        copy(from, size, to)?;
        copy(from, 2, &mut std::io::sink())?;
        if size == 0 {
            return Ok(status);
        }
    }
}

fn read_line(from: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        bail!("the connection was closed");
    }
    Ok(line.trim_end().to_owned())
}

fn copy(from: &mut impl Read, bytes: u64, to: &mut impl Write) -> Result<()> {
    let read = std::io::copy(&mut from.take(bytes), to)?;
    if read != bytes {
        bail!("the answer broke off");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_end() {
        let plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        let chunked = "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let both = format!("{plain}{chunked}");
        let mut stream = both.as_bytes();
        let mut body = Vec::new();
        assert_eq!(read_answer(&mut stream, &mut body).unwrap(), 200);
        assert_eq!(read_answer(&mut stream, &mut body).unwrap(), 404);
        assert_eq!(body, b"hiabc");
        assert!(stream.is_empty());
        assert!(read_answer(&mut stream, &mut body).is_err());
        assert!(read_answer(&mut &plain.as_bytes()[..30], &mut body).is_err());
    }
}
