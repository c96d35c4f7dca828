//! Whose ledger a database holds: a hash of the public keys, so that a relay with other keys notices before it signs.

use super::Database;
use super::db::sql;
use crate::Result;

impl Database {
    /// Whether a ledger was begun here. If so, new keys must not be made for it.
    pub(crate) async fn has_ledger(&mut self) -> Result<bool> {
        let begun = sql("SELECT 1 FROM ledger_identity UNION ALL SELECT 1 FROM log_heads LIMIT 1");
        Ok(self.db.row(begun).await?.is_some())
    }

    /// Notes whose ledger this is, unless that is noted already; whether it is this one's.
    pub(crate) async fn claim(&mut self, identity: &[u8; 32]) -> Result<bool> {
        let note = sql("INSERT INTO ledger_identity (sha256) VALUES ($1) ON CONFLICT (one) DO NOTHING");
        self.db.run(note.bind(identity)).await?;
        let row = self.db.row(sql("SELECT sha256 FROM ledger_identity")).await?;
        row.map_or(Ok(false), |row| Ok(&row.array::<32>(0)? == identity))
    }
}
