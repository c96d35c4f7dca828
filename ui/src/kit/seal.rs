//! The seal: what was checked about a share, as plain statements that open when it is touched.

use super::{Icon, IconView};
use dioxus::prelude::*;

/// What became of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It was checked and holds.
    Checked,
    /// It was not checked.
    NotChecked,
    /// It was checked and does not hold.
    Failed,
}

impl Mark {
    fn icon(self) -> Icon {
        match self {
            Self::Checked => Icon::Ok,
            Self::NotChecked => Icon::Unchecked,
            Self::Failed => Icon::Stop,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Checked => "statement-ok",
            Self::NotChecked => "",
            Self::Failed => "statement-stop",
        }
    }

    fn word(self) -> String {
        match self {
            Self::Checked => t!("mark-checked"),
            Self::NotChecked => t!("mark-not-checked"),
            Self::Failed => t!("mark-failed"),
        }
    }
}

/// One plain statement of the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What became of it.
    pub mark: Mark,
    /// What it says.
    pub says: String,
    /// Why it was not checked or failed, or what it rests on; may be empty.
    pub why: String,
}

/// The seal, closed to one line and open to its statements. `standing` is what all of them come to.
#[component]
pub fn SealView(standing: Mark, title: String, subtitle: String, statements: Vec<Statement>) -> Element {
    let (class, icon) = match standing {
        Mark::Checked => ("seal seal-ok", Icon::Seal),
        Mark::NotChecked => ("seal seal-warn", Icon::Unchecked),
        Mark::Failed => ("seal seal-stop", Icon::Stop),
    };
    rsx! {
        details { class, id: "seal", open: standing == Mark::Failed,
            summary {
                span { class: "seal-stamp", IconView { icon } }
                span { class: "grow",
                    span { class: "seal-title", "{title}" }
                    span { class: "seal-sub", "{subtitle}" }
                }
                IconView { icon: Icon::Forward, class: "icon-fold" }
            }
            ul { class: "seal-body statements",
                for (at, statement) in statements.into_iter().enumerate() {
                    li { key: "{at}", class: statement.mark.class(),
                        IconView { icon: statement.mark.icon() }
                        div {
                            span { class: "statement-word", {statement.mark.word()} }
                            p { "{statement.says}" }
                            if !statement.why.is_empty() {
                                p { class: "statement-why", "{statement.why}" }
                            }
                        }
                    }
                }
            }
        }
    }
}
