//! The QR codes on the first pages: certificates and cards are handed out as PDF. Pages are not rendered: their pictures are
//! looked at one by one, and where those show no code, so are the shapes that are drawn on the page.

use super::{
    drawn,
    file::File,
    filters,
    lexer::{Dict, Object},
    pages::Page,
};
use crate::documents::{
    DocumentKind,
    limits::Budget,
    qr::{self, Scanned},
};

/// The most pages that are looked at.
const MOST_PAGES: usize = 20;
/// The most pictures, and the most forms in which there may be some.
const MOST_PICTURES: usize = 40;
const MOST_FORMS: usize = 400;
/// The most bytes of one, unpacked: three for each of the pixels that are looked at.
const MOST_BYTES: usize = 76 << 20;

/// The codes.
pub(super) fn qr_codes(file: &File<'_>, pages: &[Page], budget: &mut Budget) -> Vec<Scanned> {
    let mut pictures = Pictures { file, seen: Vec::new(), looked_at: 0, found: Vec::new() };
    for page in pages.iter().take(MOST_PAGES) {
        let before = pictures.found.len();
        pictures.within(&page.resources, budget);
        if pictures.found.len() == before {
            pictures.found.extend(drawn::qr_codes(file, page, budget));
        }
    }
    pictures.found
}

struct Pictures<'f, 'a> {
    file: &'f File<'a>,
    /// What is used on several pages is one object.
    seen: Vec<u32>,
    looked_at: usize,
    found: Vec<Scanned>,
}

impl Pictures<'_, '_> {
    /// Looks at the pictures among these resources, and in the forms among them.
    fn within(&mut self, resources: &Object, budget: &mut Budget) {
        let mut stack = vec![resources.clone()];
        while let Some(resources) = stack.pop() {
            let resources = self.file.dict(&resources, budget);
            let objects = resources.and_then(|resources| self.file.dict(resources.get(b"XObject")?, budget));
            for (_, object) in objects.unwrap_or_default().0 {
                let Object::Reference(number) = object else { continue };
                if self.seen.contains(&number) || self.seen.len() >= MOST_FORMS + MOST_PICTURES {
                    continue;
                }
                self.seen.push(number);
                let Some(dict) = self.file.dict(&object, budget) else { continue };
                match dict.name(b"Subtype") {
                    Some(b"Form") => stack.extend(dict.get(b"Resources").cloned()),
                    Some(b"Image") if self.looked_at < MOST_PICTURES => {
                        self.looked_at += 1;
                        self.found.extend(picture(self.file, &object, &dict, budget).unwrap_or_default());
                    }
                    _ => {}
                }
            }
        }
    }
}

fn picture(file: &File<'_>, object: &Object, dict: &Dict, budget: &mut Budget) -> Option<Vec<Scanned>> {
    let data = file.picture(object, MOST_BYTES, budget)?;
    codes(file, dict, &data, budget)
}

/// The codes of a picture that stands in the content of a page: its members as they stand before it, its bytes as written.
pub(super) fn inline(
    file: &File<'_>,
    members: &[Object],
    data: &[u8],
    resources: &Dict,
    budget: &mut Budget,
) -> Option<Vec<Scanned>> {
    let mut dict = Dict::default();
    for pair in members.chunks_exact(2) {
        if let [Object::Name(name), value] = pair {
            let long = SHORT.iter().find(|(short, _)| *short == name.as_slice()).map(|(_, long)| long.to_vec());
            dict.0.push((long.unwrap_or_else(|| name.clone()), value.clone()));
        }
    }
    // A colour space of the page, by its name.
    let spaces = resources.get(b"ColorSpace").and_then(|spaces| file.dict(spaces, budget));
    for (key, value) in &mut dict.0 {
        if let (b"ColorSpace", Object::Name(name), Some(spaces)) = (key.as_slice(), &*value, &spaces)
            && let Some(space) = spaces.get(name)
        {
            *value = space.clone();
        }
    }
    let data = filters::decode(&without_dct(dict.clone()), data.to_vec(), MOST_BYTES, file, budget)?;
    codes(file, &dict, &data, budget)
}

