//! `shares` and all that is done with a share that there is: shown, changed, moved, stopped.

use crate::clock::local_time;
use crate::error::{Error, Exit, Result, word};
use crate::openings::faulty;
use crate::out::{Out, clean};
use crate::qr;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{CategoryCount, Elsewhere, ReceiptForm, ShareDetail, ShareLine, ShareStatus, ShareWhy};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) async fn shares(wallet: &Wallet, out: &mut Out) -> Result<Exit> {
    // What waits goes out first, so that the list is true; a relay that is away does not keep it from being shown.
    wallet.sync().await?;
    let shares = wallet.shares().await?;
    for line in &shares {
        out.line(format!(
            "{}  {:<9}  until {}  opened {:>2} times  {}",
            line.id,
            word(&line.status),
            local_time(line.expires),
            line.openings,
            name_or(&line.recipient, "(anyone)")
        ))?;
        match line.status {
            ShareStatus::Paused if line.waiting => out.line(format!("  {PAUSED_HERE}"))?,
            ShareStatus::Live | ShareStatus::NotYet if line.waiting => {
                out.line("  The relay is away and does not know the last change yet; it is told as soon as it can be reached.")?;
            }
            _ => {}
        }
        if let Some(what) = line.elsewhere {
            out.line(format!("  {}", elsewhere(what)))?;
        }
        if let Some(why) = &line.why {
            out.line(format!("  {}", not_by_the_person(why)))?;
        }
        if let Some(fault) = &line.fault {
            out.line(format!("  {}", faulty(fault)))?;
        }
    }
    if shares.is_empty() {
        out.line("Nothing is shared.")?;
    }
    out.json(&shares.iter().map(line_json).collect())?;
    Ok(Exit::Done)
}

pub(crate) async fn withdraw(wallet: &Wallet, id: &str, out: &mut Out) -> Result<Exit> {
    let detail = wallet.stop_sharing(id).await?;
    out.line(match detail.line.status {
        ShareStatus::Stopping => {
            "Stopped here, but the relay is away and may still serve it. It is told first thing by the next command that \
             opens the vault."
        }
        _ => "Stopped. Nobody can open it any more.",
    })?;
    out.json(&line_json(&detail.line))?;
    Ok(exit(detail.line.status))
}

/// Stops what a withdrawal card is for. No vault is needed.
pub(crate) async fn withdraw_with_card(card: &str, relay: Option<&str>, out: &mut Out) -> Result<Exit> {
    let ended = carnet_wallet::withdraw_with_card(card, relay).await?;
    out.line(match ended {
        Some(false) => {
            "This relay has no share with this code, so nothing was stopped there. The code is public from now on. Use the \
             link of the card, or name the relay that the card names."
        }
        Some(true) | None => "Stopped. Nobody can open it any more.",
    })?;
    out.json(&json!({ "ended": ended }))?;
    Ok(if ended == Some(false) { Exit::Failed } else { Exit::Done })
}

/// Makes the withdrawal card of a share.
pub(crate) async fn card(
    wallet: &Wallet,
    id: &str,
    qr_png: Option<&Path>,
    qr_svg: Option<&Path>,
    out: &mut Out,
) -> Result<Exit> {
    let card = wallet.withdrawal_card(id).await?;
    let code = qr::encode(&card.link)?;
    if let Some(file) = qr_png {
        qr::write_png(&code, file)?;
    }
    if let Some(file) = qr_svg {
        qr::write_svg(&code, file)?;
    }
    out.line(code.to_terminal())?;
    out.line(&card.link)?;
    out.line(format!("\nWithdrawal card of share {} for {}.", clean(id), name_or(&card.recipient, "whoever has it")))?;
    out.line(
        "Whoever has it can stop the share and do nothing else: by the page that the code opens in any browser, or by \
         `carnet withdraw --card`. For typing:",
    )?;
    out.line(format!("  {}", card.code))?;
    out.json(&json!({ "id": id, "link": card.link, "code": card.code, "recipient": card.recipient, "expires": card.expires }))?;
    Ok(Exit::Done)
}

pub(crate) async fn update(wallet: &Wallet, id: &str, out: &mut Out) -> Result<Exit> {
    let detail = wallet.update_share(id).await?;
    out.line("Readers see what this device has.")?;
    said(wallet, &detail, out).await
}

/// What is true of a share that is paused while its relay is away.
const PAUSED_HERE: &str =
    "Paused here. The relay is away and may still serve it; it is told as soon as it can be reached.";

