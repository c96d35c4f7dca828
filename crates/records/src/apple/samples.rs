//! Samples on their way into days and single measurements.

use std::collections::{BTreeMap, HashMap};

use super::{
    aggregate::{DayFigures, DaySum, Interval, must_seal},
    attributes::{Sample, unescape},
    names::{Sources, Texts},
    single::{self, Meal, Single, Told},
    tables::{self, Kind, Rule},
    time::Stamp,
    units::{self, Unit},
};
use crate::build;

/// The most days of all types together; a life has fewer.
const DAYS: usize = 600_000;
/// The most samples of categories (sleep, symptoms, stand hours).
const INTERVALS: usize = 1_000_000;
/// The most blood pressure readings.
const READINGS: usize = 200_000;
/// The most pairs of type and unit.
const ROUTES: usize = 2000;

/// Everything that was read of samples and not yet handed over.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) sources: Sources,
    pub(super) values: Texts,
    routes: HashMap<Box<str>, u16>,
    routing: Vec<Route>,
    last_route: u16,
    last_key: String,
    key: String,
    pub(super) series: Vec<Series>,
    pub(super) sums: Days<DaySum>,
    pub(super) figures: Days<DayFigures>,
    pub(super) categories: Days<Vec<Interval<u16>>>,
    /// By the second, the source, and a number that tells apart several at once.
    pub(super) readings: BTreeMap<(i64, u8, u8), Reading>,
    pub(super) singles: Vec<Single>,
    /// The most single measurements that are handed over.
    pub(super) most_singles: usize,
    /// The last day whose single measurements may be in its figures alone.
    pub(super) figures_alone_until: Option<i32>,
    /// What the file's metadata is about that comes next.
    open: Subject,
    /// Of insulin by its reason, by series and day.
    pub(super) insulin: BTreeMap<(u16, i32), Insulin>,
    previous: Option<(u16, u8, Stamp, Stamp, f64)>,
    held: usize,
    intervals: usize,
    pub(super) bad: u64,
    pub(super) repeated: u64,
    pub(super) beyond: u64,
    /// Single measurements that only the figures of their days tell of.
    pub(super) in_days: u64,
}

/// A type of samples, as records are made of it.
#[derive(Debug)]
pub(super) struct Series {
    /// Apple's identifier.
    pub(super) identifier: String,
    pub(super) kind: Option<&'static Kind>,
    pub(super) rule: Option<Rule>,
    /// The unit of days' figures: for people, and in UCUM.
    pub(super) unit: (String, String),
    /// The unit in the id, where the type has several that do not convert.
    pub(super) unit_in_id: String,
}

/// Where samples of one type in one unit go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) series: u16,
    what: What,
    factor: f64,
    offset: f64,
    pub(super) percent: bool,
    /// The unit as the samples have it; none where it is unknown.
    pub(super) unit: Option<&'static Unit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Quantity(Rule),
    Systolic,
    Diastolic,
    Category,
    Sleep,
}

/// The sample that is read.
#[derive(Debug, Default)]
enum Subject {
    #[default]
    Nothing,
    /// The last one that is kept by itself.
    Single,
    /// So much insulin on this day.
    Insulin((u16, i32), f64),
}

/// The insulin of a day whose reason is told.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Insulin {
    pub(super) basal: f64,
    pub(super) bolus: f64,
}

/// One blood pressure reading; its numbers as written.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) at: Stamp,
    pub(super) systolic: Option<Box<str>>,
    pub(super) diastolic: Option<Box<str>>,
}

/// Something for each day of each series.
#[derive(Debug)]
pub(super) struct Days<T> {
    index: HashMap<(u16, i32), usize>,
    pub(super) items: Vec<(u16, i32, T)>,
    last: usize,
}

impl<T> Default for Days<T> {
    fn default() -> Self {
        Days { index: HashMap::new(), items: Vec::new(), last: 0 }
    }
}

