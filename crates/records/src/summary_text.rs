//! The human-readable text of a summary: XHTML from the selected records only, everything escaped.

use crate::display::{Description, Fact, FactLabel, escape_xhtml as escape};

/// A language that titles exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
    Spanish,
    French,
    Portuguese,
}

impl Language {
    /// By the primary subtag; English for what is not known.
    pub(crate) fn of(tag: &str) -> Language {
        match tag.split(['-', '_']).next().unwrap_or_default() {
            "de" => Language::German,
            "es" => Language::Spanish,
            "fr" => Language::French,
            "pt" => Language::Portuguese,
            _ => Language::English,
        }
    }

    /// Its BCP 47 tag.
    pub(crate) fn tag(self) -> &'static str {
        self.pick(["en", "de", "es", "fr", "pt"])
    }

    /// The text in this language of one in each: English, German, Spanish, French, Portuguese.
    pub(crate) fn pick(self, texts: [&'static str; 5]) -> &'static str {
        let [en, de, es, fr, pt] = texts;
        match self {
            Language::English => en,
            Language::German => de,
            Language::Spanish => es,
            Language::French => fr,
            Language::Portuguese => pt,
        }
    }
}

/// A section's narrative: a table of its records.
pub(crate) fn table(records: &[Description], language: Language) -> String {
    let mut out = String::with_capacity(200 + records.len() * 160);
    out.push_str("<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"");
    out.push_str(language.tag());
    out.push_str("\" xml:lang=\"");
    out.push_str(language.tag());
    out.push_str("\"><table><thead><tr>");
    for heading in headings(language) {
        out.push_str("<th>");
        escape(heading, &mut out);
        out.push_str("</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for record in records {
        out.push_str("<tr>");
        cell(&record.title, &mut out);
        cell(&details(record, language), &mut out);
        cell(record.date.as_deref().map(day).unwrap_or_default(), &mut out);
        cell(record.status.as_deref().unwrap_or_default(), &mut out);
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// One paragraph.
pub(crate) fn paragraph(text: &str, language: Language) -> String {
    let tag = language.tag();
    let mut out = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"{tag}\" xml:lang=\"{tag}\"><p>");
    escape(text, &mut out);
    out.push_str("</p></div>");
    out
}

/// What an empty section says: not that there is nothing, only that nothing is in here.
pub(crate) fn nothing_included(language: Language) -> &'static str {
    language.pick([
        "No information on this is included.",
        "Dazu sind keine Angaben enthalten.",
        "No se incluye información al respecto.",
        "Aucune information à ce sujet n’est incluse.",
        "Não está incluída informação sobre isto.",
    ])
}

/// What stands above the people, organisations and medicines that records refer to.
pub(crate) fn named_in_records(language: Language) -> &'static str {
    language.pick([
        "Named in these records",
        "In diesen Angaben genannt",
        "Mencionados en estos datos",
        "Cités dans ces données",
        "Mencionados nestes dados",
    ])
}

/// The document's title.
pub(crate) fn document_title(language: Language) -> &'static str {
    language.pick([
        "Patient summary",
        "Patientenkurzakte",
        "Resumen del paciente",
        "Synthèse médicale",
        "Resumo do paciente",
    ])
}

/// What stands where the patient has no name.
#[cfg(feature = "pdf")]
pub(crate) fn unnamed(language: Language) -> &'static str {
    language.pick([
        "Name not stated",
        "Name nicht angegeben",
        "Nombre no indicado",
        "Nom non indiqué",
        "Nome não indicado",
    ])
}

/// What stands before the day on which a document was made.
#[cfg(feature = "pdf")]
pub(crate) fn made_on(language: Language) -> &'static str {
    language.pick(["made on", "erstellt am", "creado el", "établi le", "criado em"])
}

/// Who vouches for a document, and who does not.
#[cfg(feature = "pdf")]
pub(crate) fn shared_by_patient(language: Language) -> &'static str {
    language.pick([
        "Shared by the patient. Chosen by the patient; it may not be complete.",
        "Vom Patienten geteilt. Vom Patienten ausgewählt; möglicherweise nicht vollständig.",
        "Compartido por el paciente. Elegido por el paciente; puede no estar completo.",
        "Partagé par le patient. Choisi par le patient ; peut être incomplet.",
        "Partilhado pelo paciente. Escolhido pelo paciente; pode não estar completo.",
    ])
}

