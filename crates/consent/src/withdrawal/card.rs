//! The withdrawal card: `p` in print, for a parent, a guardian or a companion, who can then stop a share and do nothing else.
//!
//! The code is 56 characters of Crockford's base32 in fourteen groups of four: the 32 bytes of `p` and the first three of
//! `SHA-256("carnet/withdraw/card\0" ‖ p)`, so that a slip of the pen is told from another code. Capitals or not are the
//! same, blanks and hyphens do not count, `O` is read as `0`, `I` and `L` as `1`. The link is the relay's page with the
//! code behind `#carnet-stop:`, where it is not sent to the server before somebody decides to stop the share.

use super::{Preimage, hash};
use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

const CHECK_LABEL: &[u8] = b"carnet/withdraw/card\0";
/// Crockford's base32: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Stands before the code in a link.
const SCHEME: &str = "#carnet-stop:";
/// The page of a relay that the link leads to.
const PAGE: &str = "/view";
/// Bytes of `p`, and with the check.
const BYTES: usize = 32;
const WITH_CHECK: usize = 35;
/// Characters of the code, without hyphens.
const CHARS: usize = WITH_CHECK * 8 / 5;
/// So many characters too few or too many are still taken for a code.
const SLIPS: usize = 8;
/// The longest text that is looked at.
const MAX_TEXT: usize = 4096;

/// What stands on the card. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct WithdrawalCard {
    p: Preimage,
    relay: Option<String>,
}

impl WithdrawalCard {
    /// The card that ends what has the tag of `p` at the relay with this address (`https://relay.example`).
    pub fn new(p: Preimage, relay: impl Into<String>) -> Self {
        Self { p, relay: Some(relay.into().trim_end_matches('/').to_owned()) }
    }

    /// What ends the share.
    pub fn preimage(&self) -> &Preimage {
        &self.p
    }

    /// The relay's address; none if only the code was typed.
    pub fn relay(&self) -> Option<&str> {
        self.relay.as_deref()
    }

    /// The code in groups of four.
    pub fn expose_code(&self) -> String {
        let mut bytes = [0; WITH_CHECK];
        let (p, check) = bytes.split_at_mut(BYTES);
        p.copy_from_slice(self.p.expose_bytes());
        check.copy_from_slice(&checksum(&self.p));
        let mut code = String::with_capacity(CHARS + CHARS / 4);
        for (at, digit) in digits(&bytes).enumerate() {
            if at > 0 && at % 4 == 0 {
                code.push('-');
            }
            code.push(char::from(ALPHABET.get(usize::from(digit)).copied().unwrap_or(b'0')));
        }
        code
    }

    /// The link that opens the relay's page on which the share can be stopped; without a relay the code alone.
    pub fn expose_link(&self) -> String {
        match &self.relay {
            Some(relay) => format!("{relay}{PAGE}{SCHEME}{}", self.expose_code()),
            None => self.expose_code(),
        }
    }

    /// Whether a text is meant as a card's link, or as its code that was typed, so that what is wrong with it is worth
    /// saying.
    pub fn is_meant(text: &str) -> bool {
        text.trim_start().starts_with(SCHEME) || text.contains(&format!("{PAGE}{SCHEME}")) || is_typed(text)
    }
}

impl FromStr for WithdrawalCard {
    type Err = Error;

    /// Reads a card's link, or its code alone.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.len() > MAX_TEXT {
            return Err(WRONG);
        }
        let (relay, code) = match text.split_once(SCHEME) {
            Some((page, code)) => (page.strip_suffix(PAGE).filter(|relay| !relay.is_empty()), code),
            None => (None, text),
        };
        let bytes = bytes(code).ok_or(WRONG)?;
        let (p, check) = bytes.split_at(BYTES);
        let p = Preimage::from_bytes(p.try_into().map_err(|_| WRONG)?);
        if check != checksum(&p) {
            return Err(WRONG);
        }
        Ok(Self { p, relay: relay.map(str::to_owned) })
    }
}

impl fmt::Debug for WithdrawalCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithdrawalCard(..)")
    }
}

const WRONG: Error = Error::Invalid("withdrawal code");

/// Whether a text consists of about as many letters and digits as a code has, and of what may stand between them.
fn is_typed(text: &str) -> bool {
    let between = |letter: char| letter.is_whitespace() || is_hyphen(letter);
    let letters = text.chars().take(MAX_TEXT).filter(|letter| !between(*letter));
    let (count, good) =
        letters.fold((0, true), |(count, good), letter| (count + 1, good && letter.is_ascii_alphanumeric()));
    good && (CHARS - SLIPS..=CHARS + SLIPS).contains(&count)
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}')
}

