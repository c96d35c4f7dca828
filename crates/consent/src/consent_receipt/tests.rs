//! Tests of consent receipts: what is written is read, and nothing else is.

use super::*;
use crate::grant::*;
use crate::testkit::{NONCE, NOW, draft, full, key, withdrawal};
use proptest::prelude::*;
use serde_json::{Value, json};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn signed(grant: &Grant) -> SignedGrant {
    sign(grant, &key()).unwrap()
}

fn known() -> Known {
    Known {
        subject: Some(name("Ana Exémple")),
        controller: None,
        relay: "https://relay.example".to_owned(),
        ledger: Some(LedgerPlace { log: "relay.example/commitments".to_owned(), index: 7, nonce: NONCE }),
        stopping: None,
        withdrawn: None,
        jurisdiction: Some(*b"IE"),
    }
}

fn bare() -> Known {
    let relay = "http://127.0.0.1:8460".to_owned();
    Known { subject: None, controller: None, relay, ledger: None, stopping: None, withdrawn: None, jurisdiction: None }
}

fn usual() -> Grant {
    draft().into_grant(key().public(), NOW, ([4; 32], 12))
}

#[test]
fn every_field_that_must_be_there_is() {
    for (grant, known) in [(usual(), known()), (full(), bare())] {
        let receipt = ConsentReceipt::new(signed(&grant), known, NOW + 60).unwrap().to_json_ld();
        for field in ["dct:conformsTo", "dpv:hasIdentifier", "dct:created", "dpv:hasRecordOfActivity"] {
            assert!(!receipt[field].is_null(), "{field}");
        }
        let record = &receipt["dpv:hasRecordOfActivity"];
        for field in [
            "dct:conformsTo",
            "dct:identifier",
            "dpv:hasDataSubject",
            "dpv:hasNotice",
            "dct:language",
            "dpv:hasProcess",
            "dpv:hasDataController",
            "dpv:hasConsentControl",
            "dpv:hasJurisdiction",
            "dpv:hasRight",
            "dpv:hasEntity",
            "dpv:hasConsentStatus",
        ] {
            assert!(!record[field].is_null(), "{field}");
        }
        let process = &record["dpv:hasProcess"];
        for field in ["dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasStorageCondition", "dpv:hasRecipient"] {
            assert!(!process[field].is_null(), "{field}");
        }
        // Whoever is referred to is there, with name, identifier, contact and address.
        let entities = record["dpv:hasEntity"].as_array().unwrap();
        for reference in [&record["dpv:hasDataController"], &process["dpv:hasRecipient"]] {
            let entity = entities.iter().find(|entity| entity["@id"] == *reference).unwrap();
            for field in ["dpv:hasName", "dpv:hasIdentifier", "schema:contactPoint", "schema:address"] {
                assert!(!entity[field].is_null(), "{field}");
            }
        }
        let given = &record["dpv:hasConsentStatus"][0];
        for field in ["@type", "dpv:isIndicatedAtTime", "dpv:hasDuration", "dpv:isIndicatedBy"] {
            assert!(!given[field].is_null(), "{field}");
        }
    }
}

#[test]
fn it_says_what_the_grant_says() {
    let receipt = ConsentReceipt::new(signed(&full()), known(), NOW + 60).unwrap();
    let record = &receipt.to_json_ld()["dpv:hasRecordOfActivity"];
    let process = &record["dpv:hasProcess"];
    assert_eq!(record["dpv:hasEntity"][0]["dpv:hasName"], "Example Hospital", "who asked answers for it");
    assert_eq!(record["dpv:hasEntity"][1]["dpv:hasName"], "Dr Example");
    assert_eq!(process["dpv:hasPersonalData"].as_array().unwrap().len(), 4, "two categories and two records");
    assert_eq!(process["dpv:hasPersonalData"][1]["skos:broader"], "pd:Prescription");
    assert_eq!(process["dpv:hasPersonalData"][0]["dct:temporal"], "../2026-11-22");
    assert_eq!(process["dpv:hasPurpose"]["skos:broader"], "sector-health:HealthcareServiceManagement");
    let rules: Vec<_> = process["dpv:hasRule"].as_array().unwrap().iter().map(|rule| &rule["dct:identifier"]).collect();
    assert_eq!(
        rules,
        [
            "http://terminology.hl7.org/CodeSystem/v3-ActCode#NORDSCLCD",
            "http://terminology.hl7.org/CodeSystem/v3-ActCode#HIV"
        ]
    );
    let storage = process["dpv:hasStorageCondition"].as_array().unwrap();
    assert!(storage.iter().any(|condition| condition["@type"] == "dpv:StorageDeletion"));
    assert_eq!(record["dpv:hasJurisdiction"], json!({"@id": "loc:IE"}));
    let words = format!("{:?}", receipt.in_words(&Language::new("en").unwrap()));
    for said in [
        "Dr Example",
        "Example Hospital",
        "allergy, medicine",
        "HIV and AIDS",
        "29463-7",
        "shared through the same link",
    ] {
        assert!(words.contains(said), "{said}");
    }
}

