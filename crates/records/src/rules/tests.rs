//! Every rule is broken once, by a Bundle that breaks nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{BrokenRule, bundle::Opened, engine::Test, path::Found};
use crate::{
    ips, ktc,
    outgoing::{Assembled, OutRecord, OutRequest},
};

fn ids(broken: &[BrokenRule]) -> BTreeSet<&'static str> {
    broken.iter().map(|broken| broken.rule).collect()
}

fn loinc(code: &str) -> Value {
    json!({"coding": [{"system": "http://loinc.org", "code": code}]})
}

fn observation(code: &str, more: Value) -> Value {
    let mut out = json!({
        "resourceType": "Observation", "status": "final", "code": loinc(code), "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-01-02",
    });
    out.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    out
}

fn category(code: &str) -> Value {
    json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": code}]}])
}

/// A record under every section and of every profile of the guide.
fn everything() -> Vec<Value> {
    let about = |mut resource: Value| {
        resource["subject"] = json!({"reference": "Patient/p"});
        resource
    };
    let active =
        json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]});
    let resolved =
        json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]});
    vec![
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Nuts"}, "patient": {"reference": "Patient/p"}, "clinicalStatus":
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}}),
        about(
            json!({"resourceType": "Condition", "code": {"text": "Asthma"}, "clinicalStatus": active, "recorder": {"reference": "PractitionerRole/r"}}),
        ),
        about(
            json!({"resourceType": "Condition", "code": {"text": "Measles"}, "clinicalStatus": resolved, "abatementDateTime": "1980"}),
        ),
        about(
            json!({"resourceType": "Condition", "code": {"text": "Cannot walk"}, "category": [{"coding": [{"code": "functional-status"}]}]}),
        ),
        about(
            json!({"resourceType": "ClinicalImpression", "status": "completed", "description": "Walks with a stick"}),
        ),
        about(
            json!({"resourceType": "MedicationStatement", "status": "active", "medicationReference": {"reference": "Medication/m"}, "effectiveDateTime": "2026"}),
        ),
        about(
            json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "doNotPerform": false, "medicationReference": {"reference": "Medication/m"}}),
        ),
        json!({"resourceType": "Medication", "id": "m", "code": {"text": "Aspirin"}, "ingredient": [{"itemReference": {"reference": "Substance/s"}}]}),
        json!({"resourceType": "Substance", "id": "s", "code": {"text": "Acetylsalicylic acid"}}),
        about(json!({"resourceType": "Flag", "status": "active", "code": {"text": "Pacemaker"}})),
        json!({"resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "adr"}]}, "category": [{"text": "Living will"}], "patient": {"reference": "Patient/p"}, "policyRule": {"text": "x"}}),
        observation(
            "82810-3",
            json!({"valueCodeableConcept": {"text": "Pregnant"}, "hasMember": [{"reference": "Observation/edd"}]}),
        ),
        observation("11778-8", json!({"id": "edd", "valueDateTime": "2026-09-09"})),
        observation("11636-8", json!({"valueQuantity": {"value": 1}})),
        json!({"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Td"}, "occurrenceDateTime": "2020-02-02", "patient": {"reference": "Patient/p"}}),
        observation(
            "2345-7",
            json!({"category": category("laboratory"), "valueQuantity": {"value": 5}, "performer": [{"reference": "Organization/o"}],
            "specimen": {"reference": "Specimen/1"}, "hasMember": [{"reference": "Observation/part"}], "component": [{"code": {"text": "c"}, "valueString": "x"}]}),
        ),
        observation(
            "2339-0",
            json!({"id": "part", "category": category("laboratory"), "valueQuantity": {"value": 5}, "performer": [{"reference": "Organization/o"}]}),
        ),
        observation(
            "18782-3",
            json!({"category": category("imaging"), "valueString": "clear", "performer": [{"reference": "Practitioner/d"}],
            "partOf": [{"reference": "ImagingStudy/i"}], "device": {"reference": "Device/x"}, "hasMember": [{"reference": "Observation/rad"}]}),
        ),
        observation(
            "18782-4",
            json!({"id": "rad", "category": category("imaging"), "valueString": "clear", "performer": [{"reference": "Practitioner/d"}]}),
        ),
        json!({"resourceType": "ImagingStudy", "id": "i", "status": "available", "subject": {"reference": "Patient/p"},
            "series": [{"uid": "1.2", "modality": {"code": "DX"}, "instance": [{"uid": "1.3", "sopClass": {"code": "1.4"}}]}]}),
        about(
            json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Panel"}, "effectiveDateTime": "2026-01-02",
            "performer": [{"reference": "Organization/o"}], "specimen": [{"reference": "Specimen/1"}], "result": [{"reference": "Observation/part"}]}),
        ),
        json!({"resourceType": "Specimen", "id": "1", "type": {"text": "Blood"}, "subject": {"reference": "Patient/p"}}),
        about(
            json!({"resourceType": "Procedure", "status": "completed", "code": {"text": "Appendectomy"}, "performedDateTime": "1999",
            "performer": [{"actor": {"reference": "Practitioner/d"}, "onBehalfOf": {"reference": "Organization/o"}}]}),
        ),
        observation(
            "29463-7",
            json!({"category": category("vital-signs"), "valueQuantity": {"value": 72.5}, "component": [{"code": {"text": "c"}, "valueString": "x"}]}),
        ),
        about(
            json!({"resourceType": "DeviceUseStatement", "status": "active", "timingDateTime": "2020", "device": {"reference": "Device/x"}}),
        ),
        json!({"resourceType": "Device", "id": "x", "type": {"text": "Pacemaker"}}),
        observation("72166-2", json!({"valueCodeableConcept": {"text": "Never"}})),
        observation("74013-4", json!({"valueQuantity": {"value": 0}})),
        about(json!({"resourceType": "CarePlan", "status": "active", "intent": "plan", "title": "Walk daily"})),
        json!({"resourceType": "DocumentReference", "status": "current", "type": loinc("51855-5"), "description": "What matters to me",
            "subject": {"reference": "Patient/p"}, "content": [{"attachment": {"contentType": "application/pdf", "data": "JVBERi0xLjcK"}}]}),
        json!({"resourceType": "Organization", "id": "o", "name": "Clinic"}),
        json!({"resourceType": "Practitioner", "id": "d", "name": [{"text": "Dr Who"}]}),
        json!({"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/d"}, "organization": {"reference": "Organization/o"}}),
    ]
}

