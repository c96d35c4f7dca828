//! Moving all that a relay has from its SQLite file into an empty PostgreSQL: whole, or not at all.
//!
//! Everything is copied in one transaction of the target, read back, and compared before it is committed. Just before
//! that the file is marked as moved, and no relay starts on it from then on: at no instant are there two databases from
//! which a ledger could be signed on. Whatever breaks off, the same command can be given again, until it says that the
//! target is not empty: then it is done.

use super::db::{Db, Mode, Place, Row, Value, sql};
use crate::config::{Config, Secret};
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::path::Path;

/// How many rows are copied at once.
const PAGE: i64 = 1_000;

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Int,
    /// An integer that PostgreSQL keeps in two bytes.
    Small,
    Text,
    Bytes,
}

type Column = (&'static str, Kind);

struct Table {
    name: &'static str,
    /// The columns by which rows are told apart.
    key: &'static [Column],
    rest: &'static [Column],
}

const TABLES: &[Table] = {
    use Kind::{Bytes, Int, Small, Text};
    &[
        Table {
            name: "links",
            key: &[("link", Bytes)],
            rest: &[
                ("control", Bytes),
                ("state", Text),
                ("flags", Text),
                ("status", Text),
                ("not_before", Int),
                ("expires", Int),
                ("max_openings", Int),
                ("openings", Int),
                ("passcode_salt", Bytes),
                ("passcode_rounds", Int),
                ("passcode_hash", Bytes),
                ("attempts", Int),
                ("attempts_used", Int),
                ("attempts_open", Int),
                ("receipt_recipient", Text),
                ("withdrawal_tag", Bytes),
                ("commitment", Bytes),
                ("commitment_index", Int),
                ("receipts", Int),
                ("refusals", Int),
                ("publication", Bytes),
                ("revision", Int),
            ],
        },
        Table { name: "superseded_publications", key: &[("link", Bytes), ("publication", Bytes)], rest: &[] },
        Table {
            name: "files",
            key: &[("link", Bytes), ("number", Int)],
            rest: &[("name", Text), ("sha256", Bytes), ("size", Int), ("content_type", Text), ("updated", Int)],
        },
        Table { name: "discarded_files", key: &[("name", Text)], rest: &[("remove_from", Int)] },
        Table {
            name: "receipts",
            key: &[("link", Bytes), ("seq", Int)],
            rest: &[("log_index", Int), ("sealed", Bytes), ("for_all_reasons", Int)],
        },
        Table { name: "log_entries", key: &[("log", Small), ("idx", Int)], rest: &[("entry", Bytes)] },
        Table { name: "log_submissions", key: &[("log", Small), ("entry", Bytes)], rest: &[("idx", Int)] },
        Table { name: "log_heads", key: &[("log", Small)], rest: &[("size", Int), ("root", Bytes), ("note", Text)] },
        Table { name: "withdrawals", key: &[("tag", Bytes)], rest: &[("idx", Int)] },
        Table { name: "ledger_identity", key: &[("sha256", Bytes)], rest: &[] },
        Table { name: "log_sizes", key: &[("log", Small)], rest: &[("size", Int)] },
        Table { name: "usage", key: &[("bytes", Int)], rest: &[] },
    ]
};

/// These have rows from the beginning, which say that nothing is there.
const COUNTS: [&str; 2] = ["log_sizes", "usage"];

/// Rows as they were read: how many, and a hash that does not depend on their order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    hash: [u8; 32],
}

/// Moves a relay's SQLite file into a PostgreSQL (`postgres://…`) in which no relay has anything yet, and gives the
/// tables with how many rows each has. Files of ciphertext, tiles and keys are not touched.
///
/// # Errors
/// [`Error::InUse`] while a relay runs on the file, [`Error::NotEmpty`], [`Error::Differs`], [`Error::Io`] if there is no
/// such file, [`Error::Config`] for an address in another form, [`Error::Database`], [`Error::Migration`]. After any of
/// these nothing was moved.
pub async fn move_database(from: &Path, to: &Secret) -> Result<Vec<(&'static str, u64)>> {
    let place = Config { database: Some(to.clone()), ..Config::default() }.place()?;
    std::fs::metadata(from).map_err(|error| Error::io("the database to move", from, error))?;
    let mut source = Db::connect(&Place::File(from.to_owned())).await?;
    source.migrate().await?;
    let mut target = Db::connect(&place).await?;
    target.migrate().await?;
    target.begin(Mode::Write).await?;
    is_empty(&mut target).await?;
    for table in COUNTS {
        target.run(sql(format!("DELETE FROM {table}"))).await?;
    }
    let mut moved = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let read = copy(table, &mut source, &mut target).await?;
        let written = table.sum(&mut target).await?;
        if read != written {
            return Err(Error::Differs { table: table.name });
        }
        moved.push((table.name, written.rows));
    }
    let is_marked = source.row(sql("SELECT 1 FROM moved LIMIT 1")).await?.is_some();
    if !is_marked {
        source.run(sql("INSERT INTO moved (at) VALUES ($1)").bind(crate::now())).await?;
    }
    source.close().await?;
    target.commit(Mode::Write).await?;
    target.close().await?;
    Ok(moved)
}

