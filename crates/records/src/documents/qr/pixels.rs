//! From a PNG, a JPEG or a WebP to shades of grey, within a bound that is looked at before any memory is spent.

use std::io::Cursor;

use image_webp::WebPDecoder;
use png::{ColorType, Transformations};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::documents::{DocumentKind, image::webp};

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
        DocumentKind::Webp => from_webp(bytes),
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

fn from_webp(bytes: &[u8]) -> Option<Grey> {
    let still = webp::still(bytes)?;
    let mut decoder = WebPDecoder::new(Cursor::new(still.as_slice())).ok()?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    if !within_bounds(width, height) {
        return None;
    }
    let mut data = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut data).ok()?;
    let pixels = if decoder.has_alpha() {
        let all = data.as_chunks::<4>().0.iter();
        all.map(|[red, green, blue, alpha]| on_white(luma([*red, *green, *blue]), *alpha)).collect()
    } else {
        data.as_chunks::<3>().0.iter().map(|rgb| luma(*rgb)).collect()
    };
    Grey::new(width, height, pixels)
}

/// Samples without a format, row by row from the top.
#[derive(Debug)]
pub(in crate::documents) struct Samples<'s> {
    pub(in crate::documents) width: usize,
    pub(in crate::documents) height: usize,
    /// Bits of a sample: 1, 2, 4, 8 or 16.
    pub(in crate::documents) bits: usize,
    /// Samples of a pixel: 1 of grey or of a table, 2 where the second says nothing here, 3 of red, green and blue, 4 of
    /// cyan, magenta, yellow and black.
    pub(in crate::documents) channels: usize,
    /// The shade of each number, where the samples are numbers of colours.
    pub(in crate::documents) table: Option<Vec<u8>>,
    /// Each row begins with a new byte.
    pub(in crate::documents) data: &'s [u8],
}

impl Samples<'_> {
    /// The shades alone.
    pub(in crate::documents) fn shades(&self) -> Option<Vec<u8>> {
        self.grey().map(|grey| grey.pixels)
    }

    /// The shades, if there is a row of them for each.
    pub(super) fn grey(&self) -> Option<Grey> {
        let known = (1..=4).contains(&self.channels) && matches!(self.bits, 1 | 2 | 4 | 8 | 16);
        if !known || !within_bounds(self.width, self.height) {
            return None;
        }
        let stride = (self.width * self.channels * self.bits).div_ceil(8);
        let mut pixels = Vec::with_capacity(self.width * self.height);
        for row in self.data.chunks_exact(stride).take(self.height) {
            let shade = |sample: u8| match &self.table {
                Some(table) => table.get(usize::from(sample)).copied().unwrap_or(0),
                None => sample,
            };
            let sample = |at: usize| self.sample(row, at);
            let at = |x: usize| x * self.channels;
            pixels.extend((0..self.width).map(|x| match self.channels {
                3 => luma([sample(at(x)), sample(at(x) + 1), sample(at(x) + 2)]),
                4 => {
                    let ink = luma([sample(at(x)), sample(at(x) + 1), sample(at(x) + 2)]);
                    255 - ink.saturating_add(sample(at(x) + 3))
                }
                _ => shade(sample(at(x))),
            }));
        }
        Grey::new(self.width, self.height, pixels)
    }

    /// A sample of a row: as a number where there is a table, else as one of 256 shades.
    fn sample(&self, row: &[u8], at: usize) -> u8 {
        let byte = |at: usize| row.get(at).copied().unwrap_or(0);
        match self.bits {
            16 => byte(at * 2),
            8 => byte(at),
            bits @ (1 | 2 | 4) => {
                let shift = 8 - bits - at * bits % 8;
                let most = (1_u8 << bits) - 1;
                let number = byte(at * bits / 8) >> shift & most;
                if self.table.is_some() { number } else { number * (u8::MAX / most) }
            }
            _ => 0,
        }
    }
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
