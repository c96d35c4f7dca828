//! `trust`: whose signatures on cards and certificates are known.

use crate::clock::local_time;
use crate::error::{Error, Exit, Result};
use crate::out::{Out, clean};
use carnet_wallet::{TrustSources, Wallet};
use serde_json::json;
use std::path::Path;

/// The lists that were named, or those that are known.
pub(crate) fn sources(snapshots: Vec<String>, document_lists: Vec<String>) -> TrustSources {
    if snapshots.is_empty() && document_lists.is_empty() {
        return TrustSources::default();
    }
    TrustSources { snapshots, directories: Vec::new(), document_lists, issuers: Vec::new() }
}

pub(crate) async fn trust(
    wallet: &Wallet,
    update: Option<&TrustSources>,
    add: Option<&Path>,
    out: &mut Out,
) -> Result<Exit> {
    let mut state = wallet.trust().await?;
    if let Some(file) = add {
        let list = std::fs::read(file).map_err(Error::file("read", file))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        state = wallet.add_trust_list(&name, &list).await?;
    }
    if let Some(sources) = update {
        state = wallet.update_trust_from(sources).await?;
    }
    out.line(format!(
        "{} issuers of SMART Health Cards and {} keys of signers of health certificates are known.",
        state.issuers, state.document_keys
    ))?;
    for (list, at) in &state.lists {
        out.line(format!("  {} of {}", clean(list), local_time(*at)))?;
    }
    for problem in &state.problems {
        out.line(format!("  not had: {}", clean(problem)))?;
    }
    let lists: Vec<_> = state.lists.iter().map(|(list, at)| json!({ "list": list, "at": at })).collect();
    out.json(&json!({
        "issuers": state.issuers,
        "document_keys": state.document_keys,
        "lists": lists,
        "problems": state.problems,
    }))?;
    Ok(if state.problems.is_empty() { Exit::Done } else { Exit::Failed })
}
