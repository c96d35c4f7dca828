//! Importing: exactly as it came, once, in any order, whole or not at all.

use crate::support::{Made, NOW, Sample, import, import_as_of, made, source};
use carnet_records::index::{Category, index_record};
use carnet_vault::{Error, Event, ImportSource, ProfileId, PutOutcome, PutRecord, RecordQuery, RecordVersion};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

#[tokio::test]
async fn keeps_the_exact_bytes_and_a_correction_is_a_new_version() {
    let Made { vault, me, .. } = made().await;
    let first = [Sample::new(1, "Asthma"), Sample::new(2, "Migraine")];
    let (_, outcomes) = import(&vault, me, "a.json", &first).await;
    assert_eq!(outcomes, [PutOutcome::Imported; 2]);
    let corrected = Sample::new(1, "Mild asthma");
    let (_, outcomes) = import(&vault, me, "b.json", &[corrected.clone(), first[1].clone()]).await;
    assert_eq!(outcomes, [PutOutcome::NewVersion, PutOutcome::AlreadyPresent]);

    let rows = vault.records(&RecordQuery::new(me)).await.unwrap();
    assert_eq!(rows.len(), 2);
    let asthma = rows.iter().find(|row| row.index.title == "Mild asthma").unwrap();
    let detail = vault.record(asthma.id).await.unwrap();
    assert_eq!(detail.slim, corrected.original());
    assert_eq!(detail.row.sha256, <[u8; 32]>::from(Sha256::digest(corrected.original())));
    assert_eq!(detail.row.full_url.as_deref(), Some("urn:example:1"));
    assert_eq!(detail.row.index.patient_ref.as_deref(), Some("Patient/p"));
    let versions: Vec<_> = detail.versions.iter().map(|v| (v.version, names(v))).collect();
    assert_eq!(versions, [(1, vec!["a.json".to_owned()]), (2, vec!["b.json".to_owned()])]);

    // The same fact from two files is there once, with both.
    let migraine = rows.iter().find(|row| row.index.title == "Migraine").unwrap();
    assert_eq!(
        vault.record(migraine.id).await.unwrap().versions.iter().map(names).next().unwrap(),
        ["a.json", "b.json"]
    );
    assert_eq!(vault.counts(me).await.unwrap(), [(Category::Problem, 2)]);
    // The former text is not found any more, the new one is.
    let found = |text: &str| RecordQuery { text: Some(text.into()), ..RecordQuery::new(me) };
    assert_eq!(vault.records(&found("asthma")).await.unwrap().len(), 1);
    assert_eq!(vault.records(&found("mild")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_file_may_correct_itself() {
    let Made { vault, me, .. } = made().await;
    let samples = [Sample::new(1, "first"), Sample::new(1, "second"), Sample::new(1, "first"), Sample::new(1, "third")];
    let (_, outcomes) = import(&vault, me, "a.json", &samples).await;
    use PutOutcome::{AlreadyPresent, Imported, NewVersion};
    assert_eq!(outcomes, [Imported, NewVersion, AlreadyPresent, NewVersion]);
    let rows = vault.records(&RecordQuery::new(me)).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.index.title.as_str()).collect::<Vec<_>>(), ["third"]);
    for (text, hits) in [("first", 0), ("second", 0), ("third", 1)] {
        let query = RecordQuery { text: Some(text.into()), ..RecordQuery::new(me) };
        assert_eq!(vault.records(&query).await.unwrap().len(), hits, "{text}");
    }
    // Also when thousands lie between, and the first text is still on its way into the search or in it already.
    for between in [1_000, 10_000] {
        let mut samples: Vec<_> = (10..10 + between).map(|n| Sample::new(n, "between")).collect();
        samples.insert(0, Sample::new(1, &format!("early{between}")));
        samples.push(Sample::new(1, &format!("late{between}")));
        import(&vault, me, &format!("{between}.json"), &samples).await;
        for (text, hits) in [("early", 0), ("late", 1)] {
            let query = RecordQuery { text: Some(format!("{text}{between}")), ..RecordQuery::new(me) };
            assert_eq!(vault.records(&query).await.unwrap().len(), hits, "{text} of {between}");
        }
    }
}

#[tokio::test]
async fn a_large_import_meets_what_is_there() {
    let Made { vault, me, .. } = made().await;
    let samples: Vec<_> = (0..700).map(|n| Sample::new(n, "same")).collect();
    import(&vault, me, "a.json", &samples).await;
    // More than are looked up one by one, with corrections and repetitions in between.
    let mut again = samples.clone();
    again[650].text = "other".into();
    again.push(again[650].clone());
    again.push(Sample::new(9_999, "new"));
    let (_, outcomes) = import(&vault, me, "b.json", &again).await;
    assert_eq!(outcomes.iter().filter(|o| **o == PutOutcome::AlreadyPresent).count(), 700);
    assert_eq!((outcomes[650], outcomes[701]), (PutOutcome::NewVersion, PutOutcome::Imported));
    assert_eq!(vault.records(&RecordQuery::new(me)).await.unwrap().len(), 701);
    assert!(vault.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn people_are_kept_apart() {
    let Made { vault, me, .. } = made().await;
    let child = vault.add_profile("Léa", NOW).await.unwrap();
    let samples = [Sample::new(1, "Measles")];
    import(&vault, me, "a.json", &samples).await;
    let (_, outcomes) = import(&vault, child, "a.json", &samples).await;
    assert_eq!(outcomes, [PutOutcome::Imported]);
    for person in [me, child] {
        let query = RecordQuery { text: Some("measles".into()), ..RecordQuery::new(person) };
        assert_eq!(vault.records(&query).await.unwrap().len(), 1);
    }
    let nobody = vault.begin_import(ProfileId(77), source("a", b"")).await;
    assert!(matches!(nobody, Err(Error::NoSuch("person"))));
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    let Made { vault, me, .. } = made().await;
    let before = vault.dump().await.unwrap();
    let sample = Sample::new(1, "Asthma");
    let original = sample.original();
    let put = PutRecord::new(sample.identity(), original.clone(), index_record(&original).unwrap());
    let mut dropped = vault.begin_import(me, source("a.json", b"a")).await.unwrap();
    dropped.put(put.clone()).await.unwrap();
    drop(dropped);
    assert_eq!(vault.dump().await.unwrap(), before);
    assert!(vault.imports(10).await.unwrap().is_empty());
    assert_eq!(vault.journal(10).await.unwrap().len(), 2);

    // One record that is too large does not spoil the rest.
    let huge = vec![b' '; carnet_vault::MAX_RECORD + 1];
    let mut tx = vault.begin_import(me, source("a.json", b"a")).await.unwrap();
    let refused = tx.put(PutRecord { original: huge, ..put.clone() }).await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
    tx.put(put).await.unwrap();
    tx.commit("[]").await.unwrap();
    assert_eq!(vault.records(&RecordQuery::new(me)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_account_is_kept_and_the_journal_names_the_records() {
    let Made { vault, me, .. } = made().await;
    let samples = [Sample::new(1, "a"), Sample::new(2, "b")];
    let (id, _) = import(&vault, me, "a.json", &samples).await;
    let imports = vault.imports(10).await.unwrap();
    assert_eq!((imports[0].id, imports[0].account.as_str(), imports[0].at), (id, "{\"entries\":[]}", NOW + 5));
    let newest = &vault.journal(1).await.unwrap()[0];
    let list: Vec<u8> = samples
        .iter()
        .flat_map(|s| s.identity().into_iter().chain(Sha256::digest(s.original())).collect::<Vec<_>>())
        .collect();
    let Event::Imported { file, count, list: named } = &newest.event else { panic!("{newest:?}") };
    assert_eq!((file.0, *count, named.0), (imports[0].sha256, 2, Sha256::digest(list).into()));
    assert_eq!(newest.profile, Some(me));
    assert_eq!(vault.verify_journal().await.unwrap().fault, None);
}

#[tokio::test]
async fn the_index_can_be_made_again() {
    let Made { vault, me, .. } = made().await;
    import(&vault, me, "a.json", &(0..300).map(|n| Sample::new(n, "Asthma")).collect::<Vec<_>>()).await;
    import(&vault, me, "b.json", &[Sample::new(7, "Eczema")]).await;
    // Something that is no FHIR resource keeps what its importer said of it.
    let mut entry = index_record(&Sample::new(1, "x").original()).unwrap();
    entry.title = "Scan of a letter".into();
    let mut tx =
        vault.begin_import(me, ImportSource { format: "pdf".into(), ..source("c.pdf", b"%PDF") }).await.unwrap();
    tx.put(PutRecord::new([9; 32], b"%PDF".to_vec(), entry)).await.unwrap();
    tx.commit("[]").await.unwrap();

    let query = RecordQuery::new(me);
    let before = vault.records(&query).await.unwrap();
    assert_eq!(vault.rebuild_index().await.unwrap(), 301);
    assert_eq!(vault.records(&query).await.unwrap(), before);
    for (text, hits) in [("asthma", 299), ("eczema", 1), ("letter", 1)] {
        let query = RecordQuery { text: Some(text.into()), ..RecordQuery::new(me) };
        assert_eq!(vault.records(&query).await.unwrap().len(), hits, "{text}");
    }
    assert!(vault.check().await.unwrap().is_sound());
}

fn names(version: &RecordVersion) -> Vec<String> {
    version.sources.iter().map(|source| source.file_name.clone()).collect()
}

fn files() -> impl Strategy<Value = Vec<Vec<Sample>>> {
    let sample = (0_u32..12, prop_oneof!["Asthma", "Migraine", "Gout"]).prop_map(|(n, text)| Sample::new(n, &text));
    prop::collection::vec(prop::collection::vec(sample, 0..12), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_order_any_number_of_times_gives_the_same(files in files(), order in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (one, other) = (made().await, made().await);
            // Every second file was changed in the same second as the one before.
            let changed = |at: usize| NOW - 1_000 + at as i64 / 2;
            for (at, file) in files.iter().enumerate() {
                import_as_of(&one.vault, one.me, &format!("{at}.json"), file, changed(at)).await;
            }
            // The second vault: rotated, reversed or not, and everything twice.
            let mut shuffled: Vec<_> = files.iter().enumerate().collect();
            shuffled.rotate_left(order as usize % files.len());
            if order & 1 << 63 != 0 {
                shuffled.reverse();
            }
            for (at, file) in shuffled.iter().chain(&shuffled) {
                import_as_of(&other.vault, other.me, &format!("{at}.json"), file, changed(*at)).await;
            }
            assert_eq!(one.vault.dump().await.unwrap(), other.vault.dump().await.unwrap());
            assert_eq!(other.vault.verify_journal().await.unwrap().fault, None);
        });
    }
}
