//! What has been read of a document so far: the resources with their ids, the skips, and what entries share.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{
    Resource, codes,
    datatypes::{attribute, first_id, identifiers, null_flavor, put, put_list},
    entries::subject::Subjects,
    people::{People, Who, WhoKind},
    sections::Kind,
    skip::CcdaSkip,
    text::Texts,
    time,
};
use crate::{
    convert::{Converted, Source, binary_reference, derive_id},
    import::{NarrativeReason, Skip, SkipReason},
    xml::Node,
};

/// Something found, in the order of the document.
#[derive(Debug)]
pub(super) enum Item {
    Resource(Converted),
    Skipped(Skip),
}

impl Item {
    /// The resource, if it is one.
    pub(super) fn converted(&mut self) -> Option<&mut Converted> {
        match self {
            Item::Resource(converted) => Some(converted),
            Item::Skipped(_) => None,
        }
    }
}

/// A document being read.
pub(super) struct Reader<'d> {
    pub(super) texts: Texts<'d>,
    pub(super) people: People<'d>,
    pub(super) items: Vec<Item>,
    /// For each resource's id its place in `items`.
    by_id: HashMap<String, usize>,
    /// The resources that came of an act, by the act's id: what others of the document refer to.
    acts: HashMap<(String, String), String>,
    /// How a resource refers to the patient.
    pub(super) subject: Value,
    /// The patient's root and extension, and the reference.
    pub(super) patient: Option<(String, String, Value)>,
    /// What tells one patient of a source from another, for ids.
    pub(super) patient_key: String,
    /// The visit that the document is about.
    pub(super) encounter: Option<Value>,
    /// The document's own id.
    pub(super) document_id: Option<(String, String)>,
    /// When the document was made.
    pub(super) document_time: Option<String>,
    /// Which acts say whom they are about.
    pub(super) subjects: Subjects<'d>,
    /// The section that is being read, and the references to what came of it.
    pub(super) kind: Kind,
    pub(super) produced: Vec<Value>,
    pub(super) listed: HashSet<String>,
    /// How often a reference to something was made.
    pub(super) references: usize,
    /// Bytes found inside the document: their hash, media type and content.
    pub(super) attachments: Vec<([u8; 32], String, Vec<u8>)>,
    /// How a resource refers to the document's own file.
    file: String,
    /// More entries than this are not taken.
    limit: usize,
}

/// The most people of one kind who are named for one act.
const MOST_WHO: usize = 1000;

