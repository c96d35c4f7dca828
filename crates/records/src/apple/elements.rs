//! The person, workouts, activity rings, audiograms and glasses of an export as FHIR resources.

use quick_xml::events::BytesStart;
use serde_json::{Value, json};

use super::{
    attributes::{attribute, unescape},
    emit::put_device,
    out::{Frame, Out, Person},
    tables::{APPLE, BLOOD_GROUPS, words},
    time::{Stamp, parse_day},
    units,
};
use crate::{
    build::{self, coding, decimal, loinc, object, put, quantity},
    convert::Resource,
    outgoing::absent,
    terminology::SNOMED,
};

/// The most parts of one element (statistics of a workout, points of an audiogram) that are kept.
const PARTS: usize = 200;

/// `Me`: the Patient, the blood group, and what else is set.
pub(super) fn me(element: &BytesStart<'_>, out: &mut Out<'_, '_>) -> Option<Person> {
    let of = |name: &str| attribute(element, &format!("HKCharacteristicTypeIdentifier{name}")).map(unescape);
    let born = of("DateOfBirth").filter(|date| date.len() == 10 && parse_day(date).is_some());
    let sex = of("BiologicalSex").unwrap_or_default();
    let gender = match sex.strip_prefix("HKBiologicalSex") {
        Some("Male") => Some("male"),
        Some("Female") => Some("female"),
        Some("Other") => Some("other"),
        _ => None,
    };
    let blood = of("BloodType").unwrap_or_default();
    let blood = blood.strip_prefix("HKBloodType");
    let blood = BLOOD_GROUPS.iter().find(|(value, _, _)| Some(*value) == blood);
    if born.is_none() && gender.is_none() && blood.is_none() {
        return None;
    }
    let person = Person::born(born.as_deref().unwrap_or_default());
    let mut patient = object(json!({"resourceType": "Patient", "id": person.patient_id()}));
    put(&mut patient, "gender", gender.map(Value::from));
    put(&mut patient, "birthDate", born.as_deref().map(Value::from));
    out.resource(patient, "/HealthData/Me".to_owned());
    if let Some((_, code, name)) = blood {
        let mut resource = object(json!({
            "resourceType": "Observation",
            "id": person.id(&["blood-group"]),
            "status": "final",
            "category": build::category("laboratory"),
            "code": {"coding": [loinc("882-1", "ABO and Rh group [Type] in Blood"),
                coding(APPLE, "HKCharacteristicTypeIdentifierBloodType", "Blood type")], "text": "Blood group"},
            "valueCodeableConcept": {"coding": [coding(SNOMED, code, name)], "text": name},
            "note": [{"text": "As entered in Apple Health, not from a laboratory."}],
        }));
        put(&mut resource, "subject", person.reference());
        out.resource(resource, "/HealthData/Me".to_owned());
    }
    for (name, nothing) in
        [("FitzpatrickSkinType", "NotSet"), ("CardioFitnessMedicationsUse", "None"), ("WheelchairUse", "NotSet")]
    {
        let value = of(name).and_then(|value| build::text(&value, 200)).filter(|value| !value.ends_with(nothing));
        if let Some(value) = value {
            let identifier = format!("HKCharacteristicTypeIdentifier{name}");
            let said = words(&identifier);
            let mut resource = object(json!({
                "resourceType": "Observation",
                "id": person.id(&["characteristic", name]),
                "status": "final",
                "code": {"coding": [coding(APPLE, &identifier, &said)], "text": said},
                "valueString": words(&value),
            }));
            put(&mut resource, "subject", person.reference());
            out.resource(resource, "/HealthData/Me".to_owned());
        }
    }
    Some(person)
}

/// A `Workout` whose end has not been read.
#[derive(Debug, Default)]
pub(super) struct Workout {
    activity: String,
    start: String,
    end: String,
    source: String,
    old: Vec<Value>,
    statistics: Vec<Value>,
    events: Vec<(String, u32)>,
}

