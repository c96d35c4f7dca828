//! The third step: how long, the passcode, and what few people need, out of sight until they want it.

use super::draft::{DIGITS, Draft};
use super::{Next, Obligations, format_key};
use crate::app::route::{Route, Step};
use crate::app::session::Session;
use crate::format;
use crate::kit::{DateField, Fold, Icon, IconView, Select, Switch, TextField};
use crate::platform::{self, LocalTime};
use carnet_bridge::{ShareDraft, ShareFormat};
use dioxus::prelude::*;

/// The shortest passcode worth the name.
pub const PASSCODE_LEAST: usize = 4;
/// No share begins later than so many seconds from now: 30 days.
const LATEST_START: i64 = 30 * 86_400;

/// The step.
#[component]
pub fn Long() -> Element {
    let session = use_context::<Session>();
    rsx! { LongView { draft: session.draft } }
}

/// The choice itself.
#[component]
pub fn LongView(draft: Signal<Draft>, #[props(default)] more: bool) -> Element {
    let passcode = use_signal(|| draft.peek().share.passcode.clone().unwrap_or_default());
    let begins = use_signal(|| draft.peek().share.not_before.map(format::iso_day).unwrap_or_default());
    let hour = use_signal(|| draft.peek().share.not_before.map_or(8, |at| platform::local(at).hour));
    let later = use_signal(|| draft.peek().share.not_before.is_some());
    let erase = use_signal(|| draft.peek().share.erase_by.map(format::iso_day).unwrap_or_default());
    let erases = use_signal(|| draft.peek().share.erase_by.is_some());
    let mut tried = use_signal(|| false);
    let share = draft.read().share.clone();
    let now = platform::now();
    let dates = Dates { later: later(), begins: begins(), hour: hour(), erases: erases(), erase: erase() };
    let checked = dates.checked(now, share.seconds);
    let short = share.passcode.is_some() && passcode.read().trim().chars().count() < PASSCODE_LEAST;
    let wrong = short || checked.begins.is_err() || checked.erase.is_err();
    let shown = move |error: Option<&'static str>| error.filter(|_| tried()).map(|key| t!(key)).unwrap_or_default();
    let submit = {
        let checked = checked.clone();
        move |event: FormEvent| {
            event.prevent_default();
            tried.set(true);
            if short {
                platform::focus("passcode");
            } else if checked.begins.is_err() {
                platform::focus("begins");
            } else if checked.erase.is_err() {
                platform::focus("erase");
            } else {
                let mut draft = draft.write();
                draft.share.not_before = checked.begins.ok().flatten();
                draft.share.erase_by = checked.erase.ok().flatten();
                if draft.share.passcode.is_some() {
                    draft.share.passcode = Some(passcode.peek().trim().to_owned());
                }
                drop(draft);
                platform::go(&Route::Share(Step::Review).fragment());
            }
        }
    };
    let passcode_field = rsx! {
        Passcode { draft, passcode, error: shown(short.then_some("share-passcode-short")) }
    };
    let live_switch = rsx! {
        Switch { id: "live", label: t!("share-live"), hint: t!("share-live-hint"), on: share.live, onchange: move |on| draft.write().share.live = on }
    };
    rsx! {
        form { class: "stack", novalidate: true, onsubmit: submit,
            fieldset {
                legend { class: "spoken", {t!("share-long-title")} }
                div { class: "choices",
                    for seconds in spans(&share) {
                        label { key: "{seconds}", class: "choice choice-line",
                            input { r#type: "radio", name: "span", checked: share.seconds == seconds, onchange: move |_| draft.write().share.seconds = seconds }
                            span { class: "choice-title grow", {format::span(seconds)} }
                            span { class: "choice-until", {t!("share-until", when = format::moment(checked.start(now) + seconds, now))} }
                        }
                    }
                }
            }
            if share.preset.suggests_passcode() {
                {passcode_field.clone()}
            }
            // What the occasion turns on by itself is in sight, to be turned off.
            if share.preset.suggests_live() {
                div { class: "card", {live_switch.clone()} }
            }
            Fold { id: "more", icon: Icon::Adjust, title: t!("share-more"), detail: t!("share-more-text"), open: more || (tried() && wrong),
                div { class: "stack more",
                    if !share.preset.suggests_passcode() {
                        {passcode_field}
                    }
                    Openings { draft }
                    Begins { later, begins, hour, error: shown(checked.begins.as_ref().err().copied()) }
                    if !share.preset.suggests_live() {
                        {live_switch}
                    }
                    Form { draft }
                    Asks { draft, erases, erase, error: shown(checked.erase.as_ref().err().copied()) }
                    Switch { id: "tell-left-out", label: t!("share-tell"), hint: t!("share-tell-hint"), on: share.tell_left_out, onchange: move |on| draft.write().share.tell_left_out = on }
                }
            }
            Next { blocked: tried() && wrong }
        }
    }
}

/// How long it may last: what the occasion offers, and what was asked for or chosen before.
fn spans(share: &ShareDraft) -> Vec<i64> {
    let mut spans = share.preset.spans().to_vec();
    if !spans.contains(&share.seconds) {
        spans.push(share.seconds);
        spans.sort_unstable();
    }
    spans
}

/// The passcode: on or off, its text, and other digits.
#[component]
fn Passcode(draft: Signal<Draft>, passcode: Signal<String>, error: String) -> Element {
    let on = draft.read().share.passcode.is_some();
    rsx! {
        div { class: "card",
            Switch { id: "passcode-on", label: t!("share-passcode-on"), hint: t!("share-passcode-on-hint"), on, onchange: move |on| {
                if on && passcode.peek().trim().is_empty() {
                    passcode.set(platform::random_digits(DIGITS));
                }
                draft.write().share.passcode = on.then(|| passcode.peek().clone());
            } }
            if on {
                TextField { id: "passcode", label: t!("share-passcode"), hint: t!("share-passcode-hint"), error, maximum: 64, verbatim: true, value: passcode }
                button { class: "button", r#type: "button", id: "other-digits", onclick: move |_| passcode.set(platform::random_digits(DIGITS)),
                    IconView { icon: Icon::Again }
                    {t!("share-passcode-other")}
                }
            }
        }
    }
}

/// How often it may be opened.
#[component]
fn Openings(draft: Signal<Draft>) -> Element {
    let most = draft.read().share.max_openings;
    let mut choices = vec![None, Some(1), Some(5), Some(20)];
    if !choices.contains(&most) {
        choices.push(most);
    }
    rsx! {
        fieldset {
            legend { class: "field-legend", {t!("share-openings-title")} }
            div { class: "choices pair",
                for choice in choices {
                    label { key: "{choice:?}", class: "choice choice-line",
                        input { r#type: "radio", name: "openings", checked: most == choice, onchange: move |_| draft.write().share.max_openings = choice }
                        span { {choice.map_or_else(|| t!("share-openings-any"), |count| t!("share-openings", count = count))} }
                    }
                }
            }
        }
    }
}

/// From when it can be opened.
#[component]
fn Begins(later: Signal<bool>, begins: Signal<String>, hour: Signal<u8>, error: String) -> Element {
    let hours = (0..24u8).map(|hour| (hour.to_string(), format!("{hour:02}:00"))).collect::<Vec<_>>();
    rsx! {
        div { class: "stack-tight",
            Switch { id: "later", label: t!("share-later"), hint: t!("share-later-hint"), on: later(), onchange: move |on| later.set(on) }
            if later() {
                DateField { id: "begins", legend: t!("share-begins"), error, value: begins }
                Select { id: "hour", label: t!("share-begins-hour"), options: hours, value: hour().to_string(),
                    onchange: move |to: String| if let Ok(to) = to.parse() { hour.set(to) } }
            }
        }
    }
}

/// The form of what is shared.
#[component]
fn Form(draft: Signal<Draft>) -> Element {
    let share = &draft.read().share;
    let form = share.format.unwrap_or_else(|| share.preset.format());
    rsx! {
        fieldset {
            legend { class: "field-legend", {t!("share-format")} }
            div { class: "choices",
                for (one, id, text) in [(ShareFormat::Ips, "format-ips", t!("share-format-ips-text")), (ShareFormat::Ktc, "format-ktc", t!("share-format-ktc-text"))] {
                    label { key: "{id}", class: "choice",
                        input { r#type: "radio", name: "format", id, checked: form == one, onchange: move |_| draft.write().share.format = Some(one) }
                        span { class: "grow",
                            span { class: "choice-title", {t!(format_key(one))} }
                            span { class: "choice-text", "{text}" }
                        }
                    }
                }
            }
        }
    }
}

/// What the recipient is asked to hold to.
#[component]
fn Asks(draft: Signal<Draft>, erases: Signal<bool>, erase: Signal<String>, error: String) -> Element {
    let asked = draft.read().share.obligations.clone();
    rsx! {
        fieldset {
            legend { class: "field-legend", {t!("share-asks")} }
            p { class: "field-hint", {t!("share-asks-hint")} }
            div { class: "switches-plain",
                Obligations { held: asked, onchange: move |held| draft.write().share.obligations = held }
                Switch { id: "erases", label: t!("share-erase"), on: erases(), onchange: move |on| erases.set(on) }
            }
            if erases() {
                DateField { id: "erase", legend: t!("share-erase-by"), error, value: erase }
            }
        }
    }
}

/// The two days of this step as they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Dates {
    later: bool,
    begins: String,
    hour: u8,
    erases: bool,
    erase: String,
}

/// The same as moments, or the key of what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Checked {
    begins: Result<Option<i64>, &'static str>,
    erase: Result<Option<i64>, &'static str>,
}

impl Dates {
    fn checked(&self, now: i64, seconds: i64) -> Checked {
        let begins = match (self.later, day(&self.begins)) {
            (false, _) => Ok(None),
            (true, None) => Err("problem-whole-date"),
            (true, Some(day)) => {
                let at = platform::at(LocalTime { hour: self.hour, ..day });
                match at - now {
                    ..=0 => Err("problem-past"),
                    LATEST_START.. => Err("problem-too-late"),
                    _ => Ok(Some(at)),
                }
            }
        };
        let ends = begins.unwrap_or_default().unwrap_or(now) + seconds;
        let erase = match (self.erases, day(&self.erase)) {
            (false, _) => Ok(None),
            (true, None) => Err("problem-whole-date"),
            (true, Some(day)) => {
                // To the end of that day.
                let at = platform::at(LocalTime { hour: 23, minute: 59, ..day });
                if at >= ends { Ok(Some(at)) } else { Err("problem-before-end") }
            }
        };
        Checked { begins, erase }
    }
}

impl Checked {
    fn start(&self, now: i64) -> i64 {
        self.begins.unwrap_or_default().unwrap_or(now)
    }
}

/// A date with its day, as midnight of it.
fn day(text: &str) -> Option<LocalTime> {
    match format::parse_date(text) {
        Some((year, Some(month), Some(day))) => Some(LocalTime { year, month, day, hour: 0, minute: 0 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_777_820_000; // 3 May 2026, 14:53 UTC

    fn dates(later: bool, begins: &str, erases: bool, erase: &str) -> Dates {
        Dates { later, begins: begins.to_owned(), hour: 9, erases, erase: erase.to_owned() }
    }

    #[test]
    fn days_that_are_off_say_nothing() {
        let checked = dates(false, "2020-01-01", false, "").checked(NOW, 900);
        assert_eq!(checked, Checked { begins: Ok(None), erase: Ok(None) });
        assert_eq!(checked.start(NOW), NOW);
    }

    #[test]
    fn a_share_begins_in_time_and_is_erased_after_its_end() {
        let begins = |day: &str| dates(true, day, false, "").checked(NOW, 86_400).begins;
        assert_eq!(begins("2026-05-04"), Ok(Some(1_777_885_200)));
        assert_eq!(begins("2026-05-03"), Err("problem-past"), "nine in the morning is over");
        assert_eq!(begins("2026-07-01"), Err("problem-too-late"));
        assert_eq!(begins("2026-05"), Err("problem-whole-date"));
        let erase = |day: &str| dates(true, "2026-05-04", true, day).checked(NOW, 86_400).erase;
        assert_eq!(erase("2026-05-05"), Ok(Some(1_778_025_540)));
        assert_eq!(erase("2026-05-04"), Err("problem-before-end"));
        assert_eq!(erase(""), Err("problem-whole-date"));
    }

    #[test]
    fn a_span_that_was_asked_for_is_offered_too() {
        let mut share = ShareDraft::new(carnet_bridge::SharePreset::Visit);
        assert_eq!(spans(&share), share.preset.spans());
        share.seconds = 3_600;
        assert_eq!(spans(&share).first(), Some(&3_600));
    }
}
