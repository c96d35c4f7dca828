//! Opening a link without doing any input or output: [`Reader`] says what to ask next and takes the answers.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "SMART Health Links Receiving Application Processes" (manifest
//! request, manifest response, direct file, errors). The same reader runs in a browser over `fetch` and in a program
//! over any HTTP client:
//!
//! ```
//! use smart_health::{Answer, Ask, Error, Opened, Reader};
//!
//! fn open(mut reader: Reader, mut http: impl FnMut(Ask) -> Answer, mut passcode: impl FnMut() -> String)
//!     -> Result<Opened, Error>
//! {
//!     loop {
//!         match reader.ask() {
//!             Ask::Passcode { .. } => reader.enter_passcode(&passcode())?,
//!             Ask::Wait { .. } => reader.waited()?, // after so many seconds
//!             Ask::Done => return reader.into_opened(),
//!             request => reader.answer(&http(request))?,
//!         }
//!     }
//! }
//! ```

mod opened;
mod request;
#[cfg(test)]
mod tests;

pub use opened::{Opened, OpenedFile};

use crate::http_date::retry_after;
use crate::link::PlainHttp;
use crate::manifest::{FHIR_JSON, Manifest, ManifestFile, WrongPasscode, media_type};
use crate::{Error, Flags, Plaintext, Result, SmartHealthLink, content, jwe, link};
use std::fmt;
use zeroize::Zeroizing;

/// How a link is opened.
#[derive(Clone)]
pub struct Options {
    /// Who opens it, as text that the patient will read. At most 200 characters.
    pub recipient: String,
    /// The time, in Unix seconds; none where it is not known.
    pub now: Option<i64>,
    /// Ask the server of a link that says that it ended, too. What a link says is a hint (payload's `exp`): whoever
    /// shared it may have extended it since, and only the server knows. Default `false`: such a link is refused before
    /// anything is asked, and whoever wants it nevertheless can say so.
    pub ask_ended: bool,
    /// The most files. Default 20.
    pub max_files: usize,
    /// The most bytes of one file's content, decompressed. Default 32 MiB.
    pub max_file_bytes: usize,
    /// The most bytes of all files' contents together. Default 64 MiB.
    pub max_total_bytes: usize,
    /// The longest file the server may put into the manifest itself, in characters. Default 1 MiB; none: its choice.
    pub embedded_length_max: Option<usize>,
    /// The longest the reader agrees to wait when told to, in seconds. Default 60.
    pub max_wait: u32,
    /// Also fetch over plain `http` from other machines. Default `false`.
    pub allow_http: bool,
    /// Also open a link that leads to this machine over plain `http`. Default `false`: a stranger's link could name whatever
    /// listens here, and would have it asked. For links that their own person made or typed.
    pub allow_loopback: bool,
}

impl Options {
    /// The defaults, for this recipient and this time.
    pub fn new(recipient: impl Into<String>, now: Option<i64>) -> Self {
        Self {
            recipient: recipient.into(),
            now,
            ask_ended: false,
            max_files: 20,
            max_file_bytes: 32 << 20,
            max_total_bytes: 64 << 20,
            embedded_length_max: Some(1 << 20),
            max_wait: 60,
            allow_http: false,
            allow_loopback: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options(…)")
    }
}

/// What the reader needs next.
///
/// Requests carry no credentials and need no headers beyond those named; redirects may be followed. An address must
/// not be logged.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ask {
    /// Send `GET url` and hand over the answer.
    Get {
        /// Where.
        url: String,
        /// Read no more of the body than this (the reader refuses a longer one).
        max_body: usize,
    },
    /// Send `POST url` with this body and `content-type: application/json`, and hand over the answer. Not to be
    /// repeated by itself: each try with a wrong passcode uses up one of the link's attempts.
    PostManifest {
        /// Where.
        url: String,
        /// The JSON to send. A secret: it may hold the passcode.
        body: String,
        /// Read no more of the body than this (the reader refuses a longer one).
        max_body: usize,
    },
    /// Ask the person for the passcode and hand it over with [`Reader::enter_passcode`].
    Passcode {
        /// How many tries the server says are left, once it said so.
        remaining_attempts: Option<u32>,
        /// Whether one was entered and was wrong.
        rejected: bool,
    },
    /// Wait so long and say [`Reader::waited`]: the server is busy.
    Wait {
        /// Seconds.
        seconds: u32,
    },
    /// All files are there: [`Reader::into_opened`].
    Done,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get { .. } => "Get(…)",
            Self::PostManifest { .. } => "PostManifest(…)",
            Self::Passcode { .. } => "Passcode",
            Self::Wait { .. } => "Wait",
            Self::Done => "Done",
        })
    }
}

