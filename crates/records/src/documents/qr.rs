//! QR codes in photographs and screenshots, read as text (ISO/IEC 18004).
//!
//! Finding a code in a picture is done here, with a bound on all it may cost: a hostile picture has thousands of corners
//! that fit together in millions of ways. What the bits of a code say is read by `rqrr`.

mod bitmap;
mod finder;
mod grid;
mod pixels;

use super::DocumentKind;
use finder::Corners;
use pixels::Grey;
pub(super) use pixels::Samples;
use smart_health::card;

/// The most codes that are read out of one picture.
const MOST_CODES: usize = 32;
/// The most ways of fitting corners together that are looked at closely.
const MOST_TRIES: usize = 600;
/// The most grids whose bits are read.
const MOST_READ: usize = 60;
/// Pictures of more pixels are made smaller before they are looked at, and looked at whole only if something was seen.
const ENOUGH_PIXELS: usize = 4 << 20;
/// Pictures with a shorter side than this are not made smaller.
const SMALL_SIDE: usize = 400;
/// How wide the surroundings are against which a pixel is dark or light, as a part of the picture's shorter side.
const SURROUNDINGS: [usize; 2] = [3, 10];

/// A code that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scanned {
    pub(crate) text: String,
    /// What is wrong with it as the code of a card, if it is one: the card in it is none then, whatever its signature says.
    pub(crate) flaw: Option<card::Reason>,
}

/// The codes in a picture, as they stand from left to right and top to bottom; none where there is no code,
/// or the picture is of a kind that is not looked into (PNG, JPEG and WebP that do not move, of at most 25 million pixels, are).
pub(super) fn codes(bytes: &[u8], kind: DocumentKind) -> Vec<Scanned> {
    let Some(whole) = pixels::grey(bytes, kind) else { return Vec::new() };
    in_grey(whole)
}

/// The same for samples without a format.
pub(super) fn codes_of_samples(samples: &Samples<'_>) -> Vec<Scanned> {
    samples.grey().map(in_grey).unwrap_or_default()
}

/// The same for shades of grey, row by row from the top; 0 is black.
pub(super) fn codes_of_grey(width: usize, height: usize, pixels: Vec<u8>) -> Vec<Scanned> {
    Grey::new(width, height, pixels).map(in_grey).unwrap_or_default()
}

fn in_grey(whole: Grey) -> Vec<Scanned> {
    let mut work = Work { tries: MOST_TRIES, reads: MOST_READ, seen_corners: false };
    let mut small = None;
    while let Some(halved) = small.as_ref().unwrap_or(&whole).larger_than(ENOUGH_PIXELS).map(Grey::halved) {
        small = Some(halved);
    }
    let sized = small.as_ref().unwrap_or(&whole);
    let mut found = work.look_twice(sized);
    if found.is_empty() && work.seen_corners && small.is_some() {
        // A small code in a large scan.
        found = work.look(&whole);
    }
    if found.is_empty() {
        // Light on dark: a screen in dark mode, a picture of 1 bit that does not say which of its colours is the ink.
        found = work.look_twice(&sized.inverted());
    }
    found
}

/// What may still be spent on a picture.
struct Work {
    tries: usize,
    reads: usize,
    /// Whether three corners were seen that could be those of a code.
    seen_corners: bool,
}

impl Work {
    fn look_twice(&mut self, grey: &Grey) -> Vec<Scanned> {
        let found = self.look(grey);
        // The noise of a camera goes with the size.
        let noisy = found.is_empty() && grey.shorter_side() > SMALL_SIDE;
        if noisy { self.look(&grey.halved()) } else { found }
    }

    fn look(&mut self, grey: &Grey) -> Vec<Scanned> {
        let mut found: Vec<(Corners, Scanned)> = Vec::new();
        for part in SURROUNDINGS {
            let dark = bitmap::Bitmap::of(grey, grey.shorter_side() / part);
            let finders = finder::find(&dark);
            for corners in finder::fitting(&finders) {
                if found.len() >= MOST_CODES || self.tries == 0 || self.reads == 0 {
                    break;
                }
                if found.iter().any(|(known, _)| known.shares(&corners)) {
                    continue;
                }
                self.seen_corners = true;
                self.tries -= 1;
                if let Some(code) = grid::read(&dark, &corners, &mut self.reads) {
                    found.push((corners, code));
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found.sort_by_key(|(corners, _)| corners.reading_order());
        found.into_iter().map(|(_, code)| code).collect()
    }
}

#[cfg(test)]
mod tests;
