//! `import`: files into the vault, every entry accounted for.

use crate::error::{Exit, Result};
use crate::out::{Out, clean};
use crate::progress::Progress;
use carnet_wallet::bridge::{FoundKind, FoundLink, ImportAccount, ImportReport, ImportRun};
use carnet_wallet::{DocumentOptions, Wallet, WalletOptions};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The most skipped entries that are shown to a person.
const SHOWN: usize = 10;

/// Imports files. On a terminal a line tells how far it is; Ctrl+C stops it, and undoes what the current file brought.
pub(crate) async fn import(
    wallet: &Wallet,
    files: &[PathBuf],
    documents: DocumentOptions,
    out: &mut Out,
) -> Result<Exit> {
    let stop = async {
        // Where there are no signals nothing stops it.
        if tokio::signal::ctrl_c().await.is_ok() {
            wallet.cancel_import();
        }
        std::future::pending().await
    };
    let progress = Progress::new(out.is_json());
    let ImportRun { reports, others, .. } = tokio::select! {
        run = wallet.import_files(files, documents, &progress) => run?,
        never = stop => never,
    };
    tell_all(&reports, out)?;
    if others > 0 {
        out.line(format!(
            "{others} of the new records are another person's, or nobody knows whose. They are marked as such in lists and stay out \
             of everything that you share."
        ))?;
    }
    let mut value = totals(&reports);
    if let Some(members) = value.as_object_mut() {
        members.insert("others".to_owned(), json!(others));
    }
    out.json(&value)?;
    Ok(exit(&reports))
}

/// Says what is in files, without a vault.
pub(crate) async fn dry_run(files: &[PathBuf], out: &mut Out) -> Result<Exit> {
    let reports = carnet_wallet::dry_run(files, &WalletOptions::default().import_limits).await?;
    tell_all(&reports, out)?;
    out.json(&reports.iter().map(with_notes).collect())?;
    Ok(exit(&reports))
}

/// Imports what somebody's link holds.
pub(crate) async fn link(
    wallet: &Wallet,
    link: &str,
    passcode: Option<&str>,
    allow_loopback: bool,
    out: &mut Out,
) -> Result<Exit> {
    let reports = [wallet.import_shared(link, passcode, allow_loopback).await?.into()];
    tell_all(&reports, out)?;
    out.json(&totals(&reports))?;
    Ok(exit(&reports))
}

/// A file that could not be used is a failure, whatever became of the others.
fn exit(reports: &[ImportReport]) -> Exit {
    if reports.iter().any(|report| report.account.error.is_some()) { Exit::Failed } else { Exit::Done }
}

pub(crate) fn tell_all(reports: &[ImportReport], out: &mut Out) -> Result<()> {
    for report in reports {
        tell(&report.account, out)?;
        for note in &report.notes {
            out.line(format!("  {}", clean(note)))?;
        }
        for link in &report.links {
            tell_link(link, out)?;
        }
    }
    Ok(())
}

/// A link that is in the file: where it leads and how to open it, never the link itself.
fn tell_link(link: &FoundLink, out: &mut Out) -> Result<()> {
    let place = if link.path.is_empty() { String::new() } else { format!("{}: ", clean(&link.path)) };
    let label = if link.label.is_empty() { String::new() } else { format!(" (\"{}\")", clean(&link.label)) };
    if link.kind == FoundKind::Card {
        let host = if link.host.is_empty() { String::new() } else { format!(" at {}", clean(&link.host)) };
        return out.line(format!(
            "  {place}There is a withdrawal card in it, of a share{host}. Nothing was stopped. To stop that share: scan the card \
             with a telephone, or type its code after carnet withdraw --card."
        ));
    }
    out.line(format!(
        "  {place}There is a SMART Health Link in it, to records at {}{label}. It was not opened.",
        clean(&link.host)
    ))?;
    out.line("  To have what it leads to: carnet open FILE --import, where FILE is this file.")
}

/// An account, and what else is to be said.
fn with_notes(report: &ImportReport) -> Value {
    let mut account = json!(report.account);
    if let Some(account) = account.as_object_mut() {
        account.insert("notes".to_owned(), json!(report.notes));
        let link =
            |link: &FoundLink| json!({ "kind": link.kind, "path": link.path, "label": link.label, "host": link.host });
        account.insert("links".to_owned(), report.links.iter().map(link).collect());
    }
    account
}

fn tell(account: &ImportAccount, out: &mut Out) -> Result<()> {
    let file = clean(&account.file);
    if let Some(error) = &account.error {
        out.line(format!("{file}: not imported. {}", clean(error)))?;
        if *error == carnet_records::Error::TableUnclear.to_string() {
            out.line("  To see its columns and say what they hold: carnet table FILE, where FILE is this file.")?;
        }
        return Ok(());
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
fn totals(reports: &[ImportReport]) -> Value {
    let accounts = || reports.iter().map(|report| &report.account);
    let sum = |count: fn(&ImportAccount) -> u64| accounts().map(count).sum::<u64>();
    let skipped: Vec<Value> = accounts()
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
        "files": reports.iter().map(with_notes).collect::<Vec<_>>(),
    })
}
