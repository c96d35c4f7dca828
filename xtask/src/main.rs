//! `cargo xtask`: sets up, builds, runs, tests and checks the project with nothing installed but cargo and Node.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that people run in a terminal")]

mod bench;
mod check;
mod failure;
mod fuzz;
mod process;
mod programs;
mod run;
mod screenshots;
mod setup;
mod test;
mod ui;
mod validate;
mod workspace;

use std::process::ExitCode;
use std::time::Instant;

use failure::Failure;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask COMMAND

  setup        install what is missing: system packages, the wasm target, the tests' npm tools
  run [--dev]  set up, build everything and open the app; without a display, play the tour in the terminal
  test [ARGS]  set up, build and run every test there is (ARGS go to the test runner, for example a test's name)
  check        formatting, lints, the arrows between the crates, the shape of the files
  bench        measure, each figure beside its reference
  fuzz [NAME]  throw made-up bytes at the parsers whose crate/target contains NAME (--seconds N each; 60)
  validate     hold what goes out against FHIR validators of others (fetched from npm and PyPI)
  screenshots  take the pictures in docs/screenshots anew
  ui [--dev]   build only the interface: the app's and the viewer's web pages
  help         this

--dev builds the interface without optimisation: faster to rebuild, several times larger.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    let started = Instant::now();
    match dispatch(command, rest) {
        Ok(Done::Silently) => ExitCode::SUCCESS,
        Ok(Done::Aloud) => {
            println!("xtask: {command} done in {:.1} s", started.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(Failure::Usage(message)) => {
            eprintln!("{message}\n\n{HELP}");
            ExitCode::from(2)
        }
        Err(failure) => {
            eprintln!("xtask: {command}: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the end of a command is worth a line.
enum Done {
    Silently,
    Aloud,
}

fn dispatch(command: &str, arguments: &[String]) -> Result<Done, Failure> {
    if matches!(command, "help" | "--help" | "-h") {
        println!("{HELP}");
        return Ok(Done::Silently);
    }
    let workspace = Workspace::locate()?;
    match command {
        "setup" => nothing_more(arguments).and_then(|()| setup::everything(&workspace))?,
        "ui" => ui::build(&workspace, dev_or_web(arguments)?)?,
        "run" => {
            run::run(&workspace, dev_or_web(arguments)?)?;
            return Ok(Done::Silently);
        }
        "test" => test::test(&workspace, arguments)?,
        "check" => nothing_more(arguments).and_then(|()| check::check(&workspace))?,
        "bench" => bench::bench(&workspace, arguments)?,
        "fuzz" => fuzz::fuzz(&workspace, arguments)?,
        "validate" => nothing_more(arguments).and_then(|()| validate::validate(&workspace))?,
        "screenshots" => nothing_more(arguments).and_then(|()| screenshots::take(&workspace))?,
        other => return Err(Failure::Usage(format!("there is no command \"{other}\""))),
    }
    Ok(Done::Aloud)
}

fn nothing_more(arguments: &[String]) -> Result<(), Failure> {
    match arguments.first() {
        None => Ok(()),
        Some(argument) => Err(Failure::Usage(format!("\"{argument}\" is not understood here"))),
    }
}

fn dev_or_web(arguments: &[String]) -> Result<ui::Profile, Failure> {
    match arguments {
        [] => Ok(ui::Profile::Web),
        [flag] if flag == "--dev" => Ok(ui::Profile::Dev),
        [argument, ..] => Err(Failure::Usage(format!("\"{argument}\" is not understood here"))),
    }
}
