//! Tests of units: spellings, dimensions, conversions, and UCUM's own table.

use proptest::prelude::*;

use super::*;

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(1.0)
}

#[test]
fn what_sources_write_is_understood() {
    for (written, ucum) in [
        ("mg/dl", "mg/dL"),
        ("MG/DL", "mg/dL"),
        ("mcg", "ug"),
        ("µg/l", "ug/L"),
        ("IU/L", "[IU]/L"),
        ("mIU/mL", "m[IU]/mL"),
        ("µUI/mL", "u[IU]/mL"),
        ("mmHg", "mm[Hg]"),
        ("MM[HG]", "mm[Hg]"),
        ("/HPF", "/[HPF]"),
        ("per HPF", "/[HPF]"),
        ("x10E3/uL", "10*3/uL"),
        ("x10*9/L", "10*9/L"),
        ("G/L", "10*9/L"),
        ("g/l", "g/L"),
        ("K/uL", "10*3/uL"),
        ("bpm", "/min"),
        ("{beats}/min", "/min"),
        ("°C", "Cel"),
        ("CEL", "Cel"),
        ("lb", "[lb_av]"),
        ("lbs", "[lb_av]"),
        ("in", "[in_i]"),
        ("kg/m²", "kg/m2"),
        ("ml/min/1,73m2", "mL/min/{1.73_m2}"),
        ("mm/hr", "mm/h"),
        ("mEq/L", "meq/L"),
        ("pH", "[pH]"),
        ("GM", "g"),
        ("micromol/l", "umol/L"),
        ("U/L", "U/L"),
        ("mU/L", "mU/L"),
        ("Puff", "Puff"),
        ("", ""),
        ("mg/{total_volume}", "mg/{total_volume}"),
    ] {
        assert_eq!(ucum_of(written), ucum, "{written}");
        assert_eq!(ucum_of(ucum), ucum, "{ucum} stays");
    }
}

#[test]
fn the_spellings_are_ucum() {
    for common in
        ["mg/dL", "10*3/uL", "m[IU]/L", "mm[Hg]", "mL/min/{1.73_m2}", "/[HPF]", "mg/(24.h)", "{copies}/mL", "mosm/kg"]
    {
        assert!(octofhir_ucum::validate(common).is_ok(), "{common}");
    }
    for word in ["mg/dl", "IU/L", "x10E3/uL", "°C", "lb", "ml/min/1.73m2", "K/uL", "mEq/L", "per HPF"] {
        assert!(octofhir_ucum::validate(&ucum_of(word)).is_ok(), "{word}");
    }
}

#[test]
fn only_what_measures_the_same_is_converted() {
    let same = |one: &str, other: &str| dimension(one) == dimension(other);
    assert!(same("mg/dL", "g/L"));
    assert!(same("10*3/uL", "10*9/L"));
    assert!(same("Cel", "[degF]"));
    assert!(same("m[IU]/L", "u[IU]/mL"));
    assert!(same("%", "L/L"));
    assert!(same("/min", "{breaths}/min"));
    // Each of these UCUM alone would convert, or a careless table.
    assert!(!same("%", "mmol/mol"));
    assert!(!same("mL/min", "mL/min/{1.73_m2}"));
    assert!(!same("meq/L", "mmol/L"));
    assert!(!same("mmol/L", "10*9/L"));
    assert!(!same("mosm/kg", "mmol/kg"));
    assert!(same("U/L", "ukat/L"));
    assert!(!same("U/L", "[IU]/L"));
    assert!(!same("mg/dL", "mmol/L"));
    assert!(!same("", "mg/dL"));
    assert!(!same("Puff", "tablet"));
    assert!(!same("{score}", "%"));
}

#[test]
fn conversions() {
    assert!(close(convert(98.6, "[degF]", "Cel").unwrap(), 37.0));
    assert!(close(convert(150.0, "[lb_av]", "kg").unwrap(), 68.038_855_5));
    assert!(close(convert(7.5, "10*3/uL", "10*9/L").unwrap(), 7.5));
    assert_eq!(convert(1.0, "mg", "mL"), None);
    let glucose = analyte("14749-6").unwrap();
    let mmol = convert_by_molar_mass(100.0, "mg/dL", "mmol/L", glucose.grams_per_mole).unwrap();
    assert!((mmol - 5.55).abs() < 0.005, "{mmol}");
    let back = convert_by_molar_mass(mmol, "mmol/L", "mg/dL", glucose.grams_per_mole).unwrap();
    assert!(close(back, 100.0));
    assert_eq!(convert_by_molar_mass(1.0, "kg", "mmol/L", 1.0), None);
}

proptest! {
    #[test]
    fn never_panics_and_settles(unit in "\\PC{0,80}", value in any::<f64>()) {
        let ucum = ucum_of(&unit).into_owned();
        let again = ucum_of(&ucum).into_owned();
        prop_assert_eq!(ucum_of(&again), again.as_str());
        let _ = dimension(&ucum);
        let _ = convert(value, &ucum, "mg/dL");
        let _ = convert_by_molar_mass(value, &ucum, "mmol/L", 180.0);
    }

    #[test]
    fn never_panics_on_what_looks_like_ucum(unit in "(/|10\\*|10\\^|[a-zA-Z]{1,3}|\\[[A-Za-z_]{1,4}\\]|\\{[a-z]{1,3}\\}|[0-9]{1,9}|[-+.()]){1,30}", value in any::<f64>()) {
        let _ = dimension(&unit);
        let _ = convert(value, &unit, "mg/dL");
        let _ = convert(value, "mg/dL", &unit);
    }
}

/// UCUM's own table of units (`ucum-essence.xml`), where it is at hand: each unit with a value is worth that value.
#[test]
#[allow(clippy::print_stdout)]
fn ucums_own_table() {
    let Some(table) = crate::public::data("vectors/ucum/ucum-essence.xml") else { return };
    let table = std::fs::read_to_string(table).unwrap();
    let attribute = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!(" {name}=\""))?;
        let value = rest.split('"').next()?;
        Some(
            value
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&"),
        )
    };
    let (mut known, mut other) = (0, Vec::new());
    for unit in table.split("<unit ").skip(1) {
        let unit = format!(" {unit}");
        let Some(code) = attribute(&unit, "Code") else { continue };
        let is_special = attribute(unit.split('>').next().unwrap(), "isSpecial").is_some();
        let Some((_, value)) = unit.split_once("<value") else { continue };
        let value = value.split('>').next().unwrap();
        let (Some(base), Some(number)) = (attribute(value, "Unit"), attribute(value, "value")) else {
            assert!(is_special || unit.contains("<function"), "{code}");
            continue;
        };
        if is_special || attribute(unit.split('>').next().unwrap(), "isArbitrary").is_some() {
            continue;
        }
        let number: f64 = number.parse().unwrap();
        match convert(1.0, &code, &base) {
            Some(found) if (found - number).abs() <= 1e-5 * number.abs() => known += 1,
            found => other.push(format!("{code} = {number} {base}, found {found:?}")),
        }
    }
    println!("{known} units as in UCUM's table; {other:#?}");
    assert!(known > 200);
    assert!(other.len() < 5, "{other:#?}");
}
