//! The first screen: what is there, what is shared, what needs attention.

use crate::clock::now;
use crate::records::parse;
use crate::settings::{EXAMPLE, LAST_BACKUP, WORDS_CONFIRMED, profile};
use crate::{Result, Wallet};
use carnet_bridge::{Attention, Home, ShareLine, ShareStatus};
use carnet_records::display::patient_banner;
use carnet_vault::{Profile, Vault};

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
        let (open_shares, others): (Vec<_>, Vec<_>) = self.share_lines(&vault).await?.into_iter().partition(may_open);
        let mut openings = self.stored_openings(&vault, None).await?;
        let unseen = openings.iter().filter(|opening| !opening.seen).count();
        openings.truncate(OPENINGS);
        let latest = self.latest(&vault, &profile, LATEST).await?;
        let name = if profile.name.is_empty() { self.named(&vault, &profile).await? } else { profile.name };
        Ok(Home {
            name,
            example: vault.setting(EXAMPLE).await?.is_some(),
            attention: attention(&vault, &open_shares).await?,
            open_shares,
            resting_shares: others.iter().filter(|share| rests(share)).count() as u64,
            openings,
            unseen_openings: unseen as u64,
            latest,
            records: crate::records::counts(&vault, profile.id).await?.iter().map(|category| category.count).sum(),
        })
    }

    /// The name in the records; empty if they name nobody.
    async fn named(&self, vault: &Vault, profile: &Profile) -> Result<String> {
        match self.inner.patient(vault, profile).await? {
            Some(patient) => Ok(patient_banner(&parse(&vault.record(patient.id).await?.slim)?).name),
            None => Ok(String::new()),
        }
    }
}

/// Whether a share can be opened now, as far as this wallet knows: one that was stopped or paused too, while its relay has
/// not heard of that.
fn may_open(share: &ShareLine) -> bool {
    match share.status {
        ShareStatus::Live => true,
        ShareStatus::Stopping => now() < share.expires,
        ShareStatus::Paused => share.waiting,
        _ => false,
    }
}

/// Whether a share cannot be opened now, and can be later.
fn rests(share: &ShareLine) -> bool {
    matches!(share.status, ShareStatus::Paused | ShareStatus::NotYet | ShareStatus::Waiting)
}

async fn attention(vault: &Vault, open: &[ShareLine]) -> Result<Vec<Attention>> {
    let mut attention = Vec::new();
    let fault = vault.journal_at_unlock().fault.as_ref();
    attention.extend(fault.map(|fault| Attention::Journal { fault: fault.to_string() }));
    if vault.setting(WORDS_CONFIRMED).await?.is_none() {
        attention.push(Attention::RecoveryWords);
    }
    let soon = now() + ENDS_SOON;
    let ending = open.iter().filter(|share| share.status == ShareStatus::Live && share.expires <= soon);
    attention.extend(ending.map(|share| Attention::ShareEnds { id: share.id.clone(), expires: share.expires }));
    let count = crate::share::unsent(vault).await?;
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
