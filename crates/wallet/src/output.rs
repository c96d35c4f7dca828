//! From a choice of records to a document: one way for what is shared and for what is exported.

use crate::clock::{now, random};
use crate::records::by_category;
use crate::share::Choice;
use crate::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use carnet_bridge::CategoryCount;
use carnet_records::outgoing::{Assembled, LeftOutReason, OutRecord, OutRequest};
use carnet_records::pdf::{self, Fonts, Rendered};
use carnet_vault::{Profile, ProfileId, RecordQuery, RecordRow, StoredRecord, Vault};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::LazyLock;

/// The most bytes of a font that is read.
const MAX_FONT: u64 = 64 << 20;

/// Fonts for Chinese, Japanese and Korean where Linux, macOS, Windows and Android keep them; the first that is there is
/// used.
const EAST_ASIAN: [&str; 11] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
    "C:\\Windows\\Fonts\\msyh.ttc",
    "C:\\Windows\\Fonts\\malgun.ttf",
    "/system/fonts/NotoSansCJK-Regular.ttc",
];

/// Everything that a document is made of, read from the vault: from here on it is not needed.
pub(crate) struct Material {
    patient: Vec<u8>,
    chosen: Vec<StoredRecord>,
    withheld: Vec<StoredRecord>,
    withheld_urls: Vec<String>,
    /// The records that were chosen themselves, and not only what may go with them.
    selected: HashSet<i64>,
    /// Whether all files travel, or else those of these records.
    documents: bool,
    files: HashSet<i64>,
    /// The records that are the person's whomever they name.
    unnamed: HashSet<i64>,
    now: i64,
    pub(crate) bundle_id: [u8; 16],
    language: String,
}

impl Material {
    /// Reads what a choice needs. `language` is that of titles and headings.
    ///
    /// # Errors
    /// [`Error::NothingSelected`], [`Error::NobodyNamed`]; those of the vault.
    pub(crate) async fn gather(vault: &Vault, profile: &Profile, choice: &Choice, language: &str) -> Result<Self> {
        if choice.selected.is_empty() {
            return Err(Error::NothingSelected);
        }
        let mut chosen = originals(vault, profile.id, choice.selected.iter().chain(&choice.supporting)).await?;
        let travel = |stored: &StoredRecord| choice.documents || choice.files.contains(&stored.row.id);
        for stored in chosen.iter_mut().filter(|stored| travel(stored)) {
            inline_files(vault, stored).await?;
        }
        Ok(Self {
            patient: patient_of(vault, choice, &profile.name).await?,
            chosen,
            withheld: withheld(vault, profile.id, choice).await?,
            withheld_urls: choice.withheld_urls.clone(),
            selected: choice.selected.iter().map(|row| row.id).collect(),
            documents: choice.documents,
            files: choice.files.clone(),
            unnamed: choice.unnamed.clone(),
            now: now(),
            bundle_id: random()?,
            language: language.to_owned(),
        })
    }

    /// Puts a document together in the form that `form` knows. Takes as long as the records are many.
    ///
    /// # Errors
    /// [`Error::NothingSelected`] if the form has a place for none of the chosen records; those of the records.
    pub(crate) fn assemble(
        &self,
        form: impl FnOnce(&OutRequest<'_>) -> carnet_records::Result<Assembled>,
    ) -> Result<Assembled> {
        let records: Vec<OutRecord<'_>> = self.chosen.iter().map(|stored| self.going(stored)).collect();
        let urls = self.withheld_urls.iter().map(|url| OutRecord { full_url: Some(url), ..OutRecord::default() });
        let withheld: Vec<OutRecord<'_>> = self.withheld.iter().map(outgoing).chain(urls).collect();
        let assembled = form(&OutRequest {
            patient: &self.patient,
            records: &records,
            withheld: &withheld,
            documents: self.documents,
            now: self.now,
            bundle_id: self.bundle_id,
            language: &self.language,
        })?;
        if self.chosen_in(&assembled).next().is_none() { Err(Error::NothingSelected) } else { Ok(assembled) }
    }

    /// How many of the chosen records are in a document, of each category.
    pub(crate) fn holds(&self, assembled: &Assembled) -> Vec<CategoryCount> {
        by_category(self.chosen_in(assembled))
    }

    /// The chosen records that are in a document.
    pub(crate) fn chosen_in<'m>(&'m self, assembled: &'m Assembled) -> impl Iterator<Item = &'m RecordRow> {
        assembled.included.iter().filter_map(|at| self.chosen_at(*at))
    }

    /// The numbers of all records that are in a document, those too that only go with others.
    pub(crate) fn all_in(&self, assembled: &Assembled) -> HashSet<i64> {
        assembled.included.iter().filter_map(|at| self.chosen.get(*at)).map(|stored| stored.row.id).collect()
    }

    /// The chosen records for which the form of a document has no place, each with the reason.
    pub(crate) fn left_out<'m>(
        &'m self,
        assembled: &'m Assembled,
    ) -> impl Iterator<Item = (LeftOutReason, &'m RecordRow)> {
        assembled.left_out.iter().filter_map(|left| Some((left.reason, self.chosen_at(left.position)?)))
    }

