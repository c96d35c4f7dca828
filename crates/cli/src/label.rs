//! `label`: why a record is held back from shares, and the person's own word on it.

use crate::args::Label;
use crate::error::{Error, Exit, Result};
use crate::out::{Out, clean};
use crate::records::one_line;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::LabelState;
use serde_json::json;

pub(crate) async fn label(wallet: &Wallet, asked: &Label, out: &mut Out) -> Result<Exit> {
    let decisions = [(&asked.add, Some(true)), (&asked.remove, Some(false)), (&asked.undo, None)];
    let mut all: Vec<&String> = decisions.iter().flat_map(|(labels, _)| labels.iter()).collect();
    all.sort_unstable();
    if all.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(Error::TwoDecisions);
    }
    for (labels, on) in decisions {
        for label in labels {
            wallet.set_label(&asked.id, label, on).await?;
        }
    }
    let sheet = wallet.sheet(&asked.id).await?;
    out.line(one_line(&sheet.detail.line))?;
    for label in &sheet.labels {
        out.line(format!("  {}", sentence(label)))?;
    }
    if sheet.labels.is_empty() {
        out.line("  No table has anything of it, so it is not held back. Not every code is in the tables.")?;
    }
    let held_back = sheet.labels.iter().any(|label| label.on);
    out.json(&json!({ "record": asked.id, "held_back": held_back, "labels": sheet.labels }))?;
    Ok(Exit::Done)
}

fn sentence(label: &LabelState) -> String {
    let state = match (label.on, label.decided) {
        (true, Some(_)) => "held back, as you decided",
        (true, None) => "held back",
        (false, _) => "not held back, as you decided",
    };
    let because = if label.because.is_empty() { String::new() } else { format!(": {}", clean(&label.because)) };
    format!("{:<5} {state}{because}", clean(&label.label))
}
