//! Lists and search: order, pages, filters, prefixes, and whatever a person may type.

use crate::support::{Made, NOW, Sample, import, made};
use carnet_records::index::Category;
use carnet_vault::{Error, RecordQuery, Vault};
use proptest::prelude::*;

async fn titles(vault: &Vault, query: RecordQuery) -> Vec<String> {
    vault.records(&query).await.unwrap().into_iter().map(|row| row.index.title).collect()
}

#[tokio::test]
async fn finds_by_the_beginnings_of_words() {
    let Made { vault, me, .. } = made().await;
    let texts = ["Essential hypertension", "Diabetes mellitus type 2", "Fièvre typhoïde", "उच्च रक्तचाप", "Gout"];
    let samples: Vec<_> = texts.iter().zip(1..).map(|(text, n)| Sample::new(n, text)).collect();
    import(&vault, me, "a.json", &samples).await;
    let found =
        async |text: &str| titles(&vault, RecordQuery { text: Some(text.into()), ..RecordQuery::new(me) }).await;
    assert_eq!(found("hyper").await, ["Essential hypertension"]);
    assert_eq!(found("HYPER ess").await, ["Essential hypertension"]);
    assert_eq!(found("fievre").await, ["Fièvre typhoïde"]);
    assert_eq!(found("FIÈV typho").await, ["Fièvre typhoïde"]);
    assert_eq!(found("रक्त").await, ["उच्च रक्तचाप"]);
    assert_eq!(found("2").await, ["Diabetes mellitus type 2"]);
    assert!(found("pertension").await.is_empty());
    assert!(found("hyper gout").await.is_empty());
    // Nothing to look for is no restriction.
    assert_eq!(found("  --").await.len(), texts.len());
}

#[tokio::test]
async fn lists_newest_first_in_pages_without_gaps() {
    let Made { vault, me, .. } = made().await;
    let samples: Vec<_> = (0..100).map(|n| Sample::new(n, &format!("Problem {n}"))).collect();
    import(&vault, me, "a.json", &samples).await;
    let all = vault.records(&RecordQuery::new(me)).await.unwrap();
    assert!(all.is_sorted_by_key(|row| (std::cmp::Reverse(row.index.sort_key), std::cmp::Reverse(row.id))));
    let mut paged = Vec::new();
    let mut query = RecordQuery { limit: 7, text: Some("prob".into()), ..RecordQuery::new(me) };
    loop {
        let page = vault.records(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = Some(last.page_key());
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

#[tokio::test]
async fn filters_by_category_and_by_number() {
    let Made { vault, me, .. } = made().await;
    import(&vault, me, "a.json", &[Sample::new(1, "Asthma"), Sample::new(2, "Gout")]).await;
    let all = vault.records(&RecordQuery::new(me)).await.unwrap();
    let medicines = RecordQuery { category: Some(Category::Medicine), ..RecordQuery::new(me) };
    assert!(vault.records(&medicines).await.unwrap().is_empty());
    let problems = RecordQuery { category: Some(Category::Problem), text: Some("gou".into()), ..RecordQuery::new(me) };
    assert_eq!(titles(&vault, problems).await, ["Gout"]);
    let ids = RecordQuery { ids: Some(vec![all[1].id, 999]), ..RecordQuery::new(me) };
    assert_eq!(vault.records(&ids).await.unwrap(), all[1..]);
    let none = RecordQuery { ids: Some(Vec::new()), ..RecordQuery::new(me) };
    assert!(vault.originals(&none).await.unwrap().is_empty());
    let stored = vault.originals(&RecordQuery::new(me)).await.unwrap();
    for (stored, row) in stored.iter().zip(&all) {
        assert_eq!((&stored.row, &stored.original), (row, &vault.original(row.id).await.unwrap()));
    }
    assert!(matches!(vault.record(999).await, Err(Error::NoSuch("record"))));
}

#[tokio::test]
async fn a_page_is_a_piece_of_the_list_whatever_is_asked_for() {
    let Made { vault, me, .. } = made().await;
    let samples: Vec<_> = (0..100).map(|n| Sample::new(n, if n % 3 == 0 { "Asthma" } else { "Gout" })).collect();
    let (import, _) = import(&vault, me, "a.json", &samples).await;
    let all = RecordQuery::new(me);
    let asked = [
        all.clone(),
        RecordQuery { text: Some("as".into()), ..all.clone() },
        RecordQuery { category: Some(Category::Problem), text: Some("a".into()), ..all.clone() },
        RecordQuery { category: Some(Category::Allergy), ..all.clone() },
        RecordQuery { import: Some(import), sensitive: Some(false), signed: Some(false), ..all.clone() },
        RecordQuery { ids: Some(vec![3, 5, 7, 900]), text: Some("gout".into()), ..all.clone() },
        RecordQuery { since: Some(0), status: Some("x".into()), ..all },
    ];
    for query in asked {
        let whole = vault.records(&query).await.unwrap();
        for offset in [0, 7, 95] {
            let page = vault.records(&RecordQuery { offset, limit: 10, ..query.clone() }).await.unwrap();
            let expected: Vec<_> = whole.iter().skip(offset as usize).take(10).cloned().collect();
            assert_eq!(page, expected, "{query:?} from {offset}");
        }
    }
}

#[tokio::test]
async fn names_of_people_can_change() {
    let Made { vault, me, .. } = made().await;
    vault.rename_profile(me, "Maria L.", NOW).await.unwrap();
    assert_eq!(vault.profiles().await.unwrap()[0].name, "Maria L.");
    let nobody = carnet_vault::ProfileId(50);
    assert!(matches!(vault.rename_profile(nobody, "x", NOW).await, Err(Error::NoSuch("person"))));
    assert!(matches!(vault.add_profile(&"x".repeat(201), NOW).await, Err(Error::TooLarge { .. })));
}

#[test]
fn whatever_is_typed_is_an_answer_not_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Made { vault, me, dir: _dir, .. } = runtime.block_on(async {
        let made = made().await;
        import(&made.vault, made.me, "a.json", &[Sample::new(1, "Asthma Ⓐⓑ a\u{301}b x\u{93e}y")]).await;
        made
    });
    proptest!(ProptestConfig::with_cases(300), |(text in prop_oneof![".{0,60}", "\\PC{0,20}", "[\"*()^:+-]{0,20}"])| {
        let query = RecordQuery { text: Some(text), ..RecordQuery::new(me) };
        let all = runtime.block_on(vault.records(&query)).unwrap();
        let page = RecordQuery { limit: 5, ..query.clone() };
        prop_assert_eq!(&runtime.block_on(vault.records(&page)).unwrap(), &all);
        if let Some(found) = runtime.block_on(vault.found(page.text.as_deref().unwrap_or_default())).unwrap() {
            prop_assert_eq!(found, all.iter().map(|row| row.id).collect::<Vec<_>>());
        }
    });
}
