//! The task that owns the connection: it gathers what is waiting, carries it out in one transaction, and answers after
//! the commit. When the database is gone it says so at once, and connects again as soon as it can.

use super::db::{Db, Mode, Place, Statement, sql};
use super::links::{Control, Owner, Receipts, State};
use super::log::{Head, LogId};
use super::opening::{Attempt, Opened, Opening};
use super::publishing::{NewLink, PublishOutcome};
use super::recipients::Recipients;
use super::{LinkKey, StoreOptions, damaged};
use crate::{Error, Result};
use carnet_consent::receipt::Envelope;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How many requests share a transaction at most.
pub(super) const BATCH: usize = 512;

/// How long a transaction waits for company when the one before it had much.
const MOMENT: Duration = Duration::from_millis(2);

/// How long one transaction, or connecting, may take. A database that is slower is treated as gone.
const PATIENCE: Duration = Duration::from_secs(12);

/// How long requests are refused at once after connecting has failed.
const BETWEEN_TRIES: Duration = Duration::from_millis(250);

/// Who is told what, once it is durable.
pub(super) type Answer<T> = oneshot::Sender<T>;

/// What the task can be asked.
pub(super) enum Command {
    /// With an envelope for its receipt, if one was begun.
    Open(Opening, Option<Envelope>, Answer<Option<Opened>>),
    TakeAttempt {
        link: LinkKey,
        now: i64,
        answer: Answer<Attempt>,
    },
    /// A reader was answered 404; nobody waits for what comes of it.
    Refused(Opening),
    ServedFiles {
        link: LinkKey,
        now: i64,
        answer: Answer<Option<Vec<super::ServedFile>>>,
    },
    Publish(Box<NewLink>, Answer<PublishOutcome>),
    Owner {
        link: LinkKey,
        token: [u8; 32],
        answer: Answer<Owner>,
    },
    Control {
        link: LinkKey,
        token: [u8; 32],
        control: Control,
        now: i64,
        answer: Answer<Option<State>>,
    },
    Receipts {
        link: LinkKey,
        token: [u8; 32],
        after: u64,
        all_reasons: bool,
        answer: Answer<Option<Receipts>>,
    },
    KnownTag {
        tag: [u8; 32],
        answer: Answer<bool>,
    },
    Withdraw {
        entry: [u8; 33],
        tag: [u8; 32],
        answer: Answer<u64>,
    },
    Submit {
        entry: [u8; 33],
        answer: Answer<u64>,
    },
    Submitted {
        entry: [u8; 33],
        answer: Answer<Option<u64>>,
    },
    Entries {
        log: LogId,
        from: u64,
        limit: u32,
        answer: Answer<Vec<Vec<u8>>>,
    },
    Head {
        log: LogId,
        answer: Answer<Option<Head>>,
    },
    Checkpoint {
        log: LogId,
        answer: Answer<Option<String>>,
    },
    Publicise {
        log: LogId,
        before: Option<Head>,
        head: Head,
        note: String,
        answer: Answer<bool>,
    },
    Lead {
        answer: Answer<bool>,
    },
    Discarded {
        now: i64,
        answer: Answer<Vec<String>>,
    },
    Forget {
        names: Vec<String>,
        answer: Answer<()>,
    },
    Expire {
        expired_before: i64,
        receipts_before: i64,
        now: i64,
        answer: Answer<u64>,
    },
    StoredBytes {
        answer: Answer<u64>,
    },
    Orphans {
        names: Vec<String>,
        answer: Answer<Vec<String>>,
    },
}

impl Command {
    fn mode(&self) -> Mode {
        match self {
            Self::Open(..) | Self::TakeAttempt { .. } | Self::Refused(_) => Mode::Open,
            Self::ServedFiles { .. }
            | Self::Control { control: Control::Look, .. }
            | Self::Receipts { .. }
            | Self::Owner { .. }
            | Self::KnownTag { .. }
            | Self::Submitted { .. }
            | Self::Entries { .. }
            | Self::Head { .. }
            | Self::Checkpoint { .. }
            | Self::Lead { .. }
            | Self::Discarded { .. }
            | Self::StoredBytes { .. }
            | Self::Orphans { .. } => Mode::Read,
            Self::Publish(..)
            | Self::Control { .. }
            | Self::Withdraw { .. }
            | Self::Submit { .. }
            | Self::Publicise { .. }
            | Self::Forget { .. }
            | Self::Expire { .. } => Mode::Write,
        }
    }
}

