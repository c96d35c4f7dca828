//! A made-up patient as another kind of system would hand it out: a Continuity of Care Document, C-CDA R2.1.
//!
//! Written after the templates of HL7 C-CDA R2.1, from the same resources that [`patient`](super::patient) makes, so what
//! a reader makes of the document can be held against them.

use std::fmt::Write;

use serde_json::Value;

use crate::json::Json;

/// A section: its template, LOINC code and title, the resource type it is made of, and what writes an entry.
struct Section {
    template: &'static str,
    code: &'static str,
    title: &'static str,
    resource_type: &'static str,
    entry: fn(&mut String, &Value),
}

/// In the order in which a document has them.
const SECTIONS: &[Section] = &[
    Section {
        template: "2.16.840.1.113883.10.20.22.2.6.1",
        code: "48765-2",
        title: "Allergies",
        resource_type: "AllergyIntolerance",
        entry: allergy,
    },
    Section {
        template: "2.16.840.1.113883.10.20.22.2.5.1",
        code: "11450-4",
        title: "Problems",
        resource_type: "Condition",
        entry: problem,
    },
    Section {
        template: "2.16.840.1.113883.10.20.22.2.1.1",
        code: "10160-0",
        title: "Medications",
        resource_type: "MedicationRequest",
        entry: medication,
    },
    Section {
        template: "2.16.840.1.113883.10.20.22.2.2.1",
        code: "11369-6",
        title: "Immunizations",
        resource_type: "Immunization",
        entry: immunization,
    },
    Section {
        template: "2.16.840.1.113883.10.20.22.2.7.1",
        code: "47519-4",
        title: "Procedures",
        resource_type: "Procedure",
        entry: procedure,
    },
    Section {
        template: "2.16.840.1.113883.10.20.22.2.22.1",
        code: "46240-8",
        title: "Encounters",
        resource_type: "Encounter",
        entry: encounter,
    },
];

/// The patient of a Bundle that [`patient`](super::patient) made, as a C-CDA document. The same Bundle gives the same
/// bytes.
pub fn document(bundle: &Value) -> String {
    let resources: Vec<&Value> = bundle.each("entry").iter().filter_map(|entry| entry.member("resource")).collect();
    let mut out = String::with_capacity(resources.len() * 900);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:sdtc=\"urn:hl7-org:sdtc\">\n");
    out.push_str("<realmCode code=\"US\"/>\n<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>\n<templateId root=\"2.16.840.1.113883.10.20.22.1.2\" extension=\"2015-08-01\"/>\n");
    element(&mut out, "id", &[("root", bundle.text_at(&["id"]).unwrap_or_default())]);
    out.push_str("<code code=\"34133-9\" codeSystem=\"2.16.840.1.113883.6.1\" displayName=\"Summarization of Episode Note\"/>\n<title>Continuity of Care Document</title>\n");
    let newest = resources.iter().filter_map(|resource| resource.text_at(&["period", "end"])).max();
    time(&mut out, "effectiveTime", newest);
    out.push_str(
        "<confidentialityCode code=\"N\" codeSystem=\"2.16.840.1.113883.5.25\"/>\n<languageCode code=\"en-US\"/>\n",
    );
    if let Some(patient) = find(&resources, "Patient") {
        record_target(&mut out, patient);
    }
    participants(&mut out, &resources, newest);
    out.push_str("<component><structuredBody>\n");
    for section in SECTIONS {
        let of_it: Vec<&Value> = all(&resources, section.resource_type).collect();
        open_section(&mut out, section.template, section.code, section.title, &of_it);
        for resource in of_it {
            out.push_str("<entry typeCode=\"DRIV\">");
            (section.entry)(&mut out, resource);
            out.push_str("</entry>\n");
        }
        out.push_str("</section></component>\n");
    }
    measurements(&mut out, &resources, "laboratory", &RESULTS);
    measurements(&mut out, &resources, "vital-signs", &VITALS);
    out.push_str("</structuredBody></component>\n</ClinicalDocument>\n");
    out
}

/// Results and vital signs differ in their templates alone.
struct Measurements {
    section: &'static str,
    code: &'static str,
    title: &'static str,
    organizer: &'static str,
    observation: &'static str,
}

