//! The FHIR R4 Consent of a grant, in the shape of IHE Privacy Consent on FHIR (PCF): the plainest of Basic, Intermediate
//! and Advanced that says all that the grant says.

use super::parts::{Content, Parts};
use super::{coding, id_of, set};
use crate::grant::{
    FhirDate, Grant, GrantDraft, Granter, Member, Name, Obligation, Purpose, RecipientClass, Sensitivity, Set,
};
use crate::time;
use serde_json::{Value, json};

const BASIC: &str = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentBasic";
const INTERMEDIATE: &str = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentIntermediate";
const ADVANCED: &str = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentAdvanced";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
/// The system of grant ids.
const GRANT_SYSTEM: &str = "urn:carnet:grant";

/// The entry of a grant's Consent.
///
/// PCF asks for an organization that enforces the consent. Here no organization does: the patient holds the records and
/// the relay enforces the grant's limits without knowing whose it is. So the element is there and says why it is empty.
/// What PCF does not allow (`action`, `class`, `code`, `verification`) is left out; what R4 cannot say (openings,
/// erasure, withdrawal) stands in the signed grant and in the narrative. The labels that are left out are an exception
/// within the permission, as Advanced has it: it is the rule, and says nothing about whether there was such a record.
///
/// What is permitted is the document, by its Composition. A collection has none, so there each entry is named; and its
/// resources do not state profiles (PatientSharedBundle), though the shape is the same. Basic has no place for data: there
/// the notice, which is the Consent's policy, says that what is shared is this document.
pub(super) fn entry(draft: &GrantDraft, now: i64, parts: &Parts) -> Value {
    let performer = match draft.granter {
        Granter::Patient => json!({"reference": parts.patient}),
        other => json!({"type": "RelatedPerson", "display": granter_display(other)}),
    };
    let notice = format!("urn:carnet:notice:{}", draft.notice.version);
    let mut provision = json!({
        "type": "permit",
        "period": {"start": time::instant(draft.not_before), "end": time::instant(draft.expires)},
        "actor": [{
            "role": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP",
                "display": "information recipient"
            }]},
            "reference": {"display": recipient_display(draft)}
        }],
        "purpose": [coding(ACT_REASON, draft.purpose, draft.purpose.display())]
    });
    let profile = profile(draft);
    if profile != BASIC {
        set(&mut provision, "data", Value::Array(data(&parts.content)));
    }
    // Of lasting records the age does not count, so with them among the rest there is no start.
    let (start, end) = (draft.what.earliest(), draft.what.until.as_ref());
    if start.is_some() || end.is_some() {
        let mut period = json!({});
        for (name, date) in [("start", start), ("end", end)] {
            if let Some(date) = date.map(FhirDate::as_str) {
                set(&mut period, name, json!(date));
            }
        }
        set(&mut provision, "dataPeriod", period);
    }
    let left_out: Vec<Value> = draft.what.leaves_out.iter().map(sensitivity_label).collect();
    if !left_out.is_empty() {
        set(&mut provision, "provision", json!([{"type": "deny", "securityLabel": left_out}]));
    }
    let mut meta = json!({});
    if let Content::Document { .. } = parts.content {
        set(&mut meta, "profile", json!([profile]));
    }
    let labels = security_labels(draft.obligations);
    if !labels.is_empty() {
        set(&mut meta, "security", Value::Array(labels));
    }
    let mut resource = json!({
        "resourceType": "Consent",
        "id": id_of(&parts.consent),
        "text": {"status": "generated", "div": narrative(draft)},
        "identifier": [{"system": GRANT_SYSTEM, "value": draft.id.to_string()}],
        "status": "active",
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy",
            "display": "Privacy Consent"
        }]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}], "text": "Patient's consent"}],
        "patient": {"reference": parts.patient},
        "dateTime": time::instant(now),
        "performer": [performer],
        "organization": [{
            "extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "not-applicable"
            }],
            "display": "None: the patient holds the records"
        }],
        "sourceAttachment": {
            "language": draft.notice.language.as_str(),
            "url": notice,
            "title": format!("Notice shown to the patient, version {}", draft.notice.version)
        },
        "policy": [{"uri": notice}],
        "provision": provision
    });
    // FHIR knows no empty objects.
    if meta.as_object().is_some_and(|meta| !meta.is_empty()) {
        set(&mut resource, "meta", meta);
    }
    json!({"fullUrl": parts.consent, "resource": resource})
}

