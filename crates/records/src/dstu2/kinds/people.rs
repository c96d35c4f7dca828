//! People and organizations.

use serde_json::Value;

use super::super::{
    Element,
    To::{Code, KeptParts, List, Named, Names, Own, Same, WithinList},
    list, names, put,
};
use crate::convert::Resource;

pub(super) const ORGANIZATION: &[Element] = &[
    Element("identifier", Same),
    Element("active", Same),
    Element("type", List("type")),
    Element("name", Same),
    Element("telecom", Same),
    Element("address", Same),
    Element("partOf", Same),
    Element(
        "contact",
        WithinList(
            "contact",
            &[
                Element("purpose", Same),
                Element("name", Names("name")),
                Element("telecom", Same),
                Element("address", Same),
            ],
        ),
    ),
];

pub(super) const PATIENT: &[Element] = &[
    Element("identifier", Same),
    Element("active", Same),
    Element("name", Names("name")),
    Element("telecom", Same),
    Element("gender", Same),
    Element("birthDate", Same),
    Element("deceasedBoolean", Same),
    Element("deceasedDateTime", Same),
    Element("address", Same),
    Element("maritalStatus", Same),
    Element("multipleBirthBoolean", Same),
    Element("multipleBirthInteger", Same),
    Element("photo", Same),
    Element(
        "contact",
        WithinList(
            "contact",
            &[
                Element("relationship", Same),
                Element("name", Names("name")),
                Element("telecom", Same),
                Element("address", Same),
                Element("gender", Same),
                Element("organization", Same),
                Element("period", Same),
            ],
        ),
    ),
    Element("communication", Same),
    Element("careProvider", Named("generalPractitioner")),
    Element("managingOrganization", Same),
    Element(
        "link",
        WithinList(
            "link",
            &[
                Element("other", Same),
                Element(
                    "type",
                    Code("type", &[("replace", "replaced-by"), ("refer", "refer"), ("seealso", "seealso")]),
                ),
            ],
        ),
    ),
];

pub(super) const PRACTITIONER: &[Element] = &[
    Element("identifier", Same),
    Element("active", Same),
    Element("name", Own),
    Element("telecom", Same),
    Element("address", Same),
    Element("gender", Same),
    Element("birthDate", Same),
    Element("photo", Same),
    Element("qualification", Same),
    Element("communication", Same),
    // A resource of its own since STU3.
    Element(
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