fn checksum(p: &Preimage) -> [u8; WITH_CHECK - BYTES] {
    let [a, b, c, ..] = hash(CHECK_LABEL, p.expose_bytes());
    [a, b, c]
}

/// Five bits at a time, the highest first: five bytes are eight digits.
fn digits(bytes: &[u8; WITH_CHECK]) -> impl Iterator<Item = u8> {
    bytes.chunks_exact(5).flat_map(|five| {
        let number = five.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| (number >> (place * 5) & 31) as u8)
    })
}

fn bytes(code: &str) -> Option<[u8; WITH_CHECK]> {
    let mut digits = Vec::with_capacity(CHARS);
    for character in code.chars().filter(|character| !is_hyphen(*character) && !character.is_whitespace()) {
        let character = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|known| char::from(*known) == character)?;
        if digits.len() == CHARS {
            return None;
        }
        digits.push(digit as u64);
    }
    if digits.len() != CHARS {
        return None;
    }
    let mut bytes = [0; WITH_CHECK];
    for (eight, five) in digits.chunks_exact(8).zip(bytes.chunks_exact_mut(5)) {
        let number = eight.iter().fold(0_u64, |number, digit| number << 5 | digit);
        five.copy_from_slice(number.to_be_bytes().get(3..)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn card(byte: u8) -> WithdrawalCard {
        WithdrawalCard::new(Preimage::from_bytes([byte; 32]), "https://relay.example/")
    }

    #[test]
    fn the_form_does_not_change() {
        let code = card(7).expose_code();
        assert_eq!(code, "0W3G-E1R7-".repeat(6) + "0W3H-E5Z5");
        assert_eq!(card(7).expose_link(), format!("https://relay.example/view#carnet-stop:{code}"));
        assert_eq!(format!("{:?}", card(7)), "WithdrawalCard(..)");
    }

    #[test]
    fn is_read_however_a_person_writes_it() {
        let (card, code) = (card(9), card(9).expose_code());
        let alone = WithdrawalCard { relay: None, ..card.clone() };
        for text in [
            code.clone(),
            code.to_lowercase(),
            code.replace('-', " "),
            code.replace('-', ""),
            code.replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(text.parse::<WithdrawalCard>().unwrap(), alone, "{text}");
        }
        assert_eq!(card.expose_link().parse::<WithdrawalCard>().unwrap(), card);
        assert_eq!(format!("#carnet-stop:{code}").parse::<WithdrawalCard>().unwrap(), alone);
        assert!(WithdrawalCard::is_meant(&card.expose_link()) && WithdrawalCard::is_meant("#carnet-stop:"));
        assert!(WithdrawalCard::is_meant(&code) && WithdrawalCard::is_meant(&code.to_lowercase().replace('-', " ")));
        assert!(WithdrawalCard::is_meant(&code[..code.len() - 6]), "a group was left out");
        for other in [
            "",
            "shlink:/eyJ1cmwiOiJodHRwczovL2xpbmtzLmV4YW1wbGUub3JnL20vQUFB",
            "https://relay.example/view",
            &code[..20],
        ] {
            assert!(!WithdrawalCard::is_meant(other), "{other}");
        }
        assert!(!WithdrawalCard::is_meant("https://relay.example/view#shlink:/eyJ"));
    }

    #[test]
    fn a_slip_of_the_pen_is_no_card() {
        let code = card(3).expose_code();
        for at in (0..code.len()).filter(|at| at % 5 != 4) {
            let other = if code.as_bytes()[at] == b'7' { "8" } else { "7" };
            let mut slip = code.clone();
            slip.replace_range(at..=at, other);
            assert!(slip.parse::<WithdrawalCard>().is_err(), "{slip}");
        }
        for wrong in ["", "short", &code[..code.len() - 1], &format!("{code}0"), &"0".repeat(5_000), "ü"] {
            assert!(wrong.parse::<WithdrawalCard>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: [u8; 32]) {
            let card = WithdrawalCard::new(Preimage::from_bytes(bytes), "https://relay.example");
            prop_assert_eq!(card.expose_link().parse::<WithdrawalCard>().unwrap(), card);
        }

        #[test]
        fn reading_never_panics(text: String) {
            let _ = text.parse::<WithdrawalCard>();
        }
    }
}
