//! `cargo xtask check`: what must hold before a change is looked at by a person.

mod arrows;
mod files;

use crate::failure::Failure;
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// Formatting, the shape of the files, the arrows between the crates, and lints for both targets: cheapest first.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    setup::for_running(true)?;
    process::run(process::cargo(workspace).args(["fmt", "--all", "--check"]))?;
    files::check(workspace)?;
    arrows::check(workspace)?;

    let strict = ["--", "--deny", "warnings"];
    process::run(process::cargo(workspace).args(["clippy", "--workspace", "--all-targets"]).args(strict))?;
    match setup::wasm_toolchain()? {
        setup::Toolchain::Native => {
            let mut clippy = process::cargo(workspace);
            clippy.args(["clippy", "--target", setup::WASM_TARGET]);
            for package in arrows::PURE.into_iter().chain(["carnet-ui"]) {
                clippy.args(["--package", package]);
            }
            process::run(clippy.args(strict))
        }
        toolchain @ setup::Toolchain::DebianFromSource => {
            println!("xtask: this machine's compiler for the web has no clippy; the pure crates are compiled instead");
            let mut build = toolchain.cargo_build(workspace);
            for package in arrows::PURE.into_iter().chain(["carnet-ui"]) {
                build.args(["--package", package]);
            }
            process::run(&mut build)
        }
    }
}
