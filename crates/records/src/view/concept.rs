//! When two coded concepts mean the same: by codes that both carry, never by a map between code systems.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use sha2::{Digest, Sha256};

use crate::{
    json::Json,
    terminology::{LOINC, SNOMED, without_semantic_tag},
};

/// What a CodeableConcept says, with its code systems under their FHIR names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Concept<'a> {
    /// Codes that stand for one thing: sorted, the most telling first, each once.
    Coded(Vec<(Cow<'a, str>, Cow<'a, str>)>),
    /// Words alone, in lower case with single spaces.
    Words(String),
}

impl<'a> Concept<'a> {
    /// Of a CodeableConcept (or a lone Coding). `None` where it says nothing, or nothing but "something".
    pub(super) fn of<J: Json>(concept: &'a J) -> Option<Concept<'a>> {
        let mut codings: Vec<(Cow<'a, str>, Cow<'a, str>)> =
            concept.each("coding").iter().take(MOST_CODINGS).filter_map(coding).collect();
        if codings.is_empty() && concept.member("coding").is_none() {
            codings.extend(coding(concept));
        }
        if !codings.is_empty() {
            codings.sort_unstable_by(|one, other| (rank(&one.0), one).cmp(&(rank(&other.0), other)));
            codings.dedup();
            return Some(Concept::Coded(codings));
        }
        let words = concept.text_at(&["text"]).or_else(|| concept.text()).or_else(|| concept.text_at(&["display"]));
        let words = words.or_else(|| concept.each("coding").iter().find_map(|coding| coding.text_at(&["display"])));
        words.map(plain).filter(|words| !words.is_empty()).map(Concept::Words)
    }

    /// The one code (or the words) that stands for it.
    pub(super) fn primary(&self) -> (&str, &str) {
        match self {
            Concept::Coded(codings) => codings.first().map_or(("", ""), |(system, code)| (system, code)),
            Concept::Words(words) => ("", words),
        }
    }

    /// Its codes.
    pub(super) fn codings(&self) -> &[(Cow<'a, str>, Cow<'a, str>)] {
        match self {
            Concept::Coded(codings) => codings,
            Concept::Words(_) => &[],
        }
    }

    /// Its code of that system.
    pub(super) fn code_of(&self, system: &str) -> Option<&str> {
        self.codings().iter().find(|(of, _)| of == system).map(|(_, code)| code.as_ref())
    }
}

/// At most so many translations of one concept are looked at.
const MOST_CODINGS: usize = 32;

fn coding<'a, J: Json>(coding: &'a J) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    let code = coding.text_at(&["code"])?;
    let system = system_name(coding.text_at(&["system"])?);
    if is_vague(system, code) || code.len() > 128 || system.len() > 256 {
        return None;
    }
    Some((Cow::Borrowed(system), code_form(system, code)))
}

/// A code system's URI as FHIR has it, for those that are also named by their OID.
fn system_name(system: &str) -> &str {
    let system = system.trim_end_matches('/');
    if let Some(rest) = system.strip_prefix(SNOMED)
        && rest.starts_with('/')
    {
        return SNOMED;
    }
    let Some(oid) = system.strip_prefix("urn:oid:") else { return system };
    OIDS.iter().find(|(known, _)| *known == oid).map_or(system, |(_, uri)| uri)
}

/// Code systems by OID (HL7, *Using Codes in Resources*, "External Code Systems", FHIR R4 4.0.1).
const OIDS: [(&str, &str); 10] = [
    ("2.16.840.1.113883.6.96", SNOMED),
    ("2.16.840.1.113883.6.1", LOINC),
    ("2.16.840.1.113883.6.88", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    ("2.16.840.1.113883.12.292", "http://hl7.org/fhir/sid/cvx"),
    ("2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm"),
    ("2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"),
    ("2.16.840.1.113883.6.103", "http://hl7.org/fhir/sid/icd-9-cm"),
    ("2.16.840.1.113883.6.73", "http://www.whocc.no/atc"),
    ("2.16.840.1.113883.6.69", "http://hl7.org/fhir/sid/ndc"),
    ("2.16.840.1.113883.6.12", "http://www.ama-assn.org/go/cpt"),
];

/// ICD codes are written with and without their point, and in both cases.
fn code_form<'a>(system: &str, code: &'a str) -> Cow<'a, str> {
    let is_icd = system.starts_with("http://hl7.org/fhir/sid/icd-");
    if is_icd && code.bytes().any(|byte| byte == b'.' || byte.is_ascii_lowercase()) {
        return Cow::Owned(code.chars().filter(|letter| *letter != '.').map(|l| l.to_ascii_uppercase()).collect());
    }
    Cow::Borrowed(code)
}

