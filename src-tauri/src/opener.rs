//! Opening a file with the system's program for its kind.

use std::path::Path;

/// Opens the file; how its program fares is not waited for. No shell sees the path, and an absolute one is no option.
///
/// # Errors
/// Where the system has no way to, or refuses; the path is in no message.
pub(crate) fn open(path: &Path) -> Result<(), String> {
    let program = match std::env::consts::OS {
        "linux" => "xdg-open",
        "macos" => "open",
        _ => return Err("files cannot be opened from here on this system; it was saved".to_owned()),
    };
    if !path.is_absolute() {
        return Err("the place of the file is not known; it was saved".to_owned());
    }
    let mut command = std::process::Command::new(program);
    command.arg(path).stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let started = command.spawn();
    let mut child =
        started.map_err(|error| format!("the file was saved, and {program} did not start: {}", error.kind()))?;
    // Somebody must take note of its end, or it stays in the system's list of programs.
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_could_be_an_option_is_refused() {
        assert!(open(Path::new("-a.pdf")).is_err());
        assert!(open(Path::new("a.pdf")).is_err());
    }
}
