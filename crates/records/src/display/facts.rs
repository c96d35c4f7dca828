//! The labelled facts of each kind of record.

use serde::{Deserialize, Serialize};

use super::{Fact, VALUE_BYTES, measurement::quantity, measurement::value_text};
use crate::{
    index::{clip, contained_medication, words},
    json::Json,
};

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident = $key:literal,)+) => {
        /// What a fact is. [`key`](Self::key) is its name in the translations (`fact-…`) and on the bridge.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum FactLabel {
            $($(#[$doc])* #[serde(rename = $key)] $label,)+
        }

        impl FactLabel {
            /// Every label.
            pub const ALL: &'static [FactLabel] = &[$(FactLabel::$label,)+];

            /// Its key: lower case, words joined by hyphens, the same as when serialised.
            pub fn key(self) -> &'static str {
                match self { $(FactLabel::$label => $key,)+ }
            }
        }
    };
}

labels! {
    /// A value that is not a number: "Never smoked".
    Value = "value",
    /// The range as the laboratory wrote it.
    ReferenceRange = "reference-range",
    /// How the source judged the value.
    Interpretation = "interpretation",
    /// One part of a panel, with its own name.
    Component = "component",
    /// How a medicine is to be taken.
    Dosage = "dosage",
    /// How it gets into the body.
    Route = "route",
    /// Its form: tablet, solution.
    Form = "form",
    /// How much.
    Quantity = "quantity",
    /// Why.
    Reason = "reason",
    /// How bad.
    Severity = "severity",
    /// How dangerous it could become.
    Criticality = "criticality",
    /// What an allergy does.
    Reaction = "reaction",
    /// How sure it is.
    Verification = "verification",
    /// When it began.
    Onset = "onset",
    /// When it ended.
    Abatement = "abatement",
    /// When it was written down.
    Recorded = "recorded",
    /// From when to when.
    Period = "period",
    /// Who did it.
    Performer = "performer",
    /// Who asked for it.
    Requester = "requester",
    /// Who wrote it.
    Author = "author",
    /// Where it was done.
    Location = "location",
    /// Where on the body.
    BodySite = "body-site",
    /// The lot of a vaccine or device.
    LotNumber = "lot-number",
    /// Which dose of a series.
    DoseNumber = "dose-number",
    /// Against what.
    TargetDisease = "target-disease",
    /// Who made it.
    Manufacturer = "manufacturer",
    /// What a report concludes.
    Conclusion = "conclusion",
    /// The results it gathers.
    Results = "results",
    /// What came of it.
    Outcome = "outcome",
    /// The specimen it was measured in.
    Specimen = "specimen",
    /// How it was measured.
    Method = "method",
    /// The kind of visit: ambulatory, inpatient.
    VisitClass = "visit-class",
    /// Its category in the source's words.
    Category = "category",
    /// What was planned or done as part of it.
    Activity = "activity",
    /// A remark.
    Note = "note",
    /// The type of a file.
    FileType = "file-type",
    /// The size of a file in bytes.
    FileSize = "file-size",
    /// A question and its answer.
    Answer = "answer",
    /// What relatives have or had.
    FamilyCondition = "family-condition",
    /// A date of birth.
    BirthDate = "birth-date",
    /// Administrative gender.
    Sex = "sex",
    /// A number or name in a register.
    Identifier = "identifier",
    /// A postal address.
    Address = "address",
    /// A telephone number or e-mail address.
    Contact = "contact",
    /// A language spoken.
    Language = "language",
    /// Who pays.
    Payer = "payer",
    /// An amount of money.
    Amount = "amount",
    /// A code with its system.
    Code = "code",
}

/// At most so many facts are shown of one record.
const MOST_FACTS: usize = 200;

/// The facts of a resource, in reading order.
pub(super) fn facts<J: Json>(resource_type: &str, resource: &J) -> Vec<Fact> {
    let mut out = Facts(Vec::new());
    match resource_type {
        "AllergyIntolerance" => allergy(resource, &mut out),
        "Condition" => condition(resource, &mut out),
        "MedicationRequest"
        | "MedicationStatement"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "Medication" => {
            medicine(resource, &mut out);
        }
        "Immunization" => immunization(resource, &mut out),
        "Observation" => observation(resource, &mut out),
        "DiagnosticReport" => report(resource, &mut out),
        "Encounter" => visit(resource, &mut out),
        "DocumentReference" | "Media" | "Binary" => document(resource, &mut out),
        "Patient" | "Practitioner" | "RelatedPerson" | "Person" | "Organization" => person(resource, &mut out),
        "Device" => device(resource, &mut out),
        "QuestionnaireResponse" => answers(resource, &mut out, 0),
        "FamilyMemberHistory" => family(resource, &mut out),
        _ => {}
    }
    common(resource, &mut out);
    out.0
}

