//! Tests of sealing a document and of finding its grant again.

mod collection;

use super::*;
use crate::grant::Category;
use crate::testkit::{NONCE, NOW, collection, document, draft, key, seal_it, sealed};
use crate::verify::{Outcome, Reason, Standing};
use proptest::prelude::*;

#[test]
fn what_is_sealed_opens_and_verifies() {
    let sealed = sealed();
    let opened = open(&sealed.bundle).unwrap();
    assert_eq!((opened.grant, opened.commitment_r), (sealed.grant.clone(), Some(NONCE)));
    assert_eq!(opened.signed, sealed.signed);
    // Composition, patient, observation and Consent.
    assert_eq!(sealed.grant.entries, 4);
    let seen = verify(&sealed.bundle, NOW);
    for outcome in [seen.signature, seen.entries_unaltered, seen.consent_agrees, seen.in_time] {
        assert_eq!(outcome, Outcome::Checked);
    }
    assert_eq!(seen.standing(), Standing::Unsure);
    // It survives being written and read, also with its members in another order.
    let text = serde_json::to_vec(&sealed.bundle).unwrap();
    assert!(verify(&parse(&text, DEFAULT_MAX_BYTES).unwrap(), NOW).entries_unaltered.is_checked());
    let canonical = canonical::to_canonical_json(&document()).unwrap();
    assert!(text.windows(5).any(|window| window == b"72.50") && !canonical.windows(5).any(|window| window == b"72.50"));
}

#[test]
fn the_documents_own_entries_stay_as_they_were() {
    let (before, after) = (document(), sealed().bundle);
    assert_eq!(after["entry"].as_array().unwrap().len(), 5);
    for position in 1..3 {
        assert_eq!(before["entry"][position], after["entry"][position]);
    }
    let mut composition = after["entry"][0].clone();
    composition["resource"].as_object_mut().unwrap().remove("event");
    assert_eq!(before["entry"][0], composition);
    assert_eq!(after["meta"]["security"][0]["code"], "NORDSCLCD");
    // The Consent is part of the document: the Composition refers to it.
    assert_eq!(after["entry"][0]["resource"]["event"][0]["detail"][0]["reference"], after["entry"][3]["fullUrl"]);
}

#[test]
fn the_consent_has_what_pcf_asks_for_and_nothing_it_forbids() {
    let consent = &sealed().bundle["entry"][3]["resource"];
    for needed in [
        "status",
        "scope",
        "category",
        "patient",
        "dateTime",
        "performer",
        "organization",
        "sourceAttachment",
        "policy",
        "provision",
    ] {
        assert!(!consent[needed].is_null(), "{needed}");
    }
    assert_eq!(consent["scope"]["coding"][0]["code"], "patient-privacy");
    assert!(consent["policy"][0]["uri"].is_string());
    let provision = &consent["provision"];
    assert_eq!(provision["type"], "permit");
    assert_eq!(provision["actor"][0]["role"]["coding"][0]["code"], "IRCP");
    assert_eq!(provision["actor"][0]["reference"]["display"], "Dr Example");
    assert_eq!(provision["purpose"][0]["code"], "TREAT");
    assert_eq!(provision["period"]["start"], "2026-11-22T13:19:32Z");
    assert_eq!(provision["period"]["end"], "2026-11-23T13:19:32Z");
    for forbidden in ["action", "class", "code", "securityLabel"] {
        assert!(provision[forbidden].is_null(), "{forbidden}");
    }
    // Sensitive records are an exception, one level deep and no deeper.
    let exception = &provision["provision"][0];
    assert_eq!(exception["type"], "deny");
    assert_eq!(exception["securityLabel"].as_array().unwrap().len(), 10);
    assert_eq!(exception["securityLabel"][9]["system"], "http://terminology.hl7.org/CodeSystem/v3-Confidentiality");
    assert!(exception["provision"].is_null() && provision["provision"][1].is_null());
    assert!(consent["meta"]["profile"][0].as_str().unwrap().ends_with("IHE.PCF.consentAdvanced"));
    assert!(consent["verification"].is_null());
    assert!(provision["dataPeriod"].is_null());
}

