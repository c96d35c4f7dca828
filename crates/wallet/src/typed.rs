//! What a person types in by hand: kept, corrected, deleted, and what to offer while they type.

use crate::clock::{now, random};
use crate::facts::{TYPED_NAME, is_typed};
use crate::hex::hex;
use crate::records::parse;
use crate::settings::profile;
use crate::sheet::{listed, number};
use crate::{Error, Result, Wallet};
use carnet_bridge::{
    EntryCode, EntryKind, EntryProblem, EntrySeverity, ImportAccount, OwnEntry, RecordSheet, Suggestion,
};
use carnet_records::convert::derive_id;
use carnet_records::import::{Entry, Event, Limits, read_file};
use carnet_records::index::{Category, Coding3, IndexEntry};
use carnet_records::terminology::{ALLERGY_VERIFICATION, CONDITION_VERIFICATION};
use carnet_records::typed::{
    MOST_SUGGESTIONS, TypedEntry, TypedKind, TypedSeverity, TypedStatus, from_resource, suggest, to_resource,
};
use carnet_vault::{ImportId, ImportSource, ProfileId, PutRecord, RecordQuery, RecordRow, TYPED_FORMAT, Vault};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io::Cursor;
use std::ops::ControlFlow;

/// So many seconds the furthest clock on earth is ahead of UTC: a date is in the future only where it is for everybody.
const AHEAD: i64 = 14 * 3600;
/// So many of the newest records with such a word are looked at for titles to offer.
const LOOKED_AT: u32 = 500;
/// The fewest letters that suggestions are made for.
const FEWEST_LETTERS: usize = 2;

impl Wallet {
    /// Keeps what was typed, new or as a new version of what it corrects.
    ///
    /// # Errors
    /// [`Error::Entry`] if it cannot be kept as it is, [`Error::NoSuch`] if what it corrects is not there,
    /// [`Error::Locked`]; those of the vault.
    pub async fn save_entry(&self, entry: &OwnEntry) -> Result<RecordSheet> {
        if let Some((_, problem)) = entry.problems(&carnet_consent::time::date(now() + AHEAD)).first() {
            return Err(Error::Entry(words(*problem)));
        }
        let typed = typed_entry(entry);
        if let Some(problem) = typed.problems(now()).first() {
            return Err(Error::Entry(match problem.reason.code() {
                "not_text" => "it holds characters that cannot be shown",
                "too_long" => "a text is too long",
                "too_long_ago" => "a date is too long ago",
                "not_a_number" => "a value is not a number",
                _ => "a field does not fit the others",
            }));
        }
        let vault = self.inner.vault().await?;
        let person = profile(&vault).await?;
        let profile = person.id;
        let former = match &entry.corrects {
            None => None,
            Some(id) => Some(own_record(&vault, profile, id).await?),
        };
        let (id, correction) = match &former {
            None => (derive_id(&["typed", &hex(&random::<16>()?)]), None),
            Some((row, resource)) => {
                let same_kind = from_resource(resource).is_some_and(|former| former.kind == typed.kind);
                let id = resource.get("id").and_then(Value::as_str).filter(|_| same_kind);
                let id = id.ok_or(Error::Entry("what it is cannot be changed; delete it and type a new one"))?;
                (id.to_owned(), Some(Correction::of(&vault, row).await?))
            }
        };
        let patient = self.inner.patient(&vault, &person).await?;
        let mut resource = to_resource(&typed, &referred(patient, profile), &id);
        if let Some(correction) = &correction {
            correction.number(&mut resource);
        }
        let import = put(&vault, profile, &Value::Object(resource), correction.as_ref()).await?;
        let query = RecordQuery { import: Some(import), ..RecordQuery::new(profile) };
        let written = vault.records(&query).await?;
        let written = written.first().ok_or(Error::Internal("what was typed"))?.id.to_string();
        drop(vault);
        self.inner.records_changed().await;
        self.sheet(&written).await
    }

