//! HL7's own small code systems: categories, statuses and judgements (<https://terminology.hl7.org/>).

use super::Entry;
use crate::terminology::{
    ALLERGY_CLINICAL, ALLERGY_VERIFICATION, CONDITION_CLINICAL, CONDITION_VERIFICATION, OBSERVATION_CATEGORY,
};

const CLINICAL: &[Entry] = &[
    (&["active"], ["Active", "Aktiv", "Actif", "Activo", "Ativo", "نشط"]),
    (&["inactive"], ["Inactive", "Nicht aktiv", "Inactif", "Inactivo", "Inativo", "غير نشط"]),
    (&["resolved"], ["Resolved", "Abgeklungen", "Résolu", "Resuelto", "Resolvido", "شُفي"]),
    (&["recurrence"], ["Come back", "Wieder aufgetreten", "Récidive", "Recurrencia", "Recorrência", "عاد مجددًا"]),
    (&["relapse"], ["Relapse", "Rückfall", "Rechute", "Recaída", "Recaída", "انتكاسة"]),
    (&["remission"], ["In remission", "In Remission", "En rémission", "En remisión", "Em remissão", "في حالة هدوء"]),
];

const VERIFICATION: &[Entry] = &[
    (&["confirmed"], ["Confirmed", "Bestätigt", "Confirmé", "Confirmado", "Confirmado", "مؤكد"]),
    (
        &["unconfirmed"],
        ["Not confirmed", "Nicht bestätigt", "Non confirmé", "Sin confirmar", "Não confirmado", "غير مؤكد"],
    ),
    (&["provisional"], ["Provisional", "Vorläufig", "Provisoire", "Provisional", "Provisório", "مؤقت"]),
    (
        &["differential"],
        [
            "One of several possible",
            "Eine von mehreren möglichen",
            "Parmi plusieurs possibles",
            "Una de varias posibles",
            "Uma de várias possíveis",
            "واحد من عدة احتمالات",
        ],
    ),
    (&["presumed"], ["Presumed", "Vermutet", "Présumé", "Presunto", "Presumido", "مفترض"]),
    (&["refuted"], ["Ruled out", "Ausgeschlossen", "Écarté", "Descartado", "Descartado", "مستبعد"]),
    (
        &["entered-in-error"],
        [
            "Entered in error",
            "Irrtümlich erfasst",
            "Saisi par erreur",
            "Registrado por error",
            "Registado por engano",
            "أُدخل بالخطأ",
        ],
    ),
];

/// The tables by code system.
pub(super) const NAMES: &[(&str, &[Entry])] = &[
    (CONDITION_CLINICAL, CLINICAL),
    (ALLERGY_CLINICAL, CLINICAL),
    (CONDITION_VERIFICATION, VERIFICATION),
    (ALLERGY_VERIFICATION, VERIFICATION),
    (
        OBSERVATION_CATEGORY,
        &[
            (
                &["vital-signs"],
                ["Vital signs", "Vitalwerte", "Signes vitaux", "Signos vitales", "Sinais vitais", "العلامات الحيوية"],
            ),
            (&["laboratory"], ["Laboratory", "Labor", "Laboratoire", "Laboratorio", "Laboratório", "المختبر"]),
            (
                &["social-history"],
                [
                    "Living circumstances",
                    "Lebensumstände",
                    "Mode de vie",
                    "Estilo de vida",
                    "Estilo de vida",
                    "نمط الحياة",
                ],
            ),
            (&["imaging"], ["Imaging", "Bildgebung", "Imagerie", "Imágenes", "Imagens", "التصوير الطبي"]),
            (&["procedure"], ["Procedure", "Eingriff", "Intervention", "Procedimiento", "Procedimento", "إجراء طبي"]),
            (&["survey"], ["Questionnaire", "Fragebogen", "Questionnaire", "Cuestionario", "Questionário", "استبيان"]),
            (&["exam"], ["Examination", "Untersuchung", "Examen", "Examen físico", "Exame", "الفحص"]),
            (&["therapy"], ["Therapy", "Therapie", "Thérapie", "Terapia", "Terapia", "العلاج"]),
            (&["activity"], ["Activity", "Bewegung", "Activité", "Actividad", "Atividade", "النشاط"]),
        ],
    ),
    (
        "http://terminology.hl7.org/CodeSystem/condition-category",
        &[
            (
                &["problem-list-item"],
                [
                    "Health problem",
                    "Gesundheitsproblem",
                    "Problème de santé",
                    "Problema de salud",
                    "Problema de saúde",
                    "مشكلة صحية",
                ],
            ),
            (
                &["encounter-diagnosis"],
                [
                    "Diagnosis of a visit",
                    "Diagnose eines Besuchs",
                    "Diagnostic d'une visite",
                    "Diagnóstico de una visita",
                    "Diagnóstico de uma consulta",
                    "تشخيص خلال زيارة",
                ],
            ),
        ],
    ),
    (
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        &[
            (&["N"], ["Normal", "Normal", "Normal", "Normal", "Normal", "طبيعي"]),
            (&["H"], ["High", "Hoch", "Élevé", "Alto", "Alto", "مرتفع"]),
            (&["L"], ["Low", "Niedrig", "Bas", "Bajo", "Baixo", "منخفض"]),
            (
                &["HH"],
                [
                    "Critically high",
                    "Kritisch hoch",
                    "Élevé, critique",
                    "Alto, crítico",
                    "Alto, crítico",
                    "مرتفع بشكل حرج",
                ],
            ),
            (
                &["LL"],
                [
                    "Critically low",
                    "Kritisch niedrig",
                    "Bas, critique",
                    "Bajo, crítico",
                    "Baixo, crítico",
                    "منخفض بشكل حرج",
                ],
            ),
            (&["A"], ["Not normal", "Auffällig", "Anormal", "Anormal", "Anormal", "غير طبيعي"]),
            (
                &["AA"],
                [
                    "Critically abnormal",
                    "Kritisch auffällig",
                    "Anormal, critique",
                    "Anormal, crítico",
                    "Anormal, crítico",
                    "غير طبيعي بشكل حرج",
                ],
            ),
            (&["POS"], ["Positive", "Positiv", "Positif", "Positivo", "Positivo", "إيجابي"]),
            (&["NEG"], ["Negative", "Negativ", "Négatif", "Negativo", "Negativo", "سلبي"]),
            (&["IND"], ["Not clear", "Nicht eindeutig", "Indéterminé", "Indeterminado", "Indeterminado", "غير محدد"]),
        ],
    ),
];
