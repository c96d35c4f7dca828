//! The relay over real HTTP, with two relays on one PostgreSQL and one S3: each request goes to the other one, and the promises are the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "http/abuse.rs"]
mod abuse;
#[path = "http/control_plane.rs"]
mod control_plane;
#[path = "http/data_plane.rs"]
mod data_plane;
#[path = "http/hygiene.rs"]
mod hygiene;
#[path = "http/killed.rs"]
mod killed;
#[path = "http/ledger.rs"]
mod ledger;
#[path = "http/outage.rs"]
mod outage;
#[path = "http/pages.rs"]
mod pages;
#[path = "http/passcode.rs"]
mod passcode;
#[path = "http/revisions.rs"]
mod revisions;
#[path = "http/support.rs"]
mod support;

const STORES: support::Stores = support::Stores::Shared { relays: 2 };
