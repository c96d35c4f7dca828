//! `share`: what goes out, shown before it is signed, and the code that opens it.

use crate::args::{Share, ShareFormat};
use crate::clock::{local_time, now};
use crate::error::{Error, Exit, Result};
use crate::export::{choice, held_back, preset, subject};
use crate::out::{Out, clean};
use crate::shares::{counts, exit, name_or, share_json, tell_only_here};
use crate::{notice, qr, request};
use carnet_records::sensitivity::Sensitivity;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{
    HeldBack, SensitiveRecord, ShareDraft, ShareObligation, SharePreset, SharePreview, ShareStatus,
};
use serde_json::{Value, json};
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
