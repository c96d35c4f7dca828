//! `request`: what a clinician asks for, read and told, or written.

use crate::args::Request;
use crate::clock::local_time;
use crate::error::{Error, Exit, Result};
use crate::out::{Out, clean};
use carnet_wallet::bridge::{AskedShare, RequestDraft, ShareDraft, ShareObligation};
use carnet_wallet::request::{Change, Direction, Part};
use carnet_wallet::{REQUEST_PREFIX, differences, read_request, request_text, write_request};
use serde_json::json;
use std::io::{Read, Write};
use std::path::Path;

/// The most bytes of a request's file.
const MAX_FILE: u64 = 64 * 1024;

/// Reads a request, or writes one, or makes a key for it.
pub(crate) fn request(asked: &Request, out: &mut Out) -> Result<Exit> {
    match asked {
        Request { request: Some(text), .. } => read(text, out),
        Request { new_key: Some(path), .. } => new_key(path, out),
        Request { new, .. } => write(new.as_deref().unwrap_or_default(), asked, out),
    }
}

/// Says who asks for what, and in what an answer that gives it as far as this wallet can would differ.
fn read(request: &str, out: &mut Out) -> Result<Exit> {
    let asked = read_request(&text(request)?)?;
    tell(&asked, out)?;
    let changes = differences(&asked.draft)?;
    for change in &changes {
        out.line(format!("An answer would give {}.", in_words(change)))?;
    }
    out.line("Nothing sensitive is in an answer unless you tick it. Answer with `carnet share --request`.")?;
    let changes: Vec<_> = changes.iter().map(change_json).collect();
    out.json(&json!({ "asked": asked, "differences": changes }))?;
    Ok(Exit::Done)
}

/// A request's text: the file of that name, if there is one, or the words themselves.
pub(crate) fn text(request: &str) -> Result<String> {
    let path = Path::new(request);
    if request.starts_with(REQUEST_PREFIX) || !path.exists() {
        return Ok(request.to_owned());
    }
    let file = std::fs::File::open(path).map_err(Error::file("read", path))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(Error::file("read", path))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::Malformed { path: path.to_owned(), why: "it is larger than any request" });
    }
    // As text, or as the bytes that the text stands for.
    Ok(match String::from_utf8(bytes) {
        Ok(text) if text.trim().is_ascii() && !text.contains('\0') => text,
        Ok(text) => request_text(text.as_bytes()),
        Err(bytes) => request_text(bytes.as_bytes()),
    })
}

/// Refuses an answer that gives more than was asked, unless that is what the person wants.
pub(crate) fn refuse_wider(draft: &ShareDraft, wider: bool) -> Result<()> {
    let changes = differences(draft)?;
    let more: Vec<String> =
        changes.iter().filter(|change| change.direction == Direction::Wider).map(in_words).collect();
    if wider || more.is_empty() { Ok(()) } else { Err(Error::Wider(more.join(", "))) }
}

/// Writes a request for a clinician.
fn write(by: &str, asked: &Request, out: &mut Out) -> Result<Exit> {
    let wanted = RequestDraft {
        by: by.to_owned(),
        organization: asked.organization,
        purpose: asked.purpose.clone(),
        categories: (!asked.types.is_empty()).then(|| asked.types.clone()),
        since: asked.since.clone(),
        until: asked.until.clone(),
        seconds: asked.expires,
        max_openings: asked.openings,
        obligations: [
            (asked.no_redisclosure, ShareObligation::NoRedisclosure),
            (asked.delete_after_use, ShareObligation::DeleteAfterUse),
        ]
        .into_iter()
        .filter_map(|(wanted, obligation)| wanted.then_some(obligation))
        .collect(),
        live: asked.live,
    };
    let key = asked.key.as_deref().map(read_key).transpose()?;
    let text = write_request(&wanted, key)?;
    if let Some(file) = &asked.out {
        carnet_wallet::write_file(file, text.as_bytes()).map_err(Error::file("written", file))?;
        out.line(format!("The request is in {}.", file.display()))?;
    } else {
        out.line(&text)?;
    }
    out.json(&json!({ "request": text, "signed": asked.key.is_some() }))?;
    Ok(Exit::Done)
}

