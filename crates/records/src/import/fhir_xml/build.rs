//! Builds the JSON of one element, without recursion and within limits.

use quick_xml::{XmlVersion, escape::resolve_predefined_entity, events::BytesStart};
use serde_json::{Map, Number, Value};

use super::elements::{Element, Shape, Table};
use crate::import::{Limits, SkipReason};

/// An element under construction, from its start to its end.
#[derive(Debug)]
pub(super) struct Builder {
    table: &'static Table,
    open: Vec<Frame>,
    done: Option<Value>,
    /// How many elements are open that are left out.
    left_out: usize,
    depth: usize,
    fault: Option<SkipReason>,
    /// About how much memory it takes.
    cost: usize,
    most_cost: usize,
    most_depth: usize,
}

/// About what an element costs beside its text.
const ELEMENT: usize = 64;

#[derive(Debug)]
struct Frame {
    /// Its name in JSON.
    name: String,
    many: bool,
    shape: Shape,
    members: Map<String, Value>,
    /// The `value` of a primitive.
    value: Option<String>,
    /// The resources in an element that holds them.
    resources: Vec<Value>,
}

impl Builder {
    /// A resource whose start was read.
    pub(super) fn resource(table: &'static Table, name: &str, start: &BytesStart<'_>, limits: &Limits) -> Builder {
        let mut builder = Builder::new(table, limits);
        builder.push(resource_frame(table, name), start);
        builder
    }

    /// An element of a type whose start was read.
    pub(super) fn element(
        table: &'static Table,
        (of, name): (&str, &str),
        start: &BytesStart<'_>,
        limits: &Limits,
    ) -> Builder {
        let mut builder = Builder::new(table, limits);
        let known = table.element(of, name);
        builder.push(frame(name, known), start);
        builder
    }

    fn new(table: &'static Table, limits: &Limits) -> Builder {
        Builder {
            table,
            open: Vec::new(),
            done: None,
            left_out: 0,
            depth: 0,
            fault: None,
            cost: 0,
            most_cost: limits.entry_bytes.saturating_mul(2),
            most_depth: limits.depth,
        }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether what starts here is kept as it is written.
    pub(super) fn wants_text(&self, start: &BytesStart<'_>) -> bool {
        let name = start.local_name().into_inner();
        name == "div" && self.left_out == 0 && self.next(name).shape == Shape::Xhtml
    }

    /// Takes an element as it is written.
    pub(super) fn text(&mut self, start: &BytesStart<'_>, text: &str) {
        let name = start.local_name().into_inner().to_owned();
        self.spend(text.len());
        if let Some(frame) = self.open.last_mut() {
            put(&mut frame.members, &name, false, Value::String(text.to_owned()));
        }
    }

    /// An element starts.
    pub(super) fn start(&mut self, start: &BytesStart<'_>) {
        if self.left_out > 0 || self.fault.is_some() || self.open.len() >= self.most_depth {
            if self.fault.is_none() {
                self.fault = Some(SkipReason::TooDeep { limit: self.most_depth });
                // Nothing of it will be used.
                self.open.iter_mut().for_each(|frame| frame.members = Map::new());
            }
            self.left_out += 1;
            self.depth += 1;
            return;
        }
        let next = self.next(start.local_name().into_inner());
        self.push(next, start);
    }

    /// The last element that started ends.
    pub(super) fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        let Some(frame) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => close(frame, parent),
            None => self.done = Some(alone(frame)),
        }
    }

    /// The JSON, once the element ended.
    pub(super) fn finish(self) -> Result<Value, SkipReason> {
        match self.fault {
            Some(fault) => Err(fault),
            None => self.done.ok_or(SkipReason::NotXml),
        }
    }

    /// The frame of an element of that name where it stands.
    fn next(&self, name: &str) -> Frame {
        let known = match self.open.last().map(|parent| parent.shape) {
            Some(Shape::Resource) => return resource_frame(self.table, name),
            Some(Shape::Object(of)) => self.table.element(of, name),
            Some(Shape::Unknown) => self.table.element("DomainResource", name),
            _ => self.table.element("Element", name),
        };
        frame(name, known)
    }

    fn push(&mut self, mut frame: Frame, start: &BytesStart<'_>) {
        self.depth += 1;
        self.spend(ELEMENT + frame.name.len());
        for attribute in start.attributes() {
            let Ok(attribute) = attribute else {
                self.fault.get_or_insert(SkipReason::NotXml);
                continue;
            };
            let key = attribute.key.into_inner();
            if key.contains(':') || key == "xmlns" {
                continue;
            }
            let value = attribute.normalized_value_with(XmlVersion::Implicit1_0, 1, resolve_predefined_entity);
            // An entity that is not XML's own is never expanded: it stays as it is written.
            let value = value.unwrap_or_else(|_| attribute.value.clone()).into_owned();
            self.spend(key.len() + value.len());
            match (frame.shape, key) {
                (Shape::Text | Shape::Number | Shape::Truth | Shape::Unknown, "value") => frame.value = Some(value),
                _ => put(&mut frame.members, key, false, Value::String(value)),
            }
        }
        self.open.push(frame);
    }

    fn spend(&mut self, bytes: usize) {
        self.cost = self.cost.saturating_add(bytes);
        if self.cost > self.most_cost && self.fault.is_none() {
            self.fault = Some(SkipReason::TooLarge { limit_mib: self.most_cost >> 21 });
            self.open.iter_mut().for_each(|frame| frame.members = Map::new());
        }
    }
}

