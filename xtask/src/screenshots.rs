//! `cargo xtask screenshots`: the pictures in `docs/screenshots`, taken by the whole-system tests' own harness.

use crate::failure::Failure;
use crate::process;
use crate::programs::{self, Programs};
use crate::setup;
use crate::test;
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// Builds everything and lets the harness walk through each screen, at a phone's and a desk's size, light and dark.
pub(crate) fn take(workspace: &Workspace) -> Result<(), Failure> {
    setup::everything(workspace)?;
    ui::build(workspace, Profile::Web)?;
    programs::build(workspace, Programs::UnderTest)?;
    let mut cargo = process::cargo(workspace);
    cargo.args(["test", "--package", "carnet-system-tests", "--test", "screenshots", "--", "--ignored", "--nocapture"]);
    process::run(test::under_test(workspace, &mut cargo))
}
