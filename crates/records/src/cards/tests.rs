//! Files with cards and certificates of our own.

use super::*;
use crate::import::Limits;
use proptest::prelude::*;
use serde_json::{Value, json};
use smart_health::card::SigningKey;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://clinic.example/shc";
const KID: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn key() -> SigningKey {
    SigningKey::from_bytes([7; 32]).unwrap()
}

fn card(dose: &str) -> String {
    key().sign(&json!({
        "iss": ISSUER, "nbf": 1_700_000_000,
        "vc": { "type": [card::HEALTH_CARD], "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
            "resourceType": "Bundle", "type": "collection", "entry": [
                { "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "name": [{ "family": "Example" }], "birthDate": "1970-01-01" } },
                { "fullUrl": "resource:1", "resource": { "resourceType": "Immunization", "status": "completed",
                    "patient": { "reference": "resource:0" }, "occurrenceDateTime": dose,
                    "vaccineCode": { "coding": [{ "system": "http://hl7.org/fhir/sid/cvx", "code": "207" }] } } },
            ],
        } } },
    }))
}

fn trust() -> TrustStore {
    let mut trust = TrustStore::default();
    let snapshot = json!([{ "issuer": { "iss": ISSUER, "name": "Clinic" }, "keys": [key().public().to_jwk()] }]);
    trust.add_snapshot("list", snapshot.to_string().as_bytes(), NOW).unwrap();
    let jwk = hcert::public_key([9; 32], KID).unwrap();
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let list = json!({ "eu_keys": { base64(&KID): [{ "subjectPk": base64(jwk.spki()) }] } });
    trust.add_document_keys("documents", list.to_string().as_bytes(), NOW).unwrap();
    trust
}

