//! Tests of handing over what readers of other formats find.

use serde_json::json;

use smart_health::trust::TrustStore;

use super::*;
use crate::{
    convert::{Signed, SignedForm, binary_reference, derive_id},
    import::{Event, Limits, NarrativeReason, Skip, front::Options},
};

fn converted(id: &str, place: &str) -> Box<Converted> {
    let value = json!({"resourceType": "Condition", "id": id, "code": {"text": "Asthma"}});
    let Value::Object(resource) = value else { panic!() };
    Box::new(Converted::new(resource, place.to_owned()))
}

/// Runs `read` with a job over a file and tells what came out.
fn told(
    prefix: bool,
    limits: &Limits,
    read: impl FnOnce(&Job<'_>, &Part<'_>) -> Result<(), Halt>,
) -> (Result<(), Halt>, Vec<String>) {
    let mut out = Vec::new();
    let source = Source { name: "file", sha256: [1; 32], now: 5, limits };
    let mut take = |event: Event<'_>| {
        match event {
            Event::Start { format, .. } => out.push(format.to_string()),
            Event::Attachment(attachment) => out.push(format!("{} {}", attachment.media_type, attachment.bytes.len())),
            Event::Entry(Entry::Skipped(skip)) => out.push(format!("{}: {}", skip.path, skip.reason.code())),
            Event::Entry(Entry::Record(record)) => {
                assert_eq!(crate::index::index_record(record.original), Some(record.index.clone()));
                let signed = record.signed.map(|signed| format!(" by {}", signed.issuer)).unwrap_or_default();
                out.push(format!("{} @ {}{signed}", record.index.title, record.place.unwrap()));
            }
            Event::Entry(Entry::NarrativeOnly { path, reason, .. }) => {
                out.push(format!("{path}: only {}", reason.code()))
            }
            Event::Note { .. } | Event::Link { .. } | Event::Code { .. } | Event::Progress { .. } => {}
        }
        ControlFlow::Continue(())
    };
    let trust = TrustStore::default();
    let options = Options::new(limits, (&trust).into());
    let job = Job::new(&source, &options, 100, &mut take);
    let whole = Part::whole("file");
    let part = if prefix { whole.member("doc.xml", "a/doc.xml") } else { whole };
    let outcome = read(&job, &part);
    (outcome, out)
}

#[test]
fn what_a_reader_finds_becomes_entries_with_their_places() {
    let limits = Limits::default();
    for (prefix, before) in [(false, ""), (true, "a/doc.xml: ")] {
        let (outcome, out) = told(prefix, &limits, |job, part| {
            bytes(
                job,
                part,
                &mut b"text".as_slice(),
                Format::ClinicalDocument,
                Some("text/xml"),
                |bytes, source, sink| {
                    assert_eq!((bytes, source.now), (b"text".as_slice(), 5));
                    assert_eq!(source.sha256, <[u8; 32]>::from(Sha256::digest(b"text")));
                    assert!(binary_reference(&source.sha256).starts_with("Binary/982d9e3e"));
                    let id = derive_id(&["x"]);
                    let signed = Signed {
                        form: SignedForm::HealthCard,
                        issuer: "https://issuer".to_owned(),
                        name: None,
                        key_id: String::new(),
                        listed: false,
                        checked_at: 5,
                    };
                    let _ =
                        sink(Found::Resource(Box::new(Converted { signed: Some(signed), ..*converted(&id, "/a[1]") })));
                    let narrative_only = Some(NarrativeReason::NoCode);
                    let _ = sink(Found::Resource(Box::new(Converted { narrative_only, ..*converted(&id, "/a[2]") })));
                    let _ = sink(Found::Skipped(Skip { path: "/a[3]".to_owned(), reason: SkipReason::Empty }));
                    Ok(())
                },
            )
        });
        assert!(outcome.is_ok());
        let placed =
            ["/a[1] by https://issuer", "/a[2]: only no_code", "/a[3]: empty"].map(|text| format!("{before}{text}"));
        assert_eq!(out[..2], ["clinical document (C-CDA)", "text/xml 4"]);
        assert_eq!(out[2], format!("Asthma @ {}", placed[0]));
        assert_eq!(out[3..], placed[1..]);
    }
}

#[test]
fn the_same_thing_is_the_same_record_wherever_it_is_found() {
    let mut identities = Vec::new();
    for place in ["/a[1]", "/b[2]"] {
        let mut buffer = Vec::new();
        let Ok(Entry::Record(record)) =
            entry(*converted(&derive_id(&["x"]), place), place.to_owned(), 1000, &mut buffer)
        else {
            panic!()
        };
        identities.push((record.identity, record.original.to_vec()));
    }
    assert_eq!(identities[0], identities[1]);
    let mut buffer = Vec::new();
    assert!(matches!(entry(*converted("x", "/"), String::new(), 10, &mut buffer), Err(SkipReason::TooLarge { .. })));
}

#[test]
fn a_reader_that_fails_or_is_stopped_says_so() {
    let limits = Limits { entries: 2, ..Limits::default() };
    let (outcome, _) = told(false, &limits, |job, part| {
        stream(job, part, &mut b"".as_slice(), Format::AppleHealth, |_, _, _| Err(crate::Error::CutShort))
    });
    assert!(matches!(outcome, Err(Halt::Failed(crate::Error::CutShort))));
    // A reader that does not listen is stopped all the same.
    let (outcome, out) = told(false, &limits, |job, part| {
        stream(job, part, &mut b"".as_slice(), Format::AppleHealth, |_, _, sink| {
            while sink(Found::Resource(converted("x", "/"))).is_continue() {}
            Ok(())
        })
    });
    assert!(matches!(outcome, Err(Halt::Failed(crate::Error::TooManyEntries { limit: 2 }))));
    assert_eq!(out.len(), 3);
}