pub(super) struct Writer {
    place: Place,
    /// None while the database is gone.
    db: Option<Db>,
    /// When connecting last failed.
    failed: Option<Instant>,
    options: StoreOptions,
    recipients: Recipients,
}

/// What links do to one transaction while it is being filled.
pub(super) struct Batch<'w> {
    pub(super) db: &'w mut Db,
    pub(super) options: &'w StoreOptions,
    pub(super) recipients: &'w Recipients,
    /// Bytes of ciphertext that links refer to, once that was asked or changed.
    bytes: Option<Bytes>,
    /// Whether a log has grown.
    pub(super) grown: bool,
    /// Run after the commit; dropped, and so the askers told that nothing was done, if there is none.
    answers: Vec<Box<dyn FnOnce() + Send>>,
}

#[derive(Clone, Copy)]
struct Bytes {
    before: u64,
    now: u64,
}

impl Writer {
    pub(super) fn new(place: Place, db: Db, options: StoreOptions, recipients: Recipients) -> Self {
        Self { place, db: Some(db), failed: None, options, recipients }
    }

    pub(super) async fn run(mut self, mut waiting: mpsc::Receiver<Command>) {
        let mut commands = Vec::with_capacity(BATCH);
        let mut before = 0;
        while waiting.recv_many(&mut commands, BATCH).await > 0 {
            gather(&mut waiting, &mut commands, before / 2).await;
            before = commands.len();
            // Those whose requests are not carried out are told by the dropping of their answers.
            match self.carry_out(std::mem::take(&mut commands)).await {
                Ok(()) => {}
                // That it is gone was said when it went.
                Err(Error::Unavailable) => self.options.metrics.database_errors.add(1),
                Err(error) => {
                    self.options.metrics.database_errors.add(1);
                    tracing::error!(%error, "a batch of requests was not carried out");
                }
            }
        }
        if let Some(db) = self.db
            && let Err(error) = db.close().await
        {
            tracing::warn!(%error, "the database was not closed cleanly; it will recover at the next start");
        }
    }

    async fn carry_out(&mut self, commands: Vec<Command>) -> Result<()> {
        let mut db = match self.db.take() {
            Some(db) => db,
            None => self.connect().await?,
        };
        let mode = commands.iter().map(Command::mode).max().unwrap_or(Mode::Read);
        let work = transact(&mut db, mode, &self.options, &self.recipients, commands);
        let done = tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Error::Slow));
        // Whether a transaction was committed is not known if the connection broke just then; nobody was answered.
        if done.is_ok() || matches!(tokio::time::timeout(PATIENCE, db.roll_back(mode)).await, Ok(Ok(()))) {
            self.db = Some(db);
        } else {
            tracing::error!("the database is gone; requests are refused until it is there again");
        }
        done
    }

    async fn connect(&mut self) -> Result<Db> {
        if self.failed.is_some_and(|at| at.elapsed() < BETWEEN_TRIES) {
            return Err(Error::Unavailable);
        }
        match tokio::time::timeout(PATIENCE, Db::connect(&self.place)).await.unwrap_or(Err(Error::Slow)) {
            Ok(db) => {
                tracing::info!("the database is there again");
                self.failed = None;
                Ok(db)
            }
            Err(error) => {
                self.failed = Some(Instant::now());
                Err(error)
            }
        }
    }
}

/// Waits a moment for more, up to `enough`: those who were answered together come back one after the other, and the first
/// of them would have a transaction, and a disk's time, for itself alone.
async fn gather(waiting: &mut mpsc::Receiver<Command>, commands: &mut Vec<Command>, enough: usize) {
    let deadline = tokio::time::Instant::now() + MOMENT;
    while commands.len() < enough {
        let more = waiting.recv_many(commands, BATCH - commands.len());
        if !matches!(tokio::time::timeout_at(deadline, more).await, Ok(1..)) {
            return;
        }
    }
}

