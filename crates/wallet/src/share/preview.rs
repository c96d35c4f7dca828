//! What a share would hold, before it is made: what goes in, and what is held back and why.

use super::choice::Choice;
use super::document::assemble;
use super::{NOTICE_LANGUAGE, choose, selection, terms};
use crate::clock::now;
use crate::output::Material;
use crate::records::by_category;
use crate::wallet::Inner;
use crate::{Error, Result, Wallet};
use carnet_bridge::{
    HeldBack, SensitiveRecord, ShareChoice, ShareDraft, ShareNotice, SharePreset, SharePreview, ShareRecord,
};
use carnet_consent::grant::Notice;
use carnet_records::index::Category;
use carnet_records::outgoing::{Assembled, LeftOutReason};
use carnet_records::selection::{HeldBackReason, Selection};
use carnet_vault::{RecordRow, Vault};
use std::cmp::Reverse;
use std::collections::HashSet;

/// The most records that are listed under one heading.
const LISTED: usize = 500;

/// Why a chosen record is not in the document after all, where the choice does not say so.
const NO_PLACE: &str = "no_place";

/// How it is said that a record was left out of a document; none where nothing of it is lost.
pub(super) fn tells(reason: LeftOutReason) -> Option<&'static str> {
    match reason {
        LeftOutReason::NoPlace => Some(NO_PLACE),
        LeftOutReason::AnotherPerson => Some(HeldBackReason::AnotherPerson.as_str()),
        _ => None,
    }
}

impl Wallet {
    /// What a share would hold, before it is made.
    ///
    /// # Errors
    /// [`Error::Draft`], [`Error::Date`], [`Error::Asked`] for what cannot be shared like this; [`Error::NoSuch`] for a
    /// category, a record or a subject that is not there; [`Error::NobodyNamed`], [`Error::Locked`]; those of the vault.
    pub async fn preview_share(&self, draft: &ShareDraft) -> Result<SharePreview> {
        let vault = self.inner.vault().await?;
        let only_here = self.inner.is_only_here(&self.inner.chosen_relay(&vault).await?);
        let language = &self.inner.options.language;
        // A passcode is chosen later than the records.
        let without_passcode = ShareDraft { passcode: None, ..draft.clone() };
        let terms = match terms::check(&vault, &without_passcode, language, now()).await {
            Ok(checked) => checked.terms,
            Err(Error::NothingSelected) => {
                let preview = Preview::of_nothing(&self.inner, &vault, draft.preset, &draft.choice).await?;
                return Ok(SharePreview { only_here, ..preview });
            }
            Err(error) => return Err(error),
        };
        let format = terms.format;
        let preview = Preview { selection: &terms.selection, codes: &terms.codes, language };
        let preview = preview.of(&self.inner, &vault, move |material| assemble(material, format)).await?;
        Ok(SharePreview { only_here, ..preview })
    }
}

/// What goes into a document that a person puts together, a share or a file of their own.
pub(crate) struct Preview<'a> {
    /// The choice.
    pub(crate) selection: &'a Selection,
    /// Only records with one of these codes (system, code), if there are any.
    pub(crate) codes: &'a [(String, String)],
    /// The language of titles and headings.
    pub(crate) language: &'a str,
}

