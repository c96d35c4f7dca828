//! The EU Digital COVID Certificate: what its schema asks for.
//!
//! Specification: eu-digital-green-certificates/dgc-schema (ehn-dcc-schema), releases 1.0.0 to 1.3.3; what one of them
//! allows is allowed, but for several statements, doses and long texts, of which the one that the certificate names decides.
//! Codes are not held against value sets: countries use newer ones than any table.

use serde_json::{Map, Value};

use super::{Finding, Kind, Reason};
use crate::http_date::days;

/// The longest text of a member.
const MAX_TEXT: usize = 80;

/// The most statements that are read of one certificate.
pub const MAX_STATEMENTS: usize = 10;

/// What a member has to be.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    /// A text that has had a limit only since release 1.3.0.
    LongText,
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
    ("nm", Shape::LongText, false),
    ("ma", Shape::Text, false),
    ("sc", Shape::DateTime, true),
    ("dr", Shape::DateTime, false),
    ("tr", Shape::Text, true),
    // Required before release 1.3.0.
    ("tc", Shape::LongText, false),
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
    let version = object.get("ver").and_then(Value::as_str);
    match version {
        None => refuse("ver", Reason::Missing),
        Some(version) if !is_version(version) => refuse("ver", Reason::Invalid),
        Some(_) => {}
    }
    let is_early = version.is_some_and(is_before_1_3);
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
    let (mut kinds, mut statements) = (0_usize, 0_usize);
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
        kinds += 1;
        statements += items.len();
        for (at, item) in items.iter().take(MAX_STATEMENTS).enumerate() {
            check_statement(item, &format!("{member}[{at}]"), shapes, is_early, &mut findings);
        }
    }
    match statements {
        0 => findings.push(Finding::refused("certificate", Reason::NoStatement)),
        1 => {}
        // Release 1.3.0 brought the limit of one (maxItems).
        2..=MAX_STATEMENTS if kinds == 1 && is_early => {
            findings.push(Finding::noted("certificate", Reason::SeveralStatements));
        }
        _ => findings.push(Finding::refused("certificate", Reason::SeveralStatements)),
    }
    findings
}

/// The statements with their kind, in order: one, or several of one kind where an early release of the schema allowed it; of
/// more, the first [`MAX_STATEMENTS`].
pub fn statements(certificate: &Value) -> Vec<(Kind, &Map<String, Value>)> {
    [("v", Kind::Vaccination), ("t", Kind::Test), ("r", Kind::Recovery)]
        .into_iter()
        .flat_map(|(member, kind)| {
            let items = certificate.get(member).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(move |item| Some((kind, item.as_object()?)))
        })
        .take(MAX_STATEMENTS)
        .collect()
}

/// Whether the date of birth, a year or a month where no more is known, is later than that time (Unix seconds), wherever on
/// earth it was.
pub(super) fn is_born_after(certificate: &Value, issued: i64) -> bool {
    let Some(born) = certificate.get("dob").and_then(Value::as_str) else { return false };
    if matches!(shape_of_birth(born), Fit::Bad) {
        return false;
    }
    // Some write 00 for a month or a day that is not known.
    let mut parts = born.split(['-', 'T']).map(|part| part.parse().map_or(1, |part: i64| part.max(1)));
    let Some(year) = parts.next().filter(|year| *year > 1) else { return false };
    let (month, day) = (parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    days(year, month, day).saturating_mul(86_400) > issued.saturating_add(86_400)
}

fn check_name(name: Option<&Value>, findings: &mut Vec<Finding>) {
    let Some(name) = name else { return findings.push(Finding::refused("nam", Reason::Missing)) };
    let Some(name) = name.as_object() else { return findings.push(Finding::refused("nam", Reason::Invalid)) };
    // Of people with one name it is the one or the other (release 1.3.2).
    if !name.contains_key("fnt") && !name.contains_key("gnt") {
        findings.push(Finding::refused("nam.fnt", Reason::Missing));
    }
    for member in ["fn", "gn", "fnt", "gnt"] {
        let standardised = member.ends_with('t');
        match name.get(member) {
            None => {}
            Some(Value::String(text)) => {
                let letters = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'<');
                if text.chars().count() > MAX_TEXT || (standardised && !letters) || text.contains(is_pictograph) {
                    findings.push(Finding::refused(format!("nam.{member}"), Reason::Invalid));
                }
            }
            Some(Value::Null) if !standardised => findings.push(Finding::noted(format!("nam.{member}"), Reason::Odd)),
            Some(_) => findings.push(Finding::refused(format!("nam.{member}"), Reason::Invalid)),
        }
    }
}

