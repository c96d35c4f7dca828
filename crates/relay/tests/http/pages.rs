//! The viewer, health and metrics.

use crate::support::{Fixture, Link, text};

fn with_viewer() -> (tempfile::TempDir, Fixture) {
    let viewer = tempfile::tempdir().unwrap();
    std::fs::create_dir(viewer.path().join("css")).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><title>Viewer</title>"),
        ("viewer_bg.wasm", "\0asm"),
        ("viewer_bg.wasm.gz", "\x1f\u{8b}compressed"),
        ("css/viewer.css", "body{}"),
    ] {
        std::fs::write(viewer.path().join(name), content).unwrap();
    }
    let folder = viewer.path().to_owned();
    let relay = Fixture::with(move |config| config.viewer_dir = Some(folder));
    (viewer, relay)
}

#[test]
fn the_viewer_is_served_under_a_strict_policy() {
    let (_folder, relay) = with_viewer();
    let page = relay.get("/view");
    assert_eq!(page.status(), 200);
    let header = |name: &str| page.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"));
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains(" * "));
    let slash = relay.get("/view/");
    assert_eq!((slash.status().as_u16(), slash.headers().get("location").unwrap().to_str().unwrap()), (308, "/view"));
    let wasm = relay.agent.get(relay.url("/view/viewer_bg.wasm")).header("accept-encoding", "identity").call().unwrap();
    assert_eq!(wasm.headers().get("content-type").unwrap(), "application/wasm");
    let tag = wasm.headers().get("etag").unwrap().clone();
    assert_eq!(wasm.into_body().read_to_vec().unwrap(), b"\0asm");
    let again = relay.agent.get(relay.url("/view/viewer_bg.wasm")).header("if-none-match", tag).call().unwrap();
    assert_eq!(again.status(), 304);
    for path in [
        "/view/index.htm",
        "/view/../keys/log-a.key",
        "/view/%2e%2e/%2e%2e/relay/keys/log-a.key",
        "/view/viewer_bg.wasm.gz",
    ] {
        assert_eq!(relay.get(path).status(), 404, "{path}");
    }
}

#[test]
fn compressed_twins_go_to_who_takes_them() {
    use std::io::{Read, Write};
    let (_folder, relay) = with_viewer();
    // By hand: the client would decompress.
    let mut stream = std::net::TcpStream::connect(relay.running().addr).unwrap();
    let request =
        "GET /view/viewer_bg.wasm HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip, br\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(answer.contains("content-encoding: gzip") && answer.contains("content-type: application/wasm"), "{answer}");
    assert!(answer.ends_with("compressed"));
}

#[test]
fn health_and_metrics() {
    let relay = Fixture::alone_with(|_| {});
    let link = Link::new("U");
    relay.publish(&link);
    relay.open(&link);
    let health = relay.get("/health");
    assert_eq!((health.status().as_u16(), text(health).as_str()), (200, "{\"status\":\"ok\"}"));
    relay.checkpoint_of("a", 2);
    let metrics = text(relay.get("/metrics"));
    for line in ["carnet_relay_openings_total 1", "carnet_relay_publications_total 1", "carnet_relay_ledger_stopped 0"]
    {
        assert!(metrics.lines().any(|have| have == line), "{line}\n{metrics}");
    }
    assert!(metrics.contains("carnet_relay_log_size{log=\"r\"} 0"));
    assert_eq!(relay.get("/").status(), 404);
    assert_eq!(relay.get("/keys/log-a.key").status(), 404);
}

#[test]
fn requests_that_take_too_long_are_ended() {
    use std::io::{Read, Write};
    let relay = Fixture::with(|config| config.limits.request_s = 1);
    let link = Link::new("");
    let mut stream = std::net::TcpStream::connect(relay.running().addr).unwrap();
    write!(stream, "POST /shl/{} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{", link.id).unwrap();
    let mut answer = [0; 512];
    let length = stream.read(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer[..length]).starts_with("HTTP/1.1 408"));
}
