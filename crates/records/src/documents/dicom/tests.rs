//! Tests of the reading of DICOM: files made here, and hostile ones by name.

use proptest::prelude::*;

use super::*;
use crate::{cards::TrustStore, documents, import::Limits};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const JPEG: &str = "1.2.840.10008.1.2.4.50";

/// An element in explicit little endian.
fn element(tag: u32, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" || vr == "OB" { 0 } else { b' ' });
    }
    let mut out = tag_bytes(tag);
    out.extend(vr.bytes());
    if ["OB", "OW", "SQ", "UN", "UT"].contains(&vr) {
        out.extend([0, 0]);
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    } else {
        out.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
    }
    out.extend(value);
    out
}

/// An element in implicit little endian.
fn implicit(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut out = tag_bytes(tag);
    out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    out.extend(value);
    out
}

fn tag_bytes(tag: u32) -> Vec<u8> {
    let (group, number) = ((tag >> 16) as u16, tag as u16);
    [group.to_le_bytes(), number.to_le_bytes()].concat()
}

fn file(transfer_syntax: &str, elements: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    out.extend(element(tags::TRANSFER_SYNTAX_UID, "UI", transfer_syntax.as_bytes()));
    out.extend(elements.concat());
    out
}

fn head() -> Vec<Vec<u8>> {
    vec![
        element(tags::SPECIFIC_CHARACTER_SET, "CS", b"ISO_IR 100"),
        element(tags::SOP_INSTANCE_UID, "UI", b"1.2.3.4"),
        element(tags::STUDY_DATE, "DA", b"20240501"),
        element(tags::MODALITY, "CS", b"CT"),
        element(tags::INSTITUTION_NAME, "LO", b"Klinik S\xFCd"),
        element(tags::STUDY_DESCRIPTION, "LO", b"Abdomen"),
        element(tags::PATIENT_NAME, "PN", b"M\xFCller^Anna^^Dr."),
        element(tags::PATIENT_ID, "LO", b"4711"),
        element(tags::STUDY_UID, "UI", b"1.2.3"),
        element(tags::SERIES_UID, "UI", b"1.2.3.1"),
        element(tags::INSTANCE_NUMBER, "IS", b"17"),
    ]
}

fn grey(rows: u16, columns: u16, pixels: &[u8]) -> Vec<Vec<u8>> {
    vec![
        element(tags::SAMPLES, "US", &1_u16.to_le_bytes()),
        element(tags::PHOTOMETRIC, "CS", b"MONOCHROME2"),
        element(tags::ROWS, "US", &rows.to_le_bytes()),
        element(tags::COLUMNS, "US", &columns.to_le_bytes()),
        element(tags::BITS_ALLOCATED, "US", &16_u16.to_le_bytes()),
        element(tags::BITS_STORED, "US", &12_u16.to_le_bytes()),
        element(tags::PIXEL_REPRESENTATION, "US", &1_u16.to_le_bytes()),
        element(tags::WINDOW_CENTER, "DS", b"0"),
        element(tags::WINDOW_WIDTH, "DS", b"200"),
        element(tags::PIXEL_DATA, "OW", pixels),
    ]
}

/// Old files, and what some archives hand out, have no preamble.
#[test]
fn a_data_set_without_a_preamble_is_read() {
    let study = |bytes: &[u8]| {
        let (resources, _) = pieces(bytes);
        resources
            .iter()
            .find(|resource| resource["resourceType"] == "ImagingStudy")
            .map(|study| study["started"].clone())
    };
    let whole = file(EXPLICIT, &head());
    let expected = study(&whole).unwrap();
    assert_eq!(study(&whole[132..]).as_ref(), Some(&expected), "its meta information comes first");
    assert_eq!(study(&head().concat()).as_ref(), Some(&expected), "explicit");
    let unmarked = [
        implicit(tags::SPECIFIC_CHARACTER_SET, b"ISO_IR 100"),
        implicit(tags::STUDY_DATE, b"20240501"),
        implicit(tags::MODALITY, b"CT"),
        implicit(tags::STUDY_UID, b"1.2.3\0"),
        implicit(tags::SERIES_UID, b"1.2.3.1\0"),
    ];
    assert_eq!(study(&unmarked.concat()).as_ref(), Some(&expected), "implicit");
    for cut in 0..64 {
        pieces(&head().concat()[..cut.max(8)]);
    }
}

