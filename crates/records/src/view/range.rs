//! Reference ranges: the laboratory's own, as numbers or read from its words, for each value by itself.

use serde::{Deserialize, Serialize};

use super::{
    concept::plain,
    series::{Reader, Sex},
    units::{convert, dimension, unit_form},
};
use crate::{
    display::VALUE_BYTES,
    index::{clip, words},
    json::Json,
};

/// The range a value was reported with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceRange {
    /// The lower end, in the series' unit.
    pub low: Option<Bound>,
    /// The upper end, in the series' unit.
    pub high: Option<Bound>,
    /// The value expected in words ("negative"), in lower case as the source wrote it.
    pub expected: Option<String>,
    /// As the source wrote it, with all that it says: also where no ends could be read from it, or where several ranges
    /// stand there of which it is not clear which is this person's.
    pub text: String,
    /// Whether the ends were converted from another unit.
    pub converted: bool,
}

/// An end of a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// The number.
    pub value: f64,
    /// Whether a value equal to it is inside.
    pub inclusive: bool,
}

/// What a range in words says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RangeText {
    /// The lower end.
    pub low: Option<Bound>,
    /// The upper end.
    pub high: Option<Bound>,
    /// The value expected in words.
    pub expected: Option<String>,
}

impl RangeText {
    fn is_empty(&self) -> bool {
        self == &RangeText::default()
    }
}

/// Reads a range from words: `<150`, `>= 40`, `70-99`, `3,5 – 5,1 mmol/L`, `up to 40`, `neg`; `M: 13.5-17.5; F: 12-16` where
/// the sex is known. `None` where the words could mean more than one thing, as `1,000-2,000` does.
pub fn parse_range(text: &str, sex: Option<Sex>) -> Option<RangeText> {
    let text = text.trim();
    if text.is_empty() || text.len() > 200 {
        return None;
    }
    match by_sex(text, sex) {
        BySex::No => one_range(text),
        BySex::This(part) => one_range(part),
        BySex::Unclear => None,
    }
}

enum BySex<'t> {
    /// The text does not tell the sexes apart.
    No,
    /// The part for this person.
    This(&'t str),
    /// It does, and whose part is this person's is not known.
    Unclear,
}

fn by_sex(text: &str, sex: Option<Sex>) -> BySex<'_> {
    let mut told = false;
    let mut own: Option<&str> = None;
    for part in text.split([';', '\n', '|']).flat_map(split_before_sex) {
        let Some((whose, rest)) = sex_label(part) else { continue };
        told = true;
        if Some(whose) == sex {
            if own.is_some() {
                return BySex::Unclear;
            }
            own = Some(rest);
        }
    }
    match (told, own) {
        (false, _) => BySex::No,
        (true, Some(part)) => BySex::This(part),
        (true, None) => BySex::Unclear,
    }
}

/// "M 13-17, F 12-16" and "M 13-17 F 12-16" are two parts: cut where a sex is named again.
fn split_before_sex(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices([' ', ',']) {
        let rest = text.get(at + 1..).unwrap_or_default();
        if sex_label(rest).is_some()
            && text.get(start..at).is_some_and(|part| part.contains(|c: char| c.is_ascii_digit()))
        {
            parts.extend(text.get(start..at));
            start = at + 1;
        }
    }
    parts.extend(text.get(start..));
    parts
}

fn sex_label(text: &str) -> Option<(Sex, &str)> {
    let text = text.trim_start();
    let end = text.find(|letter: char| !letter.is_alphabetic() && !matches!(letter, '♂' | '♀')).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    let word = word.to_lowercase();
    let sex = match word.as_str() {
        "m" | "male" | "males" | "men" | "man" | "männer" | "mann" | "männlich" | "homme" | "hommes" | "hombre"
        | "hombres" | "homem" | "homens" | "♂" => Sex::Male,
        "f" | "w" | "female" | "females" | "women" | "woman" | "frauen" | "frau" | "weiblich" | "femme" | "femmes"
        | "mujer" | "mujeres" | "mulher" | "mulheres" | "♀" => Sex::Female,
        _ => return None,
    };
    Some((sex, rest.trim_start().trim_start_matches([':', '=', ')', '('])))
}

