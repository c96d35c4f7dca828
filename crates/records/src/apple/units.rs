//! HealthKit's units as the export writes them, with their UCUM codes and how they convert.
//!
//! HealthKit: <https://developer.apple.com/documentation/healthkit/hkunit/init(from:)>; UCUM: <https://ucum.org/ucum>.

/// What a unit measures; units of one kind convert into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Count,
    Rate,
    Percent,
    Energy,
    Length,
    Mass,
    Temperature,
    Pressure,
    Time,
    Volume,
    Flow,
    Speed,
    MassConcentration,
    MolarConcentration,
    /// A unit that converts into nothing else.
    Own(u8),
}

/// A number that was written with a comma, as programs that filter exports on a computer of another country do.
pub(super) fn with_point(value: &str) -> Option<String> {
    let (whole, rest) = value.split_once(',')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(rest)).then(|| format!("{whole}.{rest}"))
}

/// A unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    /// As HealthKit writes it.
    pub(super) hk: &'static str,
    /// For people.
    pub(super) label: &'static str,
    /// The UCUM code.
    pub(super) ucum: &'static str,
    pub(super) dimension: Dimension,
    /// `base = value * factor + offset`.
    factor: f64,
    offset: f64,
}

const fn unit(hk: &'static str, label: &'static str, ucum: &'static str, dimension: Dimension, factor: f64) -> Unit {
    Unit { hk, label, ucum, dimension, factor, offset: 0.0 }
}

use Dimension::{
    Count, Energy, Flow, Length, Mass, MassConcentration, MolarConcentration, Own, Percent, Pressure, Rate, Speed,
    Temperature, Time, Volume,
};

#[rustfmt::skip]
const UNITS: &[Unit] = &[
    unit("count", "", "1", Count, 1.0),
    unit("count/min", "/min", "/min", Rate, 1.0),
    unit("count/s", "/s", "/s", Rate, 60.0),
    // HealthKit writes a fraction and calls it %: 0.97 is 97 %.
    unit("%", "%", "%", Percent, 1.0),
    unit("kcal", "kcal", "kcal", Energy, 1.0),
    unit("Cal", "kcal", "kcal", Energy, 1.0),
    unit("cal", "cal", "cal", Energy, 0.001),
    unit("kJ", "kJ", "kJ", Energy, 1.0 / 4.184),
    unit("J", "J", "J", Energy, 0.001 / 4.184),
    unit("m", "m", "m", Length, 1.0),
    unit("km", "km", "km", Length, 1000.0),
    unit("cm", "cm", "cm", Length, 0.01),
    unit("mm", "mm", "mm", Length, 0.001),
    unit("mi", "mi", "[mi_i]", Length, 1609.344),
    unit("yd", "yd", "[yd_i]", Length, 0.9144),
    unit("ft", "ft", "[ft_i]", Length, 0.3048),
    unit("in", "in", "[in_i]", Length, 0.0254),
    unit("kg", "kg", "kg", Mass, 1.0),
    unit("g", "g", "g", Mass, 0.001),
    unit("mg", "mg", "mg", Mass, 1e-6),
    unit("mcg", "µg", "ug", Mass, 1e-9),
    unit("lb", "lb", "[lb_av]", Mass, 0.453_592_37),
    unit("oz", "oz", "[oz_av]", Mass, 0.028_349_523_125),
    unit("st", "st", "[stone_av]", Mass, 6.350_293_18),
    unit("degC", "°C", "Cel", Temperature, 1.0),
    Unit { hk: "degF", label: "°F", ucum: "[degF]", dimension: Temperature, factor: 5.0 / 9.0, offset: -160.0 / 9.0 },
    Unit { hk: "K", label: "K", ucum: "K", dimension: Temperature, factor: 1.0, offset: -273.15 },
    unit("mmHg", "mmHg", "mm[Hg]", Pressure, 1.0),
    unit("kPa", "kPa", "kPa", Pressure, 7.500_615_05),
    unit("min", "min", "min", Time, 1.0),
    unit("s", "s", "s", Time, 1.0 / 60.0),
    unit("ms", "ms", "ms", Time, 1.0 / 60_000.0),
    unit("hr", "h", "h", Time, 60.0),
    unit("L", "L", "L", Volume, 1.0),
    unit("l", "L", "L", Volume, 1.0),
    unit("mL", "mL", "mL", Volume, 0.001),
    unit("ml", "mL", "mL", Volume, 0.001),
    unit("fl_oz_us", "fl oz", "[foz_us]", Volume, 0.029_573_529_562_5),
    unit("fl_oz_imp", "fl oz", "[foz_br]", Volume, 0.028_413_062_5),
    unit("L/min", "L/min", "L/min", Flow, 1.0),
    unit("m/s", "m/s", "m/s", Speed, 1.0),
    unit("km/hr", "km/h", "km/h", Speed, 1.0 / 3.6),
    unit("mi/hr", "mi/h", "[mi_i]/h", Speed, 0.447_04),
    unit("mg/dL", "mg/dL", "mg/dL", MassConcentration, 1.0),
    unit("mmol<180.1558800000541>/L", "mmol/L", "mmol/L", MolarConcentration, 1.0),
    unit("mmol/L", "mmol/L", "mmol/L", MolarConcentration, 1.0),
    unit("mL/min·kg", "mL/(kg.min)", "mL/kg/min", Own(1), 1.0),
    unit("kcal/hr·kg", "kcal/(h.kg)", "kcal/h/kg", Own(2), 1.0),
    unit("dBASPL", "dB SPL", "dB[SPL]", Own(3), 1.0),
    unit("dBHL", "dB HL", "dB", Own(4), 1.0),
    unit("IU", "IU", "[iU]", Own(5), 1.0),
    unit("W", "W", "W", Own(6), 1.0),
    unit("S", "S", "S", Own(7), 1.0),
    unit("mcS", "µS", "uS", Own(8), 1.0),
    unit("Hz", "Hz", "Hz", Own(9), 1.0),
    unit("kg/m2", "kg/m2", "kg/m2", Own(10), 1.0),
    unit("appleEffortScore", "score", "{score}", Own(11), 1.0),
    unit("D", "D", "[diop]", Own(12), 1.0),
    unit("deg", "°", "deg", Own(13), 1.0),
    unit("steps", "steps", "{steps}/d", Count, 1.0),
    unit("flights", "flights", "{flights}", Count, 1.0),
    unit("pushes", "pushes", "{pushes}/d", Count, 1.0),
];

