//! The second step: what goes in.

use super::choosing::{Choosing, NothingYet, use_days};
use super::{Draft, Next};
use crate::app::route::{Route, Step};
use crate::app::session::{Session, loaded};
use crate::app::wallet;
use crate::platform;
use carnet_bridge::SharePreview;
use dioxus::prelude::*;

/// The step.
#[component]
pub fn What() -> Element {
    let session = use_context::<Session>();
    let draft = session.draft;
    // Asked anew whenever something is ticked; until the answer is there the last one is shown.
    let asked = use_resource(move || async move { wallet::preview_share(draft.read().for_wallet()).await });
    loaded(asked, |preview| rsx! { WhatView { preview: preview.clone(), draft } })
}

/// The choice itself.
#[component]
pub fn WhatView(preview: SharePreview, draft: Signal<Draft>) -> Element {
    let mut days = use_days(draft);
    if preview.available.is_empty() {
        return rsx! { NothingYet {} };
    }
    let tally =
        if preview.records == 0 { t!("share-nothing") } else { t!("share-what-count", count = preview.records) };
    let blocked = days.hold_up(&preview);
    let seen = preview.clone();
    rsx! {
        form {
            class: "stack",
            novalidate: true,
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                if days.let_on(&seen) {
                    platform::go(&Route::Share(Step::Long).fragment());
                }
            },
            Choosing { preview, draft, tally, days }
            Next { blocked }
        }
    }
}
