//! Files in a bucket of any S3, through `object_store` and an HTTP client of ours.

mod client;

use crate::config::{Addressing, S3};
use crate::{Error, Result};
use axum::body::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long one operation may take with all its tries.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many files are sent or removed at once.
const AT_ONCE: usize = 16;

/// A bucket, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    store: Arc<AmazonS3>,
    /// Before every path; empty, or without slashes around.
    prefix: String,
}

impl Bucket {
    /// The bucket of an address `s3://bucket/prefix`. What the configuration leaves out is taken from the `AWS_…`
    /// variables of the environment, or from the machine's role.
    ///
    /// # Errors
    /// [`Error::Config`] if the address or the settings cannot be used; nothing is asked of the server yet.
    pub(super) fn open(url: &str, settings: &S3) -> Result<Self> {
        let (bucket, prefix) = parse(url)?;
        let retry =
            RetryConfig { backoff: BackoffConfig::default(), max_retries: 4, retry_timeout: Duration::from_secs(20) };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(retry)
            .with_http_connector(client::Connector::new(settings.ca_file.as_deref())?)
            .with_virtual_hosted_style_request(settings.addressing == Addressing::Virtual);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some(region) = &settings.region {
            builder = builder.with_region(region);
        }
        if let Some(id) = &settings.access_key_id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(secret) = &settings.secret_access_key {
            builder = builder.with_secret_access_key(secret.expose());
        }
        let store = builder.build().map_err(|error| Error::Config(format!("`files` or `[s3]`: {error}")))?;
        Ok(Self { store: Arc::new(store), prefix: prefix.to_owned() })
    }

    pub(super) async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let path = self.path(path);
        within(async { self.store.put(&path, PutPayload::from(bytes)).await.map(drop) }).await
    }

    pub(super) async fn put_all(&self, files: Vec<(String, Vec<u8>)>) -> Result<()> {
        let puts = files.into_iter().map(|(path, bytes)| async move { self.put(&path, bytes).await });
        stream::iter(puts).buffer_unordered(AT_ONCE).try_collect().await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Option<Bytes>> {
        let path = self.path(path);
        within(async {
            match self.store.get(&path).await {
                Ok(found) => found.bytes().await.map(Some),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    pub(super) async fn remove(&self, paths: Vec<String>) -> Result<()> {
        let paths: Vec<_> = paths.iter().map(|path| Ok(self.path(path))).collect();
        let mut removed = self.store.delete_stream(stream::iter(paths).boxed());
        within(async {
            while let Some(removed) = removed.next().await {
                match removed {
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn remove_below(&self, path: &str) -> Result<()> {
        let path = self.path(path);
        let paths = within(self.store.list(Some(&path)).map_ok(|found| found.location).try_collect::<Vec<_>>()).await?;
        let mut removed = self.store.delete_stream(stream::iter(paths.into_iter().map(Ok)).boxed());
        within(async {
            while removed.try_next().await?.is_some() {}
            Ok(())
        })
        .await
    }

    pub(super) async fn older_than(&self, path: &str, age: Duration) -> Result<Vec<String>> {
        let path = self.path(path);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let before = i64::try_from(now.saturating_sub(age).as_secs()).unwrap_or(i64::MAX);
        let found = within(self.store.list(Some(&path)).try_collect::<Vec<_>>()).await?;
        let old = found.iter().filter(|file| file.last_modified.timestamp() < before);
        Ok(old.filter_map(|file| file.location.filename().map(str::to_owned)).collect())
    }

    fn path(&self, path: &str) -> Path {
        if self.prefix.is_empty() { Path::from(path) } else { Path::from(format!("{}/{path}", self.prefix)) }
    }
}

/// `s3://bucket/prefix`.
fn parse(url: &str) -> Result<(&str, &str)> {
    let wrong = || {
        Error::Config("`files` must be s3://BUCKET or s3://BUCKET/PREFIX; leave it out for the data folder".to_owned())
    };
    let rest = url.strip_prefix("s3://").ok_or_else(wrong)?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let fits = |text: &str, more: &[u8]| text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b));
    let prefix = prefix.trim_matches('/');
    if bucket.is_empty() || !fits(bucket, b".-") || !fits(prefix, b".-_/") || prefix.contains("//") {
        return Err(wrong());
    }
    Ok((bucket, prefix))
}

async fn within<T>(work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.map_err(|_| Error::Files("it did not answer in time".into()))?.map_err(|error| Error::Files(error.into()))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_address_is_a_bucket_and_perhaps_a_prefix() {
        for (url, want) in [
            ("s3://carnet", ("carnet", "")),
            ("s3://carnet/", ("carnet", "")),
            ("s3://carnet/relay/one/", ("carnet", "relay/one")),
        ] {
            assert_eq!(parse(url).unwrap(), want);
        }
        for url in ["carnet", "s3:///x", "https://x/y", "s3://a b", "s3://a/b//c", "s3://a/b?c"] {
            assert!(parse(url).is_err(), "{url}");
        }
    }
}
