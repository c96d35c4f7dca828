//! Which medicine it is: a CodeableConcept, or a contained Medication where there is more to say of it.

use serde_json::{Value, json};

use crate::{
    ccda::{
        Resource,
        datatypes::{attribute, codeable, codeable_or_absent, null_flavor, put, put_list, ratio, says_none, snomed},
        reader::{Reader, negated},
        sections::Kind,
        text::plain,
    },
    json::Json,
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
        let name = || material.and_then(named);
        let words = || self.words(act).map(|words| json!({"text": words}));
        let any = code.and_then(|code| attribute(code, "code")).is_some_and(|code| ANY_MEDICINE.contains(&code));
        let happened = matches!(attribute(act, "moodCode"), None | Some("EVN"));
        let is_statement = happened && !matches!(self.kind, Kind::Administered | Kind::Immunizations);
        let ingredients = material.map(|material| self.ingredients(material)).unwrap_or_default();
        let classes: Vec<Value> = material
            .into_iter()
            .flat_map(|material| material.all("asSpecializedKind"))
            .filter_map(|kind| CLASSES.iter().find_map(|name| kind.child(name))?.child("code"))
            .filter_map(|code| codeable(code, &self.texts))
            .collect();
        // "None" and "not applicable" for a medicine are no medicine in particular, whatever the words beside it are.
        let in_particular = !matches!(code.and_then(null_flavor), Some("NA" | "NI"));
        let denied = || words().filter(|words| in_particular && !words.text_at(&["text"]).is_some_and(says_none));
        let told = own.map(|own| with_name(own, name())).or_else(name);
        let told = told.or_else(|| classes.first().cloned()).or_else(|| names_of(&ingredients));
        let mut concept = match told {
            _ if says_no_medicine(act) && self.kind != Kind::Administered => no_known_medicine(),
            _ if says_no_medicine(act) => return None,
            Some(_) if negated(act) && any && is_statement => no_known_medicine(),
            Some(_) if negated(act) && any => return None,
            Some(concept) => concept,
            None if negated(act) && is_statement => denied().unwrap_or_else(no_known_medicine),
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
        classes.iter().for_each(|class| add_codings(&mut concept, class));
        let form = act.child("administrationUnitCode").or_else(|| material?.child("formCode"));
        let form = form.and_then(|code| codeable(code, &self.texts));
        let vehicles = act
            .all("participant")
            .filter(|participant| attribute(*participant, "typeCode") == Some("CSM"))
            .filter_map(|participant| participant.child("participantRole")?.child("playingEntity"))
            .filter_map(|entity| codeable(entity.child("code")?, &self.texts))
            .map(|vehicle| json!({"itemCodeableConcept": vehicle, "isActive": false}));
        let ingredients: Vec<Value> = ingredients.into_iter().chain(vehicles).collect();
        let manufacturer = manufacturer.and_then(|node| self.people.organization(node, &self.texts));
        if manufacturer.is_none() && lot.is_none() && form.is_none() && ingredients.is_empty() {
            return Some(("medicationCodeableConcept", concept, None));
        }
        let mut medication = Resource::new();
        medication.insert("resourceType".to_owned(), json!("Medication"));
        medication.insert("id".to_owned(), json!("medication"));
        let display = concept.get("text").cloned();
        medication.insert("code".to_owned(), concept);
        put(&mut medication, "manufacturer", manufacturer.map(|who| who.reference));
        put(&mut medication, "form", form);
        put_list(&mut medication, "ingredient", ingredients);
        put(&mut medication, "batch", lot.map(|lot| json!({"lotNumber": lot})));
        let mut reference = json!({"reference": "#medication"});
        if let (Value::Object(members), Some(display)) = (&mut reference, display) {
            members.insert("display".to_owned(), display);
        }
        Some(("medicationReference", reference, Some(Value::Object(medication))))
    }

    /// What a medicine is made of, as epSOS and IHE Pharmacy have it: an `ingredient` with its quantity, and in it the substance.
    fn ingredients(&self, material: Node<'d>) -> Vec<Value> {
        let read = |ingredient: Node<'d>| {
            let substance = ["ingredient", "ingredientSubstance"].iter().find_map(|name| ingredient.child(name));
            let substance = substance.unwrap_or(ingredient);
            let code = substance.child("code").and_then(|code| codeable(code, &self.texts));
            let mut out = Resource::new();
            out.insert("itemCodeableConcept".to_owned(), code.or_else(|| named(substance))?);
            out.insert("isActive".to_owned(), json!(attribute(ingredient, "classCode") != Some("IACT")));
            put(&mut out, "strength", ingredient.child("quantity").and_then(ratio));
            Some(Value::Object(out))
        };
        material.all("ingredient").take(64).filter_map(read).collect()
    }
}

