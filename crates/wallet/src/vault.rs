//! Making, opening and closing the vault; its passphrase, its recovery words, its backups.

use crate::clock::now;
use crate::host::Host;
use crate::settings::{EXAMPLE, INDEX_FORM, LAST_BACKUP, WORDS_CONFIRMED, profile};
use crate::wallet::lock;
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, Passphrase, VaultState, WordsCheck};
use carnet_consent::time::date;
use carnet_records::generator::{self, PatientSpec};
use carnet_vault::{Batch, CheckReport, CreateOptions, PhraseFault, RecoveryPhrase, Vault};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The fewest characters of a passphrase (NIST SP 800-63B-4, section 3.1.1, for one that is not the only factor; what it
/// protects here is also slowed by scrypt).
pub const MIN_PASSPHRASE_CHARS: usize = 8;

/// The seed of the made-up person in an example vault.
const EXAMPLE_SEED: u64 = 20;
/// The records of the made-up person.
const EXAMPLE_RESOURCES: usize = 400;
/// What the index knows of a record in this version of the program; an index of another form is made anew at unlocking.
/// 2: which records are one fact. 3: a record has the labels of the documents that lie in it. 4: whose a record is by an identifier
/// alone, and what is sensitive in ingredients, goals and items of a bill.
const INDEX_NEWEST: &str = "4";

impl Wallet {
    /// Whether there is a vault and whether it is open.
    pub async fn state(&self) -> VaultState {
        if self.inner.is_open().await {
            VaultState::Open
        } else if Vault::exists(&self.vault_dir()) {
            VaultState::Locked
        } else {
            VaultState::None
        }
    }

    /// Makes a new vault and opens it. The name of the first person may be empty.
    ///
    /// # Errors
    /// [`Error::WeakPassphrase`], [`Error::Open`]; those of the vault, one of them if there is one already.
    pub async fn create(&self, passphrase: &Passphrase, name: &str) -> Result<VaultState> {
        let passphrase = strong(passphrase)?;
        self.must_be_closed().await?;
        self.make_folder()?;
        let options = CreateOptions { now: now(), scrypt_log_n: self.inner.options.scrypt_log_n };
        let vault = Vault::create(&self.vault_dir(), &passphrase, &options).await?.vault;
        if vault.profiles().await?.is_empty() {
            vault.add_profile(name.trim(), now()).await?;
        }
        self.opened(vault).await
    }

    /// Makes a new vault with the records of a made-up person, to try things out, and opens it.
    ///
    /// # Errors
    /// As [`Wallet::create`]; those of the import.
    pub async fn create_example(&self, passphrase: &Passphrase) -> Result<VaultState> {
        self.create(passphrase, "").await?;
        let made = tokio::task::spawn_blocking(|| {
            let spec = PatientSpec {
                seed: EXAMPLE_SEED,
                resources: EXAMPLE_RESOURCES,
                last_day: now() / 86_400,
                ..PatientSpec::default()
            };
            generator::patient_bytes(&spec)
        });
        let bytes = made.await.map_err(|_| Error::Internal("making up a person"))?;
        self.import_bytes("example.json", bytes).await?;
        let vault = self.inner.vault().await?;
        let mut batch = Batch::new(now());
        // Nothing of a made-up person needs saving.
        batch.set_setting(EXAMPLE, Some("1")).set_setting(WORDS_CONFIRMED, Some("1"));
        vault.apply(batch).await?;
        drop(vault);
        Ok(self.state().await)
    }

    /// Opens the vault with its passphrase. Takes about a second, which is what slows a thief down.
    ///
    /// # Errors
    /// [`Error::NoVault`]; those of the vault: a wrong passphrase, another program that has it open, damage.
    pub async fn unlock(&self, passphrase: &Passphrase) -> Result<VaultState> {
        if self.inner.is_open().await {
            return Ok(VaultState::Open);
        }
        let passphrase = carnet_vault::Passphrase::new(passphrase.expose_str().to_owned())?;
        let vault = Vault::open(&self.vault_dir(), &passphrase, now()).await.map_err(no_vault)?;
        self.opened(vault).await
    }

    /// What typed words come to as recovery words; whose they are, nobody asks here.
    pub fn check_words(words: &str) -> WordsCheck {
        match RecoveryPhrase::parse(words) {
            Ok(_) => WordsCheck::Right,
            Err(carnet_vault::Error::Phrase(PhraseFault::WordCount(words))) => {
                WordsCheck::Count { words: words as u64 }
            }
            Err(carnet_vault::Error::Phrase(PhraseFault::UnknownWord(at))) => {
                WordsCheck::Unknown { position: at as u64 }
            }
            Err(_) => WordsCheck::Order,
        }
    }

    /// Opens the vault with its recovery words, when the passphrase is lost, and sets a new passphrase.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::WeakPassphrase`], [`Error::Open`]; those of the vault.
    pub async fn unlock_with_words(&self, words: &str, new: &Passphrase) -> Result<VaultState> {
        let new = strong(new)?;
        self.must_be_closed().await?;
        let phrase = RecoveryPhrase::parse(words)?;
        let vault = Vault::open_with_phrase(&self.vault_dir(), &phrase, now()).await.map_err(no_vault)?;
        vault.change_passphrase(&new, self.inner.options.scrypt_log_n, now()).await?;
        // Whoever typed them has them.
        vault.set_setting(WORDS_CONFIRMED, Some("1"), now()).await?;
        self.opened(vault).await
    }

    /// Sets another passphrase, once the present one was given again.
    ///
    /// # Errors
    /// [`Error::WeakPassphrase`], [`Error::Locked`]; those of the vault, one of them if the present one is wrong.
    pub async fn change_passphrase(&self, present: &Passphrase, new: &Passphrase) -> Result<()> {
        let new = strong(new)?;
        let present = carnet_vault::Passphrase::new(present.expose_str().to_owned())?;
        let vault = self.inner.vault().await?;
        vault.check_passphrase(&present).await?;
        Ok(vault.change_passphrase(&new, self.inner.options.scrypt_log_n, now()).await?)
    }

    /// Closes the vault and forgets its keys. An import that is running is stopped, other work is waited for. What the
    /// relay inside the wallet serves stays served: it is encrypted, and its readers need no open vault.
    ///
    /// # Errors
    /// Those of the vault; it is locked in any case.
    pub async fn lock(&self) -> Result<VaultState> {
        self.cancel_import();
        self.forget_import_questions();
        let vault = self.inner.take_vault().await;
        if let Some(vault) = vault {
            self.inner.emit(&Event::Locked);
            vault.close().await?;
        }
        Ok(self.state().await)
    }

    /// The 24 recovery words, to be written down.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub async fn recovery_words(&self) -> Result<Vec<String>> {
        let vault = self.inner.vault().await?;
        Ok(vault.recovery_phrase().expose_words().into_iter().map(str::to_owned).collect())
    }

    /// The age identity (`AGE-SECRET-KEY-1…`) that opens this wallet's backups with any age tool.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub async fn recovery_identity(&self) -> Result<Zeroizing<String>> {
        use secrecy::ExposeSecret;
        let vault = self.inner.vault().await?;
        let identity = vault.keys().expose_recovery_identity()?;
        Ok(Zeroizing::new(identity.expose_secret().to_owned()))
    }

    /// Compares words that a person typed, each with its position from 1, with the true ones, and remembers that they
    /// were confirmed. At least three of them must be asked for.
    ///
    /// # Errors
    /// [`Error::WrongWords`] if one differs or there are fewer than three, [`Error::Locked`]; those of the vault.
    pub async fn confirm_recovery_words(&self, words: &[(u8, String)]) -> Result<()> {
        let vault = self.inner.vault().await?;
        let phrase = vault.recovery_phrase();
        let truth = phrase.expose_words();
        let fits = |(position, word): &(u8, String)| {
            let place = usize::from(*position).checked_sub(1);
            place.and_then(|place| truth.get(place)).is_some_and(|truth| word.trim().to_lowercase() == *truth)
        };
        let positions: std::collections::BTreeSet<u8> = words.iter().map(|(position, _)| *position).collect();
        if positions.len() < 3 || !words.iter().all(fits) {
            return Err(Error::WrongWords);
        }
        Ok(vault.set_setting(WORDS_CONFIRMED, Some("1"), now()).await?)
    }

    /// Writes a backup of everything to a new file: encrypted to the recovery words, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn back_up(&self, path: &Path) -> Result<()> {
        let vault = self.inner.vault().await?;
        vault.backup(path, now()).await?;
        Ok(vault.set_setting(LAST_BACKUP, Some(&now().to_string()), now()).await?)
    }

    /// Makes the vault anew from a backup, with a new passphrase, and opens it.
    ///
    /// # Errors
    /// [`Error::WeakPassphrase`], [`Error::Open`]; those of the vault, one of them if there is a vault already.
    pub async fn restore(&self, backup: &Path, words: &str, new: &Passphrase) -> Result<VaultState> {
        let new = strong(new)?;
        self.must_be_closed().await?;
        self.make_folder()?;
        let phrase = RecoveryPhrase::parse(words)?;
        let options = CreateOptions { now: now(), scrypt_log_n: self.inner.options.scrypt_log_n };
        let vault = Vault::restore(backup, &self.vault_dir(), &phrase, &new, &options).await?;
        vault.set_setting(WORDS_CONFIRMED, Some("1"), now()).await?;
        self.opened(vault).await
    }

    /// Makes the vault anew from a backup in the place of one that is damaged, and opens it. The damaged folder is never
    /// removed: once the new vault is complete it is set aside under another name beside it, and where that is, is given.
    /// Killed at any instant, the damaged vault is in its place or aside, and the new one whole or absent.
    ///
    /// # Errors
    /// [`Error::NoVault`] if there is none in the place; those of [`Wallet::restore`]. Then the damaged vault is where it was.
    pub async fn restore_over(&self, backup: &Path, words: &str, new: &Passphrase) -> Result<PathBuf> {
        let new = strong(new)?;
        self.must_be_closed().await?;
        let phrase = RecoveryPhrase::parse(words)?;
        let options = CreateOptions { now: now(), scrypt_log_n: self.inner.options.scrypt_log_n };
        let (folder, aside) = (self.vault_dir(), self.place_aside(options.now)?);
        let vault = Vault::restore_over(backup, &folder, &aside, &phrase, &new, &options).await.map_err(no_vault)?;
        vault.set_setting(WORDS_CONFIRMED, Some("1"), now()).await?;
        self.opened(vault).await?;
        Ok(aside)
    }

    /// Lets the person choose a backup, to be restored by [`Wallet::restore_picked`], and gives its name.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if they chose none; what was chosen before stands.
    pub async fn pick_backup(&self, host: &dyn Host) -> Result<String> {
        let path = host.pick_backup().await.ok_or(Error::Cancelled)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        *lock(&self.inner.backup) = Some(path);
        Ok(name)
    }

    /// Makes the vault anew from the backup that was chosen, as [`Wallet::restore`] does. After an error it stays chosen.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if none was chosen; those of [`Wallet::restore`].
    pub async fn restore_picked(&self, words: &str, new: &Passphrase) -> Result<VaultState> {
        let backup = lock(&self.inner.backup).clone().ok_or(Error::NoSuch("backup"))?;
        let state = self.restore(&backup, words, new).await?;
        lock(&self.inner.backup).take();
        Ok(state)
    }

    /// Makes the vault anew from the backup that was chosen, in the place of a damaged one, as [`Wallet::restore_over`] does.
    /// After an error it stays chosen.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if none was chosen; those of [`Wallet::restore_over`].
    pub async fn restore_picked_over(&self, words: &str, new: &Passphrase) -> Result<PathBuf> {
        let backup = lock(&self.inner.backup).clone().ok_or(Error::NoSuch("backup"))?;
        let aside = self.restore_over(&backup, words, new).await?;
        lock(&self.inner.backup).take();
        Ok(aside)
    }

    /// Checks everything in the vault: every page of its file, its structure, the journal, every attachment. Reads all of it.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault. What is damaged is not an error but part of the answer.
    pub async fn check_vault(&self) -> Result<CheckReport> {
        Ok(self.inner.vault().await?.check().await?)
    }

    /// Where the vault is.
    pub(crate) fn vault_dir(&self) -> PathBuf {
        self.inner.folder.join("vault")
    }

    /// Where a damaged vault is set aside: beside its place, under a name with the date at which nothing is yet.
    fn place_aside(&self, now: i64) -> Result<PathBuf> {
        let name = format!("vault-damaged-{}", date(now));
        let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
        let mut places = std::iter::once(name.clone()).chain(numbered).map(|name| self.inner.folder.join(name));
        let free = places.find(|place| place.symlink_metadata().is_err());
        free.ok_or(Error::Internal("naming the damaged vault's folder"))
    }

    async fn opened(&self, vault: Vault) -> Result<VaultState> {
        // A vault without a person could hold nothing; one that was killed between the two steps of its making has none.
        if profile(&vault).await.is_err() {
            vault.add_profile("", now()).await?;
        }
        if vault.setting(INDEX_FORM).await?.as_deref() != Some(INDEX_NEWEST) {
            vault.rebuild_index().await?;
            vault.set_setting(INDEX_FORM, Some(INDEX_NEWEST), now()).await?;
        }
        self.touch();
        self.inner.set_vault(vault).await;
        self.start_background();
        Ok(VaultState::Open)
    }

    async fn must_be_closed(&self) -> Result<()> {
        if self.inner.is_open().await { Err(Error::Open) } else { Ok(()) }
    }

    /// Makes the wallet's folder, for this person alone.
    fn make_folder(&self) -> Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.inner.folder).map_err(Error::file("Making the wallet's folder"))
    }
}

fn no_vault(error: carnet_vault::Error) -> Error {
    match error {
        carnet_vault::Error::NotFound => Error::NoVault,
        other => Error::Vault(other),
    }
}

fn strong(passphrase: &Passphrase) -> Result<carnet_vault::Passphrase> {
    if passphrase.expose_str().chars().count() < MIN_PASSPHRASE_CHARS {
        return Err(Error::WeakPassphrase { least: MIN_PASSPHRASE_CHARS });
    }
    Ok(carnet_vault::Passphrase::new(passphrase.expose_str().to_owned())?)
}
