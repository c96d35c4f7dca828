//! The arrows between the crates: which may use which, as docs/architecture.md draws it, held against cargo's own graph.

use serde_json::Value;

use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// Crates without I/O, clock or randomness, which also run in the browser.
pub(super) const PURE: [&str; 5] = ["smart-health", "tlog", "carnet-records", "carnet-consent", "carnet-bridge"];

/// What each crate may use of the house. A crate that is not listed may use nothing of it.
const ALLOWED: &[(&str, &[&str])] = &[
    ("smart-health", &[]),
    ("tlog", &[]),
    ("carnet-bridge", &[]),
    ("carnet-records", &["smart-health"]),
    ("carnet-consent", &["smart-health", "tlog"]),
    ("carnet-vault", &["carnet-consent", "carnet-records"]),
    ("carnet-sync", &["carnet-consent", "smart-health", "tlog"]),
    // Never the vault, never the records: the relay is blind, and this line keeps it so.
    ("carnet-relay", &["carnet-consent", "smart-health", "tlog"]),
    (
        "carnet-wallet",
        &[
            "carnet-bridge",
            "carnet-consent",
            "carnet-records",
            "carnet-relay",
            "carnet-sync",
            "carnet-vault",
            "smart-health",
            "tlog",
        ],
    ),
    ("carnet-cli", &["carnet-bridge", "carnet-records", "carnet-relay", "carnet-wallet", "smart-health"]),
    ("carnet-app", &["carnet-bridge", "carnet-wallet"]),
    ("carnet-ui", &["carnet-bridge", "carnet-consent", "carnet-records", "smart-health", "tlog"]),
    // The whole-system tests look at the house from outside and the bench measures its inner parts.
    (
        "carnet-system-tests",
        &[
            "carnet-consent",
            "carnet-records",
            "carnet-relay",
            "carnet-test-servers",
            "carnet-vault",
            "carnet-wallet",
            "smart-health",
            "tlog",
        ],
    ),
    ("carnet-test-servers", &[]),
    ("xtask", &[]),
];

/// What would bring I/O, a clock or randomness into a pure crate, were it a dependency that is always there.
const IMPURE: &[&str] = &["tokio", "sqlx", "ureq", "axum", "getrandom", "rand", "rand_core", "tempfile", "tauri"];

/// Compares `cargo metadata` with the tables above.
pub(super) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let json = process::output(process::cargo(workspace).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_slice(&json)
        .map_err(|error| Failure::new(format!("cargo metadata was not understood: {error}")))?;
    let edges = edges(&metadata)
        .ok_or_else(|| Failure::new("cargo metadata has another shape than this check knows; adapt xtask"))?;
    let wrong = violations(&edges);
    if wrong.is_empty() {
        println!("xtask: {} arrows between the crates and out of the house point the right way", edges.len());
        return Ok(());
    }
    Err(Failure::new(format!("these dependencies go against docs/architecture.md:\n  {}", wrong.join("\n  "))))
}

/// A normal (not dev, not build) dependency.
struct Edge {
    from: String,
    to: String,
    optional: bool,
}

fn edges(metadata: &Value) -> Option<Vec<Edge>> {
    let mut edges = Vec::new();
    for package in metadata.get("packages")?.as_array()? {
        let from = package.get("name")?.as_str()?;
        for dependency in package.get("dependencies")?.as_array()? {
            // A normal dependency's kind is null.
            if dependency.get("kind")?.is_null() {
                edges.push(Edge {
                    from: from.to_owned(),
                    to: dependency.get("name")?.as_str()?.to_owned(),
                    optional: dependency.get("optional")?.as_bool()?,
                });
            }
        }
    }
    Some(edges)
}

fn violations(edges: &[Edge]) -> Vec<String> {
    let of_the_house = |name: &str| ALLOWED.iter().any(|(known, _)| *known == name);
    let mut wrong = Vec::new();
    for Edge { from, to, optional } in edges {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == from) else {
            wrong.push(format!("{from} is not in the table of xtask/src/check/arrows.rs"));
            continue;
        };
        if of_the_house(to) && !allowed.contains(&to.as_str()) {
            wrong.push(format!("{from} must not use {to}"));
        }
        if PURE.contains(&from.as_str()) && IMPURE.contains(&to.as_str()) && !optional {
            wrong.push(format!("{from} is pure and must not use {to}"));
        }
    }
    wrong.sort();
    wrong.dedup();
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.to_owned(), to: to.to_owned(), optional: false }
    }

    #[test]
    fn the_relay_stays_blind() {
        assert!(violations(&[edge("carnet-relay", "tlog"), edge("carnet-relay", "axum")]).is_empty());
        assert_eq!(violations(&[edge("carnet-relay", "carnet-records")]).len(), 1);
        assert_eq!(violations(&[edge("carnet-relay", "carnet-vault")]).len(), 1);
    }

    #[test]
    fn pure_crates_bring_no_clock_and_no_dice() {
        assert_eq!(violations(&[edge("carnet-consent", "tokio")]).len(), 1);
        assert_eq!(violations(&[edge("tlog", "getrandom")]).len(), 1);
        assert!(violations(&[Edge { optional: true, ..edge("carnet-consent", "rand") }]).is_empty());
    }

    #[test]
    fn an_unknown_crate_is_named() {
        assert_eq!(violations(&[edge("carnet-new", "serde")]).len(), 1);
    }
}
