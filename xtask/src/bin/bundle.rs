//! Turns one compiled WebAssembly program into what a browser loads: `carnet-bundle INPUT.wasm OUT_DIR NAME [--debug]`.
//!
//! wasm-bindgen's own command-line program is used here as a library, so that its version is the one in the lock file
//! and no separately installed tool can disagree with it.
#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "a program that people run in a terminal")]

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (input, out_dir, name, debug) = match arguments.as_slice() {
        [input, out_dir, name] => (input, out_dir, name, false),
        [input, out_dir, name, flag] if flag == "--debug" => (input, out_dir, name, true),
        _ => {
            eprintln!("usage: carnet-bundle INPUT.wasm OUT_DIR NAME [--debug]");
            return ExitCode::from(2);
        }
    };
    match bundle(input, out_dir, name, debug) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{input} could not be bundled: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bundle(input: &str, out_dir: &str, name: &str, debug: bool) -> Result<(), impl std::fmt::Display + use<>> {
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(false)
        .out_name(name)
        .omit_default_module_path(false)
        .debug(debug)
        .remove_name_section(!debug)
        .remove_producers_section(!debug)
        .generate(out_dir)
}
