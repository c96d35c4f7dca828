//! Names of codes and units in the reader's language: few, plain, and our own. The source's words are always shown too.
//!
//! These are not LOINC's or HL7's translations but short names in plain words for what a patient's record is full of. LOINC
//! codes are used under the LOINC licence (<https://loinc.org/license/>): "This material contains content from LOINC
//! (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and the Logical Observation Identifiers Names and
//! Codes (LOINC) Committee and is available at no cost under the license at http://loinc.org/license. LOINC® is a registered
//! United States trademark of Regenstrief Institute, Inc."

mod hl7;
mod loinc;
mod units;

/// A name in English, German, French, Spanish, Portuguese and Arabic.
type Name = [&'static str; 6];

/// Codes that a person would call the same, and that name.
type Entry = (&'static [&'static str], Name);

/// The plain name of a code in a language (`en`, `de`, `fr`, `es`, `pt`, `ar`; a region after a hyphen is looked over).
/// `None` for what the tables do not hold: then the source's words are all there is.
pub fn display_name(system: &str, code: &str, language: &str) -> Option<&'static str> {
    let at = position(language)?;
    let table: &[Entry] = match system {
        crate::terminology::LOINC => loinc::NAMES,
        _ => hl7::NAMES.iter().find(|(of, _)| *of == system).map(|(_, table)| *table)?,
    };
    table.iter().find(|(codes, _)| codes.contains(&code)).and_then(|(_, name)| name.get(at)).copied()
}

/// How a UCUM unit is printed for people in a language: `mm[Hg]` is mmHg, `Cel` is °C, `/min` is "per minute". `None` where
/// the code itself is how one writes it.
pub fn unit_name(ucum: &str, language: &str) -> Option<&'static str> {
    let at = position(language)?;
    units::SYMBOLS
        .iter()
        .find(|(unit, _)| *unit == ucum)
        .map(|(_, symbol)| *symbol)
        .or_else(|| units::WORDS.iter().find(|(unit, _)| *unit == ucum).and_then(|(_, name)| name.get(at)).copied())
}

fn position(language: &str) -> Option<usize> {
    let language = language.split(['-', '_']).next()?;
    ["en", "de", "fr", "es", "pt", "ar"].iter().position(|known| known.eq_ignore_ascii_case(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_each_language() {
        let of = |language: &str| display_name("http://loinc.org", "2345-7", language);
        assert_eq!(of("en"), Some("Glucose (sugar) in blood"));
        assert_eq!(of("de-CH"), Some("Glukose (Zucker) im Blut"));
        assert_eq!(of("ar"), Some("الغلوكوز (السكر) في الدم"));
        assert_eq!(of("xx"), None);
        assert_eq!(display_name("http://loinc.org", "0-0", "en"), None);
        assert_eq!(display_name("x", "2345-7", "en"), None);
        assert_eq!(unit_name("mm[Hg]", "fr"), Some("mmHg"));
        assert_eq!(unit_name("/min", "es"), Some("por minuto"));
        let active = display_name("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "pt");
        assert_eq!(active, Some("Ativo"));
    }

    #[test]
    fn a_code_stands_once_and_no_name_is_missing() {
        let tables = hl7::NAMES.iter().map(|(system, table)| (*system, *table)).chain([("loinc", loinc::NAMES)]);
        for (system, table) in tables {
            let mut codes: Vec<&str> = table.iter().flat_map(|(codes, _)| codes.iter().copied()).collect();
            codes.sort_unstable();
            for pair in codes.windows(2) {
                assert_ne!(pair[0], pair[1], "{system}");
            }
            for (codes, name) in table {
                assert!(name.iter().all(|word| !word.trim().is_empty()), "{codes:?}");
                assert!(
                    name[5].chars().any(|letter| ('\u{600}'..'\u{700}').contains(&letter)),
                    "{codes:?} {}",
                    name[5]
                );
            }
        }
    }

    /// LOINC's codes end in a check digit (Luhn, modulus 10), which a slip of the pen does not survive.
    #[test]
    fn loinc_codes_have_their_check_digit() {
        for code in loinc::NAMES.iter().flat_map(|(codes, _)| codes.iter()) {
            assert!(crate::terminology::is_loinc_code(code), "{code}");
        }
    }
}