fn assemble(with: fn(&OutRequest<'_>) -> crate::Result<Assembled>) -> Assembled {
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Doe"}], "birthDate": "1970-01-01", "gender": "female",
        "generalPractitioner": [{"reference": "Practitioner/d"}]});
    let patient = patient.to_string().into_bytes();
    let originals: Vec<Vec<u8>> = everything().iter().map(|record| record.to_string().into_bytes()).collect();
    let records: Vec<OutRecord<'_>> = originals
        .iter()
        .map(|original| OutRecord { full_url: None, original, labels: &[], ..OutRecord::default() })
        .collect();
    with(&OutRequest {
        patient: &patient,
        records: &records,
        withheld: &[],
        documents: true,
        now: 1_780_000_000,
        bundle_id: [9; 16],
        language: "en",
    })
    .unwrap()
}

/// A summary in which every resource claims the guide's profile for it.
fn summary() -> Value {
    let mut bundle = assemble(ips::assemble).bundle;
    let claims: Vec<(String, String)> = {
        let opened = Opened::new(&bundle);
        let all = super::ips::all_profiles().into_iter().flat_map(|profile| {
            let meant = opened.of_type(profile.resource_type).filter(|found| (profile.meant)(&opened, found.value));
            meant.map(|found| (pointer(&found.path), profile.name.to_owned())).collect::<Vec<_>>()
        });
        all.collect()
    };
    for (at, name) in claims {
        let resource = bundle.pointer_mut(&at).unwrap().as_object_mut().unwrap();
        let meta = resource.entry("meta").or_insert_with(|| json!({})).as_object_mut().unwrap();
        let profiles = meta.entry("profile").or_insert_with(|| json!([])).as_array_mut().unwrap();
        profiles.push(json!(format!("http://hl7.org/fhir/uv/ips/StructureDefinition/{name}")));
    }
    bundle
}

/// `Bundle.entry[0].resource` as a JSON pointer.
fn pointer(path: &str) -> String {
    path.strip_prefix("Bundle").unwrap().replace('[', "/").replace(']', "").replace('.', "/")
}

fn object<'b>(bundle: &'b mut Value, path: &str) -> &'b mut serde_json::Map<String, Value> {
    bundle.pointer_mut(&pointer(path)).unwrap_or_else(|| panic!("{path}")).as_object_mut().unwrap()
}