/// Codes that say what sort of thing is meant and leave the thing itself to the text: "clinical finding", "drug allergy",
/// and codes that say that there is none.
fn is_vague(system: &str, code: &str) -> bool {
    match system {
        SNOMED => matches!(
            code,
            // Clinical finding, Disease, Problem, Diagnosis, Symptom, Complaint, Procedure, Observable entity, Known
            // unknown of the C-CDA problem and allergy types.
            "404684003"
                | "64572001"
                | "55607006"
                | "282291009"
                | "418799008"
                | "409586006"
                | "71388002"
                | "363787002"
                | "373930000"
                | "248536006"
                | "419199007"
                | "416098002"
                | "414285001"
                | "420134006"
                | "418038007"
                | "419511003"
                | "418471000"
                | "235719002"
                | "59037007"
                | "426232007"
                | "232347008"
                | "781474001"
                | "410942007"
                | "105590001"
        ),
        LOINC => {
            matches!(
                code,
                "75321-0" | "75322-8" | "75323-6" | "75326-9" | "29308-4" | "33999-4" | "48767-8" | "75325-1"
            )
        }
        _ => system.contains("NullFlavor") || system.contains("data-absent-reason") || system.contains("113883.5.1008"),
    }
}

/// Which of several codes stands for the concept: the systems whose codes mean one thing everywhere come first.
fn rank(system: &str) -> u8 {
    match system {
        SNOMED => 0,
        LOINC => 1,
        "http://www.nlm.nih.gov/research/umls/rxnorm" => 2,
        "http://hl7.org/fhir/sid/cvx" => 3,
        "http://hl7.org/fhir/sid/icd-10-cm" => 4,
        "http://hl7.org/fhir/sid/icd-10" => 5,
        "http://hl7.org/fhir/sid/icd-9-cm" => 6,
        "http://www.whocc.no/atc" => 7,
        _ => 8,
    }
}

/// Words as they are compared: lower case, single spaces, without SNOMED CT's semantic tag. Of a long text the beginning
/// and its hash, so that two reports that begin alike stay two.
pub(super) fn plain(text: &str) -> String {
    const LONG: usize = 300;
    if text.len() > LONG {
        let mut out = plain(crate::index::clip(text, LONG));
        let digest: [u8; 32] = Sha256::digest(text).into();
        digest.iter().take(16).for_each(|byte| out.push_str(&format!("{byte:02x}")));
        return out;
    }
    let text = without_semantic_tag(text);
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}

