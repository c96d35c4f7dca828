//! Tests of the front door: what a file is told by, FHIR JSON in any dress, and files that mean harm.

use std::{
    collections::BTreeSet,
    io::{Cursor, Write},
};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    detect::{Kind, detect},
    *,
};
use crate::generator;

mod cards;
mod damage;
mod inline;
mod older;
mod telephone;

/// What happened, in words.
pub(super) fn told(bytes: &[u8]) -> Result<(Format, Vec<String>)> {
    told_within(bytes, &Limits::default())
}

pub(super) fn told_within(bytes: &[u8], limits: &Limits) -> Result<(Format, Vec<String>)> {
    let source = convert::Source { name: "file", sha256: [0; 32], now: 1_780_000_000, limits };
    let mut out = Vec::new();
    let mut starts = 0;
    let mut done = 0;
    let format = read_file(&mut Cursor::new(bytes), &source, &mut |event| {
        match event {
            Event::Start { .. } => {
                starts += 1;
                assert!(out.is_empty(), "the start comes first");
            }
            Event::Progress { read } => {
                assert!(starts == 1 && read > done && read <= bytes.len() as u64);
                done = read;
            }
            event => out.push(line(event)),
        }
        ControlFlow::Continue(())
    })?;
    assert_eq!(starts, 1);
    Ok((format, out))
}

/// What was found, in words.
fn line(event: Event<'_>) -> String {
    match event {
        Event::Start { format, .. } => format.to_string(),
        Event::Progress { read } => format!("{read} bytes"),
        Event::Attachment(attachment) => format!("{} {} bytes", attachment.media_type, attachment.bytes.len()),
        Event::Note { path, text } => format!("{path}: {text}"),
        Event::Code { path, text } => format!("code in {path:?}: {text}"),
        Event::Link { path, link } => format!("link in {path:?} to {}", link.url.as_str()),
        Event::Entry(Entry::Skipped(skip)) => format!("{}: {}", skip.path, skip.reason.code()),
        Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) => {
            let value: serde_json::Value = serde_json::from_slice(record.original).unwrap();
            let name = value.get("id").and_then(|id| id.as_str()).unwrap_or("-").to_owned();
            let place = record.place.map(|place| format!(" @ {place}")).unwrap_or_default();
            format!("{}/{name}{place}", record.index.resource_type)
        }
    }
}

fn entries(bytes: &[u8]) -> Vec<String> {
    told(bytes).unwrap().1
}

const TWO: &str = r#"{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Basic","id":"ä"}},{"resource":{"resourceType":"Basic","id":"b"}}]}"#;

#[test]
fn text_in_any_encoding_is_the_same_file() {
    let expected = entries(TWO.as_bytes());
    assert_eq!(expected, ["Basic/ä", "Basic/b"]);
    let with =
        |mark: &[u8], unit: fn(u16) -> [u8; 2]| [mark.to_vec(), TWO.encode_utf16().flat_map(unit).collect()].concat();
    assert_eq!(entries(&with(b"\xFF\xFE", u16::to_le_bytes)), expected);
    assert_eq!(entries(&with(b"\xFE\xFF", u16::to_be_bytes)), expected);
    assert_eq!(entries(&with(b"", u16::to_le_bytes)), expected);
    assert_eq!(entries(&with(b"", u16::to_be_bytes)), expected);
    assert_eq!(entries(&[b"\xEF\xBB\xBF", TWO.as_bytes()].concat()), expected);
    let wide = |mark: &[u8], unit: fn(u32) -> [u8; 4]| {
        [mark.to_vec(), TWO.chars().map(u32::from).flat_map(unit).collect()].concat()
    };
    assert_eq!(entries(&wide(b"\xFF\xFE\0\0", u32::to_le_bytes)), expected);
    assert_eq!(entries(&wide(b"\0\0\xFE\xFF", u32::to_be_bytes)), expected);
    assert_eq!(entries(&wide(b"", u32::to_le_bytes)), expected);
    assert_eq!(entries(&wide(b"", u32::to_be_bytes)), expected);
    assert_eq!(entries(&[TWO.as_bytes(), b"\0\0\0"].concat()), expected);
    // Half a pair is no letter: it costs its entry and nothing else.
    let mut broken = with(b"\xFF\xFE", u16::to_le_bytes);
    let at = broken.windows(2).position(|pair| pair == "ä".encode_utf16().next().unwrap().to_le_bytes()).unwrap();
    broken[at..at + 2].copy_from_slice(&0xD800_u16.to_le_bytes());
    assert_eq!(entries(&broken), ["Bundle.entry[0].resource: not_text", "Basic/b"]);
}

