//! Texts for people in other languages than English: what a hospital abroad writes beside its codes.

use serde_json::Value;

/// The languages that there are, in the order of the columns below.
const LANGUAGES: [&str; 5] = ["de", "es", "fr", "ar", "zh"];

/// English, then the same in each of [`LANGUAGES`].
const WORDS: &[(&str, [&str; 5])] = &[
    (
        "Hypertensive disorder, systemic arterial",
        ["Bluthochdruck", "Hipertensión arterial", "Hypertension artérielle", "ارتفاع ضغط الدم", "高血压"],
    ),
    (
        "Diabetes mellitus type 2",
        [
            "Diabetes mellitus Typ 2",
            "Diabetes mellitus tipo 2",
            "Diabète de type 2",
            "داء السكري من النوع الثاني",
            "2型糖尿病",
        ],
    ),
    ("Asthma", ["Asthma bronchiale", "Asma", "Asthme", "الربو", "哮喘"]),
    ("Hyperlipidemia", ["Hyperlipidämie", "Hiperlipidemia", "Hyperlipidémie", "فرط شحميات الدم", "高脂血症"]),
    (
        "Hypothyroidism",
        ["Schilddrüsenunterfunktion", "Hipotiroidismo", "Hypothyroïdie", "قصور الغدة الدرقية", "甲状腺功能减退"],
    ),
    (
        "Gastroesophageal reflux disease",
        [
            "Refluxkrankheit",
            "Enfermedad por reflujo",
            "Reflux gastro-œsophagien",
            "مرض الارتجاع المعدي المريئي",
            "胃食管反流病",
        ],
    ),
    ("Depressive disorder", ["Depression", "Trastorno depresivo", "Trouble dépressif", "اضطراب اكتئابي", "抑郁症"]),
    (
        "Acute bronchitis",
        ["Akute Bronchitis", "Bronquitis aguda", "Bronchite aiguë", "التهاب القصبات الحاد", "急性支气管炎"],
    ),
    ("Sinusitis", ["Nasennebenhöhlenentzündung", "Sinusitis", "Sinusite", "التهاب الجيوب", "鼻窦炎"]),
    (
        "Sprain of ankle",
        [
            "Verstauchung des Sprunggelenks",
            "Esguince de tobillo",
            "Entorse de la cheville",
            "التواء الكاحل",
            "踝关节扭伤",
        ],
    ),
    (
        "Allergy to penicillin",
        [
            "Penicillinallergie",
            "Alergia a la penicilina",
            "Allergie à la pénicilline",
            "حساسية من البنسلين",
            "青霉素过敏",
        ],
    ),
    (
        "Allergy to peanut",
        ["Erdnussallergie", "Alergia al cacahuete", "Allergie à l’arachide", "حساسية من الفول السوداني", "花生过敏"],
    ),
    (
        "Allergy to pollen",
        ["Pollenallergie", "Alergia al polen", "Allergie au pollen", "حساسية من غبار الطلع", "花粉过敏"],
    ),
    ("Eruption of skin", ["Hautausschlag", "Erupción cutánea", "Éruption cutanée", "طفح جلدي", "皮疹"]),
    ("Anaphylaxis", ["Anaphylaxie", "Anafilaxia", "Anaphylaxie", "تأق", "过敏性休克"]),
    ("Body weight", ["Körpergewicht", "Peso corporal", "Poids", "وزن الجسم", "体重"]),
    ("Heart rate", ["Herzfrequenz", "Frecuencia cardíaca", "Fréquence cardiaque", "معدل ضربات القلب", "心率"]),
    ("Body temperature", ["Körpertemperatur", "Temperatura corporal", "Température", "حرارة الجسم", "体温"]),
    (
        "Laboratory report",
        ["Laborbefund", "Informe de laboratorio", "Compte rendu de laboratoire", "تقرير المختبر", "检验报告"],
    ),
    ("Progress note", ["Verlaufsbericht", "Nota de evolución", "Note d’évolution", "ملاحظة متابعة", "病程记录"]),
    ("Colonoscopy", ["Darmspiegelung", "Colonoscopia", "Coloscopie", "تنظير القولون", "结肠镜检查"]),
    (
        "Plain X-ray of chest",
        ["Röntgen Thorax", "Radiografía de tórax", "Radiographie du thorax", "صورة شعاعية للصدر", "胸部X线"],
    ),
    (
        "Excision of appendix",
        ["Blinddarmoperation", "Apendicectomía", "Appendicectomie", "استئصال الزائدة", "阑尾切除术"],
    ),
    (
        "1 tablet in the morning",
        ["1 Tablette morgens", "1 comprimido por la mañana", "1 comprimé le matin", "حبة واحدة صباحًا", "早上1片"],
    ),
    (
        "1 tablet twice a day with food",
        [
            "2 × täglich 1 Tablette zum Essen",
            "1 comprimido dos veces al día con comida",
            "1 comprimé deux fois par jour au repas",
            "حبة مرتين يوميًا مع الطعام",
            "每日两次，每次1片，随餐服用",
        ],
    ),
];

/// Puts the texts for people of a resource into `language`, where there is a word for them; what is coded stays.
pub(super) fn translate(resource: &mut Value, language: &str) {
    let Some(column) = LANGUAGES.iter().position(|known| *known == language) else { return };
    walk(resource, column);
}

fn walk(value: &mut Value, column: usize) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, column)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), &mut *member) {
                    ("text", Value::String(text)) => {
                        let known = WORDS.iter().find(|(english, _)| english == text);
                        if let Some(word) = known.and_then(|(_, words)| words.get(column)) {
                            *text = (*word).to_owned();
                        }
                    }
                    _ => walk(member, column),
                }
            }
        }
        _ => {}
    }
}
