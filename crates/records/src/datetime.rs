//! FHIR dates (R4 `date`, `dateTime`, `instant`): text of differing precision to seconds for ordering, and back.

/// Seconds since 1970 of a FHIR `date`, `dateTime` or `instant`; the earliest moment it can mean (`2026` is its first
/// second). A time without a zone, which FHIR forbids but files have, is taken as UTC. `None` for anything else.
pub(crate) fn unix_seconds(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let midnight = days_from_civil(year, month, day) * 86_400;
    match time {
        None => Some(midnight),
        Some(time) => Some(midnight + time_of_day(time)?),
    }
}

/// A FHIR `instant` in UTC for `seconds` since 1970; `None` outside the years 1 to 9999.
pub(crate) fn instant(seconds: i64) -> Option<String> {
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    if !(1..=9999).contains(&year) {
        return None;
    }
    let rest = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// Whether the text is a FHIR date or time, so that records can be chosen by it.
pub fn datetime_is_readable(text: &str) -> bool {
    unix_seconds(text).is_some()
}

/// The first second after what a FHIR date names: after its year, month or day; of a time, after that second.
pub(crate) fn unix_seconds_after(text: &str) -> Option<i64> {
    let start = unix_seconds(text)?;
    let (year, month, _) = civil_from_days(start.div_euclid(86_400));
    let days = match text.trim().len() {
        4 => days_from_civil(year + 1, 1, 1),
        7 if month == 12 => days_from_civil(year + 1, 1, 1),
        7 => days_from_civil(year, month + 1, 1),
        10 => return Some(start + 86_400),
        _ => return Some(start + 1),
    };
    Some(days * 86_400)
}

/// Whether the text is a FHIR date or time that names at least the day.
pub(crate) fn names_the_day(text: &str) -> bool {
    text.len() >= 10 && unix_seconds(text).is_some()
}

fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        None => (text, 0),
        Some(at) => {
            let (clock, zone) = text.split_at_checked(at)?;
            (clock, zone_offset(zone)?)
        }
    };
    let whole = clock.split('.').next()?;
    let mut parts = whole.splitn(3, ':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    // A leap second (60) is allowed by FHIR.
    let second = parts.next().map_or(Some(0), |part| digits(part, 2))?;
    (hour <= 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second - offset)
}

fn zone_offset(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.as_bytes().first()? {
        b'Z' | b'z' => return (zone.len() == 1).then_some(0),
        b'+' => (1, zone.get(1..)?),
        _ => (-1, zone.get(1..)?),
    };
    // FHIR wants `+02:00`; servers also write `+0200` and `+02`.
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 4 => rest.split_at_checked(2)?,
        None => (rest, "00"),
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn digits(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. The year is counted from March so that the leap day
/// comes last, in eras of 400 years (146,097 days).
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_precision_of_fhir_is_ordered() {
        assert_eq!(unix_seconds("1970"), Some(0));
        assert_eq!(unix_seconds("1970-01-02"), Some(86_400));
        assert_eq!(unix_seconds("2000-03"), Some(951_868_800));
        assert_eq!(unix_seconds("2021-04-03T08:03:00+02:00"), Some(1_617_429_780));
        assert_eq!(unix_seconds("2021-04-03T08:03:00.113Z"), Some(1_617_436_980));
        assert_eq!(unix_seconds("2021-04-03T08:03"), Some(1_617_436_980));
        assert_eq!(unix_seconds("2024-02-29"), Some(1_709_164_800));
    }

    #[test]
    fn what_is_no_date_has_no_place_in_the_order() {
        for text in
            ["", "abc", "2023-02-29", "2023-13", "20230101", "2023-1-1", "2023-01-01T25:00:00Z", "2023-01-01T", "é"]
        {
            assert_eq!(unix_seconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_reads_back(seconds in -62_135_596_800_i64..253_402_300_800) {
            let text = instant(seconds).unwrap();
            prop_assert_eq!(unix_seconds(&text), Some(seconds));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}", seconds in -1_000_000_000_000_000_i64..1_000_000_000_000_000) {
            let _ = unix_seconds(&text);
            let _ = instant(seconds);
        }
    }
}
