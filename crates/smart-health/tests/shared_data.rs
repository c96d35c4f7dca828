//! Reads every link, manifest and file of the shared collection of published samples, where it is at hand.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use smart_health::manifest::{Manifest, Status};
use smart_health::{Error, Flags, SmartHealthLink, jwe};
use std::path::{Path, PathBuf};

/// The collection's folder, or none with a word about it.
fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CARNET_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from)
        .join(part);
    if root.is_dir() {
        return Some(root);
    }
    eprintln!("skipped: no shared data at {}", root.display());
    None
}

fn read(root: &Path, name: &str) -> String {
    std::fs::read_to_string(root.join(name)).unwrap()
}

#[test]
fn hl7s_own_samples() {
    let Some(root) = shared("shl/hl7-ig") else { return };
    // Behind a viewer's address.
    let link = SmartHealthLink::parse(&read(&root, "CARIN_INS_CD-bundle-01-shl.txt")).unwrap();
    assert_eq!(link.flags, Flags { long_term: true, direct: true, passcode: false });
    assert_eq!(link.label.as_ref().unwrap().as_str(), "Demo SHL for carin-insurance-example");
    // The published "file" is a health card and not encrypted at all: refused, not trusted.
    let file = read(&root, "CARIN_INS_CD-bundle-01-enc.txt");
    assert_eq!(jwe::decrypt(&link.key, &file, 1 << 20), Err(Error::JweMalformed));
    // The payload has its end in milliseconds, as text.
    for (name, exp) in [("shl-payload-1.json", Some(1_767_225_600)), ("shl-payload-2.json", None)] {
        let payload = read(&root, name);
        let link = SmartHealthLink::parse(&format!("shlink:/{}", base64url(payload.as_bytes()))).unwrap();
        assert_eq!(link.exp, exp, "{name}");
    }
    let manifest: Manifest = serde_json::from_str(&read(&root, "shl-manifest-1.json")).unwrap();
    assert_eq!(manifest.files.len(), 3);
    assert_eq!(manifest.files.last().unwrap().status, Some(Status::Finalized));
    assert_eq!(manifest.overall_status(), None);
}

#[test]
fn the_dev_tools_samples() {
    let Some(root) = shared("shl/dev-tools") else { return };
    let manifest_link = SmartHealthLink::parse(&read(&root, "shlink-link.txt")).unwrap();
    assert!(manifest_link.flags.passcode);
    assert_eq!(manifest_link.exp, Some(1_704_096_000));
    assert!(SmartHealthLink::parse(&read(&root, "shlink-link-direct.txt")).unwrap().flags.direct);
    let manifest: Manifest = serde_json::from_str(&read(&root, "shlink-manifest.txt")).unwrap();
    assert_eq!(manifest.files.len(), 2);
    let whole: serde_json::Value =
        serde_json::from_str(&read(&root, "ERn18l4lL3_5yPXMSzx3ZejyMM_XIeWeseXa3DXsJD0.json")).unwrap();
    let text = whole.get("link").and_then(serde_json::Value::as_str).unwrap();
    assert_eq!(SmartHealthLink::parse(text).unwrap(), manifest_link);
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
