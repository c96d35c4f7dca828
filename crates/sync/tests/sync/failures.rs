//! What the control plane's answers mean, down to cut, slow, endless and senseless ones.

use crate::canned::{Canned, Given, given, nobody, start_raw};
use carnet_consent::anchor::Commitment;
use carnet_consent::control::{ControlToken, LinkId, Publish, PublishFile, Revision};
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_sync::{Error, Reason, RelayClient, Timeouts};
use std::time::Duration;

pub(crate) fn link_id() -> LinkId {
    LinkId::from_bytes([9; 32])
}

pub(crate) fn token() -> ControlToken {
    ControlToken::from_bytes([8; 32])
}

pub(crate) fn publish(expires: i64) -> Publish {
    Publish {
        flags: "U".to_owned(),
        expires,
        not_before: None,
        max_openings: None,
        passcode: None,
        passcode_attempts: None,
        files: vec![PublishFile {
            content_type: "application/fhir+json".to_owned(),
            jwe: "e30..AAAA.AAAA.AAAA".to_owned(),
        }],
        status: None,
        receipt_recipient: format!("age1{}", "q".repeat(58)),
        withdrawal_tag: [1; 32],
        commitment: Commitment([1; 33]),
        revision: 0,
    }
}

fn quick(url: &str) -> RelayClient {
    let timeouts = Timeouts {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(400),
        whole: Duration::from_millis(1_500),
    };
    RelayClient::with_timeouts(url, timeouts).unwrap()
}

async fn state_of(url: &str) -> Error {
    quick(url).state(&link_id(), &token()).await.unwrap_err()
}

