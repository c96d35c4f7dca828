//! `share`, `shares`, `withdraw`, `opened`.

use crate::args::Share;
use crate::error::{Error, Exit, Result, word};
use crate::out::{Out, clean, local_time};
use crate::qr;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{CategoryCount, Opening, ShareDetail, ShareDraft, ShareLine, SharePreset, ShareStatus};
use serde_json::{Value, json};

pub(crate) async fn share(wallet: &Wallet, asked: &Share, out: &mut Out) -> Result<Exit> {
    let draft = draft(asked);
    if asked.preview {
        return preview(wallet, &draft, out).await;
    }
    if wallet.settings().await?.relay.is_empty() {
        // The relay inside the wallet ends with this program, and the link with it.
        return Err(Error::NoRelay);
    }
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
    out.line(format!("It can be opened until {}.", local_time(detail.line.expires)))?;
    if detail.line.status == ShareStatus::Waiting {
        out.line("The relay is away: nobody can open it yet. It is sent by the next command that opens the vault.")?;
    }
    out.json(&share_json(&detail))?;
    Ok(exit(detail.line.status))
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

pub(crate) async fn opened(wallet: &Wallet, out: &mut Out) -> Result<Exit> {
    let openings = wallet.openings().await?;
    for opening in &openings {
        out.line(format!(
            "{}  {}  {}  share {} for {}",
            local_time(opening.at),
            if opening.served { "opened by " } else { "refused to" },
            name_or(&opening.recipient, "(no name given)"),
            opening.id,
            name_or(&opening.shared_with, "anyone")
        ))?;
    }
    if openings.is_empty() {
        out.line("Nobody has looked, as far as the relays that could be reached know.")?;
    }
    out.json(&openings.iter().map(opening_json).collect())?;
    Ok(Exit::Done)
}

fn draft(asked: &Share) -> ShareDraft {
    ShareDraft {
        // A passcode needs a manifest, which the desk's single file has not.
        preset: if asked.passcode.is_some() { SharePreset::Visit } else { SharePreset::Desk },
        recipient: asked.recipient.clone(),
        categories: (!asked.category.is_empty()).then(|| asked.category.clone()),
        include_sensitive: asked.include_sensitive,
        seconds: asked.expires,
        passcode: asked.passcode.clone(),
        max_openings: asked.openings,
    }
}

async fn preview(wallet: &Wallet, draft: &ShareDraft, out: &mut Out) -> Result<Exit> {
    let preview = wallet.preview_share(draft).await?;
    out.line(format!("It would hold {}.", counts(&preview.categories)))?;
    if !preview.held_back.is_empty() {
        out.line(format!("Held back as sensitive: {}.", counts(&preview.held_back)))?;
    }
    out.json(&json!(preview))?;
    Ok(Exit::Done)
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
        ("passcode", json!(detail.passcode)),
        ("categories", json!(detail.categories)),
        ("ledger", json!(detail.ledger)),
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
    })
}

fn opening_json(opening: &Opening) -> Value {
    json!({
        "id": opening.id,
        "recipient": opening.recipient,
        "at": opening.at,
        "outcome": if opening.served { "served" } else { "refused" },
        "shared_with": opening.shared_with,
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
