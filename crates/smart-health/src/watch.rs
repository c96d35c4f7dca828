//! Following a link with the flag `L`: when to ask again, and what has changed since.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Polling manifest for changes". Like [`Reader`] it does no input
//! or output and has no clock:
//!
//! ```
//! use smart_health::watch::{Due, Update, Watch};
//! use smart_health::{Answer, Ask, Error};
//!
//! /// Called when something is due; gives when to call again, or nothing once the link has ended.
//! fn follow(watch: &mut Watch, now: i64, http: impl Fn(Ask) -> Option<Answer>, mut changed: impl FnMut(Update))
//!     -> Result<Option<i64>, Error>
//! {
//!     loop {
//!         match watch.due(now) {
//!             Due::At(later) => return Ok(Some(later)),
//!             Due::Ended(_) => return Ok(None),
//!             Due::Now(Ask::Passcode { .. }) => return Ok(Some(now)), // ask the person, then `enter_passcode`
//!             Due::Now(request) => match http(request) {
//!                 Some(answer) => watch.answer(&answer, now)?.into_iter().for_each(&mut changed),
//!                 None => watch.interrupted(now),
//!             },
//!         }
//!     }
//! }
//! ```

#[cfg(test)]
mod tests;

use crate::manifest::Status;
use crate::reader::{Options, Slot};
use crate::{Answer, Ask, Error, OpenedFile, Reader, Result, SmartHealthLink};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How often a link is asked for where its server does not say, in seconds: a quarter of an hour.
pub const DEFAULT_EVERY: u32 = 900;

/// The shortest time between two rounds, whatever the server says, in seconds.
const SHORTEST: u32 = 5;
/// The time after a first failure, in seconds.
const AFTER_FAILURE: u32 = 60;
/// The longest time after failures, in seconds.
const LONGEST_BACK_OFF: u32 = 6 * 3600;

/// A link that is followed.
#[derive(Debug)]
pub struct Watch {
    reader: Reader,
    state: State,
    every: u32,
    /// See [`Options::ask_ended`].
    ask_ended: bool,
    ended: Option<Ended>,
}

/// What is remembered between rounds, and worth keeping over a restart. Holds no key, address, passcode or content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// When it is time to ask again, Unix seconds.
    pub next: i64,
    /// How many rounds failed in a row.
    pub failures: u32,
    /// The files of the last round.
    pub files: Vec<KnownFile>,
}

/// A file as it was last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFile {
    /// When it last changed, as the server said.
    pub last_updated: Option<String>,
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// This. Never [`Ask::Wait`] or [`Ask::Done`].
    Now(Ask),
    /// Nothing until this time, Unix seconds.
    At(i64),
    /// Nothing any more.
    Ended(Ended),
}

/// Why a link is not followed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The server says that the files will not change.
    Finalized,
    /// The server says that the files should not be relied on any more.
    NoLongerValid,
    /// The time that the link names is over, and it is not to be asked for nevertheless ([`Options::ask_ended`]).
    Expired,
    /// The link is not active any more (404).
    Inactive,
    /// The passcode was wrong too often.
    NoAttemptsLeft,
}

/// What a round found to be new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The files whose content was not there last time; in the first round all of them.
    pub changed: Vec<OpenedFile>,
    /// How many are as they were.
    pub unchanged: usize,
    /// How many that were there are not any more (the earlier content of a changed file among them).
    pub removed: usize,
    /// Whether the files may still change, as far as the server said.
    pub status: Option<Status>,
}

impl Update {
    /// Whether nothing is new.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.removed == 0
    }
}

impl Watch {
    /// Starts to follow a link; the first round is due at once. `every` is the time between rounds where the server does
    /// not say, in seconds, see [`DEFAULT_EVERY`].
    ///
    /// # Errors
    /// [`Error::NotLongTerm`] without the flag `L`, and those of [`Reader::new`].
    pub fn new(link: SmartHealthLink, options: Options, every: u32) -> Result<Self> {
        Self::resume(link, options, every, State::default())
    }

    /// Goes on with what was remembered. The passcode is asked for again: it is not part of it.
    ///
    /// # Errors
    /// As [`Watch::new`].
    pub fn resume(link: SmartHealthLink, options: Options, every: u32, state: State) -> Result<Self> {
        if !link.flags.long_term {
            return Err(Error::NotLongTerm);
        }
        // A wait is time until the next round here, not within one.
        let ask_ended = options.ask_ended;
        let mut reader = Reader::new(link, Options { max_wait: 0, ..options })?;
        reader.set_known(state.files.iter().map(|file| file.last_updated.clone()).collect());
        Ok(Self { reader, state, every: every.max(SHORTEST), ask_ended, ended: None })
    }

