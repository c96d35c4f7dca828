//! Where things are: the clone, cargo's target folder, the finished web pages.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The clone that is worked on, and where its products go.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the workspace from the place of this crate, and the target folder as cargo does.
    pub(crate) fn locate() -> Result<Self, Failure> {
        // Cargo says it of the clone that it runs this for; the program can be that of another one with the same target folder.
        let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&here)
            .parent()
            .ok_or_else(|| Failure::new("xtask does not lie inside a workspace"))?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
            Some(folder) => std::path::absolute(PathBuf::from(&folder))
                .map_err(|error| Failure::file("resolve", Path::new(&folder), &error))?,
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The tests' npm package: `package.json`, its lock file and, once set up, `node_modules`.
    pub(crate) fn npm(&self) -> PathBuf {
        self.root.join("tests/npm")
    }

    /// The finished web pages of one of the interface's two programs, `app` or `viewer`.
    pub(crate) fn dist(&self, name: &str) -> PathBuf {
        self.target.join("carnet-dist").join(name)
    }

    /// A program that cargo built with the given profile folder (`debug`, `release`).
    pub(crate) fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}
