//! What the interface asks of the wallet and what it hears back, defined once for both sides.
//!
//! The shell carries a [`Request`] to the wallet and answers with a [`Reply`] or a [`Failure`]; while something long
//! runs the wallet emits [`Event`]s. All three travel as JSON. Times are Unix seconds; identifiers are opaque text.
//! No key, and no passphrase once it was used, ever travels from the wallet to the interface; the recovery words do,
//! once, because a person must write them down.
#![forbid(unsafe_code)]

mod asking;
mod checking;
mod entry;
mod exporting;
mod importing;
mod lab;
mod records;
mod sharing;
mod sheet;
mod timeline;
mod vault;

pub use asking::*;
pub use checking::*;
pub use entry::*;
pub use exporting::*;
pub use importing::*;
pub use lab::*;
pub use records::*;
pub use sharing::*;
pub use sheet::*;
pub use timeline::*;
pub use vault::*;

use serde::{Deserialize, Serialize};

/// The most bytes of a text that [`Request::SaveText`] writes: 32 MiB.
pub const SAVED_TEXT_BYTES: usize = 32 << 20;

/// One thing the interface asks for. Each is answered by the [`Reply`] named in its documentation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", content = "with", rename_all = "snake_case")]
pub enum Request {
    /// Is there a vault, and is it open? → [`Reply::Vault`]
    Vault,
    /// Make a new, empty vault. → [`Reply::Created`]
    Create {
        /// What will unlock it.
        passphrase: Passphrase,
        /// The name of the first person in the wallet; may be empty.
        name: String,
    },
    /// Make a vault filled with made-up people, to try things out. → [`Reply::Created`]
    CreateExample {
        /// What will unlock it.
        passphrase: Passphrase,
    },
    /// Open the vault. → [`Reply::Vault`]
    Unlock {
        /// The passphrase it was made with.
        passphrase: Passphrase,
    },
    /// Look at recovery words before they are used: how many they are, and whether each is one. Needs no vault, and says
    /// nothing of whose they are. → [`Reply::Words`]
    CheckWords {
        /// The words as they were typed.
        words: Passphrase,
    },
    /// Open the vault with its recovery words, when the passphrase is lost, and lock it with a new one from then on.
    /// → [`Reply::Vault`]
    UnlockWithWords {
        /// The words as they were typed.
        words: Passphrase,
        /// What will unlock it.
        new: Passphrase,
    },
    /// Set another passphrase, once the present one was given again. The recovery words stay as they are. → [`Reply::Done`]
    ChangePassphrase {
        /// What unlocks it now.
        present: Passphrase,
        /// What will unlock it.
        new: Passphrase,
    },
    /// Choose a backup with the system's own dialog; the wallet remembers which until [`Restore`](Self::Restore) has made a
    /// vault of it. A closed dialog is [`FailureCode::Cancelled`], and what was chosen before stands. → [`Reply::Backup`]
    PickBackup,
    /// Make the vault anew from the backup that was chosen, and open it. It appears whole or not at all; nothing chosen is
    /// [`FailureCode::NotFound`]. → [`Reply::Created`]
    Restore {
        /// The recovery words that the backup was written for, as they were typed.
        words: Passphrase,
        /// What will unlock the vault on this device.
        new: Passphrase,
    },
    /// The same in the place of a vault that is damaged, and open it. The damaged one is never removed: it is set aside in a
    /// folder beside the new one. After a failure it is where it was. → [`Reply::SetAside`]
    RestoreOver {
        /// The recovery words that the backup was written for, as they were typed.
        words: Passphrase,
        /// What will unlock the vault on this device.
        new: Passphrase,
    },
    /// Close the vault and forget its keys. → [`Reply::Vault`]
    Lock,
    /// The person is at it: a key, a touch, or a code on the screen that somebody is to scan. What only shows something does
    /// not count as use, since pages ask for that by themselves. → [`Reply::Done`]
    Used,
    /// The recovery words, to be written down. → [`Reply::RecoveryWords`]
    RecoveryWords,
    /// Compare words that the person typed with the true ones and remember that they were confirmed. → [`Reply::Done`]
    ConfirmRecoveryWords {
        /// Position (from 1) and word, for each word that was asked.
        words: Vec<(u8, String)>,
    },
    /// What the first screen shows. → [`Reply::Home`]
    Home,
    /// A page of the list of facts: records of several sources that say the same are one line. → [`Reply::Timeline`]
    Timeline(TimelineFilter),
    /// Everything about one record and what is around it. → [`Reply::Sheet`]
    Sheet {
        /// Which, as in [`RecordLine::id`]; any record of a fact that several say.
        id: String,
    },
    /// Decide whether a record is held back under a label. The decision stands until it is changed, also when the same
    /// record is imported again, goes into the journal, and holds for the other records of the same fact as well.
    /// → [`Reply::Sheet`]
    SetLabel {
        /// The record.
        id: String,
        /// The label, as in [`LabelState::label`].
        label: String,
        /// On or off; none: take the decision back, so that what was found counts again.
        on: Option<bool>,
    },
    /// A picture for the page; only what [`AttachmentLine::can_preview`] allows, else [`FailureCode::File`].
    /// → [`Reply::Attachment`]
    Attachment {
        /// The record.
        record: String,
        /// The attachment, as in [`AttachmentLine::id`].
        attachment: String,
    },
    /// Choose a place with the system's own dialog and write an attachment there, decrypted. → [`Reply::Done`]
    SaveAttachment {
        /// The record.
        record: String,
        /// The attachment, as in [`AttachmentLine::id`].
        attachment: String,
        /// Afterwards open it with the system's program for its kind. Only files whose name then ends as their
        /// `media_type` says are opened, and never anything the system would run.
        open: bool,
    },
    /// Choose a place with the system's own dialog and write this text there as UTF-8. A closed dialog is
    /// [`FailureCode::Cancelled`]. → [`Reply::Done`]
    SaveText {
        /// The name to suggest, without a folder.
        name: String,
        /// The text, at most [`SAVED_TEXT_BYTES`]; a longer one is refused with [`FailureCode::Invalid`] before anything is asked.
        text: String,
    },
    /// What to offer for the title of something typed by hand, best first, at most 8. From the terms that the wallet
    /// knows and the person's own records; nothing leaves the device. → [`Reply::Suggestions`]
    Suggest {
        /// What is being typed in.
        kind: EntryKind,
        /// What was typed so far; fewer than 2 letters give nothing.
        text: String,
    },
    /// Keep what was typed by hand, new or as a new version of [`OwnEntry::corrects`]. What [`OwnEntry::problems`] names
    /// is refused with [`FailureCode::Invalid`]; fields that its kind does not have are ignored. A slash parts the two
    /// numbers of a blood pressure. → [`Reply::Sheet`] of the record that was written
    SaveEntry(OwnEntry),
    /// Delete something typed by hand: it leaves lists, searches and shares; its versions stay in the vault's history.
    /// Refused with [`FailureCode::Invalid`] for what came from elsewhere. → [`Reply::Done`]
    DeleteEntry {
        /// Which.
        id: String,
    },
    /// Import. The reply comes when the run has ended; [`Event::ImportStarted`] and [`Event::ImportFile`] tell of it
    /// meanwhile, and [`CancelImport`](Self::CancelImport) stops it: the file that is being read is undone, the files
    /// before it stay. One run at a time; a second is refused with [`FailureCode::Busy`]. A closed dialog is
    /// [`FailureCode::Cancelled`]. → [`Reply::ImportRun`]
    ImportFiles(ImportSource),
    /// Answer questions of a run; the files are then read in a run of their own, and [`Event::ImportStarted`] names them
    /// in this order. A passcode that was wrong ends with the question anew, [`LinkQuestion::wrong`] set. An unknown
    /// question is [`FailureCode::NotFound`]. → [`Reply::ImportRun`]
    AnswerImport {
        /// The answers.
        answers: Vec<ImportAnswer>,
    },
    /// What became of all files that were ever imported, newest first. → [`Reply::ImportReports`]
    ImportReports,
    /// Stop the import that is running; what its current file brought is undone. → [`Reply::Done`]
    CancelImport,
    /// What a file would hold, before it is written. → [`Reply::SharePreview`]
    PreviewExport(ExportDraft),
    /// Choose a place with the system's own dialog and write a choice of records there, not encrypted. The file is there
    /// whole, or what was there before is untouched. What cannot be exported is refused before the dialog; a closed dialog
    /// is [`FailureCode::Cancelled`]. → [`Reply::Exported`]
    Export {
        /// What to write.
        draft: ExportDraft,
        /// Afterwards open it with the system's program for pages, to be read and printed. Only [`ExportFormat::Pdf`] in a
        /// file whose name then ends in `.pdf` is opened.
        open: bool,
    },
    /// Choose a file with the system's own dialog and hold it against the rules of a format: of this one, or of the one that
    /// it says it is. Nothing of it is kept. What is no such file is refused with [`FailureCode::File`], what does not say which it
    /// is with [`FailureCode::Invalid`]; a closed dialog is [`FailureCode::Cancelled`]. → [`Reply::FileChecked`]
    CheckFile {
        /// Which; none: the one that it says it is.
        format: Option<ShareFormat>,
    },
    /// What a share would hold, before it is made. → [`Reply::SharePreview`]
    PreviewShare(ShareDraft),
    /// Make the share. → [`Reply::Share`]
    Share(ShareDraft),
    /// All shares, live ones first. → [`Reply::Shares`]
    Shares,
    /// One share with its QR and its openings. → [`Reply::Share`]
    ShareDetail {
        /// Which, as in [`ShareLine::id`].
        id: String,
    },
    /// Stop a share. Works without a network: it is then sent as soon as there is one. → [`Reply::Share`]
    StopSharing {
        /// Which.
        id: String,
    },
    /// Pause a share, so that nobody can open it, or resume it. Works without a network: the relay hears of it as soon as
    /// there is one. → [`Reply::Share`]
    PauseShare {
        /// Which.
        id: String,
        /// Whether it is to be paused.
        paused: bool,
    },
    /// Let a share run longer under the same link: a new signed grant takes the place of the old one. → [`Reply::Share`]
    ExtendShare {
        /// Which.
        id: String,
        /// Until when, in seconds from now; later than it ends today.
        seconds: i64,
    },
    /// Read what a clinician or a study asks for, and make a draft of it. → [`Reply::Asked`]
    ReadRequest {
        /// The request as it came.
        text: String,
    },
    /// Write a request for somebody's records, signed with the key of the person in this wallet. What
    /// [`RequestDraft::problems`] names is refused with [`FailureCode::Invalid`]. Nothing is sent. → [`Reply::Written`]
    WriteRequest(RequestDraft),
    /// What the consent receipt of a share says as it stands now. → [`Reply::Receipt`]
    ReadReceipt {
        /// Which share.
        id: String,
    },
    /// Choose a place with the system's own dialog and write the consent receipt of a share there. A closed dialog is
    /// [`FailureCode::Cancelled`]. → [`Reply::Done`]
    SaveReceipt {
        /// Which share.
        id: String,
        /// In which form.
        form: ReceiptForm,
    },
    /// The withdrawal card of a share, to be printed for somebody who may stop it. → [`Reply::WithdrawalCard`]
    WithdrawalCard {
        /// Which share.
        id: String,
    },
    /// Stop what a withdrawal card is for: a share of anybody's. The card is the text of its code (`…/view#carnet-stop:…`),
    /// or what is typed off it, which is then taken to be of the relay that shares go to. What is no card, or is mistyped,
    /// is refused with [`FailureCode::Invalid`]. → [`Reply::CardUsed`]
    UseCard {
        /// The card.
        card: Pasted,
    },
    /// The same with a card that was found in a file. The question is then forgotten, unless its relay cannot be reached.
    /// → [`Reply::CardUsed`]
    UseFoundCard {
        /// The question, [`FoundLink::question`].
        question: String,
    },
    /// Move a share to the relay that shares go to now, under a new link; the old one is stopped once the new relay has
    /// it. → [`Reply::Share`], the new one
    MoveShare {
        /// Which.
        id: String,
    },
    /// Put what this device has in the place of what readers of a share see, where another device changed it meanwhile
    /// ([`Elsewhere::Changed`]). → [`Reply::Share`]
    UpdateShare {
        /// Which.
        id: String,
    },
    /// Who looked, newest first; asks the relays first where they can be reached. → [`Reply::Openings`]
    Openings,
    /// Remember that the person saw all openings that are known now. → [`Reply::Done`]
    MarkOpeningsSeen,
    /// Send what waits for a network and fetch what is new. → [`Reply::Synced`]
    Sync,
    /// The settings. → [`Reply::Settings`]
    Settings,
    /// Change the settings. → [`Reply::Settings`]
    ChangeSettings(Settings),
    /// Choose a place with the system's own dialog and write a backup there. → [`Reply::Done`]
    BackUp,
    /// Put plain text on the clipboard (a link). → [`Reply::Done`]
    Copy {
        /// What to put there.
        text: String,
    },
}

