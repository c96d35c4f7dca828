//! What the page asks for before it shows anything: a link, who is looking, a passcode.

use crate::kit::{Icon, IconView, Notice, TextField, Tone};
use crate::platform;
use dioxus::prelude::*;

/// Who is looking?
#[component]
pub fn Who(who: Signal<String>, go_on: EventHandler<()>) -> Element {
    let mut error = use_signal(String::new);
    use_effect(|| platform::focus("who"));
    rsx! {
        main { class: "sheet narrow", id: "page", tabindex: "-1",
            header { class: "page-head",
                h1 { {t!("who-title")} }
                p { class: "soft", {t!("who-lead")} }
            }
            form {
                class: "stack",
                novalidate: true,
                onsubmit: move |event: FormEvent| {
                    event.prevent_default();
                    if who().trim().is_empty() {
                        error.set(t!("who-missing"));
                        platform::focus("who");
                    } else {
                        go_on.call(());
                    }
                },
                TextField { id: "who", label: t!("who-label"), hint: t!("who-hint"), error: error(), autocomplete: "name", maximum: 200, value: who }
                button { class: "button button-primary button-wide", id: "continue", r#type: "submit", {t!("who-go")} }
            }
        }
    }
}

/// The passcode. `rejected`: the one before was wrong, with so many tries `remaining`.
#[component]
pub fn Passcode(remaining: Option<u32>, rejected: bool, go_on: EventHandler<String>) -> Element {
    let passcode = use_signal(String::new);
    let mut missing = use_signal(|| false);
    use_effect(|| platform::focus("passcode"));
    rsx! {
        main { class: "sheet narrow", id: "page", tabindex: "-1",
            header { class: "page-head",
                h1 { {t!("passcode-title")} }
                p { class: "soft", {t!("passcode-lead")} }
            }
            form {
                class: "stack",
                novalidate: true,
                onsubmit: move |event: FormEvent| {
                    event.prevent_default();
                    match typed(&passcode()) {
                        Some(passcode) => go_on.call(passcode),
                        None => {
                            missing.set(true);
                            platform::focus("passcode");
                        }
                    }
                },
                TextField { id: "passcode", label: t!("passcode-label"), error: passcode_error(missing(), rejected, remaining), maximum: 128, verbatim: true, value: passcode }
                button { class: "button button-primary button-wide", id: "continue", r#type: "submit", {t!("passcode-go")} }
            }
        }
    }
}

/// A link, where the address of the page brought none.
#[component]
pub fn NoLink(take: EventHandler<String>) -> Element {
    let link = use_signal(String::new);
    let mut error = use_signal(String::new);
    rsx! {
        main { class: "sheet narrow", id: "page", tabindex: "-1",
            header { class: "page-head",
                h1 { {t!("no-link-title")} }
                p { class: "soft", {t!("no-link-lead")} }
            }
            form {
                class: "stack",
                novalidate: true,
                onsubmit: move |event: FormEvent| {
                    event.prevent_default();
                    match typed(&link()) {
                        Some(link) => take.call(link),
                        None => {
                            error.set(t!("no-link-missing"));
                            platform::focus("link");
                        }
                    }
                },
                TextField { id: "link", label: t!("no-link-label"), error: error(), maximum: 4096, verbatim: true, value: link }
                button { class: "button button-primary button-wide", r#type: "submit", {t!("no-link-go")} }
            }
            Notice { tone: Tone::Plain, title: t!("no-link-privacy-title"), p { {t!("no-link-privacy")} } }
            p { class: "row soft", IconView { icon: Icon::Shield } span { class: "grow", {t!("no-link-standard")} } }
        }
    }
}

/// What was typed, without the blanks around it; nothing if that is all there was.
fn typed(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What is wrong with the passcode: there is none, or what the server said of the last one.
fn passcode_error(missing: bool, rejected: bool, remaining: Option<u32>) -> String {
    match (missing, rejected, remaining) {
        (true, _, _) => t!("passcode-missing"),
        (false, false, _) => String::new(),
        (false, true, Some(left)) => t!("passcode-wrong-left", count = left),
        (false, true, None) => t!("passcode-wrong"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, start};

    #[test]
    fn blanks_alone_are_nothing_and_that_is_said() {
        start("en", Face::Viewer);
        assert_eq!(typed(" \t"), None);
        assert_eq!(typed(" 4711-heron\n").as_deref(), Some("4711-heron"));
        assert_eq!(passcode_error(true, true, Some(3)), "Type the passcode first.");
        assert_eq!(passcode_error(false, false, None), "");
        assert!(passcode_error(false, true, Some(3)).contains("3 tries are left"));
    }
}
