//! Messages within a page: notices, emptiness, waiting.

use super::{Icon, IconView};
use dioxus::prelude::*;

/// How grave a notice is. Each has its own icon, so that colour never speaks alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// For your information.
    #[default]
    Plain,
    /// Good news.
    Ok,
    /// Look at this soon.
    Warn,
    /// This went wrong.
    Stop,
}

impl Tone {
    fn icon(self) -> Icon {
        match self {
            Self::Plain => Icon::Info,
            Self::Ok => Icon::Ok,
            Self::Warn => Icon::Warn,
            Self::Stop => Icon::Stop,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Plain => "notice",
            Self::Ok => "notice notice-ok",
            Self::Warn => "notice notice-warn",
            Self::Stop => "notice notice-stop",
        }
    }
}

/// A message with an icon, a title and what to do about it. Failures are announced at once, the rest politely.
#[component]
pub fn Notice(tone: Tone, title: String, #[props(default)] icon: Option<Icon>, children: Element) -> Element {
    let role = if tone == Tone::Stop { "alert" } else { "status" };
    rsx! {
        div { class: tone.class(), role,
            IconView { icon: icon.unwrap_or(tone.icon()) }
            div { class: "notice-body",
                p { class: "notice-title", "{title}" }
                {children}
            }
        }
    }
}

/// A place where something will be: says what, and offers the first step.
#[component]
pub fn Empty(icon: Icon, title: String, text: String, children: Element) -> Element {
    rsx! {
        div { class: "empty",
            IconView { icon }
            h2 { "{title}" }
            p { class: "soft", "{text}" }
            {children}
        }
    }
}

/// Shown while something loads; the words are for screen readers.
#[component]
pub fn Skeleton(#[props(default = 4)] lines: usize) -> Element {
    rsx! {
        div { class: "skeleton", role: "status", "aria-busy": "true",
            for line in 0..lines {
                span { key: "{line}" }
            }
            div { class: "spoken", {t!("loading")} }
        }
    }
}