fn resource_frame(table: &Table, name: &str) -> Frame {
    // An unknown kind of resource still has what every one has.
    let shape = table.type_named(name).map_or(Shape::Unknown, Shape::Object);
    let mut frame = frame(name, Some(Element { shape, many: false }));
    frame.members.insert("resourceType".to_owned(), Value::String(name.to_owned()));
    frame
}

fn frame(name: &str, known: Option<Element>) -> Frame {
    let Element { shape, many } = known.unwrap_or(Element { shape: Shape::Unknown, many: false });
    Frame { name: name.to_owned(), many, shape, members: Map::new(), value: None, resources: Vec::new() }
}

/// What an element is that has no parent here.
fn alone(mut frame: Frame) -> Value {
    match frame.shape {
        Shape::Resource => frame.resources.pop().unwrap_or_default(),
        Shape::Text | Shape::Number | Shape::Truth => frame.value.map(Value::String).unwrap_or_default(),
        Shape::Object(_) | Shape::Unknown | Shape::Xhtml => Value::Object(settled(frame.members)),
    }
}

/// Puts an element that ended into the one around it.
fn close(frame: Frame, parent: &mut Frame) {
    let Frame { name, many, shape, members, value, resources } = frame;
    let members = settled(members);
    match shape {
        _ if parent.shape == Shape::Resource => parent.resources.push(Value::Object(members)),
        Shape::Resource => resources.into_iter().for_each(|one| put(&mut parent.members, &name, many, one)),
        Shape::Unknown if value.is_none() || !members.is_empty() => {
            let mut members = members;
            if let Some(value) = value {
                put(&mut members, "value", false, Value::String(value));
            }
            put(&mut parent.members, &name, many, Value::Object(members));
        }
        Shape::Text | Shape::Number | Shape::Truth | Shape::Unknown => {
            let companion = (!members.is_empty()).then_some(Value::Object(members));
            primitive(&mut parent.members, &name, many, value.map(|text| scalar(shape, text)), companion);
        }
        Shape::Object(_) | Shape::Xhtml => put(&mut parent.members, &name, many, Value::Object(members)),
    }
}

/// The value of a primitive. What is not a number where one should be stays text, and can be seen.
fn scalar(shape: Shape, text: String) -> Value {
    match (shape, text.as_str()) {
        (Shape::Truth, "true") => Value::Bool(true),
        (Shape::Truth, "false") => Value::Bool(false),
        (Shape::Number, number) => match number.parse::<Number>() {
            Ok(parsed) if parsed.as_str() == number => Value::Number(parsed),
            _ => Value::String(text),
        },
        _ => Value::String(text),
    }
}

/// A primitive, with what it has besides its value in the member `_name` (<https://hl7.org/fhir/R4/json.html#primitive>).
fn primitive(members: &mut Map<String, Value>, name: &str, many: bool, value: Option<Value>, companion: Option<Value>) {
    let underscored = format!("_{name}");
    if !many && !members.contains_key(name) && !members.contains_key(&underscored) {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
        if let Some(companion) = companion {
            members.insert(underscored, companion);
        }
        return;
    }
    let length = |name: &str| match members.get(name) {
        None => 0,
        Some(Value::Array(items)) => items.len(),
        Some(_) => 1,
    };
    let position = length(name).max(length(&underscored));
    push(members, name, position, value.unwrap_or_default());
    if let Some(companion) = companion {
        push(members, &underscored, position, companion);
    }
}

fn put(members: &mut Map<String, Value>, name: &str, many: bool, value: Value) {
    if many || members.contains_key(name) {
        push(members, name, 0, value);
    } else {
        members.insert(name.to_owned(), value);
    }
}

/// Adds to the array of that name, after as many items as `least`; a single value that is there becomes its first item.
fn push(members: &mut Map<String, Value>, name: &str, least: usize, value: Value) {
    let mut items = match members.get_mut(name).map(Value::take) {
        None => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(single) => vec![single],
    };
    if items.len() < least {
        items.resize(least, Value::Null);
    }
    items.push(value);
    members.insert(name.to_owned(), Value::Array(items));
}

/// An object's members once nothing more comes: arrays of primitives and of what they have besides are equally long, and
/// an array without any value is left out.
fn settled(mut members: Map<String, Value>) -> Map<String, Value> {
    let companions: Vec<String> = members.keys().filter(|name| name.starts_with('_')).cloned().collect();
    for companion in companions {
        let Some(name) = companion.strip_prefix('_') else { continue };
        let length = members.get(name).and_then(Value::as_array).map(Vec::len);
        let Some(length) = length else { continue };
        if let Some(Value::Array(items)) = members.get_mut(&companion) {
            items.resize(length, Value::Null);
        }
        if members.get(name).and_then(Value::as_array).is_some_and(|items| items.iter().all(Value::is_null)) {
            members.shift_remove(name);
        }
    }
    members
}