/// What a server answered.
#[derive(Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After` as it stands, if there was one and the browser let it be seen.
    pub retry_after: Option<String>,
    /// The body, read up to one byte beyond the ask's `max_body`.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer(status {}, {} bytes)", self.status, self.body.len())
    }
}

/// A link being opened.
///
/// After an error the reader stands where it stood and may be asked again, once the person wants to try again: a
/// server in trouble costs no passcode to be typed twice, and a link that was paused may have been resumed.
pub struct Reader {
    link: SmartHealthLink,
    options: Options,
    passcode: Option<Zeroizing<String>>,
    /// Whether the server took the passcode once: then it may be sent again without the person.
    passcode_right: bool,
    stage: Stage,
    /// Where a wait leads back to.
    after_wait: Stage,
    waits: u32,
    /// The time last heard of, Unix seconds.
    now: Option<i64>,
    /// That time when the manifest came.
    manifest_at: Option<i64>,
    manifest: Manifest,
    poll_after: Option<u32>,
    files: Vec<Slot>,
    /// What the files' `lastUpdated` was when they were fetched before; see [`crate::watch`].
    known: Vec<Option<String>>,
}

/// A place in the manifest.
#[derive(Debug)]
pub(crate) enum Slot {
    /// A file that was fetched.
    Opened(OpenedFile),
    /// One that is as it was when it was fetched before.
    Unchanged,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({:?})", self.stage)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Passcode {
        remaining: Option<u32>,
        rejected: bool,
    },
    Manifest,
    /// The file after those already there, at its location.
    Location,
    Direct,
    Wait(u32),
    Done,
}

/// How often a server may say "later" before the reader gives up.
const MAX_WAITS: u32 = 5;

/// How long a manifest's locations may be used, in seconds ("`.files.location` links").
const LOCATION_LIFE: i64 = 3600;

impl Reader {
    /// Starts to open a link. Asks nothing yet.
    ///
    /// # Errors
    /// [`Error::Expired`] unless [`Options::ask_ended`], [`Error::RecipientInvalid`], [`Error::UrlInsecure`].
    pub fn new(link: SmartHealthLink, options: Options) -> Result<Self> {
        if let (Some(at), Some(now)) = (link.exp, options.now)
            && at <= now
            && !options.ask_ended
        {
            return Err(Error::Expired { at });
        }
        let recipient = options.recipient.trim();
        if recipient.is_empty() || recipient.chars().count() > 200 || recipient.chars().any(char::is_control) {
            return Err(Error::RecipientInvalid);
        }
        let allowed = PlainHttp { loopback: options.allow_loopback, elsewhere: options.allow_http };
        link::check_fetchable(link.url.as_str(), allowed)?;
        let stage = match link.flags {
            Flags { direct: true, .. } => Stage::Direct,
            Flags { passcode: true, .. } => Stage::Passcode { remaining: None, rejected: false },
            _ => Stage::Manifest,
        };
        Ok(Self {
            link,
            passcode: None,
            passcode_right: false,
            stage,
            after_wait: stage,
            waits: 0,
            now: options.now,
            manifest_at: None,
            manifest: Manifest::default(),
            poll_after: None,
            files: Vec::new(),
            known: Vec::new(),
            options,
        })
    }

    /// What is needed next. Asking twice changes nothing.
    pub fn ask(&self) -> Ask {
        match self.stage {
            Stage::Passcode { remaining, rejected } => Ask::Passcode { remaining_attempts: remaining, rejected },
            Stage::Wait(seconds) => Ask::Wait { seconds },
            Stage::Done => Ask::Done,
            Stage::Manifest => self.manifest_request(),
            Stage::Direct => self.direct_request(),
            Stage::Location => self.location_request(),
        }
    }

    /// The link that is being opened.
    pub fn link(&self) -> &SmartHealthLink {
        &self.link
    }

    /// Says what time it is, in Unix seconds. Worth saying after a long break only: an hour after the manifest its
    /// locations may not be used any more, and the manifest is asked for again.
    pub fn time_is(&mut self, now: i64) {
        self.now = Some(now);
        if self.stage == Stage::Location
            && self.manifest_at.is_some_and(|then| now.saturating_sub(then) > LOCATION_LIFE)
        {
            self.restart();
        }
    }

    /// Takes the passcode that a person typed.
    ///
    /// # Errors
    /// [`Error::OutOfTurn`] if none was asked for.
    pub fn enter_passcode(&mut self, passcode: &str) -> Result<()> {
        if !matches!(self.stage, Stage::Passcode { .. }) {
            return Err(Error::OutOfTurn);
        }
        self.passcode = Some(Zeroizing::new(passcode.to_owned()));
        self.passcode_right = false;
        self.stage = Stage::Manifest;
        Ok(())
    }

