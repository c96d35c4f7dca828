//! Tables of measurements.

mod reason;

pub use reason::TableReason;
