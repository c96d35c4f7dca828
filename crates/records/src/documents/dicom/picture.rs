//! A small picture of the first frame: as PNG where its pixels are plain, or packed without loss as run lengths or lossless
//! JPEG; baseline JPEG as it is; nothing else.

use std::borrow::Cow;

use super::{
    dataset::{DataSet, DicomFile},
    lossless, rle, tags,
};

/// The longer side of a preview.
const SIDE: usize = 512;
/// The most bytes of a JPEG frame that is passed on or unpacked.
const JPEG_BYTES: usize = 16 << 20;
/// The most bytes of a frame that is unpacked.
const UNPACKED_BYTES: usize = 64 << 20;

/// Transfer syntaxes whose pixels are plain (PS3.5, annex A): implicit, explicit, big endian, deflated.
const PLAIN: [&str; 4] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"];
const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";
/// With any predictor, and with the first.
const JPEG_LOSSLESS: [&str; 2] = ["1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"];
const RUN_LENGTHS: &str = "1.2.840.10008.1.2.5";

pub(super) enum Frame {
    Png(Vec<u8>),
    Jpeg(Vec<u8>),
    /// There is a picture, but not of a kind that is shown.
    NotShown,
    /// There is no picture.
    None,
}

pub(super) fn first_frame(file: &DicomFile<'_>) -> Frame {
    if file.data.bytes(tags::PIXEL_DATA).is_empty() && file.data.fragments(tags::PIXEL_DATA).is_empty() {
        return Frame::None;
    }
    let shown = match file.transfer_syntax.as_str() {
        JPEG_BASELINE => jpeg(&file.data).map(Frame::Jpeg),
        _ => Pixels::of(file).and_then(|pixels| pixels.png()).map(Frame::Png),
    };
    shown.unwrap_or(Frame::NotShown)
}

/// The first frame: all fragments of a single frame, else those up to where the next JPEG begins.
fn jpeg(data: &DataSet<'_>) -> Option<Vec<u8>> {
    let pieces = data.fragments(tags::PIXEL_DATA).get(1..)?;
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

/// The pixels of a frame.
struct Pixels<'a> {
    bytes: Cow<'a, [u8]>,
    rows: usize,
    columns: usize,
    /// Bytes of a sample: 1 or 2.
    width: usize,
    stored: u32,
    signed: bool,
    big_endian: bool,
    colour: Colour,
    planar: bool,
    slope: f64,
    intercept: f64,
    window: Option<(f64, f64)>,
}

enum Colour {
    Grey,
    /// White is 0.
    Inverted,
    Rgb,
    Ybr,
    /// Two pixels share their colour.
    Ybr422,
    Palette(Palette),
}

