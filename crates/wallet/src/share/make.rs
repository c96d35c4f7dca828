//! Making a share: summary, grant, ciphertext, link, and the message that publishes it.

use super::choice::{self, Choice};
use super::details::Details;
use crate::clock::{now, random};
use crate::export::{address_only, outgoing};
use crate::relay::PinnedPolicy;
use crate::settings::profile;
use crate::wallet::Inner;
use crate::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use carnet_bridge::{CategoryCount, ShareDraft, SharePreset};
use carnet_consent::GrantId;
use carnet_consent::anchor::COMMITMENTS_ORIGIN_SUFFIX;
use carnet_consent::bundle::{SealRequest, Sealed, seal};
use carnet_consent::control::{FileStatus, LinkId, PasscodeVerifier, Publish, PublishFile, paths};
use carnet_consent::grant::{
    Category, Content, DEFAULT_MAX_STALE, Format, GrantDraft, GrantKey, Granter, IdentifiedBy, Language, LedgerRef,
    LeftOut, Member, Modes, Name, Notice, Purpose, Recipient, RecipientClass, Scope, Set,
};
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_records::ips::assemble;
use carnet_records::outgoing::{OutRecord, OutRequest};
use carnet_sync::Job;
use carnet_vault::{
    Batch, GrantRow, GrantSecrets, GrantStatus, Profile, ProfileId, RecordQuery, RecordRow, StoredRecord, Vault,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use smart_health::manifest::FHIR_JSON;
use smart_health::{ContentKey, Flags, Label, ManifestUrl, SmartHealthLink, jwe};
use tlog::policy::Policy;
use zeroize::Zeroizing;

/// The shortest and the longest time a share can be opened, in seconds: a minute, and the 30 days of a journey.
const SECONDS: std::ops::RangeInclusive<i64> = 60..=30 * 86_400;
/// The fewest characters of a passcode.
const MIN_PASSCODE_CHARS: usize = 4;
/// Rounds of PBKDF2 over a passcode.
const PASSCODE_ROUNDS: u32 = 100_000;
/// How many wrong passcodes end a share.
const PASSCODE_ATTEMPTS: u32 = 10;
/// So many seconds until a relay that was never reached is asked again.
const SEAL_AGAIN: i64 = 30;
/// The version of the notice that the person sees when sharing.
const NOTICE_VERSION: u32 = 1;
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
    profile: ProfileId,
    pub(crate) draft: ShareDraft,
    language: String,
    pub(crate) created_at: i64,
    pub(crate) details: Details,
    bundle: serde_json::Value,
}

/// What is needed to seal and encrypt, apart from the vault.
struct Plan {
    draft: GrantDraft,
    key: GrantKey,
    content_key: ContentKey,
    commitment_r: [u8; 32],
    iv: [u8; 12],
    salt: [u8; 16],
    passcode: Option<Zeroizing<String>>,
    now: i64,
}

/// What a thread that may take its time makes of it.
struct Made {
    sealed: Sealed,
    /// The sealed document, as it was encrypted.
    document: Vec<u8>,
    jwe: String,
    verifier: Option<PasscodeVerifier>,
}

/// Makes a share and stores it together with the message that publishes it, or, if its relay was never reached yet,
/// with what is needed to sign it then.
pub(super) async fn make(inner: &Inner, draft: &ShareDraft) -> Result<GrantId> {
    check(draft)?;
    let relay = inner.chosen_relay(&*inner.vault().await?).await?;
    let policy = match inner.policy(&relay).await {
        Ok(policy) => Some(policy),
        Err(Error::RelayAway) => None,
        Err(error) => return Err(error),
    };
    let prepared = prepare(inner, relay, draft).await?;
    let id = prepared.id;
    match policy {
        Some(policy) => seal_and_queue(inner, prepared, &policy, None).await?,
        None => {
            let body = serde_json::to_vec(&prepared).map_err(|_| Error::Internal("keeping a share"))?;
            inner.vault().await?.queue_put(PREPARED, body, now()).await?;
        }
    }
    Ok(id)
}

