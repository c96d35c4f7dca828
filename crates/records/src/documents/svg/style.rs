//! What shapes are painted with: by their attributes, their `style`, and rules for a class or a kind of element.

use super::Numbers;
use crate::{
    documents::drawing::is_light,
    xml::{Child, Node},
};

/// The most bytes and rules of a drawing's style sheets that are read.
const SHEET: usize = 16 << 10;
const RULES: usize = 64;
/// So many properties of an element are asked for.
const PROPERTIES: usize = 8;

/// The named colours (CSS Color 4, 6.1) that are light.
const LIGHT_NAMES: &str = "aliceblue antiquewhite aqua aquamarine azure beige bisque blanchedalmond burlywood cadetblue chartreuse chocolate \
    coral cornflowerblue cornsilk cyan darkgoldenrod darkgray darkgrey darkkhaki darkorange darksalmon darkseagreen \
    darkturquoise deepskyblue floralwhite gainsboro ghostwhite gold goldenrod gray greenyellow grey honeydew hotpink ivory \
    khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray \
    lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue \
    lightyellow lime limegreen linen mediumaquamarine mediumorchid mediumpurple mediumseagreen mediumspringgreen \
    mediumturquoise mintcream mistyrose moccasin navajowhite oldlace orange orchid palegoldenrod palegreen paleturquoise \
    palevioletred papayawhip peachpuff peru pink plum powderblue rosybrown salmon sandybrown seashell silver skyblue snow \
    springgreen tan thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen";

/// What something is painted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Nothing,
    Shade { is_light: bool },
}

/// How shapes are painted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) fill: Paint,
    pub(super) stroke: Paint,
    pub(super) stroke_width: f64,
    pub(super) even_odd: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style { fill: Paint::Shade { is_light: false }, stroke: Paint::Nothing, stroke_width: 1.0, even_odd: false }
    }
}

/// The rules of a drawing's own style sheets: a selector, and what it declares.
pub(super) struct Sheet<'d> {
    rules: Vec<(&'d str, &'d str)>,
    bytes: usize,
}

impl<'d> Sheet<'d> {
    pub(super) fn of(root: Node<'d>) -> Self {
        let mut out = Sheet { rules: Vec::new(), bytes: 0 };
        let sheets = root.descendants().filter(|node| node.name() == "style");
        for text in sheets.flat_map(Node::content_nodes) {
            let Child::Text(text) = text else { continue };
            if out.bytes + text.len() > SHEET {
                break;
            }
            out.bytes += text.len();
            for rule in text.split('}') {
                let Some((selectors, declared)) = rule.split_once('{') else { continue };
                out.rules.extend(selectors.split(',').map(|selector| (selector.trim(), declared)));
            }
            out.rules.truncate(RULES);
        }
        out
    }

    /// How much work it is to find out how an element is painted.
    pub(super) fn work(&self, node: Node<'_>) -> u64 {
        let classes = node.attribute("class").map_or(0, str::len);
        (1 + PROPERTIES * (self.bytes + self.rules.len() * classes)) as u64
    }

