//! Tests of the reading of PDF: what is read, and hostile files by name.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};
use proptest::prelude::*;

use super::*;

mod codes;

/// A file of these objects, numbered from 1, without a cross-reference table.
fn pdf(objects: &[&str]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    for (at, object) in objects.iter().enumerate() {
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    out.extend(b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF");
    out
}

fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<< {dict} /Length {} >> stream\n", data.len()).into_bytes();
    out.extend(data);
    out.extend(b"\nendstream");
    out
}

/// One page drawn by `content`, in Helvetica under the name F.
fn page(content: &str) -> Vec<u8> {
    let content = String::from_utf8(stream("", content.as_bytes())).unwrap();
    pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        &content,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ])
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn text(bytes: &[u8]) -> String {
    draft(bytes).text
}

#[test]
fn text_is_read_in_reading_order() {
    let drawn = "BT /F 10 Tf 1 0 0 1 200 700 Tm (right) Tj 1 0 0 1 50 700 Tm (left) Tj ET \
                 BT /F 10 Tf 50 650 Td (below) Tj 0 -12 Td [(a) -300 (b\\344) 20 (c)] TJ T* ET";
    assert_eq!(text(&page(drawn)), "left right\nbelow\na bäc");
}

#[test]
fn differences_and_to_unicode_say_what_codes_mean() {
    let map = "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <41> <43> <0410> endbfrange \
               1 beginbfchar <44> <00660069> endbfchar";
    let map = String::from_utf8(stream("", map.as_bytes())).unwrap();
    let content = String::from_utf8(stream("", b"BT /F 9 Tf (ABC D) Tj /G 9 Tf 0 -20 Td (ABC) Tj ET")).unwrap();
    let file = pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Kids [3 0 R] >>",
        "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F 5 0 R /G 7 0 R >> >> >>",
        &content,
        "<< /Type /Font /Subtype /TrueType /ToUnicode 6 0 R >>",
        &map,
        "<< /Type /Font /Subtype /Type1 /Encoding << /Differences [65 /eacute /uni20AC /f_i] >> >>",
    ]);
    assert_eq!(text(&file), "АБВ fi\né€fi");
}

#[test]
fn composite_fonts_have_codes_of_two_bytes() {
    let content = String::from_utf8(stream("", b"BT /F 9 Tf <00410042> Tj /G 9 Tf 0 -20 Td <8ABF> Tj ET")).unwrap();
    let map = String::from_utf8(stream("", b"2 beginbfchar <0041> <03B1> <0042> <03B2> endbfchar")).unwrap();
    let file = pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Kids [3 0 R] >>",
        "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F 5 0 R /G 7 0 R >> >> >>",
        &content,
        "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /DW 600 >>] >>",
        &map,
        "<< /Type /Font /Subtype /Type0 /Encoding /90ms-RKSJ-H /DescendantFonts [<< >>] >>",
    ]);
    assert_eq!(text(&file), "αβ\n漢");
}

/// What a stretch reads as counts, and not the shapes that are drawn for it.
#[test]
fn words_that_stand_for_what_is_shown_are_taken() {
    let read = |content: &str| text(&page(content));
    assert_eq!(
        read("BT /F 10 Tf /Span << /ActualText (office) >> BDC (o\\001ce) Tj EMC 60 0 Td (hours) Tj ET"),
        "office hours"
    );
    let wide = "BT /F 10 Tf /Span << /ActualText <FEFF05D0> >> BDC (a) Tj (b) Tj /Inner BMC (c) Tj EMC EMC ET";
    assert_eq!(read(wide), "\u{5D0}", "once, whatever is inside");
    assert_eq!(read("BT /F 10 Tf /Span << /MCID 1 >> BDC (plain) Tj EMC EMC EMC ET"), "plain");
}

