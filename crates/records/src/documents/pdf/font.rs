//! From the codes in a string to letters and how far each moves on (ISO 32000-2, 9.6 to 9.10).

use std::collections::HashMap;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_16BE};

use super::{
    cmap::{self, CMap},
    encoding::{self, Base},
    file::File,
    lexer::{Dict, Object},
};
use crate::documents::limits::Budget;

/// The most bytes of a ToUnicode stream.
const CMAP_BYTES: usize = 4 << 20;
/// The most widths of one font.
const WIDTHS: usize = 70_000;

/// A font as far as text needs it.
#[derive(Debug, Default)]
pub(super) struct Font {
    to_unicode: CMap,
    /// Simple fonts: what each code stands for.
    simple: Option<Vec<Option<String>>>,
    /// Composite fonts whose codes are of a legacy encoding.
    legacy: Option<&'static Encoding>,
    widths: HashMap<u32, f32>,
    usual_width: f32,
    vertical: bool,
}

/// One letter (or several of a ligature).
#[derive(Debug)]
pub(super) struct Glyph {
    /// Nothing where the font does not say.
    pub(super) text: Option<String>,
    /// In thousandths of the font's size.
    pub(super) width: f32,
    /// Whether word spacing applies (the single-byte code 32).
    pub(super) is_space: bool,
}

impl Font {
    pub(super) fn load(dict: &Dict, file: &File<'_>, room: &mut usize, budget: &mut Budget) -> Font {
        let mut out = Font { usual_width: 500.0, ..Font::default() };
        // Its tables are made anew each time.
        if budget.spend(4_000).is_none() {
            return out;
        }
        if let Some(map) = dict.get(b"ToUnicode")
            && let Some(data) = file.stream(map, CMAP_BYTES, budget)
        {
            out.to_unicode = cmap::parse(&data, room, budget);
        }
        if dict.name(b"Subtype") == Some(b"Type0") {
            out.composite(dict, file, room, budget);
        } else {
            out.simple(dict, file, budget);
        }
        out
    }

    /// The letters of a string.
    pub(super) fn glyphs<'s>(&'s self, string: &'s [u8]) -> Box<dyn Iterator<Item = Glyph> + 's> {
        if let Some(simple) = &self.simple {
            return Box::new(string.iter().map(move |code| {
                let key = u32::from(*code);
                let text = self.to_unicode.map.get(&key).filter(|text| !text.is_empty());
                let text = text.or_else(|| simple.get(usize::from(*code))?.as_ref());
                Glyph { text: text.cloned(), width: self.width(key), is_space: *code == 32 }
            }));
        }
        if let Some(encoding) = self.legacy {
            let text = encoding.decode_without_bom_handling(string).0.into_owned();
            let letters: Vec<char> = text.chars().collect();
            return Box::new(letters.into_iter().map(|letter| Glyph {
                text: Some(letter.to_string()),
                width: if letter.is_ascii() { 500.0 } else { 1000.0 },
                is_space: false,
            }));
        }
        let bytes = if self.to_unicode.bytes == 1 { 1 } else { 2 };
        Box::new(string.chunks(bytes).map(move |code| {
            let key = code.iter().fold(0_u32, |key, byte| key << 8 | u32::from(*byte));
            Glyph { text: self.to_unicode.map.get(&key).cloned(), width: self.width(key), is_space: false }
        }))
    }

    /// Whether it is written from top to bottom.
    pub(super) fn is_vertical(&self) -> bool {
        self.vertical
    }

    fn width(&self, code: u32) -> f32 {
        self.widths.get(&code).copied().unwrap_or(self.usual_width)
    }

