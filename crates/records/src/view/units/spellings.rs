//! Spellings of units that are met in records and are not UCUM, with the UCUM code that is meant.
//!
//! UCUM: *The Unified Code for Units of Measure* 2.1, <https://ucum.org/ucum>. In it `C` is the coulomb, `MG` a megagauss and
//! `G/L` a gauss per litre; in a health record they are a degree, a milligram and 10⁹ cells per litre.

/// Units that are UCUM as they stand; this list only saves time.
pub(super) fn is_common(unit: &str) -> bool {
    matches!(
        unit,
        "mg/dL"
            | "mmol/L"
            | "mm[Hg]"
            | "%"
            | "kg"
            | "cm"
            | "/min"
            | "g/dL"
            | "U/L"
            | "fL"
            | "pg"
            | "10*3/uL"
            | "10*6/uL"
            | "10*9/L"
            | "10*12/L"
            | "Cel"
            | "kg/m2"
            | "{score}"
            | "mg"
            | "g"
            | "mL"
            | "ug"
            | "mL/min"
            | "g/L"
            | "ng/mL"
            | "umol/L"
            | "mg/L"
            | "mL/min/{1.73_m2}"
            | "1"
            | "m"
            | "L"
            | "a"
            | "d"
            | "h"
            | "min"
            | "s"
            | "wk"
            | "mo"
            | "[lb_av]"
            | "[in_i]"
            | "[degF]"
            | "[pH]"
            | "pmol/L"
            | "nmol/L"
            | "ug/L"
            | "mg/g"
            | "m[IU]/L"
            | "[IU]/L"
    )
}

/// A letter as it is looked up: no spaces, Latin for Greek, plain for raised digits.
pub(super) fn plain_letter(letter: char) -> Option<char> {
    match letter {
        letter if letter.is_whitespace() => None,
        'µ' | 'μ' => Some('u'),
        '²' => Some('2'),
        '³' => Some('3'),
        '⁶' => Some('6'),
        '⁹' => Some('9'),
        '×' | '✕' => Some('x'),
        '·' | '⋅' => Some('.'),
        letter => Some(letter),
    }
}

/// A whole unit. Compared without regard to case.
pub(super) fn whole(unit: &str) -> Option<&'static str> {
    // Where case tells them apart.
    match unit {
        "G/L" | "Giga/L" | "G/l" => return Some("10*9/L"),
        "T/L" | "Tera/L" | "T/l" => return Some("10*12/L"),
        "K/uL" | "k/uL" | "K/mcL" | "K/mm3" | "K/cumm" => return Some("10*3/uL"),
        "M/uL" | "M/mcL" | "M/mm3" | "M/cumm" => return Some("10*6/uL"),
        _ => {}
    }
    let lower = unit.to_ascii_lowercase();
    WHOLE.iter().find(|(spelling, _)| *spelling == lower).map(|(_, ucum)| *ucum)
}

