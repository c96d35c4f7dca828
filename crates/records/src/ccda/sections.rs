//! The sections and entries of C-CDA as data: which LOINC codes and template roots mean what.
//!
//! Sources: C-CDA R1.1 and R2.1 (HL7 CDA R2 IG: Consolidated CDA Templates), CCD (HL7 CCD 1.0, 2.16.840.1.113883.10.20.1),
//! HITSP C32/C83 (2.16.840.1.113883.3.88.11.83), IHE PCC (1.3.6.1.4.1.19376.1.5.3.1). Extensions (versions) of a
//! templateId are not looked at: documents get them wrong, and what they change is not what is read here.

use crate::{ccda::datatypes::attribute, xml::Node};

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Problems,
    Concerns,
    Allergies,
    Medications,
    Administered,
    Immunizations,
    Procedures,
    Results,
    Vitals,
    Social,
    Encounters,
    Functional,
    Mental,
    Plan,
    Goals,
    Family,
    Directives,
    Equipment,
    Payers,
    Other,
}

/// Kind, LOINC codes, template roots.
type Row = (Kind, &'static [&'static str], &'static [&'static str]);

const SECTIONS: &[Row] = &[
    (
        Kind::Problems,
        &["11450-4", "11348-0", "46241-6", "11535-2", "10219-4", "10218-6", "29308-4", "55109-3"],
        &[
            "2.16.840.1.113883.10.20.22.2.5",
            "2.16.840.1.113883.10.20.22.2.5.1",
            "2.16.840.1.113883.10.20.22.2.20",
            "2.16.840.1.113883.10.20.22.2.24",
            "2.16.840.1.113883.10.20.22.2.43",
            "2.16.840.1.113883.10.20.22.2.34",
            "2.16.840.1.113883.10.20.22.2.35",
            "2.16.840.1.113883.10.20.22.2.36",
            "2.16.840.1.113883.10.20.22.2.37",
            "2.16.840.1.113883.10.20.1.11",
            "2.16.840.1.113883.3.88.11.83.103",
            "1.3.6.1.4.1.19376.1.5.3.1.3.6",
            "1.3.6.1.4.1.19376.1.5.3.1.3.8",
        ],
    ),
    (Kind::Concerns, &["75310-3"], &["2.16.840.1.113883.10.20.22.2.58"]),
    (
        Kind::Allergies,
        &["48765-2"],
        &[
            "2.16.840.1.113883.10.20.22.2.6",
            "2.16.840.1.113883.10.20.22.2.6.1",
            "2.16.840.1.113883.10.20.1.2",
            "2.16.840.1.113883.3.88.11.83.102",
            "1.3.6.1.4.1.19376.1.5.3.1.3.13",
        ],
    ),
    (
        Kind::Medications,
        &["10160-0", "10183-2", "75311-1", "42346-7", "57828-6"],
        &[
            "2.16.840.1.113883.10.20.22.2.1",
            "2.16.840.1.113883.10.20.22.2.1.1",
            "2.16.840.1.113883.10.20.22.2.11",
            "2.16.840.1.113883.10.20.22.2.11.1",
            "2.16.840.1.113883.10.20.22.2.44",
            "2.16.840.1.113883.10.20.1.8",
            "2.16.840.1.113883.3.88.11.83.112",
            "1.3.6.1.4.1.19376.1.5.3.1.3.19",
        ],
    ),
    (Kind::Administered, &["29549-3"], &["2.16.840.1.113883.10.20.22.2.38", "1.3.6.1.4.1.19376.1.5.3.1.3.21"]),
    (
        Kind::Immunizations,
        &["11369-6"],
        &[
            "2.16.840.1.113883.10.20.22.2.2",
            "2.16.840.1.113883.10.20.22.2.2.1",
            "2.16.840.1.113883.10.20.1.6",
            "2.16.840.1.113883.3.88.11.83.117",
            "1.3.6.1.4.1.19376.1.5.3.1.3.23",
        ],
    ),
    (
        Kind::Procedures,
        &["47519-4", "29554-3"],
        &[
            "2.16.840.1.113883.10.20.22.2.7",
            "2.16.840.1.113883.10.20.22.2.7.1",
            "2.16.840.1.113883.10.20.1.12",
            "2.16.840.1.113883.3.88.11.83.108",
            "1.3.6.1.4.1.19376.1.5.3.1.3.11",
            "1.3.6.1.4.1.19376.1.5.3.1.3.12",
        ],
    ),
    (
        Kind::Results,
        // The second line are the specialties of laboratories (IHE XD-LAB); 18726-0 among them is radiology's.
        &[
            "30954-2", "18748-4", //
            "18717-9", "18718-7", "18719-5", "18720-3", "18721-1", "18722-9", "18723-7", "18724-5", "18725-2",
            "18727-8", "18728-6", "18729-4",
        ],
        &[
            "2.16.840.1.113883.10.20.22.2.3",
            "2.16.840.1.113883.10.20.22.2.3.1",
            "2.16.840.1.113883.10.20.1.14",
            "2.16.840.1.113883.3.88.11.83.122",
            "1.3.6.1.4.1.19376.1.5.3.1.3.28",
            "1.3.6.1.4.1.19376.1.3.3.2.1",
            "1.3.6.1.4.1.19376.1.3.3.2.2",
        ],
    ),
    (
        Kind::Vitals,
        &["8716-3"],
        &[
            "2.16.840.1.113883.10.20.22.2.4",
            "2.16.840.1.113883.10.20.22.2.4.1",
            "2.16.840.1.113883.10.20.1.16",
            "2.16.840.1.113883.3.88.11.83.119",
            "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2",
        ],
    ),
    (
        Kind::Social,
        &["29762-2"],
        &[
            "2.16.840.1.113883.10.20.22.2.17",
            "2.16.840.1.113883.10.20.1.15",
            "2.16.840.1.113883.3.88.11.83.126",
            "1.3.6.1.4.1.19376.1.5.3.1.3.16",
        ],
    ),
    (
        Kind::Encounters,
        &["46240-8"],
        &[
            "2.16.840.1.113883.10.20.22.2.22",
            "2.16.840.1.113883.10.20.22.2.22.1",
            "2.16.840.1.113883.10.20.1.3",
            "2.16.840.1.113883.3.88.11.83.127",
        ],
    ),
    (Kind::Functional, &["47420-5"], &["2.16.840.1.113883.10.20.22.2.14", "2.16.840.1.113883.10.20.1.5"]),
    (Kind::Mental, &["10190-7"], &["2.16.840.1.113883.10.20.22.2.56"]),
    (
        Kind::Plan,
        &["18776-5", "51847-2", "69730-0", "62387-6", "61144-2"],
        &[
            "2.16.840.1.113883.10.20.22.2.10",
            "2.16.840.1.113883.10.20.22.2.9",
            "2.16.840.1.113883.10.20.22.2.45",
            "2.16.840.1.113883.10.20.21.2.3",
            "2.16.840.1.113883.10.20.1.10",
            "2.16.840.1.113883.3.88.11.83.124",
        ],
    ),
    (Kind::Goals, &["61146-7"], &["2.16.840.1.113883.10.20.22.2.60"]),
    (
        Kind::Family,
        &["10157-6"],
        &["2.16.840.1.113883.10.20.22.2.15", "2.16.840.1.113883.10.20.1.4", "2.16.840.1.113883.3.88.11.83.125"],
    ),
    (
        Kind::Directives,
        &["42348-3"],
        &[
            "2.16.840.1.113883.10.20.22.2.21",
            "2.16.840.1.113883.10.20.22.2.21.1",
            "2.16.840.1.113883.10.20.1.1",
            "2.16.840.1.113883.3.88.11.83.116",
        ],
    ),
    (
        Kind::Equipment,
        &["46264-8"],
        &["2.16.840.1.113883.10.20.22.2.23", "2.16.840.1.113883.10.20.1.7", "2.16.840.1.113883.3.88.11.83.128"],
    ),
    (
        Kind::Payers,
        &["48768-6"],
        &["2.16.840.1.113883.10.20.22.2.18", "2.16.840.1.113883.10.20.1.9", "2.16.840.1.113883.3.88.11.83.101.1"],
    ),
];

