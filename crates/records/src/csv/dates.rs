//! Dates and times of a table's rows.

use serde::{Deserialize, Serialize};

use crate::datetime::days_in_month;

/// Which part of a date made of numbers comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `2024-06-01`, or a month in words: it tells itself.
    #[default]
    Plain,
    /// `1.6.2024`, `01/06/2024` for the first of June.
    DayFirst,
    /// `06/01/2024` for the first of June.
    MonthFirst,
}

/// A moment on the table's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// `YYYY-MM-DD`.
    pub(super) date: String,
    /// `HH:MM:SS`, where there is a time.
    pub(super) time: Option<String>,
    /// `Z` or `±HH:MM`, where it is said.
    pub(super) zone: Option<String>,
}

/// A date, perhaps with a time in the same cell.
pub(super) fn parse(cell: &str, order: DateOrder) -> Option<Moment> {
    let cell = cell.trim();
    if cell.len() > 60 {
        return None;
    }
    let (date, time) = split(cell);
    let date = calendar(date, order)?;
    let (time, zone) = match time {
        "" => (None, None),
        time => clock(time).map(|(time, zone)| (Some(time), zone))?,
    };
    Some(Moment { date, time, zone })
}

/// A time of day in a cell of its own, with its zone if it has one.
pub(super) fn clock(cell: &str) -> Option<(String, Option<String>)> {
    let lower = cell.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    // "8:05 a.m.", "8:05 p. m.", "20:05 Uhr"
    let lower = lower.replace("a. m.", "a.m.").replace("p. m.", "p.m.");
    let lower = lower.replace("a.m.", "am").replace("p.m.", "pm").replace("uhr", "");
    let at = lower.find(['z', '+', '-']).into_iter().chain(lower.find("utc")).chain(lower.find("gmt")).min();
    let (rest, said) = lower.split_at_checked(at.unwrap_or(lower.len()))?;
    let zone = if said.is_empty() { None } else { Some(zone(said)?) };
    let rest = rest.trim();
    let (time, half) = match (rest.strip_suffix("am"), rest.strip_suffix("pm")) {
        (Some(rest), _) => (rest, Some(false)),
        (_, Some(rest)) => (rest, Some(true)),
        _ => (rest, None),
    };
    let time = time.trim().split(['.', ',']).next()?;
    let mut parts = time.splitn(3, ':');
    let hour: u32 = small(parts.next()?)?;
    let minute: u32 = small(parts.next()?)?;
    let second: u32 = parts.next().map_or(Some(0), small)?;
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    (hour < 24 && minute < 60 && second < 60).then(|| (format!("{hour:02}:{minute:02}:{second:02}"), zone))
}

/// A time zone as FHIR writes it: of `+02:00`, `GMT-04:00`, `UTC+2`, `(UTC+01:00) Paris`, `UTC`, `Z`. None of a name.
pub(super) fn zone(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    // Windows writes the places behind the offset.
    let text = text.strip_prefix('(').and_then(|rest| rest.split(')').next()).unwrap_or(&text);
    let rest = ["utc", "gmt"].iter().find_map(|name| text.strip_prefix(name));
    match rest.unwrap_or(text).trim() {
        "" if rest.is_some() => Some("Z".to_owned()),
        "z" | "zulu" => Some("Z".to_owned()),
        said if said.starts_with(['+', '-', '−', '±']) => offset(&said.replace('−', "-").replace('±', "+")),
        _ => None,
    }
}

/// What the dates of a column say about the order of their parts.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct OrderEvidence {
    day: bool,
    month: bool,
    /// A date of numbers that could be either.
    either: bool,
}

impl OrderEvidence {
    pub(super) fn see(&mut self, cell: &str) {
        let (date, _) = split(cell.trim());
        let Some((first, second, _, separator)) = numbers(date) else { return };
        if first > 31 {
            return;
        }
        match (first > 12, second > 12) {
            // Nobody writes month.day.year with points.
            _ if separator == '.' => self.day = true,
            (true, false) => self.day = true,
            (false, true) => self.month = true,
            (false, false) => self.either = true,
            (true, true) => {}
        }
    }

    /// The order; `Err` where it cannot be told.
    pub(super) fn decide(self) -> Result<DateOrder, DateOrder> {
        match (self.day, self.month) {
            (true, false) => Ok(DateOrder::DayFirst),
            (false, true) => Ok(DateOrder::MonthFirst),
            (false, false) if !self.either => Ok(DateOrder::Plain),
            _ => Err(DateOrder::DayFirst),
        }
    }
}