impl<T: Default> Days<T> {
    fn at(&mut self, series: u16, day: i32, room: bool) -> Option<&mut T> {
        if self.items.get(self.last).is_none_or(|(of, on, _)| *of != series || *on != day) {
            self.last = match self.index.get(&(series, day)) {
                Some(at) => *at,
                None if !room => return None,
                None => {
                    self.index.insert((series, day), self.items.len());
                    self.items.push((series, day, T::default()));
                    self.items.len() - 1
                }
            };
        }
        self.items.get_mut(self.last).map(|(_, _, item)| item)
    }

    /// The days in the order of the series and of time.
    pub(super) fn take_sorted(&mut self) -> Vec<(u16, i32, T)> {
        self.index = HashMap::new();
        let mut items = std::mem::take(&mut self.items);
        items.sort_unstable_by_key(|(series, day, _)| (*series, *day));
        items
    }
}

impl Samples {
    /// Nothing read yet; at most so many single measurements are handed over.
    pub(super) fn new(most_singles: usize) -> Self {
        Samples { most_singles, ..Samples::default() }
    }

    /// Takes one `Record`. Those inside a Correlation stand a second time outside it (so Apple's DTD says), and only
    /// blood pressures, which are told apart by their second, are taken from both places.
    pub(super) fn add(&mut self, sample: &Sample<'_>, nested: bool) {
        self.open = Subject::Nothing;
        if let Some(value) = units::with_point(sample.value) {
            return self.add(&Sample { value: &value, ..*sample }, nested);
        }
        let Some(start) = Stamp::parse(sample.start) else {
            self.bad += 1;
            return;
        };
        let end = if sample.end == sample.start { start } else { Stamp::parse(sample.end).unwrap_or(start) };
        let Some((at, route)) = self.route(sample) else {
            self.beyond += 1;
            return;
        };
        let pressure = matches!(route.what, What::Systolic | What::Diastolic);
        if nested && !pressure {
            return;
        }
        let source = self.sources.number(sample.source, sample.device);
        if matches!(route.what, What::Category | What::Sleep) {
            return self.category(route, sample, source, start, end);
        }
        let Some(value) = sample.value.parse::<f64>().ok().filter(|value| value.is_finite()) else {
            self.bad += 1;
            return;
        };
        if pressure {
            return self.reading(route.what == What::Systolic, start, source, sample.value);
        }
        let this = (at, source, start, end, value);
        if self.previous == Some(this) {
            self.repeated += 1;
            return;
        }
        self.previous = Some(this);
        let What::Quantity(rule) = route.what else { return };
        let converted = if route.percent { units::percent(value) } else { value * route.factor + route.offset };
        match rule {
            Rule::Each | Rule::EachAndDay => {
                // A few more are held, so that the oldest are looked for once in a while.
                if self.singles.len() > self.most_singles + self.most_singles / 4 {
                    let ranks = self.sources.ranks();
                    single::fold_oldest(self, &ranks);
                }
                // As written, where JSON writes numbers so.
                let text =
                    build::number(sample.value).map_or_else(|| build::decimal(value), |_| sample.value.to_owned());
                let (value, told) = (text.into_boxed_str(), Told::default());
                self.singles.push(Single { route: at, at: start, source, value, converted, told });
                self.open = Subject::Single;
            }
            Rule::Sum | Rule::Doses => {
                self.sum(route.series, source, start, end, converted);
                let kind = self.series.get(usize::from(route.series)).and_then(|series| series.kind);
                if kind.is_some_and(|kind| kind.id == "InsulinDelivery") {
                    self.open = Subject::Insulin((route.series, start.day), converted);
                }
            }
            Rule::Day | Rule::Unknown => self.add_to_day(route.series, start.day, source, converted),
        }
    }

    /// Adds a single measurement to the figures of its day.
    pub(super) fn add_single_to_day(&mut self, single: &Single) {
        if let Some((route, _)) = self.of_single(single) {
            self.add_to_day(route.series, single.at.day, single.source, single.converted);
        }
    }

    /// Adds a value to the figures of a day.
    fn add_to_day(&mut self, series: u16, day: i32, source: u8, value: f64) {
        let room = self.has_room();
        match self.figures.at(series, day, room) {
            Some(figures) => figures.add(source, value),
            None => self.beyond += 1,
        }
    }

