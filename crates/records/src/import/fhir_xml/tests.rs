//! Tests of FHIR in XML: what R4 says, what it does not, and what nobody should write.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{generator, import::Entry};

fn converted(text: &str) -> Result<Vec<Result<Value, &'static str>>> {
    let limits = Limits::default();
    let file = read(text, &limits)?;
    let mut import = file.import(&limits)?;
    let mut out = Vec::new();
    while let Some(entry) = import.next_entry() {
        out.push(match entry {
            Entry::Record(record) | Entry::NarrativeOnly { record, .. } => {
                Ok(serde_json::from_slice(record.original).unwrap())
            }
            Entry::Skipped(skip) => Err(skip.reason.code()),
        });
    }
    Ok(out)
}

fn one(text: &str) -> Value {
    let mut all = converted(text).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0).unwrap()
}

#[test]
fn a_resource_with_all_that_xml_writes_differently() {
    let text = r#"<?xml version="1.0" encoding="UTF-8"?><!-- c --><?pi x?>
<Patient xmlns="http://hl7.org/fhir">
  <id value="p1"/>
  <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>Ä &amp; <b>b</b>&nbsp;<br/><!-- stays --></p></div></text>
  <contained><Organization><id value="o"/><name value="&lt;Clinic&gt; &#x1F600;"/></Organization></contained>
  <contained><Basic><id value="b"/></Basic></contained>
  <extension url="http://e/w"><valueDecimal value="72.50"/></extension>
  <extension url="http://e/n"><extension url="x"><valueInteger value="007"/></extension></extension>
  <active value="true"/>
  <name id="n1"><family value="Doe"><extension url="http://e/f"><valueString value="van"/></extension></family>
    <given value="A"/><given id="g2"/><given value="C"/></name>
  <name><given><extension url="http://e/absent"><valueCode value="unknown"/></extension></given></name>
  <birthDate id="b1" value="1970-03"/>
  <multipleBirthInteger value="2"/>
  <communication><language><coding><code value="en"/></coding></language><preferred value="maybe"/></communication>
  <brandNew value="1"/><brandNewThing><part value="x"/><part value="y"/></brandNewThing>
</Patient>"#;
    assert_eq!(
        one(text),
        json!({
            "resourceType": "Patient", "id": "p1",
            "text": {"status": "generated", "div":
                "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Ä &amp; <b>b</b>&nbsp;<br/><!-- stays --></p></div>"},
            "contained": [{"resourceType": "Organization", "id": "o", "name": "<Clinic> 😀"}, {"resourceType": "Basic", "id": "b"}],
            "extension": [
                {"url": "http://e/w", "valueDecimal": serde_json::from_str::<Value>("72.50").unwrap()},
                {"url": "http://e/n", "extension": [{"url": "x", "valueInteger": "007"}]}],
            "active": true,
            "name": [
                {"id": "n1", "family": "Doe", "_family": {"extension": [{"url": "http://e/f", "valueString": "van"}]},
                 "given": ["A", null, "C"], "_given": [null, {"id": "g2"}, null]},
                {"_given": [{"extension": [{"url": "http://e/absent", "valueCode": "unknown"}]}]}],
            "birthDate": "1970-03", "_birthDate": {"id": "b1"},
            "multipleBirthInteger": 2,
            "communication": [{"language": {"coding": [{"code": "en"}]}, "preferred": "maybe"}],
            "brandNew": "1", "brandNewThing": {"part": ["x", "y"]},
        })
    );
}

#[test]
fn numbers_keep_their_text() {
    for number in ["0.00", "-1.50", "1e5", "1E-22", "1.0e+3", "12345678901234567890.12345678901234567890"] {
        let text = format!(
            r#"<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="{number}"/></valueQuantity></Observation>"#
        );
        let limits = Limits::default();
        let file = read(&text, &limits).unwrap();
        let written = std::str::from_utf8(&file.json).unwrap();
        assert!(
            written.contains(&format!("\"value\":{number}}}")) || written.contains(&format!("\"value\":\"{number}\"")),
            "{written}"
        );
    }
}

#[test]
fn a_prefix_is_as_good_as_none_and_a_nested_bundle_is_opened() {
    let text = r#"<f:Bundle xmlns:f="http://hl7.org/fhir"><f:type value="searchset"/><f:total value="2"/>
      <f:link><f:relation value="self"/><f:url value="x"/></f:link>
      <f:entry><f:fullUrl value="urn:uuid:1"/><f:resource><f:Bundle><f:entry><f:resource><f:Basic><f:id value="a"/></f:Basic></f:resource></f:entry></f:Bundle></f:resource></f:entry>
      <f:entry><f:request><f:method value="DELETE"/></f:request></f:entry></f:Bundle>"#;
    let limits = Limits::default();
    let file = read(text, &limits).unwrap();
    assert_eq!(file.split.format, Format::XmlBundle { bundle_type: "searchset".to_owned() });
    assert_eq!(converted(text).unwrap(), [Ok(json!({"resourceType": "Basic", "id": "a"})), Err("no_resource")]);
}

