//! Whose signatures to believe: the issuers of health cards with their keys and revocations, and the document signers of
//! health certificates.
//!
//! A [`TrustStore`] is built from published lists ([`TrustStore::add_snapshot`] and its neighbours), kept as JSON
//! ([`TrustStore::to_json`]) and brought up to date by an [`Update`], which says what to fetch and takes the answers. The
//! store is empty at first: no list is part of this crate.
//!
//! ```
//! use smart_health::Answer;
//! use smart_health::trust::{Ask, Sources, TrustStore, Update};
//!
//! fn update(store: TrustStore, now: i64, mut http: impl FnMut(&str, usize, Option<&str>) -> (Answer, Option<String>)) -> TrustStore {
//!     let mut update = Update::new(store, &Sources::default(), now);
//!     while let Ask::Get { url, max_body, tag } = update.ask() {
//!         let (answer, tag) = http(&url, max_body, tag.as_deref());
//!         update.answer(&answer, tag.as_deref());
//!     }
//!     let (store, problems) = update.finish();
//!     for problem in problems {
//!         eprintln!("{problem}");
//!     }
//!     store
//! }
//! ```

mod cache;
mod lists;
#[cfg(test)]
mod tests;
mod update;

use std::collections::{BTreeMap, BTreeSet};

pub use update::{Ask, Problem, ProblemKind, Sources, Update};

use crate::card::{self, Issuer, IssuerKey, Issuers, RevocationList};
use crate::hcert::{DocumentKey, DocumentKeys, RevocationHashes};

/// The most issuers that are kept.
pub const MAX_ISSUERS: usize = 10_000;

/// The most keys of document signers that are kept, of one list.
pub const MAX_DOCUMENT_KEYS: usize = 50_000;

/// The most lists of document signers.
pub const MAX_LISTS: usize = 32;

/// The most hashes of revoked certificates that are kept.
pub const MAX_REVOKED: usize = 5_000_000;
/// The longest entity tag that is kept.
const MAX_TAG: usize = 256;

/// Why a list was not taken. Nothing of the store is changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not JSON, or not of a form that is known.
    #[error("the list is not of a form that is known; nothing was changed")]
    UnknownForm,
    /// Nothing in it could be used.
    #[error("there is nothing in the list that could be used; nothing was changed")]
    Empty,
    /// More than is kept.
    #[error("the list is longer than {limit} entries; nothing was changed")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// The address of an issuer that is none.
    #[error("the issuer's address is not valid; nothing was changed")]
    IssuerAddress,
    /// What was kept is of a later version of this program, or damaged.
    #[error("the list of issuers that was kept cannot be read; fetch it again")]
    Cache,
}

/// What a list added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// Entries that are in use now.
    pub taken: usize,
    /// Entries that were not usable.
    pub passed_over: usize,
}

/// What is kept of an issuer of cards.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) issuer: Issuer,
    /// The address under which the same issuer is to be shown, if it has several.
    pub(crate) canonical: Option<String>,
    /// The lists that vouch for it.
    pub(crate) lists: BTreeSet<String>,
    /// When its keys were fetched, Unix seconds.
    pub(crate) keys_as_of: Option<i64>,
}

/// Keys of document signers from one list.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct DocumentList {
    pub(crate) as_of: i64,
    pub(crate) keys: BTreeMap<[u8; 8], Vec<DocumentKey>>,
}

/// Issuers, their keys, and what they revoked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrustStore {
    pub(crate) issuers: BTreeMap<String, Entry>,
    /// When each list of issuers was fetched, by its address.
    pub(crate) directories: BTreeMap<String, i64>,
    pub(crate) documents: BTreeMap<String, DocumentList>,
    pub(crate) revoked: BTreeSet<[u8; 16]>,
    /// The entity tag of each list as it was fetched (RFC 9110, section 8.8.3), by its address.
    pub(crate) tags: BTreeMap<String, String>,
}

impl Issuers for TrustStore {
    fn issuer(&self, url: &str) -> Option<&Issuer> {
        self.issuers.get(url).map(|entry| &entry.issuer)
    }
}

impl DocumentKeys for TrustStore {
    fn keys(&self, kid: &[u8; 8]) -> Vec<&DocumentKey> {
        self.documents.values().filter_map(|list| list.keys.get(kid)).flatten().collect()
    }

    fn is_revoked(&self, hashes: &RevocationHashes) -> bool {
        hashes.any(|hash| self.revoked.contains(hash))
    }
}

