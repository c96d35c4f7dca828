//! Documents and pictures that belong to a record: those in the attachment store, and those that lie inside the record.

use super::{listed, number};
use crate::hex::hex;
use crate::settings::profile;
use crate::{Error, Host, Result, Wallet};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carnet_bridge::{AttachmentBytes, AttachmentLine, PREVIEW_BYTES};
use carnet_records::import::attachments::detached;
use carnet_vault::Vault;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The most attachments of one record.
const MOST: usize = 100;
/// So many bytes tell what a file is.
const HEAD: usize = 4096;
/// The most characters of a suggested file name.
const NAME: usize = 80;
const UNKNOWN: &str = "application/octet-stream";
/// Media types that are known by their bytes, and how the names of such files end, the usual ending first. Each is shown
/// by a program and run by none, so that it may be opened.
const KINDS: [(&str, &[&str]); 6] = [
    ("application/pdf", &["pdf"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("text/plain", &["txt"]),
];

impl Wallet {
    /// A picture for the page.
    ///
    /// # Errors
    /// [`Error::NoPreview`] for what is not shown there, [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn preview(&self, record: &str, attachment: &str) -> Result<AttachmentBytes> {
        let vault = self.inner.vault().await?;
        let found = one(&vault, record, attachment).await?;
        let size = match &found.bytes {
            Some(bytes) => bytes.len() as u64,
            None => vault.attachment_row(&found.sha256).await?.size,
        };
        if size > PREVIEW_BYTES {
            return Err(Error::NoPreview);
        }
        let bytes = found.read(&vault).await?;
        let line = AttachmentLine {
            id: String::new(),
            title: String::new(),
            media_type: media_type(&bytes).to_owned(),
            bytes: bytes.len() as u64,
        };
        if !line.can_preview() {
            return Err(Error::NoPreview);
        }
        Ok(AttachmentBytes { media_type: line.media_type, base64: STANDARD.encode(&bytes) })
    }

    /// Writes an attachment to a place that the person chooses and, if asked, opens it there where its kind is known and
    /// its name says so.
    ///
    /// # Errors
    /// [`Error::Cancelled`] for a closed dialog, [`Error::NoSuch`], [`Error::File`], [`Error::Host`] if it was written and
    /// could not be opened, [`Error::Locked`]; those of the vault.
    pub async fn save_attachment(&self, record: &str, attachment: &str, open: bool, host: &dyn Host) -> Result<()> {
        let (name, kind) = {
            let vault = self.inner.vault().await?;
            let found = one(&vault, record, attachment).await?;
            let kind = found.kind(&vault).await;
            (file_name(&found.title, kind), kind)
        };
        // The vault is not held while a dialog is open: it may lock meanwhile.
        let path = host.pick_save_path(&name).await.ok_or(Error::Cancelled)?;
        let vault = self.inner.vault().await?;
        one(&vault, record, attachment).await?.write(&vault, path.clone()).await?;
        drop(vault);
        if open && may_open(&path, kind) {
            host.open_path(&path).map_err(Error::Host)?;
        }
        Ok(())
    }
}

/// What belongs to a record.
pub(super) async fn lines(vault: &Vault, resource: &Value) -> Vec<AttachmentLine> {
    let mut out = Vec::new();
    for found in find(resource) {
        let size = match &found.bytes {
            Some(bytes) => Some(bytes.len() as u64),
            None => vault.attachment_row(&found.sha256).await.ok().map(|row| row.size),
        };
        // What was removed from the store is not there to be shown; the record's own facts still name it.
        if let Some(bytes) = size {
            let media_type = found.kind(vault).await.to_owned();
            out.push(AttachmentLine { id: hex(&found.sha256), title: found.title, media_type, bytes });
        }
    }
    out
}

/// An attachment as a record has it.
struct Found {
    sha256: [u8; 32],
    title: String,
    /// Its bytes, where they lie inside the record.
    bytes: Option<Vec<u8>>,
}

impl Found {
    async fn read(self, vault: &Vault) -> Result<Vec<u8>> {
        match self.bytes {
            Some(bytes) => Ok(bytes),
            None => Ok(vault.attachment(&self.sha256).await?),
        }
    }

    /// Its media type by its first bytes.
    async fn kind(&self, vault: &Vault) -> &'static str {
        if let Some(bytes) = &self.bytes {
            return media_type(bytes);
        }
        let head = Head::default();
        // It gives up by itself once it has seen enough.
        let whole = vault.copy_attachment(&self.sha256, head.clone()).await;
        let head = crate::wallet::lock(&head.0);
        if whole.is_ok() || head.len() >= HEAD { media_type(&head) } else { UNKNOWN }
    }

    /// Writes it beside its place and moves it there once it is whole.
    async fn write(self, vault: &Vault, path: PathBuf) -> Result<()> {
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let written = match self.bytes {
            Some(bytes) => tokio::fs::write(&part, bytes).await.map_err(Error::file("Writing the file")),
            None => match std::fs::File::create(&part) {
                Ok(file) => vault.copy_attachment(&self.sha256, file).await.map(|_| ()).map_err(Error::from),
                Err(error) => return Err(Error::file("Writing the file")(error)),
            },
        };
        let placed = match written {
            Ok(()) => tokio::fs::rename(&part, &path).await.map_err(Error::file("Writing the file")),
            Err(error) => Err(error),
        };
        if placed.is_err() {
            // Half a file is of no use; the first error is the one to tell.
            let _ = tokio::fs::remove_file(&part).await;
        }
        placed
    }
}

