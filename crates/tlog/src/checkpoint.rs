//! Checkpoints: the signed head of a log ([c2sp.org/tlog-checkpoint](https://c2sp.org/tlog-checkpoint)).

use crate::encoding::from_decimal;
use crate::note::{SignedNote, SignerKey};
use crate::{Error, Hash, Result, empty_root};
use std::str::FromStr;

/// The longest origin that is accepted, in bytes.
pub const MAX_ORIGIN_BYTES: usize = 1024;

/// The head of a log: what its signed note says.
///
/// Exactly the three lines origin, size and root. Extension lines, which the specification advises against because no
/// monitor can audit them, are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, e.g. `example.com/log42`.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads a note's text.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if it is not exactly three well-formed lines, or if size 0 comes with a root that is not
    /// [`empty_root`].
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text.strip_suffix('\n').ok_or(Error::Checkpoint("its last line does not end"))?.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(Error::Checkpoint("it does not have exactly three lines"));
        };
        let size = from_decimal(size).ok_or(Error::Checkpoint("its size is not a decimal number"))?;
        let root = Hash::from_base64(root).ok_or(Error::Checkpoint("its root is not a hash in canonical Base 64"))?;
        let checkpoint = Self { origin: origin.to_owned(), size, root };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    /// The note's text: three lines, each with its newline.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    fn check(&self) -> Result<()> {
        if self.origin.is_empty() || self.origin.len() > MAX_ORIGIN_BYTES || self.origin.chars().any(char::is_control) {
            return Err(Error::Checkpoint("its origin is empty, too long or holds a control character"));
        }
        if self.size == 0 && self.root != empty_root() {
            return Err(Error::Checkpoint("it has a root but no entries"));
        }
        Ok(())
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// Signs a checkpoint with the log's own key, whose name must be the origin; gives the signed note.
///
/// A log must never sign two heads of which one does not extend the other.
///
/// # Errors
/// [`Error::Checkpoint`] if the head is malformed or the key is of another log, [`Error::Algorithm`] if the key is not
/// of type 01.
pub fn sign_checkpoint(checkpoint: &Checkpoint, signer: &SignerKey) -> Result<String> {
    checkpoint.check()?;
    if signer.verifier().name() != checkpoint.origin {
        return Err(Error::Checkpoint("its origin is not the name of the key"));
    }
    Ok(SignedNote::sign(&checkpoint.to_text(), signer)?.to_string())
}

/// Makes a witness's signature line for a signed checkpoint, with its newline, to be appended to the note
/// ([c2sp.org/tlog-cosignature](https://c2sp.org/tlog-cosignature), Ed25519).
///
/// It states that at `time` (Unix seconds) this was the largest head of this log that the cosigner knows, consistent
/// with all those before. The caller has verified the log's signature and that consistency; this function has not.
///
/// # Errors
/// [`Error::Note`] or [`Error::Checkpoint`] if it is not a signed checkpoint, [`Error::Algorithm`] if the key is not of
/// type 04.
pub fn cosign(note: &str, cosigner: &SignerKey, time: u64) -> Result<String> {
    let note: SignedNote = note.parse()?;
    Checkpoint::parse(note.text())?;
    Ok(format!("{}\n", cosigner.cosign_text(note.text(), time)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::Algorithm;
    use proptest::prelude::*;

    /// The example of <https://c2sp.org/tlog-cosignature>.
    const SPEC: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa \
        Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+\
        mbIUBkBIfZ+qnA==\n";

    fn signer(name: &str, algorithm: Algorithm) -> SignerKey {
        SignerKey::from_seed(name, algorithm, &[3; 32]).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_reads() {
        let note: SignedNote = SPEC.parse().unwrap();
        let head = Checkpoint::parse(note.text()).unwrap();
        assert_eq!((head.origin.as_str(), head.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(head.to_text(), note.text());
        // Its cosignature states 2023-03-20T12:25:47Z, the time in the specification's example of a signed message.
        assert_eq!(note.signatures()[1].signature()[..8], 1_679_315_147u64.to_be_bytes());
    }

    #[test]
    fn a_head_is_signed_cosigned_and_verified() {
        let head = Checkpoint { origin: "example.com/log".into(), size: 0, root: empty_root() };
        let log = signer("example.com/log", Algorithm::Ed25519);
        let witness = signer("w", Algorithm::CosignatureV1);
        let mut note = sign_checkpoint(&head, &log).unwrap();
        note += &cosign(&note, &witness, 44).unwrap();
        let note: SignedNote = note.parse().unwrap();
        assert_eq!(note.verify([log.verifier(), witness.verifier()]).unwrap().len(), 2);
        assert_eq!(Checkpoint::parse(note.text()).unwrap(), head);
    }

    #[test]
    fn a_head_of_another_log_or_a_malformed_one_is_not_signed() {
        let log = signer("example.com/log", Algorithm::Ed25519);
        for origin in ["example.com/other", "", "example.com/log\n7"] {
            let head = Checkpoint { origin: origin.into(), size: 0, root: empty_root() };
            assert!(matches!(sign_checkpoint(&head, &log), Err(Error::Checkpoint(_))), "{origin:?}");
        }
        let head = Checkpoint { origin: "example.com/log".into(), size: 0, root: Hash([0; 32]) };
        assert!(matches!(sign_checkpoint(&head, &log), Err(Error::Checkpoint(_))));
        assert!(cosign("not a checkpoint\n", &signer("w", Algorithm::CosignatureV1), 1).is_err());
    }

    #[test]
    fn hostile_checkpoints_are_refused() {
        let root = empty_root();
        let cases = [
            ("empty", String::new()),
            ("two lines", "a\n0\n".into()),
            ("no final newline", format!("a\n0\n{root}")),
            ("an extension line", format!("a\n0\n{root}\nmore\n")),
            ("an empty extension line", format!("a\n0\n{root}\n\n")),
            ("no origin", format!("\n0\n{root}\n")),
            ("a long origin", format!("{}\n0\n{root}\n", "a".repeat(MAX_ORIGIN_BYTES + 1))),
            ("a size with a leading zero", format!("a\n07\n{root}\n")),
            ("a size with a sign", format!("a\n+7\n{root}\n")),
            ("a size beyond 64 bits", format!("a\n18446744073709551616\n{root}\n")),
            ("a short root", "a\n7\nAAAA\n".into()),
            ("a root without padding", format!("a\n7\n{}\n", root.to_string().trim_end_matches('='))),
            ("a root with unused bits set", format!("a\n7\n{}\n", root.to_string().replace("uFU=", "uFV="))),
            ("a root without entries", format!("a\n0\n{}\n", Hash([0; 32]))),
        ];
        for (what, text) in cases {
            assert!(matches!(Checkpoint::parse(&text), Err(Error::Checkpoint(_))), "{what}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,30}\n?[0-9]{0,21}\n?[A-Za-z0-9+/=]{0,50}\n?") {
            if let Ok(head) = Checkpoint::parse(&text) {
                prop_assert_eq!(head.to_text(), text);
            }
        }
    }
}
