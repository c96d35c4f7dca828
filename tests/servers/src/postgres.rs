//! A PostgreSQL of its own for each test, from the system's packages.

use std::fs::File;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The superuser, and the database that is used.
const USER: &str = "postgres";
const PASSWORD: &str = "geheim-for-tests";

/// A server on a port of this machine. It syncs to the disk as in earnest.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    account: Option<(u32, u32)>,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// Makes an empty database and starts the server.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed (`cargo xtask setup` does that), or does not start.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("carnet-postgres-").unwrap();
        let account = account();
        if let Some((user, group)) = account {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut server = Self { folder, programs: programs(), account, port: crate::free_port(), child: None };
        let password = server.folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        let data = server.data();
        let mut initdb = server.command("initdb");
        initdb.arg("--pgdata").arg(data).arg("--pwfile").arg(&password).stdout(Stdio::null());
        initdb.args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync", "--no-locale"]);
        assert!(initdb.status().unwrap().success(), "initdb failed");
        server.resume();
        server
    }

    /// Its address, with user and password.
    pub fn url(&self) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// The folder with everything it stores.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Kills it as a power cut would, with all its processes.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it again, and waits until it answers.
    ///
    /// # Panics
    /// Where it does not within a minute.
    pub fn resume(&mut self) {
        // The processes of one that was killed end a moment later, and until then keep the folder.
        for _ in 0..600 {
            if let Some(child) = self.try_start() {
                self.child = Some(child);
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgreSQL did not start:\n{}", std::fs::read_to_string(self.log()).unwrap_or_default());
    }

    fn try_start(&self) -> Option<Child> {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path()).arg("-p").arg(self.port.to_string());
        for setting in ["listen_addresses=127.0.0.1", "shared_buffers=64MB", "max_connections=20", "autovacuum=off"] {
            postgres.args(["-c", setting]);
        }
        let mut child = postgres.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        loop {
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            let mut ready = self.command("pg_isready");
            ready.args(["--quiet", "--host", "127.0.0.1", "--port"]).arg(self.port.to_string());
            if ready.status().unwrap().success() {
                return Some(child);
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// One of its programs, as the account that it demands.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Asked to end at once, it takes its processes with it and leaves no shared memory behind.
            let quit = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
            if quit.is_err() {
                let _ = child.kill();
            }
            let _ = child.wait();
        }
    }
}

/// PostgreSQL refuses to run as root; the package has made an account for it.
fn account() -> Option<(u32, u32)> {
    let uid = Command::new("id").arg("-u").output().unwrap().stdout;
    if uid.trim_ascii() != b"0" {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let fields: Vec<&str> = accounts.lines().find(|line| line.starts_with("postgres:")).unwrap().split(':').collect();
    Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
}

/// The newest version that is installed.
fn programs() -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(Path::new("/usr/lib/postgresql"))
        .expect("PostgreSQL is not installed; run `cargo xtask setup`")
        .map(|version| version.unwrap().path())
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    versions.sort();
    versions.pop().expect("PostgreSQL is not installed; run `cargo xtask setup`").1
}