/// Signs the shares that waited for their relay to be reached for the first time.
pub(crate) async fn seal_waiting(inner: &Inner, all: bool) -> Result<()> {
    let jobs = inner.vault().await?.queue_due(if all { i64::MAX } else { now() }).await?;
    for job in jobs.into_iter().filter(|job| job.kind == PREPARED) {
        let prepared: Prepared =
            serde_json::from_slice(&job.body).map_err(|_| Error::Internal("reading a share that waits"))?;
        if prepared.expires() <= now() {
            inner.vault().await?.queue_done(job.id).await?;
            continue;
        }
        match inner.policy(&prepared.relay).await {
            Ok(policy) => seal_and_queue(inner, prepared, &policy, Some(job.id)).await?,
            Err(error @ (Error::Locked | Error::Vault(_))) => return Err(error),
            // Away, or not a relay: a hotel's sign-in page answers in its place. Either may be otherwise later.
            Err(_) => inner.vault().await?.queue_retry(job.id, now() + SEAL_AGAIN).await?,
        }
    }
    Ok(())
}

/// The shares that are not signed yet, each with the number of its job.
pub(crate) async fn waiting(vault: &Vault) -> Result<Vec<(i64, Prepared)>> {
    if vault.queue_len().await? == 0 {
        return Ok(Vec::new());
    }
    let jobs = vault.queue_due(i64::MAX).await?;
    let prepared = jobs.iter().filter(|job| job.kind == PREPARED);
    prepared
        .map(|job| match serde_json::from_slice(&job.body) {
            Ok(prepared) => Ok((job.id, prepared)),
            Err(_) => Err(Error::Internal("reading a share that waits")),
        })
        .collect()
}

impl Prepared {
    pub(crate) fn expires(&self) -> i64 {
        self.created_at.saturating_add(self.draft.seconds)
    }

    /// The link, at the address where its relay is reached. A share that waits does not know the hash of its grant yet.
    pub(crate) fn link(
        &self,
        secrets: &GrantSecrets,
        address: &str,
        grant_sha256: Option<[u8; 32]>,
    ) -> Result<SmartHealthLink> {
        Ok(SmartHealthLink::new(
            ManifestUrl::new(format!("{address}{}", paths::link(&self.link_id)))?,
            ContentKey::from_bytes(*secrets.expose_content_key()),
            Some(self.expires()),
            flags(&self.draft),
            Some(Label::new(LABEL)?),
            grant_sha256,
        )?)
    }
}

/// Chooses the records and puts the document together.
async fn prepare(inner: &Inner, relay: String, draft: &ShareDraft) -> Result<Prepared> {
    let vault = inner.vault().await?;
    let profile = profile(&vault).await?;
    let choice = choice::choose(&vault, profile.id, &choice::selection(draft)?).await?;
    if choice.selected.is_empty() {
        return Err(Error::NothingSelected);
    }
    let (created_at, language) = (now(), inner.options.language.clone());
    let Document { bundle, holds } = document(&vault, &profile, &choice, created_at, language.clone()).await?;
    let details = Details {
        passcode: draft.passcode.is_some(),
        records: holds.iter().map(|category| category.count).sum(),
        categories: holds,
        max_openings: draft.max_openings,
        ..Details::default()
    };
    if details.records == 0 {
        return Err(Error::NothingSelected);
    }
    // What cannot be signed later is refused now.
    recipient(draft)?;
    scope(draft)?;
    Ok(Prepared {
        id: GrantId::from_bytes(random()?),
        link_id: LinkId::from_bytes(random()?),
        relay,
        profile: profile.id,
        draft: draft.clone(),
        language,
        created_at,
        details,
        bundle,
    })
}

/// The summary of a choice, not sealed yet.
pub(super) struct Document {
    bundle: serde_json::Value,
    /// How many of each category it holds: a few that were chosen have no place in a summary.
    pub(super) holds: Vec<CategoryCount>,
}

