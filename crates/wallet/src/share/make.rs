//! Making a share: what was chosen is put together, signed as soon as the relay's ledger is known, and stored together
//! with the message that publishes it.

use super::asked::{Asked, read_asked};
use super::choice::Choice;
use super::details::Details;
use super::follow::gather;
use super::lean::lean;
use super::passcode::Passcode;
use super::seal::Plan;
use super::{NOTICE_LANGUAGE, terms};
use crate::clock::{now, random};
use crate::relay::PinnedPolicy;
use crate::settings::profile;
use crate::wallet::{Inner, lock};
use crate::{Error, Result};
use carnet_bridge::ShareDraft;
use carnet_consent::GrantId;
use carnet_consent::anchor::COMMITMENTS_ORIGIN_SUFFIX;
use carnet_consent::control::{LinkId, PasscodeVerifier, paths};
use carnet_consent::grant::{
    DEFAULT_MAX_STALE, GrantDraft, Granter, Language, LedgerRef, LeftOut, Member, Notice, RequestRef,
};
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_records::outgoing::Readable;
use carnet_records::selection::HeldBackReason;
use carnet_sync::Job;
use carnet_vault::{Batch, GrantRow, GrantSecrets, GrantStatus, ProfileId, Vault};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use smart_health::{ContentKey, Label, ManifestUrl, SmartHealthLink};
use std::collections::HashSet;
use tlog::policy::Policy;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

/// Rounds of PBKDF2 over a passcode.
const PASSCODE_ROUNDS: u32 = 100_000;
/// So many seconds until a relay that was never reached is asked again.
const SEAL_AGAIN: i64 = 30;
/// What readers show as the name of the link.
const LABEL: &str = "Patient summary";

/// The kind of an outbox job that holds a [`Prepared`] share.
pub(crate) const PREPARED: &str = "seal";

/// A share that is not signed yet: its document and everything that was chosen. A grant names the ledger it is
/// committed to, so it can be signed only once the relay was reached. Until then this waits in the outbox, and the link
/// that was given out meanwhile is the one that will work.
#[derive(Serialize, Deserialize)]
pub(crate) struct Prepared {
    pub(crate) id: GrantId,
    pub(crate) link_id: LinkId,
    pub(crate) relay: String,
    pub(super) profile: ProfileId,
    /// What the person chose; without the passcode, which `details` has.
    pub(crate) draft: ShareDraft,
    pub(crate) created_at: i64,
    /// When it ends.
    pub(crate) expires: i64,
    /// Whether the choice held anything back.
    pub(super) held_back: bool,
    /// SHA-256 of the signed grant that it takes the place of.
    #[serde(default)]
    pub(super) supersedes: Option<[u8; 32]>,
    pub(crate) details: Details,
    pub(super) bundle: serde_json::Value,
    /// The document in words, while it is at hand; it can be read from the document again.
    #[serde(skip)]
    pub(super) readable: Option<Readable>,
    /// Where the verifier of its passcode comes from, while it is being made.
    #[serde(skip)]
    pub(super) verifying: Option<Verifying>,
}

/// A passcode being made hard to guess, which takes its time.
type Verifying = JoinHandle<carnet_consent::Result<Option<PasscodeVerifier>>>;

/// Makes a share and stores it together with the message that publishes it, or, if its relay was never reached yet,
/// with what is needed to sign it then.
pub(super) async fn make(inner: &Inner, draft: &ShareDraft) -> Result<GrantId> {
    let relay = inner.chosen_relay(&*inner.vault().await?).await?;
    // The relay answers while the records are gathered.
    let (prepared, policy) = tokio::join!(prepare(inner, relay.clone(), draft), inner.policy(&relay));
    let prepared = prepared?;
    let id = prepared.id;
    keep(inner, prepared, policy).await?;
    Ok(id)
}

