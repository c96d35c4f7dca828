//! A whole document: its header, its sections one after the other, its Composition and DocumentReference.

use serde_json::{Value, json};

use super::{
    Resource,
    codes::{self, mapped},
    datatypes::{attribute, codeable, concept, first_id, identifier, null_flavor, put, put_list},
    entries::is_act,
    people::WhoKind,
    reader::Reader,
    sections::{Kind, kind_of, templates},
    text::{plain, section_div},
    time, whole,
};
use crate::{
    convert::{Source, binary_reference},
    terminology::{LOINC, V3_CONFIDENTIALITY},
    xml::Node,
};

const AUTHORS: &[WhoKind] =
    &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Device, WhoKind::Patient, WhoKind::RelatedPerson];
const IHE_FORMAT: &str = "http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem";

/// Reads a document, or a part of one that stands alone.
pub(super) fn read<'d>(reader: &mut Reader<'d>, part: Node<'d>, source: &Source<'_>) {
    match part.name() {
        "ClinicalDocument" => document(reader, part, source),
        "recordTarget" => reader.patient(std::iter::once(part), None),
        "documentationOf" => {
            if let Some(event) = part.child("serviceEvent") {
                reader.whos(event, "performer", AUTHORS);
            }
        }
        "section" => {
            section(reader, part, source);
        }
        "component" | "structuredBody" => {
            for node in sections_in(part) {
                section(reader, node, source);
            }
            if let Some(act) = part.children().find(|child| is_act(*child)) {
                reader.act_record(act, None);
            }
        }
        "entry" => reader.entry(part),
        _ => {
            reader.act_record(part, None);
        }
    }
}

fn document<'d>(reader: &mut Reader<'d>, document: Node<'d>, source: &Source<'_>) {
    reader.patient(document.all("recordTarget"), Some(document));
    let made = document.child("effectiveTime");
    reader.document_time = made.and_then(time::start_of).and_then(time::point).map(|point| point.text);
    reader.document_id = first_id(document);
    let visit = document.child("componentOf").and_then(|component| component.child("encompassingEncounter"));
    reader.kind = Kind::Encounters;
    reader.encounter = visit.and_then(|visit| reader.encompassing(visit));
    reader.kind = Kind::Other;
    let mut listed = Vec::new();
    let mut files = Vec::new();
    for component in document.all("component") {
        if let Some(body) = component.child("structuredBody") {
            for node in sections_in(body) {
                listed.extend(section(reader, node, source));
            }
        }
        if let Some(text) = component.child("nonXMLBody").and_then(|body| body.child("text")) {
            files.extend(reader.attachment(document, text));
        }
    }
    let custodian = document
        .child("custodian")
        .and_then(|custodian| custodian.child("assignedCustodian"))
        .and_then(|assigned| assigned.child("representedCustodianOrganization"))
        .and_then(|organization| reader.people.organization(organization, &reader.texts))
        .map(|who| who.reference);
    let authors = reader.whos(document, "author", AUTHORS);
    let kind = document.child("code").and_then(|code| codeable(code, &reader.texts));
    let kind = kind.unwrap_or_else(|| concept(LOINC, "34133-9", "Summarization of Episode Note"));
    let title = document.child("title").map(|title| plain(title, 512)).filter(|title| !title.is_empty());
    let title = title.or_else(|| kind.get("text").and_then(Value::as_str).map(str::to_owned));
    let title = title.unwrap_or_else(|| "Clinical document".to_owned());
    if !listed.is_empty() {
        let mut out = reader.start("Composition", document);
        if let Some(id) = out.remove("identifier").and_then(|list| list.get(0).cloned()) {
            out.insert("identifier".to_owned(), id);
        }
        out.insert("status".to_owned(), json!("final"));
        out.insert("type".to_owned(), kind.clone());
        reader.put_subject(&mut out, "subject");
        put(&mut out, "encounter", reader.encounter.clone());
        let signed = || ["author", "legalAuthenticator"].iter().find_map(|name| document.child(name)?.child("time"));
        let dated = made.filter(|made| time::start_of(*made).and_then(time::point).is_some()).or_else(signed);
        if !dated.is_some_and(|dated| time::put_point(&mut out, "date", dated)) {
            out.insert("_date".to_owned(), json!({"extension": [codes::data_absent("UNK")]}));
        }
        let unknown = json!({"extension": [codes::data_absent("UNK")]});
        out.insert("author".to_owned(), if authors.is_empty() { json!([unknown]) } else { json!(authors) });
        out.insert("title".to_owned(), json!(title));
        let confidentiality = document.child("confidentialityCode").and_then(|code| attribute(code, "code"));
        put(&mut out, "confidentiality", confidentiality.filter(|code| is_confidentiality(code)).map(Value::from));
        put_list(&mut out, "attester", attesters(reader, document));
        put(&mut out, "custodian", custodian.clone());
        put_list(&mut out, "event", events(reader, document));
        put_list(&mut out, "section", listed);
        reader.add(document, out);
    }
    reference(reader, document, source, &kind, &title, (custodian, authors, files));
}

