//! Dates, times and spans as a person reads them.

use crate::platform::{self, LocalTime};

/// A date as recorded (`2026`, `2026-05`, `2026-05-03`, or a FHIR instant) as words: `3 May 2026`. Anything else stays as
/// it is. An instant keeps the day its own zone says, as the record does.
pub fn date(recorded: &str) -> String {
    let day_part = recorded.split('T').next().unwrap_or_default();
    let mut parts = day_part.split('-');
    let year = parts.next().filter(|year| year.len() == 4).and_then(|year| year.parse::<i64>().ok());
    let month = parts.next().map(|month| month.parse::<u8>().ok().filter(|month| (1..=12).contains(month)));
    let day = parts.next().map(|day| day.parse::<u8>().ok().filter(|day| (1..=31).contains(day)));
    match (year, month, day, parts.next()) {
        (Some(year), None, None, None) => format!("{year:04}"),
        (Some(year), Some(Some(month)), None, None) => {
            t!("date-month-year", month = t!(month_key(month)), year = format!("{year:04}"))
        }
        (Some(year), Some(Some(month)), Some(Some(day)), None) => {
            t!("date-day-month-year", day = i64::from(day), month = t!(month_key(month)), year = format!("{year:04}"))
        }
        _ => recorded.to_owned(),
    }
}

/// A date as a person types it (`2026`, `2026-05`, `2026-05-03`) in its parts, if there is such a day since 1850.
pub fn parse_date(text: &str) -> Option<(i32, Option<u8>, Option<u8>)> {
    let mut parts = text.split('-');
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
    };
    let year = i32::from(number(parts.next()?, 4)?);
    let month = parts.next().map(|part| number(part, 2).and_then(|month| u8::try_from(month).ok()));
    let day = parts.next().map(|part| number(part, 2).and_then(|day| u8::try_from(day).ok()));
    let whole = LocalTime { year, month: month.unwrap_or(Some(1))?, day: day.unwrap_or(Some(1))?, hour: 0, minute: 0 };
    let there_is = platform::utc(platform::utc_at(whole)) == whole;
    (there_is && year >= 1850 && parts.next().is_none()).then_some((year, month.flatten(), day.flatten()))
}

/// A FHIR instant (`2026-05-03T14:32:10.5+02:00`) in Unix seconds; what is none gives nothing.
pub fn instant(text: &str) -> Option<i64> {
    let (day, clock) = text.split_once('T')?;
    let (year, Some(month), Some(day)) = parse_date(day)? else { return None };
    let zone_at = clock.find(['Z', '+', '-'])?;
    let (time, zone) = clock.split_at_checked(zone_at)?;
    let mut parts = time.split('.').next()?.split(':');
    let mut two =
        |most: i64| parts.next().filter(|part| part.len() == 2)?.parse().ok().filter(|n| (0..=most).contains(n));
    let (hour, minute, second) = (two(23)?, two(59)?, two(60)?);
    let offset = match zone.split_at_checked(1)? {
        ("Z", "") => 0,
        (sign, ahead) => {
            let (hours, minutes) = ahead.split_once(':')?;
            let ahead = hours.parse::<u8>().ok().filter(|hours| *hours <= 14)? as i64 * 3_600
                + minutes.parse::<u8>().ok().filter(|minutes| *minutes < 60)? as i64 * 60;
            if sign == "-" { -ahead } else { ahead }
        }
    };
    let midnight = platform::utc_at(LocalTime { year, month, day, hour: 0, minute: 0 });
    Some(midnight + hour * 3_600 + minute * 60 + second - offset)
}

/// The year of a recorded date, if it starts with one.
pub fn year(recorded: &str) -> Option<&str> {
    recorded.get(..4).filter(|year| year.bytes().all(|digit| digit.is_ascii_digit()))
}

/// A moment as day and time in the reader's zone, the day left out when it is today: `15:40`, `3 May 2026, 15:40`.
pub fn moment(at: i64, now: i64) -> String {
    let (then, today) = (platform::local(at), platform::local(now));
    let time = clock(then);
    if same_day(then, today) {
        t!("moment-today", time = time)
    } else if same_day(then, platform::local(now + 86_400)) {
        t!("moment-tomorrow", time = time)
    } else if same_day(then, platform::local(now - 86_400)) {
        t!("moment-yesterday", time = time)
    } else {
        t!("moment-day", date = day(then), time = time)
    }
}

/// A moment with its full date, whatever today is: for print and evidence.
pub fn full_moment(at: i64) -> String {
    let then = platform::local(at);
    t!("moment-day", date = day(then), time = clock(then))
}

