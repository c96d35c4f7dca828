//! Holding a file against the rules of its format: a summary or a collection of anybody's. Needs no vault.

use crate::host::Host;
use crate::{Error, Result, Wallet};
use carnet_bridge::{BROKEN_MOST, FileCheck, RuleBroken, RuleLevel, ShareFormat};
use carnet_records::rules::{BrokenRule, Level};
use carnet_records::{ips, ktc};
use serde_json::Value;
use std::io::Read;
use std::path::Path;

/// The most bytes of a file that is checked: 256 MiB.
const MAX_FILE: u64 = 256 << 20;

/// What a check of a file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedFile {
    /// The rules that it was held against.
    pub format: ShareFormat,
    /// Those that it breaks, once for each place.
    pub broken: Vec<BrokenRule>,
}

impl CheckedFile {
    /// How many of the broken rules weigh so much.
    pub fn count(&self, level: Level) -> usize {
        self.broken.iter().filter(|rule| rule.level == level).count()
    }
}

/// Holds a file of FHIR JSON, of 256 MiB at most, against the rules of a format; `None`: of the one that it says it is, a
/// document Bundle being a summary and a collection one for a front desk. Reads all of it into memory.
///
/// # Errors
/// [`Error::File`] if it cannot be read, [`Error::NotADocument`] if it is no such file, [`Error::WhichRules`] if it does not
/// say which rules are its.
pub fn check_file(path: &Path, format: Option<ShareFormat>) -> Result<CheckedFile> {
    let bundle = read(path)?;
    let format = match format {
        Some(format) => format,
        None => match bundle.get("type").and_then(Value::as_str) {
            Some("document") => ShareFormat::Ips,
            Some("collection") => ShareFormat::Ktc,
            _ => return Err(Error::WhichRules),
        },
    };
    let broken = match format {
        ShareFormat::Ips => ips::check(&bundle),
        ShareFormat::Ktc => ktc::check(&bundle),
    };
    Ok(CheckedFile { format, broken })
}

impl Wallet {
    /// Lets the person choose a file and holds it against rules, as [`check_file`] does. Nothing of it is kept.
    ///
    /// # Errors
    /// [`Error::Cancelled`] for a closed dialog; those of [`check_file`].
    pub async fn check_picked(&self, format: Option<ShareFormat>, host: &dyn Host) -> Result<FileCheck> {
        let path = host.pick_document().await.ok_or(Error::Cancelled)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let checking = tokio::task::spawn_blocking(move || check_file(&path, format));
        let checked = checking.await.map_err(|_| Error::Internal("checking a file"))??;
        let (errors, warnings) = (checked.count(Level::Error), checked.count(Level::Warning));
        let mut broken = checked.broken;
        broken.sort_by_key(|rule| rule.level);
        Ok(FileCheck {
            name,
            format: checked.format,
            errors: errors as u64,
            warnings: warnings as u64,
            broken: broken.into_iter().take(BROKEN_MOST).map(told).collect(),
        })
    }
}

fn told(rule: BrokenRule) -> RuleBroken {
    RuleBroken {
        rule: rule.rule.to_owned(),
        level: match rule.level {
            Level::Error => RuleLevel::Error,
            Level::Warning => RuleLevel::Warning,
        },
        says: rule.message.to_owned(),
        path: rule.path,
        spec: rule.spec.to_owned(),
    }
}

fn read(path: &Path) -> Result<Value> {
    let too_large = || Error::NotADocument("it is too large");
    let file = std::fs::File::open(path).map_err(Error::file("Reading the file"))?;
    if file.metadata().map_err(Error::file("Reading the file"))?.len() > MAX_FILE {
        return Err(too_large());
    }
    // It may grow meanwhile, and a pipe does not say how long it is.
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(Error::file("Reading the file"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|_| Error::NotADocument("it is not JSON"))
}
