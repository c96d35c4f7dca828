//! Whether a QR code is made as the codes of cards have to be, whatever it says.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Encoding QRs": a code of at most version 22, which holds the text
//! `shc:/` in byte mode and behind it the digits in numeric mode. ISO/IEC 18004 for what the code is made of.

use qrcode::{
    Color, EcLevel, Version,
    bits::Bits,
    canvas::{Canvas, MaskPattern},
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
        let (level, mask) = (self.level()?, self.pattern()?);
        // What a code says does not tell how it says it. It is made anew as it ought to be and held against what was seen.
        let Some((expected, corrections)) = two_segments(text, version, level, mask) else {
            return Some(Reason::QrSegments);
        };
        let turned = (0..side).flat_map(|x| (x..self.modules.len()).step_by(side));
        let differ = |seen: &mut dyn Iterator<Item = bool>| expected.iter().zip(seen).filter(|(a, b)| *a != b).count();
        let as_seen = differ(&mut self.modules.iter().copied());
        // A picture of it in a mirror is read as well.
        let mirrored = differ(&mut turned.filter_map(|at| self.modules.get(at).copied()));
        // Half as many bytes as there are for correction can be put right, and of a byte that was read wrong half the bits are
        // by chance. Of another code's bytes for correction all are wrong: what lies between tells them apart.
        (as_seen.min(mirrored) > corrections * 3).then_some(Reason::QrSegments)
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

/// The modules of the code that says a text in two segments, and how many of its bytes are for correction; none where it
/// does not fit.
fn two_segments(text: &str, version: u8, level: EcLevel, mask: MaskPattern) -> Option<(Vec<bool>, usize)> {
    let (scheme, digits) = text.split_at_checked(text.rfind('/')? + 1)?;
    let version = Version::Normal(version.into());
    let mut bits = Bits::new(version);
    bits.push_byte_data(scheme.as_bytes()).ok()?;
    bits.push_numeric_data(digits.as_bytes()).ok()?;
    bits.push_terminator(level).ok()?;
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, level).ok()?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(mask);
    let modules = canvas.into_colors().into_iter().map(|color| color == Color::Dark).collect();
    Some((modules, correction.len()))
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
            let (text, digits) = (text(400), 405);
            for segments in [
                vec![(Mode::Byte, digits)],
                vec![(Mode::Byte, 5), (Mode::Numeric, 203), (Mode::Numeric, digits)],
                vec![(Mode::Byte, 5), (Mode::Numeric, 402), (Mode::Numeric, digits)],
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
        assert_eq!(found, Some(Reason::QrSegments));
    }
}
