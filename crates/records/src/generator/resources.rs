//! The resources of a made-up patient, visit by visit.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Number, Value, json};

use super::{
    PatientSpec,
    chance::Chance,
    tables::{self, Chronic, Code, Measured, Names},
};
use crate::{
    datetime,
    terminology::{
        ALLERGY_CLINICAL, CONDITION_CLINICAL, CONDITION_VERIFICATION, LOINC, OBSERVATION_CATEGORY, SNOMED, UCUM,
        V3_ACT_CODE,
    },
};

const ATC: &str = "http://www.whocc.no/atc";
const CVX: &str = "http://hl7.org/fhir/sid/cvx";

pub(super) struct Maker {
    pub(super) chance: Chance,
    entries: Vec<Value>,
    pub(super) names: &'static Names,
    first_day: i64,
    pub(super) last_day: i64,
    patient: String,
    pub(super) practitioner: String,
    pub(super) organization: String,
    problems: Vec<&'static Chronic>,
    visits: u64,
}

impl Maker {
    pub(super) fn new(mut chance: Chance, spec: &PatientSpec) -> Self {
        let named = spec.names.and_then(|language| tables::NAMES.iter().find(|names| names.language == language));
        let names = named.or_else(|| chance.pick(tables::NAMES)).unwrap_or(&EMPTY_NAMES);
        let first = chance.below(tables::CHRONIC.len() as u64) as usize;
        let mut problems: Vec<&Chronic> = tables::CHRONIC.iter().cycle().skip(first).take(3).collect();
        if spec.sensitive {
            problems.extend(chance.pick(tables::SENSITIVE));
        }
        let (patient, practitioner, organization) = (chance.uuid(), chance.uuid(), chance.uuid());
        let first_day = spec.last_day - i64::from(spec.years.max(1)) * 365;
        Maker {
            chance,
            entries: Vec::with_capacity(spec.resources + 32),
            names,
            first_day,
            last_day: spec.last_day,
            patient,
            practitioner,
            organization,
            problems,
            visits: 0,
        }
    }

    pub(super) fn made(&self) -> usize {
        self.entries.len()
    }

    /// The entries, exactly so many.
    pub(super) fn finish(mut self, wanted: usize) -> Vec<Value> {
        self.entries.truncate(wanted);
        self.entries
    }

