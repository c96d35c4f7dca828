//! Files that are not quite as they should be: what can be read is read, and what is missing is said.

use super::{entries, told};

fn bundle(entries: &str) -> String {
    format!(r#"{{"resourceType":"Bundle","type":"collection",{entries}}}"#)
}

fn entry(id: &str) -> String {
    format!(r#"{{"resource":{{"resourceType":"Basic","id":"{id}"}}}}"#)
}

#[test]
fn the_only_entry_may_have_lost_its_array_and_names_may_be_escaped() {
    let (a, b) = (entry("a"), entry("b"));
    for (file, expected) in [
        (bundle(&format!(r#""entry":{a}"#)), vec!["Basic/a"]),
        (bundle(&format!(r#""\u0065ntry":[{a},{b}]"#)), vec!["Basic/a", "Basic/b"]),
        (bundle(&format!(r#""entry":[{a}],"entry":[{b}]"#)), vec!["Basic/a", "Basic/b"]),
        (bundle(&format!(r#""entry":[{a},{b},],"#)), vec!["Basic/a", "Basic/b"]),
        (bundle(&format!(r#""entry":{{"resource":{}}}"#, bundle(&format!(r#""entry":{b}"#)))), vec!["Basic/b"]),
    ] {
        assert_eq!(entries(file.as_bytes()), expected, "{file}");
    }
}

#[test]
fn what_comes_before_the_end_of_a_file_that_is_cut_is_read() {
    let file = bundle(&format!(r#""entry":[{},{}]"#, entry("a"), entry("b")));
    let whole = file.find(r#","id":"b""#).unwrap();
    assert_eq!(entries(&file.as_bytes()[..whole]), ["Basic/a", "Bundle.entry[1]: cut_short"]);
    let lines = format!("[{},\n{}", r#"{"resourceType":"Basic","id":"a"}"#, r#"{"resourceType":"Ba"#);
    assert_eq!(entries(lines.as_bytes()), ["Basic/a", "[1]: cut_short"]);
    let xml = r#"<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Basic><id value="a"/></Basic></resource></entry><entry><reso"#;
    let [record, cut] = &entries(xml.as_bytes())[..] else { panic!("two") };
    assert!(record.starts_with("Basic/a") && cut == "Bundle.entry[1]: cut_short", "{record} {cut}");
    assert_eq!(entries(&file.as_bytes()[..file.len() - 1]), ["Basic/a", "Basic/b", "Bundle.entry[2]: cut_short"]);
    // Before the first entry, and before it says what it is, there is nothing.
    for nothing in
        [r#"{"resourceType":"Bundle","entry":[{"res"#, r#"{"entry":[{"resource":{"resourceType":"Basic"}},{"#]
    {
        assert!(told(nothing.as_bytes()).is_err(), "{nothing}");
    }
}

#[test]
fn several_records_of_xml_in_one_file_are_all_read() {
    let one =
        |id: &str| format!(r#"<?xml version="1.0"?><Basic xmlns="http://hl7.org/fhir"><id value="{id}"/></Basic>"#);
    let ids = |text: &str| -> Vec<String> {
        entries(text.as_bytes()).iter().map(|told| told.split(" @").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(ids(&format!("{}\n{}\n{}\n", one("a"), one("b"), one("c"))), ["Basic/a", "Basic/b", "Basic/c"]);
    let bundle = r#"<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Basic><id value="d"/></Basic></resource></entry></Bundle>"#;
    assert_eq!(ids(&format!("{}{bundle}{}", one("a"), one("b"))), ["Basic/a", "Basic/d", "Basic/b"]);
    assert_eq!(ids(&format!("{bundle}{bundle}")).len(), 2);
    assert_eq!(ids(&format!("{}<html/>", one("a"))), ["Basic/a", "resource 2: no_resource_type"]);
    assert_eq!(ids(&format!("{}<Basic><id", one("a"))).len(), 2);
}

#[test]
fn a_page_of_several_says_so() {
    let next = r#""total":500,"link":[{"relation":"self","url":"https://a.example"},{"relation":"next","url":"https://a.example/2"}],"#;
    let page = bundle(&format!(r#"{next}"entry":[{}]"#, entry("a")));
    let said = entries(page.as_bytes());
    assert!(said[0].contains("one page of several. Entries in it: 1 of 500."), "{said:?}");
    assert!(!said[0].contains("a.example"));
    let xml = r#"<Bundle xmlns="http://hl7.org/fhir"><total value="2"/><link><relation value="next"/><url value="https://a.example/2"/></link>
        <entry><resource><Basic><id value="a"/></Basic></resource></entry></Bundle>"#;
    let said = entries(xml.as_bytes());
    assert!(said[0].contains("Entries in it: 1 of 2."), "{said:?}");
    let last = page.replace("next", "prev");
    assert_eq!(entries(last.as_bytes()), ["Basic/a"]);
}

#[test]
fn half_a_letter_costs_a_mark_and_not_the_record() {
    let file = r#"{"resourceType":"Basic","id":"a","text":{"div":"\ud83d\ude00 Zo\uD83D \\ud83d \ude00"}}"#;
    let said = entries(file.as_bytes());
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("Basic/a") && said[1].contains("Half of a letter"));
}

#[test]
fn a_file_in_another_version_of_fhir_is_told_of_once() {
    let order = |id: &str| format!(r#"{{"resource":{{"resourceType":"MedicationOrder","id":"{id}"}}}}"#);
    let told = entries(bundle(&format!(r#""entry":[{},{},{}]"#, entry("a"), order("b"), order("c"))).as_bytes());
    assert_eq!(told.iter().filter(|line| line.contains("before R4")).count(), 1, "{told:?}");
    assert_eq!(told.len(), 4, "each is kept");
}