async fn is_empty(target: &mut Db) -> Result<()> {
    for table in TABLES {
        let found = if COUNTS.contains(&table.name) {
            let column = table.rest.first().or(table.key.first()).map_or("", |(name, _)| name);
            format!("SELECT 1 FROM {} WHERE {column} <> 0 LIMIT 1", table.name)
        } else {
            format!("SELECT 1 FROM {} LIMIT 1", table.name)
        };
        if target.row(sql(found)).await?.is_some() {
            return Err(Error::NotEmpty { table: table.name });
        }
    }
    Ok(())
}

async fn copy(table: &Table, source: &mut Db, target: &mut Db) -> Result<Sum> {
    let (mut sum, mut last) = (Sum::default(), None);
    while let Some(page) = table.page(source, last).await? {
        page.iter().for_each(|row| sum.add(row));
        last = table.key_of(&page);
        let columns = table.columns().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        let values = (1..=table.columns().count()).map(|n| format!("column{n}")).collect::<Vec<_>>().join(", ");
        let insert = format!("INSERT INTO {} ({columns}) SELECT {values} FROM {{rows}}", table.name);
        target.run(sql(insert).rows(page)).await?;
    }
    Ok(sum)
}

impl Table {
    fn columns(&self) -> impl Iterator<Item = Column> {
        self.key.iter().chain(self.rest).copied()
    }

    async fn sum(&self, db: &mut Db) -> Result<Sum> {
        let (mut sum, mut last) = (Sum::default(), None);
        while let Some(page) = self.page(db, last).await? {
            page.iter().for_each(|row| sum.add(row));
            last = self.key_of(&page);
        }
        Ok(sum)
    }

    /// The rows after the one with this key; none if there are no more.
    async fn page(&self, db: &mut Db, after: Option<Vec<Value>>) -> Result<Option<Vec<Vec<Value>>>> {
        let selected = |(name, kind): Column| match kind {
            Kind::Small => format!("CAST({name} AS BIGINT)"),
            _ => name.to_owned(),
        };
        let columns = self.columns().map(selected).collect::<Vec<_>>().join(", ");
        let key = self.key.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let mut text = format!("SELECT {columns} FROM {}", self.name);
        if after.is_some() {
            let values = (1..=self.key.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
            text.push_str(&format!(" WHERE ({key}) > ({values})"));
        }
        text.push_str(&format!(" ORDER BY {key} LIMIT {PAGE}"));
        let select = after.unwrap_or_default().into_iter().fold(sql(text), |select, value| select.bind(value));
        let rows = db.rows(select).await?;
        let row = |row: &Row| self.columns().enumerate().map(|(at, (_, kind))| value(row, at, kind)).collect();
        let rows = rows.iter().map(row).collect::<Result<Vec<Vec<Value>>>>()?;
        Ok((!rows.is_empty()).then_some(rows))
    }

    fn key_of(&self, page: &[Vec<Value>]) -> Option<Vec<Value>> {
        page.last().and_then(|row| row.get(..self.key.len())).map(<[Value]>::to_vec)
    }
}

fn value(row: &Row, at: usize, kind: Kind) -> Result<Value> {
    Ok(match kind {
        Kind::Int | Kind::Small => Value::Int(row.get(at)?),
        Kind::Text => Value::Text(row.get(at)?),
        Kind::Bytes => Value::Bytes(row.get(at)?),
    })
}

impl Sum {
    fn add(&mut self, row: &[Value]) {
        let mut hash = Sha256::new();
        for value in row {
            let bytes = match value {
                Value::Int(value) => value.map(|value| value.to_be_bytes().to_vec()),
                Value::Text(value) => value.as_ref().map(|text| text.as_bytes().to_vec()),
                Value::Bytes(value) => value.clone(),
            };
            // Each with its length, and none apart from empty.
            let len = bytes.as_ref().map_or(u64::MAX, |bytes| bytes.len() as u64);
            hash.update(len.to_be_bytes());
            hash.update(bytes.unwrap_or_default());
        }
        self.rows += 1;
        for (sum, byte) in self.hash.iter_mut().zip(hash.finalize()) {
            *sum ^= byte;
        }
    }
}
