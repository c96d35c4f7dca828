//! The control plane: what a wallet asks of its own links, and the two ways into the ledger.
//!
//! Everything can be sent again: a retry after a lost answer does no harm. A wrong token and an unknown link get the
//! same answer, except where an identifier is being claimed.

use super::bodies::{Held, announced};
use super::{App, refusal, too_fast};
use crate::receipts::is_recipient;
use crate::store::{Control, LinkKey, NewFile, NewLink, Owner, PublishOutcome, State as LinkRow};
use crate::{Error, Result, files};
use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carnet_consent::control::{
    Commit, Committed, ControlToken, DEFAULT_PASSCODE_ATTEMPTS, FileStatus, LinkId, LinkState, Publish, Published,
    Receipts, Revision, StoredReceipt, Withdraw, Withdrawn,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// A publication whose body may be read.
struct Admitted {
    link: LinkKey,
    control: [u8; 32],
    held: Held,
}

/// Which receipts.
#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
    /// `all`: the wallet reads refusals for any reason. The first wallets say nothing, and read six.
    reasons: Option<String>,
}

/// `PUT /control/{id}`: claims the identifier, or replaces what it serves.
pub(super) async fn publish(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    // Who may not publish is told so before anything is kept of what it sends.
    let admitted = match app.admit(&id, &headers, peer, announced(&body)).await {
        Ok(admitted) => admitted,
        Err(answer) => return Ok(app.bodies.turn_away_publication(body, *answer)),
    };
    let Admitted { link, control, held } = admitted;
    let (body, _held) = match app.bodies.read_publication(body, held).await {
        Ok(body) => body,
        Err(answer) => return Ok(*answer),
    };
    let now = crate::now();
    let publish: Publish = match parse(&body) {
        Ok(publish) => publish,
        Err(answer) => return Ok(*answer),
    };
    let publication = Sha256::digest(&body).into();
    // From here on it is held once, as its files.
    drop(body);
    if let Err(answer) = app.check(&publish, now) {
        return Ok(*answer);
    }
    if !app.has_room(&publish).await? {
        return Ok(full());
    }
    let (new, contents) = app.new_link(link, control, publish, publication, now)?;
    let names: Vec<String> = new.files.iter().map(|file| file.name.clone()).collect();
    // The ciphertext is durable before the link refers to it. What is left by a crash in between is swept up later.
    let mut outcome = Ok(PublishOutcome::Full);
    for (name, jwe) in names.iter().zip(contents) {
        outcome = app.files.put(files::path(name), jwe).await.map(|()| PublishOutcome::Full);
        if outcome.is_err() {
            break;
        }
    }
    if outcome.is_ok() {
        outcome = app.store.publish(new).await;
    }
    // When the database did not answer, nobody knows whether it refers to them.
    if !matches!(outcome, Ok(PublishOutcome::Published { .. }) | Err(Error::Unavailable)) {
        app.files.remove(names.iter().map(|name| files::path(name)).collect()).await?;
    }
    Ok(match outcome? {
        PublishOutcome::Published { index, expires } => {
            app.metrics.publications.add(1);
            Json(Published { commitment_index: index, expires }).into_response()
        }
        PublishOutcome::Known { index, expires } => {
            Json(Published { commitment_index: index, expires }).into_response()
        }
        PublishOutcome::Overtaken => refusal(
            StatusCode::CONFLICT,
            "overtaken",
            "A later request for this link was carried out before this one. Nothing was changed.",
        ),
        PublishOutcome::NotYours => not_yours(),
        PublishOutcome::Withdrawn => refusal(
            StatusCode::GONE,
            "withdrawn",
            "This grant was withdrawn, which is for ever. Nothing was published; make a new grant.",
        ),
        PublishOutcome::Deleted => deleted(),
        PublishOutcome::Full => full(),
    })
}

/// `GET /control/{id}`: how the link stands.
pub(super) async fn state(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Result<Response> {
    app.control(&id, &headers, Control::Look).await
}

/// `POST /control/{id}/pause`: it serves nobody until resumed.
pub(super) async fn pause(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    match revision(&app, body).await {
        Ok(revision) => app.control(&id, &headers, Control::Pause(revision)).await,
        Err(answer) => Ok(*answer),
    }
}

/// `POST /control/{id}/resume`.
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    match revision(&app, body).await {
        Ok(revision) => app.control(&id, &headers, Control::Resume(revision)).await,
        Err(answer) => Ok(*answer),
    }
}

