//! Medicines: what they are, and that they were ordered, given out and taken.

use serde_json::{Value, json};

use super::super::{
    Element,
    To::{Inside, Kept, List, Named, Note, Own, Same, Single, Within, WithinList},
    list, moved, put,
};
use super::{is_true, one_of, text};
use crate::convert::Resource;

pub(super) const MEDICATION: &[Element] = &[
    Element("code", Same),
    Element("isBrand", Kept("valueBoolean")),
    Element("manufacturer", Same),
    Element("product", Own),
];

/// The parts of a product stand in the medicine itself in R4.
pub(super) fn product(from: &Resource, out: &mut Resource) -> Option<()> {
    const PRODUCT: &[Element] = &[
        Element("form", Same),
        Element(
            "ingredient",
            WithinList("ingredient", &[Element("item", Named("itemReference")), Element("amount", Named("strength"))]),
        ),
        Element("batch", Single("batch")),
    ];
    if let Some(product) = from.get("product") {
        out.extend(moved(product.as_object()?, PRODUCT, "Medication.product")?);
    }
    Some(())
}

const TIMING: &[Element] = &[
    Element("event", Same),
    Element("code", Same),
    Element(
        "repeat",
        Within(
            "repeat",
            &[
                Element("boundsRange", Same),
                Element("boundsPeriod", Same),
                Element("count", Same),
                Element("duration", Same),
                Element("durationMax", Same),
                Element("durationUnits", Named("durationUnit")),
                Element("frequency", Same),
                Element("frequencyMax", Same),
                Element("period", Same),
                Element("periodMax", Same),
                Element("periodUnits", Named("periodUnit")),
                Element("when", List("when")),
            ],
        ),
    ),
];
/// Those of an order and of a statement.
const DOSAGE: &[Element] = &[
    Element("text", Same),
    Element("additionalInstructions", List("additionalInstruction")),
    Element("timing", Within("timing", TIMING)),
    Element("asNeededBoolean", Same),
    Element("asNeededCodeableConcept", Same),
    Element("siteCodeableConcept", Named("site")),
    Element("siteReference", Kept("valueReference")),
    Element("route", Same),
    Element("method", Same),
    Element("doseQuantity", Inside("doseAndRate", "doseQuantity")),
    Element("doseRange", Inside("doseAndRate", "doseRange")),
    Element("quantityQuantity", Inside("doseAndRate", "doseQuantity")),
    Element("quantityRange", Inside("doseAndRate", "doseRange")),
    Element("rateRatio", Inside("doseAndRate", "rateRatio")),
    Element("rateRange", Inside("doseAndRate", "rateRange")),
    Element("maxDosePerPeriod", Same),
];

pub(super) const ORDER: &[Element] = &[
    Element("identifier", Same),
    Element("dateWritten", Named("authoredOn")),
    Element("status", Same),
    Element("dateEnded", Kept("valueDateTime")),
    Element("reasonEnded", Named("statusReason")),
    Element("patient", Named("subject")),
    Element("prescriber", Named("requester")),
    Element("encounter", Same),
    Element("reasonCodeableConcept", List("reasonCode")),
    Element("reasonReference", List("reasonReference")),
    Element("note", Note("note")),
    Element("medicationCodeableConcept", Same),
    Element("medicationReference", Same),
    Element("dosageInstruction", WithinList("dosageInstruction", DOSAGE)),
    Element(
        "dispenseRequest",
        Within(
            "dispenseRequest",
            &[
                Element("medicationCodeableConcept", Kept("valueCodeableConcept")),
                Element("medicationReference", Kept("valueReference")),
                Element("validityPeriod", Same),
                Element("numberOfRepeatsAllowed", Same),
                Element("quantity", Same),
                Element("expectedSupplyDuration", Same),
            ],
        ),
    ),
    Element(
        "substitution",
        Within("substitution", &[Element("type", Named("allowedCodeableConcept")), Element("reason", Same)]),
    ),
    Element("priorPrescription", Same),
];

pub(super) fn order(_: &Resource, out: &mut Resource) -> Option<()> {
    put(out, "intent", "order".into())?;
    out.entry("status").or_insert_with(|| "unknown".into());
    has_medicine(out)
}

/// R4 demands a medicine and whose it is.
fn has_medicine(out: &Resource) -> Option<()> {
    let medicine = out.contains_key("medicationCodeableConcept") || out.contains_key("medicationReference");
    (medicine && out.contains_key("subject")).then_some(())
}

pub(super) const STATEMENT: &[Element] = &[
    Element("identifier", Same),
    Element("patient", Named("subject")),
    Element("informationSource", Same),
    Element("dateAsserted", Same),
    Element("status", Own),
    Element("wasNotTaken", Own),
    Element("reasonNotTaken", List("statusReason")),
    Element("reasonForUseCodeableConcept", List("reasonCode")),
    Element("reasonForUseReference", List("reasonReference")),
    Element("effectiveDateTime", Same),
    Element("effectivePeriod", Same),
    Element("note", Note("note")),
    Element("supportingInformation", Named("derivedFrom")),
    Element("medicationCodeableConcept", Same),
    Element("medicationReference", Same),
    Element("dosage", WithinList("dosage", DOSAGE)),
];

pub(super) fn statement(from: &Resource, out: &mut Resource) -> Option<()> {
    let taken = match text(from, "status")? {
        code if is_true(from, "wasNotTaken")? && code != "entered-in-error" => "not-taken",
        code => one_of(code, &["active", "completed", "entered-in-error", "intended"])?,
    };
    put(out, "status", taken.into())?;
    has_medicine(out)
}

pub(super) const DISPENSE: &[Element] = &[
    Element("identifier", List("identifier")),
    Element("status", Same),
    Element("patient", Named("subject")),
    Element("dispenser", Own),
    Element("authorizingPrescription", Same),
    Element("type", Same),
    Element("quantity", Same),
    Element("daysSupply", Same),
    Element("medicationCodeableConcept", Same),
    Element("medicationReference", Same),
    Element("whenPrepared", Same),
    Element("whenHandedOver", Same),
    Element("destination", Same),
    Element("receiver", Same),
    Element("note", Note("note")),
    Element("dosageInstruction", WithinList("dosageInstruction", DOSAGE)),
    Element("substitution", Own),
];

pub(super) fn dispense(from: &Resource, out: &mut Resource) -> Option<()> {
    if let Some(substitution) = from.get("substitution") {
        const SUBSTITUTION: &[Element] =
            &[Element("type", Same), Element("reason", Same), Element("responsibleParty", Same)];
        let mut made = moved(substitution.as_object()?, SUBSTITUTION, "MedicationDispense.substitution")?;
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
