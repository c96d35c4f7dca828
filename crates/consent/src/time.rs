//! Unix seconds as FHIR instants (ISO 8601, UTC), without a clock and without a calendar crate.

use crate::{Error, Result};

/// The last second that a four-digit year can say: 9999-12-31T23:59:59Z.
pub(crate) const LAST: i64 = 253_402_300_799;

/// Checks that a time can be written with a four-digit year, and is not before 1970.
pub(crate) fn check(seconds: i64, what: &'static str) -> Result<i64> {
    if (0..=LAST).contains(&seconds) { Ok(seconds) } else { Err(Error::Invalid(what)) }
}

/// Unix seconds within 1970 to 9999 as a FHIR instant in UTC: `2026-05-03T14:00:00Z`. Times outside are moved to the
/// nearest end; values that come from outside went through [`check`] first.
pub fn instant(seconds: i64) -> String {
    let seconds = seconds.clamp(0, LAST);
    let rest = seconds % 86_400;
    format!("{}T{:02}:{:02}:{:02}Z", date(seconds), rest / 3600, rest / 60 % 60, rest % 60)
}

/// The date of such a moment in UTC: `2026-05-03`.
pub fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.clamp(0, LAST) / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The Unix seconds of an instant as [`instant`] writes it, and of no other.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    // The inverse of `civil`; what is no such instant is found by writing it again.
    let shifted = year - i64::from(month <= 2);
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    let seconds = days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    ((0..=LAST).contains(&seconds) && instant(seconds) == text).then_some(seconds)
}

/// Days since 1970-01-01 as year, month and day in the Gregorian calendar, by eras of 400 years that start in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_instants() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_078_012_799, "2004-02-28T23:59:59Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_795_353_572, "2026-11-22T13:19:32Z"),
            (LAST, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(instant(seconds), text);
            assert_eq!(Some(date(seconds).as_str()), text.get(..10));
            assert_eq!(super::seconds(text), Some(seconds));
        }
        for bad in
            ["", "2026-11-22", "2026-11-22T13:19:32+00:00", "2026-02-30T00:00:00Z", "2026-1-022T13:19:32Z", "é026"]
        {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn reads_what_it_writes(seconds in 0..=LAST, text in ".{0,30}") {
            proptest::prop_assert_eq!(super::seconds(&instant(seconds)), Some(seconds));
            if let Some(seconds) = super::seconds(&text) {
                proptest::prop_assert_eq!(instant(seconds), text);
            }
        }
    }
}
