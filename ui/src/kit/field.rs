//! Fields to type into. Pasting and password managers always work.

use super::{Icon, IconView};
use dioxus::prelude::*;

/// A line of text with its label, a hint and what is wrong with it. `verbatim`: it is no language, but a code or a word from a
/// list, which no keyboard may begin with a capital or correct.
#[component]
pub fn TextField(
    id: String,
    label: String,
    #[props(default)] hint: String,
    #[props(default)] error: String,
    #[props(default = "text")] kind: &'static str,
    #[props(default = "off")] autocomplete: &'static str,
    #[props(default)] maximum: Option<usize>,
    #[props(default)] verbatim: bool,
    value: Signal<String>,
) -> Element {
    let invalid = !error.is_empty();
    rsx! {
        div { class: "field",
            label { r#for: "{id}", "{label}" }
            if !hint.is_empty() {
                p { class: "field-hint", id: "{id}-hint", "{hint}" }
            }
            input {
                class: "input",
                id: "{id}",
                name: "{id}",
                r#type: kind,
                autocomplete,
                maxlength: maximum.map(|maximum| maximum.to_string()),
                autocapitalize: verbatim.then_some("off"),
                "autocorrect": verbatim.then_some("off"),
                spellcheck: verbatim.then_some("false"),
                "aria-invalid": invalid.then_some("true"),
                "aria-describedby": described(&id, !hint.is_empty(), invalid),
                value: "{value}",
                oninput: move |event| value.set(event.value()),
            }
            FieldError { id: "{id}", error }
        }
    }
}

/// A passphrase, shown only while the person wants to see it.
#[component]
pub fn PasswordField(
    id: String,
    label: String,
    #[props(default)] hint: String,
    #[props(default)] error: String,
    #[props(default)] new: bool,
    value: Signal<String>,
) -> Element {
    let mut shown = use_signal(|| false);
    let invalid = !error.is_empty();
    let icon = if shown() { Icon::EyeOff } else { Icon::Eye };
    rsx! {
        div { class: "field",
            label { r#for: "{id}", "{label}" }
            if !hint.is_empty() {
                p { class: "field-hint", id: "{id}-hint", "{hint}" }
            }
            div { class: "input-with",
                input {
                    class: "input",
                    id: "{id}",
                    name: "{id}",
                    r#type: if shown() { "text" } else { "password" },
                    autocomplete: if new { "new-password" } else { "current-password" },
                    autocapitalize: "off",
                    "autocorrect": "off",
                    spellcheck: "false",
                    "aria-invalid": invalid.then_some("true"),
                    "aria-describedby": described(&id, !hint.is_empty(), invalid),
                    value: "{value}",
                    oninput: move |event| value.set(event.value()),
                }
                button {
                    class: "button button-quiet button-icon",
                    r#type: "button",
                    "aria-pressed": "{shown}",
                    onclick: move |_| shown.toggle(),
                    IconView { icon }
                    span { class: "spoken", {t!("show-passphrase")} }
                }
            }
            FieldError { id: "{id}", error }
        }
    }
}

/// What is wrong with a field, tied to it by `aria-describedby`.
#[component]
pub fn FieldError(id: String, error: String) -> Element {
    rsx! {
        if !error.is_empty() {
            p { class: "field-error", id: "{id}-error", role: "alert",
                IconView { icon: Icon::Warn }
                span { "{error}" }
            }
        }
    }
}

pub(super) fn described(id: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (false, false) => None,
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (true, true) => Some(format!("{id}-hint {id}-error")),
    }
}
