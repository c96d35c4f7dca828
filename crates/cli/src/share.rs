//! `share`, `shares`, `withdraw`, `opened`.

use crate::args::{Share, ShareFormat};
use crate::clock::{local_time, now};
use crate::error::{Error, Exit, Result, word};
use crate::export::{choice, held_back, preset, subject};
use crate::out::{Out, clean};
use crate::{notice, qr, request};
use carnet_records::sensitivity::Sensitivity;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{
    CategoryCount, Elsewhere, HeldBack, Opening, ReceiptForm, RelayFault, SensitiveRecord, ShareDetail, ShareDraft,
    ShareLine, ShareObligation, SharePreset, SharePreview, ShareStatus, ShareWhy,
};
use serde_json::{Value, json};
use std::path::Path;
use zeroize::Zeroizing;

pub(crate) async fn share(wallet: &Wallet, asked: &Share, out: &mut Out) -> Result<Exit> {
    let mut draft = draft(asked)?;
    request::refuse_wider(&draft, asked.wider)?;
    if asked.preview {
        return preview(wallet, &draft, out).await;
    }
    if wallet.settings().await?.relay.is_empty() {
        // The relay inside the wallet ends with this program, and the link with it.
        return Err(Error::NoRelay);
    }
    let preview = wallet.preview_share(&draft).await?;
    out.line(format!("It will hold {}.", counts(&preview.categories)))?;
    tell_kept(&preview, out)?;
    if preview.records == 0 {
        // Nobody needs to agree to what cannot be.
        return Err(carnet_wallet::Error::NothingSelected.into());
    }
    notice::agree(&preview.notice, asked.agree, out)?;
    let made = if draft.preset.suggests_passcode() && draft.passcode.is_none() && !asked.no_passcode {
        Some(Zeroizing::new(carnet_wallet::new_passcode()?))
    } else {
        None
    };
    draft.passcode = draft.passcode.or(made.as_ref().map(|made| made.to_string()));
    let detail = wallet.share(&draft).await?;
    let code = qr::encode(&detail.link)?;
    if let Some(file) = &asked.qr_png {
        qr::write_png(&code, file)?;
    }
    if let Some(file) = &asked.qr_svg {
        qr::write_svg(&code, file)?;
    }
    out.line(code.to_terminal())?;
    out.line(&detail.link)?;
    out.line(format!("\nShare {} for {}.", detail.line.id, name_or(&detail.line.recipient, "whoever has it")))?;
    out.line(format!("It holds {}.", counts(&detail.categories)))?;
    if let Some(made) = &made {
        out.line(format!(
            "\nPasscode: {}\nTell it to the reader, and do not write it beside the code. `carnet show-link` shows it again.\n",
            made.as_str()
        ))?;
    }
    tell_only_here(&detail, out)?;
    if let Some(from) = detail.not_before {
        out.line(format!("It can be opened from {}.", local_time(from)))?;
    }
    out.line(format!("It can be opened until {}.", local_time(detail.line.expires)))?;
    if detail.line.live {
        out.line(
            "It follows the records: what is added or changed goes out with the next command that opens the vault.",
        )?;
    }
    if detail.line.status == ShareStatus::Waiting {
        out.line("The relay is away: nobody can open it yet. It is sent by the next command that opens the vault.")?;
    }
    let mut value = share_json(&detail);
    if let Value::Object(members) = &mut value {
        members.insert("held_back".to_owned(), held_json(&preview));
        members.insert("notice".to_owned(), notice::as_json(&preview.notice)?);
        // Only one that was made here: any other is known to whoever asked for it.
        members.insert("made_passcode".to_owned(), json!(made.as_ref().map(|made| made.as_str())));
    }
    out.json(&value)?;
    Ok(exit(detail.line.status))
}

