//! Vaccinations: Immunization (CF-immunizations).

use serde_json::{Value, json};

use super::{mapped_status, marked, medication::named, problem::is_kind_of_problem, reason_acts};
use crate::{
    ccda::{
        codes,
        datatypes::{attribute, codeable, codeable_or_absent, concept, null_flavor, put, put_list, simple_quantity},
        people::WhoKind,
        reader::{Reader, negated},
        skip::CcdaSkip,
        text::plain,
        time,
    },
    xml::Node,
};

impl<'d> Reader<'d> {
    /// An Immunization Activity; one that is only planned is a request for the vaccine.
    pub(super) fn immunization(&mut self, act: Node<'d>) -> Vec<String> {
        let mood = attribute(act, "moodCode").unwrap_or("EVN");
        if mood != "EVN" {
            return self.medication(act);
        }
        let product = act.child("consumable").and_then(|node| node.child("manufacturedProduct"));
        let material = product.and_then(|product| product.child("manufacturedMaterial"));
        let code = material.and_then(|material| material.child("code"));
        let vaccine = code.and_then(|code| codeable(code, &self.texts)).or_else(|| material.and_then(named));
        let vaccine = match vaccine.or_else(|| self.words(act).map(|words| json!({"text": words}))) {
            Some(vaccine) => vaccine,
            None if null_flavor(act).is_some() || code.is_none() => {
                let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
                self.skip(act, reason);
                return Vec::new();
            }
            None => codeable_or_absent(code, &self.texts),
        };
        let mut out = self.start("Immunization", act);
        let status =
            if negated(act) { "not-done" } else { mapped_status(act, codes::IMMUNIZATION_STATUS, "completed") };
        out.insert("status".to_owned(), json!(status));
        // A refusal by its template, or a reason that has only a code: why it was not done.
        let refusal = marked(act, &["2.16.840.1.113883.10.20.22.4.53"], "")
            .or_else(|| reason_acts(act).find(|inner| negated(act) && is_only_coded(*inner)));
        put(&mut out, "statusReason", refusal.and_then(|inner| codeable(inner.child("code")?, &self.texts)));
        out.insert("vaccineCode".to_owned(), vaccine);
        self.put_subject(&mut out, "patient");
        let when = act.all("effectiveTime").find(|time| time::start_of(*time).is_some());
        match when {
            Some(when) => {
                time::put_point(&mut out, "occurrenceDateTime", when);
            }
            None => {
                // The element is required, and programs look for a value in it.
                out.insert("occurrenceString".to_owned(), json!("Unknown"));
                let absent = json!({"extension": [codes::data_absent("UNK")]});
                out.insert("_occurrenceString".to_owned(), absent);
            }
        }
        let author =
            act.all("author").filter_map(|author| author.child("time")).find(|time| time::start_of(*time).is_some());
        if let Some(time) = author {
            time::put_point(&mut out, "recorded", time);
        }
        if act.child("informant").is_some() {
            out.insert("primarySource".to_owned(), json!(false));
            let origin = concept(
                "http://terminology.hl7.org/CodeSystem/immunization-origin",
                "recall",
                "Parent/Guardian/Patient Recall",
            );
            let told = act.all("informant").any(|informant| informant.child("relatedEntity").is_some());
            put(&mut out, "reportOrigin", told.then_some(origin));
        }
        let manufacturer = product.and_then(|product| product.child("manufacturerOrganization"));
        put(
            &mut out,
            "manufacturer",
            manufacturer.and_then(|node| self.people.organization(node, &self.texts)).map(|who| who.reference),
        );
        let lot = material.and_then(|material| material.child("lotNumberText")).map(|lot| plain(lot, 128));
        put(&mut out, "lotNumber", lot.filter(|lot| !lot.is_empty()).map(Value::String));
        if let Some(expires) = material
            .and_then(|material| material.child("expirationTime"))
            .filter(|time| time::start_of(*time).is_some())
        {
            time::put_date(&mut out, "expirationDate", expires);
        }
        put(&mut out, "site", act.child("approachSiteCode").and_then(|code| codeable(code, &self.texts)));
        put(&mut out, "route", act.child("routeCode").and_then(|code| codeable(code, &self.texts)));
        put(&mut out, "doseQuantity", act.child("doseQuantity").and_then(simple_quantity));
        const ACTORS: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Organization];
        let function = concept("http://terminology.hl7.org/CodeSystem/v2-0443", "AP", "Administering Provider");
        let performers = self.whos(act, "performer", ACTORS);
        put_list(
            &mut out,
            "performer",
            performers.into_iter().map(|who| json!({"function": function, "actor": who})).collect(),
        );
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        self.put_reasons(&mut out, act);
        let mut reactions = Vec::new();
        for link in act.all("entryRelationship") {
            let is_reaction = attribute(link, "typeCode") == Some("MFST");
            for inner in link.children().filter(|child| super::is_act(*child)) {
                if refusal.is_some_and(|refusal| refusal.id() == inner.id()) {
                    continue;
                }
                if attribute(link, "typeCode") == Some("RSON") {
                    self.unsaid_reason(inner, act);
                    continue;
                }
                let is_reaction = is_reaction && self.is_own(inner);
                let references = self.act_record(inner, Some(act));
                reactions.extend(
                    references
                        .into_iter()
                        .filter(|_| is_reaction)
                        .map(|reference| json!({"detail": {"reference": reference}})),
                );
            }
        }
        put_list(&mut out, "reaction", reactions);
        // CCD has an observation for which dose of a series it was.
        let series = marked(act, &["2.16.840.1.113883.10.20.1.46"], "30973-2").and_then(|inner| inner.child("value"));
        let dose = act.child("repeatNumber").filter(|count| attribute(*count, "value").is_some()).or(series);
        let dose = dose.and_then(|count| attribute(count, "value")).and_then(|count| count.parse::<u16>().ok());
        put(
            &mut out,
            "protocolApplied",
            dose.filter(|dose| *dose > 0).map(|dose| json!([{"doseNumberPositiveInt": dose}])),
        );
        vec![self.add(act, out)]
    }
}

/// Whether an observation says what it says by its code alone.
fn is_only_coded(inner: Node<'_>) -> bool {
    let says = inner.child("code").is_some_and(|code| !is_kind_of_problem(code));
    inner.name() == "observation" && !negated(inner) && says && inner.child("value").is_none()
}
