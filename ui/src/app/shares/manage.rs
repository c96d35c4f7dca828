//! What can be done about a share: copy its link, pause it, make it last longer, stop it.

use super::detail::Standing;
use crate::app::route::Route;
use crate::app::session::Session;
use crate::app::wallet::{self, Answer};
use crate::kit::{Fold, Icon, IconView, Notice, Sure, Tone};
use crate::{format, platform};
use carnet_bridge::{ShareDetail, ShareStatus, ShareWhy};
use dioxus::prelude::dioxus_core::spawn_forever;
use dioxus::prelude::*;

/// The buttons, and the question before a share is stopped for good.
#[component]
pub fn Manage(share: ShareDetail, standing: Standing, now: i64) -> Element {
    let session = try_consume_context::<Session>();
    let mut busy = use_signal(|| false);
    let mut asking = use_signal(|| false);
    // Staying with the share gives the focus back to the button that asked, once it is there again.
    let mut stayed = use_signal(|| false);
    use_effect(move || {
        if stayed() {
            stayed.set(false);
            platform::focus("stop-sharing");
        }
    });
    let id = share.line.id.clone();
    // Whatever is asked of the wallet ends the same way: a word, and the page asks anew.
    let run = use_callback(move |asked: Asked| {
        let (Some(session), false) = (session, busy()) else { return };
        busy.set(true);
        session.trying();
        let id = id.clone();
        spawn(async move {
            match asked.send(id.clone()).await {
                Ok(now) => {
                    session.say(asked.done(&now));
                    if asked == Asked::Forget {
                        // There is no page of it any more, also not for Back.
                        let mut route = session.route;
                        platform::replace(&Route::Shares.fragment());
                        route.set(Route::Shares);
                        return;
                    }
                    if now.line.id != id {
                        // A longer grant took its place.
                        platform::replace(&Route::Shares.fragment());
                        platform::go(&Route::ShareDetail(now.line.id.clone()).fragment());
                    }
                }
                Err(failure) if asked == Asked::Stop => session.fail_as(t!("share-not-stopped"), &failure),
                Err(failure) => session.fail(&failure),
            }
            busy.set(false);
            asking.set(false);
            session.touch();
        });
    });
    let copy = move |text: String| copy(session, text);
    if share.line.why == Some(ShareWhy::NeverSent) {
        return rsx! {
            div { class: "actions",
                button { class: "button grow", r#type: "button", id: "forget-share", "aria-disabled": busy().then_some("true"), onclick: move |_| run(Asked::Forget),
                    IconView { icon: Icon::Close }
                    {t!("share-forget")}
                }
            }
        };
    }
    if !standing.can_stop() {
        return rsx! {};
    }
    let paused = standing == Standing::Paused;
    let can_last = matches!(standing, Standing::Live | Standing::Paused);
    let spans = longer(&share, now);
    rsx! {
        if asking() {
            Sure {
                id: "sure-stop",
                title: t!("share-stop-sure"),
                text: t!("share-stop-text"),
                yes: if busy() { t!("share-stopping") } else { t!("share-stop") },
                no: t!("share-stop-not"),
                busy: busy(),
                onyes: move |()| run(Asked::Stop),
                onno: move |()| { asking.set(false); stayed.set(true); },
            }
        } else {
            div { class: "actions",
                button { class: "button button-stop grow", r#type: "button", id: "stop-sharing", onclick: move |_| asking.set(true),
                    IconView { icon: Icon::Hand }
                    {t!("share-stop")}
                }
                if standing.goes_on() && standing != Standing::Waiting {
                    button { class: "button grow", r#type: "button", id: "pause", "aria-disabled": busy().then_some("true"), onclick: move |_| run(Asked::Pause(!paused)),
                        IconView { icon: if paused { Icon::Play } else { Icon::Pause } }
                        {if paused { t!("share-resume") } else { t!("share-pause") }}
                    }
                }
                if standing.shows_code() {
                    button { class: "button grow", r#type: "button", id: "copy-link", onclick: { let link = share.link.clone(); move |_| copy(link.clone()) },
                        IconView { icon: Icon::Copy }
                        {t!("share-copy")}
                    }
                }
            }
        }
        if can_last && spans.is_empty() {
            p { class: "point soft", id: "longest", IconView { icon: Icon::Clock } span { class: "grow", {t!("share-longest")} } }
        } else if can_last {
            Fold { id: "longer", icon: Icon::Clock, title: t!("share-longer"), detail: t!("share-longer-text"),
                div { class: "row",
                    for seconds in spans {
                        button { key: "{seconds}", class: "button", r#type: "button", id: "longer-{seconds}", "aria-disabled": busy().then_some("true"),
                            onclick: move |_| run(Asked::Extend(seconds)),
                            {t!("share-until", when = format::moment(now + seconds, now))}
                        }
                    }
                }
            }
        }
        if standing.goes_on() && standing != Standing::Waiting {
            Fold { id: "card", icon: Icon::Hand, title: t!("share-card"), detail: t!("share-card-text"),
                a { class: "button", id: "see-card", href: Route::Card(share.line.id.clone()).fragment(),
                    IconView { icon: Icon::Print }
                    {t!("share-card-see")}
                }
            }
        }
        if standing.shows_code() {
            Fold { id: "other-ways", icon: Icon::Share, title: t!("share-other-ways"),
                div { class: "stack-tight",
                    p { class: "soft", {t!("share-shlink-text")} }
                    pre { class: "original", id: "shlink", dir: "ltr", tabindex: "0", "{share.shlink}" }
                    button { class: "button", r#type: "button", onclick: { let link = share.shlink.clone(); move |_| copy(link.clone()) },
                        IconView { icon: Icon::Copy }
                        {t!("share-copy")}
                    }
                    p { class: "soft", {t!("share-print-text")} }
                    button { class: "button", r#type: "button", id: "print-code", onclick: move |_| platform::print(),
                        IconView { icon: Icon::Print }
                        {t!("share-print")}
                    }
                }
            }
        }
    }
}

