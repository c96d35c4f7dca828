//! Signing and encrypting a share: from a document and what was chosen to ciphertext and what a relay is told.

use super::details::Details;
use super::document::{add_pages, readable_of};
use super::terms::Terms;
use crate::clock::{now, random};
use crate::{Error, Result};
use carnet_bridge::ShareFormat;
use carnet_consent::bundle::{SealRequest, Sealed, seal};
use carnet_consent::control::{FileStatus, Publish, PublishFile};
use carnet_consent::grant::{GrantDraft, GrantKey};
use carnet_records::outgoing::Readable;
use carnet_vault::GrantSecrets;
use serde_json::Value;
use smart_health::manifest::FHIR_JSON;
use smart_health::{ContentKey, jwe};

/// How many wrong passcodes end a share.
const PASSCODE_ATTEMPTS: u32 = 10;

/// What is sealed and encrypted, apart from the vault.
pub(super) struct Plan {
    draft: GrantDraft,
    /// The document, neither sealed nor with its pages yet.
    unsealed: Value,
    /// The same in words, if they are at hand.
    readable: Option<Readable>,
    format: ShareFormat,
    language: String,
    key: GrantKey,
    content_key: ContentKey,
    commitment_r: [u8; 32],
    iv: [u8; 12],
    pages_id: [u8; 16],
    now: i64,
}

/// A share, signed and encrypted.
pub(super) struct Made {
    pub(super) sealed: Sealed,
    /// The sealed document, as it was encrypted.
    pub(super) document: Vec<u8>,
    /// The document as it came.
    pub(super) unsealed: Vec<u8>,
    /// The random number behind the commitment.
    pub(super) commitment_r: [u8; 32],
    jwe: String,
}

impl Plan {
    /// A plan with fresh random numbers, which are used this once.
    ///
    /// # Errors
    /// [`Error::Internal`] if the system gives none.
    pub(super) fn new(
        draft: GrantDraft,
        (unsealed, readable): (Value, Option<Readable>),
        terms: &Terms,
        secrets: &GrantSecrets,
    ) -> Result<Self> {
        Ok(Self {
            draft,
            unsealed,
            readable,
            format: terms.format,
            language: terms.language.clone(),
            key: GrantKey::from_seed(*secrets.expose_signing_seed()),
            content_key: ContentKey::from_bytes(*secrets.expose_content_key()),
            commitment_r: random()?,
            iv: random()?,
            pages_id: random()?,
            now: now(),
        })
    }

    /// Seals and encrypts, on a thread that may take its time.
    ///
    /// # Errors
    /// [`Error::Consent`] for what cannot be signed; [`Error::Internal`].
    pub(super) async fn carry_out(self) -> Result<Made> {
        let done = tokio::task::spawn_blocking(move || self.seal());
        done.await.map_err(|_| Error::Internal("making a share"))?
    }

    fn seal(self) -> Result<Made> {
        let written = |_| Error::Internal("writing a share");
        let unsealed = serde_json::to_vec(&self.unsealed).map_err(written)?;
        let bundle = match self.format {
            ShareFormat::Ips => self.unsealed,
            ShareFormat::Ktc => {
                let readable = match self.readable {
                    Some(readable) => readable,
                    None => readable_of(&self.unsealed, &self.language, self.now)?,
                };
                add_pages(self.unsealed, readable, &self.draft, self.pages_id)?
            }
        };
        let sealed = seal(SealRequest {
            bundle,
            grant: self.draft,
            key: &self.key,
            commitment_r: self.commitment_r,
            now: self.now,
        })?;
        let document = serde_json::to_vec(&sealed.bundle).map_err(written)?;
        let jwe = jwe::encrypt(&self.content_key, self.iv, FHIR_JSON, &document);
        Ok(Made { sealed, document, unsealed, commitment_r: self.commitment_r, jwe })
    }
}

impl Made {
    /// What the relay is told, which serves the ciphertext alone.
    ///
    /// # Errors
    /// [`Error::Consent`] for what no relay would take, such as a document beyond every limit.
    pub(super) fn publish(&self, details: &Details, terms: &Terms, secrets: &GrantSecrets) -> Result<Publish> {
        let grant = &self.sealed.grant;
        let publish = Publish {
            flags: terms.flags(details.passcode).to_string(),
            expires: grant.expires,
            // A reader's clock and the relay's may differ a little: what begins at once begins there at once, too.
            not_before: (grant.not_before > grant.issued_at).then_some(grant.not_before),
            max_openings: grant.max_openings,
            passcode: details.verifier.clone(),
            passcode_attempts: details.verifier.is_some().then_some(PASSCODE_ATTEMPTS),
            files: vec![PublishFile { content_type: FHIR_JSON.to_owned(), jwe: self.jwe.clone() }],
            status: Some(if terms.live { FileStatus::CanChange } else { FileStatus::Finalized }),
            receipt_recipient: secrets.receipt_recipient()?,
            withdrawal_tag: grant.withdrawal_tag,
            commitment: self.sealed.commitment,
            revision: details.revision,
        };
        publish.check(now())?;
        Ok(publish)
    }
}
