#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod background;
mod check;
mod clock;
mod error;
mod export;
mod facts;
mod handle;
mod hex;
mod host;
mod import;
mod journal;
mod opening;
mod options;
mod outbox;
mod output;
mod overview;
mod records;
mod relay;
mod settings;
mod share;
mod sheet;
mod stop;
mod timeline;
mod trend;
mod trust;
mod typed;
mod vault;
mod verify;
mod wallet;
mod whose;

pub use carnet_bridge as bridge;
pub use carnet_consent::request;
pub use carnet_consent::verify::{Outcome, Reason, Standing, Verification};
pub use carnet_records::documents::DocumentOptions;
pub use carnet_records::selection::{HeldBackGroup, Preset, Selection, Standing as ChoiceStanding};
pub use carnet_sync::Withdrawals;
pub use carnet_vault::CheckReport;
pub use check::{CheckedFile, check_file};
pub use error::{Error, Result};
pub use export::place::write_file;
pub use export::{ExportFormat, Exported};
pub use host::{BoxFuture, Host, Quiet};
pub use import::{dry_run, link_in_file, links_in_file, table_in_file};
pub use options::{WalletOptions, default_dir, system_language};
pub use share::{
    ProofFiles, REQUEST_PREFIX, differences, new_passcode, new_request_key, read_request, request_text,
    withdraw_with_card, write_request,
};
pub use smart_health::card::Signature as CardSignature;
pub use smart_health::trust::Sources as TrustSources;
pub use trust::TrustState;
pub use vault::MIN_PASSPHRASE_CHARS;
pub use verify::{Attested, NotAttested, OpenedCard, OpenedShare, open_link, open_link_with, verify_files};
pub use wallet::Wallet;
