//! The thread that holds an import's transaction and stores its batches.
//!
//! A thread and not a task, so that whoever drops the import can wait for it even where no runtime runs any more.

use super::ImportSource;
use crate::attachments::{self, AttachmentOutcome, Store};
use crate::db::OwnedGuard;
use crate::error::{AttachmentFault, Error, Result};
use crate::grants::fixed;
use crate::journal::{self, Bytes, Device, Event};
use crate::medicines;
use crate::profiles::ProfileId;
use crate::rows::{self, IndexRow, Texts, VersionRow};
use crate::wait;
use carnet_records::convert::Signed;
use carnet_records::index::IndexEntry;
use sha2::{Digest, Sha256};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, Transaction};
use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// What is known of a record that the vault holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The record's id: that of the version that came first.
    pub(super) record: i64,
    /// Its versions in the order of its history.
    pub(super) versions: Vec<KnownVersion>,
    /// How often this import told it so far.
    pub(super) told: i64,
}

/// What is known of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownVersion {
    pub(super) id: i64,
    pub(super) sha256: [u8; 32],
    /// As of when it is told, in milliseconds since 1970: when its source last changed it; where the source does not say,
    /// the newest date of the documents and files that told it.
    pub(super) as_of: i64,
    pub(super) full_url: Option<Box<str>>,
    /// If it is signed: whether a list vouches for who signed it.
    pub(super) listed: Option<bool>,
}

impl Known {
    /// A record of which no version was seen yet; the first will have this id.
    pub(super) fn new(record: i64) -> Self {
        Self { record, versions: Vec::new(), told: 0 }
    }

    /// Where in the history a version belongs that is told as of then. Of two of the same moment the hash decides, so that
    /// all orders of import end in one history.
    pub(super) fn place(&self, as_of: i64, sha256: &[u8; 32]) -> usize {
        let is_newer = |known: &KnownVersion| (known.as_of, &known.sha256) > (as_of, sha256);
        self.versions.iter().rposition(|known| !is_newer(known)).map_or(0, |before| before + 1)
    }

    /// A newer source tells the version at this place once more, so it may be newer than others that came after it.
    pub(super) fn renew(
        &mut self,
        at: usize,
        as_of: i64,
        profile: ProfileId,
        identity: [u8; 32],
        entry: IndexEntry,
    ) -> Renewed {
        let version = KnownVersion { as_of, ..self.versions.remove(at) };
        let to = self.place(as_of, &version.sha256);
        let index = IndexRow { record: self.record, current: version.id, profile: profile.0, entry };
        let current = (to == self.versions.len() && to != at).then_some(index);
        let renewed = Renewed { version: version.id, as_of, identity, from: at + 1, to: to + 1, current };
        self.versions.insert(to, version);
        renewed
    }

    fn read(&mut self, row: &SqliteRow) -> Result<()> {
        let signed = row.get::<Option<&str>, _>(6).map(serde_json::from_str::<Signed>);
        self.versions.push(KnownVersion {
            id: row.get(2),
            sha256: fixed(row, 3)?,
            as_of: row.get(4),
            full_url: row.get::<Option<String>, _>(5).map(Into::into),
            listed: signed.transpose().map_err(|_| Error::NewerFormat)?.map(|signed| signed.listed),
        });
        Ok(())
    }
}

/// What a source adds to a version that was there already.
pub(super) struct Learnt {
    pub(super) version: i64,
    pub(super) full_url: Option<String>,
    /// JSON.
    pub(super) signed: Option<String>,
}

/// A version that a newer source tells once more, and its new place in the history of its record.
pub(super) struct Renewed {
    version: i64,
    as_of: i64,
    identity: [u8; 32],
    /// From 1, as the history counts.
    from: usize,
    to: usize,
    /// What the index says of it, where it became the current one.
    current: Option<IndexRow>,
}

/// What the writer is asked to do.
pub(super) enum Command {
    Store(Batch),
    LookUp {
        profile: ProfileId,
        identity: [u8; 32],
        answer: oneshot::Sender<Option<Known>>,
    },
    LoadAll {
        profile: ProfileId,
        answer: oneshot::Sender<HashMap<[u8; 32], Known>>,
    },
    Attach {
        sha256: [u8; 32],
        media_type: String,
        reader: Box<dyn Read + Send>,
        answer: oneshot::Sender<Result<AttachmentOutcome>>,
    },
    Commit {
        account: String,
        answer: oneshot::Sender<()>,
    },
}