    /// Takes what the file tells beside the value of the sample that is read.
    pub(super) fn metadata(&mut self, key: &str, value: &str) {
        match (&self.open, key, value) {
            (Subject::Single, "HKWasUserEntered", "1") => self.tell(|told| told.by_hand = true),
            (Subject::Single, "HKBloodGlucoseMealTime", "1") => self.tell(|told| told.meal = Some(Meal::Before)),
            (Subject::Single, "HKBloodGlucoseMealTime", "2") => self.tell(|told| told.meal = Some(Meal::After)),
            (Subject::Insulin(of, dose), "HKInsulinDeliveryReason", "1") => {
                self.insulin.entry(*of).or_default().basal += dose;
            }
            (Subject::Insulin(of, dose), "HKInsulinDeliveryReason", "2") => {
                self.insulin.entry(*of).or_default().bolus += dose;
            }
            _ => {}
        }
    }

    fn tell(&mut self, change: impl FnOnce(&mut Told)) {
        if let Some(single) = self.singles.last_mut() {
            change(&mut single.told);
        }
    }

    /// What metadata follows is not of a sample.
    pub(super) fn close(&mut self) {
        self.open = Subject::Nothing;
    }

    fn has_room(&self) -> bool {
        self.sums.items.len() + self.figures.items.len() + self.categories.items.len() < DAYS
    }

    fn sum(&mut self, series: u16, source: u8, start: Stamp, end: Stamp, value: f64) {
        if value < 0.0 {
            self.bad += 1;
            return;
        }
        let room = self.has_room();
        let Some(day) = self.sums.at(series, start.day, room) else {
            self.beyond += 1;
            return;
        };
        let seconds = u32::try_from(end.unix().saturating_sub(start.unix())).unwrap_or_default();
        self.held += day.add(source, start.second, seconds, value);
        if must_seal(self.held) {
            // A day that is still being read is left open.
            let (ranks, last) = (self.sources.ranks(), self.sums.last);
            for (at, (_, _, day)) in self.sums.items.iter_mut().enumerate() {
                if at != last {
                    self.held = self.held.saturating_sub(day.seal(&|source| ranks.of(source)));
                }
            }
            if must_seal(self.held)
                && let Some((_, _, day)) = self.sums.items.get_mut(last)
            {
                self.held = self.held.saturating_sub(day.seal(&|source| ranks.of(source)));
            }
        }
    }

    fn category(&mut self, route: Route, sample: &Sample<'_>, source: u8, start: Stamp, end: Stamp) {
        if self.intervals >= INTERVALS {
            self.beyond += 1;
            return;
        }
        let Some(value) = self.values.number(sample.value) else {
            self.beyond += 1;
            return;
        };
        // A night lasts from six in the evening to six in the evening and is called by the day on which one wakes.
        let day = match route.what {
            What::Sleep => i32::try_from((end.local() + 6 * 3600).div_euclid(86_400)).unwrap_or(start.day),
            _ => start.day,
        };
        let length = end.unix().saturating_sub(start.unix()).clamp(0, 7 * 86_400);
        let room = self.has_room();
        match self.categories.at(route.series, day, room) {
            Some(intervals) => {
                self.intervals += 1;
                let start = start.unix();
                intervals.push(Interval { start, end: start + length, source, stage: value });
            }
            None => self.beyond += 1,
        }
    }

    fn reading(&mut self, systolic: bool, at: Stamp, source: u8, value: &str) {
        if value.len() > 32 {
            self.bad += 1;
            return;
        }
        for number in 0..=9 {
            let full = self.readings.len() >= READINGS;
            let slot = match self.readings.entry((at.unix(), source, number)) {
                std::collections::btree_map::Entry::Vacant(_) if full => break,
                entry => entry.or_insert(Reading { at, systolic: None, diastolic: None }),
            };
            let part = if systolic { &mut slot.systolic } else { &mut slot.diastolic };
            match part {
                // The same again: once inside a Correlation and once outside.
                Some(known) if **known == *value => return,
                Some(_) => {}
                None => {
                    *part = Some(value.into());
                    return;
                }
            }
        }
        self.beyond += 1;
    }

