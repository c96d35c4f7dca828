//! Opening somebody's link: the reader of `smart_health`, driven over HTTP.

use crate::http::{Call, Http, Timeouts};
use crate::{Error, Result};
use smart_health::reader::Options;
use smart_health::{Ask, Opened, Reader, SmartHealthLink};
use std::time::Duration;
use zeroize::Zeroizing;

/// What a link held, and where its server says the opening stands in its ledger.
#[derive(Debug)]
pub struct OpenedLink {
    /// What it held.
    pub opened: Opened,
    /// Where a Carnet relay says the grant's commitment stands in log A; none from other servers.
    pub commitment_index: Option<u64>,
}

/// Opens a link and fetches its files.
///
/// Waits where the server says so, within the options' limits. A wrong passcode is not tried again: each try is counted.
///
/// # Errors
/// [`Error::PasscodeNeeded`], [`Error::WrongPasscode`], [`Error::RelayAway`], [`Error::TooLarge`], and [`Error::Link`] for
/// all that [`smart_health::Error`] tells apart.
pub async fn open_link(link: SmartHealthLink, options: Options, passcode: Option<&str>) -> Result<OpenedLink> {
    // A few redirects: servers in the field move their files to object stores.
    let http = Http::new(link.url.as_str(), Timeouts::default(), 5);
    let mut passcode = passcode.map(|text| Zeroizing::new(text.to_owned()));
    let mut reader = Reader::new(link, options)?;
    let mut commitment_index = None;
    loop {
        let call = match reader.ask() {
            Ask::Done => return Ok(OpenedLink { opened: reader.into_opened()?, commitment_index }),
            Ask::Passcode { remaining_attempts, rejected: true } => {
                return Err(Error::WrongPasscode { remaining_attempts });
            }
            Ask::Passcode { .. } => {
                reader.enter_passcode(&passcode.take().ok_or(Error::PasscodeNeeded)?)?;
                continue;
            }
            Ask::Wait { seconds } => {
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                reader.waited()?;
                continue;
            }
            Ask::Get { url, max_body } => Call { method: "GET", url, limit: max_body, ..Call::default() },
            Ask::PostManifest { url, body, max_body } => {
                Call { method: "POST", url, json: Some(body.into_bytes()), limit: max_body, ..Call::default() }
            }
            _ => return Err(Error::NotARelay { what: "it wants something this version does not know" }),
        };
        let answer = http.send(call).await?;
        commitment_index = answer.commitment_index.or(commitment_index);
        reader.answer(&answer.into())?;
    }
}

/// Fetches what an app or an issuer publishes at an address (`GET`, no credentials, a few redirects); none if it cannot be had
/// or is larger than `limit` bytes.
pub async fn fetch_published(url: &str, limit: usize) -> Option<Vec<u8>> {
    let http = Http::new(url, Timeouts::default(), 5);
    let answer = http.send(Call { method: "GET", url: url.to_owned(), limit, ..Call::default() }).await.ok()?;
    (answer.status == 200).then_some(answer.body)
}
