//! Tests of documents and pictures: what is kept, what is said of it, and what is taken out.

use proptest::prelude::*;

use super::*;
use crate::{cards::TrustStore, convert::Resource, import::Limits, index::index_record};

fn read_all(name: &str, bytes: &[u8], strip_location: bool) -> (Vec<Resource>, Vec<Vec<u8>>) {
    let limits = Limits::default();
    let source = Source { name, sha256: reference::sha256(bytes), now: 0, limits: &limits };
    let (mut resources, mut kept) = (Vec::new(), Vec::new());
    read(bytes, &source, &DocumentOptions { strip_location }, (&TrustStore::default()).into(), &mut |found| {
        match found {
            Found::Resource(converted) => resources.push(converted.resource),
            Found::Attachment(attachment) => {
                assert_eq!(attachment.sha256, reference::sha256(attachment.bytes));
                kept.push(attachment.bytes.to_vec());
            }
            Found::Skipped(skip) => panic!("{}", skip.reason),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (resources, kept)
}

/// A TIFF structure: orientation 6, a GPS directory with a latitude, a date in the inner directory.
fn tiff() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend([3, 0]);
    out.extend(entry(0x0112, 3, 1, 6));
    out.extend(entry(0x8769, 4, 1, 50));
    out.extend(entry(0x8825, 4, 1, 100));
    out.extend([0; 4]);
    assert_eq!(out.len(), 50);
    out.extend([1, 0]);
    out.extend(entry(0x9003, 2, 20, 140));
    out.extend([0; 4]);
    out.resize(100, 0);
    out.extend([1, 0]);
    out.extend(entry(0x0002, 5, 3, 170));
    out.extend([0; 4]);
    out.resize(140, 0);
    out.extend(b"2024:05:01 10:11:12\0");
    out.resize(170, 0);
    out.extend(b"LATITUDE52.5200NORTHxxxx");
    out
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker][..], &length, payload].concat()
}

fn jpeg() -> Vec<u8> {
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><r exif:GPSLatitude='52'/></x:xmpmeta>";
    [
        b"\xFF\xD8".to_vec(),
        segment(0xE1, &[b"Exif\0\0".to_vec(), tiff()].concat()),
        segment(0xE1, xmp),
        segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0A\x1C\x02\x5A\0\x06Berlin"),
        segment(0xC0, &[8, 0, 20, 0, 30, 1]),
        segment(0xDA, &[1, 2]),
        b"pixels\xFF\x00pixels\xFF\xD0pixels\xFF\xD9".to_vec(),
    ]
    .concat()
}

fn png() -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
    };
    [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 30, 0, 0, 0, 20, 8, 0, 0, 0, 0]),
        chunk(b"eXIf", &tiff()),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>GPSLongitude</x:xmpmeta>"),
        chunk(b"IDAT", b"pixels"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn webp() -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let padding = vec![0; data.len() % 2];
        [kind, &u32::try_from(data.len()).unwrap().to_le_bytes(), data, &padding].concat()
    };
    let body = [
        chunk(b"VP8X", &[0x0C, 0, 0, 0, 29, 0, 0, 19, 0, 0]),
        chunk(b"VP8 ", b"pixels"),
        chunk(b"EXIF", &tiff()),
        chunk(b"XMP ", b"<x:xmpmeta>GPSLatitude</x:xmpmeta>"),
    ]
    .concat();
    [&b"RIFF"[..], &u32::try_from(body.len() + 4).unwrap().to_le_bytes(), b"WEBP", &body].concat()
}

