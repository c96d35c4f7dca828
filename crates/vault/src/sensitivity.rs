//! The patient's own word on what is sensitive: it stands above what the importer found.

use crate::error::{Error, Result};
use crate::grants::fixed;
use crate::journal::{self, Bytes, Event};
use crate::profiles::ProfileId;
use crate::vault::Vault;
use carnet_records::sensitivity::Sensitivity;
use sqlx::{Connection, Row};

impl Vault {
    /// Says why a record is held back from shares: these labels and no others (empty: it is not), or, with none, what
    /// was found in it again. The choice outlasts corrections of the record, and goes into the journal.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if there is no such record; those of the database.
    pub async fn set_sensitivity(&self, record: i64, labels: Option<&[Sensitivity]>, now: i64) -> Result<()> {
        let json = labels.map(serde_json::to_string).transpose().map_err(|_| Error::Internal("sensitivity labels"))?;
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        let found = sqlx::query("SELECT profile, identity FROM versions WHERE id = ?1 AND record = ?1")
            .bind(record)
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::NoSuch("record"))?;
        let change = match &json {
            Some(json) => sqlx::query(
                "INSERT INTO sensitivity_overrides (record, labels, at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (record) DO UPDATE SET labels = ?2, at = ?3",
            )
            .bind(record)
            .bind(json.clone())
            .bind(now),
            None => sqlx::query("DELETE FROM sensitivity_overrides WHERE record = ?").bind(record),
        };
        change.execute(&mut *tx).await?;
        let event = Event::SensitivityChosen { record: Bytes(fixed(&found, 1)?), labels: json };
        journal::append(&mut tx, &self.device, now, Some(ProfileId(found.get(0))), event, None).await?;
        Ok(tx.commit().await?)
    }
}
