//! `add`, `correct`, `delete`: what a person types in by hand.

use crate::args::{Add, Correct, Kind, Said, Severity, YesNo};
use crate::error::{Error, Exit, Result};
use crate::out::{Out, clean};
use crate::records::one_line;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{
    EntryCode, EntryField, EntryKind, EntryProblem, EntrySeverity, NOTE_MOST, OwnEntry, Suggestion, TEXT_MOST,
};
use serde_json::json;

/// The most bytes of a file with a note: more is refused before it is read.
const NOTE_BYTES: u64 = 4 * NOTE_MOST as u64;

pub(crate) async fn add(wallet: &Wallet, add: &Add, out: &mut Out) -> Result<Exit> {
    let kind = kind(add.kind);
    if add.suggest {
        let suggestions = wallet.suggest(kind, &add.title).await?;
        if suggestions.is_empty() {
            out.line("Nothing is known by that name. It can be kept without a code.")?;
        }
        tell(&suggestions, out)?;
        out.json(&json!({ "suggestions": suggestions }))?;
        return Ok(Exit::Done);
    }
    let entry = OwnEntry { kind, title: add.title.clone(), ..OwnEntry::default() };
    save(wallet, entry, &add.said, out).await
}

pub(crate) async fn correct(wallet: &Wallet, correct: &Correct, out: &mut Out) -> Result<Exit> {
    let own = wallet.sheet(&correct.id).await?.own;
    let mut entry = own.ok_or_else(|| typed("It came from elsewhere, and what others wrote stays as it is"))?;
    if let Some(title) = &correct.title {
        // The code said what the former title said.
        entry.code = entry.code.filter(|_| *title == entry.title);
        entry.title.clone_from(title);
    }
    save(wallet, entry, &correct.said, out).await
}

pub(crate) async fn delete(wallet: &Wallet, id: &str, out: &mut Out) -> Result<Exit> {
    wallet.delete_entry(id).await?;
    out.line("Deleted. It is in no list and no share any more; its history stays in the vault.")?;
    out.json(&json!({ "deleted": id }))?;
    Ok(Exit::Done)
}

async fn save(wallet: &Wallet, mut entry: OwnEntry, said: &Said, out: &mut Out) -> Result<Exit> {
    fill(&mut entry, said)?;
    let suggestions = wallet.suggest(entry.kind, &entry.title).await?;
    if let Some(wanted) = &said.code {
        entry.code = code(wanted, &suggestions, &entry.title)?;
    }
    let usual = entry.code.as_ref().and_then(|code| suggestions.iter().find(|known| known.code.as_ref() == Some(code)));
    if let Some(usual) = usual.filter(|usual| !usual.unit.is_empty())
        && entry.unit.trim().is_empty()
        && entry.value.bytes().any(|byte| byte.is_ascii_digit())
    {
        // A guess could be wrong by a factor of two (pounds), or of eighteen (mg/dL).
        return Err(typed(format!("--unit is missing. The usual one is {}", usual.unit)));
    }
    let today = jiff::Zoned::now().date().to_string();
    if let Some((field, problem)) = entry.problems(&today).first() {
        return Err(typed(words(*field, *problem)));
    }
    let sheet = wallet.save_entry(&entry).await?;
    out.line(one_line(&sheet.detail.line))?;
    if entry.code.is_none() && suggestions.iter().any(|known| known.code.is_some()) {
        out.line(format!(
            "Kept without a code. If one of these is meant: carnet correct {} --code CODE",
            sheet.detail.line.id
        ))?;
        tell(&suggestions, out)?;
    }
    out.json(&json!({ "record": sheet, "suggestions": suggestions }))?;
    Ok(Exit::Done)
}

