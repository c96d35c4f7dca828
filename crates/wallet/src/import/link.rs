//! SMART Health Links of others: opened as any reader would, their files imported, and those that last asked again.

use super::file::{Found, Known, Origin, Reading};
use super::folder::file_name;
use super::found::{Held, Links, told};
use super::{LOOKED_INTO, Tell, empty_account};
use crate::clock::now;
use crate::{Error, Result, Wallet};
use carnet_bridge::{CategoryCount, CountUnit, FoundKind, ImportAccount, ImportReport, SkippedEntry};
use carnet_records::codes::Codes;
use carnet_records::import::Limits;
use carnet_vault::{Batch, Vault};
use serde::{Deserialize, Serialize};
use smart_health::SmartHealthLink;
use smart_health::manifest::Status;
use smart_health::reader::Options;
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use zeroize::Zeroizing;

/// Where the vault keeps the links that are asked again.
const FOLLOWED: &str = "followed_links";
/// The most of them.
const MOST: usize = 100;
/// A link is asked again after so many seconds, or later if its server says so.
const ASK_AGAIN: i64 = 3600;
/// Who opens a link where the wallet does not know the person's name.
const SOMEBODY: &str = "The patient";

/// A link whose files may change.
#[derive(Serialize, Deserialize)]
struct Followed {
    link: Zeroizing<String>,
    passcode: Option<Zeroizing<String>>,
    /// When to ask next, Unix seconds.
    next: i64,
}

impl Wallet {
    /// Opens somebody's link as a reader would and imports what it holds; one whose files may change is asked again from
    /// time to time. The account sums up its files, its paths begin with the file's number. `allow_loopback`: also where it
    /// leads to this machine over plain `http`, because its own person typed it.
    ///
    /// # Errors
    /// [`Error::Link`] if it is no link; [`Error::Sync`] if it cannot be opened: ended, withdrawn, a passcode missing or
    /// wrong, no network. Else as [`Wallet::import`].
    pub async fn import_shared(
        &self,
        link: &str,
        passcode: Option<&str>,
        allow_loopback: bool,
    ) -> Result<ImportAccount> {
        let _alone = self.inner.importing.alone().await;
        let known = self.known().await?;
        let mut links = Links::default();
        let account = self.import_link(link, passcode, allow_loopback, known, &mut links, &|_, _, _| {}).await?.account;
        self.inner.records_changed().await;
        Ok(account)
    }

    pub(super) async fn import_link(
        &self,
        text: &str,
        passcode: Option<&str>,
        allow_loopback: bool,
        known: Known,
        links: &mut Links,
        tell: &Tell<'_>,
    ) -> Result<ImportReport> {
        let link = SmartHealthLink::parse(text)?;
        // By itself the wallet asks nothing of this machine but its own relay.
        let is_known_here = !link.url.is_loopback()
            || self.inner.options.loopback_links
            || self.inner.is_own_relay(link.url.as_str()).await?;
        let allow_loopback = allow_loopback || is_known_here;
        let (label, host) = told(&link);
        let name = if label.is_empty() { host } else { label };
        let who = self.settings().await?.name;
        let who = if who.is_empty() { SOMEBODY.to_owned() } else { who };
        let options = Options { allow_loopback, ..Options::new(who, Some(now())) };
        let opened = carnet_sync::open_link(link, options, passcode).await?.opened;
        let mut sum = Sum::new(&name);
        for (number, file) in (1..).zip(opened.files) {
            let vault = self.inner.vault().await?;
            let origin = Origin::Bytes(file.bytes.into());
            let mut in_file = Links::default();
            let one = match self.import_origin(&vault, &name, origin, known.clone(), &mut in_file, tell).await {
                Ok(report) => Ok(report),
                Err(error @ (Error::Vault(carnet_vault::Error::Damaged) | Error::Locked | Error::Cancelled)) => {
                    return Err(error);
                }
                Err(error) => Err(error.to_string()),
            };
            sum.add(number, one);
            links.append(in_file);
            tell(u64::from(number), 0, CountUnit::Entries);
        }
        // Older servers do not say whether a long-term link may change; then it may.
        let is_final = matches!(opened.status, Some(Status::Finalized | Status::NoLongerValid));
        if opened.flags.long_term && !is_final && is_known_here {
            let next = now() + opened.poll_after.map_or(ASK_AGAIN, |after| i64::from(after).max(ASK_AGAIN));
            let passcode = passcode.map(|passcode| Zeroizing::new(passcode.to_owned()));
            let followed = Followed { link: Zeroizing::new(text.trim().to_owned()), passcode, next };
            follow(&*self.inner.vault().await?, followed).await?;
        }
        let report = sum.report()?;
        Ok(ImportReport { links: links.told(), ..report })
    }

    /// Asks the links again whose time has come; gives how many entries are new. One that has ended is asked no more; one
    /// that cannot be reached is asked later.
    pub(crate) async fn refresh_links(&self) -> Result<u64> {
        let due: Vec<Followed> = {
            let vault = self.inner.vault().await?;
            followed(&vault).await?.into_iter().filter(|followed| followed.next <= now()).collect()
        };
        let mut new = 0;
        for mut one in due {
            // Whoever is importing goes first.
            let Ok(_alone) = self.inner.importing.one_at_a_time.try_lock() else { break };
            let known = self.known().await?;
            let passcode = one.passcode.as_ref().map(|passcode| passcode.as_str());
            // Links in what it holds were asked about when it was opened.
            match self.import_link(&one.link, passcode, false, known, &mut Links::default(), &|_, _, _| {}).await {
                Ok(report) => {
                    new += report.account.imported + report.account.narrative_only;
                    continue;
                }
                Err(Error::Sync(error)) if error.is_away() => {
                    one.next = now() + ASK_AGAIN;
                    follow(&*self.inner.vault().await?, one).await?;
                }
                Err(Error::Sync(_) | Error::Link(_)) => unfollow(&*self.inner.vault().await?, &one.link).await?,
                Err(error) => return Err(error),
            }
        }
        if new > 0 {
            self.inner.records_changed().await;
        }
        Ok(new)
    }
}

