//! The data plane: what a reader of a SMART Health Link asks.
//!
//! Unknown, expired, exhausted, withdrawn, paused, deleted and not yet begun links all get the same 404, so that nobody
//! learns more than "not now" (SMART Health Links 1.0.0, "SMART Health Link Manifest Request"). The answer takes the same
//! work for all of them: the receipt of a refused opening, which only a link that exists can have, is left afterwards.

use super::{App, COMMITMENT_INDEX, refusal, too_fast};
use crate::files::path;
use crate::store::{Attempt, Kind, LinkKey, Opened, Opening, Served, ServedFile};
use crate::{Error, Result};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carnet_consent::control::{LinkId, PasscodeVerifier};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use smart_health::manifest::{JOSE, Manifest, ManifestFile, ManifestRequest, Status, WrongPasscode};
use std::sync::Arc;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How long a location in a manifest works, in seconds.
const LOCATION_LIFE: i64 = 300;
/// How long to wait until another relay has checked the passcode that took the last try. Without, a right one that came
/// in that moment would be told that the link is over (404), though the other was right as well and it is not. A relay
/// that stopped in the middle of a check never says; then this is how long the 404 takes.
const UNDECIDED: Duration = Duration::from_secs(5);
/// How often one reader that asks without a passcode leaves a receipt: some ask so first, to learn that one is needed, and
/// some ask again and again.
pub(crate) const BETWEEN_ASKS: Duration = Duration::from_secs(600);
/// How often to look meanwhile.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What a `GET` of a link with the flag `U` says of itself.
#[derive(Deserialize)]
pub(super) struct DirectQuery {
    recipient: Option<String>,
}

/// What proves that a location came from this relay.
#[derive(Deserialize)]
pub(super) struct LocationQuery {
    e: i64,
    s: String,
}

/// What a passcode came to.
enum Tried {
    Opened(Option<Opened>),
    /// There was none; so many tries are left.
    Missing(u32),
    Wrong(u32),
    TooFast(u64),
}

/// `GET /shl/{id}?recipient=…`: the one file of a link with the flag `U`.
pub(super) async fn direct(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    query: Result<Query<DirectQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response> {
    let recipient = query.ok().and_then(|Query(query)| query.recipient);
    let Some(recipient) = recipient.as_deref().and_then(|name| app.recipient(name)) else { return Ok(no_recipient()) };
    let Ok(id) = id.parse::<LinkId>() else { return Ok(app.not_found()) };
    let opening = Opening { link: LinkKey::of(&id), kind: Kind::Direct, recipient, verified: None, at: crate::now() };
    match app.store.open_link(opening.anew(None)).await? {
        Some(Opened::Served(Served { grant_index, files, .. })) => {
            let [file] = files.as_slice() else { return Ok(app.not_found()) };
            app.metrics.openings.add(1);
            let Some(jwe) = app.files.get(&path(&file.name)).await? else { return Ok(app.not_found()) };
            Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(JOSE)), (COMMITMENT_INDEX, grant_index.into())], jwe)
                .into_response())
        }
        Some(Opened::TooFast { wait }) => Ok(too_fast(wait)),
        _ => {
            app.store.refused(opening);
            Ok(app.not_found())
        }
    }
}

/// `POST /shl/{id}`: the manifest.
pub(super) async fn manifest(State(app): State<Arc<App>>, Path(id): Path<String>, body: Body) -> Result<Response> {
    let (body, _held) = match app.bodies.read_small(body).await {
        Ok(body) => body,
        Err(answer) => return Ok(*answer),
    };
    let Ok(request) = serde_json::from_slice::<ManifestRequest>(&body) else { return Ok(malformed(&body)) };
    let Some(recipient) = app.recipient(&request.recipient) else { return Ok(no_recipient()) };
    let Ok(id) = id.parse::<LinkId>() else { return Ok(app.not_found()) };
    let link = LinkKey::of(&id);
    let opening = Opening { link, kind: Kind::Manifest, recipient, verified: None, at: crate::now() };
    let passcode = request.passcode.filter(|passcode| !passcode.is_empty()).map(Zeroizing::new);
    // In a task of its own: a reader who hangs up must not escape the receipt of a wrong passcode.
    let task = tokio::spawn(open_manifest(Arc::clone(&app), opening, passcode));
    let opened = match task.await.map_err(|_| Error::Unavailable)?? {
        Tried::Opened(opened) => opened,
        Tried::Missing(remaining) | Tried::Wrong(remaining) => return Ok(wrong_passcode(remaining)),
        Tried::TooFast(wait) => return Ok(too_fast(wait)),
    };
    match opened {
        Some(Opened::Served(served)) => {
            app.metrics.openings.add(1);
            app.manifest(&id, &served, request.embedded_length_max).await
        }
        Some(Opened::TooFast { wait }) => Ok(too_fast(wait)),
        Some(Opened::Refused | Opened::PasscodeNeeded { .. }) | None => Ok(app.not_found()),
    }
}

