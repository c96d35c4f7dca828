//! `cargo xtask validate`: holds what goes out for two hundred made-up patients against validators that others wrote.
//!
//! Not a part of `cargo xtask test`: the validators come from npm and PyPI, and are fetched when they are not there.

use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// Has the tests write their summaries and collections, and runs the script on them.
///
/// # Errors
/// An output breaks a rule of our own checker or of one of the validators, or a validator cannot be fetched.
pub(crate) fn validate(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.target().join("validate");
    let (outputs, programs) = (folder.join("outputs"), folder.join("programs"));
    // What a former run wrote may have been made by other code.
    if outputs.exists() {
        std::fs::remove_dir_all(&outputs).map_err(|error| Failure::file("remove", &outputs, &error))?;
    }
    std::fs::create_dir_all(&outputs).map_err(|error| Failure::file("create", &outputs, &error))?;
    process::run(process::cargo(workspace).env("CARNET_WRITE_SUMMARIES", &outputs).args([
        "test",
        "--package",
        "carnet-records",
        "--all-features",
        "--test",
        "outgoing",
        "two_hundred",
    ]))?;
    let script = workspace.root().join("tests").join("validators").join("validate.sh");
    process::run(Command::new("sh").args([&script, &outputs, &programs]))
}