const WHOLE: &[(&str, &str)] = &[
    // Temperature.
    ("°c", "Cel"),
    ("degc", "Cel"),
    ("c", "Cel"),
    ("deg_c", "Cel"),
    ("cel", "Cel"),
    ("celsius", "Cel"),
    ("degreescelsius", "Cel"),
    ("grad", "Cel"),
    ("°f", "[degF]"),
    ("degf", "[degF]"),
    ("f", "[degF]"),
    ("[degf]", "[degF]"),
    ("fahrenheit", "[degF]"),
    ("degreesfahrenheit", "[degF]"),
    // Rates.
    ("bpm", "/min"),
    ("beats/min", "/min"),
    ("beats/minute", "/min"),
    ("beatsperminute", "/min"),
    ("{beats}/min", "/min"),
    ("{beats}/minute", "/min"),
    ("{heart_beats}/min", "/min"),
    ("{breaths}/min", "/min"),
    ("breaths/min", "/min"),
    ("breaths/minute", "/min"),
    ("resp/min", "/min"),
    ("br/min", "/min"),
    ("permin", "/min"),
    ("perminute", "/min"),
    ("1/min", "/min"),
    ("/minute", "/min"),
    ("min-1", "/min"),
    ("schläge/min", "/min"),
    ("count/min", "/min"),
    // Pressure.
    ("mmhg", "mm[Hg]"),
    ("mm[hg]", "mm[Hg]"),
    ("mm(hg)", "mm[Hg]"),
    ("mm_hg", "mm[Hg]"),
    ("torr", "mm[Hg]"),
    ("cmh2o", "cm[H2O]"),
    ("cm[h2o]", "cm[H2O]"),
    // Weights and lengths.
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("pound", "[lb_av]"),
    ("pounds", "[lb_av]"),
    ("[lb_av]", "[lb_av]"),
    ("[lb_us]", "[lb_av]"),
    ("oz", "[oz_av]"),
    ("ounce", "[oz_av]"),
    ("ounces", "[oz_av]"),
    ("[oz_av]", "[oz_av]"),
    ("in", "[in_i]"),
    ("inch", "[in_i]"),
    ("inches", "[in_i]"),
    ("[in_i]", "[in_i]"),
    ("[in_us]", "[in_us]"),
    ("ft", "[ft_i]"),
    ("feet", "[ft_i]"),
    ("foot", "[ft_i]"),
    ("mi", "[mi_i]"),
    ("mile", "[mi_i]"),
    ("miles", "[mi_i]"),
    ("kgs", "kg"),
    ("kilogram", "kg"),
    ("kilograms", "kg"),
    ("kilo", "kg"),
    ("gram", "g"),
    ("grams", "g"),
    ("milligram", "mg"),
    ("milligrams", "mg"),
    ("microgram", "ug"),
    ("micrograms", "ug"),
    ("centimeter", "cm"),
    ("centimeters", "cm"),
    ("centimetre", "cm"),
    ("metre", "m"),
    ("meter", "m"),
    ("milliliter", "mL"),
    ("milliliters", "mL"),
    ("millilitre", "mL"),
    ("liter", "L"),
    ("litre", "L"),
    ("liters", "L"),
    ("cc", "mL"),
    ("cm3", "mL"),
    ("mm3", "uL"),
    ("kg/m^2", "kg/m2"),
    ("kg/m2", "kg/m2"),
    ("kg/m**2", "kg/m2"),
    ("kg/(m^2)", "kg/m2"),
    ("kg/sqm", "kg/m2"),
    ("kg/m*2", "kg/m2"),
    // Time.
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("mins", "min"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("week", "wk"),
    ("weeks", "wk"),
    ("month", "mo"),
    ("months", "mo"),
    ("yr", "a"),
    ("yrs", "a"),
    ("year", "a"),
    ("years", "a"),
    ("jahre", "a"),
    ("ans", "a"),
    ("años", "a"),
    ("anos", "a"),
    ("jahr", "a"),
    // Acidity, fractions, counts.
    ("ph", "[pH]"),
    ("[ph]", "[pH]"),
    ("phunits", "[pH]"),
    ("percent", "%"),
    ("prozent", "%"),
    ("pct", "%"),
    ("%ofhemoglobin", "%"),
    ("%hb", "%"),
    ("inr", "{INR}"),
    ("{inr}", "{INR}"),
    ("ratio", "{ratio}"),
    ("index", "{index}"),
    ("score", "{score}"),
    ("{#}", "{#}"),
    ("copies/ml", "{copies}/mL"),
    ("cp/ml", "{copies}/mL"),
    ("kopien/ml", "{copies}/mL"),
    ("log10copies/ml", "{Log_copies}/mL"),
    ("logcopies/ml", "{Log_copies}/mL"),
    // Cells.
    ("x10e3/ul", "10*3/uL"),
    ("10e3/ul", "10*3/uL"),
    ("x10^3/ul", "10*3/uL"),
    ("10^3/ul", "10*3/uL"),
    ("x10*3/ul", "10*3/uL"),
    ("10*3/ul", "10*3/uL"),
    ("10+3/ul", "10*3/uL"),
    ("x10(3)/ul", "10*3/uL"),
    ("x10(3)/mcl", "10*3/uL"),
    ("10(3)/ul", "10*3/uL"),
    ("x103/ul", "10*3/uL"),
    ("x10e3/mcl", "10*3/uL"),
    ("10*3/mcl", "10*3/uL"),
    ("10^3/mcl", "10*3/uL"),
    ("thou/ul", "10*3/uL"),
    ("thou/mcl", "10*3/uL"),
    ("thousand/ul", "10*3/uL"),
    ("thousands/ul", "10*3/uL"),
    ("thou/cumm", "10*3/uL"),
    ("thous/ul", "10*3/uL"),
    ("10^3/mm3", "10*3/uL"),
    ("10*3/mm3", "10*3/uL"),
    ("x10e3/mm3", "10*3/uL"),
    ("th/mm3", "10*3/uL"),
    ("tsd/ul", "10*3/uL"),
    ("tsd./ul", "10*3/uL"),
    ("x1000/ul", "10*3/uL"),
    ("1000/ul", "10*3/uL"),
    ("x10e6/ul", "10*6/uL"),
    ("10e6/ul", "10*6/uL"),
    ("x10^6/ul", "10*6/uL"),
    ("10^6/ul", "10*6/uL"),
    ("x10*6/ul", "10*6/uL"),
    ("10*6/ul", "10*6/uL"),
    ("10+6/ul", "10*6/uL"),
    ("x10(6)/ul", "10*6/uL"),
    ("x10(6)/mcl", "10*6/uL"),
    ("mil/ul", "10*6/uL"),
    ("mill/ul", "10*6/uL"),
    ("million/ul", "10*6/uL"),
    ("mio/ul", "10*6/uL"),
    ("mio./ul", "10*6/uL"),
    ("x106/ul", "10*6/uL"),
    ("10^6/mm3", "10*6/uL"),
    ("10*6/mm3", "10*6/uL"),
    ("mill/mcl", "10*6/uL"),
    ("10*6/mcl", "10*6/uL"),
    ("x10e9/l", "10*9/L"),
    ("10e9/l", "10*9/L"),
    ("x10^9/l", "10*9/L"),
    ("10^9/l", "10*9/L"),
    ("x10*9/l", "10*9/L"),
    ("10*9/l", "10*9/L"),
    ("10+9/l", "10*9/L"),
    ("x10(9)/l", "10*9/L"),
    ("x109/l", "10*9/L"),
    ("109/l", "10*9/L"),
    ("10x9/l", "10*9/L"),
    ("10x9cells/l", "10*9/L"),
    ("gpt/l", "10*9/L"),
    ("bill/l", "10*9/L"),
    ("x10e12/l", "10*12/L"),
    ("10e12/l", "10*12/L"),
    ("x10^12/l", "10*12/L"),
    ("10^12/l", "10*12/L"),
    ("x10*12/l", "10*12/L"),
    ("10*12/l", "10*12/L"),
    ("10+12/l", "10*12/L"),
    ("x10(12)/l", "10*12/L"),
    ("x1012/l", "10*12/L"),
    ("tpt/l", "10*12/L"),
    ("cells/ul", "/uL"),
    ("{cells}/ul", "/uL"),
    ("cells/mcl", "/uL"),
    ("cells/mm3", "/uL"),
    ("/mm3", "/uL"),
    ("/cumm", "/uL"),
    ("perul", "/uL"),
    ("1/ul", "/uL"),
    ("/mcl", "/uL"),
    ("zellen/ul", "/uL"),
    // Microscopy.
    ("/hpf", "/[HPF]"),
    ("perhpf", "/[HPF]"),
    ("/[hpf]", "/[HPF]"),
    ("#/hpf", "/[HPF]"),
    ("cells/hpf", "/[HPF]"),
    ("{#}/[hpf]", "/[HPF]"),
    ("/lpf", "/[LPF]"),
    ("perlpf", "/[LPF]"),
    ("/[lpf]", "/[LPF]"),
    ("#/lpf", "/[LPF]"),
    // Filtration.
    ("ml/min/1.73m2", "mL/min/{1.73_m2}"),
    ("ml/min/1,73m2", "mL/min/{1.73_m2}"),
    ("ml/min/1.73", "mL/min/{1.73_m2}"),
    ("ml/min/{1.73_m2}", "mL/min/{1.73_m2}"),
    ("ml/min/1.73m^2", "mL/min/{1.73_m2}"),
    ("ml/min/1.73sqm", "mL/min/{1.73_m2}"),
    ("ml/min/(1.73m2)", "mL/min/{1.73_m2}"),
    ("ml/min/1.73_m2", "mL/min/{1.73_m2}"),
    ("ml/min/{1.73m2}", "mL/min/{1.73_m2}"),
    ("ml/min/1.73.m2", "mL/min/{1.73_m2}"),
    ("ml/min/{1.73sqm}", "mL/min/{1.73_m2}"),
    ("ml/min/{1.73}", "mL/min/{1.73_m2}"),
    // Other.
    ("g%", "g/dL"),
    ("gm%", "g/dL"),
    ("mg%", "mg/dL"),
    ("mosm/kg", "mosm/kg"),
    ("mosmol/kg", "mosm/kg"),
    ("mm/hr", "mm/h"),
    ("mm/1h", "mm/h"),
    ("mm/1sth", "mm/h"),
    ("mm(1h)", "mm/h"),
    ("mg/24h", "mg/(24.h)"),
    ("mg/24hr", "mg/(24.h)"),
    ("mg/24hrs", "mg/(24.h)"),
    ("g/24h", "g/(24.h)"),
    ("mg/d", "mg/d"),
    ("ml/24h", "mL/(24.h)"),
];

/// One term of a unit.
pub(super) fn part(term: &str) -> Option<&'static str> {
    // Already what it should be, or different in UCUM by its case alone.
    if let Some((_, ucum)) = PARTS.iter().find(|(_, ucum)| *ucum == term) {
        return Some(ucum);
    }
    let lower = term.to_ascii_lowercase();
    PARTS.iter().find(|(spelling, _)| *spelling == lower).map(|(_, ucum)| *ucum)
}

