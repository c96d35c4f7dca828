//! Settings: small texts under names that the wallet chooses.

use crate::batch::Batch;
use crate::error::Result;
use crate::vault::Vault;

impl Vault {
    /// The value of a setting, if it was ever set.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        let value = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?").bind(key.to_owned());
        Ok(value.fetch_optional(&mut *self.db.lock().await?).await?)
    }

    /// Sets a setting; none removes it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_setting(&self, key: &str, value: Option<&str>, now: i64) -> Result<()> {
        let mut batch = Batch::new(now);
        batch.set_setting(key, value);
        self.apply(batch).await.map(drop)
    }
}
