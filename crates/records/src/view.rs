//! One view from many sources: the same fact once, measurements as a course over time, names in the reader's language.
//!
//! Only what is shown is put together here; nothing that is stored is changed. The rules are cautious: two records stand
//! as one fact only where their codes and dates leave no doubt, and what their sources say differently is told beside it.

mod agreement;
pub mod chart;
mod concept;
mod dates;
mod features;
mod key;
mod merge;
mod names;
mod range;
mod series;
mod units;

pub use agreement::{Conflict, ConflictField, ConflictValue};
pub use key::{FactKey, fact_key};
pub(crate) use key::{Subject, fact_key_of, subject_of};
pub use merge::{Fact, Merging, SourceRecord, merge};
pub use names::{display_name, unit_name};
pub use range::{Bound, RangeText, ReferenceRange, parse_range};
pub use series::{Comparator, Converted, How, Place, Point, Reader, Series, Sex, series};
pub use units::{UNIT_BYTES, analyte_terms, ucum_of};

#[cfg(test)]
mod tests;
