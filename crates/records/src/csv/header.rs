//! What a table's columns hold, by their names; and which line names them.

use serde::{Deserialize, Serialize};

use super::{
    measures::Measure,
    names::{BESIDE_GLUCOSE, CONTROL, DATE, DATE_TIME, DEVICE, EVENT, KIND, NOTE, TIME, UNIT, VALUE},
    words::{self, Words},
};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Column {
    /// Nothing that is taken.
    Ignored,
    /// The day.
    Date,
    /// The time of day.
    Time,
    /// Day and time in one cell.
    DateTime,
    /// What kind of event the row is, as Dexcom has it: `EGV`, `Calibration`, `Insulin`.
    Event,
    /// What the row measures, in words.
    Kind,
    /// The value of what [`Column::Kind`] names.
    Value,
    /// The unit of the row's value.
    Unit,
    /// A remark.
    Note,
    /// The device, or its number.
    Device,
    /// Values of one measure.
    Measure {
        /// Which.
        measure: Measure,
        /// Its unit, in UCUM or as people write it; none where each row says it, or nothing does.
        unit: Option<String>,
    },
}

/// The columns of a row of names.
pub(super) fn columns<'c>(cells: impl Iterator<Item = &'c str>) -> Vec<Column> {
    let names: Vec<String> = cells.map(normal).collect();
    let mut columns: Vec<Column> = names.iter().map(|name| column(name)).collect();
    let has = |columns: &[Column], wanted: Measure| {
        columns.iter().any(|column| matches!(column, Column::Measure { measure, .. } if *measure == wanted))
    };
    // "Dia" is diastolic beside a systolic pressure, and the day in Portuguese.
    if !has(&columns, Measure::Systolic) {
        for (column, name) in columns.iter_mut().zip(&names) {
            if matches!(column, Column::Measure { measure: Measure::Diastolic, .. })
                && matches!(name.as_str(), "dia" | "día")
            {
                *column = Column::Date;
            }
        }
    }
    // "Taille" is the height in French, and the waist in Dutch and German.
    if names.iter().any(|name| Words::of(name).any(&["poids", "imc"])) {
        for (column, name) in columns.iter_mut().zip(&names) {
            if bare(name) == "taille" {
                *column = Column::Measure { measure: Measure::Height, unit: unit(Measure::Height, name) };
            }
        }
    }
    // Of several times that of the measurement.
    for role in [Column::DateTime, Column::Date, Column::Time] {
        let preferred =
            |column: &Column, name: &String| *column == role && Words::of(&words::plain(name)).are_of_the_measurement();
        if columns.iter().zip(&names).any(|(column, name)| preferred(column, name)) {
            for (column, name) in columns.iter_mut().zip(&names) {
                if *column == role && !preferred(column, name) {
                    *column = Column::Ignored;
                }
            }
        }
    }
    let both = columns.contains(&Column::DateTime);
    let (mut dates, mut times, mut moments, mut notes) = (0, 0, 0, 0);
    for column in &mut columns {
        let surplus = match column {
            Column::DateTime => {
                moments += 1;
                moments > 1
            }
            Column::Date => {
                dates += 1;
                both || dates > 1
            }
            Column::Time => {
                times += 1;
                both || times > 1
            }
            // A row has one remark; the others are told of as not read.
            Column::Note => {
                notes += 1;
                notes > 1
            }
            _ => false,
        };
        if surplus {
            *column = Column::Ignored;
        }
    }
    // A "date" or "time" alone holds both.
    let lone = if dates > 0 && times == 0 { Column::Date } else { Column::Time };
    if !both && (dates == 0) != (times == 0) {
        for column in &mut columns {
            if *column == lone {
                *column = Column::DateTime;
            }
        }
    }
    // A pressure in one cell is not needed beside both of its parts.
    if has(&columns, Measure::Systolic) && has(&columns, Measure::Diastolic) {
        for column in &mut columns {
            if matches!(column, Column::Measure { measure: Measure::BloodPressure, .. }) {
                *column = Column::Ignored;
            }
        }
    }
    // A meter's "result" is not called what it is of; that it stands beside meals says it. As Accu-Chek writes it: "Date;Time;
    // Result;Unit;Temperature warning;Out of target range;Other;Before meal;After meal;Control test".
    let of_meals = names.iter().any(|name| Words::of(name).any(BESIDE_GLUCOSE));
    if of_meals
        && columns.contains(&Column::Unit)
        && !columns.contains(&Column::Kind)
        && !has(&columns, Measure::Glucose)
    {
        for column in &mut columns {
            if *column == Column::Value {
                *column = Column::Measure { measure: Measure::Glucose, unit: None };
            }
        }
    }
    // "Measurement" and "value" make a table of kinds; a value without kinds says nothing.
    if !columns.contains(&Column::Value) || !columns.contains(&Column::Kind) {
        for column in &mut columns {
            if matches!(column, Column::Kind | Column::Value) {
                *column = Column::Ignored;
            }
        }
    }
    columns
}

