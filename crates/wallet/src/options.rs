//! How a wallet is set up, and where its data lies unless somebody says otherwise.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How a wallet is set up. The default suits a person's own device.
#[derive(Debug, Clone)]
pub struct WalletOptions {
    /// The work factor of the passphrase (scrypt, log2 N); none: measured to about a second on this device.
    pub scrypt_log_n: Option<u8>,
    /// Where the relay inside the wallet listens. Port 0 takes a free one at the first start and keeps it.
    pub relay_listen: SocketAddr,
    /// The address under which readers reach that relay; none: the one it listens on.
    pub relay_public_url: Option<String>,
    /// The folder with the viewer's files that relay serves; none: those built in.
    pub viewer_dir: Option<PathBuf>,
    /// How often the wallet looks at its outbox and asks relays for openings while it is open; none: only when asked.
    pub sync_every: Option<Duration>,
    /// What an import may cost.
    pub import_limits: carnet_records::import::Limits,
    /// The language of summaries and notices, as a BCP 47 tag.
    pub language: String,
}

impl Default for WalletOptions {
    fn default() -> Self {
        Self {
            scrypt_log_n: None,
            relay_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            relay_public_url: None,
            viewer_dir: None,
            sync_every: Some(Duration::from_secs(10)),
            import_limits: carnet_records::import::Limits::default(),
            language: "en".to_owned(),
        }
    }
}

/// The wallet's folder unless somebody says otherwise: `CARNET_VAULT`, else `carnet` in the place where this system
/// keeps a person's data. None if the system names no such place.
pub fn default_dir() -> Option<PathBuf> {
    dir_from(|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
}

fn dir_from(var: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(folder) = var("CARNET_VAULT") {
        return Some(folder);
    }
    let home = || var(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let base = if cfg!(windows) {
        var("LOCALAPPDATA").or_else(|| Some(home()?.join("AppData").join("Local")))
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library").join("Application Support"))
    } else {
        // A relative XDG folder is to be ignored (XDG Base Directory Specification).
        let xdg = var("XDG_DATA_HOME").filter(|folder| folder.is_absolute());
        xdg.or_else(|| Some(home()?.join(".local").join("share")))
    };
    Some(base?.join("carnet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_one_named_or_the_systems() {
        let named = dir_from(|name| (name == "CARNET_VAULT").then(|| PathBuf::from("/x/y")));
        assert_eq!(named, Some(PathBuf::from("/x/y")));
        assert_eq!(dir_from(|_| None), None);
        if cfg!(all(unix, not(target_os = "macos"))) {
            let home = |name: &str| match name {
                "HOME" => Some(PathBuf::from("/home/a")),
                "XDG_DATA_HOME" => Some(PathBuf::from("relative")),
                _ => None,
            };
            assert_eq!(dir_from(home), Some(PathBuf::from("/home/a/.local/share/carnet")));
        }
    }
}
