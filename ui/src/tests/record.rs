//! The page of one record in its states, and the chart in it.

use super::*;
use crate::app::record::{RecordPage, SureDelete};
use crate::app::records::Place;
use crate::app::session::Session;

fn detail() -> RecordDetail {
    RecordDetail {
        line: line("1", "result", "Potassium", "5.40 mmol/L", "2026-05-03"),
        facts: vec![
            RecordFact { label: "specimen".to_owned(), value: "Serum".to_owned() },
            RecordFact { label: "performer".to_owned(), value: "Example Laboratory".to_owned() },
        ],
        measurement: Some(MeasuredValue {
            value: "5.40".to_owned(),
            unit: "mmol/L".to_owned(),
            low: Some("3.5".to_owned()),
            high: Some("5.1".to_owned()),
            series: vec![],
        }),
        narrative: Some("Potassium is above the reported range.\nPlease repeat.".to_owned()),
        source: "hospital-export.json".to_owned(),
        imported_at: crate::platform::now(),
        resource_type: "Observation".to_owned(),
        versions: 2,
        original: "{\n  \"resourceType\": \"Observation\"\n}".to_owned(),
    }
}

fn point(record: &str, date: &str, value: &str, range: (Option<f64>, Option<f64>)) -> LabPoint {
    let number = value.parse().ok();
    let days =
        date.get(..4).unwrap().parse::<i64>().unwrap() * 365 + date.get(5..7).unwrap().parse::<i64>().unwrap() * 30;
    LabPoint {
        record: record.to_owned(),
        date: date.to_owned(),
        at: (days - 1970 * 365) * 86_400,
        value: value.to_owned(),
        unit: "mmol/L".to_owned(),
        number,
        limit: LabLimit::None,
        low: range.0,
        high: range.1,
        range: String::new(),
        flag: number.map_or(LabFlag::Unknown, |number| LabFlag::of(number, range.0, range.1)),
        flag_from_source: false,
        converted: false,
        source: "Example Laboratory".to_owned(),
    }
}

fn potassium() -> LabSeries {
    let range = (Some(3.5), Some(5.1));
    LabSeries {
        title: "Potassium".to_owned(),
        unit: "mmol/L".to_owned(),
        converted: true,
        points: vec![
            point("10", "2021-02-01", "4.1", range),
            point("11", "2022-03-01", "3.4", (Some(3.6), Some(5.0))),
            LabPoint {
                value: "17.2".to_owned(),
                unit: "mg/dL".to_owned(),
                converted: true,
                ..point("12", "2023-02-03", "4.40", (None, None))
            },
            LabPoint { range: "3.5 - 5.1 mmol/L".to_owned(), ..point("13", "2024-06-03", "4.8", range) },
            point("14", "2025-01-12", "negative", range),
            LabPoint { value: "<3.0".to_owned(), limit: LabLimit::Below, ..point("15", "2025-07-12", "3.0", range) },
            LabPoint { flag_from_source: true, ..point("1", "2026-05-03", "5.40", range) },
        ],
    }
}

fn sheet() -> RecordSheet {
    RecordSheet {
        place: "Bundle.entry[17].resource".to_owned(),
        trend: vec![potassium()],
        versions: vec![
            RecordVersion {
                at: 1_777_820_000,
                source: "hospital-export.json".to_owned(),
                says: "5.40 mmol/L".to_owned(),
            },
            RecordVersion {
                at: 1_757_820_000,
                source: "older-export.json".to_owned(),
                says: "5.4 mmol/L, preliminary".to_owned(),
            },
        ],
        linked: vec![
            LinkedRecord {
                relation: "mentions".to_owned(),
                line: Some(line("20", "report", "Blood test", "", "2026-05-03")),
                named: String::new(),
            },
            LinkedRecord { relation: "requester".to_owned(), line: None, named: "Practitioner/unknown".to_owned() },
        ],
        labels: vec![LabelState {
            label: "PSY".to_owned(),
            on: true,
            because: "Medicine: lithium".to_owned(),
            decided: None,
        }],
        attachments: vec![
            AttachmentLine {
                id: "a".to_owned(),
                title: "Discharge letter".to_owned(),
                media_type: "application/pdf".to_owned(),
                bytes: 345_000,
            },
            AttachmentLine {
                id: "b".to_owned(),
                title: "Scan of the report".to_owned(),
                media_type: "image/jpeg".to_owned(),
                bytes: 1_250_000,
            },
        ],
        ..RecordSheet::from(detail())
    }
}

