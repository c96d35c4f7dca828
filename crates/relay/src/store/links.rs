//! What a wallet asks of its link, and the budget of wrong passcodes.

use super::publishing::verifier;
use super::writer::{Batch, Command};
use super::{LinkKey, Store, array, count};
use crate::Result;
use carnet_consent::control::{MAX_RECEIPTS, PasscodeVerifier};
use sqlx::Row;
use std::time::Instant;
use subtle::ConstantTimeEq;

/// What the control plane can do to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    Look,
    Pause,
    Resume,
    Delete,
}

/// How a link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// `live`, `paused`, `withdrawn` or `deleted`.
    pub(crate) state: String,
    pub(crate) not_before: Option<i64>,
    pub(crate) expires: i64,
    pub(crate) openings: u32,
    pub(crate) max_openings: u32,
    /// Wrong passcodes left, if it has a passcode.
    pub(crate) remaining_attempts: Option<u32>,
    pub(crate) commitment_index: u64,
    pub(crate) receipts: u64,
}

impl State {
    /// Whether a reader would be served now.
    pub(crate) fn is_live(&self, now: i64) -> bool {
        self.state == "live"
            && self.not_before.is_none_or(|from| from <= now)
            && now < self.expires
            && self.openings < self.max_openings
            && self.remaining_attempts != Some(0)
    }
}

/// One receipt, sealed to the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) seq: u64,
    pub(crate) log_index: u64,
    pub(crate) sealed: Vec<u8>,
}

/// Some receipts in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipts {
    pub(crate) receipts: Vec<Receipt>,
}

/// What came of taking one try from the budget.
pub(crate) enum Attempt {
    /// The link serves nobody now.
    NotLive,
    /// It asks for no passcode.
    NoPasscode,
    /// It is asked too often; nothing was taken. So many seconds to wait.
    TooFast(u64),
    /// One try is taken; `remaining` are left if it turns out wrong.
    Taken { verifier: PasscodeVerifier, remaining: u32 },
}

impl Store {
    /// Takes one try from a link's budget. Given back by an opening that [says](super::Opening::verified) which verifier was met.
    pub(crate) async fn take_attempt(&self, link: LinkKey, now: i64) -> Result<Attempt> {
        self.ask(|answer| Command::TakeAttempt { link, now, answer }).await
    }

    /// Looks at a link or changes its state. Nothing for an unknown link and for a wrong token alike.
    pub(crate) async fn control(
        &self,
        link: LinkKey,
        token: [u8; 32],
        control: Control,
        now: i64,
    ) -> Result<Option<State>> {
        self.ask(|answer| Command::Control { link, token, control, now, answer }).await
    }

    /// The receipts after a sequence number. Nothing for an unknown link and for a wrong token alike.
    pub(crate) async fn receipts(&self, link: LinkKey, token: [u8; 32], after: u64) -> Result<Option<Receipts>> {
        self.ask(|answer| Command::Receipts { link, token, after, answer }).await
    }
}

impl Batch<'_> {
    pub(super) async fn take_attempt(&mut self, link: &LinkKey, now: i64) -> Result<Attempt> {
        // One statement both checks and takes, so that no two tries can have the same one.
        let row = sqlx::query(
            "UPDATE links SET attempts_used = attempts_used + 1
             WHERE link = $1 AND state = 'live' AND (not_before IS NULL OR not_before <= $2) AND expires > $2
                AND openings < max_openings AND passcode_hash IS NOT NULL AND attempts_used < attempts
             RETURNING passcode_salt, passcode_rounds, passcode_hash, attempts - attempts_used",
        )
        .bind(link.bytes().to_vec())
        .bind(now)
        .fetch_optional(&mut *self.db)
        .await?;
        if let Some(row) = row {
            if let Err(wait) = self.pace.take(link, Instant::now()) {
                sqlx::query("UPDATE links SET attempts_used = attempts_used - 1 WHERE link = $1")
                    .bind(link.bytes().to_vec())
                    .execute(&mut *self.db)
                    .await?;
                return Ok(Attempt::TooFast(wait));
            }
            let remaining = count(row.try_get(3)?)?;
            return Ok(verifier(&row, 0)?.map_or(Attempt::NotLive, |verifier| Attempt::Taken { verifier, remaining }));
        }
        let state = self.state(link).await?;
        let open = state.is_some_and(|(_, state)| state.is_live(now) && state.remaining_attempts.is_none());
        Ok(if open { Attempt::NoPasscode } else { Attempt::NotLive })
    }

    pub(super) async fn control(
        &mut self,
        link: &LinkKey,
        token: &[u8; 32],
        control: Control,
        now: i64,
    ) -> Result<Option<State>> {
        let Some(mut state) = self.authorised(link, token).await? else { return Ok(None) };
        let next = match (control, state.state.as_str()) {
            (Control::Pause, "live") => "paused",
            (Control::Resume, "paused") => "live",
            (Control::Delete, "live" | "paused" | "withdrawn") => "deleted",
            _ => return Ok(Some(state)),
        };
        sqlx::query("UPDATE links SET state = $2 WHERE link = $1")
            .bind(link.bytes().to_vec())
            .bind(next)
            .execute(&mut *self.db)
            .await?;
        if control == Control::Delete {
            self.discard_files(link, now).await?;
            sqlx::query("DELETE FROM receipts WHERE link = $1")
                .bind(link.bytes().to_vec())
                .execute(&mut *self.db)
                .await?;
        }
        state.state = next.to_owned();
        Ok(Some(state))
    }

    pub(super) async fn receipts(&mut self, link: &LinkKey, token: &[u8; 32], after: u64) -> Result<Option<Receipts>> {
        if self.authorised(link, token).await?.is_none() {
            return Ok(None);
        }
        let rows = sqlx::query(
            "SELECT seq, log_index, sealed FROM receipts WHERE link = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        )
        .bind(link.bytes().to_vec())
        .bind(super::stored(after))
        .bind(super::stored(MAX_RECEIPTS))
        .fetch_all(&mut *self.db)
        .await?;
        let receipt = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Receipt { seq: count(row.try_get(0)?)?, log_index: count(row.try_get(1)?)?, sealed: row.try_get(2)? })
        };
        Ok(Some(Receipts { receipts: rows.iter().map(receipt).collect::<Result<_>>()? }))
    }

    async fn authorised(&mut self, link: &LinkKey, token: &[u8; 32]) -> Result<Option<State>> {
        let state = self.state(link).await?;
        Ok(state.filter(|(control, _)| control.ct_eq(token).into()).map(|(_, state)| state))
    }

    /// How a link stands, and the hash of its control token.
    async fn state(&mut self, link: &LinkKey) -> Result<Option<([u8; 32], State)>> {
        let row = sqlx::query(
            "SELECT control, state, not_before, expires, openings, max_openings, passcode_hash IS NOT NULL,
                attempts - attempts_used, commitment_index, receipts
             FROM links WHERE link = $1",
        )
        .bind(link.bytes().to_vec())
        .fetch_optional(&mut *self.db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let remaining: i64 = row.try_get(7)?;
        let state = State {
            state: row.try_get(1)?,
            not_before: row.try_get(2)?,
            expires: row.try_get(3)?,
            openings: count(row.try_get(4)?)?,
            max_openings: count(row.try_get(5)?)?,
            remaining_attempts: if row.try_get(6)? { Some(count(remaining.max(0))?) } else { None },
            commitment_index: count(row.try_get(8)?)?,
            receipts: count(row.try_get(9)?)?,
        };
        Ok(Some((array(row.try_get(0)?)?, state)))
    }
}
