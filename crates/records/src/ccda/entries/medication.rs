//! Medicines taken, ordered, given and handed out: MedicationStatement, MedicationRequest, MedicationAdministration,
//! MedicationDispense (CF-medications).

mod administration;
mod dosage;
mod product;
mod request;
mod statement;

use super::{mapped_status, marked};
use crate::{
    ccda::{
        Resource,
        codes::{self, mapped},
        datatypes::{attribute, mapped_code, null_flavor, put_list, xsi_type},
        people::WhoKind,
        reader::{Reader, negated},
        sections::{Kind, templates},
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};
pub(super) use product::named;
use product::{says_no_medicine, says_nothing_is_known};
use request::first_order;

const EVERYBODY: &[WhoKind] =
    &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson, WhoKind::Device];
const PEOPLE: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];

impl<'d> Reader<'d> {
    /// A Medication Activity. What happened is a statement, or an administration where the section says that they were
    /// given; what is meant to happen is a request.
    pub(super) fn medication(&mut self, act: Node<'d>) -> Vec<String> {
        let mood = attribute(act, "moodCode").unwrap_or("EVN");
        if says_nothing_is_known(act) {
            self.skip(act, CcdaSkip::NoInformation { null_flavor: "UNK".to_owned() });
            return self.inner(act).into_iter().map(|(_, reference)| reference).collect();
        }
        let Some((key, medication, contained)) = self.medicine(act) else {
            // "None were given" and "none are planned" are no medicines, and no word on which the person takes.
            let says_none = null_flavor(act).is_some() || negated(act) || says_no_medicine(act);
            let reason = if says_none { super::no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return self.inner(act).into_iter().map(|(_, reference)| reference).collect();
        };
        let kind = match mood {
            _ if says_no_medicine(act) => "MedicationStatement",
            "EVN" if self.kind == Kind::Administered => "MedicationAdministration",
            "EVN" => "MedicationStatement",
            _ => "MedicationRequest",
        };
        let mut out = self.start(kind, act);
        put_list(&mut out, "contained", contained.into_iter().collect());
        match kind {
            "MedicationRequest" => self.fill_request(&mut out, act, mood, key, medication),
            "MedicationAdministration" => self.fill_administration(&mut out, act, key, medication),
            _ => self.fill_statement(&mut out, act, key, medication),
        }
        let reference = self.add(act, out);
        // A request already says how much may be handed out, by its first order.
        let said = if kind == "MedicationRequest" { first_order(act).map(Node::id) } else { None };
        for link in act.all("entryRelationship") {
            for inner in link.children().filter(|child| super::is_act(*child)) {
                if !self.is_own(inner) {
                    self.act_record(inner, Some(act));
                    continue;
                }
                let is_order = templates(inner).any(|root| root == "2.16.840.1.113883.10.20.22.4.17");
                let is_dispense = templates(inner).any(|root| root == "2.16.840.1.113883.10.20.22.4.18");
                let is_supply = inner.name() == "supply";
                let happened = matches!(attribute(inner, "moodCode"), None | Some("EVN"));
                if attribute(link, "typeCode") == Some("RSON") {
                    self.unsaid_reason(inner, act);
                } else if is_part_of_medication(inner) {
                    continue;
                } else if said == Some(inner.id()) {
                    self.inner(inner);
                } else if is_dispense || (is_supply && happened && !is_order) {
                    self.dispense(inner, Some((act, &reference)));
                } else if is_order || is_supply {
                    self.supply_order(inner, Some(act));
                } else {
                    self.act_record(inner, Some(act));
                }
            }
        }
        vec![reference]
    }
}

impl<'d> Reader<'d> {
    /// The status of a medicine. CCD has it in an observation of its own, beside a `statusCode` that is always "completed". And
    /// "completed" often says that the writing is: a medicine whose end is after the document is being taken.
    fn medicine_status(&self, act: Node<'d>, map: codes::Map, otherwise: &'static str) -> &'static str {
        let written = mapped_status(act, map, otherwise);
        match said_status(act) {
            _ if written == "entered-in-error" => written,
            Some(said) => said,
            None if written == "completed" && self.ends_later(act) => "active",
            None => written,
        }
    }

    fn ends_later(&self, act: Node<'d>) -> bool {
        let end = bounds(act).and_then(|bounds| bounds.child("high"));
        let end = end.and_then(time::start_of).and_then(time::point);
        let made = self.document_time.as_deref();
        end.zip(made).is_some_and(|(end, made)| !time::is_before(&end.text, made))
    }
}

/// What a Medication Status Observation (CCD 1.0, 3.9.2.3) says. Its words come first: CCD prints the codes of its four
/// statuses in another order than SNOMED CT has them, and documents follow either.
fn said_status(act: Node<'_>) -> Option<&'static str> {
    let value = marked(act, &["2.16.840.1.113883.10.20.1.47"], "33999-4")?.child("value")?;
    let words = attribute(value, "displayName").and_then(|words| mapped(codes::MEDICINE_STATUS, words));
    words.or_else(|| mapped_code(value, codes::MEDICINE_STATUS))
}

/// Parts of a medication that its own reader reads.
fn is_part_of_medication(inner: Node<'_>) -> bool {
    templates(inner).any(|root| {
        matches!(
            root,
            "2.16.840.1.113883.10.20.22.4.20" | "2.16.840.1.113883.10.20.22.4.147" | "2.16.840.1.113883.10.20.1.49"
        )
    })
}

/// The effectiveTime that bounds an administration: the first that is no frequency.
fn bounds<'d>(act: Node<'d>) -> Option<Node<'d>> {
    act.all("effectiveTime").find(|time| {
        attribute(*time, "operator") != Some("A") && !matches!(xsi_type(*time), "PIVL_TS" | "EIVL_TS" | "PIVL" | "EIVL")
    })
}

/// As [`time::put_moment`], with a period also where only its beginning is known: a medicine is taken over time.
fn put_span_of_time(out: &mut Resource, name: &str, time: Node<'_>) {
    let is_point = attribute(time, "value").is_some();
    match time::period(time).filter(|_| !is_point) {
        Some(period) => {
            out.insert(format!("{name}Period"), period);
        }
        None if time::start_of(time).is_some() => {
            time::put_point(out, &format!("{name}DateTime"), time);
        }
        None => {}
    }
}
