//! The vault itself: making, opening and closing one, its keys, its journal, its state of health.

use crate::attachments::{self, Store};
use crate::db::{self, Db};
use crate::error::{Error, Result};
use crate::files::{self, FolderLock};
use crate::grants::fixed;
use crate::journal::{self, Bytes, Device, Event, JournalCheck, JournalEntry, JournalHead};
use crate::keys::Keys;
use crate::phrase::RecoveryPhrase;
use crate::refused;
use crate::secret::{DbKey, Passphrase, random_bytes};
use crate::slots::{self, Slot, SlotContent};
use sqlx::Connection;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// An open vault. One program at a time has it open; all its methods may be called from many tasks at once and then wait
/// for each other. [`Vault::close`] locks it. Dropping it does the same, waits for it on the spot, inside a runtime too
/// (some milliseconds), and cannot say what went wrong.
pub struct Vault {
    pub(crate) folder: PathBuf,
    /// Before the lock, so that it is closed before another program may open it.
    pub(crate) db: Db,
    pub(crate) id: [u8; 16],
    pub(crate) device: Arc<Device>,
    pub(crate) attachments: Store,
    key: Arc<DbKey>,
    phrase: RecoveryPhrase,
    keys: Keys,
    journal_at_unlock: JournalCheck,
    _lock: FolderLock,
}

/// How a vault is made.
#[derive(Debug, Clone, Default)]
pub struct CreateOptions {
    /// The time, Unix seconds.
    pub now: i64,
    /// Base-2 logarithm of the scrypt work factor, at most 20; none: measured to about one second. Tests set it low.
    pub scrypt_log_n: Option<u8>,
}

/// A new vault and the words that a person must write down.
#[derive(Debug)]
pub struct Created {
    /// The vault, open.
    pub vault: Vault,
    /// Its recovery phrase. It can be asked for again while the vault is open.
    pub phrase: RecoveryPhrase,
}

/// What a check of the whole vault found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// Pages whose bytes were changed on disk, as SQLCipher's page authentication tells.
    pub damaged_pages: Vec<String>,
    /// Faults in the database's structure.
    pub structure: Vec<String>,
    /// The journal, each signature and each record it names.
    pub journal: JournalCheck,
    /// SHA-256 of each attachment whose file is missing or was changed.
    pub attachments: Vec<[u8; 32]>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.damaged_pages.is_empty()
            && self.structure.is_empty()
            && self.journal.fault.is_none()
            && self.attachments.is_empty()
    }
}

impl Vault {
    /// Whether a folder holds a vault.
    pub fn exists(folder: &Path) -> bool {
        db::path(folder).exists() || [Slot::Passphrase, Slot::Recovery].iter().any(|slot| slot.path(folder).exists())
    }

    /// Makes a new, empty vault in a folder that is empty or not there yet. It appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::FolderNotEmpty`], [`Error::InUse`]; those of files and database.
    pub async fn create(folder: &Path, passphrase: &Passphrase, options: &CreateOptions) -> Result<Created> {
        let phrase = RecoveryPhrase::make()?;
        let new = NewVault::begin(folder, None, passphrase, options, &phrase).await?;
        let made = async {
            let mut db = new.db.lock().await?;
            let mut tx = db.begin().await?;
            let event = Event::Created { vault: Bytes(new.content.vault_id) };
            journal::append(&mut tx, &new.device, options.now, None, event, None).await?;
            tx.commit().await?;
            Ok(())
        };
        match made.await {
            Ok(()) => Ok(Created { vault: new.finish().await?, phrase }),
            Err(error) => Err(new.abandon(error).await),
        }
    }

    /// Opens a vault with its passphrase. A passphrase that does not fit is counted in the folder and journalled at the
    /// next unlock.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::InUse`], [`Error::WrongPassphrase`], [`Error::Slot`], [`Error::Damaged`],
    /// [`Error::NewerFormat`], [`Error::ClockStandsStill`]; those of files and database.
    pub async fn open(folder: &Path, passphrase: &Passphrase, now: i64) -> Result<Self> {
        let lock = Self::lock(folder)?;
        let slot = open_passphrase_slot(folder, passphrase).await.map_err(|error| match error {
            Error::WrongPassphrase { .. } => Error::WrongPassphrase { refused: refused::add(folder, now).ok() },
            other => other,
        })?;
        let vault = Self::unlock(folder, slot, lock).await?;
        vault.journal_refused(now, None).await?;
        Ok(vault)
    }

