//! The relay over real HTTP, with SQLite and a folder: every promise of its two planes, its ledger and its pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod abuse;
mod control_plane;
mod data_plane;
mod hygiene;
mod killed;
mod ledger;
mod outage;
mod pages;
mod passcode;
mod revisions;
mod support;

const STORES: support::Stores = support::Stores::Folder;
