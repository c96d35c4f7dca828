//! Resources within JSON that is not FHIR: what a portal or a program of its own wrapped around them.

use std::ops::Range;

use super::{Fault, HOPELESS, Scan, Slot, TYPE, string};
use crate::{
    import::is_type_name,
    index::{clip, is_known},
};

/// How many objects and arrays may lie around a resource.
const LEVELS: usize = 8;

/// The resources in a value that is none itself, each with its place in the value. What lies in a resource is the resource's
/// own; an object with `contained` resources has lost its type and is no wrapper of theirs. Other programs speak of a
/// `resourceType`, too: where no type is one of a health record's, there is none.
pub(super) fn resources(bytes: &[u8], value: Range<usize>, most: usize) -> Result<Vec<Slot>, Fault> {
    let mut search = Search { found: Vec::new(), most, any_known: false };
    let mut scan =
        Scan { bytes: bytes.get(..value.end).unwrap_or_default(), at: value.start, limit: usize::MAX / HOPELESS };
    search.value(&mut scan, String::new(), 0)?;
    Ok(if search.any_known { search.found } else { Vec::new() })
}

struct Search {
    found: Vec<Slot>,
    most: usize,
    any_known: bool,
}

impl Search {
    /// Moves past a value and takes in what is found in it; answers how deep it is nested.
    fn value(&mut self, scan: &mut Scan<'_>, path: String, level: usize) -> Result<usize, Fault> {
        match scan.peek()? {
            b'{' | b'[' if level == LEVELS => scan.value(),
            b'{' => self.object(scan, path, level),
            b'[' => {
                let (mut position, mut depth) = (0, 0);
                scan.array(usize::MAX, |scan| {
                    depth = depth.max(self.value(scan, format!("{path}[{position}]"), level + 1)?);
                    position += 1;
                    Ok(())
                })?;
                Ok(depth + 1)
            }
            _ => scan.value(),
        }
    }

    fn object(&mut self, scan: &mut Scan<'_>, path: String, level: usize) -> Result<usize, Fault> {
        let (start, before) = (scan.at, self.found.len());
        let (mut depth, mut resource_type, mut full_url, mut entry) = (0, None, None, before..before);
        scan.object(|scan, name| {
            let (from, found) = (scan.at, self.found.len());
            depth = depth.max(match (name, scan.peek()?) {
                (b"\"contained\"", _) => scan.value()?,
                (_, b'{' | b'[') => self.value(scan, format!("{path}.{}", unquoted(name)), level + 1)?,
                _ => scan.value()?,
            });
            match name {
                TYPE => resource_type = string(scan.bytes, from..scan.at),
                b"\"fullUrl\"" => full_url = Some(from..scan.at),
                b"\"resource\"" => entry = found..self.found.len(),
                _ => {}
            }
            Ok(())
        })?;
        depth += 1;
        if let Some(name) = resource_type.filter(|name| is_type_name(name)) {
            self.any_known |= is_known(&name);
            self.found.truncate(before);
            if self.found.len() == self.most {
                return Err(Fault::TooMany);
            }
            let within = Some(path.into_boxed_str());
            self.found.push(Slot { resource: Some(start..scan.at), depth, within, ..Slot::default() });
        } else if let Some([only]) = self.found.get_mut(entry) {
            only.full_url = full_url;
        }
        Ok(depth)
    }
}

/// A member's name as a place shows it.
fn unquoted(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    clip(name.trim_matches('"'), 64).to_owned()
}