pub(crate) async fn pause(wallet: &Wallet, id: &str, paused: bool, out: &mut Out) -> Result<Exit> {
    let detail = wallet.pause_share(id, paused).await?;
    out.line(match (paused, detail.line.waiting) {
        (true, true) => PAUSED_HERE,
        (true, false) => "Paused. Nobody can open it until it is resumed.",
        (false, true) => "Resumed here.",
        (false, false) => "Resumed.",
    })?;
    said(wallet, &detail, out).await
}

pub(crate) async fn extend(wallet: &Wallet, id: &str, seconds: i64, out: &mut Out) -> Result<Exit> {
    let detail = wallet.extend_share(id, seconds).await?;
    // The link names its end, so the code is another one, though it leads to the same place.
    show_code(&detail, out)?;
    let until = local_time(detail.line.expires);
    out.line(match detail.line.waiting {
        true => format!("\nIt is to be open until {until}, once its relay knows."),
        false => format!("\nIt can be opened until {until}."),
    })?;
    out.line("Show this code or send this link again: some readers refuse the one that was given out before.")?;
    said(wallet, &detail, out).await
}

/// Prints the link of a share and its QR code, which is asked for: it is a key.
pub(crate) async fn show_link(wallet: &Wallet, id: &str, out: &mut Out) -> Result<Exit> {
    let detail = wallet.share_detail(id).await?;
    show_code(&detail, out)?;
    let status = detail.line.status;
    if matches!(status, ShareStatus::Expired | ShareStatus::Stopped | ShareStatus::Stopping | ShareStatus::Exhausted) {
        out.line("\nThis share is over: nobody can open it any more.")?;
    } else {
        let passcode = if detail.passcode { ", and the passcode," } else { "" };
        out.line(format!(
            "\nWhoever has this{passcode} can open the share until {}.",
            local_time(detail.line.expires)
        ))?;
        match &detail.known_passcode {
            Some(passcode) => out.line(format!("Passcode: {}", clean(passcode)))?,
            None if detail.passcode => out.line(
                "The vault does not know the passcode: the share was made by an earlier version. If you lost it, stop this \
                 share and make a new one.",
            )?,
            None => {}
        }
        tell_only_here(&detail, out)?;
    }
    let mut value = share_json(&detail);
    if let Value::Object(members) = &mut value {
        members.insert("known_passcode".to_owned(), json!(detail.known_passcode));
    }
    out.json(&value)?;
    Ok(Exit::Done)
}

/// Says that a code leads nobody else anywhere, if that is so.
pub(crate) fn tell_only_here(detail: &ShareDetail, out: &mut Out) -> Result<()> {
    if !detail.only_here {
        return Ok(());
    }
    out.line(
        "This code works on this device only: its relay has an address that every device takes for its own. Name a relay \
         that others can reach with --relay URL, or save a summary as a file with `carnet export`.",
    )
}

fn show_code(detail: &ShareDetail, out: &mut Out) -> Result<()> {
    out.line(qr::encode(&detail.link)?.to_terminal())?;
    out.line(&detail.link)
}

pub(crate) async fn move_to(wallet: &Wallet, id: &str, out: &mut Out) -> Result<Exit> {
    if wallet.settings().await?.relay.is_empty() {
        return Err(Error::NoRelay);
    }
    let detail = wallet.move_share(id).await?;
    show_code(&detail, out)?;
    out.line(format!("\nShare {} takes the place of {}. Give out this new link.", detail.line.id, clean(id)))?;
    tell_only_here(&detail, out)?;
    said(wallet, &detail, out).await
}

/// Writes the consent receipt of a share to files, or tells it.
pub(crate) async fn receipt(
    wallet: &Wallet,
    id: &str,
    jsonld: Option<&Path>,
    pdf: Option<&Path>,
    out: &mut Out,
) -> Result<Exit> {
    let mut written = Vec::new();
    for (form, path) in [(ReceiptForm::Json, jsonld), (ReceiptForm::Pdf, pdf)] {
        if let Some(path) = path {
            wallet.write_receipt(id, form, path).await?;
            out.line(format!("The receipt is in {}.", path.display()))?;
            written.push(path);
        }
    }
    if !written.is_empty() {
        out.json(&json!({ "id": id, "files": written }))?;
        return Ok(Exit::Done);
    }
    for part in wallet.receipt_in_words(id).await?.parts {
        out.line(part.title)?;
        for (label, value) in part.lines {
            out.line(format!("  {label}: {}", clean(&value)))?;
        }
    }
    let receipt = wallet.receipt(id, ReceiptForm::Json).await?;
    let receipt: Value = serde_json::from_slice(&receipt)
        .map_err(|_| Error::Wallet(carnet_wallet::Error::Internal("reading a receipt that was written")))?;
    out.json(&receipt)?;
    Ok(Exit::Done)
}

