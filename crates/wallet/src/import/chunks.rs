//! Parts of health cards that wait in the vault for the others.

use crate::Result;
use carnet_records::cards::{CHUNK_TITLE, chunks_of};
use carnet_records::index::Category;
use carnet_vault::{ProfileId, RecordQuery, Vault};

/// The most documents with parts that are looked at.
const MOST: u32 = 1000;

/// Adds parts to those that are known without a vault: each once, and as many as the documents that are looked at in one.
pub(super) fn add(known: &mut Vec<String>, new: Vec<String>) {
    for chunk in new {
        if known.len() < MOST as usize && !known.contains(&chunk) {
            known.push(chunk);
        }
    }
}

/// The parts of cards in a person's documents.
pub(super) async fn known(vault: &Vault, profile: ProfileId) -> Result<Vec<String>> {
    let documents = RecordQuery {
        category: Some(Category::Document),
        text: Some(CHUNK_TITLE.to_owned()),
        limit: MOST,
        ..RecordQuery::new(profile)
    };
    let documents = vault.slim(&documents).await?;
    Ok(documents.iter().flat_map(|document| chunks_of(&document.original)).collect())
}
