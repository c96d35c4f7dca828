//! What is held back because it is sensitive, and how it goes out where the person wants that.

use crate::support::{Operator, draft, empty, id_of, import_bundle, sheet};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carnet_consent::grant::LeftOut;
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

/// The security labels of everything in a document, and those that its Consent denies.
fn carried_and_denied(document: &Value) -> (Vec<Value>, Vec<Value>) {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let entries = list(document.get("entry"));
    let mut carried = list(document.pointer("/meta/security"));
    carried.extend(entries.iter().flat_map(|entry| list(entry.pointer("/resource/meta/security"))));
    let consent = entries.iter().find(|entry| entry["resource"]["resourceType"] == "Consent").unwrap();
    (carried, list(consent.pointer("/resource/provision/provision/0/securityLabel")))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_consent_denies_what_was_chosen() {
    const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let problem = |title: &str, security: Value| {
        json!({"resourceType": "Condition", "id": title, "subject": {"reference": "Patient/p"}, "code": {"text": title},
            "meta": {"security": security}, "clinicalStatus": {"coding": [{"code": "active",
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical"}]}})
    };
    let label = |system: &str, code: &str| json!({"system": system, "code": code});
    import_bundle(
        &wallet,
        folder.path(),
        "clinic.json",
        &[
            json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Okafor"}]}),
            problem("Asthma", json!([])),
            problem("Cold", json!([label(ACT, "HIV")])),
            problem("Cough", json!([label(ACT, "PSY"), label(CONFIDENTIALITY, "R")])),
            problem("Fever", json!([label(ACT, "ETHUD")])),
            problem("Rash", json!([label(CONFIDENTIALITY, "V")])),
            problem("Gout", json!([label(ACT, "SEX"), label(ACT, "STD")])),
        ],
    )
    .await;
    let _operator = Operator::of(&wallet, folder.path()).await;
    let titles = ["Asthma", "Cold", "Cough", "Fever", "Rash", "Gout"];
    // What the source says is sensitive and the person does not: it goes out with its source's label.
    wallet.set_label(&id_of(&wallet, "Gout").await, "STD", Some(false)).await.unwrap();
    wallet.set_label(&id_of(&wallet, "Gout").await, "SEX", Some(false)).await.unwrap();
    let mut chosen: Vec<Vec<&str>> = titles.iter().map(|title| vec![*title]).collect();
    chosen.extend([vec![], titles.to_vec(), vec!["Cold", "Fever"]]);
    for (at, titles) in chosen.iter().enumerate() {
        let mut with = Vec::new();
        for title in titles {
            with.push(id_of(&wallet, title).await);
        }
        for (preset, sensitive) in SharePreset::ALL.into_iter().zip(["", "MH", "", "HIV", "R"]) {
            let sensitive = Some(sensitive).filter(|label| !label.is_empty()).map(str::to_owned);
            let choice = ShareChoice {
                with: with.clone(),
                sensitive: sensitive.into_iter().collect(),
                ..ShareChoice::default()
            };
            let live = at % 2 == 1;
            let asked = ShareDraft { choice, live, tell_left_out: true, ..draft(preset) };
            let preview = wallet.preview_share(&asked).await.unwrap();
            let share = wallet.share(&asked).await.unwrap();
            let opened = carnet_wallet::open_link(&share.shlink, "Dr Example", None).await.unwrap();
            let (document, verification) = opened.document.unwrap();
            let (carried, denied) = carried_and_denied(&document);
            let same = |one: &Value, other: &Value| one["code"] == other["code"] && one["system"] == other["system"];
            let both = carried.iter().find(|one| denied.iter().any(|other| same(one, other)));
            assert_eq!(both, None, "{preset:?} with {titles:?}: {denied:?}");
            let grant = verification.grant.unwrap();
            assert_eq!(grant.what.leaves_out.iter().count(), denied.len());
            // What was given is told, and what is said of the rest is true.
            let held = preview.held_back.iter().any(|held| held.reason == "sensitive");
            assert_eq!(held, grant.what.left_out == LeftOut::Something, "{preset:?} with {titles:?}");
            let labelled = titles.iter().filter(|title| !["Asthma", "Gout"].contains(title));
            for title in labelled {
                let told = preview.sensitive.iter().find(|told| told.record.title == *title).unwrap();
                assert!(!told.labels.is_empty());
            }
            assert!(!denied.is_empty(), "what is left out by rule is still said: {preset:?} with {titles:?}");
        }
    }
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_share_says_what_it_leaves_out_as_its_records_are() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Okafor"}]});
    let problem = |id: &str| json!({"resourceType": "Condition", "id": id, "subject": {"reference": "Patient/p"}, "code": {"text": id}});
    import_bundle(&wallet, folder.path(), "a.json", &[patient, problem("Asthma"), problem("Cough")]).await;
    let _operator = Operator::of(&wallet, folder.path()).await;
    let (asthma, cough) = (id_of(&wallet, "Asthma").await, id_of(&wallet, "Cough").await);
    let choice = ShareChoice { with: vec![asthma.clone()], ..ShareChoice::default() };
    let share = wallet.share(&ShareDraft { choice, live: true, ..draft(SharePreset::Custom) }).await.unwrap();
    let seen = async || {
        let opened = carnet_wallet::open_link(&share.shlink, "Dr Example", None).await.unwrap();
        let (document, verification) = opened.document.unwrap();
        let leaves_out = verification.grant.unwrap().what.leaves_out;
        (document.to_string(), leaves_out.contains(carnet_consent::grant::Sensitivity::Hiv))
    };
    assert!(seen().await.1);
    // A label on the record that was named: it stays, and the grant no longer says that such a one is left out.
    wallet.set_label(&asthma, "HIV", Some(true)).await.unwrap();
    wallet.sync().await.unwrap();
    let (document, leaves_out) = seen().await;
    assert!(document.contains("Asthma") && document.contains("\"HIV\"") && !leaves_out);
    // Another with that label is still held back, and the rule is said again once it is true again.
    wallet.set_label(&asthma, "HIV", None).await.unwrap();
    wallet.set_label(&cough, "HIV", Some(true)).await.unwrap();
    wallet.sync().await.unwrap();
    let (document, leaves_out) = seen().await;
    assert!(document.contains("Asthma") && !document.contains("Cough") && leaves_out);
    wallet.shutdown().await.unwrap();
}
