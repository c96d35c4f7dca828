//! Words that name a sensitive subject beyond doubt, for concepts that came without a code of a system that has a table.
//!
//! Free text is not searched: these are looked for only in the words of a coded element (a problem's name, a reason, a
//! result) that has no code, or only a source's own. The lists are short on purpose. "AIDS" is not in them (hearing aids), nor "bipolar" alone (a
//! hip joint), "rape" (a plant), "chlamydia" alone (one of them is a cough), "depression" alone (of a bone).

use super::{ETHUD, GDIS, HIV, Label, MH, OPIOIDUD, SDV, SEX, STD, SUD};

/// Phrases in lower case: English, German, French, Spanish, Portuguese, Arabic. They must stand as whole words.
#[rustfmt::skip]
pub(super) const PHRASES: &[(Label, &[&str])] = &[
    (ETHUD, &["alcoholism", "alcohol abuse", "alcohol dependence", "alcohol use disorder", "alkoholismus", "alkoholabhängigkeit",
        "alkoholmissbrauch", "alcoolisme", "dépendance à l'alcool", "alcoholismo", "dependencia del alcohol", "alcoolismo",
        "dependência de álcool", "إدمان الكحول"]),
    (OPIOIDUD, &["opioid dependence", "opioid abuse", "opioid use disorder", "heroin dependence", "opioidabhängigkeit",
        "heroinabhängigkeit", "dépendance aux opioïdes", "dependencia de opioides", "dependência de opioides"]),
    (SUD, &["drug dependence", "drug abuse", "drug addiction", "substance abuse", "substance use disorder", "cocaine dependence",
        "cannabis dependence", "drogenabhängigkeit", "drogenmissbrauch", "kokainabhängigkeit", "toxicomanie", "drogodependencia",
        "drogadicción", "toxicodependência", "إدمان المخدرات"]),
    (MH, &["schizophrenia", "schizophrenie", "schizophrénie", "esquizofrenia", "فصام", "bipolar disorder", "bipolare störung",
        "trouble bipolaire", "trastorno bipolar", "transtorno bipolar", "depressive disorder", "major depression", "depressive episode",
        "depressive störung", "trouble dépressif", "épisode dépressif", "trastorno depresivo", "transtorno depressivo",
        "anxiety disorder", "angststörung", "trouble anxieux", "trastorno de ansiedad", "transtorno de ansiedade", "panic disorder",
        "panikstörung", "anorexia nervosa", "anorexie mentale", "bulimia nervosa", "bulimie", "post-traumatic stress disorder",
        "posttraumatic stress disorder", "ptsd", "posttraumatische belastungsstörung", "suicide attempt", "suicidal ideation",
        "suizidversuch", "tentative de suicide", "intento de suicidio", "tentativa de suicídio", "obsessive-compulsive disorder",
        "obsessive compulsive disorder", "zwangsstörung", "borderline personality disorder"]),
    (HIV, &["hiv", "hiv-1", "hiv-2", "vih", "human immunodeficiency virus", "نقص المناعة البشرية"]),
    (STD, &["syphilis", "sífilis", "الزهري", "gonorrhea", "gonorrhoea", "gonorrhoe", "gonorrhö", "gonorrhée", "gonorrea", "gonorreia",
        "chlamydia trachomatis", "genital herpes", "herpes genitalis", "herpès génital", "herpes genital", "trichomoniasis",
        "sexually transmitted infection", "sexually transmitted disease", "السيلان"]),
    (SEX, &["gender dysphoria", "geschlechtsdysphorie", "dysphorie de genre", "disforia de género", "disforia de gênero",
        "gender identity disorder", "transsexualism", "induced abortion", "termination of pregnancy", "schwangerschaftsabbruch",
        "interruption volontaire de grossesse", "interrupción voluntaria del embarazo", "interrupção voluntária da gravidez"]),
    (SDV, &["domestic violence", "sexual assault", "sexual abuse", "child abuse", "intimate partner violence", "häusliche gewalt",
        "sexueller missbrauch", "kindesmisshandlung", "violence conjugale", "agression sexuelle", "violencia doméstica",
        "violencia de género", "abuso sexual", "agresión sexual", "violência doméstica", "العنف المنزلي"]),
    (GDIS, &["cystic fibrosis", "mukoviszidose", "mucoviscidose", "fibrosis quística", "fibrose cística", "fibrose quística",
        "huntington's disease", "huntington disease", "chorea huntington", "down syndrome", "down's syndrome", "down-syndrom",
        "trisomy 21", "trisomie 21", "sickle cell disease", "sichelzellkrankheit", "drépanocytose"]),
];

/// The first phrase that stands in a text as whole words.
pub(super) fn phrase(text: &str) -> Option<(&'static str, Label)> {
    let text = crate::index::clip(text, 300).to_lowercase().replace('’', "'");
    PHRASES.iter().find_map(|(label, phrases)| {
        phrases.iter().find(|phrase| stands_in(phrase, &text)).map(|phrase| (*phrase, *label))
    })
}

fn stands_in(phrase: &str, text: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + phrase.len()..).and_then(|text| text.chars().next());
        let ends = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
        ends(before) && ends(after)
    })
}
