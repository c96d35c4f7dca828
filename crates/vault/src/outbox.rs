//! The outbox: what waits for a network, kept across restarts until it is done.

use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::vault::Vault;
use sqlx::Row;
use std::fmt;

/// Something that waits to be sent. `Debug` shows nothing of the body, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number; later jobs have higher ones.
    pub id: i64,
    /// What is to be done, in the words of whoever queued it.
    pub kind: String,
    /// What it needs for that.
    pub body: Vec<u8>,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// Not to be tried before this time, Unix seconds.
    pub next_at: i64,
    /// When it was queued, Unix seconds.
    pub created_at: i64,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("attempts", &self.attempts)
            .field("next_at", &self.next_at)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Queues a job, due at once. To queue it together with what it is about, use a [`Batch`].
    ///
    /// # Errors
    /// Those of the database.
    pub async fn queue_put(&self, kind: &str, body: Vec<u8>, now: i64) -> Result<i64> {
        let mut batch = Batch::new(now);
        batch.queue_put(kind, body);
        self.apply(batch).await?.jobs.first().copied().ok_or(Error::Internal("outbox"))
    }

    /// The jobs that are due, in the order they were queued.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn queue_due(&self, now: i64) -> Result<Vec<Job>> {
        let rows = sqlx::query(
            "SELECT id, kind, body, attempts, next_at, created_at FROM outbox WHERE next_at <= ? ORDER BY id",
        )
        .bind(now)
        .fetch_all(&mut *self.db.lock().await?)
        .await?;
        Ok(rows
            .iter()
            .map(|row| Job {
                id: row.get(0),
                kind: row.get(1),
                body: row.get(2),
                attempts: row.get(3),
                next_at: row.get(4),
                created_at: row.get(5),
            })
            .collect())
    }

    /// How many jobs wait, due or not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn queue_len(&self) -> Result<u64> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(&mut *self.db.lock().await?).await?;
        Ok(count.unsigned_abs())
    }

    /// Puts a job off after a try in vain. A job that is gone stays gone.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn queue_retry(&self, id: i64, next_at: i64) -> Result<()> {
        sqlx::query("UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE id = ?")
            .bind(next_at)
            .bind(id)
            .execute(&mut *self.db.lock().await?)
            .await?;
        Ok(())
    }

    /// Removes a job that is done. Doing so twice does no harm.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn queue_done(&self, id: i64) -> Result<()> {
        sqlx::query("DELETE FROM outbox WHERE id = ?").bind(id).execute(&mut *self.db.lock().await?).await?;
        Ok(())
    }
}