impl TrustStore {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.issuers.is_empty() && self.documents.is_empty()
    }

    /// How many issuers of cards it knows.
    pub fn issuer_count(&self) -> usize {
        self.issuers.len()
    }

    /// How many keys of document signers it knows.
    pub fn document_key_count(&self) -> usize {
        self.documents.values().flat_map(|list| list.keys.values()).map(Vec::len).sum()
    }

    /// The lists it was made from, with the time of each, Unix seconds.
    pub fn lists(&self) -> impl Iterator<Item = (&str, i64)> {
        let documents = self.documents.iter().map(|(source, list)| (source.as_str(), list.as_of));
        self.directories.iter().map(|(source, as_of)| (source.as_str(), *as_of)).chain(documents)
    }

    /// Whether any of its lists is older than so many seconds, or there is none.
    pub fn is_stale(&self, now: i64, max_age: i64) -> bool {
        let mut lists = self.lists().peekable();
        lists.peek().is_none() || lists.any(|(_, as_of)| now.saturating_sub(as_of) > max_age)
    }

    /// When an issuer's keys were fetched, Unix seconds.
    pub fn keys_as_of(&self, issuer: &str) -> Option<i64> {
        self.issuers.get(issuer)?.keys_as_of
    }

    /// The address under which an issuer that has several is to be shown.
    pub fn canonical_issuer(&self, issuer: &str) -> Option<&str> {
        self.issuers.get(issuer)?.canonical.as_deref()
    }

    /// Adds a directory of issuers (`vci-issuers.json`: `participating_issuers` with `iss` and `name`). It replaces what the
    /// same source listed before: who is not on it any more is not vouched for any more.
    ///
    /// # Errors
    /// [`Error::UnknownForm`], [`Error::Empty`], [`Error::TooLong`].
    pub fn add_directory(&mut self, source: &str, json: &[u8], as_of: i64) -> Result<Added, Error> {
        lists::add_directory(self, source, json, as_of)
    }

    /// Adds a snapshot of a directory with the issuers' keys and revocations
    /// (`{"issuerInfo": [{"issuer": {"iss", "name"}, "keys": […], "crls": […]}]}`, or the array alone). Replaces as
    /// [`add_directory`](Self::add_directory) does.
    ///
    /// # Errors
    /// [`Error::UnknownForm`], [`Error::Empty`], [`Error::TooLong`].
    pub fn add_snapshot(&mut self, source: &str, json: &[u8], as_of: i64) -> Result<Added, Error> {
        lists::add_snapshot(self, source, json, as_of)
    }

    /// Sets an issuer's keys to its key set, as fetched from `<issuer>/.well-known/jwks.json`. That alone does not make it a
    /// listed issuer. Keys that are not on it any more are gone: that is how an issuer takes one back.
    ///
    /// # Errors
    /// [`Error::IssuerAddress`], [`Error::UnknownForm`], [`Error::Empty`] where no key could be used, [`Error::TooLong`].
    pub fn add_key_set(&mut self, issuer: &str, json: &[u8], as_of: i64) -> Result<Added, Error> {
        if card::check_issuer(issuer).is_some() {
            return Err(Error::IssuerAddress);
        }
        let (keys, findings) = card::check_key_set(json, Some(issuer), Some(as_of));
        if findings.iter().any(|finding| finding.reason == card::Reason::KeySetNotJson && finding.path == "keys") {
            return Err(Error::UnknownForm);
        }
        if keys.is_empty() {
            return Err(Error::Empty);
        }
        let refused = findings
            .iter()
            .filter(|finding| finding.severity == card::Severity::Refused && !card::spares_key(&finding.reason));
        let passed_over = refused.map(|finding| finding.path.split('.').next()).collect::<BTreeSet<_>>().len();
        let taken = keys.len();
        let entry = self.entry(issuer)?;
        set_keys(entry, keys, as_of);
        Ok(Added { taken, passed_over })
    }

    /// Sets the list of revoked cards of one of an issuer's keys. An older one than is there changes nothing.
    ///
    /// # Errors
    /// [`Error::IssuerAddress`] for an issuer that is not known, [`Error::UnknownForm`].
    pub fn add_revocation_list(&mut self, issuer: &str, kid: &str, json: &[u8]) -> Result<Added, Error> {
        let entry = self.issuers.get_mut(issuer).ok_or(Error::IssuerAddress)?;
        let (list, findings) = card::check_revocation_list(json, Some(kid), None);
        let list = list.ok_or(Error::UnknownForm)?;
        let taken = list.len();
        set_revocations(&mut entry.issuer, list);
        Ok(Added { taken, passed_over: findings.len() })
    }

    /// Adds a list of document signers' keys. The forms that are known: the WHO's `did.json`; the DCC gateway's array or
    /// `certificates` of `{kid, country, rawData, certificateType}`, also behind a line with its signature; `eu_keys` of
    /// `{subjectPk, keyUsage}`; `dsc_trust_list` of JWKs by country; a JWK set. It replaces what the same source listed
    /// before. **The list's own signature is not checked here**: fetch it over TLS from where it is published.
    ///
    /// # Errors
    /// [`Error::UnknownForm`], [`Error::Empty`], [`Error::TooLong`].
    pub fn add_document_keys(&mut self, source: &str, json: &[u8], as_of: i64) -> Result<Added, Error> {
        lists::add_document_keys(self, source, json, as_of)
    }

    /// Adds hashes of revoked certificates (the first 16 bytes; see [`RevocationHashes`]).
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn add_revoked(&mut self, hashes: impl IntoIterator<Item = [u8; 16]>) -> Result<(), Error> {
        for hash in hashes {
            if self.revoked.len() >= MAX_REVOKED {
                return Err(Error::TooLong { limit: MAX_REVOKED });
            }
            self.revoked.insert(hash);
        }
        Ok(())
    }

    /// Takes over from another store what is newer there or not here at all. Who a list vouches for is said by the later
    /// of its two fetches: whoever it let go since does not come back by an older one.
    pub fn merge(&mut self, other: TrustStore) {
        let is_later = |(source, as_of): &(String, i64)| self.directories.get(source).is_none_or(|known| known < as_of);
        let later: BTreeMap<String, i64> = other.directories.into_iter().filter(is_later).collect();
        for entry in self.issuers.values_mut() {
            entry.lists.retain(|list| !later.contains_key(list));
        }
        for (url, mut theirs) in other.issuers {
            theirs.lists.retain(|list| later.contains_key(list));
            if let Some(ours) = self.issuers.get_mut(&url) {
                merge_entry(ours, theirs);
            } else if self.issuers.len() < MAX_ISSUERS {
                self.issuers.insert(url, theirs);
            }
        }
        for entry in self.issuers.values_mut() {
            entry.issuer.listed = !entry.lists.is_empty();
        }
        self.directories.extend(later);
        for (source, list) in other.documents {
            let known = self.documents.get(&source).map(|list| list.as_of);
            if known.is_none_or(|known| known < list.as_of) && (known.is_some() || self.documents.len() < MAX_LISTS) {
                self.documents.insert(source, list);
            }
        }
        // A list that was merged is no longer the one that was fetched.
        self.tags.clear();
        let room = MAX_REVOKED.saturating_sub(self.revoked.len());
        self.revoked.extend(other.revoked.into_iter().take(room));
    }

    /// The store as JSON: the same for the same store.
    pub fn to_json(&self) -> String {
        cache::write(self)
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// [`Error::Cache`].
    pub fn from_json(json: &str) -> Result<Self, Error> {
        cache::read(json)
    }

    /// Whether a list was had from that address.
    pub(crate) fn has_list(&self, url: &str) -> bool {
        self.directories.contains_key(url) || self.documents.contains_key(url)
    }

    /// Notes that a list is still what it was.
    pub(crate) fn still_as_of(&mut self, url: &str, now: i64) {
        if let Some(as_of) = self.directories.get_mut(url) {
            *as_of = now;
        }
        if let Some(list) = self.documents.get_mut(url) {
            list.as_of = now;
        }
    }

    /// Keeps the entity tag of a list that was just had; none: it has none.
    pub(crate) fn tag(&mut self, url: &str, tag: Option<&str>) {
        match tag.filter(|tag| tag.len() <= MAX_TAG && self.has_list(url)) {
            Some(tag) => drop(self.tags.insert(url.to_owned(), tag.to_owned())),
            None => drop(self.tags.remove(url)),
        }
    }

    /// The entry of an issuer, made if need be.
    pub(crate) fn entry(&mut self, url: &str) -> Result<&mut Entry, Error> {
        if !self.issuers.contains_key(url) && self.issuers.len() >= MAX_ISSUERS {
            return Err(Error::TooLong { limit: MAX_ISSUERS });
        }
        Ok(self.issuers.entry(url.to_owned()).or_insert_with(|| Entry {
            issuer: Issuer { url: url.to_owned(), ..Issuer::default() },
            canonical: None,
            lists: BTreeSet::new(),
            keys_as_of: None,
        }))
    }
}

