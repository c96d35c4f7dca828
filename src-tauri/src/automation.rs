//! Keeps strangers' hands off the window: a web view under automation obeys whoever started it.

/// The variable by which Tauri hands the window to a driver, in release builds too.
const VARIABLE: &str = "TAURI_WEBVIEW_AUTOMATION";

/// Starts this program again without the variable, should it be set in a build that is not under test.
///
/// # Errors
/// Where the program cannot be started again. Opening the window then would leave it open to a driver.
pub(crate) fn refuse() -> Result<(), std::io::Error> {
    if cfg!(feature = "automation") || std::env::var_os(VARIABLE).is_none() {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1)).env_remove(VARIABLE);
    restart(&mut again)
}

/// Takes this process's place. It returns only where that failed.
#[cfg(unix)]
fn restart(again: &mut std::process::Command) -> Result<(), std::io::Error> {
    Err(std::os::unix::process::CommandExt::exec(again))
}

/// Runs beside this process, which waits for it and ends with its code.
#[cfg(not(unix))]
fn restart(again: &mut std::process::Command) -> Result<(), std::io::Error> {
    std::process::exit(again.status()?.code().unwrap_or(1))
}
