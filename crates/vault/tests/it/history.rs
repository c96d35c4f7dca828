//! Which version of a record is the newest, and what the sources add to one another: the same whatever came first.

use crate::support::{Made, NOW, made, options, passphrase, source};
use carnet_records::convert::{Signed, SignedForm};
use carnet_records::index::index_record;
use carnet_vault::{ImportSource, ProfileId, PutOutcome, PutRecord, RecordQuery, Vault};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// A version of one record: its title, when its source changed it, where it was and who signed it.
#[derive(Clone, Debug)]
struct Version {
    title: String,
    updated: Option<&'static str>,
    url: Option<&'static str>,
    listed: Option<bool>,
}

impl Version {
    fn new(title: &str, updated: &'static str) -> Self {
        Self { title: title.to_owned(), updated: Some(updated), url: None, listed: None }
    }

    fn original(&self) -> Vec<u8> {
        let meta = self.updated.map(|at| format!(r#","meta":{{"lastUpdated":"{at}"}}"#)).unwrap_or_default();
        format!(r#"{{"resourceType":"Condition","id":"1"{meta},"code":{{"text":"{}"}}}}"#, self.title).into_bytes()
    }
}

fn signed(listed: bool) -> Signed {
    Signed {
        form: SignedForm::HealthCard,
        issuer: "https://issuer.example".into(),
        name: None,
        key_id: "k".into(),
        listed,
        checked_at: NOW,
    }
}

/// Imports versions of one record as one file.
async fn import(vault: &Vault, me: ProfileId, file: &str, versions: &[Version]) -> Vec<PutOutcome> {
    let content: Vec<u8> = versions.iter().flat_map(Version::original).collect();
    let mut tx = vault.begin_import(me, source(file, &content)).await.unwrap();
    let mut outcomes = Vec::new();
    for version in versions {
        let original = version.original();
        let signed = version.listed.map(signed);
        let put = PutRecord {
            full_url: version.url.map(str::to_owned),
            signed,
            ..PutRecord::new(Sha256::digest("the record").into(), original.clone(), index_record(&original).unwrap())
        };
        outcomes.push(tx.put(put).await.unwrap());
    }
    tx.commit("{}").await.unwrap();
    outcomes
}

async fn title(vault: &Vault, me: ProfileId) -> String {
    vault.records(&RecordQuery::new(me)).await.unwrap()[0].index.title.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_export_that_comes_later_does_not_undo_a_correction() {
    let Made { dir, vault, phrase, me } = made().await;
    let old = Version::new("Asthma", "2024-01-01T00:00:00Z");
    let middle = Version::new("Mild asthma", "2025-01-01T00:00:00Z");
    let new = Version::new("No asthma", "2026-01-01T00:00:00Z");
    use PutOutcome::{AlreadyPresent, FormerVersion, Imported, NewVersion};
    assert_eq!(import(&vault, me, "new.json", std::slice::from_ref(&new)).await, [Imported]);
    assert_eq!(import(&vault, me, "old.json", &[old.clone(), middle.clone()]).await, [FormerVersion; 2]);
    assert_eq!(import(&vault, me, "again.json", &[middle.clone(), new.clone()]).await, [AlreadyPresent; 2]);
    assert_eq!(title(&vault, me).await, "No asthma");

    let expected: Vec<[u8; 32]> = [&old, &middle, &new].map(|v| Sha256::digest(v.original()).into()).to_vec();
    let history = async |vault: &Vault| {
        let id = vault.records(&RecordQuery::new(me)).await.unwrap()[0].id;
        let versions = vault.record(id).await.unwrap().versions;
        assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [1, 2, 3]);
        versions.iter().map(|version| version.sha256).collect::<Vec<_>>()
    };
    assert_eq!(history(&vault).await, expected);
    assert_eq!(vault.rebuild_index().await.unwrap(), 1);
    assert_eq!(title(&vault, me).await, "No asthma");
    assert_eq!(vault.verify_journal().await.unwrap().fault, None);

    // A restored vault goes on where this one was.
    let backup = dir.path().join("backup.age");
    vault.backup(&backup, NOW).await.unwrap();
    let folder = dir.path().join("restored");
    let restored = Vault::restore(&backup, &folder, &phrase, &passphrase("x"), &options()).await.unwrap();
    assert_eq!(restored.dump().await.unwrap(), vault.dump().await.unwrap());
    let between = Version::new("Some asthma", "2025-06-01T00:00:00Z");
    assert_eq!(import(&restored, me, "between.json", &[between]).await, [FormerVersion]);
    assert_eq!(title(&restored, me).await, "No asthma");
    let newest = Version::new("Asthma again", "2026-06-01T00:00:00Z");
    assert_eq!(import(&restored, me, "newest.json", &[newest]).await, [NewVersion]);
    assert_eq!(title(&restored, me).await, "Asthma again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_say_when_it_was_changed_is_as_new_as_its_document_or_else_its_file() {
    use PutOutcome::{AlreadyPresent, FormerVersion, Imported, NewVersion};
    let Made { dir, vault, phrase, me } = made().await;
    let put = async |title: &str, document: Option<i64>, file: i64| {
        let original = Version { updated: None, ..Version::new(title, "") }.original();
        let from = ImportSource { as_of: file, ..source(&format!("{title}{document:?}{file}"), &file.to_be_bytes()) };
        let mut tx = vault.begin_import(me, from).await.unwrap();
        let index = index_record(&original).unwrap();
        let record = PutRecord::new(Sha256::digest("the record").into(), original, index);
        let outcome = tx.put(PutRecord { as_of: document, ..record }).await.unwrap();
        tx.commit("{}").await.unwrap();
        outcome
    };
    assert_eq!(put("Asthma", None, NOW - 500).await, Imported);
    assert_eq!(put("An older file", None, NOW - 900).await, FormerVersion);
    assert_eq!(put("An older document in a newer file", Some(NOW - 700), NOW - 1).await, FormerVersion);
    assert_eq!(title(&vault, me).await, "Asthma");
    assert_eq!(put("No asthma", Some(NOW - 300), NOW - 250).await, NewVersion);
    // A hospital that says once more what it said is of that opinion still.
    assert_eq!(put("An older file", None, NOW - 200).await, AlreadyPresent);
    assert_eq!(title(&vault, me).await, "An older file");
    let found = async |text: &str| {
        let query = RecordQuery { text: Some(text.into()), ..RecordQuery::new(me) };
        vault.records(&query).await.unwrap().len()
    };
    assert_eq!((found("older").await, found("asthma").await), (1, 0));
    // What is dated in the future does not keep out what comes.
    assert_eq!(put("From the future", None, NOW + 9_999_999).await, NewVersion);
    let id = vault.records(&RecordQuery::new(me)).await.unwrap()[0].id;
    let told: Vec<i64> = vault.record(id).await.unwrap().versions.iter().map(|version| version.as_of - NOW).collect();
    assert_eq!(told, [-700, -500, -300, -200, 5]);

    let backup = dir.path().join("backup.age");
    vault.backup(&backup, NOW).await.unwrap();
    let folder = dir.path().join("restored");
    let restored = Vault::restore(&backup, &folder, &phrase, &passphrase("x"), &options()).await.unwrap();
    assert_eq!(restored.dump().await.unwrap(), vault.dump().await.unwrap());
    let versions = restored.record(id).await.unwrap().versions;
    assert_eq!(versions.iter().map(|version| version.as_of - NOW).collect::<Vec<_>>(), told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_can_be_checked_later_is_known_from_then_on() {
    let Made { vault, me, .. } = made().await;
    let unsigned = Version::new("Vaccinated", "2026-01-01T00:00:00Z");
    let with = |listed| Version { listed: Some(listed), ..unsigned.clone() };
    let seen = async || {
        let row = &vault.records(&RecordQuery::new(me)).await.unwrap()[0];
        row.signed.as_ref().map(|signed| signed.listed)
    };
    for (file, version, known) in [
        ("a", unsigned.clone(), None),
        ("b", with(false), Some(false)),
        ("c", with(true), Some(true)),
        ("d", with(false), Some(true)),
        ("e", unsigned.clone(), Some(true)),
    ] {
        import(&vault, me, file, &[version]).await;
        assert_eq!(seen().await, known, "{file}");
    }
}

/// A Medication and what points to it, each as a file of its own.
async fn import_one(vault: &Vault, me: ProfileId, file: &str, original: &str) {
    import_all(vault, me, file, &[original]).await;
}

async fn import_all(vault: &Vault, me: ProfileId, file: &str, originals: &[&str]) {
    let mut tx = vault.begin_import(me, source(file, originals.concat().as_bytes())).await.unwrap();
    for original in originals {
        let put = PutRecord::new(
            Sha256::digest(original).into(),
            original.as_bytes().to_vec(),
            index_record(original.as_bytes()).unwrap(),
        );
        tx.put(put).await.unwrap();
    }
    tx.commit("{}").await.unwrap();
}

const PRESCRIPTION: &str = r#"{"resourceType":"MedicationRequest","id":"a","status":"active","medicationReference":{"reference":"Medication/1"}}"#;
const METHADONE: &str = r#"{"resourceType":"Medication","id":"1","code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"6813","display":"Methadone"}]}}"#;
const ASPIRIN: &str = r#"{"resourceType":"Medication","id":"1","code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"1191","display":"Aspirin"}]}}"#;

async fn prescription(vault: &Vault, me: ProfileId) -> (String, bool, bool) {
    let rows = vault.records(&RecordQuery::new(me)).await.unwrap();
    let row = rows.iter().find(|row| row.index.resource_type == "MedicationRequest").unwrap();
    (row.index.title.clone(), !row.index.sensitivity.is_empty(), row.index.fact_key.is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prescription_has_the_name_and_the_labels_of_a_medicine_that_comes_in_another_file() {
    let Made { dir, vault, phrase, me } = made().await;
    import_one(&vault, me, "MedicationRequest.ndjson", PRESCRIPTION).await;
    assert!(!prescription(&vault, me).await.1);
    import_one(&vault, me, "Medication.ndjson", METHADONE).await;
    let named = ("Methadone".to_owned(), true, true);
    assert_eq!(prescription(&vault, me).await, named, "methadone is a medicine of addiction care");
    let found = RecordQuery { text: Some("methad".into()), ..RecordQuery::new(me) };
    assert_eq!(vault.records(&found).await.unwrap().len(), 2);
    vault.rebuild_index().await.unwrap();
    assert_eq!(prescription(&vault, me).await, named);

    let backup = dir.path().join("backup.age");
    vault.backup(&backup, NOW).await.unwrap();
    let folder = dir.path().join("restored");
    let restored = Vault::restore(&backup, &folder, &phrase, &passphrase("x"), &options()).await.unwrap();
    assert_eq!(prescription(&restored, me).await, named);

    let other = made().await;
    import_one(&other.vault, other.me, "Medication.ndjson", METHADONE).await;
    import_one(&other.vault, other.me, "MedicationRequest.ndjson", PRESCRIPTION).await;
    assert_eq!(other.vault.dump().await.unwrap(), vault.dump().await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_medicines_of_one_name_the_one_of_the_same_file_is_meant() {
    let own = made().await;
    import_one(&own.vault, own.me, "elsewhere.json", METHADONE).await;
    import_all(&own.vault, own.me, "here.json", &[PRESCRIPTION, ASPIRIN]).await;
    assert_eq!(prescription(&own.vault, own.me).await, ("Aspirin".to_owned(), false, true));

    // Where none came with it, it is called by neither, and held back if one of them is.
    let none = made().await;
    for (file, original) in [("a", METHADONE), ("b", PRESCRIPTION), ("c", ASPIRIN)] {
        import_one(&none.vault, none.me, file, original).await;
    }
    let (title, sensitive, _) = prescription(&none.vault, none.me).await;
    assert!(title != "Aspirin" && title != "Methadone" && sensitive, "{title}");
    let other = made().await;
    for (file, original) in [("a", ASPIRIN), ("b", METHADONE), ("c", PRESCRIPTION)] {
        import_one(&other.vault, other.me, file, original).await;
    }
    assert_eq!(other.vault.dump().await.unwrap(), none.vault.dump().await.unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// All orders, cuts into files and repetitions end in one vault.
    #[test]
    fn any_order_of_dated_versions_is_one_history(
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
        cut in 0..=6_usize,
        again in proptest::collection::vec(0..6_usize, 0..4),
    ) {
        let versions: Vec<Version> = [
            ("a", "2024-01-01T00:00:00Z", None),
            ("b", "2024-01-01T00:00:00Z", Some("urn:example:2")),
            ("c", "2025-01-01T00:00:00+02:00", Some("urn:example:1")),
            ("c", "2025-01-01T00:00:00+02:00", None),
            ("c", "2025-01-01T00:00:00+02:00", Some("urn:example:0")),
            ("d", "2023", None),
        ]
        .map(|(title, at, url)| Version { url, ..Version::new(title, at) })
        .to_vec();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (one, other) = runtime.block_on(async {
            let straight = made().await;
            import(&straight.vault, straight.me, "all.json", &versions).await;
            let shuffled = made().await;
            let pick = |order: &[usize]| order.iter().map(|at| versions[*at].clone()).collect::<Vec<_>>();
            let (first, second) = order.split_at(cut);
            for (file, part) in [("first", first), ("second", second), ("again", &again)] {
                import(&shuffled.vault, shuffled.me, file, &pick(part)).await;
            }
            assert_eq!(title(&shuffled.vault, shuffled.me).await, "c");
            (straight.vault.dump().await.unwrap(), shuffled.vault.dump().await.unwrap())
        });
        prop_assert_eq!(one, other);
    }
}
