//! A consent receipt in words, for a page, in the person's language where there are words for it.

mod tongue;

use super::{ConsentReceipt, NOT_STATED, Standing, WHOEVER};
use crate::grant::{Content, FhirDate, Language, LeftOut, Member, Name, RecipientClass};
use crate::{encoding, time};
use tongue::{Texts, Tongue};

/// A receipt in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The language they are in (BCP 47).
    pub language: &'static str,
    /// The title of the page.
    pub title: &'static str,
    /// All that the receipt says, in order.
    pub sections: Vec<Section>,
}

/// A part of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What stands there, in order.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub label: &'static str,
    /// What it says. Names in it are the patient's or a stranger's words: text, never markup.
    pub value: String,
}

impl ConsentReceipt {
    /// All that the receipt says, in words of this language: German, Spanish, French, Portuguese, else English.
    pub fn in_words(&self, language: &Language) -> Words {
        let tongue = Tongue::of(language);
        let title = tongue.pick([
            "Consent receipt",
            "Einwilligungsbeleg",
            "Justificante de consentimiento",
            "Reçu de consentement",
            "Comprovativo de consentimento",
        ]);
        let sections = vec![self.consent(tongue), self.what(tongue), self.terms(tongue), self.evidence(tongue)];
        Words { language: tongue.tag(), title, sections }
    }

    fn consent(&self, tongue: Tongue) -> Section {
        let grant = &self.grant;
        let named = grant.recipient.name.as_ref().map(Name::as_str);
        let recipient = named.filter(|_| grant.recipient.class != RecipientClass::Anyone);
        let mut lines = Lines::new(tongue);
        let (state, since) = match (&self.known.withdrawn, self.standing()) {
            (Some(withdrawal), _) => (WITHDRAWN, Some(withdrawal.at)),
            (None, Standing::Expired) => (OVER, Some(grant.expires)),
            (None, Standing::Stopping) => (STOPPING, self.known.stopping),
            (None, _) => (GIVEN, None),
        };
        let since = since.map(|at| format!(" {}", moment(at))).unwrap_or_default();
        lines.push(["State", "Stand", "Estado", "État", "Estado"], format!("{}{since}", tongue.pick(state)));
        lines.push_some(
            ["Person", "Person", "Persona", "Personne", "Pessoa"],
            self.known.subject.as_ref().map(Name::to_string),
        );
        lines.push(
            ["Given by", "Erteilt", "Otorgado por", "Donné par", "Dado por"],
            tongue.pick(tongue::granter(grant.granter)),
        );
        lines.push(["Given on", "Erteilt am", "Otorgado el", "Donné le", "Dado em"], moment(grant.issued_at));
        let class = tongue.pick(tongue::class(grant.recipient.class));
        lines.push(
            ["Shared with", "Geteilt mit", "Compartido con", "Partagé avec", "Partilhado com"],
            recipient.map_or_else(|| tongue.pick(ANYBODY).to_owned(), |name| format!("{name}{class}")),
        );
        lines.push(
            ["Known by", "Erkannt durch", "Conocido por", "Connu par", "Conhecido por"],
            tongue.pick(tongue::identified(grant.recipient.identified_by)),
        );
        lines.push_some(
            ["Asked for by", "Angefragt von", "Solicitado por", "Demandé par", "Pedido por"],
            grant.request.as_ref().map(|request| request.by.to_string()),
        );
        let controller = self.controller();
        lines.push(
            [
                "Responsible for the records there",
                "Dort verantwortlich",
                "Responsable de los documentos allí",
                "Responsable des documents sur place",
                "Responsável pelos documentos no destino",
            ],
            if controller == WHOEVER { tongue.pick(ANYBODY) } else { controller },
        );
        if let Some(controller) = &self.known.controller {
            lines.push_some(
                ["How to reach them", "Erreichbar unter", "Contacto", "Contact", "Contacto"],
                controller.contact.as_ref().map(Name::to_string),
            );
            lines.push_some(
                ["Where they are", "Anschrift", "Dirección", "Adresse", "Morada"],
                controller.address.as_ref().map(Name::to_string),
            );
        }
        let purpose = tongue.pick(tongue::purpose(grant.purpose));
        lines.push(
            ["Purpose", "Zweck", "Finalidad", "Finalité", "Finalidade"],
            format!("{purpose} ({})", grant.purpose.as_str()),
        );
        lines.under(["Consent", "Einwilligung", "Consentimiento", "Consentement", "Consentimento"])
    }

