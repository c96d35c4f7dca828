//! What a person types in by hand, and their own word on what is sensitive.

use crate::carnet::{Carnet, DONE, FAILED, Relay, USAGE};
use serde_json::{Value, json};

fn id(value: &Value) -> String {
    value["record"]["detail"]["line"]["id"].as_str().unwrap().to_owned()
}

fn total(carnet: &Carnet, words: &str) -> u64 {
    carnet.run(&["search", words]).expect(DONE).json()["total"].as_u64().unwrap()
}

#[test]
fn every_kind_is_typed_found_and_shown() {
    let carnet = Carnet::new();
    for (args, title, resource) in [
        (
            &["allergy", "Peanut", "--reaction", "rash", "--dangerous", "--severity", "severe"][..],
            "Peanut",
            "AllergyIntolerance",
        ),
        (&["condition", "Hay fever", "--since", "2019-04", "--note", "worse in spring"], "Hay fever", "Condition"),
        (
            &["medicine", "Ramipril", "--dose", "1 in the morning", "--date", "2024", "--until", "2025"],
            "Ramipril",
            "MedicationStatement",
        ),
        (&["vaccination", "Tetanus", "--date", "2021-06-01", "--lot", "A1", "--dose", "2"], "Tetanus", "Immunization"),
        (
            &["measurement", "Room for a number", "--value", "-1,5", "--unit", "mm", "--date", "2026-01-01"],
            "Room for a number",
            "Observation",
        ),
        (&["note", "Questions", "--note", "Ask about the knee"], "Questions", "DocumentReference"),
    ] {
        let kept = carnet.run(&[&["add"], args].concat()).expect(DONE).json();
        let record = &kept["record"];
        assert_eq!(record["detail"]["line"]["title"], title);
        assert_eq!((&record["detail"]["resource_type"], &record["signature"]), (&resource.into(), &"typed".into()));
        assert_eq!(total(&carnet, title), 1);
        let shown = carnet.run(&["show", &id(&kept)]).expect(DONE).json();
        assert_eq!(shown["line"]["title"], title);
    }
    let records = carnet.run(&["records"]).expect(DONE).json();
    assert_eq!(records["total"], 6);
    assert_eq!(carnet.run(&["search", "knee"]).expect(DONE).json()["total"], 1);
}

#[test]
fn codes_are_suggested_and_one_is_picked() {
    let carnet = Carnet::new();
    let found = carnet.run(&["add", "measurement", "weight", "--suggest"]).expect(DONE).json();
    let weight = found["suggestions"].as_array().unwrap().iter().find(|one| one["code"]["code"] == "29463-7").unwrap();
    assert_eq!((&weight["unit"], &weight["code"]["system"]), (&"kg".into(), &"http://loinc.org".into()));
    assert_eq!(carnet.run(&["records"]).expect(DONE).json()["total"], 0, "nothing was kept");

    let add = ["add", "measurement", "weight", "--value", "72.50", "--date", "2026-01-02"];
    let plain = carnet.run(&add).expect(DONE).json();
    assert_eq!(plain["record"]["own"]["code"], Value::Null);
    assert_eq!(plain["suggestions"], found["suggestions"], "what could have been meant is told");
    let picked = [&add[..], &["--code", "29463-7"]].concat();
    // Kilograms are not guessed.
    let missing = carnet.run(&picked).expect(USAGE);
    assert!(missing.stderr.contains("--unit is missing") && missing.stderr.contains("kg"), "{}", missing.stderr);
    let kept = carnet.run(&[&picked[..], &["--unit", "kg"]].concat()).expect(DONE).json();
    assert_eq!(kept["record"]["own"]["code"], json!({ "system": "http://loinc.org", "code": "29463-7" }));
    let original = carnet.run(&["show", &id(&kept), "--original"]).expect(DONE).stdout;
    assert!(original.contains("72.50") && original.contains("29463-7"), "{original}");

    // A code of any system, with its system.
    let whole = ["add", "condition", "Asthma", "--code", "http://snomed.info/sct|195967001"];
    assert_eq!(carnet.run(&whole).expect(DONE).json()["record"]["own"]["code"]["code"], "195967001");
    let unknown = carnet.run(&["add", "condition", "Asthma", "--code", "nonsense"]).expect(USAGE);
    assert!(unknown.stderr.contains("SYSTEM|CODE"));
    let said = carnet.run_as_person(&["add", "allergy", "peanut"]).expect(DONE).stdout;
    assert!(said.contains("peanut") && said.contains("--code CODE"), "{said}");
}

#[test]
fn blood_pressure_has_two_values() {
    let carnet = Carnet::new();
    let add = ["add", "measurement", "Blood pressure", "--code", "85354-9", "--unit", "mmHg", "--date", "2026-01-02"];
    let kept = carnet.run(&[&add[..], &["--value", "120/80"]].concat()).expect(DONE).json();
    assert_eq!(kept["record"]["own"]["value"], "120/80");
    let one = carnet.run(&[&add[..], &["--value", "120"]].concat()).expect(USAGE);
    assert!(one.stderr.contains("120/80 for a blood pressure"), "{}", one.stderr);
}

