//! Whose records go out, which of their files do, and that what stays is told.

use crate::support::{Saving, ask, empty, id_of, import_bundle};
use carnet_wallet::bridge::{
    ExportDraft, ExportFormat, RecordFilter, RecordLine, Reply, Request, Settings, ShareChoice, ShareDraft,
    SharePreset, SharePreview, TimelineFilter,
};
use carnet_wallet::{Wallet, open_link};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn person(id: &str, given: &str, born: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "name": [{"family": "Alm", "given": [given]}], "birthDate": born})
}

fn condition(id: &str, words: &str, subject: &Value) -> Value {
    json!({"resourceType": "Condition", "id": id, "subject": subject, "code": {"text": words}, "recordedDate": "2026-01-01",
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}})
}

fn medicine(id: &str, status: &str, name: &str, subject: &str) -> Value {
    json!({"resourceType": "MedicationStatement", "id": id, "status": status, "subject": {"reference": subject},
        "medicationCodeableConcept": {"text": name}})
}

async fn preview(wallet: &Wallet, preset: SharePreset, choice: ShareChoice) -> SharePreview {
    match ask(wallet, Request::PreviewExport(ExportDraft { format: ExportFormat::Ips, preset, choice })).await {
        Reply::SharePreview(preview) => preview,
        other => panic!("{other:?}"),
    }
}

/// What goes out in that form, as text.
async fn exported(wallet: &Wallet, folder: &Path, format: ExportFormat, choice: ShareChoice) -> String {
    let path = folder.join("out");
    let draft = ExportDraft { format, preset: SharePreset::Custom, choice };
    let export = Request::Export { draft, open: false };
    assert!(matches!(wallet.handle(export, &Saving::at(path.clone())).await.unwrap(), Reply::Exported(_)));
    std::fs::read_to_string(path).unwrap()
}

