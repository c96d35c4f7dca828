//! What the janitor asks: which ciphertext may go, and which links have ended.

use super::writer::{Batch, Command};
use super::{LinkKey, Store, count};
use crate::Result;
use sqlx::Row;

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

    /// Whether a file of this name is in use or waits for its removal.
    pub(crate) async fn is_referred(&self, name: String) -> Result<bool> {
        self.ask(|answer| Command::IsReferred { name, answer }).await
    }
}

impl Batch<'_> {
    pub(super) async fn discard(&mut self, name: &str, remove_from: i64) -> Result<()> {
        let sql = "INSERT INTO discarded_files (name, remove_from) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET remove_from = excluded.remove_from";
        sqlx::query(sql).bind(name).bind(remove_from).execute(&mut *self.db).await?;
        Ok(())
    }

    /// Lets go of a link's ciphertext.
    pub(super) async fn discard_files(&mut self, link: &LinkKey, now: i64) -> Result<()> {
        let (names, bytes) = self.file_names(link).await?;
        for name in names {
            self.discard(&name, now).await?;
        }
        sqlx::query("DELETE FROM files WHERE link = $1").bind(link.bytes().to_vec()).execute(&mut *self.db).await?;
        self.tally.bytes = self.tally.bytes.saturating_sub(bytes);
        Ok(())
    }

    /// The names of a link's files and their bytes in all.
    pub(super) async fn file_names(&mut self, link: &LinkKey) -> Result<(Vec<String>, u64)> {
        let rows = sqlx::query("SELECT name, size FROM files WHERE link = $1")
            .bind(link.bytes().to_vec())
            .fetch_all(&mut *self.db)
            .await?;
        let mut bytes = 0_u64;
        let mut names = Vec::with_capacity(rows.len());
        for row in rows {
            names.push(row.try_get(0)?);
            bytes = bytes.saturating_add(count(row.try_get(1)?)?);
        }
        Ok((names, bytes))
    }

    pub(super) async fn discarded(&mut self, now: i64) -> Result<Vec<String>> {
        let sql = "SELECT name FROM discarded_files WHERE remove_from <= $1 ORDER BY remove_from LIMIT $2";
        Ok(sqlx::query_scalar(sql).bind(now).bind(CHUNK).fetch_all(&mut *self.db).await?)
    }

    pub(super) async fn forget(&mut self, names: &[String]) -> Result<()> {
        for name in names {
            sqlx::query("DELETE FROM discarded_files WHERE name = $1").bind(name).execute(&mut *self.db).await?;
        }
        Ok(())
    }

    pub(super) async fn expire(&mut self, expired_before: i64, receipts_before: i64, now: i64) -> Result<u64> {
        let with_files: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT link FROM links WHERE expires <= $1 AND EXISTS (SELECT 1 FROM files WHERE files.link = links.link)
             ORDER BY expires LIMIT $2",
        )
        .bind(expired_before)
        .bind(CHUNK)
        .fetch_all(&mut *self.db)
        .await?;
        let with_receipts: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT link FROM links
             WHERE expires <= $1 AND EXISTS (SELECT 1 FROM receipts WHERE receipts.link = links.link)
             ORDER BY expires LIMIT $2",
        )
        .bind(receipts_before)
        .bind(CHUNK)
        .fetch_all(&mut *self.db)
        .await?;
        let found = with_files.len() + with_receipts.len();
        for link in with_files {
            self.discard_files(&LinkKey::from_row(link)?, now).await?;
        }
        for link in with_receipts {
            sqlx::query("DELETE FROM receipts WHERE link = $1").bind(link).execute(&mut *self.db).await?;
        }
        Ok(found as u64)
    }

    pub(super) async fn is_referred(&mut self, name: &str) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM files WHERE name = $1 UNION ALL SELECT 1 FROM discarded_files WHERE name = $1 LIMIT 1",
        )
        .bind(name)
        .fetch_optional(&mut *self.db)
        .await?;
        Ok(found.is_some())
    }
}
