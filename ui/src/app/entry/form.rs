//! The form of something typed in: only the fields its kind has, each with what is wrong with it beside it.

use crate::app::session::{FailureView, Session};
use crate::app::wallet;
use crate::format;
use crate::kit::{DateField, FieldError, Icon, IconView, Select, TextArea, TextField};
use crate::platform;
use carnet_bridge::{EntryField, EntryKind, EntryProblem, EntrySeverity, Failure, OwnEntry, Suggestion, TEXT_MOST};
use dioxus::prelude::*;

/// The form. What keeps the entry from being kept is said only after the first try, and goes as it is mended.
#[component]
pub fn EntryForm(entry: OwnEntry, #[props(default)] tried: bool) -> Element {
    let session = try_consume_context::<Session>();
    let kind = entry.kind;
    let corrects = entry.corrects.clone();
    let title = use_signal(|| entry.title.clone());
    let mut code = use_signal(|| entry.code.clone().map(|code| (entry.title.clone(), code)));
    let date = use_signal(|| entry.date.clone());
    let end = use_signal(|| entry.end.clone());
    let value = use_signal(|| entry.value.clone());
    let mut unit = use_signal(|| entry.unit.clone());
    let reaction = use_signal(|| entry.reaction.clone());
    let mut severity = use_signal(|| entry.severity);
    let mut dangerous = use_signal(|| entry.dangerous);
    let mut over = use_signal(|| entry.over);
    let dose = use_signal(|| entry.dose.clone());
    let lot = use_signal(|| entry.lot.clone());
    let note = use_signal(|| entry.note.clone());
    let mut tried = use_signal(|| tried);
    let mut saving = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let given = move || OwnEntry {
        corrects: corrects.clone(),
        kind,
        title: title().trim().to_owned(),
        // A code belongs to the words it was suggested with.
        code: code().filter(|(words, _)| words.trim() == title().trim()).map(|(_, code)| code),
        date: date(),
        end: end(),
        value: value().trim().to_owned(),
        unit: unit().trim().to_owned(),
        reaction: reaction().trim().to_owned(),
        severity: severity(),
        dangerous: dangerous(),
        over: over(),
        dose: dose().trim().to_owned(),
        lot: lot().trim().to_owned(),
        note: note().trim().to_owned(),
    };
    let today = format::iso_day(platform::now());
    let problems = if tried() { given().problems(&today) } else { Vec::new() };
    let error = |field: EntryField| {
        let found = problems.iter().find(|(of, _)| *of == field);
        found.map(|(field, problem)| problem_text(kind, *field, *problem)).unwrap_or_default()
    };
    let submit = move |event: FormEvent| {
        event.prevent_default();
        if saving() {
            return;
        }
        let entry = given();
        tried.set(true);
        if let Some((field, _)) = entry.problems(&format::iso_day(platform::now())).first() {
            platform::focus(field_id(*field));
            return;
        }
        saving.set(true);
        failed.set(None);
        spawn(async move {
            match wallet::save_entry(entry).await {
                Ok(sheet) => {
                    if let Some(session) = session {
                        session.say(t!("toast-saved"));
                        session.touch();
                    }
                    platform::go(&format!("#/records/{}", sheet.detail.line.id));
                }
                Err(failure) => failed.set(Some(failure)),
            }
            saving.set(false);
        });
    };
    let choose = move |suggestion: Suggestion| {
        let mut title = title;
        title.set(suggestion.title.clone());
        code.set(suggestion.code.map(|code| (suggestion.title, code)));
        if !suggestion.unit.is_empty() {
            unit.set(suggestion.unit);
        }
    };
    let severities = [None, Some(EntrySeverity::Mild), Some(EntrySeverity::Moderate), Some(EntrySeverity::Severe)];
    rsx! {
        form { class: "stack", onsubmit: submit, novalidate: true, autocomplete: "off",
            if !problems.is_empty() {
                p { class: "field-error", role: "alert", IconView { icon: Icon::Warn } span { {t!("type-problems", count = problems.len())} } }
            }
            if kind == EntryKind::Note {
                TextField { id: "title", label: t!("type-note-title"), error: error(EntryField::Title), maximum: TEXT_MOST, value: title }
                TextArea { id: "note", label: t!("type-note-text"), error: error(EntryField::Note), rows: 8, value: note }
            } else {
                Suggested { kind, error: error(EntryField::Title), value: title, choose }
            }
            match kind {
                EntryKind::Allergy => rsx! {
                    TextField { id: "reaction", label: t!("type-reaction"), hint: t!("type-reaction-hint"), maximum: TEXT_MOST, value: reaction }
                    Select { id: "dangerous", label: t!("type-dangerous"),
                        options: DANGERS.map(|(name, key, _)| (name.to_owned(), t!(key))).to_vec(),
                        value: DANGERS.into_iter().find(|(.., of)| *of == dangerous()).map_or("", |(name, ..)| name),
                        onchange: move |to: String| dangerous.set(DANGERS.into_iter().find(|(name, ..)| *name == to).and_then(|(.., of)| of)) }
                },
                EntryKind::Medicine => rsx! {
                    TextField { id: "dose", label: t!("type-dosage"), hint: t!("type-dosage-hint"), maximum: TEXT_MOST, value: dose }
                },
                EntryKind::Measurement => rsx! {
                    div { class: "pair",
                        TextField { id: "value", label: t!("type-value"), hint: t!("type-value-hint"), error: error(EntryField::Value), maximum: 40, value }
                        TextField { id: "unit", label: t!("type-unit"), hint: t!("type-unit-hint"), maximum: 40, value: unit }
                    }
                },
                EntryKind::Condition | EntryKind::Vaccination | EntryKind::Note => rsx! {},
            }
            if matches!(kind, EntryKind::Allergy | EntryKind::Condition) {
                Select { id: "severity", label: t!("type-severity"),
                    options: severities.map(|of| (severity_name(of).to_owned(), t!(severity_key(of)))).to_vec(),
                    value: severity_name(severity()),
                    onchange: move |to: String| severity.set(severities.into_iter().find(|of| severity_name(*of) == to).flatten()) }
            }
            DateField { id: "date", legend: t!(date_key(kind)), hint: t!("type-date-hint"), error: error(EntryField::Date), value: date }
            if matches!(kind, EntryKind::Condition | EntryKind::Medicine) {
                DateField { id: "end", legend: t!("type-end"), hint: t!("type-end-hint"), error: error(EntryField::End), value: end }
            }
            if matches!(kind, EntryKind::Allergy | EntryKind::Condition | EntryKind::Medicine) && end().is_empty() {
                label { class: "choice choice-line",
                    input { r#type: "checkbox", id: "over", checked: over(), onchange: move |event| over.set(event.checked()) }
                    span { {t!("type-over")} }
                }
            }
            if kind == EntryKind::Vaccination {
                TextField { id: "dose", label: t!("type-dose"), hint: t!("type-dose-hint"), maximum: TEXT_MOST, value: dose }
                TextField { id: "lot", label: t!("type-lot"), hint: t!("type-lot-hint"), maximum: TEXT_MOST, value: lot }
            }
            if kind != EntryKind::Note {
                TextArea { id: "note", label: t!("type-note"), hint: t!("type-optional"), error: error(EntryField::Note), rows: 3, value: note }
            }
            if let Some(failure) = failed() {
                FailureView { failure }
            }
            div { class: "actions",
                button { class: "button button-primary", r#type: "submit", id: "save", "aria-disabled": saving().then_some("true"),
                    {if saving() { t!("type-saving") } else { t!("type-save") }}
                }
            }
        }
    }
}

/// The title with suggestions below it, as a combobox: arrows choose, Enter takes, Escape closes.
#[component]
fn Suggested(kind: EntryKind, error: String, value: Signal<String>, choose: EventHandler<Suggestion>) -> Element {
    let mut offered = use_signal(Vec::<Suggestion>::new);
    let mut at = use_signal(|| None::<usize>);
    let ask = move |text: String| {
        value.set(text.clone());
        at.set(None);
        spawn(async move {
            // A word is easier typed without suggestions than with those of a failure: it stays what it is.
            let found = wallet::suggest(kind, text.clone()).await.unwrap_or_default();
            if *value.peek() == text {
                offered.set(found);
            }
        });
    };
    let mut take = move |suggestion: Suggestion| {
        offered.set(Vec::new());
        at.set(None);
        choose.call(suggestion);
    };
    let keys = move |event: KeyboardEvent| {
        let count = offered.read().len();
        if count == 0 {
            return;
        }
        match event.key() {
            Key::ArrowDown => at.set(Some(at().map_or(0, |at| (at + 1) % count))),
            Key::ArrowUp => at.set(Some(at().map_or(count - 1, |at| (at + count - 1) % count))),
            Key::Enter if at().is_some() => {
                let chosen = at().and_then(|at| offered.read().get(at).cloned());
                if let Some(chosen) = chosen {
                    take(chosen);
                }
            }
            Key::Escape => offered.set(Vec::new()),
            _ => return,
        }
        event.prevent_default();
    };
    rsx! {
        SuggestedView { kind, error, value: value(), offered: offered(), at: at(), ask, keys, take, close: move |()| offered.set(Vec::new()) }
    }
}

/// The field and its list.
#[component]
pub fn SuggestedView(
    kind: EntryKind,
    error: String,
    value: String,
    offered: Vec<Suggestion>,
    at: Option<usize>,
    ask: EventHandler<String>,
    keys: EventHandler<KeyboardEvent>,
    take: EventHandler<Suggestion>,
    close: EventHandler<()>,
) -> Element {
    let count = offered.len();
    let open = count > 0;
    let invalid = !error.is_empty();
    rsx! {
        div { class: "field suggested",
            label { r#for: "title", {t!(what_key(kind))} }
            p { class: "field-hint", id: "title-hint", {t!("type-suggest-hint")} }
            input {
                class: "input", id: "title", name: "title", role: "combobox", autocomplete: "off", maxlength: "{TEXT_MOST}",
                "aria-expanded": if open { "true" } else { "false" },
                "aria-controls": "suggestions",
                "aria-autocomplete": "list",
                "aria-activedescendant": at.map(|at| format!("suggestion-{at}")),
                "aria-invalid": invalid.then_some("true"),
                "aria-describedby": if invalid { "title-hint title-error" } else { "title-hint" },
                value: "{value}",
                oninput: move |event| ask.call(event.value()),
                onkeydown: move |event| keys.call(event),
                onblur: move |_| close.call(()),
            }
            ul { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": t!("type-suggestions"), hidden: !open,
                for (number, suggestion) in offered.into_iter().enumerate() {
                    li { key: "{number}", id: "suggestion-{number}", role: "option", "aria-selected": if at == Some(number) { "true" } else { "false" },
                        // Before the field loses the focus and closes the list.
                        onmousedown: { let suggestion = suggestion.clone(); move |event: MouseEvent| { event.prevent_default(); take.call(suggestion.clone()) } },
                        bdi { "{suggestion.title}" }
                        if !suggestion.unit.is_empty() {
                            span { class: "soft small", "{suggestion.unit}" }
                        }
                    }
                }
            }
            span { class: "spoken", role: "status", if open { {t!("type-suggest-count", count = count)} } }
            FieldError { id: "title", error }
        }
    }
}

/// The key of what is asked for.
fn what_key(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Allergy => "what-allergy",
        EntryKind::Condition => "what-condition",
        EntryKind::Medicine => "what-medicine",
        EntryKind::Vaccination => "what-vaccination",
        EntryKind::Measurement => "what-measurement",
        EntryKind::Note => "type-note-title",
    }
}

/// Whether an allergy could threaten life: name, key and meaning.
const DANGERS: [(&str, &str, Option<bool>); 3] = [
    ("", "severity-unknown", None),
    ("yes", "type-dangerous-yes", Some(true)),
    ("no", "type-dangerous-no", Some(false)),
];

fn field_id(field: EntryField) -> &'static str {
    match field {
        EntryField::Title => "title",
        EntryField::Date => "date",
        EntryField::End => "end",
        EntryField::Value => "value",
        EntryField::Note => "note",
    }
}

