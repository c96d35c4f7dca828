//! What a file is, by its first bytes.

use super::text;
use crate::{
    ccda, codes, csv,
    documents::{self, DocumentKind},
    index,
    xml::root_tag,
};

/// What some kinds are called.
pub(super) const WEB_PAGE: &str = "a web page";
pub(super) const A_LINK: &str = "a link";
pub(super) const A_HEALTH_LINK: &str = "a SMART Health Link";

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    Json,
    FhirXml,
    ClinicalDocument,
    AppleHealth,
    /// XML of some other kind.
    Xml,
    Zip,
    Gzip,
    Tar,
    HealthCard,
    Hcert,
    Table,
    Pdf,
    Picture,
    Dicom,
    Rtf,
    /// Words, of no format that is known here.
    Text,
    /// Known not to hold records: a web page, a style sheet.
    NoRecords(&'static str),
    /// Locked.
    Encrypted,
    /// Not read, or unknown: what it is, with its article.
    Other(&'static str),
}

/// What starts so.
pub(super) fn detect(head: &[u8]) -> Kind {
    binary(head).unwrap_or_else(|| textual(&text::start_of(head)))
}

fn binary(head: &[u8]) -> Option<Kind> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, b'P', b'K', ..] => Kind::Zip,
        [0x1f, 0x8b, ..] => Kind::Gzip,
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] | [b'G', b'I', b'F', b'8', ..] => Kind::Picture,
        // A DICOM file may begin as a TIFF does, so that programs for pictures open it (PS3.10, 7.1).
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] if !documents::is_dicom(head) => Kind::Picture,
        _ if at(0, b"RIFF") && at(8, b"WEBP") => Kind::Picture,
        _ if at(4, b"ftyp") && documents::looks_like(head).is_some_and(DocumentKind::is_image) => Kind::Picture,
        _ if documents::is_dicom(head) => Kind::Dicom,
        _ if at(257, b"ustar") => Kind::Tar,
        _ if at(0, b"age-encryption.org/v1") || at(0, b"-----BEGIN AGE") || at(0, b"-----BEGIN PGP MESSAGE") => {
            Kind::Encrypted
        }
        _ if at(0, b"7z\xBC\xAF\x27\x1C") => Kind::Other("a 7-Zip archive"),
        _ if at(0, b"Rar!\x1A\x07") => Kind::Other("a RAR archive"),
        _ if at(0, b"BZh") && at(4, b"1AY&SY") => Kind::Other("a file packed with bzip2"),
        _ if at(0, b"\xFD7zXZ\0") => Kind::Other("a file packed with xz"),
        _ if at(0, b"\x28\xB5\x2F\xFD") => Kind::Other("a file packed with zstd"),
        _ if at(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") => Kind::Other("an old Office document"),
        _ if at(0, b"SQLite format 3\0") => Kind::Other("a database"),
        // Some writers put a few bytes before it; text that only speaks of it is no PDF.
        _ if !starts_as_text(head) && holds(head.get(..1024).unwrap_or(head), b"%PDF-") => Kind::Pdf,
        _ => return None,
    })
}

/// Whether JSON or XML may start here.
fn starts_as_text(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start(), [b'{' | b'[' | b'<' | b'"', ..])
}

fn textual(head: &[u8]) -> Kind {
    let start = head.trim_ascii_start();
    let starts =
        |prefix: &str| start.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
    match start {
        [] => Kind::Empty,
        _ if start.starts_with(b"{\\rtf") => Kind::Rtf,
        [b'{', ..] if is_card_file(start) => Kind::HealthCard,
        [b'[' | b'"', ..] if is_quoted_card(start) => Kind::HealthCard,
        // What a program that scans codes writes: objects of its own, with the codes in them.
        [b'{' | b'[', ..] if !holds(start, b"\"resourceType\"") && codes::may_hold(start) => Kind::Text,
        [b'{', ..] => Kind::Json,
        [b'[', ..] => Kind::Json,
        [b'<', ..] => xml(start),
        _ if text::is_wrapped_json(start) => Kind::Json,
        _ if starts("shc:/") || smart_health::card::is_headless(start) => Kind::HealthCard,
        _ if starts("HC1:") => Kind::Hcert,
        _ if starts("shlink:/") || starts("vhlink:/") => Kind::Other(A_HEALTH_LINK),
        _ if (starts("http://") || starts("https://")) && holds(start, b"#shlink:/") => Kind::Other(A_HEALTH_LINK),
        // The link behind which an app takes cards (SMART Health Cards, "via Deep Link").
        _ if starts("https://") && (holds(start, b"#shc:/") || holds(start, b"verifiableCredential")) => {
            Kind::HealthCard
        }
        _ if starts("http://") || starts("https://") => Kind::Other(A_LINK),
        _ => compact(start)
            .or_else(|| table(start))
            .or_else(|| plain(start))
            .unwrap_or(Kind::Other("another kind of file")),
    }
}

