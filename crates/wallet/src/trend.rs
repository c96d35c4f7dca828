//! A measured thing over time: which records have to do with it, and its series as the interface draws it.

use crate::Result;
use crate::facts::Index;
use crate::records::parse;
use crate::whose::Owner;
use carnet_bridge::{LabFlag, LabLimit, LabPoint, LabSeries, RunPoint};
use carnet_records::display::patient_banner;
use carnet_records::view::{Comparator, Merging, Place, Point, Reader, Series, Sex, analyte_terms, series};
use carnet_vault::{RecordRow, Vault};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The most points of a series.
const MOST_POINTS: usize = 500;
/// The most records that a series is made of.
pub(crate) const MOST_RECORDS: usize = 2_000;
/// The most values of a run.
const RUN: usize = 12;

/// Whose values they are, as far as ranges tell people apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    sex: Option<Sex>,
    birth_date: Option<String>,
}

impl Person {
    /// From the patient's own record, where there is one.
    pub(crate) async fn of(vault: &Vault, index: &Index) -> Result<Self> {
        let Some(patient) = &index.owners.patient else { return Ok(Self::default()) };
        let banner = patient_banner(&parse(&vault.record(patient.id).await?.slim)?);
        let sex = match banner.sex.as_deref() {
            Some("female") => Some(Sex::Female),
            Some("male") => Some(Sex::Male),
            _ => None,
        };
        Ok(Self { sex, birth_date: banner.birth_date })
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { sex: self.sex, birth_date: self.birth_date.as_deref() }
    }
}

/// What is equal for two observations that may be of one analyte: their code, its partner in LOINC (mass and amount of
/// one substance have a term each), or what they are called.
pub(crate) fn kinships(row: &RecordRow) -> Vec<String> {
    if row.index.resource_type != "Observation" {
        return Vec::new();
    }
    let mut out = vec![format!("title|{}", row.index.title.trim().to_lowercase())];
    if let Some(code) = &row.index.code
        && !code.code.is_empty()
    {
        let term = analyte_terms(&code.code).map_or(code.code.as_str(), |[mass, _]| mass);
        out.push(format!("{}|{term}", code.system));
    }
    out
}

/// The observations that may be of the same analyte as this one, which is `owner`'s, and are of the same person.
pub(crate) fn kin<'r>(index: &'r Index, of: &RecordRow, owner: Owner) -> impl Iterator<Item = &'r RecordRow> {
    let wanted: HashSet<String> = kinships(of).into_iter().collect();
    let fits = move |row: &RecordRow| kinships(row).iter().any(|key| wanted.contains(key));
    let own = index.owned().filter(move |(_, other)| other.is(owner)).map(|(row, _)| row);
    own.filter(move |row| fits(row)).take(MOST_RECORDS)
}

/// A record with its resource, and what it is told apart by.
pub(crate) struct Sample<'a> {
    pub(crate) row: &'a RecordRow,
    pub(crate) resource: &'a Value,
}

