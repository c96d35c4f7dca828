//! `cargo xtask setup`: installs what is missing and costs milliseconds where nothing is.

mod npm;
mod packages;
mod wasm;

use packages::Need;

pub(crate) use wasm::{TARGET as WASM_TARGET, Toolchain};

use crate::failure::Failure;
use crate::workspace::Workspace;

/// Everything, for building, running and testing.
pub(crate) fn everything(workspace: &Workspace) -> Result<(), Failure> {
    packages::install(&[Need::Terminal, Need::Window, Need::Tests])?;
    wasm::install()?;
    npm::install(workspace)
}

/// What it takes to build the terminal program and the interface, and the window too where there is a display.
pub(crate) fn for_running(window: bool) -> Result<(), Failure> {
    packages::install(if window { &[Need::Terminal, Need::Window] } else { &[Need::Terminal] })
}

/// What compiles the interface: the wasm target of this toolchain, or the distribution's own compiler.
pub(crate) fn wasm_toolchain() -> Result<Toolchain, Failure> {
    wasm::install()
}
