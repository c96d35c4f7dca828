//! `cargo xtask bench`: measures, each figure beside the reference it is judged by, in one run.

use crate::failure::Failure;
use crate::process;
use crate::setup;
use crate::test;
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// Builds the interface and the measuring programs with all optimisation, and runs them: first the wallet's, then the
/// relay's, with a million links stored in SQLite and in PostgreSQL.
pub(crate) fn bench(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    setup::everything(workspace)?;
    ui::build(workspace, Profile::Web)?;
    let mut cargo = process::cargo(workspace);
    cargo.args([
        "run",
        "--release",
        "--package",
        "carnet-system-tests",
        "--features",
        "bench",
        "--bin",
        "carnet-bench",
        "--",
    ]);
    process::run(test::under_test(workspace, &mut cargo).args(arguments))?;
    process::run(process::cargo(workspace).args(["bench", "--package", "carnet-relay", "--bench", "openings"]))
}
