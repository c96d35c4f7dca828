//! The way back in with the recovery words: into the vault that is here, or into a backup of it, also in its place.

use super::damaged::SetAside;
use super::passphrase::{NewPassphrase, Pair};
use super::route::Route;
use super::session::{FailureView, Session, failure_text};
use super::wallet::{self, Answer};
use crate::kit::{FieldError, Icon, IconView, PhraseField, WORDS, words_in};
use crate::platform;
use carnet_bridge::{Failure, FailureCode, Passphrase, VaultState, WordsCheck};
use dioxus::prelude::*;

/// What the words open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The vault on this device, whose passphrase is lost.
    Vault,
    /// A backup; there is no vault on this device.
    Backup,
    /// A backup, in the place of the vault on this device, which is damaged.
    Over,
}

impl Way {
    /// Whether a backup is chosen.
    fn restores(self) -> bool {
        matches!(self, Self::Backup | Self::Over)
    }
}

/// What is wrong with the fields that only this page has; empty: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// With the backup.
    pub backup: String,
    /// With the words.
    pub words: String,
}

/// Asks for the backup, if that is the way, for the words and for a new passphrase, and opens the vault. `over`: where the
/// words find the vault damaged, a backup takes its place. What a test begins with comes after that.
#[component]
pub fn Recover(
    way: Way,
    back: EventHandler<()>,
    #[props(default)] over: Option<EventHandler<()>>,
    #[props(default)] picked: Option<String>,
    #[props(default)] words: String,
    #[props(default)] faults: Faults,
) -> Element {
    let session = try_consume_context::<Session>();
    let mut picked = use_signal(|| picked);
    let mut words = use_signal(|| words);
    let mut faults = use_signal(|| faults);
    let pair = Pair::make();
    let mut failed = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    // Where the damaged vault is, once a backup took its place.
    let mut aside = use_signal(|| None::<String>);
    let keys = keys(way);
    use_effect(move || {
        platform::set_title(&t!("title-page", page = t!(keys.title)));
        platform::focus(if way.restores() { "backup" } else { "words" });
    });

    let pick = move |_| {
        if busy() {
            return;
        }
        spawn(async move {
            match wallet::pick_backup().await {
                Ok(name) => {
                    picked.set(Some(name));
                    faults.write().backup = String::new();
                }
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => faults.write().backup = failure_text(&failure),
            }
        });
    };
    let submit = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let missing = way.restores() && picked.peek().is_none();
            let backup = if missing { t!("restore-missing") } else { String::new() };
            let typed = || Passphrase::new(words.peek().clone());
            let check = match wallet::check_words(typed()).await {
                Ok(check) => words_fault(check, &words.peek()),
                Err(failure) => failure_text(&failure),
            };
            let found = Faults { backup, words: check };
            let field = pair.look();
            let first = first_fault(&found).or(field);
            faults.set(found);
            if let Some(field) = first {
                busy.set(false);
                platform::focus(field);
                return;
            }
            let opened = open(way, typed(), pair.given()).await;
            busy.set(false);
            match (opened, session) {
                (Ok(opened), session) => {
                    words.set(String::new());
                    pair.forget();
                    if let Some(mut session) = session {
                        session.damaged.set(false);
                        match opened {
                            Opened::Vault(state) => enter(session, way, state),
                            Opened::Over(folder) => aside.set(Some(folder)),
                        }
                    }
                }
                (Err(failure), session) => match failure.code {
                    FailureCode::WeakPassphrase => {
                        pair.refuse(failure_text(&failure));
                        platform::focus("passphrase");
                    }
                    FailureCode::NoVault | FailureCode::VaultExists => {
                        if let Some(mut session) = session {
                            let there = failure.code == FailureCode::VaultExists;
                            session.vault.set(Some(if there { VaultState::Locked } else { VaultState::None }));
                        }
                    }
                    _ => {
                        if let (Way::Vault, FailureCode::Damaged, Some(mut session)) = (way, failure.code, session) {
                            session.damaged.set(true);
                        }
                        let found = fault_of(way, &failure);
                        match first_fault(&found) {
                            Some(field) => platform::focus(field),
                            None => failed.set(Some(failure)),
                        }
                        faults.set(found);
                    }
                },
            }
        });
    };

    if let Some(folder) = aside() {
        return rsx! {
            SetAside { folder, on: move |()| if let Some(session) = session { enter(session, way, VaultState::Open) } }
        };
    }
    let is_damaged = failed.read().as_ref().is_some_and(|failure| failure.code == FailureCode::Damaged);
    rsx! {
        h1 { {t!(keys.title)} }
        p { class: "cover-lead", {t!(keys.lead)} }
        form { onsubmit: submit, novalidate: true, autocomplete: "off",
            if way.restores() {
                Backup { picked: picked(), error: faults().backup, pick }
            }
            PhraseField { id: "words", label: t!("phrase-label"), hint: t!("phrase-hint"), error: faults().words, value: words }
            NewPassphrase { label: t!("passphrase-new"), pair }
            if let Some(failure) = failed() {
                FailureView { failure }
            }
            if let Some(over) = over.filter(|_| is_damaged) {
                button { class: "button button-wide", id: "restore-over", r#type: "button", onclick: move |_| if !busy() { over.call(()) },
                    IconView { icon: Icon::Archive }
                    {t!("damaged-backup-go")}
                }
            }
            div { class: "stack-tight",
                button { class: "button button-primary button-wide", id: "recover", r#type: "submit", "aria-disabled": busy().then_some("true"),
                    {if busy() { t!(keys.busy) } else { t!(keys.go) }}
                }
                button { class: "button button-quiet button-wide", id: "recover-back", r#type: "button", "aria-disabled": busy().then_some("true"),
                    onclick: move |_| if !busy() { back.call(()) },
                    IconView { icon: Icon::Back }
                    {t!("back")}
                }
            }
            div { class: "spoken", role: "status", {if busy() { t!(keys.busy) } else { String::new() }} }
        }
    }
}

