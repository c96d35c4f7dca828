//! Tables whose columns a person explained: from the interface's answer to a mapping, and kept for the next one like it.

use super::file::Origin;
use crate::{Error, Result};
use carnet_bridge::{ColumnRole, DateOrder, TableAnswer, TableColumn, TableQuestion};
use carnet_records::csv::{self, Column, Guess, Mapping, Measure};
use carnet_records::import::Limits;
use carnet_vault::{Batch, Vault};
use std::io::Read;
use std::path::Path;

/// Where the vault keeps the mappings.
const REMEMBERED: &str = "table_mappings";
/// The most of them; the oldest goes first.
const MOST: usize = 100;
/// Rows and letters of a cell that are shown.
const SHOWN_ROWS: usize = 8;
const CELL_BYTES: usize = 200;

/// The mappings that were kept.
pub(super) async fn remembered(vault: &Vault) -> Result<Vec<Mapping>> {
    let Some(json) = vault.setting(REMEMBERED).await? else { return Ok(Vec::new()) };
    serde_json::from_str(&json).map_err(|_| Error::Internal("the tables that were explained before"))
}

/// Keeps a mapping in place of the one for the same header. One without a header is not kept: the next table without could
/// be about anything.
pub(super) async fn remember(vault: &Vault, mapping: &Mapping, now: i64) -> Result<()> {
    if mapping.header.is_empty() {
        return Ok(());
    }
    let mut all = remembered(vault).await?;
    all.retain(|other| other.header != mapping.header);
    all.push(mapping.clone());
    let surplus = all.len().saturating_sub(MOST);
    all.drain(..surplus);
    let json = serde_json::to_string(&all).map_err(|_| Error::Internal("a table's columns"))?;
    let mut batch = Batch::new(now);
    batch.set_setting(REMEMBERED, Some(&json));
    vault.apply(batch).await?;
    Ok(())
}

/// What is asked about a table that is a file: its columns with what they seem to hold, and its first rows.
///
/// # Errors
/// The file cannot be read, is empty or is no table.
pub async fn table_in_file(path: &Path) -> Result<TableQuestion> {
    Ok(question(&guess(&Origin::Path(path.to_owned())).await?))
}

/// What a table seems to hold.
pub(super) async fn guess(origin: &Origin) -> Result<Guess> {
    let origin = origin.clone();
    let guessed = tokio::task::spawn_blocking(move || {
        let (file, _) = origin.open()?;
        let mut bytes = Vec::new();
        file.take(Limits::default().file_bytes).read_to_end(&mut bytes).map_err(Error::file("Reading the file"))?;
        Ok(Mapping::guess(&bytes)?)
    });
    guessed.await.map_err(|_| Error::Internal("reading a table"))?
}

/// What to ask about a table.
pub(super) fn question(guess: &Guess) -> TableQuestion {
    let columns = guess.mapping.columns.iter().enumerate().map(|(at, column)| TableColumn {
        title: guess.mapping.header.get(at).cloned().unwrap_or_default(),
        role: role(column),
    });
    let rows = guess.preview.iter().take(SHOWN_ROWS);
    TableQuestion {
        columns: columns.collect(),
        rows: rows.map(|row| row.iter().map(|cell| clip(cell)).collect()).collect(),
        total: guess.rows,
        dates: match guess.mapping.date_order {
            csv::DateOrder::Plain => DateOrder::YearMonthDay,
            csv::DateOrder::DayFirst => DateOrder::DayMonthYear,
            csv::DateOrder::MonthFirst => DateOrder::MonthDayYear,
        },
        dates_certain: !guess.questions.contains(&csv::Question::DateOrder),
    }
}

/// The mapping that an answer makes of a guess.
///
/// # Errors
/// [`Error::Answer`] where the answer is of no use, as [`TableAnswer::problem`] says.
pub(super) fn mapping(guess: Guess, answer: &TableAnswer) -> Result<Mapping> {
    if answer.problem().is_some() || answer.roles.len() != guess.mapping.columns.len() {
        return Err(Error::Answer);
    }
    let unit = (!answer.unit.trim().is_empty()).then(|| answer.unit.trim().to_owned());
    let measure = Measure::from_words(answer.kind.trim());
    let preview = &guess.preview;
    let has_times = |at: usize| preview.iter().any(|row| row.get(at).is_some_and(|cell| cell.contains(':')));
    let columns = answer.roles.iter().enumerate().map(|(at, chosen)| match chosen {
        ColumnRole::Ignore => Ok(Column::Ignored),
        // A column of days and times is both.
        ColumnRole::Date if has_times(at) => Ok(Column::DateTime),
        ColumnRole::Date => Ok(Column::Date),
        ColumnRole::Time => Ok(Column::Time),
        ColumnRole::Unit => Ok(Column::Unit),
        ColumnRole::Kind => Ok(Column::Kind),
        ColumnRole::Note => Ok(Column::Note),
        ColumnRole::Value if answer.roles.contains(&ColumnRole::Kind) => Ok(Column::Value),
        ColumnRole::Value => {
            let measure = measure.ok_or(Error::Answer)?;
            Ok(Column::Measure { measure, unit: unit.clone() })
        }
    });
    let date_order = match answer.dates {
        DateOrder::YearMonthDay => csv::DateOrder::Plain,
        DateOrder::DayMonthYear => csv::DateOrder::DayFirst,
        DateOrder::MonthDayYear => csv::DateOrder::MonthFirst,
    };
    let mapping = Mapping { columns: columns.collect::<Result<_>>()?, date_order, ..guess.mapping };
    // A first row without any number names the columns, in words that were not understood.
    Ok(match guess.preview.first() {
        Some(first)
            if mapping.header.is_empty() && !first.iter().any(|cell| cell.contains(|c: char| c.is_numeric())) =>
        {
            mapping.with_header(first)
        }
        _ => mapping,
    })
}

fn role(column: &Column) -> ColumnRole {
    match column {
        Column::Date | Column::DateTime => ColumnRole::Date,
        Column::Time => ColumnRole::Time,
        Column::Kind | Column::Event => ColumnRole::Kind,
        Column::Value | Column::Measure { .. } => ColumnRole::Value,
        Column::Unit => ColumnRole::Unit,
        Column::Note => ColumnRole::Note,
        _ => ColumnRole::Ignore,
    }
}

fn clip(cell: &str) -> String {
    let end = (0..=CELL_BYTES.min(cell.len())).rev().find(|at| cell.is_char_boundary(*at));
    cell.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
}
