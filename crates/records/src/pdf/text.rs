//! Text to glyphs: which font for which character, which direction, where a line may end.

use std::collections::HashMap;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::script::UNKNOWN;
use rustybuzz::{Direction, Face, Script, ShapePlan, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};

use super::fonts::Fonts;

/// What stands for a character that no font has.
const BOX: char = '□';
/// The most parts whose glyphs are kept.
const MOST_SET: usize = 20_000;
/// Below this a character belongs to no script that is written from right to left, or whose letters change at a word's end,
/// and is no mark on another.
const FIRST_INVOLVED: char = '\u{300}';
/// The most characters of one paragraph.
const MOST_CHARS: usize = 20_000;

/// A font opened for shaping and for drawing.
struct Opened<'f> {
    face: Face<'f>,
    font: Font,
}

/// The fonts of a document, opened.
pub(super) struct Shaper<'f> {
    /// Regular ones in order; the bold one last.
    opened: Vec<Opened<'f>>,
    bold: usize,
    /// Which of the first characters there are glyphs for: they are asked for all the time.
    ascii: [bool; 128],
    /// Parts read from left to right that were set before, regular and bold: records use few words many times.
    set: [HashMap<String, Vec<Run>>; 2],
    /// How each font shapes each script in each direction: planning costs more than shaping a word.
    plans: HashMap<(usize, Script, bool), ShapePlan>,
    /// How many characters no font had.
    pub(super) missing: usize,
}

/// Glyphs of one font that follow one another, and the text they stand for.
#[derive(Clone)]
pub(super) struct Run {
    /// Which of the opened fonts it is in.
    number: usize,
    pub(super) font: Font,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    pub(super) width: f32,
}

impl Run {
    /// Adds what follows it in the same font.
    fn append(&mut self, next: &Run) {
        let before = self.text.len();
        self.text.push_str(&next.text);
        self.glyphs.extend(next.glyphs.iter().map(|glyph| KrillaGlyph {
            text_range: glyph.text_range.start + before..glyph.text_range.end + before,
            ..glyph.clone()
        }));
        self.width += next.width;
    }
}

/// One line of a paragraph, its runs as they stand from left to right.
pub(super) struct Line {
    pub(super) runs: Vec<Run>,
    pub(super) width: f32,
    /// Whether the paragraph is read from right to left.
    pub(super) rtl: bool,
}

