//! Writes small made-up inputs for the fuzz targets to begin with, each into the folder of its target:
//! `cargo run -p smart-health --example fuzz_seeds -- FOLDER`. `cargo xtask fuzz` does so before it runs a target.
//!
//! What is signed is signed with a key that the targets do not believe: a target that finds a good signature has failed.

use std::{
    error::Error,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Value, json};
use smart_health::{
    ContentKey, Flags, Label, ManifestUrl, SmartHealthLink, attestation,
    card::{self, SigningKey},
    hcert, jwe, manifest,
    trust::TrustStore,
};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://a.example";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: fuzz_seeds FOLDER")?);
    links(&folder)?;
    cards(&folder)?;
    certificates(&folder)?;
    contents(&folder)
}

fn put(folder: &Path, target: &str, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(format!("seed-{name}")), bytes)?)
}

fn links(folder: &Path) -> Result<(), Box<dyn Error>> {
    for bits in 0..8_u8 {
        let [direct, passcode, long_term] = [1, 2, 4].map(|bit| bits & bit != 0);
        let flags = Flags { direct, passcode, long_term };
        let url = ManifestUrl::new(format!("{ISSUER}/{}", "a".repeat(43)))?;
        let label = Some(Label::new("My records")?);
        // Not every combination is legal (U with P): those are simply not written.
        if let Ok(link) = SmartHealthLink::new(url, ContentKey::from_bytes([0; 32]), Some(NOW), flags, label, None) {
            put(folder, "link", &bits.to_string(), link.to_uri())?;
            put(folder, "link", &format!("{bits}-viewer"), format!("https://viewer.example/#{}", link.to_uri()))?;
        }
    }
    let content = br#"{"resourceType":"Bundle"}"#;
    let file = jwe::encrypt(&ContentKey::from_bytes([0; 32]), [7; 12], manifest::FHIR_JSON, content);
    servers(folder, &file)?;
    put(folder, "jwe", "token", file)?;
    let mut compressed = DeflateEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(content)?;
    let header = br#"{"alg":"dir","enc":"A256GCM","cty":"fhir+json","zip":"DEF"}"#;
    put(folder, "jwe", "compressed", [&header[..], b"\n", &compressed.finish()?].concat())
}

/// Answers to the reader, written as `fuzz/fuzz_targets/reader.rs` has it.
fn servers(folder: &Path, file: &str) -> Result<(), Box<dyn Error>> {
    let updated = "2024-03-05T10:15:00Z";
    let listing = |files: Value| json!({ "status": "can-change", "files": files }).to_string();
    let embedded = listing(json!([{ "contentType": manifest::FHIR_JSON, "embedded": file, "lastUpdated": updated }]));
    let location = listing(
        json!([{ "contentType": manifest::FHIR_JSON, "location": format!("{ISSUER}/f"), "lastUpdated": updated }]),
    );
    let tries = r#"{"remainingAttempts":3}"#;
    let answers = [
        ("embedded", format!("0200\n{embedded}")),
        ("location", format!("0429 5\n\u{1e}\u{1e}200\n{location}\u{1e}404\n\u{1e}200\n{location}\u{1e}200\n{file}")),
        ("direct", format!("1200\n{file}")),
        ("passcode", format!("2\u{1e}401\n{tries}\u{1e}\u{1e}200\n{embedded}")),
        ("followed", format!("4200 60\n{location}\u{1e}200\n{file}\u{1e}\u{1e}200\n{location}\u{1e}\u{1e}404\n")),
        ("followed-direct", format!("5200\n{file}\u{1e}\u{1e}200\n{file}")),
        ("followed-passcode", format!("6\u{1e}200\n{embedded}\u{1e}\u{1e}401\n{tries}")),
    ];
    for (name, answers) in answers {
        put(folder, "reader", name, answers)?;
    }
    Ok(())
}

