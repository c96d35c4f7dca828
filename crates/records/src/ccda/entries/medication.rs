//! Medicines taken, ordered, given and handed out, and vaccinations: MedicationStatement, MedicationRequest,
//! MedicationAdministration, MedicationDispense, Immunization (CF-medications, CF-immunizations).

use serde_json::{Value, json};

use super::{mapped_status, marked, timing::timing};
use crate::{
    ccda::{
        Resource,
        codes::{self, mapped},
        datatypes::{
            Span, attribute, codeable, codeable_or_absent, concept, null_flavor, put, put_list, ratio, simple_quantity,
            snomed, span, xsi_type,
        },
        people::WhoKind,
        reader::{Reader, negated},
        sections::{Kind, templates},
        skip::CcdaSkip,
        text::plain,
        time,
    },
    xml::Node,
};

const EVERYBODY: &[WhoKind] =
    &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson, WhoKind::Device];
/// Days Supply (C-CDA supplemental templates).
const DAYS_SUPPLY: &str = "2.16.840.1.113883.10.20.37.3.10";
const PEOPLE: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];

impl<'d> Reader<'d> {
    /// A Medication Activity. What happened is a statement, or an administration where the section says that they were
    /// given; what is meant to happen is a request.
    pub(super) fn medication(&mut self, act: Node<'d>) -> Vec<String> {
        let mood = attribute(act, "moodCode").unwrap_or("EVN");
        let Some((key, medication, contained)) = self.medicine(act) else {
            // "None were given" and "none are planned" are no medicines, and no word on which the person takes.
            let says_none = null_flavor(act).is_some() || negated(act);
            let reason = if says_none { super::no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return self.inner(act).into_iter().map(|(_, reference)| reference).collect();
        };
        let kind = match mood {
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

    /// The medicine of an act: under which key it goes, what it is, and a contained Medication where there is more to
    /// say of it than its name. `None` where nothing is said.
    fn medicine(&mut self, act: Node<'d>) -> Option<(&'static str, Value, Option<Value>)> {
        let product =
            act.child("consumable").or_else(|| act.child("product")).and_then(|node| node.child("manufacturedProduct"));
        let material = product.and_then(|product| {
            product.child("manufacturedMaterial").or_else(|| product.child("manufacturedLabeledDrug"))
        });
        let code = material.and_then(|material| material.child("code"));
        let own = code.and_then(|code| codeable(code, &self.texts));
        let name = || {
            let name = plain(material?.child("name")?, 512);
            (!name.is_empty()).then(|| json!({"text": name}))
        };
        let words = || self.words(act).map(|words| json!({"text": words}));
        let any = code.and_then(|code| attribute(code, "code")).is_some_and(|code| ANY_MEDICINE.contains(&code));
        let happened = matches!(attribute(act, "moodCode"), None | Some("EVN"));
        let is_statement = happened && !matches!(self.kind, Kind::Administered | Kind::Immunizations);
        let concept = match own.map(|own| with_name(own, name())).or_else(name) {
            Some(_) if negated(act) && any && is_statement => no_known_medicine(),
            Some(_) if negated(act) && any => return None,
            Some(concept) => concept,
            None if negated(act) && is_statement => no_known_medicine(),
            None if negated(act) => return None,
            None => match words() {
                Some(concept) => concept,
                None if null_flavor(act).is_some() || code.is_none() => return None,
                None => codeable_or_absent(code, &self.texts),
            },
        };
        let manufacturer = product.and_then(|product| product.child("manufacturerOrganization"));
        let lot = material
            .and_then(|material| material.child("lotNumberText"))
            .map(|lot| plain(lot, 128))
            .filter(|lot| !lot.is_empty());
        let form = act.child("administrationUnitCode").and_then(|code| codeable(code, &self.texts));
        let vehicles: Vec<Value> = act
            .all("participant")
            .filter(|participant| attribute(*participant, "typeCode") == Some("CSM"))
            .filter_map(|participant| participant.child("participantRole")?.child("playingEntity"))
            .filter_map(|entity| codeable(entity.child("code")?, &self.texts))
            .map(|vehicle| json!({"itemCodeableConcept": vehicle, "isActive": false}))
            .collect();
        let manufacturer = manufacturer.and_then(|node| self.people.organization(node, &self.texts));
        if manufacturer.is_none() && lot.is_none() && form.is_none() && vehicles.is_empty() {
            return Some(("medicationCodeableConcept", concept, None));
        }
        let mut medication = Resource::new();
        medication.insert("resourceType".to_owned(), json!("Medication"));
        medication.insert("id".to_owned(), json!("medication"));
        let display = concept.get("text").cloned();
        medication.insert("code".to_owned(), concept);
        put(&mut medication, "manufacturer", manufacturer.map(|who| who.reference));
        put(&mut medication, "form", form);
        put_list(&mut medication, "ingredient", vehicles);
        put(&mut medication, "batch", lot.map(|lot| json!({"lotNumber": lot})));
        let mut reference = json!({"reference": "#medication"});
        if let (Value::Object(members), Some(display)) = (&mut reference, display) {
            members.insert("display".to_owned(), display);
        }
        Some(("medicationReference", reference, Some(Value::Object(medication))))
    }

    fn fill_statement(&mut self, out: &mut Resource, act: Node<'d>, key: &str, medication: Value) {
        let bounds = bounds(act);
        let ends_later = || {
            let end = bounds?.child("high").and_then(time::start_of).and_then(time::point)?;
            Some(!time::is_before(&end.text, self.document_time.as_deref()?))
        };
        // "Completed" often says that the writing is: a medicine whose end is after the document is being taken.
        let status = match mapped_status(act, codes::STATEMENT_STATUS, "unknown") {
            // "No known medications" is itself the statement.
            _ if medication == no_known_medicine() => "active",
            _ if negated(act) => "not-taken",
            "completed" if ends_later() == Some(true) => "active",
            status => status,
        };
        out.insert("status".to_owned(), json!(status));
        out.insert(key.to_owned(), medication);
        self.put_subject(out, "subject");
        if let Some(bounds) = bounds {
            put_span_of_time(out, "effective", bounds);
        }
        self.put_asserted(out, act);
        put_list(out, "reasonCode", self.reasons(act));
        let notes = self.notes(act);
        put_list(out, "note", notes);
        put_list(out, "dosage", self.dosage(act).into_iter().collect());
    }

    fn put_asserted(&mut self, out: &mut Resource, act: Node<'d>) {
        let informant = act.child("informant").and_then(|node| self.who(node, PEOPLE));
        let author = act.child("author");
        if let Some(time) =
            author.and_then(|author| author.child("time")).filter(|time| time::start_of(*time).is_some())
        {
            time::put_point(out, "dateAsserted", time);
        }
        let source = match informant {
            Some(informant) => Some(informant),
            None => author.and_then(|author| self.who(author, PEOPLE)),
        };
        put(out, "informationSource", source);
    }

    fn fill_request(&mut self, out: &mut Resource, act: Node<'d>, mood: &str, key: &str, medication: Value) {
        out.insert("status".to_owned(), json!(mapped_status(act, codes::REQUEST_STATUS, "active")));
        // ConceptMap-CF-MedActivityMood for orders; what is only planned is a plan.
        let planned = templates(act)
            .any(|root| matches!(root, "2.16.840.1.113883.10.20.22.4.42" | "2.16.840.1.113883.10.20.22.4.120"));
        let intent = if mood == "INT" && !planned { "order" } else { mapped(codes::INTENT, mood).unwrap_or("plan") };
        out.insert("intent".to_owned(), json!(intent));
        put(out, "priority", super::priority(act).map(Value::from));
        if negated(act) {
            out.insert("doNotPerform".to_owned(), json!(true));
        }
        out.insert(key.to_owned(), medication);
        self.put_subject(out, "subject");
        self.put_recorder(out, &[act], "requester", "authoredOn");
        let performers = self.whos(act, "performer", EVERYBODY);
        put(out, "performer", performers.into_iter().next());
        put_list(out, "reasonCode", self.reasons(act));
        let notes = self.notes(act);
        put_list(out, "note", notes);
        put_list(out, "dosageInstruction", self.dosage(act).into_iter().collect());
        put(out, "dispenseRequest", first_order(act).and_then(dispense_request));
    }

    fn fill_administration(&mut self, out: &mut Resource, act: Node<'d>, key: &str, medication: Value) {
        let status =
            if negated(act) { "not-done" } else { mapped_status(act, codes::ADMINISTRATION_STATUS, "unknown") };
        out.insert("status".to_owned(), json!(status));
        out.insert(key.to_owned(), medication);
        self.put_subject(out, "subject");
        let when = act.children().find(|node| node.name() == "effectiveTime" && time::start_of(*node).is_some());
        match when {
            Some(when) => put_span_of_time(out, "effective", when),
            None => {
                let absent = json!({"extension": [codes::data_absent("UNK")]});
                out.insert("effectivePeriod".to_owned(), absent);
            }
        }
        let performers = self.whos(act, "performer", EVERYBODY);
        put_list(out, "performer", performers.into_iter().map(|who| json!({"actor": who})).collect());
        put_list(out, "reasonCode", self.reasons(act));
        let notes = self.notes(act);
        put_list(out, "note", notes);
        let Some(Value::Object(mut dosage)) = self.dosage(act) else { return };
        let amounts = dosage.get("doseAndRate").and_then(|list| list.get(0)).cloned().unwrap_or_default();
        let mut given = Resource::new();
        // What was given is one amount; of a span FHIR has no place here but the words.
        let spans = [("Dose", "doseRange"), ("Rate", "rateRange")];
        let spans = spans.iter().filter_map(|(name, key)| Some(format!("{name}: {}", range_words(amounts.get(*key)?))));
        let own = dosage.remove("text").and_then(|text| text.as_str().map(str::to_owned));
        let words: Vec<String> = own.into_iter().chain(spans).collect();
        put(&mut given, "text", (!words.is_empty()).then(|| json!(words.join("\n"))));
        for key in ["site", "route"] {
            put(&mut given, key, dosage.remove(key));
        }
        put(&mut given, "dose", amounts.get("doseQuantity").cloned());
        put(&mut given, "rateQuantity", amounts.get("rateQuantity").cloned());
        if given.is_empty() {
            return;
        }
        // mad-1: an amount has to be there, if only to say that it is not known.
        if !given.contains_key("dose") && !given.contains_key("rateQuantity") {
            given.insert("dose".to_owned(), json!({"extension": [codes::data_absent("UNK")]}));
        }
        out.insert("dosage".to_owned(), Value::Object(given));
    }

    /// A Dosage of a substance administration; `None` where nothing is said of it.
    fn dosage(&self, act: Node<'d>) -> Option<Value> {
        let mut out = Resource::new();
        let sig = act.all("entryRelationship").filter_map(|link| link.child("substanceAdministration")).find(|inner| {
            templates(*inner).any(|root| root == "2.16.840.1.113883.10.20.22.4.147")
                || inner.child("code").and_then(|code| attribute(code, "code")) == Some("76662-6")
        });
        let text = sig.and_then(|sig| self.words(sig)).or_else(|| self.words(act));
        let odd = ["doseQuantity", "rateQuantity"].iter().filter_map(|name| self.odd_amount(act.child(name)?));
        let text: Vec<String> = text.into_iter().chain(odd).collect();
        put(&mut out, "text", (!text.is_empty()).then(|| json!(text.join("\n"))));
        let instructions: Vec<Node<'d>> = act
            .all("entryRelationship")
            .filter_map(|link| link.child("act"))
            .filter(|inner| {
                templates(*inner)
                    .any(|root| matches!(root, "2.16.840.1.113883.10.20.22.4.20" | "2.16.840.1.113883.10.20.1.49"))
            })
            .collect();
        let additional = instructions.iter().filter_map(|inner| codeable(inner.child("code")?, &self.texts));
        put_list(&mut out, "additionalInstruction", additional.collect());
        let words: Vec<String> = instructions.iter().filter_map(|inner| self.words(*inner)).collect();
        put(&mut out, "patientInstruction", (!words.is_empty()).then(|| json!(words.join("\n"))));
        put(&mut out, "timing", timing(act));
        if let Some(precondition) = act.child("precondition") {
            let criterion = precondition.child("criterion");
            let value =
                criterion.and_then(|criterion| criterion.child("value")).and_then(|value| codeable(value, &self.texts));
            let words = || criterion.and_then(|criterion| self.words(criterion)).map(|words| json!({"text": words}));
            match value.or_else(words) {
                Some(value) => out.insert("asNeededCodeableConcept".to_owned(), value),
                None => out.insert("asNeededBoolean".to_owned(), json!(true)),
            };
        }
        put(&mut out, "site", act.child("approachSiteCode").and_then(|code| codeable(code, &self.texts)));
        put(&mut out, "route", act.child("routeCode").and_then(|code| codeable(code, &self.texts)));
        let mut amounts = Resource::new();
        for (name, key) in [("doseQuantity", "dose"), ("rateQuantity", "rate")] {
            match act.child(name).and_then(span) {
                Some(Span::Quantity(mut value)) => {
                    let comparator = value.as_object_mut().and_then(|members| members.remove("comparator"));
                    // An amount of a dose has no comparator: "up to two" is a range with one end.
                    match comparator.as_ref().and_then(Value::as_str) {
                        None => amounts.insert(format!("{key}Quantity"), value),
                        Some("<" | "<=") => amounts.insert(format!("{key}Range"), json!({"high": value})),
                        Some(_) => amounts.insert(format!("{key}Range"), json!({"low": value})),
                    };
                }
                Some(Span::Range(value)) => {
                    amounts.insert(format!("{key}Range"), value);
                }
                None => {}
            }
        }
        put_list(&mut out, "doseAndRate", if amounts.is_empty() { Vec::new() } else { vec![Value::Object(amounts)] });
        put(&mut out, "maxDosePerPeriod", act.child("maxDoseQuantity").and_then(ratio));
        (!out.is_empty()).then_some(Value::Object(out))
    }

    /// An amount that says something, and is no number: `1-2` tablets.
    fn odd_amount(&self, amount: Node<'d>) -> Option<String> {
        if span(amount).is_some() {
            return None;
        }
        let words = self.wordy_quantity(amount)?;
        let name = if amount.name() == "rateQuantity" { "Rate" } else { "Dose" };
        Some(format!("{name}: {words}"))
    }

    /// A Medication Supply Order.
    pub(super) fn supply_order(&mut self, act: Node<'d>, around: Option<Node<'d>>) -> Vec<String> {
        let found = self.medicine(act).or_else(|| self.medicine(around?));
        let Some((key, medication, contained)) = found else {
            let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
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
    pub(super) fn dispense(&mut self, act: Node<'d>, around: Option<(Node<'d>, &str)>) -> Vec<String> {
        let found = self.medicine(act).or_else(|| self.medicine(around?.0));
        let Some((key, medication, contained)) = found else {
            let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
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

    /// An Immunization Activity; one that is only planned is a request for the vaccine.
    pub(super) fn immunization(&mut self, act: Node<'d>) -> Vec<String> {
        let mood = attribute(act, "moodCode").unwrap_or("EVN");
        if mood != "EVN" {
            return self.medication(act);
        }
        let product = act.child("consumable").and_then(|node| node.child("manufacturedProduct"));
        let material = product.and_then(|product| product.child("manufacturedMaterial"));
        let code = material.and_then(|material| material.child("code"));
        let vaccine = code.and_then(|code| codeable(code, &self.texts)).or_else(|| {
            let name = plain(material?.child("name")?, 512);
            (!name.is_empty()).then(|| json!({"text": name}))
        });
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
        let refusal = marked(act, &["2.16.840.1.113883.10.20.22.4.53"], "")
            .and_then(|inner| codeable(inner.child("code")?, &self.texts));
        put(&mut out, "statusReason", refusal);
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
        put_list(&mut out, "reasonCode", self.reasons(act));
        let mut reactions = Vec::new();
        for link in act.all("entryRelationship") {
            let is_reaction = attribute(link, "typeCode") == Some("MFST");
            for inner in link.children().filter(|child| super::is_act(*child)) {
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

/// A medicine with the name on its package, which is often all that a person knows it by, where its words do not have it.
fn with_name(mut concept: Value, name: Option<Value>) -> Value {
    let name = name.as_ref().and_then(|name| name.get("text")).and_then(Value::as_str);
    let words = concept.get("text").and_then(Value::as_str);
    if let (Some(name), Some(words)) = (name, words)
        && !words.to_lowercase().contains(&name.to_lowercase())
    {
        let both = format!("{words} ({name})");
        if let Some(members) = concept.as_object_mut() {
            members.insert("text".to_owned(), json!(both));
        }
    }
    concept
}

/// Codes that mean "some medicine" (SNOMED CT: drug or medicament, pharmaceutical product, substance): negated, they say
/// that there is none.
const ANY_MEDICINE: [&str; 3] = ["410942007", "373873005", "105590001"];

fn no_known_medicine() -> Value {
    snomed("787481004", "No known medications")
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

/// The first order in a medication activity.
fn first_order(act: Node<'_>) -> Option<Node<'_>> {
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

/// In words what a Range says.
fn range_words(range: &Value) -> String {
    let end = |name: &str| {
        let quantity = range.get(name)?;
        let unit = quantity.get("unit").and_then(Value::as_str).unwrap_or_default();
        Some(format!("{} {unit}", quantity.get("value")?).trim_end().to_owned())
    };
    match (end("low"), end("high")) {
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => String::new(),
    }
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
