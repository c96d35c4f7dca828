//! The client against servers that really speak HTTP: one that misbehaves as told, a log made of files, and the relay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod canned;
mod failures;
mod ledger;
mod open;
mod outbox;
mod real_relay;
