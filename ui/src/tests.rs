//! Components in their states, rendered natively: what a person gets to read, and what hostile text cannot do.
//!
//! With `CARNET_GALLERY=<folder>` the pages are also written there, to be looked at with the real style sheets:
//! `ui/gallery.mjs` photographs them.

mod asking;
mod checking;
mod entry;
mod exporting;
mod importing;
mod record;
mod records;
mod recovery;
mod shares;
mod sharing;
mod urgent;
mod viewer;

use crate::app::{home::HomeView, import::Former, openings::OpeningsView, record::RecordView};
use crate::app::{session::FailureView, shares::SharesView};
use crate::i18n::{Face, start};
use crate::kit::{Mark, SealView, Skeleton, Statement};
use crate::viewer::{document::Document, opening::Trouble, summary, trouble::TroubleView};
use carnet_bridge::*;
use dioxus::prelude::*;
use std::path::Path;

const HOSTILE: &str = r#"<img src=x onerror=alert(1)>"><script>alert(2)</script>'&amp;"#;

fn render(name: &str, page: fn() -> Element) -> String {
    render_as(Face::App, name, page)
}

fn render_as(face: Face, name: &str, page: fn() -> Element) -> String {
    start("en", face);
    draw(face, name, false, page)
}

/// As in a language that runs from right to left.
fn render_turned(name: &str, page: fn() -> Element) -> String {
    start("en", Face::App);
    crate::i18n::turn();
    let html = draw(Face::App, name, true, page);
    start("en", Face::App);
    html
}

fn draw(face: Face, name: &str, turned: bool, page: fn() -> Element) -> String {
    let mut dom = VirtualDom::new(page);
    dom.rebuild_in_place();
    let html = dioxus_ssr::render(&dom);
    if let Ok(folder) = std::env::var("CARNET_GALLERY") {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets").canonicalize().unwrap();
        let folder_of = if face == Face::App { "app" } else { "viewer" };
        let shell = std::fs::read_to_string(assets.join(folder_of).join("index.html")).unwrap();
        let sheets: String = shell
            .lines()
            .filter(|line| line.contains("rel=\"stylesheet\""))
            .map(|line| line.replace("\"view/css/", "\"css/"))
            .map(|line| line.replace("href=\"css/", &format!("href=\"file://{}/css/", assets.display())))
            .collect();
        let html = format!(
            "<!doctype html><html lang=en dir={}><meta charset=utf-8><meta name=viewport content='width=device-width'>{sheets}<div class='{}'>{html}</div></html>",
            if turned { "rtl" } else { "ltr" },
            if face == Face::App { "page" } else { "viewer" },
        );
        std::fs::write(Path::new(&folder).join(format!("{name}.html")), html).unwrap();
    }
    html
}

fn line(id: &str, category: &str, title: &str, detail: &str, date: &str) -> RecordLine {
    RecordLine {
        another: false,
        id: id.to_owned(),
        category: category.to_owned(),
        title: title.to_owned(),
        detail: detail.to_owned(),
        date: Some(date.to_owned()).filter(|date| !date.is_empty()),
        status: Some("active".to_owned()),
        sensitive: false,
    }
}

fn counts(of: &[(&str, u64)]) -> Vec<CategoryCount> {
    of.iter().map(|(category, count)| CategoryCount { category: (*category).to_owned(), count: *count }).collect()
}

fn share(id: &str, recipient: &str, status: ShareStatus, seconds: i64) -> ShareLine {
    let now = crate::platform::now();
    ShareLine {
        id: id.to_owned(),
        recipient: recipient.to_owned(),
        preset: SharePreset::Visit,
        live: false,
        passcode: true,
        created: now - 60,
        expires: now + seconds,
        status,
        openings: 2,
        records: 42,
        waiting: false,
        elsewhere: None,
        why: None,
        fault: None,
    }
}

fn opening(recipient: &str, served: bool) -> Opening {
    Opening {
        id: "a".to_owned(),
        shared_with: "Dr Example".to_owned(),
        recipient: recipient.to_owned(),
        at: crate::platform::now() - 120,
        served,
        seen: true,
        proven: true,
        contradicted: false,
        reason: (!served).then(|| "passcode".to_owned()),
    }
}

