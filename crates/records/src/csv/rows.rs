//! A row of a table as FHIR observations.

use csv::StringRecord;
use serde_json::{Value as Json, json};

use super::{
    Mapping, TableReason, Template,
    dates::{self, Moment},
    header::{self, Beside, Column},
    measures::Measure,
    sections::Section,
    values::{self, Value},
};
use crate::{
    build::{self, coding, loinc, object, put, quantity},
    convert::{Resource, derive_id},
};

/// FHIR's codes for what lies beyond a device's scale.
const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";

/// What a row came to.
#[derive(Default)]
pub(super) struct Row<'m> {
    /// What all of `found` share; none where nothing was found.
    frame: Option<Frame<'m>>,
    found: Vec<Observed>,
    /// Why something of it was not taken, with the column if it is one.
    pub(super) skips: Vec<(Option<usize>, TableReason)>,
}

impl<'m> Row<'m> {
    /// Whether nothing was found in it.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn made(&self) -> impl Iterator<Item = Made<'_, 'm>> {
        self.frame.iter().flat_map(|frame| self.found.iter().map(|observed| frame.made(observed)))
    }
}

/// An observation with what makes it that one and no other.
pub(super) struct Made<'r, 'm> {
    frame: &'r Frame<'m>,
    observed: &'r Observed,
    /// Of kind, moment, person and device.
    pub(super) id: String,
    /// What it says, to tell a repetition from a second value.
    pub(super) said: String,
}

impl Made<'_, '_> {
    /// As FHIR has it, without an id.
    pub(super) fn resource(&self) -> Resource {
        self.frame.resource(self.observed)
    }
}

/// What one observation holds.
enum Observed {
    One(Found),
    Pressure { upper: Found, lower: Found },
}

impl Observed {
    fn measure(&self) -> Measure {
        match self {
            Self::One(found) => found.measure,
            Self::Pressure { .. } => Measure::BloodPressure,
        }
    }

    /// UCUM.
    fn unit(&self) -> &'static str {
        let (Self::One(found) | Self::Pressure { upper: found, .. }) = self;
        found.unit.0
    }

    fn by_size(&self) -> bool {
        match self {
            Self::One(found) => found.by_size,
            Self::Pressure { upper, lower } => upper.by_size || lower.by_size,
        }
    }
}

/// A value that was found in a row.
struct Found {
    measure: Measure,
    value: Value,
    /// UCUM and label.
    unit: (&'static str, &'static str),
    by_size: bool,
}