fn remove(members: &mut serde_json::Map<String, Value>, step: &str) {
    let step = step.strip_suffix("[x]").map_or((step, false), |stem| (stem, true));
    members.retain(|name, _| {
        let bare = name.strip_prefix('_').unwrap_or(name);
        !(bare == step.0 || (step.1 && super::path::choice_type(bare, step.0).is_some()))
    });
}

/// Breaks a tabulated test at one target. `false` for a test that is more than a line of a table.
fn break_test(bundle: &mut Value, at: &str, test: &Test) -> bool {
    let target_value = bundle.pointer(&pointer(at)).unwrap().clone();
    let target = Found::new(at, &target_value);
    let holder = |path: &str| {
        let (holders, last) = target.holders(path);
        (
            holders.first().unwrap_or_else(|| panic!("{at}.{path} is not in the good Bundle")).path.clone(),
            last.to_owned(),
        )
    };
    let set = |bundle: &mut Value, path: &str, value: Value| {
        let (at, last) = holder(path);
        object(bundle, &at).insert(last, value);
    };
    match test {
        Test::Required(path) => {
            let (at, last) = holder(path);
            let members = object(bundle, &at);
            remove(members, &last);
            if members.is_empty() {
                members.insert("display".to_owned(), json!("x"));
            }
        }
        Test::OneOf(names) => names.iter().for_each(|name| remove(object(bundle, at), name)),
        Test::Absent(path) => set(bundle, path, json!({"text": "x"})),
        Test::Fixed(path, _) | Test::Code(path, _) => set(bundle, path, json!("zzz")),
        Test::Is(path, wanted) => set(bundle, path, json!(!wanted)),
        Test::NotCode(path, codes) => set(bundle, path, json!(codes[0])),
        Test::Coded(path, _, _) => set(bundle, path, json!({"coding": [{"system": "http://a.example", "code": "x"}]})),
        Test::Leads(path, kinds) => {
            let entries = bundle["entry"].as_array().unwrap();
            let other =
                entries.iter().find(|entry| !kinds.contains(&entry["resource"]["resourceType"].as_str().unwrap()));
            let reference = json!({"reference": other.unwrap()["fullUrl"]});
            let (holder, last) = holder(path);
            let members = object(bundle, &holder);
            let reference =
                if members.get(&last).is_some_and(Value::is_array) { json!([reference]) } else { reference };
            members.insert(last, reference);
        }
        Test::Types(stem, _) => {
            let members = object(bundle, at);
            remove(members, &format!("{stem}[x]"));
            members.insert(format!("{stem}Timing"), json!({"event": ["2020"]}));
        }
        Test::Own(_) => return false,
    }
    true
}

#[test]
fn names_of_rules_are_names_of_one_rule() {
    for rules in [super::ips::rules(), super::ktc::rules()] {
        let mut seen = BTreeSet::new();
        for rule in rules {
            assert!(seen.insert(rule.id), "{} stands twice", rule.id);
            assert!(rule.says.ends_with('.') && rule.spec.starts_with("https://"));
        }
    }
}

#[test]
fn a_summary_of_everything_keeps_every_rule() {
    let bundle = summary();
    assert_eq!(ips::check(&bundle), []);
    let sections = bundle["entry"][0]["resource"]["section"].as_array().unwrap();
    assert_eq!(sections.len(), 16);
    assert!(sections.iter().all(|section| section["entry"].is_array()));
}