impl<'f> Shaper<'f> {
    pub(super) fn new(fonts: &'f Fonts) -> Self {
        let open = |bytes: &'f std::sync::Arc<Vec<u8>>| {
            Some(Opened { face: Face::from_slice(bytes, 0)?, font: Font::new(bytes.clone().into(), 0)? })
        };
        let mut opened: Vec<Opened<'f>> = fonts.faces.iter().filter_map(open).collect();
        let bold = open(&fonts.bold).map_or(0, |font| {
            opened.push(font);
            opened.len() - 1
        });
        let ascii = std::array::from_fn(|code| {
            let letter = u8::try_from(code).map_or(BOX, char::from);
            opened.iter().any(|opened| opened.face.glyph_index(letter).is_some())
        });
        Shaper { opened, bold, ascii, set: Default::default(), plans: HashMap::new(), missing: 0 }
    }

    /// Makes text fit to be set: no controls, none of the marks that turn its direction around, and a box for each
    /// character that no font has.
    fn clean(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for letter in text.chars().take(MOST_CHARS) {
            match letter {
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => {}
                letter if letter.is_control() || letter.is_whitespace() => out.push(' '),
                // Joiners and variation selectors need no glyph of their own.
                '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{2060}' | '\u{00ad}' => {
                    if self.covers(letter) {
                        out.push(letter);
                    }
                }
                letter if self.covers(letter) => out.push(letter),
                _ => {
                    self.missing += 1;
                    out.push(if self.covers(BOX) { BOX } else { '?' });
                }
            }
        }
        out
    }

    fn covers(&self, letter: char) -> bool {
        let known = self.ascii.get(letter as usize).copied();
        known.unwrap_or_else(|| (0..self.opened.len()).any(|font| self.has(font, letter)))
    }

    fn has(&self, font: usize, letter: char) -> bool {
        self.opened.get(font).is_some_and(|opened| opened.face.glyph_index(letter).is_some())
    }

    /// The font for a character: the preferred one, the one before, the first that has it.
    fn font_for(&self, letter: char, bold: bool, before: Option<usize>) -> usize {
        let has = |at: &usize| self.has(*at, letter);
        if letter == ' '
            && let Some(before) = before.filter(|before| has(before))
        {
            return before;
        }
        let preferred = bold.then_some(self.bold);
        let all = preferred.into_iter().chain(0..self.opened.len());
        all.into_iter().find(has).or(before).unwrap_or_default()
    }

    /// Sets a paragraph in lines of at most `width` at a size of one.
    pub(super) fn lines(&mut self, text: &str, bold: bool, width: f32) -> Vec<Line> {
        let mut out = Vec::new();
        for paragraph in text.split(['\n', '\r']) {
            let clean = self.clean(paragraph);
            let clean = clean.trim();
            if clean.is_empty() {
                continue;
            }
            let rtl = !is_simple(clean)
                && BidiInfo::new(clean, None).paragraphs.first().is_some_and(|paragraph| paragraph.level.is_rtl());
            for line in self.broken(clean, bold, width) {
                out.push(self.line(&line, bold, rtl));
            }
        }
        out
    }

    /// Where lines end: at spaces, between characters of scripts that have none, and within what is too long.
    fn broken(&mut self, text: &str, bold: bool, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0.0_f32);
        for piece in pieces(text) {
            let wide = self.measure(piece, bold);
            if used + self.measure(piece.trim_end(), bold) > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0.0;
            }
            if wide <= width {
                line.push_str(piece);
                used += wide;
                continue;
            }
            for letter in piece.chars() {
                let wide = self.measure(letter.encode_utf8(&mut [0; 4]), bold);
                if used + wide > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(letter);
                used += wide;
            }
        }
        lines.push(line.trim_end().to_owned());
        lines.retain(|line| !line.is_empty());
        lines
    }

    fn measure(&mut self, text: &str, bold: bool) -> f32 {
        let mut width = 0.0;
        for part in parts(text) {
            self.part(part, bold, |runs| width += runs.iter().map(|run| run.width).sum::<f32>());
        }
        width
    }

    /// Looks at the runs of a part that is read from left to right.
    fn part(&mut self, text: &str, bold: bool, look: impl FnOnce(&[Run])) {
        if let Some(runs) = self.set_before(bold).get(text) {
            return look(runs);
        }
        let runs = self.runs(text, bold, false);
        look(&runs);
        let set = self.set_before(bold);
        if set.len() < MOST_SET {
            set.insert(text.to_owned(), runs);
        }
    }

    fn set_before(&mut self, bold: bool) -> &mut HashMap<String, Vec<Run>> {
        let [regular, heavy] = &mut self.set;
        if bold { heavy } else { regular }
    }

    /// A line in the order in which it is seen (UAX #9).
    fn line(&mut self, text: &str, bold: bool, rtl: bool) -> Line {
        let runs = if rtl || !is_simple(text) { self.ordered(text, bold, rtl) } else { self.joined(text, bold) };
        Line { width: runs.iter().map(|run| run.width).sum(), runs, rtl }
    }

    /// A line of parts that stand from left to right and do not change one another.
    fn joined(&mut self, text: &str, bold: bool) -> Vec<Run> {
        let mut line: Vec<Run> = Vec::new();
        for part in parts(text) {
            self.part(part, bold, |runs| {
                for run in runs {
                    match line.last_mut() {
                        Some(last) if last.number == run.number => last.append(run),
                        _ => line.push(run.clone()),
                    }
                }
            });
        }
        line
    }

    fn ordered(&mut self, text: &str, bold: bool, rtl: bool) -> Vec<Run> {
        let level = if rtl { Level::rtl() } else { Level::ltr() };
        let bidi = BidiInfo::new(text, Some(level));
        let mut runs = Vec::new();
        if let Some(paragraph) = bidi.paragraphs.first() {
            let (levels, ranges) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for range in ranges {
                let rtl = levels.get(range.start).is_some_and(|level| level.is_rtl());
                runs.extend(self.runs(text.get(range).unwrap_or_default(), bold, rtl));
            }
        }
        runs
    }

    /// Text of one direction as runs of one font each, from left to right.
    fn runs(&mut self, text: &str, bold: bool, rtl: bool) -> Vec<Run> {
        let mut parts: Vec<(usize, String)> = Vec::new();
        for letter in text.chars() {
            let before = parts.last().map(|(font, _)| *font);
            let joins =
                unicode_normalization::char::is_combining_mark(letter) || matches!(letter, '\u{200b}'..='\u{200f}');
            let font = match before {
                Some(before) if joins && self.has(before, letter) => before,
                before => self.font_for(letter, bold, before),
            };
            match parts.last_mut() {
                Some((last, part)) if *last == font => part.push(letter),
                _ => parts.push((font, letter.to_string())),
            }
        }
        if rtl {
            parts.reverse();
        }
        parts.into_iter().filter_map(|(font, part)| self.shape(font, part, rtl)).collect()
    }

    fn shape(&mut self, number: usize, text: String, rtl: bool) -> Option<Run> {
        let Opened { face, font } = self.opened.get(number)?;
        let direction = if rtl { Direction::RightToLeft } else { Direction::LeftToRight };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        buffer.set_direction(direction);
        let script = buffer.script();
        let plan = || ShapePlan::new(face, direction, Some(script).filter(|known| *known != UNKNOWN), None, &[]);
        let plan = self.plans.entry((number, script, rtl)).or_insert_with(plan);
        let shaped = rustybuzz::shape_with_plan(face, plan, buffer);
        let unit = 1.0 / face.units_per_em() as f32;
        let infos = shaped.glyph_infos();
        let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        let end = |start: usize| {
            let after = starts.partition_point(|other| *other <= start);
            starts.get(after).copied().unwrap_or(text.len())
        };
        // A mark without its letter is given a dotted circle to sit on, which not every font has.
        let instead = face.glyph_index('\u{25cc}').or_else(|| face.glyph_index(' ')).map(|glyph| u32::from(glyph.0));
        let glyphs: Vec<KrillaGlyph> = infos
            .iter()
            .zip(shaped.glyph_positions())
            .filter_map(|(info, position)| {
                Some((info, position, Some(info.glyph_id).filter(|id| *id != 0).or(instead)?))
            })
            .map(|(info, position, glyph)| KrillaGlyph {
                glyph_id: GlyphId::new(glyph),
                text_range: info.cluster as usize..end(info.cluster as usize),
                x_advance: position.x_advance as f32 * unit,
                x_offset: position.x_offset as f32 * unit,
                y_offset: position.y_offset as f32 * unit,
                y_advance: position.y_advance as f32 * unit,
                location: None,
            })
            .collect();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Some(Run { number, font: font.clone(), text, glyphs, width })
    }
}

/// Whether text is read from left to right and can be set word by word.
fn is_simple(text: &str) -> bool {
    text.is_ascii() || text.chars().all(|letter| letter < FIRST_INVOLVED)
}

/// Text in parts that look the same wherever they stand: words and, as no two dates and values are the same, single digits.
/// Of text that is not simple it is all one.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let simple = is_simple(text);
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = rest.find(|letter: char| letter == ' ' || letter.is_ascii_digit()).filter(|_| simple);
        let end = match at {
            None => rest.len(),
            Some(0) => 1,
            Some(at) => at + usize::from(rest.get(at..)?.starts_with(' ')),
        };
        let (part, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(part).filter(|part| !part.is_empty())
    })
}

/// Text in pieces after each of which a line may end.
fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        let next = at + letter.len_utf8();
        if letter == ' ' || is_ideographic(letter) {
            out.extend(text.get(start..next));
            start = next;
        }
    }
    out.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    out
}

/// Han, kana, hangul and Thai: scripts without spaces, or that break between any two.
fn is_ideographic(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
