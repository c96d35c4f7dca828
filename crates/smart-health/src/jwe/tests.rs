//! Tests of the compact JWE: vectors, bounds, hostile files.

use super::*;
use crate::manifest::FHIR_JSON;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;
use std::io::Write;

/// Made with npm `jose` 4 (an implementation by others) after the scheme of the Kill-the-Clipboard vectors: the key is
/// SHA-256("ktc-vector-key:" + id), the IV the first twelve bytes of SHA-256("ktc-vector-iv:" + id).
const BASELINE: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiYXBwbGljYXRpb24vZmhpcitqc29uIn0..54wrTza3o_y_TN7c.xzDd9P3jmkLhi89TV43zRG-09u8kyeXjw9C_Fu6Cd_Uy0eKN4BxQ2pDNhtS7uyqYNWF_IvlsY4-mB6S_TCHA5flHrCqQD5Aq-UlPsfPcnghdEpfALa4n0WJBcqaTU10ZoF_eRBW2EBUH1iN_kit9uyK4ecL6ss0oO8ICQH2uYsV_D4LHKkY3QLjYy2IT2BzYL18QViBT8B_yBVMn_jPOQrEuurD8hw.4A1x54VupV7YjtLQBXDOaQ";
const ZIP: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiYXBwbGljYXRpb24vZmhpcitqc29uIiwiemlwIjoiREVGIn0..lxbWAc1J0zFUzpyX.SAiNH0HP5bOY127cWdA7lLW3WWLLgnfrzqsRbh6FXOmEQ1eqcRoCBRiw4VwLS0P0guTQ9dzuG54dgvrEqNrEfwRrs2YbrK7nL7X_9uHK0XEcH3G3a3ZEbMe1BYawcZcQukgCVY-LkGY2TP_JWYtoSch0B_zUenOu5YL1tSbR.rvyW63Jd0t9czoQjmlrhZQ";
const NO_CTY: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..Uzs7_sCk2zz4tDid.AI05zbzhH5aHY625oYz50WnU6t5b6brH1jly60K7vOx664rWCW9TWFhjXww7NJdlKAklsBVuYiX5CZDFkU75Fam74u5ZdBJst6JGCg3hkhh0neF4s5sv5WMxGCpmOrizsVAP72XaeHJWpaNtFgSOZt-QalXDHDU0WvzzZYXU3B0nC3tKYjNoJ_-cMZzSBeoR3BTdtb_9ZGem1xXo_Yuoz3Q8SxUrdQ.svv3zMgLTXGpvvpn95vqjQ";
const CONTENT: &str = r#"{"resourceType":"Bundle","type":"collection","timestamp":"2026-01-30T12:00:00Z","entry":[{"resource":{"resourceType":"Observation","valueQuantity":{"value":72.50}}}]}"#;

fn vector_key(id: &str) -> ContentKey {
    ContentKey::from_bytes(Sha256::digest(format!("ktc-vector-key:{id}")).into())
}

fn vector_iv(id: &str) -> [u8; 12] {
    Sha256::digest(format!("ktc-vector-iv:{id}"))[..12].try_into().unwrap()
}

