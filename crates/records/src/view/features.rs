//! What of a record makes it the fact that it is: its kind, its concept, what must be equal, and its date.

use super::{
    concept::{Concept, plain},
    dates::When,
    units::unit_form,
};
use crate::{
    index::{contained_medication, kind_of, status, words},
    json::Json,
};

/// The kinds of fact that are shown once however many sources tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum FactKind {
    Allergy,
    Problem,
    Medicine,
    MedicineGiven,
    MedicineHandedOut,
    Immunization,
    Observation,
    Procedure,
    Visit,
    Report,
}

impl FactKind {
    pub(super) fn of(resource_type: &str) -> Option<FactKind> {
        Some(match resource_type {
            "AllergyIntolerance" => FactKind::Allergy,
            "Condition" => FactKind::Problem,
            // Ordered or told: for whoever reads the list it is the same medicine.
            "MedicationRequest" | "MedicationStatement" => FactKind::Medicine,
            "MedicationAdministration" => FactKind::MedicineGiven,
            "MedicationDispense" => FactKind::MedicineHandedOut,
            "Immunization" => FactKind::Immunization,
            "Observation" => FactKind::Observation,
            "Procedure" => FactKind::Procedure,
            "Encounter" => FactKind::Visit,
            "DiagnosticReport" => FactKind::Report,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            FactKind::Allergy => "allergy",
            FactKind::Problem => "problem",
            FactKind::Medicine => "medicine",
            FactKind::MedicineGiven => "medicine-given",
            FactKind::MedicineHandedOut => "medicine-handed-out",
            FactKind::Immunization => "immunization",
            FactKind::Observation => "observation",
            FactKind::Procedure => "procedure",
            FactKind::Visit => "visit",
            FactKind::Report => "report",
        }
    }

    /// Whether it lasts, so that a source may well leave out since when.
    pub(super) fn lasts(self) -> bool {
        matches!(self, FactKind::Allergy | FactKind::Problem | FactKind::Medicine)
    }
}

/// What is compared of a record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Features<'a> {
    pub(super) kind: FactKind,
    pub(super) concept: Concept<'a>,
    /// Must be equal: side of the body, body site, value, strength.
    pub(super) exact: String,
    /// Must be equal where it is told: dose and route, specimen, place.
    pub(super) loose: String,
    pub(super) when: When,
}

/// What is known of a medicine that a record only points to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Medicine<'a> {
    pub(super) concept: Concept<'a>,
    /// Its strengths, as they are compared.
    pub(super) exact: String,
}

