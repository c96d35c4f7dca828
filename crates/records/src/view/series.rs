//! The course of a measurement: every value of one analyte over time, from whichever source, in one unit.

mod gather;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::gather::{Sample, samples};
use super::{
    concept::{Concept, classes, plain},
    dates::{When, date_groups},
    key::FactKey,
    merge::Merging,
    range::{Bound, ReferenceRange, expectation},
    units::{Analyte, analyte, convert, convert_by_molar_mass, dimension, is_enzyme, is_monovalent},
};
use crate::{datetime, index::Coding3, json::Json, terminology::LOINC};

/// Whose values they are: what chooses between ranges for men and women, young and old.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reader<'a> {
    /// The sex for clinical use, where known.
    pub sex: Option<Sex>,
    /// Date of birth, FHIR date text.
    pub birth_date: Option<&'a str>,
}

impl Reader<'_> {
    /// The age in years at a moment (seconds since 1970).
    pub(super) fn age_at(&self, at: i64) -> Option<f64> {
        let born = self.birth_date.and_then(datetime::unix_seconds)?;
        (at != i64::MIN).then(|| at.saturating_sub(born) as f64 / 31_557_600.0).filter(|years| *years >= 0.0)
    }
}

/// Sex, as far as reference ranges tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// All values of one analyte in one specimen and one dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The same for the same series, however often it is made.
    pub key: FactKey,
    /// What is measured, by the newest value's code; `None` where there are only words.
    pub code: Option<Coding3>,
    /// What the newest value's source calls it.
    pub title: String,
    /// The specimen, where the sources tell it beside the code.
    pub specimen: Option<String>,
    /// The unit of all numbers, as the newest value that has it is written; empty where there is none.
    pub unit: String,
    /// The same in UCUM, where it is known; else as written.
    pub ucum: String,
    /// Whether the values are numbers. Words ("negative") make a series of their own.
    pub is_numeric: bool,
    /// The values, oldest first; undated ones at the end.
    pub points: Vec<Point>,
}

/// One value, once, however many sources report it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When, as recorded (FHIR date text).
    pub time: Option<String>,
    /// Seconds since 1970; `i64::MIN` where undated.
    pub sort_key: i64,
    /// The value as recorded, with its comparator and unit: `72.50 kg`, `<5 mg/L`, `Negative`.
    pub text: String,
    /// The number in the series' unit.
    pub number: Option<f64>,
    /// Less than, more than, where the value is a limit.
    pub comparator: Option<Comparator>,
    /// Set where the source wrote another unit.
    pub converted: Option<Converted>,
    /// The range it was reported with.
    pub range: Option<ReferenceRange>,
    /// How its source judged it, in the source's words.
    pub interpretation: Option<String>,
    /// The code of that judgement (HL7 v3 ObservationInterpretation: `H`, `L`, `N`, `A`, …), where there is one.
    pub interpretation_code: Option<String>,
    /// Where it lies in its own range, worked out; never a judgement where there is no range.
    pub place: Place,
    /// The records that report it.
    pub records: Vec<[u8; 32]>,
}

/// What stands before a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Comparator {
    /// Less than.
    #[serde(rename = "<")]
    Less,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// More than.
    #[serde(rename = ">")]
    More,
}

impl Comparator {
    /// From `Quantity.comparator`.
    pub fn from_text(text: &str) -> Option<Comparator> {
        Some(match text {
            "<" => Comparator::Less,
            "<=" | "≤" => Comparator::AtMost,
            ">=" | "≥" => Comparator::AtLeast,
            ">" => Comparator::More,
            _ => return None,
        })
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparator::Less => "<",
            Comparator::AtMost => "<=",
            Comparator::AtLeast => ">=",
            Comparator::More => ">",
        }
    }
}

/// A value that was converted; [`Point::text`] still says what was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Converted {
    /// The value in the series' unit, rounded to the digits of the original.
    pub text: String,
    /// How.
    pub how: How,
}

/// How a value was converted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum How {
    /// Within one dimension of UCUM.
    Ucum,
    /// By the analyte's molar mass, grams per mole.
    MolarMass(f64),
    /// An equivalent of an ion of one charge is a mole.
    Equivalent,
    /// An international unit of an enzyme is an enzyme unit (U).
    EnzymeUnit,
}

/// Where a value lies in the range it was reported with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// No range, or one that does not decide (`<5` with a range from 3).
    Untold,
    /// Within.
    Within,
    /// Below its lower end.
    Below,
    /// Above its upper end.
    Above,
    /// Not what is expected, for words.
    Outside,
}