/// A JWE with any header over any content.
fn seal(key: &ContentKey, header: &str, content: &[u8]) -> String {
    let header = base64url::encode(header.as_bytes());
    let sealed = cipher(key).encrypt(&Nonce::from([5; 12]), Payload { msg: content, aad: header.as_bytes() }).unwrap();
    let (body, tag) = sealed.split_at(sealed.len() - 16);
    format!("{header}..{}.{}.{}", base64url::encode(&[5; 12]), base64url::encode(body), base64url::encode(tag))
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn writes_what_others_write() {
    let id = "ktc-d1-baseline";
    assert_eq!(encrypt(&vector_key(id), vector_iv(id), FHIR_JSON, CONTENT.as_bytes()), BASELINE);
}

#[test]
fn reads_what_others_write() {
    for (id, jwe, cty) in
        [("ktc-d1-baseline", BASELINE, Some(FHIR_JSON)), ("ktc-e1-zip", ZIP, Some(FHIR_JSON)), ("no-cty", NO_CTY, None)]
    {
        let plaintext = decrypt(&vector_key(id), jwe, 1 << 20).unwrap();
        assert_eq!(plaintext.bytes, CONTENT.as_bytes(), "{id}");
        assert_eq!(plaintext.content_type.as_deref(), cty, "{id}");
        assert!(decrypt(&vector_key(id), &format!(" {jwe}\r\n"), 1 << 20).is_ok(), "{id}");
    }
}

#[test]
fn a_shortened_content_type_is_completed() {
    let key = ContentKey::from_bytes([1; 32]);
    let jwe = seal(&key, r#"{"alg":"dir","enc":"A256GCM","cty":"fhir+json"}"#, b"{}");
    assert_eq!(decrypt(&key, &jwe, 10).unwrap().content_type.as_deref(), Some(FHIR_JSON));
}

#[test]
fn padded_parts_are_read() {
    let key = ContentKey::from_bytes([1; 32]);
    let jwe = encrypt(&key, [0; 12], FHIR_JSON, b"{}");
    let padded: Vec<String> = jwe
        .split('.')
        .enumerate()
        // Not the header: its characters are authenticated as they stand.
        .map(
            |(part, text)| {
                if part == 0 { text.to_owned() } else { format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4)) }
            },
        )
        .collect();
    assert_eq!(decrypt(&key, &padded.join("."), 10).unwrap().bytes, b"{}");
}

