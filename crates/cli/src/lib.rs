//! The wallet in a terminal.
