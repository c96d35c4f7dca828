//! Lists of revoked cards.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Revocation".

use std::collections::BTreeMap;

use serde_json::Value;

use super::payload::is_revocation_id;
use super::{Finding, Reason};

/// The most revoked cards of a key.
pub const MAX_REVOKED: usize = 1_000_000;

/// The cards that an issuer revoked, of those signed with one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    kid: String,
    version: u64,
    /// By identifier: all cards (None), or those issued before a time.
    revoked: BTreeMap<String, Option<i64>>,
}

impl RevocationList {
    /// The key whose cards are meant.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// How often the list was changed (`ctr`), beginning with 1.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many identifiers it has.
    pub fn len(&self) -> usize {
        self.revoked.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.revoked.is_empty()
    }

    /// Whether a card with this identifier that was issued then (Unix seconds) is revoked.
    pub fn revokes(&self, rid: &str, issued: i64) -> bool {
        self.revoked.get(rid).is_some_and(|before| before.is_none_or(|before| issued < before))
    }

    /// The list in the form in which issuers publish it.
    pub fn to_json(&self) -> Value {
        let rids: Vec<String> = self
            .revoked
            .iter()
            .map(|(rid, before)| before.map_or_else(|| rid.clone(), |before| format!("{rid}.{before}")))
            .collect();
        serde_json::json!({ "kid": self.kid, "method": "rid", "ctr": self.version, "rids": rids })
    }
}

/// Checks a list of revoked cards; `kid` and `version` are what it should be for, where that is known. A bad identifier
/// does not fail the others: the list is there unless it is unreadable, of another kind, or for another key.
pub fn check_revocation_list(
    json: &[u8],
    kid: Option<&str>,
    version: Option<u64>,
) -> (Option<RevocationList>, Vec<Finding>) {
    match serde_json::from_slice::<Value>(json) {
        Ok(value) => check_value(&value, kid, version),
        Err(_) => (None, vec![Finding::refused("crl", Reason::ListNotJson)]),
    }
}

/// The same for JSON that was read.
pub(crate) fn check_value(
    list: &Value,
    kid: Option<&str>,
    version: Option<u64>,
) -> (Option<RevocationList>, Vec<Finding>) {
    let mut findings = Vec::new();
    let named = list.get("kid").and_then(Value::as_str);
    let (Some(named), Some(rids)) = (named, list.get("rids").and_then(Value::as_array)) else {
        return (None, vec![Finding::refused("crl", Reason::ListNotJson)]);
    };
    if kid.is_some_and(|kid| kid != named) {
        return (None, vec![Finding::refused("crl.kid", Reason::ListKid)]);
    }
    if list.get("method").and_then(Value::as_str) != Some("rid") {
        return (None, vec![Finding::refused("crl.method", Reason::ListMethod)]);
    }
    let counter = list.get("ctr").and_then(read_counter);
    if counter.is_none() || version.is_some_and(|version| counter != Some(version)) {
        findings.push(Finding::refused("crl.ctr", Reason::ListVersion));
    }
    if rids.len() > MAX_REVOKED {
        findings.push(Finding::refused("crl.rids", Reason::ListTooLong { limit: MAX_REVOKED }));
    }
    let mut revoked: BTreeMap<String, Option<i64>> = BTreeMap::new();
    for (at, rid) in rids.iter().take(MAX_REVOKED).enumerate() {
        let reason = match rid.as_str().and_then(read_rid) {
            None => Some(Reason::ListRid),
            Some((rid, before)) => match revoked.get_mut(rid) {
                None => {
                    revoked.insert(rid.to_owned(), before);
                    None
                }
                Some(known) => {
                    // The one that revokes more counts.
                    *known = known.zip(before).map(|(known, before)| known.max(before));
                    Some(Reason::ListRidTwice)
                }
            },
        };
        if let Some(reason) = reason.filter(|_| findings.len() < super::bundle::MAX_FINDINGS) {
            findings.push(Finding::refused(format!("crl.rids[{at}]"), reason));
        }
    }
    (Some(RevocationList { kid: named.to_owned(), version: counter.unwrap_or(0), revoked }), findings)
}

/// A version of a list: a number, or the same in quotes, as some issuers publish it.
pub(super) fn read_counter(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// An identifier, and the time in seconds after its dot.
fn read_rid(text: &str) -> Option<(&str, Option<i64>)> {
    let (rid, before) = match text.split_once('.') {
        None => (text, None),
        Some((rid, seconds)) => {
            let digits = (1..=12).contains(&seconds.len()) && seconds.bytes().all(|byte| byte.is_ascii_digit());
            (rid, Some(digits.then(|| seconds.parse().ok()).flatten()?))
        }
    };
    is_revocation_id(rid).then_some((rid, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_example() {
        let json = br#"{"kid":"k","method":"rid","ctr":2,"rids":["AQPCj4wwk6Mt","lHKzqFUMjhs.1636977600"]}"#;
        let (list, findings) = check_revocation_list(json, Some("k"), Some(2));
        let list = list.unwrap();
        assert!(findings.is_empty());
        assert!(list.revokes("AQPCj4wwk6Mt", 2_000_000_000));
        assert!(list.revokes("lHKzqFUMjhs", 1_636_977_599));
        assert!(!list.revokes("lHKzqFUMjhs", 1_636_977_600));
        assert!(!list.revokes("other", 0));
        let (again, _) = check_revocation_list(list.to_json().to_string().as_bytes(), None, None);
        assert_eq!(again.unwrap(), list);
    }

    #[test]
    fn a_bad_list_says_why() {
        for (json, code, kept) in [
            (r#"["x"]"#, "crl_not_json", false),
            (r#"{"kid":"other","method":"rid","ctr":1,"rids":[]}"#, "crl_kid", false),
            (r#"{"kid":"k","method":"x","ctr":1,"rids":[]}"#, "crl_method", false),
            (r#"{"kid":"k","method":"rid","ctr":3,"rids":[]}"#, "crl_version", true),
            (r#"{"kid":"k","method":"rid","ctr":1,"rids":["a+b"]}"#, "crl_rid", true),
            (r#"{"kid":"k","method":"rid","ctr":1,"rids":["a.b"]}"#, "crl_rid", true),
            (r#"{"kid":"k","method":"rid","ctr":1,"rids":["abcdefghijklmnopqrstuvwxy"]}"#, "crl_rid", true),
            (r#"{"kid":"k","method":"rid","ctr":1,"rids":["a.7","a"]}"#, "crl_rid_twice", true),
        ] {
            let (list, findings) = check_revocation_list(json.as_bytes(), Some("k"), Some(1));
            assert_eq!(findings.first().map(|finding| finding.reason.code()), Some(code), "{json}");
            assert_eq!(list.is_some(), kept, "{json}");
        }
        let (list, findings) =
            check_revocation_list(br#"{"kid":"k","method":"rid","ctr":"7","rids":[]}"#, None, Some(7));
        assert_eq!((list.unwrap().version(), findings.as_slice()), (7, [].as_slice()));
        // Twice, once with a time: all of them are revoked.
        let (list, _) = check_revocation_list(br#"{"kid":"k","method":"rid","ctr":1,"rids":["a.7","a"]}"#, None, None);
        assert!(list.unwrap().revokes("a", 100));
    }
}
