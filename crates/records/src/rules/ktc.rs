//! The rules of Patient-Shared Health Documents ("Kill the Clipboard", draft 0.9.0 of July 2026): PatientSharedBundle and
//! PatientSharedDocumentReference.
//!
//! <https://ktc-spec.github.io/>. What the specification says of the link and its retrieval is no matter of the Bundle
//! and is checked by `smart-health`. Whether the rendered PDF really shows every resource cannot be told from outside.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use super::{
    BrokenRule, Rule,
    bundle::Opened,
    engine::{self, Check, On, Test, has_coding, must, should},
    path::Found,
};
use crate::{json::Json, ktc, terminology::LOINC};

const BUNDLE: &str = "https://ktc-spec.github.io/#fhir-bundle-profile-patientsharedbundle";
const DOCUMENT: &str = "https://ktc-spec.github.io/#documentreference-profile-patientshareddocumentreference";
const CONFORMANCE: &str = "https://ktc-spec.github.io/#conformance-requirements";
const ATTESTATION: &str = "https://ktc-spec.github.io/#app-attestation-optional";
const R4_BUNDLE: &str = "https://hl7.org/fhir/R4/bundle.html#invs";

/// Holds a patient-shared Bundle against the profile; empty if it keeps every rule.
pub fn check(bundle: &Value) -> Vec<BrokenRule> {
    engine::run(&Opened::new(bundle), CHECKS, &[])
}

/// Every rule that [`check`] knows.
pub fn rules() -> Vec<Rule> {
    CHECKS.iter().map(|check| check.rule).collect()
}

const fn document(id: &'static str, says: &'static str, test: Test) -> Check {
    must(id, DOCUMENT, says, On::Each("DocumentReference"), test)
}

static CHECKS: &[Check] = &[
    must("Bundle", BUNDLE, "This is a Bundle.", On::Bundle, Test::Fixed("resourceType", "Bundle")),
    must("Bundle.type", BUNDLE, "The Bundle is a collection.", On::Bundle, Test::Own(is_collection)),
    must("Bundle.timestamp", BUNDLE, "The Bundle says when it was assembled.", On::Bundle, Test::Own(has_timestamp)),
    must(
        "Bundle.entry",
        BUNDLE,
        "There are the Patient and one entry more at least.",
        On::Bundle,
        Test::Own(two_entries),
    ),
    must("Bundle.entry:patient", BUNDLE, "There is exactly one Patient.", On::Bundle, Test::Own(one_patient)),
    must("Bundle.entry.resource", R4_BUNDLE, "Every entry has a resource.", On::Entry, Test::Required("resource")),
    must("bdl-2", R4_BUNDLE, "A collection's entry has no search.", On::Entry, Test::Absent("search")),
    must("bdl-3", R4_BUNDLE, "A collection's entry has no request.", On::Entry, Test::Absent("request")),
    must("bdl-4", R4_BUNDLE, "A collection's entry has no response.", On::Entry, Test::Absent("response")),
    must(
        "bdl-7",
        R4_BUNDLE,
        "A fullUrl stands once in a Bundle.",
        On::Bundle,
        Test::Own(|opened, _| opened.repeated()),
    ),
    should(
        "Bundle.entry.fullUrl",
        R4_BUNDLE,
        "Every entry has a fullUrl, so that references can lead to it.",
        On::Entry,
        Test::Required("fullUrl"),
    ),
    should("references", BUNDLE, "What the resources refer to is in the Bundle.", On::Bundle, Test::Own(dangling)),
    should(
        "meta.profile",
        BUNDLE,
        "A resource does not state profiles.",
        On::Entry,
        Test::Absent("resource.meta.profile"),
    ),
    should(
        "rendered-pdf",
        CONFORMANCE,
        "There is a rendered PDF (LOINC 60591-5) for those who cannot read the resources.",
        On::Bundle,
        Test::Own(has_rendered_pdf),
    ),
    should(
        "app-attestation",
        ATTESTATION,
        "An attestation is a compact JWS, ES256 with a key id, of iss, iat and jti alone.",
        On::Bundle,
        Test::Own(attestation),
    ),
    document("DocumentReference.status", "A document is current.", Test::Own(is_current)),
    document(
        "DocumentReference.type",
        "A document is a rendered PDF (LOINC 60591-5) or a patient's story (51855-5).",
        Test::Own(kind),
    ),
    document("DocumentReference.category", "A document is in the category patient-shared.", Test::Own(category)),
    document("DocumentReference.subject", "A document is about the Patient in the Bundle.", Test::Own(subject)),
    document("DocumentReference.author", "The Patient is an author of a document.", Test::Own(author)),
    document("DocumentReference.date", "A document says when it was shared.", Test::Required("date")),
    document("DocumentReference.content", "A document has exactly one content.", Test::Own(one_content)),
    document(
        "DocumentReference.content.attachment",
        "A document's content is attached.",
        Test::Required("content.attachment"),
    ),
    document("DocumentReference.content.attachment.contentType", "A document is a PDF.", Test::Own(content_type)),
    document(
        "DocumentReference.content.attachment.data",
        "A document's PDF is in the Bundle as base64.",
        Test::Own(data),
    ),
    should(
        "DocumentReference.meta.security",
        DOCUMENT,
        "A document is marked as asserted by the patient (PATAST).",
        On::Each("DocumentReference"),
        Test::Own(is_asserted),
    ),
];

fn only(fault: bool, path: impl Into<String>) -> Vec<String> {
    if fault { vec![path.into()] } else { Vec::new() }
}

fn is_collection(_: &Opened<'_>, bundle: &Found<'_>) -> Vec<String> {
    only(bundle.value.text_at(&["type"]) != Some("collection"), "Bundle.type")
}