/// What a section is about, by its code, else by its templates.
pub(super) fn kind_of(section: Node<'_>) -> Kind {
    let code = section.child("code").and_then(|code| attribute(code, "code"));
    let by_code = SECTIONS.iter().find(|(_, codes, _)| code.is_some_and(|code| codes.contains(&code)));
    let by_template = || SECTIONS.iter().find(|(_, _, roots)| templates(section).any(|root| roots.contains(&root)));
    by_code.or_else(by_template).map_or(Kind::Other, |(kind, ..)| *kind)
}

/// The roots of an element's templateIds.
pub(super) fn templates<'d>(node: Node<'d>) -> impl Iterator<Item = &'d str> {
    node.all("templateId").filter_map(|template| attribute(template, "root"))
}

/// What becomes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// A wrapper: what is in it becomes Conditions.
    ProblemConcern,
    /// A wrapper of diagnoses of a visit.
    Diagnoses,
    /// A wrapper: what is in it becomes AllergyIntolerances.
    AllergyConcern,
    Problem,
    Allergy,
    Medication,
    Immunization,
    /// A wrapper of medicines (at admission, at discharge).
    Medications,
    Dispense,
    SupplyOrder,
    Supply,
    ResultOrganizer,
    VitalOrganizer,
    Panel,
    Observation,
    Procedure,
    ProcedureObservation,
    Encounter,
    FamilyOrganizer,
    Coverage,
    Planned,
    Goal,
    Note,
    CareTeam,
    Media,
    /// Belongs to the entry around it, which reads it.
    Part,
    /// About the document.
    Administrative,
}

