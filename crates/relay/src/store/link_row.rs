//! A link as openings see it: read once for all the openings of a transaction, judged in memory, written back once.

use super::db::{Row, Value, sql};
use super::opening::{Attempt, Kind, Opening, Served, ServedFile};
use super::publishing::verifier;
use super::writer::Batch;
use super::{LinkKey, StoreOptions, stored};
use crate::Result;
use crate::receipts::ToSeal;
use carnet_consent::control::PasscodeVerifier;
use carnet_consent::receipt::{Outcome, RefusalReason};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;
use subtle::ConstantTimeEq;

/// A link, with what this transaction has done to it.
pub(super) struct Link {
    state: String,
    direct: bool,
    status: Option<String>,
    not_before: Option<i64>,
    expires: i64,
    max_openings: u32,
    openings: u32,
    verifier: Option<PasscodeVerifier>,
    attempts: u32,
    attempts_used: u32,
    /// Of those, being checked just now.
    attempts_open: u32,
    refusals: u32,
    receipt_recipient: String,
    tag: [u8; 32],
    seq: u64,
    grant_index: u64,
    files: Vec<ServedFile>,
    changed: bool,
}

/// What an opening comes to before it is durable.
pub(super) enum Verdict {
    NotLive,
    PasscodeNeeded {
        remaining: u32,
        undecided: bool,
    },
    TooFast(u64),
    /// A receipt is due under this sequence number; the files are served, or nothing is.
    Receipt {
        seq: u64,
        to_seal: ToSeal,
        served: Option<Served>,
    },
}