    /// Who the patient is, who treats, and what is known from the start.
    pub(super) fn background(&mut self) {
        let names = self.names;
        let female = self.chance.once_in(2);
        let given = *self.chance.pick(if female { names.female } else { names.male }).unwrap_or(&"");
        let family = *self.chance.pick(names.family).unwrap_or(&"");
        let born = self.first_day - self.chance.between(18 * 365, 55 * 365);
        let number = self.chance.between(100_000, 999_999).to_string();
        let patient = self.patient.clone();
        self.add(&patient, json!({
            "resourceType": "Patient",
            "identifier": [{
                "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}], "text": "Medical record number"},
                "system": "https://hospital.example/patients",
                "value": number,
            }],
            "name": [{"use": "official", "family": family, "given": [given]}],
            "gender": if female { "female" } else { "male" },
            "birthDate": day(born),
            "address": [{"line": ["1 Example Street"], "city": names.city, "country": names.country}],
            "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": names.language}]}}],
        }));
        let organization = self.organization.clone();
        self.add(
            &organization,
            json!({"resourceType": "Organization", "active": true, "name": format!("{} health centre", names.city)}),
        );
        let doctor = *self.chance.pick(names.family).unwrap_or(&"");
        let practitioner = self.practitioner.clone();
        self.add(
            &practitioner,
            json!({
                "resourceType": "Practitioner",
                "name": [{"family": doctor, "prefix": ["Dr."]}],
            }),
        );
        for problem in self.problems.clone() {
            let since = self.chance.between(self.first_day, self.last_day - 200);
            self.condition(problem.problem, since, None);
            self.medication(problem.medicine, problem.strength, problem.dosage, since, "active");
        }
        for _ in 0..2 {
            if let Some(allergy) = self.chance.pick(tables::ALLERGIES) {
                self.allergy(allergy);
            }
        }
        let id = self.chance.uuid();
        let resource = json!({
            "resourceType": "Observation",
            "status": "final",
            "category": category("social-history"),
            "code": {"coding": [{"system": LOINC, "code": "72166-2", "display": "Tobacco smoking status"}]},
            "subject": self.subject(),
            "effectiveDateTime": day(self.first_day),
            "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "266919005", "display": "Never smoked tobacco (finding)"}]},
        });
        self.add(&id, resource);
    }

    /// One visit and what came of it, stopping early once there are enough resources.
    pub(super) fn visit(&mut self, on: i64, wanted: usize) {
        self.visits += 1;
        let visit = self.chance.uuid();
        let start = on * 86_400 + self.chance.between(8 * 60, 16 * 60) * 60;
        let class = if self.visits.is_multiple_of(12) { ("IMP", "inpatient encounter") } else { ("AMB", "ambulatory") };
        let (from, to) = (moment(start), moment(start + 1800));
        let resource = json!({
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"system": V3_ACT_CODE, "code": class.0, "display": class.1},
            "type": [concept(SNOMED, ("185349003", "Encounter for check up (procedure)"))],
            "subject": self.subject(),
            "participant": [{"individual": reference(&self.practitioner)}],
            "period": {"start": from, "end": to},
            "serviceProvider": reference(&self.organization),
        });
        self.add(&visit, resource);
        for measured in tables::VITALS {
            self.measurement(measured, "vital-signs", &visit, start);
        }
        self.blood_pressure(&visit, start);
        if self.visits.is_multiple_of(2) {
            let labs: Vec<Value> = tables::LABS
                .iter()
                .map(|measured| reference(&self.measurement(measured, "laboratory", &visit, start)))
                .collect();
            self.report(&visit, start, labs);
        }
        if self.visits.is_multiple_of(3)
            && let Some(vaccine) = self.chance.pick(tables::VACCINES)
        {
            self.immunization(*vaccine, &visit, start);
        }
        if self.visits.is_multiple_of(4)
            && let Some((problem, medicine)) = self.chance.pick(tables::PASSING)
        {
            self.condition(*problem, on, Some(on + 12));
            self.medication(*medicine, "", "as needed for 7 days", on, "stopped");
        }
        if self.visits.is_multiple_of(5)
            && let Some(procedure) = self.chance.pick(tables::PROCEDURES)
        {
            self.procedure(*procedure, &visit, start);
        }
        self.note(&visit, start);
        if self.made() < wanted && self.visits % 2 == 1 {
            self.claim(&visit, start);
        }
    }

    pub(super) fn add(&mut self, id: &str, mut resource: Value) {
        if let Some(members) = resource.as_object_mut() {
            members.shift_insert(1, "id".to_owned(), json!(id));
        }
        self.entries.push(json!({"fullUrl": format!("urn:uuid:{id}"), "resource": resource}));
    }

    pub(super) fn subject(&self) -> Value {
        reference(&self.patient)
    }

    fn condition(&mut self, code: Code, from: i64, to: Option<i64>) {
        let id = self.chance.uuid();
        let mut resource = json!({
            "resourceType": "Condition",
            "clinicalStatus": {"coding": [{
                "system": CONDITION_CLINICAL,
                "code": if to.is_some() { "resolved" } else { "active" },
            }]},
            "verificationStatus": {"coding": [{
                "system": CONDITION_VERIFICATION, "code": "confirmed",
            }]},
            "code": concept(SNOMED, code),
            "subject": self.subject(),
            "onsetDateTime": day(from),
            "recordedDate": day(from),
            "recorder": reference(&self.practitioner),
        });
        if let (Some(to), Some(members)) = (to, resource.as_object_mut()) {
            members.insert("abatementDateTime".to_owned(), json!(day(to)));
        }
        self.add(&id, resource);
    }

    fn medication(&mut self, code: Code, strength: &str, dosage: &str, from: i64, status: &str) {
        let id = self.chance.uuid();
        let text = format!("{} {strength}", code.1);
        let resource = json!({
            "resourceType": "MedicationRequest",
            "status": status,
            "intent": "order",
            "medicationCodeableConcept": {"coding": [{"system": ATC, "code": code.0, "display": code.1}], "text": text.trim()},
            "subject": self.subject(),
            "authoredOn": day(from),
            "requester": reference(&self.practitioner),
            "dosageInstruction": [{"text": dosage}],
        });
        self.add(&id, resource);
    }

    fn allergy(&mut self, (code, category, reaction, severity): &(Code, &str, Code, &str)) {
        let id = self.chance.uuid();
        let since = self.chance.between(self.first_day, self.last_day);
        let resource = json!({
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{
                "system": ALLERGY_CLINICAL, "code": "active",
            }]},
            "type": "allergy",
            "category": [category],
            "criticality": if *severity == "severe" { "high" } else { "low" },
            "code": concept(SNOMED, *code),
            "patient": self.subject(),
            "recordedDate": day(since),
            "reaction": [{"manifestation": [concept(SNOMED, *reaction)], "severity": severity}],
        });
        self.add(&id, resource);
    }

    fn measurement(&mut self, measured: &Measured, of: &str, visit: &str, at: i64) -> String {
        let id = self.chance.uuid();
        let value = self.chance.between(measured.values.0, measured.values.1);
        let mut resource = json!({
            "resourceType": "Observation",
            "status": "final",
            "category": category(of),
            "code": concept(LOINC, measured.code),
            "subject": self.subject(),
            "encounter": reference(visit),
            "effectiveDateTime": moment(at),
            "issued": moment(at + 7200),
            "performer": [reference(&self.practitioner)],
            "valueQuantity": quantity(value, measured.unit),
        });
        if let (Some((low, high)), Some(members)) = (measured.range, resource.as_object_mut()) {
            let judged = if value < low {
                ("L", "Low")
            } else if value > high {
                ("H", "High")
            } else {
                ("N", "Normal")
            };
            let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
            members.insert("interpretation".to_owned(), json!([concept(system, judged)]));
            let range = json!([{"low": quantity(low, measured.unit), "high": quantity(high, measured.unit)}]);
            members.insert("referenceRange".to_owned(), range);
        }
        self.add(&id, resource);
        id
    }

    fn blood_pressure(&mut self, visit: &str, at: i64) {
        let id = self.chance.uuid();
        let (upper, lower) = (self.chance.between(105, 165), self.chance.between(62, 98));
        let part = |code: Code, value: i64| json!({"code": concept(LOINC, code), "valueQuantity": quantity(value * 10, "mm[Hg]")});
        let resource = json!({
            "resourceType": "Observation",
            "status": "final",
            "category": category("vital-signs"),
            "code": concept(LOINC, ("85354-9", "Blood pressure panel with all children optional")),
            "subject": self.subject(),
            "encounter": reference(visit),
            "effectiveDateTime": moment(at),
            "component": [
                part(("8480-6", "Systolic blood pressure"), upper),
                part(("8462-4", "Diastolic blood pressure"), lower),
            ],
        });
        self.add(&id, resource);
    }

    fn report(&mut self, visit: &str, at: i64, results: Vec<Value>) {
        let id = self.chance.uuid();
        let resource = json!({
            "resourceType": "DiagnosticReport",
            "status": "final",
            "category": [concept("http://terminology.hl7.org/CodeSystem/v2-0074", ("LAB", "Laboratory"))],
            "code": concept(LOINC, ("11502-2", "Laboratory report")),
            "subject": self.subject(),
            "encounter": reference(visit),
            "effectiveDateTime": moment(at),
            "issued": moment(at + 7200),
            "performer": [reference(&self.organization)],
            "result": results,
        });
        self.add(&id, resource);
    }

    fn immunization(&mut self, vaccine: Code, visit: &str, at: i64) {
        let id = self.chance.uuid();
        let lot = format!("EX{:05}", self.chance.below(100_000));
        let resource = json!({
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": concept(CVX, vaccine),
            "patient": self.subject(),
            "encounter": reference(visit),
            "occurrenceDateTime": moment(at),
            "primarySource": true,
            "lotNumber": lot,
        });
        self.add(&id, resource);
    }

    fn procedure(&mut self, code: Code, visit: &str, at: i64) {
        let id = self.chance.uuid();
        let resource = json!({
            "resourceType": "Procedure",
            "status": "completed",
            "code": concept(SNOMED, code),
            "subject": self.subject(),
            "encounter": reference(visit),
            "performedPeriod": {"start": moment(at), "end": moment(at + 1200)},
            "performer": [{"actor": reference(&self.practitioner)}],
        });
        self.add(&id, resource);
    }

    fn note(&mut self, visit: &str, at: i64) {
        let id = self.chance.uuid();
        let mut text = String::new();
        for _ in 0..self.chance.between(8, 24) {
            text.push_str(self.chance.pick(tables::SENTENCES).unwrap_or(&""));
            text.push('\n');
        }
        let resource = json!({
            "resourceType": "DocumentReference",
            "status": "current",
            "type": concept(LOINC, ("11506-3", "Progress note")),
            "subject": self.subject(),
            "date": moment(at),
            "author": [reference(&self.practitioner)],
            "content": [{"attachment": {
                "contentType": "text/plain; charset=utf-8",
                "language": "en",
                "data": BASE64_STANDARD.encode(text),
            }}],
            "context": {"encounter": [reference(visit)]},
        });
        self.add(&id, resource);
    }

    fn claim(&mut self, visit: &str, at: i64) {
        let id = self.chance.uuid();
        let items: Vec<Value> = (1..=6)
            .map(|sequence| {
                json!({
                    "sequence": sequence,
                    "productOrService": concept(SNOMED, ("185349003", "Encounter for check up (procedure)")),
                    "encounter": [reference(visit)],
                    "net": {"value": number(self.chance.between(100, 9999)), "currency": "EUR"},
                })
            })
            .collect();
        let resource = json!({
            "resourceType": "Claim",
            "status": "active",
            "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", ("professional", "Professional")),
            "use": "claim",
            "patient": self.subject(),
            "billablePeriod": {"start": moment(at), "end": moment(at + 1800)},
            "created": moment(at + 86_400),
            "provider": reference(&self.organization),
            "priority": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/processpriority", "code": "normal"}]},
            "insurance": [{"sequence": 1, "focal": true, "coverage": {"display": "Statutory health insurance"}}],
            "item": items,
            "total": {"value": number(self.chance.between(1000, 99_999)), "currency": "EUR"},
        });
        self.add(&id, resource);
    }
}

