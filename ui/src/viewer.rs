//! The clinician's viewer: from a scanned link to a readable, verified summary, inside the browser.

pub mod asking;
pub mod document;
pub mod fetch;
pub mod files;
pub mod ledger;
pub mod opening;
pub mod seal;
pub mod signers;
pub mod stop;
pub mod summary;
pub mod trouble;

use crate::i18n::{self, Face};
use crate::kit::Skeleton;
use crate::platform;
use asking::{NoLink, Passcode, Who};
use carnet_consent::verify::Verification;
use carnet_consent::withdrawal::WithdrawalCard;
use dioxus::prelude::dioxus_core::Runtime;
use dioxus::prelude::*;
use document::Document;
use opening::{Opening, Stop, Trouble};
use signers::Attested;
use smart_health::SmartHealthLink;
use std::rc::Rc;

/// Under this name the reader's own name is kept for this tab.
const WHO: &str = "carnet-who";

/// Where the reader is.
#[derive(Clone)]
enum Stage {
    /// There is no link yet.
    NoLink,
    /// The link is there; who is looking?
    Who,
    /// Fetching and decrypting.
    Working,
    /// A passcode is needed.
    Passcode { remaining: Option<u32>, rejected: bool },
    /// It did not work.
    Failed(Trouble),
    /// It is open.
    Open(Rc<Document>),
    /// The address is that of a withdrawal card.
    Stop(WithdrawalCard),
}

/// The state of the page.
#[derive(Clone, Copy)]
struct Page {
    stage: Signal<Stage>,
    link: Signal<Option<String>>,
    who: Signal<String>,
    /// What was checked so far; the ledger's part comes later than the records.
    verification: Signal<Option<Verification>>,
    checking: Signal<bool>,
    /// What an app attests of the document, once it was held against the app's keys.
    attested: Signal<Option<Attested>>,
    /// The link on its way; taken out while it works.
    opening: CopyValue<Option<Opening>>,
    /// Counts the attempts, so that an older one that ends late changes nothing.
    attempt: CopyValue<u32>,
}

/// Starts the viewer in the page's `#main`.
pub fn launch() {
    let (tag, right_to_left) = i18n::start(&platform::languages().join(","), Face::Viewer);
    platform::set_language(tag, right_to_left);
    platform::set_text("crash", &t!("crashed"));
    platform::set_text("main", "");
    dioxus::web::launch::launch_cfg(App, dioxus::web::Config::new().rootname("main"));
}

/// The page.
#[component]
pub fn App() -> Element {
    let page = use_hook(|| {
        let page = Page {
            stage: Signal::new(Stage::NoLink),
            link: Signal::new(None),
            who: Signal::new(platform::remembered(WHO).unwrap_or_default()),
            verification: Signal::new(None),
            checking: Signal::new(false),
            attested: Signal::new(None),
            opening: CopyValue::new(None),
            attempt: CopyValue::new(0),
        };
        page.take_address();
        let runtime = Runtime::current();
        platform::on_fragment_change(move || runtime.in_scope(ScopeId::ROOT, || page.take_address()));
        page
    });
    // What takes a form's place takes the focus as well, so that a screen reader says what came. A form focuses its field.
    use_effect(move || {
        let stage = page.stage.read();
        platform::set_title(&t!(title_key(&stage)));
        if matches!(&*stage, Stage::Working | Stage::Failed(_) | Stage::Open(_)) {
            platform::focus("page");
        }
    });
    let stage = (page.stage)();
    let stops = matches!(stage, Stage::Stop(_));
    rsx! {
        div { class: "viewer",
            match stage {
                Stage::NoLink => rsx! { NoLink { take: move |text| page.take_link(text) } },
                Stage::Who => rsx! { Who { who: page.who, go_on: move |()| page.start() } },
                Stage::Working => rsx! {
                    main { class: "sheet", id: "page", tabindex: "-1", "aria-labelledby": "opening",
                        h1 { id: "opening", {t!("opening-title")} }
                        Skeleton { lines: 6 }
                    }
                },
                Stage::Passcode { remaining, rejected } => rsx! {
                    Passcode { remaining, rejected, go_on: move |passcode: String| page.enter(&passcode) }
                },
                Stage::Failed(trouble) => rsx! {
                    main { class: "sheet", id: "page", tabindex: "-1", "aria-labelledby": "trouble",
                        trouble::TroubleView { trouble, again: move |()| page.again() }
                    }
                },
                Stage::Stop(card) => rsx! { stop::StopPage { card: stop::Card(card) } },
                Stage::Open(document) => rsx! {
                    summary::SummaryView {
                        document: summary::Shared(document),
                        verification: summary::Checked((page.verification)()),
                        checking: (page.checking)(),
                        attested: (page.attested)(),
                        who: (page.who)(),
                        again: (page.link)().is_some().then(|| EventHandler::new(move |()| page.start())),
                    }
                },
            }
            footer { class: "foot", p { {t!(if stops { "stop-footer" } else { "footer" })} } }
        }
    }
}

/// The key of the window's title. It never says whose records they are: the browser's history keeps it.
fn title_key(stage: &Stage) -> &'static str {
    match stage {
        Stage::Open(_) => "title-open",
        Stage::Failed(_) => "title-failed",
        _ => "title",
    }
}

