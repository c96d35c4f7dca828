//! What a person types: kept, corrected, deleted, suggested, refused.

use crate::support::{ask, draft, empty, import_bundle, sheet, timeline};
use carnet_wallet::bridge::{
    EntryCode, EntryKind, EntrySeverity, FailureCode, OwnEntry, RecordFilter, RecordSheet, Reply, Request, SharePreset,
    Signature, TimelineFilter,
};
use carnet_wallet::{Quiet, Wallet};
use serde_json::json;

async fn save(wallet: &Wallet, entry: OwnEntry) -> RecordSheet {
    match ask(wallet, Request::SaveEntry(entry)).await {
        Reply::Sheet(sheet) => *sheet,
        other => panic!("{other:?}"),
    }
}

fn asthma() -> OwnEntry {
    OwnEntry {
        kind: EntryKind::Condition,
        title: " Asthma ".to_owned(),
        date: "2019-04".to_owned(),
        severity: Some(EntrySeverity::Mild),
        note: "Worse in spring".to_owned(),
        ..OwnEntry::default()
    }
}

async fn shared(wallet: &Wallet) -> u64 {
    match wallet.preview_share(&draft(SharePreset::Visit)).await {
        Ok(preview) => preview.categories.iter().map(|category| category.count).sum(),
        Err(_) => 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_kept_corrected_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"text": "Ada"}]});
    import_bundle(&wallet, folder.path(), "clinic.json", &[patient]).await;

    let made = save(&wallet, asthma()).await;
    assert_eq!((made.signature.clone(), made.detail.line.title.as_str()), (Signature::Typed, "Asthma"));
    assert_eq!((made.versions.len(), made.versions[0].source.as_str()), (1, ""));
    let own = made.own.expect("it can be corrected");
    let id = made.detail.line.id;
    assert_eq!(own, OwnEntry { corrects: Some(id.clone()), title: "Asthma".to_owned(), ..asthma() });
    assert_eq!(shared(&wallet).await, 1);
    let page = timeline(&wallet, TimelineFilter { text: "asth".to_owned(), ..TimelineFilter::default() }).await;
    assert!(page.entries[0].typed && page.total == 1);
    assert!(page.sources.iter().any(|source| source.name == "typed by hand" && source.count == 1));

    // Corrected, and back again: what is shown is always what was typed last.
    for (round, end) in ["2024", "", "2024"].into_iter().enumerate() {
        let corrected = save(&wallet, OwnEntry { end: end.to_owned(), ..own.clone() }).await;
        assert_eq!((&corrected.detail.line.id, corrected.versions.len()), (&id, round + 2));
        assert_eq!(corrected.own.unwrap().end, end);
        assert!(corrected.versions.iter().all(|version| version.says.contains("Asthma")), "{:?}", corrected.versions);
    }
    assert_eq!(wallet.records(&RecordFilter::default()).await.unwrap().total, 2);
    let Reply::ImportReports(reports) = ask(&wallet, Request::ImportReports).await else { panic!() };
    assert_eq!(reports.len(), 1, "what was typed came in no file");

    assert!(matches!(ask(&wallet, Request::DeleteEntry { id: id.clone() }).await, Reply::Done));
    for text in ["", "asthma"] {
        let page = timeline(&wallet, TimelineFilter { text: text.to_owned(), ..TimelineFilter::default() }).await;
        assert!(page.entries.iter().all(|entry| entry.line.category == "person"), "{page:?}");
        let page = wallet.records(&RecordFilter { text: text.to_owned(), ..RecordFilter::default() }).await.unwrap();
        assert!(page.lines.iter().all(|line| line.category == "person"));
        assert!(page.categories.iter().all(|count| count.category == "person"));
    }
    assert_eq!(shared(&wallet).await, 0);
    let gone = [Request::Sheet { id: id.clone() }, Request::DeleteEntry { id: id.clone() }];
    for request in gone {
        assert_eq!(wallet.handle(request, &Quiet).await.unwrap_err().code, FailureCode::NotFound);
    }
    assert_eq!(wallet.record(&id).await.unwrap().versions, 5, "its history stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_elsewhere_is_not_edited_whatever_it_claims() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let claims = json!({"resourceType": "Condition", "id": "c", "meta": {"tag": [{"system": "urn:carnet:typed", "code": "condition"}]},
        "code": {"text": "Gout"}});
    import_bundle(&wallet, folder.path(), "typed by hand", &[claims]).await;
    let page = timeline(&wallet, TimelineFilter { text: "gout".to_owned(), ..TimelineFilter::default() }).await;
    assert!(!page.entries[0].typed);
    let id = page.entries[0].line.id.clone();
    let found = sheet(&wallet, &id).await;
    assert_eq!((found.own, found.signature), (None, Signature::None));
    let entry = OwnEntry { corrects: Some(id.clone()), ..asthma() };
    for request in [Request::SaveEntry(entry), Request::DeleteEntry { id: id.clone() }] {
        assert_eq!(wallet.handle(request, &Quiet).await.unwrap_err().code, FailureCode::Invalid);
    }
    assert_eq!(sheet(&wallet, &id).await.versions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_comes_back_as_it_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let code = |code: &str| Some(EntryCode { system: "http://loinc.org".to_owned(), code: code.to_owned() });
    let entry = |kind, title: &str| OwnEntry {
        kind,
        title: title.to_owned(),
        date: "2024-03-09".to_owned(),
        ..OwnEntry::default()
    };
    let entries = [
        OwnEntry {
            reaction: "rash".into(),
            dangerous: Some(true),
            severity: Some(EntrySeverity::Severe),
            ..entry(EntryKind::Allergy, "Peanut")
        },
        OwnEntry {
            dose: "1 in the morning".into(),
            end: "2025".into(),
            over: true,
            ..entry(EntryKind::Medicine, "Ramipril")
        },
        OwnEntry { lot: "A1".into(), dose: "2".into(), ..entry(EntryKind::Vaccination, "Tetanus") },
        OwnEntry {
            value: "120/80".into(),
            unit: "mmHg".into(),
            code: code("85354-9"),
            ..entry(EntryKind::Measurement, "Blood pressure")
        },
        OwnEntry {
            value: "72.50".into(),
            unit: "kg".into(),
            code: code("29463-7"),
            ..entry(EntryKind::Measurement, "Weight")
        },
        OwnEntry { note: "Ask about the knee".into(), ..entry(EntryKind::Note, "Questions") },
    ];
    for entry in entries {
        let found = save(&wallet, entry.clone()).await;
        let id = found.detail.line.id.clone();
        assert_eq!(found.own, Some(OwnEntry { corrects: Some(id.clone()), ..entry }));
        ask(&wallet, Request::DeleteEntry { id }).await;
    }
    assert_eq!(timeline(&wallet, TimelineFilter::default()).await.all, 0, "each kind can be deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let wrong = [
        OwnEntry { title: String::new(), ..asthma() },
        OwnEntry { date: "2999".to_owned(), ..asthma() },
        OwnEntry { end: "2001".to_owned(), ..asthma() },
        OwnEntry { title: "a\u{1}b".to_owned(), ..asthma() },
        OwnEntry { kind: EntryKind::Measurement, value: "12..5".to_owned(), ..asthma() },
    ];
    for entry in wrong {
        assert_eq!(wallet.handle(Request::SaveEntry(entry), &Quiet).await.unwrap_err().code, FailureCode::Invalid);
    }
    assert_eq!(timeline(&wallet, TimelineFilter::default()).await.all, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn suggestions_come_from_the_tables_and_the_own_records() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    save(&wallet, OwnEntry { title: "Asthmatic cough of spring".to_owned(), ..asthma() }).await;
    let ask = async |kind, text: &str| match ask(&wallet, Request::Suggest { kind, text: text.to_owned() }).await {
        Reply::Suggestions(found) => found,
        other => panic!("{other:?}"),
    };
    let found = ask(EntryKind::Condition, "asth").await;
    assert_eq!(found[0].title, "Asthmatic cough of spring");
    assert!(
        found.len() <= 8 && found.iter().any(|one| one.title.eq_ignore_ascii_case("asthma") && one.code.is_some()),
        "{found:?}"
    );
    assert_eq!(ask(EntryKind::Condition, "a").await, []);
    assert!(ask(EntryKind::Measurement, "weight").await.iter().any(|one| one.unit == "kg"));
    // Kept once without a code, it is still offered with one.
    save(&wallet, OwnEntry { title: "asthma".to_owned(), code: None, ..asthma() }).await;
    let found = ask(EntryKind::Condition, "asthma").await;
    assert!(found.iter().any(|one| one.title.eq_ignore_ascii_case("asthma") && one.code.is_some()), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_and_deleted_stays_so_in_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"text": "Ada"}]});
    import_bundle(&wallet, folder.path(), "clinic.json", std::slice::from_ref(&patient)).await;
    import_bundle(&wallet, folder.path(), "second.json", &[patient, json!({"resourceType": "Basic", "id": "b"})]).await;
    let kept = save(&wallet, asthma()).await;
    let gone = save(&wallet, OwnEntry { title: "Gout".to_owned(), ..asthma() }).await;
    ask(&wallet, Request::DeleteEntry { id: gone.detail.line.id }).await;
    let before = timeline(&wallet, TimelineFilter::default()).await;
    let (backup, words) = (folder.path().join("backup.age"), wallet.recovery_words().await.unwrap().join(" "));
    wallet.back_up(&backup).await.unwrap();

    let other = Wallet::new(folder.path().join("other"), crate::support::options());
    other.restore(&backup, &words, &crate::support::passphrase()).await.unwrap();
    let after = timeline(&other, TimelineFilter::default()).await;
    assert_eq!((after.total, &after.categories, &after.sources), (before.total, &before.categories, &before.sources));
    let titles = |page: &carnet_wallet::bridge::Timeline| {
        page.entries.iter().map(|entry| (entry.line.title.clone(), entry.sources, entry.typed)).collect::<Vec<_>>()
    };
    assert_eq!(titles(&after), titles(&before));
    assert!(titles(&after).contains(&("Asthma".to_owned(), 1, true)));
    let entry = after.entries.iter().find(|entry| entry.typed).unwrap();
    let own = sheet(&other, &entry.line.id).await.own.unwrap();
    assert_eq!(own, OwnEntry { corrects: own.corrects.clone(), ..kept.own.unwrap() });
    assert_eq!(save(&other, OwnEntry { end: "2025".to_owned(), ..own }).await.versions.len(), 2);
}
