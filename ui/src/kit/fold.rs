//! What is out of sight until it is wanted: a part that unfolds, and a question before something that cannot be undone.

use super::{Icon, IconView};
use crate::platform;
use dioxus::prelude::*;

/// A part with a line that opens it. What is inside is made only while it is open, so that a page may hold thousands of
/// records. `count` stands at the line's end.
#[component]
pub fn Fold(
    id: String,
    title: String,
    #[props(default)] detail: String,
    #[props(default)] count: String,
    #[props(default)] icon: Option<Icon>,
    #[props(default)] open: bool,
    children: Element,
) -> Element {
    let mut unfolded = use_signal(|| open);
    rsx! {
        div { class: "fold",
            button { class: "fold-line", r#type: "button", id: "{id}", "aria-expanded": "{unfolded}", "aria-controls": "{id}-inside",
                onclick: move |_| unfolded.toggle(),
                if let Some(icon) = icon {
                    IconView { icon }
                }
                span { class: "grow",
                    span { class: "fold-title", "{title}" }
                    if !detail.is_empty() {
                        span { class: "fold-detail", "{detail}" }
                    }
                }
                if !count.is_empty() {
                    span { class: "fold-count", "{count}" }
                }
                IconView { icon: Icon::Forward, class: "icon-fold icon-turns" }
            }
            div { class: "fold-inside", id: "{id}-inside", hidden: !unfolded(),
                if unfolded() {
                    {children}
                }
            }
        }
    }
}

/// Asks once more before something that cannot be taken back. Comes up in its place on the page and takes the focus;
/// whoever shows it gives the focus back when the person stays with what is.
#[component]
pub fn Sure(
    id: &'static str,
    title: String,
    text: String,
    yes: String,
    no: String,
    busy: bool,
    onyes: EventHandler<()>,
    onno: EventHandler<()>,
) -> Element {
    use_effect(move || platform::focus(id));
    rsx! {
        div { class: "notice notice-warn", role: "alertdialog", tabindex: "-1", id, "aria-labelledby": "{id}-title", "aria-describedby": "{id}-text",
            onkeydown: move |event: KeyboardEvent| if event.key() == Key::Escape { onno.call(()) },
            IconView { icon: Icon::Warn }
            div { class: "notice-body",
                p { class: "notice-title", id: "{id}-title", "{title}" }
                p { id: "{id}-text", "{text}" }
                div { class: "row",
                    button { class: "button button-stop", r#type: "button", id: "{id}-yes", "aria-disabled": busy.then_some("true"), onclick: move |_| onyes.call(()), "{yes}" }
                    button { class: "button", r#type: "button", id: "{id}-no", onclick: move |_| onno.call(()), "{no}" }
                }
            }
        }
    }
}
