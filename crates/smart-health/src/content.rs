//! What a link's files hold: FHIR, health cards, or access to a FHIR server; and links to more inside of FHIR.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Pre-protocol step: Sharing User configures a new SMART Health
//! Link" (the content types and `application/smart-api-access`), profile `shl-endpoint` (interactive experiences and
//! SMART on FHIR connections); SMART App Launch 2.2, "Access token response".

use crate::link::PlainHttp;
use crate::manifest::{FHIR_JSON, SMART_API_ACCESS, SMART_HEALTH_CARD, media_type};
use crate::{Error, Result};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use zeroize::Zeroizing;

/// What a file is, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `application/fhir+json`: a FHIR resource or Bundle.
    Fhir,
    /// `application/smart-health-card`: a file of health cards, for `card::find`.
    HealthCards,
    /// `application/smart-api-access`: access to a FHIR server, for [`ApiAccess::read`].
    ApiAccess,
    /// Something that the specification does not name: told to the person, not opened.
    Other,
}

impl Kind {
    /// The kind of a content type, whatever its parameters. FHIR is also known by the two older names that servers
    /// still give it.
    pub fn of(content_type: &str) -> Self {
        match media_type(content_type).as_str() {
            FHIR_JSON | "application/json+fhir" | "application/json" => Self::Fhir,
            SMART_HEALTH_CARD => Self::HealthCards,
            SMART_API_ACCESS => Self::ApiAccess,
            _ => Self::Other,
        }
    }
}

/// The parameter `fhirVersion` of a content type: `4.0.1` of `application/fhir+json;fhirVersion=4.0.1`.
pub fn fhir_version(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("fhirVersion") && !value.is_empty()).then_some(value)
    })
}

/// Access to a FHIR server: what to ask it with, and what to ask.
///
/// The token is a secret. Whether to use it is the person's to decide: the server named is a stranger's.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiAccess {
    /// The FHIR server's base URL (`aud`).
    pub server: String,
    /// Queries that the sender suggests, relative to the base.
    pub queries: Vec<String>,
    /// What the token allows, as SMART scopes.
    pub scope: Option<String>,
    /// For how many seconds the token works, from when it was issued.
    pub expires_in: Option<u64>,
    /// The patient whose records it is for: a FHIR id on that server.
    pub patient: Option<String>,
    token: Zeroizing<String>,
}

/// The JSON as it is written.
#[derive(Deserialize)]
struct TokenResponse {
    access_token: Option<String>,
    token_type: Option<String>,
    aud: Option<String>,
    #[serde(default)]
    query: Vec<String>,
    scope: Option<String>,
    expires_in: Option<u64>,
    patient: Option<String>,
}

impl ApiAccess {
    /// The most suggested queries that are kept.
    pub const MAX_QUERIES: usize = 100;

    /// Reads the content of a file of the type `application/smart-api-access`.
    ///
    /// # Errors
    /// [`Error::ContentInvalid`] naming the member; [`Error::UrlInvalid`] and [`Error::UrlInsecure`] for the server's
    /// address (a token must not travel in the open).
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let invalid = |part| Error::ContentInvalid { part };
        let mut read: TokenResponse = serde_json::from_slice(bytes).map_err(|_| invalid("JSON"))?;
        let token = read.access_token.take().map(Zeroizing::new).filter(|token| !token.is_empty());
        let token = token.ok_or(invalid("access_token"))?;
        // RFC 6749, section 7.1: a client that does not know a token's type must not use it.
        if !read.token_type.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err(invalid("token_type"));
        }
        let server = read.aud.ok_or(invalid("aud"))?;
        crate::link::check_fetchable(&server, PlainHttp::default())?;
        read.query.truncate(Self::MAX_QUERIES);
        Ok(Self {
            server,
            queries: read.query,
            scope: read.scope,
            expires_in: read.expires_in,
            patient: read.patient,
            token,
        })
    }

    /// The bearer token.
    pub fn expose_token(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for ApiAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiAccess({} queries)", self.queries.len())
    }
}

/// Something more that a sender offers, in a FHIR Endpoint among the files: a page to work in, or a server to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it is.
    pub kind: OfferKind,
    /// What it is called, for the person to decide; a stranger's text.
    pub name: String,
    /// Where it is: `https`.
    pub address: String,
    /// Until when it is there, as FHIR writes it.
    pub until: Option<String>,
}

/// What an [`Offer`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferKind {
    /// A web page in which the records can be worked with.
    InteractiveExperience,
    /// A FHIR server to which the person may connect an app (SMART App Launch).
    SmartOnFhir,
}

