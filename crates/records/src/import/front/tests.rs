//! Tests of the front door over FHIR JSON in any dress.

use std::io::Cursor;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

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
            Event::Attachment(attachment) => {
                out.push(format!("{} {} bytes", attachment.media_type, attachment.bytes.len()))
            }
            Event::Entry(Entry::Skipped(skip)) => out.push(format!("{}: {}", skip.path, skip.reason.code())),
            Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) => {
                let value: serde_json::Value = serde_json::from_slice(record.original).unwrap();
                let name = value.get("id").and_then(|id| id.as_str()).unwrap_or("-").to_owned();
                let place = record.place.map(|place| format!(" @ {place}")).unwrap_or_default();
                out.push(format!("{}/{name}{place}", record.index.resource_type));
            }
        }
        ControlFlow::Continue(())
    })?;
    assert_eq!(starts, 1);
    Ok((format, out))
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
fn inline_data_come_before_their_record() {
    let data = STANDARD.encode([9; 2048]);
    let file = format!(
        r#"[{{"resourceType":"Binary","id":"b","contentType":"application/pdf","data":"{data}"}},{{"resourceType":"Basic","id":"c"}}]"#
    );
    assert_eq!(entries(file.as_bytes()), ["application/pdf 2048 bytes", "Binary/b", "Basic/c"]);
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