    /// Where a sample goes, by its type and unit.
    fn route(&mut self, sample: &Sample<'_>) -> Option<(u16, Route)> {
        self.key.clear();
        self.key.push_str(sample.kind);
        self.key.push('\n');
        self.key.push_str(sample.unit);
        if self.key == self.last_key
            && let Some(route) = self.routing.get(usize::from(self.last_route))
        {
            return Some((self.last_route, *route));
        }
        let at = match self.routes.get(self.key.as_str()) {
            Some(at) => *at,
            None => {
                if self.routing.len() >= ROUTES || self.key.len() > 400 {
                    return None;
                }
                let at = u16::try_from(self.routing.len()).ok()?;
                let route = self.make_route(sample)?;
                self.routing.push(route);
                self.routes.insert(self.key.as_str().into(), at);
                at
            }
        };
        self.last_key.clone_from(&self.key);
        self.last_route = at;
        self.routing.get(usize::from(at)).map(|route| (at, *route))
    }

    /// The series of each route.
    pub(super) fn routed(&self) -> impl Iterator<Item = &Series> {
        self.routing.iter().filter_map(|route| self.series.get(usize::from(route.series)))
    }

    /// Where a single measurement went, and the series it is of.
    pub(super) fn of_single(&self, single: &Single) -> Option<(Route, &Series)> {
        let route = *self.routing.get(usize::from(single.route))?;
        Some((route, self.series.get(usize::from(route.series))?))
    }

    fn make_route(&mut self, sample: &Sample<'_>) -> Option<Route> {
        let identifier = build::text(&unescape(sample.kind), 200).unwrap_or_else(|| "unknown".to_owned());
        let unit_name = build::text(&unescape(sample.unit), 60).unwrap_or_default();
        let category =
            identifier.starts_with("HKCategoryType") || (unit_name.is_empty() && sample.value.parse::<f64>().is_err());
        if category {
            let what = if identifier == "HKCategoryTypeIdentifierSleepAnalysis" { What::Sleep } else { What::Category };
            let series = self.series_of(Series {
                identifier,
                kind: None,
                rule: None,
                unit: Default::default(),
                unit_in_id: String::new(),
            })?;
            return Some(Route { series, what, factor: 1.0, offset: 0.0, percent: false, unit: None });
        }
        let unit = units::find(&unit_name);
        let kind = unit.and_then(|unit| tables::quantity_kind(&identifier, unit));
        let own = kind.and_then(Kind::unit);
        let (factor, offset) = match (unit, own) {
            (Some(unit), Some(own)) => units::conversion(unit, own).unwrap_or((1.0, 0.0)),
            _ => (1.0, 0.0),
        };
        let shown = own.or(unit);
        let what = match (kind.map(|kind| kind.id), kind) {
            (Some("BloodPressureSystolic"), _) if unit_name == "mmHg" => What::Systolic,
            (Some("BloodPressureDiastolic"), _) if unit_name == "mmHg" => What::Diastolic,
            (_, kind) => What::Quantity(kind.map_or(Rule::Unknown, |kind| kind.rule)),
        };
        // Glucose in mg/dL and in mmol/L are two series, and so is a type in a unit that it never has.
        let unit_in_id = match (kind, unit) {
            (Some(kind), _) if kind.id != "BloodGlucose" => String::new(),
            (_, Some(unit)) => unit.ucum.to_owned(),
            (_, None) => unit_name.clone(),
        };
        let series = self.series_of(Series {
            identifier,
            kind,
            rule: Some(kind.map_or(Rule::Unknown, |kind| kind.rule)),
            unit: shown.map_or((unit_name, String::new()), |unit| (unit.label.to_owned(), unit.ucum.to_owned())),
            unit_in_id,
        })?;
        let percent = unit.is_some_and(|unit| unit.hk == "%");
        Some(Route { series, what, factor, offset, percent, unit })
    }

    fn series_of(&mut self, series: Series) -> Option<u16> {
        let same = |known: &Series| {
            known.identifier == series.identifier && known.unit_in_id == series.unit_in_id && known.rule == series.rule
        };
        let at = match self.series.iter().position(same) {
            Some(at) => at,
            None => {
                self.series.push(series);
                self.series.len() - 1
            }
        };
        u16::try_from(at).ok()
    }
}