fn date_key(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Allergy | EntryKind::Condition => "type-began",
        EntryKind::Medicine => "type-taken-since",
        EntryKind::Vaccination => "type-given",
        EntryKind::Measurement => "type-measured",
        EntryKind::Note => "type-when",
    }
}

fn severity_name(severity: Option<EntrySeverity>) -> &'static str {
    match severity {
        None => "",
        Some(EntrySeverity::Mild) => "mild",
        Some(EntrySeverity::Moderate) => "moderate",
        Some(EntrySeverity::Severe) => "severe",
    }
}

fn severity_key(severity: Option<EntrySeverity>) -> &'static str {
    match severity {
        None => "severity-unknown",
        Some(EntrySeverity::Mild) => "severity-mild",
        Some(EntrySeverity::Moderate) => "severity-moderate",
        Some(EntrySeverity::Severe) => "severity-severe",
    }
}

/// What is wrong and how to mend it.
fn problem_text(kind: EntryKind, field: EntryField, problem: EntryProblem) -> String {
    match (field, problem) {
        (EntryField::Title, EntryProblem::Missing) if kind == EntryKind::Note => t!("problem-note-title"),
        (EntryField::Title, EntryProblem::Missing) => t!("problem-title"),
        (EntryField::Value, EntryProblem::Missing) => t!("problem-value"),
        (EntryField::Note, EntryProblem::Missing) => t!("problem-note"),
        (_, EntryProblem::Missing) if kind == EntryKind::Vaccination => t!("problem-date-given"),
        (_, EntryProblem::Missing) => t!("problem-date"),
        (_, EntryProblem::TooLong) => t!("problem-too-long"),
        (_, EntryProblem::NoDate) => t!("problem-no-date"),
        (_, EntryProblem::InFuture) => t!("problem-future"),
        (_, EntryProblem::EndsFirst) => t!("problem-ends-first"),
        (_, EntryProblem::NoNumber) => t!("problem-no-number"),
    }
}
