//! Why a record is held back from shares, and the person's own say in it.

use crate::app::session::Session;
use crate::app::wallet;
use crate::kit::{Icon, IconView, Switch, sensitivity_key};
use carnet_bridge::{LabelState, RecordSheet};
use dioxus::prelude::*;

/// Labels that a person may set on any record; those found elsewhere are shown too.
const OFFERED: [&str; 7] = ["SUD", "MH", "HIV", "STD", "SEX", "SDV", "GDIS"];

/// The switches, folded where nothing is held back, with the way back after a change.
#[component]
pub fn Labels(record: String, labels: Vec<LabelState>, changed: EventHandler<RecordSheet>) -> Element {
    let session = try_consume_context::<Session>();
    // What was changed last: the label and what the person had decided before.
    let mut undo = use_signal(|| None::<(String, Option<bool>)>);
    // Grows when a change did not go through, so that its switch is drawn anew as it was.
    let mut failed = use_signal(|| 0u32);
    let id = record.clone();
    let decide = move |label: String, on: Option<bool>, before: Option<Option<bool>>| {
        let id = id.clone();
        if let Some(session) = session {
            session.trying();
        }
        spawn(async move {
            match wallet::set_label(id, label.clone(), on).await {
                Ok(sheet) => {
                    undo.set(before.map(|before| (label, before)));
                    changed.call(*sheet);
                }
                Err(failure) => {
                    failed += 1;
                    if let Some(session) = session {
                        session.fail(&failure);
                    }
                }
            }
        });
    };
    let held = labels.iter().any(|label| label.on);
    // Found or decided first, then what else may be set.
    let others = OFFERED
        .into_iter()
        .filter(|name| !labels.iter().any(|label| label.label == *name))
        .map(|name| LabelState { label: name.to_owned(), on: false, because: String::new(), decided: None });
    let (known, rest) = (labels.clone(), others.collect::<Vec<_>>());
    let reset = decide.clone();
    let row = move |label: LabelState| {
        let decide = decide.clone();
        let hint = match (label.decided, label.because.is_empty()) {
            (Some(true), _) => t!("label-you-on"),
            (Some(false), false) => t!("label-you-off", because = &label.because),
            (Some(false), true) => t!("label-you-off-plain"),
            (None, false) => t!("label-because", because = &label.because),
            (None, true) => String::new(),
        };
        let name = label.label.clone();
        rsx! {
            li { key: "{label.label}-{failed}",
                Switch { id: "label-{label.label}", label: t!(sensitivity_key(&label.label)), hint, on: label.on,
                    onchange: move |on| decide(name.clone(), Some(on), Some(label.decided)) }
            }
        }
    };
    let rest_row = row.clone();
    rsx! {
        section { class: "card", "aria-labelledby": "labels",
            h2 { id: "labels", {t!("labels-title")} }
            p { class: "point",
                if held {
                    IconView { icon: Icon::EyeOff } span { {t!("labels-held")} }
                } else {
                    IconView { icon: Icon::Eye } span { {t!("labels-free")} }
                }
            }
            if !known.is_empty() {
                ul { class: "switches", {known.into_iter().map(row)} }
            }
            details {
                summary { IconView { icon: Icon::Forward, class: "icon-fold icon-turns" } {t!("labels-more")} }
                ul { class: "switches", {rest.into_iter().map(rest_row)} }
            }
            if let Some((label, before)) = undo() {
                p { class: "row", role: "status",
                    span { class: "soft", {t!("labels-changed")} }
                    button { class: "button button-quiet", r#type: "button", id: "label-undo", onclick: move |_| reset(label.clone(), before, None), {t!("labels-undo")} }
                }
            }
        }
    }
}
