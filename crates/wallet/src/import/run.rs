//! A run: many files, each of which ends with a report or, where there is a person to be asked, with a question.
//!
//! A run never waits for the person. Nothing of a file that needs an answer is in the vault; the answer starts a run of its
//! own. Locking the vault forgets the questions.

use super::file::{Known, Origin};
use super::folder::{self, Named};
use super::found::{self, Held, LinkText, Links};
use super::pasted::{self, Code};
use super::{Alone, LOOKED_INTO, refused, table};
use crate::clock::now;
use crate::hex::hex;
use crate::host::Host;
use crate::settings::profile;
use crate::wallet::lock;
use crate::whose::is_patient;
use crate::{Error, Result, Wallet};
use carnet_bridge::{
    Answer, CardOutcome, CountUnit, Event, FileProgress, FileState, FoundKind, FoundLink, ImportAnswer, ImportFile,
    ImportQuestion, ImportReport, ImportRun, ImportSource as From, LinkQuestion, PASTED_BYTES, Passphrase,
    QuestionAbout,
};
use carnet_records::csv::{Guess, Mapping};
use carnet_records::documents::{self, DocumentOptions};
use carnet_records::index::Category;
use carnet_vault::RecordQuery;
use smart_health::SmartHealthLink;
use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Mutex;

/// The questions that are open, by their ids.
#[derive(Default)]
pub(super) struct Questions(Mutex<HashMap<String, Pending>>);

/// A file, or a link out of one, that waits for an answer.
struct Pending {
    file: ImportFile,
    of: PendingOf,
}

enum PendingOf {
    Table {
        origin: Origin,
        guess: Guess,
    },
    Picture(Origin),
    /// A link that wants a passcode.
    Link(LinkText),
    /// A link that was found in a file.
    Found(LinkText),
    /// A withdrawal card that was.
    Card(LinkText),
}

/// A file of a run, and what was decided about it.
pub(super) struct Task {
    file: ImportFile,
    of: TaskOf,
}

enum TaskOf {
    File {
        origin: Origin,
        table: Option<Mapping>,
        location: Location,
    },
    Link {
        link: LinkText,
        passcode: Option<Passphrase>,
    },
    /// What was named stands for no file.
    Nothing(Error),
}

/// Whether there is anybody to be asked. Where there is not, a file that needs an answer is refused, and a link in one is
/// only named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Person,
    Nobody,
}

/// What to do about where a picture was taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Location {
    Ask,
    Keep,
    LeaveOut,
}

/// How a file of a run ended.
enum Ended {
    Report(Box<ImportReport>),
    Question(Box<(QuestionAbout, PendingOf)>),
    /// There are links in it and nothing else.
    OnlyLinks,
}

impl Wallet {
    /// Imports what the person chose; events tell of it meanwhile, as [`carnet_bridge::Request::ImportFiles`] says.
    ///
    /// # Errors
    /// [`Error::Cancelled`] for a closed dialog, [`Error::Busy`] while another import runs, [`Error::PastedTooLong`],
    /// [`Error::Locked`]; a vault that takes nothing more. Files imported before stay imported.
    pub(crate) async fn import_run(&self, from: From, host: &dyn Host) -> Result<ImportRun> {
        let paths = match from {
            From::PickFiles => host.pick_files().await.filter(|paths| !paths.is_empty()).ok_or(Error::Cancelled)?,
            From::PickFolder => vec![host.pick_folder().await.ok_or(Error::Cancelled)?],
            From::Paths(paths) => paths.into_iter().map(Into::into).collect(),
            From::Pasted(text) => {
                if text.0.len() > PASTED_BYTES {
                    return Err(Error::PastedTooLong);
                }
                let alone = self.inner.importing.try_alone()?;
                return self
                    .run(&alone, pasted::codes(&text.0).into_iter().map(pasted_task).collect(), Asking::Person, host)
                    .await;
            }
        };
        let tasks = tasks(paths, Location::Ask).await?;
        let alone = self.inner.importing.try_alone()?;
        self.run(&alone, tasks, Asking::Person, host).await
    }

    /// Answers questions of a run, and imports their files.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a question that is not open, [`Error::Answer`] for an answer that does not fit it; then all
    /// questions stay open, as they do while another import runs. Else as [`Wallet::import_run`].
    pub(crate) async fn answer_import(&self, answers: Vec<ImportAnswer>, host: &dyn Host) -> Result<ImportRun> {
        let alone = self.inner.importing.try_alone()?;
        let mut tasks = Vec::new();
        let mut answered = Vec::new();
        for ImportAnswer { question, answer } in answers {
            let task = {
                let open = lock(&self.inner.importing.questions.0);
                let pending = open.get(&question).ok_or(Error::NoSuch("question"))?;
                decided(pending, answer)?
            };
            if let Some((task, remembered)) = task {
                if let Some(mapping) = remembered {
                    table::remember(&*self.inner.vault().await?, &mapping, now()).await?;
                }
                tasks.push(task);
            }
            answered.push(question);
        }
        {
            let mut open = lock(&self.inner.importing.questions.0);
            answered.iter().for_each(|question| drop(open.remove(question)));
        }
        self.run(&alone, tasks, Asking::Person, host).await
    }

