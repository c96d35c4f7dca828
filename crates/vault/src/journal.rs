//! The journal: what happened in this vault, in order, each entry bound to the one before it and signed by the device.
//!
//! It is the patient's own proof that the history was not edited, and it has the form that two devices of one person will
//! exchange. One import is one entry that names its records by hash.

mod check;
mod entry;

pub use check::{JournalCheck, JournalFault};
pub use entry::{Bytes, Event, JournalEntry};

pub(crate) use check::{check_all, check_chains};

use crate::error::{Error, Result};
use crate::profiles::ProfileId;
use crate::secret::{fill_random, random_bytes};
use ed25519_dalek::SigningKey;
use entry::{Body, Clock};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use std::fmt;
use zeroize::Zeroizing;

/// This device: its identifier and the random key that signs its journal entries.
pub(crate) struct Device {
    pub(crate) id: [u8; 16],
    key: SigningKey,
}

impl Device {
    pub(crate) fn make() -> Result<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        fill_random(seed.as_mut())?;
        Ok(Self::from_seed(random_bytes()?, &seed))
    }

    pub(crate) fn from_seed(id: [u8; 16], seed: &[u8; 32]) -> Self {
        Self { id, key: SigningKey::from_bytes(seed) }
    }

    pub(crate) fn expose_seed(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    pub(crate) fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(..)")
    }
}

/// The newest entry of one device: what an anchor commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalHead {
    /// Which device.
    pub device: [u8; 16],
    /// Its number, from 1.
    pub seq: u64,
    /// SHA-256 of the entry.
    pub hash: [u8; 32],
}

/// Appends one entry inside the caller's transaction.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    device: &Device,
    now: i64,
    profile: Option<ProfileId>,
    event: Event,
    list: Option<Vec<u8>>,
) -> Result<JournalHead> {
    let last = sqlx::query("SELECT seq, hash, entry FROM journal WHERE device = ? ORDER BY seq DESC LIMIT 1")
        .bind(device.id.as_slice())
        .fetch_optional(&mut *connection)
        .await?;
    let (seq, previous, clock) = match last {
        None => (1, [0; 32], Clock::default()),
        Some(row) => {
            let entry = Body::parse(row.get(2)).ok_or(Error::Damaged)?;
            let hash = <[u8; 32]>::try_from(row.get::<&[u8], _>(1)).map_err(|_| Error::Damaged)?;
            (row.get::<i64, _>(0).unsigned_abs().saturating_add(1), hash, entry.clock)
        }
    };
    let body = Body { device: device.id, seq, previous, clock: clock.tick(now), profile, event };
    let entry = body.sign(&device.key)?;
    let hash: [u8; 32] = Sha256::digest(&entry).into();
    sqlx::query("INSERT INTO journal (device, seq, hash, entry, list) VALUES (?, ?, ?, ?, ?)")
        .bind(device.id.to_vec())
        .bind(i64::try_from(seq).map_err(|_| Error::Internal("journal"))?)
        .bind(hash.to_vec())
        .bind(entry)
        .bind(list)
        .execute(connection)
        .await?;
    Ok(JournalHead { device: device.id, seq, hash })
}

/// Makes a device known, so that its entries can be checked.
pub(crate) async fn add_device(
    connection: &mut SqliteConnection,
    id: [u8; 16],
    public_key: [u8; 32],
    now: i64,
) -> Result<()> {
    sqlx::query("INSERT INTO devices (id, public_key, added_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING")
        .bind(id.to_vec())
        .bind(public_key.to_vec())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest entry of every device.
pub(crate) async fn heads(connection: &mut SqliteConnection) -> Result<Vec<JournalHead>> {
    let rows = sqlx::query("SELECT device, max(seq), hash FROM journal GROUP BY device ORDER BY device")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(JournalHead {
                device: row.get::<&[u8], _>(0).try_into().map_err(|_| Error::Damaged)?,
                seq: row.get::<i64, _>(1).unsigned_abs(),
                hash: row.get::<&[u8], _>(2).try_into().map_err(|_| Error::Damaged)?,
            })
        })
        .collect()
}

/// The newest entries, newest first.
pub(crate) async fn newest(connection: &mut SqliteConnection, limit: u32) -> Result<Vec<JournalEntry>> {
    let rows = sqlx::query("SELECT entry, hash FROM journal ORDER BY id DESC LIMIT ?")
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let body = Body::parse(row.get(0)).ok_or(Error::Damaged)?;
            let hash = row.get::<&[u8], _>(1).try_into().map_err(|_| Error::Damaged)?;
            Ok(body.into_entry(hash))
        })
        .collect()
}
