//! Resources in versions before R4.

mod dstu2;
mod stu3;

use proptest::prelude::*;

use super::*;

fn r4(version: Version, resource: Value) -> Option<Value> {
    to_r4(version, resource.as_object().unwrap().clone()).map(Value::Object)
}

fn names(element: &Element) -> Vec<&'static str> {
    match element {
        Element::Same(names) => names.split(' ').collect(),
        Element::Changed(name, _) => vec![name],
    }
}

/// The kinds of a version, each with the elements that are known of it.
pub(crate) fn elements(version: Version) -> Vec<(&'static str, Vec<&'static str>)> {
    version.kinds().iter().map(|kind| (kind.old, kind.elements.iter().flat_map(names).collect())).collect()
}

#[test]
fn no_element_stands_in_a_table_twice() {
    for version in [Version::Dstu2, Version::Stu3] {
        for (kind, mut known) in elements(version) {
            let before = known.len();
            known.sort_unstable();
            known.dedup();
            assert_eq!(known.len(), before, "{version:?} {kind}");
        }
    }
}

/// Every element that the tables know, with any value.
fn any_resource() -> impl Strategy<Value = (Version, Value)> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "(active|completed|x|)".prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("(type|item|text|family|code|repeat|system|reference|note)", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let kinds = prop_oneof![Just(Version::Dstu2), Just(Version::Stu3)]
        .prop_flat_map(|version| (Just(version), 0..version.kinds().len()));
    (kinds, proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>(), value), 0..8)).prop_map(
        |((version, kind), members)| {
            let kind = &version.kinds()[kind];
            let known: Vec<&str> = kind.elements.iter().flat_map(names).collect();
            let mut out = Map::new();
            out.insert("resourceType".to_owned(), kind.old.into());
            for (at, twin, value) in members {
                let name = known[at.index(known.len())];
                out.insert(if twin { format!("_{name}") } else { name.to_owned() }, value);
            }
            (version, Value::Object(out))
        },
    )
}

proptest! {
    #[test]
    fn anything_is_converted_whole_or_not_at_all((version, resource) in any_resource()) {
        let before = resource.clone();
        if let Some(made) = r4(version, resource) {
            // No number is lost on the way.
            let numbers = |value: &Value| {
                let text = value.to_string();
                let mut all: Vec<String> = text.split(|c: char| !(c.is_ascii_digit() || c == '-')).filter(|part| part.parse::<i64>().is_ok_and(|number| number.abs() > 9999)).map(str::to_owned).collect();
                all.sort_unstable();
                all
            };
            prop_assert_eq!(numbers(&before), numbers(&made));
        }
    }
}