fn has_timestamp(_: &Opened<'_>, bundle: &Found<'_>) -> Vec<String> {
    only(!bundle.value.text_at(&["timestamp"]).is_some_and(engine::is_instant), "Bundle.timestamp")
}

fn two_entries(opened: &Opened<'_>, _: &Found<'_>) -> Vec<String> {
    only(opened.entries.len() < 2, "Bundle.entry")
}

fn one_patient(opened: &Opened<'_>, _: &Found<'_>) -> Vec<String> {
    only(opened.of_type("Patient").count() != 1, "Bundle.entry")
}

fn dangling<'v>(opened: &Opened<'v>, _: &Found<'v>) -> Vec<String> {
    let mut faults = Vec::new();
    // A document's subject and author have rules of their own.
    let is_document = |found: &Found<'v>| found.value.text_at(&["resourceType"]) == Some("DocumentReference");
    for resource in opened.resources().filter(|found| !is_document(found)) {
        let mut references = Vec::new();
        Opened::references(&resource, &mut references);
        let lost = references.into_iter().filter(|found| opened.resolve(found.value, resource.value).is_none());
        faults.extend(lost.map(|found| found.path));
    }
    faults
}

fn has_rendered_pdf(opened: &Opened<'_>, _: &Found<'_>) -> Vec<String> {
    let said = |found: &Found<'_>| found.value.text_at(&["resourceType"]).unwrap_or_default().to_owned();
    let clinical = opened.resources().any(|found| !matches!(said(&found).as_str(), "Patient" | "DocumentReference"));
    let rendered = opened.of_type("DocumentReference").any(|found| is_of_kind(found.value, ktc::RENDERED));
    only(clinical && !rendered, "Bundle.entry")
}

fn attestation(_: &Opened<'_>, bundle: &Found<'_>) -> Vec<String> {
    let is_one = |found: &Found<'_>| found.value.text_at(&["url"]) == Some(ktc::ATTESTATION);
    let wrong = |found: &Found<'_>| !found.value.text_at(&["valueString"]).is_some_and(is_attestation);
    let all = bundle.select("meta.extension").into_iter().filter(is_one);
    all.filter(wrong).map(|found| found.path).collect()
}

/// Whether the text has the form of an attestation. Its signature is for those who know the app's keys.
fn is_attestation(jws: &str) -> bool {
    let parts: Vec<&str> = jws.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return false };
    let json = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let (Some(header), Some(claims)) = (json(header), json(claims)) else { return false };
    let named = claims.as_object().is_some_and(|members| {
        members.len() == 3 && members.keys().all(|name| matches!(name.as_str(), "iss" | "iat" | "jti"))
    });
    header.text_at(&["alg"]) == Some("ES256")
        && header.text_at(&["kid"]).is_some()
        && named
        && claims.text_at(&["iss"]).is_some()
        && claims.member("iat").is_some_and(Value::is_number)
        && claims.text_at(&["jti"]).is_some()
        && URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| bytes.len() == 64)
}

fn is_current(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    only(found.value.text_at(&["status"]) != Some("current"), format!("{}.status", found.path))
}

fn is_of_kind(document: &Value, code: &str) -> bool {
    document.member("type").is_some_and(|concept| has_coding(concept, LOINC, &[code]))
}

fn kind(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let kinds = [ktc::RENDERED, ktc::STORY].into_iter().filter(|code| is_of_kind(found.value, code)).count();
    only(kinds != 1, format!("{}.type", found.path))
}

fn category(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let (system, code) = ktc::CATEGORY;
    let shared = found.value.each("category").iter().any(|concept| has_coding(concept, system, &[code]));
    only(!shared, format!("{}.category", found.path))
}

fn leads_to_patient<'v>(opened: &Opened<'v>, reference: &'v Value, document: &'v Value) -> bool {
    let resource = opened.resolve(reference, document);
    resource.is_some_and(|resource| resource.text_at(&["resourceType"]) == Some("Patient"))
}

fn subject<'v>(opened: &Opened<'v>, found: &Found<'v>) -> Vec<String> {
    let subject = found.value.member("subject");
    only(
        !subject.is_some_and(|subject| leads_to_patient(opened, subject, found.value)),
        format!("{}.subject", found.path),
    )
}

fn author<'v>(opened: &Opened<'v>, found: &Found<'v>) -> Vec<String> {
    let by_patient = found.value.each("author").iter().any(|author| leads_to_patient(opened, author, found.value));
    only(!by_patient, format!("{}.author", found.path))
}

fn one_content(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    only(found.count("content") != 1, format!("{}.content", found.path))
}

fn content_type(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let other = |attachment: &Found<'_>| attachment.value.text_at(&["contentType"]) != Some("application/pdf");
    let all = found.select("content.attachment").into_iter().filter(other);
    all.map(|attachment| format!("{}.contentType", attachment.path)).collect()
}

fn data(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let is_pdf = |text: &str| STANDARD.decode(text).is_ok_and(|bytes| bytes.starts_with(b"%PDF-"));
    let lacks = |attachment: &Found<'_>| !attachment.value.text_at(&["data"]).is_some_and(is_pdf);
    let all = found.select("content.attachment").into_iter().filter(lacks);
    all.map(|attachment| format!("{}.data", attachment.path)).collect()
}

fn is_asserted(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let (system, code) = ktc::PATIENT_ASSERTED;
    let labels = found.value.at(&["meta"]).into_iter().flat_map(|meta| meta.each("security"));
    let asserted = labels
        .into_iter()
        .any(|label| label.text_at(&["system"]) == Some(system) && label.text_at(&["code"]) == Some(code));
    only(!asserted, format!("{}.meta.security", found.path))
}
