//! The formats as they were first written down: every later version must still read and make exactly these bytes.
//!
//! When they were written, grants, steps, commitments, withdrawals, receipts, passcodes and roots were also made or
//! verified from the documentation with other implementations (Python: cbor2, cryptography, rfc8785, hashlib).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::canonical::{entries_root, leaf};
use carnet_consent::consent_receipt::{ConsentReceipt, Known, LedgerPlace, Party, Withdrawal};
use carnet_consent::control::PasscodeVerifier;
use carnet_consent::grant::*;
use carnet_consent::narrowing::{Chain, Narrowing};
use carnet_consent::receipt::{Outcome, Receipt, RefusalReason};
use carnet_consent::request::Request;
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_consent::{GrantId, bundle};
use serde_json::{Value, json};

const NOW: i64 = 1_795_353_572;

/// Compares what is made now with what was written down. With `CARNET_NEW_VECTORS` set it writes a *missing* file; it
/// never writes over one: a format that changes gets a new version and a new file.
fn check(name: &str, made: &Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    if std::env::var_os("CARNET_NEW_VECTORS").is_some() && !path.exists() {
        std::fs::write(&path, serde_json::to_string_pretty(made).unwrap() + "\n").unwrap();
    }
    let written: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(&written, made, "{name}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn key() -> GrantKey {
    GrantKey::from_seed([0x11; 32])
}

fn usual() -> GrantDraft {
    GrantDraft {
        id: GrantId::from_bytes([0x22; 16]),
        granter: Granter::Patient,
        recipient: Recipient {
            class: RecipientClass::Person,
            name: Some(Name::new("Dr Example").unwrap()),
            identified_by: IdentifiedBy::Patient,
            key: None,
        },
        request: None,
        purpose: Purpose::Treatment,
        what: Scope::all_but_sensitive(),
        how: Modes { access: Set::all(), formats: [Format::Ips].into_iter().collect() },
        not_before: NOW,
        expires: NOW + 86_400,
        max_openings: Some(3),
        erase_by: None,
        obligations: [Obligation::NoRedisclosure].into_iter().collect(),
        notice: Notice { language: Language::new("en").unwrap(), version: 1 },
        withdrawal_tag: WithdrawalSecret::from_bytes([0x33; 32]).tag(),
        ledger: LedgerRef { policy_sha256: [0x44; 32] },
        max_stale: DEFAULT_MAX_STALE,
        supersedes: None,
    }
}

fn full() -> GrantDraft {
    let base = usual();
    GrantDraft {
        recipient: Recipient { key: Some(GrantKey::from_seed([0x55; 32]).public()), ..base.recipient },
        request: Some(RequestRef { by: Name::new("Example Hospital").unwrap(), sha256: [0x66; 32] }),
        purpose: Purpose::Research,
        what: Scope {
            categories: Some([Category::Allergy, Category::Medicine].into_iter().collect()),
            codes: vec![Code { system: "http://loinc.org".into(), code: "29463-7".into() }],
            since: Some(FhirDate::new("2020").unwrap()),
            until: Some(FhirDate::new("2026-11-22").unwrap()),
            pinned: vec![[0x77; 32]],
            leaves_out: [Sensitivity::Hiv, Sensitivity::Violence].into_iter().collect(),
            left_out: LeftOut::Something,
            content: Content::Live,
        },
        erase_by: Some(NOW + 30 * 86_400),
        obligations: Set::all(),
        max_stale: 3_600,
        ..base
    }
}

#[test]
fn grants() {
    let one = |draft: GrantDraft| {
        let grant = draft.into_grant(key().public(), NOW, ([0x88; 32], 12));
        let signed = sign(&grant, &key()).unwrap();
        json!({
            "seed": hex(&[0x11; 32]),
            "public_key": hex(&key().public()),
            "grant": grant,
            "cose_sign1": hex(signed.as_bytes()),
            "sha256": hex(&signed.sha256()),
            "bytes": signed.as_bytes().len(),
        })
    };
    let made = json!({"usual": one(usual()), "full": one(full())});
    check("grant.json", &made);
    // Reading what was written gives the same grant, without making it first.
    for (name, draft) in [("usual", usual()), ("full", full())] {
        let read = SignedGrant::verify(&unhex(&made[name]["cose_sign1"])).unwrap();
        assert_eq!(read, draft.into_grant(key().public(), NOW, ([0x88; 32], 12)));
    }
}

#[test]
fn commitments() {
    let types =
        [ObjectType::Grant, ObjectType::Receipt, ObjectType::JournalHead, ObjectType::Dataset, ObjectType::Cover];
    let entries: Vec<Value> = types
        .into_iter()
        .map(|ty| json!({"type": ty as u8, "entry": hex(&commit(&[0x99; 32], ty, &[0xaa; 32]).0)}))
        .collect();
    check("commitment.json", &json!({"r": hex(&[0x99; 32]), "object_sha256": hex(&[0xaa; 32]), "entries": entries}));
}

#[test]
fn withdrawals() {
    let secret = WithdrawalSecret::from_bytes([0x33; 32]);
    let preimage = secret.preimage();
    check(
        "withdrawal.json",
        &json!({
            "secret": hex(&[0x33; 32]),
            "preimage": hex(preimage.expose_bytes()),
            "tag": hex(&secret.tag()),
            "log_entry": hex(&preimage.log_entry()),
        }),
    );
}

#[test]
fn receipts() {
    let served = Receipt::new(
        NOW,
        "Dr Example, Example Hospital",
        Outcome::Served { files: vec![[0xbb; 32], [0xcc; 32]] },
        1,
        "relay.example",
        [0xdd; 32],
    );
    let refused = Receipt { outcome: Outcome::Refused { reason: RefusalReason::WrongPasscode }, ..served.clone() };
    let one = |receipt: &Receipt| {
        let cbor = receipt.to_cbor().unwrap();
        json!({"receipt": receipt, "cbor": hex(&cbor), "sha256": hex(&receipt.sha256().unwrap())})
    };
    let made = json!({"served": one(&served), "refused": one(&refused)});
    check("receipt.json", &made);
    let missing = Receipt { outcome: Outcome::Refused { reason: RefusalReason::PasscodeMissing }, ..served.clone() };
    let made_later = one(&missing);
    check("receipt-passcode-missing.json", &made_later);
    assert_eq!(Receipt::from_cbor(&unhex(&made_later["cbor"])).unwrap(), missing);
    for (name, receipt) in [("served", served), ("refused", refused)] {
        assert_eq!(Receipt::from_cbor(&unhex(&made[name]["cbor"])).unwrap(), receipt);
    }
}

/// Encryption is random, so here only reading is fixed: this file must open for ever.
#[cfg(feature = "age")]
#[test]
fn sealed_receipts() {
    use carnet_consent::receipt::{Envelope, decrypt};
    let identity: age::x25519::Identity =
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX".parse().unwrap();
    let outcome = Outcome::Refused { reason: RefusalReason::Exhausted };
    let receipt = Receipt::new(NOW, "Dr Example", outcome, 3, "relay.example", [0xdd; 32]);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/receipt.age");
    if std::env::var_os("CARNET_NEW_VECTORS").is_some() && !path.exists() {
        let envelope = Envelope::to(&identity.to_public().to_string()).unwrap();
        std::fs::write(&path, envelope.seal(&receipt, &[0x99; 32]).unwrap()).unwrap();
    }
    assert_eq!(decrypt(&identity, &std::fs::read(&path).unwrap()).unwrap(), (receipt, [0x99; 32]));
}

#[test]
fn entries() {
    let document = json!({
        "resourceType": "Bundle", "type": "document",
        "entry": [
            {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": {"resourceType": "Composition"}},
            {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000002", "resource": {
                "resourceType": "Observation", "note": [{"text": "é \u{1f600} \u{7} \" \\ /"}],
                "valueQuantity": {"value": serde_json::from_str::<Value>("72.50").unwrap(), "unit": "kg"}}},
            {"resource": {"resourceType": "Provenance", "signature": [{"sigFormat": "application/cose"}]}}
        ]
    });
    let (root, count) = entries_root(&document).unwrap();
    let leaves: Vec<String> =
        document["entry"].as_array().unwrap()[..2].iter().map(|entry| hex(&leaf(entry).unwrap())).collect();
    check("entries.json", &json!({"document": document, "leaves": leaves, "root": hex(&root), "entries": count}));
}

#[test]
fn narrowed_chains() {
    let grant = full().into_grant(key().public(), NOW, ([0x88; 32], 12));
    let step = Narrowing {
        recipient: Some(Name::new("Dr Next").unwrap()),
        holder: Some(GrantKey::from_seed([0x56; 32]).public()),
        expires: Some(NOW + 3_600),
        categories: Some([Category::Allergy].into_iter().collect()),
        access: Some([Access::View].into_iter().collect()),
        ..Narrowing::default()
    };
    let last = Narrowing { max_openings: Some(1), ..Narrowing::default() };
    let chain = Chain::new(sign(&grant, &key()).unwrap())
        .narrow(&step, &GrantKey::from_seed([0x55; 32]))
        .and_then(|chain| chain.narrow(&last, &GrantKey::from_seed([0x56; 32])))
        .unwrap();
    let effective = chain.verify().unwrap();
    let made = json!({
        "cbor": hex(&chain.to_cbor().unwrap()),
        "expires": effective.terms.expires,
        "max_openings": effective.terms.max_openings,
        "categories": effective.terms.categories,
        "access": effective.terms.access,
        "recipient": effective.recipient,
    });
    check("narrowing.json", &made);
    assert_eq!(Chain::from_cbor(&unhex(&made["cbor"])).unwrap(), chain);
}

#[test]
fn passcodes() {
    let verifier = PasscodeVerifier::new("pässcode 1234", vec![0xee; 16], 10_000).unwrap();
    check("passcode.json", &json!({"passcode": "pässcode 1234", "verifier": verifier}));
}

#[test]
fn requests_and_grants_that_supersede() {
    let draft = usual();
    let request = Request {
        by: Name::new("Example Hospital").unwrap(),
        class: RecipientClass::Organization,
        purpose: draft.purpose,
        what: draft.what,
        how: draft.how,
        seconds: 86_400,
        max_openings: Some(3),
        obligations: draft.obligations,
        asked_at: NOW,
        nonce: [0x77; 16],
    };
    let (unsigned, signed) = (request.write(None).unwrap(), request.write(Some(&key())).unwrap());
    let earlier = usual().into_grant(key().public(), NOW, ([0x88; 32], 12));
    let first = sign(&earlier, &key()).unwrap();
    let longer = GrantDraft::extending(&first, &earlier, earlier.id, earlier.withdrawal_tag, NOW + 7 * 86_400);
    let second = sign(&longer.into_grant(key().public(), NOW + 60, ([0x88; 32], 12)), &key()).unwrap();
    let made = json!({"unsigned": hex(&unsigned), "signed": hex(&signed), "superseding": hex(second.as_bytes())});
    check("request.json", &made);
    for form in ["unsigned", "signed"] {
        assert_eq!(Request::read(&unhex(&made[form])).unwrap().request, request, "{form}");
    }
    assert_eq!(SignedGrant::verify(&unhex(&made["superseding"])).unwrap().supersedes, Some(first.sha256()));
}

/// A document as it was sealed before sensitive labels stood in the Consent: it is read as it always was.
#[test]
fn an_earlier_sealed_document() {
    let text = include_str!("vectors/sealed-intermediate.json");
    let seen = bundle::verify(&serde_json::from_str(text).unwrap(), NOW);
    assert!(seen.signature.is_checked() && seen.entries_unaltered.is_checked() && seen.consent_agrees.is_checked());
}

/// A whole sealed document, kept as text: it must verify for ever.
#[test]
fn a_sealed_document() {
    let url = |n: u8| format!("urn:uuid:00000000-0000-4000-8000-0000000000{n:02}");
    let document = json!({
        "resourceType": "Bundle", "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": url(9)},
        "timestamp": "2026-11-22T13:19:32Z",
        "entry": [
            {"fullUrl": url(1), "resource": {
                "resourceType": "Composition", "id": "c1", "status": "final", "date": "2026-11-22T13:19:32Z",
                "title": "Patient summary", "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5"}]},
                "subject": {"reference": url(2)}, "author": [{"reference": url(2)}],
                "section": [{"title": "Weight", "entry": [{"reference": url(3)}]}]}},
            {"fullUrl": url(2), "resource": {"resourceType": "Patient", "id": "p1", "name": [{"text": "Ana Example"}]}},
            {"fullUrl": url(3), "resource": {
                "resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": url(2)},
                "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
                "valueQuantity": {"value": serde_json::from_str::<Value>("72.50").unwrap(), "unit": "kg"}}}
        ]
    });
    check_sealed("sealed.json", document);
}

