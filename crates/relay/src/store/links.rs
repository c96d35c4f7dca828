//! What a wallet asks of its link.

use super::db::{Row, sql};
use super::writer::{Batch, Command};
use super::{LinkKey, Store, stored};
use crate::Result;
use carnet_consent::control::MAX_RECEIPTS;
use subtle::ConstantTimeEq;

/// What the control plane can do to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    Look,
    /// With the number that the wallet gave it.
    Pause(u64),
    Resume(u64),
    Delete,
}

/// Whose an identifier is, seen from who has a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Nobody,
    You,
    SomebodyElse,
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
    /// The highest number that a request of the wallet had.
    pub(crate) revision: u64,
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

impl Store {
    /// Whose an identifier is.
    pub(crate) async fn owner(&self, link: LinkKey, token: [u8; 32]) -> Result<Owner> {
        self.ask(|answer| Command::Owner { link, token, answer }).await
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

    /// The receipts after a sequence number, those for `all_reasons` or those that every wallet can read. Nothing for an
    /// unknown link and for a wrong token alike.
    pub(crate) async fn receipts(
        &self,
        link: LinkKey,
        token: [u8; 32],
        after: u64,
        all_reasons: bool,
    ) -> Result<Option<Receipts>> {
        self.ask(|answer| Command::Receipts { link, token, after, all_reasons, answer }).await
    }
}

impl Batch<'_> {
    pub(super) async fn owner(&mut self, link: &LinkKey, token: &[u8; 32]) -> Result<Owner> {
        Ok(match self.state(link).await? {
            None => Owner::Nobody,
            Some((control, _)) if control.ct_eq(token).into() => Owner::You,
            Some(_) => Owner::SomebodyElse,
        })
    }

    pub(super) async fn control(
        &mut self,
        link: &LinkKey,
        token: &[u8; 32],
        control: Control,
        now: i64,
    ) -> Result<Option<State>> {
        let Some(state) = self.authorised(link, token).await? else { return Ok(None) };
        let revision = match control {
            Control::Look => return Ok(Some(state)),
            // What is not newer than what was done is done, or no longer to be done.
            Control::Pause(number) | Control::Resume(number) if state.revision > 0 && number <= state.revision => {
                return Ok(Some(state));
            }
            Control::Pause(number) | Control::Resume(number) => number,
            Control::Delete => state.revision,
        };
        let next = match (control, state.state.as_str()) {
            (Control::Pause(_), "live") => "paused",
            (Control::Resume(_), "paused") => "live",
            (Control::Delete, "live" | "paused" | "withdrawn") => "deleted",
            (_, same) => same,
        };
        if next == state.state && revision == state.revision {
            return Ok(Some(state));
        }
        let next = next.to_owned();
        let update = sql("UPDATE links SET state = $2, revision = $3 WHERE link = $1");
        self.run(update.bind(link.bytes()).bind(next.as_str()).bind(stored(revision))).await?;
        if control == Control::Delete && next != state.state {
            self.discard_files(link, now).await?;
            for table in ["receipts", "superseded_publications"] {
                self.run(sql(format!("DELETE FROM {table} WHERE link = $1")).bind(link.bytes())).await?;
            }
        }
        Ok(Some(State { state: next, revision, ..state }))
    }

    pub(super) async fn receipts(
        &mut self,
        link: &LinkKey,
        token: &[u8; 32],
        after: u64,
        all_reasons: bool,
    ) -> Result<Option<Receipts>> {
        if self.authorised(link, token).await?.is_none() {
            return Ok(None);
        }
        let select = sql("SELECT seq, log_index, sealed FROM receipts
             WHERE link = $1 AND seq > $2 AND for_all_reasons <= $4 ORDER BY seq LIMIT $3");
        let select = select.bind(link.bytes()).bind(stored(after)).bind(stored(MAX_RECEIPTS));
        let rows = self.db.rows(select.bind(i64::from(all_reasons))).await?;
        let receipt = |row: &Row| Ok(Receipt { seq: row.count(0)?, log_index: row.count(1)?, sealed: row.get(2)? });
        Ok(Some(Receipts { receipts: rows.iter().map(receipt).collect::<Result<_>>()? }))
    }

    async fn authorised(&mut self, link: &LinkKey, token: &[u8; 32]) -> Result<Option<State>> {
        let state = self.state(link).await?;
        Ok(state.filter(|(control, _)| control.ct_eq(token).into()).map(|(_, state)| state))
    }

    /// How a link stands, and the hash of its control token.
    async fn state(&mut self, link: &LinkKey) -> Result<Option<([u8; 32], State)>> {
        let select =
            sql("SELECT control, state, not_before, expires, openings, max_openings, passcode_hash IS NOT NULL,
                attempts - attempts_used, commitment_index, receipts, revision
             FROM links WHERE link = $1");
        let Some(row) = self.db.row(select.bind(link.bytes())).await? else { return Ok(None) };
        let state = State {
            state: row.get(1)?,
            not_before: row.get(2)?,
            expires: row.get(3)?,
            openings: row.count(4)?,
            max_openings: row.count(5)?,
            remaining_attempts: if row.get(6)? { Some(row.count(7)?) } else { None },
            commitment_index: row.count(8)?,
            receipts: row.count(9)?,
            revision: row.count(10)?,
        };
        Ok(Some((row.array(0)?, state)))
    }
}