#[test]
fn the_consent_is_as_plain_as_its_terms_allow() {
    let profile = |change: &dyn Fn(&mut GrantDraft)| {
        let mut draft = draft();
        draft.what.leaves_out = crate::grant::Set::new();
        change(&mut draft);
        let request = SealRequest { bundle: document(), grant: draft, key: &key(), commitment_r: NONCE, now: NOW };
        let sealed = seal(request).unwrap().bundle;
        assert!(verify(&sealed, NOW).consent_agrees.is_checked());
        let consent = &sealed["entry"][3]["resource"];
        let provision = &consent["provision"];
        assert!(provision["provision"].is_null());
        let name = consent["meta"]["profile"][0].as_str().unwrap().rsplit('.').next().unwrap().to_owned();
        // Basic has no place for these.
        assert_eq!(name == "consentBasic", provision["data"].is_null(), "{name}");
        assert!(name != "consentBasic" || provision["dataPeriod"].is_null());
        name
    };
    assert_eq!(profile(&|_| ()), "consentBasic");
    assert_eq!(profile(&|draft| draft.purpose = crate::grant::Purpose::Payment), "consentBasic");
    assert_eq!(profile(&|draft| draft.what.pinned = vec![[7; 32]]), "consentBasic");
    assert_eq!(profile(&|draft| draft.purpose = crate::grant::Purpose::Research), "consentIntermediate");
    assert_eq!(profile(&|draft| draft.what.left_out = crate::grant::LeftOut::Something), "consentIntermediate");
    let only_allergies = [Category::Allergy].into_iter().collect();
    assert_eq!(profile(&|draft| draft.what.categories = Some(only_allergies)), "consentIntermediate");
    let since = crate::grant::FhirDate::new("2020").unwrap();
    assert_eq!(profile(&|draft| draft.what.since = Some(since.clone())), "consentIntermediate");
}

#[test]
fn a_name_cannot_break_out_of_the_narrative() {
    let mut draft = draft();
    draft.recipient.name = Some(crate::grant::Name::new("<b>\"&'</div>").unwrap());
    let sealed =
        seal(SealRequest { bundle: document(), grant: draft, key: &key(), commitment_r: NONCE, now: NOW }).unwrap();
    let div = sealed.bundle["entry"][3]["resource"]["text"]["div"].as_str().unwrap();
    assert!(div.contains("&lt;b&gt;&quot;&amp;'&lt;/div&gt;") && !div.contains("<b>"));
}

#[test]
fn dates_and_proxies_reach_the_consent() {
    let mut draft = draft();
    draft.granter = crate::grant::Granter::Parent;
    draft.what.since = Some(crate::grant::FhirDate::new("2020").unwrap());
    draft.what.categories = Some([Category::Result].into_iter().collect());
    let lasting = draft.clone();
    draft.recipient = crate::grant::Recipient {
        class: crate::grant::RecipientClass::Anyone,
        name: None,
        identified_by: crate::grant::IdentifiedBy::Nothing,
        key: None,
    };
    let sealed =
        seal(SealRequest { bundle: document(), grant: draft, key: &key(), commitment_r: NONCE, now: NOW }).unwrap();
    let consent = &sealed.bundle["entry"][3]["resource"];
    assert_eq!(consent["provision"]["dataPeriod"], json!({"start": "2020"}));
    // An allergy is given however old it is: no start is claimed that it would belie.
    for categories in [None, Some([Category::Result, Category::Allergy].into_iter().collect())] {
        let mut draft = lasting.clone();
        draft.what.categories = categories;
        draft.what.until = Some(crate::grant::FhirDate::new("2024").unwrap());
        let request = SealRequest { bundle: document(), grant: draft, key: &key(), commitment_r: NONCE, now: NOW };
        let sealed = seal(request).unwrap();
        assert_eq!(sealed.bundle["entry"][3]["resource"]["provision"]["dataPeriod"], json!({"end": "2024"}));
    }
    assert_eq!(consent["performer"][0]["type"], "RelatedPerson");
    let provenance = &sealed.bundle["entry"][4]["resource"];
    assert_eq!(provenance["agent"][0]["onBehalfOf"]["reference"], consent["patient"]["reference"]);
    assert!(verify(&sealed.bundle, NOW).consent_agrees.is_checked());
}

