//! What the tests import: made-up people, files that are no health records, and real public files where there are any.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use carnet_records::generator::{self, PatientSpec};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

/// A file with one made-up person's records, the same for the same seed. Gives what is in it, too.
///
/// # Panics
/// Where it cannot be written.
pub fn person(path: &Path, seed: u64, resources: usize) -> Value {
    write(path, &PatientSpec { seed, resources, names: Some("en"), ..PatientSpec::default() })
}

/// The same of somebody with an Arabic name, whose records speak Arabic beside their codes.
///
/// # Panics
/// Where it cannot be written.
pub fn arabic_person(path: &Path, seed: u64, resources: usize) -> Value {
    let names = Some("ar");
    write(path, &PatientSpec { seed, resources, names, texts: "ar", ..PatientSpec::default() })
}

fn write(path: &Path, spec: &PatientSpec) -> Value {
    let bundle = generator::patient(spec);
    std::fs::write(path, serde_json::to_vec(&bundle).unwrap()).unwrap();
    bundle
}

/// How many entries a Bundle has.
pub fn entries(bundle: &Value) -> u64 {
    bundle["entry"].as_array().map_or(0, |entries| entries.len() as u64)
}

/// A PDF of one page, as small as one can be, that tells of an appendectomy.
///
/// # Panics
/// Never: it is written into memory.
pub fn letter() -> Vec<u8> {
    let text = "BT /F1 12 Tf 72 720 Td (Discharge letter: recovering well after the appendectomy) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(out.len());
        write!(out, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let table = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    places.iter().for_each(|place| writeln!(out, "{place:010} 00000 n ").unwrap());
    write!(out, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).unwrap();
    out
}

/// A picture (PNG) of a code, as a person photographs or saves it.
///
/// # Panics
/// Where the text is too long for a code.
pub fn picture_of(code: &str) -> Vec<u8> {
    let (side, luma) = smart_health::QrCode::encode(code).unwrap().to_luma(4);
    let side = u32::try_from(side).unwrap();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&luma).unwrap();
    out
}

/// Writes `bytes` compressed.
///
/// # Panics
/// Where it cannot be written.
pub fn gzipped(path: &Path, bytes: &[u8]) {
    let mut encoder = GzEncoder::new(std::fs::File::create(path).unwrap(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap();
}

/// Writes `size` times `byte`, plain or compressed, without ever holding them.
///
/// # Panics
/// Where there is no room.
pub fn repeated(path: &Path, byte: u8, size: u64, compressed: bool) {
    let block = vec![byte; 1 << 20];
    let file = std::fs::File::create(path).unwrap();
    let mut writer: Box<dyn std::io::Write> =
        if compressed { Box::new(GzEncoder::new(file, Compression::fast())) } else { Box::new(file) };
    let mut left = size;
    while left > 0 {
        let part = usize::try_from(left.min(block.len() as u64)).unwrap();
        writer.write_all(&block[..part]).unwrap();
        left -= part as u64;
    }
    writer.flush().unwrap();
}

/// A file of the public data that the project's developers share, which is not part of the project.
///
/// Looked for below `CARNET_SHARED_DATA`, or beside the clone; where it is missing the test says so and passes.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = match std::env::var_os("CARNET_SHARED_DATA") {
        Some(folder) => PathBuf::from(folder),
        None => crate::package().join("../../shared/data"),
    };
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {name} is not here");
    None
}