    fn what(&self, tongue: Tongue) -> Section {
        let what = &self.grant.what;
        let list = |texts: Vec<Texts>, between: &str| {
            texts.into_iter().map(|texts| tongue.pick(texts)).collect::<Vec<_>>().join(between)
        };
        let mut lines = Lines::new(tongue);
        lines.push(
            [
                "Kinds of records",
                "Arten von Unterlagen",
                "Tipos de documentos",
                "Types de documents",
                "Tipos de documentos",
            ],
            match &what.categories {
                None => tongue.pick(["all", "alle", "todos", "tous", "todos"]).to_owned(),
                Some(categories) => list(categories.iter().map(tongue::category).collect(), ", "),
            },
        );
        let codes = what.codes.iter().map(|code| format!("{} {}", code.system, code.code)).collect::<Vec<_>>();
        lines.push_some(
            [
                "Only with these codes",
                "Nur mit diesen Codes",
                "Solo con estos códigos",
                "Seulement avec ces codes",
                "Só com estes códigos",
            ],
            (!codes.is_empty()).then(|| codes.join(", ")),
        );
        let since = what.since.as_ref().map(|since| match what.earliest() {
            Some(_) => since.as_str().to_owned(),
            None => format!("{} ({})", since.as_str(), tongue.pick(WHATEVER_AGE)),
        });
        lines.push_some(["From", "Ab", "Desde", "À partir du", "Desde"], since);
        lines.push_some(["Until", "Bis", "Hasta", "Jusqu’au", "Até"], what.until.as_ref().map(FhirDate::as_str));
        lines.push_some(
            [
                "Chosen one by one",
                "Einzeln ausgewählt",
                "Elegidos uno a uno",
                "Choisis un par un",
                "Escolhidos um a um",
            ],
            (!what.pinned.is_empty()).then(|| what.pinned.len().to_string()),
        );
        let left_out: Vec<Texts> = what.leaves_out.iter().map(tongue::sensitivity).collect();
        lines.push_some(
            [
                "Left out if there is any",
                "Weggelassen, falls vorhanden",
                "Omitido, si lo hay",
                "Omis, s’il y en a",
                "Omitido, se existir",
            ],
            (!left_out.is_empty()).then(|| list(left_out, "; ")),
        );
        lines.push(
            ["The reader is told", "Der Leser erfährt", "El lector sabe", "Le lecteur sait", "O leitor sabe"],
            tongue.pick(match what.left_out {
                LeftOut::NotStated => [
                    "not whether something was left out",
                    "nicht, ob etwas weggelassen wurde",
                    "nada sobre posibles omisiones",
                    "rien sur d’éventuelles omissions",
                    "nada sobre possíveis omissões",
                ],
                LeftOut::Something => [
                    "that something was left out",
                    "dass etwas weggelassen wurde",
                    "que se omitió algo",
                    "que quelque chose a été omis",
                    "que algo foi omitido",
                ],
                LeftOut::Nothing => [
                    "that nothing was left out",
                    "dass nichts weggelassen wurde",
                    "que no se omitió nada",
                    "que rien n’a été omis",
                    "que nada foi omitido",
                ],
            }),
        );
        lines.push(
            [
                "Later changes",
                "Spätere Änderungen",
                "Cambios posteriores",
                "Changements ultérieurs",
                "Alterações posteriores",
            ],
            tongue.pick(match what.content {
                Content::Snapshot => [
                    "not shared",
                    "werden nicht geteilt",
                    "no se comparten",
                    "ne sont pas partagés",
                    "não são partilhadas",
                ],
                Content::Live => [
                    "shared through the same link",
                    "werden über denselben Link geteilt",
                    "se comparten por el mismo enlace",
                    "sont partagés par le même lien",
                    "são partilhadas pela mesma ligação",
                ],
            }),
        );
        lines.push(
            ["Form", "Form", "Forma", "Forme", "Forma"],
            list(self.grant.how.formats.iter().map(tongue::format).collect(), ", "),
        );
        lines.push(
            [
                "Entries signed",
                "Unterschriebene Einträge",
                "Entradas firmadas",
                "Entrées signées",
                "Entradas assinadas",
            ],
            self.grant.entries.to_string(),
        );
        lines.under([
            "What is shared",
            "Was geteilt wird",
            "Qué se comparte",
            "Ce qui est partagé",
            "O que é partilhado",
        ])
    }