    /// The value of a property that is said of the element itself.
    pub(super) fn property(&self, node: Node<'d>, name: &str) -> Option<&'d str> {
        let own = node.attribute("style").and_then(|style| declared(style, name));
        own.or_else(|| self.by_rule(node, name)).or_else(|| node.attribute(name)).map(str::trim)
    }

    /// The last rule that names a class of the element or its kind.
    fn by_rule(&self, node: Node<'d>, name: &str) -> Option<&'d str> {
        let classes = node.attribute("class").unwrap_or_default();
        let applies = |selector: &str| match selector.strip_prefix('.') {
            Some(class) => classes.split_ascii_whitespace().any(|own| own == class),
            None => selector == node.name(),
        };
        let mut rules = self.rules.iter().rev().filter(|(selector, _)| applies(selector));
        rules.find_map(|(_, properties)| declared(properties, name))
    }

    /// How an element is painted that stands in something painted so.
    pub(super) fn style(&self, node: Node<'d>, outer: Style) -> Style {
        let number = |name: &str| self.property(node, name).and_then(|text| Numbers::new(text).next());
        let paint = |name: &str, opacity: &str, outer: Paint| {
            let paint = self.property(node, name).and_then(paint).unwrap_or(outer);
            let is_seen = [opacity, "opacity"].iter().all(|name| number(name).is_none_or(|seen| seen > 0.0));
            if is_seen { paint } else { Paint::Nothing }
        };
        Style {
            fill: paint("fill", "fill-opacity", outer.fill),
            stroke: paint("stroke", "stroke-opacity", outer.stroke),
            stroke_width: number("stroke-width").unwrap_or(outer.stroke_width),
            even_odd: self.property(node, "fill-rule").map_or(outer.even_odd, |rule| rule == "evenodd"),
        }
    }
}

/// The value of a property among declarations.
fn declared<'t>(declarations: &'t str, name: &str) -> Option<&'t str> {
    let mut pairs = declarations.split(';').filter_map(|declaration| declaration.split_once(':'));
    pairs.find(|(property, _)| property.trim() == name).map(|(_, value)| value.trim())
}

/// What a value of `fill` or `stroke` paints with, unless that is left to what is around. Gradients and patterns are dark.
fn paint(value: &str) -> Option<Paint> {
    let shade = |is_light: bool| Some(Paint::Shade { is_light });
    let value = value.split('!').next().unwrap_or_default().trim();
    match value {
        "inherit" | "" => None,
        "none" | "transparent" => Some(Paint::Nothing),
        name if LIGHT_NAMES.split_ascii_whitespace().any(|light| name.eq_ignore_ascii_case(light)) => shade(true),
        _ => match (value.strip_prefix('#'), value.split_once('(')) {
            (Some(digits), _) => of_digits(digits),
            (_, Some(("rgb" | "rgba", parts))) => of_parts(parts),
            _ => shade(false),
        },
    }
}

/// Hexadecimal digits: one or two for each of red, green, blue and perhaps how much it covers.
fn of_digits(digits: &str) -> Option<Paint> {
    let value = |from: usize, length: usize| u8::from_str_radix(digits.get(from..from + length)?, 16).ok();
    let parts: Vec<f64> = match digits.len() {
        3 | 4 => (0..digits.len()).map(|at| value(at, 1).map(|part| f64::from(part) / 15.0)).collect::<Option<_>>()?,
        6 | 8 => {
            let whole = (0..digits.len() / 2).map(|at| value(2 * at, 2).map(|part| f64::from(part) / 255.0));
            whole.collect::<Option<_>>()?
        }
        _ => return None,
    };
    of_colour(&parts)
}

/// `255, 255, 255)`, `100%,100%,100%)`, `255 255 255 / 0)`
fn of_parts(parts: &str) -> Option<Paint> {
    let split = parts.trim_end_matches(')').split([',', ' ', '/']).filter(|part| !part.is_empty());
    let parts: Option<Vec<f64>> = split
        .enumerate()
        .take(4)
        .map(|(at, part)| {
            let number = Numbers::new(part).next()?;
            let whole = if part.ends_with('%') {
                100.0
            } else if at == 3 {
                1.0
            } else {
                255.0
            };
            Some(number / whole)
        })
        .collect();
    of_colour(&parts?)
}

/// Red, green, blue and perhaps how much it covers, each from 0 to 1.
fn of_colour(parts: &[f64]) -> Option<Paint> {
    let [red, green, blue, covers @ ..] = parts else { return None };
    if covers.first().is_some_and(|covers| *covers <= 0.0) {
        return Some(Paint::Nothing);
    }
    Some(Paint::Shade { is_light: is_light(*red, *green, *blue) })
}
