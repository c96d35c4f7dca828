//! A real PostgreSQL and a real S3 server, each started for one test and ended with the value that stands for it.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and its servers with it"
)]

mod postgres;
mod s3;

pub use postgres::Postgres;
pub use s3::S3;

/// A port of this machine that nothing listens on.
///
/// # Panics
/// Where none is free.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
