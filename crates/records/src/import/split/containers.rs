//! Resources that hold others: the entries of a Bundle inside a Bundle, and what Parameters carry, are entries of their
//! own.

use super::{Fault, Scan, Slot, dated, type_of};
use crate::{
    Error, Result,
    import::{Limits, SkipReason},
};

/// How many Bundles may lie in one another before the innermost is not looked into.
const LEVELS: usize = 8;

/// Puts in the place of each slot that is a Bundle, or Parameters with resources, the slots of what it holds.
pub(super) fn open(bytes: &[u8], slots: Vec<Slot>, limits: &Limits) -> Result<Vec<Slot>> {
    let mut opened = Vec::with_capacity(slots.len());
    for slot in slots {
        one(bytes, slot, 0, limits, &mut opened)?;
    }
    Ok(opened)
}

fn one(bytes: &[u8], slot: Slot, level: usize, limits: &Limits, out: &mut Vec<Slot>) -> Result<()> {
    let inner = match container(bytes, &slot) {
        None => None,
        Some(_) if level == LEVELS => {
            out.push(Slot { fault: Some(SkipReason::TooDeep { limit: LEVELS }), ..slot });
            return Ok(());
        }
        Some(container) => contents(bytes, &slot, container, limits),
    };
    match inner {
        None => out.push(slot),
        Some(inner) => {
            for slot in inner {
                one(bytes, slot, level + 1, limits, out)?;
            }
        }
    }
    if out.len() > limits.entries {
        return Err(Error::TooManyEntries { limit: limits.entries });
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Bundle,
    Parameters,
}

/// What kind of container a slot's resource is, by its type where that stands first, else by a closer look.
fn container(bytes: &[u8], slot: &Slot) -> Option<Container> {
    if slot.fault.is_some() {
        return None;
    }
    let resource = bytes.get(slot.resource.clone()?)?;
    if resource.first() != Some(&b'{') {
        return None;
    }
    match type_of(resource)?.as_str() {
        "Bundle" => Some(Container::Bundle),
        "Parameters" => Some(Container::Parameters),
        _ => None,
    }
}

/// The slots of what a container holds; `None` where it is better taken as a whole: Parameters without resources, and
/// what does not parse.
fn contents(bytes: &[u8], slot: &Slot, container: Container, limits: &Limits) -> Option<Vec<Slot>> {
    let range = slot.resource.clone()?;
    // The scan sees the file up to the container's end, so that places are those of the file.
    let mut scan = Scan { bytes: bytes.get(..range.end)?, at: range.start, limit: limits.depth };
    let mut found: Vec<(String, Slot)> = Vec::new();
    let most = limits.entries;
    let mut timestamp = None;
    let whole = scan.object(|scan, name| match (container, name) {
        (Container::Bundle, b"\"timestamp\"") => {
            let from = scan.at;
            scan.value()?;
            timestamp = Some(from..scan.at);
            Ok(())
        }
        (Container::Bundle, b"\"entry\"") if matches!(scan.peek()?, b'[' | b'{') => {
            let inner = if scan.peek()? == b'[' { scan.array(most, Scan::entry)? } else { vec![scan.entry()?] };
            for inner in inner {
                let resource = if inner.resource.is_some() { ".resource" } else { "" };
                found.push((format!(".entry[{}]{resource}", found.len()), inner));
            }
            Ok(())
        }
        (Container::Parameters, b"\"parameter\"") => parameters(scan, ".parameter", 0, most, &mut found),
        _ => scan.value().map(drop),
    });
    if whole.is_err() {
        return None;
    }
    if found.is_empty() {
        return match container {
            Container::Parameters => None,
            Container::Bundle => Some(vec![Slot { fault: Some(SkipReason::NoResource), ..slot.clone() }]),
        };
    }
    // Parameters are as old as what they lie in.
    let own = match container {
        Container::Bundle => dated(bytes, timestamp, found.first().map(|(_, first)| first)),
        Container::Parameters => None,
    };
    let as_of = |inner: &Slot| inner.told.as_ref().and_then(|told| told.modified).or(own).or(slot.as_of);
    let before = slot.within.as_deref().unwrap_or_default();
    let placed = found.into_iter().map(|(path, inner)| Slot {
        position: slot.position,
        line: slot.line,
        has_resource: slot.has_resource,
        within: Some(format!("{before}{path}").into_boxed_str()),
        as_of: as_of(&inner),
        ..inner
    });
    Some(placed.collect())
}

/// The resources in `Parameters.parameter` and, a few levels down, in `part`.
fn parameters(
    scan: &mut Scan<'_>,
    path: &str,
    level: usize,
    most: usize,
    found: &mut Vec<(String, Slot)>,
) -> std::result::Result<(), Fault> {
    if scan.peek()? != b'[' || level == LEVELS {
        return scan.value().map(drop);
    }
    let mut position = 0;
    scan.array(most, |scan| {
        let here = format!("{path}[{position}]");
        position += 1;
        if scan.peek()? != b'{' {
            return scan.value().map(drop);
        }
        scan.object(|scan, name| {
            let from = scan.at;
            match name {
                b"\"resource\"" => {
                    let depth = scan.value()?;
                    let slot = Slot { resource: Some(from..scan.at), depth, ..Slot::default() };
                    found.push((format!("{here}.resource"), slot));
                    Ok(())
                }
                b"\"part\"" => parameters(scan, &format!("{here}.part"), level + 1, most, found),
                _ => scan.value().map(drop),
            }
        })
    })
    .map(drop)
}
