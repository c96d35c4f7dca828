//! How a medicine is taken: Dosage (CF-medications).

use serde_json::{Value, json};

use crate::{
    ccda::{
        Resource,
        datatypes::{Span, attribute, codeable, put, put_list, ratio, span},
        entries::timing::timing,
        reader::Reader,
        sections::templates,
    },
    xml::Node,
};

impl<'d> Reader<'d> {
    /// A Dosage of a substance administration; `None` where nothing is said of it.
    pub(super) fn dosage(&self, act: Node<'d>) -> Option<Value> {
        let mut out = Resource::new();
        let sig = act.all("entryRelationship").filter_map(|link| link.child("substanceAdministration")).find(|inner| {
            templates(*inner).any(|root| root == "2.16.840.1.113883.10.20.22.4.147")
                || inner.child("code").and_then(|code| attribute(code, "code")) == Some("76662-6")
        });
        let text = sig.and_then(|sig| self.words(sig)).or_else(|| self.words(act));
        let odd = ["doseQuantity", "rateQuantity"].iter().filter_map(|name| self.odd_amount(act.child(name)?));
        let text: Vec<String> = text.into_iter().chain(odd).collect();
        put(&mut out, "text", (!text.is_empty()).then(|| json!(text.join("\n"))));
        let instructions: Vec<Node<'d>> = act
            .all("entryRelationship")
            .filter_map(|link| link.child("act"))
            .filter(|inner| {
                templates(*inner)
                    .any(|root| matches!(root, "2.16.840.1.113883.10.20.22.4.20" | "2.16.840.1.113883.10.20.1.49"))
            })
            .collect();
        let additional = instructions.iter().filter_map(|inner| codeable(inner.child("code")?, &self.texts));
        put_list(&mut out, "additionalInstruction", additional.collect());
        let words: Vec<String> = instructions.iter().filter_map(|inner| self.words(*inner)).collect();
        put(&mut out, "patientInstruction", (!words.is_empty()).then(|| json!(words.join("\n"))));
        put(&mut out, "timing", timing(act));
        if let Some(precondition) = act.child("precondition") {
            let criterion = precondition.child("criterion");
            let value =
                criterion.and_then(|criterion| criterion.child("value")).and_then(|value| codeable(value, &self.texts));
            let words = || criterion.and_then(|criterion| self.words(criterion)).map(|words| json!({"text": words}));
            match value.or_else(words) {
                Some(value) => out.insert("asNeededCodeableConcept".to_owned(), value),
                None => out.insert("asNeededBoolean".to_owned(), json!(true)),
            };
        }
        put(&mut out, "site", act.child("approachSiteCode").and_then(|code| codeable(code, &self.texts)));
        put(&mut out, "route", act.child("routeCode").and_then(|code| codeable(code, &self.texts)));
        let mut amounts = Resource::new();
        for (name, key) in [("doseQuantity", "dose"), ("rateQuantity", "rate")] {
            match act.child(name).and_then(span) {
                Some(Span::Quantity(mut value)) => {
                    let comparator = value.as_object_mut().and_then(|members| members.remove("comparator"));
                    // An amount of a dose has no comparator: "up to two" is a range with one end.
                    match comparator.as_ref().and_then(Value::as_str) {
                        None => amounts.insert(format!("{key}Quantity"), value),
                        Some("<" | "<=") => amounts.insert(format!("{key}Range"), json!({"high": value})),
                        Some(_) => amounts.insert(format!("{key}Range"), json!({"low": value})),
                    };
                }
                Some(Span::Range(value)) => {
                    amounts.insert(format!("{key}Range"), value);
                }
                None => {}
            }
        }
        put_list(&mut out, "doseAndRate", if amounts.is_empty() { Vec::new() } else { vec![Value::Object(amounts)] });
        put(&mut out, "maxDosePerPeriod", act.child("maxDoseQuantity").and_then(ratio));
        (!out.is_empty()).then_some(Value::Object(out))
    }

    /// An amount that says something, and is no number: `1-2` tablets.
    fn odd_amount(&self, amount: Node<'d>) -> Option<String> {
        if span(amount).is_some() {
            return None;
        }
        let words = self.wordy_quantity(amount)?;
        let name = if amount.name() == "rateQuantity" { "Rate" } else { "Dose" };
        Some(format!("{name}: {words}"))
    }
}
