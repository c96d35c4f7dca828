//! The configuration: one TOML file, every value with a default that suits a small relay.

use crate::{Error, Result};
use carnet_consent::control::{MAX_FILES, MAX_OPENINGS, MAX_PASSCODE_ATTEMPTS, MAX_PUBLISH_BYTES};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// How a relay is set up. Unknown keys are refused, so that a misspelt limit does not silently stay at its default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// How the world reaches this relay, without a final slash, e.g. `https://relay.example.org`. Without it
    /// `http://` and the address it listens on.
    pub public_url: Option<String>,
    /// The folder of the database, the ciphertext, the ledger and its keys. Created if missing.
    pub data: PathBuf,
    /// The ledger's name, e.g. `relay.example.org`: the logs are called `<origin>/ledger/a` and `…/r`. Written into the
    /// data folder at the first start and never changed after; without it the host of `public_url`, or for a relay
    /// without one a random name.
    pub origin: Option<String>,
    /// The folder with the viewer's files, served at `/view`; without it those built in.
    pub viewer_dir: Option<PathBuf>,
    /// How soon after a change the ledger's head is signed, in milliseconds, 50 to 10,000.
    pub checkpoint_interval_ms: u64,
    /// How often an unchanged head is signed anew, in seconds, 1 to 60.
    pub heartbeat_s: u64,
    /// The header in which a proxy of yours names the client's address, e.g. `x-forwarded-for`. Its last value counts.
    /// Leave it out if clients can reach the relay directly.
    pub client_address_header: Option<String>,
    /// How the log is written.
    pub log: LogFormat,
    /// What one client, link or relay may use.
    pub limits: Limits,
}

/// How log lines are written to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person at a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// What one client, link or relay may use. Zero means without limit where it says so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest body of a publication, in bytes.
    pub body_bytes: usize,
    /// The largest body of any other request, in bytes.
    pub small_body_bytes: usize,
    /// The most files in one link.
    pub files: usize,
    /// The most ciphertext the relay stores in all, in bytes.
    pub total_bytes: u64,
    /// The longest a link may live, in days.
    pub lifetime_days: u32,
    /// The most openings of one link in its life, whatever the wallet asks for.
    pub openings: u32,
    /// The most wrong passcodes of one link in its life, whatever the wallet asks for.
    pub passcode_attempts: u32,
    /// The longest `recipient`, in characters; what is longer is cut.
    pub recipient_chars: usize,
    /// The largest file embedded in a manifest, in bytes, whatever the reader allows; larger ones get a location.
    pub embedded_bytes: usize,
    /// The requests that one live link answers in a minute before it says 429; 0: without limit.
    pub requests_a_minute_per_link: u32,
    /// The new links that one address may publish in an hour; 0: without limit.
    pub links_an_hour_per_address: u32,
    /// The ledger entries (commitments, withdrawals of links hosted elsewhere) that one address may submit in an hour;
    /// 0: without limit.
    pub entries_an_hour_per_address: u32,
    /// The connections served at once.
    pub connections: usize,
    /// How long a request may take, headers and body together, in seconds.
    pub request_s: u64,
    /// How long the receipts of an expired link wait for the wallet, in days.
    pub receipts_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8460)),
            public_url: None,
            data: PathBuf::from("relay-data"),
            origin: None,
            viewer_dir: None,
            checkpoint_interval_ms: 1_000,
            heartbeat_s: 60,
            client_address_header: None,
            log: LogFormat::Text,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: MAX_PUBLISH_BYTES,
            small_body_bytes: 16 << 10,
            files: MAX_FILES,
            total_bytes: 64 << 30,
            lifetime_days: 366,
            openings: 100_000,
            passcode_attempts: MAX_PASSCODE_ATTEMPTS,
            recipient_chars: 200,
            embedded_bytes: 1 << 20,
            requests_a_minute_per_link: 300,
            links_an_hour_per_address: 1_000,
            entries_an_hour_per_address: 1_000,
            connections: 4_096,
            request_s: 60,
            receipts_days: 400,
        }
    }
}

