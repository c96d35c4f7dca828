//! Holding a file against the rules of its format, in its states.

use super::*;
use crate::app::check::{CheckFailed, CheckPage, CheckView};

fn check(broken: Vec<RuleBroken>) -> FileCheck {
    let count = |level| broken.iter().filter(|rule| rule.level == level).count() as u64;
    FileCheck {
        name: "summary.json".to_owned(),
        format: ShareFormat::Ips,
        errors: count(RuleLevel::Error),
        warnings: count(RuleLevel::Warning),
        broken,
    }
}

fn broken(level: RuleLevel, path: &str) -> RuleBroken {
    RuleBroken {
        rule: "ips-comp-1".to_owned(),
        level,
        says: "A section has entries or says why it has none.".to_owned(),
        path: path.to_owned(),
        spec: "https://hl7.org/fhir/uv/ips/".to_owned(),
    }
}

#[test]
fn the_rules_are_those_of_the_file_unless_others_are_chosen() {
    let html = render("check", || rsx! { CheckPage {} });
    for words in ["Check a summary", "Those of the file itself", "International Patient Summary", "Choose a file"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let ticked = html.split("<input").find(|input| input.contains("id=\"rules-found\"")).unwrap();
    assert!(ticked.split('>').next().unwrap().contains("checked"), "{html}");
    assert!(!html.contains("id=\"checked\""), "{html}");
}

#[test]
fn what_keeps_every_rule_is_said_to() {
    let html = render("check-keeps", || rsx! { CheckView { check: check(vec![]) } });
    assert!(html.contains("It keeps every rule") && html.contains("summary.json, checked as: A medical summary"));
    assert!(!html.contains("<li") && !html.contains("more that"), "{html}");
    let warned = render_turned("check-warned", || {
        rsx! { CheckView { check: check(vec![broken(RuleLevel::Warning, "Bundle.entry[0]")]) } }
    });
    assert!(warned.contains("It keeps the rules, with something to look at"), "{warned}");
    assert!(warned.contains("In 1 place it could be better.") && warned.contains("Could be better: "), "{warned}");
}

#[test]
fn broken_rules_are_listed_with_place_and_address_and_the_rest_is_counted() {
    let html = render("check-broken", || {
        let both = vec![broken(RuleLevel::Error, HOSTILE), broken(RuleLevel::Warning, "Bundle.entry[7].resource")];
        let check = FileCheck { name: HOSTILE.to_owned(), errors: 41, ..check(both) };
        rsx! { CheckView { check } }
    });
    for words in [
        "It does not keep the rules",
        "It breaks rules in 41 places.",
        "Broken rule: ",
        "ips-comp-1",
        "A section has entries or says why it has none.",
        "Bundle.entry[7].resource",
        "https://hl7.org/fhir/uv/ips/",
        "And 40 more that are not in this list.",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // The address is text and leads nowhere, and the file's own words are text as well.
    assert!(!html.contains("href=\"https") && !html.contains("<img") && !html.contains("<script"), "{html}");
}

#[test]
fn a_file_that_does_not_say_what_it_is_can_be_told() {
    let html = render("check-which", || {
        rsx! { CheckFailed { failure: Failure { code: FailureCode::Invalid, message: String::new() } } }
    });
    assert!(html.contains("Choose above which rules it is to keep"), "{html}");
    let other = render("check-no-document", || {
        let message = "This file cannot be checked: it is not JSON.".to_owned();
        rsx! { CheckFailed { failure: Failure { code: FailureCode::File, message } } }
    });
    assert!(other.contains("it is not JSON"), "{other}");
}
