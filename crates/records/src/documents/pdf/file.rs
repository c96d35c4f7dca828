//! Where the objects of a file are, and fetching one.
//!
//! The file is scanned once from its beginning, stream by stream; of two objects with one number the later counts, which
//! is what a file that was changed by appending means. Cross-reference tables are not needed for that, and a damaged file
//! reads as well as a whole one.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{
    crypt::Crypt,
    filters,
    lexer::{Dict, Lexer, Object, Token, is_blank},
    pictures::without_dct,
};
use crate::documents::limits::Budget;

/// The most objects that are remembered.
const MOST_OBJECTS: usize = 400_000;
/// The most bytes of one unpacked stream.
pub(super) const STREAM_BYTES: usize = 32 << 20;
/// The most bytes of unpacked object streams that are held at once.
const HELD_BYTES: usize = 64 << 20;
/// References to references that are followed.
const HOPS: usize = 16;

/// A file whose objects are found.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    places: HashMap<u32, Place>,
    trailer: Dict,
    /// The last object that calls itself the catalogue, for files whose trailer is lost.
    catalog: Option<u32>,
    crypt: Option<Crypt>,
    locked: bool,
    held: RefCell<Held>,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    /// At an offset: behind `obj`.
    At(usize),
    /// In the object stream of that number, from that offset on.
    Inside(u32, usize),
}

#[derive(Default)]
struct Held {
    streams: BTreeMap<u32, Rc<Vec<u8>>>,
    bytes: usize,
}

