//! Exporting from the interface: told what goes in, asked for a place, written whole, and opened only where it is pages.

use crate::support::{Saving, ask, empty, import_bundle};
use carnet_wallet::bridge::{
    ExportAccount, ExportDraft, ExportFormat, FailureCode, Reply, Request, ShareChoice, SharePreset, SharePreview,
};
use carnet_wallet::{Quiet, Wallet};
use serde_json::{Value, json};
use std::path::Path;

/// An allergy, a letter, and a depression that is held back.
async fn clinic(folder: &Path) -> Wallet {
    let wallet = empty(folder).await;
    let subject = json!({"reference": "Patient/p"});
    import_bundle(&wallet, folder, "clinic.json", &[
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Okafor"}], "birthDate": "1980-01-02"}),
        json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": subject, "code": {"text": "Peanut"},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}}),
        json!({"resourceType": "Condition", "id": "c", "subject": subject,
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.1", "display": "Depressive episode"}]}}),
    ])
    .await;
    wallet
}

fn draft(format: ExportFormat, choice: ShareChoice) -> ExportDraft {
    ExportDraft { format, preset: SharePreset::Visit, choice }
}

async fn preview(wallet: &Wallet, draft: ExportDraft) -> SharePreview {
    match ask(wallet, Request::PreviewExport(draft)).await {
        Reply::SharePreview(preview) => preview,
        other => panic!("{other:?}"),
    }
}

async fn export(wallet: &Wallet, draft: ExportDraft, open: bool, host: &Saving) -> ExportAccount {
    match wallet.handle(Request::Export { draft, open }, host).await.unwrap() {
        Reply::Exported(account) => account,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_saves_what_was_shown_before_in_each_form() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    for format in ExportFormat::ALL {
        let shown = preview(&wallet, draft(format, ShareChoice::default())).await;
        assert_eq!((shown.records, shown.available.len()), (1, 2), "{format:?}");
        let sensitive = shown.held_back.iter().find(|held| held.reason == "sensitive").unwrap();
        assert_eq!((sensitive.count, sensitive.label.as_deref()), (1, Some("MH")));

        let path = folder.path().join(format!("out-{}.{}", format.as_str(), format.ending()));
        let host = Saving::at(path.clone());
        let account = export(&wallet, draft(format, ShareChoice::default()), false, &host).await;
        assert_eq!(account, ExportAccount { records: 1, left_out: 0, missing_characters: 0 });
        assert_eq!(*host.suggested.lock().unwrap(), [format!("health-summary.{}", format.ending())]);
        assert!(host.opened.lock().unwrap().is_empty());
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        match format {
            ExportFormat::Pdf => assert!(bytes.starts_with(b"%PDF-")),
            ExportFormat::Sphr => assert!(bytes.starts_with(b"PK")),
            ExportFormat::Ips => {
                let bundle: Value = serde_json::from_slice(&bytes).unwrap();
                assert_eq!(carnet_records::ips::check(&bundle), []);
                assert!(text.contains("Peanut") && !text.contains("Depressive"));
            }
            ExportFormat::Ktc | ExportFormat::Ndjson => {
                assert!(text.contains("Peanut") && !text.contains("Depressive"));
            }
        }
    }
    // Ticked, it goes in.
    let ticked = ShareChoice { sensitive: vec!["MH".to_owned()], ..ShareChoice::default() };
    let path = folder.path().join("ticked.ndjson");
    let made = export(&wallet, draft(ExportFormat::Ndjson, ticked), false, &Saving::at(path.clone())).await;
    assert_eq!(made.records, 2);
    assert!(std::fs::read_to_string(&path).unwrap().contains("Depressive"));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_opened_to_be_printed_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    for (format, name, opens) in [
        (ExportFormat::Pdf, "summary.pdf", true),
        // Under another name the system would take it for something else.
        (ExportFormat::Pdf, "summary.sh", false),
        (ExportFormat::Ips, "summary.pdf", false),
    ] {
        let host = Saving::at(folder.path().join(name));
        export(&wallet, draft(format, ShareChoice::default()), true, &host).await;
        let expected = if opens { vec![host.path.clone()] } else { Vec::new() };
        assert_eq!(*host.opened.lock().unwrap(), expected, "{name}");
    }
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_dialog_writes_nothing_and_nothing_chosen_asks_for_no_place() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let request = |choice| Request::Export { draft: draft(ExportFormat::Pdf, choice), open: true };
    let closed = wallet.handle(request(ShareChoice::default()), &Quiet).await.unwrap_err();
    assert_eq!(closed.code, FailureCode::Cancelled);

    // No kind at all, and a kind of which nothing may go: both are refused, and the page still says what there is.
    for categories in [vec![], vec!["problem".to_owned()]] {
        let choice = ShareChoice { categories: Some(categories), ..ShareChoice::default() };
        let path = folder.path().join("nothing.pdf");
        let host = Saving::at(path.clone());
        let refused = wallet.handle(request(choice.clone()), &host).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::NothingSelected);
        assert!(host.suggested.lock().unwrap().is_empty() && !path.exists());
        let shown = preview(&wallet, draft(ExportFormat::Pdf, choice)).await;
        assert_eq!((shown.records, shown.available.len()), (0, 2), "{shown:?}");
        assert!(shown.held_back.iter().any(|held| held.reason == "sensitive"));
    }
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_written_whole_and_one_that_is_too_long_is_not_even_asked_a_place_for() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let host = Saving::at(folder.path().join("account.txt"));
    let save = |text: String| Request::SaveText { name: "account.txt".to_owned(), text };
    wallet.handle(save("first".to_owned()), &host).await.unwrap();
    wallet.handle(save("second".to_owned()), &host).await.unwrap();
    assert_eq!(std::fs::read_to_string(&host.path).unwrap(), "second");
    let long = "x".repeat(carnet_wallet::bridge::SAVED_TEXT_BYTES + 1);
    assert_eq!(wallet.handle(save(long), &host).await.unwrap_err().code, FailureCode::Invalid);
    assert_eq!(host.suggested.lock().unwrap().len(), 2);
    assert_eq!(std::fs::read_to_string(&host.path).unwrap(), "second");

    // What stands in the way stays, and nothing half is left beside it.
    let blocked = Saving::at(folder.path().join("folder"));
    std::fs::create_dir_all(blocked.path.join("inside")).unwrap();
    assert_eq!(wallet.handle(save("third".to_owned()), &blocked).await.unwrap_err().code, FailureCode::File);
    assert!(!folder.path().join("folder.part").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_along_with_what_was_chosen_is_not_said_to_be_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let subject = json!({"reference": "Patient/p"});
    let meter = |id: &str| json!({"resourceType": "Device", "id": id, "patient": subject, "deviceName": [{"name": id, "type": "user-friendly-name"}]});
    let value = json!({"resourceType": "Observation", "id": "v", "status": "final", "subject": subject, "effectiveDateTime": "2026-02-03",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]}, "valueQuantity": {"value": 1, "unit": "mg/dL"},
        "device": {"reference": "Device/measured-it"}});
    let patient =
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Okafor"}], "birthDate": "1980-01-02"});
    let records = [patient, value, meter("measured-it"), meter("lies-in-a-drawer")];
    import_bundle(&wallet, folder.path(), "meters.json", &records).await;
    let choice = ShareChoice { categories: Some(vec!["result".to_owned()]), ..ShareChoice::default() };
    let selection = wallet.selection(SharePreset::Custom, &choice).await.unwrap();
    let standing = wallet.standing(ExportFormat::Ndjson, &selection).await.unwrap();
    let held: Vec<(&str, usize)> = standing.held_back.iter().map(|group| (&*group.reason, group.count)).collect();
    assert_eq!(held, [("category", 1)], "the one that nothing refers to");
    wallet.shutdown().await.unwrap();
}
