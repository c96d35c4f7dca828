//! What a rule may test, and where.

use serde_json::Value;

use super::{
    BrokenRule, Level, Rule,
    bundle::Opened,
    path::{Found, choice_type},
};
use crate::{datetime, json::Json, outgoing::DATA_ABSENT_REASON};

/// A rule with where it applies and what is tested there.
pub(super) struct Check {
    pub(super) rule: Rule,
    pub(super) on: On,
    pub(super) test: Test,
    pub(super) level: Level,
}

/// A rule whose breach is an error.
pub(super) const fn must(id: &'static str, spec: &'static str, says: &'static str, on: On, test: Test) -> Check {
    Check { rule: Rule { id, says, spec }, on, test, level: Level::Error }
}

/// A rule whose breach is a warning.
pub(super) const fn should(id: &'static str, spec: &'static str, says: &'static str, on: On, test: Test) -> Check {
    Check { rule: Rule { id, says, spec }, on, test, level: Level::Warning }
}

/// Where a rule applies.
pub(super) enum On {
    /// The Bundle.
    Bundle,
    /// Each entry.
    Entry,
    /// The first entry's resource, where it is a Composition.
    Composition,
    /// Each section of it.
    Section,
    /// The section of that LOINC code.
    SectionOf(&'static str),
    /// Each resource of a kind.
    Each(&'static str),
}

/// What is tested at an element. Paths are relative to it; a path's last step is tested in each element that the steps
/// before it lead to.
pub(super) enum Test {
    /// It is there, by its value or with a reason why not.
    Required(&'static str),
    /// One of them is there.
    OneOf(&'static [&'static str]),
    /// It is not there.
    Absent(&'static str),
    /// It has exactly this text.
    Fixed(&'static str, &'static str),
    /// It is this truth value.
    Is(&'static str, bool),
    /// It has a coding of this system and one of these codes; where it is absent, nothing is said.
    Coded(&'static str, &'static str, &'static [&'static str]),
    /// Its code is one of these.
    Code(&'static str, &'static [&'static str]),
    /// Its code is none of these.
    NotCode(&'static str, &'static [&'static str]),
    /// It leads to one of these kinds of resource, where it leads anywhere in the Bundle.
    Leads(&'static str, &'static [&'static str]),
    /// The choice `stem[x]` is of one of these types.
    Types(&'static str, &'static [&'static str]),
    /// A test of its own: gives the paths at fault.
    Own(for<'v> fn(&Opened<'v>, &Found<'v>) -> Vec<String>),
}

/// A profile of a kind of resource: whom it is for, and its rules.
pub(super) struct Profile {
    /// The last part of its canonical address.
    pub(super) name: &'static str,
    /// The kind of resource.
    pub(super) resource_type: &'static str,
    /// Whether a resource of the kind that does not claim the profile is meant by it all the same.
    pub(super) meant: fn(&Opened<'_>, &Value) -> bool,
    /// Its page.
    pub(super) spec: &'static str,
    /// Its rules: name, sentence, test.
    pub(super) rules: &'static [(&'static str, &'static str, Test)],
}

/// Holds an opened Bundle against tables of rules.
pub(super) fn run(opened: &Opened<'_>, checks: &[Check], profiles: &[&Profile]) -> Vec<BrokenRule> {
    let mut broken = Vec::new();
    for check in checks {
        for target in targets(opened, &check.on) {
            for path in check.test.faults(opened, &target) {
                broken.push(tell(&check.rule, check.level, path));
            }
        }
    }
    for profile in profiles {
        for target in opened.of_type(profile.resource_type) {
            let claimed = target.value.at(&["meta"]).into_iter().flat_map(|meta| meta.each("profile"));
            let claimed = claimed.filter_map(Json::text).any(|url| {
                let url = url.split('|').next().unwrap_or_default();
                url.starts_with(IPS) && url.ends_with(&format!("/{}", profile.name))
            });
            let level = match (claimed, (profile.meant)(opened, target.value)) {
                (true, _) => Level::Error,
                (false, true) => Level::Warning,
                (false, false) => continue,
            };
            for (id, says, test) in profile.rules {
                let rule = Rule { id, says, spec: profile.spec };
                broken.extend(test.faults(opened, &target).into_iter().map(|path| tell(&rule, level, path)));
            }
        }
    }
    broken
}

/// Whether a text is FHIR's `instant`: to the second at least, and with its zone.
pub(super) fn is_instant(text: &str) -> bool {
    let Some((_, time)) = text.split_once('T') else { return false };
    let whole = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(is, of)| if of == b'0' { is.is_ascii_digit() } else { is == of })
    };
    let Some(at) = time.find(['Z', '+', '-']) else { return false };
    let (clock, zone) = time.split_at(at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let zoned = zone == "Z" || zone.get(1..).is_some_and(|zone| whole(zone, "00:00"));
    let fraction = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
    whole(clock, "00:00:00") && fraction && zoned && datetime::unix_seconds(text).is_some()
}

/// Where the guide's profiles live.
const IPS: &str = "http://hl7.org/fhir/uv/ips/StructureDefinition/";

fn tell(rule: &Rule, level: Level, path: String) -> BrokenRule {
    BrokenRule { rule: rule.id, level, path, message: rule.says, spec: rule.spec }
}

fn targets<'v>(opened: &Opened<'v>, on: &On) -> Vec<Found<'v>> {
    let sections = || opened.composition().map(|composition| composition.select("section")).unwrap_or_default();
    match on {
        On::Bundle => vec![opened.bundle.clone()],
        On::Entry => opened.entries.clone(),
        On::Composition => opened.composition().into_iter().collect(),
        On::Section => sections(),
        On::SectionOf(code) => sections().into_iter().filter(|section| has_code(section.value, code)).collect(),
        On::Each(resource_type) => opened.of_type(resource_type).collect(),
    }
}

/// Whether a section has that LOINC code.
pub(super) fn has_code(section: &Value, code: &str) -> bool {
    section.at(&["code"]).is_some_and(|concept| has_coding(concept, crate::terminology::LOINC, &[code]))
}

/// Whether a CodeableConcept has a coding of that system with one of those codes.
pub(super) fn has_coding(concept: &Value, system: &str, codes: &[&str]) -> bool {
    concept.each("coding").iter().any(|coding| {
        coding.text_at(&["system"]) == Some(system)
            && coding.text_at(&["code"]).is_some_and(|code| codes.contains(&code))
    })
}

/// Whether an element says why it is not there.
fn is_absent(element: &Value) -> bool {
    element.each("extension").iter().any(|extension| extension.text_at(&["url"]) == Some(DATA_ABSENT_REASON))
}

impl Test {
    /// The paths at which it fails.
    fn faults<'v>(&self, opened: &Opened<'v>, target: &Found<'v>) -> Vec<String> {
        match self {
            Test::Required(path) => {
                let (holders, last) = target.holders(path);
                let lacking = holders.into_iter().filter(|holder| !holder.has(last));
                lacking.map(|holder| format!("{}.{last}", holder.path)).collect()
            }
            Test::OneOf(names) => {
                if names.iter().any(|name| target.has(name)) {
                    Vec::new()
                } else {
                    vec![target.path.clone()]
                }
            }
            Test::Absent(path) => {
                let (holders, last) = target.holders(path);
                let with = holders.into_iter().filter(|holder| holder.has(last));
                with.map(|holder| format!("{}.{last}", holder.path)).collect()
            }
            Test::Fixed(path, text) => other(target, path, |value| value.as_str() == Some(text)),
            Test::Is(path, wanted) => other(target, path, |value| value.as_bool() == Some(*wanted)),
            Test::Coded(path, system, codes) => {
                let (holders, last) = target.holders(path);
                let mut faults = Vec::new();
                for holder in holders {
                    let concepts = holder.select(last);
                    let good = |found: &Found<'_>| is_absent(found.value) || has_coding(found.value, system, codes);
                    if !concepts.is_empty() && !concepts.iter().any(good) {
                        faults.push(format!("{}.{last}", holder.path));
                    }
                }
                faults
            }
            Test::Code(path, codes) => {
                other(target, path, |value| value.as_str().is_some_and(|code| codes.contains(&code)))
            }
            Test::NotCode(path, codes) => {
                other(target, path, |value| value.as_str().is_none_or(|code| !codes.contains(&code)))
            }
            Test::Leads(path, kinds) => {
                let wrong = |found: &Found<'v>| {
                    let named = opened.resolve(found.value, target_resource(opened, target));
                    let kind = named.and_then(|resource| resource.text_at(&["resourceType"]));
                    kind.is_some_and(|kind| !kinds.contains(&kind))
                };
                target.select(path).into_iter().filter(wrong).map(|found| found.path).collect()
            }
            Test::Types(stem, types) => {
                let members = target.value.as_object().into_iter().flat_map(|members| members.keys());
                let wrong = members.filter(|name| choice_type(name, stem).is_some_and(|kind| !types.contains(&kind)));
                wrong.map(|name| format!("{}.{name}", target.path)).collect()
            }
            Test::Own(test) => test(opened, target),
        }
    }
}

/// The paths of the elements that are there and not as they should be.
fn other(target: &Found<'_>, path: &str, good: impl Fn(&Value) -> bool) -> Vec<String> {
    target.select(path).into_iter().filter(|found| !good(found.value)).map(|found| found.path).collect()
}

/// The resource that an element belongs to: a section's is the Composition.
fn target_resource<'v>(opened: &Opened<'v>, target: &Found<'v>) -> &'v Value {
    if target.value.member("resourceType").is_some() {
        return target.value;
    }
    opened.composition().map_or(target.value, |composition| composition.value)
}