/// What is held back, counted: which records those are is told by the preview alone.
fn held_json(preview: &SharePreview) -> Value {
    let group = |held: &HeldBack| json!({"reason": held.reason, "category": held.category, "label": held.label, "count": held.count});
    preview.held_back.iter().map(group).collect()
}

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
fn tell_only_here(detail: &ShareDetail, out: &mut Out) -> Result<()> {
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

pub(crate) async fn opened(wallet: &Wallet, out: &mut Out) -> Result<Exit> {
    let openings = wallet.openings().await?;
    for opening in &openings {
        let why = opening.reason.as_deref().map(|reason| format!(": {}", refused(reason))).unwrap_or_default();
        out.line(format!(
            "{}{}  {}  {}  share {} for {}{why}{}",
            if opening.seen { "  " } else { "* " },
            local_time(opening.at),
            match opening.reason.as_deref() {
                Some(ASKED) => "asked by  ",
                _ if opening.served => "opened by ",
                _ => "refused to",
            },
            name_or(&opening.recipient, "(no name given)"),
            opening.id,
            name_or(&opening.shared_with, "anyone"),
            if opening.contradicted { " (THE LEDGER SAYS OTHERWISE: do not rely on this relay)" } else { "" }
        ))?;
    }
    if openings.is_empty() {
        out.line("Nobody has looked, as far as the relays that could be reached know.")?;
    }
    for line in wallet.shares().await? {
        if let Some(fault) = &line.fault {
            out.line(format!("Share {} for {}: {}", line.id, name_or(&line.recipient, "anyone"), faulty(fault)))?;
        }
    }
    out.json(&openings.iter().map(opening_json).collect())?;
    // Whoever ran this saw them.
    wallet.mark_openings_seen().await?;
    Ok(Exit::Done)
}

/// What is wrong with what a relay says of who looked.
fn faulty(fault: &RelayFault) -> String {
    match fault {
        RelayFault::False(what) => format!(
            "THE RELAY GAVE AN ANSWER THAT CANNOT BE: do not rely on it; somebody may have looked who is not in this list. \
             What was found: {}",
            clean(what)
        ),
        RelayFault::Untold(why) => format!(
            "its relay did not say who looked, so somebody may have who is not in this list. It is asked again. What was \
             found: {}",
            clean(why)
        ),
    }
}

/// The reason of who only asked, as some readers do first: nobody was turned away yet.
const ASKED: &str = "passcode_missing";

/// Why nobody got anything.
fn refused(reason: &str) -> &'static str {
    match reason {
        "passcode" => "the passcode was wrong",
        "passcode_used_up" => "the passcode was wrong, for the last time that was allowed",
        "exhausted" => "it was opened as often as allowed",
        "paused" => "it was paused",
        "time" => "its time had not begun or was over",
        "withdrawn" => "it was stopped",
        ASKED => "it gave no passcode, and was told that one is needed",
        _ => "for another reason",
    }
}

/// What the command line asks for: what the occasion suggests, or what the request asks for, changed by the rest.
fn draft(asked: &Share) -> Result<ShareDraft> {
    let mut draft = match &asked.request {
        Some(request) => carnet_wallet::read_request(&request::text(request)?)?.draft,
        // A passcode needs a manifest, which a desk's one file has not.
        None if asked.passcode.is_some() => ShareDraft::new(asked.preset.map_or(SharePreset::Visit, preset)),
        None => ShareDraft::new(asked.preset.map_or(SharePreset::Desk, preset)),
    };
    if let Some(chosen) = asked.preset.map(preset).filter(|_| asked.request.is_some()) {
        draft.preset = chosen;
    }
    let now = now();
    let changed = choice(&asked.choose);
    let choice = &mut draft.choice;
    choice.categories = changed.categories.or(choice.categories.take());
    choice.since = changed.since.or(choice.since.take());
    choice.until = changed.until.or(choice.until.take());
    (choice.with, choice.without, choice.sensitive) = (changed.with, changed.without, changed.sensitive);
    draft.recipient = asked.recipient.clone().unwrap_or(draft.recipient);
    draft.format = asked.format.map(format).or(draft.format);
    draft.seconds = asked.expires.unwrap_or(draft.seconds);
    draft.not_before = asked.from.map(|when| when.at(now));
    draft.passcode.clone_from(&asked.passcode);
    draft.max_openings = asked.openings.or(draft.max_openings);
    draft.erase_by = asked.erase_by.map(|when| when.at(now));
    for (wanted, obligation) in [
        (asked.no_redisclosure, ShareObligation::NoRedisclosure),
        (asked.delete_after_use, ShareObligation::DeleteAfterUse),
    ] {
        if wanted && !draft.obligations.contains(&obligation) {
            draft.obligations.push(obligation);
        }
    }
    draft.live = (draft.live || asked.live) && !asked.snapshot;
    draft.tell_left_out = asked.tell_left_out;
    Ok(draft)
}

