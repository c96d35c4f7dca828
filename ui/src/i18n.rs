//! The words of the interface: Fluent files compiled in, looked up by key.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use unic_langid::LanguageIdentifier;

/// Looks a text up: `t!("key")` or `t!("key", count = 3, name = "Ada")`.
#[macro_export]
macro_rules! t {
    ($key:expr) => { $crate::i18n::text($key, &[]) };
    ($key:expr, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::text($key, &[$((stringify!($name), $crate::i18n::Value::from($value))),+])
    };
}

/// Which of the two programs speaks: each carries only its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// The patient's wallet.
    App,
    /// The clinician's viewer.
    Viewer,
}

/// A language and its files.
struct Language {
    tag: &'static str,
    right_to_left: bool,
    kit: &'static str,
    app: &'static [&'static str],
    viewer: &'static str,
}

macro_rules! language {
    ($tag:literal, $right_to_left:literal) => {
        Language {
            tag: $tag,
            right_to_left: $right_to_left,
            kit: include_str!(concat!("../../assets/i18n/", $tag, "/kit.ftl")),
            app: &[
                include_str!(concat!("../../assets/i18n/", $tag, "/app.ftl")),
                include_str!(concat!("../../assets/i18n/", $tag, "/records.ftl")),
                include_str!(concat!("../../assets/i18n/", $tag, "/adding.ftl")),
                include_str!(concat!("../../assets/i18n/", $tag, "/sharing.ftl")),
                include_str!(concat!("../../assets/i18n/", $tag, "/notice.ftl")),
            ],
            viewer: include_str!(concat!("../../assets/i18n/", $tag, "/viewer.ftl")),
        }
    };
}

/// The languages there are, the first of them the one that has every text. A new one is a folder and a line here.
const LANGUAGES: &[Language] = &[language!("en", false)];

/// A value inside a text.
#[derive(Debug, Clone)]
pub enum Value {
    /// Shown as it is.
    Text(String),
    /// Chooses the plural form and is shown grouped.
    Number(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}
impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

thread_local! {
    /// The chosen language first, then the fallback.
    static BUNDLES: RefCell<Vec<FluentBundle<FluentResource>>> = const { RefCell::new(Vec::new()) };
    static RIGHT_TO_LEFT: Cell<bool> = const { Cell::new(false) };
}

/// Chooses the first of the reader's languages that there is, else the fallback; returns its tag and direction.
pub fn start(preferred: &str, face: Face) -> (&'static str, bool) {
    let chosen = preferred.split(',').find_map(|tag| {
        let primary = tag.trim().split('-').next().unwrap_or_default();
        LANGUAGES.iter().find(|language| language.tag.eq_ignore_ascii_case(primary))
    });
    let fallback = LANGUAGES.first();
    let languages = match (chosen, fallback) {
        (Some(chosen), Some(fallback)) if chosen.tag != fallback.tag => vec![chosen, fallback],
        (_, fallback) => fallback.into_iter().collect(),
    };
    let first = languages.first().map_or(("en", false), |language| (language.tag, language.right_to_left));
    RIGHT_TO_LEFT.set(first.1);
    BUNDLES.set(languages.into_iter().map(|language| bundle(language, face)).collect());
    first
}

/// The text of a key. A key that no language has shows itself, so that nobody is left with nothing; a test keeps that
/// from happening.
pub fn text(key: &str, values: &[(&'static str, Value)]) -> String {
    BUNDLES.with_borrow(|bundles| {
        for bundle in bundles {
            let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else { continue };
            let mut args = FluentArgs::with_capacity(values.len());
            for (name, value) in values {
                match value {
                    Value::Text(text) => args.set(*name, FluentValue::from(isolated(text))),
                    Value::Number(number) => args.set(*name, FluentValue::from(*number)),
                }
            }
            let mut errors = Vec::new();
            return bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        }
        key.to_owned()
    })
}

/// Whether a key has a text; for keys that come from records.
pub fn has(key: &str) -> bool {
    BUNDLES.with_borrow(|bundles| bundles.iter().any(|bundle| bundle.has_message(key)))
}

/// Whether the chosen language runs from right to left; for pictures, which do not turn by themselves.
pub fn right_to_left() -> bool {
    RIGHT_TO_LEFT.get()
}

/// A number as it is shown: digits in groups of three from 10 000 up.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "\u{2212}" } else { "" };
    if digits.len() < 5 {
        return format!("{sign}{digits}");
    }
    let mut out = String::with_capacity(digits.len() + 6);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    format!("{sign}{out}")
}

fn bundle(language: &Language, face: Face) -> FluentBundle<FluentResource> {
    let locale: LanguageIdentifier = language.tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new(vec![locale]);
    // Names in the other direction are isolated one by one (see `isolated`), so plain texts stay free of marks.
    bundle.set_use_isolating(language.right_to_left);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(grouped(number.value as i64)),
        _ => None,
    }));
    let own: &[&str] = match face {
        Face::App => language.app,
        Face::Viewer => &[language.viewer],
    };
    for source in [language.kit].iter().chain(own) {
        // A file with a broken line still gives its other texts; the test below keeps files from breaking.
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// Puts text that holds right-to-left letters between isolation marks, so that it cannot reorder what stands around it.
fn isolated(text: &str) -> Cow<'_, str> {
    let turns = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(turns) {
        // Marks inside the text could end our isolation early.
        let inner: String =
            text.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect();
        Cow::Owned(format!("\u{2068}{inner}\u{2069}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Turns pictures around, until [`start`] is called again.
#[cfg(test)]
pub fn turn() {
    RIGHT_TO_LEFT.set(true);
}

#[cfg(test)]
mod tests;
