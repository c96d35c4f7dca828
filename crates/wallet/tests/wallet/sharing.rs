//! Every choice of a share, as a reader finds it and as its patient sees it.

use crate::support::{Operator, ask, draft, empty, eventually, filled, id_of, import_bundle, options, passphrase};
use carnet_consent::grant::{Content, LeftOut, Obligation, Purpose, Set};
use carnet_consent::verify::{Outcome, Verification};
use carnet_records::sensitivity::Sensitivity;
use carnet_records::{ips, ktc};
use carnet_wallet::bridge::{
    OwnEntry, Reply, Request, RequestDraft, ShareChoice, ShareDraft, ShareFormat, ShareObligation, SharePreset,
    ShareStatus, ShareWhy,
};
use carnet_wallet::{Wallet, open_link, write_request};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

fn visit() -> ShareDraft {
    ShareDraft { passcode: Some("4711".to_owned()), ..draft(SharePreset::Visit) }
}

async fn opened(shlink: &str, passcode: Option<&str>) -> (Value, Verification) {
    let opened = open_link(shlink, "Dr Example", passcode).await.unwrap();
    let (document, verification) = opened.document.unwrap();
    for outcome in [verification.signature, verification.entries_unaltered, verification.consent_agrees] {
        assert_eq!(outcome, Outcome::Checked, "{verification:?}");
    }
    (document, verification)
}

/// SHA-256 of the signed grant in a document.
fn signed(document: &Value) -> [u8; 32] {
    carnet_consent::bundle::open(document).unwrap().signed.sha256()
}

fn resource_types(document: &Value) -> Vec<&str> {
    let entries = document["entry"].as_array().unwrap();
    entries.iter().map(|entry| entry["resource"]["resourceType"].as_str().unwrap()).collect()
}

/// A patient with one record of each kind, one of them sensitive.
async fn clinic(folder: &Path) -> Wallet {
    let wallet = empty(folder).await;
    import_bundle(&wallet, folder, "clinic.json", &[
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Okafor"}], "birthDate": "1980-01-02"}),
        allergy("a", "Peanut"),
        medicine("m", "Aspirin"),
        json!({"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.1", "display": "Depressive episode"}]}}),
    ])
    .await;
    wallet
}

fn allergy(id: &str, of: &str) -> Value {
    json!({"resourceType": "AllergyIntolerance", "id": id, "patient": {"reference": "Patient/p"}, "code": {"text": of},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}})
}

fn medicine(id: &str, name: &str) -> Value {
    json!({"resourceType": "MedicationStatement", "id": id, "status": "active", "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": name}, "effectiveDateTime": "2026-01-02"})
}

