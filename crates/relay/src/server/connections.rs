//! The connections: how many there may be, in all and from one address, and how long they may dawdle.

use crate::http::{App, router};
use crate::limits::client;
#[cfg(feature = "server")]
use crate::{Result, tls::Certificate};
use axum::Extension;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// How long a client may take to send a request's headers, and before them to agree on keys, where a whole request may
/// take longer.
const HEADERS: Duration = Duration::from_secs(30);
/// How long requests that are being answered may take when the relay stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// What is spoken below HTTP.
#[derive(Clone)]
pub(super) enum Entrance {
    Plain,
    #[cfg(feature = "server")]
    Tls(tokio_rustls::TlsAcceptor),
}

#[cfg(feature = "server")]
impl Entrance {
    /// TLS with a certificate, or none.
    pub(super) fn of(certificate: Option<&Arc<Certificate>>) -> Result<Self> {
        Ok(match certificate {
            Some(certificate) => Self::Tls(certificate.server()?.into()),
            None => Self::Plain,
        })
    }
}

/// Connections by the address they come from.
#[derive(Clone, Default)]
struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of them; it leaves the crowd when dropped.
struct Place(Crowd, IpAddr);

impl Crowd {
    /// Nothing if there are `most` already.
    fn enter(&self, address: IpAddr, most: usize) -> Option<Place> {
        let mut crowd = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = crowd.entry(address).or_default();
        if *here >= most {
            return None;
        }
        *here += 1;
        Some(Place(self.clone(), address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut crowd = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = crowd.get_mut(&self.1) {
            *here -= 1;
            if *here == 0 {
                crowd.remove(&self.1);
            }
        }
    }
}

/// Serves until told to stop, then finishes what is being answered.
pub(super) async fn serve(listener: TcpListener, entrance: Entrance, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let limits = &app.config.limits;
    let connections = Arc::new(Semaphore::new(limits.connections));
    // All of a proxy's connections come from one address.
    let counted = limits.connections_per_address > 0 && app.config.client_address_header.is_none();
    let per_address = if counted { limits.connections_per_address } else { usize::MAX };
    let patience = HEADERS.min(Duration::from_secs(limits.request_s));
    let crowd = Crowd::default();
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
                // Who has too many is hung up on: an answer would be one more thing to keep waiting for.
                if let Some(place) = crowd.enter(client(peer.ip()), per_address) {
                    let service = router.clone().layer(Extension(ConnectInfo(peer)));
                    tasks.spawn(connection(
                        stream,
                        entrance.clone(),
                        service,
                        graceful.watcher(),
                        patience,
                        (permit, place),
                    ));
                }
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

async fn connection(
    stream: TcpStream,
    entrance: Entrance,
    service: axum::Router,
    watcher: Watcher,
    patience: Duration,
    _held: (OwnedSemaphorePermit, Place),
) {
    // Answers are written whole; waiting to fill a packet would only add delay. If it cannot be set, it is slower.
    let _ = stream.set_nodelay(true);
    match entrance {
        Entrance::Plain => answer(stream, service, watcher, patience).await,
        #[cfg(feature = "server")]
        Entrance::Tls(acceptor) => {
            // A client that breaks off, dawdles or speaks no TLS is its own affair.
            if let Ok(Ok(stream)) = tokio::time::timeout(patience, acceptor.accept(stream)).await {
                answer(stream, service, watcher, patience).await;
            }
        }
    }
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    service: axum::Router,
    watcher: Watcher,
    patience: Duration,
) {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(64 << 10);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // A client that breaks off or speaks no HTTP is its own affair.
    let _ = watcher.watch(connection).await;
}
