//! The page of one share: its QR, its countdown, what became of it, and everything that can be done about it.

use super::evidence::{Evidence, Holds, Terms};
use super::manage::{ChangedElsewhere, Manage};
use crate::app::openings::OpeningsView;
use crate::app::session::{KeepsOpen, Session, loaded};
use crate::app::share::{OnlyHere, preset_keys};
use crate::app::wallet;
use crate::format;
use crate::kit::{Countdown, Icon, IconView, Notice, QrView, Tone, use_now};
use carnet_bridge::{Elsewhere, ShareDetail, ShareStatus, ShareWhy};
use dioxus::prelude::*;

/// Asks the wallet and shows one share.
#[component]
pub fn ShareDetailPage(id: String) -> Element {
    let session = use_context::<Session>();
    let asked = use_resource(move || {
        let id = id.clone();
        async move {
            (session.changed)();
            wallet::share_detail(id).await
        }
    });
    rsx! {
        a { class: "back", href: "#/shares", IconView { icon: Icon::Back } {t!("shares-title")} }
        {loaded(asked, |share| rsx! { ShareView { share: (**share).clone() } })}
    }
}

/// The share itself.
#[component]
pub fn ShareView(share: ShareDetail) -> Element {
    let now = use_now();
    let line = &share.line;
    let who = if line.recipient.is_empty() { t!("share-anyone") } else { line.recipient.clone() };
    let standing = Standing::of(&share, now());
    rsx! {
        header { class: "page-head centred",
            p { class: "kicker", {t!(preset_keys(line.preset).0)} }
            h1 { {t!("visa-for", name = &who)} }
            p { class: "soft on-screen", {t!("count-records", count = line.records)} " · " span { id: "opened", {t!("count-openings", count = line.openings)} } }
        }
        div { class: "stack",
            if standing == Standing::Stopped && line.elsewhere == Some(Elsewhere::Stopped) {
                Notice { tone: Tone::Ok, icon: Icon::Hand, title: t!("share-stopped-elsewhere"), p { {t!("share-stopped-elsewhere-text")} } }
            } else {
                StandingNotice { standing, waiting: line.waiting, why: line.why.clone(), begins: share.not_before.map(|at| format::moment(at, now())) }
            }
            if line.waiting && standing.shows_code() {
                Notice { tone: Tone::Warn, icon: Icon::Offline, title: t!("share-unheard"), p { {t!("share-unheard-text")} } }
            }
            // Before the code: whoever hands it over knows what it opens.
            if standing.goes_on() && line.elsewhere == Some(Elsewhere::Changed) {
                div { class: "on-screen", ChangedElsewhere { id: line.id.clone() } }
            }
            if let Some(other) = &share.superseded_by {
                Notice { tone: Tone::Plain, icon: Icon::Again, title: t!("share-superseded"),
                    a { href: "#/shares/{other}", {t!("share-superseded-go")} }
                }
            }
            // Not for paper: what is printed is to be handed over, and then it leads nowhere.
            if standing.shows_code() && share.only_here {
                div { class: "on-screen", OnlyHere {} }
            }
            if standing.shows_code() {
                QrView { rows: share.qr.clone(), label: t!("qr-label", name = &who) }
            }
            if standing == Standing::Live {
                Countdown { ends: line.expires }
                KeepsOpen {}
            }
            if standing.shows_code() && line.passcode {
                Passcode { passcode: share.known_passcode.clone() }
            }
            // Not for paper: what is printed is the code to hand over.
            div { class: "stack on-screen",
                Manage { share: share.clone(), standing, now: now() }
                section { class: "section", "aria-labelledby": "opened-by",
                    h2 { id: "opened-by", {t!("home-looked")} }
                    OpeningsView { openings: share.openings.clone(), shares: vec![line.clone()], now: now() }
                }
                Terms { share: share.clone(), now: now() }
                Holds { share: share.clone() }
                Evidence { share: share.clone() }
            }
        }
    }
}

/// The passcode, where the vault knows it, out of sight of whoever looks over the shoulder.
#[component]
fn Passcode(passcode: Option<String>) -> Element {
    let mut shown = use_signal(|| false);
    rsx! {
        div { class: "centred stack-tight on-screen",
            if let Some(passcode) = passcode {
                p { class: "soft", IconView { icon: Icon::Key } " " {t!("share-has-passcode")} }
                if shown() {
                    p { class: "passcode", id: "passcode-shown", "{passcode}" }
                }
                button { class: "button button-quiet", r#type: "button", id: "show-passcode", "aria-pressed": "{shown}", onclick: move |_| shown.toggle(),
                    IconView { icon: if shown() { Icon::EyeOff } else { Icon::Eye } }
                    {if shown() { t!("share-passcode-hide") } else { t!("share-passcode-show") }}
                }
            } else {
                p { class: "soft", id: "passcode-unknown", IconView { icon: Icon::Key } " " {t!("share-passcode-unknown")} }
            }
        }
    }
}

