//! What stands before a fact on a page, in the page's language.

use crate::{display::FactLabel, summary_text::Language};

/// The words of a label.
pub(super) fn words(label: FactLabel, language: Language) -> &'static str {
    // English, German, Spanish, French, Portuguese.
    language.pick(match label {
        FactLabel::Value => ["Value", "Wert", "Valor", "Valeur", "Valor"],
        FactLabel::ReferenceRange => [
            "Reference range",
            "Referenzbereich",
            "Intervalo de referencia",
            "Intervalle de référence",
            "Intervalo de referência",
        ],
        FactLabel::Interpretation => {
            ["Interpretation", "Beurteilung", "Interpretación", "Interprétation", "Interpretação"]
        }
        FactLabel::Component => ["Part", "Teil", "Parte", "Partie", "Parte"],
        FactLabel::Dosage => ["Dosage", "Dosierung", "Posología", "Posologie", "Posologia"],
        FactLabel::Route => {
            ["Route", "Art der Anwendung", "Vía de administración", "Voie d’administration", "Via de administração"]
        }
        FactLabel::Form => {
            ["Form", "Darreichungsform", "Forma farmacéutica", "Forme pharmaceutique", "Forma farmacêutica"]
        }
        FactLabel::Quantity => ["Quantity", "Menge", "Cantidad", "Quantité", "Quantidade"],
        FactLabel::Reason => ["Reason", "Grund", "Motivo", "Motif", "Motivo"],
        FactLabel::Severity => ["Severity", "Schweregrad", "Gravedad", "Gravité", "Gravidade"],
        FactLabel::Criticality => ["Criticality", "Gefährlichkeit", "Criticidad", "Criticité", "Criticidade"],
        FactLabel::Reaction => ["Reaction", "Reaktion", "Reacción", "Réaction", "Reação"],
        FactLabel::Verification => {
            ["Verification", "Sicherheit der Angabe", "Verificación", "Vérification", "Verificação"]
        }
        FactLabel::Onset => ["Onset", "Beginn", "Inicio", "Début", "Início"],
        FactLabel::Abatement => ["Abatement", "Ende", "Resolución", "Résolution", "Resolução"],
        FactLabel::Recorded => ["Recorded", "Erfasst", "Registrado", "Enregistré", "Registado"],
        FactLabel::Period => ["Period", "Zeitraum", "Período", "Période", "Período"],
        FactLabel::Performer => ["Performed by", "Durchgeführt von", "Realizado por", "Réalisé par", "Realizado por"],
        FactLabel::Requester => ["Requested by", "Angefordert von", "Solicitado por", "Demandé par", "Pedido por"],
        FactLabel::Author => ["Author", "Verfasst von", "Autor", "Auteur", "Autor"],
        FactLabel::Location => ["Place", "Ort", "Lugar", "Lieu", "Local"],
        FactLabel::BodySite => {
            ["Body site", "Körperstelle", "Localización anatómica", "Localisation anatomique", "Localização anatómica"]
        }
        FactLabel::LotNumber => ["Lot number", "Chargennummer", "Número de lote", "Numéro de lot", "Número de lote"],
        FactLabel::DoseNumber => ["Dose number", "Dosisnummer", "Número de dosis", "Numéro de dose", "Número da dose"],
        FactLabel::TargetDisease => ["Target disease", "Gegen", "Enfermedad objetivo", "Maladie cible", "Doença-alvo"],
        FactLabel::Manufacturer => ["Manufacturer", "Hersteller", "Fabricante", "Fabricant", "Fabricante"],
        FactLabel::Conclusion => ["Conclusion", "Schlussfolgerung", "Conclusión", "Conclusion", "Conclusão"],
        FactLabel::Results => ["Results", "Ergebnisse", "Resultados", "Résultats", "Resultados"],
        FactLabel::Outcome => ["Outcome", "Ergebnis", "Desenlace", "Issue", "Desfecho"],
        FactLabel::Specimen => ["Specimen", "Probe", "Muestra", "Échantillon", "Amostra"],
        FactLabel::Method => ["Method", "Verfahren", "Método", "Méthode", "Método"],
        FactLabel::VisitClass => {
            ["Kind of visit", "Art des Besuchs", "Tipo de consulta", "Type de visite", "Tipo de consulta"]
        }
        FactLabel::Category => ["Category", "Kategorie", "Categoría", "Catégorie", "Categoria"],
        FactLabel::Activity => ["Activity", "Maßnahme", "Actividad", "Activité", "Atividade"],
        FactLabel::Note => ["Note", "Anmerkung", "Nota", "Remarque", "Nota"],
        FactLabel::FileType => ["File type", "Dateityp", "Tipo de archivo", "Type de fichier", "Tipo de ficheiro"],
        FactLabel::FileSize => {
            ["File size", "Dateigröße", "Tamaño del archivo", "Taille du fichier", "Tamanho do ficheiro"]
        }
        FactLabel::Answer => ["Answer", "Antwort", "Respuesta", "Réponse", "Resposta"],
        FactLabel::FamilyCondition => [
            "Condition in the family",
            "Erkrankung in der Familie",
            "Enfermedad en la familia",
            "Maladie dans la famille",
            "Doença na família",
        ],
        FactLabel::BirthDate => {
            ["Date of birth", "Geburtsdatum", "Fecha de nacimiento", "Date de naissance", "Data de nascimento"]
        }
        FactLabel::Sex => ["Sex", "Geschlecht", "Sexo", "Sexe", "Sexo"],
        FactLabel::Identifier => ["Identifier", "Kennung", "Identificador", "Identifiant", "Identificador"],
        FactLabel::Address => ["Address", "Adresse", "Dirección", "Adresse", "Morada"],
        FactLabel::Contact => ["Contact", "Kontakt", "Contacto", "Contact", "Contacto"],
        FactLabel::Language => ["Language", "Sprache", "Idioma", "Langue", "Língua"],
        FactLabel::Payer => ["Payer", "Kostenträger", "Pagador", "Payeur", "Pagador"],
        FactLabel::Amount => ["Amount", "Betrag", "Importe", "Montant", "Montante"],
        FactLabel::Code => ["Code", "Code", "Código", "Code", "Código"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_has_words_in_every_language_and_none_is_its_key() {
        for label in FactLabel::ALL {
            for tag in ["en", "de", "es", "fr", "pt"] {
                let words = words(*label, Language::of(tag));
                assert!(words.chars().next().is_some_and(char::is_uppercase), "{label:?} {tag}: {words}");
                assert!(!words.contains('-') || words == "Doença-alvo", "{label:?} {tag}: {words}");
            }
        }
    }
}
