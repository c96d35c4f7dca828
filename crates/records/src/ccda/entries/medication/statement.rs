//! What somebody takes or took: MedicationStatement.

use serde_json::{Value, json};

use super::{PEOPLE, bounds, product::no_known_medicine, put_span_of_time};
use crate::{
    ccda::{
        Resource, codes,
        datatypes::{put, put_list},
        reader::{Reader, negated},
        time,
    },
    xml::Node,
};

impl<'d> Reader<'d> {
    pub(super) fn fill_statement(&mut self, out: &mut Resource, act: Node<'d>, key: &str, medication: Value) {
        let bounds = bounds(act);
        let status = match self.medicine_status(act, codes::STATEMENT_STATUS, "unknown") {
            // "No known medications" is itself the statement.
            _ if medication == no_known_medicine() => "active",
            _ if negated(act) => "not-taken",
            status => status,
        };
        out.insert("status".to_owned(), json!(status));
        out.insert(key.to_owned(), medication);
        self.put_subject(out, "subject");
        if let Some(bounds) = bounds {
            put_span_of_time(out, "effective", bounds);
        }
        self.put_asserted(out, act);
        self.put_reasons(out, act);
        let notes = self.notes(act);
        put_list(out, "note", notes);
        put_list(out, "dosage", self.dosage(act).into_iter().collect());
    }

    fn put_asserted(&mut self, out: &mut Resource, act: Node<'d>) {
        let informant = act.child("informant").and_then(|node| self.who(node, PEOPLE));
        let author = act.child("author");
        if let Some(time) =
            author.and_then(|author| author.child("time")).filter(|time| time::start_of(*time).is_some())
        {
            time::put_point(out, "dateAsserted", time);
        }
        let source = match informant {
            Some(informant) => Some(informant),
            None => author.and_then(|author| self.who(author, PEOPLE)),
        };
        put(out, "informationSource", source);
    }
}
