//! The guide's profiles of observations: results, findings, social history, pregnancy, vital signs.

use serde_json::Value;

use crate::{
    datetime,
    json::Json,
    rules::{
        bundle::Opened,
        engine::{Profile, Test, has_coding},
        path::Found,
    },
    sections::{DELIVERY_DATE, PREGNANCY_OUTCOME},
    terminology::{LOINC, OBSERVATION_CATEGORY},
};

const PERFORMERS: &[&str] =
    &["Practitioner", "PractitionerRole", "Organization", "CareTeam", "Patient", "RelatedPerson"];

fn in_category(observation: &Value, code: &str) -> bool {
    observation.each("category").iter().any(|concept| has_coding(concept, OBSERVATION_CATEGORY, &[code]))
}

fn is_laboratory(_: &Opened<'_>, observation: &Value) -> bool {
    in_category(observation, "laboratory")
}

fn is_radiology(_: &Opened<'_>, observation: &Value) -> bool {
    in_category(observation, "imaging")
}

fn coded(observation: &Value, codes: &[&str]) -> bool {
    observation.at(&["code"]).is_some_and(|concept| has_coding(concept, LOINC, codes))
}

fn is_vital(opened: &Opened<'_>, observation: &Value) -> bool {
    opened.is_in_section(observation, "8716-3")
}