/// The date and the time of a cell.
fn split(cell: &str) -> (&str, &str) {
    // The time begins at the digits before the first colon.
    let Some(colon) = cell.find(':') else { return (cell.trim_end_matches([',', ' ']), "") };
    let before = cell.get(..colon).unwrap_or_default();
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (date, time) = cell.split_at_checked(colon - digits).unwrap_or((cell, ""));
    (date.trim_end().trim_end_matches(['T', 't', ',', ' ', '-', '_']), time)
}

fn calendar(date: &str, order: DateOrder) -> Option<String> {
    let (year, month, day) = match numbers(date) {
        Some((first, second, third, _)) if first > 31 => (first, second, third),
        Some((first, second, third, separator)) => match order {
            DateOrder::MonthFirst if separator != '.' => (century(third)?, first, second),
            DateOrder::Plain if separator != '.' => return None,
            _ => (century(third)?, second, first),
        },
        None => in_words(date)?,
    };
    let valid = (1800..=2200).contains(&year) && (1..=12).contains(&month) && day >= 1;
    (valid && i64::from(day) <= days_in_month(i64::from(year), i64::from(month)))
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Three numbers with one kind of separator, the year with four digits first or last, or two digits last.
fn numbers(date: &str) -> Option<(u32, u32, u32, char)> {
    let separator = date.chars().find(|letter| !letter.is_ascii_digit())?;
    if !matches!(separator, '-' | '/' | '.') {
        return None;
    }
    let date = date.strip_suffix('.').unwrap_or(date);
    let mut parts = date.split(separator);
    let (first, second, third) = (parts.next()?.trim(), parts.next()?.trim(), parts.next()?.trim());
    let year_first = first.len() == 4;
    if parts.next().is_some() || second.len() > 2 || (!year_first && (first.len() > 2 || !matches!(third.len(), 2 | 4)))
    {
        return None;
    }
    Some((small(first)?, small(second)?, small(third)?, separator))
}

fn century(year: u32) -> Option<u32> {
    match year {
        // A table of measurements with a year of two digits is of this century.
        0..=99 => Some(2000 + year),
        _ => Some(year),
    }
}

/// `Jan 12 2025`, `12. Januar 2025`, `12-Jan-25`: a month by its first three letters.
fn in_words(date: &str) -> Option<(u32, u32, u32)> {
    let parts: Vec<&str> = date.split([' ', ',', '.', '-', '/']).filter(|part| !part.is_empty()).collect();
    let (first, second, third) = match parts.as_slice() {
        [first, second, third] => (first, second, third),
        // The day of the week before it: `Mon, 15 Jul 2024`.
        [day, first, second, third] if day.starts_with(char::is_alphabetic) => (first, second, third),
        _ => return None,
    };
    let (month, day) = match (month(first), month(second)) {
        (Some(month), None) => (month, small(second)?),
        (None, Some(month)) => (month, small(first)?),
        _ => return None,
    };
    Some((century(small(third)?)?, month, day))
}

fn month(name: &str) -> Option<u32> {
    // English, German, French, Spanish, Italian, Portuguese and Dutch where their first letters differ.
    const MONTHS: [&[&str]; 12] = [
        &["jan", "jän", "ene", "gen"],
        &["feb", "fev", "fév"],
        &["mar", "mär", "mrz", "maa"],
        &["apr", "avr", "abr"],
        &["may", "mai", "mag", "mei"],
        &["jun", "juin", "giu"],
        &["jul", "juil", "lug"],
        &["aug", "aou", "aoû", "ago"],
        &["sep", "set"],
        &["oct", "okt", "ott", "out"],
        &["nov"],
        &["dec", "dez", "déc", "dic"],
    ];
    let name = name.to_lowercase();
    if name.chars().next()?.is_ascii_digit() {
        return None;
    }
    let at = MONTHS.iter().position(|starts| starts.iter().any(|start| name.starts_with(start)))?;
    // "juin" and "juil" begin alike with nothing else.
    u32::try_from(at + 1).ok()
}

fn offset(zone: &str) -> Option<String> {
    let (sign, rest) = zone.split_at_checked(1)?;
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 4 => rest.split_at_checked(2)?,
        None => (rest, "0"),
    };
    let (hours, minutes) = (small(hours)?, small(minutes)?);
    (hours <= 14 && minutes < 60).then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

fn small(text: &str) -> Option<u32> {
    ((1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_kind() {
        use DateOrder::{DayFirst, MonthFirst, Plain};
        for (cell, order, expected) in [
            ("2024-06-01", Plain, Some("2024-06-01 - -")),
            ("2024-06-01T08:05:30", Plain, Some("2024-06-01 08:05:30 -")),
            ("2024-06-01T08:05:30.123Z", Plain, Some("2024-06-01 08:05:30 Z")),
            ("2024-06-01 08:05:30 +0200", Plain, Some("2024-06-01 08:05:30 +02:00")),
            ("2024-06-01 08:05+02:00", Plain, Some("2024-06-01 08:05:00 +02:00")),
            ("2024/6/1 8:05", Plain, Some("2024-06-01 08:05:00 -")),
            ("1.6.2024 08:05", Plain, Some("2024-06-01 08:05:00 -")),
            ("01.06.24", Plain, Some("2024-06-01 - -")),
            ("01-06-2024 08:05", DayFirst, Some("2024-06-01 08:05:00 -")),
            ("06/01/2024 8:05 PM", MonthFirst, Some("2024-06-01 20:05:00 -")),
            ("06/01/2024, 12:05 a.m.", MonthFirst, Some("2024-06-01 00:05:00 -")),
            ("Jan 12 2025", Plain, Some("2025-01-12 - -")),
            ("12. Januar 2025 um 8:05", Plain, None),
            ("12 janvier 2025 08:05", Plain, Some("2025-01-12 08:05:00 -")),
            ("Mon, 15 Jul 2024 21:05:00 GMT", Plain, Some("2024-07-15 21:05:00 Z")),
            ("2024-07-15 21:05:00 UTC", Plain, Some("2024-07-15 21:05:00 Z")),
            ("2024-07-15 22:05:00 GMT+2", Plain, Some("2024-07-15 22:05:00 +02:00")),
            ("2024-07-15 10:05 PM UTC-04:00", Plain, Some("2024-07-15 22:05:00 -04:00")),
            ("2024-07-15T21:05:00.000+0000", Plain, Some("2024-07-15 21:05:00 +00:00")),
            ("15 Jul 2024 9:05 p.\u{a0}m.", Plain, Some("2024-07-15 21:05:00 -")),
            ("15 Jul 2024 9:05 a. m.", Plain, Some("2024-07-15 09:05:00 -")),
            ("2024-07-15 21:05:00 CEST", Plain, None),
            ("12-Dez-25", Plain, Some("2025-12-12 - -")),
            ("01/06/2024", Plain, None),
            ("31.02.2024", Plain, None),
            ("13/13/2024", DayFirst, None),
            ("yesterday", Plain, None),
            ("", Plain, None),
            ("2024-06-01 25:00", Plain, None),
            ("é:é", Plain, None),
        ] {
            let got = parse(cell, order).map(|moment| {
                let or = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
                format!("{} {} {}", moment.date, or(moment.time), or(moment.zone))
            });
            assert_eq!(got.as_deref(), expected, "{cell}");
        }
    }

    #[test]
    fn zones_that_are_offsets() {
        for (text, expected) in [
            ("GMT-04:00", Some("-04:00")),
            ("UTC+2", Some("+02:00")),
            ("UTC+0200", Some("+02:00")),
            ("(UTC+01:00) Paris, Madrid", Some("+01:00")),
            ("−0330", Some("-03:30")),
            ("utc", Some("Z")),
            ("America/New_York", None),
            ("CET", None),
            ("", None),
            ("+99", None),
        ] {
            assert_eq!(zone(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_order_is_told_from_the_whole_column() {
        let decide = |cells: &[&str]| {
            let mut evidence = OrderEvidence::default();
            cells.iter().for_each(|cell| evidence.see(cell));
            evidence.decide()
        };
        assert_eq!(decide(&["01/06/2024", "13/06/2024"]), Ok(DateOrder::DayFirst));
        assert_eq!(decide(&["06/01/2024 8:00", "06/13/2024 8:00"]), Ok(DateOrder::MonthFirst));
        assert_eq!(decide(&["1.6.2024"]), Ok(DateOrder::DayFirst));
        assert_eq!(decide(&["2024-06-01", "Jan 2 2024"]), Ok(DateOrder::Plain));
        assert!(decide(&["01/06/2024", "02/06/2024"]).is_err());
        assert!(decide(&["13/06/2024", "06/13/2024"]).is_err());
    }
}
