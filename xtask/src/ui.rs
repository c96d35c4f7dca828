//! Builds the interface: compiles its two programs to WebAssembly and lays out the folders that are served.

mod dist;

use crate::failure::Failure;
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// How the interface is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Small, as people get it.
    Web,
    /// Quick to rebuild, with names in its stack traces.
    Dev,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Dev => "dev",
        }
    }

    /// Cargo's name for the folder of its products.
    fn folder(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Dev => "debug",
        }
    }
}

/// Compiles and bundles what changed: the app's pages, which the shell carries inside, and the viewer's, which the relay
/// serves at `/view`.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<(), Failure> {
    let toolchain = setup::wasm_toolchain()?;
    process::run(process::cargo(workspace).args([
        "build",
        "--quiet",
        "--package",
        "xtask",
        "--features",
        "bundler",
        "--bin",
        "carnet-bundle",
    ]))?;
    process::run(toolchain.cargo_build(workspace).args([
        "--package",
        "carnet-ui",
        "--bin",
        "app",
        "--bin",
        "viewer",
        "--profile",
        profile.name(),
    ]))?;
    let compiled = toolchain.target_dir(workspace).join(setup::WASM_TARGET).join(profile.folder());
    for name in ["app", "viewer"] {
        dist::lay_out(workspace, name, &compiled.join(format!("{name}.wasm")), profile)?;
    }
    Ok(())
}
