//! The desktop program: opens the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "whoever starts the program from a terminal reads why it did not open")]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match carnet_app::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Carnet could not open its window: {error}. Your records are not touched.");
            ExitCode::FAILURE
        }
    }
}
