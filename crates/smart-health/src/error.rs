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
    /// The address is not `https`, and not one on this machine that is allowed.
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
    /// The link is not for long-term use (no flag `L`), so it cannot be followed.
    #[error("the link is not made to be followed; open it once, or ask for one that is")]
    NotLongTerm,
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
    /// 404: unknown, expired, not begun, paused, stopped or opened as often as allowed. A server does not say which.
    #[error(
        "the link does not open now: it ended, has not begun yet, was opened as often as allowed, or was paused or stopped; \
         the server does not say which. Whoever gave it can let a paused one go on, or give a new one"
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
    /// The content of a file is not what its content type says.
    #[error("the content is not valid: \"{part}\" is missing or makes no sense; the sender has to mend it")]
    ContentInvalid {
        /// Which part: `access_token`, `aud`, `resourceType` and others.
        part: &'static str,
    },
    /// An answer, a passcode or a wait was handed to a reader that had not asked for it.
    #[error("the reader was given something it had not asked for")]
    OutOfTurn,
}

impl Error {
    /// A stable name for it, for a program that has its own words: never changed, never used again for something else.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UrlInvalid => "url_invalid",
            Self::UrlInsecure => "url_insecure",
            Self::UrlTooLong { .. } => "url_too_long",
            Self::UrlGuessable => "url_guessable",
            Self::LabelInvalid => "label_invalid",
            Self::FlagsContradict => "flags_contradict",
            Self::ExpiryInvalid => "expiry_invalid",
            Self::NotALink => "not_a_link",
            Self::LinkTooLong => "link_too_long",
            Self::LinkDamaged => "link_damaged",
            Self::LinkField { .. } => "link_field",
            Self::NotLongTerm => "not_long_term",
            Self::LinkVersion { .. } => "link_version",
            Self::Expired { .. } => "expired",
            Self::JweMalformed => "jwe_malformed",
            Self::JweUnsupported => "jwe_unsupported",
            Self::WrongKey => "wrong_key",
            Self::Unauthentic => "unauthentic",
            Self::Inflate => "inflate",
            Self::TooLarge { .. } => "too_large",
            Self::QrTooLong => "qr_too_long",
            Self::RecipientInvalid => "recipient_invalid",
            Self::Inactive => "inactive",
            Self::NoAttemptsLeft => "no_attempts_left",
            Self::Busy { .. } => "busy",
            Self::ServerTrouble { .. } => "server_trouble",
            Self::Refused { .. } => "refused",
            Self::UnexpectedStatus { .. } => "unexpected_status",
            Self::ManifestInvalid => "manifest_invalid",
            Self::TooManyFiles { .. } => "too_many_files",
            Self::ContentInvalid { .. } => "content_invalid",
            Self::OutOfTurn => "out_of_turn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_hold_no_placeholder_and_codes_are_words() {
        for error in [
            Error::UrlTooLong { length: 200, limit: 128 },
            Error::LinkField { field: "exp" },
            Error::LinkVersion { version: 2 },
            Error::Expired { at: 1 },
            Error::TooLarge { limit: 10 },
            Error::Busy { seconds: 3 },
            Error::ServerTrouble { status: 500 },
            Error::TooManyFiles { files: 30, limit: 20 },
            Error::ContentInvalid { part: "aud" },
        ] {
            let (sentence, code) = (error.to_string(), error.code());
            assert!(!sentence.contains(['{', '}']), "{sentence}");
            assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
        }
    }
}
