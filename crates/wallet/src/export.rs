//! Exporting: a choice of records as a file of the person's own.

pub(crate) mod place;
mod save;

use crate::clock::now;
use crate::output::{Material, pages};
use crate::share::{choose, selection};
use crate::{Error, Result, Wallet};
pub use carnet_bridge::ExportFormat;
use carnet_bridge::{ShareChoice, SharePreset};
use carnet_records::ips;
use carnet_records::ktc;
use carnet_records::ndjson;
use carnet_records::outgoing::{Assembled, LeftOutReason};
use carnet_records::selection::{Selection, Standing};
use carnet_vault::Batch;
use std::collections::HashSet;
use std::path::Path;

/// What an export holds, or would hold.
#[derive(Debug, Clone)]
pub struct Exported {
    /// How many of the chosen records are in the file.
    pub records: usize,
    /// How many of the chosen records the format has no place for, by the reason.
    pub left_out: Vec<(LeftOutReason, usize)>,
    /// How many bytes the file has.
    pub bytes: usize,
    /// How many characters the PDF could not show, for want of a font.
    pub missing_characters: usize,
}

impl Wallet {
    /// What a choice holds in this form and what it holds back, without writing anything.
    ///
    /// # Errors
    /// [`Error::NobodyNamed`], [`Error::Locked`]; those of the vault.
    pub async fn standing(&self, format: ExportFormat, selection: &Selection) -> Result<Standing> {
        let vault = self.inner.vault().await?;
        let profile = crate::settings::profile(&vault).await?;
        let choice = choose(self.inner.index(&vault, &profile).await?, selection, &[]);
        let goes_in = match Material::gather(&vault, &profile, &choice, &self.inner.options.language).await {
            Ok(material) => {
                let goes_in = move || assemble(&material, format).map(|assembled| material.all_in(&assembled));
                tokio::task::spawn_blocking(goes_in).await.map_err(|_| Error::Internal("looking at an export"))?
            }
            Err(error) => Err(error),
        };
        match goes_in {
            Ok(goes_in) => Ok(choice.standing(&goes_in)),
            Err(Error::NothingSelected) => Ok(choice.standing(&HashSet::new())),
            Err(error) => Err(error),
        }
    }

    /// What an occasion suggests, with what the person changed of it.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a category, a record or a sensitive subject that is not there; [`Error::Date`];
    /// [`Error::Locked`]; those of the vault.
    pub async fn selection(&self, preset: SharePreset, choice: &ShareChoice) -> Result<Selection> {
        selection(&*self.inner.vault().await?, preset, choice).await
    }

    /// Writes a choice of records to a file. The file is there whole, or what was there before is untouched. The journal
    /// keeps that there was an export and of which form.
    ///
    /// # Errors
    /// [`Error::NothingSelected`], [`Error::NobodyNamed`]; [`Error::File`] if the file cannot be written;
    /// [`Error::Locked`]; those of the vault.
    pub async fn export(&self, format: ExportFormat, selection: &Selection, path: &Path) -> Result<Exported> {
        let vault = self.inner.vault().await?;
        let profile = crate::settings::profile(&vault).await?;
        let choice = choose(self.inner.index(&vault, &profile).await?, selection, &[]);
        let material = Material::gather(&vault, &profile, &choice, &self.inner.options.language).await?;
        let made = tokio::task::spawn_blocking(move || make(format, &material));
        let made = made.await.map_err(|_| Error::Internal("making an export"))??;
        let bytes = made.file.len();
        place::write(path.to_owned(), made.file).await?;
        let mut batch = Batch::new(now());
        batch.exported(Some(profile.id), format.as_str());
        vault.apply(batch).await?;
        Ok(Exported {
            records: made.records,
            left_out: made.left_out,
            bytes,
            missing_characters: made.missing_characters,
        })
    }
}

struct Made {
    file: Vec<u8>,
    records: usize,
    left_out: Vec<(LeftOutReason, usize)>,
    missing_characters: usize,
}

/// What a file of this form holds of a choice, without its pages.
fn assemble(material: &Material, format: ExportFormat) -> Result<Assembled> {
    match format {
        ExportFormat::Ips => material.assemble(ips::assemble),
        ExportFormat::Ktc | ExportFormat::Pdf => material.assemble(ktc::assemble),
        ExportFormat::Ndjson | ExportFormat::Sphr => material.assemble(ndjson::assemble),
    }
}

/// Makes the file, on a thread that may take its time.
fn make(format: ExportFormat, material: &Material) -> Result<Made> {
    let json =
        |assembled: &Assembled| serde_json::to_vec(&assembled.bundle).map_err(|_| Error::Internal("writing an export"));
    let mut missing_characters = 0;
    let mut pages = |assembled: &Assembled| {
        let rendered = pages(assembled)?;
        missing_characters = rendered.missing;
        Ok::<_, Error>(rendered.pdf)
    };
    let mut assembled = assemble(material, format)?;
    let file = match format {
        ExportFormat::Ips => json(&assembled)?,
        ExportFormat::Ktc => {
            let pdf = pages(&assembled)?;
            ktc::attach_rendered(&mut assembled, &pdf, material.bundle_id);
            json(&assembled)?
        }
        ExportFormat::Pdf => pages(&assembled)?,
        ExportFormat::Ndjson => ndjson::lines(&assembled),
        ExportFormat::Sphr => ndjson::sphr(&assembled, material.bundle_id)?,
    };
    let mut left_out: Vec<(LeftOutReason, usize)> = Vec::new();
    for (reason, _) in material.left_out(&assembled) {
        match left_out.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => left_out.push((reason, 1)),
        }
    }
    let records = material.chosen_in(&assembled).count();
    Ok(Made { file, records, left_out, missing_characters })
}
