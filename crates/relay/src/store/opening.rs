//! An opening: the link is checked, the receipt sealed and its commitment logged in the transaction that counts it.
//!
//! All openings of a batch are taken together: their links are read by one statement, their receipts sealed on every
//! core, and written by one statement each for receipts and log entries.

use super::log::LogId;
use super::publishing::verifier;
use super::writer::{Answer, Batch, Command};
use super::{LinkKey, Store, array, count, stored};
use crate::limits::Pace;
use crate::receipts::{self, Sealed, ToSeal};
use crate::{Error, Result};
use carnet_consent::control::PasscodeVerifier;
use carnet_consent::receipt::{Outcome, RefusalReason};
use sqlx::{QueryBuilder, Row, Sqlite};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use subtle::ConstantTimeEq;

/// How many links one statement reads; how many receipts one writes.
const ROWS: usize = 1_000;

/// How a reader asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `GET`, for a link with the flag `U`.
    Direct,
    /// `POST` for the manifest.
    Manifest,
    /// It asked with a wrong passcode: nothing is served, but a receipt is left.
    Refused,
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
    PasscodeNeeded { remaining: u32 },
    /// The link is asked too often; nothing was counted. So many seconds to wait.
    TooFast { wait: u64 },
    /// The refusal is on record.
    Refused,
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
}

impl Store {
    /// Opens a link; nothing if it serves nobody now, whatever the reason.
    pub(crate) async fn open_link(&self, opening: Opening) -> Result<Option<Opened>> {
        self.ask(|answer| Command::Open(opening, answer)).await
    }

    /// The files of a link for a reader who was given locations; nothing if it was paused, withdrawn or has expired since.
    pub(crate) async fn served_files(&self, link: LinkKey, now: i64) -> Result<Option<Vec<ServedFile>>> {
        self.ask(|answer| Command::ServedFiles { link, now, answer }).await
    }
}

/// A link as an opening needs it, with what this batch has done to it.
struct Link {
    live: bool,
    direct: bool,
    status: Option<String>,
    not_before: Option<i64>,
    expires: i64,
    max_openings: u32,
    openings: u32,
    verifier: Option<PasscodeVerifier>,
    remaining: u32,
    receipt_recipient: String,
    tag: [u8; 32],
    seq: u64,
    grant_index: u64,
    files: Vec<ServedFile>,
    /// How many tries are given back.
    given_back: u32,
    changed: bool,
}

/// What an opening comes to before it is durable.
enum Verdict {
    NotLive,
    PasscodeNeeded(u32),
    TooFast(u64),
    /// A receipt is due under this sequence number; the files are served, or nothing is.
    Receipt {
        seq: u64,
        to_seal: ToSeal,
        served: Option<Served>,
    },
}

impl Batch<'_> {
    pub(super) async fn open(&mut self, openings: Vec<(Opening, Answer<Option<Opened>>)>) -> Result<()> {
        let mut links = self.links(openings.iter().map(|(opening, _)| opening.link)).await?;
        let mut to_seal = Vec::new();
        let mut receipts = Vec::new();
        for (opening, answer) in openings {
            let verdict = links
                .get_mut(&opening.link)
                .map_or(Verdict::NotLive, |link| link.judge(&opening, &self.relay, self.pace));
            match verdict {
                Verdict::NotLive => self.answer(answer, None),
                Verdict::TooFast(wait) => self.answer(answer, Some(Opened::TooFast { wait })),
                Verdict::PasscodeNeeded(remaining) => self.answer(answer, Some(Opened::PasscodeNeeded { remaining })),
                Verdict::Receipt { seq, to_seal: receipt, served } => {
                    to_seal.push(receipt);
                    receipts.push((opening.link, seq, served, answer));
                }
            }
        }
        if receipts.is_empty() {
            return Ok(());
        }
        let sealed = receipts::seal_all(to_seal).await?;
        if sealed.len() != receipts.len() {
            return Err(Error::Receipt);
        }
        let entries: Vec<[u8; 33]> = sealed.iter().map(|receipt| receipt.commitment).collect();
        let first = self.append(LogId::A, &entries).await?;
        let mut rows = Vec::with_capacity(receipts.len());
        for (((link, seq, served, answer), Sealed { bytes, .. }), index) in
            receipts.into_iter().zip(sealed).zip(first..)
        {
            rows.push((link, seq, index, bytes));
            let opened = match served {
                Some(served) => Opened::Served(served),
                None => Opened::Refused,
            };
            self.answer(answer, Some(opened));
        }
        self.put_receipts(rows).await?;
        for (key, link) in links.iter().filter(|(_, link)| link.changed) {
            sqlx::query(
                "UPDATE links SET openings = $2, receipts = $3, attempts_used = attempts_used - $4 WHERE link = $1",
            )
            .bind(key.bytes().to_vec())
            .bind(i64::from(link.openings))
            .bind(stored(link.seq))
            .bind(i64::from(link.given_back))
            .execute(&mut *self.db)
            .await?;
        }
        Ok(())
    }

    async fn put_receipts(&mut self, rows: Vec<(LinkKey, u64, u64, Vec<u8>)>) -> Result<()> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO receipts (link, seq, log_index, sealed) ");
            insert.push_values(rows.by_ref().take(ROWS), |mut row, (link, seq, index, sealed)| {
                row.push_bind(link.bytes().to_vec()).push_bind(stored(seq)).push_bind(stored(index)).push_bind(sealed);
            });
            insert.build().persistent(false).execute(&mut *self.db).await?;
        }
        Ok(())
    }

    pub(super) async fn served_files(&mut self, link: &LinkKey, now: i64) -> Result<Option<Vec<ServedFile>>> {
        let mut links = self.links(std::iter::once(*link)).await?;
        Ok(links.remove(link).filter(|link| link.serves_at(now)).map(|link| link.files))
    }

    async fn links(&mut self, keys: impl Iterator<Item = LinkKey>) -> Result<HashMap<LinkKey, Link>> {
        let mut keys: Vec<LinkKey> = keys.collect();
        keys.sort_unstable_by(|a, b| a.bytes().cmp(b.bytes()));
        keys.dedup();
        let mut links = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(ROWS) {
            let mut select = QueryBuilder::<Sqlite>::new(
                "SELECT link, state, flags, status, not_before, expires, max_openings, openings, passcode_salt,
                    passcode_rounds, passcode_hash, attempts - attempts_used, receipt_recipient, withdrawal_tag, receipts,
                    commitment_index
                 FROM links WHERE link IN (",
            );
            push_keys(&mut select, keys);
            for row in select.build().persistent(keys.len() == 1).fetch_all(&mut *self.db).await? {
                links.insert(LinkKey::from_row(row.try_get(0)?)?, Link::from_row(&row)?);
            }
            let mut select =
                QueryBuilder::<Sqlite>::new("SELECT link, name, sha256, size, content_type FROM files WHERE link IN (");
            push_keys(&mut select, keys);
            select.push(" ORDER BY link, number");
            for row in select.build().persistent(keys.len() == 1).fetch_all(&mut *self.db).await? {
                if let Some(link) = links.get_mut(&LinkKey::from_row(row.try_get(0)?)?) {
                    link.files.push(ServedFile {
                        name: row.try_get(1)?,
                        sha256: array(row.try_get(2)?)?,
                        size: count(row.try_get(3)?)?,
                        content_type: row.try_get(4)?,
                    });
                }
            }
        }
        Ok(links)
    }
}

