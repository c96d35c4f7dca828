//! `cargo xtask test`: sets up, builds, and runs every test there is.

use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::programs::{self, Programs};
use crate::setup;
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// The window under test is compiled with this; asking for it here too spares a second build of the shell.
const FEATURES: [&str; 2] = ["--features", "carnet-app/automation"];

/// Crates whose documentation holds examples that are run.
const DOCUMENTED: [&str; 9] = [
    "smart-health",
    "tlog",
    "carnet-records",
    "carnet-consent",
    "carnet-bridge",
    "carnet-vault",
    "carnet-sync",
    "carnet-relay",
    "carnet-wallet",
];

/// Runs the crates' own tests, the whole-system tests and the examples in the documentation.
///
/// `filter` goes to the runner: a part of a test's name, or its flags.
pub(crate) fn test(workspace: &Workspace, filter: &[String]) -> Result<(), Failure> {
    setup::everything(workspace)?;
    ui::build(workspace, Profile::Web)?;
    programs::build(workspace, Programs::UnderTest)?;

    let mut tests = process::cargo(workspace);
    if process::ask("cargo-nextest", &["nextest", "--version"]).is_some() {
        tests.args(["nextest", "run"]);
    } else {
        println!("xtask: cargo-nextest is not installed; `cargo test` runs the same tests, a little slower");
        tests.arg("test");
    }
    // Not the examples and the benches: the check compiles them, and nothing in them is a test.
    tests.args(["--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]).args(FEATURES);
    process::run(under_test(workspace, &mut tests).args(filter))?;

    if filter.is_empty() {
        let mut examples = process::cargo(workspace);
        examples.args(["test", "--doc"]);
        for package in DOCUMENTED {
            examples.args(["--package", package]);
        }
        process::run(&mut examples)?;
    }
    Ok(())
}

/// Tells the whole-system tests where the programs are and where the tools written by others are.
pub(crate) fn under_test<'a>(workspace: &Workspace, command: &'a mut Command) -> &'a mut Command {
    let programs = workspace.program("debug", "carnet");
    command.env("CARNET_PROGRAMS", programs.parent().unwrap_or(workspace.target()))
}