    /// Deletes what was typed: its newest version from now on says that it was entered in error.
    ///
    /// # Errors
    /// [`Error::Entry`] for what came from elsewhere, [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn delete_entry(&self, id: &str) -> Result<()> {
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?.id;
        let (row, mut resource) = own_record(&vault, profile, id).await?;
        let correction = Correction::of(&vault, &row).await?;
        let members = resource.as_object_mut().ok_or(Error::Internal("what was typed"))?;
        let verified = match row.index.resource_type.as_str() {
            "AllergyIntolerance" => Some(ALLERGY_VERIFICATION),
            "Condition" => Some(CONDITION_VERIFICATION),
            _ => None,
        };
        match verified {
            // Beside "entered in error" there is no clinical status (constraints con-5 and ait-2 of FHIR R4).
            Some(system) => {
                members.remove("clinicalStatus");
                let status = json!({"coding": [{"system": system, "code": "entered-in-error"}]});
                members.insert("verificationStatus".to_owned(), status);
            }
            None => {
                members.insert("status".to_owned(), json!("entered-in-error"));
            }
        }
        correction.number(members);
        put(&vault, profile, &resource, Some(&correction)).await?;
        drop(vault);
        self.inner.records_changed().await;
        Ok(())
    }

    /// What to offer for the title of something that is being typed in, best first.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn suggest(&self, kind: EntryKind, text: &str) -> Result<Vec<Suggestion>> {
        let text = text.trim();
        if text.chars().filter(|letter| letter.is_alphabetic()).count() < FEWEST_LETTERS {
            return Ok(Vec::new());
        }
        let known = suggest(typed_kind(kind), text, "en").into_iter();
        let known = known.map(|known| Suggestion {
            title: known.text,
            unit: known.units.into_iter().next().unwrap_or_default(),
            code: known.coding.map(|coding| EntryCode { system: coding.system, code: coding.code }),
        });
        let known: Vec<Suggestion> = known.collect();
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?.id;
        let mut own = own_titles(&vault, profile, kind, text).await?;
        // What was kept once without a code must not stand in the way of the code for it.
        own.retain(|own| {
            let same = |known: &Suggestion| known.title.to_lowercase() == own.title.to_lowercase();
            own.code.is_some() || !known.iter().any(same)
        });
        let mut seen = HashSet::new();
        // What a person has already is the likeliest, and leaves room for what they have not.
        let all = own.into_iter().take(MOST_SUGGESTIONS / 2).chain(known);
        Ok(all.filter(|one| seen.insert(one.title.to_lowercase())).take(MOST_SUGGESTIONS).collect())
    }
}

/// What the person typed, for editing; none for what came from elsewhere.
pub(crate) fn own(row: &RecordRow, resource: &Value) -> Option<OwnEntry> {
    let typed = from_resource(resource).filter(|_| is_typed(row))?;
    let text = |text: Option<String>| text.unwrap_or_default();
    let value = match (typed.value, typed.lower_value) {
        (Some(upper), Some(lower)) => format!("{upper}/{lower}"),
        (upper, lower) => text(upper.or(lower)),
    };
    Some(OwnEntry {
        corrects: Some(row.id.to_string()),
        kind: entry_kind(typed.kind),
        title: typed.what,
        code: typed.coding.map(|coding| EntryCode { system: coding.system, code: coding.code }),
        date: text(typed.since),
        end: text(typed.until),
        value,
        unit: text(typed.unit),
        over: typed.status == TypedStatus::Resolved,
        reaction: text(typed.reaction),
        dangerous: typed.dangerous,
        severity: typed.severity.map(|severity| match severity {
            TypedSeverity::Mild => EntrySeverity::Mild,
            TypedSeverity::Moderate => EntrySeverity::Moderate,
            TypedSeverity::Severe => EntrySeverity::Severe,
        }),
        dose: text(typed.dose),
        lot: text(typed.lot),
        note: text(typed.comment),
    })
}

