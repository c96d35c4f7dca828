//! Measures the vault beside what it is built on: import against a bare SQLCipher insert of the same bytes, search as it
//! is typed, unlock beside its key derivation.
//!
//! `cargo run --release -p carnet-vault --example measure [resources] [import]`, the second word to stop after the import.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

use carnet_records::index::index_record;
use carnet_vault::{CreateOptions, ImportSource, Passphrase, ProfileId, PutRecord, RecordQuery, Vault};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use std::path::Path;
use std::time::{Duration, Instant};

const NOW: i64 = 1_700_000_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let count: usize = std::env::args().nth(1).map_or(20_000, |text| text.parse().expect("a number of resources"));
    let resources: Vec<Vec<u8>> = (0..count).map(resource).collect();
    let bytes: usize = resources.iter().map(Vec::len).sum();
    println!("{count} resources, {:.1} MB", bytes as f64 / 1e6);

    let dir = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::new("correct horse battery staple".to_owned()).unwrap();
    // Alternating, so that a machine that slows down slows down both; the best of three counts.
    let (mut bare, mut full, mut parse) = (Duration::MAX, Duration::MAX, Duration::MAX);
    let mut kept = None;
    for round in 0..3 {
        bare = bare.min(bare_insert(&dir.path().join(format!("bare{round}.db")), &resources).await);
        let started = Instant::now();
        let words: usize = resources.iter().map(|resource| index_record(resource).unwrap().text.len()).sum();
        assert!(words > 0);
        parse = parse.min(started.elapsed());
        let folder = dir.path().join(format!("vault{round}"));
        let options = CreateOptions { now: NOW, scrypt_log_n: Some(2) };
        let vault = Vault::create(&folder, &passphrase, &options).await.unwrap().vault;
        let me = vault.add_profile("", NOW).await.unwrap();
        full = full.min(import(&vault, me, &resources).await);
        kept = Some((vault, me, folder));
    }
    let rate = |time: Duration| count as f64 / time.as_secs_f64();
    println!("bare SQLCipher insert            {bare:>9.1?}  {:>7.0}/s", rate(bare));
    println!("parse and index entry            {parse:>9.1?}  {:>7.0}/s", rate(parse));
    println!("import: parse, index, search     {full:>9.1?}  {:>7.0}/s", rate(full));
    println!("import to parse + bare           {:>9.2}", full.as_secs_f64() / (parse + bare).as_secs_f64());

    if std::env::args().nth(2).as_deref() == Some("import") {
        return;
    }
    let (vault, me, folder) = kept.unwrap();
    for text in ["h", "he", "hem", "hemoglobin", "blood pres", "zzz", "a", "mg/dL 7", ""] {
        let query = RecordQuery { text: Some(text.into()), limit: 50, ..RecordQuery::new(me) };
        let mut times: Vec<_> = Vec::new();
        let mut found = 0;
        for _ in 0..30 {
            let started = Instant::now();
            found = vault.records(&query).await.unwrap().len();
            times.push(started.elapsed());
        }
        times.sort();
        println!("search {text:<12?} page of {found:>2}   p50 {:>8.2?}  p95 {:>8.2?}", times[15], times[28]);
    }
    timed("import of the same file again", import(&vault, me, &resources)).await;
    timed("check of everything", async { assert!(vault.check().await.unwrap().is_sound()) }).await;
    let backup = dir.path().join("backup.age");
    timed("backup", vault.backup(&backup, NOW)).await.unwrap();
    println!("backup size {:.1} MB", std::fs::metadata(&backup).unwrap().len() as f64 / 1e6);
    let phrase = vault.recovery_phrase();
    let options = CreateOptions { now: NOW, scrypt_log_n: Some(2) };
    let copy = dir.path().join("restored");
    let restored = Vault::restore(&backup, &copy, &phrase, &passphrase, &options);
    timed("restore", restored).await.unwrap().close().await.unwrap();
    timed("rebuild of the index", vault.rebuild_index()).await.unwrap();
    vault.close().await.unwrap();
    println!("database {:.1} MB", std::fs::metadata(folder.join("vault.db")).unwrap().len() as f64 / 1e6);
    let opened = Vault::open(&folder, &passphrase, NOW);
    let vault = timed("unlock without its second of scrypt", opened).await.unwrap();
    timed("passphrase slot with measured scrypt", vault.change_passphrase(&passphrase, None, NOW)).await.unwrap();
    timed("key derivation alone", vault.check_passphrase(&passphrase)).await.unwrap();
    vault.close().await.unwrap();
    timed("unlock as a person does", Vault::open(&folder, &passphrase, NOW)).await.unwrap();
}

