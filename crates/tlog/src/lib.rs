#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod checkpoint;
mod encoding;
mod error;
mod hash;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod tree;

pub use error::{Error, Result};
pub use hash::{HASH_BYTES, Hash, empty_root, leaf_hash, node_hash};