    /// Opens a vault with its recovery phrase, when the passphrase is lost. Set a new passphrase afterwards.
    ///
    /// # Errors
    /// As [`Vault::open`], with [`Error::WrongPhrase`] in place of the passphrase.
    pub async fn open_with_phrase(folder: &Path, phrase: &RecoveryPhrase, now: i64) -> Result<Self> {
        let lock = Self::lock(folder)?;
        let slot = slots::open_recovery(folder, &phrase.keys().recovery_identity()?)?;
        let vault = Self::unlock(folder, slot, lock).await?;
        vault.journal_refused(now, Some(Event::OpenedWithPhrase)).await?;
        Ok(vault)
    }

    /// Locks the vault: everything is written to its file, the keys are forgotten.
    ///
    /// # Errors
    /// Those of the database. The vault is locked in any case and nothing that was stored is lost.
    pub async fn close(self) -> Result<()> {
        self.db.close().await
    }

    /// Whether this is the vault's passphrase. Takes as long as unlocking.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`], [`Error::Slot`].
    pub async fn check_passphrase(&self, passphrase: &Passphrase) -> Result<()> {
        open_passphrase_slot(&self.folder, passphrase).await.map(drop)
    }

    /// Sets another passphrase: one small file is replaced. The work factor is as in [`CreateOptions`].
    ///
    /// # Errors
    /// Those of files and database. After an error either the old or the new passphrase opens the vault, never neither.
    pub async fn change_passphrase(&self, new: &Passphrase, scrypt_log_n: Option<u8>, now: i64) -> Result<()> {
        let content = SlotContent { vault_id: self.id, key: DbKey::from_slice(self.key.expose_bytes()) };
        write_passphrase_slot(&self.folder, new, scrypt_log_n, content).await?;
        self.journal_event(now, Event::PassphraseChanged).await
    }

    /// The 24 words, to be shown to the person once more.
    pub fn recovery_phrase(&self) -> RecoveryPhrase {
        self.phrase.duplicate()
    }

    /// Derives keys while the vault is open.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The vault's identifier: random, without meaning.
    pub fn id(&self) -> [u8; 16] {
        self.id
    }

    /// What the check of the journal at unlock found. A fault does not keep the owner from the records; tell of it.
    pub fn journal_at_unlock(&self) -> &JournalCheck {
        &self.journal_at_unlock
    }

