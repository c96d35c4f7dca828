//! Files in FHIR DSTU2 and STU3: what R4 can say of their resources is written behind the file's own bytes, in R4, and read from
//! there.

use std::ops::Range;

use serde_json::Value;

use super::{
    Limits,
    split::{Slot, Split, depth_of},
};
use crate::older::{self, Shown, Version};

/// So many resources of a file are looked at for a sign of its version.
const LOOKED_AT: usize = 200;

/// The older version that more of a file's first resources show than show another one or R4.
pub(super) fn version(bytes: &[u8], split: &Split) -> Option<Version> {
    let looked_at = split.slots.iter().filter_map(|slot| bytes.get(slot.resource.clone()?)).take(LOOKED_AT);
    let shown: Vec<Shown> = looked_at.filter_map(Shown::by).collect();
    let count = |one: Shown| shown.iter().filter(|shown| **shown == one).count();
    let older = [Version::Dstu2, Version::Stu3].map(|version| (count(Shown::Older(version)), version));
    let (most, version) = older.into_iter().max_by_key(|(count, _)| *count)?;
    (most > count(Shown::R4)).then_some(version)
}

/// Converts the resources of a file in that version; whether there was any to convert. Those that R4 has
/// in the same way or cannot say stay as they are, and so does what would make the file more than twice as large as the limit.
pub(super) fn to_r4(version: Version, bytes: &mut Vec<u8>, split: &mut Split, limits: &Limits) -> bool {
    let mut is_any = false;
    for slot in &mut split.slots {
        if bytes.len() as u64 > limits.inflated_bytes.saturating_mul(2) {
            break;
        }
        is_any |= convert(version, bytes, slot, limits).is_some();
    }
    is_any
}

fn convert(version: Version, bytes: &mut Vec<u8>, slot: &mut Slot, limits: &Limits) -> Option<()> {
    let range = slot.resource.clone().filter(|range| slot.fault.is_none() && range.len() <= limits.entry_bytes)?;
    let Ok(Value::Object(resource)) = serde_json::from_slice(bytes.get(range)?) else { return None };
    let made = older::to_r4(version, resource.clone()).filter(|made| *made != resource)?;
    let made = append(bytes, &Value::Object(made))?;
    slot.depth = depth_of(bytes.get(made.clone())?);
    slot.resource = Some(made);
    // Other resources refer to it by the name that its kind has now.
    let full_url = slot.full_url.clone().and_then(|range| serde_json::from_slice::<String>(bytes.get(range)?).ok());
    if let Some(now) = full_url.as_deref().and_then(older::url_now) {
        slot.full_url = append(bytes, &now.into());
    }
    Some(())
}

/// Where the value stands now.
fn append(bytes: &mut Vec<u8>, value: &Value) -> Option<Range<usize>> {
    let from = bytes.len();
    if serde_json::to_writer(&mut *bytes, value).is_err() {
        bytes.truncate(from);
        return None;
    }
    Some(from..bytes.len())
}
