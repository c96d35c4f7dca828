//! Sets up, builds, runs, tests and checks the project: cargo xtask help.
fn main() {}
