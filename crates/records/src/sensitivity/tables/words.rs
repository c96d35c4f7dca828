//! Words that name a sensitive subject beyond doubt, for concepts that came without a code of a system that has a table.
//!
//! Free text is not searched: these are looked for only in the words of a coded element (a problem's name, a reason, a
//! result) that has no code, or only a source's own. The lists are short on purpose. "AIDS" is not in them (hearing aids), nor "bipolar" alone (a
//! hip joint), "rape" (a plant), "chlamydia" alone (one of them is a cough), "depression" alone (of a bone).

use super::{ETHUD, GDIS, HIV, Label, MH, OPIOIDUD, SDV, SEX, STD, SUD};
use std::collections::HashMap;
use std::sync::LazyLock;

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

/// A phrase, with its place in [`PHRASES`].
type Phrase = (usize, &'static str, Label);

/// Phrases by their first words.
static BY_FIRST_WORD: LazyLock<HashMap<&'static str, Vec<Phrase>>> = LazyLock::new(|| {
    let mut by_first_word: HashMap<_, Vec<Phrase>> = HashMap::new();
    let phrases = PHRASES.iter().flat_map(|(label, phrases)| phrases.iter().map(|phrase| (*phrase, *label)));
    for (place, (phrase, label)) in phrases.enumerate() {
        by_first_word.entry(first_word(phrase)).or_default().push((place, phrase, label));
    }
    by_first_word
});

/// The first phrase of the table that stands in a text as whole words.
pub(super) fn phrase(text: &str) -> Option<(&'static str, Label)> {
    let text = crate::index::clip(text, 300).to_lowercase().replace('’', "'");
    let mut rest = text.as_str();
    let mut first: Option<Phrase> = None;
    for word in text.split_inclusive(between_words) {
        let known = BY_FIRST_WORD.get(first_word(word)).into_iter().flatten();
        let found = known.filter(|(_, phrase, _)| begins_with(rest, phrase));
        first = found.copied().chain(first).min_by_key(|(place, ..)| *place);
        rest = rest.get(word.len()..).unwrap_or_default();
    }
    first.map(|(_, phrase, label)| (phrase, label))
}

fn between_words(letter: char) -> bool {
    !letter.is_alphanumeric()
}

fn first_word(text: &str) -> &str {
    text.split(between_words).next().unwrap_or_default()
}

/// Whether the phrase stands at the beginning of the text, and a word ends with it.
fn begins_with(text: &str, phrase: &str) -> bool {
    text.strip_prefix(phrase).is_some_and(|rest| rest.chars().next().is_none_or(between_words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_phrase_as_whole_words_only() {
        for (label, phrases) in PHRASES {
            for written in *phrases {
                let found = |text: String| phrase(&text);
                assert_eq!(
                    found(format!("Zustand: ({}), früher", written.to_uppercase())).map(|(_, of)| of),
                    Some(*label)
                );
                assert_eq!(found((*written).to_owned()).map(|(_, of)| of), Some(*label), "{written}");
                // Another may still stand in it: "hiv" in "hiv-1x".
                for longer in [format!("x{written}"), format!("{written}x")] {
                    assert_ne!(found(longer).map(|(phrase, _)| phrase), Some(*written));
                }
            }
        }
    }

    #[test]
    fn the_first_of_the_table_is_told() {
        assert_eq!(phrase("PTSD after heroin dependence, HIV-2"), Some(("heroin dependence", OPIOIDUD)));
        assert_eq!(phrase("HIV-2"), Some(("hiv", HIV)));
        assert_eq!(phrase("dépendance à l’alcool"), Some(("dépendance à l'alcool", ETHUD)));
        assert_eq!(phrase("hearing aids, a chlamydia of the lung"), None);
        assert_eq!(phrase(""), None);
    }
}
