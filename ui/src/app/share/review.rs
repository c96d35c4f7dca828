//! The fourth step: one sentence that says what is about to happen, and what the person agrees to.

use super::asked::{Difference, differences};
use super::draft::Draft;
use super::{OnlyHere, binds_key, format_key};
use crate::app::route::Route;
use crate::app::session::{FailureView, Session, loaded};
use crate::app::wallet;
use crate::kit::{Fold, Icon, IconView, category_icon, category_key};
use crate::{format, i18n, platform};
use carnet_bridge::{Failure, ShareNotice, SharePreview};
use dioxus::prelude::*;

/// The step.
#[component]
pub fn Review() -> Element {
    let session = use_context::<Session>();
    let draft = session.draft;
    let asked = use_resource(move || async move { wallet::preview_share(draft.read().for_wallet()).await });
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let mut make = move |()| {
        if busy() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let made = wallet::share(draft.peek().for_wallet()).await;
            busy.set(false);
            match made {
                Ok(share) => {
                    let (mut draft, id) = (draft, share.line.id.clone());
                    draft.set(Draft::default());
                    session.touch();
                    // The four steps are over: Back leads to where sharing began, not into a share made already.
                    platform::replace(&Route::Shares.fragment());
                    platform::go(&Route::ShareDetail(id).fragment());
                }
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    rsx! {
        {loaded(asked, |preview| rsx! { ReviewView { draft: draft.read().clone(), preview: preview.clone(), now: platform::now() } })}
        if let Some(failure) = failed() {
            div { class: "section", FailureView { failure } }
        }
        div { class: "actions",
            button { class: "button button-primary", id: "make-share", "aria-disabled": busy().then_some("true"), onclick: move |_| make(()),
                IconView { icon: Icon::Qr }
                {if busy() { t!("share-busy") } else { t!("share-make") }}
            }
        }
    }
}

/// The sentence, the points that go with it, what is given beside what was asked, and the notice.
#[component]
pub fn ReviewView(draft: Draft, preview: SharePreview, now: i64) -> Element {
    let share = &draft.share;
    let who = if share.recipient.trim().is_empty() { t!("share-whoever") } else { share.recipient.trim().to_owned() };
    let until = format::moment(share.not_before.unwrap_or(now) + share.seconds, now);
    let sentence = match share.not_before {
        None => t!("share-sentence", name = who, count = preview.records, until = until),
        Some(from) => {
            let from = format::moment(from, now);
            t!("share-sentence-later", name = who, count = preview.records, from = from, until = until)
        }
    };
    rsx! {
        div { class: "stack",
            if preview.only_here {
                OnlyHere {}
            }
            p { class: "sentence", id: "sentence", "{sentence}" }
            ul { class: "card stack-tight",
                for count in preview.categories.clone() {
                    li { key: "{count.category}", class: "row",
                        IconView { icon: category_icon(&count.category) }
                        span { class: "grow", {t!(category_key(&count.category))} }
                        span { class: "figures", {i18n::grouped(count.count as i64)} }
                    }
                }
            }
            if let Some(asked) = &draft.asked {
                Beside { by: asked.by.clone(), differences: differences(asked, share) }
            }
            Points { draft: draft.clone(), preview: preview.clone(), now }
            NoticeView { notice: preview.notice }
        }
    }
}

/// What else is good to know before it happens, one line each.
#[component]
fn Points(draft: Draft, preview: SharePreview, now: i64) -> Element {
    let share = &draft.share;
    let sensitive: u64 =
        preview.held_back.iter().filter(|held| held.reason == "sensitive").map(|held| held.count).sum();
    let mut points: Vec<(Icon, String)> = Vec::new();
    if let Some(passcode) = share.passcode.as_deref().map(str::trim).filter(|passcode| !passcode.is_empty()) {
        points.push((Icon::Key, t!("share-review-passcode", passcode = passcode)));
    }
    if let Some(most) = share.max_openings {
        points.push((Icon::Eye, t!("share-review-openings", count = most)));
    }
    if share.live {
        points.push((Icon::Again, t!("share-review-live")));
    }
    if sensitive > 0 {
        points.push((Icon::EyeOff, t!("share-review-held", count = sensitive)));
    }
    if !share.choice.sensitive.is_empty() {
        let subjects = share.choice.sensitive.iter().map(|label| t!(crate::kit::sensitivity_key(label)));
        points.push((Icon::Eye, t!("share-review-sensitive", what = subjects.collect::<Vec<_>>().join(", "))));
    }
    // Whoever ticks one record need not have ticked its subject, nor know that it is a sensitive one.
    for one in preview.sensitive.iter().filter(|one| share.choice.with.contains(&one.record.id)) {
        let what = one.labels.iter().map(|label| t!(crate::kit::sensitivity_key(label))).collect::<Vec<_>>().join(", ");
        points.push((Icon::Eye, t!("share-review-single", title = one.record.title.as_str(), what = what)));
    }
    if share.tell_left_out {
        points.push((Icon::Info, t!("share-review-tell")));
    }
    for obligation in &share.obligations {
        points.push((Icon::Hand, t!(binds_key(*obligation))));
    }
    if let Some(at) = share.erase_by {
        points.push((Icon::Clock, t!("share-review-erase", when = format::moment(at, now))));
    }
    if let Some(form) = share.format.filter(|form| *form != share.preset.format()) {
        points.push((Icon::Document, t!(format_key(form))));
    }
    let photo = if share.passcode.is_some() { t!("share-review-photo-locked") } else { t!("share-review-photo") };
    points.push((Icon::Qr, photo));
    rsx! {
        ul { class: "stack-tight",
            for (at, (icon, words)) in points.into_iter().enumerate() {
                li { key: "{at}", class: "point", IconView { icon } span { class: "grow", "{words}" } }
            }
        }
    }
}

/// What is given beside what was asked for.
#[component]
fn Beside(by: String, differences: Vec<Difference>) -> Element {
    let (less, more): (Vec<_>, Vec<_>) = differences.into_iter().partition(|difference| difference.less);
    rsx! {
        section { class: "card", id: "beside", "aria-labelledby": "beside-title",
            h2 { class: "part", id: "beside-title", {t!("asked-beside", name = by)} }
            if less.is_empty() && more.is_empty() {
                p { class: "point", IconView { icon: Icon::Check } span { class: "grow", {t!("asked-exactly")} } }
            }
            for (title, class, list) in [(t!("asked-less"), "tag tag-ok", less), (t!("asked-more"), "tag tag-warn", more)] {
                if !list.is_empty() {
                    p { class, IconView { icon: if class == "tag tag-ok" { Icon::Shield } else { Icon::Warn } } "{title}" }
                    ul { class: "stack-tight",
                        for (at, difference) in list.into_iter().enumerate() {
                            li { key: "{at}", class: "dash", "{difference.says}" }
                        }
                    }
                }
            }
        }
    }
}

/// The notice that the person agrees to, whole, in its version. Folded; the button below says that making is agreeing.
#[component]
pub fn NoticeView(notice: ShareNotice) -> Element {
    let title = i18n::text(&format!("notice-v{}-title", notice.version), &[]);
    let lines = notice_lines(notice.version);
    rsx! {
        div { class: "stack-tight",
            p { class: "soft", {t!("notice-agree")} }
            Fold { id: "notice", icon: Icon::Document, title: t!("notice-title"), detail: t!("notice-version", version = notice.version),
                p { class: "strong", "{title}" }
                ul { class: "stack-tight notice-text",
                    for (at, line) in lines.into_iter().enumerate() {
                        li { key: "{at}", "{line}" }
                    }
                }
            }
        }
    }
}

/// The parts of a notice, in the order in which they are read. A version has those it needs.
const PARTS: [&str; 9] = ["scope", "reader", "purpose", "time", "relay", "receipts", "withdraw", "copies", "ledger"];

/// The lines of a version of the notice; none of a version that these words do not have.
pub fn notice_lines(version: u32) -> Vec<String> {
    let keys = PARTS.into_iter().map(|part| format!("notice-v{version}-{part}"));
    keys.filter(|key| i18n::has(key)).map(|key| i18n::text(&key, &[])).collect()
}
