//! The ways back in: the recovery words, a backup, and another passphrase.

use super::*;
use crate::app::damaged::SetAside;
use crate::app::passphrase::PassphrasePage;
use crate::app::recover::{Faults, Recover, Way};
use crate::app::session::Session;
use crate::app::urgent::Urgent;
use crate::app::{settings::SettingsPage, start::Start, unlock::Ask};

#[test]
fn whoever_has_the_words_or_a_backup_is_shown_the_way() {
    let locked = render("unlock", || rsx! { main { class: "cover", Ask { forgot: |()| (), restore: |()| () } } });
    assert!(locked.contains("id=\"forgot\"") && locked.contains("I forgot my passphrase"), "{locked}");
    let first = render("start", || rsx! { Start {} });
    assert!(first.contains("id=\"start-backup\"") && first.contains("I have a backup"), "{first}");
    let settings = render("settings-passphrase", || rsx! { SettingsPage {} });
    assert!(settings.contains("href=\"#/me/passphrase\"") && settings.contains("Change my passphrase"), "{settings}");
}

#[test]
fn the_words_are_counted_and_no_keyboard_meddles_with_them() {
    let html = render("recover", || {
        let words = "1. abandon 2. ability\n3. able".to_owned();
        rsx! { main { class: "cover", Recover { way: Way::Vault, back: |()| (), words } } }
    });
    assert!(html.contains("3 of 24 words"), "{html}");
    let field = html.split("<textarea").nth(1).unwrap().split('>').next().unwrap();
    for off in ["autocapitalize=\"none\"", "autocorrect=\"off\"", "spellcheck=", "autocomplete=\"off\"", "dir=\"ltr\""]
    {
        assert!(field.contains(off), "{off} in {field}");
    }
    assert!(field.contains("aria-describedby=\"words-count words-hint\""), "{field}");
    for words in ["New passphrase", "The same passphrase again", "Open my records", "Back"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("field-error") && !html.contains("Choose the file"), "{html}");
}

#[test]
fn what_is_wrong_with_the_words_is_tied_to_their_field() {
    let html = render("recover-wrong", || {
        let faults = Faults { words: "Word 2 is not one.".to_owned(), ..Faults::default() };
        rsx! { main { class: "cover", Recover { way: Way::Vault, back: |()| (), words: "abandon abandom", faults } } }
    });
    assert!(html.contains("aria-describedby=\"words-count words-hint words-error\""), "{html}");
    assert!(html.contains("id=\"words-error\"") && html.contains("Word 2 is not one."), "{html}");
}

#[test]
fn a_backup_is_chosen_before_it_is_restored() {
    let fresh = render("restore", || rsx! { main { class: "cover", Recover { way: Way::Backup, back: |()| () } } });
    for words in ["Bring your records back", "Choose the file", "0 of 24 words", "New passphrase"] {
        assert!(fresh.contains(words), "{words}");
    }
    let wrong = render("restore-wrong", || {
        let faults = Faults { backup: "This file is not a backup.".to_owned(), ..Faults::default() };
        rsx! { main { class: "cover", Recover { way: Way::Backup, back: |()| (), picked: Some(HOSTILE.to_owned()), faults } } }
    });
    assert!(wrong.contains("Choose another file") && wrong.contains("Chosen: "), "{wrong}");
    assert!(wrong.contains("aria-describedby=\"backup-hint backup-name backup-error\""), "{wrong}");
    assert!(wrong.contains("aria-labelledby=\"backup-label backup\""), "{wrong}");
    assert!(!wrong.contains("<img") && !wrong.contains("<script"), "{wrong}");
}

#[test]
fn the_passphrase_is_changed_with_the_present_one() {
    let fresh = render("passphrase", || rsx! { PassphrasePage {} });
    for words in ["The passphrase you have now", "New passphrase", "Not typed yet", "Change it"] {
        assert!(fresh.contains(words), "{words}");
    }
    assert!(!fresh.contains("field-error"), "{fresh}");
    let wrong = render("passphrase-wrong", || rsx! { PassphrasePage { refused: FailureCode::WrongPassphrase } });
    assert!(
        wrong.contains("aria-describedby=\"present-error\"") && wrong.contains("This is not the passphrase"),
        "{wrong}"
    );
    let done = render("passphrase-done", || rsx! { PassphrasePage { done: true } });
    assert!(done.contains("role=\"status\"") && done.contains("Your passphrase is changed"), "{done}");
    assert!(!done.contains("<form"), "{done}");
}

#[test]
fn a_history_that_was_changed_is_told_with_what_to_do() {
    let html = render("home-journal", || {
        let mut home = home();
        home.attention = vec![Attention::Journal { fault: HOSTILE.to_owned() }];
        rsx! { HomeView { home } }
    });
    assert!(html.contains("The history of your booklet was changed") && html.contains("Keep your older backups"));
    assert!(!html.contains("onerror"), "the wallet's own sentence is for whoever helps: {html}");
}

#[test]
fn a_damaged_booklet_is_told_with_what_is_safe_and_the_ways_on() {
    let html = render("unlock-damaged", || {
        rsx! { main { class: "cover", Ask { damaged: true, forgot: |()| (), restore: |()| () } } }
    });
    for words in [
        "Your booklet is damaged",
        "Nothing of it was deleted, and nothing will be.",
        "id=\"damaged-words\"",
        "id=\"restore-over\"",
        "Bring my records back",
        "role=\"alert\"",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // Whoever knows better can still try the passphrase.
    assert!(html.contains("id=\"passphrase\"") && html.contains("id=\"unlock\""), "{html}");
    let sound = render("unlock-sound", || rsx! { main { class: "cover", Ask { forgot: |()| (), restore: |()| () } } });
    assert!(!sound.contains("damaged"), "{sound}");
}

#[test]
fn before_a_backup_takes_its_place_it_says_that_the_damaged_booklet_stays() {
    let html = render("restore-over", || rsx! { main { class: "cover", Recover { way: Way::Over, back: |()| () } } });
    for words in ["The damaged booklet is not deleted", "Choose the file", "0 of 24 words", "New passphrase"] {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn afterwards_it_says_where_the_damaged_booklet_is() {
    let html = render_turned("restore-set-aside", || {
        let folder = "/home/ada/carnet/vault-damaged-2026-05-03".to_owned();
        rsx! { main { class: "cover", SetAside { folder, on: |()| () } } }
    });
    assert!(html.contains("Your records are back") && html.contains("The damaged booklet was not deleted"), "{html}");
    let aside = html.split("id=\"aside\"").nth(1).unwrap().split("</pre>").next().unwrap();
    assert!(aside.contains("dir=\"ltr\"") && aside.contains("vault-damaged-2026-05-03"), "{aside}");
}

#[test]
fn damage_that_is_met_in_an_open_booklet_leads_to_the_page_that_helps() {
    fn page(state: VaultState, code: FailureCode) -> Element {
        let mut session = use_context_provider(Session::new);
        let failure = Failure { code, message: "Not this.".to_owned() };
        use_hook(|| {
            session.vault.set(Some(state));
            session.fail(&failure);
        });
        rsx! { Urgent {} FailureView { failure: failure.clone() } }
    }
    let html = render("damaged-open", || page(VaultState::Open, FailureCode::Damaged));
    assert_eq!(html.matches("id=\"lock-damaged\"").count(), 2, "at the top and in its place: {html}");
    assert!(html.contains("Nothing of it was deleted.") && !html.contains("Not this."), "{html}");
    let other = render("damaged-not", || page(VaultState::Open, FailureCode::Busy));
    assert!(!other.contains("lock-damaged"), "{other}");
}
