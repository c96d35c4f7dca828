//! Import: files into the vault, each in one transaction, each entry accounted for.
//!
//! A file of any kind that is known here is read on a thread of its own, within its limits; what it yields goes in small
//! batches to the vault. Where records are made from a file rather than found in it, the file itself is kept beside them.
//! Stopped or killed at any point, the vault is as it was before that file.

mod chunks;
mod dry;
mod file;
mod folder;
mod found;
mod link;
mod pasted;
mod run;
mod table;

pub use dry::dry_run;
pub use link::{link_in_file, links_in_file};
pub use table::table_in_file;

use crate::clock::now;
use crate::host::Host;
use crate::settings::profile;
use crate::{Error, Result, Wallet};
use carnet_bridge::{
    CategoryCount, CountUnit, Event, FileProgress, FileState, ImportAccount, ImportFile, ImportReport, ImportRun,
    SkippedEntry,
};
use carnet_records::documents::DocumentOptions;
use carnet_records::index::Category;
use carnet_vault::{ImportSource, ProfileId, PutOutcome, Vault};
use file::{Found, Item, Known, Origin, Reading, Start, Whole};
use found::Links;
use run::{Asking, Location, Questions};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The least time between two progress events.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// Files larger than this are not looked into, for where a picture was taken or for a link, but by their import.
const LOOKED_INTO: u64 = 64 << 20;

/// How many former imports are listed.
const LISTED_IMPORTS: u32 = 500;

/// Of so many entries that were kept as text the report gives the reason.
const AS_TEXT: usize = 1000;

/// What an import that is running shares with whoever stops it.
#[derive(Default)]
pub(crate) struct Importing {
    cancelled: Arc<AtomicBool>,
    one_at_a_time: tokio::sync::Mutex<()>,
    /// What must be answered before some files can be read.
    questions: Questions,
}

impl Importing {
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Sees to it that no other import runs for as long as what this gives is kept; one that runs is waited for.
    async fn alone(&self) -> Alone<'_> {
        self.begun(self.one_at_a_time.lock().await)
    }

    /// The same, but waits for nothing.
    ///
    /// # Errors
    /// [`Error::Busy`] while another import runs.
    fn try_alone(&self) -> Result<Alone<'_>> {
        self.one_at_a_time.try_lock().map(|alone| self.begun(alone)).map_err(|_| Error::Busy)
    }

    /// What stopped a former import stops nothing from here on.
    fn begun<'i>(&self, alone: Alone<'i>) -> Alone<'i> {
        self.cancelled.store(false, Ordering::Relaxed);
        alone
    }
}

/// That no other import runs.
type Alone<'i> = tokio::sync::MutexGuard<'i, ()>;

/// Who is told how far a file is: done, of how many, of what.
type Tell<'t> = dyn Fn(u64, u64, CountUnit) + Send + Sync + 't;

impl Wallet {
    /// Imports files, one transaction each, and gives the account of each: a file that cannot be used is an account
    /// with an error and does not keep the others out. A folder stands for the files in it (and in its folders, in the
    /// order of their names; hidden files and links are left out). Stopped by [`Wallet::cancel_import`], it gives the accounts so
    /// far; the last one says that it was stopped.
    ///
    /// `host` is told of it as of any run ([`Event::ImportStarted`]), of progress at most twenty times a second. It counts
    /// entries, or bytes of the file where nobody knows beforehand how many entries it has. Nothing is asked: a table that
    /// nobody explained is refused, and a link in a file is only named. Another import is waited for.
    ///
    /// # Errors
    /// [`Error::Locked`], or a vault that takes nothing more (damaged). Files imported before stay imported.
    pub async fn import(&self, paths: &[PathBuf], host: &dyn Host) -> Result<Vec<ImportAccount>> {
        let run = self.import_files(paths, DocumentOptions::default(), host).await?;
        Ok(run.reports.into_iter().map(|report| report.account).collect())
    }

    /// [`Wallet::import`] with all that there is to say of each file: what the records are, and what a person should know
    /// besides (that a picture holds a link, or that records are another person's). `documents` says what to leave out of pictures.
    ///
    /// # Errors
    /// See [`Wallet::import`].
    pub async fn import_files(
        &self,
        paths: &[PathBuf],
        documents: DocumentOptions,
        host: &dyn Host,
    ) -> Result<ImportRun> {
        let alone = self.inner.importing.alone().await;
        let location = if documents.strip_location { Location::LeaveOut } else { Location::Keep };
        let tasks = run::tasks(paths.to_vec(), location).await?;
        self.run(&alone, tasks, Asking::Nobody, host).await
    }

