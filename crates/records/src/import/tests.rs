//! Tests of the import: every entry accounted for, every limit kept.

use std::{
    collections::HashSet,
    io::{Read, Write},
};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::*;

fn all(bytes: &[u8]) -> Vec<Entry<'_>> {
    all_with(bytes, &Limits::default()).unwrap()
}

fn all_with<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Vec<Entry<'a>>> {
    let mut import = import(bytes, limits)?;
    let total = import.total();
    let entries: Vec<Entry<'a>> = std::iter::from_fn(|| import.next_entry()).collect();
    assert_eq!(entries.len(), total, "the account adds up");
    Ok(entries)
}

fn record<'r, 'a>(entry: &'r Entry<'a>) -> &'r Record<'a> {
    match entry {
        Entry::Record(record) | Entry::NarrativeOnly { record, .. } => record,
        Entry::Skipped(skip) => panic!("skipped: {skip:?}"),
    }
}

fn skip<'r>(entry: &'r Entry<'_>) -> &'r Skip {
    match entry {
        Entry::Skipped(skip) => skip,
        other => panic!("not skipped: {other:?}"),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read(mut bytes: &[u8]) -> Result<Vec<u8>> {
    read_file_bytes(&mut bytes, None, &Limits::default())
}

#[test]
fn a_bundle_keeps_every_byte_of_its_resources() {
    let weight = "{ \"resourceType\":\"Observation\",\n\"id\":\"w\",\"valueQuantity\":{\"value\":72.50,\"unit\":\"kg\"}, \"x\":[1e-7] }";
    let file = format!(
        r#"{{"entry":[{{"fullUrl":"http://a/Observation/w","resource":{weight},"request":{{"method":"PUT"}}}}],"type":"batch","resourceType":"Bundle"}}"#
    );
    let entries = all(file.as_bytes());
    let only = record(&entries[0]);
    assert_eq!(only.original, weight.as_bytes());
    assert_eq!(only.full_url.as_deref(), Some("http://a/Observation/w"));
    assert_eq!(import(file.as_bytes(), &Limits::default()).unwrap().format().to_string(), "FHIR R4 Bundle (batch)");
}

#[test]
fn resources_are_found_in_what_other_programs_put_around_them() {
    let found = |file: &str| {
        let mut import = import(file.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(*import.format(), Format::Wrapped, "{file}");
        let mut found = Vec::new();
        while let Some(entry) = import.next_entry() {
            let record = record(&entry);
            found.push((import.last_path(), record.index.resource_type.clone(), record.full_url.clone()));
        }
        found
    };
    let told = |path: &str, kind: &str, url: Option<&str>| (path.to_owned(), kind.to_owned(), url.map(str::to_owned));
    // By kind, as some portals hand them out; what lies in a resource stays there.
    let by_kind = r#"{"exportedAt":"2026-01-01","Patient":[{"id":"p","resourceType":"Patient"}],
        "Condition":[{"resourceType":"Condition","contained":[{"resourceType":"Medication"}],"note":[{"text":"}{"}]}]}"#;
    assert_eq!(found(by_kind), [told("Patient[0]", "Patient", None), told("Condition[0]", "Condition", None)]);
    // A Bundle within the answer of a service, and entries without a Bundle.
    let answer = r#"{"status":200,"data":{"bundle":{"resourceType":"Bundle","entry":[{"fullUrl":"urn:a","resource":{"resourceType":"Patient"}}]}}}"#;
    assert_eq!(found(answer), [told("data.bundle.entry[0].resource", "Patient", Some("urn:a"))]);
    let entries = r#"[{"fullUrl":"urn:b","resource":{"resourceType":"Patient"}},{"search":{"mode":"match"},"resource":{"resourceType":"Goal"}}]"#;
    assert_eq!(found(entries), [told("[0].resource", "Patient", Some("urn:b")), told("[1].resource", "Goal", None)]);
    let entry = r#"{"entry":[{"fullUrl":"urn:c","resource":{"resourceType":"Patient"}}]}"#;
    assert_eq!(found(entry), [told("entry[0].resource", "Patient", Some("urn:c"))]);

    let deep = format!("{}{{\"resourceType\":\"Patient\"}}{}", "[".repeat(40), "]".repeat(40));
    for nothing in [
        r#"{"Resources":[{"resourceType":"VirtualMachine"},{"resourceType":"Bucket"}]}"#,
        r#"{"id":"type lost","contained":[{"resourceType":"Medication"}]}"#,
        r#"{"data":{"resourceType":["Patient"]}}"#,
    ] {
        assert!(matches!(import(nothing.as_bytes(), &Limits::default()), Err(Error::NotFhir { .. })), "{nothing}");
    }
    assert_eq!(skip(&all(deep.as_bytes())[0]).reason, SkipReason::NotAnObject);
    let limits = |entries| Limits { entries, ..Limits::default() };
    assert_eq!(all_with(by_kind.as_bytes(), &limits(2)).unwrap().len(), 2);
    assert!(matches!(all_with(by_kind.as_bytes(), &limits(1)), Err(Error::TooManyEntries { limit: 1 })));
}

#[test]
fn one_bad_entry_costs_only_itself() {
    let file = br#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Patient","id":"1","birthDate":"1970-01-01"}},
        {"resource":{"resourceType":"Observation","value":07}},
        {"resource":{"resourceType":"Observation","id":"quote lost
}},
        {"request":{"method":"DELETE","url":"Patient/2"}},
        {"resource":null},
        {"resource":[1,2]},
        {"resource":{"id":"no type"}},
        {"resource":{"resourceType":"OperationOutcome","issue":[]}},
        "text",
        {"resource":{"resourceType":"Basic"} "missing":"comma"},
        {"resource":{"resourceType":"Condition","code":"not a concept","subject":7,"meta":[],"text":1}}
    ]}"#;
    let entries = all(file);
    let told: Vec<(String, &str)> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Record(record) => (String::new(), record.index.resource_type.as_str()),
            Entry::NarrativeOnly { .. } => panic!("none"),
            Entry::Skipped(skip) => (skip.path.clone(), skip.reason.code()),
        })
        .map(|(path, what)| (path, if what == "Patient" || what == "Condition" { "record" } else { what }))
        .collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(path, what)| (path.as_str(), *what)).collect();
    assert_eq!(
        told,
        [
            ("", "record"),
            ("Bundle.entry[1].resource", "not_json"),
            ("Bundle.entry[2].resource", "not_json"),
            ("Bundle.entry[3]", "no_resource"),
            ("Bundle.entry[4].resource", "no_resource"),
            ("Bundle.entry[5].resource", "not_an_object"),
            ("Bundle.entry[6].resource", "no_resource_type"),
            ("Bundle.entry[7].resource", "server_message"),
            ("Bundle.entry[8]", "not_json"),
            ("Bundle.entry[9]", "not_json"),
            ("", "record"),
        ]
    );
}