fn cards(folder: &Path) -> Result<(), Box<dyn Error>> {
    let key = SigningKey::from_bytes([8; 32]).ok_or("a key")?;
    let code = |system: &str, code: &str| json!({ "coding": [{ "system": system, "code": code }] });
    let payload = json!({
        "iss": ISSUER, "nbf": 1_700_000_000, "exp": 1_900_000_000, "rid": "abc",
        "vc": {
            "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"],
            "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
                "resourceType": "Bundle", "type": "collection",
                "entry": [
                    { "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "birthDate": "1970-01-02",
                        "name": [{ "family": "Example", "given": ["Ada"] }] } },
                    { "fullUrl": "resource:1", "resource": { "resourceType": "Immunization", "status": "completed",
                        "vaccineCode": code("http://hl7.org/fhir/sid/cvx", "207"), "lotNumber": "7",
                        "patient": { "reference": "resource:0" }, "occurrenceDateTime": "2024-03-05" } },
                    { "fullUrl": "resource:2", "resource": { "resourceType": "Observation", "status": "final",
                        "code": code("http://loinc.org", "94558-4"), "subject": { "reference": "resource:0" },
                        "effectiveDateTime": "2024-03-05", "valueCodeableConcept": code("http://snomed.info/sct", "260373001") } },
                ],
            } },
        },
    });
    put(folder, "card_payload", "card", payload.to_string())?;
    let bundle = payload.pointer("/vc/credentialSubject/fhirBundle").ok_or("a Bundle")?;
    put(folder, "card_payload", "bundle", bundle.to_string())?;
    let jws = key.sign(&payload);
    put(folder, "card", "jws", &jws)?;
    put(folder, "card", "file", card::to_file(&[&jws]))?;
    put(folder, "card", "bare", payload.to_string())?;
    let (scheme, digits) = card::to_segments(&jws)?;
    put(folder, "card", "digits", format!("{scheme}{digits}"))?;
    if let Some((first, second)) = digits.split_at_checked(digits.len() / 4 * 2) {
        put(folder, "card", "chunks", format!("{scheme}1/2/{first}\n{scheme}2/2/{second}"))?;
    }

    let jwk = key.public().to_jwk();
    let revoked = json!({ "kid": jwk.get("kid"), "method": "rid", "ctr": 1, "rids": ["abc", "def.1700000000"] });
    put(folder, "trust", "revoked", revoked.to_string())?;
    let header = json!({ "alg": "ES256", "kid": jwk.get("kid") });
    let claims = json!({ "iss": ISSUER, "iat": 1_700_000_000, "jti": "6f1f47a3-0d0e-4b3a-9a44-1b2c3d4e5f60" });
    let attestation = key.sign_parts(&header.to_string(), claims.to_string().as_bytes());
    put(folder, "attestation", "keys", format!("{attestation}\n{}", json!({ "keys": [jwk] })))?;
    let extension = json!({ "url": attestation::EXTENSION, "valueString": attestation });
    put(folder, "attestation", "bundle", json!({ "meta": { "extension": [extension] } }).to_string())?;

    let snapshot = json!({ "directory": "VCI", "issuerInfo": [
        { "issuer": { "iss": ISSUER, "name": "Clinic", "canonical_iss": ISSUER }, "keys": [jwk], "crls": [revoked] },
    ] });
    put(folder, "trust", "snapshot", snapshot.to_string())?;
    let directory = json!({ "participating_issuers": [{ "iss": ISSUER, "name": "Clinic" }] });
    put(folder, "trust", "directory", directory.to_string())?;
    put(folder, "trust", "keys", json!({ "keys": [jwk] }).to_string())?;
    let mut store = TrustStore::default();
    store.add_snapshot("b", snapshot.to_string().as_bytes(), 1)?;
    put(folder, "trust", "store", store.to_json())
}

