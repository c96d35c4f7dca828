//! Opening `vault.db`: exactly one connection, keyed before its first read, exclusive, write-ahead log, full sync.

use crate::error::{Error, Result};
use crate::files;
use crate::secret::DbKey;
use crate::sqlcipher;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

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

/// Where the database of a vault is.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("vault.db")
}

/// Opens (or, if asked, makes) the database and brings it to the newest form.
pub(crate) async fn open(folder: &Path, key: &Arc<DbKey>, create: bool) -> Result<SqlitePool> {
    if create {
        // Made by us and not by SQLite, so that only its owner may read it; the write-ahead log takes its rights from it.
        files::private().truncate(false).open(path(folder)).map_err(Error::io("Making the vault's file"))?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path(folder))
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(2))
        .statement_cache_capacity(64)
        .disable_statement_logging();
    // The pool tries again and again when a connection cannot be prepared; a key that does not fit must show at once.
    let mut first = options.connect().await?;
    let prepared = prepare(&mut first, key).await;
    first.close().await?;
    prepared?;

    let key = Arc::clone(key);
    // One connection only: SQLite before 3.51.3 can lose a write-ahead log that two connections use at the same time. The
    // pool is at once the queue in which callers wait for each other, hence the patience.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(120))
        .after_connect(move |connection, _| {
            let key = Arc::clone(&key);
            Box::pin(async move { prepare(connection, &key).await })
        })
        .connect_with(options)
        .await?;
    if let Err(error) = MIGRATIONS.run(&pool).await {
        pool.close().await;
        return Err(error.into());
    }
    Ok(pool)
}

/// Writes everything to the main file and closes it; afterwards no `-wal` file is left.
pub(crate) async fn close(pool: &SqlitePool) -> Result<()> {
    let checkpoint = checkpoint(pool).await;
    pool.close().await;
    checkpoint
}

/// Brings the write-ahead log into the main file.
pub(crate) async fn checkpoint(pool: &SqlitePool) -> Result<()> {
    let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?;
    if busy == 0 { Ok(()) } else { Err(Error::InUse) }
}

async fn prepare(connection: &mut SqliteConnection, key: &DbKey) -> Result<(), sqlx::Error> {
    sqlcipher::give_key(connection, key).await?;
    connection.execute(PRAGMAS).await?;
    // The first read: a key that does not fit, or a damaged first page, shows here.
    connection.execute("SELECT count(*) FROM sqlite_schema").await?;
    Ok(())
}