#[tokio::test(flavor = "multi_thread")]
async fn each_occasion_gives_the_form_and_the_purpose_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 120).await;
    for preset in SharePreset::ALL {
        let passcode = preset.suggests_passcode().then(|| "4711".to_owned());
        let share = wallet.share(&ShareDraft { passcode: passcode.clone(), ..ShareDraft::new(preset) }).await.unwrap();
        assert_eq!((share.line.preset, share.format, share.line.status), (preset, preset.format(), ShareStatus::Live));
        assert_eq!(share.line.expires - share.line.created, preset.spans()[0]);
        let (document, verification) = opened(&share.shlink, passcode.as_deref()).await;
        let broken = match preset.format() {
            ShareFormat::Ips => ips::check(&document),
            ShareFormat::Ktc => ktc::check(&document),
        };
        assert_eq!(broken, [], "{preset:?}");
        let grant = verification.grant.unwrap();
        let emergency = preset == SharePreset::Emergency;
        assert_eq!(grant.purpose, if emergency { Purpose::EmergencyTreatment } else { Purpose::Treatment });
        assert_eq!(share.purpose, if emergency { "ETREAT" } else { "TREAT" });
        // A journey is long: what is added on it goes out too.
        let content = if preset == SharePreset::Travel { Content::Live } else { Content::Snapshot };
        assert_eq!((grant.what.content, grant.what.left_out), (content, LeftOut::NotStated));
        assert_eq!(share.line.live, content == Content::Live);
    }
    // Whoever opened one is known, emergency or not.
    assert_eq!(wallet.openings().await.unwrap().iter().filter(|opening| opening.served).count(), 5);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_for_the_desk_shows_all_of_it_on_its_pages() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let share = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    let (document, _) = opened(&share.shlink, None).await;
    assert_eq!(ktc::check(&document), []);
    let kinds = resource_types(&document);
    for kind in ["Patient", "DocumentReference", "AllergyIntolerance", "MedicationStatement", "Consent", "Provenance"] {
        assert_eq!(kinds.iter().filter(|found| **found == kind).count(), 1, "{kind} in {kinds:?}");
    }
    assert!(!document.to_string().contains("Depressive"));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_tells_what_goes_in_and_what_is_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let preview = async |choice: ShareChoice| wallet.preview_share(&ShareDraft { choice, ..visit() }).await.unwrap();
    let plain = preview(ShareChoice::default()).await;
    let titles = |lines: &[carnet_wallet::bridge::ShareRecord]| -> Vec<String> {
        lines.iter().map(|line| line.title.clone()).collect()
    };
    assert_eq!(
        (plain.records, plain.more, titles(&plain.lines)),
        (2, 0, vec!["Peanut".to_owned(), "Aspirin".to_owned()])
    );
    let held = &plain.held_back[0];
    assert_eq!(
        (held.reason.as_str(), held.label.as_deref(), &held.category, held.count),
        ("sensitive", Some("MH"), &None, 1)
    );
    assert_eq!(titles(&held.lines), ["Depressive episode"]);
    assert_eq!((plain.notice.version, plain.notice.language.as_str()), (1, "en"));

    let ticked = preview(ShareChoice { sensitive: vec!["MH".to_owned()], ..ShareChoice::default() }).await;
    assert_eq!((ticked.records, ticked.held_back.len()), (3, 0));
    // One by one: in, whatever the rest says; out, whatever the rest says.
    let (condition, aspirin) = (id_of(&wallet, "Depressive").await, id_of(&wallet, "Aspirin").await);
    let one = ShareChoice { categories: Some(vec![]), with: vec![condition], ..ShareChoice::default() };
    assert_eq!(titles(&preview(one).await.lines), ["Depressive episode"]);
    let without = preview(ShareChoice { without: vec![aspirin.clone()], ..ShareChoice::default() }).await;
    assert_eq!(titles(&without.lines), ["Peanut"]);
    let unticked = without.held_back.iter().find(|held| held.reason == "unticked").unwrap();
    assert_eq!((unticked.category.as_deref(), unticked.lines[0].id.as_str()), (Some("medicine"), aspirin.as_str()));
    let allergies =
        preview(ShareChoice { categories: Some(vec!["allergy".to_owned()]), ..ShareChoice::default() }).await;
    assert_eq!(titles(&allergies.lines), ["Peanut"]);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shared_like_this_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let with = |choice: ShareChoice| ShareDraft { choice, ..visit() };
    for wrong in [
        ShareDraft { seconds: 1, ..visit() },
        ShareDraft { seconds: 366 * 86_400, ..visit() },
        ShareDraft { passcode: Some("123".to_owned()), ..visit() },
        ShareDraft { max_openings: Some(0), ..visit() },
        ShareDraft { not_before: Some(now() + 60 * 86_400), ..visit() },
        ShareDraft { erase_by: Some(now() - 1), ..visit() },
        ShareDraft { request: Some("nonsense".to_owned()), ..visit() },
        ShareDraft { recipient: "a\u{202e}b".to_owned(), ..visit() },
        with(ShareChoice { categories: Some(vec!["nonsense".to_owned()]), ..ShareChoice::default() }),
        with(ShareChoice { categories: Some(vec![]), ..ShareChoice::default() }),
        with(ShareChoice { since: Some("yesterday".to_owned()), ..ShareChoice::default() }),
        with(ShareChoice { with: vec!["4711".to_owned()], ..ShareChoice::default() }),
        with(ShareChoice { with: vec!["1".to_owned(); 65], ..ShareChoice::default() }),
        with(ShareChoice { sensitive: vec!["XYZ".to_owned()], ..ShareChoice::default() }),
    ] {
        assert!(wallet.share(&wrong).await.is_err(), "{wrong:?}");
    }
    assert_eq!(wallet.shares().await.unwrap(), []);
    assert_eq!(wallet.sync().await.unwrap().waiting, 0);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grant_says_what_the_person_chose() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let erase_by = now() + 10 * 86_400;
    let share = wallet
        .share(&ShareDraft {
            choice: ShareChoice {
                categories: Some(vec!["allergy".to_owned(), "problem".to_owned()]),
                since: Some("2020".to_owned()),
                sensitive: vec!["mh".to_owned()],
                ..ShareChoice::default()
            },
            erase_by: Some(erase_by),
            obligations: vec![ShareObligation::NoRedisclosure, ShareObligation::DeleteAfterUse],
            max_openings: Some(7),
            tell_left_out: true,
            ..visit()
        })
        .await
        .unwrap();
    assert_eq!((share.erase_by, share.max_openings, share.obligations.len()), (Some(erase_by), Some(7), 2));
    assert!(share.line.passcode && !share.line.live);
    let (document, verification) = opened(&share.shlink, Some("4711")).await;
    let grant = verification.grant.unwrap();
    assert_eq!(
        (grant.erase_by, grant.max_openings, grant.obligations),
        (Some(erase_by), Some(7), Set::<Obligation>::all())
    );
    assert_eq!(grant.what.categories.unwrap().iter().count(), 2);
    assert_eq!(grant.what.since.unwrap().as_str(), "2020");
    assert_eq!(grant.what.left_out, LeftOut::Something, "the medicine");
    // With something sensitive in it the whole is marked restricted, so that cannot be said to be left out either.
    let given = [Sensitivity::MentalHealth, Sensitivity::Restricted];
    let labels = Sensitivity::all().iter().filter(|label| !given.contains(label));
    let leaves_out: Vec<&str> = grant.what.leaves_out.iter().map(carnet_consent::grant::Member::as_str).collect();
    assert!(labels.clone().all(|label| leaves_out.contains(&label.code())) && !leaves_out.contains(&"MH"));
    assert!(document.to_string().contains("Depressive") && !document.to_string().contains("Aspirin"));

    // All of it goes in: then nothing was left out, and that can be told.
    let all = ShareChoice { sensitive: vec!["MH".to_owned()], ..ShareChoice::default() };
    let all = wallet.share(&ShareDraft { choice: all, tell_left_out: true, ..visit() }).await.unwrap();
    let (_, verification) = opened(&all.shlink, Some("4711")).await;
    assert_eq!(verification.grant.unwrap().what.left_out, LeftOut::Nothing);

    // A whole file inside a report stays behind unless documents are asked for: then that is something, too.
    let report = json!({"resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": {"reference": "Patient/p"},
        "code": {"text": "X-ray"}, "presentedForm": [{"contentType": "text/plain", "data": "Qm9uZXM="}]});
    import_bundle(&wallet, folder.path(), "report.json", &[report]).await;
    for (categories, told) in [(None, LeftOut::Something), (Some("document"), LeftOut::Nothing)] {
        let mut choice = ShareChoice { sensitive: vec!["MH".to_owned()], ..ShareChoice::default() };
        choice.categories = categories.map(|document| {
            ["allergy", "problem", "medicine", "report", document].iter().map(|name| (*name).to_owned()).collect()
        });
        let share = wallet.share(&ShareDraft { choice, tell_left_out: true, ..visit() }).await.unwrap();
        let (_, verification) = opened(&share.shlink, Some("4711")).await;
        assert_eq!(verification.grant.unwrap().what.left_out, told, "{categories:?}");
    }
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_begins_later_opens_later() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    // Late enough for a busy machine to have shared it before.
    let begins = now() + 10;
    let share = wallet.share(&ShareDraft { not_before: Some(begins), ..visit() }).await.unwrap();
    assert_eq!((share.line.status, share.not_before), (ShareStatus::NotYet, Some(begins)));
    assert_eq!(share.line.expires, begins + 900);
    assert!(open_link(&share.shlink, "Dr Early", Some("4711")).await.is_err());
    eventually("its time", async || open_link(&share.shlink, "Dr Example", Some("4711")).await.ok()).await;
    assert_eq!(wallet.share_detail(&share.line.id).await.unwrap().line.status, ShareStatus::Live);
    let refused: Vec<_> = wallet.openings().await.unwrap().into_iter().filter(|opening| !opening.served).collect();
    assert!(!refused.is_empty() && refused.iter().all(|opening| opening.reason.as_deref() == Some("time")));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_share_opens_for_nobody_until_it_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let share = wallet.share(&visit()).await.unwrap();
    let id = share.line.id.clone();
    let opens = async || open_link(&share.shlink, "Dr Example", Some("4711")).await.is_ok();
    assert!(opens().await);
    for _ in 0..2 {
        assert_eq!(wallet.pause_share(&id, true).await.unwrap().line.status, ShareStatus::Paused);
        assert!(!opens().await);
    }
    for _ in 0..2 {
        assert_eq!(wallet.pause_share(&id, false).await.unwrap().line.status, ShareStatus::Live);
        assert!(opens().await);
    }
    let seen = wallet.openings().await.unwrap();
    assert!(seen.iter().any(|opening| opening.reason.as_deref() == Some("paused")));

    // Without a network both are said later, and the last word counts.
    let unheard = async |id: &str| {
        let line = wallet.shares().await.unwrap().into_iter().find(|line| line.id == id).unwrap();
        assert_eq!(wallet.share_detail(id).await.unwrap().line, line, "list and page say the same");
        line.waiting
    };
    assert!(!unheard(&id).await, "the relay knows that it goes on");
    relay.away().await;
    wallet.pause_share(&id, true).await.unwrap();
    wallet.pause_share(&id, false).await.unwrap();
    let paused = wallet.pause_share(&id, true).await.unwrap().line;
    assert_eq!((paused.status, paused.waiting), (ShareStatus::Paused, true), "the relay may still serve it");
    assert!(unheard(&id).await);
    assert_eq!(wallet.sync().await.unwrap().waiting, 1);
    wallet.lock().await.unwrap();
    wallet.unlock(&passphrase()).await.unwrap();
    // One that its relay never had is held back here.
    let other = wallet.share(&visit()).await.unwrap();
    let held = wallet.pause_share(&other.line.id, true).await.unwrap().line;
    assert!(!held.waiting, "a relay that never had it serves it to nobody");
    relay.back().await;
    wallet.sync().await.unwrap();
    assert!(!unheard(&id).await && !unheard(&other.line.id).await);
    assert!(!opens().await && open_link(&other.shlink, "x", Some("4711")).await.is_err());
    wallet.pause_share(&id, false).await.unwrap();
    assert_eq!(wallet.pause_share(&other.line.id, false).await.unwrap().line.status, ShareStatus::Live);
    assert!(opens().await && open_link(&other.shlink, "x", Some("4711")).await.is_ok());
    assert_eq!(wallet.sync().await.unwrap().waiting, 0);
    wallet.stop_sharing(&id).await.unwrap();
    assert!(wallet.pause_share(&id, true).await.is_err());
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_extended_keeps_its_link_its_records_and_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    for draft in [visit(), draft(SharePreset::Desk)] {
        let passcode = draft.passcode.clone();
        let share = wallet.share(&draft).await.unwrap();
        let id = share.line.id.clone();
        let (before, _) = opened(&share.shlink, passcode.as_deref()).await;
        let first = signed(&before);
        // What came later is not in a snapshot, however long it runs.
        let later = format!("Later than {}", draft.preset.as_str());
        import_bundle(&wallet, folder.path(), "later.json", &[allergy(&id, &later)]).await;
        let longer = wallet.extend_share(&id, 7_200).await.unwrap();
        assert_eq!((&longer.line.id, longer.line.status), (&id, ShareStatus::Live));
        assert!(longer.line.expires > share.line.expires + 6_000);
        assert!(wallet.extend_share(&id, 60).await.is_err(), "it ends later already");
        for link in [&share.shlink, &longer.shlink] {
            let (after, verification) = opened(link, passcode.as_deref()).await;
            let grant = verification.grant.unwrap();
            assert_eq!(grant.supersedes, Some(first));
            assert_eq!((grant.id.to_string(), grant.expires), (id.clone(), longer.line.expires));
            assert_ne!(verification.named_by_link, Outcome::Failed { why: carnet_wallet::Reason::LinkNamesAnother });
            assert_eq!(resource_types(&after), resource_types(&before));
            assert!(!after.to_string().contains(&later));
        }
        assert_eq!(wallet.shares().await.unwrap().iter().filter(|share| share.id == id).count(), 1);
        let detail = eventually("the proof of the new state", async || {
            wallet.sync().await.unwrap();
            let detail = wallet.share_detail(&id).await.unwrap();
            detail.ledger.as_ref().is_some_and(|place| place.proven).then_some(detail)
        })
        .await;
        assert!(detail.openings.iter().all(|opening| opening.served));
        // One withdrawal ends all that was given out.
        wallet.stop_sharing(&id).await.unwrap();
        assert!(open_link(&share.shlink, "x", passcode.as_deref()).await.is_err());
        assert!(wallet.extend_share(&id, 7_200).await.is_err());
    }
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_share_follows_the_records_and_never_beyond_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let choice = ShareChoice { categories: Some(vec!["allergy".to_owned()]), ..ShareChoice::default() };
    let share = wallet.share(&ShareDraft { live: true, choice, ..visit() }).await.unwrap();
    assert!(share.line.live);
    let id = share.line.id.clone();
    let text = async || opened(&share.shlink, Some("4711")).await.0.to_string();
    let (document, verification) = opened(&share.shlink, Some("4711")).await;
    let first = signed(&document);
    assert_eq!(verification.grant.unwrap().what.content, Content::Live);

    // What was not chosen changes nothing, what was chosen goes out.
    import_bundle(&wallet, folder.path(), "one.json", &[medicine("m2", "Ibuprofen")]).await;
    assert_eq!(signed(&opened(&share.shlink, Some("4711")).await.0), first);
    import_bundle(&wallet, folder.path(), "two.json", &[allergy("b", "Latex")]).await;
    let (document, second) = opened(&share.shlink, Some("4711")).await;
    assert!(document.to_string().contains("Latex") && !document.to_string().contains("Ibuprofen"));
    assert_eq!(second.grant.unwrap().supersedes, Some(first));
    assert_eq!(wallet.share_detail(&id).await.unwrap().line.records, 2);

    // Typed, corrected, deleted.
    let typed = OwnEntry {
        title: "Bee sting".to_owned(),
        kind: carnet_wallet::bridge::EntryKind::Allergy,
        ..OwnEntry::default()
    };
    let Reply::Sheet(sheet) = ask(&wallet, Request::SaveEntry(typed)).await else { panic!() };
    assert!(text().await.contains("Bee sting"));
    ask(&wallet, Request::DeleteEntry { id: sheet.detail.line.id.clone() }).await;
    assert!(!text().await.contains("Bee sting"));

    // Newly sensitive: it leaves, and comes back when that is taken back.
    let latex = id_of(&wallet, "Latex").await;
    wallet.set_label(&latex, "MH", Some(true)).await.unwrap();
    assert!(!text().await.contains("Latex"));
    wallet.set_label(&latex, "MH", None).await.unwrap();
    assert!(text().await.contains("Latex"));

    // Days without a network, and several changes: one message with the last of them.
    relay.away().await;
    import_bundle(&wallet, folder.path(), "three.json", &[allergy("c", "Kiwi")]).await;
    import_bundle(&wallet, folder.path(), "four.json", &[allergy("d", "Celery")]).await;
    assert_eq!(wallet.sync().await.unwrap().waiting, 1);
    wallet.shutdown().await.unwrap();
    relay.back().await;
    let wallet = Wallet::new(folder.path().join("wallet"), options());
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(wallet.sync().await.unwrap().waiting, 0);
    assert!(text().await.contains("Kiwi") && text().await.contains("Celery"));

    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_share_of_which_nothing_is_left_opens_for_nobody_until_there_is_again() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let choice = ShareChoice { categories: Some(vec!["allergy".to_owned()]), ..ShareChoice::default() };
    let share = wallet.share(&ShareDraft { live: true, choice, ..visit() }).await.unwrap();
    import_bundle(&wallet, folder.path(), "more.json", &[allergy("c", "Kiwi")]).await;
    let id = share.line.id.clone();
    let text = async || opened(&share.shlink, Some("4711")).await.0.to_string();
    for title in ["Peanut", "Kiwi"] {
        wallet.set_label(&id_of(&wallet, title).await, "MH", Some(true)).await.unwrap();
    }
    let standing = async || {
        let line = wallet.share_detail(&id).await.unwrap().line;
        (line.status, line.why)
    };
    assert_eq!(standing().await, (ShareStatus::Paused, Some(ShareWhy::Emptied)), "the person did not do it");
    let closed = async || open_link(&share.shlink, "x", Some("4711")).await.is_err();
    assert!(closed().await);
    assert!(wallet.pause_share(&id, false).await.is_err() && closed().await, "what it was must not come back");
    let kiwi = id_of(&wallet, "Kiwi").await;
    wallet.set_label(&kiwi, "MH", None).await.unwrap();
    assert_eq!(standing().await, (ShareStatus::Live, None));
    let last = text().await;
    assert!(last.contains("Kiwi") && !last.contains("Peanut"));

    // Paused by the person, it stays so whatever comes, and what left it meanwhile has left it.
    wallet.pause_share(&id, true).await.unwrap();
    wallet.set_label(&kiwi, "MH", Some(true)).await.unwrap();
    assert_eq!(standing().await, (ShareStatus::Paused, None), "the person did it");
    assert!(wallet.pause_share(&id, false).await.is_err() && closed().await);
    wallet.set_label(&kiwi, "MH", None).await.unwrap();
    assert!(closed().await);
    wallet.pause_share(&id, false).await.unwrap();
    let last = text().await;
    assert!(last.contains("Kiwi") && !last.contains("Peanut"));
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_moved_ends_at_the_old_relay_once_the_new_one_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let mut first = Operator::of(&wallet, folder.path()).await;
    let mut second = Operator::start(folder.path().join("second")).await;
    let [moved, other] = [wallet.share(&visit()).await.unwrap(), wallet.share(&visit()).await.unwrap()];
    assert!(wallet.move_share(&moved.line.id).await.is_err(), "it is there already");
    let opens = async |link: &str| open_link(link, "Dr Example", Some("4711")).await.is_ok();

    // The new relay was never reached: the old link works until it was.
    second.away().await;
    second.serve(&wallet).await;
    let waiting = wallet.move_share(&moved.line.id).await.unwrap();
    assert_eq!(waiting.line.status, ShareStatus::Waiting);
    assert!(opens(&moved.shlink).await && !opens(&waiting.shlink).await);
    assert!(wallet.move_share(&moved.line.id).await.is_err(), "it was moved already");
    second.back().await;
    wallet.sync().await.unwrap();
    wallet.sync().await.unwrap();
    assert!(!opens(&moved.shlink).await && opens(&waiting.shlink).await);
    let old = wallet.share_detail(&moved.line.id).await.unwrap();
    assert_eq!((old.line.status, old.superseded_by.as_deref()), (ShareStatus::Stopped, Some(waiting.line.id.as_str())));
    let (_, verification) = opened(&waiting.shlink, Some("4711")).await;
    let grant = verification.grant.unwrap();
    assert_eq!((grant.id.to_string(), grant.expires), (waiting.line.id.clone(), moved.line.expires));
    assert!(grant.supersedes.is_some());

    // Stopped while both relays may have it: each is told, and what was on its way does not arrive.
    first.away().await;
    let new = wallet.move_share(&other.line.id).await.unwrap();
    assert_eq!(new.line.status, ShareStatus::Live);
    assert_eq!(wallet.stop_sharing(&new.line.id).await.unwrap().line.status, ShareStatus::Stopped);
    assert_eq!(wallet.share_detail(&other.line.id).await.unwrap().line.status, ShareStatus::Stopping);
    first.back().await;
    wallet.sync().await.unwrap();
    assert_eq!(wallet.share_detail(&other.line.id).await.unwrap().line.status, ShareStatus::Stopped);
    assert!(!opens(&other.shlink).await && !opens(&new.shlink).await);
    wallet.shutdown().await.unwrap();
    first.away().await;
    second.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let request = RequestDraft {
        by: "Harbour Clinic".to_owned(),
        organization: true,
        purpose: "HPAYMT".to_owned(),
        categories: Some(vec!["allergy".to_owned(), "problem".to_owned()]),
        since: None,
        until: None,
        seconds: 3_600,
        max_openings: Some(2),
        obligations: vec![ShareObligation::DeleteAfterUse],
        live: false,
    };
    let text = write_request(&request, Some([9; 32])).unwrap();
    let Reply::Asked(asked) = ask(&wallet, Request::ReadRequest { text: text.clone() }).await else { panic!() };
    assert!(asked.signed && asked.by == "Harbour Clinic" && asked.purpose == "HPAYMT");
    let share = wallet.share(&ShareDraft { passcode: Some("4711".to_owned()), ..asked.draft.clone() }).await.unwrap();
    assert_eq!((share.asked_by.as_deref(), share.purpose.as_str()), (Some("Harbour Clinic"), "HPAYMT"));
    assert_eq!((share.max_openings, share.line.recipient.as_str()), (Some(2), "Harbour Clinic"));
    let (document, verification) = opened(&share.shlink, Some("4711")).await;
    let grant = verification.grant.unwrap();
    assert_eq!(grant.request.as_ref().unwrap().by.as_str(), "Harbour Clinic");
    assert_eq!(grant.purpose, Purpose::Payment);
    assert_eq!(grant.obligations.iter().collect::<Vec<_>>(), [Obligation::DeleteAfterUse]);
    let text = document.to_string();
    assert!(text.contains("Peanut") && !text.contains("Depressive") && !text.contains("Aspirin"));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_are_new_until_they_were_seen() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let share = wallet.share(&visit()).await.unwrap();
    assert!(open_link(&share.shlink, "Guesser", Some("0000")).await.is_err());
    open_link(&share.shlink, "Dr Example", Some("4711")).await.unwrap();
    let openings = wallet.openings().await.unwrap();
    assert!(openings.len() >= 2 && openings.iter().all(|opening| !opening.seen));
    let wrong = openings.iter().find(|opening| !opening.served).unwrap();
    assert_eq!((wrong.recipient.as_str(), wrong.reason.as_deref()), ("Guesser", Some("passcode")));
    assert_eq!(wallet.home().await.unwrap().unseen_openings, openings.len() as u64);
    assert!(matches!(ask(&wallet, Request::MarkOpeningsSeen).await, Reply::Done));
    wallet.lock().await.unwrap();
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(wallet.home().await.unwrap().unseen_openings, 0);
    open_link(&share.shlink, "Dr Example", Some("4711")).await.unwrap();
    wallet.sync().await.unwrap();
    assert_eq!(wallet.home().await.unwrap().unseen_openings, 1);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_says_what_was_allowed_and_can_be_read_again() {
    use carnet_consent::consent_receipt::{ConsentReceipt, Standing};
    use carnet_wallet::bridge::ReceiptForm;
    let folder = tempfile::tempdir().unwrap();
    let wallet = clinic(folder.path()).await;
    let share = wallet.share(&ShareDraft { max_openings: Some(3), ..visit() }).await.unwrap();
    let id = share.line.id.clone();
    let read = async || {
        let written = wallet.receipt(&id, ReceiptForm::Json).await.unwrap();
        ConsentReceipt::read(&serde_json::from_slice(&written).unwrap()).unwrap()
    };
    let given = read().await;
    assert_eq!((given.standing(), given.grant().max_openings), (Standing::Given, Some(3)));
    assert_eq!(given.known().subject.as_ref().unwrap().as_str(), "Okafor");
    assert!(given.known().ledger.is_some());
    // What the receipt holds is the grant that the reader got.
    let (document, _) = opened(&share.shlink, Some("4711")).await;
    let inside = carnet_consent::bundle::open(&document).unwrap().grant;
    assert_eq!(given.grant(), &inside);

    let path = folder.path().join("receipt.pdf");
    let host = crate::support::Saving::at(path.clone());
    let save = Request::SaveReceipt { id: id.clone(), form: ReceiptForm::Pdf };
    assert!(matches!(wallet.handle(save, &host).await.unwrap(), Reply::Done));
    assert!(std::fs::read(&path).unwrap().starts_with(b"%PDF-"));
    assert_eq!(*host.suggested.lock().unwrap(), ["consent-receipt.pdf"]);
    let Reply::Receipt(words) = ask(&wallet, Request::ReadReceipt { id: id.clone() }).await else { panic!() };
    let says = |label: &str, value: &str| {
        words.parts.iter().flat_map(|part| &part.lines).any(|line| line.0 == label && line.1 == value)
    };
    assert!(words.language == "en" && says("Openings at the most", "3") && says("Shared with", "Dr Example"));
    wallet.stop_sharing(&id).await.unwrap();
    assert_eq!(read().await.standing(), Standing::Withdrawn);
    wallet.shutdown().await.unwrap();
}
