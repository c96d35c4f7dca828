//! HL7 v3 data types to FHIR's: II, CD, PQ, IVL_PQ, RTO ("C-CDA on FHIR", mappingGuidance).

use std::str::FromStr;

use serde_json::{Number, Value, json};

use super::{
    Resource,
    codes::{self, mapped},
    text::{PHRASE, Texts, plain},
};
use crate::{
    index::clip,
    terminology::{SNOMED, UCUM},
    xml::{Node, XSI},
};

/// The `nullFlavor`, where there is one.
pub(super) fn null_flavor(node: Node<'_>) -> Option<&str> {
    node.attribute("nullFlavor").map(str::trim).filter(|flavor| !flavor.is_empty())
}

/// An attribute that says something.
pub(super) fn attribute<'d>(node: Node<'d>, name: &str) -> Option<&'d str> {
    node.attribute(name).map(str::trim).filter(|value| !value.is_empty())
}

/// `xsi:type` without its prefix.
pub(super) fn xsi_type(node: Node<'_>) -> &str {
    let name = node.attribute_in(XSI, "type").unwrap_or_default().trim();
    name.rsplit(':').next().unwrap_or_default()
}

/// White space drawn together, at most [`PHRASE`] bytes.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > PHRASE {
            break;
        }
    }
    clip(&out, PHRASE).to_owned()
}

/// Puts a value where there is one.
pub(super) fn put(into: &mut Resource, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        into.insert(key.to_owned(), value);
    }
}

/// Puts a list where it is not empty.
pub(super) fn put_list(into: &mut Resource, key: &str, values: Vec<Value>) {
    if !values.is_empty() {
        into.insert(key.to_owned(), Value::Array(values));
    }
}

/// A concept of one code.
pub(super) fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": display}], "text": display})
}

/// A concept of one SNOMED CT code.
pub(super) fn snomed(code: &str, display: &str) -> Value {
    concept(SNOMED, code, display)
}

/// A concept of one code of a status or category, without words of its own.
pub(super) fn coded(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

/// An Identifier of an II (guidance, "CDA id ↔ FHIR identifier"); `None` where it identifies nothing.
pub(super) fn identifier(id: Node<'_>) -> Option<Value> {
    let root = attribute(id, "root");
    let extension = attribute(id, "extension");
    let mut out = Resource::new();
    match (root, extension) {
        (Some("2.16.840.1.113883.4.873"), Some(uri)) => {
            out.insert("system".to_owned(), json!("urn:ietf:rfc:3986"));
            out.insert("value".to_owned(), json!(one_line(uri)));
        }
        (root, Some(extension)) => {
            if let Some(system) = root.and_then(codes::system_uri) {
                out.insert("system".to_owned(), json!(system));
            }
            out.insert("value".to_owned(), json!(one_line(extension)));
        }
        (Some(root), None) if codes::is_known_system(root) || null_flavor(id).is_some() => {
            out.insert("system".to_owned(), json!(codes::system_uri(root)?));
            let flavor = null_flavor(id).unwrap_or("UNK");
            out.insert("_value".to_owned(), json!({"extension": [codes::data_absent(flavor)]}));
        }
        (Some(root), None) => {
            let value = codes::system_uri(root).filter(|uri| uri.starts_with("urn:"))?;
            out.insert("system".to_owned(), json!("urn:ietf:rfc:3986"));
            out.insert("value".to_owned(), json!(value));
        }
        (None, None) => return None,
    }
    if let Some(name) = attribute(id, "assigningAuthorityName") {
        out.insert("assigner".to_owned(), json!({"display": one_line(name)}));
    }
    Some(Value::Object(out))
}

/// The identifiers of an act, a person or an organisation.
pub(super) fn identifiers(node: Node<'_>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for id in node.all("id").filter_map(identifier) {
        if !out.contains(&id) {
            out.push(id);
        }
    }
    out
}

/// The `root` and `extension` of the first id that identifies something.
pub(super) fn first_id(node: Node<'_>) -> Option<(String, String)> {
    node.all("id").find_map(|id| {
        let root = attribute(id, "root")?;
        let extension = attribute(id, "extension").unwrap_or_default();
        let alone = extension.is_empty() && codes::is_known_system(root);
        (null_flavor(id).is_none() && !alone).then(|| (root.to_ascii_lowercase(), extension.to_owned()))
    })
}