/// The wallet's answer to a [`Request`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", content = "with", rename_all = "snake_case")]
pub enum Reply {
    /// The vault's state.
    Vault(VaultState),
    /// A vault was made and is open.
    Created(VaultState),
    /// The recovery words, in order.
    RecoveryWords(Vec<String>),
    /// What typed words came to.
    Words(WordsCheck),
    /// The name of the backup that was chosen, without its folder.
    Backup(String),
    /// A vault was made from a backup and is open; the folder in which the damaged one is now.
    SetAside(String),
    /// It was done and there is nothing to show.
    Done,
    /// The first screen.
    Home(Home),
    /// A page of facts.
    Timeline(Timeline),
    /// One record and what is around it.
    Sheet(Box<RecordSheet>),
    /// A picture.
    Attachment(AttachmentBytes),
    /// What to offer.
    Suggestions(Vec<Suggestion>),
    /// What became of a run.
    ImportRun(ImportRun),
    /// What became of files.
    ImportReports(Vec<ImportReport>),
    /// What a share, or a file, would hold.
    SharePreview(SharePreview),
    /// What a file that was written holds.
    Exported(ExportAccount),
    /// What a check of a file found.
    FileChecked(FileCheck),
    /// One share.
    Share(Box<ShareDetail>),
    /// All shares.
    Shares(Vec<ShareLine>),
    /// What somebody asks for.
    Asked(Box<AskedShare>),
    /// A request of one's own, to be handed over.
    Written(Box<WrittenRequest>),
    /// A receipt in words.
    Receipt(ReceiptWords),
    /// A withdrawal card.
    WithdrawalCard(Box<WithdrawalCard>),
    /// What a withdrawal card came to.
    CardUsed(CardOutcome),
    /// Who looked.
    Openings(Vec<Opening>),
    /// What went out and what still waits.
    Synced(SyncState),
    /// The settings.
    Settings(Settings),
}