    /// Goes on after [`Ask::Wait`].
    ///
    /// # Errors
    /// [`Error::OutOfTurn`] if no wait was asked for.
    pub fn waited(&mut self) -> Result<()> {
        if !matches!(self.stage, Stage::Wait(_)) {
            return Err(Error::OutOfTurn);
        }
        self.stage = self.after_wait;
        Ok(())
    }

    /// Takes the news that the last request failed before an answer came, and goes back to where it is safe to go on:
    /// a location may work only once, so the manifest is asked for again; a passcode that was not taken before may have
    /// been counted, so the person is asked again.
    pub fn interrupted(&mut self) {
        match self.stage {
            Stage::Location => self.restart(),
            Stage::Manifest if self.passcode.is_some() && !self.passcode_right => {
                self.stage = Stage::Passcode { remaining: None, rejected: false };
            }
            _ => {}
        }
    }

    /// Takes the answer to the request last asked for.
    ///
    /// # Errors
    /// [`Error::Inactive`] for 404, [`Error::NoAttemptsLeft`], [`Error::Busy`], [`Error::ServerTrouble`],
    /// [`Error::Refused`], [`Error::UnexpectedStatus`], [`Error::TooLarge`], [`Error::ManifestInvalid`],
    /// [`Error::TooManyFiles`], what [`jwe::decrypt`] finds, [`Error::OutOfTurn`] if no request was asked for.
    pub fn answer(&mut self, answer: &Answer) -> Result<()> {
        let limit = match self.ask() {
            Ask::Get { max_body, .. } | Ask::PostManifest { max_body, .. } => max_body,
            _ => return Err(Error::OutOfTurn),
        };
        match answer.status {
            200..=299 if answer.body.len() > limit => Err(Error::TooLarge { limit }),
            200..=299 => {
                let taken = self.take_content(answer);
                if taken.is_err() && self.stage == Stage::Location {
                    // The location may have worked only once.
                    self.restart();
                }
                taken
            }
            401 | 403 if self.stage == Stage::Manifest => self.take_wrong_passcode(answer),
            // A location that ran out is no end of the link: the manifest says where the file is now.
            403 | 404 | 410 if self.stage == Stage::Location && self.waits < MAX_WAITS => {
                self.waits += 1;
                self.restart();
                Ok(())
            }
            404 | 410 => Err(Error::Inactive),
            429 => self.take_busy(answer),
            503 if answer.retry_after.is_some() => self.take_busy(answer),
            400..=499 => Err(Error::Refused { status: answer.status }),
            500..=599 => Err(Error::ServerTrouble { status: answer.status }),
            status => Err(Error::UnexpectedStatus { status }),
        }
    }

    /// What the link held, once [`Reader::ask`] says [`Ask::Done`].
    ///
    /// # Errors
    /// [`Error::OutOfTurn`] before that.
    pub fn into_opened(self) -> Result<Opened> {
        if self.stage != Stage::Done {
            return Err(Error::OutOfTurn);
        }
        let opened = |slot| match slot {
            Slot::Opened(file) => Some(file),
            Slot::Unchanged => None,
        };
        Ok(Opened {
            label: self.link.label.clone(),
            flags: self.link.flags,
            exp: self.link.exp,
            grant_hash: self.link.grant_hash,
            status: self.manifest.overall_status(),
            poll_after: self.poll_after,
            files: self.files.into_iter().filter_map(opened).collect(),
        })
    }

    /// Ends a round: gives what it found and stands at the start of the next one, with the passcode that was right.
    /// `known` is what [`Slot::Unchanged`] is judged by.
    pub(crate) fn end_round(&mut self) -> (Manifest, Option<u32>, Vec<Slot>) {
        let files = std::mem::take(&mut self.files);
        let manifest = std::mem::take(&mut self.manifest);
        self.waits = 0;
        self.stage = if self.link.flags.direct { Stage::Direct } else { Stage::Manifest };
        (manifest, self.poll_after.take(), files)
    }

    /// Gives a round up that a server was too busy for: what it fetched is dropped, a passcode is kept, for the server
    /// did not look at it.
    pub(crate) fn put_off_round(&mut self) {
        self.waits = 0;
        if self.stage == Stage::Location {
            self.restart();
        }
    }

    /// Gives a round up that failed: as [`Reader::interrupted`].
    pub(crate) fn give_up_round(&mut self) {
        self.waits = 0;
        self.interrupted();
    }

    /// Says what `lastUpdated` the files had when they were fetched before.
    pub(crate) fn set_known(&mut self, known: Vec<Option<String>>) {
        self.known = known;
    }

