//! The patient's wallet: its screens and the frame around them.

pub mod add;
pub mod check;
pub mod damaged;
pub mod entry;
pub mod export;
pub mod home;
pub mod import;
pub mod me;
pub mod openings;
pub mod passphrase;
pub mod record;
pub mod records;
pub mod recover;
pub mod route;
pub mod session;
pub mod settings;
pub mod share;
pub mod shares;
pub mod start;
pub mod unlock;
pub mod urgent;
pub mod wallet;
pub mod words;

use crate::i18n::{self, Face};
use crate::kit::{Icon, IconView, Skeleton};
use crate::platform;
use carnet_bridge::VaultState;
use dioxus::prelude::*;
use route::{Route, Tab};
use session::{FailureView, Session};

/// Starts the wallet in the page's `#main`.
pub fn launch() {
    let (tag, right_to_left) = i18n::start(&platform::languages().join(","), Face::App);
    platform::set_language(tag, right_to_left);
    platform::set_text("crash", &t!("crashed"));
    platform::set_text("main", "");
    dioxus::web::launch::launch_cfg(App, dioxus::web::Config::new().rootname("main"));
}

/// Chooses between first start, locked and open, and listens to the wallet.
#[component]
pub fn App() -> Element {
    let session = use_context_provider(Session::new);
    use_hook(|| {
        session.listen();
        session.follow_address();
    });
    let mut state = session.vault;
    let mut failure = use_signal(|| None);
    use_future(move || async move {
        match wallet::vault().await {
            Ok(found) => state.set(Some(found)),
            Err(why) => failure.set(Some(why)),
        }
    });
    rsx! {
        match (state(), failure()) {
            (None, None) => rsx! { main { class: "cover", Skeleton { lines: 3 } } },
            (None, Some(why)) => rsx! { main { class: "cover", FailureView { failure: why } } },
            (Some(VaultState::None), _) => rsx! { start::Start {} },
            (Some(VaultState::Locked), _) => rsx! { unlock::Unlock {} },
            (Some(VaultState::Open), _) => rsx! { Frame {} },
        }
        import::DropVeil {}
    }
}

/// The bar of four and the page beside or above it.
#[component]
fn Frame() -> Element {
    let session = use_context::<Session>();
    let route = (session.route)();
    use_hook(move || session.count_unseen());
    use_effect(move || {
        let route = (session.route)();
        platform::set_title(&t!("title-page", page = t!(route.title_key())));
        platform::scroll_to_top();
        platform::focus("page");
    });
    rsx! {
        // A key, a touch, and what stands for a touch where something else makes it.
        div { class: "frame", onpointerdown: move |_| session.used(), onkeydown: move |_| session.used(), onclick: move |_| session.used(),
            a { class: "skip", href: "#page", onclick: move |event| { event.prevent_default(); platform::focus("page"); }, {t!("skip-to-page")} }
            Bar { tab: route.tab() }
            main { class: "page", id: "page", tabindex: "-1",
                urgent::Urgent {}
                match route {
                    Route::Home => rsx! { home::HomePage {} },
                    Route::Records(category) => rsx! { records::RecordsPage { key: "{category:?}", category } },
                    Route::Record(id) => rsx! { record::RecordPage { key: "{id}", id } },
                    Route::Imports => rsx! { import::ImportsPage {} },
                    Route::Add => rsx! { add::AddPage {} },
                    Route::AddCode => rsx! { add::CodePage {} },
                    Route::Type(kind) => rsx! { entry::TypePage { key: "{kind:?}", kind } },
                    Route::Edit(id) => rsx! { entry::EditPage { key: "{id}", id } },
                    Route::Share(step) => rsx! { share::SharePage { step } },
                    Route::Asked => rsx! { share::asked::AskedPage {} },
                    Route::Asking => rsx! { share::asking::AskingPage {} },
                    Route::Export => rsx! { export::ExportPage {} },
                    Route::Shares => rsx! { shares::SharesPage {} },
                    Route::ShareDetail(id) => rsx! { shares::detail::ShareDetailPage { key: "{id}", id } },
                    Route::Card(id) => rsx! { shares::card::CardPage { key: "{id}", id } },
                    Route::Openings => rsx! { openings::OpeningsPage {} },
                    Route::Me => rsx! { me::MePage {} },
                    Route::Check => rsx! { check::CheckPage {} },
                    Route::Words => rsx! { words::WordsPage {} },
                    Route::Settings => rsx! { settings::SettingsPage {} },
                    Route::Passphrase => rsx! { passphrase::PassphrasePage {} },
                }
            }
            import::ImportStrip {}
            div { class: "toast", role: "status", "aria-live": "polite", {(session.toast)()} }
        }
    }
}

#[component]
fn Bar(tab: Tab) -> Element {
    let unseen = (use_context::<Session>().unseen)();
    rsx! {
        nav { class: "bar", "aria-label": t!("nav-label"),
            div { class: "brand", start::Mark { class: "brand-mark" } span { {t!("product")} } }
            ul {
                for (item, icon, key, href, class) in [
                    (Tab::Home, Icon::Home, "nav-home", "#/", ""),
                    (Tab::Records, Icon::Records, "nav-records", "#/records", ""),
                    (Tab::Share, Icon::Share, "nav-share", "#/share", "bar-share"),
                    (Tab::Me, Icon::Person, "nav-me", "#/me", ""),
                ] {
                    li { key: "{key}",
                        a { class, id: key, href, "aria-current": (item == tab).then_some("page"),
                            IconView { icon }
                            span { {t!(key)} }
                            if item == Tab::Home && unseen > 0 {
                                span { class: "badge", id: "unseen", "aria-hidden": "true", {i18n::grouped(unseen as i64)} }
                                span { class: "spoken", {t!("openings-unseen", count = unseen)} }
                            }
                        }
                    }
                }
            }
        }
    }
}