/// Rows on their way into the database.
#[derive(Default)]
pub(super) struct Batch {
    versions: Vec<VersionRow>,
    index: Vec<IndexRow>,
    corrected: Vec<i64>,
    former: Vec<VersionRow>,
    /// Medicines are among them, or records that may point to one.
    medicines: bool,
    sightings: Vec<(i64, i64)>,
    learnt: Vec<Learnt>,
    renewed: Vec<Renewed>,
    bytes: usize,
}

impl Batch {
    /// Adds a version, which becomes its record's current one.
    pub(super) fn push(&mut self, version: VersionRow, entry: IndexEntry) {
        self.bytes += version.original.len();
        self.medicines |= medicines::concerns(&entry);
        if version.version > 1 {
            // The record's former index row goes: out of this batch if it is here, else out of the database.
            self.index.retain(|row| row.record != version.record);
            self.corrected.push(version.record);
        }
        self.index.push(IndexRow { record: version.record, current: version.id, profile: version.profile, entry });
        self.versions.push(version);
    }

    /// Adds a version that is older than the record's current one. What comes after it must be stored already.
    pub(super) fn push_former(&mut self, version: VersionRow) {
        self.bytes += version.original.len();
        self.former.push(version);
    }

    /// Adds what a source knows more of a version.
    pub(super) fn learn(&mut self, learnt: Learnt) {
        self.learnt.push(learnt);
    }

    /// Adds a version that moves within its record's history. All of that must be stored already.
    pub(super) fn renew(&mut self, renewed: Renewed) {
        self.medicines |= renewed.current.as_ref().is_some_and(|row| medicines::concerns(&row.entry));
        self.renewed.push(renewed);
    }

    /// Adds another source of a version.
    pub(super) fn see(&mut self, version: i64, import: i64) {
        self.sightings.push((version, import));
    }

    pub(super) fn rows(&self) -> usize {
        self.versions.len() + self.former.len() + self.sightings.len() + self.learnt.len() + self.renewed.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows() == 0
    }
}

/// What the writer begins with.
pub(super) struct Start {
    pub(super) device: Arc<Device>,
    pub(super) store: Store,
    pub(super) profile: ProfileId,
    pub(super) source: ImportSource,
    /// The source's, as the database keeps it.
    pub(super) size: i64,
}

/// What the writer found when it began.
pub(super) struct Begun {
    pub(super) import: i64,
    /// The very file was imported before.
    pub(super) again: bool,
    /// The highest id of a version; 0 if there is none.
    pub(super) last_version: i64,
}

/// The caller's end of the writer thread.
pub(super) struct Writer {
    /// None once it must end.
    commands: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Writer {
    pub(super) async fn start(connection: OwnedGuard, start: Start) -> Result<(Self, Begun)> {
        // Two batches ahead: enough to keep both sides busy, little enough to hold in memory.
        let (commands, receiver) = mpsc::channel(2);
        let (begun, answer) = oneshot::channel();
        let work = async move || run(connection, start, receiver, begun).await;
        let thread = thread::Builder::new().name("carnet-import".into()).spawn(move || wait::block_on(work()));
        let thread = thread.map_err(Error::io("Starting the import"))?;
        let mut writer = Self { commands: Some(commands), thread: Some(thread) };
        match answer.await {
            Ok(begun) => Ok((writer, begun)),
            Err(_) => Err(writer.reason()),
        }
    }

    pub(super) async fn send(&mut self, command: Command) -> Result<()> {
        let Some(commands) = &self.commands else { return Err(Error::Internal("import")) };
        match commands.send(command).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.reason()),
        }
    }

    pub(super) async fn ask<T>(&mut self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T> {
        let (sender, answer) = oneshot::channel();
        self.send(command(sender)).await?;
        match answer.await {
            Ok(answer) => Ok(answer),
            Err(_) => Err(self.reason()),
        }
    }

    /// Why the writer stopped: it is about to end, so there is nothing to wait for.
    fn reason(&mut self) -> Error {
        match self.end() {
            Some(Ok(Err(error))) => error,
            Some(Ok(Ok(())) | Err(_)) | None => Error::Internal("import"),
        }
    }

    fn end(&mut self) -> Option<thread::Result<Result<()>>> {
        self.commands = None;
        self.thread.take().map(JoinHandle::join)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Afterwards the connection is free again, and nothing but the database's own thread works on the file.
        self.end();
    }
}

