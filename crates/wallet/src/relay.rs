//! Which relay a share goes to, and the relay inside the wallet.
//!
//! Without a relay of their own choosing people still can share: the wallet then runs one in its own process, with its
//! data beside the vault. It keeps its port from one start to the next, because links name it.

use crate::clock::now;
use crate::hex::hex;
use crate::settings::RELAY;
use crate::share::PATIENCE;
use crate::wallet::Inner;
use crate::{Error, Result, Wallet};
use carnet_relay::{Config, Relay, Running};
use carnet_sync::RelayClient;
use carnet_vault::{Batch, Vault};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use tlog::policy::Policy;

/// What stands for the relay inside the wallet where others have an address.
pub(crate) const EMBEDDED: &str = "embedded";

/// The relay inside the wallet, once it was needed.
#[derive(Default)]
pub(crate) struct Embedded(Option<Running>);

/// A relay's ledger policy, as it was seen first.
pub(crate) struct PinnedPolicy {
    pub(crate) sha256: [u8; 32],
    pub(crate) text: String,
}

impl Wallet {
    /// Stops the relay inside the wallet, if it runs, after what it is answering, and locks the vault.
    ///
    /// # Errors
    /// As [`Wallet::lock`].
    pub async fn shutdown(&self) -> Result<()> {
        self.stop_background();
        self.inner.anchored().await;
        self.lock().await?;
        if let Some(running) = self.inner.embedded.lock().await.0.take() {
            running.shutdown().await;
        }
        Ok(())
    }

    /// Starts the relay inside the wallet if it does not run yet, and gives the address under which it is reached.
    ///
    /// # Errors
    /// Those of the relay.
    pub async fn start_embedded_relay(&self) -> Result<String> {
        self.inner.embedded_url().await
    }
}

impl Inner {
    /// The relay that shares go to: its address, or [`EMBEDDED`].
    pub(crate) async fn chosen_relay(&self, vault: &Vault) -> Result<String> {
        Ok(vault.setting(RELAY).await?.unwrap_or_else(|| EMBEDDED.to_owned()))
    }

    /// A client for a relay, which is started if it is the one inside the wallet.
    pub(crate) async fn client(&self, relay: &str) -> Result<RelayClient> {
        Ok(RelayClient::new(&self.address(relay).await?)?)
    }

    /// The address of a relay, which is started if it is the one inside the wallet.
    pub(crate) async fn address(&self, relay: &str) -> Result<String> {
        if relay == EMBEDDED { self.embedded_url().await } else { Ok(relay.to_owned()) }
    }

    /// Whether what a relay keeps can be opened on this device only, because its address leads to whichever device it is
    /// used on. Starts nothing.
    pub(crate) fn is_only_here(&self, relay: &str) -> bool {
        match (relay == EMBEDDED, &self.options.relay_public_url) {
            (false, _) => is_this_device(relay),
            (true, Some(url)) => is_this_device(url),
            (true, None) => is_own(self.options.relay_listen.ip()),
        }
    }

    /// The ledger policy of a relay: asked for now and compared with the one seen first, or that one if the relay is
    /// away. New witnesses are accepted; other logs are not, for then it is another ledger.
    pub(crate) async fn policy(&self, relay: &str) -> Result<PinnedPolicy> {
        let name = policy_setting(relay);
        let pinned = self.vault().await?.setting(&name).await?;
        let client = self.client(relay).await?;
        let asked = tokio::time::timeout(PATIENCE, client.policy()).await;
        let fetched = match asked {
            Ok(Ok(text)) => text,
            Err(_) => return pinned.map(PinnedPolicy::new).ok_or(Error::RelayAway),
            Ok(Err(error)) if error.is_away() => return pinned.map(PinnedPolicy::new).ok_or(Error::RelayAway),
            Ok(Err(error)) => return Err(error.into()),
        };
        if pinned.as_deref() == Some(fetched.as_str()) {
            return Ok(PinnedPolicy::new(fetched));
        }
        let new = Policy::parse(&fetched)?;
        // The relay inside the wallet is our own; after a restored backup it begins a new ledger.
        if let Some(pinned) = pinned
            && relay != EMBEDDED
            && Policy::parse(&pinned)?.logs() != new.logs()
        {
            return Err(Error::RelayWrong("its ledger is not the one it had before"));
        }
        let mut batch = Batch::new(now());
        batch.set_setting(name, Some(&fetched));
        self.vault().await?.apply(batch).await?;
        Ok(PinnedPolicy::new(fetched))
    }

