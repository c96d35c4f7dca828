//! The real binary: what it prints, and the exit code it gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod carnet;
mod choosing;
mod exporting;
mod offline;
mod reading;
mod sharing;
mod tour;
mod trust;
mod typing;
mod vault;
mod whole;
