//! Shares as a person sees them: the list, one share with its link and QR, the proofs to take along.

use super::details::{Details, grant_id};
use super::make::{PREPARED, Prepared, waiting};
use super::relocate::successor;
use super::terms::{obligations_said, purpose};
use crate::clock::now;
use crate::opening::{commitment_of, fault};
use crate::relay::EMBEDDED;
use crate::wallet::Inner;
use crate::{Error, Result, Wallet};
use carnet_bridge::{Elsewhere, LedgerPlace, ShareDetail, ShareFormat, ShareLine, ShareStatus, ShareWhy};
use carnet_consent::GrantId;
use carnet_consent::control::paths;
use carnet_consent::grant::{Member, SignedGrant};
use carnet_consent::receipt::{Outcome, Receipt};
use carnet_records::display::{Banner, patient_banner};
use carnet_sync::{Job, Withdrawals};
use carnet_vault::{GrantRow, GrantStatus, ProfileId, Vault};
use secrecy::ExposeSecret;
use smart_health::{ManifestUrl, QrCode, SmartHealthLink};
use std::collections::HashMap;

/// Files with which anyone can check a share without a network and without this software.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFiles {
    /// The document as it was shared, with the signed grant inside (FHIR JSON).
    pub document: Vec<u8>,
    /// The signed grant (COSE_Sign1).
    pub grant: Vec<u8>,
    /// The proof that the grant's commitment is in the public ledger; its extra data are the commitment's nonce.
    pub proof: String,
    /// The ledger's policy: whom the proof relies on.
    pub policy: String,
    /// The whole list of withdrawals under its signed head; none if the relay is away. It shows that the share was not
    /// stopped as of the signed time.
    pub withdrawals: Option<Withdrawals>,
}