/// A medicine, vaccine or substance by its name.
pub(in crate::ccda::entries) fn named(material: Node<'_>) -> Option<Value> {
    let name = plain(material.child("name")?, 512);
    (!name.is_empty()).then(|| json!({"text": name}))
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

/// What the class of a medicine is called: epSOS, its successor eHDSI, IHE Pharmacy.
const CLASSES: [&str; 3] = ["generalizedMedicineClass", "generalizedPharmaceuticalClass", "generalizedMaterialKind"];

/// Adds the codings that a concept does not have yet.
fn add_codings(concept: &mut Value, more: &Value) {
    let Some(members) = concept.as_object_mut() else { return };
    let list = members.entry("coding".to_owned()).or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else { return };
    for coding in more.get("coding").into_iter().flat_map(|codings| codings.items()) {
        if !list
            .iter()
            .any(|known| known.get("code") == coding.get("code") && known.get("system") == coding.get("system"))
        {
            list.push(coding.clone());
        }
    }
}

/// A medicine that has no name but those of what is in it.
fn names_of(ingredients: &[Value]) -> Option<Value> {
    let names = ingredients.iter().filter_map(|one| one.text_at(&["itemCodeableConcept", "text"]));
    let names = names.collect::<Vec<_>>().join(" / ");
    (!names.is_empty()).then(|| json!({"text": names}))
}

/// Codes of an administration without a medicine that say that none is taken: of eHDSI, "no drug therapy prescribed", "not
/// on self-medications".
const NO_MEDICINE: [&str; 3] = ["no-known-medications", "182849000", "408350003"];
/// Those that say that nothing is known: of eHDSI, "drug treatment unknown".
const NOTHING_KNOWN: [&str; 2] = ["no-medication-info", "182904002"];

/// Whether an administration says by its own code that no medicine is taken.
pub(super) fn says_no_medicine(act: Node<'_>) -> bool {
    !negated(act) && has_code_of(act, &NO_MEDICINE)
}

/// Whether an administration says by its own code that it is not known what is taken.
pub(super) fn says_nothing_is_known(act: Node<'_>) -> bool {
    has_code_of(act, &NOTHING_KNOWN)
}

fn has_code_of(act: Node<'_>, codes: &[&str]) -> bool {
    let said = act.child("code").and_then(|code| attribute(code, "code"));
    let material = act.child("consumable").and_then(|node| node.child("manufacturedProduct"));
    let material = material.and_then(|product| product.child("manufacturedMaterial"));
    let has_medicine = material.is_some_and(|material| {
        let code = material.child("code").is_some_and(|code| attribute(code, "code").is_some());
        code || material.child("name").is_some_and(|name| !plain(name, 16).is_empty())
    });
    said.is_some_and(|said| codes.contains(&said)) && !has_medicine
}

/// Codes that mean "some medicine" (SNOMED CT: drug or medicament, pharmaceutical product, substance): negated, they say
/// that there is none.
const ANY_MEDICINE: [&str; 3] = ["410942007", "373873005", "105590001"];

pub(super) fn no_known_medicine() -> Value {
    snomed("787481004", "No known medications")
}