/// Template roots of entries. The first row that one of an entry's templates is in counts.
const ENTRIES: &[(Rule, &[&str])] = &[
    (
        Rule::AllergyConcern,
        &["2.16.840.1.113883.10.20.22.4.30", "2.16.840.1.113883.3.88.11.83.6", "1.3.6.1.4.1.19376.1.5.3.1.4.5.3"],
    ),
    (
        Rule::Allergy,
        &[
            "2.16.840.1.113883.10.20.22.4.7",
            "2.16.840.1.113883.10.20.24.3.90",
            "2.16.840.1.113883.10.20.22.4.90",
            "2.16.840.1.113883.10.20.1.18",
            "1.3.6.1.4.1.19376.1.5.3.1.4.6",
        ],
    ),
    (
        Rule::Diagnoses,
        &[
            "2.16.840.1.113883.10.20.22.4.80",
            "2.16.840.1.113883.10.20.22.4.33",
            "2.16.840.1.113883.10.20.22.4.34",
            "2.16.840.1.113883.10.20.22.4.51",
            "2.16.840.1.113883.10.20.22.4.65",
        ],
    ),
    (
        Rule::ProblemConcern,
        &[
            "2.16.840.1.113883.10.20.22.4.3",
            "2.16.840.1.113883.10.20.22.4.132",
            "2.16.840.1.113883.10.20.22.4.136",
            "2.16.840.1.113883.3.88.11.83.7",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5.2",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
        ],
    ),
    (
        Rule::Problem,
        &[
            "2.16.840.1.113883.10.20.22.4.4",
            "2.16.840.1.113883.10.20.22.4.68",
            "2.16.840.1.113883.10.20.22.4.73",
            "2.16.840.1.113883.10.20.1.28",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5",
        ],
    ),
    (
        Rule::Medication,
        &[
            "2.16.840.1.113883.10.20.22.4.16",
            "2.16.840.1.113883.10.20.22.4.42",
            "2.16.840.1.113883.10.20.1.24",
            "2.16.840.1.113883.3.88.11.83.8",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7",
        ],
    ),
    (
        Rule::Immunization,
        &[
            "2.16.840.1.113883.10.20.22.4.52",
            "2.16.840.1.113883.10.20.22.4.120",
            "2.16.840.1.113883.3.88.11.83.13",
            "1.3.6.1.4.1.19376.1.5.3.1.4.12",
        ],
    ),
    (Rule::Medications, &["2.16.840.1.113883.10.20.22.4.35", "2.16.840.1.113883.10.20.22.4.36"]),
    (Rule::Dispense, &["2.16.840.1.113883.10.20.22.4.18"]),
    (Rule::SupplyOrder, &["2.16.840.1.113883.10.20.22.4.17", "2.16.840.1.113883.3.88.11.83.8.3"]),
    (Rule::Supply, &["2.16.840.1.113883.10.20.22.4.50", "2.16.840.1.113883.10.20.22.4.43"]),
    (
        Rule::ResultOrganizer,
        &[
            "2.16.840.1.113883.10.20.22.4.1",
            "2.16.840.1.113883.10.20.1.32",
            "1.3.6.1.4.1.19376.1.5.3.1.4.9",
            "1.3.6.1.4.1.19376.1.3.1",
            "1.3.6.1.4.1.19376.1.3.1.4",
        ],
    ),
    (
        Rule::VitalOrganizer,
        &["2.16.840.1.113883.10.20.22.4.26", "2.16.840.1.113883.10.20.1.35", "1.3.6.1.4.1.19376.1.5.3.1.4.13.1"],
    ),
    (
        Rule::FamilyOrganizer,
        &["2.16.840.1.113883.10.20.22.4.45", "2.16.840.1.113883.10.20.1.23", "1.3.6.1.4.1.19376.1.5.3.1.4.15"],
    ),
    (Rule::CareTeam, &["2.16.840.1.113883.10.20.22.4.500"]),
    (
        Rule::Coverage,
        &[
            "2.16.840.1.113883.10.20.22.4.60",
            "2.16.840.1.113883.10.20.1.20",
            "2.16.840.1.113883.3.88.11.83.5",
            "1.3.6.1.4.1.19376.1.5.3.1.4.17",
            "2.16.840.1.113883.10.20.22.4.61",
            "2.16.840.1.113883.10.20.1.26",
        ],
    ),
    (Rule::Goal, &["2.16.840.1.113883.10.20.22.4.121"]),
    (Rule::Note, &["2.16.840.1.113883.10.20.22.4.202"]),
    (
        Rule::Procedure,
        &[
            "2.16.840.1.113883.10.20.22.4.14",
            "2.16.840.1.113883.10.20.22.4.12",
            "2.16.840.1.113883.10.20.22.4.131",
            "2.16.840.1.113883.10.20.1.29",
            "2.16.840.1.113883.3.88.11.83.17",
            "1.3.6.1.4.1.19376.1.5.3.1.4.19",
        ],
    ),
    (Rule::ProcedureObservation, &["2.16.840.1.113883.10.20.22.4.13"]),
    (
        Rule::Encounter,
        &[
            "2.16.840.1.113883.10.20.22.4.49",
            "2.16.840.1.113883.10.20.1.21",
            "2.16.840.1.113883.3.88.11.83.16",
            "1.3.6.1.4.1.19376.1.5.3.1.4.14",
        ],
    ),
    (
        Rule::Part,
        &[
            "2.16.840.1.113883.10.20.22.4.5",
            "2.16.840.1.113883.10.20.22.4.6",
            "2.16.840.1.113883.10.20.22.4.8",
            "2.16.840.1.113883.10.20.22.4.28",
            "2.16.840.1.113883.10.20.22.4.31",
            "2.16.840.1.113883.10.20.22.4.47",
            "2.16.840.1.113883.10.20.22.4.53",
            "2.16.840.1.113883.10.20.22.4.64",
            "2.16.840.1.113883.10.20.22.4.118",
            "2.16.840.1.113883.10.20.22.4.122",
            "1.3.6.1.4.1.19376.1.5.3.1.4.4.1",
            "2.16.840.1.113883.10.20.22.4.143",
            "2.16.840.1.113883.10.20.22.4.145",
            "2.16.840.1.113883.10.20.22.4.147",
            "2.16.840.1.113883.10.20.37.3.10",
            "2.16.840.1.113883.10.20.22.4.500.1",
            "2.16.840.1.113883.10.20.22.4.500.2",
            "2.16.840.1.113883.10.20.22.4.500.3",
            "2.16.840.1.113883.10.20.22.4.515",
            "2.16.840.1.113883.10.20.22.4.502",
            "2.16.840.1.113883.10.20.1.38",
            "2.16.840.1.113883.10.20.1.39",
            "2.16.840.1.113883.10.20.1.40",
            "2.16.840.1.113883.10.20.1.41",
            "2.16.840.1.113883.10.20.1.42",
            "2.16.840.1.113883.10.20.1.46",
            "2.16.840.1.113883.10.20.1.47",
            "2.16.840.1.113883.10.20.1.49",
            "2.16.840.1.113883.10.20.1.50",
            "2.16.840.1.113883.10.20.1.51",
            "2.16.840.1.113883.10.20.1.55",
            "2.16.840.1.113883.10.20.1.57",
        ],
    ),
    (Rule::Administrative, &["2.16.840.1.113883.10.20.22.4.115", "2.16.840.1.113883.10.20.22.4.119"]),
    (
        Rule::Planned,
        &[
            "2.16.840.1.113883.10.20.22.4.39",
            "2.16.840.1.113883.10.20.22.4.40",
            "2.16.840.1.113883.10.20.22.4.41",
            "2.16.840.1.113883.10.20.22.4.44",
            "2.16.840.1.113883.10.20.22.4.130",
            "2.16.840.1.113883.10.20.22.4.140",
            "2.16.840.1.113883.10.20.22.4.146",
            "2.16.840.1.113883.10.20.1.25",
        ],
    ),
];

