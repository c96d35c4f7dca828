//! Shares, openings and the network, as the interface sees them.

use crate::CategoryCount;
use serde::{Deserialize, Serialize};

/// A share that the person is putting together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareDraft {
    /// The occasion.
    pub preset: SharePreset,
    /// Whom it is for, in the person's words ("Dr Example"); empty: whoever has it.
    pub recipient: String,
    /// What of the occasion's choice the person changed.
    pub choice: ShareChoice,
    /// The form of what is shared; none: the one of the occasion.
    pub format: Option<ShareFormat>,
    /// How long it can be opened, in seconds from `not_before` or else from now: a minute to 365 days.
    pub seconds: i64,
    /// From when it can be opened, Unix seconds; none, or a time that is over: at once.
    pub not_before: Option<i64>,
    /// A passcode the reader must type, of four characters at least; none: no passcode.
    pub passcode: Option<String>,
    /// How many times it can be opened; none: no limit.
    pub max_openings: Option<u32>,
    /// By when the recipient must have erased what was kept, Unix seconds; none: nothing asked.
    pub erase_by: Option<i64>,
    /// What the recipient is asked to hold to.
    pub obligations: Vec<ShareObligation>,
    /// Follow the records: what is added or changed later goes out through the same link.
    pub live: bool,
    /// Tell the reader whether something was left out.
    pub tell_left_out: bool,
    /// The request it answers, as it came (text of the request); none: of no request.
    pub request: Option<String>,
}

impl ShareDraft {
    /// A draft as the occasion suggests it, with no passcode yet.
    pub fn new(preset: SharePreset) -> Self {
        Self {
            preset,
            recipient: String::new(),
            choice: ShareChoice::default(),
            format: None,
            seconds: preset.spans().first().copied().unwrap_or_default(),
            not_before: None,
            passcode: None,
            max_openings: None,
            erase_by: None,
            obligations: Vec::new(),
            live: preset.suggests_live(),
            tell_left_out: false,
            request: None,
        }
    }
}

/// What differs from the choice that an occasion suggests; the default changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShareChoice {
    /// Categories to include; none: those the occasion suggests.
    pub categories: Option<Vec<String>>,
    /// Only records of this date (`YYYY[-MM[-DD]]`) or later.
    pub since: Option<String>,
    /// Only records of this date or earlier.
    pub until: Option<String>,
    /// Records (as in [`RecordLine::id`](crate::RecordLine::id)) to include whatever the rest says, at most 64.
    pub with: Vec<String>,
    /// Records to leave out whatever the rest says.
    pub without: Vec<String>,
    /// Sensitivity labels (`SUD`, `MH`, …) that are ticked; a record with several needs all.
    pub sensitive: Vec<String>,
}

/// The occasions the wallet knows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharePreset {
    /// At a front desk: one file at once, for minutes.
    Desk,
    /// For somebody who treats.
    Visit,
    /// For a journey.
    Travel,
    /// For an emergency, when nobody can ask.
    Emergency,
    /// Whatever the person chooses.
    #[default]
    Custom,
}

impl SharePreset {
    /// Every occasion.
    pub const ALL: [Self; 5] = [Self::Desk, Self::Visit, Self::Travel, Self::Emergency, Self::Custom];

    /// Its name on the command line and in translation keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Visit => "visit",
            Self::Travel => "travel",
            Self::Emergency => "emergency",
            Self::Custom => "custom",
        }
    }

    /// How long it lasts, the usual one first, in seconds.
    pub fn spans(self) -> &'static [i64] {
        match self {
            Self::Desk => &[900, 3_600, 14_400],
            Self::Visit => &[86_400, 172_800, 604_800],
            Self::Travel => &[604_800, 1_209_600, 2_592_000],
            Self::Emergency => &[2_592_000, 7_776_000, 31_536_000],
            Self::Custom => &[86_400, 604_800, 2_592_000],
        }
    }

    /// Whether a passcode is suggested.
    pub fn suggests_passcode(self) -> bool {
        matches!(self, Self::Visit | Self::Travel | Self::Custom)
    }

    /// Whether following the records is suggested: a journey is long, and what is added on it counts.
    pub fn suggests_live(self) -> bool {
        self == Self::Travel
    }

    /// The form of what is shared.
    pub fn format(self) -> ShareFormat {
        if self == Self::Desk { ShareFormat::Ktc } else { ShareFormat::Ips }
    }
}