#[test]
fn it_says_the_same_in_each_language_and_all_of_it() {
    let receipt = ConsentReceipt::new(signed(&full()), known(), NOW + 60).unwrap();
    let words = |tag: &str| receipt.in_words(&Language::new(tag).unwrap());
    let english = words("en");
    assert_eq!(words("zh-Hans"), english, "and English where there are no words");
    assert_eq!(words("DE-at").language, "de");
    for tag in ["de", "es", "fr", "pt-BR"] {
        let other = words(tag);
        assert!(tag.starts_with(other.language) && other.title != english.title);
        assert_eq!(other.sections.len(), english.sections.len());
        for (ours, theirs) in other.sections.iter().zip(&english.sections) {
            assert_ne!(ours.title, theirs.title, "{tag}");
            assert_eq!(ours.lines.len(), theirs.lines.len(), "{tag}: {}", theirs.title);
            // What is a name, a number, a time or proof is the same in every language.
            let facts = |value: &str| value.contains("Example") || value.chars().all(|c| c.is_ascii_digit());
            for (our, their) in ours.lines.iter().zip(&theirs.lines).filter(|(_, their)| facts(&their.value)) {
                assert!(our.value.starts_with(their.value.split(" (").next().unwrap()), "{tag}: {}", their.label);
            }
        }
        let all = format!("{other:?}");
        assert!(!all.contains("Whoever") && !all.contains("the person") && !all.contains("Not "), "{all}");
    }
}

#[test]
fn the_state_is_that_of_the_moment() {
    let at = |created, withdrawn| {
        let receipt = ConsentReceipt::new(signed(&usual()), Known { withdrawn, ..known() }, created).unwrap();
        let json = receipt.to_json_ld();
        assert_eq!(ConsentReceipt::read(&json).unwrap(), receipt);
        let statuses = json["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"].as_array().unwrap().clone();
        (receipt.standing(), statuses.last().unwrap()["@type"].clone(), json["@id"].clone())
    };
    let given = json!(["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"]);
    let (standing, kind, id) = at(NOW, None);
    assert_eq!((standing, kind), (Standing::Given, given));
    let (standing, kind, later) = at(NOW + 86_400, None);
    assert_eq!((standing, kind), (Standing::Expired, json!("dpv:ConsentExpired")));
    assert_ne!(id, later);
    let end = Withdrawal { at: NOW + 60, preimage: withdrawal().preimage() };
    assert_eq!(at(NOW + 86_400, Some(end.clone())).0, Standing::Withdrawn);
    let (standing, kind, _) = at(NOW + 61, Some(end));
    assert_eq!((standing, kind), (Standing::Withdrawn, json!("dpv:ConsentWithdrawn")));
}