/// What becomes of an act: by its templates, else by its element, mood and section.
pub(super) fn rule_of(act: Node<'_>, section: Kind) -> Option<Rule> {
    let by_template = || ENTRIES.iter().find(|(_, roots)| templates(act).any(|root| roots.contains(&root)));
    if let Some((rule, _)) = by_template() {
        // CCD has one template for medicines and vaccines; its section says which it is (CCD 1.0, 3.11).
        let of_ccd = || templates(act).any(|root| root == "2.16.840.1.113883.10.20.1.24");
        if *rule == Rule::Medication && section == Kind::Immunizations && of_ccd() {
            return Some(Rule::Immunization);
        }
        return Some(settled(*rule, act));
    }
    if let Some(rule) = part_by_code(act) {
        return Some(rule);
    }
    let mood = attribute(act, "moodCode").unwrap_or("EVN");
    let happened = matches!(mood, "EVN" | "DEF");
    Some(match (act.name(), section) {
        (_, _) if mood == "GOL" => Rule::Goal,
        ("substanceAdministration", Kind::Immunizations) => Rule::Immunization,
        ("substanceAdministration", _) => Rule::Medication,
        ("supply", _) if !happened && has_medicine(act) => Rule::SupplyOrder,
        ("supply", _) if has_medicine(act) => Rule::Dispense,
        ("supply", _) => Rule::Supply,
        ("encounter", _) if happened => Rule::Encounter,
        ("encounter" | "procedure" | "observation" | "act", _) if !happened => Rule::Planned,
        ("procedure", _) => Rule::Procedure,
        ("observationMedia", _) => Rule::Media,
        ("observation", Kind::Problems) => Rule::Problem,
        ("observation", Kind::Allergies) => Rule::Allergy,
        ("observation", _) => Rule::Observation,
        ("organizer", Kind::Results) => Rule::ResultOrganizer,
        ("organizer", Kind::Vitals) => Rule::VitalOrganizer,
        ("organizer", Kind::Family) => Rule::FamilyOrganizer,
        ("organizer", _) => Rule::Panel,
        ("act", Kind::Problems | Kind::Concerns) => Rule::ProblemConcern,
        ("act", Kind::Allergies) => Rule::AllergyConcern,
        ("act", _) if is_laboratory_act(act, section) => Rule::ResultOrganizer,
        ("act", Kind::Payers) => Rule::Coverage,
        ("act", Kind::Medications) => Rule::Medications,
        ("act", _) => Rule::Procedure,
        _ => return None,
    })
}

