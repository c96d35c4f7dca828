//! Cards, certificates and links in pictures and letters, in one file and in several.

use super::*;

/// A card of an issuer that nobody knows, which is taken as unsigned.
fn card() -> String {
    card_with("Ana Example")
}

/// The same with more to carry.
fn card_with(more: &str) -> String {
    smart_health::card::SigningKey::from_bytes([7; 32]).unwrap().sign(&content(more))
}

/// What a card says.
fn content(more: &str) -> serde_json::Value {
    serde_json::json!({
        "iss": "https://clinic.example/shc", "nbf": 1_700_000_000,
        "vc": { "type": [smart_health::card::HEALTH_CARD], "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
            "resourceType": "Bundle", "type": "collection", "entry": [
                { "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "name": [{ "family": "Example", "text": more }], "birthDate": "1970-01-01" } },
                { "fullUrl": "resource:1", "resource": { "resourceType": "Immunization", "status": "completed",
                    "patient": { "reference": "resource:0" }, "occurrenceDateTime": "2021-01-01",
                    "vaccineCode": { "coding": [{ "system": "http://hl7.org/fhir/sid/cvx", "code": "207" }] } } },
            ],
        } } },
    })
}

#[test]
fn what_a_card_says_is_no_card_without_its_signature() {
    let mut content = content("Ana");
    let refused = |content: &serde_json::Value| {
        let (format, told) = told(content.to_string().as_bytes()).unwrap();
        assert_eq!(format, Format::HealthCard);
        told.join(" ")
    };
    assert_eq!(refused(&content), "vc: signature_missing");
    content["exp"] = 1_700_000_001.into();
    assert_eq!(refused(&content), "vc: expired");
    content["nbf"] = 1_700_000_000_000_i64.into();
    assert_eq!(refused(&content), "vc: nbf_milliseconds");
}

