//! What the screens have in common: the vault's state, the address, the running import, and news from the wallet.

use super::damaged::LockDamaged;
use super::import::run::Running;
use super::records::Place;
use super::route::Route;
use super::urgent::Failed;
use super::wallet;
use crate::kit::{Notice, Tone};
use crate::platform;
use carnet_bridge::{
    Event, Failure, FailureCode, ImportAnswer, ImportQuestion, ImportRun, ImportSource, TimelineFilter, VaultState,
};
use dioxus::prelude::dioxus_core::{Runtime, spawn_forever};
use dioxus::prelude::*;

/// So many seconds after the wallet was told that the person is at it, it is told again.
const TOLD_EVERY: i64 = 20;

/// Handles to the shared state; a context of the whole app.
#[derive(Clone, Copy, PartialEq)]
pub struct Session {
    /// The vault's state, once known.
    pub vault: Signal<Option<VaultState>>,
    /// The screen.
    pub route: Signal<Route>,
    /// The import that runs.
    pub running: Signal<Option<Running>>,
    /// What the last imports became, until it was put away.
    pub finished: Signal<Option<ImportRun>>,
    /// What imports asked and nobody answered yet.
    pub questions: Signal<Vec<ImportQuestion>>,
    /// Files are held over the window.
    pub dragging: Signal<bool>,
    /// A short word after something was done.
    pub toast: Signal<String>,
    /// What went wrong and no screen shows by itself, until it is closed.
    pub failed: Signal<Option<Failed>>,
    /// The vault was found damaged: once it is locked, its page says what can be done.
    pub damaged: Signal<bool>,
    /// The vault locks itself in half a minute.
    pub locks_soon: Signal<bool>,
    /// When the wallet was told last that the person is at it.
    told: Signal<i64>,
    /// A backup is being made.
    pub backing_up: Signal<bool>,
    /// What waits is being sent because the person asked for it.
    pub sending: Signal<bool>,
    /// Grows whenever what screens show may have changed.
    pub changed: Signal<u64>,
    /// What narrows the list of records; its category is in the address.
    pub filter: Signal<TimelineFilter>,
    /// Where the list of records was left, for the way back.
    pub place: Signal<Option<Place>>,
    /// The share being put together.
    pub draft: Signal<super::share::Draft>,
    /// How many openings and refused tries the person has not seen yet.
    pub unseen: Signal<u64>,
}

impl Session {
    /// The state at the start.
    pub fn new() -> Self {
        Self {
            vault: Signal::new(None),
            route: Signal::new(Route::parse(&platform::fragment())),
            running: Signal::new(None),
            finished: Signal::new(None),
            questions: Signal::new(Vec::new()),
            dragging: Signal::new(false),
            toast: Signal::new(String::new()),
            failed: Signal::new(None),
            damaged: Signal::new(false),
            locks_soon: Signal::new(false),
            told: Signal::new(0),
            backing_up: Signal::new(false),
            sending: Signal::new(false),
            changed: Signal::new(0),
            filter: Signal::new(TimelineFilter::default()),
            place: Signal::new(None),
            draft: Signal::new(super::share::Draft::default()),
            unseen: Signal::new(0),
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
            Event::ImportStarted { files } => self.running.set(Some(Running::new(files))),
            Event::ImportFile(progress) => {
                if let Some(running) = self.running.write().as_mut() {
                    running.hear(progress);
                }
            }
            Event::ImportEnded(run) => self.import_ended(run),
            Event::DropRefused(failure) => self.fail(&failure),
            Event::DragOver(over) => self.dragging.set(over),
            Event::Opened(opening) => {
                self.say(super::openings::in_a_word(&opening));
                self.unseen += 1;
                self.touch();
            }
            Event::ShareChanged { .. } => self.touch(),
            Event::LocksSoon(soon) => self.locks_soon.set(soon),
            Event::Locked => self.locked(),
        }
    }

    /// Asks how many openings were not seen yet; without an answer the number stays.
    pub fn count_unseen(mut self) {
        spawn_forever(async move {
            if let Ok(home) = wallet::home().await {
                self.unseen.set(home.unseen_openings);
            }
        });
    }

    /// The person is at it: tells the wallet now and then, so that it does not lock itself under their hands.
    pub fn used(mut self) {
        let now = platform::now();
        if now - *self.told.peek() < TOLD_EVERY && !*self.locks_soon.peek() {
            return;
        }
        self.told.set(now);
        self.locks_soon.set(false);
        spawn_forever(async move {
            // Unheard, the wallet locks itself in the end, and says so.
            let _ = wallet::used().await;
        });
    }

    /// Makes the screens ask anew.
    pub fn touch(mut self) {
        let next = *self.changed.peek() + 1;
        self.changed.set(next);
    }