/// Signs a share if the policy of its relay is known, and stores it with what is to be sent or else to be signed.
pub(super) async fn keep(inner: &Inner, mut prepared: Prepared, policy: Result<PinnedPolicy>) -> Result<()> {
    match policy {
        Ok(policy) => seal_and_queue(inner, prepared, &policy, None).await,
        Err(Error::RelayAway) => {
            prepared.verify().await?;
            let body = serde_json::to_vec(&prepared).map_err(|_| Error::Internal("keeping a share"))?;
            inner.vault().await?.queue_put(PREPARED, body, now()).await?;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Signs the shares that waited for their relay to be reached for the first time.
pub(crate) async fn seal_waiting(inner: &Inner, all: bool) -> Result<()> {
    let jobs = inner.vault().await?.queue_due(if all { i64::MAX } else { now() }).await?;
    for job in jobs.into_iter().filter(|job| job.kind == PREPARED) {
        // What a newer version queued stays where it is and keeps nothing else waiting.
        let Ok(prepared) = serde_json::from_slice::<Prepared>(&job.body) else { continue };
        // It stays in the list, and says so, until the person stops it.
        if prepared.is_over() {
            continue;
        }
        match inner.policy(&prepared.relay).await {
            // A live share is compared with the records as soon as it is signed.
            Ok(policy) => seal_and_queue(inner, prepared, &policy, Some(job.id)).await?,
            Err(error @ (Error::Locked | Error::Vault(_))) => return Err(error),
            // Away, or not a relay: a hotel's sign-in page answers in its place. Either may be otherwise later.
            Err(_) => inner.vault().await?.queue_retry(job.id, now() + SEAL_AGAIN).await?,
        }
    }
    Ok(())
}

/// How much waits to be sent. A share that is over before its relay was ever reached waits for nothing.
pub(crate) async fn unsent(vault: &Vault) -> Result<u64> {
    let over = waiting(vault).await?.iter().filter(|(_, prepared)| prepared.is_over()).count();
    Ok(vault.queue_len().await?.saturating_sub(over as u64))
}

/// The shares that are not signed yet, each with the number of its job.
pub(crate) async fn waiting(vault: &Vault) -> Result<Vec<(i64, Prepared)>> {
    if vault.queue_len().await? == 0 {
        return Ok(Vec::new());
    }
    let jobs = vault.queue_due(i64::MAX).await?;
    let prepared = jobs.iter().filter(|job| job.kind == PREPARED);
    Ok(prepared.filter_map(|job| Some((job.id, serde_json::from_slice(&job.body).ok()?))).collect())
}

impl Prepared {
    /// Whether its time is over.
    pub(crate) fn is_over(&self) -> bool {
        self.expires <= now()
    }

    /// Waits for the verifier of its passcode.
    async fn verify(&mut self) -> Result<()> {
        if let Some(verifying) = self.verifying.take() {
            self.details.verifier = verifying.await.map_err(|_| Error::Internal("making a share"))??;
        }
        Ok(())
    }

    /// The link, at the address where its relay is reached. A share that waits does not know the hash of its grant yet.
    pub(crate) fn link(
        &self,
        secrets: &GrantSecrets,
        address: &str,
        grant_sha256: Option<[u8; 32]>,
    ) -> Result<SmartHealthLink> {
        let terms = self.details.terms()?;
        Ok(SmartHealthLink::new(
            ManifestUrl::new(format!("{address}{}", paths::link(&self.link_id)))?,
            ContentKey::from_bytes(*secrets.expose_content_key()),
            Some(self.expires),
            terms.flags(self.details.passcode),
            Some(Label::new(LABEL)?),
            // What is signed anew has another hash, and the link stays.
            grant_sha256.filter(|_| !terms.live),
        )?)
    }

    /// Who asked for it.
    pub(crate) fn asked(&self) -> Result<Option<Asked>> {
        self.draft.request.as_deref().map(read_asked).transpose()
    }
}

/// Chooses the records and puts the document together.
async fn prepare(inner: &Inner, relay: String, draft: &ShareDraft) -> Result<Prepared> {
    let vault = inner.vault().await?;
    let profile = profile(&vault).await?;
    let created_at = now();
    let checked = terms::check(&vault, draft, &inner.options.language, created_at).await?;
    // Meanwhile the records are gathered, and signed.
    let (passcode, salt) =
        (terms::passcode(draft).map(|passcode| Zeroizing::new(passcode.to_owned())), random::<16>()?);
    let verifying = tokio::task::spawn_blocking(move || {
        let verifier = passcode.map(|passcode| PasscodeVerifier::new(&passcode, salt.to_vec(), PASSCODE_ROUNDS));
        verifier.transpose()
    });
    let gathered = gather(inner, &vault, &profile, &checked.terms).await?;
    let details = Details {
        preset: draft.preset,
        passcode: draft.passcode.is_some(),
        known_passcode: terms::passcode(draft).map(Passcode::new),
        records: gathered.holds.iter().map(|category| category.count).sum(),
        categories: gathered.holds,
        max_openings: draft.max_openings,
        content: gathered.content,
        starts: checked.start,
        terms: Some(checked.terms),
        draft: Some(ShareDraft { passcode: None, ..draft.clone() }),
        ..Details::default()
    };
    Ok(Prepared {
        id: GrantId::from_bytes(random()?),
        link_id: LinkId::from_bytes(random()?),
        relay,
        profile: profile.id,
        draft: ShareDraft { passcode: None, ..draft.clone() },
        created_at,
        expires: checked.expires,
        held_back: gathered.held_back,
        supersedes: None,
        details,
        bundle: gathered.bundle,
        readable: Some(gathered.readable),
        verifying: Some(verifying),
    })
}

/// Whether anything is held back that is true, but for the records of these numbers, which go in all the same: what was
/// entered in error says nothing.
pub(super) fn holds_back(choice: &Choice, in_anyway: &HashSet<i64>) -> bool {
    choice.held_back(in_anyway).any(|(_, reason)| *reason != HeldBackReason::Error)
}

/// What the reader is told of it, if the person wants that.
pub(super) fn left_out(tell: bool, held_back: bool) -> LeftOut {
    match (tell, held_back) {
        (false, _) => LeftOut::NotStated,
        (true, true) => LeftOut::Something,
        (true, false) => LeftOut::Nothing,
    }
}

/// Signs and encrypts a share, and stores it together with the message that publishes it, in place of the job that it
/// was, if it was one. A share that was stopped meanwhile is not made.
async fn seal_and_queue(inner: &Inner, mut prepared: Prepared, policy: &PinnedPolicy, job: Option<i64>) -> Result<()> {
    let address = inner.address(&prepared.relay).await?;
    let secrets = inner.vault().await?.keys().derive_grant(&prepared.id)?;
    let given = grant(&prepared, &secrets, policy)?;
    let document = (std::mem::take(&mut prepared.bundle), prepared.readable.take());
    let terms = prepared.details.terms()?;
    let plan = Plan::new(given, document, terms, &secrets)?;
    let made = plan.carry_out().await?;
    prepared.verify().await?;
    let terms = prepared.details.terms()?;
    let Prepared { id, draft, .. } = &prepared;
    let details = Details { log: log_name(policy)?, revision: 1, ..prepared.details.clone() };
    let publish = made.publish(&details, terms, &secrets)?;
    // A link that was given out before stays as it is.
    let sha256 = job.is_none().then(|| made.sealed.signed.sha256());
    let link = prepared.link(&secrets, &address, sha256)?;
    let row = GrantRow {
        id: *id,
        profile: prepared.profile,
        signed: made.sealed.signed.as_bytes().to_vec(),
        bundle: Some(made.document),
        link: SecretString::from(link.to_uri()),
        relay_url: prepared.relay.clone(),
        link_id: prepared.link_id.to_string(),
        commitment_r: made.commitment_r,
        commitment_index: None,
        status: GrantStatus::Waiting,
        recipient: made.sealed.grant.recipient.name.map_or_else(String::new, |name| name.as_str().to_owned()),
        purpose: terms::purpose(draft.preset, prepared.asked()?.as_ref()).as_str().to_owned(),
        created_at: prepared.created_at,
        expires: prepared.expires,
        details: details.to_json()?,
    };
    let publishing = Job::Publish {
        grant: *id,
        relay: prepared.relay.clone(),
        link: prepared.link_id.clone(),
        body: Box::new(publish),
    };
    let fresh = publishing;
    let publishing = lean(fresh.clone());

    let _changing = inner.changing.lock().await;
    let vault = inner.vault().await?;
    let mut batch = Batch::new(now());
    if let Some(job) = job {
        if !waiting(&vault).await?.iter().any(|(waiting, _)| *waiting == job) {
            return Ok(());
        }
        batch.queue_done(job);
    }
    batch.put_grant(row).set_unsealed(id, Some(made.unsealed)).queue_put(publishing.kind(), publishing.to_bytes());
    vault.apply(batch).await?;
    inner.caught_up_with(id);
    lock(&inner.fresh).replace(fresh);
    Ok(())
}

/// What is signed.
fn grant(prepared: &Prepared, secrets: &GrantSecrets, policy: &PinnedPolicy) -> Result<GrantDraft> {
    let draft = &prepared.draft;
    let terms = prepared.details.terms()?;
    let asked = prepared.asked()?;
    let request =
        asked.as_ref().map(|asked| RequestRef { by: asked.received.request.by.clone(), sha256: asked.received.sha256 });
    Ok(GrantDraft {
        id: prepared.id,
        granter: Granter::Patient,
        recipient: terms::recipient(draft, asked.as_ref())?,
        request,
        purpose: terms::purpose(draft.preset, asked.as_ref()),
        what: terms.scope(left_out(terms.tell_left_out, prepared.held_back), terms::labels_in(&prepared.bundle))?,
        how: terms.modes(asked.as_ref()),
        not_before: prepared.details.starts,
        expires: prepared.expires,
        max_openings: draft.max_openings,
        erase_by: draft.erase_by,
        obligations: terms::obligations_of(&draft.obligations),
        notice: Notice { language: Language::new(NOTICE_LANGUAGE)?, version: Notice::VERSION },
        withdrawal_tag: WithdrawalSecret::from_bytes(*secrets.expose_withdrawal_secret()).tag(),
        ledger: LedgerRef { policy_sha256: policy.sha256 },
        max_stale: DEFAULT_MAX_STALE,
        supersedes: prepared.supersedes,
    })
}

/// The name of the log that commitments go into.
pub(super) fn log_name(policy: &PinnedPolicy) -> Result<String> {
    let policy = Policy::parse(&policy.text)?;
    let log = policy.logs().iter().map(|log| log.key.name()).find(|name| name.ends_with(COMMITMENTS_ORIGIN_SUFFIX));
    log.map(str::to_owned).ok_or(Error::RelayWrong("its policy names no log for commitments"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Quiet, WalletOptions};
    use carnet_bridge::{Attention, Passphrase, Settings, SharePreset, ShareStatus, ShareWhy};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_share_whose_time_is_over_before_its_relay_was_reached_stays_listed_until_it_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let options = WalletOptions { scrypt_log_n: Some(2), sync_every: None, ..WalletOptions::default() };
        let wallet = crate::Wallet::new(folder.path().join("wallet"), options);
        wallet.create(&Passphrase::new("correct horse battery".into()), "").await.unwrap();
        let spec = carnet_records::generator::PatientSpec { seed: 7, resources: 40, ..Default::default() };
        let file = folder.path().join("patient.json");
        std::fs::write(&file, carnet_records::generator::patient_bytes(&spec)).unwrap();
        wallet.import(&[file], &Quiet).await.unwrap();
        let settings = wallet.settings().await.unwrap();
        wallet.change_settings(Settings { relay: "http://127.0.0.1:9".to_owned(), ..settings }).await.unwrap();
        let share = wallet.share(&ShareDraft::new(SharePreset::Desk)).await.unwrap();
        assert_eq!((share.line.status, &share.line.why), (ShareStatus::Waiting, &None));
        assert_eq!(wallet.sync().await.unwrap().waiting, 1);

        // Time goes by.
        let vault = wallet.inner.vault().await.unwrap();
        let (job, mut prepared) = waiting(&vault).await.unwrap().remove(0);
        prepared.expires = now() - 1;
        vault.queue_done(job).await.unwrap();
        vault.queue_put(PREPARED, serde_json::to_vec(&prepared).unwrap(), now()).await.unwrap();
        drop(vault);

        assert_eq!(wallet.sync().await.unwrap().waiting, 0, "nothing goes out any more");
        assert!(!wallet.home().await.unwrap().attention.iter().any(|one| matches!(one, Attention::Waiting { .. })));
        let line = wallet.shares().await.unwrap().remove(0);
        assert_eq!((line.id, line.status), (share.line.id.clone(), ShareStatus::Expired));
        assert_eq!((line.waiting, line.why), (false, Some(ShareWhy::NeverSent)));
        assert_eq!(wallet.stop_sharing(&share.line.id).await.unwrap().line.why, None);
        assert!(wallet.shares().await.unwrap().is_empty());
    }
}
