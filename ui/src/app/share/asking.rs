//! Asking somebody for their records: what is asked, in a form; then the request as a code, as text and as a file.

use super::asked::Wish;
use super::{Obligations, wanted_key};
use crate::app::route::{Route, Step};
use crate::app::session::{FailureView, KeepsOpen, Session, loaded};
use crate::app::wallet;
use crate::format;
use crate::kit::{
    DateField, FieldError, Fold, Icon, IconView, Notice, QrView, Select, Switch, TextField, Tone, category_icon,
    category_key,
};
use crate::platform;
use carnet_bridge::{Failure, FailureCode, NAME_MOST, RequestDraft, RequestField, RequestProblem, WrittenRequest};
use carnet_records::index::Category;
use dioxus::prelude::*;

/// What records can be asked for, the commonest first (HL7 v3 ActReason).
const PURPOSES: [&str; 9] = ["TREAT", "COC", "FAMRQT", "PATRQT", "ETREAT", "HRESCH", "HPAYMT", "HOPERAT", "PUBHLTH"];
/// For how long: an hour, a day, a week, a month, a year.
const SPANS: [i64; 5] = [3_600, 86_400, 604_800, 2_592_000, 31_536_000];
/// How often.
const OPENINGS: [Option<u32>; 4] = [None, Some(1), Some(5), Some(20)];
/// What the file of a request is called where the system asks for a place.
const FILE: &str = "carnet-request.txt";

/// Asks the wallet who asks, and shows the form; and then the request.
#[component]
pub fn AskingPage() -> Element {
    let home = use_resource(wallet::home);
    rsx! {
        a { class: "back on-screen", href: Route::Share(Step::Who).fragment(), IconView { icon: Icon::Back } {t!("share-start")} }
        header { class: "page-head",
            h1 { {t!("asking-title")} }
        }
        {loaded(home, |home| rsx! { Asking { by: home.name.clone() } })}
    }
}

/// The form, or what came of it.
#[component]
fn Asking(by: String) -> Element {
    let mut draft = use_signal(|| RequestDraft::new(by));
    let mut written = use_signal(|| None::<WrittenRequest>);
    rsx! {
        if let Some(request) = written() {
            WrittenView { request, change: move |()| written.set(None) }
        } else {
            AskingForm { draft: draft(), done: move |(given, request): (RequestDraft, WrittenRequest)| { draft.set(given); written.set(Some(request)); } }
        }
    }
}