    /// What a document says, whatever the time and the identifiers it was made with: a hash over the versions of all
    /// records in it and the labels of each.
    pub(crate) fn content(&self, assembled: &Assembled) -> [u8; 32] {
        let mut hash = Sha256::new().chain_update(Sha256::digest(&self.patient));
        let rows = assembled.included.iter().filter_map(|at| self.chosen.get(*at)).map(|stored| &stored.row);
        let mut all: Vec<_> = rows.map(|row| (row.sha256, &row.index.sensitivity)).collect();
        all.sort_unstable();
        for (version, labels) in all {
            hash.update(version);
            labels.iter().for_each(|label| hash.update(label.code()));
        }
        hash.finalize().into()
    }

    /// Whether a chosen record has a whole file in it that stays behind, because neither documents nor that record were asked
    /// for by name.
    pub(crate) fn leaves_files(&self) -> bool {
        let selected = |stored: &&StoredRecord| self.selected.contains(&stored.row.id);
        let stays = |stored: &&StoredRecord| !self.files.contains(&stored.row.id);
        !self.documents && self.chosen.iter().filter(selected).filter(stays).any(|stored| has_file(&stored.original))
    }

    fn going<'s>(&self, stored: &'s StoredRecord) -> OutRecord<'s> {
        let id = &stored.row.id;
        OutRecord {
            support: !self.selected.contains(id),
            files: self.files.contains(id),
            own: self.unnamed.contains(id),
            ..outgoing(stored)
        }
    }

    fn chosen_at(&self, at: usize) -> Option<&RecordRow> {
        self.chosen.get(at).map(|stored| &stored.row).filter(|row| self.selected.contains(&row.id))
    }
}

/// The pages of a document.
///
/// # Errors
/// [`Error::Internal`]: a fault of this program.
pub(crate) fn pages(assembled: &Assembled) -> Result<Rendered> {
    pdf::render(&assembled.readable, &fonts()).map_err(|_| Error::Internal("making the pages of a document"))
}

/// The fonts that come with the program, and one of this system's for East Asian scripts if there is one: megabytes, read
/// once.
pub(crate) fn fonts() -> Fonts {
    static FONTS: LazyLock<Fonts> = LazyLock::new(read_fonts);
    FONTS.clone()
}

fn read_fonts() -> Fonts {
    let readable = |path: &&&str| std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= MAX_FONT);
    // Without one, boxes stand in the place of those characters, and the page and the account say so.
    let found = EAST_ASIAN.iter().find(readable).and_then(|path| std::fs::read(path).ok());
    match found {
        Some(font) => Fonts::bundled().with(font),
        None => Fonts::bundled(),
    }
}

/// Whether a record has a whole file in it. Few do, so few are parsed.
fn has_file(original: &[u8]) -> bool {
    const HINTS: [&str; 7] =
        ["presentedForm", "ttachment\"", "\"media\"", "\"data\"", "Base64Binary", "\"contentType\"", "\"photo\""];
    let text = std::str::from_utf8(original).unwrap_or_default();
    HINTS.iter().any(|hint| text.contains(hint))
        && crate::records::parse(original).is_ok_and(|record| carnet_records::outgoing::has_file(&record))
}

fn outgoing(stored: &StoredRecord) -> OutRecord<'_> {
    OutRecord {
        full_url: stored.row.full_url.as_deref(),
        original: &stored.original,
        labels: &stored.row.index.sensitivity,
        ..OutRecord::default()
    }
}

/// The patient's record, or one that only says the name that the wallet knows.
async fn patient_of(vault: &Vault, choice: &Choice, name: &str) -> Result<Vec<u8>> {
    match &choice.patient {
        Some(row) => Ok(vault.original(row.id).await?),
        None if name.is_empty() => Err(Error::NobodyNamed),
        None => {
            let patient = json!({"resourceType": "Patient", "id": "self", "name": [{"text": name}]});
            Ok(patient.to_string().into_bytes())
        }
    }
}

/// The exact bytes of these records.
async fn originals(
    vault: &Vault,
    profile: ProfileId,
    rows: impl Iterator<Item = &RecordRow>,
) -> Result<Vec<StoredRecord>> {
    let ids: Vec<i64> = rows.map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vault.originals(&RecordQuery { ids: Some(ids), ..RecordQuery::new(profile) }).await?)
}

/// What is held back and others may refer to. Only what these records are is asked for, so their files stay in the store.
async fn withheld(vault: &Vault, profile: ProfileId, choice: &Choice) -> Result<Vec<StoredRecord>> {
    let ids: Vec<i64> = choice.withheld.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vault.slim(&RecordQuery { ids: Some(ids), ..RecordQuery::new(profile) }).await?)
}

/// Puts the files that a document has in the vault's store into the document itself: outside, nothing else leads to them.
async fn inline_files(vault: &Vault, stored: &mut StoredRecord) -> Result<()> {
    if stored.row.index.resource_type != "DocumentReference" {
        return Ok(());
    }
    let mut resource = crate::records::parse(&stored.original)?;
    let contents = resource.get_mut("content").and_then(Value::as_array_mut);
    let mut changed = false;
    for attachment in
        contents.into_iter().flatten().filter_map(|content| content.get_mut("attachment")?.as_object_mut())
    {
        let url = attachment.get("url").and_then(Value::as_str).unwrap_or_default();
        if let Some(sha256) = crate::sheet::stored_hash(url) {
            let bytes = vault.attachment(&sha256).await?;
            attachment.insert("data".to_owned(), STANDARD.encode(bytes).into());
            attachment.shift_remove("url");
            changed = true;
        }
    }
    if changed {
        stored.original = resource.to_string().into_bytes();
    }
    Ok(())
}
