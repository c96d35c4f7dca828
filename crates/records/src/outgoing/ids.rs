//! Identifiers of an output and its entries, none of which says anything about another output's.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// UUIDs derived from the output's random one.
pub(crate) struct Ids {
    bundle_id: [u8; 16],
    /// The Bundle's own.
    pub(crate) bundle: String,
    /// The Patient's.
    pub(crate) patient: String,
    /// Of each record that is in, by its position.
    pub(crate) records: HashMap<usize, String>,
}

impl Ids {
    pub(crate) fn new(bundle_id: [u8; 16], included: &[usize]) -> Ids {
        let record = |position: &usize| (*position, derive(bundle_id, "record", *position as u64));
        Ids {
            bundle_id,
            bundle: uuid::Builder::from_random_bytes(bundle_id).into_uuid().to_string(),
            patient: derive(bundle_id, "patient", 0),
            records: included.iter().map(record).collect(),
        }
    }

    /// Of a resource that the output itself adds.
    pub(crate) fn own(&self, name: &str) -> String {
        derive(self.bundle_id, name, 0)
    }
}

fn derive(bundle_id: [u8; 16], name: &str, number: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(b"carnet/ips/v1\0");
    hash.update(bundle_id);
    hash.update(name.as_bytes());
    hash.update(number.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// The address of an entry.
pub(crate) fn urn(uuid: &str) -> String {
    format!("urn:uuid:{uuid}")
}
