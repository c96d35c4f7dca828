//! The lines of a backup's own files, and resources in one line each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `carnet/backup.json`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) format: String,
    pub(super) made_at: i64,
    #[serde(with = "base64_bytes")]
    pub(super) vault: Vec<u8>,
}

/// A line of `manifest.json`.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct FileLine {
    pub(super) name: String,
    pub(super) bytes: u64,
    #[serde(with = "hex_bytes")]
    pub(super) sha256: [u8; 32],
}

/// Beside each line of resources: which version of which record it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct VersionLine {
    pub(super) id: i64,
    pub(super) record: i64,
    pub(super) version: i64,
    pub(super) profile: u16,
    #[serde(with = "hex_bytes")]
    pub(super) identity: [u8; 32],
    #[serde(with = "hex_bytes")]
    pub(super) sha256: [u8; 32],
    pub(super) import: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) full_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
    /// JSON, as it stands in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) signed: Option<String>,
    /// The vault keeps it in its slim form, and its large data as attachments. The line is whole all the same, but where
    /// such data are lost: then it is the slim form too, and its hash that of the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) detached: bool,
    /// When its source last changed it, Unix seconds. Backups of former versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) updated: Option<i64>,
    /// Where that is not known: the newest date of the documents and files that told it, in milliseconds. Likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<i64>,
    /// How the exact bytes follow from the line.
    #[serde(flatten)]
    pub(super) exact: Exact,
    /// What the importer said of a record whose original is no FHIR resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<carnet_records::index::IndexEntry>,
}

/// How the exact bytes of a record follow from its line of NDJSON.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "exact", content = "original", rename_all = "snake_case")]
pub(super) enum Exact {
    /// They are the line.
    Line,
    /// They are this text: the line without its white space between values.
    Text(String),
    /// They are the `data` of the line, which is a Binary.
    Data,
}

/// A row of one of the smaller tables: its values in the order of the columns.
pub(super) type TableLine = Vec<Value>;

/// A value of a database, as JSON: null, number, text, or bytes as `{"b": "<base64>"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Value {
    Null(()),
    Integer(i64),
    Text(String),
    Bytes {
        #[serde(with = "base64_bytes")]
        b: Vec<u8>,
    },
}

/// A record as one line: itself without white space between values, or, if it is no JSON object, inside a FHIR Binary.
pub(super) fn to_line(original: &[u8]) -> (Vec<u8>, Exact) {
    let object = std::str::from_utf8(original)
        .ok()
        .filter(|text| text.trim_start().starts_with('{') && serde_json::from_str::<de::IgnoredAny>(text).is_ok());
    let Some(text) = object else {
        let data = STANDARD.encode(original);
        let binary = format!(r#"{{"resourceType":"Binary","contentType":"application/octet-stream","data":"{data}"}}"#);
        return (binary.into_bytes(), Exact::Data);
    };
    let line = without_white_space(text);
    if line == original { (line, Exact::Line) } else { (line, Exact::Text(text.to_owned())) }
}

/// The exact bytes again; nothing if line and note do not fit together.
pub(super) fn from_line(line: &[u8], exact: Exact) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Binary<'a> {
        data: &'a str,
    }
    match exact {
        Exact::Line => Some(line.to_owned()),
        Exact::Text(text) => Some(text.into_bytes()),
        Exact::Data => STANDARD.decode(serde_json::from_slice::<Binary<'_>>(line).ok()?.data).ok(),
    }
}

/// Valid JSON without the white space between its values.
fn without_white_space(json: &str) -> Vec<u8> {
    let mut line = Vec::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        if !in_string && matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            continue;
        }
        if byte == b'"' && !escaped {
            in_string = !in_string;
        }
        escaped = byte == b'\\' && !escaped;
        line.push(byte);
    }
    line
}

/// Bytes as base64 text.
mod base64_bytes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A hash as hexadecimal text, as `sha256sum` writes it.
mod hex_bytes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:?}", crate::journal::Bytes(*bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(de::Error::custom("64 hexadecimal digits expected"));
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
            let pair = std::str::from_utf8(pair).map_err(de::Error::custom)?;
            *byte = u8::from_str_radix(pair, 16).map_err(de::Error::custom)?;
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_the_exact_bytes_again() {
        let cases: [&[u8]; 9] = [
            br#"{"a":1.50}"#,
            b"{\n  \"a\" : \"x \\\" y\\\\\" ,\r\n\t\"b\": [ 1 , 2 ] }\n",
            b"not json",
            b"",
            b"[1]",
            b"{\"a\":",
            b"\xff\xfe",
            "{\"å\": \"\\u00e5\u{2028}\"}".as_bytes(),
            b"{\"a\": \"\\\\\"}",
        ];
        for case in cases {
            let (line, exact) = to_line(case);
            assert!(!line.contains(&b'\n') && serde_json::from_slice::<serde_json::Value>(&line).is_ok());
            assert_eq!(from_line(&line, exact).as_deref(), Some(case));
        }
    }

    #[test]
    fn white_space_inside_text_stays() {
        let (line, _) = to_line(b"{ \"a\" : \"x  \\\"  y\\\\\" , \"b\" : \" \" }");
        assert_eq!(line, b"{\"a\":\"x  \\\"  y\\\\\",\"b\":\" \"}");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_survive(bytes: Vec<u8>) {
            let (line, exact) = to_line(&bytes);
            let note = serde_json::to_string(&exact).unwrap();
            let exact = serde_json::from_str(&note).unwrap();
            proptest::prop_assert_eq!(from_line(&line, exact), Some(bytes));
        }

        #[test]
        fn values_survive(text: String, integer: i64, bytes: Vec<u8>) {
            let row: TableLine = vec![Value::Null(()), Value::Integer(integer), Value::Text(text), Value::Bytes { b: bytes }];
            let line = serde_json::to_string(&row).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<TableLine>(&line).unwrap(), row);
        }
    }
}
