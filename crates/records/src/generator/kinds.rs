//! One of each further kind of resource that health records bring, and values in every form that results take.
//!
//! A record from one hospital has a dozen kinds; one from another has forty. What is read, listed and shared must not be
//! tried with the common ones alone.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::resources::{Maker, category, concept, day, moment, number, quantity, reference};
use crate::terminology::{ABSENT_REASON, LOINC, SNOMED, UCUM, V3_ACT_CODE};

impl Maker {
    /// Adds one of each kind that the visits do not bring.
    pub(super) fn every_kind(&mut self) {
        let on = self.last_day - 40;
        let at = on * 86_400 + 10 * 3600;
        self.people_and_places();
        self.medicines(on, at);
        self.plans(on, at);
        self.devices_and_pictures(on, at);
        self.paper(on, at);
        self.results(at);
        self.what_was_not_done(on, at);
    }

    fn people_and_places(&mut self) {
        let relative = self.names.female.last().copied().unwrap_or_default();
        let (patient, practitioner, organization) =
            (self.subject(), reference(&self.practitioner), reference(&self.organization));
        let city = self.names.city;
        self.put(json!({
            "resourceType": "RelatedPerson",
            "active": true,
            "patient": patient,
            "relationship": [concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", ("MTH", "mother"))],
            "name": [{"given": [relative]}],
            "telecom": [{"system": "phone", "value": "+44 113 496 0000"}],
        }));
        let location = self.put(json!({
            "resourceType": "Location", "status": "active", "name": format!("{city}, ward 3"), "mode": "instance",
        }));
        self.put(json!({
            "resourceType": "PractitionerRole",
            "active": true,
            "practitioner": practitioner,
            "organization": organization,
            "code": [concept(SNOMED, ("59058001", "General physician"))],
            "location": [reference(&location)],
        }));
        self.put(json!({
            "resourceType": "CareTeam",
            "status": "active",
            "name": "Family practice",
            "subject": patient,
            "participant": [{"member": practitioner}],
        }));
        self.put(json!({
            "resourceType": "FamilyMemberHistory",
            "status": "completed",
            "patient": patient,
            "relationship": concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", ("FTH", "father")),
            "condition": [{
                "code": concept(SNOMED, ("22298006", "Myocardial infarction (disorder)")),
                "onsetAge": {"value": number(630), "unit": "a", "system": UCUM, "code": "a"},
            }],
        }));
        self.put(json!({
            "resourceType": "Coverage",
            "status": "active",
            "subscriberId": "X000000000",
            "beneficiary": patient,
            "payor": [{"display": "Statutory health insurance"}],
        }));
    }

    fn medicines(&mut self, on: i64, at: i64) {
        let (patient, practitioner) = (self.subject(), reference(&self.practitioner));
        let medication = self.put(json!({
            "resourceType": "Medication",
            "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "B01AF02", "display": "apixaban"}], "text": "apixaban 5 mg tablet"},
        }));
        let medication = json!({"reference": format!("urn:uuid:{medication}"), "display": "apixaban 5 mg tablet"});
        self.put(json!({
            "resourceType": "MedicationStatement",
            "status": "active",
            "medicationReference": medication,
            "subject": patient,
            "effectivePeriod": {"start": day(on)},
            "dosage": [{
                "text": "1 tablet twice a day",
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
            }],
        }));
        self.put(json!({
            "resourceType": "MedicationDispense",
            "status": "completed",
            "medicationReference": medication,
            "subject": patient,
            "quantity": {"value": 60, "unit": "tablet"},
            "whenHandedOver": moment(at),
        }));
        self.put(json!({
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationReference": medication,
            "subject": patient,
            "effectiveDateTime": moment(at),
            "performer": [{"actor": practitioner}],
        }));
    }

    fn plans(&mut self, on: i64, at: i64) {
        let (patient, practitioner) = (self.subject(), reference(&self.practitioner));
        let goal = self.put(json!({
            "resourceType": "Goal",
            "lifecycleStatus": "active",
            "description": {"text": "Walk half an hour every day"},
            "subject": patient,
            "startDate": day(on),
        }));
        self.put(json!({
            "resourceType": "CarePlan",
            "status": "active",
            "intent": "plan",
            "title": "Heart and vessels",
            "subject": patient,
            "period": {"start": day(on)},
            "goal": [reference(&goal)],
            "activity": [{"detail": {"status": "in-progress", "description": "Blood pressure at home, twice a week"}}],
        }));
        self.put(json!({
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "code": concept(SNOMED, ("40701008", "Echocardiography (procedure)")),
            "subject": patient,
            "authoredOn": day(on),
            "requester": practitioner,
        }));
        self.put(json!({
            "resourceType": "Appointment",
            "status": "booked",
            "description": "Check of blood pressure",
            "start": moment(at + 30 * 86_400),
            "end": moment(at + 30 * 86_400 + 1200),
            "participant": [{"actor": patient, "status": "accepted"}],
        }));
        self.put(json!({
            "resourceType": "Flag",
            "status": "active",
            "code": {"text": "Takes a blood thinner"},
            "subject": patient,
            "period": {"start": day(on)},
        }));
    }

    fn devices_and_pictures(&mut self, on: i64, at: i64) {
        let patient = self.subject();
        let device = self.put(json!({
            "resourceType": "Device",
            "status": "active",
            "deviceName": [{"name": "Heart pacemaker", "type": "user-friendly-name"}],
            "type": concept(SNOMED, ("14106009", "Cardiac pacemaker, device (physical object)")),
            "serialNumber": "EX-4711",
            "patient": patient,
        }));
        self.put(json!({
            "resourceType": "DeviceUseStatement",
            "status": "active",
            "subject": patient,
            "device": reference(&device),
            "timingDateTime": day(on),
        }));
        self.put(json!({
            "resourceType": "ImagingStudy",
            "status": "available",
            "subject": patient,
            "started": moment(at),
            "numberOfSeries": 1,
            "numberOfInstances": 2,
            "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "DX"}],
            "description": "Chest, two views",
        }));
        let specimen = self.put(json!({
            "resourceType": "Specimen",
            "status": "available",
            "type": concept(SNOMED, ("119297000", "Blood specimen (specimen)")),
            "subject": patient,
            "collection": {"collectedDateTime": moment(at)},
        }));
        let observation = self.result("6690-2", "Leukocytes [#/volume] in Blood by Automated count", at);
        let observation = with(observation, "specimen", reference(&specimen));
        self.put(with(observation, "valueQuantity", quantity(67, "10*3/uL")));
    }

    fn paper(&mut self, on: i64, at: i64) {
        let (patient, practitioner) = (self.subject(), reference(&self.practitioner));
        self.put(json!({
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "subject": patient,
            "authored": moment(at),
            "item": [
                {"linkId": "1", "text": "How is your health in general?", "answer": [{"valueString": "Good"}]},
                {"linkId": "2", "text": "How many flights of stairs do you manage?", "answer": [{"valueInteger": 2}]},
            ],
        }));
        self.put(json!({
            "resourceType": "Communication",
            "status": "completed",
            "subject": patient,
            "sent": moment(at),
            "payload": [{"contentString": "Your results are in and need no change of treatment."}],
        }));
        self.put(json!({
            "resourceType": "Consent",
            "status": "active",
            "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", ("adr", "Advanced Care Directive")),
            "category": [concept("http://terminology.hl7.org/CodeSystem/consentcategorycodes", ("acd", "Advance Directive"))],
            "patient": patient,
            "dateTime": day(on),
            "policyRule": {"text": "Living will, kept at home"},
        }));
        self.put(json!({
            "resourceType": "Binary",
            "contentType": "text/plain; charset=utf-8",
            "data": BASE64_STANDARD.encode("A note that came as a file of its own.\n".repeat(60)),
        }));
        self.put(json!({
            "resourceType": "List",
            "status": "current",
            "mode": "working",
            "title": "Questions for the next visit",
            "subject": patient,
            "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Is the cough from the new tablets?</p></div>"},
        }));
        self.put(json!({
            "resourceType": "Basic",
            "code": {"text": "Something that only one hospital has"},
            "subject": patient,
            "author": practitioner,
            "extension": [{"url": "https://hospital.example/fhir/bed", "valueString": "12b"}],
        }));
    }

    /// Results in every form that a value takes.
    fn results(&mut self, at: i64) {
        let values: [(&str, &str, &str, Value); 9] = [
            (
                "883-9",
                "ABO group [Type] in Blood",
                "valueCodeableConcept",
                concept(SNOMED, ("112144000", "Blood group A (finding)")),
            ),
            ("5778-6", "Color of Urine", "valueString", json!("Yellow")),
            (
                "2888-6",
                "Protein [Mass/volume] in Urine",
                "valueQuantity",
                with(quantity(40, "mg/dL"), "comparator", json!("<")),
            ),
            (
                "53925-2",
                "Protein/Creatinine [Ratio] in Urine",
                "valueRatio",
                json!({"numerator": quantity(120, "mg"), "denominator": quantity(10, "g")}),
            ),
            ("5802-4", "Nitrite [Presence] in Urine by Test strip", "valueBoolean", json!(false)),
            (
                "8310-5",
                "Body temperature",
                "valueRange",
                json!({"low": quantity(366, "Cel"), "high": quantity(371, "Cel")}),
            ),
            (
                "11524-6",
                "EKG study",
                "valueSampledData",
                json!({
                    "origin": {"value": number(0), "unit": "mV"}, "period": 4, "dimensions": 1, "data": "0 2 5 9 4 0 -3 -1 0",
                }),
            ),
            ("8665-2", "Last menstrual period start date", "valueDateTime", json!(day(at / 86_400 - 20))),
            (
                "32623-1",
                "Platelet mean volume [Entitic volume] in Blood",
                "dataAbsentReason",
                concept(ABSENT_REASON, ("error", "Error")),
            ),
        ];
        for (code, display, form, value) in values {
            self.put(with(self.result(code, display, at), form, value));
        }
        let fats = self.result("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", at);
        let fats = with(fats, "valueQuantity", quantity(1310, "mg/dL"));
        let fats = with(fats, "referenceRange", json!([{"text": "<150"}]));
        self.put(with(fats, "note", json!([{"text": "Not fasting."}])));
    }

    fn what_was_not_done(&mut self, on: i64, at: i64) {
        let patient = self.subject();
        self.put(json!({
            "resourceType": "Immunization",
            "status": "not-done",
            "statusReason": concept("http://terminology.hl7.org/CodeSystem/v3-ActReason", ("PATOBJ", "patient objection")),
            "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", ("140", "Influenza, split virus, trivalent, PF")),
            "patient": patient,
            "occurrenceDateTime": day(on),
        }));
        self.put(json!({
            "resourceType": "Procedure",
            "status": "not-done",
            "code": concept(SNOMED, ("73761001", "Colonoscopy (procedure)")),
            "subject": patient,
            "performedDateTime": day(on),
        }));
        self.put(json!({
            "resourceType": "Encounter",
            "status": "cancelled",
            "class": {"system": V3_ACT_CODE, "code": "VR", "display": "virtual"},
            "subject": patient,
            "period": {"start": moment(at)},
        }));
    }

    fn result(&self, code: &str, display: &str, at: i64) -> Value {
        json!({
            "resourceType": "Observation",
            "status": "final",
            "category": category("laboratory"),
            "code": {"coding": [{"system": LOINC, "code": code, "display": display}], "text": display},
            "subject": self.subject(),
            "effectiveDateTime": moment(at),
        })
    }

    /// Adds a resource under a new id, which it gives.
    fn put(&mut self, resource: Value) -> String {
        let id = self.chance.uuid();
        self.add(&id, resource);
        id
    }
}

/// The object with one more member.
fn with(mut object: Value, name: &str, member: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
    object
}