/// The entry as the records know it. Fields that its kind does not have are left out.
fn typed_entry(entry: &OwnEntry) -> TypedEntry {
    use EntryKind::{Allergy, Condition, Measurement, Medicine, Vaccination};
    let said = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let kind = entry.kind;
    let only = |kinds: &[EntryKind], text: &str| said(text).filter(|_| kinds.contains(&kind));
    let mut typed = TypedEntry::new(typed_kind(kind), entry.title.trim());
    typed.coding = entry.code.as_ref().filter(|code| !code.code.is_empty()).map(|code| {
        // The words of the code itself, where the suggestion it came with is known.
        let known = suggest(typed.kind, &typed.what, "en").into_iter().filter_map(|known| known.coding);
        let known = known.into_iter().find(|known| known.system == code.system && known.code == code.code);
        known.unwrap_or_else(|| Coding3 {
            system: code.system.clone(),
            code: code.code.clone(),
            display: typed.what.clone(),
        })
    });
    typed.since = said(&entry.date);
    typed.until = only(&[Condition, Medicine], &entry.end);
    let over = entry.over || typed.until.is_some();
    if over && matches!(kind, Allergy | Condition | Medicine) {
        typed.status = TypedStatus::Resolved;
    }
    typed.severity = entry.severity.filter(|_| matches!(kind, Allergy | Condition)).map(|severity| match severity {
        EntrySeverity::Mild => TypedSeverity::Mild,
        EntrySeverity::Moderate => TypedSeverity::Moderate,
        EntrySeverity::Severe => TypedSeverity::Severe,
    });
    typed.reaction = only(&[Allergy], &entry.reaction);
    typed.dangerous = entry.dangerous.filter(|_| kind == Allergy);
    typed.dose = only(&[Medicine, Vaccination], &entry.dose);
    typed.lot = only(&[Vaccination], &entry.lot);
    typed.unit = only(&[Measurement], &entry.unit);
    typed.value = only(&[Measurement], &entry.value);
    if entry.is_blood_pressure()
        && let Some((upper, lower)) = entry.value.split_once('/')
    {
        (typed.value, typed.lower_value) = (said(upper), said(lower));
    }
    typed.comment = said(&entry.note);
    typed.tidied()
}

fn typed_kind(kind: EntryKind) -> TypedKind {
    match kind {
        EntryKind::Allergy => TypedKind::Allergy,
        EntryKind::Condition => TypedKind::Condition,
        EntryKind::Medicine => TypedKind::Medicine,
        EntryKind::Vaccination => TypedKind::Vaccination,
        EntryKind::Measurement => TypedKind::Measurement,
        EntryKind::Note => TypedKind::Note,
    }
}

fn entry_kind(kind: TypedKind) -> EntryKind {
    match kind {
        TypedKind::Allergy => EntryKind::Allergy,
        TypedKind::Condition => EntryKind::Condition,
        TypedKind::Medicine => EntryKind::Medicine,
        TypedKind::Vaccination => EntryKind::Vaccination,
        TypedKind::Measurement => EntryKind::Measurement,
        TypedKind::Note => EntryKind::Note,
    }
}

fn words(problem: EntryProblem) -> &'static str {
    match problem {
        EntryProblem::Missing => "a field that is needed is empty",
        EntryProblem::TooLong => "a text is too long",
        EntryProblem::NoDate => "a date is not one",
        EntryProblem::InFuture => "a date has not come yet",
        EntryProblem::EndsFirst => "it ends before it begins",
        EntryProblem::NoNumber => "a value is not a number",
    }
}

/// A record that the person typed, with its resource.
async fn own_record(vault: &Vault, profile: ProfileId, id: &str) -> Result<(RecordRow, Value)> {
    let stored = listed(vault, profile, number(id)?).await?;
    let resource = parse(&stored.original)?;
    if !is_typed(&stored.row) || from_resource(&resource).is_none() {
        return Err(Error::Entry("it came from elsewhere, and what others wrote stays as it is"));
    }
    Ok((stored.row, resource))
}

/// What the next version of a record is.
struct Correction {
    identity: [u8; 32],
    /// From 1. It stands in the record, so that a version that says what a former one said is not taken for that.
    version: usize,
    /// After what it corrects, also where that was typed in the same second.
    at: i64,
}

impl Correction {
    async fn of(vault: &Vault, row: &RecordRow) -> Result<Self> {
        let versions = vault.record(row.id).await?.versions;
        let at = versions.last().map_or(0, |newest| newest.as_of + 1).max(now());
        Ok(Self { identity: row.identity, version: versions.len() + 1, at })
    }

    fn number(&self, resource: &mut serde_json::Map<String, Value>) {
        if let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) {
            meta.insert("versionId".to_owned(), json!(self.version.to_string()));
        }
    }
}

/// How a record says whose it is: as the patient's own record is referred to, or, where there is none, by an address that
/// is the same for all that this person types.
fn referred(patient: Option<RecordRow>, profile: ProfileId) -> String {
    let known = patient.and_then(|row| row.index.patient_ref.or(row.full_url));
    known.unwrap_or_else(|| format!("urn:uuid:{}", derive_id(&["typed", "patient", &profile.0.to_string()])))
}

