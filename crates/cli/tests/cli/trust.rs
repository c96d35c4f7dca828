//! Lists of issuers, fetched from a server that counts what it sent.

use crate::carnet::{Carnet, DONE, FAILED, program};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use smart_health::{card::SigningKey, hcert};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

/// A server of lists. Each has an entity tag by its content.
#[derive(Clone)]
pub(crate) struct Lists {
    pub(crate) url: String,
    held: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    /// Path and status of each answer.
    answered: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Lists {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let lists = Self { url, held: Arc::default(), answered: Arc::default() };
        let serving = lists.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serving.answer(stream);
            }
        });
        lists
    }

    pub(crate) fn put(&self, path: &str, list: impl Into<Vec<u8>>) {
        self.held.lock().unwrap().insert(path.to_owned(), list.into());
    }

    fn answered(&self) -> Vec<(String, u16)> {
        std::mem::take(&mut self.answered.lock().unwrap())
    }

    fn answer(&self, mut stream: std::net::TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let Some(path) = lines.next().and_then(|line| Some(line.split([' ', '?']).nth(1)?.to_owned())) else { return };
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let known =
            head.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("if-none-match: ").map(str::to_owned));
        let body = self.held.lock().unwrap().get(&path).cloned();
        let tag = body.as_ref().map(|body| {
            format!("\"{:x}\"", body.iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte)))
        });
        let (status, body) = match body {
            None => (404, Vec::new()),
            Some(_) if known.is_some() && known == tag => (304, Vec::new()),
            Some(body) => (200, body),
        };
        self.answered.lock().unwrap().push((path, status));
        let tag = tag.map(|tag| format!("ETag: {tag}\r\n")).unwrap_or_default();
        // Whoever asked may be gone by now.
        let _ =
            write!(stream, "HTTP/1.1 {status} x\r\n{tag}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        let _ = stream.write_all(&body);
    }
}

/// A snapshot in the form of the VCI directory.
fn snapshot(issuers: usize) -> String {
    let key = SigningKey::from_bytes([7; 32]).unwrap().public().to_jwk();
    let issuer = |number| json!({"issuer": {"iss": format!("https://clinic{number}.example/shc"), "name": format!("Clinic {number}")}, "keys": [key]});
    json!({"directory": "VCI", "time": "2026-01-01T00:00:00Z", "issuerInfo": (0..issuers).map(issuer).collect::<Vec<_>>()}).to_string()
}

/// A list in the form of the WHO's Global Digital Health Certification Network.
fn did(keys: u8) -> String {
    let method = |number: u8| {
        let key = hcert::public_key([number + 1; 32], [number; 8]).unwrap();
        let point = &key.spki()[27..];
        json!({"id": format!("did:web:tng-cdn.who.int:v2:trustlist:DDCC:AUT:DSC#{}", STANDARD.encode(key.kid)), "type": "JsonWebKey2020",
            "publicKeyJwk": {"kty": "EC", "crv": "P-256", "x": STANDARD.encode(&point[..32]), "y": STANDARD.encode(&point[32..])}})
    };
    json!({"id": "did:web:tng-cdn.who.int:v2:trustlist", "verificationMethod": (0..keys).map(method).collect::<Vec<_>>()}).to_string()
}

fn counts(state: &Value) -> (u64, u64) {
    (state["issuers"].as_u64().unwrap(), state["document_keys"].as_u64().unwrap())
}

#[test]
fn lists_are_fetched_kept_and_asked_for_again_only_where_they_changed() {
    let (carnet, lists) = (Carnet::new(), Lists::start());
    let (vci, who) = (format!("{}/vci_snapshot.json", lists.url), format!("{}/did.json", lists.url));
    let update = ["trust", "--update", "--snapshot", &vci, "--documents", &who];
    lists.put("/vci_snapshot.json", snapshot(3));
    lists.put("/did.json", did(2));
    let state = carnet.run(&update).expect(DONE).json();
    assert_eq!((counts(&state), &state["problems"]), ((3, 2), &json!([])));
    let statuses = |lists: &Lists| lists.answered().into_iter().map(|(_, status)| status).collect::<Vec<_>>();
    assert_eq!(statuses(&lists), [200, 200]);
    assert_eq!(counts(&carnet.run(&update).expect(DONE).json()), (3, 2));
    assert_eq!(statuses(&lists), [304, 304], "nothing is sent twice");
    lists.put("/vci_snapshot.json", snapshot(4));
    assert_eq!(counts(&carnet.run(&update).expect(DONE).json()), (4, 2));
    assert_eq!(statuses(&lists), [200, 304]);

    // What cannot be read, or is not there, leaves what is known.
    for bad in ["", "[]", "{\"verificationMethod\": []}", "<html>", &did(2)[..200]] {
        lists.put("/vci_snapshot.json", bad);
        lists.put("/did.json", bad);
        let state = carnet.run(&update).expect(FAILED).json();
        assert_eq!((counts(&state), state["problems"].as_array().unwrap().len()), ((4, 2), 2), "{bad}");
    }
    let gone = format!("{}/gone.json", lists.url);
    let state = carnet.run(&["trust", "--update", "--snapshot", &gone]).expect(FAILED).json();
    assert!(state["problems"][0].as_str().unwrap().contains("404") && counts(&state) == (4, 2));
    let elsewhere =
        carnet.run(&["trust", "--update", "--snapshot", "http://lists.example/x.json"]).expect(FAILED).json();
    assert!(elsewhere["problems"][0].as_str().unwrap().contains("https"), "{elsewhere}");
    let person = carnet.run_as_person(&update).expect(FAILED).stdout;
    assert!(person.contains("4 issuers") && person.contains("not had"), "{person}");
}

#[test]
fn killed_at_any_moment_the_lists_are_the_old_or_the_new_ones() {
    let (carnet, lists) = (Carnet::new(), Lists::start());
    let (vci, who) = (format!("{}/vci_snapshot.json", lists.url), format!("{}/did.json", lists.url));
    let update = ["trust", "--update", "--snapshot", &vci, "--documents", &who];
    lists.put("/vci_snapshot.json", snapshot(1));
    lists.put("/did.json", did(1));
    carnet.run(&update).expect(DONE);
    let mut before = (1, 1);
    for (round, wait) in [0, 1, 3, 8, 20, 50].into_iter().enumerate() {
        let next = round + 2;
        lists.put("/vci_snapshot.json", snapshot(next * 100));
        lists.put("/did.json", did(u8::try_from(next).unwrap()));
        lists.answered();
        let mut child = program()
            .args(update)
            .arg("--vault")
            .arg(carnet.path("wallet"))
            .arg("--passphrase-file")
            .arg(carnet.path("passphrase"))
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while lists.answered.lock().unwrap().len() < 2 {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = counts(&carnet.run(&["trust"]).expect(DONE).json());
        let new = (next as u64 * 100, next as u64);
        assert!(found == before || found == new, "{found:?} after {before:?}");
        before = found;
    }
}
