//! Numbers as tables write them, in either decimal, with thousands, comparators and LO/HI.

use serde::{Deserialize, Serialize};

/// The sign before a number's fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1,234.5`
    #[default]
    Point,
    /// `1.234,5`
    Comma,
}

/// What a cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A number with its text as JSON writes it, and `<`, `>`, `<=` or `>=`.
    Number { text: String, comparator: Option<&'static str> },
    /// Below or above what the device measures.
    OffScale { high: bool },
}

impl Value {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Value::Number { text, .. } => text.parse().ok(),
            Value::OffScale { .. } => None,
        }
    }
}

/// The number of a cell and the unit that is written behind it, in the spelling of the cell: `72,50 kg`. Without a number, the
/// whole cell and nothing.
pub(super) fn split_unit(cell: &str) -> (&str, &str) {
    let of_number = |letter: char| {
        letter.is_ascii_digit()
            || letter.is_whitespace()
            || matches!(letter, '.' | ',' | '\'' | '’' | '-' | '−' | '+' | '<' | '>' | '=' | '≤' | '≥')
    };
    let end = cell.find(|letter| !of_number(letter)).unwrap_or(cell.len());
    let (number, unit) = cell.split_at_checked(end).unwrap_or((cell, ""));
    if number.contains(|letter: char| letter.is_ascii_digit()) {
        (number.trim(), unit.trim())
    } else {
        (cell.trim(), "")
    }
}

/// Reads a cell; `None` if it is no number. A unit behind the number is to be [taken off](split_unit) before.
pub(super) fn parse(cell: &str, decimal: Decimal) -> Option<Value> {
    let cell = cell.trim();
    match cell.to_lowercase().as_str() {
        "lo" | "low" | "niedrig" | "bas" | "bajo" | "basso" | "baixo" | "laag" => {
            return Some(Value::OffScale { high: false });
        }
        "hi" | "high" | "hoch" | "haut" | "élevé" | "alto" | "hoog" => return Some(Value::OffScale { high: true }),
        _ => {}
    }
    let (comparator, rest) = [("<=", "<="), ("≤", "<="), ("<", "<"), (">=", ">="), ("≥", ">="), (">", ">")]
        .iter()
        .find_map(|(sign, comparator)| cell.strip_prefix(sign).map(|rest| (Some(*comparator), rest)))
        .unwrap_or((None, cell));
    Some(Value::Number { text: number(rest, decimal)?, comparator })
}

/// A number's digits as JSON writes them: `1.234,50` becomes `1234.50`.
fn number(text: &str, decimal: Decimal) -> Option<String> {
    let (point, comma) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let text = text.trim().replace('−', "-");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    if digits.len() > 24 {
        return None;
    }
    let (whole, fraction) = match digits.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let separated = |letter: char| letter == comma || matches!(letter, '\u{a0}' | '\u{202f}' | ' ' | '\'' | '’');
    let groups: Vec<&str> = whole.split(separated).collect();
    let well_grouped = groups.iter().enumerate().all(|(at, group)| {
        let digits = group.bytes().all(|byte| byte.is_ascii_digit());
        digits && if at == 0 { groups.len() == 1 || (1..=3).contains(&group.len()) } else { group.len() == 3 }
    });
    let fraction_well = fraction.is_none_or(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let whole = groups.concat();
    if !well_grouped || !fraction_well || (whole.is_empty() && fraction.is_none()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    })
}

/// Whether a cell is a number in either decimal.
pub(super) fn is_number(cell: &str) -> bool {
    [Decimal::Point, Decimal::Comma].iter().any(|decimal| matches!(parse(cell, *decimal), Some(Value::Number { .. })))
}

/// What the numbers of a table say about its decimal.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct DecimalEvidence {
    comma: bool,
    point: bool,
    /// `1,234`: a thousand or a little more than one.
    unclear: bool,
}

