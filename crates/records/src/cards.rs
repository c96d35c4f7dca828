//! Signed cards: SMART Health Cards (file, link, `shc:/` codes) and health certificates (`HC1:`: EU DCC, WHO), as records.
//!
//! A card that is bad in any way is one [`Skip`] with the reason, and the good ones of the same file are taken. A card whose
//! issuer is not known here is taken too, as **unsigned** ([`Converted::signed`] is None): its signature says nothing as
//! long as nobody can check it. [`read`] then returns a [`Note`] that says so; importing the file again after an update of
//! the [`TrustStore`] gives the same records with the signature checked. Nothing of a record depends on what is known of the
//! issuer, so the records themselves stay the same to the byte.
//!
//! Ids are derived from the issuer, the key and the content, so the same card in a file and as a code is the same records.

mod certificate;
mod chunks;
mod health_card;
mod tables;
#[cfg(test)]
mod tests;

pub use chunks::{CHUNK_TITLE, chunks_of};
pub use smart_health::trust::TrustStore;

use std::{fmt, ops::ControlFlow};

use sha2::{Digest, Sha256};
use smart_health::{card, hcert};

use chunks::Verdict;

use crate::{
    Error, Result,
    convert::{Attachment, Converted, Found, Resource, Signed, SignedForm, Sink, Source, binary_reference, derive_id},
    datetime::instant,
    import::{Skip, SkipReason},
    sensitivity::Parts,
};

/// The most certificates (lines) of a file.
const MAX_CERTIFICATES: usize = 200;
/// The media type of a file of cards.
const CARD_FILE: &str = "application/smart-health-card";

/// Why a card was not taken, or what is to be said of one that was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardReason {
    /// A SMART Health Card.
    HealthCard(card::Reason),
    /// A health certificate.
    Certificate(hcert::Reason),
    /// A certificate without a statement that could become a record: of a kind for which there is no reader.
    OtherCertificate,
    /// A certificate that is a link to records elsewhere.
    Link,
    /// What a SMART Health Card says, without the signature that makes it one.
    NoSignature,
    /// A part of a card whose other parts are not here yet.
    Waiting {
        /// Which part.
        number: usize,
        /// Of how many.
        total: usize,
        /// The parts that nobody has seen; none where there are some of each number that do not belong together.
        missing: Vec<usize>,
    },
    /// More of them than are read.
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl CardReason {
    /// A stable name for it.
    pub fn code(&self) -> &'static str {
        match self {
            CardReason::HealthCard(reason) => reason.code(),
            CardReason::Certificate(reason) => reason.code(),
            CardReason::OtherCertificate => "other_certificate",
            CardReason::Link => "certificate_is_link",
            CardReason::NoSignature => "signature_missing",
            // To a program it is what a card is without them.
            CardReason::Waiting { .. } => "chunk_missing",
            CardReason::TooMany { .. } => "too_many_certificates",
        }
    }
}

impl fmt::Display for CardReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CardReason::HealthCard(reason) => write!(out, "SMART Health Card: {reason}."),
            CardReason::Certificate(reason) => write!(out, "Health certificate: {reason}."),
            CardReason::OtherCertificate => out.write_str(
                "The certificate is of a kind that is not read here: it is none of the EU's COVID certificates.",
            ),
            CardReason::Link => {
                out.write_str("The certificate holds no records but a link to them; open the link instead.")
            }
            CardReason::NoSignature => {
                out.write_str("This is what a SMART Health Card says, without its signature; add the card itself.")
            }
            CardReason::Waiting { number, total, missing } => chunks::write_waiting(out, *number, *total, missing),
            CardReason::TooMany { limit } => write!(out, "Only the first {limit} certificates of the file were read."),
        }
    }
}

/// Something that is to be said of a card that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Which card: `verifiableCredential[0]`, `HC1:`.
    pub place: String,
    /// What: that its issuer is not known (so that it counts as unsigned), or that revocation could not be checked.
    pub reason: CardReason,
}

/// What is known before cards are read.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Whose signatures can be checked.
    pub trust: &'a TrustStore,
    /// Parts of cards that came in other files ([`chunks_of`] their documents): a card whose last part is in this file is
    /// made with them.
    pub chunks: &'a [String],
}

