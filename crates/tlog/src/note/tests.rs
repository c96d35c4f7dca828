//! Tests of signed notes: the specification's vectors and hostile notes.

use super::*;
use proptest::prelude::*;

/// The example of the specification, <https://c2sp.org/signed-note>, "Verifier keys", "Example".
const SPEC_VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SPEC_NOTE: &str = "This is an example message.\n\n— example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/// The examples of Go's package `golang.org/x/mod/sumdb/note`.
const GO_PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const GO_TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_PETER_LINE: &str = "— PeterNeumann \
    x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
const GO_ENOCH_LINE: &str = "— EnochRoot \
    rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=";
/// The example signer of the same package is `PRIVATE+KEY+PeterNeumann+c74f20a3+` and Base 64 of 01 and this seed.
const GO_PETER_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

fn vkey(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn checkpoint_text() -> &'static str {
    "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
}

fn witness() -> SignerKey {
    SignerKey::from_seed("witness.example", Algorithm::CosignatureV1, &[7; 32]).unwrap()
}

fn log() -> SignerKey {
    SignerKey::from_seed("example.com/log", Algorithm::Ed25519, &[9; 32]).unwrap()
}

#[test]
fn the_example_of_the_specification_verifies() {
    let key = vkey(SPEC_VKEY);
    assert_eq!(key.to_string(), SPEC_VKEY);
    let note: SignedNote = SPEC_NOTE.parse().unwrap();
    assert_eq!(note.to_string(), SPEC_NOTE);
    assert_eq!(note.verify([&key]).unwrap(), [VerifiedSignature { key: &key, time: None }]);
}

#[test]
fn the_examples_of_go_verify_and_are_signed_alike() {
    let (peter, enoch) = (vkey(GO_PETER), vkey(GO_ENOCH));
    let text = format!("{GO_TEXT}\n{GO_PETER_LINE}\n{GO_ENOCH_LINE}\n");
    let note: SignedNote = text.parse().unwrap();
    assert_eq!(note.verify([&peter, &enoch]).unwrap().len(), 2);
    assert_eq!(note.verify([&enoch]).unwrap().len(), 1);

    let seed = from_base64(GO_PETER_SEED).unwrap();
    let signer = SignerKey::from_seed("PeterNeumann", Algorithm::Ed25519, seed[1..].try_into().unwrap()).unwrap();
    assert_eq!(signer.verifier(), &peter);
    assert_eq!(SignedNote::sign(GO_TEXT, &signer).unwrap().to_string(), format!("{GO_TEXT}\n{GO_PETER_LINE}\n"));
}

#[test]
fn the_text_may_hold_blank_lines() {
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    let note = SignedNote::sign(text, &log()).unwrap();
    let back: SignedNote = note.to_string().parse().unwrap();
    assert_eq!(back.text(), text);
    assert!(back.verify([log().verifier()]).is_ok());
}

#[test]
fn unknown_keys_are_ignored_and_false_signatures_are_not() {
    let note = SignedNote::sign("text\n", &log()).unwrap();
    assert_eq!(note.verify([]), Err(Error::NoKnownSignature));
    let other = SignerKey::from_seed("example.com/log", Algorithm::Ed25519, &[8; 32]).unwrap();
    assert_eq!(note.verify([other.verifier()]), Err(Error::NoKnownSignature));
    assert_eq!(note.verify([other.verifier(), log().verifier()]).unwrap().len(), 1);

    let changed: SignedNote = note.to_string().replacen("text", "test", 1).parse().unwrap();
    assert_eq!(changed.verify([log().verifier()]), Err(Error::FalseSignature));
    assert_eq!(changed.verify([other.verifier()]), Err(Error::NoKnownSignature));
}

#[test]
fn one_false_signature_condemns_the_note() {
    let mut note = SignedNote::sign(checkpoint_text(), &log()).unwrap();
    let mut cosignature = witness().cosign_text(checkpoint_text(), 5).unwrap();
    cosignature.signature[7] ^= 1; // another time than the one that was signed
    note.add(cosignature).unwrap();
    assert_eq!(note.verify([log().verifier(), witness().verifier()]), Err(Error::FalseSignature));
    assert_eq!(note.verify([log().verifier()]).unwrap().len(), 1);
}

#[test]
fn a_cosignature_states_its_time() {
    let mut note = SignedNote::sign(checkpoint_text(), &log()).unwrap();
    note.add(witness().cosign_text(checkpoint_text(), 1_679_315_147).unwrap()).unwrap();
    let note: SignedNote = note.to_string().parse().unwrap();
    let witness = witness();
    let verified = note.verify([witness.verifier()]).unwrap();
    assert_eq!(verified[0].time, Some(1_679_315_147));
    assert_eq!(note.signatures()[1].signature().len(), 72);
}

#[test]
fn a_cosignature_of_the_same_key_takes_the_place_of_the_former() {
    let mut note = SignedNote::sign(checkpoint_text(), &log()).unwrap();
    note.add(witness().cosign_text(checkpoint_text(), 1).unwrap()).unwrap();
    note.add(witness().cosign_text(checkpoint_text(), 2).unwrap()).unwrap();
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(note.verify([witness().verifier()]).unwrap()[0].time, Some(2));
}

