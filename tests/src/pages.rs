//! What programs of Debian's `poppler-utils`, which none of us wrote, see in a PDF.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::camera::Picture;

/// The words on its pages.
///
/// # Panics
/// Where it is no PDF, or `pdftotext` is missing.
pub fn text(pdf: &Path) -> String {
    poppler("pdftotext", [pdf.as_os_str(), "-".as_ref()])
}

/// Its title, how many pages it has, whether it is tagged, and so on, one a line.
///
/// # Panics
/// Where it is no PDF, or `pdfinfo` is missing.
pub fn facts(pdf: &Path) -> String {
    poppler("pdfinfo", [pdf.as_os_str()])
}

/// Draws its first page as a PNG, so many pixels wide.
///
/// # Panics
/// Where it is no PDF, or `pdftoppm` is missing.
pub fn picture(pdf: &Path, width: u32, png: &Path) {
    assert_eq!(png.extension().and_then(|end| end.to_str()), Some("png"), "the program puts that behind the name");
    let width = width.to_string();
    let options = ["-png", "-singlefile", "-f", "1", "-scale-to-x", &width, "-scale-to-y", "-1"];
    let files = [pdf.as_os_str().to_owned(), png.with_extension("").into_os_string()];
    poppler("pdftoppm", options.map(Into::into).into_iter().chain(files));
}

/// The same as a scanner would have it, in grey.
///
/// # Panics
/// Where it is no PDF, or `pdftoppm` is missing.
pub fn scan(pdf: &Path, width: u32) -> Picture {
    let width = width.to_string();
    let options = ["-gray", "-singlefile", "-f", "1", "-scale-to-x", &width, "-scale-to-y", "-1"].map(OsStr::new);
    let bytes = run("pdftoppm", options.into_iter().chain([pdf.as_os_str()]));
    // A portable graymap: its kind, its two sides, its brightest value, each followed by one white space; then the pixels.
    let mut parts = bytes.splitn(5, |byte| byte.is_ascii_whitespace());
    let mut number = || std::str::from_utf8(parts.next().unwrap()).unwrap().to_owned();
    assert_eq!(number(), "P5");
    let (width, height, brightest) = (number().parse().unwrap(), number().parse().unwrap(), number());
    assert_eq!(brightest, "255");
    Picture { width, height, luma: parts.next().unwrap().to_owned() }
}

fn poppler(program: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
    String::from_utf8(run(program, arguments)).unwrap()
}

fn run(program: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Vec<u8> {
    let ran = Command::new(program).args(arguments).output();
    let ran = ran.unwrap_or_else(|error| panic!("{program} (package poppler-utils): {error}"));
    assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}