/// How a share stands at this moment: its status, and the clock's say in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be opened.
    Live,
    /// Its time has not begun.
    NotYet,
    /// Paused, by the person or for another reason.
    Paused,
    /// It waits for its relay.
    Waiting,
    /// Its time is over.
    Over,
    /// Stopped.
    Stopped,
    /// Stopped here, and the relay does not know yet.
    Stopping,
    /// Opened as often as allowed.
    Exhausted,
}

impl Standing {
    /// How a share stands.
    pub fn of(share: &ShareDetail, now: i64) -> Self {
        let early = share.not_before.is_some_and(|at| at > now);
        match share.line.status {
            ShareStatus::Stopped => Self::Stopped,
            ShareStatus::Stopping => Self::Stopping,
            ShareStatus::Exhausted => Self::Exhausted,
            ShareStatus::Expired => Self::Over,
            _ if share.line.expires <= now => Self::Over,
            ShareStatus::Paused => Self::Paused,
            ShareStatus::Waiting => Self::Waiting,
            ShareStatus::NotYet | ShareStatus::Live if early => Self::NotYet,
            ShareStatus::NotYet | ShareStatus::Live => Self::Live,
        }
    }

    /// Whether its code is worth showing: it opens now, or will.
    pub fn shows_code(self) -> bool {
        matches!(self, Self::Live | Self::NotYet)
    }

    /// Whether it can still be stopped. Of one that was opened as often as allowed a copy may have been kept, and who checks
    /// that sees it stopped.
    pub fn can_stop(self) -> bool {
        matches!(self, Self::Live | Self::NotYet | Self::Paused | Self::Waiting | Self::Exhausted)
    }

    /// Whether anybody can still open it, now or later.
    pub fn goes_on(self) -> bool {
        self.can_stop() && self != Self::Exhausted
    }
}

#[component]
fn StandingNotice(standing: Standing, waiting: bool, why: Option<ShareWhy>, begins: Option<String>) -> Element {
    if let Some(why) = why {
        return rsx! { WhyNotice { standing, waiting, why } };
    }
    let (tone, icon, title, text) = match standing {
        Standing::Live => return rsx! {},
        Standing::NotYet => {
            (Tone::Plain, Icon::Clock, t!("share-not-yet", when = begins.unwrap_or_default()), t!("share-not-yet-text"))
        }
        Standing::Paused if waiting => (Tone::Warn, Icon::Offline, t!("share-pausing"), t!("share-pausing-text")),
        Standing::Paused => (Tone::Warn, Icon::Pause, t!("share-paused"), t!("share-paused-text")),
        Standing::Waiting => (Tone::Warn, Icon::Offline, t!("share-waiting"), t!("share-waiting-text")),
        Standing::Over => (Tone::Plain, Icon::Clock, t!("share-over"), t!("share-over-text")),
        Standing::Stopped => (Tone::Ok, Icon::Hand, t!("share-stopped"), t!("share-stopped-text")),
        Standing::Stopping => (Tone::Warn, Icon::Offline, t!("share-stopping-title"), t!("share-stopping-text")),
        Standing::Exhausted => (Tone::Plain, Icon::Eye, t!("share-exhausted"), t!("share-exhausted-text")),
    };
    rsx! { Notice { tone, icon, title, p { "{text}" } } }
}

/// What became of a share to which the person did nothing.
#[component]
fn WhyNotice(standing: Standing, waiting: bool, why: ShareWhy) -> Element {
    let (icon, title, text) = match (&why, standing) {
        (ShareWhy::Emptied, _) => (Icon::Pause, t!("share-emptied"), t!("share-emptied-text")),
        (ShareWhy::NeverSent, _) => (Icon::Offline, t!("share-never-sent"), t!("share-never-sent-text")),
        (ShareWhy::Refused(_), Standing::Paused) => {
            (Icon::Pause, t!("share-refused-paused"), t!("share-refused-paused-text"))
        }
        (ShareWhy::Refused(_), _) => (Icon::Stop, t!("share-refused"), t!("share-refused-text")),
    };
    rsx! {
        Notice { tone: Tone::Warn, icon, title,
            p { "{text}" }
            if let ShareWhy::Refused(reason) = &why {
                p { dir: "auto", {t!("share-refused-reason", reason = reason)} }
            }
            if standing == Standing::Paused {
                p { {if waiting { t!("share-pausing-text") } else { t!("share-paused-now") }} }
            }
        }
    }
}
