//! The QR code of a link: in the terminal, as SVG, as PNG.

use crate::error::{Error, Result};
use smart_health::QrCode;
use std::io::BufWriter;
use std::path::Path;

/// Pixels to a module in the PNG: a version 13 code is 616 pixels wide, which prints well.
const MODULE_PX: usize = 8;

/// The QR code of a link.
pub(crate) fn encode(link: &str) -> Result<QrCode> {
    QrCode::encode(link).map_err(|_| Error::Qr("the link is too long"))
}

pub(crate) fn write_svg(code: &QrCode, file: &Path) -> Result<()> {
    std::fs::write(file, code.to_svg()).map_err(Error::file("written", file))
}

pub(crate) fn write_png(code: &QrCode, path: &Path) -> Result<()> {
    let (side, pixels) = code.to_luma(MODULE_PX);
    let side = u32::try_from(side).map_err(|_| Error::Qr("it is too large"))?;
    let file = std::fs::File::create(path).map_err(Error::file("written", path))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    written.map_err(|error| match error {
        png::EncodingError::IoError(source) => Error::File { doing: "written", path: path.to_owned(), source },
        _ => Error::Qr("the PNG encoder refused it"),
    })
}
