//! Resources of FHIR DSTU2 (1.0.2) and STU3 (3.0) as R4: what hospitals gave out before they had R4, and phones, portals and
//! whole countries still do.
//!
//! An element goes where R4 has it. What R4 has no element for goes into the extension that FHIR defines for elements of
//! other versions (<https://hl7.org/fhir/R4/versions.html#extensions>). A resource with anything else in it, or with a code
//! that R4 does not have, is not converted: half a statement could be a wrong one.

mod dstu2;
mod shared;
mod signs;
mod stu3;

#[cfg(test)]
pub(crate) mod tests;

use serde_json::{Map, Value, json};

use crate::{convert::Resource, terminology::UCUM};
pub(crate) use signs::{Shown, Version};

/// The deepest nesting of a resource that is converted.
const DEPTH: usize = 32;

/// A kind of resource in a version before R4.
struct Kind {
    /// Its name in that version.
    old: &'static str,
    /// Its name in R4.
    r4: &'static str,
    elements: &'static [Element],
    /// What is more than an element by itself: from the resource as it was, without what all kinds share.
    finish: fn(&Resource, &mut Resource) -> Option<()>,
}

/// What becomes of an element.
#[derive(Debug, Clone, Copy)]
enum To {
    /// It has another name.
    Named(&'static str),
    /// It has another name, perhaps, and may be there several times.
    List(&'static str),
    /// It may be there once only; several are not converted.
    Single(&'static str),
    /// A text, which is an Annotation in R4.
    Note(&'static str),
    /// A text, which is a CodeableConcept in R4.
    Concept(&'static str),
    /// A code of other values: the old ones and what R4 has for them.
    Code(&'static str, &'static [(&'static str, &'static str)]),
    /// A Quantity, which is an Age in R4. An Age has a unit of time; anything else is kept.
    Age(&'static str),
    /// A name or several: a family name is one text in R4.
    Names(&'static str),
    /// Elements inside it change.
    Within(&'static str, &'static [Element]),
    /// The same, and it may be there several times.
    WithinList(&'static str, &'static [Element]),
    /// It stands under that name in the first item of a list.
    Inside(&'static str, &'static str),
    /// What it has under the second name takes its place; what else it has is moved into that.
    Instead(&'static str, &'static str, &'static [Element]),
    /// A reference to an Encounter; one to an EpisodeOfCare, of which R4 does not know there, is kept.
    Encounter,
    /// R4 has no element for it: kept in an extension, as this value.
    Kept(&'static str),
    /// The same, with parts of its own: their names and values.
    KeptParts(&'static [(&'static str, &'static str)]),
    /// The kind's own function looks after it.
    Own,
    /// The same, and after what the element says of itself (its id and extensions).
    OwnCode,
}

/// What becomes of elements, by their names in the old version.
#[derive(Debug)]
enum Element {
    /// They stay as they are: their names, parted by spaces.
    Same(&'static str),
    /// This one changes.
    Changed(&'static str, To),
}

/// The resource of that version in R4, with the same id; the very same if R4 has it so. `None` if it is of a kind that is not
/// known here, or has anything in it that cannot be said in R4.
pub(crate) fn to_r4(version: Version, resource: Resource) -> Option<Resource> {
    let mut old = Value::Object(resource);
    remove_comments(&mut old, 0)?;
    let mut made = converted(version, &old, true)?;
    made.values_mut().try_for_each(|value| rename(value, 0))?;
    if old.as_object() != Some(&made) {
        remove_profiles(&mut made);
    }
    Some(made)
}

/// Comments of the file and not of the resource (<https://hl7.org/fhir/DSTU2/json.html>), which only DSTU2 has. `None` below the
/// deepest nesting.
fn remove_comments(value: &mut Value, depth: usize) -> Option<()> {
    const COMMENTS: &str = "fhir_comments";
    if depth > DEPTH {
        return None;
    }
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| remove_comments(item, depth + 1)),
        Value::Object(members) => {
            let only_comments = |value: &Value| {
                value.as_object().is_some_and(|members| members.len() == 1 && members.contains_key(COMMENTS))
            };
            members.retain(|name, member| name != COMMENTS && !(name.starts_with('_') && only_comments(member)));
            members.values_mut().try_for_each(|member| remove_comments(member, depth + 1))
        }
        _ => Some(()),
    }
}

/// Contained resources contain none.
fn converted(version: Version, resource: &Value, outermost: bool) -> Option<Resource> {
    let mut rest = resource.as_object()?.clone();
    let named = rest.remove("resourceType")?;
    let kind = version.kinds().iter().find(|kind| named == kind.old)?;
    let mut out = Map::new();
    out.insert("resourceType".to_owned(), kind.r4.into());
    for shared in ["id", "meta", "implicitRules", "language", "text"] {
        if let Some(value) = rest.remove(shared) {
            out.insert(shared.to_owned(), value);
        }
    }
    match rest.remove("contained") {
        None => {}
        Some(Value::Array(items)) if outermost => {
            let items: Option<Vec<Value>> =
                items.iter().map(|item| converted(version, item, false).map(Value::Object)).collect();
            out.insert("contained".to_owned(), Value::Array(items?));
        }
        Some(_) => return None,
    }
    let elements = moved(&rest, kind.elements, &format!("{}{}", version.extension(), kind.old))?;
    out.extend(elements);
    (kind.finish)(&rest, &mut out)?;
    Some(out)
}

/// Claims to conform to profiles of the old version.
fn remove_profiles(resource: &mut Resource) {
    if let Some(Value::Object(meta)) = resource.get_mut("meta") {
        meta.remove("profile");
        if meta.is_empty() {
            resource.remove("meta");
        }
    }
    if let Some(Value::Array(contained)) = resource.get_mut("contained") {
        contained.iter_mut().filter_map(Value::as_object_mut).for_each(remove_profiles);
    }
}

/// The elements of an object in their places in R4. `path` is the URL of the extension for the object itself.
fn moved(from: &Resource, elements: &[Element], path: &str) -> Option<Resource> {
    let mut out = Map::new();
    let mut kept = Vec::new();
    for (name, value) in from {
        // What an element says of itself: its id and extensions.
        if let Some(bare) = name.strip_prefix('_') {
            let to = match find(elements, bare)? {
                None => bare,
                Some(To::Named(to) | To::Code(to, _)) => to,
                Some(To::OwnCode) => continue,
                Some(_) => return None,
            };
            put(&mut out, &format!("_{to}"), value.clone())?;
            continue;
        }
        if matches!(name.as_str(), "id" | "extension" | "modifierExtension") {
            out.insert(name.clone(), value.clone());
            continue;
        }
        let path = format!("{path}.{name}");
        let Some(to) = find(elements, name)? else {
            put(&mut out, name, value.clone())?;
            continue;
        };
        match to {
            To::Own | To::OwnCode => {}
            To::Named(to) => put(&mut out, to, value.clone())?,
            To::List(to) => put(&mut out, to, Value::Array(list(value)))?,
            To::Single(to) => put(&mut out, to, single(value)?)?,
            To::Note(to) => put(&mut out, to, json!([{ "text": value.as_str()? }]))?,
            To::Concept(to) => put(&mut out, to, json!({ "text": value.as_str()? }))?,
            To::Code(to, codes) => put(&mut out, to, translated(value, codes)?.into())?,
            To::Age(to) if is_age(value) => put(&mut out, to, value.clone())?,
            To::Age(_) => kept.push(extension(&path, "valueQuantity", value)),
            To::Names(to) => put(&mut out, to, names(value)?)?,
            To::Within(to, elements) => put(&mut out, to, within(value, elements, &path)?)?,
            To::WithinList(to, elements) => {
                put(&mut out, to, within(&Value::Array(list(value)), elements, &path)?)?;
            }
            To::Inside(outer, inner) => {
                let items = out.entry(outer).or_insert_with(|| json!([{}]));
                put(items.as_array_mut()?.first_mut()?.as_object_mut()?, inner, value.clone())?;
            }
            To::Instead(to, inner, others) => put(&mut out, to, instead(value, inner, others, &path)?)?,
            To::Encounter if is_episode(value) => kept.push(extension(&path, "valueReference", value)),
            To::Encounter => put(&mut out, "encounter", value.clone())?,
            To::Kept(kind) => kept.extend(list(value).iter().map(|item| extension(&path, kind, item))),
            To::KeptParts(parts) => {
                for item in list(value) {
                    kept.push(extension(&path, "extension", &parted(&item, parts)?));
                }
            }
        }
    }
    keep(&mut out, kept)?;
    Some(out)
}

/// What becomes of an element, if it changes; `None` if it is not known.
fn find(elements: &[Element], name: &str) -> Option<Option<To>> {
    elements.iter().find_map(|element| match element {
        Element::Same(names) => names.split(' ').any(|known| known == name).then_some(None),
        Element::Changed(known, to) => (*known == name).then_some(Some(*to)),
    })
}

/// Adds an element; two that would have one name are not converted.
fn put(out: &mut Resource, name: &str, value: Value) -> Option<()> {
    out.insert(name.to_owned(), value).is_none().then_some(())
}

/// Adds elements, and their extensions to those that are there.
fn put_all(out: &mut Resource, elements: Resource) -> Option<()> {
    elements.into_iter().try_for_each(|(name, value)| match value {
        Value::Array(extensions) if name == "extension" => keep(out, extensions),
        value => put(out, &name, value),
    })
}

/// Adds extensions to those that are there.
fn keep(out: &mut Resource, kept: Vec<Value>) -> Option<()> {
    if !kept.is_empty() {
        out.entry("extension").or_insert_with(|| json!([])).as_array_mut()?.extend(kept);
    }
    Some(())
}

/// An element that R4 does not have as the extension of this URL.
fn extension(url: &str, kind: &str, value: &Value) -> Value {
    json!({ "url": url, kind: value })
}

/// The parts of an element as extensions inside its own.
fn parted(value: &Value, parts: &[(&str, &str)]) -> Option<Value> {
    let mut out = Vec::new();
    for (name, part) in value.as_object()? {
        let (_, kind) = parts.iter().find(|(known, _)| known == name)?;
        out.extend(list(part).iter().map(|item| json!({ "url": name, *kind: item })));
    }
    Some(Value::Array(out))
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn single(value: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => match items.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        },
        one => Some(one.clone()),
    }
}

fn translated(value: &Value, codes: &[(&str, &'static str)]) -> Option<&'static str> {
    let code = value.as_str()?;
    codes.iter().find(|(old, _)| *old == code).map(|(_, r4)| *r4)
}

/// Whether a Quantity can be an Age: it is in one of UCUM's units of time.
fn is_age(value: &Value) -> bool {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let is_time = text("code").is_some_and(|code| matches!(code, "a" | "mo" | "wk" | "d" | "h" | "min"));
    is_time && text("system") == Some(UCUM)
}

fn within(value: &Value, elements: &[Element], path: &str) -> Option<Value> {
    match value {
        Value::Object(members) => Some(Value::Object(moved(members, elements, path)?)),
        Value::Array(items) => {
            items.iter().map(|item| Some(Value::Object(moved(item.as_object()?, elements, path)?))).collect()
        }
        _ => None,
    }
}

/// What objects have under the name `inner`, with their other elements in it.
fn instead(value: &Value, inner: &str, others: &[Element], path: &str) -> Option<Value> {
    match value {
        Value::Array(items) => items.iter().map(|item| instead(item, inner, others, path)).collect(),
        Value::Object(members) => {
            let mut rest = members.clone();
            let mut out = match rest.remove(inner) {
                Some(Value::Object(out)) => out,
                Some(_) => return None,
                None => Map::new(),
            };
            put_all(&mut out, moved(&rest, others, path)?)?;
            Some(Value::Object(out))
        }
        _ => None,
    }
}

/// Whether a reference is to an EpisodeOfCare.
fn is_episode(reference: &Value) -> bool {
    let url = reference.get("reference").and_then(Value::as_str);
    url.is_some_and(|url| url.split('/').any(|part| part == "EpisodeOfCare"))
}

/// HumanNames: the parts of a family name in one text.
fn names(value: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => items.iter().map(names).collect(),
        Value::Object(name) => {
            let mut name = name.clone();
            if name.contains_key("_family") {
                return None;
            }
            if let Some(Value::Array(parts)) = name.get("family") {
                let parts = parts.iter().map(Value::as_str).collect::<Option<Vec<&str>>>()?;
                name.insert("family".to_owned(), parts.join(" ").into());
            }
            Some(Value::Object(name))
        }
        _ => None,
    }
}

/// Gives code systems and referred kinds the names that they have now. `None` below the deepest nesting.
fn rename(value: &mut Value, depth: usize) -> Option<()> {
    if depth > DEPTH {
        return None;
    }
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| rename(item, depth + 1)),
        Value::Object(members) => members.iter_mut().try_for_each(|(name, member)| {
            let now = match (name.as_str(), &*member) {
                ("system", Value::String(system)) => system_now(system),
                ("reference", Value::String(reference)) => url_now(reference),
                _ => return rename(member, depth + 1),
            };
            if let Some(now) = now {
                *member = now.into();
            }
            Some(())
        }),
        _ => Some(()),
    }
}

/// Where a resource is now whose kind R4 has under another name: its reference or URL, `[base/]kind/id[/_history/version]`.
pub(crate) fn url_now(url: &str) -> Option<String> {
    const NOW: &[(&str, &str)] = &[
        ("MedicationOrder", "MedicationRequest"),
        ("DiagnosticOrder", "ServiceRequest"),
        ("ProcedureRequest", "ServiceRequest"),
        ("ReferralRequest", "ServiceRequest"),
        ("DeviceUseRequest", "DeviceRequest"),
        ("BodySite", "BodyStructure"),
        ("Sequence", "MolecularSequence"),
    ];
    let mut parts: Vec<&str> = url.split('/').collect();
    let end = parts.iter().rposition(|part| *part == "_history").unwrap_or(parts.len());
    let kind = parts.get_mut(end.checked_sub(2)?)?;
    *kind = NOW.iter().find(|(known, _)| known == kind)?.1;
    Some(parts.join("/"))
}

/// The name of a code system that HL7 moved: <https://terminology.hl7.org> has those that were part of FHIR.
fn system_now(system: &str) -> Option<String> {
    const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem/";
    /// Those of the kinds that are converted, as R4's definitions name them.
    const MOVED: &[&str] = &[
        "admit-source",
        "condition-category",
        "contactentity-type",
        "coverage-selfpay",
        "data-absent-reason",
        "diagnosis-role",
        "diagnostic-order-priority",
        "diet",
        "discharge-disposition",
        "encounter-special-arrangements",
        "encounter-type",
        "entformula-additive",
        "episodeofcare-type",
        "flag-category",
        "goal-category",
        "goal-priority",
        "immunization-origin",
        "list-empty-reason",
        "list-example-use-codes",
        "list-order",
        "location-physical-type",
        "medication-admin-category",
        "medication-statement-category",
        "observation-category",
        "organization-type",
        "participant-type",
        "practitioner-role",
        "reason-medication-given",
        "referencerange-meaning",
        "service-category",
        "service-type",
        "special-values",
    ];
    let name = system.strip_prefix("http://hl7.org/fhir/")?;
    if let Some(table) = name.strip_prefix("v2/").filter(|table| table.len() == 4) {
        return Some(format!("{TERMINOLOGY}v2-{table}"));
    }
    if let Some(of_v3) = name.strip_prefix("v3/") {
        return Some(format!("{TERMINOLOGY}v3-{of_v3}"));
    }
    let moved = match name {
        "marital-status" => "v3-MaritalStatus",
        name => MOVED.iter().find(|moved| **moved == name)?,
    };
    Some(format!("{TERMINOLOGY}{moved}"))
}
