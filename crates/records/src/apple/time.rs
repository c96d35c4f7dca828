//! Apple's times: `2020-01-01 08:00:00 +0100`, local with the offset of that day; and how older phones, phones with a clock of
//! twelve hours and programs that filter exports write them.

use crate::datetime::{civil_from_days, days_from_civil, days_in_month};

/// A moment as the export writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The local day, since 1970.
    pub(super) day: i32,
    /// Seconds since that day's midnight.
    pub(super) second: u32,
    /// Minutes that local time is ahead of UTC.
    pub(super) offset: i16,
}

impl Stamp {
    /// Reads `YYYY-MM-DD HH:MM:SS ±HHMM`, and the same as `YYYYMMDDHHMMSS±HHMM` (iOS 8), with `am` or `pm`, or as ISO 8601 has
    /// it; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Stamp> {
        Stamp::usual(text).or_else(|| Stamp::unusual(text))
    }

    fn usual(text: &str) -> Option<Stamp> {
        let bytes: &[u8; 25] = text.as_bytes().try_into().ok()?;
        let [
            y1,
            y2,
            y3,
            y4,
            b'-',
            m1,
            m2,
            b'-',
            d1,
            d2,
            b' ',
            h1,
            h2,
            b':',
            i1,
            i2,
            b':',
            s1,
            s2,
            b' ',
            sign,
            zh1,
            zh2,
            zm1,
            zm2,
        ] = *bytes
        else {
            return None;
        };
        let day = day_number(pair(y1, y2)? * 100 + pair(y3, y4)?, pair(m1, m2)?, pair(d1, d2)?)?;
        let time = (pair(h1, h2)?, pair(i1, i2)?, pair(s1, s2)?);
        Stamp::of(day, time, sign, (pair(zh1, zh2)?, pair(zm1, zm2)?))
    }

    fn unusual(text: &str) -> Option<Stamp> {
        if text.len() > 48 {
            return None;
        }
        // Blanks may be those that do not break, and half the day is written `a.m.` as well.
        let text: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '.').collect();
        let text = text.to_ascii_lowercase();
        let date = text.get(..10).filter(|date| date.as_bytes().get(4) == Some(&b'-'));
        let (day, rest) = match date {
            Some(date) => (parse_day(date)?, text.get(10..)?.trim_start_matches('t')),
            None => {
                let (year, month, day) = (text.get(..4)?, text.get(4..6)?, text.get(6..8)?);
                (parse_day(&format!("{year}-{month}-{day}"))?, text.get(8..)?)
            }
        };
        let zone = rest.find(['+', '-', 'z'])?;
        let (clock, zone) = rest.split_at_checked(zone)?;
        let (clock, half) = match clock.strip_suffix("am") {
            Some(clock) => (clock, Some(0)),
            None => clock.strip_suffix("pm").map_or((clock, None), |clock| (clock, Some(12))),
        };
        // The hour alone may have one digit, and fractions of a second may follow.
        let digits: String = match clock.split_once(':') {
            Some((hour, rest)) => format!("{hour:0>2}{}", rest.replace(':', "")),
            None => clock.to_owned(),
        };
        let [h1, h2, i1, i2, s1, s2, ..] = *digits.as_bytes() else { return None };
        let hour = match (pair(h1, h2)?, half) {
            (hour, None) => hour,
            (hour @ 1..=12, Some(half)) => hour % 12 + half,
            _ => return None,
        };
        let time = (hour, pair(i1, i2)?, pair(s1, s2)?);
        match *zone.replace(':', "").as_bytes() {
            [b'z'] => Stamp::of(day, time, b'+', (0, 0)),
            [sign, zh1, zh2, zm1, zm2] => Stamp::of(day, time, sign, (pair(zh1, zh2)?, pair(zm1, zm2)?)),
            _ => None,
        }
    }

    fn of(
        day: i32,
        (hour, minute, second): (i64, i64, i64),
        sign: u8,
        (zone_hours, zone_minutes): (i64, i64),
    ) -> Option<Stamp> {
        if hour > 23 || minute > 59 || second > 60 || zone_hours > 14 || zone_minutes > 59 {
            return None;
        }
        let offset = i16::try_from(zone_hours * 60 + zone_minutes).ok()?;
        let offset = match sign {
            b'+' => offset,
            b'-' => -offset,
            _ => return None,
        };
        let second = u32::try_from(hour * 3600 + minute * 60 + second).ok()?.min(86_399);
        Some(Stamp { day, second, offset })
    }

    /// Seconds since 1970, UTC.
    pub(super) fn unix(self) -> i64 {
        self.local() - i64::from(self.offset) * 60
    }

    /// Seconds since 1970 as the clock on the wall counts them.
    pub(super) fn local(self) -> i64 {
        i64::from(self.day) * 86_400 + i64::from(self.second)
    }

    /// As a FHIR dateTime.
    pub(super) fn date_time(self) -> String {
        let (hour, minute, second) = (self.second / 3600, self.second / 60 % 60, self.second % 60);
        let sign = if self.offset < 0 { '-' } else { '+' };
        let (zone_hours, zone_minutes) = (self.offset.abs() / 60, self.offset.abs() % 60);
        format!("{}T{hour:02}:{minute:02}:{second:02}{sign}{zone_hours:02}:{zone_minutes:02}", date(self.day))
    }
}

