//! Where cards come from: files, links, codes, bare text.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "User Retrieves Health Cards" (file, deep link, `$health-cards-issue`).

use serde_json::Value;

use super::numeric::{self, Chunks, Progress};
use super::{Finding, Limits, Reason};
use crate::percent_decoded;

/// What a card came in, which decides what it has to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// The bare card: any length; one that fits a QR code is as such a card has to be.
    Text,
    /// A file, a link, an answer of a server: any length, and nothing of what QR codes ask for.
    File,
    /// A single QR code.
    Code,
    /// Several QR codes.
    Codes,
}

/// A card that was found and not yet looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The compact JWS.
    pub jws: String,
    /// Where: `verifiableCredential[0]`, `shc:/`.
    pub place: String,
    /// What it came in.
    pub carrier: Carrier,
    /// What is to be said of its wrapping.
    pub findings: Vec<Finding>,
}

/// Something that stands where a card should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Where.
    pub place: String,
    /// Why it is none.
    pub reason: Reason,
}

/// Finds the cards in a text: a `.smart-health-card` file, an answer of `$health-cards-issue`, a deep link, one or more
/// `shc:/` codes (parted by line breaks, commas, semicolons or blanks; parts of one card in any order), or a bare card.
///
/// # Errors
/// Only where nothing can be found: [`Reason::NotACard`], [`Reason::NumericHeader`], [`Reason::TooLarge`],
/// [`Reason::FileNotJson`], [`Reason::FileWithoutCards`], [`Reason::TooManyCards`].
pub fn find(text: &str, limits: &Limits) -> Result<Vec<Result<Candidate, Unreadable>>, Reason> {
    if text.len() > limits.text_bytes {
        return Err(Reason::TooLarge { limit: limits.text_bytes });
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let (content, trailing) = without_surroundings(text);
    let mut found = in_content(content, limits)?;
    if trailing {
        for candidate in found.iter_mut().flatten() {
            candidate.findings.insert(0, Finding::refused("text", Reason::TrailingCharacters));
        }
    }
    Ok(found)
}

/// Whether a text looks like cards, so that [`find`] is worth calling: a cheap look at how it begins.
pub fn looks_like_cards(text: &str) -> bool {
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let head = text.get(..text.len().min(4096)).unwrap_or_else(|| text.get(..1024).unwrap_or_default());
    starts_with_scheme(text)
        || is_headless(text.as_bytes())
        || looks_like_jws(text)
        || (text.starts_with("https://") && (text.contains("#shc:/") || text.contains("verifiableCredential")))
        || (text.starts_with('{') && head.contains("\"verifiableCredential\""))
        || (text.starts_with('[') && head.contains("\"shc:/"))
}

/// The content without white space around it, and whether there was any but line breaks: text files end with one, and programs
/// that copy texts put more around them.
pub(super) fn without_surroundings(text: &str) -> (&str, bool) {
    let bare = text.trim_matches(['\r', '\n']);
    let content = text.trim();
    (content, content.len() != bare.len())
}

fn in_content(content: &str, limits: &Limits) -> Result<Vec<Result<Candidate, Unreadable>>, Reason> {
    if starts_with_scheme(content) {
        let whole = unfolded(content);
        return Ok(codes(whole.iter().map(String::as_str), "shc:/", limits));
    }
    if content.starts_with(['{', '[', '"']) {
        let json: Value = serde_json::from_str(content).map_err(|_| Reason::FileNotJson)?;
        return in_json(&json, limits);
    }
    if let Some((_, fragment)) = content.split_once('#').filter(|_| is_https(content)) {
        let fragment = percent_decoded(fragment);
        if !fragment.starts_with('{') && !starts_with_scheme(&fragment) {
            return Err(Reason::NotACard);
        }
        return in_content(&fragment, limits);
    }
    if is_headless(content.as_bytes()) {
        return Err(Reason::NumericHeader);
    }
    let lines = || content.lines().map(str::trim).filter(|line| !line.is_empty());
    if !content.is_empty() && lines().all(looks_like_jws) && lines().count() <= limits.cards {
        let place = |at: usize| if at == 0 { "text".to_owned() } else { format!("text (card {})", at + 1) };
        return Ok(lines().enumerate().map(|(at, line)| Ok(candidate(line, place(at)))).collect());
    }
    Err(Reason::NotACard)
}

/// The codes of a text. One may be broken over lines: what follows a code and is nothing but digits goes on with it.
fn unfolded(content: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in parted(content).into_iter().flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()) {
        match out.last_mut() {
            Some(code) if line.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/') => code.push_str(line),
            _ => out.push(line.to_owned()),
        }
    }
    out
}

