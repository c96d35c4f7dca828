//! A request for somebody's records, written in one wallet and answered in another.

use crate::support::{Saving, ask, empty, filled, options, passphrase};
use carnet_consent::request::Request as Asked;
use carnet_wallet::bridge::{
    AskedShare, FailureCode, Reply, Request, RequestDraft, RequestField, RequestProblem, ShareObligation, SharePreset,
    WrittenRequest,
};
use carnet_wallet::{Error, Quiet, REQUEST_PREFIX, Wallet};

fn draft() -> RequestDraft {
    RequestDraft {
        purpose: "FAMRQT".to_owned(),
        categories: Some(vec!["allergy".to_owned(), "medicine".to_owned()]),
        since: Some("2020".to_owned()),
        until: Some("2026-05".to_owned()),
        seconds: 604_800,
        max_openings: Some(5),
        obligations: vec![ShareObligation::NoRedisclosure],
        live: true,
        ..RequestDraft::new(" Ana Example ")
    }
}

async fn write(wallet: &Wallet, draft: RequestDraft) -> WrittenRequest {
    match ask(wallet, Request::WriteRequest(draft)).await {
        Reply::Written(written) => *written,
        other => panic!("{other:?}"),
    }
}

async fn read(wallet: &Wallet, text: &str) -> AskedShare {
    match ask(wallet, Request::ReadRequest { text: text.to_owned() }).await {
        Reply::Asked(asked) => *asked,
        other => panic!("{other:?}"),
    }
}

/// The key that signed a request.
fn signer(text: &str) -> [u8; 32] {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(REQUEST_PREFIX).unwrap()).unwrap();
    Asked::read(&bytes).unwrap().signed_by.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_wallet_asks_another_reads_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let asking = empty(&folder.path().join("asking")).await;
    let written = write(&asking, draft()).await;
    assert!(written.text.starts_with(REQUEST_PREFIX) && written.qr.len() > 20);
    assert!(written.qr.iter().all(|row| row.len() == written.qr.len()));

    let giving = filled(folder.path(), 40).await;
    let asked = read(&giving, &written.text).await;
    assert_eq!(asked, written.asked, "who asks sees what is read");
    assert_eq!((asked.by.as_str(), asked.signed, asked.purpose.as_str()), ("Ana Example", true, "FAMRQT"));
    assert_eq!((asked.categories, asked.seconds), (draft().categories, 604_800));
    assert_eq!((asked.since.as_deref(), asked.until.as_deref()), (Some("2020"), Some("2026-05")));
    assert_eq!((asked.max_openings, asked.obligations), (Some(5), draft().obligations));
    assert_eq!((asked.draft.live, asked.draft.preset), (true, SharePreset::Custom));
    assert!(asked.draft.choice.sensitive.is_empty());
    giving.shutdown().await.unwrap();
    asking.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requests_of_a_wallet_are_signed_by_one_key_that_its_backup_brings_back() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let (first, second) = (write(&wallet, draft()).await, write(&wallet, draft()).await);
    assert_ne!(first.text, second.text, "two requests are never the same");
    let key = signer(&first.text);
    assert_eq!(signer(&second.text), key);
    let other = empty(&folder.path().join("other")).await;
    assert_ne!(signer(&write(&other, draft()).await.text), key, "another wallet has another key");

    let (backup, words) = (folder.path().join("backup.age"), wallet.recovery_words().await.unwrap().join(" "));
    wallet.back_up(&backup).await.unwrap();
    wallet.shutdown().await.unwrap();
    let restored = Wallet::new(folder.path().join("restored"), options());
    restored.restore(&backup, &words, &passphrase()).await.unwrap();
    assert_eq!(signer(&write(&restored, draft()).await.text), key);
    restored.lock().await.unwrap();
    let locked = restored.handle(Request::WriteRequest(draft()), &Quiet).await.unwrap_err();
    assert_eq!(locked.code, FailureCode::Locked);
    other.shutdown().await.unwrap();
    restored.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_told_with_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let nameless = RequestDraft { by: String::new(), ..draft() };
    let refused = wallet.write_request(&nameless).await.unwrap_err();
    let missing = matches!(refused, Error::Asking { field: RequestField::By, problem: RequestProblem::Missing });
    assert!(missing, "{refused}");
    let late = RequestDraft { until: Some("2019".to_owned()), ..draft() };
    let failure = wallet.handle(Request::WriteRequest(late), &Quiet).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::Invalid);
    assert!(failure.message.contains("The last date is before the first one."), "{}", failure.message);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_saved_as_a_file_that_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let text = write(&wallet, draft()).await.text;
    let host = Saving::at(folder.path().join("ask.txt"));
    let save = Request::SaveText { name: "carnet-request.txt".to_owned(), text: text.clone() };
    assert!(matches!(wallet.handle(save, &host).await, Ok(Reply::Done)));
    let held = std::fs::read_to_string(&host.path).unwrap();
    assert_eq!(held, text);
    assert_eq!(read(&wallet, &held).await.by, "Ana Example");
    wallet.shutdown().await.unwrap();
}