const EMPTY_NAMES: Names = Names { language: "en", female: &[], male: &[], family: &[], city: "", country: "" };

pub(super) fn concept(system: &str, (code, display): Code) -> Value {
    let text = crate::terminology::without_semantic_tag(display);
    json!({"coding": [{"system": system, "code": code, "display": display}], "text": text})
}

pub(super) fn category(code: &str) -> Value {
    json!([{"coding": [{"system": OBSERVATION_CATEGORY, "code": code}]}])
}

pub(super) fn reference(id: &str) -> Value {
    json!({"reference": format!("urn:uuid:{id}")})
}

pub(super) fn quantity(tenths: i64, unit: &str) -> Value {
    let shown = if unit == "mm[Hg]" {
        "mmHg"
    } else if unit == "Cel" {
        "°C"
    } else {
        unit
    };
    json!({"value": number(tenths), "unit": shown, "system": UCUM, "code": unit})
}

/// Tenths as a decimal with one digit after the point, which must survive as it is (`62.0`).
pub(super) fn number(tenths: i64) -> Value {
    let text = format!("{}.{}", tenths / 10, tenths % 10);
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

pub(super) fn day(day: i64) -> String {
    moment(day * 86_400).get(..10).unwrap_or_default().to_owned()
}

pub(super) fn moment(seconds: i64) -> String {
    datetime::instant(seconds).unwrap_or_default()
}
