//! What was found and done: allergies, conditions, results, vaccinations, procedures, illnesses in the family.

use super::{
    super::{
        Element::{self, Changed, Same},
        To::{Instead, Kept, KeptParts, List, Named, Note, Own, OwnCode, Single, WithinList},
        put,
        shared::{self, is_denied, one_of, optional_code, put_code, put_concept, text},
    },
    CONTEXT, DEFINITION, EXTENSION,
};
use crate::{
    convert::Resource,
    outgoing::absent,
    terminology::{ALLERGY_CLINICAL, ALLERGY_VERIFICATION},
};

pub(super) const ALLERGY: &[Element] = &[
    Same(
        "identifier type category criticality code patient onsetDateTime onsetAge onsetPeriod onsetRange onsetString \
            recorder asserter lastOccurrence note reaction",
    ),
    Changed("clinicalStatus", OwnCode),
    Changed("verificationStatus", OwnCode),
    Changed("assertedDate", Named("recordedDate")),
];

/// Codes became concepts; what was a mistake has no clinical status (ait-2), anything else has one (ait-1).
pub(super) fn allergy(from: &Resource, out: &mut Resource) -> Option<()> {
    const VERIFICATION: &[&str] = &["unconfirmed", "confirmed", "refuted", "entered-in-error"];
    let clinical = optional_code(from, "clinicalStatus", &["active", "inactive", "resolved"])?;
    let verification = optional_code(from, "verificationStatus", VERIFICATION)?;
    let is_mistake = verification == Some("entered-in-error");
    put_concept(from, "clinicalStatus", out, ("clinicalStatus", ALLERGY_CLINICAL), clinical)?;
    put_concept(from, "verificationStatus", out, ("verificationStatus", ALLERGY_VERIFICATION), verification)?;
    match (out.contains_key("clinicalStatus"), is_mistake) {
        (true, true) => return None,
        (false, false) => put(out, "clinicalStatus", absent())?,
        _ => {}
    }
    out.contains_key("patient").then_some(())
}

pub(super) const CONDITION: &[Element] = &[
    Same(
        "identifier category severity code bodySite subject onsetDateTime onsetAge onsetPeriod onsetRange onsetString \
            abatementDateTime abatementAge abatementPeriod abatementRange abatementString asserter evidence note",
    ),
    CONTEXT,
    Changed("clinicalStatus", OwnCode),
    Changed("verificationStatus", OwnCode),
    Changed("abatementBoolean", Kept("valueBoolean")),
    Changed("assertedDate", Named("recordedDate")),
    Changed("stage", List("stage")),
];

pub(super) fn condition(from: &Resource, out: &mut Resource) -> Option<()> {
    let url = format!("{EXTENSION}Condition.clinicalStatus");
    shared::condition(from, out, &["active", "recurrence", "inactive", "remission", "resolved"], &url)
}

pub(super) const REPORT: &[Element] = &[
    Same(
        "identifier basedOn status code subject effectiveDateTime effectivePeriod issued specimen result imagingStudy \
            conclusion presentedForm",
    ),
    CONTEXT,
    Changed("category", List("category")),
    Changed("performer", Instead("performer", "actor", &[Changed("role", Kept("valueCodeableConcept"))])),
    Changed("image", WithinList("media", &[Same("comment link")])),
    Changed("codedDiagnosis", Named("conclusionCode")),
];

pub(super) const IMMUNIZATION: &[Element] = &[
    Same(
        "identifier vaccineCode patient encounter primarySource reportOrigin location manufacturer lotNumber \
            expirationDate site route doseQuantity note reaction",
    ),
    Changed("status", OwnCode),
    Changed("notGiven", Own),
    Changed("date", Named("occurrenceDateTime")),
    Changed("practitioner", WithinList("performer", &[Same("actor"), Changed("role", Named("function"))])),
    Changed("explanation", Own),
    Changed("vaccinationProtocol", Own),
];

pub(super) fn immunization(from: &Resource, out: &mut Resource) -> Option<()> {
    shared::immunization(from, out, "notGiven", &format!("{EXTENSION}Immunization"))
}

pub(super) const RECOMMENDATION: &[Element] =
    &[Same("identifier patient"), Changed("recommendation", WithinList("recommendation", RECOMMENDED))];
