//! What can go wrong with a relay, told apart by what to do about it.

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a relay did not do what was asked.
///
/// The messages are for people and hold no address of a link, no key and no name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The relay cannot be reached, or has trouble of its own. Nothing is lost; trying again later may do.
    #[error("the relay cannot be reached now ({reason}); nothing was lost, try again when there is a network")]
    RelayAway {
        /// In which way.
        reason: Reason,
    },
    /// The relay answered and said no. Trying again changes nothing.
    #[error("the relay refused: {message}")]
    RelayRefused {
        /// The HTTP status.
        status: u16,
        /// The relay's stable word for it, or empty if it gave none.
        code: String,
        /// The relay's sentence for it, cleaned and cut.
        message: String,
    },
    /// What answered is no Carnet relay, or does not keep to the protocol.
    #[error("the answer is not that of a Carnet relay ({what}); check the relay's address")]
    NotARelay {
        /// What was wrong with the answer.
        what: &'static str,
    },
    /// The answer is longer than such an answer can be; the rest of it was not read.
    #[error("the relay's answer is longer than {limit} bytes and was not read; check the relay's address")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The address is no relay's: it must be `https://…`, or `http://` on this machine.
    #[error(
        "the relay's address must begin with https:// (http:// is for this machine only); correct it in the settings"
    )]
    BadAddress,
    /// The ledger has not signed this entry yet. It will within seconds.
    #[error("the ledger has not signed this entry yet; try again in a few seconds")]
    NotYetInLedger,
    /// The ledger contradicts itself, its signatures or what it said before. This is evidence against the relay.
    #[error(
        "the relay's ledger does not hold what it should ({what}); do not rely on this relay, and keep what it answered"
    )]
    LedgerFalse {
        /// What does not fit.
        what: &'static str,
    },
    /// A policy, checkpoint, tile or proof is malformed or does not verify.
    #[error("the relay's ledger cannot be verified: {0}")]
    Ledger(#[from] tlog::Error),
    /// The link cannot be opened.
    #[error(transparent)]
    Link(#[from] smart_health::Error),
    /// The link asks for a passcode and none was given.
    #[error("this link asks for a passcode; ask the person who gave it to you")]
    PasscodeNeeded,
    /// The passcode is wrong.
    #[error("the passcode is wrong{}", remaining(*remaining_attempts))]
    WrongPasscode {
        /// How many tries the server says are left.
        remaining_attempts: Option<u32>,
    },
    /// A queued job cannot be read any more.
    #[error("a message waiting in the outbox cannot be read and was not sent")]
    BadJob,
    /// The store of the outbox failed.
    #[error("the outbox cannot be read or written: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The program is stopping.
    #[error("the program is stopping; what waits is sent at the next start")]
    Stopping,
}

impl Error {
    /// Whether the same call may succeed later without anybody doing anything: keep the work and try again.
    pub fn is_away(&self) -> bool {
        match self {
            Self::RelayAway { .. } | Self::NotYetInLedger | Self::Stopping => true,
            Self::Link(error) => {
                matches!(error, smart_health::Error::Busy { .. } | smart_health::Error::ServerTrouble { .. })
            }
            _ => false,
        }
    }

    /// How many seconds the relay asked to be left alone, if it did.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RelayAway { reason: Reason::Busy { seconds } } => *seconds,
            Self::Link(smart_health::Error::Busy { seconds }) => Some(*seconds),
            _ => None,
        }
    }

    pub(crate) fn away(reason: Reason) -> Self {
        Self::RelayAway { reason }
    }
}

/// In which way a relay is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// There is no way to it: no network, no such host, nobody listening.
    #[error("no connection")]
    NoConnection,
    /// It took too long.
    #[error("it took too long to answer")]
    Timeout,
    /// The connection ended before the answer did.
    #[error("the connection was cut")]
    Cut,
    /// Its certificate is not trusted, or the network puts itself in between (a hotel's or hospital's sign-in page).
    #[error("the connection is not secure; is there a sign-in page on this network?")]
    NotSecure,
    /// It is too busy (429, 503 with `Retry-After`).
    #[error("it is busy")]
    Busy {
        /// For how many seconds it asked to be left alone.
        seconds: Option<u32>,
    },
    /// It has trouble of its own (5xx).
    #[error("it has trouble, status {status}")]
    Trouble {
        /// The HTTP status.
        status: u16,
    },
}

fn remaining(attempts: Option<u32>) -> String {
    match attempts {
        Some(1) => "; one try is left".to_owned(),
        Some(left) => format!("; {left} tries are left"),
        None => "; try again with care, the tries are counted".to_owned(),
    }
}