async fn transact(
    db: &mut Db,
    mode: Mode,
    options: &StoreOptions,
    recipients: &Recipients,
    commands: Vec<Command>,
) -> Result<()> {
    db.begin(mode).await?;
    let mut batch =
        Batch { db, options, recipients, bytes: None, grown: false, answers: Vec::with_capacity(commands.len()) };
    // All of these are concurrent, so any order is a fair one. Openings come last: a withdrawal that reached the relay
    // in the same instant wins, and the openings are carried out together.
    let mut visits = Vec::new();
    for command in commands {
        match command {
            Command::Open(..) | Command::TakeAttempt { .. } | Command::Refused(_) => visits.push(command),
            command => batch.carry_out(command).await?,
        }
    }
    if !visits.is_empty() {
        batch.visit(visits).await?;
    }
    batch.note_bytes().await?;
    let Batch { db, bytes, grown, answers, .. } = batch;
    db.commit(mode).await?;
    if let Some(bytes) = bytes {
        options.metrics.stored_bytes.set(bytes.now);
    }
    if mode != Mode::Read {
        options.metrics.commits.add(1);
    }
    answers.into_iter().for_each(|answer| answer());
    if grown {
        options.grown.notify_one();
    }
    Ok(())
}

impl Batch<'_> {
    /// Answers once everything in this transaction is durable.
    pub(super) fn answer<T: Send + 'static>(&mut self, answer: Answer<T>, value: T) {
        // Whoever asked may have gone away; what was done stays done.
        self.answers.push(Box::new(move || drop(answer.send(value))));
    }

    /// Bytes of ciphertext that links refer to, to read, and in a transaction that writes to change.
    pub(super) async fn bytes(&mut self) -> Result<&mut u64> {
        let bytes = match self.bytes {
            Some(bytes) => bytes,
            None => {
                let row = self.db.row(sql("SELECT bytes FROM usage")).await?;
                let before = row.ok_or_else(|| damaged("the count of bytes is missing"))?.count(0)?;
                Bytes { before, now: before }
            }
        };
        Ok(&mut self.bytes.insert(bytes).now)
    }

    async fn note_bytes(&mut self) -> Result<()> {
        match self.bytes {
            Some(Bytes { before, now }) if before != now => {
                self.run(sql("UPDATE usage SET bytes = $1").bind(super::stored(now))).await
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn run(&mut self, statement: Statement) -> Result<()> {
        self.db.run(statement).await
    }

    async fn carry_out(&mut self, command: Command) -> Result<()> {
        match command {
            // These are visits.
            Command::Open(..) | Command::TakeAttempt { .. } | Command::Refused(_) => {}
            Command::ServedFiles { link, now, answer } => {
                let files = self.served_files(&link, now).await?;
                self.answer(answer, files);
            }
            Command::Publish(new, answer) => {
                let outcome = self.publish(*new).await?;
                self.answer(answer, outcome);
            }
            Command::Owner { link, token, answer } => {
                let owner = self.owner(&link, &token).await?;
                self.answer(answer, owner);
            }
            Command::Control { link, token, control, now, answer } => {
                let state = self.control(&link, &token, control, now).await?;
                self.answer(answer, state);
            }
            Command::Receipts { link, token, after, all_reasons, answer } => {
                let receipts = self.receipts(&link, &token, after, all_reasons).await?;
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
            Command::Checkpoint { log, answer } => {
                let note = self.checkpoint(log).await?;
                self.answer(answer, note);
            }
            Command::Publicise { log, before, head, note, answer } => {
                let newest = self.publicise(log, before, &head, note).await?;
                self.answer(answer, newest);
            }
            Command::Lead { answer } => {
                let leads = self.db.lead().await?;
                self.answer(answer, leads);
            }
            Command::Discarded { now, answer } => {
                let names = self.discarded(now).await?;
                self.answer(answer, names);
            }
            Command::Forget { names, answer } => {
                self.forget(names).await?;
                self.answer(answer, ());
            }
            Command::Expire { expired_before, receipts_before, now, answer } => {
                let links = self.expire(expired_before, receipts_before, now).await?;
                self.answer(answer, links);
            }
            Command::StoredBytes { answer } => {
                let bytes = *self.bytes().await?;
                self.answer(answer, bytes);
            }
            Command::Orphans { names, answer } => {
                let orphans = self.orphans(names).await?;
                self.answer(answer, orphans);
            }
        }
        Ok(())
    }
}
