//! The encrypted store: key slots, recovery phrase, records, search, journal, backup.
