//! The environment over the configuration file: `CARNET_RELAY_LIMITS_FILES` is `files` in `[limits]`.

use crate::{Error, Result};
use std::ffi::OsString;
use toml::{Table, Value};

const PREFIX: &str = "CARNET_RELAY_";
/// The tables of the configuration.
const TABLES: [&str; 3] = ["limits", "s3", "tls"];
/// What is a number outside `[limits]`, where everything is one.
const NUMBERS: [&str; 2] = ["checkpoint_interval_ms", "heartbeat_s"];
/// What is a path, which in the environment is relative to the current folder.
const PATHS: [&str; 6] = ["data", "keys", "viewer_dir", "certificate", "key", "ca_file"];

/// What of the environment is this program's.
///
/// # Errors
/// [`Error::Config`] if a value of these is not UTF-8. What is in others is none of its business.
pub(super) fn ours(env: impl Iterator<Item = (OsString, OsString)>) -> Result<Vec<(String, String)>> {
    let named = env.filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    named
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(Error::Config(format!("{name} is not UTF-8"))),
        })
        .collect()
}

/// Puts what the environment says into a configuration.
///
/// # Errors
/// [`Error::Config`] if a number is none. Names that the configuration does not know are found when it is read.
pub(super) fn replace(table: &mut Table, env: impl Iterator<Item = (String, String)>) -> Result<()> {
    for (name, value) in env {
        let Some(key) = name.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
        let below = TABLES.iter().find_map(|table| Some((*table, key.strip_prefix(table)?.strip_prefix('_')?)));
        let (below, key) = below.map_or((None, key.as_str()), |(table, key)| (Some(table), key));
        let value = if below == Some("limits") || NUMBERS.contains(&key) {
            let number = value.parse().map_err(|_| Error::Config(format!("{name} is not a number")))?;
            Value::Integer(number)
        } else if PATHS.contains(&key) {
            let path = std::path::absolute(&value).map_err(|e| Error::io("the path in the environment", &value, e))?;
            Value::String(path.to_string_lossy().into_owned())
        } else {
            Value::String(value)
        };
        let target = match below {
            None => &mut *table,
            Some(below) => match table.entry(below).or_insert_with(|| Value::Table(Table::new())) {
                Value::Table(target) => target,
                _ => return Err(Error::Config(format!("`{below}` is not a table"))),
            },
        };
        target.insert(key.to_owned(), value);
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn what_is_not_utf_8_is_no_panic() {
        let odd = || OsString::from_vec(vec![0xff]);
        let mine = (OsString::from("CARNET_RELAY_ORIGIN"), OsString::from("a.example"));
        let others = [(OsString::from("OTHER"), odd()), (odd(), odd()), mine];
        let found = ours(others.into_iter()).unwrap();
        assert_eq!(found, [("CARNET_RELAY_ORIGIN".to_owned(), "a.example".to_owned())]);
        let error = ours([(OsString::from("CARNET_RELAY_DATA"), odd())].into_iter()).unwrap_err();
        assert!(error.to_string().contains("CARNET_RELAY_DATA"), "{error}");
    }
}