impl<'a> File<'a> {
    /// Finds the objects. What does not fit into the budget is not found, and the rest is read all the same.
    pub(super) fn open(bytes: &'a [u8], budget: &mut Budget) -> File<'a> {
        let mut file = File {
            bytes,
            places: HashMap::new(),
            trailer: Dict::default(),
            catalog: None,
            crypt: None,
            locked: false,
            held: RefCell::default(),
        };
        let mut streams = Vec::new();
        file.scan(&mut streams, budget);
        file.find_trailer(budget);
        file.unlock(budget);
        if !file.locked {
            file.look_inside(&streams, budget);
        }
        file
    }

    /// Whether a password is needed.
    pub(super) fn is_locked(&self) -> bool {
        self.locked
    }

    pub(super) fn root(&self, budget: &mut Budget) -> Option<Dict> {
        let root = self.trailer.get(b"Root").and_then(|root| self.dict(root, budget));
        // A trailer that points astray: the catalogue may still be there.
        let root = root.filter(|root| root.get(b"Pages").is_some());
        root.or_else(|| self.dict(&Object::Reference(self.catalog?), budget))
    }

    pub(super) fn info(&self, budget: &mut Budget) -> Dict {
        self.trailer.get(b"Info").and_then(|info| self.dict(info, budget)).unwrap_or_default()
    }

    /// What a reference refers to, however many hops away; anything else is itself.
    pub(super) fn resolve(&self, object: &Object, budget: &mut Budget) -> Option<Object> {
        let mut found = match object {
            Object::Reference(number) => self.object(*number, budget)?,
            other => {
                budget.spend(weight(other))?;
                return Some(other.clone());
            }
        };
        for _ in 0..HOPS {
            match found {
                Object::Reference(number) => found = self.object(number, budget)?,
                other => return Some(other),
            }
        }
        None
    }

    /// The dictionary there, of a stream too.
    pub(super) fn dict(&self, object: &Object, budget: &mut Budget) -> Option<Dict> {
        match self.resolve(object, budget)? {
            Object::Dict(dict) | Object::Stream(dict, _) => Some(dict),
            _ => None,
        }
    }

    /// The unpacked bytes of the stream there, at most `limit`.
    pub(super) fn stream(&self, object: &Object, limit: usize, budget: &mut Budget) -> Option<Vec<u8>> {
        let number = match object {
            Object::Reference(number) => *number,
            _ => 0,
        };
        match self.resolve(object, budget)? {
            Object::Stream(dict, start) => self.unpack(&dict, start, number, limit, budget),
            _ => None,
        }
    }

    /// The bytes of the picture there: a JPEG as it is, anything else as its samples; at most `limit`.
    pub(super) fn picture(&self, object: &Object, limit: usize, budget: &mut Budget) -> Option<Vec<u8>> {
        let Object::Reference(number) = object else { return None };
        match self.resolve(object, budget)? {
            Object::Stream(dict, start) => self.unpack(&without_dct(dict), start, *number, limit, budget),
            _ => None,
        }
    }

    fn object(&self, number: u32, budget: &mut Budget) -> Option<Object> {
        match *self.places.get(&number)? {
            Place::At(at) => {
                let mut object = read(self.bytes, at, budget)?;
                if let Some(crypt) = &self.crypt {
                    crypt.strings(&mut object, number);
                }
                Some(object)
            }
            Place::Inside(container, offset) => {
                let data = self.container(container, budget)?;
                Lexer::new(&data, offset).object(budget)
            }
        }
    }

    fn container(&self, number: u32, budget: &mut Budget) -> Option<Rc<Vec<u8>>> {
        if let Some(data) = self.held.borrow().streams.get(&number) {
            return Some(Rc::clone(data));
        }
        let Some(Place::At(at)) = self.places.get(&number).copied() else { return None };
        let Object::Stream(dict, start) = read(self.bytes, at, budget)? else { return None };
        let data = Rc::new(self.unpack(&dict, start, number, STREAM_BYTES, budget)?);
        let mut held = self.held.borrow_mut();
        if held.bytes + data.len() > HELD_BYTES {
            *held = Held::default();
        }
        held.bytes += data.len();
        held.streams.insert(number, Rc::clone(&data));
        Some(data)
    }

    fn unpack(&self, dict: &Dict, start: usize, number: u32, limit: usize, budget: &mut Budget) -> Option<Vec<u8>> {
        let end = self.stream_end(dict, start, budget);
        let raw = self.bytes.get(start..end)?;
        budget.spend(raw.len() as u64)?;
        let raw = match &self.crypt {
            Some(crypt) if dict.name(b"Type") != Some(b"XRef") => crypt.stream(raw, dict, number),
            _ => raw.to_vec(),
        };
        filters::decode(dict, raw, limit, self, budget)
    }

    /// The end of a stream's bytes: its length if `endstream` follows, else the next `endstream`.
    fn stream_end(&self, dict: &Dict, start: usize, budget: &mut Budget) -> usize {
        let length = dict.get(b"Length").and_then(|length| match length {
            // A length that is itself in a stream would have to be unpacked to unpack it.
            Object::Reference(number) => match self.places.get(number)? {
                Place::At(at) => read(self.bytes, *at, budget)?.index(),
                Place::Inside(..) => None,
            },
            other => other.index(),
        });
        stream_end(self.bytes, start, length)
    }

    /// Goes through the file object by object.
    fn scan(&mut self, streams: &mut Vec<u32>, budget: &mut Budget) {
        let mut at = 0;
        while let Some(found) = find(self.bytes, b"obj", at) {
            if budget.spend((found - at) as u64 + 1).is_none() {
                return;
            }
            at = found + 3;
            let Some(number) = number_before(self.bytes, found) else { continue };
            if self.places.len() >= MOST_OBJECTS && !self.places.contains_key(&number) {
                continue;
            }
            self.places.insert(number, Place::At(at));
            let mut lexer = Lexer::new(self.bytes, at);
            let Some(object) = lexer.object(budget) else { continue };
            let (Object::Dict(dict) | Object::Stream(dict, _)) = &object else {
                at = lexer.at.max(at);
                continue;
            };
            match dict.name(b"Type") {
                Some(b"Catalog") => self.catalog = Some(number),
                Some(b"XRef") if dict.get(b"Root").is_some() => self.trailer = dict.clone(),
                Some(b"ObjStm") => streams.push(number),
                _ => {}
            }
            let Some(start) = stream_start(self.bytes, lexer.at) else {
                at = lexer.at.max(at);
                continue;
            };
            let length = dict.get(b"Length").and_then(Object::index);
            let end = stream_end(self.bytes, start, length);
            if budget.spend((end - start) as u64 / 8).is_none() {
                return;
            }
            at = end.max(at);
        }
    }

    /// The last trailer that names a root; those of cross-reference streams were met while scanning.
    fn find_trailer(&mut self, budget: &mut Budget) {
        let mut at = 0;
        let mut tries = 0;
        while let Some(found) = find(self.bytes, b"trailer", at) {
            at = found + 7;
            tries += 1;
            if tries > 100 {
                break;
            }
            if let Some(Object::Dict(dict)) = Lexer::new(self.bytes, at).object(budget)
                && dict.get(b"Root").is_some()
            {
                // An update may leave out what stays as it was.
                let mut dict = dict;
                for (key, value) in std::mem::take(&mut self.trailer).0 {
                    if dict.get(&key).is_none() {
                        dict.0.push((key, value));
                    }
                }
                self.trailer = dict;
            }
        }
    }

    fn unlock(&mut self, budget: &mut Budget) {
        let Some(encrypt) = self.trailer.get(b"Encrypt").cloned() else { return };
        if encrypt == Object::Null {
            return;
        }
        let first_id = match self.trailer.get(b"ID").and_then(|id| self.resolve(id, budget)) {
            Some(Object::Array(ids)) => match ids.first() {
                Some(Object::String(id)) => id.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let number = match encrypt {
            Object::Reference(number) => Some(number),
            _ => None,
        };
        self.crypt = self.dict(&encrypt, budget).and_then(|dict| Crypt::without_password(&dict, &first_id, number));
        self.locked = self.crypt.is_none();
    }

    /// Registers the objects in object streams, the later stream's over the earlier's.
    fn look_inside(&mut self, streams: &[u32], budget: &mut Budget) {
        // A stream that was written after an object replaces it; one written before does not.
        for &container in streams {
            let Some(Place::At(written)) = self.places.get(&container).copied() else { continue };
            let Some(Object::Stream(dict, _)) = read(self.bytes, written, budget) else { continue };
            let Some(data) = self.container(container, budget) else { continue };
            let first = dict.get(b"First").and_then(Object::index).unwrap_or_default();
            let count = dict.get(b"N").and_then(Object::index).unwrap_or_default().min(data.len());
            let mut lexer = Lexer::new(&data, 0);
            for _ in 0..count {
                let (Some(Token::Number(number)), Some(Token::Number(offset))) = (lexer.token(), lexer.token()) else {
                    break;
                };
                if budget.spend(8).is_none() || self.places.len() >= MOST_OBJECTS {
                    return;
                }
                let (Some(number), Some(offset)) = (Object::Number(number).index(), Object::Number(offset).index())
                else {
                    continue;
                };
                let Ok(number) = u32::try_from(number) else { continue };
                let newer = match self.places.get(&number) {
                    Some(Place::At(at)) => *at < written,
                    _ => true,
                };
                if newer && number != container {
                    let offset = first + offset;
                    self.places.insert(number, Place::Inside(container, offset));
                    if Lexer::new(&data, offset).object(budget).is_some_and(
                        |object| matches!(&object, Object::Dict(dict) if dict.name(b"Type") == Some(b"Catalog")),
                    ) {
                        self.catalog = Some(number);
                    }
                }
            }
        }
    }
}

/// What copying an object costs: one for each value and byte in it.
fn weight(object: &Object) -> u64 {
    match object {
        Object::Array(items) => 1 + items.iter().map(weight).sum::<u64>(),
        Object::Dict(dict) | Object::Stream(dict, _) => {
            1 + dict.0.iter().map(|(name, value)| name.len() as u64 + weight(value)).sum::<u64>()
        }
        Object::String(bytes) | Object::Name(bytes) => bytes.len() as u64 + 1,
        _ => 1,
    }
}

/// The object behind `obj` at that place, with the beginning of its stream where it has one.
fn read(bytes: &[u8], at: usize, budget: &mut Budget) -> Option<Object> {
    let mut lexer = Lexer::new(bytes, at);
    match lexer.object(budget)? {
        Object::Dict(dict) => Some(match stream_start(bytes, lexer.at) {
            Some(start) => Object::Stream(dict, start),
            None => Object::Dict(dict),
        }),
        other => Some(other),
    }
}

/// Where the bytes of a stream begin if its keyword stands next.
fn stream_start(bytes: &[u8], at: usize) -> Option<usize> {
    let at = after_blanks(bytes, at);
    let after = at + 6;
    if bytes.get(at..after)? != b"stream" {
        return None;
    }
    Some(match bytes.get(after..after + 2) {
        Some(b"\r\n") => after + 2,
        Some([b'\n' | b'\r', _]) => after + 1,
        _ => after,
    })
}

/// Behind at most 64 blanks: nobody pays for these.
fn after_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take(64).take_while(|byte| is_blank(**byte)).count()
}

fn stream_end(bytes: &[u8], start: usize, length: Option<usize>) -> usize {
    if let Some(end) = length.and_then(|length| start.checked_add(length)) {
        let keyword = after_blanks(bytes, end);
        if end <= bytes.len() && bytes.get(keyword..).is_some_and(|rest| rest.starts_with(b"endstream")) {
            return end;
        }
    }
    find(bytes, b"endstream", start).unwrap_or(bytes.len())
}

/// The object number before `0 obj`.
fn number_before(bytes: &[u8], obj: usize) -> Option<u32> {
    let head = bytes.get(obj.saturating_sub(32)..obj)?;
    let head = head.trim_ascii_end();
    if head.len() == bytes.get(obj.saturating_sub(32)..obj)?.len() {
        return None;
    }
    let digits_back = |head: &[u8]| head.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let generation = digits_back(head);
    let head = head.get(..head.len() - generation)?;
    let trimmed = head.trim_ascii_end();
    let digits = digits_back(trimmed);
    if generation == 0 || digits == 0 || trimmed.len() == head.len() {
        return None;
    }
    std::str::from_utf8(trimmed.get(trimmed.len() - digits..)?).ok()?.parse().ok()
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let first = *what.first()?;
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        let found = at + rest.iter().position(|byte| *byte == first)?;
        if bytes.get(found..).is_some_and(|rest| rest.starts_with(what)) {
            return Some(found);
        }
        at = found + 1;
    }
}