fn contested() -> RecordSheet {
    let value = |record: &str, source: &str, value: &str| SourceValue {
        record: record.to_owned(),
        source: source.to_owned(),
        value: value.to_owned(),
    };
    RecordSheet {
        trend: vec![],
        detail: RecordDetail {
            line: line("2", "medicine", "Simvastatin 20 mg oral tablet", "once daily", "2026-04"),
            measurement: None,
            narrative: None,
            facts: vec![RecordFact { label: "dosage".to_owned(), value: "once daily".to_owned() }],
            ..detail()
        },
        signature: Signature::Signed { by: "Example Clinic".to_owned(), listed: true, checked_at: 1_777_820_000 },
        others: vec![OtherSource {
            line: line("7", "medicine", "Simvastatin", "twice daily", "2026-04-02"),
            source: "pharmacy.xml".to_owned(),
            imported_at: 1_777_820_000,
        }],
        disagreements: vec![Disagreement {
            label: "dosage".to_owned(),
            values: vec![
                value("2", "hospital-export.json", "once daily"),
                value("7", "pharmacy.xml", "twice daily"),
                value("9", "letter.pdf", ""),
            ],
        }],
        labels: vec![],
        ..sheet()
    }
}

/// A page of which every text is hostile.
pub(super) fn hostile() -> RecordSheet {
    let text = || HOSTILE.to_owned();
    let mut sheet = sheet();
    sheet.detail.narrative = Some(text());
    sheet.detail.facts = vec![RecordFact { label: text(), value: text() }];
    sheet.detail.line.status = Some(text());
    sheet.detail.original = text();
    sheet.detail.source = text();
    sheet.detail.measurement =
        Some(MeasuredValue { value: text(), unit: text(), low: Some(text()), high: None, series: vec![] });
    sheet.place = text();
    sheet.signature = Signature::Refused { by: text(), why: text() };
    sheet.versions = vec![RecordVersion { at: 0, source: text(), says: text() }; 2];
    sheet.others =
        vec![OtherSource { line: line(HOSTILE, HOSTILE, HOSTILE, HOSTILE, ""), source: text(), imported_at: 0 }];
    let value = SourceValue { record: text(), source: text(), value: text() };
    sheet.disagreements = vec![Disagreement { label: text(), values: vec![value.clone(), value] }];
    sheet.linked = vec![LinkedRecord { relation: text(), line: None, named: text() }];
    sheet.attachments =
        vec![AttachmentLine { id: text(), title: text(), media_type: "image/svg+xml".to_owned(), bytes: u64::MAX }];
    sheet.labels = vec![LabelState { label: text(), on: true, because: text(), decided: Some(true) }];
    let series = &mut sheet.trend[0];
    (series.title, series.unit) = (text(), text());
    for point in &mut series.points {
        (point.value, point.unit, point.range, point.source, point.date) = (text(), text(), text(), text(), text());
    }
    sheet
}

#[component]
fn Shown(sheet: RecordSheet) -> Element {
    rsx! { RecordView { sheet, changed: |_| () } }
}