impl<'a> From<&'a TrustStore> for Known<'a> {
    fn from(trust: &'a TrustStore) -> Self {
        Known { trust, chunks: &[] }
    }
}

/// What came of the cards in a file.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What is to be said of those that were taken.
    pub(crate) notes: Vec<Note>,
    /// What the cards are about that are whole in the file: it is as sensitive as they are.
    pub(crate) about: Parts,
    /// Parts of cards that are not whole in the file, for [`chunks::keep`].
    pub(crate) chunks: Vec<String>,
    /// Whether whoever takes the records has had enough.
    pub(crate) stopped: bool,
}

/// Whether a file looks like cards or certificates. `start` is its beginning, some KiB of it.
pub fn sniff(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    hcert::looks_like_hcert(text.trim_start_matches('\u{FEFF}')) || card::looks_like_cards(text)
}

/// Why the content of a card is not taken that comes by itself, as tools print it: what is wrong with it, else that it lacks
/// its signature. `None` of JSON that is no such content.
pub(crate) fn bare_content(json: &[u8], now: i64) -> Option<CardReason> {
    let (_, findings) = card::check_payload(json, now, false);
    let is_other = |reason: &card::Reason| {
        matches!(reason, card::Reason::PayloadNotJson | card::Reason::CredentialMissing | card::Reason::SubjectMissing)
    };
    if findings.iter().any(|finding| is_other(&finding.reason)) {
        return None;
    }
    let wrong = card::refusal(&findings).map(|finding| finding.reason.clone());
    Some(wrong.map_or(CardReason::NoSignature, CardReason::HealthCard))
}

/// Reads the cards or certificates of a file and hands their records over, with a DocumentReference to the file for each
/// card. Signatures are held against [`Known::trust`] at the time `source.now`. Parts of a card that is not whole are kept
/// as a document of that name; with the last of them, in whatever file, the card is read from a file that is made of it.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Empty`]. All else is a skip.
pub fn read(bytes: &[u8], source: &Source<'_>, known: Known<'_>, sink: &mut Sink<'_>) -> Result<Vec<Note>> {
    let is_file = bytes.trim_ascii_start().first() == Some(&b'{');
    let media_type = if is_file { CARD_FILE } else { "text/plain" };
    let outcome = read_all(&[bytes], media_type, source, known, sink)?;
    keep_chunks(&outcome, media_type, source, sink);
    Ok(outcome.notes)
}

/// Keeps the parts of cards that are not whole in a text of that media type, as a document that refers to it.
pub(crate) fn keep_chunks(outcome: &Outcome, media_type: &str, source: &Source<'_>, sink: &mut Sink<'_>) {
    if !outcome.stopped && !outcome.chunks.is_empty() {
        let resource = chunks::document(&outcome.chunks, media_type, source);
        let converted = Converted::new(resource, "shc:/".into());
        // The last that is handed over: that nobody wants more is no news.
        let _ = sink(Found::Resource(Box::new(converted)));
    }
}

/// Writes to the document of a file which parts of cards are in it, for those that come later.
pub(crate) fn mark_chunks(document: &mut Resource, chunks: &[String]) {
    chunks::mark(document, chunks);
}

/// [`read`], where these texts were found in a file of that media type; its parts of cards are left to the caller.
pub(crate) fn read_all(
    texts: &[&[u8]],
    media_type: &'static str,
    source: &Source<'_>,
    known: Known<'_>,
    sink: &mut Sink<'_>,
) -> Result<Outcome> {
    if texts.iter().map(|text| text.len() as u64).sum::<u64>() > source.limits.file_bytes {
        return Err(Error::TooLarge { limit_mib: source.limits.file_bytes >> 20 });
    }
    if texts.iter().all(|text| text.trim_ascii().is_empty()) {
        return Err(Error::Empty);
    }
    let mut reader = Reader {
        source,
        known,
        sink,
        out: Outcome::default(),
        documents: Vec::new(),
        left: source.limits.entries,
        media_type,
    };
    // Whoever takes the records may have had enough; that is no error.
    let stopped = texts.iter().try_for_each(|text| reader.file(text)).is_break() || reader.finish().is_break();
    Ok(Outcome { stopped, ..reader.out })
}

