//! Codes inside other things: cards (`shc:/`), certificates (`HC1:`) and links (`shlink:/`) in letters, web pages, and QR
//! codes in pictures.
//!
//! A link is found and never opened: what it leads to is somebody else's computer, which would learn of it.

use smart_health::{SmartHealthLink, card, hcert, percent_decoded};

use crate::{
    Result,
    cards::{self, CardReason},
    convert::{Found, Sink, Source},
    documents::{self, Scanned},
    import::{Skip, SkipReason},
};

/// How a card or certificate begins, and a link, in any case of letters.
const CODES: [&[u8]; 4] = [b"shc:/", b"hc1:", b"shc%3a", b"hc1%3a"];
const LINKS: [&[u8]; 4] = [b"shlink:/", b"vhlink:/", b"shlink%3a", b"vhlink%3a"];
/// The most of each kind that are taken out of one file.
const MOST: usize = 200;
/// The least characters of a certificate: `HC1:` in a sentence is none.
const SHORTEST_CERTIFICATE: usize = 60;
/// The least characters of a line that goes on in the next.
const SHORTEST_LINE: usize = 50;
/// A line that begins with a word of so many letters may go on with a link of the line before.
const LONG_WORD: usize = 24;
/// A certificate may hold blanks, and so may end at any of them.
const MOST_BLANKS: usize = 32;

/// The most bytes of a letter that are looked through.
pub const MOST_TEXT: usize = SmartHealthLink::MAX_LETTER / 2;

/// What was found.
#[derive(Debug, Default)]
pub struct Codes {
    /// `shc:/…`, each whole or a part of one.
    cards: Vec<String>,
    /// What is wrong with QR codes that are cards, of which the cards are not read.
    flawed: Vec<card::Reason>,
    /// `HC1:…`
    certificates: Vec<String>,
    /// Links, each once.
    pub links: Vec<SmartHealthLink>,
    /// What QR codes say that hold nothing of these.
    others: Vec<String>,
}

