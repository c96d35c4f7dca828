//! A file held against the rules of its format, from the terminal's side and the interface's.

use crate::support::Saving;
use carnet_wallet::bridge::{BROKEN_MOST, FailureCode, FileCheck, Reply, Request, RuleLevel, ShareFormat};
use carnet_wallet::{Error, Quiet, Wallet, WalletOptions, check_file};
use std::path::Path;

/// A wallet without a vault: none is needed.
fn nobody(folder: &Path) -> Wallet {
    Wallet::new(folder.join("nobody"), WalletOptions::default())
}

async fn check(path: &Path, format: Option<ShareFormat>) -> Result<FileCheck, FailureCode> {
    let host = Saving::at(path.to_owned());
    let wallet = nobody(path.parent().unwrap());
    match wallet.handle(Request::CheckFile { format }, &host).await {
        Ok(Reply::FileChecked(found)) => Ok(found),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure.code),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_held_against_the_rules_that_it_says_are_its() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("found.json");
    for (kind, format) in [("document", ShareFormat::Ips), ("collection", ShareFormat::Ktc)] {
        std::fs::write(&path, format!("\u{feff}{{\"resourceType\":\"Bundle\",\"type\":\"{kind}\"}}")).unwrap();
        let found = check(&path, None).await.unwrap();
        assert_eq!((found.format, found.name.as_str()), (format, "found.json"));
        assert!(found.errors > 0 && found.broken.iter().all(|rule| rule.spec.starts_with("https://")), "{found:?}");
        let levels: Vec<_> = found.broken.iter().map(|rule| rule.level == RuleLevel::Warning).collect();
        assert!(levels.is_sorted(), "errors first: {found:?}");
        let same = check_file(&path, Some(format)).unwrap();
        assert_eq!(same.broken.len() as u64, found.errors + found.warnings);
        // Named, the other's rules are taken all the same.
        let other = if format == ShareFormat::Ips { ShareFormat::Ktc } else { ShareFormat::Ips };
        assert_eq!(check(&path, Some(other)).await.unwrap().format, other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_document_is_told_and_a_closed_dialog_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    for (bytes, code) in [
        (&b"%PDF-1.7"[..], FailureCode::File),
        (b"", FailureCode::File),
        (b"[1]", FailureCode::Invalid),
        (br#"{"type":"searchset"}"#, FailureCode::Invalid),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(check(&path, None).await.unwrap_err(), code, "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(check(&folder.path().join("absent.json"), None).await.unwrap_err(), FailureCode::File);
    let closed = nobody(folder.path()).handle(Request::CheckFile { format: None }, &Quiet).await.unwrap_err();
    assert_eq!(closed.code, FailureCode::Cancelled);
    // Larger than what is read: refused before memory is spent on it.
    let large = std::fs::File::create(&path).unwrap();
    large.set_len((256 << 20) + 1).unwrap();
    assert!(matches!(check_file(&path, None), Err(Error::NotADocument("it is too large"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_of_broken_rules_is_counted_and_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.json");
    let entries = vec![r#"{"search":{}}"#; 2 * BROKEN_MOST].join(",");
    std::fs::write(&path, format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}"#)).unwrap();
    let found = check(&path, None).await.unwrap();
    assert_eq!(found.broken.len(), BROKEN_MOST);
    assert!(found.errors > 2 * BROKEN_MOST as u64, "{}", found.errors);
}
