//! Publishing and replacing what a link serves.

use super::db::{Row, sql};
use super::log::LogId;
use super::writer::{Batch, Command};
use super::{LinkKey, Store, stored};
use crate::Result;
use carnet_consent::control::PasscodeVerifier;
use std::collections::HashMap;
use subtle::ConstantTimeEq;

/// How long replaced ciphertext stays for the readers who are fetching it, in seconds.
const REPLACED_FILES_STAY: i64 = 600;

/// What a wallet publishes, already checked; its files lie in the file storage.
pub(crate) struct NewLink {
    pub(crate) link: LinkKey,
    /// SHA-256 of the control token.
    pub(crate) control: [u8; 32],
    pub(crate) flags: String,
    pub(crate) status: Option<String>,
    pub(crate) not_before: Option<i64>,
    pub(crate) expires: i64,
    pub(crate) max_openings: u32,
    pub(crate) passcode: Option<PasscodeVerifier>,
    pub(crate) attempts: u32,
    pub(crate) receipt_recipient: String,
    pub(crate) withdrawal_tag: [u8; 32],
    pub(crate) commitment: [u8; 33],
    pub(crate) files: Vec<NewFile>,
    /// SHA-256 of the request's body.
    pub(crate) publication: [u8; 32],
    /// The number that the wallet gave it.
    pub(crate) revision: u64,
    pub(crate) now: i64,
}

/// One file, stored under `name`.
pub(crate) struct NewFile {
    pub(crate) name: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) size: u64,
    pub(crate) content_type: String,
}

/// What came of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublishOutcome {
    /// It is served until then; the commitment has this index in log A.
    Published { index: u64, expires: i64 },
    /// The very same was published before, and replaced since: nothing was changed.
    Known { index: u64, expires: i64 },
    /// A later request of the wallet was carried out before it: nothing was changed.
    Overtaken,
    /// The identifier belongs to another token.
    NotYours,
    /// The grant was withdrawn, which is for ever.
    Withdrawn,
    /// The link was deleted, which is for ever.
    Deleted,
    /// The relay is full.
    Full,
}

impl Store {
    /// Claims the identifier or replaces what it serves.
    pub(crate) async fn publish(&self, new: NewLink) -> Result<PublishOutcome> {
        self.ask(|answer| Command::Publish(Box::new(new), answer)).await
    }

    /// Bytes of ciphertext that links refer to, those of other relays on this database too.
    pub(crate) async fn stored_bytes(&self) -> Result<u64> {
        self.ask(|answer| Command::StoredBytes { answer }).await
    }
}