/// What stands from the beginning of a code to that of the next, without what parts them: programs that read several codes at
/// once write each on a line, or a comma, a semicolon or a blank between them.
fn parted(content: &str) -> Vec<&str> {
    const BETWEEN: [char; 6] = ['\n', '\r', ',', ';', ' ', '\t'];
    let mut out = Vec::new();
    let mut from = 0;
    for (at, between) in content.match_indices(BETWEEN) {
        let next = at + between.len();
        if content.get(next..).is_some_and(starts_with_scheme) {
            out.extend(content.get(from..at).map(|code| code.trim_end_matches(BETWEEN)));
            from = next;
        }
    }
    out.extend(content.get(from..));
    out
}

fn in_json(json: &Value, limits: &Limits) -> Result<Vec<Result<Candidate, Unreadable>>, Reason> {
    let mut out = Vec::new();
    match json {
        Value::String(text) if starts_with_scheme(text) => out = codes([text.as_str()].into_iter(), "shc:/", limits),
        Value::String(text) if looks_like_jws(text) => out.push(Ok(candidate(text, "text"))),
        Value::Array(items) if items.len() <= limits.cards.max(numeric::MAX_CHUNKS) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            match texts {
                Some(texts) if texts.iter().all(|text| starts_with_scheme(text)) && !texts.is_empty() => {
                    out = codes(texts.into_iter(), "shc:/", limits);
                }
                Some(texts) if texts.iter().all(|text| looks_like_jws(text)) && !texts.is_empty() => {
                    out.extend(texts.iter().enumerate().map(|(at, text)| Ok(candidate(text, format!("[{at}]")))));
                }
                _ => return Err(Reason::NotACard),
            }
        }
        Value::Object(object) if object.get("resourceType").and_then(Value::as_str) == Some("Parameters") => {
            let parameters = object.get("parameter").and_then(Value::as_array).ok_or(Reason::FileWithoutCards)?;
            for (at, parameter) in parameters.iter().enumerate() {
                if parameter.get("name").and_then(Value::as_str) == Some("verifiableCredential") {
                    // Before anything is made of them: a file of nothing but commas and numbers has millions.
                    if out.len() >= limits.cards {
                        return Err(Reason::TooManyCards { limit: limits.cards });
                    }
                    out.push(member(parameter.get("valueString"), of_parameter(at)));
                }
            }
        }
        Value::Object(object) if object.contains_key("verifiableCredential") => {
            let cards = object.get("verifiableCredential");
            // One card, where a list of one should be.
            if let Some(Value::String(card)) = cards.filter(|card| card.as_str().is_some_and(looks_like_jws)) {
                return Ok(vec![Ok(in_file(card, "verifiableCredential"))]);
            }
            let cards = cards.and_then(Value::as_array).ok_or(Reason::FileWithoutCards)?;
            if cards.len() > limits.cards {
                return Err(Reason::TooManyCards { limit: limits.cards });
            }
            out.extend(
                cards.iter().enumerate().map(|(at, card)| member(Some(card), format!("verifiableCredential[{at}]"))),
            );
        }
        _ => return Err(Reason::NotACard),
    }
    if out.is_empty() {
        return Err(Reason::FileWithoutCards);
    }
    if out.len() > limits.cards {
        return Err(Reason::TooManyCards { limit: limits.cards });
    }
    Ok(out)
}

/// The place of a card in the answer of `$health-cards-issue`.
pub(super) fn of_parameter(at: usize) -> String {
    format!("parameter[{at}].valueString")
}

pub(super) fn member(value: Option<&Value>, place: String) -> Result<Candidate, Unreadable> {
    match value.and_then(Value::as_str) {
        Some(text) => Ok(in_file(text, place)),
        None => Err(Unreadable { place, reason: Reason::CardNotText }),
    }
}

fn candidate(jws: &str, place: impl Into<String>) -> Candidate {
    Candidate { jws: jws.to_owned(), place: place.into(), carrier: Carrier::Text, findings: Vec::new() }
}