#[test]
fn every_altered_part_is_noticed() {
    let key = vector_key("ktc-d1-baseline");
    let parts: Vec<&str> = BASELINE.split('.').collect();
    for part in [2, 3, 4] {
        let mut altered: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
        let first = if altered[part].starts_with('A') { "B" } else { "A" };
        altered[part].replace_range(..1, first);
        assert_eq!(decrypt(&key, &altered.join("."), 1 << 20), Err(Error::Unauthentic), "part {part}");
    }
    // The same header in other words is another header.
    let header = base64url::encode(br#"{"enc":"A256GCM","alg":"dir","cty":"application/fhir+json"}"#);
    let altered = [&[header.as_str()], &parts[1..]].concat().join(".");
    assert_eq!(decrypt(&key, &altered, 1 << 20), Err(Error::Unauthentic));
}

#[test]
fn a_wrong_key_is_told_apart_where_the_file_names_its_key() {
    let (right, wrong) = (ContentKey::from_bytes([1; 32]), ContentKey::from_bytes([2; 32]));
    let header = format!(r#"{{"alg":"dir","enc":"A256GCM","kid":"{}"}}"#, thumbprint(&right));
    let jwe = seal(&right, &header, b"{}");
    assert!(decrypt(&right, &jwe, 10).is_ok());
    assert_eq!(decrypt(&wrong, &jwe, 10), Err(Error::WrongKey));
    let mut altered = jwe.clone();
    altered.pop();
    altered.push(if jwe.ends_with('A') { 'Q' } else { 'A' });
    assert_eq!(decrypt(&right, &altered, 10), Err(Error::Unauthentic));
}

#[test]
fn a_thumbprint_is_that_of_rfc_7638() {
    // SHA-256 of {"k":"AAAA…","kty":"oct"}, by Node's crypto module.
    assert_eq!(thumbprint(&ContentKey::from_bytes([0; 32])), "9nnxVaRYos6pwySYZALWRL64fgG5CMX9No3tAqd5urU");
}

#[test]
fn limits_hold_before_and_after_decompression() {
    let key = ContentKey::from_bytes([1; 32]);
    let jwe = encrypt(&key, [0; 12], FHIR_JSON, &[b'x'; 1000]);
    assert_eq!(decrypt(&key, &jwe, 1000).unwrap().bytes.len(), 1000);
    assert_eq!(decrypt(&key, &jwe, 999), Err(Error::TooLarge { limit: 999 }));
    // Ten megabytes of zeros in ten kilobytes.
    let bomb = seal(&key, r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#, &deflate(&vec![0; 10 << 20]));
    assert!(bomb.len() < 20_000);
    assert_eq!(decrypt(&key, &bomb, 1 << 20), Err(Error::TooLarge { limit: 1 << 20 }));
    assert_eq!(decrypt(&key, &bomb, 10 << 20).unwrap().bytes.len(), 10 << 20);
    assert!(encrypt(&key, [0; 12], FHIR_JSON, &vec![0; 100_000]).len() <= max_compact_len(100_000));
}

/// Named hostile inputs: each is refused for its own reason.
#[test]
fn hostile_files_are_refused() {
    let key = ContentKey::from_bytes([1; 32]);
    let header = |header: &str| decrypt(&key, &seal(&key, header, b"{}"), 1 << 20);
    assert_eq!(header(r#"{"alg":"none","enc":"A256GCM"}"#), Err(Error::JweUnsupported));
    assert_eq!(header(r#"{"alg":"dir","enc":"A128CBC-HS256"}"#), Err(Error::JweUnsupported));
    assert_eq!(header(r#"{"alg":"dir","enc":"A256GCM","zip":"GZIP"}"#), Err(Error::JweUnsupported));
    assert_eq!(header(r#"{"alg":"dir","enc":"A256GCM","crit":["exp"]}"#), Err(Error::JweUnsupported));
    assert_eq!(header(r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#), Err(Error::Inflate));
    assert_eq!(header(r#"{"alg":"dir"}"#), Err(Error::JweMalformed));
    assert_eq!(header("[]"), Err(Error::JweMalformed));
    let file = |text: &str| decrypt(&key, text, 1 << 20);
    for malformed in ["", ".", "....", "a.b.c", "a.b.c.d.e.f", "<html>404</html>", r#"{"resourceType":"Bundle"}"#] {
        assert_eq!(file(malformed), Err(Error::JweMalformed), "{malformed}");
    }
    let good = encrypt(&key, [0; 12], FHIR_JSON, b"{}");
    let parts: Vec<&str> = good.split('.').collect();
    let rebuilt = |at: usize, with: &str| {
        let mut parts = parts.clone();
        parts[at] = with;
        parts.join(".")
    };
    assert_eq!(file(&rebuilt(1, "AAAA")), Err(Error::JweUnsupported), "an encrypted key");
    assert_eq!(file(&rebuilt(2, "AAAAAAAAAAAAAAAAAAAAAA")), Err(Error::JweUnsupported), "an IV of 16 bytes");
    assert_eq!(file(&rebuilt(4, "AAAA")), Err(Error::JweUnsupported), "a short tag");
    assert_eq!(file(&rebuilt(0, &"A".repeat(9000))), Err(Error::JweMalformed), "an endless header");
    assert_eq!(file(&rebuilt(3, "***")), Err(Error::JweMalformed), "no base64url");
}

proptest! {
    #[test]
    fn what_is_encrypted_decrypts(key: [u8; 32], iv: [u8; 12], content in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let key = ContentKey::from_bytes(key);
        let plaintext = decrypt(&key, &encrypt(&key, iv, FHIR_JSON, &content), content.len()).unwrap();
        prop_assert_eq!(plaintext.bytes, content);
    }

    #[test]
    fn decrypting_never_panics(text in "[A-Za-z0-9_.=-]{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let key = ContentKey::from_bytes([1; 32]);
        prop_assert!(decrypt(&key, &text, 100).is_err());
        prop_assert!(decrypt(&key, &String::from_utf8_lossy(&bytes), 100).is_err());
        // Authentic, but its content is any bytes that claim to be compressed.
        let _ = decrypt(&key, &seal(&key, r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#, &bytes), 1000);
    }

    /// A file that was changed anywhere gives nothing, or (padding, stray low bits) exactly what it gave before.
    #[test]
    fn a_changed_file_gives_nothing_else(content in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.=-]") {
        let key = ContentKey::from_bytes([1; 32]);
        let mut jwe = encrypt(&key, [2; 12], FHIR_JSON, &content);
        let at = at.index(jwe.len());
        jwe.replace_range(at..=at, &to);
        if let Ok(plaintext) = decrypt(&key, &jwe, 1000) {
            prop_assert_eq!(plaintext.bytes, content);
        }
    }
}
