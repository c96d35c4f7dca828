//! Statements of each kind in STU3, and what cannot be said in R4.

use super::*;

fn r4(resource: Value) -> Option<Value> {
    super::r4(Version::Stu3, resource)
}

fn with(mut resource: Value, members: Value) -> Option<Value> {
    resource.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    r4(resource)
}

fn code(concept: &Value) -> Option<&str> {
    concept["coding"][0]["code"].as_str()
}

#[test]
fn an_allergy_has_its_codes_as_concepts_with_what_they_say_of_themselves() {
    let says = json!({"extension": [{
        "url": "http://nictiz.nl/fhir/StructureDefinition/code-specification",
        "valueCodeableConcept": {"coding": [{"system": "urn:oid:2.16.840.1.113883.5.14", "code": "active"}]},
    }]});
    let made = r4(json!({
        "resourceType": "AllergyIntolerance", "id": "a",
        "meta": {"profile": ["http://nictiz.nl/fhir/StructureDefinition/zib-AllergyIntolerance"]},
        "clinicalStatus": "active", "_clinicalStatus": says, "verificationStatus": "confirmed", "category": ["food"],
        "code": {"text": "Peanut"}, "patient": {"reference": "Patient/p"}, "assertedDate": "2019-03-04",
        "reaction": [{"manifestation": [{"text": "Hives"}]}],
    }));
    let expected = json!({
        "resourceType": "AllergyIntolerance", "id": "a",
        "clinicalStatus": {
            "extension": says["extension"],
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}],
        },
        "verificationStatus": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "confirmed"},
        ]},
        "category": ["food"], "code": {"text": "Peanut"}, "patient": {"reference": "Patient/p"}, "recordedDate": "2019-03-04",
        "reaction": [{"manifestation": [{"text": "Hives"}]}],
    });
    assert_eq!(made, Some(expected));

    let allergy = |members| with(json!({"resourceType": "AllergyIntolerance", "patient": {"display": "P"}}), members);
    let mistake = allergy(json!({"verificationStatus": "entered-in-error"})).unwrap();
    assert_eq!(mistake.get("clinicalStatus"), None, "R4 forbids it");
    let silent = allergy(json!({"verificationStatus": "unconfirmed"})).unwrap();
    assert_eq!(silent["clinicalStatus"]["extension"][0]["valueCode"], "unknown", "R4 demands it");
    assert_eq!(allergy(json!({"verificationStatus": "entered-in-error", "clinicalStatus": "active"})), None);
    assert_eq!(allergy(json!({"clinicalStatus": "maybe"})), None);
}

#[test]
fn a_condition_that_is_over_is_not_active() {
    let condition = |members| {
        with(json!({"resourceType": "Condition", "subject": {"display": "P"}, "code": {"text": "Asthma"}}), members)
    };
    let made = condition(json!({
        "clinicalStatus": "recurrence", "verificationStatus": "confirmed", "assertedDate": "2018", "stage": {"summary": {"text": "mild"}},
        "context": {"reference": "Encounter/1"}, "category": [{"text": "problem"}],
    }))
    .unwrap();
    assert_eq!(
        (code(&made["clinicalStatus"]), code(&made["verificationStatus"])),
        (Some("recurrence"), Some("confirmed"))
    );
    assert_eq!((&made["recordedDate"], &made["stage"]), (&"2018".into(), &json!([{"summary": {"text": "mild"}}])));
    assert_eq!(made["encounter"]["reference"], "Encounter/1");
    let of_an_episode = condition(json!({"context": {"reference": "EpisodeOfCare/1"}})).unwrap();
    assert_eq!(of_an_episode.get("encounter"), None);
    assert_eq!(
        of_an_episode["extension"],
        json!([{
            "url": "http://hl7.org/fhir/3.0/StructureDefinition/extension-Condition.context",
            "valueReference": {"reference": "EpisodeOfCare/1"},
        }])
    );
    assert_eq!(code(&condition(json!({"abatementDateTime": "2020"})).unwrap()["clinicalStatus"]), Some("inactive"));
    assert_eq!(condition(json!({"abatementString": "last year", "clinicalStatus": "recurrence"})), None);
    assert_eq!(condition(json!({"verificationStatus": "entered-in-error", "_clinicalStatus": {"id": "x"}})), None);
}