#[test]
fn json_in_a_json_string_is_unwrapped() {
    let once = serde_json::to_string(TWO).unwrap();
    let twice = serde_json::to_string(&once).unwrap();
    assert_eq!(entries(once.as_bytes()), ["Basic/ä", "Basic/b"]);
    assert_eq!(entries(twice.as_bytes()), ["Basic/ä", "Basic/b"]);
    assert!(matches!(told(&once.as_bytes()[..once.len() - 4]), Err(Error::CutShort)));
    assert!(told(serde_json::to_string(&twice).unwrap().as_bytes()).is_err());
}

#[test]
fn bundles_in_bundles_and_parameters_are_opened() {
    let inner = r#"{"type":"document","entry":[{"resource":{"resourceType":"Basic","id":"1"}},{"request":{}}],"resourceType":"Bundle"}"#;
    let file = format!(
        r#"{{"resourceType":"Bundle","entry":[{{"resource":{inner}}},{{"resource":{{"resourceType":"Bundle"}}}},{{"resource":{{"resourceType":"Parameters","parameter":[{{"name":"a","resource":{inner}}},{{"part":[{{"resource":{{"resourceType":"Basic","id":"2"}}}}]}}]}}}}]}}"#
    );
    assert_eq!(
        entries(file.as_bytes()),
        [
            "Basic/1",
            "Bundle.entry[0].resource.entry[1]: no_resource",
            "Bundle.entry[1].resource: no_resource",
            "Basic/1",
            "Bundle.entry[2].resource.parameter[0].resource.entry[1]: no_resource",
            "Basic/2",
        ]
    );
    assert_eq!(entries(br#"{"resourceType":"Parameters","parameter":[{"name":"x"}]}"#), ["Parameters/-"]);
    let lines = format!("{inner}\n{inner}\n");
    assert_eq!(entries(lines.as_bytes()).len(), 4);
    // However deep: refused where nobody means it, and never a hang.
    let mut deep = r#"{"resourceType":"Basic"}"#.to_owned();
    for _ in 0..20 {
        deep = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{deep}}}]}}"#);
    }
    assert_eq!(entries(deep.as_bytes()).len(), 1);
    assert!(entries(deep.as_bytes())[0].ends_with("too_deep"));
}

#[test]
fn resources_without_anything_between_them() {
    let file = br#"{"resourceType":"Basic","id":"1"}{"resourceType":"Basic","id":"2"}  {
        "resourceType":"Basic","id":"3"}{"resourceType":"Basic" "id":"4"}"#;
    let (format, entries) = told(file).unwrap();
    assert_eq!(format, Format::Sequence);
    assert_eq!(entries, ["Basic/1", "Basic/2", "Basic/3", "resource 4: not_json"]);
    let cut = br#"{"resourceType":"Basic","id":"1"}{"resourceType":"Basic","id":"2"}{"resourceType""#;
    assert_eq!(told(cut).unwrap().1, ["Basic/1", "Basic/2", "resource 3: cut_short"]);
}

