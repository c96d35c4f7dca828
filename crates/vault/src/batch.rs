//! Several changes in one transaction: all of them are stored, or none.

use crate::error::{Error, Result};
use crate::grants::{self, GrantRow, GrantStatus, NewState, ReceiptOutcome, ReceiptRow};
use crate::journal::{self, Event};
use crate::profiles::ProfileId;
use crate::vault::Vault;
use carnet_consent::GrantId;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, SqliteConnection};
use std::fmt;

/// Changes to be stored together, in the order they were added. What the journal must know goes into it by itself.
pub struct Batch {
    now: i64,
    steps: Vec<Step>,
}

/// What a [`Batch`] brought about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// The numbers of the jobs queued, in order.
    pub jobs: Vec<i64>,
    /// What became of each receipt, in order.
    pub receipts: Vec<ReceiptOutcome>,
}

enum Step {
    PutGrant(Box<GrantRow>),
    ReplaceGrant(GrantId, Box<NewState>),
    SetUnsealed(GrantId, Option<Vec<u8>>),
    SetFormerIndex(GrantId, [u8; 32], u64),
    SetGrantStatus(GrantId, GrantStatus),
    SetGrantIndex(GrantId, u64),
    SetGrantDetails(GrantId, String),
    SetGrantEnd(GrantId, i64, SecretString),
    PutReceipt(ReceiptRow),
    QueuePut(String, Vec<u8>),
    QueueDone(i64),
    SetSetting(String, Option<String>),
    Exported(Option<ProfileId>, String),
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("steps", &self.steps.len()).finish_non_exhaustive()
    }
}

impl Batch {
    /// Nothing yet; `now` (Unix seconds) is the time of all that is added.
    pub fn new(now: i64) -> Self {
        Self { now, steps: Vec::new() }
    }

    /// Stores a new share.
    pub fn put_grant(&mut self, grant: GrantRow) -> &mut Self {
        self.step(Step::PutGrant(Box::new(grant)))
    }

    /// Puts what was signed anew in the place of what a share was; that stays among the former ones, and the journal names
    /// both. Its state stays, and the place of the new commitment is not known yet.
    pub fn replace_grant(&mut self, id: &GrantId, new: NewState) -> &mut Self {
        self.step(Step::ReplaceGrant(*id, Box::new(new)))
    }

    /// Keeps what is shared as it is before sealing, for a later grant of the same; none forgets it.
    pub fn set_unsealed(&mut self, id: &GrantId, document: Option<Vec<u8>>) -> &mut Self {
        self.step(Step::SetUnsealed(*id, document))
    }

    /// Remembers where the relay put the commitment of a former grant (by its SHA-256) of a share. One that is not there is
    /// no error.
    pub fn set_former_index(&mut self, id: &GrantId, sha256: [u8; 32], index: u64) -> &mut Self {
        self.step(Step::SetFormerIndex(*id, sha256, index))
    }

    /// Changes the state of a share. The state it has already is no change and not journalled.
    pub fn set_grant_status(&mut self, id: &GrantId, status: GrantStatus) -> &mut Self {
        self.step(Step::SetGrantStatus(*id, status))
    }

    /// Remembers where the relay put the grant's commitment.
    pub fn set_grant_index(&mut self, id: &GrantId, index: u64) -> &mut Self {
        self.step(Step::SetGrantIndex(*id, index))
    }

    /// Changes when a share ends (Unix seconds), and with it the link, which says so: where its relay knows better than this
    /// vault.
    pub fn set_grant_end(&mut self, id: &GrantId, expires: i64, link: SecretString) -> &mut Self {
        self.step(Step::SetGrantEnd(*id, expires, link))
    }

    /// Replaces what the wallet keeps about a share (JSON).
    pub fn set_grant_details(&mut self, id: &GrantId, details: impl Into<String>) -> &mut Self {
        self.step(Step::SetGrantDetails(*id, details.into()))
    }

    /// Stores a receipt; one that is there already stays as it is.
    pub fn put_receipt(&mut self, receipt: ReceiptRow) -> &mut Self {
        self.step(Step::PutReceipt(receipt))
    }

    /// Queues a job, due at once.
    pub fn queue_put(&mut self, kind: impl Into<String>, body: Vec<u8>) -> &mut Self {
        self.step(Step::QueuePut(kind.into(), body))
    }

    /// Removes a job that is done.
    pub fn queue_done(&mut self, id: i64) -> &mut Self {
        self.step(Step::QueueDone(id))
    }

