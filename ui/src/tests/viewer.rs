//! What the clinician's page asks for, what it shows first, and what of it comes out of a printer.

use super::*;
use crate::viewer::asking::{NoLink, Passcode, Who};
use serde_json::{Value, json};
use std::rc::Rc;

fn held(resources: &[Value]) -> Document {
    let entries = resources.iter().enumerate();
    let entries: Vec<Value> =
        entries.map(|(at, resource)| json!({"fullUrl": format!("urn:uuid:{at}"), "resource": resource})).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    document(smart_health::Flags::default(), &bundle)
}

#[component]
fn Opened(document: summary::Shared) -> Element {
    rsx! { summary::SummaryView { document, verification: summary::Checked(None), checking: false, who: "Dr Example" } }
}

fn condition(name: &str, status: &str) -> Value {
    json!({"resourceType": "Condition", "code": {"text": name}, "clinicalStatus": {"coding": [{"code": status}]}})
}

fn allergy(name: &str, criticality: &str) -> Value {
    json!({"resourceType": "AllergyIntolerance", "code": {"text": name}, "criticality": criticality})
}

#[test]
fn a_printout_names_what_is_folded_and_so_not_on_it() {
    let html = render_as(Face::Viewer, "viewer-print", || {
        let dose = json!({"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Tetanus"}});
        let value = json!({"resourceType": "Observation", "status": "final", "code": {"text": "Potassium"},
            "category": [{"coding": [{"code": "laboratory"}]}], "valueQuantity": {"value": 5.4, "unit": "mmol/L"}});
        let document = held(&[allergy("Peanut", "high"), dose.clone(), dose, value, condition("Measles", "resolved")]);
        rsx! { Opened { document: summary::Shared(Rc::new(document)) } }
    });
    let words = "Not printed because folded: Past problems (1), Vaccinations (2), Test results (1)";
    assert!(html.contains(words) && html.contains("print-only strong"), "{html}");
    assert!(html.find("id=\"banner\"") < html.find(words) && html.find(words) < html.find("id=\"seal\""));
    assert!(html.contains("Print all") && html.contains("Print only what is unfolded"));

    let whole = render_as(Face::Viewer, "viewer-print-whole", || {
        rsx! { Opened { document: summary::Shared(Rc::new(held(&[allergy("Peanut", "high")]))) } }
    });
    assert!(
        !whole.contains("Not printed") && !whole.contains("Print all") && whole.contains("id=\"print\""),
        "{whole}"
    );
}

#[test]
fn an_allergy_that_can_threaten_life_says_so_in_its_line() {
    let html = render_as(Face::Viewer, "viewer-danger", || {
        let document = held(&[allergy("Peanut", "high"), allergy("Pollen", "low")]);
        rsx! { Opened { document: summary::Shared(Rc::new(document)) } }
    });
    assert_eq!(html.matches("High danger").count(), 1);
    let (peanut, said, pollen) = (html.find("Peanut"), html.find("High danger"), html.find("Pollen"));
    assert!(peanut < said && said < pollen, "it stands in the line of the one that it is about");
}

#[test]
fn problems_of_today_are_open_and_past_ones_folded_with_their_count() {
    let html = render_as(Face::Viewer, "viewer-problems", || {
        let over = json!({"resourceType": "Condition", "code": {"text": "Broken arm"}, "abatementDateTime": "1999"});
        let document = held(&[condition("Measles", "resolved"), condition("Hypertension", "active"), over]);
        rsx! { Opened { document: summary::Shared(Rc::new(document)) } }
    });
    assert!(
        html.contains("Hypertension") && html.contains("id=\"group-past-problem\"") && html.contains("Past problems")
    );
    assert!(!html.contains("Measles") && !html.contains("Broken arm"), "folded until touched: {html}");

    let past = render_as(Face::Viewer, "viewer-problems-past", || {
        rsx! { Opened { document: summary::Shared(Rc::new(held(&[condition("Measles", "resolved")]))) } }
    });
    assert!(past.contains("Only past problems"), "what is folded is not said to be missing: {past}");
}

#[test]
fn the_page_that_opens_takes_the_focus_and_is_named_after_the_patient() {
    let html = render_as(Face::Viewer, "viewer-focus", || {
        let patient = json!({"resourceType": "Patient", "name": [{"text": "Amina Okafor"}]});
        rsx! { Opened { document: summary::Shared(Rc::new(held(&[patient]))) } }
    });
    assert!(html.contains("id=\"page\" tabindex=\"-1\" aria-labelledby=\"patient\""), "{html}");
    assert!(html.contains("id=\"patient\""));
}

#[test]
fn nobody_has_a_name_before_they_give_one() {
    let html = render_as(Face::Viewer, "viewer-who", || {
        let who = use_signal(String::new);
        rsx! { Who { who, go_on: |()| () } }
    });
    for words in ["Your name and place of work", "The patient sees it.", "value=\"\""] {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn no_keyboard_changes_a_passcode_or_a_link() {
    let passcode = render_as(Face::Viewer, "viewer-passcode", || {
        rsx! { Passcode { remaining: Some(2), rejected: true, go_on: |_| () } }
    });
    let link = render_as(Face::Viewer, "viewer-no-link", || rsx! { NoLink { take: |_| () } });
    for html in [&passcode, &link] {
        for attribute in ["autocapitalize=\"off\"", "autocorrect=\"off\"", "spellcheck=\"false\""] {
            assert!(html.contains(attribute), "{attribute}: {html}");
        }
    }
    assert!(passcode.contains("2 tries are left"));
    let name = render_as(Face::Viewer, "viewer-who", || {
        let who = use_signal(String::new);
        rsx! { Who { who, go_on: |()| () } }
    });
    assert!(!name.contains("autocapitalize"), "a name begins with a capital");
}

#[test]
fn a_busy_server_is_asked_again_in_so_many_seconds() {
    let html = render_as(Face::Viewer, "trouble-busy", || {
        rsx! { TroubleView { trouble: Trouble::Link(smart_health::Error::Busy { seconds: 1 }), again: |()| () } }
    });
    assert!(html.contains("Try again in 1 second."), "{html}");
}
