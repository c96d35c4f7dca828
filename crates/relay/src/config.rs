//! The configuration: one TOML file, every value with a default that suits a small relay, and the environment over it.

mod environment;
mod secret;

pub use secret::Secret;

use crate::files::Files;
use crate::store::Place;
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
    /// The folder of the database, the ciphertext, the ledger and its keys, as far as `database`, `files` and `keys` do not
    /// put them elsewhere. Created if missing.
    pub data: PathBuf,
    /// The address of a PostgreSQL, `postgres://user:password@host/database`, which several relays may share; without it
    /// a file of SQLite in the data folder.
    pub database: Option<Secret>,
    /// A bucket of any S3, `s3://bucket/prefix`, for ciphertext and the ledger's tiles; without it the data folder.
    pub files: Option<String>,
    /// How the bucket is reached.
    pub s3: S3,
    /// The folder of the ledger's keys; without it `keys` in the data folder. All relays on one database have the same.
    pub keys: Option<PathBuf>,
    /// The certificate to serve with. Without it the relay speaks plain HTTP and wants a proxy in front.
    pub tls: Option<Tls>,
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

/// How a bucket is reached. What is left out is taken from the `AWS_…` variables of the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// The server's address, e.g. `https://s3.example.org`; without it that of AWS for the region.
    pub endpoint: Option<String>,
    /// The region; `us-east-1` unless set.
    pub region: Option<String>,
    /// The name of the key.
    pub access_key_id: Option<String>,
    /// The key.
    pub secret_access_key: Option<Secret>,
    /// A PEM file of the authorities to trust; without it those of the web.
    pub ca_file: Option<PathBuf>,
    /// Where the bucket's name stands in addresses.
    pub addressing: Addressing,
}

/// Where a bucket's name stands in addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// `https://host/bucket/…`, which every server knows.
    #[default]
    Path,
    /// `https://bucket.host/…`. `s3.endpoint` then names the bucket as well.
    Virtual,
}

/// A certificate with its key, in PEM files. They are read again when the certificate's file changes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, and those between it and a known authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
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
    /// The most memory that the bodies of all requests being read or carried out may take together, in bytes; at least
    /// twice `body_bytes`. A sixteenth is kept for small ones, and one address may publish with a quarter at once.
    pub bodies_in_flight_bytes: usize,
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
    /// The connections of one address served at once; 0: without limit. Not counted behind a proxy, that is where
    /// `client_address_header` is set.
    pub connections_per_address: usize,
    /// How long a request may take, headers and body together, in seconds.
    pub request_s: u64,
    /// The openings of one link that are refused, because it is paused, over, exhausted, withdrawn or asked without its
    /// passcode, and leave a receipt; those without passcode at most half of them.
    pub refusals_per_link: u32,
    /// How long the receipts of an expired link wait for the wallet, in days.
    pub receipts_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8460)),
            public_url: None,
            data: PathBuf::from("relay-data"),
            database: None,
            files: None,
            s3: S3::default(),
            keys: None,
            tls: None,
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
            bodies_in_flight_bytes: 512 << 20,
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
            connections_per_address: 256,
            request_s: 60,
            refusals_per_link: 100,
            receipts_days: 400,
        }
    }
}