/// What was said of a share, and whether its relay heard it.
async fn said(wallet: &Wallet, detail: &ShareDetail, out: &mut Out) -> Result<Exit> {
    let waiting = wallet.waiting(&detail.line.id).await?;
    if let Some(why) = &detail.line.why {
        out.line(not_by_the_person(why))?;
    }
    if waiting {
        out.line("The relay is away and does not know yet. It is told by the next command that opens the vault.")?;
    }
    out.json(&share_json(detail))?;
    Ok(if waiting { Exit::RelayAway } else { Exit::Done })
}

/// What became of a share without this device.
fn elsewhere(what: Elsewhere) -> &'static str {
    match what {
        Elsewhere::Changed => {
            "Another device changed it after this copy was made, and readers see that. `carnet update` puts what this \
             device has in its place, and so do extend and resume."
        }
        Elsewhere::Stopped => "It was stopped by another device, or with its withdrawal card.",
    }
}

/// Why a share is paused, stopped or over, where the person did nothing to it.
fn not_by_the_person(why: &ShareWhy) -> String {
    match why {
        ShareWhy::Emptied => {
            "Paused by the wallet: nothing is left of the records that it follows, or they have become \
             too large for it. It goes on by itself once that has changed."
                .to_owned()
        }
        ShareWhy::NeverSent => {
            "Its relay was never reached before its time was over: nobody could ever open it. `carnet \
             withdraw` takes it off this list."
                .to_owned()
        }
        ShareWhy::Refused(reason) => {
            format!("You did not do this. Its relay would not publish it, or let it go on: {}.", clean(reason))
        }
    }
}

/// Whether the relay knows.
pub(crate) fn exit(status: ShareStatus) -> Exit {
    if matches!(status, ShareStatus::Waiting | ShareStatus::Stopping) { Exit::RelayAway } else { Exit::Done }
}

pub(crate) fn share_json(detail: &ShareDetail) -> Value {
    let mut value = line_json(&detail.line);
    let more = [
        ("link", json!(detail.shlink)),
        ("viewer", json!(detail.link)),
        ("categories", json!(detail.categories)),
        ("ledger", json!(detail.ledger)),
        ("only_here", json!(detail.only_here)),
        ("purpose", json!(detail.purpose)),
        ("format", json!(detail.format)),
        ("not_before", json!(detail.not_before)),
        ("erase_by", json!(detail.erase_by)),
        ("obligations", json!(detail.obligations)),
        ("max_openings", json!(detail.max_openings)),
        ("asked_by", json!(detail.asked_by)),
    ];
    if let Value::Object(members) = &mut value {
        members.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    value
}

fn line_json(line: &ShareLine) -> Value {
    json!({
        "id": line.id,
        "recipient": line.recipient,
        "at": line.created,
        "expires": line.expires,
        "status": line.status,
        "live": line.status == ShareStatus::Live,
        "openings": line.openings,
        "records": line.records,
        "preset": line.preset,
        "follows": line.live,
        "passcode": line.passcode,
        "waiting": line.waiting,
        "elsewhere": line.elsewhere,
        "why": line.why,
        "fault": line.fault,
    })
}

/// `3 allergy, 12 medicine`.
pub(crate) fn counts(categories: &[CategoryCount]) -> String {
    let each: Vec<String> =
        categories.iter().map(|category| format!("{} {}", category.count, clean(&category.category))).collect();
    if each.is_empty() { "nothing".to_owned() } else { each.join(", ") }
}

pub(crate) fn name_or(name: &str, otherwise: &str) -> String {
    if name.is_empty() { otherwise.to_owned() } else { clean(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_person_did_not_do_is_told_and_a_relay_steers_no_terminal() {
        assert!(not_by_the_person(&ShareWhy::Emptied).contains("Paused by the wallet"));
        assert!(not_by_the_person(&ShareWhy::NeverSent).contains("`carnet withdraw`"));
        let told = not_by_the_person(&ShareWhy::Refused("\x1b[2Jtoo large".to_owned()));
        assert!(told.contains("too large") && !told.contains('\x1b'), "{told}");
    }
}
