//! Tests of codes in pictures: drawn from the side, in shadow, many at once, and hostile pictures.

use proptest::prelude::*;
use smart_health::QrCode;

use super::*;

type Place = (f32, f32);

/// What the codes in a picture say.
fn texts(bytes: &[u8], kind: DocumentKind) -> Vec<String> {
    codes(bytes, kind).into_iter().map(|code| code.text).collect()
}

fn in_grey(grey: Grey) -> Vec<String> {
    super::in_grey(grey).into_iter().map(|code| code.text).collect()
}

/// A sheet of paper on which codes are drawn as a camera would see them.
struct Sheet {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Sheet {
    fn new(width: usize, height: usize, background: u8) -> Self {
        Self { width, height, pixels: vec![background; width * height] }
    }

    /// Draws a code with its quiet zone into the quadrangle, corners clockwise from top left.
    fn draw(&mut self, text: &str, corners: [Place; 4], light: u8, ink: u8) {
        let code = QrCode::encode(text).unwrap();
        let side = code.size() as f32 + 8.0;
        let edges: Vec<(Place, Place)> = (0..4).map(|at| (corners[at], corners[(at + 1) % 4])).collect();
        // Where a pixel lies in the code is found by walking the inverse of the bilinear patch; good enough for paper.
        for y in 0..self.height {
            for x in 0..self.width {
                let at = (x as f32 + 0.5, y as f32 + 0.5);
                let inside = edges.iter().all(|(a, b)| (b.0 - a.0) * (at.1 - a.1) - (b.1 - a.1) * (at.0 - a.0) >= 0.0);
                if !inside {
                    continue;
                }
                let (u, v) = unproject(corners, at);
                let (column, row) = ((u * side) as isize - 4, (v * side) as isize - 4);
                let within = |place: isize| (0..code.size() as isize).contains(&place);
                let dark = within(column) && within(row) && code.is_dark(column as usize, row as usize);
                self.pixels[y * self.width + x] = if dark { ink } else { light };
            }
        }
    }

    fn grey(self) -> Grey {
        Grey::new(self.width, self.height, self.pixels).unwrap()
    }

    fn png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&self.pixels).unwrap();
        out
    }
}

/// Where a place lies in a quadrangle, from (0, 0) to (1, 1), under a projection: Newton's method on the mapping.
fn unproject(corners: [Place; 4], at: Place) -> Place {
    let [a, b, c, d] = corners.map(|(x, y)| (f64::from(x), f64::from(y)));
    let bend = (a.0 - b.0 + c.0 - d.0, a.1 - b.1 + c.1 - d.1);
    let (one, two) = ((b.0 - c.0, b.1 - c.1), (d.0 - c.0, d.1 - c.1));
    let turn = one.0 * two.1 - two.0 * one.1;
    let g = (bend.0 * two.1 - two.0 * bend.1) / turn;
    let h = (one.0 * bend.1 - bend.0 * one.1) / turn;
    let (px, qx) = (b.0 - a.0 + g * b.0, d.0 - a.0 + h * d.0);
    let (py, qy) = (b.1 - a.1 + g * b.1, d.1 - a.1 + h * d.1);
    let at = (f64::from(at.0), f64::from(at.1));
    // (px u + qx v + ax) = x (g u + h v + 1), and the same for y: two linear equations.
    let (m, n, r) = (px - g * at.0, qx - h * at.0, at.0 - a.0);
    let (s, t, w) = (py - g * at.1, qy - h * at.1, at.1 - a.1);
    let det = m * t - n * s;
    (((r * t - n * w) / det) as f32, ((m * w - r * s) / det) as f32)
}

fn text_of(length: usize) -> String {
    format!("shlink:/{}", "eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3Jn".repeat(60).get(..length).unwrap())
}