impl Wallet {
    /// All shares: those that can be opened or will be first, then the newest first.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn shares(&self) -> Result<Vec<ShareLine>> {
        let vault = self.inner.vault().await?;
        let mut lines = self.share_lines(&vault).await?;
        use ShareStatus::{Live, NotYet, Paused, Waiting};
        let over = |line: &ShareLine| !matches!(line.status, Live | Waiting | NotYet | Paused);
        lines.sort_by_key(|line| (over(line), std::cmp::Reverse(line.created)));
        Ok(lines)
    }

    /// One share with its link, its QR and its openings.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn share_detail(&self, id: &str) -> Result<ShareDetail> {
        let id = grant_id(id)?;
        let grant = {
            let vault = self.inner.vault().await?;
            match vault.grant(&id).await {
                Err(carnet_vault::Error::NoSuch(what)) => {
                    let waiting = waiting(&vault).await?.into_iter().find(|(_, prepared)| prepared.id == id);
                    let (_, prepared) = waiting.ok_or(Error::NoSuch(what))?;
                    let only_here = self.inner.is_only_here(&prepared.relay);
                    return prepared_detail(&vault, &prepared, only_here);
                }
                found => found?,
            }
        };
        let address = self.inner.address(&grant.relay_url).await?;
        let mut link = SmartHealthLink::parse(grant.link.expose_secret())?;
        if grant.relay_url == EMBEDDED {
            // The relay inside the wallet may have had to move to another port.
            link.url = ManifestUrl::new(format!("{address}{}", paths::link(&grant.link_id.parse()?)))?;
        }
        let viewer_link = link.to_viewer_uri(&format!("{address}/view"));
        let vault = self.inner.vault().await?;
        let openings = self.stored_openings(&vault, Some(&id)).await?;
        let served = openings.iter().filter(|opening| opening.served).count();
        let details = Details::read(&grant)?;
        let given = SignedGrant::verify(&grant.signed)?;
        Ok(ShareDetail {
            line: line(&grant, &details, u32::try_from(served).unwrap_or(u32::MAX), &unheard(&vault).await?),
            purpose: given.purpose.as_str().to_owned(),
            not_before: begins(given.not_before, grant.created_at),
            erase_by: given.erase_by,
            obligations: obligations_said(given.obligations),
            max_openings: given.max_openings,
            format: details.terms.as_ref().map_or(ShareFormat::Ips, |terms| terms.format),
            asked_by: given.request.map(|request| request.by.as_str().to_owned()),
            superseded_by: successor(&vault, &id).await?.map(|id| id.to_string()),
            qr: modules(&QrCode::encode(&viewer_link)?),
            link: viewer_link,
            shlink: link.to_uri(),
            passcode: details.passcode,
            known_passcode: details.known_passcode.as_ref().map(|passcode| passcode.expose_str().to_owned()),
            only_here: self.inner.is_only_here(&grant.relay_url),
            categories: details.categories,
            openings,
            ledger: grant.commitment_index.map(|index| LedgerPlace {
                log: details.log,
                index,
                proven: details.proof.is_some(),
            }),
        })
    }

    /// The files that prove a share to anyone: document, grant, ledger proof, policy, list of withdrawals.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Locked`]; [`Error::RelayAway`] if the proof was not fetched yet and cannot be now;
    /// those of the relay and the vault.
    pub async fn export_proof(&self, id: &str) -> Result<ProofFiles> {
        let id = grant_id(id)?;
        let grant = self.inner.vault().await?.grant(&id).await?;
        let index = grant.commitment_index.ok_or(Error::RelayAway)?;
        let policy = self.inner.policy(&grant.relay_url).await?.text;
        let mut proof = match Details::read(&grant)?.proof {
            Some(proof) => proof.parse()?,
            None => self.inner.client(&grant.relay_url).await?.prove(&policy, index, &commitment_of(&grant)?).await?,
        };
        let withdrawals = match self.inner.client(&grant.relay_url).await?.withdrawals(&policy, None).await {
            Ok(list) => Some(list),
            Err(error) if error.is_away() => None,
            Err(error) => return Err(error.into()),
        };
        proof.extra = Some(grant.commitment_r.to_vec());
        let mut batch = carnet_vault::Batch::new(now());
        batch.exported(Some(grant.profile), "proof");
        self.inner.vault().await?.apply(batch).await?;
        let document = self.inner.vault().await?.bundle(&id).await?.ok_or(Error::NoSuch("document of this share"))?;
        Ok(ProofFiles { document, grant: grant.signed, proof: proof.to_string(), policy, withdrawals })
    }

    /// Whether something was decided about a share that its relay does not know yet.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn waiting(&self, id: &str) -> Result<bool> {
        let (id, vault) = (grant_id(id)?, self.inner.vault().await?);
        let unsigned = waiting(&vault).await?.iter().any(|(_, prepared)| prepared.id == id && !prepared.is_over());
        Ok(unsigned || !super::queued(&vault, &id, |_| true).await?.is_empty())
    }

    pub(crate) async fn share_lines(&self, vault: &Vault) -> Result<Vec<ShareLine>> {
        let mut served: HashMap<GrantId, u32> = HashMap::new();
        for row in vault.receipts(None).await? {
            if matches!(Receipt::from_cbor(&row.receipt)?.outcome, Outcome::Served { .. }) {
                *served.entry(row.grant).or_default() += 1;
            }
        }
        let grants = vault.grants().await?;
        let served = |grant: &GrantRow| served.get(&grant.id).copied().unwrap_or(0);
        let mut lines: Vec<ShareLine> =
            waiting(vault).await?.iter().map(|(_, prepared)| prepared_line(prepared)).collect();
        let unheard = unheard(vault).await?;
        for grant in &grants {
            lines.push(line(grant, &Details::read(grant)?, served(grant), &unheard));
        }
        Ok(lines)
    }
}

/// A share that is not signed yet, at the address where its relay will be reached.
pub(crate) fn prepared_detail(vault: &Vault, prepared: &Prepared, only_here: bool) -> Result<ShareDetail> {
    let address = &prepared.relay;
    let secrets = vault.keys().derive_grant(&prepared.id)?;
    let link = prepared.link(&secrets, address, None)?;
    let viewer_link = link.to_viewer_uri(&format!("{address}/view"));
    let asked = prepared.asked()?;
    let draft = &prepared.draft;
    Ok(ShareDetail {
        line: prepared_line(prepared),
        purpose: purpose(draft.preset, asked.as_ref()).as_str().to_owned(),
        not_before: begins(prepared.details.starts, prepared.created_at),
        erase_by: draft.erase_by,
        obligations: draft.obligations.clone(),
        max_openings: draft.max_openings,
        format: prepared.details.terms()?.format,
        asked_by: asked.map(|asked| asked.received.request.by.as_str().to_owned()),
        superseded_by: None,
        qr: modules(&QrCode::encode(&viewer_link)?),
        link: viewer_link,
        shlink: link.to_uri(),
        passcode: prepared.details.passcode,
        known_passcode: prepared.details.known_passcode.as_ref().map(|passcode| passcode.expose_str().to_owned()),
        only_here,
        categories: prepared.details.categories.clone(),
        openings: Vec::new(),
        ledger: None,
    })
}

