//! Builds the native programs: the wallet in a terminal, the relay, the app's window.

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// Which programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Programs {
    /// `carnet` and `carnet-relay`.
    Terminal,
    /// These and the window.
    All,
    /// All, the window one that a test's driver may steer.
    UnderTest,
}

/// Compiles them with the dev profile; the interface must have been built before.
pub(crate) fn build(workspace: &Workspace, programs: Programs) -> Result<(), Failure> {
    let mut cargo = process::cargo(workspace);
    cargo.args(["build", "--package", "carnet-cli", "--package", "carnet-relay"]);
    match programs {
        Programs::Terminal => {}
        Programs::All => {
            cargo.args(["--package", "carnet-app"]);
        }
        Programs::UnderTest => {
            cargo.args(["--package", "carnet-app", "--features", "carnet-app/automation"]);
        }
    }
    process::run(&mut cargo)
}
