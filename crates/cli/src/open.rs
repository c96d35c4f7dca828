//! `open`: reading what somebody shared; and how what was checked is told.

use crate::args::Args;
use crate::clock::local_time;
use crate::error::{Error, Exit, Result, word};
use crate::out::{Out, clean};
use crate::session::Session;
use carnet_wallet::{Attested, CardSignature, NotAttested, OpenedCard, Outcome, Standing, Verification};
use serde_json::{Value, json};
use smart_health::SmartHealthLink;
use smart_health::reader::Options;
use std::path::Path;
use zeroize::Zeroizing;

/// What the patient reads where nobody said who opens a link and there is no wallet whose name could be told.
const NOBODY_NAMED: &str = "Carnet in a terminal";

/// The link that was named, or the one in the file that was named; and whether it was the link itself: its own person may mean
/// this machine by it, and a stranger's picture may not.
pub(crate) fn link(named: &str) -> Result<(Zeroizing<String>, bool)> {
    let is_typed = SmartHealthLink::parse(named).is_ok();
    // What is neither is told by whoever reads it as a link.
    let link = if is_typed || !Path::new(named).is_file() {
        Zeroizing::new(named.to_owned())
    } else {
        carnet_wallet::link_in_file(Path::new(named))?
    };
    Ok((link, is_typed))
}

/// Prints the links that are in a file, which is asked for: each of them is a key.
pub(crate) fn links(file: &str, out: &mut Out) -> Result<Exit> {
    let links = carnet_wallet::links_in_file(Path::new(file))?;
    links.iter().try_for_each(|link| out.line(link.as_str()))?;
    let links: Vec<&str> = links.iter().map(|link| link.as_str()).collect();
    out.json(&json!({ "links": links }))?;
    Ok(if links.is_empty() { Exit::Failed } else { Exit::Done })
}

/// Who opens a link when nobody said: the wallet's own name, or else that it was opened here.
pub(crate) async fn reader(args: &Args) -> String {
    // Reading needs no wallet: one that cannot be opened (it is in use, its passphrase is another) keeps nobody from it.
    let name = match Session::new(args) {
        Ok(session) => session.name_at_hand().await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    if name.is_empty() { NOBODY_NAMED.to_owned() } else { name }
}

/// A passcode as it was typed, without the blanks around it: no passcode of a share has any, and each try counts.
pub(crate) fn typed(passcode: Option<&str>) -> Option<&str> {
    passcode.map(str::trim)
}

pub(crate) async fn open(
    link: &str,
    options: Options,
    passcode: Option<&str>,
    file: Option<&Path>,
    out: &mut Out,
) -> Result<Exit> {
    let recipient = options.recipient.clone();
    let opened = carnet_wallet::open_link_with(link, options, passcode).await.map_err(|error| match error {
        error if error.is_ended_link() => Error::LinkEnded,
        error => error.into(),
    })?;
    let bytes = opened.opened.files.first().map(|file| file.bytes.as_slice());
    if let (Some(file), Some(bytes)) = (file, bytes) {
        carnet_wallet::write_file(file, bytes).map_err(Error::file("written", file))?;
    }
    let files = opened.opened.files.len();
    out.line(format!("The patient reads that it was opened by {}.", clean(&recipient)))?;
    let cards: Vec<Value> = opened.cards.iter().map(card_json).collect();
    let bad = opened.cards.iter().any(|card| card.refusal.is_some());
    let Some((document, verification)) = &opened.document else {
        out.line(format!("Files: {files}, none of them a FHIR document."))?;
        opened.cards.iter().try_for_each(|card| tell_card(card, out))?;
        out.json(&json!({ "files": files, "entries": 0, "verification": null, "cards": cards }))?;
        return Ok(if bad { Exit::Failed } else { Exit::Done });
    };
    let entries = document.get("entry").and_then(Value::as_array).map_or(0, Vec::len);
    out.line(format!("Files: {files}. Entries in the document: {entries}."))?;
    tell(verification, out)?;
    opened.cards.iter().try_for_each(|card| tell_card(card, out))?;
    if let Some(attested) = &opened.attestation {
        tell_attestation(attested, out)?;
    }
    let attestation = opened.attestation.as_ref().map(|attested| {
        json!({ "app": attested.app, "verified": attested.refused.is_none(), "why": attested.refused.map(NotAttested::code) })
    });
    out.json(&json!({
        "files": files, "entries": entries, "standing": verification.standing(), "verification": verification,
        "cards": cards, "attestation": attestation,
    }))?;
    // An attestation that fails keeps nobody from reading.
    Ok(if bad || verification.standing() == Standing::Bad { Exit::Failed } else { Exit::Done })
}

/// One card: whose it is, as far as that was checked, or why it is not to be used.
fn tell_card(card: &OpenedCard, out: &mut Out) -> Result<()> {
    let issuer = clean(card.issuer.as_deref().unwrap_or("an issuer that cannot be read"));
    out.line(match (&card.refusal, &card.signature) {
        (Some(refusal), _) => {
            format!("SMART Health Card of {issuer}: REFUSED ({}). Its records are not to be used.", refusal.reason)
        }
        (None, CardSignature::Verified { .. }) => {
            format!("SMART Health Card of {issuer}: signed with a key that the issuer publishes; {}.", entries_of(card))
        }
        (None, _) => format!(
            "SMART Health Card of {issuer}: signature not checked, for the issuer's keys could not be had; {}.",
            entries_of(card)
        ),
    })
}

fn entries_of(card: &OpenedCard) -> String {
    let entries = card.bundle.as_ref().and_then(|bundle| bundle.get("entry")?.as_array()).map_or(0, Vec::len);
    format!("{entries} entries")
}

fn card_json(card: &OpenedCard) -> Value {
    json!({
        "issuer": card.issuer,
        "issued": card.issued,
        "signature": match (&card.refusal, &card.signature) {
            (Some(_), _) | (None, CardSignature::Bad) => "refused",
            (None, CardSignature::Verified { .. }) => "verified",
            (None, CardSignature::NotChecked) => "not_checked",
        },
        "why": card.refusal.as_ref().map(|refusal| refusal.reason.code()),
        "bundle": card.bundle,
    })
}

/// What an app says of itself; nothing of it touches the records.
fn tell_attestation(attested: &Attested, out: &mut Out) -> Result<()> {
    let app = clean(attested.app.as_deref().unwrap_or("an app that cannot be read"));
    out.line(match attested.refused {
        None => {
            format!("Made with {app}, by its own signature. Whether that app is a recognised one is not known here.")
        }
        Some(why) => format!("It says that it was made with {app}, which does not count: {why}."),
    })
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
