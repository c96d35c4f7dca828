//! Takes the pictures in `docs/screenshots`: each screen, at a phone's and a desk's size, light and dark; those of sharing
//! also from right to left, and at 320 pixels with text of twice the size. Nothing may reach past the side of any.
//!
//! Ignored among the tests: `cargo xtask screenshots` runs it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod album;
mod app;
mod sharing;
mod viewer;