/// What another device changed: readers see that, and the person can put what is here in its place.
#[component]
pub fn ChangedElsewhere(id: String) -> Element {
    let session = try_consume_context::<Session>();
    let mut busy = use_signal(|| false);
    let update = move |_| {
        let (Some(session), false) = (session, busy()) else { return };
        busy.set(true);
        session.trying();
        let id = id.clone();
        // The page asks anew as soon as it is done, and then this is here no more.
        spawn_forever(async move {
            match Asked::Update.send(id).await {
                Ok(now) => session.say(Asked::Update.done(&now)),
                Err(failure) => {
                    session.fail(&failure);
                    busy.set(false);
                }
            }
            session.touch();
        });
    };
    rsx! {
        Notice { tone: Tone::Warn, icon: Icon::Again, title: t!("share-changed"),
            p { {t!("share-changed-text")} }
            button { class: "button", r#type: "button", id: "update", "aria-disabled": busy().then_some("true"), onclick: update,
                IconView { icon: Icon::Again }
                {t!("share-update")}
            }
        }
    }
}

/// What the wallet is asked to do with a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Stop,
    /// Take one off the list that nobody could ever open.
    Forget,
    Pause(bool),
    Extend(i64),
    Update,
}

impl Asked {
    async fn send(self, id: String) -> Answer<Box<ShareDetail>> {
        match self {
            Self::Stop | Self::Forget => wallet::stop_sharing(id).await,
            Self::Pause(paused) => wallet::pause_share(id, paused).await,
            Self::Extend(seconds) => wallet::extend_share(id, seconds).await,
            Self::Update => wallet::update_share(id).await,
        }
    }

    /// What to say once it is done.
    fn done(self, share: &ShareDetail) -> String {
        match self {
            Self::Forget => t!("toast-forgotten"),
            Self::Stop if share.line.status == ShareStatus::Stopped => t!("toast-stopped"),
            Self::Stop => t!("toast-stopping"),
            Self::Pause(true) if share.line.waiting => t!("share-pausing-text"),
            Self::Pause(false) | Self::Extend(_) | Self::Update if share.line.waiting => t!("toast-unheard"),
            Self::Pause(true) => t!("toast-paused"),
            Self::Pause(false) => t!("toast-resumed"),
            Self::Extend(_) => t!("toast-longer"),
            Self::Update => t!("toast-updated"),
        }
    }
}

/// The spans of its occasion by which it would end later than it does, by a tenth of the span at least: a minute more for
/// a share of a day is no choice.
fn longer(share: &ShareDetail, now: i64) -> Vec<i64> {
    let gains = |seconds: &i64| now + seconds - share.line.expires >= seconds / 10;
    share.line.preset.spans().iter().copied().filter(gains).collect()
}

fn copy(session: Option<Session>, text: String) {
    spawn(async move {
        let Some(session) = session else { return };
        session.trying();
        match wallet::copy(text).await {
            Ok(()) => session.say(t!("toast-copied")),
            Err(failure) => session.fail(&failure),
        }
    });
}
