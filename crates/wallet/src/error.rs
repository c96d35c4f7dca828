//! What can go wrong in a use case, and which of the interface's failures it is.

use carnet_bridge::{ASKED_SECONDS, Failure, FailureCode, NAME_MOST, RequestField, RequestProblem};
use carnet_records::index::Category;

/// What the wallet's functions give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that went wrong. No message holds a secret, a name or a link.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The vault is locked.
    #[error("The vault is locked. Nothing was changed. Unlock it first.")]
    Locked,
    /// There is no vault in the wallet's folder.
    #[error("There is no vault yet. Make one, or restore a backup.")]
    NoVault,
    /// The vault is open already.
    #[error("The vault is open already. Lock it first.")]
    Open,
    /// The passphrase protects nothing.
    #[error(
        "The passphrase is shorter than {least} characters. Nothing was changed. Choose a longer one: a few words do well."
    )]
    WeakPassphrase {
        /// The fewest characters.
        least: usize,
    },
    /// The words that were typed are not those of this vault.
    #[error("These are not the words of this vault. Nothing was lost. Compare them with what you wrote down.")]
    WrongWords,
    /// Something that was asked for is not there.
    #[error("There is no such {0}. It may have been removed. Nothing was changed.")]
    NoSuch(&'static str),
    /// A file could not be read or written.
    #[error(
        "{doing} failed: {source}. Nothing in the vault was changed. Check that the file is there and may be used."
    )]
    File {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The path does not name a plain file.
    #[error("This is not a file. Nothing was imported. Choose a file or a folder, not a device.")]
    NotAFile,
    /// The folder holds no file that could be imported.
    #[error("There is no file in this folder. Nothing was imported. Choose a folder that holds files.")]
    EmptyFolder,
    /// The folder holds more than is imported at once.
    #[error(
        "This folder holds more than {files} files, or folders more than {depth} deep. Nothing of it was imported. Choose fewer files at a time."
    )]
    FolderTooLarge {
        /// The most files.
        files: usize,
        /// The deepest folder.
        depth: usize,
    },
    /// Another import is running.
    #[error("Another import is running. Nothing of this one was read. Wait until it has ended, or stop it.")]
    Busy,
    /// The pasted text is longer than codes are.
    #[error("This text is longer than any code. Nothing was imported. Save it as a file and import that.")]
    PastedTooLong,
    /// A text that is to be written is longer than texts are.
    #[error("This text is longer than {} MiB. Nothing was written. Save fewer accounts at a time.", carnet_bridge::SAVED_TEXT_BYTES >> 20)]
    TextTooLong,
    /// An answer does not fit its question.
    #[error("This answer does not fit what was asked. Nothing was imported, and the question stays open.")]
    Answer,
    /// A file holds several links.
    #[error("There are {0} SMART Health Links in this file. Nothing was opened. Name the one that is meant.")]
    ManyLinks(usize),
    /// A link holds no file.
    #[error("There is nothing behind this link. Nothing was imported. Ask whoever made it.")]
    EmptyLink,
    /// A file is no list of issuers.
    #[error("This is not a list of issuers. Whose signatures are known stays as it was. Choose another file.")]
    TrustList,
    /// A file that is to be held against rules is no document; the text says why.
    #[error("This file cannot be checked: {0}. It was left as it is. Choose a summary or a collection in FHIR JSON.")]
    NotADocument(&'static str),
    /// A file does not say which rules are its.
    #[error(
        "This file does not say whether it is a summary or a collection. Nothing was checked. Say which rules it is to keep."
    )]
    WhichRules,
    /// There is nothing to share.
    #[error("No record fits this choice, so there is nothing to share. Choose more categories.")]
    NothingSelected,
    /// The records do not say whose they are.
    #[error(
        "The records do not say whose they are, and a summary needs a person. Nothing was shared or written. Add your name in \
         the settings, or import a file that holds the patient."
    )]
    NobodyNamed,
    /// The choice of a share cannot be carried out; the text says what to change.
    #[error("The share cannot be made like this: {0}. Nothing was shared.")]
    Draft(&'static str),
    /// A share that is to be changed is over.
    #[error("This share is over; nothing was changed. Make a new one if it is still wanted.")]
    Over,
    /// A share cannot be changed as asked; the text says why, and what to do.
    #[error("The share cannot be changed like this: {0}. It stays as it was.")]
    Change(&'static str),
    /// A category is not one.
    #[error("There is no category of that name. Nothing was changed. The names are: {names}.", names = category_names())]
    NoSuchCategory,
    /// A date is not one.
    #[error("This is not a date. Nothing was shared or written. Write it like 2026-05-28, 2026-05 or 2026.")]
    Date,
    /// A text is no request.
    #[error("This is not a request for records. Nothing was shared. Paste all of it, or ask for it again.")]
    Asked,
    /// A field of a request that is to be written is not as it must be.
    #[error("{} Nothing was made. Correct it and write the request again.", asking(.field, .problem))]
    Asking {
        /// Which.
        field: RequestField,
        /// What is wrong with it.
        problem: RequestProblem,
    },
    /// What was typed cannot be kept as it is, or cannot be changed.
    #[error("This cannot be kept: {0}. Nothing was changed. Please look at the fields again.")]
    Entry(&'static str),
    /// An attachment that is not shown in the page.
    #[error("This attachment cannot be shown here. It is in the vault as it came. Save it to look at it.")]
    NoPreview,
    /// The person stopped it.
    #[error("It was stopped. What was not finished was undone as a whole.")]
    Cancelled,
    /// The relay could not be reached, and nothing waits for it.
    #[error("The relay could not be reached. Nothing was shared. Check the network and the relay's address.")]
    RelayAway,
    /// The relay answered with something it must not.
    #[error("The relay's answer cannot be used: {0}. Nothing in the vault was changed. Ask whoever runs the relay.")]
    RelayWrong(&'static str),
    /// The relay refused to publish a share; the text is its reason.
    #[error("{0}. The share was not published and nobody can open it. Choose less, or another relay.")]
    RelayRefused(String),
    /// A setting cannot be used.
    #[error("This setting cannot be used: {0}. The settings were left as they were.")]
    Setting(&'static str),
    /// A text is no withdrawal card.
    #[error(
        "This is not the code of a withdrawal card, or a character of it is wrong. Nothing was stopped. Compare it with the card."
    )]
    NotACard,
    /// The code of a withdrawal card alone does not say where the share is.
    #[error(
        "The code does not say which relay has the share. Nothing was stopped. Use the card's link, or name the relay."
    )]
    NoRelayNamed,
    /// The program around the wallet could not do its part.
    #[error("The system did not do its part: {0}.")]
    Host(String),
    /// A task ended early, or a stored value could not be read again.
    #[error("The wallet could not finish ({0}). What was not finished was undone as a whole. Please report this.")]
    Internal(&'static str),
    /// The vault refused.
    #[error(transparent)]
    Vault(carnet_vault::Error),
    /// The records refused.
    #[error(transparent)]
    Records(#[from] carnet_records::Error),
    /// The grant could not be made or read.
    #[error(transparent)]
    Consent(#[from] carnet_consent::Error),
    /// The link could not be made or read.
    #[error(transparent)]
    Link(#[from] smart_health::Error),
    /// The ledger's proofs could not be read.
    #[error(transparent)]
    Ledger(#[from] tlog::Error),
    /// A relay could not be reached or refused.
    #[error(transparent)]
    Sync(carnet_sync::Error),
    /// The relay inside the wallet could not be started.
    #[error(transparent)]
    Relay(#[from] carnet_relay::Error),
}

impl Error {
    /// Whether a link was not asked for, because it says itself that it ended.
    pub fn is_ended_link(&self) -> bool {
        matches!(self, Self::Sync(carnet_sync::Error::Link(smart_health::Error::Expired { .. })))
    }

    /// Which of the interface's failures it is.
    pub fn code(&self) -> FailureCode {
        use carnet_vault::Error as V;
        match self {
            Self::Locked => FailureCode::Locked,
            Self::NoVault | Self::Vault(V::NotFound) => FailureCode::NoVault,
            Self::Vault(V::Exists | V::FolderNotEmpty) => FailureCode::VaultExists,
            Self::Vault(V::InUse) | Self::Relay(carnet_relay::Error::InUse) => FailureCode::InUse,
            Self::Vault(V::WrongPassphrase { .. }) => FailureCode::WrongPassphrase,
            Self::WeakPassphrase { .. } | Self::Vault(V::EmptyPassphrase) => FailureCode::WeakPassphrase,
            Self::WrongWords | Self::Vault(V::WrongPhrase | V::Phrase(_)) => FailureCode::WrongWords,
            Self::Vault(V::Attachment(_)) => FailureCode::File,
            Self::Vault(V::Damaged | V::Slot { .. } | V::Backup(_)) => FailureCode::Damaged,
            Self::NoSuch(_) | Self::NoSuchCategory | Self::Vault(V::NoSuch(_)) => FailureCode::NotFound,
            Self::File { .. } | Self::NotAFile | Self::EmptyFolder | Self::FolderTooLarge { .. } | Self::Records(_) => {
                FailureCode::File
            }
            Self::Entry(_)
            | Self::Draft(_)
            | Self::Change(_)
            | Self::Date
            | Self::Asked
            | Self::Asking { .. }
            | Self::NotACard => FailureCode::Invalid,
            Self::NoPreview => FailureCode::File,
            Self::PastedTooLong | Self::ManyLinks(_) | Self::EmptyLink | Self::TrustList | Self::NotADocument(_) => {
                FailureCode::File
            }
            Self::Busy => FailureCode::Busy,
            Self::Answer | Self::TextTooLong | Self::WhichRules => FailureCode::Invalid,
            Self::NothingSelected => FailureCode::NothingSelected,
            Self::NobodyNamed => FailureCode::NobodyNamed,
            Self::Cancelled => FailureCode::Cancelled,
            Self::RelayAway => FailureCode::RelayAway,
            Self::RelayWrong(_) | Self::RelayRefused(_) => FailureCode::RelayRefused,
            Self::Sync(error) if error.is_away() => FailureCode::RelayAway,
            Self::Sync(_) => FailureCode::RelayRefused,
            _ => FailureCode::Other,
        }
    }

    /// Turns an input or output error into ours, saying what was being done.
    pub(crate) fn file(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { doing, source }
    }
}

/// What is wrong with a field of a request, as a sentence.
fn asking(field: &RequestField, problem: &RequestProblem) -> String {
    use RequestProblem::{EndsFirst, Missing, NoDate, NotText, OutOfRange, TooLong};
    let name = match field {
        RequestField::By => "The name of who asks",
        RequestField::Categories => "The list of categories",
        RequestField::Since => "The first date",
        RequestField::Until => "The last date",
        RequestField::Seconds => "The time asked for",
        RequestField::Openings => "The number of openings",
    };
    match problem {
        Missing => format!("{name} is empty."),
        TooLong => format!("{name} has more than {NAME_MOST} characters."),
        NotText => format!("{name} holds characters that cannot be shown."),
        NoDate => format!("{name} is not a date like 2026-05-28, 2026-05 or 2026."),
        EndsFirst => format!("{name} is before the first one."),
        OutOfRange if *field == RequestField::Seconds => {
            format!("{name} is not between a minute and {} days.", ASKED_SECONDS.end() / 86_400)
        }
        OutOfRange => format!("{name} must be one at least."),
    }
}

/// The categories that can be chosen. People and organisations go where records refer to them.
fn category_names() -> String {
    let chosen = Category::all().iter().filter(|category| **category != Category::Person);
    chosen.map(|category| category.as_str()).collect::<Vec<_>>().join(", ")
}

impl From<carnet_vault::Error> for Error {
    fn from(error: carnet_vault::Error) -> Self {
        Self::Vault(error)
    }
}

impl From<carnet_sync::Error> for Error {
    fn from(error: carnet_sync::Error) -> Self {
        match error {
            // What went wrong in the vault while it served as the outbox's store is an error of the vault.
            carnet_sync::Error::Store(inner) => match inner.downcast::<Self>() {
                Ok(error) => *error,
                Err(other) => Self::Sync(carnet_sync::Error::Store(other)),
            },
            other => Self::Sync(other),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}
