//! Fields to choose in: a list to pick from, a date at any precision, a longer text, a switch.

use super::field::{FieldError, described};
use dioxus::prelude::*;

/// A list to pick one from: value and words of each.
#[component]
pub fn Select(
    id: String,
    label: String,
    #[props(default)] hint: String,
    #[props(default)] error: String,
    options: Vec<(String, String)>,
    value: String,
    onchange: EventHandler<String>,
) -> Element {
    let invalid = !error.is_empty();
    rsx! {
        div { class: "field",
            label { r#for: "{id}", "{label}" }
            if !hint.is_empty() {
                p { class: "field-hint", id: "{id}-hint", "{hint}" }
            }
            select {
                class: "input", id: "{id}", name: "{id}",
                "aria-invalid": invalid.then_some("true"),
                "aria-describedby": described(&id, !hint.is_empty(), invalid),
                onchange: move |event| onchange.call(event.value()),
                for (of, words) in options {
                    option { key: "{of}", value: "{of}", selected: of == value, "{words}" }
                }
            }
            FieldError { id: "{id}", error }
        }
    }
}

/// Several lines of text; `verbatim` as in [`TextField`](super::TextField).
#[component]
pub fn TextArea(
    id: &'static str,
    label: String,
    #[props(default)] hint: String,
    #[props(default)] error: String,
    #[props(default = 4)] rows: u32,
    #[props(default)] verbatim: bool,
    value: Signal<String>,
) -> Element {
    let invalid = !error.is_empty();
    rsx! {
        div { class: "field",
            label { r#for: id, "{label}" }
            if !hint.is_empty() {
                p { class: "field-hint", id: "{id}-hint", "{hint}" }
            }
            textarea {
                class: "input", id, name: id, rows: "{rows}",
                autocapitalize: verbatim.then_some("off"),
                "autocorrect": verbatim.then_some("off"),
                spellcheck: verbatim.then_some("false"),
                "aria-invalid": invalid.then_some("true"),
                "aria-describedby": described(id, !hint.is_empty(), invalid),
                oninput: move |event| value.set(event.value()),
                value: "{value}",
            }
            FieldError { id, error }
        }
    }
}

/// A date as a person knows it: a year, with a month, with a day. The value is `2026`, `2026-05` or `2026-05-03`; what
/// does not fit together comes out as text that is no date.
#[component]
pub fn DateField(
    id: &'static str,
    legend: String,
    #[props(default)] hint: String,
    #[props(default)] error: String,
    value: Signal<String>,
) -> Element {
    let parts = use_signal(|| split(&value.peek()));
    let (day, month, year) = parts();
    let invalid = !error.is_empty();
    let about = described(id, !hint.is_empty(), invalid);
    let change = move |change: fn(&mut (String, String, String), String), to: String| {
        let (mut parts, mut value) = (parts, value);
        change(&mut parts.write(), to);
        value.set(join(&parts.peek()));
    };
    let months = (1..=12u8).map(|month| (month.to_string(), crate::format::month(month)));
    rsx! {
        fieldset { class: "field", "aria-describedby": about,
            legend { class: "field-legend", "{legend}" }
            if !hint.is_empty() {
                p { class: "field-hint", id: "{id}-hint", "{hint}" }
            }
            div { class: "date",
                div { class: "date-part",
                    label { r#for: "{id}-day", {t!("date-day")} }
                    input { class: "input", id: "{id}-day", inputmode: "numeric", maxlength: "2", autocomplete: "off",
                        "aria-invalid": invalid.then_some("true"), value: "{day}",
                        oninput: move |event| change(|parts, to| parts.0 = to, event.value()) }
                }
                div { class: "date-part",
                    label { r#for: "{id}-month", {t!("date-month")} }
                    select { class: "input", id: "{id}-month", "aria-invalid": invalid.then_some("true"),
                        onchange: move |event| change(|parts, to| parts.1 = to, event.value()),
                        option { value: "", selected: month.is_empty(), {t!("date-no-month")} }
                        for (number, name) in months {
                            option { key: "{number}", value: "{number}", selected: number == month, "{name}" }
                        }
                    }
                }
                div { class: "date-part",
                    label { r#for: id, {t!("date-year")} }
                    input { class: "input", id, inputmode: "numeric", maxlength: "4", autocomplete: "off",
                        "aria-invalid": invalid.then_some("true"), value: "{year}",
                        oninput: move |event| change(|parts, to| parts.2 = to, event.value()) }
                }
            }
            FieldError { id, error }
        }
    }
}

/// Something that is on or off at once, without a button to confirm.
#[component]
pub fn Switch(
    id: String,
    label: String,
    #[props(default)] hint: String,
    on: bool,
    onchange: EventHandler<bool>,
) -> Element {
    rsx! {
        label { class: "switch", r#for: "{id}",
            span { class: "grow",
                span { class: "switch-label", "{label}" }
                if !hint.is_empty() {
                    span { class: "switch-hint", "{hint}" }
                }
            }
            input { r#type: "checkbox", role: "switch", id: "{id}", checked: on, onchange: move |event| onchange.call(event.checked()) }
        }
    }
}

/// `2026-05-03` as day, month and year; a month without its zero.
fn split(date: &str) -> (String, String, String) {
    let mut parts = date.split('-').map(|part| part.trim_start_matches('0').to_owned());
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    (day.unwrap_or_default(), month.unwrap_or_default(), year.unwrap_or_default())
}

fn join((day, month, year): &(String, String, String)) -> String {
    let two = |part: &str| if part.len() == 1 { format!("0{part}") } else { part.to_owned() };
    let (day, month, year) = (day.trim(), month.trim(), year.trim());
    match (day.is_empty(), month.is_empty()) {
        (true, true) => year.to_owned(),
        (true, false) => format!("{year}-{}", two(month)),
        (false, _) => format!("{year}-{}-{}", two(month), two(day)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_keeps_its_precision_and_what_does_not_fit_is_no_date() {
        for date in ["2026", "2026-05", "2026-05-03", "1999-12-31"] {
            assert_eq!(join(&split(date)), date);
        }
        let of = |day: &str, month: &str, year: &str| join(&(day.to_owned(), month.to_owned(), year.to_owned()));
        assert_eq!(of("3", "", "2026"), "2026--03");
        assert_eq!(of("", "5", ""), "-05");
        assert_eq!(of("", "", ""), "");
        assert_eq!(of(" 3", "5", "2026 "), "2026-05-03");
    }
}
