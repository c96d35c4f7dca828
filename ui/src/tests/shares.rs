//! Shares that were made, in their states: the page of one, its receipt and its withdrawal card.

use super::*;
use crate::app::openings::OpeningsPage;
use crate::app::session::Session;
use crate::app::share::who::Ways;
use crate::app::shares::{
    SharesPage,
    card::{CardView, OnlyHere},
    detail::ShareView,
    evidence::ReceiptView,
};
use crate::kit::{Going, StopForm};

pub(super) fn detail(status: ShareStatus) -> ShareDetail {
    let rows = (0..41u32).map(|y| (0..41u32).map(|x| (x * 7 + y * 13 + x * y) % 3 == 0).collect()).collect();
    ShareDetail {
        line: share("a", "Dr Example", status, 872),
        link: "https://relay.example/view#shlink:/abc".to_owned(),
        shlink: "shlink:/abc".to_owned(),
        qr: rows,
        passcode: true,
        known_passcode: Some("471193".to_owned()),
        only_here: false,
        purpose: "TREAT".to_owned(),
        not_before: None,
        erase_by: Some(crate::platform::now() + 86_400 * 40),
        obligations: vec![ShareObligation::NoRedisclosure],
        max_openings: Some(5),
        format: ShareFormat::Ips,
        asked_by: None,
        superseded_by: None,
        categories: counts(&[("allergy", 3), ("problem", 12), ("medicine", 27)]),
        openings: vec![opening("Dr Example, Example Clinic", true), opening("", false)],
        ledger: Some(LedgerPlace { log: "relay.example/commitments".to_owned(), index: 4711, proven: true }),
    }
}

#[test]
fn only_a_share_that_can_open_shows_its_code() {
    type Case = (&'static str, fn() -> Element, &'static str, bool, bool);
    let cases: [Case; 8] = [
        ("share-live", || rsx! { ShareView { share: detail(ShareStatus::Live) } }, "id=\"countdown\"", true, true),
        (
            "share-not-yet",
            || {
                let share =
                    ShareDetail { not_before: Some(crate::platform::now() + 600), ..detail(ShareStatus::NotYet) };
                rsx! { ShareView { share } }
            },
            "Until then it does not open anything",
            true,
            true,
        ),
        ("share-paused", || rsx! { ShareView { share: detail(ShareStatus::Paused) } }, "Continue sharing", false, true),
        (
            "share-waiting",
            || rsx! { ShareView { share: detail(ShareStatus::Waiting) } },
            "Nobody can open it until",
            false,
            true,
        ),
        (
            "share-ended",
            || rsx! { ShareView { share: detail(ShareStatus::Expired) } },
            "This share is over",
            false,
            false,
        ),
        (
            "share-stopped",
            || rsx! { ShareView { share: detail(ShareStatus::Stopped) } },
            "You stopped this share",
            false,
            false,
        ),
        (
            "share-stopping",
            || rsx! { ShareView { share: detail(ShareStatus::Stopping) } },
            "could not be told yet",
            false,
            false,
        ),
        (
            "share-exhausted",
            || rsx! { ShareView { share: detail(ShareStatus::Exhausted) } },
            "whoever checks the copy then sees that you stopped it",
            false,
            true,
        ),
    ];
    for (name, page, words, code, stoppable) in cases {
        let html = render(name, page);
        assert!(html.contains(words), "{name}: {html}");
        assert_eq!(html.contains("class=\"qr\""), code, "{name}");
        assert_eq!(html.contains("id=\"stop-sharing\""), stoppable, "{name}");
        // Stopping one that is used up tells who kept a copy; there is nothing left to pause.
        let pausable = stoppable && !matches!(name, "share-waiting" | "share-exhausted");
        assert_eq!(html.contains("id=\"pause\""), pausable, "{name}");
        assert!(html.contains("id=\"receipt-pdf\"") && html.contains("id=\"receipt-json\""), "{name}");
        assert!(!html.contains("471193"), "{name}: the passcode is out of sight until it is wanted");
    }
}