/// The backup: a button for the system's dialog, and the name of what was chosen.
#[component]
fn Backup(picked: Option<String>, error: String, pick: EventHandler<MouseEvent>) -> Element {
    let about = if error.is_empty() { "backup-hint backup-name" } else { "backup-hint backup-name backup-error" };
    rsx! {
        div { class: "field",
            p { class: "field-legend", id: "backup-label", {t!("restore-file")} }
            p { class: "field-hint", id: "backup-hint", {t!("restore-file-hint")} }
            p { id: "backup-name", role: "status",
                if let Some(name) = &picked {
                    {t!("restore-chosen", name = name)}
                }
            }
            button { class: "button button-wide", id: "backup", r#type: "button", "aria-labelledby": "backup-label backup", "aria-describedby": about, onclick: move |event| pick.call(event),
                IconView { icon: Icon::Archive }
                {if picked.is_some() { t!("restore-choose-again") } else { t!("restore-choose") }}
            }
            FieldError { id: "backup", error }
        }
    }
}

/// What the words opened.
enum Opened {
    Vault(VaultState),
    /// A backup in the place of a damaged vault, which is in this folder now.
    Over(String),
}

/// Opens what the words open, with the new passphrase.
async fn open(way: Way, words: Passphrase, new: Passphrase) -> Answer<Opened> {
    match way {
        Way::Vault => wallet::unlock_with_words(words, new).await.map(Opened::Vault),
        Way::Backup => wallet::restore(words, new).await.map(Opened::Vault),
        Way::Over => wallet::restore_over(words, new).await.map(Opened::Over),
    }
}

/// Shows the open vault and says what was done.
fn enter(mut session: Session, way: Way, state: VaultState) {
    if way.restores() {
        platform::replace("#/");
        session.route.set(Route::Home);
    }
    session.vault.set(Some(state));
    session.say(match way {
        Way::Vault => t!("toast-recovered"),
        Way::Backup | Way::Over => t!("toast-restored"),
    });
}