pub(in crate::rules) static PROFILES: &[Profile] = &[
    Profile {
        name: "Observation-alcoholuse-uv-ips",
        resource_type: "Observation",
        meant: |_, observation| coded(observation, &["74013-4"]),
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Observation-alcoholuse-uv-ips.html",
        rules: &[
            ("Observation-alcoholuse.code", "Alcohol use is LOINC 74013-4.", Test::Coded("code", LOINC, &["74013-4"])),
            ("Observation-alcoholuse.subject.reference", "It refers to its Patient.", Test::Own(refers_to_patient)),
            ("Observation-alcoholuse.effective[x]", "It says when, or why not.", Test::Required("effective[x]")),
            (
                "Observation-alcoholuse.effective:type",
                "It has a date, not a period.",
                Test::Types("effective", &["DateTime"]),
            ),
            ("Observation-alcoholuse.component", "It has no components.", Test::Absent("component")),
        ],
    },
    Profile {
        name: "Observation-tobaccouse-uv-ips",
        resource_type: "Observation",
        meant: |_, observation| coded(observation, &["72166-2"]),
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Observation-tobaccouse-uv-ips.html",
        rules: &[
            ("Observation-tobaccouse.code", "Tobacco use is LOINC 72166-2.", Test::Coded("code", LOINC, &["72166-2"])),
            ("Observation-tobaccouse.subject.reference", "It refers to its Patient.", Test::Own(refers_to_patient)),
            ("Observation-tobaccouse.effective[x]", "It says when, or why not.", Test::Required("effective[x]")),
            (
                "Observation-tobaccouse.effective:type",
                "It has a date, not a period.",
                Test::Types("effective", &["DateTime"]),
            ),
            ("Observation-tobaccouse.component", "It has no components.", Test::Absent("component")),
        ],
    },
    Profile {
        name: "Observation-pregnancy-edd-uv-ips",
        resource_type: "Observation",
        meant: |_, observation| coded(observation, &DELIVERY_DATE),
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Observation-pregnancy-edd-uv-ips.html",
        rules: &[
            (
                "Observation-pregnancy-edd.code",
                "A date of delivery is coded as one.",
                Test::Coded("code", LOINC, &DELIVERY_DATE),
            ),
            ("Observation-pregnancy-edd.subject.reference", "It refers to its Patient.", Test::Own(refers_to_patient)),
            ("Observation-pregnancy-edd.effective[x]", "It says when, or why not.", Test::Required("effective[x]")),
            (
                "Observation-pregnancy-edd.effective:type",
                "It has a date, not a period.",
                Test::Types("effective", &["DateTime"]),
            ),
            ("Observation-pregnancy-edd.bodySite", "It has no body site.", Test::Absent("bodySite")),
            ("Observation-pregnancy-edd.method", "It has no method.", Test::Absent("method")),
            ("Observation-pregnancy-edd.specimen", "It has no specimen.", Test::Absent("specimen")),
            ("Observation-pregnancy-edd.device", "It has no device.", Test::Absent("device")),
            ("Observation-pregnancy-edd.referenceRange", "It has no reference range.", Test::Absent("referenceRange")),
            ("Observation-pregnancy-edd.component", "It has no components.", Test::Absent("component")),
        ],
    },
    Profile {
        name: "Observation-pregnancy-outcome-uv-ips",
        resource_type: "Observation",
        meant: |_, observation| coded(observation, &PREGNANCY_OUTCOME),
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Observation-pregnancy-outcome-uv-ips.html",
        rules: &[
            (
                "Observation-pregnancy-outcome.code",
                "An outcome is coded as one.",
                Test::Coded("code", LOINC, &PREGNANCY_OUTCOME),
            ),
            (
                "Observation-pregnancy-outcome.subject.reference",
                "It refers to its Patient.",
                Test::Own(refers_to_patient),
            ),
            ("Observation-pregnancy-outcome.effective[x]", "It says when, or why not.", Test::Required("effective[x]")),
            (
                "Observation-pregnancy-outcome.effective:type",
                "It has a date, not a period.",
                Test::Types("effective", &["DateTime"]),
            ),
            ("Observation-pregnancy-outcome.bodySite", "It has no body site.", Test::Absent("bodySite")),
            ("Observation-pregnancy-outcome.specimen", "It has no specimen.", Test::Absent("specimen")),
            ("Observation-pregnancy-outcome.device", "It has no device.", Test::Absent("device")),
            (
                "Observation-pregnancy-outcome.referenceRange",
                "It has no reference range.",
                Test::Absent("referenceRange"),
            ),
            ("Observation-pregnancy-outcome.component", "It has no components.", Test::Absent("component")),
        ],
    },
    Profile {
        name: "Observation-pregnancy-status-uv-ips",
        resource_type: "Observation",
        meant: |_, observation| coded(observation, &["82810-3"]),
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Observation-pregnancy-status-uv-ips.html",
        rules: &[
            (
                "Observation-pregnancy-status.code",
                "Pregnancy status is LOINC 82810-3.",
                Test::Coded("code", LOINC, &["82810-3"]),
            ),
            (
                "Observation-pregnancy-status.subject.reference",
                "It refers to its Patient.",
                Test::Own(refers_to_patient),
            ),
            ("Observation-pregnancy-status.effective[x]", "It says when, or why not.", Test::Required("effective[x]")),
            (
                "Observation-pregnancy-status.effective:type",
                "It has a date, not a period.",
                Test::Types("effective", &["DateTime"]),
            ),
            ("Observation-pregnancy-status.bodySite", "It has no body site.", Test::Absent("bodySite")),
            ("Observation-pregnancy-status.specimen", "It has no specimen.", Test::Absent("specimen")),
            ("Observation-pregnancy-status.device", "It has no device.", Test::Absent("device")),
            (
                "Observation-pregnancy-status.referenceRange",
                "It has no reference range.",
                Test::Absent("referenceRange"),
            ),
            ("Observation-pregnancy-status.component", "It has no components.", Test::Absent("component")),
            (
                "Observation-pregnancy-status.hasMember.reference",
                "A member is a reference.",
                Test::Required("hasMember.reference"),
            ),
            (
                "Observation-pregnancy-status.hasMember:type",
                "A member is an expected date of delivery.",
                Test::Own(members_are_delivery_dates),
            ),
        ],
    },
    Profile {
        name: "Observation-results-laboratory-pathology-uv-ips",
        resource_type: "Observation",
        meant: is_laboratory,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Observation-results-laboratory-pathology-uv-ips.html",
        rules: &[
            (
                "ips-2",
                "A result has a value, members, components, or a reason why not.",
                Test::OneOf(&["value[x]", "dataAbsentReason", "hasMember", "component"]),
            ),
            ("ips-3", "One of the components has a value, or a reason why not.", Test::Own(ips_3)),
            ("Observation-results-laboratory-pathology.status", "A result has a status.", Test::Required("status")),
            (
                "Observation-results-laboratory-pathology.status:code",
                "A result was not entered in error.",
                Test::NotCode("status", &["entered-in-error"]),
            ),
            (
                "Observation-results-laboratory-pathology.category:laboratory",
                "A result is in the category of the laboratory.",
                Test::Own(|_, found| category(found, "laboratory")),
            ),
            ("Observation-results-laboratory-pathology.code", "A result says of what.", Test::Required("code")),
            ("Observation-results-laboratory-pathology.subject", "A result says of whom.", Test::Required("subject")),
            (
                "Observation-results-laboratory-pathology.subject.reference",
                "A result refers to its subject.",
                Test::Required("subject.reference"),
            ),
            (
                "Observation-results-laboratory-pathology.subject:type",
                "A result is of a Patient, a Group, a Device or a Location.",
                Test::Leads("subject", &["Patient", "Group", "Device", "Location"]),
            ),
            (
                "Observation-results-laboratory-pathology.effective[x]",
                "A result says when, or why not.",
                Test::Required("effective[x]"),
            ),
            (
                "Observation-results-laboratory-pathology.effective:type",
                "A result has a date or a period.",
                Test::Types("effective", &["DateTime", "Period"]),
            ),
            (
                "Observation-results-laboratory-pathology.performer",
                "A result says who is responsible, or why not.",
                Test::Required("performer"),
            ),
            (
                "Observation-results-laboratory-pathology.performer:type",
                "Who is responsible is a person, an organisation or a team.",
                Test::Leads("performer", PERFORMERS),
            ),
            (
                "Observation-results-laboratory-pathology.specimen",
                "A result's specimen is a Specimen.",
                Test::Leads("specimen", &["Specimen"]),
            ),
            (
                "Observation-results-laboratory-pathology.hasMember",
                "A result's members are Observations.",
                Test::Leads("hasMember", &["Observation"]),
            ),
            ("obs-6", "A result with a value gives no reason why there is none.", Test::Own(obs_6)),
            ("obs-7", "A component that is the result itself does not repeat its value.", Test::Own(obs_7)),
        ],
    },
    Profile {
        name: "Observation-results-radiology-uv-ips",
        resource_type: "Observation",
        meant: is_radiology,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Observation-results-radiology-uv-ips.html",
        rules: &[
            (
                "hasMemberOrComponent",
                "A finding has members or components, not both.",
                Test::Own(members_or_components),
            ),
            ("ips-1", "The date names the day.", Test::Own(ips_1)),
            (
                "Observation-results-radiology.partOf",
                "A finding is part of an ImagingStudy.",
                Test::Leads("partOf", &["ImagingStudy"]),
            ),
            ("Observation-results-radiology.status", "A finding has a status.", Test::Required("status")),
            (
                "Observation-results-radiology.status:code",
                "A finding was not entered in error.",
                Test::NotCode("status", &["entered-in-error"]),
            ),
            (
                "Observation-results-radiology.category:radiology",
                "A finding is in the category of imaging.",
                Test::Own(|_, found| category(found, "imaging")),
            ),
            ("Observation-results-radiology.code", "A finding says of what.", Test::Required("code")),
            ("Observation-results-radiology.subject", "A finding says of whom.", Test::Required("subject")),
            (
                "Observation-results-radiology.subject.reference",
                "A finding refers to its Patient.",
                Test::Required("subject.reference"),
            ),
            (
                "Observation-results-radiology.subject:type",
                "A finding is a Patient's.",
                Test::Leads("subject", &["Patient"]),
            ),
            (
                "Observation-results-radiology.effective[x]",
                "A finding says when, or why not.",
                Test::Required("effective[x]"),
            ),
            (
                "Observation-results-radiology.effective:type",
                "A finding has a date or a period.",
                Test::Types("effective", &["DateTime", "Period"]),
            ),
            (
                "Observation-results-radiology.performer",
                "A finding says who is responsible, or why not.",
                Test::Required("performer"),
            ),
            (
                "Observation-results-radiology.performer:type",
                "Who is responsible is a person, an organisation or a team.",
                Test::Leads("performer", PERFORMERS),
            ),
            (
                "Observation-results-radiology.device",
                "A finding's device is a Device.",
                Test::Leads("device", &["Device"]),
            ),
            (
                "Observation-results-radiology.hasMember",
                "A finding's members are Observations.",
                Test::Leads("hasMember", &["Observation"]),
            ),
        ],
    },
    Profile {
        name: "vitalsigns",
        resource_type: "Observation",
        meant: is_vital,
        spec: "https://hl7.org/fhir/R4/vitalsigns.html",
        rules: &[
            (
                "vitalsigns.category:VSCat",
                "A vital sign is in the category of vital signs.",
                Test::Own(|_, found| category(found, "vital-signs")),
            ),
            ("vitalsigns.subject", "A vital sign says of whom.", Test::Required("subject")),
            ("vitalsigns.effective[x]", "A vital sign says when, or why not.", Test::Required("effective[x]")),
            (
                "vitalsigns.effective:type",
                "A vital sign has a date or a period.",
                Test::Types("effective", &["DateTime", "Period"]),
            ),
            ("vs-1", "The date of a vital sign names the day.", Test::Own(ips_1)),
            (
                "vs-2",
                "A vital sign has a value, members, components, or a reason why not.",
                Test::OneOf(&["value[x]", "dataAbsentReason", "hasMember", "component"]),
            ),
            ("vs-3", "A component has a value, or a reason why not.", Test::Own(vs_3)),
        ],
    },
];

