//! What is held back because it is sensitive, and how it goes out where the person wants that.

use crate::support::{draft, empty, id_of, import_bundle, sheet};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carnet_wallet::ExportFormat;
use carnet_wallet::bridge::{ShareChoice, ShareDraft, SharePreset};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_held_back_for_what_stands_in_it() {
    const SECRET: &str = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3"/><component><structuredBody><component><section>
        <code code="11450-4" codeSystem="2.16.840.1.113883.6.1"/><entry><observation classCode="OBS" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="1.2.4"/><value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:type="CD" code="86406008" codeSystem="2.16.840.1.113883.6.96" displayName="HIV infection"/></observation></entry>
        </section></component></structuredBody></component></ClinicalDocument>"#;
    let letter = |id: &str, title: &str, text: &str| {
        json!({"resourceType": "DocumentReference", "id": id, "status": "current", "subject": {"reference": "Patient/p"},
            "description": title, "content": [{"attachment": {"contentType": "text/xml", "data": STANDARD.encode(text)}}]})
    };
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    import_bundle(
        &wallet,
        folder.path(),
        "portal.json",
        &[
            json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Okafor"}]}),
            letter("plain", "A letter", "<note>Come back in a year, and bring this letter with you please.</note>"),
            letter("secret", "A summary", SECRET),
        ],
    )
    .await;
    let documents = ShareChoice { categories: Some(vec!["document".to_owned()]), ..ShareChoice::default() };
    let preview = wallet.preview_share(&ShareDraft { choice: documents, ..draft(SharePreset::Visit) }).await.unwrap();
    let held = preview.held_back.iter().find(|held| held.label.as_deref() == Some("HIV")).unwrap();
    let is_held = |title: &str| held.lines.iter().any(|line| line.title == title);
    assert!(is_held("A summary") && is_held("HIV infection") && !is_held("A letter"), "{preview:?}");
    let id = held.lines.iter().find(|line| line.title == "A summary").unwrap().id.clone();
    let label = async || sheet(&wallet, &id).await.labels.into_iter().find(|label| label.label == "HIV").unwrap();
    let found = label().await;
    assert_eq!((found.on, found.because.contains("a part of it"), found.decided), (true, true, None), "{found:?}");
    // The person has the last word, and can take it back.
    wallet.set_label(&id, "HIV", Some(false)).await.unwrap();
    let label = async || (label().await.on, label().await.decided);
    assert_eq!(label().await, (false, Some(false)));
    wallet.set_label(&id, "HIV", None).await.unwrap();
    assert_eq!(label().await, (true, None));
    // Who gives it all the same gives it with its label; and what the person labelled goes with that.
    wallet.set_label(&id_of(&wallet, "A letter").await, "SEX", Some(true)).await.unwrap();
    let ticked = ShareChoice {
        categories: Some(vec!["document".to_owned()]),
        sensitive: vec!["HIV".to_owned(), "SEX".to_owned()],
        ..ShareChoice::default()
    };
    let selection = wallet.selection(SharePreset::Custom, &ticked).await.unwrap();
    let file = folder.path().join("out.ndjson");
    wallet.export(ExportFormat::Ndjson, &selection, &file).await.unwrap();
    let written = std::fs::read_to_string(&file).unwrap();
    let labels = |title: &str| {
        let mut resources = written.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        resources.find(|resource| resource["description"] == title).unwrap()["meta"]["security"].to_string()
    };
    assert!(labels("A summary").contains("\"HIV\"") && !labels("A summary").contains("SEX"), "{written}");
    assert!(labels("A letter").contains("\"SEX\"") && !labels("A letter").contains("HIV"), "{written}");
    wallet.shutdown().await.unwrap();
}