fn held(preview: &SharePreview, reason: &str) -> u64 {
    preview.held_back.iter().filter(|held| held.reason == reason).map(|held| held.count).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childs_records_stay_out_of_its_mothers_summary() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let at = |reference: &str| json!({"reference": reference});
    let mut family = vec![person("mother", "Eva", "1980-01-01"), person("child", "Leo", "2016-05-05")];
    family.extend(["m1", "m2", "m3"].map(|id| condition(id, &format!("MOTHER {id}"), &at("Patient/mother"))));
    family.extend([
        condition("c1", "CHILD a", &at("Patient/child")),
        condition("c2", "CHILD b", &at("https://ehr.example/fhir/Patient/child")),
        condition("c3", "CHILD c", &at("Patient/child/_history/2")),
        condition("c4", "CHILD d", &json!({"type": "Patient", "identifier": {"system": "urn:mrn", "value": "C"}})),
    ]);
    import_bundle(&wallet, folder.path(), "family.json", &family).await;
    let shown = preview(&wallet, SharePreset::Custom, ShareChoice::default()).await;
    assert_eq!((shown.records, held(&shown, "another_person")), (3, 4));
    // Named by itself it stays somebody else's.
    let with = vec![id_of(&wallet, "CHILD a").await];
    for format in [ExportFormat::Ips, ExportFormat::Ktc, ExportFormat::Ndjson] {
        let choice = ShareChoice { with: with.clone(), ..ShareChoice::default() };
        let text = exported(&wallet, folder.path(), format, choice).await;
        assert!(text.contains("MOTHER m1") && !text.contains("CHILD"), "{text}");
    }
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childs_records_are_shown_as_a_childs_and_are_no_part_of_its_mothers() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let of = |whose: &str, date: &str, kilograms: f64| {
        json!({"resourceType": "Observation", "id": format!("{whose}-{date}"), "status": "final",
            "subject": {"reference": format!("Patient/{whose}")}, "effectiveDateTime": date,
            "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
            "valueQuantity": {"value": kilograms, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}})
    };
    let subject = |whose: &str| json!({"reference": format!("Patient/{whose}")});
    let family = [
        person("mother", "Eva", "1980-01-01"),
        person("child", "Leo", "2016-05-05"),
        condition("m1", "Asthma", &subject("mother")),
        condition("m2", "Gout", &subject("mother")),
        condition("c1", "Asthma", &subject("child")),
        of("mother", "2026-01-01", 70.0),
        of("mother", "2026-02-01", 71.0),
        of("child", "2026-01-15", 20.0),
        of("child", "2026-01-01", 19.0),
    ];
    import_bundle(&wallet, folder.path(), "family.json", &family).await;
    let timeline = wallet.timeline(&TimelineFilter::default()).await.unwrap();
    let lines = |title: &str| -> Vec<(bool, u32)> {
        let titled = timeline.entries.iter().filter(|entry| entry.line.title == title);
        titled.map(|entry| (entry.line.another, entry.sources)).collect()
    };
    let mut asthma = lines("Asthma");
    asthma.sort_unstable();
    assert_eq!(asthma, [(false, 1), (true, 1)], "one of each person's");
    assert_eq!(lines("Gout"), [(false, 1)]);
    let runs = timeline.entries.iter().filter(|entry| !entry.run.is_empty());
    let runs: Vec<(bool, Vec<f64>)> =
        runs.map(|entry| (entry.line.another, entry.run.iter().map(|point| point.value).collect())).collect();
    assert_eq!(runs, [(false, vec![70.0, 71.0]), (true, vec![19.0, 20.0])]);
    // The page of a value, and the plain list.
    for entry in timeline.entries.iter().filter(|entry| entry.line.category == "vital") {
        let sheet = wallet.sheet(&entry.line.id).await.unwrap();
        assert_eq!(sheet.detail.line.another, entry.line.another);
        let values: Vec<&str> = sheet.trend[0].points.iter().map(|point| point.value.as_str()).collect();
        assert_eq!(values.len(), 2, "{values:?}");
        assert_eq!(sheet.detail.measurement.unwrap().series.len(), 2);
        assert!(sheet.others.is_empty());
    }
    let page = wallet.records(&RecordFilter::default()).await.unwrap();
    assert_eq!(page.lines.iter().filter(|line| line.another).count(), 4, "three records and who they are of");
    // Once it is said who the wallet is of, it is the other way round.
    let settings = wallet.settings().await.unwrap();
    wallet.change_settings(Settings { name: "Leo Alm".to_owned(), ..settings }).await.unwrap();
    let page = wallet.records(&RecordFilter { text: "gout".to_owned(), ..RecordFilter::default() }).await.unwrap();
    assert!(page.lines[0].another);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_screen_and_every_list_agree_on_what_is_somebody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let of = |whose: &str| json!({"reference": format!("Patient/{whose}")});
    let marked = async || {
        let others = |lines: Vec<RecordLine>| -> BTreeSet<String> {
            lines.into_iter().filter(|line| line.another).map(|line| line.title).collect()
        };
        let timeline = wallet.timeline(&TimelineFilter::default()).await.unwrap();
        [
            others(wallet.home().await.unwrap().latest),
            others(wallet.records(&RecordFilter::default()).await.unwrap().lines),
            others(timeline.entries.into_iter().map(|entry| entry.line).collect()),
        ]
    };
    // Of one who is there and of one who is not.
    let eva = [
        person("e", "Eva", "1980-01-01"),
        condition("0", "Asthma", &of("e")),
        condition("1", "Gout", &of("e")),
        condition("2", "Croup", &of("x")),
    ];
    import_bundle(&wallet, folder.path(), "eva.json", &eva).await;
    assert_eq!(marked().await, [(); 3].map(|()| BTreeSet::from(["Croup".to_owned()])));
    let leo = [person("l", "Leo", "2016-05-05"), condition("3", "Measles", &of("l"))];
    import_bundle(&wallet, folder.path(), "leo.json", &leo).await;
    let [home, list, timeline] = marked().await;
    assert!(list.contains("Croup") && list.contains("Measles") && !list.contains("Gout"), "{list:?}");
    assert_eq!((&home, &timeline), (&list, &list));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_hospital_of_the_same_person_goes_in() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let (first, second) = (person("pa-1", "Eva", "1950-02-03"), person("pb-9", "Eva Maria", "1950-02-03"));
    import_bundle(
        &wallet,
        folder.path(),
        "a.json",
        &[
            first,
            medicine("a0", "active", "Warfarin", "Patient/pa-1"),
            medicine("a1", "active", "Metoprolol", "Patient/pa-1"),
        ],
    )
    .await;
    import_bundle(&wallet, folder.path(), "b.json", &[second, medicine("b0", "active", "Amiodarone", "Patient/pb-9")])
        .await;
    // A file that brought no Patient says nothing against it.
    import_bundle(&wallet, folder.path(), "c.json", &[medicine("c0", "active", "Digoxin", "Patient/elsewhere")]).await;
    let text = exported(&wallet, folder.path(), ExportFormat::Ips, ShareChoice::default()).await;
    for name in ["Warfarin", "Metoprolol", "Amiodarone", "Digoxin"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        document["entry"].as_array().unwrap().iter().filter(|e| e["resource"]["resourceType"] == "Patient").count(),
        1
    );
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn naming_one_document_opens_the_files_of_no_other_record() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let subject = json!({"reference": "Patient/p"});
    let report = |id: &str, words: &str, file: &str| {
        json!({"resourceType": "DiagnosticReport", "id": id, "status": "final", "code": {"text": words}, "subject": subject,
            "presentedForm": [{"contentType": "text/plain", "data": file}]})
    };
    import_bundle(&wallet, folder.path(), "reports.json", &[
        person("p", "Eva", "1950-02-03"),
        report("r1", "Chest film", "T05FT05F"),
        report("r2", "Blood count", "VFdPVFdP"),
        json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "description": "Letter", "subject": subject,
            "content": [{"attachment": {"contentType": "application/pdf", "data": "VEhSRUVU"}}]}),
    ])
    .await;
    let files = async |with: &[&str]| {
        let mut choice = ShareChoice::default();
        for title in with {
            choice.with.push(id_of(&wallet, title).await);
        }
        let text = exported(&wallet, folder.path(), ExportFormat::Ndjson, choice).await;
        ["T05FT05F", "VFdPVFdP", "VEhSRUVU"].map(|file| text.contains(file))
    };
    assert_eq!(files(&[]).await, [false, false, false]);
    assert_eq!(files(&["Letter"]).await, [false, false, true]);
    assert_eq!(files(&["Chest film"]).await, [true, false, false]);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_out_stays_out_and_what_goes_along_is_not_said_to_stay() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let subject = json!({"reference": "Patient/p"});
    import_bundle(&wallet, folder.path(), "heart.json", &[
        person("p", "Eva", "1950-02-03"),
        json!({"resourceType": "Device", "id": "d", "patient": subject, "status": "active", "type": {"text": "Pacemaker"}}),
        json!({"resourceType": "Procedure", "id": "o", "subject": subject, "status": "completed", "code": {"text": "Surgery"},
            "performedDateTime": "2020-01-01", "focalDevice": [{"manipulated": {"reference": "Device/d", "display": "Pacemaker"}}]}),
    ])
    .await;
    let only = |without: Vec<String>| ShareChoice {
        categories: Some(vec!["procedure".to_owned()]),
        without,
        ..ShareChoice::default()
    };
    let shown = preview(&wallet, SharePreset::Custom, only(Vec::new())).await;
    assert!(shown.held_back.is_empty(), "{:?}", shown.held_back);
    assert!(exported(&wallet, folder.path(), ExportFormat::Ips, only(Vec::new())).await.contains("Pacemaker"));
    let without = vec![id_of(&wallet, "Pacemaker").await];
    let shown = preview(&wallet, SharePreset::Custom, only(without.clone())).await;
    assert_eq!(held(&shown, "unticked"), 1);
    assert!(!exported(&wallet, folder.path(), ExportFormat::Ips, only(without)).await.contains("Pacemaker"));
    // Chosen by itself, the implant is in, with a statement of its use.
    let text = exported(&wallet, folder.path(), ExportFormat::Ips, ShareChoice::default()).await;
    assert!(text.contains("DeviceUseStatement") && text.contains("Pacemaker"));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_was_left_out_is_not_said_where_something_was() {
    use carnet_consent::grant::LeftOut;
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    import_bundle(
        &wallet,
        folder.path(),
        "taken.json",
        &[
            person("p", "Eva", "1950-02-03"),
            medicine("w", "active", "Warfarin", "Patient/p"),
            medicine("n", "entered-in-error", "Aspirin", "Patient/p"),
        ],
    )
    .await;
    let draft = ShareDraft { tell_left_out: true, passcode: None, ..ShareDraft::new(SharePreset::Custom) };
    let said = async || {
        let share = wallet.share(&draft).await.unwrap();
        let opened = open_link(&share.shlink, "Dr Example", None).await.unwrap();
        carnet_consent::bundle::open(&opened.document.unwrap().0).unwrap().grant.what.left_out
    };
    assert_eq!(said().await, LeftOut::Nothing);
    import_bundle(&wallet, folder.path(), "not.json", &[medicine("m", "not-taken", "Metoprolol", "Patient/p")]).await;
    let shown = preview(&wallet, SharePreset::Custom, ShareChoice::default()).await;
    assert_eq!((held(&shown, "not_done"), held(&shown, "error")), (1, 1));
    assert_eq!(said().await, LeftOut::Something);
    wallet.shutdown().await.unwrap();
}