    /// Sets a setting; none removes it.
    pub fn set_setting(&mut self, key: impl Into<String>, value: Option<&str>) -> &mut Self {
        self.step(Step::SetSetting(key.into(), value.map(str::to_owned)))
    }

    /// Journals that records left the vault as a file, and in what form (`ips`, `pdf` …).
    pub fn exported(&mut self, profile: Option<ProfileId>, form: impl Into<String>) -> &mut Self {
        self.step(Step::Exported(profile, form.into()))
    }

    fn step(&mut self, step: Step) -> &mut Self {
        self.steps.push(step);
        self
    }
}

impl Vault {
    /// Stores the batch in one transaction.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a share that is not there; those of the database. Then nothing of the batch is stored.
    pub async fn apply(&self, batch: Batch) -> Result<Applied> {
        let mut applied = Applied::default();
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        for step in batch.steps {
            self.apply_step(&mut tx, batch.now, step, &mut applied).await?;
        }
        tx.commit().await?;
        Ok(applied)
    }

    async fn apply_step(&self, tx: &mut SqliteConnection, now: i64, step: Step, applied: &mut Applied) -> Result<()> {
        match step {
            Step::PutGrant(grant) => {
                let (profile, event) = (grant.profile, grants::granted(&grant));
                grants::insert(tx, *grant).await?;
                journal::append(tx, &self.device, now, Some(profile), event, None).await?;
            }
            Step::ReplaceGrant(id, new) => {
                let (profile, event) = grants::replace(tx, &id, *new, now).await?;
                journal::append(tx, &self.device, now, Some(profile), event, None).await?;
            }
            Step::SetUnsealed(id, document) => grants::set_unsealed(tx, &id, document).await?,
            Step::SetFormerIndex(id, sha256, index) => grants::set_former_index(tx, &id, &sha256, index).await?,
            Step::SetGrantStatus(id, status) => {
                if let Some(profile) = grants::set_status(tx, &id, status).await? {
                    let event = grants::changed(&id, status);
                    journal::append(tx, &self.device, now, Some(profile), event, None).await?;
                }
            }
            Step::SetGrantIndex(id, index) => {
                let index = i64::try_from(index).map_err(|_| Error::Internal("commitment index"))?;
                let update = sqlx::query("UPDATE grants SET commitment_index = ? WHERE id = ?").bind(index);
                found_grant(update.bind(id.as_bytes().to_vec()).execute(tx).await?)?;
            }
            Step::SetGrantDetails(id, details) => {
                let update = sqlx::query("UPDATE grants SET details = ? WHERE id = ?").bind(details);
                found_grant(update.bind(id.as_bytes().to_vec()).execute(tx).await?)?;
            }
            Step::SetGrantEnd(id, expires, link) => {
                let update = sqlx::query("UPDATE grants SET expires = ?, link = ? WHERE id = ?").bind(expires);
                let update = update.bind(link.expose_secret().to_owned());
                found_grant(update.bind(id.as_bytes().to_vec()).execute(tx).await?)?;
            }
            Step::PutReceipt(receipt) => {
                let event = grants::opened(&receipt);
                let (outcome, profile) = grants::insert_receipt(tx, receipt).await?;
                if outcome == ReceiptOutcome::Stored {
                    journal::append(tx, &self.device, now, Some(profile), event, None).await?;
                }
                applied.receipts.push(outcome);
            }
            Step::QueuePut(kind, body) => {
                let insert = "INSERT INTO outbox (kind, body, next_at, created_at) VALUES (?, ?, ?, ?) RETURNING id";
                let insert = sqlx::query_scalar(insert).bind(kind).bind(body).bind(now).bind(now);
                applied.jobs.push(insert.fetch_one(tx).await?);
            }
            Step::QueueDone(id) => {
                sqlx::query("DELETE FROM outbox WHERE id = ?").bind(id).execute(tx).await?;
            }
            Step::SetSetting(key, Some(value)) => {
                sqlx::query(
                    "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
                )
                .bind(key)
                .bind(value)
                .execute(tx)
                .await?;
            }
            Step::SetSetting(key, None) => {
                sqlx::query("DELETE FROM settings WHERE key = ?").bind(key).execute(tx).await?;
            }
            Step::Exported(profile, form) => {
                journal::append(tx, &self.device, now, profile, Event::Exported { form }, None).await?;
            }
        }
        Ok(())
    }
}

fn found_grant(done: sqlx::sqlite::SqliteQueryResult) -> Result<()> {
    if done.rows_affected() == 0 { Err(Error::NoSuch("share")) } else { Ok(()) }
}
