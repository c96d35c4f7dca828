//! The requests a reader asks for.

use super::{Ask, Reader};
use crate::jwe;
use crate::manifest::ManifestRequest;
use std::fmt::Write;

/// What a manifest may say about a file besides its content, in bytes.
const ABOUT_A_FILE: usize = 4 << 10;

impl Reader {
    /// "SMART Health Link Manifest Request".
    pub(super) fn manifest_request(&self) -> Ask {
        let request = ManifestRequest {
            recipient: self.options.recipient.trim().to_owned(),
            passcode: self.passcode.as_ref().map(|passcode| passcode.to_string()),
            embedded_length_max: self.options.embedded_length_max,
        };
        #[allow(clippy::expect_used)] // Strings and a number always serialise.
        let body = serde_json::to_string(&request).expect("strings serialise");
        Ask::PostManifest { url: self.link.url.as_str().to_owned(), body, max_body: self.max_manifest() }
    }

    /// The longest manifest: as many files as are taken of the length that was asked for, or one of any length, for there are
    /// servers that put in whatever they have.
    fn max_manifest(&self) -> usize {
        let options = &self.options;
        let all = jwe::max_compact_len(options.max_total_bytes);
        let most = options.embedded_length_max.map_or(all, |length| {
            let each = length.saturating_add(ABOUT_A_FILE).saturating_mul(options.max_files);
            each.max(jwe::max_compact_len(options.max_file_bytes)).min(all)
        });
        most.saturating_add(64 << 10)
    }

    /// "SMART Health Link Direct File Request": the recipient in the query.
    pub(super) fn direct_request(&self) -> Ask {
        let mut url = self.link.url.as_str().to_owned();
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str("recipient=");
        percent_encode(self.options.recipient.trim(), &mut url);
        Ask::Get { url, max_body: jwe::max_compact_len(self.options.max_file_bytes) }
    }

    /// The next file of the manifest, where the manifest says it is.
    pub(super) fn location_request(&self) -> Ask {
        let url = self.current_file().and_then(|file| file.location.clone()).unwrap_or_default();
        Ask::Get { url, max_body: jwe::max_compact_len(self.options.max_file_bytes) }
    }
}

/// RFC 3986: all but the unreserved characters.
fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
