//! What a telephone exported: alone, in its archive, unpacked, and beside other records.

use super::*;

#[test]
fn an_export_of_a_telephone_in_other_letters_is_the_same() {
    let export = "<HealthData><Me HKCharacteristicTypeIdentifierDateOfBirth=\"1990-01-01\"/><Record type=\"HKQuantityTypeIdentifierBodyMass\" \
        sourceName=\"Wäge\" unit=\"kg\" startDate=\"2024-06-01 08:00:00 +0200\" endDate=\"2024-06-01 08:00:00 +0200\" value=\"72.5\"/></HealthData>";
    let wide: Vec<u8> = [0xFEFF].into_iter().chain(export.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (format, found) = told(&wide).unwrap();
    assert_eq!((format, &found), (Format::AppleHealth, &entries(export.as_bytes())));
    assert_eq!(found.len(), 2);
}

#[test]
fn an_electrocardiogram_that_came_alone_is_one_and_no_table() {
    let alone = "Name,Ada\nDate of Birth,1990-01-01\nRecorded Date,2024-06-15 10:30:00 +0000\nClassification,Sinus Rhythm\nSymptoms,\n\
                 Software Version,2.0\nDevice,\"Apple Watch\"\nSample Rate,512.000 Hz\nLead,Lead I\nUnit,uV\n\n100\n-50\n150\n";
    let found = entries(alone.as_bytes());
    let kinds: Vec<&str> = found.iter().map(|line| line.split(['/', ' ']).next().unwrap()).collect();
    assert_eq!(kinds, ["text", "Observation", "DocumentReference"]);
    // As in the export it is from.
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("apple_health_export/electrocardiograms/ecg_1.csv", alone),
        (
            "apple_health_export/export.xml",
            "<HealthData><Me HKCharacteristicTypeIdentifierDateOfBirth=\"1990-01-01\"/></HealthData>",
        ),
    ] {
        zip.start_file(name, ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let export = entries(&zip.finish().unwrap().into_inner());
    let id = |lines: &[String]| {
        let line = lines.iter().find(|line| line.starts_with("Observation/")).unwrap();
        line.split(' ').next().unwrap().to_owned()
    };
    assert_eq!(id(&found), id(&export));
}

const SAMPLES: &str = "<HealthData><Me HKCharacteristicTypeIdentifierDateOfBirth=\"1990-01-01\"/>\
    <ClinicalRecord type=\"Condition\" identifier=\"c\" sourceName=\"Clinic\" sourceURL=\"https://clinic.example/c\" fhirVersion=\"4.0.1\" \
    receivedDate=\"2024-06-15 10:00:00 +0000\" resourceFilePath=\"/clinical-records/Condition-c.json\"/></HealthData>";
const OF_THE_CLINIC: &str = r#"{"resourceType":"Condition","id":"c","code":{"text":"Asthma"}}"#;
const APPLES_OWN: &str = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id extension="Health Export CDA" root="1.1.1.1.1.1.1.1.1"/></ClinicalDocument>"#;

/// Somebody zips the folder with all of their records, the export of their telephone among them.
#[test]
fn what_lies_beside_the_export_of_a_telephone_by_chance_is_read_by_itself() {
    let document = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3"/><component><structuredBody><component><section>
        <code code="11450-4" codeSystem="2.16.840.1.113883.6.1"/><text>Measles</text></section></component></structuredBody></component></ClinicalDocument>"#;
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("all/export.xml", SAMPLES),
        ("all/export_cda.xml", APPLES_OWN),
        ("all/clinical-records/Condition-c.json", OF_THE_CLINIC),
        ("all/Ada_CDA.xml", document),
        ("all/hospital.json", r#"{"resourceType":"Basic","id":"mine"}"#),
    ] {
        zip.start_file(name, ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let found = entries(&zip.finish().unwrap().into_inner());
    let count = |what: &str| found.iter().filter(|line| line.contains(what)).count();
    assert_eq!(count("Basic/mine"), 1, "{found:#?}");
    assert_eq!(count("all/Ada_CDA.xml: /ClinicalDocument"), count("Ada_CDA.xml"), "{found:#?}");
    assert!(count("Ada_CDA.xml") > 0, "{found:#?}");
    assert_eq!((count("export_cda.xml: apple_same_as_export"), count("Condition/")), (1, 1), "{found:#?}");
}

#[test]
fn an_export_that_was_unpacked_is_the_archive_that_it_was() {
    let beside = [
        ("export_cda.xml", APPLES_OWN),
        ("clinical-records/Condition-c.json", OF_THE_CLINIC),
        ("workout-routes/route.gpx", "<gpx/>"),
    ];
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("export.xml", SAMPLES)].iter().chain(&beside) {
        zip.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let archive = entries(&zip.finish().unwrap().into_inner());

    let limits = Limits::default();
    let source = convert::Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
    let trust = TrustStore::default();
    let mut opened = beside.iter().map(|(name, text)| {
        let file: io::Result<Box<dyn Read>> = Ok(Box::new(text.as_bytes()));
        ((*name).to_owned(), file)
    });
    let mut found = Vec::new();
    let read = read_export_with(
        &mut Cursor::new(SAMPLES),
        &mut opened,
        &source,
        &Options::new(&limits, (&trust).into()),
        &mut |event| {
            if !matches!(event, Event::Start { .. } | Event::Progress { .. }) {
                found.push(line(event));
            }
            ControlFlow::Continue(())
        },
    );
    assert_eq!(read.unwrap(), Format::AppleHealth);
    assert_eq!(found, archive);
}