/// `DELETE /control/{id}`: ciphertext and receipts go, the identifier stays taken.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let answer = app.control(&id, &headers, Control::Delete).await?;
    if answer.status() != StatusCode::GONE {
        return Ok(answer);
    }
    app.litter.notify_one();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /control/{id}/receipts?after=seq&reasons=all`.
pub(super) async fn receipts(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Result<Query<After>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response> {
    let (link, control) = match authority(&id, &headers) {
        Ok(authority) => authority,
        Err(answer) => return Ok(*answer),
    };
    let Ok(Query(After { after, reasons })) = query else {
        return Ok(refusal(StatusCode::BAD_REQUEST, "malformed", "`after` is the sequence number of a receipt."));
    };
    let Some(found) = app.store.receipts(link, control, after, reasons.as_deref() == Some("all")).await? else {
        return Ok(unknown());
    };
    let next = found.receipts.last().map_or(after, |receipt| receipt.seq);
    let stored = |receipt: crate::store::Receipt| StoredReceipt {
        seq: receipt.seq,
        index: receipt.log_index,
        sealed: receipt.sealed,
    };
    Ok(Json(Receipts { receipts: found.receipts.into_iter().map(stored).collect(), next }).into_response())
}

/// `POST /withdrawals`: the preimage is the authority.
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let Withdraw { p } = match small_json(&app, body).await {
        Ok(withdraw) => withdraw,
        Err(answer) => return Ok(*answer),
    };
    let tag = p.tag();
    // A withdrawal of something shared here is always taken, however many came before it.
    let known = app.store.known_tag(tag).await?;
    if !known && let Err(wait) = app.new_entries.take(&app.client(&headers, peer), Instant::now()) {
        return Ok(too_fast(wait));
    }
    let index = app.store.withdraw(p.log_entry(), tag).await?;
    app.metrics.withdrawals.add(1);
    app.litter.notify_one();
    Ok(Json(Withdrawn { index, ended: Some(known) }).into_response())
}

/// `POST /commitments`: an entry for log A.
pub(super) async fn commit(
    State(app): State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let commit: Commit = match small_json(&app, body).await {
        Ok(commit) => commit,
        Err(answer) => return Ok(*answer),
    };
    if let Err(error) = commit.check() {
        return Ok(refusal(StatusCode::BAD_REQUEST, "malformed", &error.to_string()));
    }
    if let Some(index) = app.store.submitted(commit.entry.0).await? {
        return Ok(Json(Committed { index }).into_response());
    }
    if let Err(wait) = app.new_entries.take(&app.client(&headers, peer), Instant::now()) {
        return Ok(too_fast(wait));
    }
    Ok(Json(Committed { index: app.store.submit(commit.entry.0).await? }).into_response())
}

/// Which link, and the hash of the token that claims to own it.
fn authority(id: &str, headers: &HeaderMap) -> Result<(LinkKey, [u8; 32]), Box<Response>> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = token.and_then(|value| ControlToken::from_header(value).ok()) else {
        let message = "Send the link's control token: `Authorization: Bearer` and 43 characters of base64url.";
        return Err(Box::new(refusal(StatusCode::UNAUTHORIZED, "no_token", message)));
    };
    let id: LinkId = id.parse().map_err(|_| Box::new(unknown()))?;
    Ok((LinkKey::of(&id), token.sha256()))
}

/// The number of a pause or resumption; no body is no number.
async fn revision(app: &App, body: Body) -> Result<u64, Box<Response>> {
    let (body, _held) = app.bodies.read_small(body).await?;
    let said: Revision = if body.is_empty() { Revision::default() } else { parse(&body)? };
    said.check().map_err(|error| Box::new(refusal(StatusCode::BAD_REQUEST, "malformed", &error.to_string())))?;
    Ok(said.revision)
}

async fn small_json<T: DeserializeOwned>(app: &App, body: Body) -> Result<T, Box<Response>> {
    let (body, _held) = app.bodies.read_small(body).await?;
    parse(&body)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Box<Response>> {
    serde_json::from_slice(body).map_err(|_| {
        let message = "The body is not the JSON that is expected here. Nothing was stored.";
        Box::new(refusal(StatusCode::BAD_REQUEST, "malformed", message))
    })
}

fn unknown() -> Response {
    let message = "This relay has no such link under this control token. Nothing was changed.";
    refusal(StatusCode::NOT_FOUND, "unknown", message)
}

fn not_yours() -> Response {
    refusal(
        StatusCode::FORBIDDEN,
        "not_yours",
        "This link was published with another control token. Nothing was changed; choose another identifier.",
    )
}

fn deleted() -> Response {
    refusal(StatusCode::GONE, "deleted", "This link was deleted, which is for ever. Publish under a new identifier.")
}

fn full() -> Response {
    let message = "This relay has no room left. Nothing was stored; try later or use another relay.";
    refusal(StatusCode::INSUFFICIENT_STORAGE, "full", message)
}

impl App {
    /// All that can be said of a publication before its body: the token's form, whose the identifier is, the allowance of
    /// the address, and whether there is memory for as much as is `announced`.
    async fn admit(
        &self,
        id: &str,
        headers: &HeaderMap,
        peer: ConnectInfo<SocketAddr>,
        announced: usize,
    ) -> Result<Admitted, Box<Response>> {
        let (link, control) = authority(id, headers)?;
        let client = self.client(headers, peer);
        // Memory first: who is told to come again has used up nothing.
        let held = self.bodies.hold(client, announced)?;
        let owner = self.store.owner(link, control).await.map_err(|error| Box::new(error.into_response()))?;
        if owner != Owner::You
            && let Err(wait) = self.new_links.take(&client, Instant::now())
        {
            return Err(Box::new(too_fast(wait)));
        }
        if owner == Owner::SomebodyElse { Err(Box::new(not_yours())) } else { Ok(Admitted { link, control, held }) }
    }

    async fn control(&self, id: &str, headers: &HeaderMap, control: Control) -> Result<Response> {
        let (link, token) = match authority(id, headers) {
            Ok(authority) => authority,
            Err(answer) => return Ok(*answer),
        };
        let now = crate::now();
        Ok(match self.store.control(link, token, control, now).await? {
            None => unknown(),
            Some(state) if state.state == "deleted" => deleted(),
            Some(state) => Json(link_state(&state, now)).into_response(),
        })
    }

    /// The form by the rules that wallet and relay share, the size by this relay's own.
    fn check(&self, publish: &Publish, now: i64) -> Result<(), Box<Response>> {
        let limits = &self.config.limits;
        let malformed = |message: &str| Box::new(refusal(StatusCode::BAD_REQUEST, "malformed", message));
        publish.check(now).map_err(|error| match error {
            carnet_consent::Error::TooLarge { .. } => {
                Box::new(refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &error.to_string()))
            }
            error => malformed(&error.to_string()),
        })?;
        if publish.files.len() > limits.files {
            let message = format!("This relay takes {} files in a link. Nothing was stored.", limits.files);
            return Err(Box::new(refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &message)));
        }
        if !is_recipient(&publish.receipt_recipient) {
            return Err(malformed("Receipts cannot be sealed to this age recipient. Nothing was stored."));
        }
        Ok(())
    }

    /// Whether there is room, seen before anything is written; the database decides in the end.
    async fn has_room(&self, publish: &Publish) -> Result<bool> {
        let bytes: u64 = publish.files.iter().map(|file| file.jwe.len() as u64).sum();
        let fits = |stored: u64| stored.saturating_add(bytes) <= self.config.limits.total_bytes;
        // What this relay saw last may be out of date where there are several.
        Ok(fits(self.metrics.stored_bytes.value()) || fits(self.store.stored_bytes().await?))
    }

    /// What is stored of a publication, and the contents of its files.
    fn new_link(
        &self,
        link: LinkKey,
        control: [u8; 32],
        publish: Publish,
        publication: [u8; 32],
        now: i64,
    ) -> Result<(NewLink, Vec<Vec<u8>>)> {
        let limits = &self.config.limits;
        let mut files = Vec::with_capacity(publish.files.len());
        let mut contents = Vec::with_capacity(publish.files.len());
        for file in publish.files {
            let jwe = file.jwe.into_bytes();
            let sha256 = Sha256::digest(&jwe).into();
            let size = jwe.len() as u64;
            files.push(NewFile { name: files::name()?, sha256, size, content_type: file.content_type });
            contents.push(jwe);
        }
        let status = publish.status.map(|status| match status {
            FileStatus::Finalized => "finalized",
            FileStatus::CanChange => "can-change",
            FileStatus::NoLongerValid => "no-longer-valid",
        });
        let attempts = publish.passcode_attempts.unwrap_or(DEFAULT_PASSCODE_ATTEMPTS);
        let new = NewLink {
            link,
            control,
            flags: publish.flags,
            status: status.map(str::to_owned),
            not_before: publish.not_before,
            expires: publish.expires.min(now.saturating_add(i64::from(limits.lifetime_days) * 86_400)),
            max_openings: publish.max_openings.unwrap_or(limits.openings).min(limits.openings),
            passcode: publish.passcode,
            attempts: attempts.min(limits.passcode_attempts),
            receipt_recipient: publish.receipt_recipient,
            withdrawal_tag: publish.withdrawal_tag,
            commitment: publish.commitment.0,
            files,
            publication,
            revision: publish.revision,
            now,
        };
        Ok((new, contents))
    }
}

fn link_state(row: &LinkRow, now: i64) -> LinkState {
    LinkState {
        live: row.is_live(now),
        openings: row.openings,
        expires: row.expires,
        paused: row.state == "paused",
        withdrawn: row.state == "withdrawn",
        exhausted: row.openings >= row.max_openings,
        passcode_attempts_left: row.remaining_attempts,
        commitment_index: row.commitment_index,
        revision: row.revision,
    }
}
