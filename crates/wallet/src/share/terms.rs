//! What a draft means: which records, to whom, what for, for how long; checked before anything is made of it.

use super::asked::{Asked, read_asked};
use crate::{Error, Result};
use carnet_bridge::{ShareChoice, ShareDraft, ShareFormat, ShareObligation, SharePreset};
use carnet_consent::control::MAX_LIFETIME;
use carnet_consent::grant::{
    Access, Category as GrantCategory, Code, Content, FhirDate, Format, IdentifiedBy, LeftOut, Member, Modes, Name,
    Obligation, Purpose, Recipient, RecipientClass, Scope, Sensitivity as GrantSensitivity, Set,
};
use carnet_records::datetime_is_readable;
use carnet_records::index::Category;
use carnet_records::selection::{Preset, Selection};
use carnet_records::sensitivity::Sensitivity;
use carnet_records::terminology::{V3_ACT_CODE, V3_CONFIDENTIALITY};
use carnet_vault::Vault;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smart_health::Flags;

/// The shortest and the longest time a share can be opened, in seconds: a minute, and a year.
pub(crate) const SECONDS: std::ops::RangeInclusive<i64> = 60..=365 * 86_400;
/// The fewest characters of a passcode.
const MIN_PASSCODE_CHARS: usize = 4;
/// The longest that a start may lie ahead, in seconds: 30 days.
const LATEST_START: i64 = 30 * 86_400;

/// What of a share stays the same whenever it is signed anew, beside what its grant says. Kept with the share.
///
/// The occasion's choice is written out here, so that a later version of the wallet, which may suggest more, never widens
/// a share that was made before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// Which records.
    pub(crate) selection: Selection,
    /// Only records with one of these codes (system, code), as a request may ask; empty: any.
    pub(crate) codes: Vec<(String, String)>,
    /// Whether it follows the records.
    pub(crate) live: bool,
    /// Whether the reader is told whether something was left out.
    pub(crate) tell_left_out: bool,
    /// The form of its document.
    pub(crate) format: ShareFormat,
    /// The language of its document.
    pub(crate) language: String,
}

/// A draft that was checked.
pub(crate) struct Checked {
    pub(crate) terms: Terms,
    /// The request that it answers.
    pub(crate) asked: Option<Asked>,
    /// When it begins, Unix seconds.
    pub(crate) start: i64,
    /// When it ends, Unix seconds.
    pub(crate) expires: i64,
}

/// Checks a draft and resolves what it names. `now` in Unix seconds.
///
/// # Errors
/// [`Error::Draft`] and [`Error::Date`] for what cannot be shared like this, [`Error::NoSuch`] for what is not there,
/// [`Error::Consent`] for a name or a request that cannot be used; those of the vault.
pub(crate) async fn check(vault: &Vault, draft: &ShareDraft, language: &str, now: i64) -> Result<Checked> {
    let mut checked = check_alone(draft, language, now)?;
    name_records(vault, &draft.choice, &mut checked.terms.selection).await?;
    Ok(checked)
}

/// The same, but for the records that are named one by one: they are left out.
///
/// # Errors
/// As [`check`], without those of the vault.
pub(crate) fn check_alone(draft: &ShareDraft, language: &str, now: i64) -> Result<Checked> {
    if !SECONDS.contains(&draft.seconds) {
        return Err(Error::Draft("it must be open for a minute at least and 365 days at most"));
    }
    if draft.max_openings == Some(0) {
        return Err(Error::Draft("it must be possible to open it once at least"));
    }
    if passcode(draft).is_some_and(|passcode| passcode.chars().count() < MIN_PASSCODE_CHARS) {
        return Err(Error::Draft("the passcode is shorter than four characters, and blanks around it do not count"));
    }
    let start = draft.not_before.map_or(now, |start| start.max(now));
    if start - now > LATEST_START {
        return Err(Error::Draft("it may begin within 30 days, no later"));
    }
    let expires = start.saturating_add(draft.seconds);
    if expires - now > MAX_LIFETIME {
        return Err(Error::Draft("it must end within a year"));
    }
    if draft.erase_by.is_some_and(|by| by <= start) {
        return Err(Error::Draft("what was kept must be erased after the share has begun, not before"));
    }
    let asked = draft.request.as_deref().map(read_asked).transpose()?;
    let selection = suggested(draft.preset, &draft.choice)?;
    if draft.choice.with.len() > Scope::MAX_PINNED {
        return Err(Error::Draft("no more than 64 records can be named one by one"));
    }
    let codes = asked.iter().flat_map(|asked| &asked.received.request.what.codes);
    let checked = Checked {
        terms: Terms {
            selection,
            codes: codes.map(|code| (code.system.clone(), code.code.clone())).collect(),
            live: draft.live,
            tell_left_out: draft.tell_left_out,
            format: draft.format.unwrap_or(draft.preset.format()),
            language: language.to_owned(),
        },
        asked,
        start,
        expires,
    };
    // What cannot be signed later is refused now.
    recipient(draft, checked.asked.as_ref())?;
    checked.terms.scope(LeftOut::NotStated, Set::new())?;
    Ok(checked)
}