/// The form of what is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareFormat {
    /// International Patient Summary: a FHIR document.
    Ips,
    /// Patient-shared health documents for a front desk: a FHIR collection with its pages as a PDF inside.
    Ktc,
}

impl ShareFormat {
    /// Its name on the command line and in translation keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ips => "ips",
            Self::Ktc => "ktc",
        }
    }
}

/// What a recipient is asked to hold to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareObligation {
    /// Not to pass it on without a consent that allows it.
    NoRedisclosure,
    /// To delete it after use.
    DeleteAfterUse,
}

/// What a share would hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharePreview {
    /// How many records would be shared.
    pub records: u64,
    /// How many of each category would be shared.
    pub categories: Vec<CategoryCount>,
    /// How many of each category there are to choose from.
    pub available: Vec<CategoryCount>,
    /// What is held back and why, most pressing first.
    pub held_back: Vec<HeldBack>,
    /// The chosen records that go in, newest first within each category, at most 500; `more` says how many there are
    /// beyond.
    pub lines: Vec<ShareRecord>,
    /// How many records go in that are not among `lines`.
    pub more: u64,
    /// The records that go in though they are sensitive, because they were ticked, by their subject or one by one; at most
    /// 500.
    #[serde(default)]
    pub sensitive: Vec<SensitiveRecord>,
    /// What the reader is told the recipient is bound to, and the notice (text for the person), in the person's language.
    pub notice: ShareNotice,
    /// The code would work on this device only, as nobody else can reach the relay that shares go to. Of a file: `false`.
    #[serde(default)]
    pub only_here: bool,
}

/// One record in the list of what goes in or is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRecord {
    /// As in [`RecordLine::id`](crate::RecordLine::id).
    pub id: String,
    /// Its category.
    pub category: String,
    /// What it is.
    pub title: String,
    /// Its date as recorded.
    pub date: Option<String>,
}

/// A sensitive record that goes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SensitiveRecord {
    /// The record.
    pub record: ShareRecord,
    /// Why it is sensitive: its labels (`SUD`, `MH`, …).
    pub labels: Vec<String>,
}

/// Records held back for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// `sensitive`, `category`, `document`, `unticked`, `older`, `newer`, `newer_values`, `not_current`, `not_done`,
    /// `error`, `another_person` (it is somebody else's, or nobody knows whose); or `no_place`: chosen, and the form has no
    /// place for it.
    pub reason: String,
    /// The category; none for sensitive ones (it would tell what they are about).
    pub category: Option<String>,
    /// For `sensitive`: the label not ticked.
    pub label: Option<String>,
    /// How many.
    pub count: u64,
    /// The records, at most 500, newest first, so that each can be ticked by itself (they are the person's own; shown on
    /// this device only).
    pub lines: Vec<ShareRecord>,
}

/// The notice that a person reads before sharing. Its texts are Fluent keys of its version: `notice-v1-…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareNotice {
    /// Which version of the texts.
    pub version: u32,
    /// The language they are shown in (BCP 47).
    pub language: String,
}

/// What a clinician or a study asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedShare {
    /// Who asks, in their own words.
    pub by: String,
    /// Whether the request carries a signature that verified (says only that one key made it whole).
    pub signed: bool,
    /// What for (HL7 v3 ActReason).
    pub purpose: String,
    /// Which categories; none: all.
    pub categories: Option<Vec<String>>,
    /// Only records of this date or later.
    pub since: Option<String>,
    /// Only records of this date or earlier.
    pub until: Option<String>,
    /// For how long, in seconds.
    pub seconds: i64,
    /// How often; none: no limit.
    pub max_openings: Option<u32>,
    /// What they bind themselves to.
    pub obligations: Vec<ShareObligation>,
    /// When it was asked, Unix seconds.
    pub asked_at: i64,
    /// A draft that gives what is asked, for the person to narrow; `request` is set.
    pub draft: ShareDraft,
}

/// The forms of a consent receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptForm {
    /// Pages for people.
    Pdf,
    /// ISO/IEC TS 27560 as JSON-LD, for programs.
    Json,
}