#[test]
fn reading_stops_when_nobody_wants_more() {
    let limits = Limits::default();
    let source = convert::Source { name: "file", sha256: [0; 32], now: 0, limits: &limits };
    let mut seen = 0;
    let format = read_file(&mut Cursor::new(TWO), &source, &mut |event| {
        if matches!(event, Event::Entry(_)) {
            seen += 1;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(seen, 1);
    assert_eq!(format.unwrap(), Format::Bundle { bundle_type: "batch".to_owned() });
}

/// A file of any length that is not there: `head`, then one byte again and again.
struct Endless {
    head: &'static [u8],
    byte: u8,
    length: u64,
    at: u64,
    given: u64,
}

impl Endless {
    fn new(head: &'static [u8], byte: u8) -> Self {
        Endless { head, byte, length: 2 << 30, at: 0, given: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.at).unwrap();
        let got = buffer.len().min(left);
        for (offset, byte) in buffer[..got].iter_mut().enumerate() {
            *byte = self.head.get(self.at as usize + offset).copied().unwrap_or(self.byte);
        }
        self.at += got as u64;
        self.given += got as u64;
        Ok(got)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(back) => self.length.saturating_add_signed(back),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn two_gigabytes_of_anything_are_refused_after_their_start() {
    let limits = Limits::default();
    let source = convert::Source { name: "file", sha256: [0; 32], now: 0, limits: &limits };
    let refused = |head: &'static [u8], byte: u8, most: u64| {
        let mut file = Endless::new(head, byte);
        let error = read_file(&mut file, &source, &mut |_| panic!("nothing to take")).unwrap_err();
        assert!(file.given <= most, "{} bytes were read for {error}", file.given);
        error
    };
    assert!(matches!(refused(b"", b'[', 1 << 20), Error::TooLarge { .. }));
    assert!(matches!(refused(b"{\"resourceType\":\"", b'a', 1 << 20), Error::TooLarge { .. }));
    assert!(matches!(refused(b"<Bundle xmlns='http://hl7.org/fhir'>", b'<', 1 << 20), Error::TooLarge { .. }));
    assert!(matches!(refused(b"", b' ', 1 << 20), Error::Empty));
    assert!(matches!(refused(b"", b'a', 1 << 20), Error::NotFhir { .. }));
    assert!(matches!(refused(b"\xFF\xD8\xFF", b'a', 1 << 20), Error::TooLarge { .. }));
    assert!(matches!(refused(b"PK\x03\x04", b'a', 1 << 20), Error::Zip));
    assert!(matches!(refused(b"\x1f\x8b", b'a', 1 << 20), Error::Gzip));
    let huge = Limits { archive_bytes: 1 << 30, ..Limits::default() };
    let source = convert::Source { limits: &huge, ..source };
    let mut file = Endless::new(b"PK\x03\x04", 0);
    let error = read_file(&mut file, &source, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit_mib: 1024 }) && file.given == 0);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_of_anything_is_unpacked_within_limits() {
    assert_eq!(entries(&gzip(TWO.as_bytes())), ["Basic/ä", "Basic/b"]);
    assert_eq!(entries(&gzip(&gzip(TWO.as_bytes()))), ["Basic/ä", "Basic/b"]);
    let error = |bytes: &[u8]| told(bytes).unwrap_err();
    assert!(matches!(error(&gzip(&gzip(&gzip(TWO.as_bytes())))), Error::NotFhir { .. }));
    let long = [br#"{"resourceType":""#.as_slice(), &vec![b'A'; 32 << 20]].concat();
    assert!(matches!(error(&gzip(&long)), Error::Inflates { ratio: 250 }));
    assert!(matches!(error(&gzip(&vec![b'['; 32 << 20])), Error::TooDeep { .. }));
    assert!(matches!(error(&gzip(&gzip(&vec![b'['; 32 << 20]))), Error::TooDeep { .. } | Error::Inflates { .. }));
    assert!(matches!(error(&gzip(b"just words")), Error::NotFhir { what: "a text" }));
    let packed = gzip(TWO.as_bytes());
    assert_eq!(entries(&[packed.as_slice(), &[0; 512]].concat()), ["Basic/ä", "Basic/b"]);
    assert!(matches!(error(&packed[..packed.len() - 9]), Error::Gzip));
    let small = Limits { inflated_bytes: 50, ..Limits::default() };
    assert!(matches!(told_within(&packed, &small), Err(Error::TooLarge { .. })));
}

#[test]
fn a_file_is_told_by_its_content() {
    let apple = format!(
        "<?xml version='1.0'?><!DOCTYPE HealthData [{}]><HealthData locale='en'>",
        "<!ELEMENT a (b)>".repeat(900)
    );
    for (bytes, expected) in [
        (b"%PDF-1.4".as_slice(), Kind::Pdf),
        (b"\n\n%PDF-1.4", Kind::Pdf),
        (b"\xFF\xD8\xFF\xE0", Kind::Picture),
        (apple.as_bytes(), Kind::AppleHealth),
        (b"<Patient><id value=\"p\"/></Patient>", Kind::FhirXml),
        (b"<Patient id=\"7\"><name>Doe</name></Patient>", Kind::Xml),
        (b"<Patient xmlns=\"http://example.org\"><id value=\"p\"/></Patient>", Kind::Xml),
        (b"\xEF\xBB\xBF<!-- c --><n:ClinicalDocument xmlns:n='urn:hl7-org:v3'/>", Kind::ClinicalDocument),
        (b"<!DOCTYPE html><html>", Kind::NoRecords("a web page")),
        (b"<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>", Kind::NoRecords("a style sheet")),
        (b"<x:stylesheet xmlns:x='y'><ClinicalDocument xmlns='urn:hl7-org:v3'/></x:stylesheet>", Kind::ClinicalDocument),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", Kind::Picture),
        (b"<note/>", Kind::Xml),
        (b"<", Kind::Xml),
        (b"shc:/5676", Kind::HealthCard),
        (b"{\"verifiableCredential\":[\"eyJ\"]}", Kind::HealthCard),
        (b"{\"id\":1, \"verifiableCredential\":[\"eyJ\"]}", Kind::HealthCard),
        (b"{ \"resourceType\" : \"Parameters\",\"parameter\":[{\"name\":\"verifiableCredential\"}]}", Kind::HealthCard),
        (b"{\"resourceType\":\"Bundle\",\"x\":\"verifiableCredential\"}", Kind::Json),
        (b"\0\0\0\x18ftyphevc\0\0\0\0", Kind::Picture),
        (b"\0\0\0\x18ftypisom\0\0\0\0", Kind::Other("another kind of file")),
        (b"\x08\0\x05\0CS\x0A\0ISO_IR 100", Kind::Dicom),
        (b"\0\x08\0\x05CS\0\x0AISO_IR 100", Kind::Dicom),
        (b"\x08\0\x05\0\x0A\0\0\0ISO_IR 100", Kind::Dicom),
        (b"\x02\0\0\0UL\x04\0\x1E\0\0\0", Kind::Dicom),
        (b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIifQ.c2ln", Kind::HealthCard),
        (b"eyJhbGciOiJkaXIifQ..aXY.Y3Q.dGFn", Kind::Encrypted),
        (b"age-encryption.org/v1\n-> X25519", Kind::Encrypted),
        (b"HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC:5AIA%G7X+AQB9746HS80:54IBQF60R6$A80X6S1BTYACG6M+9XG8KIAWNA91AY%67092L4WJCT3EHS8XJC$+DXJCCWENF6OF63W5NW6WF6%JC QE/IAYJC5LEW34U3ET7DXC9 QE-ED8%E.JCBECB1A-:8$96646AL60A60S6Q$D.UDRYA 96NF6L/5QW6307KQEPD09WEQDD+Q6TW6FA7C466KCN9E%961A6DL6FA7D46JPCT3E5JDLA7$Q6E464W5TG6..DX%DZJC6/DTZ9 QE5$CB$DA/D JC1/D3Z8WED1ECW.CCWE.Y92OAGY8MY9L+9MPCG/D5 C5IA5N9$PC5$CUZCY$5Y$527BHB6*L8ARHDJL.Q7*2T7:SCNFZN70H6*AS6+T$D9UCAD97R8NIBO+/RJVE$9PAGPTBIZEP MO-Q0:R13IURRQ5MV93M9V3X2U:NDZSF", Kind::Hcert),
        (b"date,value\n2024-01-01,1\n", Kind::Table),
        (b"\"date\";\"value\"\n\"2024-01-01\";\"1\"\n", Kind::Table),
        (b"Body\nDate,Weight,BMI,Fat\n\"15-07-2024\",\"82.4\",\"25.4\",\"22.1\"\n", Kind::Table),
        (b"Eva Alm\nmine\nID\tTime\tScan Glucose (mmol/L)\n1\t2018/05/01 08:00\t\n", Kind::Table),
        // What a letter writes is no row of names, and what names nothing known may be anything.
        (b"Dear Dr Smith\nI saw her for her weight, pulse, and date\non 3 May, 4 May, and later\n", Kind::Text),
        (b"Berlin\nHouse, Street, City\n12, Main Street, Berlin\n", Kind::Text),
        (b"{\\rtf1 x}", Kind::Rtf),
        (b"just words", Kind::Text),
        (b"\x00\x01\x02", Kind::Other("another kind of file")),
        (b"https://viewer.example/#shlink:/eyJ", Kind::Other("a SMART Health Link")),
    ] {
        assert_eq!(detect(bytes), expected);
    }
    assert_eq!(entries(br#"{"resourceType":"Basic","id":"%PDF-1.4"}"#), ["Basic/%PDF-1.4"]);
    let mut dicom = vec![0; 128];
    dicom.extend_from_slice(b"DICM");
    assert_eq!(detect(&dicom), Kind::Dicom);
    // A code that lacks its slash is one that is refused, and a telephone number is a text.
    assert_eq!(detect(format!("shc:{}\n", "56".repeat(600)).as_bytes()), Kind::HealthCard);
    assert_ne!(detect(b"shc: 5676 is how I am reached from Monday on"), Kind::HealthCard);
    assert!(matches!(told(b""), Err(Error::Empty)));
    assert!(matches!(told(b" \n\xEF\xBB\xBF"), Err(Error::NotFhir { .. })));
    assert!(matches!(told(b"[1,2]"), Err(Error::NotFhir { .. })));
}

#[test]
fn a_letter_is_kept_as_a_document_and_the_rest_of_a_code_is_not() {
    let letter =
        b"Seen today for her cough.\nLungs are clear, no fever since Friday. She may go back to school on Monday.";
    let (format, told_of) = told(letter).unwrap();
    assert_eq!((format, told_of.len()), (Format::Text, 2));
    assert!(
        told_of[0].starts_with("text/plain 102 bytes") && told_of[1].starts_with("DocumentReference/"),
        "{told_of:?}"
    );
    let endless = [b"a b c d e f g h i j k l m n o p q r s t ".as_slice(), &[b'x'; 300]].concat();
    for nothing in [b"only a few words".as_slice(), b"\"a b c d e f g h i j k l m n o p q r s t u", &endless] {
        assert!(matches!(told(nothing), Err(Error::NotFhir { what: "a text" })));
    }
}

#[test]
fn latin_letters_are_read_and_told_of() {
    let file = b"{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"Basic\",\"id\":\"\xE4\"}},{\"resource\":{\"resourceType\":\"Basic\",\"id\":\"b\"}}]}";
    let told = entries(file);
    assert_eq!(told[..2], ["Basic/ä", "Basic/b"]);
    assert!(told.len() == 3 && told[2].starts_with("text: Some letters of this file are not UTF-8"), "{told:?}");
    let xml = b"<Basic xmlns=\"http://hl7.org/fhir\"><id value=\"\xE4\"/></Basic>";
    let told = entries(xml);
    assert!(told.len() == 2 && told[0] == "Basic/ä @ Basic" && told[1].starts_with("text: Some letters"), "{told:?}");
    // XML says what it is written in.
    let xml = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Basic xmlns=\"http://hl7.org/fhir\"><id value=\"\xE4\"/></Basic>";
    assert_eq!(entries(xml), ["Basic/ä @ Basic"]);
    let wide: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain(
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Basic xmlns=\"http://hl7.org/fhir\"><id value=\"ä\"/></Basic>"
                .encode_utf16(),
        )
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(entries(&wide), ["Basic/ä @ Basic"]);
    let wide: Vec<u8> = "\u{FEFF}<Basic xmlns='http://hl7.org/fhir'><id value='ä'/></Basic>"
        .chars()
        .map(u32::from)
        .flat_map(u32::to_le_bytes)
        .collect();
    assert_eq!(entries(&wide), ["Basic/ä @ Basic"]);
}

#[test]
fn every_line_may_begin_with_a_mark() {
    let lines =
        "\u{FEFF}{\"resourceType\":\"Basic\",\"id\":\"a\"}\r\n\r\n\u{FEFF}{\"resourceType\":\"Basic\",\"id\":\"b\"}";
    assert_eq!(told(lines.as_bytes()).unwrap(), (Format::Ndjson, vec!["Basic/a".to_owned(), "Basic/b".to_owned()]));
}

#[test]
fn nesting_of_a_hundred_thousand_levels_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let nested = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        assert!(matches!(told(nested.as_bytes()), Err(Error::TooDeep { .. })), "{open}");
        let within =
            format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{{"resourceType":"Basic","x":{nested}}}}}]}}"#);
        assert!(matches!(told(within.as_bytes()), Err(Error::TooDeep { .. })), "{open}");
    }
}