impl<'a> Medicine<'a> {
    /// Of a Medication.
    pub(super) fn of<J: Json>(medication: &'a J) -> Option<Medicine<'a>> {
        let concept = Concept::of(medication.member("code")?)?;
        let mut exact = Text(String::new());
        strengths(medication, &concept, &mut exact);
        Some(Medicine { concept, exact: exact.0 })
    }
}

/// The features of a record; `None` where it is not a fact of a kind that can be recognised, where it does not say which,
/// and where it was entered in error. `medicine` is what is known of a medicine that the record only points to.
pub(super) fn features<'a, J: Json>(resource: &'a J, medicine: Option<&Medicine<'a>>) -> Option<Features<'a>> {
    let kind = FactKind::of(resource.text_at(&["resourceType"])?)?;
    if status(resource) == Some("entered-in-error") || resource.text_at(&["status"]) == Some("entered-in-error") {
        return None;
    }
    let holder = match kind {
        FactKind::Immunization => resource.member("vaccineCode"),
        FactKind::Medicine | FactKind::MedicineGiven | FactKind::MedicineHandedOut => {
            let inline = ["medicationCodeableConcept", "medication"].iter().find_map(|name| resource.member(name));
            inline.or_else(|| contained_medication(resource).and_then(|medication| medication.member("code")))
        }
        FactKind::Visit => None,
        _ => resource.member("code"),
    };
    let own = holder.and_then(Concept::of);
    let medicine = medicine.filter(|_| own.is_none() && kind != FactKind::Visit);
    let concept = match own {
        Some(concept) => concept,
        // Nobody begins two visits in one second; of what kind it was, each system says in its own way.
        None if kind == FactKind::Visit => Concept::Words("visit".to_owned()),
        None => medicine?.concept.clone(),
    };
    let date = kind_of(resource.text_at(&["resourceType"])?);
    let date = match kind {
        // What a problem's date means: when it began. That it was written down is another matter.
        FactKind::Problem => {
            resource.text_at(&["onsetDateTime"]).or_else(|| resource.text_at(&["onsetPeriod", "start"]))
        }
        FactKind::Allergy => None,
        // Since when it is taken, before when somebody wrote it down.
        FactKind::Medicine => dosages(resource)
            .find_map(|dosage| dosage.text_at(&["timing", "repeat", "boundsPeriod", "start"]))
            .or_else(|| crate::index::clinical_date(date, resource)),
        _ => crate::index::clinical_date(date, resource),
    };
    let when = date.map_or(When::Undated, When::of);
    if when == When::Undated && !kind.lasts() {
        return None;
    }
    let mut exact = Text(String::new());
    let mut loose = Text(String::new());
    sides_and_sites(resource, holder, &mut exact);
    match kind {
        FactKind::Observation => {
            exact.put("value", &value(resource)?);
            loose.put("specimen", &specimen(resource));
        }
        FactKind::Medicine | FactKind::MedicineGiven | FactKind::MedicineHandedOut => {
            if resource.member("doNotPerform").and_then(Json::boolean) == Some(true) {
                exact.put("not", "to be given");
            }
            match (contained_medication(resource), holder, medicine) {
                (_, _, Some(medicine)) => exact.0.push_str(&medicine.exact),
                (Some(medication), ..) => strengths(medication, &concept, &mut exact),
                (None, Some(code), None) => strengths_in_words(code, &concept, &mut exact),
                (None, None, None) => {}
            }
            dose(resource, &mut loose);
        }
        FactKind::Visit => {
            let place = ["serviceProvider"].iter().find_map(|name| resource.text_at(&[name, "display"]));
            let place = place.or_else(|| resource.text_at(&["location", "location", "display"]));
            if let Some(class) = resource.first("class").and_then(Concept::of) {
                loose.put("class", class.primary().1);
            }
            match (place, when) {
                (Some(place), _) => loose.put("place", &plain(place)),
                // On one day one can be seen twice; without a place it may have been elsewhere.
                (None, When::Moment(..)) => {}
                (None, _) => return None,
            }
        }
        FactKind::Report => {
            let conclusion = resource.text_at(&["conclusion"]).map(plain).unwrap_or_default();
            // Two letters of a day have one code; only the hour or what they say tells them apart.
            if conclusion.is_empty() && !matches!(when, When::Moment(..)) {
                return None;
            }
            exact.put("conclusion", &conclusion);
        }
        _ => {}
    }
    Some(Features { kind, concept, exact: exact.0, loose: loose.0, when })
}

/// Parts under their names, kept apart so that none can pass for another.
struct Text(String);

impl Text {
    fn put(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.0.push_str(name);
            self.0.push('\u{1}');
            self.0.push_str(value);
            self.0.push('\u{2}');
        }
    }
}

/// Which side and where on the body, from the body site and from the words beside the code.
fn sides_and_sites<J: Json>(resource: &J, code: Option<&J>, out: &mut Text) {
    let mut sides = Sides::default();
    if let Some(code) = code {
        sides.look(code);
    }
    let mut sites: Vec<String> = Vec::new();
    for site in resource.each("bodySite") {
        sides.look(site);
        sites.extend(Concept::of(site).map(|site| format!("{}|{}", site.primary().0, site.primary().1)));
    }
    sites.sort_unstable();
    for site in sites {
        out.put("site", &site);
    }
    out.put("side", sides.name());
}

#[derive(Default)]
struct Sides {
    left: bool,
    right: bool,
}

impl Sides {
    fn look<J: Json>(&mut self, concept: &J) {
        let displays = concept.each("coding").iter().take(8).filter_map(|coding| coding.text_at(&["display"]));
        for text in concept.text_at(&["text"]).into_iter().chain(displays) {
            self.read(crate::index::clip(text, 300));
        }
    }

    fn read(&mut self, text: &str) {
        for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() >= 4) {
            let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
            self.left |= is(LEFT);
            self.right |= is(RIGHT);
            if is(BOTH) {
                (self.left, self.right) = (true, true);
            }
        }
    }

    fn name(&self) -> &'static str {
        match (self.left, self.right) {
            (false, false) => "",
            (true, false) => "left",
            (false, true) => "right",
            (true, true) => "both",
        }
    }
}

