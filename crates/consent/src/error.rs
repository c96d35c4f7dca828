//! What can go wrong with a grant, told so that a person knows what to do next.

/// This crate's results.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something was refused. No variant carries a secret, a name or a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no CBOR, or nested too deeply.
    #[error("this is not a grant that can be read: its encoding is broken. Ask for it to be shared again")]
    Cbor,
    /// CBOR, but not in the one encoding RFC 8949 section 4.2.1 allows: unsorted or repeated keys, long integers,
    /// indefinite lengths, or bytes after the end.
    #[error("this grant is not written in its one allowed form, so it was refused. Ask for it to be shared again")]
    NotDeterministic,
    /// A claim or header that this version does not know. The set is closed, so it is refused, not skipped.
    #[error("this grant says something that this version does not understand, so it was refused. Update the reader")]
    UnknownClaim,
    /// A claim that must be there is not.
    #[error("this grant does not say its {0}, so it was refused. Ask for it to be shared again")]
    MissingClaim(&'static str),
    /// A value is out of its range or of the wrong kind.
    #[error("the {0} is not valid. Nothing was changed; correct it and try again")]
    Invalid(&'static str),
    /// Something is larger than its stated limit.
    #[error("the {what} is larger than the {limit} allowed. Nothing was changed; make it smaller and try again")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// The limit, in the unit that its type documents.
        limit: u64,
    },
    /// Signed by another algorithm than EdDSA.
    #[error("this grant uses a signature algorithm that is not accepted. Ask for it to be shared again")]
    Algorithm,
    /// The key named is not a usable Ed25519 key (not a point, or of small order).
    #[error("this grant names a key that is not safe to use, so it was refused. Ask for it to be shared again")]
    WeakKey,
    /// The signature does not belong to these bytes and this key.
    #[error("the signature does not fit: what was signed was altered, or signed by another key. Do not rely on it")]
    Signature,
    /// The grant was made for another key than the one it is to be signed with.
    #[error("the signing key is not the one that the grant names. Nothing was signed")]
    KeyMismatch,
    /// The bytes are no JSON.
    #[error("this is not JSON that can be read. Nothing was changed; ask for the file again")]
    Json,
    /// A JSON object says the same member twice.
    #[error("this file says the same thing twice in one place and could be read in two ways, so it was refused")]
    DuplicateMember,
    /// A number that no IEEE 754 double holds even roughly.
    #[error("this file holds a number too large to sign. Leave that record out and try again")]
    Number,
    /// Nested more deeply than allowed.
    #[error("this file is nested too deeply to be a health record, so it was refused")]
    Depth,
    /// Neither a FHIR document Bundle with a Composition and its subject nor a collection about one Patient.
    #[error("this is not a document that can be shared: {0} is missing. Nothing was changed")]
    NotADocument(&'static str),
    /// The document holds no grant.
    #[error("this document carries no grant. It can be read, but nothing about it can be checked")]
    NoGrant,
    /// The document holds more than one grant, or a second one beside it.
    #[error("this document carries more than one grant, so none of them counts. Ask for it to be shared again")]
    SeveralGrants,
    /// The document is sealed already.
    #[error("this document carries a grant already. Nothing was changed; build the document anew")]
    AlreadySealed,
    /// The Provenance that carries the grant was altered.
    #[error("the part of the document that carries the grant was altered. Do not rely on it")]
    SealAltered,
    /// A narrowing step is not signed by the holder named before it, or bound to something else.
    #[error("this grant was passed on by somebody it was not given to, so it was refused")]
    BrokenChain,
    /// A grant would give more than was asked for, and nobody said that it may.
    #[error(
        "this would share more than was asked for. Nothing was shared; look at what is more, and allow it or take it out"
    )]
    Wider,
    /// A consent receipt is not as it is made from the grant inside.
    #[error(
        "this consent receipt was altered, or another program made it. Do not rely on it; the grant inside may still be good"
    )]
    ConsentReceipt,
    /// A receipt could not be encrypted, or was not encrypted to this identity.
    #[error("this receipt cannot be opened with this wallet's key. The others are not affected")]
    ReceiptSealed,
}
