//! Every link, payload, manifest, file and picture in the shared collection of published samples, where it is at hand:
//! opened if all of it is there, and otherwise said why not.
//!
//! What is expected comes from the samples themselves: a link must say what the JSON inside of it says, a picture what
//! the text beside it says, a server's record must open with the passcode that it names.
#![cfg(feature = "trust")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use smart_health::content::Kind;
use smart_health::manifest::Manifest;
use smart_health::reader::Options;
use smart_health::{Answer, Ask, Error, Reader, SmartHealthLink, card, jwe};
use std::path::{Path, PathBuf};

/// The collection's folder, or none with a word about it.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("CARNET_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    if root.join("INDEX.tsv").is_file() {
        return Some(root);
    }
    eprintln!("skipped: no shared data at {}", root.display());
    None
}

/// What came of a sample.
enum Outcome {
    /// Its files were decrypted and are what they say.
    Opened,
    /// It was read and is as it should be; there is nothing to open in it.
    Read,
    /// It cannot be opened by anyone with what is here.
    Closed(&'static str),
}

#[test]
fn every_sample_is_opened_or_said_why_not() {
    let Some(root) = shared() else { return };
    let index = std::fs::read_to_string(root.join("INDEX.tsv")).unwrap();
    let samples: Vec<&str> =
        index.lines().filter_map(|line| line.split('\t').next()).filter(|path| path.starts_with("shl/")).collect();
    // What servers kept of their links, by which links and manifests elsewhere in the collection can be opened.
    let json = |path: &&str| serde_json::from_slice(&std::fs::read(root.join(path)).unwrap()).ok();
    let records: Vec<Value> =
        samples.iter().filter_map(json).filter(|json: &Value| json["jweFiles"].is_array()).collect();
    let mut opened = 0;
    for sample in &samples {
        match look(&root.join(sample), &records) {
            Outcome::Opened => {
                opened += 1;
                eprintln!("{sample}: opened");
            }
            Outcome::Read => eprintln!("{sample}: read; there is nothing to open in it"),
            Outcome::Closed(why) => eprintln!("{sample}: not opened: {why}"),
        }
    }
    eprintln!("{} samples, {opened} opened", samples.len());
    assert!(opened > 0, "the collection holds at least one link with its files");
}

fn look(path: &Path, records: &[Value]) -> Outcome {
    let bytes = std::fs::read(path).unwrap();
    if bytes.starts_with(b"\x89PNG") {
        return picture(&bytes, path);
    }
    let text = String::from_utf8(bytes).unwrap();
    if let Ok(json) = serde_json::from_str::<Value>(&text) {
        if json["jweFiles"].is_array() {
            return server_record(&json);
        }
        if json["url"].is_string() && json["key"].is_string() {
            return payload(&json, records);
        }
        if json["files"].is_array() {
            return manifest(&text, records);
        }
        return Outcome::Closed("it is content in the open: a link's file before it was encrypted");
    }
    if text.contains("shlink:/") {
        return link(&text, records);
    }
    if text.starts_with("ey") && text.matches('.').count() == 2 {
        // Named as if encrypted, and only signed: refused as a file of a link, and still a card.
        let key = smart_health::ContentKey::from_bytes([0; 32]);
        assert_eq!(jwe::decrypt(&key, &text, 1 << 20), Err(Error::JweMalformed));
        assert!(card::find(&text, &card::Limits::default()).unwrap()[0].is_ok());
        return Outcome::Closed("it is a bare health card, not a file of a link");
    }
    panic!("{}: what is it?", path.display());
}

/// A link says what the JSON inside of it says.
fn link(text: &str, records: &[Value]) -> Outcome {
    let read = SmartHealthLink::parse(text).unwrap();
    let encoded = text.split("shlink:/").nth(1).unwrap().trim();
    agree(&read, &serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap());
    assert_eq!(SmartHealthLink::parse(&read.to_uri()).unwrap(), read);
    open(&read, records)
}

fn payload(json: &Value, records: &[Value]) -> Outcome {
    let read = SmartHealthLink::parse(&uri_of(json)).unwrap();
    agree(&read, json);
    open(&read, records)
}

fn open(link: &SmartHealthLink, records: &[Value]) -> Outcome {
    let same = |record: &&Value| SmartHealthLink::parse(&uri_of(&record["payload"])).as_ref() == Ok(link);
    match records.iter().find(same) {
        Some(record) => server_record(record),
        None => Outcome::Closed("the files of the link are on a server, not in the collection"),
    }
}

fn uri_of(payload: &Value) -> String {
    format!("shlink:/{}", URL_SAFE_NO_PAD.encode(payload.to_string()))
}

fn agree(read: &SmartHealthLink, json: &Value) {
    let text = |member: &str| json[member].as_str().unwrap_or_default();
    assert_eq!(read.url.as_str(), text("url"));
    assert_eq!(URL_SAFE_NO_PAD.encode(read.key.expose_bytes()), text("key"));
    assert_eq!(read.flags.to_string(), text("flag"));
    assert_eq!(read.label.as_ref().map(|label| label.as_str()), json["label"].as_str());
    let number = json["exp"].as_i64().or_else(|| text("exp").parse().ok());
    // Seconds, as the specification has it, or milliseconds, as one of HL7's own samples does.
    assert!(read.exp == number || read.exp == number.map(|number| number / 1000), "{number:?}");
}

fn manifest(text: &str, records: &[Value]) -> Outcome {
    let json: Value = serde_json::from_str(text).unwrap();
    let manifest: Manifest = serde_json::from_str(text).unwrap();
    assert_eq!(manifest.files.len(), json["files"].as_array().unwrap().len());
    for (read, written) in manifest.files.iter().zip(json["files"].as_array().unwrap()) {
        assert_eq!(serde_json::to_value(read).unwrap(), *written);
        assert!(Kind::of(&read.content_type) != Kind::Other);
    }
    let is_in = |file: &smart_health::manifest::ManifestFile, record: &Value| {
        let paths = record["filePaths"].as_array().unwrap();
        file.location.as_ref().is_some_and(|at| paths.iter().any(|path| at.ends_with(path.as_str().unwrap())))
    };
    match records.iter().find(|record| manifest.files.iter().all(|file| is_in(file, record))) {
        Some(record) => server_record(record),
        None => Outcome::Closed("the files are on a server that is an example, or are cut short in the text"),
    }
}

/// What a server keeps of a link: with it the link is opened from end to end, by a wrong passcode first.
fn server_record(json: &Value) -> Outcome {
    let link = SmartHealthLink::parse(json["link"].as_str().unwrap()).unwrap();
    assert_eq!(link, SmartHealthLink::parse(&uri_of(&json["payload"])).unwrap());
    let files = json["jweFiles"].as_array().unwrap();
    let right = json["passcode"].as_str().unwrap();
    let location = |at: &Value| format!("http://localhost:8090/shl/{}", at.as_str().unwrap());
    let listed: Vec<Value> = json["filePaths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| serde_json::json!({ "contentType": "application/smart-health-card", "location": location(at) }))
        .collect();
    let mut typed = ["0000", right].into_iter();
    // Without a clock: the sample ended long ago.
    let mut reader = Reader::new(link, Options { allow_loopback: true, ..Options::new("a test", None) }).unwrap();
    loop {
        let (status, body) = match reader.ask() {
            Ask::Done => break,
            Ask::Passcode { .. } => {
                reader.enter_passcode(typed.next().unwrap()).unwrap();
                continue;
            }
            Ask::PostManifest { body, .. } => match serde_json::from_str::<Value>(&body).unwrap() {
                asked if asked["passcode"] == right => (200, serde_json::json!({ "files": listed }).to_string()),
                _ => (401, serde_json::json!({ "remainingAttempts": json["attempts"] }).to_string()),
            },
            Ask::Get { url, .. } => {
                let at = json["filePaths"].as_array().unwrap().iter().position(|at| location(at) == url).unwrap();
                (200, files[at].as_str().unwrap().to_owned())
            }
            other => panic!("{other:?}"),
        };
        reader.answer(&Answer { status, retry_after: None, body: body.into_bytes() }).unwrap();
    }
    let opened = reader.into_opened().unwrap();
    assert_eq!(opened.files.len(), files.len());
    for file in &opened.files {
        assert_eq!(file.kind(), Kind::HealthCards);
        let cards = card::find(std::str::from_utf8(&file.bytes).unwrap(), &card::Limits::default()).unwrap();
        assert!(!cards.is_empty() && cards.iter().all(Result::is_ok));
    }
    Outcome::Opened
}

/// A picture of a link holds the link in the text beside it.
fn picture(bytes: &[u8], path: &Path) -> Outcome {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (frame.width as usize, frame.height as usize);
    let samples = frame.color_type.samples();
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[(y * width + x) * samples]);
    let grids = image.detect_grids();
    let (_, content) = grids.first().unwrap_or_else(|| panic!("{}: no code", path.display())).decode().unwrap();
    let read = SmartHealthLink::parse(&content).unwrap();
    let beside = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let texts = beside.filter(|other| other.extension().is_some_and(|extension| extension == "txt"));
    let same = texts.filter_map(|other| SmartHealthLink::parse(&std::fs::read_to_string(other).ok()?).ok());
    assert!(same.into_iter().any(|other| other == read), "{}: no text says the same", path.display());
    Outcome::Read
}
