//! Tests of zip archives: what others write is read, what nobody honest writes is refused.

use std::{
    io::{Cursor, Write},
    ops::ControlFlow,
};

use ::zip::{ZipWriter, write::SimpleFileOptions};
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder},
};
use proptest::prelude::*;

use crate::{
    Error, Result,
    convert::Source,
    import::{
        Archive, Entry, Event, Format, Limits,
        front::tests::{told, told_within},
        read_file,
    },
};

const BASIC: &[u8] = br#"{"resourceType":"Basic","id":"1"}"#;
const LINES: &[u8] = b"{\"resourceType\":\"Basic\",\"id\":\"1\"}\nnothing\n";

/// One file as it is to be written, right or wrong.
#[derive(Clone)]
struct File {
    name: Vec<u8>,
    local_name: Vec<u8>,
    data: Vec<u8>,
    method: u16,
    flags: u16,
    made_by: u16,
    attributes: u32,
    crc: u32,
    size: u32,
    /// Where the directory says it is, if not where it is.
    at: Option<u32>,
}

fn file(name: &str, content: &[u8]) -> File {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(content);
    File {
        name: name.into(),
        local_name: name.into(),
        data: encoder.finish().unwrap(),
        method: 8,
        flags: 0,
        made_by: 0,
        attributes: 0,
        crc: crc.sum(),
        size: content.len() as u32,
        at: None,
    }
}

fn archive(files: &[File]) -> Vec<u8> {
    archive_that_says(files, files.len() as u16)
}

fn archive_that_says(files: &[File], count: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for file in files {
        let at = file.at.unwrap_or(out.len() as u32);
        let sizes = [file.crc.to_le_bytes(), (file.data.len() as u32).to_le_bytes(), file.size.to_le_bytes()].concat();
        let common = |name: &[u8]| {
            let mut common = [20_u16, file.flags, file.method, 0, 0].map(u16::to_le_bytes).concat();
            common.extend_from_slice(&sizes);
            common.extend_from_slice(&(name.len() as u16).to_le_bytes());
            common.extend_from_slice(&[0, 0]);
            common
        };
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&file.made_by.to_le_bytes());
        directory.extend_from_slice(&common(&file.name));
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&file.attributes.to_le_bytes());
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(&file.name);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common(&file.local_name));
        out.extend_from_slice(&file.local_name);
        out.extend_from_slice(&file.data);
    }
    let start = out.len() as u32;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

fn entries(bytes: &[u8]) -> Vec<String> {
    told(bytes).unwrap().1
}

#[test]
fn each_file_is_read_by_what_it_is_and_says_where_it_was() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(LINES).unwrap();
    let files = [
        file("export/", b""),
        file("export/Basic.ndjson", LINES),
        file("export/Other.ndjson.gz", &packed.finish().unwrap()),
        file("export/one.json", BASIC),
        file("export/one.xml", b"<Basic xmlns='http://hl7.org/fhir'><id value='x'/></Basic>"),
        file("export/empty.json", b""),
        file("export/cut.json", br#"{"resourceType":"Basic","#),
        file("export/page.html", b"<html><body/></html>"),
        file("export/README.TXT", b"words, words\nwords, words\n"),
        file("export/.DS_Store", b"\0\0\0\x01Bud1"),
        file("__MACOSX/export/._one.json", b"\0\x05\x16\x07"),
        file("export/link.txt", b"shlink:/abc"),
    ];
    let (format, entries) = told(&archive(&files)).unwrap();
    assert_eq!(format, Format::Archive(Archive::BulkFhir));
    assert_eq!(
        entries,
        [
            "Basic/1 @ export/Basic.ndjson: line 1",
            "export/Basic.ndjson: line 2: not_an_object",
            "Basic/1 @ export/Other.ndjson.gz: line 1",
            "export/Other.ndjson.gz: line 2: not_an_object",
            "Basic/1 @ export/one.json: Basic",
            "Basic/x @ export/one.xml: Basic",
            "export/empty.json: empty",
            "export/cut.json: cut_short",
            "export/page.html: not_a_record_file",
            "export/README.TXT: not_a_record_file",
            "export/.DS_Store: not_a_record_file",
            "__MACOSX/export/._one.json: not_a_record_file",
            "export/link.txt: unsupported",
        ]
    );
}