    fn take_content(&mut self, answer: &Answer) -> Result<()> {
        match self.stage {
            Stage::Manifest => {
                let manifest = Manifest::read(&answer.body, self.options.max_files)?;
                self.poll_after = self.link.flags.long_term.then(|| self.retry_after(answer)).flatten();
                self.passcode_right = self.passcode.is_some();
                self.manifest_at = self.now;
                self.manifest = manifest;
                self.files.clear();
                self.advance()
            }
            Stage::Location => {
                self.keep(&answer.body)?;
                self.advance()
            }
            _ => {
                self.files.clear();
                self.poll_after = self.link.flags.long_term.then(|| self.retry_after(answer)).flatten();
                self.keep(&answer.body)?;
                self.stage = Stage::Done;
                Ok(())
            }
        }
    }

    /// Takes embedded files until one has to be fetched or none is left.
    fn advance(&mut self) -> Result<()> {
        let same_number = self.known.len() == self.manifest.files.len();
        while let Some(file) = self.manifest.files.get_mut(self.files.len()) {
            let known = self.known.get(self.files.len()).cloned().flatten();
            let is_known = same_number && known.is_some() && known == file.last_updated;
            // Taken out, so that a large file is not held twice.
            if let Some(embedded) = file.embedded.take() {
                self.keep(embedded.as_bytes())?;
            } else if is_known {
                self.files.push(Slot::Unchanged);
            } else {
                let location = file.location.as_deref().ok_or(Error::ManifestInvalid)?;
                // From elsewhere nobody has a file on this machine.
                let loopback = self.options.allow_loopback && self.link.url.is_loopback();
                link::check_fetchable(location, PlainHttp { loopback, elsewhere: self.options.allow_http })?;
                self.stage = Stage::Location;
                return Ok(());
            }
        }
        self.stage = Stage::Done;
        Ok(())
    }

    /// What the manifest says of the first file that is not there yet; nothing for a direct link.
    fn current_file(&self) -> Option<&ManifestFile> {
        self.manifest.files.get(self.files.len())
    }

    /// Decrypts one file and puts it with the others.
    fn keep(&mut self, body: &[u8]) -> Result<()> {
        let len = |slot: &Slot| if let Slot::Opened(file) = slot { file.bytes.len() } else { 0 };
        let so_far: usize = self.files.iter().map(len).sum();
        let limit = self.options.max_file_bytes.min(self.options.max_total_bytes.saturating_sub(so_far));
        let compact = std::str::from_utf8(body).map_err(|_| Error::JweMalformed)?;
        let Plaintext { content_type, bytes } = jwe::decrypt(&self.link.key, compact, limit)?;
        let stated = self.current_file();
        // What was encrypted with the content outweighs what a server says about it.
        let content_type = content_type
            .or_else(|| stated.map(|file| file.content_type.clone()).filter(|stated| !media_type(stated).is_empty()))
            .unwrap_or_else(|| FHIR_JSON.to_owned());
        let version = stated.and_then(|file| {
            file.fhir_version.clone().or_else(|| content::fhir_version(&file.content_type).map(str::to_owned))
        });
        self.files.push(Slot::Opened(OpenedFile {
            fhir_version: version.or_else(|| content::fhir_version(&content_type).map(str::to_owned)),
            last_updated: stated.and_then(|file| file.last_updated.clone()),
            status: stated.and_then(|file| file.status),
            content_type,
            bytes,
        }));
        Ok(())
    }

    fn take_wrong_passcode(&mut self, answer: &Answer) -> Result<()> {
        let remaining = serde_json::from_slice::<WrongPasscode>(&answer.body).ok().map(|body| body.remaining_attempts);
        if answer.status == 403 && remaining.is_none() {
            return Err(Error::Refused { status: 403 });
        }
        if remaining == Some(0) {
            return Err(Error::NoAttemptsLeft);
        }
        self.passcode_right = false;
        let rejected = self.passcode.take().is_some();
        self.stage = Stage::Passcode { remaining, rejected };
        Ok(())
    }

    fn take_busy(&mut self, answer: &Answer) -> Result<()> {
        // Without a readable Retry-After (browsers hide it unless told otherwise) wait longer each time.
        let seconds = self.retry_after(answer).unwrap_or(2 << self.waits.min(4));
        if seconds > self.options.max_wait || self.waits >= MAX_WAITS {
            return Err(Error::Busy { seconds });
        }
        self.waits += 1;
        self.after_wait = self.stage;
        self.stage = Stage::Wait(seconds);
        Ok(())
    }

    /// Back to the manifest, with the passcode that was right.
    fn restart(&mut self) {
        self.files.clear();
        self.stage = Stage::Manifest;
    }

    /// `Retry-After` in seconds. A date counts from the time last heard of; where there is none, it counts as absent.
    fn retry_after(&self, answer: &Answer) -> Option<u32> {
        retry_after(answer.retry_after.as_deref()?, self.now)
    }
}
