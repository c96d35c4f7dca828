//! `cargo xtask run`: from a fresh clone to the open app, or to the tour where there is no display.

use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::programs::{self, Programs};
use crate::setup;
use crate::ui::{self, Profile};
use crate::workspace::Workspace;

/// Sets up, builds and opens the app. Without a display it plays the tour to its end.
pub(crate) fn run(workspace: &Workspace, profile: Profile) -> Result<(), Failure> {
    let window = has_display();
    setup::for_running(window)?;
    ui::build(workspace, profile)?;
    if window {
        programs::build(workspace, Programs::All)?;
        return process::run(&mut Command::new(workspace.program("debug", "carnet-app")));
    }
    programs::build(workspace, Programs::Terminal)?;
    process::run(Command::new(workspace.program("debug", "carnet")).arg("tour"))?;
    println!(
        "\nThere is no display here (neither WAYLAND_DISPLAY nor DISPLAY is set), so the tour was played in the \
         terminal.\nTo open the app, run `cargo xtask run` in a desktop session, or through `ssh -X`.\nThe wallet in \
         the terminal is {}; start with `carnet --help`.",
        workspace.program("debug", "carnet").display()
    );
    Ok(())
}

/// Is there a screen to open a window on?
fn has_display() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