/// Puts the summary of a choice together, on a thread that may take its time.
pub(super) async fn document(
    vault: &Vault,
    profile: &Profile,
    choice: &Choice,
    now: i64,
    language: String,
) -> Result<Document> {
    let patient = patient_of(vault, choice, &profile.name).await?;
    let mut records = originals(vault, profile.id, choice.selected.iter().chain(&choice.supporting)).await?;
    let withheld = withheld(vault, profile.id, choice).await?;
    let (documents, urls) = (choice.documents, choice.withheld_urls.clone());
    if documents {
        inline_files(vault, &mut records).await?;
    }
    let bundle_id = random()?;
    let assembling = tokio::task::spawn_blocking(move || {
        let given: Vec<OutRecord<'_>> = records.iter().map(outgoing).collect();
        let withheld: Vec<OutRecord<'_>> =
            withheld.iter().map(outgoing).chain(urls.iter().map(|url| address_only(url))).collect();
        let language = language.as_str();
        let assembled = assemble(&OutRequest {
            patient: &patient,
            records: &given,
            now,
            bundle_id,
            language,
            withheld: &withheld,
            documents,
        })?;
        Ok::<_, Error>((assembled, records))
    });
    let (assembled, records) = assembling.await.map_err(|_| Error::Internal("making a share"))??;
    Ok(Document { holds: shared(choice, &records, &assembled.included), bundle: assembled.bundle })
}

/// Signs and encrypts a share, and stores it together with the message that publishes it, in place of the job that it
/// was, if it was one. A share that was stopped meanwhile is not made.
async fn seal_and_queue(inner: &Inner, prepared: Prepared, policy: &PinnedPolicy, job: Option<i64>) -> Result<()> {
    let address = inner.address(&prepared.relay).await?;
    let secrets = inner.vault().await?.keys().derive_grant(&prepared.id)?;
    let plan = plan(&prepared, &secrets, policy)?;
    let (withdrawal_tag, commitment_r) = (plan.draft.withdrawal_tag, plan.commitment_r);
    let bundle = prepared.bundle.clone();
    let making = tokio::task::spawn_blocking(move || plan.carry_out(bundle));
    let made = making.await.map_err(|_| Error::Internal("making a share"))??;
    let Prepared { id, draft, .. } = &prepared;
    let publish = Publish {
        flags: flags(draft).to_string(),
        expires: prepared.expires(),
        not_before: None,
        max_openings: draft.max_openings,
        passcode: made.verifier,
        passcode_attempts: draft.passcode.as_ref().map(|_| PASSCODE_ATTEMPTS),
        files: vec![PublishFile { content_type: FHIR_JSON.to_owned(), jwe: made.jwe }],
        status: Some(FileStatus::Finalized),
        receipt_recipient: secrets.receipt_recipient()?,
        withdrawal_tag,
        commitment: made.sealed.commitment,
        revision: 0,
    };
    publish.check(now())?;
    // A link that was given out before stays as it is.
    let sha256 = job.is_none().then(|| made.sealed.signed.sha256());
    let link = prepared.link(&secrets, &address, sha256)?;
    let details = Details { log: log_name(policy)?, ..prepared.details.clone() };
    let grant = GrantRow {
        id: *id,
        profile: prepared.profile,
        signed: made.sealed.signed.as_bytes().to_vec(),
        bundle: Some(made.document),
        link: SecretString::from(link.to_uri()),
        relay_url: prepared.relay.clone(),
        link_id: prepared.link_id.to_string(),
        commitment_r,
        commitment_index: None,
        status: GrantStatus::Waiting,
        recipient: draft.recipient.trim().to_owned(),
        purpose: made.sealed.grant.purpose.as_str().to_owned(),
        created_at: prepared.created_at,
        expires: prepared.expires(),
        details: details.to_json()?,
    };
    let publishing = Job::Publish {
        grant: *id,
        relay: prepared.relay.clone(),
        link: prepared.link_id.clone(),
        body: Box::new(publish),
    };

    let _changing = inner.changing.lock().await;
    let vault = inner.vault().await?;
    let mut batch = Batch::new(now());
    if let Some(job) = job {
        if !waiting(&vault).await?.iter().any(|(waiting, _)| *waiting == job) {
            return Ok(());
        }
        batch.queue_done(job);
    }
    batch.put_grant(grant).queue_put(publishing.kind(), publishing.to_bytes());
    vault.apply(batch).await?;
    Ok(())
}

