//! `records`, `search`, `show`.

use crate::clock::local_time;
use crate::error::{Exit, Result};
use crate::out::{Out, clean};
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{RecordFilter, RecordLine};
use serde_json::json;

pub(crate) async fn list(
    wallet: &Wallet,
    text: String,
    category: Option<String>,
    offset: u64,
    limit: u32,
    out: &mut Out,
) -> Result<Exit> {
    let page = wallet.records(&RecordFilter { text, category, offset, limit }).await?;
    for line in &page.lines {
        out.line(one_line(line))?;
    }
    let shown = offset + page.lines.len() as u64;
    if shown < page.total {
        out.line(format!("{shown} of {} records; --limit and --offset show more", page.total))?;
    } else if page.total == 0 {
        out.line("No record fits.")?;
    }
    out.json(&json!({ "records": page.lines, "total": page.total, "categories": page.categories }))?;
    Ok(Exit::Done)
}

pub(crate) async fn show(wallet: &Wallet, id: &str, original: bool, out: &mut Out) -> Result<Exit> {
    if original {
        out.raw(&wallet.original(id).await?)?;
        return Ok(Exit::Done);
    }
    let record = wallet.record(id).await?;
    out.line(one_line(&record.line))?;
    for fact in &record.facts {
        out.line(format!("  {}: {}", clean(&fact.label), clean(&fact.value)))?;
    }
    if let Some(measured) = &record.measurement {
        let range = match (&measured.low, &measured.high) {
            (None, None) => String::new(),
            (low, high) => format!(
                " (range {} to {})",
                low.as_deref().map_or_else(|| "?".to_owned(), clean),
                high.as_deref().map_or_else(|| "?".to_owned(), clean)
            ),
        };
        out.line(format!("  value: {} {}{range}", clean(&measured.value), clean(&measured.unit)))?;
    }
    if let Some(narrative) = &record.narrative {
        out.line(format!("  text: {}", clean(narrative)))?;
    }
    out.line(format!(
        "  {} from {}, imported {}, version {}",
        clean(&record.resource_type),
        clean(&record.source),
        local_time(record.imported_at),
        record.versions
    ))?;
    out.json(&json!(record))?;
    Ok(Exit::Done)
}

/// A record in a list.
pub(crate) fn one_line(line: &RecordLine) -> String {
    let mut text = format!(
        "{:>8}  {:<10}  {:<12}  {}",
        clean(&line.id),
        line.date.as_deref().map(|date| clean(date).chars().take(10).collect::<String>()).unwrap_or_default(),
        clean(&line.category),
        clean(&line.title)
    );
    for more in
        [Some(line.detail.as_str()), line.status.as_deref()].into_iter().flatten().filter(|more| !more.is_empty())
    {
        text.push_str(", ");
        text.push_str(&clean(more));
    }
    if line.sensitive {
        text.push_str(" [held back]");
    }
    if line.another {
        text.push_str(" [another person's]");
    }
    text
}
