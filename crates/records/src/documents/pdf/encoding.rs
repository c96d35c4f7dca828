//! Single bytes and glyph names to Unicode (ISO 32000-2, annex D; Adobe Glyph List for New Fonts).

use encoding_rs::{MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use unicode_normalization::UnicodeNormalization;

/// A base encoding of simple fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    WinAnsi,
    MacRoman,
}

/// The character of a code; `None` where the encoding has none.
pub(super) fn character(base: Base, code: u8) -> Option<char> {
    let letter = match base {
        Base::WinAnsi => WINDOWS_1252.decode_without_bom_handling(&[code]).0.chars().next()?,
        Base::MacRoman => MACINTOSH.decode_without_bom_handling(&[code]).0.chars().next()?,
        Base::Standard => return standard(code),
    };
    (!letter.is_control()).then_some(letter)
}

fn standard(code: u8) -> Option<char> {
    if code == 0x27 {
        return Some('\u{2019}');
    }
    if code == 0x60 {
        return Some('\u{2018}');
    }
    if (0x20..0x7F).contains(&code) {
        return Some(char::from(code));
    }
    let at = |from: u8, letters: &str| letters.chars().nth(usize::from(code - from)).filter(|letter| *letter != ' ');
    match code {
        0xA1..=0xAF => at(0xA1, "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ"),
        0xB1..=0xBF => at(0xB1, "–†‡· ¶•‚„”»…‰ ¿"),
        0xC1..=0xCF => at(0xC1, "`´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ"),
        0xD0 => Some('—'),
        0xE1 => Some('Æ'),
        0xE3 => Some('ª'),
        0xE8..=0xEB => at(0xE8, "ŁØŒº"),
        0xF1 => Some('æ'),
        0xF5 => Some('ı'),
        0xF8..=0xFB => at(0xF8, "łøœß"),
        _ => None,
    }
}

/// What a glyph's name stands for: `eacute`, `uni00E9`, `u1F600`, `f_i`, `A.sc`.
pub(super) fn glyph(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    if name.contains('_') {
        let parts: Option<String> = name.split('_').take(8).map(one_glyph).collect();
        return parts.filter(|text| !text.is_empty());
    }
    one_glyph(name)
}

fn one_glyph(name: &str) -> Option<String> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return letter.is_ascii_alphanumeric().then(|| letter.to_string());
    }
    if let Some((_, text)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some((*text).to_owned());
    }
    if let Some(hex) = name.strip_prefix("uni").filter(|hex| hex.len() >= 4 && hex.len() % 4 == 0 && hex.len() <= 32) {
        let units = hex
            .as_bytes()
            .chunks(4)
            .map(|unit| char::from_u32(u32::from_str_radix(std::str::from_utf8(unit).ok()?, 16).ok()?));
        return units.collect();
    }
    if let Some(hex) = name.strip_prefix('u').filter(|hex| (4..=6).contains(&hex.len())) {
        return u32::from_str_radix(hex, 16).ok().and_then(char::from_u32).map(String::from);
    }
    // A letter and its accent.
    let base = name.chars().next()?;
    let (_, mark) = ACCENTS.iter().find(|(accent, _)| name.get(base.len_utf8()..) == Some(accent))?;
    base.is_ascii_alphabetic().then(|| [base, *mark].into_iter().nfc().collect())
}

/// A text string outside of pages: UTF-16 or UTF-8 where it says so, else PDFDocEncoding.
pub(super) fn text_string(bytes: &[u8]) -> String {
    let bytes = bytes.get(..bytes.len().min(8 << 10)).unwrap_or_default();
    if bytes.starts_with(b"\xFE\xFF") {
        return UTF_16BE.decode_with_bom_removal(bytes).0.into_owned();
    }
    if bytes.starts_with(b"\xFF\xFE") {
        return UTF_16LE.decode_with_bom_removal(bytes).0.into_owned();
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return UTF_8.decode_with_bom_removal(bytes).0.into_owned();
    }
    let low = "˘ˇˆ˙˝˛˚˜";
    let high = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž";
    let letter = |byte: &u8| match byte {
        0x18..=0x1F => low.chars().nth(usize::from(byte - 0x18)).unwrap_or(' '),
        0x80..=0x9E => high.chars().nth(usize::from(byte - 0x80)).unwrap_or(' '),
        0xA0 => '€',
        byte => char::from(*byte),
    };
    bytes.iter().map(letter).collect()
}