impl<'a> Pixels<'a> {
    fn of(file: &DicomFile<'a>) -> Option<Pixels<'a>> {
        let data = &file.data;
        let short = |tag: u32| data.short(tag, file.big_endian);
        let (rows, columns) = (usize::from(short(tags::ROWS)?), usize::from(short(tags::COLUMNS)?));
        let allocated = short(tags::BITS_ALLOCATED)?;
        let colour = match data.string(tags::PHOTOMETRIC).as_str() {
            "MONOCHROME1" => Colour::Inverted,
            "MONOCHROME2" => Colour::Grey,
            "RGB" => Colour::Rgb,
            "YBR_FULL" => Colour::Ybr,
            "YBR_FULL_422" if columns.is_multiple_of(2) => Colour::Ybr422,
            "PALETTE COLOR" => Colour::Palette(Palette::of(file)?),
            _ => return None,
        };
        let samples = match colour {
            Colour::Grey | Colour::Inverted | Colour::Palette(_) => 1,
            Colour::Rgb | Colour::Ybr | Colour::Ybr422 => 3,
        };
        let is_known = matches!((samples, allocated), (1, 8 | 16) | (3, 8));
        if !is_known || short(tags::SAMPLES).unwrap_or(1) != samples || rows == 0 || columns == 0 {
            return None;
        }
        let (samples, width) = (usize::from(samples), usize::from(allocated / 8));
        let pixels = rows.checked_mul(columns)?;
        let window = data.decimal(tags::WINDOW_CENTER).zip(data.decimal(tags::WINDOW_WIDTH));
        let mut out = Pixels {
            bytes: Cow::default(),
            rows,
            columns,
            width,
            stored: u32::from(short(tags::BITS_STORED).unwrap_or(allocated).clamp(1, allocated)),
            signed: short(tags::PIXEL_REPRESENTATION) == Some(1),
            big_endian: file.big_endian,
            colour,
            planar: short(tags::PLANAR) == Some(1),
            slope: data.decimal(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0),
            intercept: data.decimal(tags::RESCALE_INTERCEPT).unwrap_or(0.0),
            window: window.filter(|(_, width)| *width >= 1.0),
        };
        // A frame that is not whole is not shown.
        match file.transfer_syntax.as_str() {
            syntax if PLAIN.contains(&syntax) => {
                let samples = if matches!(out.colour, Colour::Ybr422) { 2 } else { samples };
                out.bytes = data.bytes(tags::PIXEL_DATA).get(..pixels.checked_mul(width * samples)?)?.into();
            }
            _ if pixels.checked_mul(width * samples)? > UNPACKED_BYTES || matches!(out.colour, Colour::Ybr422) => {
                return None;
            }
            RUN_LENGTHS => {
                let frame = data.fragments(tags::PIXEL_DATA).get(1)?;
                (out.bytes, out.planar) = (rle::unpack(frame, pixels, samples, width)?.into(), true);
            }
            syntax if JPEG_LOSSLESS.contains(&syntax) => {
                let frame = lossless::unpack(&jpeg(data)?, pixels * samples)?;
                if (frame.rows, frame.columns, frame.samples) != (rows, columns, samples) {
                    return None;
                }
                let bytes = frame.values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(width));
                (out.bytes, out.planar) = (bytes.collect(), false);
            }
            _ => return None,
        }
        Some(out)
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
            let scaled = |value: i64| value as f64 * self.slope + self.intercept;
            let values: Vec<f64> =
                points.map(|(row, column)| scaled(self.sample(row * self.columns + column))).collect();
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

    /// A pixel of one sample.
    fn sample(&self, at: usize) -> i64 {
        let raw = if self.width == 1 {
            u32::from(self.bytes.get(at).copied().unwrap_or_default())
        } else {
            let two = self.bytes.get(at * 2..at * 2 + 2).and_then(|two| <[u8; 2]>::try_from(two).ok());
            let two = two.unwrap_or_default();
            u32::from(if self.big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
        };
        let raw = raw & ((1 << self.stored) - 1);
        let sign = 1 << (self.stored - 1);
        if self.signed && raw & sign != 0 { i64::from(raw) - (1 << self.stored) } else { i64::from(raw) }
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
        let part = if matches!(self.colour, Colour::Inverted) { 1.0 - part } else { part };
        (part * 255.0).round() as u8
    }

    fn colour_at(&self, at: usize) -> [u8; 3] {
        let byte = |place: usize| self.bytes.get(place).copied().unwrap_or_default();
        let count = self.rows * self.columns;
        let sample = |number: usize| byte(if self.planar { number * count + at } else { at * 3 + number });
        match &self.colour {
            Colour::Palette(palette) => palette.colour(self.sample(at)),
            Colour::Ybr => rgb([sample(0), sample(1), sample(2)]),
            Colour::Ybr422 => {
                let pair = at / 2 * 4;
                rgb([byte(pair + at % 2), byte(pair + 2), byte(pair + 3)])
            }
            Colour::Rgb | Colour::Grey | Colour::Inverted => [sample(0), sample(1), sample(2)],
        }
    }
}

/// Luminance and the two differences as colours (PS3.3, C.7.6.3.1.2).
fn rgb(ybr: [u8; 3]) -> [u8; 3] {
    let [y, cb, cr] = ybr.map(f64::from);
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|part| part.clamp(0.0, 255.0) as u8)
}

/// The colours of values (PS3.3, C.7.9): red, green and blue, each with the value that its first entry is of.
struct Palette([(i64, Vec<u8>); 3]);

impl Palette {
    fn of(file: &DicomFile<'_>) -> Option<Palette> {
        let of = |number: u32| -> Option<(i64, Vec<u8>)> {
            let descriptor = file.data.bytes(tags::PALETTE_DESCRIPTOR + number).first_chunk::<6>()?;
            let mut numbers = descriptor.chunks_exact(2).filter_map(|two| {
                let two = two.try_into().ok()?;
                Some(if file.big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
            });
            let (entries, first, bits) = (numbers.next()?, numbers.next()?, numbers.next()?);
            let is_signed = file.data.short(tags::PIXEL_REPRESENTATION, file.big_endian) == Some(1);
            let first = if is_signed { i64::from(first as i16) } else { i64::from(first) };
            // None stands for 2^16.
            let entries = if entries == 0 { 1 << 16 } else { usize::from(entries) };
            let data = file.data.bytes(tags::PALETTE_DATA + number);
            // Of sixteen bits the higher eight are shown; eight bits stand in words or, against the standard, close together.
            let table = match (data.get(..entries * 2), bits) {
                (Some(words), 16) => words.iter().skip(usize::from(!file.big_endian)).step_by(2).copied().collect(),
                (Some(words), 8) => words.iter().skip(usize::from(file.big_endian)).step_by(2).copied().collect(),
                (None, 8) => data.get(..entries)?.to_vec(),
                _ => return None,
            };
            Some((first, table))
        };
        Some(Palette([of(0)?, of(1)?, of(2)?]))
    }

    /// Values before the first entry have its colour, those after the last one that of the last.
    fn colour(&self, value: i64) -> [u8; 3] {
        self.0.each_ref().map(|(first, table)| {
            let at = usize::try_from(value - first).unwrap_or_default().min(table.len().saturating_sub(1));
            table.get(at).copied().unwrap_or_default()
        })
    }
}
