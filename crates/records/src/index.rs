//! The index entry of a record: what a list, a search, a filter and a share need to know without opening it.

mod kinds;

pub(crate) use kinds::{Kind, is_known, keep_member, kind_of};

use serde::{Deserialize, Serialize};

use crate::{
    datetime,
    json::{Json, parse_members},
    references::conditional,
    sensitivity::{self, Sensitivity},
    terminology,
    view::{self, FactKey},
};

/// What a record is about, in a person's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A person or organisation: the patient, those who treat.
    Person,
    /// An allergy or intolerance.
    Allergy,
    /// A problem, diagnosis or health concern.
    Problem,
    /// A medicine: prescribed, taken, given.
    Medicine,
    /// A vaccination.
    Immunization,
    /// A laboratory or other test result.
    Result,
    /// A vital sign.
    Vital,
    /// A procedure or operation.
    Procedure,
    /// A report that gathers results, or imaging.
    Report,
    /// A visit, stay or appointment.
    Visit,
    /// A document, letter or answered questionnaire.
    Document,
    /// A plan, goal, order or care team.
    CarePlan,
    /// A device or implant.
    Device,
    /// Living circumstances and habits, family history.
    Social,
    /// Insurance and bills.
    Insurance,
    /// Anything else; kept and listed all the same.
    Other,
}

impl Category {
    /// Every category, in the order a person meets them.
    pub fn all() -> &'static [Category] {
        &[
            Category::Allergy,
            Category::Problem,
            Category::Medicine,
            Category::Immunization,
            Category::Result,
            Category::Vital,
            Category::Procedure,
            Category::Report,
            Category::Visit,
            Category::Document,
            Category::CarePlan,
            Category::Device,
            Category::Social,
            Category::Insurance,
            Category::Person,
            Category::Other,
        ]
    }

    /// Its name in the vault, on the bridge and in translation keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Person => "person",
            Category::Allergy => "allergy",
            Category::Problem => "problem",
            Category::Medicine => "medicine",
            Category::Immunization => "immunization",
            Category::Result => "result",
            Category::Vital => "vital",
            Category::Procedure => "procedure",
            Category::Report => "report",
            Category::Visit => "visit",
            Category::Document => "document",
            Category::CarePlan => "care_plan",
            Category::Device => "device",
            Category::Social => "social",
            Category::Insurance => "insurance",
            Category::Other => "other",
        }
    }

    /// The category of that name.
    pub fn from_name(name: &str) -> Option<Category> {
        Category::all().iter().copied().find(|category| category.as_str() == name)
    }
}

/// A code with the system it is from and the words that came with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding3 {
    /// The code system's URI; empty where the source gave none.
    pub system: String,
    /// The code; empty where the source gave only words.
    pub code: String,
    /// The source's words for it, unaltered.
    pub display: String,
}

/// What the vault keeps beside a record. It can be dropped and made again from the original ([`index_record`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// FHIR's name of the kind of resource.
    pub resource_type: String,
    /// What it is about.
    pub category: Category,
    /// Its main code.
    pub code: Option<Coding3>,
    /// What a person calls it; never empty.
    pub title: String,
    /// Its clinical date exactly as recorded.
    pub date: Option<String>,
    /// Seconds since 1970 for ordering; `i64::MIN` where undated.
    pub sort_key: i64,
    /// Its status as recorded: the clinical status of a problem or allergy, else `status`.
    pub status: Option<String>,
    /// Why it is held back from shares until ticked; empty for most.
    pub sensitivity: Vec<Sensitivity>,
    /// Whose it is, as the record refers to the person.
    pub patient_ref: Option<String>,
    /// Words to find it by, at most [`TEXT_BYTES`]; of a document at most [`DOCUMENT_TEXT_BYTES`].
    pub text: String,
    /// Equal for records of the same fact from different sources ([`view::fact_key`]); lists group by it. Absent from
    /// entries written by older versions.
    #[serde(default)]
    pub fact_key: Option<FactKey>,
    /// When its source last changed it (`meta.lastUpdated`), in seconds since 1970; none where the source does not say. Of
    /// two versions of a record the one that was changed later is the newer, whichever came first.
    #[serde(default)]
    pub updated: Option<i64>,
}