/// Identity and content of all records of some files, imported one after another.
fn vault<'f>(files: impl IntoIterator<Item = &'f [u8]>) -> BTreeSet<([u8; 32], [u8; 32])> {
    let limits = Limits::default();
    let source = convert::Source { name: "file", sha256: [0; 32], now: 0, limits: &limits };
    let mut out = BTreeSet::new();
    for file in files {
        let taken = read_file(&mut Cursor::new(file), &source, &mut |event| {
            if let Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) = event {
                out.insert((record.identity, Sha256::digest(record.original).into()));
            }
            ControlFlow::Continue(())
        });
        assert!(taken.is_ok(), "{taken:?}");
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn twice_in_any_order_or_in_parts_is_the_same(seed: u64, resources in 1..120_usize, half in any::<prop::sample::Index>()) {
        let bundle = generator::patient(&generator::PatientSpec { seed, resources, ..Default::default() });
        let whole = bundle.to_string().into_bytes();
        let expected = vault([whole.as_slice()]);
        prop_assert_eq!(expected.len(), resources.max(1));
        prop_assert_eq!(&vault([whole.as_slice(), &whole]), &expected);
        let entries = bundle["entry"].as_array().unwrap();
        let some = |entries: Vec<&serde_json::Value>| {
            serde_json::json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}).to_string().into_bytes()
        };
        let backwards = some(entries.iter().rev().collect());
        prop_assert_eq!(&vault([backwards.as_slice(), &whole]), &expected);
        let (one, other) = entries.split_at(half.index(entries.len()));
        let (one, other) = (some(one.iter().collect()), some(other.iter().collect()));
        prop_assert_eq!(&vault([other.as_slice(), &one]), &expected);
        let lines: String = entries.iter().map(|entry| format!("{}\r\n\n", entry["resource"])).collect();
        prop_assert_eq!(&vault([lines.as_bytes(), &gzip(&whole)]), &expected);
        let concatenated: String = entries.iter().map(|entry| entry["resource"].to_string()).collect();
        prop_assert_eq!(&vault([concatenated.as_bytes()]), &expected);
        let wide: Vec<u8> = String::from_utf8(whole).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
        prop_assert_eq!(&vault([wide.as_slice()]), &expected);
    }
}

