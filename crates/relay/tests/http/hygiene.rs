//! What must not be found: in the log, and in the database of a thief.

use crate::support::{Fixture, Link, Response, text};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// Keeps everything that is logged in this process, at the finest level.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn neither_log_nor_database_gives_a_link_away() {
    let kept = Kept::default();
    let filter = tracing_subscriber::EnvFilter::new("trace");
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(kept.clone());
    tracing::subscriber::set_global_default(log.finish()).unwrap();
    let mut relay = Fixture::start();
    let direct = Link::new("U");
    let guarded = Link::new("P").passcode("secret-passcode", 3);
    let answers: Vec<Response> = vec![
        relay.put(&direct),
        relay.put(&guarded),
        relay.get(&format!("/shl/{}?recipient=Doctor-Secret", direct.id)),
        relay.manifest(&guarded, Some("wrong-passcode")),
        relay.manifest(&guarded, Some("secret-passcode")),
        relay.control("GET", &direct, "/receipts"),
        relay.control("POST", &direct, "/pause"),
        relay.get("/shl/not-a-link?recipient=Doctor-Secret"),
        relay
            .agent
            .put(relay.url(&format!("/control/{}", direct.id)))
            .header("authorization", "Bearer bad-token")
            .send("{")
            .unwrap(),
        relay.withdraw(&guarded),
    ];
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses, [200, 200, 200, 401, 200, 200, 200, 404, 401, 200]);
    assert!(answers.into_iter().map(text).all(|body| !body.contains("Doctor-Secret")));
    relay.restart();

    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("answered") && log.contains("/shl/{id}"), "the log was kept");
    let token = direct.token.expose_header();
    let mut secrets = vec![token.trim_start_matches("Bearer ").to_owned(), direct.publish.receipt_recipient.clone()];
    secrets
        .extend(["Doctor-Secret", "secret-passcode", "wrong-passcode", "bad-token", "not-a-link"].map(str::to_owned));
    secrets.extend([direct.id.to_string(), guarded.id.to_string()]);
    secrets.push(URL_SAFE_NO_PAD.encode(direct.secret.tag()));
    for key in ["log-a.key", "log-r.key", "cosigner.key", "location.key"] {
        let text = std::fs::read_to_string(relay.keys().join(key)).unwrap();
        secrets.push(text.split_whitespace().nth(1).unwrap().to_owned());
    }
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    // Our own lines carry no address either; hyper's trace lines, which nobody switches on, are not ours.
    let answered = log.lines().filter(|line| line.contains("answered"));
    assert!(answered.into_iter().all(|line| !line.contains("127.0.0.1")));

    relay.stop();
    let token: Vec<u8> = URL_SAFE_NO_PAD.decode(token.trim_start_matches("Bearer ")).unwrap();
    let needles: Vec<Vec<u8>> = vec![
        direct.id.as_bytes().to_vec(),
        direct.id.to_string().into_bytes(),
        token,
        b"Doctor-Secret".to_vec(),
        b"secret-passcode".to_vec(),
        b"wrong-passcode".to_vec(),
    ];
    for folder in relay.stolen() {
        search(&folder, &needles);
    }
}

fn search(folder: &Path, needles: &[Vec<u8>]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, needles);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for needle in needles {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "found in {}", path.display());
        }
    }
}
