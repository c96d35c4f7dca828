//! The languages that receipts are written in, and the words of a grant in each.

use crate::grant::{
    Access, Category, Format, Granter, IdentifiedBy, Language, Obligation, Purpose, RecipientClass, Sensitivity,
};

/// One text in each language: English, German, Spanish, French, Portuguese.
pub(super) type Texts = [&'static str; 5];

/// A language that receipts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    English,
    German,
    Spanish,
    French,
    Portuguese,
}

impl Tongue {
    /// By the primary subtag; English for what is not known.
    pub(super) fn of(language: &Language) -> Self {
        match language.as_str().split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "de" => Self::German,
            "es" => Self::Spanish,
            "fr" => Self::French,
            "pt" => Self::Portuguese,
            _ => Self::English,
        }
    }

    /// The text in this language.
    pub(super) fn pick(self, texts: Texts) -> &'static str {
        let [en, de, es, fr, pt] = texts;
        match self {
            Self::English => en,
            Self::German => de,
            Self::Spanish => es,
            Self::French => fr,
            Self::Portuguese => pt,
        }
    }

    /// Its BCP 47 tag.
    pub(super) fn tag(self) -> &'static str {
        self.pick(["en", "de", "es", "fr", "pt"])
    }
}

pub(super) fn granter(granter: Granter) -> Texts {
    match granter {
        Granter::Patient => {
            ["the person", "von der Person selbst", "la propia persona", "la personne elle-même", "a própria pessoa"]
        }
        Granter::Parent => {
            ["a parent", "von einem Elternteil", "su padre o su madre", "un de ses parents", "o pai ou a mãe"]
        }
        Granter::Guardian => [
            "the legal guardian",
            "von der gesetzlichen Vertretung",
            "su tutor legal",
            "son représentant légal",
            "o representante legal",
        ],
        Granter::Attorney => [
            "somebody with power of attorney",
            "von jemandem mit Vollmacht",
            "alguien con poder notarial",
            "une personne munie d’une procuration",
            "alguém com procuração",
        ],
    }
}

/// What stands behind a recipient's name; nothing for a person.
pub(super) fn class(class: RecipientClass) -> Texts {
    match class {
        RecipientClass::Organization => {
            [" (organisation)", " (Einrichtung)", " (organización)", " (organisation)", " (organização)"]
        }
        RecipientClass::Role => [" (role)", " (Funktion)", " (función)", " (fonction)", " (função)"],
        RecipientClass::Anyone | RecipientClass::Person => [""; 5],
    }
}

pub(super) fn identified(by: IdentifiedBy) -> Texts {
    match by {
        IdentifiedBy::Nothing => ["nothing", "nichts", "nada", "rien", "nada"],
        IdentifiedBy::Patient => [
            "what the person says",
            "die Angabe der Person",
            "lo que dice la persona",
            "ce que dit la personne",
            "o que diz a pessoa",
        ],
        IdentifiedBy::Request => [
            "a signed request",
            "eine unterschriebene Anfrage",
            "una solicitud firmada",
            "une demande signée",
            "um pedido assinado",
        ],
        IdentifiedBy::Directory => ["a directory", "ein Verzeichnis", "un directorio", "un annuaire", "um diretório"],
    }
}

/// What HL7's purpose means; in English in HL7's own words.
pub(super) fn purpose(purpose: Purpose) -> Texts {
    let [de, es, fr, pt] = match purpose {
        Purpose::Treatment => ["Behandlung", "tratamiento", "traitement", "tratamento"],
        Purpose::EmergencyTreatment => {
            ["Notfallbehandlung", "tratamiento de urgencia", "traitement en urgence", "tratamento de urgência"]
        }
        Purpose::BreakGlass => {
            ["Notzugriff", "acceso de emergencia", "accès d’urgence exceptionnel", "acesso de emergência"]
        }
        Purpose::Coordination => [
            "Abstimmung der Versorgung",
            "coordinación asistencial",
            "coordination des soins",
            "coordenação de cuidados",
        ],
        Purpose::PatientRequest => {
            ["auf Wunsch der Person", "a petición del paciente", "à la demande du patient", "a pedido do paciente"]
        }
        Purpose::FamilyRequest => {
            ["auf Wunsch der Familie", "a petición de la familia", "à la demande de la famille", "a pedido da família"]
        }
        Purpose::Research => ["Forschung", "investigación", "recherche", "investigação"],
        Purpose::Payment => ["Abrechnung", "pago", "paiement", "pagamento"],
        Purpose::Operations => [
            "Betrieb der Einrichtung",
            "gestión del centro sanitario",
            "gestion de l’établissement",
            "gestão da instituição",
        ],
        Purpose::PublicHealth => ["öffentliche Gesundheit", "salud pública", "santé publique", "saúde pública"],
    };
    [purpose.display(), de, es, fr, pt]
}

