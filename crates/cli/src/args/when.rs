//! Moments and lengths of time as they are typed.

/// A moment: one that was named, or so long from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Unix seconds.
    At(i64),
    /// In seconds.
    In(i64),
}

impl When {
    /// Unix seconds.
    pub(crate) fn at(self, now: i64) -> i64 {
        match self {
            Self::At(at) => at,
            Self::In(seconds) => now.saturating_add(seconds),
        }
    }
}

/// Reads a time (`2026-05-28`, `2026-05-28T09:30`, `2026-05-28T09:30Z`) or a length of time (`2h`). A time without a zone
/// is that of this machine's clock on the wall.
pub(super) fn moment(text: &str) -> Result<When, String> {
    if let Ok(seconds) = seconds(text) {
        return Ok(When::In(seconds));
    }
    let form = "write a time like 2026-05-28 or 2026-05-28T09:30, or how long from now, like 2h";
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(When::At(at.as_second()));
    }
    let wall = text.parse::<jiff::civil::DateTime>().map_err(|_| form)?;
    let at = wall.to_zoned(jiff::tz::TimeZone::system()).map_err(|_| form)?;
    Ok(When::At(at.timestamp().as_second()))
}

/// Reads `90s`, `15m`, `24h` or `7d` as seconds.
pub(super) fn seconds(text: &str) -> Result<i64, String> {
    const FORM: &str = "write a number and s, m, h or d, like 15m";
    let unit = text.chars().last().ok_or(FORM)?;
    let number: u32 = text.strip_suffix(unit).unwrap_or_default().parse().map_err(|_| FORM)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(FORM.to_owned()),
    };
    Ok(i64::from(number) * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_and_without_a_zone() {
        assert_eq!(moment("2h"), Ok(When::In(7_200)));
        assert_eq!(moment("2026-05-28T09:30Z"), Ok(When::At(1_779_960_600)));
        let days = |text| moment(text).map(|when| when.at(0) / 86_400);
        assert!(days("2026-05-28").is_ok_and(|day| (20_600..=20_602).contains(&day)), "{:?}", days("2026-05-28"));
        assert!(matches!(moment("2026-05-28T09:30"), Ok(When::At(_))));
        for wrong in ["", "tomorrow", "2026-13-01", "28.05.2026"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
        assert_eq!((When::In(5).at(100), When::At(5).at(100)), (105, 5));
    }

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, expected) in [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(expected));
        }
        for wrong in ["", "m", "15", "15 m", "-1m", "1.5h", "15м", "99999999999d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