impl<'d> Reader<'d> {
    pub(super) fn new(root: Node<'d>, source: &Source<'_>, limit: usize) -> Reader<'d> {
        Reader {
            texts: Texts::of(root),
            people: People::of(root),
            items: Vec::new(),
            by_id: HashMap::new(),
            acts: HashMap::new(),
            subject: json!({"extension": [codes::data_absent("UNK")]}),
            patient: None,
            patient_key: String::new(),
            encounter: None,
            document_id: None,
            document_time: None,
            subjects: Subjects::of(root),
            kind: Kind::Other,
            produced: Vec::new(),
            listed: HashSet::new(),
            references: 0,
            attachments: Vec::new(),
            file: binary_reference(&source.sha256),
            limit,
        }
    }

    /// A resource to fill: its type, a place for its id, its narrative and its identifiers.
    pub(super) fn start(&self, kind: &str, act: Node<'d>) -> Resource {
        let mut out = Resource::new();
        out.insert("resourceType".to_owned(), json!(kind));
        out.insert("id".to_owned(), json!(""));
        if let Some(div) = act.child("text").and_then(|text| self.texts.div(text)) {
            out.insert("text".to_owned(), json!({"status": "additional", "div": div}));
        }
        put_list(&mut out, "identifier", identifiers(act));
        out
    }

    /// Takes a finished resource and gives its reference, `urn:uuid:…`.
    ///
    /// Its id comes from the patient, the act's own id, what it is about and when: documents use one id for several
    /// things (the sample ids of the specification, above all), and a thing in the next document has the same four. An
    /// act without an id has its content for one.
    pub(super) fn add(&mut self, act: Node<'d>, resource: Resource) -> String {
        let act_id = first_id(act);
        let id = self.id_of(&resource, act_id.as_ref(), "");
        self.add_as(act, act_id, id, resource)
    }

    /// As [`add`](Self::add), for one of several resources of one act.
    pub(super) fn add_part(&mut self, act: Node<'d>, part: &str, resource: Resource) -> String {
        let id = self.id_of(&resource, first_id(act).as_ref(), part);
        self.add_as(act, None, id, resource)
    }

    fn id_of(&self, resource: &Resource, act_id: Option<&(String, String)>, part: &str) -> String {
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        match act_id {
            Some((root, extension)) => {
                // A visit is one whatever is said of it: its kind and times become known as it goes on.
                let (what, when) =
                    if kind == "Encounter" { (String::new(), String::new()) } else { (what(resource), when(resource)) };
                derive_id(&["C-CDA", kind, part, &self.patient_key, root, extension, &what, &when])
            }
            None => derive_id(&["C-CDA", kind, part, &self.patient_key, &self.content(resource)]),
        }
    }

    /// A resource's content as one text, without its id and without the file it was read from: the same document written
    /// anew, in another encoding, say, has the same in it.
    fn content(&self, resource: &Resource) -> String {
        let mut bare = resource.clone();
        bare.remove("id");
        bare.remove("text");
        Value::Object(bare).to_string().replace(&self.file, "")
    }

    fn add_as(
        &mut self,
        act: Node<'d>,
        act_id: Option<(String, String)>,
        mut id: String,
        mut resource: Resource,
    ) -> String {
        if let Some(at) = self.by_id.get(&id).copied() {
            match self.join(at, &resource) {
                Joined::Same(place) => {
                    // A place and a specimen are told with each entry that they belong to.
                    if !matches!(act.name(), "specimenRole" | "participantRole" | "healthCareFacility") {
                        self.skip(act, CcdaSkip::Repeated { of: place });
                    }
                    return self.refer(&id, act_id);
                }
                Joined::Merged(place) => {
                    // An entry's pointer to its visit is no entry.
                    if act.parent().is_some_and(|parent| parent.name() == "entry") {
                        self.skip(act, CcdaSkip::Repeated { of: place });
                    }
                    return self.refer(&id, act_id);
                }
                Joined::Other => id = derive_id(&["C-CDA", "other", &id, &self.content(&resource)]),
            }
            if self.by_id.contains_key(&id) {
                self.skip(act, CcdaSkip::Repeated { of: act.path() });
                return self.refer(&id, act_id);
            }
        }
        resource.insert("id".to_owned(), json!(id));
        self.by_id.insert(id.clone(), self.items.len());
        let place = act.path();
        self.items.push(Item::Resource(Converted::new(resource, place)));
        self.refer(&id, act_id)
    }

    fn refer(&mut self, id: &str, act_id: Option<(String, String)>) -> String {
        let reference = format!("urn:uuid:{id}");
        self.references += 1;
        if let Some(act_id) = act_id {
            self.acts.entry(act_id).or_insert_with(|| reference.clone());
        }
        if self.listed.insert(reference.clone()) {
            self.produced.push(json!({"reference": reference}));
        }
        reference
    }

    /// Joins a resource to an earlier one of the same id, where they are the same thing: the problem that stands in the
    /// problem list and among a visit's diagnoses, the visit of the header and of its section.
    fn join(&mut self, at: usize, other: &Resource) -> Joined {
        let Some(Item::Resource(Converted { resource, place, .. })) = self.items.get_mut(at) else {
            return Joined::Other;
        };
        let differs = |key: &&String| {
            !matches!(key.as_str(), "id" | "text" | "category") && resource.get(*key) != other.get(*key)
        };
        let is_visit = resource.get("resourceType").and_then(Value::as_str) == Some("Encounter");
        if is_visit {
            let same_day = match (when_of(resource), when_of(other)) {
                (Some(one), Some(two)) => {
                    let length = one.len().min(two.len()).min(10);
                    one.get(..length) == two.get(..length)
                }
                _ => true,
            };
            if !same_day {
                return Joined::Other;
            }
            // What the one says nothing of, the other may.
            let silent = |key: &str, value: &Value| match key {
                "class" => value.get("code").is_none(),
                "status" => value == "unknown",
                _ => false,
            };
            for (key, value) in other {
                if resource.get(key).is_some_and(|own| silent(key, own)) {
                    resource.insert(key.clone(), value.clone());
                    continue;
                }
                match (resource.get_mut(key), value) {
                    (None, value) => {
                        resource.insert(key.clone(), value.clone());
                    }
                    (Some(Value::Array(list)), Value::Array(more)) if key != "text" => {
                        more.iter()
                            .filter(|item| !list.contains(item))
                            .cloned()
                            .collect::<Vec<_>>()
                            .into_iter()
                            .for_each(|item| list.push(item));
                    }
                    (Some(Value::Object(own)), Value::Object(more)) if key == "period" => {
                        for (key, value) in more {
                            own.entry(key.clone()).or_insert_with(|| value.clone());
                        }
                    }
                    _ => {}
                }
            }
            return Joined::Merged(place.clone());
        }
        if resource.keys().find(differs).is_some() || other.keys().find(differs).is_some() {
            return Joined::Other;
        }
        if let (Some(Value::Array(list)), Some(Value::Array(more))) =
            (resource.get_mut("category"), other.get("category"))
        {
            let new: Vec<Value> = more.iter().filter(|item| !list.contains(item)).cloned().collect();
            list.extend(new);
        }
        Joined::Same(place.clone())
    }

    /// Notes that an act became no record.
    pub(super) fn skip(&mut self, act: Node<'d>, reason: CcdaSkip) {
        self.items.push(Item::Skipped(Skip { path: act.path(), reason: SkipReason::Ccda(reason) }));
    }

    /// Takes a resource of which only the text says something.
    pub(super) fn add_narrative(&mut self, act: Node<'d>, part: &str, resource: Resource) -> String {
        let before = self.items.len();
        let reference = self.add_part(act, part, resource);
        if let Some(Item::Resource(converted)) = self.items.get_mut(before) {
            converted.narrative_only = Some(NarrativeReason::SectionText);
        }
        reference
    }

    /// Whether the most entries that are read have been read, people and organisations among them.
    pub(super) fn is_full(&self) -> bool {
        self.items.len() + self.people.resources.len() >= self.limit
    }

    /// Notes that a wrapper's id, too, means what came of the act in it.
    pub(super) fn also(&mut self, wrapper: Node<'d>, references: &[String]) {
        if let (Some(id), Some(reference)) = (first_id(wrapper), references.first()) {
            self.acts.entry(id).or_insert_with(|| reference.clone());
        }
    }

    /// Takes what an entry only points to into the section that is being read; whether it is known.
    pub(super) fn point(&mut self, node: Node<'d>) -> bool {
        let Some(reference) = first_id(node).and_then(|id| self.acts.get(&id).cloned()) else { return false };
        if self.listed.insert(reference.clone()) {
            self.produced.push(json!({"reference": reference}));
        }
        true
    }

    /// What came of the act with one of these ids elsewhere in the document.
    pub(super) fn act(&self, node: Node<'d>) -> Option<Value> {
        let reference = self.acts.get(&first_id(node)?)?;
        Some(json!({"reference": reference}))
    }

    /// A member of a resource made before.
    pub(super) fn resource_mut(&mut self, reference: &str) -> Option<&mut Resource> {
        let at = *self.by_id.get(reference.strip_prefix("urn:uuid:")?)?;
        match self.items.get_mut(at)? {
            Item::Resource(converted) => Some(&mut converted.resource),
            Item::Skipped(_) => None,
        }
    }

    /// Who stands in a participation, of the kinds that an element allows.
    pub(super) fn who(&mut self, participation: Node<'d>, allowed: &[WhoKind]) -> Option<Value> {
        let who = self.anybody(participation)?;
        allowed.contains(&who.kind).then_some(who.reference)
    }

    fn anybody(&mut self, participation: Node<'d>) -> Option<Who> {
        if self.is_full() {
            return None;
        }
        for name in ["assignedAuthor", "assignedEntity", "associatedEntity", "participantRole", "intendedRecipient"] {
            if let Some(entity) = participation.child(name) {
                return self.people.who(entity, self.patient.as_ref(), &self.texts);
            }
        }
        let related = participation.child("relatedEntity")?;
        let (_, _, patient) = self.patient.as_ref()?;
        if attribute(related, "classCode") == Some("PAT") {
            return Some(Who { kind: WhoKind::Patient, reference: patient.clone() });
        }
        self.people.related(related, patient, &self.texts)
    }

    /// The references to those in all participations of a name.
    pub(super) fn whos(&mut self, act: Node<'d>, participation: &str, allowed: &[WhoKind]) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        for node in act.all(participation).take(MOST_WHO) {
            if let Some(reference) = self.who(node, allowed)
                && !out.contains(&reference)
            {
                out.push(reference);
            }
        }
        out
    }

    /// Whether an end (`high`) has come: one that is written, that is no "for ever" (9999), and that is not after the document.
    pub(super) fn has_ended(&self, high: Node<'d>) -> bool {
        let Some(value) = attribute(high, "value") else { return false };
        let end = time::point(value);
        let later =
            || end.zip(self.document_time.as_deref()).is_some_and(|(end, made)| time::is_before(made, &end.text));
        !time::is_never(value) && !later()
    }

    /// Puts the latest author as `recorder` and the earliest author's time as `recordedDate`, of the act and of the acts
    /// around it that carry them for it.
    pub(super) fn put_recorder(&mut self, out: &mut Resource, acts: &[Node<'d>], who_key: &str, time_key: &str) {
        const ALLOWED: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Patient, WhoKind::RelatedPerson];
        for act in acts {
            let mut authors: Vec<(Node<'d>, &str)> = act
                .all("author")
                .map(|author| (author, author.child("time").and_then(time::start_of).unwrap_or_default()))
                .collect();
            authors.sort_by_key(|(_, time)| *time);
            if !out.contains_key(time_key)
                && let Some(time) =
                    authors.iter().find_map(|(author, time)| if time.is_empty() { None } else { author.child("time") })
            {
                time::put_point(out, time_key, time);
            }
            if !out.contains_key(who_key)
                && let Some((author, _)) = authors.last().copied()
            {
                put(out, who_key, self.who(author, ALLOWED));
            }
        }
    }

    /// The act's comments, its own and those it refers to, as Annotations.
    pub(super) fn notes(&mut self, act: Node<'d>) -> Vec<Value> {
        let mut out = Vec::new();
        let links = act.children().filter(|child| matches!(child.name(), "entryRelationship" | "component"));
        let comments = links.filter_map(|link| link.child("act")).filter(|inner| is_comment(*inner));
        for comment in comments.collect::<Vec<_>>() {
            let Some(words) = comment.child("text").and_then(|text| self.texts.words(text)) else { continue };
            let mut note = Resource::new();
            if let Some(author) = comment.child("author") {
                const ALLOWED: &[WhoKind] =
                    &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];
                put(&mut note, "authorReference", self.who(author, ALLOWED));
                if let Some(time) = author.child("time") {
                    time::put_point(&mut note, "time", time);
                }
            }
            note.insert("text".to_owned(), json!(words));
            out.push(Value::Object(note));
        }
        // CCD's "information source" says who told it.
        let told = act
            .all("entryRelationship")
            .filter_map(|link| link.child("observation"))
            .filter(|inner| inner.child("code").and_then(|code| attribute(code, "code")) == Some("48766-0"));
        let sources = told.filter_map(|inner| self.texts.words(inner.child("value")?));
        out.extend(sources.map(|words| json!({"text": format!("Information source: {words}")})));
        out
    }
}