#[test]
fn what_is_typed_is_corrected_and_deleted() {
    let carnet = Carnet::with_records();
    let kept = carnet.run(&["add", "condition", "Gout", "--since", "2020", "--note", "left foot"]).expect(DONE).json();
    let (gout, before) = (id(&kept), total(&carnet, "gout"));
    let corrected = carnet.run(&["correct", &gout, "--until", "2024", "--note", ""]).expect(DONE).json();
    assert_eq!(id(&corrected), gout);
    assert_eq!(
        (&corrected["record"]["own"]["end"], &corrected["record"]["own"]["note"], &corrected["record"]["own"]["date"]),
        (&"2024".into(), &"".into(), &"2020".into())
    );
    assert_eq!(corrected["record"]["versions"].as_array().unwrap().len(), 2);
    carnet.run(&["delete", &gout]).expect(DONE);
    assert_eq!(total(&carnet, "gout"), before - 1);
    carnet.run(&["delete", &gout]).expect(FAILED);
    // What others wrote stays as it is.
    let theirs = carnet.run(&["records"]).expect(DONE).json()["records"][0]["id"].as_str().unwrap().to_owned();
    carnet.run(&["correct", &theirs, "--note", "no"]).expect(USAGE);
    carnet.run(&["delete", &theirs]).expect(FAILED);
}

#[test]
fn what_cannot_be_kept_says_which_option() {
    let carnet = Carnet::new();
    for (args, option) in [
        (&["vaccination", "Tetanus"][..], "--date is missing"),
        (&["condition", "Asthma", "--date", "yesterday"], "--date is no date"),
        (&["condition", "Asthma", "--date", "2999"], "--date has not come yet"),
        (&["condition", "Asthma", "--date", "2020", "--until", "2019"], "--until comes before --date"),
        (&["measurement", "Pulse", "--value", "12..5", "--date", "2020"], "--value is no number"),
        (&["note", "Questions"], "--note is missing"),
        (&["note", "Questions", "--note", "x", "--lot", "A1"], "--lot says nothing of a note"),
        (&["medicine", "Ramipril", "--reaction", "rash"], "--reaction says nothing of a medicine"),
    ] {
        let ended = carnet.run(&[&["add"], args].concat()).expect(USAGE);
        assert_eq!(ended.error(), "usage");
        assert!(ended.stderr.contains(option), "{}", ended.stderr);
    }
    carnet.run(&["add", "spell", "Abracadabra"]).expect(USAGE);
    assert_eq!(carnet.run(&["records"]).expect(DONE).json()["total"], 0);
}

#[test]
fn labels_name_their_source_and_the_person_has_the_last_word() {
    let carnet = Carnet::new();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    carnet.run(&["shares", "--relay", &relay.url]).expect(DONE);
    let file = |version: u32| {
        let record = json!({
            "resourceType": "Condition", "id": "low", "meta": {"lastUpdated": format!("2024-0{version}-01T00:00:00Z")},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "F32.1"}], "text": "Low mood"},
            "recordedDate": format!("2024-0{version}-01"),
        });
        std::fs::write(carnet.path("low.json"), record.to_string()).unwrap();
        carnet.run(&["import", &carnet.text_path("low.json")]).expect(DONE);
    };
    file(1);
    let low = carnet.run(&["search", "mood"]).expect(DONE).json()["records"][0]["id"].as_str().unwrap().to_owned();
    let label = |more: &[&str]| carnet.run(&[&["label", &low], more].concat()).expect(DONE).json();
    let shared = || {
        let preview = carnet.run(&["share", "--preset", "custom", "--preview"]);
        if preview.code == DONE { preview.json()["records"].as_u64().unwrap() } else { 0 }
    };
    let found = label(&[]);
    assert_eq!((&found["held_back"], &found["labels"][0]["label"]), (&true.into(), &"MH".into()));
    let because = found["labels"][0]["because"].as_str().unwrap();
    assert!(because.contains("ICD-10 F32.1") && because.contains("WHO"), "{because}");
    assert_eq!(shared(), 0);
    // Off: it goes out, and a later version of it changes nothing of that.
    let off = label(&["--remove", "MH"]);
    assert_eq!((&off["held_back"], &off["labels"][0]["decided"]), (&false.into(), &false.into()));
    assert_eq!(shared(), 1);
    file(2);
    assert_eq!((label(&[])["held_back"].clone(), shared()), (false.into(), 1));
    assert_eq!(label(&["--undo", "MH", "--add", "SDV"])["labels"].as_array().unwrap().len(), 2);
    assert_eq!(label(&["--remove", "SDV"])["held_back"], true);
    let said = carnet.run_as_person(&["label", &low]).expect(DONE).stdout;
    assert!(said.contains("MH") && said.contains("held back: ICD-10 F32.1"), "{said}");
    assert_eq!(carnet.run(&["label", &low, "--add", "MH", "--remove", "MH"]).expect(USAGE).error(), "usage");
    carnet.run(&["label", &low, "--add", "NONSENSE"]).expect(FAILED);
    carnet.run(&["label", "999999"]).expect(FAILED);
}
