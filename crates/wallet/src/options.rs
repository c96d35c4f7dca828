//! How a wallet is set up, and where its data lies unless somebody says otherwise.

use carnet_consent::grant::Language;
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
    /// The language of summaries, of pages and of receipts, as a BCP 47 tag: `en`, `de`, `es`, `fr` or `pt`; another falls
    /// back to `en`. See [`system_language`].
    pub language: String,
    /// Open links to this machine over plain `http` wherever they come from. Default `false`: whatever listens here is not for
    /// a stranger's link to ask, and the wallet's own relay is known. For tests, whose relays are all here.
    pub loopback_links: bool,
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
            loopback_links: false,
        }
    }
}

/// The wallet's folder unless somebody says otherwise: `CARNET_VAULT`, else `carnet` in the place where this system
/// keeps a person's data. None if the system names no such place.
pub fn default_dir() -> Option<PathBuf> {
    dir_from(|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
}

/// The language that this system's settings name, as a BCP 47 tag; English where they name none.
pub fn system_language() -> String {
    language_from(|name| std::env::var(name).ok())
}

/// By POSIX (Base Definitions 8.2) the first of these that is not empty counts: `de_AT.UTF-8@euro` is `de-AT`.
fn language_from(var: impl Fn(&str) -> Option<String>) -> String {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(var).find(|value| !value.is_empty());
    let tag = named.unwrap_or_default().split(['.', '@']).next().unwrap_or_default().replace('_', "-");
    // `C` and `POSIX` are no languages.
    if Language::new(&tag).is_ok() && tag != "POSIX" { tag } else { "en".to_owned() }
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
    fn the_language_is_the_systems_or_english() {
        let language = |values: [&str; 3]| {
            language_from(|name| {
                let at = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().position(|one| *one == name)?;
                values.get(at).map(|value| (*value).to_owned())
            })
        };
        assert_eq!(language(["", "", "de_AT.UTF-8@euro"]), "de-AT");
        assert_eq!(language(["fr_FR.UTF-8", "", "de_DE.UTF-8"]), "fr-FR");
        assert_eq!(language(["", "pt_BR", "de_DE"]), "pt-BR");
        for none in ["", "C", "C.UTF-8", "POSIX", "d\u{e9}.UTF-8"] {
            assert_eq!(language(["", "", none]), "en", "{none}");
        }
    }

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
