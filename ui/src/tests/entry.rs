//! The forms of what is typed in.

use super::*;
use crate::app::entry::EntryForm;
use crate::app::entry::form::SuggestedView;

#[test]
fn each_kind_has_its_own_fields() {
    type Case = (&'static str, fn() -> Element, &'static [&'static str], &'static [&'static str]);
    let cases: [Case; 4] = [
        (
            "type-allergy",
            || rsx! { EntryForm { entry: OwnEntry { kind: EntryKind::Allergy, ..OwnEntry::default() } } },
            &["What happens?", "How bad is it?", "Could it threaten your life?", "It is over"],
            &["Lot number", "Until when?"],
        ),
        (
            "type-medicine",
            || rsx! { EntryForm { entry: OwnEntry { kind: EntryKind::Medicine, ..OwnEntry::default() } } },
            &["How do you take it?", "Until when?"],
            &["Lot number"],
        ),
        (
            "type-vaccination",
            || rsx! { EntryForm { entry: OwnEntry { kind: EntryKind::Vaccination, ..OwnEntry::default() } } },
            &["Lot number", "When was it given?"],
            &["Until when?"],
        ),
        (
            "type-note",
            || rsx! { EntryForm { entry: OwnEntry { kind: EntryKind::Note, ..OwnEntry::default() } } },
            &["Title", "Text"],
            &["combobox"],
        ),
    ];
    for (name, page, there, absent) in cases {
        let html = render(name, page);
        for words in there {
            assert!(html.contains(words), "{name}: {words}");
        }
        for words in absent {
            assert!(!html.contains(words), "{name}: {words}");
        }
    }
}

#[test]
fn what_is_wrong_stands_at_its_field_and_is_tied_to_it() {
    let html = render("type-measurement-wrong", || {
        let entry = OwnEntry {
            kind: EntryKind::Measurement,
            value: "about 5".to_owned(),
            date: "2999".to_owned(),
            ..OwnEntry::default()
        };
        rsx! { EntryForm { entry, tried: true } }
    });
    for words in
        ["Please look at 3 fields again.", "Say what it is.", "This is not a number.", "This date has not come yet."]
    {
        assert!(html.contains(words), "{words}");
    }
    assert!(html.contains("aria-describedby=\"value-hint value-error\"") && html.contains("id=\"value-error\""));
    let fresh = render(
        "type-measurement",
        || rsx! { EntryForm { entry: OwnEntry { kind: EntryKind::Measurement, ..OwnEntry::default() } } },
    );
    assert!(!fresh.contains("field-error"), "nobody is told off before the first try");
}

#[test]
fn correcting_starts_from_what_was_typed() {
    let html = render("type-edit", || {
        let entry = OwnEntry {
            corrects: Some("7".to_owned()),
            kind: EntryKind::Measurement,
            title: "Weight".to_owned(),
            value: "72.50".to_owned(),
            unit: "kg".to_owned(),
            date: "2026-05".to_owned(),
            ..OwnEntry::default()
        };
        rsx! { EntryForm { entry } }
    });
    assert!(html.contains("value=\"72.50\"") && html.contains("value=\"Weight\"") && html.contains("value=\"2026\""));
    assert!(
        html.contains("value=\"5\" selected")
            || html.contains("selected=true value=\"5\"")
            || html.contains("value=\"5\" selected=\"true\""),
        "{html}"
    );
}

#[test]
fn suggestions_are_a_list_that_a_screen_reader_can_follow() {
    let html = render("type-suggest", || {
        let suggestion =
            |title: &str, unit: &str| Suggestion { title: title.to_owned(), unit: unit.to_owned(), code: None };
        let offered = vec![suggestion("Weight", "kg"), suggestion("Weight at birth", "g"), suggestion(HOSTILE, "")];
        rsx! {
            div { class: "stack",
                SuggestedView { kind: EntryKind::Measurement, error: String::new(), value: "wei", offered, at: Some(1), ask: |_| (), keys: |_| (), take: |_| (), close: |()| () }
            }
        }
    });
    assert!(html.contains("aria-activedescendant=\"suggestion-1\"") && html.contains("aria-expanded=\"true\""));
    assert!(html.contains("3 suggestions") && !html.contains("<img"));
}