/// The most bytes of search text kept for one record.
pub const TEXT_BYTES: usize = 4096;
/// The most bytes of search text kept for a document, which is found by what it says.
pub const DOCUMENT_TEXT_BYTES: usize = 64 << 10;
/// The most bytes of a title.
pub const TITLE_BYTES: usize = 300;

/// The index entry of one resource, from its original JSON. `None` if that is not a JSON object with a resource type.
pub fn index_record(original: &[u8]) -> Option<IndexEntry> {
    let text = std::str::from_utf8(original).ok()?;
    let resource = parse_members(text, keep_member).ok()?;
    resource.text_at(&["resourceType"])?;
    Some(index_entry(&resource))
}

/// The index entry of a parsed resource.
pub fn index_entry<J: Json>(resource: &J) -> IndexEntry {
    let kind = kind_of(resource.text_at(&["resourceType"]).unwrap_or_default());
    let code = main_code(kind, resource);
    let date = clinical_date(kind, resource);
    IndexEntry {
        resource_type: clip(resource.text_at(&["resourceType"]).unwrap_or_default(), 64).to_owned(),
        category: category(kind, resource),
        title: title(kind, resource),
        date: date.map(|date| clip(date, 64).to_owned()),
        sort_key: date.and_then(datetime::unix_seconds).unwrap_or(i64::MIN),
        status: status(resource).map(|status| clip(status, 64).to_owned()),
        sensitivity: sensitivity::classify(resource),
        patient_ref: patient_reference(resource),
        text: search_text(kind, resource),
        fact_key: view::fact_key(resource),
        updated: resource.text_at(&["meta", "lastUpdated"]).and_then(datetime::unix_seconds),
        code,
    }
}

/// What a person calls the resource; never empty.
pub(crate) fn title<J: Json>(kind: &Kind, resource: &J) -> String {
    let found = kind.titles.iter().find_map(|name| resource.each(name).iter().find_map(words));
    let found =
        found.or_else(|| contained_medication(resource).and_then(|medication| words(medication.member("code")?)));
    let found = match kind.name {
        "FamilyMemberHistory" => family_title(resource).or(found),
        // "Professional" or "Institutional" alone says to nobody that it is a bill.
        "Claim" | "ExplanationOfBenefit" => found.map(|sort| format!("{}: {sort}", kind.label)),
        "Observation" if found.is_none() => {
            resource.each("component").iter().find_map(|part| words(part.member("code")?))
        }
        _ => found,
    };
    let found = found.or_else(|| {
        let plain = crate::display::narrative_text(resource.text_at(&["text", "div"])?, TITLE_BYTES * 4);
        plain.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
    });
    let title = found.unwrap_or_else(|| kind.label_for(resource.text_at(&["resourceType"]).unwrap_or_default()));
    clip(&title, TITLE_BYTES).to_owned()
}

/// Whether the resource says in codes or words of its own, outside its narrative, what it is about.
pub(crate) fn has_subject_matter<J: Json>(kind: &Kind, resource: &J) -> bool {
    if !kind.needs_title {
        return true;
    }
    kind.titles.iter().any(|name| resource.each(name).iter().any(|value| words(value).is_some()))
        || contained_medication(resource).is_some()
        || resource.member("medicationReference").is_some()
        || !resource.each("component").is_empty()
}

