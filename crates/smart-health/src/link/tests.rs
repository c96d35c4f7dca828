//! Tests of the link: written strictly, read tolerantly, never panicking.

use super::*;
use proptest::prelude::*;

const ID: &str = "Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM";
const KEY: &str = "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q";

fn link_of(payload: &str) -> String {
    format!("shlink:/{}", base64url::encode(payload.as_bytes()))
}

fn with(members: &str) -> Result<SmartHealthLink> {
    SmartHealthLink::parse(&link_of(&format!(
        r#"{{"url":"https://ehr.example.org/qr/{ID}/m","key":"{KEY}"{members}}}"#
    )))
}

fn sample() -> SmartHealthLink {
    SmartHealthLink::new(
        ManifestUrl::new(format!("https://relay.example.org/shl/{ID}")).unwrap(),
        ContentKey::from_bytes([7; 32]),
        Some(1_767_225_600),
        Flags { direct: true, ..Flags::default() },
        Some(Label::new("Résumé 🧪").unwrap()),
        Some([3; 32]),
    )
    .unwrap()
}

#[test]
fn the_written_payload_is_this_to_the_byte() {
    let uri = sample().to_uri();
    let json = base64url::decode(uri.strip_prefix("shlink:/").unwrap(), Error::LinkDamaged).unwrap();
    assert_eq!(
        String::from_utf8(json).unwrap(),
        format!(
            r#"{{"url":"https://relay.example.org/shl/{ID}","exp":1767225600,"flag":"U","key":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","label":"Résumé 🧪","_g":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"}}"#
        )
    );
}

#[test]
fn what_is_absent_is_not_written() {
    let link = SmartHealthLink::new(sample().url, ContentKey::from_bytes([0; 32]), None, Flags::default(), None, None);
    let uri = link.unwrap().to_uri();
    let json = base64url::decode(uri.strip_prefix("shlink:/").unwrap(), Error::LinkDamaged).unwrap();
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&json).unwrap();
    assert_eq!(members.keys().collect::<Vec<_>>(), ["url", "key"]);
}

#[test]
fn contradictions_are_not_written() {
    let flags = Flags { passcode: true, direct: true, long_term: false };
    let made = SmartHealthLink::new(sample().url, ContentKey::from_bytes([0; 32]), None, flags, None, None);
    assert_eq!(made, Err(Error::FlagsContradict));
    for exp in [-1, 100_000_000_000] {
        let made = SmartHealthLink::new(
            sample().url,
            ContentKey::from_bytes([0; 32]),
            Some(exp),
            Flags::default(),
            None,
            None,
        );
        assert_eq!(made, Err(Error::ExpiryInvalid));
    }
}

#[test]
fn reads_every_form_in_which_links_travel() {
    let link = sample();
    let uri = link.to_uri();
    let payload = uri.strip_prefix("shlink:/").unwrap();
    for text in [
        uri.clone(),
        format!("shlink://{payload}"),
        format!("vhlink:/{payload}"),
        format!("SHLINK:/{payload}"),
        format!("  {uri}\r\n"),
        format!("Here are my records: {uri} (until Friday)"),
        link.to_viewer_uri("https://viewer.example.org/view"),
        link.to_viewer_uri("https://viewer.example.org/view#"),
        format!("{uri}="),
    ] {
        assert_eq!(SmartHealthLink::parse(&text).as_ref(), Ok(&link), "{text}");
    }
}

#[test]
fn reads_what_mail_programs_and_browsers_made_of_a_link() {
    let link = sample();
    let uri = link.to_uri();
    let (first, rest) = uri.split_at(70);
    let (second, third) = rest.split_at(76);
    for text in [
        format!("{first}\n{second}\n{third}\n\nBest wishes"),
        format!("> {first}\r\n> {second}\r\n> {third}\r\n"),
        format!("https://viewer.example.org/#{}", uri.replace(':', "%3A").replace('/', "%2F")),
        format!("https://viewer.example.org/#{}", uri.replace(':', "%3a")),
        format!("<a href=\"{uri}\">My records</a>"),
    ] {
        assert_eq!(SmartHealthLink::parse(&text).as_ref(), Ok(&link), "{text}");
    }
    // What follows on the next line is not always more of it.
    assert_eq!(SmartHealthLink::parse(&format!("{uri}\nRegards")).as_ref(), Ok(&link));
    assert_eq!(SmartHealthLink::parse(&format!("{first}\n\n{second}")), Err(Error::LinkDamaged));
}

#[test]
fn finds_every_link_in_a_letter() {
    let link = sample();
    let letter = format!(
        "One: {}\nTwo: shlink:/broken and a third, <{}>.",
        link.to_uri(),
        link.to_viewer_uri("https://v.example")
    );
    let found = SmartHealthLink::find_all(&letter).unwrap();
    assert_eq!(found, [Ok(sample()), Err(Error::LinkDamaged), Ok(sample())]);
    assert_eq!(SmartHealthLink::find_all("no link at all"), Ok(vec![]));
    let many = "shlink:/x ".repeat(100);
    assert_eq!(SmartHealthLink::find_all(&many).unwrap().len(), SmartHealthLink::MAX_LINKS);
    assert_eq!(SmartHealthLink::find_all(&"x".repeat(SmartHealthLink::MAX_LETTER + 1)), Err(Error::LinkTooLong));
}

