//! `table`: a table whose columns do not say what they hold is explained, and imported.

use crate::args::{Dates, Role, Table};
use crate::error::{Exit, Result};
use crate::import::tell_all;
use crate::out::{Out, clean};
use crate::progress::Progress;
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{ColumnRole, DateOrder, TableAnswer, TableQuestion};
use clap::ValueEnum;
use serde_json::json;
use std::path::Path;

/// Shows what the columns seem to hold, and how to say what they do. Needs no vault.
pub(crate) async fn show(file: &Path, out: &mut Out) -> Result<Exit> {
    let table = carnet_wallet::table_in_file(file).await?;
    out.line(format!("{} rows. The first ones:", table.total))?;
    for (at, column) in table.columns.iter().enumerate() {
        let cells: Vec<String> = table.rows.iter().filter_map(|row| row.get(at)).map(|cell| clean(cell)).collect();
        out.line(format!("  {}. {:<24} {:<7} {}", at + 1, clean(&column.title), word(column.role), cells.join(" | ")))?;
    }
    let roles: Vec<String> = table.columns.iter().map(|column| word(column.role)).collect();
    out.line("Say what each column holds (date, time, value, unit, kind, note, ignore), and it is imported:")?;
    out.line(format!("  carnet table FILE --columns {} --dates {}", roles.join(","), dates_word(&table)))?;
    out.line("and where no column says it, --kind weight --unit kg.")?;
    out.json(&json!({ "rows": table.total, "columns": table.columns, "first": table.rows, "dates": table.dates }))?;
    Ok(Exit::Done)
}

/// Imports a table as it was explained.
pub(crate) async fn import(wallet: &Wallet, asked: &Table, out: &mut Out) -> Result<Exit> {
    let dates = match asked.dates {
        Some(dates) => order_of(dates),
        None => carnet_wallet::table_in_file(&asked.file).await?.dates,
    };
    let answer = TableAnswer {
        roles: asked.columns.iter().map(|role| role_of(*role)).collect(),
        dates,
        unit: asked.unit.clone(),
        kind: asked.kind.clone(),
        remember: asked.remember,
    };
    let report = wallet.import_table(&asked.file, &answer, &Progress::new(out.is_json())).await?;
    tell_all(std::slice::from_ref(&report), out)?;
    out.json(&json!(report.account))?;
    Ok(Exit::Done)
}

fn role_of(role: Role) -> ColumnRole {
    match role {
        Role::Date => ColumnRole::Date,
        Role::Time => ColumnRole::Time,
        Role::Value => ColumnRole::Value,
        Role::Unit => ColumnRole::Unit,
        Role::Kind => ColumnRole::Kind,
        Role::Note => ColumnRole::Note,
        Role::Ignore => ColumnRole::Ignore,
    }
}

fn order_of(dates: Dates) -> DateOrder {
    match dates {
        Dates::Ymd => DateOrder::YearMonthDay,
        Dates::Dmy => DateOrder::DayMonthYear,
        Dates::Mdy => DateOrder::MonthDayYear,
    }
}

/// A role as it is said on the command line.
fn word(role: ColumnRole) -> String {
    name(Role::value_variants().iter().find(|word| role_of(**word) == role))
}

fn dates_word(table: &TableQuestion) -> String {
    name(Dates::value_variants().iter().find(|word| order_of(**word) == table.dates))
}

fn name<V: ValueEnum>(value: Option<&V>) -> String {
    value.and_then(ValueEnum::to_possible_value).map(|value| value.get_name().to_owned()).unwrap_or_default()
}
