//! A small picture of the first frame: uncompressed grey and colour as PNG, baseline JPEG as it is; nothing else.

use super::{
    dataset::{DataSet, DicomFile},
    tags,
};

/// The longer side of a preview.
const SIDE: usize = 512;
/// The most bytes of a JPEG frame that is passed on.
const JPEG_BYTES: usize = 16 << 20;

/// Transfer syntaxes whose pixels are plain (PS3.5, annex A): implicit, explicit, big endian, deflated.
const PLAIN: [&str; 4] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"];
const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";

pub(super) enum Frame {
    Png(Vec<u8>),
    Jpeg(Vec<u8>),
    /// There is a picture, but not of a kind that is shown.
    NotShown,
    /// There is no picture.
    None,
}

pub(super) fn first_frame(file: &DicomFile<'_>) -> Frame {
    let pixels = file.data.bytes(tags::PIXEL_DATA);
    let fragments = file.data.fragments(tags::PIXEL_DATA);
    if pixels.is_empty() && fragments.is_empty() {
        return Frame::None;
    }
    if file.transfer_syntax == JPEG_BASELINE {
        return jpeg(&file.data, fragments).map_or(Frame::NotShown, Frame::Jpeg);
    }
    if !PLAIN.contains(&file.transfer_syntax.as_str()) {
        return Frame::NotShown;
    }
    Plain::of(file, pixels).and_then(|plain| plain.png()).map_or(Frame::NotShown, Frame::Png)
}

/// The first frame: all fragments of a single frame, else those up to where the next JPEG begins.
fn jpeg(data: &DataSet<'_>, fragments: &[&[u8]]) -> Option<Vec<u8>> {
    let pieces = fragments.get(1..)?;
    let several = data.first(tags::FRAMES).parse::<u32>().is_ok_and(|frames| frames > 1);
    let mut out = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if several && at > 0 && piece.starts_with(b"\xFF\xD8\xFF") {
            break;
        }
        if out.len() + piece.len() > JPEG_BYTES {
            return None;
        }
        out.extend_from_slice(piece);
    }
    out.starts_with(b"\xFF\xD8\xFF").then_some(out)
}

/// Plain pixels.
struct Plain<'a> {
    pixels: &'a [u8],
    rows: usize,
    columns: usize,
    /// Bytes of a sample: 1 or 2.
    bytes: usize,
    stored: u32,
    signed: bool,
    big_endian: bool,
    colour: Colour,
    planar: bool,
    slope: f64,
    intercept: f64,
    window: Option<(f64, f64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Grey,
    /// White is 0.
    Inverted,
    Rgb,
    Ybr,
}

impl<'a> Plain<'a> {
    fn of(file: &DicomFile<'a>, pixels: &'a [u8]) -> Option<Plain<'a>> {
        let data = &file.data;
        let short = |tag: u32| data.short(tag, file.big_endian);
        let (rows, columns) = (usize::from(short(tags::ROWS)?), usize::from(short(tags::COLUMNS)?));
        let allocated = short(tags::BITS_ALLOCATED)?;
        let samples = short(tags::SAMPLES).unwrap_or(1);
        let colour = match data.string(tags::PHOTOMETRIC).as_str() {
            "MONOCHROME1" => Colour::Inverted,
            "MONOCHROME2" => Colour::Grey,
            "RGB" => Colour::Rgb,
            "YBR_FULL" => Colour::Ybr,
            _ => return None,
        };
        let is_grey = matches!(colour, Colour::Grey | Colour::Inverted);
        if !matches!((is_grey, samples, allocated), (true, 1, 8 | 16) | (false, 3, 8)) || rows == 0 || columns == 0 {
            return None;
        }
        let bytes = usize::from(allocated / 8);
        // A frame that is not whole is not shown.
        let frame = rows.checked_mul(columns)?.checked_mul(bytes * usize::from(samples))?;
        let pixels = pixels.get(..frame)?;
        let window = data.decimal(tags::WINDOW_CENTER).zip(data.decimal(tags::WINDOW_WIDTH));
        Some(Plain {
            pixels,
            rows,
            columns,
            bytes,
            stored: u32::from(short(tags::BITS_STORED).unwrap_or(allocated).clamp(1, allocated)),
            signed: short(tags::PIXEL_REPRESENTATION) == Some(1),
            big_endian: file.big_endian,
            colour,
            planar: short(tags::PLANAR) == Some(1),
            slope: data.decimal(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0),
            intercept: data.decimal(tags::RESCALE_INTERCEPT).unwrap_or(0.0),
            window: window.filter(|(_, width)| *width >= 1.0),
        })
    }

    fn png(&self) -> Option<Vec<u8>> {
        let longer = self.rows.max(self.columns);
        let scale = |side: usize| if longer <= SIDE { side } else { (side * SIDE / longer).max(1) };
        let (width, height) = (scale(self.columns), scale(self.rows));
        let points = (0..height).flat_map(|row| {
            let row = row * self.rows / height;
            (0..width).map(move |column| (row, column * self.columns / width))
        });
        let is_grey = matches!(self.colour, Colour::Grey | Colour::Inverted);
        let data: Vec<u8> = if is_grey {
            let values: Vec<f64> = points.map(|(row, column)| self.grey(row * self.columns + column)).collect();
            let (low, high) = self.range(&values);
            values.into_iter().map(|value| self.shade(value, low, high)).collect()
        } else {
            points.flat_map(|(row, column)| self.colour_at(row * self.columns + column)).collect()
        };
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        encoder.set_color(if is_grey { png::ColorType::Grayscale } else { png::ColorType::Rgb });
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&data).ok()?;
        writer.finish().ok()?;
        Some(out)
    }

    /// A grey value in the unit that windows are given in.
    fn grey(&self, at: usize) -> f64 {
        let raw = if self.bytes == 1 {
            u32::from(self.pixels.get(at).copied().unwrap_or_default())
        } else {
            let two = self.pixels.get(at * 2..at * 2 + 2).and_then(|two| <[u8; 2]>::try_from(two).ok());
            let two = two.unwrap_or_default();
            u32::from(if self.big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
        };
        let raw = raw & ((1 << self.stored) - 1);
        let sign = 1 << (self.stored - 1);
        let value = if self.signed && raw & sign != 0 { i64::from(raw) - (1 << self.stored) } else { i64::from(raw) };
        value as f64 * self.slope + self.intercept
    }

    /// The window, or all there is.
    fn range(&self, values: &[f64]) -> (f64, f64) {
        if let Some((center, width)) = self.window {
            return (center - width / 2.0, center + width / 2.0);
        }
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    }

    fn shade(&self, value: f64, low: f64, high: f64) -> u8 {
        let part = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
        let part = if self.colour == Colour::Inverted { 1.0 - part } else { part };
        (part * 255.0).round() as u8
    }

    fn colour_at(&self, at: usize) -> [u8; 3] {
        let count = self.rows * self.columns;
        let sample = |number: usize| {
            let place = if self.planar { number * count + at } else { at * 3 + number };
            self.pixels.get(place).copied().unwrap_or_default()
        };
        let three = [sample(0), sample(1), sample(2)];
        if self.colour == Colour::Rgb {
            return three;
        }
        let [y, cb, cr] = three.map(f64::from);
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|part| part.clamp(0.0, 255.0) as u8)
    }
}