/// The series of one person's observations, and of the components of panels (a blood pressure is two series). The most
/// values first.
///
/// One series is one analyte (its code, or words where there is none; a translation that is shared counts; LOINC's mass
/// and substance terms of the analytes in a table are one), one specimen, and one dimension. How it was measured does not
/// part it. Values in different units of it are converted into its most frequent unit where that is sound; where it is
/// not, they are a series of their own. What was entered in error or cancelled is left out, and so is what has no value.
pub fn series<J: Json>(records: &[Merging<'_, J>], reader: &Reader<'_>) -> Vec<Series> {
    let samples = samples(records, reader);
    let mut out: Vec<Series> = Vec::new();
    for group in by_analyte_and_specimen(&samples) {
        let mut dimensions: BTreeMap<String, Vec<(&Sample<'_>, Unit)>> = BTreeMap::new();
        let mut known: HashMap<&str, (String, Unit)> = HashMap::new();
        let about = About::of(&group);
        for sample in group {
            let (dimension, unit) = match sample.number {
                None => ("words".to_owned(), Unit { ucum: String::new(), how: None }),
                Some(_) => known.entry(&sample.ucum).or_insert_with(|| about.unit(&sample.ucum)).clone(),
            };
            dimensions.entry(dimension).or_default().push((sample, unit));
        }
        out.extend(dimensions.into_iter().filter_map(|(dimension, members)| one_series(&dimension, &members, &about)));
    }
    out.sort_by(|one, other| {
        (other.points.len(), &one.title, one.key).cmp(&(one.points.len(), &other.title, other.key))
    });
    out
}

/// What a group's codes say of it.
struct About {
    analyte: Option<&'static Analyte>,
    is_monovalent: bool,
    is_enzyme: bool,
}

/// A sample's unit as it is compared, and how it came to be.
#[derive(Clone)]
struct Unit {
    ucum: String,
    how: Option<How>,
}

impl About {
    fn of(group: &[&Sample<'_>]) -> About {
        let codes: BTreeSet<&str> = group.iter().filter_map(|sample| sample.concept.code_of(LOINC)).collect();
        About {
            analyte: codes.iter().find_map(|code| analyte(code)),
            is_monovalent: !codes.is_empty() && codes.iter().all(|code| is_monovalent(code)),
            is_enzyme: !codes.is_empty() && codes.iter().all(|code| is_enzyme(code)),
        }
    }

    /// What a unit measures here.
    fn unit(&self, ucum: &str) -> (String, Unit) {
        let unit = match ucum {
            "meq/L" if self.is_monovalent => Unit { ucum: "mmol/L".to_owned(), how: Some(How::Equivalent) },
            "[IU]/L" if self.is_enzyme => Unit { ucum: "U/L".to_owned(), how: Some(How::EnzymeUnit) },
            other => Unit { ucum: other.to_owned(), how: None },
        };
        let dimension = dimension(&unit.ucum);
        let concentration = cfg!(feature = "ucum")
            && self.analyte.is_some()
            && (dimension == self::dimension("g/L") || dimension == self::dimension("mol/L"));
        (if concentration { "concentration".to_owned() } else { dimension }, unit)
    }

    /// How one unit of a series becomes another.
    fn how(&self, from: &str, to: &str) -> Option<How> {
        if dimension(from) == dimension(to) {
            return Some(How::Ucum);
        }
        self.analyte.map(|analyte| How::MolarMass(analyte.grams_per_mole))
    }
}

impl How {
    fn convert(self, value: f64, from: &str, to: &str) -> Option<f64> {
        match self {
            How::MolarMass(mass) => convert_by_molar_mass(value, from, to, mass),
            How::Ucum | How::Equivalent | How::EnzymeUnit => convert(value, from, to),
        }
    }
}

fn by_analyte_and_specimen<'s>(samples: &'s [Sample<'s>]) -> Vec<Vec<&'s Sample<'s>>> {
    let concepts: Vec<&Concept<'_>> = samples.iter().map(|sample| &sample.concept).collect();
    let classes = classes(&concepts);
    let mut analytes: BTreeMap<usize, &str> = BTreeMap::new();
    for (sample, class) in samples.iter().zip(&classes) {
        if let Some(analyte) = sample.concept.code_of(LOINC).and_then(analyte) {
            let known = analytes.entry(*class).or_insert(analyte.mass);
            *known = analyte.mass.min(known);
        }
    }
    let mut groups: BTreeMap<(Option<&str>, usize), Vec<&Sample<'_>>> = BTreeMap::new();
    for (sample, class) in samples.iter().zip(classes) {
        let analyte = analytes.get(&class).copied();
        groups.entry((analyte, if analyte.is_some() { 0 } else { class })).or_default().push(sample);
    }
    let mut out = Vec::new();
    for group in groups.into_values() {
        let told: BTreeSet<String> = group.iter().filter_map(|sample| sample.specimen.as_deref().map(plain)).collect();
        if told.len() <= 1 {
            out.push(group);
            continue;
        }
        let mut split: BTreeMap<String, Vec<&Sample<'_>>> = BTreeMap::new();
        for sample in group {
            split.entry(sample.specimen.as_deref().map(plain).unwrap_or_default()).or_default().push(sample);
        }
        out.extend(split.into_values());
    }
    out
}

fn one_series(dimension: &str, members: &[(&Sample<'_>, Unit)], about: &About) -> Option<Series> {
    let newest = members.iter().map(|(sample, _)| *sample).max_by_key(|sample| (sample.sort_key, sample.identity))?;
    let ucum = most_frequent_unit(members);
    let written = members
        .iter()
        .filter(|(sample, _)| sample.ucum == ucum)
        .max_by_key(|(sample, _)| (sample.sort_key, sample.identity));
    let unit = written.map_or_else(|| ucum.clone(), |(sample, _)| sample.unit.clone());
    let mut ways: BTreeMap<&str, Option<How>> = BTreeMap::new();
    let points: Vec<Point> = members
        .iter()
        .map(|(sample, own)| {
            let way = *ways.entry(&own.ucum).or_insert_with(|| about.how(&own.ucum, &ucum));
            point(sample, own, &ucum, way)
        })
        .collect();
    let moments: Vec<When> = members.iter().map(|(sample, _)| sample.when).collect();
    let specimen = members.iter().find_map(|(sample, _)| sample.specimen.clone());
    let primary = members.iter().map(|(sample, _)| sample.concept.primary()).min()?;
    let key = key(primary, specimen.as_deref().map(plain).as_deref().unwrap_or_default(), dimension);
    Some(Series {
        key,
        code: newest.code.clone(),
        title: newest.title.clone(),
        specimen,
        unit,
        ucum,
        is_numeric: dimension != "words",
        points: each_once(points, &moments),
    })
}

fn most_frequent_unit(members: &[(&Sample<'_>, Unit)]) -> String {
    let mut counts: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for (sample, unit) in members {
        let (count, newest) = counts.entry(&unit.ucum).or_insert((0, i64::MIN));
        *count += 1;
        *newest = sample.sort_key.max(*newest);
    }
    counts.into_iter().max_by_key(|(_, rank)| *rank).map(|(ucum, _)| ucum.to_owned()).unwrap_or_default()
}

fn point(sample: &Sample<'_>, own: &Unit, ucum: &str, way: Option<How>) -> Point {
    let mut range = sample.range.clone();
    let mut number = sample.number;
    let mut how = own.how;
    if let Some(value) = number
        && own.ucum != ucum
    {
        // A number that no conversion can hold is told as it was written, and not drawn.
        let converted = |value: f64| way?.convert(value, &own.ucum, ucum);
        number = converted(value);
        how = way.filter(|_| number.is_some());
        if let Some(range) = &mut range {
            for end in [&mut range.low, &mut range.high] {
                *end = end.take().and_then(|bound| Some(Bound { value: converted(bound.value)?, ..bound }));
            }
            range.converted = range.low.is_some() || range.high.is_some();
        }
    }
    let converted = number
        .zip(how)
        .map(|(value, how)| Converted { text: rounded(value, sample.digits, sample.decimals, how), how });
    let mut point = Point {
        time: sample.time.map(str::to_owned),
        sort_key: sample.sort_key,
        text: sample.text.clone(),
        number,
        comparator: sample.comparator,
        converted,
        range,
        interpretation: sample.interpretation.clone(),
        interpretation_code: sample.interpretation_code.clone(),
        place: Place::Untold,
        records: vec![sample.identity],
    };
    point.place = place(&point);
    point
}

/// A converted value with as many digits as the original had, and at least two.
fn rounded(value: f64, digits: usize, decimals: usize, how: How) -> String {
    if matches!(how, How::Equivalent | How::EnzymeUnit) {
        return format!("{value:.decimals$}", decimals = decimals.min(10));
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    let digits = digits.clamp(2, 10) as f64;
    let places = (digits - 1.0 - magnitude).clamp(0.0, 12.0) as usize;
    if magnitude.abs() > 12.0 { format!("{value:.*e}", digits as usize - 1) } else { format!("{value:.places$}") }
}

fn place(point: &Point) -> Place {
    let Some(range) = &point.range else { return Place::Untold };
    let Some(value) = point.number else {
        let told = (range.expected.as_deref().and_then(expectation), expectation(&plain(&point.text)));
        return match told {
            (Some(expected), Some(found)) if expected == found => Place::Within,
            (Some(_), Some(_)) => Place::Outside,
            _ => Place::Untold,
        };
    };
    let below = |bound: &Bound| value < bound.value || (value == bound.value && !bound.inclusive);
    let above = |bound: &Bound| value > bound.value || (value == bound.value && !bound.inclusive);
    if range.low.is_none() && range.high.is_none() {
        return Place::Untold;
    }
    match point.comparator {
        None if range.low.as_ref().is_some_and(below) => Place::Below,
        None if range.high.as_ref().is_some_and(above) => Place::Above,
        None => Place::Within,
        // A limit decides only where all that it can mean is on one side.
        Some(Comparator::Less | Comparator::AtMost) => match (&range.low, &range.high) {
            (Some(low), _)
                if value <= low.value && (value < low.value || point.comparator == Some(Comparator::Less)) =>
            {
                Place::Below
            }
            (None, Some(high)) if value <= high.value => Place::Within,
            _ => Place::Untold,
        },
        Some(Comparator::More | Comparator::AtLeast) => match (&range.low, &range.high) {
            (_, Some(high))
                if value >= high.value && (value > high.value || point.comparator == Some(Comparator::More)) =>
            {
                Place::Above
            }
            (Some(low), None) if value >= low.value => Place::Within,
            _ => Place::Untold,
        },
    }
}

/// Values that are one fact from several sources, once: the same number (or words) at what may be the same moment.
fn each_once(points: Vec<Point>, moments: &[When]) -> Vec<Point> {
    let mut alike: BTreeMap<String, Vec<(Point, When)>> = BTreeMap::new();
    let mut out: Vec<Point> = Vec::new();
    for (point, when) in points.into_iter().zip(moments) {
        if *when == When::Undated {
            out.push(point);
            continue;
        }
        let sign = point.comparator.map_or("", Comparator::as_str);
        // Six digits: more than any of them measures, fewer than a conversion leaves behind.
        let said = point.number.map_or_else(|| plain(&point.text), |value| format!("{sign}{value:.5e}"));
        alike.entry(said).or_default().push((point, *when));
    }
    for group in alike.into_values() {
        let whens: Vec<When> = group.iter().map(|(_, when)| *when).collect();
        let mut by_moment: BTreeMap<usize, Vec<(Point, When)>> = BTreeMap::new();
        for (member, moment) in group.into_iter().zip(date_groups(&whens)) {
            by_moment.entry(moment).or_default().push(member);
        }
        out.extend(by_moment.into_values().filter_map(one_point));
    }
    out.sort_by(|one, other| {
        let key = |point: &Point| (point.sort_key == i64::MIN, point.sort_key, point.records.first().copied());
        key(one).cmp(&key(other)).then_with(|| one.text.cmp(&other.text))
    });
    out
}

fn one_point(mut members: Vec<(Point, When)>) -> Option<Point> {
    // The best told: the most precise date, unconverted, with a range; then by identity, so that every run agrees.
    members.sort_by_key(|(point, when)| {
        (std::cmp::Reverse(*when), point.converted.is_some(), point.range.is_none(), point.records.first().copied())
    });
    let mut members = members.into_iter().map(|(point, _)| point);
    let mut best = members.next()?;
    for other in members {
        best.records.extend(other.records);
        if best.range.is_none() && other.range.is_some() {
            best.range = other.range;
            best.place = other.place;
        }
        if best.interpretation.is_none() {
            best.interpretation = other.interpretation;
            best.interpretation_code = other.interpretation_code;
        }
    }
    best.records.sort_unstable();
    best.records.dedup();
    Some(best)
}

fn key(primary: (&str, &str), specimen: &str, dimension: &str) -> FactKey {
    let mut hash = Sha256::new();
    for part in ["carnet/series/v1", primary.0, primary.1, specimen, dimension] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    FactKey(bytes)
}

#[cfg(test)]
mod tests;
