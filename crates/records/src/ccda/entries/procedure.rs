//! What was done: Procedure, and Observation where it has a result (CF-procedures).

use serde_json::{Value, json};

use super::mapped_status;
use crate::{
    ccda::{
        codes,
        datatypes::{attribute, codeable, codeable_or_absent, null_flavor, put, put_list},
        people::WhoKind,
        reader::{Reader, negated},
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};

/// The extension for how something was done.
const METHOD: &str = "http://hl7.org/fhir/StructureDefinition/procedure-method";

impl<'d> Reader<'d> {
    /// A Procedure Activity Observation: an Observation where it has a value, else a Procedure.
    pub(super) fn procedure_observation(&mut self, act: Node<'d>) -> Vec<String> {
        let says = act.all("value").any(|value| {
            null_flavor(value).is_none() && (value.attributes().count() > 1 || !value.text().trim().is_empty())
        });
        if says { self.observation(act) } else { self.procedure(act) }
    }

    /// A Procedure Activity Procedure or Act.
    pub(super) fn procedure(&mut self, act: Node<'d>) -> Vec<String> {
        let devices: Vec<Value> = act
            .all("participant")
            // What was not done was done with nothing: "no implants" is no device.
            .filter(|_| !negated(act))
            .filter_map(|participant| participant.child("participantRole"))
            .filter_map(|role| self.product_instance(role, Some(act)))
            .map(|reference| json!({"reference": reference}))
            .collect();
        let inner = self.inner(act);
        let code = match self.act_code(act) {
            Some(code) => code,
            // What was implanted says what was done.
            None if !devices.is_empty() => codeable_or_absent(act.child("code"), &self.texts),
            None => {
                if inner.is_empty() {
                    let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
                    self.skip(act, reason);
                }
                return inner.into_iter().map(|(_, reference)| reference).collect();
            }
        };
        let mut out = self.start("Procedure", act);
        let status = if negated(act) { "not-done" } else { mapped_status(act, codes::PROCEDURE_STATUS, "unknown") };
        out.insert("status".to_owned(), json!(status));
        let methods = act.all("methodCode").filter_map(|code| codeable(code, &self.texts));
        let methods = methods.map(|method| json!({"url": METHOD, "valueCodeableConcept": method})).collect();
        put_list(&mut out, "extension", methods);
        let reasons = self.reasons(act);
        if negated(act) {
            put(&mut out, "statusReason", reasons.first().cloned());
        }
        out.insert("code".to_owned(), code);
        self.put_subject(&mut out, "subject");
        match act.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
            Some(time) => {
                time::put_moment(&mut out, "performed", time);
            }
            None => put(
                &mut out,
                "_performedDateTime",
                Some(json!({"extension": [codes::data_absent(
                    act.child("effectiveTime").and_then(null_flavor).unwrap_or("UNK")
                )]})),
            ),
        }
        const RECORDERS: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Patient, WhoKind::RelatedPerson];
        let recorders = self.whos(act, "author", RECORDERS);
        put(&mut out, "recorder", recorders.into_iter().next());
        const PERFORMERS: &[WhoKind] =
            &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson, WhoKind::Device];
        let performers = self.whos(act, "performer", PERFORMERS);
        put_list(&mut out, "performer", performers.into_iter().map(|who| json!({"actor": who})).collect());
        let place = self.place(act);
        put(&mut out, "location", place);
        put_list(&mut out, "reasonCode", if negated(act) { Vec::new() } else { reasons });
        let references = self.reason_references(act);
        put_list(&mut out, "reasonReference", references);
        let sites = ["targetSiteCode", "approachSiteCode"].iter().flat_map(|name| act.all(name));
        put_list(&mut out, "bodySite", sites.filter_map(|site| codeable(site, &self.texts)).collect());
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        put_list(&mut out, "usedReference", devices);
        let denied = act
            .all("participant")
            .filter(|_| negated(act))
            .filter_map(|participant| participant.child("participantRole")?.child("playingDevice")?.child("code"));
        put_list(&mut out, "usedCode", denied.filter_map(|code| codeable(code, &self.texts)).collect());
        vec![self.add(act, out)]
    }

    /// The Location where something happened.
    pub(super) fn place(&mut self, act: Node<'d>) -> Option<Value> {
        let participants =
            act.all("participant").filter(|participant| attribute(*participant, "typeCode") == Some("LOC"));
        let role = participants.filter_map(|participant| participant.child("participantRole")).next();
        let header = || act.child("location").and_then(|location| location.child("healthCareFacility"));
        let role = role.or_else(header)?;
        self.location(role)
    }

    fn location(&mut self, role: Node<'d>) -> Option<Value> {
        use crate::ccda::contact::{address, name_line, telecoms};
        let entity = role.child("playingEntity").or_else(|| role.child("location"));
        let name = entity.and_then(name_line).or_else(|| role.child("serviceProviderOrganization").and_then(name_line));
        let kind = role.child("code").and_then(|code| codeable(code, &self.texts));
        if name.is_none() && kind.is_none() {
            return None;
        }
        let mut out = self.start("Location", role);
        put(&mut out, "name", name.clone().map(Value::String));
        put_list(&mut out, "type", kind.into_iter().collect());
        put_list(&mut out, "telecom", telecoms(role));
        let at = role.child("addr").or_else(|| entity.and_then(|entity| entity.child("addr")));
        put(&mut out, "address", at.and_then(address));
        let organization =
            role.child("serviceProviderOrganization").and_then(|node| self.people.organization(node, &self.texts));
        put(&mut out, "managingOrganization", organization.map(|who| who.reference));
        let reference = self.add_part(role, "place", out);
        let mut reference = json!({"reference": reference});
        if let (Value::Object(members), Some(name)) = (&mut reference, name) {
            members.insert("display".to_owned(), json!(name));
        }
        Some(reference)
    }
}