    /// The newest journal entries, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn journal(&self, limit: u32) -> Result<Vec<JournalEntry>> {
        journal::newest(&mut *self.db.lock().await?, limit).await
    }

    /// The newest entry of every device: what an anchor commits to.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn journal_heads(&self) -> Result<Vec<JournalHead>> {
        journal::heads(&mut *self.db.lock().await?).await
    }

    /// Checks the whole journal: chain, every signature, every list, every record that it names. Reads all records.
    ///
    /// # Errors
    /// Those of the database. A fault in the journal is not an error but part of the answer.
    pub async fn verify_journal(&self) -> Result<JournalCheck> {
        journal::check_all(&mut *self.db.lock().await?, &self.attachments).await
    }

    /// Checks everything: the authentication of every page, the database's structure, the journal, every attachment.
    ///
    /// # Errors
    /// Those of files and database.
    pub async fn check(&self) -> Result<CheckReport> {
        // The page check reads the file, not the write-ahead log, and would tell of pages that are newer in the log.
        let mut db = self.db.lock().await?;
        db::checkpoint(&mut db).await?;
        let damaged_pages = sqlx::query_scalar("PRAGMA cipher_integrity_check").fetch_all(&mut *db).await?;
        let mut structure: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut *db).await?;
        structure.retain(|line| line != "ok");
        let journal = journal::check_all(&mut db, &self.attachments).await?;
        drop(db);
        Ok(CheckReport { damaged_pages, structure, journal, attachments: self.damaged_attachments().await? })
    }

    pub(crate) async fn journal_event(&self, now: i64, event: Event) -> Result<()> {
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        journal::append(&mut tx, &self.device, now, None, event, None).await?;
        Ok(tx.commit().await?)
    }

    /// Takes the lock of a folder that holds a vault.
    pub(crate) fn lock(folder: &Path) -> Result<FolderLock> {
        if !Self::exists(folder) {
            return Err(Error::NotFound);
        }
        FolderLock::take(folder)
    }

    async fn unlock(folder: &Path, slot: SlotContent, lock: FolderLock) -> Result<Self> {
        if !db::path(folder).exists() {
            return Err(Error::Damaged);
        }
        let key = Arc::new(slot.key);
        let db = Db::open(folder, &key, false).await?;
        let mut connection = db.lock().await?;
        let row = sqlx::query("SELECT id, entropy, device, device_seed FROM vault")
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(Error::Damaged)?;
        if fixed::<16>(&row, 0)? != slot.vault_id {
            return Err(Error::Damaged);
        }
        let entropy = Zeroizing::new(fixed(&row, 1)?);
        let seed = Zeroizing::new(fixed(&row, 3)?);
        let device = Device::from_seed(fixed(&row, 2)?, &seed);
        let phrase = RecoveryPhrase::from_entropy(&entropy)?;
        let journal_at_unlock = journal::check_chains(&mut connection).await?;
        let attachments = Store::open(&mut connection, folder).await?;
        let named = attachments::all(&mut connection).await?.into_iter().filter_map(|row| row.name).collect();
        attachments.sweep(&named).map_err(Error::io("Clearing unfinished attachments"))?;
        drop(connection);
        Ok(Self {
            folder: folder.to_owned(),
            db,
            id: slot.vault_id,
            device: Arc::new(device),
            attachments,
            key,
            keys: phrase.keys(),
            phrase,
            journal_at_unlock,
            _lock: lock,
        })
    }

    /// Brings refused tries (and what else is to be told of this unlock) into the journal. The file is removed last: a
    /// crash in between tells of them twice rather than never.
    async fn journal_refused(&self, now: i64, also: Option<Event>) -> Result<()> {
        let refused = refused::read(&self.folder).map_err(Error::io("Reading the count of refused unlocks"))?;
        let refused = refused.map(|r| Event::UnlocksRefused { count: r.count, first: r.first, last: r.last });
        let counted = refused.is_some();
        for event in refused.into_iter().chain(also) {
            self.journal_event(now, event).await?;
        }
        if counted {
            refused::clear(&self.folder).map_err(Error::io("Clearing the count of refused unlocks"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

/// A vault in the making, in a folder beside the one it will have. It becomes visible by one rename.
pub(crate) struct NewVault {
    target: PathBuf,
    staging: PathBuf,
    pub(crate) db: Db,
    pub(crate) device: Device,
    pub(crate) attachments: Store,
    pub(crate) content: SlotContent,
    key: Arc<DbKey>,
    lock: FolderLock,
    former: Option<Former>,
}

/// A vault whose place a new one takes: it is set aside under another name beside it, and never removed.
pub(crate) struct Former {
    /// Where it goes. Nothing is there yet.
    pub(crate) aside: PathBuf,
    /// Held until then, so that no other program opens it meanwhile.
    pub(crate) lock: FolderLock,
}

impl NewVault {
    pub(crate) async fn begin(
        target: &Path,
        former: Option<Former>,
        passphrase: &Passphrase,
        options: &CreateOptions,
        phrase: &RecoveryPhrase,
    ) -> Result<Self> {
        if former.is_none() {
            check_target(target)?;
        }
        let staging = files::temporary_name(target);
        if staging.exists() {
            // What an interrupted attempt left behind was never a vault; but another attempt may be going on.
            drop(FolderLock::take(&staging)?);
            std::fs::remove_dir_all(&staging).map_err(Error::io("Clearing an unfinished vault"))?;
        }
        files::make_private_folder(&staging).map_err(Error::io("Making the vault's folder"))?;
        let lock = FolderLock::take(&staging)?;
        files::make_private_folder(&staging.join("keys")).map_err(Error::io("Making the vault's folder"))?;

        let key = DbKey::random()?;
        let content = SlotContent { vault_id: random_bytes()?, key: DbKey::from_slice(key.expose_bytes()) };
        let for_slot = SlotContent { vault_id: content.vault_id, key: DbKey::from_slice(key.expose_bytes()) };
        slots::write_recovery(&staging, &phrase.keys().recovery_recipient()?, &content)?;
        write_passphrase_slot(&staging, passphrase, options.scrypt_log_n, for_slot).await?;
        let key = Arc::new(key);
        let device = Device::make()?;
        let db = Db::open(&staging, &key, true).await?;
        let attachments = Store::open(&mut *db.lock().await?, &staging).await?;
        let new = Self { target: target.to_owned(), staging, db, device, attachments, content, key, lock, former };
        match new.write_identity(phrase, options.now).await {
            Ok(()) => Ok(new),
            Err(error) => Err(new.abandon(error).await),
        }
    }

    async fn write_identity(&self, phrase: &RecoveryPhrase, now: i64) -> Result<()> {
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        sqlx::query(
            "INSERT INTO vault (only_row, id, created_at, entropy, device, device_seed) VALUES (1, ?, ?, ?, ?, ?)",
        )
        .bind(self.content.vault_id.to_vec())
        .bind(now)
        .bind(phrase.expose_entropy().as_slice())
        .bind(self.device.id.to_vec())
        .bind(self.device.expose_seed().as_slice())
        .execute(&mut *tx)
        .await?;
        journal::add_device(&mut tx, self.device.id, self.device.public_key(), now).await?;
        Ok(tx.commit().await?)
    }

    /// Puts the vault in its place and opens it there.
    pub(crate) async fn finish(self) -> Result<Vault> {
        let Self { target, staging, db, content, key: _key, lock, former, .. } = self;
        db.close().await?;
        // A folder with open files cannot be renamed everywhere.
        drop(lock);
        put_in_place(&staging, &target, former).map_err(Error::io("Putting the vault in its place"))?;
        let lock = FolderLock::take(&target)?;
        Vault::unlock(&target, content, lock).await
    }

    /// Removes what was made so far and hands the reason on.
    pub(crate) async fn abandon(self, reason: Error) -> Error {
        // If any of this fails too, the next attempt clears it; the reason is what the caller must hear.
        let _ = self.db.close().await;
        drop(self.lock);
        let _ = std::fs::remove_dir_all(&self.staging);
        reason
    }
}

/// Moves a finished vault to its place, and what was there before aside. Whatever happens in between, both folders are
/// whole; killed between the two moves, the place is empty.
fn put_in_place(staging: &Path, target: &Path, former: Option<Former>) -> std::io::Result<()> {
    match former {
        Some(Former { aside, lock }) => {
            drop(lock);
            std::fs::rename(target, &aside)?;
            if let Err(error) = std::fs::rename(staging, target) {
                // Where it was before, if it can be; the first error is the one to tell.
                let _ = std::fs::rename(&aside, target);
                return Err(error);
            }
        }
        None => {
            if target.exists() {
                std::fs::remove_dir(target)?;
            }
            std::fs::rename(staging, target)?;
        }
    }
    files::sync_folder(target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

fn check_target(target: &Path) -> Result<()> {
    if Vault::exists(target) {
        return Err(Error::Exists);
    }
    match std::fs::read_dir(target) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(Error::FolderNotEmpty),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("Looking into the vault's folder")(error)),
    }
}

/// The key derivation keeps a core busy for a second: on its own thread.
async fn open_passphrase_slot(folder: &Path, passphrase: &Passphrase) -> Result<SlotContent> {
    let (folder, passphrase) = (folder.to_owned(), passphrase.duplicate());
    let task = tokio::task::spawn_blocking(move || slots::open_passphrase(&folder, passphrase));
    task.await.map_err(|_| Error::Internal("key derivation"))?
}

async fn write_passphrase_slot(
    folder: &Path,
    passphrase: &Passphrase,
    log_n: Option<u8>,
    content: SlotContent,
) -> Result<()> {
    let (folder, passphrase) = (folder.to_owned(), passphrase.duplicate());
    let task = tokio::task::spawn_blocking(move || slots::write_passphrase(&folder, passphrase, log_n, &content));
    task.await.map_err(|_| Error::Internal("key derivation"))?
}

#[cfg(test)]
mod tests;
