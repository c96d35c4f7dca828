//! People, organizations, places, who pays, and devices.

use serde_json::{Value, json};

use super::super::{
    Element::{self, Changed, Same},
    To::{Kept, KeptParts, List, Own},
    moved, put,
    shared::ANIMAL,
};
use super::EXTENSION;
use crate::convert::Resource;

pub(super) const PATIENT: &[Element] = &[
    Same(
        "identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address maritalStatus \
            multipleBirthBoolean multipleBirthInteger photo contact communication generalPractitioner \
            managingOrganization link",
    ),
    Changed("animal", ANIMAL),
];

pub(super) const RELATED: &[Element] = &[
    Same("identifier active patient name telecom gender birthDate address photo period"),
    Changed("relationship", List("relationship")),
];

pub(super) const PRACTITIONER: &[Element] =
    &[Same("identifier active name telecom address gender birthDate photo qualification communication")];

pub(super) const ROLE: &[Element] = &[Same(
    "identifier active period practitioner organization code specialty location healthcareService telecom availableTime \
        notAvailable availabilityExceptions endpoint",
)];

pub(super) const ORGANIZATION: &[Element] =
    &[Same("identifier active type name alias telecom address partOf contact endpoint")];

pub(super) const LOCATION: &[Element] = &[
    Same(
        "identifier status operationalStatus name alias description mode telecom address physicalType position \
            managingOrganization partOf endpoint",
    ),
    Changed("type", List("type")),
];

pub(super) const COVERAGE: &[Element] = &[
    Same(
        "identifier status type policyHolder subscriber subscriberId beneficiary dependent relationship period payor order \
            network contract",
    ),
    Changed(
        "grouping",
        KeptParts(&[
            ("group", "valueString"),
            ("groupDisplay", "valueString"),
            ("subGroup", "valueString"),
            ("subGroupDisplay", "valueString"),
            ("plan", "valueString"),
            ("planDisplay", "valueString"),
            ("subPlan", "valueString"),
            ("subPlanDisplay", "valueString"),
            ("class", "valueString"),
            ("classDisplay", "valueString"),
            ("subClass", "valueString"),
            ("subClassDisplay", "valueString"),
        ]),
    ),
    Changed("sequence", Kept("valueString")),
];

pub(super) fn coverage(_: &Resource, out: &mut Resource) -> Option<()> {
    ["status", "beneficiary", "payor"].iter().all(|name| out.contains_key(*name)).then_some(())
}

pub(super) const DEVICE: &[Element] = &[
    Same(
        "identifier status type lotNumber manufacturer manufactureDate expirationDate patient owner contact location url \
            note safety",
    ),
    Changed("udi", Own),
    Changed("model", Own),
    Changed("version", Own),
];

/// A device has its names and versions in lists in R4.
pub(super) fn device(from: &Resource, out: &mut Resource) -> Option<()> {
    const CARRIER: &[Element] =
        &[Same("deviceIdentifier issuer jurisdiction carrierAIDC carrierHRF entryType"), Changed("name", Own)];
    let mut names = Vec::new();
    if let Some(udi) = from.get("udi") {
        let udi = udi.as_object()?;
        put(out, "udiCarrier", json!([moved(udi, CARRIER, &format!("{EXTENSION}Device.udi"))?]))?;
        names.extend(udi.get("name").map(|name| json!({ "name": name, "type": "udi-label-name" })));
    }
    names.extend(from.get("model").map(|name| json!({ "name": name, "type": "model-name" })));
    if !names.is_empty() {
        put(out, "deviceName", Value::Array(names))?;
    }
    if let Some(version) = from.get("version") {
        put(out, "version", json!([{ "value": version }]))?;
    }
    Some(())
}
