#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

#[cfg(feature = "cards")]
pub mod attestation;
mod base64url;
#[cfg(feature = "cards")]
pub mod card;
#[cfg(any(feature = "cards", feature = "hcert"))]
mod certificate;
pub mod content;
mod error;
#[cfg(any(feature = "cards", feature = "hcert"))]
mod es256;
#[cfg(any(feature = "cards", feature = "hcert"))]
mod finding;
#[cfg(feature = "hcert")]
pub mod hcert;
mod http_date;
mod inflate;
pub mod jwe;
pub mod link;
pub mod manifest;
mod percent;
pub mod qr;
pub mod reader;
#[cfg(feature = "trust")]
pub mod trust;
pub mod watch;

pub use error::{Error, Result};
#[cfg(any(feature = "cards", feature = "hcert"))]
pub use finding::{Finding, Severity, refusal};
pub use jwe::Plaintext;
pub use link::{ContentKey, Flags, Label, ManifestUrl, Preview, SmartHealthLink};
pub use percent::percent_decoded;
pub use qr::QrCode;
pub use reader::{Answer, Ask, Opened, OpenedFile, Reader};
pub use watch::Watch;
