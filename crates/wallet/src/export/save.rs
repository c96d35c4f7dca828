//! Exporting from the interface: what a file would hold, and writing it where the person says.

use super::assemble;
use crate::share::{Preview, selection};
use crate::sheet::may_open;
use crate::{Error, Host, Result, Wallet};
use carnet_bridge::{ExportAccount, ExportDraft, ExportFormat, SharePreview};

/// What a file is called where the system asks for a place.
const SUGGESTED: &str = "health-summary";

impl Wallet {
    /// What a file would hold, before it is written.
    ///
    /// # Errors
    /// [`Error::Date`]; [`Error::NoSuch`] for a category, a record or a subject that is not there; [`Error::NobodyNamed`],
    /// [`Error::Locked`]; those of the vault.
    pub async fn preview_export(&self, draft: &ExportDraft) -> Result<SharePreview> {
        let vault = self.inner.vault().await?;
        let selection = match selection(&vault, draft.preset, &draft.choice).await {
            Ok(selection) => selection,
            Err(Error::NothingSelected) => {
                return Preview::of_nothing(&self.inner, &vault, draft.preset, &draft.choice).await;
            }
            Err(error) => return Err(error),
        };
        let format = draft.format;
        let preview = Preview { selection: &selection, codes: &[], language: &self.inner.options.language };
        preview.of(&self.inner, &vault, move |material| assemble(material, format)).await
    }

    /// Lets the person choose where, and writes a choice of records there. `open`: afterwards its pages are opened with the
    /// system's program for them, where the name of the file says what it is.
    ///
    /// # Errors
    /// [`Error::Cancelled`] for a closed dialog; [`Error::Host`] if it was written and could not be opened; those of
    /// [`Wallet::selection`] and [`Wallet::export`]. What is refused is refused before anybody is asked for a place.
    pub async fn save_export(&self, draft: &ExportDraft, open: bool, host: &dyn Host) -> Result<ExportAccount> {
        let selection = self.selection(draft.preset, &draft.choice).await?;
        if self.preview_export(draft).await?.records == 0 {
            return Err(Error::NothingSelected);
        }
        // The vault is not held while a dialog is open: it may lock meanwhile.
        let suggested = format!("{SUGGESTED}.{}", draft.format.ending());
        let path = host.pick_save_path(&suggested).await.ok_or(Error::Cancelled)?;
        let made = self.export(draft.format, &selection, &path).await?;
        if open && draft.format == ExportFormat::Pdf && may_open(&path, "application/pdf") {
            host.open_path(&path).map_err(Error::Host)?;
        }
        let left_out: usize = made.left_out.iter().map(|(_, count)| count).sum();
        Ok(ExportAccount {
            records: made.records as u64,
            left_out: left_out as u64,
            missing_characters: made.missing_characters as u64,
        })
    }
}
