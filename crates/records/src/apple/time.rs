//! Apple's times: `2020-01-01 08:00:00 +0100`, local with the offset of that day.

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
    /// Reads `YYYY-MM-DD HH:MM:SS ±HHMM`; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Stamp> {
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
        let (hour, minute, second) = (pair(h1, h2)?, pair(i1, i2)?, pair(s1, s2)?);
        let (zone_hours, zone_minutes) = (pair(zh1, zh2)?, pair(zm1, zm2)?);
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
    fn other_texts_are_no_times() {
        for text in [
            "",
            "2024-06-15",
            "2024-06-15T00:30:00+02:00",
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
