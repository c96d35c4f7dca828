//! Sharing in its states: the steps, a request, who looked.

use super::shares::detail;
use super::*;
use crate::app::share::asked::{AskedView, Refused, differences};
use crate::app::share::draft::{Draft, Picked};
use crate::app::share::{long::LongView, review::ReviewView, what::WhatView, who::Occasions};
use crate::app::shares::detail::ShareView;

fn record(id: &str, category: &str, title: &str, date: &str) -> ShareRecord {
    ShareRecord {
        id: id.to_owned(),
        category: category.to_owned(),
        title: title.to_owned(),
        date: Some(date.to_owned()).filter(|date| !date.is_empty()),
    }
}

fn held(reason: &str, category: Option<&str>, label: Option<&str>, lines: Vec<ShareRecord>) -> HeldBack {
    HeldBack {
        reason: reason.to_owned(),
        category: category.map(str::to_owned),
        label: label.map(str::to_owned),
        count: lines.len() as u64 + u64::from(reason == "newer_values") * 1_173,
        lines,
    }
}

pub(super) fn preview() -> SharePreview {
    SharePreview {
        records: 42,
        categories: counts(&[("allergy", 3), ("problem", 12), ("medicine", 27)]),
        available: counts(&[("allergy", 3), ("problem", 14), ("medicine", 29), ("result", 1_204), ("document", 6)]),
        held_back: vec![
            held(
                "sensitive",
                None,
                Some("MH"),
                vec![
                    record("h1", "problem", "Recurrent depression", "2019-03-02"),
                    record("h2", "medicine", "Sertraline 50 mg tablet", "2021"),
                ],
            ),
            held("sensitive", None, Some("SUD"), vec![record("h3", "problem", "Alcohol dependence", "2011")]),
            held("newer_values", Some("result"), None, vec![record("r1", "result", "Potassium", "2020-02-03")]),
            held("document", Some("document"), None, vec![record("d1", "document", "Discharge letter", "2024-11-30")]),
            held("unticked", Some("problem"), None, vec![record("p2", "problem", "Sprained ankle", "2015-07")]),
        ],
        lines: vec![
            record("a1", "allergy", "Peanut", "2012"),
            record("p1", "problem", "Essential hypertension", "2009-02"),
            record("p3", "problem", "", ""),
            record("m1", "medicine", "Amlodipine 5 mg tablet", "2026-04-11"),
        ],
        more: 12,
        sensitive: vec![],
        notice: ShareNotice { version: 1, language: "en".to_owned() },
        only_here: false,
    }
}

fn visit() -> Draft {
    let mut draft = Draft::default();
    draft.choose(SharePreset::Visit);
    draft.share.recipient = "Dr Example".to_owned();
    draft.share.passcode = Some("471193".to_owned());
    draft
}

#[component]
fn What(preview: SharePreview, draft: Draft) -> Element {
    let draft = use_signal(|| draft);
    rsx! { WhatView { preview, draft } }
}

#[component]
fn Long(draft: Draft, #[props(default)] more: bool) -> Element {
    let draft = use_signal(|| draft);
    rsx! { LongView { draft, more } }
}

fn asked() -> AskedShare {
    let mut draft = ShareDraft::new(SharePreset::Visit);
    draft.recipient = "Harbour Heart Study".to_owned();
    draft.request = Some("{}".to_owned());
    draft.choice.categories = Some(["problem", "medicine", "result"].map(str::to_owned).to_vec());
    draft.choice.since = Some("2020".to_owned());
    draft.seconds = 604_800;
    draft.max_openings = Some(5);
    AskedShare {
        by: "Harbour Heart Study".to_owned(),
        signed: true,
        purpose: "HRESCH".to_owned(),
        categories: draft.choice.categories.clone(),
        since: Some("2020".to_owned()),
        until: None,
        seconds: 604_800,
        max_openings: Some(5),
        obligations: vec![ShareObligation::NoRedisclosure, ShareObligation::DeleteAfterUse],
        asked_at: crate::platform::now() - 3_600,
        draft,
    }
}

