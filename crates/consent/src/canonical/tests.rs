//! Tests of the canonical form: the vectors of RFC 8785, and that every change shows in the root.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn canonical(text: &str) -> String {
    String::from_utf8(to_canonical_json(&serde_json::from_str(text).unwrap()).unwrap()).unwrap()
}

/// RFC 8785 section 3.2.2 and 3.2.3.
#[test]
fn the_specifications_examples() {
    let input = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    assert_eq!(
        canonical(input),
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
         \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
    );
    let input = r#"{
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }"#;
    assert_eq!(
        canonical(input),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O With \
         Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter \
         Dalet With Dagesh\"}"
    );
}

/// RFC 8785 appendix B: IEEE 754 bits and what ECMAScript prints.
#[test]
fn the_specifications_numbers() {
    for (bits, expected) in [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] {
        // 40 decimals always lead back to the same double.
        assert_eq!(canonical(&format!("{:e}", f64::from_bits(bits))), expected, "{bits:x}");
    }
    assert_eq!(to_canonical_json(&serde_json::from_str("1e400").unwrap()), Err(Error::Number));
}

#[test]
fn a_numbers_precision_is_signed() {
    let leaf_of = |text: &str| leaf(&serde_json::from_str(text).unwrap()).unwrap();
    assert_eq!(leaf_of("[72.5]"), b"[72.5]");
    assert_eq!(leaf_of("[72.50]"), b"[72.5]\x0072.50");
    assert_ne!(leaf_of("[72.50,72.5]"), leaf_of("[72.5,72.50]"));
    assert_eq!(leaf_of(r#"{"b":1.0,"a":2}"#), b"{\"a\":2,\"b\":1}\x002\x001.0");
    // A text that looks like the note of a number is escaped inside the JSON.
    assert_eq!(leaf_of(r#"["72.5\u000072.50"]"#), b"[\"72.5\\u000072.50\"]");
}

#[test]
fn depth_is_limited() {
    let mut deep = json!(1);
    for _ in 0..MAX_DEPTH + 1 {
        deep = json!([deep]);
    }
    assert_eq!(to_canonical_json(&deep), Err(Error::Depth));
}

#[test]
fn roots_agree_with_the_definition() {
    /// RFC 6962 section 2.1 as it is written: split at the largest power of two below n.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let split = (leaves.len().next_power_of_two() / 2).min(leaves.len() - 1);
                let (left, right) = leaves.split_at(split);
                node_hash(&defined(left), &defined(right))
            }
        }
    }
    let leaves: Vec<Hash> = (0_u8..70).map(|n| leaf_hash(&[n])).collect();
    for n in 0..leaves.len() {
        let mut tree = Root::default();
        leaves[..n].iter().for_each(|leaf| tree.push(*leaf));
        assert_eq!(tree.root(), defined(&leaves[..n]), "{n}");
    }
}

#[test]
fn the_root_covers_envelope_order_and_entries() {
    let bundle = json!({"resourceType": "Bundle", "type": "document", "entry": [{"fullUrl": "a"}, {"fullUrl": "b"}]});
    let (root, count) = entries_root(&bundle).unwrap();
    assert_eq!(count, 2);
    for other in [
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "a"}, {"fullUrl": "b"}]}),
        json!({"resourceType": "Bundle", "type": "document", "entry": [{"fullUrl": "b"}, {"fullUrl": "a"}]}),
        json!({"resourceType": "Bundle", "type": "document", "entry": [{"fullUrl": "a"}]}),
        json!({"resourceType": "Bundle", "type": "document", "x": 1, "entry": [{"fullUrl": "a"}, {"fullUrl": "b"}]}),
    ] {
        assert_ne!(entries_root(&other).unwrap().0, root);
    }
    assert!(entries_root(&json!([])).is_err());
    assert!(entries_root(&json!({"resourceType": "Bundle"})).is_err());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((".*", inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn canonical_json_is_idempotent(value in any_json()) {
        let once = to_canonical_json(&value).unwrap();
        let read: Value = serde_json::from_slice(&once).unwrap();
        prop_assert_eq!(&to_canonical_json(&read).unwrap(), &once);
        // What is canonical already needs no note of its numbers.
        prop_assert_eq!(&leaf(&read).unwrap(), &once);
    }
}
