//! TS and IVL_TS (HL7 v3 data types R1) to FHIR `dateTime`, `date`, `instant` and Period, with no precision invented.
//!
//! FHIR wants a zone where there is a time. A time without one is left out, and what was written stands in the extension
//! `originalText` beside the date: a zone that is guessed moves a date by a day.

use serde_json::{Value, json};

use super::{Resource, codes, datatypes};
use crate::xml::Node;

/// The extension for words that had no place in the element.
pub(super) const ORIGINAL_TEXT: &str = "http://hl7.org/fhir/StructureDefinition/originalText";

/// A point in time as FHIR can say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    /// A FHIR `dateTime`.
    pub(super) text: String,
    /// Whether something of what was written is not in it.
    pub(super) lossy: bool,
}

/// Reads `YYYY[MM[DD[HH[MM[SS[.f]]]]]][±ZZZZ]`, and the ISO 8601 forms that some programs write instead. `None` where
/// there is no year.
pub(super) fn point(value: &str) -> Option<Point> {
    let value = value.trim();
    let (date, rest) = match value.split_once(['T', ' ']) {
        Some((date, rest)) => (date.to_owned(), Some(rest.trim())),
        None => (value.to_owned(), None),
    };
    // A zone begins at the first sign after the time; in an ISO date the signs are between its parts.
    let (clock, zone) = match rest {
        Some(rest) => split_zone(rest),
        None if is_iso_date(&date) => ("", ""),
        None => split_zone(value),
    };
    let mut digits: String =
        if rest.is_some() || is_iso_date(&date) { date.replace('-', "") } else { clock.to_owned() };
    if rest.is_some() {
        digits.push_str(&clock.replace(':', ""));
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
    // 9999 is how some write that there is no end; other numbers beyond a life are codes in the wrong place.
    let year = part(0, 4).filter(|year| (1800..2200).contains(year) || *year == 9999)?;
    let mut text = format!("{year:04}");
    let lossy =
        |text: String| Some(Point { lossy: text.len() < 10 && whole.len() > text.replace('-', "").len(), text });
    let Some(month) = part(4, 6).filter(|month| (1..=12).contains(month)) else { return lossy(text) };
    text.push_str(&format!("-{month:02}"));
    let Some(day) = part(6, 8).filter(|day| (1..=days(year, month)).contains(day)) else { return lossy(text) };
    text.push_str(&format!("-{day:02}"));
    let (Some(hour), Some(minute)) = (part(8, 10), part(10, 12)) else {
        return Some(Point { lossy: whole.len() > 8, text });
    };
    let second = part(12, 14).unwrap_or(0);
    let Some(zone) = zone_text(zone).filter(|_| hour < 24 && minute < 60 && second < 60) else {
        return Some(Point { text, lossy: true });
    };
    text.push_str(&format!("T{hour:02}:{minute:02}:{second:02}"));
    if !fraction.is_empty() && whole.len() >= 14 {
        text.push('.');
        text.push_str(fraction);
    }
    text.push_str(&zone);
    Some(Point { text, lossy: whole.len() > 14 })
}

/// Whether a time is so far off that it says "no end": 9999, 2999 and the like.
pub(super) fn is_never(value: &str) -> bool {
    value.trim().get(..4).and_then(|year| year.parse::<u32>().ok()).is_some_and(|year| year >= 2200)
}

fn is_iso_date(text: &str) -> bool {
    text.len() >= 7 && text.as_bytes().get(4) == Some(&b'-') && text.len() <= 10
}

fn split_zone(text: &str) -> (&str, &str) {
    text.find(['+', '-', 'Z']).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

/// `±HH`, `±HHMM`, `±HH:MM`, `Z` to FHIR's form; `None` for none and for what is no zone.
fn zone_text(zone: &str) -> Option<String> {
    if zone == "Z" {
        return Some("Z".to_owned());
    }
    let sign = zone.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    let digits = zone.get(1..)?.replace(':', "");
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: u32 = digits.get(..2)?.parse().ok()?;
    let minutes: u32 =
        digits.get(2..).filter(|minutes| !minutes.is_empty()).map_or(Some(0), |text| text.parse().ok())?;
    (hours < 14 && minutes < 60 || (hours, minutes) == (14, 0)).then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The `value` of a TS, or of an interval's `low`, else `center`, else `high`.
pub(super) fn start_of(time: Node<'_>) -> Option<&str> {
    let value = filled(time);
    value.or_else(|| ["low", "center", "high"].iter().find_map(|name| filled(time.child(name)?)))
}

fn filled(node: Node<'_>) -> Option<&str> {
    node.attribute("value").map(str::trim).filter(|value| !value.is_empty())
}

/// Puts the point in time that `node` says into `into[key]` as a `dateTime`, what could not be said beside it, and why
/// it is absent where it says that. Whether anything was put.
pub(super) fn put_point(into: &mut Resource, key: &str, node: Node<'_>) -> bool {
    put(into, key, start_of(node), datatypes::null_flavor(node), Precision::Any)
}

/// As [`put_point`], of a `date`: the time of day goes beside it.
pub(super) fn put_date(into: &mut Resource, key: &str, node: Node<'_>) -> bool {
    put(into, key, start_of(node), datatypes::null_flavor(node), Precision::Day)
}

/// As [`put_point`], of an `instant`: nothing is put where the second or the zone is missing.
pub(super) fn put_instant(into: &mut Resource, key: &str, node: Node<'_>) -> bool {
    match start_of(node).and_then(point) {
        Some(point) if point.text.len() > 10 => {
            into.insert(key.to_owned(), Value::String(point.text));
            true
        }
        _ => false,
    }
}

/// A FHIR Period of an IVL_TS; `None` where it says nothing.
pub(super) fn period(node: Node<'_>) -> Option<Value> {
    let mut out = Resource::new();
    match node.attribute("value").filter(|value| !value.trim().is_empty()) {
        Some(value) => {
            put(&mut out, "start", Some(value), None, Precision::Any);
            put(&mut out, "end", Some(value), None, Precision::Any);
        }
        None => {
            for (key, name) in [("start", "low"), ("end", "high")] {
                if let Some(child) = node.child(name) {
                    put(&mut out, key, child.attribute("value"), None, Precision::Any);
                }
            }
            if out.is_empty()
                && let Some(center) = node.child("center")
            {
                put(&mut out, "start", center.attribute("value"), None, Precision::Any);
            }
        }
    }
    let ordered = match (out.get("start").and_then(Value::as_str), out.get("end").and_then(Value::as_str)) {
        // FHIR refuses a period that ends before it begins (per-1): then only its beginning is said.
        (Some(start), Some(end)) => !is_before(end, start),
        _ => true,
    };
    if !ordered && let Some(end) = out.remove("end") {
        out.insert("_end".to_owned(), json!({"extension": [{"url": ORIGINAL_TEXT, "valueString": end}]}));
    }
    (!out.is_empty()).then_some(Value::Object(out))
}

/// Whether one FHIR time is surely before another: compared to the precision that both have.
pub(super) fn is_before(one: &str, other: &str) -> bool {
    match (crate::datetime::unix_seconds(one), crate::datetime::unix_seconds(other)) {
        (Some(first), Some(second)) if one.len() > 10 && other.len() > 10 => first < second,
        _ => {
            let length = one.len().min(other.len()).min(10);
            one.get(..length) < other.get(..length)
        }
    }
}

/// Puts `name`DateTime or `name`Period for an effectiveTime: a period only where it has two ends that differ, or only
/// an end.
pub(super) fn put_moment(into: &mut Resource, name: &str, time: Node<'_>) -> bool {
    let value = |name: &str| {
        time.child(name).and_then(|child| child.attribute("value")).map(str::trim).filter(|value| !value.is_empty())
    };
    let is_period = match (time.attribute("value"), value("low"), value("high")) {
        (Some(value), _, _) if !value.trim().is_empty() => false,
        (_, Some(low), Some(high)) => low != high,
        (_, Some(_), None) => time.child("high").is_some(),
        (_, None, Some(_)) => true,
        _ => false,
    };
    if is_period && let Some(period) = period(time) {
        into.insert(format!("{name}Period"), period);
        return true;
    }
    put_point(into, &format!("{name}DateTime"), time)
}

#[derive(Clone, Copy, PartialEq)]
enum Precision {
    Any,
    Day,
}

fn put(into: &mut Resource, key: &str, value: Option<&str>, null_flavor: Option<&str>, precision: Precision) -> bool {
    let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
        let Some(flavor) = null_flavor else { return false };
        into.insert(format!("_{key}"), json!({"extension": [codes::data_absent(flavor)]}));
        return true;
    };
    let mut extension = Vec::new();
    match point(value) {
        Some(mut point) => {
            if precision == Precision::Day && point.text.len() > 10 {
                point.text.truncate(10);
                point.lossy = true;
            }
            if point.lossy {
                extension.push(json!({"url": ORIGINAL_TEXT, "valueString": value}));
            }
            into.insert(key.to_owned(), Value::String(point.text));
        }
        None => extension.push(json!({"url": ORIGINAL_TEXT, "valueString": datatypes::one_line(value)})),
    }
    if !extension.is_empty() {
        into.insert(format!("_{key}"), json!({"extension": extension}));
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn precision_is_neither_lost_nor_invented() {
        for (from, to, lossy) in [
            ("2023", "2023", false),
            ("202305", "2023-05", false),
            ("20230531", "2023-05-31", false),
            ("202305312205-0500", "2023-05-31T22:05:00-05:00", false),
            ("20230531220501.123+0000", "2023-05-31T22:05:01.123+00:00", false),
            ("20230531220501", "2023-05-31", true),
            ("2023053122-0500", "2023-05-31", true),
            ("20230531-0500", "2023-05-31", false),
            ("20120000", "2012", true),
            ("20230231", "2023-02", true),
            ("2023-05-31", "2023-05-31", false),
            ("2023-05-31T22:05:01Z", "2023-05-31T22:05:01Z", false),
            ("2023-05-31T22:05:01-05:00", "2023-05-31T22:05:01-05:00", false),
            ("20230531240000+0100", "2023-05-31", true),
            ("20230531220501+1500", "2023-05-31", true),
        ] {
            assert_eq!(point(from), Some(Point { text: to.to_owned(), lossy }), "{from}");
        }
        for text in ["", "unknown", "0000", "12", "20x3", "May 2020", "é", "421927004", "10000101"] {
            assert_eq!(point(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_a_fhir_time(text in "[0-9TZ:. +-]{0,24}") {
            if let Some(point) = point(&text) {
                prop_assert!(crate::datetime::unix_seconds(&point.text).is_some(), "{} {}", text, point.text);
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,30}") {
            let _ = point(&text);
        }
    }
}
