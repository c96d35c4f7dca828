//! Codes on the pages of a PDF: in pictures of any colours, and drawn.

use smart_health::QrCode;

use super::{deflated, draft, stream};

const TEXT: &str = "shc:/5676290952432060346029243740446031222959532654603460292540";

/// A page with one picture on it.
fn page_with_picture(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj 2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj \
        3 0 obj << /Type /Page /Parent 2 0 R /Resources << /XObject << /P 4 0 R /Q 4 0 R >> >> >> endobj 4 0 obj "
        .to_vec();
    out.extend(stream(&format!("/Type /XObject /Subtype /Image {dict}"), data));
    out.extend(b" endobj trailer << /Root 1 0 R >>");
    out
}

/// What the codes in a PDF say.
fn said(pdf: &[u8]) -> Vec<String> {
    draft(pdf).codes.into_iter().map(|code| code.text).collect()
}

#[test]
fn codes_in_the_pictures_of_a_page_are_read() {
    let (side, luma) = QrCode::encode(TEXT).unwrap().to_luma(4);
    let sides = format!("/Width {side} /Height {side}");
    let found = |dict: &str, data: &[u8]| said(&page_with_picture(&format!("{sides} {dict}"), data));
    let grey = deflated(&luma);
    assert_eq!(found("/BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode", &grey), [TEXT]);
    let rgb: Vec<u8> = luma.iter().flat_map(|pixel| [*pixel; 3]).collect();
    assert_eq!(found("/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter [/FlateDecode]", &deflated(&rgb)), [TEXT]);
    let bits = |dark: u8| -> Vec<u8> {
        let row = |row: &[u8]| -> Vec<u8> {
            row.chunks(8)
                .map(|eight| {
                    eight
                        .iter()
                        .enumerate()
                        .fold(0, |byte, (at, pixel)| byte | (u8::from(*pixel < 128) ^ (1 - dark)) << (7 - at))
                })
                .collect()
        };
        luma.chunks(side).flat_map(row).collect()
    };
    assert_eq!(found("/BitsPerComponent 1 /ColorSpace /DeviceGray", &bits(0)), [TEXT]);
    assert_eq!(found("/ImageMask true", &bits(1)), [TEXT]);
    // A photograph, packed once more.
    let jpeg = include_bytes!("../../qr/photograph.jpg");
    for (dict, data) in [("/Filter /DCTDecode", jpeg.to_vec()), ("/Filter [/FlateDecode /DCTDecode]", deflated(jpeg))] {
        let found = found(&format!("/BitsPerComponent 8 {dict}"), &data);
        assert!(found.len() == 1 && found[0].starts_with("shlink:/"), "{found:?}");
    }
    // Sides that do not fit, or are beyond reason.
    for dict in [
        "/Width 4000000000 /Height 4000000000 /BitsPerComponent 8",
        "/Width 0 /Height 9 /BitsPerComponent 8",
        "/BitsPerComponent 7",
    ] {
        assert!(draft(&page_with_picture(dict, b"\0\0\0")).codes.is_empty());
    }
}

