//! `check`: a document against the rules of its format, without a vault.

use crate::args::CheckFormat;
use crate::error::{Error, Exit, Result};
use crate::out::{Out, clean};
use carnet_records::ips;
use carnet_records::ktc;
use carnet_records::rules::Level;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// The most bytes of a file that is checked.
const MAX_FILE: u64 = 256 << 20;

pub(crate) fn check(format: CheckFormat, path: &Path, out: &mut Out) -> Result<Exit> {
    let bundle = read(path)?;
    let broken = match format {
        CheckFormat::Ips => ips::check(&bundle),
        CheckFormat::Ktc => ktc::check(&bundle),
    };
    for rule in &broken {
        let level = match rule.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        out.line(format!("{level}: {}: {}\n  at {}\n  see {}", rule.rule, rule.message, clean(&rule.path), rule.spec))?;
    }
    let errors = broken.iter().filter(|rule| rule.level == Level::Error).count();
    let warnings = broken.len() - errors;
    out.line(match (errors, warnings) {
        (0, 0) => "It keeps every rule.".to_owned(),
        (0, warnings) => format!("It keeps the rules. Warnings: {warnings}."),
        (errors, warnings) => format!("It does not keep the rules. Errors: {errors}. Warnings: {warnings}."),
    })?;
    out.json(&json!({ "conforms": errors == 0, "errors": errors, "warnings": warnings, "broken": broken }))?;
    Ok(if errors == 0 { Exit::Done } else { Exit::Failed })
}

fn read(path: &Path) -> Result<Value> {
    let file = std::fs::File::open(path).map_err(Error::file("read", path))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(Error::file("read", path))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::Malformed { path: path.to_owned(), why: "it is too large to be checked" });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|_| Error::Malformed { path: path.to_owned(), why: "it is not JSON" })
}