/// Whether a template says what an act is.
pub(super) fn is_by_template(act: Node<'_>) -> bool {
    ENTRIES.iter().any(|(_, roots)| templates(act).any(|root| roots.contains(&root)))
}

/// A template that the act's own element or mood contradicts gives way to those.
fn settled(rule: Rule, act: Node<'_>) -> Rule {
    let happened = matches!(attribute(act, "moodCode"), None | Some("EVN" | "DEF"));
    match (rule, act.name()) {
        (_, "observation") if attribute(act, "moodCode") == Some("GOL") => Rule::Goal,
        (Rule::Procedure | Rule::ProcedureObservation | Rule::Encounter, _) if !happened => Rule::Planned,
        (Rule::Planned, "encounter") if happened => Rule::Encounter,
        (Rule::Planned, "procedure" | "act") if happened => Rule::Procedure,
        (Rule::Planned, "observation") if happened => Rule::Observation,
        (Rule::ProblemConcern | Rule::Diagnoses | Rule::AllergyConcern, "observation") => Rule::Observation,
        (Rule::Problem | Rule::Allergy, "act") => Rule::ProblemConcern,
        (Rule::Medication | Rule::Immunization, "supply") => Rule::Supply,
        (Rule::Problem | Rule::Allergy, "observation") => rule,
        (Rule::ProcedureObservation, "procedure" | "act") => Rule::Procedure,
        (Rule::Procedure | Rule::Encounter, "observation") => Rule::ProcedureObservation,
        (Rule::ResultOrganizer | Rule::VitalOrganizer | Rule::FamilyOrganizer, "observation") => Rule::Observation,
        (Rule::Encounter | Rule::Procedure, "encounter") => Rule::Encounter,
        (Rule::Encounter, "procedure" | "act") => Rule::Procedure,
        (Rule::Procedure, "organizer") => Rule::Panel,
        _ => rule,
    }
}

