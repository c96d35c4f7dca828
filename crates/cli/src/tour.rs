//! `tour`: the whole line with a made-up person, saying what it does at each step.
//!
//! Nothing is staged: the vault, the relay, the ledger and the checks are the ones that everybody uses. All of it lies in
//! a temporary folder and is gone afterwards.

use crate::clock::local_time;
use crate::error::{Error, Exit, Result};
use crate::open::tell;
use crate::out::{Out, clean};
use crate::{notice, qr};
use carnet_records::generator::{PatientSpec, patient_bytes};
use carnet_relay::{Config, Relay};
use carnet_wallet::bridge::{Passphrase, RecordFilter, Settings, ShareDetail, ShareDraft, SharePreset, ShareStatus};
use carnet_wallet::{Quiet, Standing, Wallet, WalletOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const DOCTOR: &str = "Dr Example, Harbour Clinic";

pub(crate) async fn tour(out: &mut Out) -> Result<Exit> {
    let place = tempfile::tempdir().map_err(Error::Start)?;
    let mut tour = Tour { out, step: 0, told: Vec::new(), started: Instant::now() };
    let relay_data = place.path().join("relay");
    tour.step("A relay starts on this machine. It will hold ciphertext and a public ledger, and can read nothing.")?;
    // Heads are signed each 200 ms, so that nobody has to wait for the ledger.
    let listen = ([127, 0, 0, 1], 0).into();
    let config = Config { listen, data: relay_data, checkpoint_interval_ms: 200, ..Config::default() };
    let relay = Relay::start(config).await?;
    tour.done(format!("It is at {}.", relay.public_url))?;
    let wallet =
        Wallet::new(place.path().join("wallet"), WalletOptions { sync_every: None, ..WalletOptions::default() });
    let played = tour.play(&wallet, &relay.public_url, place.path()).await;
    // Both are closed however the tour went; its own end matters more than theirs.
    let closed = wallet.shutdown().await;
    relay.shutdown().await;
    played?;
    closed?;
    tour.out.line("\nThat was all of it. The vault, the relay and the made-up person are gone now.")?;
    let told = std::mem::take(&mut tour.told);
    tour.out.json(&json!({ "steps": told }))?;
    Ok(Exit::Done)
}

struct Tour<'a> {
    out: &'a mut Out,
    step: u32,
    told: Vec<Value>,
    started: Instant,
}