impl Config {
    /// Reads a configuration file, then the environment: `CARNET_RELAY_LISTEN`, `…_PUBLIC_URL`, `…_DATA`, `…_ORIGIN`
    /// and `…_VIEWER_DIR` replace what the file says. Relative folders are relative to the file.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, [`Error::Config`] if a value is unknown, malformed or out of bounds.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io("the configuration file", path, e))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder, |name| std::env::var(name).ok())
    }

    /// Checks every bound, as [`Config::load`] and [`Relay::start`](crate::Relay::start) do.
    ///
    /// # Errors
    /// [`Error::Config`] naming the value.
    pub fn check(&self) -> Result<()> {
        let bounds = [
            ("checkpoint_interval_ms", self.checkpoint_interval_ms, 50, 10_000),
            ("heartbeat_s", self.heartbeat_s, 1, 60),
            ("limits.body_bytes", self.limits.body_bytes as u64, 1 << 10, MAX_PUBLISH_BYTES as u64),
            ("limits.small_body_bytes", self.limits.small_body_bytes as u64, 1 << 10, 1 << 20),
            ("limits.files", self.limits.files as u64, 1, MAX_FILES as u64),
            ("limits.lifetime_days", self.limits.lifetime_days.into(), 1, 366),
            ("limits.openings", self.limits.openings.into(), 1, MAX_OPENINGS.into()),
            ("limits.passcode_attempts", self.limits.passcode_attempts.into(), 1, MAX_PASSCODE_ATTEMPTS.into()),
            ("limits.recipient_chars", self.limits.recipient_chars as u64, 20, 1_000),
            ("limits.embedded_bytes", self.limits.embedded_bytes as u64, 0, 64 << 20),
            ("limits.connections", self.limits.connections as u64, 1, 1 << 20),
            ("limits.request_s", self.limits.request_s, 1, 3_600),
        ];
        for (name, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(Error::Config(format!("`{name}` is {value}, but must be {least} to {most}")));
            }
        }
        if let Some(url) = &self.public_url {
            check_public_url(url)?;
        }
        if let Some(origin) = &self.origin {
            check_origin(origin)?;
        }
        if let Some(header) = &self.client_address_header {
            axum::http::HeaderName::from_bytes(header.as_bytes())
                .map_err(|_| Error::Config("`client_address_header` is not the name of a header".to_owned()))?;
        }
        if let Some(folder) = &self.viewer_dir {
            let index = folder.join("index.html");
            std::fs::metadata(&index).map_err(|e| Error::io("the viewer's first page", index, e))?;
        }
        Ok(())
    }

    fn parse(text: &str, folder: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut config: Self = toml::from_str(text).map_err(|e| Error::Config(e.message().to_owned()))?;
        config.data = folder.join(&config.data);
        config.viewer_dir = config.viewer_dir.map(|dir| folder.join(dir));
        if let Some(listen) = env("CARNET_RELAY_LISTEN") {
            let parsed = listen.parse();
            config.listen =
                parsed.map_err(|_| Error::Config("CARNET_RELAY_LISTEN is not an address and port".to_owned()))?;
        }
        config.public_url = env("CARNET_RELAY_PUBLIC_URL").or(config.public_url);
        config.origin = env("CARNET_RELAY_ORIGIN").or(config.origin);
        config.viewer_dir = env("CARNET_RELAY_VIEWER_DIR").map(PathBuf::from).or(config.viewer_dir);
        config.data = env("CARNET_RELAY_DATA").map_or(config.data, PathBuf::from);
        config.check()?;
        Ok(config)
    }
}

/// A link is `<public_url>/shl/<43 characters>` and may have 128 (SMART Health Links, "Construct a payload").
fn check_public_url(url: &str) -> Result<()> {
    const LONGEST: usize = 128 - "/shl/".len() - 43;
    let wrong = |why: &str| Err(Error::Config(format!("`public_url` {why}")));
    let Some((scheme, rest)) = url.split_once("://") else { return wrong("does not begin with https://") };
    if !matches!(scheme, "https" | "http") {
        return wrong("does not begin with https:// or http://");
    }
    if url.len() > LONGEST {
        return wrong("is longer than 80 characters, so that no link of it would fit the standard");
    }
    if rest.is_empty() || rest.ends_with('/') || !rest.bytes().all(|b| b.is_ascii_graphic()) {
        return wrong("has no host, ends in a slash or holds a space or a letter outside ASCII");
    }
    if rest.contains(['?', '#', '@', '\\', '"', '\'', ';', ',', '<', '>']) {
        return wrong("holds a character that does not belong there");
    }
    Ok(())
}

fn check_origin(origin: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'/' | b'_' | b':');
    if origin.is_empty() || origin.len() > 200 || !origin.bytes().all(fits) {
        return Err(Error::Config("`origin` must be 1 to 200 letters, digits and . - / _ :".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config> {
        Config::parse(text, Path::new("/etc/carnet"), |_| None)
    }

    #[test]
    fn an_empty_file_is_a_working_relay() {
        let config = parse("").unwrap();
        assert_eq!(config.data, Path::new("/etc/carnet/relay-data"));
        assert_eq!(Config { data: Config::default().data, ..config }, Config::default());
    }

    #[test]
    fn what_is_misspelt_or_out_of_bounds_is_refused_by_name() {
        for (text, name) in [
            ("lisen = '127.0.0.1:1'", "lisen"),
            ("[limits]\nbodybytes = 1", "bodybytes"),
            ("checkpoint_interval_ms = 10001", "checkpoint_interval_ms"),
            ("heartbeat_s = 61", "heartbeat_s"),
            ("public_url = 'ftp://x'", "public_url"),
            ("public_url = 'https://x/'", "public_url"),
            ("public_url = 'https://x?y'", "public_url"),
            ("origin = 'a b'", "origin"),
            ("client_address_header = 'x y'", "client_address_header"),
            ("limits = { files = 17 }", "limits.files"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(name), "{text}: {error}");
        }
        let long = format!("public_url = 'https://{}'", "x".repeat(80));
        assert!(parse(&long).is_err());
    }

    #[test]
    fn the_environment_replaces_the_file() {
        let env = |name: &str| match name {
            "CARNET_RELAY_LISTEN" => Some("[::1]:9".to_owned()),
            "CARNET_RELAY_DATA" => Some("/srv/relay".to_owned()),
            _ => None,
        };
        let config = Config::parse("listen = '127.0.0.1:1'\ndata = 'x'", Path::new("/etc"), env).unwrap();
        assert_eq!((config.listen.to_string().as_str(), config.data.as_path()), ("[::1]:9", Path::new("/srv/relay")));
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "(listen|data|origin|public_url|\\[limits\\]|files|=|'|\"|[0-9]|-|\\n|\\PC){0,40}") {
            if let Ok(config) = parse(&text) {
                proptest::prop_assert!(config.check().is_ok());
            }
        }
    }
}
