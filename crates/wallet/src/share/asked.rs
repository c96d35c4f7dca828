//! What a clinician or a study asks for: read, shown, and made a draft of.

use super::NOTICE_LANGUAGE;
use super::terms::{SECONDS, category_names, check_alone, obligations_of, obligations_said, purpose, recipient};
use crate::clock::now;
use crate::{Error, Result, Wallet};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use carnet_bridge::{AskedShare, ShareChoice, ShareDraft, ShareFormat, SharePreset};
use carnet_consent::GrantId;
use carnet_consent::grant::{
    Content, DEFAULT_MAX_STALE, FhirDate, Format, GrantDraft, Granter, Language, LedgerRef, LeftOut, Member, Notice,
    Purpose, Set,
};
use carnet_consent::request::{Change, MAX_BYTES, Received, Request};
use sha2::{Digest, Sha256};

/// What a request as text may begin with; the rest is base64url.
pub const REQUEST_PREFIX: &str = "carnet-request:";

/// A request that was read.
pub(crate) struct Asked {
    pub(crate) received: Received,
}

impl Wallet {
    /// Reads what a clinician or a study asks for, and makes a draft that gives it: nothing sensitive, for the person
    /// alone ticks that. Needs no vault.
    ///
    /// # Errors
    /// [`Error::Asked`] if the text is no request, [`Error::Consent`] if it was altered or is malformed.
    pub fn read_request(&self, text: &str) -> Result<AskedShare> {
        read_request(text)
    }
}

/// As [`Wallet::read_request`].
///
/// # Errors
/// [`Error::Asked`] if the text is no request, [`Error::Consent`] if it was altered or is malformed.
pub fn read_request(text: &str) -> Result<AskedShare> {
    let Asked { received } = read_asked(text)?;
    let request = &received.request;
    let date = |date: &Option<FhirDate>| date.as_ref().map(|date| date.as_str().to_owned());
    let categories = category_names(request.what.categories);
    let preset = match request.purpose {
        Purpose::EmergencyTreatment | Purpose::BreakGlass => SharePreset::Emergency,
        _ => SharePreset::Custom,
    };
    let format = match () {
        () if request.how.formats.contains(Format::Ips) => ShareFormat::Ips,
        // The pages that somebody may ask for alone travel in this one.
        () => ShareFormat::Ktc,
    };
    let seconds = i64::from(request.seconds);
    let draft = ShareDraft {
        recipient: request.by.as_str().to_owned(),
        choice: ShareChoice {
            categories: categories.clone(),
            since: date(&request.what.since),
            until: date(&request.what.until),
            ..ShareChoice::default()
        },
        format: Some(format),
        seconds: seconds.clamp(*SECONDS.start(), *SECONDS.end()),
        max_openings: request.max_openings,
        obligations: obligations_said(request.obligations),
        live: request.what.content == Content::Live,
        request: Some(text.to_owned()),
        ..ShareDraft::new(preset)
    };
    Ok(AskedShare {
        by: request.by.as_str().to_owned(),
        signed: received.signed_by.is_some(),
        purpose: request.purpose.as_str().to_owned(),
        categories,
        since: date(&request.what.since),
        until: date(&request.what.until),
        seconds,
        max_openings: request.max_openings,
        obligations: obligations_said(request.obligations),
        asked_at: request.asked_at,
        draft,
    })
}

/// Where a draft that answers a request differs from what was asked; nothing for a draft that answers none. Records that are
/// named one by one count as something that was not asked.
///
/// # Errors
/// As [`read_request`], and what a draft is refused for.
pub fn differences(draft: &ShareDraft) -> Result<Vec<Change>> {
    let checked = check_alone(draft, "en", now())?;
    let Some(asked) = &checked.asked else { return Ok(Vec::new()) };
    let mut what = checked.terms.scope(LeftOut::NotStated, Set::new())?;
    what.pinned = draft.choice.with.iter().map(|id| Sha256::digest(id).into()).collect();
    let given = GrantDraft {
        id: GrantId::from_bytes([0; 16]),
        granter: Granter::Patient,
        recipient: recipient(draft, Some(asked))?,
        request: None,
        purpose: purpose(draft.preset, Some(asked)),
        what,
        how: checked.terms.modes(Some(asked)),
        not_before: checked.start,
        expires: checked.expires,
        max_openings: draft.max_openings,
        erase_by: draft.erase_by,
        obligations: obligations_of(&draft.obligations),
        notice: Notice { language: Language::new(NOTICE_LANGUAGE)?, version: Notice::VERSION },
        withdrawal_tag: [0; 32],
        ledger: LedgerRef { policy_sha256: [0; 32] },
        max_stale: DEFAULT_MAX_STALE,
        supersedes: None,
    };
    Ok(asked.received.request.compare(&given))
}

/// A request as text, to be sent or shown as a QR.
pub fn request_text(request: &[u8]) -> String {
    format!("{REQUEST_PREFIX}{}", URL_SAFE_NO_PAD.encode(request))
}

/// Reads a request from its text; line ends and spaces do not count.
pub(crate) fn read_asked(text: &str) -> Result<Asked> {
    // Base64url of the longest, with room for the line ends that mail programs add.
    if text.len() > 2 * MAX_BYTES {
        return Err(Error::Asked);
    }
    let text: String = text.split_whitespace().collect();
    let encoded = text.strip_prefix(REQUEST_PREFIX).unwrap_or(&text);
    let bytes = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).map_err(|_| Error::Asked)?;
    if bytes.is_empty() {
        return Err(Error::Asked);
    }
    Ok(Asked { received: Request::read(&bytes)? })
}