/// How many columns are known, if the row can be the header at all: it names a date and something measured.
pub(super) fn score(columns: &[Column]) -> Option<usize> {
    let dated = columns.iter().any(|column| matches!(column, Column::Date | Column::DateTime));
    let measured = columns.iter().any(|column| matches!(column, Column::Measure { .. } | Column::Value));
    (dated && measured).then(|| columns.iter().filter(|column| **column != Column::Ignored).count())
}

/// Columns about the table or the device, which may be passed over without a word. What else is not read is told of.
const STRUCTURAL: &[&str] = &[
    "index",
    "id",
    "uuid",
    "guid",
    "#",
    "no",
    "no.",
    "nr",
    "nr.",
    "row",
    "row number",
    "zeile",
    "zeilennummer",
    "ligne",
    "fila",
    "linha",
    "riga",
    "rij",
    "record",
    "record number",
    "record id",
    "record type",
    "aufzeichnungstyp",
    "type d'enregistrement",
    "type d’enregistrement",
    "tipo de registro",
    "tipo di registrazione",
    "registratietype",
    "transmitter time",
    "sendezeit",
    "time zone",
    "timezone",
    "zeitzone",
    "fuseau horaire",
    "zona horaria",
    "fuso horário",
    "fuso orario",
    "tijdzone",
    "created at",
    "updated at",
    "erstellt am",
    "geändert am",
    "unit system",
    "source",
    "quelle",
    "fuente",
    "fonte",
    "bron",
    "app",
    "app version",
    "version",
    "firmware",
    "firmware version",
    "device name",
    "device model",
    "device id",
    "device type",
    "gerätename",
    "gerätetyp",
    "model",
    "modell",
    "modèle",
    "modelo",
    "modello",
];

/// The columns of a table that are not read, but for those that are not about the person and those whose values others have.
pub(super) fn untold<'m>(header: &'m [String], columns: &'m [Column]) -> impl Iterator<Item = (usize, &'m str)> {
    let ignored = header.iter().zip(columns).enumerate().filter(|(_, (_, column))| **column == Column::Ignored);
    let named = ignored.map(|(at, (name, _))| (at, name.as_str()));
    let has = |wanted: Measure| {
        columns.iter().any(|column| matches!(column, Column::Measure { measure, .. } if *measure == wanted))
    };
    let parts = has(Measure::Systolic) && has(Measure::Diastolic);
    let units: Vec<usize> = (0..header.len()).filter_map(|at| unit_beside(header, at)).collect();
    named.filter(move |(at, name)| {
        let plain = words::plain(name);
        let bare = bare(&plain);
        // A second column for the moment, where one is read; a day of birth is another matter.
        let words = Words::of(bare);
        let of_record = words.are_of_the_record() && (words.any(DATE) || words.any(TIME));
        let moment = DATE.contains(&bare) || TIME.contains(&bare) || words.any(DATE_TIME) || of_record;
        let pressure = parts && matches!(column(name), Column::Measure { measure: Measure::BloodPressure, .. });
        !moment
            && !pressure
            && !units.contains(at)
            && !words::is_zone(bare)
            && !STRUCTURAL.contains(&bare)
            && !CONTROL.contains(name)
    })
}

