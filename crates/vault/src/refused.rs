//! Refused unlocks, counted in a small plain file beside the slots until the next unlock writes them into the journal.
//!
//! `keys/refused` holds one line, `<count> <first> <last>` (Unix seconds), and nothing secret. Whoever can write the
//! folder can also remove it: it tells the owner of clumsy visitors, it does not keep out clever ones.

use crate::files;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Refused tries since the last unlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) count: u32,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// Counts one more; gives the count.
pub(crate) fn add(folder: &Path, now: i64) -> io::Result<u32> {
    let before = read(folder)?.unwrap_or(Refused { count: 0, first: now, last: now });
    let count = before.count.saturating_add(1);
    files::replace(&path(folder), format!("{count} {} {now}\n", before.first).as_bytes())?;
    Ok(count)
}

/// What was counted. A file that makes no sense counts as one try, of which nothing is known but that it was.
pub(crate) fn read(folder: &Path) -> io::Result<Option<Refused>> {
    let mut text = String::new();
    match std::fs::File::open(path(folder)) {
        Ok(file) => file.take(256).read_to_string(&mut text).map(drop).or_else(|error| match error.kind() {
            io::ErrorKind::InvalidData => Ok(()),
            _ => Err(error),
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut parts = text.split_whitespace();
    let parsed = (|| {
        Some(Refused {
            count: parts.next()?.parse().ok()?,
            first: parts.next()?.parse().ok()?,
            last: parts.next()?.parse().ok()?,
        })
    })();
    Ok(Some(parsed.unwrap_or(Refused { count: 1, first: 0, last: 0 })))
}

/// Starts from nothing again.
pub(crate) fn clear(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(path(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("keys").join("refused")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_forgets() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        assert_eq!((add(folder.path(), 10).unwrap(), add(folder.path(), 20).unwrap()), (1, 2));
        assert_eq!(read(folder.path()).unwrap(), Some(Refused { count: 2, first: 10, last: 20 }));
        std::fs::write(path(folder.path()), [0xff; 9000]).unwrap();
        assert_eq!(read(folder.path()).unwrap().map(|refused| refused.count), Some(1));
        clear(folder.path()).unwrap();
        clear(folder.path()).unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
    }
}
