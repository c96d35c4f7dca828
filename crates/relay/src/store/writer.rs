//! The task that owns the connection: it gathers what is waiting, carries it out in one transaction, and answers after
//! the commit.

use super::links::{Attempt, Control, Receipts, State};
use super::log::{Head, LogId};
use super::opening::{Opened, Opening};
use super::publishing::{NewLink, PublishOutcome};
use super::{LinkKey, StoreOptions, count};
use crate::Result;
use crate::limits::Pace;
use crate::metrics::Metrics;
use sqlx::{Connection, SqliteConnection};
use std::sync::Arc;
use tokio::sync::{Notify, mpsc, oneshot};

/// How many requests share a transaction at most.
const BATCH: usize = 512;

/// Who is told what, once it is durable.
pub(super) type Answer<T> = oneshot::Sender<T>;

/// What the task can be asked.
pub(super) enum Command {
    Open(Opening, Answer<Option<Opened>>),
    TakeAttempt { link: LinkKey, now: i64, answer: Answer<Attempt> },
    ServedFiles { link: LinkKey, now: i64, answer: Answer<Option<Vec<super::ServedFile>>> },
    Publish(Box<NewLink>, Answer<PublishOutcome>),
    Control { link: LinkKey, token: [u8; 32], control: Control, now: i64, answer: Answer<Option<State>> },
    Receipts { link: LinkKey, token: [u8; 32], after: u64, answer: Answer<Option<Receipts>> },
    KnownTag { tag: [u8; 32], answer: Answer<bool> },
    Withdraw { entry: [u8; 33], tag: [u8; 32], answer: Answer<u64> },
    Submit { entry: [u8; 33], answer: Answer<u64> },
    Submitted { entry: [u8; 33], answer: Answer<Option<u64>> },
    Entries { log: LogId, from: u64, limit: u32, answer: Answer<Vec<Vec<u8>>> },
    Head { log: LogId, answer: Answer<Option<Head>> },
    SetHead { log: LogId, head: Head, answer: Answer<()> },
    Discarded { now: i64, answer: Answer<Vec<String>> },
    Forget { names: Vec<String>, answer: Answer<()> },
    Expire { expired_before: i64, receipts_before: i64, now: i64, answer: Answer<u64> },
    IsReferred { name: String, answer: Answer<bool> },
}

/// What changes with each commit and is given up with each rollback.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    /// The next index of each log.
    pub(super) next: [u64; 2],
    /// Bytes of ciphertext that links refer to.
    pub(super) bytes: u64,
}

pub(super) struct Writer {
    connection: SqliteConnection,
    tally: Tally,
    relay: Arc<str>,
    total_bytes: u64,
    pace: Pace,
    metrics: Arc<Metrics>,
    grown: Arc<Notify>,
}

/// One transaction while it is being filled.
pub(super) struct Batch<'w> {
    pub(super) db: &'w mut SqliteConnection,
    pub(super) tally: Tally,
    pub(super) relay: Arc<str>,
    pub(super) total_bytes: u64,
    pub(super) pace: &'w Pace,
    /// Run after the commit; dropped, and so the askers told that nothing was done, if there is none.
    answers: Vec<Box<dyn FnOnce() + Send>>,
}

impl Writer {
    pub(super) async fn new(mut connection: SqliteConnection, options: StoreOptions) -> Result<Self> {
        let mut next = [0; 2];
        for (next, log) in next.iter_mut().zip([LogId::A, LogId::R]) {
            let newest: Option<i64> = sqlx::query_scalar("SELECT MAX(idx) FROM log_entries WHERE log = $1")
                .bind(log.number())
                .fetch_one(&mut connection)
                .await?;
            *next = newest.map_or(Ok(0), |newest| count::<u64>(newest).map(|newest| newest + 1))?;
        }
        let bytes: i64 =
            sqlx::query_scalar("SELECT COALESCE(SUM(size), 0) FROM files").fetch_one(&mut connection).await?;
        options.metrics.stored_bytes.set(count(bytes)?);
        Ok(Self {
            connection,
            tally: Tally { next, bytes: count(bytes)? },
            relay: options.relay.into(),
            total_bytes: options.total_bytes,
            pace: options.pace,
            metrics: options.metrics,
            grown: options.grown,
        })
    }