fn in_file(jws: &str, place: impl Into<String>) -> Candidate {
    Candidate { carrier: Carrier::File, ..candidate(jws, place) }
}

/// Whole codes are a card each; all parts together are one.
fn codes<'a>(codes: impl Iterator<Item = &'a str>, place: &str, limits: &Limits) -> Vec<Result<Candidate, Unreadable>> {
    let mut out = Vec::new();
    let mut parts = Vec::new();
    for (at, text) in codes.enumerate() {
        let place = if at == 0 { place.to_owned() } else { format!("{place} (code {})", at + 1) };
        if out.len() >= limits.cards || parts.len() > numeric::MAX_CHUNKS {
            out.push(Err(Unreadable { place, reason: Reason::TooManyCards { limit: limits.cards } }));
            break;
        }
        match numeric::decode(text) {
            Ok(code) if code.chunk.is_some_and(|(_, total)| total > 1) => parts.push(text),
            Ok(_) => out.push(single(text, place)),
            Err(reason) => out.push(Err(Unreadable { place, reason })),
        }
    }
    if !parts.is_empty() {
        out.push(match numeric::assemble(parts) {
            Ok(whole) => Ok(Candidate {
                jws: whole.jws,
                place: place.to_owned(),
                carrier: Carrier::Codes,
                findings: whole.findings,
            }),
            Err(reason) => Err(Unreadable { place: place.to_owned(), reason }),
        });
    }
    out
}

fn single(text: &str, place: String) -> Result<Candidate, Unreadable> {
    match Chunks::default().add(text) {
        Ok(Progress::Complete(whole)) => {
            Ok(Candidate { jws: whole.jws, place, carrier: Carrier::Code, findings: whole.findings })
        }
        Ok(Progress::More { have, total }) => {
            Err(Unreadable { place, reason: Reason::ChunkMissing { missing: total.saturating_sub(have), total } })
        }
        Err(reason) => Err(Unreadable { place, reason }),
    }
}

fn starts_with_scheme(text: &str) -> bool {
    text.get(..numeric::SCHEME.len()).is_some_and(|head| head.eq_ignore_ascii_case(numeric::SCHEME))
}

/// Whether a text, white space around it aside, is a code whose writer forgot the slash: `shc:5676…`, at least 100 digits and
/// nothing else. [`find`] refuses it and says so ([`Reason::NumericHeader`]).
pub fn is_headless(text: &[u8]) -> bool {
    let Some((scheme, code)) = text.trim_ascii().split_at_checked(4) else { return false };
    scheme.eq_ignore_ascii_case(b"shc:") && code.len() >= 100 && code.iter().all(u8::is_ascii_digit)
}