/// Makes a key that signs requests.
fn new_key(path: &Path, out: &mut Out) -> Result<Exit> {
    let seed = carnet_wallet::new_request_key()?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let text: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = options.open(path).map_err(Error::file("made", path))?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(Error::file("written", path))?;
    out.line(format!(
        "The key is in {}. Whoever has it can sign requests in your name; keep it to yourself.",
        path.display()
    ))?;
    out.json(&json!({ "key_file": path }))?;
    Ok(Exit::Done)
}

/// Reads what [`new_key`] wrote.
fn read_key(path: &Path) -> Result<[u8; 32]> {
    let malformed = || Error::Malformed { path: path.to_owned(), why: "it is not a key that --new-key made" };
    let text = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return Err(malformed());
    }
    let byte = |at: usize| text.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(malformed)
}

fn tell(asked: &AskedShare, out: &mut Out) -> Result<()> {
    let signed = if asked.signed {
        "The request is signed: whoever wrote it wrote all of it. That says nothing about who that is."
    } else {
        "The request is not signed: anybody can have written that name."
    };
    out.line(format!("{} asks, since {}.", clean(&asked.by), local_time(asked.asked_at)))?;
    out.line(signed)?;
    out.line(format!("  for      {}", purpose(&asked.purpose)))?;
    let what = asked.categories.as_ref().map_or_else(|| "everything".to_owned(), |names| names.join(", "));
    out.line(format!("  what     {what}"))?;
    for (word, date) in [("since", &asked.since), ("until", &asked.until)] {
        if let Some(date) = date {
            out.line(format!("  {word}    {}", clean(date)))?;
        }
    }
    out.line(if asked.draft.live {
        "  later    also what is added or changed later, while it lasts"
    } else {
        "  later    nothing of what is added or changed later"
    })?;
    out.line(format!("  for as long as {}", length(asked.seconds)))?;
    if let Some(most) = asked.max_openings {
        out.line(format!("  openings {most} at the most"))?;
    }
    for obligation in &asked.obligations {
        out.line(match obligation {
            ShareObligation::NoRedisclosure => "  binds itself not to pass it on without a consent that allows it",
            ShareObligation::DeleteAfterUse => "  binds itself to delete it after use",
        })?;
    }
    Ok(())
}

fn purpose(code: &str) -> String {
    let words = match code {
        "TREAT" => "treatment",
        "ETREAT" => "emergency treatment",
        "BTG" => "an emergency, whatever else was decided",
        "COC" => "coordination of care",
        "PATRQT" => "the patient asked for it",
        "FAMRQT" => "the family asked for it",
        "HRESCH" => "research",
        "HPAYMT" => "payment",
        "HOPERAT" => "running the place",
        "PUBHLTH" => "public health",
        _ => "another purpose",
    };
    format!("{words} ({code})")
}

fn length(seconds: i64) -> String {
    match seconds {
        seconds if seconds % 86_400 == 0 => format!("{} days", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{} hours", seconds / 3_600),
        seconds => format!("{} minutes", (seconds + 59) / 60),
    }
}

fn in_words(change: &Change) -> String {
    let direction = match change.direction {
        Direction::Narrower => "less",
        Direction::Wider => "more",
    };
    format!("{direction}: {}", part(change.part))
}

fn change_json(change: &Change) -> serde_json::Value {
    json!({ "part": part(change.part), "wider": change.direction == Direction::Wider })
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Purpose => "what for",
        Part::Time => "for how long",
        Part::Openings => "how often",
        Part::Categories => "which categories",
        Part::Codes => "which codes",
        Part::Since => "from which date on",
        Part::Until => "up to which date",
        Part::Pinned => "records named one by one",
        Part::Sensitive => "sensitive subjects",
        Part::Content => "later changes",
        Part::Access => "looking or keeping a copy",
        Part::Formats => "in which form",
        Part::Obligations => "what the recipient is bound to",
    }
}