/// The act that holds the results of a specimen or of a specialty together (IHE XD-LAB); its template stands at its entry.
fn is_laboratory_act(act: Node<'_>, section: Kind) -> bool {
    let by_entry = act.parent().is_some_and(|entry| templates(entry).any(|root| root == "1.3.6.1.4.1.19376.1.3.1"));
    let mut inside = act.children().filter(|link| holds_results(act, *link)).flat_map(Node::children);
    by_entry || (section == Kind::Results && inside.any(|inner| matches!(inner.name(), "observation" | "organizer")))
}

/// Whether a link of an organizer, or of an act that stands for one, holds its results.
pub(super) fn holds_results(act: Node<'_>, link: Node<'_>) -> bool {
    let is_part = attribute(link, "typeCode").is_none_or(|kind| kind == "COMP");
    link.name() == "component" || (act.name() == "act" && link.name() == "entryRelationship" && is_part)
}

fn has_medicine(supply: Node<'_>) -> bool {
    supply
        .child("product")
        .and_then(|product| product.child("manufacturedProduct"))
        .is_some_and(|product| product.child("manufacturedMaterial").is_some())
}

/// Parts of other entries by their code, where the template is missing: status, severity, criticality, age, comment, who
/// told it.
fn part_by_code(act: Node<'_>) -> Option<Rule> {
    let code = act.child("code").and_then(|code| attribute(code, "code"))?;
    let is_part = matches!(
        code,
        "33999-4" | "SEV" | "82606-5" | "445518008" | "48767-8" | "76662-6" | "11323-3" | "48766-0" | "66455-7"
    );
    is_part.then_some(Rule::Part)
}
