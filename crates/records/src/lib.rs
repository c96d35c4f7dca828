#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

#[cfg(feature = "formats")]
pub mod apple;
#[cfg(feature = "formats")]
mod build;
#[cfg(feature = "formats")]
pub mod cards;
#[cfg(feature = "formats")]
pub mod ccda;
#[cfg(feature = "formats")]
pub mod codes;
mod confidentiality;
pub mod convert;
#[cfg(feature = "formats")]
pub mod csv;
mod datetime;
pub mod display;
#[cfg(feature = "formats")]
pub mod documents;
mod error;
#[cfg(feature = "generator")]
pub mod generator;
pub mod import;
pub mod index;
pub mod ips;
pub mod json;
pub mod ktc;
pub mod ndjson;
#[cfg(feature = "formats")]
mod older;
pub mod outgoing;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod people;
#[cfg(test)]
#[allow(clippy::print_stdout, reason = "a test that finds no samples says so")]
#[path = "../tests/shared/public.rs"]
mod public;
pub mod references;
pub mod rules;
mod sections;
pub mod selection;
pub mod sensitivity;
mod summary_text;
pub mod terminology;
pub mod typed;
pub mod view;
#[cfg(feature = "formats")]
mod xml;

pub use datetime::datetime_is_readable;
pub use error::{Error, Result};