    fn simple(&mut self, dict: &Dict, file: &File<'_>, budget: &mut Budget) {
        let encoding = dict.get(b"Encoding").and_then(|encoding| file.resolve(encoding, budget));
        let descriptor = dict.get(b"FontDescriptor").and_then(|descriptor| file.dict(descriptor, budget));
        let is_truetype = dict.name(b"Subtype") == Some(b"TrueType");
        let named = match &encoding {
            Some(Object::Name(name)) => Some(name.clone()),
            Some(Object::Dict(dict)) => dict.name(b"BaseEncoding").map(<[u8]>::to_vec),
            _ => None,
        };
        let base = match named.as_deref() {
            Some(b"WinAnsiEncoding") => Base::WinAnsi,
            Some(b"MacRomanEncoding") => Base::MacRoman,
            Some(b"StandardEncoding") => Base::Standard,
            _ if is_truetype => Base::WinAnsi,
            _ => Base::Standard,
        };
        let mut table: Vec<Option<String>> =
            (0..=255).map(|code| encoding::character(base, code).map(String::from)).collect();
        if let Some(Object::Dict(encoding)) = &encoding
            && let Some(Object::Array(differences)) =
                encoding.get(b"Differences").and_then(|differences| file.resolve(differences, budget))
        {
            let mut code = 0_usize;
            for item in &differences {
                match item {
                    Object::Number(_) => code = item.index().unwrap_or(256),
                    Object::Name(name) => {
                        if let Some(place) = table.get_mut(code) {
                            *place = encoding::glyph(name);
                        }
                        code = code.saturating_add(1);
                    }
                    _ => {}
                }
            }
        }
        self.simple = Some(table);
        let missing = descriptor.and_then(|descriptor| descriptor.get(b"MissingWidth")?.number());
        if let Some(missing) = missing.filter(|width| *width > 0.0) {
            self.usual_width = missing as f32;
        }
        let first = dict.get(b"FirstChar").and_then(Object::index).unwrap_or_default().min(255);
        if let Some(Object::Array(widths)) = dict.get(b"Widths").and_then(|widths| file.resolve(widths, budget)) {
            for (at, width) in widths.iter().take(256).enumerate() {
                let width = file.resolve(width, budget).and_then(|width| width.number());
                if let (Some(width), Ok(code)) = (width, u32::try_from(first + at)) {
                    self.widths.insert(code, width as f32);
                }
            }
        }
        // Type 3 fonts measure in a space of their own.
        if dict.name(b"Subtype") == Some(b"Type3")
            && let Some(Object::Array(matrix)) = dict.get(b"FontMatrix").and_then(|matrix| file.resolve(matrix, budget))
            && let Some(scale) = matrix.first().and_then(Object::number)
        {
            self.widths.values_mut().for_each(|width| *width = (f64::from(*width) * scale * 1000.0) as f32);
        }
    }

    fn composite(&mut self, dict: &Dict, file: &File<'_>, room: &mut usize, budget: &mut Budget) {
        self.usual_width = 1000.0;
        match dict.get(b"Encoding").and_then(|encoding| file.resolve(encoding, budget)) {
            Some(Object::Name(name)) => {
                self.vertical = name.ends_with(b"-V");
                self.legacy = legacy(&name);
            }
            // A CMap of its own says at least how long its codes are.
            Some(Object::Stream(..)) if self.to_unicode.bytes == 0 => {
                let data = dict.get(b"Encoding").and_then(|map| file.stream(map, CMAP_BYTES, budget));
                self.to_unicode.bytes = data.map_or(0, |data| cmap::parse(&data, room, budget).bytes);
            }
            _ => {}
        }
        let descendants = dict.get(b"DescendantFonts").and_then(|fonts| file.resolve(fonts, budget));
        let Some(Object::Array(descendants)) = descendants else { return };
        let Some(inner) = descendants.first().and_then(|font| file.dict(font, budget)) else { return };
        if let Some(width) = inner.get(b"DW").and_then(Object::number) {
            self.usual_width = width as f32;
        }
        if let Some(Object::Array(widths)) = inner.get(b"W").and_then(|widths| file.resolve(widths, budget)) {
            self.wide(&widths, file, budget);
        }
        if self.legacy.is_some() && !self.to_unicode.map.is_empty() {
            self.legacy = None;
        }
    }

    /// `W`: `first [w w w]` and `first last w`, mixed.
    fn wide(&mut self, widths: &[Object], file: &File<'_>, budget: &mut Budget) {
        let mut items = widths.iter();
        while let Some(first) = items.next() {
            let Some(first) = first.index().and_then(|first| u32::try_from(first).ok()) else { continue };
            let Some(next) = items.next().and_then(|next| file.resolve(next, budget)) else { return };
            match next {
                Object::Array(list) => {
                    for (code, width) in (first..).zip(&list) {
                        if self.widths.len() >= WIDTHS {
                            return;
                        }
                        if let Some(width) = width.number() {
                            self.widths.insert(code, width as f32);
                        }
                    }
                }
                last => {
                    let (Some(last), Some(width)) = (last.index(), items.next().and_then(Object::number)) else {
                        continue;
                    };
                    let last = u32::try_from(last).unwrap_or(u32::MAX);
                    for code in first..=last {
                        if self.widths.len() >= WIDTHS {
                            return;
                        }
                        self.widths.insert(code, width as f32);
                    }
                }
            }
        }
    }
}

/// The encoding behind a predefined CMap's name (ISO 32000-2, 9.7.5.2).
fn legacy(name: &[u8]) -> Option<&'static Encoding> {
    let name = std::str::from_utf8(name).ok()?;
    if name.contains("-UCS2-") || name.contains("-UTF16-") {
        return Some(UTF_16BE);
    }
    let part = |part: &str| name.contains(part);
    Some(match name {
        _ if part("GBK") || part("GB-EUC") => GBK,
        _ if part("RKSJ") => SHIFT_JIS,
        _ if part("KSC") => EUC_KR,
        _ if part("B5") => BIG5,
        "EUC-H" | "EUC-V" => EUC_JP,
        _ => return None,
    })
}
