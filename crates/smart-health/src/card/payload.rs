//! The content of a card: who issued it, when, and the Bundle.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Health Cards are encoded as Compact Serialization JSON Web
//! Signatures", "Expiration of Health Cards", "Revocation".

use serde_json::{Map, Value};

use super::bundle::{self, MAX_FINDINGS};
use super::{Finding, Reason};

/// The type that each card has.
pub const HEALTH_CARD: &str = "https://smarthealth.cards#health-card";

/// What the types of cards begin with.
const VOCABULARY: &str = "https://smarthealth.cards#";

/// Types of the vocabulary (terminology.smarthealth.cards, CodeSystem health-card).
const KNOWN_TYPES: [&str; 4] = ["health-card", "immunization", "laboratory", "covid19"];

/// The largest number of seconds that is a time in this age (the year 5138); more are milliseconds.
const MAX_SECONDS: f64 = 1e11;

/// A card's content.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// `iss`: the issuer's address.
    pub issuer: String,
    /// `nbf`: when it was issued, Unix seconds.
    pub issued: i64,
    /// `exp`: when it expires, Unix seconds.
    pub expires: Option<i64>,
    /// `vc.type`.
    pub types: Vec<String>,
    /// `fhirVersion`, e.g. `4.0.1`.
    pub fhir_version: String,
    /// The Bundle.
    pub bundle: Map<String, Value>,
    /// `vc.rid`: under what name it may be revoked.
    pub rid: Option<String>,
}

/// Checks the JSON text of a card's content at the time `now` (Unix seconds). `minified` as in
/// [`check_bundle`](super::check_bundle). The content is there when nothing of it is missing.
pub fn check_payload(json: &[u8], now: i64, minified: bool) -> (Option<Payload>, Vec<Finding>) {
    let mut findings = Vec::new();
    let payload = match bundle::read_json(json, "payload", Reason::PayloadNotJson, &mut findings) {
        Some(Value::Object(object)) => check(object, now, minified, &mut findings),
        Some(_) => {
            findings.push(Finding::refused("payload", Reason::PayloadNotJson));
            None
        }
        None => None,
    };
    (payload, findings)
}

fn check(mut object: Map<String, Value>, now: i64, minified: bool, findings: &mut Vec<Finding>) -> Option<Payload> {
    let issuer = match object.get("iss").and_then(Value::as_str) {
        Some(issuer) => {
            findings.extend(check_issuer(issuer).map(|reason| Finding::refused("payload.iss", reason)));
            Some(issuer.to_owned())
        }
        None => refuse(findings, "payload.iss", Reason::IssuerMissing),
    };
    let issued = match object.get("nbf").and_then(Value::as_f64).filter(|seconds| seconds.is_finite()) {
        None => refuse(findings, "payload.nbf", Reason::NotBeforeMissing),
        Some(seconds) if seconds >= MAX_SECONDS => refuse(findings, "payload.nbf", Reason::NotBeforeMilliseconds),
        Some(seconds) => Some(seconds),
    };
    if issued.is_some_and(|issued| issued > now as f64) {
        findings.push(Finding::refused("payload.nbf", Reason::NotYetValid));
    }
    let expires = match object.get("exp") {
        None => None,
        Some(value) => match value.as_f64().filter(|seconds| seconds.is_finite()) {
            None => refuse(findings, "payload.exp", Reason::ExpiryNotNumber),
            Some(seconds) if seconds >= MAX_SECONDS => refuse(findings, "payload.exp", Reason::ExpiryMilliseconds),
            Some(seconds) => Some(seconds),
        },
    };
    if let Some(expires) = expires {
        if issued.is_some_and(|issued| expires < issued) {
            findings.push(Finding::refused("payload.exp", Reason::ExpiresBeforeIssue));
        }
        if expires < now as f64 {
            findings.push(Finding::refused("payload.exp", Reason::Expired));
        }
    }
    let Some(Value::Object(mut credential)) = object.remove("vc") else {
        return refuse(findings, "payload.vc", Reason::CredentialMissing);
    };
    let rid = credential.get("rid").and_then(|rid| match rid.as_str().filter(|rid| is_revocation_id(rid)) {
        Some(rid) => Some(rid.to_owned()),
        None => refuse(findings, "payload.vc.rid", Reason::RevocationId),
    });
    let Some(Value::Object(mut subject)) = credential.remove("credentialSubject") else {
        return refuse(findings, "payload.vc.credentialSubject", Reason::SubjectMissing);
    };
    let fhir_version = check_fhir_version(&subject, findings);
    let bundle = match subject.remove("fhirBundle") {
        Some(Value::Object(bundle)) => Some(bundle),
        Some(_) => refuse(findings, "fhirBundle", Reason::NotABundle),
        None => refuse(findings, "fhirBundle", Reason::BundleMissing),
    };
    let types = check_types(credential.get("type"), bundle.as_ref(), findings);
    if let Some(bundle) = &bundle {
        findings.extend(bundle::check(bundle, minified));
    }
    Some(Payload {
        issuer: issuer?,
        issued: issued? as i64,
        expires: expires.map(|expires| expires as i64),
        types: types?,
        fhir_version: fhir_version?,
        bundle: bundle?,
        rid,
    })
}

