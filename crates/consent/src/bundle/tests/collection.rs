//! Tests of sealing a collection about one Patient, as a front desk takes it in.

use super::*;

const URL: &str = "/fullUrl";

fn seal_result(bundle: Value) -> Result<()> {
    seal(SealRequest { bundle, grant: draft(), key: &key(), commitment_r: NONCE, now: NOW }).map(drop)
}

#[test]
fn a_collection_opens_and_verifies() {
    let sealed = seal_it(collection());
    let text = serde_json::to_vec(&sealed.bundle).unwrap();
    let read = parse(&text, DEFAULT_MAX_BYTES).unwrap();
    let opened = open(&read).unwrap();
    assert_eq!((opened.grant, opened.commitment_r), (sealed.grant.clone(), Some(NONCE)));
    // Patient, observation and Consent.
    assert_eq!(sealed.grant.entries, 3);
    let seen = verify(&read, NOW);
    for outcome in [seen.signature, seen.entries_unaltered, seen.consent_agrees, seen.in_time] {
        assert_eq!(outcome, Outcome::Checked);
    }
    assert_eq!(seen.standing(), Standing::Unsure);
}

#[test]
fn it_stays_the_collection_it_was() {
    let (before, after) = (collection(), seal_it(collection()).bundle);
    let entries = after["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 4);
    assert_eq!(before["entry"].as_array().unwrap()[..], entries[..2]);
    assert_eq!((&after["type"], &after["timestamp"]), (&json!("collection"), &before["timestamp"]));
    assert_eq!(after["meta"]["security"][0]["code"], "NORDSCLCD");
    let (consent, provenance) = (&entries[2]["resource"], &entries[3]["resource"]);
    assert_eq!(consent["patient"]["reference"], before["entry"][0]["fullUrl"]);
    // What is permitted is named one by one, and nothing of a Composition is.
    let data: Vec<_> = consent["provision"]["data"].as_array().unwrap().iter().collect();
    let named: Vec<_> = data.iter().map(|data| &data["reference"]["reference"]).collect();
    assert_eq!(named, before["entry"].as_array().unwrap().iter().map(|e| e.pointer(URL).unwrap()).collect::<Vec<_>>());
    assert!(data.iter().all(|data| data["meaning"] == "instance"));
    assert_eq!(provenance["target"], json!([{"reference": entries[2]["fullUrl"]}]));
    // PatientSharedBundle: resources do not state profiles.
    assert!(consent["meta"]["profile"].is_null() && consent["meta"]["security"][0]["code"] == "NORDSCLCD");
}

#[test]
fn without_labels_the_consent_has_no_empty_meta() {
    let grant = GrantDraft { obligations: crate::grant::Set::new(), ..draft() };
    let request = SealRequest { bundle: collection(), grant, key: &key(), commitment_r: NONCE, now: NOW };
    assert!(seal(request).unwrap().bundle["entry"][2]["resource"].get("meta").is_none());
}

#[test]
fn seals_only_what_is_about_one_patient() {
    assert_eq!(seal_result(seal_it(collection()).bundle), Err(Error::AlreadySealed));
    let altered = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut bundle = collection();
        change(bundle["entry"].as_array_mut().unwrap());
        seal_result(bundle)
    };
    let missing = |what| Err(Error::NotADocument(what));
    assert_eq!(altered(&|entries| drop(entries.remove(0))), missing("the one Patient"));
    assert_eq!(altered(&|entries| entries.push(entries[0].clone())), missing("the one Patient"));
    assert_eq!(altered(&|entries| entries.clear()), missing("the one Patient"));
    let without_url = |entry: &mut Value| drop(entry.as_object_mut().unwrap().remove("fullUrl"));
    assert_eq!(altered(&|entries| without_url(&mut entries[0])), missing("the Patient's fullUrl"));
    assert_eq!(altered(&|entries| without_url(&mut entries[1])), missing("the fullUrl of an entry"));
    let without_list = json!({"resourceType": "Bundle", "type": "collection"});
    assert_eq!(seal_result(without_list), missing("its list of entries"));
}

#[test]
fn tampering_is_named() {
    let altered = |change: &dyn Fn(&mut Value)| {
        let mut bundle = seal_it(collection()).bundle;
        change(&mut bundle);
        verify(&bundle, NOW)
    };
    let entries = |bundle: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        change(bundle["entry"].as_array_mut().unwrap());
    };
    let failed = |why| Outcome::Failed { why };
    let precision: Value = serde_json::from_str("72.5").unwrap();

    let seen = altered(&|b| b["entry"][1]["resource"]["valueQuantity"]["value"] = precision.clone());
    assert_eq!((seen.signature, seen.entries_unaltered), (Outcome::Checked, failed(Reason::EntriesAltered)));
    let seen = altered(&|b| b["entry"][0]["resource"]["name"][0]["text"] = json!("Somebody Else"));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAltered));
    let seen = altered(&|b| b["timestamp"] = json!("2026-11-22T13:19:33Z"));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAltered));
    let seen = altered(&|b| entries(b, &|list| drop(list.remove(1))));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAddedOrMissing));
    let added = json!({"fullUrl": "urn:uuid:0", "resource": {"resourceType": "AllergyIntolerance"}});
    let seen = altered(&|b| entries(b, &|list| list.insert(1, added.clone())));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAddedOrMissing));
    let seen = altered(&|b| entries(b, &|list| list.swap(0, 1)));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAltered));
    // The Consent, and what it permits.
    let seen = altered(&|b| b["entry"][2]["resource"]["provision"]["data"] = json!([]));
    assert_eq!(seen.entries_unaltered, failed(Reason::EntriesAltered));
    let seen = altered(&|b| b["entry"][2]["resource"]["status"] = json!("inactive"));
    assert_eq!(seen.consent_agrees, failed(Reason::ConsentDisagrees));
    // Another Patient, a second one, or none: it was sealed about one.
    let other = json!({"fullUrl": "urn:uuid:0", "resource": {"resourceType": "Patient"}});
    let seen = altered(&|b| entries(b, &|list| list.push(other.clone())));
    assert_eq!(seen.signature, failed(Reason::SealAltered));
    let seen = altered(&|b| entries(b, &|list| list[0] = other.clone()));
    assert_eq!(seen.signature, failed(Reason::SealAltered));
    let seen = altered(&|b| entries(b, &|list| drop(list.remove(0))));
    assert_eq!(seen.signature, failed(Reason::SealAltered));
    // Made into another kind of Bundle.
    let seen = altered(&|b| b["type"] = json!("document"));
    assert_eq!(seen.signature, failed(Reason::SealAltered));
    // In the one entry that the root does not cover.
    let seen = altered(&|b| b["entry"][3]["resource"]["target"] = json!([]));
    assert_eq!(seen.signature, failed(Reason::SealAltered));
    let seen = altered(&|b| entries(b, &|list| list.push(list[3].clone())));
    assert_eq!(seen.signature, failed(Reason::SeveralGrants));
    let seen = altered(&|b| entries(b, &|list| drop(list.pop())));
    assert_eq!(seen.signature, Outcome::NotChecked { why: Reason::NoGrant });
}

#[test]
fn a_grant_moved_from_a_document_shows() {
    let mut taken = sealed().bundle;
    let mut other = collection();
    other["entry"].as_array_mut().unwrap().extend(taken["entry"].as_array_mut().unwrap().split_off(3));
    assert_eq!(verify(&other, NOW).signature, Outcome::Failed { why: Reason::SealAltered });
}
