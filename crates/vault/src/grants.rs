//! Shares and their receipts as the vault keeps them.

use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::journal::{Bytes, Event};
use crate::profiles::ProfileId;
use crate::vault::Vault;
use carnet_consent::GrantId;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::fmt;

/// A share. `Debug` shows neither the link nor whom it is for.
pub struct GrantRow {
    /// Which.
    pub id: GrantId,
    /// Whose records.
    pub profile: ProfileId,
    /// The signed grant (COSE_Sign1).
    pub signed: Vec<u8>,
    /// What is shared, as it is before encryption: stored with a new share, read with [`Vault::bundle`].
    pub bundle: Option<Vec<u8>>,
    /// The link; whoever has it can open the share.
    pub link: SecretString,
    /// The relay that serves it.
    pub relay_url: String,
    /// The link's id on that relay.
    pub link_id: String,
    /// The random number behind the grant's commitment in the ledger.
    pub commitment_r: [u8; 32],
    /// The commitment's place in the relay's log, once known.
    pub commitment_index: Option<u64>,
    /// Its state.
    pub status: GrantStatus,
    /// Whom it is for, in the patient's words.
    pub recipient: String,
    /// What for (HL7 v3 ActReason).
    pub purpose: String,
    /// When it was made, Unix seconds.
    pub created_at: i64,
    /// When it ends, Unix seconds.
    pub expires: i64,
    /// What else the wallet keeps about it (JSON).
    pub details: String,
}

/// What takes the place of what a share was: signed anew, for longer or for other records. `Debug` shows nothing.
pub struct NewState {
    /// As in [`GrantRow::signed`].
    pub signed: Vec<u8>,
    /// As in [`GrantRow::bundle`].
    pub bundle: Vec<u8>,
    /// As in [`GrantRow::commitment_r`].
    pub commitment_r: [u8; 32],
    /// As in [`GrantRow::expires`].
    pub expires: i64,
    /// As in [`GrantRow::link`].
    pub link: SecretString,
    /// As in [`GrantRow::details`].
    pub details: String,
}

/// What a share was before it was signed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerGrant {
    /// The signed grant (COSE_Sign1).
    pub signed: Vec<u8>,
    /// The random number behind its commitment in the ledger.
    pub commitment_r: [u8; 32],
    /// The commitment's place in the relay's log, if it ever got there.
    pub commitment_index: Option<u64>,
    /// When another took its place, Unix seconds.
    pub replaced_at: i64,
}

/// The state of a share, as far as it does not follow from the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GrantStatus {
    /// Signed; its relay does not have it yet.
    Waiting,
    /// Its relay serves it.
    Live,
    /// Its relay holds it back for the moment.
    Paused,
    /// The patient stopped it; its relay could not be told yet.
    Stopping,
    /// The patient stopped it and its relay knows.
    Stopped,
}

impl GrantStatus {
    const ALL: [Self; 5] = [Self::Waiting, Self::Live, Self::Paused, Self::Stopping, Self::Stopped];

    /// Its name in the vault and the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl fmt::Debug for NewState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewState").finish_non_exhaustive()
    }
}

/// A receipt that was opened and checked.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptRow {
    /// The share that was opened.
    pub grant: GrantId,
    /// The relay's number of the receipt within the share.
    pub seq: u64,
    /// The receipt (CBOR).
    pub receipt: Vec<u8>,
    /// The random number behind the receipt's commitment in the ledger.
    pub commitment_r: [u8; 32],
    /// The commitment's place in the relay's log.
    pub commitment_index: u64,
    /// When the wallet learnt of it, Unix seconds.
    pub learnt_at: i64,
}

impl fmt::Debug for ReceiptRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiptRow").field("grant", &self.grant).field("seq", &self.seq).finish_non_exhaustive()
    }
}

/// What became of a receipt that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// It was new.
    Stored,
    /// It was there already.
    AlreadyThere,
    /// Another receipt is there under the same number; it was kept. The relay contradicts itself.
    Differs,
}

impl fmt::Debug for GrantRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantRow").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

const COLUMNS: &str = "id, profile, signed, link, relay_url, link_id, commitment_r, commitment_index, status, recipient, \
    purpose, created_at, expires, details";

