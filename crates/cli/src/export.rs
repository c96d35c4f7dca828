//! `export`: records as a file of the person's own.

use crate::args::{Export, ExportFormat, Preset};
use crate::error::{Error, Exit, Result};
use crate::out::Out;
use carnet_records::datetime_is_readable;
use carnet_records::index::Category;
use carnet_records::sensitivity::Sensitivity;
use carnet_wallet::{ChoiceStanding, Selection, Wallet};
use serde_json::json;

pub(crate) async fn export(wallet: &Wallet, request: &Export, out: &mut Out) -> Result<Exit> {
    let selection = selection(wallet, request).await?;
    let Some(path) = request.file.as_deref().filter(|_| !request.preview) else {
        let standing = wallet.standing(&selection).await?;
        tell(&standing, out)?;
        out.json(&json!({ "standing": standing }))?;
        return Ok(Exit::Done);
    };
    let format = format(request.format);
    let made = wallet.export(format, &selection, path).await?;
    out.line(format!("{} records are in {} ({} bytes).", made.records, path.display(), made.bytes))?;
    for (reason, count) in &made.left_out {
        out.line(format!("  {count} of those chosen have no place in it: {}", left_out(*reason)))?;
    }
    if made.missing_characters > 0 {
        out.line(format!(
            "  {} characters could not be printed, because no font for them was found; boxes stand in their place.",
            made.missing_characters
        ))?;
    }
    tell(&made.standing, out)?;
    let reasons: Vec<_> =
        made.left_out.iter().map(|(reason, count)| json!({ "reason": left_out(*reason), "count": count })).collect();
    out.json(&json!({
        "file": path,
        "format": format.as_str(),
        "records": made.records,
        "bytes": made.bytes,
        "left_out": reasons,
        "missing_characters": made.missing_characters,
        "standing": made.standing,
    }))?;
    Ok(Exit::Done)
}

/// What goes in and what is held back, and why.
fn tell(standing: &ChoiceStanding, out: &mut Out) -> Result<()> {
    let included: Vec<String> =
        standing.included.iter().map(|(category, count)| format!("{} {count}", category.as_str())).collect();
    out.line(format!("Chosen: {}", if included.is_empty() { "nothing".to_owned() } else { included.join(", ") }))?;
    for group in &standing.held_back {
        let of = group.category.map(|category| format!(" ({})", category.as_str())).unwrap_or_default();
        let why = match (group.reason.as_str(), group.label) {
            ("sensitive", Some(label)) => {
                format!("sensitive, {}; --sensitive {} includes them", subject(label), label.code())
            }
            ("category", _) => "not of a kind that was chosen".to_owned(),
            ("document", _) => "documents, whose contents nobody can tell; --types document includes them".to_owned(),
            ("unticked", _) => "taken out".to_owned(),
            ("older", _) => "older than asked for".to_owned(),
            ("newer", _) => "newer than asked for".to_owned(),
            ("newer_values", _) => "there are newer values".to_owned(),
            ("not_current", _) => "no longer taken".to_owned(),
            _ => "entered in error, refuted or never done".to_owned(),
        };
        out.line(format!("Held back: {}{of}: {why}", group.count))?;
    }
    Ok(())
}

fn subject(label: Sensitivity) -> &'static str {
    match label {
        Sensitivity::SubstanceUse => "alcohol and drugs",
        Sensitivity::MentalHealth => "mental health",
        Sensitivity::Hiv => "HIV",
        Sensitivity::Std => "sexually transmitted infections",
        Sensitivity::Sexuality => "sexuality and reproduction",
        Sensitivity::Violence => "abuse and violence",
        Sensitivity::Genetic => "genetics",
        Sensitivity::Restricted => "marked restricted by its source",
    }
}

fn left_out(reason: carnet_records::outgoing::LeftOutReason) -> &'static str {
    use carnet_records::outgoing::LeftOutReason as Reason;
    match reason {
        Reason::NotReferredTo => "nothing refers to them",
        Reason::Error => "entered in error",
        Reason::NotAboutAPerson => "not about a person",
        Reason::Patient => "the patient, who is in it already",
        _ => "the format has no section for them",
    }
}

fn format(format: ExportFormat) -> carnet_wallet::ExportFormat {
    match format {
        ExportFormat::Ips => carnet_wallet::ExportFormat::Ips,
        ExportFormat::Ktc => carnet_wallet::ExportFormat::Ktc,
        ExportFormat::Pdf => carnet_wallet::ExportFormat::Pdf,
        ExportFormat::Ndjson => carnet_wallet::ExportFormat::Ndjson,
        ExportFormat::Sphr => carnet_wallet::ExportFormat::Sphr,
    }
}

async fn selection(wallet: &Wallet, request: &Export) -> Result<Selection> {
    let preset = match request.preset {
        Preset::Desk => carnet_wallet::Preset::Desk,
        Preset::Visit => carnet_wallet::Preset::Visit,
        Preset::Travel => carnet_wallet::Preset::Travel,
        Preset::Emergency => carnet_wallet::Preset::Emergency,
        Preset::Custom => carnet_wallet::Preset::Custom,
    };
    let mut selection = preset.selection();
    if !request.types.is_empty() {
        let category = |name: &String| Category::from_name(name).ok_or(carnet_wallet::Error::NoSuch("category"));
        selection.categories = Some(request.types.iter().map(category).collect::<Result<_, _>>()?);
    }
    for date in [&request.since, &request.until].into_iter().flatten() {
        if !datetime_is_readable(date) {
            return Err(Error::Date);
        }
    }
    selection.since.clone_from(&request.since);
    selection.until.clone_from(&request.until);
    selection.include_sensitive = if request.include_sensitive {
        Sensitivity::all().to_vec()
    } else {
        let subject = |name: &String| {
            Sensitivity::from_code(&name.to_ascii_uppercase()).ok_or(carnet_wallet::Error::NoSuch("sensitive subject"))
        };
        request.sensitive.iter().map(subject).collect::<Result<_, _>>()?
    };
    for id in &request.with {
        selection.pinned.push(wallet.record_identity(id).await?);
    }
    for id in &request.without {
        selection.unticked.push(wallet.record_identity(id).await?);
    }
    Ok(selection)
}
