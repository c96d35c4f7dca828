//! A session with a PostgreSQL that several relays may share: what keeps them from disturbing one another.
//!
//! Two advisory locks, named after the schema. One lies over each transaction: shared by those that only open links,
//! whose rows they lock in their order, and exclusive for all others, so that these see and leave the database as SQLite's
//! only writer does. The other lasts as long as the session of the relay that signs the ledger.

use super::{Mode, Statement, Value};
use crate::{Error, Result};
use sqlx::postgres::{PgArguments, PgConnectOptions};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, Connection, PgConnection, Postgres};

/// How the server deals with this session. A relay that vanishes must not keep its locks for longer than it takes to
/// notice, and one that stands still must not keep the others waiting.
const SETTINGS: [(&str, &str); 6] = [
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "2"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "10s"),
];

/// A connection, and what it holds.
pub(in crate::store) struct Session {
    connection: PgConnection,
    transactions: i64,
    ledger: i64,
    leading: bool,
}

impl Session {
    pub(super) async fn connect(options: &PgConnectOptions) -> Result<Self> {
        let options = options.clone().application_name("carnet-relay").options(SETTINGS).disable_statement_logging();
        let mut connection = PgConnection::connect_with(&options).await?;
        // "Durable" is what an answer means, whatever this server's default is.
        let committing: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&mut connection).await?;
        if committing == "off" {
            sqlx::query("SET synchronous_commit = on").execute(&mut connection).await?;
        }
        let lock = "SELECT hashtextextended('carnet-relay/' || $1 || '/' || current_schema(), 0)";
        let transactions = sqlx::query_scalar(lock).bind("transactions").fetch_one(&mut connection).await?;
        let ledger = sqlx::query_scalar(lock).bind("ledger").fetch_one(&mut connection).await?;
        Ok(Self { connection, transactions, ledger, leading: false })
    }

    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// One message to the server. Each statement after the lock sees what was committed before the lock was had.
    pub(super) async fn begin(&mut self, mode: Mode) -> Result<()> {
        let lock = if mode == Mode::Open { "pg_advisory_xact_lock_shared" } else { "pg_advisory_xact_lock" };
        let text = format!("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT {lock}({})", self.transactions);
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut self.connection).await?;
        Ok(())
    }

    /// `COMMIT` or `ROLLBACK`.
    pub(super) async fn end(&mut self, how: &'static str) -> Result<()> {
        sqlx::raw_sql(how).execute(&mut self.connection).await?;
        Ok(())
    }

    pub(super) async fn lead(&mut self) -> Result<bool> {
        if !self.leading {
            let had = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(self.ledger);
            self.leading = had.fetch_one(&mut self.connection).await?;
        }
        Ok(self.leading)
    }

    pub(super) async fn close(self) -> Result<()> {
        self.connection.close().await.map_err(Error::Database)
    }
}

impl Statement {
    pub(super) fn for_postgres(mut self) -> Result<sqlx::query::Query<'static, Postgres, PgArguments>> {
        let mut arguments = PgArguments::default();
        for value in self.values {
            let added = match value {
                Value::Int(value) => arguments.add(value),
                Value::Text(value) => arguments.add(value),
                Value::Bytes(value) => arguments.add(value),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        if let Some(rows) = self.rows {
            let (mut arrays, mut names) = (Vec::new(), Vec::new());
            for (column, number) in columns(rows).into_iter().zip(1..) {
                names.push(format!("column{number}"));
                let (kind, added) = match column {
                    Column::Int(values) => ("int8", arguments.add(values)),
                    Column::Text(values) => ("text", arguments.add(values)),
                    Column::Bytes(values) => ("bytea", arguments.add(values)),
                };
                added.map_err(sqlx::Error::Encode)?;
                arrays.push(format!("${number}::{kind}[]"));
            }
            let table = format!("unnest({}) AS rows ({})", arrays.join(", "), names.join(", "));
            self.text = self.text.replace("{rows}", &table);
        }
        Ok(sqlx::query_with(AssertSqlSafe(self.text), arguments))
    }
}

enum Column {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

/// Rows turned on their side; the first row says what the columns hold.
fn columns(rows: Vec<Vec<Value>>) -> Vec<Column> {
    let of = |value: &Value| match value {
        Value::Int(_) => Column::Int(Vec::new()),
        Value::Text(_) => Column::Text(Vec::new()),
        Value::Bytes(_) => Column::Bytes(Vec::new()),
    };
    let mut columns: Vec<Column> = rows.first().map(|row| row.iter().map(of).collect()).unwrap_or_default();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            match (column, value) {
                (Column::Int(values), Value::Int(value)) => values.push(value),
                (Column::Text(values), Value::Text(value)) => values.push(value),
                (Column::Bytes(values), Value::Bytes(value)) => values.push(value),
                // Arrays of different lengths fill up with nulls, which no column of ours takes: the statement fails.
                _ => {}
            }
        }
    }
    columns
}
