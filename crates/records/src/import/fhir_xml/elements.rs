//! What a version says of its elements: whether one repeats, and of what type it is. The facts stand in `fhir-…-elements.txt`.

use std::{collections::HashMap, sync::OnceLock};

use crate::older::Version;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text in JSON.
    Text,
    /// A number in JSON.
    Number,
    /// `true` or `false` in JSON.
    Truth,
    /// The narrative, as it is written.
    Xhtml,
    /// An object of the type of that name.
    Object(&'static str),
    /// Any resource, inside an element that names its type.
    Resource,
    /// Nothing is known of it.
    Unknown,
}

/// An element of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) shape: Shape,
    /// Whether it is an array in JSON.
    pub(super) many: bool,
}

#[derive(Debug)]
struct Kind {
    base: &'static str,
    /// Name, whether it repeats, types. A choice's name ends in `[x]`.
    elements: Vec<(&'static str, bool, &'static str)>,
}

/// The elements of a version.
#[derive(Debug, Default)]
pub(super) struct Table {
    kinds: HashMap<&'static str, Kind>,
    open: &'static str,
    /// The table that has what this one does not.
    rest: Option<&'static Table>,
}

impl Table {
    /// R4 and R4B.
    pub(super) fn r4() -> &'static Table {
        static PARSED: OnceLock<Table> = OnceLock::new();
        PARSED.get_or_init(|| Table::parse(include_str!("fhir-r4-elements.txt"), None))
    }

    /// A version before R4: what is converted of it, and for the rest R4.
    pub(super) fn of(version: Version) -> &'static Table {
        static DSTU2: OnceLock<Table> = OnceLock::new();
        static STU3: OnceLock<Table> = OnceLock::new();
        let (parsed, text) = match version {
            Version::Dstu2 => (&DSTU2, include_str!("fhir-dstu2-elements.txt")),
            Version::Stu3 => (&STU3, include_str!("fhir-stu3-elements.txt")),
        };
        parsed.get_or_init(|| Table::parse(text, Some(Table::r4())))
    }

    fn parse(text: &'static str, rest: Option<&'static Table>) -> Table {
        let mut table = Table { rest, ..Table::default() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(open) = line.strip_prefix("* ") {
                table.open = open;
                continue;
            }
            let mut words = line.split(' ');
            let Some((name, base)) = words.next().and_then(|head| head.split_once('<')) else { continue };
            let elements = words.filter_map(|word| {
                let at = word.find([':', '*'])?;
                Some((word.get(..at)?, word.as_bytes().get(at) == Some(&b'*'), word.get(at + 1..)?))
            });
            table.kinds.insert(name, Kind { base, elements: elements.collect() });
        }
        table
    }

    /// The kind of resource or type of that name, and the table that has it.
    fn kind(&self, name: &str) -> Option<(&Table, &'static str, &Kind)> {
        match self.kinds.get_key_value(name) {
            Some((name, kind)) => Some((self, name, kind)),
            None => self.rest?.kind(name),
        }
    }

    /// The name of a kind of resource or type as the table has it.
    pub(super) fn type_named(&self, name: &str) -> Option<&'static str> {
        self.kind(name).map(|(_, name, _)| name)
    }

    /// The element `name` of the type `of`, or of what it extends.
    pub(super) fn element(&self, of: &str, name: &str) -> Option<Element> {
        let mut at = of;
        // The longest chain of types is short; a table that went in circles would end here.
        for _ in 0..8 {
            let (table, _, kind) = self.kind(at)?;
            for (known, many, types) in &kind.elements {
                if let Some(stem) = known.strip_suffix("[x]") {
                    let Some(suffix) = name.strip_prefix(stem).filter(|suffix| !suffix.is_empty()) else { continue };
                    let choices = if *types == "*" { table.open } else { types };
                    if let Some(chosen) = choices.split(['|', ' ']).find(|choice| is_capitalised(choice, suffix)) {
                        return Some(Element { shape: self.shape(chosen), many: *many });
                    }
                } else if *known == name {
                    let shape = if *types == "." { self.shape(&format!("{at}.{name}")) } else { self.shape(types) };
                    return Some(Element { shape, many: *many });
                }
            }
            at = kind.base;
        }
        None
    }

    fn shape(&self, name: &str) -> Shape {
        match name {
            "boolean" => Shape::Truth,
            "decimal" | "integer" | "positiveInt" | "unsignedInt" => Shape::Number,
            "xhtml" => Shape::Xhtml,
            "Resource" => Shape::Resource,
            _ => match self.type_named(name) {
                Some(name) => Shape::Object(name),
                None => Shape::Text,
            },
        }
    }
}

