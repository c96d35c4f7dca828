//! Sensitivity labels of a record: what was found in it, and what the person decided.

use super::{listed, number};
use crate::clock::now;
use crate::facts::MOST_MEMBERS;
use crate::records::parse;
use crate::settings::profile;
use crate::{Error, Result, Wallet};
use carnet_bridge::LabelState;
use carnet_records::sensitivity::{Reason, Sensitivity, Table, classify, reasons};
use carnet_vault::{RecordQuery, RecordRow};
use serde_json::Value;

/// So many reasons are told of one label.
const TOLD: usize = 3;

impl Wallet {
    /// Decides whether a record is held back under a label, or takes the decision back. The other records of the same fact
    /// go with it: what was held back must not go out in the words of another source.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for the record or the label, [`Error::Locked`]; those of the vault.
    pub async fn set_label(&self, id: &str, label: &str, on: Option<bool>) -> Result<()> {
        let known = Sensitivity::from_code(label).filter(|known| known.code() == label);
        let label = known.ok_or(Error::NoSuch("label"))?;
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?.id;
        let first = listed(&vault, profile, number(id)?).await?;
        let mut ids = vec![first.row.id];
        if let Some(key) = first.row.index.fact_key {
            let query = RecordQuery { category: Some(first.row.index.category), ..RecordQuery::new(profile) };
            let same = vault.records(&query).await?;
            let same = same.iter().filter(|row| row.index.fact_key == Some(key) && row.id != first.row.id);
            ids.extend(same.map(|row| row.id).take(MOST_MEMBERS));
        }
        for id in ids {
            let stored = listed(&vault, profile, id).await?;
            let found = classify(&parse(&stored.original)?);
            let labels = decided(&stored.row.index.sensitivity, &found, label, on);
            let set = vault.set_sensitivity(id, labels.as_deref(), now()).await;
            self.inner.forget_index().await;
            set?;
        }
        drop(vault);
        self.inner.records_changed().await;
        Ok(())
    }
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
    let found = classify(resource);
    let reasons = reasons(resource);
    let present = &row.index.sensitivity;
    let told = Sensitivity::all().iter().copied().filter(|label| present.contains(label) || found.contains(label));
    told.map(|label| {
        let on = present.contains(&label);
        LabelState {
            label: label.code().to_owned(),
            on,
            because: because(&reasons, label),
            decided: (row.sensitivity_chosen && on != found.contains(&label)).then_some(on),
        }
    })
    .collect()
}

/// What led to a label, in a few words: the code, the line of the table that it falls under, and who published that.
fn because(reasons: &[Reason], label: Sensitivity) -> String {
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