#[test]
fn objects_in_streams_and_predictors_are_read() {
    let inner = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Kids [3 0 R] >>",
        "<< /Type /Page /Contents 5 0 R /Resources << /Font << /F << /Subtype /Type1 >> >> >> >>",
    ];
    let (mut index, mut objects) = (String::new(), String::new());
    for (number, object) in inner.iter().enumerate() {
        index.push_str(&format!("{} {} ", number + 1, objects.len()));
        objects.push_str(&format!("{object} "));
    }
    let first = index.len();
    let objects = (index + &objects).into_bytes();
    // Each row of 4 bytes after a byte that says "up" (2) or "as it is" (0).
    let mut rows = Vec::new();
    let (mut above, mut padded) = ([0_u8; 4], objects);
    padded.resize(padded.len().div_ceil(4) * 4, b' ');
    for (at, row) in padded.chunks(4).enumerate() {
        rows.push(if at % 2 == 0 { 2 } else { 0 });
        rows.extend(row.iter().zip(above).map(|(byte, up)| if at % 2 == 0 { byte.wrapping_sub(up) } else { *byte }));
        above.copy_from_slice(row);
    }
    let mut file = b"%PDF-1.5\n4 0 obj\n".to_vec();
    let dict =
        format!("/Type /ObjStm /N 3 /First {first} /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>");
    file.extend(stream(&dict, &deflated(&rows)));
    file.extend(b"\nendobj\n5 0 obj\n");
    file.extend(stream("", b"BT /F 9 Tf (inside) Tj ET"));
    file.extend(b"\nendobj\n6 0 obj\n");
    file.extend(stream("/Type /XRef /Root 1 0 R", b""));
    file.extend(b"\nendobj\n");
    assert_eq!(text(&file), "inside");
}

#[test]
fn every_filter_gives_back_what_was_put_in() {
    let mut budget = Budget::new(1 << 30);
    let file = File::open(b"%PDF-1.0", &mut budget);
    let mut decode = |filter: &str, data: &[u8]| {
        let dict = format!("<< /Filter /{filter} >>");
        let Some(Object::Dict(dict)) = lexer::Lexer::new(dict.as_bytes(), 0).object(&mut budget) else { panic!() };
        filters::decode(&dict, data.to_vec(), 1 << 20, &file, &mut budget)
    };
    assert_eq!(decode("FlateDecode", &deflated(b"hello")).unwrap(), b"hello");
    assert_eq!(decode("ASCIIHexDecode", b"68 65 6C6c 6F>").unwrap(), b"hello");
    assert_eq!(decode("ASCII85Decode", b"BOu!rDZ~>").unwrap(), b"hello");
    assert_eq!(decode("RunLengthDecode", b"\x04hello\xFDx\x80").unwrap(), b"helloxxxx");
    // The example of ISO 32000-2, 7.4.4.2.
    assert_eq!(
        decode("LZWDecode", &[0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01]).unwrap(),
        [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]
    );
    assert!(decode("DCTDecode", b"picture").is_none());
}

#[test]
fn files_encrypted_without_a_password_are_opened() {
    for file in [
        &include_bytes!("vectors/rc4_40.pdf")[..],
        include_bytes!("vectors/rc4_128.pdf"),
        include_bytes!("vectors/aes128.pdf"),
        include_bytes!("vectors/aes256r5.pdf"),
        include_bytes!("vectors/aes256.pdf"),
    ] {
        let draft = draft(file);
        assert_eq!((draft.title.as_deref(), draft.text.as_str()), (Some("Secret title"), "Opened without a password"));
    }
    let locked = draft(include_bytes!("vectors/locked.pdf"));
    assert!(locked.facts[0].contains("encrypted with a password") && locked.text.is_empty());
}

#[test]
fn files_inside_are_named_and_pages_without_text_are_said() {
    let attached = draft(include_bytes!("vectors/attached.pdf"));
    assert!(attached.facts.contains(&"It holds other files: labor.xml.".to_owned()), "{:?}", attached.facts);
    let scanned = draft(&page("q 600 0 0 800 0 0 cm /Scan Do Q"));
    assert!(scanned.facts.iter().any(|fact| fact.contains("scanned")), "{:?}", scanned.facts);
    let mute = draft(&pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Kids [3 0 R] >>",
        "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F << /Subtype /Type0 /Encoding /Identity-H >> >> >> >>",
        "<< /Length 29 >> stream\nBT /F 9 Tf <00410042> Tj ET  \nendstream",
    ]));
    assert!(mute.facts.iter().any(|fact| fact.contains("do not say which")), "{:?}", mute.facts);
    assert!(draft(b"%PDF-1.7 and nothing else").facts[0].contains("damaged"));
}

