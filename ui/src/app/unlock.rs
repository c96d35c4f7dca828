//! The locked vault.

use super::damaged::Damaged;
use super::recover::{Recover, Way};
use super::session::{Session, failure_text};
use super::start::Mark;
use super::wallet;
use crate::kit::PasswordField;
use crate::platform;
use carnet_bridge::{FailureCode, Passphrase, VaultState};
use dioxus::prelude::*;

/// Asks for the passphrase, or for the recovery words if it is lost, or for a backup if the vault is damaged.
#[component]
pub fn Unlock() -> Element {
    let session = use_context::<Session>();
    let mut way = use_signal(|| None::<Way>);
    rsx! {
        main { class: "cover",
            Mark { class: "cover-mark" }
            if let Some(way_in) = way() {
                for way_in in [way_in] {
                    Recover { key: "{way_in:?}", way: way_in, back: move |()| way.set(None), over: move |()| way.set(Some(Way::Over)) }
                }
            } else {
                Ask { damaged: (session.damaged)(), forgot: move |()| way.set(Some(Way::Vault)), restore: move |()| way.set(Some(Way::Over)) }
            }
        }
    }
}

/// Asks for the passphrase. `damaged`: the vault was found to be, and what can be done is said as well.
#[component]
pub fn Ask(#[props(default)] damaged: bool, forgot: EventHandler<()>, restore: EventHandler<()>) -> Element {
    let session = try_consume_context::<Session>();
    let mut passphrase = use_signal(String::new);
    let mut wrong = use_signal(String::new);
    let mut busy = use_signal(|| false);
    use_effect(|| {
        platform::set_title(&t!("title-page", page = t!("unlock-title")));
        platform::focus("passphrase");
    });

    let submit = move |event: FormEvent| {
        event.prevent_default();
        let (Some(mut session), false) = (session, busy()) else { return };
        busy.set(true);
        wrong.set(String::new());
        spawn(async move {
            let opened = wallet::unlock(Passphrase::new(passphrase())).await;
            busy.set(false);
            passphrase.set(String::new());
            match opened {
                Ok(state) => {
                    session.damaged.set(false);
                    session.vault.set(Some(state));
                }
                Err(failure) if failure.code == FailureCode::Damaged => {
                    session.damaged.set(true);
                    platform::focus("damaged");
                }
                Err(failure) => {
                    if failure.code == FailureCode::NoVault {
                        session.vault.set(Some(VaultState::None));
                    }
                    wrong.set(failure_text(&failure));
                    platform::focus("passphrase");
                }
            }
        });
    };

    rsx! {
        h1 { {t!("unlock-title")} }
        p { class: "cover-lead", {t!("unlock-lead")} }
        if damaged {
            Damaged { words: move |()| if !busy() { forgot.call(()) }, restore: move |()| if !busy() { restore.call(()) } }
        }
        form { onsubmit: submit, novalidate: true,
            PasswordField { id: "passphrase", label: t!("passphrase"), error: wrong(), value: passphrase }
            div { class: "stack-tight",
                button { class: "button button-primary button-wide", id: "unlock", r#type: "submit", "aria-disabled": busy().then_some("true"),
                    {if busy() { t!("unlock-busy") } else { t!("unlock-go") }}
                }
                button { class: "button button-quiet button-wide", id: "forgot", r#type: "button", "aria-disabled": busy().then_some("true"),
                    onclick: move |_| if !busy() { forgot.call(()) },
                    {t!("unlock-forgot")}
                }
            }
            div { class: "spoken", role: "status", {if busy() { t!("unlock-busy") } else { String::new() }} }
        }
    }
}
