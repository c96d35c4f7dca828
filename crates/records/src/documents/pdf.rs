//! PDF (ISO 32000): title, date, pages, text and the names of files inside. Nothing is rendered, no action is followed.
//!
//! The crates tried for this either unpack streams without a bound or build an object for every two bytes of a hostile
//! file; so the syntax is read here, lazily and within a budget: objects are found by scanning (no cross-reference table
//! is believed, and none can loop), read one at a time, and every byte that is unpacked is paid for.

mod cmap;
mod content;
mod crypt;
mod drawn;
mod encoding;
mod file;
mod filters;
mod font;
mod lexer;
mod order;
mod pages;
mod pictures;
mod text;

use super::{
    limits::{Budget, TEXT_BYTES},
    reference::{Draft, tidy},
};
use file::File;
use lexer::{Dict, Object};

/// Units of work for any file, and for each of its bytes: about one for each byte that is scanned, unpacked or
/// interpreted.
const WORK: u64 = 64 << 20;
const WORK_PER_BYTE: u64 = 8;
/// Units of work for the pictures in it.
const PICTURE_WORK: u64 = 256 << 20;
/// The most pages whose text is read.
const MOST_PAGES: usize = 2_000;
/// The most files inside that are named, and the most bytes of all that are read.
const MOST_FILES: usize = 50;
const MOST_INSIDE: usize = 16 << 20;

pub(super) fn draft(bytes: &[u8]) -> Draft {
    let mut draft = Draft::new("application/pdf");
    let mut budget = Budget::new(WORK + WORK_PER_BYTE * bytes.len() as u64);
    let file = File::open(bytes, &mut budget);
    if file.is_locked() {
        draft.facts.push("PDF. It is encrypted with a password, so its text cannot be searched.".to_owned());
        return draft;
    }
    let info = file.info(&mut budget);
    draft.title = info.text(b"Title", &file, &mut budget).and_then(|title| useful_title(&title));
    draft.author = info.text(b"Author", &file, &mut budget).filter(|author| is_name(author));
    draft.created = info.text(b"CreationDate", &file, &mut budget).and_then(|date| fhir_date(&date));
    let Some(root) = file.root(&mut budget) else {
        draft.facts.push("PDF. It is damaged, and nothing could be read of it.".to_owned());
        return draft;
    };
    let (pages_read, total) = pages::pages(&file, &root, MOST_PAGES, &mut budget);
    let mut read = text::Reader::new(&file);
    for page in &pages_read {
        if draft.text.len() >= TEXT_BYTES {
            break;
        }
        let found = read.page(page, &mut budget);
        if !draft.text.is_empty() && !found.is_empty() {
            draft.text.push('\n');
        }
        draft.text.push_str(crate::index::clip(&found, TEXT_BYTES.saturating_sub(draft.text.len())));
    }
    let pages = if total == 1 { "1 page".to_owned() } else { format!("{total} pages") };
    draft.facts.push(format!("PDF, {pages}."));
    if draft.text.trim().is_empty() {
        let sentence = if total == 0 {
            "It is damaged, and no page could be read."
        } else if read.unreadable > 0 {
            "Its letters do not say which they are, so its text cannot be searched."
        } else {
            "It has no text; its pages seem to be scanned or drawn."
        };
        draft.facts.push(sentence.to_owned());
    }
    // Of its own, so that pictures cost no text.
    draft.codes = pictures::qr_codes(&file, &pages_read, &mut Budget::new(PICTURE_WORK));
    let files = embedded_files(&file, &root, &mut budget);
    if !files.is_empty() {
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        draft.facts.push(format!("It holds other files: {}.", names.join(", ")));
    }
    let mut room = MOST_INSIDE;
    for (name, stream) in files.into_iter().filter_map(|(name, stream)| Some((name, stream?))) {
        let bytes = file.stream(&stream, room, &mut budget).unwrap_or_default();
        // What is cut off is not read.
        if !bytes.is_empty() && bytes.len() < room {
            room -= bytes.len();
            draft.inside.push((name, bytes));
        }
    }
    draft
}

impl Dict {
    /// A text string of the document: UTF-16, UTF-8 or PDFDocEncoding.
    fn text(&self, key: &[u8], file: &File<'_>, budget: &mut Budget) -> Option<String> {
        match file.resolve(self.get(key)?, budget)? {
            Object::String(bytes) => Some(encoding::text_string(&bytes)).filter(|text| !text.trim().is_empty()),
            _ => None,
        }
    }
}

