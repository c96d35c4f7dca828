//! Starting and stopping: puts the parts together and serves.

mod connections;

use crate::config::Config;
use crate::files::Files;
use crate::http::{App, BETWEEN_ASKS, Bodies};
use crate::janitor::Janitor;
use crate::ledger::{Keys, Ledger, Rhythm};
use crate::limits::Pace;
use crate::metrics::Metrics;
use crate::passcode::Passcodes;
use crate::store::{self, StoreOptions};
#[cfg(feature = "server")]
use crate::tls::Certificate;
use crate::viewer::Viewer;
use crate::{Error, Result};
use connections::{Entrance, serve};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Threads for work that waits, reads, seals or checks a passcode, for each core; checks take at most one of them. With one
/// for every reader that is being served they wake and displace one another, which took a sixth of the openings.
const BLOCKING_THREADS_PER_CORE: usize = 2;

/// A relay. [`Relay::start`] is all there is to it.
#[derive(Debug)]
pub struct Relay;

/// A relay that runs. Dropping it stops it without waiting; [`Running::shutdown`] waits.
#[derive(Debug)]
pub struct Running {
    /// The address it listens on, with the port that it got.
    pub addr: SocketAddr,
    /// How the world reaches it, without a final slash.
    pub public_url: String,
    /// The ledger's name, which its receipts name.
    pub origin: String,
    /// Stops the serving and, after it, the rest.
    stop: [watch::Sender<bool>; 2],
    serving: JoinHandle<()>,
    behind: Vec<JoinHandle<()>>,
}

impl Relay {
    /// What a program that is nothing but a relay runs it on.
    ///
    /// # Errors
    /// [`Error::Threads`].
    pub fn runtime() -> Result<Runtime> {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let blocking = (BLOCKING_THREADS_PER_CORE * cores).max(4);
        Builder::new_multi_thread().max_blocking_threads(blocking).enable_all().build().map_err(Error::Threads)
    }

    /// Recovers the ledger, publishes a checkpoint of both logs and begins to serve, in tasks of the current Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::Io`], [`Error::Listen`]; [`Error::InUse`] if another relay has the data folder;
    /// [`Error::Ledger`] if the ledger is not what was signed before, in which case nothing is signed or served.
    pub async fn start(config: Config) -> Result<Running> {
        config.check()?;
        let viewer = Viewer::load(config.viewer_dir.as_deref())?;
        make_private_folder(&config.data)?;
        let mut database = store::open(config.place()?).await?;
        // New keys would be a new ledger: they are made only where there is none yet.
        let may_make = !database.has_ledger().await?;
        let keys = Keys::load(&config.keys_folder(), config.origin.as_deref(), config.public_url.as_deref(), may_make)?;
        if !database.claim(&keys.identity()).await? {
            return Err(Error::Key("it is not of the ledger in this database; all relays on one have the same keys"));
        }
        let (origin, policy, location_key) = (keys.origin.clone(), keys.policy(), keys.location.clone());
        let files = Files::open(&config)?;
        let (metrics, grown, litter) = (Arc::<Metrics>::default(), Arc::<Notify>::default(), Arc::<Notify>::default());
        let (store, writer) = database.start(StoreOptions {
            relay: origin.as_str().into(),
            total_bytes: config.limits.total_bytes,
            refusals_per_link: config.limits.refusals_per_link,
            receipts_days: config.limits.receipts_days,
            pace: Pace::new(config.limits.requests_a_minute_per_link, MINUTE),
            metrics: Arc::clone(&metrics),
            grown: Arc::clone(&grown),
        });
        let ledger = Ledger::open(keys, store.clone(), files.clone(), Arc::clone(&metrics)).await?;
        let listener = TcpListener::bind(config.listen).await.map_err(Error::Listen)?;
        let addr = listener.local_addr().map_err(Error::Listen)?;
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{addr}"));
        #[cfg(feature = "server")]
        let certificate = config.tls.as_ref().map(|tls| Certificate::load(&tls.certificate, &tls.key)).transpose()?;
        #[cfg(feature = "server")]
        let entrance = Entrance::of(certificate.as_ref())?;
        #[cfg(not(feature = "server"))]
        let entrance = Entrance::Plain;

        let (stop_serving, serving_stopped) = watch::channel(false);
        let (stop_rest, rest_stopped) = watch::channel(false);
        let rhythm = Rhythm {
            change: Duration::from_millis(config.checkpoint_interval_ms),
            heartbeat: Duration::from_secs(config.heartbeat_s),
        };
        let janitor = Janitor { store: store.clone(), files: files.clone(), limits: config.limits.clone() };
        tracing::info!(%addr, public_url, origin, viewer_files = viewer.len(), "the relay serves");
        let app = App {
            public_url: public_url.clone(),
            policy,
            location_key,
            store,
            files,
            passcodes: Passcodes::new(),
            bodies: Bodies::new(&config.limits, Arc::clone(&metrics)),
            new_links: Pace::new(config.limits.links_an_hour_per_address, HOUR),
            new_entries: Pace::new(config.limits.entries_an_hour_per_address, HOUR),
            asks: Pace::new(1, BETWEEN_ASKS),
            viewer,
            metrics,
            litter: Arc::clone(&litter),
            config,
        };
        let serving = tokio::spawn(serve(listener, entrance, Arc::new(app), serving_stopped));
        let janitor = tokio::spawn(janitor.run(litter, rest_stopped.clone()));
        let mut behind = vec![janitor];
        #[cfg(feature = "server")]
        behind.extend(certificate.map(|certificate| tokio::spawn(certificate.follow(rest_stopped.clone()))));
        behind.extend([tokio::spawn(ledger.run(rhythm, grown, rest_stopped)), writer]);
        Ok(Running { addr, public_url, origin, stop: [stop_serving, stop_rest], serving, behind })
    }
}

impl Running {
    /// Stops taking connections, finishes what is being answered, signs the ledger once more and closes the database.
    pub async fn shutdown(self) {
        let [stop_serving, stop_rest] = self.stop;
        stop_serving.send_replace(true);
        let serving = self.serving.await;
        stop_rest.send_replace(true);
        if serving.is_err() {
            tracing::error!("the relay stopped serving by itself; the next start will recover");
        }
        for task in self.behind {
            if task.await.is_err() {
                tracing::error!("a task of the relay ended badly; the next start will recover");
            }
        }
    }
}

/// The folder of database, ciphertext, ledger and keys, closed to other users of the machine.
fn make_private_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|e| Error::io("the data folder", folder, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_can_be_started_from_any_task() {
        fn assert_send<T: Send>(value: T) -> T {
            value
        }
        drop(assert_send(Relay::start(Config::default())));
    }
}
