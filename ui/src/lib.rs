#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// The event attributes of rsx! expand to qualified paths.
#![allow(unused_qualifications)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

#[macro_use]
pub mod i18n;
pub mod app;
pub mod format;
pub mod kit;
pub mod platform;
pub mod viewer;

#[cfg(test)]
mod tests;
