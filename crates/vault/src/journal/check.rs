//! Checking the journal: quickly at unlock (the chain and each device's newest signature, which covers what came before),
//! and wholly on request (every signature, every list, every record named).

use super::entry::{Body, signed_by};
use crate::attachments::Store;
use crate::error::{Error, Result};
use crate::grants::fixed;
use crate::original;
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use std::collections::{HashMap, HashSet};

/// What a check of the journal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalCheck {
    /// How many entries were looked at.
    pub entries: u64,
    /// The first thing that is wrong; none: the history is whole.
    pub fault: Option<JournalFault>,
}

/// Where and how the history was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalFault {
    /// An entry is missing before this one.
    #[error("entry {0} of the journal is not preceded by the entry it follows")]
    Gap(u64),
    /// An entry's bytes were changed.
    #[error("entry {0} of the journal was changed")]
    Changed(u64),
    /// An entry is not signed by its device.
    #[error("entry {0} of the journal is not signed by its device")]
    Unsigned(u64),
    /// The list of records that an entry names was changed.
    #[error("the list of records of journal entry {0} was changed")]
    List(u64),
    /// A record that an entry names is not in the vault, or its bytes were changed.
    #[error("a record named by journal entry {0} is missing or was changed")]
    Record(u64),
    /// The journal is empty, which no vault's is.
    #[error("the journal is empty")]
    Empty,
}

struct Head {
    seq: u64,
    hash: [u8; 32],
    entry: Vec<u8>,
}

/// The check at unlock.
pub(crate) async fn check_chains(connection: &mut SqliteConnection) -> Result<JournalCheck> {
    check(connection, false).await
}

/// The whole check: as long as the vault is large.
pub(crate) async fn check_all(connection: &mut SqliteConnection, store: &Store) -> Result<JournalCheck> {
    let check = check(&mut *connection, true).await?;
    if check.fault.is_some() {
        return Ok(check);
    }
    let fault = check_records(connection, store).await?;
    Ok(JournalCheck { fault, ..check })
}

async fn check(connection: &mut SqliteConnection, every_signature: bool) -> Result<JournalCheck> {
    let devices: HashMap<Vec<u8>, Vec<u8>> =
        sqlx::query_as("SELECT id, public_key FROM devices").fetch_all(&mut *connection).await?.into_iter().collect();
    let mut heads: HashMap<Vec<u8>, Head> = HashMap::new();
    let mut entries = 0;
    let mut after = i64::MIN;
    loop {
        // In pages, so that a long history does not fill memory.
        let rows =
            sqlx::query("SELECT id, device, seq, hash, entry, list FROM journal WHERE id > ? ORDER BY id LIMIT 500")
                .bind(after)
                .fetch_all(&mut *connection)
                .await?;
        let Some(last) = rows.last() else { break };
        after = last.get(0);
        for row in &rows {
            entries += 1;
            if let Err(fault) = check_row(row, every_signature, &devices, &mut heads) {
                return Ok(JournalCheck { entries, fault: Some(fault) });
            }
        }
    }
    let unsigned = heads.iter().find(|(device, head)| !is_signed(&devices, device, &head.entry));
    let fault = match unsigned {
        Some((_, head)) => Some(JournalFault::Unsigned(head.seq)),
        None if entries == 0 => Some(JournalFault::Empty),
        None => None,
    };
    Ok(JournalCheck { entries, fault })
}

fn check_row(
    row: &SqliteRow,
    every_signature: bool,
    devices: &HashMap<Vec<u8>, Vec<u8>>,
    heads: &mut HashMap<Vec<u8>, Head>,
) -> Result<(), JournalFault> {
    let (device, seq, hash): (&[u8], i64, &[u8]) = (row.get(1), row.get(2), row.get(3));
    let entry: &[u8] = row.get(4);
    let seq = seq.unsigned_abs();
    let found: [u8; 32] = Sha256::digest(entry).into();
    let body = Body::parse(entry).ok_or(JournalFault::Changed(seq))?;
    if found != hash || body.device != device || body.seq != seq {
        return Err(JournalFault::Changed(seq));
    }
    let (expected_seq, expected_previous) = heads.get(device).map_or((1, [0; 32]), |head| (head.seq + 1, head.hash));
    if (seq, body.previous) != (expected_seq, expected_previous) {
        return Err(JournalFault::Gap(seq));
    }
    if every_signature {
        if !is_signed(devices, device, entry) {
            return Err(JournalFault::Unsigned(seq));
        }
        let list: Option<&[u8]> = row.get(5);
        let named = match &body.event {
            super::Event::Imported { list, count, .. } => Some((list.0, *count)),
            _ => None,
        };
        let given = list.map(|list| (<[u8; 32]>::from(Sha256::digest(list)), list.len() as u64 / 64));
        if named != given {
            return Err(JournalFault::List(seq));
        }
    }
    heads.insert(device.to_vec(), Head { seq, hash: found, entry: entry.to_vec() });
    Ok(())
}

fn is_signed(devices: &HashMap<Vec<u8>, Vec<u8>>, device: &[u8], entry: &[u8]) -> bool {
    devices
        .get(device)
        .and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok())
        .is_some_and(|key| signed_by(entry, &key))
}

/// Each record that the lists name must be in the vault with the bytes whose hash was named.
async fn check_records(connection: &mut SqliteConnection, store: &Store) -> Result<Option<JournalFault>> {
    let lists: Vec<(i64, i64)> = sqlx::query_as("SELECT id, seq FROM journal WHERE list IS NOT NULL ORDER BY id")
        .fetch_all(&mut *connection)
        .await?;
    let mut stored: HashSet<[u8; 64]> = HashSet::new();
    let mut after = i64::MIN;
    loop {
        let rows = sqlx::query(
            "SELECT id, identity, original, detached, sha256 FROM versions WHERE id > ? ORDER BY id LIMIT 200",
        )
        .bind(after)
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.get(0);
        for row in &rows {
            let mut name = [0; 64];
            let (identity, hash) = name.split_at_mut(32);
            let given: &[u8] = row.get(1);
            if given.len() == 32 {
                identity.copy_from_slice(given);
            }
            match original::whole(connection, store, row.get(2), row.get(3)).await {
                Ok(original) => hash.copy_from_slice(&Sha256::digest(original)),
                // Told by the check of the attachments; what is here of the record can be compared with nothing.
                Err(Error::Attachment(_)) => hash.copy_from_slice(&fixed::<32>(row, 4)?),
                Err(other) => return Err(other),
            }
            stored.insert(name);
        }
    }
    for (id, seq) in lists {
        let list: Vec<u8> =
            sqlx::query_scalar("SELECT list FROM journal WHERE id = ?").bind(id).fetch_one(&mut *connection).await?;
        let whole = list.as_chunks::<64>();
        if !whole.1.is_empty() || whole.0.iter().any(|name| !stored.contains(name)) {
            return Ok(Some(JournalFault::Record(seq.unsigned_abs())));
        }
    }
    Ok(None)
}
