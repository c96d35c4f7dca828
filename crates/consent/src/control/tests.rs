//! Tests of what wallet and relay say to one another: limits, and that it survives JSON.

use super::*;
use crate::withdrawal::WithdrawalSecret;
use proptest::prelude::*;

fn jwe() -> String {
    format!("aGk..{}.AAAA.{}", "i".repeat(16), "t".repeat(22))
}

fn publish() -> Publish {
    Publish {
        flags: "LP".into(),
        expires: 2_000,
        not_before: None,
        max_openings: Some(3),
        passcode: Some(PasscodeVerifier::new("1234", vec![7; 16], 10_000).unwrap()),
        passcode_attempts: Some(5),
        files: vec![PublishFile { content_type: "application/fhir+json".into(), jwe: jwe() }],
        status: Some(FileStatus::CanChange),
        receipt_recipient: format!("age1{}", "q".repeat(58)),
        withdrawal_tag: [4; 32],
        commitment: Commitment([1; 33]),
        revision: 7,
    }
}

#[test]
fn a_fit_message_passes_and_survives_json() {
    let message = publish();
    message.check(1_000).unwrap();
    let json = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<Publish>(&json).unwrap(), message);
    assert!(json.contains("\"can-change\""));
    assert!(serde_json::from_str::<Publish>(&json.replacen('{', "{\"more\":1,", 1)).is_err());
}

#[test]
fn a_message_without_a_number_is_written_as_before_there_were_any() {
    let json = serde_json::to_value(Publish { revision: 0, ..publish() }).unwrap();
    assert!(json.get("revision").is_none());
    assert_eq!(serde_json::from_value::<Publish>(json).unwrap().revision, 0);
    assert_eq!(serde_json::from_str::<Revision>("{}").unwrap(), Revision::default());
    assert_eq!(serde_json::to_string(&Revision { revision: 3 }).unwrap(), r#"{"revision":3}"#);
    for bad in [r#"{"revision":-1}"#, r#"{"revision":1.5}"#, r#"{"more":1}"#] {
        assert!(serde_json::from_str::<Revision>(bad).is_err(), "{bad}");
    }
}

#[test]
fn every_limit_is_named() {
    let refused = |change: &dyn Fn(&mut Publish)| {
        let mut message = publish();
        change(&mut message);
        message.check(1_000).unwrap_err()
    };
    type Case<'a> = (&'a dyn Fn(&mut Publish), &'a str);
    let cases: [Case<'_>; 20] = [
        (&|m| m.revision = MAX_REVISION + 1, "revision"),
        (&|m| m.flags = "PU".into(), "flags"),
        (&|m| m.flags = "l".into(), "flags"),
        (&|m| m.flags = String::new(), "passcode"),
        (&|m| m.passcode = None, "passcode"),
        (&|m| m.expires = 1_000, "end of the link"),
        (&|m| m.expires = i64::MAX, "end of the link"),
        (&|m| m.not_before = Some(2_000), "start of the link"),
        (&|m| m.max_openings = Some(0), "number of openings"),
        (&|m| m.passcode_attempts = Some(0), "number of passcode attempts"),
        (&|m| m.files.clear(), "number of files"),
        (&|m| m.files[0].content_type = "text/plain\r\nx: y".into(), "content type"),
        (&|m| m.files[0].content_type = "json".into(), "content type"),
        (&|m| m.files[0].jwe = "a.b.c".into(), "encrypted file"),
        (&|m| m.files[0].jwe = jwe() + ".x", "encrypted file"),
        (&|m| m.files[0].jwe = jwe().replace("..", ".k."), "encrypted file"),
        (&|m| m.receipt_recipient = "age1".into(), "recipient of receipts"),
        (&|m| m.commitment = Commitment([2; 33]), "commitment"),
        (&|m| m.passcode.as_mut().unwrap().iterations = u32::MAX, "passcode's salt or number of rounds"),
        (&|m| m.passcode.as_mut().unwrap().salt.clear(), "passcode's salt or number of rounds"),
    ];
    for (change, name) in cases {
        assert_eq!(refused(change), Error::Invalid(name));
    }
    assert!(matches!(refused(&|m| m.expires = 1_000 + MAX_LIFETIME + 1), Error::TooLarge { .. }));
    assert!(matches!(refused(&|m| m.files = vec![m.files[0].clone(); MAX_FILES + 1]), Error::TooLarge { .. }));
    assert_eq!(
        refused(&|m| {
            m.flags = "U".into();
            m.passcode = None;
            m.files.push(m.files[0].clone());
        }),
        Error::Invalid("number of files")
    );
}

#[test]
fn passcodes() {
    let verifier = PasscodeVerifier::new("1234", vec![7; 16], 10_000).unwrap();
    assert!(verifier.matches("1234"));
    for wrong in ["", "1235", "12345", &"1".repeat(1000)] {
        assert!(!verifier.matches(wrong));
    }
    assert!(PasscodeVerifier::new("", vec![7; 16], 10_000).is_err());
    assert!(PasscodeVerifier::new("1", vec![7; 15], 10_000).is_err());
    assert!(PasscodeVerifier::new("1", vec![7; 16], 1).is_err());
    assert!(!format!("{verifier:?}").contains('7'));
}

#[test]
fn tokens_and_ids() {
    let token = ControlToken::from_bytes([9; 32]);
    let header = token.expose_header();
    assert_eq!(ControlToken::from_header(&header).unwrap().sha256(), token.sha256());
    for bad in ["", "Bearer", "Bearer x", "Basic AAAA", &header.replace("Bearer ", "")] {
        assert!(ControlToken::from_header(bad).is_err(), "{bad}");
    }
    assert_eq!(format!("{token:?} {:?}", LinkId::from_bytes([9; 32])), "ControlToken(..) LinkId(..)");
    let id = LinkId::from_bytes([9; 32]);
    assert_eq!(id.to_string().len(), 43);
    assert_eq!(id.to_string().parse::<LinkId>().unwrap(), id);
    assert!(format!("{id}=").parse::<LinkId>().is_err());
    assert_eq!(paths::receipts(&id, 7), format!("/control/{id}/receipts?after=7&reasons=all"));
}

#[test]
fn withdrawals_name_a_preimage_only() {
    let withdraw = Withdraw::new(WithdrawalSecret::from_bytes([1; 32]).preimage());
    let json = serde_json::to_string(&withdraw).unwrap();
    assert_eq!(serde_json::from_str::<Withdraw>(&json).unwrap(), withdraw);
    assert!(serde_json::from_str::<Withdraw>(r#"{"p":"AAAA"}"#).is_err());
}

#[test]
fn every_character_of_a_file_is_looked_at() {
    let jwe = |ciphertext: &str| format!("eyJ..{}.{ciphertext}.{}", "A".repeat(16), "A".repeat(22));
    let good = "aZ09-_".repeat(700);
    assert!(is_compact_dir_jwe(&jwe(&good)));
    for at in [0, 1023, 1024, 2048, good.len() - 1] {
        for bad in ["+", "/", "=", " ", "[", "@", "`", "{", "\u{7f}"] {
            let mut text = good.clone();
            text.replace_range(at..=at, bad);
            assert!(!is_compact_dir_jwe(&jwe(&text)), "{bad:?} at {at}");
        }
    }
}

proptest! {
    #[test]
    fn never_panics(text in ".{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = text.parse::<LinkId>();
        let _ = ControlToken::from_header(&text);
        let _ = is_compact_dir_jwe(&text);
        let _ = serde_json::from_slice::<Publish>(&bytes);
    }
}