/// Puts what was said into the entry.
fn fill(entry: &mut OwnEntry, said: &Said) -> Result<()> {
    use EntryKind::{Allergy, Condition, Measurement, Medicine, Vaccination};
    let kind = entry.kind;
    let belongs = |option: &str, is_said: bool, kinds: &[EntryKind]| match is_said && !kinds.contains(&kind) {
        true => Err(typed(format!("--{option} says nothing of {}", with_article(kind)))),
        false => Ok(()),
    };
    belongs("code", said.code.is_some(), &[Allergy, Condition, Medicine, Vaccination, Measurement])?;
    belongs("until", said.until.is_some(), &[Condition, Medicine])?;
    belongs("over", said.over.is_some(), &[Allergy, Condition, Medicine])?;
    belongs("value", said.value.is_some(), &[Measurement])?;
    belongs("unit", said.unit.is_some(), &[Measurement])?;
    belongs("reaction", said.reaction.is_some(), &[Allergy])?;
    belongs("dangerous", said.dangerous.is_some(), &[Allergy])?;
    belongs("severity", said.severity.is_some(), &[Allergy, Condition])?;
    belongs("dose", said.dose.is_some(), &[Medicine, Vaccination])?;
    belongs("lot", said.lot.is_some(), &[Vaccination])?;
    let note = match &said.note_file {
        Some(file) => {
            let size = std::fs::metadata(file).map_err(Error::file("read", file))?.len();
            if size > NOTE_BYTES {
                return Err(typed(words(EntryField::Note, EntryProblem::TooLong)));
            }
            Some(std::fs::read_to_string(file).map_err(Error::file("read", file))?)
        }
        None => said.note.clone(),
    };
    for (field, text) in [
        (&mut entry.date, &said.date),
        (&mut entry.end, &said.until),
        (&mut entry.value, &said.value),
        (&mut entry.unit, &said.unit),
        (&mut entry.reaction, &said.reaction),
        (&mut entry.dose, &said.dose),
        (&mut entry.lot, &said.lot),
        (&mut entry.note, &note),
    ] {
        if let Some(text) = text {
            field.clone_from(text);
        }
    }
    entry.over = said.over.map_or(entry.over, |over| over == YesNo::Yes);
    entry.dangerous = said.dangerous.map(|dangerous| dangerous == YesNo::Yes).or(entry.dangerous);
    let severity = said.severity.map(|severity| match severity {
        Severity::Mild => EntrySeverity::Mild,
        Severity::Moderate => EntrySeverity::Moderate,
        Severity::Severe => EntrySeverity::Severe,
    });
    entry.severity = severity.or(entry.severity);
    Ok(())
}

/// The code that was named: one of a suggestion, or one with its system.
fn code(wanted: &str, suggestions: &[Suggestion], title: &str) -> Result<Option<EntryCode>> {
    let wanted = wanted.trim();
    if wanted.is_empty() || wanted.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let parts = wanted.split_once('|').map(|(system, code)| (system.trim(), code.trim()));
    let is_wanted = |known: &&EntryCode| match parts {
        Some((system, code)) => known.system == system && known.code == code,
        None => known.code == wanted,
    };
    if let Some(known) = suggestions.iter().filter_map(|known| known.code.as_ref()).find(is_wanted) {
        return Ok(Some(known.clone()));
    }
    match parts {
        Some((system, code)) if system.contains(':') && !code.is_empty() => {
            Ok(Some(EntryCode { system: system.to_owned(), code: code.to_owned() }))
        }
        _ => Err(typed(format!(
            "{wanted} is no code of what is suggested for {title}. See --suggest, or write it as SYSTEM|CODE"
        ))),
    }
}

fn tell(suggestions: &[Suggestion], out: &mut Out) -> Result<()> {
    for Suggestion { title, unit, code } in suggestions {
        let unit = if unit.is_empty() { String::new() } else { format!(", in {}", clean(unit)) };
        let (code, system) = code.as_ref().map_or(("", ""), |code| (code.code.as_str(), code.system.as_str()));
        out.line(format!("  {:<14} {}{unit}  {}", clean(code), clean(title), clean(system)))?;
    }
    Ok(())
}

/// What is wrong, and the option by which it is put right.
fn words(field: EntryField, problem: EntryProblem) -> String {
    let option = match field {
        EntryField::Title => "The title",
        EntryField::Date => "--date",
        EntryField::End => "--until",
        EntryField::Value => "--value",
        EntryField::Note => "--note",
    };
    let most = if field == EntryField::Note { NOTE_MOST } else { TEXT_MOST };
    let wrong = match problem {
        EntryProblem::Missing => "is missing".to_owned(),
        EntryProblem::TooLong => format!("has more than {most} characters"),
        EntryProblem::NoDate => "is no date. Write 2026, 2026-05 or 2026-05-03".to_owned(),
        EntryProblem::InFuture => "has not come yet".to_owned(),
        EntryProblem::EndsFirst => "comes before --date".to_owned(),
        EntryProblem::NoNumber => {
            "is no number. Write 5.4, 120/80 for a blood pressure, or a word without digits".to_owned()
        }
    };
    format!("{option} {wrong}")
}

fn typed(why: impl Into<String>) -> Error {
    Error::Typed(why.into())
}

fn kind(kind: Kind) -> EntryKind {
    match kind {
        Kind::Allergy => EntryKind::Allergy,
        Kind::Condition => EntryKind::Condition,
        Kind::Medicine => EntryKind::Medicine,
        Kind::Vaccination => EntryKind::Vaccination,
        Kind::Measurement => EntryKind::Measurement,
        Kind::Note => EntryKind::Note,
    }
}

fn with_article(kind: EntryKind) -> String {
    let article = if kind == EntryKind::Allergy { "an" } else { "a" };
    format!("{article} {}", kind.as_str())
}