impl Tour<'_> {
    async fn play(&mut self, wallet: &Wallet, relay: &str, place: &Path) -> Result<()> {
        self.make_vault(wallet, relay).await?;
        self.import(wallet, place).await?;
        let share = self.share(wallet).await?;
        self.doctor_opens(wallet, &share).await?;
        self.stop(wallet, &share).await
    }

    async fn make_vault(&mut self, wallet: &Wallet, relay: &str) -> Result<()> {
        self.step("The patient makes a vault: one encrypted file, opened by a passphrase, rescued by 24 words.")?;
        wallet.create(&Passphrase::new("a passphrase for the tour".to_owned()), "").await?;
        let settings = wallet.settings().await?;
        wallet.change_settings(Settings { relay: relay.to_owned(), ..settings }).await?;
        let words = wallet.recovery_words().await?;
        self.done(format!("The words begin \"{} …\".", words.iter().take(3).cloned().collect::<Vec<_>>().join(" ")))
    }

    async fn import(&mut self, wallet: &Wallet, place: &Path) -> Result<()> {
        self.step("A hospital hands out a file of health records (FHIR R4), and the patient imports it.")?;
        let file = place.join("hospital.json");
        let spec = PatientSpec { seed: 7, resources: 400, names: Some("en"), ..PatientSpec::default() };
        std::fs::write(&file, patient_bytes(&spec)).map_err(Error::file("written", &file))?;
        self.started = Instant::now();
        let accounts = wallet.import(std::slice::from_ref(&file), &Quiet).await?;
        let account = accounts.first().ok_or(Error::Tour("the import gave no account"))?;
        if account.error.is_some() || account.imported == 0 {
            return Err(Error::Tour("the file was not imported"));
        }
        self.done(format!(
            "{} entries: {} imported, {} skipped. Every one is accounted for.",
            account.entries,
            account.imported,
            account.skipped.len()
        ))?;
        self.step("The patient looks for a medicine.")?;
        let page = wallet
            .records(&RecordFilter { category: Some("medicine".to_owned()), limit: 1, ..RecordFilter::default() })
            .await?;
        let first = page.lines.first().ok_or(Error::Tour("there is no medicine"))?;
        self.done(format!("{} of them, the newest is {}.", page.total, clean(&first.title)))
    }

    async fn share(&mut self, wallet: &Wallet) -> Result<ShareDetail> {
        self.step(
            "At the desk the patient shares a summary for 15 minutes: signed, encrypted, committed to the ledger.",
        )?;
        let draft =
            ShareDraft { recipient: DOCTOR.to_owned(), max_openings: Some(5), ..ShareDraft::new(SharePreset::Desk) };
        // What the grant says was shown is shown here as well.
        notice::show(&wallet.preview_share(&draft).await?.notice, self.out)?;
        let share = wallet.share(&draft).await?;
        if share.line.status != ShareStatus::Live {
            return Err(Error::Tour("the relay did not take the share"));
        }
        self.wait_for_ledger(wallet, &share.line.id).await?;
        self.done(format!(
            "{} records, until {}. This QR is what the doctor scans:",
            share.line.records,
            local_time(share.line.expires)
        ))?;
        self.out.line(qr::encode(&share.link)?.to_terminal())?;
        Ok(share)
    }

    /// The ledger signs its head a moment after an entry; the wallet then fetches the proof and checks it.
    async fn wait_for_ledger(&self, wallet: &Wallet, id: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(15);
        while Instant::now() < deadline {
            wallet.sync().await?;
            if wallet.share_detail(id).await?.ledger.is_some_and(|place| place.proven) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Error::Tour("the ledger did not sign the grant's entry"))
    }

    async fn doctor_opens(&mut self, wallet: &Wallet, share: &ShareDetail) -> Result<()> {
        self.step("The doctor scans it. The relay writes a receipt to the ledger first, then serves the ciphertext.")?;
        let opened = carnet_wallet::open_link(&share.link, DOCTOR, None).await?;
        let (_, verification) = opened.document.ok_or(Error::Tour("there is no document behind the link"))?;
        if verification.standing() != Standing::Good {
            return Err(Error::Tour("the document could not be verified"));
        }
        self.done("The key was in the QR alone. The doctor's side checked:")?;
        tell(&verification, self.out)?;
        self.step("The patient asks who looked.")?;
        let openings = wallet.openings().await?;
        let opening =
            openings.first().filter(|opening| opening.recipient == DOCTOR).ok_or(Error::Tour("no receipt came"))?;
        self.done(format!("{}, {}.", clean(&opening.recipient), local_time(opening.at)))
    }

    async fn stop(&mut self, wallet: &Wallet, share: &ShareDetail) -> Result<()> {
        self.step("The patient stops the share: 32 bytes are published that only the patient had.")?;
        let stopped = wallet.stop_sharing(&share.line.id).await?;
        if stopped.line.status != ShareStatus::Stopped {
            return Err(Error::Tour("the relay did not hear of the stop"));
        }
        self.done("The relay knows, and its ledger cannot forget.")?;
        self.step("The doctor scans the same QR again.")?;
        match carnet_wallet::open_link(&share.link, DOCTOR, None).await {
            Ok(_) => Err(Error::Tour("a stopped share was served")),
            Err(error) => self.done(format!("\"{error}\"")),
        }
    }

    /// Says what is about to happen.
    fn step(&mut self, what: &str) -> Result<()> {
        self.step += 1;
        self.started = Instant::now();
        self.told.push(json!({ "step": self.step, "what": what }));
        self.out.line(format!("\n{}. {what}", self.step))
    }

    /// Says what came of it, and how long it took.
    fn done(&mut self, what: impl AsRef<str>) -> Result<()> {
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(Value::Object(step)) = self.told.last_mut() {
            step.insert("result".to_owned(), json!(what.as_ref()));
            step.insert("millis".to_owned(), json!(millis));
        }
        self.out.line(format!("   {} ({millis} ms)", what.as_ref()))
    }
}
