//! What the wallet must know before it can read a file, as cards to answer one by one or put aside.

use super::run::FileName;
use super::table::TableForm;
use crate::app::session::Session;
use crate::app::wallet;
use crate::kit::{Going, Icon, IconView, Notice, PasswordField, StopForm, Tone};
use carnet_bridge::{
    Answer, CardOutcome, Failure, FoundKind, FoundLink, ImportAnswer, ImportQuestion, LinkQuestion, Passphrase,
    QuestionAbout,
};
use dioxus::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

/// How many pictures are named before the rest is counted.
const NAMED: usize = 5;

/// All open questions; those about places of pictures are answered together.
#[component]
pub fn Questions(questions: Vec<ImportQuestion>) -> Element {
    let (pictures, others): (Vec<_>, Vec<_>) =
        questions.into_iter().partition(|question| question.about == QuestionAbout::Location);
    rsx! {
        section { class: "stack", "aria-labelledby": "questions-title", id: "questions",
            h2 { id: "questions-title", {t!("questions-title")} }
            for question in others {
                QuestionCard { key: "{question.id}", question }
            }
            if !pictures.is_empty() {
                Pictures { questions: pictures }
            }
        }
    }
}

#[component]
fn QuestionCard(question: ImportQuestion) -> Element {
    let id = question.id.clone();
    rsx! {
        article { class: "card", "aria-label": "{question.file.name}",
            FileName { name: question.file.name.clone(), folder: question.file.folder.clone() }
            match question.about {
                QuestionAbout::Table(table) => rsx! { TableForm { id, table } },
                QuestionAbout::Link(link) => rsx! { LinkForm { id, link } },
                QuestionAbout::FoundLink(link) => rsx! { LinkOffer { link, open: true } },
                QuestionAbout::Location => rsx! {},
            }
        }
    }
}

/// Sends one answer.
pub(super) fn answer(question: &str, answer: Answer) {
    if let Some(session) = try_consume_context::<Session>() {
        session.answer(vec![ImportAnswer { question: question.to_owned(), answer }]);
    }
}

