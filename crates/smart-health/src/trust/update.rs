//! Bringing a store up to date without doing any input or output: [`Update`] says what to fetch next and takes the
//! answers. What cannot be had leaves what is known as it is.

use std::collections::VecDeque;
use std::fmt;

use super::{Added, Error, TrustStore};
use crate::card::{Issuers, check_issuer};
use crate::link::{PlainHttp, check_fetchable};
use crate::reader::Answer;

/// The largest list that is read, in bytes (the WHO's has 1.5 MB, the VCI's snapshot 0.7 MB).
const MAX_LIST: usize = 32 << 20;

/// The largest key set of an issuer, in bytes.
const MAX_KEY_SET: usize = 1 << 20;

/// The largest list of revoked cards, in bytes.
const MAX_REVOCATIONS: usize = 8 << 20;

/// The most requests of an update.
const MAX_REQUESTS: usize = 500;

/// How old an issuer's keys may be before they are fetched again, in seconds.
const KEYS_AGE: i64 = 24 * 3600;

/// What to bring up to date.
///
/// The lists are fetched whole, so that nobody learns which cards somebody has. Asking a single issuer for its keys tells
/// that issuer that one of its cards is being looked at: `issuers` is for when the person asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Snapshots of directories of issuers with their keys.
    pub snapshots: Vec<String>,
    /// Directories of issuers without keys.
    pub directories: Vec<String>,
    /// Lists of document signers' keys.
    pub document_lists: Vec<String>,
    /// Issuers (as their cards name them) whose keys and revocations are to be fetched from themselves.
    pub issuers: Vec<String>,
}

impl Default for Sources {
    /// The VCI directory's snapshot and the WHO's list.
    fn default() -> Self {
        Self {
            snapshots: vec![
                "https://raw.githubusercontent.com/the-commons-project/vci-directory/main/logs/vci_snapshot.json"
                    .into(),
            ],
            directories: Vec::new(),
            document_lists: vec!["https://tng-cdn.who.int/v2/trustlist/did.json".into()],
            issuers: Vec::new(),
        }
    }
}

/// What is needed next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ask {
    /// Send `GET url` without credentials and hand over the answer; redirects may be followed to `https` only.
    Get {
        /// Where: `https`, or `http` on this machine.
        url: String,
        /// Read no more of the body than this (a longer one is refused).
        max_body: usize,
        /// What to send as `If-None-Match`: the list is known already, and 304 says that it is still the same.
        tag: Option<String>,
    },
    /// That was all: [`Update::finish`].
    Done,
}

/// Something that could not be brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was asked for.
    pub url: String,
    /// What happened.
    pub kind: ProblemKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The server did not answer with 200; 0 stands for no answer at all.
    Status(u16),
    /// More than is read.
    TooLarge,
    /// The address is not `https`, nor on this machine.
    Address,
    /// The content.
    Content(Error),
    /// More requests than an update makes.
    TooMany,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ProblemKind::Status(0) => write!(out, "{} did not answer; what was known is kept", self.url),
            ProblemKind::Status(status) => write!(out, "{} answered {status}; what was known is kept", self.url),
            ProblemKind::TooLarge => write!(out, "{} is too large; what was known is kept", self.url),
            ProblemKind::Address => write!(out, "{} is not an https address", self.url),
            ProblemKind::Content(error) => write!(out, "{}: {error}", self.url),
            ProblemKind::TooMany => write!(out, "{} was left for the next time: too many requests", self.url),
        }
    }
}

enum Task {
    Snapshot(String),
    Directory(String),
    Documents(String),
    Keys(String),
    Revocations { issuer: String, kid: String },
}

impl Task {
    fn url(&self) -> String {
        match self {
            Task::Snapshot(url) | Task::Directory(url) | Task::Documents(url) => url.clone(),
            Task::Keys(issuer) => format!("{issuer}/.well-known/jwks.json"),
            Task::Revocations { issuer, kid } => format!("{issuer}/.well-known/crl/{kid}.json"),
        }
    }

    fn max_body(&self) -> usize {
        match self {
            Task::Snapshot(_) | Task::Directory(_) | Task::Documents(_) => MAX_LIST,
            Task::Keys(_) => MAX_KEY_SET,
            Task::Revocations { .. } => MAX_REVOCATIONS,
        }
    }
}

/// A store that is being brought up to date.
pub struct Update {
    store: TrustStore,
    now: i64,
    tasks: VecDeque<Task>,
    requests: usize,
    problems: Vec<Problem>,
}

impl fmt::Debug for Update {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Update({} to go)", self.tasks.len())
    }
}

