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
use smart_health::attestation::{self, Attestation};
use smart_health::card::{self, Signature as CardSignature};
use smart_health::manifest::{FHIR_JSON, SMART_HEALTH_CARD, media_type};
use smart_health::reader::Options;
use smart_health::trust::{Sources, TrustStore};
use smart_health::{Opened, SmartHealthLink};
use tlog::proof::TlogProof;

/// The most issuers of cards that are asked for their keys.
const MAX_ISSUERS: usize = 10;

/// A link that was opened.
#[derive(Debug)]
pub struct OpenedShare {
    /// Its files, decrypted.
    pub opened: Opened,
    /// The first FHIR document among them, and what can be said about it.
    pub document: Option<(Value, Verification)>,
    /// The app that says of itself that it took part in that document; none if none does.
    pub attestation: Option<Attested>,
    /// The SMART Health Cards among them.
    pub cards: Vec<OpenedCard>,
}

/// What an app attests, and whether that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// The app's address; none if the attestation cannot be read.
    pub app: Option<String>,
    /// Why it says nothing; none if its signature is by a key that the app publishes. Whether the app is a recognised one is
    /// not known here.
    pub refused: Option<NotAttested>,
}

/// Why an attestation says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAttested {
    /// It is not as it should be, or does not hold.
    #[error(transparent)]
    Reason(#[from] attestation::Reason),
    /// The app's keys could not be had, so it was not checked.
    #[error("the app's keys could not be had, so its signature was not checked")]
    NoKeys,
}

impl NotAttested {
    /// A stable name for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Reason(reason) => reason.code(),
            Self::NoKeys => "no_keys",
        }
    }
}

/// A SMART Health Card that was in a link, held against the keys that its issuer publishes.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedCard {
    /// The issuer's address, if it can be read.
    pub issuer: Option<String>,
    /// When it was issued, Unix seconds.
    pub issued: Option<i64>,
    /// How its signature stands.
    pub signature: CardSignature,
    /// The first thing that refuses it; none if it is good as far as could be checked.
    pub refusal: Option<card::Finding>,
    /// Its records; none of a card that is refused.
    pub bundle: Option<Value>,
}

/// Opens somebody's link as `recipient`, a text that the patient will read, and checks what it holds against the ledger
/// of the relay that served it. For a link that its own person made or typed: it may lead to this machine.
///
/// # Errors
/// [`crate::Error::Link`] if it is no link; [`crate::Error::Sync`] if it cannot be opened: ended, withdrawn, a passcode missing or
/// wrong, no network.
pub async fn open_link(text: &str, recipient: &str, passcode: Option<&str>) -> Result<OpenedShare> {
    let options = Options { allow_loopback: true, ..Options::new(recipient, Some(now())) };
    open_link_with(text, options, passcode).await
}

/// As [`open_link`], with every option of the reader.
///
/// # Errors
/// As [`open_link`].
pub async fn open_link_with(text: &str, options: Options, passcode: Option<&str>) -> Result<OpenedShare> {
    let link = SmartHealthLink::parse(text)?;
    let (grant_hash, relay) = (link.grant_hash, relay_of(&link));
    let opened = carnet_sync::open_link(link, options, passcode).await?;
    let index = opened.commitment_index;
    let opened = opened.opened;
    let file = opened.files.iter().find(|file| media_type(&file.content_type) == FHIR_JSON);
    let (mut cards, mut attested) = (Vec::new(), None);
    for file in opened.files.iter().filter(|file| media_type(&file.content_type) == SMART_HEALTH_CARD) {
        cards.extend(read_cards(&file.bytes).await);
    }
    let document = match file {
        Some(file) => {
            let document = bundle::parse(&file.bytes, DEFAULT_MAX_BYTES)?;
            let mut verification = verify(&document, now());
            check_link(&mut verification, grant_hash.as_ref());
            if let Some(relay) = relay {
                ask_ledger(&mut verification, &document, &relay, index).await;
            }
            if let Some(text) = attestation::find(&document) {
                attested = Some(check_attestation(text).await);
            }
            Some((document, verification))
        }
        None => None,
    };
    Ok(OpenedShare { opened, document, attestation: attested, cards })
}

/// Holds an attestation against the keys that its app publishes.
async fn check_attestation(text: &str) -> Attested {
    let read = match Attestation::parse(text, now()) {
        Ok(read) => read,
        Err(reason) => return Attested { app: None, refused: Some(reason.into()) },
    };
    let keys = carnet_sync::fetch_published(&read.key_set_url(), attestation::MAX_KEY_SET).await;
    let refused = match keys {
        Some(keys) => read.verify(&keys).err().map(NotAttested::from),
        None => Some(NotAttested::NoKeys),
    };
    Attested { app: Some(read.app), refused }
}

/// Reads the cards of a file and asks their issuers for the keys: whoever opens a stranger's card has no other way to know
/// whose it is.
async fn read_cards(bytes: &[u8]) -> Vec<OpenedCard> {
    let refused = |reason: card::Reason| OpenedCard {
        issuer: None,
        issued: None,
        signature: CardSignature::Bad,
        refusal: Some(card::Finding::refused("card", reason)),
        bundle: None,
    };
    let found = match std::str::from_utf8(bytes) {
        Ok(text) => card::find(text, &card::Limits::default()),
        Err(_) => Err(card::Reason::NotACard),
    };
    let found = match found {
        Ok(found) => found,
        Err(reason) => return vec![refused(reason)],
    };
    let check = |store: &TrustStore| -> Vec<OpenedCard> {
        let one = |found: &Result<card::Candidate, card::Unreadable>| match found {
            Ok(candidate) => opened_card(card::check(candidate, &card::Context::new(now()), store)),
            Err(unreadable) => refused(unreadable.reason.clone()),
        };
        found.iter().map(one).collect()
    };
    let unchecked = check(&TrustStore::default());
    let mut issuers: Vec<String> = unchecked
        .iter()
        .filter(|card| card.signature == CardSignature::NotChecked)
        .filter_map(|card| card.issuer.clone())
        .collect();
    issuers.sort_unstable();
    issuers.dedup();
    issuers.truncate(MAX_ISSUERS);
    if issuers.is_empty() {
        return unchecked;
    }
    let sources = Sources { issuers, snapshots: Vec::new(), directories: Vec::new(), document_lists: Vec::new() };
    let (store, _) = carnet_sync::update_trust(TrustStore::default(), &sources, now()).await;
    check(&store)
}

fn opened_card(card: card::Card) -> OpenedCard {
    let refusal = card.refusal().cloned();
    let (issuer, issued) = card.payload.as_ref().map(|payload| (payload.issuer.clone(), payload.issued)).unzip();
    let bundle = card.payload.filter(|_| refusal.is_none()).map(|payload| Value::Object(payload.bundle));
    OpenedCard { issuer, issued, signature: card.signature, refusal, bundle }
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
