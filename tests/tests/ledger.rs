//! The ledger, looked at by eyes that are not ours, and a grant's proof checked without a network.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
