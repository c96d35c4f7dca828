//! When a medicine is taken: the effectiveTimes of an administration to a Timing (CF-medications).

use serde_json::{Value, json};

use crate::{
    ccda::{
        Resource,
        datatypes::{attribute, number, one_line, put, put_list, xsi_type},
        time,
    },
    xml::Node,
};

/// UCUM's units of time, as FHIR's UnitsOfTime has them too, and how programs that do not know UCUM write them.
const UNITS: [(&[&str], &str); 7] = [
    (&["s", "sec", "second", "seconds"], "s"),
    (&["min", "minute", "minutes"], "min"),
    (&["h", "H", "hr", "hrs", "hour", "hours"], "h"),
    (&["d", "D", "day", "days"], "d"),
    (&["wk", "week", "weeks"], "wk"),
    (&["mo", "month", "months"], "mo"),
    (&["a", "yr", "year", "years"], "a"),
];
/// v3 TimingEvent codes that FHIR's EventTiming has.
const EVENTS: [&str; 14] = ["HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV"];

/// A Timing of the effectiveTimes of an administration (CF-medications, "Medication Timing and Frequency").
pub(super) fn timing(act: Node<'_>) -> Option<Value> {
    let mut repeat = Resource::new();
    let (mut events, mut words) = (Vec::new(), Vec::new());
    let parts = act.all("effectiveTime").flat_map(|time| {
        let inner: Vec<Node<'_>> = time.all("comp").collect();
        if inner.is_empty() { vec![time] } else { inner }
    });
    for time in parts.take(64) {
        match xsi_type(time) {
            "PIVL_TS" | "PIVL" => words.extend(put_frequency(&mut repeat, time)),
            "EIVL_TS" | "EIVL" => words.extend(put_event(&mut repeat, time)),
            _ if time.child("period").is_some() => words.extend(put_frequency(&mut repeat, time)),
            _ if time.child("event").is_some() => words.extend(put_event(&mut repeat, time)),
            _ => match attribute(time, "value") {
                Some(value) => events.extend(time::point(value).map(|point| json!(point.text))),
                None if !repeat.contains_key("boundsPeriod") => put(&mut repeat, "boundsPeriod", time::period(time)),
                None => {}
            },
        }
    }
    let mut out = Resource::new();
    put_list(&mut out, "event", events);
    put(&mut out, "repeat", (!repeat.is_empty()).then_some(Value::Object(repeat)));
    put(&mut out, "code", (!words.is_empty()).then(|| json!({"text": words.join("; ")})));
    (!out.is_empty()).then_some(Value::Object(out))
}

/// Puts a frequency; gives the words of one that FHIR has no place for.
fn put_frequency(repeat: &mut Resource, time: Node<'_>) -> Option<String> {
    let period = time.child("period")?;
    let low = period.child("low").filter(|low| attribute(*low, "value").is_some());
    let (from, to) = (low.unwrap_or(period), period.child("high"));
    let written = attribute(from, "value")?;
    let unit = attribute(from, "unit").or_else(|| attribute(period, "unit")).unwrap_or_default();
    let most = to.and_then(|high| attribute(high, "value"));
    let words = || {
        let most = most.map(|most| format!(" to {most}")).unwrap_or_default();
        Some(one_line(&format!("every {written}{most} {unit}")))
    };
    let known = UNITS.iter().find(|(names, _)| names.contains(&unit)).map(|(_, unit)| *unit);
    let (Some(value), Some(unit)) = (number(written), known) else { return words() };
    let most = most.and_then(number);
    let hours = value.as_f64().unwrap_or(0.0);
    if hours <= 0.0 || repeat.contains_key("period") {
        return words();
    }
    // "Three times a day" is written as every 8 hours that the institution may move.
    let times = 24.0 / hours;
    let is_daily = attribute(time, "institutionSpecified") == Some("true") && unit == "h" && most.is_none();
    if is_daily && times.fract() == 0.0 && times >= 1.0 {
        repeat.insert("frequency".to_owned(), json!(times as u32));
        repeat.insert("period".to_owned(), json!(1));
        repeat.insert("periodUnit".to_owned(), json!("d"));
        return None;
    }
    repeat.insert("frequency".to_owned(), json!(1));
    repeat.insert("period".to_owned(), Value::Number(value));
    put(repeat, "periodMax", most.map(Value::Number));
    repeat.insert("periodUnit".to_owned(), json!(unit));
    None
}

/// Puts an event of the day; gives the words of one that FHIR does not know.
fn put_event(repeat: &mut Resource, time: Node<'_>) -> Option<String> {
    let event = time.child("event")?;
    let code = attribute(event, "code")?;
    let Some(code) = EVENTS.iter().find(|known| **known == code) else {
        return Some(one_line(attribute(event, "displayName").unwrap_or(code)));
    };
    let list = repeat.entry("when".to_owned()).or_insert_with(|| json!([]));
    if let Value::Array(list) = list
        && !list.contains(&json!(code))
    {
        list.push(json!(code));
    }
    let offset =
        time.child("offset").map(|offset| offset.child("width").or_else(|| offset.child("low")).unwrap_or(offset));
    let minutes = offset.and_then(|offset| {
        let value: f64 = attribute(offset, "value")?.parse().ok()?;
        let factor = match attribute(offset, "unit")? {
            "min" => 1.0,
            "h" => 60.0,
            "d" => 1440.0,
            _ => return None,
        };
        let minutes = (value * factor).abs();
        (minutes.fract() == 0.0 && minutes > 0.0 && minutes < 1e6).then_some(minutes as u32)
    });
    // tim-10: an offset is before or after, so not of a meal itself.
    if let Some(minutes) = minutes.filter(|_| !matches!(*code, "C" | "CM" | "CD" | "CV")) {
        repeat.insert("offset".to_owned(), json!(minutes));
    }
    None
}
