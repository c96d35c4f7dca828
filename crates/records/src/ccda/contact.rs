//! Names, addresses and telephones: EN, AD, TEL ("C-CDA on FHIR", mappingGuidance).

use serde_json::{Value, json};

use super::{
    Resource,
    codes::{self, mapped},
    datatypes::{attribute, one_line, put, put_list},
    text::plain,
    time,
};
use crate::xml::Node;

/// The HumanNames of a person.
pub(super) fn names(node: Node<'_>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for name in node.all("name").flat_map(|node| [name(node), birth_name(node)]).flatten() {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// The family names of a name: those of birth (`qualifier` BR), or the others.
fn families<'d>(name: Node<'d>, of_birth: bool) -> impl Iterator<Item = Node<'d>> {
    let is_of_birth = |part: Node<'_>| {
        attribute(part, "qualifier").is_some_and(|kinds| kinds.split_whitespace().any(|kind| kind == "BR"))
    };
    name.all("family").filter(move |part| is_of_birth(*part) == of_birth)
}

/// The name at birth, which stands within the name of today.
fn birth_name(node: Node<'_>) -> Option<Value> {
    let said = |parts: &mut dyn Iterator<Item = Node<'_>>| -> Vec<String> {
        parts.map(|part| plain(part, 256)).filter(|text| !text.is_empty()).collect()
    };
    let family = said(&mut families(node, true));
    if family.is_empty() {
        return None;
    }
    let mut out = Resource::new();
    out.insert("use".to_owned(), json!("maiden"));
    out.insert("family".to_owned(), json!(family.join(" ")));
    put_list(&mut out, "given", said(&mut node.all("given")).into_iter().map(Value::String).collect());
    Some(Value::Object(out))
}

fn name(node: Node<'_>) -> Option<Value> {
    if families(node, true).next().is_some() && families(node, false).next().is_none() {
        return None;
    }
    let mut out = Resource::new();
    let uses = attribute(node, "use").unwrap_or_default();
    put(&mut out, "use", uses.split_whitespace().find_map(|code| mapped(codes::NAME_USE, code)).map(Value::from));
    let parts = |name: &str| -> Vec<Value> {
        node.all(name).map(|part| plain(part, 256)).filter(|text| !text.is_empty()).map(Value::String).collect()
    };
    let family = families(node, false).map(|part| plain(part, 256)).filter(|text| !text.is_empty());
    let family: Vec<String> = family.collect();
    let given = parts("given");
    if family.is_empty() && given.is_empty() {
        let text = plain(node, 512);
        if text.is_empty() {
            return None;
        }
        out.insert("text".to_owned(), json!(text));
    } else {
        put(&mut out, "family", (!family.is_empty()).then(|| json!(family.join(" "))));
        put_list(&mut out, "given", given);
        put_list(&mut out, "prefix", parts("prefix"));
        put_list(&mut out, "suffix", parts("suffix"));
    }
    put(&mut out, "period", node.child("validTime").and_then(time::period));
    Some(Value::Object(out))
}

/// A name of a person or organisation as one line.
pub(super) fn name_line(node: Node<'_>) -> Option<String> {
    let name = node.child("name")?;
    let births: Vec<usize> = families(name, true).map(Node::id).collect();
    let has_name = families(name, false).next().is_some();
    let parts: Vec<String> = ["prefix", "given", "family", "suffix"]
        .iter()
        .flat_map(|kind| name.all(kind))
        .filter(|part| !has_name || !births.contains(&part.id()))
        .map(|part| plain(part, 256))
        .filter(|text| !text.is_empty())
        .collect();
    let line = if parts.is_empty() { plain(name, 512) } else { parts.join(" ") };
    (!line.is_empty()).then_some(line)
}

/// The Addresses of a person, organisation or place.
pub(super) fn addresses(node: Node<'_>) -> Vec<Value> {
    node.all("addr").filter_map(address).collect()
}

/// One Address of an AD; `None` where it is empty.
pub(super) fn address(node: Node<'_>) -> Option<Value> {
    let mut out = Resource::new();
    let uses = attribute(node, "use").unwrap_or_default();
    put(&mut out, "use", uses.split_whitespace().find_map(|code| mapped(codes::ADDRESS_USE, code)).map(Value::from));
    let said = out.len();
    let one =
        |name: &str| node.child(name).map(|part| plain(part, 256)).filter(|text| !text.is_empty()).map(Value::String);
    let lines = ["streetAddressLine", "streetName", "houseNumber", "additionalLocator", "unitID", "postBox"];
    let lines = lines.iter().flat_map(|name| node.all(name)).map(|line| plain(line, 256));
    put_list(&mut out, "line", lines.filter(|line| !line.is_empty()).map(Value::String).collect());
    for (key, name) in [
        ("city", "city"),
        ("district", "county"),
        ("state", "state"),
        ("postalCode", "postalCode"),
        ("country", "country"),
    ] {
        put(&mut out, key, one(name));
    }
    if out.len() == said {
        let text = plain(node, 512);
        if text.is_empty() {
            return None;
        }
        out.insert("text".to_owned(), json!(text));
    }
    put(&mut out, "period", node.child("useablePeriod").and_then(time::period));
    Some(Value::Object(out))
}

/// The ContactPoints of a person or organisation.
pub(super) fn telecoms(node: Node<'_>) -> Vec<Value> {
    node.all("telecom").filter_map(telecom).collect()
}

fn telecom(node: Node<'_>) -> Option<Value> {
    let text = one_line(attribute(node, "value")?);
    let uses = attribute(node, "use").unwrap_or_default();
    let scheme = text.split_once(':').and_then(|(scheme, rest)| Some((mapped(codes::TELECOM_TYPE, scheme)?, rest)));
    let (system, value) = match scheme {
        Some(("url", _)) => ("url", text.as_str()),
        Some((system, rest)) => (system, rest.trim()),
        None if text.contains('@') => ("email", text.as_str()),
        None if text.bytes().any(|byte| byte.is_ascii_digit()) => ("phone", text.as_str()),
        None => ("other", text.as_str()),
    };
    if value.is_empty() {
        return None;
    }
    let system = if uses.split_whitespace().any(|code| code == "PG") { "pager" } else { system };
    let mut out = Resource::new();
    out.insert("system".to_owned(), json!(system));
    out.insert("value".to_owned(), json!(value));
    put(&mut out, "use", uses.split_whitespace().find_map(|code| mapped(codes::TELECOM_USE, code)).map(Value::from));
    put(&mut out, "period", node.child("useablePeriod").and_then(time::period));
    Some(Value::Object(out))
}
