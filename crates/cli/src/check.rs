//! `check`: a document against the rules of its format, without a vault; and the vault itself, for damage.

use crate::error::{Exit, Result};
use crate::out::{Out, clean};
use carnet_records::rules::Level;
use carnet_wallet::bridge::ShareFormat;
use carnet_wallet::{CheckedFile, Wallet, check_file};
use serde_json::json;
use std::path::Path;

/// Holds a document against the rules of its format.
pub(crate) fn file(path: &Path, format: ShareFormat, out: &mut Out) -> Result<Exit> {
    tell(&check_file(path, Some(format))?, out)
}

/// Tells what is damaged in the vault. Nothing is mended: what to do depends on which backups there are.
pub(crate) async fn vault(wallet: &Wallet, out: &mut Out) -> Result<Exit> {
    let report = wallet.check_vault().await?;
    let attachments: Vec<String> = report.attachments.iter().map(hex).collect();
    let journal = report.journal.fault.as_ref().map(ToString::to_string);
    for page in &report.damaged_pages {
        out.line(format!("The vault's file is damaged: {}.", clean(page)))?;
    }
    for fault in &report.structure {
        out.line(format!("The vault's file does not hold together: {}.", clean(fault)))?;
    }
    if let Some(fault) = &journal {
        out.line(format!("The journal was changed: {fault}."))?;
    }
    for attachment in &attachments {
        out.line(format!("An attachment is missing or was changed: SHA-256 {attachment}."))?;
    }
    out.line(if report.is_sound() {
        format!("Nothing is damaged. The journal has {} entries, all as they were signed.", report.journal.entries)
    } else {
        "Nothing was changed by this check. Keep a copy of the folder, and your backups. What is damaged or missing comes \
         back from a backup made before: restore it into another folder (--vault) and compare."
            .to_owned()
    })?;
    out.json(&json!({
        "sound": report.is_sound(),
        "damaged_pages": report.damaged_pages,
        "structure": report.structure,
        "journal_entries": report.journal.entries,
        "journal_fault": journal,
        "attachments": attachments,
    }))?;
    Ok(if report.is_sound() { Exit::Done } else { Exit::Failed })
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Prints which rules are broken.
fn tell(checked: &CheckedFile, out: &mut Out) -> Result<Exit> {
    for rule in &checked.broken {
        let level = match rule.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        out.line(format!("{level}: {}: {}\n  at {}\n  see {}", rule.rule, rule.message, clean(&rule.path), rule.spec))?;
    }
    let (errors, warnings) = (checked.count(Level::Error), checked.count(Level::Warning));
    out.line(match (errors, warnings) {
        (0, 0) => "It keeps every rule.".to_owned(),
        (0, warnings) => format!("It keeps the rules. Warnings: {warnings}."),
        (errors, warnings) => format!("It does not keep the rules. Errors: {errors}. Warnings: {warnings}."),
    })?;
    out.json(&json!({ "conforms": errors == 0, "errors": errors, "warnings": warnings, "broken": checked.broken }))?;
    Ok(if errors == 0 { Exit::Done } else { Exit::Failed })
}