/// Seals a Bundle with the usual grant, compares it with its vector, and verifies it.
fn check_sealed(name: &str, bundle: Value) {
    let request = bundle::SealRequest { bundle, grant: usual(), key: &key(), commitment_r: [0x99; 32], now: NOW };
    let sealed = bundle::seal(request).unwrap();
    check(name, &sealed.bundle);
    let seen = bundle::verify(&sealed.bundle, NOW);
    assert!(seen.signature.is_checked() && seen.entries_unaltered.is_checked() && seen.consent_agrees.is_checked());
}

/// A sealed collection about one Patient, as a front desk takes it in.
#[test]
fn a_sealed_collection() {
    let url = |n: u8| format!("urn:uuid:00000000-0000-4000-8000-0000000000{n:02}");
    let collection = json!({
        "resourceType": "Bundle", "type": "collection", "timestamp": "2026-11-22T13:19:32Z",
        "entry": [
            {"fullUrl": url(2), "resource": {"resourceType": "Patient", "id": "p1", "name": [{"text": "Ana Example"}]}},
            {"fullUrl": url(3), "resource": {
                "resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": url(2)},
                "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
                "valueQuantity": {"value": serde_json::from_str::<Value>("72.50").unwrap(), "unit": "kg"}}}
        ]
    });
    check_sealed("sealed-collection.json", collection);
}