impl Workout {
    pub(super) fn start(element: &BytesStart<'_>) -> Workout {
        let of = |name: &str| attribute(element, name).map(|raw| unescape(raw).into_owned()).unwrap_or_default();
        let mut old = Vec::new();
        for (name, unit, identifier, said) in [
            ("duration", "durationUnit", "", "Duration"),
            ("totalDistance", "totalDistanceUnit", "HKQuantityTypeIdentifierDistance", "Distance"),
            (
                "totalEnergyBurned",
                "totalEnergyBurnedUnit",
                "HKQuantityTypeIdentifierActiveEnergyBurned",
                "Energy burned",
            ),
            ("totalFlightsClimbed", "", "HKQuantityTypeIdentifierFlightsClimbed", "Flights climbed"),
            ("totalSwimmingStrokeCount", "", "HKQuantityTypeIdentifierSwimmingStrokeCount", "Swimming strokes"),
        ] {
            let unit = if name == "duration" && of(unit).is_empty() { "min".to_owned() } else { of(unit) };
            if let Some(value) = amount(&of(name), &unit) {
                let mut concept = json!({"text": said});
                if name == "duration" {
                    concept = json!({"coding": [loinc("55411-3", "Exercise duration")], "text": said});
                } else if identifier != "HKQuantityTypeIdentifierDistance" {
                    concept = json!({"coding": [coding(APPLE, identifier, said)], "text": said});
                }
                old.push(json!({"code": concept, "valueQuantity": value}));
            }
        }
        Workout {
            activity: build::text(&of("workoutActivityType"), 200).unwrap_or_default(),
            start: of("startDate"),
            end: of("endDate"),
            source: of("sourceName"),
            old,
            ..Workout::default()
        }
    }

    pub(super) fn statistics(&mut self, element: &BytesStart<'_>) {
        let of = |name: &str| attribute(element, name).map(unescape).unwrap_or_default();
        let Some(identifier) = build::text(&of("type"), 200) else { return };
        let said = words(&identifier);
        for name in ["sum", "average", "minimum", "maximum"] {
            if self.statistics.len() < PARTS
                && let Some(value) = amount(&of(name), &of("unit"))
            {
                let text = if name == "sum" { said.clone() } else { format!("{said}, {name}") };
                let code = json!({"coding": [coding(APPLE, &identifier, &said)], "text": text});
                self.statistics.push(json!({"code": code, "valueQuantity": value}));
            }
        }
    }

    pub(super) fn event(&mut self, element: &BytesStart<'_>) {
        let raw = attribute(element, "type").map(unescape).unwrap_or_default();
        let Some(kind) = build::text(&words(&raw), 100) else { return };
        if let Some((_, count)) = self.events.iter_mut().find(|(known, _)| *known == kind) {
            *count = count.saturating_add(1);
        } else if self.events.len() < PARTS {
            self.events.push((kind, 1));
        }
    }

    /// An Observation of category activity: the exercise as HL7's physical activity work has it, with its figures as
    /// components. A Procedure would say that something was done to the person.
    pub(super) fn finish(self, person: &Person, out: &mut Out<'_, '_>) -> bool {
        let Some(start) = Stamp::parse(&self.start) else { return false };
        let end = Stamp::parse(&self.end).filter(|end| end.unix() >= start.unix());
        let when = start.date_time();
        let (from, to) = (start.unix().to_string(), end.map(|end| end.unix().to_string()).unwrap_or_default());
        let id = person.id(&["workout", &self.activity, &from, &to]);
        let apple = ("HKWorkoutTypeIdentifier", "Workout");
        let exercise = Some(("73985-4", "Exercise activity"));
        let mut resource = Frame { id, category: "activity", loinc: exercise, apple, when: &when }.observation(person);
        if let Some(end) = end {
            resource.remove("effectiveDateTime");
            resource.insert("effectivePeriod".to_owned(), json!({"start": when, "end": end.date_time()}));
        }
        let said = words(&self.activity);
        if !said.is_empty() {
            let value = json!({"coding": [coding(APPLE, &self.activity, &said)], "text": said});
            resource.insert("valueCodeableConcept".to_owned(), value);
        }
        let told = |value: &Value| {
            let code = value.pointer("/code/coding/0/code").and_then(Value::as_str);
            let same =
                |statistic: &Value| match (code, statistic.pointer("/code/coding/0/code").and_then(Value::as_str)) {
                    (Some(code), Some(other)) => code == other,
                    // The total distance is that of whatever way of moving the workout has.
                    (None, Some(other)) => other.starts_with("HKQuantityTypeIdentifierDistance"),
                    _ => false,
                };
            self.statistics.iter().any(same)
        };
        let components: Vec<Value> =
            self.old.iter().filter(|old| !told(old)).chain(&self.statistics).cloned().collect();
        if !components.is_empty() {
            resource.insert("component".to_owned(), components.into());
        }
        let events: Vec<String> = self.events.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        if !events.is_empty() {
            resource.insert("note".to_owned(), json!([{"text": format!("Events. {}.", events.join(", "))}]));
        }
        put_device(&mut resource, &self.source);
        out.resource(resource, format!("/HealthData/Workout of {when}"));
        true
    }
}

