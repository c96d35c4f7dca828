//! A relay with a certificate of its own, asked by a client that trusts just that one.

use super::*;
use crate::{Config, Relay, Running, Tls};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Self-signed, for `localhost` and 127.0.0.1, until 2126.
fn pem(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

async fn ask(relay: &Running, trusted: &Path) -> std::io::Result<String> {
    let connector = TlsConnector::from(Arc::new(client(Some(trusted)).unwrap()));
    let stream = TcpStream::connect(relay.addr).await?;
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_a_certificate_speaks_tls_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls { certificate: pem("one.pem"), key: pem("one.key") };
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.path().join("relay"),
        tls: Some(tls),
        ..Config::default()
    };
    let relay = Relay::start(config.clone()).await.unwrap();
    assert!(relay.public_url.starts_with("https://127.0.0.1:"));
    let answer = ask(&relay, &pem("one.pem")).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
    assert!(ask(&relay, &pem("two.pem")).await.is_err(), "another certificate is not trusted");
    let mut plain = TcpStream::connect(relay.addr).await.unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // It may hang up before or after an alert.
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    relay.shutdown().await;
    let mixed = Config { tls: Some(Tls { certificate: pem("one.pem"), key: pem("two.key") }), ..config };
    assert!(matches!(Relay::start(mixed).await, Err(Error::Config(_))), "they do not belong together");
}

#[test]
fn a_new_certificate_is_taken_up_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let install = |name: &str, seconds: u64| {
        std::fs::copy(pem(&format!("{name}.key")), &key).unwrap();
        std::fs::copy(pem(&format!("{name}.pem")), &chain).unwrap();
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        std::fs::File::options().write(true).open(&chain).unwrap().set_modified(changed).unwrap();
    };
    install("one", 1);
    let certificate = Certificate::load(&chain, &key).unwrap();
    let served = || certificate.loaded.read().unwrap().1.cert.clone();
    assert_eq!(served(), certificates(&pem("one.pem")).unwrap());
    install("two", 2);
    certificate.look();
    assert_eq!(served(), certificates(&pem("two.pem")).unwrap());
    std::fs::write(&chain, "-----BEGIN CERTIFICATE-----\nno\n").unwrap();
    certificate.look();
    assert_eq!(served(), certificates(&pem("two.pem")).unwrap(), "the old one stays");
}
