//! Links, cards and certificates as QR codes: for paper, a screen, a terminal or a bitmap.
//!
//! Links have error correction level M ("Sharing User transmits a SMART Health Link"), cards are text and digits in a
//! code of at most version 22 ("Health Cards as QR Codes"), certificates level Q (HCERT, "Transport encoding"). The quiet
//! zone is four modules wide (ISO/IEC 18004), always dark on light: there are readers that cannot see the inverse.

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
    /// Encodes a text, such as a link, in the smallest version that holds it, with error correction M.
    ///
    /// # Errors
    /// [`Error::QrTooLong`] beyond version 40 (2,331 bytes).
    pub fn encode(text: &str) -> Result<Self> {
        Self::with_correction(text, EcLevel::M)
    }

    /// The code of a health card: the text `shc:/` in byte mode and the card's digits in numeric mode, with error
    /// correction L so that the longest card fits version 22 ("Encoding QRs").
    ///
    /// # Errors
    /// What [`crate::card::to_segments`] refuses.
    #[cfg(feature = "cards")]
    pub fn of_card(jws: &str) -> std::result::Result<Self, crate::card::Reason> {
        let (scheme, digits) = crate::card::to_segments(jws)?;
        // The encoder chooses the modes, and for this text there is no shorter choice than these two.
        let too_long = |_| crate::card::Reason::JwsTooLong { length: jws.len() };
        Self::with_correction(&format!("{scheme}{digits}"), EcLevel::L).map_err(too_long)
    }

    /// The code of a certificate (`HC1:…`), which is alphanumeric throughout, with error correction Q.
    ///
    /// # Errors
    /// [`Error::QrTooLong`] beyond version 40.
    #[cfg(feature = "hcert")]
    pub fn of_certificate(text: &str) -> Result<Self> {
        Self::with_correction(text, EcLevel::Q)
    }

    fn with_correction(text: &str, level: EcLevel) -> Result<Self> {
        let code = qrcode::QrCode::with_error_correction_level(text, level).map_err(|_| Error::QrTooLong)?;
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

    /// A greyscale bitmap as [`Self::to_luma`], of exactly `side` pixels: modules of whole pixels, as large as fit, in the
    /// middle of a light ground. None where they would be smaller than a pixel.
    ///
    /// Scaling a bitmap to a size that is no multiple of its modules blurs their edges, which costs scanners more than
    /// smaller modules do.
    pub fn to_luma_of(&self, side: usize) -> Option<Vec<u8>> {
        let scale = side / (self.size + 2 * QUIET);
        if scale == 0 {
            return None;
        }
        let margin = (side - scale * (self.size + 2 * QUIET)) / 2;
        let module = |at: usize| at.checked_sub(margin).map(|at| at / scale);
        let mut pixels = Vec::with_capacity(side * side);
        for row in 0..side {
            for column in 0..side {
                let dark = module(column).zip(module(row)).is_some_and(|(x, y)| self.is_dark_at(x, y));
                pixels.push(if dark { 0 } else { 255 });
            }
        }
        Some(pixels)
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
mod tests;
