//! Passcodes: how one is made where the person thinks of none, and how the vault keeps it.

use crate::Result;
use crate::clock::random;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// How many passcodes there are: six digits.
const CODES: u32 = 1_000_000;

/// A passcode beside the link of its share: hidden from `Debug`, wiped when dropped. Nothing but the vault, which is
/// encrypted whole, ever holds it as JSON.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Passcode(Zeroizing<String>);

impl Passcode {
    pub(crate) fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text itself, for the person whose share it is.
    pub(crate) fn expose_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode(…)")
    }
}

/// Six random digits. Each code is as likely as any other, so that trying the likely ones first helps nobody.
///
/// # Errors
/// [`crate::Error::Internal`] if the system gives no random numbers.
pub fn new_passcode() -> Result<String> {
    loop {
        if let Some(code) = code(u32::from_le_bytes(random()?)) {
            return Ok(code);
        }
    }
}

/// The code of a random number; none for the few numbers that would make some codes likelier than others.
fn code(number: u32) -> Option<String> {
    (number < u32::MAX - u32::MAX % CODES).then(|| format!("{:06}", number % CODES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_as_likely_as_any_other() {
        assert_eq!((code(7).as_deref(), code(3_000_042).as_deref()), (Some("000007"), Some("000042")));
        assert_eq!((code(4_293_999_999).as_deref(), code(4_294_000_000), code(u32::MAX)), (Some("999999"), None, None));
        let some: std::collections::HashSet<String> = (0..50).map(|_| new_passcode().unwrap()).collect();
        assert!(some.len() > 45 && some.iter().all(|code| code.len() == 6 && code.bytes().all(|c| c.is_ascii_digit())));
    }
}