/// The plainest profile that has a place for what the grant says. Basic is for treatment, payment and operations, without
/// data, dates or exceptions; Intermediate has no security labels.
fn profile(draft: &GrantDraft) -> &'static str {
    let basic_purpose = matches!(draft.purpose, Purpose::Treatment | Purpose::Payment | Purpose::Operations);
    if !draft.what.leaves_out.is_empty() {
        ADVANCED
    } else if draft.what.is_whole() && basic_purpose {
        BASIC
    } else {
        INTERMEDIATE
    }
}

/// What is permitted, each by itself.
fn data(content: &Content) -> Vec<Value> {
    let instance = |url: &String| json!({"meaning": "instance", "reference": {"reference": url}});
    match content {
        Content::Document { composition } => vec![instance(composition)],
        Content::Collection { entries } => entries.iter().map(instance).collect(),
    }
}

/// Whether a Consent says the same as its grant, in what both can say.
pub(super) fn agrees(entry: &Value, grant: &Grant) -> bool {
    let says = |pointer: &str, expected: &str| entry.pointer(pointer).and_then(Value::as_str) == Some(expected);
    says("/resource/resourceType", "Consent")
        && says("/resource/status", "active")
        && says("/resource/identifier/0/system", GRANT_SYSTEM)
        && says("/resource/identifier/0/value", &grant.id.to_string())
        && says("/resource/provision/type", "permit")
        && says("/resource/provision/period/start", &time::instant(grant.not_before))
        && says("/resource/provision/period/end", &time::instant(grant.expires))
        && says("/resource/provision/purpose/0/code", grant.purpose.as_str())
        && entry.pointer("/resource/provision/purpose/1").is_none()
}

/// Obligations as codings of HL7 v3 ActCode.
pub(super) fn security_labels(obligations: Set<Obligation>) -> Vec<Value> {
    obligations.iter().map(|obligation| coding(ACT_CODE, obligation, obligation.display())).collect()
}

fn sensitivity_label(label: Sensitivity) -> Value {
    let system = if label == Sensitivity::Restricted { CONFIDENTIALITY } else { ACT_CODE };
    json!({"system": system, "code": label.as_str()})
}

/// Who gives the grant, for a reference that can name nobody.
pub(super) fn granter_display(granter: Granter) -> &'static str {
    match granter {
        Granter::Patient => "the patient",
        Granter::Parent => "a parent of the patient",
        Granter::Guardian => "the patient's legal guardian",
        Granter::Attorney => "a person with the patient's power of attorney",
    }
}

fn recipient_display(draft: &GrantDraft) -> &str {
    match (draft.recipient.class, &draft.recipient.name) {
        (RecipientClass::Anyone, _) | (_, None) => "Whoever holds the link",
        (_, Some(name)) => name.as_str(),
    }
}

/// The Consent as XHTML. English, and saying so: it is written for readers that know nothing of grants.
fn narrative(draft: &GrantDraft) -> String {
    let text = escape(&in_words(draft));
    format!("<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\" xml:lang=\"en\"><p>{text}</p></div>")
}

/// What the Consent of a grant says, in English sentences: as its narrative has it, without markup.
pub fn in_words(draft: &GrantDraft) -> String {
    let mut text = format!(
        "Shared by {} with {} for this purpose: {}. Valid from {} until {}.",
        granter_display(draft.granter),
        draft.recipient.name.as_ref().map_or("whoever holds the link", Name::as_str),
        draft.purpose.display(),
        time::instant(draft.not_before),
        time::instant(draft.expires),
    );
    if let Some(most) = draft.max_openings {
        text.push_str(&format!(" It can be opened {most} times at the most."));
    }
    if let Some(erase_by) = draft.erase_by {
        text.push_str(&format!(" Copies are to be erased by {}.", time::instant(erase_by)));
    }
    for obligation in draft.obligations.iter() {
        text.push_str(match obligation {
            Obligation::NoRedisclosure => " It must not be passed on without a consent that allows it.",
            Obligation::DeleteAfterUse => " It is to be deleted after use.",
        });
    }
    text.push_str(" The patient can withdraw this at any time.");
    text
}

/// Text as XHTML content.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