fn home() -> Home {
    Home {
        name: "Amina Okafor".to_owned(),
        example: true,
        attention: vec![Attention::RecoveryWords, Attention::Backup, Attention::Waiting { count: 2 }],
        open_shares: vec![
            share("a", "Dr Example", ShareStatus::Live, 872),
            ShareLine {
                waiting: true,
                ..share("b", "Example Clinic, Department of Internal Medicine", ShareStatus::Stopping, 80_000)
            },
        ],
        resting_shares: 2,
        openings: vec![opening("Dr Example, Example Clinic", true), opening("", false)],
        unseen_openings: 2,
        latest: vec![
            line("1", "result", "Potassium", "5.4 mmol/L", "2026-05-03"),
            line("2", "medicine", "Simvastatin 20 mg oral tablet", "once daily", "2026-04-11"),
            line("3", "allergy", "Peanut", "Anaphylaxis", "2012"),
        ],
        records: 2_113,
    }
}

#[test]
fn home_says_who_what_needs_attention_what_is_shared_and_who_looked() {
    let html = render("home", || rsx! { HomeView { home: home() } });
    for words in ["Amina Okafor", "made up", "Write down your recovery words", "14:3", "Who looked", "Peanut"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(html.contains("2 messages go out"));
    assert!(html.contains("All 2113 records"));
    assert!(
        html.contains("Stopping") && html.contains("The server does not know yet") && !html.contains("Nobody can see")
    );
}

#[test]
fn nobody_can_see_is_said_with_what_is_paused_or_begins_later() {
    fn resting(count: u64) -> Element {
        let home = Home { open_shares: vec![], resting_shares: count, ..home() };
        rsx! { HomeView { home } }
    }
    let html = render("home-resting", || resting(2));
    assert!(html.contains("Nobody can see your records now. 2 shares are paused or begin later."), "{html}");
    assert!(render("home-resting-one", || resting(1)).contains("1 share is paused or begins later."));
    let none = render("home-no-shares", || resting(0));
    assert!(none.contains("Nobody can see your records now.") && !none.contains("begins later"), "{none}");
}

#[test]
fn an_empty_booklet_offers_the_first_step() {
    let html = render("home-empty", || {
        let empty = Home {
            attention: vec![],
            open_shares: vec![],
            resting_shares: 0,
            openings: vec![],
            unseen_openings: 0,
            latest: vec![],
            records: 0,
            name: String::new(),
            example: false,
        };
        rsx! { HomeView { home: empty } }
    });
    assert!(html.contains("Your booklet is empty") && html.contains("Add something"));
}

#[test]
fn shares_are_listed_live_first() {
    let html = render("shares", || {
        let shares = vec![
            share("a", "Dr Example", ShareStatus::Live, 872),
            share("b", "", ShareStatus::Waiting, 90_000),
            share("c", "Example Clinic", ShareStatus::Stopped, 90),
            share("d", "Example Pharmacy", ShareStatus::Live, -90),
            share("e", "Dr Sample", ShareStatus::Exhausted, 900),
        ];
        rsx! { SharesView { shares, now: crate::platform::now() } }
    });
    assert!(html.find("whoever has the code").unwrap() < html.find("Ended").unwrap());
    assert!(html.find("Ended").unwrap() < html.find("Example Pharmacy").unwrap());
}

#[test]
fn hostile_text_stays_text_wherever_it_is_shown() {
    fn page() -> Element {
        let mut home = home();
        home.name = HOSTILE.to_owned();
        home.latest = vec![line(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)];
        home.openings = vec![opening(HOSTILE, true)];
        home.open_shares = vec![share(HOSTILE, HOSTILE, ShareStatus::Live, 60)];
        rsx! {
            HomeView { home }
            RecordView { sheet: record::hostile(), changed: |_| () }
            Former { reports: vec![importing::hostile()], alone: true }
            OpeningsView { openings: vec![opening(HOSTILE, false)], now: 0 }
            sharing::Hostile {}
            FailureView { failure: Failure { code: FailureCode::Other, message: HOSTILE.to_owned() } }
        }
    }
    let html = render("hostile", page);
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("&lt;script&gt;") || html.contains("&#60;script&#62;"));
    assert!(!html.contains(" style=\""), "the policy allows no style attributes");
}

