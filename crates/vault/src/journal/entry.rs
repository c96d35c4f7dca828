//! One journal entry: its content, its bytes and its signature.
//!
//! An entry is a COSE_Sign1 message (RFC 9052), untagged, protected header `{1: -8}` (EdDSA), external data
//! `carnet/journal/v1`. Its payload is a CBOR array (RFC 8949): format (1), device (16 bytes), sequence number (from 1),
//! SHA-256 of the device's entry before this one (32 zero bytes for the first), milliseconds since 1970 and counter of
//! the hybrid logical clock, profile number or null, and the event as a map.

use crate::error::{Error, Result};
use crate::profiles::ProfileId;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, iana};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// The version of the entry's form.
const FORMAT: u8 = 1;

const EXTERNAL_DATA: &[u8] = b"carnet/journal/v1";

/// Something that happened. Hashes are SHA-256; times Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The vault was made on this device.
    Created {
        /// The vault's identifier.
        vault: Bytes<16>,
    },
    /// The vault was made from a backup on this device.
    Restored {
        /// The new vault's identifier.
        vault: Bytes<16>,
        /// Hashes of the newest entries that the backup held, one for each device.
        heads: Vec<Bytes<32>>,
    },
    /// A person was added.
    ProfileAdded {
        /// The name given.
        name: String,
    },
    /// A person's name was changed.
    ProfileRenamed {
        /// The new name.
        name: String,
    },
    /// A file was imported.
    Imported {
        /// Hash of the file.
        file: Bytes<32>,
        /// How many new records or versions it brought.
        count: u64,
        /// Hash of the list of them: identity and hash of each, in order.
        list: Bytes<32>,
    },
    /// A share was granted.
    Granted {
        /// Which.
        grant: Bytes<16>,
        /// Hash of the signed grant.
        signed: Bytes<32>,
    },
    /// The state of a share changed.
    GrantChanged {
        /// Which.
        grant: Bytes<16>,
        /// The new state.
        status: String,
    },
    /// A share was opened, as a receipt tells.
    Opened {
        /// Which.
        grant: Bytes<16>,
        /// The relay's number of the receipt.
        seq: u64,
        /// Hash of the receipt.
        receipt: Bytes<32>,
        /// The receipt's place in the relay's log of commitments.
        index: u64,
    },
    /// Records left the vault as a file.
    Exported {
        /// In what form (`backup`, `ips`, `pdf` …).
        form: String,
    },
    /// The patient said why a record is held back from shares.
    SensitivityChosen {
        /// Identity of the record.
        record: Bytes<32>,
        /// The labels, as a JSON array; none: what was found in it counts again.
        labels: Option<String>,
    },
    /// An attachment was removed.
    AttachmentRemoved {
        /// Hash of its bytes.
        attachment: Bytes<32>,
    },
    /// The passphrase was changed.
    PassphraseChanged,
    /// Somebody tried passphrases that did not fit.
    UnlocksRefused {
        /// How often.
        count: u32,
        /// The first time.
        first: i64,
        /// The last time.
        last: i64,
    },
    /// The vault was opened with the recovery words.
    OpenedWithPhrase,
}

/// One entry as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The device that wrote it.
    pub device: [u8; 16],
    /// Its number on that device, from 1.
    pub seq: u64,
    /// When, Unix seconds.
    pub at: i64,
    /// Whom it concerns; none: the vault as a whole.
    pub profile: Option<ProfileId>,
    /// What happened.
    pub event: Event,
    /// SHA-256 of the entry.
    pub hash: [u8; 32],
}

/// A fixed number of bytes, written as a CBOR byte string.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bytes<const N: usize>(pub [u8; N]);

/// The hybrid logical clock: never goes back, not even when the device's clock does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Clock {
    pub(crate) millis: u64,
    pub(crate) counter: u32,
}

impl Clock {
    /// The time of the next event, `now` in Unix seconds.
    pub(crate) fn tick(self, now: i64) -> Self {
        let millis = u64::try_from(now).unwrap_or(0).saturating_mul(1000);
        if millis > self.millis {
            Self { millis, counter: 0 }
        } else {
            Self { millis: self.millis, counter: self.counter.saturating_add(1) }
        }
    }
}

/// What an entry says, before or after it is bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) device: [u8; 16],
    pub(crate) seq: u64,
    pub(crate) previous: [u8; 32],
    pub(crate) clock: Clock,
    pub(crate) profile: Option<ProfileId>,
    pub(crate) event: Event,
}

