//! Insurance: Coverage, one for each policy.

use serde_json::{Value, json};

use crate::{
    ccda::{
        datatypes::{attribute, codeable, identifier, null_flavor, put, put_list},
        people::WhoKind,
        reader::Reader,
        sections::templates,
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};

const PAYER: &str = "2.16.840.1.113883.10.20.22.4.87";
const GUARANTOR: &str = "2.16.840.1.113883.10.20.22.4.88";
const COVERED: &str = "2.16.840.1.113883.10.20.22.4.89";
const HOLDER: &str = "2.16.840.1.113883.10.20.22.4.90";

impl<'d> Reader<'d> {
    /// A Coverage Activity with its policies, or a policy alone.
    pub(super) fn coverage(&mut self, act: Node<'d>) -> Vec<String> {
        let policies: Vec<Node<'d>> = act
            .all("entryRelationship")
            .filter_map(|link| link.child("act"))
            .filter(|inner| is_policy(*inner))
            .collect();
        if policies.is_empty() {
            return self.policy(act).into_iter().collect();
        }
        policies.into_iter().filter_map(|policy| self.policy(policy)).collect()
    }

    fn policy(&mut self, act: Node<'d>) -> Option<String> {
        const PAYERS: &[WhoKind] = &[WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];
        let is = |performer: Node<'_>, root: &str, code: &str| {
            templates(performer).any(|own| own == root)
                || performer
                    .child("assignedEntity")
                    .and_then(|entity| entity.child("code"))
                    .and_then(|inner| attribute(inner, "code"))
                    == Some(code)
        };
        let mut payors = Vec::new();
        for performer in act.all("performer").filter(|performer| !is(*performer, GUARANTOR, "GUAR")) {
            if is(performer, PAYER, "PAYOR") || payors.is_empty() {
                payors.extend(self.who(performer, PAYERS));
            }
        }
        let covered = act.all("participant").find(|participant| {
            attribute(*participant, "typeCode") == Some("COV") || templates(*participant).any(|root| root == COVERED)
        });
        let holder = act.all("participant").find(|participant| {
            attribute(*participant, "typeCode") == Some("HLD") || templates(*participant).any(|root| root == HOLDER)
        });
        let kind = act.child("code").and_then(|code| codeable(code, &self.texts));
        let member = covered.and_then(|covered| covered.child("participantRole"));
        let member_id = member.and_then(|role| role.all("id").find_map(|id| attribute(id, "extension")));
        if payors.is_empty() && kind.is_none() && member_id.is_none() {
            let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return None;
        }
        let mut out = self.start("Coverage", act);
        out.insert("status".to_owned(), json!("active"));
        put(&mut out, "type", kind);
        let holder = holder.and_then(|holder| holder.child("participantRole"));
        let subscriber = holder.and_then(|role| role.all("id").find_map(|id| attribute(id, "extension"))).or(member_id);
        put(&mut out, "subscriberId", subscriber.map(Value::from));
        self.put_subject(&mut out, "beneficiary");
        put(
            &mut out,
            "relationship",
            member.and_then(|role| role.child("code")).and_then(|code| codeable(code, &self.texts)),
        );
        let time = covered.and_then(|covered| covered.child("time")).or_else(|| act.child("effectiveTime"));
        put(&mut out, "period", time.and_then(time::period));
        if payors.is_empty() {
            payors.push(json!({"extension": [crate::ccda::codes::data_absent("UNK")]}));
        }
        out.insert("payor".to_owned(), json!(payors));
        let group = act
            .all("id")
            .filter_map(identifier)
            .find_map(|id| id.get("value").and_then(Value::as_str).map(str::to_owned));
        let class = group.map(|group| {
            json!({"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/coverage-class", "code": "group"}]}, "value": group})
        });
        put_list(&mut out, "class", class.into_iter().collect());
        Some(self.add(act, out))
    }
}

fn is_policy(act: Node<'_>) -> bool {
    templates(act).any(|root| matches!(root, "2.16.840.1.113883.10.20.22.4.61" | "2.16.840.1.113883.10.20.1.26"))
        || act.child("performer").is_some()
        || act.all("participant").any(|participant| matches!(attribute(participant, "typeCode"), Some("COV" | "HLD")))
}