fn reason(error: &Error) -> Option<Reason> {
    match error {
        Error::RelayAway { reason } => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn every_call_goes_where_the_contract_says() {
    let relay = Canned::start().await;
    let client = RelayClient::new(&format!("{}/", relay.url())).unwrap();
    let (id, token) = (link_id(), token());
    relay.put(&format!("PUT /control/{id}"), given(200, r#"{"commitment_index":7,"expires":99}"#));
    let state = r#"{"live":true,"openings":2,"expires":99,"paused":false,"withdrawn":false,"exhausted":false,"commitment_index":7}"#;
    for line in ["GET /control/{id}", "POST /control/{id}/pause", "POST /control/{id}/resume"] {
        relay.put(&line.replace("{id}", &id.to_string()), given(200, state));
    }
    relay.put("POST /withdrawals", given(200, r#"{"index":3}"#));
    relay.put("POST /commitments", given(200, r#"{"index":8}"#));

    let published = client.publish(&id, &token, &publish(99)).await.unwrap();
    assert_eq!((published.commitment_index, published.expires), (7, 99));
    assert_eq!(client.state(&id, &token).await.unwrap().openings, 2);
    assert_eq!(client.pause(&id, &token, Revision { revision: 1 }).await.unwrap().expires, 99);
    assert!(client.resume(&id, &token, Revision { revision: 2 }).await.unwrap().live);
    client.delete(&id, &token).await.unwrap(); // 404: it is gone, which is what was wanted
    let p = WithdrawalSecret::from_bytes([1; 32]).preimage();
    assert_eq!(client.withdraw(&p).await.unwrap().index, 3);
    assert_eq!(client.commit(&Commitment([1; 33])).await.unwrap().index, 8);

    for asked in relay.asked() {
        let open = asked.line.ends_with("/withdrawals") || asked.line.ends_with("/commitments");
        let expected = (!open).then(|| token.expose_header());
        assert_eq!(asked.authorization, expected, "{}", asked.line);
    }
    let sent: Publish = serde_json::from_slice(&relay.asked()[0].body).unwrap();
    assert_eq!(sent, publish(99));
}

#[tokio::test]
async fn receipts_are_collected_page_by_page() {
    let relay = Canned::start().await;
    let id = link_id();
    let page = |from: u64, to: u64, next: u64| {
        let receipts: Vec<_> =
            (from..=to).map(|seq| serde_json::json!({ "seq": seq, "index": seq + 10, "sealed": "AAAA" })).collect();
        given(200, serde_json::json!({ "receipts": receipts, "next": next }).to_string())
    };
    relay.put(&format!("GET /control/{id}/receipts?after=0&reasons=all"), page(1, 3, 3));
    relay.put(&format!("GET /control/{id}/receipts?after=3&reasons=all"), page(4, 5, 5));
    relay.put(&format!("GET /control/{id}/receipts?after=5&reasons=all"), page(1, 0, 5));
    let client = quick(relay.url());
    let all = client.all_receipts(&id, &token(), 0).await.unwrap();
    assert_eq!(all.receipts.iter().map(|receipt| receipt.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(all.next, 5);
    // Out of order, or repeating what was seen: not believed.
    relay.put(&format!("GET /control/{id}/receipts?after=5&reasons=all"), page(5, 6, 6));
    assert!(matches!(client.receipts(&id, &token(), 5).await, Err(Error::NotARelay { .. })));
}

#[tokio::test]
async fn away_is_told_apart_from_refused() {
    let relay = Canned::start().await;
    let line = format!("GET /control/{}", link_id());
    for (status, expected) in [
        (500, Reason::Trouble { status: 500 }),
        (502, Reason::Trouble { status: 502 }),
        (503, Reason::Trouble { status: 503 }),
        (408, Reason::Timeout),
        (429, Reason::Busy { seconds: None }),
    ] {
        relay.put(&line, given(status, "<html>nginx</html>"));
        let error = state_of(relay.url()).await;
        assert_eq!(reason(&error), Some(expected), "{status}");
        assert!(error.is_away());
    }
    relay.put(&line, Given { headers: vec![("retry-after", "17".to_owned())], ..given(429, "") });
    assert_eq!(state_of(relay.url()).await.retry_after(), Some(17));

    relay.put(&line, given(403, r#"{"code":"not_yours","message":"This link is another\u0007 wallet's."}"#));
    let error = state_of(relay.url()).await;
    assert!(!error.is_away());
    let Error::RelayRefused { status: 403, code, message } = error else { panic!("{error}") };
    assert_eq!((code.as_str(), message.as_str()), ("not_yours", "This link is another wallet's."));
    // A proxy's refusal has no words of the relay's.
    relay.put(&line, given(401, "<html>login</html>"));
    assert!(matches!(state_of(relay.url()).await, Error::RelayRefused { status: 401, .. }));
}

#[tokio::test]
async fn what_is_no_relay_is_noticed() {
    let relay = Canned::start().await;
    let line = format!("GET /control/{}", link_id());
    for body in ["", "{}", "<html>Sign in to the hospital's network</html>", "[1,2", r#"{"live":"yes"}"#] {
        relay.put(&line, given(200, body));
        assert!(matches!(state_of(relay.url()).await, Error::NotARelay { .. }), "{body}");
    }
    // No redirect is followed with a token.
    let elsewhere = Canned::start().await;
    relay.put(&line, Given { headers: vec![("location", format!("{}/stolen", elsewhere.url()))], ..given(302, "") });
    assert!(matches!(state_of(relay.url()).await, Error::NotARelay { .. }));
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn answers_are_bounded_in_size_and_time() {
    let relay = Canned::start().await;
    let line = format!("GET /control/{}", link_id());
    relay.put(&line, given(200, vec![b' '; 200_000]));
    assert!(matches!(state_of(relay.url()).await, Error::TooLarge { limit: 65_536 }));
    relay.put(&line, Given { after: Duration::from_secs(3), ..given(200, "{}") });
    assert_eq!(reason(&state_of(relay.url()).await), Some(Reason::Timeout));
}

#[tokio::test]
async fn cut_and_senseless_answers() {
    let cut = start_raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"live\":").await;
    assert_eq!(reason(&state_of(&cut).await), Some(Reason::Cut));
    let cut_chunks = start_raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n50\r\n{\"live\":").await;
    assert_eq!(reason(&state_of(&cut_chunks).await), Some(Reason::Cut));
    let silent = start_raw(b"").await;
    assert_eq!(reason(&state_of(&silent).await), Some(Reason::Cut));
    let garbage = start_raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
    assert!(matches!(state_of(&garbage).await, Error::NotARelay { .. } | Error::RelayAway { .. }));
    assert_eq!(reason(&state_of(&nobody().await).await), Some(Reason::NoConnection));
    let unknown = state_of("https://no-such-host.invalid").await;
    assert!(unknown.is_away(), "{unknown}");
}

#[tokio::test]
async fn no_secret_in_what_a_person_or_a_log_sees() {
    let relay = Canned::start().await;
    let error = state_of(relay.url()).await;
    let shown = format!("{error} {error:?}");
    for secret in [link_id().to_string(), token().expose_header().replace("Bearer ", "")] {
        assert!(!shown.contains(&secret), "{shown}");
    }
}
