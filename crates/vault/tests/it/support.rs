//! Vaults and records to test with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carnet_records::import::attachments::SMALLEST;
use carnet_records::index::index_record;
use carnet_vault::{
    CreateOptions, ImportId, ImportSource, ImportTx, Passphrase, ProfileId, PutOutcome, PutRecord, RecoveryPhrase,
    Vault,
};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const NOW: i64 = 1_700_000_000;

pub(crate) struct Made {
    pub(crate) dir: TempDir,
    pub(crate) vault: Vault,
    pub(crate) phrase: RecoveryPhrase,
    pub(crate) me: ProfileId,
}

impl Made {
    pub(crate) fn folder(&self) -> PathBuf {
        self.dir.path().join("vault")
    }
}

/// A vault with one person, and a key derivation that takes no time.
pub(crate) async fn made() -> Made {
    let dir = tempfile::tempdir().unwrap();
    let created = Vault::create(&dir.path().join("vault"), &passphrase("right"), &options()).await.unwrap();
    let me = created.vault.add_profile("Maria", NOW).await.unwrap();
    Made { dir, vault: created.vault, phrase: created.phrase, me }
}

pub(crate) fn options() -> CreateOptions {
    CreateOptions { now: NOW, scrypt_log_n: Some(2) }
}

pub(crate) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

/// Starts this program again as the test `child`, an ignored one that works without end on the folder that `variable` names,
/// and kills it (SIGKILL): once it has `acknowledged` something more, however slow this machine is today, and then at any
/// moment of the next `within`.
pub(crate) fn kill_at_work(
    child: &str,
    variable: &str,
    folder: &Path,
    acknowledged: impl Fn() -> usize,
    within: Duration,
) {
    let before = acknowledged();
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args([child, "--exact", "--ignored", "--nocapture"])
        .env(variable, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while acknowledged() == before && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(within.mul_f64(f64::from(getrandom::u32().unwrap()) / f64::from(u32::MAX)));
    process.kill().unwrap();
    let status = process.wait().unwrap();
    assert!(status.code().is_none(), "the child ended by itself: {status}");
}

/// A small resource; the same number is the same record, the same text the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sample {
    pub(crate) number: u32,
    pub(crate) text: String,
}

impl Sample {
    pub(crate) fn new(number: u32, text: &str) -> Self {
        Self { number, text: text.to_owned() }
    }

    pub(crate) fn identity(&self) -> [u8; 32] {
        Sha256::digest(self.number.to_be_bytes()).into()
    }

    pub(crate) fn original(&self) -> Vec<u8> {
        let day = self.number % 28 + 1;
        format!(
            "{{\n  \"resourceType\": \"Condition\",\n  \"id\": \"c{}\",\n  \"recordedDate\": \"2020-03-{day:02}\",\n  \
             \"subject\": {{\"reference\": \"Patient/p\"}},\n  \"code\": {{\"text\": \"{}\"}}\n}}",
            self.number, self.text
        )
        .into_bytes()
    }
}

/// Each file was changed a second after the one before.
static CHANGED: AtomicI64 = AtomicI64::new(NOW - 1_000_000);

pub(crate) fn source(file_name: &str, content: &[u8]) -> ImportSource {
    ImportSource {
        file_name: file_name.to_owned(),
        format: "fhir-json".to_owned(),
        sha256: Sha256::digest(content).into(),
        size: content.len() as u64,
        as_of: CHANGED.fetch_add(1, Ordering::Relaxed),
        now: NOW + 5,
    }
}

/// Imports samples as one file whose hash follows from its content.
pub(crate) async fn import(
    vault: &Vault,
    me: ProfileId,
    file: &str,
    samples: &[Sample],
) -> (ImportId, Vec<PutOutcome>) {
    import_with(vault, me, file, samples, None).await
}

/// The same of a file that was last changed then.
pub(crate) async fn import_as_of(vault: &Vault, me: ProfileId, file: &str, samples: &[Sample], as_of: i64) {
    let content: Vec<u8> = samples.iter().flat_map(Sample::original).collect();
    let mut import = vault.begin_import(me, ImportSource { as_of, ..source(file, &content) }).await.unwrap();
    put_all(&mut import, samples).await;
    import.commit("{}").await.unwrap();
}

async fn put_all(import: &mut ImportTx<'_>, samples: &[Sample]) -> Vec<PutOutcome> {
    let mut outcomes = Vec::new();
    for sample in samples {
        let original = sample.original();
        let url = format!("urn:example:{}", sample.number);
        let put = PutRecord {
            full_url: Some(url),
            ..PutRecord::new(sample.identity(), original.clone(), index_record(&original).unwrap())
        };
        outcomes.push(import.put(put).await.unwrap());
    }
    outcomes
}

/// The same with an attachment, which is stored first.
pub(crate) async fn import_with(
    vault: &Vault,
    me: ProfileId,
    file: &str,
    samples: &[Sample],
    attachment: Option<Vec<u8>>,
) -> (ImportId, Vec<PutOutcome>) {
    let content: Vec<u8> = samples.iter().flat_map(Sample::original).collect();
    let mut import = vault.begin_import(me, source(file, &content)).await.unwrap();
    if let Some(bytes) = attachment {
        let sha256 = Sha256::digest(&bytes).into();
        import.put_attachment(sha256, "text/plain", std::io::Cursor::new(bytes)).await.unwrap();
    }
    let outcomes = put_all(&mut import, samples).await;
    (import.commit("{\"entries\":[]}").await.unwrap(), outcomes)
}

/// A document with a scan inside, large enough to lie in the store.
pub(crate) fn scan(id: &str, byte: u8) -> Vec<u8> {
    let data = STANDARD.encode(vec![byte; SMALLEST]);
    format!(
        r#"{{"resourceType":"DocumentReference","id":"{id}","content":[{{"attachment":{{"contentType":"application/pdf","data":"{data}"}}}}]}}"#
    )
    .into_bytes()
}

/// Imports such documents as one file.
pub(crate) async fn import_scans(vault: &Vault, me: ProfileId, file: &str, scans: &[Vec<u8>]) -> Vec<PutOutcome> {
    let mut tx = vault.begin_import(me, source(file, &scans.concat())).await.unwrap();
    let mut outcomes = Vec::new();
    for original in scans {
        let id: serde_json::Value = serde_json::from_slice(original).unwrap();
        let put = PutRecord::new(
            Sha256::digest(id["id"].as_str().unwrap()).into(),
            original.clone(),
            index_record(original).unwrap(),
        );
        outcomes.push(tx.put(put).await.unwrap());
    }
    tx.commit("{}").await.unwrap();
    outcomes
}
