//! Tests of QR codes, read back by a decoder that others made. What a camera makes of them is tested with the whole.

use super::*;
use proptest::prelude::*;

/// Reads a code back with a decoder made by others, from the bitmap that a screen would show.
fn scan(code: &QrCode, module_px: usize) -> String {
    let (level, content) = scan_any(code, module_px);
    // 0 is M in the format information (ISO/IEC 18004, table 12).
    assert_eq!(level, 0, "error correction M");
    content
}

fn scan_any(code: &QrCode, module_px: usize) -> (u16, String) {
    let (side, pixels) = code.to_luma(module_px);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| pixels[y * side + x]);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    let (meta, content) = grids[0].decode().unwrap();
    (meta.ecc_level, content)
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

#[cfg(feature = "cards")]
#[test]
fn the_longest_card_fits_version_22_and_is_read_back() {
    use crate::card::{Chunks, Progress, Reason, numeric::MAX_SINGLE};
    let jws = format!("eyJ{}.{}.{}", "a-_Z".repeat(20), "09zA".repeat(250), "x".repeat(MAX_SINGLE - 3 - 80 - 1000 - 2));
    assert_eq!(jws.len(), MAX_SINGLE);
    let code = QrCode::of_card(&jws).unwrap();
    assert!(code.version() <= 22, "version {}", code.version());
    let (level, text) = scan_any(&code, 4);
    assert_eq!(level, 1, "error correction L");
    let Progress::Complete(whole) = Chunks::default().add(&text).unwrap() else { panic!("not whole") };
    assert_eq!(whole.jws, jws);
    assert_eq!(QrCode::of_card(&format!("{jws}x")), Err(Reason::JwsTooLong { length: MAX_SINGLE + 1 }));
}

#[cfg(feature = "hcert")]
#[test]
fn a_certificate_is_alphanumeric_and_read_back() {
    let text = crate::hcert::wrap(&[0x5a; 300]);
    let code = QrCode::of_certificate(&text).unwrap();
    let (level, read) = scan_any(&code, 4);
    assert_eq!((level, read), (3, text), "error correction Q");
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
