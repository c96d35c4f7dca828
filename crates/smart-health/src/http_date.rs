//! The header `Retry-After`: seconds, or a date.
//!
//! Specification: RFC 9110, sections 10.2.3 (Retry-After) and 5.6.7 (IMF-fixdate, the one form of a date that is still
//! written).

/// How long to wait, in seconds from `now` (Unix seconds). A date counts only where the time is known; one that is past
/// is no wait.
pub(crate) fn retry_after(value: &str, now: Option<i64>) -> Option<u32> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(seconds);
    }
    let wait = fixdate(value)?.saturating_sub(now?).max(0);
    Some(u32::try_from(wait).unwrap_or(u32::MAX))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` as Unix seconds.
fn fixdate(text: &str) -> Option<i64> {
    let mut parts = text.split(' ');
    let (name, day, month, year, time, zone) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if !name.ends_with(',') || zone != "GMT" || parts.next().is_some() {
        return None;
    }
    let day = number(day, 2).filter(|day| (1..=31).contains(day))?;
    let month = 1 + i64::try_from(MONTHS.iter().position(|known| *known == month)?).ok()?;
    let year = number(year, 4)?;
    let mut clock = time.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if clock.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn number(text: &str, digits: usize) -> Option<i64> {
    text.parse().ok().filter(|_| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Days from 1970-01-01, in the Gregorian calendar by eras of 400 years that start in March.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_seconds_and_dates() {
        let now = Some(1_792_567_680);
        for (text, wait) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Wed, 21 Oct 2026 07:28:00 GMT", Some(0)),
            ("Wed, 21 Oct 2026 07:29:30 GMT", Some(90)),
            ("Tue, 29 Feb 2028 00:00:00 GMT", Some(42_827_520)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(u32::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Wed, 21 Oct 2026 07:28:00 CET", None),
            ("Wed, 21 Okt 2026 07:28:00 GMT", None),
            ("Wed, 32 Oct 2026 07:28:00 GMT", None),
            ("Wed, 21 Oct 2026 24:00:00 GMT", None),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), wait, "{text}");
        }
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:29:30 GMT", None), None);
        assert_eq!(fixdate("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,40}", now in proptest::option::of(any::<i64>())) {
            let _ = retry_after(&text, now);
            let _ = retry_after(&format!("Wed, 21 Oct {text} 07:28:00 GMT"), now);
        }
    }
}
