//! Tests of the summary's rules that are more than a line of a table.

use serde_json::Value;

use crate::{
    display::narrative_text,
    json::Json,
    outgoing::is_replaced,
    rules::{
        bundle::Opened,
        engine::{has_code, has_coding, is_instant},
        path::Found,
    },
    sections::{SECTIONS, SectionSpec, stands_once},
};

fn only(fault: bool, path: &str) -> Vec<String> {
    if fault { vec![path.to_owned()] } else { Vec::new() }
}

pub(super) fn is_document(_: &Opened<'_>, bundle: &Found<'_>) -> Vec<String> {
    only(bundle.value.text_at(&["type"]) != Some("document"), "Bundle.type")
}

pub(super) fn bdl_9(_: &Opened<'_>, bundle: &Found<'_>) -> Vec<String> {
    let lacks = |found: &Found<'_>| !found.has("system") || !found.has("value");
    bundle.select("identifier").into_iter().filter(lacks).map(|found| found.path).collect()
}

pub(super) fn bdl_10(_: &Opened<'_>, bundle: &Found<'_>) -> Vec<String> {
    let said = |value: &Value| value.as_str().is_some_and(is_instant);
    let there = bundle.value.member("timestamp").or_else(|| bundle.value.member("_timestamp"));
    only(there.is_some_and(|value| !said(value)), "Bundle.timestamp")
}

pub(super) fn bdl_8(_: &Opened<'_>, entry: &Found<'_>) -> Vec<String> {
    let versioned = entry.value.text_at(&["fullUrl"]).is_some_and(|url| url.contains("/_history/"));
    only(versioned, &format!("{}.fullUrl", entry.path))
}

pub(super) fn bdl_11(opened: &Opened<'_>, _: &Found<'_>) -> Vec<String> {
    only(opened.composition().is_none(), "Bundle.entry[0]")
}

pub(super) fn bdl_ips_1(opened: &Opened<'_>, _: &Found<'_>) -> Vec<String> {
    let first = opened.entries.first().and_then(|entry| entry.value.member("resource"));
    let is_first = |found: &Found<'_>| first.is_some_and(|first| std::ptr::eq(first, found.value));
    opened.of_type("Composition").filter(|found| !is_first(found)).map(|found| found.path).collect()
}

pub(super) fn one_patient(opened: &Opened<'_>, _: &Found<'_>) -> Vec<String> {
    only(opened.of_type("Patient").count() != 1, "Bundle.entry")
}

fn dangling<'v>(opened: &Opened<'v>, resource: &Found<'v>) -> Vec<String> {
    let mut references = Vec::new();
    Opened::references(resource, &mut references);
    let lost = references.into_iter().filter(|found| opened.resolve(found.value, resource.value).is_none());
    lost.map(|found| found.path).collect()
}

pub(super) fn composition_references<'v>(opened: &Opened<'v>, composition: &Found<'v>) -> Vec<String> {
    dangling(opened, composition)
}

pub(super) fn other_references<'v>(opened: &Opened<'v>, _: &Found<'v>) -> Vec<String> {
    let composition = opened.composition();
    let is_composition =
        |found: &Found<'v>| composition.as_ref().is_some_and(|first| std::ptr::eq(first.value, found.value));
    opened.resources().filter(|found| !is_composition(found)).flat_map(|found| dangling(opened, &found)).collect()
}

/// References that find their entry only because its type and id are theirs.
pub(super) fn misaddressed<'v>(opened: &Opened<'v>, _: &Found<'v>) -> Vec<String> {
    let mut faults = Vec::new();
    for resource in opened.resources() {
        let mut references = Vec::new();
        Opened::references(&resource, &mut references);
        references.retain(|found| {
            opened.resolve_address(found.value, resource.value).is_none()
                && opened.resolve(found.value, resource.value).is_some()
        });
        faults.extend(references.into_iter().map(|found| found.path));
    }
    faults
}

pub(super) fn absent_unknown<'v>(opened: &Opened<'v>, _: &Found<'v>) -> Vec<String> {
    let mut faults = Vec::new();
    opened.resources().for_each(|found| replaced(&found, &mut faults));
    faults
}

