//! Names that stand in every sample, kept once: sources with their rank, and values of categories.

use std::collections::HashMap;

/// The most bytes of a name that are kept.
const NAME_BYTES: usize = 200;
/// The most sources that are told apart; later ones count as one.
const SOURCES: usize = 63;

/// The apps and devices that samples come from.
#[derive(Debug, Default)]
pub(super) struct Sources {
    by_raw: HashMap<Box<str>, u8>,
    names: Vec<Source>,
    last: Option<(Box<str>, u8)>,
}

#[derive(Debug)]
struct Source {
    name: String,
    class: Class,
}

/// What a source is, the preferred first: a watch is worn, a phone is carried at times, apps copy from both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Watch,
    Phone,
    Other,
}

impl Sources {
    /// The number of a source by its name and the first device seen with it, both as in the XML.
    pub(super) fn number(&mut self, raw: &str, device: &str) -> u8 {
        if let Some((last, number)) = &self.last
            && **last == *raw
        {
            return *number;
        }
        let number = match self.by_raw.get(raw) {
            Some(number) => *number,
            None => self.add(raw, device),
        };
        if raw.len() <= NAME_BYTES {
            self.last = Some((raw.into(), number));
        }
        number
    }

    fn add(&mut self, raw: &str, device: &str) -> u8 {
        let others = SOURCES as u8;
        if self.names.len() > SOURCES {
            return others;
        }
        if self.names.len() == SOURCES {
            self.names.push(Source { name: "other sources".to_owned(), class: Class::Other });
            return others;
        }
        let number = u8::try_from(self.names.len()).unwrap_or(others);
        let name = super::attributes::unescape(raw);
        let name = crate::build::text(&name, NAME_BYTES).unwrap_or_else(|| "a source without a name".to_owned());
        // Two ways to write one name are one source.
        let known = self.names.iter().position(|source| source.name == name);
        let number = known.and_then(|at| u8::try_from(at).ok()).unwrap_or(number);
        if known.is_none() {
            let class = class(&name, device);
            self.names.push(Source { name, class });
        }
        if raw.len() <= NAME_BYTES {
            self.by_raw.insert(raw.into(), number);
        }
        number
    }

    /// The name of a source.
    pub(super) fn name(&self, number: u8) -> &str {
        self.names.get(usize::from(number)).map_or("", |source| &source.name)
    }

    /// The places of the sources in the order of preference, by their numbers.
    pub(super) fn ranks(&self) -> Ranks {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by_key(|at| self.names.get(*at).map(|source| (source.class, source.name.clone())));
        let mut ranks = vec![usize::MAX; self.names.len()];
        for (rank, at) in order.into_iter().enumerate() {
            if let Some(slot) = ranks.get_mut(at) {
                *slot = rank;
            }
        }
        Ranks(ranks)
    }

    /// The names of a set of sources, the preferred first.
    pub(super) fn list(&self, set: u64, ranks: &Ranks) -> String {
        let mut numbers: Vec<u8> = (0..64).filter(|number| set >> number & 1 == 1).collect();
        numbers.sort_by_key(|number| ranks.of(*number));
        let mut out = String::new();
        for number in numbers {
            if !out.is_empty() {
                out.push_str(", ");
            }
            out.push_str(self.name(number));
        }
        out
    }
}

/// The order of preference.
#[derive(Debug, Clone)]
pub(super) struct Ranks(Vec<usize>);

impl Ranks {
    pub(super) fn of(&self, number: u8) -> usize {
        self.0.get(usize::from(number)).copied().unwrap_or(usize::MAX)
    }
}

/// By the name, which Apple makes from the device's ("Ada's Apple Watch"), else by the device that the samples are from.
fn class(name: &str, device: &str) -> Class {
    let name = name.to_lowercase();
    if name.contains("watch") {
        return Class::Watch;
    }
    if name.contains("iphone") {
        return Class::Phone;
    }
    let apple = device.contains("manufacturer:Apple");
    match device {
        _ if apple && device.contains("model:Watch") => Class::Watch,
        _ if apple && device.contains("model:iPhone") => Class::Phone,
        _ => Class::Other,
    }
}

/// Short texts by number.
#[derive(Debug, Default)]
pub(super) struct Texts {
    by_raw: HashMap<Box<str>, u16>,
    texts: Vec<String>,
}

/// The most texts that are told apart.
const TEXTS: usize = 2000;

impl Texts {
    /// The number of a text; `None` where there are too many or it is too long.
    pub(super) fn number(&mut self, raw: &str) -> Option<u16> {
        if let Some(number) = self.by_raw.get(raw) {
            return Some(*number);
        }
        if self.texts.len() >= TEXTS || raw.len() > NAME_BYTES {
            return None;
        }
        let number = u16::try_from(self.texts.len()).ok()?;
        self.texts.push(super::attributes::unescape(raw).into_owned());
        self.by_raw.insert(raw.into(), number);
        Some(number)
    }

    pub(super) fn text(&self, number: u16) -> &str {
        self.texts.get(usize::from(number)).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_comes_before_a_phone_before_apps() {
        let mut sources = Sources::default();
        let device =
            |model: &str| format!("&lt;&lt;HKDevice: 0x1&gt;, name:x, manufacturer:Apple Inc., model:{model}&gt;");
        let app = sources.number("Strides &amp; Co", "");
        let phone = sources.number("iPhone von Ada", "");
        let bob = sources.number("Bob", &device("Watch"));
        let watch = sources.number("Ada’s Apple Watch", "");
        assert_eq!(sources.number("iPhone von Ada", ""), phone);
        let ranks = sources.ranks();
        let mut order = [app, phone, bob, watch];
        order.sort_by_key(|number| ranks.of(*number));
        assert_eq!(order, [watch, bob, phone, app]);
        assert_eq!(sources.list(0b11, &ranks), "iPhone von Ada, Strides & Co");
    }

    #[test]
    fn many_sources_end_in_one() {
        let mut sources = Sources::default();
        for number in 0..500 {
            sources.number(&format!("app {number}"), "");
        }
        assert_eq!(sources.number("app 400", ""), 63);
        assert_eq!(sources.name(63), "other sources");
        assert_eq!(sources.name(62), "app 62");
    }
}
