//! The binary as a person or a script would run it, in a folder of its own.

use carnet_records::generator::{PatientSpec, patient_bytes};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

pub(crate) const DONE: i32 = 0;
pub(crate) const FAILED: i32 = 1;
pub(crate) const USAGE: i32 = 2;
pub(crate) const LOCKED: i32 = 3;
pub(crate) const AWAY: i32 = 4;

/// A folder with a wallet and its passphrase.
pub(crate) struct Carnet {
    pub(crate) folder: TempDir,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program was not killed"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {}", self.stdout))
    }

    /// The word for what went wrong.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        let value: Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error} in {}", self.stderr));
        assert!(value["message"].as_str().is_some_and(|message| message.len() > 10));
        value["error"].as_str().unwrap().to_owned()
    }
}

/// The program with nothing of this machine's own wallet in its environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carnet"));
    for name in ["CARNET_VAULT", "CARNET_PASSPHRASE_FILE", "CARNET_RELAY", "HOME", "XDG_DATA_HOME"] {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8").env_remove("CARNET_LANGUAGE").stdin(Stdio::null());
    command
}

pub(crate) fn run_bare(args: &[&str]) -> Ended {
    Ended::of(program().args(args).output().unwrap())
}

impl Carnet {
    /// A folder with a passphrase and no wallet yet.
    pub(crate) fn empty() -> Self {
        let carnet = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(carnet.path("passphrase"), "correct horse battery\n").unwrap();
        carnet
    }

    /// With a wallet.
    pub(crate) fn new() -> Self {
        let carnet = Self::empty();
        carnet.run(&["init", "--name", "Ana Example"]).expect(DONE);
        carnet
    }

    /// With a wallet that has records.
    pub(crate) fn with_records() -> Self {
        let carnet = Self::new();
        let file = carnet.hospital(60);
        carnet.run(&["import", &file]).expect(DONE);
        carnet
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text_path(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A file of records as a hospital would hand it out.
    pub(crate) fn hospital(&self, resources: usize) -> String {
        let spec = PatientSpec { seed: 11, resources, names: Some("en"), ..PatientSpec::default() };
        std::fs::write(self.path("hospital.json"), patient_bytes(&spec)).unwrap();
        self.text_path("hospital.json")
    }

    /// Runs a command with `--json`.
    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        self.run_with(&self.path("passphrase"), args)
    }

    pub(crate) fn run_with(&self, passphrase_file: &Path, args: &[&str]) -> Ended {
        let output = program()
            .args(args)
            .arg("--json")
            .arg("--vault")
            .arg(self.path("wallet"))
            .arg("--passphrase-file")
            .arg(passphrase_file)
            .output();
        Ended::of(output.unwrap())
    }

    /// Runs a command as a person would, for its text.
    pub(crate) fn run_as_person(&self, args: &[&str]) -> Ended {
        let command = &mut program();
        command.env("CARNET_VAULT", self.path("wallet")).env("CARNET_PASSPHRASE_FILE", self.path("passphrase"));
        Ended::of(command.args(args).output().unwrap())
    }

    /// Waits until the ledger signed a share's entry and the wallet has the proof.
    pub(crate) fn wait_for_proof(&self, id: &str, out: &str) {
        for _ in 0..40 {
            if self.run(&["proof", id, "--out", out]).code == DONE {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(250));
        }
        panic!("no proof came: {}", self.run(&["proof", id, "--out", out]).stderr)
    }
}

/// `carnet relay`, until dropped.
pub(crate) struct Relay {
    child: Child,
    pub(crate) url: String,
}

impl Relay {
    pub(crate) fn start(data: &Path, listen: &str) -> Self {
        let mut child = program()
            .args(["relay", "--json", "--listen", listen, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            said.push_str(&lines.next().expect("the relay says where it is").unwrap());
            if let Ok(value) = serde_json::from_str::<Value>(&said) {
                break value["url"].as_str().unwrap().to_owned();
            }
        };
        Self { child, url }
    }

    /// Where it listens, without the scheme.
    pub(crate) fn address(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
