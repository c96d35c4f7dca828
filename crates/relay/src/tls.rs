//! TLS by rustls: the relay's own certificate, read again when its file changes, and what it trusts as a client.

use crate::{Error, Result};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// How often it is seen whether the certificate's file has changed.
const LOOK: Duration = Duration::from_secs(60);

/// A certificate with its key, as PEM files.
#[derive(Debug)]
pub(crate) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    loaded: RwLock<(Option<SystemTime>, Arc<CertifiedKey>)>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Config`] if they hold no certificate and key that belong together.
    pub(crate) fn load(chain: &Path, key: &Path) -> Result<Arc<Self>> {
        let loaded = RwLock::new((changed(chain), Arc::new(read(chain, key)?)));
        Ok(Arc::new(Self { chain: chain.to_owned(), key: key.to_owned(), loaded }))
    }

    /// How to serve with it: TLS 1.2 and 1.3, HTTP/1.1.
    ///
    /// # Errors
    /// [`Error::Config`].
    pub(crate) fn server(self: &Arc<Self>) -> Result<Arc<ServerConfig>> {
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::clone(self) as Arc<_>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// Reads the files again whenever they have changed, until told to stop. A new pair that cannot be used is reported
    /// and the old one kept.
    pub(crate) async fn follow(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            self.look();
        }
    }

    fn look(&self) {
        let newest = changed(&self.chain);
        let known = self.loaded.read().unwrap_or_else(PoisonError::into_inner).0;
        if newest == known {
            return;
        }
        match read(&self.chain, &self.key) {
            Ok(pair) => {
                *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = (newest, Arc::new(pair));
                tracing::info!("the new certificate is in use");
            }
            Err(error) => tracing::error!(%error, "the new certificate cannot be used; the old one stays"),
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner).1))
    }
}

/// What a client trusts: the authorities of a PEM file, or those of the web.
///
/// # Errors
/// [`Error::Io`], [`Error::Config`].
pub(crate) fn client(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(file) => {
            for certificate in certificates(file)? {
                roots.add(certificate).map_err(unusable)?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn read(chain: &Path, key: &Path) -> Result<CertifiedKey> {
    let pem = std::fs::read(key).map_err(|e| Error::io("the certificate's key", key, e))?;
    let key = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| Error::Config("`tls.key` holds no private key in PEM form".to_owned()))?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(certificates(chain)?, key, &provider).map_err(unusable)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = std::fs::read(file).map_err(|e| Error::io("the certificate", file, e))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Error::Config(format!("{} holds no certificate in PEM form", file.display()))),
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|data| data.modified()).ok()
}

#[allow(clippy::needless_pass_by_value, reason = "given to map_err")]
fn unusable(error: rustls::Error) -> Error {
    Error::Config(format!("the certificate cannot be used: {error}"))
}

#[cfg(test)]
mod tests;
