#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod args;
mod check;
mod clock;
mod entry;
mod error;
mod export;
mod import;
mod label;
mod notice;
mod open;
mod openings;
mod out;
mod progress;
mod proof;
mod qr;
mod records;
mod relay;
mod request;
mod run;
mod session;
mod share;
mod shares;
mod table;
mod tour;
mod trust;
mod vault;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let mut out = out::Out::new(args.json);
    let result = run::run(args, &mut out);
    out.finish(result)
}