#[test]
fn relative_references_lead_to_the_patient() {
    let mut bundle = document();
    let base = "https://example.org/fhir/";
    bundle["entry"][0]["fullUrl"] = json!(format!("{base}Composition/c"));
    bundle["entry"][1]["fullUrl"] = json!(format!("{base}Patient/p"));
    bundle["entry"][0]["resource"]["subject"]["reference"] = json!("Patient/p");
    let sealed =
        seal(SealRequest { bundle, grant: draft(), key: &key(), commitment_r: NONCE, now: NOW }).unwrap().bundle;
    for pointer in ["/entry/3/resource/patient/reference", "/entry/4/resource/agent/0/who/reference"] {
        assert_eq!(sealed.pointer(pointer).unwrap(), "https://example.org/fhir/Patient/p");
    }
    assert!(verify(&sealed, NOW).signature.is_checked());
}

#[test]
fn seals_only_a_document_and_only_once() {
    let seal_it =
        |bundle| seal(SealRequest { bundle, grant: draft(), key: &key(), commitment_r: NONCE, now: NOW }).map(drop);
    assert_eq!(seal_it(sealed().bundle), Err(Error::AlreadySealed));
    for bad in [
        json!([]),
        json!({"resourceType": "Bundle", "type": "searchset", "entry": []}),
        json!({"resourceType": "Bundle", "type": "document"}),
        json!({"resourceType": "Bundle", "type": "document", "entry": []}),
        json!({"resourceType": "Bundle", "type": "document", "entry": [{"fullUrl": "a", "resource": {"resourceType": "Patient"}}]}),
        json!({"resourceType": "Bundle", "type": "document", "entry": [{"fullUrl": "a", "resource": {"resourceType": "Composition"}}]}),
        json!({"resourceType": "Bundle", "type": "document", "entry": [{"resource": {"resourceType": "Composition", "subject": {"reference": "x"}}}]}),
    ] {
        assert!(matches!(seal_it(bad), Err(Error::NotADocument(_))));
    }
}

#[test]
fn tampering_is_named() {
    let altered = |change: &dyn Fn(&mut Value)| {
        let mut bundle = sealed().bundle;
        change(&mut bundle);
        verify(&bundle, NOW)
    };
    let entries = |bundle: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        change(bundle["entry"].as_array_mut().unwrap());
    };
    let failed = |why| Outcome::Failed { why };

    let precision: Value = serde_json::from_str("72.5").unwrap();
    let seen = altered(&|b| b["entry"][2]["resource"]["valueQuantity"]["value"] = precision.clone());
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAltered));
    assert_eq!(seen.standing(), Standing::Bad);
    let seen = altered(&|b| b["timestamp"] = json!("2026-11-22T13:19:33Z"));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAltered));
    let seen = altered(&|b| entries(b, &|list| drop(list.remove(2))));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAddedOrMissing));
    let seen = altered(&|b| entries(b, &|list| list.swap(1, 2)));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAltered));
    // Something said in the one entry that the root does not cover.
    let seen = altered(&|b| b["entry"][4]["resource"]["contained"] = json!([{"resourceType": "Patient"}]));
    assert_eq!(seen.signature, failed(Reason::SealAltered));
    let seen = altered(&|b| b["entry"][4]["resource"]["signature"][0]["when"] = json!("2020-01-01T00:00:00Z"));
    assert_eq!(seen.signature, failed(Reason::SealAltered));
    let seen = altered(&|b| entries(b, &|list| list.push(list[4].clone())));
    assert_eq!(seen.signature, failed(Reason::SeveralGrants));
    let seen = altered(&|b| entries(b, &|list| drop(list.pop())));
    assert_eq!(seen.signature, Outcome::NotChecked { why: Reason::NoGrant });
    assert!(seen.grant.is_none());
    let seen = altered(&|b| b["entry"][4]["resource"]["signature"][0]["data"] = json!("AAAA"));
    assert_eq!(seen.signature, failed(Reason::GrantUnreadable));
    let seen = altered(&|b| b["entry"][4]["resource"]["signature"][0]["data"] = json!("A".repeat(1 << 20)));
    assert_eq!(seen.signature, failed(Reason::GrantUnreadable));
    // Without its nonce the grant still verifies; only the ledger cannot be asked.
    let seen = altered(&|b| {
        b["entry"][4]["resource"]["signature"][0].as_object_mut().unwrap().remove("extension");
    });
    assert_eq!(seen.signature, Outcome::Checked);
}