    /// The ledger policy of a relay as it was last seen, without asking anybody; none if it was never reached.
    pub(crate) async fn pinned_policy(&self, relay: &str) -> Result<Option<PinnedPolicy>> {
        Ok(self.vault().await?.setting(&policy_setting(relay)).await?.map(PinnedPolicy::new))
    }

    /// Whether an address is one of the relay that shares go to. The one inside the wallet is not started for it.
    pub(crate) async fn is_own_relay(&self, url: &str) -> Result<bool> {
        let chosen = self.chosen_relay(&*self.vault().await?).await?;
        let relay = match chosen == EMBEDDED {
            true => self.embedded.lock().await.0.as_ref().map(|running| running.public_url.clone()),
            false => Some(chosen),
        };
        Ok(relay.is_some_and(|relay| url.strip_prefix(relay.as_str()).is_some_and(|rest| rest.starts_with('/'))))
    }

    async fn embedded_url(&self) -> Result<String> {
        let mut embedded = self.embedded.lock().await;
        if let Some(running) = &embedded.0 {
            return Ok(running.public_url.clone());
        }
        let data = self.folder.join("relay");
        let running = self.start(&data).await?;
        let url = running.public_url.clone();
        embedded.0 = Some(running);
        Ok(url)
    }

    async fn start(&self, data: &Path) -> Result<Running> {
        let config = |listen: SocketAddr| Config {
            listen,
            public_url: self.options.relay_public_url.clone(),
            data: data.to_owned(),
            viewer_dir: self.options.viewer_dir.clone(),
            ..Config::default()
        };
        let port_file = data.join("port");
        let listen = self.options.relay_listen;
        let kept = std::fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse().ok());
        if let (0, Some(port)) = (listen.port(), kept) {
            match Relay::start(config(SocketAddr::new(listen.ip(), port))).await {
                // Somebody else has the port now. Links given out before cannot be opened until it is free again.
                Err(carnet_relay::Error::Listen(_)) => {}
                started => return Ok(started?),
            }
        }
        let running = Relay::start(config(listen)).await?;
        std::fs::write(&port_file, running.addr.port().to_string())
            .map_err(Error::file("Keeping the relay's address"))?;
        Ok(running)
    }
}

/// Whether an address leads to whichever device it is used on.
fn is_this_device(url: &str) -> bool {
    let authority = url.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(is_own)
}

fn is_own(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

/// The setting that holds a relay's ledger policy.
fn policy_setting(relay: &str) -> String {
    format!("policy/{}", hex(&Sha256::digest(relay)))
}

impl PinnedPolicy {
    fn new(text: String) -> Self {
        Self { sha256: Sha256::digest(&text).into(), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WalletOptions;

    #[test]
    fn only_addresses_of_the_device_itself_are_its_own() {
        for own in [
            "http://127.0.0.1:4100",
            "http://localhost:80/x",
            "http://[::1]:4100",
            "http://0.0.0.0:1",
            "http://127.9.9.9",
        ] {
            assert!(is_this_device(own), "{own}");
        }
        for other in
            ["http://192.168.1.20:4100", "https://relay.example", "https://127.0.0.1.example", "http://[fe80::1]:9", ""]
        {
            assert!(!is_this_device(other), "{other}");
        }
    }

    #[test]
    fn the_relay_inside_is_reached_where_it_listens_or_is_said_to_be() {
        let is_only_here = |options| Wallet::new("unused", options).inner.is_only_here(EMBEDDED);
        assert!(is_only_here(WalletOptions::default()));
        let listen = SocketAddr::from(([192, 168, 1, 20], 0));
        assert!(!is_only_here(WalletOptions { relay_listen: listen, ..WalletOptions::default() }));
        let url = |url: &str| WalletOptions { relay_public_url: Some(url.to_owned()), ..WalletOptions::default() };
        assert!(!is_only_here(url("https://relay.example")));
        assert!(is_only_here(url("http://localhost:8460")));
    }
}
