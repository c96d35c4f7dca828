//! Dates of differing precision: when "2020" and "2020-03-01" may be the same day, and when that would be a guess.

use std::collections::HashMap;

use crate::datetime;

/// A moment as precisely as it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum When {
    /// Not dated.
    Undated,
    /// A year.
    Year(i64),
    /// A month of a year.
    Month(i64, u8),
    /// A day, by its days since 1970, with its year and month.
    Day(i64, u8, i64),
    /// A moment: UTC seconds since 1970, and the day on the clock it was read from.
    Moment(i64, i64, u8, i64),
}

impl When {
    /// Of a FHIR date or time. Midnight sharp is how many systems write a bare day, and is taken as one.
    pub(super) fn of(text: &str) -> When {
        let date = text.split(['T', ' ']).next().unwrap_or_default();
        let (Some(seconds), Some(start)) = (datetime::unix_seconds(text), datetime::unix_seconds(date)) else {
            return When::Undated;
        };
        let mut parts = date.split('-').map(|part| part.parse::<i64>().unwrap_or_default());
        let year = parts.next().unwrap_or_default();
        let month = parts.next().and_then(|month| u8::try_from(month).ok()).unwrap_or_default();
        let day = start.div_euclid(86_400);
        match date.len() {
            4 => When::Year(year),
            7 => When::Month(year, month),
            _ if date.len() == text.len() || is_midnight(text) => When::Day(year, month, day),
            _ => When::Moment(seconds, year, month, day),
        }
    }

    /// Whether the two may be one moment, told with different precision.
    pub(super) fn agrees(self, other: When) -> bool {
        match (self, other) {
            (When::Undated, _) | (_, When::Undated) => true,
            (When::Year(year), other) | (other, When::Year(year)) => other.year() == Some(year),
            (When::Month(year, month), other) | (other, When::Month(year, month)) => {
                other.month() == Some((year, month))
            }
            (When::Day(.., day), other) | (other, When::Day(.., day)) => other.day() == Some(day),
            (When::Moment(one, ..), When::Moment(other, ..)) => one == other,
        }
    }

    fn year(self) -> Option<i64> {
        match self {
            When::Undated => None,
            When::Year(year) | When::Month(year, _) | When::Day(year, ..) | When::Moment(_, year, ..) => Some(year),
        }
    }

    fn month(self) -> Option<(i64, u8)> {
        match self {
            When::Undated | When::Year(_) => None,
            When::Month(year, month) | When::Day(year, month, _) | When::Moment(_, year, month, _) => {
                Some((year, month))
            }
        }
    }

    fn day(self) -> Option<i64> {
        match self {
            When::Day(.., day) | When::Moment(.., day) => Some(day),
            _ => None,
        }
    }
}

fn is_midnight(text: &str) -> bool {
    let clock = text.split_once(['T', ' ']).map_or("", |(_, clock)| clock);
    let clock = clock.split(['Z', '+', '-']).next().unwrap_or_default();
    clock.starts_with("00:00") && clock.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'))
}

/// The group of each date: equal numbers may be one moment. A less precise date joins a more precise one only where
/// there is exactly one that it can mean; what is undated joins only where there is one group in all.
pub(super) fn date_groups(dates: &[When]) -> Vec<usize> {
    let mut groups = Groups::default();
    let mut of: HashMap<When, usize> = HashMap::new();
    for precision in [
        |when: &When| matches!(when, When::Moment(..)),
        |when: &When| matches!(when, When::Day(..)),
        |when: &When| matches!(when, When::Month(..)),
        |when: &When| matches!(when, When::Year(..)),
        |when: &When| matches!(when, When::Undated),
    ] {
        let mut found: Vec<(When, usize)> = Vec::new();
        for when in dates.iter().filter(|when| precision(when)) {
            if !of.contains_key(when) {
                let group = groups.join_or_open(*when);
                of.insert(*when, group);
                found.push((*when, group));
            }
        }
        // Only now, so that two dates of one precision are never taken for one another's details.
        found.into_iter().for_each(|(when, group)| groups.note(when, group));
    }
    dates.iter().map(|when| of.get(when).copied().unwrap_or_default()).collect()
}

#[derive(Default)]
struct Groups {
    count: usize,
    moments: HashMap<i64, usize>,
    days: HashMap<i64, Finer>,
    months: HashMap<(i64, u8), Finer>,
    years: HashMap<i64, Finer>,
    all: Option<Finer>,
}

/// The groups inside a day, month or year: one, or too many to tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finer {
    One(usize),
    Several,
}

impl Finer {
    fn add(slot: &mut Option<Finer>, group: usize) {
        *slot = match *slot {
            None => Some(Finer::One(group)),
            Some(Finer::One(known)) if known == group => Some(Finer::One(group)),
            Some(_) => Some(Finer::Several),
        };
    }

    fn put<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Finer>, key: K, group: usize) {
        let mut slot = map.get(&key).copied();
        Finer::add(&mut slot, group);
        if let Some(finer) = slot {
            map.insert(key, finer);
        }
    }
}

impl Groups {
    fn join_or_open(&mut self, when: When) -> usize {
        let finer = match when {
            When::Moment(seconds, ..) => self.moments.get(&seconds).map(|group| Finer::One(*group)),
            When::Day(.., day) => self.days.get(&day).copied(),
            When::Month(year, month) => self.months.get(&(year, month)).copied(),
            When::Year(year) => self.years.get(&year).copied(),
            When::Undated => self.all,
        };
        let group = match finer {
            Some(Finer::One(group)) => group,
            _ => {
                self.count += 1;
                self.count
            }
        };
        if let When::Moment(seconds, ..) = when {
            self.moments.insert(seconds, group);
        }
        group
    }

    fn note(&mut self, when: When, group: usize) {
        if let Some(day) = when.day() {
            Finer::put(&mut self.days, day, group);
        }
        if let Some(month) = when.month() {
            Finer::put(&mut self.months, month, group);
        }
        if let Some(year) = when.year() {
            Finer::put(&mut self.years, year, group);
        }
        Finer::add(&mut self.all, group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(dates: &[&str]) -> Vec<usize> {
        date_groups(&dates.iter().map(|text| When::of(text)).collect::<Vec<_>>())
    }

    #[test]
    fn a_day_joins_the_one_moment_it_can_mean() {
        let found = groups(&["2020-03-01", "2020-03-01T08:00:00+01:00", "2020-03-01T07:00:00Z", "2020-03", "2020", ""]);
        assert!(found.iter().all(|group| *group == found[0]), "{found:?}");
    }

    #[test]
    fn where_it_could_be_two_nothing_is_joined() {
        let found = groups(&["2020", "2020-03-01", "2020-05-01", "", "2019"]);
        assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 5);
        let found = groups(&["2020-03-01", "2020-03-01T08:00:00Z", "2020-03-01T09:00:00Z"]);
        assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    }

    #[test]
    fn midnight_is_a_day() {
        assert_eq!(When::of("2020-03-01T00:00:00.000-05:00"), When::of("2020-03-01"));
        assert!(matches!(When::of("2020-03-01T00:00:01Z"), When::Moment(..)));
        assert_eq!(When::of("yesterday"), When::Undated);
    }
}
