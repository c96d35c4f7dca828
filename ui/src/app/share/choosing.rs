//! Choosing records: kinds, since when, sensitive subjects, and the list of what goes in and what stays. For a share and for
//! a file of the person's own.

use super::draft::{Draft, count_of};
use super::lists::{GoesIn, Sensitive, Stays};
use crate::format;
use crate::kit::{DateField, Empty, Fold, Icon, IconView, category_icon, category_key};
use crate::platform;
use carnet_bridge::SharePreview;
use dioxus::prelude::*;

/// The day since when records are chosen, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Days {
    since: Signal<String>,
    /// Half a year is no mistake while it is being typed.
    tried: Signal<bool>,
}

/// Keeps the day that is typed, and in the draft what of it is a date.
pub fn use_days(mut draft: Signal<Draft>) -> Days {
    let since = use_signal(|| draft.peek().share.choice.since.clone().unwrap_or_default());
    let tried = use_signal(|| false);
    use_effect(move || {
        let typed = since();
        let wanted = Some(typed).filter(|typed| format::parse_date(typed).is_some());
        if draft.peek().share.choice.since != wanted {
            draft.write().share.choice.since = wanted;
        }
    });
    Days { since, tried }
}

impl Days {
    /// Whether the person may go on. If not, what is wrong is said, and the focus goes there.
    pub fn are_right(&mut self) -> bool {
        let Some((field, _)) = self.wrong() else { return true };
        self.tried.set(true);
        platform::focus(field);
        false
    }

    /// Whether something is said to be wrong.
    pub fn are_shown_wrong(self) -> bool {
        (self.tried)() && self.wrong().is_some()
    }

    /// The field that is wrong, and the key of what is.
    fn wrong(self) -> Option<(&'static str, &'static str)> {
        let since = self.since.read();
        (!since.is_empty() && format::parse_date(&since).is_none()).then_some(("since", "problem-no-date"))
    }

    fn error(self, of: &str) -> String {
        let wrong = self.wrong().filter(|(field, _)| *field == of && (self.tried)());
        wrong.map(|(_, key)| t!(key)).unwrap_or_default()
    }
}

/// The choice. `tally`: how much it comes to, in words.
#[component]
pub fn Choosing(preview: SharePreview, draft: Signal<Draft>, tally: String, days: Days) -> Element {
    let chosen = draft.read().categories();
    let shown: Vec<String> = preview.available.iter().map(|count| count.category.clone()).collect();
    rsx! {
        p { class: "tally", role: "status", id: "share-count",
            IconView { icon: if preview.records == 0 { Icon::Info } else { Icon::Share } }
            span { class: "grow", "{tally}" }
        }
        fieldset {
            legend { class: "spoken", {t!("share-what-title")} }
            div { class: "choices choices-tight",
                for count in preview.available.clone() {
                    label { key: "{count.category}", class: "choice choice-line",
                        input {
                            r#type: "checkbox",
                            id: "kind-{count.category}",
                            checked: chosen.contains(&count.category),
                            onchange: {
                                let (category, shown) = (count.category.clone(), shown.clone());
                                move |event: FormEvent| draft.write().tick_category(&category, event.checked(), &shown)
                            },
                        }
                        IconView { icon: category_icon(&count.category) }
                        span { class: "grow", {t!(category_key(&count.category))} }
                        span { class: "choice-count", {t!("share-count-of", count = count_of(&preview.categories, &count.category), all = count.count)} }
                    }
                }
            }
        }
        Fold { id: "since-fold", icon: Icon::Clock, title: t!("share-since"), detail: since_detail(&draft.read()), open: !days.since.peek().is_empty(),
            DateField { id: "since", legend: t!("share-since-legend"), hint: t!("share-since-hint"), error: days.error("since"), value: days.since }
        }
        Sensitive { preview: preview.clone(), draft }
        section { class: "section stack", "aria-labelledby": "list-title",
            h2 { class: "part", id: "list-title", {t!("share-list-title")} }
            p { class: "soft", {t!("share-list-text")} }
            GoesIn { preview: preview.clone(), draft }
            Stays { preview, draft }
        }
    }
}

/// Instead of a choice, where there are no records yet.
#[component]
pub fn NothingYet() -> Element {
    rsx! {
        Empty { icon: Icon::Records, title: t!("records-empty-title"), text: t!("records-empty-text"),
            a { class: "button button-primary", id: "add", href: "#/add",
                IconView { icon: Icon::Plus }
                {t!("add-title")}
            }
        }
    }
}

fn since_detail(draft: &Draft) -> String {
    match &draft.share.choice.since {
        Some(since) => t!("share-since-set", date = format::date(since)),
        None => t!("share-since-all"),
    }
}
