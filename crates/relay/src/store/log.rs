//! The two logs as the database holds them: entries first, tiles later.

use super::db::{Value, sql};
use super::writer::{Batch, Command};
use super::{LinkKey, Store, damaged, stored};
use crate::Result;

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

    /// The newest checkpoint, signed.
    pub(crate) async fn checkpoint(&self, log: LogId) -> Result<Option<String>> {
        self.ask(|answer| Command::Checkpoint { log, answer }).await
    }

    /// Publishes a checkpoint over a head that extends the one `before`; false, and nothing is published, if that is not
    /// the newest one: somebody else has signed since.
    pub(crate) async fn publicise(&self, log: LogId, before: Option<Head>, head: Head, note: String) -> Result<bool> {
        self.ask(|answer| Command::Publicise { log, before, head, note, answer }).await
    }

    /// Whether this relay is the one that signs the ledger. Asking makes it that one if there is none.
    pub(crate) async fn lead(&self) -> Result<bool> {
        self.ask(|answer| Command::Lead { answer }).await
    }
}

impl Batch<'_> {
    /// Appends entries that are known to be new; gives the index of the first. Whoever takes an index keeps the next
    /// one from everybody else until it is committed, so a log has no gaps.
    pub(super) async fn append(&mut self, log: LogId, entries: Vec<Vec<u8>>) -> Result<u64> {
        let grow = sql("UPDATE log_sizes SET size = size + $2 WHERE log = $1 RETURNING size")
            .bind(log.number())
            .bind(stored(entries.len()));
        let row = self.db.row(grow).await?.ok_or_else(|| damaged("the size of a log is missing"))?;
        let first = row.count::<u64>(0)?.saturating_sub(entries.len() as u64);
        let row = |(index, entry): (u64, Vec<u8>)| {
            vec![Value::from(log.number()), Value::from(stored(index)), Value::from(entry)]
        };
        let insert = sql(
            "INSERT INTO log_entries (log, idx, entry) SELECT CAST(column1 AS SMALLINT), column2, column3 FROM {rows}",
        );
        self.run(insert.rows((first..).zip(entries).map(row).collect())).await?;
        self.grown = true;
        Ok(first)
    }

    /// Appends an entry unless it was submitted before; gives its index.
    pub(super) async fn submit(&mut self, log: LogId, entry: &[u8; 33]) -> Result<u64> {
        if let Some(index) = self.submitted(log, entry).await? {
            return Ok(index);
        }
        let index = self.append(log, vec![entry.to_vec()]).await?;
        let insert = sql("INSERT INTO log_submissions (log, entry, idx) VALUES ($1, $2, $3)");
        self.run(insert.bind(log.number()).bind(entry).bind(stored(index))).await?;
        Ok(index)
    }

    pub(super) async fn submitted(&mut self, log: LogId, entry: &[u8; 33]) -> Result<Option<u64>> {
        let select = sql("SELECT idx FROM log_submissions WHERE log = $1 AND entry = $2");
        let row = self.db.row(select.bind(log.number()).bind(entry)).await?;
        row.map(|row| row.count(0)).transpose()
    }

    pub(super) async fn known_tag(&mut self, tag: &[u8; 32]) -> Result<bool> {
        let select = sql("SELECT withdrawal_tag FROM links WHERE withdrawal_tag = $1
            UNION ALL SELECT tag FROM withdrawals WHERE tag = $1 LIMIT 1");
        Ok(self.db.row(select.bind(tag)).await?.is_some())
    }

    pub(super) async fn withdrawn(&mut self, tag: &[u8; 32]) -> Result<bool> {
        Ok(self.db.row(sql("SELECT idx FROM withdrawals WHERE tag = $1").bind(tag)).await?.is_some())
    }

    pub(super) async fn withdraw(&mut self, entry: &[u8; 33], tag: &[u8; 32]) -> Result<u64> {
        let index = self.submit(LogId::R, entry).await?;
        if !self.withdrawn(tag).await? {
            let insert = sql("INSERT INTO withdrawals (tag, idx) VALUES ($1, $2)");
            self.run(insert.bind(tag).bind(stored(index))).await?;
        }
        let end = sql("UPDATE links SET state = 'withdrawn'
            WHERE withdrawal_tag = $1 AND state IN ('live', 'paused') RETURNING link");
        for row in self.db.rows(end.bind(tag)).await? {
            self.discard_files(&LinkKey(row.array(0)?), 0).await?;
        }
        Ok(index)
    }

    pub(super) async fn entries(&mut self, log: LogId, from: u64, limit: u32) -> Result<Vec<Vec<u8>>> {
        let select = sql("SELECT idx, entry FROM log_entries WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT $3");
        let rows = self.db.rows(select.bind(log.number()).bind(stored(from)).bind(limit)).await?;
        let mut entries = Vec::with_capacity(rows.len());
        for (row, index) in rows.iter().zip(from..) {
            if row.count::<u64>(0)? != index {
                return Err(damaged("an entry of the ledger is missing"));
            }
            entries.push(row.get(1)?);
        }
        Ok(entries)
    }

    pub(super) async fn head(&mut self, log: LogId) -> Result<Option<Head>> {
        let row = self.db.row(sql("SELECT size, root FROM log_heads WHERE log = $1").bind(log.number())).await?;
        row.map(|row| Ok(Head { size: row.count(0)?, root: row.array(1)? })).transpose()
    }

    pub(super) async fn checkpoint(&mut self, log: LogId) -> Result<Option<String>> {
        let row = self.db.row(sql("SELECT note FROM log_heads WHERE log = $1").bind(log.number())).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }

    pub(super) async fn publicise(
        &mut self,
        log: LogId,
        before: Option<Head>,
        head: &Head,
        note: String,
    ) -> Result<bool> {
        // The transaction is alone, so nobody signs between this look and the change.
        if self.head(log).await? != before {
            return Ok(false);
        }
        let put = sql("INSERT INTO log_heads (log, size, root, note) VALUES ($1, $2, $3, $4)
            ON CONFLICT (log) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note");
        self.run(put.bind(log.number()).bind(stored(head.size)).bind(&head.root).bind(Some(note))).await?;
        Ok(true)
    }
}