impl Update {
    /// Plans it, at the time `now` (Unix seconds). Asks nothing yet.
    pub fn new(store: TrustStore, sources: &Sources, now: i64) -> Self {
        let mut update = Self { store, now, tasks: VecDeque::new(), requests: 0, problems: Vec::new() };
        let lists = sources.snapshots.iter().cloned().map(Task::Snapshot);
        let lists = lists.chain(sources.directories.iter().cloned().map(Task::Directory));
        for task in lists.chain(sources.document_lists.iter().cloned().map(Task::Documents)) {
            update.push(task);
        }
        for issuer in &sources.issuers {
            let url = issuer.trim_end_matches('/');
            let age = update.store.keys_as_of(url).map(|as_of| now.saturating_sub(as_of));
            if age.is_none_or(|age| age > KEYS_AGE) {
                update.push(Task::Keys(url.to_owned()));
            } else {
                update.plan_revocations(url);
            }
        }
        update
    }

    /// What to fetch next.
    pub fn ask(&self) -> Ask {
        match self.tasks.front() {
            Some(task) => {
                let url = task.url();
                let tag = self.store.tags.get(&url).filter(|_| self.store.has_list(&url)).cloned();
                Ask::Get { url, max_body: task.max_body(), tag }
            }
            None => Ask::Done,
        }
    }

    /// Takes the answer to [`ask`](Self::ask); no answer at all is one with the status 0. Gives what it added, none for a
    /// problem or where nothing was asked. `tag` is the answer's `ETag`.
    pub fn answer(&mut self, answer: &Answer, tag: Option<&str>) -> Option<Added> {
        let task = self.tasks.pop_front()?;
        let url = task.url();
        let taken = if answer.status == 304 && self.store.tags.contains_key(&url) {
            self.store.still_as_of(&url, self.now);
            Ok(Added::default())
        } else if answer.status != 200 {
            Err(ProblemKind::Status(answer.status))
        } else if answer.body.len() > task.max_body() {
            Err(ProblemKind::TooLarge)
        } else {
            let taken = self.take(&task, &answer.body).map_err(ProblemKind::Content);
            if taken.is_ok() {
                self.store.tag(&url, tag);
            }
            taken
        };
        match taken {
            Ok(added) => {
                if let Task::Keys(issuer) = &task {
                    self.plan_revocations(issuer);
                }
                Some(added)
            }
            Err(kind) => {
                self.problems.push(Problem { url, kind });
                None
            }
        }
    }

    /// The store, and what could not be had.
    pub fn finish(self) -> (TrustStore, Vec<Problem>) {
        (self.store, self.problems)
    }

    fn take(&mut self, task: &Task, body: &[u8]) -> Result<Added, Error> {
        match task {
            Task::Snapshot(url) => self.store.add_snapshot(url, body, self.now),
            Task::Directory(url) => self.store.add_directory(url, body, self.now),
            Task::Documents(url) => self.store.add_document_keys(url, body, self.now),
            Task::Keys(issuer) => self.store.add_key_set(issuer, body, self.now),
            Task::Revocations { issuer, kid } => self.store.add_revocation_list(issuer, kid, body),
        }
    }

    /// Lists of revoked cards of which the issuer has a later version than is known.
    fn plan_revocations(&mut self, url: &str) {
        let Some(issuer) = self.store.issuer(url) else { return };
        let known = |kid: &str| issuer.revocations.iter().find(|list| list.kid() == kid).map(|list| list.version());
        let newer = issuer.keys.iter().flatten().filter(|key| {
            key.crl_version().is_some_and(|version| known(key.kid()).is_none_or(|known| known < version))
        });
        let kids: Vec<String> = newer.map(|key| key.kid().to_owned()).collect();
        for kid in kids {
            self.push(Task::Revocations { issuer: url.to_owned(), kid });
        }
    }

    fn push(&mut self, task: Task) {
        let is_refused = match &task {
            // Named by the person, not by a stranger: a list of one's own may be on this machine.
            Task::Snapshot(url) | Task::Directory(url) | Task::Documents(url) => {
                check_fetchable(url, PlainHttp { loopback: true, elsewhere: false }).is_err()
            }
            Task::Keys(_) | Task::Revocations { .. } => check_issuer(&task.url()).is_some(),
        };
        let kind = if is_refused {
            ProblemKind::Address
        } else if self.requests >= MAX_REQUESTS {
            ProblemKind::TooMany
        } else {
            self.requests += 1;
            return self.tasks.push_back(task);
        };
        self.problems.push(Problem { url: task.url(), kind });
    }
}
