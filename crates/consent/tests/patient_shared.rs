//! A patient-shared Bundle as the records crate makes it stays one when it is sealed: held against every rule of its
//! profile by that crate's checker.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use carnet_consent::bundle::{SealRequest, in_words, seal, verify};
use carnet_consent::grant::*;
use carnet_consent::{GrantId, withdrawal::WithdrawalSecret};
use carnet_records::ktc;
use carnet_records::outgoing::{OutRecord, OutRequest};

/// 2026-11-22T13:19:32Z.
const NOW: i64 = 1_795_353_572;

fn draft() -> GrantDraft {
    GrantDraft {
        id: GrantId::from_bytes([2; 16]),
        granter: Granter::Patient,
        recipient: Recipient {
            class: RecipientClass::Organization,
            name: Some(Name::new("Example Clinic, front desk").unwrap()),
            identified_by: IdentifiedBy::Patient,
            key: None,
        },
        request: None,
        purpose: Purpose::Treatment,
        what: Scope::all_but_sensitive(),
        how: Modes { access: Set::all(), formats: [Format::Ktc].into_iter().collect() },
        not_before: NOW,
        expires: NOW + 900,
        max_openings: None,
        erase_by: Some(NOW + 86_400),
        obligations: Set::all(),
        notice: Notice { language: Language::new("en").unwrap(), version: 1 },
        withdrawal_tag: WithdrawalSecret::from_bytes([3; 32]).tag(),
        ledger: LedgerRef { policy_sha256: [4; 32] },
        max_stale: DEFAULT_MAX_STALE,
        supersedes: None,
    }
}

#[test]
fn a_sealed_bundle_keeps_every_rule() {
    let patient =
        br#"{"resourceType":"Patient","id":"1","name":[{"family":"Argonaut","given":["Jessica"]}],"birthDate":"1985-03-15"}"#;
    let records = [
        r#"{"resourceType":"AllergyIntolerance","code":{"text":"Peanuts"},"patient":{"reference":"Patient/1"}}"#,
        r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"valueQuantity":{"value":72.50,"unit":"kg"}}"#,
        r#"{"resourceType":"Condition","code":{"text":"Asthma"}}"#,
    ]
    .map(|original| OutRecord { full_url: None, original: original.as_bytes(), labels: &[], ..OutRecord::default() });
    let request = OutRequest {
        patient,
        records: &records,
        withheld: &[],
        documents: false,
        now: NOW,
        bundle_id: [7; 16],
        language: "en",
    };
    let mut assembled = ktc::assemble(&request).unwrap();
    ktc::attach_rendered(&mut assembled, b"%PDF-1.7 of everything", [7; 16]);
    assert_eq!(ktc::check(&assembled.bundle), []);
    let before = assembled.bundle["entry"].as_array().unwrap().len();
    assert_eq!(before, 5);

    let key = GrantKey::from_seed([1; 32]);
    let request = SealRequest { bundle: assembled.bundle, grant: draft(), key: &key, commitment_r: [5; 32], now: NOW };
    let sealed = seal(request).unwrap().bundle;
    assert_eq!(sealed["entry"].as_array().unwrap().len(), before + 2);
    assert_eq!(ktc::check(&sealed), []);
    let seen = verify(&sealed, NOW);
    assert!(seen.signature.is_checked() && seen.entries_unaltered.is_checked() && seen.consent_agrees.is_checked());
    let narrative = sealed["entry"][before]["resource"]["text"]["div"].as_str().unwrap();
    assert!(narrative.contains(&in_words(&draft())));
}
