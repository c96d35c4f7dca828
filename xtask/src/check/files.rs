//! The shape of the source files: each opens by saying what it is for, and none is too long to be read in one sitting.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::workspace::Workspace;

/// Past this many lines a file is two things.
const MOST_LINES: usize = 600;

/// Folders that hold what others wrote or what was built.
const NOT_OURS: &[&str] = &["target", "node_modules", "gen"];

/// Looks at every Rust file of the clone.
pub(super) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let sources = sources(workspace)?;
    let mut wrong = Vec::new();
    for path in &sources {
        let text = fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
        let name = path.strip_prefix(workspace.root()).unwrap_or(path).display();
        wrong.extend(faults(&text).into_iter().map(|fault| format!("  {name}: {fault}")));
        if path.ends_with("mod.rs") {
            wrong.push(format!("  {name}: name it after its folder instead of mod.rs"));
        }
    }
    if wrong.is_empty() {
        println!("xtask: {} source files say what they are for and can be read in one sitting", sources.len());
        return Ok(());
    }
    Err(Failure::new(format!("these files are not as CONTRIBUTING.md asks:\n{}", wrong.join("\n"))))
}

fn sources(workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let mut sources = Vec::new();
    let mut folders = vec![workspace.root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| Failure::file("list", &folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| Failure::file("list", &folder, &error))?.path();
            if path.is_dir() {
                if is_ours(&path) && path != workspace.target() {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

fn is_ours(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !name.starts_with('.') && !NOT_OURS.contains(&name)
}

fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let says_what_it_is_for =
        text.lines().next().is_some_and(|line| line.starts_with("//! ") || line.starts_with("#![doc = include_str!("));
    if !says_what_it_is_for {
        faults.push("the first line is not a `//!` that says what the file is for".to_owned());
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        faults.push(format!("{lines} lines; over {MOST_LINES} a file is two things"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_must_open_with_its_purpose_and_stay_short() {
        assert!(faults("//! Says it.\nfn main() {}\n").is_empty());
        assert!(faults("#![doc = include_str!(\"../README.md\")]\n").is_empty());
        assert_eq!(faults("use std::fs;\n").len(), 1);
        assert_eq!(faults("").len(), 1);
        let long = format!("//! Long.\n{}", "\n".repeat(MOST_LINES));
        assert_eq!(faults(&long).len(), 1);
    }
}