/// Some programs name one transfer syntax and write another.
#[test]
fn a_data_set_that_is_written_otherwise_than_its_head_says_is_read() {
    let elements = [
        implicit(tags::STUDY_DATE, b"20240501"),
        implicit(tags::MODALITY, b"CT"),
        implicit(tags::STUDY_DESCRIPTION, b"Abdomen "),
    ];
    for bytes in [file(EXPLICIT, &elements), file(JPEG, &elements), file(IMPLICIT, &head())] {
        let title = pieces(&bytes).0.pop().unwrap()["description"].clone();
        assert!(title.as_str().unwrap().starts_with("CT, Abdomen"), "{title}");
    }
}

type Pieces = (Vec<Resource>, Vec<(String, Vec<u8>)>);

fn pieces(bytes: &[u8]) -> Pieces {
    let limits = Limits::default();
    let source = Source { name: "image.dcm", sha256: reference::sha256(bytes), now: 1_780_000_000, limits: &limits };
    let (mut resources, mut kept) = (Vec::new(), Vec::new());
    documents::read(
        bytes,
        &source,
        &documents::DocumentOptions::default(),
        (&TrustStore::default()).into(),
        &mut |found| {
            match found {
                Found::Resource(converted) => resources.push(converted.resource),
                Found::Attachment(attachment) => {
                    kept.push((attachment.media_type.to_owned(), attachment.bytes.to_vec()))
                }
                Found::Skipped(skip) => panic!("{}", skip.reason),
            }
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    (resources, kept)
}

#[test]
fn a_slice_is_a_study_a_document_and_a_preview() {
    // -100, 0, 100 and -2048, which is below the window.
    let pixels: Vec<u8> = [0xF9C_u16, 0, 100, 0x800].iter().flat_map(|value| value.to_le_bytes()).collect();
    let bytes = file(EXPLICIT, &[head(), grey(2, 2, &pixels)].concat());
    let (resources, kept) = pieces(&bytes);
    assert_eq!(kept.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["application/dicom", "image/png"]);
    assert_eq!(shown(&kept[1].1), [0, 128, 255, 0]);
    let (study, document) = (&resources[0], &resources[1]);
    assert_eq!(study["resourceType"], "ImagingStudy");
    assert_eq!(study["subject"]["display"], "Dr. Anna Müller");
    assert_eq!(study["subject"]["identifier"]["value"], "4711");
    assert_eq!(study["started"], "2024-05-01");
    assert_eq!(study["series"][0]["uid"], "1.2.3.1");
    assert_eq!(study["location"]["display"], "Klinik Süd");
    assert_eq!(document["description"], "CT, Abdomen, image 17");
    assert_eq!(document["content"][1]["attachment"]["contentType"], "image/png");
    assert_eq!(document["context"]["related"][0]["reference"], format!("urn:uuid:{}", study["id"].as_str().unwrap()));
    // Another picture of the series gives the same study, byte by byte.
    let mut other = head();
    other[10] = element(tags::INSTANCE_NUMBER, "IS", b"18");
    other[1] = element(tags::SOP_INSTANCE_UID, "UI", b"1.2.3.5");
    assert_eq!(pieces(&file(EXPLICIT, &other)).0[0], *study);
}

#[test]
fn a_large_picture_is_made_small() {
    let bytes = file(EXPLICIT, &[head(), grey(1024, 600, &vec![7; 1024 * 600 * 2])].concat());
    let preview = &pieces(&bytes).1[1].1;
    let reader = png::Decoder::new(std::io::Cursor::new(preview)).read_info().unwrap();
    assert_eq!((reader.info().width, reader.info().height), (300, 512));
}

#[test]
fn a_jpeg_frame_is_passed_on_as_it_is() {
    let mut pixels = tag_bytes(tags::PIXEL_DATA);
    pixels.extend(b"OB\0\0\xFF\xFF\xFF\xFF");
    for piece in [&b""[..], b"\xFF\xD8\xFF\xE0abcd", b"efgh"] {
        pixels.extend(implicit(tags::ITEM, piece));
    }
    pixels.extend(implicit(tags::SEQUENCE_END, b""));
    let bytes = file(JPEG, &[head(), vec![pixels.clone()]].concat());
    let kept = pieces(&bytes).1;
    assert_eq!(kept[1], ("image/jpeg".to_owned(), b"\xFF\xD8\xFF\xE0abcdefgh".to_vec()));
    let unknown = file("1.2.840.10008.1.2.4.90", &[head(), vec![pixels]].concat());
    let (resources, kept) = pieces(&unknown);
    assert_eq!(kept.len(), 1);
    assert!(resources[1]["text"]["div"].as_str().unwrap().contains("cannot be shown here"));
}

fn shown(png: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut shown = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut shown).unwrap();
    shown
}

/// Pixel data in pieces.
fn packed(frame: &[u8]) -> Vec<u8> {
    let mut pixels = tag_bytes(tags::PIXEL_DATA);
    pixels.extend(b"OB\0\0\xFF\xFF\xFF\xFF");
    pixels.extend(implicit(tags::ITEM, b""));
    let even = [frame, &[0][..frame.len() % 2]].concat();
    pixels.extend(implicit(tags::ITEM, &even));
    pixels.extend(implicit(tags::SEQUENCE_END, b""));
    pixels
}

#[test]
fn frames_that_are_packed_without_loss_are_shown() {
    let values = [0xF9C_u16, 0, 100, 0x800];
    let plain: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let mut elements = grey(2, 2, &plain);
    let preview = |syntax: &str, elements: &[Vec<u8>]| {
        let kept = pieces(&file(syntax, &[&head()[..], elements].concat())).1;
        kept.get(1).map(|(_, png)| shown(png))
    };
    let high = values.iter().map(|value| (value >> 8) as u8).collect();
    let low = values.iter().map(|value| *value as u8).collect();
    for (syntax, frame) in [
        ("1.2.840.10008.1.2.5", rle::tests::pack(&[high, low])),
        ("1.2.840.10008.1.2.4.70", lossless::tests::pack(&values, 2, 1, lossless::tests::PLAINLY)),
        ("1.2.840.10008.1.2.4.57", lossless::tests::pack(&values, 2, 1, lossless::tests::PLAINLY)),
    ] {
        *elements.last_mut().unwrap() = packed(&frame);
        assert_eq!(preview(syntax, &elements), Some(vec![0, 128, 255, 0]), "{syntax}");
        *elements.last_mut().unwrap() = packed(&frame[..frame.len() / 2]);
        assert_eq!(preview(syntax, &elements), None, "{syntax}, cut off");
    }
}

fn colour(kind: &str, samples: u16, columns: u16, more: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut out = vec![
        element(tags::SAMPLES, "US", &samples.to_le_bytes()),
        element(tags::PHOTOMETRIC, "CS", kind.as_bytes()),
        element(tags::ROWS, "US", &1_u16.to_le_bytes()),
        element(tags::COLUMNS, "US", &columns.to_le_bytes()),
        element(tags::BITS_ALLOCATED, "US", &8_u16.to_le_bytes()),
    ];
    out.extend_from_slice(more);
    out
}

#[test]
fn colours_are_shown_however_they_are_written() {
    let preview = |syntax: &str, elements: Vec<Vec<u8>>| {
        let kept = pieces(&file(syntax, &[head(), elements].concat())).1;
        kept.get(1).map(|(_, png)| shown(png))
    };
    let two = vec![255, 0, 0, 0, 0, 255];
    let planes = rle::tests::pack(&[vec![255, 0], vec![0, 0], vec![0, 255]]);
    assert_eq!(preview("1.2.840.10008.1.2.5", colour("RGB", 3, 2, &[packed(&planes)])), Some(two.clone()));
    let values: Vec<u16> = two.iter().map(|byte| u16::from(*byte)).collect();
    let how = lossless::tests::How { precision: 8, ..lossless::tests::PLAINLY };
    let frame = packed(&lossless::tests::pack(&values, 2, 3, how));
    assert_eq!(preview("1.2.840.10008.1.2.4.70", colour("RGB", 3, 2, std::slice::from_ref(&frame))), Some(two.clone()));
    assert_eq!(preview("1.2.840.10008.1.2.4.70", colour("RGB", 3, 3, &[frame])), None, "another width than it says");

    // Two greys that share their colour, which is none.
    let pair = element(tags::PIXEL_DATA, "OB", &[10, 200, 128, 128]);
    assert_eq!(
        preview(EXPLICIT, colour("YBR_FULL_422", 3, 2, std::slice::from_ref(&pair))),
        Some(vec![10, 10, 10, 200, 200, 200])
    );
    assert_eq!(preview(EXPLICIT, colour("YBR_FULL_422", 3, 1, &[pair])), None, "no pair");

    // Values from 4 to 6, in sixteen bits, in eight in words, and in eight close together.
    let descriptor = |bits: u16| [3_u16, 4, bits].iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    for (bits, table) in [(16, vec![1, 10, 2, 20, 3, 30]), (8, vec![10, 0, 20, 0, 30, 0]), (8, vec![10, 20, 30])] {
        let mut tables: Vec<Vec<u8>> =
            (0..3).map(|at| element(tags::PALETTE_DESCRIPTOR + at, "US", &descriptor(bits))).collect();
        tables.extend((0..3).map(|at| element(tags::PALETTE_DATA + at, "OW", &table)));
        tables.push(element(tags::PIXEL_DATA, "OB", &[0, 4, 5, 9]));
        assert_eq!(
            preview(EXPLICIT, colour("PALETTE COLOR", 1, 4, &tables)),
            Some(vec![10, 10, 10, 10, 10, 10, 20, 20, 20, 30, 30, 30]),
            "{bits}"
        );
        tables.remove(1);
        assert_eq!(preview(EXPLICIT, colour("PALETTE COLOR", 1, 4, &tables)), None, "no green");
    }
}

#[test]
fn a_report_in_implicit_vr_is_text() {
    let meaning = |text: &str| implicit(tags::ITEM, &implicit(tags::CODE_MEANING, text.as_bytes()));
    let finding = [
        implicit(tags::VALUE_TYPE, b"TEXT"),
        implicit(tags::CONCEPT_NAME, &meaning("Finding ")),
        implicit(tags::TEXT_VALUE, b"No <fracture> seen"),
    ]
    .concat();
    let size = [
        implicit(tags::VALUE_TYPE, b"NUM "),
        implicit(tags::CONCEPT_NAME, &meaning("Diameter")),
        implicit(
            tags::MEASURED_VALUE,
            &implicit(
                tags::ITEM,
                &[implicit(tags::NUMERIC_VALUE, b"12.5"), implicit(tags::MEASUREMENT_UNITS, &meaning("mm"))].concat(),
            ),
        ),
    ]
    .concat();
    let content = [implicit(tags::ITEM, &finding), implicit(tags::ITEM, &size)].concat();
    let bytes = file(
        IMPLICIT,
        &[
            implicit(tags::SOP_CLASS_UID, b"1.2.840.10008.5.1.4.1.1.88.33\0"),
            implicit(tags::CONCEPT_NAME, &meaning("Report")),
            implicit(tags::CONTENT, &content),
        ],
    );
    let (resources, _) = pieces(&bytes);
    let index = crate::index::index_record(serde_json::to_string(&resources[0]).unwrap().as_bytes()).unwrap();
    assert!(index.text.contains("Finding: No <fracture> seen\nDiameter: 12.5 mm"), "{}", index.text);
}

#[test]
fn the_pdf_inside_comes_out() {
    let pdf = include_bytes!("../pdf/vectors/attached.pdf");
    let mut elements = head();
    elements.push(element(tags::SOP_CLASS_UID, "UI", ENCAPSULATED_PDF.as_bytes()));
    elements.push(element(tags::DOCUMENT_TITLE, "ST", b"Befund"));
    elements.push(element(tags::ENCAPSULATED_DOCUMENT, "OB", pdf));
    let (resources, kept) = pieces(&file(EXPLICIT, &elements));
    assert_eq!((kept[1].0.as_str(), kept[1].1.as_slice()), ("application/pdf", &pdf[..]));
    let document = resources.last().unwrap();
    assert_eq!(document["description"], "Befund");
    assert!(document["text"]["div"].as_str().unwrap().contains("Opened without a password"));
}

#[test]
fn a_clinical_document_inside_is_read() {
    let document = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1.2" extension="7"/><patient><name>Ana</name></patient></patientRole></recordTarget></ClinicalDocument>"#;
    let mut elements = head();
    elements.push(element(tags::SOP_CLASS_UID, "UI", ENCAPSULATED_CDA.as_bytes()));
    elements.push(element(tags::ENCAPSULATED_DOCUMENT, "OB", document.as_bytes()));
    let (resources, kept) = pieces(&file(EXPLICIT, &elements));
    assert_eq!((kept[1].0.as_str(), kept[1].1.as_slice()), ("text/xml", document.as_bytes()));
    let kinds: Vec<_> = resources.iter().map(|resource| resource["resourceType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Patient", "DocumentReference", "ImagingStudy", "DocumentReference"]);
}

#[test]
fn the_code_of_a_card_in_the_pdf_inside_is_read() {
    let key = smart_health::card::SigningKey::from_bytes([7; 32]).unwrap();
    let card = key.sign(&serde_json::json!({
        "iss": "https://clinic.example/shc", "nbf": 1_700_000_000,
        "vc": { "type": [smart_health::card::HEALTH_CARD], "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
            "resourceType": "Bundle", "type": "collection", "entry": [
                { "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "name": [{ "family": "Example" }], "birthDate": "1970-01-01" } },
                { "fullUrl": "resource:1", "resource": { "resourceType": "Immunization", "status": "completed",
                    "patient": { "reference": "resource:0" }, "occurrenceDateTime": "2021-01-01",
                    "vaccineCode": { "coding": [{ "system": "http://hl7.org/fhir/sid/cvx", "code": "207" }] } } },
            ],
        } } },
    }));
    let digits: String = card.bytes().map(|byte| format!("{:02}", byte - 45)).collect();
    let content = format!("BT /F1 1 Tf 0 0 Td (shc:/{digits}) Tj ET");
    let pdf = format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n\
         4 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
         trailer<</Root 1 0 R>>\n%%EOF",
        content.len()
    );
    let mut elements = head();
    elements.push(element(tags::SOP_CLASS_UID, "UI", ENCAPSULATED_PDF.as_bytes()));
    elements.push(element(tags::ENCAPSULATED_DOCUMENT, "OB", pdf.as_bytes()));
    let (resources, kept) = pieces(&file(EXPLICIT, &elements));
    assert_eq!(kept.len(), 2);
    let kinds: Vec<_> = resources.iter().map(|resource| resource["resourceType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ImagingStudy", "Patient", "Immunization", "DocumentReference", "DocumentReference"]);
}

