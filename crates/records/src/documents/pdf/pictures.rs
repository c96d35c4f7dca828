//! The QR codes in the pictures on the first pages: certificates and cards are handed out as PDF. Pages are not rendered, so
//! a code that is drawn by lines, or lies in a form, is not seen.

use super::{
    file::File,
    lexer::{Dict, Object},
    pages::Page,
};
use crate::documents::{DocumentKind, limits::Budget, qr};

/// The most pages whose pictures are looked at.
const MOST_PAGES: usize = 20;
/// The most pictures.
const MOST_PICTURES: usize = 40;
/// The most bytes of one, unpacked: three for each of the pixels that are looked at.
const MOST_BYTES: usize = 76 << 20;

/// What the codes say.
pub(super) fn qr_texts(file: &File<'_>, pages: &[Page], budget: &mut Budget) -> Vec<String> {
    let mut seen: Vec<u32> = Vec::new();
    let mut found = Vec::new();
    for page in pages.iter().take(MOST_PAGES) {
        let resources = file.dict(&page.resources, budget);
        let objects = resources.and_then(|resources| file.dict(resources.get(b"XObject")?, budget));
        for (_, object) in objects.unwrap_or_default().0 {
            // What is used on several pages is one object.
            let Object::Reference(number) = object else { continue };
            if seen.contains(&number) || seen.len() >= MOST_PICTURES {
                continue;
            }
            seen.push(number);
            found.extend(picture(file, &object, budget).unwrap_or_default());
        }
    }
    found
}

fn picture(file: &File<'_>, object: &Object, budget: &mut Budget) -> Option<Vec<String>> {
    let dict = file.dict(object, budget)?;
    if dict.name(b"Subtype") != Some(b"Image") {
        return None;
    }
    let mut number = |key: &[u8]| file.resolve(dict.get(key)?, budget)?.index();
    let (width, height) = (number(b"Width")?, number(b"Height")?);
    let is_mask = matches!(dict.get(b"ImageMask"), Some(Object::Bool(true)));
    let bits = number(b"BitsPerComponent").or(is_mask.then_some(1));
    let data = file.picture(object, MOST_BYTES, budget)?;
    Some(match data.starts_with(b"\xFF\xD8\xFF") {
        true => qr::texts(&data, DocumentKind::Jpeg),
        false => qr::texts_of_samples(width, height, bits?, &data),
    })
}

/// A stream's dictionary without the filter that makes a JPEG to samples, so that what comes out is the JPEG.
pub(super) fn without_dct(mut dict: Dict) -> Dict {
    let is_dct =
        |object: &Object| matches!(object, Object::Name(name) if matches!(name.as_slice(), b"DCTDecode" | b"DCT"));
    dict.0.retain(|(key, value)| !(key == b"Filter" && is_dct(value)));
    for (key, value) in &mut dict.0 {
        if key == b"Filter"
            && let Object::Array(filters) = value
        {
            filters.retain(|filter| !is_dct(filter));
        }
    }
    dict
}