struct Reader<'a, 's> {
    source: &'a Source<'a>,
    known: Known<'a>,
    sink: &'a mut Sink<'s>,
    out: Outcome,
    /// The documents that refer to the file they came in, which holds them all.
    documents: Vec<(Resource, String, Option<Signed>)>,
    /// How many more entries may be handed over.
    left: usize,
    /// What the file is.
    media_type: &'static str,
}

/// Whether a letter is one of those that certificates are written in (RFC 9285).
pub(crate) fn is_base45(letter: char) -> bool {
    letter.is_ascii_uppercase() || letter.is_ascii_digit() || " $%*+-./:".contains(letter)
}

/// Whether a text begins as a certificate does, in any case of letters.
fn begins_certificate(text: &str) -> bool {
    text.as_bytes().get(..hcert::PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(hcert::PREFIX.as_bytes()))
}

/// The certificates of a text, each with the line it begins in: a line each, or broken over lines. A space is a character of
/// the code: lines are cut at line breaks and nowhere else.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let is_whole = |code: &str| hcert::unwrap(code, &hcert::Limits::default()).is_ok();
    let mut joined = 0;
    for (at, line) in text.split(['\n', '\r']).enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let begins = begins_certificate(line.trim_start());
        match out.last_mut() {
            Some((_, code))
                if !begins && joined < MAX_CERTIFICATES && line.chars().all(is_base45) && !is_whole(code) =>
            {
                joined += 1;
                code.push_str(line);
            }
            _ if begins => {
                let rest = line.trim_start().get(hcert::PREFIX.len()..).unwrap_or_default();
                out.push((at, format!("{}{rest}", hcert::PREFIX)));
            }
            _ => out.push((at, line.to_owned())),
        }
    }
    out
}

impl Reader<'_, '_> {
    fn file(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        let Ok(text) = std::str::from_utf8(bytes) else { return self.skip("file".into(), SkipReason::NotText) };
        let bare = text.trim_start_matches('\u{FEFF}');
        if begins_certificate(bare.trim_start()) {
            return self.certificates(bare);
        }
        match card::find(text, &card::Limits::default()) {
            Err(reason) => self.skip("file".into(), SkipReason::Card(CardReason::HealthCard(reason))),
            Ok(found) => {
                for found in found {
                    match found {
                        Ok(candidate) => self.card(&candidate)?,
                        Err(card::Unreadable { reason, .. }) if chunks::may_be_elsewhere(&reason, text) => {
                            self.chunks(text)?;
                        }
                        Err(card::Unreadable { place, reason }) => {
                            self.skip(place, SkipReason::Card(CardReason::HealthCard(reason)))?;
                        }
                    }
                }
                ControlFlow::Continue(())
            }
        }
    }

    /// Parts of cards that are not whole in this file.
    fn chunks(&mut self, text: &str) -> ControlFlow<()> {
        let (trust, context) = (self.known.trust, card::Context::new(self.source.now));
        let joined = chunks::join(text, self.known.chunks, &|candidate| {
            let checked = card::check(candidate, &context, trust);
            match (checked.refusal(), &checked.payload) {
                (None, _) => Verdict::Good,
                (Some(_), Some(_)) => Verdict::Refused,
                (Some(_), None) => Verdict::NoCard,
            }
        });
        for candidate in &joined.whole {
            self.joined(candidate)?;
        }
        if let Some(candidate) = &joined.refused {
            self.card(candidate)?;
        }
        for (place, reason) in joined.waiting {
            self.skip(place, SkipReason::Card(reason))?;
        }
        self.out.chunks.extend(joined.own);
        ControlFlow::Continue(())
    }