/// A name without what stands in brackets.
fn bare(name: &str) -> &str {
    name.split(['(', '[']).next().unwrap_or_default().trim()
}

/// Columns that say something of others, by their names as [`normal`] gives them. They are looked for once for all rows.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Which column holds the zones of the rows' times.
    pub(super) zone: Option<usize>,
    /// Which column says that a value is of a control solution.
    pub(super) control: Option<usize>,
    /// For each column the one that holds its units.
    units: Vec<Option<usize>>,
}

impl Beside {
    pub(super) fn of(header: &[String]) -> Beside {
        Beside {
            zone: header.iter().position(|name| words::is_zone(bare(&words::plain(name)))),
            control: header.iter().position(|name| CONTROL.contains(&name.as_str())),
            units: (0..header.len()).map(|at| unit_beside(header, at)).collect(),
        }
    }

    /// Which column holds the units of a column.
    pub(super) fn unit(&self, at: usize) -> Option<usize> {
        self.units.get(at).copied().flatten()
    }
}

/// Which column holds the units of another: "Weight Unit", not far behind "Weight".
pub(super) fn unit_beside(header: &[String], at: usize) -> Option<usize> {
    const FAR: usize = 20;
    let name = bare(header.get(at)?);
    let mut others = header.iter().enumerate().skip(at + 1).take(FAR);
    let found = others.find(|(_, other)| {
        let rest = other.strip_prefix(name).unwrap_or_default();
        !name.is_empty() && UNIT.contains(&rest.trim_matches([' ', '_', '-', '(', ')', '[', ']']))
    });
    found.map(|(at, _)| at)
}

