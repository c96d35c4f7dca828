//! Analytes that are reported in mass and in amount of substance, and their molar masses.
//!
//! LOINC gives the two their own codes (*[Mass/volume]*, *[Moles/volume]*); both are the same course of values. The molar
//! mass follows from the formula beside it and the abridged standard atomic weights of IUPAC (2021); a test works it out.

/// An analyte in one specimen.
#[derive(Debug, PartialEq)]
pub(crate) struct Analyte {
    /// The LOINC term for its mass concentration.
    pub(crate) mass: &'static str,
    /// The LOINC term for its substance concentration.
    pub(crate) moles: &'static str,
    /// What is weighed: urea nitrogen counts two atoms of nitrogen, phosphate the phosphorus.
    pub(crate) formula: &'static str,
    /// Grams per mole.
    pub(crate) grams_per_mole: f64,
}

/// The analyte of a LOINC term.
pub(crate) fn analyte(loinc: &str) -> Option<&'static Analyte> {
    ANALYTES.iter().find(|analyte| analyte.mass == loinc || analyte.moles == loinc)
}

const fn of(mass: &'static str, moles: &'static str, formula: &'static str, grams_per_mole: f64) -> Analyte {
    Analyte { mass, moles, formula, grams_per_mole }
}

/// Serum or plasma unless said otherwise. Triglycerides are counted as triolein, hemoglobin by its monomer (ICSH: the
/// haemiglobincyanide standard's 16 114.5), as their SI conversions are.
pub(super) const ANALYTES: &[Analyte] = &[
    // Glucose: serum or plasma, blood, capillary blood by glucometer, fasting.
    of("2345-7", "14749-6", "C6H12O6", 180.156),
    of("2339-0", "15074-8", "C6H12O6", 180.156),
    of("41653-7", "14743-9", "C6H12O6", 180.156),
    of("1558-6", "14771-0", "C6H12O6", 180.156),
    // Cholesterol: total, in HDL, in LDL (calculated, unspecified, direct).
    of("2093-3", "14647-2", "C27H46O", 386.664),
    of("2085-9", "14646-4", "C27H46O", 386.664),
    of("13457-7", "39469-2", "C27H46O", 386.664),
    of("2089-1", "22748-8", "C27H46O", 386.664),
    of("18262-6", "69419-0", "C27H46O", 386.664),
    of("2571-8", "14927-8", "C57H104O6", 885.453),
    of("2160-0", "14682-9", "C4H7N3O", 113.12),
    // Urea nitrogen, and urea itself.
    of("3094-0", "14937-7", "N2", 28.014),
    of("3091-6", "22664-7", "CH4N2O", 60.056),
    of("3084-1", "14933-6", "C5H4N4O3", 168.112),
    of("17861-6", "2000-8", "Ca", 40.078),
    of("19123-9", "2601-3", "Mg", 24.305),
    of("2777-1", "14879-1", "P", 30.974),
    // Bilirubin: total, direct.
    of("1975-2", "14631-6", "C33H36N4O6", 584.673),
    of("1968-7", "14629-0", "C33H36N4O6", 584.673),
    of("2498-4", "14798-3", "Fe", 55.845),
    of("2132-9", "14685-2", "C63H88CoN14O14P", 1355.388),
    of("2284-8", "14732-2", "C19H19N7O6", 441.404),
    of("718-7", "59260-0", "", 16_114.5),
];

/// Whether the term is an ion of one charge, of which an equivalent is a mole: sodium, potassium, chloride, bicarbonate
/// (total carbon dioxide).
pub(crate) fn is_monovalent(loinc: &str) -> bool {
    matches!(
        loinc,
        "2951-2"
            | "2947-0"
            | "2823-3"
            | "6298-4"
            | "2075-0"
            | "2069-3"
            | "2028-9"
            | "20565-8"
            | "1963-8"
            | "1960-4"
            | "14627-4"
    )
}

/// Whether the term is an enzyme's activity, of which an international unit is the enzyme unit U (IUB, 1964).
pub(crate) fn is_enzyme(loinc: &str) -> bool {
    matches!(
        loinc,
        "1742-6" | "1920-8" | "6768-6" | "2324-2" | "2532-0" | "2157-6" | "1798-8" | "3040-3" | "1743-4" | "1744-2"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IUPAC abridged standard atomic weights 2021.
    fn weight(element: &str) -> f64 {
        match element {
            "H" => 1.008,
            "C" => 12.011,
            "N" => 14.007,
            "O" => 15.999,
            "P" => 30.974,
            "Mg" => 24.305,
            "Ca" => 40.078,
            "Fe" => 55.845,
            "Co" => 58.933,
            other => panic!("{other}"),
        }
    }

    fn mass(formula: &str) -> f64 {
        let mut sum = 0.0;
        let mut rest = formula;
        while !rest.is_empty() {
            let end = rest[1..].find(|letter: char| !letter.is_ascii_lowercase()).map_or(rest.len(), |at| at + 1);
            let (element, after) = rest.split_at(end);
            let digits = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
            sum += weight(element) * after[..digits].parse::<f64>().unwrap_or(1.0);
            rest = &after[digits..];
        }
        sum
    }

    #[test]
    fn molar_masses_follow_from_the_formulas() {
        for analyte in ANALYTES.iter().filter(|analyte| !analyte.formula.is_empty()) {
            let worked_out = mass(analyte.formula);
            assert!((worked_out - analyte.grams_per_mole).abs() < 0.01, "{} {worked_out}", analyte.formula);
        }
    }

    #[test]
    fn a_term_stands_once() {
        let mut all: Vec<&str> = ANALYTES.iter().flat_map(|analyte| [analyte.mass, analyte.moles]).collect();
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }
}