/// Consent receipts: as the patient knows little, and as everything is known.
#[test]
fn consent_receipts() {
    let one = |draft: GrantDraft, known: Known, created| {
        let signed = sign(&draft.into_grant(key().public(), NOW, ([0x88; 32], 12)), &key()).unwrap();
        ConsentReceipt::new(signed, known, created).unwrap()
    };
    let bare = Known {
        subject: None,
        controller: None,
        relay: "https://relay.example".to_owned(),
        ledger: None,
        stopping: None,
        withdrawn: None,
        jurisdiction: None,
    };
    let name = |text: &str| Name::new(text).unwrap();
    let whole = Known {
        subject: Some(name("Ana Exémple")),
        controller: Some(Party {
            name: name("Example Hospital"),
            contact: Some(name("privacy@hospital.example")),
            address: Some(name("1 Example Street, Example")),
        }),
        ledger: Some(LedgerPlace { log: "relay.example/commitments".to_owned(), index: 7, nonce: [0x99; 32] }),
        withdrawn: Some(Withdrawal { at: NOW + 3_600, preimage: WithdrawalSecret::from_bytes([0x33; 32]).preimage() }),
        jurisdiction: Some(*b"IE"),
        ..bare.clone()
    };
    for (file, receipt) in [
        ("consent-receipt-usual.json", one(usual(), bare, NOW + 60)),
        ("consent-receipt-full.json", one(full(), whole, NOW + 7_200)),
    ] {
        check(file, &receipt.to_json_ld());
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
        let written: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(ConsentReceipt::read(&written).unwrap(), receipt, "{file}");
    }
}