/// The class of each concept: equal numbers mean the same.
///
/// Concepts that share a code are one class, also along a chain, as long as for each code system that several of them
/// name there is one code that all of those have. Where a chain ends in two different codes of one system ("E11.9" beside
/// two SNOMED CT concepts), nothing is concluded from it: such concepts are the same only if their primary codes are.
pub(super) fn classes(concepts: &[&Concept<'_>]) -> Vec<usize> {
    let mut distinct: HashMap<&Concept<'_>, usize> = HashMap::new();
    let mut profiles: Vec<&Concept<'_>> = Vec::new();
    let of: Vec<usize> = concepts
        .iter()
        .map(|concept| {
            *distinct.entry(concept).or_insert_with(|| {
                profiles.push(concept);
                profiles.len() - 1
            })
        })
        .collect();
    let chains = chains(&profiles);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (profile, chain) in chains.iter().enumerate() {
        members.entry(*chain).or_default().push(profile);
    }
    let mut class_of = vec![0; profiles.len()];
    let mut next = 0;
    for chain in members.values() {
        let one_class = is_consistent(chain.iter().filter_map(|profile| profiles.get(*profile).copied()));
        let mut by_primary: HashMap<(&str, &str), usize> = HashMap::new();
        for profile in chain {
            let primary = if one_class { ("", "") } else { profiles.get(*profile).map_or(("", ""), |p| p.primary()) };
            let class = *by_primary.entry(primary).or_insert_with(|| {
                next += 1;
                next
            });
            if let Some(slot) = class_of.get_mut(*profile) {
                *slot = class;
            }
        }
    }
    of.into_iter().map(|profile| class_of.get(profile).copied().unwrap_or_default()).collect()
}

/// Joins profiles that share a code (union-find with path halving).
fn chains(profiles: &[&Concept<'_>]) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..profiles.len()).collect();
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, profile) in profiles.iter().enumerate() {
        let words = matches!(profile, Concept::Words(_)).then(|| profile.primary());
        let tokens = profile.codings().iter().map(|(system, code)| (system.as_ref(), code.as_ref())).chain(words);
        for token in tokens {
            let other = *seen.entry(token).or_insert(at);
            let (one, other) = (root(&mut parent, at), root(&mut parent, other));
            if let Some(slot) = parent.get_mut(one.max(other)) {
                *slot = one.min(other);
            }
        }
    }
    (0..profiles.len()).map(|at| root(&mut parent, at)).collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while let Some(up) = parent.get(at).copied()
        && up != at
    {
        let above = parent.get(up).copied().unwrap_or(up);
        if let Some(slot) = parent.get_mut(at) {
            *slot = above;
        }
        at = above;
    }
    at
}

/// Whether for each code system there is one code that all have who name the system.
fn is_consistent<'c>(profiles: impl Iterator<Item = &'c Concept<'c>>) -> bool {
    let mut naming: HashMap<&str, usize> = HashMap::new();
    let mut having: HashMap<(&str, &str), usize> = HashMap::new();
    for profile in profiles {
        let mut last = None;
        for (system, code) in profile.codings() {
            if last != Some(system) {
                *naming.entry(system).or_default() += 1;
                last = Some(system);
            }
            *having.entry((system, code)).or_default() += 1;
        }
    }
    let mut most: HashMap<&str, usize> = HashMap::new();
    for ((system, _), count) in having {
        let best = most.entry(system).or_default();
        *best = count.max(*best);
    }
    naming.iter().all(|(system, count)| most.get(system) == Some(count))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn coded(codes: &[(&str, &str)]) -> Value {
        let coding: Vec<Value> = codes.iter().map(|(system, code)| json!({"system": system, "code": code})).collect();
        json!({"coding": coding})
    }

    fn same(values: &[Value]) -> Vec<usize> {
        let concepts: Vec<Concept<'_>> = values.iter().map(|value| Concept::of(value).unwrap()).collect();
        classes(&concepts.iter().collect::<Vec<_>>())
    }

    const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";

    #[test]
    fn a_shared_translation_joins_and_a_point_makes_no_difference() {
        let found = same(&[
            coded(&[(ICD, "D63.1")]),
            coded(&[("urn:oid:2.16.840.1.113883.6.90", "d631"), (SNOMED, "1")]),
            coded(&[(SNOMED, "1")]),
            coded(&[(SNOMED, "2")]),
            json!({"text": "Anemia in  chronic kidney disease"}),
            json!({"text": "anemia in chronic kidney disease (disorder)"}),
        ]);
        assert_eq!((found[0], found[1]), (found[1], found[2]));
        assert_ne!(found[0], found[3]);
        assert_eq!(found[4], found[5]);
        assert_ne!(found[4], found[0]);
    }

    #[test]
    fn a_coarse_code_does_not_join_two_finer_ones() {
        let found = same(&[
            coded(&[(ICD, "E11.9")]),
            coded(&[(ICD, "E11.9"), (SNOMED, "1")]),
            coded(&[(ICD, "E11.9"), (SNOMED, "2")]),
        ]);
        assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    }

    #[test]
    fn a_vague_code_leaves_it_to_the_words() {
        let value = json!({"coding": [{"system": SNOMED, "code": "404684003"}], "text": "Fever"});
        assert_eq!(Concept::of(&value), Some(Concept::Words("fever".to_owned())));
        assert_eq!(Concept::of(&coded(&[(SNOMED, "404684003")])), None);
        assert_eq!(Concept::of(&json!({})), None);
    }
}