/// A picture of codes side by side.
fn picture(codes: &[smart_health::QrCode]) -> Vec<u8> {
    let drawn: Vec<(usize, Vec<u8>)> = codes.iter().map(|code| code.to_luma(4)).collect();
    let width: usize = drawn.iter().map(|(side, _)| *side).sum();
    let height = drawn.iter().map(|(side, _)| *side).max().unwrap();
    let mut pixels: Vec<u8> = vec![255; width * height];
    let mut left = 0;
    for (side, luma) in drawn {
        for (y, row) in luma.chunks(side).enumerate() {
            pixels[y * width + left..][..side].copy_from_slice(row);
        }
        left += side;
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    out
}

/// The types of the records, and what was told beside them.
fn kinds(bytes: &[u8]) -> (Format, Vec<String>) {
    let (format, told) = told(bytes).unwrap();
    let kinds = told.iter().map(|line| line.split(['/', ' ']).next().unwrap().to_owned());
    (format, kinds.collect())
}

#[test]
fn a_card_in_a_picture_is_read_and_the_picture_kept() {
    let png = picture(&[smart_health::QrCode::of_card(&card()).unwrap()]);
    let (format, found) = kinds(&png);
    assert_eq!(format, Format::Picture);
    assert_eq!(found[0], "image", "what they refer to comes first");
    assert_eq!(found[1..5], ["Patient", "Immunization", "DocumentReference", "DocumentReference"]);
    assert!(found[5].starts_with("shc:"), "its issuer is not known: {found:?}");
    // The records are those of the same card in a file; the documents point to where it came from.
    let text = told(card().as_bytes()).unwrap().1;
    let told = told(&png).unwrap().1;
    let patient = |lines: &[String]| {
        lines.iter().find(|line| line.starts_with("Patient/")).unwrap().split(' ').next().unwrap().to_owned()
    };
    assert_eq!(patient(&told), patient(&text));
}

/// What a code says may be as it should be where the code is not.
#[test]
fn a_card_in_a_code_that_no_card_may_have_is_refused_and_the_picture_kept() {
    let long = (1..20).map(|hashes| card_with(&noise(hashes))).find(|card| card.len() > 930).unwrap();
    // With error correction M it needs a larger code than cards may have.
    let (_, digits) = smart_health::card::to_segments(&long).unwrap();
    let larger = smart_health::QrCode::encode(&format!("shc:/{digits}")).unwrap();
    assert!(larger.version() > 22);
    // In capitals the scheme is not what it has to be, byte for byte.
    let (_, digits) = smart_health::card::to_segments(&card()).unwrap();
    let capitals = smart_health::QrCode::encode(&format!("SHC:/{digits}")).unwrap();
    for (code, reason) in [(larger, "shc:/: qr_version"), (capitals, "shc:/: qr_segments")] {
        let (format, told) = told(&picture(&[code])).unwrap();
        assert_eq!(format, Format::Picture);
        assert!(told.iter().any(|line| line == reason), "{told:?}");
        let records = told.iter().filter(|line| line.contains('/') && !line.starts_with("shc:/")).collect::<Vec<_>>();
        assert!(records.len() == 2 && records.iter().any(|line| line.starts_with("DocumentReference/")), "{told:?}");
    }
}

#[test]
fn a_card_about_something_sensitive_is_held_back_with_the_picture_of_it() {
    let key = smart_health::card::SigningKey::from_bytes([7; 32]).unwrap();
    let test = key.sign(&serde_json::json!({
        "iss": "https://clinic.example/shc", "nbf": 1_700_000_000,
        "vc": { "type": [smart_health::card::HEALTH_CARD], "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
            "resourceType": "Bundle", "type": "collection", "entry": [
                { "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "name": [{ "family": "Example" }], "birthDate": "1970-01-01" } },
                { "fullUrl": "resource:1", "resource": { "resourceType": "Observation", "status": "final",
                    "subject": { "reference": "resource:0" }, "effectiveDateTime": "2021-01-01", "valueString": "negative",
                    "code": { "coding": [{ "system": "http://loinc.org", "code": "75622-1" }] } } },
            ],
        } } },
    }));
    let labels = |bytes: &[u8]| {
        let limits = Limits::default();
        let source = convert::Source { name: "file", sha256: [0; 32], now: 1_780_000_000, limits: &limits };
        let mut out = Vec::new();
        read_file(&mut Cursor::new(bytes), &source, &mut |event| {
            if let Event::Entry(Entry::Record(record)) = event {
                out.push((record.index.resource_type.clone(), record.index.sensitivity.len()));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        out
    };
    let drawn = picture(&[smart_health::QrCode::of_card(&test).unwrap()]);
    for bytes in [drawn, test.clone().into_bytes(), format!("{test}\n").into_bytes()] {
        let found = labels(&bytes);
        let documents: Vec<usize> =
            found.iter().filter(|(kind, _)| kind == "DocumentReference").map(|(_, labels)| *labels).collect();
        assert!(!documents.is_empty() && documents.iter().all(|labels| *labels == 1), "{found:?}");
        assert!(found.contains(&("Observation".to_owned(), 1)) && found.contains(&("Patient".to_owned(), 0)));
    }
    assert!(labels(card().as_bytes()).iter().all(|(_, labels)| *labels == 0));
}

/// The codes of a card of that many parts.
fn chunks(jws: &str, parts: usize) -> Vec<String> {
    let digits: String = jws.bytes().map(|byte| format!("{:02}", byte - 45)).collect();
    let each = jws.len().div_ceil(parts) * 2;
    let codes = digits.as_bytes().chunks(each).zip(1..);
    codes.map(|(digits, at)| format!("shc:/{at}/{parts}/{}", std::str::from_utf8(digits).unwrap())).collect()
}

/// Text that packs badly.
fn noise(hashes: u8) -> String {
    (0..hashes).map(|number| format!("{:x?}", Sha256::digest([number]))).collect()
}

/// A card that is too long for one code: only such a one may be in several.
fn long_card(seed: u8) -> String {
    card_with(&(0..20).map(|number: u8| format!("{:x?}", Sha256::digest([number, seed]))).collect::<String>())
}

/// Identity, content and kind of a record.
type Stored = ([u8; 32], [u8; 32], String);

/// Reads one file after another, each with the parts of cards that are known from those before: gives identity, content
/// and kind of all records, and what was told of the last file.
fn one_after_another(files: &[Vec<u8>]) -> (BTreeSet<Stored>, Vec<String>) {
    let (limits, trust) = (Limits::default(), TrustStore::default());
    let mut known: BTreeSet<String> = BTreeSet::new();
    let (mut records, mut told) = (BTreeSet::new(), Vec::new());
    for file in files {
        let chunks: Vec<String> = known.iter().cloned().collect();
        let options = Options::new(&limits, Known { trust: &trust, chunks: &chunks });
        let sha256 = Sha256::digest(file).into();
        let source = convert::Source { name: "file", sha256, now: 1_780_000_000, limits: &limits };
        told.clear();
        read_file_with(&mut Cursor::new(file), &source, &options, &mut |event| {
            match event {
                Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) => {
                    known.extend(crate::cards::chunks_of(record.original));
                    let content = Sha256::digest(record.original).into();
                    records.insert((record.identity, content, record.index.resource_type));
                }
                Event::Entry(Entry::Skipped(skip)) => told.push(skip.reason.to_string()),
                Event::Note { text, .. } => told.push(text),
                Event::Attachment(attachment) => told.push(attachment.media_type.to_owned()),
                Event::Link { .. } | Event::Code { .. } | Event::Start { .. } | Event::Progress { .. } => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    }
    (records, told)
}

#[test]
fn parts_of_a_card_in_one_picture_make_the_card_and_one_alone_says_so() {
    // Too long for one code, and short enough for two with more correction than issuers choose.
    let long = (1..20).map(|hashes| card_with(&noise(hashes))).find(|card| card.len() > 1195).unwrap();
    let codes: Vec<_> = chunks(&long, 2).iter().map(|text| smart_health::QrCode::encode(text).unwrap()).collect();
    assert!(kinds(&picture(&codes)).1.contains(&"Immunization".to_owned()));
    for (part, missing) in
        codes.iter().zip(["1 of 2 of a health card. Part 2 is", "2 of 2 of a health card. Part 1 is"])
    {
        let (records, told) = one_after_another(&[picture(std::slice::from_ref(part))]);
        assert!(told.last().unwrap().contains(missing), "{told:?}");
        let kinds: Vec<_> = records.iter().map(|(.., kind)| kind.as_str()).collect();
        assert_eq!(kinds, ["DocumentReference"], "the picture is kept");
    }
}

/// A PDF with a picture of a code on each page.
fn pdf_of(codes: &[&String]) -> Vec<u8> {
    let kids: Vec<String> = (0..codes.len()).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
    let mut out = format!(
        "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages /Kids [{}] /Count {} >> endobj\n",
        kids.join(" "),
        codes.len()
    )
    .into_bytes();
    for (page, code) in codes.iter().enumerate() {
        let (side, luma) = smart_health::QrCode::encode(code).unwrap().to_luma(4);
        let (page, picture) = (3 + 2 * page, 4 + 2 * page);
        out.extend_from_slice(
            format!(
                "{page} 0 obj << /Type /Page /Parent 2 0 R /Resources << /XObject << /P {picture} 0 R >> >> >> endobj\n\
                 {picture} 0 obj << /Type /XObject /Subtype /Image /Width {side} /Height {side} /BitsPerComponent 8 \
                 /ColorSpace /DeviceGray /Length {} >> stream\n",
                luma.len()
            )
            .as_bytes(),
        );
        out.extend_from_slice(&luma);
        out.extend_from_slice(b"\nendstream endobj\n");
    }
    out.extend_from_slice(b"trailer << /Root 1 0 R >>");
    out
}

#[test]
fn parts_of_a_card_on_the_pages_of_one_pdf_make_the_card() {
    let parts = chunks(&long_card(0), 3);
    let kinds = |records: &BTreeSet<Stored>| -> Vec<String> { records.iter().map(|(.., kind)| kind.clone()).collect() };
    // In any order of the pages.
    for order in [[0, 1, 2], [2, 0, 1]] {
        let (records, told) = one_after_another(&[pdf_of(&order.map(|at| &parts[at]))]);
        assert!(kinds(&records).contains(&"Immunization".to_owned()), "{order:?}: {told:?}");
        assert!(!told.iter().any(|text| text.contains("missing")), "{told:?}");
    }
    // A page that was left out is missed, and found in another file of whatever kind.
    let two = pdf_of(&[&parts[0], &parts[2]]);
    let (records, told) = one_after_another(std::slice::from_ref(&two));
    assert_eq!(kinds(&records), ["DocumentReference"]);
    assert_eq!(told.iter().filter(|text| text.contains("Part 2 is still missing")).count(), 2, "{told:?}");
    let other = picture(&[smart_health::QrCode::encode(&parts[1]).unwrap()]);
    let (one_way, _) = one_after_another(&[two.clone(), other.clone()]);
    let (other_way, _) = one_after_another(&[other, two]);
    assert!(kinds(&one_way).contains(&"Immunization".to_owned()) && one_way == other_way);
}

#[test]
fn a_picture_of_parts_is_called_by_what_it_is() {
    let parts = chunks(&long_card(0), 3);
    let title = |parts: &[&String]| {
        let codes: Vec<_> = parts.iter().map(|text| smart_health::QrCode::encode(text).unwrap()).collect();
        let mut titles = Vec::new();
        let limits = Limits::default();
        let source = convert::Source { name: "IMG_0815.png", sha256: [0; 32], now: 1_780_000_000, limits: &limits };
        read_file(&mut Cursor::new(picture(&codes)), &source, &mut |event| {
            if let Event::Entry(Entry::Record(record)) = event {
                titles.push(record.index.title);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        titles
    };
    assert_eq!(title(&[&parts[1]]), ["Part 2 of 3 of a health card"]);
    assert_eq!(title(&[&parts[0], &parts[2]]), ["Parts 1 and 3 of 3 of a health card"]);
}

#[test]
fn parts_of_cards_in_several_files_find_each_other_in_any_order() {
    // Two cards of the same number of parts, as a family has: nothing in a part says to which it belongs.
    let [one, other] = [long_card(1), long_card(2)].map(|jws| chunks(&jws, 3));
    let shown = |text: &String| picture(&[smart_health::QrCode::encode(text).unwrap()]);
    let files = [
        shown(&one[0]),
        shown(&other[1]),
        picture(&[&one[1], &other[0]].map(|text| smart_health::QrCode::encode(text).unwrap())),
        format!("{}\n", one[2]).into_bytes(),
        format!("Dear Ana, this is the rest: {}", other[2]).into_bytes(),
    ];
    let (expected, _) = one_after_another(&files);
    let count = |kind: &str| expected.iter().filter(|(.., found)| found == kind).count();
    // Both cards say the same of the vaccination, not of the person.
    assert_eq!((count("Patient"), count("DocumentReference")), (2, 3 + 2 + 2));
    assert!(count("Immunization") > 0);
    for order in [[4, 3, 2, 1, 0], [2, 0, 1, 4, 3], [3, 4, 0, 2, 1], [1, 4, 2, 0, 3]] {
        let turned: Vec<Vec<u8>> = order.iter().map(|at| files[*at].clone()).collect();
        assert!(one_after_another(&turned).0 == expected, "{order:?}");
        assert!(one_after_another(&[turned.clone(), turned].concat()).0 == expected, "{order:?} twice");
    }
    // Before the last one is there, what is missing is said; with it, nothing is.
    let (_, told) = one_after_another(&files[..3]);
    let waiting: Vec<_> = told.iter().filter(|text| text.contains("Part 3 is still missing")).collect();
    assert_eq!(waiting.len(), 2, "{told:?}");
    let (_, told) = one_after_another(&files[..4]);
    assert!(told.contains(&"application/smart-health-card".to_owned()), "{told:?}");
    assert!(!told.iter().any(|text| text.contains("missing")), "{told:?}");
    // The parts of another card are no part of this one, and no damage either.
    let (_, told) = one_after_another(&[shown(&one[0]), shown(&one[1]), shown(&other[2])]);
    assert!(told.iter().any(|text| text.contains("belong to another card")), "{told:?}");
}

#[test]
fn hostile_parts_cost_a_bounded_number_of_tries() {
    let many: Vec<String> = (0..300_usize).map(|at| format!("shc:/{}/60/{:04}", at % 60 + 1, at)).collect();
    let (records, told) = one_after_another(&[many.join("\n").into_bytes()]);
    assert_eq!(records.len(), 1);
    // Two of each number and more: there are more ways of joining them than anybody could try.
    assert!(told.last().unwrap().contains("split into parts that are smaller than need be"), "{told:?}");
}

#[test]
fn codes_in_letters_are_read_and_links_only_told() {
    let (scheme, digits) = smart_health::card::to_segments(&card()).unwrap();
    let content = serde_json::json!({
        "ver": "1.3.0", "dob": "1970-01-01", "nam": { "fnt": "EXAMPLE" },
        "r": [{ "tg": "840539006", "fr": "2021-02-20", "co": "AT", "is": "Ministry", "df": "2021-03-20", "du": "2031-08-20",
                "ci": "URN:UVCI:01:AT:1" }],
    });
    let certificate =
        smart_health::hcert::issue([7; 32], [1; 8], "AT", 1_620_000_000, 1_900_000_000, &content).unwrap();
    let letter = format!("Dear Ana, hello,\nhere is your card, as promised:\n{scheme}{digits}\nand {certificate}");
    let (format, found) = kinds(letter.as_bytes());
    assert_eq!((format, found[0].as_str()), (Format::HealthCard, "text"));
    assert!(
        ["Patient", "Immunization", "Condition"].iter().all(|kind| found.iter().any(|found| found == kind)),
        "{found:?}"
    );
    let page = format!("<!DOCTYPE html><html><p>{certificate}</p></html>");
    let (format, found) = kinds(page.as_bytes());
    assert!(format == Format::Hcert && found.contains(&"DocumentReference".to_owned()), "{found:?}");

    let link = "shlink:/eyJ1cmwiOiJodHRwczovL2xpbmtzLmV4YW1wbGUub3JnL20vQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSIsImtleSI6IkFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiLCJmbGFnIjoiVSJ9";
    for text in [
        link.to_owned(),
        format!("# Notes\n\n- {link}\n"),
        format!("<!DOCTYPE html><html><a href=\"https://v.example/#{link}\">"),
    ] {
        assert!(matches!(told(text.as_bytes()), Err(Error::OnlyLink)), "{text}");
    }
    let both = told(format!("{scheme}{digits}\nand {link}").as_bytes()).unwrap().1;
    assert!(both.last().unwrap().contains("links.example.org"), "{both:?}");
    let shown = told(&picture(&[smart_health::QrCode::encode(link).unwrap()])).unwrap().1;
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(
        shown[1].starts_with("DocumentReference/")
            && shown[2].starts_with("link in \"\" to https://links.example.org/")
    );
    let drawing = smart_health::QrCode::encode(link).unwrap().to_svg();
    let drawn = told(drawing.as_bytes()).unwrap();
    assert_eq!((drawn.0, &drawn.1[2]), (Format::Picture, &shown[2]));
    assert!(drawn.1[0].starts_with("image/svg+xml "), "{:?}", drawn.1);
}

#[test]
fn what_other_codes_say_is_handed_on_and_the_picture_kept() {
    let other = "https://relay.example/view#something";
    let shown = told(&picture(&[smart_health::QrCode::encode(other).unwrap()])).unwrap().1;
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(shown[1].starts_with("DocumentReference/") && shown[2] == format!("code in \"\": {other}"), "{shown:?}");
}

#[test]
fn a_card_in_a_picture_in_a_record_is_read() {
    let png = picture(&[smart_health::QrCode::of_card(&card()).unwrap()]);
    let record = serde_json::json!({ "resourceType": "DocumentReference", "content": [{ "attachment": {
        "contentType": "image/png",
        "data": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &png),
    } }] });
    let (_, found) = kinds(record.to_string().as_bytes());
    assert_eq!(found[0], "image", "the picture is kept, for the card refers to it");
    assert_eq!(found[1..4], ["Patient", "Immunization", "DocumentReference"]);
    assert!(found[4].starts_with("DocumentReference:"), "its issuer is not known: {found:?}");
    assert_eq!(found[5..], ["DocumentReference"]);
}

#[test]
fn a_card_in_the_body_of_a_clinical_document_is_read() {
    let png = picture(&[smart_health::QrCode::of_card(&card()).unwrap()]);
    let document = format!(
        r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3"/><component><nonXMLBody><text mediaType="image/png"
        representation="B64">{}</text></nonXMLBody></component></ClinicalDocument>"#,
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &png)
    );
    let (format, found) = kinds(document.as_bytes());
    assert_eq!(format, Format::ClinicalDocument);
    assert_eq!(found[..5], ["text", "image", "DocumentReference", "Patient", "Immunization"]);
    assert_eq!(found.iter().filter(|kind| *kind == "image").count(), 1, "the picture is kept once: {found:?}");
}

#[test]
fn codes_in_json_of_other_programs_are_read() {
    let digits: String = card().bytes().map(|byte| format!("{:02}", byte - 45)).collect();
    for text in [
        format!(r#"{{"scannedAt":"2024-01-01","qr":"shc:/{digits}","ok":true}}"#),
        format!(r#"[{{"type":"QR","data":"shc:/{digits}"}}]"#),
    ] {
        let (format, found) = kinds(text.as_bytes());
        assert_eq!(format, Format::HealthCard);
        assert_eq!(found[..4], ["text", "Patient", "Immunization", "DocumentReference"], "{text}");
    }
    assert!(matches!(told(br#"{"about":"shc:/ is a scheme"}"#), Err(Error::NotFhir { .. })));
    // FHIR that speaks of codes is FHIR.
    assert_eq!(entries(br#"{"id":"shc:/5676","resourceType":"Basic"}"#), ["Basic/shc:/5676"]);
}