impl Vault {
    /// Stores a new share. To queue its publication in the same transaction, use a [`Batch`].
    ///
    /// # Errors
    /// Those of the database, one of them if the share is there already.
    pub async fn put_grant(&self, grant: GrantRow, now: i64) -> Result<()> {
        let mut batch = Batch::new(now);
        batch.put_grant(grant);
        self.apply(batch).await.map(drop)
    }

    /// Changes the state of a share.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a share that is not there; those of the database.
    pub async fn set_grant_status(&self, id: &GrantId, status: GrantStatus, now: i64) -> Result<()> {
        let mut batch = Batch::new(now);
        batch.set_grant_status(id, status);
        self.apply(batch).await.map(drop)
    }

    /// All shares, newest first, without what was shared.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn grants(&self) -> Result<Vec<GrantRow>> {
        let sql = format!("SELECT {COLUMNS} FROM grants ORDER BY created_at DESC, id");
        sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *self.db.lock().await?).await?.iter().map(grant).collect()
    }

    /// One share, without what was shared.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a share that is not there; those of the database.
    pub async fn grant(&self, id: &GrantId) -> Result<GrantRow> {
        let sql = format!("SELECT {COLUMNS} FROM grants WHERE id = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut *self.db.lock().await?)
            .await?;
        grant(&row.ok_or(Error::NoSuch("share"))?)
    }

    /// What a share holds as it is before encryption, sealed. It can be megabytes, and little asks for it.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a share that is not there; those of the database.
    pub async fn bundle(&self, id: &GrantId) -> Result<Option<Vec<u8>>> {
        let row = sqlx::query_scalar("SELECT bundle FROM grants WHERE id = ?")
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut *self.db.lock().await?)
            .await?;
        row.ok_or(Error::NoSuch("share"))
    }

    /// What a share holds as it was before sealing, if it is kept.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unsealed(&self, id: &GrantId) -> Result<Option<Vec<u8>>> {
        let row = sqlx::query_scalar("SELECT document FROM unsealed WHERE grant_id = ?")
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut *self.db.lock().await?)
            .await?;
        Ok(row)
    }

    /// What a share was before, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn former_grants(&self, id: &GrantId) -> Result<Vec<FormerGrant>> {
        let rows = sqlx::query(
            "SELECT signed, commitment_r, commitment_index, replaced_at FROM former_grants WHERE grant_id = ? \
             ORDER BY replaced_at DESC, commitment_index DESC",
        )
        .bind(id.as_bytes().to_vec())
        .fetch_all(&mut *self.db.lock().await?)
        .await?;
        let former = |row: &SqliteRow| {
            Ok(FormerGrant {
                signed: row.get(0),
                commitment_r: fixed(row, 1)?,
                commitment_index: row.get::<Option<i64>, _>(2).map(i64::unsigned_abs),
                replaced_at: row.get(3),
            })
        };
        rows.iter().map(former).collect()
    }

    /// Stores a receipt; safe to repeat.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a share that is not there; those of the database.
    pub async fn put_receipt(&self, receipt: ReceiptRow, now: i64) -> Result<ReceiptOutcome> {
        let mut batch = Batch::new(now);
        batch.put_receipt(receipt);
        self.apply(batch).await?.receipts.first().copied().ok_or(Error::Internal("receipt"))
    }

    /// The receipts of one share, or of all, newest first as the wallet learnt of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn receipts(&self, grant: Option<&GrantId>) -> Result<Vec<ReceiptRow>> {
        let rows = sqlx::query(
            "SELECT grant_id, seq, receipt, commitment_r, commitment_index, learnt_at FROM receipts \
             WHERE ?1 IS NULL OR grant_id = ?1 ORDER BY learnt_at DESC, grant_id, seq DESC",
        )
        .bind(grant.map(|id| id.as_bytes().to_vec()))
        .fetch_all(&mut *self.db.lock().await?)
        .await?;
        rows.iter().map(receipt).collect()
    }

    /// The highest number of a receipt that is stored for a share: where to go on asking.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_receipt(&self, grant: &GrantId) -> Result<Option<u64>> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM receipts WHERE grant_id = ?")
            .bind(grant.as_bytes().to_vec())
            .fetch_one(&mut *self.db.lock().await?)
            .await?;
        Ok(seq.map(i64::unsigned_abs))
    }
}