#[test]
fn keys_sign_only_what_their_type_is_for() {
    assert!(matches!(SignedNote::sign("text\n", &witness()), Err(Error::Algorithm(_))));
    assert!(matches!(log().cosign_text(checkpoint_text(), 1), Err(Error::Algorithm(_))));
    assert!(witness().cosign_text(checkpoint_text(), 1 << 63).is_err());
}

#[test]
fn a_signer_key_never_shows_its_seed() {
    let shown = format!("{:?}", SignerKey::from_seed("a", Algorithm::Ed25519, &[0xab; 32]).unwrap());
    assert_eq!(shown, "SignerKey(a, …)");
}

#[test]
fn texts_that_cannot_be_signed_are_refused() {
    for text in ["", "no newline", "tab\t\n", "bell\x07\n", "carriage\r\n", "nul\0\n"] {
        assert!(matches!(SignedNote::sign(text, &log()), Err(Error::Note(_))), "{text:?}");
    }
}

#[test]
fn hostile_notes_are_refused() {
    let sig = &SPEC_NOTE[SPEC_NOTE.find('—').unwrap()..];
    let cases = [
        ("empty", String::new()),
        ("only a newline", "\n".into()),
        ("no signatures", "text\n".into()),
        ("no signature lines", "text\n\n".into()),
        ("no blank line", format!("text\n{sig}")),
        ("no text", format!("\n{sig}")),
        ("no final newline", format!("text\n\n{}", sig.trim_end())),
        ("a line after the signatures", format!("text\n\n{sig}more\n")),
        ("carriage returns", format!("text\r\n\r\n{sig}")),
        ("a control character", format!("te\x01xt\n\n{sig}")),
        ("a hyphen for the dash", format!("text\n\n{}", sig.replacen('—', "-", 1))),
        ("two spaces", format!("text\n\n{}", sig.replacen("foo ", "foo  ", 1))),
        ("a plus in the name", format!("text\n\n{}", sig.replacen("foo", "f+o", 1))),
        ("an unusual space in the name", format!("text\n\n{}", sig.replacen("foo", "f\u{a0}o", 1))),
        ("no name", "text\n\n—  AAAAAAA=\n".into()),
        ("no padding", format!("text\n\n{}", sig.replacen("aQM=", "aQM", 1))),
        ("unused bits set", format!("text\n\n{}", sig.replacen("aQM=", "aQN=", 1))),
        ("no signature after the identifier", "text\n\n— a AAAAAA==\n".into()),
        ("too many signatures", format!("text\n\n{}", sig.repeat(MAX_SIGNATURES + 1))),
        ("too long", format!("{}\n\n{sig}", "x".repeat(MAX_NOTE_BYTES))),
    ];
    for (what, note) in cases {
        assert!(matches!(note.parse::<SignedNote>(), Err(Error::Note(_))), "{what}");
    }
    assert!(format!("text\n\n{}", sig.repeat(MAX_SIGNATURES)).parse::<SignedNote>().is_ok());
}

#[test]
fn hostile_keys_are_refused() {
    let identity = [&[1u8, 1][..], &[0; 31]].concat();
    let cases = [
        ("empty", String::new()),
        ("two parts", "example.com/foo+530d903a".into()),
        ("no name", SPEC_VKEY.replacen("example.com/foo", "", 1)),
        ("a space in the name", SPEC_VKEY.replacen("foo", "f o", 1)),
        ("capitals in the identifier", SPEC_VKEY.replacen("530d903a", "530D903A", 1)),
        ("another identifier", SPEC_VKEY.replacen("530d903a", "530d903b", 1)),
        ("another name", SPEC_VKEY.replacen("foo", "bar", 1)),
        ("a short key", "a+00000000+AQEB".into()),
        ("no key", "a+00000000+".into()),
        ("an unknown type", SPEC_VKEY.replacen("+Aek", "+Buk", 1)),
        ("a point of small order", format!("a+00000000+{}", to_base64(&identity))),
        ("not Base 64", SPEC_VKEY.replacen("+Aek", "+A-k", 1)),
    ];
    for (what, key) in cases {
        assert!(matches!(key.parse::<VerifierKey>(), Err(Error::Key(_))), "{what}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = text.parse::<SignedNote>();
        let _ = text.parse::<VerifierKey>();
        let _ = text.parse::<NoteSignature>();
    }

    #[test]
    fn what_is_read_is_written_the_same(text in "[ -~\n]{0,60}", tail in "(— [a-z./]{1,9} [A-Za-z0-9+/=]{8,24}\n){1,3}") {
        let note = format!("{text}\n\n{tail}");
        if let Ok(read) = note.parse::<SignedNote>() {
            prop_assert_eq!(read.to_string(), note);
        }
    }

    #[test]
    fn a_changed_byte_never_verifies(at in 0usize..SPEC_NOTE.len(), flip in 1u8..=255) {
        let mut bytes = SPEC_NOTE.as_bytes().to_vec();
        bytes[at] ^= flip;
        let key = vkey(SPEC_VKEY);
        let verified = String::from_utf8(bytes).ok().and_then(|note| note.parse::<SignedNote>().ok())
            .is_some_and(|note| note.verify([&key]).is_ok());
        prop_assert!(!verified);
    }
}
