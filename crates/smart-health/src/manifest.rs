//! What a reader asks a server and what the server answers: the manifest of a link and its errors.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "SMART Health Link Manifest Request" and "Response". Written as
//! the published text has it, read as servers before and after it write it.

use crate::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A FHIR resource or Bundle. Written exactly so: there are readers that refuse a `fhirVersion` parameter.
pub const FHIR_JSON: &str = "application/fhir+json";
/// A SMART Health Card file.
pub const SMART_HEALTH_CARD: &str = "application/smart-health-card";
/// Access to a FHIR server.
pub const SMART_API_ACCESS: &str = "application/smart-api-access";
/// An encrypted file as it is served.
pub const JOSE: &str = "application/jose";

/// The body of a manifest request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestRequest {
    /// Who asks, as text to be shown to the patient.
    pub recipient: String,
    /// The passcode, for a link with the flag `P`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode: Option<String>,
    /// The longest `embedded` the reader wants, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded_length_max: Option<usize>,
}

impl fmt::Debug for ManifestRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManifestRequest(passcode: {})", self.passcode.is_some())
    }
}

/// The files of a link.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Whether the files may still change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The files; a manifest may have none (0..*), and then some servers leave the member out.
    #[serde(default, deserialize_with = "or_default")]
    pub files: Vec<ManifestFile>,
    /// A FHIR List with more about the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<serde_json::Value>,
}

impl Manifest {
    /// Reads what a server answered, for a reader that takes so many files. What a stranger puts into it costs no more memory
    /// than those: further files are counted and not kept, and the `list`, which is free JSON that nothing here asks for, is
    /// passed over.
    ///
    /// # Errors
    /// [`Error::ManifestInvalid`], [`Error::TooManyFiles`].
    pub(crate) fn read(json: &[u8], max_files: usize) -> Result<Self> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let read = reader.deserialize_map(Members { max_files });
        let (manifest, files) =
            read.and_then(|read| reader.end().map(|()| read)).map_err(|_| Error::ManifestInvalid)?;
        if files > max_files {
            return Err(Error::TooManyFiles { files, limit: max_files });
        }
        Ok(manifest)
    }

    /// The status of the whole: the root's, or what its files say (servers before the published specification put it
    /// there): that they may change as soon as one may, else what all agree on.
    pub fn overall_status(&self) -> Option<Status> {
        self.status.or_else(|| {
            let mut files = self.files.iter().map(|file| file.status);
            if files.clone().any(|status| status == Some(Status::CanChange)) {
                return Some(Status::CanChange);
            }
            let first = files.next()??;
            files.all(|status| status == Some(first)).then_some(first)
        })
    }
}

/// One file of a link. Exactly one of `location` and `embedded` is written; both may be read.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestFile {
    /// The content's media type, perhaps with parameters.
    #[serde(default, deserialize_with = "or_default")]
    pub content_type: String,
    /// Where to fetch the encrypted file: an address that works for at most an hour, perhaps once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The encrypted file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded: Option<String>,
    /// When its content last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<String>,
    /// Read only: the place of `status` before the specification was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Read only: FHIR's version, before the specification was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fhir_version: Option<String>,
}

impl fmt::Debug for ManifestFile {
    /// A location is a key to ciphertext and does not belong in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManifestFile")
            .field("content_type", &self.content_type)
            .field("location", &self.location.is_some())
            .field("embedded", &self.embedded.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

/// Whether files may still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// They will not.
    Finalized,
    /// They may.
    CanChange,
    /// They should not be relied on any more.
    NoLongerValid,
    /// A word this version does not know.
    #[serde(other)]
    Unknown,
}

/// The body of a 401 answer: the passcode was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WrongPasscode {
    /// How many tries are left in the link's whole life.
    pub remaining_attempts: u32,
}

