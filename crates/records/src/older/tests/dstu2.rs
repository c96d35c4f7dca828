//! Statements of each kind in DSTU2, and what cannot be said in R4.

use super::*;

fn r4(resource: Value) -> Option<Value> {
    super::r4(Version::Dstu2, resource)
}

#[test]
fn an_allergy_says_apart_whether_it_is_there_and_whether_it_is_sure() {
    let made = r4(json!({
        "resourceType": "AllergyIntolerance", "id": "a1",
        "meta": {"profile": ["http://fhir.org/guides/argonaut/StructureDefinition/argo-allergyintolerance"]},
        "text": {"status": "generated", "div": "<div>Penicillin</div>"},
        "onset": "2004", "_onset": {"extension": [{"url": "x", "valueString": "spring"}]},
        "recordedDate": "2010-05-01",
        "patient": {"reference": "Patient/1"}, "reporter": {"reference": "Patient/1"},
        "substance": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7980"}], "text": "Penicillin"},
        "status": "confirmed", "criticality": "CRITH", "type": "allergy", "category": "medication",
        "lastOccurence": "2012-03", "note": {"text": "Carries a pen"},
        "reaction": [{"certainty": "likely", "manifestation": [{"text": "Hives"}], "severity": "severe", "note": {"text": "Arms"}}],
    }));
    let expected = json!({
        "resourceType": "AllergyIntolerance", "id": "a1",
        "text": {"status": "generated", "div": "<div>Penicillin</div>"},
        "onsetDateTime": "2004", "_onsetDateTime": {"extension": [{"url": "x", "valueString": "spring"}]},
        "recordedDate": "2010-05-01",
        "patient": {"reference": "Patient/1"}, "asserter": {"reference": "Patient/1"},
        "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7980"}], "text": "Penicillin"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "confirmed"}]},
        "criticality": "high", "type": "allergy", "category": ["medication"],
        "lastOccurrence": "2012-03", "note": [{"text": "Carries a pen"}],
        "reaction": [{
            "extension": [{
                "url": "http://hl7.org/fhir/1.0/StructureDefinition/extension-AllergyIntolerance.reaction.certainty",
                "valueCode": "likely"
            }],
            "manifestation": [{"text": "Hives"}], "severity": "severe", "note": [{"text": "Arms"}]
        }],
    });
    assert_eq!(made, Some(expected));
    let status = |code: &str| {
        let made = r4(json!({"resourceType": "AllergyIntolerance", "patient": {"display": "P"}, "status": code}))?;
        Some(
            ["clinicalStatus", "verificationStatus"]
                .map(|name| made[name]["coding"][0]["code"].as_str().map(str::to_owned)),
        )
    };
    let both = |clinical: Option<&str>, verification: Option<&str>| {
        Some([clinical, verification].map(|code| code.map(str::to_owned)))
    };
    assert_eq!(status("resolved"), both(Some("resolved"), None));
    assert_eq!(status("refuted"), both(Some("inactive"), Some("refuted")));
    assert_eq!(status("entered-in-error"), both(None, Some("entered-in-error")));
    assert_eq!(status("maybe"), None);
    let silent =
        r4(json!({"resourceType": "AllergyIntolerance", "patient": {"display": "P"}, "category": "other"})).unwrap();
    assert_eq!(silent["clinicalStatus"]["extension"][0]["valueCode"], "unknown");
    assert_eq!(silent["extension"][0]["valueCode"], "other");
}

