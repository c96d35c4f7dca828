//! Making a share: summary, grant, ciphertext, link, and the message that publishes it.

use super::choice::{self, Choice};
use super::details::Details;
use crate::clock::{now, random};
use crate::relay::PinnedPolicy;
use crate::settings::profile;
use crate::wallet::Inner;
use crate::{Error, Result};
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
use carnet_records::ips::{IpsRecord, IpsRequest, assemble};
use carnet_sync::Job;
use carnet_vault::{
    Batch, GrantRow, GrantSecrets, GrantStatus, ProfileId, RecordQuery, RecordRow, StoredRecord, Vault,
};
use secrecy::SecretString;
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
/// The version of the notice that the person sees when sharing.
const NOTICE_VERSION: u32 = 1;
/// What readers show as the name of the link.
const LABEL: &str = "Patient summary";

/// What is decided before the document is made.
struct Plan {
    link_id: LinkId,
    draft: GrantDraft,
    key: GrantKey,
    content_key: ContentKey,
    commitment_r: [u8; 32],
    iv: [u8; 12],
    bundle_id: [u8; 16],
    language: String,
    passcode: Option<Zeroizing<String>>,
    salt: [u8; 16],
    now: i64,
}

/// What a thread that may take its time makes of it.
struct Made {
    sealed: Sealed,
    /// The sealed document, as it was encrypted.
    document: Vec<u8>,
    jwe: String,
    verifier: Option<PasscodeVerifier>,
    /// Positions of the records that are in it.
    included: Vec<usize>,
}