/// Makes what there is in a row. `by_size` gives each column the unit that its values alone allow.
pub(super) fn read<'m>(row: &StringRecord, section: &'m Section, by_size: &[Option<&'static str>]) -> Row<'m> {
    let Section { mapping, beside, .. } = section;
    let mut out = Row::default();
    let event = event(row, mapping);
    let is_control = beside.control.and_then(|at| row.get(at)).is_some_and(|cell| {
        let cell = cell.trim().to_lowercase();
        !matches!(cell.as_str(), "" | "0" | "-" | "no" | "false" | "nein" | "non")
    });
    if event == Event::Other || is_control {
        out.skips.push((None, TableReason::NotAMeasurement));
        return out;
    }
    let mut found: Vec<Found> = Vec::new();
    let mut systolic: Option<Found> = None;
    let mut diastolic: Option<Found> = None;
    let unit_of_row = cell(row, mapping, &Column::Unit);
    let mut cells = 0;
    for (at, (text, column)) in row.iter().zip(&mapping.columns).enumerate() {
        let (measure, said) = match column {
            Column::Measure { measure, unit } => (*measure, unit.as_deref()),
            Column::Value => {
                let kind = cell(row, mapping, &Column::Kind).unwrap_or_default();
                match header::measure(kind) {
                    _ if text.is_empty() => continue,
                    Some(measure) => (measure, None),
                    None => {
                        cells += 1;
                        out.skips.push((None, TableReason::UnknownKind));
                        continue;
                    }
                }
            }
            _ => continue,
        };
        if is_nothing(text) {
            continue;
        }
        cells += 1;
        let units = if said.is_none() { beside.unit(at) } else { None };
        let unit_cell = units.and_then(|at| row.get(at)).or(unit_of_row);
        let measure = match (event, measure) {
            (Event::Sensor, Measure::Glucose) => Measure::SensorGlucose,
            (Event::Blood, Measure::SensorGlucose) => Measure::Glucose,
            (_, measure) => measure,
        };
        let (upper, lower) = match measure {
            Measure::BloodPressure => match text.split_once('/') {
                Some((upper, lower)) => (values::split_unit(upper), Some(values::split_unit(lower))),
                None => {
                    out.skips.push((Some(at), TableReason::HalfAPressure));
                    continue;
                }
            },
            _ => (values::split_unit(text), None),
        };
        let own: Vec<&str> =
            [Some(upper), lower].into_iter().flatten().map(|(_, unit)| unit).filter(|unit| !unit.is_empty()).collect();
        // "11st 4" and "5ft 10" have a second number where the unit would be.
        if own.iter().any(|unit| is_no_unit(unit)) {
            out.skips.push((Some(at), TableReason::NotANumber));
            continue;
        }
        let spoken = said.or(unit_cell).filter(|text| !text.trim().is_empty());
        // Fat in kilograms is no percentage; what the column's name says of it stands.
        let measure = match spoken {
            Some(_) => measure,
            None => own.iter().fold(measure, |measure, unit| measure.in_unit(unit)),
        };
        let unit = own_unit(measure, said, unit_cell, &own)
            .unwrap_or_else(|| unit(measure, said, unit_cell, by_size.get(at).copied().flatten()));
        let (unit, sized) = match unit {
            Ok(unit) => unit,
            Err(reason) => {
                out.skips.push((Some(at), reason));
                continue;
            }
        };
        if let Some((lower, _)) = lower {
            let part = |text: &str, measure| {
                values::parse(text, mapping.decimal).map(|value| Found { measure, value, unit, by_size: sized })
            };
            (systolic, diastolic) = (part(upper.0, Measure::Systolic), part(lower, Measure::Diastolic));
            if systolic.is_none() || diastolic.is_none() {
                out.skips.push((Some(at), TableReason::NotANumber));
                (systolic, diastolic) = (None, None);
            }
            continue;
        }
        let Some(value) = values::parse(upper.0, mapping.decimal) else {
            out.skips.push((Some(at), TableReason::NotANumber));
            continue;
        };
        let one = Found { measure, value, unit, by_size: sized };
        match measure {
            Measure::Systolic => systolic = Some(one),
            Measure::Diastolic => diastolic = Some(one),
            _ => found.push(one),
        }
    }
    if cells == 0 {
        out.skips.push((None, TableReason::NotAMeasurement));
        return out;
    }
    let Some(mut moment) = moment(row, mapping) else {
        out.skips = vec![(None, TableReason::NoDate)];
        return out;
    };
    let mut zone_name = None;
    if moment.time.is_some() && moment.zone.is_none() {
        match zone(row, beside) {
            Zone::Offset(offset) => moment.zone = Some(offset),
            Zone::Name(name) => zone_name = Some(name),
            Zone::NotSaid => {}
        }
    }
    match (systolic, diastolic) {
        (Some(upper), Some(lower)) => out.found.push(Observed::Pressure { upper, lower }),
        (None, None) => {}
        _ => out.skips.push((None, TableReason::HalfAPressure)),
    }
    out.found.extend(found.into_iter().map(Observed::One));
    out.frame = Some(Frame::new(row, mapping, &moment, zone_name));
    out
}

/// Whether a cell is empty: "-" and "--" stand for nothing in several makers' tables.
pub(super) fn is_nothing(cell: &str) -> bool {
    cell.trim_matches(['-', '–', '—', ' ']).is_empty()
}

/// What kind of row it is, where the table has a column for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Sensor,
    Blood,
    NotSaid,
    Other,
}

fn event(row: &StringRecord, mapping: &Mapping) -> Event {
    if !mapping.columns.contains(&Column::Event) {
        return Event::NotSaid;
    }
    let kind = cell(row, mapping, &Column::Event).unwrap_or_default().to_lowercase();
    match kind.as_str() {
        "egv" | "vge" | "vgs" => Event::Sensor,
        _ if kind.contains("glu") || kind.contains("sensor") => Event::Sensor,
        _ if kind.contains("calib") || kind.contains("kalib") => Event::Blood,
        _ => Event::Other,
    }
}

/// A unit with whether only the size of the values tells it.
type UnitOf = Result<((&'static str, &'static str), bool), TableReason>;

fn spelled(measure: Measure, text: &str) -> Option<(&'static str, &'static str)> {
    let by_code = measure.units().iter().find(|unit| unit.ucum == text);
    by_code.or_else(|| measure.unit(text)).map(|unit| (unit.ucum, unit.label))
}