#[test]
fn what_was_not_done_is_said_by_the_status() {
    let shot = |members| {
        let shot = json!({
            "resourceType": "Immunization", "status": "completed", "notGiven": false, "primarySource": true,
            "patient": {"display": "P"}, "vaccineCode": {"text": "MMR"},
        });
        with(shot, members)
    };
    let given = shot(json!({
        "date": "2017-05-06", "practitioner": [{"role": {"text": "nurse"}, "actor": {"display": "N"}}],
        "explanation": {"reason": [{"text": "travel"}]},
        "vaccinationProtocol": [{"doseSequence": 1, "targetDisease": [{"text": "Measles"}], "doseStatus": {"text": "counts"}}],
    }))
    .unwrap();
    assert_eq!((&given["status"], &given["occurrenceDateTime"]), (&"completed".into(), &"2017-05-06".into()));
    assert_eq!(given["performer"], json!([{"function": {"text": "nurse"}, "actor": {"display": "N"}}]));
    assert_eq!((&given["reasonCode"][0]["text"], &given["primarySource"]), (&"travel".into(), &true.into()));
    assert_eq!(given["protocolApplied"][0]["doseNumberPositiveInt"], 1);
    let refused = shot(json!({"notGiven": true, "explanation": {"reasonNotGiven": [{"text": "fever"}]}})).unwrap();
    assert_eq!((&refused["status"], &refused["statusReason"]["text"]), (&"not-done".into(), &"fever".into()));
    assert_eq!(shot(json!({"notGiven": "yes"})), None);

    let due = |date: &str| {
        json!({"date": date, "vaccineCode": {"text": "MMR"}, "doseNumber": 2, "forecastStatus": {"text": "due"},
        "protocol": {"series": "childhood"}})
    };
    let made = r4(json!({"resourceType": "ImmunizationRecommendation", "patient": {"display": "P"},
        "recommendation": [due("2019-02-03"), due("2018")]}));
    let made = made.unwrap();
    assert_eq!((&made["date"], &made["recommendation"][1]["doseNumberPositiveInt"]), (&"2019-02-03".into(), &2.into()));
    assert_eq!(made["recommendation"][1]["extension"][0]["valueDateTime"], "2018");
    assert_eq!(made["recommendation"][0]["vaccineCode"], json!([{"text": "MMR"}]));

    let procedure = |members| with(json!({"resourceType": "Procedure", "subject": {"display": "P"}}), members).unwrap();
    let made = procedure(json!({
        "status": "aborted", "performer": [{"actor": {"display": "S"}, "role": {"text": "surgeon"}}],
        "definition": [{"reference": "PlanDefinition/1"}],
    }));
    assert_eq!((&made["status"], &made["performer"][0]["function"]["text"]), (&"stopped".into(), &"surgeon".into()));
    assert_eq!(made["extension"][0]["valueReference"]["reference"], "PlanDefinition/1");
    let made = procedure(json!({"status": "suspended", "notDone": true, "notDoneReason": {"text": "declined"}}));
    assert_eq!((&made["status"], &made["statusReason"]["text"]), (&"not-done".into(), &"declined".into()));

    let medicine = json!({"subject": {"display": "P"}, "medicationCodeableConcept": {"text": "Aspirin"}});
    let about = |kind: &str, members: Value| {
        let mut resource = medicine.clone();
        resource["resourceType"] = kind.into();
        with(resource, members)
    };
    let taken =
        |taken: &str, status: &str| about("MedicationStatement", json!({"status": status, "taken": taken})).unwrap();
    assert_eq!(taken("n", "active")["status"], "not-taken");
    assert_eq!(taken("n", "entered-in-error")["status"], "entered-in-error");
    assert_eq!(taken("y", "active").get("extension"), None);
    assert_eq!(
        (&taken("unk", "active")["status"], &taken("unk", "active")["extension"][0]["valueCode"]),
        (&"active".into(), &"unk".into())
    );
    assert_eq!(about("MedicationStatement", json!({"status": "active", "taken": "perhaps"})), None);
    let dispense =
        about("MedicationDispense", json!({"notDone": true, "notDoneReasonCodeableConcept": {"text": "none left"}}));
    assert_eq!(dispense.as_ref().map(|made| &made["status"]), Some(&"declined".into()));
    assert_eq!(dispense.unwrap()["statusReasonCodeableConcept"]["text"], "none left");
    let given = about(
        "MedicationAdministration",
        json!({"status": "completed", "notGiven": true, "reasonNotGiven": [{"text": "asleep"}], "prescription": {"display": "R"}}),
    )
    .unwrap();
    assert_eq!((&given["status"], &given["statusReason"][0]["text"]), (&"not-done".into(), &"asleep".into()));
    assert_eq!(given["request"]["display"], "R");

    let family =
        json!({"resourceType": "FamilyMemberHistory", "patient": {"display": "P"}, "relationship": {"text": "mother"}});
    let made = with(
        family,
        json!({"status": "partial", "notDone": true, "notDoneReason": {"text": "unknown"}, "gender": "female"}),
    );
    let made = made.unwrap();
    assert_eq!((&made["status"], &made["dataAbsentReason"]["text"]), (&"health-unknown".into(), &"unknown".into()));
    assert_eq!(code(&made["sex"]), Some("female"));
}

