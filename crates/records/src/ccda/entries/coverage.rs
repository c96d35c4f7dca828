//! Insurance: Coverage, one for each policy.

use serde_json::{Value, json};

use super::subject::inside;
use crate::{
    ccda::{
        datatypes::{attribute, codeable, identifier, null_flavor, put, put_list},
        people::WhoKind,
        reader::Reader,
        sections::{Kind, Rule, rule_of, templates},
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
        let policies: Vec<Node<'d>> = inside(act).filter(|inner| is_policy(*inner)).collect();
        let mut out: Vec<String> = if policies.is_empty() {
            self.policy(act).into_iter().collect()
        } else {
            policies.iter().filter_map(|policy| self.policy(*policy)).collect()
        };
        // What else is told of an insurance: an observation beside the policies, an authorization in one of them.
        for inner in inside(act).filter(|inner| !is_policy(*inner)) {
            out.extend(self.beside_policy(inner, act));
        }
        for policy in policies {
            for inner in inside(policy) {
                out.extend(self.beside_policy(inner, policy));
            }
        }
        out
    }

    /// An act in a coverage that is no policy of it. One without a template of its own (the plan's description, what was
    /// authorized) is no second insurance; what is in it is read.
    fn beside_policy(&mut self, act: Node<'d>, holder: Node<'d>) -> Vec<String> {
        let before = (self.items.len(), self.references);
        let only_by_section = act.name() == "act"
            && rule_of(act, Kind::Payers) == Some(Rule::Coverage)
            && rule_of(act, Kind::Other) != Some(Rule::Coverage);
        let out = if only_by_section {
            self.inner(act).into_iter().map(|(_, reference)| reference).collect()
        } else {
            self.act_record(act, Some(holder))
        };
        if (self.items.len(), self.references) == before {
            self.skip(act, CcdaSkip::UnknownEntry { element: act.name().to_owned() });
        }
        out
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
    if act.name() != "act" {
        return false;
    }
    templates(act).any(|root| matches!(root, "2.16.840.1.113883.10.20.22.4.61" | "2.16.840.1.113883.10.20.1.26"))
        || act.child("performer").is_some()
        || act.all("participant").any(|participant| matches!(attribute(participant, "typeCode"), Some("COV" | "HLD")))
}