const RESULTS: Measurements = Measurements {
    section: "2.16.840.1.113883.10.20.22.2.3.1",
    code: "30954-2",
    title: "Results",
    organizer: "2.16.840.1.113883.10.20.22.4.1",
    observation: "2.16.840.1.113883.10.20.22.4.2",
};
const VITALS: Measurements = Measurements {
    section: "2.16.840.1.113883.10.20.22.2.4.1",
    code: "8716-3",
    title: "Vital signs",
    organizer: "2.16.840.1.113883.10.20.22.4.26",
    observation: "2.16.840.1.113883.10.20.22.4.27",
};

fn measurements(out: &mut String, resources: &[&Value], category: &str, kind: &Measurements) {
    let of_it: Vec<&Value> = all(resources, "Observation")
        .filter(|resource| resource.text_at(&["category", "coding", "code"]) == Some(category))
        .filter(|resource| resource.member("valueQuantity").is_some())
        .collect();
    open_section(out, kind.section, kind.code, kind.title, &of_it);
    for group in of_it.chunk_by(|a, b| a.text_at(&["effectiveDateTime"]) == b.text_at(&["effectiveDateTime"])) {
        let Some(first) = group.first() else { continue };
        out.push_str("<entry typeCode=\"DRIV\"><organizer classCode=\"CLUSTER\" moodCode=\"EVN\">");
        template(out, kind.organizer);
        let id = format!("{}-group", first.text_at(&["id"]).unwrap_or_default());
        element(out, "id", &[("root", "1.3.6.1.4.1.99999.1"), ("extension", &id)]);
        out.push_str("<code code=\"46680005\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Vital signs\"/><statusCode code=\"completed\"/>");
        time(out, "effectiveTime", first.text_at(&["effectiveDateTime"]));
        for resource in group {
            out.push_str("<component>");
            measurement(out, resource, kind.observation);
            out.push_str("</component>");
        }
        out.push_str("</organizer></entry>\n");
    }
    out.push_str("</section></component>\n");
}

fn measurement(out: &mut String, resource: &Value, of: &str) {
    out.push_str("<observation classCode=\"OBS\" moodCode=\"EVN\">");
    template(out, of);
    identifier(out, resource);
    coded(out, "code", resource.member("code"));
    out.push_str("<statusCode code=\"completed\"/>");
    time(out, "effectiveTime", resource.text_at(&["effectiveDateTime"]));
    quantity(out, "value", resource.member("valueQuantity"), true);
    if let Some(judged) = resource.text_at(&["interpretation", "coding", "code"]) {
        element(out, "interpretationCode", &[("code", judged), ("codeSystem", "2.16.840.1.113883.5.83")]);
    }
    if let Some(range) = resource.first("referenceRange") {
        out.push_str("<referenceRange><observationRange><value xsi:type=\"IVL_PQ\">");
        quantity(out, "low", range.member("low"), false);
        quantity(out, "high", range.member("high"), false);
        out.push_str("</value></observationRange></referenceRange>");
    }
    out.push_str("</observation>");
}

fn record_target(out: &mut String, patient: &Value) {
    out.push_str("<recordTarget><patientRole>");
    element(
        out,
        "id",
        &[
            ("root", "1.3.6.1.4.1.99999.2"),
            ("extension", patient.text_at(&["identifier", "value"]).unwrap_or_default()),
        ],
    );
    out.push_str("<addr use=\"HP\">");
    tag(out, "streetAddressLine", patient.text_at(&["address", "line"]).unwrap_or_default());
    tag(out, "city", patient.text_at(&["address", "city"]).unwrap_or_default());
    tag(out, "country", patient.text_at(&["address", "country"]).unwrap_or_default());
    out.push_str("</addr><telecom nullFlavor=\"NI\"/><patient><name use=\"L\">");
    tag(out, "given", patient.text_at(&["name", "given"]).unwrap_or_default());
    tag(out, "family", patient.text_at(&["name", "family"]).unwrap_or_default());
    out.push_str("</name>");
    let sex = if patient.text_at(&["gender"]) == Some("female") { "F" } else { "M" };
    element(out, "administrativeGenderCode", &[("code", sex), ("codeSystem", "2.16.840.1.113883.5.1")]);
    time(out, "birthTime", patient.text_at(&["birthDate"]));
    out.push_str("</patient></patientRole></recordTarget>\n");
}

