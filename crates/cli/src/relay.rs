//! `relay`: a relay in the foreground, until it is told to stop.

use crate::error::{Exit, Result};
use crate::out::Out;
use carnet_relay::{Config, Relay};
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;

pub(crate) async fn relay(
    listen: SocketAddr,
    data: &Path,
    public_url: Option<&str>,
    viewer: Option<&Path>,
    out: &mut Out,
) -> Result<Exit> {
    let config = Config {
        listen,
        data: data.to_owned(),
        public_url: public_url.map(str::to_owned),
        viewer_dir: viewer.map(Path::to_owned),
        ..Config::default()
    };
    let running = Relay::start(config).await?;
    out.line(format!(
        "The relay is at {} until you press Ctrl-C. Its data are in {}.",
        running.public_url,
        data.display()
    ))?;
    out.json(&json!({ "url": running.public_url, "listen": running.addr.to_string(), "origin": running.origin }))?;
    stop_signal().await;
    running.shutdown().await;
    out.line("The relay has stopped.")?;
    Ok(Exit::Done)
}

/// Ctrl-C, or what a system sends to a service.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    // Without a handler there is nothing to wait for but the end of the process.
    if interrupt.await.is_err() {
        std::future::pending::<()>().await;
    }
}