#[test]
fn a_condition_that_is_over_is_not_active() {
    let condition = |members: Value| {
        let mut resource =
            json!({"resourceType": "Condition", "patient": {"reference": "Patient/1"}, "code": {"text": "Asthma"}});
        resource.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        r4(resource)
    };
    let made = condition(json!({
        "clinicalStatus": "active", "verificationStatus": "confirmed", "dateRecorded": "2016-01-02", "notes": "Since school",
        "category": {"coding": [{"system": "http://hl7.org/fhir/condition-category", "code": "diagnosis"}]},
        "onsetQuantity": {"value": 7.0, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"},
        "evidence": [{"code": {"text": "Wheezing"}}], "stage": {"summary": {"text": "mild"}},
    }))
    .unwrap();
    assert_eq!(made["subject"]["reference"], "Patient/1");
    assert_eq!(made["clinicalStatus"]["coding"][0]["code"], "active");
    assert_eq!(made["verificationStatus"]["coding"][0]["code"], "confirmed");
    assert_eq!(made["recordedDate"], "2016-01-02");
    assert_eq!(made["note"], json!([{"text": "Since school"}]));
    assert_eq!(made["category"][0]["coding"][0]["system"], "http://terminology.hl7.org/CodeSystem/condition-category");
    assert_eq!(made["onsetAge"]["value"].to_string(), "7.0");
    assert_eq!(made["evidence"], json!([{"code": [{"text": "Wheezing"}]}]));
    assert_eq!(made["stage"], json!([{"summary": {"text": "mild"}}]));

    let over = condition(json!({"abatementDateTime": "2010", "verificationStatus": "unknown"})).unwrap();
    assert_eq!(over["clinicalStatus"]["coding"][0]["code"], "inactive");
    assert_eq!(over.get("verificationStatus"), None);
    let over = condition(json!({"abatementBoolean": true, "clinicalStatus": "resolved"})).unwrap();
    assert_eq!(over["extension"][0]["valueBoolean"], true);
    assert_eq!(over["clinicalStatus"]["coding"][0]["code"], "resolved");
    assert_eq!(condition(json!({"abatementString": "last year", "clinicalStatus": "active"})), None);
    let wrong = condition(json!({"clinicalStatus": "active", "verificationStatus": "entered-in-error"})).unwrap();
    assert_eq!(wrong.get("clinicalStatus"), None, "R4 forbids it");
    assert_eq!(wrong["extension"][0]["valueCode"], "active");
    let years = condition(json!({"onsetQuantity": {"value": 7, "unit": "years"}})).unwrap();
    assert_eq!(years["extension"][0]["valueQuantity"]["value"], 7, "an Age has a code");
}

#[test]
fn an_order_is_a_request_with_its_dosage() {
    let made = r4(json!({
        "resourceType": "MedicationOrder", "id": "m1", "dateWritten": "2015-01-15", "status": "stopped", "dateEnded": "2015-02-01",
        "patient": {"reference": "Patient/1"}, "prescriber": {"display": "Dr A"}, "note": "With food",
        "reasonCodeableConcept": {"text": "Pain"}, "reasonEnded": {"text": "Rash"},
        "contained": [{
            "resourceType": "Medication", "id": "med", "code": {"text": "Ibuprofen 400"}, "isBrand": false,
            "product": {
                "form": {"text": "tablet"}, "batch": [{"lotNumber": "7"}],
                "ingredient": [{"item": {"display": "Ibuprofen"}, "amount": {"numerator": {"value": 400}, "denominator": {"value": 1}}}],
            },
        }],
        "medicationReference": {"reference": "#med"},
        "dosageInstruction": [{
            "text": "1 tablet twice a day", "additionalInstructions": {"text": "after meals"},
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnits": "d", "when": "PC"}},
            "siteCodeableConcept": {"text": "mouth"}, "route": {"text": "oral"},
            "doseQuantity": {"value": 1}, "rateRatio": {"numerator": {"value": 1}, "denominator": {"value": 1}},
        }],
        "dispenseRequest": {"numberOfRepeatsAllowed": 2, "medicationCodeableConcept": {"text": "Ibuprofen"}},
        "substitution": {"type": {"text": "generic"}},
    }))
    .unwrap();
    assert_eq!(
        (&made["resourceType"], &made["intent"], &made["status"]),
        (&"MedicationRequest".into(), &"order".into(), &"stopped".into())
    );
    assert_eq!((&made["authoredOn"], &made["requester"]["display"]), (&"2015-01-15".into(), &"Dr A".into()));
    assert_eq!(made["extension"][0]["valueDateTime"], "2015-02-01");
    assert_eq!(made["statusReason"]["text"], "Rash");
    assert_eq!(made["contained"][0]["form"]["text"], "tablet");
    assert_eq!(made["contained"][0]["batch"]["lotNumber"], "7");
    assert_eq!(made["contained"][0]["ingredient"][0]["itemReference"]["display"], "Ibuprofen");
    assert_eq!(
        made["dosageInstruction"][0],
        json!({
            "text": "1 tablet twice a day", "additionalInstruction": [{"text": "after meals"}],
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "when": ["PC"]}},
            "site": {"text": "mouth"}, "route": {"text": "oral"},
            "doseAndRate": [{"doseQuantity": {"value": 1}, "rateRatio": {"numerator": {"value": 1}, "denominator": {"value": 1}}}],
        })
    );
    assert_eq!(made["dispenseRequest"]["extension"][0]["valueCodeableConcept"]["text"], "Ibuprofen");
    assert_eq!(made["substitution"]["allowedCodeableConcept"]["text"], "generic");
    assert_eq!(
        r4(json!({"resourceType": "MedicationOrder", "patient": {"display": "P"}})),
        None,
        "R4 demands a medicine"
    );
}

