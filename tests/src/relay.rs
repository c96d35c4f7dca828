//! A real relay in a process of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::group::Group;
use crate::{http, program, wait_for};

/// A relay: running, or stopped with its data kept.
#[derive(Debug)]
pub struct Relay {
    data: TempDir,
    address: SocketAddr,
    process: Option<Group>,
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
        Self { data, address: free_address(), process: None }
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
        let log = self.data.path().join("relay.log");
        let mut process = Group::start(
            Command::new(program("carnet"))
                .args(["relay", "--listen", &self.address.to_string(), "--data"])
                .arg(self.data()),
            &log,
        );
        let health = format!("{}/health", self.url());
        wait_for("the relay's health", Duration::from_secs(10), || {
            assert!(!process.has_ended(), "the relay ended:\n{}", process.printed());
            http::send("GET", &health, None, Duration::from_secs(1)).filter(|answer| answer.status == 200)
        });
        self.process = Some(process);
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
