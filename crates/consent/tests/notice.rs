//! The words of the notice that a consent names, held to what was published.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use carnet_consent::grant::{Member, Notice, Obligation};
use sha2::{Digest, Sha256};

fn lines(starting: &str) -> Vec<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/i18n/en/notice.ftl");
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| line.starts_with(starting)).map(str::to_owned).collect()
}

#[test]
fn a_published_version_keeps_its_words() {
    // SHA-256 of the lines of each version, each with a line feed. Never change one: add a version.
    let published = [(1, "45f8a04e9c7f5340c83a32a2c50a900c8dec6a52b49f8a5afe9b77e0a9b8554b")];
    assert_eq!(published.last().unwrap().0, Notice::VERSION);
    for (version, sha256) in published {
        let words: String =
            lines(&format!("notice-v{version}-")).iter().map(|line| format!("{}\n", line.trim_end())).collect();
        let hash: String = Sha256::digest(words).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, sha256, "notice version {version}");
    }
}

#[test]
fn every_obligation_has_words() {
    for obligation in Obligation::ALL {
        assert_eq!(lines(&format!("{} = ", obligation.key())).len(), 1, "{obligation:?}");
    }
}