/// Words for the sides of the body in English, German, French, Spanish, Portuguese, Italian and Dutch.
const LEFT: &[&str] = &[
    "left",
    "links",
    "linke",
    "linker",
    "linkes",
    "linken",
    "linkem",
    "gauche",
    "izquierdo",
    "izquierda",
    "esquerdo",
    "esquerda",
    "sinistro",
    "sinistra",
];
const RIGHT: &[&str] = &[
    "right", "rechts", "rechte", "rechter", "rechtes", "rechten", "rechtem", "droit", "droite", "derecho", "derecha",
    "direito", "direita", "destro", "destra",
];
const BOTH: &[&str] = &["bilateral", "beidseits", "beidseitig", "bilatéral", "bilatérale", "beiderseits", "tweezijdig"];

fn specimen<J: Json>(resource: &J) -> String {
    let Some(specimen) = resource.member("specimen") else { return String::new() };
    if let Some(display) = specimen.text_at(&["display"]) {
        return plain(display);
    }
    let contained = specimen
        .text_at(&["reference"])
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|id| resource.each("contained").iter().find(|inner| inner.text_at(&["id"]) == Some(id)));
    contained.and_then(|inner| inner.member("type")).and_then(words).map(|text| plain(&text)).unwrap_or_default()
}

/// The specimen of an observation as one reads it.
pub(super) fn specimen_words<J: Json>(resource: &J) -> Option<String> {
    let specimen = resource.member("specimen")?;
    if let Some(display) = specimen.text_at(&["display"]) {
        return Some(display.to_owned());
    }
    let id = specimen.text_at(&["reference"])?.strip_prefix('#')?;
    words(resource.each("contained").iter().find(|inner| inner.text_at(&["id"]) == Some(id))?.member("type")?)
}

/// The strengths of a Medication's ingredients; where its code names the substance alone, also what the words say of them, and
/// its form.
fn strengths<J: Json>(medication: &J, concept: &Concept<'_>, out: &mut Text) {
    for ingredient in medication.each("ingredient").iter().take(20) {
        let Some(strength) = ingredient.member("strength") else { continue };
        let part = |name: &str| strength.member(name).and_then(quantity).unwrap_or_default();
        out.put("strength", &format!("{}/{}", part("numerator"), part("denominator")));
    }
    if let Some(code) = medication.member("code") {
        strengths_in_words(code, concept, out);
    }
    if is_substance(concept) {
        out.put("form", &medication.member("form").and_then(words).map(|form| plain(&form)).unwrap_or_default());
    }
}

/// A code of the ATC says which substance it is, and not how much of it: "Waran 1 mg" and "Waran 5 mg" have one.
fn is_substance(concept: &Concept<'_>) -> bool {
    concept.primary().0 == ATC
}

const ATC: &str = "http://www.whocc.no/atc";

/// Amounts in the words beside a code that names the substance alone.
fn strengths_in_words<J: Json>(code: &J, concept: &Concept<'_>, out: &mut Text) {
    const UNITS: &[&str] = &[
        "mg",
        "g",
        "µg",
        "μg",
        "ug",
        "mcg",
        "ng",
        "ml",
        "l",
        "mmol",
        "iu",
        "ie",
        "ui",
        "e",
        "units",
        "einheiten",
        "%",
    ];
    if !is_substance(concept) {
        return;
    }
    let text = code.text_at(&["text"]).or_else(|| code.text_at(&["coding", "display"])).unwrap_or_default();
    let text = crate::index::clip(text, 300).to_lowercase();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let from = rest.get(at..).unwrap_or_default();
        let end = from.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(from.len());
        let (number, behind) = from.split_at_checked(end).unwrap_or((from, ""));
        let unit = behind.trim_start();
        let unit = unit.get(..unit.find(|c: char| !(c.is_alphabetic() || c == '%')).unwrap_or(unit.len()));
        if let Some(unit) = unit.filter(|unit| UNITS.contains(unit)) {
            let number = decimal(&number.trim_end_matches(['.', ',']).replace(',', "."));
            out.put("said", &format!("{number} {}", unit_form(unit)));
        }
        rest = behind;
    }
}

fn dosages<J: Json>(resource: &J) -> impl Iterator<Item = &J> {
    resource.each("dosageInstruction").iter().chain(resource.each("dosage")).take(20)
}