#[test]
fn a_grant_moved_to_another_document_shows() {
    let mut other = document();
    other["entry"][1]["resource"]["name"][0]["text"] = json!("Somebody Else");
    let mut from = sealed().bundle;
    let taken: Vec<Value> = from["entry"].as_array_mut().unwrap().split_off(3);
    other["entry"].as_array_mut().unwrap().extend(taken);
    let seen = verify(&other, NOW);
    assert_eq!(seen.entries_unaltered, Outcome::Failed { why: Reason::EntriesAltered });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever byte of the written Bundle is altered: either it says the same, or it is no longer JSON, or it does
    /// not verify. The nonce alone is not under the signature; another one leads to another commitment.
    #[test]
    fn any_altered_byte_shows(of_collection in any::<bool>(), position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let sealed = seal_it(if of_collection { collection() } else { document() });
        let mut text = serde_json::to_vec(&sealed.bundle).unwrap();
        let position = position.index(text.len());
        text[position] = byte;
        if let Ok(altered) = parse(&text, DEFAULT_MAX_BYTES) && altered != sealed.bundle {
            let seen = verify(&altered, NOW);
            if seen.signature.is_checked() && seen.entries_unaltered.is_checked() {
                let opened = open(&altered).unwrap();
                let nonce = opened.commitment_r.unwrap_or([0; 32]);
                prop_assert_ne!(commit(&nonce, ObjectType::Grant, &opened.signed.sha256()), sealed.commitment);
            }
        }
    }

    #[test]
    fn any_altered_entry_fails(
        of_collection in any::<bool>(),
        entry in any::<prop::sample::Index>(),
        path in proptest::collection::vec(any::<prop::sample::Index>(), 1..8),
    ) {
        let mut bundle = seal_it(if of_collection { collection() } else { document() }).bundle;
        let entry = entry.index(bundle["entry"].as_array().unwrap().len());
        let mut value = &mut bundle["entry"][entry];
        for index in path {
            let len = value.as_object().map_or_else(|| value.as_array().map_or(0, Vec::len), serde_json::Map::len);
            if len == 0 {
                break;
            }
            let inner = match value {
                Value::Object(members) => members.values_mut().nth(index.index(len)),
                other => other.get_mut(index.index(len)),
            };
            value = inner.unwrap();
        }
        *value = json!({"x": 1});
        let seen = verify(&bundle, NOW);
        prop_assert!(!(seen.signature.is_checked() && seen.entries_unaltered.is_checked()));
    }

    #[test]
    fn never_panics(text in r#"\{"resourceType":"Bundle","type":"(document|collection)","entry":\[(\{"fullUrl":"a","resource":\{"resourceType":"(Composition|Patient|Provenance)","signature":\[\{"sigFormat":"application/cose","data":"[A-Za-z0-9+/]{0,40}"\}\]\}\},?){0,3}\]\}"#) {
        if let Ok(value) = parse(text.as_bytes(), 10_000) {
            let _ = verify(&value, NOW);
        }
    }
}

/// Documents of many makers, if they are at hand.
#[test]
fn summaries_of_others_are_sealed_and_verified() {
    let shared = std::env::var_os("CARNET_SHARED_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let Ok(folder) = std::fs::read_dir(shared.join("ips")) else {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: no shared data");
        }
        return;
    };
    let mut sealed_ones = 0;
    for file in folder.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let Ok(bundle) = parse(&std::fs::read(&file).unwrap(), DEFAULT_MAX_BYTES) else { continue };
        let before = bundle["entry"].as_array().map_or(0, Vec::len);
        match seal(SealRequest { bundle, grant: draft(), key: &key(), commitment_r: NONCE, now: NOW }) {
            Ok(sealed) => {
                let text = serde_json::to_vec(&sealed.bundle).unwrap();
                let seen = verify(&parse(&text, DEFAULT_MAX_BYTES).unwrap(), NOW);
                assert!(seen.signature.is_checked() && seen.entries_unaltered.is_checked(), "{}", file.display());
                assert_eq!(sealed.grant.entries as usize, before + 1, "{}", file.display());
                sealed_ones += 1;
            }
            Err(Error::NotADocument(_)) => {}
            Err(error) => panic!("{}: {error}", file.display()),
        }
    }
    assert!(sealed_ones > 0);
}