fn unit(measure: Measure, said: Option<&str>, cell: Option<&str>, by_size: Option<&'static str>) -> UnitOf {
    let known = |unit: &'static super::measures::Unit| (unit.ucum, unit.label);
    if let Some(text) = said.or(cell).filter(|text| !text.trim().is_empty()) {
        return spelled(measure, text).map(|unit| (unit, false)).ok_or(TableReason::OtherUnit);
    }
    if let [only] = measure.units() {
        return Ok((known(only), false));
    }
    let sized = by_size.and_then(|ucum| measure.units().iter().find(|unit| unit.ucum == ucum));
    sized.map(|unit| (known(unit), true)).ok_or(TableReason::NoUnit)
}

/// The unit that stands behind the value itself; `None` if there is none. It must not be another than the column or the row
/// says.
fn own_unit(measure: Measure, said: Option<&str>, cell: Option<&str>, own: &[&str]) -> Option<UnitOf> {
    let (first, others) = own.split_first()?;
    let Some(unit) = spelled(measure, first) else { return Some(Err(TableReason::OtherUnit)) };
    let beside = [said, cell].into_iter().flatten().filter(|text| !text.trim().is_empty());
    let agree = others.iter().copied().chain(beside).all(|text| spelled(measure, text) == Some(unit));
    Some(if agree { Ok((unit, false)) } else { Err(TableReason::UnitsDiffer) })
}

/// What stands behind a number and is no unit, known or unknown.
fn is_no_unit(text: &str) -> bool {
    !Measure::is_unit(text) && text.contains(|letter: char| letter.is_ascii_digit())
}

fn cell<'r>(row: &'r StringRecord, mapping: &Mapping, wanted: &Column) -> Option<&'r str> {
    let at = mapping.columns.iter().position(|column| column == wanted)?;
    row.get(at).map(str::trim)
}

fn moment(row: &StringRecord, mapping: &Mapping) -> Option<Moment> {
    if let Some(text) = cell(row, mapping, &Column::DateTime) {
        return dates::parse(text, mapping.date_order);
    }
    let mut moment = dates::parse(cell(row, mapping, &Column::Date)?, mapping.date_order)?;
    // Where the date holds the time already, "time" is how long something took. Spreadsheets write midnight behind a bare date.
    let timed = moment.time.as_deref().is_some_and(|time| time != "00:00:00");
    if !timed && let Some(text) = cell(row, mapping, &Column::Time).filter(|text| !text.is_empty()) {
        let (time, zone) = dates::clock(text)?;
        (moment.time, moment.zone) = (Some(time), zone);
    }
    Some(moment)
}

/// The zone that the row names in a column of its own: as an offset, or in words that are not resolved here.
enum Zone {
    NotSaid,
    Offset(String),
    Name(String),
}

fn zone(row: &StringRecord, beside: &Beside) -> Zone {
    let said = beside.zone.and_then(|at| row.get(at)).filter(|cell| !is_nothing(cell));
    match said {
        None => Zone::NotSaid,
        Some(text) => match dates::zone(text) {
            Some(offset) => Zone::Offset(offset),
            None => build::text(text, 60).map_or(Zone::NotSaid, Zone::Name),
        },
    }
}

/// What all observations of a row share.
struct Frame<'m> {
    when: String,
    /// The clock of the table, for ids: the same whatever is later said of its zone.
    clock: String,
    zone_said: bool,
    /// As the row names it, where that is no offset.
    zone_name: Option<String>,
    has_time: bool,
    person: &'m str,
    device: String,
    note: Option<String>,
    template: Template,
}

impl<'m> Frame<'m> {
    fn new(row: &StringRecord, mapping: &'m Mapping, moment: &Moment, zone_name: Option<String>) -> Frame<'m> {
        let mut devices: Vec<&str> = Vec::new();
        for (text, column) in row.iter().zip(&mapping.columns) {
            if *column == Column::Device && !text.is_empty() && !devices.contains(&text) {
                devices.push(text);
            }
        }
        let offset = mapping.utc_offset_minutes.filter(|offset| offset.abs() <= 14 * 60).map(|offset| {
            let sign = if offset < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
        });
        let zone = moment.zone.clone().or(offset);
        let when = match &moment.time {
            Some(time) => format!("{}T{time}{}", moment.date, zone.as_deref().unwrap_or("Z")),
            None => moment.date.clone(),
        };
        let clock = format!(
            "{}T{}{}",
            moment.date,
            moment.time.as_deref().unwrap_or_default(),
            moment.zone.as_deref().unwrap_or_default()
        );
        Frame {
            when,
            clock,
            zone_said: zone.is_some(),
            zone_name,
            has_time: moment.time.is_some(),
            person: mapping.person.as_deref().unwrap_or_default(),
            device: build::text(&devices.join(" "), 200).unwrap_or_default(),
            note: cell(row, mapping, &Column::Note).and_then(|note| build::text(note, 1000)).filter(|note| note != "-"),
            template: mapping.template,
        }
    }

    fn made<'r>(&'r self, observed: &'r Observed) -> Made<'r, 'm> {
        let unit = observed.unit();
        let said = match observed {
            Observed::One(found) => format!("{:?} {unit}", found.value),
            Observed::Pressure { upper, lower } => format!("{:?} {:?} {unit}", upper.value, lower.value),
        };
        let id = derive_id(&["table", observed.measure().name(), &self.clock, self.person, &self.device]);
        Made { frame: self, observed, id, said }
    }

