//! What can be said of a table whose columns do not say it themselves.

use clap::ValueEnum;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Table {
    /// The table: CSV, or text with semicolons or tabs.
    pub(crate) file: PathBuf,
    /// What its columns hold, from the left.
    #[arg(long, value_delimiter = ',', value_name = "ROLE,ROLE,...")]
    pub(crate) columns: Vec<Role>,
    /// What was measured in all rows, where no column says it: weight, glucose, blood pressure.
    #[arg(long, requires = "columns", default_value = "")]
    pub(crate) kind: String,
    /// The unit of all values, where no column says it: kg, mg/dL. Without one they are kept without a unit.
    #[arg(long, requires = "columns", default_value = "")]
    pub(crate) unit: String,
    /// How its dates are written. Default: as its rows show, or as they most likely are.
    #[arg(long, requires = "columns")]
    pub(crate) dates: Option<Dates>,
    /// Read the next table with these headings in the same way, without being told.
    #[arg(long, requires = "columns")]
    pub(crate) remember: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// The day, with or without a time.
    Date,
    /// The time of day, beside a date.
    Time,
    /// What was measured, as a number.
    Value,
    /// The unit of the value.
    Unit,
    /// What was measured, in words.
    Kind,
    /// A remark.
    Note,
    /// Nothing that is wanted.
    Ignore,
}

/// The order in which dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dates {
    /// 2026-05-03
    Ymd,
    /// 03.05.2026
    Dmy,
    /// 05/03/2026
    Mdy,
}