#[test]
fn dates_and_names_of_all_shapes() {
    assert_eq!(study::fhir_date("2004.08.26", "", "").as_deref(), Some("2004-08-26"));
    assert_eq!(study::fhir_date("20040826", "185434.5", "+0200").as_deref(), Some("2004-08-26T18:54:34+02:00"));
    assert_eq!(study::fhir_date("20041326", "", ""), None);
    assert_eq!(study::fhir_date("é", "é", "é"), None);
    assert!(study::is_uid("1.2.840") && !study::is_uid("1..2") && !study::is_uid("1.2a") && !study::is_uid(""));
}

#[test]
fn hostile_files_are_kept_and_never_hang() {
    let undefined = |tag: u32| [tag_bytes(tag), vec![0xFF; 4]].concat();
    let nested = [undefined(tags::CONTENT), undefined(tags::ITEM)].concat().repeat(100_000);
    let cut = {
        let mut whole = file(EXPLICIT, &[head(), grey(512, 512, &[0; 512 * 512 * 2])].concat());
        whole.truncate(2_000);
        whole
    };
    let mut liar = head();
    liar.push([tag_bytes(tags::PIXEL_DATA), b"OW\0\0\xFE\xFF\xFF\xFF".to_vec()].concat());
    let mut packed = Vec::new();
    let mut encoder = flate2::write::DeflateEncoder::new(&mut packed, flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &vec![0; 100 << 20]).unwrap();
    encoder.finish().unwrap();
    for (name, bytes) in [
        ("sequences in sequences", file(IMPLICIT, &[nested])),
        ("cut short in its pixels", cut),
        ("a length beyond the end", file(EXPLICIT, &liar)),
        ("deflated to 100 MiB", file("1.2.840.10008.1.2.1.99", &[packed])),
        (
            "pixels without end",
            file(
                JPEG,
                &[[tag_bytes(tags::PIXEL_DATA), b"OB\0\0\xFF\xFF\xFF\xFF".to_vec(), undefined(tags::ITEM)].concat()],
            ),
        ),
        ("a picture of no size", file(EXPLICIT, &grey(0, 65_535, b"ab"))),
        ("nothing behind its head", file(EXPLICIT, &[])),
        ("not even a head", [vec![0; 128], b"DICM".to_vec()].concat()),
        ("a million empty elements", file(IMPLICIT, &[implicit(0x0009_0001, b"").repeat(1_000_000)])),
    ] {
        let (resources, kept) = pieces(&bytes);
        assert_eq!(kept[0].1.len(), bytes.len(), "{name}");
        assert_eq!(resources.last().unwrap()["resourceType"], "DocumentReference", "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn never_panics(tail in proptest::collection::vec(any::<u8>(), 0..400), at in 0..700_usize, byte in any::<u8>(), syntax in 0..4_usize) {
        let syntax = [EXPLICIT, IMPLICIT, JPEG, "1.2.840.10008.1.2.2"][syntax];
        pieces(&file(syntax, &[tail]));
        let pixels = vec![1; 8];
        let mut damaged = file(syntax, &[head(), grey(2, 2, &pixels)].concat());
        if let Some(place) = damaged.get_mut(132 + at) {
            *place = byte;
        }
        prop_assert_eq!(pieces(&damaged).0, pieces(&damaged).0);
    }
}
