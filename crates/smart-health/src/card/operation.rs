//! Asking an issuer's FHIR server for cards, and reading its answer: the operation `$health-cards-issue`.
//!
//! Specification: SMART Health Cards and Links 1.0.0, operation `patient-i-health-cards-issue`.

use serde_json::{Value, json};

use super::text::{member, of_parameter};
use super::{Candidate, Limits, Reason, Unreadable};

/// What to ask for: the body of `POST [base]/Patient/[id]/$health-cards-issue`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssueRequest {
    /// FHIR resource types that a card must hold, all of them; at least one, e.g. `Immunization`.
    pub types: Vec<String>,
    /// URLs of value sets: a card must hold something of each.
    pub value_sets: Vec<String>,
    /// Which of the patient's own data to put in, e.g. `Patient.name`; empty: as the issuer decides.
    pub identity_claims: Vec<String>,
    /// Only data of this FHIR dateTime or later.
    pub since: Option<String>,
}

impl IssueRequest {
    /// The FHIR `Parameters`.
    pub fn to_parameters(&self) -> Value {
        let named = |name: &'static str, value: &'static str, of: &[String]| {
            of.iter().map(|text| json!({ "name": name, value: text })).collect::<Vec<_>>()
        };
        let mut parameters = named("credentialType", "valueUri", &self.types);
        parameters.extend(named("credentialValueSet", "valueUri", &self.value_sets));
        parameters.extend(named("includeIdentityClaim", "valueString", &self.identity_claims));
        parameters.extend(named("_since", "valueDateTime", self.since.as_slice()));
        json!({ "resourceType": "Parameters", "parameter": parameters })
    }
}

/// What an issuer answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueResponse {
    /// The cards, not looked into yet; none if there is nothing to be issued.
    pub cards: Vec<Result<Candidate, Unreadable>>,
    /// Where the records in them live on the server.
    pub links: Vec<ResourceLink>,
}

/// That a record in a card is one that the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceLink {
    /// Which of [`IssueResponse::cards`] it is about; none: the only one.
    pub card: Option<usize>,
    /// The record in the card, by its `fullUrl`: `resource:2`.
    pub bundled: String,
    /// The record on the server, by its URL.
    pub hosted: String,
}

impl IssueResponse {
    /// Reads the `Parameters` that the operation gives. One without parameters is an answer too: there is no such card.
    ///
    /// # Errors
    /// [`Reason::TooLarge`], [`Reason::FileNotJson`], [`Reason::TooManyCards`]; [`Reason::NotACard`] for another
    /// resource, as an OperationOutcome is.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Reason> {
        if bytes.len() > limits.text_bytes {
            return Err(Reason::TooLarge { limit: limits.text_bytes });
        }
        let json: Value = serde_json::from_slice(bytes).map_err(|_| Reason::FileNotJson)?;
        if json.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
            return Err(Reason::NotACard);
        }
        let parameters = json.get("parameter").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // `vcIndex` counts the parameters, cards and links alike.
        let mut positions = Vec::new();
        let mut cards = Vec::new();
        for (at, parameter) in
            parameters.iter().enumerate().filter(|(_, parameter)| is(parameter, "verifiableCredential"))
        {
            if cards.len() >= limits.cards {
                return Err(Reason::TooManyCards { limit: limits.cards });
            }
            positions.push(at);
            cards.push(member(parameter.get("valueString"), of_parameter(at)));
        }
        let links = parameters.iter().filter(|parameter| is(parameter, "resourceLink"));
        let links = links.filter_map(|link| resource_link(link, &positions)).take(limits.cards * super::MAX_ENTRIES);
        Ok(Self { links: links.collect(), cards })
    }
}

fn is(parameter: &Value, name: &str) -> bool {
    parameter.get("name").and_then(Value::as_str) == Some(name)
}

fn resource_link(link: &Value, positions: &[usize]) -> Option<ResourceLink> {
    let parts = link.get("part")?.as_array()?;
    let part = |name: &str| parts.iter().find(|part| is(part, name));
    let uri = |name: &str| part(name)?.get("valueUri")?.as_str().map(str::to_owned);
    let card = match part("vcIndex") {
        None => None,
        Some(index) => {
            let index = usize::try_from(index.get("valueInteger")?.as_u64()?).ok()?;
            Some(positions.iter().position(|position| *position == index)?)
        }
    };
    Some(ResourceLink { card, bundled: uri("bundledResource")?, hosted: uri("hostedResource")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_specifications_request() {
        let request = IssueRequest {
            types: vec!["Immunization".into()],
            value_sets: vec!["https://terminology.smarthealth.cards/ValueSet/immunization-orthopoxvirus-all".into()],
            identity_claims: vec!["Patient.name".into()],
            since: Some("2023-03".into()),
        };
        let written = request.to_parameters();
        let parameters = written["parameter"].as_array().unwrap();
        assert_eq!(parameters.len(), 4);
        assert_eq!(parameters[0], json!({ "name": "credentialType", "valueUri": "Immunization" }));
        assert_eq!(parameters[3], json!({ "name": "_since", "valueDateTime": "2023-03" }));
    }

    #[test]
    fn cards_and_where_their_records_live() {
        let link = |index: Value| {
            json!({ "name": "resourceLink", "part": [
                { "name": "vcIndex", "valueInteger": index },
                { "name": "bundledResource", "valueUri": "resource:2" },
                { "name": "hostedResource", "valueUri": "https://fhir.example.org/Immunization/123" },
            ]})
        };
        let mut answer = json!({ "resourceType": "Parameters", "parameter": [
            { "name": "verifiableCredential", "valueString": "eyJh.b-_.cc" },
            link(json!(0)),
            { "name": "verifiableCredential", "valueString": "eyJh.b-_.dd" },
            link(json!(2)),
            link(json!(1)),
            { "name": "verifiableCredential", "valueInteger": 7 },
        ]});
        answer["parameter"][1]["part"].as_array_mut().unwrap().remove(0);
        let read = IssueResponse::read(answer.to_string().as_bytes(), &Limits::default()).unwrap();
        assert_eq!(read.cards.len(), 3);
        assert_eq!(read.cards[1].as_ref().unwrap().place, "parameter[2].valueString");
        assert!(read.cards[2].is_err());
        // The one whose index is no card's is passed over.
        assert_eq!(read.links.iter().map(|link| link.card).collect::<Vec<_>>(), [None, Some(1)]);
        assert_eq!(read.links[0].bundled, "resource:2");
    }

    #[test]
    fn no_card_is_an_answer_and_an_outcome_is_none() {
        let read = |text: &str| IssueResponse::read(text.as_bytes(), &Limits::default());
        let none = read(r#"{"resourceType":"Parameters"}"#).unwrap();
        assert!(none.cards.is_empty() && none.links.is_empty());
        assert_eq!(read(r#"{"resourceType":"OperationOutcome"}"#), Err(Reason::NotACard));
        assert_eq!(read("<html>"), Err(Reason::FileNotJson));
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), index in any::<i64>(), text in ".{0,40}") {
            let _ = IssueResponse::read(&bytes, &Limits::default());
            let answer = json!({ "resourceType": "Parameters", "parameter": [
                { "name": "verifiableCredential", "valueString": text },
                { "name": "resourceLink", "part": [{ "name": "vcIndex", "valueInteger": index }, { "name": text }] },
            ]});
            let _ = IssueResponse::read(answer.to_string().as_bytes(), &Limits::default());
        }
    }
}
