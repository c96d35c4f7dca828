//! A relay's control plane: publish, look after and end links.

use crate::http::{Answer, Call, Http, Timeouts, check_base};
use crate::{Error, Reason, Result};
use carnet_consent::anchor::Commitment;
use carnet_consent::control::{
    Commit, Committed, ControlToken, LinkId, LinkState, MAX_RECEIPTS, Publish, Published, Receipts, Refusal, Revision,
    Withdraw, Withdrawn, paths,
};
use carnet_consent::withdrawal::Preimage;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use zeroize::Zeroizing;

/// The most bytes of a small answer.
const SMALL: usize = 64 * 1024;
/// The most bytes of one page of receipts: a sealed receipt has well under 4 KiB.
const RECEIPTS: usize = MAX_RECEIPTS * 8 * 1024;
/// The most pages of receipts that are fetched in one go.
const MAX_PAGES: usize = 1_000;

/// One relay. Cloning it shares its connections.
#[derive(Clone)]
pub struct RelayClient {
    pub(crate) http: Http,
    pub(crate) base: String,
}

impl fmt::Debug for RelayClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelayClient({})", self.base)
    }
}

impl RelayClient {
    /// A client for the relay at this address. Asks nothing yet.
    ///
    /// # Errors
    /// [`Error::BadAddress`] unless it is `https://…`, or `http://` on this machine.
    pub fn new(base_url: &str) -> Result<Self> {
        Self::with_timeouts(base_url, Timeouts::default())
    }

    /// The same with other timeouts.
    ///
    /// # Errors
    /// [`Error::BadAddress`].
    pub fn with_timeouts(base_url: &str, timeouts: Timeouts) -> Result<Self> {
        let base = check_base(base_url)?;
        Ok(Self { http: Http::new(&base, timeouts, 0), base })
    }

    /// The relay's address, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// The address of a link on this relay, as it goes into a SMART Health Link.
    pub fn link_url(&self, id: &LinkId) -> String {
        format!("{}{}", self.base, paths::link(id))
    }

    /// The address of the relay's viewer.
    pub fn viewer_url(&self) -> String {
        format!("{}/view", self.base)
    }

    /// Publishes a link, or replaces what it serves. Idempotent.
    ///
    /// # Errors
    /// [`Error::RelayAway`], [`Error::RelayRefused`], [`Error::NotARelay`], [`Error::TooLarge`]; so with all that follow.
    pub async fn publish(&self, id: &LinkId, token: &ControlToken, publish: &Publish) -> Result<Published> {
        self.control("PUT", &paths::control(id), token, Some(to_json(publish))).await
    }

    /// The state of a link.
    ///
    /// # Errors
    /// As [`RelayClient::publish`].
    pub async fn state(&self, id: &LinkId, token: &ControlToken) -> Result<LinkState> {
        self.control("GET", &paths::control(id), token, None).await
    }

    /// Pauses a link: it answers as if it did not exist. Idempotent; one that comes late changes nothing.
    ///
    /// # Errors
    /// As [`RelayClient::publish`].
    pub async fn pause(&self, id: &LinkId, token: &ControlToken, revision: Revision) -> Result<LinkState> {
        self.control("POST", &paths::pause(id), token, Some(to_json(&revision))).await
    }

    /// Resumes a paused link. Idempotent; one that comes late changes nothing.
    ///
    /// # Errors
    /// As [`RelayClient::publish`].
    pub async fn resume(&self, id: &LinkId, token: &ControlToken, revision: Revision) -> Result<LinkState> {
        self.control("POST", &paths::resume(id), token, Some(to_json(&revision))).await
    }

    /// Removes a link with its files and receipts from the relay. Idempotent: one that is gone is removed.
    ///
    /// # Errors
    /// As [`RelayClient::publish`].
    pub async fn delete(&self, id: &LinkId, token: &ControlToken) -> Result<()> {
        let answer = self.http.send(self.call("DELETE", &paths::control(id), Some(token), None, SMALL)).await?;
        match succeed(answer) {
            Err(Error::RelayRefused { status: 404 | 410, .. }) => Ok(()),
            other => other.map(drop),
        }
    }

