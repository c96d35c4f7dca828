//! CBOR in its one deterministic form (RFC 8949 section 4.2.1): written so, and refused otherwise.

use crate::{Error, Result};
pub(crate) use ciborium::Value;

/// How deep a value may be nested; the deepest format here needs six levels.
const MAX_DEPTH: usize = 12;

/// The deterministic encoding of a value whose maps are in order, as [`Map::into_value`] makes them.
pub(crate) fn encode(value: &Value) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|_| Error::Cbor)?;
    Ok(bytes)
}

/// Reads one value of at most `max` bytes, and refuses every other encoding of it than the deterministic one.
pub(crate) fn decode(bytes: &[u8], what: &'static str, max: usize) -> Result<Value> {
    if bytes.len() > max {
        return Err(Error::TooLarge { what, limit: max as u64 });
    }
    let mut rest = bytes;
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|_| Error::Cbor)?;
    check_order(&value)?;
    // Writing it again catches the rest: indefinite lengths, integers longer than needed, bytes after the end.
    if encode(&value)? == bytes { Ok(value) } else { Err(Error::NotDeterministic) }
}

/// Keys must rise strictly in the bytewise order of their encodings, which also rules out repeated keys.
fn check_order(value: &Value) -> Result<()> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check_order),
        Value::Tag(_, inner) => check_order(inner),
        Value::Map(pairs) => {
            let mut before: Option<Vec<u8>> = None;
            for (key, item) in pairs {
                let key_bytes = encode(key)?;
                if before.as_ref().is_some_and(|before| *before >= key_bytes) {
                    return Err(Error::NotDeterministic);
                }
                before = Some(key_bytes);
                check_order(key)?;
                check_order(item)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A map with integer keys, being written.
#[derive(Default)]
pub(crate) struct Map(Vec<(i64, Value)>);

impl Map {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a member.
    pub(crate) fn put(mut self, key: i64, value: impl Into<Value>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    /// Adds a member if there is one.
    pub(crate) fn put_some(self, key: i64, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    /// The map with its keys in order: for integers, the bytewise order of their encodings is non-negative ones rising,
    /// then negative ones falling.
    pub(crate) fn into_value(mut self) -> Value {
        self.0.sort_by_key(|(key, _)| (*key < 0, key.unsigned_abs()));
        Value::Map(self.0.into_iter().map(|(key, value)| (Value::from(key), value)).collect())
    }
}

/// A map with integer keys, being read: members are taken out, and whatever is left at the end is refused.
pub(crate) struct Members(Vec<(i64, Value)>);

impl Members {
    pub(crate) fn new(value: Value) -> Result<Self> {
        let Value::Map(pairs) = value else { return Err(Error::Invalid("kind of a claim")) };
        let mut members = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key = key.as_integer().and_then(|key| i64::try_from(key).ok()).ok_or(Error::UnknownClaim)?;
            members.push((key, value));
        }
        Ok(Self(members))
    }

    /// Takes a member that may be missing.
    pub(crate) fn take(&mut self, key: i64) -> Option<Value> {
        let position = self.0.iter().position(|(candidate, _)| *candidate == key)?;
        Some(self.0.remove(position).1)
    }

    /// Takes a member that must be there.
    pub(crate) fn need(&mut self, key: i64, name: &'static str) -> Result<Value> {
        self.take(key).ok_or(Error::MissingClaim(name))
    }

    /// Ends the reading: nothing may be left.
    pub(crate) fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::UnknownClaim) }
    }
}

/// An integer in the range of `T`.
pub(crate) fn integer<T: TryFrom<i128>>(value: &Value, name: &'static str) -> Result<T> {
    value.as_integer().and_then(|value| T::try_from(value.into()).ok()).ok_or(Error::Invalid(name))
}

/// A byte string of exactly `N` bytes.
pub(crate) fn array<const N: usize>(value: &Value, name: &'static str) -> Result<[u8; N]> {
    value.as_bytes().and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or(Error::Invalid(name))
}

/// A text string.
pub(crate) fn text<'a>(value: &'a Value, name: &'static str) -> Result<&'a str> {
    value.as_text().ok_or(Error::Invalid(name))
}

/// A byte string as a value.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_every_other_encoding() {
        for (bytes, why) in [
            (&[0x18, 0x01][..], "an integer longer than needed"),
            (&[0x5f, 0x41, 0x00, 0xff], "an indefinite byte string"),
            (&[0x9f, 0x01, 0xff], "an indefinite array"),
            (&[0xbf, 0x01, 0x02, 0xff], "an indefinite map"),
            (&[0xa2, 0x02, 0x00, 0x01, 0x00], "keys out of order"),
            (&[0xa2, 0x01, 0x00, 0x01, 0x00], "a repeated key"),
            (&[0xa2, 0x20, 0x00, 0x01, 0x00], "a negative key before a positive one"),
            (&[0x58, 0x01, 0x00], "a length longer than needed"),
            (&[0x01, 0x01], "bytes after the end"),
            (&[0xc2, 0x41, 0x01], "a small number as a bignum"),
        ] {
            assert_eq!(decode(bytes, "test", 64), Err(Error::NotDeterministic), "{why}");
        }
    }

    #[test]
    fn refuses_what_is_too_large_or_too_deep() {
        assert!(matches!(decode(&[0; 65], "test", 64), Err(Error::TooLarge { limit: 64, .. })));
        assert_eq!(decode(&[0x81; 64], "test", 64), Err(Error::Cbor));
        // A length of 2^62 bytes that are not there must not be reserved first.
        assert_eq!(decode(&[0x5b, 0x40, 0, 0, 0, 0, 0, 0, 0], "test", 64), Err(Error::Cbor));
        assert_eq!(decode(&[0x9b, 0x40, 0, 0, 0, 0, 0, 0, 0], "test", 64), Err(Error::Cbor));
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes, "test", 256);
        }

        #[test]
        fn maps_are_written_in_order(keys in proptest::collection::btree_set(any::<i64>(), 0..20)) {
            let map = keys.iter().fold(Map::new(), |map, key| map.put(*key, 0));
            let bytes = encode(&map.into_value()).unwrap();
            prop_assert!(decode(&bytes, "test", 1000).is_ok());
        }
    }
}