fn one_range(text: &str) -> Option<RangeText> {
    let text = text.trim().trim_start_matches(['(', '[', ':']).trim_start();
    let text = ["normal:", "normal range:", "reference range:", "ref:", "range:", "norm:"]
        .iter()
        .find_map(|prefix| {
            text.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix)).and(text.get(prefix.len()..))
        })
        .unwrap_or(text)
        .trim_start();
    let mut out = RangeText::default();
    if let Some((upper, inclusive, rest)) = sign(text) {
        if may_be_thousands(rest) {
            return None;
        }
        let (value, rest) = number(rest)?;
        ends_well(rest)?;
        let bound = Some(Bound { value, inclusive });
        *(if upper { &mut out.high } else { &mut out.low }) = bound;
        return Some(out);
    }
    if let Some((low, rest)) = number(text) {
        let rest = rest.trim_start();
        let between = ["-", "–", "—", "−", "to ", "bis ", "à ", "a ", "até ", "..."];
        // "70 mg/dL - 99 mg/dL": the unit stands after both.
        let rest = between.iter().find_map(|word| rest.strip_prefix(word)).or_else(|| {
            let (unit, rest) = rest.split_once([' ', '-', '–'])?;
            let rest = rest.trim_start_matches([' ', '-', '–']);
            (!unit.contains(|letter: char| letter.is_ascii_digit()) || unit.contains('/')).then_some(rest)
        })?;
        if may_be_thousands(text) && may_be_thousands(rest) {
            return None;
        }
        let (high, rest) = number(rest)?;
        ends_well(rest)?;
        // "5 to 3" is no range.
        if high < low {
            return None;
        }
        let bound = |value| Some(Bound { value, inclusive: true });
        return Some(RangeText { low: bound(low), high: bound(high), expected: None });
    }
    let word = plain(text.trim_end_matches([')', ']', '.']));
    (expectation(&word).is_some()).then(|| RangeText { expected: Some(word), ..RangeText::default() })
}

/// Whether a word expects absence (`false`) or presence (`true`) of something.
pub(super) fn expectation(word: &str) -> Option<bool> {
    const ABSENT: [&str; 32] = [
        "neg",
        "neg.",
        "negative",
        "negativ",
        "négatif",
        "negativo",
        "négative",
        "negativa",
        "سلبي",
        "not detected",
        "none detected",
        "undetected",
        "non detected",
        "nicht nachweisbar",
        "nicht nachgewiesen",
        "non détecté",
        "no detectado",
        "não detectado",
        "none",
        "none seen",
        "absent",
        "nil",
        "non reactive",
        "non-reactive",
        "nonreactive",
        "no reactivo",
        "não reagente",
        "nicht reaktiv",
        "non réactif",
        "not reactive",
        "ausente",
        "absence",
    ];
    const PRESENT: [&str; 18] = [
        "pos",
        "pos.",
        "positive",
        "positiv",
        "positif",
        "positivo",
        "positiva",
        "إيجابي",
        "detected",
        "nachweisbar",
        "détecté",
        "detectado",
        "reactive",
        "reactivo",
        "reagente",
        "reaktiv",
        "present",
        "réactif",
    ];
    if ABSENT.contains(&word) {
        return Some(false);
    }
    PRESENT.contains(&word).then_some(true)
}

/// `<`, `<=`, `up to`: whether it is an upper end, whether the end is inside, and the rest.
fn sign(text: &str) -> Option<(bool, bool, &str)> {
    const SIGNS: [(&str, bool, bool); 24] = [
        ("<=", true, true),
        ("=<", true, true),
        ("≤", true, true),
        ("<", true, false),
        (">=", false, true),
        ("=>", false, true),
        ("≥", false, true),
        (">", false, false),
        ("up to ", true, true),
        ("less than or equal to ", true, true),
        ("less than ", true, false),
        ("below ", true, false),
        ("greater than or equal to ", false, true),
        ("greater than ", false, false),
        ("more than ", false, false),
        ("above ", false, false),
        ("bis ", true, true),
        ("kleiner ", true, false),
        ("unter ", true, false),
        ("über ", false, false),
        ("inférieur à ", true, false),
        ("supérieur à ", false, false),
        ("hasta ", true, true),
        ("até ", true, true),
    ];
    let lower = text.to_lowercase();
    // Lower case may be longer or shorter than the text; the signs are not.
    SIGNS
        .iter()
        .find(|(sign, ..)| lower.starts_with(sign))
        .and_then(|(sign, upper, inclusive)| Some((*upper, *inclusive, text.get(sign.len()..)?.trim_start())))
}

