//! People and organizations.

use serde_json::Value;

use super::super::{
    Element::{self, Changed, Same},
    To::{Code, KeptParts, List, Named, Names, Own, WithinList},
    list, names, put,
    shared::ANIMAL,
};
use crate::convert::Resource;

pub(super) const ORGANIZATION: &[Element] = &[
    Same("identifier active name telecom address partOf"),
    Changed("type", List("type")),
    Changed("contact", WithinList("contact", &[Same("purpose telecom address"), Changed("name", Names("name"))])),
];

pub(super) const PATIENT: &[Element] = &[
    Same(
        "identifier active telecom gender birthDate deceasedBoolean deceasedDateTime address maritalStatus \
            multipleBirthBoolean multipleBirthInteger photo communication managingOrganization",
    ),
    Changed("name", Names("name")),
    Changed(
        "contact",
        WithinList(
            "contact",
            &[Same("relationship telecom address gender organization period"), Changed("name", Names("name"))],
        ),
    ),
    Changed("careProvider", Named("generalPractitioner")),
    Changed(
        "link",
        WithinList(
            "link",
            &[
                Same("other"),
                Changed(
                    "type",
                    Code("type", &[("replace", "replaced-by"), ("refer", "refer"), ("seealso", "seealso")]),
                ),
            ],
        ),
    ),
    Changed("animal", ANIMAL),
];

pub(super) const PRACTITIONER: &[Element] = &[
    Same("identifier active telecom address gender birthDate photo qualification communication"),
    Changed("name", Own),
    // A resource of its own since STU3.
    Changed(
        "practitionerRole",
        KeptParts(&[
            ("managingOrganization", "valueReference"),
            ("role", "valueCodeableConcept"),
            ("specialty", "valueCodeableConcept"),
            ("period", "valuePeriod"),
            ("location", "valueReference"),
            ("healthcareService", "valueReference"),
        ]),
    ),
];

/// Several names since R4.
pub(super) fn practitioner(from: &Resource, out: &mut Resource) -> Option<()> {
    match from.get("name") {
        Some(name) => put(out, "name", names(&Value::Array(list(name)))?),
        None => Some(()),
    }
}
