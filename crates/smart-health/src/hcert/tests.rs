//! Certificates of our own, good and bad; the EU's test data are in `tests/hcert.rs`.

use super::*;
use ciborium::value::Value as Cbor;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const PRIVATE: [u8; 32] = [7; 32];
const KID: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn content() -> Value {
    json!({
        "ver": "1.3.0", "dob": "1998-02-26", "nam": { "fn": "Muster", "fnt": "MUSTER" },
        "t": [{ "tg": "840539006", "tt": "LP6464-4", "sc": "2021-02-20T12:34:56+01:00", "tr": "260415000", "co": "AT",
            "is": "Ministry", "ci": "URN:UVCI:01:AT:1#X" }],
    })
}

fn keys() -> Vec<DocumentKey> {
    vec![public_key(PRIVATE, KID).unwrap()]
}

fn good() -> String {
    issue(PRIVATE, KID, "AT", NOW - 100, NOW + 100, &content()).unwrap()
}

fn look(text: &str) -> Certificate {
    check(text, &Context::new(NOW), keys().as_slice())
}

fn codes(certificate: &Certificate) -> Vec<&'static str> {
    certificate.findings.iter().map(|finding| finding.reason.code()).collect()
}

/// The parts of the message, changed and packed again; the signature is not renewed.
fn changed(change: impl FnOnce(&mut Vec<Cbor>)) -> String {
    let message = unwrap(&good(), &Limits::default()).unwrap();
    let Cbor::Tag(18, inner) = ciborium::from_reader::<Cbor, _>(message.as_slice()).unwrap() else { panic!() };
    let Cbor::Array(mut parts) = *inner else { panic!() };
    change(&mut parts);
    packed(&Cbor::Array(parts))
}

fn packed(message: &Cbor) -> String {
    let mut out = Vec::new();
    ciborium::into_writer(message, &mut out).unwrap();
    wrap(&out)
}

fn bytes(value: &Cbor) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

fn number(number: i64) -> Cbor {
    Cbor::Integer(number.into())
}

#[test]
fn a_good_one_verifies_tagged_twice_or_not_at_all() {
    let certificate = look(&good());
    assert_eq!(codes(&certificate), [""; 0]);
    assert_eq!(certificate.signature, Signature::Verified { country: None });
    assert_eq!(certificate.claims.unwrap().certificate.unwrap(), content());
    assert!(look(&changed(|_| {})).refusal().is_none());
    let message = unwrap(&good(), &Limits::default()).unwrap();
    let twice = Cbor::Tag(61, Box::new(ciborium::from_reader(message.as_slice()).unwrap()));
    assert!(look(&packed(&twice)).refusal().is_none());
    assert!(look(&format!("{}\r\n", good())).refusal().is_none());
    assert!(looks_like_hcert(&format!(" \n{}", good())) && look(&format!(" \n{}", good())).refusal().is_none());
}

#[test]
fn each_fault_of_the_wrapping_has_its_reason() {
    let good = good();
    let body = good.strip_prefix(PREFIX).unwrap();
    let message = unwrap(&good, &Limits::default()).unwrap();
    for (text, code) in [
        (format!("HL0:{body}"), "context_unknown"),
        (format!("HC2:{body}"), "context_unknown"),
        (body.to_owned(), "not_hcert"),
        (String::new(), "not_hcert"),
        (format!("HC1:{}", body.to_lowercase()), "base45_character"),
        (format!("HC1:{body} "), "base45_length"),
        (format!("HC1:{}", base45::encode(&message)), "not_compressed"),
        (format!("HC1:{}", base45::encode(b"hello")), "inflate_failed"),
        (format!("HC1:{}", &body[..body.len() / 3 * 3 - 30]), "inflate_failed"),
        (wrap(b""), "cbor"),
        (wrap(&[message.as_slice(), b"\0"].concat()), "cbor"),
        (packed(&number(1)), "cose"),
        (wrap(&vec![0; 1 << 20]), "too_large"),
    ] {
        let codes = codes(&look(&text));
        assert!(
            codes.contains(&code) || (code == "base45_length" && codes == ["base45_overflow"]),
            "{code}: {codes:?}"
        );
    }
}