/// The button that puts a file aside.
#[component]
pub(super) fn Dismiss(id: String) -> Element {
    rsx! {
        button { class: "button button-quiet", r#type: "button", onclick: move |_| answer(&id, Answer::Dismiss), {t!("question-dismiss")} }
    }
}

/// A link that was found in a file. It is opened when the person says so and never by itself; `open`: it can be.
#[component]
pub(super) fn LinkOffer(link: FoundLink, open: bool) -> Element {
    let id = link.question.clone();
    if link.kind == FoundKind::Card {
        return rsx! { CardOffer { link, open } };
    }
    rsx! {
        div { class: "offer",
            Notice { tone: Tone::Plain, icon: Icon::Share, title: t!("found-link-title"),
                p { dir: "auto", {t!("found-link-host", host = &link.host)} }
                if !link.label.is_empty() {
                    p { class: "soft", dir: "auto", {t!("link-called", label = &link.label)} }
                }
                if !link.path.is_empty() {
                    p { class: "soft", dir: "auto", {t!("found-link-path", path = &link.path)} }
                }
                if open {
                    p { {t!("found-link-seen")} }
                    div { class: "actions",
                        button { class: "button button-primary open-link", r#type: "button", onclick: move |_| answer(&id, Answer::OpenLink), {t!("found-link-open")} }
                        button { class: "button button-quiet", r#type: "button",
                            onclick: { let id = link.question.clone(); move |_| answer(&id, Answer::Dismiss) },
                            {t!("found-link-not")}
                        }
                    }
                } else {
                    p { class: "soft", {t!("found-link-again")} }
                }
            }
        }
    }
}

/// A withdrawal card that was found in a file: it adds nothing, and stops a share when the person says so.
#[component]
fn CardOffer(link: FoundLink, open: bool) -> Element {
    let session = try_consume_context::<Session>();
    let mut going = use_signal(|| Going::Asking);
    let id = link.question.clone();
    // What came of it can be read here until the page is left; the wallet knows the question no more.
    let done = use_hook(|| Rc::new(Cell::new(false)));
    use_drop({
        let (id, done) = (id.clone(), done.clone());
        move || {
            if let (true, Some(mut session)) = (done.get(), session) {
                session.questions.write().retain(|question| question.id != id);
            }
        }
    });
    let stop = move |()| {
        if going() == Going::Sending {
            return;
        }
        going.set(Going::Sending);
        let (id, done) = (id.clone(), done.clone());
        spawn(async move {
            let came = came(wallet::use_found_card(id).await);
            done.set(came != Going::Failed);
            going.set(came);
            if let Some(session) = session {
                session.touch();
            }
        });
    };
    rsx! {
        div { class: "stack offer",
            p { class: "strong", {t!("use-card-title")} }
            p { class: "soft", {t!("found-card-text")} }
            if !link.host.is_empty() {
                p { class: "soft", dir: "auto", {t!("use-card-host", host = &link.host)} }
            }
            if !link.path.is_empty() {
                p { class: "soft", dir: "auto", {t!("found-link-path", path = &link.path)} }
            }
            if open {
                StopForm { id: "{link.question}-stop", going: going(), onstop: stop }
                if going() == Going::Asking {
                    div { class: "actions",
                        button { class: "button button-quiet", r#type: "button",
                            onclick: { let id = link.question.clone(); move |_| answer(&id, Answer::Dismiss) },
                            {t!("found-link-not")}
                        }
                    }
                }
            }
        }
    }
}

/// What the wallet's answer means.
pub fn came(answer: Result<CardOutcome, Failure>) -> Going {
    match answer {
        Ok(CardOutcome::Stopped) => Going::Stopped,
        Ok(CardOutcome::Stopping) => Going::Stopping,
        Ok(CardOutcome::Unknown) => Going::Unknown,
        Err(_) => Going::Failed,
    }
}

#[component]
fn LinkForm(id: String, link: LinkQuestion) -> Element {
    let mut passcode = use_signal(String::new);
    let mut missing = use_signal(|| false);
    let error = match (missing(), link.wrong, link.tries_left) {
        (true, _, _) => t!("link-passcode-missing"),
        (_, true, Some(left)) => t!("link-passcode-wrong-left", count = left),
        (_, true, None) => t!("link-passcode-wrong"),
        _ => String::new(),
    };
    let submit = {
        let id = id.clone();
        move |event: FormEvent| {
            event.prevent_default();
            if passcode.peek().is_empty() {
                missing.set(true);
            } else {
                answer(&id, Answer::Passcode(Passphrase::new(passcode.take())));
            }
        }
    };
    rsx! {
        form { class: "stack", onsubmit: submit, novalidate: true,
            p { {t!("link-asks", host = &link.host)} }
            if !link.label.is_empty() {
                p { class: "soft", {t!("link-called", label = &link.label)} }
            }
            PasswordField { id: "{id}-link-passcode", label: t!("link-passcode"), error, value: passcode }
            div { class: "actions",
                button { class: "button button-primary", r#type: "submit", {t!("link-open")} }
                Dismiss { id }
            }
        }
    }
}

/// Pictures that say where they were taken.
#[component]
fn Pictures(questions: Vec<ImportQuestion>) -> Element {
    let count = questions.len();
    let ids: Vec<String> = questions.iter().map(|question| question.id.clone()).collect();
    let send = move |answer: fn() -> Answer| {
        if let Some(session) = try_consume_context::<Session>() {
            session.answer(ids.iter().map(|id| ImportAnswer { question: id.clone(), answer: answer() }).collect());
        }
    };
    let (leave, keep, dismiss) = (send.clone(), send.clone(), send);
    rsx! {
        article { class: "card", "aria-labelledby": "pictures-title",
            h3 { id: "pictures-title", {t!("pictures-title", count = count)} }
            ul { class: "stack-tight",
                for question in questions.iter().take(NAMED) {
                    li { key: "{question.id}", FileName { name: question.file.name.clone(), folder: question.file.folder.clone() } }
                }
                if count > NAMED {
                    li { class: "soft", {t!("pictures-more", count = count - NAMED)} }
                }
            }
            Notice { tone: Tone::Plain, icon: Icon::Shield, title: t!("pictures-why-title"), p { {t!("pictures-why")} } }
            div { class: "actions",
                button { class: "button button-primary", r#type: "button", id: "leave-out", onclick: move |_| leave(|| Answer::LeaveOutLocation),
                    IconView { icon: Icon::EyeOff } {t!("pictures-leave-out")}
                }
                button { class: "button", r#type: "button", onclick: move |_| keep(|| Answer::KeepLocation), {t!("pictures-keep")} }
                button { class: "button button-quiet", r#type: "button", onclick: move |_| dismiss(|| Answer::Dismiss), {t!("pictures-dismiss", count = count)} }
            }
        }
    }
}