/// `GET /shl/{id}/file/{number}?e=…&s=…`: a location from a manifest.
pub(super) async fn location(
    State(app): State<Arc<App>>,
    Path((id, number)): Path<(String, String)>,
    query: Result<Query<LocationQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response> {
    let (Ok(id), Ok(number), Ok(Query(query))) = (id.parse::<LinkId>(), number.parse::<usize>(), query) else {
        return Ok(app.not_found());
    };
    let now = crate::now();
    if query.e < now || query.e > now + LOCATION_LIFE {
        return Ok(app.not_found());
    }
    let link = LinkKey::of(&id);
    let files = app.store.served_files(link, now).await?.unwrap_or_default();
    let Some(file) = files.get(number) else { return Ok(app.not_found()) };
    let signature = app.location_signature(&link, number, query.e, file);
    if !bool::from(signature.as_bytes().ct_eq(query.s.as_bytes())) {
        return Ok(app.not_found());
    }
    match app.files.get(&path(&file.name)).await? {
        Some(jwe) => Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(JOSE))], jwe).into_response()),
        None => Ok(app.not_found()),
    }
}

/// The one answer for every link that serves nobody now.
pub(super) fn not_found() -> Response {
    refusal(StatusCode::NOT_FOUND, "not_found", "This link does not exist, is over, or is not open now.")
}

fn no_recipient() -> Response {
    let message = "Say who is asking: `recipient`, a name that the patient will read, in the query of a GET or the JSON body of a POST.";
    refusal(StatusCode::BAD_REQUEST, "no_recipient", message)
}

/// The answer to a body that is no request: it does not say who asks, or it does and something else in it is wrong.
fn malformed(body: &[u8]) -> Response {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    if !body.get("recipient").is_some_and(serde_json::Value::is_string) {
        return no_recipient();
    }
    let message = "`passcode` is text, and `embeddedLengthMax` a whole number that is not negative.";
    refusal(StatusCode::BAD_REQUEST, "malformed", message)
}

fn wrong_passcode(remaining: u32) -> Response {
    (StatusCode::UNAUTHORIZED, axum::Json(WrongPasscode { remaining_attempts: remaining })).into_response()
}

async fn open_manifest(app: Arc<App>, opening: Opening, passcode: Option<Zeroizing<String>>) -> Result<Tried> {
    let tried = try_passcode(&app, &opening, passcode).await?;
    match tried {
        Tried::Opened(None) => app.store.refused(opening),
        Tried::Missing(_) if app.asks.take(&(opening.link, &opening.recipient), Instant::now()).is_ok() => {
            app.store.refused(Opening { kind: Kind::NoPasscode, ..opening });
        }
        _ => {}
    }
    Ok(tried)
}