fn participants(out: &mut String, resources: &[&Value], at: Option<&str>) {
    let organization = find(resources, "Organization").and_then(|it| it.text_at(&["name"])).unwrap_or("Health centre");
    let family = find(resources, "Practitioner").and_then(|it| it.text_at(&["name", "family"])).unwrap_or_default();
    out.push_str("<author>");
    time(out, "time", at);
    out.push_str("<assignedAuthor><id root=\"1.3.6.1.4.1.99999.3\" extension=\"doctor-1\"/><addr nullFlavor=\"NI\"/><telecom nullFlavor=\"NI\"/><assignedPerson><name><prefix>Dr.</prefix>");
    tag(out, "family", family);
    out.push_str("</name></assignedPerson></assignedAuthor></author>\n<custodian><assignedCustodian><representedCustodianOrganization><id root=\"1.3.6.1.4.1.99999.4\"/>");
    tag(out, "name", organization);
    out.push_str("</representedCustodianOrganization></assignedCustodian></custodian>\n");
}

fn allergy(out: &mut String, resource: &Value) {
    out.push_str("<act classCode=\"ACT\" moodCode=\"EVN\">");
    template(out, "2.16.840.1.113883.10.20.22.4.30");
    element(
        out,
        "id",
        &[
            ("root", "1.3.6.1.4.1.99999.5"),
            ("extension", &format!("{}-concern", resource.text_at(&["id"]).unwrap_or_default())),
        ],
    );
    out.push_str("<code code=\"CONC\" codeSystem=\"2.16.840.1.113883.5.6\"/><statusCode code=\"active\"/>");
    low(out, resource.text_at(&["recordedDate"]), None);
    out.push_str("<entryRelationship typeCode=\"SUBJ\"><observation classCode=\"OBS\" moodCode=\"EVN\">");
    template(out, "2.16.840.1.113883.10.20.22.4.7");
    identifier(out, resource);
    out.push_str("<code code=\"ASSERTION\" codeSystem=\"2.16.840.1.113883.5.4\"/><statusCode code=\"completed\"/>");
    low(out, resource.text_at(&["recordedDate"]), None);
    out.push_str("<value xsi:type=\"CD\" code=\"419199007\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Allergy to substance\"/><participant typeCode=\"CSM\"><participantRole classCode=\"MANU\"><playingEntity classCode=\"MMAT\">");
    coded(out, "code", resource.member("code"));
    out.push_str("</playingEntity></participantRole></participant>");
    if let Some(reaction) = resource.first("reaction") {
        out.push_str("<entryRelationship typeCode=\"MFST\" inversionInd=\"true\"><observation classCode=\"OBS\" moodCode=\"EVN\">");
        template(out, "2.16.840.1.113883.10.20.22.4.9");
        element(
            out,
            "id",
            &[("root", "1.3.6.1.4.1.99999.6"), ("extension", resource.text_at(&["id"]).unwrap_or_default())],
        );
        out.push_str("<code code=\"ASSERTION\" codeSystem=\"2.16.840.1.113883.5.4\"/><statusCode code=\"completed\"/>");
        value(out, reaction.first("manifestation"));
        let severity = match reaction.text_at(&["severity"]) {
            Some("severe") => ("24484000", "Severe"),
            Some("moderate") => ("6736007", "Moderate"),
            _ => ("255604002", "Mild"),
        };
        out.push_str("<entryRelationship typeCode=\"SUBJ\" inversionInd=\"true\"><observation classCode=\"OBS\" moodCode=\"EVN\">");
        template(out, "2.16.840.1.113883.10.20.22.4.8");
        out.push_str("<code code=\"SEV\" codeSystem=\"2.16.840.1.113883.5.4\"/><statusCode code=\"completed\"/>");
        element(
            out,
            "value",
            &[
                ("xsi:type", "CD"),
                ("code", severity.0),
                ("codeSystem", "2.16.840.1.113883.6.96"),
                ("displayName", severity.1),
            ],
        );
        out.push_str("</observation></entryRelationship></observation></entryRelationship>");
    }
    out.push_str("</observation></entryRelationship></act>");
}

