//! The wallet itself: what it holds while the program runs.

use crate::facts::Listed;
use crate::host::Host;
use crate::import::Importing;
use crate::relay::Embedded;
use crate::sheet::Links;
use crate::{Error, Result, WalletOptions};
use carnet_bridge::Event;
use carnet_consent::GrantId;
use carnet_sync::Job;
use carnet_vault::Vault;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{RwLock, RwLockReadGuard};

/// A wallet in one folder: the only door to the vault, the records and the relays.
///
/// Cheap to clone; all clones are the same wallet. What runs by itself (sending what waits, asking for openings, locking
/// after a time without use) lives here and outlasts any window. Everything asynchronous must run inside a Tokio
/// runtime.
#[derive(Clone)]
pub struct Wallet {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) folder: PathBuf,
    pub(crate) options: WalletOptions,
    /// The vault while it is open. Readers are use cases; locking waits for them to finish.
    vault: RwLock<Option<Vault>>,
    pub(crate) embedded: tokio::sync::Mutex<Embedded>,
    pub(crate) importing: Importing,
    /// One exchange with the relays at a time.
    pub(crate) syncing: tokio::sync::Mutex<()>,
    /// One change of a share at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
    /// How far the journal had come when live shares were last compared with the records.
    pub(crate) followed: tokio::sync::Mutex<Option<u64>>,
    /// The shares whose relay was asked how they stand since the vault was opened, or that were made since.
    pub(crate) caught_up: Mutex<HashSet<GrantId>>,
    /// The publication that was made last, whole, until it is sent: it need not be made again from the document.
    pub(crate) fresh: Mutex<Option<Job>>,
    /// The backup that was chosen to be restored.
    pub(crate) backup: Mutex<Option<PathBuf>>,
    /// Told when something waits that should not wait for the next exchange.
    pub(crate) wake: tokio::sync::Notify,
    /// What there is to list; forgotten when the vault is locked.
    pub(crate) listed: tokio::sync::Mutex<Listed>,
    /// What records refer to; forgotten when the vault is locked.
    pub(crate) links: tokio::sync::Mutex<Links>,
    hosts: Mutex<Vec<Arc<dyn Host>>>,
    pub(crate) used: Mutex<Instant>,
    pub(crate) background: Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// What commits the journal's head after something went out.
    pub(crate) anchoring: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Wallet {
    /// The wallet whose data lie in this folder. Nothing is read or made yet.
    pub fn new(folder: impl Into<PathBuf>, options: WalletOptions) -> Self {
        let inner = Inner {
            folder: folder.into(),
            options,
            vault: RwLock::new(None),
            embedded: tokio::sync::Mutex::default(),
            importing: Importing::default(),
            syncing: tokio::sync::Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            followed: tokio::sync::Mutex::default(),
            caught_up: Mutex::default(),
            fresh: Mutex::default(),
            backup: Mutex::default(),
            wake: tokio::sync::Notify::new(),
            listed: tokio::sync::Mutex::default(),
            links: tokio::sync::Mutex::default(),
            hosts: Mutex::default(),
            used: Mutex::new(Instant::now()),
            background: Mutex::default(),
            anchoring: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Sends the events of what runs by itself to this host too, from now on.
    pub fn attach(&self, host: Arc<dyn Host>) {
        lock(&self.inner.hosts).push(host);
    }

    /// Notes that a person is using the wallet, so that it does not lock itself.
    pub fn touch(&self) {
        *lock(&self.inner.used) = Instant::now();
    }
}

impl Inner {
    /// The open vault.
    pub(crate) async fn vault(&self) -> Result<RwLockReadGuard<'_, Vault>> {
        RwLockReadGuard::try_map(self.vault.read().await, Option::as_ref).map_err(|_| Error::Locked)
    }

    /// Puts a vault in place that was just opened.
    pub(crate) async fn set_vault(&self, vault: Vault) {
        *self.vault.write().await = Some(vault);
    }

    /// Takes the vault away, once every use case that is running has finished.
    pub(crate) async fn take_vault(&self) -> Option<Vault> {
        let taken = self.vault.write().await.take();
        self.forget_index().await;
        *self.followed.lock().await = None;
        lock(&self.caught_up).clear();
        lock(&self.fresh).take();
        *self.links.lock().await = Links::default();
        taken
    }

    pub(crate) async fn is_open(&self) -> bool {
        self.vault.read().await.is_some()
    }

    /// Tells the attached hosts.
    pub(crate) fn emit(&self, event: &Event) {
        let hosts = lock(&self.hosts).clone();
        hosts.iter().for_each(|host| host.emit(event.clone()));
    }

    /// How long nobody has used the wallet.
    pub(crate) fn idle(&self) -> std::time::Duration {
        lock(&self.used).elapsed()
    }
}

/// Locks a mutex that guards plain data: a panic elsewhere cannot have left it half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
