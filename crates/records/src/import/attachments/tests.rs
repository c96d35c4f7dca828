//! Tests of taking inline data out and putting them back.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// So that tests need no large data.
const SMALL: usize = 1024;

fn detach(original: &[u8]) -> Detached {
    detach_from(original, SMALL)
}

fn restored(detached: &Detached) -> Vec<u8> {
    let store: HashMap<[u8; 32], Vec<u8>> =
        detached.parts.iter().map(|part| (part.sha256, part.bytes.clone())).collect();
    attach(&detached.slim, &mut |sha256| store.get(sha256).cloned()).unwrap()
}

fn document(data: &str) -> String {
    format!(
        r#"{{"resourceType":"DocumentReference","content":[{{"attachment":{{"data" : "{data}","contentType":"application\/pdf","size":72.50}}}}]}}"#
    )
}

#[test]
fn a_large_attachment_is_taken_out_once_and_put_back_exactly() {
    let bytes: Vec<u8> = (0..5000_u32).map(|number| (number * 7) as u8).collect();
    let original = document(&STANDARD.encode(&bytes));
    let detached = detach(original.as_bytes());
    assert_eq!(detached.parts.len(), 1);
    assert_eq!((detached.parts[0].media_type.as_str(), &detached.parts[0].bytes), ("application/pdf", &bytes));
    assert!(detached.slim.len() < 300);
    assert!(serde_json::from_slice::<serde_json::Value>(&detached.slim).is_ok(), "still JSON");
    assert_eq!(restored(&detached), original.as_bytes());
    assert_eq!(attach(&detached.slim, &mut |_| None), Err(Missing { sha256: detached.parts[0].sha256 }));
}

#[test]
fn the_slim_form_is_read_for_ever() {
    // Written down once: vaults hold records in this form.
    let original = document(&STANDARD.encode([0x5A; 1024])).replace("DocumentReference", "urn:carnet:detached");
    let hash = "e8fb68ce4d4d002dba40c0a459d96807c96ded1c2fdefae3f56f8a0c06a4fecf";
    let slim =
        document(&format!("urn:carnet:detached:sha256:{hash}")).replace("DocumentReference", "urn:carnet:detached!");
    assert_eq!(String::from_utf8(detach(original.as_bytes()).slim).unwrap(), slim);
    assert_eq!(attach(slim.as_bytes(), &mut |_| Some(vec![0x5A; 1024])).unwrap(), original.as_bytes());
}

#[test]
fn only_what_encodes_to_the_same_text_is_taken_out() {
    let text = STANDARD.encode([0xFF; 3001]);
    let broken = format!("{}\\r\\n{}", &text[..76], &text[76..]);
    let for_addresses = text.trim_end_matches('=').replace('/', "_");
    for odd in [broken, for_addresses, text.replace('/', "\\/")] {
        let original = document(&odd);
        let whole = detach(original.as_bytes());
        assert!(whole.parts.is_empty());
        assert_eq!(restored(&whole), original.as_bytes());
    }
}

#[test]
fn what_will_be_asked_for_can_be_told_before() {
    let [first, second] = [1, 2].map(|byte| document(&STANDARD.encode([byte; 2000])));
    let detached = detach(format!("[{first},\"urn:carnet:detached\",{second},{first}]").as_bytes());
    let hashes: Vec<_> = detached.parts.iter().map(|part| part.sha256).collect();
    assert_eq!(detached_from(&detached.slim), hashes);
    assert_eq!(hashes.len(), 3);
}

#[test]
fn short_notes_stay_in_their_records() {
    let note = document(&STANDARD.encode(vec![7; SMALLEST - 1]));
    assert!(super::detach(note.as_bytes()).parts.is_empty());
    let scan = document(&STANDARD.encode(vec![7; SMALLEST]));
    assert_eq!(super::detach(scan.as_bytes()).parts.len(), 1);
}

#[test]
fn small_data_and_data_of_another_kind_stay() {
    let small = document(&STANDARD.encode([1; 1023]));
    assert!(detach(small.as_bytes()).parts.is_empty());
    let text = STANDARD.encode([1; 2000]);
    let signature =
        format!(r#"{{"resourceType":"Provenance","signature":[{{"sigFormat":"application/cose","data":"{text}"}}]}}"#);
    assert!(detach(signature.as_bytes()).parts.is_empty());
    let binary = format!(r#"{{"data":"{text}","resourceType":"Binary"}}"#);
    assert_eq!(detach(binary.as_bytes()).parts[0].media_type, "application/octet-stream");
}

#[test]
fn a_record_that_holds_our_own_mark_comes_back_as_it_was() {
    for natural in ["urn:carnet:detached", "urn:carnet:detached!", "urn:carnet:detached:sha256:"] {
        let mark = format!("{natural}{}", "ab".repeat(32));
        let original = document(&mark);
        let detached = detach(original.as_bytes());
        assert!(detached.parts.is_empty());
        let whole = attach(&detached.slim, &mut |_| panic!("asked for what was never taken out")).unwrap();
        assert_eq!(whole, original.as_bytes());
    }
}

proptest! {
    #[test]
    fn any_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        prop_assert_eq!(restored(&detach(&bytes)), bytes);
    }

    #[test]
    fn anything_like_a_record_comes_back(
        parts in prop::collection::vec(prop_oneof![
            Just("urn:carnet:detached".to_owned()), Just("!".to_owned()), Just(":sha256:".to_owned()),
            Just("\"data\":\"".to_owned()), Just("\",".to_owned()), Just("\"contentType\":\"a/b\"".to_owned()),
            Just("{".to_owned()), Just("}".to_owned()), Just("\"".to_owned()), Just("\\".to_owned()),
            (1024..1100_usize).prop_map(|length| STANDARD.encode(vec![7; length])), "[0-9a-f]{64}",
        ], 0..24),
    ) {
        let original = parts.concat();
        prop_assert_eq!(restored(&detach(original.as_bytes())), original.into_bytes());
    }

    #[test]
    fn data_of_any_length_come_back(length in 0..4000_usize, byte: u8) {
        let original = document(&STANDARD.encode(vec![byte; length]));
        let detached = detach(original.as_bytes());
        prop_assert_eq!(detached.parts.len(), usize::from(length >= SMALL));
        prop_assert_eq!(restored(&detached), original.into_bytes());
    }
}
