//! Visits, plans, orders, documents and lists.

use serde_json::Value;

use super::{
    super::{
        Element::{self, Changed, Same},
        To::{Code, Concept, Instead, Kept, List, Named, Own, OwnCode, Single, Within, WithinList},
        extension, keep, list, put,
        shared::{coded, one_of, put_code, text},
    },
    CONTEXT, DEFINITION, EXTENSION, REQUESTER,
};
use crate::{convert::Resource, outgoing::absent};

/// The status of what is to be done.
const REQUEST_STATUS: &[(&str, &str)] = &[
    ("draft", "draft"),
    ("active", "active"),
    ("suspended", "on-hold"),
    ("completed", "completed"),
    ("entered-in-error", "entered-in-error"),
    ("cancelled", "revoked"),
    ("unknown", "unknown"),
];

pub(super) const ENCOUNTER: &[Element] = &[
    Same(
        "identifier status statusHistory class classHistory type priority subject episodeOfCare participant period length \
            account hospitalization location serviceProvider partOf",
    ),
    Changed("incomingReferral", Named("basedOn")),
    Changed("appointment", List("appointment")),
    Changed("reason", Named("reasonCode")),
    Changed("diagnosis", WithinList("diagnosis", &[Same("condition rank"), Changed("role", Named("use"))])),
];

/// R4 demands a class.
pub(super) fn encounter(_: &Resource, out: &mut Resource) -> Option<()> {
    out.entry("class").or_insert_with(absent);
    Some(())
}

pub(super) const EPISODE: &[Element] = &[Same(
    "identifier status statusHistory type diagnosis patient managingOrganization period referralRequest careManager team \
        account",
)];

pub(super) const APPOINTMENT: &[Element] = &[
    Same(
        "identifier status serviceType specialty appointmentType priority description supportingInformation start end \
            minutesDuration slot created comment participant requestedPeriod",
    ),
    Changed("serviceCategory", List("serviceCategory")),
    Changed("reason", Named("reasonCode")),
    Changed("indication", Named("reasonReference")),
    Changed("incomingReferral", Named("basedOn")),
];

pub(super) const BINARY: &[Element] = &[Same("contentType securityContext"), Changed("content", Named("data"))];

pub(super) const CARE_PLAN: &[Element] = &[
    Same(
        "identifier basedOn replaces partOf intent category title description subject period careTeam addresses \
            supportingInfo goal note",
    ),
    CONTEXT,
    DEFINITION,
    Changed("status", Code("status", REQUEST_STATUS)),
    Changed("author", Own),
    Changed(
        "activity",
        WithinList(
            "activity",
            &[
                Same("outcomeCodeableConcept outcomeReference progress reference"),
                Changed("detail", Within("detail", ACTIVITY)),
            ],
        ),
    ),
];
const ACTIVITY: &[Element] = &[
    Same(
        "code reasonCode reasonReference goal status scheduledTiming scheduledPeriod scheduledString location performer \
            productCodeableConcept productReference dailyAmount quantity description",
    ),
    DEFINITION,
    Changed("category", Kept("valueCodeableConcept")),
    Changed("statusReason", Concept("statusReason")),
    Changed("prohibited", Named("doNotPerform")),
];

/// R4 has one author, and others who contributed.
pub(super) fn care_plan(from: &Resource, out: &mut Resource) -> Option<()> {
    let mut authors = from.get("author").map(list).unwrap_or_default();
    if !authors.is_empty() {
        put(out, "author", authors.remove(0))?;
    }
    if !authors.is_empty() {
        put(out, "contributor", Value::Array(authors))?;
    }
    out.contains_key("subject").then_some(())
}

pub(super) const CARE_TEAM: &[Element] = &[
    Same("identifier status category name subject period reasonCode reasonReference managingOrganization note"),
    CONTEXT,
    Changed(
        "participant",
        WithinList("participant", &[Same("member onBehalfOf period"), Changed("role", List("role"))]),
    ),
];

pub(super) const GOAL: &[Element] = &[
    Same(
        "identifier category priority description subject startDate startCodeableConcept statusDate statusReason \
            expressedBy addresses note outcomeCode outcomeReference",
    ),
    Changed("status", OwnCode),
    Changed("target", List("target")),
];

/// One status became two: where the goal stands, and how far it is reached.
pub(super) fn goal(from: &Resource, out: &mut Resource) -> Option<()> {
    const ACHIEVEMENT: &str = "http://terminology.hl7.org/CodeSystem/goal-achievement";
    const SAME: &[&str] = &["proposed", "accepted", "planned", "on-hold", "cancelled", "entered-in-error", "rejected"];
    let status = text(from, "status")?;
    let (lifecycle, achievement) = match status {
        "in-progress" | "on-target" | "ahead-of-target" | "behind-target" => ("active", Some("in-progress")),
        "sustaining" => ("active", Some("sustaining")),
        "achieved" => ("completed", Some("achieved")),
        code => (one_of(code, SAME)?, None),
    };
    put_code(from, "status", out, "lifecycleStatus", lifecycle)?;
    if let Some(code) = achievement {
        put(out, "achievementStatus", coded(ACHIEVEMENT, code))?;
    }
    if status.ends_with("-target") {
        keep(out, vec![extension(&format!("{EXTENSION}Goal.status"), "valueCode", &status.into())])?;
    }
    (out.contains_key("description") && out.contains_key("subject")).then_some(())
}