impl DecimalEvidence {
    pub(super) fn see(&mut self, cell: &str) {
        let cell = split_unit(cell).0.trim_start_matches(['<', '>', '=', '≤', '≥', '-', '+', ' ']);
        if !cell.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '.' | ',')) {
            return;
        }
        let (Some(last), separators) = (cell.rfind(['.', ',']), cell.matches(['.', ',']).count()) else {
            return;
        };
        let comma = cell.get(last..).is_some_and(|rest| rest.starts_with(','));
        let digits = cell.len() - last - 1;
        let same = cell.matches(if comma { ',' } else { '.' }).count();
        if separators > same || (same == 1 && (digits != 3 || cell.starts_with('0'))) {
            // Both signs, or one that no thousand has: the last one is the decimal.
            self.comma |= comma;
            self.point |= !comma;
        } else if same > 1 {
            // Several alike: thousands, so the other is the decimal.
            self.comma |= !comma;
            self.point |= comma;
        } else {
            self.unclear = true;
        }
    }

    /// The decimal; `Err` where it cannot be told, with the likelier.
    pub(super) fn decide(self) -> Result<Decimal, Decimal> {
        match (self.comma, self.point) {
            (true, false) => Ok(Decimal::Comma),
            (false, true) => Ok(Decimal::Point),
            (false, false) if !self.unclear => Ok(Decimal::Point),
            _ => Err(Decimal::Point),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &str, decimal: Decimal) -> Option<String> {
        match parse(cell, decimal)? {
            Value::Number { text, comparator } => Some(format!("{}{text}", comparator.unwrap_or_default())),
            Value::OffScale { high } => Some(if high { "HI" } else { "LO" }.to_owned()),
        }
    }

    #[test]
    fn numbers_of_both_worlds_keep_their_digits() {
        use Decimal::{Comma, Point};
        for (cell, decimal, expected) in [
            ("72.50", Point, Some("72.50")),
            ("72,50", Comma, Some("72.50")),
            ("1,234.5", Point, Some("1234.5")),
            ("1.234,5", Comma, Some("1234.5")),
            ("1'234.5", Point, Some("1234.5")),
            ("1\u{202f}234,5", Comma, Some("1234.5")),
            ("007", Point, Some("7")),
            (".5", Point, Some("0.5")),
            ("-3", Point, Some("-3")),
            ("<40", Point, Some("<40")),
            ("≥ 400", Point, Some(">=400")),
            ("LO", Point, Some("LO")),
            ("High", Point, Some("HI")),
            ("72,50", Point, None),
            ("12,34,56", Point, None),
            ("5.", Point, None),
            ("", Point, None),
            ("-", Point, None),
            ("NaN", Point, None),
            ("1e5", Point, None),
        ] {
            assert_eq!(text(cell, decimal).as_deref(), expected, "{cell}");
        }
    }

    #[test]
    fn a_unit_behind_a_number_is_told_from_it() {
        for (cell, expected) in [
            ("72,50 kg", ("72,50", "kg")),
            ("<1 110mg/dL", ("<1 110", "mg/dL")),
            ("36.6\u{a0}°C", ("36.6", "°C")),
            ("72 /min", ("72", "/min")),
            ("72", ("72", "")),
            ("LO", ("LO", "")),
            ("- kg", ("- kg", "")),
            ("", ("", "")),
        ] {
            assert_eq!(split_unit(cell), expected, "{cell}");
        }
    }

    #[test]
    fn the_decimal_is_told_from_all_numbers() {
        let decide = |cells: &[&str]| {
            let mut evidence = DecimalEvidence::default();
            cells.iter().for_each(|cell| evidence.see(cell));
            evidence.decide()
        };
        assert_eq!(decide(&["72", "73"]), Ok(Decimal::Point));
        assert_eq!(decide(&["72,5", "1.234"]), Ok(Decimal::Comma));
        assert_eq!(decide(&["72,5 g"]), Ok(Decimal::Comma));
        assert_eq!(decide(&["1,234 kg"]), Err(Decimal::Point));
        assert_eq!(decide(&["1.234,5"]), Ok(Decimal::Comma));
        assert_eq!(decide(&["1,234,567"]), Ok(Decimal::Point));
        assert_eq!(decide(&["0,125"]), Ok(Decimal::Comma));
        assert_eq!(decide(&["1,234"]), Err(Decimal::Point));
        assert_eq!(decide(&["72,5", "72.5"]), Err(Decimal::Point));
        assert_eq!(decide(&["2024-01-01", "x,y", ""]), Ok(Decimal::Point));
    }
}
