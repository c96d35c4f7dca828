//! `open`: reading what somebody shared; and how what was checked is told.

use crate::error::{Error, Exit, Result, word};
use crate::out::{Out, clean, local_time};
use carnet_wallet::{Outcome, Standing, Verification};
use serde_json::{Value, json};
use smart_health::SmartHealthLink;
use std::path::Path;
use zeroize::Zeroizing;

/// The link that was named, or the one in the file that was named.
pub(crate) fn link(named: &str) -> Result<Zeroizing<String>> {
    let is_link = SmartHealthLink::parse(named).is_ok();
    // What is neither is told by whoever reads it as a link.
    if is_link || !Path::new(named).is_file() {
        return Ok(Zeroizing::new(named.to_owned()));
    }
    Ok(carnet_wallet::link_in_file(Path::new(named))?)
}

pub(crate) async fn open(
    link: &str,
    recipient: &str,
    passcode: Option<&str>,
    file: Option<&Path>,
    out: &mut Out,
) -> Result<Exit> {
    let opened = carnet_wallet::open_link(link, recipient, passcode).await?;
    let bytes = opened.opened.files.first().map(|file| file.bytes.as_slice());
    if let (Some(file), Some(bytes)) = (file, bytes) {
        std::fs::write(file, bytes).map_err(Error::file("written", file))?;
    }
    let files = opened.opened.files.len();
    let Some((document, verification)) = &opened.document else {
        out.line(format!("Files: {files}, none of them a FHIR document."))?;
        out.json(&json!({ "files": files, "entries": 0, "verification": null }))?;
        return Ok(Exit::Done);
    };
    let entries = document.get("entry").and_then(Value::as_array).map_or(0, Vec::len);
    out.line(format!("Files: {files}. Entries in the document: {entries}."))?;
    tell(verification, out)?;
    out.json(&json!({ "files": files, "entries": entries, "standing": verification.standing(), "verification": verification }))?;
    Ok(if verification.standing() == Standing::Bad { Exit::Failed } else { Exit::Done })
}

/// Each statement on its line, and nothing that was not checked.
pub(crate) fn tell(verification: &Verification, out: &mut Out) -> Result<()> {
    for (statement, outcome) in [
        ("signed by the grant's key", verification.signature),
        ("every entry as it was signed", verification.entries_unaltered),
        ("the Consent says what the grant says", verification.consent_agrees),
        ("in its time", verification.in_time),
        ("the grant that the link names", verification.named_by_link),
        ("in the public ledger", verification.in_ledger),
        ("not withdrawn", verification.not_withdrawn),
    ] {
        let (mark, why) = match outcome {
            Outcome::Checked => ("yes", String::new()),
            Outcome::NotChecked { why } => ("not checked", format!(" ({})", why.code())),
            Outcome::Failed { why } => ("NO", format!(" ({})", why.code())),
        };
        out.line(format!("  {statement:<37} {mark}{why}"))?;
    }
    if let Some(as_of) = verification.as_of {
        out.line(format!("  withdrawals as of {}", local_time(as_of)))?;
    }
    if let Some(expires) = verification.expires {
        out.line(format!("  ends {}", local_time(expires)))?;
    }
    out.line(format!("Altogether: {}.", clean(&word(&verification.standing()))))
}