async fn one(vault: &Vault, record: &str, attachment: &str) -> Result<Found> {
    let profile = profile(vault).await?.id;
    let stored = listed(vault, profile, number(record)?).await?;
    let resource = crate::records::parse(&stored.original)?;
    let found = find(&resource).into_iter().find(|found| hex(&found.sha256) == attachment);
    found.ok_or(Error::NoSuch("attachment"))
}

/// The attachments of a resource in its own order, each once.
fn find(resource: &Value) -> Vec<Found> {
    let mut out = Vec::new();
    walk(resource, &mut out);
    out
}

/// Recursion is bounded by `serde_json`, which parses 128 levels at most.
fn walk(value: &Value, out: &mut Vec<Found>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, out)),
        Value::Object(members) => {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            let is_binary = text("resourceType") == Some("Binary");
            let inline = text("data").filter(|_| is_binary || members.contains_key("contentType"));
            let referred = ["url", "reference"].iter().find_map(|name| stored_hash(text(name)?));
            let stored = inline.and_then(detached).or(referred);
            let inline = inline.and_then(decode).map(|bytes| (Sha256::digest(&bytes).into(), Some(bytes)));
            let found = stored.map(|sha256| (sha256, None)).or(inline);
            if let Some((sha256, bytes)) = found
                && out.len() < MOST
                && !out.iter().any(|known: &Found| known.sha256 == sha256)
            {
                let title = text("title").or_else(|| text("display")).unwrap_or_default().trim().to_owned();
                out.push(Found { sha256, title, bytes });
            }
            members.values().for_each(|member| walk(member, out));
        }
        _ => {}
    }
}

fn decode(data: &str) -> Option<Vec<u8>> {
    let plain: String = data.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).ok().filter(|bytes| !bytes.is_empty())
}

/// The hash in a reference to the attachment store (`Binary/<64 hexadecimal digits>`).
pub(crate) fn stored_hash(reference: &str) -> Option<[u8; 32]> {
    let digits = reference.strip_prefix("Binary/").filter(|digits| digits.len() == 64 && digits.is_ascii())?;
    let mut sha256 = [0; 32];
    for (byte, at) in sha256.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    Some(sha256)
}

/// The media type by the first bytes.
fn media_type(bytes: &[u8]) -> &'static str {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    let at = |from: usize, magic: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(magic));
    if begins(b"%PDF-") {
        "application/pdf"
    } else if begins(&[0xff, 0xd8, 0xff]) {
        "image/jpeg"
    } else if begins(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if begins(b"GIF87a") || begins(b"GIF89a") {
        "image/gif"
    } else if begins(b"RIFF") && at(8, b"WEBP") {
        "image/webp"
    } else if at(128, b"DICM") {
        "application/dicom"
    } else if is_text(bytes) {
        // Markup is text too, and is only ever shown as such.
        "text/plain"
    } else {
        UNKNOWN
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A letter that the end of the piece cuts.
        Err(error) => error.error_len().is_none() && head.len() < bytes.len().max(HEAD + 1) && error.valid_up_to() > 0,
    };
    valid && !head.is_empty() && !head.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c))
}