    /// Uses a withdrawal card that was found in a file, as [`Wallet::use_card`] does.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a question that is not open, [`Error::Answer`] for one about something else; those of
    /// [`Wallet::use_card`], and then the question stays open.
    pub(crate) async fn use_found_card(&self, question: &str) -> Result<CardOutcome> {
        let card = {
            let open = lock(&self.inner.importing.questions.0);
            match &open.get(question).ok_or(Error::NoSuch("question"))?.of {
                PendingOf::Card(card) => card.clone(),
                _ => return Err(Error::Answer),
            }
        };
        let outcome = self.use_card(&card).await?;
        lock(&self.inner.importing.questions.0).remove(question);
        Ok(outcome)
    }

    /// Forgets what was asked: the vault was locked.
    pub(crate) fn forget_import_questions(&self) {
        lock(&self.inner.importing.questions.0).clear();
    }

    /// Reads files one after the other, and tells of it.
    pub(super) async fn run(
        &self,
        _alone: &Alone<'_>,
        tasks: Vec<Task>,
        asking: Asking,
        host: &dyn Host,
    ) -> Result<ImportRun> {
        host.emit(Event::ImportStarted { files: tasks.iter().map(|task| task.file.clone()).collect() });
        let newest = self.newest_import().await?;
        let mut run = self.run_all(tasks, asking, host).await;
        self.inner.records_changed().await;
        if let Ok(run) = &mut run {
            run.others = self.others_since(newest).await?;
        }
        host.emit(Event::ImportEnded(run.as_ref().map_or_else(|_| ImportRun::default(), Clone::clone)));
        run
    }

    async fn newest_import(&self) -> Result<i64> {
        Ok(self.inner.vault().await?.imports(1).await?.first().map_or(0, |import| import.id.0))
    }

    /// How many records that came after an import are somebody else's than the person's.
    async fn others_since(&self, newest: i64) -> Result<u64> {
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?;
        let patients = RecordQuery { category: Some(Category::Person), ..RecordQuery::new(profile.id) };
        // Most wallets know of one person: whose a record is need not be asked of each of them.
        if vault.records(&patients).await?.iter().filter(|row| is_patient(row)).count() < 2 {
            return Ok(0);
        }
        let index = self.inner.index(&vault, &profile).await?;
        let others = index.owned().filter(|(row, owner)| row.import.0 > newest && owner.another().is_some());
        Ok(others.count() as u64)
    }

    async fn run_all(&self, tasks: Vec<Task>, asking: Asking, host: &dyn Host) -> Result<ImportRun> {
        let importing = &self.inner.importing;
        let known = self.known().await?;
        let mut run = ImportRun::default();
        let mut tasks = (0_u32..).zip(tasks);
        for (number, task) in tasks.by_ref() {
            let (file, folder) = (task.file.clone(), task.file.folder.clone());
            let tell = |done, total, unit| {
                let state = FileState::Reading { done, total, unit };
                host.emit(Event::ImportFile(FileProgress { number, state }));
            };
            tell(0, file.bytes, CountUnit::Bytes);
            let mut links = Links::default();
            let ended = match self.one(task, asking, known.clone(), &mut links, &tell).await {
                Ok(ended) => ended,
                Err(error @ (Error::Vault(carnet_vault::Error::Damaged) | Error::Locked)) => return Err(error),
                Err(Error::Records(carnet_records::Error::OnlyLink))
                    if asking == Asking::Person && !links.is_empty() =>
                {
                    Ended::OnlyLinks
                }
                Err(error) => {
                    let stopped = matches!(error, Error::Cancelled);
                    let report =
                        ImportReport { stopped, links: links.told(), ..refused(&shown_name(&file), &error).into() };
                    Ended::Report(Box::new(report))
                }
            };
            self.touch();
            let offers = match asking {
                Asking::Person => self.offer(&file, links, &mut run.questions)?,
                Asking::Nobody => Vec::new(),
            };
            let state = match ended {
                Ended::Report(report) => {
                    let mut report = ImportReport { folder, ..*report };
                    for (link, offer) in report.links.iter_mut().zip(&offers) {
                        link.question.clone_from(&offer.id);
                    }
                    run.reports.push(report.clone());
                    FileState::Ended(Box::new(report))
                }
                Ended::Question(asked) => {
                    let (about, of) = *asked;
                    let question = self.ask(file, about, of)?;
                    run.questions.push(question.clone());
                    FileState::Asks(Box::new(question))
                }
                Ended::OnlyLinks => {
                    let first = offers.into_iter().next().ok_or(Error::Internal("a link that was found"))?;
                    FileState::Asks(Box::new(first))
                }
            };
            host.emit(Event::ImportFile(FileProgress { number, state }));
            if importing.is_cancelled() {
                run.stopped = true;
                break;
            }
        }
        run.not_begun = u32::try_from(tasks.count()).unwrap_or(u32::MAX);
        Ok(run)
    }