/// The names that are written short in such a picture (ISO 32000-2, table 91).
const SHORT: [(&[u8], &[u8]); 8] = [
    (b"BPC", b"BitsPerComponent"),
    (b"CS", b"ColorSpace"),
    (b"D", b"Decode"),
    (b"DP", b"DecodeParms"),
    (b"F", b"Filter"),
    (b"H", b"Height"),
    (b"IM", b"ImageMask"),
    (b"W", b"Width"),
];

/// The codes in unpacked samples, or in a JPEG.
fn codes(file: &File<'_>, dict: &Dict, data: &[u8], budget: &mut Budget) -> Option<Vec<Scanned>> {
    let mut number = |key: &[u8]| file.resolve(dict.get(key)?, budget)?.index();
    let (width, height) = (number(b"Width")?, number(b"Height")?);
    let is_mask = matches!(dict.get(b"ImageMask"), Some(Object::Bool(true)));
    let bits = number(b"BitsPerComponent").or(is_mask.then_some(1));
    let colours = dict.get(b"ColorSpace").and_then(|space| Colours::of(file, space, budget));
    if data.starts_with(b"\xFF\xD8\xFF") {
        return Some(qr::codes(data, DocumentKind::Jpeg));
    }
    let bits = bits?;
    // A space that is not known here has as many samples as there are bytes for.
    let guessed = || {
        let samples = width.checked_mul(height)?.checked_mul(bits)?;
        Some(Colours::from((data.len() * 8 / samples.max(1)).clamp(1, 4)))
    };
    let Colours { channels, table } = colours.or_else(guessed)?;
    Some(qr::codes_of_samples(&qr::Samples { width, height, bits, channels, table, data }))
}

/// What the samples of a picture mean.
struct Colours {
    channels: usize,
    /// The shade of each number.
    table: Option<Vec<u8>>,
}

impl From<usize> for Colours {
    fn from(channels: usize) -> Self {
        Colours { channels, table: None }
    }
}

impl Colours {
    /// Of a colour space (ISO 32000-2, 8.6). Whether much of a sample is dark or light does not matter to who looks for codes.
    fn of(file: &File<'_>, space: &Object, budget: &mut Budget) -> Option<Colours> {
        let space = match file.resolve(space, budget)? {
            Object::Name(name) => vec![Object::Name(name)],
            Object::Array(space) => space,
            _ => return None,
        };
        let Object::Name(name) = space.first()? else { return None };
        Some(match name.as_slice() {
            b"DeviceGray" | b"G" | b"CalGray" | b"Separation" => 1.into(),
            b"DeviceRGB" | b"RGB" | b"CalRGB" | b"Lab" => 3.into(),
            b"DeviceCMYK" | b"CMYK" => 4.into(),
            b"ICCBased" => {
                let profile = file.dict(space.get(1)?, budget)?;
                file.resolve(profile.get(b"N")?, budget)?.index()?.into()
            }
            b"Indexed" | b"I" => {
                let base = match file.resolve(space.get(1)?, budget)? {
                    // One table in another is no table.
                    Object::Array(base) if matches!(base.first(), Some(Object::Name(name)) if name == b"Indexed") => {
                        return None;
                    }
                    base => Colours::of(file, &base, budget)?.channels.clamp(1, 4),
                };
                let table = match file.resolve(space.get(3)?, budget)? {
                    Object::String(bytes) => bytes,
                    _ => file.stream(space.get(3)?, 256 * base, budget)?,
                };
                let pixels = table.len() / base;
                let samples =
                    qr::Samples { width: pixels, height: 1, bits: 8, channels: base, table: None, data: &table };
                Colours { channels: 1, table: Some(samples.shades()?) }
            }
            _ => return None,
        })
    }
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
