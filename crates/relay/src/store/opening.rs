//! An opening: the link is checked, the receipt sealed and its commitment logged in the transaction that counts it.
//!
//! All openings of a batch are taken together: their links are read by one statement, their receipts sealed on every
//! core, and written by one statement each for receipts and log entries.

use super::db::{Value, sql};
use super::link_row::{Link, Verdict};
use super::log::LogId;
use super::writer::{Answer, Batch, Command};
use super::{LinkKey, Store, stored};
use crate::receipts::{self, Sealed, ToSeal};
use crate::{Error, Result};
use carnet_consent::control::PasscodeVerifier;
use carnet_consent::receipt::{Envelope, Outcome};
use std::collections::HashMap;

/// How a reader asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `GET`, for a link with the flag `U`.
    Direct,
    /// `POST` for the manifest.
    Manifest,
    /// It asked with a wrong passcode: nothing is served, but a receipt is left.
    WrongPasscode,
    /// It asked without a passcode and was told that one is needed.
    NoPasscode,
}

/// One request to be served.
pub(crate) struct Opening {
    pub(crate) link: LinkKey,
    pub(crate) kind: Kind,
    /// Who it says it is.
    pub(crate) recipient: String,
    /// The verifier that its passcode met.
    pub(crate) verified: Option<PasscodeVerifier>,
    /// Now, in Unix seconds.
    pub(crate) at: i64,
}

/// What came of it.
pub(crate) enum Opened {
    /// It is counted, its receipt is durable and committed to log A: now the files may be served.
    Served(Served),
    /// The link wants a passcode; nothing was counted. So many tries are left, besides those being checked just now.
    PasscodeNeeded {
        remaining: u32,
        /// Whether one of those may be given back.
        undecided: bool,
    },
    /// The link is asked too often; nothing was counted. So many seconds to wait.
    TooFast { wait: u64 },
    /// The wrong passcode is on record.
    Refused,
}

/// What came of taking one try from the budget of wrong passcodes.
pub(crate) enum Attempt {
    /// The link serves nobody now.
    NotLive,
    /// It asks for no passcode.
    NoPasscode,
    /// It is asked too often; nothing was taken. So many seconds to wait.
    TooFast(u64),
    /// All tries are taken, but another relay is still checking one of them, and may give it back. Nothing was taken.
    Undecided,
    /// One try is taken; `remaining` are left if it turns out wrong.
    Taken { verifier: PasscodeVerifier, remaining: u32 },
}

/// What is served.
#[derive(Clone)]
pub(crate) struct Served {
    /// Where the grant's own commitment stands in log A.
    pub(crate) grant_index: u64,
    /// Of the manifest.
    pub(crate) status: Option<String>,
    pub(crate) files: Vec<ServedFile>,
}

/// A file that may be served.
#[derive(Clone)]
pub(crate) struct ServedFile {
    pub(crate) name: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) size: u64,
    pub(crate) content_type: String,
    /// When it got this content, Unix seconds; 0: not known.
    pub(crate) updated: i64,
}

impl Store {
    /// Opens a link; nothing if it serves nobody now, whatever the reason.
    pub(crate) async fn open_link(&self, opening: Opening) -> Result<Option<Opened>> {
        let envelope = self.recipients.envelope(&opening.link);
        self.ask(|answer| Command::Open(opening, envelope, answer)).await
    }

    /// Takes one try from a link's budget. Given back by an opening that [says](Opening::verified) which verifier was met.
    pub(crate) async fn take_attempt(&self, link: LinkKey, now: i64) -> Result<Attempt> {
        self.ask(|answer| Command::TakeAttempt { link, now, answer }).await
    }

    /// Leaves a receipt of a reader who was told that there is no such link, if there is one, or that a passcode is needed.
    /// Returns at once: the 404 must take the same time for a link that exists and for one that does not. Under a flood it
    /// may be left undone.
    pub(crate) fn refused(&self, opening: Opening) {
        if self.queue.try_send(Command::Refused(opening)).is_err() {
            self.metrics.refusals_without_receipt.add(1);
        }
    }

    /// The files of a link for a reader who was given locations; nothing if it was paused, withdrawn or has expired since.
    pub(crate) async fn served_files(&self, link: LinkKey, now: i64) -> Result<Option<Vec<ServedFile>>> {
        self.ask(|answer| Command::ServedFiles { link, now, answer }).await
    }
}

/// A receipt that is due, and who waits for it.
struct Due {
    link: LinkKey,
    seq: u64,
    /// Whether the first wallets cannot read it.
    for_all_reasons: bool,
    served: Option<Served>,
    answer: Option<Answer<Option<Opened>>>,
}