/// The first field with something wrong.
fn first_fault(faults: &Faults) -> Option<&'static str> {
    (!faults.backup.is_empty()).then_some("backup").or((!faults.words.is_empty()).then_some("words"))
}

/// What to say of typed words before they are used; empty: nothing.
fn words_fault(check: WordsCheck, typed: &str) -> String {
    match check {
        WordsCheck::Right => String::new(),
        WordsCheck::Count { words: 0 } => t!("phrase-missing", of = WORDS),
        WordsCheck::Count { words } => t!("phrase-miscounted", count = words, of = WORDS),
        WordsCheck::Unknown { position } => {
            let at = usize::try_from(position).ok().and_then(|at| at.checked_sub(1));
            let word = at.and_then(|at| words_in(typed).nth(at)).unwrap_or_default();
            t!("phrase-unknown", number = position, word = word)
        }
        WordsCheck::Order => t!("phrase-order"),
    }
}

/// At which field a failure belongs; at none, it is told below them.
fn fault_of(way: Way, failure: &Failure) -> Faults {
    match (way, failure.code) {
        (Way::Vault, FailureCode::WrongWords) => Faults { words: t!("recover-other"), ..Faults::default() },
        (Way::Backup | Way::Over, FailureCode::WrongWords) => {
            Faults { words: t!("restore-other"), ..Faults::default() }
        }
        (Way::Backup | Way::Over, FailureCode::Damaged) => {
            Faults { backup: t!("restore-damaged"), ..Faults::default() }
        }
        (Way::Backup | Way::Over, FailureCode::NotFound) => {
            Faults { backup: t!("restore-missing"), ..Faults::default() }
        }
        _ => Faults::default(),
    }
}

struct Keys {
    title: &'static str,
    lead: &'static str,
    go: &'static str,
    busy: &'static str,
}

fn keys(way: Way) -> Keys {
    match way {
        Way::Vault => Keys { title: "recover-title", lead: "recover-lead", go: "recover-go", busy: "recover-busy" },
        Way::Backup => Keys { title: "restore-title", lead: "restore-lead", go: "restore-go", busy: "restore-busy" },
        Way::Over => Keys { title: "restore-title", lead: "restore-over-lead", go: "restore-go", busy: "restore-busy" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, start};

    #[test]
    fn what_is_wrong_with_the_words_is_said_so_that_it_can_be_mended() {
        start("en", Face::App);
        assert_eq!(words_fault(WordsCheck::Right, "abandon"), "");
        assert!(words_fault(WordsCheck::Count { words: 0 }, "").contains("Type your 24 words"));
        assert!(words_fault(WordsCheck::Count { words: 23 }, "").contains("23 words"));
        assert!(words_fault(WordsCheck::Count { words: 1 }, "").contains("1 word."));
        let unknown = words_fault(WordsCheck::Unknown { position: 2 }, "1. abandon 2. abandom");
        assert!(unknown.contains("Word 2") && unknown.contains("abandom"), "{unknown}");
        // An answer that fits nothing that was typed names no word, and breaks nothing.
        words_fault(WordsCheck::Unknown { position: 0 }, "abandon");
        assert!(words_fault(WordsCheck::Order, "").contains("swapped"));
    }

    #[test]
    fn a_failure_is_told_at_the_field_it_is_about() {
        start("en", Face::App);
        let at = |way, code| first_fault(&fault_of(way, &Failure { code, message: String::new() }));
        assert_eq!(at(Way::Vault, FailureCode::WrongWords), Some("words"));
        assert_eq!(at(Way::Backup, FailureCode::WrongWords), Some("words"));
        assert_eq!(at(Way::Backup, FailureCode::Damaged), Some("backup"));
        assert_eq!(at(Way::Over, FailureCode::Damaged), Some("backup"));
        assert_eq!(at(Way::Over, FailureCode::WrongWords), Some("words"));
        assert_eq!(at(Way::Vault, FailureCode::Damaged), None);
        assert_eq!(at(Way::Backup, FailureCode::Other), None);
    }
}
