//! Opening a link: the reader from `smart_health`, driven by the page's own requests.

use super::fetch::{self, Response};
use crate::platform;
use smart_health::reader::Options;
use smart_health::{Answer, Ask, Error, Opened, Reader, SmartHealthLink};

/// A link on its way to being opened.
pub struct Opening {
    reader: Reader,
    /// Where the relay says that it committed the grant.
    pub commitment_index: Option<u64>,
}

/// Where an opening came to a stop.
pub enum Stop {
    /// Everything is there.
    Done,
    /// A passcode is needed.
    Passcode {
        /// Tries left, once the server said so.
        remaining: Option<u32>,
        /// Whether the last one was wrong.
        rejected: bool,
    },
}

/// Why a link could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There was no answer.
    Network,
    /// The link, the server or the files are not as they should be.
    Link(Error),
    /// What was inside cannot be shown.
    Content,
    /// The address is that of a withdrawal card, and a character of its code is wrong.
    Card,
}

impl Opening {
    /// Gets ready; asks nothing yet. With `ask_ended` a link is asked for although it says that it ended.
    pub fn new(link: SmartHealthLink, recipient: &str, ask_ended: bool) -> Result<Self, Trouble> {
        let mut options = Options { ask_ended, ..Options::new(recipient, Some(platform::now())) };
        // A page that was itself loaded over plain http (a wallet sharing inside one room's network) may read its own relay.
        let plain = platform::page_is_plain_http();
        (options.allow_http, options.allow_loopback) = (plain, plain);
        let reader = Reader::new(link, options).map_err(Trouble::Link)?;
        Ok(Self { reader, commitment_index: None })
    }

    /// Where the link's relay is, if the link has the form that Carnet's relays use.
    pub fn relay(&self) -> Option<String> {
        let url = self.reader.link().url.as_str();
        url.split_once("/shl/").map(|(relay, _)| relay.to_owned())
    }

    /// Takes the passcode a person typed.
    pub fn enter_passcode(&mut self, passcode: &str) -> Result<(), Trouble> {
        self.reader.enter_passcode(passcode).map_err(Trouble::Link)
    }

    /// Goes on until it is done, needs the person, or fails. After a failure it can be called again.
    pub async fn go_on(&mut self) -> Result<Stop, Trouble> {
        loop {
            let response = match self.reader.ask() {
                Ask::Done => return Ok(Stop::Done),
                Ask::Passcode { remaining_attempts, rejected } => {
                    return Ok(Stop::Passcode { remaining: remaining_attempts, rejected });
                }
                Ask::Wait { seconds } => {
                    platform::sleep(i32::try_from(seconds).unwrap_or(60).saturating_mul(1_000)).await;
                    self.reader.waited().map_err(Trouble::Link)?;
                    continue;
                }
                Ask::Get { url, max_body } => fetch::get(&url, max_body).await,
                Ask::PostManifest { url, body, max_body } => fetch::post_json(&url, &body, max_body).await,
                _ => return Err(Trouble::Link(Error::OutOfTurn)),
            };
            let Ok(Response { status, retry_after, commitment_index, body }) = response else {
                self.reader.interrupted();
                return Err(Trouble::Network);
            };
            self.commitment_index = commitment_index.or(self.commitment_index);
            self.reader.answer(&Answer { status, retry_after, body }).map_err(Trouble::Link)?;
        }
    }

    /// What the link held, once done.
    pub fn into_opened(self) -> Result<Opened, Trouble> {
        self.reader.into_opened().map_err(Trouble::Link)
    }
}