    async fn one(
        &self,
        task: Task,
        asking: Asking,
        known: Known,
        links: &mut Links,
        tell: &super::Tell<'_>,
    ) -> Result<Ended> {
        let (origin, table, location) = match task.of {
            TaskOf::Nothing(error) => return Err(error),
            TaskOf::Link { link, passcode } => return self.link(link, passcode.as_ref(), known, links, tell).await,
            TaskOf::File { origin, table, location } => (origin, table, location),
        };
        if location == Location::Ask && tells_where(&origin).await? {
            return Ok(asks(QuestionAbout::Location, PendingOf::Picture(origin)));
        }
        let documents = DocumentOptions { strip_location: location == Location::LeaveOut };
        let explained = table.is_some();
        let known = Known { documents, table, ..known };
        let vault = self.inner.vault().await?;
        let name = shown_name(&task.file);
        match self.import_origin(&vault, &name, origin.clone(), known, links, tell).await {
            Err(Error::Records(carnet_records::Error::TableUnclear)) if asking == Asking::Person && !explained => {
                let guess = table::guess(&origin).await?;
                Ok(asks(QuestionAbout::Table(table::question(&guess)), PendingOf::Table { origin, guess }))
            }
            imported => Ok(Ended::Report(Box::new(imported?))),
        }
    }

    /// Opens somebody's link and imports its files under one report.
    async fn link(
        &self,
        link: LinkText,
        passcode: Option<&Passphrase>,
        known: Known,
        links: &mut Links,
        tell: &super::Tell<'_>,
    ) -> Result<Ended> {
        let ask = |link: LinkText, wrong: bool, tries_left: Option<u32>| {
            let (label, host) = found::told(&SmartHealthLink::parse(&link)?);
            let about = QuestionAbout::Link(LinkQuestion { label, host, wrong, tries_left });
            Ok(asks(about, PendingOf::Link(link)))
        };
        match self.import_link(&link, passcode.map(Passphrase::expose_str), false, known, links, tell).await {
            Err(Error::Sync(carnet_sync::Error::PasscodeNeeded)) => ask(link, false, None),
            Err(Error::Sync(carnet_sync::Error::WrongPasscode { remaining_attempts })) => {
                ask(link, true, remaining_attempts)
            }
            Err(Error::Sync(error)) if error.is_away() => {
                // It may be there later, so it is asked about once more.
                links.push(Held::new(String::new(), &SmartHealthLink::parse(&link)?));
                Err(Error::Sync(error))
            }
            imported => Ok(Ended::Report(Box::new(imported?))),
        }
    }

    /// Asks about links that were found. One that is asked about already is not asked about again; the question is the
    /// same then, and not among the `new` ones.
    fn offer(&self, file: &ImportFile, links: Links, new: &mut Vec<ImportQuestion>) -> Result<Vec<ImportQuestion>> {
        let known = |link: &LinkText| {
            let open = lock(&self.inner.importing.questions.0);
            let is_same = |pending: &Pending| matches!(&pending.of, PendingOf::Found(other) | PendingOf::Card(other) if other == link);
            open.iter().find(|(_, pending)| is_same(pending)).map(|(id, _)| id.clone())
        };
        let mut asked = Vec::new();
        for Held { about, link } in links.into_held() {
            let open = known(&link);
            let is_new = open.is_none();
            let id = match open {
                Some(id) => id,
                None => {
                    let of = match about.kind {
                        FoundKind::Records => PendingOf::Found(link),
                        FoundKind::Card => PendingOf::Card(link),
                    };
                    self.hold(file.clone(), of)?
                }
            };
            let about = QuestionAbout::FoundLink(FoundLink { question: id.clone(), ..about });
            let question = ImportQuestion { id, file: file.clone(), about };
            if is_new {
                new.push(question.clone());
            }
            asked.push(question);
        }
        Ok(asked)
    }

