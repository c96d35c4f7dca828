//! Receipts: built for each opening, sealed to the patient, committed to log A.

use crate::{Error, Result, error::random};
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::receipt::{Outcome, Receipt, RefusalReason, encrypt};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What a receipt will say, and to whom it is sealed.
pub(crate) struct ToSeal {
    pub(crate) at: i64,
    pub(crate) recipient: String,
    pub(crate) outcome: Outcome,
    pub(crate) opening: u32,
    pub(crate) relay: Arc<str>,
    pub(crate) tag: [u8; 32],
    /// An age recipient, `age1…`.
    pub(crate) to: String,
}

/// A receipt as it is stored.
pub(crate) struct Sealed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) commitment: [u8; 33],
}

/// Seals receipts in order, on every core.
pub(crate) async fn seal_all(mut receipts: Vec<ToSeal>) -> Result<Vec<Sealed>> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = receipts.len().div_ceil(cores).max(1);
    let mut parts = Vec::with_capacity(cores);
    while !receipts.is_empty() {
        let rest = receipts.split_off(share.min(receipts.len()));
        let part = std::mem::replace(&mut receipts, rest);
        parts.push(tokio::task::spawn_blocking(move || part.into_iter().map(seal).collect::<Result<Vec<_>>>()));
    }
    let mut sealed = Vec::new();
    for part in parts {
        sealed.extend(part.await.map_err(|_| Error::Receipt)??);
    }
    Ok(sealed)
}

/// Whether receipts can be sealed to this recipient.
pub(crate) fn is_recipient(to: &str) -> bool {
    let probe = ToSeal {
        at: 0,
        recipient: String::new(),
        outcome: Outcome::Refused { reason: RefusalReason::WrongPasscode },
        opening: 0,
        relay: "probe".into(),
        tag: [0; 32],
        to: to.to_owned(),
    };
    seal(probe).is_ok()
}

fn seal(receipt: ToSeal) -> Result<Sealed> {
    let ToSeal { at, recipient, outcome, opening, relay, tag, to } = receipt;
    let receipt = Receipt::new(at, &recipient, outcome, opening, &relay, tag);
    let r: [u8; 32] = random()?;
    let commitment = commit(&r, ObjectType::Receipt, &receipt.sha256().map_err(|_| Error::Receipt)?).0;
    let bytes = encrypt(&receipt, &r, &to).map_err(|_| Error::Receipt)?;
    Ok(Sealed { bytes, commitment })
}
