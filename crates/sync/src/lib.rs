#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod error;
mod http;
mod ledger;
mod open;
mod outbox;
mod relay;
mod trust;

pub use error::{Error, Reason, Result};
pub use http::Timeouts;
pub use ledger::{Log, Withdrawals};
pub use open::{OpenedLink, fetch_published, open_link};
pub use outbox::{Job, Outbox, OutboxStore, Outcome, Queued, Report, back_off};
pub use relay::RelayClient;
pub use trust::update_trust;
