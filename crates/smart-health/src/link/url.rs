//! The address inside a link: checked before it is written, and before anything is asked of it.

use crate::{Error, Result};
use std::fmt;

/// The address of a link's manifest (or file): an absolute `https` URL, or `http` on this machine.
///
/// It holds 256 random bits and so is a secret; its `Debug` shows the host only.
#[derive(Clone, PartialEq, Eq)]
pub struct ManifestUrl(String);

impl ManifestUrl {
    /// The most characters an address in a link may have ("Construct a SMART Health Link Payload").
    pub const MAX: usize = 128;

    /// Takes an address for writing.
    ///
    /// # Errors
    /// [`Error::UrlInvalid`], [`Error::UrlInsecure`] for `http` to another machine, [`Error::UrlTooLong`] beyond 128
    /// characters, [`Error::UrlGuessable`] if path and query are too short to hold 256 random bits.
    pub fn new(url: impl Into<String>) -> Result<Self> {
        let url = url.into();
        let parts = split(&url)?;
        if parts.reach() == Reach::Elsewhere {
            return Err(Error::UrlInsecure);
        }
        if url.len() > Self::MAX {
            return Err(Error::UrlTooLong { length: url.len(), limit: Self::MAX });
        }
        // 43 characters of base64url behind the first slash; how random they are cannot be seen.
        if parts.tail.len() < 44 {
            return Err(Error::UrlGuessable);
        }
        Ok(Self(url))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that will be asked, with its port if it names one: what a person should see before opening.
    pub fn host(&self) -> &str {
        split(&self.0).map(|parts| parts.authority).unwrap_or_default()
    }

    /// Whether it is plain `http` to whichever machine it is opened on: a relay for oneself, or a stranger's link that means a
    /// service of the reader's.
    pub fn is_loopback(&self) -> bool {
        split(&self.0).is_ok_and(|parts| parts.reach() == Reach::ThisMachine)
    }

    /// Takes a stranger's address: longer ones and plain `http` occur in the field and are for the reader to judge.
    pub(super) fn from_stranger(url: &str) -> Result<Self> {
        if url.len() > 2048 {
            return Err(Error::UrlTooLong { length: url.len(), limit: 2048 });
        }
        split(url).map(|_| Self(url.to_owned()))
    }
}

impl fmt::Debug for ManifestUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManifestUrl({}/…)", self.host())
    }
}

/// From where plain `http` is fetched. From nowhere by default: a stranger's address is no leave to ask what listens on the
/// reader's own machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PlainHttp {
    /// From this machine.
    pub(crate) loopback: bool,
    /// From others.
    pub(crate) elsewhere: bool,
}

/// Refuses what may not be fetched: anything but `https`, and the `http` that is allowed.
pub(crate) fn check_fetchable(url: &str, allowed: PlainHttp) -> Result<()> {
    let is_allowed = match split(url)?.reach() {
        Reach::Secure => true,
        Reach::ThisMachine => allowed.loopback,
        Reach::Elsewhere => allowed.elsewhere,
    };
    if is_allowed { Ok(()) } else { Err(Error::UrlInsecure) }
}

/// How an address is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// By `https`.
    Secure,
    /// By plain `http` that does not leave this machine.
    ThisMachine,
    /// By plain `http` that does.
    Elsewhere,
}

/// An address taken apart.
struct Parts<'a> {
    secure: bool,
    authority: &'a str,
    /// Path and query.
    tail: &'a str,
}

impl Parts<'_> {
    fn reach(&self) -> Reach {
        let host = match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => self.authority,
        };
        let lower = host.to_ascii_lowercase();
        let loopback = lower == "localhost"
            || lower.ends_with(".localhost")
            || lower == "[::1]"
            || lower.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
        match (self.secure, loopback) {
            (true, _) => Reach::Secure,
            (false, true) => Reach::ThisMachine,
            (false, false) => Reach::Elsewhere,
        }
    }
}

/// Takes apart what every URL parser takes apart the same way, and refuses the rest: other schemes, credentials,
/// fragments, white space, backslashes, characters outside ASCII.
fn split(url: &str) -> Result<Parts<'_>> {
    let usable = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>' | b'`' | b'#');
    if !url.bytes().all(usable) {
        return Err(Error::UrlInvalid);
    }
    let (scheme, rest) = url.split_once("://").ok_or(Error::UrlInvalid)?;
    let secure = scheme.eq_ignore_ascii_case("https");
    if !secure && !scheme.eq_ignore_ascii_case("http") {
        return Err(Error::UrlInvalid);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).ok_or(Error::UrlInvalid)?;
    let host_like = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let named = authority.bytes().any(|b| b.is_ascii_alphanumeric());
    if !named || authority.starts_with(':') || !authority.bytes().all(host_like) {
        return Err(Error::UrlInvalid);
    }
    Ok(Parts { secure, authority, tail })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM";

    #[test]
    fn writes_https_and_loopback_only() {
        for good in
            ["https://relay.example.org/shl/", "http://127.0.0.1:8080/shl/", "http://localhost/", "http://[::1]:1/"]
        {
            assert!(ManifestUrl::new(format!("{good}{ID}")).is_ok(), "{good}");
        }
        for bad in ["http://relay.example.org/", "http://127.0.0.1.example.org/", "http://localhost.example.org/"] {
            assert_eq!(ManifestUrl::new(format!("{bad}{ID}")), Err(Error::UrlInsecure), "{bad}");
        }
        for bad in [
            "javascript:alert(1)//",
            "https:/",
            "https:///",
            "https://a b/",
            "https://u:p@host/",
            "//host/",
            "ftp://host/",
            "https://ho\\st/",
        ] {
            assert_eq!(ManifestUrl::new(format!("{bad}{ID}")).err(), Some(Error::UrlInvalid), "{bad}");
        }
    }

    #[test]
    fn plain_http_is_fetched_from_where_it_is_allowed() {
        let (here, there) = ("http://127.0.0.1:5984/_session", "http://files.example.org/a");
        let allow = |loopback, elsewhere| PlainHttp { loopback, elsewhere };
        for (allowed, here_fits, there_fits) in [
            (PlainHttp::default(), false, false),
            (allow(true, false), true, false),
            (allow(false, true), false, true),
            (allow(true, true), true, true),
        ] {
            assert_eq!(check_fetchable(here, allowed).is_ok(), here_fits, "{allowed:?}");
            assert_eq!(check_fetchable(there, allowed).is_ok(), there_fits, "{allowed:?}");
            assert!(check_fetchable("https://127.0.0.1/", allowed).is_ok());
        }
        for (url, loopback) in [(here, true), ("http://[::1]/", true), (there, false), ("https://localhost/", false)] {
            assert_eq!(ManifestUrl::from_stranger(url).unwrap().is_loopback(), loopback, "{url}");
        }
    }

    #[test]
    fn length_and_entropy_are_checked_when_writing() {
        assert_eq!(ManifestUrl::new("https://example.org/short"), Err(Error::UrlGuessable));
        let exact = format!("https://example.org/{ID}{}", "x".repeat(128 - 20 - 43));
        assert_eq!(exact.len(), 128);
        assert!(ManifestUrl::new(exact.clone()).is_ok());
        assert_eq!(ManifestUrl::new(exact + "x"), Err(Error::UrlTooLong { length: 129, limit: 128 }));
    }

    #[test]
    fn debug_shows_the_host_only() {
        let url = ManifestUrl::new(format!("https://relay.example.org/shl/{ID}")).unwrap();
        assert_eq!(format!("{url:?}"), "ManifestUrl(relay.example.org/…)");
    }
}