impl Codes {
    /// The codes in a file: a picture with QR codes, or a text of at most [`MOST_TEXT`] bytes.
    pub fn in_file(bytes: &[u8]) -> Codes {
        match documents::looks_like(bytes) {
            Some(kind) if kind.is_image() => documents::codes_in(bytes).0,
            _ => {
                let mut codes = Codes::default();
                if bytes.len() <= MOST_TEXT {
                    codes.add_text(&String::from_utf8_lossy(bytes));
                }
                codes
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && !self.has_records()
    }

    /// Whether there is one that holds records.
    pub fn has_records(&self) -> bool {
        self.has_cards() || !self.certificates.is_empty()
    }

    /// Whether there is a card among them.
    pub(crate) fn has_cards(&self) -> bool {
        !self.cards.is_empty() || !self.flawed.is_empty()
    }

    /// Takes one QR code.
    pub(crate) fn add_code(&mut self, code: Scanned) {
        let text = code.text.trim_matches(['\n', '\r']);
        if begins(text, b"hc1:") {
            push(&mut self.certificates, text);
        } else if is_card(text) {
            match code.flaw {
                Some(flaw) if self.flawed.len() < MOST => self.flawed.push(flaw),
                Some(_) => {}
                None => push(&mut self.cards, text),
            }
        } else if may_hold(text.as_bytes()) {
            self.add_text(text);
        } else {
            push(&mut self.others, text);
        }
    }

    /// Takes what stands anywhere in a text.
    pub(crate) fn add_text(&mut self, text: &str) {
        if !may_hold(text.as_bytes()) {
            return;
        }
        for (_, rest) in starts(text, b"shc:/") {
            let (scheme, digits) = rest.split_at_checked(5).unwrap_or_default();
            let digits = digits_of(digits);
            if digits.bytes().any(|byte| byte.is_ascii_digit()) {
                push(&mut self.cards, &format!("{scheme}{digits}"));
            }
        }
        // Behind a link, as programs that put one together encode it.
        for beginning in [b"shc%3a", b"hc1%3a"] {
            for (_, rest) in starts(text, beginning) {
                let ends =
                    |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>' | '&' | '#');
                let code = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
                self.add_decoded(&percent_decoded(&code.replace('+', " ")));
            }
        }
        for (before, rest) in starts(text, b"hc1:") {
            if !before.ends_with(|letter: char| letter.is_alphanumeric())
                && let Some(certificate) = certificate(rest)
            {
                push(&mut self.certificates, certificate);
            }
        }
        for link in SmartHealthLink::find_all(text).unwrap_or_default().into_iter().flatten() {
            if self.links.len() < MOST && !self.links.contains(&link) {
                self.links.push(link);
            }
        }
    }

    /// Takes a code that was percent-encoded.
    fn add_decoded(&mut self, code: &str) {
        if begins(code, b"hc1:") {
            self.certificates.extend(certificate(code).filter(|_| self.certificates.len() < MOST).map(str::to_owned));
        } else if begins(code, b"shc:/") {
            push(&mut self.cards, code);
        }
    }

    /// Reads the cards and certificates and hands over their records, each beside a document that refers to the file they
    /// were found in, `source`, which is of that media type.
    ///
    /// # Errors
    /// See [`cards::read`].
    pub(crate) fn read(
        &self,
        media_type: &'static str,
        source: &Source<'_>,
        known: cards::Known<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<cards::Outcome> {
        let groups = [&self.cards, &self.certificates].map(|group| group.join("\n"));
        let texts: Vec<&[u8]> = groups.iter().filter(|text| !text.is_empty()).map(|text| text.as_bytes()).collect();
        let mut flawed = self
            .flawed
            .iter()
            .map(|flaw| Skip { path: "shc:/".into(), reason: SkipReason::Card(CardReason::HealthCard(flaw.clone())) });
        let stopped = flawed.any(|skip| sink(Found::Skipped(skip)).is_break());
        if texts.is_empty() || stopped {
            return Ok(cards::Outcome { stopped, ..cards::Outcome::default() });
        }
        cards::read_all(&texts, media_type, source, known, sink)
    }

    /// What a person should know: of the cards that were taken, and of the links, which were not opened.
    pub(crate) fn said(self, notes: Vec<cards::Note>) -> Vec<Said> {
        let of_cards = notes.into_iter().map(|note| Said::Note { place: note.place, text: note.reason.to_string() });
        of_cards.chain(self.links.into_iter().map(Said::Link)).chain(self.others.into_iter().map(Said::Other)).collect()
    }
}

/// What a person should know of a file.
#[derive(Debug)]
pub enum Said {
    /// Of something that was taken.
    Note {
        /// Where in the file.
        place: String,
        /// What, as a sentence.
        text: String,
    },
    /// There is a link in it, which was not opened. Who shows it shows where it leads, never the link itself: it is a key.
    Link(SmartHealthLink),
    /// What a QR code in it says that is nothing of health records. Whoever knows other codes may know it.
    Other(String),
}

/// Whether a text may hold a code: a cheap look.
pub(crate) fn may_hold(text: &[u8]) -> bool {
    CODES.iter().chain(&LINKS).any(|beginning| holds(text, beginning))
}

/// Whether a text that begins with a code may hold a link as well.
pub(crate) fn may_be_mixed(text: &[u8]) -> bool {
    !text.trim_ascii_start().starts_with(b"{") && LINKS.iter().any(|beginning| holds(text, beginning))
}

/// The digits of a code, also where the lines of a letter or of a vCard (RFC 6350, 3.2) break it.
fn digits_of(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '/').unwrap_or(rest.len());
        let (digits, after) = rest.split_at_checked(end).unwrap_or_default();
        out.push_str(digits);
        let next = after.strip_prefix('\r').unwrap_or(after).strip_prefix('\n').unwrap_or_default();
        let next = next.trim_start_matches([' ', '\t']);
        let of_code = next.bytes().take_while(u8::is_ascii_digit).count();
        let ends = next.as_bytes().get(of_code).is_none_or(|byte| matches!(byte, b'\r' | b'\n' | b'"' | b'<'));
        // A line that was broken is long, and what goes on with it is nothing but digits.
        if digits.len() < SHORTEST_LINE || of_code == 0 || !ends || out.len() > MOST_TEXT {
            return out;
        }
        rest = next;
    }
}

/// A text without what opens the links in it: who finds a letter by its words, or is shown them, is not given a key.
pub(crate) fn without_links(text: &str) -> String {
    let of_link = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '=' | '%');
    let begins_here = |rest: &str| LINKS.iter().find(|scheme| begins(rest, scheme)).map(|scheme| scheme.len());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let scheme = begins_here(rest).and_then(|length| rest.split_at_checked(length));
        let (shown, after) = scheme.unwrap_or_else(|| rest.split_at(letter.len_utf8()));
        out.push_str(shown);
        rest = after;
        if scheme.is_some() {
            rest = rest.trim_start_matches('/');
            loop {
                rest = rest.trim_start_matches(of_link);
                // A long link goes on in the next line.
                let next = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'));
                let word = next.map(|next| next.split(|letter| !of_link(letter)).next().unwrap_or_default());
                match (next, word) {
                    (Some(next), Some(word)) if word.len() >= LONG_WORD => rest = next,
                    _ => break,
                }
            }
            out.push('…');
        }
    }
    out
}

fn holds(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window.eq_ignore_ascii_case(what))
}

/// Whether a text is the code of a card.
pub(crate) fn is_card(text: &str) -> bool {
    begins(text, b"shc:/")
}

fn begins(text: &str, with: &[u8]) -> bool {
    text.as_bytes().get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// What stands before each place where that begins, and from there on.
fn starts<'t>(text: &'t str, what: &'static [u8]) -> impl Iterator<Item = (&'t str, &'t str)> {
    let windows = text.as_bytes().windows(what.len()).enumerate();
    let places = windows.filter(move |(_, window)| window.eq_ignore_ascii_case(what)).map(|(at, _)| at);
    places.filter_map(|at| text.split_at_checked(at)).take(MOST)
}

/// The certificate at the start of a text: as far as its characters go (RFC 9285, and blanks are among them), or, if that
/// is none, to an earlier blank.
fn certificate(text: &str) -> Option<&str> {
    let behind = text.get(4..)?;
    let end = 4 + behind.find(|letter| !cards::is_base45(letter)).unwrap_or(behind.len());
    let whole = text.get(..end)?.trim_end();
    let shorter = std::iter::successors(Some(whole), |longer| Some(longer.rsplit_once(' ')?.0.trim_end()));
    let candidates = || shorter.clone().take(MOST_BLANKS).filter(|text| text.len() >= SHORTEST_CERTIFICATE);
    let limits = hcert::Limits::default();
    candidates().find(|text| hcert::unwrap(text, &limits).is_ok()).or_else(|| candidates().next())
}

fn push(to: &mut Vec<String>, text: &str) {
    if to.len() < MOST && !to.iter().any(|known| known == text) {
        to.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests;
