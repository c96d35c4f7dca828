//! The list of facts and the page of one: several files that say the same, what they disagree on, courses of values.

use crate::support::{Saving, ask, draft, empty, filled, import_bundle, sheet, timeline};
use carnet_wallet::bridge::{
    FailureCode, LabFlag, Reply, Request, SharePreset, Signature, Timeline, TimelineEntry, TimelineFilter,
};
use carnet_wallet::{Quiet, Wallet};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

fn allergy(id: &str, status: &str) -> Value {
    json!({"resourceType": "AllergyIntolerance", "id": id, "patient": {"reference": "Patient/p"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": status}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "91936005", "display": "Allergy to penicillin"}],
                 "text": "Penicillin"}})
}

fn glucose(id: &str, date: &str, value: f64, unit: &str, code: &str) -> Value {
    json!({"resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": "Glucose in blood"}]},
        "effectiveDateTime": date,
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
        "referenceRange": [{"low": {"value": if unit == "mg/dL" { 70.0 } else { 3.9 }, "unit": unit},
                            "high": {"value": if unit == "mg/dL" { 99.0 } else { 5.5 }, "unit": unit}}]})
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"text": "Ada"}], "birthDate": "1980-05-03"})
}

async fn entry(wallet: &Wallet, text: &str) -> TimelineEntry {
    let page = timeline(wallet, TimelineFilter { text: text.to_owned(), ..TimelineFilter::default() }).await;
    assert_eq!((page.total, page.entries.len()), (1, 1), "{page:?}");
    page.entries.into_iter().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_that_say_the_same_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    import_bundle(&wallet, folder.path(), "clinic.json", &[patient(), allergy("a", "active")]).await;
    import_bundle(&wallet, folder.path(), "hospital.json", &[allergy("b", "active")]).await;
    let line = entry(&wallet, "penicillin").await;
    assert_eq!((line.sources, line.disagree, line.signed, line.typed), (2, false, false, false));
    let all = timeline(&wallet, TimelineFilter::default()).await;
    assert_eq!((all.total, all.all), (2, 2), "the patient and one allergy");
    let names: Vec<(&str, u64)> = all.sources.iter().map(|source| (source.name.as_str(), source.count)).collect();
    assert_eq!(names, [("clinic.json", 2), ("hospital.json", 1)]);

    // From either of the two, the other stands beside it.
    let page = sheet(&wallet, &line.line.id).await;
    assert_eq!((page.others.len(), page.disagreements.len(), page.versions.len()), (1, 0, 1));
    assert_ne!(page.others[0].source, page.detail.source);
    assert_eq!(page.signature, Signature::None);
    assert_eq!(page.own, None);
    let back = sheet(&wallet, &page.others[0].line.id).await;
    assert_eq!(back.others[0].line.id, line.line.id);

    // The very same bytes in a third file are the same record, and one source more.
    import_bundle(&wallet, folder.path(), "letter.json", &[allergy("b", "active"), allergy("z", "active")]).await;
    assert_eq!(entry(&wallet, "penicillin").await.sources, 3);
    let source = all.sources[1].id.clone();
    let of = timeline(&wallet, TimelineFilter { source: Some(source), ..TimelineFilter::default() }).await;
    assert_eq!((of.total, of.all), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sources_disagree_on_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    import_bundle(&wallet, folder.path(), "clinic.json", &[patient(), allergy("a", "active")]).await;
    import_bundle(&wallet, folder.path(), "hospital.json", &[allergy("b", "resolved")]).await;
    assert!(entry(&wallet, "penicillin").await.disagree);
    let only = timeline(&wallet, TimelineFilter { disagree: true, ..TimelineFilter::default() }).await;
    assert_eq!((only.total, only.categories.len()), (1, 1));
    let line = &only.entries[0].line;
    let page = sheet(&wallet, &line.id).await;
    let status = page.disagreements.iter().find(|one| one.label == "status").expect("the status differs");
    assert_eq!(status.values[0].record, line.id, "this record's own first");
    assert_eq!(Some(&status.values[0].value), line.status.as_ref());
    let said: HashSet<&str> = status.values.iter().map(|value| value.value.as_str()).collect();
    assert_eq!(said, HashSet::from(["active", "resolved"]));
    assert_ne!(status.values[0].source, status.values[1].source);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_of_values_is_brought_to_one_unit() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let values = [
        patient(),
        glucose("g1", "2024-01-10", 90.0, "mg/dL", "2345-7"),
        glucose("g2", "2025-01-10", 126.0, "mg/dL", "2345-7"),
        glucose("g3", "2026-01-10", 5.0, "mmol/L", "14749-6"),
    ];
    import_bundle(&wallet, folder.path(), "lab.json", &values).await;
    let page = timeline(&wallet, TimelineFilter { category: Some("result".into()), ..TimelineFilter::default() }).await;
    assert_eq!(page.total, 3);
    let newest = &page.entries[0];
    assert_eq!(newest.line.date.as_deref(), Some("2026-01-10"));
    let run: Vec<(i64, LabFlag)> = newest.run.iter().map(|point| (point.value.round() as i64, point.flag)).collect();
    assert_eq!(run, [(90, LabFlag::Within), (126, LabFlag::High), (90, LabFlag::Within)]);
    assert_eq!(page.entries[1].run.len(), 2, "a run ends with its own value");
    assert!(page.entries[2].run.is_empty());

    let trend = sheet(&wallet, &newest.line.id).await.trend;
    assert_eq!(trend.len(), 1, "{trend:?}");
    assert_eq!((trend[0].unit.as_str(), trend[0].converted, trend[0].points.len()), ("mg/dL", true, 3));
    let last = &trend[0].points[2];
    assert!(last.converted && last.number.is_some_and(|number| (number - 90.08).abs() < 0.1), "{last:?}");
    assert_eq!((last.value.as_str(), last.record.as_str()), ("5.0 mmol/L", newest.line.id.as_str()));
    assert!(last.high.is_some_and(|high| (high - 99.1).abs() < 0.2));
    assert!(sheet(&wallet, &page.entries[1].line.id).await.trend[0].points[1].flag == LabFlag::High);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_holds_a_record_back_until_it_is_taken_off() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    import_bundle(&wallet, folder.path(), "clinic.json", &[patient(), allergy("a", "active")]).await;
    import_bundle(&wallet, folder.path(), "hospital.json", &[allergy("b", "active")]).await;
    let shared = async || {
        let Reply::SharePreview(preview) = ask(&wallet, Request::PreviewShare(draft(SharePreset::Visit))).await else {
            panic!()
        };
        preview.categories.iter().map(|category| category.count).sum::<u64>()
    };
    assert_eq!(shared().await, 2);
    let id = entry(&wallet, "penicillin").await.line.id;
    let set = async |on| {
        let request = Request::SetLabel { id: id.clone(), label: "MH".to_owned(), on };
        let Reply::Sheet(page) = ask(&wallet, request).await else { panic!() };
        page
    };
    let page = set(Some(true)).await;
    assert_eq!((page.labels.len(), page.labels[0].on, page.labels[0].decided), (1, true, Some(true)));
    assert!(page.detail.line.sensitive);
    let held = timeline(&wallet, TimelineFilter { held_back: true, ..TimelineFilter::default() }).await;
    assert_eq!((held.total, held.entries[0].line.sensitive), (1, true));
    let preview = wallet.preview_share(&draft(SharePreset::Visit)).await;
    assert!(
        preview.is_err() || preview.is_ok_and(|preview| preview.categories.is_empty()),
        "neither of the two goes out"
    );

    // It stands when the same file comes again, and goes when it is taken back.
    import_bundle(&wallet, folder.path(), "clinic.json", &[patient(), allergy("a", "active")]).await;
    assert!(entry(&wallet, "penicillin").await.line.sensitive);
    assert_eq!(set(None).await.labels, []);
    assert_eq!(shared().await, 2);
    let unknown = Request::SetLabel { id: id.clone(), label: "X".to_owned(), on: Some(true) };
    assert_eq!(wallet.handle(unknown, &Quiet).await.unwrap_err().code, FailureCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_is_shown_and_saved_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 3000]].concat();
    let program = [b"MZ\x90\0".as_slice(), &[0; 2000]].concat();
    let attachment = |title: &str, claimed: &str, bytes: &[u8]| {
        use base64::Engine as _;
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        json!({"attachment": {"contentType": claimed, "title": title, "data": data}})
    };
    let document = json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "description": "Scan",
        "content": [attachment("../wrist", "application/octet-stream", &png), attachment("photo.png", "image/png", &program)]});
    import_bundle(&wallet, folder.path(), "clinic.json", &[document]).await;
    let id = entry(&wallet, "scan").await.line.id;
    let found = sheet(&wallet, &id).await.attachments;
    let told: Vec<(&str, u64)> = found.iter().map(|one| (one.media_type.as_str(), one.bytes)).collect();
    assert_eq!(
        told,
        [("image/png", 3008), ("application/octet-stream", 2004)],
        "by what they are, not by what they claim"
    );
    let preview = |at: usize| Request::Attachment { record: id.clone(), attachment: found[at].id.clone() };
    let Reply::Attachment(shown) = ask(&wallet, preview(0)).await else { panic!() };
    assert_eq!(shown.media_type, "image/png");
    assert_eq!(wallet.handle(preview(1), &Quiet).await.unwrap_err().code, FailureCode::File);

    let save = |at: usize| Request::SaveAttachment { record: id.clone(), attachment: found[at].id.clone(), open: true };
    let host = Saving::at(folder.path().join("out.png"));
    wallet.handle(save(0), &host).await.unwrap();
    assert_eq!(std::fs::read(&host.path).unwrap(), png);
    assert_eq!(*host.suggested.lock().unwrap(), ["wrist.png"]);
    assert_eq!(host.opened.lock().unwrap().as_slice(), std::slice::from_ref(&host.path));
    let host = Saving::at(folder.path().join("out2.png"));
    wallet.handle(save(1), &host).await.unwrap();
    assert_eq!(std::fs::read(&host.path).unwrap(), program);
    assert!(host.opened.lock().unwrap().is_empty(), "what it is not known to be is not opened");
    assert_eq!(wallet.handle(save(0), &Quiet).await.unwrap_err().code, FailureCode::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_together_is_linked_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let report = json!({"resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": {"reference": "Patient/p"},
        "code": {"text": "Blood panel"}, "effectiveDateTime": "2026-01-10",
        "result": [{"reference": "Observation/g3"}, {"reference": "Observation/gone", "display": "Potassium"}]});
    import_bundle(
        &wallet,
        folder.path(),
        "lab.json",
        &[patient(), glucose("g3", "2026-01-10", 5.0, "mmol/L", "14749-6"), report],
    )
    .await;
    let report = entry(&wallet, "blood panel").await.line.id;
    let linked = sheet(&wallet, &report).await.linked;
    let told: Vec<(&str, bool, &str)> =
        linked.iter().map(|one| (one.relation.as_str(), one.line.is_some(), one.named.as_str())).collect();
    assert_eq!(told, [("results", true, ""), ("results", false, "Potassium")]);
    let value = linked[0].line.as_ref().unwrap();
    let back = sheet(&wallet, &value.id).await.linked;
    assert_eq!(back.len(), 1, "{back:?}");
    assert_eq!((back[0].relation.as_str(), &back[0].line.as_ref().unwrap().id), ("mentions", &report));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_paged_without_loss() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 5000).await;
    let whole = timeline(&wallet, TimelineFilter { limit: 500, ..TimelineFilter::default() }).await;
    let sum = |page: &Timeline| page.years.iter().map(|year| year.count).sum::<u64>();
    let categories: u64 = whole.categories.iter().map(|category| category.count).sum();
    assert!(whole.total > 3000 && whole.all == whole.total);
    assert_eq!((sum(&whole), categories), (whole.total, whole.total));
    let mut seen: HashSet<String> = HashSet::new();
    let mut years: HashMap<Option<u16>, u64> = HashMap::new();
    let mut offset = 0;
    while offset < whole.total {
        let page = timeline(&wallet, TimelineFilter { offset, limit: 500, ..TimelineFilter::default() }).await;
        assert_eq!(page.total, whole.total);
        assert!(!page.entries.is_empty() && page.entries.len() <= 500);
        for entry in &page.entries {
            assert!(seen.insert(entry.line.id.clone()), "no line twice");
            let year = entry.line.date.as_deref().and_then(|date| date[..4].parse().ok());
            *years.entry(year).or_default() += 1;
            assert!(entry.run.len() <= 12 && entry.run.len() != 1);
        }
        offset += page.entries.len() as u64;
    }
    assert_eq!(seen.len() as u64, whole.total);
    assert_eq!(years, whole.years.iter().map(|year| (year.year, year.count)).collect());

    let year = whole.years[1].year.unwrap();
    let within = TimelineFilter {
        from_year: Some(year),
        to_year: Some(year),
        category: Some("result".into()),
        ..TimelineFilter::default()
    };
    let page = timeline(&wallet, within).await;
    assert_eq!(sum(&page), page.total);
    assert!(page.categories.iter().map(|category| category.count).sum::<u64>() <= whole.years[1].count);
    assert_eq!(page.categories.iter().find(|one| one.category == "result").map_or(0, |one| one.count), page.total);
}