#[test]
fn pictures_of_few_bits_of_inks_and_of_tables_are_read() {
    let (side, luma) = QrCode::encode(TEXT).unwrap().to_luma(4);
    let found = |dict: &str, data: &[u8]| {
        let dict = format!("/Width {side} /Height {side} /Filter /FlateDecode {dict}");
        said(&page_with_picture(&dict, &deflated(data)))
    };
    // Rows of samples of so many bits, of which `dark` and `light` are the shades.
    let packed = |bits: usize, dark: u8, light: u8| -> Vec<u8> {
        let pack = |samples: &[u8]| {
            samples.iter().fold(0, |byte, pixel| byte << bits | if *pixel < 128 { dark } else { light })
        };
        let row = |row: &[u8]| {
            let mut row = row.to_vec();
            row.resize(side.next_multiple_of(8 / bits), 255);
            row.chunks(8 / bits).map(pack).collect::<Vec<u8>>()
        };
        luma.chunks(side).flat_map(row).collect()
    };
    assert_eq!(found("/BitsPerComponent 2 /ColorSpace /DeviceGray", &packed(2, 0, 3)), [TEXT]);
    assert_eq!(found("/BitsPerComponent 4 /ColorSpace /CalGray", &packed(4, 1, 14)), [TEXT]);
    // Colours by number: in RGB as a string, and light where the number is low.
    assert_eq!(
        found("/BitsPerComponent 4 /ColorSpace [/Indexed /DeviceRGB 2 <FFFFFF 00FF00 102030>]", &packed(4, 2, 0)),
        [TEXT]
    );
    assert_eq!(found("/BitsPerComponent 1 /ColorSpace [/Indexed /DeviceGray 1 <FF00>]", &packed(1, 1, 0)), [TEXT]);
    // Four inks, and sixteen bits.
    let inks: Vec<u8> = luma.iter().flat_map(|pixel| if *pixel < 128 { [60, 50, 50, 255] } else { [0; 4] }).collect();
    assert_eq!(found("/BitsPerComponent 8 /ColorSpace /DeviceCMYK", &inks), [TEXT]);
    let wide: Vec<u8> = luma.iter().flat_map(|pixel| [*pixel, 7]).collect();
    assert_eq!(found("/BitsPerComponent 16 /ColorSpace [/ICCBased << /N 1 >>]", &wide), [TEXT]);
    // A table in a table, and too few bytes.
    assert!(
        found("/BitsPerComponent 1 /ColorSpace [/Indexed [/Indexed /DeviceGray 1 <00>] 1 <FF00>]", b"x").is_empty()
    );
    assert!(found("/BitsPerComponent 0 /ColorSpace /DeviceGray", &luma).is_empty());
}

#[test]
fn pictures_in_forms_in_forms_are_read_and_a_form_in_itself_ends() {
    let (side, luma) = QrCode::encode(TEXT).unwrap().to_luma(4);
    let picture = stream(
        &format!("/Subtype /Image /Width {side} /Height {side} /BitsPerComponent 8 /ColorSpace /DeviceGray"),
        &luma,
    );
    let mut file = b"%PDF-1.7\n1 0 obj << /Pages 2 0 R >> endobj 2 0 obj << /Kids [3 0 R] >> endobj \
        3 0 obj << /Type /Page /Resources << /XObject << /A 4 0 R >> >> >> endobj 4 0 obj "
        .to_vec();
    file.extend(stream("/Subtype /Form /Resources << /XObject << /A 4 0 R /B 5 0 R >> >>", b"/B Do"));
    file.extend(b" endobj 5 0 obj ");
    file.extend(stream("/Subtype /Form /Resources << /XObject << /C 6 0 R /A 4 0 R >> >>", b"/A Do"));
    file.extend(b" endobj 6 0 obj ");
    file.extend(picture);
    file.extend(b" endobj trailer << /Root 1 0 R >>");
    assert_eq!(said(&file), [TEXT]);
}

/// A code in modules: where each dark one lies, from the top.
fn modules(code: &QrCode) -> impl Iterator<Item = (usize, usize)> {
    let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    all.filter(|(x, y)| code.is_dark(*x, *y))
}

/// A page of these operators, and of a form F.
fn drawn(content: &str, form: &str) -> Vec<String> {
    let mut file = b"%PDF-1.7\n1 0 obj << /Pages 2 0 R >> endobj 2 0 obj << /Kids [3 0 R] >> endobj 3 0 obj << /Type /Page \
        /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> /ColorSpace << /Ink [/Separation /Black /DeviceGray 6 0 R] >> >> >> \
        endobj 4 0 obj "
        .to_vec();
    file.extend(stream("", content.as_bytes()));
    file.extend(b" endobj 5 0 obj ");
    file.extend(stream("/Subtype /Form /Matrix [2 0 0 2 30 40]", form.as_bytes()));
    file.extend(b" endobj trailer << /Root 1 0 R >>");
    said(&file)
}

