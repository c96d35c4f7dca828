//! `export`: records as a file of the person's own.

use crate::args::{Choose, Export, ExportFormat, Preset};
use crate::error::{Exit, Result};
use crate::out::Out;
use carnet_records::sensitivity::Sensitivity;
use carnet_wallet::bridge::{ShareChoice, SharePreset};
use carnet_wallet::{ChoiceStanding, Wallet};
use serde_json::json;

pub(crate) async fn export(wallet: &Wallet, request: &Export, out: &mut Out) -> Result<Exit> {
    let selection = wallet.selection(preset(request.preset), &choice(&request.choose)).await?;
    let format = format(request.format);
    // Before anything is written: a person who sees that something is missing can still stop it.
    let standing = wallet.standing(format, &selection).await?;
    tell(&standing, out)?;
    let Some(path) = request.file.as_deref().filter(|_| !request.preview) else {
        out.json(&json!({ "standing": standing }))?;
        return Ok(Exit::Done);
    };
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
    let reasons: Vec<_> =
        made.left_out.iter().map(|(reason, count)| json!({ "reason": left_out(*reason), "count": count })).collect();
    out.json(&json!({
        "file": path,
        "format": format.as_str(),
        "records": made.records,
        "bytes": made.bytes,
        "left_out": reasons,
        "missing_characters": made.missing_characters,
        "standing": standing,
    }))?;
    Ok(Exit::Done)
}

/// What goes in and what is held back, and why.
fn tell(standing: &ChoiceStanding, out: &mut Out) -> Result<()> {
    let included: Vec<String> =
        standing.included.iter().map(|(category, count)| format!("{} {count}", category.as_str())).collect();
    out.line(format!("Chosen: {}", if included.is_empty() { "nothing".to_owned() } else { included.join(", ") }))?;
    for group in &standing.held_back {
        let label = group.label.map(Sensitivity::code);
        let category = group.category.map(|category| category.as_str());
        out.line(held_back(&group.reason, category, label, group.count as u64))?;
    }
    Ok(())
}

/// What is held back for one reason, in a sentence.
pub(crate) fn held_back(reason: &str, category: Option<&str>, label: Option<&str>, count: u64) -> String {
    let of = category.map(|category| format!(" ({category})")).unwrap_or_default();
    let why = match (reason, label.and_then(Sensitivity::from_code)) {
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
        ("no_place", _) => "the form has no section for them".to_owned(),
        ("not_done", _) => "never done, never taken, called off or a draft".to_owned(),
        ("another_person", _) => "of another person, or nobody knows of whom".to_owned(),
        _ => "entered in error or refuted".to_owned(),
    };
    format!("Held back: {count}{of}: {why}")
}

/// What a label is about.
pub(crate) fn subject(label: Sensitivity) -> &'static str {
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
        Reason::AnotherPerson => "of another person, or nobody knows of whom",
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

/// What of an occasion's choice the command line changes.
pub(crate) fn choice(asked: &Choose) -> ShareChoice {
    let all = || Sensitivity::all().iter().map(|label| label.code().to_owned()).collect();
    ShareChoice {
        categories: (!asked.types.is_empty()).then(|| asked.types.clone()),
        since: asked.since.clone(),
        until: asked.until.clone(),
        with: asked.with.clone(),
        without: asked.without.clone(),
        sensitive: if asked.include_sensitive { all() } else { asked.sensitive.clone() },
    }
}

/// The occasion, as the wallet knows it.
pub(crate) fn preset(preset: Preset) -> SharePreset {
    match preset {
        Preset::Desk => SharePreset::Desk,
        Preset::Visit => SharePreset::Visit,
        Preset::Travel => SharePreset::Travel,
        Preset::Emergency => SharePreset::Emergency,
        Preset::Custom => SharePreset::Custom,
    }
}