impl Offer {
    /// What a FHIR resource offers; none if it is no Endpoint of these two kinds, or not an active one with a name and
    /// an `https` address. `connectionType` is read as the Coding that R4 has and as the CodeableConcept of R5.
    pub fn of(resource: &Value) -> Option<Self> {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        if text("resourceType") != Some("Endpoint") || text("status") != Some("active") {
            return None;
        }
        let connection = resource.get("connectionType")?;
        let kind =
            [connection.get("code"), connection.pointer("/coding/0/code"), connection.pointer("/0/coding/0/code")]
                .into_iter()
                .flatten()
                .find_map(|code| match code.as_str()? {
                    "shl-interactive-experience" => Some(OfferKind::InteractiveExperience),
                    "SMART-on-FHIR" => Some(OfferKind::SmartOnFhir),
                    _ => None,
                })?;
        let address = text("address")?;
        crate::link::check_fetchable(address, PlainHttp::default()).ok()?;
        Some(Self {
            kind,
            name: text("name").filter(|name| !name.trim().is_empty())?.to_owned(),
            address: address.to_owned(),
            until: resource.pointer("/period/end").and_then(Value::as_str).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn content_types_are_known_by_their_media_type() {
        for (content_type, kind) in [
            ("application/fhir+json", Kind::Fhir),
            ("Application/FHIR+JSON; fhirVersion=4.0.1", Kind::Fhir),
            ("application/smart-health-card", Kind::HealthCards),
            ("application/smart-api-access", Kind::ApiAccess),
            ("application/pdf", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(content_type), kind, "{content_type}");
        }
        assert_eq!(fhir_version("application/fhir+json;fhirVersion=4.0.1"), Some("4.0.1"));
        assert_eq!(fhir_version("application/fhir+json; charset=utf-8; FHIRVERSION=\"4.3.0\""), Some("4.3.0"));
        assert_eq!(fhir_version("application/fhir+json;fhirVersion="), None);
    }

    #[test]
    fn access_is_read_and_its_token_kept_secret() {
        let written = json!({
            "access_token": "s3cret", "token_type": "Bearer", "aud": "https://fhir.example.org/r4", "expires_in": 3600,
            "scope": "patient/*.rs", "patient": "p1", "query": ["Coverage?patient=p1"], "refresh_token": "other",
        });
        let access = ApiAccess::read(written.to_string().as_bytes()).unwrap();
        assert_eq!((access.server.as_str(), access.expires_in), ("https://fhir.example.org/r4", Some(3600)));
        assert_eq!(
            (access.expose_token(), access.queries.as_slice()),
            ("s3cret", ["Coverage?patient=p1".to_owned()].as_slice())
        );
        assert!(!format!("{access:?}").contains("s3cret"));
        for (member, value, error) in [
            ("access_token", json!(null), Error::ContentInvalid { part: "access_token" }),
            ("access_token", json!(""), Error::ContentInvalid { part: "access_token" }),
            ("token_type", json!("mac"), Error::ContentInvalid { part: "token_type" }),
            ("aud", json!(null), Error::ContentInvalid { part: "aud" }),
            ("aud", json!("http://fhir.example.org"), Error::UrlInsecure),
            ("aud", json!("javascript:alert(1)"), Error::UrlInvalid),
            ("query", json!(7), Error::ContentInvalid { part: "JSON" }),
        ] {
            let mut bad = written.clone();
            bad[member] = value;
            assert_eq!(ApiAccess::read(bad.to_string().as_bytes()), Err(error), "{member}");
        }
    }

    #[test]
    fn the_specifications_two_endpoints_are_offers() {
        let interactive = json!({
            "resourceType": "Endpoint", "status": "active", "name": "Review and comment", "period": {"end": "2025-10-20T12:30:00Z"},
            "address": "https://interact.example.org/case-id/521039c3",
            "connectionType": {"system": "https://smarthealthit.org", "code": "shl-interactive-experience"},
        });
        let offer = Offer::of(&interactive).unwrap();
        assert_eq!(
            (offer.kind, offer.until.as_deref()),
            (OfferKind::InteractiveExperience, Some("2025-10-20T12:30:00Z"))
        );
        let mut connection = interactive.clone();
        connection["connectionType"] = json!([{"coding": [{"code": "SMART-on-FHIR"}]}]);
        assert_eq!(Offer::of(&connection).unwrap().kind, OfferKind::SmartOnFhir);
        for (member, value) in
            [("status", "off"), ("address", "http://interact.example.org"), ("address", "javascript:x"), ("name", " ")]
        {
            let mut bad = interactive.clone();
            bad[member] = json!(value);
            assert_eq!(Offer::of(&bad), None, "{member}: {value}");
        }
        assert_eq!(Offer::of(&json!([])), None);
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,60}") {
            let _ = ApiAccess::read(&bytes);
            let _ = ApiAccess::read(json!({ "access_token": text, "token_type": "bearer", "aud": text }).to_string().as_bytes());
            let _ = (Kind::of(&text), fhir_version(&text));
            let _ = Offer::of(&json!({ "resourceType": "Endpoint", "status": "active", "name": text, "address": text,
                "connectionType": { "code": "SMART-on-FHIR" } }));
        }
    }
}