/// The sections right under a body, a component or a section.
fn sections_in<'d>(node: Node<'d>) -> Vec<Node<'d>> {
    let nested = node.all("component").filter_map(|component| component.child("section"));
    node.child("section").into_iter().chain(nested).collect()
}

/// Reads a section; gives what stands for it in the Composition.
fn section<'d>(reader: &mut Reader<'d>, node: Node<'d>, source: &Source<'_>) -> Option<Value> {
    if reader.is_full() {
        return None;
    }
    let kind = kind_of(node);
    let around = std::mem::replace(&mut reader.kind, kind);
    let before = reader.items.len();
    let (produced, known) = (std::mem::take(&mut reader.produced), std::mem::take(&mut reader.listed));
    for entry in node.children().filter(|child| child.name() == "entry") {
        reader.entry(entry);
    }
    let mut entries = std::mem::replace(&mut reader.produced, produced);
    reader.listed = known;
    let inner: Vec<Value> = sections_in(node).into_iter().filter_map(|inner| section(reader, inner, source)).collect();
    reader.kind = around;
    let text = node.child("text");
    let div = text.and_then(section_div);
    let title = node.child("title").map(|title| plain(title, 512)).filter(|title| !title.is_empty());
    let code = node.child("code").and_then(|code| codeable(code, &reader.texts));
    if let (true, Some(div), Some(text)) = (entries.is_empty() && !reader.is_full(), &div, text) {
        let mut out = Resource::new();
        out.insert("resourceType".to_owned(), json!("DocumentReference"));
        out.insert("id".to_owned(), json!(""));
        out.insert("text".to_owned(), json!({"status": "additional", "div": div}));
        out.insert("status".to_owned(), json!("current"));
        put(&mut out, "type", code.clone().or_else(|| title.as_ref().map(|title| json!({"text": title}))));
        reader.put_subject(&mut out, "subject");
        put(&mut out, "description", title.clone().map(Value::String));
        let mut attachment = Resource::new();
        attachment.insert("contentType".to_owned(), json!("text/xml"));
        attachment.insert("url".to_owned(), json!(binary_reference(&source.sha256)));
        put(&mut attachment, "title", title.clone().map(Value::String));
        put(&mut attachment, "creation", reader.document_time.clone().map(Value::String));
        out.insert("content".to_owned(), json!([{"attachment": attachment}]));
        // The same words in two documents are two statements.
        let (root, extension) = reader.document_id.clone().unwrap_or_default();
        let words = format!("{root} {extension}\n{}", plain(text, usize::MAX));
        let reference = reader.add_narrative(node, &words, out);
        entries.push(json!({"reference": reference}));
    }
    whole::restrict(reader, node, before);
    let mut out = Resource::new();
    put(&mut out, "title", title.map(Value::String));
    put(&mut out, "code", code);
    let says = div.is_some() || !entries.is_empty() || !inner.is_empty();
    put(&mut out, "text", div.map(|div| json!({"status": "additional", "div": div})));
    put_list(&mut out, "entry", entries);
    if let Some(flavor) = null_flavor(node).filter(|_| !out.contains_key("entry")) {
        let reason = match flavor {
            "NASK" => "notasked",
            "MSK" => "withheld",
            _ => "unavailable",
        };
        let system = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
        out.insert("emptyReason".to_owned(), json!({"coding": [{"system": system, "code": reason}]}));
    }
    put_list(&mut out, "section", inner);
    says.then_some(Value::Object(out))
}

