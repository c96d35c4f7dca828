//! One HTTP request: blocking `ureq` on a thread of its own, with limits of time and size on every answer.

use crate::{Error, Reason, Result};
use std::io::Read;
use std::time::Duration;
use ureq::http::{HeaderMap, Request, Response, header};
use ureq::{Agent, Body};
use zeroize::Zeroizing;

/// How long to wait for a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection. Default 10 s.
    pub connect: Duration,
    /// For the beginning of the answer, once the request is sent. Default 30 s.
    pub answer: Duration,
    /// For everything together. Default 300 s: a publication over a slow line is large.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), answer: Duration::from_secs(30), whole: Duration::from_secs(300) }
    }
}

/// A client that keeps its connections. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Http {
    agent: Agent,
}

/// What to send.
#[derive(Default)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    /// The value of `Authorization`.
    pub(crate) bearer: Option<Zeroizing<String>>,
    pub(crate) json: Option<Vec<u8>>,
    /// The value of `If-None-Match`.
    pub(crate) tag: Option<String>,
    /// The most bytes of the answer's body.
    pub(crate) limit: usize,
}

/// What came back, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    /// The header `Carnet-Commitment-Index`.
    pub(crate) commitment_index: Option<u64>,
    /// The header `ETag`.
    pub(crate) tag: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What the readers of links and lists take of it.
impl From<Answer> for smart_health::Answer {
    fn from(answer: Answer) -> Self {
        Self { status: answer.status, retry_after: answer.retry_after, body: answer.body }
    }
}

impl Http {
    /// For one relay (`redirects: 0`, so that no token goes where it was not meant to) or for links (a few).
    pub(crate) fn new(base_url: &str, timeouts: Timeouts, redirects: u32) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(redirects)
            .max_redirects_will_error(false)
            // What began encrypted stays so.
            .https_only(base_url.starts_with("https://"))
            .user_agent("carnet")
            .timeout_connect(Some(timeouts.connect))
            .timeout_recv_response(Some(timeouts.answer))
            .timeout_global(Some(timeouts.whole));
        if is_loopback(base_url) {
            // A proxy elsewhere knows nothing of this machine.
            config = config.proxy(None);
        }
        Self { agent: config.build().new_agent() }
    }

    /// Sends on a thread for blocking work.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer> {
        self.blocking(move |http| http.send_blocking(&call)).await
    }

    /// Does several requests in a row on one such thread.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let http = self.clone();
        match tokio::task::spawn_blocking(move || work(&http)).await {
            Ok(done) => done,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Error::Stopping),
        }
    }

    pub(crate) fn send_blocking(&self, call: &Call) -> Result<Answer> {
        let mut request = Request::builder().method(call.method).uri(&call.url);
        if let Some(bearer) = &call.bearer {
            request = request.header(header::AUTHORIZATION, bearer.as_str());
        }
        if let Some(tag) = &call.tag {
            request = request.header(header::IF_NONE_MATCH, tag.as_str());
        }
        let answer = match &call.json {
            Some(json) => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.agent.run(request.body(json.as_slice()).map_err(|_| Error::BadAddress)?)
            }
            None => self.agent.run(request.body(()).map_err(|_| Error::BadAddress)?),
        };
        read(answer.map_err(explain)?, call.limit)
    }
}

/// Reads an answer up to its limit.
fn read(answer: Response<Body>, limit: usize) -> Result<Answer> {
    let status = answer.status().as_u16();
    let retry_after = text_header(answer.headers(), "retry-after");
    let tag = text_header(answer.headers(), "etag");
    let commitment_index = text_header(answer.headers(), "carnet-commitment-index").and_then(|text| text.parse().ok());
    let mut body = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    // ureq's own limit would be an error without a name; this one is ours.
    let reader = answer.into_body().into_with_config().limit(u64::MAX).reader();
    reader.take(most).read_to_end(&mut body).map_err(|error| explain(error.into()))?;
    if body.len() > limit {
        return Err(Error::TooLarge { limit });
    }
    Ok(Answer { status, retry_after, commitment_index, tag, body })
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// What a failure of the transport means.
fn explain(error: ureq::Error) -> Error {
    use std::io::ErrorKind;
    use ureq::Error as Transport;
    match error {
        Transport::Timeout(_) => Error::away(Reason::Timeout),
        Transport::HostNotFound | Transport::ConnectionFailed | Transport::ConnectProxyFailed(_) => {
            Error::away(Reason::NoConnection)
        }
        Transport::Io(error) => Error::away(match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Reason::Timeout,
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => Reason::Cut,
            // rustls reports a certificate it does not trust as invalid data.
            ErrorKind::InvalidData => Reason::NotSecure,
            _ => Reason::NoConnection,
        }),
        Transport::Tls(_) | Transport::Rustls(_) | Transport::TlsRequired | Transport::RequireHttpsOnly(_) => {
            Error::away(Reason::NotSecure)
        }
        Transport::BodyStalled => Error::away(Reason::Cut),
        Transport::BadUri(_) | Transport::Http(_) | Transport::InvalidProxyUrl => Error::BadAddress,
        Transport::LargeResponseHeader(_, limit) => Error::TooLarge { limit },
        Transport::Protocol(_) => Error::NotARelay { what: "it does not speak HTTP" },
        _ => Error::away(Reason::NoConnection),
    }
}

/// Checks and trims a relay's address.
pub(crate) fn check_base(url: &str) -> Result<String> {
    let url = url.trim().trim_end_matches('/');
    let usable =
        url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'@' | b'\\' | b'"' | b'<' | b'>'));
    let secure = url
        .strip_prefix("https://")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
    if usable && url.len() <= 256 && (secure || is_loopback(url)) { Ok(url.to_owned()) } else { Err(Error::BadAddress) }
}

/// Whether an address is one of this machine.
fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    host == "localhost"
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_at_the_door() {
        for (given, kept) in [
            ("https://relay.example.org/", "https://relay.example.org"),
            (" https://relay.example.org/carnet ", "https://relay.example.org/carnet"),
            ("http://127.0.0.1:8460", "http://127.0.0.1:8460"),
            ("http://localhost:1", "http://localhost:1"),
            ("http://[::1]:1", "http://[::1]:1"),
        ] {
            assert_eq!(check_base(given).unwrap(), kept);
        }
        for bad in [
            "",
            "relay.example.org",
            "http://relay.example.org",
            "http://127.0.0.1.example.org",
            "https://",
            "https://a@b",
            "https://a/?q",
            "ftp://127.0.0.1",
            "https://a b",
            "javascript://127.0.0.1",
        ] {
            let refused = matches!(check_base(bad), Err(Error::BadAddress));
            assert!(refused, "{bad}");
        }
    }
}
