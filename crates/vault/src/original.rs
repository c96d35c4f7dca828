//! The exact bytes of a record, put together where large data of it lie in the attachment store.

use crate::attachments::{self, Store};
use crate::error::{AttachmentFault, Error, Result};
use carnet_records::import::attachments::{attach, detached_from};
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// From the columns `original` and `detached` of a version.
///
/// # Errors
/// [`Error::Attachment`] if bytes of it are missing from the store or damaged; those of the database.
pub(crate) async fn whole(
    connection: &mut SqliteConnection,
    store: &Store,
    original: Vec<u8>,
    detached: bool,
) -> Result<Vec<u8>> {
    if !detached {
        return Ok(original);
    }
    let mut rows = HashMap::new();
    for sha256 in detached_from(&original) {
        let row = attachments::find(connection, &sha256).await?;
        rows.insert(sha256, row.ok_or(Error::Attachment(AttachmentFault::Missing))?);
    }
    let store = store.clone();
    let put_together = tokio::task::spawn_blocking(move || {
        let mut failed = None;
        let whole = attach(&original, &mut |sha256| {
            let mut bytes = Vec::new();
            let copied = attachments::copy_out(&store, rows.get(sha256)?, &mut bytes);
            copied.map_err(|error| failed = Some(error)).ok().map(|()| bytes)
        });
        whole.map_err(|_| failed.unwrap_or(Error::Attachment(AttachmentFault::Missing)))
    });
    put_together.await.map_err(|_| Error::Internal("record"))?
}

/// The same, and the slim form where bytes of it are lost: for what must go on without them.
///
/// # Errors
/// Those of files and database.
pub(crate) async fn whole_or_slim(
    connection: &mut SqliteConnection,
    store: &Store,
    original: Vec<u8>,
    detached: bool,
) -> Result<Vec<u8>> {
    if !detached {
        return Ok(original);
    }
    match whole(connection, store, original.clone(), detached).await {
        Err(Error::Attachment(_)) => Ok(original),
        whole => whole,
    }
}