fn only(fault: bool, path: String) -> Vec<String> {
    if fault { vec![path] } else { Vec::new() }
}

fn obs_6(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    only(found.has("dataAbsentReason") && found.has("value[x]"), format!("{}.dataAbsentReason", found.path))
}

fn obs_7(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let codes = |concept: Option<&Value>| -> Vec<String> {
        let codings = concept.into_iter().flat_map(|concept| concept.each("coding"));
        codings.map(|coding| format!("{:?}|{:?}", coding.text_at(&["system"]), coding.text_at(&["code"]))).collect()
    };
    let own = codes(found.value.member("code"));
    let same = |component: &Found<'_>| codes(component.value.member("code")).iter().any(|code| own.contains(code));
    only(found.has("value[x]") && found.select("component").iter().any(same), format!("{}.value[x]", found.path))
}

fn refers_to_patient<'v>(opened: &Opened<'v>, found: &Found<'v>) -> Vec<String> {
    let subject = found.value.member("subject");
    let kind = subject.and_then(|subject| opened.resolve(subject, found.value)?.text_at(&["resourceType"]));
    let written = subject.is_some_and(|subject| subject.text_at(&["reference"]).is_some());
    only(!written || kind.is_some_and(|kind| kind != "Patient"), format!("{}.subject", found.path))
}