#[test]
fn what_the_person_did_not_do_is_not_said_to_be_theirs() {
    fn said() -> ShareWhy {
        ShareWhy::Refused(HOSTILE.to_owned())
    }
    fn with(status: ShareStatus, why: ShareWhy, waiting: bool) -> ShareDetail {
        let mut share = detail(status);
        (share.line.why, share.line.waiting) = (Some(why), waiting);
        share
    }
    let emptied = render("share-emptied", || {
        rsx! { ShareView { share: with(ShareStatus::Paused, ShareWhy::Emptied, false) } }
    });
    assert!(emptied.contains("Carnet paused this share") && emptied.contains("goes on by itself"), "{emptied}");
    assert!(emptied.contains("Nobody can open it now.") && !emptied.contains("You paused"));
    let unheard = render("share-emptied-unheard", || {
        rsx! { ShareView { share: with(ShareStatus::Paused, ShareWhy::Emptied, true) } }
    });
    assert!(unheard.contains("may still serve it") && !unheard.contains("Nobody can open it now."), "{unheard}");
    let never = render("share-never-sent", || {
        rsx! { ShareView { share: with(ShareStatus::Expired, ShareWhy::NeverSent, false) } }
    });
    assert!(never.contains("Nobody could ever open it.") && never.contains("id=\"forget-share\""), "{never}");
    assert!(!never.contains("This share is over") && !never.contains("id=\"stop-sharing\""));
    let refused = [
        render("share-refused-paused", || rsx! { ShareView { share: with(ShareStatus::Paused, said(), false) } }),
        render("share-refused", || rsx! { ShareView { share: with(ShareStatus::Stopped, said(), false) } }),
    ];
    for (html, words) in refused.iter().zip(["Paused, because the server refused", "Nobody could ever open it."]) {
        assert!(html.contains(words) && html.contains("The reason:"), "{html}");
        assert!(!html.contains("You paused") && !html.contains("You stopped") && !html.contains("<script"), "{html}");
    }
}

#[test]
fn a_passcode_that_the_vault_does_not_know_is_not_offered() {
    let known = render("share-passcode", || rsx! { ShareView { share: detail(ShareStatus::Live) } });
    assert!(known.contains("id=\"show-passcode\"") && !known.contains("id=\"passcode-unknown\""));
    let unknown = render("share-passcode-unknown", || {
        rsx! { ShareView { share: ShareDetail { known_passcode: None, ..detail(ShareStatus::Live) } } }
    });
    assert!(unknown.contains("Carnet does not know it any more. If you lost it, stop this share"), "{unknown}");
    assert!(!unknown.contains("id=\"show-passcode\""));
}

#[test]
fn a_share_that_cannot_last_longer_says_so_and_offers_nothing() {
    let longest = *SharePreset::Visit.spans().last().unwrap();
    assert_eq!(longest, 604_800);
    let html = render("share-longest", || {
        let mut share = detail(ShareStatus::Live);
        share.line.expires = crate::platform::now() + 604_800 - 60;
        rsx! { ShareView { share } }
    });
    assert!(html.contains("It lasts as long as it can for now.") && !html.contains("id=\"longer\""), "{html}");
    let html = render("share-longer", || rsx! { ShareView { share: detail(ShareStatus::Live) } });
    assert!(html.contains("id=\"longer\"") && !html.contains("as long as it can"));
}

#[test]
fn a_code_that_works_on_this_device_only_says_so_before_it_is_handed_over() {
    let here = render("share-only-here", || {
        rsx! { ShareView { share: ShareDetail { only_here: true, ..detail(ShareStatus::Live) } } }
    });
    let notice = here.find("This code works on this device only").expect("it is said");
    assert!(notice < here.find("class=\"qr\"").unwrap(), "above the code");
    assert!(here.contains("href=\"#/me/settings\"") && here.contains("href=\"#/export\""), "{here}");
    for page in [
        (|| rsx! { ShareView { share: ShareDetail { only_here: true, ..detail(ShareStatus::Stopped) } } })
            as fn() -> Element,
        || rsx! { ShareView { share: detail(ShareStatus::Live) } },
    ] {
        assert!(!render("share-elsewhere-too", page).contains("on this device only"));
    }
}

#[test]
fn what_the_relay_has_not_heard_yet_is_not_said_to_be_so() {
    fn unheard(status: ShareStatus) -> ShareDetail {
        let mut share = detail(status);
        share.line.waiting = true;
        share
    }
    let html = render("share-pausing", || rsx! { ShareView { share: unheard(ShareStatus::Paused) } });
    assert!(html.contains("Paused here. The server is away and may still serve it"), "{html}");
    assert!(!html.contains("Nobody can open it now") && html.contains("Continue sharing"));
    let html = render("share-unheard", || rsx! { ShareView { share: unheard(ShareStatus::Live) } });
    assert!(html.contains("The server does not know your last change yet") && html.contains("class=\"qr\""));
    let html = render("shares-unheard", || {
        let shares = [ShareStatus::Paused, ShareStatus::Live].map(|status| unheard(status).line).to_vec();
        rsx! { SharesView { shares, now: crate::platform::now() } }
    });
    assert!(html.contains(">Pausing<") && !html.contains(">Paused<"), "{html}");
    assert_eq!(html.matches("The server does not know yet").count(), 2);
}

