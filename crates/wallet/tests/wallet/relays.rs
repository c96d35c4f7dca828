//! Relays that refuse, or answer what cannot be: what the person is told of it.

use crate::support::{Operator, draft, filled};
use carnet_wallet::bridge::{RelayFault, ShareDetail, ShareDraft, SharePreset, ShareStatus, ShareWhy};
use carnet_wallet::open_link;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const DAY: i64 = 86_400;

fn visit() -> ShareDraft {
    ShareDraft { passcode: Some("4711".to_owned()), ..draft(SharePreset::Visit) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_refuses_is_paused_or_not_made_and_says_who_did_it() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let share = wallet.share(&visit()).await.unwrap();
    let standing = async |share: &ShareDetail| {
        let line = wallet.share_detail(&share.line.id).await.unwrap().line;
        (line.status, line.why)
    };
    relay.away().await;
    let never = wallet.share(&visit()).await.unwrap();
    // From now on it takes nothing of any size.
    relay.back_as(|config| config.limits.body_bytes = 1 << 10).await;
    wallet.sync().await.unwrap();
    let (status, why) = standing(&never).await;
    assert!(status == ShareStatus::Stopped && matches!(&why, Some(ShareWhy::Refused(_))), "{status:?} {why:?}");

    let longer = wallet.extend_share(&share.line.id, 3 * DAY).await.unwrap();
    assert!(matches!(&longer.line.why, Some(ShareWhy::Refused(said)) if said.contains("refused")), "{longer:?}");
    assert_eq!(longer.line.status, ShareStatus::Paused);
    // Signed anew meanwhile, it is still paused because its relay refused.
    wallet.extend_share(&share.line.id, 4 * DAY).await.unwrap();
    assert!(matches!(standing(&share).await, (ShareStatus::Paused, Some(ShareWhy::Refused(_)))));
    // What the person does then is theirs.
    wallet.pause_share(&share.line.id, true).await.unwrap();
    assert_eq!(standing(&share).await, (ShareStatus::Paused, None));
    wallet.stop_sharing(&share.line.id).await.unwrap();
    assert_eq!(standing(&share).await, (ShareStatus::Stopped, None));
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

/// Answers in the place of a relay: with a receipt that nobody can open, and with trouble to all else.
async fn liar(at: SocketAddr) -> JoinHandle<()> {
    let listener = TcpListener::bind(at).await.unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut request, mut part) = (Vec::new(), [0; 4096]);
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut part).await {
                    Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request);
            let (status, body) = match request.lines().next().unwrap_or_default() {
                line if !line.contains("/receipts") => ("503 Service Unavailable", ""),
                line if line.contains("after=0") => {
                    ("200 OK", r#"{"receipts":[{"seq":1,"index":0,"sealed":"AAAA"}],"next":1}"#)
                }
                _ => ("200 OK", r#"{"receipts":[],"next":1}"#),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_is_kept_as_evidence_and_keeps_nothing_else_from_being_seen() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let share = wallet.share(&visit()).await.unwrap();
    let fault = async || wallet.shares().await.unwrap().remove(0).fault;
    assert_eq!(fault().await, None);

    // Away is no fault of anybody's.
    relay.away().await;
    wallet.openings().await.unwrap();
    assert_eq!(fault().await, None);

    let lies = liar(relay.address()).await;
    assert!(wallet.openings().await.unwrap().is_empty());
    lies.abort();
    let _ = lies.await;
    let found = fault().await;
    assert!(matches!(&found, Some(RelayFault::False(_))), "{found:?}");

    relay.back().await;
    open_link(&share.shlink, "Dr Example", Some("4711")).await.unwrap();
    assert_eq!(wallet.openings().await.unwrap().len(), 1, "the true receipt is learnt");
    assert_eq!(fault().await, found, "what it said before is not unsaid");
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_does_not_say_who_looked_is_named_until_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    wallet.share(&visit()).await.unwrap();
    let fault = async || {
        wallet.openings().await.unwrap();
        wallet.shares().await.unwrap().remove(0).fault
    };
    relay.replaced_by(folder.path().join("another")).await;
    let found = fault().await;
    assert!(matches!(&found, Some(RelayFault::Untold(_))), "{found:?}");
    relay.replaced_by(folder.path().join("relay")).await;
    assert_eq!(fault().await, None);
    wallet.shutdown().await.unwrap();
    relay.away().await;
}
