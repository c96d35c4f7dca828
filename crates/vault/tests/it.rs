//! Tests of the vault from outside, as the wallet uses it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

#[path = "it/attachments.rs"]
mod attachments;
#[path = "it/backup.rs"]
mod backup;
#[path = "it/crash.rs"]
mod crash;
#[path = "it/exit.rs"]
mod exit;
#[path = "it/former.rs"]
mod former;
#[path = "it/history.rs"]
mod history;
#[path = "it/import.rs"]
mod import;
#[path = "it/over.rs"]
mod over;
#[path = "it/search.rs"]
mod search;
#[path = "it/shares.rs"]
mod shares;
#[path = "it/support.rs"]
mod support;
#[path = "it/unlock.rs"]
mod unlock;
#[path = "it/vectors.rs"]
mod vectors;