    /// Shows the unlock screen and forgets what the screens held.
    pub fn locked(mut self) {
        self.draft.set(super::share::Draft::default());
        self.unseen.set(0);
        self.failed.set(None);
        self.locks_soon.set(false);
        self.filter.set(TimelineFilter::default());
        self.place.set(None);
        self.running.set(None);
        self.finished.set(None);
        self.questions.set(Vec::new());
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

    /// Starts an import; it goes on whatever screen is shown.
    pub fn import(self, source: ImportSource) {
        spawn_forever(async move { self.import_answered(wallet::import_files(source).await) });
    }

    /// Answers what imports asked; the files are read while any screen is shown.
    pub fn answer(mut self, answers: Vec<ImportAnswer>) {
        let is_answered = |question: &ImportQuestion| answers.iter().any(|answer| answer.question == question.id);
        let (answered, open) = self.questions.take().into_iter().partition(is_answered);
        self.questions.set(open);
        spawn_forever(async move {
            let outcome = wallet::answer_import(answers).await;
            // What did not reach the wallet is still to be answered.
            if outcome.as_ref().is_err_and(|failure| failure.code != FailureCode::NotFound) {
                self.questions.write().extend::<Vec<ImportQuestion>>(answered);
            }
            self.import_answered(outcome);
        });
    }

    /// What it became was told by events.
    fn import_answered(self, outcome: Result<ImportRun, Failure>) {
        match outcome {
            Ok(_) if self.route.peek().leads_to_imports() => platform::go(&Route::Imports.fragment()),
            // Whatever else the person is at stays; the strip says that it is done and leads there.
            Ok(_) => {}
            // What is shown as running stays: a run that began ends by its event, and what did not begin was refused
            // beside one that goes on.
            Err(failure) if failure.code == FailureCode::Cancelled => {}
            Err(failure) => self.fail(&failure),
        }
    }

    /// Keeps what a run became beside what is still shown of the run before: answering a question belongs to it.
    fn import_ended(mut self, run: ImportRun) {
        self.running.set(None);
        self.questions.write().extend(run.questions.iter().cloned());
        let mut finished = self.finished.write();
        let shown = finished.get_or_insert_default();
        shown.reports.extend(run.reports);
        shown.stopped = run.stopped;
        shown.not_begun = run.not_begun;
        drop(finished);
        self.touch();
    }

    /// Something is tried, perhaps anew: what went wrong before is put away.
    pub fn trying(mut self) {
        self.failed.set(None);
    }

    /// Tells of a failure that no screen shows by itself.
    pub fn fail(self, failure: &Failure) {
        self.fail_as(t!(failure_title_key(failure.code)), failure);
    }

    /// The same, saying what did not happen.
    pub fn fail_as(mut self, title: String, failure: &Failure) {
        if failure.code == FailureCode::Locked {
            self.locked();
        } else {
            let damaged = failure.code == FailureCode::Damaged;
            self.failed.set(Some(Failed { title, text: failure_text(failure), damaged }));
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

/// A code that somebody is to scan, while its time runs, is use of the booklet: it must not vanish from the screen meanwhile.
/// For as long as anybody waits at a desk, though, and not for the year of an emergency card. So does the code of a request.
#[component]
pub fn KeepsOpen() -> Element {
    const LONGEST: i64 = 4 * 3_600;
    let session = try_consume_context::<Session>();
    use_future(move || async move {
        let Some(session) = session else { return };
        let shown = platform::now();
        while platform::now() - shown < LONGEST {
            if platform::is_visible() {
                session.used();
            }
            platform::sleep(20_000).await;
        }
    });
    rsx! {}
}

/// A failure in the interface's own words, with a way to try again.
#[component]
pub fn FailureView(failure: Failure, #[props(default)] again: Option<EventHandler<()>>) -> Element {
    let session = try_consume_context::<Session>();
    let locked = failure.code == FailureCode::Locked;
    let open = session.is_some_and(|session| (session.vault)() == Some(VaultState::Open));
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
            if failure.code == FailureCode::NobodyNamed {
                a { class: "button", id: "add-name", href: Route::Settings.fragment(), {t!("failure-nobody-named-go")} }
            } else if failure.code == FailureCode::Damaged && open {
                LockDamaged {}
            } else if let Some(again) = again {
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
        FailureCode::Busy => t!("failure-busy"),
        FailureCode::NotFound => t!("failure-not-found"),
        FailureCode::NothingSelected => t!("failure-nothing-selected"),
        FailureCode::NobodyNamed => t!("failure-nobody-named"),
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
        FailureCode::NobodyNamed => "failure-title-nobody-named",
        FailureCode::Damaged => "failure-title-damaged",
        _ => "failure-title",
    }
}

#[cfg(test)]
mod tests {
    use super::super::import::ImportStrip;
    use super::super::urgent::Urgent;
    use super::*;
    use crate::i18n::{Face, start};
    use carnet_bridge::ImportFile;

    fn refused(code: FailureCode) -> Failure {
        Failure { code, message: "What the wallet says.".to_owned() }
    }

    /// What is on the screen after something happened while a file is read.
    fn meanwhile(happens: fn(Session)) -> String {
        fn page(happens: fn(Session)) -> Element {
            let session = use_context_provider(Session::new);
            use_hook(move || {
                let file = ImportFile { name: "a.json".to_owned(), ..ImportFile::default() };
                session.hear(Event::ImportStarted { files: vec![file] });
                happens(session);
            });
            rsx! { ImportStrip {} Urgent {} }
        }
        start("en", Face::App);
        let mut dom = VirtualDom::new_with_props(page, happens);
        dom.rebuild_in_place();
        dioxus_ssr::render(&dom)
    }

    #[test]
    fn an_import_that_is_refused_leaves_the_one_that_runs_where_it_is() {
        let second = meanwhile(|session| session.import_answered(Err(refused(FailureCode::Busy))));
        let dropped = meanwhile(|session| session.hear(Event::DropRefused(refused(FailureCode::Busy))));
        for html in [second, dropped] {
            assert!(html.contains("Adding a.json") && html.contains("stop-import"), "{html}");
            assert!(html.contains("Files are still being added."), "{html}");
        }
        let closed = meanwhile(|session| session.import_answered(Err(refused(FailureCode::Cancelled))));
        assert!(closed.contains("stop-import") && !closed.contains("What the wallet says."), "{closed}");
        let ended = meanwhile(|session| session.hear(Event::ImportEnded(ImportRun::default())));
        assert!(!ended.contains("stop-import"), "{ended}");
    }

    #[test]
    fn what_cannot_be_kept_is_told_with_its_reason() {
        assert_eq!(failure_text(&refused(FailureCode::Invalid)), "What the wallet says.");
    }
}