/// The selection that an occasion suggests, with what the person changed of it.
///
/// # Errors
/// [`Error::NoSuch`], [`Error::Date`], [`Error::NothingSelected`]; those of the vault.
pub(crate) async fn selection(vault: &Vault, preset: SharePreset, choice: &ShareChoice) -> Result<Selection> {
    let mut selection = suggested(preset, choice)?;
    name_records(vault, choice, &mut selection).await?;
    Ok(selection)
}

/// Ticks and unticks the records that are named one by one.
async fn name_records(vault: &Vault, choice: &ShareChoice, selection: &mut Selection) -> Result<()> {
    for (ids, into) in [(&choice.with, &mut selection.pinned), (&choice.without, &mut selection.unticked)] {
        for id in ids {
            let id = id.parse().map_err(|_| Error::NoSuch("record"))?;
            into.push(vault.record(id).await?.row.identity);
        }
    }
    Ok(())
}

/// What an occasion suggests, with what the person changed of it but for single records.
fn suggested(preset: SharePreset, choice: &ShareChoice) -> Result<Selection> {
    let known = Preset::from_name(preset.as_str()).ok_or(Error::NoSuch("occasion"))?;
    let mut selection = known.selection();
    if let Some(names) = &choice.categories {
        let categories = names.iter().map(|name| crate::records::category(name)).collect::<Result<Vec<_>>>()?;
        if categories.is_empty() && choice.with.is_empty() {
            return Err(Error::NothingSelected);
        }
        selection.categories = Some(categories);
    }
    for (date, into) in [(&choice.since, &mut selection.since), (&choice.until, &mut selection.until)] {
        if date.as_ref().is_some_and(|date| !datetime_is_readable(date)) {
            return Err(Error::Date);
        }
        into.clone_from(date);
    }
    let subject =
        |name: &String| Sensitivity::from_code(&name.to_ascii_uppercase()).ok_or(Error::NoSuch("sensitive subject"));
    selection.include_sensitive = choice.sensitive.iter().map(subject).collect::<Result<_>>()?;
    Ok(selection)
}

impl Terms {
    /// Which records the grant names, where the document carries these labels. Of the records that were left out it says
    /// only what the person wants told.
    pub(crate) fn scope(&self, left_out: LeftOut, carried: Set<GrantSensitivity>) -> Result<Scope> {
        let date = |date: &Option<String>| date.as_deref().map(FhirDate::new).transpose();
        let categories = self.selection.categories.as_ref().map(|categories| {
            categories.iter().filter_map(|category| GrantCategory::from_word(category.as_str())).collect::<Set<_>>()
        });
        Ok(Scope {
            // An empty set would say that nothing may be shared, where only records named one by one are.
            categories: categories.filter(|categories| !categories.is_empty()),
            codes: self
                .codes
                .iter()
                .map(|(system, code)| Code { system: system.clone(), code: code.clone() })
                .collect(),
            since: date(&self.selection.since)?,
            until: date(&self.selection.until)?,
            pinned: self.selection.pinned.clone(),
            leaves_out: self.leaves_out(carried),
            left_out,
            content: if self.live { Content::Live } else { Content::Snapshot },
        })
    }

    /// The labels that the grant says it leaves out: those that were not ticked. One that the document carries all the same,
    /// for a record was chosen by itself, is not among them: whoever enforces the Consent would deny that very record.
    pub(crate) fn leaves_out(&self, carried: Set<GrantSensitivity>) -> Set<GrantSensitivity> {
        let ticked = self.selection.include_sensitive.iter().flat_map(|label| grant_labels(*label)).collect();
        let given = carried.union(ticked);
        Set::<GrantSensitivity>::all().iter().filter(|label| !given.contains(*label)).collect()
    }