    /// Imports a table as a person explained it; what [`table_in_file`] asks.
    ///
    /// # Errors
    /// [`Error::Answer`] where the answer is of no use, as [`carnet_bridge::TableAnswer::problem`] says, or has not as many
    /// roles as the table has columns. Else as [`Wallet::import`], also where the file is no use.
    pub async fn import_table(
        &self,
        path: &Path,
        answer: &carnet_bridge::TableAnswer,
        host: &dyn Host,
    ) -> Result<ImportReport> {
        let _alone = self.inner.importing.alone().await;
        let origin = Origin::Path(path.to_owned());
        let mapping = table::mapping(table::guess(&origin).await?, answer)?;
        let vault = self.inner.vault().await?;
        if answer.remember {
            table::remember(&vault, &mapping, now()).await?;
        }
        let known = Known { table: Some(mapping), ..self.known().await? };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = ImportFile { name: name.clone(), ..ImportFile::default() };
        host.emit(Event::ImportStarted { files: vec![file] });
        let tell = |done, total, unit| {
            let state = FileState::Reading { done, total, unit };
            host.emit(Event::ImportFile(FileProgress { number: 0, state }));
        };
        let report = self.import_origin(&vault, &name, origin, known, &mut Links::default(), &tell).await;
        drop(vault);
        self.inner.records_changed().await;
        let reports = report.as_ref().map_or_else(|_| Vec::new(), |report| vec![report.clone()]);
        host.emit(Event::ImportEnded(ImportRun { reports, ..ImportRun::default() }));
        report
    }

    /// Stops the import that is running; what its current file brought is undone.
    pub fn cancel_import(&self) {
        self.inner.importing.cancel();
    }

    /// What became of all files that were ever imported, newest first.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn import_reports(&self) -> Result<Vec<ImportReport>> {
        let vault = self.inner.vault().await?;
        let rows = vault.imports(LISTED_IMPORTS).await?;
        rows.iter()
            .map(|row| {
                // Imports before there were reports kept the account alone.
                let report = serde_json::from_str(&row.account);
                let report = report.or_else(|_| serde_json::from_str::<ImportAccount>(&row.account).map(Into::into));
                let report = report.map_err(|_| Error::Internal("the account of an import"))?;
                Ok(ImportReport { id: row.id.0.to_string(), ..report })
            })
            .collect()
    }

    /// Imports bytes that are in memory, as [`Wallet::import`] does a file, under a file name. Nobody is told meanwhile.
    pub(crate) async fn import_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<ImportAccount> {
        let _alone = self.inner.importing.alone().await;
        let known = self.known().await?;
        let vault = self.inner.vault().await?;
        let mut links = Links::default();
        let origin = Origin::Bytes(bytes.into());
        let report = self.import_origin(&vault, name, origin, known, &mut links, &|_, _, _| {}).await?;
        drop(vault);
        self.inner.records_changed().await;
        Ok(report.account)
    }

    /// What the wallet knows before it reads a file.
    async fn known(&self) -> Result<Known> {
        let vault = self.inner.vault().await?;
        let (trust, tables) = (crate::trust::stored(&vault).await?, table::remembered(&vault).await?);
        Ok(Known { trust: Arc::new(trust), tables, ..Known::default() })
    }

    /// Imports one file. The links that are in it come into `links`, also where nothing else of it is any use.
    async fn import_origin(
        &self,
        vault: &Vault,
        name: &str,
        origin: Origin,
        known: Known,
        links: &mut Links,
        tell: &Tell<'_>,
    ) -> Result<ImportReport> {
        let profile = profile(vault).await?.id;
        let known = Known { chunks: chunks::known(vault, profile).await?, ..known };
        let limits = self.inner.options.import_limits.clone();
        let cancelled = self.inner.importing.cancelled.clone();
        // Few batches wait at a time, so that a slow disk holds the parser back and not the memory full.
        let (send, mut found) = tokio::sync::mpsc::channel(2);
        let now = now();
        let (plain, from) = (plain_name(name).to_owned(), origin.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let reading = Reading { name: &plain, now, limits: &limits, known: &known, cancelled: &cancelled };
            reading.read(&from, &mut |found| match send.blocking_send(found) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        let storing = Storing { vault, profile, name, origin: &origin, now };
        let stored = storing.store(&mut found, links, Progress { tell, told: None }).await;
        // Lets go of a parser that is waiting to hand over more.
        drop(found);
        let read = reading.await.map_err(|_| Error::Internal("reading the file"))?;
        match stored {
            // Once it is stored it is stored, whatever was pressed meanwhile.
            Ok(Some(report)) => Ok(report),
            _ if self.inner.importing.is_cancelled() => Err(Error::Cancelled),
            Err(error) => Err(error),
            Ok(None) => Err(read.err().unwrap_or(Error::Internal("reading the file"))),
        }
    }
}

/// One file on its way into the vault.
struct Storing<'a> {
    vault: &'a Vault,
    profile: ProfileId,
    name: &'a str,
    origin: &'a Origin,
    now: i64,
}