fn merging<'a>(samples: &'a [Sample<'a>]) -> Vec<Merging<'a, Value>> {
    let one = |sample: &'a Sample<'a>| Merging {
        identity: sample.row.identity,
        source: &sample.row.source,
        resource: sample.resource,
    };
    samples.iter().map(one).collect()
}

/// The series that hold this record, those first that do, and of the others those that measure the same as one of them.
pub(crate) fn trend(samples: &[Sample<'_>], of: &RecordRow, person: &Person) -> Vec<LabSeries> {
    let holds = |series: &Series| series.points.iter().any(|point| point.records.contains(&of.identity));
    let (own, others): (Vec<Series>, Vec<Series>) =
        series(&merging(samples), &person.reader()).into_iter().partition(holds);
    if own.is_empty() {
        return Vec::new();
    }
    let alike = |one: &Series, other: &Series| {
        let code = |series: &Series| series.code.as_ref().map(|code| (code.system.clone(), code.code.clone()));
        (code(one).is_some() && code(one) == code(other)) || one.title.eq_ignore_ascii_case(&other.title)
    };
    let others: Vec<Series> = others.into_iter().filter(|other| own.iter().any(|own| alike(own, other))).collect();
    let rows: HashMap<[u8; 32], &RecordRow> = samples.iter().map(|sample| (sample.row.identity, sample.row)).collect();
    own.into_iter().chain(others).map(|series| lab_series(series, &rows)).collect()
}

/// The last values up to this record's, oldest first; empty where there are fewer than two, or where it measures several
/// things at once.
pub(crate) fn run(samples: &[Sample<'_>], of: &RecordRow, person: &Person) -> Vec<RunPoint> {
    let all = series(&merging(samples), &person.reader());
    let place = |series: &Series| series.points.iter().position(|point| point.records.contains(&of.identity));
    let mut own = all.iter().filter_map(|series| Some((series, place(series)?)));
    let (Some((series, at)), None) = (own.next(), own.next()) else { return Vec::new() };
    let drawn = |point: &Point| {
        let value = point.number.filter(|value| value.is_finite() && point.time.is_some())?;
        Some(RunPoint { value, flag: flag(point).0 })
    };
    if series.points.get(at).and_then(drawn).is_none() {
        return Vec::new();
    }
    let mut run: Vec<RunPoint> = series.points.iter().take(at + 1).rev().filter_map(drawn).take(RUN).collect();
    run.reverse();
    if run.len() < 2 { Vec::new() } else { run }
}

fn lab_series(series: Series, rows: &HashMap<[u8; 32], &RecordRow>) -> LabSeries {
    let title = match &series.specimen {
        Some(specimen) if !series.title.to_lowercase().contains(&specimen.to_lowercase()) => {
            format!("{} ({specimen})", series.title)
        }
        _ => series.title.clone(),
    };
    // Undated values stand at the end of the series, and before all others where the oldest are left out.
    let mut points = series.points;
    points.sort_by_key(|point| point.sort_key);
    let left_out = points.len().saturating_sub(MOST_POINTS);
    let points: Vec<LabPoint> = points.iter().skip(left_out).map(|point| lab_point(point, rows)).collect();
    LabSeries { title, unit: series.unit, converted: points.iter().any(|point| point.converted), points }
}

fn lab_point(point: &Point, rows: &HashMap<[u8; 32], &RecordRow>) -> LabPoint {
    let row = point.records.iter().find_map(|identity| rows.get(identity));
    let (flag, flag_from_source) = flag(point);
    let range = point.range.as_ref();
    LabPoint {
        record: row.map(|row| row.id.to_string()).unwrap_or_default(),
        date: point.time.clone().unwrap_or_default(),
        at: if point.sort_key == i64::MIN { 0 } else { point.sort_key },
        value: point.text.clone(),
        unit: String::new(),
        number: point.number.filter(|number| number.is_finite()),
        limit: match point.comparator {
            None => LabLimit::None,
            Some(Comparator::Less | Comparator::AtMost) => LabLimit::Below,
            Some(Comparator::More | Comparator::AtLeast) => LabLimit::Above,
        },
        low: range.and_then(|range| range.low.as_ref()).map(|end| end.value),
        high: range.and_then(|range| range.high.as_ref()).map(|end| end.value),
        range: range.map(|range| range.text.clone()).unwrap_or_default(),
        flag,
        flag_from_source,
        converted: point.converted.is_some(),
        source: row.map(|row| row.source.clone()).unwrap_or_default(),
    }
}

/// How a value stands to its range, and whether that is the source's own judgement (HL7 v3 ObservationInterpretation).
fn flag(point: &Point) -> (LabFlag, bool) {
    let judged = match point.interpretation_code.as_deref() {
        Some("H" | "HH" | "HU" | "HX" | ">") => Some(LabFlag::High),
        Some("L" | "LL" | "LU" | "LX" | "<") => Some(LabFlag::Low),
        Some("A" | "AA") => Some(LabFlag::Abnormal),
        Some("N") => Some(LabFlag::Within),
        _ => None,
    };
    let worked_out = match point.place {
        Place::Untold => LabFlag::Unknown,
        Place::Within => LabFlag::Within,
        Place::Below => LabFlag::Low,
        Place::Above => LabFlag::High,
        Place::Outside => LabFlag::Abnormal,
    };
    (judged.unwrap_or(worked_out), judged.is_some())
}