    pub(super) async fn run(mut self, mut waiting: mpsc::Receiver<Command>) {
        let mut commands = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut commands, BATCH).await > 0 {
            if let Err(error) = self.commit(&mut commands).await {
                self.metrics.database_errors.add(1);
                tracing::error!(%error, "a batch of requests was rolled back");
            }
            commands.clear();
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the database was not closed cleanly; it will recover at the next start");
        }
    }

    async fn commit(&mut self, commands: &mut Vec<Command>) -> Result<()> {
        let mut transaction = self.connection.begin().await?;
        let mut batch = Batch {
            db: &mut transaction,
            tally: self.tally,
            relay: Arc::clone(&self.relay),
            total_bytes: self.total_bytes,
            pace: &self.pace,
            answers: Vec::with_capacity(commands.len()),
        };
        // All of these are concurrent, so any order is a fair one. Openings come last: a withdrawal that reached the relay
        // in the same instant wins, and the openings are carried out together.
        let mut openings = Vec::new();
        for command in commands.drain(..) {
            match command {
                Command::Open(opening, answer) => openings.push((opening, answer)),
                command => batch.carry_out(command).await?,
            }
        }
        if !openings.is_empty() {
            batch.open(openings).await?;
        }
        let Batch { tally, answers, .. } = batch;
        transaction.commit().await?;
        let grown = tally.next != self.tally.next;
        self.tally = tally;
        self.metrics.stored_bytes.set(tally.bytes);
        self.metrics.commits.add(1);
        answers.into_iter().for_each(|answer| answer());
        if grown {
            self.grown.notify_one();
        }
        Ok(())
    }
}

impl Batch<'_> {
    /// Answers once everything in this transaction is durable.
    pub(super) fn answer<T: Send + 'static>(&mut self, answer: Answer<T>, value: T) {
        // Whoever asked may have gone away; what was done stays done.
        self.answers.push(Box::new(move || drop(answer.send(value))));
    }

    async fn carry_out(&mut self, command: Command) -> Result<()> {
        match command {
            Command::Open(_, answer) => self.answer(answer, None),
            Command::TakeAttempt { link, now, answer } => {
                let attempt = self.take_attempt(&link, now).await?;
                self.answer(answer, attempt);
            }
            Command::ServedFiles { link, now, answer } => {
                let files = self.served_files(&link, now).await?;
                self.answer(answer, files);
            }
            Command::Publish(new, answer) => {
                let outcome = self.publish(*new).await?;
                self.answer(answer, outcome);
            }
            Command::Control { link, token, control, now, answer } => {
                let state = self.control(&link, &token, control, now).await?;
                self.answer(answer, state);
            }
            Command::Receipts { link, token, after, answer } => {
                let receipts = self.receipts(&link, &token, after).await?;
                self.answer(answer, receipts);
            }
            Command::KnownTag { tag, answer } => {
                let known = self.known_tag(&tag).await?;
                self.answer(answer, known);
            }
            Command::Withdraw { entry, tag, answer } => {
                let index = self.withdraw(&entry, &tag).await?;
                self.answer(answer, index);
            }
            Command::Submit { entry, answer } => {
                let index = self.submit(LogId::A, &entry).await?;
                self.answer(answer, index);
            }
            Command::Submitted { entry, answer } => {
                let index = self.submitted(LogId::A, &entry).await?;
                self.answer(answer, index);
            }
            Command::Entries { log, from, limit, answer } => {
                let entries = self.entries(log, from, limit).await?;
                self.answer(answer, entries);
            }
            Command::Head { log, answer } => {
                let head = self.head(log).await?;
                self.answer(answer, head);
            }
            Command::SetHead { log, head, answer } => {
                self.set_head(log, &head).await?;
                self.answer(answer, ());
            }
            Command::Discarded { now, answer } => {
                let names = self.discarded(now).await?;
                self.answer(answer, names);
            }
            Command::Forget { names, answer } => {
                self.forget(&names).await?;
                self.answer(answer, ());
            }
            Command::Expire { expired_before, receipts_before, now, answer } => {
                let links = self.expire(expired_before, receipts_before, now).await?;
                self.answer(answer, links);
            }
            Command::IsReferred { name, answer } => {
                let referred = self.is_referred(&name).await?;
                self.answer(answer, referred);
            }
        }
        Ok(())
    }
}