/// The journal's words for a new share.
pub(crate) fn granted(grant: &GrantRow) -> Event {
    Event::Granted { grant: Bytes(*grant.id.as_bytes()), signed: Bytes(Sha256::digest(&grant.signed).into()) }
}

/// Puts a new state in the place of the old one, which is kept; gives whose share it is and the journal's words for it.
pub(crate) async fn replace(
    connection: &mut SqliteConnection,
    id: &GrantId,
    new: NewState,
    now: i64,
) -> Result<(ProfileId, Event)> {
    let key = id.as_bytes().to_vec();
    let row = sqlx::query("SELECT profile, signed, commitment_r, commitment_index FROM grants WHERE id = ?")
        .bind(key.clone())
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(Error::NoSuch("share"))?;
    let former: Vec<u8> = row.get(1);
    // The very same again would be a former one of itself.
    if former != new.signed {
        sqlx::query("INSERT INTO former_grants VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(key.clone())
            .bind(Sha256::digest(&former).to_vec())
            .bind(former)
            .bind(row.get::<Vec<u8>, _>(2))
            .bind(row.get::<Option<i64>, _>(3))
            .bind(now)
            .execute(&mut *connection)
            .await?;
    }
    let event = Event::Granted { grant: Bytes(*id.as_bytes()), signed: Bytes(Sha256::digest(&new.signed).into()) };
    sqlx::query(
        "UPDATE grants SET signed = ?, bundle = ?, commitment_r = ?, commitment_index = NULL, expires = ?, link = ?, \
         details = ? WHERE id = ?",
    )
    .bind(new.signed)
    .bind(new.bundle)
    .bind(new.commitment_r.to_vec())
    .bind(new.expires)
    .bind(new.link.expose_secret().to_owned())
    .bind(new.details)
    .bind(key)
    .execute(connection)
    .await?;
    Ok((ProfileId(row.get(0)), event))
}

pub(crate) async fn set_unsealed(
    connection: &mut SqliteConnection,
    id: &GrantId,
    document: Option<Vec<u8>>,
) -> Result<()> {
    let id = id.as_bytes().to_vec();
    let change = match document {
        Some(document) => sqlx::query(
            "INSERT INTO unsealed (grant_id, document) VALUES (?1, ?2) ON CONFLICT (grant_id) DO UPDATE SET document = ?2",
        )
        .bind(id)
        .bind(document),
        None => sqlx::query("DELETE FROM unsealed WHERE grant_id = ?").bind(id),
    };
    change.execute(connection).await?;
    Ok(())
}

pub(crate) async fn set_former_index(
    connection: &mut SqliteConnection,
    id: &GrantId,
    sha256: &[u8; 32],
    index: u64,
) -> Result<()> {
    sqlx::query("UPDATE former_grants SET commitment_index = ? WHERE grant_id = ? AND sha256 = ?")
        .bind(signed_index(index)?)
        .bind(id.as_bytes().to_vec())
        .bind(sha256.to_vec())
        .execute(connection)
        .await?;
    Ok(())
}

/// The journal's words for a change of state.
pub(crate) fn changed(id: &GrantId, status: GrantStatus) -> Event {
    Event::GrantChanged { grant: Bytes(*id.as_bytes()), status: status.as_str().to_owned() }
}

/// The journal's words for an opening.
pub(crate) fn opened(row: &ReceiptRow) -> Event {
    Event::Opened {
        grant: Bytes(*row.grant.as_bytes()),
        seq: row.seq,
        receipt: Bytes(Sha256::digest(&row.receipt).into()),
        index: row.commitment_index,
    }
}

pub(crate) async fn insert(connection: &mut SqliteConnection, grant: GrantRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO grants (id, profile, signed, bundle, link, relay_url, link_id, commitment_r, commitment_index, status, \
         recipient, purpose, created_at, expires, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(grant.id.as_bytes().to_vec())
    .bind(grant.profile.0)
    .bind(grant.signed)
    .bind(grant.bundle)
    .bind(grant.link.expose_secret().to_owned())
    .bind(grant.relay_url)
    .bind(grant.link_id)
    .bind(grant.commitment_r.to_vec())
    .bind(grant.commitment_index.map(signed_index).transpose()?)
    .bind(grant.status.as_str())
    .bind(grant.recipient)
    .bind(grant.purpose)
    .bind(grant.created_at)
    .bind(grant.expires)
    .bind(grant.details)
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the state; gives whose share it is if that changed anything.
pub(crate) async fn set_status(
    connection: &mut SqliteConnection,
    id: &GrantId,
    status: GrantStatus,
) -> Result<Option<ProfileId>> {
    let row: Option<(u16, String)> = sqlx::query_as("SELECT profile, status FROM grants WHERE id = ?")
        .bind(id.as_bytes().to_vec())
        .fetch_optional(&mut *connection)
        .await?;
    let (profile, before) = row.ok_or(Error::NoSuch("share"))?;
    if before == status.as_str() {
        return Ok(None);
    }
    sqlx::query("UPDATE grants SET status = ? WHERE id = ?")
        .bind(status.as_str())
        .bind(id.as_bytes().to_vec())
        .execute(connection)
        .await?;
    Ok(Some(ProfileId(profile)))
}

pub(crate) async fn insert_receipt(
    connection: &mut SqliteConnection,
    new: ReceiptRow,
) -> Result<(ReceiptOutcome, ProfileId)> {
    let id = new.grant.as_bytes().to_vec();
    let profile: Option<u16> = sqlx::query_scalar("SELECT profile FROM grants WHERE id = ?")
        .bind(id.clone())
        .fetch_optional(&mut *connection)
        .await?;
    let profile = ProfileId(profile.ok_or(Error::NoSuch("share"))?);
    let seq = signed_index(new.seq)?;
    let there: Option<Vec<u8>> = sqlx::query_scalar("SELECT receipt FROM receipts WHERE grant_id = ? AND seq = ?")
        .bind(id.clone())
        .bind(seq)
        .fetch_optional(&mut *connection)
        .await?;
    match there {
        Some(receipt) if receipt == new.receipt => return Ok((ReceiptOutcome::AlreadyThere, profile)),
        Some(_) => return Ok((ReceiptOutcome::Differs, profile)),
        None => {}
    }
    sqlx::query("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?)")
        .bind(id)
        .bind(seq)
        .bind(new.receipt)
        .bind(new.commitment_r.to_vec())
        .bind(signed_index(new.commitment_index)?)
        .bind(new.learnt_at)
        .execute(connection)
        .await?;
    Ok((ReceiptOutcome::Stored, profile))
}

/// SQLite counts to 2^63 - 1 only; no log will have as many entries.
fn signed_index(index: u64) -> Result<i64> {
    i64::try_from(index).map_err(|_| Error::TooLarge { what: "number", limit: 8 })
}

fn grant(row: &SqliteRow) -> Result<GrantRow> {
    Ok(GrantRow {
        id: GrantId::from_bytes(fixed(row, 0)?),
        profile: ProfileId(row.get(1)),
        signed: row.get(2),
        link: SecretString::from(row.get::<String, _>(3)),
        relay_url: row.get(4),
        link_id: row.get(5),
        commitment_r: fixed(row, 6)?,
        commitment_index: row.get::<Option<i64>, _>(7).map(i64::unsigned_abs),
        status: GrantStatus::parse(row.get(8)).ok_or(Error::NewerFormat)?,
        recipient: row.get(9),
        purpose: row.get(10),
        created_at: row.get(11),
        expires: row.get(12),
        details: row.get(13),
        bundle: None,
    })
}

fn receipt(row: &SqliteRow) -> Result<ReceiptRow> {
    Ok(ReceiptRow {
        grant: GrantId::from_bytes(fixed(row, 0)?),
        seq: row.get::<i64, _>(1).unsigned_abs(),
        receipt: row.get(2),
        commitment_r: fixed(row, 3)?,
        commitment_index: row.get::<i64, _>(4).unsigned_abs(),
        learnt_at: row.get(5),
    })
}

/// A column of exactly `N` bytes.
pub(crate) fn fixed<const N: usize>(row: &SqliteRow, column: usize) -> Result<[u8; N]> {
    row.get::<&[u8], _>(column).try_into().map_err(|_| Error::Damaged)
}
