//! A compiler for `wasm32-unknown-unknown`: rustup's target, or Debian's own Rust where that cannot be had.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::packages;
use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// The target's name, for cargo's `--target`.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's Rust for the web, with the standard library's source and the crates it is made of.
const DEBIAN: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

/// What compiles to WebAssembly on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain in use has the target's standard library.
    Native,
    /// Debian's compiler builds the standard library from its packaged source.
    DebianFromSource,
}

impl Toolchain {
    /// Cargo, ready for `build --target …`, with the flags this toolchain wants already given.
    pub(crate) fn cargo_build(self, workspace: &Workspace) -> Command {
        match self {
            Self::Native => {
                let mut command = process::cargo(workspace);
                command.args(["build", "--target", TARGET]);
                command
            }
            Self::DebianFromSource => {
                let mut command = Command::new("/usr/bin/cargo");
                command
                    .current_dir(workspace.root())
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env("CARGO_TARGET_DIR", self.target_dir(workspace))
                    .env("RUSTC", "/usr/bin/rustc")
                    // Building the standard library is not yet stable in cargo; Debian's own packages do the same.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
                    .args(["build", "-Z", "build-std=std,panic_abort", "--target", TARGET]);
                command
            }
        }
    }

    /// Where this toolchain's products go: another compiler's must not be mixed with ours.
    pub(crate) fn target_dir(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Native => workspace.target().to_path_buf(),
            Self::DebianFromSource => workspace.target().join("debian-wasm"),
        }
    }
}

/// Makes sure that something here compiles to WebAssembly, and says what.
pub(crate) fn install() -> Result<Toolchain, Failure> {
    if present() {
        return Ok(Toolchain::Native);
    }
    if debian_present() {
        return Ok(Toolchain::DebianFromSource);
    }
    let refused = match process::run(Command::new("rustup").args(["target", "add", TARGET])) {
        Ok(()) if present() => return Ok(Toolchain::Native),
        Ok(()) => format!("rustup added {TARGET} to another toolchain than the one in use"),
        Err(failure) => failure.to_string(),
    };
    println!(
        "xtask: {refused}. Falling back to Debian's own Rust for the interface ({}): its compiler builds the standard \
         library for the web from the packaged source.",
        DEBIAN.join(" ")
    );
    packages::install_named(&packages::missing(DEBIAN)).map_err(|failure| {
        Failure::new(format!(
            "nothing here can compile for {TARGET}. Either run `rustup target add {TARGET}`, or give this system \
             Debian's {}: {failure}",
            DEBIAN.join(", ")
        ))
    })?;
    if debian_present() {
        Ok(Toolchain::DebianFromSource)
    } else {
        Err(Failure::new(format!("Debian's {} were installed but do not work", DEBIAN.join(", "))))
    }
}

/// Does the toolchain in use have the target's standard library?
fn present() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    process::ask(rustc, &["--print", "sysroot"])
        .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn debian_present() -> bool {
    Path::new("/usr/bin/cargo").exists()
        && Path::new("/usr/bin/wasm-ld-19").exists()
        && process::ask("/usr/bin/rustc", &["--print", "sysroot"])
            .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").exists())
}