#[test]
fn what_was_not_done_is_said_by_the_status() {
    let medicine = json!({"text": "Aspirin"});
    let taken = r4(json!({
        "resourceType": "MedicationStatement", "status": "completed", "wasNotTaken": true, "patient": {"display": "P"},
        "reasonNotTaken": [{"text": "sick"}], "medicationCodeableConcept": medicine,
        "dosage": [{"quantityQuantity": {"value": 2}}],
    }))
    .unwrap();
    assert_eq!((&taken["status"], &taken["statusReason"][0]["text"]), (&"not-taken".into(), &"sick".into()));
    assert_eq!(taken["dosage"][0]["doseAndRate"][0]["doseQuantity"]["value"], 2);

    let shot = |members: Value| {
        let mut resource = json!({
            "resourceType": "Immunization", "status": "completed", "wasNotGiven": false, "reported": true,
            "patient": {"display": "P"}, "vaccineCode": {"text": "MMR"},
        });
        resource.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        r4(resource)
    };
    let given = shot(json!({
        "date": "2013-01-10", "performer": {"display": "Nurse"}, "requester": {"display": "Doctor"},
        "explanation": {"reason": [{"text": "travel"}]},
        "vaccinationProtocol": [
            {"doseSequence": 2, "seriesDoses": 3, "doseStatus": {"text": "counts"}, "targetDisease": [{"text": "Measles"}]},
            {"description": "catch-up"},
        ],
    }))
    .unwrap();
    assert_eq!((&given["status"], &given["primarySource"]), (&"completed".into(), &false.into()));
    assert_eq!(given["occurrenceDateTime"], "2013-01-10");
    assert_eq!(given["performer"][0]["function"]["coding"][0]["code"], "AP");
    assert_eq!(given["performer"][1]["actor"]["display"], "Doctor");
    assert_eq!(given["reasonCode"][0]["text"], "travel");
    assert_eq!(given["protocolApplied"][0]["doseNumberPositiveInt"], 2);
    assert_eq!(given["protocolApplied"][1]["_doseNumberString"]["extension"][0]["valueCode"], "unknown");
    let refused = shot(json!({"wasNotGiven": true, "explanation": {"reasonNotGiven": [{"text": "fever"}]}})).unwrap();
    assert_eq!((&refused["status"], &refused["statusReason"]["text"]), (&"not-done".into(), &"fever".into()));
    assert_eq!(refused["_occurrenceDateTime"]["extension"][0]["valueCode"], "unknown");
    assert_eq!(shot(json!({"status": "on-hold"})), None);
    // What cannot be understood may say that nothing was done.
    assert_eq!(shot(json!({"wasNotGiven": "true"})), None);

    let procedure = r4(json!({
        "resourceType": "Procedure", "subject": {"display": "P"}, "status": "completed", "notPerformed": true,
        "reasonNotPerformed": [{"text": "declined"}], "code": {"text": "Biopsy"},
        "performer": [{"actor": {"display": "Dr B"}, "role": {"text": "surgeon"}}], "used": [{"display": "needle"}],
    }))
    .unwrap();
    assert_eq!((&procedure["status"], &procedure["statusReason"]["text"]), (&"not-done".into(), &"declined".into()));
    assert_eq!(procedure["performer"][0]["function"]["text"], "surgeon");
    assert_eq!(procedure["usedReference"][0]["display"], "needle");
}