/// The words of a CodeableConcept, Coding, Reference, HumanName, Annotation, Attachment or plain string: what was
/// said, before what was coded.
pub(crate) fn words<J: Json>(value: &J) -> Option<String> {
    if let Some(text) = value.text() {
        let text = text.trim();
        return (!text.is_empty()).then(|| text.to_owned());
    }
    if value.member("family").is_some() || value.member("given").is_some() {
        return crate::display::human_name(value);
    }
    if let Some(text) = value.text_at(&["text"]) {
        return Some(terminology::without_semantic_tag(text).to_owned());
    }
    let codings = value.each("coding");
    let chosen = codings.iter().find(|coding| coding.member("userSelected").and_then(Json::boolean) == Some(true));
    for coding in chosen.into_iter().chain(codings) {
        if let Some(display) = coding.text_at(&["display"]) {
            return Some(terminology::without_semantic_tag(display).to_owned());
        }
    }
    for name in ["display", "title", "name", "deviceName", "value"] {
        if let Some(text) = value.text_at(&[name]) {
            return Some(terminology::without_semantic_tag(text).to_owned());
        }
    }
    // R5's CodeableReference, which R4B exports of some servers carry.
    if let Some(concept) = value.member("concept") {
        return words(concept);
    }
    codings.iter().chain([value]).find_map(|coding| coding.text_at(&["code"])).map(str::to_owned)
}

/// The clinically relevant date as recorded.
pub(crate) fn clinical_date<'a, J: Json>(kind: &Kind, resource: &'a J) -> Option<&'a str> {
    let dated = kind.dates.iter().find_map(|name| {
        let member = resource.first(name)?;
        let text = member.text().or_else(|| member.text_at(&["start"])).or_else(|| member.text_at(&["event"]));
        text.or_else(|| member.text_at(&["end"])).map(str::trim).filter(|text| !text.is_empty())
    });
    // A document without a date of its own is as old as what it holds.
    dated.or_else(|| {
        let path = ["content", "attachment", "creation"];
        (kind.name == "DocumentReference").then(|| resource.text_at(&path)).flatten()
    })
}

/// The status a person would ask for.
pub(crate) fn status<J: Json>(resource: &J) -> Option<&str> {
    let coded = |name: &str| {
        resource
            .text_at(&[name, "coding", "code"])
            .or_else(|| resource.text_at(&[name, "text"]))
            .or_else(|| resource.text_at(&[name]))
    };
    let error = coded("verificationStatus").filter(|status| matches!(*status, "entered-in-error" | "refuted"));
    error.or_else(|| coded("clinicalStatus")).or_else(|| resource.text_at(&["status"]))
}

/// What the resource is about.
pub(crate) fn category<J: Json>(kind: &Kind, resource: &J) -> Category {
    if kind.name != "Observation" {
        return kind.category;
    }
    let mut found = None;
    for concept in resource.each("category") {
        for coding in concept.each("coding") {
            match coding.text_at(&["code"]) {
                Some("vital-signs") => return Category::Vital,
                // Steps, sleep and sport are habits.
                Some("social-history" | "sdoh" | "activity") => found = Some(Category::Social),
                Some("laboratory") => found = found.or(Some(Category::Result)),
                _ => {}
            }
        }
    }
    found.unwrap_or_else(|| {
        let loinc = resource.at(&["code"]).into_iter().flat_map(|code| code.each("coding"));
        let mut codes = loinc.filter(|coding| coding.text_at(&["system"]) == Some(terminology::LOINC));
        codes
            .find_map(|coding| terminology::observation_category(coding.text_at(&["code"])?))
            .unwrap_or(Category::Result)
    })
}

fn main_code<J: Json>(kind: &Kind, resource: &J) -> Option<Coding3> {
    let concepts = kind.titles.iter().flat_map(|name| resource.each(name));
    let contained = contained_medication(resource).and_then(|medication| medication.member("code"));
    concepts.chain(contained).find_map(|concept| {
        let coding = concept.each("coding").iter().find(|coding| coding.text_at(&["code"]).is_some());
        // Encounter.class and the like are a Coding by themselves.
        let coding = coding.or_else(|| (concept.text_at(&["code"]).is_some()).then_some(concept))?;
        Some(Coding3 {
            system: clip(coding.text_at(&["system"]).unwrap_or_default(), 256).to_owned(),
            code: clip(coding.text_at(&["code"])?, 128).to_owned(),
            display: clip(
                coding.text_at(&["display"]).or_else(|| concept.text_at(&["text"])).unwrap_or_default(),
                TITLE_BYTES,
            )
            .to_owned(),
        })
    })
}