#[test]
fn titles_and_dates_say_something_or_are_left_out() {
    assert_eq!(useful_title("Microsoft Word - Arztbrief.docx").as_deref(), Some("Arztbrief"));
    assert_eq!(useful_title("untitled"), None);
    assert_eq!(useful_title(" \u{0}- "), None);
    for (text, date) in [
        ("D:20240501101112+02'00'", Some("2024-05-01T10:11:12+02:00")),
        ("D:20240501101112Z00'00'", Some("2024-05-01T10:11:12Z")),
        ("D:20240501101112", Some("2024-05-01")),
        ("D:202405", Some("2024-05")),
        ("2024", Some("2024")),
        ("D:20241301", None),
        ("yesterday", None),
        ("D:20240501256199+99'99'", Some("2024-05-01")),
    ] {
        assert_eq!(fhir_date(text).as_deref(), date, "{text}");
    }
}

/// Hostile files: each is read to an end, quickly and with a bounded result.
fn survives(name: &str, file: &[u8]) {
    let begun = std::time::Instant::now();
    let draft = draft(file);
    assert!(draft.text.len() <= TEXT_BYTES, "{name}");
    assert!(draft.facts.iter().all(|fact| fact.len() < 40_000), "{name}");
    assert!(begun.elapsed().as_secs() < 120, "{name} took {:?}", begun.elapsed());
}

#[test]
fn objects_that_refer_to_each_other_in_circles() {
    survives("a root that is itself", &pdf(&["1 0 R"]));
    survives("two that are each other", &pdf(&["2 0 R", "1 0 R"]));
    survives("a length that is its own stream", &pdf(&["<< /Pages 2 0 R >>", "<< /Length 2 0 R >> stream\nendstream"]));
    survives(
        "a page tree with a cycle",
        &pdf(&["<< /Pages 2 0 R >>", "<< /Kids [2 0 R 3 0 R] >>", "<< /Kids [2 0 R 2 0 R] >>"]),
    );
    survives(
        "a form that draws itself",
        &pdf(&[
            "<< /Pages 2 0 R >>",
            "<< /Kids [3 0 R] >>",
            "<< /Type /Page /Contents 4 0 R /Resources 5 0 R >>",
            "<< /Subtype /Form /Length 20 >> stream\n/A Do /A Do /A Do /A Do\nendstream",
            "<< /XObject << /A 4 0 R >> >>",
        ]),
    );
    survives(
        "an object stream that holds itself",
        &pdf(&["<< /Type /ObjStm /N 2 /First 8 /Length 30 >> stream\n1 0 2 5 (a) << /Type /Catalog >>\nendstream"]),
    );
    survives(
        "names in a circle",
        &pdf(&[
            "<< /Pages 2 0 R /Names << /EmbeddedFiles 3 0 R >> >>",
            "<< >>",
            "<< /Kids [3 0 R 3 0 R 3 0 R] /Names [(a) 3 0 R] >>",
        ]),
    );
    survives(
        "a trailer chain in a circle",
        b"%PDF-1.7\nxref\n0 0\ntrailer << /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF",
    );
}

#[test]
fn files_that_grow() {
    let zeros = deflated(&vec![b' '; 40 << 20]);
    let mut bomb = b"%PDF-1.7\n1 0 obj << /Pages 2 0 R >> endobj 2 0 obj << /Kids [3 0 R 3 0 R] >> endobj 3 0 obj << /Type /Page /Contents [4 0 R 4 0 R 4 0 R 4 0 R] >> endobj 4 0 obj ".to_vec();
    bomb.extend(stream("/Filter /FlateDecode", &zeros));
    bomb.extend(b" endobj trailer << /Root 1 0 R >>");
    survives("a content stream of 40 MiB of blanks", &bomb);

    let twice = deflated(&deflated(&vec![0; 40 << 20]));
    let mut bomb = b"%PDF-1.7\n".to_vec();
    for number in 1..40 {
        bomb.extend(format!("{number} 0 obj ").bytes());
        bomb.extend(stream("/Type /ObjStm /N 100000 /First 9 /Filter [/FlateDecode /FlateDecode]", &twice));
        bomb.extend(b" endobj ");
    }
    survives("object streams deflated twice", &bomb);

    let runs = [129, b' '].repeat(200_000);
    let mut bomb = b"%PDF-1.7\n1 0 obj ".to_vec();
    bomb.extend(stream(
        "/Type /ObjStm /N 9 /First 9 /Filter [/RunLengthDecode /RunLengthDecode /RunLengthDecode]",
        &runs,
    ));
    survives("run lengths of run lengths", &bomb);
}