/// Opens a link, with a passcode if there is one. Whoever is not served at once is looked at twice, whether the link
/// exists or not, so that the time tells nothing.
async fn try_passcode(app: &App, opening: &Opening, passcode: Option<Zeroizing<String>>) -> Result<Tried> {
    match app.store.open_link(opening.anew(None)).await? {
        Some(Opened::PasscodeNeeded { remaining, .. }) if passcode.is_none() && remaining > 0 => {
            // Nothing was tried, so nothing is taken from the budget.
            return Ok(Tried::Missing(remaining));
        }
        Some(Opened::PasscodeNeeded { .. }) | None => {}
        opened => return Ok(Tried::Opened(opened)),
    }
    // Not before this it is clear whether the budget is spent: a right passcode being checked gives its try back.
    let _turn = app.passcodes.turn(opening.link).await;
    let deadline = Instant::now() + UNDECIDED;
    let Some(passcode) = passcode else {
        loop {
            match app.store.open_link(opening.anew(None)).await? {
                Some(Opened::PasscodeNeeded { remaining: 0, undecided: true }) if Instant::now() < deadline => {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
                Some(Opened::PasscodeNeeded { remaining: 0, .. }) => return Ok(Tried::Opened(None)),
                Some(Opened::PasscodeNeeded { remaining, .. }) => return Ok(Tried::Missing(remaining)),
                opened => return Ok(Tried::Opened(opened)),
            }
        }
    };
    // The try is taken from the budget before it is checked, so that no number of parallel tries can exceed it.
    let attempt = loop {
        match app.store.take_attempt(opening.link, opening.at).await? {
            Attempt::Undecided if Instant::now() < deadline => tokio::time::sleep(BETWEEN_LOOKS).await,
            attempt => break attempt,
        }
    };
    let (verifier, remaining) = match attempt {
        Attempt::NotLive | Attempt::Undecided => return Ok(Tried::Opened(None)),
        Attempt::TooFast(wait) => return Ok(Tried::TooFast(wait)),
        Attempt::NoPasscode => return Ok(Tried::Opened(app.store.open_link(opening.anew(None)).await?)),
        Attempt::Taken { verifier, remaining } => (verifier, remaining),
    };
    if app.passcodes.check(passcode, &verifier).await? {
        return Ok(Tried::Opened(app.store.open_link(opening.anew(Some(verifier))).await?));
    }
    app.metrics.wrong_passcodes.add(1);
    app.store.open_link(Opening { kind: Kind::WrongPasscode, ..opening.anew(None) }).await?;
    Ok(Tried::Wrong(remaining))
}

/// What a reader calls itself, as it goes into the receipt: not empty, one line, at most so many characters.
fn recipient(name: &str, most: usize) -> Option<String> {
    let words = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = String::new();
    for c in words.flat_map(|word| std::iter::once(' ').chain(word.chars())).skip(1).take(most) {
        line.push(c);
    }
    let line = line.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}

impl Opening {
    fn anew(&self, verified: Option<PasscodeVerifier>) -> Self {
        Self { link: self.link, kind: self.kind, recipient: self.recipient.clone(), verified, at: self.at }
    }
}

impl App {
    fn not_found(&self) -> Response {
        self.metrics.not_found.add(1);
        not_found()
    }

    fn recipient(&self, name: &str) -> Option<String> {
        recipient(name, self.config.limits.recipient_chars)
    }

    async fn manifest(&self, id: &LinkId, served: &Served, embedded_length_max: Option<usize>) -> Result<Response> {
        let link = LinkKey::of(id);
        let until = crate::now() + LOCATION_LIFE;
        let most = self.config.limits.embedded_bytes.min(embedded_length_max.unwrap_or(usize::MAX));
        let mut entries = Vec::with_capacity(served.files.len());
        for (number, file) in served.files.iter().enumerate() {
            let last_updated = (file.updated > 0).then(|| carnet_consent::time::instant(file.updated));
            let content_type = file.content_type.clone();
            let mut entry = ManifestFile { content_type, last_updated, ..ManifestFile::default() };
            if usize::try_from(file.size).is_ok_and(|size| size <= most) {
                let Some(jwe) = self.files.get(&path(&file.name)).await? else { return Ok(self.not_found()) };
                entry.embedded = Some(String::from_utf8(jwe.into()).map_err(|_| Error::Unavailable)?);
            } else {
                let signature = self.location_signature(&link, number, until, file);
                entry.location = Some(format!("{}/shl/{id}/file/{number}?e={until}&s={signature}", self.public_url));
            }
            entries.push(entry);
        }
        let status = served.status.clone().and_then(|status| serde_json::from_value::<Status>(status.into()).ok());
        let manifest = Manifest { status, files: entries, list: None };
        Ok(([(COMMITMENT_INDEX, HeaderValue::from(served.grant_index))], axum::Json(manifest)).into_response())
    }

    /// Bound to the content as well: once a file is replaced, locations of the old one lead nowhere.
    fn location_signature(&self, link: &LinkKey, number: usize, until: i64, file: &ServedFile) -> String {
        #[allow(clippy::expect_used, reason = "HMAC takes keys of any length; this one is 32 bytes by its type")]
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.location_key.as_slice()).expect("HMAC takes keys of any length");
        mac.update(b"carnet/relay/location/v1\0");
        mac.update(link.bytes());
        mac.update(&(number as u64).to_be_bytes());
        mac.update(&until.to_be_bytes());
        mac.update(&file.sha256);
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::recipient;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_recipient_is_one_bounded_line_or_nothing(name in any::<String>(), most in 1_usize..50) {
            match recipient(&name, most) {
                Some(line) => {
                    prop_assert!((1..=most).contains(&line.chars().count()));
                    prop_assert!(!line.contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' ')));
                    prop_assert_eq!(line.trim(), line.as_str());
                    prop_assert_eq!(recipient(&line, most), Some(line.clone()));
                }
                None => prop_assert!(name.chars().all(|c| c.is_whitespace() || c.is_control())),
            }
        }
    }
}
