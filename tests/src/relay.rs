//! A real relay in a process of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use carnet_test_servers::{Postgres, S3};
use tempfile::TempDir;

use crate::group::Group;
use crate::{http, program, wait_for};

/// A relay: running, or stopped with its data kept.
#[derive(Debug)]
pub struct Relay {
    data: TempDir,
    address: SocketAddr,
    process: Option<Group>,
    servers: Option<(Postgres, S3)>,
}

impl Relay {
    /// A relay that runs.
    ///
    /// # Panics
    /// Where it does not answer within ten seconds.
    pub fn start() -> Self {
        let mut relay = Self::not_yet_started();
        relay.resume();
        relay
    }

    /// A relay whose address is known and that is away.
    ///
    /// # Panics
    /// Where no port is free.
    pub fn not_yet_started() -> Self {
        let data = TempDir::with_prefix("carnet-relay-").unwrap();
        Self { data, address: free_address(), process: None, servers: None }
    }

    /// An operator's relay, which keeps everything but its keys in a PostgreSQL and a bucket, and logs all there is to log.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed, or the relay does not answer within ten seconds.
    pub fn on_servers() -> Self {
        let mut relay = Self { servers: Some((Postgres::start(), S3::start())), ..Self::not_yet_started() };
        relay.resume();
        relay
    }

    /// Every folder in which something of it is kept.
    pub fn folders(&self) -> Vec<PathBuf> {
        let servers = self.servers.iter().flat_map(|(postgres, s3)| [postgres.data(), s3.folder().to_owned()]);
        servers.chain([self.data()]).collect()
    }

    /// Where it logs.
    pub fn log(&self) -> PathBuf {
        self.data.path().join("relay.log")
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The folder it keeps everything in.
    pub fn data(&self) -> PathBuf {
        self.data.path().join("data")
    }

    /// Starts it, or starts it again with what it had.
    ///
    /// # Panics
    /// Where it does not answer within ten seconds.
    pub fn resume(&mut self) {
        let mut process = Group::start(&mut self.command(), &self.log());
        let health = format!("{}/health", self.url());
        wait_for("the relay's health", Duration::from_secs(10), || {
            assert!(!process.has_ended(), "the relay ended:\n{}", process.printed());
            http::send("GET", &health, None, Duration::from_secs(1)).filter(|answer| answer.status == 200)
        });
        self.process = Some(process);
    }

    fn command(&self) -> Command {
        let Some((postgres, s3)) = &self.servers else {
            let mut command = Command::new(program("carnet"));
            command.args(["relay", "--listen", &self.address.to_string(), "--data"]).arg(self.data());
            return command;
        };
        let mut command = Command::new(program("carnet-relay"));
        command
            .env("RUST_LOG", "trace")
            .env("CARNET_RELAY_LISTEN", self.address.to_string())
            .env("CARNET_RELAY_DATA", self.data())
            .env("CARNET_RELAY_DATABASE", postgres.url())
            .env("CARNET_RELAY_FILES", format!("s3://{}", S3::BUCKET))
            .env("CARNET_RELAY_S3_ENDPOINT", s3.endpoint())
            .env("CARNET_RELAY_S3_ACCESS_KEY_ID", S3::KEY_ID)
            .env("CARNET_RELAY_S3_SECRET_ACCESS_KEY", S3::KEY);
        command
    }

    /// Takes it away; its data stays.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop();
        }
    }

    /// Takes it away as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// What it has printed since it was last started.
    pub fn printed(&self) -> String {
        self.process.as_ref().map(Group::printed).unwrap_or_default()
    }
}

/// An address on this machine that nothing listens on.
///
/// # Panics
/// Where no port is free.
pub fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).unwrap()
}
