#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod base64url;
mod error;
pub mod jwe;
pub mod link;
pub mod manifest;
pub mod qr;
pub mod reader;

pub use error::{Error, Result};
pub use jwe::Plaintext;
pub use link::{ContentKey, Flags, Label, ManifestUrl, SmartHealthLink};
pub use qr::QrCode;
pub use reader::{Answer, Ask, Opened, OpenedFile, Reader};
