#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod attachments;
mod backup;
mod batch;
mod db;
mod dump;
mod error;
mod files;
mod grants;
mod import;
mod journal;
mod keys;
mod original;
mod outbox;
mod phrase;
mod profiles;
mod rebuild;
mod records;
mod refused;
mod rows;
mod secret;
mod sensitivity;
mod settings;
mod slots;
mod sqlcipher;
mod vault;
mod wait;

pub use attachments::{AttachmentOutcome, AttachmentRow};
pub use backup::BackupReport;
pub use batch::{Applied, Batch};
pub use error::{AttachmentFault, BackupFault, Error, Result, SlotFault};
pub use grants::{FormerGrant, GrantRow, GrantStatus, NewState, ReceiptOutcome, ReceiptRow};
pub use import::{ImportId, ImportRow, ImportSource, ImportTx, MAX_RECORD, PutOutcome, PutRecord, TYPED_FORMAT};
pub use journal::{Bytes, Event, JournalCheck, JournalEntry, JournalFault, JournalHead};
pub use keys::{GrantSecrets, Keys};
pub use outbox::Job;
pub use phrase::{PhraseFault, RecoveryPhrase, WORDS};
pub use profiles::{Profile, ProfileId};
pub use records::{PageKey, RecordDetail, RecordQuery, RecordRow, RecordSource, RecordVersion, StoredRecord};
pub use secret::Passphrase;
pub use vault::{CheckReport, CreateOptions, Created, Vault};
