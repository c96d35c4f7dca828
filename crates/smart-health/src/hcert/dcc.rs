//! The EU Digital COVID Certificate: what its schema asks for.
//!
//! Specification: eu-digital-green-certificates/dgc-schema (ehn-dcc-schema), releases 1.0.0 to 1.3.0; what one of them
//! allows is allowed. Codes are not held against value sets: countries use newer ones than any table.

use serde_json::{Map, Value};

use super::{Finding, Kind, Reason};

/// The longest text of a member.
const MAX_TEXT: usize = 80;

/// What a member has to be.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    /// 1 to 10 capital letters.
    Country,
    /// A day, or a time on it.
    Date,
    /// RFC 3339.
    DateTime,
    /// 1 to 9, as a dose is.
    Dose,
}

/// Required members (true) and others, by kind of statement.
const VACCINATION: [(&str, Shape, bool); 10] = [
    ("tg", Shape::Text, true),
    ("vp", Shape::Text, true),
    ("mp", Shape::Text, true),
    ("ma", Shape::Text, true),
    ("dn", Shape::Dose, true),
    ("sd", Shape::Dose, true),
    ("dt", Shape::Date, true),
    ("co", Shape::Country, true),
    ("is", Shape::Text, true),
    ("ci", Shape::Text, true),
];
const TEST: [(&str, Shape, bool); 11] = [
    ("tg", Shape::Text, true),
    ("tt", Shape::Text, true),
    ("nm", Shape::Text, false),
    ("ma", Shape::Text, false),
    ("sc", Shape::DateTime, true),
    ("dr", Shape::DateTime, false),
    ("tr", Shape::Text, true),
    // Required before release 1.3.0.
    ("tc", Shape::Text, false),
    ("co", Shape::Country, true),
    ("is", Shape::Text, true),
    ("ci", Shape::Text, true),
];
const RECOVERY: [(&str, Shape, bool); 7] = [
    ("tg", Shape::Text, true),
    ("fr", Shape::Date, true),
    ("co", Shape::Country, true),
    ("is", Shape::Text, true),
    ("df", Shape::Date, true),
    ("du", Shape::Date, true),
    ("ci", Shape::Text, true),
];

/// Checks a certificate against the schema.
pub fn check_certificate(certificate: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(object) = certificate.as_object() else {
        return vec![Finding::refused("certificate", Reason::NotAnObject)];
    };
    let mut refuse = |path: &str, reason| findings.push(Finding::refused(path, reason));
    match object.get("ver").and_then(Value::as_str) {
        None => refuse("ver", Reason::Missing),
        Some(version) if !is_version(version) => refuse("ver", Reason::Invalid),
        Some(_) => {}
    }
    match object.get("dob") {
        None => refuse("dob", Reason::Missing),
        Some(Value::String(born)) => match shape_of_birth(born) {
            Fit::Good => {}
            Fit::Odd => findings.push(Finding::noted("dob", Reason::Odd)),
            Fit::Bad => refuse("dob", Reason::Invalid),
        },
        Some(_) => refuse("dob", Reason::Invalid),
    }
    check_name(object.get("nam"), &mut findings);
    let mut statements = 0_usize;
    for (member, shapes) in [("v", VACCINATION.as_slice()), ("t", &TEST), ("r", &RECOVERY)] {
        let items = match object.get(member) {
            None => continue,
            Some(Value::Array(items)) if !items.is_empty() => items,
            Some(Value::Array(_) | Value::Null) => {
                findings.push(Finding::noted(member, Reason::Odd));
                continue;
            }
            Some(_) => {
                findings.push(Finding::refused(member, Reason::Invalid));
                continue;
            }
        };
        statements += items.len();
        for (at, item) in items.iter().take(10).enumerate() {
            check_statement(item, &format!("{member}[{at}]"), shapes, &mut findings);
        }
    }
    match statements {
        0 => findings.push(Finding::refused("certificate", Reason::NoStatement)),
        1 => {}
        _ => findings.push(Finding::refused("certificate", Reason::SeveralStatements)),
    }
    findings
}

/// The kind of the one statement, and the statement.
pub fn statement(certificate: &Value) -> Option<(Kind, &Map<String, Value>)> {
    [("v", Kind::Vaccination), ("t", Kind::Test), ("r", Kind::Recovery)]
        .into_iter()
        .find_map(|(member, kind)| Some((kind, certificate.get(member)?.as_array()?.first()?.as_object()?)))
}

fn check_name(name: Option<&Value>, findings: &mut Vec<Finding>) {
    let Some(name) = name else { return findings.push(Finding::refused("nam", Reason::Missing)) };
    let Some(name) = name.as_object() else { return findings.push(Finding::refused("nam", Reason::Invalid)) };
    if !name.contains_key("fnt") {
        findings.push(Finding::refused("nam.fnt", Reason::Missing));
    }
    for member in ["fn", "gn", "fnt", "gnt"] {
        let standardised = member.ends_with('t');
        match name.get(member) {
            None => {}
            Some(Value::String(text)) => {
                let letters = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'<');
                if text.chars().count() > MAX_TEXT || (standardised && !letters) {
                    findings.push(Finding::refused(format!("nam.{member}"), Reason::Invalid));
                }
            }
            Some(Value::Null) if !standardised => findings.push(Finding::noted(format!("nam.{member}"), Reason::Odd)),
            Some(_) => findings.push(Finding::refused(format!("nam.{member}"), Reason::Invalid)),
        }
    }
}

