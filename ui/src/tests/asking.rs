//! Asking somebody for their records in its states: the form, what is wrong with it, and the request.

use super::*;
use crate::app::me::MePage;
use crate::app::session::Session;
use crate::app::share::asking::{AskingForm, WrittenView};
use crate::app::share::who::Ways;

fn filled() -> RequestDraft {
    RequestDraft {
        categories: Some(vec!["allergy".to_owned(), "medicine".to_owned()]),
        since: Some("2020-05".to_owned()),
        max_openings: Some(5),
        obligations: vec![ShareObligation::DeleteAfterUse],
        live: true,
        ..RequestDraft::new("Ana Example")
    }
}

fn written() -> WrittenRequest {
    let draft = ShareDraft {
        choice: ShareChoice { categories: filled().categories, ..ShareChoice::default() },
        live: true,
        ..ShareDraft::new(SharePreset::Custom)
    };
    WrittenRequest {
        text: "carnet-request:0oRDoQEnoA".to_owned(),
        qr: vec![vec![true, false], vec![false, true]],
        asked: AskedShare {
            by: HOSTILE.to_owned(),
            signed: true,
            purpose: "FAMRQT".to_owned(),
            categories: filled().categories,
            since: Some("2020-05".to_owned()),
            until: None,
            seconds: 604_800,
            max_openings: Some(5),
            obligations: vec![ShareObligation::DeleteAfterUse],
            asked_at: crate::platform::now(),
            draft,
        },
    }
}

#[test]
fn whoever_wants_to_ask_is_led_there() {
    let me = render("me", || {
        use_context_provider(Session::new);
        rsx! { MePage {} }
    });
    let share = render("share-ways", || rsx! { Ways {} });
    for html in [me, share] {
        assert!(html.contains("href=\"#/share/ask\"") && html.contains("Ask somebody for their records"), "{html}");
    }
}

#[test]
fn the_form_asks_for_all_kinds_and_a_day_unless_told_otherwise() {
    let html = render("asking", || rsx! { AskingForm { draft: RequestDraft::new("Ana Example"), done: |_| () } });
    for words in [
        "Ana Example",
        "their treatment",
        "All kinds",
        "1 hour",
        "365 days",
        "You ask for nothing that people often keep to themselves.",
        "Make the request",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // What few people want is folded away, and the kinds are listed once some are wanted.
    assert!(!html.contains("id=\"ask-live\"") && !html.contains("id=\"kind-allergy\""), "{html}");
    assert!(!html.contains("field-error"), "{html}");
}

#[test]
fn what_was_chosen_is_in_sight_when_the_request_is_changed() {
    let html = render_turned("asking-filled", || rsx! { AskingForm { draft: filled(), done: |_| () } });
    for id in ["kind-allergy", "kind-insurance", "since", "until", "ask-live", "obligation-delete-after-use"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}: {html}");
    }
    assert!(!html.contains("id=\"kind-person\""), "{html}");
    let ticked = |id: &str| {
        let input = html.split("<input").find(|input| input.contains(&format!("id=\"{id}\""))).unwrap();
        input.split('>').next().unwrap().contains("checked")
    };
    assert!(ticked("kind-medicine") && !ticked("kind-visit") && ticked("obligation-delete-after-use"), "{html}");
}

#[test]
fn each_field_says_what_is_wrong_with_it() {
    let html = render("asking-wrong", || {
        let draft = RequestDraft {
            categories: Some(vec![]),
            since: Some("2020".to_owned()),
            until: Some("2019".to_owned()),
            ..RequestDraft::new("")
        };
        rsx! { AskingForm { draft, tried: true, done: |_| () } }
    });
    for words in [
        "Please look at 3 fields again.",
        "Say who asks.",
        "Choose at least one kind of record, or all kinds.",
        "This is before the first day.",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(html.contains("aria-describedby=\"ask-by-hint ask-by-error\""), "{html}");
    assert!(html.contains("aria-describedby=\"ask-kinds-error\""), "{html}");
    assert!(html.contains("aria-describedby=\"until-hint until-error\""), "{html}");
}

#[test]
fn a_request_is_shown_as_a_code_and_told_as_they_read_it() {
    let html = render("asking-written", || rsx! { WrittenView { request: written(), change: |()| () } });
    for words in [
        "Your request is ready",
        "It has not been sent.",
        "role=\"img\"",
        "Copy as text",
        "Save as a file",
        "Signed by your booklet",
        "What they read",
        "What for: your family asked for it",
        "Records from May 2020 on",
        "They want to open it 5 times.",
        "They also want to see what is added later.",
        "To delete it after use.",
        "Change the request",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // Dark on white with its quiet zone, in both themes.
    assert!(html.contains("viewBox=\"0 0 10 10\"") && html.contains("fill=\"#fff\""), "{html}");
    assert!(!html.contains("<img") && !html.contains("<script"), "{html}");
    assert!(!html.contains("carnet-request:"), "the text is folded away: {html}");
}
