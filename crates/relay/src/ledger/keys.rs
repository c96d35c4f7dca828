//! The relay's secret keys, made at the first start and kept in the data folder, readable by their owner alone.

use crate::files::sync_folder;
use crate::{Error, Result, error::random};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carnet_consent::anchor::{COMMITMENTS_ORIGIN_SUFFIX, WITHDRAWALS_ORIGIN_SUFFIX};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;
use tlog::note::{Algorithm, SignerKey};
use zeroize::Zeroizing;

/// What a key file begins with.
const FORMAT: &str = "carnet-relay-key/v1";

/// All keys of a relay.
pub(crate) struct Keys {
    /// What the ledger is called.
    pub(crate) origin: String,
    pub(crate) log_a: SignerKey,
    pub(crate) log_r: SignerKey,
    /// Cosigns both logs, which gives their heads a signed time.
    pub(crate) cosigner: SignerKey,
    /// Signs the locations in manifests.
    pub(crate) location: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Reads the keys in a folder; makes them if there is none and `may_make`.
    ///
    /// # Errors
    /// [`Error::Key`] if some are missing, malformed or readable by others, [`Error::Config`] if they belong to another
    /// origin than the configured one.
    pub(crate) fn load(folder: &Path, origin: Option<&str>, public_url: Option<&str>, may_make: bool) -> Result<Self> {
        let origin_file = folder.join("origin");
        let stored = match std::fs::read_to_string(&origin_file) {
            Ok(stored) => stored.trim().to_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && may_make => {
                let origin = match (origin, public_url.and_then(host)) {
                    (Some(origin), _) => origin.to_owned(),
                    (None, Some(host)) => host.to_owned(),
                    (None, None) => format!("relay-{:016x}.invalid", u64::from_be_bytes(random()?)),
                };
                make(folder, &origin)?;
                origin
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Error::Key("it is missing")),
            Err(e) => return Err(Error::io("the ledger's name", origin_file, e)),
        };
        if origin.is_some_and(|origin| origin != stored) {
            return Err(Error::Config(format!(
                "`origin` differs from `{stored}`, the name this ledger was begun with"
            )));
        }
        let signer = |file: &str, suffix: &str, algorithm| -> Result<SignerKey> {
            let seed = read(&folder.join(file))?;
            Ok(SignerKey::from_seed(&format!("{stored}{suffix}"), algorithm, &seed)?)
        };
        Ok(Self {
            log_a: signer("log-a.key", COMMITMENTS_ORIGIN_SUFFIX, Algorithm::Ed25519)?,
            log_r: signer("log-r.key", WITHDRAWALS_ORIGIN_SUFFIX, Algorithm::Ed25519)?,
            cosigner: signer("cosigner.key", "/cosigner", Algorithm::CosignatureV1)?,
            location: read(&folder.join("location.key"))?,
            origin: stored,
        })
    }

    /// The policy by which a reader believes this ledger: both logs, and the relay's own cosigner for the time. It names
    /// keys only, no addresses, so that it stays the same wherever the relay moves.
    pub(crate) fn policy(&self) -> String {
        format!(
            "log {}\nlog {}\nwitness relay {}\nquorum relay\n",
            self.log_a.verifier(),
            self.log_r.verifier(),
            self.cosigner.verifier()
        )
    }
}

impl Keys {
    /// A hash of what all relays of one ledger must have in common: its name, its public keys, and the key that signs
    /// locations.
    pub(crate) fn identity(&self) -> [u8; 32] {
        let hash = Sha256::new().chain_update(b"carnet/relay/identity/v1\0").chain_update(self.policy());
        hash.chain_update(Sha256::digest(self.location.as_slice())).finalize().into()
    }
}

/// The host and port of an address, with the path if it has one.
fn host(url: &str) -> Option<&str> {
    url.split_once("://").map(|(_, rest)| rest)
}

/// Makes all keys, the origin last: a folder without it was never in use.
fn make(folder: &Path, origin: &str) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| Error::io("the folder for keys", folder, e))?;
    for file in ["log-a.key", "log-r.key", "cosigner.key", "location.key"] {
        let seed = Zeroizing::new(random::<32>()?);
        let text = Zeroizing::new(format!("{FORMAT} {}\n", STANDARD.encode(seed.as_slice())));
        write_secret(&folder.join(file), text.as_bytes())?;
    }
    write_secret(&folder.join("origin"), format!("{origin}\n").as_bytes())
}

fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        path.parent().map_or(Ok(()), sync_folder)
    };
    write().map_err(|e| Error::io("a key file", path, e))
}

fn read(path: &Path) -> Result<Zeroizing<[u8; 32]>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Error::Key("it is missing")),
        Err(e) => return Err(Error::io("a key file", path, e)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(|e| Error::io("a key file", path, e))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Error::Key("others may read it; set its mode to 0600"));
        }
    }
    let seed = text.strip_prefix(FORMAT).map(str::trim).ok_or(Error::Key("it does not begin as a key file does"))?;
    let mut bytes = Zeroizing::new([0; 33]);
    match STANDARD.decode_slice(seed, bytes.as_mut_slice()) {
        Ok(32) => {}
        _ => return Err(Error::Key("it does not hold 32 bytes")),
    }
    let mut seed = Zeroizing::new([0; 32]);
    seed.copy_from_slice(bytes.get(..32).unwrap_or_default());
    Ok(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Keys::load(folder.path(), None, None, false), Err(Error::Key(_))));
        let first = Keys::load(folder.path(), None, Some("https://relay.example/x"), true).unwrap();
        let again = Keys::load(folder.path(), None, Some("https://elsewhere.example"), false).unwrap();
        assert_eq!((first.origin.as_str(), first.policy()), ("relay.example/x", again.policy()));
        assert!(first.policy().parse::<tlog::policy::Policy>().is_ok());
        assert!(matches!(Keys::load(folder.path(), Some("other"), None, true), Err(Error::Config(_))));
        std::fs::write(folder.path().join("log-a.key"), "carnet-relay-key/v1 AAAA\n").unwrap();
        assert!(matches!(Keys::load(folder.path(), None, None, true), Err(Error::Key(_))));
        std::fs::remove_file(folder.path().join("log-a.key")).unwrap();
        assert!(matches!(Keys::load(folder.path(), None, None, true), Err(Error::Key("it is missing"))));
    }

    #[cfg(unix)]
    #[test]
    fn keys_that_others_may_read_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        drop(Keys::load(folder.path(), None, None, true).unwrap());
        let path = folder.path().join("cosigner.key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keys::load(folder.path(), None, None, true), Err(Error::Key(_))));
    }
}
