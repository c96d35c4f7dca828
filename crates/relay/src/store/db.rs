//! One connection to SQLite or PostgreSQL: the same statements, with numbered parameters, for both.
//!
//! A statement is a text and its values. Where one is to work on many rows at once it says `{rows}`, and the rows become
//! a table with the columns `column1`, `column2`, …: a list of values for SQLite, arrays for PostgreSQL, whose text then
//! stays the same for any number of rows and is prepared once.

#[cfg(feature = "server")]
mod postgres;

use super::damaged;
use crate::{Error, Result};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, Connection, Decode, Row as _, Sqlite, SqliteConnection, Type};
use std::path::PathBuf;
use std::time::Duration;

/// How many rows of an answer SQLite's thread may be ahead of us: all of a transaction's links, so that it need not wait.
const ROWS: usize = 1_024;

/// Where the database is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A file of SQLite, which one relay has for itself.
    File(PathBuf),
    /// A PostgreSQL, which several relays may share.
    #[cfg(feature = "server")]
    Postgres(Box<sqlx::postgres::PgConnectOptions>),
}

/// What a transaction does, and so what other relays may do beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// It reads. It needs no transaction at all.
    Read,
    /// It opens links, which it locks, and appends to log A.
    Open,
    /// Anything else. It is alone.
    Write,
}

/// A connection.
pub(super) enum Db {
    File(SqliteConnection),
    #[cfg(feature = "server")]
    Postgres(postgres::Session),
}