#[test]
fn every_tabulated_rule_of_the_summary_can_be_broken_alone() {
    let good = summary();
    let own: BTreeSet<&str> = own_breaks().into_iter().map(|(id, _)| id).collect();
    let mut broken_alone = BTreeSet::new();
    let opened = Opened::new(&good);
    let mut jobs: Vec<(&str, String, &Test)> = Vec::new();
    for profile in super::ips::all_profiles() {
        for (id, _, test) in profile.rules {
            // The first that the profile is for and that has what the test is about.
            let reachable = |found: &Found<'_>| match test {
                Test::Required(path) | Test::Leads(path, _) | Test::NotCode(path, _) | Test::Coded(path, ..) => {
                    let (holders, last) = found.holders(path);
                    holders.iter().any(|holder| holder.has(last))
                }
                _ => true,
            };
            let mut meant = opened.of_type(profile.resource_type).filter(|found| (profile.meant)(&opened, found.value));
            let at = meant.find(reachable).unwrap_or_else(|| panic!("nothing to break {id} at"));
            jobs.push((id, at.path, test));
        }
    }
    for check in super::ips::checks_for_tests() {
        use super::engine::On;
        let at = match check.on {
            On::Bundle => "Bundle".to_owned(),
            On::Entry => opened.entries.last().unwrap().path.clone(),
            On::Composition => "Bundle.entry[0].resource".to_owned(),
            On::Section => opened.composition().unwrap().select("section").pop().unwrap().path,
            On::SectionOf(code) => {
                let sections = opened.composition().unwrap().select("section");
                sections.into_iter().find(|section| super::engine::has_code(section.value, code)).unwrap().path
            }
            On::Each(resource_type) => opened.of_type(resource_type).next().unwrap().path,
        };
        jobs.push((check.rule.id, at, &check.test));
    }
    for (id, at, test) in jobs {
        let mut bundle = good.clone();
        if own.contains(id) || !break_test(&mut bundle, &at, test) {
            continue;
        }
        let mut found = ids(&ips::check(&bundle));
        if id == "Observation-pregnancy-edd.code" {
            // What points to it as a date of delivery is wrong then as well.
            assert!(found.remove("Observation-pregnancy-status.hasMember:type"));
        }
        if matches!(id, "Bundle.entry.fullUrl" | "Bundle.entry.resource") {
            // What referred to the entry leads nowhere then.
            found.remove("references");
        }
        assert_eq!(found, BTreeSet::from([id]), "{id} at {at}");
        broken_alone.insert(id);
    }
    for rule in super::ips::rules() {
        assert!(broken_alone.contains(rule.id) || own.contains(rule.id), "nothing breaks {}", rule.id);
    }
}

type Break = fn(&mut Value);

fn first(bundle: &mut Value, fits: impl Fn(&Value) -> bool) -> &mut Value {
    let entries = bundle["entry"].as_array_mut().unwrap();
    entries.iter_mut().map(|entry| &mut entry["resource"]).find(|resource| fits(resource)).unwrap()
}

fn kind<'b>(bundle: &'b mut Value, resource_type: &str) -> &'b mut Value {
    first(bundle, |resource| resource["resourceType"] == resource_type)
}

fn profiled<'b>(bundle: &'b mut Value, name: &str) -> &'b mut Value {
    first(bundle, |resource| resource["meta"]["profile"].to_string().contains(name))
}

fn composition(bundle: &mut Value) -> &mut Value {
    &mut bundle["entry"][0]["resource"]
}

