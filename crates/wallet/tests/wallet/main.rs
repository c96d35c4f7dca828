//! The wallet as its users meet it: real vaults, real relays over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod asking;
mod checking;
mod elsewhere;
mod ended;
mod exporting;
mod facts;
mod importing;
mod killed;
mod lifecycle;
mod relays;
mod runs;
mod sensitive;
mod sharing;
mod shown;
mod support;
mod typing;
mod whole_line;
mod whose;
