//! From a PNG or a JPEG to shades of grey, within a bound that is looked at before any memory is spent.

use std::io::Cursor;

use png::{ColorType, Transformations};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::documents::DocumentKind;

/// The most pixels of a picture that is looked into: what phones take, and a page at 300 dots an inch.
const MOST_PIXELS: usize = 25_000_000;
/// The longest side.
const LONGEST_SIDE: usize = 20_000;
/// The most scans of a progressive JPEG; cameras write about ten.
const MOST_SCANS: usize = 20;

/// A picture in shades of grey.
pub(super) struct Grey {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row by row; 0 is black.
    pub(super) pixels: Vec<u8>,
}

/// The picture, if it is one that can be looked into.
pub(super) fn grey(bytes: &[u8], kind: DocumentKind) -> Option<Grey> {
    match kind {
        DocumentKind::Png => from_png(bytes),
        DocumentKind::Jpeg => from_jpeg(bytes),
        _ => None,
    }
}

impl Grey {
    /// None where there are not as many pixels as the sides ask for.
    pub(super) fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Grey> {
        (within_bounds(width, height) && pixels.len() == width * height).then_some(Grey { width, height, pixels })
    }

    /// Itself, if it has more pixels than that.
    pub(super) fn larger_than(&self, pixels: usize) -> Option<&Grey> {
        (self.pixels.len() > pixels).then_some(self)
    }

    pub(super) fn shorter_side(&self) -> usize {
        self.width.min(self.height)
    }

    /// Light where it is dark.
    pub(super) fn inverted(&self) -> Grey {
        Grey { width: self.width, height: self.height, pixels: self.pixels.iter().map(|pixel| 255 - pixel).collect() }
    }

    /// Of half the width and height: each pixel the mean of four.
    pub(super) fn halved(&self) -> Grey {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut pixels = Vec::with_capacity(width * height);
        let mut rows = self.pixels.chunks_exact(self.width);
        while let (Some(upper), Some(lower)) = (rows.next(), rows.next()) {
            let (upper, _) = upper.as_chunks::<2>();
            let (lower, _) = lower.as_chunks::<2>();
            pixels.extend(upper.iter().zip(lower).map(|([a, b], [c, d])| {
                let sum = u16::from(*a) + u16::from(*b) + u16::from(*c) + u16::from(*d);
                u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX)
            }));
        }
        Grey { width, height, pixels }
    }
}

fn within_bounds(width: usize, height: usize) -> bool {
    width > 0
        && height > 0
        && width <= LONGEST_SIDE
        && height <= LONGEST_SIDE
        && width.checked_mul(height).is_some_and(|pixels| pixels <= MOST_PIXELS)
}

fn from_png(bytes: &[u8]) -> Option<Grey> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: 64 << 20 });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.ignore_checksums(true);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    if !within_bounds(width, height) {
        return None;
    }
    let mut data = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut data).ok()?;
    data.truncate(frame.buffer_size());
    let pixels: Vec<u8> = match frame.color_type {
        ColorType::Grayscale => data,
        ColorType::GrayscaleAlpha => {
            data.as_chunks::<2>().0.iter().map(|[grey, alpha]| on_white(*grey, *alpha)).collect()
        }
        ColorType::Rgb => data.as_chunks::<3>().0.iter().map(|rgb| luma(*rgb)).collect(),
        ColorType::Rgba => {
            let all = data.as_chunks::<4>().0.iter();
            all.map(|[red, green, blue, alpha]| on_white(luma([*red, *green, *blue]), *alpha)).collect()
        }
        // Expanded by the transformation.
        ColorType::Indexed => return None,
    };
    Grey::new(width, height, pixels)
}

fn from_jpeg(bytes: &[u8]) -> Option<Grey> {
    let options = DecoderOptions::default()
        .set_max_width(LONGEST_SIDE)
        .set_max_height(LONGEST_SIDE)
        .jpeg_set_max_scans(MOST_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    if !within_bounds(width, height) {
        return None;
    }
    Grey::new(width, height, decoder.decode().ok()?)
}

/// Samples of 1 bit, or of 8 bits and as many to a pixel as there are bytes for.
pub(super) fn of_samples(width: usize, height: usize, bits: usize, samples: &[u8]) -> Option<Grey> {
    if !within_bounds(width, height) {
        return None;
    }
    let count = width * height;
    let pixels: Vec<u8> = match (bits, samples.len() / count) {
        (1, _) => {
            let bit = |row: &[u8], x: usize| row.get(x / 8).is_some_and(|byte| byte >> (7 - x % 8) & 1 == 1);
            let rows = samples.chunks_exact(width.div_ceil(8)).take(height);
            rows.flat_map(|row| (0..width).map(move |x| if bit(row, x) { 255 } else { 0 })).collect()
        }
        (8, 1 | 2) => samples.get(..count)?.to_vec(),
        (8, 3) => samples.as_chunks::<3>().0.iter().take(count).map(|rgb| luma(*rgb)).collect(),
        (8, 4) => {
            let inks = samples.as_chunks::<4>().0.iter().take(count);
            inks.map(|[cyan, magenta, yellow, key]| 255 - luma([*cyan, *magenta, *yellow]).saturating_add(*key))
                .collect()
        }
        _ => return None,
    };
    Grey::new(width, height, pixels)
}

/// ITU-R BT.601.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let sum = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}

/// As a page shows what is transparent.
fn on_white(grey: u8, alpha: u8) -> u8 {
    let mixed = u32::from(grey) * u32::from(alpha) + 255 * u32::from(255 - alpha);
    u8::try_from(mixed / 255).unwrap_or(u8::MAX)
}