#[test]
fn each_fault_of_the_envelope_has_its_reason() {
    let protected = |map: Vec<(Cbor, Cbor)>| Cbor::Bytes(bytes(&Cbor::Map(map)));
    let kid = || Cbor::Bytes(KID.to_vec());
    for (text, code) in [
        (changed(|parts| parts[0] = protected(vec![(number(4), kid())])), "algorithm_missing"),
        (
            changed(|parts| parts[0] = protected(vec![(number(1), number(-257)), (number(4), kid())])),
            "algorithm_unknown",
        ),
        (changed(|parts| parts[0] = protected(vec![(number(1), number(-7))])), "kid_missing"),
        (
            changed(|parts| parts[0] = protected(vec![(number(1), number(-7)), (number(4), Cbor::Bytes(vec![1; 7]))])),
            "kid_length",
        ),
        (
            changed(|parts| parts[0] = protected(vec![(number(1), number(-7)), (number(4), Cbor::Bytes(vec![1; 9]))])),
            "kid_length",
        ),
        (
            changed(|parts| parts[0] = protected(vec![(number(1), number(-7)), (number(4), Cbor::Bytes(vec![1; 8]))])),
            "key_unknown",
        ),
        (changed(|parts| parts[0] = protected(vec![(number(1), number(-37)), (number(4), kid())])), "signature_length"),
        (changed(|parts| parts[3] = Cbor::Bytes(vec![1; 70])), "signature_length"),
        (changed(|parts| parts[3] = Cbor::Bytes(vec![1; 64])), "signature_invalid"),
        (changed(|parts| parts[3] = Cbor::Bytes(vec![])), "signature_length"),
        (
            changed(|parts| {
                parts.pop();
            }),
            "cose",
        ),
        (changed(|parts| parts[2] = Cbor::Bytes(vec![1])), "claims"),
        (changed(|parts| parts[2] = Cbor::Bytes(bytes(&Cbor::Map(vec![])))), "hcert_missing"),
        (
            changed(|parts| {
                parts[2] = Cbor::Bytes(bytes(&Cbor::Map(vec![(number(1), number(1)), (number(1), number(1))])))
            }),
            "claim_keys",
        ),
    ] {
        let certificate = look(&text);
        assert!(codes(&certificate).contains(&code), "{code}: {:?}", codes(&certificate));
        assert!(!matches!(certificate.signature, Signature::Verified { .. }), "{code}");
    }
}

#[test]
fn the_key_identifier_that_is_signed_counts() {
    let outside = |kid: Cbor| Cbor::Map(vec![(number(4), kid)]);
    // A wrong one outside of what is signed changes nothing; a right one there does not help a wrong one.
    assert!(look(&changed(|parts| parts[1] = outside(Cbor::Bytes(vec![9; 8])))).refusal().is_none());
    let wrong = changed(|parts| {
        parts[0] = Cbor::Bytes(bytes(&Cbor::Map(vec![(number(1), number(-7)), (number(4), Cbor::Bytes(vec![9; 8]))])));
        parts[1] = outside(Cbor::Bytes(KID.to_vec()));
    });
    assert_eq!(look(&wrong).signature, Signature::NotChecked);
}

#[test]
fn times_are_kept() {
    for (issued, expires, code) in [
        (NOW + 1, NOW + 100, Some("not_yet_valid")),
        (NOW - 100, NOW - 1, Some("expired")),
        // It is valid in its last second, too.
        (NOW - 100, NOW, None),
        ((NOW - 100) * 1000, (NOW + 100) * 1000, None),
    ] {
        let certificate = look(&issue(PRIVATE, KID, "AT", issued, expires, &content()).unwrap());
        assert_eq!(certificate.refusal().map(|finding| finding.reason.code()), code);
    }
}

#[test]
fn what_is_signed_and_about_something_else_is_noted() {
    let of = |content: Vec<(Cbor, Cbor)>| {
        let claims = Cbor::Map(vec![
            (number(1), Cbor::Text("AT".into())),
            (number(4), number(NOW + 100)),
            (number(6), number(NOW - 100)),
            (number(-260), Cbor::Map(content)),
        ]);
        let certificate = look(&changed(|parts| parts[2] = Cbor::Bytes(bytes(&claims))));
        let of_content = |finding: &&Finding| finding.path == "claims";
        let found = certificate.findings.iter().find(of_content).unwrap();
        (found.reason.code(), found.severity, certificate.claims.unwrap().others.len())
    };
    let ddcc = Cbor::Map(vec![(Cbor::Text("resourceType".into()), Cbor::Text("DDCC".into()))]);
    assert_eq!(of(vec![(number(3), ddcc)]), ("hcert_unknown", Severity::Noted, 1));
    assert_eq!(of(vec![]), ("hcert_missing", Severity::Refused, 0));
}

