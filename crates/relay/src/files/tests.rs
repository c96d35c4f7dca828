//! The same promises from a folder and from a bucket of a real S3 server.

use super::*;
use crate::Error;
use crate::config::{S3, Secret};
use carnet_test_servers::S3 as Server;

#[test]
fn names_are_spread_over_all_parts() {
    let name = name().unwrap();
    assert_eq!((name.len(), path(&name)), (64, format!("files/{}/{name}", &name[..2])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_its_promises() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { data: folder.path().to_owned(), ..Config::default() };
    keeps_its_promises(&Files::open(&config).unwrap()).await;
}

#[cfg(feature = "server")]
#[test]
fn a_bucket_keeps_its_promises() {
    let server = Server::start();
    let with = |files: &str, key: &str| Config {
        files: Some(files.to_owned()),
        s3: S3 {
            endpoint: Some(server.endpoint()),
            access_key_id: Some(Server::KEY_ID.to_owned()),
            secret_access_key: Some(Secret::new(key)),
            ..S3::default()
        },
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for files in ["s3://carnet", "s3://carnet/some/where"] {
            keeps_its_promises(&Files::open(&with(files, Server::KEY)).unwrap()).await;
        }
        // The server checks signatures, and a refusal is no "not there".
        let stranger = Files::open(&with("s3://carnet", "another-key")).unwrap();
        assert!(matches!(stranger.get("files/00/x").await, Err(Error::Files(_))));
        assert!(!stranger.answers().await);
    });
}

async fn keeps_its_promises(files: &Files) {
    assert!(files.answers().await);
    let names: Vec<String> = (0..5).map(|n| format!("ab{n:062}")).collect();
    for name in &names {
        assert_eq!(files.get(&path(name)).await.unwrap(), None);
        files.put(path(name), name.clone().into_bytes()).await.unwrap();
        assert_eq!(files.get(&path(name)).await.unwrap().as_deref(), Some(name.as_bytes()));
    }
    // A minute ahead or so is as much as two clocks may differ here.
    let old = |age| async move {
        let mut found = files.older_than(0xab, Duration::from_secs(age)).await.unwrap();
        found.sort();
        found
    };
    assert!(old(3_600).await.is_empty(), "none is that old");
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(old(1).await, names);
    assert!(files.older_than(0xac, Duration::from_secs(1)).await.unwrap().is_empty(), "another part");
    let gone: Vec<String> = names[1..3].iter().map(|name| path(name)).collect();
    files.remove(gone.clone()).await.unwrap();
    files.remove(gone).await.unwrap();
    assert_eq!(old(1).await, [names[0].clone(), names[3].clone(), names[4].clone()]);
    let tile = |name: &str| (format!("ledger/a/tile/0/{name}"), vec![7; 32]);
    files.put_all(vec![tile("000.p/1"), tile("000.p/2"), tile("000")]).await.unwrap();
    files.remove_below("ledger/a/tile/0/000.p").await.unwrap();
    files.remove_below("ledger/a/tile/0/000.p").await.unwrap();
    assert_eq!(files.get("ledger/a/tile/0/000.p/2").await.unwrap(), None);
    assert_eq!(files.get("ledger/a/tile/0/000").await.unwrap().as_deref(), Some(&[7; 32][..]));
}
