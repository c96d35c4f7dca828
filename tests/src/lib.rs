//! Whole-system tests: the real app, a real browser, a real relay, readers written by others.