    /// A card from several files: read as one file that holds it, so that it is the same whichever part came last.
    fn joined(&mut self, candidate: &card::Candidate) -> ControlFlow<()> {
        let file = card::to_file(&[&candidate.jws]);
        let sha256 = Sha256::digest(&file).into();
        (self.sink)(Found::Attachment(Attachment { sha256, media_type: CARD_FILE, bytes: file.as_bytes() }))?;
        let source = Source { sha256, ..*self.source };
        let mut reader = Reader {
            source: &source,
            known: self.known,
            sink: &mut *self.sink,
            out: Outcome::default(),
            documents: Vec::new(),
            left: self.left,
            media_type: CARD_FILE,
        };
        let read = if reader.card(candidate).is_break() { ControlFlow::Break(()) } else { reader.finish() };
        let (left, notes) = (reader.left, reader.out.notes);
        self.left = left;
        self.out.notes.extend(notes);
        read
    }

    fn card(&mut self, candidate: &card::Candidate) -> ControlFlow<()> {
        let place = &candidate.place;
        let checked = card::check(candidate, &card::Context::new(self.source.now), self.known.trust);
        if let Some(finding) = checked.refusal() {
            let reason = SkipReason::Card(CardReason::HealthCard(finding.reason.clone()));
            return self.skip(format!("{place}.{}", finding.path), reason);
        }
        for finding in &checked.findings {
            if matches!(finding.reason, card::Reason::IssuerUnknown | card::Reason::RevocationUnchecked) {
                let reason = CardReason::HealthCard(finding.reason.clone());
                self.out.notes.push(Note { place: place.clone(), reason });
            }
        }
        // A card that is not refused has both.
        let (Some(payload), Some(kid)) = (checked.payload, checked.kid) else {
            return self.skip(place.clone(), SkipReason::NoResource);
        };
        let signed = match checked.signature {
            card::Signature::Verified { name, listed } => Some(Signed {
                form: SignedForm::HealthCard,
                issuer: payload.issuer.clone(),
                name,
                key_id: kid.clone(),
                listed,
                checked_at: self.source.now,
            }),
            card::Signature::NotChecked | card::Signature::Bad => None,
        };
        let document = Document {
            title: "SMART Health Card",
            media_type: self.media_type,
            identity: candidate.jws.trim(),
            issuer: &payload.issuer,
            issued: payload.issued,
        };
        let mut subject = None;
        for found in health_card::resources(&payload, &kid, self.source.limits) {
            match found.resource {
                Ok(resource) => {
                    if subject.is_none() && resource.get("resourceType").is_some_and(|kind| kind == "Patient") {
                        subject = resource.get("id").and_then(|id| id.as_str()).map(str::to_owned);
                    }
                    self.resource(resource, format!("{place}.{}", found.place), signed.clone())?;
                }
                Err(reason) => self.skip(format!("{place}.{}", found.place), reason)?,
            }
        }
        self.document(&document, subject, place.clone(), signed)
    }

    fn certificates(&mut self, text: &str) -> ControlFlow<()> {
        for (count, (at, line)) in unfolded(text).into_iter().enumerate() {
            if count >= MAX_CERTIFICATES {
                let reason = CardReason::TooMany { limit: MAX_CERTIFICATES };
                return self.skip(format!("line {}", at + 1), SkipReason::Card(reason));
            }
            let place = if count == 0 { "HC1:".to_owned() } else { format!("HC1: (line {})", at + 1) };
            self.certificate(&line, place)?;
        }
        ControlFlow::Continue(())
    }

