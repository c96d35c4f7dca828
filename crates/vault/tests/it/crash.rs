//! Killed at any moment, the vault opens and holds each file wholly or not at all.
//!
//! The test starts itself as a child that imports one file after another, and kills it (SIGKILL) at a random moment.

use crate::support::{NOW, Sample, import_with, kill_at_work, options, passphrase};
use carnet_vault::{RecordQuery, Vault};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

const CHILD: &str = "CARNET_VAULT_CRASH_CHILD";
const ROUNDS: u64 = 30;
/// More than one batch.
const PER_FILE: u32 = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("vault");
    let created = Vault::create(&folder, &passphrase("right"), &options()).await.unwrap();
    let me = created.vault.add_profile("Maria", NOW).await.unwrap();
    created.vault.close().await.unwrap();

    let mut killed_at_work = 0;
    for round in 0..ROUNDS {
        kill_at_work("crash::child", CHILD, &folder, || acknowledged(&folder).len(), Duration::from_millis(120));
        let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
        assert_eq!(vault.journal_at_unlock().fault, None, "round {round}");
        let mut of_file: HashMap<String, u32> = HashMap::new();
        for row in vault.records(&RecordQuery::new(me)).await.unwrap() {
            *of_file.entry(row.source).or_default() += 1;
        }
        assert!(of_file.values().all(|count| *count == PER_FILE), "round {round}: {of_file:?}");
        let acknowledged = acknowledged(&folder);
        assert!(acknowledged.iter().all(|file| of_file.contains_key(file)), "round {round}: an import was lost");
        let accounts = vault.imports(u32::MAX).await.unwrap();
        assert_eq!(accounts.len(), of_file.len());
        assert!(accounts.iter().all(|import| !import.account.is_empty() && of_file.contains_key(&import.file_name)));
        let search = RecordQuery { text: Some("asth".into()), ..RecordQuery::new(me) };
        assert_eq!(vault.records(&search).await.unwrap().len(), of_file.len() * PER_FILE as usize);
        // Each file's attachment is there whole, and nothing else.
        let attachments = vault.attachments().await.unwrap();
        assert_eq!(attachments.len(), of_file.len(), "round {round}");
        assert_eq!(std::fs::read_dir(folder.join("blobs")).map_or(0, Iterator::count), of_file.len(), "round {round}");
        killed_at_work += u32::from(of_file.len() == acknowledged.len());
        if round % 10 == 9 {
            assert!(vault.check().await.unwrap().is_sound(), "round {round}");
        }
        vault.close().await.unwrap();
    }
    println!("{ROUNDS} kills, {killed_at_work} of them between two acknowledgements");
}

/// Not a test by itself: what is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by whole_or_not_at_all"]
async fn child() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    let me = vault.profiles().await.unwrap()[0].id;
    let mut next = vault.imports(1).await.unwrap().first().map_or(0, |import| import.id.0 as u32);
    loop {
        let name = format!("{next}.json");
        let samples: Vec<_> = (0..PER_FILE).map(|n| Sample::new(next * PER_FILE + n, "Asthma")).collect();
        // Of several chunks, so that a kill can come in the midst of writing it.
        let attachment = name.repeat(30_000).into_bytes();
        import_with(&vault, me, &name, &samples, Some(attachment)).await;
        // Appended only once the vault said that it is stored.
        use std::io::Write;
        let mut list = std::fs::File::options().append(true).create(true).open(list(&folder)).unwrap();
        writeln!(list, "{name}").unwrap();
        next += 1;
    }
}

fn acknowledged(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(list(folder)).unwrap_or_default();
    // The last line may be half written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(str::to_owned).collect()
}

fn list(folder: &Path) -> PathBuf {
    folder.with_file_name("acknowledged")
}
