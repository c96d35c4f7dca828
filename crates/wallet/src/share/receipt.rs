//! The consent receipt of a share: what was allowed, to whom, for what and until when, for the person to keep or hand on.

use super::details::{Details, grant_id};
use super::show::banner;
use crate::clock::now;
use crate::export::place;
use crate::output::fonts;
use crate::{Error, Host, Result, Wallet};
use carnet_bridge::{ReceiptForm, ReceiptPart, ReceiptWords};
use carnet_consent::consent_receipt::{ConsentReceipt, Known, LedgerPlace, Section, Withdrawal};
use carnet_consent::grant::{Language, Name, SignedGrant};
use carnet_consent::time::instant;
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_records::pdf::{self, Sheet, SheetSection};
use carnet_vault::{Batch, GrantStatus, ProfileId};
use std::path::Path;

/// What a receipt of the share is called where the system asks for a place.
const SUGGESTED: &str = "consent-receipt";

impl Wallet {
    /// The consent receipt of a share as it stands now: ISO/IEC TS 27560 in JSON-LD, or pages. The journal keeps that one was
    /// made.
    ///
    /// # Errors
    /// [`Error::NoSuch`], also for a share that is not signed yet; [`Error::Locked`]; those of the vault.
    pub async fn receipt(&self, id: &str, form: ReceiptForm) -> Result<Vec<u8>> {
        let (receipt, profile) = self.consent_receipt(id).await?;
        let made = match form {
            ReceiptForm::Json => {
                serde_json::to_vec_pretty(&receipt.to_json_ld()).map_err(|_| Error::Internal("writing a receipt"))?
            }
            ReceiptForm::Pdf => {
                let words = in_words(&receipt, &self.language()?);
                let drawing = tokio::task::spawn_blocking(move || pages(&receipt, words));
                drawing.await.map_err(|_| Error::Internal("making the pages of a receipt"))??
            }
        };
        let mut batch = Batch::new(now());
        batch.exported(Some(profile), "receipt");
        self.inner.vault().await?.apply(batch).await?;
        Ok(made)
    }

    /// What the consent receipt of a share says, in words of the wallet's language.
    ///
    /// # Errors
    /// As [`Wallet::receipt`].
    pub async fn receipt_in_words(&self, id: &str) -> Result<ReceiptWords> {
        Ok(in_words(&self.consent_receipt(id).await?.0, &self.language()?))
    }

    fn language(&self) -> Result<Language> {
        Ok(Language::new(&self.inner.options.language)?)
    }

    /// The receipt, and whose records it is about.
    async fn consent_receipt(&self, id: &str) -> Result<(ConsentReceipt, ProfileId)> {
        let id = grant_id(id)?;
        let grant = self.inner.vault().await?.grant(&id).await?;
        let relay = self.inner.address(&grant.relay_url).await?;
        let vault = self.inner.vault().await?;
        let banner = banner(&self.inner, &vault, grant.profile).await?;
        let details = Details::read(&grant)?;
        let secret = WithdrawalSecret::from_bytes(*vault.keys().derive_grant(&id)?.expose_withdrawal_secret());
        let known = Known {
            subject: Name::new(banner.name.trim()).ok(),
            controller: None,
            relay,
            ledger: grant.commitment_index.map(|index| LedgerPlace {
                log: details.log.clone(),
                index,
                nonce: grant.commitment_r,
            }),
            // Until its relay has answered nobody else has heard of it.
            stopping: details.stopped_at.filter(|_| grant.status == GrantStatus::Stopping),
            withdrawn: details
                .stopped_at
                .filter(|_| grant.status == GrantStatus::Stopped)
                .map(|at| Withdrawal { at, preimage: secret.preimage() }),
            jurisdiction: None,
        };
        let signed = SignedGrant::from_bytes(grant.signed)?;
        // A clock that was set back since must not keep a person from the receipt.
        let made = now().max(SignedGrant::verify(signed.as_bytes())?.issued_at);
        Ok((ConsentReceipt::new(signed, known, made)?, grant.profile))
    }

    /// Writes the consent receipt of a share to a file, whole or not at all.
    ///
    /// # Errors
    /// As [`Wallet::receipt`]; [`Error::File`].
    pub async fn write_receipt(&self, id: &str, form: ReceiptForm, path: &Path) -> Result<()> {
        let made = self.receipt(id, form).await?;
        place::write(path.to_owned(), made).await
    }

    /// Lets the person choose where, and writes the consent receipt of a share there.
    ///
    /// # Errors
    /// As [`Wallet::write_receipt`]; [`Error::Cancelled`].
    pub(crate) async fn save_receipt(&self, id: &str, form: ReceiptForm, host: &dyn Host) -> Result<()> {
        let ending = match form {
            ReceiptForm::Pdf => "pdf",
            ReceiptForm::Json => "jsonld",
        };
        let path = host.pick_save_path(&format!("{SUGGESTED}.{ending}")).await.ok_or(Error::Cancelled)?;
        self.write_receipt(id, form, &path).await
    }
}

/// A receipt as pages.
fn pages(receipt: &ConsentReceipt, words: ReceiptWords) -> Result<Vec<u8>> {
    let section = |ReceiptPart { title, lines }| SheetSection { title, lines };
    let sheet = Sheet {
        title: words.title,
        lead: receipt.known().subject.as_ref().map(Name::to_string).unwrap_or_default(),
        language: words.language,
        made: instant(receipt.created()),
        sections: words.parts.into_iter().map(section).collect(),
    };
    let rendered = pdf::render_sheet(&sheet, &fonts());
    Ok(rendered.map_err(|_| Error::Internal("making the pages of a receipt"))?.pdf)
}

/// What a receipt says, for people.
fn in_words(receipt: &ConsentReceipt, language: &Language) -> ReceiptWords {
    let words = receipt.in_words(language);
    let part = |section: Section| ReceiptPart {
        title: section.title.to_owned(),
        lines: section.lines.into_iter().map(|line| (line.label.to_owned(), line.value)).collect(),
    };
    ReceiptWords {
        language: words.language.to_owned(),
        title: words.title.to_owned(),
        parts: words.sections.into_iter().map(part).collect(),
    }
}