fn push_keys(select: &mut QueryBuilder<Sqlite>, keys: &[LinkKey]) {
    let mut list = select.separated(", ");
    for key in keys {
        list.push_bind(key.bytes().to_vec());
    }
    select.push(")");
}

impl Link {
    fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Self> {
        let flags: String = row.try_get(2)?;
        let remaining: i64 = row.try_get(11)?;
        Ok(Self {
            live: row.try_get::<String, _>(1)? == "live",
            direct: flags.contains('U'),
            status: row.try_get(3)?,
            not_before: row.try_get(4)?,
            expires: row.try_get(5)?,
            max_openings: count(row.try_get(6)?)?,
            openings: count(row.try_get(7)?)?,
            verifier: verifier(row, 8)?,
            remaining: count(remaining.max(0))?,
            receipt_recipient: row.try_get(12)?,
            tag: array(row.try_get(13)?)?,
            seq: count(row.try_get(14)?)?,
            grant_index: count(row.try_get(15)?)?,
            files: Vec::new(),
            given_back: 0,
            changed: false,
        })
    }

    /// Neither paused, withdrawn, deleted, too early nor expired.
    fn serves_at(&self, now: i64) -> bool {
        self.live && self.not_before.is_none_or(|from| from <= now) && now < self.expires && !self.files.is_empty()
    }

    fn judge(&mut self, opening: &Opening, relay: &Arc<str>, pace: &Pace) -> Verdict {
        if opening.kind == Kind::Refused {
            let spent = self.remaining == 0;
            let reason = if spent { RefusalReason::PasscodeAttemptsUsedUp } else { RefusalReason::WrongPasscode };
            return self.receipt(opening, relay, Outcome::Refused { reason }, None);
        }
        let fits = self.direct == (opening.kind == Kind::Direct);
        if !fits || !self.serves_at(opening.at) || self.openings >= self.max_openings {
            return Verdict::NotLive;
        }
        match (&self.verifier, &opening.verified) {
            (None, None) => {
                if let Err(wait) = pace.take(&opening.link, Instant::now()) {
                    return Verdict::TooFast(wait);
                }
            }
            (Some(_), None) => return Verdict::PasscodeNeeded(self.remaining),
            (Some(wanted), Some(met)) if wanted.salt == met.salt && bool::from(wanted.hash.ct_eq(&met.hash)) => {
                self.given_back += 1;
            }
            // The passcode was changed between the try and now.
            _ => return Verdict::NotLive,
        }
        self.openings += 1;
        let files = self.files.iter().map(|file| file.sha256).collect();
        let served = Served { grant_index: self.grant_index, status: self.status.clone(), files: self.files.clone() };
        self.receipt(opening, relay, Outcome::Served { files }, Some(served))
    }

    fn receipt(&mut self, opening: &Opening, relay: &Arc<str>, outcome: Outcome, served: Option<Served>) -> Verdict {
        self.seq += 1;
        self.changed = true;
        let to_seal = ToSeal {
            at: opening.at,
            recipient: opening.recipient.clone(),
            outcome,
            opening: self.openings,
            relay: Arc::clone(relay),
            tag: self.tag,
            to: self.receipt_recipient.clone(),
        };
        Verdict::Receipt { seq: self.seq, to_seal, served }
    }
}
