//! The link itself: the payload a QR code carries, its strict writer and its forgiving reader.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Construct a SMART Health Link Payload" and "Construct a SMART
//! Health Link". What is written is what every reader in the field opens; what is read is all that writers in the
//! field produce.

mod find;
mod parse;
#[cfg(test)]
mod tests;
mod url;

pub use url::ManifestUrl;
pub(crate) use url::{PlainHttp, check_fetchable};

use crate::{Error, Result, base64url};
use serde::Serialize;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A SMART Health Link: where the files are and the key that opens them.
///
/// Whoever holds it can open it, so it is a secret as a whole: its `Debug` shows none of it.
#[derive(Debug, PartialEq, Eq)]
pub struct SmartHealthLink {
    /// Where to ask: the manifest, or the file itself with [`Flags::direct`].
    pub url: ManifestUrl,
    /// What decrypts every file of the link.
    pub key: ContentKey,
    /// When the link ends, in Unix seconds. A hint: the server decides.
    pub exp: Option<i64>,
    /// How the link is to be opened.
    pub flags: Flags,
    /// What it holds, in a few words, shown before it is opened.
    pub label: Option<Label>,
    /// The member `_g`: SHA-256 of the signed grant that the files carry. Readers that do not know it pass it over, as
    /// the specification asks for members that start with `_`. An extension of Carnet's; leave it out for links of other kinds.
    pub grant_hash: Option<[u8; 32]>,
}

impl SmartHealthLink {
    /// Puts a link together for writing.
    ///
    /// # Errors
    /// [`Error::FlagsContradict`] for a passcode on a direct file, [`Error::ExpiryInvalid`] for an end that is not
    /// within the years 1970 to 5138.
    pub fn new(
        url: ManifestUrl,
        key: ContentKey,
        exp: Option<i64>,
        flags: Flags,
        label: Option<Label>,
        grant_hash: Option<[u8; 32]>,
    ) -> Result<Self> {
        if flags.passcode && flags.direct {
            return Err(Error::FlagsContradict);
        }
        if exp.is_some_and(|at| !(0..=LAST_SECOND).contains(&at)) {
            return Err(Error::ExpiryInvalid);
        }
        Ok(Self { url, key, exp, flags, label, grant_hash })
    }

    /// Finds and reads the link in what was scanned or pasted.
    ///
    /// Accepts `shlink:/…`, `shlink://…`, `vhlink:/…` (IHE VHL), any of them behind a viewer's address and `#`
    /// (percent-encoded or not), surrounding white space and text, links broken over several lines; `exp` in seconds or
    /// milliseconds, as number or text; padded keys; members it does not know.
    ///
    /// # Errors
    /// [`Error::NotALink`], [`Error::LinkTooLong`], [`Error::LinkDamaged`], [`Error::LinkField`],
    /// [`Error::LinkVersion`], [`Error::FlagsContradict`], [`Error::UrlInvalid`].
    pub fn parse(text: &str) -> Result<Self> {
        parse::parse(text)
    }

    /// The most characters of a text that [`SmartHealthLink::find_all`] looks through: 1 MiB.
    pub const MAX_LETTER: usize = 1 << 20;
    /// The most links that it gives.
    pub const MAX_LINKS: usize = 32;

    /// Finds all links in a text, such as a letter or a page, in their order. One that cannot be read is there as the
    /// reason why.
    ///
    /// # Errors
    /// [`Error::LinkTooLong`] beyond [`SmartHealthLink::MAX_LETTER`].
    pub fn find_all(text: &str) -> Result<Vec<Result<Self>>> {
        parse::find_all(text)
    }

    /// The link as readers of their own take it: `shlink:/eyJ…`. A secret.
    pub fn to_uri(&self) -> String {
        let key = Zeroizing::new(base64url::encode(self.key.expose_bytes()));
        let grant_hash = self.grant_hash.map(|hash| base64url::encode(&hash));
        let flag = self.flags.to_string();
        let payload = Payload {
            url: self.url.as_str(),
            exp: self.exp,
            flag: (!flag.is_empty()).then_some(flag.as_str()),
            key: &key,
            label: self.label.as_ref().map(Label::as_str),
            g: grant_hash.as_deref(),
        };
        #[allow(clippy::expect_used)] // Strings and an integer always serialise.
        let json = Zeroizing::new(serde_json::to_string(&payload).expect("strings serialise"));
        format!("shlink:/{}", base64url::encode(json.as_bytes()))
    }

