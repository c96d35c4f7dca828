//! The vault's content in one canonical form, whatever the order it came in: for comparing two vaults in tests.
//!
//! It holds what belongs to the patient (people, each version of each record, attachments, shares, receipts, settings) and leaves out
//! what belongs to the device and the occasion (row numbers, import times and accounts, journal, outbox). So importing the
//! same files in any order, any number of times, gives the same dump; so does restoring a backup.

use crate::error::Result;
use crate::original;
use crate::vault::Vault;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, TypeInfo, ValueRef};
use std::fmt::Write;
use std::ops::Range;

/// Each part: its name and the rows, every column of them, in an order that does not depend on how they came.
const PARTS: [(&str, &str); 12] = [
    ("profile", "SELECT id, name, created_at FROM profiles ORDER BY id"),
    (
        "version",
        "SELECT profile, identity, sha256, full_url, original, detached FROM versions ORDER BY profile, identity, sha256",
    ),
    (
        "signed",
        "SELECT profile, identity, sha256 FROM versions WHERE signed IS NOT NULL ORDER BY profile, identity, sha256",
    ),
    ("history", "SELECT profile, identity, version, sha256 FROM versions ORDER BY profile, identity, version"),
    (
        "listed",
        "SELECT r.profile, v.identity, r.category, r.title, r.code, r.date, r.status, r.sensitivity, r.patient_ref, r.fact_key \
         FROM record_index r JOIN versions v ON v.id = r.current ORDER BY r.profile, v.identity",
    ),
    (
        "grant",
        "SELECT id, profile, signed, bundle, link, relay_url, link_id, commitment_r, commitment_index, status, recipient, \
         purpose, created_at, expires, details FROM grants ORDER BY id",
    ),
    ("unsealed", "SELECT grant_id, document FROM unsealed ORDER BY grant_id"),
    (
        "former_grant",
        "SELECT grant_id, sha256, signed, commitment_r, commitment_index FROM former_grants ORDER BY grant_id, sha256",
    ),
    ("receipt", "SELECT grant_id, seq, receipt, commitment_r, commitment_index FROM receipts ORDER BY grant_id, seq"),
    ("attachment", "SELECT sha256, size FROM attachments ORDER BY sha256"),
    (
        "sensitivity",
        "SELECT v.profile, v.identity, o.labels FROM sensitivity_overrides o JOIN versions v ON v.id = o.record \
         ORDER BY v.profile, v.identity",
    ),
    ("setting", "SELECT key, value FROM settings ORDER BY key"),
];

impl Vault {
    /// The canonical content: one line a row, byte strings as their SHA-256. It tells secrets apart without showing them,
    /// but shows names: it is for tests.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn dump(&self) -> Result<String> {
        let mut out = String::new();
        for (name, sql) in PARTS {
            let mut db = self.db.lock().await?;
            for row in sqlx::query(sql).fetch_all(&mut *db).await? {
                out.push_str(name);
                if name == "version" {
                    write_columns(&mut out, &row, 0..4)?;
                    let original = original::whole(&mut db, &self.attachments, row.get(4), row.get(5)).await?;
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\t{}", short_hash(&original));
                } else {
                    write_columns(&mut out, &row, 0..row.len())?;
                }
                out.push('\n');
            }
        }
        Ok(out)
    }
}

fn write_columns(out: &mut String, row: &SqliteRow, columns: Range<usize>) -> Result<()> {
    for column in columns {
        let value = row.try_get_raw(column)?;
        // Writing to a String cannot fail.
        let _ = match value.type_info().name() {
            _ if value.is_null() => write!(out, "\t-"),
            "INTEGER" => write!(out, "\t{}", row.get::<i64, _>(column)),
            "TEXT" => write!(out, "\t{:?}", row.get::<&str, _>(column)),
            _ => write!(out, "\t{}", short_hash(row.get(column))),
        };
    }
    Ok(())
}

fn short_hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