/// A name as headers are compared: in lower case, white space once.
pub(super) fn normal(name: &str) -> String {
    let clipped = crate::index::clip(name, 200);
    clipped.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn column(name: &str) -> Column {
    let plain = words::plain(name);
    let bare = bare(&plain);
    let words = Words::of(bare);
    let is = |words: &[&str]| words.contains(&bare);
    if bare.is_empty() || words.are_ignored() {
        return Column::Ignored;
    }
    let other_time = words.are_of_the_record() || words.are_of_life();
    match bare {
        _ if words.any(DATE_TIME) && !other_time => Column::DateTime,
        _ if words.any(DATE_TIME) => Column::Ignored,
        _ if words.any(EVENT) => Column::Event,
        _ if is(NOTE) => Column::Note,
        _ if is(DEVICE) => Column::Device,
        _ if is(UNIT) => Column::Unit,
        // The unit of one measure is looked for beside its column.
        _ if UNIT.iter().any(|word| bare.strip_suffix(word).is_some_and(|rest| rest.ends_with([' ', '-']))) => {
            Column::Ignored
        }
        _ => match measure(&plain) {
            Some(measure) => {
                let measure = inside(&plain).chain(last_unit(bare)).fold(measure, Measure::in_unit);
                Column::Measure { measure, unit: unit(measure, &plain) }
            }
            None if words.any(DATE) || words.any(TIME) => match words.any(DATE) {
                _ if other_time => Column::Ignored,
                true => Column::Date,
                false => Column::Time,
            },
            None if is(VALUE) => Column::Value,
            None if is(KIND) => Column::Kind,
            None => Column::Ignored,
        },
    }
}

/// What a column or a row of this name measures. What stands in brackets can narrow it ("Blood pressure [systolic]") or make it
/// something else ("Heart rate [min]"); alone it names nothing.
pub(super) fn measure(name: &str) -> Option<Measure> {
    let name = words::plain(&normal(name));
    let measure = Measure::from_words(bare(&name))?;
    if !name.contains(['(', '[']) {
        return Some(measure);
    }
    let whole = name.replace(['(', ')', '[', ']'], " ");
    if Words::of(&whole).are_of_another(measure) {
        return None;
    }
    Some(match (measure, Measure::from_words(&whole)) {
        (Measure::BloodPressure, Some(part @ (Measure::Systolic | Measure::Diastolic))) => part,
        (Measure::Glucose, Some(Measure::SensorGlucose)) => Measure::SensorGlucose,
        _ => measure,
    })
}

/// Units of what is not measured here, as makers write them in brackets.
const FOREIGN: &[&str] = &[
    "kcal",
    "cal",
    "kj",
    "steps",
    "m/s",
    "km/h",
    "l/min",
    "ml/kg/min",
    "ml/min",
    "ms",
    "s",
    "sec",
    "h",
    "hr",
    "hrs",
    "ml",
    "l",
    "u",
    "iu",
    "w",
    "db",
    "hz",
    "index",
    "score",
];

/// The unit in a column's name: `Weight (kg)`, `Historic Glucose mmol/L`, `temp_f` not. One that is none of the measure's stays
/// as it is written, so that no value is taken for what it is not.
fn unit(measure: Measure, name: &str) -> Option<String> {
    let words = name.split([' ', '(', ')', '[', ']', ',']).skip(1);
    let own = inside(name).chain(words).filter(|text| !text.trim().is_empty()).find_map(|text| measure.unit(text));
    let other = || inside(name).find(|text| Measure::is_unit(text) || FOREIGN.contains(&text.trim()));
    own.map(|unit| unit.ucum.to_owned())
        .or_else(|| other().or_else(|| last_unit(bare(name))).map(|text| text.trim().to_owned()))
}

/// The unit at the end of a name without brackets, `fat kg`, where it cannot be a word.
fn last_unit(bare: &str) -> Option<&str> {
    let (_, last) = bare.rsplit_once(' ')?;
    (Measure::is_unit(last) && (last.len() > 2 || matches!(last, "%" | "kg" | "lb" | "cm"))).then_some(last)
}

/// What stands in brackets in a name, and what follows them.
fn inside(name: &str) -> impl Iterator<Item = &str> {
    name.split(['(', '[', ')', ']']).skip(1).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(header: &str) -> String {
        let role = |column: &Column| match column {
            Column::Measure { measure, unit } => format!("{}:{}", measure.name(), unit.as_deref().unwrap_or("?")),
            other => format!("{other:?}"),
        };
        columns(header.split(',')).iter().map(role).filter(|role| role != "Ignored").collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn headers_of_meters() {
        for (header, expected) in [
            (
                "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID",
                "DateTime Event Device Device glucose:mg/dL Device",
            ),
            (
                "Device,Serial Number,Device Timestamp,Record Type,Historic Glucose mmol/L,Scan Glucose mmol/L,Non-numeric Rapid-Acting Insulin,Notes,Strip Glucose mmol/L,Ketone mmol/L",
                "Device Device DateTime sensor-glucose:mmol/L sensor-glucose:mmol/L Note glucose:mmol/L ketone:mmol/L",
            ),
            (
                "Gerät,Seriennummer,Gerätezeitstempel,Aufzeichnungstyp,Glukosewert-Verlauf mg/dL,Glukose-Scan mg/dL,Nicht numerische Nahrungsdaten,Notizen,Glukose-Teststreifen mg/dL,Keton mmol/L",
                "Device Device DateTime sensor-glucose:mg/dL sensor-glucose:mg/dL Note glucose:mg/dL ketone:mmol/L",
            ),
            (
                "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes",
                "Date Time systolic:mm[Hg] diastolic:mm[Hg] pulse:/min Note",
            ),
            ("Datum,Uhrzeit,SYS,DIA,Puls,Bemerkung", "Date Time systolic:? diastolic:? pulse:? Note"),
            ("Dia,Hora,Peso (kg)", "Date Time weight:kg"),
            ("date,type,value,unit", "DateTime Kind Value Unit"),
            ("Date,Weight (lb),Body Fat (%),BMI", "DateTime weight:[lb_av] body-fat:% bmi:?"),
            ("Zeitstempel,CGM-Glukosewert (mg/dl),Seriennummer", "DateTime sensor-glucose:mg/dL Device"),
            ("Time,Temperature [°C],Pulse Pressure,MAP", "DateTime temperature:Cel"),
            // Withings, Accu-Chek and mySugr.
            (
                "Date,\"Weight (kg)\",\"Fat mass (kg)\",\"Bone mass (kg)\",\"Muscle mass (kg)\",\"Hydration (kg)\",Comments",
                "DateTime weight:kg fat-mass:kg bone-mass:kg muscle-mass:kg water-mass:kg Note",
            ),
            ("Date,Poids (kg),Taille (cm),Tour de taille (cm)", "DateTime weight:kg height:cm waist:cm"),
            ("Datum,Gewicht (kg),Taille (cm),Lichaamsvocht (%)", "DateTime weight:kg body-water:%"),
            ("Date,Hydration (ml)", "DateTime body-water:ml"),
            // Renpho, Health Auto Export, a table of a program, Garmin, Samsung.
            (
                "Time of Measurement,Weight(kg),BMI,Body Fat(%),Fat-free Body Weight(kg),Subcutaneous Fat(%),Visceral Fat,Body Water(%),Skeletal Muscle(%),Muscle Mass(kg),Bone Mass(kg)",
                "DateTime weight:kg bmi:? body-fat:% body-water:% muscle-mass:kg bone-mass:kg",
            ),
            (
                "Date/Time,Blood Pressure [Systolic] (mmHg),Blood Pressure [Diastolic] (mmHg),Body Mass Index (count),Heart Rate [Min] (count/min),Heart Rate [Avg] (count/min),Lean Body Mass (lb),Weight & Body Mass (lb),Apple Sleeping Wrist Temperature (ºF)",
                "DateTime systolic:mm[Hg] diastolic:mm[Hg] bmi:kg/m2 weight:[lb_av]",
            ),
            (
                "date,weight_kg,fat_mass_kg,fat_ratio,fat_lbs",
                "DateTime weight:kg fat-mass:kg body-fat:? fat-mass:[lb_av]",
            ),
            ("Date,Title,Time,Avg HR,Max HR,Best Lap Time,Min Temp,Max Temp", "Date Time"),
            (
                "update_time,create_time,com.samsung.health.blood_pressure.systolic,com.samsung.health.blood_pressure.start_time,com.samsung.health.blood_pressure.time_offset,com.samsung.health.blood_pressure.pulse,com.samsung.health.blood_pressure.diastolic,com.samsung.health.blood_pressure.mean",
                "systolic:? DateTime pulse:? diastolic:?",
            ),
            ("Date,Weight,Weight Unit,Glucose,Glucose Unit", "DateTime weight:? glucose:?"),
            ("Date,Weight (kg),Body Mass Index (kg/m2),Pulse (m/s)", "DateTime weight:kg bmi:kg/m2 pulse:m/s"),
            (
                "Date,Time,Result,Unit,Temperature warning,Out of target range,Other,Before meal,After meal,Control test",
                "Date Time glucose:? Unit",
            ),
            (
                "Date,Blood Sugar Measurement (mg/dL),HbA1c (Percent),Ketones (mg/dL)",
                "DateTime glucose:mg/dL hba1c:% ketone:mg/dl",
            ),
            ("Datum,Körperfett (%),Körperfett (kg)", "DateTime body-fat:% fat-mass:kg"),
            ("a,b,c", ""),
            ("value,type", "Kind Value"),
        ] {
            let mut expected: Vec<&str> = expected.split(' ').collect();
            let got = roles(header);
            let mut got: Vec<&str> = got.split(' ').collect();
            if header == "value,type" {
                expected.sort_unstable();
                got.sort_unstable();
            }
            assert_eq!(got, expected, "{header}");
        }
    }
}