#[test]
fn a_later_versions_label_can_be_shown() {
    let later = link_of(r#"{"v":3,"label":"Lab results","exp":1767225600,"flag":"L","address":"elsewhere"}"#);
    assert_eq!(SmartHealthLink::parse(&later), Err(Error::LinkVersion { version: 3 }));
    let preview = Preview::parse(&later).unwrap();
    assert_eq!(
        (preview.label.unwrap().as_str(), preview.exp, preview.version),
        ("Lab results", Some(1_767_225_600), 3)
    );
    assert!(preview.flags.long_term);
    assert_eq!(Preview::parse("hello"), Err(Error::NotALink));
}

#[test]
fn reads_an_expiry_however_it_is_written() {
    for (written, read) in [
        ("1767225600", Some(1_767_225_600)),
        ("1767225600000", Some(1_767_225_600)),
        ("\"1767225600000\"", Some(1_767_225_600)),
        ("\"1767225600\"", Some(1_767_225_600)),
        ("1745589915953", Some(1_745_589_915)),
        ("1715107763.677", Some(1_715_107_763)),
        ("1.767e9", Some(1_767_000_000)),
        ("null", None),
        ("\"\"", None),
    ] {
        assert_eq!(with(&format!(r#","exp":{written}"#)).unwrap().exp, read, "{written}");
    }
    for wrong in ["\"tomorrow\"", "[]", "{}", "true", "-5", "1e300", "99999999999999999999", "9007199254740993000"] {
        assert_eq!(with(&format!(r#","exp":{wrong}"#)), Err(Error::LinkField { field: "exp" }), "{wrong}");
    }
}

#[test]
fn reads_keys_padded_and_in_the_other_alphabet() {
    let mut bytes = [0xfb; 32];
    bytes[31] = 1;
    let url_safe = base64url::encode(&bytes);
    assert!(url_safe.contains('-') || url_safe.contains('_'));
    let plain = url_safe.replace('-', "+").replace('_', "/");
    for key in [url_safe.clone(), format!("{url_safe}="), format!("{plain}=")] {
        let link = link_of(&format!(r#"{{"url":"https://ehr.example.org/qr/{ID}","key":"{key}"}}"#));
        assert_eq!(SmartHealthLink::parse(&link).unwrap().key.expose_bytes(), &bytes, "{key}");
    }
    for key in [
        "",
        "short",
        &KEY[1..],
        &format!("{KEY}AAAA"),
        &"A".repeat(1000),
        "!!!TgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q",
    ] {
        let link = link_of(&format!(r#"{{"url":"https://ehr.example.org/qr/{ID}","key":"{key}"}}"#));
        assert_eq!(SmartHealthLink::parse(&link), Err(Error::LinkField { field: "key" }), "{key}");
    }
}

#[test]
fn flags_are_read_in_any_order_and_unknown_ones_passed_over() {
    assert_eq!(with(r#","flag":"LP""#).unwrap().flags, Flags { long_term: true, passcode: true, direct: false });
    assert_eq!(with(r#","flag":"ul""#).unwrap().flags, Flags { long_term: true, passcode: false, direct: true });
    assert_eq!(with(r#","flag":"X""#).unwrap().flags, Flags::default());
    assert_eq!(with(r#","flag":"""#).unwrap().flags, Flags::default());
    assert_eq!(with(r#","flag":"PU""#), Err(Error::FlagsContradict));
    assert_eq!(with(r#","flag":7"#), Err(Error::LinkField { field: "flag" }));
}

#[test]
fn a_strangers_label_is_cut_and_cleaned() {
    let long = "é".repeat(200);
    assert_eq!(with(&format!(r#","label":"{long}""#)).unwrap().label.unwrap().as_str().chars().count(), 80);
    let tricky = with(r#","label":"a\u0000b\u202ec\nd""#).unwrap().label.unwrap();
    assert_eq!(tricky.as_str(), "abcd");
    assert_eq!(with(r#","label":"\n""#).unwrap().label, None);
}

#[test]
fn labels_are_counted_as_javascript_counts() {
    assert!(Label::new("x".repeat(80)).is_ok());
    assert_eq!(Label::new("x".repeat(81)), Err(Error::LabelInvalid));
    assert!(Label::new("🧪".repeat(40)).is_ok());
    assert_eq!(Label::new("🧪".repeat(41)), Err(Error::LabelInvalid));
    assert_eq!(Label::new("two\nlines"), Err(Error::LabelInvalid));
}

#[test]
fn a_later_version_is_told_apart_from_a_broken_link() {
    assert!(with(r#","v":1"#).is_ok());
    assert!(with(r#","v":"1""#).is_ok());
    assert_eq!(with(r#","v":2"#), Err(Error::LinkVersion { version: 2 }));
    assert_eq!(with(r#","v":"soon""#), Err(Error::LinkField { field: "v" }));
}

#[test]
fn a_grant_hash_that_is_not_ours_is_passed_over() {
    assert_eq!(with(r#","_g":{"other":1},"_x":[1,2]"#).unwrap().grant_hash, None);
    assert_eq!(with(r#","_g":"tooshort""#).unwrap().grant_hash, None);
}

/// Named hostile inputs: each is refused for its own reason.
#[test]
fn hostile_links_are_refused() {
    let parse = SmartHealthLink::parse;
    assert_eq!(parse(""), Err(Error::NotALink));
    assert_eq!(parse("https://example.org/"), Err(Error::NotALink));
    assert_eq!(
        parse("shc:/5676290952432060346029243740446031222959532654603460292540772804336028702864716745222809286241"),
        Err(Error::NotALink)
    );
    assert_eq!(parse("shlink:/"), Err(Error::LinkDamaged));
    assert_eq!(parse("shlink:/§"), Err(Error::LinkDamaged));
    assert_eq!(parse(&link_of("[]")), Err(Error::LinkDamaged));
    assert_eq!(parse(&link_of("{\"url\":")), Err(Error::LinkDamaged));
    assert_eq!(parse(&link_of(&"[".repeat(5000))), Err(Error::LinkDamaged));
    assert_eq!(parse(&link_of(&format!(r#"{{"url":"{}"}}"#, "x".repeat(20_000)))), Err(Error::LinkTooLong));
    assert_eq!(parse(&link_of("{}")), Err(Error::LinkField { field: "url" }));
    assert_eq!(parse(&link_of(r#"{"url":"https://a.example/"}"#)), Err(Error::LinkField { field: "key" }));
    assert_eq!(parse(&link_of(r#"{"url":7,"key":7}"#)), Err(Error::LinkField { field: "url" }));
    for url in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "https://ok@evil.example/",
        "https://a.example/#f",
        "//a.example",
    ] {
        let link = link_of(&format!(r#"{{"url":"{url}","key":"{KEY}"}}"#));
        assert_eq!(parse(&link), Err(Error::UrlInvalid), "{url}");
    }
    let cut = sample().to_uri();
    assert_eq!(parse(&cut[..cut.len() - 20]), Err(Error::LinkDamaged));
}

#[test]
fn nothing_of_a_link_shows_in_debug_output() {
    let shown = format!("{:?}", sample());
    for secret in [ID, "BwcHB", "7, 7", "sum"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

prop_compose! {
    fn any_link()(
        host in "[a-z]{1,20}\\.example(:[0-9]{2,5})?",
        id in "[A-Za-z0-9_-]{43}",
        key in any::<[u8; 32]>(),
        exp in proptest::option::of(0..=LAST_SECOND),
        (long_term, passcode, direct) in any::<(bool, bool, bool)>(),
        label in proptest::option::of("[^\\p{C}\\p{Z}]{1,40}"),
        hash in proptest::option::of(any::<[u8; 32]>()),
    ) -> SmartHealthLink {
        let flags = Flags { long_term, passcode, direct: direct && !passcode };
        let url = ManifestUrl::new(format!("https://{host}/{id}")).unwrap();
        SmartHealthLink::new(url, ContentKey::from_bytes(key), exp, flags, label.and_then(|l| Label::new(l).ok()), hash).unwrap()
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_the_same(link in any_link()) {
        let uri = link.to_uri();
        prop_assert_eq!(SmartHealthLink::parse(&uri), Ok(link));
    }

    #[test]
    fn reading_never_panics(text in ".{0,300}") {
        let _ = SmartHealthLink::parse(&text);
        let _ = SmartHealthLink::parse(&format!("shlink:/{text}"));
        let _ = SmartHealthLink::find_all(&format!("{text}shlink:/{text}\nvhlink%3A/{text}"));
        let _ = Preview::parse(&format!("shlink:/{text}"));
    }

    #[test]
    fn reading_any_payload_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = SmartHealthLink::parse(&format!("shlink:/{}", base64url::encode(&bytes)));
    }

    #[test]
    fn reading_any_members_never_panics(exp in ".{0,12}", url in ".{0,40}", key in ".{0,44}", label in ".{0,99}") {
        let payload = serde_json::json!({ "url": url, "key": key, "exp": exp, "label": label });
        let _ = SmartHealthLink::parse(&link_of(&payload.to_string()));
        let likely = serde_json::json!({ "url": format!("https://a.example/{url}"), "key": KEY, "label": label });
        if let Ok(link) = SmartHealthLink::parse(&link_of(&likely.to_string())) {
            prop_assert_eq!(SmartHealthLink::parse(&link.to_uri()), Ok(link));
        }
    }

    #[test]
    fn one_changed_character_is_never_a_panic(link in any_link(), at in 8usize..300, with in "[ -~]") {
        let mut uri = link.to_uri();
        let at = at.min(uri.len() - 1);
        uri.replace_range(at..=at, &with);
        let _ = SmartHealthLink::parse(&uri);
    }
}