#[test]
fn files_that_are_deep_long_or_cut() {
    survives("arrays in arrays", &pdf(&[&format!("<< /Pages {} >>", "[".repeat(100_000))]));
    survives("dictionaries in dictionaries", &pdf(&[&"<< /A ".repeat(100_000)]));
    survives(
        "an array of a million numbers",
        &pdf(&["<< /Pages 2 0 R >>", &format!("<< /Kids [{}] >>", "0 ".repeat(1_000_000))]),
    );
    survives("a huge length", &pdf(&["<< /Pages 2 0 R /Length 99999999999999999999 >> stream\nx", "<< >>"]));
    survives("a string that never ends", b"%PDF-1.7\n1 0 obj (((((((((((((");
    survives("objects without end", "%PDF-1.7 1 0 obj 1 0 obj ".repeat(50_000).as_bytes());
    survives("streams without end", "%PDF-1.7 1 0 obj << >> stream ".repeat(20_000).as_bytes());
    survives("trailers without end", "%PDF-1.7 trailer << /Root [ ".repeat(20_000).as_bytes());
    survives(
        "many pages of one object",
        &pdf(&["<< /Pages 2 0 R >>", &format!("<< /Kids [{}] >>", "3 0 R ".repeat(100_000)), "<< /Type /Page >>"]),
    );
    survives("operands without an operator", &page(&"1 ".repeat(500_000)));
    survives(
        "text outside of numbers",
        &page("BT /F 1e999 Tf 1e300 0 0 1e300 1e300 1e300 Tm 1e300 Tc (abc) Tj (abc) Tj ET"),
    );
    survives("an inline image without end", &page("BI /W 1 ID EIEIEIEI"));
    survives("saved states without end", &page(&"q ".repeat(100_000)));
    let range = "1 beginbfrange <0000> <FFFFFFFF> <0041> endbfrange ".repeat(1000);
    let range = String::from_utf8(stream("", range.as_bytes())).unwrap();
    survives(
        "a map of everything",
        &pdf(&[
            "<< /Pages 2 0 R >>",
            "<< /Kids [3 0 R] >>",
            "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F << /ToUnicode 5 0 R /Subtype /Type0 /DescendantFonts [<< /W [0 4294967295 1] >>] >> >> >> >>",
            "<< /Length 28 >> stream\nBT /F 9 Tf <00410042> Tj ET \nendstream",
            &range,
        ]),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        draft(&bytes);
    }

    #[test]
    fn never_panics_on_pieces_of_syntax(pieces in proptest::collection::vec(proptest::sample::select(&[
        "<<", ">>", "[", "]", "/Pages", "/Kids", "/Contents", "/Length", "/Filter", "/FlateDecode", "/Type", "/Catalog", "/ObjStm", "/N", "/First",
        "1 0 R", "2 0 R", "1 0 obj", "2 0 obj", "endobj", "stream\n", "endstream", "trailer", "/Root", "9", "-1", "(a", ")", "<41", ">", "BT", "/F", "Tf",
        "Tj", "ET", "/Encrypt", "/Names", "/Resources", "/Font", "%", "\\",
    ][..]), 0..120)) {
        let file = format!("%PDF-1.7\n{}", pieces.join(" "));
        prop_assert!(draft(file.as_bytes()).text.len() <= TEXT_BYTES);
    }

    #[test]
    fn never_panics_on_damaged_files(at in 0..2345_usize, byte in any::<u8>(), cut in 0..2400_usize, which in 0..4_usize) {
        let whole = [&include_bytes!("vectors/aes256.pdf")[..], include_bytes!("vectors/aes128.pdf"), include_bytes!("vectors/rc4_40.pdf"), include_bytes!("vectors/attached.pdf")][which];
        let mut damaged = whole.to_vec();
        if let Some(place) = damaged.get_mut(at) {
            *place = byte;
        }
        damaged.truncate(cut.max(100));
        let first = draft(&damaged);
        prop_assert_eq!(format!("{first:?}"), format!("{:?}", draft(&damaged)));
    }
}
