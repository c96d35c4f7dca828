//! Words and icons for categories, labels and states of records.

use super::Icon;
use crate::i18n;

/// The key of a category's name in the plural ("Allergies").
pub fn category_key(category: &str) -> &'static str {
    match category {
        "person" => "category-person",
        "allergy" => "category-allergy",
        "problem" => "category-problem",
        "medicine" => "category-medicine",
        "immunization" => "category-immunization",
        "result" => "category-result",
        "vital" => "category-vital",
        "procedure" => "category-procedure",
        "report" => "category-report",
        "visit" => "category-visit",
        "document" => "category-document",
        "care_plan" => "category-care-plan",
        "device" => "category-device",
        "social" => "category-social",
        "insurance" => "category-insurance",
        _ => "category-other",
    }
}

/// The icon of a category.
pub fn category_icon(category: &str) -> Icon {
    match category {
        "person" => Icon::Person,
        "allergy" => Icon::Allergy,
        "problem" => Icon::Problem,
        "medicine" => Icon::Medicine,
        "immunization" => Icon::Immunization,
        "result" => Icon::Result,
        "vital" => Icon::Vital,
        "procedure" => Icon::Procedure,
        "report" => Icon::Report,
        "visit" => Icon::Visit,
        "document" => Icon::Document,
        "care_plan" => Icon::CarePlan,
        "device" => Icon::Device,
        "social" => Icon::People,
        "insurance" => Icon::Insurance,
        _ => Icon::Records,
    }
}

/// The key of what is held back under a sensitivity label (HL7 v3 ActCode).
pub fn sensitivity_key(label: &str) -> &'static str {
    match label {
        "SUD" | "ETH" => "sensitive-sud",
        "PSY" | "MH" => "sensitive-psy",
        "HIV" => "sensitive-hiv",
        "STD" => "sensitive-std",
        "SEX" => "sensitive-sex",
        "SDV" => "sensitive-sdv",
        "GDIS" => "sensitive-gdis",
        _ => "sensitive-other",
    }
}

/// The label of a fact; a key that this version does not know shows as it came.
pub fn fact_label(key: &str) -> String {
    let key = if key.starts_with("fact-") { key.to_owned() } else { format!("fact-{}", key.replace('_', "-")) };
    if i18n::has(&key) { i18n::text(&key, &[]) } else { key.trim_start_matches("fact-").replace('-', " ") }
}

/// A record's status in words; a code that this version does not know shows as it came.
pub fn status_text(code: &str) -> String {
    let key = format!("record-status-{code}");
    if i18n::has(&key) { i18n::text(&key, &[]) } else { code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Face, has, start};
    use carnet_records::display::FactLabel;
    use carnet_records::index::Category;

    #[test]
    fn every_label_category_and_sensitivity_has_words() {
        start("en", Face::App);
        for label in FactLabel::ALL {
            assert!(has(&format!("fact-{}", label.key())), "{}", label.key());
        }
        for category in Category::all() {
            let key = category_key(category.as_str());
            assert!(has(key));
            assert_eq!(key == "category-other", category.as_str() == "other", "{}", category.as_str());
        }
        for label in ["SUD", "ETH", "PSY", "MH", "HIV", "STD", "SEX", "SDV", "GDIS", "R", "?"] {
            assert!(has(sensitivity_key(label)));
        }
    }

    #[test]
    fn what_is_unknown_shows_as_it_came() {
        start("en", Face::App);
        assert_eq!(fact_label("shoe_size"), "shoe size");
        assert_eq!(status_text("brand-new"), "brand-new");
    }
}