/// What happens while the interface waits or looks elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", content = "with", rename_all = "snake_case")]
pub enum Event {
    /// A run of [`Request::ImportFiles`] or [`Request::AnswerImport`] begins, or one that the shell started for files
    /// dropped on the window, or the terminal program. Its files in their order.
    ImportStarted {
        /// The files.
        files: Vec<ImportFile>,
    },
    /// A file of that run moved on.
    ImportFile(FileProgress),
    /// The run has ended, whoever started it; the same as its reply, and emitted before that. A run that fails as a whole
    /// ends with an empty one.
    ImportEnded(ImportRun),
    /// Files that were dropped on the window were not imported. Nobody asked by a request, so nobody hears it as a reply.
    DropRefused(Failure),
    /// Files are held over the window (`true`) or no longer are.
    DragOver(bool),
    /// Somebody opened a share.
    Opened(Opening),
    /// A share changed (stopped, expired, sent to its relay).
    ShareChanged {
        /// Which.
        id: String,
    },
    /// The vault locks itself in half a minute unless somebody uses it (`true`), or no longer (`false`).
    LocksSoon(bool),
    /// The vault was locked, by the person or by its own clock.
    Locked,
}

/// Why something could not be done. `code` chooses the interface's own words; `message` is the wallet's, for whoever
/// reads logs or runs the terminal program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub code: FailureCode,
    /// One sentence: what happened, what was not lost, what to do. Holds no secret, name or link.
    pub message: String,
}