const RECOMMENDED: &[Element] = &[
    Same("targetDisease forecastStatus dateCriterion supportingImmunization supportingPatientInformation"),
    Changed("date", Kept("valueDateTime")),
    Changed("vaccineCode", List("vaccineCode")),
    Changed("doseNumber", Named("doseNumberPositiveInt")),
    Changed(
        "protocol",
        KeptParts(&[
            ("doseSequence", "valuePositiveInt"),
            ("description", "valueString"),
            ("authority", "valueReference"),
            ("series", "valueString"),
        ]),
    ),
];

/// R4 has one date, that of the last.
pub(super) fn recommendation(from: &Resource, out: &mut Resource) -> Option<()> {
    let all = from.get("recommendation")?.as_array()?;
    let dates: Option<Vec<&str>> = all.iter().map(|one| one.get("date")?.as_str()).collect();
    put(out, "date", dates?.into_iter().max()?.into())?;
    out.contains_key("patient").then_some(())
}

pub(super) const OBSERVATION: &[Element] = &[
    Same(
        "identifier basedOn status category code subject effectiveDateTime effectivePeriod issued performer valueQuantity \
            valueCodeableConcept valueString valueBoolean valueRange valueRatio valueSampledData valueTime valueDateTime \
            valuePeriod dataAbsentReason bodySite method specimen device referenceRange",
    ),
    CONTEXT,
    Changed("valueAttachment", Kept("valueAttachment")),
    Changed("interpretation", List("interpretation")),
    Changed("comment", Note("note")),
    Changed("related", Own),
    Changed("component", WithinList("component", COMPONENT)),
];
const COMPONENT: &[Element] = &[
    Same(
        "code valueQuantity valueCodeableConcept valueString valueRange valueRatio valueSampledData valueTime \
            valueDateTime valuePeriod dataAbsentReason referenceRange",
    ),
    Changed("valueAttachment", Kept("valueAttachment")),
    Changed("interpretation", List("interpretation")),
];

pub(super) fn observation(from: &Resource, out: &mut Resource) -> Option<()> {
    shared::related(from, out, &format!("{EXTENSION}Observation.related"))
}

pub(super) const PROCEDURE: &[Element] = &[
    Same(
        "identifier basedOn partOf category code subject performedDateTime performedPeriod location reasonCode \
            reasonReference bodySite outcome report complication complicationDetail followUp note focalDevice \
            usedReference usedCode",
    ),
    CONTEXT,
    DEFINITION,
    Changed("status", OwnCode),
    Changed("notDone", Own),
    Changed("notDoneReason", Named("statusReason")),
    Changed("performer", WithinList("performer", &[Same("actor onBehalfOf"), Changed("role", Named("function"))])),
];

pub(super) fn procedure(from: &Resource, out: &mut Resource) -> Option<()> {
    let status = match text(from, "status")? {
        code if is_denied(from, "notDone", code)? => "not-done",
        "suspended" => "on-hold",
        "aborted" => "stopped",
        code => one_of(code, &["preparation", "in-progress", "completed", "entered-in-error", "unknown"])?,
    };
    put_code(from, "status", out, "status", status)?;
    out.contains_key("subject").then_some(())
}

pub(super) const SPECIMEN: &[Element] = &[Same(
    "identifier accessionIdentifier status type subject receivedTime parent request collection processing container note",
)];

pub(super) const FAMILY: &[Element] = &[
    Same(
        "identifier patient date name relationship bornPeriod bornDate bornString ageAge ageRange ageString estimatedAge \
            deceasedBoolean deceasedAge deceasedRange deceasedDate deceasedString reasonCode reasonReference note condition",
    ),
    DEFINITION,
    Changed("status", OwnCode),
    Changed("notDone", Own),
    Changed("notDoneReason", Single("dataAbsentReason")),
    Changed("gender", OwnCode),
];

/// Of a person who could not be asked about nothing is known.
pub(super) fn family(from: &Resource, out: &mut Resource) -> Option<()> {
    const SEX: (&str, &str) = ("sex", "http://hl7.org/fhir/administrative-gender");
    let status = match text(from, "status")? {
        code if is_denied(from, "notDone", code)? => "health-unknown",
        code => one_of(code, &["partial", "completed", "entered-in-error", "health-unknown"])?,
    };
    put_code(from, "status", out, "status", status)?;
    let sex = optional_code(from, "gender", &["male", "female", "other", "unknown"])?;
    put_concept(from, "gender", out, SEX, sex)?;
    (out.contains_key("patient") && out.contains_key("relationship")).then_some(())
}
