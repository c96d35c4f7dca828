#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod config;
mod error;
mod files;
mod http;
mod janitor;
mod ledger;
mod limits;
mod metrics;
mod passcode;
mod receipts;
mod server;
mod store;
#[cfg(feature = "server")]
mod tls;
mod viewer;

pub use config::{Addressing, Config, Limits, LogFormat, S3, Secret, Tls};
pub use error::{Error, Result};
pub use server::{Relay, Running};
#[cfg(feature = "server")]
pub use store::move_database;

/// Now, in Unix seconds.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
