//! Somebody asks for records: who, for what, how long, in plain words; and what the person gives instead.

use super::draft::{Draft, suggested};
use super::{binds_key, obligation_key, purpose_key};
use crate::app::route::{Route, Step};
use crate::app::session::{FailureView, Session};
use crate::app::wallet;
use crate::kit::{FieldError, Icon, IconView, Notice, TextArea, Tone, category_icon, category_key};
use crate::{format, platform};
use carnet_bridge::{AskedShare, Failure, FailureCode, ShareDraft};
use dioxus::prelude::*;

/// No request is longer, in bytes.
const MOST: usize = 65_536;

/// Takes a request, pasted or from a file, and shows it.
#[component]
pub fn AskedPage() -> Element {
    let session = use_context::<Session>();
    let mut text = use_signal(String::new);
    let mut error = use_signal(String::new);
    let mut failed = use_signal(|| None::<Failure>);
    let mut asked = use_signal(|| None::<AskedShare>);
    let mut refused = use_signal(|| false);
    let read = move |request: String| async move {
        error.set(String::new());
        failed.set(None);
        let request = request.trim().to_owned();
        if request.is_empty() || request.len() > MOST {
            error.set(if request.is_empty() { t!("asked-missing") } else { t!("asked-too-long") });
            return platform::focus("request");
        }
        match wallet::read_request(request).await {
            Ok(found) => asked.set(Some(*found)),
            Err(failure) if matches!(failure.code, FailureCode::Invalid | FailureCode::File) => {
                error.set(t!("asked-unreadable"));
                platform::focus("request");
            }
            Err(failure) => failed.set(Some(failure)),
        }
    };
    let answer = move |()| {
        let Some(asked) = asked.peek().clone() else { return };
        let mut draft = session.draft;
        draft.set(Draft::answering(asked));
        platform::go(&Route::Share(Step::Who).fragment());
    };
    rsx! {
        a { class: "back", href: Route::Share(Step::Who).fragment(), IconView { icon: Icon::Back } {t!("share-start")} }
        header { class: "page-head",
            h1 { {t!("asked-title")} }
            if asked.read().is_none() && !refused() {
                p { class: "soft", {t!("asked-lead")} }
            }
        }
        if refused() {
            Refused { another: move |()| refused.set(false) }
        } else if let Some(found) = asked() {
            AskedView { asked: found, now: platform::now(), answer, refuse: move |()| { asked.set(None); text.set(String::new()); refused.set(true); } }
        } else {
            form { class: "stack", novalidate: true,
                onsubmit: move |event: FormEvent| { event.prevent_default(); let typed = text.peek().clone(); spawn(read(typed)); },
                TextArea { id: "request", label: t!("asked-field"), hint: t!("asked-hint"), error: error(), rows: 6, verbatim: true, value: text }
                RequestFile { take: move |held: String| { spawn(read(held)); } }
                Notice { tone: Tone::Plain, icon: Icon::Shield, title: t!("asked-safe-title"), p { {t!("asked-safe")} } }
                if let Some(failure) = failed() {
                    FailureView { failure }
                }
                div { class: "actions",
                    button { class: "button button-primary", id: "read-request", r#type: "submit", {t!("asked-read")} }
                }
            }
        }
    }
}

/// Nothing was given: says so, and leads on.
#[component]
pub fn Refused(another: EventHandler<()>) -> Element {
    // The button that was pressed is gone.
    use_effect(|| platform::focus("refused"));
    rsx! {
        div { class: "stack", id: "refused", tabindex: "-1",
            Notice { tone: Tone::Ok, icon: Icon::Shield, title: t!("asked-refused"), p { {t!("asked-refused-text")} } }
            div { class: "actions",
                a { class: "button button-primary", id: "refused-home", href: Route::Home.fragment(), {t!("nav-home")} }
                button { class: "button", r#type: "button", id: "ask-another", onclick: move |_| another.call(()), {t!("asked-another")} }
            }
        }
    }
}

/// A file that holds a request.
#[component]
fn RequestFile(take: EventHandler<String>) -> Element {
    let mut error = use_signal(String::new);
    rsx! {
        div { class: "field",
            label { r#for: "request-file", {t!("asked-file")} }
            input { class: "input", r#type: "file", id: "request-file", "aria-describedby": "request-file-error",
                onchange: move |event: FormEvent| async move {
                    let Some(file) = event.files().into_iter().next() else { return };
                    if file.size() > MOST as u64 {
                        return error.set(t!("asked-too-long"));
                    }
                    match file.read_string().await {
                        Ok(held) => {
                            error.set(String::new());
                            take.call(held);
                        }
                        // Not text, or gone meanwhile.
                        Err(_) => error.set(t!("asked-unreadable")),
                    }
                } }
            FieldError { id: "request-file", error: error() }
        }
    }
}

/// What is asked for.
#[component]
pub fn AskedView(asked: AskedShare, now: i64, answer: EventHandler<()>, refuse: EventHandler<()>) -> Element {
    rsx! {
        div { class: "stack",
            Wish { asked: asked.clone(),
                if asked.signed {
                    Notice { tone: Tone::Plain, icon: Icon::Key, title: t!("asked-signed"), p { {t!("asked-signed-text")} } }
                } else {
                    Notice { tone: Tone::Warn, icon: Icon::Unknown, title: t!("asked-unsigned"), p { {t!("asked-unsigned-text")} } }
                }
            }
            p { class: "soft", {t!("asked-when", when = format::moment(asked.asked_at, now))} }
            p { class: "strong", {t!("asked-choose")} }
            div { class: "actions",
                button { class: "button button-primary", r#type: "button", id: "answer-request", onclick: move |_| answer.call(()), {t!("asked-answer")} IconView { icon: Icon::Forward } }
                button { class: "button", r#type: "button", id: "refuse-request", onclick: move |_| refuse.call(()), {t!("asked-refuse")} }
            }
        }
    }
}

/// Who asks for what, as whoever is asked reads it. What is to be said of who that is stands below the first sentence.
#[component]
pub fn Wish(asked: AskedShare, children: Element) -> Element {
    let kinds = asked.categories.clone().unwrap_or_else(|| suggested(asked.draft.preset));
    let by = if asked.by.trim().is_empty() { t!("asked-nobody") } else { asked.by.clone() };
    let mut points: Vec<(Icon, String)> = vec![
        (Icon::Info, t!("asked-purpose", what = t!(purpose_key(&asked.purpose)))),
        (Icon::Clock, t!("asked-long", span = format::span(asked.seconds))),
    ];
    match (&asked.since, &asked.until) {
        (None, None) => {}
        (Some(since), None) => points.push((Icon::Records, t!("asked-since", date = format::date(since)))),
        (None, Some(until)) => points.push((Icon::Records, t!("asked-until", date = format::date(until)))),
        (Some(since), Some(until)) => {
            points.push((Icon::Records, t!("asked-between", since = format::date(since), until = format::date(until))));
        }
    }
    points.push((
        Icon::Eye,
        asked.max_openings.map_or_else(|| t!("asked-openings-any"), |count| t!("asked-openings", count = count)),
    ));
    if asked.draft.live {
        points.push((Icon::Again, t!("asked-live")));
    }
    rsx! {
        div { class: "stack",
            p { class: "sentence", id: "asks", {t!("asked-sentence", name = &by)} }
            {children}
            ul { class: "stack-tight",
                for (at, (icon, words)) in points.into_iter().enumerate() {
                    li { key: "{at}", class: "point", IconView { icon } span { class: "grow", "{words}" } }
                }
            }
            section { class: "card", "aria-labelledby": "asks-kinds",
                h2 { class: "part", id: "asks-kinds", {t!("asked-kinds")} }
                ul { class: "kinds",
                    for kind in kinds {
                        li { key: "{kind}", IconView { icon: category_icon(&kind) } {t!(category_key(&kind))} }
                    }
                }
            }
            if !asked.obligations.is_empty() {
                section { class: "card", "aria-labelledby": "asks-offers",
                    h2 { class: "part", id: "asks-offers", {t!("asked-offers")} }
                    ul { class: "stack-tight",
                        for one in asked.obligations.clone() {
                            li { key: "{one:?}", class: "point", IconView { icon: Icon::Hand } span { class: "grow", {t!(obligation_key(one))} } }
                        }
                    }
                }
            }
        }
    }
}

/// One way in which what is given is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Less than asked, else more.
    pub less: bool,
    /// What, in words.
    pub says: String,
}

/// What is given beside what a request asks for, less first.
pub fn differences(asked: &AskedShare, given: &ShareDraft) -> Vec<Difference> {
    let wanted = &asked.draft;
    let of = |draft: &ShareDraft| draft.choice.categories.clone().unwrap_or_else(|| suggested(draft.preset));
    let (theirs, ours) = (of(wanted), of(given));
    let mut found = Vec::new();
    let mut differs = |less: bool, says: String| found.push(Difference { less, says });
    let names = |list: Vec<&String>| list.into_iter().map(|kind| t!(category_key(kind))).collect::<Vec<_>>().join(", ");
    for (less, here, there) in [(true, &theirs, &ours), (false, &ours, &theirs)] {
        let only: Vec<_> = here.iter().filter(|kind| !there.contains(kind)).collect();
        if !only.is_empty() {
            differs(less, names(only));
        }
    }
    let (since, theirs) = (given.choice.since.clone(), wanted.choice.since.clone());
    if since != theirs {
        let says = since
            .as_ref()
            .map_or_else(|| t!("differs-no-since"), |date| t!("share-since-set", date = format::date(date)));
        // A later beginning gives less; texts of dates are in their order.
        differs(since > theirs, says);
    }
    if given.choice.until != wanted.choice.until {
        let says = given
            .choice
            .until
            .as_ref()
            .map_or_else(|| t!("differs-no-until"), |date| t!("asked-until", date = format::date(date)));
        let until = |date: &Option<String>| date.clone().unwrap_or_else(|| "9999".to_owned());
        differs(until(&given.choice.until) < until(&wanted.choice.until), says);
    }
    if given.seconds != wanted.seconds {
        let says = t!("differs-span", given = format::span(given.seconds), asked = format::span(wanted.seconds));
        differs(given.seconds < wanted.seconds, says);
    }
    if given.max_openings != wanted.max_openings {
        let says = given
            .max_openings
            .map_or_else(|| t!("share-openings-any"), |count| t!("share-review-openings", count = count));
        differs(given.max_openings.unwrap_or(u32::MAX) < wanted.max_openings.unwrap_or(u32::MAX), says);
    }
    if !given.choice.without.is_empty() {
        differs(true, t!("differs-without", count = given.choice.without.len()));
    }
    if !given.choice.with.is_empty() {
        differs(false, t!("differs-with", count = given.choice.with.len()));
    }
    for label in given.choice.sensitive.iter().filter(|label| !wanted.choice.sensitive.contains(label)) {
        differs(false, t!(crate::kit::sensitivity_key(label)));
    }
    if given.live != wanted.live {
        let says = if given.live { t!("differs-live") } else { t!("differs-not-live") };
        differs(wanted.live, says);
    }
    for one in given.obligations.iter().filter(|one| !wanted.obligations.contains(one)) {
        differs(true, t!(binds_key(*one)));
    }
    for one in wanted.obligations.iter().filter(|one| !given.obligations.contains(one)) {
        differs(false, t!("differs-waived", what = t!(obligation_key(*one))));
    }
    if let Some(at) = given.erase_by.filter(|_| wanted.erase_by.is_none()) {
        differs(true, t!("share-review-erase", when = format::full_moment(at)));
    }
    found.sort_by_key(|difference| !difference.less);
    found
}
