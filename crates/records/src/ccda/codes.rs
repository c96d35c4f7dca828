//! Code systems by their OIDs, and the concept maps from C-CDA to FHIR, as data.
//!
//! The maps are those of HL7's "C-CDA on FHIR" (<https://hl7.org/fhir/us/ccda/>, repository HL7/ccda-on-fhir at
//! 2ecc324, `input/maps`), named at each; what a map leaves open is said where it was decided here.

use std::borrow::Cow;

use serde_json::{Value, json};

/// A map of codes: what is written, and what FHIR says.
pub(super) type Map = &'static [(&'static str, &'static str)];

/// What a map says for a code.
pub(super) fn mapped(map: Map, code: &str) -> Option<&'static str> {
    map.iter().find(|(from, _)| from.eq_ignore_ascii_case(code)).map(|(_, to)| *to)
}

/// OIDs of code systems and identifier systems with the URI that FHIR gives them
/// (<https://hl7.org/fhir/R4/terminologies-systems.html>, <https://terminology.hl7.org/>).
const SYSTEMS: Map = &[
    ("2.16.840.1.113883.6.96", "http://snomed.info/sct"),
    ("2.16.840.1.113883.6.1", "http://loinc.org"),
    ("2.16.840.1.113883.6.88", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    ("2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"),
    ("1.3.6.1.4.1.12559.11.10.1.3.1.44.2", "http://hl7.org/fhir/sid/icd-10"),
    ("2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm"),
    ("2.16.840.1.113883.6.4", "http://www.cms.gov/Medicare/Coding/ICD10"),
    ("2.16.840.1.113883.6.42", "http://hl7.org/fhir/sid/icd-9"),
    ("2.16.840.1.113883.6.2", "http://hl7.org/fhir/sid/icd-9-cm"),
    ("2.16.840.1.113883.6.103", "http://hl7.org/fhir/sid/icd-9-cm"),
    ("2.16.840.1.113883.6.104", "http://terminology.hl7.org/CodeSystem/icd9"),
    ("2.16.840.1.113883.6.12", "http://www.ama-assn.org/go/cpt"),
    ("2.16.840.1.113883.6.285", "http://www.nlm.nih.gov/research/umls/hcpcs"),
    ("2.16.840.1.113883.6.14", "http://www.nlm.nih.gov/research/umls/hcpcs"),
    ("2.16.840.1.113883.6.13", "http://www.ada.org/cdt"),
    ("2.16.840.1.113883.6.69", "http://hl7.org/fhir/sid/ndc"),
    ("2.16.840.1.113883.12.292", "http://hl7.org/fhir/sid/cvx"),
    ("2.16.840.1.113883.6.59", "http://hl7.org/fhir/sid/cvx"),
    ("2.16.840.1.113883.12.227", "http://hl7.org/fhir/sid/mvx"),
    ("2.16.840.1.113883.6.60", "http://hl7.org/fhir/sid/mvx"),
    ("2.16.840.1.113883.4.9", "http://fdasis.nlm.nih.gov"),
    ("2.16.840.1.113883.3.26.1.1", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"),
    ("2.16.840.1.113883.3.26.1.5", "http://hl7.org/fhir/ndfrt"),
    ("2.16.840.1.113883.4.209", "http://hl7.org/fhir/ndfrt"),
    ("2.16.840.1.113883.6.209", "http://hl7.org/fhir/ndfrt"),
    ("2.16.840.1.113883.6.345", "http://www.nlm.nih.gov/research/umls/medrt"),
    ("2.16.840.1.113883.6.8", "http://unitsofmeasure.org"),
    ("2.16.840.1.113883.6.73", "http://www.whocc.no/atc"),
    ("0.4.0.127.0.16.1.1.2.1", "http://standardterms.edqm.eu"),
    ("2.16.840.1.113883.5.1150.1", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"),
    ("2.16.840.1.113883.6.24", "urn:iso:std:iso:11073:10101"),
    ("2.16.840.1.113883.6.101", "http://nucc.org/provider-taxonomy"),
    ("2.16.840.1.113883.6.238", "urn:oid:2.16.840.1.113883.6.238"),
    ("2.16.840.1.113883.6.259", "https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html"),
    ("2.16.840.1.113883.6.254", "http://hl7.org/fhir/sid/icf"),
    ("2.16.840.1.113883.6.121", "urn:ietf:bcp:47"),
    ("2.16.840.1.113883.6.301.11", "https://www.nubc.org/CodeSystem/RevenueCodes"),
    ("2.16.840.1.113883.6.301.5", "https://www.nubc.org/CodeSystem/PatDischargeStatus"),
    ("2.16.840.1.113883.6.255.1336", "https://x12.org/codes/service-type-codes"),
    ("2.16.840.1.113883.3.221.5", "https://nahdo.org/sopt"),
    ("2.16.840.1.113883.6.50", "urn:oid:2.16.840.1.113883.6.50"),
    ("1.2.840.10008.2.16.4", "http://dicom.nema.org/resources/ontology/DCM"),
    ("1.2.840.10008.6.1.308", "http://dicom.nema.org/resources/ontology/DCM"),
    ("1.0.3166.1.2.2", "urn:iso:std:iso:3166"),
    ("2.16.840.1.113883.5.1008", "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"),
    ("2.16.840.1.113883.5.1", "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender"),
    ("2.16.840.1.113883.5.2", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"),
    ("2.16.840.1.113883.5.4", "http://terminology.hl7.org/CodeSystem/v3-ActCode"),
    ("2.16.840.1.113883.5.6", "http://terminology.hl7.org/CodeSystem/v3-ActClass"),
    ("2.16.840.1.113883.5.7", "http://terminology.hl7.org/CodeSystem/v3-ActPriority"),
    ("2.16.840.1.113883.5.8", "http://terminology.hl7.org/CodeSystem/v3-ActReason"),
    ("2.16.840.1.113883.5.14", "http://terminology.hl7.org/CodeSystem/v3-ActStatus"),
    ("2.16.840.1.113883.5.25", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"),
    ("2.16.840.1.113883.5.43", "http://terminology.hl7.org/CodeSystem/v3-EntityNamePartQualifier"),
    ("2.16.840.1.113883.5.60", "http://terminology.hl7.org/CodeSystem/v3-LanguageAbilityMode"),
    ("2.16.840.1.113883.5.61", "http://terminology.hl7.org/CodeSystem/v3-LanguageAbilityProficiency"),
    ("2.16.840.1.113883.5.85", "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm"),
    ("2.16.840.1.113883.5.83", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"),
    ("2.16.840.1.113883.5.84", "http://terminology.hl7.org/CodeSystem/v3-ObservationMethod"),
    ("2.16.840.1.113883.5.88", "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction"),
    ("2.16.840.1.113883.5.90", "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"),
    ("2.16.840.1.113883.5.110", "http://terminology.hl7.org/CodeSystem/v3-RoleClass"),
    ("2.16.840.1.113883.5.111", "http://terminology.hl7.org/CodeSystem/v3-RoleCode"),
    ("2.16.840.1.113883.5.112", "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"),
    ("2.16.840.1.113883.5.129", "http://terminology.hl7.org/CodeSystem/v3-SpecimenType"),
    ("2.16.840.1.113883.5.139", "http://terminology.hl7.org/CodeSystem/v3-TimingEvent"),
    ("2.16.840.1.113883.5.1063", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"),
    ("2.16.840.1.113883.5.1076", "http://terminology.hl7.org/CodeSystem/v3-ReligiousAffiliation"),
    ("2.16.840.1.113883.5.1119", "http://terminology.hl7.org/CodeSystem/v3-AddressUse"),
    ("2.16.840.1.113883.12.1", "http://terminology.hl7.org/CodeSystem/v2-0001"),
    ("2.16.840.1.113883.12.5", "http://terminology.hl7.org/CodeSystem/v2-0005"),
    ("2.16.840.1.113883.12.63", "http://terminology.hl7.org/CodeSystem/v2-0063"),
    ("2.16.840.1.113883.12.78", "http://terminology.hl7.org/CodeSystem/v2-0078"),
    ("2.16.840.1.113883.12.112", "http://terminology.hl7.org/CodeSystem/v2-0112"),
    ("2.16.840.1.113883.12.162", "http://terminology.hl7.org/CodeSystem/v2-0162"),
    ("2.16.840.1.113883.12.443", "http://terminology.hl7.org/CodeSystem/v2-0443"),
    ("2.16.840.1.113883.12.487", "http://terminology.hl7.org/CodeSystem/v2-0487"),
    ("2.16.840.1.113883.18.2", "http://terminology.hl7.org/CodeSystem/v2-0001"),
    ("2.16.840.1.113883.4.1", "http://hl7.org/fhir/sid/us-ssn"),
    ("2.16.840.1.113883.4.6", "http://hl7.org/fhir/sid/us-npi"),
    ("2.16.840.1.113883.4.572", "http://hl7.org/fhir/sid/us-medicare"),
    ("2.16.840.1.113883.4.927", "http://hl7.org/fhir/sid/us-mbi"),
    ("2.16.840.1.113883.4.873", "urn:ietf:rfc:3986"),
    ("2.16.840.1.113883.3.150", "http://hl7.org/fhir/NamingSystem/fda-udi"),
    ("2.16.840.1.113883.3.3719", "http://hl7.org/fhir/NamingSystem/fda-udi"),
];

/// Names of code systems where a document gives no OID for them.
const SYSTEM_NAMES: Map = &[
    ("SNOMED CT", "http://snomed.info/sct"),
    ("SNOMED-CT", "http://snomed.info/sct"),
    ("SNOMEDCT", "http://snomed.info/sct"),
    ("SNOMED", "http://snomed.info/sct"),
    ("LOINC", "http://loinc.org"),
    ("RxNorm", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    ("ICD-9-CM", "http://hl7.org/fhir/sid/icd-9-cm"),
    ("ICD9CM", "http://hl7.org/fhir/sid/icd-9-cm"),
    ("ICD-10-CM", "http://hl7.org/fhir/sid/icd-10-cm"),
    ("ICD10CM", "http://hl7.org/fhir/sid/icd-10-cm"),
    ("CPT-4", "http://www.ama-assn.org/go/cpt"),
    ("CPT4", "http://www.ama-assn.org/go/cpt"),
    ("CPT", "http://www.ama-assn.org/go/cpt"),
    ("CVX", "http://hl7.org/fhir/sid/cvx"),
    ("NDC", "http://hl7.org/fhir/sid/ndc"),
    ("UNII", "http://fdasis.nlm.nih.gov"),
];

/// The URI of a code or identifier system: FHIR's own where it has one, else `urn:oid:` or `urn:uuid:`. `None` where
/// it is neither known nor an OID nor a UUID.
pub(super) fn system_uri(oid: &str) -> Option<Cow<'static, str>> {
    let oid = oid.trim();
    if let Some(uri) = mapped(SYSTEMS, oid) {
        return Some(Cow::Borrowed(uri));
    }
    if is_oid(oid) {
        return Some(Cow::Owned(format!("urn:oid:{oid}")));
    }
    if is_uuid(oid) {
        return Some(Cow::Owned(format!("urn:uuid:{}", oid.to_ascii_lowercase())));
    }
    let is_uri = ["http://", "https://", "urn:"].iter().any(|scheme| oid.starts_with(scheme));
    (is_uri && !oid.contains(char::is_whitespace)).then(|| Cow::Owned(oid.to_owned()))
}

/// The URI of the code system of a code. Germany gives each year's ICD-10-GM an OID of its own, among those of its other
/// code systems: there the shape of the code tells.
pub(super) fn system_of(oid: &str, code: &str) -> Option<Cow<'static, str>> {
    if oid.trim().starts_with("1.2.276.0.76.5.") && is_icd10(code) {
        return Some(Cow::Borrowed("http://fhir.de/CodeSystem/bfarm/icd-10-gm"));
    }
    system_uri(oid)
}

/// A letter, two digits, and nothing or a point behind them.
fn is_icd10(code: &str) -> bool {
    match code.trim().as_bytes() {
        [letter, tens, ones, rest @ ..] => {
            let begins = letter.is_ascii_alphabetic() && tens.is_ascii_digit() && ones.is_ascii_digit();
            begins && matches!(rest, [] | [b'.', ..])
        }
        _ => false,
    }
}

/// The URI of a code system by its name in `codeSystemName`.
pub(super) fn system_of_name(name: &str) -> Option<&'static str> {
    mapped(SYSTEM_NAMES, name.trim())
}

/// Whether FHIR has a URI of its own for this OID of an identifier system, so that the OID alone identifies nothing.
pub(super) fn is_known_system(oid: &str) -> bool {
    mapped(SYSTEMS, oid).is_some()
}

/// Whether it has the shape that FHIR's `oid` wants.
pub(super) fn is_oid(text: &str) -> bool {
    let mut parts = text.split('.');
    matches!(parts.next(), Some("0" | "1" | "2"))
        && text.len() <= 256
        && text.contains('.')
        && parts.all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'))
        })
}

/// Whether it is a UUID, in capitals or not.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The extension that says why something is absent.
pub(super) fn data_absent(null_flavor: &str) -> Value {
    let reason = mapped(NULL_FLAVOR, null_flavor).unwrap_or("unknown");
    json!({"url": crate::outgoing::DATA_ABSENT_REASON, "valueCode": reason})
}

/// ConceptMap-CF-NullFlavorDataAbsentReason; the flavours that it leaves out are unknown.
pub(super) const NULL_FLAVOR: Map = &[
    ("NI", "unknown"),
    ("OTH", "unsupported"),
    ("NINF", "negative-infinity"),
    ("PINF", "positive-infinity"),
    ("MSK", "masked"),
    ("NA", "not-applicable"),
    ("UNK", "unknown"),
    ("ASKU", "asked-unknown"),
    ("NAV", "temp-unknown"),
    ("NASK", "not-asked"),
    ("TRC", "unsupported"),
    ("NP", "unknown"),
];
/// ConceptMap-CF-AddressUse.
pub(super) const ADDRESS_USE: Map = &[
    ("BAD", "old"),
    ("H", "home"),
    ("HP", "home"),
    ("HV", "home"),
    ("TMP", "temp"),
    ("WP", "work"),
    ("DIR", "work"),
    ("PUB", "work"),
];
/// ConceptMap-CF-TelecomUse.
pub(super) const TELECOM_USE: Map = &[
    ("AS", "work"),
    ("BAD", "old"),
    ("DIR", "work"),
    ("H", "home"),
    ("HP", "home"),
    ("HV", "home"),
    ("MC", "mobile"),
    ("PG", "mobile"),
    ("PUB", "work"),
    ("TMP", "temp"),
    ("WP", "work"),
];
/// ConceptMap-CF-TelecomType.
pub(super) const TELECOM_TYPE: Map = &[
    ("mailto", "email"),
    ("http", "url"),
    ("https", "url"),
    ("ftp", "url"),
    ("tel", "phone"),
    ("fax", "fax"),
    ("x-text-fax", "fax"),
    ("sms", "sms"),
];
/// ConceptMap-CF-NameUse; `ASGN` is a pseudonym by FHIR's own map of name-use.
pub(super) const NAME_USE: Map = &[
    ("A", "nickname"),
    ("C", "official"),
    ("L", "usual"),
    ("P", "nickname"),
    ("OR", "official"),
    ("ASGN", "anonymous"),
];
/// ConceptMap-CF-AdministrativeGender; a gender that is masked or unknown is `unknown`.
pub(super) const GENDER: Map = &[("M", "male"), ("F", "female"), ("UN", "other"), ("UNK", "unknown"), ("U", "unknown")];
/// ConceptMap-CF-AllergyIntoleranceCategory, with the codes of C-CDA 1.1.
pub(super) const ALLERGY_CATEGORY: Map = &[
    ("235719002", "food"),
    ("414285001", "food"),
    ("418471000", "food"),
    ("416098002", "medication"),
    ("419511003", "medication"),
    ("59037007", "medication"),
];
/// ConceptMap-CF-AllergyIntoleranceType.
pub(super) const ALLERGY_TYPE: Map = &[
    ("235719002", "intolerance"),
    ("414285001", "allergy"),
    ("416098002", "allergy"),
    ("419199007", "allergy"),
    ("59037007", "intolerance"),
];
/// ConceptMap-CF-NoKnownAllergies, with the propensities and intolerances to food and drugs that it leaves out; the other
/// kinds, and no kind at all, are any substance.
pub(super) const NO_KNOWN_ALLERGY: Map = &[
    ("414285001", "429625007"),
    ("418471000", "429625007"),
    ("235719002", "429625007"),
    ("416098002", "409137002"),
    ("419511003", "409137002"),
    ("59037007", "409137002"),
];
/// What an observation of certainty (LOINC 66455-7) says: FHIR's own codes, and those of SNOMED CT.
pub(super) const CERTAINTY: Map = &[
    ("confirmed", "confirmed"),
    ("unconfirmed", "unconfirmed"),
    ("provisional", "provisional"),
    ("differential", "differential"),
    ("refuted", "refuted"),
    ("410605003", "confirmed"),
    ("415684004", "unconfirmed"),
    ("410592001", "unconfirmed"),
    ("410516002", "refuted"),
    ("410594000", "refuted"),
];
/// ConceptMap-CF-AllergyStatus, and FHIR's own codes, which European documents write.
pub(super) const ALLERGY_STATUS: Map = &[
    ("413322009", "resolved"),
    ("73425007", "inactive"),
    ("55561003", "active"),
    ("392521001", "inactive"),
    ("active", "active"),
    ("inactive", "inactive"),
    ("resolved", "resolved"),
];
/// ConceptMap-CF-ProblemStatus; 90734009 (chronic) and 7087005 (intermittent) of the CCD era go on. FHIR's own codes,
/// which European documents write, stand for themselves.
pub(super) const PROBLEM_STATUS: Map = &[
    ("active", "active"),
    ("inactive", "inactive"),
    ("resolved", "resolved"),
    ("remission", "remission"),
    ("recurrence", "recurrence"),
    ("relapse", "relapse"),
    ("246455001", "recurrence"),
    ("263855007", "relapse"),
    ("277022003", "remission"),
    ("413322009", "resolved"),
    ("55561003", "active"),
    ("73425007", "inactive"),
    ("90734009", "active"),
    ("7087005", "active"),
    ("415684004", "active"),
];
/// ConceptMap-CF-ConditionClinicalStatus.
pub(super) const CONCERN_STATUS: Map =
    &[("aborted", "inactive"), ("active", "active"), ("completed", "inactive"), ("suspended", "inactive")];
/// ConceptMap-CF-Criticality.
pub(super) const CRITICALITY: Map = &[("CRITH", "high"), ("CRITL", "low"), ("CRITU", "unable-to-assess")];
/// ConceptMap-CF-Severity, with C-CDA's finer grades drawn to the nearest that is not milder, and v3's letters.
pub(super) const SEVERITY: Map = &[
    ("255604002", "mild"),
    ("6736007", "moderate"),
    ("24484000", "severe"),
    ("371923003", "moderate"),
    ("371924009", "severe"),
    ("399166001", "severe"),
    ("L", "mild"),
    ("M", "moderate"),
    ("H", "severe"),
];
/// ConceptMap-CF-MedicationStatus, to `MedicationRequest.status`; what it leaves open by the meaning in v3 ActStatus.
pub(super) const REQUEST_STATUS: Map = &[
    ("active", "active"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "stopped"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
    ("cancelled", "cancelled"),
    ("new", "draft"),
    ("obsolete", "unknown"),
];
/// ConceptMap-CF-MedicationStatus, to `MedicationStatement.status`.
pub(super) const STATEMENT_STATUS: Map = &[
    ("active", "active"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "stopped"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
    ("cancelled", "not-taken"),
    ("new", "intended"),
    ("obsolete", "unknown"),
];
/// The Medication Status Observation of CCD, by word and by code; FHIR's own words, which some write there.
pub(super) const MEDICINE_STATUS: Map = &[
    ("active", "active"),
    ("55561003", "active"),
    ("no longer active", "completed"),
    ("inactive", "completed"),
    ("73425007", "completed"),
    ("prior history", "completed"),
    ("392521001", "completed"),
    // As C83 has it.
    ("39252100", "completed"),
    ("completed", "completed"),
    ("stopped", "stopped"),
    ("on hold", "on-hold"),
    ("on-hold", "on-hold"),
    ("421139008", "on-hold"),
];
/// v3 ActStatus to `MedicationAdministration.status`.
pub(super) const ADMINISTRATION_STATUS: Map = &[
    ("active", "in-progress"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "stopped"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
    ("cancelled", "not-done"),
];
/// v3 ActStatus to `MedicationDispense.status`.
pub(super) const DISPENSE_STATUS: Map = &[
    ("active", "in-progress"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "stopped"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
    ("cancelled", "cancelled"),
];
/// ConceptMap-CF-ImmunizationStatus.
pub(super) const IMMUNIZATION_STATUS: Map = &[
    ("aborted", "not-done"),
    ("cancelled", "not-done"),
    ("completed", "completed"),
    ("held", "not-done"),
    ("new", "not-done"),
    ("nullified", "entered-in-error"),
    ("obsolete", "not-done"),
    ("suspended", "not-done"),
];
/// ConceptMap-CF-ProcedureStatus; what it leaves open by the meaning in v3 ActStatus.
pub(super) const PROCEDURE_STATUS: Map = &[
    ("aborted", "stopped"),
    ("active", "in-progress"),
    ("cancelled", "not-done"),
    ("completed", "completed"),
    ("suspended", "on-hold"),
    ("held", "preparation"),
    ("new", "preparation"),
    ("nullified", "entered-in-error"),
];
/// ConceptMap-CF-EncounterStatus.
pub(super) const ENCOUNTER_STATUS: Map = &[
    ("aborted", "unknown"),
    ("active", "in-progress"),
    ("cancelled", "cancelled"),
    ("completed", "finished"),
    ("held", "planned"),
    ("new", "unknown"),
    ("suspended", "onleave"),
    ("nullified", "entered-in-error"),
];
/// ConceptMap-CF-ResultStatus and ConceptMap-CF-ResultReportStatus, which say the same.
pub(super) const RESULT_STATUS: Map = &[
    ("aborted", "cancelled"),
    ("active", "registered"),
    ("cancelled", "cancelled"),
    ("completed", "final"),
    ("held", "registered"),
    ("suspended", "registered"),
    ("nullified", "entered-in-error"),
];
/// v3 ActStatus to `Goal.lifecycleStatus`.
pub(super) const GOAL_STATUS: Map = &[
    ("active", "active"),
    ("completed", "completed"),
    ("aborted", "cancelled"),
    ("cancelled", "cancelled"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("new", "proposed"),
    ("nullified", "entered-in-error"),
];
/// v3 ActMood of what is planned to FHIR's request-intent.
pub(super) const INTENT: Map =
    &[("INT", "plan"), ("RQO", "order"), ("PRMS", "plan"), ("PRP", "proposal"), ("ARQ", "proposal"), ("APT", "plan")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_oid_has_its_uri_and_an_unknown_one_is_a_urn() {
        assert_eq!(system_uri("2.16.840.1.113883.6.1").as_deref(), Some("http://loinc.org"));
        assert_eq!(system_uri("2.16.840.1.999").as_deref(), Some("urn:oid:2.16.840.1.999"));
        assert_eq!(
            system_uri("67265ED2-35BB-43F8-B9DE-91C5935625E0").as_deref(),
            Some("urn:uuid:67265ed2-35bb-43f8-b9de-91c5935625e0")
        );
        for text in ["", "ICD9", "3.1.2", "1.02.3", "1..2", "2", "http://a b"] {
            assert_eq!(system_uri(text), None, "{text}");
        }
    }

    #[test]
    fn icd_10_of_europe_and_germany_is_known() {
        for (oid, code, uri) in [
            ("1.3.6.1.4.1.12559.11.10.1.3.1.44.2", "B20", "http://hl7.org/fhir/sid/icd-10"),
            ("1.2.276.0.76.5.409", "F10.2", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"),
            ("1.2.276.0.76.5.514", "Z21", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"),
            // Operations and medicines are coded under the same root.
            ("1.2.276.0.76.5.410", "5-820.00", "urn:oid:1.2.276.0.76.5.410"),
            ("1.2.276.0.76.5.437", "J01CA04", "urn:oid:1.2.276.0.76.5.437"),
            ("0.4.0.127.0.16.1.1.2.1", "10219000", "http://standardterms.edqm.eu"),
        ] {
            assert_eq!(system_of(oid, code).as_deref(), Some(uri), "{oid} {code}");
        }
    }

    #[test]
    fn no_oid_stands_twice() {
        for (at, (oid, _)) in SYSTEMS.iter().enumerate() {
            assert!(!SYSTEMS.iter().skip(at + 1).any(|(other, _)| other == oid), "{oid}");
        }
    }
}
