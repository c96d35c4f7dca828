#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod anchor;
pub mod bundle;
pub mod canonical;
mod cbor;
pub mod consent_receipt;
pub mod control;
mod cose;
mod encoding;
mod error;
pub mod grant;
mod ids;
pub mod narrowing;
pub mod receipt;
pub mod request;
#[cfg(test)]
mod testkit;
pub mod time;
pub mod verify;
pub mod withdrawal;

pub use error::{Error, Result};
pub use ids::GrantId;
