//! One record, or one fact of several sources, in a list.

use crate::format;
use crate::kit::{Icon, IconView, Spark, category_icon, category_key, status_text};
use carnet_bridge::{RecordLine, TimelineEntry};
use dioxus::prelude::*;

/// One record in a list.
#[component]
pub fn RecordRow(line: RecordLine) -> Element {
    rsx! { EntryRow { entry: TimelineEntry::from(line) } }
}

/// One fact in a list: how many sources say it, and whether they agree, with an icon and a word each.
#[component]
pub fn EntryRow(entry: TimelineEntry) -> Element {
    let line = entry.line;
    let title = if line.title.is_empty() { t!("record-untitled") } else { line.title.clone() };
    let detail = [
        Some(line.detail.clone()).filter(|detail| !detail.is_empty()),
        line.status
            .as_deref()
            .filter(|status| !matches!(*status, "final" | "completed" | "finished" | "active"))
            .map(status_text),
    ];
    let detail = detail.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let tagged = line.another || line.sensitive || entry.sources > 1 || entry.disagree || entry.signed || entry.typed;
    rsx! {
        a { class: "line", id: "record-{line.id}", href: "#/records/{line.id}",
            IconView { icon: category_icon(&line.category) }
            span { class: "grow",
                span { class: "spoken", {t!(category_key(&line.category))} }
                span { class: "line-title", dir: "auto", "{title}" }
                if !detail.is_empty() {
                    span { class: "line-detail", dir: "auto", "{detail}" }
                }
                if tagged {
                    span { class: "tags",
                        if line.another {
                            span { class: "tag tag-warn", IconView { icon: Icon::People } {t!("record-another")} }
                        }
                        if entry.disagree {
                            span { class: "tag tag-warn", IconView { icon: Icon::Warn } {t!("record-disagree")} }
                        }
                        if entry.sources > 1 {
                            span { class: "tag", IconView { icon: Icon::Copy } {t!("record-sources", count = entry.sources)} }
                        }
                        if entry.signed {
                            span { class: "tag tag-ok", IconView { icon: Icon::Seal } {t!("record-signed")} }
                        }
                        if entry.typed {
                            span { class: "tag", IconView { icon: Icon::Person } {t!("record-typed")} }
                        }
                        if line.sensitive {
                            span { class: "tag", IconView { icon: Icon::EyeOff } {t!("record-sensitive")} }
                        }
                    }
                }
            }
            span { class: "line-end",
                {line.date.as_deref().map(format::date).unwrap_or_default()}
                Spark { run: entry.run }
            }
        }
    }
}