    /// In which ways the records are given: no more than was asked, where somebody asked.
    pub(crate) fn modes(&self, asked: Option<&Asked>) -> Modes {
        let format = match self.format {
            ShareFormat::Ips => Format::Ips,
            ShareFormat::Ktc => Format::Ktc,
        };
        let asked = asked.map(|asked| asked.received.request.how.access);
        let all = Set::<Access>::all();
        let access = asked.map(|asked| all.intersection(asked)).filter(|access| !access.is_empty()).unwrap_or(all);
        Modes { access, formats: Set::from_iter([format]) }
    }

    /// The link's flags. A front desk fetches one file at once; with a passcode a reader must ask for the manifest first.
    pub(crate) fn flags(&self, passcode: bool) -> Flags {
        Flags { long_term: self.live, passcode, direct: self.format == ShareFormat::Ktc && !passcode }
    }
}

/// The passcode without blanks around it: readers leave those away from what is typed, and nobody sees that they are there.
pub(crate) fn passcode(draft: &ShareDraft) -> Option<&str> {
    draft.passcode.as_deref().map(str::trim)
}

/// To whom: as the person says, or else as whoever asked says.
pub(crate) fn recipient(draft: &ShareDraft, asked: Option<&Asked>) -> Result<Recipient> {
    let name = draft.recipient.trim();
    if let Some(asked) = asked {
        let request = &asked.received.request;
        let name = if name.is_empty() { request.by.clone() } else { Name::new(name)? };
        // A signature says that one key made the request whole, and nothing about anybody else's name.
        let signed = asked.received.signed_by.is_some() && name == request.by;
        let identified_by = if signed { IdentifiedBy::Request } else { IdentifiedBy::Patient };
        return Ok(Recipient { class: request.class, name: Some(name), identified_by, key: None });
    }
    let (class, name, identified_by) = if name.is_empty() {
        (RecipientClass::Anyone, None, IdentifiedBy::Nothing)
    } else {
        (RecipientClass::Person, Some(Name::new(name)?), IdentifiedBy::Patient)
    };
    Ok(Recipient { class, name, identified_by, key: None })
}

/// What for: what was asked, or what the occasion is.
///
/// An emergency card says ETREAT and not BTG. *Break the glass* is for a reader whom no policy provides for and who
/// overrides one; who opens the card overrides nothing, for the patient allowed it beforehand. A consent engine that
/// reads BTG would treat a permitted reader as one who broke in.
pub(crate) fn purpose(preset: SharePreset, asked: Option<&Asked>) -> Purpose {
    match asked {
        Some(asked) => asked.received.request.purpose,
        None if preset == SharePreset::Emergency => Purpose::EmergencyTreatment,
        None => Purpose::Treatment,
    }
}

/// What the recipient is bound to.
pub(crate) fn obligations_of(wanted: &[ShareObligation]) -> Set<Obligation> {
    let obligation = |wanted: &ShareObligation| match wanted {
        ShareObligation::NoRedisclosure => Obligation::NoRedisclosure,
        ShareObligation::DeleteAfterUse => Obligation::DeleteAfterUse,
    };
    wanted.iter().map(obligation).collect()
}

/// The same, as the interface names it.
pub(crate) fn obligations_said(bound: Set<Obligation>) -> Vec<ShareObligation> {
    let said = |obligation| match obligation {
        Obligation::NoRedisclosure => Some(ShareObligation::NoRedisclosure),
        Obligation::DeleteAfterUse => Some(ShareObligation::DeleteAfterUse),
        _ => None,
    };
    bound.iter().filter_map(said).collect()
}

/// The labels of a grant that a document carries: as a whole, in its entries, and in what these hold.
pub(crate) fn labels_in(document: &Value) -> Set<GrantSensitivity> {
    let each = |name: &str| document.get(name).and_then(Value::as_array).into_iter().flatten();
    let security = document.pointer("/meta/security").and_then(Value::as_array).into_iter().flatten();
    let of_files = each("securityLabel").filter_map(|label| label.get("coding")?.as_array()).flatten();
    let own = security.chain(of_files).filter_map(|coding| {
        let (system, code) = (coding.get("system")?.as_str()?, coding.get("code")?.as_str()?);
        if [V3_ACT_CODE, V3_CONFIDENTIALITY].contains(&system) { Sensitivity::from_code(code) } else { None }
    });
    let own: Set<GrantSensitivity> = own.flat_map(grant_labels).collect();
    let within = each("entry").filter_map(|entry| entry.get("resource")).chain(each("contained"));
    within.fold(own, |labels, resource| labels.union(labels_in(resource)))
}