proptest! {
    #[test]
    fn a_file_cut_short_anywhere_is_an_error_or_has_skips(kind in 0..5_usize, cut in any::<prop::sample::Index>()) {
        let bundle = generator::patient(&generator::PatientSpec { resources: 3, ..Default::default() });
        let lines: String = bundle["entry"].as_array().unwrap().iter().map(|entry| format!("{}\n", entry["resource"])).collect();
        let whole = match kind {
            0 => bundle.to_string().into_bytes(),
            1 => lines.trim_end().as_bytes().to_vec(),
            2 => gzip(bundle.to_string().as_bytes()),
            3 => lines.replace('\n', "").into_bytes(),
            _ => bundle.to_string().encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        let cut = cut.index(whole.len());
        match told(&whole[..cut]) {
            Err(_) => {}
            Ok((Format::Bundle { .. }, entries)) => prop_assert!(entries.last().unwrap().ends_with(": cut_short")),
            // Where a line or a resource ends, what is left is a whole file.
            Ok((format, entries)) => {
                prop_assert!(matches!(format, Format::Ndjson | Format::Sequence | Format::Resource { .. }), "{}", format);
                prop_assert!(entries.len() <= 3);
            }
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_file(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = told(&bytes);
    }

    #[test]
    fn any_bytes_after_the_start_of_a_known_kind(
        start in prop::sample::select(vec!["\u{FEFF}{", "[", "\"{\\\"", "<Bundle xmlns=\"http://hl7.org/fhir\">", "<?xml ", "<!DOCTYPE ", "PK\x03\x04", "shc:/", "eyJ", "%PDF-", "{\\rtf"]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = told(&[start.as_bytes(), &bytes].concat());
    }
}

#[test]
fn progress_is_told_of_long_files() {
    let limits = Limits::default();
    let source = convert::Source { name: "file", sha256: [0; 32], now: 0, limits: &limits };
    let noise = |number: u32| -> String {
        (0..120).map(|at| format!("{:08x}", (number * 120 + at).wrapping_mul(2_654_435_761))).collect()
    };
    let lines: String =
        (0..5000).map(|number| format!("{{\"resourceType\":\"Basic\",\"id\":\"{}\"}}\n", noise(number))).collect();
    for (bytes, least) in [(lines.as_bytes().to_vec(), 4), (gzip(lines.as_bytes()), 1)] {
        let (mut told, mut entries) = (Vec::new(), 0);
        read_file(&mut Cursor::new(&bytes), &source, &mut |event| {
            match event {
                Event::Progress { read } => told.push(read),
                Event::Entry(_) => entries += 1,
                _ => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(entries, 5000);
        assert!(
            told.len() >= least && told.is_sorted() && told.iter().all(|read| *read <= bytes.len() as u64),
            "{told:?}"
        );
    }
}

#[test]
fn a_deep_link_to_a_card_is_read_like_the_card() {
    let card = smart_health::card::SigningKey::from_bytes([7; 32]).unwrap().sign(&serde_json::json!({
        "iss": "https://clinic.example", "nbf": 1_700_000_000,
        "vc": { "type": ["https://smarthealth.cards#health-card"], "credentialSubject": { "fhirVersion": "4.0.1",
            "fhirBundle": { "resourceType": "Bundle", "type": "collection", "entry": [
                { "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "birthDate": "1970-01-01" } } ] } } },
    }));
    let (scheme, digits) = smart_health::card::to_segments(&card).unwrap();
    let limits = Limits::default();
    for text in [
        format!("{scheme}{digits}"),
        format!("https://wallet.example/SMARTHealthCard/#{scheme}{digits}"),
        format!("https://wallet.example/SMARTHealthCard/#{{\"verifiableCredential\":[\"{card}\"]}}"),
        format!("https://wallet.example/SMARTHealthCard/#%7B%22verifiableCredential%22%3A%5B%22{card}%22%5D%7D"),
    ] {
        let source = convert::Source { name: "card", sha256: [3; 32], now: 1_800_000_000, limits: &limits };
        let mut records = 0;
        let format = read_file(&mut Cursor::new(text.as_bytes()), &source, &mut |event| {
            records += usize::from(matches!(event, Event::Entry(Entry::Record(_) | Entry::NarrativeOnly { .. })));
            ControlFlow::Continue(())
        });
        assert_eq!((format.unwrap(), records), (Format::HealthCard, 2), "{text}");
    }
}