fn coding(node: Node<'_>) -> Option<Value> {
    let code = one_line(attribute(node, "code")?);
    let mut out = Resource::new();
    let system = attribute(node, "codeSystem").and_then(|oid| codes::system_of(oid, &code));
    let named = || attribute(node, "codeSystemName").and_then(codes::system_of_name);
    if let Some(system) = system.or_else(|| named().map(Into::into)) {
        out.insert("system".to_owned(), json!(system));
    }
    if let Some(version) = attribute(node, "codeSystemVersion") {
        out.insert("version".to_owned(), json!(one_line(version)));
    }
    out.insert("code".to_owned(), json!(code));
    if let Some(display) = attribute(node, "displayName") {
        out.insert("display".to_owned(), json!(one_line(display)));
    }
    Some(Value::Object(out))
}

/// The Coding of a CS, CE or CD by itself, of one code system.
pub(super) fn coding_of(node: Node<'_>, oid: &str) -> Option<Value> {
    let mut candidates = [node].into_iter().chain(node.all("translation"));
    candidates.find(|node| attribute(*node, "codeSystem") == Some(oid)).and_then(coding)
}

/// All Codings of a CD, its translations after it.
fn codings(node: Node<'_>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    // Translations may have translations of their own; depth is bounded by the document's.
    let inner = node.descendants().filter(|inner| inner.id() == node.id() || inner.name() == "translation");
    for value in inner.take(64).filter_map(coding) {
        let same = |other: &Value| other.get("code") == value.get("code") && other.get("system") == value.get("system");
        if !out.iter().any(same) {
            out.push(value);
        }
    }
    out
}

/// A CodeableConcept of a CD (guidance, "CDA Coding → FHIR CodeableConcept"): codes and words. `None` where it has
/// neither.
pub(super) fn codeable(node: Node<'_>, texts: &Texts<'_>) -> Option<Value> {
    let codings = codings(node);
    let original = node.child("originalText").and_then(|text| texts.words(text));
    let words = original.or_else(|| {
        let display = attribute(node, "displayName").map(one_line);
        let translated = || node.all("translation").find_map(|inner| attribute(inner, "displayName").map(one_line));
        let referred = || texts.words(node).filter(|_| node.child("reference").is_some());
        display.or_else(translated).or_else(referred).or_else(|| own_text(node))
    });
    if codings.is_empty() && words.is_none() {
        return None;
    }
    let mut out = Resource::new();
    put_list(&mut out, "coding", codings);
    put(&mut out, "text", qualified(node, words, texts).map(Value::String));
    Some(Value::Object(out))
}

/// The words of a CD with those of its qualifiers, for which FHIR has no place: the side of a body, how far gone a disease is.
/// Words that say it already stay as they are.
fn qualified(node: Node<'_>, words: Option<String>, texts: &Texts<'_>) -> Option<String> {
    let mut out = words?;
    for value in node.all("qualifier").filter_map(|qualifier| qualifier.child("value")).take(16) {
        let said = attribute(value, "displayName").map(one_line);
        let said = said.or_else(|| value.child("originalText").and_then(|text| texts.words(text)));
        if let Some(said) = said.filter(|said| !out.to_lowercase().contains(&said.to_lowercase())) {
            out = format!("{out} ({said})");
        }
    }
    Some(out)
}

/// As [`codeable`], or a concept that says why there is none.
pub(super) fn codeable_or_absent(node: Option<Node<'_>>, texts: &Texts<'_>) -> Value {
    node.and_then(|node| codeable(node, texts))
        .unwrap_or_else(|| json!({"extension": [codes::data_absent(node.and_then(null_flavor).unwrap_or("UNK"))]}))
}

/// Words right inside an element, as in `<value xsi:type="CD">words</value>`, which some write.
fn own_text(node: Node<'_>) -> Option<String> {
    let text: String = node
        .content_nodes()
        .filter_map(|child| match child {
            crate::xml::Child::Text(text) => Some(text),
            crate::xml::Child::Element(_) => None,
        })
        .collect();
    let text = one_line(&text);
    (!text.is_empty()).then_some(text)
}