/// An HEIC file as far as it matters here: EXIF lies in `mdat`, behind the count of what stands before it.
fn heic(passed: &[u8]) -> Vec<u8> {
    let before = u32::try_from(passed.len()).unwrap().to_be_bytes();
    [b"\0\0\0\x18ftypheic\0\0\0\0heicmif1\0\0\x01\0mdatpixels", &before[..], passed, &tiff()].concat()
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn a_photograph_is_kept_as_it_came_and_its_place_is_said() {
    let (resources, kept) = read_all("Befund.jpg", &jpeg(), false);
    assert_eq!(kept, [jpeg()]);
    let document = &resources[0];
    assert_eq!(document["description"], "Befund");
    let attachment = &document["content"][0]["attachment"];
    assert_eq!((&attachment["title"], &attachment["creation"]), (&"Befund.jpg".into(), &"2024-05-01".into()));
    assert_eq!(attachment["contentType"], "image/jpeg");
    let said = document["text"]["div"].as_str().unwrap();
    assert!(said.contains("20 × 30 pixels") && said.contains("It says where it was taken."), "{said}");
    let index = index_record(&serde_json::to_vec(document).unwrap()).unwrap();
    assert_eq!(index.date.as_deref(), Some("2024-05-01"));
    assert!(has_location(&jpeg()) && !has_location(b"plain"));
}

#[test]
fn the_place_is_taken_out_and_nothing_else() {
    let heics = [("a.heic", heic(b"")), ("a.heic", heic(b"Exif\0\0"))];
    for (name, picture) in
        [("a.jpg", jpeg()), ("a.png", png()), ("a.webp", webp()), ("a.tif", tiff())].into_iter().chain(heics)
    {
        assert!(has_location(&picture), "{name}");
        let (resources, kept) = read_all(name, &picture, true);
        let kept = &kept[0];
        assert!(!has_location(kept), "{name}");
        for place in [&b"LATITUDE52"[..], b"GPSL", b"Berlin"] {
            assert!(!contains(kept, place), "{name} still says where");
        }
        assert!(contains(kept, b"2024:05:01"), "{name} lost its date");
        assert!(name == "a.tif" || contains(kept, b"pixels"), "{name} lost its pixels");
        assert_eq!(looks_like(kept), looks_like(&picture));
        let said = resources[0]["text"]["div"].as_str().unwrap();
        assert!(said.contains("was removed before it was kept"), "{said}");
        // The record is the same, whichever bytes were kept.
        assert_eq!(resources[0]["id"], read_all(name, &picture, false).0[0]["id"]);
        assert_eq!(resources[0]["content"][0]["attachment"]["creation"], "2024-05-01");
    }
}

#[test]
fn pictures_hidden_behind_a_picture_go_with_their_place() {
    let clean = [b"\xFF\xD8".to_vec(), segment(0xDA, &[1]), b"pixels\xFF\xD9".to_vec()].concat();
    let moving = [clean.clone(), jpeg()].concat();
    assert!(!has_location(&clean) && has_location(&moving));
    assert_eq!(read_all("a.jpg", &moving, true).1[0], clean);
}

#[test]
fn texts_are_found_by_their_words() {
    let utf16: Vec<u8> = "\u{feff}Größe: 1,80 m".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, words) in [
        ("a.txt", "Arztbrief\nMüller hat Fieber".as_bytes().to_vec(), "Müller hat Fieber"),
        ("b.txt", b"M\xFCller".to_vec(), "Müller"),
        ("c.txt", utf16, "Größe: 1,80 m"),
        (
            "d.rtf",
            br"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator x;}Befund\par M\'fcller \u8364? \{x\}}".to_vec(),
            "Befund\nMüller € {x}",
        ),
    ] {
        let (resources, kept) = read_all(name, &bytes, false);
        assert_eq!(kept, [bytes]);
        let index = index_record(&serde_json::to_vec(&resources[0]).unwrap()).unwrap();
        assert!(index.text.contains(words), "{name}: {}", index.text);
    }
    assert_eq!(looks_like(b"\0\x01\x02"), None);
    assert_eq!(looks_like(b""), None);
}

