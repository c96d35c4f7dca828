//! Exporting: a choice of records as a file of the person's own.

mod place;

use crate::clock::{now, random};
use crate::share::{choose, inline_files, originals, patient_of, withheld};
use crate::{Error, Result, Wallet};
use carnet_records::ips;
use carnet_records::ktc;
use carnet_records::ndjson;
use carnet_records::outgoing::{Assembled, LeftOutReason, OutRecord, OutRequest};
use carnet_records::pdf;
use carnet_records::selection::{Selection, Standing};
use carnet_vault::{Batch, StoredRecord};
use std::path::Path;

/// The forms in which records are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// International Patient Summary 2.0.1: a document Bundle.
    Ips,
    /// Patient-shared health documents: a collection Bundle with its PDF.
    Ktc,
    /// Pages for people.
    Pdf,
    /// One resource a line.
    Ndjson,
    /// The same with a cover and a list of contents, in an archive.
    Sphr,
}

impl ExportFormat {
    /// Its name, on the command line and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ips => "ips",
            Self::Ktc => "ktc",
            Self::Pdf => "pdf",
            Self::Ndjson => "ndjson",
            Self::Sphr => "sphr",
        }
    }
}

/// What an export holds, or would hold.
#[derive(Debug, Clone)]
pub struct Exported {
    /// How many of the chosen records are in the file.
    pub records: usize,
    /// How many of the chosen records the format has no place for, by the reason.
    pub left_out: Vec<(LeftOutReason, usize)>,
    /// What was chosen and what was held back, and why.
    pub standing: Standing,
    /// How many bytes the file has.
    pub bytes: usize,
    /// How many characters the PDF could not show, for want of a font.
    pub missing_characters: usize,
}

impl Wallet {
    /// What a choice holds and what it holds back, without writing anything.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn standing(&self, selection: &Selection) -> Result<Standing> {
        let vault = self.inner.vault().await?;
        let profile = crate::settings::profile(&vault).await?;
        Ok(choose(&vault, profile.id, selection).await?.standing)
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
        let choice = choose(&vault, profile.id, selection).await?;
        if choice.selected.is_empty() {
            return Err(Error::NothingSelected);
        }
        let documents = choice.documents;
        let standing = choice.standing.clone();
        let mut job = Job {
            format,
            patient: patient_of(&vault, &choice, &profile.name).await?,
            chosen: originals(&vault, profile.id, choice.selected.iter().chain(&choice.supporting)).await?,
            withheld: withheld(&vault, profile.id, &choice).await?,
            withheld_urls: choice.withheld_urls.clone(),
            selected: choice.selected.iter().map(|row| row.id).collect(),
            documents,
            now: now(),
            bundle_id: random()?,
            language: self.inner.options.language.clone(),
        };
        if documents {
            inline_files(&vault, &mut job.chosen).await?;
        }
        let made = tokio::task::spawn_blocking(move || job.carry_out());
        let made = made.await.map_err(|_| Error::Internal("making an export"))??;
        let bytes = made.file.len();
        place::write(path.to_owned(), made.file).await?;
        let mut batch = Batch::new(now());
        batch.exported(Some(profile.id), format.as_str());
        vault.apply(batch).await?;
        Ok(Exported {
            records: made.records,
            left_out: made.left_out,
            standing,
            bytes,
            missing_characters: made.missing_characters,
        })
    }
}

/// An export, ready to be made on a thread that may take its time.
struct Job {
    format: ExportFormat,
    patient: Vec<u8>,
    chosen: Vec<StoredRecord>,
    withheld: Vec<StoredRecord>,
    withheld_urls: Vec<String>,
    selected: std::collections::HashSet<i64>,
    documents: bool,
    now: i64,
    bundle_id: [u8; 16],
    language: String,
}

struct Made {
    file: Vec<u8>,
    records: usize,
    left_out: Vec<(LeftOutReason, usize)>,
    missing_characters: usize,
}

/// A record as an output takes it.
pub(crate) fn outgoing(stored: &StoredRecord) -> OutRecord<'_> {
    OutRecord { full_url: stored.row.full_url.as_deref(), original: &stored.original }
}

/// A record that is held back, by its address.
pub(crate) fn address_only(url: &str) -> OutRecord<'_> {
    OutRecord { full_url: Some(url), original: b"" }
}

impl Job {
    fn carry_out(self) -> Result<Made> {
        let records: Vec<OutRecord<'_>> = self.chosen.iter().map(outgoing).collect();
        let withheld: Vec<OutRecord<'_>> =
            self.withheld.iter().map(outgoing).chain(self.withheld_urls.iter().map(|url| address_only(url))).collect();
        let request = OutRequest {
            patient: &self.patient,
            records: &records,
            withheld: &withheld,
            documents: self.documents,
            now: self.now,
            bundle_id: self.bundle_id,
            language: &self.language,
        };
        let mut missing_characters = 0;
        let mut render = |assembled: &Assembled| {
            let rendered = pdf::render(&assembled.readable, &place::fonts())
                .map_err(|_| Error::Internal("making the pages of an export"))?;
            missing_characters = rendered.missing;
            Ok::<_, Error>(rendered.pdf)
        };
        let written = || Error::Internal("writing an export");
        let (assembled, file) = match self.format {
            ExportFormat::Ips => {
                let assembled = ips::assemble(&request)?;
                let file = serde_json::to_vec(&assembled.bundle).map_err(|_| written())?;
                (assembled, file)
            }
            ExportFormat::Ktc => {
                let mut assembled = ktc::assemble(&request)?;
                let pdf = render(&assembled)?;
                ktc::attach_rendered(&mut assembled, &pdf, self.bundle_id);
                let file = serde_json::to_vec(&assembled.bundle).map_err(|_| written())?;
                (assembled, file)
            }
            ExportFormat::Pdf => {
                let assembled = ktc::assemble(&request)?;
                let pdf = render(&assembled)?;
                (assembled, pdf)
            }
            ExportFormat::Ndjson => {
                let assembled = ndjson::assemble(&request)?;
                let file = ndjson::lines(&assembled);
                (assembled, file)
            }
            ExportFormat::Sphr => {
                let assembled = ndjson::assemble(&request)?;
                let file = ndjson::sphr(&assembled, self.bundle_id)?;
                (assembled, file)
            }
        };
        let is_chosen = |at: &usize| self.chosen.get(*at).is_some_and(|stored| self.selected.contains(&stored.row.id));
        let mut left_out: Vec<(LeftOutReason, usize)> = Vec::new();
        for left in assembled.left_out.iter().filter(|left| is_chosen(&left.position)) {
            match left_out.iter_mut().find(|(reason, _)| *reason == left.reason) {
                Some((_, count)) => *count += 1,
                None => left_out.push((left.reason, 1)),
            }
        }
        let records = assembled.included.iter().filter(|at| is_chosen(at)).count();
        if records == 0 {
            return Err(Error::NothingSelected);
        }
        Ok(Made { file, records, left_out, missing_characters })
    }
}