/// Where the rest stands.
#[cfg(feature = "pdf")]
pub(crate) fn on_the_next_pages(language: Language) -> &'static str {
    language.pick([
        "On the following pages",
        "Auf den folgenden Seiten",
        "En las páginas siguientes",
        "Aux pages suivantes",
        "Nas páginas seguintes",
    ])
}

/// What stands above the patient's address, numbers and languages.
#[cfg(feature = "pdf")]
pub(crate) fn about_the_patient(language: Language) -> &'static str {
    language.pick(["About the patient", "Zur Person", "Sobre el paciente", "À propos du patient", "Sobre o paciente"])
}

/// What a document says where a font lacked characters.
#[cfg(feature = "pdf")]
pub(crate) fn characters_missing(language: Language) -> &'static str {
    language.pick([
        "Some characters could not be printed; an empty box stands in their place.",
        "Einige Schriftzeichen konnten nicht gedruckt werden; an ihrer Stelle steht ein leeres Kästchen.",
        "Algunos caracteres no se pudieron imprimir; en su lugar hay un recuadro vacío.",
        "Certains caractères n’ont pas pu être imprimés ; une case vide les remplace.",
        "Alguns caracteres não puderam ser impressos; no seu lugar está um quadrado vazio.",
    ])
}

/// What stands above the columns of a table of records.
pub(crate) fn headings(language: Language) -> [&'static str; 4] {
    [
        language.pick(["What", "Was", "Qué", "Quoi", "O quê"]),
        language.pick(["Details", "Einzelheiten", "Detalles", "Détails", "Detalhes"]),
        language.pick(["When", "Wann", "Cuándo", "Quand", "Quando"]),
        language.pick(["Status", "Status", "Estado", "Statut", "Estado"]),
    ]
}

/// The value with its range, or the facts a clinician reads first.
pub(crate) fn details(record: &Description, language: Language) -> String {
    if let Some(measurement) = &record.measurement {
        let range = match (&measurement.low, &measurement.high) {
            (Some(low), Some(high)) => format!(" ({low} – {high})"),
            (Some(low), None) => format!(" (≥ {low})"),
            (None, Some(high)) => format!(" (≤ {high})"),
            (None, None) => String::new(),
        };
        let judged = measurement.interpretation.as_ref().map(|text| format!(", {text}")).unwrap_or_default();
        return format!("{measurement}{range}{judged}");
    }
    let shown = |fact: &&Fact| {
        matches!(
            fact.label,
            FactLabel::Value
                | FactLabel::Component
                | FactLabel::Dosage
                | FactLabel::Reaction
                | FactLabel::Criticality
                | FactLabel::Severity
                | FactLabel::Abatement
                | FactLabel::BodySite
                | FactLabel::DoseNumber
                | FactLabel::Conclusion
                | FactLabel::Outcome
                | FactLabel::Activity
                | FactLabel::Reason
        )
    };
    // "low" by itself says nothing; the other facts tell by their words what they are.
    let words = |fact: &Fact| match fact.label {
        FactLabel::Criticality => format!("{}: {}", possible_danger(language), fact.value),
        _ => fact.value.clone(),
    };
    let facts: Vec<String> = record.facts.iter().filter(shown).take(12).map(words).collect();
    facts.join("; ")
}

/// What stands before how dangerous an allergy could become.
fn possible_danger(language: Language) -> &'static str {
    language.pick(["possible danger", "mögliche Gefahr", "peligro posible", "danger possible", "perigo possível"])
}

/// The day of a FHIR date or time.
pub(crate) fn day(date: &str) -> &str {
    date.get(..10).unwrap_or(date)
}

fn cell(text: &str, out: &mut String) {
    out.push_str("<td>");
    escape(text, out);
    out.push_str("</td>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::describe;
    use serde_json::json;

    #[test]
    fn how_dangerous_an_allergy_could_become_says_what_it_is() {
        let allergy = describe(&json!({"resourceType": "AllergyIntolerance", "code": {"text": "Pollen"},
            "criticality": "low", "reaction": [{"manifestation": [{"text": "Sneezing"}]}]}));
        assert_eq!(details(&allergy, Language::English), "Sneezing; possible danger: low");
        assert_eq!(details(&allergy, Language::German), "Sneezing; mögliche Gefahr: low");
    }
}