/// Runs until the import is committed, or given up by its caller; then the transaction is dropped, which undoes it.
async fn run(
    mut connection: OwnedGuard,
    start: Start,
    mut commands: mpsc::Receiver<Command>,
    begun: oneshot::Sender<Begun>,
) -> Result<()> {
    let Start { device, store, profile, source, size } = start;
    let (file, now) = (source.sha256, source.now);
    let mut tx = connection.begin().await?;
    let answer = begin(&mut tx, profile, source, size).await?;
    let files = Files { store, names: Vec::new() };
    let mut work = Work {
        tx,
        device,
        files,
        profile,
        import: answer.import,
        file,
        now,
        list: Vec::new(),
        medicines: false,
        texts: Texts::default(),
    };
    // An answer that nobody waits for any more is no fault: the caller gave up and the channel is about to close.
    let _ = begun.send(answer);
    while let Some(command) = commands.recv().await {
        match command {
            Command::Store(batch) => work.store(batch).await?,
            Command::LookUp { profile, identity, answer } => {
                let _ = answer.send(look_up(&mut work.tx, profile, identity).await?);
            }
            Command::LoadAll { profile, answer } => {
                let _ = answer.send(load_all(&mut work.tx, profile).await?);
            }
            Command::Attach { sha256, media_type, reader, answer } => {
                let _ = answer.send(work.attach(sha256, &media_type, reader).await?);
            }
            Command::Commit { account, answer } => {
                work.commit(account).await?;
                let _ = answer.send(());
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn begin(tx: &mut SqliteConnection, profile: ProfileId, source: ImportSource, size: i64) -> Result<Begun> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT id FROM profiles WHERE id = ?").bind(profile.0).fetch_optional(&mut *tx).await?;
    found.ok_or(Error::NoSuch("person"))?;
    let sha256 = source.sha256.to_vec();
    let again: Option<i64> = sqlx::query_scalar("SELECT id FROM imports WHERE profile = ? AND sha256 = ? LIMIT 1")
        .bind(profile.0)
        .bind(sha256.clone())
        .fetch_optional(&mut *tx)
        .await?;
    let import: i64 = sqlx::query_scalar(
        "INSERT INTO imports (profile, file_name, format, sha256, size, at, account) VALUES (?, ?, ?, ?, ?, ?, '') \
         RETURNING id",
    )
    .bind(profile.0)
    .bind(source.file_name)
    .bind(source.format)
    .bind(sha256)
    .bind(size)
    .bind(source.now)
    .fetch_one(&mut *tx)
    .await?;
    let last_version: i64 = sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM versions").fetch_one(tx).await?;
    Ok(Begun { import, again: again.is_some(), last_version })
}

/// The files that this import wrote: gone again with it unless it is committed.
struct Files {
    store: Store,
    names: Vec<String>,
}

impl Drop for Files {
    fn drop(&mut self) {
        for name in &self.names {
            // What cannot be removed now is swept at the next unlock.
            let _ = self.store.remove(name);
        }
    }
}

struct Work<'c> {
    tx: Transaction<'c, Sqlite>,
    device: Arc<Device>,
    files: Files,
    profile: ProfileId,
    import: i64,
    file: [u8; 32],
    now: i64,
    /// Identity and hash of each version stored: what the journal entry names.
    list: Vec<u8>,
    /// Medicines were stored, or records that may point to one.
    medicines: bool,
    /// Of records that the index has, not yet in the search.
    texts: Texts,
}

impl Work<'_> {
    async fn store(&mut self, batch: Batch) -> Result<()> {
        self.medicines |= batch.medicines;
        for record in batch.corrected {
            rows::remove_index(&mut self.tx, record).await?;
        }
        for new in batch.versions.iter().chain(&batch.former) {
            self.list.extend_from_slice(&new.identity);
            self.list.extend_from_slice(&new.sha256);
        }
        rows::insert_versions(&mut self.tx, batch.versions).await?;
        rows::insert_index(&mut self.tx, batch.index, &mut self.texts).await?;
        for former in batch.former {
            rows::insert_former(&mut self.tx, former).await?;
        }
        for Learnt { version, full_url, signed } in batch.learnt {
            sqlx::query(
                "UPDATE versions SET full_url = coalesce(?, full_url), signed = coalesce(?, signed) WHERE id = ?",
            )
            .bind(full_url)
            .bind(signed)
            .bind(version)
            .execute(&mut *self.tx)
            .await?;
        }
        for renewed in batch.renewed {
            self.renew(renewed).await?;
        }
        rows::insert_sightings(&mut self.tx, batch.sightings).await
    }

    async fn renew(&mut self, renewed: Renewed) -> Result<()> {
        let Renewed { version, as_of, identity, from, to, current } = renewed;
        let update = sqlx::query("UPDATE versions SET as_of = ? WHERE id = ?").bind(as_of).bind(version);
        update.execute(&mut *self.tx).await?;
        if from != to {
            rows::move_version(&mut self.tx, self.profile.0, &identity, version, from..=to).await?;
        }
        if let Some(row) = current {
            rows::remove_index(&mut self.tx, row.record).await?;
            rows::insert_index(&mut self.tx, vec![row], &mut self.texts).await?;
        }
        Ok(())
    }

    /// The outer error is the database's and ends the import; the inner one is this attachment's alone.
    async fn attach(
        &mut self,
        sha256: [u8; 32],
        media_type: &str,
        mut reader: Box<dyn Read + Send>,
    ) -> Result<Result<AttachmentOutcome>> {
        let known = attachments::find(&mut self.tx, &sha256).await?.and_then(|row| row.name);
        if known.is_some_and(|name| self.files.store.has(&name)) {
            return Ok(Ok(AttachmentOutcome::AlreadyPresent));
        }
        let written = match self.files.store.write(&mut reader) {
            Ok(written) => written,
            Err(error) => return Ok(Err(error)),
        };
        self.files.names.push(written.name.clone());
        if written.sha256 != sha256 {
            return Ok(Err(Error::Attachment(AttachmentFault::Different)));
        }
        attachments::insert(&mut self.tx, &written, media_type, self.import).await?;
        Ok(Ok(AttachmentOutcome::Stored))
    }

    async fn commit(mut self, account: String) -> Result<()> {
        self.texts.insert(&mut self.tx).await?;
        if self.medicines {
            medicines::name_all(&mut self.tx, self.profile).await?;
        }
        sqlx::query("UPDATE imports SET account = ? WHERE id = ?")
            .bind(account)
            .bind(self.import)
            .execute(&mut *self.tx)
            .await?;
        let event = Event::Imported {
            file: Bytes(self.file),
            count: self.list.len() as u64 / 64,
            list: Bytes(Sha256::digest(&self.list).into()),
        };
        journal::append(&mut self.tx, &self.device, self.now, Some(self.profile), event, Some(self.list)).await?;
        if !self.files.names.is_empty() {
            self.files.store.sync()?;
        }
        // From here on the files belong to the vault, or are swept at the next unlock: whether a commit that fails was
        // stored after all is known only then.
        self.files.names.clear();
        Ok(self.tx.commit().await?)
    }
}

/// Columns of what is known of a version, as [`Known::read`] takes them.
const KNOWN: &str = "SELECT v.identity, v.record, v.id, v.sha256, coalesce(v.updated * 1000, v.as_of, i.at * 1000), v.full_url, v.signed \
    FROM versions v JOIN imports i ON i.id = v.import WHERE v.profile = ?";

async fn look_up(connection: &mut SqliteConnection, profile: ProfileId, identity: [u8; 32]) -> Result<Option<Known>> {
    let rows = sqlx::query(AssertSqlSafe(format!("{KNOWN} AND v.identity = ? ORDER BY v.version")))
        .bind(profile.0)
        .bind(identity.to_vec())
        .fetch_all(connection)
        .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut known = Known::new(first.get(1));
    rows.iter().try_for_each(|row| known.read(row))?;
    Ok(Some(known))
}

async fn load_all(connection: &mut SqliteConnection, profile: ProfileId) -> Result<HashMap<[u8; 32], Known>> {
    let rows = sqlx::query(AssertSqlSafe(format!("{KNOWN} ORDER BY v.identity, v.version")))
        .bind(profile.0)
        .fetch_all(connection)
        .await?;
    let mut all = HashMap::with_capacity(rows.len());
    for row in &rows {
        all.entry(fixed(row, 0)?).or_insert_with(|| Known::new(row.get(1))).read(row)?;
    }
    Ok(all)
}
