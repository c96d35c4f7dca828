//! Pictures for the documentation, made small: a screen of ours has few colours, and 256 of them show all of it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

/// The most colours of an indexed PNG.
const COLOURS: usize = 256;

type Colour = [u8; 3];

/// Writes a PNG anew with the colours that most of its pixels have, each other one as the nearest of these.
///
/// # Panics
/// Where it is no PNG, or cannot be written.
pub fn make_small(path: &Path) {
    let (width, height, pixels) = read(path);
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    pixels.iter().for_each(|pixel| *counts.entry(*pixel).or_default() += 1);
    let mut palette: Vec<Colour> = counts.keys().copied().collect();
    // By the colour itself where two are as frequent: the same picture is the same file.
    palette.sort_by_key(|colour| (std::cmp::Reverse(counts[colour]), *colour));
    palette.truncate(COLOURS);
    let nearest = |colour: &Colour| {
        let far = |other: &Colour| colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum::<u32>();
        let (at, _) = palette.iter().enumerate().min_by_key(|(_, other)| far(other)).unwrap();
        u8::try_from(at).unwrap()
    };
    let index: HashMap<Colour, u8> = counts.keys().map(|colour| (*colour, nearest(colour))).collect();
    let indexed: Vec<u8> = pixels.iter().map(|pixel| index[pixel]).collect();

    let mut encoder = Encoder::new(BufWriter::new(File::create(path).unwrap()), width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&indexed).unwrap();
    writer.finish().unwrap();
}

fn read(path: &Path) -> (u32, u32, Vec<Colour>) {
    let mut decoder = Decoder::new(BufReader::new(File::open(path).unwrap()));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    let samples = frame.color_type.samples();
    let colour = |pixel: &[u8]| match *pixel {
        [grey] | [grey, _] => [grey; 3],
        [red, green, blue, ..] => [red, green, blue],
        [] => unreachable!("a pixel has samples"),
    };
    (frame.width, frame.height, bytes[..frame.buffer_size()].chunks_exact(samples).map(colour).collect())
}
