//! The telling end: what stands in the vault, part by part.

use super::wire::{About, TableLine, Value, VersionLine, to_line};
use super::write::Message;
use super::{ABOUT, FORMAT, PART_BYTES, Part};
use crate::attachments::{self, Store};
use crate::error::{Error, Result};
use crate::grants::fixed;
use crate::original;
use crate::records;
use carnet_records::index::index_record;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, TypeInfo, ValueRef};
use std::collections::BTreeMap;
use tokio::sync::mpsc::Sender;

/// The smaller tables, in an order in which they can be filled again.
pub(super) const TABLES: [(&str, &str); 13] = [
    ("profiles", "id, name, created_at"),
    ("imports", "id, profile, file_name, format, sha256, size, at, account"),
    ("sightings", "version, import"),
    ("attachments", "sha256, size, media_type, import"),
    ("sensitivity_overrides", "record, labels, at"),
    (
        "grants",
        "id, profile, signed, bundle, link, relay_url, link_id, commitment_r, commitment_index, status, recipient, purpose, \
         created_at, expires, details",
    ),
    ("unsealed", "grant_id, document"),
    ("former_grants", "grant_id, sha256, signed, commitment_r, commitment_index, replaced_at"),
    ("receipts", "grant_id, seq, receipt, commitment_r, commitment_index, learnt_at"),
    ("outbox", "id, kind, body, attempts, next_at, created_at"),
    ("settings", "key, value"),
    ("devices", "id, public_key, added_at"),
    ("journal", "id, device, seq, hash, entry, list"),
];

const README: &str = "\
This is a backup of a Carnet vault.

fhir/<n>/      the health records of each person: FHIR R4 resources, one a line (NDJSON), by resource type
former/<n>/    what was corrected since
attachments/   PDFs, pictures and the like, under the SHA-256 by which records refer to them (Binary/<sha256>)
carnet/        what Carnet needs to make the same vault again
manifest.json  name, size and SHA-256 of each file

Carnet restores it: `carnet restore`. Any program that reads FHIR reads the files in fhir/.
";

/// Rows in memory at a time.
const PAGE: i64 = 128;

/// Sends everything to the writer; gives the numbers of current and of former versions.
pub(super) async fn tell_everything(
    connection: &mut SqliteConnection,
    store: &Store,
    vault: [u8; 16],
    now: i64,
    to: &Sender<Message>,
) -> Result<(u64, u64)> {
    send(to, "README.txt".into(), README.into()).await?;
    let about = About { format: FORMAT.to_owned(), made_at: now, vault: vault.to_vec() };
    send(to, ABOUT.into(), json(&about)?).await?;
    for (table, columns) in TABLES {
        tell_table(connection, table, columns, to).await?;
    }
    let versions = tell_versions(connection, store, to).await?;
    for row in attachments::all(connection).await? {
        to.send(Message::Attachment(row)).await.map_err(|_| Error::Internal("backup"))?;
    }
    Ok(versions)
}

async fn tell_table(connection: &mut SqliteConnection, table: &str, columns: &str, to: &Sender<Message>) -> Result<()> {
    // By place, not by key: the tables have all kinds of keys, and nothing else writes in this transaction.
    let sql = format!("SELECT {columns} FROM {table} ORDER BY 1, 2 LIMIT {PAGE} OFFSET ?");
    let (mut part, mut number, mut offset) = (Vec::new(), 1, 0_i64);
    loop {
        let rows = sqlx::query(AssertSqlSafe(sql.clone())).bind(offset).fetch_all(&mut *connection).await?;
        for row in &rows {
            part.extend_from_slice(&json(&table_line(row)?)?);
            part.push(b'\n');
        }
        offset += PAGE;
        let done = rows.is_empty();
        if part.len() >= PART_BYTES || (done && !part.is_empty()) {
            send(to, format!("carnet/{table}.{number:04}.ndjson"), std::mem::take(&mut part)).await?;
            number += 1;
        }
        if done {
            return Ok(());
        }
    }
}

/// Lines of one kind of resource that wait until they are a part.
#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    notes: Vec<u8>,
    parts: u32,
}

