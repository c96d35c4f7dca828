//! SMART Health Links: the wire formats, and nothing else.