/// A title that says something; those that programs make up do not.
fn useful_title(title: &str) -> Option<String> {
    let title = tidy(title);
    let title = ["Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - "]
        .iter()
        .find_map(|prefix| title.strip_prefix(prefix))
        .unwrap_or(&title);
    // The name of the file it was made from says what the title is, not that it was a file.
    let title = match title.rsplit_once('.') {
        Some((stem, "doc" | "docx" | "odt" | "rtf" | "txt" | "xls" | "xlsx" | "ppt" | "pptx" | "pdf" | "html")) => stem,
        _ => title,
    };
    let lower = title.to_lowercase();
    let made_up = ["untitled", "unbenannt", "sans titre", "sin título", "document", "document1", "scan", "title"];
    (title.chars().filter(|letter| letter.is_alphanumeric()).count() >= 3 && !made_up.contains(&lower.as_str()))
        .then(|| title.to_owned())
}

fn is_name(author: &str) -> bool {
    let lower = author.trim().to_lowercase();
    lower.len() >= 3 && !["admin", "administrator", "user", "owner", "unknown", "anonymous"].contains(&lower.as_str())
}

/// `D:20240501101112+02'00'` to a FHIR dateTime: to the second where it names its zone, else the day, month or year.
fn fhir_date(text: &str) -> Option<String> {
    let text = text.trim().strip_prefix("D:").unwrap_or(text.trim());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(14);
    let part = |from: usize, to: usize| (digits >= to).then(|| text.get(from..to)).flatten();
    let year = part(0, 4)?;
    let date = match (part(4, 6), part(6, 8)) {
        (Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        (Some(month), None) => format!("{year}-{month}"),
        _ => year.to_owned(),
    };
    crate::datetime::unix_seconds(&date).filter(|_| year > "1970")?;
    let zone = text.get(digits..).unwrap_or_default();
    let zone = match zone.as_bytes().first() {
        Some(b'Z') => Some("Z".to_owned()),
        Some(sign @ (b'+' | b'-')) => {
            let numbers: Vec<&str> = zone.get(1..).unwrap_or_default().split('\'').collect();
            let hours = numbers.first().copied().unwrap_or_default();
            let minutes = numbers.get(1).copied().filter(|minutes| !minutes.is_empty()).unwrap_or("00");
            Some(format!("{}{hours}:{minutes}", char::from(*sign)))
        }
        _ => None,
    };
    let full = zone
        .zip(part(8, 10))
        .zip(part(10, 12))
        .map(|((zone, hour), minute)| format!("{date}T{hour}:{minute}:{}{zone}", part(12, 14).unwrap_or("00")));
    Some(full.filter(|full| date.len() == 10 && crate::datetime::unix_seconds(full).is_some()).unwrap_or(date))
}

/// The names in the tree of embedded files, and their streams (ISO 32000-2, 7.11.4).
fn embedded_files(file: &File<'_>, root: &Dict, budget: &mut Budget) -> Vec<(String, Option<Object>)> {
    let mut out = Vec::new();
    let names = root.get(b"Names").and_then(|names| file.dict(names, budget));
    let tree = names.and_then(|names| file.dict(names.get(b"EmbeddedFiles")?, budget));
    let mut stack: Vec<Dict> = tree.into_iter().collect();
    let mut nodes = 0;
    while let Some(node) = stack.pop() {
        nodes += 1;
        if nodes > 500 || out.len() >= MOST_FILES {
            break;
        }
        if let Some(Object::Array(kids)) = node.get(b"Kids").and_then(|kids| file.resolve(kids, budget)) {
            let room = 500_usize.saturating_sub(stack.len());
            stack.extend(kids.iter().take(room).filter_map(|kid| file.dict(kid, budget)));
        }
        let Some(Object::Array(pairs)) = node.get(b"Names").and_then(|names| file.resolve(names, budget)) else {
            continue;
        };
        for pair in pairs.chunks(2).take(MOST_FILES.saturating_sub(out.len())) {
            let spec = pair.get(1).and_then(|spec| file.dict(spec, budget));
            let streams = spec.as_ref().and_then(|spec| file.dict(spec.get(b"EF")?, budget));
            let stream = streams.and_then(|streams| streams.get(b"F").or_else(|| streams.get(b"UF")).cloned());
            let name = spec.and_then(|spec| spec.text(b"UF", file, budget).or_else(|| spec.text(b"F", file, budget)));
            let name = name.or_else(|| match pair.first() {
                Some(Object::String(bytes)) => Some(encoding::text_string(bytes)),
                _ => None,
            });
            let name = name.map(|name| tidy(&name)).filter(|name| !name.is_empty());
            out.extend(name.map(|name| (name, stream)));
        }
    }
    out
}

#[cfg(test)]
mod tests;