/// The DocumentReference of the document: the document's own bytes, before them what it carries in place of a body.
fn reference<'d>(
    reader: &mut Reader<'d>,
    document: Node<'d>,
    source: &Source<'_>,
    kind: &Value,
    title: &str,
    (custodian, authors, files): (Option<Value>, Vec<Value>, Vec<Value>),
) {
    let made = document.child("effectiveTime");
    let mut out = reader.start("DocumentReference", document);
    if let Some(master) = out.get("identifier").and_then(|list| list.get(0)).cloned() {
        out.remove("identifier");
        out.insert("masterIdentifier".to_owned(), master);
    }
    out.insert("status".to_owned(), json!("current"));
    out.insert("type".to_owned(), kind.clone());
    reader.put_subject(&mut out, "subject");
    if let Some(made) = made {
        time::put_instant(&mut out, "date", made);
    }
    put_list(&mut out, "author", authors);
    let authenticator = document.child("legalAuthenticator");
    const SIGNERS: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Organization];
    put(&mut out, "authenticator", authenticator.and_then(|node| reader.who(node, SIGNERS)));
    put(&mut out, "custodian", custodian);
    put_list(&mut out, "relatesTo", related(document));
    out.insert("description".to_owned(), json!(title));
    let confidentiality = document.child("confidentialityCode").and_then(|code| attribute(code, "code"));
    let label = confidentiality.filter(|code| is_confidentiality(code));
    put(
        &mut out,
        "securityLabel",
        label.map(|code| json!([{"coding": [{"system": V3_CONFIDENTIALITY, "code": code}]}])),
    );
    let mut own = Resource::new();
    own.insert("contentType".to_owned(), json!("text/xml"));
    let language = document.child("languageCode").and_then(|code| attribute(code, "code"));
    put(&mut own, "language", language.map(Value::from));
    own.insert("url".to_owned(), json!(binary_reference(&source.sha256)));
    own.insert("title".to_owned(), json!(title));
    put(&mut own, "creation", made.and_then(time::start_of).and_then(time::point).map(|point| json!(point.text)));
    let mut content = Resource::new();
    content.insert("attachment".to_owned(), Value::Object(own));
    let is_release_2 =
        document.all("templateId").any(|template| attribute(template, "extension") == Some("2015-08-01"));
    let is_unstructured = document.all("component").any(|component| component.child("nonXMLBody").is_some());
    let body = if is_unstructured { "nonXMLBody" } else { "structuredBody" };
    let release = if is_release_2 { "2.1" } else { "1.1" };
    if templates(document).any(|root| root.starts_with("2.16.840.1.113883.10.20.22.1")) {
        let code = format!("urn:hl7-org:sdwg:ccda-{body}:{release}");
        content.insert("format".to_owned(), json!({"system": IHE_FORMAT, "code": code}));
    }
    let mut contents: Vec<Value> = files.into_iter().map(|file| json!({"attachment": file})).collect();
    contents.push(Value::Object(content));
    out.insert("content".to_owned(), Value::Array(contents));
    let mut context = Resource::new();
    put_list(&mut context, "encounter", reader.encounter.clone().into_iter().collect());
    put(
        &mut context,
        "period",
        service(document).and_then(|event| event.child("effectiveTime")).and_then(time::period),
    );
    put(&mut out, "context", (!context.is_empty()).then_some(Value::Object(context)));
    reader.add(document, out);
}

fn service<'d>(document: Node<'d>) -> Option<Node<'d>> {
    document.child("documentationOf").and_then(|of| of.child("serviceEvent"))
}

/// What the document is about (`documentationOf/serviceEvent`).
fn events<'d>(reader: &mut Reader<'d>, document: Node<'d>) -> Vec<Value> {
    let mut out = Vec::new();
    for event in document.all("documentationOf").filter_map(|of| of.child("serviceEvent")) {
        let mut entry = Resource::new();
        put_list(
            &mut entry,
            "code",
            event.child("code").and_then(|code| codeable(code, &reader.texts)).into_iter().collect(),
        );
        put(&mut entry, "period", event.child("effectiveTime").and_then(time::period));
        // Those who treated are kept among the people.
        reader.whos(event, "performer", AUTHORS);
        if !entry.is_empty() {
            out.push(Value::Object(entry));
        }
    }
    out
}

fn attesters<'d>(reader: &mut Reader<'d>, document: Node<'d>) -> Vec<Value> {
    const PARTIES: &[WhoKind] =
        &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];
    let mut out = Vec::new();
    for (name, mode) in [("legalAuthenticator", "legal"), ("authenticator", "professional")] {
        for node in document.all(name) {
            let mut entry = Resource::new();
            entry.insert("mode".to_owned(), json!(mode));
            if let Some(time) = node.child("time").filter(|time| time::start_of(*time).is_some()) {
                time::put_point(&mut entry, "time", time);
            }
            put(&mut entry, "party", reader.who(node, PARTIES));
            out.push(Value::Object(entry));
        }
    }
    out
}

/// The documents that this one replaces, adds to or is made of.
fn related(document: Node<'_>) -> Vec<Value> {
    const KINDS: codes::Map = &[("RPLC", "replaces"), ("APND", "appends"), ("XFRM", "transforms")];
    let mut out = Vec::new();
    for node in document.all("relatedDocument") {
        let Some(code) = attribute(node, "typeCode").and_then(|code| mapped(KINDS, code)) else { continue };
        for id in node.all("parentDocument").flat_map(|parent| parent.all("id")).filter_map(identifier) {
            out.push(json!({"code": code, "target": {"type": "DocumentReference", "identifier": id}}));
        }
    }
    out
}

fn is_confidentiality(code: &str) -> bool {
    matches!(code, "U" | "L" | "M" | "N" | "R" | "V")
}