fn read_all(bytes: &[u8], trust: &TrustStore) -> (Vec<Converted>, Vec<Skip>, Vec<Note>) {
    let limits = Limits::default();
    let source = Source { name: "cards", sha256: [5; 32], now: NOW, limits: &limits };
    let (mut records, mut skips) = (Vec::new(), Vec::new());
    let notes = read(bytes, &source, trust.into(), &mut |found| {
        match found {
            Found::Resource(converted) => records.push(*converted),
            Found::Skipped(skip) => skips.push(skip),
            Found::Attachment(_) => panic!("no attachment"),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (records, skips, notes)
}

#[test]
fn a_card_becomes_records_with_its_issuers_signature() {
    let file = card::to_file(&[&card("2021-01-01")]);
    assert!(sniff(file.as_bytes()));
    let (records, skips, notes) = read_all(file.as_bytes(), &trust());
    assert_eq!((skips.as_slice(), notes.as_slice()), ([].as_slice(), [].as_slice()));
    let places: Vec<_> = records.iter().map(|record| record.place.as_str()).collect();
    assert_eq!(
        places,
        [
            "verifiableCredential[0].fhirBundle.entry[0]",
            "verifiableCredential[0].fhirBundle.entry[1]",
            "verifiableCredential[0]"
        ]
    );
    let patient = format!("urn:uuid:{}", records[0].resource["id"].as_str().unwrap());
    assert_eq!(records[1].resource["patient"]["reference"], patient.as_str());
    assert_eq!(records[2].resource["resourceType"], "DocumentReference");
    assert_eq!(records[2].resource["subject"]["reference"], patient.as_str());
    assert_eq!(records[2].resource["content"][0]["attachment"]["url"], format!("Binary/{}", "05".repeat(32)));
    for record in &records {
        let signed = record.signed.as_ref().unwrap();
        assert_eq!((signed.issuer.as_str(), signed.name.as_deref(), signed.listed), (ISSUER, Some("Clinic"), true));
        assert_eq!(signed.key_id, key().public().kid());
    }
    assert_eq!(records[2].resource["content"][0]["attachment"]["contentType"], "application/smart-health-card");
    // As a code it is the same records to the byte; only the file is another.
    let (scheme, digits) = card::to_segments(&card("2021-01-01")).unwrap();
    let (again, ..) = read_all(format!("{scheme}{digits}").as_bytes(), &trust());
    let resources = |records: &[Converted]| records.iter().map(|record| record.resource.clone()).collect::<Vec<_>>();
    assert_eq!(resources(&again)[..2], resources(&records)[..2]);
    assert_eq!(again[2].resource["content"][0]["attachment"]["contentType"], "text/plain");
}

#[test]
fn an_issuer_that_is_not_known_leaves_the_records_unsigned() {
    let file = card("2021-01-01");
    let (records, skips, notes) = read_all(file.as_bytes(), &TrustStore::default());
    assert_eq!((records.len(), skips.len()), (3, 0));
    assert!(records.iter().all(|record| record.signed.is_none()));
    assert_eq!(notes, [Note { place: "text".into(), reason: CardReason::HealthCard(card::Reason::IssuerUnknown) }]);
    let (signed, ..) = read_all(file.as_bytes(), &trust());
    let same = records.iter().zip(&signed).all(|(before, after)| before.resource == after.resource);
    assert!(same, "what is known of the issuer is no part of a record");
}

#[test]
fn one_bad_card_does_not_fail_the_file() {
    let good = card("2021-01-01");
    let forged = SigningKey::from_bytes([8; 32]).unwrap().sign(&json!({ "iss": ISSUER }));
    let file = json!({ "verifiableCredential": [forged, 7, good] }).to_string();
    let (records, skips, _) = read_all(file.as_bytes(), &trust());
    assert_eq!(records.len(), 3);
    let codes: Vec<_> = skips.iter().map(|skip| (skip.path.as_str(), skip.reason.code())).collect();
    assert_eq!(
        codes,
        [("verifiableCredential[0].payload.nbf", "nbf_missing"), ("verifiableCredential[1]", "card_not_text")]
    );
    for text in ["hello", "{}", "\u{FEFF}x"] {
        let (records, skips, _) = read_all(text.as_bytes(), &trust());
        assert_eq!((records.len(), skips.len()), (0, 1), "{text}");
    }
}

fn certificate(member: &str, statement: Value) -> String {
    let content = json!({ "ver": "1.3.0", "dob": "1998-02", "nam": { "fn": "Gößinger", "fnt": "GOESSINGER", "gnt": "GABI<ANNA" }, member: [statement] });
    hcert::issue([9; 32], KID, "AT", NOW - 100, NOW + 100, &content).unwrap()
}

fn vaccination() -> Value {
    json!({ "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
        "dt": "2021-02-18", "co": "AT", "is": "Ministry", "ci": "URN:UVCI:01:AT:1#X" })
}

#[test]
fn a_vaccination_becomes_an_immunization() {
    let text = certificate("v", vaccination());
    assert!(sniff(text.as_bytes()));
    let (records, skips, notes) = read_all(format!("{text}\r\n").as_bytes(), &trust());
    assert_eq!((skips.len(), notes.len()), (0, 0));
    let [patient, immunization, document] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(patient.resource["name"][0], json!({ "family": "Gößinger", "given": ["GABI ANNA"] }));
    assert_eq!(patient.resource["birthDate"], "1998-02");
    assert_eq!(immunization.place, "HC1: v[0]");
    let resource = &immunization.resource;
    assert_eq!(resource["vaccineCode"]["text"], "Comirnaty");
    assert_eq!(resource["vaccineCode"]["coding"][1]["display"], "SARS-CoV-2 mRNA vaccine");
    assert_eq!(resource["occurrenceDateTime"], "2021-02-18");
    assert_eq!(resource["manufacturer"]["display"], "Biontech Manufacturing GmbH");
    assert_eq!(resource["protocolApplied"][0]["doseNumberPositiveInt"], 2);
    assert_eq!(document.resource["date"], "2027-01-15T07:58:20Z");
    assert_eq!(immunization.signed.as_ref().unwrap().key_id, "0102030405060708");
    // Unknown codes stay, as text.
    let mut unknown = vaccination();
    unknown["mp"] = json!("New-Vaccine");
    let (records, ..) = read_all(certificate("v", unknown).as_bytes(), &trust());
    assert_eq!(records[1].resource["vaccineCode"]["text"], "New-Vaccine");
}

#[test]
fn each_of_an_early_releases_vaccinations_is_a_record() {
    let mut second = vaccination();
    (second["dn"], second["ci"]) = (json!(1), json!("URN:UVCI:01:AT:0#X"));
    let content = json!({ "ver": "1.2.1", "dob": "1998-02-26", "nam": { "gn": "Suharto", "gnt": "SUHARTO" },
        "v": [second, vaccination()] });
    let text = hcert::issue([9; 32], KID, "AT", NOW - 100, NOW + 100, &content).unwrap();
    let (records, skips, notes) = read_all(text.as_bytes(), &trust());
    assert_eq!((skips.len(), notes.len()), (0, 0));
    let [patient, first, second, _] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(patient.resource["name"], json!([{ "given": ["Suharto"] }]));
    assert_eq!((first.place.as_str(), second.place.as_str()), ("HC1: v[0]", "HC1: v[1]"));
    let dose = |record: &Converted| record.resource["protocolApplied"][0]["doseNumberPositiveInt"].clone();
    assert_eq!((dose(first), dose(second)), (json!(1), json!(2)));
    assert_ne!(first.resource["id"], second.resource["id"]);
}

#[test]
fn a_certificate_of_another_kind_is_said_to_be_one() {
    // {1: "AT", 4: exp, 6: iat, -260: {3: {}}}, as the WHO's DDCC has it.
    let time = |time: i64| u32::try_from(time).unwrap().to_be_bytes();
    let mut claims = vec![0xA4, 1, 0x62, b'A', b'T', 4, 0x1A];
    claims.extend(time(NOW + 100));
    claims.extend([6, 0x1A]);
    claims.extend(time(NOW - 100));
    claims.extend([0x39, 1, 3, 0xA1, 3, 0xA0]);
    let mut message = vec![0xD2, 0x84, 0x4D, 0xA2, 1, 0x26, 4, 0x48, 9, 9, 9, 9, 9, 9, 9, 9, 0xA0, 0x58];
    message.push(u8::try_from(claims.len()).unwrap());
    message.extend(claims);
    message.extend([0x58, 64]);
    message.extend([7; 64]);
    let (records, skips, _) = read_all(hcert::wrap(&message).as_bytes(), &trust());
    assert_eq!((records.len(), skips[0].reason.code()), (0, "other_certificate"));
}

#[test]
fn a_test_becomes_an_observation_and_a_recovery_a_condition() {
    let test = json!({ "tg": "840539006", "tt": "LP6464-4", "nm": "A device", "sc": "2021-02-20T12:34:56", "tr": "260415000",
        "tc": "Centre", "co": "AT", "is": "Ministry", "ci": "01AT" });
    let (records, ..) = read_all(certificate("t", test).as_bytes(), &trust());
    let resource = &records[1].resource;
    assert_eq!(resource["code"]["coding"][0]["code"], "94500-6");
    assert_eq!(resource["valueCodeableConcept"]["text"], "Not detected");
    assert_eq!(resource["effectiveDateTime"], "2021-02-20", "without a zone the hour is not certain");
    assert_eq!(resource["identifier"], json!([{ "value": "01AT" }]));
    let recovery = json!({ "tg": "840539006", "fr": "2021-02-20", "co": "AT", "is": "Ministry", "df": "2021-03-20",
        "du": "2021-08-20", "ci": "URN:UVCI:01:AT:2" });
    let both = format!("{}\n{}", certificate("r", recovery), certificate("v", vaccination()));
    let (records, ..) = read_all(both.as_bytes(), &trust());
    assert_eq!(records[1].resource["resourceType"], "Condition");
    assert_eq!(records[1].resource["recordedDate"], "2021-02-20");
    assert_eq!(records[3].place, "HC1: (line 2) v[0]");
    assert_eq!(records[0].resource, records[2].resource, "the same person is the same Patient");
    assert!(records[4..].iter().all(|record| record.resource["resourceType"] == "DocumentReference"), "last of all");
}

#[test]
fn a_bad_certificate_is_skipped_and_an_unknown_key_leaves_it_unsigned() {
    let text = certificate("v", vaccination());
    let (records, _, notes) = read_all(text.as_bytes(), &TrustStore::default());
    assert!(records.iter().all(|record| record.signed.is_none()));
    assert_eq!(notes[0].reason.code(), "key_unknown");
    let (records, skips, _) = read_all(&text.as_bytes()[..text.len() - 9], &trust());
    assert_eq!((records.len(), skips.len()), (0, 1));
    assert!(skips[0].reason.to_string().starts_with("Health certificate: "));
}

#[test]
fn reading_stops_when_it_is_told_to() {
    let limits = Limits::default();
    let source = Source { name: "cards", sha256: [5; 32], now: NOW, limits: &limits };
    let mut taken = 0;
    read(card("2021-01-01").as_bytes(), &source, (&trust()).into(), &mut |_| {
        taken += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(taken, 1);
    let tiny = Limits { file_bytes: 10, ..Limits::default() };
    let source = Source { limits: &tiny, ..source };
    assert!(matches!(
        read(&[b'x'; 11], &source, (&trust()).into(), &mut |_| ControlFlow::Continue(())),
        Err(Error::TooLarge { .. })
    ));
    assert!(matches!(read(b" \n", &source, (&trust()).into(), &mut |_| ControlFlow::Continue(())), Err(Error::Empty)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 1..200), text in "\\PC{1,100}") {
        let limits = Limits::default();
        let source = Source { name: "x", sha256: [0; 32], now: NOW, limits: &limits };
        for bytes in [bytes.as_slice(), text.as_bytes(), format!("HC1:{text}").as_bytes(), format!("shc:/{text}").as_bytes()] {
            let _ = sniff(bytes);
            let _ = read(bytes, &source, (&TrustStore::default()).into(), &mut |_| ControlFlow::Continue(()));
        }
    }

    #[test]
    fn a_changed_card_is_never_signed(at in any::<prop::sample::Index>(), to in 0x2Du8..0x7B) {
        let good = card("2021-01-01");
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let (records, ..) = read_all(&bytes, &trust());
        prop_assert!(records.iter().all(|record| record.signed.is_none()));
    }
}

#[test]
fn a_certificate_is_one_over_lines_and_in_small_letters() {
    let content = json!({
        "ver": "1.3.0", "dob": "1970-01-01", "nam": { "fnt": "EXAMPLE" },
        "r": [{ "tg": "840539006", "fr": "2024-02-20", "co": "AT", "is": "Ministry", "df": "2024-03-20", "du": "2028-08-20",
                "ci": "URN:UVCI:01:AT:1" }],
    });
    let code = hcert::issue([9; 32], KID, "AT", 1_720_000_000, 1_900_000_000, &content).unwrap();
    let ids = |text: &str| {
        let (records, skips, _) = read_all(text.as_bytes(), &trust());
        assert!(skips.is_empty(), "{text}: {skips:?}");
        records.iter().map(|record| record.resource["id"].clone()).collect::<Vec<_>>()
    };
    let expected = ids(&code);
    let lines: Vec<&str> = code.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
    assert_eq!(ids(&lines.join("\r\n")), expected);
    assert_eq!(ids(&format!("hc1:{}", &code[4..])), expected);
    assert_eq!(ids(&format!("{}\n{code}", lines.join("\n"))).len(), 2 * expected.len());
    // A line after a whole one is no part of it.
    let (records, skips, _) = read_all(format!("{code}\nTEL 12345").as_bytes(), &trust());
    assert_eq!((records.len(), skips.len()), (expected.len(), 1));
}
