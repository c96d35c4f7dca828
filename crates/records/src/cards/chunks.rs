//! Cards that are spread over several files: a photograph for each of their codes, a page of a letter, a line of text.
//!
//! Each part stays with the document of the file that it came in ([`chunks_of`]), so nothing is lost while others are
//! missing, and whoever reads the next file hands the known parts in. Nothing of a part says to which card it belongs; what
//! joins to something that unpacks and has all that a card must have is one. All that joins is taken, so which cards there
//! are depends on the parts alone and never on their order.

use std::{collections::BTreeSet, fmt};

use serde_json::{Value, json};
use smart_health::card::{self, Reason, numeric};

use super::CardReason;
use crate::convert::{Resource, Source, binary_reference, derive_id};

/// The extension that holds a part of a card (`shc:/2/3/…`) on the DocumentReference of the file that it is in.
const CHUNK: &str = "urn:carnet:card-part";
/// The type of such a document; by these words it is found.
pub const CHUNK_TITLE: &str = "Part of a SMART Health Card";

/// The most ways of joining parts that are tried for one file.
const MOST_TRIES: usize = 512;

/// The parts of cards in a document: what [`Known::chunks`](super::Known::chunks) of a file that comes later is made of.
/// None where it is the document of something else.
pub fn chunks_of(document: &[u8]) -> Vec<String> {
    let Ok(Value::Object(document)) = serde_json::from_slice(document) else { return Vec::new() };
    let extensions = document.get("extension").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let ours = extensions.iter().filter(|extension| extension.get("url").is_some_and(|url| url == CHUNK));
    ours.filter_map(|extension| Some(extension.get("valueString")?.as_str()?.to_owned())).collect()
}

/// Writes to the document of a file which parts are in it. A picture, which has no words of its own, is called by them.
pub(super) fn mark(document: &mut Resource, chunks: &[String]) {
    if chunks.is_empty() {
        return;
    }
    let all: Vec<Value> = chunks.iter().map(|chunk| json!({ "url": CHUNK, "valueString": chunk })).collect();
    document.insert("extension".into(), all.into());
    document.entry("type").or_insert_with(|| json!({ "text": CHUNK_TITLE }));
    let media_type = document.get("content").and_then(|content| content.pointer("/0/attachment/contentType"));
    if media_type.and_then(Value::as_str).is_some_and(|media_type| media_type.starts_with("image/")) {
        document.insert("description".into(), name(chunks).into());
    }
}

/// What a person calls these parts, where they are of one card as far as can be seen.
fn name(chunks: &[String]) -> String {
    let parts: BTreeSet<(usize, usize)> =
        codes(chunks.iter().map(String::as_str)).map(|chunk| (chunk.total, chunk.number)).collect();
    let totals: BTreeSet<usize> = parts.iter().map(|(total, _)| *total).collect();
    let numbers: Vec<String> = parts.iter().map(|(_, number)| number.to_string()).collect();
    match (totals.first(), numbers.as_slice()) {
        (Some(total), [number]) => format!("Part {number} of {total} of a health card"),
        (Some(total), [rest @ .., last]) if totals.len() == 1 && parts.len() == chunks.len() => {
            format!("Parts {} and {last} of {total} of a health card", rest.join(", "))
        }
        _ => "Parts of health cards".to_owned(),
    }
}

/// The document of a text that is nothing but parts.
pub(super) fn document(chunks: &[String], media_type: &str, source: &Source<'_>) -> Resource {
    let file = binary_reference(&source.sha256);
    let mut out = Resource::new();
    out.insert("resourceType".into(), "DocumentReference".into());
    out.insert("id".into(), derive_id(&["parts of cards", &file]).into());
    out.insert("status".into(), "current".into());
    out.insert("description".into(), name(chunks).into());
    let attachment = json!({ "contentType": media_type, "url": file, "title": CHUNK_TITLE });
    out.insert("content".into(), json!([{ "attachment": attachment }]));
    mark(&mut out, chunks);
    out
}

/// Whether what is missing, or too much, may be a matter of other files. A code that is there twice is not, and parts that are
/// wrapped in something else are left to who wrapped them.
pub(super) fn may_be_elsewhere(reason: &Reason, text: &str) -> bool {
    let mut seen = BTreeSet::new();
    let each_once = codes(text.lines()).all(|chunk| seen.insert(chunk));
    match reason {
        Reason::ChunkMissing { .. } | Reason::ChunkTotals => !seen.is_empty(),
        Reason::ChunkRepeated { .. } => each_once,
        _ => false,
    }
}

/// What parts come to.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// Cards that are whole.
    pub(super) whole: Vec<card::Candidate>,
    /// What they come to where it is no good card, to say why not.
    pub(super) refused: Option<card::Candidate>,
    /// Parts that found no others: where they are, and what is missing.
    pub(super) waiting: Vec<(String, CardReason)>,
    /// The parts that the file brought, each once.
    pub(super) own: Vec<String>,
}

