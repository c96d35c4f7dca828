//! Cards of our own, good and bad; the specification's are in `tests/shared_data.rs`.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

fn key() -> SigningKey {
    SigningKey::from_bytes([7; 32]).unwrap()
}

fn content() -> Value {
    json!({
        "iss": "https://clinic.example/shc", "nbf": 1_700_000_000.5,
        "vc": {
            "type": [HEALTH_CARD, "https://smarthealth.cards#immunization", "https://smarthealth.cards#covid19"],
            "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
                "resourceType": "Bundle", "type": "collection", "entry": [
                    { "fullUrl": "resource:0", "resource": {
                        "resourceType": "Patient", "name": [{ "family": "Example", "given": ["Ada"] }], "birthDate": "1970-01-01" } },
                    { "fullUrl": "resource:1", "resource": {
                        "resourceType": "Immunization", "meta": { "security": [{ "system": "https://smarthealth.cards/ial", "code": "IAL2" }] },
                        "status": "completed", "patient": { "reference": "resource:0" }, "occurrenceDateTime": "2021-01-01",
                        "vaccineCode": { "coding": [{ "system": "http://hl7.org/fhir/sid/cvx", "code": "207" }] } } },
                ],
            } },
        },
    })
}

fn issuers() -> Vec<Issuer> {
    vec![Issuer {
        url: "https://clinic.example/shc".into(),
        name: Some("Clinic".into()),
        listed: true,
        keys: Some(vec![key().public()]),
        revocations: Vec::new(),
    }]
}

fn look(text: &str) -> Card {
    let found = find(text, &Limits::default()).unwrap();
    check(found[0].as_ref().unwrap(), &Context::new(NOW), issuers().as_slice())
}

fn codes(card: &Card) -> Vec<&'static str> {
    card.findings.iter().map(|finding| finding.reason.code()).collect()
}

fn set(value: &mut Value, pointer: &str, to: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match (parent, to) {
        (Value::Object(object), Some(to)) => {
            object.insert(name.into(), to);
        }
        (Value::Object(object), None) => {
            object.remove(name).unwrap();
        }
        (Value::Array(array), Some(to)) => array[name.parse::<usize>().unwrap()] = to,
        _ => panic!("{pointer}"),
    }
}

#[test]
fn a_good_card_has_no_findings_in_all_that_carries_it() {
    let jws = key().sign(&content());
    let (scheme, digits) = to_segments(&jws).unwrap();
    for text in [jws.clone(), to_file(&[&jws]), format!("{scheme}{digits}")] {
        let card = look(&text);
        assert_eq!(codes(&card), [""; 0], "{text}");
        assert_eq!(card.signature, Signature::Verified { name: Some("Clinic".into()), listed: true });
        let payload = card.payload.unwrap();
        assert_eq!((payload.issued, payload.expires), (1_700_000_000, None));
    }
    // The same card is the same text for ever: the signature is deterministic.
    assert_eq!(jws, key().sign(&content()));
}

