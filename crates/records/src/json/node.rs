//! A borrowed JSON tree that keeps only the members of a resource that somebody will look at.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Json;

/// A JSON value that borrows its strings from the file where it can.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number's own text.
    Number(String),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Node<'a>>),
    /// An object, its members in the order they came.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl Json for Node<'_> {
    fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Node::Object(members) => members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    fn items(&self) -> &[Self] {
        match self {
            Node::List(items) => items,
            _ => &[],
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self) -> Option<Cow<'_, str>> {
        match self {
            Node::Number(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn boolean(&self) -> Option<bool> {
        match self {
            Node::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

/// The most values that are kept of one object, some ten times what the largest bills hold. Each takes up to a hundred times
/// the two bytes that it has in a file.
const MOST: usize = 500_000;

/// Parses one object and keeps those of its own members for which `keep` says yes, with all they hold, up to [`MOST`]
/// values. The rest is checked to be JSON and passed over.
pub(crate) fn parse_members(text: &str, keep: fn(&str) -> bool) -> serde_json::Result<Node<'_>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let left = Cell::new(MOST);
    let node = Build { keep: Some(keep), left: &left }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(node)
}

/// `serde_json` hands a number over as a map with this one key when it keeps the number's text
/// (`arbitrary_precision`).
const NUMBER_KEY: &str = "$serde_json::private::Number";

#[derive(Clone, Copy)]
struct Build<'b> {
    keep: Option<fn(&str) -> bool>,
    /// How many more values are kept.
    left: &'b Cell<usize>,
}

impl Build<'_> {
    /// For what the value holds; none once there is no room for more.
    fn inside(self) -> Option<Self> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(Build { keep: None, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Node<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let mut items = Vec::new();
        loop {
            let Some(inside) = self.inside() else {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                break;
            };
            let Some(item) = seq.next_element_seed(inside)? else { break };
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(Name)? {
            if members.is_empty() && name == NUMBER_KEY {
                let text: String = map.next_value()?;
                // A file may hold this very key; what it holds must then be a number all the same.
                let number: serde_json::Number = text.parse().map_err(A::Error::custom)?;
                return Ok(Node::Number(number.to_string()));
            }
            match self.inside().filter(|_| self.keep.is_none_or(|keep| keep(&name))) {
                Some(inside) => members.push((name, map.next_value_seed(inside)?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Node::Object(members))
    }
}

/// A member's name, borrowed unless it has escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text_and_strings_are_borrowed() {
        let node =
            parse_members(r#"{"a":72.50,"b":"plain","c":"esc\"aped","d":[1e3,-0.0],"skip":{"x":[1]}}"#, |name| {
                name != "skip"
            })
            .unwrap();
        assert_eq!(node.member("a").unwrap().number().as_deref(), Some("72.50"));
        assert!(matches!(node.member("b").unwrap(), Node::Text(Cow::Borrowed("plain"))));
        assert!(matches!(node.member("c").unwrap(), Node::Text(Cow::Owned(text)) if text == "esc\"aped"));
        assert_eq!(node.member("d").unwrap().items().len(), 2);
        assert!(node.member("skip").is_none());
    }

    #[test]
    fn a_skipped_member_must_still_be_json() {
        assert!(parse_members(r#"{"a":1,"skip":[01]}"#, |_| false).is_err());
        assert!(parse_members(r#"{"a":1} x"#, |_| true).is_err());
    }

    #[test]
    fn what_a_resource_holds_beyond_all_reason_is_checked_and_not_kept() {
        let text = format!(r#"{{"a":"x","many":[{}1],"z":"y"}}"#, "0,".repeat(MOST));
        let node = parse_members(&text, |_| true).unwrap();
        assert_eq!(node.member("a").unwrap().text(), Some("x"));
        assert!(node.member("many").unwrap().items().len() < MOST && node.member("z").is_none());
        assert!(parse_members(&text.replace("0,1]", "0,x]"), |_| true).is_err());
        let objects = format!(r#"{{"many":[{}{{}}]}}"#, r#"{"a":{"b":1}},"#.repeat(MOST / 2));
        assert!(parse_members(&objects, |_| true).unwrap().member("many").unwrap().items().len() < MOST / 2);
    }

    #[test]
    fn the_last_of_two_members_wins_as_in_serde_json() {
        let text = r#"{"a":"x","a":"y"}"#;
        let node = parse_members(text, |_| true).unwrap();
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(node.member("a").unwrap().text(), value.member("a").unwrap().text());
    }

    #[test]
    fn the_number_key_of_serde_json_is_no_way_in() {
        assert!(parse_members(r#"{"a":{"$serde_json::private::Number":"<script>"}}"#, |_| true).is_err());
    }
}