#[test]
fn the_hash_and_size_are_of_the_kept_bytes() {
    let (resources, _) = read_all("a.txt", b"abc", false);
    let attachment = &resources[0]["content"][0]["attachment"];
    assert_eq!(attachment["hash"], "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    assert_eq!(attachment["size"], 3);
    assert_eq!(attachment["url"], "Binary/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn what_is_no_document_is_refused_and_the_sink_can_stop() {
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    let source = Source { name: "x", sha256: [0; 32], now: 0, limits: &limits };
    let mut none = |_: Found<'_>| ControlFlow::Continue(());
    let (options, trust) = (DocumentOptions::default(), TrustStore::default());
    assert!(matches!(read(b"", &source, &options, (&trust).into(), &mut none), Err(Error::Empty)));
    assert!(matches!(read(b"\0\x01\x02", &source, &options, (&trust).into(), &mut none), Err(Error::NotADocument)));
    assert!(matches!(
        read(b"long enough text", &source, &options, (&trust).into(), &mut none),
        Err(Error::TooLarge { .. })
    ));
    let mut seen = 0;
    read(b"text", &source, &options, (&trust).into(), &mut |_| {
        seen += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn hostile_pictures() {
    for bytes in [
        b"\xFF\xD8\xFF".to_vec(),
        b"\xFF\xD8\xFF\xE1\0\0".to_vec(),
        b"\xFF\xD8\xFF\xE1\xFF\xFFExif\0\0".to_vec(),
        [b"\xFF\xD8\xFF".to_vec(), vec![0xFF; 100_000]].concat(),
        b"\x89PNG\r\n\x1A\n\xFF\xFF\xFF\xFFIHDR".to_vec(),
        b"RIFF\0\0\0\0WEBPVP8X\xFF\xFF\xFF\xFF".to_vec(),
        b"II*\0\xFF\xFF\xFF\xFF".to_vec(),
        b"MM\0*\0\0\0\x08\xFF\xFF".to_vec(),
        // A GPS directory that is the directory itself.
        b"II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\x08\0\0\0".to_vec(),
        b"GIF89a".to_vec(),
    ] {
        for strip in [false, true] {
            assert_eq!(read_all("x", &bytes, strip).0.len(), 1);
        }
    }
}

proptest! {
    #[test]
    fn never_panics_on_damaged_pictures(which in 0..4_usize, at in 0..500_usize, byte in any::<u8>(), cut in 12..600_usize, strip in any::<bool>()) {
        let mut picture = [jpeg(), png(), webp(), tiff()][which].clone();
        if let Some(place) = picture.get_mut(at) {
            *place = byte;
        }
        picture.truncate(cut);
        if looks_like(&picture).is_some() {
            prop_assert_eq!(read_all("x", &picture, strip), read_all("x", &picture, strip));
        }
    }

    #[test]
    fn never_panics_on_any_text(text in "\\PC{0,200}", rtf in "[\\\\{}a-z0-9'* ?-]{0,200}") {
        for bytes in [text.into_bytes(), format!("{{\\rtf1 {rtf}").into_bytes()] {
            if looks_like(&bytes).is_some() {
                read_all("x", &bytes, false);
            }
        }
    }
}

#[test]
fn what_a_document_is_called_holds_no_part_of_a_link() {
    // Longer than a title may be: what is left of it is no link, and half of its key all the same.
    let link = format!("shlink:/{}", "eyJrZXki".repeat(60));
    let svg = format!("<svg><title>Ana {link}</title></svg>");
    let pdf = format!(
        "%PDF-1.4\n1 0 obj << /Title (Ana {link}) /Author ({link}) >> endobj 2 0 obj << /Type /Catalog >> endobj trailer << /Root 2 0 R /Info 1 0 R >>"
    );
    for document in [svg, pdf, format!("Ana {link}")] {
        let (resources, _) = read_all("a", document.as_bytes(), false);
        let said = serde_json::to_string(&resources).unwrap();
        assert!(said.contains("Ana") && !said.contains("eyJrZXki"), "{said}");
    }
}