    /// What is to be done at this time, Unix seconds. Asking twice changes nothing.
    pub fn due(&mut self, now: i64) -> Due {
        let is_over = !self.ask_ended && self.reader.link().exp.is_some_and(|end| end <= now);
        if self.ended.is_none() && is_over {
            self.ended = Some(Ended::Expired);
        }
        if let Some(ended) = self.ended {
            return Due::Ended(ended);
        }
        if now < self.state.next {
            return Due::At(self.state.next);
        }
        self.reader.time_is(now);
        Due::Now(self.reader.ask())
    }

    /// Takes the passcode that a person typed.
    ///
    /// # Errors
    /// [`Error::OutOfTurn`] if none was asked for.
    pub fn enter_passcode(&mut self, passcode: &str) -> Result<()> {
        self.reader.enter_passcode(passcode)
    }

    /// Takes the answer to the request last asked for. Gives what is new once the round is over; the next one is due
    /// when the server says, else after the usual time.
    ///
    /// # Errors
    /// What [`Reader::answer`] finds. The link goes on being followed, later each time, unless [`Watch::due`] says that
    /// it has ended: a server in trouble, or one file that does not decrypt, may be mended. [`Error::Busy`] is no
    /// failure of the link: the time is kept.
    pub fn answer(&mut self, answer: &Answer, now: i64) -> Result<Option<Update>> {
        self.reader.time_is(now);
        match self.reader.answer(answer) {
            Ok(()) => match self.reader.ask() {
                Ask::Done => Ok(Some(self.end_round(now))),
                // Only for a wait of no time: any other is more than the reader was allowed to wait.
                Ask::Wait { seconds } => {
                    self.reader.waited()?;
                    self.put_off(now, seconds);
                    Ok(None)
                }
                _ => Ok(None),
            },
            Err(error) => {
                self.fail(&error, now);
                Err(error)
            }
        }
    }

    /// Takes the news that the last request failed before an answer came.
    pub fn interrupted(&mut self, now: i64) {
        self.reader.give_up_round();
        self.back_off(now, AFTER_FAILURE);
    }

    /// What to remember over a restart.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The link that is followed.
    pub fn link(&self) -> &SmartHealthLink {
        self.reader.link()
    }

    fn end_round(&mut self, now: i64) -> Update {
        let (manifest, poll_after, slots) = self.reader.end_round();
        let before = std::mem::take(&mut self.state.files);
        let mut update = Update { changed: Vec::new(), unchanged: 0, removed: 0, status: manifest.overall_status() };
        for (position, slot) in slots.into_iter().enumerate() {
            match slot {
                // Judged by what was known of this very place.
                Slot::Unchanged => {
                    self.state.files.extend(before.get(position).cloned());
                    update.unchanged += 1;
                }
                Slot::Opened(file) => {
                    let sha256: [u8; 32] = Sha256::digest(&file.bytes).into();
                    self.state.files.push(KnownFile { last_updated: file.last_updated.clone(), sha256 });
                    if before.iter().any(|known| known.sha256 == sha256) {
                        update.unchanged += 1;
                    } else {
                        update.changed.push(file);
                    }
                }
            }
        }
        let is_gone = |known: &&KnownFile| self.state.files.iter().all(|file| file.sha256 != known.sha256);
        update.removed = before.iter().filter(is_gone).count();
        self.reader.set_known(self.state.files.iter().map(|file| file.last_updated.clone()).collect());
        self.state.failures = 0;
        self.state.next = now.saturating_add(poll_after.unwrap_or(self.every).max(SHORTEST).into());
        self.ended = match update.status {
            Some(Status::Finalized) => Some(Ended::Finalized),
            Some(Status::NoLongerValid) => Some(Ended::NoLongerValid),
            _ => None,
        };
        update
    }

    fn fail(&mut self, error: &Error, now: i64) {
        match error {
            Error::Inactive => self.ended = Some(Ended::Inactive),
            Error::NoAttemptsLeft => self.ended = Some(Ended::NoAttemptsLeft),
            // Nothing was sent, so nothing failed.
            Error::OutOfTurn => {}
            Error::Busy { seconds } => self.put_off(now, *seconds),
            _ => self.interrupted(now),
        }
    }

    fn put_off(&mut self, now: i64, seconds: u32) {
        self.reader.put_off_round();
        // What a server asks for is kept to; one that asks again and again is left alone for longer each time.
        self.back_off(now, seconds.max(SHORTEST));
    }

    /// Doubles the wait with each failure in a row, to at most six hours or what is asked for.
    fn back_off(&mut self, now: i64, seconds: u32) {
        let doubled = seconds.saturating_mul(1 << self.state.failures.min(10));
        self.state.failures = self.state.failures.saturating_add(1);
        self.state.next = now.saturating_add(doubled.min(LONGEST_BACK_OFF).max(seconds).into());
    }
}
