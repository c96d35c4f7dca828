//! Sensitivity labels of a record: what was found in it, and what the person decided.

use super::{listed, number, same_fact, stored_hash};
use crate::clock::now;
use crate::facts::MOST_MEMBERS;
use crate::records::parse;
use crate::settings::profile;
use crate::{Error, Result, Wallet};
use carnet_bridge::LabelState;
use carnet_records::index::Category;
use carnet_records::sensitivity::{Reason, Sensitivity, Table, reasons};
use carnet_vault::{ProfileId, RecordQuery, RecordRow, Vault};
use serde_json::Value;

/// So many reasons are told of one label.
const TOLD: usize = 3;

impl Wallet {
    /// Decides whether a record is held back under a label, or takes the decision back. The other records of the same fact
    /// go with it: what was held back must not go out in the words of another source. Where it is held back, so are the
    /// documents that carry the file it was made from.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for the record or the label, [`Error::Locked`]; those of the vault.
    pub async fn set_label(&self, id: &str, label: &str, on: Option<bool>) -> Result<()> {
        let known = Sensitivity::from_code(label).filter(|known| known.code() == label);
        let label = known.ok_or(Error::NoSuch("label"))?;
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?;
        let index = self.inner.index(&vault, &profile).await?;
        let (profile, id) = (profile.id, number(id)?);
        let row = index.rows.iter().find(|row| row.id == id).ok_or(Error::NoSuch("record"))?;
        let mut ids: Vec<i64> = same_fact(&index, row).iter().map(|row| row.id).collect();
        if on == Some(true) {
            let carriers = carriers(&vault, profile, id).await?;
            ids.extend(carriers.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
        }
        for id in ids {
            let stored = listed(&vault, profile, id).await?;
            let labels = decided(&stored.row.index.sensitivity, &stored.row.sensitivity_found, label, on);
            let set = vault.set_sensitivity(id, labels.as_deref(), now()).await;
            self.inner.forget_index().await;
            set?;
        }
        drop(vault);
        self.inner.records_changed().await;
        Ok(())
    }
}

/// The documents that carry the very files that a record, in any of its versions, was made from.
async fn carriers(vault: &Vault, profile: ProfileId, id: i64) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for version in vault.record(id).await?.versions {
        // What stands in a file as it is has no place of its own, and nothing else carries it.
        let Some(place) = version.place else { continue };
        for source in version.sources {
            let of_import = RecordQuery { import: Some(source.import), ..RecordQuery::new(profile) };
            let query = RecordQuery { category: Some(Category::Document), ..of_import };
            for document in vault.slim(&query).await? {
                let of_same_file = document.row.place.as_deref().is_some_and(|other| member(other) == member(&place));
                let is_new = document.row.id != id && !found.contains(&document.row.id);
                if of_same_file && is_new && refers_to_a_file(&parse(&document.original)?) {
                    found.push(document.row.id);
                }
            }
        }
    }
    found.truncate(MOST_MEMBERS);
    Ok(found)
}

/// The file of an archive that a place is in; none where the file is no archive.
fn member(place: &str) -> Option<&str> {
    place.split_once(": ").map(|(member, _)| member)
}

fn refers_to_a_file(document: &Value) -> bool {
    let contents = document.get("content").and_then(Value::as_array).into_iter().flatten();
    let urls = contents.filter_map(|content| content.pointer("/attachment/url")?.as_str());
    urls.filter_map(stored_hash).next().is_some()
}

/// The labels after a decision; none: what was found counts.
fn decided(
    present: &[Sensitivity],
    found: &[Sensitivity],
    label: Sensitivity,
    on: Option<bool>,
) -> Option<Vec<Sensitivity>> {
    let holds = |other: Sensitivity| {
        if other == label { on.unwrap_or(found.contains(&label)) } else { present.contains(&other) }
    };
    let labels: Vec<Sensitivity> = Sensitivity::all().iter().copied().filter(|other| holds(*other)).collect();
    let undecided = labels.len() == found.len() && labels.iter().all(|label| found.contains(label));
    // A decision that agrees with what was found is still one: it stands when a later version says less.
    (on.is_some() || !undecided).then_some(labels)
}

/// Every label that was found or set, and those that the person took away.
pub(super) fn states(row: &RecordRow, resource: &Value) -> Vec<LabelState> {
    let reasons = reasons(resource);
    let (present, found) = (&row.index.sensitivity, &row.sensitivity_found);
    let told = Sensitivity::all().iter().copied().filter(|label| present.contains(label) || found.contains(label));
    told.map(|label| {
        let on = present.contains(&label);
        LabelState {
            label: label.code().to_owned(),
            on,
            because: because(&reasons, label, found.contains(&label)),
            decided: (row.sensitivity_chosen && on != found.contains(&label)).then_some(on),
        }
    })
    .collect()
}

/// What led to a label, in a few words: the code, the line of the table that it falls under, and who published that. One
/// that was found and has no reason in the record itself comes from what lies in it.
fn because(reasons: &[Reason], label: Sensitivity, found: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    for reason in reasons.iter().filter(|reason| reason.label == label) {
        let of = match reason.rule == reason.code {
            true => String::new(),
            false => format!("{}: ", reason.rule),
        };
        let said = match reason.table {
            Table::Words | Table::Ingredient => reason.code.clone(),
            table => format!("{} {}", table.name(), reason.code),
        };
        let word = format!("{said} ({of}{})", reason.table.source());
        if words.len() < TOLD && !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() && found {
        words.push(format!("{} ({})", Table::Part.name(), Table::Part.source()));
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Sensitivity::{MentalHealth, SubstanceUse};

    #[test]
    fn a_decision_about_one_label_leaves_the_others() {
        let found = [SubstanceUse, MentalHealth];
        let off = decided(&found, &found, MentalHealth, Some(false));
        assert_eq!(off, Some(vec![SubstanceUse]));
        assert_eq!(decided(&[SubstanceUse], &found, MentalHealth, None), None);
        assert_eq!(decided(&[], &[], SubstanceUse, Some(true)), Some(vec![SubstanceUse]));
        assert_eq!(decided(&[SubstanceUse], &[], MentalHealth, None), Some(vec![SubstanceUse]));
        assert_eq!(decided(&[MentalHealth], &[MentalHealth], MentalHealth, Some(true)), Some(vec![MentalHealth]));
    }
}
