//! The tests' npm tools, exactly as their lock file names them.

use std::fs;
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// Runs `npm ci` in `tests/npm` unless what the lock file names is there already.
pub(crate) fn install(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.npm();
    let lock_path = folder.join("package-lock.json");
    let lock = fs::read(&lock_path).map_err(|error| Failure::file("read", &lock_path, &error))?;
    // npm keeps no record of the lock file it installed from, so a copy of it beside the packages is ours.
    let installed = folder.join("node_modules/.carnet-installed-lock.json");
    if fs::read(&installed).is_ok_and(|bytes| bytes == lock) {
        return Ok(());
    }
    if process::ask("npm", &["--version"]).is_none() {
        return Err(Failure::new("Node with npm is missing: the browser tests need Node 20 or newer (nodejs.org)"));
    }
    process::run(Command::new("npm").current_dir(&folder).args([
        "ci",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--loglevel=error",
    ]))?;
    fs::write(&installed, &lock).map_err(|error| Failure::file("write", &installed, &error))
}
