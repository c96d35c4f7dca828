//! Whether a QR code is made as the codes of cards have to be, whatever it says.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Encoding QRs": a code of at most version 22, which holds the text
//! `shc:/` in byte mode and behind it the digits in numeric mode. ISO/IEC 18004 for what the code is made of.

use qrcode::{
    Color, EcLevel, Version,
    bits::Bits,
    canvas::{Canvas, MaskPattern, is_functional},
    ec::construct_codewords,
};

use super::Reason;

/// The largest version of a card's code.
pub const MAX_VERSION: u8 = 22;

/// A QR code as it was found in a picture.
#[derive(Debug, Clone, Copy)]
pub struct Symbol<'m> {
    /// The level of error correction as the code's format information has it: 0 is M, 1 L, 2 H, 3 Q.
    pub correction: u8,
    /// The mask as the format information has it, 0 to 7.
    pub mask: u8,
    /// The modules row by row, `true` is dark; their number is the square of 21, 25, … 177.
    pub modules: &'m [bool],
}

impl Symbol<'_> {
    /// What is wrong with a code that says `text` (`shc:/…`); none where nothing is, or it is no QR code.
    pub fn check(&self, text: &str) -> Option<Reason> {
        let side = self.modules.len().isqrt();
        let version = side.checked_sub(17).filter(|rest| rest % 4 == 0 && side * side == self.modules.len())? / 4;
        let version = u8::try_from(version).ok().filter(|version| (1..=40).contains(version))?;
        if version > MAX_VERSION {
            return Some(Reason::QrVersion { version });
        }
        // What a code says does not tell how it says it. It is made anew as it ought to be and held against what was seen.
        let (scheme, digits) = text.rfind('/').and_then(|at| text.split_at_checked(at + 1))?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Reason::QrSegments);
        }
        let Some(expected) = Expected::new(scheme, digits, version, self.level()?, self.pattern()?) else {
            return Some(Reason::QrSegments);
        };
        let at = |x: usize, y: usize| self.modules.get(y * side + x).copied().unwrap_or(false);
        // A picture of it in a mirror is read as well.
        let is_as_expected = expected.may_be(at) || expected.may_be(|x, y| at(y, x));
        (!is_as_expected).then_some(Reason::QrSegments)
    }

    fn level(&self) -> Option<EcLevel> {
        [EcLevel::M, EcLevel::L, EcLevel::H, EcLevel::Q].get(usize::from(self.correction)).copied()
    }

    fn pattern(&self) -> Option<MaskPattern> {
        let patterns = [
            MaskPattern::Checkerboard,
            MaskPattern::HorizontalLines,
            MaskPattern::VerticalLines,
            MaskPattern::DiagonalLines,
            MaskPattern::LargeCheckerboard,
            MaskPattern::Fields,
            MaskPattern::Diamonds,
            MaskPattern::Meadow,
        ];
        patterns.get(usize::from(self.mask)).copied()
    }
}

/// The code that says a text in two segments.
struct Expected {
    version: Version,
    side: usize,
    modules: Vec<bool>,
    /// Into how many blocks its bytes are divided, each with its own correction.
    blocks: usize,
    /// How many bytes of data it has.
    data: usize,
    /// How many bytes of correction each block has.
    correction: usize,
}

