//! Reading JSON that can be read in one way only.

use crate::{Error, Result};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;

/// Reads JSON of at most `max` bytes. An object that says a member twice is refused: one reader would take the first,
/// another the last, and a signature over one of them would vouch for the other.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Json`] (also beyond 128 levels), [`Error::DuplicateMember`].
pub fn parse(bytes: &[u8], max: usize) -> Result<Value> {
    if bytes.len() > max {
        return Err(Error::TooLarge { what: "document", limit: max as u64 });
    }
    let value = serde_json::from_slice(bytes).map_err(|_| Error::Json)?;
    // The value was read, so the only thing that can still fail is a repeated member.
    serde_json::from_slice::<Unambiguous>(bytes).map_err(|_| Error::DuplicateMember)?;
    Ok(value)
}

/// Any JSON without repeated members.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_bool<E>(self, _: bool) -> std::result::Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> std::result::Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> std::result::Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(serde::de::Error::custom("repeated member"));
            }
            members.next_value::<Self>()?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_repeated_members_at_any_depth() {
        assert!(parse(br#"{"a":1,"b":[{"a":-2.50e3},null,true,"x"]}"#, 100).is_ok());
        for bad in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            assert_eq!(parse(bad.as_bytes(), 100), Err(Error::DuplicateMember), "{bad}");
        }
    }

    #[test]
    fn refuses_what_is_too_large_too_deep_or_no_json() {
        assert!(matches!(parse(b"[1,2]", 4), Err(Error::TooLarge { limit: 4, .. })));
        assert_eq!(parse("[".repeat(200).as_bytes(), 1000), Err(Error::Json));
        assert_eq!(parse(format!("{}{}", "[".repeat(200), "]".repeat(200)).as_bytes(), 1000), Err(Error::Json));
        for bad in ["", "{", "nul", "{\"a\":1}x", "\"\\ud800\"", "01", "+1"] {
            assert_eq!(parse(bad.as_bytes(), 1000), Err(Error::Json), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,100}") {
            let _ = parse(&bytes, 1000);
            let _ = parse(text.as_bytes(), 1000);
        }
    }
}