const ACCENTS: [(&str, char); 13] = [
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("circumflex", '\u{302}'),
    ("dieresis", '\u{308}'),
    ("tilde", '\u{303}'),
    ("ring", '\u{30A}'),
    ("cedilla", '\u{327}'),
    ("caron", '\u{30C}'),
    ("ogonek", '\u{328}'),
    ("macron", '\u{304}'),
    ("breve", '\u{306}'),
    ("dotaccent", '\u{307}'),
    ("hungarumlaut", '\u{30B}'),
];

/// Names that are not a letter with its accent: those of the standard Latin character set and of Greek letters.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    ("space", " "), ("exclam", "!"), ("quotedbl", "\""), ("numbersign", "#"), ("dollar", "$"), ("percent", "%"),
    ("ampersand", "&"), ("quotesingle", "'"), ("parenleft", "("), ("parenright", ")"), ("asterisk", "*"), ("plus", "+"),
    ("comma", ","), ("hyphen", "-"), ("period", "."), ("slash", "/"), ("zero", "0"), ("one", "1"), ("two", "2"),
    ("three", "3"), ("four", "4"), ("five", "5"), ("six", "6"), ("seven", "7"), ("eight", "8"), ("nine", "9"),
    ("colon", ":"), ("semicolon", ";"), ("less", "<"), ("equal", "="), ("greater", ">"), ("question", "?"), ("at", "@"),
    ("bracketleft", "["), ("backslash", "\\"), ("bracketright", "]"), ("asciicircum", "^"), ("underscore", "_"),
    ("grave", "`"), ("braceleft", "{"), ("bar", "|"), ("braceright", "}"), ("asciitilde", "~"), ("exclamdown", "¡"),
    ("cent", "¢"), ("sterling", "£"), ("fraction", "⁄"), ("yen", "¥"), ("florin", "ƒ"), ("section", "§"),
    ("currency", "¤"), ("quotedblleft", "“"), ("guillemotleft", "«"), ("guilsinglleft", "‹"), ("guilsinglright", "›"),
    ("fi", "fi"), ("fl", "fl"), ("ff", "ff"), ("ffi", "ffi"), ("ffl", "ffl"), ("endash", "–"), ("dagger", "†"),
    ("daggerdbl", "‡"), ("periodcentered", "·"), ("middot", "·"), ("paragraph", "¶"), ("bullet", "•"),
    ("quotesinglbase", "‚"), ("quotedblbase", "„"), ("quotedblright", "”"), ("guillemotright", "»"), ("ellipsis", "…"),
    ("perthousand", "‰"), ("questiondown", "¿"), ("acute", "´"), ("circumflex", "ˆ"), ("tilde", "˜"), ("macron", "¯"),
    ("breve", "˘"), ("dotaccent", "˙"), ("dieresis", "¨"), ("ring", "˚"), ("cedilla", "¸"), ("hungarumlaut", "˝"),
    ("ogonek", "˛"), ("caron", "ˇ"), ("emdash", "—"), ("AE", "Æ"), ("ordfeminine", "ª"), ("Lslash", "Ł"), ("Oslash", "Ø"),
    ("OE", "Œ"), ("ordmasculine", "º"), ("ae", "æ"), ("dotlessi", "ı"), ("lslash", "ł"), ("oslash", "ø"), ("oe", "œ"),
    ("germandbls", "ß"), ("quoteleft", "‘"), ("quoteright", "’"), ("Eth", "Ð"), ("eth", "ð"), ("Thorn", "Þ"),
    ("thorn", "þ"), ("brokenbar", "¦"), ("copyright", "©"), ("registered", "®"), ("degree", "°"), ("plusminus", "±"),
    ("onesuperior", "¹"), ("twosuperior", "²"), ("threesuperior", "³"), ("mu", "µ"), ("onequarter", "¼"),
    ("onehalf", "½"), ("threequarters", "¾"), ("multiply", "×"), ("divide", "÷"), ("minus", "−"), ("logicalnot", "¬"),
    ("trademark", "™"), ("Euro", "€"), ("lessequal", "≤"), ("greaterequal", "≥"), ("notequal", "≠"),
    ("approxequal", "≈"), ("infinity", "∞"), ("sfthyphen", "-"), ("nbspace", " "), ("nonbreakingspace", " "),
    ("Dcroat", "Đ"), ("dcroat", "đ"), ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"), ("Delta", "Δ"),
    ("epsilon", "ε"), ("lambda", "λ"), ("pi", "π"), ("sigma", "σ"), ("Sigma", "Σ"), ("tau", "τ"), ("phi", "φ"),
    ("chi", "χ"), ("omega", "ω"), ("Omega", "Ω"),
];