/// A quantity in a HealthKit unit, its number as written where it can be.
fn amount(value: &str, unit: &str) -> Option<Value> {
    let number = value.parse::<f64>().ok().filter(|value| value.is_finite())?;
    match units::find(unit) {
        Some(unit) if unit.hk == "%" => quantity(&decimal(units::percent(number)), "%", "%"),
        Some(unit) => quantity(value, unit.label, unit.ucum),
        None => quantity(
            value,
            build::text(unit, 60).as_deref().unwrap_or_default(),
            if unit.is_empty() { "1" } else { "" },
        ),
    }
}

/// What became of an element.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    Taken,
    Empty,
    Bad,
}

/// An `ActivitySummary`: one day's rings.
pub(super) fn activity_summary(element: &BytesStart<'_>, person: &Person, out: &mut Out<'_, '_>) -> Done {
    let of = |name: &str| attribute(element, name).map(unescape).unwrap_or_default();
    let date = of("dateComponents");
    if date.len() != 10 || parse_day(&date).is_none() {
        return Done::Bad;
    }
    let energy_unit = of("activeEnergyBurnedUnit");
    let energy_unit = if energy_unit.is_empty() { "kcal" } else { &energy_unit };
    let mut anything = false;
    let mut components = Vec::new();
    for (name, said, unit) in [
        ("activeEnergyBurned", "Active energy", energy_unit),
        ("activeEnergyBurnedGoal", "Active energy, goal", energy_unit),
        ("appleMoveTime", "Move time", "min"),
        ("appleMoveTimeGoal", "Move time, goal", "min"),
        ("appleExerciseTime", "Exercise time", "min"),
        ("appleExerciseTimeGoal", "Exercise time, goal", "min"),
        ("appleStandHours", "Hours with standing", "hr"),
        ("appleStandHoursGoal", "Hours with standing, goal", "hr"),
    ] {
        let text = of(name);
        let Ok(value) = text.parse::<f64>() else { continue };
        let goal = name.ends_with("Goal");
        // The summary names both ways to set the move goal, and the one that is not used is zero.
        if value == 0.0 && (goal || name == "appleMoveTime") {
            continue;
        }
        anything |= value != 0.0 && !goal;
        if let Some(value) = amount(&text, unit) {
            let code = json!({"coding": [coding(APPLE, name, said)], "text": said});
            components.push(json!({"code": code, "valueQuantity": value}));
        }
    }
    if !anything {
        return Done::Empty;
    }
    let apple = ("HKActivitySummaryTypeIdentifier", "Activity rings");
    let id = person.id(&["activity-summary", &date]);
    let mut resource = Frame { id, category: "activity", loinc: None, apple, when: &date }.observation(person);
    resource.insert("component".to_owned(), components.into());
    out.resource(resource, format!("/HealthData/ActivitySummary of {date}"));
    Done::Taken
}

/// An `Audiogram` whose end has not been read.
#[derive(Debug, Default)]
pub(super) struct Audiogram {
    start: String,
    source: String,
    points: Vec<Value>,
}

impl Audiogram {
    pub(super) fn start(element: &BytesStart<'_>) -> Audiogram {
        let of = |name: &str| attribute(element, name).map(|raw| unescape(raw).into_owned()).unwrap_or_default();
        Audiogram { start: of("startDate"), source: of("sourceName"), points: Vec::new() }
    }

    pub(super) fn point(&mut self, element: &BytesStart<'_>) {
        let of = |name: &str| attribute(element, name).map(unescape).unwrap_or_default();
        let Some(frequency) = of("frequencyValue").parse::<f64>().ok().filter(|value| value.is_finite()) else {
            return;
        };
        for (ear, said) in [("leftEar", "Left ear"), ("rightEar", "Right ear")] {
            if self.points.len() < PARTS
                && let Some(value) = amount(&of(&format!("{ear}Value")), "dBHL")
            {
                let masked = if of(&format!("{ear}Masked")) == "true" { ", other ear masked" } else { "" };
                let text = format!("{said}, {} Hz{masked}", decimal(frequency));
                self.points.push(json!({"code": {"text": text}, "valueQuantity": value}));
            }
        }
    }

    /// An Observation of category exam with the threshold of each ear at each frequency.
    pub(super) fn finish(self, person: &Person, out: &mut Out<'_, '_>) -> bool {
        let Some(start) = Stamp::parse(&self.start) else { return false };
        if self.points.is_empty() {
            return false;
        }
        let when = start.date_time();
        let id = person.id(&["audiogram", &start.unix().to_string(), &self.source]);
        let apple = ("HKDataTypeIdentifierAudiogram", "Audiogram");
        let mut resource = Frame { id, category: "exam", loinc: None, apple, when: &when }.observation(person);
        resource.insert("component".to_owned(), self.points.into());
        put_device(&mut resource, &self.source);
        out.resource(resource, format!("/HealthData/Audiogram of {when}"));
        true
    }
}