#[test]
fn a_receipt_is_shown_in_the_language_it_is_written_in() {
    let html = render("receipt", || {
        let line = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        let lines = vec![line("Geteilt mit", "Dr <b>Example</b>"), line("Zweck", "Behandlung (TREAT)")];
        let parts = vec![ReceiptPart { title: "Einwilligung".to_owned(), lines }];
        let (language, title) = ("de".to_owned(), "Einwilligungsbeleg".to_owned());
        rsx! { ReceiptView { words: ReceiptWords { language, title, parts } } }
    });
    assert!(html.contains("lang=\"de\"") && html.contains("<dt>Geteilt mit</dt>"), "{html}");
    assert!(!html.contains("<b>"), "a name is text: {html}");
}

#[test]
fn a_share_says_what_was_agreed_and_what_took_its_place() {
    let html = render("share-superseded", || {
        let share = ShareDetail {
            superseded_by: Some("b".to_owned()),
            asked_by: Some("Dr Example".to_owned()),
            ..detail(ShareStatus::Stopped)
        };
        rsx! { ShareView { share } }
    });
    for words in [
        "What was agreed",
        "Dr Example asked for it",
        "your treatment",
        "They are asked not to pass it on.",
        "erase it by",
        "#/shares/b",
        "The passcode was wrong.",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn a_card_that_would_lead_nobody_anywhere_is_not_shown_but_what_helps_is() {
    let none = render("card-only-here", || rsx! { OnlyHere { id: "s1", relay: None } });
    for words in ["would help nobody", "href=\"#/me/settings\"", "href=\"#/shares/s1\"", "at any time"] {
        assert!(none.contains(words), "{words}: {none}");
    }
    assert!(!none.contains("id=\"move-share\"") && !none.contains("carnet-stop"));
    let moves =
        render("card-only-here-move", || rsx! { OnlyHere { id: "s1", relay: "https://relay.example".to_owned() } });
    assert!(moves.contains("id=\"move-share\"") && moves.contains("https://relay.example"));
    assert!(!moves.contains("id=\"choose-relay\""));
}

#[test]
fn a_card_says_what_it_does_and_can_be_read_and_typed() {
    let html = render("card", || {
        let code = "0W3G-E1R7-".repeat(6) + "0W3H-E5Z5";
        let link = format!("https://relay.example/view#carnet-stop:{code}");
        let qr = smart_health::QrCode::encode(&link).unwrap();
        let side = qr.size();
        let qr = (0..side).map(|y| (0..side).map(|x| qr.is_dark(x, y)).collect()).collect();
        let (recipient, expires) = ("Dr Example".to_owned(), 1_777_820_000);
        rsx! { CardView { card: WithdrawalCard { link, code, qr, recipient, expires, only_here: false, relay: None } } }
    });
    for words in ["Withdrawal card", "Dr Example", "https://relay.example/view<", "0W3G-E1R7", "It opens no records"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn what_a_card_came_to_is_told_and_it_can_be_tried_again_only_where_that_helps() {
    type Form = fn() -> Element;
    let cases: [(Form, &str, bool); 6] = [
        (|| rsx! { StopForm { going: Going::Asking, onstop: |()| () } }, "Stop this share", true),
        (|| rsx! { StopForm { going: Going::Sending, onstop: |()| () } }, "Stopping…", true),
        (|| rsx! { StopForm { going: Going::Stopped, onstop: |()| () } }, "The share is stopped", false),
        (|| rsx! { StopForm { going: Going::Stopping, onstop: |()| () } }, "as soon as there is a network", false),
        (|| rsx! { StopForm { going: Going::Unknown, onstop: |()| () } }, "Nothing was stopped", false),
        (|| rsx! { StopForm { going: Going::Failed, onstop: |()| () } }, "could not be reached", true),
    ];
    for face in [Face::App, Face::Viewer] {
        for (form, words, again) in cases {
            let html = render_as(face, "stop-form", form);
            assert!(html.contains(words), "{words}: {html}");
            assert_eq!(html.contains("id=\"stop\""), again, "{words}");
        }
    }
}

#[test]
fn every_page_about_shares_leads_back_and_sharing_leads_to_them() {
    let shares = render("shares-page", || {
        use_context_provider(Session::new);
        rsx! { SharesPage {} }
    });
    assert!(shares.contains("class=\"back\" href=\"#/share\""), "{shares}");
    let looked = render("openings-page", || {
        use_context_provider(Session::new);
        rsx! { OpeningsPage {} }
    });
    assert!(looked.contains("class=\"back\" href=\"#/\""), "{looked}");
    let ways = render("share-ways", || rsx! { Ways {} });
    assert!(ways.contains("My shares") && ways.contains("href=\"#/shares\""), "{ways}");
}
