//! Opening `vault.db`: exactly one connection, keyed before its first read, exclusive, write-ahead log, full sync.

use crate::error::{Error, Result};
use crate::files;
use crate::secret::DbKey;
use crate::sqlcipher;
use crate::wait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Set on the connection right after the key. Exclusive locking comes before the write-ahead log, so that the log's index
/// lives in memory and no `-shm` file appears; a second program gets `SQLITE_BUSY` even without our `LOCK` file.
const PRAGMAS: &str = "
    PRAGMA cipher_log_level = NONE;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -65536;
    PRAGMA journal_size_limit = 16777216;
";

/// How large a page is, in bytes. Each page is encrypted, authenticated and written by itself, and with SQLCipher's own 4,096
/// bytes that was half of what an import asks of the database: a record and what is known of it fills a third of such a page.
const PAGE_SIZE: u32 = 16_384;
/// How large it is in vaults that former versions made. The file does not say so: what is not encrypted in it is random.
const FORMER_PAGE_SIZE: u32 = 4_096;

/// Where the database of a vault is.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("vault.db")
}

/// The open database. Callers wait for each other in the order they came.
///
/// One connection only: SQLite before 3.51.3 can lose a write-ahead log that two connections use at the same time. It is
/// no pool of sqlx's, because a pool gives connections back by tasks of the runtime, and nobody could wait for those when
/// the runtime ends.
///
/// Dropping it waits until the file is closed. sqlx closes it on the connection's own thread, and a program that returned
/// from `main` meanwhile would pull SQLCipher away from under that thread: it cleans up at exit.
pub(crate) struct Db(Arc<Mutex<Option<SqliteConnection>>>);

/// The connection, for one statement or one transaction.
pub(crate) type Guard<'a> = MappedMutexGuard<'a, SqliteConnection>;
/// The same, for another thread.
pub(crate) type OwnedGuard = OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>;

const CLOSED: Error = Error::Internal("the vault was closed");

impl Db {
    /// Opens (or, if asked, makes) the database and brings it to the newest form.
    pub(crate) async fn open(folder: &Path, key: &DbKey, create: bool) -> Result<Self> {
        if create {
            // Made by us and not by SQLite, so that only its owner may read it; the write-ahead log takes its rights from
            // it.
            files::private().truncate(false).open(path(folder)).map_err(Error::io("Making the vault's file"))?;
        }
        sqlcipher::outlive_exit();
        let db = match Self::connect(folder, key, PAGE_SIZE).await {
            Err(Error::Damaged) if !create => Self::connect(folder, key, FORMER_PAGE_SIZE).await?,
            connected => connected?,
        };
        // What `run` does once it has a connection. `run` itself makes this future one that cannot change its thread.
        MIGRATIONS.run_direct(None, &mut *db.lock().await?, false).await?;
        Ok(db)
    }

    /// Connects, and reads the first page: [`Error::Damaged`] where pages have another size.
    async fn connect(folder: &Path, key: &DbKey, page_size: u32) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path(folder))
            .create_if_missing(false)
            .busy_timeout(Duration::from_secs(2))
            .statement_cache_capacity(64)
            .disable_statement_logging();
        // In its place from the first moment, so that a failure closes it as tidily as an end does.
        let db = Self(Arc::new(Mutex::new(Some(options.connect().await?))));
        prepare(&mut *db.lock().await?, key, page_size).await?;
        Ok(db)
    }

    /// The connection, once nobody else has it.
    pub(crate) async fn lock(&self) -> Result<Guard<'_>> {
        MutexGuard::try_map(self.0.lock().await, Option::as_mut).map_err(|_| CLOSED)
    }

    /// The connection for another thread, once nobody else has it.
    pub(crate) async fn lock_owned(&self) -> Result<OwnedGuard> {
        OwnedMutexGuard::try_map(Arc::clone(&self.0).lock_owned().await, Option::as_mut).map_err(|_| CLOSED)
    }

    /// Writes everything to the main file and closes it; afterwards no `-wal` file is left.
    pub(crate) async fn close(self) -> Result<()> {
        let mut slot = self.0.lock().await;
        let Some(mut connection) = slot.take() else { return Ok(()) };
        let checkpoint = checkpoint(&mut connection).await;
        connection.close().await?;
        checkpoint
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        // Nobody can hold the connection now but an import that was leaked, and there is no waiting for that.
        let Ok(mut slot) = self.0.try_lock() else { return };
        if let Some(connection) = slot.take() {
            // What cannot be written now is in the write-ahead log, and is found there at the next unlock.
            let _ = wait::block_on(connection.close());
        }
    }
}

/// Brings the write-ahead log into the main file.
pub(crate) async fn checkpoint(connection: &mut SqliteConnection) -> Result<()> {
    let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
    if busy == 0 { Ok(()) } else { Err(Error::InUse) }
}

async fn prepare(connection: &mut SqliteConnection, key: &DbKey, page_size: u32) -> Result<(), sqlx::Error> {
    sqlcipher::give_key(connection, key).await?;
    connection.execute(AssertSqlSafe(format!("PRAGMA cipher_page_size = {page_size};{PRAGMAS}"))).await?;
    // The first read: a key that does not fit, or a damaged first page, shows here.
    connection.execute("SELECT count(*) FROM sqlite_schema").await?;
    Ok(())
}