type Wire = (u8, Bytes<16>, u64, Bytes<32>, u64, u32, Option<u16>, Event);

impl Body {
    /// The entry's bytes.
    pub(crate) fn sign(&self, key: &SigningKey) -> Result<Vec<u8>> {
        let wire: Wire = (
            FORMAT,
            Bytes(self.device),
            self.seq,
            Bytes(self.previous),
            self.clock.millis,
            self.clock.counter,
            self.profile.map(|profile| profile.0),
            self.event.clone(),
        );
        let mut payload = Vec::new();
        ciborium::into_writer(&wire, &mut payload).map_err(|_| Error::Internal("journal entry"))?;
        CoseSign1Builder::new()
            .protected(HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build())
            .payload(payload)
            .create_signature(EXTERNAL_DATA, |message| key.sign(message).to_vec())
            .build()
            .to_vec()
            .map_err(|_| Error::Internal("journal entry"))
    }

    /// Reads an entry without checking its signature; nothing if the bytes are no entry.
    pub(crate) fn parse(entry: &[u8]) -> Option<Self> {
        let payload = CoseSign1::from_slice(entry).ok()?.payload?;
        let mut rest = payload.as_slice();
        let (format, device, seq, previous, millis, counter, profile, event): Wire =
            ciborium::from_reader(&mut rest).ok()?;
        (format == FORMAT && rest.is_empty()).then_some(Self {
            device: device.0,
            seq,
            previous: previous.0,
            clock: Clock { millis, counter },
            profile: profile.map(ProfileId),
            event,
        })
    }

    pub(crate) fn into_entry(self, hash: [u8; 32]) -> JournalEntry {
        JournalEntry {
            device: self.device,
            seq: self.seq,
            at: i64::try_from(self.clock.millis / 1000).unwrap_or(i64::MAX),
            profile: self.profile,
            event: self.event,
            hash,
        }
    }
}

/// Whether the device's key signed these bytes.
pub(crate) fn signed_by(entry: &[u8], public_key: &[u8; 32]) -> bool {
    let (Ok(message), Ok(key)) = (CoseSign1::from_slice(entry), VerifyingKey::from_bytes(public_key)) else {
        return false;
    };
    let eddsa = coset::RegisteredLabelWithPrivate::Assigned(iana::Algorithm::EdDSA);
    message.protected.header.alg == Some(eddsa)
        && message
            .verify_signature(EXTERNAL_DATA, |signature, message| {
                let signature = Signature::from_slice(signature)?;
                key.verify_strict(message, &signature)
            })
            .is_ok()
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Exactly<const N: usize>;
        impl<const N: usize> Visitor<'_> for Exactly<N> {
            type Value = Bytes<N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{N} bytes")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                bytes.try_into().map(Bytes).map_err(|_| E::invalid_length(bytes.len(), &self))
            }
        }
        deserializer.deserialize_bytes(Exactly::<N>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Body {
        Body {
            device: [1; 16],
            seq: 2,
            previous: [3; 32],
            clock: Clock { millis: 1_700_000_000_000, counter: 4 },
            profile: Some(ProfileId(5)),
            event: Event::Opened { grant: Bytes([6; 16]), seq: 7, receipt: Bytes([8; 32]), index: 9 },
        }
    }

    #[test]
    fn round_trips_and_verifies() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let entry = body().sign(&key).unwrap();
        assert_eq!(Body::parse(&entry), Some(body()));
        assert!(signed_by(&entry, key.verifying_key().as_bytes()));
        assert!(!signed_by(&entry, SigningKey::from_bytes(&[2; 32]).verifying_key().as_bytes()));
    }

    #[test]
    fn every_changed_bit_breaks_the_signature() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let entry = body().sign(&key).unwrap();
        for at in 0..entry.len() * 8 {
            let mut bad = entry.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(!signed_by(&bad, key.verifying_key().as_bytes()), "bit {at}");
        }
    }

    #[test]
    fn the_clock_never_goes_back() {
        let first = Clock::default().tick(100);
        let back = first.tick(50);
        assert!(back > first && back.tick(100) > back && back.tick(101) > back.tick(100));
        assert!(Clock::default().tick(i64::MIN) > Clock::default());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Body::parse(&bytes);
            let _ = signed_by(&bytes, &[0; 32]);
        }
    }
}