    fn terms(&self, tongue: Tongue) -> Section {
        let grant = &self.grant;
        let mut lines = Lines::new(tongue);
        lines.push(
            [
                "Can be opened from",
                "Kann geöffnet werden ab",
                "Se puede abrir desde",
                "Peut être ouvert à partir du",
                "Pode ser aberto desde",
            ],
            moment(grant.not_before),
        );
        lines.push(
            [
                "Can be opened until",
                "Kann geöffnet werden bis",
                "Se puede abrir hasta",
                "Peut être ouvert jusqu’au",
                "Pode ser aberto até",
            ],
            moment(grant.expires),
        );
        lines.push_some(
            [
                "Openings at the most",
                "Öffnungen höchstens",
                "Aperturas como máximo",
                "Ouvertures au plus",
                "Aberturas no máximo",
            ],
            grant.max_openings.map(|most| most.to_string()),
        );
        let access = grant.how.access.iter().map(|access| tongue.pick(tongue::access(access)));
        lines.push(
            ["The reader may", "Der Leser darf", "El lector puede", "Le lecteur peut", "O leitor pode"],
            access.collect::<Vec<_>>().join(", "),
        );
        for obligation in grant.obligations.iter() {
            lines.push(
                [
                    "The recipient's duty",
                    "Pflicht des Empfängers",
                    "Deber del destinatario",
                    "Devoir du destinataire",
                    "Dever do destinatário",
                ],
                tongue.pick(tongue::obligation(obligation)),
            );
        }
        lines.push_some(
            [
                "Copies to be erased by",
                "Kopien zu löschen bis",
                "Copias que borrar antes del",
                "Copies à effacer avant le",
                "Cópias a apagar até",
            ],
            grant.erase_by.map(moment),
        );
        let encrypted = tongue.pick(["encrypted", "verschlüsselt", "cifrado", "chiffré", "cifrado"]);
        lines.push(
            ["Kept at", "Aufbewahrt bei", "Guardado en", "Conservé chez", "Guardado em"],
            format!("{} ({encrypted})", self.known.relay),
        );
        lines.push(
            [
                "Where the recipient keeps copies",
                "Wo der Empfänger Kopien aufbewahrt",
                "Dónde guarda copias el destinatario",
                "Où le destinataire garde des copies",
                "Onde o destinatário guarda cópias",
            ],
            tongue.pick([
                NOT_STATED,
                "Der Person nicht mitgeteilt",
                "No se le comunicó al paciente",
                "Non indiqué au patient",
                "Não indicado ao paciente",
            ]),
        );
        let country = self.known.jurisdiction.map(|letters| String::from_utf8_lossy(&letters).into_owned());
        let undetermined = [
            "Not determined by the patient",
            "Von der Person nicht bestimmt",
            "No determinada por el paciente",
            "Non déterminé par le patient",
            "Não determinada pelo paciente",
        ];
        lines.push(
            ["Applicable law", "Anwendbares Recht", "Ley aplicable", "Droit applicable", "Lei aplicável"],
            country.unwrap_or_else(|| tongue.pick(undetermined).to_owned()),
        );
        lines.push(
            ["Withdrawal", "Widerruf", "Revocación", "Retrait", "Revogação"],
            tongue.pick([
                "At any time, in the wallet that gave it or with its printed withdrawal code",
                "Jederzeit, in der Wallet, die sie erteilt hat, oder mit ihrem gedruckten Widerrufscode",
                "En cualquier momento, en la cartera que lo otorgó o con su código de revocación impreso",
                "À tout moment, dans le portefeuille qui l’a donné ou avec son code de retrait imprimé",
                "A qualquer momento, na carteira que o deu ou com o seu código de revogação impresso",
            ]),
        );
        let [version, language] = [
            ["version", "Fassung", "versión", "version", "versão"],
            ["language", "Sprache", "idioma", "langue", "língua"],
        ];
        lines.push(
            ["Notice shown", "Angezeigter Hinweis", "Aviso mostrado", "Avis affiché", "Aviso mostrado"],
            format!(
                "{} {}, {} {}",
                tongue.pick(version),
                grant.notice.version,
                tongue.pick(language),
                grant.notice.language.as_str()
            ),
        );
        lines.under(["Terms", "Bedingungen", "Condiciones", "Conditions", "Condições"])
    }

