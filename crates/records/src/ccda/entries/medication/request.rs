//! Orders, prescriptions and what is handed out: MedicationRequest, MedicationDispense.

use serde_json::{Value, json};

use super::EVERYBODY;
use crate::{
    ccda::{
        Resource,
        codes::{self, mapped},
        datatypes::{attribute, null_flavor, put, put_list, simple_quantity},
        entries::{mapped_status, no_information, priority},
        reader::{Reader, negated},
        sections::templates,
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};

/// Days Supply (C-CDA supplemental templates).
const DAYS_SUPPLY: &str = "2.16.840.1.113883.10.20.37.3.10";

impl<'d> Reader<'d> {
    pub(super) fn fill_request(&mut self, out: &mut Resource, act: Node<'d>, mood: &str, key: &str, medication: Value) {
        out.insert("status".to_owned(), json!(self.medicine_status(act, codes::REQUEST_STATUS, "active")));
        // ConceptMap-CF-MedActivityMood for orders; what is only planned is a plan.
        let planned = templates(act)
            .any(|root| matches!(root, "2.16.840.1.113883.10.20.22.4.42" | "2.16.840.1.113883.10.20.22.4.120"));
        let intent = if mood == "INT" && !planned { "order" } else { mapped(codes::INTENT, mood).unwrap_or("plan") };
        out.insert("intent".to_owned(), json!(intent));
        put(out, "priority", priority(act).map(Value::from));
        if negated(act) {
            out.insert("doNotPerform".to_owned(), json!(true));
        }
        out.insert(key.to_owned(), medication);
        self.put_subject(out, "subject");
        self.put_recorder(out, &[act], "requester", "authoredOn");
        let performers = self.whos(act, "performer", EVERYBODY);
        put(out, "performer", performers.into_iter().next());
        self.put_reasons(out, act);
        let notes = self.notes(act);
        put_list(out, "note", notes);
        put_list(out, "dosageInstruction", self.dosage(act).into_iter().collect());
        put(out, "dispenseRequest", first_order(act).and_then(dispense_request));
    }

    /// A Medication Supply Order.
    pub(in crate::ccda::entries) fn supply_order(&mut self, act: Node<'d>, around: Option<Node<'d>>) -> Vec<String> {
        let found = self.medicine(act).or_else(|| self.medicine(around?));
        let Some((key, medication, contained)) = found else {
            let reason = if null_flavor(act).is_some() { no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return Vec::new();
        };
        let mut out = self.start("MedicationRequest", act);
        put_list(&mut out, "contained", contained.into_iter().collect());
        out.insert("status".to_owned(), json!(mapped_status(act, codes::REQUEST_STATUS, "unknown")));
        let mood = attribute(act, "moodCode").unwrap_or("INT");
        let intent = if mood == "INT" { "order" } else { mapped(codes::INTENT, mood).unwrap_or("order") };
        out.insert("intent".to_owned(), json!(intent));
        out.insert(key.to_owned(), medication);
        self.put_subject(&mut out, "subject");
        self.put_recorder(&mut out, &[act], "requester", "authoredOn");
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        put_list(&mut out, "dosageInstruction", self.dosage(act).into_iter().collect());
        put(&mut out, "dispenseRequest", dispense_request(act));
        let reference = self.add_part(act, "order", out);
        self.inner(act);
        vec![reference]
    }

    /// A Medication Dispense.
    pub(in crate::ccda::entries) fn dispense(
        &mut self,
        act: Node<'d>,
        around: Option<(Node<'d>, &str)>,
    ) -> Vec<String> {
        let found = self.medicine(act).or_else(|| self.medicine(around?.0));
        let Some((key, medication, contained)) = found else {
            let reason = if null_flavor(act).is_some() { no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return Vec::new();
        };
        let mut out = self.start("MedicationDispense", act);
        put_list(&mut out, "contained", contained.into_iter().collect());
        out.insert("status".to_owned(), json!(mapped_status(act, codes::DISPENSE_STATUS, "unknown")));
        out.insert(key.to_owned(), medication);
        self.put_subject(&mut out, "subject");
        let performers = self.whos(act, "performer", EVERYBODY);
        put_list(&mut out, "performer", performers.into_iter().map(|who| json!({"actor": who})).collect());
        let request = around.map(|(_, reference)| reference).filter(|reference| {
            let kind = self.resource_mut(reference).and_then(|resource| resource.get("resourceType"));
            kind.and_then(Value::as_str) == Some("MedicationRequest")
        });
        put(&mut out, "authorizingPrescription", request.map(|reference| json!([{"reference": reference}])));
        put(&mut out, "quantity", act.child("quantity").and_then(simple_quantity));
        put(&mut out, "daysSupply", days_supply(act).and_then(|supply| simple_quantity(supply.child("quantity")?)));
        if let Some(time) = act.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
            time::put_point(&mut out, "whenHandedOver", time);
        }
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        put_list(&mut out, "dosageInstruction", self.dosage(act).into_iter().collect());
        let reference = self.add_part(act, "dispense", out);
        self.inner(act);
        vec![reference]
    }
}

/// The first order in a medication activity.
pub(super) fn first_order(act: Node<'_>) -> Option<Node<'_>> {
    let mut supplies = act.all("entryRelationship").filter_map(|link| link.child("supply"));
    supplies.find(|supply| !matches!(attribute(*supply, "moodCode"), None | Some("EVN")))
}

fn dispense_request(order: Node<'_>) -> Option<Value> {
    let mut out = Resource::new();
    put(&mut out, "validityPeriod", order.child("effectiveTime").and_then(time::period));
    // C-CDA counts every handing out, FHIR those after the first.
    let repeats = order
        .child("repeatNumber")
        .and_then(|count| attribute(count, "value"))
        .and_then(|count| count.parse::<u32>().ok());
    put(&mut out, "numberOfRepeatsAllowed", repeats.map(|count| json!(count.saturating_sub(1).min(i32::MAX as u32))));
    put(&mut out, "quantity", order.child("quantity").and_then(simple_quantity));
    let supply = days_supply(order).and_then(|supply| simple_quantity(supply.child("quantity")?));
    put(&mut out, "expectedSupplyDuration", supply);
    (!out.is_empty()).then_some(Value::Object(out))
}

/// The Days Supply inside an order or a dispense.
fn days_supply(act: Node<'_>) -> Option<Node<'_>> {
    let mut supplies = act.all("entryRelationship").filter_map(|link| link.child("supply"));
    supplies.find(|supply| templates(*supply).any(|root| root == DAYS_SUPPLY))
}
