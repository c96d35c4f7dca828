//! Embeds the interface that xtask built, and names the one command that the pages may call.
#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Shown where the interface was not built.
const WITHOUT_INTERFACE: &str = "without-interface";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=CARNET_APP_DIST");
    let dist = interface()?;
    println!("cargo:rerun-if-changed={}", dist.display());
    // `generate_context!` reads this variable when the crate is compiled; what Tauri's own tools put there stays.
    let given = std::env::var("TAURI_CONFIG").ok();
    println!("cargo:rustc-env=TAURI_CONFIG={}", with_frontend(given.as_deref(), &dist)?);

    let commands = tauri_build::AppManifest::new().commands(&["call"]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}

/// The folder of the built pages, or a page that says how to build them.
fn interface() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(dist) = std::env::var_os("CARNET_APP_DIST").map(PathBuf::from) {
        // Watched even while it is missing, so that building it is noticed.
        println!("cargo:rerun-if-changed={}", dist.display());
        if dist.join("index.html").is_file() {
            return Ok(dist);
        }
    }
    Ok(Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join(WITHOUT_INTERFACE))
}

fn with_frontend(given: Option<&str>, dist: &Path) -> Result<Value, Box<dyn Error>> {
    let mut config = match given {
        Some(text) => serde_json::from_str(text)?,
        None => json!({}),
    };
    let build = config
        .as_object_mut()
        .ok_or("TAURI_CONFIG is not a JSON object")?
        .entry("build")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .ok_or("TAURI_CONFIG's build is not a JSON object")?;
    build.entry("frontendDist").or_insert_with(|| json!(dist));
    Ok(config)
}
