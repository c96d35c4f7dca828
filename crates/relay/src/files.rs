//! Where ciphertext and the ledger's tiles lie: a folder, or a bucket of any S3 that several relays share.
//!
//! Both keep one promise: a file is there whole, and for good, once [`Files::put`] has returned, and until then it is
//! absent or as it was before. Paths are made here and by the log library, never from what a request says.

mod folder;
#[cfg(feature = "server")]
mod s3;

pub(crate) use folder::sync_folder;

#[cfg(not(feature = "server"))]
use crate::Error;
use crate::Result;
use crate::config::Config;
use crate::error::random;
use axum::body::Bytes;
use std::time::Duration;

/// How many parts ciphertext is spread over, by the first two characters of its names.
pub(crate) const PARTS: u16 = 256;

/// All files of a relay.
#[derive(Debug, Clone)]
pub(crate) enum Files {
    /// In the data folder.
    Folder(folder::Folder),
    /// In a bucket.
    #[cfg(feature = "server")]
    Bucket(s3::Bucket),
}

/// A new random name for ciphertext. Names are never used twice, so that removing a file can never hit one that is wanted
/// again.
pub(crate) fn name() -> Result<String> {
    let bytes: [u8; 32] = random()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Where the ciphertext of this name lies.
pub(crate) fn path(name: &str) -> String {
    format!("files/{}/{name}", name.get(..2).unwrap_or("00"))
}

impl Files {
    /// In the bucket that the configuration names, or else the data folder.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        match &config.files {
            None => Ok(Self::Folder(folder::Folder::open(config.data.clone())?)),
            #[cfg(feature = "server")]
            Some(url) => Ok(Self::Bucket(s3::Bucket::open(url, &config.s3)?)),
            #[cfg(not(feature = "server"))]
            Some(_) => Err(Error::Config("`files` names a bucket, but this program was built without S3".to_owned())),
        }
    }

    /// Stores a file; durable when this returns.
    pub(crate) async fn put(&self, path: String, bytes: Vec<u8>) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.put(path, bytes).await,
            #[cfg(feature = "server")]
            Self::Bucket(bucket) => bucket.put(&path, bytes).await,
        }
    }

    /// Stores many files; all are durable when this returns.
    pub(crate) async fn put_all(&self, files: Vec<(String, Vec<u8>)>) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.put_all(files).await,
            #[cfg(feature = "server")]
            Self::Bucket(bucket) => bucket.put_all(files).await,
        }
    }

    /// Reads a file; nothing if it is not there (any more).
    pub(crate) async fn get(&self, path: &str) -> Result<Option<Bytes>> {
        match self {
            Self::Folder(folder) => folder.get(path).await,
            #[cfg(feature = "server")]
            Self::Bucket(bucket) => bucket.get(path).await,
        }
    }

    /// Removes files, those that are gone already too.
    pub(crate) async fn remove(&self, paths: Vec<String>) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.remove(paths).await,
            #[cfg(feature = "server")]
            Self::Bucket(bucket) => bucket.remove(paths).await,
        }
    }

    /// Removes whatever lies below a path.
    pub(crate) async fn remove_below(&self, path: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.remove_below(path).await,
            #[cfg(feature = "server")]
            Self::Bucket(bucket) => bucket.remove_below(path).await,
        }
    }

    /// Names of ciphertext older than this, of one of the [`PARTS`]. Among them are those whose publication was never
    /// finished.
    pub(crate) async fn older_than(&self, part: u16, age: Duration) -> Result<Vec<String>> {
        let path = format!("files/{part:02x}");
        match self {
            Self::Folder(folder) => folder.older_than(&path, age).await,
            #[cfg(feature = "server")]
            Self::Bucket(bucket) => bucket.older_than(&path, age).await,
        }
    }

    /// Whether the files can be reached.
    pub(crate) async fn answers(&self) -> bool {
        self.get("ledger/a/checkpoint").await.is_ok()
    }
}

#[cfg(test)]
mod tests;