pub(super) const PROCEDURE_REQUEST: &[Element] = &[
    Same(
        "identifier basedOn replaces requisition intent priority doNotPerform category code subject occurrenceDateTime \
            occurrencePeriod occurrenceTiming asNeededBoolean asNeededCodeableConcept authoredOn performerType reasonCode \
            reasonReference supportingInfo specimen bodySite note relevantHistory",
    ),
    CONTEXT,
    DEFINITION,
    REQUESTER,
    Changed("status", Code("status", REQUEST_STATUS)),
    Changed("performer", List("performer")),
];

pub(super) const REFERRAL: &[Element] = &[
    Same(
        "identifier basedOn replaces intent priority subject occurrenceDateTime occurrencePeriod authoredOn reasonCode \
            reasonReference supportingInfo note relevantHistory",
    ),
    CONTEXT,
    DEFINITION,
    REQUESTER,
    Changed("groupIdentifier", Named("requisition")),
    Changed("status", Code("status", REQUEST_STATUS)),
    Changed("type", List("category")),
    Changed("serviceRequested", Single("code")),
    Changed("specialty", Named("performerType")),
    Changed("recipient", List("performer")),
    Changed("description", Kept("valueString")),
];

pub(super) const DEVICE_REQUEST: &[Element] = &[
    Same(
        "identifier basedOn priorRequest groupIdentifier priority codeReference codeCodeableConcept subject \
            occurrenceDateTime occurrencePeriod occurrenceTiming authoredOn performerType performer reasonCode \
            reasonReference supportingInfo note relevantHistory",
    ),
    CONTEXT,
    DEFINITION,
    REQUESTER,
    Changed("status", Code("status", REQUEST_STATUS)),
    Changed("intent", Own),
];

/// What the order is meant as was a concept and is a code.
pub(super) fn device_request(from: &Resource, out: &mut Resource) -> Option<()> {
    const INTENT: &[&str] = &[
        "proposal",
        "plan",
        "directive",
        "order",
        "original-order",
        "reflex-order",
        "filler-order",
        "instance-order",
        "option",
    ];
    let codings = from.get("intent")?.get("coding")?.as_array()?;
    let code = codings.iter().find_map(|coding| one_of(coding.get("code")?.as_str()?, INTENT))?;
    put(out, "intent", code.into())?;
    let device = out.contains_key("codeReference") || out.contains_key("codeCodeableConcept");
    (device && out.contains_key("subject")).then_some(())
}

pub(super) const NUTRITION: &[Element] = &[
    Same(
        "identifier patient encounter dateTime orderer allergyIntolerance foodPreferenceModifier excludeFoodModifier \
            oralDiet supplement enteralFormula",
    ),
    Changed("status", OwnCode),
];

/// How far the order had come was its status; R4 has what it is meant as apart from that.
pub(super) fn nutrition(from: &Resource, out: &mut Resource) -> Option<()> {
    let (status, intent) = match text(from, "status")? {
        "proposed" => ("draft", "proposal"),
        "planned" => ("draft", "plan"),
        "draft" => ("draft", "order"),
        "requested" => ("active", "order"),
        "cancelled" => ("revoked", "order"),
        code => (one_of(code, &["active", "on-hold", "completed", "entered-in-error"])?, "order"),
    };
    put_code(from, "status", out, "status", status)?;
    put(out, "intent", intent.into())?;
    (out.contains_key("patient") && out.contains_key("dateTime")).then_some(())
}

pub(super) const DEVICE_USE: &[Element] = &[
    Same("identifier status subject timingTiming timingPeriod timingDateTime recordedOn source device bodySite note"),
    Changed("whenUsed", Own),
    Changed("indication", Named("reasonCode")),
];

/// R4 has one time for it.
pub(super) fn device_use(from: &Resource, out: &mut Resource) -> Option<()> {
    if let Some(period) = from.get("whenUsed") {
        if out.keys().any(|name| name.trim_start_matches('_').starts_with("timing")) {
            keep(out, vec![extension(&format!("{EXTENSION}DeviceUseStatement.whenUsed"), "valuePeriod", period)])?;
        } else {
            put(out, "timingPeriod", period.clone())?;
        }
    }
    (out.contains_key("subject") && out.contains_key("device")).then_some(())
}

pub(super) const FLAG: &[Element] =
    &[Same("identifier status code subject period encounter author"), Changed("category", List("category"))];

pub(super) const LIST: &[Element] =
    &[Same("identifier status mode title code subject encounter date source orderedBy note entry emptyReason")];

pub(super) const DOCUMENT: &[Element] = &[
    Same(
        "masterIdentifier identifier status docStatus type subject author authenticator custodian relatesTo description \
            securityLabel content",
    ),
    Changed("class", List("category")),
    Changed("created", Kept("valueDateTime")),
    Changed("indexed", Named("date")),
    Changed(
        "context",
        Within(
            "context",
            &[
                Same("event period facilityType practiceSetting sourcePatientInfo"),
                Changed("encounter", List("encounter")),
                Changed("related", Instead("related", "ref", &[Same("identifier")])),
            ],
        ),
    ),
];

pub(super) const COMPOSITION: &[Element] = &[
    Same(
        "identifier status type subject encounter date author title confidentiality custodian relatesTo event section",
    ),
    Changed("class", List("category")),
    Changed("attester", WithinList("attester", &[Same("time party"), Changed("mode", Single("mode"))])),
];