#[test]
fn bytes_that_are_no_text_cost_only_their_entry() {
    let mut file = br#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic","id":"a"}},{"resource":{"resourceType":"Basic","id":"?"}}]}"#.to_vec();
    let at = file.iter().rposition(|byte| *byte == b'?').unwrap();
    file[at] = 0xFF;
    let entries = all(&file);
    assert_eq!(record(&entries[0]).index.resource_type, "Basic");
    assert_eq!(skip(&entries[1]).reason, SkipReason::NotText);
}

#[test]
fn ndjson_single_array_and_byte_order_mark() {
    let ndjson = b"{\"resourceType\":\"Patient\",\"id\":\"1\"}\r\n\n  {\"resourceType\":\"Basic\",\"id\":\"2\"}\n{\"resourceType\":\"Basic\",\"i\n";
    let entries = all(ndjson);
    assert_eq!(record(&entries[1]).original, b"{\"resourceType\":\"Basic\",\"id\":\"2\"}");
    assert_eq!(skip(&entries[2]), &Skip { path: "line 4".to_owned(), reason: SkipReason::NotJson });

    let first_bad = b"{\"resourceType\":\"Pat\n{\"resourceType\":\"Basic\",\"id\":\"2\"}\n";
    let entries = all(first_bad);
    assert_eq!(skip(&entries[0]).path, "line 1");
    assert_eq!(record(&entries[1]).index.resource_type, "Basic");

    let single = b"\xEF\xBB\xBF {\"resourceType\":\"Patient\"}\n";
    assert_eq!(record(&all(single)[0]).original, b"{\"resourceType\":\"Patient\"}");
    let array = br#"[{"resourceType":"Patient"},7]"#;
    let entries = all(array);
    assert_eq!(skip(&entries[1]).path, "[1]");
}

