//! Tests of codes inside letters and pages.

use proptest::prelude::*;

use super::*;

fn certificate_text() -> String {
    let content = serde_json::json!({
        "ver": "1.3.0", "dob": "1970-01-01", "nam": { "fnt": "EXAMPLE" },
        "r": [{ "tg": "840539006", "fr": "2021-02-20", "co": "AT", "is": "Ministry", "df": "2021-03-20", "du": "2021-08-20",
                "ci": "URN:UVCI:01:AT:1" }],
    });
    hcert::issue([7; 32], [1, 2, 3, 4, 5, 6, 7, 8], "AT", 1_620_000_000, 1_900_000_000, &content).unwrap()
}

const LINK: &str = "shlink:/eyJ1cmwiOiJodHRwczovL2xpbmtzLmV4YW1wbGUub3JnL20vQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSIsImtleSI6IkFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiLCJmbGFnIjoiVSJ9";

#[test]
fn codes_stand_anywhere_in_a_letter() {
    let certificate = certificate_text();
    let letter = format!(
        "Dear Ana,\nyour card: shc:/56762909 and its parts SHC:/1/2/5676 shc:/2/2/2909.\n\
         HC1: is what a certificate begins with.\n<p>{certificate}</p>\nYours (HC1 ward), https://viewer.example/#{LINK}\n{LINK}"
    );
    let found = Codes::in_file(letter.as_bytes());
    assert_eq!(found.cards, ["shc:/56762909", "SHC:/1/2/5676", "shc:/2/2/2909"]);
    assert_eq!(found.certificates, [certificate]);
    assert_eq!(found.links.len(), 1, "twice the same link is one");
    for plain in ["", "Dear Ana", "shc:/ is a scheme", "HC1:", "shlink:/ too", "XHC1:".repeat(20).as_str()] {
        assert!(Codes::in_file(plain.as_bytes()).is_empty(), "{plain}");
    }
}

#[test]
fn a_certificate_ends_where_it_ends() {
    let certificate = certificate_text();
    for (before, after) in [("", ""), ("(", ")"), ("\"", "\""), ("", " TEL. 12345"), ("", "  "), ("Code: ", "\r\nMore")]
    {
        let found = Codes::in_file(format!("{before}{certificate}{after}").as_bytes());
        assert_eq!(found.certificates, [certificate.as_str()], "{before}…{after}");
    }
}

#[test]
fn codes_behind_links_and_over_lines_are_whole() {
    let certificate = certificate_text();
    let escaped: String = certificate.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let plain: String = certificate
        .chars()
        .map(
            |letter| if letter.is_ascii_alphanumeric() { letter.to_string() } else { format!("%{:02x}", letter as u8) },
        )
        .collect();
    let digits = "56762909".repeat(40);
    for text in [format!("https://a.example/verify?code={plain}&x=1"), format!("see https://a.example/#{plain} there")]
    {
        assert_eq!(Codes::in_file(text.as_bytes()).certificates, [certificate.as_str()], "{text}");
    }
    assert!(Codes::in_file(escaped.as_bytes()).is_empty(), "not a beginning that is looked for");
    let found = Codes::in_file(format!("https://a.example/open?card=shc%3A%2F{digits}&b").as_bytes());
    assert_eq!(found.cards, [format!("shc:/{digits}")]);
    // A vCard, and a letter; what follows on a line of its own and is no part of it does not go on with it.
    let lines: Vec<&str> = digits.as_bytes().chunks(74).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for (between, after) in [("\r\n ", "\r\nEND:VCARD"), ("\n", "\nDear Ana"), ("\r\n\t", "")] {
        let text = format!("NOTE:shc:/{}{after}", lines.join(between));
        assert_eq!(Codes::in_file(text.as_bytes()).cards, [format!("shc:/{digits}")], "{text}");
    }
    assert_eq!(Codes::in_file(b"My card shc:/56762909\n12345 is the code of the door").cards, ["shc:/56762909"]);
}

#[test]
fn a_link_is_handed_on_and_its_key_is_in_no_log() {
    let said = Codes::in_file(LINK.as_bytes()).said(Vec::new());
    let [Said::Link(link)] = said.as_slice() else { panic!("{said:?}") };
    assert!(link.url.as_str().contains("links.example.org"));
    let logged = format!("{said:?}");
    assert!(!logged.contains("eyJ") && !logged.contains("AAAA"), "{logged}");
}

#[test]
fn the_words_of_a_letter_hold_no_key() {
    let (start, end) = LINK.split_at(90);
    for written in [LINK.to_owned(), format!("{start}\n{end}"), format!("{start}\r\n{end}")] {
        let text = format!("Hello Ana,\nyour records: https://v.example/#{written}\nYours, the ward");
        assert_eq!(without_links(&text), "Hello Ana,\nyour records: https://v.example/#shlink:/…\nYours, the ward");
    }
    assert_eq!(without_links("Ünd shlink: what is it?"), "Ünd shlink: what is it?");
}

proptest! {
    #[test]
    fn any_text_is_looked_through(text in "(shc:/|HC1:|shlink:/|[0-9A-Z $%*+./:-]{0,80}|\\PC{0,20}|\n){0,12}") {
        let mut codes = Codes::default();
        codes.add_text(&text);
        codes.add_code(Scanned { text: text.clone(), flaw: None });
        without_links(&text);
        prop_assert!(codes.cards.len() <= MOST && codes.certificates.len() <= MOST);
    }
}
