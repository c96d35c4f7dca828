//! What can go wrong with a link, its files or its QR code.

/// `Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Why a link could not be made, read or opened.
///
/// The messages are for people and hold no secret: no key, passcode, link or label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not an absolute `http` or `https` URL.
    #[error("the address in the link is not a web address; ask for a new link")]
    UrlInvalid,
    /// The address is not `https`, and not on this machine either.
    #[error("the address in the link is not encrypted (https is needed); ask for a new link")]
    UrlInsecure,
    /// The address is longer than a link may carry (128 characters when writing).
    #[error("the address has {length} characters and a link may carry {limit}; use a shorter server name")]
    UrlTooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The address has no room for the 256 random bits that keep it from being guessed.
    #[error("the address can be guessed: put 32 random bytes in its path, as 43 characters of base64url")]
    UrlGuessable,
    /// A label is longer than 80 characters, or holds control characters.
    #[error("the label must be plain text of at most 80 characters; shorten it")]
    LabelInvalid,
    /// The flags `P` and `U` exclude one another.
    #[error("a link to a single file cannot ask for a passcode; use a manifest link")]
    FlagsContradict,
    /// A number of seconds that is no time of day anyone could mean.
    #[error("the time at which the link ends is not a time")]
    ExpiryInvalid,

    /// The text holds no SMART Health Link.
    #[error("this is not a SMART Health Link; scan or paste the whole link, it starts with shlink:/")]
    NotALink,
    /// The text is longer than any link.
    #[error("this is too long to be a SMART Health Link")]
    LinkTooLong,
    /// The link is cut short or altered.
    #[error("the link is incomplete or damaged; scan or paste it again")]
    LinkDamaged,
    /// One member of the link's payload is missing or makes no sense.
    #[error("the link is not valid: its \"{field}\" is missing or makes no sense; ask for a new link")]
    LinkField {
        /// Which member: `url`, `key`, `exp`, `flag`, `label` or `v`.
        field: &'static str,
    },
    /// The link is of a later version of the specification.
    #[error("the link needs a newer reader (version {version}); update this program")]
    LinkVersion {
        /// The version it names.
        version: u64,
    },
    /// The time that the link itself names is over.
    #[error("the link has ended; ask for a new one")]
    Expired {
        /// When it ended, in Unix seconds.
        at: i64,
    },

    /// The file is not a JWE in compact form.
    #[error("the file is not encrypted in the way a SMART Health Link asks for; the sender has to mend it")]
    JweMalformed,
    /// The file is encrypted in a way that SMART Health Links do not use.
    #[error("the file is encrypted with a method that SMART Health Links do not use; the sender has to mend it")]
    JweUnsupported,
    /// The file names the key that opens it, and the link holds another.
    #[error("the file was encrypted for another link; ask for a new link")]
    WrongKey,
    /// The file does not decrypt: it was altered, or the key is not its key.
    #[error("the file was altered on its way or does not belong to this link; nothing of it was used")]
    Unauthentic,
    /// The compressed content of a file is damaged.
    #[error("the content of the file is damaged; ask for a new link")]
    Inflate,
    /// A file, a manifest or an answer is larger than the reader allows.
    #[error("the answer is larger than the {limit} bytes that are allowed here; nothing of it was used")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },

    /// More text than a QR code can hold.
    #[error("the text is too long for a QR code; send the link instead")]
    QrTooLong,

    /// A recipient must be named, in at most 200 characters of plain text.
    #[error("say who is opening the link, in at most 200 characters")]
    RecipientInvalid,
    /// 404: unknown, expired, stopped or opened as often as allowed. A server does not say which.
    #[error(
        "the link does not work any more: it ended, was stopped, or was opened as often as allowed; ask for a new one"
    )]
    Inactive,
    /// The passcode was wrong too often and the link is closed for good.
    #[error("the passcode was wrong too often and the link is closed; ask for a new one")]
    NoAttemptsLeft,
    /// The server is too busy and named a time too far away to wait for, or said so too often.
    #[error("the server is busy; try again in {seconds} seconds")]
    Busy {
        /// How long it asked to be left alone.
        seconds: u32,
    },
    /// The server has trouble of its own (5xx); nothing is known about the link.
    #[error("the server has trouble (status {status}); try again later")]
    ServerTrouble {
        /// The HTTP status.
        status: u16,
    },
    /// The server refused the request (another 4xx).
    #[error("the server refused the request (status {status}); ask for a new link")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// A status that has no meaning here.
    #[error("the server's answer makes no sense (status {status}); ask for a new link")]
    UnexpectedStatus {
        /// The HTTP status.
        status: u16,
    },
    /// The manifest is not the JSON that the specification describes.
    #[error("the server's list of files makes no sense; the sender has to mend it")]
    ManifestInvalid,
    /// The manifest lists more files than the reader allows.
    #[error("the link has {files} files and {limit} are allowed here")]
    TooManyFiles {
        /// How many it lists.
        files: usize,
        /// How many may be.
        limit: usize,
    },
    /// An answer, a passcode or a wait was handed to a reader that had not asked for it.
    #[error("the reader was given something it had not asked for")]
    OutOfTurn,
}
