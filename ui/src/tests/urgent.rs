//! What must not be missed: what went wrong, the lock that is near, what is under way.

use super::*;
use crate::app::me::BackUpButton;
use crate::app::session::Session;
use crate::app::urgent::{Failed, Urgent};

fn failure(code: FailureCode) -> Failure {
    Failure { code, message: "The wallet's own sentence.".to_owned() }
}

#[test]
fn what_went_wrong_is_told_until_it_is_closed() {
    let html = render("urgent-failed", || {
        let session = use_context_provider(Session::new);
        use_hook(|| {
            session.fail(&failure(FailureCode::Other));
            session.fail_as(t!("share-not-stopped"), &failure(FailureCode::RelayAway));
        });
        rsx! { Urgent {} }
    });
    assert!(html.contains("role=\"alert\"") && html.contains("The share is not stopped. Try again."), "{html}");
    assert!(html.contains("Nothing was lost") && html.contains("id=\"close-failed\""), "{html}");
    assert!(!html.contains("The wallet's own sentence."), "the newest counts: {html}");
    let tried = render("urgent-tried", || {
        let session = use_context_provider(Session::new);
        use_hook(|| {
            session.fail(&failure(FailureCode::Other));
            session.trying();
        });
        rsx! { Urgent {} }
    });
    assert!(!tried.contains("role=\"alert\"") && tried.contains("aria-live=\"assertive\""), "{tried}");
}

#[test]
fn the_lock_is_told_of_before_it_falls_and_can_be_put_off() {
    let html = render("urgent-locks-soon", || {
        let mut session = use_context_provider(Session::new);
        use_hook(|| session.locks_soon.set(true));
        rsx! { Urgent {} }
    });
    assert!(html.contains("Your booklet locks in 30 seconds.") && html.contains("id=\"stay-open\""), "{html}");
    let locked = render("urgent-locked", || {
        let mut session = use_context_provider(Session::new);
        use_hook(|| {
            session.locks_soon.set(true);
            session.failed.set(Some(Failed { title: "No".to_owned(), text: "No".to_owned(), damaged: false }));
            session.locked();
        });
        rsx! { Urgent {} }
    });
    assert!(!locked.contains("notice"), "{locked}");
}

#[test]
fn what_takes_its_time_says_that_it_is_under_way() {
    fn page(busy: bool) -> Element {
        let mut session = use_context_provider(Session::new);
        use_hook(|| {
            session.backing_up.set(busy);
            session.sending.set(busy);
        });
        rsx! { BackUpButton {} HomeView { home: home() } }
    }
    let busy = render("busy", || page(true));
    for words in ["Making the backup…", "Trying…", "aria-disabled=\"true\""] {
        assert!(busy.contains(words), "{words}: {busy}");
    }
    let idle = render("not-busy", || page(false));
    assert!(idle.contains("Make a backup") && idle.contains("Try now") && !idle.contains("aria-disabled"), "{idle}");
}

#[test]
fn whoever_is_not_named_is_led_to_where_a_name_is_added() {
    let html = render("failure-nobody-named", || {
        rsx! { FailureView { failure: failure(FailureCode::NobodyNamed), again: |()| () } }
    });
    assert!(html.contains("Your booklet does not say whose it is.") && html.contains("Add my name"), "{html}");
    assert!(
        html.contains("href=\"#/me/settings\"") && !html.contains("Try again"),
        "trying again helps nobody: {html}"
    );
}
