//! Which medicine it is: a CodeableConcept, or a contained Medication where there is more to say of it.

use serde_json::{Value, json};

use crate::{
    ccda::{
        Resource,
        datatypes::{attribute, codeable, codeable_or_absent, null_flavor, put, put_list, snomed},
        reader::{Reader, negated},
        sections::Kind,
        text::plain,
    },
    xml::Node,
};

impl<'d> Reader<'d> {
    /// The medicine of an act: under which key it goes, what it is, and a contained Medication where there is more to
    /// say of it than its name. `None` where nothing is said.
    pub(super) fn medicine(&mut self, act: Node<'d>) -> Option<(&'static str, Value, Option<Value>)> {
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

pub(super) fn no_known_medicine() -> Value {
    snomed("787481004", "No known medications")
}