async fn timed<T>(what: &str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let result = work.await;
    println!("{what:<36} {:>9.1?}", started.elapsed());
    result
}

async fn import(vault: &Vault, me: ProfileId, resources: &[Vec<u8>]) -> Duration {
    let started = Instant::now();
    let source =
        ImportSource { file_name: "f".into(), format: "fhir".into(), sha256: [1; 32], size: 0, as_of: NOW, now: NOW };
    let mut import = vault.begin_import(me, source).await.unwrap();
    for (number, original) in resources.iter().enumerate() {
        let index = index_record(original).unwrap();
        let identity = Sha256::digest((number as u64).to_be_bytes()).into();
        import.put(PutRecord::new(identity, original.clone(), index)).await.unwrap();
    }
    import.commit("{}").await.unwrap();
    started.elapsed()
}

/// The same bytes into one table of an encrypted database, in one transaction, with the vault's settings.
async fn bare_insert(path: &Path, resources: &[Vec<u8>]) -> Duration {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true).disable_statement_logging();
    let mut connection = options.connect().await.unwrap();
    connection
        .execute(
            "PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\"; \
             PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA cache_size = -65536; CREATE TABLE bare (id INTEGER PRIMARY KEY, original BLOB NOT NULL)",
        )
        .await
        .unwrap();
    let started = Instant::now();
    let mut tx = connection.begin().await.unwrap();
    for chunk in resources.chunks(64) {
        let sql = format!("INSERT INTO bare (original) VALUES {}", vec!["(?)"; chunk.len()].join(","));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for original in chunk {
            query = query.bind(original.clone());
        }
        query.execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let took = started.elapsed();
    connection.close().await.unwrap();
    took
}

/// An Observation of about two kilobytes, as American hospital systems write them.
fn resource(number: usize) -> Vec<u8> {
    const KINDS: [(&str, &str, &str); 8] = [
        ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%"),
        ("8480-6", "Systolic blood pressure", "mm[Hg]"),
        ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL"),
        ("29463-7", "Body weight", "kg"),
        ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL"),
        ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL"),
        ("8867-4", "Heart rate", "/min"),
        ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL"),
    ];
    let (code, display, unit) = KINDS[number % KINDS.len()];
    let (year, month, day) = (2000 + number / 1000 % 24, number % 12 + 1, number % 28 + 1);
    let note = "Reviewed with the patient at the visit; no change of therapy, next control as agreed. ".repeat(9);
    format!(
        r#"{{"resourceType":"Observation","id":"obs-{number}","meta":{{"versionId":"1","lastUpdated":"{year}-{month:02}-{day:02}T10:00:00Z","profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]}},"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}","display":"{display}"}}],"text":"{display}"}},"subject":{{"reference":"Patient/p1","display":"Example Patient"}},"encounter":{{"reference":"Encounter/e{}"}},"effectiveDateTime":"{year}-{month:02}-{day:02}T09:{:02}:00+01:00","issued":"{year}-{month:02}-{day:02}T10:00:00.000+01:00","performer":[{{"reference":"Practitioner/x{}","display":"Dr Example {}"}}],"valueQuantity":{{"value":{}.{},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}},"referenceRange":[{{"low":{{"value":4.0,"unit":"{unit}"}},"high":{{"value":5.6,"unit":"{unit}"}},"text":"4.0-5.6"}}],"note":[{{"text":"{note}"}}]}}"#,
        number / 7,
        number % 60,
        number % 30,
        number % 30,
        number % 90,
        number % 10,
    )
    .into_bytes()
}
