//! What the tests of the wallet share: a wallet in a temporary folder, a made-up patient, a relay, a host that listens.

use carnet_records::generator::{PatientSpec, patient_bytes};
use carnet_relay::{Config, Relay, Running};
use carnet_wallet::bridge::{
    Event, Passphrase, RecordFilter, RecordSheet, Reply, Request, Settings, ShareDraft, SharePreset, Timeline,
    TimelineFilter,
};
use carnet_wallet::{BoxFuture, Host, Quiet, Wallet, WalletOptions};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery".to_owned())
}

/// Fast unlocking, and nothing that runs by itself.
pub(crate) fn options() -> WalletOptions {
    WalletOptions { scrypt_log_n: Some(2), sync_every: None, loopback_links: true, ..WalletOptions::default() }
}

pub(crate) fn spec(seed: u64, resources: usize) -> PatientSpec {
    PatientSpec { seed, resources, ..PatientSpec::default() }
}

pub(crate) fn write_patient(folder: &Path, seed: u64, resources: usize) -> PathBuf {
    let path = folder.join(format!("patient-{seed}.json"));
    std::fs::write(&path, patient_bytes(&spec(seed, resources))).unwrap();
    path
}

/// A wallet with a made-up patient's records.
pub(crate) async fn filled(folder: &Path, resources: usize) -> Wallet {
    let wallet = Wallet::new(folder.join("wallet"), options());
    wallet.create(&passphrase(), "").await.unwrap();
    let file = write_patient(folder, 7, resources);
    let accounts = wallet.import(&[file], &Quiet).await.unwrap();
    assert_eq!(accounts[0].error, None);
    wallet
}

pub(crate) fn draft(preset: SharePreset) -> ShareDraft {
    ShareDraft { recipient: "Dr Example".to_owned(), seconds: 900, ..ShareDraft::new(preset) }
}

/// A relay of its own, as an operator would run one, whose ledger is signed often. It can go away and come back where it was,
/// with what it had.
pub(crate) struct Operator {
    data: PathBuf,
    listen: SocketAddr,
    url: String,
    running: Option<Running>,
}

impl Operator {
    /// One that keeps its data in this folder.
    pub(crate) async fn start(data: PathBuf) -> Self {
        let mut operator =
            Self { data, listen: SocketAddr::from(([127, 0, 0, 1], 0)), url: String::new(), running: None };
        operator.back().await;
        operator
    }

    /// The same, below `folder`, and this wallet shares through it from now on.
    pub(crate) async fn of(wallet: &Wallet, folder: &Path) -> Self {
        let operator = Self::start(folder.join("relay")).await;
        operator.serve(wallet).await;
        operator
    }

    /// Lets a wallet share through it, whether it is there or away.
    pub(crate) async fn serve(&self, wallet: &Wallet) {
        let settings = wallet.settings().await.unwrap();
        wallet.change_settings(Settings { relay: self.url.clone(), ..settings }).await.unwrap();
    }

    /// Where it is, or was.
    pub(crate) fn address(&self) -> SocketAddr {
        self.listen
    }

    /// It goes away; its data stays.
    pub(crate) async fn away(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }

    /// It comes back at its address.
    pub(crate) async fn back(&mut self) {
        self.back_as(|_| ()).await;
    }

    /// The same, set up in another way.
    pub(crate) async fn back_as(&mut self, change: impl FnOnce(&mut Config)) {
        let (listen, data) = (self.listen, self.data.clone());
        let mut config = Config { listen, data, checkpoint_interval_ms: 50, ..Config::default() };
        change(&mut config);
        let running = Relay::start(config).await.unwrap();
        (self.listen, self.url) = (running.addr, running.public_url.clone());
        self.running = Some(running);
    }

    /// Another one, with a ledger of its own, comes up at its address.
    pub(crate) async fn replaced_by(&mut self, data: PathBuf) {
        self.away().await;
        self.data = data;
        self.back().await;
    }
}

/// Waits until something holds; the ledger signs within seconds.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    for _ in 0..200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what} did not happen in 20 seconds");
}

/// A host that keeps what it hears and does something at each event.
pub(crate) struct Listener<F: Fn(&Event) + Send + Sync> {
    pub(crate) heard: Mutex<Vec<Event>>,
    pub(crate) at: F,
}

impl<F: Fn(&Event) + Send + Sync> Listener<F> {
    pub(crate) fn new(at: F) -> Self {
        Self { heard: Mutex::default(), at }
    }

    pub(crate) fn heard(&self) -> Vec<Event> {
        self.heard.lock().unwrap().clone()
    }
}

impl<F: Fn(&Event) + Send + Sync> Host for Listener<F> {
    fn emit(&self, event: Event) {
        (self.at)(&event);
        self.heard.lock().unwrap().push(event);
    }

    fn copy(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }
}

/// A host whose dialogs answer at once: where to save, which file to take, and which files were opened.
pub(crate) struct Saving {
    pub(crate) path: PathBuf,
    pub(crate) suggested: Mutex<Vec<String>>,
    pub(crate) opened: Mutex<Vec<PathBuf>>,
}

impl Saving {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, suggested: Mutex::default(), opened: Mutex::default() }
    }
}

impl Host for Saving {
    fn emit(&self, _event: Event) {}

    fn pick_backup(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(std::future::ready(Some(self.path.clone())))
    }

    fn pick_document(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(std::future::ready(Some(self.path.clone())))
    }

    fn pick_save_path(&self, suggested: &str) -> BoxFuture<'_, Option<PathBuf>> {
        self.suggested.lock().unwrap().push(suggested.to_owned());
        Box::pin(std::future::ready(Some(self.path.clone())))
    }

    fn open_path(&self, path: &Path) -> Result<(), String> {
        self.opened.lock().unwrap().push(path.to_owned());
        Ok(())
    }

    fn copy(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }
}

/// What the wallet answers, which must not be a failure.
pub(crate) async fn ask(wallet: &Wallet, request: Request) -> Reply {
    wallet.handle(request, &Quiet).await.unwrap()
}

pub(crate) async fn timeline(wallet: &Wallet, filter: TimelineFilter) -> Timeline {
    match ask(wallet, Request::Timeline(filter)).await {
        Reply::Timeline(page) => page,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn sheet(wallet: &Wallet, id: &str) -> RecordSheet {
    match ask(wallet, Request::Sheet { id: id.to_owned() }).await {
        Reply::Sheet(sheet) => *sheet,
        other => panic!("{other:?}"),
    }
}

/// Imports resources as a FHIR Bundle of that name.
pub(crate) async fn import_bundle(wallet: &Wallet, folder: &Path, name: &str, resources: &[Value]) {
    let entries: Vec<_> = resources.iter().map(|resource| serde_json::json!({ "resource": resource })).collect();
    let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let path = folder.join(name);
    std::fs::write(&path, bundle.to_string()).unwrap();
    let account = wallet.import(&[path], &Quiet).await.unwrap().remove(0);
    assert_eq!((account.error.as_deref(), account.skipped.len()), (None, 0), "{account:?}");
}

/// A wallet with nobody's records.
pub(crate) async fn empty(folder: &Path) -> Wallet {
    let wallet = Wallet::new(folder.join("wallet"), options());
    wallet.create(&passphrase(), "").await.unwrap();
    wallet
}

/// The newest record with that word in it.
pub(crate) async fn id_of(wallet: &Wallet, title: &str) -> String {
    let page = wallet.records(&RecordFilter { text: title.to_owned(), ..RecordFilter::default() }).await.unwrap();
    page.lines[0].id.clone()
}