    fn ask(&self, file: ImportFile, about: QuestionAbout, of: PendingOf) -> Result<ImportQuestion> {
        Ok(ImportQuestion { id: self.hold(file.clone(), of)?, file, about })
    }

    /// Keeps what waits for an answer and gives it a new id.
    fn hold(&self, file: ImportFile, of: PendingOf) -> Result<String> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| Error::Internal("random numbers"))?;
        let id = hex(&id);
        lock(&self.inner.importing.questions.0).insert(id.clone(), Pending { file, of });
        Ok(id)
    }
}

fn asks(about: QuestionAbout, of: PendingOf) -> Ended {
    Ended::Question(Box::new((about, of)))
}

/// What an answer makes of a file: a task and, where it is to be kept, the mapping of its table; none: leave it out.
fn decided(pending: &Pending, answer: Answer) -> Result<Option<(Task, Option<Mapping>)>> {
    let file = pending.file.clone();
    let (of, remembered) = match (&pending.of, answer) {
        (_, Answer::Dismiss) => return Ok(None),
        (PendingOf::Table { origin, guess }, Answer::Table(answer)) => {
            let mapping = table::mapping(guess.clone(), &answer)?;
            let remembered = answer.remember.then(|| mapping.clone());
            let table = Some(mapping);
            (TaskOf::File { origin: origin.clone(), table, location: Location::Keep }, remembered)
        }
        (PendingOf::Picture(origin), Answer::LeaveOutLocation) => (picture(origin, Location::LeaveOut), None),
        (PendingOf::Picture(origin), Answer::KeepLocation) => (picture(origin, Location::Keep), None),
        (PendingOf::Found(link), Answer::OpenLink) => (TaskOf::Link { link: link.clone(), passcode: None }, None),
        (PendingOf::Link(link), Answer::Passcode(passcode)) => {
            (TaskOf::Link { link: link.clone(), passcode: Some(passcode) }, None)
        }
        _ => return Err(Error::Answer),
    };
    Ok(Some((Task { file, of }, remembered)))
}

fn picture(origin: &Origin, location: Location) -> TaskOf {
    TaskOf::File { origin: origin.clone(), table: None, location }
}

/// The files that the paths stand for.
pub(super) async fn tasks(paths: Vec<PathBuf>, location: Location) -> Result<Vec<Task>> {
    let named = tokio::task::spawn_blocking(move || folder::files(&paths));
    let named = named.await.map_err(|_| Error::Internal("looking for files"))?;
    Ok(named.into_iter().map(|named| named_task(named, location)).collect())
}

fn named_task(Named { path, name, beside, error }: Named, location: Location) -> Task {
    let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let (folder, name) = name.rsplit_once('/').map_or(("", name.as_str()), |(folder, name)| (folder, name));
    let file = ImportFile { name: name.to_owned(), folder: folder.to_owned(), bytes };
    let of = match error {
        Some(error) => TaskOf::Nothing(error),
        None => TaskOf::File { origin: Origin::new(path, beside), table: None, location },
    };
    Task { file, of }
}

fn pasted_task(code: Code) -> Task {
    match code {
        Code::File { name, text } => {
            let file = ImportFile { name: name.to_owned(), folder: String::new(), bytes: text.len() as u64 };
            let origin = Origin::Bytes(text.into_bytes().into());
            Task { file, of: TaskOf::File { origin, table: None, location: Location::Keep } }
        }
        Code::Link(link) => {
            let file = ImportFile { name: "SMART Health Link".to_owned(), ..ImportFile::default() };
            Task { file, of: TaskOf::Link { link, passcode: None } }
        }
    }
}

/// The name in the account: with the folders below the one that was chosen.
fn shown_name(file: &ImportFile) -> String {
    if file.folder.is_empty() { file.name.clone() } else { format!("{}/{}", file.folder, file.name) }
}

/// Whether the file is a picture that says where it was taken.
async fn tells_where(origin: &Origin) -> Result<bool> {
    let origin = origin.clone();
    let looked = tokio::task::spawn_blocking(move || {
        let (mut file, length) = origin.open()?;
        let mut head = Vec::new();
        file.by_ref().take(1024).read_to_end(&mut head).map_err(Error::file("Reading the file"))?;
        let picture = documents::looks_like(&head).is_some_and(documents::DocumentKind::is_image);
        if !picture || length > LOOKED_INTO {
            return Ok(false);
        }
        file.read_to_end(&mut head).map_err(Error::file("Reading the file"))?;
        Ok(documents::has_location(&head))
    });
    looked.await.map_err(|_| Error::Internal("looking at a picture"))?
}
