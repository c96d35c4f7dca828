//! A measured value on a number line with the range it was reported with, in words too.

use dioxus::prelude::*;

const WIDTH: f64 = 320.0;
const EDGE: f64 = 24.0;
const LINE: f64 = 46.0;

/// The number line: the reported range as a band, the value as a mark, and the same in words for screen readers.
/// Without a range there is no band and nothing is called low or high.
#[component]
pub fn RangeView(value: String, unit: String, low: Option<String>, high: Option<String>) -> Element {
    let Some(scale) = Scale::new(&value, low.as_deref(), high.as_deref()) else { return rsx! {} };
    let mark = scale.x(scale.value);
    let from = scale.low.map_or(EDGE, |low| scale.x(low));
    let to = scale.high.map_or(WIDTH - EDGE, |high| scale.x(high));
    let class = match scale.standing() {
        Standing::Within => "range range-in",
        Standing::Unknown => "range",
        Standing::Below | Standing::Above => "range range-out",
    };
    let anchor = if mark < 60.0 {
        "start"
    } else if mark > WIDTH - 60.0 {
        "end"
    } else {
        "middle"
    };
    rsx! {
        svg { class, view_box: "0 0 {WIDTH} 84", role: "img", "aria-label": scale.words(&value, &unit, low.as_deref(), high.as_deref()),
            if scale.low.is_some() || scale.high.is_some() {
                rect { class: "range-band", x: px(from), y: px(LINE - 11.0), width: px((to - from).max(1.0)), height: "22", rx: "4" }
            }
            line { class: "range-axis", x1: px(EDGE / 2.0), x2: px(WIDTH - EDGE / 2.0), y1: px(LINE), y2: px(LINE) }
            if let Some(low) = &low {
                line { class: "range-edge", x1: px(from), x2: px(from), y1: px(LINE - 11.0), y2: px(LINE + 16.0) }
                text { class: "range-text", x: px(from), y: "78", "text-anchor": "middle", "{low}" }
            }
            if let Some(high) = &high {
                line { class: "range-edge", x1: px(to), x2: px(to), y1: px(LINE - 11.0), y2: px(LINE + 16.0) }
                text { class: "range-text", x: px(to), y: "78", "text-anchor": "middle", "{high}" }
            }
            circle { class: "range-mark", cx: px(mark), cy: px(LINE), r: "8" }
            text { class: "range-value", x: px(mark), y: "22", "text-anchor": anchor, "{value}" }
        }
    }
}

/// Where a value stands to its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Below,
    Within,
    Above,
    Unknown,
}

struct Scale {
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    from: f64,
    to: f64,
}

impl Scale {
    fn new(value: &str, low: Option<&str>, high: Option<&str>) -> Option<Self> {
        let value = number(value)?;
        let (low, high) = (low.and_then(number), high.and_then(number));
        let ends = [Some(value), low, high];
        let (least, most) = ends.iter().flatten().fold((f64::MAX, f64::MIN), |(a, b), &end| (a.min(end), b.max(end)));
        let spread = if most > least { most - least } else { value.abs().max(1.0) };
        Some(Self { value, low, high, from: least - spread * 0.25, to: most + spread * 0.25 })
    }

    fn x(&self, value: f64) -> f64 {
        EDGE + (value - self.from) / (self.to - self.from) * (WIDTH - 2.0 * EDGE)
    }

    fn standing(&self) -> Standing {
        match (self.low, self.high) {
            (None, None) => Standing::Unknown,
            (Some(low), _) if self.value < low => Standing::Below,
            (_, Some(high)) if self.value > high => Standing::Above,
            _ => Standing::Within,
        }
    }

    fn words(&self, value: &str, unit: &str, low: Option<&str>, high: Option<&str>) -> String {
        match self.standing() {
            Standing::Unknown => t!("range-none", value = value, unit = unit),
            standing => {
                let range = range_words(low, high);
                match standing {
                    Standing::Below => t!("range-below", value = value, unit = unit, range = range),
                    Standing::Above => t!("range-above", value = value, unit = unit, range = range),
                    _ => t!("range-within", value = value, unit = unit, range = range),
                }
            }
        }
    }
}

/// A reported range in words: `3.5 to 5.1`, `up to 150`, `from 40`.
pub fn range_words(low: Option<&str>, high: Option<&str>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => t!("range-both", low = low, high = high),
        (Some(low), None) => t!("range-from", low = low),
        (None, Some(high)) => t!("range-up-to", high = high),
        (None, None) => String::new(),
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && number.abs() < 1e12)
}

fn px(at: f64) -> String {
    format!("{at:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_called_low_or_high_without_a_range() {
        assert_eq!(Scale::new("5", None, None).map(|scale| scale.standing()), Some(Standing::Unknown));
    }

    #[test]
    fn the_ends_of_a_range_belong_to_it() {
        let standing = |value| Scale::new(value, Some("3.5"), Some("5.1")).map(|scale| scale.standing());
        assert_eq!(standing("3.5"), Some(Standing::Within));
        assert_eq!(standing("5.10"), Some(Standing::Within));
        assert_eq!(standing("3.49"), Some(Standing::Below));
        assert_eq!(standing("5.11"), Some(Standing::Above));
        assert_eq!(Scale::new("151", None, Some("150")).map(|scale| scale.standing()), Some(Standing::Above));
    }

    #[test]
    fn every_mark_is_on_the_line() {
        for (value, low, high) in
            [("0", None, None), ("-3", Some("1"), Some("2")), ("1e11", Some("0"), None), ("7", Some("7"), Some("7"))]
        {
            let scale = Scale::new(value, low, high).unwrap();
            let x = scale.x(scale.value);
            assert!((EDGE..=WIDTH - EDGE).contains(&x), "{value}: {x}");
        }
    }

    #[test]
    fn what_is_no_number_draws_nothing() {
        for odd in ["", "positive", "NaN", "inf", "1e400", "<150"] {
            assert!(Scale::new(odd, None, None).is_none(), "{odd}");
        }
    }
}