#[test]
fn a_seal_with_a_failure_is_open_and_says_so() {
    let html = render("seal", || {
        let statement = |mark, says: &str| Statement { mark, says: says.to_owned(), why: "Because.".to_owned() };
        rsx! {
            div { class: "stack",
                SealView { standing: Mark::Checked, title: "Shared by the patient", subtitle: "Every check passed", statements: vec![statement(Mark::Checked, "Signed.")] }
                SealView { standing: Mark::NotChecked, title: "Shared by the patient", subtitle: "Not everything could be checked", statements: vec![statement(Mark::Checked, "Signed."), statement(Mark::NotChecked, "In the ledger.")] }
                SealView { standing: Mark::Failed, title: "Something is wrong", subtitle: "Do not rely on it", statements: vec![statement(Mark::Checked, "Signed."), statement(Mark::Failed, "Unaltered.")] }
                Skeleton {}
            }
        }
    });
    assert!(
        html.contains("seal-stop\" id=\"seal\" open") || html.contains("open=true") || html.contains("open=\"true\""),
        "{html}"
    );
    assert!(html.contains("Failed") && html.contains("Not checked") && html.contains("Checked"));
}

/// A document as a link with these flags gives it.
fn document(flags: smart_health::Flags, bundle: &serde_json::Value) -> Document {
    let opened = smart_health::Opened {
        label: None,
        flags,
        exp: Some(crate::platform::now() + 900),
        grant_hash: None,
        status: None,
        poll_after: None,
        files: vec![smart_health::OpenedFile {
            content_type: "application/fhir+json".to_owned(),
            bytes: bundle.to_string().into_bytes(),
            ..Default::default()
        }],
    };
    Document::new(opened, Vec::new(), crate::platform::now()).unwrap()
}

/// A summary as another program could have made it: no grant inside, and hostile texts.
fn foreign() -> Document {
    use serde_json::json;
    let entry =
        |at: usize, resource: serde_json::Value| json!({"fullUrl": format!("urn:uuid:{at}"), "resource": resource});
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        entry(0, json!({"resourceType": "Patient", "name": [{"family": "Okafor", "given": ["Amina"]}], "birthDate": "1961-04-09", "gender": "female"})),
        entry(1, json!({"resourceType": "AllergyIntolerance", "code": {"text": "Peanut"}, "criticality": "high",
            "clinicalStatus": {"coding": [{"code": "active"}]}, "reaction": [{"manifestation": [{"text": "Anaphylaxis"}]}]})),
        entry(2, json!({"resourceType": "Condition", "code": {"text": "Hypertension"}, "onsetDateTime": "2009-02",
            "clinicalStatus": {"coding": [{"code": "active"}]}})),
        entry(3, json!({"resourceType": "Condition", "code": {"text": HOSTILE}})),
        entry(4, json!({"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": "Amlodipine 5 mg tablet"},
            "dosage": [{"text": "One tablet each morning"}]})),
        entry(5, json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-05-03",
            "category": [{"coding": [{"code": "laboratory"}]}], "code": {"text": "Potassium"},
            "valueQuantity": {"value": 5.4, "unit": "mmol/L"}, "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.1}}]})),
        entry(6, json!({"resourceType": "DocumentReference", "status": "current", "description": HOSTILE,
            "content": [{"attachment": {"contentType": "text/html", "data": "PGI+", "title": HOSTILE}},
                        {"attachment": {"contentType": "application/pdf", "data": "JVBERg==", "title": "Discharge letter"}}]})),
    ]});
    document(smart_health::Flags::default(), &bundle)
}

