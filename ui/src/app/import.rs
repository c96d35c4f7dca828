//! Importing: the veil while files hover, the strip while it runs, and the account of every entry afterwards.

use super::session::{Session, loaded};
use super::wallet;
use crate::format;
use crate::kit::{Empty, Icon, IconView, Notice, Tone};
use carnet_bridge::{ImportAccount, ImportProgress, VaultState};
use dioxus::prelude::dioxus_core::spawn_forever;
use dioxus::prelude::*;

/// How many skipped entries are shown before the rest is folded away.
const SHOWN: usize = 20;

/// Covers the window while files are held over it.
#[component]
pub fn DropVeil() -> Element {
    let session = use_context::<Session>();
    let open = (session.vault)() == Some(VaultState::Open);
    rsx! {
        if (session.dragging)() {
            div { class: "drop", role: "status",
                IconView { icon: Icon::Folder }
                p { {if open { t!("drop-here") } else { t!("drop-locked") }} }
            }
        }
    }
}

/// The running import, or the finished one until it was looked at.
#[component]
pub fn ImportStrip() -> Element {
    let mut session = use_context::<Session>();
    if let Some(progress) = (session.importing)() {
        return rsx! { Progress { progress } };
    }
    let accounts = (session.accounts)();
    if accounts.is_empty() || matches!((session.route)(), super::route::Route::Imports) {
        return rsx! {};
    }
    let imported: u64 = accounts.iter().map(|account| account.imported).sum();
    rsx! {
        div { class: "import-strip", role: "status", id: "imported",
            p { class: "strong", {t!("import-done", count = imported)} }
            div { class: "row",
                a { class: "button", href: "#/imports", {t!("import-see")} }
                button { class: "button button-quiet", onclick: move |_| session.accounts.set(Vec::new()), {t!("close")} }
            }
        }
    }
}

/// How far the running import is, with the way to stop it.
#[component]
pub fn Progress(progress: ImportProgress) -> Element {
    let session = try_consume_context::<Session>();
    rsx! {
        div { class: "import-strip", id: "importing",
            p { class: "strong", {t!("import-running", file = &progress.file)} }
            progress { max: "{progress.total.max(1)}", value: "{progress.done}", "aria-label": t!("import-progress") }
            div { class: "row-between",
                span { class: "small figures", {t!("import-count", done = progress.done, total = progress.total)} }
                if progress.files > 1 {
                    span { class: "small figures", {t!("import-files", number = progress.file_number, files = progress.files)} }
                }
            }
            button { class: "button", onclick: move |_| {
                spawn_forever(async move {
                    let stopped = wallet::cancel_import().await;
                    let Some(mut session) = session else { return };
                    match stopped {
                        Ok(()) => session.importing.set(None),
                        Err(failure) => session.fail(&failure),
                    }
                });
            }, {t!("import-stop")} }
        }
    }
}

/// The accounts of all imports, newest first.
#[component]
pub fn ImportsPage() -> Element {
    let mut session = use_context::<Session>();
    use_drop(move || session.accounts.set(Vec::new()));
    let asked = use_resource(move || async move {
        (session.changed)();
        wallet::imports().await
    });
    let fresh = (session.accounts)();
    rsx! {
        a { class: "back", href: "#/records", IconView { icon: Icon::Back } {t!("records-title")} }
        header { class: "page-head row-between",
            h1 { {t!("imports-title")} }
            button { class: "button", id: "import", onclick: move |_| session.pick_and_import(), IconView { icon: Icon::Import } {t!("import-go")} }
        }
        {loaded(asked, |accounts| {
            // A file that was refused as a whole left nothing in the vault; its account comes only from the import itself.
            let refused = fresh.iter().filter(|account| account.error.is_some() && !accounts.contains(account));
            let all: Vec<_> = refused.chain(accounts).cloned().collect();
            rsx! { ImportsView { accounts: all } }
        })}
    }
}

/// The accounts themselves.
#[component]
pub fn ImportsView(accounts: Vec<ImportAccount>) -> Element {
    if accounts.is_empty() {
        return rsx! { Empty { icon: Icon::Import, title: t!("imports-empty-title"), text: t!("imports-empty-text") } };
    }
    rsx! {
        div { class: "stack",
            for (at, account) in accounts.into_iter().enumerate() {
                AccountView { key: "{at}", account, open: at == 0 }
            }
        }
    }
}

/// What became of each entry of one file, for anybody to read.
#[component]
pub fn AccountView(account: ImportAccount, open: bool) -> Element {
    let kept = account.imported + account.already_present + account.narrative_only;
    let skipped = account.skipped.len();
    rsx! {
        article { class: "card", "aria-label": "{account.file}",
            h2 { dir: "auto", "{account.file}" }
            p { class: "soft", "{account.format} · " {format::full_moment(account.at)} }
            if let Some(error) = &account.error {
                Notice { tone: Tone::Stop, title: t!("account-refused"),
                    p { dir: "auto", "{error}" }
                    p { {t!("account-refused-safe")} }
                }
            } else {
                p { {t!("account-sentence", kept = kept, entries = account.entries)} }
                dl { class: "tally",
                    div { dt { {t!("account-imported")} } dd { class: "account-imported", {crate::i18n::grouped(account.imported as i64)} } }
                    div { dt { {t!("account-present")} } dd { {crate::i18n::grouped(account.already_present as i64)} } }
                    div { dt { {t!("account-narrative")} } dd { {crate::i18n::grouped(account.narrative_only as i64)} } }
                    div { dt { {t!("account-skipped")} } dd { class: "account-skipped", {crate::i18n::grouped(skipped as i64)} } }
                }
            }
            if skipped > 0 {
                details { open,
                    summary { IconView { icon: Icon::Forward, class: "icon-fold" } {t!("account-why", count = skipped)} }
                    ul { class: "statements",
                        for (at, entry) in account.skipped.iter().take(SHOWN).enumerate() {
                            li { key: "{at}",
                                IconView { icon: Icon::Info }
                                div {
                                    p { dir: "auto", "{entry.reason}" }
                                    code { class: "soft", dir: "ltr", "{entry.path}" }
                                }
                            }
                        }
                    }
                    if skipped > SHOWN {
                        p { class: "soft", {t!("account-more", count = skipped - SHOWN)} }
                    }
                }
            }
        }
    }
}