#[test]
fn an_order_says_who_asked_and_how_much() {
    let made = r4(json!({
        "resourceType": "MedicationRequest", "intent": "order", "subject": {"display": "P"}, "category": {"text": "outpatient"},
        "medicationReference": {"reference": "#m"},
        "contained": [{
            "resourceType": "Medication", "id": "m", "isBrand": true, "meta": {"profile": ["http://p.example"]},
            "ingredient": [{"itemCodeableConcept": {"text": "Ibuprofen"}, "amount": {"numerator": {"value": 400}, "denominator": {"value": 1}}}],
            "package": {
                "batch": [{"lotNumber": "7"}], "container": {"text": "blister"},
                "content": [{"itemCodeableConcept": {"text": "tablet"}, "amount": {"value": 20}}],
            },
        }],
        "requester": {"agent": {"reference": "Practitioner/1"}, "onBehalfOf": {"reference": "Organization/1"}},
        "dosageInstruction": [{"text": "1-0-1", "doseQuantity": {"value": 1}, "rateQuantity": {"value": 2}}],
        "substitution": {"allowed": false},
    }))
    .unwrap();
    assert_eq!((&made["status"], &made["category"]), (&"unknown".into(), &json!([{"text": "outpatient"}])));
    assert_eq!(
        made["requester"],
        json!({
            "reference": "Practitioner/1",
            "extension": [{
                "url": "http://hl7.org/fhir/3.0/StructureDefinition/extension-MedicationRequest.requester.onBehalfOf",
                "valueReference": {"reference": "Organization/1"},
            }],
        })
    );
    assert_eq!(
        made["dosageInstruction"],
        json!([{"text": "1-0-1", "doseAndRate": [{"doseQuantity": {"value": 1}, "rateQuantity": {"value": 2}}]}])
    );
    assert_eq!(made["substitution"], json!({"allowedBoolean": false}));
    let medicine = &made["contained"][0];
    assert_eq!((&medicine["batch"]["lotNumber"], medicine.get("meta")), (&"7".into(), None));
    assert_eq!(medicine["ingredient"][0]["strength"]["numerator"]["value"], 400);
    let kept: Vec<&str> =
        medicine["extension"].as_array().unwrap().iter().map(|one| one["url"].as_str().unwrap()).collect();
    assert!(
        kept.iter().any(|url| url.ends_with("-Medication.isBrand"))
            && kept.iter().any(|url| url.ends_with("-Medication.package.container"))
    );

    let request = |members| {
        with(json!({"resourceType": "ProcedureRequest", "intent": "order", "subject": {"display": "P"}}), members)
            .unwrap()
    };
    let made = request(
        json!({"status": "cancelled", "_status": {"id": "s"}, "requester": {"agent": {"display": "D"}}, "performer": {"display": "L"}}),
    );
    assert_eq!(
        (&made["resourceType"], &made["status"], &made["_status"]["id"]),
        (&"ServiceRequest".into(), &"revoked".into(), &"s".into())
    );
    assert_eq!((&made["requester"]["display"], &made["performer"]), (&"D".into(), &json!([{"display": "L"}])));
    let referral = json!({
        "resourceType": "ReferralRequest", "status": "active", "intent": "order", "subject": {"display": "P"},
        "type": {"text": "referral"}, "serviceRequested": [{"text": "heart"}], "recipient": [{"display": "H"}],
    });
    let made = r4(referral).unwrap();
    assert_eq!((&made["code"]["text"], &made["category"][0]["text"]), (&"heart".into(), &"referral".into()));
    let device = json!({
        "resourceType": "DeviceRequest", "status": "suspended", "subject": {"display": "P"}, "codeCodeableConcept": {"text": "cane"},
        "intent": {"coding": [{"system": "http://hl7.org/fhir/request-intent", "code": "plan"}]},
    });
    let made = r4(device.clone()).unwrap();
    assert_eq!((&made["status"], &made["intent"]), (&"on-hold".into(), &"plan".into()));
    assert_eq!(with(device, json!({"intent": {"coding": [{"code": "wish"}]}})), None);
    let diet = r4(json!({"resourceType": "NutritionOrder", "status": "requested", "patient": {"display": "P"}, "dateTime": "2019"})).unwrap();
    assert_eq!((&diet["status"], &diet["intent"]), (&"active".into(), &"order".into()));
}