fn allergy<J: Json>(resource: &J, out: &mut Facts) {
    for reaction in resource.each("reaction") {
        let signs: Vec<String> = reaction.each("manifestation").iter().filter_map(words).collect();
        let signs = if signs.is_empty() {
            reaction.text_at(&["description"]).map(str::to_owned)
        } else {
            Some(signs.join(", "))
        };
        let severity = reaction.text_at(&["severity"]);
        out.add(
            FactLabel::Reaction,
            signs.map(|signs| severity.map_or(signs.clone(), |severity| format!("{signs} ({severity})"))),
        );
    }
    out.text(FactLabel::Criticality, resource, "criticality");
    out.all(FactLabel::Category, resource, "category");
    out.concept(FactLabel::Verification, resource, "verificationStatus");
    out.moment(FactLabel::Onset, resource, "onset");
    out.text(FactLabel::Recorded, resource, "recordedDate");
}

fn condition<J: Json>(resource: &J, out: &mut Facts) {
    out.concept(FactLabel::Severity, resource, "severity");
    out.concept(FactLabel::Verification, resource, "verificationStatus");
    out.moment(FactLabel::Onset, resource, "onset");
    out.moment(FactLabel::Abatement, resource, "abatement");
    out.all(FactLabel::BodySite, resource, "bodySite");
    out.all(FactLabel::Category, resource, "category");
    out.text(FactLabel::Recorded, resource, "recordedDate");
}

fn medicine<J: Json>(resource: &J, out: &mut Facts) {
    for dosage in resource.each("dosageInstruction").iter().chain(resource.each("dosage")) {
        let text = dosage.text_at(&["text"]).map(str::to_owned).or_else(|| dose(dosage));
        out.add(FactLabel::Dosage, text);
        out.concept(FactLabel::Route, dosage, "route");
    }
    let medication = contained_medication(resource).unwrap_or(resource);
    out.concept(FactLabel::Form, medication, "form");
    out.add(FactLabel::Quantity, resource.member("quantity").and_then(quantity));
    out.moment(FactLabel::Period, resource, "effective");
}

