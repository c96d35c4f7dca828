//! Why a command did not do what it was asked, and the exit code that tells a script.

use carnet_wallet::bridge::{FailureCode, VaultState};
use serde::Serialize;
use std::path::{Path, PathBuf};

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// The exit codes, as `carnet --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Locked = 3,
    RelayAway = 4,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Wallet(#[from] carnet_wallet::Error),
    #[error(transparent)]
    Relay(#[from] carnet_relay::Error),
    #[error("{} cannot be {doing} ({source}). Nothing else was changed.", path.display())]
    File { doing: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{} is not what it should be: {why}.", path.display())]
    Malformed { path: PathBuf, why: &'static str },
    #[error("There is no passphrase. Name a file with --passphrase-file, or run this in a terminal.")]
    NoPassphrase,
    #[error("The two passphrases differ. Nothing was made. Start again.")]
    PassphrasesDiffer,
    #[error("There are no recovery words. Name a file with --words-file, or run this in a terminal.")]
    NoWords,
    #[error("There is a vault in this folder already. Nothing was changed. Name another folder with --vault.")]
    VaultExists,
    #[error("This system names no place for a person's data. Name the wallet's folder with --vault.")]
    NoFolder,
    #[error(
        "This wallet has no relay yet, and a share needs one. Name one with --relay URL, or run one with `carnet relay`."
    )]
    NoRelay,
    #[error(
        "This gives more than was asked for ({0}). Nothing was shared. Say --wider if you want that, or ask for less."
    )]
    Wider(String),
    #[error(
        "The link says that it has ended. Nothing was asked. If whoever shared it may have extended it, say --even-ended; \
         else ask for a new one."
    )]
    LinkEnded,
    #[error("You did not agree to the notice. Nothing was shared.")]
    NotAgreed,
    #[error(
        "This version does not have the words of the notice that a share names. Nothing was shared. Please report this."
    )]
    NoNotice,
    #[error("{0}. Nothing was kept.")]
    Typed(String),
    #[error("A label is named twice. Nothing was changed. Say of each whether to --add, --remove or --undo it.")]
    TwoDecisions,
    #[error("The QR code could not be drawn ({0}).")]
    Qr(&'static str),
    #[error("The tour stopped: {0}.")]
    Tour(&'static str),
    #[error("The answer could not be printed ({0}).")]
    Print(std::io::Error),
    #[error("The program could not start ({0}).")]
    Start(std::io::Error),
}

impl Error {
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }

    /// Whether another command line would do.
    fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoFolder
                | Self::NoRelay
                | Self::Wider(_)
                | Self::Typed(_)
                | Self::TwoDecisions
                | Self::Wallet(carnet_wallet::Error::Date | carnet_wallet::Error::Asking { .. })
        )
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoPassphrase | Self::NoWords | Self::PassphrasesDiffer => Exit::Locked,
            _ if self.is_usage() => Exit::Usage,
            Self::Wallet(error) => match error.code() {
                FailureCode::Locked | FailureCode::WrongPassphrase | FailureCode::WrongWords => Exit::Locked,
                FailureCode::RelayAway => Exit::RelayAway,
                _ => Exit::Failed,
            },
            _ => Exit::Failed,
        }
    }

    /// A stable word for programs.
    pub(crate) fn code(&self) -> String {
        match self {
            _ if self.is_usage() => "usage".to_owned(),
            Self::Wallet(error) => word(&error.code()),
            Self::NoPassphrase => word(&FailureCode::Locked),
            Self::NoWords | Self::PassphrasesDiffer => word(&FailureCode::WrongWords),
            Self::File { .. } | Self::Malformed { .. } => word(&FailureCode::File),
            Self::VaultExists => word(&FailureCode::VaultExists),
            _ => word(&FailureCode::Other),
        }
    }
}

/// How serde writes a value without fields.
pub(crate) fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The word for a vault's state.
pub(crate) fn state_word(state: VaultState) -> String {
    word(&state)
}