/// What parts are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A card to take.
    Good,
    /// A card that is refused.
    Refused,
    /// Nothing that unpacks: parts of several cards, or damaged.
    NoCard,
}

/// Joins the parts in a text with each other and with the known ones to all cards of which one part at least is in it.
pub(super) fn join(text: &str, known: &[String], judge: &dyn Fn(&card::Candidate) -> Verdict) -> Joined {
    let own: BTreeSet<Chunk<'_>> = codes(text.lines()).collect();
    let all: BTreeSet<Chunk<'_>> = own.iter().copied().chain(codes(known.iter().map(String::as_str))).collect();
    let mut joined = Joined::default();
    let mut used = BTreeSet::new();
    let mut tries = MOST_TRIES;
    for chunk in &own {
        each_way(chunk, &all, &mut |way| {
            let Some(left) = tries.checked_sub(1) else { return false };
            tries = left;
            let Ok(assembled) = numeric::assemble(way.iter().map(|chunk| chunk.code)) else { return true };
            let candidate = card::Candidate {
                jws: assembled.jws,
                place: "shc:/".to_owned(),
                carrier: card::Carrier::Codes,
                findings: assembled.findings,
            };
            match judge(&candidate) {
                Verdict::Good => {
                    used.extend(way.iter().copied());
                    if !joined.whole.iter().any(|known| known.jws == candidate.jws) {
                        joined.whole.push(candidate);
                    }
                }
                Verdict::NoCard if way.iter().any(|chunk| !own.contains(chunk)) => {}
                Verdict::Refused | Verdict::NoCard => joined.refused = joined.refused.take().or(Some(candidate)),
            }
            true
        });
    }
    // Most ways of joining the parts of several cards make none.
    joined.refused = joined.refused.filter(|_| joined.whole.is_empty());
    for Chunk { number, total, .. } in own.iter().filter(|chunk| !used.contains(chunk)) {
        let has = |number: &usize| all.iter().any(|chunk| chunk.total == *total && chunk.number == *number);
        let missing: Vec<usize> = (1..=*total).filter(|number| !has(number)).collect();
        if !missing.is_empty() || joined.refused.is_none() {
            let reason = CardReason::Waiting { number: *number, total: *total, missing };
            joined.waiting.push((format!("shc:/{number}/{total}"), reason));
        }
    }
    joined.own = own.iter().map(|chunk| chunk.code.to_owned()).collect();
    joined
}

/// A part of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Chunk<'c> {
    total: usize,
    number: usize,
    /// The whole code.
    code: &'c str,
}

fn codes<'c>(codes: impl Iterator<Item = &'c str>) -> impl Iterator<Item = Chunk<'c>> {
    codes.filter_map(|code| {
        let code = code.trim();
        let (number, total) = numeric::decode(code).ok()?.chunk.filter(|(_, total)| *total > 1)?;
        Some(Chunk { total, number, code })
    })
}

/// Every way of completing a part with others, one of each number, as long as `take` wants more.
fn each_way<'c>(chunk: &Chunk<'c>, all: &BTreeSet<Chunk<'c>>, take: &mut dyn FnMut(&[Chunk<'c>]) -> bool) {
    let choices: Vec<Vec<Chunk<'c>>> = (1..=chunk.total)
        .map(|number| match number == chunk.number {
            true => vec![*chunk],
            false => all.iter().filter(|other| (other.total, other.number) == (chunk.total, number)).copied().collect(),
        })
        .collect();
    if choices.iter().any(Vec::is_empty) {
        return;
    }
    // Counts through the choices as through the digits of a number.
    let mut places = vec![0_usize; choices.len()];
    loop {
        let way: Vec<Chunk<'c>> =
            choices.iter().zip(&places).filter_map(|(choices, place)| choices.get(*place).copied()).collect();
        if !take(&way) {
            return;
        }
        let more = choices.iter().zip(&mut places).any(|(choices, place)| {
            *place = (*place + 1) % choices.len();
            *place > 0
        });
        if !more {
            return;
        }
    }
}

/// The sentence on a part that waits for others.
pub(super) fn write_waiting(
    out: &mut fmt::Formatter<'_>,
    number: usize,
    total: usize,
    missing: &[usize],
) -> fmt::Result {
    write!(out, "This is part {number} of {total} of a health card. ")?;
    match missing {
        [] => out.write_str("The other parts that are here belong to another card.")?,
        [one] => write!(out, "Part {one} is still missing.")?,
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(usize::to_string).collect();
            write!(out, "Parts {} and {last} are still missing.", rest.join(", "))?;
        }
    }
    out.write_str(
        " It was kept: add pictures of the others, in any order, and the card is made as soon as all are here.",
    )
}
