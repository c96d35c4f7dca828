//! Elements of a resource by their path: `subject.reference`, `section.entry`, `effective[x]`.

use serde_json::{Map, Value};

/// An element and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Found<'v> {
    pub(super) path: String,
    pub(super) value: &'v Value,
}

impl<'v> Found<'v> {
    pub(super) fn new(path: impl Into<String>, value: &'v Value) -> Self {
        Found { path: path.into(), value }
    }

    /// The elements at a path below this one, arrays taken apart.
    pub(super) fn select(&self, path: &str) -> Vec<Found<'v>> {
        let mut here = vec![self.clone()];
        for step in path.split('.') {
            here = here.iter().flat_map(|found| found.step(step)).collect();
        }
        here
    }

    fn step(&self, step: &str) -> Vec<Found<'v>> {
        let Some(members) = self.value.as_object() else { return Vec::new() };
        let mut out = Vec::new();
        for (name, value) in members.iter().filter(|(name, _)| is_step(name, step)) {
            match value {
                Value::Array(items) => {
                    let item = |(at, value)| Found::new(format!("{}.{name}[{at}]", self.path), value);
                    out.extend(items.iter().enumerate().map(item));
                }
                Value::Null => {}
                value => out.push(Found::new(format!("{}.{name}", self.path), value)),
            }
        }
        out
    }

    /// Whether the element is there: with a value, or with an extension that says why not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value.as_object().is_some_and(|members| has(members, name))
    }

    /// How many of the element there are.
    pub(super) fn count(&self, name: &str) -> usize {
        self.step(name).len()
    }

    /// The elements that hold the last step of a path, and that step.
    pub(super) fn holders<'p>(&self, path: &'p str) -> (Vec<Found<'v>>, &'p str) {
        match path.rsplit_once('.') {
            Some((before, last)) => (self.select(before), last),
            None => (vec![self.clone()], path),
        }
    }
}

/// Whether an object has an element, itself or by its extension alone (`_birthDate`); `value[x]` is any of its types.
pub(super) fn has(members: &Map<String, Value>, step: &str) -> bool {
    members.iter().any(|(name, value)| {
        let name = name.strip_prefix('_').unwrap_or(name);
        let empty = match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        !empty && is_step(name, step)
    })
}

/// Whether a member's name is that step; `value[x]` is `valueQuantity`, `valueString`, ….
fn is_step(name: &str, step: &str) -> bool {
    match step.strip_suffix("[x]") {
        Some(stem) => choice_type(name, stem).is_some(),
        None => name == step,
    }
}

/// The type in the name of a choice element: `Quantity` of `valueQuantity`.
pub(super) fn choice_type<'n>(name: &'n str, stem: &str) -> Option<&'n str> {
    let name = name.strip_prefix('_').unwrap_or(name);
    name.strip_prefix(stem).filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
}
