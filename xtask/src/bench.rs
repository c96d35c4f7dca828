//! `cargo xtask bench`: measures, each figure beside the reference it is judged by, in one run.

use crate::failure::Failure;
use crate::process;
use crate::setup;
use crate::test;
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// Of npm's `bun`.
const BUN: &str = "1.4.5";

/// Builds the interface and the measuring programs with all optimisation, and runs them: first the wallet's, then the
/// relay's, with a million links stored in SQLite and in PostgreSQL, beside one on Bun that keeps all in memory.
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
    // The bench says so itself where there is no Bun.
    let package = format!("--package=bun@{BUN}");
    let bun = process::ask("npm", &["exec", "--yes", &package, "--", "which", "bun"]);
    let mut openings = process::cargo(workspace);
    openings.args(["bench", "--package", "carnet-relay", "--bench", "openings"]);
    process::run(openings.envs(bun.map(|path| ("BUN", path))))
}