/// The code of a CD or of one of its translations that stands in a map.
pub(super) fn mapped_code(node: Node<'_>, map: codes::Map) -> Option<&'static str> {
    let mut candidates = [node].into_iter().chain(node.all("translation"));
    candidates.find_map(|node| mapped(map, attribute(node, "code")?))
}

/// As [`mapped_code`], else by the words of a CD that has no code for it.
pub(super) fn mapped_said(node: Node<'_>, map: codes::Map) -> Option<&'static str> {
    mapped_code(node, map).or_else(|| {
        let written = node.child("originalText").map(|text| plain(text, 64)).filter(|text| !text.is_empty());
        written.or_else(|| own_text(node)).and_then(|words| mapped(map, &words))
    })
}

/// Whether words say that there is none: denied, they would say the opposite.
pub(super) fn says_none(words: &str) -> bool {
    let words = words.trim().to_lowercase();
    matches!(words.as_str(), "no" | "none" | "nil" | "unknown" | "n/a")
        || ["no ", "none ", "not on any", "not taking any", "denies ", "nil ", "keine ", "aucun", "pas de ", "sin "]
            .iter()
            .any(|start| words.starts_with(start))
        || words.contains("no known ")
}

/// A JSON number with the digits as they were written; `None` where it is none.
pub(super) fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.len() > 64
        || !digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    if let Ok(number) = Number::from_str(&format!("{sign}{digits}")) {
        return Some(number);
    }
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let text = match rest.filter(|rest| !rest.is_empty()) {
        Some(rest) => format!("{sign}{whole}.{rest}"),
        None => format!("{sign}{whole}"),
    };
    (digits.bytes().any(|byte| byte.is_ascii_digit())).then(|| Number::from_str(&text).ok()).flatten()
}

/// A Quantity of a PQ, its value as written; also of `<5`, which is no number but is met. `None` where there is no
/// value that is a number.
pub(super) fn quantity(node: Node<'_>) -> Option<Value> {
    quantity_with(node, None)
}

/// As [`quantity`], with a comparator.
fn quantity_with(node: Node<'_>, comparator: Option<&str>) -> Option<Value> {
    let text = attribute(node, "value")?;
    let (written, digits) = ["<=", ">=", "<", ">"]
        .iter()
        .find_map(|sign| Some((Some(*sign), text.strip_prefix(sign)?)))
        .unwrap_or((None, text));
    let mut out = Resource::new();
    out.insert("value".to_owned(), Value::Number(number(digits)?));
    put(&mut out, "comparator", written.or(comparator).map(Value::from));
    put_unit(&mut out, node);
    Some(Value::Object(out))
}

fn put_unit(out: &mut Resource, node: Node<'_>) {
    let translated = || {
        let translation = node.child("translation")?;
        let words = translation.child("originalText").map(|text| plain(text, PHRASE)).filter(|text| !text.is_empty());
        words
            .or_else(|| attribute(translation, "displayName").map(one_line))
            .or_else(|| attribute(translation, "code").map(one_line))
    };
    match attribute(node, "unit") {
        Some(unit) => {
            out.insert("unit".to_owned(), json!(one_line(unit)));
            // UCUM codes are ASCII without white space; a unit that is not of that shape is words only.
            if unit.bytes().all(|byte| byte.is_ascii_graphic()) {
                out.insert("system".to_owned(), json!(UCUM));
                out.insert("code".to_owned(), json!(unit));
            }
        }
        // An amount of money has a currency.
        None => {
            let currency = || attribute(node, "currency").map(one_line);
            put(out, "unit", translated().or_else(currency).map(Value::String));
        }
    }
}

/// A Quantity without comparator, for a Range or a dose.
pub(super) fn simple_quantity(node: Node<'_>) -> Option<Value> {
    let mut quantity = quantity(node)?;
    if let Value::Object(members) = &mut quantity {
        members.remove("comparator");
    }
    Some(quantity)
}

/// What an IVL_PQ says: a Quantity where it has one end or a value, a Range where it has both (guidance, "Ranges of
/// Physical Quantities").
#[derive(Debug)]
pub(super) enum Span {
    /// One end, with its comparator, or a point.
    Quantity(Value),
    /// Both ends.
    Range(Value),
}

/// Reads an IVL_PQ, or a PQ.
pub(super) fn span(node: Node<'_>) -> Option<Span> {
    if let Some(quantity) = quantity(node) {
        return Some(Span::Quantity(quantity));
    }
    let end = |name: &str| node.child(name).filter(|end| attribute(*end, "value").is_some());
    let open = |end: Node<'_>| attribute(end, "inclusive") == Some("false");
    match (end("low"), end("high")) {
        (Some(low), Some(high)) => match (simple_quantity(low), simple_quantity(high)) {
            (Some(low), Some(high)) => Some(Span::Range(json!({"low": low, "high": high}))),
            // One end is no number: the words say it, and not the other end alone.
            _ => None,
        },
        (Some(low), None) => quantity_with(low, Some(if open(low) { ">" } else { ">=" })).map(Span::Quantity),
        (None, Some(high)) => quantity_with(high, Some(if open(high) { "<" } else { "<=" })).map(Span::Quantity),
        (None, None) => node.child("center").and_then(quantity).map(Span::Quantity),
    }
}

/// A Ratio of an RTO.
pub(super) fn ratio(node: Node<'_>) -> Option<Value> {
    let numerator = quantity(node.child("numerator")?)?;
    let denominator = quantity(node.child("denominator")?)?;
    Some(json!({"numerator": numerator, "denominator": denominator}))
}

/// `true` or `false` of a BL.
pub(super) fn boolean(node: Node<'_>) -> Option<bool> {
    match attribute(node, "value") {
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, XmlLimits};

    fn with<T>(text: &str, read: impl FnOnce(Node<'_>) -> T) -> T {
        let document = Document::parse(text, &XmlLimits::default()).unwrap();
        read(document.root().unwrap())
    }

    #[test]
    fn decimals_keep_their_digits() {
        for (from, to) in [
            ("72.50", "72.50"),
            (".5", "0.5"),
            ("5.", "5"),
            ("007", "7"),
            ("+1", "1"),
            ("-0.10", "-0.10"),
            ("1e3", "1e+3"),
            ("0", "0"),
            ("000", "0"),
        ] {
            assert_eq!(number(from).map(|number| number.to_string()).as_deref(), Some(to), "{from}");
        }
        for text in ["", ".", "-", "5 mg", "NaN", "1,5", "1.2.3", "--1", "e5"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn identifiers_as_the_guidance_has_them() {
        for (id, expected) in [
            (
                "<id root='2.16.840.1.113883.4.1' extension='123-45-6789'/>",
                Some(json!({"system": "http://hl7.org/fhir/sid/us-ssn", "value": "123-45-6789"})),
            ),
            (
                "<id root='2.16.840.1.113883.4.500' extension='1V'/>",
                Some(json!({"system": "urn:oid:2.16.840.1.113883.4.500", "value": "1V"})),
            ),
            (
                "<id root='2.16.840.1.123.4'/>",
                Some(json!({"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.16.840.1.123.4"})),
            ),
            (
                "<id root='67265ED2-35BB-43F8-B9DE-91C5935625E0'/>",
                Some(json!({"system": "urn:ietf:rfc:3986", "value": "urn:uuid:67265ed2-35bb-43f8-b9de-91c5935625e0"})),
            ),
            ("<id extension='Z'/>", Some(json!({"value": "Z"}))),
            ("<id nullFlavor='UNK'/>", None),
        ] {
            assert_eq!(with(id, identifier), expected, "{id}");
        }
    }

    #[test]
    fn ranges_with_one_end_are_comparisons() {
        let comparator = |text: &str| match with(text, span).unwrap() {
            Span::Quantity(quantity) => quantity.get("comparator").cloned(),
            Span::Range(_) => Some(json!("range")),
        };
        assert_eq!(comparator("<v><high value='5' inclusive='false'/></v>"), Some(json!("<")));
        assert_eq!(comparator("<v><low value='5' unit='g'/></v>"), Some(json!(">=")));
        assert_eq!(comparator("<v><low value='5'/><high value='6'/></v>"), Some(json!("range")));
        assert_eq!(comparator("<v value='5'/>"), None);
        assert_eq!(comparator("<v value='&lt;5'/>"), Some(json!("<")));
    }

    #[test]
    fn a_concept_has_its_translations_and_its_words() {
        let value = with(
            "<c nullFlavor='OTH'><originalText>Own  words</originalText><translation code='J18.9' codeSystem='2.16.840.1.113883.6.90' displayName='P'/><translation code='J18.9' codeSystem='2.16.840.1.113883.6.90'/></c>",
            |node| codeable(node, &Texts::default()),
        );
        assert_eq!(
            value,
            Some(json!({
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J18.9", "display": "P"}],
                "text": "Own words"
            }))
        );
        assert_eq!(with("<c nullFlavor='UNK'/>", |node| codeable(node, &Texts::default())), None);
    }
}