fn square(left: f32, top: f32, side: f32) -> [Place; 4] {
    [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
}

#[test]
fn codes_of_every_size_are_read_from_a_screenshot() {
    for (length, pixels) in [(10, 100.0), (60, 150.0), (250, 260.0), (600, 420.0), (1400, 700.0)] {
        let mut sheet = Sheet::new(1080, 1900, 245);
        sheet.draw(&text_of(length), square(150.0, 430.0, pixels), 255, 0);
        assert_eq!(texts(&sheet.png(), DocumentKind::Png), [text_of(length)], "{length} characters, {pixels} pixels");
    }
}

#[test]
fn codes_are_read_turned_and_from_the_side() {
    let text = text_of(300);
    for (what, corners) in [
        ("upside down", [(700.0, 700.0), (100.0, 700.0), (100.0, 100.0), (700.0, 100.0)]),
        ("turned by a quarter", [(700.0, 100.0), (700.0, 700.0), (100.0, 700.0), (100.0, 100.0)]),
        ("turned by an eighth", [(400.0, 20.0), (780.0, 400.0), (400.0, 780.0), (20.0, 400.0)]),
        ("turned a little", [(140.0, 60.0), (740.0, 140.0), (660.0, 740.0), (60.0, 660.0)]),
        ("from below", [(180.0, 140.0), (620.0, 140.0), (740.0, 700.0), (60.0, 700.0)]),
        ("from the right", [(60.0, 60.0), (700.0, 150.0), (700.0, 640.0), (60.0, 740.0)]),
        ("from a corner", [(120.0, 120.0), (640.0, 70.0), (750.0, 690.0), (50.0, 610.0)]),
    ] {
        let mut sheet = Sheet::new(800, 800, 200);
        sheet.draw(&text, corners, 235, 40);
        assert_eq!(in_grey(sheet.grey()), [text.as_str()], "{what}");
    }
}

#[test]
fn a_photograph_in_half_shadow_is_read() {
    let text = text_of(250);
    let mut sheet = Sheet::new(1600, 1200, 120);
    sheet.draw(&text, [(420.0, 300.0), (1050.0, 260.0), (1130.0, 930.0), (380.0, 900.0)], 220, 50);
    // Light falls off to the right, and the sensor adds its noise.
    let mut noise = 12_345_u32;
    for (at, pixel) in sheet.pixels.iter_mut().enumerate() {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let shade = 100 - (at % 1600) * 70 / 1600;
        let lit = usize::from(*pixel) * shade / 100 + (noise >> 24) as usize % 13;
        *pixel = u8::try_from(lit.min(255)).unwrap();
    }
    assert_eq!(in_grey(sheet.grey()), [text]);
}

#[test]
fn light_codes_on_a_dark_screen_are_read() {
    let text = text_of(250);
    let mut sheet = Sheet::new(1080, 1900, 24);
    sheet.draw(&text, square(150.0, 430.0, 500.0), 24, 240);
    assert_eq!(texts(&sheet.png(), DocumentKind::Png), [text.as_str()]);
    let mut tilted = Sheet::new(800, 800, 40);
    tilted.draw(&text, [(140.0, 60.0), (740.0, 140.0), (660.0, 740.0), (60.0, 660.0)], 30, 200);
    assert_eq!(in_grey(tilted.grey()), [text]);
}

#[test]
fn several_codes_are_read_from_left_to_right_and_down() {
    let all: Vec<String> = (0..6).map(|number| format!("{number}{}", text_of(180))).collect();
    let mut sheet = Sheet::new(1000, 700, 255);
    for (number, text) in all.iter().enumerate() {
        let (column, row) = ((number % 3) as f32, (number / 3) as f32);
        sheet.draw(text, square(10.0 + column * 320.0, 20.0 + row * 330.0, 300.0), 255, 0);
    }
    assert_eq!(in_grey(sheet.grey()), all);
}

#[test]
fn a_small_code_in_a_large_scan_is_read() {
    let mut sheet = Sheet::new(2480, 3508, 250);
    sheet.draw(&text_of(250), square(1900.0, 2900.0, 190.0), 255, 20);
    assert_eq!(texts(&sheet.png(), DocumentKind::Png), [text_of(250)]);
}

#[test]
fn pictures_without_a_code_have_none() {
    let text = Sheet::new(900, 900, 255);
    assert!(in_grey(text.grey()).is_empty());
    let mut stripes = Sheet::new(900, 900, 255);
    stripes.pixels.iter_mut().enumerate().for_each(|(at, pixel)| *pixel = if at % 10 < 5 { 0 } else { 255 });
    assert!(in_grey(stripes.grey()).is_empty());
}

/// Thousands of corners that all fit together: each is looked at, and then there is an end.
#[test]
fn a_picture_full_of_corners_comes_to_an_end() {
    let mut sheet = Sheet::new(1200, 1200, 255);
    for (at, pixel) in sheet.pixels.iter_mut().enumerate() {
        let (x, y) = (at % 1200 % 10, at / 1200 % 10);
        let ring = x.abs_diff(4).max(y.abs_diff(4));
        *pixel = if ring == 3 || ring <= 1 { 0 } else { 255 };
    }
    assert!(in_grey(sheet.grey()).is_empty());
}

#[test]
fn a_picture_that_claims_to_be_huge_is_not_decoded() {
    let mut sheet = Sheet::new(8, 8, 255).png();
    // Width and height stand behind the signature and the head of IHDR.
    sheet[16..24].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);
    assert!(texts(&sheet, DocumentKind::Png).is_empty());
    sheet[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    assert!(texts(&sheet, DocumentKind::Png).is_empty());
}

#[test]
fn a_jpeg_is_read() {
    let photograph = include_bytes!("photograph.jpg");
    assert_eq!(texts(photograph, DocumentKind::Jpeg), [text_of(200)]);
    for end in (0..photograph.len()).step_by(977) {
        texts(&photograph[..end], DocumentKind::Jpeg);
    }
}

/// A wider test over photographs that the makers of ZXing took, where they are at hand (see `tests/shared_data.rs`).
#[test]
#[allow(clippy::print_stdout)]
fn most_photographs_of_others_are_read() {
    let Some(folders) = crate::public::data("qr-images") else { return };
    let (mut all, mut right) = (0, 0);
    for folder in std::fs::read_dir(folders).unwrap() {
        let folder = folder.unwrap().path();
        let (mut here, mut read) = (0, 0);
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let Ok(expected) = std::fs::read_to_string(path.with_extension("txt")) else { continue };
            if path.extension().is_none_or(|ending| ending != "png" && ending != "jpg") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let kind = crate::documents::looks_like(&bytes).unwrap();
            let found: Vec<String> = codes(&bytes, kind).into_iter().map(|code| code.text).collect();
            here += 1;
            read += usize::from(!found.is_empty());
            if found.iter().all(|text| text.trim() != expected.trim()) {
                println!("{}: {found:?}", path.display());
            }
        }
        println!("{}: {read} of {here}", folder.display());
        (all, right) = (all + here, right + read);
    }
    assert!(right * 100 >= all * 60, "{right} of {all}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_pixels_are_looked_at(width in 1_usize..300, height in 1_usize..300, seed in any::<u32>(), coarse in 1_usize..9) {
        let mut random = seed | 1;
        let mut blocks = vec![0_u8; (width / coarse + 1) * (height / coarse + 1)];
        for block in &mut blocks {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *block = (random >> 24) as u8;
        }
        let pixel = |at: usize| blocks[at / width / coarse * (width / coarse + 1) + at % width / coarse];
        let pixels = (0..width * height).map(pixel).collect();
        in_grey(Grey::new(width, height, pixels).unwrap());
    }

    #[test]
    fn damaged_files_are_looked_at(cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        for (file, kind) in [
            (include_bytes!("photograph.jpg").to_vec(), DocumentKind::Jpeg),
            (Sheet::new(40, 40, 9).png(), DocumentKind::Png),
        ] {
            let mut file = file;
            for (at, byte) in &cuts {
                let at = at.index(file.len());
                file[at] = *byte;
            }
            texts(&file, kind);
        }
    }
}

