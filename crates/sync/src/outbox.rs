//! The outbox: what must reach a relay, kept until it did.
//!
//! Jobs are durable (the wallet's vault keeps them), idempotent (a repetition after a lost answer does no harm) and tried
//! again with growing pauses. Withdrawals go first, wait least and are never given up.

mod job;

pub use job::Job;

use crate::{Error, RelayClient, Result, Timeouts};
use carnet_consent::GrantId;
use carnet_consent::control::{Committed, ControlToken, LinkState, Published, Revision, Withdrawn};
use std::collections::{HashMap, HashSet};
use std::future::Future;
use tokio::sync::Mutex;

/// A relay's word for a publication that a later message overtook on its way.
const OVERTAKEN: &str = "overtaken";

/// Where jobs are kept: the wallet's vault.
pub trait OutboxStore: Send + Sync {
    /// What goes wrong with it.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The jobs that are due at `now`, in the order they were queued.
    fn due(&self, now: i64) -> impl Future<Output = Result<Vec<Queued>, Self::Error>> + Send;

    /// The token of a grant's link. None if the grant was stopped meanwhile or is gone: then nothing but its withdrawal is
    /// sent.
    fn control_token(&self, grant: &GrantId) -> impl Future<Output = Result<Option<ControlToken>, Self::Error>> + Send;

    /// A job is done, or needs doing no more: record what came of it and remove it, in one transaction.
    fn done(&self, queued: &Queued, outcome: &Outcome) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// A job was tried in vain: count it and put it off until `next_at`.
    fn retry(&self, queued: &Queued, next_at: i64, why: &Error)
    -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// A relay refused a job for good: remove it and tell the person. Withdrawals never come here.
    fn refused(&self, queued: &Queued, why: &Error) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A job in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The store's number for it.
    pub id: i64,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// What is to be done.
    pub job: Job,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The relay serves the link.
    Published(Published),
    /// The relay has carried out a later message of this link and not this one: how the link stands. If no later one was
    /// sent from this store, its numbers are behind, as after a restored backup.
    Overtaken(LinkState),
    /// The relay holds the link back, or serves it again; or it has carried out a later message, and the link stands so.
    Paused(LinkState),
    /// The relay ended the link.
    Withdrawn(Withdrawn),
    /// The entry is in the ledger.
    Committed(Committed),
    /// Nothing was sent: the share was stopped or ended while it waited.
    Obsolete,
}

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Jobs that are done.
    pub sent: u64,
    /// Jobs that were put off.
    pub waiting: u64,
    /// Jobs that a relay refused for good.
    pub refused: u64,
}

/// Sends what is due.
pub struct Outbox<S> {
    store: S,
    timeouts: Timeouts,
    /// One client for each relay, so that connections are kept; also keeps two runs from overlapping.
    clients: Mutex<HashMap<String, RelayClient>>,
}

impl<S: OutboxStore> Outbox<S> {
    /// An outbox over this store.
    pub fn new(store: S) -> Self {
        Self::with_timeouts(store, Timeouts::default())
    }

    /// The same with other timeouts.
    pub fn with_timeouts(store: S, timeouts: Timeouts) -> Self {
        Self { store, timeouts, clients: Mutex::new(HashMap::new()) }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Tries every job that is due, once. A relay that is away is asked once in a run, not once for each job. The jobs of one
    /// grant keep their order: behind one that was put off the others wait, but for a withdrawal.
    ///
    /// # Errors
    /// [`Error::Store`] if the store fails; all else is in the report and was told to the store.
    pub async fn run(&self, now: i64) -> Result<Report> {
        let mut clients = self.clients.lock().await;
        let mut due = self.store.due(now).await.map_err(stored)?;
        due.sort_by_key(|queued| queued.job.rank());
        let (mut away, mut behind) = (HashSet::new(), HashSet::new());
        let mut report = Report::default();
        for queued in due {
            let relay = queued.job.relay();
            if queued.job.grant().is_some_and(|grant| !queued.job.is_withdrawal() && behind.contains(grant)) {
                report.waiting += 1;
                continue;
            }
            let result = if away.contains(relay) {
                Err(Error::away(crate::Reason::NoConnection))
            } else {
                self.try_one(&mut clients, &queued, now).await
            };
            match result {
                Ok(outcome) => {
                    self.store.done(&queued, &outcome).await.map_err(stored)?;
                    report.sent += u64::from(outcome != Outcome::Obsolete);
                }
                Err(Error::Store(error)) => return Err(Error::Store(error)),
                Err(error) if error.is_away() || queued.job.is_withdrawal() => {
                    if error.is_away() {
                        away.insert(relay.to_owned());
                    }
                    let wait = back_off(&queued).max(i64::from(error.retry_after().unwrap_or(0).min(3_600)));
                    self.store.retry(&queued, now.saturating_add(wait), &error).await.map_err(stored)?;
                    behind.extend(queued.job.grant().copied());
                    report.waiting += 1;
                }
                Err(error) => {
                    self.store.refused(&queued, &error).await.map_err(stored)?;
                    report.refused += 1;
                }
            }
        }
        Ok(report)
    }

    async fn try_one(&self, clients: &mut HashMap<String, RelayClient>, queued: &Queued, now: i64) -> Result<Outcome> {
        let relay = queued.job.relay();
        let client = match clients.get(relay) {
            Some(client) => client.clone(),
            None => {
                let client = RelayClient::with_timeouts(relay, self.timeouts)?;
                clients.insert(relay.to_owned(), client.clone());
                client
            }
        };
        match &queued.job {
            Job::Withdraw { p, .. } => client.withdraw(p).await.map(Outcome::Withdrawn),
            Job::Commit { entry, .. } => client.commit(entry).await.map(Outcome::Committed),
            Job::Publish { body, .. } if body.expires <= now => Ok(Outcome::Obsolete),
            Job::Publish { grant, link, body, .. } => match self.store.control_token(grant).await.map_err(stored)? {
                Some(token) => match client.publish(link, &token, body).await {
                    Err(Error::RelayRefused { code, .. }) if code == OVERTAKEN => {
                        client.state(link, &token).await.map(Outcome::Overtaken)
                    }
                    published => published.map(Outcome::Published),
                },
                None => Ok(Outcome::Obsolete),
            },
            Job::Pause { grant, link, paused, revision, .. } => {
                let Some(token) = self.store.control_token(grant).await.map_err(stored)? else {
                    return Ok(Outcome::Obsolete);
                };
                let revision = Revision { revision: *revision };
                let state = if *paused {
                    client.pause(link, &token, revision).await
                } else {
                    client.resume(link, &token, revision).await
                };
                state.map(Outcome::Paused)
            }
        }
    }
}

/// How many seconds a job waits after one more failure: five, doubled each time, at most a minute for a withdrawal and
/// fifteen minutes for the rest, spread by a tenth so that jobs do not march in step.
pub fn back_off(queued: &Queued) -> i64 {
    let cap = if queued.job.is_withdrawal() { 60 } else { 900 };
    let wait = (5_i64 << queued.attempts.min(10)).min(cap);
    wait + wait * queued.id.rem_euclid(10) / 100
}

fn stored(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Store(Box::new(error))
}