/// What is left, exact enough to act on: `2 days 3 hours`, `3 h 12 min`, `14:59`.
pub fn left(seconds: i64) -> String {
    let seconds = seconds.max(0);
    if seconds >= 86_400 {
        t!("left-days", days = seconds / 86_400, hours = seconds % 86_400 / 3_600)
    } else if seconds >= 3_600 {
        t!("left-hours", hours = seconds / 3_600, minutes = seconds % 3_600 / 60)
    } else {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
}

/// What is left, in words for a screen reader; changes once a minute.
pub fn left_spoken(seconds: i64) -> String {
    let seconds = seconds.max(0);
    if seconds >= 3_600 { left(seconds) } else { t!("left-minutes", minutes = (seconds + 59) / 60) }
}

/// A length of time to choose: `15 minutes`, `24 hours`, `7 days`.
pub fn span(seconds: i64) -> String {
    if seconds < 3_600 {
        t!("span-minutes", count = seconds / 60)
    } else if seconds <= 172_800 {
        t!("span-hours", count = seconds / 3_600)
    } else {
        t!("span-days", count = seconds / 86_400)
    }
}

/// A month's name.
pub fn month(month: u8) -> String {
    t!(month_key(month))
}

/// A file's size, rounded for reading: `640 bytes`, `12 kB`, `3.4 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => t!("size-bytes", count = bytes),
        1_000..1_000_000 => t!("size-kb", count = bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => t!("size-mb", count = tenths(bytes / 100_000)),
        _ => t!("size-gb", count = tenths(bytes / 100_000_000)),
    }
}

/// The day at a moment as `2026-05-03`, in the reader's zone.
pub fn iso_day(at: i64) -> String {
    let then = platform::local(at);
    format!("{:04}-{:02}-{:02}", then.year, then.month, then.day)
}

fn tenths(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn day(at: LocalTime) -> String {
    t!(
        "date-day-month-year",
        day = i64::from(at.day),
        month = t!(month_key(at.month)),
        year = format!("{:04}", at.year)
    )
}

fn clock(at: LocalTime) -> String {
    format!("{:02}:{:02}", at.hour, at.minute)
}

fn same_day(a: LocalTime, b: LocalTime) -> bool {
    (a.year, a.month, a.day) == (b.year, b.month, b.day)
}

fn month_key(month: u8) -> &'static str {
    match month {
        1 => "month-1",
        2 => "month-2",
        3 => "month-3",
        4 => "month-4",
        5 => "month-5",
        6 => "month-6",
        7 => "month-7",
        8 => "month-8",
        9 => "month-9",
        10 => "month-10",
        11 => "month-11",
        _ => "month-12",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, start};

    #[test]
    fn dates_keep_the_precision_they_were_recorded_with() {
        start("en", Face::App);
        assert_eq!(date("2026"), "2026");
        assert_eq!(date("2026-05"), "May 2026");
        assert_eq!(date("2026-05-03"), "3 May 2026");
        assert_eq!(date("2026-05-03T23:59:59-11:00"), "3 May 2026");
    }

    #[test]
    fn what_is_no_date_stays_as_it_was_recorded() {
        start("en", Face::App);
        for odd in ["", "2026-13", "2026-05-32", "last spring", "26-05-03", "2026-05-03-04", "٢٠٢٦"] {
            assert_eq!(date(odd), odd);
        }
        assert_eq!(year("٢٠٢٦"), None);
    }

    #[test]
    fn a_typed_date_must_exist() {
        assert_eq!(parse_date("2026"), Some((2026, None, None)));
        assert_eq!(parse_date("2026-05"), Some((2026, Some(5), None)));
        assert_eq!(parse_date("2024-02-29"), Some((2024, Some(2), Some(29))));
        for odd in [
            "",
            "26",
            "2026-5",
            "2026-13",
            "2026-00",
            "2025-02-29",
            "2026-05-32",
            "2026--03",
            "-05",
            "1066",
            "2026-05-03-1",
        ] {
            assert_eq!(parse_date(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_instant_is_read_with_its_zone() {
        assert_eq!(instant("2026-05-03T14:53:20Z"), Some(1_777_820_000));
        assert_eq!(instant("2026-05-03T16:53:20.25+02:00"), Some(1_777_820_000));
        assert_eq!(instant("2026-05-03T09:23:20-05:30"), Some(1_777_820_000));
        for odd in [
            "",
            "2026-05-03",
            "2026-05-03T14:53:20",
            "2026-05-03T25:00:00Z",
            "2026-05T14:53:20Z",
            "2026-05-03T14:53Z",
            "2026-05-03T14:53:20+99:00",
            "2026-05-03Té:é",
        ] {
            assert_eq!(instant(odd), None, "{odd}");
        }
    }

    #[test]
    fn moments_name_the_day_only_when_it_is_another() {
        start("en", Face::App);
        let now = 1_777_820_000; // 3 May 2026, 14:53 UTC
        assert_eq!(moment(now + 60, now), "14:54 today");
        assert_eq!(moment(now + 86_400, now), "14:53 tomorrow");
        assert_eq!(moment(now - 86_400, now), "14:53 yesterday");
        assert_eq!(moment(now - 30 * 86_400, now), "3 April 2026, 14:53");
    }

    #[test]
    fn sizes_are_rounded_for_reading() {
        start("en", Face::App);
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_001), "2 kB");
        assert_eq!(size(3_450_000), "3.4 MB");
        assert_eq!(size(4_000_000_000), "4.0 GB");
        assert_eq!(iso_day(0), "1970-01-01");
    }

    #[test]
    fn spans_and_countdowns() {
        start("en", Face::App);
        assert_eq!(left(899), "14:59");
        assert_eq!(left(-5), "0:00");
        assert_eq!(left(3_600 * 3 + 720), "3 h 12 min");
        assert_eq!(left(86_400 * 2 + 3_600 * 3), "2 days 3 h");
        assert_eq!(left_spoken(61), "2 minutes left");
        assert_eq!(span(900), "15 minutes");
        assert_eq!(span(86_400), "24 hours");
        assert_eq!(span(7 * 86_400), "7 days");
    }
}