/// How much, how often and by which way: as structured, else in the words it was written in.
fn dose<J: Json>(resource: &J, out: &mut Text) {
    let mut doses: Vec<String> = dosages(resource)
        .filter_map(|dosage| {
            let rate = dosage.first("doseAndRate");
            let given = rate.and_then(|rate| rate.member("doseQuantity")).or_else(|| dosage.member("dose"));
            let range = rate.and_then(|rate| rate.member("doseRange"));
            let mut parts: Vec<String> = Vec::new();
            parts.extend(given.and_then(quantity));
            for end in ["low", "high"] {
                parts.extend(range.and_then(|range| range.member(end)).and_then(quantity));
            }
            if let Some(repeat) = dosage.at(&["timing", "repeat"]) {
                for name in ["frequency", "period"] {
                    parts.extend(repeat.member(name).and_then(Json::number).map(|number| decimal(&number)));
                }
                parts.extend(repeat.text_at(&["periodUnit"]).map(str::to_owned));
                parts.extend(repeat.each("when").iter().filter_map(Json::text).map(str::to_owned));
            }
            parts.extend(dosage.at(&["timing", "code"]).and_then(words).map(|text| plain(&text)));
            if parts.is_empty() {
                parts.extend(dosage.text_at(&["text"]).map(plain));
            }
            if let Some(route) = dosage.member("route").and_then(Concept::of) {
                parts.push(format!("{}|{}", route.primary().0, route.primary().1));
            }
            (!parts.is_empty()).then(|| parts.join("\u{3}"))
        })
        .collect();
    doses.sort_unstable();
    doses.dedup();
    for dose in doses {
        out.put("dose", &dose);
    }
}

/// The value of an observation as it is compared: numbers without the zeros at their end, units under one name. Empty
/// where there is none; `None` where there is one that cannot be compared.
pub(super) fn value<J: Json>(holder: &J) -> Option<String> {
    let mut out = own_value(holder)?;
    let mut parts: Vec<String> = Vec::new();
    for component in holder.each("component").iter().take(200) {
        let code = component.member("code").and_then(Concept::of)?;
        parts.push(format!("{}|{}={}", code.primary().0, code.primary().1, own_value(component)?));
    }
    parts.sort_unstable();
    for part in parts {
        out.push('\u{3}');
        out.push_str(&part);
    }
    Some(out)
}

fn own_value<J: Json>(holder: &J) -> Option<String> {
    if holder.member("valueSampledData").is_some() || holder.member("valueAttachment").is_some() {
        return None;
    }
    if let Some(value) = holder.member("valueQuantity") {
        return Some(quantity(value).unwrap_or_default());
    }
    if let Some(value) = holder.member("valueCodeableConcept") {
        return Some(Concept::of(value).map(|c| format!("{}|{}", c.primary().0, c.primary().1)).unwrap_or_default());
    }
    if let Some(text) = holder.text_at(&["valueString"]) {
        return Some(plain(text));
    }
    if let Some(number) = holder.member("valueInteger").and_then(Json::number) {
        return Some(decimal(&number));
    }
    if let Some(truth) = holder.member("valueBoolean").and_then(Json::boolean) {
        return Some(truth.to_string());
    }
    for name in ["valueDateTime", "valueTime"] {
        if let Some(text) = holder.text_at(&[name]) {
            return Some(text.to_owned());
        }
    }
    for (name, ends) in [("valueRange", ["low", "high"]), ("valueRatio", ["numerator", "denominator"])] {
        if let Some(value) = holder.member(name) {
            let end = |at: &str| value.member(at).and_then(quantity).unwrap_or_default();
            let [first, second] = ends;
            return Some(format!("{}–{}", end(first), end(second)));
        }
    }
    if let Some(period) = holder.member("valuePeriod") {
        let end = |at: &str| period.text_at(&[at]).unwrap_or_default();
        return Some(format!("{}–{}", end("start"), end("end")));
    }
    Some(String::new())
}

fn quantity<J: Json>(quantity: &J) -> Option<String> {
    let number = quantity.member("value")?.number()?;
    let comparator = quantity.text_at(&["comparator"]).unwrap_or_default();
    let unit = quantity.text_at(&["code"]).or_else(|| quantity.text_at(&["unit"])).unwrap_or_default();
    Some(format!("{comparator}{} {}", decimal(&number), unit_form(unit)))
}

