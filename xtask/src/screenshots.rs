//! `cargo xtask screenshots`: the pictures in `docs/screenshots`, taken by the whole-system tests' own harness.

use std::path::Path;

use crate::failure::Failure;
use crate::process;
use crate::programs::{self, Programs};
use crate::setup;
use crate::test;
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// Builds everything and lets the harness walk through each screen, at a phone's and a desk's size, light and dark. The old
/// pictures go first, so that none stays of a screen that is no more.
pub(crate) fn take(workspace: &Workspace) -> Result<(), Failure> {
    setup::everything(workspace)?;
    ui::build(workspace, Profile::Web)?;
    programs::build(workspace, Programs::UnderTest)?;
    forget(&workspace.root().join("docs/screenshots"))?;
    let mut cargo = process::cargo(workspace);
    cargo.args(["test", "--package", "carnet-system-tests", "--test", "screenshots", "--", "--ignored", "--nocapture"]);
    process::run(test::under_test(workspace, &mut cargo))
}

/// Deletes the pictures in a folder.
fn forget(folder: &Path) -> Result<(), Failure> {
    let files = std::fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
    for file in files {
        let path = file.map_err(|error| Failure::file("read", folder, &error))?.path();
        if path.extension().is_some_and(|end| end == "png") {
            std::fs::remove_file(&path).map_err(|error| Failure::file("delete", &path, &error))?;
        }
    }
    Ok(())
}
