//! What was given: MedicationAdministration.

use serde_json::{Value, json};

use super::{EVERYBODY, put_span_of_time};
use crate::{
    ccda::{
        Resource, codes,
        datatypes::{put, put_list},
        entries::mapped_status,
        reader::{Reader, negated},
        time,
    },
    xml::Node,
};

impl<'d> Reader<'d> {
    pub(super) fn fill_administration(&mut self, out: &mut Resource, act: Node<'d>, key: &str, medication: Value) {
        let status =
            if negated(act) { "not-done" } else { mapped_status(act, codes::ADMINISTRATION_STATUS, "unknown") };
        out.insert("status".to_owned(), json!(status));
        out.insert(key.to_owned(), medication);
        self.put_subject(out, "subject");
        let when = act.children().find(|node| node.name() == "effectiveTime" && time::start_of(*node).is_some());
        match when {
            Some(when) => put_span_of_time(out, "effective", when),
            None => {
                let absent = json!({"extension": [codes::data_absent("UNK")]});
                out.insert("effectivePeriod".to_owned(), absent);
            }
        }
        let performers = self.whos(act, "performer", EVERYBODY);
        put_list(out, "performer", performers.into_iter().map(|who| json!({"actor": who})).collect());
        self.put_reasons(out, act);
        let notes = self.notes(act);
        put_list(out, "note", notes);
        let Some(Value::Object(mut dosage)) = self.dosage(act) else { return };
        let amounts = dosage.get("doseAndRate").and_then(|list| list.get(0)).cloned().unwrap_or_default();
        let mut given = Resource::new();
        // What was given is one amount; of a span FHIR has no place here but the words.
        let spans = [("Dose", "doseRange"), ("Rate", "rateRange")];
        let spans = spans.iter().filter_map(|(name, key)| Some(format!("{name}: {}", range_words(amounts.get(*key)?))));
        let own = dosage.remove("text").and_then(|text| text.as_str().map(str::to_owned));
        let words: Vec<String> = own.into_iter().chain(spans).collect();
        put(&mut given, "text", (!words.is_empty()).then(|| json!(words.join("\n"))));
        for key in ["site", "route"] {
            put(&mut given, key, dosage.remove(key));
        }
        put(&mut given, "dose", amounts.get("doseQuantity").cloned());
        put(&mut given, "rateQuantity", amounts.get("rateQuantity").cloned());
        if given.is_empty() {
            return;
        }
        // mad-1: an amount has to be there, if only to say that it is not known.
        if !given.contains_key("dose") && !given.contains_key("rateQuantity") {
            given.insert("dose".to_owned(), json!({"extension": [codes::data_absent("UNK")]}));
        }
        out.insert("dosage".to_owned(), Value::Object(given));
    }
}

/// In words what a Range says.
fn range_words(range: &Value) -> String {
    let end = |name: &str| {
        let quantity = range.get(name)?;
        let unit = quantity.get("unit").and_then(Value::as_str).unwrap_or_default();
        Some(format!("{} {unit}", quantity.get("value")?).trim_end().to_owned())
    };
    match (end("low"), end("high")) {
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => String::new(),
    }
}