fn format(format: ShareFormat) -> carnet_wallet::bridge::ShareFormat {
    match format {
        ShareFormat::Ips => carnet_wallet::bridge::ShareFormat::Ips,
        ShareFormat::Ktc => carnet_wallet::bridge::ShareFormat::Ktc,
    }
}

async fn preview(wallet: &Wallet, draft: &ShareDraft, out: &mut Out) -> Result<Exit> {
    let preview = wallet.preview_share(draft).await?;
    out.line(format!("It would hold {}.", counts(&preview.categories)))?;
    for record in &preview.lines {
        let date = record.date.as_deref().map(|date| clean(date).chars().take(10).collect::<String>());
        out.line(format!(
            "  {:>8}  {:<10}  {:<12}  {}",
            clean(&record.id),
            date.unwrap_or_default(),
            clean(&record.category),
            clean(&record.title)
        ))?;
    }
    if preview.more > 0 {
        out.line(format!("  and {} more", preview.more))?;
    }
    tell_kept(&preview, out)?;
    notice::show(&preview.notice, out)?;
    let mut value = json!(preview);
    if let Value::Object(members) = &mut value {
        members.insert("notice".to_owned(), notice::as_json(&preview.notice)?);
    }
    out.json(&value)?;
    Ok(Exit::Done)
}

/// Which sensitive records go in, and why they are: whoever names a record need not know that it is one. And what is held
/// back, and why.
fn tell_kept(preview: &SharePreview, out: &mut Out) -> Result<()> {
    for SensitiveRecord { record, labels } in &preview.sensitive {
        let labels = labels.iter().filter_map(|label| Sensitivity::from_code(label));
        let subjects: Vec<&str> = labels.map(subject).collect();
        out.line(format!(
            "Sensitive: {} {}: {}. It goes in because you chose it; `carnet label {}` says which table has it.",
            clean(&record.id),
            clean(&record.title),
            subjects.join(", "),
            clean(&record.id)
        ))?;
    }
    for held in &preview.held_back {
        out.line(held_back(&held.reason, held.category.as_deref(), held.label.as_deref(), held.count))?;
    }
    Ok(())
}

/// Whether the relay knows.
fn exit(status: ShareStatus) -> Exit {
    if matches!(status, ShareStatus::Waiting | ShareStatus::Stopping) { Exit::RelayAway } else { Exit::Done }
}

fn share_json(detail: &ShareDetail) -> Value {
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

fn opening_json(opening: &Opening) -> Value {
    json!({
        "id": opening.id,
        "recipient": opening.recipient,
        "at": opening.at,
        "outcome": if opening.served { "served" } else { "refused" },
        "shared_with": opening.shared_with,
        "reason": opening.reason,
        "new": !opening.seen,
        "proven": opening.proven,
        "contradicted": opening.contradicted,
    })
}

/// `3 allergy, 12 medicine`.
fn counts(categories: &[CategoryCount]) -> String {
    let each: Vec<String> =
        categories.iter().map(|category| format!("{} {}", category.count, clean(&category.category))).collect();
    if each.is_empty() { "nothing".to_owned() } else { each.join(", ") }
}

fn name_or(name: &str, otherwise: &str) -> String {
    if name.is_empty() { otherwise.to_owned() } else { clean(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_person_did_not_do_is_told_and_a_relay_steers_no_terminal() {
        assert!(not_by_the_person(&ShareWhy::Emptied).contains("Paused by the wallet"));
        assert!(not_by_the_person(&ShareWhy::NeverSent).contains("`carnet withdraw`"));
        let said = || "\x1b[2Jtoo large".to_owned();
        for told in [
            not_by_the_person(&ShareWhy::Refused(said())),
            faulty(&RelayFault::False(said())),
            faulty(&RelayFault::Untold(said())),
        ] {
            assert!(told.contains("too large") && !told.contains('\x1b'), "{told}");
        }
    }
}