/// A `VisionPrescription` whose end has not been read.
#[derive(Debug, Default)]
pub(super) struct Vision {
    issued: String,
    expires: String,
    brand: Option<String>,
    contacts: bool,
    lenses: Vec<Value>,
    apart: Vec<String>,
}

impl Vision {
    pub(super) fn start(element: &BytesStart<'_>) -> Vision {
        let of = |name: &str| attribute(element, name).map(|raw| unescape(raw).into_owned()).unwrap_or_default();
        let kind = of("type").to_lowercase();
        Vision {
            issued: of("dateIssued"),
            expires: of("expirationDate"),
            brand: build::text(&of("brand"), 200),
            contacts: kind == "2" || kind.contains("contact"),
            ..Vision::default()
        }
    }

    /// `RightEye` or `LeftEye`: a lens as FHIR has it; what FHIR has no place for goes into a note.
    pub(super) fn eye(&mut self, element: &BytesStart<'_>, right: bool) {
        if self.lenses.len() >= 2 {
            return;
        }
        let of = |name: &str| attribute(element, name).map(unescape).unwrap_or_default();
        let product = if self.contacts { ("contact", "Contact Lens") } else { ("lens", "Lens") };
        let product =
            coding("http://terminology.hl7.org/CodeSystem/ex-visionprescriptionproduct", product.0, product.1);
        let mut lens = object(json!({"product": {"coding": [product]}, "eye": if right { "right" } else { "left" }}));
        for (from, to) in [
            ("sphere", "sphere"),
            ("cylinder", "cylinder"),
            ("add", "add"),
            ("baseCurve", "backCurve"),
            ("diameter", "diameter"),
        ] {
            put(&mut lens, to, build::number(&of(from)).map(Value::Number));
        }
        // FHIR's axis is a whole number of degrees.
        let axis = of("axis").parse::<f64>().ok().filter(|axis| (0.0..=180.0).contains(axis));
        put(&mut lens, "axis", axis.map(|axis| Value::from(axis.round() as i64)));
        if lens.contains_key("axis") != lens.contains_key("cylinder") {
            // A cylinder is nothing without its axis; neither is made up.
            lens.remove("axis");
        }
        let mut others = Vec::new();
        for (name, said) in [
            ("vertex", "vertex distance"),
            ("prismAmount", "prism"),
            ("prismAngle", "prism angle"),
            ("farPD", "far pupil distance"),
            ("nearPD", "near pupil distance"),
        ] {
            if let Some(value) = build::number(&of(name)) {
                let unit = build::text(&of(&format!("{name}Unit")), 20).unwrap_or_default();
                others.push(format!("{said} {value} {unit}").trim_end().to_owned());
            }
        }
        if !others.is_empty() {
            lens.insert("note".to_owned(), json!([{"text": others.join("; ")}]));
        }
        put(&mut lens, "brand", self.brand.as_deref().map(Value::from));
        self.apart.push(format!("{right}{lens:?}"));
        self.lenses.push(Value::Object(lens));
    }

    pub(super) fn finish(self, person: &Person, out: &mut Out<'_, '_>) -> bool {
        let issued = Stamp::parse(&self.issued).map(Stamp::date_time);
        let issued = issued.or_else(|| parse_day(&self.issued).map(super::time::date));
        let Some(issued) = issued else { return false };
        if self.lenses.is_empty() {
            return false;
        }
        let mut parts = vec!["vision-prescription", issued.as_str()];
        parts.extend(self.apart.iter().map(String::as_str));
        let mut resource: Resource = object(json!({
            "resourceType": "VisionPrescription",
            "id": person.id(&parts),
            "status": "active",
            "created": issued,
            "patient": person.reference().unwrap_or_else(absent),
            "dateWritten": issued,
            "prescriber": absent(),
            "lensSpecification": self.lenses,
        }));
        if let Some(day) = parse_day(&self.expires) {
            let text = format!("Valid until {}.", super::time::date(day));
            if let Some(lens) = resource
                .get_mut("lensSpecification")
                .and_then(|lenses| lenses.get_mut(0))
                .and_then(Value::as_object_mut)
            {
                let notes = lens.entry("note").or_insert_with(|| json!([]));
                if let Some(notes) = notes.as_array_mut() {
                    notes.push(json!({"text": text}));
                }
            }
        }
        out.resource(resource, format!("/HealthData/VisionPrescription of {issued}"));
        true
    }
}