    fn resource(&self, observed: &Observed) -> Resource {
        let (measure, ucum) = (observed.measure(), observed.unit());
        let (code, name, words) = measure.code(ucum);
        let mut resource = object(json!({
            "resourceType": "Observation",
            "status": "final",
            "category": build::category(measure.category()),
            "code": {"coding": [loinc(code, name)], "text": words},
            "effectiveDateTime": self.when,
        }));
        let mut notes: Vec<Json> = self.note.iter().map(|note| json!({"text": note})).collect();
        if self.has_time && !self.zone_said {
            notes.push(json!({"text": match &self.zone_name {
                Some(name) => format!("The time is that of a clock in the time zone “{name}”, as the table names it; it is not converted."),
                None => "The table names no time zone: the time is that of the device's clock.".to_owned(),
            }}));
        }
        if observed.by_size() {
            notes.push(
                json!({"text": "The table names no unit: it is the only one that fits all values of the column."}),
            );
        }
        if !notes.is_empty() {
            resource.insert("note".to_owned(), notes.into());
        }
        if !self.device.is_empty() {
            resource.insert("device".to_owned(), json!({"display": self.device}));
        }
        match observed {
            Observed::One(found) => self.put_value(&mut resource, found),
            Observed::Pressure { upper, lower } => {
                let component = |found: &Found| {
                    let (code, name, words) = found.measure.code(ucum);
                    let mut part = object(json!({"code": {"coding": [loinc(code, name)], "text": words}}));
                    self.put_value(&mut part, found);
                    Json::Object(part)
                };
                resource.insert("component".to_owned(), json!([component(upper), component(lower)]));
            }
        }
        resource
    }

    fn put_value(&self, resource: &mut Resource, found: &Found) {
        let (ucum, label) = found.unit;
        match &found.value {
            Value::Number { text, comparator } => {
                let mut value = quantity(text, label, ucum);
                if let (Some(comparator), Some(members)) = (comparator, value.as_mut().and_then(Json::as_object_mut)) {
                    members.insert("comparator".to_owned(), (*comparator).into());
                }
                put(resource, "valueQuantity", value);
            }
            Value::OffScale { high } => {
                let limit = self.limit(found.measure, ucum, *high);
                let (sign, said) = if *high { (">", "Off scale high") } else { ("<", "Off scale low") };
                match limit.and_then(|limit| quantity(limit, label, ucum)) {
                    Some(mut value) => {
                        if let Some(members) = value.as_object_mut() {
                            members.insert("comparator".to_owned(), sign.into());
                        }
                        resource.insert("valueQuantity".to_owned(), value);
                    }
                    // What this device's scale is, nobody says.
                    None => put(resource, "valueString", Some(if *high { "HI" } else { "LO" }.into())),
                }
                let interpretation = json!([{"coding": [coding(INTERPRETATION, sign, said)], "text": said}]);
                // In R4 a component may have an interpretation as an observation has.
                resource.insert("interpretation".to_owned(), interpretation);
            }
        }
    }

    /// The end of the scale: Dexcom's sensors tell 40 to 400 mg/dL (2.2 to 22.2 mmol/L), Abbott's 40 to 500 (2.2 to 27.8),
    /// as their user guides say.
    fn limit(&self, measure: Measure, ucum: &str, high: bool) -> Option<&'static str> {
        let molar = ucum == "mmol/L";
        match (measure, self.template, high) {
            (Measure::SensorGlucose, Template::DexcomClarity | Template::LibreView, false) => {
                Some(if molar { "2.2" } else { "40" })
            }
            (Measure::SensorGlucose, Template::DexcomClarity, true) => Some(if molar { "22.2" } else { "400" }),
            (Measure::SensorGlucose, Template::LibreView, true) => Some(if molar { "27.8" } else { "500" }),
            _ => None,
        }
    }
}