impl Batch<'_> {
    /// These links, as nobody else can change them before the end of the transaction if they are to be `locked`.
    pub(super) async fn links(&mut self, keys: &[LinkKey], locked: bool) -> Result<HashMap<LinkKey, Link>> {
        let mut keys = keys.to_vec();
        // One order for everybody, so that no two transactions wait for one another.
        keys.sort_unstable_by(|a, b| a.bytes().cmp(b.bytes()));
        keys.dedup();
        let mut links = HashMap::with_capacity(keys.len());
        let rows: Vec<Vec<Value>> = keys.iter().map(|key| vec![Value::from(key.bytes())]).collect();
        if rows.is_empty() {
            return Ok(links);
        }
        // One row for each file; of a link without files one row with nothing in those columns. Files are not locked: only a
        // transaction that is alone changes them.
        let mut text = "SELECT links.link, state, flags, status, not_before, expires, max_openings, openings,
                passcode_salt, passcode_rounds, passcode_hash, attempts, attempts_used, refusals, receipt_recipient,
                withdrawal_tag, receipts, commitment_index, attempts_open,
                name, sha256, size, content_type, updated
             FROM links LEFT JOIN files ON files.link = links.link
             WHERE links.link IN (SELECT column1 FROM {rows}) ORDER BY links.link, number"
            .to_owned();
        if locked {
            text.push_str(self.db.for_update());
        }
        for row in self.db.rows(sql(text).rows(rows)).await? {
            let link = match links.entry(LinkKey(row.array(0)?)) {
                Entry::Occupied(read) => read.into_mut(),
                Entry::Vacant(new) => new.insert(Link::from_row(&row)?),
            };
            if let Some(name) = row.get(19)? {
                link.files.push(ServedFile {
                    name,
                    sha256: row.array(20)?,
                    size: row.count(21)?,
                    content_type: row.get(22)?,
                    updated: row.get(23)?,
                });
            }
        }
        Ok(links)
    }

    /// Writes back what has changed.
    pub(super) async fn put_links(&mut self, links: &HashMap<LinkKey, Link>) -> Result<()> {
        let changed = links.iter().filter(|(_, link)| link.changed);
        let row = |(key, link): (&LinkKey, &Link)| {
            let Link { openings, attempts_used, attempts_open, refusals, seq, .. } = link;
            let [openings, used, open, refusals] =
                [openings, attempts_used, attempts_open, refusals].map(|n| i64::from(*n));
            let counts = [openings, stored(*seq), used, refusals, open];
            std::iter::once(Value::from(key.bytes())).chain(counts.map(Value::from)).collect()
        };
        let rows: Vec<Vec<Value>> = changed.map(row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let update = sql("UPDATE links SET openings = column2, receipts = column3, attempts_used = column4,
                refusals = column5, attempts_open = column6
             FROM {rows} WHERE links.link = column1");
        self.run(update.rows(rows)).await
    }
}

impl Link {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            state: row.get(1)?,
            direct: row.get::<String>(2)?.contains('U'),
            status: row.get(3)?,
            not_before: row.get(4)?,
            expires: row.get(5)?,
            max_openings: row.count(6)?,
            openings: row.count(7)?,
            verifier: verifier(row, 8)?,
            attempts: row.count(11)?,
            attempts_used: row.count(12)?,
            refusals: row.count(13)?,
            receipt_recipient: row.get(14)?,
            tag: row.array(15)?,
            seq: row.count(16)?,
            grant_index: row.count(17)?,
            attempts_open: row.count(18)?,
            files: Vec::new(),
            changed: false,
        })
    }

    /// The files, if it serves anybody now.
    pub(super) fn into_files(self, now: i64) -> Option<Vec<ServedFile>> {
        self.serves_at(now).then_some(self.files)
    }

    /// Neither paused, withdrawn, deleted, too early nor expired.
    fn serves_at(&self, now: i64) -> bool {
        self.state == "live" && self.is_its_time(now) && !self.files.is_empty()
    }

    fn is_its_time(&self, now: i64) -> bool {
        self.not_before.is_none_or(|from| from <= now) && now < self.expires
    }

    /// How many passcodes may still be wrong.
    fn remaining(&self) -> u32 {
        self.attempts.saturating_sub(self.attempts_used)
    }

    /// Takes one try from the budget, so that no two can have the same one.
    pub(super) fn take_attempt(&mut self, key: &LinkKey, now: i64, options: &StoreOptions) -> Attempt {
        if !self.serves_at(now) || self.openings >= self.max_openings {
            return Attempt::NotLive;
        }
        let Some(verifier) = &self.verifier else { return Attempt::NoPasscode };
        if self.remaining() == 0 {
            return if self.attempts_open > 0 { Attempt::Undecided } else { Attempt::NotLive };
        }
        if let Err(wait) = options.pace.take(key, Instant::now()) {
            return Attempt::TooFast(wait);
        }
        let verifier = verifier.clone();
        self.attempts_used += 1;
        self.attempts_open += 1;
        self.changed = true;
        Attempt::Taken { verifier, remaining: self.remaining() }
    }

    /// What a reader gets.
    pub(super) fn judge(&mut self, opening: &Opening, options: &StoreOptions) -> Verdict {
        if opening.verified.is_some() || opening.kind == Kind::WrongPasscode {
            self.attempts_open = self.attempts_open.saturating_sub(1);
            self.changed = true;
        }
        if opening.kind == Kind::WrongPasscode {
            let spent = self.remaining() == 0;
            let reason = if spent { RefusalReason::PasscodeAttemptsUsedUp } else { RefusalReason::WrongPasscode };
            return self.receipt(opening, options, Outcome::Refused { reason }, None);
        }
        let fits = self.direct == (opening.kind == Kind::Direct);
        if !fits || !self.serves_at(opening.at) || self.openings >= self.max_openings {
            return Verdict::NotLive;
        }
        match (&self.verifier, &opening.verified) {
            (None, None) => {
                if let Err(wait) = options.pace.take(&opening.link, Instant::now()) {
                    return Verdict::TooFast(wait);
                }
            }
            (Some(_), None) => {
                let undecided = self.attempts_open > 0;
                return Verdict::PasscodeNeeded { remaining: self.remaining(), undecided };
            }
            (Some(wanted), Some(met)) if wanted.salt == met.salt && bool::from(wanted.hash.ct_eq(&met.hash)) => {
                self.attempts_used = self.attempts_used.saturating_sub(1);
            }
            // The passcode was changed between the try and now.
            _ => return Verdict::NotLive,
        }
        self.openings += 1;
        let files = self.files.iter().map(|file| file.sha256).collect();
        let served = Served { grant_index: self.grant_index, status: self.status.clone(), files: self.files.clone() };
        self.receipt(opening, options, Outcome::Served { files }, Some(served))
    }

    /// The receipt of an opening that was refused, if the link is one of ours and there is room for it.
    pub(super) fn refuse(&mut self, opening: &Opening, options: &StoreOptions) -> Option<Verdict> {
        let late = opening.at.saturating_sub(i64::from(options.receipts_days) * 86_400) >= self.expires;
        if self.refusals >= options.refusals_per_link || late {
            return None;
        }
        let reason = match self.refusal(opening.at) {
            Some(reason) => reason,
            // Anybody with the link can cause these, under any name: half of the room is left for the other refusals.
            None if opening.kind == Kind::NoPasscode && self.verifier.is_some() => {
                if self.refusals >= options.refusals_per_link.div_ceil(2) {
                    return None;
                }
                RefusalReason::PasscodeMissing
            }
            None => return None,
        };
        self.refusals += 1;
        Some(self.receipt(opening, options, Outcome::Refused { reason }, None))
    }

    /// Why it serves nobody; nothing if it does, or if it was deleted with its receipts.
    fn refusal(&self, now: i64) -> Option<RefusalReason> {
        match self.state.as_str() {
            "withdrawn" => Some(RefusalReason::Withdrawn),
            "live" | "paused" if !self.is_its_time(now) => Some(RefusalReason::OutOfTime),
            "paused" => Some(RefusalReason::Paused),
            "live" if self.openings >= self.max_openings => Some(RefusalReason::Exhausted),
            "live" if self.verifier.is_some() && self.remaining() == 0 => Some(RefusalReason::PasscodeAttemptsUsedUp),
            _ => None,
        }
    }

    fn receipt(
        &mut self,
        opening: &Opening,
        options: &StoreOptions,
        outcome: Outcome,
        served: Option<Served>,
    ) -> Verdict {
        self.seq += 1;
        self.changed = true;
        let to_seal = ToSeal {
            at: opening.at,
            recipient: opening.recipient.clone(),
            outcome,
            opening: self.openings,
            relay: Arc::clone(&options.relay),
            tag: self.tag,
            to: self.receipt_recipient.clone(),
        };
        Verdict::Receipt { seq: self.seq, to_seal, served }
    }
}