impl Preview<'_> {
    /// What of the choice goes into a document that `form` puts together.
    ///
    /// # Errors
    /// [`Error::NobodyNamed`]; those of the vault and of the records.
    pub(crate) async fn of(
        &self,
        inner: &Inner,
        vault: &Vault,
        form: impl FnOnce(&Material) -> Result<Assembled> + Send + 'static,
    ) -> Result<SharePreview> {
        let profile = crate::settings::profile(vault).await?;
        let choice = choose(inner.index(vault, &profile).await?, self.selection, self.codes);
        let mut held_back = groups(&choice, &HashSet::new());
        let (mut categories, mut included) = (Vec::new(), Vec::new());
        match Material::gather(vault, &profile, &choice, self.language).await {
            Ok(material) => {
                let done = tokio::task::spawn_blocking(move || (form(&material), material));
                let (assembled, material) = done.await.map_err(|_| Error::Internal("previewing a document"))?;
                match assembled {
                    Ok(assembled) => {
                        categories = material.holds(&assembled);
                        included = material.chosen_in(&assembled).cloned().collect();
                        held_back = groups(&choice, &material.all_in(&assembled));
                        for (reason, row) in material.left_out(&assembled) {
                            if let Some(told) = tells(reason) {
                                add(&mut held_back, told, None, row);
                            }
                        }
                    }
                    // Chosen, and all of it without a place in this form.
                    Err(Error::NothingSelected) => {
                        choice.selected.iter().for_each(|row| add(&mut held_back, NO_PLACE, None, row));
                    }
                    Err(error) => return Err(error),
                }
            }
            Err(Error::NothingSelected) => {}
            Err(error) => return Err(error),
        }
        held_back.sort_by_key(|group| (group.reason != "sensitive", Reverse(group.count)));
        let lines = listed(&mut included);
        let records: u64 = categories.iter().map(|category| category.count).sum();
        Ok(SharePreview {
            records,
            categories,
            available: by_category(choice.own()),
            held_back,
            more: records.saturating_sub(lines.len() as u64),
            lines,
            sensitive: sensitive(&included),
            notice: notice(),
            only_here: false,
        })
    }

    /// Where nothing is ticked: what there is to tick.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a subject that is not there; those of the vault.
    pub(crate) async fn of_nothing(
        inner: &Inner,
        vault: &Vault,
        preset: SharePreset,
        choice: &ShareChoice,
    ) -> Result<SharePreview> {
        let subjects = ShareChoice { sensitive: choice.sensitive.clone(), ..ShareChoice::default() };
        let selection = selection(vault, preset, &subjects).await?;
        let profile = crate::settings::profile(vault).await?;
        let choice = choose(inner.index(vault, &profile).await?, &selection, &[]);
        let mut held_back = groups(&choice, &HashSet::new());
        held_back.retain(|group| group.reason == "sensitive");
        Ok(SharePreview {
            records: 0,
            categories: Vec::new(),
            available: by_category(choice.own()),
            held_back,
            lines: Vec::new(),
            more: 0,
            sensitive: Vec::new(),
            notice: notice(),
            only_here: false,
        })
    }
}

fn notice() -> ShareNotice {
    ShareNotice { version: Notice::VERSION, language: NOTICE_LANGUAGE.to_owned() }
}

/// What the choice holds back, by reason, category and label; without the records of these numbers, which go in all the same.
fn groups(choice: &Choice, in_anyway: &HashSet<i64>) -> Vec<HeldBack> {
    let mut groups = Vec::new();
    for (row, reason) in choice.held_back(in_anyway) {
        let label = match reason {
            HeldBackReason::Sensitive(labels) => labels.first().map(|label| label.code()),
            _ => None,
        };
        add(&mut groups, reason.as_str(), label, row);
    }
    groups
}

fn add(groups: &mut Vec<HeldBack>, reason: &str, label: Option<&str>, row: &RecordRow) {
    // The category of sensitive ones would tell what they are about, were the screen seen by somebody else.
    let category = (reason != "sensitive").then(|| row.index.category.as_str());
    let same = |group: &&mut HeldBack| {
        group.reason == reason && group.category.as_deref() == category && group.label.as_deref() == label
    };
    let at = groups.iter_mut().position(|mut group| same(&mut group));
    let group = match at.and_then(|at| groups.get_mut(at)) {
        Some(group) => group,
        None => {
            groups.push(HeldBack {
                reason: reason.to_owned(),
                category: category.map(str::to_owned),
                label: label.map(str::to_owned),
                count: 0,
                lines: Vec::new(),
            });
            let Some(group) = groups.last_mut() else { return };
            group
        }
    };
    group.count += 1;
    if group.lines.len() < LISTED {
        group.lines.push(line(row));
    }
}

/// The records that go in, category by category in the order a person meets them, newest first.
fn listed(included: &mut [RecordRow]) -> Vec<ShareRecord> {
    let place = |category: Category| Category::all().iter().position(|known| *known == category);
    included.sort_by_key(|row| (place(row.index.category), Reverse(row.index.sort_key)));
    included.iter().take(LISTED).map(line).collect()
}

/// Those that go in though they are sensitive.
fn sensitive(included: &[RecordRow]) -> Vec<SensitiveRecord> {
    let labelled = included.iter().filter(|row| !row.index.sensitivity.is_empty()).take(LISTED);
    let labels = |row: &RecordRow| row.index.sensitivity.iter().map(|label| label.code().to_owned()).collect();
    labelled.map(|row| SensitiveRecord { record: line(row), labels: labels(row) }).collect()
}

fn line(row: &RecordRow) -> ShareRecord {
    ShareRecord {
        id: row.id.to_string(),
        category: row.index.category.as_str().to_owned(),
        title: row.index.title.clone(),
        date: row.index.date.clone(),
    }
}
