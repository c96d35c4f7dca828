//! The QR code of a link: in the terminal, as SVG, as PNG.

use crate::error::{Error, Result};
use smart_health::QrCode;
use std::path::Path;

/// Pixels to a module in the PNG: a version 13 code is 616 pixels wide, which prints well.
const MODULE_PX: usize = 8;

/// The QR code of a link.
pub(crate) fn encode(link: &str) -> Result<QrCode> {
    QrCode::encode(link).map_err(|_| Error::Qr("the link is too long"))
}

pub(crate) fn write_svg(code: &QrCode, file: &Path) -> Result<()> {
    carnet_wallet::write_file(file, code.to_svg().as_bytes()).map_err(Error::file("written", file))
}

pub(crate) fn write_png(code: &QrCode, path: &Path) -> Result<()> {
    let (side, pixels) = code.to_luma(MODULE_PX);
    let side = u32::try_from(side).map_err(|_| Error::Qr("it is too large"))?;
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    written.map_err(|_| Error::Qr("the PNG encoder refused it"))?;
    carnet_wallet::write_file(path, &image).map_err(Error::file("written", path))
}
