//! Reading what somebody shared: opening a link, and checking a document with or without a network.
//!
//! No vault is needed. What is said of a document was checked by the very code that sealed it.

use crate::Result;
use crate::clock::now;
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::bundle::{self, DEFAULT_MAX_BYTES};
use carnet_consent::verify::{LedgerEvidence, Verification, WithdrawalSet, check_ledger, check_link, verify};
use carnet_sync::RelayClient;
use serde_json::Value;
use smart_health::manifest::{FHIR_JSON, media_type};
use smart_health::reader::Options;
use smart_health::{Opened, SmartHealthLink};
use tlog::proof::TlogProof;

/// A link that was opened.
#[derive(Debug)]
pub struct OpenedShare {
    /// Its files, decrypted.
    pub opened: Opened,
    /// The first FHIR document among them, and what can be said about it.
    pub document: Option<(Value, Verification)>,
}

/// Opens somebody's link as `recipient`, a text that the patient will read, and checks what it holds against the ledger
/// of the relay that served it.
///
/// # Errors
/// [`crate::Error::Link`] if it is no link; [`crate::Error::Sync`] if it cannot be opened: ended, withdrawn, a passcode missing or
/// wrong, no network.
pub async fn open_link(text: &str, recipient: &str, passcode: Option<&str>) -> Result<OpenedShare> {
    let link = SmartHealthLink::parse(text)?;
    let (grant_hash, relay) = (link.grant_hash, relay_of(&link));
    let opened = carnet_sync::open_link(link, Options::new(recipient, Some(now())), passcode).await?;
    let index = opened.commitment_index;
    let opened = opened.opened;
    let file = opened.files.iter().find(|file| media_type(&file.content_type) == FHIR_JSON);
    let document = match file {
        Some(file) => {
            let document = bundle::parse(&file.bytes, DEFAULT_MAX_BYTES)?;
            let mut verification = verify(&document, now());
            check_link(&mut verification, grant_hash.as_ref());
            if let Some(relay) = relay {
                ask_ledger(&mut verification, &document, &relay, index).await;
            }
            Some((document, verification))
        }
        None => None,
    };
    Ok(OpenedShare { opened, document })
}

/// Checks a document from files alone: the document, and as far as they are there the policy and the proof that came
/// with it, and the whole list of withdrawals (its signed checkpoint and its entries). `now` in Unix seconds.
///
/// # Errors
/// [`crate::Error::Consent`] if the document is not JSON that can be read in one way only, [`crate::Error::Ledger`] if the proof is
/// malformed. Whatever does not hold is not an error but part of the answer.
pub fn verify_files(
    document: &[u8],
    policy: Option<&str>,
    proof: Option<&str>,
    withdrawals: Option<(&str, Vec<[u8; 33]>)>,
    now: i64,
) -> Result<(Value, Verification)> {
    let document = bundle::parse(document, DEFAULT_MAX_BYTES)?;
    let mut verification = verify(&document, now);
    let proof = proof.map(str::parse::<TlogProof>).transpose()?;
    if let Some(policy) = policy {
        let withdrawals = withdrawals.map(|(checkpoint, entries)| WithdrawalSet { checkpoint, entries });
        let evidence = LedgerEvidence { policy, proof_a: proof.as_ref(), withdrawals, now };
        check_ledger(&mut verification, &evidence);
    }
    Ok((document, verification))
}

/// Asks the relay that served a document for what its ledger says. What cannot be had stays unchecked, and says so.
async fn ask_ledger(verification: &mut Verification, document: &Value, relay: &RelayClient, index: Option<u64>) {
    let Ok(policy) = relay.policy().await else { return };
    let commitment = bundle::open(document).ok().and_then(|opened| {
        let sha256 = opened.signed.sha256();
        opened.commitment_r.map(|r| commit(&r, ObjectType::Grant, &sha256))
    });
    let proof = match (index, commitment) {
        (Some(index), Some(commitment)) => relay.prove(&policy, index, &commitment).await.ok(),
        _ => None,
    };
    let list = relay.withdrawals(&policy, None).await.ok();
    let withdrawals =
        list.as_ref().map(|list| WithdrawalSet { checkpoint: &list.checkpoint, entries: list.entries.clone() });
    let evidence = LedgerEvidence { policy: &policy, proof_a: proof.as_ref(), withdrawals, now: now() };
    check_ledger(verification, &evidence);
}

/// The relay that a link points to, if its address has the form of one.
fn relay_of(link: &SmartHealthLink) -> Option<RelayClient> {
    let (base, _) = link.url.as_str().rsplit_once("/shl/")?;
    RelayClient::new(base).ok()
}