/// What breaks the rules that are more than a line of a table.
fn own_breaks() -> Vec<(&'static str, Break)> {
    vec![
        ("Bundle.type", |b| b["type"] = json!("collection")),
        ("bdl-9", |b| b["identifier"] = json!({"value": "1"})),
        ("bdl-10", |b| b["timestamp"] = json!("2026-01-01")),
        ("bdl-10", |b| b["timestamp"] = json!("2026-01-01T10:00+01:00")),
        ("bdl-7", |b| {
            let again = b["entry"].as_array().unwrap().last().unwrap().clone();
            b["entry"].as_array_mut().unwrap().push(again);
        }),
        ("bdl-8", |b| {
            let entry = b["entry"].as_array_mut().unwrap().last_mut().unwrap();
            entry["fullUrl"] = json!(format!("{}/_history/1", entry["fullUrl"].as_str().unwrap()));
            // Nothing refers to the entry under its new name.
            let (url, text) = (entry["fullUrl"].as_str().unwrap().replace("/_history/1", ""), b.to_string());
            *b = serde_json::from_str(&text.replace(&format!("{{\"reference\":\"{url}\"}}"), "{\"display\":\"x\"}"))
                .unwrap();
            let text = b.to_string();
            let marked = format!("{{\"reference\":\"{url}\",\"display\"");
            *b = serde_json::from_str(&text.replace(&marked, "{\"display\"")).unwrap();
        }),
        ("bdl-11", |b| drop(b["entry"].as_array_mut().unwrap().remove(0))),
        ("bdl-ips-1", |b| {
            b["entry"]
                .as_array_mut()
                .unwrap()
                .push(json!({"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Composition"}}))
        }),
        ("Bundle.entry:patient", |b| {
            let mut again = b["entry"][1].clone();
            again["fullUrl"] = json!("urn:uuid:1");
            b["entry"].as_array_mut().unwrap().push(again);
        }),
        ("document-content", |b| composition(b)["encounter"] = json!({"reference": "urn:uuid:gone"})),
        ("references", |b| kind(b, "Procedure")["encounter"] = json!({"reference": "Encounter/gone"})),
        ("references", |b| kind(b, "Procedure")["encounter"] = json!({"reference": "#gone"})),
        ("relative-references", |b| {
            let patient = b["entry"][1]["resource"]["id"].as_str().unwrap().to_owned();
            kind(b, "Procedure")["subject"] = json!({"reference": format!("Patient/{patient}")});
        }),
        ("absent-unknown", |b| {
            kind(b, "Procedure")["code"] = json!({"coding": [{
            "system": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "code": "no-known-procedures"}]})
        }),
        ("Composition.relatesTo.target[x]", |b| composition(b)["relatesTo"] = json!([{"code": "replaces"}])),
        ("Composition.relatesTo.target[x]", |b| {
            let url = b["entry"][1]["fullUrl"].clone();
            composition(b)["relatesTo"] = json!([{"code": "replaces", "targetReference": {"reference": url}}]);
        }),
        ("Composition.relatesTo.code", |b| composition(b)["relatesTo"] = json!([{"targetIdentifier": {"value": "1"}}])),
        ("Composition.event:careProvisioningEvent", |b| {
            let event = json!({"code": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActClass", "code": "PCPR"}]}]});
            composition(b)["event"] = json!([event.clone(), event]);
        }),
        ("Composition.custodian", |b| {
            let url = b["entry"][1]["fullUrl"].clone();
            composition(b)["custodian"] = json!({"reference": url});
        }),
        ("txt-2", |b| {
            composition(b)["section"][5]["text"]["div"] = json!("<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>")
        }),
        ("cmp-2", |b| composition(b)["section"][5]["emptyReason"] = json!({"text": "x"})),
        ("Composition.section:sectionProblems", |b| drop(composition(b)["section"].as_array_mut().unwrap().remove(1))),
        ("Composition.section:sectionAllergies", |b| drop(composition(b)["section"].as_array_mut().unwrap().remove(0))),
        ("Composition.section:sectionMedications", |b| {
            drop(composition(b)["section"].as_array_mut().unwrap().remove(2))
        }),
        ("Composition.section:others", |b| {
            let again = composition(b)["section"][15].clone();
            composition(b)["section"].as_array_mut().unwrap().push(again);
        }),
        ("ips-comp-1", |b| drop(composition(b)["section"][0].as_object_mut().unwrap().remove("entry"))),
        ("ips-pat-1", |b| kind(b, "Patient")["name"] = json!([{"use": "official"}])),
        ("pat-1", |b| kind(b, "Patient")["contact"] = json!([{"gender": "male"}])),
        ("ait-1", |b| drop(kind(b, "AllergyIntolerance").as_object_mut().unwrap().remove("clinicalStatus"))),
        ("ait-2", |b| {
            kind(b, "AllergyIntolerance")["verificationStatus"] = json!({"coding": [{"code": "entered-in-error"}]})
        }),
        ("con-4", |b| kind(b, "Condition")["abatementDateTime"] = json!("2020")),
        ("con-5", |b| kind(b, "Condition")["verificationStatus"] = json!({"coding": [{"code": "entered-in-error"}]})),
        ("Observation-alcoholuse.subject.reference", |b| {
            profiled(b, "alcoholuse")["subject"] = json!({"display": "x"})
        }),
        ("Observation-tobaccouse.subject.reference", |b| {
            profiled(b, "tobaccouse")["subject"] = json!({"display": "x"})
        }),
        ("Observation-pregnancy-edd.subject.reference", |b| {
            profiled(b, "pregnancy-edd")["subject"] = json!({"display": "x"})
        }),
        ("Observation-pregnancy-outcome.subject.reference", |b| {
            profiled(b, "pregnancy-outcome")["subject"] = json!({"display": "x"})
        }),
        ("Observation-pregnancy-status.subject.reference", |b| {
            profiled(b, "pregnancy-status")["subject"] = json!({"display": "x"})
        }),
        ("Observation-pregnancy-status.hasMember:type", |b| {
            let url = b["entry"]
                .as_array()
                .unwrap()
                .iter()
                .find(|entry| entry["resource"]["code"]["coding"][0]["code"] == "2345-7")
                .unwrap()["fullUrl"]
                .clone();
            profiled(b, "pregnancy-status")["hasMember"] = json!([{"reference": url}]);
        }),
        ("ips-3", |b| {
            let lab = first(b, |resource| resource["code"]["coding"][0]["code"] == "2345-7");
            drop(lab["component"][0].as_object_mut().unwrap().remove("valueString"));
        }),
        ("Observation-results-laboratory-pathology.category:laboratory", |b| {
            profiled(b, "laboratory-pathology").as_object_mut().unwrap().remove("category");
        }),
        ("obs-6", |b| profiled(b, "laboratory-pathology")["dataAbsentReason"] = json!({"text": "x"})),
        ("obs-7", |b| {
            let lab = first(b, |resource| resource["code"]["coding"][0]["code"] == "2345-7");
            lab["component"][0]["code"] = lab["code"].clone();
        }),
        ("hasMemberOrComponent", |b| {
            let finding = first(b, |resource| resource["code"]["coding"][0]["code"] == "18782-3");
            finding["component"] = json!([{"code": {"text": "c"}, "valueString": "x"}]);
        }),
        ("ips-1", |b| profiled(b, "results-radiology")["effectiveDateTime"] = json!("2026-01")),
        ("Observation-results-radiology.category:radiology", |b| {
            profiled(b, "results-radiology").as_object_mut().unwrap().remove("category");
        }),
        ("vitalsigns.category:VSCat", |b| drop(profiled(b, "vitalsigns").as_object_mut().unwrap().remove("category"))),
        ("vs-1", |b| profiled(b, "vitalsigns")["effectiveDateTime"] = json!("2026")),
        ("vs-3", |b| drop(profiled(b, "vitalsigns")["component"][0].as_object_mut().unwrap().remove("valueString"))),
        ("sectionSocialHistory-once", |b| {
            let sections = composition(b)["section"].as_array_mut().unwrap();
            let social = sections.iter_mut().find(|section| section["code"]["coding"][0]["code"] == "29762-2").unwrap();
            let again = social["entry"][0].clone();
            social["entry"].as_array_mut().unwrap().push(again);
        }),
        ("cmp-1", |b| {
            let section = composition(b)["section"][15].as_object_mut().unwrap();
            section.remove("text");
            section.remove("entry");
        }),
    ]
}

#[test]
fn every_other_rule_of_the_summary_can_be_broken_alone() {
    let good = summary();
    for (id, spoil) in own_breaks() {
        let mut bundle = good.clone();
        spoil(&mut bundle);
        let mut found = ids(&ips::check(&bundle));
        if id == "cmp-1" {
            assert!(found.remove("Composition.section.text"), "cmp-1 is about sections that lack their text as well");
        }
        assert_eq!(found, BTreeSet::from([id]));
    }
    assert!(!ips::check(&Value::Null).is_empty());
}

#[test]
fn what_claims_no_profile_is_only_warned_of() {
    let mut bundle = assemble(ips::assemble).bundle;
    kind(&mut bundle, "Condition").as_object_mut().unwrap().remove("code");
    let broken = ips::check(&bundle);
    assert_eq!(
        broken.iter().map(|broken| (broken.rule, broken.level)).collect::<Vec<_>>(),
        [("Condition.code", super::Level::Warning)]
    );
}

fn shared() -> Value {
    let mut assembled = assemble(ktc::assemble);
    ktc::attach_rendered(&mut assembled, b"%PDF-1.7\n", [9; 16]);
    assembled.bundle
}

#[test]
fn every_rule_of_patient_shared_documents_can_be_broken_alone() {
    let good = shared();
    assert_eq!(ktc::check(&good), []);
    fn document(bundle: &mut Value) -> &mut serde_json::Map<String, Value> {
        kind(bundle, "DocumentReference").as_object_mut().unwrap()
    }
    let breaks: Vec<(&str, Break)> = vec![
        ("Bundle", |b| b["resourceType"] = json!("Basic")),
        ("Bundle.type", |b| b["type"] = json!("document")),
        ("Bundle.timestamp", |b| drop(b.as_object_mut().unwrap().remove("timestamp"))),
        ("Bundle.timestamp", |b| b["timestamp"] = json!("2026-01-01")),
        ("Bundle.timestamp", |b| b["timestamp"] = json!("2026-01-01T10:00:00")),
        ("Bundle.timestamp", |b| b["timestamp"] = json!("2026-01-01T10:00Z")),
        ("Bundle.entry", |b| {
            let patient = b["entry"][0].clone();
            b["entry"] = json!([patient]);
            kind(b, "Patient").as_object_mut().unwrap().remove("generalPractitioner");
        }),
        ("Bundle.entry:patient", |b| {
            let mut again = b["entry"][0].clone();
            again["fullUrl"] = json!("urn:uuid:1");
            b["entry"].as_array_mut().unwrap().push(again);
        }),
        ("Bundle.entry.resource", |b| b["entry"].as_array_mut().unwrap().push(json!({"fullUrl": "urn:uuid:1"}))),
        ("bdl-2", |b| b["entry"][0]["search"] = json!({"mode": "match"})),
        ("bdl-3", |b| b["entry"][0]["request"] = json!({"method": "GET"})),
        ("bdl-4", |b| b["entry"][0]["response"] = json!({"status": "200"})),
        ("bdl-7", |b| {
            let again = b["entry"].as_array().unwrap().last().unwrap().clone();
            b["entry"].as_array_mut().unwrap().push(again);
        }),
        ("Bundle.entry.fullUrl", |b| {
            b["entry"].as_array_mut().unwrap().push(json!({"resource": {"resourceType": "Flag"}}))
        }),
        ("references", |b| kind(b, "Procedure")["encounter"] = json!({"reference": "Encounter/gone"})),
        ("meta.profile", |b| kind(b, "Procedure")["meta"] = json!({"profile": ["http://a.example"]})),
        ("rendered-pdf", |b| drop(b["entry"].as_array_mut().unwrap().remove(1))),
        ("app-attestation", |b| {
            b["meta"]["extension"] = json!([{"url": ktc::ATTESTATION, "valueString": "e30.e30.AA"}]);
        }),
        ("DocumentReference.status", |b| drop(document(b).insert("status".to_owned(), json!("superseded")))),
        ("DocumentReference.type", |b| {
            document(b)["type"]["coding"].as_array_mut().unwrap().push(loinc("51855-5")["coding"][0].clone())
        }),
        ("DocumentReference.category", |b| drop(document(b).remove("category"))),
        ("DocumentReference.subject", |b| drop(document(b).remove("subject"))),
        ("DocumentReference.author", |b| drop(document(b).insert("author".to_owned(), json!([{"display": "x"}])))),
        ("DocumentReference.date", |b| drop(document(b).remove("date"))),
        ("DocumentReference.content", |b| {
            let again = document(b)["content"][0].clone();
            document(b)["content"].as_array_mut().unwrap().push(again);
        }),
        ("DocumentReference.content.attachment", |b| document(b)["content"] = json!([{"format": {"code": "x"}}])),
        ("DocumentReference.content.attachment.contentType", |b| {
            document(b)["content"][0]["attachment"]["contentType"] = json!("text/html")
        }),
        ("DocumentReference.content.attachment.data", |b| {
            document(b)["content"][0]["attachment"]["data"] = json!("PGh0bWw+")
        }),
        ("DocumentReference.meta.security", |b| drop(document(b).remove("meta"))),
    ];
    let mut all: BTreeSet<&str> = super::ktc::rules().iter().map(|rule| rule.id).collect();
    for (id, spoil) in breaks {
        let mut bundle = good.clone();
        spoil(&mut bundle);
        assert_eq!(ids(&ktc::check(&bundle)), BTreeSet::from([id]));
        all.remove(id);
    }
    assert!(all.is_empty(), "nothing breaks {all:?}");
}

#[test]
fn an_attestation_of_the_right_form_passes() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
    let part = |value: Value| B64.encode(value.to_string());
    let jws = |claims: Value| {
        format!("{}.{}.{}", part(json!({"alg": "ES256", "kid": "1"})), part(claims), B64.encode([0; 64]))
    };
    let mut bundle = shared();
    let claims =
        json!({"iss": "https://app.example", "iat": 1_780_000_000, "jti": "4b86befa-fa7e-9285-615f-e081dab3f93c"});
    bundle["meta"]["extension"] = json!([{"url": ktc::ATTESTATION, "valueString": jws(claims.clone())}]);
    assert_eq!(ktc::check(&bundle), []);
    let mut more = claims;
    more["exp"] = json!(1);
    bundle["meta"]["extension"] = json!([{"url": ktc::ATTESTATION, "valueString": jws(more)}]);
    assert_eq!(ids(&ktc::check(&bundle)), BTreeSet::from(["app-attestation"]));
}