    /// One page of the receipts whose number is greater than `after`.
    ///
    /// # Errors
    /// As [`RelayClient::publish`]; [`Error::NotARelay`] for a page that is too long or out of order.
    pub async fn receipts(&self, id: &LinkId, token: &ControlToken, after: u64) -> Result<Receipts> {
        let call = self.call("GET", &paths::receipts(id, after), Some(token), None, RECEIPTS);
        let page: Receipts = parse(&succeed(self.http.send(call).await?)?)?;
        let ordered = page.receipts.iter().try_fold(after, |last, receipt| (receipt.seq > last).then_some(receipt.seq));
        match ordered {
            Some(last) if page.receipts.len() <= MAX_RECEIPTS && page.next >= last => Ok(page),
            _ => Err(Error::NotARelay { what: "its receipts are out of order" }),
        }
    }

    /// All receipts whose number is greater than `after`, page by page.
    ///
    /// # Errors
    /// As [`RelayClient::receipts`].
    pub async fn all_receipts(&self, id: &LinkId, token: &ControlToken, after: u64) -> Result<Receipts> {
        let mut all = Receipts { receipts: Vec::new(), next: after };
        for _ in 0..MAX_PAGES {
            let page = self.receipts(id, token, all.next).await?;
            let last = page.receipts.is_empty() || page.next == all.next;
            all.next = page.next;
            all.receipts.extend(page.receipts);
            if last {
                return Ok(all);
            }
        }
        Ok(all)
    }

    /// Ends every link with this preimage's tag and publishes the preimage in the ledger. The preimage is the
    /// authority; no token is sent. Idempotent.
    ///
    /// # Errors
    /// As [`RelayClient::publish`].
    pub async fn withdraw(&self, p: &Preimage) -> Result<Withdrawn> {
        let json = to_json(&Withdraw::new(p.clone()));
        let call = self.call("POST", paths::WITHDRAWALS, None, Some(json), SMALL);
        parse(&succeed(self.http.send(call).await?)?)
    }

    /// Appends a commitment (of a journal's head, for one) to the ledger. Idempotent.
    ///
    /// # Errors
    /// As [`RelayClient::publish`].
    pub async fn commit(&self, entry: &Commitment) -> Result<Committed> {
        let call = self.call("POST", paths::COMMITMENTS, None, Some(to_json(&Commit { entry: *entry })), SMALL);
        parse(&succeed(self.http.send(call).await?)?)
    }

    async fn control<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
        token: &ControlToken,
        json: Option<Vec<u8>>,
    ) -> Result<T> {
        parse(&succeed(self.http.send(self.call(method, path, Some(token), json, SMALL)).await?)?)
    }

    pub(crate) fn call(
        &self,
        method: &'static str,
        path: &str,
        token: Option<&ControlToken>,
        json: Option<Vec<u8>>,
        limit: usize,
    ) -> Call {
        let bearer = token.map(|token| Zeroizing::new(token.expose_header()));
        Call { method, url: format!("{}{path}", self.base), bearer, json, limit, ..Call::default() }
    }
}

fn to_json(message: &impl Serialize) -> Vec<u8> {
    #[allow(clippy::expect_used)] // These messages are structures of text, numbers and lists.
    serde_json::to_vec(message).expect("messages serialise")
}

fn parse<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| Error::NotARelay { what: "its answer is not the JSON it should be" })
}

/// An answer that is a success, or what its status means.
pub(crate) fn succeed(answer: Answer) -> Result<Answer> {
    let seconds = answer.retry_after.as_deref().and_then(|text| text.trim().parse().ok());
    match answer.status {
        200..=299 => Ok(answer),
        408 | 425 => Err(Error::away(Reason::Timeout)),
        429 => Err(Error::away(Reason::Busy { seconds })),
        503 if seconds.is_some() => Err(Error::away(Reason::Busy { seconds })),
        status @ 500..=599 => Err(Error::away(Reason::Trouble { status })),
        status @ 400..=499 => Err(refusal(status, &answer.body)),
        _ => Err(Error::NotARelay { what: "its status has no meaning here" }),
    }
}

/// The relay's own words, as far as they are fit to be shown.
fn refusal(status: u16, body: &[u8]) -> Error {
    let clean = |text: &str, most: usize| -> String { text.chars().filter(|c| !c.is_control()).take(most).collect() };
    match serde_json::from_slice::<Refusal>(body) {
        Ok(Refusal { code, message }) => {
            Error::RelayRefused { status, code: clean(&code, 40), message: clean(&message, 300) }
        }
        Err(_) => Error::RelayRefused { status, code: String::new(), message: format!("status {status}") },
    }
}
