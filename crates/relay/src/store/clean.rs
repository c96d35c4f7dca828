//! What the janitor asks: which ciphertext may go, and which links have ended.

use super::db::{Value, sql};
use super::writer::{Batch, Command};
use super::{LinkKey, Store};
use crate::Result;

/// How much is cleaned in one transaction, so that openings never wait long.
const CHUNK: i64 = 200;

impl Store {
    /// Names of files that no link refers to any more and that nobody is fetching.
    pub(crate) async fn discarded(&self, now: i64) -> Result<Vec<String>> {
        self.ask(|answer| Command::Discarded { now, answer }).await
    }

    /// Notes that these files are gone.
    pub(crate) async fn forget(&self, names: Vec<String>) -> Result<()> {
        self.ask(|answer| Command::Forget { names, answer }).await
    }

    /// Lets go of the ciphertext of links that expired before one time and of the receipts of those that expired before
    /// another. Gives how many links it found; ask again until that is 0.
    pub(crate) async fn expire(&self, expired_before: i64, receipts_before: i64, now: i64) -> Result<u64> {
        self.ask(|answer| Command::Expire { expired_before, receipts_before, now, answer }).await
    }

    /// Those of these files (at most 1,000) that are neither in use nor wait for their removal.
    pub(crate) async fn orphans(&self, names: Vec<String>) -> Result<Vec<String>> {
        self.ask(|answer| Command::Orphans { names, answer }).await
    }
}

impl Batch<'_> {
    pub(super) async fn discard(&mut self, name: &str, remove_from: i64) -> Result<()> {
        let put = sql("INSERT INTO discarded_files (name, remove_from) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET remove_from = excluded.remove_from");
        self.run(put.bind(name).bind(remove_from)).await
    }

    /// Lets go of a link's ciphertext.
    pub(super) async fn discard_files(&mut self, link: &LinkKey, now: i64) -> Result<()> {
        let (names, bytes) = self.file_names(link).await?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            self.discard(&name, now).await?;
        }
        self.run(sql("DELETE FROM files WHERE link = $1").bind(link.bytes())).await?;
        let stored = self.bytes().await?;
        *stored = stored.saturating_sub(bytes);
        Ok(())
    }

    /// The names of a link's files and their bytes in all.
    pub(super) async fn file_names(&mut self, link: &LinkKey) -> Result<(Vec<String>, u64)> {
        let rows = self.db.rows(sql("SELECT name, size FROM files WHERE link = $1").bind(link.bytes())).await?;
        let mut bytes = 0_u64;
        let mut names = Vec::with_capacity(rows.len());
        for row in rows {
            names.push(row.get(0)?);
            bytes = bytes.saturating_add(row.count(1)?);
        }
        Ok((names, bytes))
    }

    pub(super) async fn discarded(&mut self, now: i64) -> Result<Vec<String>> {
        let select = sql("SELECT name FROM discarded_files WHERE remove_from <= $1 ORDER BY remove_from LIMIT $2");
        let rows = self.db.rows(select.bind(now).bind(CHUNK)).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub(super) async fn forget(&mut self, names: Vec<String>) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let delete = sql("DELETE FROM discarded_files WHERE name IN (SELECT column1 FROM {rows})");
        self.run(delete.rows(names.into_iter().map(|name| vec![Value::from(Some(name))]).collect())).await
    }

    pub(super) async fn expire(&mut self, expired_before: i64, receipts_before: i64, now: i64) -> Result<u64> {
        // The newest count, also of what other relays have stored.
        self.bytes().await?;
        let ended = "SELECT link FROM links
             WHERE expires <= $1 AND EXISTS (SELECT 1 FROM {table} AS t WHERE t.link = links.link)
             ORDER BY expires LIMIT $2";
        let with_files = sql(ended.replace("{table}", "files")).bind(expired_before).bind(CHUNK);
        let with_files = self.db.rows(with_files).await?;
        let with_receipts = sql(ended.replace("{table}", "receipts")).bind(receipts_before).bind(CHUNK);
        let with_receipts = self.db.rows(with_receipts).await?;
        let found = with_files.len() + with_receipts.len();
        for row in with_files {
            let link = LinkKey(row.array(0)?);
            self.discard_files(&link, now).await?;
            // What it served before can come again no more: it has expired as well.
            self.run(sql("DELETE FROM superseded_publications WHERE link = $1").bind(link.bytes())).await?;
        }
        for row in with_receipts {
            self.run(sql("DELETE FROM receipts WHERE link = $1").bind(&row.array::<32>(0)?)).await?;
        }
        Ok(found as u64)
    }

    pub(super) async fn orphans(&mut self, names: Vec<String>) -> Result<Vec<String>> {
        if names.is_empty() {
            return Ok(names);
        }
        let select = sql("SELECT column1 FROM {rows}
            WHERE NOT EXISTS (SELECT 1 FROM files WHERE name = column1)
                AND NOT EXISTS (SELECT 1 FROM discarded_files WHERE name = column1)");
        let rows = self.db.rows(select.rows(names.into_iter().map(|name| vec![Value::from(Some(name))]).collect()));
        rows.await?.iter().map(|row| row.get(0)).collect()
    }
}