/// One pass over everything that ever came, sorted into parts on the way; gives the numbers of current and former versions.
async fn tell_versions(connection: &mut SqliteConnection, store: &Store, to: &Sender<Message>) -> Result<(u64, u64)> {
    let sql = format!(
        "SELECT {}, v.original, v.detached, v.id, v.record, v.version, v.profile, v.import, v.id = r.current, v.as_of FROM versions v \
         JOIN record_index r ON r.record = v.record JOIN imports i ON i.id = v.import \
         WHERE v.id > ? ORDER BY v.id LIMIT {PAGE}",
        records::COLUMNS
    );
    let mut waiting: BTreeMap<String, Waiting> = BTreeMap::new();
    let (mut current, mut former, mut after) = (0, 0, 0_i64);
    loop {
        let rows = sqlx::query(AssertSqlSafe(sql.clone())).bind(after).fetch_all(&mut *connection).await?;
        let Some(last) = rows.last() else { break };
        after = last.get(ID);
        for row in &rows {
            let (original, detached) = (row.get(records::ORIGINAL), row.get(records::DETACHED));
            let original = original::whole_or_slim(connection, store, original, detached).await?;
            let (line, note) = version_lines(row, &original)?;
            let is_current = row.get(ID + 5);
            *(if is_current { &mut current } else { &mut former }) += 1;
            let file = file_name(if is_current { "fhir" } else { "former" }, note.profile, row.get(KIND));
            let part = waiting.entry(file.clone()).or_default();
            part.lines.extend_from_slice(&line);
            part.lines.push(b'\n');
            part.notes.extend_from_slice(&json(&note)?);
            part.notes.push(b'\n');
            if part.lines.len().max(part.notes.len()) >= PART_BYTES {
                part.send(to, &file).await?;
            }
        }
    }
    for (file, part) in &mut waiting {
        if !part.lines.is_empty() {
            part.send(to, file).await?;
        }
    }
    Ok((current, former))
}

/// Where [`records::COLUMNS`] has the type of resource.
const KIND: usize = 3;
/// Where they have the signature.
const SIGNED: usize = 19;
/// The version's id, after which come record, version, profile, import, whether it is the current one, and as of when.
const ID: usize = records::DETACHED + 1;

/// The type comes from a file that anybody may have written: only what cannot leave its folder becomes a name.
fn file_name(folder: &str, profile: u16, kind: &str) -> String {
    let safe = !kind.is_empty() && kind.len() <= 64 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    format!("{folder}/{profile}/{}", if safe { kind } else { "other-kinds" })
}

impl Waiting {
    async fn send(&mut self, to: &Sender<Message>, file: &str) -> Result<()> {
        self.parts += 1;
        let name = format!("{file}.{:04}.ndjson", self.parts);
        send(to, format!("carnet/{name}"), std::mem::take(&mut self.notes)).await?;
        send(to, name, std::mem::take(&mut self.lines)).await
    }
}

fn version_lines(row: &SqliteRow, original: &[u8]) -> Result<(Vec<u8>, VersionLine)> {
    let (line, exact) = to_line(original);
    let mut listed = records::row(row)?;
    // What was found; what the patient chose instead has its own table.
    listed.index.sensitivity = listed.sensitivity_found;
    let number = |place: usize| row.get::<i64, _>(ID + place);
    let note = VersionLine {
        id: number(0),
        record: number(1),
        version: number(2),
        profile: row.get(ID + 3),
        identity: fixed(row, 1)?,
        sha256: fixed(row, 2)?,
        import: number(4),
        full_url: listed.full_url,
        place: listed.place,
        signed: row.get(SIGNED),
        detached: row.get(records::DETACHED),
        updated: listed.index.updated,
        as_of: row.get(ID + 6),
        exact,
        index: if index_record(original).is_none() { Some(listed.index) } else { None },
    };
    Ok((line, note))
}

fn table_line(row: &SqliteRow) -> Result<TableLine> {
    (0..row.len())
        .map(|column| {
            let value = row.try_get_raw(column)?;
            Ok(match value.type_info().name() {
                _ if value.is_null() => Value::Null(()),
                "INTEGER" => Value::Integer(row.get(column)),
                "TEXT" => Value::Text(row.get(column)),
                _ => Value::Bytes { b: row.get(column) },
            })
        })
        .collect()
}

async fn send(to: &Sender<Message>, name: String, bytes: Vec<u8>) -> Result<()> {
    to.send(Message::Part(Part { name, bytes })).await.map_err(|_| Error::Internal("backup"))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|_| Error::Internal("backup"))
}