impl Config {
    /// Reads a configuration file, if there is one, then the environment: `CARNET_RELAY_` and a key in capitals replaces
    /// what the file says, e.g. `CARNET_RELAY_PUBLIC_URL`, `CARNET_RELAY_LIMITS_FILES`, `CARNET_RELAY_S3_ENDPOINT`.
    /// Relative paths in the file are relative to the file, those in the environment to the current folder.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read, [`Error::Config`] if a value is unknown, malformed or out of bounds.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let (text, folder) = match path {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|e| Error::io("the configuration file", path, e))?;
                (text, path.parent().unwrap_or(Path::new("")))
            }
            None => (String::new(), Path::new("")),
        };
        Self::parse(&text, folder, environment::ours(std::env::vars_os())?.into_iter())
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
            (
                "limits.bodies_in_flight_bytes",
                self.limits.bodies_in_flight_bytes as u64,
                (self.limits.body_bytes as u64).saturating_mul(2),
                1 << 40,
            ),
            ("limits.files", self.limits.files as u64, 1, MAX_FILES as u64),
            ("limits.lifetime_days", self.limits.lifetime_days.into(), 1, 366),
            ("limits.openings", self.limits.openings.into(), 1, MAX_OPENINGS.into()),
            ("limits.passcode_attempts", self.limits.passcode_attempts.into(), 1, MAX_PASSCODE_ATTEMPTS.into()),
            ("limits.recipient_chars", self.limits.recipient_chars as u64, 20, 1_000),
            ("limits.embedded_bytes", self.limits.embedded_bytes as u64, 0, 64 << 20),
            ("limits.connections", self.limits.connections as u64, 1, 1 << 20),
            ("limits.request_s", self.limits.request_s, 1, 3_600),
            ("limits.refusals_per_link", self.limits.refusals_per_link.into(), 0, 10_000),
            ("limits.receipts_days", self.limits.receipts_days.into(), 0, 36_500),
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
        self.place()?;
        if self.files.is_some() {
            Files::open(self)?;
        }
        if let Some(tls) = &self.tls {
            #[cfg(feature = "server")]
            crate::tls::Certificate::load(&tls.certificate, &tls.key)?;
            #[cfg(not(feature = "server"))]
            return Err(Error::Config(format!(
                "`tls` names {}, but this program was built without TLS",
                tls.key.display()
            )));
        }
        if let Some(folder) = &self.viewer_dir {
            let index = folder.join("index.html");
            std::fs::metadata(&index).map_err(|e| Error::io("the viewer's first page", index, e))?;
        }
        Ok(())
    }

    fn parse(text: &str, folder: &Path, env: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let malformed = |error: toml::de::Error| Error::Config(error.message().to_owned());
        let mut table: toml::Table = toml::from_str(text).map_err(malformed)?;
        environment::replace(&mut table, env)?;
        let mut config: Self = table.try_into().map_err(malformed)?;
        let paths =
            [Some(&mut config.data), config.viewer_dir.as_mut(), config.keys.as_mut(), config.s3.ca_file.as_mut()];
        let tls = config.tls.as_mut().map(|tls| [&mut tls.certificate, &mut tls.key]);
        for path in paths.into_iter().flatten().chain(tls.into_iter().flatten()) {
            *path = folder.join(&*path);
        }
        config.check()?;
        Ok(config)
    }

    /// Where the ledger's keys lie.
    pub(crate) fn keys_folder(&self) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| self.data.join("keys"))
    }

    /// Where the database is.
    pub(crate) fn place(&self) -> Result<Place> {
        let Some(url) = &self.database else { return Ok(Place::File(self.data.join("relay.db"))) };
        #[cfg(feature = "server")]
        {
            // What a parser says of an address may hold the password.
            let wrong = || Error::Config("`database` is not an address postgres://USER@HOST/DATABASE".to_owned());
            let known = url.expose().starts_with("postgres://") || url.expose().starts_with("postgresql://");
            let options = url.expose().parse().ok().filter(|_| known).ok_or_else(wrong)?;
            Ok(Place::Postgres(Box::new(options)))
        }
        #[cfg(not(feature = "server"))]
        {
            let _ = url;
            Err(Error::Config("`database` is set, but this program was built without PostgreSQL".to_owned()))
        }
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
        Config::parse(text, Path::new("/etc/carnet"), std::iter::empty())
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
            ("limits = { bodies_in_flight_bytes = 67108863 }", "limits.bodies_in_flight_bytes"),
            ("limits = { body_bytes = 2048, bodies_in_flight_bytes = 4095 }", "4096"),
            ("files = 'https://x'", "files"),
            ("s3 = { endpont = 'x' }", "endpont"),
            ("tls = { certificate = 'x' }", "key"),
            ("tls = { certificate = 'none.pem', key = 'none.key' }", "none"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(name), "{text}: {error}");
        }
        let long = format!("public_url = 'https://{}'", "x".repeat(80));
        assert!(parse(&long).is_err());
    }

    #[test]
    fn the_environment_replaces_the_file() {
        let env = [
            ("CARNET_RELAY_LISTEN", "[::1]:9"),
            ("CARNET_RELAY_DATA", "/srv/relay"),
            ("CARNET_RELAY_DATABASE", "postgres://relay:geheim@db/relay"),
            ("CARNET_RELAY_LIMITS_FILES", "3"),
            ("CARNET_RELAY_S3_REGION", "eu-central-1"),
            ("CARNET_RELAY_LOG", "json"),
            ("HOME", "/root"),
        ];
        let parse = |env: &[(&str, &str)]| {
            let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Config::parse("listen = '127.0.0.1:1'\ndata = 'x'\n[limits]\nfiles = 2", Path::new("/etc"), env)
        };
        let config = parse(&env).unwrap();
        assert_eq!((config.listen.to_string().as_str(), config.data.as_path()), ("[::1]:9", Path::new("/srv/relay")));
        assert_eq!((config.limits.files, config.log), (3, LogFormat::Json));
        assert_eq!(config.s3.region.as_deref(), Some("eu-central-1"));
        assert!(!format!("{config:?}").contains("geheim"));
        for (name, value, named) in [
            ("CARNET_RELAY_LISTENN", "x", "listenn"),
            ("CARNET_RELAY_LIMITS_FILE", "1", "file"),
            ("CARNET_RELAY_LIMITS_FILES", "many", "CARNET_RELAY_LIMITS_FILES"),
            ("CARNET_RELAY_DATABASE", "mysql://x:geheim@y/z", "database"),
        ] {
            let error = parse(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(named) && !error.contains("geheim"), "{error}");
        }
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
