//! Medicines: what they are, and that they were ordered, given out, given and taken.

use super::{
    super::{
        Element::{self, Changed, Same},
        To::{Inside, Kept, KeptParts, List, Named, Own, OwnCode, Single, Within, WithinList},
        extension, keep, moved, put_all,
        shared::{
            DOSE_QUANTITY, DOSE_RANGE, RATE_RANGE, RATE_RATIO, has_medicine, is_denied, one_of, optional_code,
            put_code, text,
        },
    },
    CONTEXT, DEFINITION, EXTENSION, REQUESTER,
};
use crate::convert::Resource;

pub(super) const MEDICATION: &[Element] = &[
    Same("code status manufacturer form"),
    Changed("isBrand", Kept("valueBoolean")),
    Changed("isOverTheCounter", Kept("valueBoolean")),
    Changed(
        "ingredient",
        WithinList(
            "ingredient",
            &[Same("itemCodeableConcept itemReference isActive"), Changed("amount", Named("strength"))],
        ),
    ),
    Changed("package", Own),
    Changed("image", Kept("valueAttachment")),
];

/// R4 has the batch of a package in the medicine itself.
pub(super) fn package(from: &Resource, out: &mut Resource) -> Option<()> {
    const PACKAGE: &[Element] = &[
        Changed("container", Kept("valueCodeableConcept")),
        Changed("content", KeptParts(CONTENT)),
        Changed("batch", Single("batch")),
    ];
    const CONTENT: &[(&str, &str)] = &[
        ("itemCodeableConcept", "valueCodeableConcept"),
        ("itemReference", "valueReference"),
        ("amount", "valueQuantity"),
    ];
    match from.get("package") {
        Some(package) => put_all(out, moved(package.as_object()?, PACKAGE, &format!("{EXTENSION}Medication.package"))?),
        None => Some(()),
    }
}

pub(super) const SUBSTANCE: &[Element] = &[Same("identifier status category code description instance ingredient")];

const DOSAGE: &[Element] = &[
    Same(
        "sequence text additionalInstruction patientInstruction timing asNeededBoolean asNeededCodeableConcept site route \
            method maxDosePerPeriod maxDosePerAdministration maxDosePerLifetime",
    ),
    DOSE_QUANTITY,
    DOSE_RANGE,
    RATE_RATIO,
    RATE_RANGE,
    Changed("rateQuantity", Inside("doseAndRate", "rateQuantity")),
];

pub(super) const REQUEST: &[Element] = &[
    Same(
        "identifier basedOn groupIdentifier status intent priority medicationCodeableConcept medicationReference subject \
            supportingInformation authoredOn recorder reasonCode reasonReference note dispenseRequest priorPrescription \
            detectedIssue eventHistory",
    ),
    CONTEXT,
    DEFINITION,
    REQUESTER,
    Changed("category", List("category")),
    Changed("dosageInstruction", WithinList("dosageInstruction", DOSAGE)),
    Changed("substitution", Within("substitution", &[Same("reason"), Changed("allowed", Named("allowedBoolean"))])),
];

pub(super) fn request(_: &Resource, out: &mut Resource) -> Option<()> {
    out.entry("status").or_insert_with(|| "unknown".into());
    has_medicine(out)
}

pub(super) const STATEMENT: &[Element] = &[
    Same(
        "identifier basedOn partOf context category medicationCodeableConcept medicationReference effectiveDateTime \
            effectivePeriod dateAsserted informationSource subject derivedFrom reasonCode reasonReference note",
    ),
    Changed("status", OwnCode),
    Changed("taken", Own),
    Changed("reasonNotTaken", List("statusReason")),
    Changed("dosage", WithinList("dosage", DOSAGE)),
];

/// That it was not taken is a status in R4; that nobody knows is not.
pub(super) fn statement(from: &Resource, out: &mut Resource) -> Option<()> {
    const STATUS: &[&str] = &["active", "completed", "entered-in-error", "intended", "stopped", "on-hold"];
    let mut status = one_of(text(from, "status")?, STATUS)?;
    match text(from, "taken") {
        Some("n") if status != "entered-in-error" => status = "not-taken",
        Some("y" | "n") => {}
        Some("unk" | "na") => {
            let url = format!("{EXTENSION}MedicationStatement.taken");
            keep(out, vec![extension(&url, "valueCode", from.get("taken")?)])?;
        }
        None if !from.contains_key("taken") => {}
        _ => return None,
    }
    put_code(from, "status", out, "status", status)?;
    has_medicine(out)
}

pub(super) const DISPENSE: &[Element] = &[
    Same(
        "identifier partOf category medicationCodeableConcept medicationReference subject context supportingInformation \
            authorizingPrescription type quantity daysSupply whenPrepared whenHandedOver destination receiver note \
            substitution detectedIssue eventHistory",
    ),
    Changed("status", OwnCode),
    Changed("notDone", Own),
    Changed("notDoneReasonCodeableConcept", Named("statusReasonCodeableConcept")),
    Changed("notDoneReasonReference", Named("statusReasonReference")),
    Changed("performer", WithinList("performer", &[Same("actor"), Changed("onBehalfOf", Kept("valueReference"))])),
    Changed("dosageInstruction", WithinList("dosageInstruction", DOSAGE)),
];

pub(super) fn dispense(from: &Resource, out: &mut Resource) -> Option<()> {
    const STATUS: &[&str] = &["preparation", "in-progress", "on-hold", "completed", "entered-in-error", "stopped"];
    let status = optional_code(from, "status", STATUS)?.unwrap_or("unknown");
    let is_declined = is_denied(from, "notDone", status)?;
    put_code(from, "status", out, "status", if is_declined { "declined" } else { status })?;
    has_medicine(out)
}

pub(super) const ADMINISTRATION: &[Element] = &[
    Same(
        "identifier partOf category medicationCodeableConcept medicationReference subject context supportingInformation \
            effectiveDateTime effectivePeriod reasonCode reasonReference device note dosage eventHistory",
    ),
    DEFINITION,
    Changed("status", OwnCode),
    Changed("notGiven", Own),
    Changed("reasonNotGiven", List("statusReason")),
    Changed("prescription", Named("request")),
    Changed("performer", WithinList("performer", &[Same("actor"), Changed("onBehalfOf", Kept("valueReference"))])),
];

pub(super) fn administration(from: &Resource, out: &mut Resource) -> Option<()> {
    const STATUS: &[&str] = &["in-progress", "on-hold", "completed", "entered-in-error", "stopped", "unknown"];
    let status = one_of(text(from, "status")?, STATUS)?;
    let is_omitted = is_denied(from, "notGiven", status)?;
    put_code(from, "status", out, "status", if is_omitted { "not-done" } else { status })?;
    has_medicine(out)
}
