//! One way to look into JSON, whether it is a whole [`serde_json::Value`] or only the members the index needs.
//!
//! Import parses each resource once, borrowing, and keeps a handful of members ([`Node`]); the viewer holds whole
//! values. What a person reads must be the same from both, so the reading is written once, over [`Json`].

mod node;

pub use node::Node;
pub(crate) use node::parse_members;

use std::borrow::Cow;

use serde_json::Value;

/// Read access to one JSON value. Every method answers "nothing" rather than fail on an unexpected shape.
pub trait Json: Sized {
    /// The member of an object; of two with the same name the last, as `serde_json` has it.
    fn member(&self, name: &str) -> Option<&Self>;
    /// The items of an array; empty for anything else.
    fn items(&self) -> &[Self];
    /// The content of a string.
    fn text(&self) -> Option<&str>;
    /// The text of a number exactly as it was written (`72.50`).
    fn number(&self) -> Option<Cow<'_, str>>;
    /// A truth value.
    fn boolean(&self) -> Option<bool>;

    /// The member itself, or its first item where it is an array.
    fn first(&self, name: &str) -> Option<&Self> {
        let member = self.member(name)?;
        member.items().first().or(Some(member))
    }

    /// Follows `path`, taking the first item of each array on the way.
    fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |here, name| here.first(name))
    }

    /// The text at `path`, trimmed; `None` where there is none or it is blank.
    fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The items of an array member, or the member alone where it is not an array.
    fn each(&self, name: &str) -> &[Self] {
        match self.member(name) {
            None => &[],
            Some(member) if member.items().is_empty() => std::slice::from_ref(member),
            Some(member) => member.items(),
        }
    }
}

impl Json for Value {
    fn member(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    fn items(&self) -> &[Self] {
        self.as_array().map_or(&[], Vec::as_slice)
    }

    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn number(&self) -> Option<Cow<'_, str>> {
        match self {
            Value::Number(number) => Some(Cow::Borrowed(number.as_str())),
            _ => None,
        }
    }

    fn boolean(&self) -> Option<bool> {
        self.as_bool()
    }
}