/// A structured dose: "1 tablet · 2 per 1 d".
fn dose<J: Json>(dosage: &J) -> Option<String> {
    let given =
        dosage.first("doseAndRate").and_then(|rate| rate.member("doseQuantity")).or_else(|| dosage.member("dose"));
    let repeat = dosage.at(&["timing", "repeat"]);
    let number = |name: &str| repeat.and_then(|repeat| repeat.member(name)?.number()).map(|text| text.into_owned());
    let times =
        number("frequency").zip(number("period")).zip(repeat.and_then(|repeat| repeat.text_at(&["periodUnit"])));
    let often = times.map(|((frequency, period), unit)| format!("{frequency} per {period} {unit}"));
    let often = often.or_else(|| dosage.at(&["timing", "code"]).and_then(words));
    let parts: Vec<String> = given.and_then(quantity).into_iter().chain(often).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn immunization<J: Json>(resource: &J, out: &mut Facts) {
    for protocol in resource.each("protocolApplied") {
        let number = ["doseNumberPositiveInt", "doseNumberString"].iter().find_map(|name| {
            let member = protocol.member(name)?;
            member.number().map(|text| text.into_owned()).or_else(|| member.text().map(str::to_owned))
        });
        out.add(FactLabel::DoseNumber, number);
        out.all(FactLabel::TargetDisease, protocol, "targetDisease");
    }
    out.text(FactLabel::LotNumber, resource, "lotNumber");
    out.concept(FactLabel::Manufacturer, resource, "manufacturer");
    out.concept(FactLabel::BodySite, resource, "site");
    out.concept(FactLabel::Route, resource, "route");
    out.add(FactLabel::Quantity, resource.member("doseQuantity").and_then(quantity));
}

fn observation<J: Json>(resource: &J, out: &mut Facts) {
    if resource.member("valueQuantity").is_none() && resource.member("valueInteger").is_none() {
        out.add(FactLabel::Value, value_text(resource));
    }
    for part in resource.each("component") {
        let name = part.member("code").and_then(words);
        out.add(FactLabel::Component, name.zip(value_text(part)).map(|(name, value)| format!("{name}: {value}")));
    }
    for range in resource.each("referenceRange") {
        let ends = [range.member("low"), range.member("high")].map(|end| end.and_then(quantity));
        let text = range.text_at(&["text"]).map(str::to_owned).or(match ends {
            [Some(low), Some(high)] => Some(format!("{low} – {high}")),
            [Some(low), None] => Some(format!("≥ {low}")),
            [None, Some(high)] => Some(format!("≤ {high}")),
            [None, None] => None,
        });
        out.add(FactLabel::ReferenceRange, text);
    }
    out.all(FactLabel::Interpretation, resource, "interpretation");
    out.concept(FactLabel::BodySite, resource, "bodySite");
    out.concept(FactLabel::Method, resource, "method");
    out.concept(FactLabel::Specimen, resource, "specimen");
}

fn report<J: Json>(resource: &J, out: &mut Facts) {
    out.text(FactLabel::Conclusion, resource, "conclusion");
    out.all(FactLabel::Conclusion, resource, "conclusionCode");
    out.all(FactLabel::Results, resource, "result");
    out.all(FactLabel::Category, resource, "category");
}

fn visit<J: Json>(resource: &J, out: &mut Facts) {
    out.concept(FactLabel::VisitClass, resource, "class");
    out.moment(FactLabel::Period, resource, "period");
    for participant in resource.each("participant") {
        out.concept(FactLabel::Performer, participant, "individual");
    }
    out.concept(FactLabel::Location, resource, "serviceProvider");
}

fn document<J: Json>(resource: &J, out: &mut Facts) {
    let attachments = resource.each("content").iter().map(|content| content.member("attachment").unwrap_or(content));
    for attachment in attachments.chain([resource]) {
        out.text(FactLabel::FileType, attachment, "contentType");
        out.add(FactLabel::FileSize, attachment.member("size").and_then(Json::number).map(|size| size.into_owned()));
    }
    out.all(FactLabel::Category, resource, "category");
}

fn person<J: Json>(resource: &J, out: &mut Facts) {
    out.text(FactLabel::BirthDate, resource, "birthDate");
    out.text(FactLabel::Sex, resource, "gender");
    for identifier in resource.each("identifier") {
        let value = identifier.text_at(&["value"]);
        let name = identifier.member("type").and_then(words);
        out.add(
            FactLabel::Identifier,
            value.map(|value| name.map_or(value.to_owned(), |name| format!("{value} ({name})"))),
        );
    }
    for address in resource.each("address") {
        let lines = ["line", "postalCode", "city", "state", "country"].into_iter().flat_map(|part| address.each(part));
        let parts: Vec<&str> = lines.filter_map(Json::text).collect();
        let text = address.text_at(&["text"]).map(str::to_owned);
        out.add(FactLabel::Address, text.or_else(|| (!parts.is_empty()).then(|| parts.join(", "))));
    }
    out.all(FactLabel::Contact, resource, "telecom");
    for communication in resource.each("communication") {
        out.add(FactLabel::Language, words(communication.member("language").unwrap_or(communication)));
    }
}

fn device<J: Json>(resource: &J, out: &mut Facts) {
    out.concept(FactLabel::Category, resource, "type");
    out.text(FactLabel::Manufacturer, resource, "manufacturer");
    out.text(FactLabel::LotNumber, resource, "lotNumber");
    for udi in resource.each("udiCarrier") {
        out.text(FactLabel::Identifier, udi, "carrierHRF");
    }
}

/// Questions nest; more than ten levels are not read.
fn answers<J: Json>(holder: &J, out: &mut Facts, level: usize) {
    for item in holder.each("item") {
        let question = item.text_at(&["text"]).or_else(|| item.text_at(&["linkId"])).unwrap_or_default();
        for answer in item.each("answer") {
            let value = answer.member("valueCoding").and_then(words).or_else(|| value_text(answer)).or_else(|| {
                let number = answer.member("valueDecimal").and_then(Json::number).map(|number| number.into_owned());
                number.or_else(|| answer.text_at(&["valueDate"]).map(str::to_owned))
            });
            out.add(FactLabel::Answer, value.map(|value| format!("{question}: {value}")));
            if level < 10 {
                answers(answer, out, level + 1);
            }
        }
        if level < 10 {
            answers(item, out, level + 1);
        }
    }
}

fn family<J: Json>(resource: &J, out: &mut Facts) {
    for condition in resource.each("condition") {
        out.concept(FactLabel::FamilyCondition, condition, "code");
    }
}

/// What any record may say, after what its kind says.
fn common<J: Json>(resource: &J, out: &mut Facts) {
    out.all(FactLabel::Reason, resource, "reasonCode");
    out.all(FactLabel::Reason, resource, "reasonReference");
    if out.none_of(FactLabel::Performer) {
        for performer in resource.each("performer") {
            out.add(FactLabel::Performer, words(performer.member("actor").unwrap_or(performer)));
        }
    }
    for (label, name) in [
        (FactLabel::Requester, "requester"),
        (FactLabel::Author, "author"),
        (FactLabel::Author, "recorder"),
        (FactLabel::Author, "asserter"),
        (FactLabel::Outcome, "outcome"),
        (FactLabel::BodySite, "bodySite"),
        (FactLabel::Payer, "payor"),
        (FactLabel::Payer, "insurer"),
    ] {
        if out.none_of(label) {
            out.all(label, resource, name);
        }
    }
    for location in resource.each("location") {
        out.add(FactLabel::Location, words(location.member("location").unwrap_or(location)));
    }
    for activity in resource.each("activity") {
        out.add(FactLabel::Activity, activity.at(&["detail", "code"]).and_then(words));
    }
    if out.none_of(FactLabel::Period) {
        for name in ["performedPeriod", "period", "billablePeriod"] {
            out.add(FactLabel::Period, resource.member(name).and_then(period));
        }
    }
    for name in ["total", "totalNet", "totalGross"] {
        for total in resource.each(name) {
            out.add(FactLabel::Amount, quantity(total.member("amount").unwrap_or(total)));
        }
    }
    out.all(FactLabel::Note, resource, "note");
    out.text(FactLabel::Note, resource, "comment");
    for name in ["code", "vaccineCode", "medicationCodeableConcept"] {
        for coding in resource.each(name).iter().flat_map(|concept| concept.each("coding")) {
            let code = coding.text_at(&["code"]);
            let system = coding.text_at(&["system"]).map(short_system);
            out.add(
                FactLabel::Code,
                code.map(|code| system.map_or(code.to_owned(), |system| format!("{code} ({system})"))),
            );
        }
    }
}

/// A code system's common name.
fn short_system(system: &str) -> &str {
    match system {
        "http://loinc.org" => "LOINC",
        "http://snomed.info/sct" => "SNOMED CT",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "RxNorm",
        "http://hl7.org/fhir/sid/cvx" => "CVX",
        "http://hl7.org/fhir/sid/icd-10-cm" => "ICD-10-CM",
        "http://hl7.org/fhir/sid/icd-10" => "ICD-10",
        "http://hl7.org/fhir/sid/ndc" => "NDC",
        "http://www.whocc.no/atc" => "ATC",
        other => other,
    }
}

fn period<J: Json>(period: &J) -> Option<String> {
    let (start, end) = (period.text_at(&["start"]), period.text_at(&["end"]));
    match (start, end) {
        (None, None) => None,
        (Some(start), Some(end)) if start == end => Some(start.to_owned()),
        (start, end) => Some(format!("{} – {}", start.unwrap_or("…"), end.unwrap_or("…"))),
    }
}

/// Facts under construction: no blanks, no two alike, never more than [`MOST_FACTS`].
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, label: FactLabel, value: Option<String>) {
        let Some(value) = value else { return };
        let value = clip(value.trim(), VALUE_BYTES);
        if value.is_empty()
            || self.0.len() >= MOST_FACTS
            || self.0.iter().any(|fact| fact.label == label && fact.value == value)
        {
            return;
        }
        self.0.push(Fact { label, value: value.to_owned() });
    }

    fn text<J: Json>(&mut self, label: FactLabel, resource: &J, name: &str) {
        self.add(label, resource.text_at(&[name]).map(str::to_owned));
    }

    fn concept<J: Json>(&mut self, label: FactLabel, resource: &J, name: &str) {
        self.add(label, resource.first(name).and_then(words));
    }

    fn all<J: Json>(&mut self, label: FactLabel, resource: &J, name: &str) {
        for value in resource.each(name) {
            self.add(label, words(value));
        }
    }

    /// An element of several types under one stem: `onsetDateTime`, `onsetAge`, `onsetPeriod`, `onsetString`.
    fn moment<J: Json>(&mut self, label: FactLabel, resource: &J, stem: &str) {
        self.add(label, resource.text_at(&[&format!("{stem}DateTime")]).map(str::to_owned));
        self.add(label, resource.text_at(&[&format!("{stem}String")]).map(str::to_owned));
        self.add(label, resource.member(&format!("{stem}Age")).and_then(quantity));
        self.add(label, resource.member(&format!("{stem}Period")).and_then(period));
        if stem == "period" {
            self.add(label, resource.member("period").and_then(period));
        }
    }

    fn none_of(&self, label: FactLabel) -> bool {
        !self.0.iter().any(|fact| fact.label == label)
    }
}