/// While its relay is away, a decision to withdraw is the patient's alone, and the receipt claims no more.
#[test]
fn what_is_decided_and_not_published_is_no_withdrawal() {
    let stopping = Known { stopping: Some(NOW + 60), ..known() };
    let receipt = ConsentReceipt::new(signed(&usual()), stopping.clone(), NOW + 61).unwrap();
    assert_eq!(receipt.standing(), Standing::Stopping);
    let json = receipt.to_json_ld();
    assert_eq!(ConsentReceipt::read(&json).unwrap(), receipt);
    assert!(!json.to_string().contains("ConsentWithdrawn"), "{json}");
    let language = Language::new("en").unwrap();
    let words = format!("{:?}", receipt.in_words(&language));
    assert!(words.contains("not yet published") && !words.contains("Withdrawn on"), "{words}");
    let early = ConsentReceipt::new(signed(&usual()), stopping, NOW + 59).unwrap_err();
    assert_eq!(early, Error::Invalid("withdrawal"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |change: &dyn Fn(&mut Known), created| {
        let mut known = known();
        change(&mut known);
        ConsentReceipt::new(signed(&usual()), known, created).unwrap_err()
    };
    assert_eq!(refused(&|_| (), NOW - 1), Error::Invalid("time of the receipt"));
    assert_eq!(refused(&|_| (), i64::MAX), Error::Invalid("time of the receipt"));
    for relay in ["", "ftp://x", "https://a b", "https://\"", &format!("https://{}", "x".repeat(200))] {
        assert_eq!(refused(&|known| known.relay = relay.to_owned(), NOW), Error::Invalid("address of the relay"));
    }
    let bad_log = |known: &mut Known| known.ledger.as_mut().unwrap().log = "a\nb".to_owned();
    assert_eq!(refused(&bad_log, NOW), Error::Invalid("name of the log"));
    assert_eq!(refused(&|known| known.jurisdiction = Some(*b"ie"), NOW), Error::Invalid("country"));
    let other = crate::withdrawal::WithdrawalSecret::from_bytes([9; 32]).preimage();
    for (at, preimage) in [(NOW, other), (NOW + 1, withdrawal().preimage())] {
        let end = Withdrawal { at, preimage };
        assert_eq!(refused(&|known| known.withdrawn = Some(end.clone()), NOW), Error::Invalid("withdrawal"));
    }
    let mut bytes = signed(&usual()).as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(SignedGrant::from_bytes(bytes).and_then(|signed| ConsentReceipt::new(signed, known(), NOW)).is_err());
}

/// All places in a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let step = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| places(value, &step(name), found)),
        Value::Array(items) => (0..).zip(items).for_each(|(n, value)| places(value, &step(&format!("{n}")), found)),
        _ => {}
    }
}

#[test]
fn nothing_in_it_can_be_altered() {
    let withdrawn = Some(Withdrawal { at: NOW, preimage: withdrawal().preimage() });
    let receipt = ConsentReceipt::new(signed(&full()), Known { withdrawn, ..known() }, NOW + 60).unwrap();
    let json = receipt.to_json_ld();
    let mut all = Vec::new();
    places(&json, "", &mut all);
    assert!(all.len() > 200);
    for place in all {
        let mut altered = json.clone();
        *altered.pointer_mut(&place).unwrap() = json!("x");
        // A name that only the patient states, or a place in the ledger, may be another: then the receipt says so.
        if let Ok(read) = ConsentReceipt::read(&altered) {
            assert_eq!(read.to_json_ld(), altered);
            assert_eq!(read.grant(), receipt.grant());
            assert_ne!(read.known(), receipt.known(), "{place}");
        }
    }
}

prop_compose! {
    fn a_name()(text in "[A-Za-z0-9é<&\"'{}\\\\ ]{1,40}") -> Option<Name> { Name::new(text.trim()).ok() }
}

prop_compose! {
    fn what_is_known()(
        subject in a_name(), controller in a_name(), contact in a_name(), address in a_name(),
        host in "[a-z0-9.-]{1,40}", log in proptest::option::of("[!-~]{1,60}"), index in 0..(1_u64 << 53),
        nonce in any::<[u8; 32]>(), withdrawn in proptest::option::of(NOW..NOW + 100), law in proptest::option::of("[A-Z]{2}"),
    ) -> Known {
        Known {
            subject,
            controller: controller.map(|name| Party { name, contact, address }),
            relay: format!("https://{host}"),
            ledger: log.filter(|log| is_address(log)).map(|log| LedgerPlace { log, index, nonce }),
            stopping: None,
            withdrawn: withdrawn.map(|at| Withdrawal { at, preimage: withdrawal().preimage() }),
            jurisdiction: law.map(|law| law.as_bytes().try_into().unwrap()),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(known in what_is_known(), all in any::<bool>(), later in 100..10_000_000_i64) {
        let grant = if all { full() } else { usual() };
        let receipt = ConsentReceipt::new(signed(&grant), known, NOW + later).unwrap();
        let text = serde_json::to_vec(&receipt.to_json_ld()).unwrap();
        prop_assert_eq!(ConsentReceipt::read(&serde_json::from_slice(&text).unwrap()).unwrap(), receipt);
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,200}", place in any::<prop::sample::Index>(), with in any::<Option<i64>>()) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            prop_assert!(ConsentReceipt::read(&value).is_err());
        }
        let mut json = ConsentReceipt::new(signed(&full()), known(), NOW).unwrap().to_json_ld();
        let mut all = Vec::new();
        places(&json, "", &mut all);
        *json.pointer_mut(place.get::<String>(&all)).unwrap() = with.map_or(Value::Null, Value::from);
        let _ = ConsentReceipt::read(&json);
    }
}