/// A number's one form: `72.50`, `7.25e1` and `72.5` are the same. What is no number stays as it is.
pub(super) fn decimal(text: &str) -> String {
    let text = text.trim();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let Ok(exponent) = exponent.parse::<i64>() else { return text.to_owned() };
    if whole.is_empty() || text.len() > 64 || !all_digits(whole) || !all_digits(fraction) {
        return text.to_owned();
    }
    let joined = format!("{whole}{fraction}");
    let without_front = joined.trim_start_matches('0');
    let significant = without_front.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let trailing = i64::try_from(without_front.len() - significant.len()).unwrap_or_default();
    let fraction = i64::try_from(fraction.len()).unwrap_or_default();
    format!("{sign}{significant}e{}", exponent.saturating_add(trailing).saturating_sub(fraction))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_has_one_form() {
        assert_eq!(decimal("72.50"), decimal("72.5"));
        assert_eq!(decimal("7.25e1"), decimal("72.5"));
        assert_eq!(decimal("1500"), decimal("1.5E3"));
        assert_eq!(decimal("-0.00"), "0");
        assert_ne!(decimal("7.25"), decimal("72.5"));
        assert_eq!(decimal("1e99999999999999999999"), "1e99999999999999999999");
        assert_eq!(decimal("NaN"), "NaN");
    }

    #[test]
    fn the_side_of_the_body_counts() {
        let of = |text: &str| {
            let record =
                json!({"resourceType": "Condition", "code": {"coding": [{"system": "s", "code": "1"}], "text": text}});
            features(&record, None).unwrap().exact
        };
        assert_ne!(of("Arthrose, linkes Knie"), of("Arthrose, rechtes Knie"));
        assert_eq!(of("Osteoarthritis of the left knee"), of("OA (LEFT) knee"));
        assert_ne!(of("OA of knee"), of("OA of left knee"));
    }

    #[test]
    fn strengths_in_the_words_beside_a_substance_count() {
        let of = |system: &str, text: &str| {
            let record = json!({"resourceType": "MedicationStatement", "medicationCodeableConcept":
                {"coding": [{"system": system, "code": "B01AA03"}], "text": text}});
            features(&record, None).unwrap().exact
        };
        assert_ne!(of(ATC, "Waran 1 mg tablett"), of(ATC, "Waran 5 mg tablett"));
        assert_eq!(of(ATC, "Waran 2,50 mg tablett"), of(ATC, "Warfarin 2.5mg"));
        assert_eq!(of(ATC, "Waran, 3 times"), of(ATC, "Warfarin"));
        let rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
        assert_eq!(of(rxnorm, "Warfarin 1 MG Oral Tablet"), of(rxnorm, "warfarin"), "its code says it");
    }

    #[test]
    fn a_medicine_that_is_pointed_to_has_its_strength() {
        let medication = |value: u32| {
            json!({"resourceType": "Medication", "code": {"coding": [{"system": ATC, "code": "B01AA03"}]},
                "ingredient": [{"strength": {"numerator": {"value": value, "unit": "mg"}, "denominator": {"value": 1}}}]})
        };
        let (one, five) = (medication(1), medication(5));
        let record =
            json!({"resourceType": "MedicationStatement", "medicationReference": {"reference": "Medication/m"}});
        let of = |medication| features(&record, Medicine::of(medication).as_ref()).unwrap().exact;
        assert_ne!(of(&one), of(&five));
        assert!(of(&one).contains("mg"));
    }

    #[test]
    fn values_are_compared_by_what_they_say() {
        let of = |value: serde_json::Value| own_value(&value).unwrap();
        assert_eq!(
            of(json!({"valueQuantity": {"value": 5.50, "unit": "mg/dl"}})),
            of(json!({"valueQuantity": {"value": 5.5, "unit": "mg/dL", "code": "mg/dL"}}))
        );
        assert_ne!(
            of(json!({"valueQuantity": {"value": 5.5, "unit": "mg/dL"}})),
            of(json!({"valueQuantity": {"value": 5.5, "unit": "mmol/L"}}))
        );
        assert_ne!(
            of(json!({"valueQuantity": {"value": 5.5, "comparator": "<", "unit": "mg/dL"}})),
            of(json!({"valueQuantity": {"value": 5.5, "unit": "mg/dL"}}))
        );
    }
}