impl Due {
    fn of(
        opening: &Opening,
        seq: u64,
        receipt: &ToSeal,
        served: Option<Served>,
        answer: Option<Answer<Option<Opened>>>,
    ) -> Self {
        let for_all_reasons = matches!(receipt.outcome, Outcome::Refused { reason } if !reason.is_for_every_wallet());
        Self { link: opening.link, seq, for_all_reasons, served, answer }
    }
}

impl Batch<'_> {
    /// Carries out what readers did: first the tries at passcodes, then openings, then the receipts of refused ones.
    pub(super) async fn visit(&mut self, visits: Vec<Command>) -> Result<()> {
        let keys = |visit: &Command| match visit {
            Command::Open(opening, ..) | Command::Refused(opening) => Some(opening.link),
            Command::TakeAttempt { link, .. } => Some(*link),
            _ => None,
        };
        let keys: Vec<LinkKey> = visits.iter().filter_map(keys).collect();
        let mut links = self.links(&keys, true).await?;
        let (mut openings, mut refused) = (Vec::new(), Vec::new());
        for visit in visits {
            match visit {
                Command::TakeAttempt { link, now, answer } => {
                    let options = self.options;
                    let attempt =
                        links.get_mut(&link).map_or(Attempt::NotLive, |row| row.take_attempt(&link, now, options));
                    self.answer(answer, attempt);
                }
                Command::Open(opening, envelope, answer) => openings.push((opening, envelope, answer)),
                Command::Refused(opening) => refused.push(opening),
                _ => {}
            }
        }
        let (mut to_seal, mut due) = (Vec::new(), Vec::new());
        for (opening, envelope, answer) in openings {
            let verdict =
                links.get_mut(&opening.link).map_or(Verdict::NotLive, |link| link.judge(&opening, self.options));
            if !matches!(verdict, Verdict::Receipt { served: Some(_), .. }) {
                self.recipients.forget(&opening.link);
            }
            match verdict {
                Verdict::NotLive => self.answer(answer, None),
                Verdict::TooFast(wait) => self.answer(answer, Some(Opened::TooFast { wait })),
                Verdict::PasscodeNeeded { remaining, undecided } => {
                    self.answer(answer, Some(Opened::PasscodeNeeded { remaining, undecided }));
                }
                Verdict::Receipt { seq, to_seal: receipt, served } => {
                    if served.is_some() && opening.verified.is_none() {
                        self.recipients.remember(&opening.link, &receipt.to);
                    }
                    due.push(Due::of(&opening, seq, &receipt, served, Some(answer)));
                    to_seal.push((receipt, envelope));
                }
            }
        }
        for opening in refused {
            let verdict = links.get_mut(&opening.link).and_then(|link| link.refuse(&opening, self.options));
            if let Some(Verdict::Receipt { seq, to_seal: receipt, served }) = verdict {
                due.push(Due::of(&opening, seq, &receipt, served, None));
                to_seal.push((receipt, None));
            }
        }
        self.leave_receipts(to_seal, due).await?;
        self.put_links(&links).await
    }

    async fn leave_receipts(&mut self, to_seal: Vec<(ToSeal, Option<Envelope>)>, due: Vec<Due>) -> Result<()> {
        if due.is_empty() {
            return Ok(());
        }
        let sealed = receipts::seal_all(to_seal).await?;
        if sealed.len() != due.len() {
            return Err(Error::Receipt);
        }
        // The log comes last of what others may wait for.
        let entries = sealed.iter().map(|receipt| receipt.commitment.to_vec()).collect();
        let first = self.append(LogId::A, entries).await?;
        let mut rows = Vec::with_capacity(due.len());
        for ((Due { link, seq, for_all_reasons, served, answer }, Sealed { bytes, .. }), index) in
            due.into_iter().zip(sealed).zip(first..)
        {
            rows.push(vec![
                Value::from(link.bytes()),
                Value::from(stored(seq)),
                Value::from(stored(index)),
                Value::from(bytes),
                Value::from(i64::from(for_all_reasons)),
            ]);
            if let Some(answer) = answer {
                self.answer(answer, Some(served.map_or(Opened::Refused, Opened::Served)));
            }
        }
        let insert = sql("INSERT INTO receipts (link, seq, log_index, sealed, for_all_reasons)
            SELECT column1, column2, column3, column4, column5 FROM {rows}");
        self.run(insert.rows(rows)).await
    }

    pub(super) async fn served_files(&mut self, link: &LinkKey, now: i64) -> Result<Option<Vec<ServedFile>>> {
        let mut links: HashMap<LinkKey, Link> = self.links(std::slice::from_ref(link), false).await?;
        Ok(links.remove(link).and_then(|link| link.into_files(now)))
    }
}