fn members_are_delivery_dates<'v>(opened: &Opened<'v>, found: &Found<'v>) -> Vec<String> {
    let wrong = |member: &Found<'v>| {
        let resolved = opened.resolve(member.value, found.value);
        resolved.is_some_and(|resource| !coded(resource, &DELIVERY_DATE))
    };
    found.select("hasMember").into_iter().filter(wrong).map(|member| member.path).collect()
}

fn category(found: &Found<'_>, code: &str) -> Vec<String> {
    only(!in_category(found.value, code), format!("{}.category", found.path))
}

fn members_or_components(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    only(found.has("hasMember") && found.has("component"), format!("{}.hasMember", found.path))
}

fn ips_1(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let vague = |date: &Found<'_>| date.value.as_str().is_some_and(|date| !datetime::names_the_day(date));
    found.select("effectiveDateTime").into_iter().filter(vague).map(|date| date.path).collect()
}

fn says_or_not(component: &Found<'_>) -> bool {
    component.has("value[x]") || component.has("dataAbsentReason")
}

fn ips_3(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let components = found.select("component");
    only(!components.is_empty() && !components.iter().any(says_or_not), format!("{}.component", found.path))
}

fn vs_3(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    found.select("component").into_iter().filter(|part| !says_or_not(part)).map(|part| part.path).collect()
}