fn check(draft: &ShareDraft) -> Result<()> {
    if !SECONDS.contains(&draft.seconds) {
        return Err(Error::Draft("it must be open for a minute at least and 30 days at most"));
    }
    if draft.max_openings == Some(0) {
        return Err(Error::Draft("it must be possible to open it once at least"));
    }
    if draft.passcode.as_ref().is_some_and(|passcode| passcode.chars().count() < MIN_PASSCODE_CHARS) {
        return Err(Error::Draft("the passcode is shorter than four characters"));
    }
    Ok(())
}

/// At the desk a reader fetches one file at once; with a passcode it must ask for the manifest first.
fn flags(draft: &ShareDraft) -> Flags {
    let passcode = draft.passcode.is_some();
    Flags { long_term: false, passcode, direct: draft.preset == SharePreset::Desk && !passcode }
}

fn plan(prepared: &Prepared, secrets: &GrantSecrets, policy: &PinnedPolicy) -> Result<Plan> {
    let draft = &prepared.draft;
    let grant = GrantDraft {
        id: prepared.id,
        granter: Granter::Patient,
        recipient: recipient(draft)?,
        request: None,
        purpose: Purpose::Treatment,
        what: scope(draft)?,
        how: Modes { access: Set::all(), formats: Set::from_iter([Format::Ips]) },
        not_before: prepared.created_at,
        expires: prepared.expires(),
        max_openings: draft.max_openings,
        erase_by: None,
        obligations: Set::default(),
        notice: Notice { language: Language::new(&prepared.language)?, version: NOTICE_VERSION },
        withdrawal_tag: WithdrawalSecret::from_bytes(*secrets.expose_withdrawal_secret()).tag(),
        ledger: LedgerRef { policy_sha256: policy.sha256 },
        max_stale: DEFAULT_MAX_STALE,
        supersedes: None,
    };
    Ok(Plan {
        draft: grant,
        key: GrantKey::from_seed(*secrets.expose_signing_seed()),
        content_key: ContentKey::from_bytes(*secrets.expose_content_key()),
        commitment_r: random()?,
        iv: random()?,
        salt: random()?,
        passcode: draft.passcode.clone().map(Zeroizing::new),
        now: now(),
    })
}

fn recipient(draft: &ShareDraft) -> Result<Recipient> {
    let name = draft.recipient.trim();
    let (class, name, identified_by) = if name.is_empty() {
        (RecipientClass::Anyone, None, IdentifiedBy::Nothing)
    } else {
        (RecipientClass::Person, Some(Name::new(name)?), IdentifiedBy::Patient)
    };
    Ok(Recipient { class, name, identified_by, key: None })
}

fn scope(draft: &ShareDraft) -> Result<Scope> {
    let category = |name: &String| Category::from_word(name).ok_or(Error::NoSuch("category"));
    let categories = draft.categories.as_ref().map(|names| names.iter().map(category).collect::<Result<Set<_>>>());
    Ok(Scope {
        categories: categories.transpose()?,
        leaves_out: if draft.include_sensitive { Set::default() } else { Set::all() },
        left_out: LeftOut::NotStated,
        content: Content::Snapshot,
        ..Scope::all_but_sensitive()
    })
}