impl Storing<'_> {
    /// Puts what is found in the file into the vault. None if nothing was found before the reader gave up; nothing is
    /// stored then, nor if the reader gives up half-way.
    async fn store(
        &self,
        found: &mut tokio::sync::mpsc::Receiver<Found>,
        links: &mut Links,
        mut progress: Progress<'_>,
    ) -> Result<Option<ImportReport>> {
        let start = loop {
            match found.recv().await {
                Some(Found::Start(start)) => break start,
                Some(Found::Link(link)) => links.push(link),
                _ => return Ok(None),
            }
        };
        let Start { format, keep_as, whole: Whole { sha256, size, changed }, expected } = start;
        let source = ImportSource {
            file_name: self.name.to_owned(),
            format: format.clone(),
            sha256,
            size,
            as_of: changed,
            now: self.now,
        };
        let mut import = self.vault.begin_import(self.profile, source).await?;
        let mut tally = Tally::new(self.name, format);
        loop {
            match found.recv().await {
                Some(Found::Items(items)) => {
                    for item in items {
                        match item {
                            Item::Record { record, as_text } => {
                                let category = record.index.category;
                                tally.record(category, import.put(*record).await?, as_text);
                            }
                            Item::Skipped(skipped) => tally.skipped(skipped),
                        }
                    }
                    if let Some(expected) = expected {
                        let done = tally.report.account.entries;
                        progress.tell(done, expected.max(done), CountUnit::Entries);
                    }
                }
                Some(Found::Attachment { sha256, media_type, bytes }) => {
                    import.put_attachment(sha256, &media_type, Cursor::new(bytes)).await?;
                    tally.report.attachments += 1;
                }
                Some(Found::Note(note)) => tally.report.notes.push(note),
                Some(Found::Link(link)) => links.push(link),
                Some(Found::Read(read)) if expected.is_none() => progress.tell(read, size, CountUnit::Bytes),
                Some(Found::Read(_)) => {}
                Some(Found::End) => {
                    if let Some(media_type) = keep_as {
                        let origin = self.origin.clone();
                        let opened = tokio::task::spawn_blocking(move || origin.open());
                        let (file, _) = opened.await.map_err(|_| Error::Internal("reading the file"))??;
                        import.put_attachment(sha256, media_type, file).await?;
                    }
                    tally.report.attachments += import.detached();
                    let mut report = tally.report(links);
                    progress.told = None;
                    match expected {
                        Some(_) => progress.tell(report.account.entries, report.account.entries, CountUnit::Entries),
                        None => progress.tell(size, size, CountUnit::Bytes),
                    }
                    let json = serde_json::to_string(&report);
                    let json = json.map_err(|_| Error::Internal("the account of an import"))?;
                    report.id = import.commit(&json).await?.0.to_string();
                    return Ok(Some(report));
                }
                // The reader gave up: dropping the import undoes it.
                Some(Found::Start(_)) | None => return Ok(None),
            }
        }
    }
}

/// The report of a file under way.
struct Tally {
    report: ImportReport,
    categories: BTreeMap<Category, u64>,
}

impl Tally {
    fn new(name: &str, format: String) -> Self {
        Self { report: empty_account(name, format).into(), categories: BTreeMap::new() }
    }

    fn record(&mut self, category: Category, outcome: PutOutcome, as_text: Option<SkippedEntry>) {
        let account = &mut self.report.account;
        account.entries += 1;
        match (outcome, as_text) {
            (PutOutcome::AlreadyPresent, _) => account.already_present += 1,
            (_, Some(reason)) => {
                account.narrative_only += 1;
                if self.report.as_text.len() < AS_TEXT {
                    self.report.as_text.push(reason);
                }
            }
            (_, None) => {
                account.imported += 1;
                *self.categories.entry(category).or_default() += 1;
            }
        }
    }

    fn skipped(&mut self, skipped: SkippedEntry) {
        self.report.account.entries += 1;
        self.report.account.skipped.push(skipped);
    }

    fn report(mut self, links: &Links) -> ImportReport {
        let count =
            |(category, count): (Category, u64)| CategoryCount { category: category.as_str().to_owned(), count };
        self.report.notes.extend(links.note());
        let categories = self.categories.into_iter().map(count).collect();
        ImportReport { categories, links: links.told(), ..self.report }
    }
}

fn refused(name: &str, error: &Error) -> ImportAccount {
    ImportAccount { error: Some(error.to_string()), ..empty_account(name, String::new()) }
}

fn empty_account(file: &str, format: String) -> ImportAccount {
    ImportAccount {
        file: file.to_owned(),
        format,
        entries: 0,
        imported: 0,
        already_present: 0,
        narrative_only: 0,
        skipped: Vec::<SkippedEntry>::new(),
        error: None,
        at: now(),
    }
}

/// A file's name without the folders that the account gives with it.
fn plain_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Progress, not more often than a person can see.
struct Progress<'t> {
    tell: &'t Tell<'t>,
    told: Option<Instant>,
}

impl Progress<'_> {
    fn tell(&mut self, done: u64, total: u64, unit: CountUnit) {
        if self.told.is_some_and(|told| told.elapsed() < PROGRESS_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        (self.tell)(done, total, unit);
    }
}
