//! Resources of FHIR DSTU2 (1.0.2) as R4: what hospitals gave out before they had R4, and phones still hold.
//!
//! An element goes where R4 has it. What R4 has no element for goes into the extension that FHIR defines for elements of
//! other versions (<https://hl7.org/fhir/R4/versions.html#extensions>). A resource with anything else in it, or with a code
//! that R4 does not have, is not converted: half a statement could be a wrong one.

mod kinds;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::{
    convert::Resource,
    json::{Json, Node, parse_members},
    terminology::UCUM,
};
use kinds::{KINDS, Kind};

/// The deepest nesting of a resource that is converted.
const DEPTH: usize = 32;
/// The stem of the extensions for elements of DSTU2.
const EXTENSION: &str = "http://hl7.org/fhir/1.0/StructureDefinition/extension-";

/// What becomes of an element.
#[derive(Debug, Clone, Copy)]
enum To {
    /// It stays as it is.
    Same,
    /// It has another name.
    Named(&'static str),
    /// It has another name, perhaps, and may be there several times.
    List(&'static str),
    /// It may be there once only; several are not converted.
    Single(&'static str),
    /// A text, which is an Annotation in R4.
    Note(&'static str),
    /// A code of other values: those of DSTU2 and what R4 has for them.
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
    /// R4 has no element for it: kept in an extension, as this value.
    Kept(&'static str),
    /// The same, with parts of its own: their names and values.
    KeptParts(&'static [(&'static str, &'static str)]),
    /// The kind's own function looks after it.
    Own,
}

/// An element by its name in DSTU2.
#[derive(Debug)]
struct Element(&'static str, To);

/// The resource in R4, with the same id. `None` if it is of a kind that is not known here, or has anything in it that
/// cannot be said in R4.
pub(crate) fn to_r4(resource: Resource) -> Option<Resource> {
    let mut resource = Value::Object(resource);
    remove_comments(&mut resource, 0)?;
    let mut out = Value::Object(converted(resource, true)?);
    rename(&mut out, 0)?;
    match out {
        Value::Object(out) => Some(out),
        _ => None,
    }
}

/// Comments of the file and not of the resource (<https://hl7.org/fhir/DSTU2/json.html>), which R4 does not have. `None` below the
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
fn converted(resource: Value, outermost: bool) -> Option<Resource> {
    let Value::Object(mut rest) = resource else { return None };
    let named = rest.remove("resourceType")?;
    let kind: &Kind = KINDS.iter().find(|kind| named == kind.dstu2)?;
    let mut out = Map::new();
    out.insert("resourceType".to_owned(), kind.r4.into());
    for shared in ["id", "implicitRules", "language", "text"] {
        if let Some(value) = rest.remove(shared) {
            out.insert(shared.to_owned(), value);
        }
    }
    // What the resource claims to conform to are profiles of DSTU2.
    if let Some(Value::Object(mut meta)) = rest.remove("meta") {
        meta.remove("profile");
        if !meta.is_empty() {
            out.insert("meta".to_owned(), Value::Object(meta));
        }
    }
    match rest.remove("contained") {
        None => {}
        Some(Value::Array(items)) if outermost => {
            let items: Option<Vec<Value>> =
                items.into_iter().map(|item| converted(item, false).map(Value::Object)).collect();
            out.insert("contained".to_owned(), Value::Array(items?));
        }
        Some(_) => return None,
    }
    let elements = moved(&rest, kind.elements, kind.dstu2)?;
    out.extend(elements);
    (kind.finish)(&rest, &mut out)?;
    Some(out)
}

/// The elements of an object in their places in R4.
fn moved(from: &Resource, elements: &[Element], path: &str) -> Option<Resource> {
    let mut out = Map::new();
    let mut kept = Vec::new();
    for (name, value) in from {
        // What an element says of itself: its id and extensions.
        if let Some(bare) = name.strip_prefix('_') {
            let to = match find(elements, bare)? {
                To::Same => bare,
                To::Named(to) => to,
                _ => return None,
            };
            out.insert(format!("_{to}"), value.clone());
            continue;
        }
        if matches!(name.as_str(), "id" | "extension" | "modifierExtension") {
            out.insert(name.clone(), value.clone());
            continue;
        }
        let path = format!("{path}.{name}");
        match find(elements, name)? {
            To::Own => {}
            To::Same => put(&mut out, name, value.clone())?,
            To::Named(to) => put(&mut out, to, value.clone())?,
            To::List(to) => put(&mut out, to, Value::Array(list(value)))?,
            To::Single(to) => put(&mut out, to, single(value)?)?,
            To::Note(to) => put(&mut out, to, json!([{ "text": value.as_str()? }]))?,
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

fn find(elements: &[Element], name: &str) -> Option<To> {
    elements.iter().find(|Element(known, _)| *known == name).map(|Element(_, to)| *to)
}

/// Adds an element; two that would have one name are not converted.
fn put(out: &mut Resource, name: &str, value: Value) -> Option<()> {
    out.insert(name.to_owned(), value).is_none().then_some(())
}

/// Adds extensions to those that are there.
fn keep(out: &mut Resource, kept: Vec<Value>) -> Option<()> {
    if !kept.is_empty() {
        out.entry("extension").or_insert_with(|| json!([])).as_array_mut()?.extend(kept);
    }
    Some(())
}

/// An element of DSTU2 as an extension.
fn extension(path: &str, kind: &str, value: &Value) -> Value {
    let mut out = Map::new();
    out.insert("url".to_owned(), format!("{EXTENSION}{path}").into());
    out.insert(kind.to_owned(), value.clone());
    Value::Object(out)
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
    codes.iter().find(|(dstu2, _)| *dstu2 == code).map(|(_, r4)| *r4)
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
    ];
    let mut parts: Vec<&str> = url.split('/').collect();
    let end = parts.iter().rposition(|part| *part == "_history").unwrap_or(parts.len());
    let kind = parts.get_mut(end.checked_sub(2)?)?;
    *kind = NOW.iter().find(|(known, _)| known == kind)?.1;
    Some(parts.join("/"))
}

/// How an element is in DSTU2.
type Shape = fn(&Node<'_>) -> bool;

/// Elements that are as neither STU3 nor R4 has them (<https://hl7.org/fhir/STU3/diff.html>): the kind, the element, and how it
/// is in DSTU2.
const SIGNS: &[(&str, &str, Shape)] = &[
    ("AllergyIntolerance", "substance", is_there),
    ("Condition", "patient", is_there),
    ("DiagnosticOrder", "resourceType", is_there),
    ("DiagnosticReport", "performer", is_object),
    ("Encounter", "class", is_text),
    ("Encounter", "patient", is_there),
    ("Immunization", "reported", is_there),
    ("Immunization", "wasNotGiven", is_there),
    ("Medication", "product", is_there),
    ("MedicationDispense", "patient", is_there),
    ("MedicationOrder", "resourceType", is_there),
    ("MedicationStatement", "patient", is_there),
    ("MedicationStatement", "wasNotTaken", is_there),
    ("Observation", "category", is_object),
    ("Observation", "comments", is_there),
    ("Patient", "careProvider", is_there),
    ("Patient", "name", has_parted_family),
    ("Practitioner", "name", is_object),
    ("Practitioner", "name", has_parted_family),
    ("Practitioner", "practitionerRole", is_there),
    ("Procedure", "notPerformed", is_there),
    ("Procedure", "notes", is_there),
];

fn is_there(_: &Node<'_>) -> bool {
    true
}

fn is_object(value: &Node<'_>) -> bool {
    matches!(value, Node::Object(_))
}

fn is_text(value: &Node<'_>) -> bool {
    value.text().is_some()
}

fn has_parted_family(names: &Node<'_>) -> bool {
    let is_parted = |name: &Node<'_>| matches!(name.member("family"), Some(Node::List(_)));
    is_parted(names) || names.items().iter().any(is_parted)
}

/// Whether a resource is in DSTU2, by one of its [`SIGNS`].
pub(crate) fn is_shown_by(resource: &[u8]) -> bool {
    let may_tell = |name: &str| name == "resourceType" || SIGNS.iter().any(|(_, element, _)| *element == name);
    let Ok(text) = std::str::from_utf8(resource) else { return false };
    let Ok(resource) = parse_members(text, may_tell) else { return false };
    let kind = resource.member("resourceType").and_then(Json::text).unwrap_or_default();
    SIGNS.iter().any(|(of, element, is_old)| *of == kind && resource.member(element).is_some_and(is_old))
}

/// The name of a code system that HL7 moved: <https://terminology.hl7.org> has those that were part of FHIR.
fn system_now(system: &str) -> Option<String> {
    const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem/";
    let name = system.strip_prefix("http://hl7.org/fhir/")?;
    if let Some(table) = name.strip_prefix("v2/").filter(|table| table.len() == 4) {
        return Some(format!("{TERMINOLOGY}v2-{table}"));
    }
    if let Some(of_v3) = name.strip_prefix("v3/") {
        return Some(format!("{TERMINOLOGY}v3-{of_v3}"));
    }
    let moved = match name {
        "marital-status" => "v3-MaritalStatus",
        "observation-category"
        | "condition-category"
        | "data-absent-reason"
        | "diagnostic-order-priority"
        | "organization-type"
        | "referencerange-meaning" => name,
        _ => return None,
    };
    Some(format!("{TERMINOLOGY}{moved}"))
}
