//! Starting and stopping: puts the parts together and serves.

use crate::config::Config;
use crate::files::Files;
use crate::http::{App, router};
use crate::janitor::Janitor;
use crate::ledger::{Keys, Ledger, Rhythm};
use crate::limits::Pace;
use crate::metrics::Metrics;
use crate::passcode::Passcodes;
use crate::store::{Store, StoreOptions};
use crate::viewer::Viewer;
use crate::{Error, Result};
use axum::Extension;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

/// How long a client may take to send a request's headers.
const HEADERS: Duration = Duration::from_secs(30);
/// How long requests that are being answered may take when the relay stops.
const FAREWELL: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

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
    /// Recovers the ledger, publishes a checkpoint of both logs and begins to serve, in tasks of the current Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::Io`], [`Error::Listen`]; [`Error::InUse`] if another relay has the data folder;
    /// [`Error::Ledger`] if the ledger is not what was signed before, in which case nothing is signed or served.
    pub async fn start(config: Config) -> Result<Running> {
        config.check()?;
        let viewer = Viewer::load(config.viewer_dir.as_deref())?;
        make_private_folder(&config.data)?;
        let database = config.data.join("relay.db");
        // New keys would be a new ledger: they are made only where there is no database that knows of an older one.
        let may_make = !database.exists();
        let keys =
            Keys::load(&config.data.join("keys"), config.origin.as_deref(), config.public_url.as_deref(), may_make)?;
        let (origin, policy, location_key) = (keys.origin.clone(), keys.policy(), keys.location.clone());
        let files = Files::open(config.data.join("files"))?;
        let (metrics, grown, litter) = (Arc::<Metrics>::default(), Arc::<Notify>::default(), Arc::<Notify>::default());
        let options = StoreOptions {
            relay: origin.clone(),
            total_bytes: config.limits.total_bytes,
            pace: Pace::new(config.limits.requests_a_minute_per_link, MINUTE),
            metrics: Arc::clone(&metrics),
            grown: Arc::clone(&grown),
        };
        let (store, writer) = Store::open(&database, options).await?;
        let folder = config.data.join("ledger");
        let ledger = Ledger::open(&folder, keys, store.clone(), Arc::clone(&metrics)).await?;
        let listener = TcpListener::bind(config.listen).await.map_err(Error::Listen)?;
        let addr = listener.local_addr().map_err(Error::Listen)?;
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{addr}"));

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
            ledger: folder,
            location_key,
            store,
            files,
            passcodes: Passcodes::new(),
            new_links: Pace::new(config.limits.links_an_hour_per_address, HOUR),
            new_entries: Pace::new(config.limits.entries_an_hour_per_address, HOUR),
            viewer,
            metrics,
            litter: Arc::clone(&litter),
            config,
        };
        let serving = tokio::spawn(serve(listener, Arc::new(app), serving_stopped));
        let janitor = tokio::spawn(janitor.run(litter, rest_stopped.clone()));
        let ledger = tokio::spawn(ledger.run(rhythm, grown, rest_stopped));
        let behind = vec![janitor, ledger, writer];
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

async fn serve(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let connections = Arc::new(Semaphore::new(app.config.limits.connections));
    let router = router(Arc::clone(&app));
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        let accepted = async {
            let permit = Arc::clone(&connections).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            accepted = accepted => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match (permit, accepted) {
            (Ok(permit), Ok((stream, peer))) => {
                tasks.spawn(connection(stream, peer, &router, &graceful, permit));
            }
            (_, Err(error)) => {
                // Out of descriptors, most likely. Waiting lets some go.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            (Err(_), _) => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still being answered and are cut off");
    }
    tasks.shutdown().await;
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: &axum::Router,
    graceful: &GracefulShutdown,
    permit: OwnedSemaphorePermit,
) -> impl Future<Output = ()> + use<> {
    // Answers are written whole; waiting to fill a packet would only add delay. If it cannot be set, it is slower.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router.clone().layer(Extension(ConnectInfo(peer))));
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(64 << 10);
    let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
    async move {
        // A client that breaks off or speaks no HTTP is its own affair.
        let _ = connection.await;
        drop(permit);
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
