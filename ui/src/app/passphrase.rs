//! Passphrases that are being set: typed twice, with how hard they are to guess; and the page that changes the present one.

use super::session::{FailureView, Session, failure_text};
use super::wallet;
use crate::kit::{Icon, IconView, Notice, PasswordField, Tone};
use crate::platform;
use carnet_bridge::{Failure, FailureCode, Passphrase};
use dioxus::prelude::*;

/// A new passphrase as it is typed, twice, and what is wrong with it.
#[derive(Clone, Copy, PartialEq)]
pub struct Pair {
    first: Signal<String>,
    again: Signal<String>,
    wrong: Signal<String>,
    differs: Signal<String>,
}

impl Pair {
    /// Nothing typed yet. A hook: it is called in the same place each time.
    pub fn make() -> Self {
        Self {
            first: use_signal(String::new),
            again: use_signal(String::new),
            wrong: use_signal(String::new),
            differs: use_signal(String::new),
        }
    }

    /// Looks at what was typed, says at the fields what is wrong, and gives the field to go to.
    pub fn look(mut self) -> Option<&'static str> {
        let missing = self.first.peek().is_empty();
        let differs = !missing && *self.first.peek() != *self.again.peek();
        self.wrong.set(if missing { t!("passphrase-missing") } else { String::new() });
        self.differs.set(if differs { t!("passphrase-differs") } else { String::new() });
        missing.then_some("passphrase").or(differs.then_some("passphrase-again"))
    }

    /// The passphrase.
    pub fn given(self) -> Passphrase {
        Passphrase::new(self.first.peek().clone())
    }

    /// Says at the first field why it was not taken.
    pub fn refuse(mut self, why: String) {
        self.wrong.set(why);
    }

    /// Empties both fields.
    pub fn forget(mut self) {
        self.first.set(String::new());
        self.again.set(String::new());
    }
}

/// The two fields of a new passphrase, `passphrase` and `passphrase-again`.
#[component]
pub fn NewPassphrase(label: String, pair: Pair) -> Element {
    rsx! {
        div { class: "field",
            PasswordField { id: "passphrase", label, hint: t!("passphrase-hint"), error: (pair.wrong)(), new: true, value: pair.first }
            Strength { text: (pair.first)() }
        }
        PasswordField { id: "passphrase-again", label: t!("passphrase-again"), error: (pair.differs)(), new: true, value: pair.again }
    }
}

/// Changes the passphrase of the open vault, once the present one was given.
#[component]
pub fn PassphrasePage(#[props(default)] refused: Option<FailureCode>, #[props(default)] done: bool) -> Element {
    let session = try_consume_context::<Session>();
    let mut present = use_signal(String::new);
    let mut wrong = use_signal(|| refused.map(present_fault).unwrap_or_default());
    let pair = Pair::make();
    let mut failed = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    let mut done = use_signal(|| done);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        let missing = present.peek().is_empty();
        wrong.set(if missing { t!("change-present-missing") } else { String::new() });
        failed.set(None);
        let field = pair.look();
        if let Some(field) = missing.then_some("present").or(field) {
            platform::focus(field);
            return;
        }
        busy.set(true);
        spawn(async move {
            let changed = wallet::change_passphrase(Passphrase::new(present()), pair.given()).await;
            busy.set(false);
            match changed {
                Ok(()) => {
                    present.set(String::new());
                    pair.forget();
                    done.set(true);
                    platform::focus("page");
                }
                Err(failure) => match failure.code {
                    FailureCode::WrongPassphrase => {
                        present.set(String::new());
                        wrong.set(present_fault(failure.code));
                        platform::focus("present");
                    }
                    FailureCode::WeakPassphrase => {
                        pair.refuse(failure_text(&failure));
                        platform::focus("passphrase");
                    }
                    FailureCode::Locked => {
                        if let Some(session) = session {
                            session.locked();
                        }
                    }
                    _ => failed.set(Some(failure)),
                },
            }
        });
    };
    rsx! {
        a { class: "back", href: "#/me/settings", IconView { icon: Icon::Back } {t!("settings-title")} }
        header { class: "page-head",
            h1 { {t!("change-title")} }
            if !done() {
                p { class: "soft", {t!("change-text")} }
            }
        }
        if done() {
            div { class: "stack",
                Notice { tone: Tone::Ok, icon: Icon::Lock, title: t!("change-done"), p { {t!("change-done-text")} } }
                div { class: "actions", a { class: "button button-primary", href: "#/", {t!("nav-home")} } }
            }
        } else {
            form { class: "stack", onsubmit: submit, novalidate: true,
                PasswordField { id: "present", label: t!("change-present"), error: wrong(), value: present }
                NewPassphrase { label: t!("passphrase-new"), pair }
                if let Some(failure) = failed() {
                    FailureView { failure }
                }
                div { class: "actions",
                    button { class: "button button-primary", id: "change", r#type: "submit", "aria-disabled": busy().then_some("true"),
                        {if busy() { t!("change-busy") } else { t!("change-go") }}
                    }
                }
                div { class: "spoken", role: "status", {if busy() { t!("change-busy") } else { String::new() }} }
            }
        }
    }
}

/// What to say at the field of the present passphrase.
fn present_fault(code: FailureCode) -> String {
    failure_text(&Failure { code, message: String::new() })
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