#[test]
fn a_summary_of_another_program_opens_and_nothing_is_claimed() {
    let html = render_as(Face::Viewer, "viewer-foreign", || {
        let document = std::rc::Rc::new(foreign());
        let verification = summary::Checked(document.verification.clone());
        rsx! { summary::SummaryView { document: summary::Shared(document), verification, checking: false, who: "Dr Example" } }
    });
    let order = [
        "Amina Okafor",
        "Not checked",
        "Peanut",
        "Hypertension",
        "Amlodipine",
        "Alerts",
        "id=\"group-result\"",
        "Discharge letter",
    ];
    let places: Vec<_> = order.iter().map(|words| html.find(words).unwrap_or_else(|| panic!("{words}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(html.contains("Born 9 April 1961") && html.contains("Female") && html.contains("Anaphylaxis"));
    assert!(!html.contains("statement-ok"), "nothing was checked");
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains(" style=\""));
    assert!(!html.contains("text/html\""), "a page inside is never opened as a page");
}

#[test]
fn every_dead_link_says_what_to_ask_the_patient_for() {
    type Case = (&'static str, fn() -> Element, &'static str);
    let cases: [Case; 5] = [
        (
            "trouble-inactive",
            || rsx! { TroubleView { trouble: Trouble::Link(smart_health::Error::Inactive), again: |()| () } },
            "or give you a new code.",
        ),
        ("trouble-network", || rsx! { TroubleView { trouble: Trouble::Network, again: |()| () } }, "Try again"),
        (
            "trouble-damaged",
            || rsx! { TroubleView { trouble: Trouble::Link(smart_health::Error::Unauthentic), again: |()| () } },
            "Nothing of it is shown.",
        ),
        (
            "trouble-attempts",
            || rsx! { TroubleView { trouble: Trouble::Link(smart_health::Error::NoAttemptsLeft), again: |()| () } },
            "the new passcode",
        ),
        (
            "trouble-expired",
            || {
                let ended = smart_health::Error::Expired { at: 1_700_000_000 };
                rsx! { TroubleView { trouble: Trouble::Link(ended), again: |()| () } }
            },
            "Ask the server",
        ),
    ];
    for (name, page, words) in cases {
        let html = render_as(Face::Viewer, name, page);
        assert!(html.contains(words) && html.contains("role=\"alert\""), "{name}: {html}");
    }
}

/// A word that breaks nowhere by itself, and a name nobody has.
fn endless() -> Document {
    use serde_json::json;
    let word = "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(4);
    let entry =
        |at: usize, resource: serde_json::Value| json!({"fullUrl": format!("urn:uuid:{at}"), "resource": resource});
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        entry(0, json!({"resourceType": "Patient", "name": [{"text": word}], "birthDate": "1961-04-09", "gender": "female"})),
        entry(1, json!({"resourceType": "AllergyIntolerance", "code": {"text": word}, "criticality": "high", "onsetString": word,
            "clinicalStatus": {"coding": [{"code": word}]}, "reaction": [{"manifestation": [{"text": word}]}]})),
        entry(2, json!({"resourceType": "Condition", "code": {"text": word}, "onsetDateTime": "2009-02-13",
            "clinicalStatus": {"coding": [{"code": "entered-in-error"}]}})),
        entry(3, json!({"resourceType": "MedicationStatement", "status": "entered-in-error", "medicationCodeableConcept": {"text": word},
            "dosage": [{"text": word}], "effectiveDateTime": "2009-09-13"})),
        entry(4, json!({"resourceType": "Flag", "status": word, "code": {"text": word}, "period": {"start": word}})),
        entry(5, json!({"resourceType": "Observation", "status": "entered-in-error", "effectiveDateTime": "2026-09-13",
            "code": {"text": word}, "valueQuantity": {"value": 123456789.123, "unit": word}})),
        entry(6, json!({"resourceType": "DocumentReference", "status": "current", "description": word,
            "content": [{"attachment": {"contentType": word, "data": "PGI+", "title": word}}, {"attachment": {"data": "JVBERi0x", "title": word}}]})),
    ]});
    document(smart_health::Flags { long_term: true, ..Default::default() }, &bundle)
}

#[test]
fn endless_words_are_shown_whole() {
    let html = render_as(Face::Viewer, "viewer-endless", || {
        let document = std::rc::Rc::new(endless());
        let verification = summary::Checked(document.verification.clone());
        rsx! { summary::SummaryView { document: summary::Shared(document), verification, checking: false, who: "Dr Example", again: |()| () } }
    });
    assert!(html.matches("volcanoconiosis").count() >= 16, "{html}");
    assert!(!html.contains(" style=\""));
}
