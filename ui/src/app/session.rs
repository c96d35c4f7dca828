//! What the screens have in common: the vault's state, the address, the running import, and news from the wallet.

use super::route::Route;
use super::wallet;
use crate::kit::{Notice, Tone};
use crate::platform;
use carnet_bridge::{Event, Failure, FailureCode, ImportAccount, ImportProgress, VaultState};
use dioxus::prelude::dioxus_core::{Runtime, spawn_forever};
use dioxus::prelude::*;

/// Handles to the shared state; a context of the whole app.
#[derive(Clone, Copy, PartialEq)]
pub struct Session {
    /// The vault's state, once known.
    pub vault: Signal<Option<VaultState>>,
    /// The screen.
    pub route: Signal<Route>,
    /// The import that runs.
    pub importing: Signal<Option<ImportProgress>>,
    /// Accounts of imports finished since the app started and not yet looked at.
    pub accounts: Signal<Vec<ImportAccount>>,
    /// Files are held over the window.
    pub dragging: Signal<bool>,
    /// A short word after something was done.
    pub toast: Signal<String>,
    /// Grows whenever what screens show may have changed.
    pub changed: Signal<u64>,
    /// What is searched for among the records.
    pub search: Signal<String>,
    /// The share being put together.
    pub draft: Signal<super::share::Draft>,
}

impl Session {
    /// The state at the start.
    pub fn new() -> Self {
        Self {
            vault: Signal::new(None),
            route: Signal::new(Route::parse(&platform::fragment())),
            importing: Signal::new(None),
            accounts: Signal::new(Vec::new()),
            dragging: Signal::new(false),
            toast: Signal::new(String::new()),
            changed: Signal::new(0),
            search: Signal::new(String::new()),
            draft: Signal::new(super::share::Draft::default()),
        }
    }

    /// Hears the wallet's events from now on.
    pub fn listen(self) {
        let runtime = Runtime::current();
        wallet::listen(move |event| runtime.in_scope(ScopeId::ROOT, || self.hear(event)));
    }

    /// Follows the address from now on.
    pub fn follow_address(self) {
        let runtime = Runtime::current();
        let mut route = self.route;
        platform::on_fragment_change(move || {
            runtime.in_scope(ScopeId::ROOT, || route.set(Route::parse(&platform::fragment())));
        });
    }

    fn hear(mut self, event: Event) {
        match event {
            Event::Import(progress) => self.importing.set(Some(progress)),
            Event::ImportedFile(account) => {
                let last = self.importing.peek().as_ref().is_none_or(|running| running.file_number >= running.files);
                if last {
                    self.importing.set(None);
                }
                self.accounts.write().push(account);
                self.touch();
            }
            Event::DragOver(over) => self.dragging.set(over),
            Event::Opened(opening) => {
                self.say(t!("toast-opened", name = opening.recipient));
                self.touch();
            }
            Event::ShareChanged { .. } => self.touch(),
            Event::Locked => self.locked(),
        }
    }

    /// Makes the screens ask anew.
    pub fn touch(mut self) {
        let next = *self.changed.peek() + 1;
        self.changed.set(next);
    }

    /// Shows the unlock screen and forgets what the screens held.
    pub fn locked(mut self) {
        self.draft.set(super::share::Draft::default());
        self.search.set(String::new());
        self.accounts.set(Vec::new());
        self.importing.set(None);
        self.vault.set(Some(VaultState::Locked));
    }

    /// Says a short word for four seconds.
    pub fn say(mut self, text: String) {
        self.toast.set(text.clone());
        spawn_forever(async move {
            platform::sleep(4_000).await;
            if *self.toast.peek() == text {
                self.toast.set(String::new());
            }
        });
    }

    /// Starts an import with the system's dialog; it goes on whatever screen is shown.
    pub fn pick_and_import(mut self) {
        spawn_forever(async move {
            let outcome = wallet::pick_and_import().await;
            self.importing.set(None);
            match outcome {
                Ok(accounts) => {
                    self.accounts.set(accounts);
                    self.touch();
                    platform::go(&Route::Imports.fragment());
                }
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => self.fail(&failure),
            }
        });
    }

    /// Tells of a failure that no screen shows by itself.
    pub fn fail(self, failure: &Failure) {
        if failure.code == FailureCode::Locked {
            self.locked();
        } else {
            self.say(failure_text(failure));
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows what a screen asked for: a skeleton, the failure, or the thing itself.
pub fn loaded<T: 'static>(asked: Resource<Result<T, Failure>>, show: impl FnOnce(&T) -> Element) -> Element {
    match &*asked.read() {
        None => rsx! { crate::kit::Skeleton {} },
        Some(Err(failure)) => {
            let mut asked = asked;
            rsx! { FailureView { failure: failure.clone(), again: move |()| asked.restart() } }
        }
        Some(Ok(thing)) => show(thing),
    }
}

/// A failure in the interface's own words, with a way to try again.
#[component]
pub fn FailureView(failure: Failure, #[props(default)] again: Option<EventHandler<()>>) -> Element {
    let session = try_consume_context::<Session>();
    let locked = failure.code == FailureCode::Locked;
    use_effect(move || {
        if let (true, Some(session)) = (locked, session) {
            session.locked();
        }
    });
    let tone =
        if matches!(failure.code, FailureCode::RelayAway | FailureCode::Cancelled) { Tone::Warn } else { Tone::Stop };
    rsx! {
        Notice { tone, title: t!(failure_title_key(failure.code)),
            p { {failure_text(&failure)} }
            if let Some(again) = again {
                button { class: "button", r#type: "button", onclick: move |_| again.call(()), {t!("try-again")} }
            }
        }
    }
}

/// What to tell the person: our own words where the kind says enough, else the wallet's sentence.
pub fn failure_text(failure: &Failure) -> String {
    match failure.code {
        FailureCode::Locked => t!("failure-locked"),
        FailureCode::WrongPassphrase => t!("failure-wrong-passphrase"),
        FailureCode::WeakPassphrase => t!("failure-weak-passphrase"),
        FailureCode::WrongWords => t!("failure-wrong-words"),
        FailureCode::InUse => t!("failure-in-use"),
        FailureCode::NotFound => t!("failure-not-found"),
        FailureCode::NothingSelected => t!("failure-nothing-selected"),
        FailureCode::RelayAway => t!("failure-relay-away"),
        FailureCode::Damaged => t!("failure-damaged"),
        _ => failure.message.clone(),
    }
}

fn failure_title_key(code: FailureCode) -> &'static str {
    match code {
        FailureCode::Locked => "failure-title-locked",
        FailureCode::RelayAway => "failure-title-away",
        FailureCode::NotFound => "failure-title-not-found",
        FailureCode::Damaged => "failure-title-damaged",
        _ => "failure-title",
    }
}
