//! The wallet in a terminal, with a vault of its own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::group::Group;
use crate::program;

/// What unlocks the vaults of the tests.
pub const PASSPHRASE: &str = "seven quiet herons by the weir";

/// A made-up user: a folder, a passphrase file in it, a vault once `init` was called.
#[derive(Debug)]
pub struct Carnet {
    home: TempDir,
    relay: Option<String>,
}

/// How one command ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Carnet {
    /// Somebody without a vault yet.
    ///
    /// # Panics
    /// Where there is no room for temporary files.
    pub fn nobody() -> Self {
        let home = TempDir::with_prefix("carnet-test-").unwrap();
        std::fs::write(home.path().join("passphrase"), PASSPHRASE).unwrap();
        Self { home, relay: None }
    }

    /// Somebody with a new, empty vault.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub fn with_vault() -> Self {
        let carnet = Self::nobody();
        carnet.done(["init"]);
        carnet
    }

    /// The same, using this relay.
    #[must_use]
    pub fn using(mut self, relay: &str) -> Self {
        self.relay = Some(relay.to_owned());
        self
    }

    /// A folder for the test's own files, removed at the end.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The vault's folder.
    pub fn vault(&self) -> PathBuf {
        self.home.path().join("vault")
    }

    /// A command, not started yet.
    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(program("carnet"));
        self.dress(&mut command);
        if let Some(relay) = &self.relay {
            command.args(["--relay", relay]);
        }
        command.args(arguments);
        command
    }

    /// Gives a command this user's surroundings and nothing of the real user's.
    pub fn dress(&self, command: &mut Command) {
        command
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .env("LC_ALL", "C.UTF-8")
            .env_remove("CARNET_LANGUAGE")
            .env("CARNET_VAULT", self.vault())
            .env("CARNET_PASSPHRASE_FILE", self.home.path().join("passphrase"))
            .current_dir(self.home.path())
            .stdin(Stdio::null());
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must do what it was asked.
    ///
    /// # Panics
    /// Where it ends with anything but 0.
    pub fn done(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
        let command = self.command(arguments);
        let shown = format!("{:?}", command.get_args().collect::<Vec<_>>());
        let mut command = command;
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, 0, "carnet {shown} ended with {}\n{}\n{}", ran.code, ran.out, ran.err);
        ran
    }

    /// Runs a command with `--json` that must do what it was asked, and gives what it printed.
    ///
    /// # Panics
    /// Where it fails, or prints something else than JSON.
    pub fn json<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Value {
        let arguments: Vec<&str> = arguments.into_iter().chain(["--json"]).collect();
        self.done(arguments).json()
    }

    /// How many records the vault holds.
    ///
    /// # Panics
    /// Where the vault does not open.
    pub fn records(&self) -> u64 {
        self.json(["records", "--limit", "1"])["total"].as_u64().unwrap()
    }

    /// Starts a command and lets it run.
    pub fn start(&self, log: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Group {
        Group::start(&mut self.command(arguments), &self.home.path().join(log))
    }
}

impl Ran {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// Where it is not.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("not JSON ({error}):\n{}\n{}", self.out, self.err))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