pub(super) fn category(category: Category) -> Texts {
    match category {
        Category::Person => ["person", "Person", "persona", "personne", "pessoa"],
        Category::Allergy => ["allergy", "Allergien", "alergias", "allergies", "alergias"],
        Category::Problem => {
            ["problem", "Gesundheitsprobleme", "problemas de salud", "problèmes de santé", "problemas de saúde"]
        }
        Category::Medicine => ["medicine", "Medikamente", "medicamentos", "médicaments", "medicamentos"],
        Category::Immunization => ["immunization", "Impfungen", "vacunas", "vaccinations", "vacinas"],
        Category::Result => ["result", "Befunde", "resultados", "résultats", "resultados"],
        Category::Vital => ["vital", "Vitalwerte", "constantes vitales", "constantes vitales", "sinais vitais"],
        Category::Procedure => ["procedure", "Eingriffe", "procedimientos", "interventions", "procedimentos"],
        Category::Report => ["report", "Berichte", "informes", "comptes rendus", "relatórios"],
        Category::Visit => ["visit", "Besuche", "consultas", "visites", "consultas"],
        Category::Document => ["document", "Dokumente", "documentos", "documents", "documentos"],
        Category::CarePlan => {
            ["care plan", "Behandlungspläne", "planes de cuidados", "plans de soins", "planos de cuidados"]
        }
        Category::Device => ["device", "Geräte", "dispositivos", "dispositifs", "dispositivos"],
        Category::Social => ["social", "Lebensumstände", "hábitos de vida", "mode de vie", "hábitos de vida"],
        Category::Insurance => ["insurance", "Versicherung", "seguro", "assurance", "seguro"],
        Category::Other => ["other", "anderes", "otros", "autres", "outros"],
    }
}

/// In English in the words of the receipt for programs.
pub(super) fn sensitivity(label: Sensitivity) -> Texts {
    let [de, es, fr, pt] = match label {
        Sensitivity::SubstanceUse => [
            "Suchterkrankung",
            "trastorno por consumo de sustancias",
            "trouble de l’usage de substances",
            "perturbação por uso de substâncias",
        ],
        Sensitivity::SubstanceAbuse => [
            "Missbrauch von Alkohol und Drogen",
            "abuso de sustancias, incluido el alcohol",
            "abus de substances, dont l’alcool",
            "abuso de substâncias, incluindo álcool",
        ],
        Sensitivity::Psychiatry => ["Psychiatrie", "psiquiatría", "psychiatrie", "psiquiatria"],
        Sensitivity::MentalHealth => ["seelische Gesundheit", "salud mental", "santé mentale", "saúde mental"],
        Sensitivity::Hiv => ["HIV und AIDS", "VIH y sida", "VIH et sida", "VIH e SIDA"],
        Sensitivity::SexuallyTransmitted => [
            "sexuell übertragbare Krankheit",
            "enfermedad de transmisión sexual",
            "maladie sexuellement transmissible",
            "doença sexualmente transmissível",
        ],
        Sensitivity::Sexuality => [
            "sexuelle und reproduktive Gesundheit",
            "sexualidad y salud reproductiva",
            "sexualité et santé reproductive",
            "sexualidade e saúde reprodutiva",
        ],
        Sensitivity::Violence => [
            "sexuelle Gewalt, Missbrauch oder häusliche Gewalt",
            "agresión sexual, maltrato o violencia doméstica",
            "agression sexuelle, maltraitance ou violence domestique",
            "agressão sexual, maus-tratos ou violência doméstica",
        ],
        Sensitivity::Genetic => {
            ["genetische Erkrankung", "enfermedad genética", "maladie génétique", "doença genética"]
        }
        Sensitivity::Restricted => [
            "aus irgendeinem Grund beschränkt",
            "restringido por cualquier motivo",
            "restreint pour quelque raison que ce soit",
            "restrito por qualquer motivo",
        ],
    };
    [crate::consent_receipt::terms::sensitivity(label), de, es, fr, pt]
}

/// In English in the words of the receipt for programs.
pub(super) fn obligation(obligation: Obligation) -> Texts {
    let [de, es, fr, pt] = match obligation {
        Obligation::NoRedisclosure => [
            "Nicht ohne eine Einwilligung weitergeben, die das erlaubt",
            "No transmitirlo sin un consentimiento que lo permita",
            "Ne pas transmettre sans un consentement qui le permet",
            "Não transmitir sem um consentimento que o permita",
        ],
        Obligation::DeleteAfterUse => [
            "Nach Gebrauch löschen",
            "Eliminarlo después de su uso",
            "Supprimer après usage",
            "Eliminar após a utilização",
        ],
    };
    [crate::consent_receipt::terms::rule(obligation).1, de, es, fr, pt]
}

pub(super) fn format(format: Format) -> Texts {
    match format {
        Format::Ips => ["International Patient Summary"; 5],
        Format::Ktc => [
            "patient-shared records",
            "vom Patienten geteilte Unterlagen",
            "documentos compartidos por el paciente",
            "documents partagés par le patient",
            "documentos partilhados pelo paciente",
        ],
        Format::Pdf => ["PDF"; 5],
    }
}

pub(super) fn access(access: Access) -> Texts {
    match access {
        Access::View => [
            "look at the records",
            "die Unterlagen ansehen",
            "ver los documentos",
            "consulter les documents",
            "ver os documentos",
        ],
        Access::Download => {
            ["keep a copy", "eine Kopie behalten", "guardar una copia", "garder une copie", "guardar uma cópia"]
        }
    }
}
