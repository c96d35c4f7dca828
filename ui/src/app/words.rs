//! The recovery words: why, the words, and three of them typed back.

use super::session::{FailureView, Session, failure_text};
use super::wallet;
use crate::kit::{Icon, IconView, Notice, TextField, Tone};
use crate::platform;
use carnet_bridge::{Failure, FailureCode};
use dioxus::prelude::*;

/// How many words are asked back.
const ASKED: usize = 3;

/// How far the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Why,
    Shown(Vec<String>),
    Asked([u8; ASKED]),
    Confirmed,
}

/// The page.
#[component]
pub fn WordsPage() -> Element {
    let session = use_context::<Session>();
    let mut stage = use_signal(|| Stage::Why);
    let mut failed = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    let show = move |_| {
        if busy() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            match wallet::recovery_words().await {
                Ok(words) => stage.set(Stage::Shown(words)),
                Err(failure) => failed.set(Some(failure)),
            }
            busy.set(false);
        });
    };
    rsx! {
        a { class: "back", href: "#/me", IconView { icon: Icon::Back } {t!("nav-me")} }
        header { class: "page-head", h1 { {t!("words-title")} } }
        div { class: "stack",
            match stage() {
                Stage::Why => rsx! {
                    p { {t!("words-why")} }
                    p { {t!("words-nobody")} }
                    Notice { tone: Tone::Warn, icon: Icon::EyeOff, title: t!("words-alone"), p { {t!("words-alone-text")} } }
                    if let Some(failure) = failed() {
                        FailureView { failure }
                    }
                    div { class: "actions",
                        button { class: "button button-primary", r#type: "button", id: "show-words", "aria-disabled": busy().then_some("true"), onclick: show,
                            {if busy() { t!("words-busy") } else { t!("words-show") }}
                        }
                    }
                },
                Stage::Shown(words) => {
                    let count = words.len();
                    rsx! {
                        p { {t!("words-write", count = count)} }
                        ol { class: "words", id: "words", dir: "ltr",
                            for (at, word) in words.into_iter().enumerate() {
                                li { key: "{at}", "{word}" }
                            }
                        }
                        div { class: "actions",
                            button { class: "button button-primary", id: "words-written", onclick: move |_| stage.set(Stage::Asked(positions(count))), {t!("words-written")} }
                            button { class: "button", onclick: move |_| platform::print(), IconView { icon: Icon::Print } {t!("words-print")} }
                        }
                    }
                },
                Stage::Asked(asked) => rsx! {
                    Confirm { asked, again: move |()| stage.set(Stage::Why), done: move |()| { stage.set(Stage::Confirmed); session.touch(); } }
                },
                Stage::Confirmed => rsx! {
                    Notice { tone: Tone::Ok, title: t!("words-confirmed"), p { {t!("words-confirmed-text")} } }
                    div { class: "actions", a { class: "button button-primary", href: "#/", {t!("nav-home")} } }
                },
            }
        }
    }
}

#[component]
fn Confirm(asked: [u8; ASKED], again: EventHandler<()>, done: EventHandler<()>) -> Element {
    let session = use_context::<Session>();
    let [one, two, three] = asked;
    let typed = [use_signal(String::new), use_signal(String::new), use_signal(String::new)];
    let [first, second, third] = typed;
    let mut wrong = use_signal(String::new);
    use_effect(|| platform::focus("word-1"));
    let submit = move |event: FormEvent| {
        event.prevent_default();
        spawn(async move {
            let words = asked.iter().zip(typed).map(|(at, word)| (*at, word().trim().to_lowercase())).collect();
            match wallet::confirm_recovery_words(words).await {
                Ok(()) => done.call(()),
                Err(failure) if failure.code == FailureCode::WrongWords => wrong.set(failure_text(&failure)),
                Err(failure) => session.fail(&failure),
            }
        });
    };
    rsx! {
        form { class: "stack", onsubmit: submit, novalidate: true,
            p { {t!("words-ask")} }
            TextField { id: "word-1", label: t!("words-number", number = i64::from(one)), verbatim: true, value: first }
            TextField { id: "word-2", label: t!("words-number", number = i64::from(two)), verbatim: true, value: second }
            TextField { id: "word-3", label: t!("words-number", number = i64::from(three)), error: wrong(), verbatim: true, value: third }
            div { class: "actions",
                button { class: "button button-primary", id: "confirm-words", r#type: "submit", {t!("words-check")} }
                button { class: "button", r#type: "button", onclick: move |_| again.call(()), {t!("words-again")} }
            }
        }
    }
}

/// Three different places among `count` words, in order, counted from 1.
fn positions(count: usize) -> [u8; ASKED] {
    let third = (count / ASKED).max(1) as u32;
    let mut places = [0; ASKED];
    for (at, place) in places.iter_mut().enumerate() {
        let from = at as u32 * third;
        *place = u8::try_from(from + platform::random_below(third) + 1).unwrap_or(u8::MAX);
    }
    places
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_places_asked_are_different_and_among_the_words() {
        for _ in 0..50 {
            let places = super::positions(24);
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(places.iter().all(|place| (1..=24).contains(place)));
        }
    }
}
