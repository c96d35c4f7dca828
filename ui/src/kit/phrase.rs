//! The field for the recovery words.

use super::field::{FieldError, described};
use dioxus::prelude::*;

/// How many recovery words there are.
pub const WORDS: usize = 24;

/// Where a person types or pastes the recovery words, and how many of them there are so far. The words are nobody's
/// language: nothing capitalises, corrects or spells them, and no keyboard should learn them.
#[component]
pub fn PhraseField(id: &'static str, label: String, hint: String, error: String, value: Signal<String>) -> Element {
    let count = words_in(&value.read()).count();
    let invalid = !error.is_empty();
    let about = described(id, true, invalid).map(|about| format!("{id}-count {about}"));
    rsx! {
        div { class: "field",
            label { r#for: id, "{label}" }
            p { class: "field-hint", id: "{id}-hint", "{hint}" }
            textarea {
                class: "input", id, name: id, rows: "5", dir: "ltr",
                autocomplete: "off", autocapitalize: "none", "autocorrect": "off", spellcheck: "false",
                "aria-invalid": invalid.then_some("true"),
                "aria-describedby": about,
                oninput: move |event| value.set(event.value()),
                value: "{value}",
            }
            p { class: "field-hint", id: "{id}-count", {t!("phrase-count", count = count, of = WORDS)} }
            FieldError { id, error }
        }
    }
}

/// The words in what was typed, as the wallet reads them: whatever is no letter stands between words.
pub fn words_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::words_in;

    #[test]
    fn words_are_counted_however_they_are_written_down() {
        assert_eq!(words_in("").count(), 0);
        assert_eq!(
            words_in(" 1. Abandon, 2. ability\n\n3) able;about ").collect::<Vec<_>>(),
            ["Abandon", "ability", "able", "about"]
        );
    }
}
