//! `cargo xtask fuzz`: throws made-up bytes at every parser for a while, one target after the other.
//!
//! Each crate with parsers has a `fuzz` folder with its targets, as cargo-fuzz wants it. A target begins with the small
//! made-up files of the crate's example `fuzz_seeds`, if it has one, and with what it found worth keeping before, which
//! lies in the target folder; what made it fail lies beside it and is to become a named test.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// How long each target runs unless said otherwise, in seconds.
const SECONDS: u64 = 60;
/// More than so many MiB is a failure: what Carnet promises for an input of up to 50 MB.
const MEMORY_MIB: u32 = 512;
/// The most bytes of one input: room for the largest seed, little enough for many runs a second.
const INPUT_BYTES: u32 = 32 * 1024;
/// One input that takes longer than so many seconds is a failure.
const ONE_INPUT_SECONDS: u32 = 20;

/// What to run, and for how long.
struct Wanted<'a> {
    seconds: u64,
    /// A part of `crate/target`; empty: all.
    names: &'a str,
}

/// Runs the targets whose `crate/target` contains the given name, all of them if none is given.
///
/// # Errors
/// cargo-fuzz is not installed, or a target failed: the input lies where libFuzzer says.
pub(crate) fn fuzz(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let wanted = wanted(arguments)?;
    if process::ask("cargo-fuzz", &["--version"]).is_none() {
        return Err(Failure::new("cargo-fuzz is not installed; get it with `cargo install cargo-fuzz`"));
    }
    let mut ran = 0;
    for (crate_name, folder) in fuzzed_crates(workspace)? {
        let mut targets = targets(&folder)?;
        targets.retain(|target| format!("{crate_name}/{target}").contains(wanted.names));
        if targets.is_empty() {
            continue;
        }
        let seeds = seeds(workspace, &crate_name)?;
        for target in targets {
            run(workspace, &crate_name, &folder, &target, &seeds.join(&target), wanted.seconds)?;
            ran += 1;
        }
    }
    if ran == 0 {
        return Err(Failure::new(format!("no fuzz target is called anything like \"{}\"", wanted.names)));
    }
    println!("xtask: {ran} targets, {} s each, found nothing", wanted.seconds);
    Ok(())
}

fn wanted(arguments: &[String]) -> Result<Wanted<'_>, Failure> {
    let mut wanted = Wanted { seconds: SECONDS, names: "" };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => {
                let number = arguments.next().and_then(|number| number.parse().ok());
                wanted.seconds = number.ok_or_else(|| Failure::Usage("--seconds wants a number".to_owned()))?;
            }
            flag if flag.starts_with('-') => {
                return Err(Failure::Usage(format!("\"{flag}\" is not understood here")));
            }
            name => wanted.names = name,
        }
    }
    Ok(wanted)
}

/// Has the crate's own generator write the seeds, if it has one; gives the folder with a folder for each target.
fn seeds(workspace: &Workspace, crate_name: &str) -> Result<PathBuf, Failure> {
    let seeds = workspace.target().join("fuzz-seeds").join(crate_name);
    let manifest = workspace.root().join("crates").join(crate_name).join("Cargo.toml");
    if manifest.with_file_name("examples").join("fuzz_seeds.rs").is_file() {
        let mut cargo = process::cargo(workspace);
        cargo.args(["run", "--quiet", "--all-features", "--example", "fuzz_seeds", "--manifest-path"]).arg(manifest);
        process::run(cargo.arg("--").arg(&seeds))?;
    }
    Ok(seeds)
}

fn run(
    workspace: &Workspace,
    crate_name: &str,
    folder: &Path,
    target: &str,
    seeds: &Path,
    seconds: u64,
) -> Result<(), Failure> {
    let corpus = workspace.target().join("fuzz-corpus").join(crate_name).join(target);
    let found = workspace.target().join("fuzz-found").join(crate_name).join(target);
    for folder in [corpus.as_path(), &found, seeds] {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, &error))?;
    }
    let mut cargo = process::cargo(workspace);
    cargo
        // libFuzzer's instrumentation is not stable yet; this lets the stable compiler do it.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", workspace.target().join("fuzz"))
        .args(["fuzz", "run", "--fuzz-dir"])
        .arg(folder)
        .args([target, "--"])
        .arg(corpus)
        .arg(seeds)
        .arg(format!("-max_len={INPUT_BYTES}"))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-timeout={ONE_INPUT_SECONDS}"))
        .arg(format!("-artifact_prefix={}/", found.display()))
        .arg("-print_final_stats=1");
    process::run(&mut cargo)
}

/// The crates that have a `fuzz` folder, by name.
fn fuzzed_crates(workspace: &Workspace) -> Result<Vec<(String, PathBuf)>, Failure> {
    let crates = workspace.root().join("crates");
    let mut found = Vec::new();
    for name in names(&crates)? {
        let folder = crates.join(&name).join("fuzz");
        if folder.join("Cargo.toml").is_file() {
            found.push((name, folder));
        }
    }
    Ok(found)
}

/// The targets of one fuzz folder: the names of its programs.
fn targets(folder: &Path) -> Result<Vec<String>, Failure> {
    let programs = names(&folder.join("fuzz_targets"))?;
    Ok(programs.iter().filter_map(|name| name.strip_suffix(".rs")).map(str::to_owned).collect())
}

/// What lies in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    let read = |error: &std::io::Error| Failure::file("read", folder, error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| read(&error))? {
        names.push(entry.map_err(|error| read(&error))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
