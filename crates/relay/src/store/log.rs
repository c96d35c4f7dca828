//! The two logs as the database holds them: entries first, tiles later.

use super::writer::{Batch, Command};
use super::{LinkKey, Store, array, count, damaged, stored};
use crate::Result;
use sqlx::{QueryBuilder, Row, Sqlite};

/// How many rows one statement inserts; SQLite takes 32,766 parameters.
const ROWS: usize = 1_000;

/// Which log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogId {
    /// Commitments.
    A,
    /// Withdrawals.
    R,
}

impl LogId {
    /// As in paths and messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::R => "r",
        }
    }

    pub(super) fn number(self) -> i64 {
        match self {
            Self::A => 1,
            Self::R => 2,
        }
    }
}

/// A head that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
}

impl Store {
    /// Appends an entry to log A, or finds it there; gives its index.
    pub(crate) async fn submit(&self, entry: [u8; 33]) -> Result<u64> {
        self.ask(|answer| Command::Submit { entry, answer }).await
    }

    /// Where log A has an entry that was submitted before.
    pub(crate) async fn submitted(&self, entry: [u8; 33]) -> Result<Option<u64>> {
        self.ask(|answer| Command::Submitted { entry, answer }).await
    }

    /// Whether a link here, or a withdrawal made here, has this tag.
    pub(crate) async fn known_tag(&self, tag: [u8; 32]) -> Result<bool> {
        self.ask(|answer| Command::KnownTag { tag, answer }).await
    }

    /// Appends a withdrawal to log R, or finds it there, and ends every link with its tag.
    pub(crate) async fn withdraw(&self, entry: [u8; 33], tag: [u8; 32]) -> Result<u64> {
        self.ask(|answer| Command::Withdraw { entry, tag, answer }).await
    }

    /// Entries of a log in order, from an index on, at most `limit`.
    pub(crate) async fn entries(&self, log: LogId, from: u64, limit: u32) -> Result<Vec<Vec<u8>>> {
        self.ask(|answer| Command::Entries { log, from, limit, answer }).await
    }

    /// The newest head signed.
    pub(crate) async fn head(&self, log: LogId) -> Result<Option<Head>> {
        self.ask(|answer| Command::Head { log, answer }).await
    }

    /// Notes that a head is about to be published.
    pub(crate) async fn set_head(&self, log: LogId, head: Head) -> Result<()> {
        self.ask(|answer| Command::SetHead { log, head, answer }).await
    }
}

impl Batch<'_> {
    /// Appends entries that are known to be new; gives the index of the first.
    pub(super) async fn append(&mut self, log: LogId, entries: &[[u8; 33]]) -> Result<u64> {
        let next = match log {
            LogId::A => &mut self.tally.next[0],
            LogId::R => &mut self.tally.next[1],
        };
        let first = *next;
        *next += entries.len() as u64;
        let mut index = first;
        for chunk in entries.chunks(ROWS) {
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO log_entries (log, idx, entry) ");
            insert.push_values(chunk, |mut row, entry| {
                row.push_bind(log.number()).push_bind(stored(index)).push_bind(entry.to_vec());
                index += 1;
            });
            insert.build().persistent(chunk.len() == ROWS).execute(&mut *self.db).await?;
        }
        Ok(first)
    }

    /// Appends an entry unless it was submitted before; gives its index.
    pub(super) async fn submit(&mut self, log: LogId, entry: &[u8; 33]) -> Result<u64> {
        if let Some(index) = self.submitted(log, entry).await? {
            return Ok(index);
        }
        let index = self.append(log, std::slice::from_ref(entry)).await?;
        sqlx::query("INSERT INTO log_submissions (log, entry, idx) VALUES ($1, $2, $3)")
            .bind(log.number())
            .bind(entry.to_vec())
            .bind(stored(index))
            .execute(&mut *self.db)
            .await?;
        Ok(index)
    }

    pub(super) async fn submitted(&mut self, log: LogId, entry: &[u8; 33]) -> Result<Option<u64>> {
        let index: Option<i64> = sqlx::query_scalar("SELECT idx FROM log_submissions WHERE log = $1 AND entry = $2")
            .bind(log.number())
            .bind(entry.to_vec())
            .fetch_optional(&mut *self.db)
            .await?;
        index.map(count).transpose()
    }

    pub(super) async fn known_tag(&mut self, tag: &[u8; 32]) -> Result<bool> {
        let known: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM links WHERE withdrawal_tag = $1 UNION ALL SELECT 1 FROM withdrawals WHERE tag = $1 LIMIT 1",
        )
        .bind(tag.to_vec())
        .fetch_optional(&mut *self.db)
        .await?;
        Ok(known.is_some())
    }

    pub(super) async fn withdrawn(&mut self, tag: &[u8; 32]) -> Result<bool> {
        let index: Option<i64> = sqlx::query_scalar("SELECT idx FROM withdrawals WHERE tag = $1")
            .bind(tag.to_vec())
            .fetch_optional(&mut *self.db)
            .await?;
        Ok(index.is_some())
    }

    pub(super) async fn withdraw(&mut self, entry: &[u8; 33], tag: &[u8; 32]) -> Result<u64> {
        let index = self.submit(LogId::R, entry).await?;
        if !self.withdrawn(tag).await? {
            sqlx::query("INSERT INTO withdrawals (tag, idx) VALUES ($1, $2)")
                .bind(tag.to_vec())
                .bind(stored(index))
                .execute(&mut *self.db)
                .await?;
        }
        let links: Vec<Vec<u8>> = sqlx::query_scalar(
            "UPDATE links SET state = 'withdrawn' WHERE withdrawal_tag = $1 AND state IN ('live', 'paused') RETURNING link",
        )
        .bind(tag.to_vec())
        .fetch_all(&mut *self.db)
        .await?;
        for link in links {
            self.discard_files(&LinkKey::from_row(link)?, 0).await?;
        }
        Ok(index)
    }

    pub(super) async fn entries(&mut self, log: LogId, from: u64, limit: u32) -> Result<Vec<Vec<u8>>> {
        let rows = sqlx::query("SELECT idx, entry FROM log_entries WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT $3")
            .bind(log.number())
            .bind(stored(from))
            .bind(i64::from(limit))
            .fetch_all(&mut *self.db)
            .await?;
        let mut entries = Vec::with_capacity(rows.len());
        for (row, index) in rows.iter().zip(from..) {
            if row.try_get::<i64, _>(0)? != stored(index) {
                return Err(damaged("an entry of the ledger is missing"));
            }
            entries.push(row.try_get(1)?);
        }
        Ok(entries)
    }

    pub(super) async fn head(&mut self, log: LogId) -> Result<Option<Head>> {
        let row = sqlx::query("SELECT size, root FROM log_heads WHERE log = $1")
            .bind(log.number())
            .fetch_optional(&mut *self.db)
            .await?;
        row.map(|row| Ok(Head { size: count(row.try_get(0)?)?, root: array(row.try_get(1)?)? })).transpose()
    }

    pub(super) async fn set_head(&mut self, log: LogId, head: &Head) -> Result<()> {
        let sql = "INSERT INTO log_heads (log, size, root) VALUES ($1, $2, $3)
            ON CONFLICT (log) DO UPDATE SET size = excluded.size, root = excluded.root";
        sqlx::query(sql)
            .bind(log.number())
            .bind(stored(head.size))
            .bind(head.root.to_vec())
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }
}