enum Joined {
    /// Nothing new was said.
    Same(String),
    /// What was new was added.
    Merged(String),
    /// Another thing of the same id.
    Other,
}

/// A Comment Activity.
pub(super) fn is_comment(act: Node<'_>) -> bool {
    super::sections::templates(act)
        .any(|root| root == "2.16.840.1.113883.10.20.22.4.64" || root == "2.16.840.1.113883.10.20.1.40")
        || act.child("code").and_then(|code| attribute(code, "code")) == Some("48767-8")
}

/// The `statusCode`, in lower case.
pub(super) fn status(act: Node<'_>) -> Option<String> {
    act.child("statusCode").and_then(|status| attribute(status, "code")).map(str::to_ascii_lowercase)
}

/// Whether the act is negated.
pub(super) fn negated(act: Node<'_>) -> bool {
    matches!(attribute(act, "negationInd"), Some("true" | "1"))
}

/// The flavour of an act that says only that there is nothing to say.
pub(super) fn says_nothing<'d>(act: Node<'d>) -> Option<&'d str> {
    null_flavor(act)
}

/// What a resource is about, for its id.
fn what(resource: &Resource) -> String {
    let keys = ["code", "vaccineCode", "medicationCodeableConcept", "type", "class", "relationship", "description"];
    let Some(value) = keys.iter().find_map(|key| resource.get(*key)) else { return String::new() };
    let value = value.as_array().and_then(|list| list.first()).unwrap_or(value);
    let coding = value.get("coding").and_then(|codings| codings.get(0)).unwrap_or(value);
    let code = coding.get("code").and_then(Value::as_str);
    code.or_else(|| value.get("text").and_then(Value::as_str)).unwrap_or_default().to_lowercase()
}

/// When it began, for its id.
fn when(resource: &Resource) -> String {
    when_of(resource).unwrap_or_default().to_owned()
}

fn when_of(resource: &Resource) -> Option<&str> {
    const KEYS: [&str; 14] = [
        "onsetDateTime",
        "onsetPeriod",
        "effectiveDateTime",
        "effectivePeriod",
        "performedDateTime",
        "performedPeriod",
        "occurrenceDateTime",
        "occurrencePeriod",
        "period",
        "startDate",
        "whenHandedOver",
        "authoredOn",
        "date",
        "recordedDate",
    ];
    let value = KEYS.iter().find_map(|key| resource.get(*key))?;
    value.as_str().or_else(|| value.get("start").and_then(Value::as_str))
}
