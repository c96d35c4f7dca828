//! `import`: files into the vault, every entry accounted for.

use crate::error::{Exit, Result};
use crate::out::{Out, clean};
use carnet_wallet::bridge::ImportAccount;
use carnet_wallet::{Quiet, Wallet, WalletOptions};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The most skipped entries that are shown to a person.
const SHOWN: usize = 10;

pub(crate) async fn import(wallet: &Wallet, files: &[PathBuf], out: &mut Out) -> Result<Exit> {
    let accounts = wallet.import(files, &Quiet).await?;
    for account in &accounts {
        tell(account, out)?;
    }
    out.json(&totals(&accounts))?;
    Ok(exit(&accounts))
}

/// Says what is in files, without a vault.
pub(crate) async fn dry_run(files: &[PathBuf], out: &mut Out) -> Result<Exit> {
    let accounts = carnet_wallet::dry_run(files, &WalletOptions::default().import_limits).await?;
    for account in &accounts {
        tell(account, out)?;
    }
    out.json(&json!(accounts))?;
    Ok(exit(&accounts))
}

/// Imports what somebody's link holds.
pub(crate) async fn link(wallet: &Wallet, link: &str, passcode: Option<&str>, out: &mut Out) -> Result<Exit> {
    let accounts = [wallet.import_shared(link, passcode).await?];
    for account in &accounts {
        tell(account, out)?;
    }
    out.json(&totals(&accounts))?;
    Ok(exit(&accounts))
}

/// A file that could not be used is a failure, whatever became of the others.
fn exit(accounts: &[ImportAccount]) -> Exit {
    if accounts.iter().any(|account| account.error.is_some()) { Exit::Failed } else { Exit::Done }
}

fn tell(account: &ImportAccount, out: &mut Out) -> Result<()> {
    let file = clean(&account.file);
    if let Some(error) = &account.error {
        return out.line(format!("{file}: not imported. {}", clean(error)));
    }
    out.line(format!(
        "{file}: {}, {} entries: {} imported, {} already there, {} kept as text only, {} skipped",
        clean(&account.format),
        account.entries,
        account.imported,
        account.already_present,
        account.narrative_only,
        account.skipped.len()
    ))?;
    for skipped in account.skipped.iter().take(SHOWN) {
        out.line(format!("  skipped {}: {}", clean(&skipped.path), clean(&skipped.reason)))?;
    }
    match account.skipped.len().checked_sub(SHOWN) {
        Some(more @ 1..) => out.line(format!("  and {more} more")),
        _ => Ok(()),
    }
}

/// The sums over all files, and the account of each.
fn totals(accounts: &[ImportAccount]) -> Value {
    let sum = |count: fn(&ImportAccount) -> u64| accounts.iter().map(count).sum::<u64>();
    let skipped: Vec<Value> = accounts
        .iter()
        .flat_map(|account| {
            let file = &account.file;
            account.skipped.iter().map(move |s| json!({ "file": file, "path": s.path, "reason": s.reason }))
        })
        .collect();
    json!({
        "entries": sum(|account| account.entries),
        "imported": sum(|account| account.imported),
        "already_present": sum(|account| account.already_present),
        "narrative_only": sum(|account| account.narrative_only),
        "skipped": skipped,
        "files": accounts,
    })
}