const PARTS: &[(&str, &str)] = &[
    ("kg", "kg"),
    ("g", "g"),
    ("gm", "g"),
    ("gms", "g"),
    ("gram", "g"),
    ("dag", "dag"),
    ("mg", "mg"),
    ("mgs", "mg"),
    ("ug", "ug"),
    ("mcg", "ug"),
    ("ng", "ng"),
    ("pg", "pg"),
    ("fg", "fg"),
    ("l", "L"),
    ("liter", "L"),
    ("litre", "L"),
    ("dl", "dL"),
    ("100ml", "dL"),
    ("cl", "cL"),
    ("ml", "mL"),
    ("ul", "uL"),
    ("mcl", "uL"),
    ("mm3", "uL"),
    ("cumm", "uL"),
    ("fl", "fL"),
    ("cc", "mL"),
    ("cm3", "mL"),
    ("mol", "mol"),
    ("mmol", "mmol"),
    ("umol", "umol"),
    ("micromol", "umol"),
    ("mcmol", "umol"),
    ("nmol", "nmol"),
    ("pmol", "pmol"),
    ("eq", "eq"),
    ("meq", "meq"),
    ("ueq", "ueq"),
    ("mval", "meq"),
    ("mosm", "mosm"),
    ("mosmol", "mosm"),
    ("u", "U"),
    ("unit", "U"),
    ("units", "U"),
    ("ukat", "ukat"),
    ("nkat", "nkat"),
    ("iu", "[IU]"),
    ("ui", "[IU]"),
    ("[iu]", "[IU]"),
    ("ie", "[IU]"),
    ("i.u.", "[IU]"),
    ("miu", "m[IU]"),
    ("mui", "m[IU]"),
    ("mie", "m[IU]"),
    ("m[iu]", "m[IU]"),
    ("uiu", "u[IU]"),
    ("uui", "u[IU]"),
    ("u[iu]", "u[IU]"),
    ("mciu", "u[IU]"),
    ("kiu", "k[IU]"),
    ("k[iu]", "k[IU]"),
    ("m", "m"),
    ("cm", "cm"),
    ("mm", "mm"),
    ("um", "um"),
    ("nm", "nm"),
    ("km", "km"),
    ("m2", "m2"),
    ("min", "min"),
    ("minute", "min"),
    ("h", "h"),
    ("hr", "h"),
    ("hour", "h"),
    ("s", "s"),
    ("sec", "s"),
    ("second", "s"),
    ("d", "d"),
    ("day", "d"),
    ("wk", "wk"),
    ("week", "wk"),
    ("mo", "mo"),
    ("month", "mo"),
    ("a", "a"),
    ("year", "a"),
    ("24h", "(24.h)"),
    ("24hr", "(24.h)"),
    ("hpf", "[HPF]"),
    ("[hpf]", "[HPF]"),
    ("lpf", "[LPF]"),
    ("[lpf]", "[LPF]"),
    ("kcal", "kcal"),
    ("mm[hg]", "mm[Hg]"),
    ("mmhg", "mm[Hg]"),
    ("kpa", "kPa"),
];