#[test]
fn the_five_occasions_each_have_a_sentence() {
    let html = render("share-who", || rsx! { Occasions { preset: SharePreset::Visit, choose: |_| () } });
    for preset in SharePreset::ALL {
        assert!(html.contains(&format!("id=\"preset-{}\"", preset.as_str())), "{html}");
    }
    assert_eq!(html.matches("choice-text").count(), 5);
}

#[test]
fn what_goes_in_is_counted_listed_and_can_be_taken_out() {
    let html = render("share-what", || rsx! { What { preview: preview(), draft: visit() } });
    assert!(html.contains("42 records will be shared") && html.contains("role=\"status\""));
    assert!(html.contains("12 of 14") && html.contains("0 of 1204"));
    // Lists are made when they are opened, so that thousands of records cost nothing.
    assert!(!html.contains("Essential hypertension"));
    for words in [
        "Kept back for you",
        "Mental health",
        "Alcohol and drugs",
        "2 records stay with you",
        "What else stays with you",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn what_goes_in_can_be_bounded_on_both_sides() {
    let html = render("share-what-between", || {
        let mut draft = visit();
        draft.share.choice.since = Some("2019".to_owned());
        draft.share.choice.until = Some("2021-06".to_owned());
        rsx! { What { preview: preview(), draft } }
    });
    assert!(html.contains("Only from 2019 to June 2021"), "{html}");
    for words in ["Only from this day on", "Only up to this day"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let html = render("share-what-up-to", || {
        let mut draft = visit();
        draft.share.choice.until = Some("2021".to_owned());
        rsx! { What { preview: preview(), draft } }
    });
    assert!(html.contains("Only up to 2021") && html.contains("id=\"until"), "{html}");
}

#[test]
fn a_sensitive_subject_that_is_ticked_stays_to_be_unticked() {
    let html = render("share-what-sensitive", || {
        let (mut draft, mut preview) = (visit(), preview());
        draft.tick_sensitive("MH", true);
        preview.held_back.remove(0);
        rsx! { What { preview, draft } }
    });
    assert!(html.contains("Goes in, because you ticked it") && html.contains("id=\"sensitive-MH\""));
}

#[test]
fn nothing_to_share_says_so_and_does_not_go_on() {
    let html = render("share-what-nothing", || {
        let preview = SharePreview { records: 0, categories: vec![], lines: vec![], more: 0, ..preview() };
        rsx! { What { preview, draft: visit() } }
    });
    assert!(html.contains("Choose at least one kind of record") && html.contains("aria-disabled=\"true\""));
}

#[test]
fn the_plain_way_asks_for_a_span_and_a_passcode_and_folds_the_rest() {
    let html = render("share-long", || rsx! { Long { draft: visit() } });
    assert!(html.contains("24 hours") && html.contains("471193") && html.contains("More choices"));
    assert!(!html.contains("Follow my records"), "folded away");
    let desk = render("share-long-desk", || rsx! { Long { draft: Draft::default() } });
    assert!(desk.contains("15 minutes") && !desk.contains("id=\"passcode\""));
}

#[test]
fn a_journey_follows_the_records_unless_that_is_turned_off() {
    let html = render("share-long-travel", || {
        let mut draft = Draft::default();
        draft.choose(SharePreset::Travel);
        assert!(draft.for_wallet().live);
        rsx! { Long { draft, more: true } }
    });
    // In sight, and only once.
    assert!(html.find("Follow my records").unwrap() < html.find("More choices").unwrap());
    assert_eq!(html.matches("id=\"live\"").count(), 1);
    for preset in SharePreset::ALL {
        assert_eq!(ShareDraft::new(preset).live, preset == SharePreset::Travel);
    }
}

#[test]
fn more_choices_hold_all_that_a_grant_can_say() {
    let html = render("share-long-more", || {
        let mut draft = visit();
        draft.share.not_before = Some(crate::platform::now() + 86_400 * 3);
        draft.share.erase_by = Some(crate::platform::now() + 86_400 * 30);
        draft.share.obligations = vec![ShareObligation::DeleteAfterUse];
        rsx! { Long { draft, more: true } }
    });
    for words in [
        "How often may it be opened?",
        "It begins later",
        "id=\"begins\"",
        "Follow my records",
        "A list for a front desk",
        "Not to pass it on without a consent",
        "Erase by the end of this day",
        "Tell them if something is left out",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn the_review_is_one_sentence_and_the_notice() {
    let html = render(
        "share-review",
        || rsx! { ReviewView { draft: visit(), preview: preview(), now: crate::platform::now() } },
    );
    assert!(html.contains("Dr Example may see 42 records until "), "{html}");
    assert!(html.contains("You can stop this at any time.") && html.contains("3 sensitive records stay with you."));
    assert!(html.contains("the passcode 471193") && html.contains("What you agree to") && html.contains("Version 1"));
    assert!(!html.contains("on this device only"));
    let here = render("share-review-only-here", || {
        let preview = SharePreview { only_here: true, ..preview() };
        rsx! { ReviewView { draft: visit(), preview, now: crate::platform::now() } }
    });
    let notice = here.find("This code works on this device only").expect("it is said");
    assert!(notice < here.find("Dr Example may see").unwrap(), "above the sentence");
    let later = render("share-review-later", || {
        let mut draft = Draft::default();
        draft.share.not_before = Some(crate::platform::now() + 86_400 * 3);
        draft.share.live = true;
        rsx! { ReviewView { draft, preview: preview(), now: crate::platform::now() } }
    });
    assert!(later.contains("Whoever has the code may see 42 records from "), "{later}");
    assert!(later.contains("It follows your records"));
    let single = render("share-review-single", || {
        let (mut draft, mut preview) = (visit(), preview());
        let record = record("h9", "problem", "HIV infection", "2015");
        draft.share.choice.with.push(record.id.clone());
        preview.sensitive.push(carnet_bridge::SensitiveRecord { record, labels: vec!["HIV".to_owned()] });
        rsx! { ReviewView { draft, preview, now: crate::platform::now() } }
    });
    assert!(single.contains("You chose HIV infection yourself. It is sensitive: HIV."), "{single}");
}

#[test]
fn the_notice_of_the_version_in_use_has_every_line() {
    start("en", Face::App);
    let lines = crate::app::share::review::notice_lines(1);
    let written = include_str!("../../../assets/i18n/en/notice.ftl");
    let titled = written.lines().filter(|line| line.starts_with("notice-v1-")).count();
    assert_eq!(lines.len() + 1, titled, "all but its title");
    assert!(crate::app::share::review::notice_lines(99).is_empty());
}

#[test]
fn a_request_says_who_asks_and_what_a_signature_proves() {
    let html = render(
        "asked",
        || rsx! { AskedView { asked: asked(), now: crate::platform::now(), answer: |()| (), refuse: |()| () } },
    );
    for words in [
        "Harbour Heart Study asks to see your records.",
        "nobody checked by whom",
        "What for: research",
        "7 days",
        "2020",
        "Test results",
        "Not to pass it on without a consent",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(!html.to_lowercase().contains("verified"));
    let unsigned = render("asked-unsigned", || {
        let asked = AskedShare { signed: false, by: String::new(), categories: None, ..asked() };
        rsx! { AskedView { asked, now: crate::platform::now(), answer: |()| (), refuse: |()| () } }
    });
    assert!(unsigned.contains("Anybody could have written this") && unsigned.contains("Somebody who gave no name"));
}

#[test]
fn whoever_gives_nothing_is_told_so_and_led_on() {
    let html = render("asked-refused", || rsx! { Refused { another: |()| () } });
    assert!(html.contains("You gave nothing.") && html.contains("They are not told."), "{html}");
    assert!(html.contains("href=\"#/\"") && html.contains("id=\"ask-another\""));
}

#[test]
fn an_answer_is_held_against_what_was_asked() {
    start("en", Face::App);
    let asked = asked();
    assert!(differences(&asked, &asked.draft).is_empty(), "as asked");
    let mut given = asked.draft.clone();
    given.choice.categories = Some(["problem", "allergy"].map(str::to_owned).to_vec());
    given.choice.since = None;
    given.choice.sensitive = vec!["MH".to_owned()];
    given.seconds = 86_400;
    given.max_openings = Some(1);
    given.choice.without = vec!["7".to_owned()];
    let found = differences(&asked, &given);
    let (less, more): (Vec<_>, Vec<_>) = found.iter().partition(|difference| difference.less);
    let says =
        |list: &[&crate::app::share::asked::Difference]| list.iter().map(|one| one.says.clone()).collect::<Vec<_>>();
    assert_eq!(
        says(&less),
        [
            "Medicines, Test results",
            "24 hours instead of 7 days",
            "It can be opened once.",
            "1 record that you took out"
        ]
    );
    assert_eq!(says(&more), ["Allergies", "Records from all years", "Mental health"]);
}

#[test]
fn the_review_of_an_answer_shows_less_and_more() {
    let html = render("share-review-asked", || {
        let mut draft = Draft::answering(asked());
        let shown = ["allergy", "problem", "medicine", "result"].map(str::to_owned);
        draft.tick_category("result", false, &shown);
        draft.tick_category("allergy", true, &shown);
        rsx! { ReviewView { draft, preview: preview(), now: crate::platform::now() } }
    });
    assert!(html.contains("Compared with what Harbour Heart Study asked for"));
    assert!(html.find("You give less than asked").unwrap() < html.find("You give more than asked").unwrap());
}

#[test]
fn who_looked_marks_what_is_new_and_says_why_a_try_was_refused() {
    let html = render("openings", || {
        let openings = vec![
            Opening { seen: false, proven: false, ..opening("Dr Example, Example Clinic", true) },
            Opening { seen: false, ..opening("", false) },
            Opening { reason: Some("paused".to_owned()), ..opening("Example Pharmacy", false) },
            opening("Dr Sample", true),
        ];
        rsx! { OpeningsView { openings, now: crate::platform::now() } }
    });
    assert!(html.contains("2 new looks at your records") && html.matches("line-new").count() == 2);
    for words in [
        "Not checked in the public ledger yet",
        "In the public ledger",
        "The passcode was wrong.",
        "The share was paused.",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("role=\"alert\""));
    let empty = render("openings-empty", || rsx! { OpeningsView { openings: vec![], now: 0 } });
    assert!(empty.contains("Nobody has looked"));
}

#[test]
fn a_relay_that_hides_who_looked_is_told_beside_the_openings() {
    fn faulty(fault: RelayFault) -> Vec<ShareLine> {
        vec![ShareLine { fault: Some(fault), ..super::share("a", "Dr Example", ShareStatus::Live, 900) }]
    }
    let lies = render("openings-false", || {
        rsx! { OpeningsView { openings: vec![], shares: faulty(RelayFault::False(HOSTILE.to_owned())), now: 0 } }
    });
    for words in ["an answer that cannot be", "the share for Dr Example", "What was found:", "Stop this share"] {
        assert!(lies.contains(words), "{words}: {lies}");
    }
    assert!(lies.contains("role=\"alert\"") && !lies.contains("<script"));
    let silent = render("openings-untold", || {
        rsx! { OpeningsView { openings: vec![], shares: faulty(RelayFault::Untold("it said no".to_owned())), now: 0 } }
    });
    assert!(silent.contains("did not say who looked") && silent.contains("it said no"), "{silent}");
}

#[test]
fn a_contradicted_opening_is_a_serious_warning() {
    let html = render("openings-contradicted", || {
        let openings = vec![
            Opening { contradicted: true, proven: false, ..opening("Dr Example", true) },
            opening("Dr Sample", true),
        ];
        rsx! { OpeningsView { openings, now: crate::platform::now() } }
    });
    assert!(html.contains("role=\"alert\"") && html.contains("do not agree") && html.contains("tag-stop"));
}

#[test]
fn every_reason_of_a_refusal_has_words_of_its_own() {
    use crate::app::openings::refusal_key;
    let reasons = ["passcode", "passcode_used_up", "exhausted", "paused", "time", "withdrawn", "passcode_missing"];
    let keys: std::collections::BTreeSet<_> = reasons.iter().map(|reason| refusal_key(Some(reason))).collect();
    assert_eq!(keys.len(), reasons.len());
    assert!(!keys.contains(refusal_key(None)));
}

#[test]
fn who_asked_without_a_passcode_is_not_said_to_be_refused() {
    let html = render("openings-asked", || {
        let asked = Opening { reason: Some("passcode_missing".to_owned()), ..opening("Dr Example", false) };
        rsx! { OpeningsView { openings: vec![asked], now: crate::platform::now() } }
    });
    assert!(html.contains("Asked ·") && html.contains("was told that one is needed"), "{html}");
    assert!(!html.contains("was refused"), "{html}");
}

#[test]
fn sharing_turns_with_the_language() {
    let html = render_turned("share-turned", || {
        rsx! {
            div { class: "stack",
                What { preview: preview(), draft: visit() }
                ShareView { share: detail(ShareStatus::Live) }
            }
        }
    });
    assert!(!html.contains(" style=\""));
}

/// Everything a stranger or a file can put into these screens.
#[component]
pub fn Hostile() -> Element {
    let mut preview = preview();
    preview.lines = vec![record(HOSTILE, "problem", HOSTILE, HOSTILE)];
    preview.held_back = vec![held("sensitive", None, Some(HOSTILE), vec![record(HOSTILE, HOSTILE, HOSTILE, HOSTILE)])];
    let mut draft = visit();
    draft.share.recipient = HOSTILE.to_owned();
    draft.picked = vec![Picked { record: record(HOSTILE, HOSTILE, HOSTILE, HOSTILE), group: HOSTILE.to_owned() }];
    let mut asked = asked();
    (asked.by, asked.purpose, asked.since) = (HOSTILE.to_owned(), HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
    let mut share = detail(ShareStatus::Live);
    share.known_passcode = Some(HOSTILE.to_owned());
    (share.line.recipient, share.purpose, share.asked_by) =
        (HOSTILE.to_owned(), HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
    share.superseded_by = Some(HOSTILE.to_owned());
    rsx! {
        What { preview: preview.clone(), draft: draft.clone() }
        ReviewView { draft: Draft { asked: Some(asked.clone()), ..draft }, preview, now: 0 }
        AskedView { asked, now: 0, answer: |()| (), refuse: |()| () }
        ShareView { share }
    }
}

fn collection(long_term: bool) -> Document {
    let bytes = include_bytes!("../../../crates/consent/tests/vectors/sealed-collection.json").to_vec();
    let opened = smart_health::Opened {
        label: None,
        flags: smart_health::Flags { long_term, ..Default::default() },
        exp: None,
        grant_hash: None,
        status: None,
        poll_after: None,
        files: vec![smart_health::OpenedFile {
            content_type: "application/fhir+json".to_owned(),
            bytes,
            ..Default::default()
        }],
    };
    Document::new(opened, Vec::new(), crate::platform::now()).unwrap()
}

#[test]
fn the_viewer_says_what_is_asked_of_the_reader_and_that_a_live_link_can_change() {
    let html = render_as(Face::Viewer, "viewer-live", || {
        let document = std::rc::Rc::new(collection(true));
        let verification = summary::Checked(document.verification.clone());
        rsx! { summary::SummaryView { document: summary::Shared(document), verification, checking: false, who: "Dr Example", again: |()| () } }
    });
    for words in [
        "This follows the patient’s records and can change",
        "Last updated ",
        "id=\"look-again\"",
        "What the patient asks of you",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let fixed = render_as(Face::Viewer, "viewer-collection", || {
        let document = std::rc::Rc::new(collection(false));
        let verification = summary::Checked(document.verification.clone());
        rsx! { summary::SummaryView { document: summary::Shared(document), verification, checking: false, who: "Dr Example" } }
    });
    assert!(!fixed.contains("id=\"look-again\""));
}
