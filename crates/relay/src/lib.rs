//! The relay: a blind SMART Health Link host that writes the public ledger.