    fn evidence(&self, tongue: Tongue) -> Section {
        let mut lines = Lines::new(tongue);
        lines.push(
            ["Consent", "Einwilligung", "Consentimiento", "Consentement", "Consentimento"],
            self.grant.id.to_string(),
        );
        lines.push(
            [
                "SHA-256 of the signed consent",
                "SHA-256 der unterschriebenen Einwilligung",
                "SHA-256 del consentimiento firmado",
                "SHA-256 du consentement signé",
                "SHA-256 do consentimento assinado",
            ],
            encoding::to_base64url(&self.signed.sha256()),
        );
        lines.push(
            ["Signing key", "Schlüssel der Unterschrift", "Clave de firma", "Clé de signature", "Chave de assinatura"],
            encoding::to_base64url(&self.grant.key),
        );
        lines.push_some(
            ["Takes the place of", "Tritt an die Stelle von", "Sustituye a", "Remplace", "Substitui"],
            self.grant.supersedes.as_ref().map(|earlier| encoding::to_base64url(earlier)),
        );
        if let Some(place) = &self.known.ledger {
            lines.push(
                ["Public log", "Öffentliches Verzeichnis", "Registro público", "Registre public", "Registo público"],
                place.log.as_str(),
            );
            lines.push(["Entry", "Eintrag", "Entrada", "Entrée", "Entrada"], place.index.to_string());
            lines.push(["Nonce"; 5], encoding::to_base64url(&place.nonce));
        }
        lines.push_some(
            [
                "Published to withdraw",
                "Zum Widerruf veröffentlicht",
                "Publicado para revocar",
                "Publié pour le retrait",
                "Publicado para revogar",
            ],
            self.known.withdrawn.as_ref().map(|withdrawal| encoding::to_base64url(withdrawal.preimage.expose_bytes())),
        );
        lines.push(
            [
                "Receipt made on",
                "Beleg erstellt am",
                "Justificante creado el",
                "Reçu établi le",
                "Comprovativo criado em",
            ],
            moment(self.created),
        );
        lines.under(["Evidence", "Nachweise", "Pruebas", "Preuves", "Provas"])
    }
}

const GIVEN: Texts = ["Given", "Erteilt", "Otorgado", "Donné", "Dado"];
const OVER: Texts = ["Over since", "Abgelaufen seit", "Terminado desde", "Terminé depuis le", "Terminado desde"];
const WITHDRAWN: Texts = ["Withdrawn on", "Widerrufen am", "Revocado el", "Retiré le", "Revogado em"];
const STOPPING: Texts = [
    "Given; withdrawal decided and not yet published, on",
    "Erteilt; Widerruf beschlossen und noch nicht veröffentlicht, am",
    "Otorgado; revocación decidida y aún no publicada, el",
    "Donné ; retrait décidé et pas encore publié, le",
    "Dado; revogação decidida e ainda não publicada, em",
];
const WHATEVER_AGE: Texts = [
    "allergies, problems, medicines and vaccinations however old they are",
    "Allergien, Probleme, Arzneimittel und Impfungen, wie alt sie auch sind",
    "alergias, problemas, medicamentos y vacunas, por antiguos que sean",
    "allergies, problèmes, médicaments et vaccinations, quel que soit leur âge",
    "alergias, problemas, medicamentos e vacinas, por mais antigos que sejam",
];
const ANYBODY: Texts =
    [WHOEVER, "Wer den Link hat", "Quien tenga el enlace", "Quiconque possède le lien", "Quem tiver a ligação"];

struct Lines {
    tongue: Tongue,
    lines: Vec<Line>,
}

impl Lines {
    fn new(tongue: Tongue) -> Self {
        Self { tongue, lines: Vec::new() }
    }

    fn push(&mut self, label: Texts, value: impl Into<String>) {
        self.lines.push(Line { label: self.tongue.pick(label), value: value.into() });
    }

    fn push_some(&mut self, label: Texts, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.push(label, value);
        }
    }

    fn under(self, title: Texts) -> Section {
        Section { title: self.tongue.pick(title), lines: self.lines }
    }
}

/// `2026-05-03 14:00 UTC`.
fn moment(seconds: i64) -> String {
    let instant = time::instant(seconds);
    format!("{} {} UTC", instant.get(..10).unwrap_or_default(), instant.get(11..16).unwrap_or_default())
}
