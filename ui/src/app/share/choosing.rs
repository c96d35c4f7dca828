//! Choosing records: kinds, of which time, sensitive subjects, and the list of what goes in and what stays. For a share and for
//! a file of the person's own.

use super::draft::{Draft, count_of};
use super::lists::{GoesIn, Sensitive, Stays};
use crate::format;
use crate::kit::{DateField, Empty, Fold, Icon, IconView, category_icon, category_key};
use crate::platform;
use carnet_bridge::SharePreview;
use dioxus::prelude::*;

/// The days between which records are chosen, as they are typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Days {
    since: Signal<String>,
    until: Signal<String>,
    /// Half a year is no mistake while it is being typed.
    tried: Signal<bool>,
}

/// Keeps the days that are typed, and in the draft those that are dates.
pub fn use_days(mut draft: Signal<Draft>) -> Days {
    let since = use_signal(|| draft.peek().share.choice.since.clone().unwrap_or_default());
    let until = use_signal(|| draft.peek().share.choice.until.clone().unwrap_or_default());
    let tried = use_signal(|| false);
    use_effect(move || {
        let date = |typed: String| Some(typed).filter(|typed| format::parse_date(typed).is_some());
        let wanted = (date(since()), date(until()));
        let known = draft.peek().share.choice.clone();
        if (known.since, known.until) != wanted {
            let choice = &mut draft.write().share.choice;
            (choice.since, choice.until) = wanted;
        }
    });
    Days { since, until, tried }
}

impl Days {
    /// Whether the button that goes on does nothing as things stand: nothing is chosen, or a day is said to be wrong.
    pub fn hold_up(self, preview: &SharePreview) -> bool {
        preview.records == 0 || (self.tried)() && self.wrong().is_some()
    }

    /// What a press of that button checks. If a day is wrong, that is said, and the focus goes there.
    pub fn let_on(&mut self, preview: &SharePreview) -> bool {
        preview.records > 0 && self.are_right()
    }

    fn are_right(&mut self) -> bool {
        let Some((field, _)) = self.wrong() else { return true };
        self.tried.set(true);
        platform::focus(field);
        false
    }

    /// The field that is wrong, and the key of what is.
    fn wrong(self) -> Option<(&'static str, &'static str)> {
        wrong(&self.since.read(), &self.until.read())
    }

    fn error(self, of: &str) -> String {
        let wrong = self.wrong().filter(|(field, _)| *field == of && (self.tried)());
        wrong.map(|(_, key)| t!(key)).unwrap_or_default()
    }
}

/// The field that is wrong of two days, and the key of what is. Either may be empty.
fn wrong(since: &str, until: &str) -> Option<(&'static str, &'static str)> {
    let (first, last) = (format::parse_date(since), format::parse_date(until));
    if !since.is_empty() && first.is_none() {
        return Some(("since", "problem-no-date"));
    }
    if !until.is_empty() && last.is_none() {
        return Some(("until", "problem-no-date"));
    }
    // A year or a month reaches from its first day to its last.
    let begins = first.map(|(year, month, day)| (year, month.unwrap_or(1), day.unwrap_or(1)));
    let ends = last.map(|(year, month, day)| (year, month.unwrap_or(12), day.unwrap_or(31)));
    begins.zip(ends).filter(|(begins, ends)| ends < begins).map(|_| ("until", "problem-until-before"))
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
        Fold { id: "since-fold", icon: Icon::Clock, title: t!("share-since"), detail: days_detail(&draft.read()), open: !days.since.peek().is_empty() || !days.until.peek().is_empty(),
            DateField { id: "since", legend: t!("share-since-legend"), hint: t!("share-since-hint"), error: days.error("since"), value: days.since }
            DateField { id: "until", legend: t!("share-upto-legend"), hint: t!("share-upto-hint"), error: days.error("until"), value: days.until }
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

fn days_detail(draft: &Draft) -> String {
    let choice = &draft.share.choice;
    match (&choice.since, &choice.until) {
        (Some(since), Some(until)) => {
            t!("share-between-set", since = format::date(since), until = format::date(until))
        }
        (Some(since), None) => t!("share-since-set", date = format::date(since)),
        (None, Some(until)) => t!("share-upto-set", date = format::date(until)),
        (None, None) => t!("share-since-all"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_not_before_the_first() {
        for right in [("", ""), ("2020", ""), ("", "2020"), ("2020", "2020"), ("2020-05", "2020"), ("2020", "2020-05")]
        {
            assert_eq!(wrong(right.0, right.1), None, "{right:?}");
        }
        for before in
            [("2020", "2019"), ("2020-05", "2020-04"), ("2020-05-03", "2020-05-02"), ("2020-05-03", "2020-04")]
        {
            assert_eq!(wrong(before.0, before.1), Some(("until", "problem-until-before")), "{before:?}");
        }
        assert_eq!(wrong("20", "2019"), Some(("since", "problem-no-date")));
        assert_eq!(wrong("2020", "2020-13"), Some(("until", "problem-no-date")));
    }
}