impl Db {
    /// Connects.
    ///
    /// # Errors
    /// [`Error::InUse`] if another relay has the file open, [`Error::Database`].
    pub(super) async fn connect(place: &Place) -> Result<Self> {
        match place {
            Place::File(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .locking_mode(SqliteLockingMode::Exclusive)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_millis(500))
                    .row_buffer_size(ROWS)
                    .disable_statement_logging();
                let mut connection = SqliteConnection::connect_with(&options).await.map_err(in_use)?;
                // Pages of the log before it is folded into the file, and KiB of cache.
                for pragma in ["PRAGMA wal_autocheckpoint = 4000", "PRAGMA cache_size = -32768"] {
                    sqlx::query(pragma).execute(&mut connection).await.map_err(in_use)?;
                }
                Ok(Self::File(connection))
            }
            #[cfg(feature = "server")]
            Place::Postgres(options) => Ok(Self::Postgres(postgres::Session::connect(options).await?)),
        }
    }

    /// Brings the tables to this version.
    pub(super) async fn migrate(&mut self) -> Result<()> {
        // `run` takes any connection, and the compiler then cannot tell that this future can change threads.
        let migrated = match self {
            Self::File(connection) => sqlx::migrate!("./migrations/sqlite").run_direct(None, connection, false).await,
            #[cfg(feature = "server")]
            Self::Postgres(session) => {
                sqlx::migrate!("./migrations/postgres").run_direct(None, session.connection(), false).await
            }
        };
        migrated.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => in_use(error),
            error => Error::Migration(error),
        })
    }

    /// Begins a transaction, and waits until no other relay does what would disturb it.
    pub(super) async fn begin(&mut self, mode: Mode) -> Result<()> {
        match self {
            _ if mode == Mode::Read => {}
            Self::File(connection) => {
                sqlx::query("BEGIN").execute(connection).await?;
            }
            #[cfg(feature = "server")]
            Self::Postgres(session) => session.begin(mode).await?,
        }
        Ok(())
    }

    /// Makes everything since the beginning durable.
    pub(super) async fn commit(&mut self, mode: Mode) -> Result<()> {
        match self {
            _ if mode == Mode::Read => {}
            Self::File(connection) => {
                sqlx::query("COMMIT").execute(connection).await?;
            }
            #[cfg(feature = "server")]
            Self::Postgres(session) => session.end("COMMIT").await?,
        }
        Ok(())
    }

    /// Undoes everything since the beginning, after something failed.
    ///
    /// # Errors
    /// If the connection is of no more use. That of a file always is: SQLite may have undone it by itself, and then
    /// refuses to do it again.
    pub(super) async fn roll_back(&mut self, mode: Mode) -> Result<()> {
        match self {
            Self::File(connection) => {
                if mode != Mode::Read
                    && let Err(error) = sqlx::query("ROLLBACK").execute(connection).await
                {
                    tracing::debug!(%error, "there was nothing to undo");
                }
            }
            #[cfg(feature = "server")]
            Self::Postgres(session) => session.end("ROLLBACK").await?,
        }
        Ok(())
    }

    /// Whether this relay signs the ledger: the one that has the file, or the one among those on a PostgreSQL that came
    /// first, for as long as its connection lasts.
    pub(super) async fn lead(&mut self) -> Result<bool> {
        match self {
            Self::File(_) => Ok(true),
            #[cfg(feature = "server")]
            Self::Postgres(session) => session.lead().await,
        }
    }

    /// What keeps the rows that a `SELECT` has of `links` as they are until the end of the transaction, where others could
    /// change them.
    pub(super) fn for_update(&self) -> &'static str {
        match self {
            Self::File(_) => "",
            #[cfg(feature = "server")]
            Self::Postgres(_) => " FOR UPDATE OF links",
        }
    }

    pub(super) async fn run(&mut self, statement: Statement) -> Result<()> {
        match self {
            Self::File(connection) => {
                statement.for_sqlite()?.execute(connection).await?;
            }
            #[cfg(feature = "server")]
            Self::Postgres(session) => {
                statement.for_postgres()?.execute(session.connection()).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>> {
        Ok(match self {
            Self::File(connection) => {
                let rows = statement.for_sqlite()?.fetch_all(connection).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            #[cfg(feature = "server")]
            Self::Postgres(session) => {
                let rows = statement.for_postgres()?.fetch_all(session.connection()).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    pub(super) async fn row(&mut self, statement: Statement) -> Result<Option<Row>> {
        Ok(match self {
            Self::File(connection) => statement.for_sqlite()?.fetch_optional(connection).await?.map(Row::Sqlite),
            #[cfg(feature = "server")]
            Self::Postgres(session) => {
                statement.for_postgres()?.fetch_optional(session.connection()).await?.map(Row::Postgres)
            }
        })
    }

    pub(super) async fn close(self) -> Result<()> {
        match self {
            Self::File(connection) => connection.close().await?,
            #[cfg(feature = "server")]
            Self::Postgres(session) => session.close().await?,
        }
        Ok(())
    }
}

/// A statement and its values.
pub(super) struct Statement {
    text: String,
    values: Vec<Value>,
    rows: Option<Vec<Vec<Value>>>,
}

/// A statement, without values yet.
pub(super) fn sql(text: impl Into<String>) -> Statement {
    Statement { text: text.into(), values: Vec::new(), rows: None }
}

/// One value of a statement.
#[derive(Clone)]
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Statement {
    /// The value of the next parameter.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// The rows of the table `{rows}`, at least one, each of the same columns, none of them null; for SQLite at most
    /// 32,000 values in all. Such a statement has no single values beside them.
    pub(super) fn rows(mut self, rows: Vec<Vec<Value>>) -> Self {
        self.rows = Some(rows);
        self
    }

    fn for_sqlite(self) -> Result<sqlx::query::Query<'static, Sqlite, SqliteArguments>> {
        let Self { mut text, mut values, rows } = self;
        let once = rows.as_ref().is_some_and(|rows| rows.len() > 1);
        if let Some(rows) = rows {
            // Nameless parameters: SQLite looks for a name among all the others, each time.
            let row = |row: &Vec<Value>| format!("({})", vec!["?"; row.len()].join(", "));
            let table: Vec<String> = rows.iter().map(row).collect();
            text = text.replace("{rows}", &format!("(VALUES {})", table.join(", ")));
            values.extend(rows.into_iter().flatten());
        }
        let mut arguments = SqliteArguments::default();
        for value in values {
            let added = match value {
                Value::Int(value) => arguments.add(value),
                Value::Text(value) => arguments.add(value),
                Value::Bytes(value) => arguments.add(value),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(sqlx::query_with(AssertSqlSafe(text), arguments).persistent(!once))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(Some(value.into()))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Bytes(value)
    }
}

/// A row of an answer.
pub(super) enum Row {
    Sqlite(SqliteRow),
    #[cfg(feature = "server")]
    Postgres(sqlx::postgres::PgRow),
}

/// What a column can hold.
#[cfg(feature = "server")]
pub(super) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, sqlx::Postgres> + Type<sqlx::Postgres>
{
}

#[cfg(feature = "server")]
impl<T> Column for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, sqlx::Postgres> + Type<sqlx::Postgres>
{
}

/// What a column can hold.
#[cfg(not(feature = "server"))]
pub(super) trait Column: for<'r> Decode<'r, Sqlite> + Type<Sqlite> {}

#[cfg(not(feature = "server"))]
impl<T> Column for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> {}

impl Row {
    /// The value of a column, counted from 0.
    pub(super) fn get<T: Column>(&self, at: usize) -> Result<T> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(at)?,
            #[cfg(feature = "server")]
            Self::Postgres(row) => row.try_get(at)?,
        })
    }

    /// Bytes of a fixed length.
    pub(super) fn array<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        self.get::<Vec<u8>>(at)?.try_into().map_err(|_| damaged("a value has the wrong length"))
    }

    /// A count.
    pub(super) fn count<T: TryFrom<i64>>(&self, at: usize) -> Result<T> {
        T::try_from(self.get(at)?).map_err(|_| damaged("a count is out of range"))
    }
}

/// SQLite says "locked" when another process holds the exclusive lock.
fn in_use(error: sqlx::Error) -> Error {
    let locked = error.as_database_error().is_some_and(|e| e.code().is_some_and(|code| code == "5" || code == "261"));
    if locked { Error::InUse } else { Error::Database(error) }
}
