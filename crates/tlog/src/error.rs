//! What can be wrong with a log, a note, a proof or a policy.

/// Shorthand for what this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was refused. No message repeats the input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a signed note; the value says which rule it breaks.
    #[error("this is not a signed note: {0}")]
    Note(&'static str),
    /// The text is not a key; the value says which rule it breaks.
    #[error("this is not a note key: {0}")]
    Key(&'static str),
    /// The key is of a kind that cannot be used here.
    #[error("this key's signature type does not fit its use: {0}")]
    Algorithm(&'static str),
    /// A signature under a known key is false. The whole note must be rejected.
    #[error("a signature of a known key does not match the text; the note was changed or forged")]
    FalseSignature,
    /// No known key signed the note.
    #[error("none of the known keys signed this note")]
    NoKnownSignature,
    /// The text is not a checkpoint; the value says which rule it breaks.
    #[error("this is not a checkpoint: {0}")]
    Checkpoint(&'static str),
    /// The path does not name a tile.
    #[error("this is not the path of a tile: {0}")]
    TilePath(&'static str),
    /// The bytes are not the tile or bundle that was asked for.
    #[error("this is not the tile or bundle that was asked for: {0}")]
    Tile(&'static str),
    /// An entry is too long for a bundle.
    #[error("an entry of a log holds at most 65,535 bytes")]
    EntryTooLong,
    /// The log has reached the largest size its format can express.
    #[error("the log is full")]
    Full,
    /// An index or size lies outside the tree.
    #[error("the index or size lies outside the tree")]
    OutOfRange,
    /// The proof does not lead to the root.
    #[error("the proof does not lead to the root of the tree")]
    FalseProof,
    /// The text is not a `.tlog-proof`; the value says which rule it breaks.
    #[error("this is not a proof file: {0}")]
    Proof(&'static str),
    /// The text is not a policy; the values say in which line (from 1; 0 for the file as a whole) and which rule it breaks.
    #[error("this is not a policy, line {0}: {1}")]
    Policy(usize, &'static str),
    /// The checkpoint comes from a log that the policy does not name.
    #[error("the checkpoint is from a log that the policy does not name")]
    UnknownLog,
    /// Too few of the policy's witnesses signed the checkpoint.
    #[error("too few of the required witnesses have signed the checkpoint")]
    NoQuorum,
    /// The caller could not read a tile.
    #[error("a tile could not be read: {0}")]
    Read(String),
}
