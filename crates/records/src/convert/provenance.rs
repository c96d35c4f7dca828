//! Where a converted resource came from, as FHIR says it: a Provenance that points into the file.

use serde_json::{Value, json};

use super::{Converted, Resource, Source, binary_reference, derive_id};
use crate::datetime;

/// The extension that holds the place in the source, on `Provenance.entity`.
pub const PLACE: &str = "urn:carnet:place";

/// A Provenance (R4) for a resource that was made from `source`: its target is the resource, its entity the file in the
/// attachment store, with the place in it. `recorded` is [`Source::now`]; its id is the same at every import.
///
/// `None` where the resource has no id, or the time is outside the years 1 to 9999.
pub fn provenance(converted: &Converted, source: &Source<'_>) -> Option<Resource> {
    let id = converted.resource.get("id")?.as_str()?;
    let file = binary_reference(&source.sha256);
    let out = json!({
        "resourceType": "Provenance",
        "id": derive_id(&["Provenance", id, &file, &converted.place]),
        "target": [{"reference": format!("urn:uuid:{id}")}],
        "recorded": datetime::instant(source.now)?,
        "activity": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation",
            "code": "CREATE"
        }]},
        "agent": [{
            "type": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                "code": "assembler"
            }]},
            "who": {"display": "Carnet"}
        }],
        "entity": [{
            "extension": [{"url": PLACE, "valueString": converted.place}],
            "role": "source",
            "what": {"reference": file}
        }]
    });
    match out {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Limits;

    #[test]
    fn a_record_points_to_its_place_in_the_file() {
        let resource = json!({"resourceType": "Condition", "id": "e317ef74-ed14-8f01-845d-cd74c4c5fb01"});
        let place = "/ClinicalDocument/component".to_owned();
        let converted = Converted::new(resource.as_object().unwrap().clone(), place);
        let limits = Limits::default();
        let source = Source { name: "a.xml", sha256: [7; 32], now: 1_780_000_000, limits: &limits };
        let made = provenance(&converted, &source).unwrap();
        assert_eq!(made["target"][0]["reference"], "urn:uuid:e317ef74-ed14-8f01-845d-cd74c4c5fb01");
        assert_eq!(made["entity"][0]["what"]["reference"], json!(format!("Binary/{}", "07".repeat(32))));
        assert_eq!(made["entity"][0]["extension"][0]["valueString"], "/ClinicalDocument/component");
        let later = provenance(&converted, &Source { now: 1_790_000_000, ..source }).unwrap();
        assert_eq!(made["id"], later["id"]);
    }
}
