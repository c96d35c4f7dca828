//! Time that runs: one clock tick a second, and what is left until a moment.

use crate::{format, platform};
use dioxus::prelude::*;

/// The present moment, renewed each second while the component is shown.
pub fn use_now() -> Signal<i64> {
    let mut now = use_signal(platform::now);
    use_future(move || async move {
        loop {
            platform::sleep(1_000).await;
            let tick = platform::now();
            if tick != *now.peek() {
                now.set(tick);
            }
        }
    });
    now
}

/// The time left until `ends`, large, with the moment itself below; announced each minute, not each second.
#[component]
pub fn Countdown(ends: i64) -> Element {
    let now = use_now();
    let left = ends - now();
    rsx! {
        div { class: "countdown", role: "timer",
            if left > 0 {
                span { class: "countdown-time", id: "countdown", "aria-hidden": "true", {format::left(left)} }
                span { class: "spoken", "aria-live": "polite", {format::left_spoken(left)} }
                p { class: "soft", {t!("share-until", when = format::moment(ends, now()))} }
            } else {
                p { class: "strong", {t!("share-over")} }
            }
        }
    }
}