#[test]
fn archives_of_another_writer_are_read() {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = ZipWriter::new(&mut bytes);
    writer.set_comment("a comment").unwrap();
    writer.add_directory("a", SimpleFileOptions::default()).unwrap();
    for (name, options) in [
        ("a/stored.json", SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Stored)),
        ("a/deflated.json", SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Deflated)),
        ("a/large.json", SimpleFileOptions::default().large_file(true)),
        ("a/Ä.json", SimpleFileOptions::default()),
    ] {
        writer.start_file(name, options).unwrap();
        writer.write_all(BASIC).unwrap();
    }
    writer.finish().unwrap();
    let expected: Vec<String> =
        ["stored", "deflated", "large", "Ä"].map(|name| format!("Basic/1 @ a/{name}.json: Basic")).to_vec();
    assert_eq!(entries(bytes.get_ref()), expected);
    // Something put in front of it, as self-extracting archives have, moves every place.
    assert_eq!(entries(&[b"PK\x07\x08".as_slice(), bytes.get_ref()].concat()), expected);

    // Written as a stream, sizes come after the data.
    let mut writer = ZipWriter::new_stream(Vec::new());
    writer.start_file("streamed.json", SimpleFileOptions::default()).unwrap();
    writer.write_all(BASIC).unwrap();
    assert_eq!(entries(&writer.finish().unwrap().into_inner()), ["Basic/1 @ streamed.json: Basic"]);
}

#[test]
fn names_that_lead_out_links_and_locked_files_are_skipped() {
    let link = File { made_by: 3 << 8, attributes: 0o120_777 << 16, ..file("link.json", b"/etc/passwd") };
    let locked = File { flags: 1, ..file("locked.json", BASIC) };
    let aes = File { method: 99, ..file("aes.json", BASIC) };
    let packed_otherwise = File { method: 93, ..file("zstd.json", BASIC) };
    let files = [
        file("../../evil.json", BASIC),
        file("..\\evil.json", BASIC),
        file("/etc/evil.json", BASIC),
        file("C:\\evil.json", BASIC),
        link,
        locked,
        aes,
        packed_otherwise,
        file("twice.json", BASIC),
        file("twice.json", BASIC),
        file("dir\\good.json", BASIC),
    ];
    assert_eq!(
        entries(&archive(&files)),
        [
            "../../evil.json: unsafe_path",
            "../evil.json: unsafe_path",
            "/etc/evil.json: unsafe_path",
            "C:/evil.json: unsafe_path",
            "link.json: link",
            "locked.json: encrypted",
            "aes.json: encrypted",
            "zstd.json: packing",
            "Basic/1 @ twice.json: Basic",
            "twice.json: duplicate_name",
            "Basic/1 @ dir/good.json: Basic",
        ]
    );
}

#[test]
fn headers_that_disagree_cost_their_file() {
    let mut damaged = file("damaged.json", BASIC);
    damaged.crc ^= 1;
    let mut longer = file("longer.json", BASIC);
    longer.size -= 1;
    let mut torn = file("torn.json", BASIC);
    torn.data.truncate(10);
    let files = [
        File { local_name: b"other name.json".to_vec(), ..file("named.json", BASIC) },
        damaged,
        longer,
        torn,
        File { method: 0, ..file("stored.json", BASIC) },
        file("good.json", BASIC),
    ];
    assert_eq!(
        entries(&archive(&files)),
        [
            "named.json: contradicts",
            "damaged.json: damaged",
            "longer.json: damaged",
            "torn.json: damaged",
            "stored.json: contradicts",
            "Basic/1 @ good.json: Basic",
        ]
    );
    // The directory points into the middle of something.
    let lost = [file("a.json", BASIC), File { at: Some(3), ..file("b.json", BASIC) }];
    assert!(matches!(told(&archive(&lost)), Err(Error::Overlaps)));
}

#[test]
fn overlapping_files_are_refused() {
    let kernel = file("a.json", &vec![b' '; 1 << 20]);
    let bomb: Vec<File> =
        (0..100).map(|number| File { at: Some(0), name: format!("{number:05}").into(), ..kernel.clone() }).collect();
    assert!(matches!(told(&archive(&bomb)), Err(Error::Overlaps)));
}