/// Whose records they are, as the records or the wallet name them.
pub(super) async fn banner(inner: &Inner, vault: &Vault, profile: ProfileId) -> Result<Banner> {
    let profile = super::follow::profile_of(vault, profile).await?;
    match inner.patient(vault, &profile).await? {
        Some(patient) => Ok(patient_banner(&crate::records::parse(&vault.record(patient.id).await?.slim)?)),
        None => Ok(Banner { name: profile.name, birth_date: None, sex: None }),
    }
}

/// When a share begins, if that is later than it was made.
fn begins(start: i64, created: i64) -> Option<i64> {
    (start > created).then_some(start)
}

fn prepared_line(prepared: &Prepared) -> ShareLine {
    let over = prepared.is_over();
    ShareLine {
        id: prepared.id.to_string(),
        recipient: prepared.draft.recipient.trim().to_owned(),
        created: prepared.created_at,
        expires: prepared.expires,
        status: if over { ShareStatus::Expired } else { ShareStatus::Waiting },
        openings: 0,
        records: prepared.details.records,
        preset: prepared.details.preset,
        live: prepared.details.is_live(),
        passcode: prepared.details.passcode,
        waiting: !over,
        elsewhere: None,
        why: over.then_some(ShareWhy::NeverSent),
        fault: None,
    }
}

/// The shares of which something waits in the outbox; whether that is a message to pause or resume.
async fn unheard(vault: &Vault) -> Result<HashMap<GrantId, bool>> {
    let mut unheard = HashMap::new();
    if vault.queue_len().await? == 0 {
        return Ok(unheard);
    }
    // A share that is not signed yet waits as such, and not as a job.
    for stored in vault.queue_due(i64::MAX).await?.into_iter().filter(|stored| stored.kind != PREPARED) {
        let job = Job::from_bytes(&stored.body)?;
        if let Some(grant) = job.grant() {
            *unheard.entry(*grant).or_default() |= matches!(job, Job::Pause { .. });
        }
    }
    Ok(unheard)
}

fn line(grant: &GrantRow, details: &Details, openings: u32, unheard: &HashMap<GrantId, bool>) -> ShareLine {
    let status = status(grant, details, openings);
    ShareLine {
        id: grant.id.to_string(),
        recipient: grant.recipient.clone(),
        created: grant.created_at,
        expires: grant.expires,
        status,
        openings,
        records: details.records,
        preset: details.preset,
        live: details.is_live(),
        passcode: details.passcode,
        // Of one that is paused it counts whether that was heard: what else waits opens it to nobody.
        waiting: unheard.get(&grant.id).is_some_and(|pause| *pause || grant.status != GrantStatus::Paused),
        elsewhere: match (details.stopped_elsewhere, details.changed_elsewhere) {
            (true, _) => Some(Elsewhere::Stopped),
            (false, true) => Some(Elsewhere::Changed),
            (false, false) => None,
        },
        why: why(status, details),
        fault: fault(details),
    }
}

/// Why a share stands like this, where the person did nothing to it.
fn why(status: ShareStatus, details: &Details) -> Option<ShareWhy> {
    match status {
        ShareStatus::Paused if details.emptied => Some(ShareWhy::Emptied),
        ShareStatus::Paused => details.refused.clone().map(ShareWhy::Refused),
        // The person's word is the later one.
        ShareStatus::Stopped if details.stopped_at.is_none() => details.refused.clone().map(ShareWhy::Refused),
        _ => None,
    }
}

fn status(grant: &GrantRow, details: &Details, openings: u32) -> ShareStatus {
    match grant.status {
        GrantStatus::Stopped => ShareStatus::Stopped,
        GrantStatus::Stopping => ShareStatus::Stopping,
        _ if now() >= grant.expires => ShareStatus::Expired,
        GrantStatus::Live if details.max_openings.is_some_and(|most| openings >= most) => ShareStatus::Exhausted,
        GrantStatus::Paused => ShareStatus::Paused,
        GrantStatus::Live if details.starts > now() => ShareStatus::NotYet,
        GrantStatus::Live => ShareStatus::Live,
        _ => ShareStatus::Waiting,
    }
}

pub(super) fn modules(qr: &QrCode) -> Vec<Vec<bool>> {
    (0..qr.size()).map(|y| (0..qr.size()).map(|x| qr.is_dark(x, y)).collect()).collect()
}