#[test]
fn results_plans_and_papers_keep_what_they_say() {
    let made = r4(json!({
        "resourceType": "Observation", "status": "final", "code": {"text": "Glucose"}, "context": {"reference": "Encounter/1"},
        "valueQuantity": crate::build::quantity("6.30", "mmol/L", ""), "interpretation": {"text": "high"}, "comment": "fasting",
        "category": [{"coding": [{"system": "http://hl7.org/fhir/observation-category", "code": "laboratory"}]}],
        "component": [{"code": {"text": "part"}, "interpretation": {"text": "low"}}],
        "related": [{"type": "has-member", "target": {"reference": "Observation/2"}}],
    }))
    .unwrap();
    assert_eq!(made["valueQuantity"]["value"].to_string(), "6.30");
    assert_eq!((&made["note"], &made["interpretation"]), (&json!([{"text": "fasting"}]), &json!([{"text": "high"}])));
    assert_eq!(made["component"][0]["interpretation"], json!([{"text": "low"}]));
    assert_eq!(made["hasMember"][0]["reference"], "Observation/2");
    assert_eq!(
        made["category"][0]["coding"][0]["system"],
        "http://terminology.hl7.org/CodeSystem/observation-category"
    );

    let made = r4(json!({
        "resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Panel"}, "category": {"text": "lab"},
        "performer": [{"actor": {"display": "Lab"}, "role": {"text": "performer"}}, {"actor": {"display": "Other"}}],
    }))
    .unwrap();
    assert_eq!(made["performer"][0]["extension"][0]["valueCodeableConcept"]["text"], "performer");
    assert_eq!(
        (&made["performer"][0]["display"], &made["performer"][1]),
        (&"Lab".into(), &json!({"display": "Other"}))
    );

    let made = r4(json!({
        "resourceType": "Encounter", "status": "finished", "reason": [{"text": "cough"}],
        "diagnosis": [{"condition": {"display": "C"}, "role": {"text": "admission"}}],
    }))
    .unwrap();
    assert_eq!(
        (&made["reasonCode"][0]["text"], &made["diagnosis"][0]["use"]["text"]),
        (&"cough".into(), &"admission".into())
    );
    assert_eq!(made["class"]["extension"][0]["valueCode"], "unknown", "R4 demands it");

    let made = r4(json!({
        "resourceType": "CarePlan", "status": "suspended", "intent": "plan", "subject": {"display": "P"},
        "author": [{"display": "A"}, {"display": "B"}],
        "activity": [{"detail": {"status": "on-hold", "statusReason": "away", "prohibited": false}}],
    }))
    .unwrap();
    assert_eq!(
        (&made["status"], &made["author"]["display"], &made["contributor"]),
        (&"on-hold".into(), &"A".into(), &json!([{"display": "B"}]))
    );
    assert_eq!(
        made["activity"][0]["detail"],
        json!({"status": "on-hold", "statusReason": {"text": "away"}, "doNotPerform": false})
    );

    let goal = |status: &str| {
        let goal = json!({"resourceType": "Goal", "status": status, "description": {"text": "walk"}, "subject": {"display": "P"}});
        let made = r4(goal)?;
        Some((
            made["lifecycleStatus"].as_str()?.to_owned(),
            code(&made["achievementStatus"]).map(str::to_owned),
            made.get("extension").is_some(),
        ))
    };
    assert_eq!(goal("accepted"), Some(("accepted".into(), None, false)));
    assert_eq!(goal("achieved"), Some(("completed".into(), Some("achieved".into()), false)));
    assert_eq!(goal("behind-target"), Some(("active".into(), Some("in-progress".into()), true)));
    assert_eq!(goal("nearly"), None);

    let made = r4(json!({
        "resourceType": "DocumentReference", "status": "current", "type": {"text": "Letter"}, "class": {"text": "letter"},
        "created": "2018-01-01", "indexed": "2018-01-02T10:00:00Z", "content": [{"attachment": {"url": "Binary/1"}}],
        "context": {
            "encounter": {"reference": "Encounter/1"},
            "related": [{"ref": {"reference": "Observation/1"}, "identifier": {"value": "7"}}, {"identifier": {"value": "8"}}],
        },
    }))
    .unwrap();
    assert_eq!((&made["date"], &made["category"]), (&"2018-01-02T10:00:00Z".into(), &json!([{"text": "letter"}])));
    assert_eq!(made["extension"][0]["valueDateTime"], "2018-01-01");
    assert_eq!(
        made["context"],
        json!({
            "encounter": [{"reference": "Encounter/1"}],
            "related": [{"reference": "Observation/1", "identifier": {"value": "7"}}, {"identifier": {"value": "8"}}],
        })
    );

    let made = r4(json!({
        "resourceType": "Device", "udi": {"deviceIdentifier": "00844588003288", "name": "Pump"}, "model": "X", "version": "2",
    }))
    .unwrap();
    assert_eq!(made["udiCarrier"], json!([{"deviceIdentifier": "00844588003288"}]));
    assert_eq!(
        made["deviceName"],
        json!([{"name": "Pump", "type": "udi-label-name"}, {"name": "X", "type": "model-name"}])
    );
    assert_eq!(made["version"], json!([{"value": "2"}]));
    let using = |members| {
        with(json!({"resourceType": "DeviceUseStatement", "status": "active", "subject": {}, "device": {}}), members)
            .unwrap()
    };
    assert_eq!(using(json!({"whenUsed": {"start": "2018"}}))["timingPeriod"]["start"], "2018");
    let both = using(json!({"whenUsed": {"start": "2018"}, "timingDateTime": "2019"}));
    assert_eq!((both.get("timingPeriod"), &both["extension"][0]["valuePeriod"]["start"]), (None, &"2018".into()));
}

#[test]
fn what_r4_has_in_the_same_way_is_the_same() {
    let patient = json!({
        "resourceType": "Patient", "id": "p", "meta": {"profile": ["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"]},
        "name": [{"family": "Jansen"}], "_birthDate": {"id": "b"},
    });
    assert_eq!(r4(patient.clone()), Some(patient));
    for (resource, why) in [
        (json!({"resourceType": "Claim", "status": "active"}), "a kind that is not known"),
        (json!({"resourceType": "Observation", "status": "final", "code": {}, "encounter": {}}), "an element of R4"),
        (json!({"resourceType": "ReferralRequest", "serviceRequested": [{"text": "a"}, {"text": "b"}]}), "R4 has one"),
        (json!({"resourceType": "MedicationRequest", "requester": {"agent": "x"}}), "no reference"),
        (json!({"resourceType": "Coverage", "status": "active"}), "R4 demands whose it is"),
    ] {
        assert_eq!(r4(resource), None, "{why}");
    }
}
