//! The records of an EU Digital COVID Certificate: the person, and the vaccination, test or recovery.
//!
//! Vaccination: Immunization. Test: Observation of a laboratory. Recovery: Condition that is over.

use serde_json::{Map, Value, json};
use smart_health::hcert::{self, Kind};

use super::tables::{self, Meaning};
use crate::{
    convert::{Resource, derive_id},
    datetime::unix_seconds,
    terminology::{LOINC, OBSERVATION_CATEGORY},
};

/// What a certificate became.
pub(super) struct Certificate {
    /// The records, each with the member that it was made from.
    pub(super) resources: Vec<(Resource, String)>,
    /// The Patient's id.
    pub(super) patient: String,
    /// What the certificate is.
    pub(super) title: &'static str,
    /// The country that issued it, as the statement says.
    pub(super) country: String,
}

/// The records of a certificate that holds to the schema, one for each of its statements; none if it says nothing.
pub(super) fn resources(certificate: &Value) -> Option<Certificate> {
    let patient = patient(certificate);
    let patient_id = patient.get("id")?.as_str()?.to_owned();
    let statements: Vec<Statement<'_>> = hcert::statements(certificate)
        .into_iter()
        .map(|(kind, members)| Statement { kind, members, patient: &patient_id })
        .collect();
    let first = statements.first()?;
    let title = match first.kind {
        Kind::Vaccination => "EU Digital COVID Certificate: vaccination",
        Kind::Test => "EU Digital COVID Certificate: test",
        Kind::Recovery => "EU Digital COVID Certificate: recovery",
    };
    let country = first.text("co").unwrap_or_default().to_owned();
    let records = statements.iter().enumerate().map(|(at, statement)| match statement.kind {
        Kind::Vaccination => (statement.vaccination(), format!("v[{at}]")),
        Kind::Test => (statement.test(), format!("t[{at}]")),
        Kind::Recovery => (statement.recovery(), format!("r[{at}]")),
    });
    let resources = std::iter::once((patient, "nam".to_owned())).chain(records).collect();
    Some(Certificate { resources, patient: patient_id, title, country })
}

/// The same person, written the same way, is the same Patient in each of the certificates.
fn patient(certificate: &Value) -> Resource {
    let member = |name: &str| certificate.pointer(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    // The standardised form has `<` between names.
    let name = |own: &str, standard: &str| {
        member(own).map(str::to_owned).or_else(|| member(standard).map(|text| text.replace('<', " ").trim().to_owned()))
    };
    let (family, given) = (name("/nam/fn", "/nam/fnt"), name("/nam/gn", "/nam/gnt"));
    let born = member("/dob").and_then(|born| born.split('T').next()).filter(|born| unix_seconds(born).is_some());
    let parts = [family.as_deref(), given.as_deref(), born].map(Option::unwrap_or_default);
    let mut out = start("Patient", derive_id(&["HCERT", "Patient", parts[0], parts[1], parts[2]]));
    let mut name = Map::new();
    if let Some(family) = family {
        name.insert("family".into(), family.into());
    }
    if let Some(given) = given {
        name.insert("given".into(), json!([given]));
    }
    if !name.is_empty() {
        out.insert("name".into(), json!([name]));
    }
    if let Some(born) = born {
        out.insert("birthDate".into(), born.into());
    }
    out
}

struct Statement<'a> {
    kind: Kind,
    members: &'a Map<String, Value>,
    patient: &'a str,
}