/// The labels of a grant that one of the records' labels stands for.
fn grant_labels(label: Sensitivity) -> Vec<GrantSensitivity> {
    match label {
        Sensitivity::SubstanceUse => vec![GrantSensitivity::SubstanceUse, GrantSensitivity::SubstanceAbuse],
        Sensitivity::MentalHealth => vec![GrantSensitivity::MentalHealth, GrantSensitivity::Psychiatry],
        other => GrantSensitivity::from_word(other.code()).into_iter().collect(),
    }
}

/// The categories that the interface names.
pub(crate) fn category_names(categories: Option<Set<GrantCategory>>) -> Option<Vec<String>> {
    let categories = categories?;
    // People and organisations go where records refer to them, and are nothing to choose.
    let chosen = categories.iter().filter_map(|category| Category::from_name(category.as_str()));
    Some(chosen.filter(|category| *category != Category::Person).map(|category| category.as_str().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(selection: Selection) -> Terms {
        Terms {
            selection,
            codes: Vec::new(),
            live: false,
            tell_left_out: false,
            format: ShareFormat::Ips,
            language: "en".to_owned(),
        }
    }

    #[test]
    fn every_label_of_a_record_has_its_labels_in_a_grant() {
        let all = terms(Selection { include_sensitive: Sensitivity::all().to_vec(), ..Selection::default() });
        assert!(all.scope(LeftOut::NotStated, Set::new()).unwrap().leaves_out.is_empty());
        let none = terms(Selection::default()).scope(LeftOut::NotStated, Set::new()).unwrap();
        assert_eq!(none.leaves_out, Set::all());
        let one = terms(Selection { include_sensitive: vec![Sensitivity::SubstanceUse], ..Selection::default() });
        let left = one.scope(LeftOut::NotStated, Set::new()).unwrap().leaves_out;
        assert!(!left.contains(GrantSensitivity::SubstanceAbuse) && left.contains(GrantSensitivity::Hiv));
    }

    #[test]
    fn a_label_that_is_in_the_document_is_not_left_out() {
        let coding = |system: &str, code: &str| serde_json::json!([{"system": system, "code": code}]);
        let document = serde_json::json!({"meta": {"security": coding(V3_CONFIDENTIALITY, "V")}, "entry": [
            {"resource": {"meta": {"security": coding(V3_ACT_CODE, "ETHUD")}}},
            {"resource": {"contained": [{"meta": {"security": coding(V3_ACT_CODE, "HIV")}}]}},
            {"resource": {"securityLabel": [{"coding": coding(V3_ACT_CODE, "SEX")}]}},
            {"resource": {"meta": {"security": coding("urn:somebody", "GDIS")}}},
        ]});
        let carried = labels_in(&document);
        let codes: Vec<&str> = carried.iter().map(Member::as_str).collect();
        assert_eq!(codes, ["SUD", "ETH", "HIV", "SEX", "R"]);
        let one = terms(Selection { include_sensitive: vec![Sensitivity::Std], ..Selection::default() });
        let left: Vec<&str> = one.leaves_out(carried).iter().map(Member::as_str).collect();
        assert_eq!(left, ["PSY", "MH", "SDV", "GDIS"]);
    }

    #[test]
    fn every_category_of_a_record_has_its_word_in_a_grant() {
        for category in Category::all() {
            assert!(GrantCategory::from_word(category.as_str()).is_some(), "{category:?}");
        }
    }

    #[test]
    fn flags_fit_the_form() {
        let flags = |format, passcode, live| Terms { format, live, ..terms(Selection::default()) }.flags(passcode);
        assert_eq!(flags(ShareFormat::Ktc, false, false).to_string(), "U");
        assert_eq!(flags(ShareFormat::Ktc, true, false).to_string(), "P");
        assert_eq!(flags(ShareFormat::Ips, true, true).to_string(), "LP");
        assert_eq!(flags(ShareFormat::Ips, false, false).to_string(), "");
        assert_eq!(flags(ShareFormat::Ktc, false, true).to_string(), "LU");
    }

    #[test]
    fn only_an_emergency_is_one() {
        for preset in SharePreset::ALL {
            let emergency = purpose(preset, None) == Purpose::EmergencyTreatment;
            assert_eq!(emergency, preset == SharePreset::Emergency);
        }
    }
}
