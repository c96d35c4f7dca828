//! Devices, implants and supplies: Device, DeviceUseStatement, DeviceRequest.

use serde_json::{Value, json};

use super::mapped_status;
use crate::{
    ccda::{
        Resource,
        codes::{self, mapped},
        datatypes::{attribute, codeable, null_flavor, put, put_list},
        reader::{Reader, negated},
        sections::templates,
        skip::CcdaSkip,
        text::plain,
        time,
    },
    xml::Node,
};

const PRODUCT: [&str; 2] = ["2.16.840.1.113883.10.20.22.4.37", "2.16.840.1.113883.10.20.1.52"];
/// The root of an id that is a UDI (FDA).
const UDI: [&str; 2] = ["2.16.840.1.113883.3.3719", "2.16.840.1.113883.3.150"];

impl<'d> Reader<'d> {
    /// A Non-Medicinal Supply Activity, or a planned one.
    pub(super) fn supply(&mut self, act: Node<'d>) -> Vec<String> {
        if negated(act) {
            // "No pacemaker": a Device would be one that the patient has.
            self.skip(act, CcdaSkip::Denied);
            return self.inner(act).into_iter().map(|(_, reference)| reference).collect();
        }
        let role = act
            .all("participant")
            .filter_map(|participant| participant.child("participantRole"))
            .find(|role| role.child("playingDevice").is_some() || is_product(*role));
        let product = act.child("product").and_then(|product| product.child("manufacturedProduct"));
        let happened = matches!(attribute(act, "moodCode"), None | Some("EVN"));
        let named = product
            .and_then(|product| product.child("manufacturedMaterial"))
            .and_then(|material| material.child("code"));
        let code = named.and_then(|code| codeable(code, &self.texts));
        let device = role
            .and_then(|role| role.child("playingDevice"))
            .and_then(|device| codeable(device.child("code")?, &self.texts));
        let words = self.words(act).map(|words| json!({"text": words}));
        let Some(what) = device.or(code).or(words) else {
            let made = role.and_then(|role| self.product_instance(role, Some(act)));
            if let Some(made) = made {
                self.inner(act);
                return vec![made];
            }
            let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return Vec::new();
        };
        if !happened {
            let mut out = self.start("DeviceRequest", act);
            out.insert("status".to_owned(), json!(request_status(act)));
            let mood = attribute(act, "moodCode").unwrap_or("INT");
            out.insert("intent".to_owned(), json!(mapped(codes::INTENT, mood).unwrap_or("plan")));
            out.insert("codeCodeableConcept".to_owned(), what);
            self.put_subject(&mut out, "subject");
            if let Some(time) = act.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
                time::put_moment(&mut out, "occurrence", time);
            }
            self.put_recorder(&mut out, &[act], "requester", "authoredOn");
            let reference = self.add(act, out);
            self.inner(act);
            return vec![reference];
        }
        let device = match role.and_then(|role| self.product_instance(role, Some(act))) {
            Some(device) => device,
            None => {
                let mut out = self.start("Device", act);
                out.insert("type".to_owned(), what);
                self.put_subject(&mut out, "patient");
                self.add_part(act, "device", out)
            }
        };
        let mut out = self.start("DeviceUseStatement", act);
        let status = match mapped_status(act, codes::STATEMENT_STATUS, "active") {
            "stopped" | "not-taken" => "stopped",
            "unknown" => "active",
            status => status,
        };
        out.insert("status".to_owned(), json!(status));
        self.put_subject(&mut out, "subject");
        if let Some(time) = act.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
            time::put_moment(&mut out, "timing", time);
        }
        out.insert("device".to_owned(), json!({"reference": device}));
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        let reference = self.add(act, out);
        self.inner(act);
        vec![device, reference]
    }

    /// The Device of a Product Instance; what the UDI Organizer in the act around it says is put in.
    pub(super) fn product_instance(&mut self, role: Node<'d>, act: Option<Node<'d>>) -> Option<String> {
        if !is_product(role) && role.child("playingDevice").is_none() {
            return None;
        }
        let device = role.child("playingDevice");
        let kind = device.and_then(|device| device.child("code")).and_then(|code| codeable(code, &self.texts));
        let model = device
            .and_then(|device| device.child("manufacturerModelName"))
            .map(|name| plain(name, 256))
            .filter(|name| !name.is_empty());
        let udi = role.all("id").find(|id| attribute(*id, "root").is_some_and(|root| UDI.contains(&root)));
        if kind.is_none() && model.is_none() && udi.is_none() {
            return None;
        }
        let mut out = self.start("Device", role);
        if let Some(code) = udi.and_then(|id| attribute(id, "extension")) {
            let mut carrier = Resource::new();
            let parsed = device_identifier(code);
            put(&mut carrier, "deviceIdentifier", parsed.map(Value::from));
            carrier.insert("carrierHRF".to_owned(), json!(code));
            out.insert("udiCarrier".to_owned(), json!([carrier]));
        }
        let maker = role.child("scopingEntity").and_then(|entity| entity.child("desc")).map(|desc| plain(desc, 256));
        put(&mut out, "manufacturer", maker.filter(|maker| !maker.is_empty()).map(Value::String));
        put(&mut out, "modelNumber", model.map(Value::String));
        put(&mut out, "type", kind);
        self.put_subject(&mut out, "patient");
        if let Some(act) = act {
            self.put_udi_parts(&mut out, act);
        }
        Some(self.add_part(role, "product", out))
    }

    /// The observations of a UDI Organizer (C-CDA supplemental templates for UDI), by their NCI codes.
    fn put_udi_parts(&self, out: &mut Resource, act: Node<'d>) {
        let organizers = act.all("entryRelationship").filter_map(|link| link.child("organizer"));
        let organizers =
            organizers.filter(|organizer| templates(*organizer).any(|root| root == "2.16.840.1.113883.10.20.22.4.311"));
        for observation in
            organizers.flat_map(|organizer| organizer.all("component")).filter_map(|part| part.child("observation"))
        {
            let code = observation.child("code").and_then(|code| attribute(code, "code")).unwrap_or_default();
            let Some(value) = observation.child("value") else { continue };
            let words = || {
                self.texts
                    .words(value)
                    .or_else(|| attribute(value, "extension").or_else(|| attribute(value, "value")).map(str::to_owned))
            };
            match code {
                "C101672" => put(out, "lotNumber", words().map(Value::String)),
                "C101671" => put(out, "serialNumber", words().map(Value::String)),
                "C113843" => put(out, "distinctIdentifier", words().map(Value::String)),
                "C99285" => put(out, "modelNumber", words().map(Value::String)),
                "C54131" if !out.contains_key("manufacturer") => put(out, "manufacturer", words().map(Value::String)),
                "C71898" => {
                    put(out, "deviceName", words().map(|name| json!([{"name": name, "type": "user-friendly-name"}])))
                }
                "C101670" => {
                    time::put_point(out, "expirationDate", value);
                }
                "C101669" => {
                    time::put_point(out, "manufactureDate", value);
                }
                "C101722" => {
                    let identifier = attribute(value, "extension").map(str::to_owned).or_else(words);
                    let carrier = out.entry("udiCarrier".to_owned()).or_insert_with(|| json!([{}]));
                    if let (Some(identifier), Some(Value::Object(members))) = (identifier, carrier.get_mut(0)) {
                        members.insert("deviceIdentifier".to_owned(), json!(identifier));
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_product(role: Node<'_>) -> bool {
    templates(role).any(|root| PRODUCT.contains(&root))
}

/// The device identifier of a UDI in GS1's form: application identifier 01 and 14 digits.
fn device_identifier(udi: &str) -> Option<&str> {
    udi.strip_prefix("(01)")?.get(..14).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn request_status(act: Node<'_>) -> &'static str {
    match mapped_status(act, codes::REQUEST_STATUS, "active") {
        "stopped" | "cancelled" => "revoked",
        status => status,
    }
}
