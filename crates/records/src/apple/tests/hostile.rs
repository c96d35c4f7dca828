//! Exports that are damaged, hostile or none.

use proptest::prelude::*;

use super::*;

#[test]
fn broken_members_leave_the_others_alone() {
    let export = format!("<HealthData>{ME}</HealthData>");
    let taken = read_zip(&[
        ("export.xml", b""),
        ("a/export.xml", b"<HealthDat"),
        ("b/export.xml", export.as_bytes()),
        ("c/export.xml", export.as_bytes()),
        ("ecg.csv", b"a,b\n1,2\n"),
        ("extra.txt", b"hello"),
        ("x.json", b"{"),
        ("export_cda.xml", b"\xFF\xFE<"),
    ]);
    assert_eq!(taken.resources.len(), 2);
    assert_eq!(
        taken.codes(),
        [
            "apple_empty",
            "apple_not_health_data",
            "apple_second_export",
            "apple_bad_electrocardiogram",
            "apple_unrelated",
            "apple_not_health_data",
            "apple_not_fhir"
        ]
    );
    assert_eq!(read_zip(&[]).codes(), ["apple_no_export"]);
    struct Breaks;
    impl Read for Breaks {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::InvalidData.into())
        }
    }
    let limits = Limits::default();
    let source = Source { name: "export.zip", sha256: [0; 32], now: 0, limits: &limits };
    let mut taken = Taken::default();
    let mut export = Export::new(&source);
    for name in ["export.xml", "a.csv", "b.json"] {
        export.member(name, &mut Breaks, &mut |found| taken.take(found)).unwrap();
    }
    // The zip's own reader fails only at the end, where it finds that the checksum is wrong.
    export
        .member("b/export.xml", &mut format!("<HealthData>{ME}").as_bytes().chain(Breaks), &mut |found| {
            taken.take(found)
        })
        .unwrap();
    export.finish(&mut |found| taken.take(found)).unwrap();
    assert_eq!(taken.codes(), ["apple_unreadable", "apple_unreadable", "apple_unreadable", "apple_cut_short"]);
    assert_eq!(taken.resources.len(), 2);
}

#[test]
fn damage_in_the_middle_costs_only_what_is_damaged() {
    let good = record("HKQuantityTypeIdentifierBodyMass", "Scale", "kg", "70.5", "08:00:00", "08:00:00");
    let other = record("HKQuantityTypeIdentifierBodyMass", "Scale", "kg", "70.6", "09:00:00", "09:00:00");
    let mut bytes = format!("<HealthData>{good}").into_bytes();
    bytes.extend_from_slice(b"<Record type=\"a\xFF\xFE\" value=\"1\"/> & &nbsp; <!X> </Nothing> <Record type=");
    bytes.extend_from_slice(other.as_bytes());
    bytes.extend_from_slice(other.as_bytes());
    let taken = read_bytes(&bytes);
    assert_eq!(taken.of("29463-7").len(), 2, "{taken:?}");
    assert!(taken.codes().contains(&"apple_cut_short"));
    assert!(taken.codes().contains(&"apple_damaged"));
    // A tag larger than any: it is passed over, not gathered.
    let mut bytes = format!("<HealthData>{good}<Record type=\"").into_bytes();
    bytes.resize(bytes.len() + (5 << 20), b'x');
    bytes.extend_from_slice(format!("\"/>{other}</HealthData>").as_bytes());
    let taken = read_bytes(&bytes);
    assert_eq!(taken.of("29463-7").len(), 2);
}

#[test]
fn samples_without_date_or_value_are_told() {
    let taken = read_text(&[
        record("HKQuantityTypeIdentifierStepCount", "iPhone", "count", "many", "08:00:00", "08:00:00"),
        record("HKQuantityTypeIdentifierStepCount", "iPhone", "count", "-4", "08:00:00", "08:00:00"),
        record("HKQuantityTypeIdentifierStepCount", "iPhone", "count", "NaN", "08:00:00", "08:00:00"),
        "<Record type=\"HKQuantityTypeIdentifierStepCount\" startDate=\"yesterday\" value=\"5\"/><Record/><FutureThing/>".to_owned(),
    ].concat());
    assert_eq!(taken.resources, [] as [Value; 0]);
    assert_eq!(taken.codes(), ["apple_bad_sample", "apple_unknown_element"]);
}

#[test]
fn the_taker_can_stop_and_other_files_are_refused() {
    let limits = Limits::default();
    let source = Source { name: "x", sha256: [0; 32], now: 0, limits: &limits };
    let body = format!(
        "<HealthData>{ME}{}</HealthData>",
        record("HKQuantityTypeIdentifierBodyMass", "S", "kg", "70", "08:00:00", "08:00:00")
    );
    let mut count = 0;
    read(&mut body.as_bytes(), &source, &mut |_| {
        count += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(count, 1);
    let mut none = |_: Found<'_>| ControlFlow::Continue(());
    for (bytes, wanted) in [("", "empty"), ("{}", "not an Apple"), ("<gpx/>", "not an Apple")] {
        let error = read(&mut bytes.as_bytes(), &source, &mut none).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    assert!(!is_export(&b"{\"resourceType\":\"Bundle\"}"[..]));
    assert!(is_export(&b"<?xml version=\"1.0\"?><!DOCTYPE HealthData [ <!ENTITY x SYSTEM \"file:///etc/passwd\"> ]><HealthData locale=\"ja_JP\">"[..]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_panics_on_mutated_exports(cuts in proptest::collection::vec((0_usize..4000, any::<u8>()), 0..12), end in 0_usize..4000) {
        let mut bytes = format!("<HealthData>{ME}{}{}{}</HealthData>",
            record("HKQuantityTypeIdentifierStepCount", "iPhone", "count", "100", "08:00:00", "08:10:00"),
            record("HKCategoryTypeIdentifierSleepAnalysis", "iPhone", "", "HKCategoryValueSleepAnalysisInBed", "08:00:00", "08:10:00"),
            record("HKQuantityTypeIdentifierBloodPressureSystolic", "iPhone", "mmHg", "120", "08:00:00", "08:10:00")).into_bytes();
        for (at, byte) in cuts {
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
        }
        bytes.truncate(end.max(12));
        let limits = Limits::default();
        let source = Source { name: "x", sha256: [0; 32], now: 0, limits: &limits };
        let run = || {
            let mut taken = Taken::default();
            let _ = read(&mut bytes.as_slice(), &source, &mut |found| taken.take(found));
            taken
        };
        let taken = run();
        prop_assert_eq!(&taken, &run());
        for resource in &taken.resources {
            prop_assert!(uuid::Uuid::try_parse(resource["id"].as_str().unwrap()).is_ok());
        }
    }

    #[test]
    fn never_panics_on_any_member(name in "[a-z/]{0,8}\\.(xml|csv|json|gpx|txt)", bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_zip(&[(&name, &bytes)]);
    }
}