#[test]
fn a_bundle_with_an_entry_a_line_is_no_ndjson() {
    let file = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[\n{\"resource\":{\"resourceType\":\"Basic\"}},\n{\"resource\":{\"resourceType\":\"Basic\"}}\n]}\n";
    assert_eq!(all(file.as_bytes()).len(), 2);
    let entries = all(&file.as_bytes()[..file.len() - 5]);
    assert_eq!((entries.len(), &skip(&entries[1]).reason), (2, &SkipReason::CutShort));
}

#[test]
fn empty_bundles_are_files_too() {
    assert_eq!(all(br#"{"resourceType":"Bundle","type":"searchset"}"#).len(), 0);
    assert_eq!(all(br#"{"resourceType":"Bundle","entry":[]}"#).len(), 0);
    assert_eq!(all(br#"{"resourceType":"Bundle","entry":null}"#).len(), 0);
}

#[test]
fn files_of_no_use_are_refused_with_their_reason() {
    let error = |bytes: &[u8]| import(bytes, &Limits::default()).unwrap_err().to_string();
    assert!(error(b"").contains("empty"));
    assert!(error(b"  \n").contains("empty"));
    assert!(error(b"<Bundle xmlns='http://hl7.org/fhir'/>").contains("XML"));
    assert!(error(b"PK\x03\x04").contains("zip"));
    assert!(error(b"%PDF-1.7").contains("PDF"));
    assert!(error(b"\xFF\xFE{\x00").contains("UTF-16"));
    assert!(error(b"hello").contains("another kind"));
    assert!(error(br#"{"a":1}"#).contains("resourceType"));
    assert!(error(br#"{"resourceType":"bundle"}"#).contains("resourceType"));
    assert!(error(br#"{"resourceType":"Patient","#).contains("cut short"));
    assert!(error(b"{\"a\":1}\n{\"a\":2}\n").contains("resourceType"));
    assert!(error(br#"{"resourceType":"Patient"}x"#).contains("not valid JSON"));
    assert!(error(br#"{"resourceType" "Patient"}"#).contains("not valid JSON"));
    assert!(error(b"[").contains("cut short"));
}

#[test]
fn depth_is_limited_for_an_entry_and_for_a_file() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let single = |levels: usize| format!(r#"{{"resourceType":"Basic","x":{}}}"#, nested(levels));
    assert_eq!(all(single(99).as_bytes()).len(), 1);
    assert!(matches!(import(single(100).as_bytes(), &Limits::default()), Err(Error::TooDeep { limit: 100 })));
    assert!(matches!(import(single(100_000).as_bytes(), &Limits::default()), Err(Error::TooDeep { .. })));
    let bundle = format!(
        r#"{{"resourceType":"Bundle","entry":[{{"resource":{}}},{{"resource":{{"resourceType":"Basic"}}}}]}}"#,
        single(500)
    );
    let entries = all(bundle.as_bytes());
    assert_eq!(skip(&entries[0]).reason, SkipReason::TooDeep { limit: 100 });
    assert_eq!(record(&entries[1]).index.resource_type, "Basic");
    // What is taken can be opened again by whoever reads it whole.
    let deepest = single(99);
    assert!(serde_json::from_str::<serde_json::Value>(&deepest).is_ok());
}

#[test]
fn other_limits() {
    let file = br#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic","id":"0123456789"}},{"resource":{"resourceType":"Basic"}}]}"#;
    let entries = all_with(file, &Limits { entry_bytes: 30, ..Limits::default() }).unwrap();
    assert_eq!(skip(&entries[0]).reason.code(), "too_large");
    assert_eq!(record(&entries[1]).index.resource_type, "Basic");
    assert!(matches!(
        all_with(file, &Limits { entries: 1, ..Limits::default() }),
        Err(Error::TooManyEntries { limit: 1 })
    ));
    assert!(matches!(all_with(file, &Limits { inflated_bytes: 50, ..Limits::default() }), Err(Error::TooLarge { .. })));
    let lines = b"{\"resourceType\":\"Basic\"}\n{\"resourceType\":\"Basic\"}\n";
    assert!(matches!(
        all_with(lines, &Limits { entries: 1, ..Limits::default() }),
        Err(Error::TooManyEntries { limit: 1 })
    ));
}

#[test]
fn plain_and_compressed_files_read_the_same() {
    let file = br#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic"}}]}"#;
    assert_eq!(read(file).unwrap(), file);
    assert_eq!(read(&gzip(file)).unwrap(), file);
    let members = [gzip(&file[..20]), gzip(&file[20..])].concat();
    assert_eq!(read(&members).unwrap(), file);
    let packed = gzip(file);
    assert!(matches!(read(&packed[..packed.len() - 9]), Err(Error::Gzip)));
    assert!(matches!(read(&[0x1f, 0x8b, 0, 0]), Err(Error::Gzip)));
    assert!(matches!(read(b"<xml/>"), Err(Error::NotFhir { .. })));
    assert!(read(b"").unwrap().is_empty());
}

/// A file that never ends: as much of it as was asked for is counted.
struct Endless {
    byte: u8,
    left: u64,
    given: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let give = buffer.len().min(usize::try_from(self.left).unwrap());
        buffer[..give].fill(self.byte);
        self.left -= give as u64;
        self.given += give as u64;
        Ok(give)
    }
}

#[test]
fn two_gigabytes_of_brackets_are_refused_at_once() {
    let mut plain = Endless { byte: b'[', left: 2 << 30, given: 0 };
    assert!(matches!(read_file_bytes(&mut plain, None, &Limits::default()), Err(Error::TooDeep { .. })));
    assert!(plain.given < 1 << 20, "{}", plain.given);
    assert!(matches!(
        read_file_bytes(&mut plain, Some(2 << 30), &Limits::default()),
        Err(Error::TooLarge { limit_mib: 512 })
    ));

    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut Endless { byte: b'[', left: 32 << 20, given: 0 }, &mut packed).unwrap();
    assert!(matches!(read(&packed.finish().unwrap()), Err(Error::TooDeep { .. })));

    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(br#"{"resourceType":""#).unwrap();
    std::io::copy(&mut Endless { byte: b'A', left: 32 << 20, given: 0 }, &mut packed).unwrap();
    assert!(matches!(read(&packed.finish().unwrap()), Err(Error::Inflates { ratio: 250 })));

    let mut blank = Endless { byte: b' ', left: 2 << 30, given: 0 };
    assert!(matches!(read_file_bytes(&mut blank, None, &Limits::default()), Err(Error::Empty)));
    assert!(blank.given < 1 << 20);
}

#[test]
fn the_limit_on_a_file_holds_while_reading() {
    let limits = Limits { file_bytes: 1 << 20, ..Limits::default() };
    let head: &[u8] = br#"{"resourceType":""#;
    let mut long = head.chain(Endless { byte: b'A', left: 2 << 30, given: 0 });
    assert!(matches!(read_file_bytes(&mut long, None, &limits), Err(Error::TooLarge { limit_mib: 1 })));
    assert!(long.get_ref().1.given < 2 << 20);
}

fn identity_of(full_url: Option<&str>, resource: &str) -> [u8; 32] {
    let url = full_url.map(|url| format!("\"fullUrl\":\"{url}\",")).unwrap_or_default();
    let file = format!(r#"{{"resourceType":"Bundle","entry":[{{{url}"resource":{resource}}}]}}"#);
    record(&all(file.as_bytes())[0]).identity
}

#[test]
fn identity_follows_the_name_and_not_the_content() {
    let uuid = "4b86befa-fa7e-9285-615f-e081dab3f93c";
    let one = format!(r#"{{"resourceType":"Organization","id":"{uuid}","name":"A"}}"#);
    let corrected = format!(r#"{{"name":"B","id":"{uuid}","resourceType":"Organization"}}"#);
    let urn = format!("urn:uuid:{uuid}");
    // The same organisation in two patients' files, and in an NDJSON export that has no addresses.
    assert_eq!(identity_of(Some(&urn), &one), identity_of(Some(&urn), &corrected));
    assert_eq!(identity_of(Some(&urn), &one), identity_of(None, &one));
    assert_eq!(identity_of(Some(&urn.to_uppercase().replace("URN:UUID", "urn:uuid")), &one), identity_of(None, &one));
    assert_ne!(identity_of(Some(&urn), &one), identity_of(Some(&urn), &one.replace("Organization", "Location")));

    let numbered = r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/1"}}"#;
    let versioned = identity_of(Some("https://a/Observation/1/_history/4"), numbered);
    assert_eq!(versioned, identity_of(Some("https://a/Observation/1"), numbered));
    assert_ne!(versioned, identity_of(Some("https://b/Observation/1"), numbered));
    // A bare number is somebody's: two servers both have an Observation/1.
    assert_ne!(identity_of(None, numbered), identity_of(None, &numbered.replace("Patient/1", "Patient/2")));
    assert_eq!(
        identity_of(None, numbered),
        identity_of(Some("Observation/1"), numbered),
        "a relative fullUrl says nothing"
    );

    // Both of them may say that it is Patient/1's.
    let potassium = r#"{"resourceType":"Observation","id":"1","code":{"text":"Potassium"},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2023-01-01","valueQuantity":{"value":6.1}}"#;
    let sodium = potassium.replace("Potassium", "Sodium");
    assert_ne!(identity_of(None, potassium), identity_of(None, &sodium));
    assert_ne!(identity_of(None, potassium), identity_of(None, &potassium.replace("2023", "2024")));
    assert_eq!(identity_of(None, potassium), identity_of(None, &potassium.replace("6.1", "4.1")), "a correction");
    let moment = potassium.replace("2023-01-01", "2023-01-01T08:00:00Z");
    assert_eq!(identity_of(None, potassium), identity_of(None, &moment));
    let long = |text: &str| text.replace("\"id\":\"1\"", "\"id\":\"eq0Ht-7.aBcD1234XyZ\"");
    assert_eq!(identity_of(None, &long(potassium)), identity_of(None, &long(&sodium)), "nobody gives it twice");
    let person = r#"{"resourceType":"Patient","id":"1","birthDate":"1970-01-01"}"#;
    assert_ne!(identity_of(None, person), identity_of(None, &person.replace("1970", "1999")));

    let nameless = r#"{"resourceType":"Observation","status":"final"}"#;
    assert_eq!(identity_of(None, nameless), identity_of(None, nameless));
    assert_ne!(identity_of(None, nameless), identity_of(None, &nameless.replace("final", "amended")));
}

#[test]
fn a_record_with_words_only_is_kept_for_its_words() {
    let file = br#"{"resourceType":"Condition","subject":{"reference":"Patient/1"},"text":{"status":"additional","div":"<div><p>Sore   <b>throat</b></p><p>since May</p></div>"}}"#;
    let entries = all(file);
    let Entry::NarrativeOnly { path, reason, record } = &entries[0] else { panic!("{entries:?}") };
    assert_eq!((path.as_str(), reason.code()), ("Condition", "no_code"));
    assert_eq!(record.index.title, "Sore throat");
    assert!(record.index.text.contains("since May"));
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        "\\PC{0,12}",
        Just("Observation".to_owned()),
        Just("http://loinc.org".to_owned()),
        Just("2024-02-30T10:00:00Z".to_owned()),
        Just("<div><p>x</p></div>".to_owned()),
        Just("#m".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        text.prop_map(serde_json::Value::from),
    ];
    let name = prop::sample::select(vec![
        "resourceType",
        "id",
        "code",
        "coding",
        "system",
        "display",
        "text",
        "div",
        "status",
        "subject",
        "reference",
        "patient",
        "meta",
        "security",
        "contained",
        "medicationReference",
        "valueQuantity",
        "value",
        "component",
        "referenceRange",
        "low",
        "name",
        "given",
        "period",
        "start",
        "reaction",
        "manifestation",
        "dosage",
        "timing",
        "repeat",
        "item",
        "answer",
        "entry",
        "resource",
        "fullUrl",
        "effectiveDateTime",
        "content",
        "attachment",
        "identifier",
        "type",
    ]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|members| {
                serde_json::Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = all_with(&bytes, &Limits::default());
        let _ = read(&bytes);
    }

    #[test]
    fn json_like_text_never_panics(text in r#"([{}\[\]",: \n\\]|"resourceType"|"Bundle"|"entry"|"resource"|null|1e9|"\\u00e9"){0,60}"#) {
        let _ = all_with(text.as_bytes(), &Limits::default());
    }

    #[test]
    fn any_json_as_a_resource_is_accounted_for_and_can_be_shown(
        resources in prop::collection::vec(json_value(), 0..6),
        kind in prop::sample::select(vec!["Observation", "Condition", "Patient", "MedicationRequest", "QuestionnaireResponse", "Xyz"]),
    ) {
        let entries: Vec<serde_json::Value> = resources.into_iter().map(|mut resource| {
            if let Some(members) = resource.as_object_mut() {
                members.insert("resourceType".to_owned(), kind.into());
            }
            serde_json::json!({"resource": resource})
        }).collect();
        let file = serde_json::json!({"resourceType": "Bundle", "entry": entries}).to_string();
        for entry in all(file.as_bytes()) {
            if let Entry::Record(record) | Entry::NarrativeOnly { record, .. } = entry {
                let whole: serde_json::Value = serde_json::from_slice(record.original).unwrap();
                prop_assert_eq!(&index_entry(&whole), &record.index, "what import keeps is all the index needs");
                prop_assert_eq!(crate::index::index_record(record.original), Some(record.index.clone()));
                prop_assert!(!record.index.title.is_empty());
                prop_assert_eq!(crate::display::describe(&whole).title, record.index.title);
            }
        }
    }

    #[test]
    fn identity_ignores_member_order_and_white_space(id in "[a-z0-9]{1,10}", name in "[a-z]{1,10}", other in "[A-Z]{1,10}") {
        let one = identity_of(None, &format!(r#"{{"resourceType":"Basic","id":"{id}","x":"{name}"}}"#));
        let two = identity_of(None, &format!("{{ \"x\" : \"{other}\" ,\n \"id\":\"{id}\",\"resourceType\":\"Basic\" }}"));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn different_names_are_different_records(ids in prop::collection::hash_set("[a-z0-9]{1,6}", 1..20)) {
        let seen: HashSet<[u8; 32]> =
            ids.iter().map(|id| identity_of(None, &format!(r#"{{"resourceType":"Basic","id":"{id}"}}"#))).collect();
        prop_assert_eq!(seen.len(), ids.len());
    }
}

#[test]
fn a_record_that_points_to_its_medicine_takes_its_name_and_its_label() {
    let file = br#"{"resourceType":"Bundle","entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"MedicationRequest","medicationReference":{"reference":"urn:uuid:2"}}},
        {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Medication","code":{"coding":[{"system":"http://www.whocc.no/atc","code":"J05AJ03","display":"dolutegravir"}]}}},
        {"resource":{"resourceType":"MedicationStatement","medicationReference":{"reference":"Medication/elsewhere"}}}
    ]}"#;
    let entries = all(file);
    let pointing = &record(&entries[0]).index;
    assert_eq!((pointing.title.as_str(), pointing.text.as_str()), ("dolutegravir", "dolutegravir"));
    assert_eq!(pointing.sensitivity, [crate::sensitivity::Sensitivity::Hiv]);
    assert_eq!(pointing.code.as_ref().unwrap().code, "J05AJ03");
    assert_eq!(record(&entries[2]).index.title, "Medicine");
}

#[test]
fn what_is_in_a_bundle_is_as_old_as_the_bundle_says() {
    let times =
        |bytes: &str| -> Vec<Option<i64>> { all(bytes.as_bytes()).iter().map(|entry| record(entry).as_of).collect() };
    let composition = r#"{"resource":{"date":"2024-05-01T10:00:00Z","resourceType":"Composition"}}"#;
    let basic = r#"{"resource":{"resourceType":"Basic","id":"1"}}"#;
    let written = Some(1_714_557_600);
    let document = format!(r#"{{"resourceType":"Bundle","type":"document","entry":[{composition},{basic}]}}"#);
    assert_eq!(times(&document), [written; 2], "a document that is not dated is as old as what opens it");
    let dated = document.replace(r#""type""#, r#""timestamp":"2024-06-01T00:00:00Z","type""#);
    assert_eq!(times(&dated), [Some(1_717_200_000); 2], "its own time comes first");
    let second = format!(r#"{{"resourceType":"Bundle","type":"document","entry":[{basic},{composition}]}}"#);
    assert_eq!(times(&second), [None; 2], "a Composition further down opens nothing");
    let unreadable = document.replace("2024-05-01T10:00:00Z", "yesterday");
    assert_eq!(times(&unreadable), [None; 2]);
    // However it is wrapped.
    for wrapped in [
        format!("[{document}]"),
        format!("{document}\n{{\"resourceType\":\"Bundle\"}}\n"),
        format!(r#"{{"resourceType":"Bundle","type":"searchset","entry":[{{"resource":{document}}}]}}"#),
        format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"return","resource":{document}}}]}}"#),
    ] {
        let found = all(wrapped.as_bytes());
        let times: Vec<_> = found.iter().take(2).map(|entry| record(entry).as_of).collect();
        assert_eq!(times, [written; 2], "{wrapped}");
    }
    let outer = format!(
        r#"{{"resourceType":"Bundle","timestamp":"2024-06-01T00:00:00Z","entry":[{basic},{{"resource":{document}}},{{"resource":{{"resourceType":"Bundle","entry":[{basic}]}}}}]}}"#
    );
    let (own, outer_time) = (written, Some(1_717_200_000));
    assert_eq!(times(&outer), [outer_time, own, own, outer_time]);
}

#[test]
fn a_history_is_read_from_its_oldest_version_on_and_without_what_was_deleted() {
    let version = |id: &str, number: u32, modified: &str| {
        format!(
            r#"{{"fullUrl":"https://s/Basic/{id}","resource":{{"resourceType":"Basic","id":"{id}","meta":{{"versionId":"{number}"}}}},"request":{{"method":"PUT","url":"Basic/{id}"}},"response":{{"status":"200"{modified}}}}}"#
        )
    };
    let deletion = |id: &str| {
        format!(
            r#"{{"request":{{"method":"DELETE","url":"Basic/{id}"}},"response":{{"status":"204","lastModified":"2024-05-03T00:00:00Z"}}}}"#
        )
    };
    let dated = |date: &str| format!(",\"lastModified\":\"{date}T00:00:00Z\"");
    let read = |kind: &str, entries: &[String]| -> Vec<String> {
        let file = format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{}]}}"#, entries.join(","));
        let told = |entry: Entry<'_>| match entry {
            Entry::Record(record) => {
                let json: serde_json::Value = serde_json::from_slice(record.original).unwrap();
                format!(
                    "{} {} {:?}",
                    json["id"].as_str().unwrap(),
                    json["meta"]["versionId"].as_str().unwrap(),
                    record.as_of
                )
            }
            Entry::Skipped(skip) => format!("{} {}", skip.path, skip.reason.code()),
            Entry::NarrativeOnly { path, .. } => path,
        };
        all(file.as_bytes()).into_iter().map(told).collect()
    };
    assert_eq!(
        read("history", &[version("x", 2, &dated("2024-05-02")), version("x", 1, &dated("2024-05-01"))]),
        ["x 1 Some(1714521600)", "x 2 Some(1714608000)"]
    );
    assert_eq!(read("history", &[version("x", 2, ""), version("x", 1, "")]), ["x 1 None", "x 2 None"]);
    assert_eq!(
        read("history", &[version("x", 1, ""), version("x", 2, "")]),
        ["x 1 None", "x 2 None"],
        "not as it should be"
    );
    assert_eq!(
        read("history", &[deletion("y"), version("y", 1, ""), version("x", 1, "")]),
        ["x 1 None", "Bundle.entry[1].resource deleted", "Bundle.entry[0] deleted"]
    );
    assert_eq!(
        read("history", &[version("y", 3, ""), deletion("y"), version("y", 1, "")]),
        ["y 1 None", "Bundle.entry[1] no_resource", "y 3 None"],
        "made anew"
    );
    assert_eq!(read("collection", &[version("x", 2, ""), version("x", 1, "")]), ["x 2 None", "x 1 None"]);
}