#[test]
fn codes_that_are_drawn_are_read_however_they_are_drawn() {
    let code = QrCode::encode(TEXT).unwrap();
    let size = code.size();
    let rows: Vec<String> = modules(&code).map(|(x, y)| format!("{x} {} 1 1 re", size - y)).collect();
    // One rectangle a module, on a page with a letter's head and a frame around it, as tickets have them.
    let each =
        format!("0.9 g 0 0 595 842 re f 0 g q 1.5 0 0 1.5 300 500 cm {} f Q 20 20 500 800 re S", rows.join(" f "));
    assert_eq!(drawn(&each, ""), [TEXT]);
    // All in one path, in a form, turned by a quarter.
    let one = format!("0 0 0 1 k {} f*", rows.join(" "));
    assert_eq!(drawn("q 0 1 -1 0 500 300 cm /F Do Q", &one), [TEXT]);
    // As lines from the left to the right, in an ink.
    let lines: Vec<String> = modules(&code).map(|(x, y)| format!("{x} {y} m {} {y} l", x + 1)).collect();
    assert_eq!(drawn(&format!("2 0 0 -2 50 700 cm 1 w /Ink CS 1 SCN {} S", lines.join(" ")), ""), [TEXT]);
    // Light modules over a dark square.
    let light: Vec<String> = (0..size * size)
        .map(|at| (at % size, at / size))
        .filter(|(x, y)| !code.is_dark(*x, *y))
        .map(|(x, y)| {
            format!("{x} {} m {} {} l {} {} l {x} {} l h", size - y, x + 1, size - y, x + 1, size - y + 1, size - y + 1)
        })
        .collect();
    assert_eq!(drawn(&format!("3 0 0 3 50 50 cm 0 1 {size} {size} re f 1 1 1 rg {} f", light.join(" ")), ""), [TEXT]);
    // A table is no code.
    let table: Vec<String> = (0..200).map(|at| format!("10 {} m 500 {} l S", at * 4, at * 4)).collect();
    assert!(drawn(&table.join(" "), "").is_empty());
}

#[test]
fn hostile_drawings_come_to_an_end() {
    let large = "0 0 1e9 1e9 re f ".repeat(20_000);
    assert!(drawn(&large, "").is_empty());
    let far: String = (0..900).map(|at| format!("1e300 {at} 1e-300 nan re f {at} 1e38 m 1e39 {at} l s ")).collect();
    assert!(drawn(&far, "").is_empty());
    let itself = "/F Do ".repeat(500);
    assert!(drawn(&itself, &itself).is_empty());
}

/// Fax machines and old programs put pictures into the content of a page.
#[test]
fn codes_in_pictures_among_the_content_are_read() {
    let (side, luma) = QrCode::encode(TEXT).unwrap().to_luma(4);
    let found = |before: &str, data: &[u8], extra: &str| {
        let mut content = format!("q 200 0 0 200 50 500 cm BI {before} /W {side} /H {side} ID ").into_bytes();
        content.extend_from_slice(data);
        content.extend_from_slice(b"\nEI Q BT (after) Tj ET");
        let mut out = format!(
            "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj 2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj \
             3 0 obj << /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << {extra} >> >> endobj 4 0 obj "
        )
        .into_bytes();
        out.extend(stream("", &content));
        out.extend(b" endobj trailer << /Root 1 0 R >>");
        said(&out)
    };
    assert_eq!(found("/BPC 8 /CS /G", &luma, ""), [TEXT]);
    assert_eq!(found("/BPC 8 /CS /G /F /Fl", &deflated(&luma), ""), [TEXT]);
    let hex: Vec<u8> = luma.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).chain([b'>']).collect();
    assert_eq!(found("/BitsPerComponent 8 /ColorSpace /DeviceGray /F [/AHx]", &hex, ""), [TEXT]);
    let numbers: Vec<u8> = luma.iter().map(|shade| u8::from(*shade > 127)).collect();
    assert_eq!(found("/BPC 8 /CS /Ours", &numbers, "/ColorSpace << /Ours [/Indexed /DeviceGray 1 <00FF>] >>"), [TEXT]);
    assert!(found("/BPC 8 /CS /G /F /Unknown", &luma, "").is_empty());
}
