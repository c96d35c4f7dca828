//! Why a row of a table was not taken, each with a sentence for people.

use std::fmt;

/// Why a row of a table was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableReason {
    /// The row has no date that could be read.
    NoDate,
    /// The value is not a number.
    NotANumber,
    /// Neither the header nor the row says in which unit the value is.
    NoUnit,
    /// The unit is not one in which this is measured.
    OtherUnit,
    /// The unit behind the value is another than that of the column or of the row.
    UnitsDiffer,
    /// What the row calls what it measures is not known.
    UnknownKind,
    /// Only one of the two blood pressures is there.
    HalfAPressure,
    /// Something that the table's maker records and that is no measurement (an alert, a setting, a meal).
    NotAMeasurement,
    /// A row like one before it.
    Repeated,
    /// The row is not like the others and could not be taken apart.
    Malformed,
    /// A row before the names of the columns.
    BeforeHeader,
    /// A row under names of columns that are not understood, or that are not those that were chosen; or such names.
    OtherHeader,
    /// A quotation begins in the row and does not end there.
    OpenQuote,
    /// A whole table in an archive that can be understood in more than one way.
    Unclear,
    /// A column with values that are none of the measures that are read: what was injected, eaten, walked.
    ColumnNotTaken {
        /// Its name in the table, in lower case; empty if it has none.
        name: String,
    },
    /// Rows past the limit.
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl TableReason {
    /// A stable name for it.
    pub fn code(&self) -> &'static str {
        match self {
            TableReason::NoDate => "table_no_date",
            TableReason::NotANumber => "table_not_a_number",
            TableReason::NoUnit => "table_no_unit",
            TableReason::OtherUnit => "table_other_unit",
            TableReason::UnitsDiffer => "table_units_differ",
            TableReason::UnknownKind => "table_unknown_kind",
            TableReason::HalfAPressure => "table_half_a_pressure",
            TableReason::NotAMeasurement => "table_not_a_measurement",
            TableReason::Repeated => "table_repeated",
            TableReason::Malformed => "table_malformed",
            TableReason::BeforeHeader => "table_before_header",
            TableReason::OtherHeader => "table_other_header",
            TableReason::OpenQuote => "table_open_quote",
            TableReason::Unclear => "table_unclear",
            TableReason::ColumnNotTaken { .. } => "table_column_not_taken",
            TableReason::TooMany { .. } => "table_too_many",
        }
    }
}

impl fmt::Display for TableReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableReason::NoDate => out.write_str("The row has no date that could be read."),
            TableReason::NotANumber => out.write_str("The value is not a number."),
            TableReason::NoUnit => out.write_str("The unit is not stated, and a wrong guess would be dangerous."),
            TableReason::OtherUnit => out.write_str("The unit is not one in which this is measured."),
            TableReason::UnitsDiffer => {
                out.write_str("The value is written with one unit, and the table names another for it.")
            }
            TableReason::UnknownKind => out.write_str("What this row measures is not known here."),
            TableReason::HalfAPressure => {
                out.write_str("Only one of the two blood pressures is there; a reading needs both.")
            }
            TableReason::NotAMeasurement => {
                out.write_str("The row holds no measurement (an alert, a setting, a meal or a remark).")
            }
            TableReason::Repeated => out.write_str("The row says the same as one before it."),
            TableReason::Malformed => out.write_str("The row could not be taken apart into its columns."),
            TableReason::BeforeHeader => {
                out.write_str("The row stands before the names of the columns, so what its values are is not known.")
            }
            TableReason::OtherHeader => out.write_str(
                "A new table begins here in the file, and the names of its columns are not understood or are not those that \
                 were chosen. Import that part as a file of its own.",
            ),
            TableReason::OpenQuote => out.write_str(
                "A quotation mark opens in this row and is never closed, so where its cells end cannot be told.",
            ),
            TableReason::Unclear => out.write_str(
                "This table can be understood in more than one way. Import it by itself, and say what its columns hold.",
            ),
            TableReason::ColumnNotTaken { name } if name.is_empty() => {
                out.write_str("The column has no name, so what its values are is not known; the table itself is kept.")
            }
            TableReason::ColumnNotTaken { name } => {
                write!(out, "The column “{name}” holds values of a kind that is not read here; the table itself is kept.")
            }
            TableReason::TooMany { limit } => {
                write!(out, "The table has more than {limit} rows; this and the following ones were left out.")
            }
        }
    }
}