/// The link in a file of any kind that is imported: a picture of its QR code, a letter, a web page, an archive of such.
/// Nothing is opened.
///
/// # Errors
/// [`Error::Link`] if there is none, [`Error::ManyLinks`] if there are several; if the file cannot be read.
pub fn link_in_file(path: &Path) -> Result<Zeroizing<String>> {
    let mut links = links_in_file(path)?;
    match links.len() {
        0 => Err(Error::Link(smart_health::Error::NotALink)),
        1 => Ok(links.swap_remove(0)),
        many => Err(Error::ManyLinks(many)),
    }
}

/// The links in a file, at most 32, each once; see [`link_in_file`]. Secrets.
///
/// # Errors
/// If the file cannot be read, or is larger than 64 MiB. A file that is no use otherwise holds none.
pub fn links_in_file(path: &Path) -> Result<Vec<Zeroizing<String>>> {
    let origin = Origin::Path(path.to_owned());
    let (_, length) = origin.open()?;
    if length > LOOKED_INTO {
        return Err(carnet_records::Error::TooLarge { limit_mib: LOOKED_INTO >> 20 }.into());
    }
    let (known, never, limits) = (Known::default(), AtomicBool::new(false), Limits::default());
    let name = file_name(path);
    let reading = Reading { name: &name, now: now(), limits: &limits, known: &known, cancelled: &never };
    let mut links = Links::default();
    let read = reading.read(&origin, &mut |found| {
        if let Found::Link(link) = found {
            links.push(link);
        }
        ControlFlow::Continue(())
    });
    if let Err(error @ Error::File { .. }) = read {
        return Err(error);
    }
    if links.is_empty() {
        // Whatever else it is, it is looked through as a text.
        let mut bytes = Zeroizing::new(Vec::new());
        let (file, _) = origin.open()?;
        file.take(LOOKED_INTO).read_to_end(&mut bytes).map_err(Error::file("Reading the file"))?;
        Codes::in_file(&bytes).links.iter().for_each(|link| links.push(Held::new(String::new(), link)));
    }
    let held = links.into_held().into_iter().filter(|held| held.about.kind == FoundKind::Records);
    Ok(held.map(|held| held.link).collect())
}

/// The sum of a link's files.
struct Sum {
    report: ImportReport,
    categories: BTreeMap<String, u64>,
    formats: Vec<String>,
    refused: Vec<String>,
}

impl Sum {
    fn new(name: &str) -> Self {
        let report = ImportReport::from(empty_account(name, "SMART Health Link".to_owned()));
        Self { report, categories: BTreeMap::new(), formats: Vec::new(), refused: Vec::new() }
    }

    fn add(&mut self, number: u32, one: Result<ImportReport, String>) {
        let one = match one {
            Ok(one) => one,
            Err(refused) => return self.refused.push(refused),
        };
        let named = |entry: SkippedEntry| SkippedEntry { path: format!("file {number}: {}", entry.path), ..entry };
        let (sum, account) = (&mut self.report.account, one.account);
        sum.entries += account.entries;
        sum.imported += account.imported;
        sum.already_present += account.already_present;
        sum.narrative_only += account.narrative_only;
        sum.skipped.extend(account.skipped.into_iter().map(named));
        self.report.as_text.extend(one.as_text.into_iter().map(named));
        self.report.notes.extend(one.notes);
        self.report.attachments += one.attachments;
        self.report.id = one.id;
        self.formats.push(account.format);
        for CategoryCount { category, count } in one.categories {
            *self.categories.entry(category).or_default() += count;
        }
    }

    fn report(mut self) -> Result<ImportReport> {
        if self.formats.is_empty() {
            self.report.account.error = Some(match self.refused.into_iter().next() {
                Some(refused) => refused,
                None => Error::EmptyLink.to_string(),
            });
            return Ok(self.report);
        }
        self.report.account.format = format!("SMART Health Link: {}", self.formats.join(", "));
        self.report.notes.extend(self.refused);
        let count = |(category, count)| CategoryCount { category, count };
        self.report.categories = self.categories.into_iter().map(count).collect();
        Ok(self.report)
    }
}

async fn followed(vault: &Vault) -> Result<Vec<Followed>> {
    let Some(json) = vault.setting(FOLLOWED).await? else { return Ok(Vec::new()) };
    serde_json::from_str(&json).map_err(|_| Error::Internal("the links that are asked again"))
}

async fn follow(vault: &Vault, one: Followed) -> Result<()> {
    let mut all = followed(vault).await?;
    all.retain(|other| other.link != one.link);
    all.push(one);
    let surplus = all.len().saturating_sub(MOST);
    all.drain(..surplus);
    keep(vault, &all).await
}

async fn unfollow(vault: &Vault, link: &Zeroizing<String>) -> Result<()> {
    let mut all = followed(vault).await?;
    all.retain(|other| other.link != *link);
    keep(vault, &all).await
}

async fn keep(vault: &Vault, all: &[Followed]) -> Result<()> {
    let json = Zeroizing::new(serde_json::to_string(all).map_err(|_| Error::Internal("a link"))?);
    let mut batch = Batch::new(now());
    batch.set_setting(FOLLOWED, Some(&json));
    vault.apply(batch).await?;
    Ok(())
}