/// The unit of this HealthKit name.
pub(super) fn find(hk: &str) -> Option<&'static Unit> {
    // HealthKit writes the molar mass inside: `mmol<180.1558800000541>/L`, with digits that differ between versions.
    if hk.starts_with("mmol<180.") && hk.ends_with(">/L") {
        return find("mmol/L");
    }
    UNITS.iter().find(|unit| unit.hk == hk)
}

/// How a number of one unit becomes one of another: `value * factor + offset`. `None` where they measure different
/// things.
pub(super) fn conversion(from: &Unit, to: &Unit) -> Option<(f64, f64)> {
    (from.dimension == to.dimension).then(|| (from.factor / to.factor, (from.offset - to.offset) / to.factor))
}

/// What HealthKit means by a number in `%`: it writes fractions, and some apps write the percentage itself.
pub(super) fn percent(value: f64) -> f64 {
    if (0.0..=1.0).contains(&value) { value * 100.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(value: f64, from: &str, to: &str) -> f64 {
        let (factor, offset) = conversion(find(from).unwrap(), find(to).unwrap()).unwrap();
        value * factor + offset
    }

    #[test]
    fn units_convert_within_what_they_measure() {
        for (value, from, to, expected) in [
            (1.0, "mi", "km", 1.609_344),
            (98.6, "degF", "degC", 37.0),
            (37.0, "degC", "degF", 98.6),
            (310.15, "K", "degC", 37.0),
            (418.4, "kJ", "kcal", 100.0),
            (90.0, "s", "min", 1.5),
            (36.0, "km/hr", "m/s", 10.0),
        ] {
            assert!((convert(value, from, to) - expected).abs() < 1e-9, "{value} {from} to {to}");
        }
        assert_eq!(conversion(find("mg/dL").unwrap(), find("mmol/L").unwrap()), None);
        assert_eq!(find("mmol<180.15588>/L").unwrap().ucum, "mmol/L");
        assert_eq!(find("furlong"), None);
    }
}
