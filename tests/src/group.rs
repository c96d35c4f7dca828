//! A program in a process group of its own, ended with everything it started.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// A running program. Dropping it kills its whole group.
#[derive(Debug)]
pub struct Group {
    child: Child,
    log: PathBuf,
}

impl Group {
    /// Starts `command`; what it prints goes to `log`.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let out = File::create(log).unwrap();
        let err = out.try_clone().unwrap();
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        Self::start_as_is(command, log)
    }

    /// Starts `command` with the input and output it was given; `log` is where its words are to be found, if anywhere.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start_as_is(command: &mut Command, log: &Path) -> Self {
        let child = command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{} did not start: {error}", command.get_program().to_string_lossy()));
        Self { child, log: log.to_path_buf() }
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Has it ended?
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Its standard input and output, where the command asked for pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        // Reaped, so that files and ports are free when this returns.
        let _ = self.child.wait();
    }

    /// Asks it to end and gives it a moment.
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        for _ in 0..100 {
            if self.has_ended() {
                return;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        self.kill();
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