#[test]
fn each_fault_of_the_content_has_its_reason() {
    let bundle = "/vc/credentialSubject/fhirBundle";
    let vaccination = "/vc/credentialSubject/fhirBundle/entry/1/resource";
    for (pointer, to, code) in [
        ("/iss".into(), None, "issuer_missing"),
        ("/iss".into(), Some(json!("clinic")), "issuer_not_url"),
        ("/iss".into(), Some(json!("http://clinic.example")), "issuer_not_https"),
        ("/iss".into(), Some(json!("https://clinic.example/")), "issuer_trailing_slash"),
        ("/nbf".into(), None, "nbf_missing"),
        ("/nbf".into(), Some(json!("1700000000")), "nbf_missing"),
        ("/nbf".into(), Some(json!(1_700_000_000_000_i64)), "nbf_milliseconds"),
        ("/nbf".into(), Some(json!(NOW + 1)), "not_yet_valid"),
        ("/exp".into(), Some(json!(NOW - 1)), "expired"),
        ("/exp".into(), Some(json!(1_600_000_000)), "expires_before_issue"),
        ("/exp".into(), Some(json!(1_900_000_000_000_i64)), "exp_milliseconds"),
        ("/exp".into(), Some(json!("x")), "exp_not_number"),
        ("/vc".into(), None, "vc_missing"),
        ("/vc/type".into(), None, "vc_type_missing"),
        ("/vc/type".into(), Some(json!([7])), "vc_type_missing"),
        ("/vc/type".into(), Some(json!(["https://smarthealth.cards#covid19"])), "vc_type_not_health_card"),
        ("/vc/rid".into(), Some(json!("abcdefghijklmnopqrstuvwxy")), "rid_invalid"),
        ("/vc/credentialSubject".into(), None, "subject_missing"),
        ("/vc/credentialSubject/fhirVersion".into(), None, "fhir_version"),
        ("/vc/credentialSubject/fhirVersion".into(), Some(json!("5.0.0")), "fhir_version_unknown"),
        ("/vc/credentialSubject/fhirBundle".into(), None, "bundle_missing"),
        (format!("{bundle}/resourceType"), Some(json!("Patient")), "not_a_bundle"),
        (format!("{bundle}/type"), None, "element_missing"),
        (format!("{bundle}/entry"), Some(json!([])), "bundle_empty"),
        (format!("{bundle}/entry/1/resource"), None, "no_resource"),
        (format!("{bundle}/entry/1/fullUrl"), Some(json!("resource:0")), "full_url_twice"),
        (format!("{bundle}/entry/1/fullUrl"), Some(json!("urn:uuid:1")), "full_url"),
        (format!("{vaccination}/status"), Some(json!("Completed")), "status_not_completed"),
        (format!("{vaccination}/status"), None, "element_missing"),
        (format!("{vaccination}/occurrenceString"), Some(json!("once")), "choice_twice"),
        (format!("{vaccination}/occurrenceDateTime"), None, "element_missing"),
        (format!("{vaccination}/vaccineCode"), Some(json!({ "text": "x" })), "coding_missing"),
        (format!("{vaccination}/vaccineCode/coding"), Some(json!([])), "empty_value"),
        (format!("{vaccination}/lotNumber"), Some(json!("")), "empty_value"),
        (format!("{vaccination}/patient/reference"), Some(json!("resource:9")), "reference_dangling"),
        (format!("{vaccination}/patient/reference"), Some(json!("Patient/1")), "reference"),
        (format!("{vaccination}/meta/id"), Some(json!("x")), "meta_extra"),
        (format!("{vaccination}/meta"), Some(json!({ "id": "x" })), "meta_not_security"),
        (format!("{vaccination}/meta/security"), Some(json!([{ "badKey": "IAL1" }])), "meta_security"),
    ] {
        let mut content = content();
        set(&mut content, &pointer, to);
        let card = look(&key().sign(&content));
        assert!(codes(&card).contains(&code), "{pointer} {code}: {:?}", codes(&card));
        assert!(card.refusal().is_some(), "{pointer} {code}");
    }
}

