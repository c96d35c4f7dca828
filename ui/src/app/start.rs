//! First start: try with example data, or start one's own.

use super::session::{Session, failure_text};
use super::wallet;
use crate::kit::{Icon, IconView, PasswordField, TextField};
use crate::platform;
use carnet_bridge::{FailureCode, Passphrase};
use dioxus::prelude::*;

/// What the person chose to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Making {
    Example,
    Own,
}

/// The first screen of all.
#[component]
pub fn Start() -> Element {
    let making = use_signal(|| None);
    use_effect(|| platform::set_title(&t!("product")));
    rsx! {
        main { class: "cover",
            Mark { class: "cover-mark" }
            match making() {
                None => rsx! { Welcome { making } },
                Some(what) => rsx! { Create { what, making } },
            }
        }
    }
}

#[component]
fn Welcome(making: Signal<Option<Making>>) -> Element {
    rsx! {
        h1 { {t!("start-title")} }
        p { class: "cover-lead", {t!("start-lead")} }
        div { class: "stack-tight",
            button { class: "button button-primary button-wide", id: "start-own", onclick: move |_| making.set(Some(Making::Own)),
                {t!("start-own")}
            }
            button { class: "button button-wide", id: "start-example", onclick: move |_| making.set(Some(Making::Example)),
                {t!("start-example")}
            }
        }
        p { class: "cover-lead small", {t!("start-example-hint")} }
    }
}

#[component]
fn Create(what: Making, making: Signal<Option<Making>>) -> Element {
    let mut session = use_context::<Session>();
    let name = use_signal(String::new);
    let mut passphrase = use_signal(String::new);
    let mut again = use_signal(String::new);
    let mut wrong = use_signal(String::new);
    let mut differs = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let example = what == Making::Example;
    use_effect(move || platform::focus(if example { "passphrase" } else { "name" }));

    let submit = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        wrong.set(if passphrase().is_empty() { t!("passphrase-missing") } else { String::new() });
        differs.set(if passphrase() == again() { String::new() } else { t!("passphrase-differs") });
        if !wrong().is_empty() {
            platform::focus("passphrase");
            return;
        }
        if !differs().is_empty() {
            platform::focus("passphrase-again");
            return;
        }
        busy.set(true);
        spawn(async move {
            let made = wallet::create(Passphrase::new(passphrase()), name(), example).await;
            busy.set(false);
            match made {
                Ok(state) => {
                    passphrase.set(String::new());
                    again.set(String::new());
                    platform::replace("#/");
                    session.route.set(super::route::Route::Home);
                    session.vault.set(Some(state));
                }
                Err(failure) => {
                    if failure.code == FailureCode::VaultExists {
                        session.vault.set(Some(carnet_bridge::VaultState::Locked));
                    }
                    wrong.set(failure_text(&failure));
                    platform::focus("passphrase");
                }
            }
        });
    };

    rsx! {
        h1 { {if example { t!("create-example-title") } else { t!("create-title") }} }
        p { class: "cover-lead", {if example { t!("create-example-lead") } else { t!("create-lead") }} }
        form { onsubmit: submit, novalidate: true,
            if !example {
                TextField { id: "name", label: t!("create-name"), hint: t!("create-name-hint"), autocomplete: "name", maximum: 120, value: name }
            }
            div { class: "field",
                PasswordField { id: "passphrase", label: t!("passphrase"), hint: t!("passphrase-hint"), error: wrong(), new: true, value: passphrase }
                Strength { text: passphrase() }
            }
            PasswordField { id: "passphrase-again", label: t!("passphrase-again"), error: differs(), new: true, value: again }
            div { class: "stack-tight",
                button { class: "button button-primary button-wide", id: "create", r#type: "submit", "aria-disabled": busy().then_some("true"),
                    {if busy() { t!("create-busy") } else { t!("create-go") }}
                }
                button { class: "button button-quiet button-wide", r#type: "button", onclick: move |_| making.set(None),
                    IconView { icon: Icon::Back }
                    {t!("back")}
                }
            }
            div { class: "spoken", role: "status", {if busy() { t!("create-busy") } else { String::new() }} }
        }
    }
}

/// How hard a passphrase would be to guess: four bars and a word.
#[component]
fn Strength(text: String) -> Element {
    let level = strength(&text);
    let word = match level {
        0 => t!("strength-none"),
        1 => t!("strength-weak"),
        2 => t!("strength-fair"),
        3 => t!("strength-good"),
        _ => t!("strength-strong"),
    };
    rsx! {
        div { class: "meter", "aria-hidden": "true",
            for bar in 1..=4u8 {
                span { key: "{bar}", class: if bar <= level { "meter-on-{level}" } }
            }
        }
        p { class: "field-hint", "aria-live": "polite", "{word}" }
    }
}

/// 0 (nothing yet) to 4. An estimate by alphabet and length that discounts repetition; the wallet has the last word.
fn strength(text: &str) -> u8 {
    let length = text.chars().count();
    if length == 0 {
        return 0;
    }
    let distinct = text.chars().collect::<std::collections::BTreeSet<_>>().len();
    let classes: [fn(char) -> bool; 4] =
        [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_ascii_digit(), |c| !c.is_alphanumeric()];
    let sizes = [26.0, 26.0, 10.0, 20.0];
    let alphabet: f64 = classes
        .iter()
        .zip(sizes)
        .filter(|(class, _)| text.chars().any(**class))
        .map(|(_, size)| size)
        .sum::<f64>()
        .max(2.0);
    let bits = (length.min(distinct * 2) as f64) * alphabet.log2() * 0.75;
    match bits {
        b if b < 34.0 => 1,
        b if b < 50.0 => 2,
        b if b < 70.0 => 3,
        _ => 4,
    }
}

/// The booklet, Carnet's mark.
#[component]
pub fn Mark(class: &'static str) -> Element {
    rsx! {
        span { class, "aria-hidden": "true", dangerous_inner_html: include_str!("../../../icons/carnet.svg") }
    }
}

#[cfg(test)]
mod tests {
    use super::strength;

    #[test]
    fn strength_grows_with_length_and_not_with_repetition() {
        assert_eq!(strength(""), 0);
        assert_eq!(strength("aaaaaaaaaaaaaaaaaaaaaaaa"), 1);
        assert_eq!(strength("password"), 1);
        assert!(strength("seven green bicycles under rain") >= 4);
        assert!(strength("korrekt pferd") >= 2);
    }
}