#[test]
fn bombs_are_stopped_and_the_rest_is_read() {
    let zeros = vec![b' '; 64 << 20];
    let bomb = file("bomb.json", &zeros);
    let files = [bomb, file("good.json", BASIC)];
    assert_eq!(entries(&archive(&files)), ["bomb.json: empty", "Basic/1 @ good.json: Basic"]);

    let long = [br#"{"resourceType":"Basic","id":""#.as_slice(), &vec![b'a'; 64 << 20]].concat();
    let files = [file("bomb.json", &long), file("good.json", BASIC)];
    assert_eq!(entries(&archive(&files)), ["bomb.json: inflates", "Basic/1 @ good.json: Basic"]);

    let deep = file("deep.json", &vec![b'['; 64 << 20]);
    assert_eq!(entries(&archive(&[deep])), ["deep.json: too_deep"]);

    // What many honest files unpack to together is limited too.
    let limits = Limits { streamed_bytes: 1 << 20, ..Limits::default() };
    let noise: String = (0..40_000_u32).map(|number| format!("{:x}", number.wrapping_mul(2_654_435_761))).collect();
    let half = format!(r#"{{"resourceType":"Basic","id":"{noise}"}}"#);
    let files: Vec<File> = (0..8).map(|number| file(&format!("{number}.json"), half.as_bytes())).collect();
    assert!(matches!(told_within(&archive(&files), &limits), Err(Error::TooMuch { limit_mib: 1 })));
}

#[test]
fn archives_in_archives_are_opened_once() {
    let inner = archive(&[file("one.json", BASIC)]);
    let middle = archive(&[file("inner.zip", &inner), file("two.json", BASIC)]);
    let outer = archive(&[file("middle.zip", &middle), file("broken.zip", &middle[..middle.len() - 30])]);
    assert_eq!(
        entries(&outer),
        ["middle.zip: inner.zip: nested_too_deep", "Basic/1 @ middle.zip: two.json: Basic", "broken.zip: damaged",]
    );
    // A quine of sixteen archives in each archive ends where the second level does.
    let mut level = archive(&[file("x.json", &vec![b' '; 1 << 20])]);
    for _ in 0..5 {
        let files: Vec<File> = (0..16).map(|number| file(&format!("lib {number}.zip"), &level)).collect();
        level = archive(&files);
    }
    assert_eq!(entries(&level).len(), 16 * 16);
    assert!(entries(&level).iter().all(|entry| entry.ends_with("nested_too_deep")));
}

#[test]
fn forged_directories_cost_nothing() {
    let honest = archive(&[file("a.json", BASIC)]);
    let small = Limits { members: 10, ..Limits::default() };
    let many: Vec<File> = (0..11).map(|number| file(&format!("{number}.json"), BASIC)).collect();
    assert!(matches!(told_within(&archive(&many), &small), Err(Error::TooManyFiles { limit: 10 })));
    assert!(matches!(told_within(&archive_that_says(&many, 1), &small), Err(Error::TooManyFiles { limit: 10 })));
    assert!(matches!(told(&archive_that_says(&many, 500)), Err(Error::Zip)));

    // Ten million files by a zip64 end record of 98 bytes in all.
    let mut forged = b"PK\x03\x04".to_vec();
    forged.resize(64, 0);
    let at = forged.len() as u64;
    forged.extend_from_slice(b"PK\x06\x06");
    forged.extend_from_slice(&44_u64.to_le_bytes());
    forged.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [10_000_000_u64, 10_000_000, 46, 0] {
        forged.extend_from_slice(&number.to_le_bytes());
    }
    forged.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    forged.extend_from_slice(&at.to_le_bytes());
    forged.extend_from_slice(&1_u32.to_le_bytes());
    forged.extend_from_slice(b"PK\x05\x06");
    forged.extend_from_slice(&[0xFF; 16]);
    forged.extend_from_slice(&[0, 0]);
    assert!(matches!(told(&forged), Err(Error::TooManyFiles { limit: 100_000 })));

    // A directory larger than the file, one before its start, one of several parts.
    let end = honest.len() - 22;
    let changed = |at: usize, with: u32| {
        let mut bytes = honest.clone();
        bytes[end + at..end + at + 4].copy_from_slice(&with.to_le_bytes());
        told(&bytes).map(drop)
    };
    assert!(matches!(changed(12, 0x7FFF_FFFF), Err(Error::Zip)));
    assert!(matches!(changed(12, 500), Err(Error::Zip)));
    assert!(matches!(changed(16, 0x7FFF_FFFF), Err(Error::Zip)));
    assert!(matches!(changed(4, 0x0001_0001), Err(Error::ZipPart)));
}

#[test]
fn an_office_document_is_none_of_ours() {
    let word = archive(&[file("[Content_Types].xml", b"<Types/>"), file("word/document.xml", b"<w/>")]);
    assert!(told(&word).unwrap_err().to_string().contains("an Office document"));
    assert_eq!(entries(&archive(&[file("letter.docx", &word)])), ["letter.docx: unsupported"]);
}

#[test]
fn a_tar_of_ndjson_is_an_archive_too() {
    let header = |name: &str, size: usize, kind: u8| {
        let mut block = vec![0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    };
    let padded = |content: &[u8]| {
        let mut content = content.to_vec();
        content.resize(content.len().next_multiple_of(512), 0);
        content
    };
    let long = format!("{}/Basic.ndjson", "folder".repeat(30));
    let pax = format!("{} path={long}\n", long.len() + 10);
    let tar = [
        header("export/", 0, b'5'),
        header("export/Basic.ndjson", LINES.len(), b'0'),
        padded(LINES),
        header("pax", pax.len(), b'x'),
        padded(pax.as_bytes()),
        header("short", BASIC.len(), b'0'),
        padded(BASIC),
        header("../up.json", BASIC.len(), b'0'),
        padded(BASIC),
        header("link", 0, b'2'),
        vec![0; 1024],
    ]
    .concat();
    let expected = [
        "Basic/1 @ export/Basic.ndjson: line 1".to_owned(),
        "export/Basic.ndjson: line 2: not_an_object".to_owned(),
        format!("Basic/1 @ {long}: Basic"),
        "../up.json: unsafe_path".to_owned(),
        "link: link".to_owned(),
    ];
    assert_eq!(entries(&tar), expected);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&tar).unwrap();
    assert_eq!(entries(&packed.finish().unwrap()), expected);
    assert!(matches!(told(&tar[..600]), Err(Error::CutShort)));
    // A file of 2^64 - 1 bytes, in base 256.
    let mut endless = header("endless.json", 0, b'0');
    endless[124..136].copy_from_slice(b"\x80\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    endless[148..156].fill(b' ');
    let sum: u32 = endless.iter().map(|byte| u32::from(*byte)).sum();
    endless[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    assert!(matches!(told(&[endless, padded(BASIC)].concat()), Err(Error::CutShort)));
}

fn any_outcome(bytes: &[u8]) -> Result<()> {
    told(bytes).map(drop)
}

proptest! {
    #[test]
    fn an_altered_archive_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = archive(&[file("a/Basic.ndjson", LINES), file("b.zip", &archive(&[file("c.json", BASIC)])), file("d.xml", b"<Basic/>")]);
        let mut bytes = whole.clone();
        for (at, byte) in changes {
            bytes[at.index(whole.len())] = byte;
        }
        let _ = any_outcome(&bytes);
        prop_assert!(any_outcome(&whole[..cut.index(whole.len())]).is_err());
    }

    #[test]
    fn anything_after_the_magic_bytes_never_panics(tail in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = any_outcome(&[b"PK\x03\x04".as_slice(), &tail].concat());
        let _ = any_outcome(&[b"PK\x03\x04".as_slice(), &tail, b"PK\x05\x06", &tail].concat());
        let _ = any_outcome(&[[0; 257].as_slice(), b"ustar", &tail].concat());
    }
}

/// What came of an archive: the codes of what was left out with their places, and how many records.
fn told_of(bytes: &[u8], format: Archive) -> (Vec<String>, usize) {
    let limits = Limits::default();
    let source = Source { name: "export.zip", sha256: [0; 32], now: 0, limits: &limits };
    let (mut out, mut records) = (Vec::new(), 0);
    read_file(&mut Cursor::new(bytes), &source, &mut |event| {
        match event {
            Event::Start { format: found, .. } => assert_eq!(found, &Format::Archive(format)),
            Event::Entry(Entry::Skipped(skip)) => out.push(format!("{}: {}", skip.path, skip.reason.code())),
            Event::Entry(_) => records += 1,
            _ => {}
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (out, records)
}

const EXPORT: &[u8] =
    b"<?xml version=\"1.0\"?><HealthData><Record type=\"HKQuantityTypeIdentifierBodyMass\" unit=\"kg\" \
    value=\"70\" startDate=\"2024-01-01 08:00:00 +0100\" endDate=\"2024-01-01 08:00:00 +0100\"/></HealthData>";
const DOCUMENT: &[u8] = include_bytes!("../../../../tests/samples/summary.xml");

#[test]
fn a_telephones_export_is_read_as_one_and_what_lies_beside_it_by_what_it_is() {
    let mut damaged = file("a/electrocardiograms/ecg_1.csv", BASIC);
    damaged.crc ^= 1;
    let files = [
        file("a/Exportieren.xml", EXPORT),
        file("a/export_cda.xml", b"<ClinicalDocument><id extension=\"Health Export CDA\"/></ClinicalDocument>"),
        file("../b.xml", b"2"),
        damaged,
        file("letters/basic.json", BASIC),
        file("__MACOSX/._a.xml", b"3"),
    ];
    let (skips, records) = told_of(&archive(&files), Archive::AppleHealth);
    let expected = [
        "a/export_cda.xml: apple_same_as_export",
        "../b.xml: unsafe_path",
        "a/electrocardiograms/ecg_1.csv: apple_unreadable",
        "__MACOSX/._a.xml: not_a_record_file",
    ];
    assert_eq!(skips, expected);
    let (_, alone) = told_of(&archive(&files[..1]), Archive::AppleHealth);
    assert_eq!(records, alone + 1);
}

#[test]
fn documents_of_a_portal_are_not_taken_for_a_telephones_export() {
    for (folder, format) in
        [("", Archive::Files), ("IHE_XDM/SUBSET01/", Archive::Xdm), ("apple_health_export/", Archive::Files)]
    {
        let files = [
            file(&format!("{folder}Ada_2020_CDA.xml"), DOCUMENT),
            file(&format!("{folder}index.xml"), b"<index/>"),
            file(&format!("{folder}electrocardiograms/basic.json"), BASIC),
        ];
        let (skips, records) = told_of(&archive(&files), format);
        assert!(records > 20, "{folder}: {skips:?}");
        assert!(!skips.iter().any(|skip| skip.contains(": apple_")), "{skips:?}");
    }
}

#[test]
fn more_files_than_sixteen_bits_can_count_are_read() {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = ZipWriter::new(&mut bytes);
    let stored = SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Stored);
    for number in 0..65_600 {
        writer.start_file(format!("__MACOSX/{number}"), stored).unwrap();
    }
    writer.start_file("last.json", stored).unwrap();
    writer.write_all(BASIC).unwrap();
    writer.finish().unwrap();
    let entries = entries(bytes.get_ref());
    assert_eq!(entries.len(), 65_601);
    assert_eq!(entries.last().unwrap(), "Basic/1 @ last.json: Basic");
}

#[test]
fn medicines_of_another_file_name_and_label_what_points_to_them() {
    let order = br#"{"resourceType":"MedicationRequest","id":"1","medicationReference":{"reference":"Medication/2"},"subject":{"reference":"Patient/1"}}"#;
    let medicine = br#"{"resourceType":"Medication","id":"2","code":{"coding":[{"system":"http://www.whocc.no/atc","code":"J05AJ03","display":"dolutegravir"}]}}"#;
    let bytes = archive(&[file("MedicationRequest.ndjson", order), file("Medication.ndjson", medicine)]);
    let limits = Limits::default();
    let source = Source { name: "export.zip", sha256: [0; 32], now: 0, limits: &limits };
    let mut titles = Vec::new();
    read_file(&mut Cursor::new(bytes), &source, &mut |event| {
        if let Event::Entry(Entry::Record(record)) = event {
            titles.push((record.index.title.clone(), record.index.sensitivity.len()));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(titles, [("dolutegravir".to_owned(), 1), ("dolutegravir".to_owned(), 1)]);
}