fn is_capitalised(choice: &str, suffix: &str) -> bool {
    choice.len() == suffix.len()
        && choice.as_bytes().first().map(u8::to_ascii_uppercase) == suffix.as_bytes().first().copied()
        && choice.get(1..) == suffix.get(1..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::older::tests::elements as older_elements;

    #[test]
    fn the_table_knows_what_r4_says() {
        let shape = |of: &str, name: &str| Table::r4().element(of, name).map(|element| (element.shape, element.many));
        assert_eq!(shape("Patient", "active"), Some((Shape::Truth, false)));
        assert_eq!(shape("Patient", "multipleBirthInteger"), Some((Shape::Number, false)));
        assert_eq!(shape("Patient", "name"), Some((Shape::Object("HumanName"), true)));
        assert_eq!(shape("Patient", "contact"), Some((Shape::Object("Patient.contact"), true)));
        assert_eq!(shape("Patient", "contained"), Some((Shape::Resource, true)));
        assert_eq!(
            shape("Observation.component", "referenceRange"),
            Some((Shape::Object("Observation.referenceRange"), true))
        );
        assert_eq!(shape("Extension", "valueCodeableConcept"), Some((Shape::Object("CodeableConcept"), false)));
        assert_eq!(shape("Extension", "valueDateTime"), Some((Shape::Text, false)));
        assert_eq!(shape("HumanName", "given"), Some((Shape::Text, true)));
        assert_eq!(shape("Narrative", "div"), Some((Shape::Xhtml, false)));
        assert_eq!(shape("Age", "value"), Some((Shape::Number, false)));
        assert_eq!(shape("Ingredient", "substance"), Some((Shape::Object("IngredientSubstance"), false)));
        assert_eq!(shape("Patient", "nonsense"), None);
    }

    #[test]
    fn every_type_that_is_named_is_a_primitive_or_is_there() {
        let primitives = "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid \
                          positiveInt string time unsignedInt uri url uuid xhtml Resource . *";
        let primitives: Vec<&str> = primitives.split(' ').collect();
        for table in [Table::r4(), Table::of(Version::Dstu2), Table::of(Version::Stu3)] {
            let is_there = |name: &str| table.type_named(name).is_some();
            for (name, kind) in &table.kinds {
                assert!(kind.base.is_empty() || is_there(kind.base), "{name} extends {}", kind.base);
                for (element, _, types) in &kind.elements {
                    for one in types.split('|') {
                        assert!(primitives.contains(&one) || is_there(one), "{name}.{element}: {one}");
                        assert!(one != "." || is_there(&format!("{name}.{element}")));
                    }
                }
            }
        }
        assert!(Table::r4().kinds.len() > 700);
    }

    #[test]
    fn what_is_converted_to_r4_is_what_the_older_version_has() {
        let mut others = Vec::new();
        for version in [Version::Dstu2, Version::Stu3] {
            for (kind, known) in older_elements(version) {
                let has = &Table::of(version).kinds[kind].elements;
                let there: Vec<&str> = has.iter().map(|(name, _, _)| *name).collect();
                others.extend(
                    known.iter().filter(|name| !there.contains(name)).map(|name| format!("{kind}.{name}: known")),
                );
                others.extend(
                    there.iter().filter(|name| !known.contains(name)).map(|name| format!("{kind}.{name}: there")),
                );
            }
        }
        // As it is spelled since STU3.
        assert_eq!(others, ["AllergyIntolerance.lastOccurrence: known"]);
    }
}