fn check_statement(item: &Value, path: &str, shapes: &[(&str, Shape, bool)], findings: &mut Vec<Finding>) {
    let Some(item) = item.as_object() else { return findings.push(Finding::refused(path, Reason::Invalid)) };
    for (member, shape, required) in shapes {
        let path = format!("{path}.{member}");
        match item.get(*member) {
            None | Some(Value::Null) if *required => findings.push(Finding::refused(path, Reason::Missing)),
            None => {}
            Some(Value::Null) => findings.push(Finding::noted(path, Reason::Odd)),
            Some(value) => match fits(value, *shape) {
                Fit::Good => {}
                Fit::Odd => findings.push(Finding::noted(path, Reason::Odd)),
                Fit::Bad => findings.push(Finding::refused(path, Reason::Invalid)),
            },
        }
    }
}

enum Fit {
    Good,
    Odd,
    Bad,
}

fn fits(value: &Value, shape: Shape) -> Fit {
    if let Shape::Dose = shape {
        let whole = value.as_u64().or_else(|| {
            value
                .as_f64()
                .filter(|number| number.fract() == 0.0 && (0.0..1e6).contains(number))
                .map(|number| number as u64)
        });
        return match whole {
            Some(1..=9) => Fit::Good,
            // Seen where no number of doses is foreseen, and for boosters.
            Some(0 | 10..=99) => Fit::Odd,
            _ => Fit::Bad,
        };
    }
    let Some(text) = value.as_str().filter(|text| text.chars().count() <= MAX_TEXT) else { return Fit::Bad };
    match shape {
        Shape::Text => Fit::Good,
        Shape::Country if (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Fit::Good
        }
        Shape::Date if is_day(text) => Fit::Good,
        Shape::Date if is_time(text) => Fit::Odd,
        Shape::DateTime if is_time(text) => Fit::Good,
        Shape::DateTime if is_day(text) => Fit::Odd,
        _ => Fit::Bad,
    }
}

fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A day, a month, a year or nothing; of the years 1900 to 2099.
fn shape_of_birth(born: &str) -> Fit {
    let (day, rest) = born.split_once('T').map_or((born, None), |(day, rest)| (day, Some(rest)));
    let parts: Vec<&str> = day.split('-').collect();
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let good = match parts.as_slice() {
        [""] => rest.is_none(),
        [year, others @ ..] => {
            (year.starts_with("19") || year.starts_with("20"))
                && digits(year, 4)
                && others.len() <= 2
                && others.iter().all(|part| digits(part, 2))
        }
        [] => false,
    };
    match rest {
        None if good => Fit::Good,
        Some(_) if good && is_time(born) => Fit::Odd,
        _ => Fit::Bad,
    }
}

/// `2021-02-20`.
fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
        && text.get(5..7).is_some_and(|month| ("01"..="12").contains(&month))
        && text.get(8..).is_some_and(|day| ("01"..="31").contains(&day))
}

/// `2021-02-20T12:34:56Z`, with fractions of a second and any form of the zone; the zone may be missing.
fn is_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once(['T', ' ']) else { return false };
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(end).unwrap_or_default();
    let clock_fits = clock.len() >= 5
        && clock.len() <= 20
        && clock.bytes().enumerate().all(|(at, byte)| match at {
            2 | 5 => byte == b':',
            8 => byte == b'.',
            _ => byte.is_ascii_digit(),
        });
    let zone_fits = zone.len() <= 6 && zone.bytes().all(|byte| byte.is_ascii_digit() || b"Zz+-:".contains(&byte));
    is_day(day) && clock_fits && zone_fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "ver": "1.3.0", "dob": "1998-02-26",
            "nam": { "fn": "Muster", "fnt": "MUSTER", "gn": "Gabi", "gnt": "GABI" },
            "v": [{ "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 1, "sd": 2,
                "dt": "2021-02-18", "co": "AT", "is": "Ministry", "ci": "URN:UVCI:01:AT:1#X" }],
        })
    }

    #[test]
    fn a_good_one_has_no_findings() {
        assert_eq!(check_certificate(&good()), []);
        assert_eq!(statement(&good()).unwrap().0, Kind::Vaccination);
    }

    #[test]
    fn each_departure_is_found() {
        for (pointer, value, code) in [
            ("/ver", json!(1), "missing"),
            ("/ver", json!("1.0"), "invalid"),
            ("/dob", json!("26.2.1998"), "invalid"),
            ("/dob", json!("1998-02-26T00:00:00"), "odd"),
            ("/nam", json!({}), "missing"),
            ("/nam/fnt", json!("Muster"), "invalid"),
            ("/v/0/dn", json!("1"), "invalid"),
            ("/v/0/dn", json!(0), "odd"),
            ("/v/0/dt", json!("2021-02-18T12:00:00Z"), "odd"),
            ("/v/0/dt", json!("2021-13-18"), "invalid"),
            ("/v/0/co", json!("at"), "invalid"),
            ("/v/0/ci", json!(null), "missing"),
            ("/v", json!([]), "no_statement"),
            ("/v", json!([{}, {}]), "several_statements"),
        ] {
            let mut certificate = good();
            *certificate.pointer_mut(pointer).unwrap() = value;
            let findings = check_certificate(&certificate);
            assert!(findings.iter().any(|finding| finding.reason.code() == code), "{pointer} {code}: {findings:?}");
        }
    }
}