/// The form. What keeps the request from being written is said only after the first try, and goes as it is mended.
#[component]
pub fn AskingForm(
    draft: RequestDraft,
    #[props(default)] tried: bool,
    done: EventHandler<(RequestDraft, WrittenRequest)>,
) -> Element {
    let by = use_signal(|| draft.by.clone());
    let since = use_signal(|| draft.since.clone().unwrap_or_default());
    let until = use_signal(|| draft.until.clone().unwrap_or_default());
    let mut rest = use_signal(|| draft.clone());
    let mut tried = use_signal(|| tried);
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    // A field that is wrong may be folded away: the page unfolds first, and then goes there.
    let mut unfold = use_signal(|| folds_open(&draft));
    let mut go_to = use_signal(|| None::<&'static str>);
    use_effect(move || {
        if let Some(field) = go_to() {
            platform::focus(field);
        }
    });
    let given = move || {
        let date = |typed: String| Some(typed).filter(|typed| !typed.is_empty());
        RequestDraft { by: by().trim().to_owned(), since: date(since()), until: date(until()), ..rest() }
    };
    let problems = if tried() { given().problems() } else { Vec::new() };
    let error = |field: RequestField| {
        let found = problems.iter().find(|(of, _)| *of == field);
        found.map(|(field, problem)| problem_text(*field, *problem)).unwrap_or_default()
    };
    let submit = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        let wanted = given();
        tried.set(true);
        if let Some((field, _)) = wanted.problems().first() {
            if is_folded(*field) {
                unfold.set(true);
            }
            go_to.set(Some(field_id(*field)));
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let answer = wallet::write_request(wanted.clone()).await;
            busy.set(false);
            match answer {
                Ok(request) => done.call((wanted, *request)),
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    let now = rest.read().clone();
    rsx! {
        form { class: "stack", onsubmit: submit, novalidate: true, autocomplete: "off",
            p { class: "soft", {t!("asking-lead")} }
            if !problems.is_empty() {
                p { class: "field-error", role: "alert", IconView { icon: Icon::Warn } span { {t!("type-problems", count = problems.len())} } }
            }
            TextField { id: "ask-by", label: t!("asking-by"), hint: t!("asking-by-hint"), error: error(RequestField::By), autocomplete: "name", maximum: NAME_MOST, value: by }
            Switch { id: "ask-organization", label: t!("asking-organization"), on: now.organization, onchange: move |on| rest.write().organization = on }
            Select { id: "ask-purpose", label: t!("asking-purpose"),
                options: PURPOSES.map(|code| (code.to_owned(), t!(wanted_key(code)))).to_vec(),
                value: now.purpose.clone(),
                onchange: move |code| rest.write().purpose = code }
            Kinds { draft: rest, error: error(RequestField::Categories) }
            fieldset { id: "ask-span", tabindex: "-1",
                legend { class: "field-legend", {t!("asking-long")} }
                div { class: "choices pair",
                    for seconds in SPANS {
                        label { key: "{seconds}", class: "choice choice-line",
                            input { r#type: "radio", name: "span", checked: now.seconds == seconds, onchange: move |_| rest.write().seconds = seconds }
                            span { {format::span(seconds)} }
                        }
                    }
                }
                FieldError { id: "ask-span", error: error(RequestField::Seconds) }
            }
            for open in [unfold()] {
                Fold { key: "{open}", id: "ask-more", icon: Icon::Adjust, title: t!("share-more"), detail: t!("asking-more-text"), open: open,
                    div { class: "stack more",
                        DateField { id: "since", legend: t!("asking-since"), hint: t!("asking-date-hint"), error: error(RequestField::Since), value: since }
                        DateField { id: "until", legend: t!("asking-until"), hint: t!("asking-date-hint"), error: error(RequestField::Until), value: until }
                        fieldset { id: "ask-openings", tabindex: "-1",
                            legend { class: "field-legend", {t!("asking-openings")} }
                            div { class: "choices pair",
                                for choice in OPENINGS {
                                    label { key: "{choice:?}", class: "choice choice-line",
                                        input { r#type: "radio", name: "openings", checked: now.max_openings == choice, onchange: move |_| rest.write().max_openings = choice }
                                        span { {choice.map_or_else(|| t!("share-openings-any"), |count| t!("share-openings", count = count))} }
                                    }
                                }
                            }
                            FieldError { id: "ask-openings", error: error(RequestField::Openings) }
                        }
                        Switch { id: "ask-live", label: t!("asking-live"), hint: t!("asking-live-hint"), on: now.live, onchange: move |on| rest.write().live = on }
                        fieldset {
                            legend { class: "field-legend", {t!("asking-promises")} }
                            p { class: "field-hint", {t!("asking-promises-hint")} }
                            div { class: "switches-plain",
                                Obligations { held: now.obligations.clone(), onchange: move |held| rest.write().obligations = held }
                            }
                        }
                    }
                }
            }
            p { class: "soft", {t!("asking-sensitive")} }
            if let Some(failure) = failed() {
                FailureView { failure }
            }
            div { class: "actions",
                button { class: "button button-primary", r#type: "submit", id: "write-request", "aria-disabled": busy().then_some("true"),
                    IconView { icon: Icon::Qr }
                    {if busy() { t!("asking-busy") } else { t!("asking-go") }}
                }
            }
        }
    }
}

/// What is asked for: all kinds of records, or those that are ticked.
#[component]
fn Kinds(draft: Signal<RequestDraft>, error: String) -> Element {
    let chosen = draft.read().categories.clone();
    let invalid = !error.is_empty();
    rsx! {
        fieldset { id: "ask-kinds", tabindex: "-1", "aria-describedby": invalid.then_some("ask-kinds-error"),
            legend { class: "field-legend", {t!("asking-what")} }
            div { class: "choices pair",
                label { class: "choice choice-line",
                    input { r#type: "radio", name: "kinds", id: "all-kinds", checked: chosen.is_none(), onchange: move |_| draft.write().categories = None }
                    span { {t!("asking-all")} }
                }
                label { class: "choice choice-line",
                    input { r#type: "radio", name: "kinds", id: "some-kinds", checked: chosen.is_some(),
                        onchange: move |_| { draft.write().categories.get_or_insert_default(); } }
                    span { {t!("asking-some")} }
                }
            }
            if let Some(chosen) = &chosen {
                div { class: "choices choices-tight",
                    for kind in kinds() {
                        label { key: "{kind}", class: "choice choice-line",
                            input { r#type: "checkbox", id: "kind-{kind}", checked: chosen.iter().any(|one| one == kind), onchange: move |event: FormEvent| tick(&mut draft.write(), kind, event.checked()) }
                            IconView { icon: category_icon(kind) }
                            span { class: "grow", {t!(category_key(kind))} }
                        }
                    }
                }
            }
            FieldError { id: "ask-kinds", error }
        }
    }
}

/// The request that was written: to be scanned, copied or saved, and what it says.
#[component]
pub fn WrittenView(request: WrittenRequest, change: EventHandler<()>) -> Element {
    let session = try_consume_context::<Session>();
    let mut busy = use_signal(|| false);
    // The form that was sent is gone.
    use_effect(|| platform::focus("written"));
    let text = request.text.clone();
    let copy = move |_| {
        let (Some(session), text) = (session, text.clone()) else { return };
        session.trying();
        spawn(async move {
            match wallet::copy(text).await {
                Ok(()) => session.say(t!("toast-copied-request")),
                Err(failure) => session.fail(&failure),
            }
        });
    };
    let text = request.text.clone();
    let save = move |_| {
        let (Some(session), false) = (session, busy()) else { return };
        let text = text.clone();
        busy.set(true);
        session.trying();
        spawn(async move {
            match wallet::save_text(FILE.to_owned(), text).await {
                Ok(()) => session.say(t!("toast-saved")),
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => session.fail(&failure),
            }
            busy.set(false);
        });
    };
    rsx! {
        div { class: "stack", id: "written", tabindex: "-1",
            div { class: "on-screen",
                Notice { tone: Tone::Ok, icon: Icon::Check, title: t!("asking-done"), p { {t!("asking-done-text")} } }
            }
            QrView { rows: request.qr.clone(), label: t!("asking-qr", name = &request.asked.by) }
            KeepsOpen {}
            p { class: "soft", {t!("asking-scan")} }
            div { class: "actions on-screen",
                button { class: "button button-primary grow", r#type: "button", id: "copy-request", onclick: copy, IconView { icon: Icon::Copy } {t!("asking-copy")} }
                button { class: "button grow", r#type: "button", id: "save-request", "aria-disabled": busy().then_some("true"), onclick: save, IconView { icon: Icon::Download } {t!("asking-save")} }
                button { class: "button grow", r#type: "button", id: "print-request", onclick: move |_| platform::print(), IconView { icon: Icon::Print } {t!("share-print")} }
            }
            div { class: "stack on-screen",
                Fold { id: "request-text", icon: Icon::Document, title: t!("asking-text"),
                    pre { class: "original", id: "request", dir: "ltr", tabindex: "0", "{request.text}" }
                }
                if request.asked.signed {
                    Notice { tone: Tone::Plain, icon: Icon::Key, title: t!("asking-signed"), p { {t!("asking-signed-text")} } }
                }
                section { class: "section stack", "aria-labelledby": "they-read",
                    h2 { id: "they-read", {t!("asking-reads")} }
                    Wish { asked: request.asked.clone() }
                }
                div { class: "actions",
                    button { class: "button", r#type: "button", id: "change-request", onclick: move |_| change.call(()), IconView { icon: Icon::Back } {t!("asking-change")} }
                }
            }
        }
    }
}

/// The kinds of records that can be asked for. People and organisations go where records refer to them.
fn kinds() -> impl Iterator<Item = &'static str> {
    Category::all().iter().filter(|category| **category != Category::Person).map(|category| category.as_str())
}

/// Ticks or unticks a kind; they stay in their order.
fn tick(draft: &mut RequestDraft, kind: &str, on: bool) {
    let chosen = draft.categories.get_or_insert_default();
    let wanted = |one: &str| if one == kind { on } else { chosen.iter().any(|other| other == one) };
    let ticked = kinds().filter(|one| wanted(one)).map(str::to_owned).collect();
    draft.categories = Some(ticked);
}

/// Whether the part that is folded away holds something that was chosen.
fn folds_open(draft: &RequestDraft) -> bool {
    draft.since.is_some()
        || draft.until.is_some()
        || draft.max_openings.is_some()
        || draft.live
        || !draft.obligations.is_empty()
}

/// Whether a field is in that part.
fn is_folded(field: RequestField) -> bool {
    matches!(field, RequestField::Since | RequestField::Until | RequestField::Openings)
}

fn field_id(field: RequestField) -> &'static str {
    match field {
        RequestField::By => "ask-by",
        RequestField::Categories => "ask-kinds",
        RequestField::Since => "since",
        RequestField::Until => "until",
        RequestField::Seconds => "ask-span",
        RequestField::Openings => "ask-openings",
    }
}

/// What is wrong and how to mend it.
fn problem_text(field: RequestField, problem: RequestProblem) -> String {
    match (field, problem) {
        (RequestField::Categories, RequestProblem::Missing) => t!("asking-no-kind"),
        (_, RequestProblem::Missing) => t!("asking-no-name"),
        (_, RequestProblem::TooLong) => t!("asking-name-long", count = NAME_MOST),
        (_, RequestProblem::NotText) => t!("asking-name-odd"),
        (_, RequestProblem::NoDate) => t!("problem-no-date"),
        (_, RequestProblem::EndsFirst) => t!("problem-until-before"),
        (RequestField::Openings, RequestProblem::OutOfRange) => t!("asking-openings-range"),
        (_, RequestProblem::OutOfRange) => t!("asking-span-range"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_ticked_in_their_order_and_people_are_none() {
        let mut draft = RequestDraft::new("");
        tick(&mut draft, "medicine", true);
        tick(&mut draft, "allergy", true);
        assert_eq!(draft.categories.as_deref(), Some(&["allergy".to_owned(), "medicine".to_owned()][..]));
        tick(&mut draft, "allergy", false);
        tick(&mut draft, "medicine", false);
        assert_eq!(draft.categories, Some(vec![]), "which is said to be wrong, and not taken for all");
        assert!(kinds().count() == 15 && kinds().all(|kind| kind != "person"));
    }

    #[test]
    fn what_is_folded_away_unfolds_where_something_was_chosen_in_it() {
        let draft = RequestDraft::new("Ana");
        assert!(!folds_open(&draft) && draft.problems().is_empty());
        assert!(folds_open(&RequestDraft { live: true, ..draft.clone() }));
        assert!(folds_open(&RequestDraft { max_openings: Some(1), ..draft }));
    }
}