    /// The link behind a viewer's address: what a camera that knows nothing of SMART Health Links opens in a browser.
    /// The part behind `#` never reaches the viewer's server. A secret.
    ///
    /// `viewer` is the viewer's page, with or without a closing `#`.
    pub fn to_viewer_uri(&self, viewer: &str) -> String {
        format!("{}#{}", viewer.trim_end_matches('#'), self.to_uri())
    }
}

/// What can be told of a link of any version before it is opened: `label`, `exp` and `flag` mean the same in all of them
/// ("Design Note: Protocol Versioning").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What it holds, in the words of whoever made it.
    pub label: Option<Label>,
    /// When it ends, Unix seconds.
    pub exp: Option<i64>,
    /// How it is to be opened.
    pub flags: Flags,
    /// The version it names; only 1 can be opened.
    pub version: u64,
}

impl Preview {
    /// Reads what can be told of the link in a text, even if it cannot be opened here.
    ///
    /// # Errors
    /// [`Error::NotALink`], [`Error::LinkTooLong`], [`Error::LinkDamaged`], [`Error::LinkField`],
    /// [`Error::FlagsContradict`].
    pub fn parse(text: &str) -> Result<Self> {
        parse::preview(text)
    }
}

/// The payload in the order in which it is written.
#[derive(Serialize)]
struct Payload<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<&'a str>,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(rename = "_g", skip_serializing_if = "Option::is_none")]
    g: Option<&'a str>,
}

/// How a link is to be opened: the letters of the payload's `flag`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// `L`: meant for long-term use; the manifest may be asked for again.
    pub long_term: bool,
    /// `P`: a passcode is asked for. Never together with `direct`.
    pub passcode: bool,
    /// `U`: the address is that of a single encrypted file, fetched with `GET`.
    pub direct: bool,
}

impl Flags {
    /// Reads the letters in any order and case; letters it does not know are passed over.
    ///
    /// # Errors
    /// [`Error::FlagsContradict`] for `P` with `U`.
    pub fn parse(letters: &str) -> Result<Self> {
        let has = |wanted: char| letters.chars().any(|letter| letter.eq_ignore_ascii_case(&wanted));
        let flags = Self { long_term: has('L'), passcode: has('P'), direct: has('U') };
        if flags.passcode && flags.direct { Err(Error::FlagsContradict) } else { Ok(flags) }
    }
}

impl fmt::Display for Flags {
    /// The letters in alphabetical order, as the specification asks; empty for none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (set, letter) in [(self.long_term, "L"), (self.passcode, "P"), (self.direct, "U")] {
            if set {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}

/// The 256-bit key of a link's files. Wiped when dropped; compared in constant time.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ContentKey([u8; 32]);

impl ContentKey {
    /// Takes over 32 random bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves, for a cipher or a store of secrets only.
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(…)")
    }
}

impl PartialEq for ContentKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for ContentKey {}

/// What a link holds, in at most 80 characters of plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// The most characters a label may have.
    pub const MAX: usize = 80;

    /// Takes a label for writing. Counted in UTF-16 units, as the readers written in JavaScript count.
    ///
    /// # Errors
    /// [`Error::LabelInvalid`] if it is longer than [`Label::MAX`] or holds control characters.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let fits = text.encode_utf16().take(Self::MAX + 1).count() <= Self::MAX;
        if fits && !text.chars().any(is_unshowable) { Ok(Self(text)) } else { Err(Error::LabelInvalid) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What remains of a stranger's label: no control or direction characters, cut at the limit.
    fn from_stranger(text: &str) -> Self {
        let mut units = 0;
        let kept = text
            .chars()
            .filter(|c| !is_unshowable(*c))
            .take_while(|c| {
                units += c.len_utf16();
                units <= Self::MAX
            })
            .collect();
        Self(kept)
    }
}

impl fmt::Debug for Label {
    /// Labels tend to name a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Label(…)")
    }
}

/// In the year 5138: from the next second on a reader would take the number for milliseconds.
const LAST_SECOND: i64 = 99_999_999_999;

/// Control characters, and those that turn the direction of the text around them.
fn is_unshowable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}