fn problem(out: &mut String, resource: &Value) {
    let (from, to) = (resource.text_at(&["onsetDateTime"]), resource.text_at(&["abatementDateTime"]));
    out.push_str("<act classCode=\"ACT\" moodCode=\"EVN\">");
    template(out, "2.16.840.1.113883.10.20.22.4.3");
    element(
        out,
        "id",
        &[
            ("root", "1.3.6.1.4.1.99999.7"),
            ("extension", &format!("{}-concern", resource.text_at(&["id"]).unwrap_or_default())),
        ],
    );
    out.push_str("<code code=\"CONC\" codeSystem=\"2.16.840.1.113883.5.6\"/>");
    element(out, "statusCode", &[("code", if to.is_some() { "completed" } else { "active" })]);
    low(out, from, to);
    out.push_str("<entryRelationship typeCode=\"SUBJ\"><observation classCode=\"OBS\" moodCode=\"EVN\">");
    template(out, "2.16.840.1.113883.10.20.22.4.4");
    identifier(out, resource);
    out.push_str("<code code=\"55607006\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Problem\"/><statusCode code=\"completed\"/>");
    low(out, from, to);
    value(out, resource.member("code"));
    out.push_str("</observation></entryRelationship></act>");
}

fn medication(out: &mut String, resource: &Value) {
    out.push_str("<substanceAdministration classCode=\"SBADM\" moodCode=\"INT\">");
    template(out, "2.16.840.1.113883.10.20.22.4.16");
    identifier(out, resource);
    if let Some(dosage) = resource.text_at(&["dosageInstruction", "text"]) {
        tag(out, "text", dosage);
    }
    let active = resource.text_at(&["status"]) == Some("active");
    element(out, "statusCode", &[("code", if active { "active" } else { "completed" })]);
    out.push_str("<effectiveTime xsi:type=\"IVL_TS\">");
    time(out, "low", resource.text_at(&["authoredOn"]));
    out.push_str("</effectiveTime><consumable><manufacturedProduct classCode=\"MANU\">");
    template(out, "2.16.840.1.113883.10.20.22.4.23");
    out.push_str("<manufacturedMaterial>");
    coded(out, "code", resource.member("medicationCodeableConcept"));
    out.push_str("</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>");
}

fn immunization(out: &mut String, resource: &Value) {
    let refused = resource.text_at(&["status"]) == Some("not-done");
    let _ = write!(out, "<substanceAdministration classCode=\"SBADM\" moodCode=\"EVN\" negationInd=\"{refused}\">");
    template(out, "2.16.840.1.113883.10.20.22.4.52");
    identifier(out, resource);
    out.push_str("<statusCode code=\"completed\"/>");
    time(out, "effectiveTime", resource.text_at(&["occurrenceDateTime"]));
    out.push_str("<consumable><manufacturedProduct classCode=\"MANU\">");
    template(out, "2.16.840.1.113883.10.20.22.4.54");
    out.push_str("<manufacturedMaterial>");
    coded(out, "code", resource.member("vaccineCode"));
    if let Some(lot) = resource.text_at(&["lotNumber"]) {
        tag(out, "lotNumberText", lot);
    }
    out.push_str("</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>");
}

fn procedure(out: &mut String, resource: &Value) {
    let _ = write!(
        out,
        "<procedure classCode=\"PROC\" moodCode=\"EVN\" negationInd=\"{}\">",
        resource.text_at(&["status"]) == Some("not-done")
    );
    template(out, "2.16.840.1.113883.10.20.22.4.14");
    identifier(out, resource);
    coded(out, "code", resource.member("code"));
    out.push_str("<statusCode code=\"completed\"/>");
    let at = resource.text_at(&["performedPeriod", "start"]).or_else(|| resource.text_at(&["performedDateTime"]));
    time(out, "effectiveTime", at);
    out.push_str("</procedure>");
}

fn encounter(out: &mut String, resource: &Value) {
    out.push_str("<encounter classCode=\"ENC\" moodCode=\"EVN\">");
    template(out, "2.16.840.1.113883.10.20.22.4.49");
    identifier(out, resource);
    coded(out, "code", resource.first("type").or_else(|| resource.member("class")));
    low(out, resource.text_at(&["period", "start"]), resource.text_at(&["period", "end"]));
    out.push_str("</encounter>");
}