#[test]
fn results_and_people_keep_what_they_say() {
    let made = r4(json!({
        "resourceType": "Observation", "status": "final", "code": {"text": "Glucose"},
        "category": {"coding": [{"system": "http://hl7.org/fhir/observation-category", "code": "laboratory"}]},
        "valueQuantity": crate::build::quantity("6.30", "mmol/L", ""),
        "interpretation": {"coding": [{"system": "http://hl7.org/fhir/v2/0078", "code": "H"}]},
        "comments": "fasting", "referenceRange": [{"high": {"value": 6.1}, "meaning": {"text": "normal"}}],
        "related": [{"type": "has-member", "target": {"reference": "Observation/2"}}],
        "component": [{"code": {"text": "part"}, "valueString": "x"}],
    }))
    .unwrap();
    assert_eq!(
        made["category"][0]["coding"][0]["system"],
        "http://terminology.hl7.org/CodeSystem/observation-category"
    );
    assert_eq!(made["interpretation"][0]["coding"][0]["system"], "http://terminology.hl7.org/CodeSystem/v2-0078");
    assert_eq!(made["valueQuantity"]["value"].to_string(), "6.30");
    assert_eq!(
        (&made["note"][0]["text"], &made["hasMember"][0]["reference"]),
        (&"fasting".into(), &"Observation/2".into())
    );
    assert_eq!(made["referenceRange"][0]["type"]["text"], "normal");
    let related =
        |parts: Value| r4(json!({"resourceType": "Observation", "status": "final", "code": {}, "related": [parts]}));
    let replaces = related(json!({"type": "replaces", "target": {"display": "O"}})).unwrap();
    assert_eq!(
        replaces["extension"][0]["extension"],
        json!([{"url": "type", "valueCode": "replaces"}, {"url": "target", "valueReference": {"display": "O"}}])
    );
    assert_eq!(related(json!({"type": "has-member", "target": {}, "id": "x"})), None);

    let patient = r4(json!({
        "resourceType": "Patient", "name": [{"family": ["van", "Dijk"], "given": ["Ada"]}], "careProvider": [{"display": "GP"}],
        "maritalStatus": {"coding": [{"system": "http://hl7.org/fhir/v3/MaritalStatus", "code": "M"}]},
        "link": [{"other": {"reference": "Patient/2"}, "type": "replace"}],
    }))
    .unwrap();
    assert_eq!(patient["name"], json!([{"family": "van Dijk", "given": ["Ada"]}]));
    assert_eq!(patient["generalPractitioner"][0]["display"], "GP");
    assert_eq!(
        patient["maritalStatus"]["coding"][0]["system"],
        "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
    );
    assert_eq!(patient["link"][0]["type"], "replaced-by");
    let practitioner = r4(json!({
        "resourceType": "Practitioner", "name": {"family": ["House"]},
        "practitionerRole": [{"role": {"text": "Doctor"}, "specialty": [{"text": "Heart"}, {"text": "Lungs"}]}],
    }))
    .unwrap();
    assert_eq!(practitioner["name"], json!([{"family": "House"}]));
    assert_eq!(
        practitioner["extension"],
        json!([{
            "url": "http://hl7.org/fhir/1.0/StructureDefinition/extension-Practitioner.practitionerRole",
            "extension": [
                {"url": "role", "valueCodeableConcept": {"text": "Doctor"}},
                {"url": "specialty", "valueCodeableConcept": {"text": "Heart"}},
                {"url": "specialty", "valueCodeableConcept": {"text": "Lungs"}},
            ],
        }])
    );
    let report = r4(json!({
        "resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Panel"}, "performer": {"display": "Lab"},
        "category": {"text": "LAB"}, "image": [{"link": {"reference": "Media/1"}}], "codedDiagnosis": [{"text": "Anaemia"}],
    }))
    .unwrap();
    assert_eq!(report["performer"], json!([{"display": "Lab"}]));
    assert_eq!(
        (&report["media"][0]["link"]["reference"], &report["conclusionCode"][0]["text"]),
        (&"Media/1".into(), &"Anaemia".into())
    );
    let dispense = r4(json!({
        "resourceType": "MedicationDispense", "patient": {"display": "P"}, "medicationCodeableConcept": {"text": "Aspirin"},
        "dispenser": {"display": "Pharmacy"}, "identifier": {"value": "1"},
        "substitution": {"type": {"coding": [{"system": "http://hl7.org/fhir/v3/substanceAdminSubstitution", "code": "N"}]}},
        "fhir_comments": ["from the pharmacy"], "_status": {"fhir_comments": ["not sent"]},
    }))
    .unwrap();
    assert_eq!(
        (&dispense["status"], &dispense["performer"][0]["actor"]["display"]),
        (&"unknown".into(), &"Pharmacy".into())
    );
}

#[test]
fn what_r4_cannot_say_is_not_converted() {
    for (resource, why) in [
        (json!({"resourceType": "Encounter", "class": "inpatient"}), "a kind that is not known"),
        (json!({"id": "1"}), "no kind"),
        (json!({"resourceType": "Patient", "species": {"text": "dog"}}), "an element that is not known"),
        (json!({"resourceType": "Patient", "name": [{"family": ["A"], "_family": [null]}]}), "parts that say more"),
        (json!({"resourceType": "Patient", "_careProvider": {}, "contained": {}}), "no list of resources"),
        (json!({"resourceType": "Patient", "contained": [{"resourceType": "Basic"}]}), "such a resource inside"),
        (
            json!({"resourceType": "Patient", "contained": [{"resourceType": "Patient", "contained": []}]}),
            "resources inside those inside",
        ),
        (
            json!({"resourceType": "AllergyIntolerance", "patient": {}, "lastOccurence": "1", "lastOccurrence": "2"}),
            "two for one place",
        ),
        (json!({"resourceType": "Condition", "code": {"text": "Asthma"}}), "R4 demands whose it is"),
        (json!({"resourceType": "Condition", "patient": {}, "notes": {"text": "x"}}), "no text"),
    ] {
        assert_eq!(r4(resource), None, "{why}");
    }
    let mut deep = json!({"system": "x"});
    for _ in 0..40 {
        deep = json!({"extension": [deep]});
    }
    assert_eq!(r4(json!({"resourceType": "Patient", "photo": [deep]})), None);
}
