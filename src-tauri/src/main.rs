//! The desktop and mobile shell around the wallet and its interface.
fn main() {}
