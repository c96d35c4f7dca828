//! RFC 8785 serialisation that also notes the numbers' own text.

use crate::{Error, Result};
use serde_json::{Map, Number, Value};

/// How many levels of arrays and objects are written; JSON as read here has at most 128.
pub const MAX_DEPTH: usize = 130;

/// The canonical JSON and, if a number's text differs from its canonical form, the texts of all numbers in order, each
/// after a zero byte.
pub(super) fn canonical(value: &Value) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
    let mut writer = Writer::default();
    writer.value(value, 0)?;
    Ok((writer.out, writer.differs.then_some(writer.numbers)))
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    numbers: Vec<u8>,
    differs: bool,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Error::Depth);
        }
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Number(number) => self.number(number)?,
            Value::String(text) => self.string(text),
            Value::Array(items) => {
                self.out.push(b'[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        self.out.push(b',');
                    }
                    self.value(item, depth + 1)?;
                }
                self.out.push(b']');
            }
            Value::Object(members) => self.object(members, depth)?,
        }
        Ok(())
    }

    fn object(&mut self, members: &Map<String, Value>, depth: usize) -> Result<()> {
        let mut sorted: Vec<_> = members.iter().collect();
        // Plain ASCII names, which is all that FHIR has, sort alike as bytes and as UTF-16.
        if sorted.iter().all(|(name, _)| name.is_ascii()) {
            sorted.sort_unstable_by_key(|(name, _)| *name);
        } else {
            sorted.sort_unstable_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
        }
        self.out.push(b'{');
        for (position, (name, item)) in sorted.into_iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            self.string(name);
            self.out.push(b':');
            self.value(item, depth + 1)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn number(&mut self, number: &Number) -> Result<()> {
        let text = number.as_str();
        let double: f64 = text.parse().map_err(|_| Error::Number)?;
        if !double.is_finite() {
            return Err(Error::Number);
        }
        let mut buffer = ryu_js::Buffer::new();
        let canonical = buffer.format_finite(double);
        self.differs |= canonical != text;
        self.numbers.push(0);
        self.numbers.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(canonical.as_bytes());
        Ok(())
    }

    fn string(&mut self, text: &str) {
        self.out.push(b'"');
        let mut plain = 0;
        for (position, byte) in text.bytes().enumerate() {
            let escape: &[u8] = match byte {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                0x08 => b"\\b",
                b'\t' => b"\\t",
                b'\n' => b"\\n",
                0x0c => b"\\f",
                b'\r' => b"\\r",
                0..0x20 => b"\\u00",
                _ => continue,
            };
            self.out.extend_from_slice(text.as_bytes().get(plain..position).unwrap_or_default());
            self.out.extend_from_slice(escape);
            if escape == b"\\u00" {
                self.out.extend_from_slice(crate::encoding::to_hex(&[byte]).as_bytes());
            }
            plain = position + 1;
        }
        self.out.extend_from_slice(text.as_bytes().get(plain..).unwrap_or_default());
        self.out.push(b'"');
    }
}
