//! Builds the viewer's files in: those of the folder `CARNET_VIEWER_DIST`, else of `carnet-dist/viewer` in the target folder.
//! Without either the relay has no viewer, and says so at `/view`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-env-changed=CARNET_VIEWER_DIST");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let named = std::env::var_os("CARNET_VIEWER_DIST").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    if let Some(folder) = &named {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let folder = named
        .or_else(|| out.ancestors().skip(1).map(|above| above.join("carnet-dist/viewer")).find(|dir| dir.is_dir()));
    let mut files = Vec::new();
    if let Some(folder) = folder.filter(|folder| folder.join("index.html").is_file()) {
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(&folder, &folder, &mut files)?;
        files.sort();
    }
    let mut source =
        String::from("/// Path below `/view/`, and content.\npub(super) static FILES: &[(&str, &[u8])] = &[\n");
    for (path, file) in files {
        // Writing to a String cannot fail.
        let _ = writeln!(source, "    ({path:?}, include_bytes!({:?})),", file.display().to_string());
    }
    source.push_str("];\n");
    std::fs::write(out.join("viewer_files.rs"), source)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            files.push((parts.join("/"), path.canonicalize()?));
        }
    }
    Ok(())
}