fn refuse<T>(findings: &mut Vec<Finding>, path: &str, reason: Reason) -> Option<T> {
    findings.push(Finding::refused(path, reason));
    None
}

/// What is wrong with an issuer's address.
pub(crate) fn check_issuer(issuer: &str) -> Option<Reason> {
    let Some((scheme, rest)) = issuer.split_once("://") else { return Some(Reason::IssuerNotUrl) };
    let host = rest.split('/').next().unwrap_or_default();
    let is_visible = |c: char| c.is_ascii_graphic();
    if !scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
        || host.is_empty()
        || host.contains('@')
        || issuer.len() > 2048
        || !issuer.chars().all(is_visible)
        || issuer.contains(['#', '?', '"', '<', '>', '\\'])
    {
        return Some(Reason::IssuerNotUrl);
    }
    if scheme != "https" {
        return Some(Reason::IssuerNotHttps);
    }
    issuer.ends_with('/').then_some(Reason::IssuerTrailingSlash)
}

/// Up to 24 characters of base64url.
pub(super) fn is_revocation_id(rid: &str) -> bool {
    (1..=24).contains(&rid.len())
        && rid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn check_fhir_version(subject: &Map<String, Value>, findings: &mut Vec<Finding>) -> Option<String> {
    let path = "payload.vc.credentialSubject.fhirVersion";
    let version = subject.get("fhirVersion").and_then(Value::as_str).unwrap_or_default();
    let numbers: Vec<&str> = version.split('-').next().unwrap_or_default().split('.').collect();
    let is_number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.len() != 3 || !numbers.iter().all(is_number) || version.len() > 32 {
        return refuse(findings, path, Reason::FhirVersion);
    }
    // 4.0.x is R4, 4.1.x and 4.3.x are R4B.
    if numbers.first() != Some(&"4") || !matches!(numbers.get(1), Some(&("0" | "1" | "3"))) {
        return refuse(findings, path, Reason::FhirVersionUnknown);
    }
    Some(version.to_owned())
}

fn check_types(
    value: Option<&Value>,
    bundle: Option<&Map<String, Value>>,
    findings: &mut Vec<Finding>,
) -> Option<Vec<String>> {
    let path = "payload.vc.type";
    let types: Option<Vec<String>> = value
        .and_then(Value::as_array)
        .filter(|types| !types.is_empty())
        .and_then(|types| types.iter().map(|name| name.as_str().map(str::to_owned)).collect());
    let Some(types) = types else { return refuse(findings, path, Reason::TypeMissing) };
    if !types.iter().any(|name| name == HEALTH_CARD) {
        findings.push(Finding::refused(path, Reason::TypeNotHealthCard));
    }
    for name in types.iter().take(MAX_FINDINGS) {
        if name == "VerifiableCredential" {
            findings.push(Finding::noted(path, Reason::TypeUnneeded));
        } else if name.strip_prefix(VOCABULARY).is_none_or(|name| !KNOWN_TYPES.contains(&name)) {
            findings.push(Finding::noted(path, Reason::TypeUnknown));
        }
    }
    for advised in bundle.map(advised_types).unwrap_or_default() {
        if !types.iter().any(|name| name.strip_prefix(VOCABULARY) == Some(advised)) {
            findings.push(Finding::noted(path, Reason::TypeAdvised { name: advised }));
        }
    }
    Some(types)
}

/// CVX codes of vaccines against COVID-19 (CDC, COVID-19 Vaccine Related Codes), as first and last of a run.
const COVID_CVX: [(u16, u16); 8] =
    [(207, 208), (210, 213), (217, 219), (221, 221), (225, 230), (300, 302), (308, 313), (500, 521)];

/// Types that the records in a card suggest.
fn advised_types(bundle: &Map<String, Value>) -> Vec<&'static str> {
    let entries = bundle.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let resources = || entries.iter().take(bundle::MAX_ENTRIES).filter_map(|entry| entry.get("resource"));
    let is = |resource: &Value, kind: &str| resource.get("resourceType").and_then(Value::as_str) == Some(kind);
    let mut types = Vec::new();
    if resources().any(|resource| is(resource, "Immunization")) {
        types.push("immunization");
    }
    let is_laboratory = |resource: &Value| {
        is(resource, "Observation")
            && resource.pointer("/code/coding/0/system").and_then(Value::as_str) == Some("http://loinc.org")
    };
    if types.is_empty() && resources().count() <= 8 && resources().any(is_laboratory) {
        types.push("laboratory");
    }
    let is_covid = |resource: &Value| {
        let codings = resource.pointer("/vaccineCode/coding").and_then(Value::as_array);
        codings.into_iter().flatten().any(|coding| {
            let code = coding.get("code").and_then(Value::as_str).and_then(|code| code.parse::<u16>().ok());
            coding.get("system").and_then(Value::as_str) == Some("http://hl7.org/fhir/sid/cvx")
                && code.is_some_and(|code| COVID_CVX.iter().any(|(first, last)| (*first..=*last).contains(&code)))
        })
    };
    if resources().any(is_covid) {
        types.push("covid19");
    }
    types
}