/// A name to suggest: the title without what file systems or people stumble over, with the ending of its kind.
fn file_name(title: &str, kind: &str) -> String {
    let forbidden = |letter: char| {
        letter.is_control()
            || "/\\:*?\"<>|".contains(letter)
            || matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain: String = title.chars().map(|letter| if forbidden(letter) { ' ' } else { letter }).take(NAME).collect();
    let plain = plain.trim_start_matches(|letter: char| letter == '.' || letter.is_whitespace()).trim_end();
    let endings = KINDS.iter().find(|(known, _)| *known == kind).map_or(&["bin"][..], |(_, endings)| endings);
    let ending = endings.first().copied().unwrap_or("bin");
    let stem = endings.iter().find_map(|ending| {
        let cut = plain.len().checked_sub(ending.len() + 1)?;
        plain.get(cut..).filter(|end| end.eq_ignore_ascii_case(&format!(".{ending}")))?;
        plain.get(..cut)
    });
    let stem = stem.unwrap_or(plain);
    format!("{}.{ending}", if stem.is_empty() { "attachment" } else { stem })
}

/// Whether a file may be handed to the system's program for its kind: a known kind that nothing runs, under its own ending.
pub(crate) fn may_open(path: &Path, kind: &str) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    KINDS
        .iter()
        .any(|(known, endings)| *known == kind && endings.iter().any(|allowed| allowed.eq_ignore_ascii_case(ending)))
}

/// Takes the first bytes and refuses the rest.
#[derive(Clone, Default)]
struct Head(Arc<Mutex<Vec<u8>>>);

impl Write for Head {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut head = crate::wallet::lock(&self.0);
        let room = HEAD.saturating_sub(head.len());
        if room == 0 {
            return Err(std::io::Error::other("enough"));
        }
        let taken = bytes.get(..room).unwrap_or(bytes);
        head.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_end_as_their_kind_says_and_name_no_folder() {
        assert_eq!(file_name("X-ray.PDF", "application/pdf"), "X-ray.pdf");
        assert_eq!(file_name("../../etc/passwd", UNKNOWN), "etc passwd.bin");
        assert_eq!(file_name("photo\u{202e}gpj.exe", "image/jpeg"), "photo gpj.exe.jpg");
        assert_eq!(file_name("  ", "text/plain"), "attachment.txt");
        assert!(may_open(Path::new("/tmp/a.JPEG"), "image/jpeg"));
        for (path, kind) in [("/tmp/a.exe", "image/jpeg"), ("/tmp/a", UNKNOWN), ("/tmp/a.pdf", "text/plain")] {
            assert!(!may_open(Path::new(path), kind), "{path}");
        }
    }

    #[test]
    fn the_kind_is_told_by_bytes() {
        assert_eq!(media_type(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(media_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "text/plain");
        assert_eq!(media_type(b"MZ\x90\0\x03"), UNKNOWN);
        assert_eq!(media_type("é".repeat(HEAD).as_bytes()), "text/plain");
        assert_eq!(media_type(b""), UNKNOWN);
    }

    #[test]
    fn attachments_are_found_inside_and_outside_of_a_record() {
        let sha256 = "ab".repeat(32);
        let record = json!({"resourceType": "DocumentReference", "content": [
            {"attachment": {"contentType": "text/plain", "data": "aGVs\nbG8=", "title": "Note"}},
            {"attachment": {"url": format!("Binary/{sha256}"), "title": "Scan"}},
            {"attachment": {"url": format!("Binary/{sha256}")}},
            {"attachment": {"url": "Binary/é", "data": "%%%", "contentType": "x"}}]});
        let found = find(&record);
        let told: Vec<(&str, bool)> = found.iter().map(|one| (one.title.as_str(), one.bytes.is_some())).collect();
        assert_eq!(told, [("Note", true), ("Scan", false)]);
        assert_eq!(found[0].bytes.as_deref(), Some(b"hello".as_slice()));
    }
}