impl Expected {
    /// None where the text does not fit.
    fn new(scheme: &str, digits: &str, version: u8, level: EcLevel, mask: MaskPattern) -> Option<Expected> {
        let version = Version::Normal(version.into());
        let mut bits = Bits::new(version);
        // Of what has no room the encoder would count more than it can.
        if scheme.len() * 8 + digits.len() * 10 / 3 > bits.max_len(level).ok()? {
            return None;
        }
        bits.push_byte_data(scheme.as_bytes()).ok()?;
        bits.push_numeric_data(digits.as_bytes()).ok()?;
        bits.push_terminator(level).ok()?;
        let bytes = bits.into_bytes();
        let (data, correction) = construct_codewords(&bytes, version, level).ok()?;
        let mut canvas = Canvas::new(version, level);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &correction);
        canvas.apply_mask(mask);
        let modules = canvas.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        // Of each block the first byte is drawn, then of each the second: where the second byte of all stands is how many
        // blocks there are.
        let marked: Vec<u8> = (0..bytes.len()).map(|at| u8::from(at == 1)).collect();
        let (marked, _) = construct_codewords(&marked, version, level).ok()?;
        let blocks = marked.iter().position(|byte| *byte == 1)?;
        let side = usize::try_from(version.width()).ok()?;
        let correction = correction.len().checked_div(blocks)?;
        Some(Expected { version, side, modules, blocks, data: data.len(), correction })
    }

    /// Whether what was seen may be this code: in no block more bytes differ than can be put right. What was seen was put
    /// right to some code, and two codes that differ in a block differ there in more bytes than all that are for correction.
    fn may_be(&self, seen: impl Fn(usize, usize) -> bool) -> bool {
        let mut wrong = vec![0_usize; self.blocks];
        for (at, byte) in self.places().as_chunks::<8>().0.iter().enumerate() {
            let expects = |x: usize, y: usize| self.modules.get(y * self.side + x).copied().unwrap_or(false);
            let differs = byte.iter().any(|(x, y)| seen(*x, *y) != expects(*x, *y));
            if let Some(wrong) = wrong.get_mut(self.block(at)) {
                *wrong += usize::from(differs);
            }
        }
        wrong.iter().all(|wrong| *wrong <= self.correction / 2)
    }

    /// The block of a byte by its place in the drawing: the last blocks may have a byte of data more than the others.
    fn block(&self, at: usize) -> usize {
        let common = self.data / self.blocks * self.blocks;
        if at < common {
            at % self.blocks
        } else if at < self.data {
            self.blocks - (self.data - common) + (at - common)
        } else {
            (at - self.data) % self.blocks
        }
    }

    /// Where the bits are drawn, in their order: in columns of two, from the right, up and down by turns.
    fn places(&self) -> Vec<(usize, usize)> {
        let is_data = |x: usize, y: usize| {
            let as_signed = |at: usize| i16::try_from(at).unwrap_or(i16::MAX);
            !is_functional(self.version, as_signed(self.side), as_signed(x), as_signed(y))
        };
        // The column of the timing pattern has none.
        let columns: Vec<usize> = (0..self.side).rev().filter(|x| *x != 6).collect();
        let mut places = Vec::with_capacity(self.modules.len());
        for (turn, pair) in columns.as_chunks::<2>().0.iter().enumerate() {
            for step in 0..self.side {
                let y = if turn % 2 == 0 { self.side - 1 - step } else { step };
                places.extend(pair.iter().map(|x| (*x, y)).filter(|(x, y)| is_data(*x, *y)));
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qrcode::{QrCode, types::Mode};

    const LEVELS: [EcLevel; 4] = [EcLevel::M, EcLevel::L, EcLevel::H, EcLevel::Q];

    fn text(digits: usize) -> String {
        format!("shc:/{}", "5676295953".repeat(400).get(..digits).unwrap())
    }

    /// A code of those segments, each up to its place in the text. The mask is the one that leaves the fewest modules wrong.
    fn drawn(text: &str, segments: &[(Mode, usize)], version: i16, level: EcLevel) -> Vec<bool> {
        let mut bits = Bits::new(Version::Normal(version));
        let mut begin = 0;
        for (mode, end) in segments {
            let part = &text.as_bytes()[begin..*end];
            match mode {
                Mode::Numeric => bits.push_numeric_data(part),
                Mode::Alphanumeric => bits.push_alphanumeric_data(part),
                _ => bits.push_byte_data(part),
            }
            .unwrap();
            begin = *end;
        }
        bits.push_terminator(level).unwrap();
        QrCode::with_bits(bits, level).unwrap().to_colors().iter().map(|color| color.select(true, false)).collect()
    }

    /// What is found with the mask that the code has, which its reader knows.
    fn check(modules: &[bool], level: EcLevel, text: &str) -> Option<Reason> {
        let correction = u8::try_from(LEVELS.iter().position(|known| *known == level).unwrap()).unwrap();
        let found: Vec<_> = (0..8).map(|mask| Symbol { correction, mask, modules }.check(text)).collect();
        found.iter().find(|reason| reason.is_none()).or(found.first()).unwrap().clone()
    }

    #[test]
    fn a_code_of_two_segments_is_right_at_each_level_and_size() {
        for (level, digits, version) in [
            (EcLevel::L, 2390, 22),
            (EcLevel::M, 900, 16),
            (EcLevel::Q, 500, 14),
            (EcLevel::H, 300, 13),
            (EcLevel::L, 20, 22),
        ] {
            let text = text(digits);
            let modules = drawn(&text, &[(Mode::Byte, 5), (Mode::Numeric, text.len())], version, level);
            assert_eq!(check(&modules, level, &text), None, "{level:?} {version}");
            let side = modules.len().isqrt();
            let mirrored: Vec<bool> = (0..modules.len()).map(|at| modules[at % side * side + at / side]).collect();
            assert_eq!(check(&mirrored, level, &text), None, "{level:?} {version} in a mirror");
        }
        let part = format!("shc:/1/2/{}", "56".repeat(300));
        let modules = drawn(&part, &[(Mode::Byte, 9), (Mode::Numeric, part.len())], 12, EcLevel::L);
        assert_eq!(check(&modules, EcLevel::L, &part), None);
    }

    #[test]
    fn other_segments_are_told() {
        for level in LEVELS {
            let (text, digits) = (text(300), 305);
            for segments in [
                vec![(Mode::Byte, digits)],
                vec![(Mode::Byte, 5), (Mode::Numeric, 153), (Mode::Numeric, digits)],
                vec![(Mode::Byte, 5), (Mode::Numeric, 302), (Mode::Numeric, digits)],
                vec![(Mode::Byte, 3), (Mode::Byte, 5), (Mode::Numeric, digits)],
                vec![(Mode::Byte, 7), (Mode::Numeric, digits)],
            ] {
                let modules = drawn(&text, &segments, 20, level);
                assert_eq!(check(&modules, level, &text), Some(Reason::QrSegments), "{level:?} {segments:?}");
            }
        }
        let text = text(40).to_uppercase();
        let modules = drawn(&text, &[(Mode::Alphanumeric, 5), (Mode::Numeric, 45)], 5, EcLevel::M);
        assert_eq!(check(&modules, EcLevel::M, &text), Some(Reason::QrSegments));
    }

    /// As much damage as can be put right: the bytes that come first, at the lower right, where a thumb is.
    #[test]
    fn a_damaged_code_is_right() {
        for (level, version, most) in
            [(EcLevel::L, 22, 60), (EcLevel::M, 20, 120), (EcLevel::Q, 18, 160), (EcLevel::H, 16, 170)]
        {
            let text = text(300);
            let mut modules = drawn(&text, &[(Mode::Byte, 5), (Mode::Numeric, text.len())], version, level);
            let side = modules.len().isqrt();
            // A byte is eight modules, two wide.
            for at in 0..most * 8 {
                let (x, y) = (side - 1 - at / (side - 9), side - 1 - at % (side - 9));
                modules[y * side + x] = false;
            }
            assert_eq!(check(&modules, level, &text), None, "{level:?}");
        }
    }

    #[test]
    fn a_code_of_a_version_beyond_22_is_told() {
        let text = text(200);
        let modules = drawn(&text, &[(Mode::Byte, 5), (Mode::Numeric, text.len())], 23, EcLevel::L);
        assert_eq!(check(&modules, EcLevel::L, &text), Some(Reason::QrVersion { version: 23 }));
    }

    #[test]
    fn what_is_no_code_is_nothing() {
        for size in [0, 1, 440, 441, 17 * 17, 442, 181 * 181] {
            let modules = vec![true; size];
            let found = Symbol { correction: 4, mask: 8, modules: &modules }.check("shc:/56");
            assert_eq!(found, None, "{size}");
        }
        let found = Symbol { correction: 0, mask: 0, modules: &vec![true; 441] }.check("shc:");
        assert_eq!(found, None);
        // More than any code says.
        let found = Symbol { correction: 0, mask: 0, modules: &vec![true; 441] }.check(&text(4_000));
        assert_eq!(found, Some(Reason::QrSegments));
        for hostile in ["shc:/", "/", "shc:/9a", &"/".repeat(900)] {
            Symbol { correction: 1, mask: 7, modules: &vec![false; 441] }.check(hostile);
        }
    }
}