/// A number at the start, and the rest. A comma may be a decimal point, unless it could part thousands.
fn number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start();
    let unsigned = text.strip_prefix(['-', '−']).unwrap_or(text);
    let negative = unsigned.len() != text.len();
    let end = unsigned
        .find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | ',')))
        .unwrap_or(unsigned.len());
    let (written, _) = unsigned.split_at_checked(end)?;
    let written = written.trim_end_matches(['.', ',']);
    let rest = unsigned.get(written.len()..)?;
    let value: f64 = match (written.split_once(','), written.contains('.')) {
        (None, _) => written.parse().ok()?,
        (Some((_, decimals)), false) if !decimals.contains(',') && decimals.len() != 3 => {
            written.replace(',', ".").parse().ok()?
        }
        _ => return None,
    };
    value.is_finite().then_some((if negative { -value } else { value }, rest))
}

/// Whether a point in the number at the start may part thousands: "150.000" is one or the other. A density of urine is not.
fn may_be_thousands(text: &str) -> bool {
    let text = text.trim_start();
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(text.len());
    let Some((whole, decimals)) = text.get(..end).and_then(|written| written.split_once('.')) else { return false };
    decimals.len() == 3
        && (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && !(whole == "1" && decimals.starts_with('0'))
}

/// After a range may stand its unit, a bracket, or a remark without numbers; another number would be another range.
fn ends_well(rest: &str) -> Option<()> {
    let rest = rest.trim_start();
    let unit = rest.split([' ', ')', ']', ';']).next().unwrap_or_default();
    let after = rest.get(unit.len()..).unwrap_or_default();
    let is_unit = unit.is_empty() || !unit.starts_with(|letter: char| letter.is_ascii_digit() && letter != '1');
    (is_unit && !after.contains(|letter: char| letter.is_ascii_digit())).then_some(())
}

/// The range of a value out of `Observation.referenceRange`: the one that is for this person, where that is clear.
/// Its ends are in `unit` (UCUM), the unit of the value.
pub(super) fn range_of<J: Json>(holder: &J, unit: &str, reader: &Reader<'_>, at: i64) -> Option<ReferenceRange> {
    let ranges = holder.each("referenceRange");
    if ranges.is_empty() {
        return None;
    }
    let text =
        clip(&ranges.iter().take(20).filter_map(as_written).collect::<Vec<_>>().join("; "), VALUE_BYTES).to_owned();
    let normal: Vec<&J> = ranges.iter().take(20).filter(|range| is_normal(*range)).collect();
    let fitting: Vec<&J> = match normal.as_slice() {
        [one] if is_for(*one, reader, at) != Some(false) => vec![one],
        [_] => Vec::new(),
        several => {
            // Several: only what is for this person for certain, and only where that is one.
            let own: Vec<&J> =
                several.iter().copied().filter(|range| is_for(*range, reader, at) == Some(true)).collect();
            let conditional = |range: &&J| range.member("appliesTo").is_some() || range.member("age").is_some();
            let specific: Vec<&J> = own.iter().copied().filter(conditional).collect();
            if specific.is_empty() { own } else { specific }
        }
    };
    let read = match fitting.as_slice() {
        [range] => ends(*range, unit, reader.sex).unwrap_or_default(),
        _ => Default::default(),
    };
    (!text.is_empty() || !read.0.is_empty()).then_some(ReferenceRange {
        low: read.0.low,
        high: read.0.high,
        expected: read.0.expected,
        text,
        converted: read.1,
    })
}

/// Ranges of another type ("critical", "therapeutic", "treatment") are not what is normal.
fn is_normal<J: Json>(range: &J) -> bool {
    let Some(kind) = range.member("type") else { return true };
    let codes: Vec<&str> = kind.each("coding").iter().filter_map(|coding| coding.text_at(&["code"])).collect();
    codes.is_empty() || codes.iter().any(|code| matches!(*code, "normal" | "recommended"))
}

/// Whether a range applies to the person; `None` where that cannot be told.
fn is_for<J: Json>(range: &J, reader: &Reader<'_>, at: i64) -> Option<bool> {
    let mut sure = true;
    for whom in range.each("appliesTo") {
        let codes = whom.each("coding").iter().filter_map(|coding| coding.text_at(&["code"]));
        let said = codes
            .chain(whom.text_at(&["text"]))
            .chain(whom.each("coding").iter().filter_map(|c| c.text_at(&["display"])));
        let wanted = said.filter_map(sex_named).next();
        match (wanted, reader.sex) {
            (Some(wanted), Some(sex)) if wanted != sex => return Some(false),
            (Some(_), Some(_)) => {}
            _ => sure = false,
        }
    }
    if let Some(age) = range.member("age") {
        match reader.age_at(at) {
            None => sure = false,
            Some(years) => {
                for (end, is_low) in [("low", true), ("high", false)] {
                    let Some(quantity) = age.member(end) else { continue };
                    match years_of(quantity) {
                        None => sure = false,
                        Some(limit) if (is_low && years < limit) || (!is_low && years > limit) => return Some(false),
                        Some(_) => {}
                    }
                }
            }
        }
    }
    sure.then_some(true)
}

fn sex_named(text: &str) -> Option<Sex> {
    // SNOMED CT 248153007 Male, 248152002 Female; HL7 administrative gender in words and letters.
    match text.to_ascii_lowercase().as_str() {
        "male" | "m" | "248153007" | "men" => Some(Sex::Male),
        "female" | "f" | "248152002" | "women" => Some(Sex::Female),
        _ => None,
    }
}

fn years_of<J: Json>(quantity: &J) -> Option<f64> {
    let value: f64 = quantity.member("value")?.number()?.parse().ok()?;
    let unit = unit_form(quantity.text_at(&["code"]).or_else(|| quantity.text_at(&["unit"]))?);
    let years = match unit.as_ref() {
        "a" => 1.0,
        "mo" => 1.0 / 12.0,
        "wk" => 7.0 / 365.25,
        "d" => 1.0 / 365.25,
        _ => return None,
    };
    Some(value * years)
}

/// The ends of one range in `unit`, and whether they were converted.
fn ends<J: Json>(range: &J, unit: &str, sex: Option<Sex>) -> Option<(RangeText, bool)> {
    let mut converted = false;
    let mut end = |name: &str| -> Result<Option<Bound>, ()> {
        let Some(quantity) = range.member(name) else { return Ok(None) };
        let Some(number) = quantity.member("value").and_then(Json::number) else { return Ok(None) };
        let value: f64 = number.parse().ok().filter(|value: &f64| value.is_finite()).ok_or(())?;
        let own = quantity.text_at(&["code"]).or_else(|| quantity.text_at(&["unit"])).map(unit_form);
        let value = match own {
            Some(own) if own != unit => {
                converted = true;
                (dimension(&own) == dimension(unit)).then(|| convert(value, &own, unit)).flatten().ok_or(())?
            }
            _ => value,
        };
        let open = quantity.text_at(&["comparator"]).is_some_and(|sign| matches!(sign, "<" | ">"));
        Ok(Some(Bound { value, inclusive: !open }))
    };
    // An end in a unit that cannot be compared with the value makes the whole range one of words.
    let (low, high) = (end("low").ok()?, end("high").ok()?);
    if low.is_some() || high.is_some() {
        return Some((RangeText { low, high, expected: None }, converted));
    }
    parse_range(range.text_at(&["text"])?, sex).map(|read| (read, false))
}

fn as_written<J: Json>(range: &J) -> Option<String> {
    let whom = range.first("appliesTo").and_then(words).map(|whom| format!("{whom}: ")).unwrap_or_default();
    if let Some(text) = range.text_at(&["text"]) {
        return Some(format!("{whom}{text}"));
    }
    let [low, high] = ["low", "high"].map(|end| range.member(end).and_then(crate::display::quantity));
    let ends = match (low, high) {
        (Some(low), Some(high)) => format!("{low} – {high}"),
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => return None,
    };
    Some(format!("{whom}{ends}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn numbers(text: &str) -> Option<(Option<f64>, Option<f64>)> {
        parse_range(text, None).map(|range| (range.low.map(|b| b.value), range.high.map(|b| b.value)))
    }

    #[test]
    fn ranges_in_words() {
        assert_eq!(numbers("<150"), Some((None, Some(150.0))));
        assert_eq!(numbers(">= 40 mg/dL"), Some((Some(40.0), None)));
        assert_eq!(numbers("70-99"), Some((Some(70.0), Some(99.0))));
        assert_eq!(numbers("(3,5 – 5,1 mmol/L)"), Some((Some(3.5), Some(5.1))));
        assert_eq!(numbers("-2 - 3 mmol/L"), Some((Some(-2.0), Some(3.0))));
        assert_eq!(numbers("70 mg/dL - 99 mg/dL"), Some((Some(70.0), Some(99.0))));
        assert_eq!(numbers("up to 40 U/L"), Some((None, Some(40.0))));
        assert_eq!(numbers("Normal: 4.5 to 11.0 10*3/uL"), Some((Some(4.5), Some(11.0))));
        assert_eq!(numbers("1.005 - 1.030"), Some((Some(1.005), Some(1.03))));
        assert_eq!(numbers("0.150 - 0.450"), Some((Some(0.15), Some(0.45))));
        assert_eq!(numbers("4.125 - 5.5"), Some((Some(4.125), Some(5.5))));
        assert_eq!(parse_range("neg", None).unwrap().expected.as_deref(), Some("neg"));
        assert!(!parse_range("<150", None).unwrap().high.unwrap().inclusive);
    }

    #[test]
    fn what_could_mean_two_things_is_not_read() {
        for text in [
            "150.000 - 450.000",
            "150.000 a 450.000/mm³",
            "< 200.000",
            "1,000-2,000",
            "5 to 3",
            "see note",
            "",
            "1.2.3-4",
            "0-5 (fasting 3-4)",
            "<",
            "adult 70-99 child 60-90",
        ] {
            assert_eq!(parse_range(text, None), None, "{text}");
        }
    }

    #[test]
    fn ranges_for_men_and_women() {
        let text = "M: 13.5-17.5; F: 12-16";
        assert_eq!(parse_range(text, None), None);
        assert_eq!(parse_range(text, Some(Sex::Female)).unwrap().high.unwrap().value, 16.0);
        assert_eq!(parse_range("Männer 13-17, Frauen 12-16 g/dl", Some(Sex::Male)).unwrap().low.unwrap().value, 13.0);
    }

    #[test]
    fn several_ranges_are_used_only_where_one_is_this_persons() {
        let of = |code: &str| json!([{"coding": [{"code": code}]}]);
        let record = json!({"referenceRange": [
            {"low": {"value": 13}, "high": {"value": 17}, "appliesTo": of("male")},
            {"low": {"value": 12}, "high": {"value": 16}, "appliesTo": of("248152002")},
            {"low": {"value": 7}, "type": {"coding": [{"code": "critical"}]}},
        ]});
        let woman = Reader { sex: Some(Sex::Female), birth_date: None };
        assert_eq!(range_of(&record, "g/dL", &woman, 0).unwrap().low.unwrap().value, 12.0);
        let unknown = range_of(&record, "g/dL", &Reader::default(), 0).unwrap();
        assert_eq!((unknown.low, unknown.high), (None, None));
        assert!(unknown.text.contains("13"));
        let ages = json!({"referenceRange": [
            {"high": {"value": 10}, "age": {"high": {"value": 18, "unit": "years"}}},
            {"high": {"value": 5}, "age": {"low": {"value": 18, "unit": "years"}}},
        ]});
        let adult = Reader { sex: None, birth_date: Some("1970-01-01") };
        assert_eq!(range_of(&ages, "", &adult, 40 * 31_557_600).unwrap().high.unwrap().value, 5.0);
    }

    #[test]
    fn a_range_in_another_unit_is_converted_or_left_as_words() {
        let record =
            json!({"referenceRange": [{"low": {"value": 4, "unit": "g/L"}, "high": {"value": 5, "unit": "g/L"}}]});
        let range = range_of(&record, "mg/dL", &Reader::default(), 0).unwrap();
        assert_eq!((range.low.unwrap().value, range.converted), (400.0, true));
        let range = range_of(&record, "mmol/L", &Reader::default(), 0).unwrap();
        assert_eq!((range.low, range.text.as_str()), (None, "4 g/L – 5 g/L"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}|([MF]?[: ]?[<>=≤]*[-0-9,.]{0,6} ?[-–;a-z/ ]{0,4}){0,4}", female in any::<bool>()) {
            let sex = if female { Sex::Female } else { Sex::Male };
            if let Some(range) = parse_range(&text, Some(sex)) {
                let ends = (range.low.map(|b| b.value), range.high.map(|b| b.value));
                prop_assert!(!matches!(ends, (Some(low), Some(high)) if high < low));
            }
        }
    }
}
