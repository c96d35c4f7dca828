//! Whole files inside records: which there are, and how a record is without them.

use serde_json::{Map, Value};

/// Members of a record that hold nothing but whole files.
const HOLDERS: [&str; 3] = ["presentedForm", "sourceAttachment", "media"];
/// Members that are Attachments, beside those whose names end so (`valueAttachment`).
const ATTACHMENTS: [&str; 5] = ["attachment", "content", "photo", "image", "presentedForm"];

/// Whether a record has a whole file in it, at any depth.
pub fn has_file(record: &Value) -> bool {
    HOLDERS.iter().any(|name| record.get(*name).is_some()) || holds_file("", record)
}

/// Takes every file out of a record: its bytes, and the address at which it lies. What is said of it stays.
pub(super) fn take_out(record: &mut Map<String, Value>) {
    record.retain(|name, _| !HOLDERS.contains(&name.as_str()));
    without_file("", record);
}

fn holds_file(name: &str, value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| holds_file(name, item)),
        Value::Object(members) => {
            members.contains_key("valueBase64Binary")
                || (is_file(name, members) && (members.contains_key("data") || members.contains_key("url")))
                || members.iter().any(|(name, member)| holds_file(name, member))
        }
        _ => false,
    }
}

fn strip(name: &str, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| strip(name, item)),
        Value::Object(members) => without_file(name, members),
        _ => {}
    }
}

fn without_file(name: &str, members: &mut Map<String, Value>) {
    if is_file(name, members) {
        members.retain(|name, _| !matches!(name.trim_start_matches('_'), "data" | "url"));
    }
    members.shift_remove("valueBase64Binary");
    members.iter_mut().for_each(|(name, member)| strip(name, member));
}

/// A Binary or an Attachment, by where it stands or by what it says of its contents. The `data` of a curve are numbers
/// (SampledData), those of a signature no file.
fn is_file(name: &str, members: &Map<String, Value>) -> bool {
    let named = ATTACHMENTS.contains(&name) || name.ends_with("Attachment");
    named
        || members.get("resourceType").is_some_and(|kind| kind == "Binary")
        || members.contains_key("contentType")
            && !members.contains_key("sigFormat")
            && members.get("data").or_else(|| members.get("url")).is_some_and(Value::is_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn files_are_found_and_taken_out_at_any_depth() {
        let curve = json!({"origin": {"value": 0}, "period": 1, "dimensions": 1, "data": "1 2 3"});
        let told = json!({"url": "http://a.example/said", "valueString": "said"});
        for file in [
            json!({"contained": [{"resourceType": "Media", "content": {"data": "RklMRQ=="}}]}),
            json!({"contained": [{"resourceType": "Binary", "contentType": "text/plain", "data": "RklMRQ=="}]}),
            json!({"contained": [{"resourceType": "DocumentReference", "content": [{"attachment": {"url": "FILE"}}]}]}),
            json!({"extension": [{"url": "http://a.example/x", "valueAttachment": {"url": "FILE"}}]}),
            json!({"extension": [{"url": "http://a.example/x", "valueBase64Binary": "RklMRQ=="}]}),
            json!({"item": [{"answer": [{"valueAttachment": {"title": "x", "data": "RklMRQ=="}}]}]}),
            json!({"presentedForm": [{"data": "RklMRQ=="}]}),
            json!({"media": [{"link": {"reference": "#FILE"}}]}),
        ] {
            let mut record = file.as_object().unwrap().clone();
            record.insert("valueSampledData".to_owned(), curve.clone());
            record.insert("modifierExtension".to_owned(), json!([told]));
            assert!(has_file(&Value::Object(record.clone())), "{file}");
            take_out(&mut record);
            let without = Value::Object(record);
            assert!(!has_file(&without), "{without}");
            let text = without.to_string();
            assert!(!text.contains("FILE") && !text.contains("RklMRQ"), "{text}");
            assert_eq!((&without["valueSampledData"], &without["modifierExtension"][0]), (&curve, &told));
        }
    }
}