/// As messengers and browsers save pictures: without loss, with colours and transparency, and with loss.
#[test]
fn a_code_in_a_webp_is_read() {
    let text = text_of(120);
    let mut sheet = Sheet::new(300, 300, 255);
    sheet.draw(&text, square(20.0, 20.0, 260.0), 255, 0);
    let encoded = |data: &[u8], colours: image_webp::ColorType| {
        let mut out = Vec::new();
        image_webp::WebPEncoder::new(&mut out).encode(data, 300, 300, colours).unwrap();
        out
    };
    let grey = encoded(&sheet.pixels, image_webp::ColorType::L8);
    assert_eq!(texts(&grey, DocumentKind::Webp), [text.as_str()]);
    // Dark where it shows, and black behind what does not.
    let clear: Vec<u8> = sheet.pixels.iter().flat_map(|shade| [0, 0, 0, 255 - shade]).collect();
    assert_eq!(texts(&encoded(&clear, image_webp::ColorType::Rgba8), DocumentKind::Webp), [text.as_str()]);
    // The bits say how large they are, whatever a file says around them.
    let mut lies = [b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".as_slice(), &[0xFF; 6]].concat();
    lies.extend_from_slice(&grey[12..]);
    assert_eq!(texts(&lies, DocumentKind::Webp), [text.as_str()]);
    let lossy = include_bytes!("lossy.webp");
    let link = "shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnL21hZGUtZm9yLWEtdGVzdCJ9";
    assert_eq!(texts(lossy, DocumentKind::Webp), [link]);
    for cut in (0..lossy.len()).step_by(7) {
        texts(&lossy[..cut], DocumentKind::Webp);
    }
}

/// A picture of 16384 by 16384 pixels in thirty bytes costs nothing.
#[test]
fn a_webp_that_claims_to_be_huge_is_not_looked_into() {
    let lossy = b"RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f";
    let lossless = b"RIFF\x11\0\0\0WEBPVP8L\x05\0\0\0\x2f\xff\xff\xff\x0f\0";
    for bytes in [lossy.as_slice(), lossless] {
        assert!(pixels::grey(bytes, DocumentKind::Webp).is_none());
    }
}

proptest! {
    #[test]
    fn a_webp_that_was_tampered_with_never_panics(at in 12_usize..2000, byte: u8, cut in 0_usize..2000) {
        let mut bytes = include_bytes!("lossy.webp").to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        texts(&bytes, DocumentKind::Webp);
        bytes.truncate(cut.max(20));
        texts(&bytes, DocumentKind::Webp);
    }
}