fn is_https(text: &str) -> bool {
    text.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

/// Three parts of base64url, the first of them a JSON object (`{"` is `ey` in base64).
fn looks_like_jws(text: &str) -> bool {
    text.starts_with("ey")
        && text.matches('.').count() == 2
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWS: &str = "eyJh.b-_.cc";

    fn jws_of(text: &str) -> Vec<String> {
        let found = find(text, &Limits::default()).unwrap();
        found.into_iter().map(|card| card.unwrap().jws).collect()
    }

    #[test]
    fn cards_are_found_in_all_that_carries_them() {
        let code = format!("shc:/{}", numeric::to_digits(JWS).unwrap());
        for text in [
            JWS.to_owned(),
            format!("{JWS}\n"),
            format!("\"{JWS}\""),
            format!("[\"{JWS}\"]"),
            format!("{{\"verifiableCredential\":[\"{JWS}\"]}}"),
            format!(
                r#"{{"resourceType":"Parameters","parameter":[{{"name":"resourceLink","part":[]}},{{"name":"verifiableCredential","valueString":"{JWS}"}}]}}"#
            ),
            format!("https://wallet.example/SMARTHealthCard/#{code}"),
            format!("https://wallet.example/SMARTHealthCard/#{{\"verifiableCredential\":[\"{JWS}\"]}}"),
            format!("https://wallet.example/#%7B%22verifiableCredential%22%3A%5B%22{JWS}%22%5D%7D"),
            code.clone(),
            format!("[\"{code}\"]"),
        ] {
            assert_eq!(jws_of(&text), [JWS], "{text}");
            assert!(looks_like_cards(&text) || text.starts_with(['"', '[']), "{text}");
        }
        assert_eq!(jws_of(&format!("{code}\n{code}")), [JWS, JWS]);
        assert_eq!(jws_of(&format!("{JWS}\n\n{JWS}\r\n")), [JWS, JWS]);
        assert_eq!(jws_of(&format!("{{\"verifiableCredential\":\"{JWS}\"}}")), [JWS]);
        // Broken over lines, as letters are.
        let (first, rest) = code.split_at(9);
        let (second, third) = rest.split_at(3);
        assert_eq!(jws_of(&format!("{first}\r\n{second}\r\n{third}\r\n{code}\r\n")), [JWS, JWS]);
    }

    #[test]
    fn codes_of_several_cards_may_stand_in_one_line() {
        let code = format!("shc:/{}", numeric::to_digits(JWS).unwrap());
        for between in ["\n", ",", ", ", ";", " ", " ;\t", ",\r\n"] {
            let found = find(&format!("{code}{between}{}", code.replace("shc", "SHC")), &Limits::default()).unwrap();
            let read: Vec<&str> = found.iter().flatten().map(|found| found.jws.as_str()).collect();
            assert_eq!(read, [JWS, JWS], "{between:?}");
        }
        let (first, second) = JWS.split_at(8);
        let part = |number: u8, text: &str| format!("shc:/{number}/2/{}", numeric::to_digits(text).unwrap());
        let found = find(&format!("{},{}", part(2, second), part(1, first)), &Limits::default()).unwrap();
        assert_eq!(found[0].as_ref().unwrap().jws, JWS);
        let found = find(&format!("{code},5676"), &Limits::default()).unwrap();
        assert_eq!(found[0].as_ref().unwrap_err().reason, Reason::NumericNotDigits);
    }

    #[test]
    fn what_holds_none_says_why() {
        for (text, reason) in [
            ("", Reason::NotACard),
            ("hello", Reason::NotACard),
            ("{", Reason::FileNotJson),
            ("{}", Reason::NotACard),
            (r#"{"verifiableCredential":[]}"#, Reason::FileWithoutCards),
            (r#"{"verifiableCredential":"x"}"#, Reason::FileWithoutCards),
            (r#"{"resourceType":"Parameters","parameter":[]}"#, Reason::FileWithoutCards),
            ("https://a.example/#shlink:/x", Reason::NotACard),
            ("[1]", Reason::NotACard),
            (&format!("shc:{}\n", "56".repeat(60)), Reason::NumericHeader),
            ("shc:56", Reason::NotACard),
        ] {
            assert_eq!(find(text, &Limits::default()), Err(reason), "{text}");
        }
        assert!(looks_like_cards(&format!("SHC:{}", "56".repeat(60))) && !looks_like_cards("shc:56"));
        let few = Limits { cards: 1, ..Limits::default() };
        let two = format!("{{\"verifiableCredential\":[\"{JWS}\",\"{JWS}\"]}}");
        assert_eq!(find(&two, &few), Err(Reason::TooManyCards { limit: 1 }));
        let each = r#"{"name":"verifiableCredential"}"#;
        let two = format!(r#"{{"resourceType":"Parameters","parameter":[{each},{each}]}}"#);
        assert_eq!(find(&two, &few), Err(Reason::TooManyCards { limit: 1 }));
    }

    #[test]
    fn one_bad_member_does_not_fail_the_file() {
        let found = find(&format!("{{\"verifiableCredential\":[7,\"{JWS}\"]}}"), &Limits::default()).unwrap();
        assert_eq!(found[0], Err(Unreadable { place: "verifiableCredential[0]".into(), reason: Reason::CardNotText }));
        assert_eq!(found[1].as_ref().unwrap().jws, JWS);
    }

    #[test]
    fn surroundings_are_told() {
        let found = find(&format!(" {JWS}"), &Limits::default()).unwrap();
        assert_eq!(found[0].as_ref().unwrap().findings[0].reason, Reason::TrailingCharacters);
        for lines in [format!("{JWS}\r\n"), format!("\r\n\r\n{JWS}\n\n")] {
            let found = find(&lines, &Limits::default()).unwrap();
            assert!(found[0].as_ref().unwrap().findings.is_empty());
        }
        let found = find(&format!("{JWS} \n"), &Limits::default()).unwrap();
        assert_eq!(found[0].as_ref().unwrap().findings[0].reason, Reason::TrailingCharacters);
    }
}