fn certificates(folder: &Path) -> Result<(), Box<dyn Error>> {
    let person = json!({ "fn": "Example", "fnt": "EXAMPLE", "gn": "Ada", "gnt": "ADA" });
    let issued = json!({ "tg": "840539006", "co": "EE", "is": "Ministry", "ci": "URN:UVCI:01:EE:1#K" });
    let of = |extra: Value| {
        let mut statement = issued.clone();
        statement
            .as_object_mut()
            .into_iter()
            .for_each(|members| members.extend(extra.as_object().cloned().unwrap_or_default()));
        statement
    };
    let statements = [
        (
            "v",
            of(
                json!({ "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 1, "sd": 2, "dt": "2024-03-05" }),
            ),
        ),
        (
            "t",
            of(
                json!({ "tt": "LP6464-4", "nm": "PCR", "sc": "2024-03-05T10:15:00Z", "tr": "260415000", "tc": "Centre" }),
            ),
        ),
        ("r", of(json!({ "fr": "2024-03-05", "df": "2024-03-16", "du": "2024-09-01" }))),
    ];
    for (kind, statement) in statements {
        let content = json!({ "ver": "1.3.0", "nam": person, "dob": "1970-01-02", kind: [statement] });
        let text = hcert::issue([8; 32], [1, 2, 3, 4, 5, 6, 7, 8], "EE", 1_700_000_000, 1_900_000_000, &content);
        let text = text.ok_or("a certificate")?;
        put(folder, "hcert", &format!("{kind}-text"), &text)?;
        put(folder, "hcert", &format!("{kind}-message"), hcert::unwrap(&text, &hcert::Limits::default())?)?;
    }
    let key = hcert::public_key([9; 32], [1, 2, 3, 4, 5, 6, 7, 8]).ok_or("a key")?;
    put(folder, "trust", "spki", key.spki())?;
    signers(folder, key.spki())
}

/// Lists of those who sign certificates, in each form that is known.
fn signers(folder: &Path, spki: &[u8]) -> Result<(), Box<dyn Error>> {
    let certificate = certificate(spki);
    let kid = STANDARD.encode([1, 2, 3, 4, 5, 6, 7, 8]);
    let mut jwk = SigningKey::from_bytes([9; 32]).ok_or("a key")?.public().to_jwk();
    jwk.as_object_mut().ok_or("an object")?.insert("kid".to_owned(), kid.as_str().into());
    let raw = STANDARD.encode(&certificate);
    let lists = [
        (
            "did",
            json!({ "verificationMethod": [{ "id": format!("did:web:a.example:trustlist:DDCC:AUT:DSC#{kid}"), "publicKeyJwk": jwk }] }),
        ),
        ("gateway", json!([{ "kid": kid, "country": "AT", "rawData": raw, "certificateType": "DSC" }])),
        (
            "subject-keys",
            json!({ "eu_keys": { kid.as_str(): [{ "subjectPk": STANDARD.encode(spki), "keyUsage": ["v", "t"] }] } }),
        ),
        ("countries", json!({ "dsc_trust_list": { "AT": { "keys": [jwk] } } })),
        ("jwks", json!({ "keys": [jwk, { "kid": kid, "x5c": [raw] }] })),
    ];
    for (name, list) in lists {
        let list = list.to_string();
        TrustStore::default().add_document_keys(name, list.as_bytes(), 1)?;
        put(folder, "trust", name, list)?;
    }
    hcert::DocumentKey::from_certificate(&certificate).ok_or("a certificate")?;
    put(folder, "trust", "certificate", certificate)
}

/// A certificate of that key (X.509, DER) for vaccinations, with a signature that is none.
fn certificate(spki: &[u8]) -> Vec<u8> {
    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let head = match u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes() {
            [0, length @ ..0x80] => vec![tag, length],
            [0, length] => vec![tag, 0x81, length],
            [high, low] => vec![tag, 0x82, high, low],
        };
        [head, content].concat()
    }
    let sequence = |parts: &[&[u8]]| der(0x30, parts);
    let ecdsa_with_sha256 = sequence(&[&[6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2]]);
    let name = sequence(&[&der(0x31, &[&sequence(&[&[6, 3, 0x55, 4, 6], &[0x13, 2, b'A', b'T']])])]);
    let validity = sequence(&[&der(0x17, &[b"210101000000Z"]), &der(0x17, &[b"310101000000Z"])]);
    let vaccinations = sequence(&[&[6, 11, 0x2B, 6, 1, 4, 1, 0x8E, 0x37, 0x8F, 0x65, 1, 1]]);
    let usage = sequence(&[&[6, 3, 0x55, 0x1D, 0x25], &der(4, &[&vaccinations])]);
    let extensions = der(0xA3, &[&sequence(&[&usage])]);
    let version = der(0xA0, &[&[2, 1, 2]]);
    let signed = sequence(&[&version, &[2, 1, 1], &ecdsa_with_sha256, &name, &validity, &name, spki, &extensions]);
    sequence(&[&signed, &ecdsa_with_sha256, &[3, 2, 0, 0]])
}

fn contents(folder: &Path) -> Result<(), Box<dyn Error>> {
    let access = json!({ "access_token": "t", "token_type": "Bearer", "aud": "https://fhir.example/r4", "patient": "1",
        "query": ["Observation?category=laboratory"], "scope": "patient/*.rs", "expires_in": 3600 });
    put(folder, "content", "access", access.to_string())?;
    let parameters = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "verifiableCredential", "valueString": "a.b.c" },
        { "name": "resourceLink", "part": [{ "name": "bundledResource", "valueUri": "https://a.example/1" }] },
    ] });
    put(folder, "content", "issue", parameters.to_string())?;
    put(folder, "content", "type", "application/fhir+json; fhirVersion=4.0.1")
}
