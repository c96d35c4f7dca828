//! A document, a grant and a ledger to test with.

use crate::bundle::{SealRequest, Sealed, seal};
use crate::grant::*;
use crate::withdrawal::WithdrawalSecret;
use crate::{GrantId, anchor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tlog::checkpoint::{Checkpoint, cosign, sign_checkpoint};
use tlog::note::{Algorithm, SignerKey};
use tlog::proof::TlogProof;
use tlog::tree::Edge;
use tlog::{Hash, leaf_hash};

/// 2026-11-22T13:19:32Z.
pub(crate) const NOW: i64 = 1_795_353_572;
pub(crate) const NONCE: [u8; 32] = [5; 32];

pub(crate) fn key() -> GrantKey {
    GrantKey::from_seed([1; 32])
}

pub(crate) fn withdrawal() -> WithdrawalSecret {
    WithdrawalSecret::from_bytes([3; 32])
}

/// What a person gives at a visit, under the test ledger.
pub(crate) fn draft() -> GrantDraft {
    GrantDraft {
        id: GrantId::from_bytes([2; 16]),
        granter: Granter::Patient,
        recipient: Recipient {
            class: RecipientClass::Person,
            name: Some(Name::new("Dr Example").unwrap()),
            identified_by: IdentifiedBy::Patient,
            key: None,
        },
        request: None,
        purpose: Purpose::Treatment,
        what: Scope::all_but_sensitive(),
        how: Modes { access: Set::all(), formats: [Format::Ips].into_iter().collect() },
        not_before: NOW,
        expires: NOW + 86_400,
        max_openings: Some(3),
        erase_by: None,
        obligations: [Obligation::NoRedisclosure].into_iter().collect(),
        notice: Notice { language: Language::new("en").unwrap(), version: 1 },
        withdrawal_tag: withdrawal().tag(),
        ledger: LedgerRef { policy_sha256: Sha256::digest(Ledger::new().policy()).into() },
        max_stale: DEFAULT_MAX_STALE,
        supersedes: None,
    }
}

/// A grant that uses every claim.
pub(crate) fn full() -> Grant {
    let base = draft();
    GrantDraft {
        recipient: Recipient { key: Some(GrantKey::from_seed([9; 32]).public()), ..base.recipient },
        request: Some(RequestRef { by: Name::new("Example Hospital").unwrap(), sha256: [6; 32] }),
        what: Scope {
            categories: Some([Category::Allergy, Category::Medicine].into_iter().collect()),
            codes: vec![Code { system: "http://loinc.org".into(), code: "29463-7".into() }],
            since: Some(FhirDate::new("2020").unwrap()),
            until: Some(FhirDate::new("2026-11-22").unwrap()),
            pinned: vec![[7; 32], [8; 32]],
            leaves_out: [Sensitivity::Hiv].into_iter().collect(),
            left_out: LeftOut::Something,
            content: Content::Live,
        },
        erase_by: Some(NOW + 30 * 86_400),
        max_stale: 3_600,
        ..base
    }
    .into_grant(key().public(), NOW, ([4; 32], 12))
}

pub(crate) fn grant() -> Grant {
    draft().into_grant(key().public(), NOW, ([4; 32], 12))
}

/// A small document in the form of an IPS; the measure keeps its precision.
pub(crate) fn document() -> Value {
    let url = |n: u8| format!("urn:uuid:5d0b0d8e-7c1e-4a5b-9a35-0d5b4f1f6a{n:02}");
    let weight: Value = serde_json::from_str("72.50").unwrap();
    json!({
        "resourceType": "Bundle",
        "id": "7a6f1c9e-0000-4000-8000-000000000001",
        "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:7a6f1c9e-0000-4000-8000-000000000001"},
        "timestamp": "2026-11-22T13:19:32Z",
        "entry": [
            {"fullUrl": url(1), "resource": {
                "resourceType": "Composition", "status": "final", "date": "2026-11-22T13:19:32Z", "title": "Summary",
                "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5"}]},
                "subject": {"reference": url(2)}, "author": [{"reference": url(2)}],
                "section": [{"title": "Vital signs", "entry": [{"reference": url(3)}]}]
            }},
            {"fullUrl": url(2), "resource": {"resourceType": "Patient", "name": [{"text": "Ana Exémple \u{1f600}"}]}},
            {"fullUrl": url(3), "resource": {
                "resourceType": "Observation", "status": "final", "subject": {"reference": url(2)},
                "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
                "valueQuantity": {"value": weight, "unit": "kg"}
            }}
        ]
    })
}

/// The same records in the form that a front desk takes in.
pub(crate) fn collection() -> Value {
    let mut bundle = document();
    bundle["type"] = json!("collection");
    bundle.as_object_mut().unwrap().remove("identifier");
    bundle["entry"].as_array_mut().unwrap().remove(0);
    bundle
}

pub(crate) fn sealed() -> Sealed {
    seal_it(document())
}

pub(crate) fn seal_it(bundle: Value) -> Sealed {
    seal(SealRequest { bundle, grant: draft(), key: &key(), commitment_r: NONCE, now: NOW }).unwrap()
}

/// Two logs with one cosigner.
pub(crate) struct Ledger {
    pub(crate) a: SignerKey,
    pub(crate) r: SignerKey,
    pub(crate) witness: SignerKey,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let key = |name: &str, algorithm, seed| SignerKey::from_seed(name, algorithm, &[seed; 32]).unwrap();
        Self {
            a: key(&format!("relay.example{}", anchor::COMMITMENTS_ORIGIN_SUFFIX), Algorithm::Ed25519, 11),
            r: key(&format!("relay.example{}", anchor::WITHDRAWALS_ORIGIN_SUFFIX), Algorithm::Ed25519, 12),
            witness: key("relay.example/cosigner", Algorithm::CosignatureV1, 13),
        }
    }

    pub(crate) fn policy(&self) -> String {
        format!(
            "log {}\nlog {}\nwitness w {}\nquorum w\n",
            self.a.verifier(),
            self.r.verifier(),
            self.witness.verifier()
        )
    }

    /// A cosigned checkpoint over these entries.
    pub(crate) fn checkpoint(&self, log: &SignerKey, entries: &[[u8; 33]], time: i64) -> String {
        let edge = Edge::empty().append(entries).unwrap().edge;
        let head = Checkpoint { origin: log.verifier().name().into(), size: edge.size(), root: edge.root() };
        let note = sign_checkpoint(&head, log).unwrap();
        let line = cosign(&note, &self.witness, time.try_into().unwrap()).unwrap();
        note + &line
    }

    /// The proof that the second of two entries is in a log.
    pub(crate) fn proof(&self, log: &SignerKey, first: [u8; 33], second: [u8; 33], time: i64) -> TlogProof {
        let hashes: Vec<Hash> = vec![leaf_hash(&first)];
        TlogProof { extra: None, index: 1, hashes, checkpoint: self.checkpoint(log, &[first, second], time) }
    }
}