/// Sets keys that are not older than those that are there.
pub(crate) fn set_keys(entry: &mut Entry, keys: Vec<IssuerKey>, as_of: i64) {
    if entry.keys_as_of.is_none_or(|known| known <= as_of) {
        entry.issuer.keys = Some(keys);
        entry.keys_as_of = Some(as_of);
    }
}

/// Keeps the later one of two lists for the same key.
pub(crate) fn set_revocations(issuer: &mut Issuer, list: RevocationList) {
    if let Some(known) = issuer.revocations.iter_mut().find(|known| known.kid() == list.kid()) {
        if known.version() <= list.version() {
            *known = list;
        }
    } else if issuer.revocations.len() < card::MAX_KEYS {
        issuer.revocations.push(list);
    }
}

fn merge_entry(ours: &mut Entry, theirs: Entry) {
    if let (Some(keys), Some(as_of)) = (theirs.issuer.keys, theirs.keys_as_of) {
        set_keys(ours, keys, as_of);
    }
    for list in theirs.issuer.revocations {
        set_revocations(&mut ours.issuer, list);
    }
    ours.lists.extend(theirs.lists);
    ours.issuer.name = ours.issuer.name.take().or(theirs.issuer.name);
    ours.canonical = ours.canonical.take().or(theirs.canonical);
}
