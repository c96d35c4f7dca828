//! The first screen: what is there, what is shared, what needs attention.

use crate::clock::now;
use crate::records::parse;
use crate::settings::{EXAMPLE, LAST_BACKUP, WORDS_CONFIRMED, profile};
use crate::{Result, Wallet};
use carnet_bridge::{Attention, Home, ShareLine, ShareStatus};
use carnet_records::display::patient_banner;
use carnet_vault::{ProfileId, Vault};

const LATEST: u32 = 8;
const OPENINGS: usize = 5;
/// A share that ends within so many seconds is pointed out.
const ENDS_SOON: i64 = 3600;

impl Wallet {
    /// What the first screen shows.
    ///
    /// # Errors
    /// [`crate::Error::Locked`]; those of the vault.
    pub async fn home(&self) -> Result<Home> {
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?;
        let mut shares = self.share_lines(&vault).await?;
        shares.retain(|share| share.status == ShareStatus::Live);
        let mut openings = self.stored_openings(&vault, None).await?;
        let unseen = openings.iter().filter(|opening| !opening.seen).count();
        openings.truncate(OPENINGS);
        let name = if profile.name.is_empty() { named(&vault, profile.id).await? } else { profile.name };
        Ok(Home {
            name,
            example: vault.setting(EXAMPLE).await?.is_some(),
            attention: attention(&vault, &shares).await?,
            live_shares: shares,
            openings,
            unseen_openings: unseen as u64,
            latest: self.latest(&vault, profile.id, LATEST).await?,
            records: crate::records::counts(&vault, profile.id).await?.iter().map(|category| category.count).sum(),
        })
    }
}

async fn attention(vault: &Vault, live: &[ShareLine]) -> Result<Vec<Attention>> {
    let mut attention = Vec::new();
    let fault = vault.journal_at_unlock().fault.as_ref();
    attention.extend(fault.map(|fault| Attention::Journal { fault: fault.to_string() }));
    if vault.setting(WORDS_CONFIRMED).await?.is_none() {
        attention.push(Attention::RecoveryWords);
    }
    let soon = now() + ENDS_SOON;
    let ending = live.iter().filter(|share| share.expires <= soon);
    attention.extend(ending.map(|share| Attention::ShareEnds { id: share.id.clone(), expires: share.expires }));
    let count = vault.queue_len().await?;
    if count > 0 {
        attention.push(Attention::Waiting { count });
    }
    let saved: i64 = vault.setting(LAST_BACKUP).await?.and_then(|time| time.parse().ok()).unwrap_or(i64::MIN);
    let imported = vault.imports(1).await?.first().map(|import| import.at);
    if imported.is_some_and(|at| at > saved) && vault.setting(EXAMPLE).await?.is_none() {
        attention.push(Attention::Backup);
    }
    Ok(attention)
}

/// The name in the records; empty if they name nobody.
async fn named(vault: &Vault, profile: ProfileId) -> Result<String> {
    match crate::share::patient(vault, profile).await? {
        Some(patient) => Ok(patient_banner(&parse(&vault.record(patient.id).await?.slim)?).name),
        None => Ok(String::new()),
    }
}