/// A file of SMART Health Cards is an object with this member (SMART Health Cards, "Health Card is ready to be downloaded"),
/// or an answer of `$health-cards-issue`, which is Parameters with one of that name.
fn is_card_file(start: &[u8]) -> bool {
    const TYPE: &[u8] = b"\"resourceType\"";
    if !holds(start, b"\"verifiableCredential\"") {
        return false;
    }
    let first = start.strip_prefix(b"{").unwrap_or(start).trim_ascii_start();
    if first.starts_with(b"\"verifiableCredential\"") {
        return true;
    }
    let Some(at) = start.windows(TYPE.len()).position(|window| window == TYPE) else { return true };
    let value = start.get(at + TYPE.len()..).unwrap_or_default().trim_ascii_start();
    let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii_start();
    // Of a resource that carries parameters among other things, the records come first.
    value.starts_with(b"\"Parameters\"") && first.starts_with(TYPE)
}

/// Codes of cards as JSON texts, alone or in an array: what programs that scan them write.
fn is_quoted_card(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"[").unwrap_or(start).trim_ascii_start();
    let Some(text) = start.strip_prefix(b"\"") else { return false };
    text.starts_with(b"shc:/") || compact(text.split(|byte| *byte == b'"').next().unwrap_or_default()).is_some()
}

/// A compact JWS or JWE by itself.
fn compact(start: &[u8]) -> Option<Kind> {
    let token = start.split(u8::is_ascii_whitespace).next()?;
    let plain = token.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if !token.starts_with(b"eyJ") || !plain {
        return None;
    }
    match token.iter().filter(|byte| **byte == b'.').count() {
        4 => Some(Kind::Encrypted),
        // The second dot may lie past what is looked at.
        1 | 2 => Some(Kind::HealthCard),
        _ => None,
    }
}

/// Text without anything that stands in no text. Its last character may be cut off.
fn plain(start: &[u8]) -> Option<Kind> {
    let valid = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(start.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    let odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}');
    (!valid.contains(odd)).then_some(Kind::Text)
}

/// Two lines of text with separators at its beginning; or below a title, where a letter may have commas too, the names of
/// columns that are known and a row as wide with a date.
fn table(start: &[u8]) -> Option<Kind> {
    const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
    const LINES: usize = 40;
    if start.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t')) {
        return None;
    }
    let count = |line: &[u8], separator: u8| line.iter().filter(|byte| **byte == separator).count();
    let lines = start.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let lines: Vec<&[u8]> = lines.take(LINES).collect();
    let mut pairs = lines.windows(2).filter_map(|pair| <&[&[u8]; 2]>::try_from(pair).ok());
    let [first, second] = lines.first_chunk()?;
    let at_once = |separator: u8| count(first.trim_ascii(), separator) > 0 && count(second.trim_ascii(), separator) > 0;
    if SEPARATORS.into_iter().any(at_once) {
        return Some(Kind::Table);
    }
    let titled = pairs.any(|[names, row]| {
        SEPARATORS.into_iter().any(|separator| {
            let width = count(names, separator);
            let text = |line: &'_ [u8]| String::from_utf8_lossy(line).into_owned();
            width > 0
                && width == count(row, separator)
                && row.iter().any(u8::is_ascii_digit)
                && csv::begins_table(&text(names), &text(row), char::from(separator))
        })
    });
    titled.then_some(Kind::Table)
}

/// XML by its root element.
fn xml(start: &[u8]) -> Kind {
    let Some((name, tag)) = root_tag(start) else { return Kind::Xml };
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or(name);
    match local {
        b"HealthData" => Kind::AppleHealth,
        b"ClinicalDocument" => Kind::ClinicalDocument,
        _ if local.eq_ignore_ascii_case(b"html") => Kind::NoRecords(WEB_PAGE),
        // One that carries a document shows it, and is the document (France).
        b"stylesheet" | b"transform" if ccda::looks_like(start) => Kind::ClinicalDocument,
        b"stylesheet" | b"transform" => Kind::NoRecords("a style sheet"),
        b"gpx" => Kind::NoRecords("a route"),
        b"svg" => Kind::Picture,
        _ if holds(tag, b"http://hl7.org/fhir\"") || holds(tag, b"http://hl7.org/fhir'") => Kind::FhirXml,
        b"Bundle" => Kind::FhirXml,
        // Some programs leave FHIR's namespace out; nobody else writes what a thing is called as an attribute.
        _ if names_resource(local) && !holds(tag, b"xmlns") && holds(start, b" value=") => Kind::FhirXml,
        _ if holds(tag, b"ebxml-regrep") || holds(tag, b"ebxml") => Kind::NoRecords("the contents list of an archive"),
        // A section or an entry by itself, as some systems hand them out.
        _ if ccda::looks_like(start) => Kind::ClinicalDocument,
        _ => Kind::Xml,
    }
}

fn names_resource(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(index::is_known)
}

fn holds(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window == what)
}