impl Page {
    /// Takes the link behind the `#` of the address.
    fn take_address(mut self) {
        let fragment = platform::fragment();
        if fragment.len() > 1 {
            self.take_link(fragment);
        } else {
            self.stage.set(Stage::NoLink);
        }
    }

    fn take_link(mut self, text: String) {
        self.attempt += 1;
        self.opening.set(None);
        self.verification.set(None);
        self.attested.set(None);
        if WithdrawalCard::is_meant(&text) {
            return self.stage.set(match text.parse() {
                Ok(card) => Stage::Stop(card),
                Err(_) => Stage::Failed(Trouble::Card),
            });
        }
        match SmartHealthLink::parse(text.trim()) {
            Ok(_) => {
                self.link.set(Some(text));
                self.stage.set(Stage::Who);
            }
            Err(error) => self.stage.set(Stage::Failed(Trouble::Link(error))),
        }
    }

    /// Begins to open the link under the name given.
    fn start(self) {
        self.start_with(false);
    }

    fn start_with(mut self, ask_ended: bool) {
        let who = self.who.peek().trim().to_owned();
        platform::remember(WHO, &who);
        let link = self.link.peek().as_deref().map(|text| SmartHealthLink::parse(text.trim()));
        let opening = match link {
            Some(Ok(link)) => Opening::new(link, &who, ask_ended),
            Some(Err(error)) => Err(Trouble::Link(error)),
            None => return self.stage.set(Stage::NoLink),
        };
        match opening {
            Ok(opening) => {
                self.opening.set(Some(opening));
                self.run();
            }
            Err(trouble) => self.stage.set(Stage::Failed(trouble)),
        }
    }

    fn enter(mut self, passcode: &str) {
        let entered = self.opening.write().as_mut().map(|opening| opening.enter_passcode(passcode));
        match entered {
            Some(Ok(())) => self.run(),
            Some(Err(trouble)) => self.stage.set(Stage::Failed(trouble)),
            None => self.start(),
        }
    }

    /// Tries once more where it failed. Of a link that says that it ended, the server is asked now.
    fn again(mut self) {
        let ended = matches!(&*self.stage.peek(), Stage::Failed(Trouble::Link(smart_health::Error::Expired { .. })));
        if ended {
            self.start_with(true);
        } else if self.opening.peek().is_some() {
            self.run();
        } else if self.link.peek().is_some() {
            self.start();
        } else {
            self.stage.set(Stage::NoLink);
        }
    }

    fn run(mut self) {
        let Some(mut opening) = self.opening.write().take() else { return };
        self.attempt += 1;
        let attempt = *self.attempt.peek();
        self.stage.set(Stage::Working);
        dioxus_core::spawn_forever(async move {
            let stop = opening.go_on().await;
            if *self.attempt.peek() != attempt {
                return;
            }
            match stop {
                Err(trouble) => {
                    self.opening.set(Some(opening));
                    self.stage.set(Stage::Failed(trouble));
                }
                Ok(Stop::Passcode { remaining, rejected }) => {
                    self.opening.set(Some(opening));
                    self.stage.set(Stage::Passcode { remaining, rejected });
                }
                Ok(Stop::Done) => self.show(opening, attempt).await,
            }
        });
    }

    /// Shows what was inside, then asks the ledger.
    async fn show(mut self, opening: Opening, attempt: u32) {
        let (relay, index) = (opening.relay(), opening.commitment_index);
        let opened = match opening.into_opened() {
            Ok(opened) => opened,
            Err(trouble) => return self.stage.set(Stage::Failed(trouble)),
        };
        let cards = signers::cards(&opened.files).await;
        // Read before the files are sorted, and checked once the records are on the page.
        let attesting: Vec<_> =
            opened.files.iter().filter(|file| !signers::is_card(&file.content_type)).cloned().collect();
        if *self.attempt.peek() != attempt {
            return;
        }
        let document = Document::new(opened, cards, platform::now()).ok_or(Trouble::Content);
        let document = match document {
            Ok(document) => Rc::new(document),
            Err(trouble) => return self.stage.set(Stage::Failed(trouble)),
        };
        // From here on the key is needed no more; on a shared computer it must not stay in the address. Only a document
        // that can change keeps it in memory, to look again for as long as this page is open.
        platform::forget_fragment();
        if document.live.as_ref().is_none_or(|live| live.finished) {
            self.link.set(None);
        }
        let verification = document.verification.clone();
        let signed = verification.as_ref().is_some_and(|checked| checked.grant.is_some());
        self.verification.set(verification.clone());
        self.checking.set(signed && relay.is_some());
        self.stage.set(Stage::Open(document));
        dioxus_core::spawn_forever(async move {
            let attested = signers::attested(&attesting).await;
            if *self.attempt.peek() == attempt {
                self.attested.set(attested);
            }
        });
        if let (Some(mut verification), Some(relay), true) = (verification, relay, signed) {
            ledger::check(&mut verification, &relay, index).await;
            if *self.attempt.peek() == attempt {
                self.verification.set(Some(verification));
                self.checking.set(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_says_how_it_went_and_not_whose_records_they_are() {
        i18n::start("en", Face::Viewer);
        let titles = [Stage::Who, Stage::Failed(Trouble::Network)].map(|stage| t!(title_key(&stage)));
        assert_ne!(titles[0], titles[1]);
        assert!(titles[1].starts_with("Could not be opened"), "{titles:?}");
    }
}