/// The Medication inside the resource to which its `medicationReference` points.
pub(crate) fn contained_medication<J: Json>(resource: &J) -> Option<&J> {
    let id = resource.text_at(&["medicationReference", "reference"])?.strip_prefix('#')?;
    resource.each("contained").iter().find(|inner| inner.text_at(&["id"]) == Some(id))
}

fn family_title<J: Json>(resource: &J) -> Option<String> {
    let relative = words(resource.member("relationship")?)?;
    let conditions: Vec<String> =
        resource.each("condition").iter().filter_map(|condition| words(condition.member("code")?)).collect();
    Some(if conditions.is_empty() { relative } else { format!("{relative}: {}", conditions.join(", ")) })
}

/// Whose record it is, as it refers to the person: by an address, or else by an identifier, in the form of a conditional
/// reference.
pub(crate) fn patient_reference<J: Json>(resource: &J) -> Option<String> {
    if resource.text_at(&["resourceType"]) == Some("Patient") {
        return resource.text_at(&["id"]).map(|id| format!("Patient/{}", clip(id, 64)));
    }
    let members = ["patient", "subject", "beneficiary", "for", "individual"];
    if let Some(reference) = members.iter().find_map(|name| resource.text_at(&[name, "reference"])) {
        return Some(clip(reference, 512).to_owned());
    }
    let named = members.iter().find_map(|name| {
        let subject = resource.at(&[name])?;
        let value = subject.text_at(&["identifier", "value"])?;
        let system = subject.text_at(&["identifier", "system"]).unwrap_or_default();
        Some(conditional(subject.text_at(&["type"]).unwrap_or("Patient"), system, value))
    })?;
    Some(clip(&named, 512).to_owned())
}

fn search_text<J: Json>(kind: &Kind, resource: &J) -> String {
    let room = if kind.name == "DocumentReference" { DOCUMENT_TEXT_BYTES } else { TEXT_BYTES };
    let mut out = Words { text: String::new(), room };
    for name in kind.titles.iter().chain(kinds::SEARCHED) {
        for value in resource.each(name) {
            out.concept(value);
        }
    }
    for (list, inner) in kinds::SEARCHED_WITHIN {
        for item in resource.each(list) {
            for name in *inner {
                for value in item.each(name) {
                    out.concept(value);
                }
            }
        }
    }
    if let Some(medication) = contained_medication(resource) {
        medication.each("code").iter().for_each(|code| out.concept(code));
    }
    if let Some(div) = resource.text_at(&["text", "div"])
        && (kind.narrative_is_content || out.text.is_empty())
    {
        out.push(&crate::display::narrative_text(div, room));
    }
    out.text
}

/// Search text under construction: words once each, within its room.
struct Words {
    text: String,
    room: usize,
}

impl Words {
    fn push(&mut self, text: &str) {
        let text = text.trim();
        let room = self.room.saturating_sub(self.text.len() + 1);
        if text.is_empty() || room == 0 || self.text.ends_with(text) {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(clip(text, room));
    }

    fn concept<J: Json>(&mut self, value: &J) {
        if let Some(text) = value.text() {
            return self.push(text);
        }
        for name in ["text", "display", "title", "family", "given", "prefix", "name", "value"] {
            for part in value.each(name) {
                if let Some(text) = part.text() {
                    self.push(text);
                }
            }
        }
        for coding in value.each("coding") {
            for name in ["display", "code"] {
                if let Some(text) = coding.text_at(&[name]) {
                    self.push(text);
                }
            }
        }
        if value.member("coding").is_none()
            && let Some(code) = value.text_at(&["code"])
        {
            self.push(code);
        }
    }
}

/// The resource type, if it is said first, without parsing the rest.
pub(crate) fn peek_type(original: &[u8]) -> Option<&str> {
    let rest = original.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"resourceType\"")?.trim_ascii_start().strip_prefix(b":")?;
    let rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
    let end = rest.iter().position(|byte| !byte.is_ascii_alphabetic())?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

/// The longest start of `text` of at most `bytes` bytes that does not cut a character.
pub(crate) fn clip(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