/// A value, or `null` for none.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(value: D) -> std::result::Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// The members of a manifest; gives how many files it lists, too.
struct Members {
    max_files: usize,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Member {
    Status,
    Files,
    List,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for Members {
    type Value = (Manifest, usize);

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a manifest")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let (mut status, mut files, mut has_list) = (None, None, false);
        while let Some(member) = map.next_key()? {
            match member {
                // Twice is two manifests in one, and which of them counts is anybody's guess.
                Member::Status if status.is_some() => return Err(serde::de::Error::duplicate_field("status")),
                Member::Files if files.is_some() => return Err(serde::de::Error::duplicate_field("files")),
                Member::Status => status = Some(map.next_value()?),
                Member::Files => files = Some(map.next_value_seed(Files { max: self.max_files })?),
                Member::List | Member::Other => {
                    has_list |= matches!(member, Member::List);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // JSON that has nothing of a manifest is some other answer.
        if status.is_none() && files.is_none() && !has_list {
            return Err(serde::de::Error::missing_field("files"));
        }
        let (files, count) = files.unwrap_or_default();
        Ok((Manifest { status: status.flatten(), files, list: None }, count))
    }
}

/// The first files of a manifest, and how many there are.
struct Files {
    max: usize,
}

impl<'de> DeserializeSeed<'de> for Files {
    type Value = (Vec<ManifestFile>, usize);

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> std::result::Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Files {
    type Value = (Vec<ManifestFile>, usize);

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of files")
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(Self::Value::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Self::Value, A::Error> {
        let mut files = Vec::new();
        while files.len() < self.max
            && let Some(file) = items.next_element()?
        {
            files.push(file);
        }
        let mut count = files.len();
        while count >= self.max && items.next_element::<IgnoredAny>()?.is_some() {
            count = count.saturating_add(1);
        }
        Ok((files, count))
    }
}

/// The media type alone, in lower case: `application/fhir+json;fhirVersion=4.0.1` becomes `application/fhir+json`.
pub fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn writes_what_the_published_text_has() {
        let manifest = Manifest {
            status: Some(Status::CanChange),
            files: vec![ManifestFile {
                content_type: FHIR_JSON.to_owned(),
                embedded: Some("a.b.c.d.e".to_owned()),
                ..ManifestFile::default()
            }],
            list: None,
        };
        assert_eq!(
            serde_json::to_string(&manifest).unwrap(),
            r#"{"status":"can-change","files":[{"contentType":"application/fhir+json","embedded":"a.b.c.d.e"}]}"#
        );
        let request = ManifestRequest { recipient: "Dr B".to_owned(), passcode: None, embedded_length_max: Some(10) };
        assert_eq!(serde_json::to_string(&request).unwrap(), r#"{"recipient":"Dr B","embeddedLengthMax":10}"#);
        let wrong = WrongPasscode { remaining_attempts: 4 };
        assert_eq!(serde_json::to_string(&wrong).unwrap(), r#"{"remainingAttempts":4}"#);
    }

    #[test]
    fn reads_the_status_at_the_root_or_in_every_file() {
        let root: Manifest = serde_json::from_str(r#"{"files":[],"status":"finalized"}"#).unwrap();
        assert_eq!(root.overall_status(), Some(Status::Finalized));
        let per_file = r#"{"files":[{"contentType":"x","status":"can-change","fhirVersion":"4.0.1"}]}"#;
        let per_file: Manifest = serde_json::from_str(per_file).unwrap();
        assert_eq!(per_file.overall_status(), Some(Status::CanChange));
        let mixed = r#"{"files":[{"contentType":"x","status":"finalized"},{"contentType":"x","status":"can-change"}]}"#;
        let mixed: Manifest = serde_json::from_str(mixed).unwrap();
        assert_eq!(mixed.overall_status(), Some(Status::CanChange));
        let odd: Manifest = serde_json::from_str(r#"{"files":[],"status":"whatever"}"#).unwrap();
        assert_eq!(odd.overall_status(), Some(Status::Unknown));
    }

    #[test]
    fn a_manifest_may_have_no_files_and_null_for_what_it_does_not_say() {
        for json in [r#"{"files":null}"#, r#"{"list":{}}"#, r#"{"files":[],"list":null,"status":null}"#] {
            assert_eq!(Manifest::read(json.as_bytes(), 20), Ok(Manifest::default()), "{json}");
            assert!(serde_json::from_str::<Manifest>(json).unwrap().files.is_empty(), "{json}");
        }
        let json = r#"{"status":"no-longer-valid","list":{"resourceType":"List"}}"#;
        assert_eq!(Manifest::read(json.as_bytes(), 20).unwrap().overall_status(), Some(Status::NoLongerValid));
        let json = br#"{"files":[{"contentType":null,"embedded":"x","location":null}]}"#;
        assert_eq!(Manifest::read(json, 20).unwrap().files[0].content_type, "");
        for json in [
            "",
            "[]",
            "7",
            "{}",
            r#"{"error":"x"}"#,
            r#"{"files":7}"#,
            r#"{"files":[]}x"#,
            r#"{"files":[],"files":[]}"#,
            r#"{"files":[7]}"#,
        ] {
            assert_eq!(Manifest::read(json.as_bytes(), 20), Err(Error::ManifestInvalid), "{json}");
        }
    }

    #[test]
    fn what_a_stranger_lists_is_counted_and_not_kept() {
        let json = format!(r#"{{"files":[{}{{}}]}}"#, r#"{"contentType":"x"},"#.repeat(99));
        assert_eq!(Manifest::read(json.as_bytes(), 20), Err(Error::TooManyFiles { files: 100, limit: 20 }));
        assert_eq!(Manifest::read(json.as_bytes(), 100).unwrap().files.len(), 100);
        // Beyond the limit nothing is made of a file, so nothing in it can be wrong.
        let json = br#"{"files":[{},7,"x"],"list":[0,0,0]}"#;
        assert_eq!(Manifest::read(json, 1), Err(Error::TooManyFiles { files: 3, limit: 1 }));
        assert_eq!(Manifest::read(br#"{"files":[{}],"list":[0,0,0]}"#, 1).unwrap().list, None);
        assert_eq!(Manifest::read(br#"{"files":[{}]}"#, 0), Err(Error::TooManyFiles { files: 1, limit: 0 }));
    }

    #[test]
    fn a_media_type_loses_its_parameters() {
        assert_eq!(media_type("Application/FHIR+json; fhirVersion=4.0.1"), FHIR_JSON);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_the_same(
            status in proptest::option::of(prop_oneof![Just(Status::Finalized), Just(Status::CanChange), Just(Status::NoLongerValid)]),
            files in proptest::collection::vec((".{0,30}", proptest::option::of(".{0,30}"), ".{0,30}"), 0..4),
            passcode in proptest::option::of(".{1,12}"), most in proptest::option::of(any::<u32>()),
        ) {
            let files = files.into_iter().map(|(content_type, last_updated, at)| ManifestFile {
                content_type, last_updated, location: Some(at), ..ManifestFile::default()
            });
            let manifest = Manifest { status, files: files.collect(), list: None };
            let read: Manifest = serde_json::from_str(&serde_json::to_string(&manifest).unwrap()).unwrap();
            prop_assert_eq!(read, manifest);
            let embedded_length_max = most.map(|most| most as usize);
            let request = ManifestRequest { recipient: "B".to_owned(), passcode, embedded_length_max };
            let read: ManifestRequest = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
            prop_assert_eq!(read, request);
        }
    }
}