impl Plan {
    /// Seals and encrypts. Takes as long as the records are many.
    fn carry_out(self, bundle: serde_json::Value) -> Result<Made> {
        let sealed = seal(SealRequest {
            bundle,
            grant: self.draft,
            key: &self.key,
            commitment_r: self.commitment_r,
            now: self.now,
        })?;
        let document = serde_json::to_vec(&sealed.bundle).map_err(|_| Error::Internal("writing the summary"))?;
        let jwe = jwe::encrypt(&self.content_key, self.iv, FHIR_JSON, &document);
        let verifier = self.passcode.as_ref().map(|p| PasscodeVerifier::new(p, self.salt.to_vec(), PASSCODE_ROUNDS));
        Ok(Made { sealed, document, jwe, verifier: verifier.transpose()? })
    }
}

/// The patient's record, or one that only says the name that the wallet knows.
pub(crate) async fn patient_of(vault: &Vault, choice: &Choice, name: &str) -> Result<Vec<u8>> {
    match &choice.patient {
        Some(row) => Ok(vault.original(row.id).await?),
        None if name.is_empty() => Err(Error::NobodyNamed),
        None => {
            let patient = json!({"resourceType": "Patient", "id": "self", "name": [{"text": name}]});
            Ok(patient.to_string().into_bytes())
        }
    }
}

/// The exact bytes of these records.
pub(crate) async fn originals(
    vault: &Vault,
    profile: ProfileId,
    rows: impl Iterator<Item = &RecordRow>,
) -> Result<Vec<StoredRecord>> {
    let ids: Vec<i64> = rows.map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vault.originals(&RecordQuery { ids: Some(ids), ..RecordQuery::new(profile) }).await?)
}

/// What is held back and others may refer to. Only what these records are is asked for, so their files stay in the store.
pub(crate) async fn withheld(vault: &Vault, profile: ProfileId, choice: &Choice) -> Result<Vec<StoredRecord>> {
    let ids: Vec<i64> = choice.withheld.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vault.slim(&RecordQuery { ids: Some(ids), ..RecordQuery::new(profile) }).await?)
}

/// Puts the files that documents have in the vault's store into the documents themselves: outside, nothing else leads to
/// them.
pub(crate) async fn inline_files(vault: &Vault, records: &mut [StoredRecord]) -> Result<()> {
    for stored in records.iter_mut().filter(|stored| stored.row.index.resource_type == "DocumentReference") {
        let mut resource = crate::records::parse(&stored.original)?;
        let contents = resource.get_mut("content").and_then(serde_json::Value::as_array_mut);
        let mut changed = false;
        for attachment in
            contents.into_iter().flatten().filter_map(|content| content.get_mut("attachment")?.as_object_mut())
        {
            let url = attachment.get("url").and_then(serde_json::Value::as_str).unwrap_or_default();
            if let Some(sha256) = crate::sheet::stored_hash(url) {
                let bytes = vault.attachment(&sha256).await?;
                attachment.insert("data".to_owned(), STANDARD.encode(bytes).into());
                attachment.shift_remove("url");
                changed = true;
            }
        }
        if changed {
            stored.original = resource.to_string().into_bytes();
        }
    }
    Ok(())
}

/// How many records of each category are in the document, of those that were selected.
fn shared(choice: &Choice, records: &[StoredRecord], included: &[usize]) -> Vec<CategoryCount> {
    let selected: std::collections::HashSet<i64> = choice.selected.iter().map(|row| row.id).collect();
    let rows = included.iter().filter_map(|at| records.get(*at)).map(|stored| &stored.row);
    choice::by_category(rows.filter(|row: &&RecordRow| selected.contains(&row.id)))
}

/// The name of the log that commitments go into.
fn log_name(policy: &PinnedPolicy) -> Result<String> {
    let policy = Policy::parse(&policy.text)?;
    let log = policy.logs().iter().map(|log| log.key.name()).find(|name| name.ends_with(COMMITMENTS_ORIGIN_SUFFIX));
    log.map(str::to_owned).ok_or(Error::RelayWrong("its policy names no log for commitments"))
}
