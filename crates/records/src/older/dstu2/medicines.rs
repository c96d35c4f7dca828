//! Medicines: what they are, and that they were ordered, given out and taken.

use serde_json::{Value, json};

use super::{
    super::{
        Element::{self, Changed, Same},
        To::{Inside, Kept, KeptParts, List, Named, Note, Own, OwnCode, Single, Within, WithinList},
        list, moved, put, put_all,
        shared::{DOSE_QUANTITY, DOSE_RANGE, RATE_RANGE, RATE_RATIO, has_medicine, is_denied, one_of, put_code, text},
    },
    EXTENSION,
};
use crate::convert::Resource;

pub(super) const MEDICATION: &[Element] = &[
    Same("code manufacturer"),
    Changed("isBrand", Kept("valueBoolean")),
    Changed("product", Own),
    Changed("package", Own),
];

/// The parts of a product stand in the medicine itself in R4, which has no packages.
pub(super) fn product(from: &Resource, out: &mut Resource) -> Option<()> {
    const PRODUCT: &[Element] = &[
        Same("form"),
        Changed(
            "ingredient",
            WithinList("ingredient", &[Changed("item", Named("itemReference")), Changed("amount", Named("strength"))]),
        ),
        Changed("batch", Single("batch")),
    ];
    const PACKAGE: &[Element] = &[
        Changed("container", Kept("valueCodeableConcept")),
        Changed("content", KeptParts(&[("item", "valueReference"), ("amount", "valueQuantity")])),
    ];
    for (name, parts) in [("product", PRODUCT), ("package", PACKAGE)] {
        if let Some(value) = from.get(name) {
            put_all(out, moved(value.as_object()?, parts, &format!("{EXTENSION}Medication.{name}"))?)?;
        }
    }
    Some(())
}

const TIMING: &[Element] = &[
    Same("event code"),
    Changed(
        "repeat",
        Within(
            "repeat",
            &[
                Same(
                    "boundsRange boundsPeriod count duration durationMax frequency frequencyMax period \
                        periodMax",
                ),
                Changed("durationUnits", Named("durationUnit")),
                Changed("periodUnits", Named("periodUnit")),
                Changed("when", List("when")),
            ],
        ),
    ),
];
/// Those of an order and of a statement.
const DOSAGE: &[Element] = &[
    Same("text asNeededBoolean asNeededCodeableConcept route method maxDosePerPeriod"),
    Changed("additionalInstructions", List("additionalInstruction")),
    Changed("timing", Within("timing", TIMING)),
    Changed("siteCodeableConcept", Named("site")),
    Changed("siteReference", Kept("valueReference")),
    DOSE_QUANTITY,
    DOSE_RANGE,
    Changed("quantityQuantity", Inside("doseAndRate", "doseQuantity")),
    Changed("quantityRange", Inside("doseAndRate", "doseRange")),
    RATE_RATIO,
    RATE_RANGE,
];

pub(super) const ORDER: &[Element] = &[
    Same("identifier status encounter medicationCodeableConcept medicationReference priorPrescription"),
    Changed("dateWritten", Named("authoredOn")),
    Changed("dateEnded", Kept("valueDateTime")),
    Changed("reasonEnded", Named("statusReason")),
    Changed("patient", Named("subject")),
    Changed("prescriber", Named("requester")),
    Changed("reasonCodeableConcept", List("reasonCode")),
    Changed("reasonReference", List("reasonReference")),
    Changed("note", Note("note")),
    Changed("dosageInstruction", WithinList("dosageInstruction", DOSAGE)),
    Changed(
        "dispenseRequest",
        Within(
            "dispenseRequest",
            &[
                Same("validityPeriod numberOfRepeatsAllowed quantity expectedSupplyDuration"),
                Changed("medicationCodeableConcept", Kept("valueCodeableConcept")),
                Changed("medicationReference", Kept("valueReference")),
            ],
        ),
    ),
    Changed(
        "substitution",
        Within("substitution", &[Same("reason"), Changed("type", Named("allowedCodeableConcept"))]),
    ),
];

pub(super) fn order(_: &Resource, out: &mut Resource) -> Option<()> {
    put(out, "intent", "order".into())?;
    out.entry("status").or_insert_with(|| "unknown".into());
    has_medicine(out)
}

pub(super) const STATEMENT: &[Element] = &[
    Same(
        "identifier informationSource dateAsserted effectiveDateTime effectivePeriod medicationCodeableConcept \
            medicationReference",
    ),
    Changed("patient", Named("subject")),
    Changed("status", OwnCode),
    Changed("wasNotTaken", Own),
    Changed("reasonNotTaken", List("statusReason")),
    Changed("reasonForUseCodeableConcept", List("reasonCode")),
    Changed("reasonForUseReference", List("reasonReference")),
    Changed("note", Note("note")),
    Changed("supportingInformation", Named("derivedFrom")),
    Changed("dosage", WithinList("dosage", DOSAGE)),
];

pub(super) fn statement(from: &Resource, out: &mut Resource) -> Option<()> {
    let taken = match text(from, "status")? {
        code if is_denied(from, "wasNotTaken", code)? => "not-taken",
        code => one_of(code, &["active", "completed", "entered-in-error", "intended"])?,
    };
    put_code(from, "status", out, "status", taken)?;
    has_medicine(out)
}

pub(super) const DISPENSE: &[Element] = &[
    Same(
        "status authorizingPrescription type quantity daysSupply medicationCodeableConcept medicationReference \
            whenPrepared whenHandedOver destination receiver",
    ),
    Changed("identifier", List("identifier")),
    Changed("patient", Named("subject")),
    Changed("dispenser", Own),
    Changed("note", Note("note")),
    Changed("dosageInstruction", WithinList("dosageInstruction", DOSAGE)),
    Changed("substitution", Own),
];

pub(super) fn dispense(from: &Resource, out: &mut Resource) -> Option<()> {
    if let Some(substitution) = from.get("substitution") {
        const SUBSTITUTION: &[Element] = &[Same("type reason responsibleParty")];
        let mut made =
            moved(substitution.as_object()?, SUBSTITUTION, &format!("{EXTENSION}MedicationDispense.substitution"))?;
        let codings = made.get("type").and_then(|kind| kind.get("coding")).map(list).unwrap_or_default();
        // The code for none, of v3's ActCode.
        let none = codings.iter().any(|coding| coding.get("code").and_then(Value::as_str) == Some("N"));
        put(&mut made, "wasSubstituted", (!none).into())?;
        put(out, "substitution", Value::Object(made))?;
    }
    if let Some(actor) = from.get("dispenser") {
        put(out, "performer", json!([{ "actor": actor }]))?;
    }
    out.entry("status").or_insert_with(|| "unknown".into());
    has_medicine(out)
}
