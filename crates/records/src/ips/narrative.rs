//! The human-readable text of the document: XHTML from the selected records only, everything escaped.

use super::sections::Language;
use crate::display::{Description, Fact, FactLabel, escape_xhtml as escape};

/// FHIR's extension that says why an element is not there.
pub(super) const DATA_ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// A section's narrative: a table of its records.
pub(super) fn table(records: &[Description], language: Language) -> String {
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
        cell(&details(record), &mut out);
        cell(record.date.as_deref().map(day).unwrap_or_default(), &mut out);
        cell(record.status.as_deref().unwrap_or_default(), &mut out);
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// One paragraph.
pub(super) fn paragraph(text: &str, language: Language) -> String {
    let tag = language.tag();
    let mut out = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"{tag}\" xml:lang=\"{tag}\"><p>");
    escape(text, &mut out);
    out.push_str("</p></div>");
    out
}

/// What an empty section says: not that there is nothing, only that nothing is in here.
pub(super) fn nothing_included(language: Language) -> &'static str {
    language.pick([
        "No information on this is included.",
        "Dazu sind keine Angaben enthalten.",
        "No se incluye información al respecto.",
        "Aucune information à ce sujet n’est incluse.",
        "Não está incluída informação sobre isto.",
    ])
}

/// The document's title.
pub(super) fn document_title(language: Language) -> &'static str {
    language.pick([
        "Patient summary",
        "Patientenkurzakte",
        "Resumen del paciente",
        "Synthèse médicale",
        "Resumo do paciente",
    ])
}

fn headings(language: Language) -> [&'static str; 4] {
    [
        language.pick(["What", "Was", "Qué", "Quoi", "O quê"]),
        language.pick(["Details", "Einzelheiten", "Detalles", "Détails", "Detalhes"]),
        language.pick(["When", "Wann", "Cuándo", "Quand", "Quando"]),
        language.pick(["Status", "Status", "Estado", "Statut", "Estado"]),
    ]
}

/// The value with its range, or the facts a clinician reads first.
fn details(record: &Description) -> String {
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
    let facts: Vec<&str> = record.facts.iter().filter(shown).take(12).map(|fact| fact.value.as_str()).collect();
    facts.join("; ")
}

/// The day of a FHIR date or time.
fn day(date: &str) -> &str {
    date.get(..10).unwrap_or(date)
}

fn cell(text: &str, out: &mut String) {
    out.push_str("<td>");
    escape(text, out);
    out.push_str("</td>");
}
