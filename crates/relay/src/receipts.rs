//! Receipts: built for each opening, sealed to the patient, committed to log A.

use crate::{Error, Result, error::random};
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::receipt::{Envelope, Outcome, Receipt};
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

/// Seals receipts in order, on every core; each in the envelope that was begun for it, if that is for the same recipient.
pub(crate) async fn seal_all(mut receipts: Vec<(ToSeal, Option<Envelope>)>) -> Result<Vec<Sealed>> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = receipts.len().div_ceil(cores).max(1);
    let mut parts = Vec::with_capacity(cores);
    while !receipts.is_empty() {
        let rest = receipts.split_off(share.min(receipts.len()));
        let part = std::mem::replace(&mut receipts, rest);
        parts.push(tokio::task::spawn_blocking(move || {
            part.into_iter().map(|(receipt, envelope)| seal(receipt, envelope)).collect::<Result<Vec<_>>>()
        }));
    }
    let mut sealed = Vec::new();
    for part in parts {
        sealed.extend(part.await.map_err(|_| Error::Receipt)??);
    }
    Ok(sealed)
}

/// Whether receipts can be sealed to this recipient.
pub(crate) fn is_recipient(to: &str) -> bool {
    Envelope::to(to).is_ok()
}

fn seal(receipt: ToSeal, envelope: Option<Envelope>) -> Result<Sealed> {
    let ToSeal { at, recipient, outcome, opening, relay, tag, to } = receipt;
    let receipt = Receipt::new(at, &recipient, outcome, opening, &relay, tag);
    let r: [u8; 32] = random()?;
    let commitment = commit(&r, ObjectType::Receipt, &receipt.sha256().map_err(|_| Error::Receipt)?).0;
    let envelope = match envelope {
        Some(envelope) if envelope.recipient() == to => envelope,
        _ => Envelope::to(&to).map_err(|_| Error::Receipt)?,
    };
    let bytes = envelope.seal(&receipt, &r).map_err(|_| Error::Receipt)?;
    Ok(Sealed { bytes, commitment })
}

#[cfg(test)]
mod tests {
    use super::*;
    use age::x25519::Identity;
    use carnet_consent::receipt::{RefusalReason, decrypt};

    #[tokio::test]
    async fn receipts_are_sealed_to_their_own_patient_in_order() {
        let (patient, stranger) = (Identity::generate(), Identity::generate());
        let to = |identity: &Identity| identity.to_public().to_string();
        let receipt = |at: i64| ToSeal {
            at,
            recipient: "Dr Example".to_owned(),
            outcome: Outcome::Refused { reason: RefusalReason::Paused },
            opening: 0,
            relay: "relay.example".into(),
            tag: [7; 32],
            to: to(&patient),
        };
        // One begun for the link's recipient, one for whoever it was before, and none.
        let begun = [Some(to(&patient)), Some(to(&stranger)), None];
        let begun = begun.map(|to| to.map(|to| Envelope::to(&to).unwrap()));
        let sealed = seal_all((1..).map(receipt).zip(begun).collect()).await.unwrap();
        assert_eq!(sealed.len(), 3);
        for (sealed, at) in sealed.iter().zip(1..) {
            let (opened, r) = decrypt(&patient, &sealed.bytes).unwrap();
            assert_eq!(opened.at, at);
            assert_eq!(commit(&r, ObjectType::Receipt, &opened.sha256().unwrap()).0, sealed.commitment);
            assert!(decrypt(&stranger, &sealed.bytes).is_err());
        }
    }
}
