//! `proof` and `verify`: the files that prove a share, and checking them without a network and without a vault.

use crate::clock::now;
use crate::error::{Error, Exit, Result};
use crate::open::tell;
use crate::out::Out;
use carnet_wallet::{Standing, Wallet, Withdrawals};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;

const DOCUMENT: &str = "bundle.json";
const GRANT: &str = "grant.cose";
const PROOF: &str = "grant.tlog-proof";
const POLICY: &str = "policy";
const WITHDRAWALS: &str = "withdrawals.json";

/// The most bytes of a file that is checked.
const MAX_FILE: u64 = 256 << 20;

/// The whole list of withdrawals as a file.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    /// The signed head of the log.
    checkpoint: String,
    /// Its entries in order, each 66 hexadecimal digits.
    entries: Vec<String>,
}

pub(crate) async fn proof(wallet: &Wallet, id: &str, folder: &Path, out: &mut Out) -> Result<Exit> {
    let files = wallet.export_proof(id).await?;
    std::fs::create_dir_all(folder).map_err(Error::file("made", folder))?;
    let mut written = Vec::new();
    let mut write = |name: &'static str, bytes: &[u8]| {
        let path = folder.join(name);
        carnet_wallet::write_file(&path, bytes).map_err(Error::file("written", &path))?;
        written.push(name);
        Ok::<_, Error>(())
    };
    write(DOCUMENT, &files.document)?;
    write(GRANT, &files.grant)?;
    write(PROOF, files.proof.as_bytes())?;
    write(POLICY, files.policy.as_bytes())?;
    if let Some(withdrawals) = &files.withdrawals {
        let entries = withdrawals.entries.iter().map(|entry| to_hex(entry)).collect();
        let snapshot = Snapshot { checkpoint: withdrawals.checkpoint.clone(), entries };
        write(WITHDRAWALS, json!(snapshot).to_string().as_bytes())?;
    }
    out.line(format!("Written to {}: {}.", folder.display(), written.join(", ")))?;
    if files.withdrawals.is_none() {
        out.line("The relay is away, so the list of withdrawals is not among them.")?;
    }
    out.json(&json!({ "id": id, "folder": folder, "files": written }))?;
    Ok(if files.withdrawals.is_some() { Exit::Done } else { Exit::RelayAway })
}

pub(crate) fn verify(path: &Path, out: &mut Out) -> Result<Exit> {
    let folder = path.is_dir().then_some(path);
    let document = read(&folder.map_or_else(|| path.to_owned(), |folder| folder.join(DOCUMENT)))?;
    let beside = |name: &str| match folder.map(|folder| folder.join(name)) {
        Some(file) if file.exists() => read(&file).map(Some),
        _ => Ok(None),
    };
    let text = |bytes: Option<Vec<u8>>| {
        let malformed = |_| Error::Malformed { path: path.to_owned(), why: "a file that should be text is not" };
        bytes.map(String::from_utf8).transpose().map_err(malformed)
    };
    let (policy, proof) = (text(beside(POLICY)?)?, text(beside(PROOF)?)?);
    let withdrawals = beside(WITHDRAWALS)?.map(|bytes| read_snapshot(path, &bytes)).transpose()?;
    let withdrawals = withdrawals.as_ref().map(|list| (list.checkpoint.as_str(), list.entries.clone()));
    let (_, verification) =
        carnet_wallet::verify_files(&document, policy.as_deref(), proof.as_deref(), withdrawals, now())?;
    tell(&verification, out)?;
    out.json(&json!({ "standing": verification.standing(), "verification": verification }))?;
    // Only what was checked whole and holds is a success: a script must not take "perhaps" for "yes".
    Ok(if verification.standing() == Standing::Good { Exit::Done } else { Exit::Failed })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let opened = std::fs::File::open(file).map_err(Error::file("read", file))?;
    let mut bytes = Vec::new();
    opened.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(Error::file("read", file))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::Malformed { path: file.to_owned(), why: "it is larger than 256 MiB" });
    }
    Ok(bytes)
}

fn read_snapshot(path: &Path, bytes: &[u8]) -> Result<Withdrawals> {
    let malformed = || Error::Malformed { path: path.join(WITHDRAWALS), why: "it is not a list of withdrawals" };
    let snapshot: Snapshot = serde_json::from_slice(bytes).map_err(|_| malformed())?;
    let entries: Option<Vec<[u8; 33]>> = snapshot.entries.iter().map(|entry| from_hex(entry)).collect();
    Ok(Withdrawals { checkpoint: snapshot.checkpoint, entries: entries.ok_or_else(malformed)? })
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 33]> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    if digits.len() == 66 { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn entries_survive_their_text() {
        let entry: [u8; 33] = std::array::from_fn(|at| u8::try_from(at * 7).unwrap());
        assert_eq!(from_hex(&to_hex(&entry)), Some(entry));
        for wrong in ["", "00", &"0".repeat(67), &"g".repeat(66), &"é".repeat(33)] {
            assert_eq!(from_hex(wrong), None);
        }
    }
}
