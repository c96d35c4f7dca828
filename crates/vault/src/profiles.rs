//! The people in one wallet: oneself, a child, a parent.

use crate::error::{Error, Result};
use crate::journal::{self, Event};
use crate::vault::Vault;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, Row};
use std::fmt;

/// The most bytes a name may have.
const MAX_NAME: usize = 200;

/// The number of a person in the wallet, from 1; never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProfileId(pub u16);

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A person in the wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Which.
    pub id: ProfileId,
    /// What the wallet calls this person; may be empty.
    pub name: String,
    /// When the profile was made, Unix seconds.
    pub created_at: i64,
}

impl Vault {
    /// Everybody in the wallet, in the order they were added.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn profiles(&self) -> Result<Vec<Profile>> {
        let rows = sqlx::query("SELECT id, name, created_at FROM profiles ORDER BY id")
            .fetch_all(&mut *self.db.lock().await?)
            .await?;
        Ok(rows
            .iter()
            .map(|row| Profile { id: ProfileId(row.get(0)), name: row.get(1), created_at: row.get(2) })
            .collect())
    }

    /// Adds a person. The name may be empty and has at most 200 bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a longer name; those of the database.
    pub async fn add_profile(&self, name: &str, now: i64) -> Result<ProfileId> {
        check_name(name)?;
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        let id = sqlx::query_scalar("INSERT INTO profiles (name, created_at) VALUES (?, ?) RETURNING id")
            .bind(name.to_owned())
            .bind(now)
            .fetch_one(&mut *tx)
            .await
            .map(ProfileId)?;
        let event = Event::ProfileAdded { name: name.to_owned() };
        journal::append(&mut tx, &self.device, now, Some(id), event, None).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Gives a person another name.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if there is no such person, [`Error::TooLarge`] for a name over 200 bytes; those of the database.
    pub async fn rename_profile(&self, id: ProfileId, name: &str, now: i64) -> Result<()> {
        check_name(name)?;
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        let done = sqlx::query("UPDATE profiles SET name = ? WHERE id = ?")
            .bind(name.to_owned())
            .bind(id.0)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::NoSuch("person"));
        }
        let event = Event::ProfileRenamed { name: name.to_owned() };
        journal::append(&mut tx, &self.device, now, Some(id), event, None).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.len() > MAX_NAME {
        return Err(Error::TooLarge { what: "name", limit: MAX_NAME });
    }
    Ok(())
}