fn open_section(out: &mut String, of: &str, code: &str, title: &str, resources: &[&Value]) {
    out.push_str("<component><section");
    out.push_str(if resources.is_empty() { " nullFlavor=\"NI\">" } else { ">" });
    element(out, "templateId", &[("root", of), ("extension", "2015-08-01")]);
    element(out, "code", &[("code", code), ("codeSystem", "2.16.840.1.113883.6.1"), ("displayName", title)]);
    tag(out, "title", title);
    out.push_str("<text><list>");
    for resource in resources {
        let words = ["code", "medicationCodeableConcept", "vaccineCode", "type"].iter();
        let words = words.filter_map(|name| resource.text_at(&[name, "text"])).next();
        tag(out, "item", words.unwrap_or("Entry"));
    }
    if resources.is_empty() {
        out.push_str("<item>No information</item>");
    }
    out.push_str("</list></text>\n");
}

fn find<'a>(resources: &[&'a Value], resource_type: &str) -> Option<&'a Value> {
    all(resources, resource_type).next()
}

fn all<'a>(resources: &[&'a Value], resource_type: &str) -> impl Iterator<Item = &'a Value> {
    resources.iter().copied().filter(move |resource| resource.text_at(&["resourceType"]) == Some(resource_type))
}

fn identifier(out: &mut String, resource: &Value) {
    element(out, "id", &[("root", resource.text_at(&["id"]).unwrap_or_default())]);
}

fn template(out: &mut String, root: &str) {
    element(out, "templateId", &[("root", root), ("extension", "2015-08-01")]);
}

/// A FHIR concept as a CE: its first coding, its text as the original text.
fn coded(out: &mut String, name: &str, concept: Option<&Value>) {
    code(out, name, concept, false);
}

fn value(out: &mut String, concept: Option<&Value>) {
    code(out, "value", concept, true);
}

fn code(out: &mut String, name: &str, concept: Option<&Value>, typed: bool) {
    let Some(concept) = concept else { return };
    let coding = concept.first("coding").unwrap_or(concept);
    let _ = write!(out, "<{name}");
    if typed {
        out.push_str(" xsi:type=\"CD\"");
    }
    attribute(out, "code", coding.text_at(&["code"]).unwrap_or_default());
    attribute(out, "codeSystem", oid(coding.text_at(&["system"]).unwrap_or_default()));
    attribute(out, "displayName", coding.text_at(&["display"]).unwrap_or_default());
    match concept.text_at(&["text"]) {
        Some(text) => {
            out.push('>');
            tag(out, "originalText", text);
            let _ = write!(out, "</{name}>");
        }
        None => out.push_str("/>"),
    }
}

fn quantity(out: &mut String, name: &str, quantity: Option<&Value>, typed: bool) {
    let Some(quantity) = quantity else { return };
    let number = quantity.member("value").and_then(Json::number).unwrap_or_default();
    let unit = quantity.text_at(&["code"]).unwrap_or("1");
    if typed {
        element(out, name, &[("xsi:type", "PQ"), ("value", &number), ("unit", unit)]);
    } else {
        element(out, name, &[("value", &number), ("unit", unit)]);
    }
}

fn oid(system: &str) -> &str {
    match system {
        "http://snomed.info/sct" => "2.16.840.1.113883.6.96",
        "http://loinc.org" => "2.16.840.1.113883.6.1",
        "http://www.whocc.no/atc" => "2.16.840.1.113883.6.73",
        "http://hl7.org/fhir/sid/cvx" => "2.16.840.1.113883.12.292",
        _ => "1.3.6.1.4.1.99999.9",
    }
}

fn low(out: &mut String, from: Option<&str>, to: Option<&str>) {
    out.push_str("<effectiveTime>");
    time(out, "low", from);
    if to.is_some() {
        time(out, "high", to);
    }
    out.push_str("</effectiveTime>");
}

/// A FHIR date or instant as a TS: `20260503`, `20260503101500+0000`.
fn time(out: &mut String, name: &str, fhir: Option<&str>) {
    let Some(fhir) = fhir else { return element(out, name, &[("nullFlavor", "UNK")]) };
    let digits: String = fhir.chars().filter(char::is_ascii_digit).take(14).collect();
    let zone = if fhir.contains('T') { "+0000" } else { "" };
    element(out, name, &[("value", &format!("{digits}{zone}"))]);
}

fn element(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    let _ = write!(out, "<{name}");
    attributes.iter().for_each(|(name, value)| attribute(out, name, value));
    out.push_str("/>");
}

fn tag(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>");
    escape(out, text);
    let _ = write!(out, "</{name}>");
}

fn attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"");
    escape(out, value);
    out.push('"');
}

fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
}