impl Statement<'_> {
    fn vaccination(&self) -> Resource {
        let mut out = self.start("Immunization");
        out.insert("status".into(), "completed".into());
        // The product first: it says more than the kind of vaccine.
        let codings: Vec<Value> = ["mp", "vp"].iter().filter_map(|member| self.coding(member)).collect();
        let mut code =
            json!({ "text": self.name("mp").or(self.name("vp")).unwrap_or_else(|| "COVID-19 vaccine".into()) });
        if let (Some(code), false) = (code.as_object_mut(), codings.is_empty()) {
            code.insert("coding".into(), codings.into());
        }
        out.insert("vaccineCode".into(), code);
        out.insert("patient".into(), self.subject());
        match self.date_time("dt") {
            Some(date) => out.insert("occurrenceDateTime".into(), date.into()),
            None => out.insert("occurrenceString".into(), self.text("dt").unwrap_or("unknown").into()),
        };
        if let Some(manufacturer) = self.name("ma") {
            let mut reference = json!({ "display": manufacturer });
            if let (Some(reference), Some(code)) = (reference.as_object_mut(), self.text("ma"))
                && let Some(Meaning { system, .. }) = tables::meaning("ma", code)
            {
                reference.insert("identifier".into(), json!({ "system": system, "value": code }));
            }
            out.insert("manufacturer".into(), reference);
        }
        if let Some(issuer) = self.text("is") {
            out.insert("performer".into(), json!([{ "actor": { "display": issuer } }]));
        }
        out.insert("protocolApplied".into(), json!([self.protocol()]));
        out
    }

    /// Which dose of how many, against what.
    fn protocol(&self) -> Value {
        let mut out = Map::new();
        if let Some(disease) = self.concept("tg") {
            out.insert("targetDisease".into(), json!([disease]));
        }
        let number = |member: &str| self.members.get(member).and_then(Value::as_f64).map(|number| number as i64);
        match number("dn") {
            Some(dose @ 1..) => out.insert("doseNumberPositiveInt".into(), dose.into()),
            Some(dose) => out.insert("doseNumberString".into(), dose.to_string().into()),
            None => out.insert("doseNumberString".into(), "unknown".into()),
        };
        if let Some(doses @ 1..) = number("sd") {
            out.insert("seriesDosesPositiveInt".into(), doses.into());
        }
        Value::Object(out)
    }

    fn test(&self) -> Resource {
        let mut out = self.start("Observation");
        out.insert("status".into(), "final".into());
        out.insert(
            "category".into(),
            json!([{ "coding": [{ "system": OBSERVATION_CATEGORY, "code": "laboratory", "display": "Laboratory" }] }]),
        );
        let disease = self.name("tg").unwrap_or_else(|| "unknown disease".into());
        let text = format!("{disease} test");
        out.insert(
            "code".into(),
            match self.text("tt").and_then(tables::test_code) {
                Some((code, display)) => {
                    json!({ "coding": [{ "system": LOINC, "code": code, "display": display }], "text": text })
                }
                None => json!({ "text": text }),
            },
        );
        out.insert("subject".into(), self.subject());
        if let Some(taken) = self.date_time("sc") {
            out.insert("effectiveDateTime".into(), taken.into());
        }
        if let Some(issued) = self.text("dr").filter(|text| is_instant(text)) {
            out.insert("issued".into(), issued.into());
        }
        let performers: Vec<Value> =
            ["tc", "is"].iter().filter_map(|member| Some(json!({ "display": self.text(member)? }))).collect();
        if !performers.is_empty() {
            out.insert("performer".into(), performers.into());
        }
        if let Some(result) = self.concept("tr") {
            out.insert("valueCodeableConcept".into(), result);
        }
        if let Some(method) = self.concept("tt") {
            out.insert("method".into(), method);
        }
        if let Some(device) = self.text("nm").or(self.text("ma")) {
            out.insert("device".into(), json!({ "display": device }));
        }
        out
    }

    fn recovery(&self) -> Resource {
        let mut out = self.start("Condition");
        let status = |name: &str, code: &str| json!({ "coding": [{ "system": format!("http://terminology.hl7.org/CodeSystem/condition-{name}"), "code": code }] });
        out.insert("clinicalStatus".into(), status("clinical", "resolved"));
        out.insert("verificationStatus".into(), status("ver-status", "confirmed"));
        out.insert("code".into(), self.concept("tg").unwrap_or_else(|| json!({ "text": "unknown disease" })));
        out.insert("subject".into(), self.subject());
        // The first positive test is when it was known, not when it began.
        if let Some(date) = self.date_time("fr") {
            out.insert("recordedDate".into(), date.into());
        }
        if let Some(issuer) = self.text("is") {
            out.insert("asserter".into(), json!({ "display": issuer }));
        }
        let text = |member: &str| self.text(member).unwrap_or("unknown");
        let note = format!(
            "First positive test: {}. The certificate is valid from {} until {}.",
            text("fr"),
            text("df"),
            text("du")
        );
        out.insert("note".into(), json!([{ "text": note }]));
        out
    }

    fn start(&self, resource_type: &str) -> Resource {
        // The certificate's own identifier, and the content too: identifiers in the field are not all unique.
        let content = Value::Object(self.members.clone()).to_string();
        let kind = match self.kind {
            Kind::Vaccination => "v",
            Kind::Test => "t",
            Kind::Recovery => "r",
        };
        let id = derive_id(&["HCERT", kind, self.text("ci").unwrap_or_default(), self.patient, &content]);
        let mut out = start(resource_type, id);
        if let Some(identifier) = self.text("ci") {
            let is_urn = identifier.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
            out.insert(
                "identifier".into(),
                if is_urn {
                    json!([{ "system": "urn:ietf:rfc:3986", "value": identifier }])
                } else {
                    json!([{ "value": identifier }])
                },
            );
        }
        out
    }

    fn subject(&self) -> Value {
        json!({ "reference": format!("urn:uuid:{}", self.patient) })
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// What a member's code means, or the code.
    fn name(&self, member: &str) -> Option<String> {
        let code = self.text(member)?;
        Some(tables::meaning(member, code).map_or_else(|| code.to_owned(), |meaning| meaning.name.to_owned()))
    }

    fn coding(&self, member: &str) -> Option<Value> {
        let code = self.text(member)?;
        let Meaning { system, name } = tables::meaning(member, code)?;
        Some(json!({ "system": system, "code": code, "display": name }))
    }

    fn concept(&self, member: &str) -> Option<Value> {
        let name = self.name(member)?;
        Some(match self.coding(member) {
            Some(coding) => json!({ "coding": [coding], "text": name }),
            None => json!({ "text": name }),
        })
    }

    /// A FHIR dateTime: one with a time has a zone; where it lacks one, only the day is certain.
    fn date_time(&self, member: &str) -> Option<String> {
        let text = self.text(member).filter(|text| unix_seconds(text).is_some())?;
        if is_instant(text) {
            return Some(text.to_owned());
        }
        text.get(..10).map(str::to_owned)
    }
}

fn start(resource_type: &str, id: String) -> Resource {
    let mut out = Resource::new();
    out.insert("resourceType".into(), resource_type.into());
    out.insert("id".into(), id.into());
    out
}

/// `2021-05-30T10:12:22Z`, `2021-05-30T10:12:22.000+02:00`.
fn is_instant(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else { return false };
    let Some((clock, zone)) = time.find(['Z', '+', '-']).and_then(|at| time.split_at_checked(at)) else { return false };
    let zone_fits = match zone.as_bytes() {
        [b'Z'] => true,
        [_, a, b, b':', c, d] => [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    };
    day.len() == 10
        && zone_fits
        && unix_seconds(text).is_some()
        && clock.get(..8).is_some_and(|clock| clock.matches(':').count() == 2)
        && clock.get(8..).is_some_and(|rest| rest.is_empty() || (rest.len() > 1 && rest.starts_with('.')))
}