/// A consent receipt in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptWords {
    /// The language they are in (BCP 47).
    pub language: String,
    /// Its title.
    pub title: String,
    /// Its parts, in order.
    pub parts: Vec<ReceiptPart>,
}

/// A part of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptPart {
    /// Its heading.
    pub title: String,
    /// What each line is about, and what it says.
    pub lines: Vec<(String, String)>,
}

/// What stands on the withdrawal card of a share. Whoever has it can stop that share, and do nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawalCard {
    /// The page on which the share can be stopped: what the QR says.
    pub link: String,
    /// The same for typing, in groups of four characters.
    pub code: String,
    /// The QR as rows of modules, `true` is dark, without the quiet zone.
    pub qr: Vec<Vec<bool>>,
    /// Whom the share is for; empty: whoever has it.
    pub recipient: String,
    /// When the share ends, Unix seconds.
    pub expires: i64,
    /// The share is kept by the relay inside this wallet, which nobody else can reach: the card helps nobody who does not
    /// have this device.
    pub only_here: bool,
    /// The relay that shares go to now, where the share could be moved to it.
    pub relay: Option<String>,
}

/// What a withdrawal card came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardOutcome {
    /// The share is stopped, now or before.
    Stopped,
    /// It is a share of this wallet and stopped here; its relay will be told as soon as it can be reached.
    Stopping,
    /// The relay has no share with this code.
    Unknown,
}

/// One share in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareLine {
    /// The share.
    pub id: String,
    /// Whom it is for.
    pub recipient: String,
    /// When it was made.
    pub created: i64,
    /// When it ends.
    pub expires: i64,
    /// Its state now.
    pub status: ShareStatus,
    /// How many times it was opened, as far as known.
    pub openings: u32,
    /// How many records it holds.
    pub records: u64,
    /// The occasion it was made for.
    pub preset: SharePreset,
    /// Whether it follows the records.
    pub live: bool,
    /// Whether a passcode is needed.
    pub passcode: bool,
    /// Whether its relay has not heard yet what was last decided about it: it may still serve what is paused here, and end
    /// or stay closed where it is to go on.
    #[serde(default)]
    pub waiting: bool,
    /// What became of it without this device, if anything did.
    #[serde(default)]
    pub elsewhere: Option<Elsewhere>,
    /// Why it is paused, stopped or over, where the person did nothing to it.
    #[serde(default)]
    pub why: Option<ShareWhy>,
    /// What is wrong with what its relay says of who looked.
    #[serde(default)]
    pub fault: Option<RelayFault>,
}

/// What is wrong with what a relay says of who looked at a share. The texts are the wallet's own or the relay's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayFault {
    /// It answered with something that cannot be: evidence against the relay, which stays. What it was.
    False(String),
    /// It did not tell, the last time it was asked, so somebody may have looked who is not in the list. Why.
    Untold(String),
}

/// Why a share is paused, stopped or over without the person having done so, and without its time being simply over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareWhy {
    /// It follows the records, and nothing can be made of them for it now: nothing is left of what was chosen, or it has
    /// become too large. It goes on by itself once that has changed.
    Emptied,
    /// Its relay was never reached while its time lasted: nobody could ever open it. It is listed until it is stopped.
    NeverSent,
    /// Its relay refused to publish it, or to let it go on. What the relay said, in its own words.
    Refused(String),
}

/// The state of a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareStatus {
    /// Signed, and waiting for its relay to be reached; nobody can open it yet.
    Waiting,
    /// Its relay has it, and its time has not begun.
    NotYet,
    /// It can be opened.
    Live,
    /// It was paused, by the person or for what [`ShareLine::why`] says: nobody can open it until it is resumed, once its
    /// relay knows ([`ShareLine::waiting`]).
    Paused,
    /// Its time is over.
    Expired,
    /// The person stopped it, and the relay knows; or its relay never took it ([`ShareLine::why`]).
    Stopped,
    /// The person stopped it, and the relay could not be told yet.
    Stopping,
    /// It was opened as often as allowed.
    Exhausted,
}

/// What became of a share without this device: its relay knows more than the vault, as after a backup was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elsewhere {
    /// It was changed after this vault's copy was made: readers see what another device shared, and will until this one
    /// puts its own in its place. Its end and whether it is paused are as the relay says.
    Changed,
    /// It was stopped, by another device or with the withdrawal card.
    Stopped,
}