#[test]
fn a_record_shows_value_line_trend_table_source_and_original() {
    let html = render("record", || rsx! { Shown { sheet: sheet() } });
    assert!(html.contains("5.40 mmol/L, above the reported range 3.5 to 5.1"));
    for words in [
        "Reported range: 3.5 to 5.1 mmol/L",
        "Over time",
        "1 March 2022",
        "hospital-export.json",
        "Bundle.entry[17].resource",
        "2 versions, all kept",
        "preliminary",
        "Nobody signed it; most records are not signed.",
        "Mentions this",
        "Not among your records",
        "Found in it: Medicine: lithium",
        "345 kB",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let order: Vec<_> = ["class=\"measure\"", "class=\"chart\"", "<table", "id=\"source\""]
        .iter()
        .map(|part| html.find(part).unwrap_or_else(|| panic!("{part}")))
        .collect();
    assert!(order.is_sorted(), "the number line, then the trend, then the table: {order:?}");
    let original = html.find("id=\"original\"").unwrap();
    for inside in ["Observation</dd>", "Bundle.entry[17].resource"] {
        assert!(html.find(inside).unwrap() > original, "{inside} is for those who look at the original");
    }
}

#[test]
fn back_leads_to_the_list_that_the_record_was_opened_from() {
    let html = render("record-back", || {
        let session = use_context_provider(Session::new);
        use_hook(|| {
            let mut place = session.place;
            let mut left = Place::default();
            left.category = Some("medicine".to_owned());
            place.set(Some(left));
        });
        rsx! { RecordPage { id: "17" } }
    });
    assert!(html.contains("href=\"#/records/in/medicine\""), "{html}");
}

#[test]
fn deleting_is_asked_for_once_more_and_says_that_it_is_for_good() {
    let html = render("record-delete", || rsx! { SureDelete { busy: false, onyes: |()| (), onno: |()| () } });
    assert!(html.contains("alertdialog") && html.contains("You cannot bring it back here."), "{html}");
    assert!(html.contains("id=\"sure-delete-yes\"") && html.contains("Keep it"));
}

#[test]
fn each_value_can_be_reached_and_is_said_in_words() {
    let html = render("chart", || rsx! { Shown { sheet: sheet() } });
    assert!(html.contains("3 May 2026: 5.40 mmol/L, above its range (3.5 to 5.1) · Example Laboratory"), "{html}");
    assert!(html.contains("3 June 2024: 4.8 mmol/L, within its range (3.5 - 5.1 mmol/L)"));
    assert!(html.contains("3 February 2023: 17.2 mg/dL, no range reported"), "as it came, not as converted");
    // One place for Tab, arrows for the rest; what is no number is in the table alone.
    assert_eq!(html.matches("role=\"option\"").count(), 6);
    assert_eq!(
        html.matches("role=\"option\" id=\"chart-0-5\" aria-selected=\"true\" tabindex=\"0\"").count(),
        1,
        "{html}"
    );
    assert!(html.contains("1 value has no number or no date") && html.contains("negative mmol/L"));
    assert!(html.contains("Values in other units are turned into mmol/L"));
}

#[test]
fn marks_differ_by_shape_and_bands_by_value() {
    let html = render("chart-marks", || rsx! { Shown { sheet: sheet() } });
    for shape in ["M0-8L7.5 5.5H-7.5z", "M0 8L7.5-5.5H-7.5z", "M0-5.5a5.5", "M0-5a5", "M-7 0H7M0 0V11"] {
        assert!(html.contains(shape), "{shape}");
    }
    assert_eq!(html.matches("class=\"chart-band\"").count(), 3, "a value without a range has no band");
}

#[test]
fn units_that_cannot_be_converted_are_two_pictures() {
    let html = render("chart-two", || {
        let other = LabSeries { unit: "g/L".to_owned(), converted: false, ..potassium() };
        let sheet = RecordSheet { trend: vec![potassium(), other], ..sheet() };
        rsx! { Shown { sheet } }
    });
    assert_eq!(html.matches("<figure").count(), 2);
    assert!(html.contains("The units differ") && html.contains("Potassium in g/L"));
}

#[test]
fn the_chart_turns_with_the_language() {
    let place = |html: &str| {
        let at = html.find("class=\"chart-point\" x=\"").unwrap_or_else(|| panic!("{html}"));
        html[at..].split('"').nth(3).unwrap().trim_end_matches('%').parse::<f64>().unwrap()
    };
    let left = render("record-ltr", || rsx! { Shown { sheet: sheet() } });
    let right = render_turned("record-rtl", || rsx! { Shown { sheet: sheet() } });
    assert!(place(&left) < 10.0 && place(&right) > 90.0);
}

#[test]
fn a_value_without_a_range_is_not_judged() {
    let html = render("record-no-range", || {
        let mut sheet = RecordSheet { trend: vec![], ..sheet() };
        sheet.detail.measurement = Some(MeasuredValue {
            value: "72.50".to_owned(),
            unit: "kg".to_owned(),
            low: None,
            high: None,
            series: vec![],
        });
        rsx! { Shown { sheet } }
    });
    assert!(html.contains("72.50 kg, no range reported"));
    assert!(!html.contains("range-band") && !html.contains("Over time"));
}

#[test]
fn sources_that_disagree_stand_side_by_side() {
    let html = render("record-disagree", || rsx! { Shown { sheet: contested() } });
    for words in [
        "Sources disagree",
        "once daily",
        "twice daily",
        "Says nothing",
        "hospital-export.json (this record)",
        "One other source says the same",
        "Signed by Example Clinic",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn a_signature_is_never_more_than_was_checked() {
    let of = |name: &str, page: fn() -> Element| render(name, page);
    let unlisted = of("record-unlisted", || {
        let signature = Signature::Signed { by: "https://issuer.example".to_owned(), listed: false, checked_at: 0 };
        rsx! { Shown { sheet: RecordSheet { signature, ..sheet() } } }
    });
    assert!(unlisted.contains("no trust list says who that is") && !unlisted.contains("tag-ok"));
    let refused = of("record-refused", || {
        let signature = Signature::Refused {
            by: "https://issuer.example".to_owned(),
            why: "The key is not the issuer’s.".to_owned(),
        };
        rsx! { Shown { sheet: RecordSheet { signature, ..sheet() } } }
    });
    assert!(
        refused.contains("Treat it as unsigned.") && !refused.contains("tag-ok") && refused.contains("The key is not")
    );
}

#[test]
fn only_what_was_typed_can_be_corrected_or_deleted() {
    let foreign = render("record-foreign", || rsx! { Shown { sheet: sheet() } });
    assert!(!foreign.contains("id=\"edit\"") && !foreign.contains("id=\"delete\""));
    let own = render("record-own", || {
        let own = Some(OwnEntry { kind: EntryKind::Measurement, ..OwnEntry::default() });
        rsx! { Shown { sheet: RecordSheet { own, signature: Signature::Typed, trend: vec![], ..sheet() } } }
    });
    assert!(own.contains("#/edit/1") && own.contains("id=\"delete\"") && own.contains("You typed it yourself."));
}

#[test]
fn only_safe_pictures_are_offered_to_be_shown() {
    let picture = |media_type: &str, bytes: u64| AttachmentLine {
        id: String::new(),
        title: String::new(),
        media_type: media_type.to_owned(),
        bytes,
    };
    assert!(picture("image/png", 1).can_preview());
    for (media_type, bytes) in [("image/svg+xml", 1), ("text/html", 1), ("application/pdf", 1), ("image/png", u64::MAX)]
    {
        assert!(!picture(media_type, bytes).can_preview(), "{media_type}");
    }
    let html = render("record-attachments", || rsx! { Shown { sheet: sheet() } });
    assert_eq!(html.matches("Save a copy").count(), 2);
    assert_eq!(html.matches("</span>Show<").count(), 1, "{html}");
}