/// Makes a share and stores it together with the message that publishes it.
pub(super) async fn make(inner: &Inner, draft: &ShareDraft) -> Result<GrantId> {
    check(draft)?;
    let relay = inner.chosen_relay(&*inner.vault().await?).await?;
    let policy = inner.policy(&relay).await?;
    let address = inner.address(&relay).await?;

    let vault = inner.vault().await?;
    let profile = profile(&vault).await?;
    let choice = choice::choose(&vault, profile.id, draft).await?;
    if choice.selected.is_empty() {
        return Err(Error::NothingSelected);
    }
    let patient = patient(&vault, &choice, &profile.name).await?;
    let records = originals(&vault, profile.id, &choice).await?;
    let id = GrantId::from_bytes(random()?);
    let secrets = vault.keys().derive_grant(&id)?;
    let plan = plan(id, draft, &secrets, &policy, inner.options.language.clone())?;
    let flags = flags(draft);
    let publish = Publish {
        flags: flags.to_string(),
        expires: plan.draft.expires,
        not_before: None,
        max_openings: draft.max_openings,
        passcode: None,
        passcode_attempts: draft.passcode.as_ref().map(|_| PASSCODE_ATTEMPTS),
        files: Vec::new(),
        status: Some(FileStatus::Finalized),
        receipt_recipient: secrets.receipt_recipient()?,
        withdrawal_tag: plan.draft.withdrawal_tag,
        commitment: carnet_consent::anchor::Commitment([0; 33]),
    };
    let (link_id, created_at) = (plan.link_id.clone(), plan.now);
    let commitment_r = plan.commitment_r;
    let making = tokio::task::spawn_blocking(move || plan.carry_out(&patient, records));
    let (made, records) = making.await.map_err(|_| Error::Internal("making a share"))??;

    let publish = Publish {
        passcode: made.verifier,
        files: vec![PublishFile { content_type: FHIR_JSON.to_owned(), jwe: made.jwe }],
        commitment: made.sealed.commitment,
        ..publish
    };
    publish.check(now())?;
    let expires = publish.expires;
    let shared = shared(&choice, &records, &made.included);
    let details = Details {
        passcode: draft.passcode.is_some(),
        records: shared.iter().map(|category| category.count).sum(),
        categories: shared,
        max_openings: draft.max_openings,
        log: log_name(&policy)?,
        ..Details::default()
    };
    if details.records == 0 {
        return Err(Error::NothingSelected);
    }
    let link = SmartHealthLink::new(
        ManifestUrl::new(format!("{address}{}", paths::link(&link_id)))?,
        ContentKey::from_bytes(*secrets.expose_content_key()),
        Some(expires),
        flags,
        Some(Label::new(LABEL)?),
        Some(made.sealed.signed.sha256()),
    )?;
    let job = Job::Publish { grant: id, relay: relay.clone(), link: link_id.clone(), body: Box::new(publish) };
    let mut batch = Batch::new(now());
    batch
        .put_grant(GrantRow {
            id,
            profile: profile.id,
            signed: made.sealed.signed.as_bytes().to_vec(),
            bundle: Some(made.document),
            link: SecretString::from(link.to_uri()),
            relay_url: relay,
            link_id: link_id.to_string(),
            commitment_r,
            commitment_index: None,
            status: GrantStatus::Waiting,
            recipient: draft.recipient.trim().to_owned(),
            purpose: made.sealed.grant.purpose.as_str().to_owned(),
            created_at,
            expires,
            details: details.to_json()?,
        })
        .queue_put(job.kind(), job.to_bytes());
    vault.apply(batch).await?;
    Ok(id)
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

fn plan(
    id: GrantId,
    draft: &ShareDraft,
    secrets: &GrantSecrets,
    policy: &PinnedPolicy,
    language: String,
) -> Result<Plan> {
    let now = now();
    let grant = GrantDraft {
        id,
        granter: Granter::Patient,
        recipient: recipient(draft)?,
        request: None,
        purpose: Purpose::Treatment,
        what: scope(draft)?,
        how: Modes { access: Set::all(), formats: Set::from_iter([Format::Ips]) },
        not_before: now,
        expires: now.saturating_add(draft.seconds),
        max_openings: draft.max_openings,
        erase_by: None,
        obligations: Set::default(),
        notice: Notice { language: Language::new(&language)?, version: NOTICE_VERSION },
        withdrawal_tag: WithdrawalSecret::from_bytes(*secrets.expose_withdrawal_secret()).tag(),
        ledger: LedgerRef { policy_sha256: policy.sha256 },
        max_stale: DEFAULT_MAX_STALE,
    };
    Ok(Plan {
        link_id: LinkId::from_bytes(random()?),
        draft: grant,
        key: GrantKey::from_seed(*secrets.expose_signing_seed()),
        content_key: ContentKey::from_bytes(*secrets.expose_content_key()),
        commitment_r: random()?,
        iv: random()?,
        bundle_id: random()?,
        language,
        passcode: draft.passcode.clone().map(Zeroizing::new),
        salt: random()?,
        now,
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
    /// Puts the summary together, seals and encrypts it. Takes as long as the records are many.
    fn carry_out(self, patient: &[u8], records: Vec<StoredRecord>) -> Result<(Made, Vec<StoredRecord>)> {
        let given: Vec<IpsRecord<'_>> = records
            .iter()
            .map(|stored| IpsRecord { full_url: stored.row.full_url.as_deref(), original: &stored.original })
            .collect();
        let language = self.language.as_str();
        let request = IpsRequest { patient, records: &given, now: self.now, bundle_id: self.bundle_id, language };
        let assembled = assemble(&request)?;
        let sealed = seal(SealRequest {
            bundle: assembled.bundle,
            grant: self.draft,
            key: &self.key,
            commitment_r: self.commitment_r,
            now: self.now,
        })?;
        let document = serde_json::to_vec(&sealed.bundle).map_err(|_| Error::Internal("writing the summary"))?;
        let jwe = jwe::encrypt(&self.content_key, self.iv, FHIR_JSON, &document);
        let verifier = self.passcode.as_ref().map(|p| PasscodeVerifier::new(p, self.salt.to_vec(), PASSCODE_ROUNDS));
        let verifier = verifier.transpose()?;
        Ok((Made { sealed, document, jwe, verifier, included: assembled.included }, records))
    }
}

/// The patient's record, or one that only says the name that the wallet knows.
async fn patient(vault: &Vault, choice: &Choice, name: &str) -> Result<Vec<u8>> {
    match &choice.patient {
        Some(row) => Ok(vault.record(row.id).await?.original),
        None if name.is_empty() => Err(Error::NobodyNamed),
        None => {
            let patient = json!({"resourceType": "Patient", "id": "self", "name": [{"text": name}]});
            Ok(patient.to_string().into_bytes())
        }
    }
}

async fn originals(vault: &Vault, profile: ProfileId, choice: &Choice) -> Result<Vec<StoredRecord>> {
    let ids = choice.selected.iter().chain(&choice.supporting).map(|row| row.id).collect();
    Ok(vault.originals(&RecordQuery { ids: Some(ids), ..RecordQuery::new(profile) }).await?)
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