/// The number of the day `YYYY-MM-DD`; `None` for anything else.
pub(super) fn parse_day(text: &str) -> Option<i32> {
    let bytes: &[u8; 10] = text.as_bytes().get(..10)?.try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else { return None };
    day_number(pair(y1, y2)? * 100 + pair(y3, y4)?, pair(m1, m2)?, pair(d1, d2)?)
}

/// A day as a FHIR date.
pub(super) fn date(day: i32) -> String {
    let (year, month, day) = civil_from_days(i64::from(day));
    format!("{year:04}-{month:02}-{day:02}")
}

fn day_number(year: i64, month: i64, day: i64) -> Option<i32> {
    if year < 1 || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    i32::try_from(days_from_civil(year, month, day)).ok()
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_local_one() {
        let stamp = Stamp::parse("2024-06-15 00:30:00 +0200").unwrap();
        assert_eq!(date(stamp.day), "2024-06-15");
        assert_eq!(stamp.date_time(), "2024-06-15T00:30:00+02:00");
        assert_eq!(stamp.unix(), Stamp::parse("2024-06-14 22:30:00 +0000").unwrap().unix());
        assert_eq!(Stamp::parse("2016-11-14 07:25:41 -0730").unwrap().date_time(), "2016-11-14T07:25:41-07:30");
    }

    #[test]
    fn older_phones_and_other_clocks_write_the_same_moment() {
        let expected = Stamp::parse("2014-10-27 18:29:12 -0430");
        for text in [
            "20141027182912-0430",
            "2014-10-27 6:29:12 PM -0430",
            "2014-10-27 06:29:12 pm -0430",
            "2014-10-27 6:29:12\u{202F}p.m. -0430",
            "2014-10-27T18:29:12-04:30",
            "2014-10-27T18:29:12.123-0430",
        ] {
            assert!(expected.is_some() && Stamp::parse(text) == expected, "{text}: {:?}", Stamp::parse(text));
        }
        assert_eq!(Stamp::parse("2014-10-27 12:00:00 am +0000"), Stamp::parse("2014-10-27T00:00:00Z"));
        assert_eq!(Stamp::parse("2014-10-27 12:00:00 pm +0000"), Stamp::parse("2014-10-27 12:00:00 +0000"));
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "2024-06-15",
            "2024-06-15T00:30:00",
            "2024-06-15 13:30:00 pm +0200",
            "20240615003000",
            "20240615+0200",
            "2024-13-15 00:30:00 +0200",
            "2024-02-30 00:30:00 +0200",
            "2024-06-15 24:30:00 +0200",
            "2024-06-15 00:30:00 ~0200",
            "2024-06-15 00:30:00 +02é",
        ] {
            assert_eq!(Stamp::parse(text), None, "{text}");
        }
        assert_eq!(parse_day("é024-01-01x"), None);
    }
}