impl Batch<'_> {
    pub(super) async fn publish(&mut self, new: NewLink) -> Result<PublishOutcome> {
        let select = sql("SELECT control, state, passcode_salt, passcode_rounds, passcode_hash, attempts_used,
                publication, commitment_index, expires, revision
            FROM links WHERE link = $1");
        let old = self.db.row(select.bind(new.link.bytes())).await?;
        let (mut attempts_used, mut superseded) = (0, None);
        if let Some(row) = &old {
            let control: [u8; 32] = row.array(0)?;
            if !bool::from(control.ct_eq(&new.control)) {
                return Ok(PublishOutcome::NotYours);
            }
            match row.get::<String>(1)?.as_str() {
                "withdrawn" => return Ok(PublishOutcome::Withdrawn),
                "deleted" => return Ok(PublishOutcome::Deleted),
                _ => {}
            }
            let newest: Option<Vec<u8>> = row.get(6)?;
            let is_newest = newest.as_deref() == Some(new.publication.as_slice());
            let revision: u64 = row.count(9)?;
            // One that is replayed, or was carried out and then overtaken.
            if self.is_superseded(&new).await? || (is_newest && new.revision < revision) {
                return Ok(PublishOutcome::Known { index: row.count(7)?, expires: row.get(8)? });
            }
            if new.revision < revision || (new.revision == revision && revision > 0 && !is_newest) {
                return Ok(PublishOutcome::Overtaken);
            }
            if let Some(newest) = newest.filter(|_| !is_newest) {
                let note = sql("INSERT INTO superseded_publications (link, publication) VALUES ($1, $2)");
                superseded = Some(note.bind(new.link.bytes()).bind(newest));
            }
            // A publication sent again must not give a guesser new tries; only another passcode does.
            if verifier(row, 2)? == new.passcode {
                attempts_used = row.get(5)?;
            }
        }
        if self.withdrawn(&new.withdrawal_tag).await? {
            return Ok(PublishOutcome::Withdrawn);
        }
        let (old_files, old_bytes) = self.file_names(&new.link).await?;
        let total_bytes = self.options.total_bytes;
        let stored = self.bytes().await?;
        let bytes = stored.saturating_sub(old_bytes) + new.files.iter().map(|file| file.size).sum::<u64>();
        if bytes > total_bytes && bytes > *stored {
            return Ok(PublishOutcome::Full);
        }
        *stored = bytes;
        if new.passcode.is_none() {
            self.recipients.remember(&new.link, &new.receipt_recipient);
        }
        let index = self.submit(LogId::A, &new.commitment).await?;
        if let Some(superseded) = superseded {
            self.run(superseded).await?;
        }
        self.put_link(&new, attempts_used, index).await?;
        self.put_files(&new).await?;
        for name in old_files {
            self.discard(&name, new.now.saturating_add(REPLACED_FILES_STAY)).await?;
        }
        Ok(PublishOutcome::Published { index, expires: new.expires })
    }

    async fn is_superseded(&mut self, new: &NewLink) -> Result<bool> {
        let select = sql("SELECT link FROM superseded_publications WHERE link = $1 AND publication = $2");
        Ok(self.db.row(select.bind(new.link.bytes()).bind(&new.publication)).await?.is_some())
    }

    async fn put_link(&mut self, new: &NewLink, attempts_used: i64, index: u64) -> Result<()> {
        let put =
            sql("INSERT INTO links (link, control, state, flags, status, not_before, expires, max_openings, openings,
                passcode_salt, passcode_rounds, passcode_hash, attempts, attempts_used, receipt_recipient,
                withdrawal_tag, commitment, commitment_index, receipts, publication, revision)
            VALUES ($1, $2, 'live', $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18)
            ON CONFLICT (link) DO UPDATE SET flags = excluded.flags, status = excluded.status,
                not_before = excluded.not_before, expires = excluded.expires, max_openings = excluded.max_openings,
                passcode_salt = excluded.passcode_salt, passcode_rounds = excluded.passcode_rounds,
                passcode_hash = excluded.passcode_hash, attempts = excluded.attempts,
                attempts_used = excluded.attempts_used, receipt_recipient = excluded.receipt_recipient,
                withdrawal_tag = excluded.withdrawal_tag, commitment = excluded.commitment,
                commitment_index = excluded.commitment_index, publication = excluded.publication,
                revision = excluded.revision");
        let passcode = new.passcode.as_ref();
        let put = put
            .bind(new.link.bytes())
            .bind(&new.control)
            .bind(new.flags.as_str())
            .bind(new.status.clone())
            .bind(new.not_before)
            .bind(new.expires)
            .bind(new.max_openings)
            .bind(passcode.map(|passcode| passcode.salt.clone()))
            .bind(passcode.map(|passcode| i64::from(passcode.iterations)))
            .bind(passcode.map(|passcode| passcode.hash.to_vec()))
            .bind(new.attempts)
            .bind(attempts_used)
            .bind(new.receipt_recipient.as_str())
            .bind(&new.withdrawal_tag)
            .bind(&new.commitment)
            .bind(stored(index))
            .bind(&new.publication)
            .bind(stored(new.revision));
        self.run(put).await
    }

    async fn put_files(&mut self, new: &NewLink) -> Result<()> {
        let before =
            self.db.rows(sql("SELECT sha256, updated FROM files WHERE link = $1").bind(new.link.bytes())).await?;
        // What is stored again as it was has not been updated.
        let before: HashMap<[u8; 32], i64> =
            before.iter().map(|row| Ok((row.array(0)?, row.get(1)?))).collect::<Result<_>>()?;
        self.run(sql("DELETE FROM files WHERE link = $1").bind(new.link.bytes())).await?;
        for (number, file) in (0_i64..).zip(&new.files) {
            let insert = sql("INSERT INTO files (link, number, name, sha256, size, content_type, updated)
                VALUES ($1, $2, $3, $4, $5, $6, $7)");
            let updated = before.get(&file.sha256).copied().unwrap_or(new.now);
            let insert = insert.bind(new.link.bytes()).bind(number).bind(file.name.as_str()).bind(&file.sha256);
            self.run(insert.bind(stored(file.size)).bind(file.content_type.as_str()).bind(updated)).await?;
        }
        Ok(())
    }
}

/// The passcode verifier in three columns from `at` on.
pub(super) fn verifier(row: &Row, at: usize) -> Result<Option<PasscodeVerifier>> {
    let (salt, rounds, hash): (Option<Vec<u8>>, Option<i64>, Option<Vec<u8>>) =
        (row.get(at)?, row.get(at + 1)?, row.get(at + 2)?);
    match (salt, rounds, hash) {
        (Some(salt), Some(_), Some(_)) => {
            Ok(Some(PasscodeVerifier { salt, iterations: row.count(at + 1)?, hash: row.array(at + 2)? }))
        }
        _ => Ok(None),
    }
}
