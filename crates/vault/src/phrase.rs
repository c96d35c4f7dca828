//! The recovery phrase: 24 English words of BIP-39, from which every key of the wallet can be derived again.

use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::secret::fill_random;
use bip39::{Language, Mnemonic};
use secrecy::SecretString;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// How many words a phrase has: 256 bits and a checksum of 8.
pub const WORDS: usize = 24;

/// Far more than 24 words need; longer text is refused before it is looked at.
const MAX_TEXT: usize = 1024;

/// 24 words that open the vault and its backups and give back every key. Wiped when dropped; `Debug` shows nothing.
pub struct RecoveryPhrase(Mnemonic);

/// Why a text is no recovery phrase. Positions count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhraseFault {
    /// Not 24 words.
    #[error("A recovery phrase has 24 words; these are {0}.")]
    WordCount(usize),
    /// A word that is not in the list.
    #[error("Word {0} is not one of the 2,048 recovery words.")]
    UnknownWord(usize),
    /// Each word is known, but they do not belong together in this order.
    #[error("The words do not fit together: one is wrong or two are swapped.")]
    Checksum,
}

impl RecoveryPhrase {
    /// Makes a new phrase from the system's random source.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn make() -> Result<Self> {
        let mut entropy = Zeroizing::new([0; 32]);
        fill_random(entropy.as_mut())?;
        Self::from_entropy(&entropy)
    }

    /// Reads 24 words as a person types them: any case, any white space, commas or numbering between them.
    ///
    /// # Errors
    /// [`Error::Phrase`] says which word to look at.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_TEXT {
            return Err(PhraseFault::WordCount(text.split_whitespace().count()).into());
        }
        let mut lower = Zeroizing::new(text.to_lowercase());
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        if words.len() != WORDS {
            return Err(PhraseFault::WordCount(words.len()).into());
        }
        let joined = Zeroizing::new(words.join(" "));
        let parsed = Mnemonic::parse_in_normalized(Language::English, &joined);
        lower.zeroize();
        parsed.map(Self).map_err(|error| {
            Error::Phrase(match error {
                bip39::Error::UnknownWord(index) => PhraseFault::UnknownWord(index.saturating_add(1)),
                bip39::Error::BadWordCount(count) => PhraseFault::WordCount(count),
                _ => PhraseFault::Checksum,
            })
        })
    }

    /// The words in order, to be written down by a person.
    pub fn expose_words(&self) -> Vec<&'static str> {
        self.0.words().collect()
    }

    /// The age identity (`AGE-SECRET-KEY-1…`) that opens this wallet's backups with any age tool.
    ///
    /// # Errors
    /// [`Error::Internal`] if the derivation fails, which it cannot for a well-formed phrase.
    pub fn expose_identity(&self) -> Result<SecretString> {
        self.keys().expose_recovery_identity()
    }

    /// The keys that follow from this phrase.
    pub fn keys(&self) -> Keys {
        Keys::from_seed(Zeroizing::new(self.0.to_seed_normalized("")))
    }

    /// A second holder of the phrase.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn from_entropy(entropy: &[u8; 32]) -> Result<Self> {
        Mnemonic::from_entropy_in(Language::English, entropy).map(Self).map_err(|_| Error::Internal("recovery phrase"))
    }

    pub(crate) fn expose_entropy(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.to_entropy())
    }
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
        abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

    /// The 24-word vectors of Trezor's python-mnemonic (`vectors.json`, English), which BIP-39 names as its reference:
    /// entropy and words.
    #[test]
    fn reads_and_writes_the_reference_vectors() {
        let vectors: [([u8; 32], &str); 4] = [
            ([0; 32], ZERO),
            (
                [0x7f; 32],
                "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful \
                 legal winner thank year wave sausage worth title",
            ),
            (
                [0x80; 32],
                "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor \
                 acoustic avoid letter advice cage absurd amount doctor acoustic bless",
            ),
            ([0xff; 32], &format!("{}vote", "zoo ".repeat(23))),
        ];
        for (entropy, words) in vectors {
            let made = RecoveryPhrase::from_entropy(&entropy).unwrap();
            assert_eq!(made.expose_words(), words.split_whitespace().collect::<Vec<_>>());
            assert_eq!(*RecoveryPhrase::parse(words).unwrap().expose_entropy(), entropy);
        }
    }

    #[test]
    fn reads_what_people_type() {
        let numbered: String =
            ZERO.split_whitespace().enumerate().map(|(i, w)| format!("{}. {},\n", i + 1, w.to_uppercase())).collect();
        assert_eq!(*RecoveryPhrase::parse(&numbered).unwrap().expose_entropy(), [0; 32]);
    }

    #[test]
    fn says_which_word_is_wrong() {
        let fault = |text: &str| match RecoveryPhrase::parse(text) {
            Err(Error::Phrase(fault)) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(""), PhraseFault::WordCount(0));
        assert_eq!(fault(&ZERO.replacen("abandon ", "", 1)), PhraseFault::WordCount(23));
        assert_eq!(fault(&ZERO.replacen("abandon abandon", "abandon abandom", 1)), PhraseFault::UnknownWord(2));
        assert_eq!(fault(&ZERO.replace("art", "abandon")), PhraseFault::Checksum);
        assert!(matches!(fault(&"a ".repeat(100_000)), PhraseFault::WordCount(_)));
    }

    #[test]
    fn does_not_print_itself() {
        assert_eq!(format!("{:?}", RecoveryPhrase::parse(ZERO).unwrap()), "RecoveryPhrase(..)");
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_round_trips(text in ".{0,400}", entropy: [u8; 32]) {
            let _ = RecoveryPhrase::parse(&text);
            let words = RecoveryPhrase::from_entropy(&entropy).unwrap().expose_words().join(" ");
            let again = RecoveryPhrase::parse(&words).unwrap().expose_entropy();
            proptest::prop_assert_eq!(again.as_slice(), entropy);
        }
    }
}