/// The kinds of failure the interface tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureCode {
    /// The vault must be unlocked first.
    Locked,
    /// The passphrase is not the one.
    WrongPassphrase,
    /// The passphrase is too short to protect anything.
    WeakPassphrase,
    /// The recovery words are not the ones.
    WrongWords,
    /// There is a vault already.
    VaultExists,
    /// There is no vault yet.
    NoVault,
    /// Another copy of the wallet has it open.
    InUse,
    /// An import is running, and one runs at a time. It goes on.
    Busy,
    /// What was asked for is not there.
    NotFound,
    /// The file could not be read.
    File,
    /// What was typed or chosen cannot be kept as it is.
    Invalid,
    /// There is nothing to share with this choice.
    NothingSelected,
    /// Neither the records nor the settings say whose they are, and a summary needs a person.
    NobodyNamed,
    /// The relay cannot be reached; the work waits in the outbox.
    RelayAway,
    /// The relay answered and refused.
    RelayRefused,
    /// The person closed a dialog or cancelled.
    Cancelled,
    /// The vault is damaged.
    Damaged,
    /// Anything else; the message says what.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_never_shows_in_debug_output() {
        let request = Request::Unlock { passphrase: Passphrase::new("correct horse".to_owned()) };
        assert!(!format!("{request:?}").contains("horse"));
    }

    #[test]
    fn words_and_passphrases_never_show_in_debug_output() {
        let secret = || Passphrase::new("abandon correct horse".to_owned());
        let requests = [
            Request::CheckWords { words: secret() },
            Request::UnlockWithWords { words: secret(), new: secret() },
            Request::Restore { words: secret(), new: secret() },
            Request::RestoreOver { words: secret(), new: secret() },
            Request::ChangePassphrase { present: secret(), new: secret() },
        ];
        let shown = format!("{requests:?}");
        assert!(!shown.contains("abandon") && !shown.contains("horse"), "{shown}");
    }

    #[test]
    fn numbers_survive_json_text() -> Result<(), serde_json::Error> {
        let text = serde_json::to_string(&Attention::ShareEnds { id: "a".to_owned(), expires: 1_790_000_000 })?;
        assert_eq!(
            serde_json::from_str::<Attention>(&text)?,
            Attention::ShareEnds { id: "a".to_owned(), expires: 1_790_000_000 }
        );
        Ok(())
    }

    #[test]
    fn requests_survive_json() -> Result<(), serde_json::Error> {
        let json = serde_json::to_string(&Request::Timeline(TimelineFilter {
            text: "peanut".to_owned(),
            ..TimelineFilter::default()
        }))?;
        assert!(json.starts_with(r#"{"ask":"timeline""#));
        let back: Request = serde_json::from_str(&json)?;
        assert!(matches!(back, Request::Timeline(filter) if filter.text == "peanut"));
        Ok(())
    }
}