fn replaced(found: &Found<'_>, faults: &mut Vec<String>) {
    match found.value {
        Value::Object(_) if is_replaced(found.value) => faults.push(found.path.clone()),
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, value)| replaced(&Found::new(format!("{}.{name}", found.path), value), faults));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, value)| replaced(&Found::new(format!("{}[{at}]", found.path), value), faults));
        }
        _ => {}
    }
}

pub(super) fn relates_to<'v>(opened: &Opened<'v>, composition: &Found<'v>) -> Vec<String> {
    let mut faults = Vec::new();
    for related in composition.select("relatesTo") {
        if !related.has("target[x]") {
            faults.push(format!("{}.target[x]", related.path));
        }
        for target in related.select("targetReference") {
            let found = opened.resolve(target.value, composition.value);
            if found.is_some_and(|resource| resource.text_at(&["resourceType"]) != Some("Composition")) {
                faults.push(target.path);
            }
        }
    }
    faults
}

pub(super) fn one_care_provision(_: &Opened<'_>, composition: &Found<'_>) -> Vec<String> {
    const ACT_CLASS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActClass";
    let is_care =
        |event: &Found<'_>| event.value.each("code").iter().any(|code| has_coding(code, ACT_CLASS, &["PCPR"]));
    let events = composition.select("event").into_iter().filter(is_care);
    events.skip(1).map(|event| event.path).collect()
}

pub(super) fn txt_2(_: &Opened<'_>, section: &Found<'_>) -> Vec<String> {
    let text = section.select("text");
    let silent = |found: &Found<'_>| match found.value.text_at(&["div"]) {
        None => true,
        Some(div) => !div.contains("<img") && narrative_text(div, 64).trim().is_empty(),
    };
    text.into_iter().filter(silent).map(|found| format!("{}.div", found.path)).collect()
}

pub(super) fn cmp_2(_: &Opened<'_>, section: &Found<'_>) -> Vec<String> {
    only(section.has("emptyReason") && section.has("entry"), &format!("{}.emptyReason", section.path))
}

fn sections_of(composition: &Found<'_>, code: &str) -> usize {
    composition.select("section").iter().filter(|section| has_code(section.value, code)).count()
}

pub(super) fn required_section(composition: &Found<'_>, code: &str) -> Vec<String> {
    // Without any section another rule says so.
    only(composition.has("section") && sections_of(composition, code) != 1, &format!("{}.section", composition.path))
}

pub(super) fn repeated_sections(_: &Opened<'_>, composition: &Found<'_>) -> Vec<String> {
    let others = SECTIONS.iter().filter(|spec| !spec.required);
    let again = |spec: &&SectionSpec| sections_of(composition, spec.code) > 1;
    others.filter(again).map(|spec| format!("{}.section({})", composition.path, spec.slice)).collect()
}

/// How the person smokes and drinks is told once, as it is.
pub(super) fn repeated_habits<'v>(opened: &Opened<'v>, section: &Found<'v>) -> Vec<String> {
    let Some(composition) = opened.composition() else { return Vec::new() };
    let mut met = Vec::new();
    let mut again = Vec::new();
    for entry in section.select("entry") {
        let Some(habit) = opened.resolve(entry.value, composition.value).and_then(stands_once) else { continue };
        if met.contains(&habit) { again.push(entry.path) } else { met.push(habit) }
    }
    again
}

pub(super) fn ips_comp_1(_: &Opened<'_>, section: &Found<'_>) -> Vec<String> {
    let required = SECTIONS.iter().any(|spec| spec.required && has_code(section.value, spec.code));
    let pointed = section.select("entry").iter().any(|entry| entry.has("reference"));
    only(required && !pointed && !section.has("emptyReason"), &section.path)
}

pub(super) fn ips_pat_1(_: &Opened<'_>, patient: &Found<'_>) -> Vec<String> {
    let nameless = |name: &Found<'_>| !["family", "given", "text"].iter().any(|part| name.has(part));
    patient.select("name").into_iter().filter(nameless).map(|name| name.path).collect()
}

pub(super) fn pat_1(_: &Opened<'_>, patient: &Found<'_>) -> Vec<String> {
    let empty =
        |contact: &Found<'_>| !["name", "telecom", "address", "organization"].iter().any(|part| contact.has(part));
    patient.select("contact").into_iter().filter(empty).map(|contact| contact.path).collect()
}