#[test]
fn a_broken_entry_costs_only_itself() {
    let entry = |id: &str| format!(r#"<entry><resource><Basic><id value="{id}"/></Basic></resource></entry>"#);
    let broken = [
        "<entry><resource><Basic><id value=></Basic></resource></entry>",
        "<entry><resource><Basic><id value=\"x\"></Basic></resource></entry>",
        "<entry><resource><Basic></resource></entry>",
        "<entry><resource><Basic><id value=\"a\" value=\"b\"/></Basic></resource></entry>",
        "<entry><resource><<</resource></entry>",
    ];
    for bad in broken {
        let text = format!(r#"<Bundle xmlns="http://hl7.org/fhir">{}{bad}{}</Bundle>"#, entry("1"), entry("2"));
        let all = converted(&text).unwrap();
        assert_eq!(all.first().unwrap().as_ref().unwrap()["id"], "1", "{bad}");
        assert_eq!(all.last().unwrap().as_ref().unwrap()["id"], "2", "{bad}");
        assert!(all.contains(&Err("not_xml")), "{bad}: {all:?}");
        let text = format!(r#"<Bundle xmlns="http://hl7.org/fhir">{}{bad}</Bundle>"#, entry("1"));
        assert_eq!(converted(&text).unwrap().len(), 2, "{bad}");
    }
}

#[test]
fn files_of_no_use_say_why() {
    let error = |text: &str| converted(text).unwrap_err();
    assert!(matches!(error("<Patient"), Error::NotXml { .. } | Error::CutShort));
    assert!(matches!(error("<Patient><id value='1'/>"), Error::CutShort));
    assert!(matches!(error("<Bundle><entry><resource><Basic/>"), Error::CutShort));
    assert!(matches!(error("<patient/>"), Error::NotFhir { .. }));
    assert!(matches!(error("<Patient><a></b></Patient>"), Error::NotXml { .. }));
    assert!(matches!(error("<!-- nothing -->"), Error::CutShort));
}

#[test]
fn entities_are_never_expanded() {
    let mut dtd = String::from("<!DOCTYPE Bundle [<!ENTITY lol \"lol\">");
    for level in 1..20 {
        let before = if level == 1 { "lol".to_owned() } else { format!("lol{}", level - 1) };
        dtd.push_str(&format!("<!ENTITY lol{level} \"{}\">", format!("&{before};").repeat(10)));
    }
    dtd.push_str("<!ENTITY file SYSTEM \"file:///etc/passwd\">]>");
    let text = format!(
        r#"{dtd}<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Basic><id value="&lol19;"/><language value="&file;"/><text><div>&lol19;</div></text></Basic></resource></entry></Bundle>"#
    );
    let basic = one(&text);
    assert_eq!((&basic["id"], &basic["language"]), (&json!("&lol19;"), &json!("&file;")));
    assert_eq!(basic["text"]["div"], "<div>&lol19;</div>");
}

#[test]
fn nesting_is_limited_for_an_entry_and_for_a_file() {
    let nested = |levels: usize| format!("{}{}", "<extension url=\"x\">".repeat(levels), "</extension>".repeat(levels));
    let bundle = |levels: usize| {
        format!(
            r#"<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Basic>{}</Basic></resource></entry><entry><resource><Basic/></resource></entry></Bundle>"#,
            nested(levels)
        )
    };
    assert!(converted(&bundle(40)).unwrap().iter().all(Result::is_ok));
    let all = converted(&bundle(500)).unwrap();
    assert_eq!(all[0], Err("too_deep"));
    assert!(all[1].is_ok());
    assert!(matches!(converted(&bundle(100_000)), Err(Error::TooDeep { .. })));
    let div = format!("<Basic><text><div>{}</div></text></Basic>", "<b>".repeat(100_000));
    assert!(matches!(converted(&div), Err(Error::TooDeep { .. })));
    assert!(matches!(converted(&format!("<Basic>{}</Basic>", nested(200))), Err(Error::TooDeep { limit: 100 })));
}

#[test]
fn an_entry_that_takes_too_much_is_left_out_while_it_is_read() {
    let limits = Limits { entry_bytes: 10_000, ..Limits::default() };
    let text = format!(
        r#"<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Basic>{}</Basic></resource></entry><entry><resource><Basic/></resource></entry></Bundle>"#,
        "<x/>".repeat(100_000)
    );
    let file = read(&text, &limits).unwrap();
    assert!(file.json.len() < 1000);
    let mut import = file.import(&limits).unwrap();
    assert!(matches!(import.next_entry(), Some(Entry::Skipped(skip)) if skip.reason.code() == "too_large"));
    assert!(matches!(import.next_entry(), Some(Entry::Record(_))));
    let few = Limits { entries: 1, ..Limits::default() };
    assert!(matches!(read(&text, &few), Err(Error::TooManyEntries { limit: 1 })));
}

/// Writes FHIR JSON as XML, by the rules of <https://hl7.org/fhir/R4/xml.html>.
fn write(out: &mut String, name: &str, value: &Value, companion: Option<&Value>) {
    if let Value::Array(items) = value {
        for (at, item) in items.iter().enumerate() {
            write(out, name, item, companion.and_then(|all| all.get(at)).filter(|one| !one.is_null()));
        }
        return;
    }
    if name == "div" {
        return out.push_str(value.as_str().unwrap());
    }
    let escaped = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        text.replace('\n', "&#10;").replace('\r', "&#13;").replace('\t', "&#9;")
    };
    out.push_str(&format!("<{name}"));
    match value {
        Value::Object(members) if members.contains_key("resourceType") => {
            out.push('>');
            resource(out, value);
        }
        Value::Object(members) => {
            for attribute in ["id", "url"] {
                let is_attribute = attribute == "id" || matches!(name, "extension" | "modifierExtension");
                if let Some(text) = members.get(attribute).and_then(Value::as_str).filter(|_| is_attribute) {
                    out.push_str(&format!(" {attribute}=\"{}\"", escaped(text)));
                }
            }
            out.push('>');
            let url = if matches!(name, "extension" | "modifierExtension") { "url" } else { "" };
            children(out, members, &["id", url]);
        }
        scalar => {
            if let Some(id) = companion.and_then(|companion| companion.get("id")) {
                out.push_str(&format!(" id=\"{}\"", escaped(id.as_str().unwrap())));
            }
            let text = match scalar {
                Value::String(text) => Some(escaped(text)),
                Value::Null => None,
                other => Some(other.to_string()),
            };
            if let Some(text) = text {
                out.push_str(&format!(" value=\"{text}\""));
            }
            out.push('>');
            if let Some(Value::Object(members)) = companion {
                children(out, members, &["id"]);
            }
        }
    }
    out.push_str(&format!("</{name}>"));
}

fn children(out: &mut String, members: &serde_json::Map<String, Value>, left_out: &[&str]) {
    for (name, value) in members {
        if left_out.contains(&name.as_str()) {
            continue;
        }
        match name.strip_prefix('_') {
            None => write(out, name, value, members.get(&format!("_{name}"))),
            Some(plain) if members.contains_key(plain) => {}
            Some(plain) => {
                let nothing = match value {
                    Value::Array(items) => Value::Array(vec![Value::Null; items.len()]),
                    _ => Value::Null,
                };
                write(out, plain, &nothing, Some(value));
            }
        }
    }
}

fn resource(out: &mut String, value: &Value) {
    let members = value.as_object().unwrap();
    let name = members["resourceType"].as_str().unwrap();
    out.push_str(&format!("<{name} xmlns=\"http://hl7.org/fhir\">"));
    children(out, members, &["resourceType"]);
    out.push_str(&format!("</{name}>"));
}

fn through_xml(value: &Value) -> Vec<Value> {
    let mut text = String::new();
    resource(&mut text, value);
    converted(&text).unwrap().into_iter().map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_made_up_patient_is_the_same_by_way_of_xml(seed: u64, resources in 1..300_usize) {
        let bundle = generator::patient(&generator::PatientSpec { seed, resources, ..Default::default() });
        let expected: Vec<Value> =
            bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect();
        prop_assert_eq!(through_xml(&bundle), expected);
    }

    #[test]
    fn text_of_any_kind_survives(texts in prop::collection::vec("\\PC{0,20}|[ \t\r\n<>&\"']{0,8}", 1..5)) {
        let given: Vec<Value> = texts.iter().map(|text| Value::String(text.clone())).collect();
        let patient = json!({"resourceType": "Patient", "name": [{"given": given, "_given":
            texts.iter().map(|text| json!({"id": "x", "extension": [{"url": "u", "valueString": text}]})).collect::<Vec<_>>()}]});
        prop_assert_eq!(through_xml(&patient), [patient]);
    }

    #[test]
    fn anything_like_xml_never_panics(text in r#"(<Bundle( xmlns="http://hl7.org/fhir")?>|</Bundle>|<entry>|</entry>|<resource>|</resource>|<Basic>|</Basic>|<id value="1"/>|<div>|</div>|<text>|</text>|<contained>|</contained>|&lt;|&x;|[<>&"'= /!\[\]a-]|<!--|-->|<!\[CDATA\[|\]\]>|<\?x|\?>){0,60}"#) {
        let _ = converted(&text);
        let _ = converted(&format!("<Bundle>{text}</Bundle>"));
    }

    #[test]
    fn every_start_of_a_file_is_an_error_or_has_skips(cut in 0..1500_usize) {
        let bundle = generator::patient(&generator::PatientSpec { resources: 3, ..Default::default() });
        let mut text = String::new();
        resource(&mut text, &bundle);
        let end = (0..=cut.min(text.len() - 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        prop_assert!(converted(&text[..end]).map_or(true, |all| all.last() == Some(&Err("cut_short"))));
    }
}