#[test]
fn several_vaccinations_are_held_against_the_key_and_the_lists_each() {
    let mut content = content();
    let vaccination = |number: u8| {
        json!({ "tg": "840539006", "vp": "J07BX03", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": number, "sd": 2,
            "dt": "2021-02-18", "co": "AT", "is": "Ministry", "ci": format!("URN:UVCI:01:AT:{number}") })
    };
    content.as_object_mut().unwrap().remove("t");
    content["v"] = json!([vaccination(1), vaccination(2)]);
    content["ver"] = json!("1.2.1");
    let text = issue(PRIVATE, KID, "AT", NOW - 100, NOW + 100, &content).unwrap();
    assert_eq!(look(&text).refusal(), None);
    let mut only_tests = keys();
    only_tests[0].kinds = vec![Kind::Test];
    assert_eq!(check(&text, &Context::new(NOW), only_tests.as_slice()).refusal().unwrap().reason, Reason::KeyUsage);
    struct Second(Vec<DocumentKey>, [u8; 16]);
    impl DocumentKeys for Second {
        fn keys(&self, kid: &[u8; 8]) -> Vec<&DocumentKey> {
            DocumentKeys::keys(self.0.as_slice(), kid)
        }
        fn is_revoked(&self, hashes: &RevocationHashes) -> bool {
            hashes.any(|hash| *hash == self.1)
        }
    }
    let hash = RevocationHashes::new(Some("URN:UVCI:01:AT:2"), None, Algorithm::Es256, &[]).identifier.unwrap();
    let certificate = check(&text, &Context::new(NOW), &Second(keys(), hash));
    assert_eq!(certificate.refusal().unwrap().reason, Reason::Revoked);
    // Nobody has a certificate before they are born.
    content["dob"] = json!("2090-01-01");
    let text = issue(PRIVATE, KID, "AT", NOW - 100, NOW + 100, &content).unwrap();
    assert_eq!(look(&text).refusal().unwrap().reason, Reason::BornLater);
}

#[test]
fn a_key_signs_what_it_may_and_what_is_not_revoked() {
    struct Revoking(Vec<DocumentKey>, [u8; 16]);
    impl DocumentKeys for Revoking {
        fn keys(&self, kid: &[u8; 8]) -> Vec<&DocumentKey> {
            DocumentKeys::keys(self.0.as_slice(), kid)
        }
        fn is_revoked(&self, hashes: &RevocationHashes) -> bool {
            hashes.any(|hash| *hash == self.1)
        }
    }
    let mut only_recoveries = keys();
    only_recoveries[0].kinds = vec![Kind::Recovery];
    let certificate = check(&good(), &Context::new(NOW), only_recoveries.as_slice());
    assert_eq!(certificate.refusal().unwrap().reason, Reason::KeyUsage);
    let hashes = RevocationHashes::new(Some("URN:UVCI:01:AT:1#X"), Some("AT"), Algorithm::Es256, &[]);
    for (hash, revoked) in
        [(hashes.identifier.unwrap(), true), (hashes.country_and_identifier.unwrap(), true), ([0; 16], false)]
    {
        let certificate = check(&good(), &Context::new(NOW), &Revoking(keys(), hash));
        assert_eq!(certificate.refusal().is_some(), revoked);
    }
}

#[test]
fn keys_and_times_as_text_are_read() {
    let text = |text: &str| Cbor::Text(text.into());
    let claims = Cbor::Map(vec![
        (text("1"), text("XX")),
        (text("4"), number((NOW + 5) * 1000)),
        (text("6"), Cbor::Float(NOW as f64)),
        (
            text("-260"),
            Cbor::Map(vec![(text("5"), Cbor::Array(vec![Cbor::Map(vec![(text("u"), text("shlink://x"))])]))]),
        ),
    ]);
    let mut findings = Vec::new();
    let claims = cose::read_claims(&bytes(&claims), &mut findings).unwrap();
    assert_eq!((claims.expires, claims.issued), (Some(NOW + 5), Some(NOW)));
    assert_eq!(claims.links, ["shlink://x"]);
    assert_eq!(findings.len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_message_with_any_byte_changed_never_verifies(at in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let mut message = unwrap(&good(), &Limits::default()).unwrap();
        let at = at.index(message.len());
        message[at] ^= flip;
        let certificate = look(&wrap(&message));
        let verified = matches!(certificate.signature, Signature::Verified { .. });
        // Only the tag in front is not under the signature.
        prop_assert!(!verified || at == 0, "{at}: {:?}", certificate.findings);
    }

    #[test]
    fn nothing_panics(text in "[0-9A-Z $%*+./:-]{0,120}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = look(&text);
        let _ = look(&format!("HC1:{text}"));
        let _ = look(&wrap(&bytes));
        let mut out = Certificate { kid: None, claims: None, signature: Signature::Bad, findings: vec![] };
        check_message(&bytes, &Context::new(NOW), keys().as_slice(), &mut out);
        let _ = cose::read_claims(&bytes, &mut Vec::new());
        let _ = DocumentKey::from_certificate(&bytes);
        let _ = DocumentKey::from_spki(KID, &bytes);
    }
}