/// Stores a resource as an import of its own.
async fn put(vault: &Vault, profile: ProfileId, resource: &Value, correction: Option<&Correction>) -> Result<ImportId> {
    let original = serde_json::to_vec(resource).map_err(|_| Error::Internal("what was typed"))?;
    let sha256: [u8; 32] = Sha256::digest(&original).into();
    let (read, index) = read(&original, sha256)?;
    let size = original.len() as u64;
    let (at, name) = (correction.map_or_else(now, |correction| correction.at), TYPED_NAME.to_owned());
    let format = TYPED_FORMAT.to_owned();
    let account = ImportAccount {
        file: name.clone(),
        format: format.clone(),
        entries: 1,
        imported: 1,
        already_present: 0,
        narrative_only: 0,
        skipped: Vec::new(),
        error: None,
        at,
    };
    let account = serde_json::to_string(&account).map_err(|_| Error::Internal("the account of an import"))?;
    let source = ImportSource { file_name: name, format, sha256, size, as_of: at, now: at };
    let mut import = vault.begin_import(profile, source).await?;
    let identity = correction.map_or(read, |correction| correction.identity);
    import.put(PutRecord::new(identity, original, index)).await?;
    Ok(import.commit(&account).await?)
}

/// What an importer makes of the bytes, so that the same record out of an export is known again.
fn read(original: &[u8], sha256: [u8; 32]) -> Result<([u8; 32], IndexEntry)> {
    let limits = Limits::default();
    let source = carnet_records::convert::Source { name: TYPED_NAME, sha256, now: now(), limits: &limits };
    let mut found = None;
    read_file(&mut Cursor::new(original), &source, &mut |event| {
        if let Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) = event {
            found = Some((record.identity, record.index));
        }
        ControlFlow::Continue(())
    })?;
    found.ok_or(Error::Internal("what was typed"))
}

/// Titles of the person's own records of that kind with a word that begins as typed, the most frequent first.
async fn own_titles(vault: &Vault, profile: ProfileId, kind: EntryKind, text: &str) -> Result<Vec<Suggestion>> {
    let categories: &[Category] = match kind {
        EntryKind::Allergy => &[Category::Allergy],
        EntryKind::Condition => &[Category::Problem],
        EntryKind::Medicine => &[Category::Medicine],
        EntryKind::Vaccination => &[Category::Immunization],
        EntryKind::Measurement => &[Category::Result, Category::Vital],
        EntryKind::Note => return Ok(Vec::new()),
    };
    let typed = text.to_lowercase();
    let begins = |title: &str| {
        let title = title.to_lowercase();
        title.starts_with(&typed) || title.split_whitespace().any(|word| word.starts_with(&typed))
    };
    let mut found: Vec<(usize, Suggestion)> = Vec::new();
    for category in categories {
        let query = RecordQuery {
            category: Some(*category),
            text: Some(text.to_owned()),
            limit: LOOKED_AT,
            ..RecordQuery::new(profile)
        };
        for row in vault.records(&query).await? {
            if !begins(&row.index.title) || row.index.title.chars().count() > carnet_bridge::TEXT_MOST {
                continue;
            }
            let is_room = found.len() < 200;
            match found.iter_mut().find(|(_, known)| known.title == row.index.title) {
                Some((count, _)) => *count += 1,
                None if is_room => {
                    let code = row.index.code.filter(|code| !code.code.is_empty());
                    let code = code.map(|code| EntryCode { system: code.system, code: code.code });
                    found.push((1, Suggestion { title: row.index.title, unit: String::new(), code }));
                }
                None => {}
            }
        }
    }
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    Ok(found.into_iter().map(|(_, suggestion)| suggestion).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_other_kinds_are_ignored() {
        let entry = OwnEntry {
            kind: EntryKind::Vaccination,
            title: " Tetanus ".to_owned(),
            date: "2024".to_owned(),
            end: "2025".to_owned(),
            unit: "kg".to_owned(),
            reaction: "none".to_owned(),
            dangerous: Some(true),
            over: true,
            lot: "A1".to_owned(),
            ..OwnEntry::default()
        };
        let typed = typed_entry(&entry);
        assert_eq!((typed.what.as_str(), typed.lot.as_deref()), ("Tetanus", Some("A1")));
        assert_eq!(typed.problems(1_780_000_000), []);
        assert_eq!(typed.status, TypedStatus::Active);
    }
}