    fn certificate(&mut self, line: &str, place: String) -> ControlFlow<()> {
        let checked = hcert::check(line, &hcert::Context::new(self.source.now), self.known.trust);
        if let Some(finding) = checked.refusal() {
            let reason = SkipReason::Card(CardReason::Certificate(finding.reason.clone()));
            return self.skip(format!("{place} {}", finding.path), reason);
        }
        let claims = checked.claims.unwrap_or_default();
        let Some(content) = &claims.certificate else {
            let reason = if claims.links.is_empty() { CardReason::OtherCertificate } else { CardReason::Link };
            return self.skip(place, SkipReason::Card(reason));
        };
        let Some(converted) = certificate::resources(content) else {
            return self.skip(place, SkipReason::Card(CardReason::OtherCertificate));
        };
        let country = match &checked.signature {
            hcert::Signature::Verified { country } => Some(country.clone()),
            hcert::Signature::NotChecked | hcert::Signature::Bad => None,
        };
        if country.is_none() {
            let reason = CardReason::Certificate(hcert::Reason::KeyUnknown);
            self.out.notes.push(Note { place: place.clone(), reason });
        }
        let issuer = claims.issuer.clone().unwrap_or_else(|| converted.country.clone());
        let signed = country.map(|country| Signed {
            form: SignedForm::Hcert,
            // The country of the key is what the list vouches for.
            issuer: country.unwrap_or_else(|| issuer.clone()),
            name: None,
            key_id: hex(checked.kid.unwrap_or_default()),
            listed: true,
            checked_at: self.source.now,
        });
        for (resource, member) in converted.resources {
            self.resource(resource, format!("{place} {member}"), signed.clone())?;
        }
        let document = Document {
            title: converted.title,
            media_type: self.media_type,
            identity: line.trim_end(),
            issuer: &issuer,
            issued: claims.issued.unwrap_or(0),
        };
        self.document(&document, Some(converted.patient), place, signed)
    }

    fn document(
        &mut self,
        document: &Document<'_>,
        subject: Option<String>,
        place: String,
        signed: Option<Signed>,
    ) -> ControlFlow<()> {
        let resource = document.resource(self.source, subject);
        self.documents.push((resource, place, signed));
        ControlFlow::Continue(())
    }

    /// Hands the documents over, each as sensitive as all that is in the file.
    fn finish(&mut self) -> ControlFlow<()> {
        for (mut resource, place, signed) in std::mem::take(&mut self.documents) {
            self.out.about.label(&mut resource);
            let converted = Converted { signed, ..Converted::new(resource, place) };
            self.hand_over(Found::Resource(Box::new(converted)))?;
        }
        ControlFlow::Continue(())
    }

    fn resource(&mut self, mut resource: Resource, place: String, signed: Option<Signed>) -> ControlFlow<()> {
        self.out.about.add(&mut resource);
        let converted = Converted { signed, ..Converted::new(resource, place) };
        self.hand_over(Found::Resource(Box::new(converted)))
    }

    fn skip(&mut self, path: String, reason: SkipReason) -> ControlFlow<()> {
        self.hand_over(Found::Skipped(Skip { path, reason }))
    }

    fn hand_over(&mut self, found: Found<'_>) -> ControlFlow<()> {
        let Some(left) = self.left.checked_sub(1) else { return ControlFlow::Break(()) };
        self.left = left;
        (self.sink)(found)
    }
}

/// The card itself, as a document that points to the file.
struct Document<'a> {
    title: &'static str,
    media_type: &'static str,
    /// The card, whatever it came in.
    identity: &'a str,
    issuer: &'a str,
    issued: i64,
}

impl Document<'_> {
    fn resource(&self, source: &Source<'_>, subject: Option<String>) -> Resource {
        let file = binary_reference(&source.sha256);
        let id = derive_id(&["signed document", self.identity, &file]);
        let mut out = Resource::new();
        out.insert("resourceType".into(), "DocumentReference".into());
        out.insert("id".into(), id.into());
        out.insert("status".into(), "current".into());
        out.insert("type".into(), serde_json::json!({ "text": self.title }));
        if let Some(subject) = subject {
            out.insert("subject".into(), serde_json::json!({ "reference": format!("urn:uuid:{subject}") }));
        }
        let issued = instant(self.issued).filter(|_| self.issued > 0);
        if let Some(issued) = &issued {
            out.insert("date".into(), issued.clone().into());
        }
        out.insert("author".into(), serde_json::json!([{ "display": self.issuer }]));
        out.insert("description".into(), self.title.into());
        let mut attachment = serde_json::json!({ "contentType": self.media_type, "url": file, "title": self.title });
        if let (Some(attachment), Some(issued)) = (attachment.as_object_mut(), issued) {
            attachment.insert("creation".into(), issued.into());
        }
        out.insert("content".into(), serde_json::json!([{ "attachment": attachment }]));
        out
    }
}

fn hex(bytes: [u8; 8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