/// One share with everything around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareDetail {
    /// As in the list.
    pub line: ShareLine,
    /// The link, viewer first: what the QR says and what can be sent.
    pub link: String,
    /// The same link for readers of their own: `shlink:/…`.
    pub shlink: String,
    /// The QR as rows of modules, `true` is dark, without the quiet zone.
    pub qr: Vec<Vec<bool>>,
    /// Whether a passcode is needed.
    pub passcode: bool,
    /// That passcode, to be told to the reader again. None where none is needed, of a share that was stopped, and of one of
    /// an earlier version, which kept none.
    #[serde(default)]
    pub known_passcode: Option<String>,
    /// The code works on this device only: nobody else can reach the relay that keeps the share.
    #[serde(default)]
    pub only_here: bool,
    /// How many of each category it holds.
    pub categories: Vec<CategoryCount>,
    /// Who looked, newest first.
    pub openings: Vec<Opening>,
    /// Where the grant stands in the public ledger, once its relay answered.
    pub ledger: Option<LedgerPlace>,
    /// What for (HL7 v3 ActReason).
    pub purpose: String,
    /// From when it can be opened, Unix seconds; none: from when it was made.
    pub not_before: Option<i64>,
    /// By when the recipient must have erased what was kept, Unix seconds.
    pub erase_by: Option<i64>,
    /// What the recipient is asked to hold to.
    pub obligations: Vec<ShareObligation>,
    /// How many times it can be opened; none: no limit.
    pub max_openings: Option<u32>,
    /// The form of what is shared.
    pub format: ShareFormat,
    /// Who asked for it, if it answers a request.
    pub asked_by: Option<String>,
    /// The share that took its place under another link. One that is extended, or follows the records, stays under its
    /// own: then there is none.
    pub superseded_by: Option<String>,
}

/// Where a grant stands in the public ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPlace {
    /// The log's name.
    pub log: String,
    /// The entry's place in it.
    pub index: u64,
    /// Whether this wallet checked a proof that it is there.
    pub proven: bool,
}

/// Somebody opened a share, or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The share.
    pub id: String,
    /// Whom the share is for.
    pub shared_with: String,
    /// Who the reader said they were.
    pub recipient: String,
    /// When.
    pub at: i64,
    /// Whether the records were given out; `false`: refused, e.g. for a wrong passcode.
    pub served: bool,
    /// Whether the person saw it: `false` until [`Request::MarkOpeningsSeen`](crate::Request::MarkOpeningsSeen).
    pub seen: bool,
    /// Whether its place in the public ledger was checked.
    pub proven: bool,
    /// Whether the public ledger contradicts what the relay said of it: evidence against the relay.
    pub contradicted: bool,
    /// Why it was refused: `passcode`, `passcode_used_up`, `exhausted`, `paused`, `time`, `withdrawn`, or
    /// `passcode_missing`: it only asked, and was told that a passcode is needed. None if it was served, and for a reason
    /// this version does not know.
    pub reason: Option<String>,
}

/// What went out and what still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    /// Messages sent now.
    pub sent: u64,
    /// Messages that wait for a network.
    pub waiting: u64,
    /// Openings learnt of now.
    pub new_openings: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_occasion_has_a_name_and_spans_with_the_usual_one_first() -> Result<(), serde_json::Error> {
        for preset in SharePreset::ALL {
            assert_eq!(serde_json::to_string(&preset)?, format!("\"{}\"", preset.as_str()));
            assert!(preset.spans().is_sorted() && !preset.spans().is_empty());
            let draft = ShareDraft::new(preset);
            assert_eq!((Some(&draft.seconds), draft.passcode), (preset.spans().first(), None));
        }
        for format in [ShareFormat::Ips, ShareFormat::Ktc] {
            assert_eq!(serde_json::to_string(&format)?, format!("\"{}\"", format.as_str()));
        }
        Ok(())
    }

    #[test]
    fn a_choice_need_only_name_what_differs() -> Result<(), serde_json::Error> {
        let choice: ShareChoice = serde_json::from_str(r#"{"sensitive":["MH"]}"#)?;
        assert_eq!(choice, ShareChoice { sensitive: vec!["MH".to_owned()], ..ShareChoice::default() });
        Ok(())
    }
}