#[test]
fn what_is_only_said_to_be_absent_is_there() {
    let vaccination = "/vc/credentialSubject/fhirBundle/entry/1/resource";
    let absent = || {
        Some(json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown" }] }))
    };
    let mut content = content();
    set(&mut content, &format!("{vaccination}/_occurrenceDateTime"), absent());
    assert_eq!(look(&key().sign(&content)).refusal(), None, "beside its value it is the same one");
    set(&mut content, &format!("{vaccination}/occurrenceDateTime"), None);
    assert_eq!(look(&key().sign(&content)).refusal(), None);
    let composition = json!({ "resourceType": "Composition", "status": "final", "title": "x", "_date": absent(),
        "type": { "coding": [{ "system": "http://loinc.org", "code": "60591-5" }] },
        "author": [{ "reference": "resource:0" }] });
    let mut with = content.clone();
    let entries = with.pointer_mut("/vc/credentialSubject/fhirBundle/entry").unwrap().as_array_mut().unwrap();
    entries.push(json!({ "fullUrl": "resource:2", "resource": composition }));
    assert_eq!(look(&key().sign(&with)).refusal(), None);
    set(&mut content, &format!("{vaccination}/occurrenceString"), Some(json!("once")));
    assert!(codes(&look(&key().sign(&content))).contains(&"choice_twice"));
    set(&mut content, &format!("{vaccination}/occurrenceString"), None);
    set(&mut content, &format!("{vaccination}/status"), None);
    set(&mut content, &format!("{vaccination}/_status"), absent());
    assert_eq!(look(&key().sign(&content)).refusal().unwrap().reason, Reason::StatusNotCompleted);
}

#[test]
fn a_card_in_a_file_is_not_held_to_what_codes_ask_for() {
    let bundle = "/vc/credentialSubject/fhirBundle/entry";
    let mut content = content();
    let id = "urn:uuid:3d5f2f0a-0000-4000-8000-000000000001";
    set(&mut content, &format!("{bundle}/0/fullUrl"), Some(json!(id)));
    set(&mut content, &format!("{bundle}/1/resource/patient/reference"), Some(json!(id)));
    set(&mut content, &format!("{bundle}/0/resource/meta"), Some(json!({ "profile": ["http://hl7.org/x"] })));
    let jws = key().sign(&content);
    assert!(jws.len() < numeric::MAX_SINGLE);
    let parameters = json!({ "resourceType": "Parameters",
        "parameter": [{ "name": "verifiableCredential", "valueString": jws }] });
    for file in [to_file(&[&jws]), parameters.to_string(), format!("https://wallet.example/#{}", to_file(&[&jws]))] {
        let card = look(&file);
        assert_eq!(card.refusal(), None, "{file}");
        assert!(codes(&card).contains(&"full_url"), "{file}");
    }
    for (text, place) in [(jws.clone(), "bare"), (format!("shc:/{}", numeric::to_digits(&jws).unwrap()), "a code")] {
        assert_eq!(look(&text).refusal().unwrap().reason, Reason::FullUrl, "{place}");
    }
}

#[test]
fn what_is_only_odd_is_noted() {
    let vaccination = "/vc/credentialSubject/fhirBundle/entry/1/resource";
    for (pointer, to, code) in [
        ("/vc/type".into(), json!([HEALTH_CARD]), "vc_type_advised"),
        ("/vc/type/1".into(), json!("VerifiableCredential"), "vc_type_unneeded"),
        ("/vc/type/1".into(), json!("https://other.example#x"), "vc_type_unknown"),
        (format!("{vaccination}/id"), json!("x"), "resource_id"),
        (format!("{vaccination}/text"), json!({ "status": "generated", "div": "x" }), "narrative"),
        (format!("{vaccination}/vaccineCode/text"), json!("x"), "concept_text"),
        (format!("{vaccination}/vaccineCode/coding/0/display"), json!("x"), "coding_display"),
    ] {
        let mut content = content();
        set(&mut content, &pointer, Some(to));
        let card = look(&key().sign(&content));
        assert!(codes(&card).contains(&code), "{code}: {:?}", codes(&card));
        assert_eq!(card.refusal(), None, "{code}");
    }
}

#[test]
fn each_fault_of_the_envelope_has_its_reason() {
    let key = key();
    let kid = key.public().kid().to_owned();
    let packed = {
        let jws = key.sign(&content());
        let part = jws.split('.').nth(1).unwrap().to_owned();
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, part).unwrap()
    };
    let good = format!(r#"{{"zip":"DEF","alg":"ES256","kid":"{kid}"}}"#);
    assert_eq!(look(&key.sign_parts(&good, &packed)).refusal(), None);
    let plain = content().to_string();
    for (header, payload, code) in [
        (format!(r#"{{"zip":"DEF","kid":"{kid}"}}"#), packed.as_slice(), "header_without_alg"),
        (format!(r#"{{"zip":"DEF","alg":"none","kid":"{kid}"}}"#), &packed, "header_alg"),
        (format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#), &packed, "header_without_zip"),
        (format!(r#"{{"zip":"GZ","alg":"ES256","kid":"{kid}"}}"#), &packed, "header_zip"),
        (r#"{"zip":"DEF","alg":"ES256"}"#.into(), &packed, "header_without_kid"),
        (r#"{"zip":"DEF","alg":"ES256","kid":"x"}"#.into(), &packed, "header_kid"),
        (format!(r#"{{"zip":"DEF","alg":"ES256","crit":["x"],"kid":"{kid}"}}"#), &packed, "header_critical"),
        ("{]".into(), &packed, "header_not_json"),
        (good.clone(), plain.as_bytes(), "not_compressed"),
        (good.clone(), &packed[..packed.len() - 2], "inflate_failed"),
        (good.clone(), &[packed.as_slice(), b"x"].concat(), "inflate_trailing"),
    ] {
        let text = to_file(&[&key.sign_parts(&header, payload)]);
        let card = look(&text);
        assert!(codes(&card).contains(&code), "{code}: {:?}", codes(&card));
        assert!(card.refusal().is_some());
    }
    for (content, code) in [
        (format!(" {plain}"), "trailing_characters"),
        (format!("\u{FEFF}{plain}"), "byte_order_mark"),
        (Value::String(plain.clone()).to_string(), "payload_not_json"),
        ("{".into(), "payload_not_json"),
    ] {
        let card = look(&key.sign_bytes(content.as_bytes()));
        assert!(codes(&card).contains(&code), "{code}: {:?}", codes(&card));
        assert!(card.refusal().is_some());
    }
}

#[test]
fn a_signature_is_the_issuers_or_it_is_not() {
    let jws = key().sign(&content());
    let other = SigningKey::from_bytes([8; 32]).unwrap();
    assert!(codes(&look(&other.sign(&content()))).contains(&"key_not_published"));
    // Another key under the right name.
    let header = format!(r#"{{"zip":"DEF","alg":"ES256","kid":"{}"}}"#, key().public().kid());
    let packed =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, jws.split('.').nth(1).unwrap())
            .unwrap();
    let forged = look(&other.sign_parts(&header, &packed));
    assert_eq!(forged.refusal().unwrap().reason, Reason::SignatureInvalid);
    assert_eq!(forged.signature, Signature::Bad);
    let unknown =
        check(find(&jws, &Limits::default()).unwrap()[0].as_ref().unwrap(), &Context::new(NOW), [].as_slice());
    assert_eq!((unknown.refusal(), &unknown.signature), (None, &Signature::NotChecked));
    assert_eq!(codes(&unknown), ["issuer_unknown"]);
    let cut = jws.rsplit_once('.').unwrap().0;
    assert!(codes(&look(&to_file(&[&format!("{cut}.AAAA")]))).contains(&"signature_length"));
}

#[test]
fn a_revoked_card_is_refused() {
    let mut revocable = content();
    set(&mut revocable, "/vc/rid", Some(json!("abc")));
    let jws = key().sign(&revocable);
    let kid = key().public().kid().to_owned();
    let mut issuers = issuers();
    let look = |issuers: &[Issuer]| {
        let found = find(&jws, &Limits::default()).unwrap();
        check(found[0].as_ref().unwrap(), &Context::new(NOW), issuers)
    };
    assert_eq!(look(&issuers).refusal(), None);
    for (rids, revoked) in [
        (json!(["abc"]), true),
        (json!(["abc.1700000001"]), true),
        (json!(["abc.1600000000"]), false),
        (json!(["other"]), false),
    ] {
        let list = json!({ "kid": kid, "method": "rid", "ctr": 1, "rids": rids });
        issuers[0].revocations = vec![check_revocation_list(list.to_string().as_bytes(), None, None).0.unwrap()];
        assert_eq!(look(&issuers).refusal().is_some(), revoked, "{rids}");
    }
}

#[test]
fn size_is_bounded_before_memory_is_spent() {
    let context = Context { limits: Limits { payload_bytes: 1000, ..Limits::default() }, ..Context::new(NOW) };
    let bomb = key().sign_bytes(&vec![b' '; 4 << 20]);
    let candidate = Candidate { jws: bomb, place: String::new(), carrier: Carrier::Text, findings: vec![] };
    let card = check(&candidate, &context, [].as_slice());
    assert_eq!(card.refusal().unwrap().reason, Reason::TooLarge { limit: 1000 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_card_with_any_byte_changed_never_verifies(at in any::<prop::sample::Index>(), to in 0x20u8..0x7F) {
        let jws = key().sign(&content());
        let mut bytes = jws.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let candidate = Candidate {
            jws: String::from_utf8(bytes).unwrap(), place: String::new(), carrier: Carrier::Text, findings: vec![],
        };
        let card = check(&candidate, &Context::new(NOW), issuers().as_slice());
        let verified = matches!(card.signature, Signature::Verified { .. });
        prop_assert!(!verified || card.refusal().is_some(), "{:?}", card.findings);
    }

    #[test]
    fn any_content_that_is_signed_is_read_back(family in "\\PC{1,40}", seed in 1u8..=255) {
        let key = SigningKey::from_bytes([seed; 32]);
        prop_assume!(key.is_some());
        let key = key.unwrap();
        let mut content = content();
        set(&mut content, "/vc/credentialSubject/fhirBundle/entry/0/resource/name", Some(json!([{ "family": family }])));
        let jws = key.sign(&content);
        let issuer = Issuer { url: "https://clinic.example/shc".into(), keys: Some(vec![key.public()]), ..Issuer::default() };
        let found = find(&to_file(&[&jws]), &Limits::default()).unwrap();
        let card = check(found[0].as_ref().unwrap(), &Context::new(NOW), &[issuer][..]);
        prop_assert_eq!(card.refusal(), None);
        let verified = matches!(card.signature, Signature::Verified { .. });
        prop_assert!(verified);
        prop_assert_eq!(Value::Object(card.payload.unwrap().bundle), content.pointer("/vc/credentialSubject/fhirBundle").unwrap().clone());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        for text in [text.clone(), format!("shc:/{text}"), format!("ey{text}"), format!("{{\"verifiableCredential\":[{text}]}}")] {
            for candidate in find(&text, &Limits::default()).into_iter().flatten().flatten() {
                let _ = check(&candidate, &Context::new(NOW), issuers().as_slice());
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = check_payload(&bytes, NOW, true);
        let _ = check_bundle(&bytes, true);
        let _ = check_key_set(&bytes, None, Some(NOW));
        let _ = check_revocation_list(&bytes, None, None);
        let _ = crate::es256::signature(&bytes);
        let _ = crate::certificate::Certificate::from_der(&bytes);
    }
}
