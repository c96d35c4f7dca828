//! The link as a QR code: for paper, a screen, a terminal or a bitmap.
//!
//! Error correction level M, as the specification asks ("Construct a SMART Health Link", QR codes), and a quiet zone of
//! four modules (ISO/IEC 18004), always dark on light: there are readers that cannot see the inverse.

use crate::{Error, Result};
use qrcode::{Color, EcLevel, Version};
use std::fmt::Write;

/// The empty margin around the modules, on each side.
const QUIET: usize = 4;

/// A QR code.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    version: u8,
    size: usize,
    /// Row by row, `true` is dark.
    modules: Vec<bool>,
}

impl std::fmt::Debug for QrCode {
    /// The modules are the link.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QrCode(version {})", self.version)
    }
}

impl QrCode {
    /// Encodes a text in the smallest version that holds it.
    ///
    /// # Errors
    /// [`Error::QrTooLong`] beyond version 40 (2,331 bytes).
    pub fn encode(text: &str) -> Result<Self> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| Error::QrTooLong)?;
        let version = match code.version() {
            Version::Normal(version) | Version::Micro(version) => u8::try_from(version).unwrap_or_default(),
        };
        let size = code.width();
        let modules = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { version, size, modules })
    }

    /// The version, 1 to 40: how dense it is. Up to 15 scans well from a screen.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// Modules on each side, without the quiet zone.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether the module in column `x` of row `y` is dark; all outside the code is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.size && y < self.size && self.modules.get(y * self.size + x).copied().unwrap_or(false)
    }

    /// An SVG with its quiet zone, one unit for a module: a white ground and one black path. No scripts, styles or
    /// identifiers, so that it can stand in any page.
    pub fn to_svg(&self) -> String {
        let side = self.size + 2 * QUIET;
        let mut path = String::new();
        for y in 0..self.size {
            let mut x = 0;
            while x < self.size {
                let run = (x..self.size).take_while(|column| self.is_dark(*column, y)).count();
                if run > 0 {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }

    /// Text for a terminal, two rows of modules in one line of half blocks, with its quiet zone. The colours are set,
    /// so that it is dark on light whatever the terminal's own are.
    pub fn to_terminal(&self) -> String {
        let mut text = String::new();
        for line in self.half_blocks() {
            // Black on white out of the 256-colour cube, which themes leave alone.
            let _ = writeln!(text, "\u{1b}[38;5;16;48;5;231m{line}\u{1b}[0m");
        }
        text
    }

    /// The same without colours: dark on light only where the terminal or the paper is.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for line in self.half_blocks() {
            let _ = writeln!(text, "{line}");
        }
        text
    }

    /// A greyscale bitmap, one byte a pixel (0 is black, 255 white), row by row, with its quiet zone. `module_px` is
    /// the side of a module in pixels, 1 to 64. Returns the bitmap's side in pixels and the pixels.
    pub fn to_luma(&self, module_px: usize) -> (usize, Vec<u8>) {
        let scale = module_px.clamp(1, 64);
        let side = (self.size + 2 * QUIET) * scale;
        let mut pixels = Vec::with_capacity(side * side);
        for row in 0..side {
            for column in 0..side {
                pixels.push(if self.is_dark_at(column / scale, row / scale) { 0 } else { 255 });
            }
        }
        (side, pixels)
    }

    /// As [`Self::is_dark`], counted from the corner of the quiet zone.
    fn is_dark_at(&self, x: usize, y: usize) -> bool {
        x >= QUIET && y >= QUIET && self.is_dark(x - QUIET, y - QUIET)
    }

    fn half_blocks(&self) -> impl Iterator<Item = String> + '_ {
        let side = self.size + 2 * QUIET;
        (0..side).step_by(2).map(move |y| {
            (0..side)
                .map(|x| match (self.is_dark_at(x, y), self.is_dark_at(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                })
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a code back with a decoder made by others, from the bitmap that a screen would show.
    fn scan(code: &QrCode, module_px: usize) -> String {
        let (side, pixels) = code.to_luma(module_px);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| pixels[y * side + x]);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        let (meta, content) = grids[0].decode().unwrap();
        // 0 is M in the format information (ISO/IEC 18004, table 12).
        assert_eq!(meta.ecc_level, 0, "error correction M");
        content
    }

    #[test]
    fn the_sizes_of_real_links_stay_within_what_scans_well() {
        for (characters, at_most) in [(247, 11), (273, 12), (315, 13), (412, 15), (657, 20)] {
            let text = format!("shlink:/{}", "eyJ1cmwiOiJodHRwczov".repeat(40).get(..characters - 8).unwrap());
            let code = QrCode::encode(&text).unwrap();
            assert!(code.version() <= at_most, "{characters} characters: version {}", code.version());
            assert_eq!(code.size(), usize::from(code.version()) * 4 + 17);
            assert_eq!(scan(&code, 4), text);
        }
    }

    #[test]
    fn the_quiet_zone_is_light_and_four_modules_wide() {
        let code = QrCode::encode("shlink:/x").unwrap();
        let (side, pixels) = code.to_luma(3);
        assert_eq!(side, (code.size() + 8) * 3);
        for (at, pixel) in pixels.iter().enumerate() {
            let (x, y) = (at % side, at / side);
            if x < 12 || y < 12 || x >= side - 12 || y >= side - 12 {
                assert_eq!(*pixel, 255);
            }
        }
        assert!(code.is_dark(0, 0));
        assert!(!code.is_dark(code.size(), 0));
    }

    #[test]
    fn the_svg_draws_the_same_modules() {
        let code = QrCode::encode("shlink:/svg").unwrap();
        let svg = code.to_svg();
        let side = code.size() + 8;
        assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")));
        let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut drawn = vec![false; side * side];
        for run in path.split('z').filter(|run| !run.is_empty()) {
            let (x, rest) = run[1..].split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (width, _) = rest.split_once('v').unwrap();
            let (x, y, width): (usize, usize, usize) = (x.parse().unwrap(), y.parse().unwrap(), width.parse().unwrap());
            drawn[y * side + x..y * side + x + width].fill(true);
        }
        let expected: Vec<bool> = (0..side * side).map(|at| code.is_dark_at(at % side, at / side)).collect();
        assert_eq!(drawn, expected);
    }

    #[test]
    fn the_terminal_shows_the_same_modules() {
        let code = QrCode::encode("shlink:/terminal").unwrap();
        let lines: Vec<Vec<char>> = code.to_text().lines().map(|line| line.chars().collect()).collect();
        for y in 0..code.size() {
            for x in 0..code.size() {
                let cell = lines[(y + QUIET) / 2][x + QUIET];
                let dark = if (y + QUIET).is_multiple_of(2) {
                    matches!(cell, '█' | '▀')
                } else {
                    matches!(cell, '█' | '▄')
                };
                assert_eq!(dark, code.is_dark(x, y));
            }
        }
        assert_eq!(code.to_terminal().lines().count(), lines.len());
    }

    #[test]
    fn too_much_text_is_refused() {
        assert!(QrCode::encode(&"x".repeat(2331)).is_ok());
        assert_eq!(QrCode::encode(&"x".repeat(2332)), Err(Error::QrTooLong));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_link_scans_back(payload in "[A-Za-z0-9_-]{60,500}") {
            let text = format!("https://relay.example.org/view#shlink:/{payload}");
            prop_assert_eq!(scan(&QrCode::encode(&text).unwrap(), 4), text);
        }
    }
}