/// Whether a character is a picture, as no name has: symbols, dingbats, emoji.
fn is_pictograph(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}')
}

fn check_statement(
    item: &Value,
    path: &str,
    shapes: &[(&str, Shape, bool)],
    is_early: bool,
    findings: &mut Vec<Finding>,
) {
    let Some(item) = item.as_object() else { return findings.push(Finding::refused(path, Reason::Invalid)) };
    for (member, shape, required) in shapes {
        let path = format!("{path}.{member}");
        match item.get(*member) {
            None | Some(Value::Null) if *required => findings.push(Finding::refused(path, Reason::Missing)),
            None => {}
            Some(Value::Null) => findings.push(Finding::noted(path, Reason::Odd)),
            Some(value) => match fits(value, *shape, is_early) {
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

/// `is_early`: before release 1.3.0.
fn fits(value: &Value, shape: Shape, is_early: bool) -> Fit {
    if let Shape::Dose = shape {
        let whole = value.as_u64().or_else(|| {
            value
                .as_f64()
                .filter(|number| number.fract() == 0.0 && (0.0..1e6).contains(number))
                .map(|number| number as u64)
        });
        return match whole {
            Some(1..=9) => Fit::Good,
            // Seen where no number of doses is foreseen.
            Some(0) if is_early => Fit::Odd,
            Some(10..=99) => Fit::Odd,
            _ => Fit::Bad,
        };
    }
    let Some(text) = value.as_str() else { return Fit::Bad };
    if text.chars().count() > MAX_TEXT {
        return if matches!(shape, Shape::LongText) && is_early { Fit::Odd } else { Fit::Bad };
    }
    match shape {
        Shape::Text | Shape::LongText => Fit::Good,
        // In the field, of tests and vaccinations in no country in particular.
        Shape::Country if text.is_empty() => Fit::Odd,
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

fn is_before_1_3(version: &str) -> bool {
    let mut parts = version.split('.').map(str::parse::<u16>);
    matches!((parts.next(), parts.next()), (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < (1, 3))
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
    // The schema has no calendar. Some write 00 for a month or a day that is not known.
    let known: Vec<&str> = parts.iter().copied().take_while(|part| *part != "00").collect();
    let is_real = match known.as_slice() {
        [year, month] => exists(&format!("{year}-{month}-01")),
        [_, _, _] => exists(day),
        _ => true,
    };
    match rest {
        None if good && is_real => Fit::Good,
        None if good => Fit::Odd,
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
        && exists(text)
}

/// Whether the calendar has that day, `2021-02-20`.
fn exists(day: &str) -> bool {
    let mut parts = day.split('-').map(|part| part.parse::<i64>().ok());
    let (Some(Some(year)), Some(Some(month)), Some(Some(day))) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let of_next_month = || days(year + month / 12, month % 12 + 1, 1);
    (1..=12).contains(&month) && day >= 1 && days(year, month, day) < of_next_month()
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
        assert_eq!(statements(&good()).iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [Kind::Vaccination]);
    }

    #[test]
    fn days_that_some_write_and_the_calendar_has_are_good() {
        for (pointer, value) in [
            ("/dob", "1998"),
            ("/dob", "1998-12"),
            ("/dob", "1998-00-00"),
            ("/dob", "1998-12-00"),
            ("/dob", ""),
            ("/v/0/dt", "2020-02-29"),
            ("/v/0/dt", "2021-12-31"),
        ] {
            let mut certificate = good();
            *certificate.pointer_mut(pointer).unwrap() = value.into();
            assert_eq!(check_certificate(&certificate), [], "{value}");
        }
    }

    #[test]
    fn each_departure_is_found() {
        for (pointer, value, code) in [
            ("/ver", json!(1), "missing"),
            ("/ver", json!("1.0"), "invalid"),
            ("/dob", json!("26.2.1998"), "invalid"),
            ("/dob", json!("1998-02-26T00:00:00"), "odd"),
            ("/dob", json!("1998-02-30"), "odd"),
            ("/dob", json!("1998-13"), "odd"),
            ("/nam", json!({}), "missing"),
            ("/nam/fnt", json!("Muster"), "invalid"),
            ("/v/0/dn", json!("1"), "invalid"),
            ("/v/0/dn", json!(0), "invalid"),
            ("/v/0/dn", json!(10), "odd"),
            ("/nam/fn", json!("\u{1F600}"), "invalid"),
            ("/nam/gn", json!("Gabi \u{2764}"), "invalid"),
            ("/v/0/dt", json!("2021-02-18T12:00:00Z"), "odd"),
            ("/v/0/dt", json!("2021-13-18"), "invalid"),
            ("/v/0/dt", json!("2021-02-29"), "invalid"),
            ("/v/0/dt", json!("2021-12-32"), "invalid"),
            ("/v/0/dt", json!("2021-12-00"), "invalid"),
            ("/v/0/co", json!("at"), "invalid"),
            ("/v/0/co", json!(""), "odd"),
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

    fn refused(certificate: &Value) -> Vec<&'static str> {
        let findings = check_certificate(certificate);
        let refused = findings.iter().filter(|finding| finding.severity == crate::finding::Severity::Refused);
        refused.map(|finding| finding.reason.code()).collect()
    }

    #[test]
    fn a_person_with_one_name_has_the_one_or_the_other() {
        for (name, codes) in [
            (json!({ "gn": "Suharto", "gnt": "SUHARTO" }), vec![]),
            (json!({ "fn": "Suharto", "fnt": "SUHARTO" }), vec![]),
            (json!({ "gn": "Suharto", "fn": "Suharto" }), vec!["missing"]),
        ] {
            let mut certificate = good();
            certificate["nam"] = name;
            assert_eq!(refused(&certificate), codes, "{certificate}");
        }
    }

    #[test]
    fn several_of_one_kind_are_an_early_releases() {
        let mut certificate = good();
        let mut second = certificate["v"][0].clone();
        second["dn"] = json!(2);
        certificate["v"].as_array_mut().unwrap().push(second.clone());
        for (version, codes) in [
            ("1.0.0", vec![]),
            ("1.2.1", vec![]),
            ("1.3.0", vec!["several_statements"]),
            ("2.0.0", vec!["several_statements"]),
        ] {
            certificate["ver"] = json!(version);
            assert_eq!(refused(&certificate), codes, "{version}");
        }
        assert_eq!(statements(&certificate).len(), 2);
        certificate["ver"] = json!("1.2.1");
        assert!(check_certificate(&certificate).iter().any(|finding| finding.reason == Reason::SeveralStatements));
        // Another kind beside it; more than are read.
        let mut mixed = good();
        mixed["ver"] = json!("1.2.1");
        mixed["r"] = json!([{ "tg": "840539006", "fr": "2021-02-20", "co": "AT", "is": "M", "df": "2021-03-20",
            "du": "2021-08-20", "ci": "X" }]);
        assert_eq!(refused(&mixed), ["several_statements"]);
        certificate["v"] = vec![second; 11].into();
        assert_eq!(refused(&certificate), ["several_statements"]);
        assert_eq!(statements(&certificate).len(), MAX_STATEMENTS);
    }

    #[test]
    fn what_release_1_3_forbade_is_noted_before_it() {
        let mut test = good();
        test.as_object_mut().unwrap().remove("v");
        test["t"] = json!([{ "tg": "840539006", "tt": "LP6464-4", "nm": "N".repeat(90), "sc": "2021-02-20T12:34:56Z",
            "tr": "260415000", "tc": "T".repeat(90), "co": "AT", "is": "Ministry", "ci": "X" }]);
        assert_eq!(refused(&test), ["invalid", "invalid"]);
        test["ver"] = json!("1.2.1");
        assert_eq!(refused(&test), [""; 0]);
        test["t"][0]["is"] = json!("M".repeat(90));
        assert_eq!(refused(&test), ["invalid"]);
        let mut vaccination = good();
        vaccination["v"][0]["dn"] = json!(0);
        vaccination["ver"] = json!("1.2.1");
        assert_eq!(refused(&vaccination), [""; 0]);
    }

    #[test]
    fn nobody_is_born_after_the_certificate() {
        let issued = 1_619_354_731; // 2021-04-25T12:45:31Z
        for (born, later) in [
            ("2021-04-25", false),
            ("2021-04-26", false), // It is tomorrow already at the other end of the earth.
            ("2021-04-27", true),
            ("2021-05", true),
            ("2021-04", false),
            ("2021", false),
            ("2022", true),
            ("2023-01-01T00:00:00", true),
            ("", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_born_after(&json!({ "dob": born }), issued), later, "{born}");
        }
        assert!(!is_born_after(&json!({}), issued));
    }
}
